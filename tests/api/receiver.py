# SPDX-License-Identifier: Apache-2.0
"""A partner's webhook receiver: a real HTTP server on a free loopback port that does as each path is told, and
checks signatures on its own (Standard Webhooks 1.0, with hmac alone)."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import ssl
import subprocess
import threading
import time

WAIT_S = 30


class Message:
    def __init__(self, path, headers, body):
        self.path, self.body, self.at = path, body, time.monotonic()
        self.headers = {k.lower(): v for k, v in headers.items()}
        self.id = self.headers.get("webhook-id")

    def json(self):
        return json.loads(self.body)

    def signed_by(self, secret):
        """How many of its signatures fit this whsec_ secret."""
        key = base64.b64decode(secret[len("whsec_"):])
        text = ("%s.%s." % (self.id, self.headers["webhook-timestamp"])).encode() + self.body
        due = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        fresh = abs(time.time() - int(self.headers["webhook-timestamp"])) < 300
        return sum(hmac.compare_digest(one, due) for one in self.headers["webhook-signature"].split(" ")) if fresh else 0


class Receiver:
    """answers[path] is a list of (status, headers, body) or callables taking the handler; the last one stays."""

    def __init__(self, tls=None):
        self.messages, self.answers, self.lock = [], {}, threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with outer.lock:
                    outer.messages.append(Message(self.path, self.headers, body))
                    plan = outer.answers.get(self.path) or [(204, {}, b"")]
                    answer = plan.pop(0) if len(plan) > 1 else plan[0]
                if callable(answer):
                    answer = answer(self)
                if answer:
                    status, headers, body = answer
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    try:
                        self.wfile.write(body)
                    except OSError:
                        pass                    # the other side has read enough

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https" if tls else "http"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def url(self, path, host="127.0.0.1"):
        return "%s://%s:%d%s" % (self.scheme, host, self.port, path)

    def plan(self, path, *answers):
        with self.lock:
            self.answers[path] = list(answers)

    def at(self, path):
        with self.lock:
            return [m for m in self.messages if m.path == path]

    def wait(self, path, count, seconds=WAIT_S):
        """The messages of a path once there are `count` of them; fewer when time is over."""
        until = time.monotonic() + seconds
        while len(self.at(path)) < count and time.monotonic() < until:
            time.sleep(0.02)
        return self.at(path)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def certificate(folder, name):
    """A self-signed certificate for localhost and 127.0.0.1: paths of certificate and key."""
    cert, key = (os.path.join(folder, name + end) for end in (".crt", ".key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    return cert, key
