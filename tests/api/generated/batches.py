# SPDX-License-Identifier: Apache-2.0
"""POST /v1/reports with NDJSON: one result a line, each by itself."""
import json

from wire import call

NDJSON = "application/x-ndjson"


def line(content_id, text="A photograph of the harbour."):
    return json.dumps({"content": {"id": content_id, "type": "post", "text": text, "language": "qzn"},
                       "category": "other_terms", "origin": {"kind": "user_terms_flag"}})


def send(service, body, key, content_type=NDJSON, who="partner"):
    return call(service.port, "POST", "/v1/reports", service.keys[who], body,
                {"Content-Type": content_type, "Idempotency-Key": '"%s"' % key})


def results(answer):
    return [json.loads(one) for one in answer.body.decode("utf-8").splitlines()]


def mixed(service):
    lines = [line("batch-mixed-1"), "{not json", line("batch-mixed-2"), '{"content": {}}', "[]", line("batch-mixed-3")]
    answer = send(service, "\n".join(lines), "batch-mixed")
    got = results(answer)
    if answer.status != 200 or answer.header("Content-Type") != NDJSON:
        return [str(answer)]
    wrong = [] if [one["line"] for one in got] == [1, 2, 3, 4, 5, 6] else ["lines %s" % got]
    wrong += [] if [one["status"] for one in got] == [202, 400, 202, 422, 422, 202] else ["status %s" % got]
    wrong += [] if got[1]["code"] == "JSON_SYNTAX" else [got[1]]
    wrong += [] if any(e["pointer"].startswith("/content/") for e in got[3]["errors"]) else [got[3]]
    for one in (got[0], got[2], got[5]):
        read = call(service.port, "GET", "/v1/reports/" + one["report"], service.keys["partner"])
        if read.status != 200 or read.json()["body"] != json.loads(lines[one["line"] - 1]):
            wrong.append("line %d: %s" % (one["line"], read))
    return wrong


def line_ends(service):
    body = line("batch-crlf-1") + "\r\n\r\n   \n" + line("batch-crlf-2") + "\r\n"
    got = results(send(service, body, "batch-crlf"))
    return [] if [(one["line"], one["status"]) for one in got] == [(1, 202), (4, 202)] else [got]


def thousand(service):
    body = "\n".join(line("batch-many-%d" % i) for i in range(1000)) + "\n"
    first, second = send(service, body, "batch-many"), send(service, body, "batch-many")
    got = results(first)
    wrong = [] if first.status == 200 and len(got) == 1000 else [str(first)]
    wrong += [str(one) for one in got if one["status"] != 202][:5]
    wrong += [] if len({one["case"] for one in got}) == 1000 else ["cases are not 1000"]
    wrong += [] if len({one["log_index"] for one in got}) == 1000 else ["log indexes are not 1000"]
    same = [(a["report"], a["log_index"]) for a in got] == [(b["report"], b["log_index"]) for b in results(second)]
    return wrong + ([] if same else ["the repeated batch got other reports"])


def verdict_history(service, report):
    return call(service.port, "GET", "/v1/reports/" + report, service.keys["partner"]).json()["verdict"]["history"]["reports"]


def history(service):
    """Each report is judged beside those that were stored before it, in a batch and alone."""
    alone = []
    for i in range(3):
        answer = call(service.port, "POST", "/v1/reports", service.keys["partner"], line("history", "Quay %d." % i),
                      {"Idempotency-Key": '"history-%d"' % i})
        alone.append(answer.json()["verdict"]["history"]["reports"])
    wrong = [] if alone == [0, 1, 2] else ["alone: %s" % alone]
    lines = [line("history" if i % 2 else "history-other-%d" % i, "Pier %d." % i) for i in range(260)]
    got = results(send(service, "\n".join(lines), "batch-history"))
    wrong += [str(one) for one in got if one["status"] != 202][:3]
    seen = sorted(verdict_history(service, one["report"]) for one in got[1::2] if one["status"] == 202)
    wrong += [] if seen == list(range(3, 133)) else ["in a batch: %s" % seen]
    return wrong + ([] if all(verdict_history(service, one["report"]) == 0 for one in got[0:20:2]) else ["of others: not 0"])


def named(content_id, reporter):
    body = json.loads(line(content_id))
    body["origin"]["reporter"] = reporter
    return json.dumps(body)


def reporters(service):
    """Rules see how many different people reported, in a batch and over it; the store keeps pseudonyms alone."""
    lines = [named("people", "person-%d" % (i % 3)) for i in range(30)] + [named("people-other", "person-0")]
    got = results(send(service, "\n".join(lines), "batch-people-1"))
    got += results(send(service, "\n".join(named("people", "person-%d" % (i % 5)) for i in range(20)), "batch-people-2"))
    got += results(send(service, "\n".join(line("people") for _ in range(2)), "batch-people-3"))
    wrong = [str(one) for one in got if one["status"] != 202][:3]
    verdicts = [call(service.port, "GET", "/v1/reports/" + one["report"], service.keys["partner"]).json()["verdict"]
                for one in got if one["status"] == 202]
    seen = sorted((v["history"]["reports"], v["history"]["reporters"]) for i, v in enumerate(verdicts) if i != 30)
    expected = [(0, 0), (1, 1), (2, 2)] + [(i, 3) for i in range(3, 34)] + [(34, 4)] + [(i, 5) for i in range(35, 51)] + [(51, 6)]
    wrong += [] if seen == expected else ["seen %s" % seen]
    labels = [one["history"]["reports"] for one in verdicts if "report-campaign" in one["labels"]]
    wrong += [] if sorted(labels) == list(range(20, 50)) else ["label at %s" % sorted(labels)]
    wrong += [] if all(("since" in v["history"]) == (v["history"]["reports"] > 0) for v in verdicts) else ["since is missing"]
    return wrong


def too_many(service):
    body = "\n".join(line("batch-over-%d" % i) for i in range(1001))
    answer = send(service, body, "batch-over")
    wrong = [] if (answer.status, answer.code()) == (413, "TOO_MANY_LINES") else [str(answer)]
    again = results(send(service, line("batch-over-0"), "batch-over-after"))[0]
    return wrong + ([] if not again["joined"] else ["a line of the refused batch was stored"])


def repeated_line_of_another_body(service):
    send(service, line("batch-same-1"), "batch-same")
    got = results(send(service, line("batch-same-1", "Another text."), "batch-same"))
    return [] if got[0]["status"] == 422 and got[0]["code"] == "IDEMPOTENCY_MISMATCH" else got


def same_content_twice(service):
    got = results(send(service, line("batch-twin") + "\n" + line("batch-twin", "Second report."), "batch-twin"))
    good = got[0]["case"] == got[1]["case"] and got[1]["joined"] and not got[0]["joined"]
    return [] if good else got


def empty(service):
    wrong = []
    for body in ("", "\n\n", "  \r\n \n"):
        answer = send(service, body, "batch-empty")
        if answer.status not in (200, 400) or (answer.status == 200 and answer.body):
            wrong.append("%r: %s" % (body, answer))
    return wrong


def no_key(service):
    answer = call(service.port, "POST", "/v1/reports", service.keys["partner"], line("batch-nokey"),
                  {"Content-Type": NDJSON})
    return [] if (answer.status, answer.code()) == (400, "IDEMPOTENCY_KEY_MISSING") else [str(answer)]


def long_line(service):
    """The limit of one report (256 KiB) holds for one line too."""
    got = results(send(service, line("batch-long", "x" * 300000) + "\n" + line("batch-long-2"), "batch-long"))
    return [] if got[0]["status"] in (400, 413, 422) and got[1]["status"] == 202 else [str(got)[:400]]


def run(suite):
    service = suite.service()
    for name, test in {"good and bad lines each have their own result": mixed,
                       "CR LF and blank lines are no reports": line_ends,
                       "1000 lines are taken, and repeated give the same reports": thousand,
                       "a report is judged beside those stored before it": history,
                       "rules see how many people reported": reporters,
                       "1001 lines are refused whole": too_many,
                       "a repeated key with another line is 422 for that line": repeated_line_of_another_body,
                       "two lines about the same content join": same_content_twice,
                       "a batch without a report stores nothing": empty,
                       "a batch needs its Idempotency-Key": no_key,
                       "one line over the limit does not spoil the next": long_line}.items():
        suite.guard("batches: " + name, lambda run=test: run(service))
