# SPDX-License-Identifier: Apache-2.0
"""Reviewers: they claim, decide, give back, let leases die, and try what must be refused."""
import collections
import datetime
import json

import load

PLANS = ("decide",) * 10 + ("twice", "twice", "release", "release", "extend", "extend", "abandon", "abandon", "foreign")


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Reviewer(load.Client):
    """Holds its leases until its plan for each is done; `planned` has (not before, function)."""

    def __init__(self, bed, number, seed, pause_s):
        super().__init__(bed, number, seed, pause_s)
        self.role = "reviewer-%d" % number
        self.planned = collections.deque()

    def decide(self, key, token, must_fail=None):
        history = self.bed.history
        lease = history.leases[token]
        body = json.dumps({"lease": token, "justification": load.RECORD})
        lease["ended"] = lease["ended"] or (self.bed.now() if must_fail != "foreign" else None)
        status, data = self.exchange("POST", "/v1/cases/%s/decisions" % lease["case"], self.role, body, key=key)
        how = self.ended("decision", status, data, key=key, lease=token, case=lease["case"])
        if how == "ok":
            decision = json.loads(data)["decision"]
            history.acknowledge(history.decisions, key, decision, lease["case"])
            lease["decisions"].add(decision)
            if must_fail and (must_fail != "released" or lease.get("released")):
                history.saw("I5 %s lease" % must_fail, "a decision with a %s lease was taken: case %s, lease %s"
                            % (must_fail, lease["case"], token))
        return how

    def release(self, token):
        lease = self.bed.history.leases[token]
        lease["ended"] = lease["ended"] or self.bed.now()
        status, data = self.exchange("DELETE", "/v1/claims/" + token, self.role)
        how = self.ended("release", status, data, lease=token)
        lease["released"] = how == "ok"                 # else it may never have happened: a decision may be taken
        return "fail" if how == "unknown" else how      # not repeated: the lease ends by itself

    def extend(self, token):
        status, data = self.exchange("POST", "/v1/claims/%s/extend" % token, self.role)
        how = self.ended("extend", status, data, lease=token)
        if how == "ok":
            self.bed.history.leases[token]["expires"] = seconds_of(json.loads(data)["expires"])
        return "fail" if how == "unknown" else how

    def claim(self):
        history = self.bed.history
        status, data = self.exchange("POST", "/v1/claims", self.role, '{"limit": %d}' % self.rng.randint(1, 3))
        how = self.ended("claim", status, data)
        if how == "ok":
            for one in json.loads(data)["leases"]:
                if one["lease"] in history.leases:
                    history.saw("I5 two leases", "lease %s was given out twice" % one["lease"])
                history.leases[one["lease"]] = {
                    "case": one["case"], "fence": one["fence"], "owner": self.role, "began": self.began,
                    "got": self.bed.now(), "expires": seconds_of(one["expires"]), "ended": None, "decisions": set()}
                self.plan(one["lease"])
        return "fail" if how == "unknown" else how

    def plan(self, token):
        what, key, now = self.rng.choice(PLANS), self.key(), self.bed.now()
        expires = self.bed.history.leases[token]["expires"]
        if what == "abandon":           # before the sweep comes by, as often as not
            self.planned.append((expires + self.rng.uniform(0.03, 0.4), lambda: self.decide(key, token, "expired")))
            return
        if what == "foreign":
            self.bed.foreign.append(token)
            self.planned.append((now + 0.5, lambda: self.decide(key, token)))
            return
        if what == "extend":
            self.planned.append((now, lambda: self.extend(token)))
        if what == "release":
            self.planned.append((now, lambda: self.release(token)))
            self.planned.append((now, lambda: self.decide(key, token, "released")))
            return
        self.planned.append((now, lambda: self.decide(key, token)))
        if what == "twice":
            second = self.key()
            self.planned.append((now, lambda: self.decide_again(second, token)))

    def decide_again(self, key, token):
        """With the same lease under another key: only one of the two may count."""
        before = len(self.bed.history.leases[token]["decisions"])
        how = self.decide(key, token)
        if how == "ok" and before:
            self.bed.history.saw("I6 two decisions", "lease %s was good for two decisions" % token)
        return how

    def next_call(self):
        now = self.bed.now()
        for i, (at, call) in enumerate(self.planned):
            if at <= now:
                del self.planned[i]
                return call
        if self.bed.foreign and self.rng.random() < 0.2:
            token = self.bed.foreign.popleft()
            lease = self.bed.history.leases[token]
            if lease["owner"] != self.role:
                key = self.key()
                return lambda: self.decide(key, token, "foreign")
        return self.claim
