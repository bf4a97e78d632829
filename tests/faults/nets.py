# SPDX-License-Identifier: Apache-2.0
"""A network of our own to cut: this process and what it starts on one side, a second namespace on the other."""
import ctypes
import os
import subprocess

import result

HERE, AWAY = "10.77.0.1", "10.77.0.2"
CLONE_NEWNET = 0x40000000


def command(*words):
    try:
        done = subprocess.run(words, capture_output=True, check=False)
    except FileNotFoundError:
        raise result.Skip("%s is not installed" % words[0]) from None
    if done.returncode:
        raise result.Skip("%s: %s" % (" ".join(words[:6]), done.stderr.decode().strip()[:200]))


class Pair:
    """Two namespaces and one cable. `within`: the command that runs others on the far side. The process stays in
    its new namespace, which ends with it: threads begun earlier would not have come along."""

    entered = False

    def __init__(self, cell):
        if os.geteuid() != 0:
            raise result.Skip("network namespaces need root")
        if not Pair.entered:
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.unshare(CLONE_NEWNET):
                raise result.Skip("a network namespace: %s" % os.strerror(ctypes.get_errno()))
            Pair.entered = True
            command("ip", "link", "set", "lo", "up")
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
        cell.at_end.append(self.drop)
        pid = str(self.holder.pid)
        self.within = ["nsenter", "-t", pid, "-n"]
        self.wait_away()
        command("ip", "link", "add", "here", "type", "veth", "peer", "name", "away", "netns", pid)
        command("ip", "addr", "add", HERE + "/24", "dev", "here")
        command(*self.within, "ip", "addr", "add", AWAY + "/24", "dev", "away")
        command(*self.within, "ip", "link", "set", "lo", "up")
        command(*self.within, "ip", "link", "set", "away", "up")
        command("ip", "link", "set", "here", "up")

    def wait_away(self):
        """Until the holder has left our namespace."""
        ours = os.readlink("/proc/self/ns/net")
        while os.readlink("/proc/%d/ns/net" % self.holder.pid) == ours:
            if self.holder.poll() is not None:
                raise result.Skip("unshare -n ended with %d" % self.holder.returncode)

    def cut(self):
        command("ip", "link", "set", "here", "down")

    def join(self):
        command("ip", "link", "set", "here", "up")

    def drop(self):
        if self.holder.poll() is None:
            subprocess.run(["ip", "link", "del", "here"], capture_output=True, check=False)
            self.holder.kill()
            self.holder.wait()
