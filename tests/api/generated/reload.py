# SPDX-License-Identifier: Apache-2.0
"""SIGHUP takes over all or nothing; `rapporteur check` names a mistake by file, line and column."""
import os
import re
import signal
import time

from wire import call

BAD = "- id: tests-own\n  about: A fact that no report has.\n  policy: policy/4.2\n  when: report.no_such_fact == 1\n" \
      "  then: {queue: tests-own}\n  examples:\n    - {matches: true, report: {category: manifesto}}\n"
GOOD = "- id: tests-own\n  about: A manifesto.\n  policy: policy/4.2\n  when: report.category == \"manifesto\"\n  then: {queue: tests-own, severity: 2, due: 2h}\n" \
       "  examples:\n    - {matches: true, report: {category: manifesto}}\n    - {matches: false, report: {category: training}}\n"


def ready(service):
    return call(service.port, "GET", "/readyz").json()


def bad_rules(service, path):
    before, lines = ready(service), len(service.log_lines())
    with open(path, "w", encoding="utf-8") as out:
        out.write(BAD)
    service.signal(signal.SIGHUP)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        said = [line for line in service.log_lines()[lines:] if "tests-own.yaml" in line]
        if said:
            break
        time.sleep(0.05)
    wrong = [] if said and re.search(r"tests-own\.yaml:4:", said[0]) else service.log_lines()[lines:] + ["no line of the log names the file and line"]
    return wrong + ([] if ready(service)["snapshot"] == before["snapshot"] else ["another snapshot runs"])


def good_rules(service, path):
    before = ready(service)
    with open(path, "w", encoding="utf-8") as out:
        out.write(GOOD)
    service.signal(signal.SIGHUP)
    until = time.monotonic() + 20
    while ready(service)["rules"] == before["rules"]:
        if time.monotonic() > until:
            return ["the digest is the old one after 20 s"] + service.log_lines()[-5:]
        time.sleep(0.05)
    body = {"content": {"id": "x", "type": "post", "text": "A text."}, "category": "manifesto", "origin": {"kind": "user_terms_flag"}}
    wrong = []
    for _ in range(8):              # both workers
        answer = call(service.port, "POST", "/v1/check", service.keys["partner"], body)
        wrong += [] if answer.json()["verdict"]["queue"] == "tests-own" else [str(answer)]
    return wrong


def bad_setting(service):
    wrong = []
    with open(service.settings, encoding="utf-8") as file:
        text = file.read()
    path = service.settings + ".bad.yaml"
    with open(path, "w", encoding="utf-8") as out:
        out.write(text.replace("  workers: 2", "  wokrers: 2"))
    for command in ("check", "serve"):
        done = service.cli(command, "--config", path, config=False)
        said = (done.stdout + done.stderr).decode()
        if done.returncode != 78 or not re.search(re.escape(path) + r":\d+:\d+", said) or "workers" not in said:
            wrong.append("%s: exit %d: %s" % (command, done.returncode, said))
    for url, sentence in (("rediss://127.0.0.1:6379", "no TLS"), ("redis://127.0.0.1:70000", "port")):
        with open(path, "w", encoding="utf-8") as out:
            out.write(text.replace("url: embedded", "url: " + url))
        done = service.cli("check", "--config", path, config=False)
        said = done.stderr.decode()
        if done.returncode != 78 or "store.url" not in said or "STORE_URL" not in said or sentence not in said:
            wrong.append("%s: exit %d: %s" % (url, done.returncode, said))
    good = service.cli("check")
    return wrong + ([] if good.returncode == 0 else ["the good settings: %s" % good.stderr])


def run(suite):
    service = suite.new_service("reload", own_config=True)
    path = os.path.join(service.config, "rules", "tests-own.yaml")
    suite.guard("reload: a bad rules file keeps what runs and the log says where", lambda: bad_rules(service, path))
    suite.guard("reload: a good change is taken over by every worker", lambda: good_rules(service, path))
    suite.guard("reload: an unknown setting is exit 78 with file, line, column and the nearest name", lambda: bad_setting(service))
