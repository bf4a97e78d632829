# SPDX-License-Identifier: Apache-2.0
"""The log over HTTP is the log in the folder, byte for byte; a receipt is checked with nothing but SHA-256;
the export over HTTP is the export of the command line."""
import base64
import hashlib
import json
import os
import time

from wire import call


def tiles(folder):
    """Every tile in place; what is being written has another name until it is renamed."""
    return sorted(os.path.relpath(os.path.join(at, name), folder)
                  for at, _, names in os.walk(os.path.join(folder, "tile")) for name in names
                  if not name.startswith(".new-"))


def inclusion_root(leaf, index, size, proof):
    """RFC 9162 2.1.3.2."""
    fn, sn, root = index, size - 1, leaf
    for node in proof:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            root = hashlib.sha256(b"\1" + node + root).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = hashlib.sha256(b"\1" + root + node).digest()
        fn, sn = fn >> 1, sn >> 1
    return root if sn == 0 else None


def check_receipt(text, entry):
    """c2sp.org/tlog-proof@v1: extra line?, index N, hashes, blank line, checkpoint."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    index = next(int(line.split()[1]) for line in lines if line.startswith("index "))
    proof = [base64.b64decode(line) for line in lines[lines.index("index %d" % index) + 1:]]
    size, root = int(note.split("\n")[1]), base64.b64decode(note.split("\n")[2])
    leaf = hashlib.sha256(b"\0" + entry).digest()
    return index, inclusion_root(leaf, index, size, proof) == root


def settle(service):
    """Waits until nothing is left to publish; returns the size."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        log = call(service.port, "GET", "/readyz").json()["log"]
        if log["backlog"] == 0 and log["published"] == log["size"]:
            return log["size"]
        time.sleep(0.05)
    raise RuntimeError("the log does not settle: %s" % log)


def files_equal(service):
    folder = os.path.join(service.state, "audit", "log")
    settle(service)
    wrong = []
    for name in ["checkpoint", "vkey"] + tiles(folder):
        with open(os.path.join(folder, name), "rb") as file:
            expected = file.read()
        answer = call(service.port, "GET", "/log/" + name, service.keys["auditor"])
        if answer.status != 200 or answer.body != expected:
            wrong.append("%s: %d, %d bytes for %d" % (name, answer.status, len(answer.body), len(expected)))
    return wrong


def receipts(service):
    settle(service)
    export = call(service.port, "GET", "/v1/audit/export?format=jsonl", service.keys["auditor"]).body.splitlines()
    wrong, seen = [], 0
    for line in export:
        one = json.loads(line)
        if one["entry"]["type"] != "decision" or seen == 40:
            continue
        seen += 1
        got = call(service.port, "GET", "/v1/decisions/%s/receipt" % one["entry"]["decision"], service.keys["auditor"])
        page = call(service.port, "GET", "/v1/audit/entries?limit=1&cursor=%d" % one["index"], service.keys["auditor"]).body
        entry = page[page.index(b'"entry":') + 8:page.rindex(b'}]')]
        index, good = check_receipt(got.body.decode(), entry) if got.status == 200 else (None, False)
        if not good or index != one["index"]:
            wrong.append("%s: %s" % (one["entry"]["decision"], got))
        if check_receipt(got.body.decode(), entry + b" ")[1]:
            wrong.append("a changed entry is proven too")
    return wrong + ([] if seen else ["no decision in the log"])


def exports_equal(service):
    wrong = []
    for form in ("jsonl", "csv"):
        size = settle(service)
        over = call(service.port, "GET", "/v1/audit/export?format=" + form, service.keys["auditor"])
        cli = service.cli("audit", "export", "--log", os.path.join(service.state, "audit", "log"), "--format", form, config=False)
        lines = cli.stdout.splitlines(True)
        # The export over HTTP wrote an entry of its own, which the command line may see.
        http_lines = over.body.splitlines(True)
        if over.status != 200 or cli.returncode != 0 or lines[:len(http_lines)] != http_lines:
            wrong.append("%s: %d and %d lines, exit %d %s" % (form, len(http_lines), len(lines), cli.returncode, cli.stderr[:200]))
        if len(http_lines) < size:
            wrong.append("%s: %d lines for %d entries" % (form, len(http_lines), size))
    return wrong


def run(suite):
    service = suite.service()
    suite.guard("log files: checkpoint, key and tiles are the files, byte for byte", lambda: files_equal(service))
    suite.guard("log files: each receipt proves its entry, and no other", lambda: receipts(service))
    suite.guard("log files: the export over HTTP is that of the command line", lambda: exports_equal(service))
