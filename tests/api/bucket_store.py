# SPDX-License-Identifier: Apache-2.0
"""An S3-like store for tests: a real HTTP server on a loopback port with conditional requests, which checks each
signature itself (AWS Signature Version 4, with hmac alone) and can be told to fail."""
import hashlib
import hmac
import http.server
import re
import threading
import urllib.parse

KEY_ID, SECRET, REGION = "TESTKEY", "test/secret+key", "eu-test-1"
AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?"
                           r"Signature=([0-9a-f]{64})")


def signature(secret, method, path, headers, signed, date, region):
    def mac(key, text):
        return hmac.new(key, text.encode(), hashlib.sha256).digest()

    lines = "".join("%s:%s\n" % (name, headers[name].strip()) for name in signed.split(";"))
    request = "\n".join([method, path, "", lines, signed, headers["x-amz-content-sha256"]])
    scope = "%s/%s/s3/aws4_request" % (date, region)
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    key = mac(mac(mac(mac(("AWS4" + secret).encode(), date), region), "s3"), "aws4_request")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Store:
    """objects: path -> bytes. status: what every request is answered with instead; None: as it should."""

    def __init__(self, port=0):
        self.objects, self.status, self.puts, self.wrong, self.lock = {}, None, [], [], threading.Lock()
        self.blind = False          # overwrites in spite of If-None-Match, as older stores do
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body=b"", etag=None):
                self.send_response(status)
                if etag:
                    self.send_header("ETag", etag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                with outer.lock:
                    status = outer.judge(self, b"")
                    body = outer.objects.get(self.path)
                if status:
                    self.answer(status)
                elif body is None:
                    self.answer(404)
                else:
                    self.answer(200, body, outer.etag(body))

            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with outer.lock:
                    status = outer.judge(self, body) or outer.put(self.path, self.headers, body)
                self.answer(status, etag=outer.etag(body) if status == 200 else None)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def etag(body):
        return '"%s"' % hashlib.md5(body).hexdigest()

    def judge(self, handler, body):
        """The status of a request that goes no further; 0: it does."""
        headers = {name.lower(): value for name, value in handler.headers.items()}
        match = AUTHORIZATION.match(headers.get("authorization", ""))
        if self.status:
            return self.status
        if not match or match[1] != KEY_ID or match[3] != REGION:
            return 403
        if headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
            self.wrong.append("%s: another digest than that of the body" % handler.path)
            return 400
        due = signature(SECRET, handler.command, urllib.parse.quote(handler.path, safe="/"), headers, match[4], match[2],
                        match[3])
        return 0 if hmac.compare_digest(due, match[5]) else 403

    def put(self, path, headers, body):
        there = self.objects.get(path)
        if headers["If-None-Match"] == "*" and not self.blind and there is not None:
            return 412
        if headers["If-Match"] and (there is None or headers["If-Match"] != self.etag(there)):
            return 412
        if there is not None and there != body and not path.endswith("/checkpoint"):
            self.wrong.append("%s was rewritten" % path)
        self.objects[path] = body
        self.puts.append((path, dict(headers)))
        return 200

    def close(self):
        self.server.shutdown()
        self.server.server_close()
