# SPDX-License-Identifier: Apache-2.0
"""A bit of the published log is turned over on the disk: `audit verify` must see each, and say which file."""
import os

PAUSE_S = 0.02


def log_files(bed):
    """The files that the newest checkpoint stands on. A part of a tile that a longer one has replaced is kept for a
    while for readers of older checkpoints, who check it themselves, and is no part of the log."""
    found = []
    for folder, _, names in os.walk(os.path.join(bed.state, "audit", "log")):
        if folder.endswith(".p"):
            names = [] if os.path.exists(folder[:-2]) else [max(names, key=int)]
        found += [os.path.join(folder, name) for name in names]
    return sorted(path for path in found if os.path.getsize(path))


def turn(path, at, bit):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << bit)]))


def flips(cell):
    bed = cell.bed()
    bed.start_load(cell.seed, PAUSE_S)
    bed.run_for(1.5)
    cell.close(bed)
    code, text = bed.verify()
    cell.expect(code == 0, "I4 verify", "before any flip: " + text)
    files, unseen = log_files(bed), []
    for _ in range(cell.many(50, 2000)):
        path = cell.rng.choice(files)
        at, bit = cell.rng.randrange(os.path.getsize(path)), cell.rng.randrange(8)
        turn(path, at, bit)
        code, text = bed.verify()
        if code == 0 or not text:
            unseen.append("%s byte %d bit %d" % (os.path.relpath(path, bed.state), at, bit))
        turn(path, at, bit)
        cell.runs += 1
    code, text = bed.verify()
    cell.expect(code == 0, "I4 verify", "after every bit was turned back: " + text)
    cell.expect(not unseen, "I4 flip", "%d of %d flips were not seen: %s" % (len(unseen), cell.runs, unseen[:8]))
    cell.note("%d of %d bits turned over in %d files of the log were seen" % (
        cell.runs - len(unseen), cell.runs, len(files)))
