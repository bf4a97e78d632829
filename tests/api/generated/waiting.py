# SPDX-License-Identifier: Apache-2.0
"""Long polls: woken by what they wait for, and the rate limit of a key."""
import threading
import time

from wire import call

WOKEN_S = 1.0


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

    small = suite.service("small-limits")
    answers = [call(small.port, "GET", "/v1/lists", small.keys["senior"]) for _ in range(40)]
    limited = [one for one in answers if one.status == 429]
    wrong = [] if limited and all(one.status in (200, 429) for one in answers) else [one.status for one in answers]
    wrong += [str(one) for one in limited if one.code() != "RATE_LIMIT" or not one.header("Retry-After") or
              not one.header("RateLimit") or not one.header("RateLimit-Policy")][:3]
    wrong += [] if call(small.port, "GET", "/v1/lists", small.keys["senior2"]).status == 200 else ["another key waits too"]
    suite.result("waiting: too many requests of one key get 429 with Retry-After, another key does not", wrong)
