# SPDX-License-Identifier: Apache-2.0
"""The wall clock jumps under load, for the service and its Redis: an hour back, ten years on, ten times as fast,
a second twice."""
import time

import load
import shim

HOUR, YEAR = 3600, 365 * 86400
SLACK_MS = 2000                    # between taking a time and taking a place in the log


def jump(bed, orders, seconds):
    """The machine's clock; the service's own does not go back with it."""
    orders.machine_s += seconds
    bed.clock_s = max(bed.clock_s, orders.machine_s)
    orders.set("clock_ns", orders.machine_s * 1e9)


def back(bed, orders):
    jump(bed, orders, -HOUR)


def forward(bed, orders):
    """Keys are kept two days, so old ones are free again and not tried. Nothing is under way in that moment: what
    took its time before and its place in the log after would be ten years too early there, and `audit verify`
    allows a minute."""
    bed.probes = False
    bed.paused.set()
    time.sleep(0.5)
    jump(bed, orders, 10 * YEAR)
    bed.paused.clear()


def fast(bed, orders):
    for _ in range(300):
        time.sleep(0.01)
        jump(bed, orders, 0.09)


def leap(bed, orders):
    jump(bed, orders, -1)


JUMPS = (("an hour back", back), ("ten years on", forward), ("ten times as fast", fast), ("a second twice", leap))


def id_ms(text):
    """The time in an id: kind_ and the digits of a UUIDv7."""
    return int(text.split("_", 1)[1].replace("-", "")[-32:][:12], 16)


def start_behind(cell, bed):
    """A new process on a machine whose clock is an hour behind its log: what it writes still verifies."""
    bed.start()
    bed.stopping.clear()
    bed.draining.clear()
    client = load.Partner(bed, 99, cell.seed, 0)
    for _ in range(20):
        client.next_call()()
    cell.wrong += [("I10 end", line) for line in bed.stop()]
    code, text = bed.verify()
    cell.expect(code == 0, "I4 verify", "started behind its log: " + text)
    cell.expect(any("is behind the times already given out" in line for line in bed.log_lines()), "I10 end",
                "nothing was said of a clock that was set back")


def clock(cell):
    for number in range(cell.many(4, 40)):
        name, move = JUMPS[number % len(JUMPS)]
        orders = shim.Shim(cell, "orders-%d" % number)
        bed = cell.bed(name="bed-%d" % number, env=orders.env)
        bed.start_load(cell.seed + number)
        bed.run_for(cell.rng.uniform(0.5, 1.5))
        move(bed, orders)
        bed.run_for(1.5)
        verdict = cell.close(bed, leases_end=True)
        cell.runs += 1
        ids = [id_ms(entry["report"]) for entry in verdict.entries if entry["type"] == "report"]
        fell = max((early - late for early, late in zip(ids, ids[1:])), default=0)
        cell.expect(fell <= SLACK_MS, "I2 ids fall", "%s: an id is %d ms older than the one before" % (name, fell))
        cell.note("%s: %d leases, ids fell back by %d ms at most" % (name, len(bed.history.leases), max(0, fell)))
        if move is back:
            start_behind(cell, bed)
        bed.clear()
