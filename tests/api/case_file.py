# SPDX-License-Identifier: Apache-2.0
"""A case file: requests and what must come back. README.md has the form."""
import copy
import json
import os
import re
import time

from wire import call

REQUEST = re.compile(r"^(GET|POST|PUT|DELETE|HEAD|OPTIONS|PATCH) (\S+)(?: as (\S+))?$")
NEXT = re.compile(r"^($|#|do |(GET|POST|PUT|DELETE|HEAD|OPTIONS|PATCH) )")
HEADER = re.compile(r"^([A-Z][A-Za-z-]+): (.*)$")
EXPECT = re.compile(r"^(\S+) (=|!=|~|has|lacks|<|<=|>|>=|->)(?: (.*))?$")
SAMPLE = re.compile(r"@([a-z0-9.-]+)")
PUBLISH_S = 20


class Failed(Exception):
    pass


def merge(base, patch):
    """RFC 7396: null takes a member away."""
    if not isinstance(patch, dict):
        return patch
    base = copy.deepcopy(base) if isinstance(base, dict) else {}
    for name, value in patch.items():
        if value is None:
            base.pop(name, None)
        else:
            base[name] = merge(base.get(name), value)
    return base


class Run:
    """One case file on one service. `values` are the names that ${...} stands for."""
    serial = 0

    def __init__(self, service, path):
        self.service, self.path = service, path
        Run.serial += 1
        self.tag = "c%d" % Run.serial
        self.values = {"tag": self.tag}
        self.languages = 0
        self.line = 0

    def new_language(self):
        """A language of its own makes a queue of its own: no case file sees another's cases."""
        self.languages += 1
        number = Run.serial * 12 + self.languages
        return "rstuvwxyz"[number // 676 % 9] + chr(97 + number // 26 % 26) + chr(97 + number % 26)

    def fill(self, text):
        def one(match):
            if match[1] not in self.values:
                raise Failed("line %d: nothing is called ${%s}" % (self.line, match[1]))
            value = self.values[match[1]]
            return json.dumps(value) if isinstance(value, (dict, list)) else str(value)
        return re.sub(r"\$\{([^}]+)\}", one, text)

    def key(self, who):
        if who in (None, "nobody"):
            return None
        if who.startswith("key:"):
            return who[4:]
        return self.service.keys[who]

    def body(self, text):
        """@sample stands for a file of config/samples, "@sample + {patch}" for it with a merge patch."""
        text, at = self.fill(text), 0
        while (match := SAMPLE.search(text, at)) is not None:
            end, patch = match.end(), {}
            if not os.path.exists(self.sample_path(match[1])):
                at = end
                continue
            if text[end:end + 3] == " + ":
                patch, used = json.JSONDecoder().raw_decode(text[end + 3:])
                end += 3 + used
            one = json.dumps(merge(self.sample(match[1]), patch), ensure_ascii=False)
            text, at = text[:match.start()] + one + text[end:], match.start() + len(one)
        return text.encode("utf-8")

    def sample_path(self, name):
        return os.path.join(self.service.source, "config", "samples", name + ".json")

    def sample(self, name):
        with open(self.sample_path(name), encoding="utf-8") as sample:
            return json.load(sample)

    def send(self, method, path, who, headers, body):
        headers = {k: None if v == "-" else v for k, v in headers.items()}
        if method == "POST" and path == "/v1/reports" and "Idempotency-Key" not in headers:
            self.values["serial"] = self.values.get("serial", 0) + 1
            headers["Idempotency-Key"] = '"%s-auto-%d"' % (self.tag, self.values["serial"])
        return call(self.service.port, method, path, self.key(who), body, headers)

    # ---- shorthands: do NAME ... ----

    def do_report(self, name, words):
        """do report c FROM 01-clear-hit [by partner] [+ {patch}]"""
        match = re.match(r"^from (\S+)(?: by (\S+))?(?: \+ (\{.*\}))?$", words, re.S)
        language = self.new_language()
        body = merge(self.sample(match[1]), {"content": {"id": "%s-%s" % (self.tag, name), "language": language}})
        body = merge(body, json.loads(match[3] or "{}"))
        answer = self.send("POST", "/v1/reports", match[2] or "partner", {}, body)
        self.need(answer, 202)
        self.values.update({name + ".report": answer.json()["report"], name + ".case": answer.json()["case"],
                            name + ".language": body["content"].get("language"),
                            name + ".content": body["content"]["id"],
                            name + ".log_index": answer.json()["log_index"]})

    def do_claim(self, name, words):
        """do claim c by reviewer"""
        who = words.split()[1]
        answer = self.send("POST", "/v1/claims", who, {}, {"languages": [self.values[name + ".language"]], "limit": 20})
        self.need(answer, 200)
        for lease in answer.json()["leases"]:
            if lease["case"] == self.values[name + ".case"]:
                self.values[name + ".lease"] = lease["lease"]
                self.values[name + ".version"] = lease["version"]
                return
        raise Failed("no lease for the case: %s" % answer)

    def do_decide(self, name, words):
        """do decide c by reviewer from 01-clear-hit.decision [+ {patch}]"""
        match = re.match(r"^by (\S+) from (\S+)(?: \+ (\{.*\}))?$", words, re.S)
        record = merge(self.sample(match[2]), json.loads(match[3] or "{}"))
        answer = self.send("POST", "/v1/cases/%s/decisions" % self.values[name + ".case"], match[1], {},
                           {"lease": self.values[name + ".lease"], "justification": record})
        self.need(answer, 201)
        self.values.update({name + ".decision": answer.json()["decision"], name + ".state": answer.json()["state"],
                            name + ".log_index": answer.json()["log_index"]})

    def do_second(self, name, words):
        """do second c by senior agree|disagree"""
        _, who, verdict = words.split()
        answer = self.send("POST", "/v1/cases/%s/second" % self.values[name + ".case"], who, {},
                           {"verdict": verdict, "note": "Read on my own and weighed anew, without the first answer."})
        self.need(answer, 201)
        self.values[name + ".state"] = answer.json()["state"]
        self.values[name + ".log_index"] = answer.json()["log_index"]

    def do_publish(self, name, _words):
        """do publish c: waits until the entry c.log_index lies under a checkpoint"""
        until = time.monotonic() + PUBLISH_S
        while True:
            log = call(self.service.port, "GET", "/readyz").json()["log"]
            if log["published"] + log["before"] > self.values[name + ".log_index"]:
                return
            if time.monotonic() > until:
                raise Failed("not published after %d s" % PUBLISH_S)
            time.sleep(0.05)

    # ---- expectations ----

    def need(self, answer, status):
        if answer.status != status:
            raise Failed("line %d: %d was due, came %s" % (self.line, status, answer))

    def find(self, answer, where):
        """The value at `.a.b[0]`, `header:Name`, `body` or a name; LookupError when it is not there."""
        if where == "body":
            return answer.body.decode("utf-8")
        if where.startswith("header:"):
            if answer.header(where[7:]) is None:
                raise LookupError(where)
            return answer.header(where[7:])
        value = answer.json()
        for name, index in re.findall(r"\.([^.\[\]]+)|\[(-?\d+)\]", where):
            if name == "length" and isinstance(value, list):
                value = len(value)
            elif name and isinstance(value, list):
                value = [one[name] for one in value if name in one]
            else:
                value = value[name] if name else value[int(index)]
        return value

    def expect(self, answer, text):
        text = self.fill(text)
        if text.endswith(" absent"):
            try:
                raise Failed("line %d: %s is there: %s" % (self.line, text[:-7], self.find(answer, text[:-7])))
            except LookupError:
                return
        match = EXPECT.match(text)
        if not match:
            raise Failed("line %d: not an expectation: %s" % (self.line, text))
        where, sign, wanted = match.groups()
        try:
            value = self.find(answer, where)
        except (LookupError, TypeError) as error:
            raise Failed("line %d: no %s in %s" % (self.line, where, answer)) from error
        if sign == "->":
            self.values[wanted] = value
            return
        wanted = wanted if sign == "~" or where in ("body",) or where.startswith("header:") else json.loads(wanted)
        good = {"=": lambda: value == wanted, "!=": lambda: value != wanted,
                "~": lambda: re.search(wanted, value if isinstance(value, str) else json.dumps(value)) is not None,
                "has": lambda: wanted in value, "lacks": lambda: wanted not in value,
                "<": lambda: value < wanted, "<=": lambda: value <= wanted,
                ">": lambda: value > wanted, ">=": lambda: value >= wanted}[sign]()
        if not good:
            raise Failed("line %d: %s %s %s, but it is %s" % (self.line, where, sign, wanted, str(value)[:400]))

    # ---- the file ----

    def request(self, lines, at):
        """Runs the request that begins at line `at`; returns the line after its expectations."""
        method, path, who = REQUEST.match(self.fill(lines[at])).groups()
        headers, body, at = {}, [], at + 1
        while HEADER.match(lines[at]):
            name, value = HEADER.match(self.fill(lines[at])).groups()
            headers[name], at = value, at + 1
        while not lines[at].startswith("=> "):
            body.append(lines[at])
            at += 1
        self.line = at + 1
        status, _, code = self.fill(lines[at][3:]).partition(" ")
        begun = time.monotonic()
        answer = self.send(method, path, who, headers, self.body("\n".join(body)) if body else None)
        took = time.monotonic() - begun
        self.need(answer, int(status))
        if code and answer.code() != code:
            raise Failed("line %d: code %s was due, came %s" % (self.line, code, answer))
        at += 1
        while at < len(lines) and not NEXT.match(lines[at]):
            self.line = at + 1
            if lines[at].startswith("within "):
                if took > float(lines[at].split()[1]):
                    raise Failed("line %d: it took %.3f s" % (self.line, took))
            else:
                self.expect(answer, lines[at])
            at += 1
        return at

    def run(self, lines):
        at = 0
        while at < len(lines):
            self.line = at + 1
            text = lines[at]
            if not text.strip() or text.startswith(("#", "service: ")):
                at += 1
            elif text.startswith("do "):
                while at + 1 < len(lines) and lines[at + 1].startswith("   "):
                    at += 1                       # a patch may go on, indented
                    text += " " + lines[at].strip()
                _, what, name, *rest = text.split(" ", 3)
                getattr(self, "do_" + what)(name, self.fill(rest[0] if rest else ""))
                at += 1
            elif REQUEST.match(self.fill(text)):
                at = self.request(lines, at)
            else:
                raise Failed("line %d: what is this? %s" % (at + 1, text))
