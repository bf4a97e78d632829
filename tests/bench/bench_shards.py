#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Durable reports a second with 1 shard on 1 primary, 2 shards on 1 primary and 2 shards on 2 primaries: one cluster of
two redis-servers (appendfsync always), the same client, the three rows in turn within each round. Prints every round
with the CPU that servers and client took, then medians, ratios within a round, and what the machine had left.
    bench_shards.py BENCH_SHARDS [ROUNDS] [SECONDS]"""
import os
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "redis"))
import farm                         # noqa: E402

LOADS = (("singles, 32 in flight a shard", 32, 1), ("100 a call, 4 in flight a shard", 4, 100))
ROWS = (("1 shard, 1 primary", 1, 1), ("2 shards, 1 primary", 2, 1), ("2 shards, 2 primaries", 2, 2))


def cpu(server):
    info = server.info("cpu")
    return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])


def place(servers, primaries):
    """The slots of both shards on the first server, or one on each; the servers are empty."""
    slots = [servers.servers[0].command("CLUSTER", "KEYSLOT", "{s0%d}" % shard) for shard in range(2)]
    for shard, slot in enumerate(slots):
        wanted, owner = servers.servers[shard if primaries == 2 else 0], servers.owner(slot)
        if owner is not wanted:
            servers.move_slot(slot, owner, wanted)
    for server in servers.servers:
        farm.wait_for("the map is known", lambda s=server: all(
            owner_port(s, slot) == servers.owner(slot).port for slot in slots))


def owner_port(server, slot):
    return next(primary[1] for first, last, primary, *_ in server.command("CLUSTER", "SLOTS") if first <= slot <= last)


def measure(client, servers, shards, primaries, calls, batch, seconds):
    """reports/s, and cores used by the servers and by the client."""
    for server in servers.servers:
        server.command("FLUSHALL", timeout=60)
        server.command("CONFIG", "SET", "auto-aof-rewrite-percentage", "0")
    place(servers, primaries)
    before = [cpu(server) for server in servers.servers]
    done = subprocess.run([client, servers.url(), str(shards), str(calls), str(batch), str(seconds)],
                          stdout=subprocess.PIPE, check=True)
    rate, micros = (float(word) for word in done.stdout.split())
    return rate, [(cpu(s) - b) / seconds for s, b in zip(servers.servers, before)], rate * micros / 1e6


def main():
    client = sys.argv[1]
    rounds, seconds = (int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((2, 5), (3, 3)))
    cores = len(os.sched_getaffinity(0))
    with farm.ClusterFarm(primaries=2) as servers:
        for load, calls, batch in LOADS:
            rates = {row: [] for row, *_ in ROWS}
            used = {row: [] for row, *_ in ROWS}
            print("%s\nround  %-22s %10s %16s %8s %6s" % (load, "row", "reports/s", "cores: servers", "client", "all"))
            for number in range(1, rounds + 1):
                for row, shards, primaries in ROWS:
                    rate, cpus, own = measure(client, servers, shards, primaries, calls, batch, seconds)
                    rates[row].append(rate)
                    used[row].append(sum(cpus) + own)
                    print("%5d  %-22s %10.0f %10.2f %5.2f %8.2f %6.2f" % (number, row, rate, *cpus, own, sum(cpus) + own),
                          flush=True)
            one = rates[ROWS[0][0]]
            for row, *_ in ROWS:
                ratios = [a / b for a, b in zip(rates[row], one)]
                print("median %-22s %10.0f reports/s, %.2f of one shard in the same round (%.2f to %.2f), %.2f of %d cores"
                      % (row, statistics.median(rates[row]), statistics.median(ratios), min(ratios), max(ratios),
                         statistics.median(used[row]), cores))


if __name__ == "__main__":
    main()
