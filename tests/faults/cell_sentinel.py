# SPDX-License-Identifier: Apache-2.0
"""Sentinel: the primary is killed, the Sentinels are stopped, the primary is cut off together with the service."""
import signal

import farms
import nets

WRITABLE_S, MOST_S = 5, 60         # what is promised; what even a loaded machine must do
PAUSE_S = 0.1                      # between two calls: it is the fault that counts, not the load
CUT_S = 7                          # as in the measurement that lost 77 % without WAIT


def start(cell, name, **where):
    servers = farms.keep(cell, farms.farm.SentinelFarm(replicas=2, **where))

    def primary():
        one = servers.primary()
        return [(one.host, one.port)]

    return servers, cell.bed(name=name, kind=farms.FarmBed, url=servers.url(), servers=primary)


def back_in_line(servers):
    """Both replicas follow the primary again, and every Sentinel names the same one."""
    farms.farm.wait_for("replicas online", lambda: servers.primary().command("INFO", "replication")
                        .count("state=online") == 2, 60)


def failover(cell):
    servers, bed = start(cell, "bed")
    bed.start_load(cell.seed, PAUSE_S)
    taken = []
    for number in range(cell.many(2, 40)):
        bed.run_for(cell.rng.uniform(0.5, 1.5))
        old, acked, size = servers.primary(), len(bed.history.reports), farms.published(bed)
        moment = bed.now()
        old.kill()
        taken.append(farms.wait_acked(bed, moment, MOST_S))
        farms.wait_published(bed, size, MOST_S)
        cell.runs += 1
        cell.say("kill %d: the primary after %d acknowledged; written again after %.2f s" % (
            number + 1, acked, taken[-1]))
        old.start()
        back_in_line(servers)
    cell.note("primary killed %d times: written again after %s s (promised: %d)"
              % (len(taken), ", ".join("%.2f" % one for one in taken), WRITABLE_S))
    # Nobody to ask: the primary known last is good for as long as it answers.
    for one in servers.sentinels:
        one.signal(signal.SIGSTOP)
    bed.run_for(1)
    farms.wait_acked(bed, bed.now(), MOST_S)
    for one in servers.sentinels:
        one.signal(signal.SIGCONT)
    verdict = cell.close(bed)
    cell.note("%d lost" % verdict.counts["lost"])


def fresh(events, moment):
    """Writes acknowledged that nobody had tried before `moment`: what was stored before may be said again."""
    old = {event.get("key") for event in events if event["began"] <= moment}
    return [event for event in events if event["how"] == "ok" and event["op"] in farms.WRITES
            and event["key"] not in old]


def partition(cell):
    """Service, clients, primary and one Sentinel on one side; two replicas and two Sentinels on the other."""
    taken = []
    for number in range(cell.many(1, 40)):
        net = nets.Pair(cell)
        servers, bed = start(cell, "bed-%d" % number, host=nets.HERE, away={"host": nets.AWAY, "within": net.within})
        bed.start_load(cell.seed + number, PAUSE_S)
        bed.run_for(cell.rng.uniform(0.5, 1.5))
        old, acked = servers.primary(), len(bed.history.reports)
        net.cut()
        moment = bed.now()
        bed.run_for(CUT_S)
        inside = fresh(bed.history.events, moment)
        cell.expect(not inside, "I9 false 202", "%d reports acknowledged by a primary without replicas" % len(inside))
        net.join()
        moment, size = bed.now(), farms.published(bed)
        taken.append(farms.wait_acked(bed, moment, MOST_S))
        farms.wait_published(bed, size, MOST_S)
        cell.runs += 1
        cell.expect(servers.primary() is not old, "broken", "no failover in %d s: the cut proves nothing" % CUT_S)
        cell.say("cut %d: for %d s after %d acknowledged; written again %.2f s after" % (
            number + 1, CUT_S, acked, taken[-1]))
        bed.run_for(0.5)
        back_in_line(servers)
        cell.close(bed)
        bed.clear()
        servers.close()
        net.drop()
    cell.note("cut off %d times with its clients: %d lost; written again %s s after (promised: %d)" % (
        cell.runs, cell.counts["lost"], ", ".join("%.2f" % one for one in taken), WRITABLE_S))
