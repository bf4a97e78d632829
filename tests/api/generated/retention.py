# SPDX-License-Identifier: Apache-2.0
"""How long content stays: by what was decided, by holds, and until a person asks to be forgotten
(rights.md section 8 and check 25)."""
import json
import os
import time

from case_file import Run
from generated.log_files import settle
from generated.webhooks import need
from generated.withheld import from_now
from wire import call

WAIT_S = 15
DAY_S = 86400


class Case:
    """One report of a partner, by way of a case file's shorthands."""

    def __init__(self, service, sample, patch=None, who="partner"):
        self.service, self.run = service, Run(service, "retention")
        self.run.do_report("c", "from %s by %s + %s" % (sample, who, json.dumps(patch or {})))
        self.sample, self.id = sample, self.run.values["c.case"]

    def decide(self):
        self.run.do_claim("c", "by reviewer")
        self.run.do_decide("c", "by reviewer from %s.decision" % self.sample)
        if self.run.values["c.state"] == "awaiting_second":
            self.run.do_second("c", "by senior agree")
        return self

    def report(self, who="partner"):
        return call(self.service.port, "GET", "/v1/reports/" + self.run.values["c.report"], self.service.keys[who]).json()

    def gone(self, wait_s=WAIT_S):
        until = time.monotonic() + wait_s
        while "body" in self.report():
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return self.report().get("erased") is True

    def holds(self, who="senior"):
        return call(self.service.port, "GET", "/v1/cases/%s/holds" % self.id, self.service.keys[who])

    def hold(self, until, who="senior", **changes):
        body = dict({"authority": "Landgericht Beispielstadt", "reference": "3 KLs 12/26", "until": until}, **changes)
        return call(self.service.port, "POST", "/v1/cases/%s/holds" % self.id, self.service.keys[who], body)

    def release(self, hold, who="senior"):
        return call(self.service.port, "DELETE", "/v1/cases/%s/holds/%s" % (self.id, hold), self.service.keys[who])


def entries(service, kind, word, count=0):
    """The log's entries of that type with that word, once there are `count`: the log is not far behind the store."""
    until = time.monotonic() + WAIT_S
    while True:
        settle(service)
        found, cursor = [], "0"
        while cursor is not None:
            page = call(service.port, "GET", "/v1/audit/entries?type=%s&limit=200&cursor=%s" % (kind, cursor),
                        service.keys["auditor"]).json()
            found += [one["entry"] for one in page["entries"]]
            cursor = page.get("cursor")
        found = [one for one in found if word in json.dumps(one)]
        if len(found) >= count or time.monotonic() > until:
            return found
        time.sleep(0.1)


def forget(service, kind, name, who="partner", **more):
    return call(service.port, "POST", "/v1/erasures", service.keys[who], dict({"subject": {"kind": kind, "id": name}}, **more))


def time_is_over(service):
    """Content that stayed up goes after its second, held content with its hold; restricted content stays."""
    restricted = Case(service, "01-clear-hit").decide()
    held = Case(service, "07-no-hit")
    need(held.hold(from_now(4)).status == 201, "hold")
    held.decide()
    plain = Case(service, "07-no-hit").decide()
    need(plain.gone(), "content that stayed up is still there")
    need("body" in held.report(), "held content is gone")
    need(held.gone(), "the hold has ended and the content is still there")
    need("body" in restricted.report(), "restricted content is gone")
    need(restricted.holds().json()["preserved_until"] == restricted.holds().json()["erased_by"], restricted.holds())
    logged = entries(service, "erasure", plain.id, 1)
    need([(e["ground"], e["class"], e["action"], e["reports"]) for e in logged]
         == [("retention", "snapshot_unrestricted", "erase", 1)], logged)
    again = plain.hold(from_now(DAY_S))
    need((again.status, again.code()) == (409, "CONTENT_ERASED"), again)
    answer = call(service.port, "GET", "/v1/cases/" + plain.id, service.keys["auditor"]).json()
    need(answer["decisions"] and answer["state"] == "closed", answer)


def disk_forgets(service):
    """Erased text leaves the store's file too; text that is kept does not."""
    words = ["words-%d-of-%s" % (time.time_ns(), kind) for kind in ("one", "another")]
    gone = Case(service, "07-no-hit", {"content": {"text": words[0]}}).decide()
    Case(service, "01-clear-hit", {"content": {"text": words[1]}}).decide()
    need(on_disk(service, words[0]) and on_disk(service, words[1]), "the texts were never there")
    need(gone.gone(), "not erased")
    until = time.monotonic() + WAIT_S
    while on_disk(service, words[0]):
        need(time.monotonic() < until, "erased text is still in the file")
        time.sleep(0.2)
    need(on_disk(service, words[1]), "text that is kept is not in the file")


def on_disk(service, words):
    found = False
    for folder, _, names in os.walk(os.path.join(service.state, "redis")):
        for name in names:
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    found |= words.encode() in file.read()
            except OSError:                     # a socket, or a file that a rewrite took away
                pass
    return found


def author_is_forgotten(service):
    name = {"content": {"author": "author-%d" % time.time_ns()}}
    up, taken_down = Case(service, "07-no-hit", name).decide(), Case(service, "01-clear-hit", name).decide()
    waits, other = Case(service, "07-no-hit", name), Case(service, "07-no-hit", {"content": {"author": "somebody"}}).decide()
    foreign = Case(service, "07-no-hit", name, "partner2")
    time.sleep(1)                           # both closed cases were looked at, and have their time
    answer = forget(service, "author", name["content"]["author"])
    got = answer.json()
    need(answer.status == 202 and (got["cases"], got["reports"], got["kept_count"]) == (3, 0, 2), answer)
    kept = {one["case"]: one for one in got["kept"]}
    need(kept[waits.id]["why"] == "under_review" and "until" not in kept[waits.id], kept)
    need(kept[taken_down.id]["why"] == "preserved" and kept[taken_down.id]["until"] > from_now(150 * DAY_S), kept)
    need(up.gone(), "nothing keeps it, and it is there")
    waits.decide()
    need(waits.gone(), "decided, and still there")
    need("body" in taken_down.report() and "body" in other.report(), "too much is gone")
    need("body" in foreign.report("partner2"), "another partner's author of that name is gone")
    logged = entries(service, "erasure", up.id, 2)
    need([(e["ground"], e["action"]) for e in logged] == [("request", "ask"), ("request", "erase")], logged)
    need(name["content"]["author"] not in json.dumps(entries(service, "erasure", "")), "the log names the person")
    need(forget(service, "author", name["content"]["author"]).json()["cases"] == 0, "marked twice")


def reporter_is_forgotten(service):
    name = "reporter-%d" % time.time_ns()
    mine = Case(service, "07-no-hit", {"origin": {"reporter": name}})
    body = dict(mine.run.sample("07-no-hit"), origin={"kind": "user_notice", "reporter": "somebody else"})
    body["content"] = dict(body["content"], id=mine.run.values["c.content"], language=mine.run.values["c.language"])
    theirs = mine.run.send("POST", "/v1/reports", "partner", {}, body).json()
    mine.decide()
    time.sleep(1)
    answer = forget(service, "reporter", name, "admin", partner="lindenplatz")
    got = answer.json()
    need(answer.status == 202 and (got["cases"], got["reports"], got["kept_count"]) == (0, 1, 0), answer)
    need(mine.gone(1), "the report is there")
    other = call(service.port, "GET", "/v1/reports/" + theirs["report"], service.keys["partner"]).json()
    need(theirs["joined"] and "body" in other, other)


def hold_is_kept_and_released(service):
    name = {"content": {"author": "held-%d" % time.time_ns()}}
    case, until = Case(service, "07-no-hit", name).decide(), from_now(DAY_S)
    placed = case.hold(until, "admin")
    need(placed.status == 201 and placed.json()["until"] == until and placed.json()["case"] == case.id, placed)
    listed = case.holds("auditor").json()
    need([(h["authority"], h["reference"], h["in_force"]) for h in listed["holds"]]
         == [("Landgericht Beispielstadt", "3 KLs 12/26", True)] and not listed["erased"], listed)
    time.sleep(1)
    got = forget(service, "author", name["content"]["author"]).json()
    need([(k["why"], k["until"]) for k in got["kept"]] == [("preserved", until)], got)
    need(not case.gone(1), "held content is gone")
    need(case.release(placed.json()["hold"]).status == 204, "release")
    need(case.gone(), "released, asked for, and still there")
    logged = entries(service, "hold", case.id, 2)
    need([(e["action"], e.get("authority"), e.get("until")) for e in logged]
         == [("place", "Landgericht Beispielstadt", until), ("release", None, None)], logged)


def holds_are_refused(service):
    case, wrong = Case(service, "07-no-hit"), []
    for changes, code, pointer in (({"authority": "x"}, "FIELD_LENGTH", "/authority"),
                                   ({"authority": "x" * 201}, "FIELD_LENGTH", "/authority"),
                                   ({"authority": "clerk@court.example"}, "JUST_PERSONAL_DATA", "/authority"),
                                   ({"reference": None}, "FIELD_MISSING", "/reference"),
                                   ({"reference": "call +49 30 1234567"}, "JUST_PERSONAL_DATA", "/reference"),
                                   ({"until": from_now(-1)}, "FIELD_RANGE", "/until"),
                                   ({"until": from_now(732 * DAY_S)}, "FIELD_RANGE", "/until"),
                                   ({"until": "soon"}, "FIELD_TIME", "/until"), ({"why": "x"}, "FIELD_UNKNOWN", "/why")):
        answer = case.hold(**dict({"until": from_now(60)}, **changes))
        if (answer.status, answer.code(), answer.json()["errors"][0]["pointer"]) != (422, code, pointer):
            wrong.append("%s: %s" % (changes, answer))
    placed = [case.hold(from_now(730 * DAY_S)) for _ in range(17)]
    wrong += [] if [a.status for a in placed] == [201] * 16 + [409] and placed[16].code() == "TOO_MANY_HOLDS" else placed
    wrong += [] if case.release(placed[0].json()["hold"]).status == 204 else ["not released"]
    wrong += [] if case.release(placed[0].json()["hold"]).status == 404 else ["released twice"]
    wrong += [] if case.release("hld_nonsense").status == 404 else ["released nonsense"]
    case.id = "cas_00000000-0000-7000-8000-000000000000"
    return wrong + [str(a) for a in (case.hold(from_now(60)), case.holds()) if a.status != 404]


def erasures_are_refused(service):
    wrong = []
    for who, body, code, pointer in (("partner", {}, "FIELD_MISSING", "/subject"),
                                     ("partner", {"subject": {"kind": "owner", "id": "x"}}, "FIELD_VALUE", "/subject/kind"),
                                     ("partner", {"subject": {"kind": "author"}}, "FIELD_MISSING", "/subject/id"),
                                     ("partner", {"subject": {"kind": "author", "id": "x" * 129}}, "FIELD_LENGTH", "/subject/id"),
                                     ("partner", {"subject": {"kind": "author", "id": "x"}, "partner": "birkenhof"},
                                      "FIELD_UNKNOWN", "/partner"),
                                     ("admin", {"subject": {"kind": "author", "id": "x"}}, "FIELD_MISSING", "/partner")):
        answer = call(service.port, "POST", "/v1/erasures", service.keys[who], body)
        if (answer.status, answer.code(), answer.json()["errors"][0]["pointer"]) != (422, code, pointer):
            wrong.append("%s: %s" % (body, answer))
    nobody = forget(service, "author", "x", "admin", partner="reviewer-1")
    wrong += [] if (nobody.status, nobody.code()) == (404, "NOT_FOUND") else [str(nobody)]
    longest = forget(service, "author", "x" * 128)
    got = longest.json()
    return wrong + ([] if longest.status == 202 and (got["cases"], got["kept"]) == (0, []) else [str(longest)])


def looks_are_logged(service):
    """Preserved content and names of people: nobody looks without an entry that says who, at what and what for."""
    case = Case(service, "01-clear-hit", {"content": {"author": "author-%d" % time.time_ns()}})
    before = call(service.port, "GET", "/v1/cases/" + case.id, service.keys["reviewer"])
    need("body" in before.json()["reports"][0], before)
    case.decide()
    report = "/v1/reports/" + case.run.values["c.report"]
    for path, who in (("/v1/cases/%s?purpose=review" % case.id, "reviewer"), (report + "?purpose=investigation", "senior"),
                      (report + "/people?purpose=investigation", "senior"), ("/v1/cases/" + case.id, "reviewer"),
                      (report + "/people", "partner"), (report, "partner")):
        need(call(service.port, "GET", path, service.keys[who]).status == 200, path)
    logged = entries(service, "export", case.id, 3)
    need([(one["format"], one["purpose"]) for one in logged]
         == [("content", "review"), ("content", "investigation"), ("people", "investigation")], logged)
    need(len({one["actor"] for one in logged}) == 2, logged)


def run(suite):
    service = suite.service()
    suite.guard("retention: content goes when its time is over, and not before", lambda: time_is_over(suite.service("forgetful")))
    suite.guard("retention: the disk forgets too", lambda: disk_forgets(suite.service("forgetful")))
    for name, test in {"an author is forgotten as soon as nothing keeps a case": author_is_forgotten,
                       "a reporter takes their own reports along": reporter_is_forgotten,
                       "who looks at what is kept apart is in the log": looks_are_logged,
                       "a hold keeps content until it is released": hold_is_kept_and_released,
                       "a hold names body, file and end": holds_are_refused,
                       "who is to be forgotten is named rightly": erasures_are_refused}.items():
        suite.guard("retention: " + name, lambda test=test: test(service))
