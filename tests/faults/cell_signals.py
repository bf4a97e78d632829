# SPDX-License-Identifier: Apache-2.0
"""SIGHUP and SIGTERM under load: a reload, good or bad, costs no call; an end costs none that was begun."""
import re
import signal
import time

import farms

PAUSE_S, SAID_S = 0.02, 60
SENT_S = 1         # a call's time is taken before it is sent: one begun so long before the signal was surely sent


def said(bed, message, line):
    """Waits for a line of the log; False when it does not come."""
    try:
        return bed.wait_log(message, SAID_S, line)
    except RuntimeError:
        return False


def spoil(bed):
    """A setting that nobody knows; returns what was there."""
    with open(bed.settings, encoding="utf-8") as file:
        text = file.read()
    with open(bed.settings, "w", encoding="utf-8") as out:
        out.write(re.sub("(?m)^review:$", "review:\n  no_such_setting: 1", text))
    return text


def settle(bed, text):
    with open(bed.settings, "w", encoding="utf-8") as out:
        out.write(text)


def torn_of(events, moment):
    """Calls under way at `moment` whose connection broke under them."""
    return [one for one in events if one["began"] < moment < one["ended"] and one.get("status") == "unknown"]


def signals(cell):
    bed = cell.bed()
    bed.start_load(cell.seed, PAUSE_S)
    late = 0
    for number in range(cell.many(3, 30)):
        bed.run_for(cell.rng.uniform(0.3, 0.8))
        count, line = len(bed.history.events), len(bed.log_lines())
        good = spoil(bed)
        bed.signal(signal.SIGHUP)
        cell.expect(said(bed, "reload refused, keeping what runs", line), "I10 end", "a bad reload was not refused")
        settle(bed, good)
        bed.signal(signal.SIGHUP)
        cell.expect(said(bed, "snapshot built", line), "I10 end", "a good reload was not taken")
        bed.run_for(0.3)
        bad = [one for one in bed.history.events[count:] if one.get("status") in ("unknown", "refused", 500)]
        cell.expect(not bad, "I1 reload", "%d calls failed over a reload, the first: %s" % (len(bad), bad[:1]))
        # The end: who was let in is answered; who comes later is not let in and comes again.
        moment = bed.now()
        bed.signal(signal.SIGTERM)
        code = bed.process.wait(farms.bed.READY_S)
        cell.expect(code == 0, "I10 end", "exit code %d after SIGTERM" % code)
        since = time.monotonic()
        bed.start()
        bed.wait_ready(since)
        torn = torn_of(bed.history.events[count:], moment)
        late += len(torn)
        old = [one for one in torn if one["began"] < moment - SENT_S]
        cell.expect(not old, "I1 drain", "%d calls under way were not answered, the first: %s" % (len(old), old[:1]))
        cell.runs += 1
    cell.close(bed)
    cell.note("%d times SIGHUP with a mistake, SIGHUP and SIGTERM; %d calls met the end on the way and were settled by "
              "their retry" % (cell.runs, late))
