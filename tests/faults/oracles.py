# SPDX-License-Identifier: Apache-2.0
"""Invariants I1 to I6 as functions over what was recorded and what is left; each yields (oracle, sentence).
An oracle's name is what a planted bug is caught by (mutants/)."""
import collections
import json
import os

import oracle_log

OLDER_MAX, SAID_MAX = 64, 3
PLACE_OF = {b"0": "queue", b"1": "lease", b"2": "second", b"3": "lease", b"4": None}


def places(history, left):
    """I1: each acknowledged report is stored, in one case; each case stands in exactly the place its state says."""
    for report in history.reports.values():
        if report not in left.reports:
            yield "I1 lost", "report %s was acknowledged and is not stored" % report
        elif left.of_case[report] != 1:
            yield "I1 place", "report %s is in %d cases" % (report, left.of_case[report])
    for case, fields in left.cases.items():
        found = left.places.get(case, [])
        if len(found) > 1:
            yield "I1 place", "case %s stands in %s" % (case, " and in ".join(found))
        wanted = PLACE_OF.get(fields.get("s"), "")
        if wanted != "" and [place.split()[0] for place in found] != ([wanted] if wanted else []):
            yield "I1 place", "case %s in state %s stands in %s" % (case, fields["s"].decode(), found or "no place")
    for case in left.places:
        if case not in left.cases:
            yield "I1 place", "%s holds case %s, which is not there" % (left.places[case], case)
    if set(left.leases) != set(left.tokens):
        yield "I5 lease kept", "leases by expiry and by token differ: %s" % (set(left.leases) ^ set(left.tokens))


def retries(history):
    """I2: one answer a key."""
    for key, first, second in history.changed:
        yield "I2 two ids", "key %s was answered with %s and %s" % (key, first, second)
    for value, n in collections.Counter(list(history.reports.values()) + list(history.decisions.values())).items():
        if n > 1:
            yield "I2 two ids", "id %s answers %d keys" % (value, n)


def entries_of(history, entries, left):
    """I3: reports, verdicts, decisions, claims and notices have one entry each, and no others are there."""
    counts = oracle_log.compare(history.reports.values(), history.decisions.values(), left.reports, entries)
    names = {"doubled": "I3 doubled", "without entry": "I3 without entry", "unexpected": "I3 unexpected",
             "decisions without entry": "I3 without entry", "decisions doubled": "I3 doubled",
             "decisions unexpected": "I3 unexpected"}
    for what, count in counts.items():
        if count and what in names:
            yield names[what], "%d %s" % (count, what)
    claims = collections.Counter((e["case"], str(e["fence"])) for e in entries
                                 if e["type"] == "claim" and e.get("action") == "claim")
    for token, lease in history.leases.items():
        if claims[lease["case"], str(lease["fence"])] != 1:
            yield "I3 without entry", "lease %s has %d entries" % (token, claims[lease["case"], str(lease["fence"])])
    told = collections.Counter(e["decision"] for e in entries if e["type"] == "notice")
    for decision, n in told.items():
        if n > 1:
            yield "I3 doubled", "decision %s has %d entries of its notice" % (decision, n)
    for at, entry in enumerate(entries):
        if entry.get("seq", at) != at:
            yield "I3 order", "the entry at %d says it is %s" % (at, entry["seq"])
            break
    if left.counts and sum(left.counts) < len(entries):
        yield "I4 counter", "the store counts %s entries, the log has %d" % (left.counts, len(entries))


def notices(history, seen):
    """I6: each acknowledged decision that took effect is told once, in one feed."""
    told = collections.Counter(seen)
    for decision, n in told.items():
        if n > 1:
            yield "I6 notice doubled", "decision %s was told %d times" % (decision, n)
    for decision in history.decisions.values():
        if not told[decision]:
            yield "I6 notice missing", "decision %s was never told" % decision


def leases(history, entries):
    """I5: two leases on one case never overlap; the fence rises with each; a token is worth one decision."""
    of = collections.defaultdict(list)
    for token, lease in history.leases.items():
        of[lease["case"]].append((lease["fence"], token, lease))
    for case, held in of.items():
        held.sort(key=lambda one: one[0])
        for (fence, token, before), (next_fence, next_token, after) in zip(held, held[1:]):
            if fence == next_fence:
                yield "I5 fence", "leases %s and %s on case %s have fence %d" % (token, next_token, case, fence)
            until = min(before["expires"], before["ended"] or before["expires"])
            if after["got"] < until and after["began"] < until:
                yield "I5 two leases", "case %s: lease %s was given out %.3f s before %s ended" % (
                    case, next_token, until - after["got"], token)
    last = 0
    for entry in entries:
        if entry["type"] == "claim" and entry.get("action") == "claim":
            if int(entry["fence"]) <= last:
                yield "I5 fence", "the fence went from %d to %s" % (last, entry["fence"])
                break
            last = int(entry["fence"])


def decisions(history):
    """I6: a case that nobody appealed is decided once; a lease is good for one decision."""
    of = collections.Counter(history.cases[decision] for decision in history.decisions.values())
    for case, n in of.items():
        if n > 1:
            yield "I6 two decisions", "case %s was decided %d times" % (case, n)
    for token, lease in history.leases.items():
        if len(lease["decisions"]) > 1:
            yield "I6 two decisions", "lease %s was good for %d decisions" % (token, len(lease["decisions"]))


def log_files(bed):
    """I4: every checkpoint ever seen is a beginning of the log, by our own reader and by `audit verify`."""
    folder = os.path.join(bed.state, "audit", "log")
    try:
        leaves, wrong = oracle_log.check_log(folder, bed.checkpoints)
    except (OSError, ValueError) as failure:
        return [], [("I4 unreadable", str(failure))]
    found = [("I4 fork", one) for one in wrong]
    for first in range(0, max(1, len(bed.checkpoints)), OLDER_MAX):
        more = []
        for i, text in enumerate(bed.checkpoints[first:first + OLDER_MAX]):
            path = os.path.join(bed.folder, "older-%d" % i)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            more += ["--older", path]
        done = bed.cli("audit", "verify", "--log", folder, *more, config=False)
        if done.returncode:
            found.append(("I4 verify", "audit verify: %s" % (done.stdout + done.stderr).decode().strip()))
    return [json.loads(leaf) for leaf in leaves], found


class Verdict:
    """What all oracles said: `wrong` as (oracle, sentence); the counts that must be zero; the log's entries."""

    def __init__(self, bed, seen_notices, left):
        history = bed.history
        self.entries, wrong = log_files(bed)
        self.left = left
        wrong += history.wrong
        for found in (places(history, left), retries(history), entries_of(history, self.entries, left),
                      leases(history, self.entries), decisions(history)):
            wrong += found
        if seen_notices is not None:
            wrong += notices(history, seen_notices)
        self.wrong = wrong
        self.counts = oracle_log.compare(history.reports.values(), history.decisions.values(), left.reports,
                                         self.entries)

    def lines(self):
        """Some sentences of each oracle."""
        said = collections.Counter()
        for oracle, sentence in self.wrong:
            said[oracle] += 1
            if said[oracle] <= SAID_MAX:
                yield "%s: %s" % (oracle, sentence)
        for oracle, n in said.items():
            if n > SAID_MAX:
                yield "%s: %d in all" % (oracle, n)


def judge(bed, unresolved, seen_notices):
    """For a bed whose service has stopped: reads the store and the log, and asks every oracle."""
    verdict = Verdict(bed, seen_notices, bed.left())
    if unresolved:
        verdict.wrong.append(("I9 unknown for ever", "%d calls are still unknown" % unresolved))
    return verdict
