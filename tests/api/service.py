# SPDX-License-Identifier: Apache-2.0
"""One running service of the program under test: its folder, settings, keys, log and end."""
import json
import os
import re
import shutil
import signal
import subprocess
import time

START_S = 60      # from the start to "serving"; generous for the sanitizers' build
STOP_S = 40       # the settings' drain is 20 s
FAULT_WORDS = ("AddressSanitizer", "LeakSanitizer", "runtime error:")


class Service:
    """`changes`: section -> lines of YAML that the sample settings get on top."""

    def __init__(self, program, source, folder, changes=None, own_config=False):
        self.program, self.source, self.folder = program, source, folder
        os.makedirs(folder)
        self.config = os.path.join(source, "config")
        if own_config:
            self.config = shutil.copytree(self.config, os.path.join(folder, "config"))
        self.settings = os.path.join(folder, "rapporteur.yaml")
        self.state = os.path.join(folder, "state")
        self.keys = {}
        self.write_settings(changes or {})
        self.log_path = os.path.join(folder, "rapporteur.log")
        self.start()

    def write_settings(self, changes):
        text = open(os.path.join(self.config, "rapporteur.yaml"), encoding="utf-8").read()
        text = text.replace("state_dir: ../state", "state_dir: " + self.state)
        text = text.replace("listen: 127.0.0.1:8080", "listen: 127.0.0.1:0")
        text = text.replace("listen: 127.0.0.1:9464", "listen: ''")
        text = re.sub(r"(folder|file): (\S+)", lambda m: "%s: %s/%s" % (m[1], self.config, m[2]), text)
        for section, lines in changes.items():
            block = "".join("\n  " + line for line in lines)
            for line in lines:          # what the sample settings say themselves gives way
                text = re.sub(r"(?m)^(%s:\n(?:  .*\n)*?)  %s:.*\n" % (section, line.split(":")[0]), r"\1", text)
            if re.search("^%s:" % section, text, re.M):
                text = re.sub("^%s:" % section, "%s:%s" % (section, block), text, flags=re.M)
            else:
                text += "%s:%s\n" % (section, block)
        with open(self.settings, "w", encoding="utf-8") as out:
            out.write(text)

    def start(self):
        before = len(self.log_lines()) if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([self.program, "serve", "--config", self.settings], stderr=log,
                                            stdout=log)
        self.port = self.wait_log("serving", START_S, before)["port"]

    def log_lines(self):
        with open(self.log_path, "rb") as log:
            return log.read().decode("utf-8").splitlines()

    def wait_log(self, message, seconds, after=0):
        """The first log line from line `after` on with this message; raises when there is none."""
        until = time.monotonic() + seconds
        while True:
            for line in self.log_lines()[after:]:
                if line.startswith("{") and line.endswith("}") and json.loads(line).get("message") == message:
                    return json.loads(line)
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("no %r in the log:\n%s" % (message, "\n".join(self.log_lines()[-20:])))
            time.sleep(0.02)

    def cli(self, *args, config=True):
        command = [self.program, *args] + (["--config", self.settings] if config else [])
        return subprocess.run(command, capture_output=True, timeout=120, check=False)

    def make_key(self, role, name, *more):
        done = self.cli("keys", "create", "--role", role, "--name", name, "--json", *more)
        if done.returncode != 0:
            raise RuntimeError("keys create: %s" % done.stderr.decode())
        return json.loads(done.stdout)["key"]

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """SIGTERM; a list of what went wrong, empty when it ended well and its log is clean."""
        begun = time.monotonic()
        self.signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return ["still there %d s after SIGTERM" % STOP_S]
        self.stopped_in = time.monotonic() - begun
        wrong = [] if code == 0 else ["exit code %d after SIGTERM" % code]
        return wrong + self.log_faults()

    def log_faults(self):
        lines = self.log_lines()
        found = [i for i, line in enumerate(lines) if any(word in line for word in FAULT_WORDS)]
        if found:
            return ["sanitizer report:"] + lines[found[0]:found[0] + 60]
        return ["not a JSON log line: " + line[:200] for line in lines if not is_object(line)]

    def verify(self):
        done = self.cli("audit", "verify", "--log", os.path.join(self.state, "audit", "log"), config=False)
        return done.returncode, (done.stdout + done.stderr).decode().strip()


def is_object(line):
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
