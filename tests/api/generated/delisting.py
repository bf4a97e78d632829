# SPDX-License-Identifier: Apache-2.0
"""An entry is withdrawn from a list of designations (check 25 of rights.md, section 9): restrictions that cite it are looked
at again, open cases have it in their history, and a rule built on it matches nothing any more."""
import json
import os
import signal
import time

from generated.retention import Case, entries
from generated.webhooks import need
from wire import call

WAIT_S = 20
HEAD = {"id": "designations", "name": "Designations", "owner": "A body of states", "legal_basis": "A resolution",
        "kind": "names of groups", "version": "1", "on_withdrawal": "reopen"}
NAMES = {"QDe.901": "karolvian night brigade", "QDe.902": "ostermark tide"}
RULE = "- id: tests-designated\n  about: A designated group is named.\n  policy: policy/4.2\n" \
       "  when: hits.exists(h, h.list == \"designations\" && h.entry == \"QDe.901\")\n" \
       "  then: {queue: tests-designated, severity: 2, due: 2h}\n  examples:\n" \
       "    - {matches: true, report: {category: recruitment}, hits: [{list: designations, entry: QDe.901, severity: 3}]}\n"


def write_list(service, version, names):
    head = dict(HEAD, version=version)
    rows = [{"id": name, "kind": "literal", "value": value, "severity": 3} for name, value in names.items()]
    with open(os.path.join(service.config, "lists", "designations.json"), "w", encoding="utf-8") as out:
        json.dump({"head": head, "entries": rows}, out)


def reload(service):
    before = call(service.port, "GET", "/readyz").json()["snapshot"]
    service.signal(signal.SIGHUP)
    until = time.monotonic() + WAIT_S
    while call(service.port, "GET", "/readyz").json()["snapshot"] == before:
        need(time.monotonic() < until, service.log_lines()[-5:])
        time.sleep(0.05)


def add_source(service):
    with open(service.settings, encoding="utf-8") as file:
        text = file.read()
    need("\nlists:\n" in text, "where are the lists of the settings?")
    with open(service.settings, "w", encoding="utf-8") as out:
        out.write(text.replace("\nlists:\n", "\nlists:\n  - file: %s\n    allow_shrink: true\n"
                               % os.path.join(service.config, "lists", "designations.json")))


def state_of(service, case):
    return call(service.port, "GET", "/v1/cases/" + case.id, service.keys["reviewer"]).json()


def rules_of(service, text):
    body = {"content": {"id": "x", "type": "post", "text": text}, "category": "recruitment", "origin": {"kind": "user_terms_flag"}}
    answer = call(service.port, "POST", "/v1/check", service.keys["partner"], body).json()
    return [rule["id"] for rule in answer["verdict"]["rules"]]


def withdrawn(service):
    write_list(service, "1", NAMES)
    with open(os.path.join(service.config, "rules", "tests-designated.yaml"), "w", encoding="utf-8") as out:
        out.write(RULE)
    add_source(service)
    reload(service)
    text = {name: {"content": {"text": "Join the %s tonight." % value}} for name, value in NAMES.items()}
    need("tests-designated" in rules_of(service, text["QDe.901"]["content"]["text"]), "the rule does not match")
    restricted, stays = (Case(service, "01-clear-hit", text[name]).decide() for name in ("QDe.901", "QDe.902"))
    left_up = Case(service, "07-no-hit", text["QDe.901"]).decide()
    waiting = Case(service, "01-clear-hit", text["QDe.901"])
    need(state_of(service, restricted)["state"] == "closed", state_of(service, restricted))
    deadline = state_of(service, waiting)["deadline"]

    write_list(service, "2", {"QDe.902": NAMES["QDe.902"]})
    reload(service)
    logged = entries(service, "escalation", "signal_withdrawn", 2)
    need(sorted(one["case"] for one in logged) == sorted([restricted.id, waiting.id]), logged)
    need({(one["signal"], one["reviewer"]) for one in logged} == {("designations/QDe.901", "system")}, logged)
    again, open_one = state_of(service, restricted), state_of(service, waiting)
    need(again["state"] == "open" and again["history"][-1]["what"] == "delisted"
         and again["history"][-1]["detail"] == "designations/QDe.901", again)
    need(again["decisions"][-1]["state"] == "effective", "the decision stays in force until the next one")
    need(open_one["state"] == "open" and open_one["deadline"] == deadline
         and open_one["history"][-1]["what"] == "delisted", open_one)
    need(state_of(service, left_up)["state"] == "closed" and state_of(service, stays)["state"] == "closed",
         "cases came back that nothing was withdrawn from")
    need(rules_of(service, text["QDe.901"]["content"]["text"]).count("tests-designated") == 0, "the rule still matches")
    need(any("rests on a signal that was withdrawn" in line and "tests-designated" in line for line in service.log_lines()),
         "nobody was told of the rule")
    restricted.decide()
    need(state_of(service, restricted)["state"] == "closed", state_of(service, restricted))


def run(suite):
    service = suite.new_service("delisting", own_config=True)
    suite.guard("delisting: check 25: what rests on a withdrawn designation is looked at again", lambda: withdrawn(service))
