# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the service, of its redis-server and of both, at random moments under load."""
import os
import signal
import time

import oracle_log

KINDS = ("service", "redis", "both")
NOT_READY_S = 2                   # how long readiness may go on saying yes after Redis died


def smoke(cell):
    """No fault, some seconds: what the oracles must find right before any fault is blamed."""
    bed = cell.bed()
    bed.start_load(cell.seed, pause=0.01)
    bed.run_for(cell.many(4, 60))
    cell.runs = 1
    verdict = cell.close(bed, leases_end=True)
    self_test(cell, bed, verdict)


def self_test(cell, bed, verdict):
    """Histories doctored in eight ways must all be refused."""
    folder = os.path.join(bed.state, "audit", "log")
    reports, decisions = list(bed.history.reports.values()), list(bed.history.decisions.values())
    tried, missed = oracle_log.self_test(reports, decisions, verdict.left.reports, verdict.entries, folder,
                                         bed.checkpoints)
    cell.note("doctored histories seen %d of %d" % (tried - len(missed), tried))
    for name in missed:
        cell.wrong.append(("checker", "did not see: " + name))


def one_kill(bed, kind):
    """Seconds to ready again."""
    redis, since = bed.redis_pid(), time.monotonic()
    began = bed.now()
    if kind != "redis":
        bed.process.kill()
    if kind != "service":
        os.kill(redis, signal.SIGKILL)
    if kind != "redis":
        bed.process.wait()
        bed.start()
    ready = bed.wait_ready(since, redis)
    return ready, (began, bed.now())


def acked_while_down(bed, began, restart):
    return [e for e in bed.history.events if e["how"] == "ok" and e["op"] in ("report", "line", "twin", "decision")
            and e["began"] > began and e["ended"] < restart]


def kill(cell):
    bed = cell.bed()
    bed.start_load(cell.seed)
    order = [kind for kind in KINDS for _ in range(cell.many(6, 70))]
    cell.rng.shuffle(order)
    worst = {kind: 0.0 for kind in KINDS}
    for number, kind in enumerate(order):
        bed.run_for(cell.rng.uniform(0.1, 1.0))
        acked = len(bed.history.reports)
        redis = bed.redis_pid()
        ready, (began, _) = one_kill(bed, kind)
        if kind == "redis":
            born = os.stat("/proc/%d" % bed.redis_pid()).st_mtime if redis != bed.redis_pid() else began
            false = acked_while_down(bed, began + 0.05, born)
            cell.expect(not false, "I9 false 202", "%d calls acknowledged while Redis was dead" % len(false))
        worst[kind] = max(worst[kind], ready)
        cell.runs += 1
        cell.say("kill %2d: %-8s after %6d acknowledged, ready again in %.2f s" % (number + 1, kind, acked, ready))
    cell.note("ready again at most %s" % ", ".join("%s %.2f s" % pair for pair in worst.items()))
    verdict = cell.close(bed, leases_end=True)
    self_test(cell, bed, verdict)
