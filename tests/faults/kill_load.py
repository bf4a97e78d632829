# SPDX-License-Identifier: Apache-2.0
"""Load with a history as Jepsen keeps it: each call ends ok, fail (surely not done) or unknown.
An unknown call keeps its idempotency key and is sent again until an answer settles it: a later fail
says nothing about the first time."""
import collections
import http.client
import json
import random
import threading
import time

TIMEOUT_S = 15
RECORD = {"schema": "just/1", "outcome": "no_action", "harm": "none", "ground": {"kind": "none"},
          "exemptions": {"artistic": "not_present"}, "lang_competence": "native_or_b2",
          "why": "Nothing in the text speaks for the category that was reported."}
WORDS = "harbour morning bread river window seven letters garden market yellow stone paper".split()


class History:
    """What was sent and what was answered. Reports: key -> id; decisions: key -> id."""

    def __init__(self):
        self.lock = threading.Lock()
        self.reports, self.decisions, self.cases = {}, {}, {}
        self.changed = []                     # the same key answered with two ids
        self.counts = collections.Counter()   # per kind and end of each call

    def end(self, kind, how):
        with self.lock:
            self.counts[kind, how] += 1

    def acknowledge(self, table, key, value, case):
        with self.lock:
            if table.setdefault(key, value) != value:
                self.changed.append((key, table[key], value))
            self.cases[value] = case


def report_body(rng, content):
    text = " ".join(rng.choice(WORDS) for _ in range(60))
    return {"content": {"id": content, "type": "post", "text": text, "language": "en"}, "category": "incitement",
            "reason": "sent by a test", "urgency": "routine", "exemptions_claimed": [],
            "origin": {"kind": "user_notice", "good_faith": True, "state_actor": None}, "order": None,
            "jurisdictions": ["DE"], "reported_at": "2026-01-20T20:02:00Z"}


class Client(threading.Thread):
    """One keep-alive connection. `bed` gives port(), keys, history, and the events stopping and draining."""

    def __init__(self, bed, number, seed, pause_s):
        super().__init__(daemon=True, name="client-%d" % number)
        self.bed, self.number, self.pause_s = bed, number, pause_s
        self.rng = random.Random("%s/%d" % (seed, number))
        self.connection = None
        self.sent = 0
        self.open = None                      # the unknown call that is to be sent again
        self.unresolved = 0

    def exchange(self, method, path, role, body=None, content_type="application/json", key=None):
        """(status, body) or ('refused' | 'unknown', None): refused means it was never sent."""
        headers = {"Authorization": "Bearer " + self.bed.keys[role], "Content-Type": content_type}
        if key:
            headers["Idempotency-Key"] = '"%s"' % key
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.bed.port(), timeout=TIMEOUT_S)
                self.connection.connect()
        except OSError:
            self.connection = None
            return "refused", None
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            data = answer.read()
            if answer.getheader("Connection", "").lower() == "close":
                self.connection.close()
                self.connection = None
            return answer.status, data
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            return "unknown", None

    def ended(self, kind, status, data):
        """The call's end; for 503 the code says whether it may have happened. 409 is an answer that settles."""
        if status == 409:
            self.bed.history.end(kind, "conflict")
            return "conflict"
        how = "ok" if status in (200, 201, 202) else "fail"
        if status == "unknown" or (status == 503 and json.loads(data)["code"] != "STORE_BUSY") or status == 500:
            how = "unknown"
        self.bed.history.end(kind, how)
        if how == "fail" and status not in ("refused", 503, 429):
            raise RuntimeError("%s was answered %s %s" % (kind, status, data[:300]))
        return how

    def submit(self, key, lines):
        """ok, fail or unknown; of many lines the worst."""
        history = self.bed.history
        if len(lines) == 1:
            status, data = self.exchange("POST", "/v1/reports", "partner", lines[0], key=key)
            how = self.ended("report", status, data)
            if how == "ok":
                one = json.loads(data)
                history.acknowledge(history.reports, key, one["report"], one["case"])
            return how
        status, data = self.exchange("POST", "/v1/reports", "partner", b"\n".join(lines),
                                     "application/x-ndjson", key)
        if status != 200:
            return self.ended("batch", status, data)
        ends = set()
        for result in map(json.loads, data.splitlines()):
            if result["status"] == 202:
                history.acknowledge(history.reports, "%s#%d" % (key, result["line"]), result["report"],
                                    result["case"])
            how = "ok" if result["status"] == 202 else "fail" if result["code"] == "STORE_BUSY" else "unknown"
            history.end("line", how)
            ends.add(how)
        return next(how for how in ("unknown", "fail", "ok") if how in ends)

    def decide(self, key, case, lease):
        history = self.bed.history
        body = json.dumps({"lease": lease, "justification": RECORD})
        status, data = self.exchange("POST", "/v1/cases/%s/decisions" % case, "reviewer", body, key=key)
        how = self.ended("decision", status, data)
        if how == "ok":
            history.acknowledge(history.decisions, key, json.loads(data)["decision"], case)
        return how

    def claim(self):
        status, data = self.exchange("POST", "/v1/claims", "reviewer", '{"limit": 1}')
        if self.ended("claim", status, data) == "ok":
            for lease in json.loads(data)["leases"]:
                return lease["case"], lease["lease"]
        return None

    def next_call(self):
        """The next call as a function that does it and says how it ended."""
        self.sent += 1
        key = "c%d-%d" % (self.number, self.sent)
        if self.number % 4 == 3:
            held = self.claim()
            if held:
                return lambda: self.decide(key, *held)
        count = 10 if self.number % 4 == 2 else 1
        # One in ten is a second report on content that came before.
        contents = [key + "-%d" % i if self.rng.random() > 0.1 else "content-%d" % self.rng.randrange(200)
                    for i in range(count)]
        lines = [json.dumps(report_body(self.rng, content)).encode() for content in contents]
        return lambda: self.submit(key, lines)

    def run(self):
        while self.open or not self.bed.draining.is_set():
            if self.bed.stopping.is_set():
                self.unresolved = 1 if self.open else 0
                return
            try:
                call = self.open or self.next_call()
                how = call()
                self.open = call if how == "unknown" or (self.open and how == "fail") else None
            except Exception as wrong:        # pylint: disable=broad-except
                self.bed.broken.append("%s: %r" % (self.name, wrong))
                return
            time.sleep(0.02 if self.open or self.connection is None else self.pause_s * self.rng.random() * 2)
