# SPDX-License-Identifier: Apache-2.0
"""Cases about the same address, file or picture are shown to reviewers, those of other partners without saying whose."""
import json
import random

from generated.retention import Case, forget
from generated.webhooks import need
from wire import call


def pdq(bits, seed):
    """A hash, and the same with so many other bits."""
    value = random.Random(seed).getrandbits(256)
    for i in random.Random(bits).sample(range(256), bits):
        value ^= 1 << i
    return [{"kind": "pdq", "value": "%064x" % value, "quality": 90}]


def content(**what):
    return {"content": dict({"url": None, "urls": None, "hashes": None}, **what)}


def related(case, who="reviewer"):
    return call(case.service.port, "GET", "/v1/cases/%s/related" % case.id, case.service.keys[who])


def addresses_and_files(service):
    host = "r%d.example" % random.getrandbits(60)
    digest = "%064x" % random.getrandbits(256)
    first = Case(service, "07-no-hit", content(url="https://%s/a/../b?x=1#part" % host)).decide()
    second = Case(service, "07-no-hit", content(urls=["http://%s:80/%%62?x=1" % host.upper()]), "partner2")
    third = Case(service, "07-no-hit", content(hashes=[{"kind": "sha256", "value": digest}], url="https://%s/b?x=1" % host))
    other_kind = Case(service, "07-no-hit", content(hashes=[{"kind": "sha256", "value": digest[::-1]}]))
    fourth = Case(service, "07-no-hit", content(hashes=[{"kind": "sha256", "value": digest.upper()}]))
    got = related(third).json()
    need((got["own"], got["foreign"]) == (2, 1), got)
    mine = {one["case"]: one for one in got["related"] if one["own"]}
    need(mine[first.id]["by"] == "url" and mine[first.id]["outcome"] == "no_action" and mine[first.id]["state"] == "closed", got)
    need(mine[fourth.id]["by"] == "hash" and "outcome" not in mine[fourth.id] and mine[fourth.id]["state"] == "open", got)
    theirs = [one for one in got["related"] if not one["own"]]
    need(len(theirs) == 1 and theirs[0]["by"] == "url" and theirs[0]["state"] == "open", got)
    for word in (second.id, "birkenhof", second.run.values["c.report"], second.run.values["c.content"]):
        need(word not in json.dumps(theirs), "it says whose: %s" % theirs)
    need(related(other_kind).json()["related"] == [], "another file")
    need(related(second, "auditor").json()["foreign"] == 2, related(second, "auditor"))


def pictures(service):
    seed = random.getrandbits(60)
    name = {"content": dict(content(hashes=pdq(0, seed))["content"], author="painter-%d" % seed)}
    first = Case(service, "07-no-hit", name).decide()
    near = Case(service, "07-no-hit", content(hashes=pdq(31, seed)), "partner2")
    far = Case(service, "07-no-hit", content(hashes=pdq(32, seed)))
    poor = Case(service, "07-no-hit", content(hashes=[dict(pdq(0, seed)[0], quality=49)]))
    for _ in range(4):                  # both workers, and each again with what it has read already
        got = related(first).json()
        need([(one["by"], one["distance"], one["own"]) for one in got["related"]] == [("picture", 31, False)], got)
    need(related(poor).json()["related"] == [], "a picture of poor quality")
    need(first.id not in json.dumps(related(far).json()), "32 bits off")
    need(related(near).json()["related"][0].keys() == {"own", "state", "by", "distance", "harm", "outcome", "created_at", "closed_at"},
         related(near))
    forget(service, "author", name["content"]["author"])
    need(first.gone(), "still there")
    need(related(near).json()["related"] == [], "erased, and found")
    unknown = "cas_00000000-0000-7000-8000-000000000000"
    answer = call(service.port, "GET", "/v1/cases/%s/related" % unknown, service.keys["reviewer"])
    need((answer.status, answer.code()) == (404, "NOT_FOUND"), answer)


def run(suite):
    service = suite.service()
    suite.guard("related: the same address or file, however it is written", lambda: addresses_and_files(service))
    suite.guard("related: pictures up to 31 bits apart, as long as they are there", lambda: pictures(service))
