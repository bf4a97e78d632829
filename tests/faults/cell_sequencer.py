# SPDX-License-Identifier: Apache-2.0
"""The log's sequencer stopped at its writes, fsyncs, renames and mkdirs (sequencer_crash.sh)."""
import os
import re
import shutil
import subprocess

import result


def crash_points(cell):
    if not shutil.which("strace"):
        raise result.Skip("strace is not installed")
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sequencer_crash.sh")
    done = subprocess.run([script, cell.tool("sequencer_crash"), "1" if cell.full else "9"], capture_output=True,
                          check=False)
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    cell.say(text)
    found = re.search(r"^(\d+) points passed, (\d+) failed", text, re.M)
    if cell.expect(found, "I4 crash point", "the sweep did not end: " + text[-500:]):
        cell.runs = int(found[1]) + int(found[2])
        cell.note("%s points passed, %s failed" % found.groups())
        cell.expect(done.returncode == 0, "I4 crash point", "%s points failed" % found[2])
