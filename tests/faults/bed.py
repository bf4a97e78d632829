# SPDX-License-Identifier: Apache-2.0
"""One service under test with its load, its history, and what to do to it. Survives its own death."""
import collections
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, "..", "api")]

import image                        # noqa: E402
import load                         # noqa: E402
import reviewer                     # noqa: E402
from service import Service         # noqa: E402

READY_S, DRAIN_S = 60, 60
LEASE = {"review": ["lease: %ds" % load.LEASE_S]}


class Bed(Service):
    """`state`: the state folder where it is not below `folder`; `env`: more environment for the service."""

    def __init__(self, program, source, folder, changes=None, state=None, env=None):
        self.history = load.History()
        self.draining, self.stopping, self.paused = threading.Event(), threading.Event(), threading.Event()
        self.broken, self.checkpoints, self.clients = [], [], []
        self.foreign = collections.deque()
        self.clock_s, self.probes = 0.0, True # how far the service's clock is ahead; whether partners try old keys
        self.own_state, self.env = state, dict(os.environ, **(env or {}))
        self.ready_log = []                   # (monotonic, 200 or what else) of the prober
        super().__init__(program, source, folder, dict(LEASE, **(changes or {})))
        self.keys["partner"] = self.make_key("partner", "partner-1")
        self.keys["auditor"] = self.make_key("auditor", "auditor-1")
        for i in range(load.REVIEWERS):
            name = "reviewer-%d" % (load.SINGLES + load.BATCHES + i)
            self.keys[name] = self.make_key("reviewer", name)
        self.keys["reviewer"] = self.keys[name]
        time.sleep(1)                         # the workers look for new keys every quarter of a second

    def write_settings(self, changes):
        self.state = self.own_state or self.state
        super().write_settings(changes)

    def start(self):
        after = len(self.log_lines()) if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([self.program, "serve", "--config", self.settings], stderr=log,
                                            env=self.env)
        self.bound = self.wait_log("serving", READY_S, after)["port"]

    def now(self):
        """The wall clock as the service has it."""
        return time.time() + self.clock_s

    def port(self):
        return self.bound

    def redis_pid(self):
        try:
            with open(os.path.join(self.state, "redis", "redis.pid"), encoding="utf-8") as file:
                return int(file.read())
        except (OSError, ValueError):
            return 0

    def get(self, path, role="auditor", timeout=10):
        connection = http.client.HTTPConnection("127.0.0.1", self.bound, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Authorization": "Bearer " + self.keys[role]})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def wait_ready(self, since, old_redis=0):
        """Both workers say ready (each connection meets one of them); seconds since `since`."""
        good, first = 0, since
        while good < 6:
            alive = not old_redis or self.redis_pid() not in (0, old_redis)
            good = good + 1 if alive and self.get("/readyz")[0] == 200 else 0
            first = time.monotonic() if good == 1 else first
            if self.process.poll() is not None or time.monotonic() - since > READY_S:
                raise RuntimeError("did not heal: " + "\n".join(self.log_lines()[-10:]))
            if not good:
                time.sleep(0.01)
        return first - since

    def left(self):
        """What the store holds, after the service has stopped."""
        return image.read(self.state)

    # ---- load ----

    def watch_log(self):
        while not self.stopping.is_set():
            status, text = self.get("/log/checkpoint")
            if status == 200 and (not self.checkpoints or self.checkpoints[-1] != text):
                self.checkpoints.append(text)
            self.stopping.wait(0.2)

    def probe(self):
        while not self.stopping.is_set():
            status = self.get("/readyz", timeout=2)[0]
            self.ready_log.append((time.monotonic(), status))
            self.stopping.wait(0.1)

    def start_load(self, seed, pause=0.02):
        kinds = [load.Partner] * load.SINGLES + [load.Batcher] * load.BATCHES + [reviewer.Reviewer] * load.REVIEWERS
        self.clients = [kind(self, i, seed, pause) for i, kind in enumerate(kinds)]
        watchers = [threading.Thread(target=what, daemon=True) for what in (self.watch_log, self.probe)]
        for thread in self.clients + watchers:
            thread.start()

    def run_for(self, seconds):
        """Lets the load run; raises what a client did not expect."""
        time.sleep(seconds)
        if self.broken:
            raise RuntimeError(self.broken[0])

    def finish_load(self):
        """Every unknown call is sent again until it is settled; the number of those that were not."""
        self.draining.set()
        until = time.monotonic() + DRAIN_S
        for client in self.clients:
            client.join(max(0.1, until - time.monotonic()))
        self.stopping.set()
        for client in self.clients:
            client.join(load.TIMEOUT_S + 5)
        if self.broken:
            raise RuntimeError(self.broken[0])
        return sum(client.unresolved for client in self.clients)

    def notices(self):
        """All of the partner's notices, in order."""
        seen, cursor = [], ""
        while True:
            status, text = self.get("/v1/notices?limit=100" + cursor, "partner")
            if status != 200:
                raise RuntimeError("notices: %s %s" % (status, text))
            page = json.loads(text)
            if not page["notices"]:
                return seen
            seen += [one["notice"]["decision"] for one in page["notices"]]
            if cursor == "&cursor=" + page["cursor"]:
                return seen           # the cursor stands still: what came is told as it came
            cursor = "&cursor=" + page["cursor"]

    # ---- ends ----

    def kill(self):
        self.process.kill()
        self.process.wait()

    def clear(self):
        """Whatever became of it, nothing of ours runs on."""
        self.stopping.set()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        pid = self.redis_pid()
        if pid:
            until = time.monotonic() + 5
            while time.monotonic() < until and self.is_our_redis(pid):
                time.sleep(0.02)
            if self.is_our_redis(pid):
                os.kill(pid, signal.SIGKILL)

    def is_our_redis(self, pid):
        try:
            with open("/proc/%d/cmdline" % pid, "rb") as file:
                return self.folder.encode() in file.read() or (self.own_state or "\0").encode() in file.read()
        except OSError:
            return False
