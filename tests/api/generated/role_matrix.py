# SPDX-License-Identifier: Apache-2.0
"""Every route times every role: who is named may, everybody else gets 403, and without a key 401.
EXPECTED is the contract written down a second time, so that a slip in the route table is seen."""
from wire import call

ROLES = ("partner", "reviewer", "senior", "auditor", "admin", "metrics")
P, R, A, X = "partner", "reviewer senior", "auditor", "admin"
EXPECTED = {
    "post /v1/reports": P, "get /v1/reports/{id}": [P, R, A], "get /v1/cases/{id}": [P, R, A],
    "get /v1/reports/{id}/people": [P, "senior"],
    "post /v1/check": P, "get /v1/notices": P, "get /v1/decisions/{id}": [P, R, A],
    "get /v1/cases/{id}/order": [P, R, A], "post /v1/cases/{id}/order/events": P,
    "post /v1/decisions/{id}/record": R, "post /v1/decisions/{id}/effect": P, "get /v1/decisions/{id}/receipt": [P, A],
    "post /v1/cases/{id}/appeals": P, "post /v1/claims": R, "post /v1/claims/{token}/extend": R, "post /v1/claims/{token}/suggestions": R,
    "delete /v1/claims/{token}": R, "post /v1/cases/{id}/decisions": R, "post /v1/cases/{id}/second": "senior",
    "post /v1/cases/{id}/escalations": R, "get /v1/queues": [R, A, X], "get /v1/policies": "", "get /v1/policies/versions": "",
    "get /v1/justification/schema": [R, A, X], "post /v1/justification/check": R, "get /v1/rules": [R, A, X], "put /v1/rules": X, "post /v1/rules/backtest": X,
    "get /v1/lists": [P, R, A, X],
    "get /v1/audit/entries": A, "get /v1/audit/export": A, "get /v1/transparency": A, "get /log/checkpoint": A, "get /log/{path}": A,
    "put /v1/rules": X, "post /v1/rules/backtest": X,
    "get /v1/webhooks": [P, X], "put /v1/webhooks": P, "delete /v1/webhooks": P, "post /v1/webhooks/secret": P,
    "post /v1/webhooks/test": P, "post /v1/webhooks/replay": P, "put /v1/partners/{partner}/webhook": X,
    "get /v1/cases/{id}/related": [R, A],
    "get /v1/cases/{id}/holds": ["senior", A, X], "post /v1/cases/{id}/holds": ["senior", X],
    "delete /v1/cases/{id}/holds/{hold}": ["senior", X], "post /v1/erasures": [P, X],
    "get /v1/keys": X, "post /v1/keys": X, "delete /v1/keys/{id}": X,
    "post /v1/appeals": "", "get /v1/appeals/status": "",
    "get /healthz": "", "get /readyz": "", "get /version": "", "get /openapi.json": "", "get /problems/{code}": "",
}
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
UNKNOWN = "-00000000-0000-7000-8000-000000000000"
KINDS = {"reports": "rpt", "cases": "cas", "decisions": "dec", "claims": "lse"}


def concrete(path):
    """An id that is well formed and names nothing."""
    kind = KINDS.get(path.split("/")[2] if path.count("/") > 1 else "", "xyz")
    for name in ("{id}", "{token}"):
        path = path.replace(name, (kind + UNKNOWN).replace("-", "_", 1))
    return path.replace("{hold}", "hld" + UNKNOWN.replace("-", "_", 1)).replace("{partner}", "no-such-partner").replace("{path}", "tile/0/x999/999").replace("{code}", "NO_SUCH_CODE")


def expected_roles(words):
    return set(" ".join(words).split() if isinstance(words, list) else words.split())


def check_cell(service, method, path, role, allowed):
    """A sentence when the cell is wrong. The body is refused by every route, so nothing is stored."""
    body = b'{"no such field": 1}' if method in ("POST", "PUT") else None
    answer = call(service.port, method, concrete(path), service.keys.get(role), body)
    code = answer.code() if answer.status >= 400 else None
    cell = "%s %s as %s: %s" % (method, path, role, answer)
    if answer.status >= 500 or (answer.status >= 400 and not code):
        return cell
    if path.startswith("/v1/appeals"):              # takes a case token and no key of any role
        return None if (answer.status, code) in ((401, "TOKEN_UNKNOWN"), (429, "RATE_LIMIT")) else cell
    if role is None and allowed:
        return None if answer.status == 401 and answer.header("WWW-Authenticate") else cell
    if allowed and role not in allowed:
        wanted = "VAULT_DENIED" if path.endswith("/people") else "ROLE_FORBIDDEN"
        return None if (answer.status, code) == (403, wanted) else cell
    return cell if answer.status in (401, 403) else None


def run(suite):
    service = suite.service()
    paths = call(service.port, "GET", "/openapi.json").json()["paths"]
    described = {"%s %s" % (method, path): set(op.get("x-roles", []))
                 for path, item in paths.items() for method, op in item.items()}
    wrong = ["%s: described for %s, expected %s" % (route, sorted(described.get(route, ["nothing"])), words)
             for route, words in EXPECTED.items() if described.get(route) != expected_roles(words)]
    wrong += ["not in the table of this test: " + route for route in described if route not in EXPECTED]
    suite.result("role matrix: the description gives each route the roles of the contract", wrong)

    cells, wrong = 0, []
    for route, words in EXPECTED.items():
        method, path = route.split(" ")
        for role in (None,) + ROLES:
            cells += 1
            wrong.append(check_cell(service, method.upper(), path, role, expected_roles(words)))
    wrong = [one for one in wrong if one]
    suite.result("role matrix: every route answers every role as described", wrong)
    suite.note("role matrix: %d cells, %d wrong" % (cells, len(wrong)))

    cells, wrong = 0, []
    for path, item in paths.items():
        for method in METHODS:
            if method.lower() in item or (path == "/log/checkpoint"):
                continue
            answer = call(service.port, method, concrete(path), service.keys["admin"])
            cells += 1
            if answer.status != 405 or not all(m.upper() in (answer.header("Allow") or "") for m in item):
                wrong.append("%s %s: %s, Allow %s" % (method, path, answer, answer.header("Allow")))
    suite.result("role matrix: every other method is 405 with Allow", wrong)
    suite.note("role matrix: %d method cells, %d wrong" % (cells, len(wrong)))
