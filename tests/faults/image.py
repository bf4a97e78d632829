# SPDX-License-Identifier: Apache-2.0
"""What the store holds, read without the service: a redis-server of our own on a stopped service's folder."""
import collections
import os
import socket
import subprocess
import time


class Redis:
    """The protocol, as much of it as reading needs."""

    def __init__(self, where, timeout=60):
        """`where`: the path of a Unix socket, or (host, port)."""
        self.socket = socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET)
        self.socket.settimeout(timeout)
        self.socket.connect(where)
        self.file = self.socket.makefile("rb")

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, *words):
        data = b"*%d\r\n" % len(words)
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode()
            data += b"$%d\r\n%s\r\n" % (len(word), word)
        self.socket.sendall(data)

    def read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise OSError("Redis went away")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            data = None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2]
            return data
        return None if rest == b"-1" else [self.read() for _ in range(int(rest))]

    def call(self, *words):
        self.send(*words)
        return self.read()

    def many(self, commands):
        """Answers in order; 500 under way at once."""
        answers = []
        for first in range(0, len(commands), 500):
            for command in commands[first:first + 500]:
                self.send(*command)
            answers += [self.read() for _ in commands[first:first + 500]]
        return answers


class Server:
    """A redis-server on the state folder of a service that has stopped."""

    def __init__(self, state):
        folder = os.path.join(state, "redis")
        self.process = subprocess.Popen(["redis-server", os.path.join(folder, "redis.conf")],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while True:
            try:
                self.redis = Redis(os.path.join(folder, "redis.sock"))
                self.redis.call("PING")
                return
            except (OSError, RuntimeError):
                if self.process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("redis-server did not start on what the service left") from None
                time.sleep(0.02)

    def stop(self):
        self.redis.close()
        self.process.terminate()
        self.process.wait(20)


def pairs(flat):
    return {key.decode(): value for key, value in zip(flat[::2], flat[1::2])}


class Image:
    """reports: ids stored; cases: id -> fields; places: case -> where it stands (queue, second, lease);
    of_case: report -> cases it belongs to; tokens: lease -> case; count: the log's counter. Of a cluster: the
    union of its primaries."""

    def __init__(self, *servers):
        self.reports, self.cases, self.tokens, self.leases = set(), {}, {}, {}
        self.places, self.of_case, self.counts = collections.defaultdict(list), collections.Counter(), []
        for redis in servers:
            self.add(redis)

    def add(self, redis):
        keys = collections.defaultdict(list)
        cursor = b"0"
        while True:
            cursor, found = redis.call("SCAN", cursor, "COUNT", 5000)
            for key in found:
                tag, _, rest = key.partition(b":")
                keys[rest.partition(b":")[0].decode()].append(key)
            if cursor == b"0":
                break
        self.reports |= {name(key) for key in keys["r"]}
        flat = redis.many([("HGETALL", key) for key in keys["c"]])
        cases = {name(key): pairs(one) for key, one in zip(keys["c"], flat)}
        self.cases.update(cases)
        tokens = {}
        for kind, place in (("q", "queue"), ("q2", "second")):
            for key, members in zip(keys[kind], redis.many([("ZRANGE", key, 0, -1) for key in keys[kind]])):
                for member in members:
                    self.places[member.decode()].append("%s %s" % (place, name(key)))
        for key in keys["leased"]:
            tokens.update(pairs(redis.call("HGETALL", key)))
        self.tokens.update(tokens)
        for token, case in tokens.items():
            self.places[case.decode()].append("lease " + token)
        self.of_case.update(fields["f"].decode() for fields in cases.values())
        for members in redis.many([("LRANGE", key, 0, -1) for key in keys["m"]]):
            self.of_case.update(member.decode() for member in members)
        for key in keys["leases"]:
            flat = redis.call("ZRANGE", key, 0, -1, "WITHSCORES")
            self.leases.update(pairs(flat))
        self.counts += [int(n) for n in redis.many([("GET", key) for key in keys["log"] if key.endswith(b"log:n")])]


def name(key):
    """{s00}:r:rpt_... -> rpt_...; {s00}:q:general:en -> general:en"""
    return key.split(b":", 2)[2].decode() if key.count(b":") > 1 else ""


def read(state):
    server = Server(state)
    try:
        return Image(server.redis)
    finally:
        server.stop()
