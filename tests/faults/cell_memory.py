# SPDX-License-Identifier: Apache-2.0
"""Redis has no memory left: reports are refused and said to be; reviewers decide what is there; then it goes on."""
import json
import time

import farms
import load

PAUSE_S, MOST_S = 0.05, 60
FILL = 200                         # cases that stand in the queue when memory ends


def until(cell, what, function, seconds=MOST_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = function()
        if found:
            return found
        time.sleep(0.05)
    cell.expect(False, "I9 drain", "not within %d s: %s" % (seconds, what))
    return None


def claimed(client):
    """A new lease of this reviewer, by its own hand."""
    status, data = client.exchange("POST", "/v1/claims", client.role, '{"limit": 3}')
    return status, [one for one in json.loads(data)["leases"]] if status == 200 else []


def decide(client, lease, key):
    body = json.dumps({"lease": lease["lease"], "justification": load.RECORD})
    status, data = client.exchange("POST", "/v1/cases/%s/decisions" % lease["case"], client.role, body, key=key)
    if status == 201:
        client.bed.history.acknowledge(client.bed.history.decisions, key, json.loads(data)["decision"], lease["case"])
    return status


def memory(cell):
    redis = farms.keep(cell, farms.farm.Farm()).add()
    bed = cell.bed(kind=farms.FarmBed, url="redis://127.0.0.1:%d/0" % redis.port,
                   servers=lambda: [("127.0.0.1", redis.port)], changes={"review": ["lease: 10m"]})
    partner, reviewer = load.Partner(bed, 0, cell.seed, 0), farms.reviewer_of(bed)
    tally = {"decided": 0, "decisions refused": 0, "claims refused": 0, "claims": 0}
    for turn in range(cell.many(2, 20)):
        bed.probes = False
        for _ in range(FILL):
            partner.next_call()()
        leases = []
        for _ in range(5):
            leases += claimed(reviewer)[1]
        cell.expect(leases, "broken", "nothing to claim")
        acked = len(bed.history.reports)
        # Not below what is in use: the buffers of connections alone would keep it full for ever.
        redis.command("CONFIG", "SET", "maxmemory", 1)
        for _ in range(10):
            partner.next_call()()
        cell.expect(len(bed.history.reports) == acked, "I9 false 202", "reports were acknowledged without memory")
        cell.expect(bed.history.total("fail") + bed.history.total("unknown") >= 10, "broken", "nothing was refused")
        for number, lease in enumerate(leases):
            good = decide(reviewer, lease, "m%d-%d" % (turn, number)) == 201
            tally["decided" if good else "decisions refused"] += 1
        status, leases = claimed(reviewer)
        tally["claims" if status == 200 and leases else "claims refused"] += 1
        for number, lease in enumerate(leases):
            good = decide(reviewer, lease, "n%d-%d" % (turn, number)) == 201
            tally["decided" if good else "decisions refused"] += 1
        redis.command("CONFIG", "SET", "maxmemory", 0)
        until(cell, "a report after memory came back", lambda: partner.next_call()() == "ok")
        cell.runs += 1
    cell.say(str(tally))
    cell.expect(not tally["decisions refused"], "I9 drain",
                "%(decisions refused)d decisions refused, %(decided)d taken" % tally)
    cell.expect(not tally["claims refused"], "I9 drain", "%(claims refused)d claims refused" % tally)
    cell.close(bed)
    cell.note("without memory: 0 reports acknowledged, %(decided)d decisions taken, %(decisions refused)d refused; "
              "claims taken %(claims)d, refused %(claims refused)d" % tally)
