# SPDX-License-Identifier: Apache-2.0
"""An old image of the log is put back; the store's file is cut or wiped; two services run on one store. A log that
is behind is refused, a store that is behind is said, with its count; what clients saw is never forked."""
import json
import os
import re
import shutil
import signal
import subprocess
import time

import bed as beds
import farms
import oracles

PAUSE_S, REFUSE_S = 0.02, 60
RAISED = "the store had lost log entries that the log holds; its counter was raised"
TAIL = "the embedded store"        # what is said of a file whose end is torn begins so


def checkpoint_of(bed):
    with open(os.path.join(bed.state, "audit", "log", "checkpoint"), "rb") as file:
        return file.read()


def halt(cell, bed):
    """SIGTERM; the clients wait."""
    bed.paused.set()
    bed.signal(signal.SIGTERM)
    code = bed.process.wait(beds.READY_S)
    cell.expect(code == 0, "I10 end", "exit code %d after SIGTERM" % code)


def again(bed):
    bed.start()
    bed.wait_ready(time.monotonic())
    bed.paused.clear()


def refused(cell, bed, what):
    """A service on this folder ends by itself, says why, and the checkpoint is as before. No client reaches it."""
    before = checkpoint_of(bed)
    with open(os.path.join(bed.folder, "refusal"), "w+b") as out:
        process = subprocess.Popen([bed.program, "serve", "--config", bed.settings], stderr=out)
        try:
            code = process.wait(REFUSE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
            cell.expect(False, "I10 end", "%s: it runs on" % what)
        out.seek(0)
        said = [line for line in out.read().decode().splitlines() if "SEQUENCER_" in line]
    cell.expect(code > 0, "I10 end", "%s: ended with code %s" % (what, code))
    cell.expect(said, "I10 end", "%s: not a word of what is wrong" % what)
    cell.expect(checkpoint_of(bed) == before, "I4 fork", "%s: it signed a checkpoint" % what)
    found = re.search("SEQUENCER_[A-Z_]+", said[-1]) if said else None
    cell.note("%s refused with code %s, %s" % (what, code, found[0] if found else "unnamed"))


def swap(bed, part):
    """Puts the image that `copy` took in its place; what is newer is kept as `new`."""
    os.rename(os.path.join(bed.state, part), os.path.join(bed.folder, "new"))
    os.rename(os.path.join(bed.folder, "old"), os.path.join(bed.state, part))


def old_image(cell):
    for number in range(cell.many(1, 5)):
        bed = cell.bed(name="bed-%d" % number)
        bed.start_load(cell.seed + number, PAUSE_S)
        bed.run_for(cell.rng.uniform(0.5, 1.5))
        halt(cell, bed)
        shutil.copytree(os.path.join(bed.state, "audit"), os.path.join(bed.folder, "old"))
        acked = len(bed.history.reports)
        again(bed)
        bed.run_for(1)
        halt(cell, bed)
        cell.expect(len(bed.history.reports) > acked, "broken", "the old image is not older")
        swap(bed, "audit")
        refused(cell, bed, "an older log")
        shutil.rmtree(os.path.join(bed.state, "audit"))      # the remedy: what is newer comes back
        os.rename(os.path.join(bed.folder, "new"), os.path.join(bed.state, "audit"))
        again(bed)
        cell.runs += 1
        bed.run_for(0.5)
        cell.close(bed)
        bed.clear()
        two_services(cell, cell.seed + number, "two-%d" % number)


def two_services(cell, seed, name):
    """A second one with a copy of the first's folder, on the same store: the one that began last goes on."""
    redis = farms.keep(cell, farms.farm.Farm()).add()
    bed = cell.bed(name=name, kind=farms.FarmBed, url="redis://127.0.0.1:%d/0" % redis.port,
                   servers=lambda: [("127.0.0.1", redis.port)])
    bed.start_load(seed, PAUSE_S)
    bed.run_for(cell.rng.uniform(0.5, 1))
    halt(cell, bed)
    other = os.path.join(bed.folder, "other")
    shutil.copytree(bed.state, other)
    settings = os.path.join(bed.folder, "other.yaml")
    with open(bed.settings, encoding="utf-8") as file, open(settings, "w", encoding="utf-8") as out:
        out.write(file.read().replace(bed.state, other))
    said = os.path.join(bed.folder, "other.log")
    with open(said, "wb") as out:
        second = subprocess.Popen([bed.program, "serve", "--config", settings], stderr=out)
    cell.at_end.append(second.kill)
    farms.farm.wait_for("the second to serve", lambda: b'"serving"' in open(said, "rb").read(), beds.READY_S)
    size = farms.published(bed) if bed.process.poll() is None else 0
    try:
        again(bed)
    except RuntimeError:           # the second had published something already: then the first one is behind
        cell.expect("[SEQUENCER_ROLLED_BACK]" in "".join(bed.log_lines()[-1:]), "I10 end", "the first did not say why")
        second.kill()
        cell.runs += 1
        cell.note("of two services on one store the one behind was refused with SEQUENCER_ROLLED_BACK")
        return
    farms.wait_published(bed, size, REFUSE_S)
    try:
        code = second.wait(REFUSE_S)
        cell.expect(code > 0, "I10 end", "the second service ended with code %s" % code)
    except subprocess.TimeoutExpired:
        cell.expect(False, "I4 fork", "two services go on on one store")
        return
    with open(said, encoding="utf-8") as file:
        found = re.search('sequencer stopped for good.*"code":"([A-Z_]+)"', file.read())
    cell.expect(found, "I10 end", "the service that was taken over from did not say so")
    bed.run_for(0.5)
    cell.close(bed)
    cell.runs += 1
    cell.note("of two services on one store the earlier one ended with code %d, %s" % (code, found and found[1]))


def store_file(bed):
    """The newest part of the embedded server's append-only file."""
    folder = os.path.join(bed.state, "redis", "appendonlydir")
    return max((os.path.join(folder, one) for one in os.listdir(folder) if one.endswith(".aof")), key=os.path.getmtime)


def told_of(bed, line):
    """What the service said of its store since this line of its log: (entries that were missing, words)."""
    found = [json.loads(text) for text in bed.log_lines()[line:] if '"warn"' in text or '"error"' in text]
    missing = sum(one["size"] - one["count"] for one in found if one["message"] == RAISED)
    return missing, [one["message"] for one in found if one["message"] == RAISED or one["message"].startswith(TAIL)]


def missing_now(bed):
    return [one for one in list(bed.history.reports.values()) if bed.get("/v1/reports/" + one, "partner")[0] != 200]


def cut_file(cell):
    """What the store lost with the end of its file is said; what it did not lose is there."""
    bed = cell.bed()
    bed.start_load(cell.seed, PAUSE_S)
    bed.run_for(1.5)
    bed.finish_load()
    cell.runs, gone, silent, counted = 0, 0, 0, 0
    for _ in range(cell.many(6, 200)):
        halt(cell, bed)
        size, line = cell.rng.randint(1, 200), len(bed.log_lines())
        path = store_file(bed)
        os.truncate(path, max(0, os.path.getsize(path) - size))
        again(bed)
        missing, words = told_of(bed, line)
        cell.acked["reports"] = len(bed.history.reports)
        lost = len(missing_now(bed)) - gone
        gone, silent, counted = gone + lost, silent + (not words), counted + missing
        cell.runs += 1
        cell.expect(words or not lost, "I1 silent",
                    "%d bytes cut: %d reports are gone and nobody said so" % (size, lost))
        cell.say("%d bytes cut: %d reports gone, %d entries counted, said: %s" % (size, lost, missing, words))
    halt(cell, bed)
    shutil.rmtree(os.path.join(bed.state, "redis", "appendonlydir"))
    line, have = len(bed.log_lines()), int(checkpoint_of(bed).split(b"\n")[1])
    bed.start()
    missing, words = told_of(bed, line)
    cell.expect(missing == have, "I1 silent",
                "the store was wiped: %d of %d entries were said to be missing" % (missing, have))
    cell.runs += 1
    cell.wrong += [("I10 end", one) for one in bed.stop()]
    cell.wrong += oracles.log_files(bed)[1]
    cell.note("%d cuts of 1 to 200 bytes, %d with nothing to say; a wiped store said %d of %d entries missing" % (
        cell.runs - 1, silent, missing, have))
