# SPDX-License-Identifier: Apache-2.0
"""The published log in an S3-like store: what anybody reads there is the log, whatever happens to store or service."""
import http.client
import os
import shutil
import subprocess
import tempfile
import time

import bucket_store
from bucket_store import KEY_ID, REGION, SECRET
from generated.rollback import report
from generated.webhooks import need

WAIT_S, PACKAGE, VERSION = 30, "@20minutes/s3rver", "5.0.0"
ORIGIN = "localhost/rapporteur/audit"
SERVER = """const S3rver = require(process.argv[1] + '/node_modules/%s');
new S3rver({address: '127.0.0.1', port: 0, silent: true, directory: process.argv[1] + '/data',
            configureBuckets: [{name: 'logs'}]}).run().then(at => console.log(at.port));""" % PACKAGE


def settings_for(folder, url, secret=SECRET, key_id=KEY_ID, region=REGION):
    path = os.path.join(folder, "secret-of-bucket-%d" % len(secret))
    with open(path, "w", encoding="utf-8") as file:
        file.write(secret + "\n")
    return {"audit": ["bucket: " + url, "bucket_region: " + region, "bucket_key_id: " + key_id,
                      "bucket_secret_file: " + path, "bucket_every: 50ms", "bucket_deadline: 2s"]}


def log_size(service):
    with open(os.path.join(service.state, "audit", "log", "checkpoint"), encoding="utf-8") as file:
        return int(file.read().split("\n")[1])


def until(done, what):
    end = time.monotonic() + WAIT_S
    while not done():
        need(time.monotonic() < end, what)
        time.sleep(0.05)


def mirrored(service, read):
    """Waits until the bucket's checkpoint has all of what was answered so far."""
    index = report(service, "marker-%d" % time.time_ns())
    until(lambda: int((read("checkpoint") or b"x\n-1\n").split(b"\n")[1]) > index, "the bucket does not catch up: %s"
          % service.log_lines()[-3:])


def need_log(service, objects):
    """The objects alone are a log that verifies, and its bytes are those of the folder."""
    folder = tempfile.mkdtemp(prefix="rapporteur-bucket-")
    try:
        for path, body in objects.items():
            full = os.path.join(folder, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb") as file:
                file.write(body)
        done = service.cli("audit", "verify", "--log", folder, config=False)
        need(done.returncode == 0, done.stdout + done.stderr)
        for path, body in objects.items():
            local = os.path.join(service.state, "audit", "log", path)
            if os.path.exists(local) and path != "checkpoint":
                with open(local, "rb") as file:
                    need(file.read() == body, path + " is not the folder's")
    finally:
        shutil.rmtree(folder)


def of_log(store):
    prefix = "/logs/%s/" % ORIGIN
    need(all(path.startswith(prefix) for path in store.objects), list(store.objects)[:3])
    return {path[len(prefix):]: body for path, body in store.objects.items()}


def said(service, code):
    return sum('"code":"%s"' % code in line for line in service.log_lines())


class World:
    """A store, and a service that copies its log there."""

    def __init__(self, suite, name, secret=SECRET, blind=False):
        self.store = bucket_store.Store()
        self.store.blind = blind
        self.url = "http://127.0.0.1:%d/logs" % self.store.port
        self.service = suite.new_service(name, settings_for(suite.folder, self.url, secret))

    def read(self, path):
        return self.store.objects.get("/logs/%s/%s" % (ORIGIN, path))


def bucket_is_the_log(world):
    for i in range(300):
        report(world.service, "first-%d" % i)
    mirrored(world.service, world.read)
    need_log(world.service, of_log(world.store))
    last = world.store.puts[-1]
    need(last[0].endswith("/checkpoint") and last[1]["Cache-Control"] == "no-cache", last)
    need(any(path.endswith("tile/0/000") and headers["If-None-Match"] == "*" and "immutable" in headers["Cache-Control"]
             for path, headers in world.store.puts), "full tiles are put once")
    need(not world.store.wrong, world.store.wrong)


def outage_is_caught_up(world):
    world.store.status = 503
    for i in range(300):
        report(world.service, "meanwhile-%d" % i)
    until(lambda: said(world.service, "BUCKET_UNREACHABLE") >= 1, "nobody was told")
    need(said(world.service, "BUCKET_UNREACHABLE") == 1, "it is said once")
    world.store.status = None
    mirrored(world.service, world.read)
    need_log(world.service, of_log(world.store))
    need(any("copied to its bucket again" in line for line in world.service.log_lines()), "nobody was told that it goes on")


def killed_in_the_middle(world):
    for i in range(3):
        for j in range(150):
            report(world.service, "round-%d-%d" % (i, j))
        world.service.process.kill()
        world.service.process.wait()
        world.service.start()
    mirrored(world.service, world.read)
    need_log(world.service, of_log(world.store))
    need(not world.store.wrong, world.store.wrong)


def other_bytes_are_left(world):
    """An object that somebody else put where a later tile belongs."""
    size = log_size(world.service)
    path = "/logs/%s/tile/entries/%03d" % (ORIGIN, size // 256 + 1)
    world.store.objects[path] = b"not ours"
    for i in range(520):
        report(world.service, "behind-%d" % i)
    until(lambda: said(world.service, "BUCKET_DIFFERS") == 1, "nobody was told: %s" % world.service.log_lines()[-3:])
    need(world.store.objects[path] == b"not ours", "it was overwritten")
    need(report(world.service, "goes-on") > 0, "the log itself goes on")
    del world.store.objects[path]
    mirrored(world.service, world.read)


def bucket_ahead(world):
    world.service.stop()
    before = world.read("checkpoint")
    lines = before.split(b"\n")
    lines[1] = b"1000000"
    world.store.objects["/logs/%s/checkpoint" % ORIGIN] = b"\n".join(lines)
    world.service.start()
    until(lambda: said(world.service, "BUCKET_AHEAD") == 1, "nobody was told")
    report(world.service, "after-all")
    need(world.read("checkpoint").split(b"\n")[1] == b"1000000", "it was overwritten")
    world.store.objects["/logs/%s/checkpoint" % ORIGIN] = before
    mirrored(world.service, world.read)


def stop_copies_the_rest(world):
    for i in range(20):
        report(world.service, "last-%d" % i)
    need(world.service.stop() == [], "stop")
    need(int(world.read("checkpoint").split(b"\n")[1]) == log_size(world.service), "the last checkpoint is not there")
    need_log(world.service, of_log(world.store))
    world.service.start()


def wrong_secret(suite):
    world = World(suite, "bucket-secret", "another secret")
    until(lambda: said(world.service, "BUCKET_REFUSED") == 1, "nobody was told")
    need(report(world.service, "goes-on") > 0 and not world.store.objects, "the log itself goes on")
    need(not any("another secret" in line for line in world.service.log_lines()), "the secret is in the log")


def real_store(suite, port):
    service = suite.new_service("bucket-s3rver", settings_for(suite.folder, "http://127.0.0.1:%d/logs" % port, "S3RVER", "S3RVER",
                                                              "us-east-1"))

    def read(path):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        link.request("GET", "/logs/%s/%s" % (ORIGIN, path))
        answer = link.getresponse()
        body = answer.read()
        link.close()
        return body if answer.status == 200 else None

    for i in range(300):
        report(service, "real-%d" % i)
    mirrored(service, read)
    need(service.stop() == [], "stop")
    size = int(read("checkpoint").split(b"\n")[1])
    need(size == log_size(service), "the last checkpoint is not there")
    names, width = ["checkpoint", "vkey", "tile/0/000", "tile/entries/000", "tile/1/000.p/%d" % (size // 256)], size % 256
    for full in range(1, size // 256):
        names += ["tile/0/%03d" % full, "tile/entries/%03d" % full]
    if width:
        names += ["tile/0/%03d.p/%d" % (size // 256, width), "tile/entries/%03d.p/%d" % (size // 256, width)]
    need_log(service, {name: read(name) for name in names})


def run_real_store(suite):
    """The store of an npm package, which checks signatures as well."""
    name = "bucket: a store of the npm registry has the log too"
    folder = os.path.join(suite.folder, "s3rver")
    os.makedirs(os.path.join(folder, "data"))
    if not shutil.which("npm"):
        suite.result(name, "npm is not installed")
        return
    with open(os.path.join(folder, "npm.log"), "wb") as log:
        done = subprocess.run(["npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder,
                               "%s@%s" % (PACKAGE, VERSION)], cwd=folder, stdout=log, stderr=log, check=False)
    if done.returncode:
        suite.result(name, "npm could not install " + PACKAGE)
        return
    server = subprocess.Popen(["node", "-e", SERVER, folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        port = int(server.stdout.readline())
        suite.guard(name, lambda: real_store(suite, port))
    finally:
        server.kill()
        server.wait()


def run(suite):
    world = World(suite, "bucket")
    for name, test in {"what is there is the log, byte for byte, and verifies": bucket_is_the_log,
                       "an outage is said once, stops nothing and is caught up": outage_is_caught_up,
                       "a service that is killed goes on where it was": killed_in_the_middle,
                       "other bytes are named and left": other_bytes_are_left,
                       "a bucket with more than the log is named and left": bucket_ahead,
                       "a stop copies the rest": stop_copies_the_rest}.items():
        suite.guard("bucket: " + name, lambda test=test: test(world))
    blind = World(suite, "bucket-blind", blind=True)
    suite.guard("bucket: where the store overwrites, other bytes are named and left", lambda: other_bytes_are_left(blind))
    suite.guard("bucket: where the store overwrites, what is there is the log", lambda: need_log(blind.service, of_log(blind.store)))
    suite.guard("bucket: a wrong secret is refused and said", lambda: wrong_secret(suite))
    run_real_store(suite)
    blind.store.close()
    world.store.close()
