# SPDX-License-Identifier: Apache-2.0
"""What auditors take with them: statements of reasons only for what took effect, decisions as rows, and the
numbers, over HTTP as on the command line."""
import csv
import io
import json
import os
import shutil

from case_file import Run
from generated.log_files import settle
from generated.webhooks import need
from receiver import Receiver
from wire import call

STATE = ('{"origin": {"kind": "gov_referral_unit", "good_faith": true, "state_actor": {"country": "FR", "authority": "A Unit", '
         '"power": "referral", "court": false, "alleged": "terms", "provision": "policy/4.2", '
         '"received_at": "2025-11-20T19:40:00Z", "disclosure": "allowed"}}}')


def decide(service, run, name, second=None):
    run.do_report(name, "from 01-clear-hit" + (" + " + STATE if second else ""))
    run.do_claim(name, "by reviewer")
    run.do_decide(name, "by reviewer from 01-clear-hit.decision")
    run.do_publish(name, "")
    if second:
        need(run.values[name + ".decision"] not in puids(service), "a statement before the second person answered")
        run.do_second(name, "by senior " + second)
        run.do_publish(name, "")
    return run.values[name + ".decision"]


def export(service, form, more=""):
    settle(service)
    return call(service.port, "GET", "/v1/audit/export?format=" + form + more, service.keys["auditor"])


def puids(service):
    return [json.loads(line).get("puid") for line in export(service, "dsa").body.splitlines()]


def statements_for_what_took_effect(service):
    run = Run(service, "exports")
    plain, agreed, rejected = decide(service, run, "p"), decide(service, run, "a", "agree"), decide(service, run, "r", "disagree")
    found = puids(service)
    need([found.count(one) for one in (plain, agreed, rejected)] == [1, 1, 0], [plain, agreed, rejected])
    need(len(found) == len(set(found)), "a puid twice")
    cli = service.cli("report", "dsa", "--log", os.path.join(service.state, "audit", "log"), config=False)
    need([json.loads(line)["puid"] for line in cli.stdout.splitlines()] == [one for one in found if one], cli.stderr)
    late = export(service, "dsa", "&from=2037-01-01").body
    need(late == b"", late)


def decisions_as_rows(service):
    rows = list(csv.DictReader(io.StringIO(export(service, "decisions-csv").body.decode("utf-8"))))
    lines = [json.loads(line) for line in export(service, "decisions-jsonl").body.splitlines()]
    need(rows and [row["decision"] for row in rows] == [line["decision"] for line in lines], "%d and %d" % (len(rows), len(lines)))
    need(all(len(row["reviewer"]) == 32 and row["reviewer"] == line["reviewer"] for row, line in zip(rows, lines)), rows[0])
    need(not any(cell[:1] in tuple("=+-@\t\r") for row in rows for cell in row.values() if cell), "a formula")
    cli = service.cli("audit", "export", "--log", os.path.join(service.state, "audit", "log"), "--format", "decisions-csv", config=False)
    need(cli.stdout == export(service, "decisions-csv").body, cli.stderr)
    need(export(service, "xls").status == 400, "an unknown format")


def numbers_are_those_of_the_command_line(service):
    settle(service)
    over = call(service.port, "GET", "/v1/transparency?from=2026-01-01&to=2036-01-01", service.keys["auditor"])
    cli = service.cli("report", "transparency", "--log", os.path.join(service.state, "audit", "log"), "--from", "2026-01-01",
                      "--to", "2036-01-01", config=False)
    need(over.status == 200 and over.json() == json.loads(cli.stdout), str(over))
    copy, parts = os.path.join(service.folder, "log-of-another"), os.path.join(service.folder, "parts")
    shutil.copytree(os.path.join(service.state, "audit", "log"), copy)
    os.makedirs(parts)
    elsewhere = service.cli("report", "transparency", "--log", copy, "--from", "2026-01-01", "--to", "2036-01-01", "--out", parts,
                            config=False)
    need(json.loads(elsewhere.stdout) == over.json(), elsewhere.stderr)
    names = sorted(os.listdir(parts))
    need(len([name for name in names if name.endswith(".csv")]) == 11, names)
    for query in ("?from=2026-01-02&to=2026-01-01", "?from=x", "?since=2026-01-01"):
        answer = call(service.port, "GET", "/v1/transparency" + query, service.keys["auditor"])
        need((answer.status, answer.code()) == (400, "QUERY_VALUE"), str(answer))


def statements_are_sent_once(service):
    """A stand-in for the database: its first answer is lost after it has stored the batch."""
    receiver, stored = Receiver(), []

    def database(handler):
        sent = [one["puid"] for one in receiver.messages[-1].json()["statements"]]
        known = [one for one in sent if one in stored]
        if handler.headers["Authorization"] != "Bearer a token" or len(sent) > 100:
            return (401, {}, b"")
        if known:
            return (422, {}, json.dumps({"message": "x", "errors": {"existing_puids": known}}).encode())
        if len(sent) > 1 and not stored:
            stored.extend(sent[:1])
            return (500, {}, b"")
        stored.extend(sent)
        return (201, {}, b"{}")
    receiver.plan("/api/v1/statements", database)
    token = os.path.join(service.folder, "dsa-token")
    with open(token, "w", encoding="utf-8") as out:
        out.write("a token\n")
    os.chmod(token, 0o600)
    due = sorted(one for one in puids(service) if one)
    args = ("report", "dsa", "--send", "--endpoint", receiver.url("/api/v1/statements"), "--token-file", token)
    first = service.cli(*args)
    need(first.returncode == 0 and len(due) > 1 and sorted(stored) == due, first.stderr.decode())
    before = len(receiver.messages)
    again = service.cli(*args)
    need(again.returncode == 0 and len(receiver.messages) == before, again.stderr.decode())
    receiver.stop()


def sending_is_refused(service):
    """Each refusal ends with exit 1, its code, and nothing kept as sent that was not stored."""
    receiver = Receiver()
    token = os.path.join(service.folder, "dsa-token-2")
    with open(token, "w", encoding="utf-8") as out:
        out.write("a token\n")
    os.chmod(token, 0o600)
    due = sorted(one for one in puids(service) if one)

    def send(name, plan, *more):
        receiver.plan("/" + name, plan)
        sent = os.path.join(service.folder, "sent-" + name)
        done = service.cli("report", "dsa", "--send", "--endpoint", receiver.url("/" + name), "--token-file", token, "--sent", sent,
                           *more)
        kept = []
        if os.path.exists(sent):
            with open(sent, encoding="utf-8") as file:
                kept = sorted(file.read().split())
        return done, kept, sum(1 for one in receiver.messages if one.path == "/" + name)

    def names_one(handler):
        sent = [one["puid"] for one in receiver.messages[-1].json()["statements"]]
        if due[0] in sent:
            return (422, {}, json.dumps({"errors": {"statement_%d" % sent.index(due[0]): {"category": ["is wrong"]}}}).encode())
        return (201, {}, b"{}")

    tries = []

    def busy_once(handler):
        tries.append(1)
        return (429, {}, b"") if len(tries) == 1 else (201, {}, b"{}")

    plain = service.cli("report", "dsa", "--send")
    need(plain.returncode == 2 and b"dsa.endpoint" in plain.stderr, plain.stderr)
    done, kept, count = send("none", lambda handler: (201, {}, b"{}"), "--token-file", token + ".missing")
    need(done.returncode == 1 and b"FILE_" in done.stderr and not kept and count == 0, done.stderr)
    for name, status, body in (("401", 401, b""), ("404", 404, b""), ("302", 302, b""), ("silent", 422, b"{}"), ("text", 422, b"no")):
        done, kept, count = send(name, lambda handler, s=status, b=body: (s, {}, b))
        need(done.returncode == 1 and b"DSA_SEND_ANSWER" in done.stderr and not kept and count == 1, (name, done.stderr, kept, count))
    done, kept, count = send("names", names_one)
    need(done.returncode == 1 and due[0].encode() in done.stderr and kept == due[1:] and count == 2, (done.stderr, kept))
    done, kept, count = send("busy", busy_once)
    need(done.returncode == 0 and kept == due and count == 2, (done.stderr, kept))
    receiver.stop()


def run(suite):
    service = suite.service()
    for test in (statements_for_what_took_effect, decisions_as_rows, numbers_are_those_of_the_command_line, statements_are_sent_once,
                 sending_is_refused):
        suite.guard("exports: " + test.__name__.replace("_", " "), lambda one=test: one(service))
