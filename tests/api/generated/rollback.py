# SPDX-License-Identifier: Apache-2.0
"""A store that lost what the log already holds: the log stands, and no index is given out twice."""
import os
import shutil
import time

from wire import call

BEFORE, LOST, AFTER, PUBLISHED_S = 3, 5, 4, 20


def report(service, name):
    body = {"content": {"id": name, "type": "post", "text": "Harbour."}, "category": "other_terms",
            "origin": {"kind": "user_terms_flag"}}
    answer = call(service.port, "POST", "/v1/reports", service.keys["partner"], body, {"Idempotency-Key": '"%s"' % name})
    return answer.json()["log_index"]


def published(service, index):
    until = time.monotonic() + PUBLISHED_S
    while time.monotonic() < until:
        log = call(service.port, "GET", "/readyz").json()["log"]
        if isinstance(log, dict) and log["published"] + log["before"] > index:
            return
        time.sleep(0.1)
    raise AssertionError("entry %d was not published" % index)


def run(suite):
    service = suite.new_service("rollback")
    for i in range(BEFORE):
        report(service, "kept-%d" % i)
    wrong = service.stop()
    redis = os.path.join(service.state, "redis")
    shutil.copytree(redis, redis + ".old", ignore=lambda folder, names: [n for n in names if n.endswith(".sock")])
    service.start()
    lost = [report(service, "lost-%d" % i) for i in range(LOST)]
    published(service, lost[-1])
    wrong += service.stop()
    shutil.rmtree(redis)
    os.rename(redis + ".old", redis)
    seen = len(service.log_lines())
    service.start()
    said = [line for line in service.log_lines()[seen:] if "its counter was raised" in line]
    again = [report(service, "again-%d" % i) for i in range(AFTER)]
    published(service, again[-1])
    wrong += service.stop()
    suite.result("rollback: a store that lost entries is raised to the log, and the service says so",
                 wrong + ([] if len(said) == 1 else ["warnings: %d" % len(said)]))
    suite.result("rollback: no index of the log is given out twice",
                 [] if min(again) > max(lost) else ["lost %s, again %s" % (lost, again)])
