# SPDX-License-Identifier: Apache-2.0
"""What auditors run: bundle, search, replay and reveal, each against a second opinion that shares no code with it."""
import json
import os
import pty
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile

from generated.retention import Case
from generated.webhooks import need
from wire import call

FENCED = re.compile(r"^```(sh|python)\n(.*?)^```$", re.M | re.S)


def log_of(service):
    return os.path.join(service.state, "audit", "log")


def catch_up(service):
    """All that was answered so far lies under a checkpoint once one more report does."""
    Case(service, "07-no-hit").run.do_publish("c", [])


def export(service):
    done = service.cli("audit", "export", "--log", log_of(service), config=False)
    need(done.returncode == 0, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


# ---- bundle: checked with what its own page says, by python3 and openssl ----

def follow_page(folder):
    """What the page's two recipes say of the folder: (signature holds, what python printed or why it stopped)."""
    with open(os.path.join(folder, "README.md"), encoding="utf-8") as file:
        recipes = dict(FENCED.findall(file.read()))
    with tempfile.TemporaryDirectory() as scratch:
        shell = subprocess.run(["sh", "-c", recipes["sh"]], cwd=folder, capture_output=True, check=False,
                               env=dict(os.environ, TMPDIR=scratch))
    python = subprocess.run([sys.executable, "-c", recipes["python"]], cwd=folder, capture_output=True, check=False)
    return (shell.returncode == 0 and b"Signature Verified Successfully" in shell.stdout,
            python.stdout.decode() if python.returncode == 0 else None)


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))


def bundle(service, *filters):
    folder = os.path.join(tempfile.mkdtemp(prefix="rapporteur-bundle-"), "out")
    done = service.cli("audit", "bundle", "--log", log_of(service), "--out", folder, *filters, config=False)
    need(done.returncode == 0, done.stderr)
    return folder


def bundle_is_checked_by_others(service):
    case = Case(service, "01-clear-hit").decide()
    catch_up(service)
    whole, part = bundle(service), bundle(service, "--case", case.id)
    try:
        entries = export(service)
        signed, said = follow_page(whole)
        need(signed and said and re.match(r"(\d+) entries", said), (signed, said))
        need(int(said.split()[0]) <= len(entries), said)
        signed, said = follow_page(part)
        mine = [one for one in entries if one["entry"].get("case") == case.id]
        need(signed and said.startswith("%d entries" % len(mine)) and len(mine) >= 5, (said, len(mine)))
        again = service.cli("audit", "bundle", "--log", log_of(service), "--out", part, config=False)
        need(again.returncode == 1 and b"not an empty folder" in again.stderr, again)
        key = service.cli("audit", "bundle", "--log", log_of(service), "--out", part + "2", "--vkey",
                          "other.example/log+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", config=False)
        need(key.returncode == 1, "a log of another key")
        for name, seen_by in (("entries.jsonl", 1), ("proofs.jsonl", 1), ("vkey", 0), ("checkpoint", 0)):
            copy = part + "-" + name
            shutil.copytree(part, copy)
            path = os.path.join(copy, name)
            # In the middle of a text, a hash, the key; in the checkpoint the first digit of its size.
            at = {"entries.jsonl": os.path.getsize(path) // 2, "proofs.jsonl": os.path.getsize(path) - 9,
                  "vkey": os.path.getsize(path) - 9}.get(name)
            if at is None:
                with open(path, "rb") as file:
                    at = file.readline() and file.tell()
            flip(path, at)
            need(not follow_page(copy)[seen_by], "a flipped byte of %s was not seen" % name)
        shutil.rmtree(os.path.dirname(part))
    finally:
        shutil.rmtree(os.path.dirname(whole), ignore_errors=True)
        shutil.rmtree(os.path.dirname(part), ignore_errors=True)


# ---- search ----

def takes(entry, want):
    """The same question in another language."""
    hits, rules = entry.get("hits", []), entry.get("rules", [])
    return all({
        "--case": lambda v: entry.get("case") == v,
        "--report": lambda v: entry.get("report") == v,
        "--decision": lambda v: v in (entry.get("decision"), entry.get("supersedes")),
        "--partner": lambda v: entry.get("partner") == v,
        "--type": lambda v: entry["type"] == v,
        "--rule": lambda v: entry["type"] == "verdict" and any(rule["id"] == v for rule in rules),
        "--list": lambda v: (entry["type"] == "verdict" and any(hit["list"] == v for hit in hits))
        or (entry["type"] == "list" and entry["list"] == v),
        "--signal": lambda v: entry["type"] == "verdict" and any(hit["entry"] == v for hit in hits),
        "--from": lambda v: entry["at"] >= v,
        "--to": lambda v: entry["at"] < v,
    }[name](value) for name, value in want.items())


def search_is_exact(service):
    case = Case(service, "01-clear-hit").decide()
    other = Case(service, "07-no-hit").decide()
    catch_up(service)
    entries = export(service)
    verdict = next(one["entry"] for one in entries if one["entry"]["type"] == "verdict" and one["entry"]["case"] == case.id)
    decision = next(one["entry"] for one in entries if one["entry"]["type"] == "decision" and one["entry"]["case"] == other.id)
    middle = entries[len(entries) // 2]["entry"]["at"]
    wishes = [{"--case": case.id}, {"--report": verdict["report"]}, {"--decision": decision["decision"]},
              {"--partner": "lindenplatz"}, {"--rule": verdict["rules"][0]["id"]}, {"--list": verdict["hits"][0]["list"]},
              {"--signal": verdict["hits"][0]["entry"]}, {"--from": middle}, {"--to": middle},
              {"--case": case.id, "--type": "decision"}, {"--partner": "birkenhof", "--list": verdict["hits"][0]["list"]},
              {"--case": case.id[:-1] + ("0" if case.id[-1] != "0" else "1")}]
    for want in wishes:
        done = service.cli("audit", "search", "--log", log_of(service), *[word for pair in want.items() for word in pair],
                           config=False)
        need(done.returncode == 0, (want, done.stderr))
        got = [json.loads(line) for line in done.stdout.splitlines()][:len(entries)]
        expected = [one for one in entries if takes(one["entry"], want)]
        need([one for one in got if one["index"] < len(entries)] == expected, "%s: %d for %d" % (want, len(got), len(expected)))
    need(all(any(takes(one["entry"], want) for one in entries) for want in wishes[:9]), "a wish that nothing meets")


# ---- replay ----

def replay(service, *words):
    done = service.cli("audit", "replay", *words)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")], done.stderr.decode()


def verdicts_are_computed_again(service):
    case = Case(service, "01-clear-hit").decide()
    catch_up(service)
    code, found, said = replay(service, case.id)
    need(code == 0 and [one["outcome"] for one in found] == ["equal"], (code, found, said))
    code, _, said = replay(service, "--sample", "200")
    need(code == 0 and re.search(r"^verdicts: [1-9]\d* equal, 0 differ, \d+ erased, 0 not computable", said, re.M), said)
    code, found, said = replay(service, "cas_00000000-0000-7000-8000-000000000000")
    need(code == 1 and "no such verdict" in said, said)


def lost_snapshot_is_named(service):
    """Of a state folder copied aside: what the kept snapshots no longer hold cannot be computed, and is not called equal."""
    case = Case(service, "01-clear-hit")
    catch_up(service)
    kept, aside = os.path.join(service.state, "snapshots"), os.path.join(service.folder, "snapshots-aside")
    os.rename(kept, aside)
    try:
        code, found, said = replay(service, case.id)
        need(code == 1 and [one["outcome"] for one in found] == ["impossible"] and found[0]["code"], (code, found, said))
    finally:
        os.rename(aside, kept)
    need(replay(service, case.id)[0] == 0, "it is there again")


def other_rules_differ(service):
    """A kept snapshot whose manifest was changed is not the one of that digest."""
    case = Case(service, "01-clear-hit")
    catch_up(service)
    digest = next(one["entry"]["snapshot"] for one in export(service)
                  if one["entry"]["type"] == "verdict" and one["entry"]["case"] == case.id)
    files = [os.path.join(at, name) for at, _, names in os.walk(os.path.join(service.state, "snapshots")) for name in names
             if digest in os.path.join(at, name)]
    need(files, "no file of snapshot " + digest)
    path = max(files, key=os.path.getsize)
    with open(path, "rb") as file:
        before = file.read()
    changed = before.replace(b'"severity":3', b'"severity":2').replace(b"severity: 3", b"severity: 2")
    need(changed != before, "nothing to change in " + path)
    try:
        with open(path, "wb") as file:
            file.write(changed)
        code, found, _ = replay(service, case.id)
        need(code == 1 and found[0]["outcome"] in ("impossible", "differs"), found)
    finally:
        with open(path, "wb") as file:
            file.write(before)


# ---- what auditors read ----

def readings_are_entries(service):
    """Pages, tiles and numbers: an entry for each kind, person, hour and worker, however often they are read."""
    def looked():
        return [one["entry"] for one in export(service) if one["entry"]["type"] == "export" and "case" not in one["entry"]
                and one["entry"]["format"] in ("entries", "tiles", "transparency")]

    for _ in range(30):
        for path in ("/v1/audit/entries?limit=1", "/log/checkpoint", "/log/vkey", "/v1/transparency"):
            need(call(service.port, "GET", path, service.keys["auditor"]).status in (200, 409, 503), path)
    catch_up(service)
    seen = looked()
    need({one["format"] for one in seen} == {"entries", "tiles", "transparency"}, seen)
    # Two workers; an hour may have ended in between.
    need(all(sum(one["format"] == kind for one in seen) <= 4 for kind in ("entries", "tiles", "transparency")), seen)
    need(len({one["actor"] for one in seen}) == 1 and "reviewer" not in json.dumps(seen), seen)


# ---- reveal ----

def packed_texts(data, count):
    """The first texts of a MessagePack array."""
    at, texts = {0xdc: 3, 0xdd: 5}.get(data[0], 1), []
    while len(texts) < count:
        kind = data[at]
        wide = {0xd9: 1, 0xda: 2, 0xdb: 4}.get(kind, 0)
        length = int.from_bytes(data[at + 1:at + 1 + wide], "big") if wide else kind & 0x1f
        at += 1 + wide
        texts.append(data[at:at + length])
        at += length
    return texts


def stored(service, report):
    """Body and salt, out of the store itself."""
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(os.path.join(service.state, "redis", "redis.sock"))
        key = ("{s00}:r:" + report).encode()
        link.sendall(b"*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n" % (len(key), key))
        file = link.makefile("rb")
        _, _, _, body, salt = packed_texts(file.read(int(file.readline()[1:])), 5)
    return body, salt


def reveal(service, body, salt, index):
    path = os.path.join(service.folder, "disclosed")
    with open(path, "wb") as file:
        file.write(body)
    done = service.cli("audit", "reveal", "--body", path, "--salt", salt.hex(), "--entry", str(index), "--log", log_of(service),
                       "--json", config=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def disclosed_content_is_proven(service):
    case = Case(service, "01-clear-hit")
    catch_up(service)
    report = case.run.values["c.report"]
    live = service.cli("audit", "reveal", report)
    need(live.returncode == 0 and b"text: is what the entry commits to" in live.stdout, live)
    body, salt = stored(service, report)
    index = next(one["index"] for one in export(service) if one["entry"]["type"] == "report" and one["entry"]["report"] == report)
    code, said = reveal(service, body, salt, index)
    need(code == 0 and said["good"] and set(said["commit"]) == {"body", "content_id", "text"}
         and all(said["commit"].values()), said)
    code, said = reveal(service, body.replace(b"recruitment", b"manifesto"), salt, index)
    need(code == 1 and said["commit"] == {"body": False, "content_id": True, "text": True}, said)
    code, said = reveal(service, body, bytes(32), index)
    need(code == 1 and not any(said["commit"].values()), said)
    code, said = reveal(service, body, salt, index + 1)
    need(code == 1, said)
    code, said = reveal(service, body, salt, 10 ** 9)
    need(code == 1 and b"LOG_RANGE" in said, said)


# ---- verify on a terminal ----

def bar_is_for_terminals(service):
    command = [service.program, "audit", "verify", "--log", log_of(service)]
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, timeout=60, check=False)
        need(select.select([ours], [], [], 10)[0], "nothing was drawn")
        said = os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    last = said.rstrip().split("\r")[-1]
    need(done.returncode == 0 and re.fullmatch(r"\[#{40}\] (\d+) of \1 entries", last), said)
    need(b"[#" not in subprocess.run(command, capture_output=True, timeout=60, check=False).stderr, "a bar in a file")


def run(suite):
    service = suite.service()
    for name, test in {"a bundle is checked with openssl and python alone, and every flipped byte is seen": bundle_is_checked_by_others,
                       "search gives exactly what was asked for": search_is_exact,
                       "verify shows a bar on a terminal, and only there": bar_is_for_terminals,
                       "replay computes old verdicts again": verdicts_are_computed_again,
                       "replay names a snapshot that is gone": lost_snapshot_is_named,
                       "replay does not believe a changed snapshot": other_rules_differ,
                       "what an auditor reads is an entry, once an hour": readings_are_entries,
                       "reveal proves a disclosed content, and no other": disclosed_content_is_proven}.items():
        suite.guard("audit tools: " + name, lambda test=test: test(service))
