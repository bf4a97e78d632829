# SPDX-License-Identifier: Apache-2.0
"""The wire between service and Redis goes bad under load (wire_proxy.py). Nothing waits for it longer than its
deadline: every call is answered, and what is answered yes is stored."""
import farms
import wire_proxy

BAD_S = 3.5                        # longer than store.deadline
PAUSE_S, MOST_S = 0.05, 60


def wire(cell):
    servers = farms.keep(cell, farms.farm.Farm())
    redis = servers.add()
    proxy = wire_proxy.Proxy(("127.0.0.1", redis.port), cell.seed)
    cell.at_end.append(proxy.close)
    bed = cell.bed(kind=farms.FarmBed, url="redis://127.0.0.1:%d/0" % proxy.port,
                   servers=lambda: [("127.0.0.1", redis.port)])
    bed.start_load(cell.seed, PAUSE_S)
    order = list(wire_proxy.Proxy.MODES) * cell.many(1, 12)
    cell.rng.shuffle(order)
    taken = []
    for mode in order:
        bed.run_for(cell.rng.uniform(0.3, 1))
        acked, size, bad = len(bed.history.reports), farms.published(bed), proxy.bad
        proxy.set(mode)
        bed.run_for(BAD_S)
        cell.expect(proxy.bad > bad, "broken", "%s: nothing went over the wire meanwhile" % mode)
        status = bed.get("/healthz")[0]
        cell.expect(status == 200, "I10 stuck", "%s: /healthz gave %s" % (mode, status))
        proxy.set("pass")
        moment = bed.now()
        taken.append(farms.wait_acked(bed, moment, MOST_S))
        farms.wait_published(bed, size, MOST_S)
        cell.runs += 1
        cell.say("%s for %.1f s after %d acknowledged; written again after %.2f s" % (mode, BAD_S, acked, taken[-1]))
    verdict = cell.close(bed)
    seen = farms.errors(bed)
    cell.expect(not seen, "I9 error", "%d calls ended in more than a 503, the first: %s" % (len(seen), seen[:1]))
    slow = max(event["ended"] - event["began"] for event in bed.history.events)
    cell.note("%d lost; written again %.2f s after at most; the slowest answer came after %.1f s" % (
        verdict.counts["lost"], max(taken), slow))
