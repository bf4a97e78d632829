# SPDX-License-Identifier: Apache-2.0
"""What a backtest costs those who report at the same time: latency of POST /v1/reports with and without one running, in
alternate rounds on one service.
    bench_backtest.py PROGRAM SOURCE [STORED [ROUNDS]]      STORED: reports that each backtest judges again, at most 10000"""
import http.client
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "api"))
sys.dont_write_bytecode = True

from service import Service            # noqa: E402
from wire import call                  # noqa: E402

BATCH, EACH_ROUND, PACE_S = 500, 400, 0.005
LIMITS = {"limits": ["requests_per_second: 1000000", "burst: 1000000"]}


def body(name):
    return json.dumps({"content": {"id": name, "type": "post", "language": "en", "text": "A photograph of the harbour. " * 30},
                       "category": "other_terms", "origin": {"kind": "user_terms_flag"}})


def fill(service, count):
    for at in range(0, count, BATCH):
        lines = "\n".join(body("stored-%d" % i) for i in range(at, min(at + BATCH, count)))
        call(service.port, "POST", "/v1/reports", service.keys["partner"], lines,
             {"Content-Type": "application/x-ndjson", "Idempotency-Key": '"fill-%d"' % at})


def report_all(service, round_name):
    """Milliseconds of each of EACH_ROUND reports, sent one after another at a pace."""
    link, took = http.client.HTTPConnection("127.0.0.1", service.port), []
    for i in range(EACH_ROUND):
        name = "%s-%d" % (round_name, i)
        began = time.monotonic()
        link.request("POST", "/v1/reports", body(name), {"Authorization": "Bearer " + service.keys["partner"],
                                                         "Content-Type": "application/json", "Idempotency-Key": '"%s"' % name})
        answer = link.getresponse()
        answer.read()
        took.append((time.monotonic() - began) * 1000)
        if answer.status != 202:
            raise SystemExit("a report was answered %d" % answer.status)
        time.sleep(PACE_S)
    return took


def backtests(service, files, limit, stop, done):
    while not stop.is_set():
        answer = call(service.port, "POST", "/v1/rules/backtest", service.keys["admin"], {"limit": limit, "files": files})
        if answer.status != 200:
            raise SystemExit("a backtest was answered %s" % answer)
        done.append(answer.json()["reports"])


def percentile(values, part):
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def main():
    program, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    stored = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    folder = tempfile.mkdtemp(prefix="rapporteur-bench-")
    service = Service(program, source, os.path.join(folder, "one"), LIMITS)
    for role, name in (("partner", "lindenplatz"), ("admin", "admin-1")):
        service.keys[role] = service.make_key(role, name)
    time.sleep(1)
    rules = os.path.join(source, "config", "rules")
    files = [{"name": n, "yaml": open(os.path.join(rules, n), encoding="utf-8").read()}
             for n in sorted(os.listdir(rules)) if n.endswith(".yaml")]
    fill(service, stored)
    ratios = {0.5: [], 0.99: []}
    for number in range(rounds):
        alone = report_all(service, "alone-%d" % number)
        stop, done = threading.Event(), []
        runner = threading.Thread(target=backtests, args=(service, files, stored, stop, done))
        runner.start()
        beside = report_all(service, "beside-%d" % number)
        stop.set()
        runner.join()
        line = "round %d: %d backtests of %d reports" % (number + 1, len(done), done[0])
        for part, values in ratios.items():
            values.append(percentile(beside, part) / percentile(alone, part))
            line += "; p%g %.2f ms alone, %.2f ms beside" % (part * 100, percentile(alone, part), percentile(beside, part))
        print(line, flush=True)
    print("ratio beside/alone, median of rounds: p50 %.2f, p99 %.2f" %
          (statistics.median(ratios[0.5]), statistics.median(ratios[0.99])))
    service.stop()
    shutil.rmtree(folder)


main()
