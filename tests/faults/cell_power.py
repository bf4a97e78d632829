# SPDX-License-Identifier: Apache-2.0
"""Power cuts: ext4 in a file is shut down under service and Redis, both are killed, it is mounted again."""
import os
import signal
import time

import mounts

ACKED = 5000                       # between two cuts at least


def cut_power(bed, disk):
    """As the power goes: nobody runs one more instruction. Left running, Redis could answer after the cut, since a
    fsync under way when ext4 is shut down may come back as done: jbd2 takes an aborted transaction for a finished
    one. Seen in 1 of 45 cuts: an answer 0.6 ms behind the cut."""
    pids = [bed.redis_pid(), bed.process.pid]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    disk.cut()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    bed.process.wait()


def power(cell):
    disk = mounts.Disk(cell, "disk")
    bed = cell.bed(state=os.path.join(disk.folder, "state"))
    bed.start_load(cell.seed, pause=0.005)
    for cut in range(cell.many(3, 30)):
        before, until = len(bed.history.reports), time.monotonic() + 60
        while len(bed.history.reports) - before < ACKED and time.monotonic() < until:
            bed.run_for(0.05)
        bed.run_for(cell.rng.uniform(0, 0.5))
        acked = len(bed.history.reports)
        cut_power(bed, disk)
        disk.umount()
        disk.mount()
        since = time.monotonic()
        try:
            bed.start()
        except RuntimeError as failure:      # it saw itself that the store lacks what the log has
            cell.expect(False, "I1 lost", "it does not start after the cut: " + str(failure)[-300:])
            return
        ready = bed.wait_ready(since)
        cell.runs += 1
        cell.say("cut %d: after %d acknowledged, %d since the last; ready %.2f s after the mount" % (
            cut + 1, acked, acked - before, ready))
        cell.expect(acked - before >= ACKED, "broken", "only %d acknowledged before the cut" % (acked - before))
    verdict = cell.close(bed)
    cell.note("%d cuts, each after %d acknowledged or more: %d lost" % (cell.runs, ACKED, verdict.counts["lost"]))
