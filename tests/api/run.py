# SPDX-License-Identifier: Apache-2.0
"""Runs every case file and every generated check against the real program; prints TAP.
    run.py PROGRAM SOURCE [WORD...]      WORD: only tests whose name holds it"""
import importlib
import os
import shutil
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from case_file import Failed, Run      # noqa: E402
from service import Service            # noqa: E402

# What a case file's `service:` line names: settings on top of the sample ones.
PROFILES = {
    "main": {},
    "short-lease": {"review": ["lease: 1s"]},
    "forgetful": {"retention": ["unrestricted: 1s", "rewrite: 3s"]},
    "short-record": {"review": ["full_record: 1s"]},
    "careful": {"care": ["per_hour: 2"]},
    "small-limits": {"limits": ["requests_per_second: 1", "burst: 5", "token_per_minute: 3"], "http": ["body_max: 4KiB", "batch_lines: 3"]},
}
PEOPLE = {"partner": ("partner", "lindenplatz"), "partner2": ("partner", "birkenhof"),
          "reviewer": ("reviewer", "reviewer-1"), "reviewer2": ("reviewer", "reviewer-2"),
          "senior": ("senior", "senior-1"), "senior2": ("senior", "senior-2"),
          "auditor": ("auditor", "auditor-1"), "admin": ("admin", "admin-1"), "metrics": ("metrics", "metrics-1")}
GENERATED = ("role_matrix", "bad_framing", "bad_requests", "batches", "waiting", "hostile", "log_files", "audit_tools",
             "reload", "policies", "rules", "webhooks", "withheld", "orders", "retention", "delisting", "related", "store_user", "exports", "rotation", "bucket", "drain", "rollback")
KEY_POLL_S = 1.0       # the workers look for keys made by the command line every quarter of a second


class Suite:
    def __init__(self, program, source, words):
        self.program, self.source, self.words = program, source, words
        self.folder = tempfile.mkdtemp(prefix="rapporteur-api-")
        self.services = {}
        self.count = self.failed = 0

    def new_service(self, name, changes=None, own_config=False):
        service = Service(self.program, self.source, os.path.join(self.folder, name), changes, own_config)
        self.services[name] = service
        for who, (role, key_name) in PEOPLE.items():
            service.keys[who] = service.make_key(role, key_name)
        time.sleep(KEY_POLL_S)
        return service

    def service(self, name="main"):
        return self.services.get(name) or self.new_service(name, PROFILES[name])

    def wanted(self, name):
        return not self.words or any(word in name for word in self.words)

    def result(self, name, wrong):
        """One TAP line; `wrong` is a list of sentences, or a word after 'skip: '."""
        self.count += 1
        name = name.replace("#", "no.")
        if isinstance(wrong, str):
            print("ok %d - %s # SKIP %s" % (self.count, name, wrong), flush=True)
            return
        print("%s %d - %s" % ("not ok" if wrong else "ok", self.count, name), flush=True)
        for sentence in wrong:
            for line in str(sentence).splitlines():
                print("#   " + line, flush=True)
        self.failed += bool(wrong)

    def note(self, text):
        print("# " + text, flush=True)

    def guard(self, name, test):
        try:
            self.result(name, test() or [])
        except Failed as error:
            self.result(name, [error])
        except Exception:                                   # a mistake of the tests is a failure too
            self.result(name, traceback.format_exc().splitlines())

    def run_case(self, path):
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n") + [""]
        profile = next((line[9:] for line in lines if line.startswith("service: ")), "main")
        Run(self.service(profile), path).run(lines)

    def run(self):
        cases = []
        for folder, _, names in sorted(os.walk(os.path.join(HERE, "cases"))):
            cases += [os.path.join(folder, name) for name in sorted(names) if name.endswith(".case")]
        for path in cases:
            name = os.path.relpath(path, os.path.join(HERE, "cases"))[:-5]
            if self.wanted(name):
                self.guard(name, lambda at=path: self.run_case(at))
        for name in GENERATED:
            if self.wanted(name):
                importlib.import_module("generated." + name).run(self)
        for name, service in self.services.items():
            if service.process.poll() is None:
                self.guard("%s: SIGTERM ends it with exit code 0 and a clean log" % name, service.stop)
            code, said = service.verify()
            self.result("%s: its audit log verifies" % name, [] if code == 0 else [said])
            self.note(said)
        print("1..%d" % self.count)

    def end(self):
        for service in self.services.values():
            if service.process.poll() is None:
                service.process.kill()
                service.process.wait()
        if os.environ.get("KEEP"):
            self.note("kept " + self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def main():
    suite = Suite(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:])
    try:
        suite.run()
    finally:
        suite.end()
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
