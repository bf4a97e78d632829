# SPDX-License-Identifier: Apache-2.0
"""Versions of the published policy: a new one begins on its day, old ones stay readable, and what was in
force is never another text."""
import datetime
import os
import signal
import time

from wire import call


def versions(service):
    return call(service.port, "GET", "/v1/policies/versions").json()["versions"]


def publish(service, name, version, effective, consultation, old="policy.yaml"):
    """A copy of a version with other words in its head."""
    folder = os.path.join(service.config, "policy")
    with open(os.path.join(folder, old), encoding="utf-8") as file:
        text = file.read()
    start, end = text.index("policy:"), text.index("# Clauses")
    head = "policy:\n  version: '%s'\n  effective: %s\n  publisher: p\n  url: https://p.example\n  language: en\n%s\n" % (
        version, effective, "  consultation: '%s'\n" % consultation if consultation is not None else "")
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.write(text[:start] + head + text[end:])
    return os.path.join(folder, name)


def until(what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.1)
    return False


def states(service):
    return {one["version"]: one["state"] for one in versions(service)}


def policy_entries(service):
    lines = call(service.port, "GET", "/v1/audit/entries?type=policy", service.keys["auditor"])
    return [item.get("entry", item) for item in lines.json()["entries"]]


def refused(service, path, code):
    """`check` names it, SIGHUP keeps what runs."""
    before, lines = versions(service), len(service.log_lines())
    done = service.cli("check")
    said = (done.stdout + done.stderr).decode()
    wrong = [] if done.returncode == 78 and code in said else ["check: %d %s" % (done.returncode, said)]
    service.signal(signal.SIGHUP)
    if not until(lambda: any(code in line for line in service.log_lines()[lines:])):
        wrong.append("the log does not name %s" % code)
    return wrong + ([] if versions(service) == before else ["other versions run"])


def without_consultation(service):
    path = publish(service, "next.yaml", "next", "2026-11-20", None)
    wrong = refused(service, path, "FIELD_MISSING")
    publish(service, "next.yaml", "next", "2026-11-20", " - ")
    wrong += refused(service, path, "POLICY_CONSULTATION")
    os.unlink(path)
    return wrong


def changed_in_place(service):
    path = os.path.join(service.config, "policy", "policy.yaml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as out:
        out.write(text.replace("Recruitment for violent groups", "Recruitment for groups"))
    wrong = refused(service, path, "POLICY_CHANGED")
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    os.rename(path, path + ".away")
    wrong += refused(service, path, "POLICY_FILES")
    os.rename(path + ".away", path)
    return wrong


def a_new_version(service):
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
    publish(service, "soon.yaml", "soon", "'%s'" % soon, "A user council, minutes at p.example/1")
    service.signal(signal.SIGHUP)
    wrong = []
    if not until(lambda: states(service).get("soon") == "announced", 5):
        wrong.append("not announced: %s" % states(service))
    wrong += [] if call(service.port, "GET", "/v1/policies").json()["policy"]["version"] == "2026-11" else ["too early"]
    wrong += [] if call(service.port, "GET", "/v1/policies?version=soon").json()["policy"]["version"] == "soon" else ["not served"]
    if not until(lambda: states(service) == {"2026-11": "superseded", "soon": "in_force"}):
        return wrong + ["it never began: %s" % states(service)]
    old = call(service.port, "GET", "/v1/policies?version=2026-11").json()
    wrong += [] if old["policy"]["version"] == "2026-11" else ["the old version is gone"]
    at = call(service.port, "GET", "/v1/policies?at=2026-11-02T00:00:00Z").json()
    wrong += [] if at["digest"] == old["digest"] else ["at: another version"]
    both = versions(service)
    wrong += [] if both[0]["in_force_until"] == both[1]["in_force_since"] else ["a gap: %s" % both]
    if not until(lambda: any(e.get("version") == "soon" for e in policy_entries(service))):
        return wrong + ["no entry: %s" % policy_entries(service)]
    entry = [e for e in policy_entries(service) if e.get("version") == "soon"][0]
    wrong += [] if entry["consultation"].startswith("A user council") and entry["supersedes"] == old["digest"] else [str(entry)]
    return wrong


def withdrawn(service):
    path = os.path.join(service.config, "policy", "soon.yaml")
    os.rename(path, path + ".away")
    wrong = refused(service, path, "POLICY_WITHDRAWN")
    os.rename(path + ".away", path)
    publish(service, "back.yaml", "back", "2026-11-02", "none")
    wrong += refused(service, path, "POLICY_ORDER")
    os.unlink(os.path.join(service.config, "policy", "back.yaml"))
    os.unlink(os.path.join(service.config, "policy", "policy.yaml"))    # an old version needs no file any more
    service.signal(signal.SIGHUP)
    return wrong + ([] if until(lambda: service.cli("check").returncode == 0) and
                    call(service.port, "GET", "/v1/policies?version=2026-11").status == 200 else ["the old version is gone"])


def bad_questions(service):
    wrong = []
    for query, status, code in (("version=none-such", 404, "NOT_FOUND"), ("at=2001-01-01T00:00:00Z", 404, "NOT_FOUND"),
                                ("at=yesterday", 400, "QUERY_VALUE"), ("version=2026-11&at=2026-11-02T00:00:00Z", 400, "QUERY_VALUE")):
        answer = call(service.port, "GET", "/v1/policies?" + query)
        wrong += [] if (answer.status, answer.code()) == (status, code) else ["%s: %s" % (query, answer)]
    return wrong


def run(suite):
    service = suite.new_service("policies", own_config=True)
    suite.guard("policies: no version without saying who was consulted", lambda: without_consultation(service))
    suite.guard("policies: a version that is in force is never another text", lambda: changed_in_place(service))
    suite.guard("policies: a new version begins at its time, is logged, and the old one stays", lambda: a_new_version(service))
    suite.guard("policies: what is in force cannot be taken away, what was can", lambda: withdrawn(service))
    suite.guard("policies: questions for no version are refused", lambda: bad_questions(service))
