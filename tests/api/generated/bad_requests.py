# SPDX-License-Identifier: Apache-2.0
"""Bad requests made from config/schema/report.json, one mistake each, and more by hand: every one is a 4xx
with a known code and a pointer, and none leaves a trace in a queue or in the log."""
import copy
import json
import os

from wire import call

ACTOR = {"country": "DE", "authority": "Example Authority", "power": "order", "court": False,
         "unit": "Unit", "legal_basis": "Article 3", "alleged": "law", "provision": "law/tco/3",
         "received_at": "2026-01-02T03:04:05Z", "disclosure": {"prohibited_until": "2026-02-01T00:00:00Z", "legal_ref": "art. 11"}}
ORDER = {"reference": "A-1", "country": "DE", "authority": "Example Authority", "legal_basis": "Article 3",
         "reasons": "Reasons.", "type": ["a"], "urls": ["https://a.example/1"], "issued_at": "2026-01-02T03:04:05Z",
         "addressee": "Lindenplatz", "contact": "On the form", "signature": "S", "redress": "Court", "language": "de",
         "inform_authority": "yes", "non_disclosure": "none", "territory": ["DE"]}
HASHES = {"sha256": "a" * 64, "sha1": "b" * 40, "md5": "c" * 32, "pdq": "d" * 64, "tlsh": "T1" + "e" * 70}
BASE = {"content": {"id": "bad", "type": "post", "text": "A text.", "language": "qzm", "url": "https://a.example/p",
                    "urls": ["https://a.example/2"], "hashes": [{"kind": k, "value": v} for k, v in HASHES.items()],
                    "created_at": "2026-01-02T03:04:05Z", "reach": {"views": 1, "followers": 2}},
        "category": "recruitment", "reason": "Why.", "urgency": "routine",
        "origin": {"kind": "tco_removal_order", "good_faith": True, "state_actor": ACTOR}, "order": ORDER,
        "exemptions_claimed": ["satire"], "jurisdictions": ["DE"], "reported_at": "2026-01-02T03:04:05Z"}
SAMPLES_OF = {"string": "word", "integer": 7, "boolean": True, "object": {}, "array": [], "number": 1.5}
BAD_TIMES = ("yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01", "")


def types_of(schema):
    kind = schema.get("type")
    if "enum" in schema or "const" in schema:
        return {"string"}
    return set(kind) if isinstance(kind, list) else {kind}


def put(path, value):
    """The base report with one value changed; `path` is a list of names and indexes."""
    body = copy.deepcopy(BASE)
    at = body
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return body


def without(path):
    body = copy.deepcopy(BASE)
    at = body
    for name in path[:-1]:
        at = at[name]
    del at[path[-1]]
    return body


def pointer(path):
    return "".join("/" + str(name) for name in path)


class Maker:
    def __init__(self, schema):
        self.schema, self.bad, self.good = schema, [], []

    def add(self, what, path, body):
        self.bad.append(("%s %s" % (pointer(path), what), pointer(path), body))

    def resolve(self, schema):
        if "$ref" in schema:
            return self.schema["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        if "oneOf" in schema and path_free(schema):
            return max((self.resolve(one) for one in schema["oneOf"]), key=lambda one: len(json.dumps(one)))
        return schema

    def walk(self, schema, path):
        whole, schema = schema, self.resolve(schema)
        kinds = types_of(schema)
        if "territory" in path[-1:]:
            kinds = {"array", "string"}
        if "disclosure" in path[-1:]:
            kinds = {"object", "string"}
        if path:
            for kind, value in SAMPLES_OF.items():
                if kind not in kinds:
                    self.add("is %s" % kind, path, put(path, value))
        self.strings(schema, path, kinds)
        self.numbers(schema, path)
        self.arrays(schema, path)
        self.objects(schema, path, whole)

    def strings(self, schema, path, kinds):
        if "enum" in schema:
            for word in ("no-such-word", "", str(schema["enum"][0]).upper()):
                self.add("is the word '%s'" % word, path, put(path, word))
        if schema.get("format") == "date-time":
            for text in BAD_TIMES:
                self.add("is the time '%s'" % text, path, put(path, text))
        if schema.get("minLength"):
            self.add("is empty", path, put(path, ""))
        if "pattern" in schema:
            for text in ("", "no good!", "9", "http:/x"):
                self.add("is '%s'" % text, path, put(path, text))
        if "string" in kinds and "maxLength" in schema:
            self.length(path, schema["maxLength"], schema.get("pattern", ""))

    def length(self, path, most, pattern):
        if path[-1] == "language" and path[0] == "content":
            self.add("is too long", path, put(path, "de" + "-abcdefg" * 5))
            return
        head = "https://a.example/" if "ttp" in pattern or "Tt" in pattern else ""
        self.add("is one byte too long", path, put(path, head + "x" * (most + 1 - len(head))))
        self.good.append((pointer(path) + " at its limit", put(path, head + "x" * (most - len(head)))))
        if not head:
            self.add("is one byte too long in two-byte letters", path, put(path, "é" * (most // 2) + "x" * (most % 2 + 1)))

    def numbers(self, schema, path):
        for name, step in (("minimum", -1), ("maximum", 1)):
            if name in schema:
                self.add("is past its %s" % name, path, put(path, schema[name] + step))
                self.good.append((pointer(path) + " at its " + name, put(path, schema[name])))

    def arrays(self, schema, path):
        if "items" not in schema:
            return
        base = BASE
        for name in path:
            base = base[name]
        if isinstance(base, list) and "oneOf" not in schema["items"]:
            self.walk(schema["items"], path + [0])
        if "maxItems" in schema:
            most = schema["maxItems"]
            self.add("has one element too many", path, put(path, (base * (most + 1))[:most + 1]))
            self.good.append((pointer(path) + " with all its elements", put(path, (base * most)[:most])))

    def objects(self, schema, path, whole):
        if "properties" not in schema:
            return
        self.add("has an unknown field", path + ["no_such_field"], put(path + ["no_such_field"], 1))
        for name in schema.get("required", []):
            self.add("is missing", path + [name], without(path + [name]))
            self.add("is null", path + [name], put(path + [name], None))
        for name, one in schema["properties"].items():
            self.walk(one, path + [name])


def path_free(schema):
    return "properties" not in schema


def hashes(maker):
    for i, (kind, value) in enumerate(HASHES.items()):
        at = ["content", "hashes", i]
        for what, wrong in (("one digit short", value[:-1]), ("one digit long", value + "0"), ("not hex", "g" + value[1:]),
                            ("empty", ""), ("a number", 5), ("null", None)):
            maker.add("%s value %s" % (kind, what), at + ["value"], put(at + ["value"], wrong))
        maker.add("%s kind unknown" % kind, at + ["kind"], put(at + ["kind"], "crc32"))
        maker.add("%s kind missing" % kind, at + ["kind"], without(at + ["kind"]))
        maker.add("%s unknown field" % kind, at + ["more"], put(at + ["more"], 1))
        if kind != "pdq":
            maker.add("%s with a quality" % kind, at + ["quality"], put(at + ["quality"], 50))
    for wrong in (-1, 101, 1.5, "87"):
        maker.add("pdq quality %s" % wrong, ["content", "hashes", 3, "quality"],
                  put(["content", "hashes", 3, "quality"], wrong))
    for right in (0, 100):
        maker.good.append(("pdq quality %d" % right, put(["content", "hashes", 3, "quality"], right)))


def orders(maker):
    for name in ("reference", "country", "authority", "legal_basis", "reasons", "type", "urls", "issued_at", "addressee",
                 "contact", "signature", "redress"):
        maker.add("is missing from a removal order", ["order"], without(["order", name]))
    maker.add("is missing", ["order"], put(["order"], None))
    for kind in ("gov_referral_unit", "gov_order", "court_order"):
        body = put(["origin", "kind"], kind)
        body["order"] = None if kind == "gov_referral_unit" else ORDER
        body["origin"] = {"kind": kind}
        maker.add("%s without a state actor" % kind, ["origin", "state_actor"], body)
    maker.add("an order from a user", ["order"], put(["origin"], {"kind": "user_notice"}))
    empty = {"id": "bad", "type": "post"}
    maker.add("content without text, url or hash", ["content"], put(["content"], empty))


def data_folder(suite):
    return os.environ.get("RAPPORTEUR_TEST_DATA", os.path.join(os.path.dirname(suite.source), "shared", "data"))


def bytes_by_hand(source_data):
    good = json.dumps(BASE)
    made = {"empty body": b"", "only spaces": b"   ", "half a body": good[:99].encode(), "two bodies": (good + good).encode(),
            "trailing comma": (good[:-1] + ",}").encode(), "field twice": (good[:-1] + ',"reason":"x"}').encode(),
            "byte order mark": b"\xef\xbb\xbf" + good.encode(), "UTF-16": good.encode("utf-16"),
            "invalid UTF-8": good.encode().replace(b"Why.", b"\xff\xfe"), "overlong UTF-8": good.encode().replace(b"Why.", b"\xc0\xaf"),
            "UTF-8 surrogate": good.encode().replace(b"Why.", b"\xed\xa0\x80"),
            "escaped NUL": good.encode().replace(b"Why.", b"a\\u0000b"),
            "lone surrogate": good.encode().replace(b"Why.", b"\\ud800"), "NaN": good.replace("true", "NaN").encode(),
            "raw newline": good.encode().replace(b"Why.", b"a\nb"), "depth 33": b"[" * 33 + b"]" * 33,
            "depth 100000": b"[" * 100000, "20001 values": ("[%s]" % ",".join(["1"] * 20001)).encode(),
            "an array": b"[]", "a string": b'"text"', "a number": b"1", "null": b"null", "body of 257 KiB": b" " * (257 << 10)}
    folder = os.path.join(source_data, "json", "test_parsing")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if name.startswith("n_"):
            with open(os.path.join(folder, name), "rb") as file:
                made["JSON corpus " + name] = file.read()
    return made


def other_routes(service, held):
    """Bad bodies for the other routes: (what, who, path, body). `held` is a leased case of the reviewer."""
    record = json.load(open(os.path.join(service.source, "config/samples/01-clear-hit.decision.json"), encoding="utf-8"))
    decide, made = "/v1/cases/%s/decisions" % held["case"], []

    def claim(body):
        made.append(("claim %s" % json.dumps(body), "reviewer", "/v1/claims", body))
    for body in ({"limit": 0}, {"limit": 21}, {"limit": "1"}, {"limit": 1.5}, {"wait": -1}, {"wait": 31}, {"queues": "x"},
                 {"queues": [1]}, {"queues": [""]}, {"queues": ["A"]}, {"queues": ["q"] * 17}, {"queues": ["q" * 49]},
                 {"languages": ["EN"]}, {"languages": ["engl"]}, {"languages": [None]}, {"languages": {}},
                 {"languages": ["a:b"]}, {"other": 1}, []):
        claim(body)
    made += [("decision %s" % json.dumps(b), "reviewer", decide, b) for b in (
        {}, {"lease": held["lease"]}, {"lease": 1, "justification": record}, {"lease": held["lease"], "justification": []},
        {"lease": held["lease"], "justification": record, "version": 0},
        {"lease": held["lease"], "justification": record, "more": 1})]
    for name in sorted(record):
        for value in (None, 5, "", "no-such-word", [], {}, [7], {"x": 1}):
            if (name, value) in (("schema", None), ("facts", "no-such-word")):
                continue
            body = dict(record)
            body[name] = value
            made.append(("record %s = %s" % (name, json.dumps(value)), "reviewer", decide,
                         {"lease": held["lease"], "justification": body}))
    made.append(("record with an unknown field", "reviewer", decide,
                 {"lease": held["lease"], "justification": dict(record, no_such_field=1)}))
    made += [("escalation %s" % json.dumps(b), "reviewer", "/v1/cases/%s/escalations" % held["case"], b) for b in (
        {}, {"lease": held["lease"]}, {"lease": held["lease"], "queue": "x y", "reason": "r"},
        {"lease": held["lease"], "queue": "q" * 49, "reason": "r"}, {"lease": held["lease"], "queue": "q", "reason": ""},
        {"lease": held["lease"], "queue": "q", "reason": "r" * 2001}, {"lease": "x", "queue": "q", "reason": "r"})]
    made += [("second %s" % json.dumps(b)[:80], "senior", "/v1/cases/%s/second" % held["case"], b) for b in (
        {}, {"verdict": "agree", "more": 1}, {"verdict": 1}, {"verdict": "agree", "note": 7})]
    made += [("key %s" % json.dumps(b)[:80], "admin", "/v1/keys", b) for b in (
        {}, {"role": "partner"}, {"name": "x"}, {"role": 1, "name": "x"}, {"role": "root", "name": "x"},
        {"role": "partner", "name": ""}, {"role": "partner", "name": "ä"}, {"role": "partner", "name": "x" * 200},
        {"role": "partner", "name": "x", "expires_at": "soon"}, {"role": "partner", "name": "x", "secret": "s"})]
    return made


def depth(service):
    queues = call(service.port, "GET", "/v1/queues", service.keys["auditor"]).json()["queues"]
    return sum(q["waiting"] + q["awaiting_second"] + q["leased"] for q in queues)


def good_report(service, name):
    body = {"content": {"id": name, "type": "post", "text": "Harbour.", "language": "qzm"}, "category": "other_terms",
            "origin": {"kind": "user_terms_flag"}}
    answer = call(service.port, "POST", "/v1/reports", service.keys["partner"], body, {"Idempotency-Key": '"%s"' % name})
    return answer.json()


class Judge:
    def __init__(self, service):
        self.service, self.wrong, self.count, self.codes = service, [], 0, {}

    def see(self, what, answer, at=None):
        self.count += 1
        code = answer.code() if answer.status >= 400 else None
        self.codes[code] = self.codes.get(code, 0) + 1
        if not 400 <= answer.status < 500 or not code:
            self.wrong.append("%s: %s" % (what, answer))
        elif at is not None and not self.pointed(answer.json(), at):
            self.wrong.append("%s: no pointer at %s: %s" % (what, at, answer))

    @staticmethod
    def pointed(problem, at):
        """A pointer at the mistake or, for what is missing inside, at what holds it."""
        places = [one["pointer"] for one in problem.get("errors", [])]
        return any(place == at or place.startswith(at + "/") or (at.startswith(place + "/") and place) for place in places)

    def unknown_codes(self):
        return ["no page for the code %s" % code for code in self.codes if code and
                call(self.service.port, "GET", "/problems/" + code).status != 200]


def post(service, path, who, body, serial):
    headers = {"Idempotency-Key": '"bad-%d"' % serial} if path == "/v1/reports" else {}
    return call(service.port, "POST", path, service.keys[who], body, headers)


def run(suite):
    service = suite.service()
    with open(os.path.join(suite.source, "config/schema/report.json"), encoding="utf-8") as file:
        maker = Maker(json.load(file))
    maker.walk(maker.schema, [])
    hashes(maker)
    orders(maker)
    judge = Judge(service)
    held_report = good_report(service, "bad-held")
    held = call(service.port, "POST", "/v1/claims", service.keys["reviewer"], {"languages": ["qzm"]}).json()["leases"][0]
    before, first = depth(service), good_report(service, "bad-before")
    serial = 0
    for what, at, body in maker.bad:
        serial += 1
        judge.see(what, post(service, "/v1/reports", "partner", body, serial), at)
    generated = judge.count
    for what, body in bytes_by_hand(data_folder(suite)).items():
        serial += 1
        judge.see(what, post(service, "/v1/reports", "partner", body, serial))
    for what, who, path, body in other_routes(service, held):
        judge.see(what, post(service, path, who, body, serial))
    suite.result("bad requests: each is a 4xx with its code and a pointer", judge.wrong)
    suite.note("bad requests: %d kinds, %d from the schema; codes %s" %
               (judge.count, generated, json.dumps({str(k): v for k, v in sorted(judge.codes.items(), key=str)})))
    suite.result("bad requests: there are at least 200 kinds", [] if judge.count >= 200 else [judge.count])
    last = good_report(service, "bad-after")
    wrong = [] if last["log_index"] == first["log_index"] + 2 else ["the log grew from %d to %d" % (first["log_index"], last["log_index"])]
    wrong += [] if depth(service) == before + 2 else ["the queues hold %d, not %d" % (depth(service), before + 2)]
    wrong += [] if held_report["case"] == held["case"] else ["another case was leased"]
    suite.result("bad requests: none is stored, none is in the log", wrong)
    suite.result("bad requests: every code has its page", judge.unknown_codes())
    wrong = []
    for what, body in maker.good + [("the base report", BASE)]:
        answer = call(service.port, "POST", "/v1/check", service.keys["partner"], body)
        wrong += [] if answer.status == 200 else ["%s: %s" % (what, answer)]
    suite.result("bad requests: the other side of each limit is accepted (%d)" % (len(maker.good) + 1), wrong)
