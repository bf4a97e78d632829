# SPDX-License-Identifier: Apache-2.0
"""No space left: for the whole state folder, for Redis alone, for the log alone; a small tmpfs is filled under load.
Afterwards the service heals by itself, or it has stopped with exit code 74 and a line that says why."""
import os
import time

import mounts

STOPPED_BY_LOG = 74
HEAL_S = 30
PARTS = (("all", "", 96, 0), ("redis", "redis", 64, 0), ("log", "audit", 48, 0), ("all but 4 KiB", "", 96, 4096))


def said(bed, message, after):
    return any('"message":"%s' % message in line.replace(": ", ":") for line in bed.log_lines()[after:])


def heal(cell, bed, part, since_line):
    """Seconds until ready, and whether a person had to start it again."""
    begun = time.monotonic()
    while time.monotonic() - begun < HEAL_S:
        if bed.process.poll() is not None:
            code = bed.process.returncode
            cell.expect(code == STOPPED_BY_LOG, "I10 end", "%s full: ended with code %d" % (part, code))
            cell.expect(said(bed, "the audit log's sequencer stopped for good", since_line), "I10 end",
                        "%s full: ended without saying why" % part)
            bed.start()
            return bed.wait_ready(time.monotonic()), True
        if bed.get("/readyz")[0] == 200:
            time.sleep(0.3)                      # a sequencer about to fail still says ready
            if bed.process.poll() is None:
                return bed.wait_ready(begun), False
        time.sleep(0.02)
    raise RuntimeError("%s full: not ready %d s after space came back" % (part, HEAL_S))


def full(cell):
    for number in range(cell.many(4, 40)):
        part, below, megabytes, leave = PARTS[number % len(PARTS)]
        base = os.path.join("disk-%d" % number, "state")
        os.makedirs(os.path.join(cell.folder, base), mode=0o700)
        small = mounts.Small(cell, os.path.join(base, below) if below else base, megabytes)
        os.chmod(small.folder, 0o700)
        bed = cell.bed(name="bed-%d" % number, state=os.path.join(cell.folder, base))
        bed.start_load(cell.seed + number)
        bed.run_for(cell.rng.uniform(0.5, 1.5))
        line, acked = len(bed.log_lines()), len(bed.history.reports)
        small.fill(leave)
        bed.run_for(cell.rng.uniform(1.0, 2.0))
        after, status = len(bed.history.reports), bed.get("/readyz")[0]
        small.free()
        ready, by_hand = heal(cell, bed, part, line)
        cell.runs += 1
        cell.note("%s full after %d acknowledged, %d more meanwhile, readiness %d; ready %.1f s after space came%s" % (
            part, acked, after - acked, status, ready, ", started again by hand (exit 74)" if by_hand else ""))
        bed.run_for(0.5)
        cell.close(bed)
        bed.clear()
        small.drop()
