# SPDX-License-Identifier: Apache-2.0
"""Planted bugs: each patch of mutants/ is applied to a copy of the source, built, and put into the cell it
names, which must go wrong by the oracle it names. Nothing of this is ever part of a shipped program."""
import concurrent.futures
import json
import os
import queue
import re
import shutil
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
FOLDERS = ("lib", "service", "config", "tests", "deploy")
CELL_S = 150


class Mutant:
    """A patch whose first lines say: what:, cell: (with its options), oracle:."""

    def __init__(self, path):
        self.path, self.name = path, os.path.basename(path)[:-len(".patch")]
        with open(path, encoding="utf-8") as file:
            said = dict(re.findall(r"^(what|cell|oracle): (.+)$", file.read(), re.M))
        self.what, self.cell, self.oracle = said["what"], said["cell"].split(), said["oracle"]


def read():
    folder = os.path.join(HERE, "mutants")
    return [Mutant(os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if name.endswith(".patch")]


class Scratch:
    """A copy of the source and its build folder; one mutant at a time lives in it."""

    def __init__(self, folder):
        self.source, self.build = os.path.join(folder, "source"), os.path.join(folder, "build")
        self.programs = os.path.join(folder, "programs")
        os.makedirs(self.source)
        os.makedirs(self.programs)
        for name in FOLDERS:
            if os.path.isdir(os.path.join(SOURCE, name)):
                shutil.copytree(os.path.join(SOURCE, name), os.path.join(self.source, name))
        shutil.copy(os.path.join(SOURCE, "meson.build"), self.source)
        self.command("meson", "setup", self.build, self.source)
        self.ninja()

    def command(self, *words, cwd=None):
        done = subprocess.run(words, cwd=cwd or self.source, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError("%s: %s" % (" ".join(words[:3]), (done.stdout + done.stderr).decode()[-2000:]))

    def ninja(self):
        self.command("ninja", "-C", self.build, "service/rapporteur")

    def make(self, mutant):
        """The mutant's program; the source is as before when this returns."""
        self.command("git", "apply", "-p1", "--unidiff-zero", mutant.path)
        try:
            self.ninja()
            made = os.path.join(self.programs, mutant.name)
            shutil.copy(os.path.join(self.build, "service", "rapporteur"), made)
        finally:
            self.command("git", "apply", "-R", "-p1", "--unidiff-zero", mutant.path)
        return made


def put_to_test(mutant, program, args, tools):
    """None when it was caught by its name; else what happened."""
    words = [os.path.join(HERE, "cell"), mutant.cell[0], program, SOURCE, "--seed", str(args.seed), "--tools", tools]
    try:
        done = subprocess.run(words + mutant.cell[1:], capture_output=True, timeout=CELL_S, check=False)
    except subprocess.TimeoutExpired:
        return "not done after %d s" % CELL_S, ""
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    left = re.search("^left in (.*)$", text, re.M)
    if left:
        shutil.rmtree(left[1], ignore_errors=True)
    found = [json.loads(line[7:]) for line in text.splitlines() if line.startswith("RESULT ")]
    if not found:
        return "no result: " + text[-1500:], ""
    if found[-1]["skipped"]:
        return "its cell is skipped: " + found[-1]["skipped"], ""
    if mutant.oracle not in found[-1]["oracles"]:
        return "not seen by '%s'; seen by %s" % (mutant.oracle, found[-1]["oracles"] or "nothing"), ""
    return None, ", ".join(found[-1]["oracles"])


def run(planted, folder, args, tools):
    """Builds one while others are tested; how many were caught."""
    ready, caught, lock = queue.Queue(), [], threading.Lock()
    begun = time.monotonic()

    def build():
        try:
            scratch = Scratch(folder)
        except RuntimeError as failure:
            scratch = None
            print("mutants cannot be built: %s" % failure, flush=True)
        for mutant in planted:
            try:
                ready.put((mutant, scratch.make(mutant) if scratch else None, "no build"))
            except RuntimeError as failure:
                ready.put((mutant, None, str(failure)))

    def judge(_):
        mutant, program, why = ready.get()
        seen = ""
        if program:
            why, seen = put_to_test(mutant, program, args, tools)
            os.unlink(program)
        with lock:
            print("mutant %-22s %s" % (mutant.name, "NOT CAUGHT: " + why if why else
                                       "caught by %s (%s)" % (mutant.oracle, seen)), flush=True)
        if not why:
            caught.append(mutant.name)

    builder = threading.Thread(target=build)
    builder.start()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(judge, range(len(planted))))
    builder.join()
    print("mutants: %d of %d caught, %.0f s" % (len(caught), len(planted), time.monotonic() - begun), flush=True)
    return len(caught)
