# SPDX-License-Identifier: Apache-2.0
"""Webhooks against a real receiver: signatures checked on their own, slow, failing, gone and redirecting
receivers, addresses inside, rotation, replay, a killed service, TLS."""
import os
import signal
import socket
import time

from case_file import Failed, Run
from receiver import Receiver, certificate
from wire import call

DEADLINE_S = 1.5
SETTINGS = ["addresses: any", "schemes: any", "deadline: 1500ms", "first_pause: 100ms", "patience: 2s"]
INSIDE = ("localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "017700000001", "0", "[::1]", "[::ffff:127.0.0.1]",
          "[::ffff:7f00:1]")


class Partner:
    """A partner with a key, an endpoint, and a way to get decisions."""
    serial = 0

    def __init__(self, service, url=None):
        Partner.serial += 1
        self.service, self.name = service, "hook-%d" % Partner.serial
        self.run = Run(service, "webhooks")
        answer = call(service.port, "POST", "/v1/keys", service.keys["admin"], {"role": "partner", "name": self.name})
        self.key, self.count = answer.json()["key"], 0
        self.secret = self.put(url).json()["secret"] if url else None

    def put(self, url):
        return self.call("PUT", "/v1/webhooks", {"url": url})

    def call(self, method, path, body=None):
        return call(self.service.port, method, path, self.key, body)

    def state(self):
        return self.call("GET", "/v1/webhooks").json()

    def wait_state(self, member, value, seconds=20):
        until = time.monotonic() + seconds
        while self.state()[member] != value:
            if time.monotonic() > until:
                raise Failed("%s is not %r after %d s: %s" % (member, value, seconds, self.state()))
            time.sleep(0.05)

    def decide(self, count=1):
        """That many decisions of `no_action`; their ids."""
        made = []
        for _ in range(count):
            self.count += 1
            name = "%s-%d" % (self.name, self.count)
            self.run.do_report(name, "from 07-no-hit by key:" + self.key)
            self.run.do_claim(name, "by reviewer")
            self.run.do_decide(name, "by reviewer from 07-no-hit.decision")
            made.append(self.run.values[name + ".decision"])
        return made


def need(condition, said):
    if not condition:
        raise Failed(said)


def endpoint_life(service, receiver):
    partner = Partner(service)
    need(partner.call("GET", "/v1/webhooks").status == 404, "an endpoint before it was made")
    for url in ("ftp://example.org/", "example.org", "https://user:word@example.org/", "https://example.org/#a", "/path", ""):
        answer = partner.put(url)
        need(answer.status == 422, "%s: %s" % (url, answer))
    made = partner.put(receiver.url("/life"))
    need(made.status == 201 and made.json()["secret"].startswith("whsec_") and made.json()["state"] == "active", made)
    need("secret" not in partner.state(), "GET shows the secret: %s" % partner.state())
    again = partner.put(receiver.url("/life2"))
    need(again.status == 200 and "secret" not in again.json() and again.json()["url"].endswith("/life2"), again)
    everybody = call(service.port, "GET", "/v1/webhooks", service.keys["admin"])
    need(partner.name in [w["partner"] for w in everybody.json()["webhooks"]] and "whsec" not in everybody.body.decode(), everybody)
    need(partner.call("DELETE", "/v1/webhooks").status == 204, "not removed")
    need(partner.call("DELETE", "/v1/webhooks").status == 404, "removed twice")
    partner.decide()
    need(not receiver.at("/life2"), "delivered after it was removed")


def delivered_and_signed(service, receiver):
    partner = Partner(service, receiver.url("/plain"))
    made = partner.decide(3)
    got = receiver.wait("/plain", 3)
    need(sorted(m.json()["data"]["notice"]["decision"] for m in got) == sorted(made), "%d came" % len(got))
    need(all(m.signed_by(partner.secret) == 1 for m in got), "a signature does not fit")
    need(not any(m.signed_by("whsec_" + "A" * 43 + "=") for m in got), "any secret fits")
    pulled = partner.call("GET", "/v1/notices").json()["notices"]
    need(sorted((m.json()["data"] for m in got), key=lambda d: d["at"]) == sorted(pulled, key=lambda d: d["at"]), "not what /v1/notices says")
    need(all(m.json()["type"] == "notice.decision" and m.headers["content-type"] == "application/json" for m in got), got[0].headers)
    need(len({m.id for m in got}) == 3, "ids repeat")
    partner.wait_state("delivered", 3)
    need(partner.state()["waiting"] == 0 and "last_failure" not in partner.state(), partner.state())


def retried_with_the_same_id(service, receiver):
    partner = Partner(service, receiver.url("/shaky"))
    receiver.plan("/shaky", (500, {}, b""), (503, {}, b"no"), (200, {}, b"ok"))
    partner.decide()
    got = receiver.wait("/shaky", 3)
    need(len(got) == 3 and len({m.id for m in got}) == 1 and len({m.body for m in got}) == 1, "%d came" % len(got))
    need(0.05 < got[1].at - got[0].at < got[2].at - got[1].at, "pauses do not grow")
    partner.wait_state("delivered", 1)
    failure = partner.state()["last_failure"]
    need(failure["status"] == 503 and partner.state()["failures_in_row"] == 0, partner.state())
    time.sleep(0.5)
    need(len(receiver.at("/shaky")) == 3, "sent again after its success")


def gone_until_an_operator_enables(service, receiver):
    partner = Partner(service, receiver.url("/gone"))
    receiver.plan("/gone", (410, {}, b""), (204, {}, b""))
    partner.decide()
    partner.wait_state("state", "gone")
    partner.decide()
    need(partner.put(receiver.url("/gone")).json()["state"] == "gone", "the same URL enables it")
    time.sleep(0.6)
    need(len(receiver.at("/gone")) == 1, "sent to an endpoint that is gone")
    need(call(service.port, "PUT", "/v1/partners/%s/webhook" % partner.name, partner.key, {"enabled": True}).status == 403, "the partner enabled it")
    on = call(service.port, "PUT", "/v1/partners/%s/webhook" % partner.name, service.keys["admin"], {"enabled": True})
    need(on.status == 200 and on.json()["state"] == "active", on)
    need(len(receiver.wait("/gone", 3)) == 3, "what waited did not come")
    call(service.port, "PUT", "/v1/partners/%s/webhook" % partner.name, service.keys["admin"], {"enabled": False})
    need(partner.state()["state"] == "disabled" and partner.put(receiver.url("/other")).json()["state"] == "disabled", partner.state())
    partner.decide()
    time.sleep(0.6)
    need(not receiver.at("/other"), "sent to an endpoint that an operator switched off")
    done = [e["action"] for e in config_entries(service) if e.get("partner") == partner.name]
    need(done == ["webhook_set", "webhook_disable", "webhook_set", "webhook_enable", "webhook_disable", "webhook_set"], done)


def config_entries(service):
    from generated.log_files import settle
    settle(service)
    page = call(service.port, "GET", "/v1/audit/entries?type=config&limit=200", service.keys["auditor"]).json()
    return [one["entry"] for one in page["entries"]]


def redirect_is_not_followed(service, receiver):
    partner = Partner(service, receiver.url("/moved"))
    receiver.plan("/moved", (302, {"Location": receiver.url("/target")}, b""), (204, {}, b""))
    partner.decide()
    need(len(receiver.wait("/moved", 2)) == 2, "not tried again")
    need(not receiver.at("/target"), "the redirect was followed")
    need("redirect" in partner.state()["last_failure"]["detail"], partner.state())


def slow_one_delays_nobody(service, receiver):
    slow, quick = Partner(service, receiver.url("/slow")), Partner(service, receiver.url("/quick"))

    def hang(_):
        time.sleep(2 * DEADLINE_S)
    receiver.plan("/slow", hang)
    slow.decide(6)
    receiver.wait("/slow", 1)
    begun = time.monotonic()
    quick.decide(1)
    took = (receiver.wait("/quick", 1) or [None])[0]
    need(took and took.at - begun < DEADLINE_S, "the quick one waited")
    need(len(receiver.at("/slow")) <= 4, "more than its share for one endpoint")
    until = time.monotonic() + 10
    while "last_failure" not in slow.state() and time.monotonic() < until:
        time.sleep(0.05)
    need("deadline" in slow.state()["last_failure"]["detail"], slow.state())


def large_answer_counts_by_its_status(service, receiver):
    partner = Partner(service, receiver.url("/large"))
    receiver.plan("/large", (200, {}, b"x" * (8 << 20)))
    partner.decide()
    receiver.wait("/large", 1)
    partner.wait_state("delivered", 1)
    need(len(receiver.at("/large")) == 1, "sent again")


def both_secrets_sign_while_rotating(service, receiver):
    partner = Partner(service, receiver.url("/rotate"))
    turned = partner.call("POST", "/v1/webhooks/secret", {"overlap_seconds": 3600})
    secret = turned.json()["secret"]
    need(turned.status == 200 and secret != partner.secret and "old_secret_until" in turned.json(), turned)
    partner.decide()
    both = receiver.wait("/rotate", 1)[0]
    need(both.signed_by(secret) == 1 and both.signed_by(partner.secret) == 1, both.headers)
    last = partner.call("POST", "/v1/webhooks/secret", {"overlap_seconds": 0}).json()["secret"]
    partner.decide()
    one = receiver.wait("/rotate", 2)[1]
    need(one.signed_by(last) == 1 and one.signed_by(secret) == 0 and " " not in one.headers["webhook-signature"], one.headers)
    need(partner.call("POST", "/v1/webhooks/secret", {"overlap_seconds": 7 * 86400 + 1}).status == 422, "overlap without end")


def replay_gives_the_same_ids(service, receiver):
    partner = Partner(service, receiver.url("/replay"))
    partner.decide(3)
    first = receiver.wait("/replay", 3)
    partner.wait_state("delivered", 3)
    cursors = [n["cursor"] for n in partner.call("GET", "/v1/notices").json()["notices"]]
    need(partner.call("POST", "/v1/webhooks/replay", {"cursor": cursors[0]}).json()["after"] == cursors[0], "another cursor")
    again = receiver.wait("/replay", 5)[3:]
    need(sorted(m.json()["data"]["cursor"] for m in again) == sorted(cursors[1:]), "not what lies behind the cursor")
    need({m.id for m in again} < {m.id for m in first}, "other ids")
    partner.wait_state("delivered", 5)
    since = partner.call("GET", "/v1/notices").json()["notices"][2]["at"]
    partner.call("POST", "/v1/webhooks/replay", {"since": since})
    need([m.json()["data"]["cursor"] for m in receiver.wait("/replay", 6)[5:]] == cursors[2:], "not from the time on")
    partner.wait_state("delivered", 6)
    partner.call("POST", "/v1/webhooks/replay", {"since": "2020-01-01T00:00:00Z"})
    need(len(receiver.wait("/replay", 9)) == 9, "not everything")
    for body in ({}, {"cursor": "bogus"}, {"cursor": cursors[0], "since": since}):
        need(partner.call("POST", "/v1/webhooks/replay", body).status == 422, body)


def test_message_is_sent_at_once(service, receiver):
    partner = Partner(service, receiver.url("/ping"))
    answer = partner.call("POST", "/v1/webhooks/test")
    got = receiver.wait("/ping", 1)[0]
    need(answer.status == 200 and answer.json()["delivered"] and answer.json()["webhook_id"] == got.id, answer)
    need(got.signed_by(partner.secret) == 1 and got.json()["type"] == "webhook.test", got.body)
    receiver.plan("/ping", (418, {}, b""))
    answer = partner.call("POST", "/v1/webhooks/test").json()
    need(not answer["delivered"] and answer["status"] == 418, answer)
    need(Partner(service).call("POST", "/v1/webhooks/test").status == 404, "a test without an endpoint")


def failing_for_long_switches_off_and_loses_nothing(service, receiver):
    partner = Partner(service, receiver.url("/down"))
    receiver.plan("/down", (500, {}, b""))
    made = partner.decide(2)
    partner.wait_state("state", "failing")
    made += partner.decide()
    receiver.plan("/down", (200, {}, b""))
    before = len(receiver.at("/down"))
    call(service.port, "PUT", "/v1/partners/%s/webhook" % partner.name, service.keys["admin"], {"enabled": True})
    got = receiver.wait("/down", before + 3)[before:]
    need(sorted(m.json()["data"]["notice"]["decision"] for m in got) == sorted(made), "%d came" % len(got))


def one_bad_notice_is_given_up(service, receiver):
    partner = Partner(service, receiver.url("/picky"))
    first = []

    def picky(handler):
        first.append(handler.headers["webhook-id"])
        return (500 if first[-1] == first[0] else 200, {}, b"")
    receiver.plan("/picky", picky)
    partner.decide(1)
    receiver.wait("/picky", 1)
    for _ in range(4):
        partner.decide(1)
        time.sleep(0.3)
    partner.wait_state("given_up", 1)
    need(partner.state()["delivered"] == 4 and partner.state()["state"] == "active", partner.state())


def nothing_inside_is_reached(service):
    """The default settings; the listener counts connections."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.3)
    partner, wrong = Partner(service, "https://example.org/"), []
    for host in INSIDE + (socket.gethostname(),):
        partner.put("https://%s:%d/" % (host, listener.getsockname()[1]))
        answer = partner.call("POST", "/v1/webhooks/test").json()
        if answer["delivered"] or not ("private" in answer["detail"] or host not in ("localhost", "127.0.0.1", "[::ffff:127.0.0.1]")):
            wrong.append("%s: %s" % (host, answer))
        try:
            listener.accept()
            wrong.append("%s: connected" % host)
        except socket.timeout:
            pass
    listener.close()
    need(partner.put("http://example.org/").status == 422, "http is taken")
    partner.call("DELETE", "/v1/webhooks")
    return wrong


def numbers(port):
    """name{labels} -> value of every sample of webhooks on /metrics."""
    text = call(port, "GET", "/metrics").body.decode("utf-8")
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith("rapporteur_webhook")}


def grown(port, before, wanted, seconds=40):
    """Waits until each number has grown by exactly what is wanted. What waits is summed up every ten seconds only."""
    until = time.monotonic() + seconds
    while True:
        now = numbers(port)
        by = {name: now[name] - before[name] for name in wanted}
        if by == wanted:
            return
        need(time.monotonic() < until, "grew by %s, not %s" % (by, wanted))
        time.sleep(0.05)


def counted_as_it_went(service, port):
    """On a service where nobody else has an endpoint, so that every number is known."""
    receiver = Receiver()
    attempts = "rapporteur_webhook_attempts_total{result=\"%s\"}"
    delivered, waits, given_up, disabled = (attempts % word for word in ("delivered", "waits", "given_up", "disabled"))
    took, waiting, off = ("rapporteur_webhook_" + word for word in
                          ("attempt_duration_seconds_count", "waiting_notices", "disabled_endpoints"))
    plain, gone = Partner(service, receiver.url("/counted")), Partner(service, receiver.url("/counted-gone"))
    before = numbers(port)
    receiver.plan("/counted", (500, {}, b""), (204, {}, b""))
    plain.decide()
    grown(port, before, {delivered: 1, waits: 1, given_up: 0, disabled: 0, took: 2})
    receiver.plan("/counted-gone", (410, {}, b""))
    gone.decide()
    grown(port, before, {delivered: 1, waits: 1, given_up: 0, disabled: 1, took: 3, waiting: 1, off: 1})
    on = call(service.port, "PUT", "/v1/partners/%s/webhook" % gone.name, service.keys["admin"], {"enabled": True})
    need(on.status == 200 and on.json()["state"] == "active", on)
    receiver.plan("/counted-gone", (204, {}, b""))
    grown(port, before, {delivered: 2, waits: 1, given_up: 0, disabled: 1, took: 4, waiting: 0, off: 0})
    receiver.stop()


def killed_with_messages_under_way(service, receiver):
    partner, waiting = Partner(service, receiver.url("/killed")), Partner(service, "http://127.0.0.1:%d/" % free_port())

    def hang(_):
        time.sleep(DEADLINE_S)
    receiver.plan("/killed", hang)
    made, others = partner.decide(6), waiting.decide(2)
    receiver.wait("/killed", 1)
    service.signal(signal.SIGKILL)
    service.process.wait()
    receiver.plan("/killed", (200, {}, b""))
    before = len(receiver.at("/killed"))
    service.start()
    waiting.put(receiver.url("/waiting"))
    got = receiver.wait("/killed", before + 6)[before:]
    need({m.json()["data"]["notice"]["decision"] for m in got} == set(made), "%d of 6 came" % len(got))
    if waiting.state()["state"] != "active":
        call(service.port, "PUT", "/v1/partners/%s/webhook" % waiting.name, service.keys["admin"], {"enabled": True})
    got = receiver.wait("/waiting", 2)
    need({m.json()["data"]["notice"]["decision"] for m in got} == set(others), "%d of 2 came" % len(got))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def tls_is_checked(service, folder, known):
    with_known = Receiver(known)
    with_other = Receiver(certificate(folder, "other"))
    partner = Partner(service, with_known.url("/tls", "localhost"))
    partner.decide()
    wrong = [] if [m.signed_by(partner.secret) for m in with_known.wait("/tls", 1)] == [1] else ["not delivered over TLS"]
    partner.put(with_other.url("/tls", "localhost"))
    answer = partner.call("POST", "/v1/webhooks/test").json()
    wrong += [] if not answer["delivered"] and "certificate" in answer["detail"] and not with_other.messages else [answer]
    with_known.stop()
    with_other.stop()
    return wrong


def run(suite):
    folder = os.path.join(suite.folder, "webhook-files")
    os.makedirs(folder)
    known = certificate(folder, "known")
    service = suite.new_service("webhooks", {"webhooks": SETTINGS + ["ca_file: " + known[0]]})
    receiver = Receiver()
    for test in (endpoint_life, delivered_and_signed, retried_with_the_same_id, gone_until_an_operator_enables,
                 redirect_is_not_followed, slow_one_delays_nobody, large_answer_counts_by_its_status,
                 both_secrets_sign_while_rotating, replay_gives_the_same_ids, test_message_is_sent_at_once,
                 failing_for_long_switches_off_and_loses_nothing, one_bad_notice_is_given_up,
                 killed_with_messages_under_way):
        suite.guard("webhooks: " + test.__name__.replace("_", " "), lambda one=test: one(service, receiver))
    suite.guard("webhooks: tls is checked", lambda: tls_is_checked(service, folder, known))
    receiver.stop()
    port = free_port()
    counted = suite.new_service("webhook-numbers", {"webhooks": SETTINGS, "metrics": ["listen: 127.0.0.1:%d" % port]})
    suite.guard("webhooks: counted as it went", lambda: counted_as_it_went(counted, port))
    suite.guard("webhooks: no name or spelling leads inside", lambda: nothing_inside_is_reached(suite.service()))
