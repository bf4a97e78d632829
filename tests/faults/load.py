# SPDX-License-Identifier: Apache-2.0
"""Load with a history as Jepsen keeps it: each call ends ok, fail (surely not done) or unknown.
An unknown call keeps its idempotency key and is sent again until an answer settles it: a later fail
says nothing about the first time. The history's events are what the oracles judge (oracles.py)."""
import collections
import http.client
import json
import random
import threading
import time

TIMEOUT_S = 15
LEASE_S = 2                       # the setting review.lease of the beds
RECORD = {"schema": "just/1", "outcome": "no_action", "harm": "none", "ground": {"kind": "none"},
          "exemptions": {"artistic": "not_present"}, "lang_competence": "native_or_b2",
          "why": "Nothing in the text speaks for the category that was reported."}
WORDS = "harbour morning bread river window seven letters garden market yellow stone paper".split()
SINGLES, BATCHES, REVIEWERS = 8, 4, 4


class History:
    """What was sent and what was answered. Reports: key -> id; decisions: key -> id; leases: token -> facts."""

    def __init__(self):
        self.lock = threading.Lock()
        self.reports, self.decisions, self.cases, self.leases = {}, {}, {}, {}
        self.changed = []                     # the same key answered with two ids
        self.wrong = []                       # (oracle, sentence) seen on the way
        self.counts = collections.Counter()   # per kind and end of each call
        self.events = []

    def end(self, kind, how, **more):
        """One call: kind, how it ended, key, began, ended and what else is known of it."""
        with self.lock:
            self.counts[kind, how] += 1
            self.events.append(dict(more, op=kind, how=how))

    def saw(self, oracle, sentence):
        with self.lock:
            self.wrong.append((oracle, sentence))

    def acknowledge(self, table, key, value, case):
        with self.lock:
            if table.setdefault(key, value) != value:
                self.changed.append((key, table[key], value))
            self.cases[value] = case

    def total(self, how):
        return sum(n for (_, end), n in self.counts.items() if end == how)

    def write(self, path):
        with open(path, "w", encoding="utf-8") as out:
            for event in self.events:
                out.write(json.dumps(event) + "\n")


def report_body(rng, content):
    text = " ".join(rng.choice(WORDS) for _ in range(60))
    return {"content": {"id": content, "type": "post", "text": text, "language": "en"}, "category": "incitement",
            "reason": "sent by a test", "urgency": "routine", "exemptions_claimed": [],
            "origin": {"kind": "user_notice", "good_faith": True, "state_actor": None}, "order": None,
            "jurisdictions": ["DE"], "reported_at": "2026-01-20T20:02:00Z"}


class Wire:
    """One keep-alive connection."""

    def __init__(self, bed):
        self.bed, self.connection = bed, None

    def drop(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def send(self, method, path, role, body=None, content_type="application/json", key=None):
        """None, 'refused' (never sent) or 'unknown'."""
        headers = {"Authorization": "Bearer " + self.bed.keys[role], "Content-Type": content_type}
        if key:
            headers["Idempotency-Key"] = '"%s"' % key
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.bed.port(), timeout=TIMEOUT_S)
                self.connection.connect()
        except OSError:
            self.connection = None
            return "refused"
        try:
            self.connection.request(method, path, body, headers)
            return None
        except (OSError, http.client.HTTPException):
            self.drop()
            return "unknown"

    def receive(self):
        try:
            answer = self.connection.getresponse()
            data = answer.read()
            if answer.status == 503 and not answer.getheader("Retry-After"):
                self.bed.history.saw("I9 no Retry-After", "a 503 without Retry-After: %s" % data[:200])
            if answer.getheader("Connection", "").lower() == "close":
                self.drop()
            return answer.status, data
        except (OSError, http.client.HTTPException):
            self.drop()
            return "unknown", None


class Client(threading.Thread):
    """`bed` gives port(), keys, history, and the events stopping and draining."""

    def __init__(self, bed, number, seed, pause_s):
        super().__init__(daemon=True, name="client-%d" % number)
        self.bed, self.number, self.pause_s = bed, number, pause_s
        self.rng = random.Random("%s/%d" % (seed, number))
        self.wire = Wire(bed)
        self.sent = 0
        self.open = None                      # the unknown call that is to be sent again
        self.unresolved = 0

    def exchange(self, method, path, role, body=None, content_type="application/json", key=None):
        """(status, body) or ('refused' | 'unknown', None): refused means it was never sent."""
        self.began = self.bed.now()
        how = self.wire.send(method, path, role, body, content_type, key)
        return (how, None) if how else self.wire.receive()

    def ended(self, kind, status, data, **more):
        """The call's end; for 503 the code says whether it may have happened. 409 is an answer that settles."""
        more.update(began=self.began, ended=self.bed.now(), status=status, client=self.number)
        if status in (409, 422):
            self.bed.history.end(kind, "conflict", **more)
            return "conflict"
        how = "ok" if status in (200, 201, 202, 204) else "fail"
        if status == "unknown" or (status == 503 and json.loads(data)["code"] != "STORE_BUSY") or status == 500:
            how = "unknown"
        self.bed.history.end(kind, how, **more)
        if how == "fail" and status not in ("refused", 503, 429, 403):
            raise RuntimeError("%s was answered %s %s" % (kind, status, data[:300]))
        return how

    def key(self):
        self.sent += 1
        return "c%d-%d" % (self.number, self.sent)

    def next_call(self):
        """The next call as a function that does it and says how it ended."""
        raise NotImplementedError

    def run(self):
        while self.open or not self.bed.draining.is_set():
            if self.bed.stopping.is_set():
                self.unresolved = 1 if self.open else 0
                return
            while self.bed.paused.is_set():
                time.sleep(0.01)
            try:
                call = self.open or self.next_call()
                how = call()
                self.open = call if how == "unknown" or (self.open and how == "fail") else None
            except Exception as wrong:        # pylint: disable=broad-except
                self.bed.broken.append("%s: %r" % (self.name, wrong))
                return
            time.sleep(0.02 if self.open or self.wire.connection is None else self.pause_s * self.rng.random() * 2)


class Partner(Client):
    """Sends reports one at a time; now and then the same twice at once, again, or another body under a used key."""

    def content(self, key):
        # One in ten is a second report on content that came before.
        return key if self.rng.random() > 0.1 else "content-%d" % self.rng.randrange(200)

    def line(self, key):
        return json.dumps(report_body(self.rng, self.content(key))).encode()

    def settle(self, key, status, data, kind="report"):
        history = self.bed.history
        how = self.ended(kind, status, data, key=key)
        if how == "ok":
            one = json.loads(data)
            history.acknowledge(history.reports, key, one["report"], one["case"])
        elif how == "conflict" and status == 422:
            history.saw("I2 own body refused", "key %s: the first body was answered %s" % (key, data[:200]))
        return how

    def submit(self, key, line):
        status, data = self.exchange("POST", "/v1/reports", "partner", line, key=key)
        return self.settle(key, status, data)

    def twins(self, key, line):
        """The same request on two connections at once; 409 would be said of one in flight."""
        other, ends = Wire(self.bed), []
        self.began = self.bed.now()
        states = [wire.send("POST", "/v1/reports", "partner", line, key=key) for wire in (self.wire, other)]
        for wire, state in zip((self.wire, other), states):
            status, data = (state, None) if state else wire.receive()
            ends.append(self.settle(key, status, data, "twin"))
        other.drop()
        if "unknown" in ends or ("ok" not in ends and "conflict" in ends):
            return "unknown"
        return "ok" if "ok" in ends else "fail"

    def other_body(self, key, line):
        status, data = self.exchange("POST", "/v1/reports", "partner", line, key=key)
        how = self.ended("other body", status, data, key=key)
        if how == "ok":
            self.bed.history.saw("I2 other body taken", "key %s was taken with another body" % key)
        return how

    def next_call(self):
        key, dice = self.key(), self.rng.random() if self.bed.probes else 1
        line = self.line(key)
        if dice < 0.1:
            return lambda: self.twins(key, line)
        if dice < 0.15 and self.sent > 1:
            old = "c%d-%d" % (self.number, self.rng.randrange(1, self.sent))
            if old in self.bed.history.reports:
                return lambda: self.other_body(old, line)
        if dice < 0.2:
            return lambda: self.again(key, line)
        return lambda: self.submit(key, line)

    def again(self, key, line):
        how = self.submit(key, line)
        return self.submit(key, line) if how == "ok" else how


class Batcher(Client):
    """NDJSON of ten; each line ends by itself."""

    def submit(self, key, lines):
        history = self.bed.history
        status, data = self.exchange("POST", "/v1/reports", "partner", b"\n".join(lines), "application/x-ndjson", key)
        if status != 200:
            return self.ended("batch", status, data, key=key)
        ends = set()
        for result in map(json.loads, data.splitlines()):
            mine = "%s#%d" % (key, result["line"])
            how = "ok" if result["status"] == 202 else "fail" if result["code"] == "STORE_BUSY" else "unknown"
            if how == "ok":
                history.acknowledge(history.reports, mine, result["report"], result["case"])
            history.end("line", how, key=mine, began=self.began, ended=self.bed.now(), client=self.number)
            ends.add(how)
        return next(how for how in ("unknown", "fail", "ok") if how in ends)

    def next_call(self):
        key = self.key()
        contents = [key + "-%d" % i if self.rng.random() > 0.1 else "content-%d" % self.rng.randrange(200)
                    for i in range(10)]
        lines = [json.dumps(report_body(self.rng, content)).encode() for content in contents]
        return lambda: self.submit(key, lines)
