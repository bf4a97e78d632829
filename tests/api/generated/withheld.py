# SPDX-License-Identifier: Apache-2.0
"""A notice that the law holds back is sent when its date comes, and so is one that may name the state behind it
(rights.md, check 16 and section 7)."""
import datetime
import time

from case_file import Run
from generated.log_files import settle
from generated.webhooks import need
from wire import call

HELD_S = 2


def from_now(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Case:
    def __init__(self, service, name, patch="{}"):
        self.service, self.run = service, Run(service, name)
        answer = call(service.port, "POST", "/v1/keys", service.keys["admin"], {"role": "partner", "name": name})
        self.key = answer.json()["key"]
        self.run.do_report("c", "from 01-clear-hit by key:%s + %s" % (self.key, patch))
        self.run.do_claim("c", "by reviewer")

    def decide(self, patch):
        self.run.do_decide("c", "by reviewer from 01-clear-hit.decision + " + patch)

    def notices(self, count=0, wait_s=10):
        """All notices, once there are `count`."""
        until = time.monotonic() + wait_s
        while True:
            found = call(self.service.port, "GET", "/v1/notices", self.key).json()["notices"]
            if len(found) >= count or time.monotonic() > until:
                return found
            time.sleep(0.05)

    def entries(self):
        settle(self.service)
        found, cursor = [], "0"
        while cursor is not None:
            page = call(self.service.port, "GET", "/v1/audit/entries?type=notice&limit=200&cursor=" + cursor,
                        self.service.keys["auditor"]).json()
            found += [one["entry"] for one in page["entries"]]
            cursor = page.get("cursor")
        return [one for one in found if one["decision"] == self.run.values["c.decision"]]


def letter_waits_for_its_date(service):
    case = Case(service, "withheld-1")
    until = from_now(HELD_S)
    case.decide('{"notice": {"withheld_until": "%s", "withheld_reason": "An investigation is under way.", '
                '"legal_ref": "Regulation (EU) 2021/784 art. 11(3)"}}' % until)
    first = case.notices(1)
    need(len(first) == 1 and first[0]["kind"] == "decision", first)
    need("user_notice" not in first[0]["notice"] and first[0]["notice"]["user_notice_withheld_until"] == until, first)
    need("reporter_notice" in first[0]["notice"], first)
    both = case.notices(2)
    need(len(both) == 2 and both[1]["kind"] == "user_notice" and both[1]["at"] >= until, both)
    letter = both[1]["notice"]
    need(letter["user_notice"]["case_token"].startswith("apt_u_" + letter["decision"][4:]), letter)
    need(letter["decision"] == case.run.values["c.decision"] and sorted(set("abcef") & set(letter["user_notice"])) == list("abcef"), letter)
    until = time.monotonic() + 10
    while len(logged := case.entries()) < 2 and time.monotonic() < until:
        time.sleep(0.1)                         # the entry is in the store, and the log not far behind
    need(len(logged) == 2 and logged[1].get("withheld") is True and logged[1]["case"] == case.run.values["c.case"], logged)
    time.sleep(0.6)
    need(len(case.notices()) == 2, "sent twice")


def state_is_named_when_it_may_be(service):
    until = from_now(HELD_S)
    case = Case(service, "withheld-2",
                '{"origin": {"kind": "gov_referral_unit", "good_faith": true, "state_actor": {"country": "FR", '
                '"authority": "Example Referral Unit", "power": "referral", "court": false, "alleged": "terms", '
                '"provision": "policy/4.2", "received_at": "2025-11-20T19:40:00Z", '
                '"disclosure": {"prohibited_until": "%s", "legal_ref": "an act"}}}}' % until)
    case.decide("{}")
    case.run.do_second("c", "by senior agree")
    first = case.notices(1)[0]["notice"]["user_notice"]
    need(first["state_actor_withheld_until"] == until and "state_actor" not in first, first)
    both = case.notices(2)
    need(len(both) == 2 and both[1]["notice"]["user_notice"]["state_actor"]["authority"] == "Example Referral Unit", both)


def run(suite):
    service = suite.service()
    suite.guard("withheld: the letter to the user waits for its date and then goes out", lambda: letter_waits_for_its_date(service))
    suite.guard("withheld: the state behind it is named when it may be", lambda: state_is_named_when_it_may_be(service))
