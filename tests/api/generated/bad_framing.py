# SPDX-License-Identifier: Apache-2.0
"""Bytes that no HTTP library sends: each gets a 4xx (or a silent close) and the connection ends, so that
nothing hidden behind them is ever run as a second request."""
import re

from wire import raw

HOST = b"Host: localhost\r\n"
HIDDEN = b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n"


def post(headers, body):
    return b"POST /healthz HTTP/1.1\r\n" + HOST + headers + b"\r\n" + body


def get(line=b"GET /healthz HTTP/1.1", headers=HOST):
    return line + b"\r\n" + headers + b"\r\n"


def chunks(body):
    """On a route that reads its body; KEY becomes a partner's key."""
    return (b"POST /v1/check HTTP/1.1\r\n" + HOST + b"Authorization: Bearer KEY\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + body)


CASES = {
    "two Content-Length that differ": (400, post(b"Content-Length: 0\r\nContent-Length: 44\r\n", HIDDEN)),
    "two Content-Length in a list": (400, post(b"Content-Length: 0, 44\r\n", HIDDEN)),
    "Content-Length with a plus": (400, post(b"Content-Length: +0\r\n", HIDDEN)),
    "Content-Length in hex": (400, post(b"Content-Length: 0x0\r\n", HIDDEN)),
    "Content-Length negative": (400, post(b"Content-Length: -1\r\n", HIDDEN)),
    "Content-Length empty": (400, post(b"Content-Length: \r\n", HIDDEN)),
    "Content-Length above 64 bits": (4, post(b"Content-Length: 18446744073709551616\r\n", HIDDEN)),
    "Content-Length and chunked": (400, post(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n")),
    "Transfer-Encoding of another name": (4, post(b"Transfer-Encoding: gzip\r\n", HIDDEN)),
    "Transfer-Encoding chunked twice": (400, post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n")),
    "Transfer-Encoding with a vertical tab": (400, post(b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n")),
    "chunked in HTTP/1.0": (400, b"POST /healthz HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "space before the colon": (400, get(headers=HOST + b"X-Odd : 1\r\n")),
    "folded header line": (400, get(headers=HOST + b"X-Odd: 1\r\n more\r\n")),
    "no Host": (400, get(headers=b"")),
    "two Hosts": (400, get(headers=HOST + HOST)),
    "Host with a slash": (400, get(headers=b"Host: a/b\r\n")),
    "NUL in a header": (400, get(headers=HOST + b"X-Odd: a\x00b\r\n")),
    "bare LF as a line end": (400, b"GET /healthz HTTP/1.1\nHost: localhost\n\n"),
    "bare CR in a header": (400, get(headers=HOST + b"X-Odd: a\rb\r\n")),
    "header without a name": (400, get(headers=HOST + b": 1\r\n")),
    "header without a colon": (400, get(headers=HOST + b"nonsense\r\n")),
    "header name with a space": (400, get(headers=HOST + b"X Odd: 1\r\n")),
    "no request line": (400, b"\r\n\r\n\r\n" + get()),
    "two spaces in the request line": (400, get(b"GET  /healthz HTTP/1.1")),
    "no version": (400, get(b"GET /healthz")),
    "version 2.0": (4, get(b"GET /healthz HTTP/2.0")),
    "version 1.10": (4, get(b"GET /healthz HTTP/1.10")),
    "lower case http": (400, get(b"GET /healthz http/1.1")),
    "method with a slash": (400, get(b"G/T /healthz HTTP/1.1")),
    "target with ..": (400, get(b"GET /v1/../healthz HTTP/1.1")),
    "target with %2e%2e": (400, get(b"GET /v1/%2e%2e/healthz HTTP/1.1")),
    "target with %2f": (400, get(b"GET /v1%2fkeys HTTP/1.1")),
    "target with %00": (400, get(b"GET /healthz%00 HTTP/1.1")),
    "target with //": (400, get(b"GET //healthz HTTP/1.1")),
    "target with 8-bit bytes": (400, get(b"GET /health\xc3\xa9 HTTP/1.1")),
    "target of bad percent": (400, get(b"GET /healthz%zz HTTP/1.1")),
    "target of 3 KiB": (414, get(b"GET /" + b"a" * 3072 + b" HTTP/1.1")),
    "header of 20 KiB": (431, get(headers=HOST + b"X-Long: " + b"a" * 20480 + b"\r\n")),
    "two hundred headers": (431, get(headers=HOST + b"X-Many: 1\r\n" * 200)),
    "chunk size signed": (400, chunks(b"+4\r\nabcd\r\n0\r\n\r\n")),
    "chunk size with 0x": (400, chunks(b"0x4\r\nabcd\r\n0\r\n\r\n")),
    "chunk size above 64 bits": (4, chunks(b"10000000000000000\r\nabcd\r\n0\r\n\r\n")),
    "chunk without its line end": (400, chunks(b"4\r\nabcdef\r\n0\r\n\r\n")),
    "chunk with bare LF": (400, chunks(b"4\nabcd\n0\n\n")),
    "trailer that is no header": (400, chunks(b"4\r\nabcd\r\n0\r\nnonsense\r\n\r\n")),
    "expectation of another kind": (417, get(headers=HOST + b"Expect: miracle\r\n")),
    "TLS hello on a plain port": (4, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n"),
}


def run(suite):
    service, wrong = suite.service(), []
    for name, (status, data) in CASES.items():
        # Methods that the route has not would be 405: framing is looked at first, and POST /healthz is none.
        got = raw(service.port, data.replace(b"KEY", service.keys["partner"].encode()))
        first = int(got.split(b" ")[1]) if got.startswith(b"HTTP/1.1 ") else 0
        if b'"name":"rapporteur"' in got or len(re.findall(rb"HTTP/1\.1 \d{3} ", got)) > 1:
            wrong.append("%s: what was hidden was run: %r" % (name, got[:300]))
        elif first and first != status and first // 100 != status:
            wrong.append("%s: %d was due, came %r" % (name, status, got[:200]))
        elif not first and got:
            wrong.append("%s: not HTTP: %r" % (name, got[:200]))
        elif status == 400 and not first:
            wrong.append("%s: closed without a word" % name)
    suite.result("bad framing: each is refused and nothing behind it is run", wrong)
    suite.note("bad framing: %d kinds, %d wrong" % (len(CASES), len(wrong)))
    suite.result("bad framing: the service answers afterwards",
                 [] if raw(service.port, get()).startswith(b"HTTP/1.1 200 ") else ["it does not"])
