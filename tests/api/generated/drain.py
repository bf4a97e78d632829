# SPDX-License-Identifier: Apache-2.0
"""SIGTERM under load: what was sent before it is answered, what was promised is in the log."""
import json
import os
import threading
import time

from wire import call

SENDERS, POLLS, LOAD_S, AT_THE_SIGNAL_S = 8, 4, 1.5, 0.05


class Load:
    def __init__(self, service):
        self.service, self.term, self.done = service, None, threading.Event()
        self.accepted, self.failed, self.late = [], [], 0
        self.lock = threading.Lock()

    def one(self, key, make):
        begun = time.monotonic()
        try:
            answer = make()
            fault = None if answer.status in (200, 202, 503) else str(answer)
        except OSError as error:
            answer, fault = None, repr(error)
        except Exception as error:                      # half an answer is the worst of all
            answer, fault = None, repr(error)
        with self.lock:
            if answer is not None and answer.status == 202:
                self.accepted.append(answer.json()["log_index"])
            # A request that began at the signal or after it may find no listener any more: what waits in
            # the kernel's accept queue when the listener closes was never the service's.
            if fault and (self.term is None or begun < self.term - AT_THE_SIGNAL_S):
                self.failed.append("%s: %s" % (key, fault))
            elif fault:
                self.late += 1
        return fault is None

    def send(self, number):
        serial = 0
        while not self.done.is_set():
            serial += 1
            name = "drain-%d-%d" % (number, serial)
            body = {"content": {"id": name, "type": "post", "text": "Harbour."}, "category": "other_terms",
                    "origin": {"kind": "user_terms_flag"}}
            if not self.one(name, lambda: call(self.service.port, "POST", "/v1/reports", self.service.keys["partner"], body,
                                               {"Idempotency-Key": '"%s"' % name})):
                return

    def poll(self, number):
        self.one("poll %d" % number, lambda: call(self.service.port, "POST", "/v1/claims", self.service.keys["reviewer"],
                                                  {"languages": ["qzd"], "wait": 30}))


def run(suite):
    service = suite.new_service("drain")
    load = Load(service)
    threads = [threading.Thread(target=load.send, args=(i,)) for i in range(SENDERS)]
    threads += [threading.Thread(target=load.poll, args=(i,)) for i in range(POLLS)]
    for thread in threads:
        thread.start()
    time.sleep(LOAD_S)
    load.term = time.monotonic()
    wrong = service.stop()
    load.done.set()
    for thread in threads:
        thread.join()
    suite.result("drain: SIGTERM under load ends with exit code 0 and a clean log", wrong)
    suite.result("drain: no request that was open fails", load.failed)
    done = service.cli("audit", "export", "--log", os.path.join(service.state, "audit", "log"), "--format", "jsonl", config=False)
    reports = [json.loads(line)["index"] for line in done.stdout.splitlines() if json.loads(line)["entry"]["type"] == "report"]
    missing = sorted(set(load.accepted) - set(reports))
    suite.result("drain: every 202 has its entry in the published log, once",
                 ["missing: %s" % missing[:10]] if missing or len(set(load.accepted)) != len(load.accepted) else [])
    suite.note("drain: %d accepted, %d failed, %d after the signal, ended in %.2f s" %
               (len(load.accepted), len(load.failed), load.late, getattr(service, "stopped_in", -1)))
