# SPDX-License-Identifier: Apache-2.0
"""Every naughty string as text, content id and reason through the whole path: stored, matched, shown, and the
same bytes at the end; the log stays readable and holds none of them."""
import json
import os

from generated.bad_requests import data_folder
from wire import call

CONTACT = "\nWrite to vethari_dawn_call and bring a friend."     # an entry of the sample lists


def body_of(text, number):
    content = {"id": text if 1 <= len(text.encode("utf-8")) <= 256 else "hostile-%d" % number, "type": "post",
               "language": "qzh", "text": text + CONTACT}
    return {"content": content, "category": "recruitment", "reason": text or None, "origin": {"kind": "user_terms_flag"}}


def check(service, text, number):
    sent = body_of(text, number)
    answer = call(service.port, "POST", "/v1/reports", service.keys["partner"], sent,
                  {"Idempotency-Key": '"hostile-%d"' % number})
    if answer.status != 202:
        return "%r: %s" % (text, answer)
    got = answer.json()
    if "contact-channels" not in [hit["list"] for hit in got["verdict"]["hits"]]:
        return "%r: not matched: %s" % (text, answer)
    report = call(service.port, "GET", "/v1/reports/" + got["report"], service.keys["partner"]).json()
    case = call(service.port, "GET", "/v1/cases/" + got["case"], service.keys["reviewer"]).json()
    shown = next((one for one in case["reports"] if one["report"] == got["report"]), {})
    for name, seen in (("report", report.get("body")), ("case", shown.get("body"))):
        if seen != sent:
            return "%r: the %s shows %r" % (text, name, seen)
    if case["content_id"] != sent["content"]["id"]:
        return "%r: content id %r" % (text, case["content_id"])
    alone = {"content": {"id": "x", "type": "post", "text": text or "x"}, "category": "none", "origin": {"kind": "user_terms_flag"}}
    alone = call(service.port, "POST", "/v1/check", service.keys["partner"], alone)
    return None if alone.status == 200 else "%r alone: %s" % (text, alone)


def run(suite):
    path = os.path.join(data_folder(suite), "hostile", "blns.json")
    if not os.path.exists(path):
        suite.result("hostile: naughty strings", "no hostile/blns.json in the published test data")
        return
    with open(path, encoding="utf-8") as file:
        strings = json.load(file)
    service = suite.service()
    wrong = [one for one in (check(service, text, i) for i, text in enumerate(strings)) if one]
    suite.result("hostile: every string is stored, matched and shown with the same bytes", wrong)
    suite.note("hostile: %d strings, %d wrong" % (len(strings), len(wrong)))
    export = call(service.port, "GET", "/v1/audit/export?format=jsonl", service.keys["auditor"]).body.decode("utf-8")
    log = "\n".join(service.log_lines())
    wrong = [text for text in strings if len(text) > 24 and (text in log or json.dumps(text)[1:-1] in export)]
    suite.result("hostile: neither the audit log nor the program's log holds one", wrong)
    suite.result("hostile: the program's log stays one JSON object a line", service.log_faults())
