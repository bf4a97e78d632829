# SPDX-License-Identifier: Apache-2.0
"""Beds whose store is outside: the servers that the redis suite starts (tests/redis/farm.py)."""
import os
import sys
import time

import bed
import image
import load
import reviewer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "redis"))
import farm                         # noqa: E402

AGAIN_S = 30
WRITES = ("report", "line", "twin")


class FarmBed(bed.Bed):
    """`url`: what the service is told; `servers`: gives (host, port) of those that hold the store at the end."""

    def __init__(self, program, source, folder, url, servers, changes=None, **more):
        self.url, self.servers = url, servers
        super().__init__(program, source, folder, dict(changes or {}, store=["url: " + url]), **more)

    def get(self, path, role="auditor", timeout=10):
        """A 503 is asked again: a connection that broke meanwhile is found out by the first who needs it."""
        until = time.monotonic() + AGAIN_S
        answer = super().get(path, role, timeout)
        while answer[0] == 503 and path.startswith("/v1/") and time.monotonic() < until:
            time.sleep(0.1)
            answer = super().get(path, role, timeout)
        return answer

    def left(self):
        servers = [image.Redis(where) for where in self.servers()]
        try:
            return image.Image(*servers)
        finally:
            for one in servers:
                one.close()


def keep(cell, servers):
    """Ends with the cell."""
    cell.at_end.append(servers.close)
    return servers


def acked_since(one, moment):
    """The seconds from `moment` to the first report acknowledged whose call began after it; None: none yet."""
    with one.history.lock:
        ends = [event["ended"] for event in one.history.events
                if event["how"] == "ok" and event["op"] in WRITES and event["began"] > moment]
    return min(ends) - moment if ends else None


def wait_acked(one, moment, seconds):
    """As acked_since, waiting for it; raises when nothing came."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        one.run_for(0.02)
        found = acked_since(one, moment)
        if found is not None:
            return found
    raise RuntimeError("no report was acknowledged in %d s: %s" % (seconds, "\n".join(one.log_lines()[-10:])))


def published(one):
    """The size of the log's newest checkpoint."""
    status, text = one.get("/log/checkpoint")
    return int(text.splitlines()[1]) if status == 200 else 0


def wait_published(one, before, seconds):
    """Until the sequencer has published more than `before` entries: it lives, and the store takes its epoch."""
    until = time.monotonic() + seconds
    while published(one) <= before:
        one.run_for(0.05)
        if time.monotonic() > until:
            raise RuntimeError("the log stands at %d for %d s: %s" % (
                before, seconds, "\n".join(one.log_lines()[-10:])))


def errors(one):
    """The calls that ended in neither a yes, nor a refusal that was earned, nor a 503: a 500, a broken connection."""
    return [event for event in one.history.events
            if event["how"] in ("unknown", "fail") and event.get("status", 503) not in (503, 403, 429)]


def reviewer_of(one):
    """A reviewer that does what the cell says, and nothing by itself."""
    client = reviewer.Reviewer(one, load.SINGLES + load.BATCHES, 0, 0)
    client.planned.clear()
    return client
