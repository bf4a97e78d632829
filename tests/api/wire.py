# SPDX-License-Identifier: Apache-2.0
"""HTTP as a partner's program speaks it (http.client), and bare bytes for what no library would send."""
import http.client
import json
import socket

TIMEOUT_S = 60


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        values = [v for k, v in self.headers if k.lower() == name.lower()]
        return values[0] if values else None

    def json(self):
        return json.loads(self.body.decode("utf-8"))

    def code(self):
        """The problem code, or None."""
        if self.header("Content-Type") != "application/problem+json":
            return None
        return self.json().get("code")

    def __str__(self):
        return "%d %s" % (self.status, self.body[:600].decode("utf-8", "replace"))


def call(port, method, path, key=None, body=None, headers=None):
    """One request on its own connection; `headers` win over what is added here."""
    send = {"Connection": "close"}
    if key:
        send["Authorization"] = "Bearer " + key
    if isinstance(body, (dict, list)):
        body = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    if isinstance(body, str):
        body = body.encode("utf-8")
    if body is not None:
        send["Content-Type"] = "application/json"
    send.update(headers or {})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body, {k: v for k, v in send.items() if v is not None})
        got = connection.getresponse()
        return Answer(got.status, got.getheaders(), got.read())
    finally:
        connection.close()


def raw(port, data, timeout=TIMEOUT_S):
    """Sends bytes, half-closes, and returns everything that comes until the other end closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass                      # closed on us half-way: what it said before is what counts
        got = b""
        try:
            while True:
                piece = connection.recv(65536)
                if not piece:
                    return got
                got += piece
        except ConnectionResetError:
            return got
