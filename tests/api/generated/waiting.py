# SPDX-License-Identifier: Apache-2.0
"""Long polls: woken by what they wait for, few calls while they wait, and the rate limit of a key."""
import os
import re
import socket
import threading
import time

from wire import call

WOKEN_S = 1.0
POLL_S = 4
POLLERS = 40


def report(service, name, language):
    body = {"content": {"id": name, "type": "post", "text": "Harbour.", "language": language}, "category": "other_terms",
            "origin": {"kind": "user_terms_flag"}}
    return call(service.port, "POST", "/v1/reports", service.keys["partner"], body, {"Idempotency-Key": '"%s"' % name}).json()


def woken_claim(suite, service, number):
    """Seconds from the 202 of a report to the answer of a claim that waited for it."""
    got = {}

    def poll():
        got["answer"] = call(service.port, "POST", "/v1/claims", service.keys["reviewer"],
                             {"languages": ["qzw"], "wait": 20})
        got["at"] = time.monotonic()
    thread = threading.Thread(target=poll)
    thread.start()
    time.sleep(0.2)                 # let it park: the claim must be waiting when the report comes
    made = report(service, "waiting-%d" % number, "qzw")
    begun = time.monotonic()
    thread.join()
    if [one["case"] for one in got["answer"].json()["leases"]] != [made["case"]]:
        return None, [str(got["answer"])]
    return got["at"] - begun, []


def store_calls(service):
    """How often a function of the store was called since it started, as Redis counts."""
    at = [os.path.join(folder, name) for folder, _, names in os.walk(service.state) for name in names
          if name.endswith(".sock")]
    with socket.socket(socket.AF_UNIX) as redis:
        redis.connect(at[0])
        redis.sendall(b"INFO commandstats\r\n")
        text = b""
        while not re.match(rb"\$\d+\r\n", text):
            text += redis.recv(65536)
        head, text = text.split(b"\r\n", 1)
        while len(text) < int(head[1:]) + 2:
            text += redis.recv(65536)
    return sum(int(one) for one in re.findall(rb"cmdstat_fcall(?:_ro)?:calls=(\d+)", text))


def calls_while(service, pollers):
    """Calls of POLL_S seconds in which so many claims wait in vain."""
    threads = [threading.Thread(target=call, args=(service.port, "POST", "/v1/claims", service.keys["reviewer"],
                                                   {"languages": ["qzu"], "wait": POLL_S})) for _ in range(pollers)]
    before = store_calls(service)
    for one in threads:
        one.start()
    time.sleep(POLL_S)
    for one in threads:
        one.join()
    return store_calls(service) - before


def run(suite):
    service = suite.service()
    took, wrong = [], []
    for i in range(8):
        seconds, fault = woken_claim(suite, service, i)
        wrong += fault
        took += [seconds] if seconds is not None else []
    wrong += [] if took and max(took) < WOKEN_S else ["took %s s" % took]
    suite.result("waiting: a new report wakes a claim in under a second", wrong)
    suite.note("waiting: slowest of %d was %.3f s" % (len(took), max(took or [0])))

    begun = time.monotonic()
    answer = call(service.port, "POST", "/v1/claims", service.keys["reviewer"], {"languages": ["qzv"], "wait": 1})
    wrong = [] if answer.status == 200 and answer.json()["leases"] == [] else [str(answer)]
    wrong += [] if 0.8 < time.monotonic() - begun < 3 else ["it took %.2f s" % (time.monotonic() - begun)]
    suite.result("waiting: a claim that waits in vain ends with no lease when its time is over", wrong)

    alone, many = calls_while(service, 0), calls_while(service, POLLERS)
    # Once when it comes, once a second for what other processes wrote, once at the end; two more for a loaded machine.
    wrong = [] if many - alone <= POLLERS * (POLL_S + 4) else ["%d calls, %d without pollers" % (many, alone)]
    wrong += [] if many - alone >= POLLERS else ["only %d calls: nobody looked" % (many - alone)]
    suite.result("waiting: %d claims that wait do not spin" % POLLERS, wrong)
    suite.note("waiting: %d calls of the store in %d s for %d claims, %d without" % (many, POLL_S, POLLERS, alone))

    small = suite.service("small-limits")
    answers = [call(small.port, "GET", "/v1/lists", small.keys["senior"]) for _ in range(40)]
    limited = [one for one in answers if one.status == 429]
    wrong = [] if limited and all(one.status in (200, 429) for one in answers) else [one.status for one in answers]
    wrong += [str(one) for one in limited if one.code() != "RATE_LIMIT" or not one.header("Retry-After") or
              not one.header("RateLimit") or not one.header("RateLimit-Policy")][:3]
    wrong += [] if call(small.port, "GET", "/v1/lists", small.keys["senior2"]).status == 200 else ["another key waits too"]
    suite.result("waiting: too many requests of one key get 429 with Retry-After, another key does not", wrong)

    answers = [call(small.port, "GET", "/v1/appeals/status", "apt_u_nobody") for _ in range(12)]
    limited = [one for one in answers if one.status == 429]
    wrong = [] if limited and all(one.code() in ("TOKEN_UNKNOWN", "RATE_LIMIT") for one in answers) else [str(answers)]
    wrong += [str(one) for one in limited if one.code() != "RATE_LIMIT" or not one.header("Retry-After")][:3]
    suite.result("waiting: who has a case token and no key is bounded by address", wrong)
