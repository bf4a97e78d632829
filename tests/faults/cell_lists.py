# SPDX-License-Identifier: Apache-2.0
"""The server of a list misbehaves in every way of list_server.py: the last good list stays, the log says why, memory
stays bounded, and a good version afterwards is taken."""
import json
import time

import list_server

MOST_S, RSS_MORE = 60, 128 << 20
WORDS = "list source refused"


def until(bed, what, function):
    end = time.monotonic() + MOST_S
    while not function():
        if time.monotonic() > end:
            raise RuntimeError("not within %d s: %s\n%s" % (MOST_S, what, "\n".join(bed.log_lines()[-8:])))
        time.sleep(0.05)


def running(bed):
    """The list as the service has it, or None."""
    status, text = bed.get("/v1/lists")
    found = json.loads(text)["lists"] if status == 200 else []
    return next((one for one in found if one.get("list") == "remote"), None)


def rss(bed):
    with open("/proc/%d/statm" % bed.process.pid, encoding="utf-8") as file:
        return int(file.read().split()[1]) * 4096


def lists(cell):
    server = list_server.Server()
    cell.at_end.append(server.close)
    source = "- url: %s\n    allow_private_address: true\n    every: 1s\n    deadline: 2s\n    max_bytes: 1MiB" % server.url
    bed = cell.bed(changes={"lists": [source]})
    until(bed, "the good list", lambda: running(bed))
    before, most = rss(bed), 0
    modes = list(server.MODES) * cell.many(1, 5)
    cell.rng.shuffle(modes)
    for number, mode in enumerate(modes):
        kept, line, asked = running(bed), len(bed.log_lines()), server.asked
        server.mode = mode
        if mode in server.QUIET:
            until(bed, mode + ": asked twice", lambda: server.asked >= asked + 2)
        else:
            until(bed, mode + ": refused", lambda: any(WORDS in text for text in bed.log_lines()[line:]))
        most = max(most, rss(bed) - before)
        now = running(bed)
        cell.expect(now == kept, "I7 list replaced", "%s: %s became %s" % (mode, kept, now))
        server.version = "2026-11-%02d" % (2 + number % 28)
        server.mode = "good"
        until(bed, "a good version after: " + mode, lambda: running(bed)["version"] == server.version)
        cell.runs += 1
    cell.expect(most < RSS_MORE, "I8 memory", "%d MiB more than at the start" % (most >> 20))
    cell.wrong += [("I10 end", one) for one in bed.stop()]
    cell.note("%d ways to misbehave: the last good list stayed; %d MiB more memory at most" % (cell.runs, most >> 20))
