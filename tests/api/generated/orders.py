# SPDX-License-Identifier: Apache-2.0
"""The clocks of orders (rights.md section 4, check 14): one hour, the pause, advance information, scrutiny, and the
documents of Annex II and III. Times lie in the past, so that nothing has to wait."""
import datetime
import json

from case_file import Run
from generated.webhooks import need
from wire import call

HOUR = 3600
ORDER = {"reference": "A-1", "country": "DE", "authority": "Example Authority", "legal_basis": "Article 3",
         "reasons": "Reasons.", "type": ["b"], "urls": ["https://lindenplatz.example/p/1"],
         "issued_at": "2026-01-02T03:04:05Z", "addressee": "Lindenplatz", "contact": "On the form", "signature": "S",
         "redress": "Court"}
QUOTE = ("The authority may order a host to remove terrorist content or disable access to it in all Member States; the order "
         "names this post and the group it recruits for.")
DSA = {"territory": ["DE"], "language": "de", "type": None, "addressee": None, "contact": None, "signature": None,
       "issued_at": None}


def text(at):
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Order:
    def __init__(self, service, received_s, kind="tco_removal_order"):
        self.service, self.run = service, Run(service, "orders")
        self.received = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(seconds=received_s)
        order = {k: v for k, v in (ORDER if kind == "tco_removal_order" else {**ORDER, **DSA}).items() if v is not None}
        self.run.do_report("c", "from 01-clear-hit + " + json.dumps({"origin": {
            "kind": kind, "good_faith": True, "state_actor": {
                "country": "DE", "authority": "Example Authority", "power": "order", "court": False, "alleged": "law",
                "legal_basis": "Article 3", "received_at": text(self.received), "disclosure": "allowed"}}, "order": order}))
        self.case = self.run.values["c.case"]

    def at(self, seconds):
        return text(self.received + datetime.timedelta(seconds=seconds))

    def view(self, who="partner", status=200):
        answer = call(self.service.port, "GET", "/v1/cases/%s/order" % self.case, self.service.keys[who])
        need(answer.status == status, answer)
        return answer.json()

    def say(self, event, status=201, code=None, who="partner", key=None, **more):
        headers = {"Idempotency-Key": '"%s"' % key} if key else {}
        answer = call(self.service.port, "POST", "/v1/cases/%s/order/events" % self.case, self.service.keys[who],
                      {"event": event, **more}, headers)
        need(answer.status == status and (code is None or answer.code() == code), answer)
        return answer.json()

    def decide(self, patch, who="reviewer"):
        self.run.do_claim("c", "by " + who)
        self.run.do_decide("c", "by %s from 01-clear-hit.decision + %s" % (who, json.dumps(patch)))
        return self.run.values["c.decision"]

    def act_first(self, who="reviewer"):
        return self.decide({"outcome": "order_executed", "tier": "deferred", "ground": {"kind": "order", "ref": "law/tco/3", "explanation": QUOTE},
                            "facts": None, "necessity": None, "threat": None, "notice": None}, who)

    def effect(self, decision, seconds):
        answer = call(self.service.port, "POST", "/v1/decisions/%s/effect" % decision, self.service.keys["partner"],
                      {"effective_at": self.at(seconds), "measure": "disabled"})
        need(answer.status == 201, answer)

    def complete(self, decision, who="reviewer"):
        record = {**self.run.sample("01-clear-hit.decision"), "outcome": "order_executed",
                  "ground": {"kind": "order", "ref": "law/tco/3", "explanation": QUOTE}}
        answer = call(self.service.port, "POST", "/v1/decisions/%s/record" % decision, self.service.keys[who],
                      {"justification": record})
        need(answer.status == 201, answer)
        return answer.json()


def one_hour(service):
    fresh = Order(service, 10)
    view = fresh.view()
    need(view["state"] == "running" and view["received_at"] == fresh.at(0) and view["due_at"] == fresh.at(HOUR), view)
    case = call(service.port, "GET", "/v1/cases/" + fresh.case, service.keys["reviewer"]).json()
    need(case["deadline"] == fresh.at(HOUR), case)
    for seconds, state in ((59 * 60, "done_in_time"), (60 * 60, "done_in_time"), (61 * 60, "done_late")):
        order = Order(service, 2 * HOUR)
        need(order.view()["state"] == "overdue", order.view())
        decision = order.act_first()
        order.effect(decision, seconds)
        view = order.view("auditor")
        need(view["state"] == state and view["effect_at"] == order.at(seconds), view)
        need(view["feedback"] == {"form": "tco/annex-ii", "reference": "A-1", "authority": "Example Authority", "country": "DE",
                                  "host": "lindenplatz", "received_at": order.at(0), "measure": "disabled",
                                  "effect_at": order.at(seconds)}, view)
        order.complete(decision)


def the_record_is_not_skipped(service):
    order = Order(service, 10)
    decision = order.act_first()
    view = call(service.port, "GET", "/v1/decisions/" + decision, service.keys["auditor"]).json()
    due = datetime.datetime.fromisoformat(view["full_record_due_at"].replace("Z", "+00:00"))
    made = datetime.datetime.fromisoformat(view["decided_at"].replace("Z", "+00:00"))
    need(due - made == datetime.timedelta(hours=24), view)
    need(view["state"] == "effective", view)
    full = order.complete(decision)
    need(full["tier"] == "full", full)


def pause_and_clarification(service):
    order = Order(service, 2 * HOUR)
    order.decide({"outcome": "order_queried", "order_feedback": {"ground": "insufficient_information",
                                                               "explanation": "The address names no post."}})
    view = order.view()
    need(view["state"] == "paused" and "due_at" not in view, view)
    need(view["feedback"]["form"] == "tco/annex-iii" and view["feedback"]["ground"] == "insufficient_information" and
         view["feedback"]["explanation"] == "The address names no post." and "effect_at" not in view["feedback"], view)
    order.say("paused", 409, "STATE_CONFLICT", ground="force_majeure", explanation="Again.")
    first = order.say("clarified", explanation="It is the third post.", key="clarified-" + order.case)
    need(order.say("clarified", explanation="It is the third post.", key="clarified-" + order.case) == first, first)
    order.say("clarified", 409, "STATE_CONFLICT")
    view = order.view()
    resumed = datetime.datetime.fromisoformat(view["resumed_at"].replace("Z", "+00:00"))
    due = datetime.datetime.fromisoformat(view["due_at"].replace("Z", "+00:00"))
    need(view["state"] == "running" and due - resumed == datetime.timedelta(hours=1) and "feedback" not in view, view)
    case = call(service.port, "GET", "/v1/cases/" + order.case, service.keys["reviewer"]).json()
    need(case["state"] == "open" and case["deadline"] == view["due_at"], case)
    decision = order.act_first()                        # also by who asked: it is another act
    order.complete(decision)
    impossible = Order(service, 10)
    impossible.say("paused", ground="force_majeure", explanation="The data centre is under water.")
    view = impossible.view()
    need(view["state"] == "paused" and view["feedback"]["ground"] == "force_majeure", view)
    impossible.say("possible")
    need(impossible.view()["state"] == "running", impossible.view())


def first_contact(service):
    for informed, emergency, kept in ((-12 * HOUR, False, True), (-12 * HOUR + 1, False, False), (-60, True, True)):
        order = Order(service, 10)
        need("first_contact" not in order.view(), order.view())
        order.say("informed", at=order.at(informed), emergency=emergency)
        contact = order.view()["first_contact"]
        need(contact == {"informed_at": order.at(informed), "emergency": emergency, "kept": kept}, contact)


def scrutiny(service):
    order = Order(service, 49 * HOUR)
    need(order.view()["scrutiny"] == {"request_until": order.at(48 * HOUR)}, order.view())
    order.say("scrutiny_requested", 410, "ORDER_SCRUTINY_CLOSED", by="host", at=order.at(48 * HOUR + 1))
    order.say("scrutiny_requested", by="host", at=order.at(48 * HOUR))
    need(order.view()["scrutiny"]["answer_until"] == order.at(120 * HOUR), order.view())
    decision = order.act_first()
    order.complete(decision)
    order.say("scrutiny_result", infringement=False)
    case = call(service.port, "GET", "/v1/cases/" + order.case, service.keys["reviewer"]).json()
    need(case["state"] in ("closed", "awaiting_second"), case)
    if case["state"] == "awaiting_second":
        order.run.do_second("c", "by senior agree")
    order.say("scrutiny_result", infringement=True)
    case = call(service.port, "GET", "/v1/cases/" + order.case, service.keys["reviewer"]).json()
    need(case["state"] == "open", case)


def refusals(service):
    order = Order(service, 10)
    order.view("partner2", 404)
    order.say("clarified", 404, "NOT_FOUND", who="partner2")
    order.say("forgotten", 422, "FIELD_VALUE")
    order.say("paused", 422, "FIELD_MISSING", ground="force_majeure")
    order.say("paused", 422, "FIELD_VALUE", ground="no_time", explanation="Busy.")
    order.say("informed", 422, "TIME_FUTURE", at=order.at(HOUR))
    order.say("scrutiny_requested", 422, "FIELD_MISSING")
    order.say("scrutiny_result", 422, "FIELD_MISSING")
    order.say("possible", 422, "FIELD_UNKNOWN", ground="force_majeure")
    order.say("possible", 409, "STATE_CONFLICT")
    national = Order(service, 10, "gov_order")
    need("scrutiny" not in national.view() and national.view()["due_at"] == national.at(HOUR), national.view())
    national.say("scrutiny_requested", 422, "ORDER_KIND", by="user")
    need("feedback" not in national.view(), national.view())
    decision = national.act_first()
    national.effect(decision, 5)
    need(national.view()["feedback"] == {"form": "dsa/article-9", "reference": "A-1", "authority": "Example Authority",
                                         "country": "DE", "host": "lindenplatz", "received_at": national.at(0),
                                         "measure": "disabled", "effect_at": national.at(5)}, national.view())
    need(national.view()["state"] == "done_in_time", national.view())
    national.complete(decision)
    plain = Run(service, "orders")
    plain.do_report("c", "from 01-clear-hit")
    answer = call(service.port, "GET", "/v1/cases/%s/order" % plain.values["c.case"], service.keys["reviewer"])
    need(answer.status == 404 and answer.code() == "ORDER_NONE", answer)


def run(suite):
    service = suite.service()
    suite.guard("orders: check 14: one hour from receipt, and Annex II", lambda: one_hour(service))
    suite.guard("orders: act first, the full record within 24 hours", lambda: the_record_is_not_skipped(service))
    suite.guard("orders: check 14: the clock stands until the clarification, and Annex III", lambda: pause_and_clarification(service))
    suite.guard("orders: 12 hours of advance information before a first order", lambda: first_contact(service))
    suite.guard("orders: scrutiny within 48 hours, answered in 72, and back at once on an infringement", lambda: scrutiny(service))
    suite.guard("orders: each refusal with its code", lambda: refusals(service))
