# SPDX-License-Identifier: Apache-2.0
"""Cluster: slots move from server to server while the load goes on, those that hold the shards among them."""
import threading
import time

import farms

PAUSE_S, MOST_S = 0.1, 60
RESHARD, AGAIN = 3000, 4           # slots, of 16,384; how often one that holds keys is moved


def used(servers):
    """The slots that hold keys."""
    found = []
    for server in servers.primaries:
        for first, last, primary, *_ in server.command("CLUSTER", "SLOTS"):
            if primary[1] == server.port and int(server.command("DBSIZE")):
                found += [slot for slot in range(first, last + 1) if slot_holds(server, slot)]
    return found


def slot_holds(server, slot):
    return int(server.command("CLUSTER", "COUNTKEYSINSLOT", slot)) > 0


def move(servers, slots, rng, moved):
    owners = {}
    for first, last, primary, *_ in servers.servers[0].command("CLUSTER", "SLOTS"):
        for server in servers.primaries:
            if server.port == primary[1]:
                owners.update(dict.fromkeys(range(first, last + 1), server))
    for slot in slots:
        source = owners[slot]
        target = rng.choice([one for one in servers.primaries if one is not source])
        moved.append(servers.move_slot(slot, source, target))
        owners[slot] = target


def reshard(cell):
    servers = farms.keep(cell, farms.farm.ClusterFarm())
    bed = cell.bed(kind=farms.FarmBed, url=servers.url(),
                   servers=lambda: [("127.0.0.1", one.port) for one in servers.primaries])
    bed.start_load(cell.seed, PAUSE_S)
    bed.run_for(1)
    for _ in range(cell.many(1, 20)):
        holding = used(servers)
        cell.expect(holding, "broken", "no slot holds a key")
        rest = [slot for slot in range(farms.farm.SLOTS) if slot not in set(holding)]
        slots = cell.rng.sample(rest, RESHARD - len(holding)) + holding * AGAIN
        cell.rng.shuffle(slots)
        moved, begun, acked, size = [], time.monotonic(), len(bed.history.reports), farms.published(bed)
        mover = threading.Thread(target=move, args=(servers, slots, cell.rng, moved), daemon=True)
        mover.start()
        while mover.is_alive():
            bed.run_for(0.1)
        cell.expect(len(moved) == len(slots), "broken", "only %d of %d slots were moved" % (len(moved), len(slots)))
        cell.runs += 1
        cell.note("%d slots (%d of them with keys, each %d times, %d keys) moved in %.1f s, %d acknowledged then" % (
            len(set(slots)), len(holding), AGAIN, sum(moved), time.monotonic() - begun,
            len(bed.history.reports) - acked))
        farms.wait_acked(bed, bed.now(), MOST_S)
        farms.wait_published(bed, size, MOST_S)
    verdict = cell.close(bed)
    seen = farms.errors(bed)
    cell.expect(not seen, "I9 error", "%d calls ended in more than a 503, the first: %s" % (len(seen), seen[:1]))
    busy = sum(1 for event in bed.history.events if event.get("status") == 503)
    cell.note("%d lost; clients saw %d times a 503, retried, and %d other errors" % (
        verdict.counts["lost"], busy, len(seen)))
