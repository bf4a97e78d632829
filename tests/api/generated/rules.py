# SPDX-License-Identifier: Apache-2.0
"""PUT /v1/rules and POST /v1/rules/backtest: whole or not at all, and what was put stays."""
import json
import os
import signal
import threading
import time

from wire import call

SOUND = "- id: %s\n  policy: policy/4.2\n  when: report.category == \"manifesto\"\n  then: {queue: %s, severity: 2, due: 2h}\n" \
        "  examples:\n    - {matches: true, report: {category: manifesto}}\n    - {matches: false, report: {category: training}}\n"
SHADOW = "- id: watched\n  policy: policy/4.2\n  mode: shadow\n  when: 'true'\n  then: {queue: everything, severity: 4}\n  examples: [{matches: true}]\n"
BROKEN = "- id: broken\n  policy: policy/4.2\n  when: report.no_such_fact == 1\n  then: {queue: x}\n  examples: [{matches: true}]\n"


class Bench:
    def __init__(self, service):
        self.service = service
        self.folder = os.path.join(service.config, "rules")

    def call(self, method, path, body=None, headers=None, who="admin"):
        return call(self.service.port, method, path, self.service.keys[who], body, headers)

    def files(self):
        names = sorted(name for name in os.listdir(self.folder) if name.endswith(".yaml"))
        return [{"name": name, "yaml": self.text(name)} for name in names]

    def text(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def tag(self):
        return self.call("GET", "/v1/rules").header("ETag")

    def put(self, files, tag=None, **more):
        headers = dict({"If-Match": tag} if tag else {}, **more)
        return self.call("PUT", "/v1/rules", {"files": files}, headers)

    def ready(self):
        return call(self.service.port, "GET", "/readyz").json()

    def verdict(self):
        body = {"content": {"id": "x", "type": "post", "text": "A text."}, "category": "manifesto",
                "origin": {"kind": "user_terms_flag"}}
        return self.call("POST", "/v1/check", body, who="partner").json()["verdict"]


def expect(answer, status, code=None):
    return [] if answer.status == status and answer.code() == code else ["wanted %s %s: %s" % (status, code, answer)]


def preconditions(b):
    before = b.ready()
    wrong = expect(b.put(b.files()), 428, "PRECONDITION_REQUIRED")
    wrong += expect(b.put(b.files(), "*"), 428, "PRECONDITION_REQUIRED")
    wrong += expect(b.put(b.files(), '"' + "0" * 64 + '"'), 412, "RULES_STALE")
    wrong += expect(b.put(b.files(), before["rules"]), 412, "RULES_STALE")
    wrong += expect(b.call("PUT", "/v1/rules", {"files": []}, {"If-Match": b.tag()}), 422, "FIELD_COUNT")
    wrong += expect(b.call("PUT", "/v1/rules", "- id: x", {"If-Match": b.tag(), "Content-Type": "text/plain"}), 415, "CONTENT_TYPE")
    wrong += expect(b.put([{"name": "../a.yaml", "yaml": ""}], b.tag()), 422, "RULE_FILE_NAME")
    wrong += expect(b.call("PUT", "/v1/rules", {"files": b.files()}, {"If-Match": b.tag()}, who="reviewer"), 403, "ROLE_FORBIDDEN")
    return wrong + ([] if b.ready() ["rules"] == before["rules"] else ["other rules run"])


def mistakes(b):
    before, files = b.ready(), b.files()
    answer = b.put(files + [{"name": "zz.yaml", "yaml": BROKEN}], b.tag())
    wrong = expect(answer, 422, "RULE_WHEN")
    places = [e["pointer"] for e in answer.json().get("errors", [])]
    wrong += [] if places == ["zz.yaml:3:9"] else ["the places are %s" % places]
    return wrong + ([] if b.ready()["rules"] == before["rules"] and b.files() == files else ["something changed"])


def takes_over(b):
    words = ["# a comment stays\n" + SOUND % ("tests-own", "tests-own")]
    answer = b.put(b.files() + [{"name": "tests-own.yaml", "yaml": words[0]}], b.tag())
    wrong = expect(answer, 200)
    digest = answer.json().get("digest")
    wrong += [] if answer.json().get("changed") is answer.json().get("rewritten") is True else [str(answer)]
    wrong += [] if b.ready()["rules"] == digest and answer.header("ETag") == '"%s"' % digest else ["another digest runs"]
    for _ in range(8):              # both workers
        verdict = b.verdict()
        wrong += [] if verdict["queue"] == "tests-own" and verdict["snapshot"] == answer.json()["snapshot"] else [str(verdict)]
    wrong += [] if b.text("tests-own.yaml") == words[0] else ["the file is not as it was put"]
    wrong += [] if os.path.exists(os.path.join(b.folder, "README.md")) else ["README.md is gone"]
    return wrong + [] if sorted(os.listdir(b.folder))[0][0] != "." else wrong + ["left over: %s" % os.listdir(b.folder)]


def comment_only(b):
    """The same rules in other words: said so, and not an entry."""
    lines = len(b.service.log_lines())
    files = [dict(one, yaml=one["yaml"] + "# another comment\n") if one["name"] == "tests-own.yaml" else one for one in b.files()]
    first, second = b.put(files, b.tag()), b.put(files, b.tag())
    wrong = expect(first, 200) + expect(second, 200)
    said = [(a.json()["changed"], a.json()["rewritten"]) for a in (first, second)]
    wrong += [] if said == [(False, True), (False, False)] else [str(said)]
    wrong += [] if b.text("tests-own.yaml").endswith("# another comment\n") else ["the comment is not there"]
    b.service.wait_log("the rules folder has other words; the rules they make are the same", 10, lines)
    b.service.wait_log("the rules that came are those that run", 10, lines)
    return wrong


def logged(b):
    until, digest = time.monotonic() + 20, b.ready()["rules"]
    while time.monotonic() < until:
        entries = b.call("GET", "/v1/audit/entries?type=rules", who="auditor").json()["entries"]
        found = [e["entry"] for e in entries if e["entry"]["digest"] == digest]
        if found:
            return [] if len(found) == 1 and len(found[0]["actor"]) == 32 else [str(found)]
        time.sleep(0.1)
    return ["no entry names the rules that run"]


def stays(b):
    digest, lines = b.ready()["rules"], len(b.service.log_lines())
    b.service.signal(signal.SIGHUP)
    b.service.wait_log("snapshot built", 20, lines)
    wrong = [] if b.ready()["rules"] == digest else ["SIGHUP took other rules"]
    wrong += b.service.stop()
    lines = len(b.service.log_lines())
    b.service.start()
    b.service.port = b.service.wait_log("serving", 60, lines)["port"]
    until = time.monotonic() + 20
    while b.ready().get("rules") is None and time.monotonic() < until:
        time.sleep(0.05)
    return wrong + ([] if b.ready()["rules"] == digest else ["a restart took other rules"])


def edited(b):
    path, files, tag = os.path.join(b.folder, "tests-own.yaml"), b.files(), b.tag()
    before = b.text("tests-own.yaml")
    with open(path, "w", encoding="utf-8") as out:
        out.write(SOUND % ("tests-own", "edited"))
    wrong = expect(b.put(files, tag), 409, "RULES_FOLDER_CHANGED")
    wrong += [] if "edited" in b.text("tests-own.yaml") else ["the edit is lost"]
    with open(path, "w", encoding="utf-8") as out:
        out.write(before)
    return wrong


def read_only(b):
    before, files = b.ready()["rules"], b.files()
    path = os.path.join(b.folder, ".next")      # what no permission would keep from root
    with open(path, "w", encoding="utf-8"):
        answer = b.put(files + [{"name": "zz.yaml", "yaml": SOUND % ("zz", "zz")}], b.tag())
    os.unlink(path)
    return expect(answer, 409, "RULES_READ_ONLY") + ([] if b.ready()["rules"] == before and b.files() == files else ["something changed"])


def race(b):
    tag, base, answers = b.tag(), b.files(), []
    threads = [threading.Thread(target=lambda n=n: answers.append(b.put(base + [{"name": "r%d.yaml" % n, "yaml": SOUND % ("r%d" % n, "r")}], tag)))
               for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [answer for answer in answers if answer.status == 200]
    others = [answer.code() for answer in answers if answer.status != 200]
    wrong = [] if len(won) == 1 and set(others) <= {"RULES_STALE", "RULES_BUSY"} else ["%d won, %s" % (len(won), others)]
    return wrong + ([] if won and b.ready()["rules"] == won[0].json()["digest"] else ["another digest runs"])


def one_file(b):
    answer = b.call("PUT", "/v1/rules", SOUND % ("only", "only"), {"If-Match": b.tag(), "Content-Type": "application/yaml"})
    names = [file["name"] for file in b.files()]
    return expect(answer, 200) + ([] if names == ["rules.yaml"] else ["the folder holds %s" % names])


def report(b, n, language):
    body = {"content": {"id": "bt-%d" % n, "type": "post", "text": "A secret text.", "language": language}, "category": "manifesto",
            "origin": {"kind": "user_terms_flag"}}
    answer = b.call("POST", "/v1/reports", body, {"Idempotency-Key": '"bt-%d"' % n}, who="partner")
    if answer.status != 202:
        raise RuntimeError(str(answer))


def backtest(b):
    for n in range(30):
        report(b, n, "de" if n % 3 else "fr")
    before = b.ready()
    answer = b.call("POST", "/v1/rules/backtest", {"limit": 20, "files": [
        {"name": "a.yaml", "yaml": SOUND % ("moved", "elsewhere")}, {"name": "b.yaml", "yaml": SHADOW}]})
    wrong, got = expect(answer, 200), answer.json()
    if wrong:
        return wrong
    facts = {"reports": 20, "changed": 20, "changes": {"moved": 20}, "complete": True}
    wrong += ["%s is %s" % (k, got.get(k)) for k, v in facts.items() if got.get(k) != v]
    wrong += [] if got["by_rule"]["moved"] == {"before": 0, "after": 20, "changed": 20, "changes": {"moved": 20}, "after_mode": "live"} else [str(got["by_rule"])]
    wrong += [] if got["by_language"]["de"]["reports"] + got["by_language"]["fr"]["reports"] == 20 else [str(got["by_language"])]
    wrong += [] if got["by_origin"]["user_terms_flag"]["changed"] == 20 and 0 < len(got["examples"]) <= 20 else ["origins, examples"]
    wrong += [] if got["shadow"]["changes"]["moved"] == 20 and "secret" not in json.dumps(got) else [str(got["shadow"])]
    wrong += expect(b.call("POST", "/v1/rules/backtest", {"files": [{"name": "a.yaml", "yaml": BROKEN}]}), 422, "RULE_WHEN")
    wrong += expect(b.call("POST", "/v1/rules/backtest", {"limit": 10001, "files": [{"name": "a.yaml", "yaml": SHADOW}]}), 422, "FIELD_RANGE")
    return wrong + ([] if b.ready()["snapshot"] == before["snapshot"] else ["a backtest changed what runs"])


def one_at_a_time(b):
    files, answers = [{"name": "a.yaml", "yaml": SOUND % ("moved", "elsewhere")}], []
    threads = [threading.Thread(target=lambda: answers.append(b.call("POST", "/v1/rules/backtest", {"files": files}))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = sorted({(answer.status, answer.code()) for answer in answers}, key=str)
    wrong = [] if (200, None) in codes and set(codes) <= {(200, None), (409, "BACKTEST_RUNNING")} else [str(codes)]
    return wrong + expect(b.call("POST", "/v1/rules/backtest", {"files": files}), 200)


def commands(b):
    path = os.path.join(b.service.folder, "candidate.yaml")
    with open(path, "w", encoding="utf-8") as out:
        out.write(SOUND % ("moved", "elsewhere"))
    wrong = []
    done = b.service.cli("rules", "backtest", "--json", "--limit", "10", path)
    if done.returncode != 0 or json.loads(done.stdout)["changes"] != {"moved": 10}:
        wrong.append("backtest: %d %s %s" % (done.returncode, done.stdout[:300], done.stderr))
    done = b.service.cli("rules", "test", path)
    if done.returncode != 0 or b"2 passed, 0 failed" not in done.stdout:
        wrong.append("test: %d %s %s" % (done.returncode, done.stdout, done.stderr))
    with open(path, "w", encoding="utf-8") as out:
        out.write((SOUND % ("moved", "elsewhere")).replace("{matches: false", "{matches: true"))
    done = b.service.cli("rules", "test", path)
    if done.returncode != 78 or b"BAD" not in done.stdout or b"candidate.yaml:7:" not in done.stderr:
        wrong.append("a bad example: %d %s %s" % (done.returncode, done.stdout, done.stderr))
    return wrong


def run(suite):
    if not suite.wanted("rules: "):
        return
    b = Bench(suite.new_service("rules", own_config=True))
    for name, test in (
            ("PUT needs the digest that runs, a good body and an admin", preconditions),
            ("a mistake is named by file, line and column, and nothing changes", mistakes),
            ("what is put runs on every worker and stands in the folder", takes_over),
            ("a comment alone is kept and said to change nothing", comment_only),
            ("the log has one entry with its digest and the actor's pseudonym", logged),
            ("SIGHUP and a restart keep it", stays),
            ("an edit that nobody loaded is not overwritten", edited),
            ("a folder that cannot be written is refused and nothing changes", read_only),
            ("of eight at once one wins", race),
            ("one file as YAML is a whole set", one_file),
            ("a backtest counts by rule, language and origin, and changes nothing", backtest),
            ("one backtest at a time", one_at_a_time),
            ("the command line tests and backtests", commands)):
        suite.guard("rules: " + name, lambda test=test: test(b))
