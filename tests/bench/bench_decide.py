# SPDX-License-Identifier: Apache-2.0
"""Whole decisions with a full removal record beside raw claims, in alternate rounds on one service, and the share that
the rights check has in a decision.
    bench_decide.py PROGRAM BENCH_RIGHTS SOURCE [CASES A ROUND [ROUNDS]]"""
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "api"))
sys.dont_write_bytecode = True

from service import Service            # noqa: E402
from wire import call                  # noqa: E402

LINKS = 8
LIMITS = {"limits": ["requests_per_second: 1000000", "burst: 1000000"]}


def fill(service, name, count):
    with open(os.path.join(service.source, "config", "samples", "01-clear-hit.json"), encoding="utf-8") as file:
        body = json.load(file)
    lines = []
    for i in range(count):
        body["content"]["id"], body["content"]["language"] = "%s-%d" % (name, i), "zzz"
        lines.append(json.dumps(body))
    answer = call(service.port, "POST", "/v1/reports", service.keys["partner"], "\n".join(lines),
                  {"Content-Type": "application/x-ndjson", "Idempotency-Key": '"%s"' % name})
    if answer.status != 200:
        raise SystemExit(str(answer))


def send_all(service, requests):
    """Answers of (path, body) pairs over LINKS connections, and the seconds it took."""
    answers, began = [None] * len(requests), time.monotonic()

    def one(first):
        link = http.client.HTTPConnection("127.0.0.1", service.port)
        for i in range(first, len(requests), LINKS):
            link.request("POST", requests[i][0], requests[i][1], {"Authorization": "Bearer " + service.keys["reviewer"],
                                                                "Content-Type": "application/json"})
            answer = link.getresponse()
            answers[i] = (answer.status, answer.read())
        link.close()

    threads = [threading.Thread(target=one, args=(i,)) for i in range(LINKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, time.monotonic() - began


def cpu_us(service):
    with open("/proc/%d/stat" % service.process.pid, encoding="ascii") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) * 1e6 / os.sysconf("SC_CLK_TCK")


def phase(service, requests, good):
    before = cpu_us(service)
    answers, seconds = send_all(service, requests)
    bad = [one for one in answers if one[0] != good]
    if bad:
        raise SystemExit("answered %s" % (bad[0],))
    return answers, len(requests) / seconds, (cpu_us(service) - before) / len(requests)


def round_of(service, name, count, record):
    fill(service, name, count)
    claim = json.dumps({"languages": ["zzz"], "limit": 1})
    answers, claims, claim_cpu = phase(service, [("/v1/claims", claim)] * count, 200)
    leases = [json.loads(one[1])["leases"][0] for one in answers]
    decide = [("/v1/cases/%s/decisions" % one["case"], json.dumps({"lease": one["lease"], "justification": record}))
              for one in leases]
    _, decisions, decide_cpu = phase(service, decide, 201)
    return claims, claim_cpu, decisions, decide_cpu


def check_us(program, source):
    out = subprocess.run([program, source], check=True, capture_output=True, text=True).stdout
    return dict((line.split()[0], float(line.split()[1])) for line in out.splitlines())


def main():
    program, bench, source = (os.path.abspath(one) for one in sys.argv[1:4])
    count, rounds = int((sys.argv[4:5] or ["500"])[0]), int((sys.argv[5:6] or ["5"])[0])
    folder = os.path.join(tempfile.mkdtemp(prefix="rapporteur-decide-"), "state")
    service = Service(program, source, folder, LIMITS)
    try:
        service.keys.update(partner=service.make_key("partner", "bench"), reviewer=service.make_key("reviewer", "bench-r"))
        time.sleep(1)
        with open(os.path.join(source, "config", "samples", "01-clear-hit.decision.json"), encoding="utf-8") as file:
            record = json.load(file)
        rows = []
        print("round   claims/s   CPU us   decisions/s   CPU us   check us   of a decision's CPU   of its time")
        for number in range(rounds):
            claims, claim_cpu, decisions, decide_cpu = round_of(service, "r%d" % number, count, record)
            check = check_us(bench, source)["full_check_us"]
            rows.append((claims, claim_cpu, decisions, decide_cpu, check, check / decide_cpu, check * decisions / 1e6))
            print("%5d   %8.0f   %6.0f   %11.0f   %6.0f   %8.1f   %18.1f%%   %10.1f%%" %
                  (number + 1, *rows[-1][:5], rows[-1][5] * 100, rows[-1][6] * 100), flush=True)
        median = [statistics.median(row[i] for row in rows) for i in range(7)]
        print("median  decisions / claims %.2f; the rights check is %.1f %% of a decision's CPU, %.1f %% of its time" %
              (statistics.median(row[2] / row[0] for row in rows), median[5] * 100, median[6] * 100))
    finally:
        service.stop()
        shutil.rmtree(os.path.dirname(folder), ignore_errors=True)


main()
