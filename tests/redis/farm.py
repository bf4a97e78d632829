# SPDX-License-Identifier: Apache-2.0
"""Redis servers for tests, on loopback, in one temporary folder: one, or a primary with replicas and Sentinels,
or a cluster. Ports are free ones; everything ends with close()."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SLOTS = 16384
PORT_TRIES = 5
START_S = 20
COMMON = """protected-mode no
daemonize no
save ""
appendonly yes
appendfsync always
no-appendfsync-on-rewrite no
maxmemory-policy noeviction
hash-max-listpack-value 1024
repl-diskless-sync-delay 0
shutdown-timeout 0
"""


class RedisError(Exception):
    """An error reply."""


def free_port():
    """Below 55536, so that the cluster bus (port + 10000) is a port too."""
    while True:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        if port < 55000:
            return port


class Connection:
    """One blocking connection that speaks RESP2."""

    def __init__(self, port, timeout=5.0, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout)
        self.file = self.socket.makefile("rb")

    def close(self):
        self.file.close()
        self.socket.close()

    def command(self, *words):
        data = [b"*%d\r\n" % len(words)]
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode()
            data.append(b"$%d\r\n%s\r\n" % (len(word), word))
        self.socket.sendall(b"".join(data))
        return self.read()

    def read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("closed")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            if rest == b"-1":
                return None
            data = self.file.read(int(rest) + 2)
            return data[:-2].decode("utf-8", "replace")
        if kind == b"*":
            return [self.read() for _ in range(int(rest))] if rest != b"-1" else None
        return rest.decode()


class Server:
    """One redis-server; `lines` are added to its configuration. `within`: a command that runs it elsewhere
    (another network namespace), where `host` is its address."""

    def __init__(self, folder, lines="", sentinel=False, host="127.0.0.1", within=()):
        self.host, self.within, self.sentinel, self.process = host, list(within), sentinel, None
        for left in range(PORT_TRIES - 1, -1, -1):
            self.configure(folder, lines)
            try:
                self.start()
                return
            except RuntimeError:
                if not left:
                    raise

    def configure(self, folder, lines):
        """A port that was free a moment ago may be somebody's by now: another server, a client's end."""
        self.port = free_port()
        self.folder = os.path.join(folder, str(self.port))
        os.makedirs(self.folder, exist_ok=True)
        self.conf = os.path.join(self.folder, "redis.conf")
        with open(self.conf, "w", encoding="utf-8") as out:
            out.write("port %d\ndir %s\nlogfile redis.log\n" % (self.port, self.folder))
            out.write("bind %s\n" % self.host)
            out.write(("protected-mode no\ndaemonize no\n" if self.sentinel else COMMON) + lines)

    def start(self):
        command = self.within + ["redis-server", self.conf] + (["--sentinel"] if self.sentinel else [])
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        until = time.monotonic() + START_S
        while True:
            try:
                self.command("PING")
                return
            except (OSError, RedisError, ConnectionError):
                if self.process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("redis-server did not start: " + self.folder) from None
                time.sleep(0.02)

    def command(self, *words, timeout=5.0):
        connection = Connection(self.port, timeout, self.host)
        try:
            return connection.command(*words)
        finally:
            connection.close()

    def info(self, section):
        lines = self.command("INFO", section).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()


def wait_for(what, condition, seconds=START_S):
    until = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except (OSError, RedisError, ConnectionError):
            pass
        if time.monotonic() > until:
            raise RuntimeError("not within %d s: %s" % (seconds, what))
        time.sleep(0.02)


class Farm:
    """A folder and its servers."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="rapporteur-farm-")
        self.servers, self.sentinels = [], []

    def close(self):
        for server in self.sentinels + self.servers:
            try:
                server.signal(signal.SIGCONT)
            except (OSError, AttributeError):
                pass
            server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def add(self, lines="", **where):
        server = Server(self.folder, lines, **where)
        self.servers.append(server)
        return server


class SentinelFarm(Farm):
    """A primary, its replicas, and Sentinels. `away`: where all of them but the primary and one Sentinel are."""

    NAME = "main"

    def __init__(self, replicas=2, sentinels=3, down_after_ms=1000, lines="", host="127.0.0.1", away=None):
        super().__init__()
        here = {"host": host}
        away = away or here
        try:
            first = self.add(lines, **here)
            for _ in range(replicas):
                self.add(lines + "replicaof %s %d\n" % (host, first.port), **away)
            wait_for("replicas online", lambda: first.info("replication")["connected_slaves"] == str(replicas) and
                     "state=wait" not in first.command("INFO", "replication"))
            for server in self.servers[1:]:
                wait_for("replica in sync", lambda s=server: s.info("replication")["master_link_status"] == "up")
            conf = ("sentinel monitor %s %s %d %d\nsentinel down-after-milliseconds %s %d\n"
                    "sentinel failover-timeout %s 4000\nsentinel parallel-syncs %s 1\n"
                    % (self.NAME, host, first.port, sentinels // 2 + 1, self.NAME, down_after_ms, self.NAME, self.NAME))
            for i in range(sentinels):
                self.sentinels.append(Server(self.folder, conf, sentinel=True, **(away if i else here)))
            for one in self.sentinels:
                wait_for("Sentinels know each other", lambda s=one: self.knows_all(s, replicas, sentinels))
        except BaseException:
            self.close()
            raise

    def knows_all(self, sentinel, replicas, sentinels):
        flat = sentinel.command("SENTINEL", "MASTER", self.NAME)
        state = dict(zip(flat[::2], flat[1::2]))
        return state["num-slaves"] == str(replicas) and state["num-other-sentinels"] == str(sentinels - 1)

    def url(self, replicas=1, auth=""):
        hosts = ",".join("%s:%d" % (one.host, one.port) for one in self.sentinels)
        return "redis+sentinel://%s%s/%s?replicas=%d" % (auth, hosts, self.NAME, replicas)

    def primary(self):
        """The server that the first Sentinel with an answer names."""
        for one in self.sentinels:
            try:
                _, port = one.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.NAME)
                return next(server for server in self.servers if server.port == int(port))
            except (OSError, RedisError, ConnectionError):
                continue
        raise RuntimeError("no Sentinel answers")


class ClusterFarm(Farm):
    """`primaries` servers that share the slots evenly, each with `replicas`."""

    def __init__(self, primaries=3, replicas=0, lines=""):
        super().__init__()
        try:
            more = "cluster-enabled yes\ncluster-node-timeout 1500\ncluster-replica-validity-factor 0\n" + lines
            for _ in range(primaries * (1 + replicas)):
                self.add(more)
            self.primaries = self.servers[:primaries]
            for i, server in enumerate(self.servers):
                server.command("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
                server.command("CLUSTER", "MEET", "127.0.0.1", self.servers[0].port)
            for i, server in enumerate(self.primaries):
                server.command("CLUSTER", "ADDSLOTSRANGE", i * SLOTS // primaries, (i + 1) * SLOTS // primaries - 1)
            self.wait_known(len(self.servers))
            for i, server in enumerate(self.servers[primaries:]):
                server.command("CLUSTER", "REPLICATE", self.primaries[i % primaries].command("CLUSTER", "MYID"))
            self.wait_ok()
            for server in self.servers[primaries:]:
                wait_for("replica in sync", lambda s=server: s.info("replication")["master_link_status"] == "up")
        except BaseException:
            self.close()
            raise

    def wait_known(self, count):
        for server in self.servers:
            wait_for("servers know each other", lambda s=server:
                     s.command("CLUSTER", "NODES").count("connected\n") +
                     s.command("CLUSTER", "NODES").count("connected ") >= count)

    def wait_ok(self):
        for server in self.servers:
            wait_for("cluster ok", lambda s=server: "cluster_state:ok" in s.command("CLUSTER", "INFO"))

    def url(self, replicas=0, auth=""):
        hosts = ",".join("127.0.0.1:%d" % one.port for one in self.primaries)
        return "redis+cluster://%s%s?replicas=%d" % (auth, hosts, replicas)

    def owner(self, slot):
        for first, last, primary, *_ in self.servers[0].command("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(server for server in self.servers if server.port == primary[1])
        raise RuntimeError("slot %d has no server" % slot)

    def move_slot(self, slot, source, target, batch=100):
        """As redis-cli --cluster reshard does it: key by key, while clients go on. How many keys."""
        ids = {s: s.command("CLUSTER", "MYID") for s in (source, target)}
        target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source])
        source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
        moved = 0
        while True:
            keys = source.command("CLUSTER", "GETKEYSINSLOT", slot, batch)
            if not keys:
                break
            source.command("MIGRATE", "127.0.0.1", target.port, "", 0, 60000, "KEYS", *keys, timeout=60)
            moved += len(keys)
        for server in [target, source] + [s for s in self.primaries if s not in (source, target)]:
            server.command("CLUSTER", "SETSLOT", slot, "NODE", ids[target])
        return moved
