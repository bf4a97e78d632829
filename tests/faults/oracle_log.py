# SPDX-License-Identifier: Apache-2.0
"""The oracle: reads the log's entry bundles itself (C2SP tlog-tiles), computes the Merkle roots itself
(RFC 6962) and compares both with the history. Shares no code with the program under test."""
import base64
import collections
import hashlib
import json
import os
import struct


def bundle_path(folder, number, width):
    parts = ["%03d" % (number % 1000)]
    while number >= 1000:
        number //= 1000
        parts.insert(0, "x%03d" % (number % 1000))
    path = os.path.join(folder, "tile", "entries", *parts)
    return path if width == 256 else os.path.join(path + ".p", str(width))


def read_entries(folder, size):
    """The first `size` leaves as bytes, from the bundles that the checkpoint of that size promises."""
    leaves = []
    while len(leaves) < size:
        width = min(256, size - len(leaves))
        with open(bundle_path(folder, len(leaves) // 256, width), "rb") as file:
            data = file.read()
        at = 0
        for _ in range(width):
            (length,) = struct.unpack_from(">H", data, at)
            leaves.append(data[at + 2:at + 2 + length])
            at += 2 + length
        if at != len(data):
            raise ValueError("bundle %d has bytes behind its entries" % (len(leaves) // 256))
    return leaves


def note(text):
    """(origin, size, root) of a checkpoint."""
    lines = text.split("\n")
    return lines[0], int(lines[1]), base64.b64decode(lines[2])


def roots_at(leaves, sizes):
    """The tree's root at each of these sizes, in one pass."""
    wanted, roots, stack = set(sizes), {}, []
    for i in range(len(leaves) + 1):
        if i in wanted:
            root = hashlib.sha256().digest() if not stack else stack[-1][1]
            for _, left in reversed(stack[:-1]):
                root = hashlib.sha256(b"\1" + left + root).digest()
            roots[i] = root
        if i < len(leaves):
            level, node = 0, hashlib.sha256(b"\0" + leaves[i]).digest()
            while stack and stack[-1][0] == level:
                node = hashlib.sha256(b"\1" + stack.pop()[1] + node).digest()
                level += 1
            stack.append((level, node))
    return roots


def check_log(folder, checkpoints):
    """(leaves, mistakes): each checkpoint ever seen must be a beginning of the log as it is now."""
    with open(os.path.join(folder, "checkpoint"), encoding="utf-8") as file:
        origin, size, root = note(file.read())
    leaves = read_entries(folder, size)
    seen = [note(text) for text in checkpoints]
    roots = roots_at(leaves, [size] + [s for _, s, _ in seen if s <= size])
    wrong = ["the last checkpoint is not the root of its %d entries" % size] if roots[size] != root else []
    for their_origin, their_size, their_root in seen:
        if their_size > size:
            wrong.append("the log shrank from %d to %d entries" % (their_size, size))
        elif their_origin != origin or roots[their_size] != their_root:
            wrong.append("the log forked: another root at %d entries" % their_size)
    return leaves, wrong


def compare(reports, decisions, found, entries):
    """Counts what must all be zero. `reports`, `decisions`: ids that were acknowledged, in any order.
    `found`: report ids that the API gave back. `entries`: the log's entries as objects."""
    of = collections.defaultdict(collections.Counter)
    for entry in entries:
        of[entry["type"]][entry.get("decision" if entry["type"] == "decision" else "report")] += 1
    acked = collections.Counter(reports)
    decided = collections.Counter(decisions)
    return {
        "lost": sum(1 for i in acked if i not in found),
        "doubled": sum(n - 1 for table in (acked, of["report"], of["verdict"]) for n in table.values() if n > 1),
        "without entry": sum(1 for i in acked if not of["report"][i] or not of["verdict"][i]),
        "unexpected": sum(1 for i in set(of["report"]) | set(of["verdict"]) if i not in acked),
        "decisions without entry": sum(1 for i in decided if not of["decision"][i]),
        "decisions doubled": sum(n - 1 for t in (decided, of["decision"]) for n in t.values() if n > 1),
        "decisions unexpected": sum(1 for i in of["decision"] if i not in decided),
    }


def fields_of(leaves):
    return [json.loads(leaf) for leaf in leaves]


def self_test(reports, decisions, found, entries, folder, checkpoints):
    """Feeds the oracle doctored histories made of the true one; names those it did not see."""
    reports, decisions = list(reports), list(decisions)
    one = reports[len(reports) // 2]
    mine = [e for e in entries if e["type"] == "report" and e["report"] == one]
    doctored = {
        "acknowledged report missing in the store": ("lost", (reports, decisions, set(found) - {one}, entries)),
        "report twice in the log": ("doubled", (reports, decisions, found, entries + mine)),
        "one id for two requests": ("doubled", (reports + [one], decisions, found, entries)),
        "entry missing": ("without entry", (reports, decisions, found, [e for e in entries if e not in mine])),
        "entry nobody sent": ("unexpected", ([r for r in reports if r != one], decisions, found, entries)),
        "decision without entry": ("decisions without entry", (reports, decisions + ["dec_x"], found, entries)),
    }
    missed = [name for name, (count, args) in doctored.items() if not compare(*args)[count]]
    lines = checkpoints[-1].split("\n")
    lines[2] = base64.b64encode(bytes(32)).decode()
    if not check_log(folder, ["\n".join(lines)])[1]:
        missed.append("forked checkpoint")
    lines[1] = str(10 ** 9)
    if not check_log(folder, ["\n".join(lines)])[1]:
        missed.append("log that shrank")
    return len(doctored) + 2, missed
