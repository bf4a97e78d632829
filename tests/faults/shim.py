# SPDX-License-Identifier: Apache-2.0
"""The orders that shim.so reads: the wall clock's shift, and which allocation fails."""
import mmap
import os
import struct

FIELDS = ("clock_ns", "fail_at", "fail_count", "failed")


class Shim:
    def __init__(self, cell, name="orders"):
        self.machine_s = 0.0
        path = os.path.join(cell.folder, name)
        with open(path, "wb") as file:
            file.truncate(4096)
        self.file = open(path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), 4096)
        self.env = {"LD_PRELOAD": cell.tool("shim.so"), "FAULTS_SHIM": path}

    def set(self, field, value):
        struct.pack_into("<q", self.map, 8 * FIELDS.index(field), int(value))

    def get(self, field):
        return struct.unpack_from("<q", self.map, 8 * FIELDS.index(field))[0]
