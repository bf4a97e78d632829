# SPDX-License-Identifier: Apache-2.0
"""A list's server that misbehaves: `mode` is what the next request gets."""
import gzip
import http.server
import threading

ENTRIES, ENDLESS = 50, 10 << 30
HEAD = """head:
  id: remote
  name: Sites of an invented group
  owner: Example Platform Alliance
  kind: domains and links
  harm: glorification
  legal_basis: terms of service; sample, binds nobody
  tlp: clear
  version: %s
  mode: live
  expires: %s
entries:
"""


def body(version, entries=ENTRIES, expires="2099-11-01"):
    lines = ["  - {id: e%d, kind: domain, value: site-%d.example, severity: 2}\n" % (i, i) for i in range(entries)]
    return (HEAD % (version, expires) + "".join(lines)).encode()


class Server:
    MODES = ("garbage", "truncated", "wrong length", "endless", "bomb", "slow", "redirect loop", "redirect to file",
             "304 without reason", "etag lies", "empty", "half gone", "expired", "500")
    QUIET = ("304 without reason", "etag lies")      # the list stays, and there is nothing to complain of

    def __init__(self):
        self.mode, self.version, self.asked, self.over = "good", "2026-11-01", 0, threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):               # pylint: disable=arguments-differ
                pass

            def do_GET(self):                        # pylint: disable=invalid-name
                outer.asked += 1
                try:
                    outer.answer(self)
                except OSError:
                    pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d/list.yaml" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()

    def head(self, to, status=200, **fields):
        to.send_response(status)
        for name, value in fields.items():
            to.send_header(name.replace("_", "-"), str(value))
        to.end_headers()

    def answer(self, to):
        mode, good = self.mode, body(self.version)
        whole = {"garbage": bytes(range(256)) * 40, "truncated": good[:len(good) // 2], "empty": b"",
                 "half gone": body("2026-12-09", ENTRIES // 2), "expired": body("2026-12-09", ENTRIES, "2020-01-01"),
                 "good": good}
        if mode in whole:
            self.head(to, Content_Length=len(whole[mode]), ETag='"%s-%s"' % (mode.replace(" ", "-"), self.version))
            to.wfile.write(whole[mode])
        elif mode == "wrong length":
            self.head(to, Content_Length=2 * len(good))
            to.wfile.write(good)
            to.close_connection = True
        elif mode == "endless":
            self.head(to, Content_Length=ENDLESS)
            while not self.over.is_set() and self.mode == mode:
                to.wfile.write(b"#" * 65536)
        elif mode == "bomb":
            packed = gzip.compress(bytes(64 << 20))
            self.head(to, Content_Length=len(packed), Content_Encoding="gzip")
            to.wfile.write(packed)
        elif mode == "slow":
            self.head(to, Content_Length=len(good))
            for i in range(len(good)):
                if self.over.wait(1) or self.mode != mode:
                    break
                to.wfile.write(good[i:i + 1])
            to.close_connection = True
        elif mode.startswith("redirect"):
            self.head(to, 302, Location=self.url if "loop" in mode else "file:///etc/hostname", Content_Length=0)
        elif mode == "304 without reason":
            self.head(to, 304)
        elif mode == "etag lies":                    # another body under the tag that the good one had
            self.head(to, 304, ETag='"another"')
        else:
            self.head(to, 500, Content_Length=0)
