# SPDX-License-Identifier: Apache-2.0
"""A log is closed and another begun: what was promised before still holds, numbers and receipts with it."""
import json
import os
import shutil
import signal

from case_file import Run
from generated.exports import decide
from generated.log_files import check_receipt, settle
from generated.rollback import published, report
from generated.webhooks import need
from wire import call

FIRST, SECOND, THIRD = ("example.org/audit/" + name for name in ("2026q4", "2027q1", "2027q2"))


def audit(origin, *more):
    return {"audit": ["origin: " + origin] + list(more)}


def stop(service):
    wrong = service.stop()
    need(wrong == [], wrong)


def numbers(service):
    settle(service)
    return call(service.port, "GET", "/v1/transparency?from=2020-01-01&to=2099-01-01", service.keys["auditor"]).json()


def lines(service, path):
    settle(service)
    return call(service.port, "GET", path, service.keys["auditor"]).body.splitlines()


def entry_of(line):
    """The very bytes of the entry in a line of the export."""
    return line[len(b'{"entry":'):line.rindex(b',"index":')]


def receipts(service):
    """Each decision of the export is proven under the checkpoint of the log that the line names."""
    count, logs = 0, set()
    for line in lines(service, "/v1/audit/export"):
        one = json.loads(line)
        if one["entry"]["type"] != "decision":
            continue
        got = call(service.port, "GET", "/v1/decisions/%s/receipt" % one["entry"]["decision"], service.keys["auditor"])
        need(got.status == 200, str(got))
        index, good = check_receipt(got.body.decode(), entry_of(line))
        need(good and index == one["index"], "%s: %s" % (one["entry"]["decision"], got))
        origin = got.body.decode().partition("\n\n")[2].split("\n")[0]
        need(one.get("log") in (None, origin.split("/")[-1]), "%s in %s" % (one.get("log"), origin))
        logs.add(origin)
        count += 1
    return count, logs


def cursors(service):
    """Pages over all logs give every entry once."""
    settle(service)
    seen, path = [], "/v1/audit/entries?limit=200"
    while path:
        page = call(service.port, "GET", path, service.keys["auditor"]).json()
        seen += [(one["log"], one["index"]) for one in page["entries"]]
        path = "cursor" in page and "/v1/audit/entries?limit=200&cursor=" + page["cursor"]
    need(len(seen) == len(set(seen)) and seen[0][1] == 0, "%d entries, %d of them different" % (len(seen), len(set(seen))))
    exported = [json.loads(line) for line in lines(service, "/v1/audit/export")]
    need(seen == [(one["log"], one["index"]) for one in exported][:len(seen)], "pages and export differ")


def served(service):
    """Every log under its name, byte for byte as in its folder; the newest one also without."""
    for name, folder in (("2026q4", ""), ("2027q1", "2027q1")):
        log = os.path.join(service.state, "audit", folder, "log")
        for path in ("checkpoint", "vkey", next(os.path.join("tile", "0", at) for at in os.listdir(os.path.join(log, "tile", "0")))):
            if os.path.isdir(os.path.join(log, path)):
                path = os.path.join(path, os.listdir(os.path.join(log, path))[0])
            with open(os.path.join(log, path), "rb") as file:
                want = file.read()
            for prefix in ("/log/%s/" % name, "/log/" if name == "2027q1" else None):
                got = prefix and call(service.port, "GET", prefix + path, service.keys["auditor"])
                need(not got or (got.status == 200 and got.body == want), "%s%s: %s" % (prefix, path, got))
    got = call(service.port, "GET", "/log/2027q3/checkpoint", service.keys["auditor"])
    need((got.status, got.code()) == (404, "NOT_FOUND"), str(got))


def verified(service, *more):
    done = service.cli("audit", "verify", "--json", *more)
    need(done.returncode == 0, done.stdout.decode() + done.stderr.decode())
    return json.loads(done.stdout)


def refused(service, code, *args):
    done = service.cli("audit", *args)
    need(done.returncode == 1 and code.encode() in done.stderr + done.stdout, "%s: %d %s" % (args, done.returncode, done.stderr))


def not_started(service, code):
    done = service.cli("serve")
    need(done.returncode not in (0, None) and code.encode() in done.stderr, "%d %s" % (done.returncode, done.stderr))


def closing(service, run, kept):
    """From 2026q4 to 2027q1: refused while the service runs, and under the old name."""
    kept["decision"] = decide(service, run, "before")
    kept["case"] = run.values["before.case"]
    kept["numbers"], kept["count"] = numbers(service), len(lines(service, "/v1/audit/export"))
    done = service.cli("audit", "shard", "close")
    need(done.returncode == 1 and b"stop it first" in done.stderr, done.stderr)
    stop(service)
    kept["older"] = os.path.join(service.folder, "older")
    shutil.copy(os.path.join(service.state, "audit", "log", "checkpoint"), kept["older"])
    shutil.copytree(service.state, service.state + ".old", ignore=lambda at, names: [n for n in names if n.endswith(".sock")])
    refused(service, "CLOSE_ORIGIN", "shard", "close")
    service.write_settings(audit(SECOND))
    not_started(service, "AUDIT_ORIGIN")                # the name alone begins no log
    done = service.cli("audit", "shard", "close", "--json")
    need(done.returncode == 0, done.stderr)
    told = json.loads(done.stdout)
    need(told["closed"] == FIRST and told["begun"] == SECOND and told["vkey"].startswith(SECOND + "+"), told)
    kept["vkey"] = told["vkey"]
    service.write_settings(audit(FIRST))
    not_started(service, "AUDIT_ORIGIN")                # nobody writes on in the old one
    service.write_settings(audit(SECOND))
    service.start()


def going_on(service, run, kept):
    """Cases go on over the end of a log; old receipts hold; the numbers are those of one log."""
    need(numbers(service) == kept["numbers"], "the numbers changed with the log")
    second = decide(service, run, "after")
    need(run.values["after.log_index"] >= kept["count"] - 1, "an index twice")
    count, logs = receipts(service)
    need(count >= 2 and logs == {FIRST, SECOND}, (count, logs))
    need(second != kept["decision"], "one decision")
    found = service.cli("audit", "search", "--case", kept["case"]).stdout.splitlines()
    need(found and all(json.loads(line)["log"] == "2026q4" for line in found), found)
    report = next(json.loads(line)["entry"]["report"] for line in found if b'"type":"report"' in line)
    need(service.cli("audit", "reveal", report).returncode == 0, "a content of the old log is not revealed")
    need(service.cli("audit", "replay", kept["case"]).returncode == 0, "a case of the old log is not replayed")
    done = service.cli("report", "dsa")
    need([json.loads(line)["puid"] for line in done.stdout.splitlines()] == [kept["decision"], second], done.stdout[:300])


def verifying(service, kept):
    """With the key of the newest log alone; an older checkpoint of either log is a beginning of it."""
    settle(service)
    good = verified(service, "--vkey", kept["vkey"], "--older", kept["older"])
    need([one["state"] for one in good["logs"]] == ["closed", "open"] and good["counts"]["log"] == 1, good)
    alone = service.cli("audit", "verify", "--json", "--log", os.path.join(service.state, "audit", "2027q1", "log"), config=False)
    need(alone.returncode == 0, alone.stdout)
    old = service.cli("audit", "verify", "--log", os.path.join(service.state, "audit", "log"), "--older", kept["older"], config=False)
    need(old.returncode == 0, old.stdout)
    for name in ("log/tile/entries/000", "log/tile/0/000"):
        path = os.path.join(service.state, "audit", name)
        path = path if os.path.isfile(path) else os.path.join(path + ".p", max(os.listdir(path + ".p"), key=int))
        with open(path, "r+b") as file:
            byte = file.seek(70) and file.read(1)
            file.seek(70)
            file.write(bytes([byte[0] ^ 1]))
            file.flush()
            done = service.cli("audit", "verify", "--json")
            need(done.returncode == 1 and json.loads(done.stdout)["log"] == "2026q4", done.stdout)
            file.seek(70)
            file.write(byte)
    verified(service)


def killed(service, run, kept):
    """kill -9 with entries on their way; what was acknowledged is in the second log, once."""
    ids = []
    for i in range(20):
        run.do_report("k%d" % i, "from 01-clear-hit")
        ids.append(run.values["k%d.report" % i])
    service.signal(signal.SIGKILL)
    service.process.wait()
    service.start()
    found = [json.loads(line) for line in lines(service, "/v1/audit/export")]
    reports = [one["entry"]["report"] for one in found if one["entry"]["type"] == "report" and one["log"] == "2027q1"]
    need(all(reports.count(one) == 1 for one in ids), "reports lost or doubled")
    verified(service)


def raised(service):
    """A store that lost entries of the later log: it is raised to where all logs together stand."""
    redis = os.path.join(service.state, "redis")
    stop(service)
    shutil.copytree(redis, redis + ".old", ignore=lambda at, names: [n for n in names if n.endswith(".sock")])
    service.start()
    lost = [report(service, "lost-%d" % i) for i in range(3)]
    published(service, lost[-1])
    stop(service)
    shutil.rmtree(redis)
    os.rename(redis + ".old", redis)
    seen = len(service.log_lines())
    service.start()
    said = [line for line in service.log_lines()[seen:] if "its counter was raised" in line]
    again = [report(service, "again-%d" % i) for i in range(2)]
    published(service, again[-1])
    need(len(said) == 1 and min(again) > max(lost), "%s, lost %s, again %s" % (said, lost, again))
    verified(service)


def closed_after_a_kill(service, kept):
    """What the store accepted and no log holds goes into the next log."""
    service.signal(signal.SIGKILL)
    service.process.wait()
    service.write_settings(audit(THIRD))
    done = service.cli("audit", "shard", "close")
    if b"CLOSE_UNPUBLISHED" in done.stderr:             # killed between commit and checkpoint: as it says
        service.write_settings(audit(SECOND))
        service.start()
        settle(service)
        stop(service)
        service.write_settings(audit(THIRD))
        done = service.cli("audit", "shard", "close")
    need(done.returncode == 0, done.stderr)
    service.start()
    cursors(service)
    count, logs = receipts(service)
    need(count >= 2 and logs == {FIRST, SECOND}, (count, logs))
    good = verified(service)
    need([one["state"] for one in good["logs"]] == ["closed", "closed", "open"], good)


def deleting(service, kept):
    """Only when its time is over, the oldest first, and the log in use says so."""
    refused(service, "DELETE_EARLY", "shard", "delete", "2026q4")
    stop(service)
    service.write_settings(audit(THIRD, "keep_days: 0"))
    refused(service, "", "shard", "delete", "2026q4")   # without the service there is nobody to record it
    service.start()
    refused(service, "DELETE_OPEN", "shard", "delete", "2027q2")
    refused(service, "DELETE_ORDER", "shard", "delete", "2027q1")
    refused(service, "DELETE_LOG", "shard", "delete", "2025q1")
    need(service.cli("audit", "shard", "delete", "2026q4").returncode == 0, "the deletion")
    listed = json.loads(service.cli("audit", "shard", "list", "--json").stdout)
    need([one["state"] for one in listed["logs"]] == ["deleted", "closed", "open"] and not listed["whole"], listed)
    for _ in range(200):                                # the command line wrote it, and readiness may not know of it yet
        found = [json.loads(line) for line in lines(service, "/v1/audit/export")]
        if any(one["entry"].get("action") == "delete" and one["entry"]["type"] == "log" for one in found):
            break
    need({one["log"] for one in found} == {"2027q1", "2027q2"}, "entries of a deleted log")
    said = [one["entry"] for one in found if one["entry"]["type"] == "log" and one["entry"]["action"] == "delete"]
    need(len(said) == 1 and said[0]["log"] == FIRST and said[0]["size"] == listed["logs"][0]["size"], said)
    got = call(service.port, "GET", "/v1/decisions/%s/receipt" % kept["decision"], service.keys["auditor"])
    need((got.status, got.code()) == (410, "LOG_DELETED"), str(got))
    got = call(service.port, "GET", "/v1/transparency?from=2020-01-01&to=2099-01-01", service.keys["auditor"])
    need((got.status, got.code()) == (410, "LOG_DELETED"), str(got))
    begun = next(one["entry"]["at"] for one in found if one["log"] == "2027q1")
    got = call(service.port, "GET", "/v1/transparency?to=2099-01-01&from=" + begun, service.keys["auditor"])
    need(got.status == 200, str(got))
    verified(service)
    refused(service, "VERIFY_OLDER", "verify", "--older", kept["older"])
    with open(kept["older"], "rb") as file:
        got = call(service.port, "GET", "/log/2026q4/checkpoint", service.keys["auditor"])
        need(got.body == file.read(), "the last checkpoint is gone")


def restored(service):
    """The audit folder as it was before the first end: the store remembers what came after."""
    stop(service)
    now, old = os.path.join(service.state, "audit"), os.path.join(service.state + ".old", "audit")
    os.rename(now, now + ".new")
    shutil.copytree(old, now)
    service.write_settings(audit(FIRST))
    not_started(service, "SEQUENCER_ROLLED_BACK")
    shutil.rmtree(now)
    os.rename(now + ".new", now)
    service.write_settings(audit(THIRD))
    service.start()


def run(suite):
    service = suite.new_service("rotation", audit(FIRST))
    run, kept = Run(service, "rotation"), {}
    suite.guard("rotation: a log is closed while the service stands, and another begun", lambda: closing(service, run, kept))
    suite.guard("rotation: cases, receipts and numbers go on over the end of a log", lambda: going_on(service, run, kept))
    suite.guard("rotation: pages, files and checks go over all logs",
                lambda: cursors(service) or served(service) or verifying(service, kept))
    suite.guard("rotation: kill -9 loses nothing in a later log", lambda: killed(service, run, kept))
    suite.guard("rotation: a store that lost entries is raised to all logs together", lambda: raised(service))
    suite.guard("rotation: a log is closed after kill -9", lambda: closed_after_a_kill(service, kept))
    suite.guard("rotation: a closed log is deleted past its time, and the log says so", lambda: deleting(service, kept))
    suite.guard("rotation: an audit folder from before is refused", lambda: restored(service))
