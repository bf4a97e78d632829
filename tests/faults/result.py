# SPDX-License-Identifier: Apache-2.0
"""What a cell is given, and the line it ends with."""
import json
import os
import random
import shutil
import tempfile
import time
import traceback

import bed
import load
import oracles


class Skip(Exception):
    """This machine cannot do it: the reason."""


class Cell:
    """`runs`: how many faults were done. Beds made here are judged by `close` and cleared at the end."""

    def __init__(self, args, fault):
        self.args, self.fault, self.name = args, fault, args.name
        self.seed, self.full = args.seed, args.full
        self.rng = random.Random(args.seed)
        self.runs, self.wrong, self.notes, self.beds = 0, [], [], []
        self.at_end = []                  # functions that clean up, called last one first
        self.acked = {"reports": 0, "decisions": 0, "leases": 0}
        self.calls = {"ok": 0, "fail": 0, "conflict": 0, "unknown": 0}
        self.counts = {"lost": 0, "doubled": 0, "without entry": 0}
        self.folder = tempfile.mkdtemp(prefix="rapporteur-faults-")

    def many(self, small, large):
        """How many faults to do: --runs, or the number of --full or of --ci."""
        return self.args.runs or (large if self.full else small)

    def tool(self, name):
        path = os.path.join(self.args.tools, name)
        if not self.args.tools or not os.path.exists(path):
            raise Skip("%s is not built: give --tools BUILD/tests/faults" % name)
        return path

    def bed(self, name="bed", kind=bed.Bed, **more):
        made = kind(self.args.program, self.args.source, os.path.join(self.folder, name), **more)
        self.beds.append(made)
        return made

    def say(self, text):
        print(text, flush=True)

    def note(self, text):
        self.notes.append(text)
        self.say(text)

    def expect(self, good, oracle, sentence):
        if not good:
            self.wrong.append((oracle, sentence))
        return good

    def close(self, one, stop=True, leases_end=False):
        """Ends the load, reads everything back, stops the service, and asks all oracles. leases_end: waits a
        lease's time and a sweep, and expects none to be left."""
        unresolved = one.finish_load()
        if leases_end:
            time.sleep(load.LEASE_S + 1.5)
        seen = one.notices()
        self.found(one)
        if stop:
            for line in one.stop():
                self.wrong.append(("I10 end", line))
        verdict = oracles.judge(one, unresolved, seen)
        if leases_end and verdict.left.leases:
            verdict.wrong.append(("I5 not back", "%d leases are still out %.1f s after the last claim"
                                  % (len(verdict.left.leases), load.LEASE_S + 1.5)))
        return self.judged(one, verdict)

    def judged(self, one, verdict):
        history = one.history
        self.wrong += verdict.wrong
        self.acked["reports"] += len(history.reports)
        self.acked["decisions"] += len(history.decisions)
        self.acked["leases"] += len(history.leases)
        for how in self.calls:
            self.calls[how] += history.total(how)
        for what, n in verdict.counts.items():
            for ours in self.counts:
                self.counts[ours] += n if ours in what else 0
        for line in verdict.lines():
            self.say("WRONG " + line)
        self.say("acknowledged: %d reports, %d decisions, %d leases; log of %d entries, %d checkpoints seen" % (
            len(history.reports), len(history.decisions), len(history.leases), len(verdict.entries),
            len(one.checkpoints)))
        self.say("calls: " + ", ".join("%s %s %d" % (*key, n) for key, n in sorted(history.counts.items())))
        return verdict

    def found(self, one, most=400):
        """A sample of what was acknowledged must come back over the API, its body as its digest says."""
        ids = sorted(one.history.reports.values())
        for report in self.rng.sample(ids, min(most, len(ids))):
            status, text = one.get("/v1/reports/" + report, "partner")
            if status != 200 or json.loads(text)["report"] != report:
                self.wrong.append(("I1 lost", "GET of the acknowledged report %s gave %s" % (report, status)))

    def run(self, function):
        begun, skipped = time.monotonic(), None
        try:
            function(self)
        except Skip as reason:
            skipped = str(reason)
        except Exception as failure:            # pylint: disable=broad-except
            traceback.print_exc()
            self.wrong.append(("broken", "%s: %s" % (type(failure).__name__, str(failure)[:2000])))
        for one in self.beds:
            one.clear()
        for tidy in reversed(self.at_end):
            tidy()
        names = sorted({oracle for oracle, _ in self.wrong})
        for oracle, sentence in self.wrong[:20]:
            self.say("WRONG %s: %s" % (oracle, sentence))
        if self.args.keep or (self.wrong and not skipped):
            for i, one in enumerate(self.beds):
                one.history.write(os.path.join(self.folder, "history-%d.jsonl" % i))
            self.say("left in " + self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        print("RESULT " + json.dumps({
            "cell": self.name, "fault": self.fault, "seed": self.seed, "runs": self.runs, "skipped": skipped,
            "acked": self.acked, "calls": self.calls, "counts": self.counts, "oracles": names,
            "wrong": ["%s: %s" % one for one in self.wrong[:20]], "note": "; ".join(self.notes),
            "seconds": round(time.monotonic() - begun, 1)}), flush=True)
        return 77 if skipped else 1 if self.wrong else 0
