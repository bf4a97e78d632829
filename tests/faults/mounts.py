# SPDX-License-Identifier: Apache-2.0
"""File systems of our own to break: ext4 in a file, cut off as by a power cut; a small tmpfs, to be filled."""
import fcntl
import os
import struct
import subprocess
import time

import result

EXT4_IOC_SHUTDOWN = 0x8004587D        # _IOR('X', 125, __u32)
NO_LOG_FLUSH = 2                      # neither data nor the journal's memory reach the disk: a power cut


def command(*words):
    done = subprocess.run(words, capture_output=True, check=False)
    if done.returncode:
        raise result.Skip("%s: %s" % (" ".join(words[:4]), (done.stderr or done.stdout).decode().strip()[:300]))


class Mount:
    def __init__(self, cell, name):
        if os.geteuid() != 0:
            raise result.Skip("mounting needs root")
        self.folder = os.path.join(cell.folder, name)
        os.makedirs(self.folder, exist_ok=True)
        cell.at_end.append(self.drop)

    def umount(self):
        """Waits for those who still have files open there."""
        for _ in range(200):
            done = subprocess.run(["umount", self.folder], capture_output=True, check=False)
            if done.returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError("umount: " + done.stderr.decode())

    def drop(self):
        subprocess.run(["umount", "-l", self.folder], capture_output=True, check=False)


class Disk(Mount):
    """ext4 in a file."""

    def __init__(self, cell, name, megabytes=768):
        super().__init__(cell, name)
        self.file = os.path.join(cell.folder, name + ".ext4")
        with open(self.file, "wb") as file:
            file.truncate(megabytes << 20)
        command("mkfs.ext4", "-q", "-F", self.file)
        self.mount()

    def mount(self):
        command("mount", "-o", "loop", self.file, self.folder)

    def cut(self):
        fd = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        except OSError as failure:
            raise result.Skip("the shutdown ioctl of ext4: %s" % failure) from None
        finally:
            os.close(fd)


class Small(Mount):
    """tmpfs of so many megabytes; `fill` takes all that is left, `free` gives it back."""

    def __init__(self, cell, name, megabytes):
        super().__init__(cell, name)
        command("mount", "-t", "tmpfs", "-o", "size=%dm" % megabytes, "tmpfs", self.folder)
        self.ballast = os.path.join(self.folder, "ballast")

    def left(self):
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def fill(self, leave=0):
        """In steps: others take space meanwhile, and what does not fit in one piece takes none."""
        with open(self.ballast, "ab", buffering=0) as file:
            for piece in (1 << 20, 1 << 16, 1 << 12):
                while self.left() >= leave + piece:
                    try:
                        file.write(bytes(piece))
                    except OSError:
                        break

    def free(self):
        os.unlink(self.ballast)
