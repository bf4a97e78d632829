# SPDX-License-Identifier: Apache-2.0
"""How many altered spellings of listed words are found, and at what price in false hits.
    evasion.py PROGRAM SOURCE [FUNCTIONALITY...]      of those named, the cases missed and untraced too
The texts are looked for in $RAPPORTEUR_TEST_DATA or SOURCE/../shared/data; exit 77 (skipped) without them.

The list of a language: the words behind HateCheck's templates (published for English, read off the templates
elsewhere), and each plain word that an altered case spells differently. An altered word is traced to its plain
word by the plain cases of the same data, not by the engine: a digit may stand for any letter, single letters in
a row are one word, and so on. Altered cases that trace to no plain word are shown as such and not counted. A
case is found when a hit lies on the altered word itself; the untouched words beside it do not count.
"Not hateful" counts the hits in the cases that are not hateful, one for each case and word."""
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

LANGUAGES = ("en", "arabic", "french")
FORMS = ("raw", "normalised", "squeezed", "confusable")
WORD = re.compile(r"[^\W_]+")
RUN = re.compile(r"(?<![^\W_])[^\W_]+(?:[ ]+[^\W_](?![^\W_]))+")
SHORT = 3       # letters: shorter words prove nothing when letters are missing or words joined

# The levels reached, per cent of the traced cases: a change may not fall below them. Swapped and missing letters
# and words run together are no aim of the engine. Of digits for Arabic letters those in words of two or three
# letters are not found, nor 2 for qaf, which only some dialects leave out; of stretched words those of two letters.
LEAST = {("en", "spell_space_add_h"): 100, ("en", "spell_leet_h"): 100,
         ("french", "spell_space_add_h"): 100, ("french", "spell_leet_h"): 100,
         ("arabic", "spell_space_add_h"): 100, ("arabic", "spell_char_eng_replace_h"): 76,
         ("arabic", "spell_char_repeat_h"): 86}
# Hits beyond the raw form in cases that are not hateful: the confusable form drops accents, and "defoncés" in such
# a case is the listed "défoncés".
MOST = {"en": 0, "french": 1, "arabic": 0}


def fold(text):
    return unicodedata.normalize("NFC", text).casefold()


def read(data, language):
    path = os.path.join(data, "text", "hatecheck_%s.csv" % language)
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [{"functionality": row["functionality"], "template": row["case_templ"],
                 "text": " ".join(row["test_case"].split()), "hateful": row["label_gold"] == "hateful"}
                for row in csv.DictReader(file)]


def placeholders(data, rows, language):
    """The plain words behind the templates."""
    if language == "en":
        with open(os.path.join(data, "text", "hatecheck_placeholders_en.csv"), encoding="utf-8", newline="") as file:
            return {fold(word.strip()) for row in csv.DictReader(file) for word in row["Values"].split(",")
                    if re.fullmatch(r"\[[A-Z]+_[A-Z]\]", row["Placeholder"])}
    words = set()
    for row in rows:
        parts = re.split(r"\[(?:IDENT|SLR)_[A-Z]\]", " ".join(row["template"].split()))
        if len(parts) == 2:
            found = re.fullmatch(re.escape(parts[0]) + "(.+)" + re.escape(parts[1]), row["text"])
            if found:
                words.add(fold(found[1]))
    return words


class Tracer:
    """From an altered word to plain words: each method yields (start, end, literal)."""

    def __init__(self, rows, phrases):
        self.plain = {}
        for row in rows:
            if not row["functionality"].startswith("spell_"):
                self.plain.update((fold(word), fold(word)) for word in WORD.findall(row["text"]))
        self.plain.update((phrase.replace(" ", ""), phrase) for phrase in phrases)
        self.by_length = {}
        for word in self.plain:
            self.by_length.setdefault(len(word), []).append(word)

    def unknown(self, text):
        for found in WORD.finditer(text):
            if fold(found[0]) not in self.plain:
                yield found.start(), found.end(), fold(found[0])

    def spell_space_add_h(self, text):
        for run in RUN.finditer(text):
            pieces = [(m.start() + run.start(), m[0]) for m in WORD.finditer(run[0])]
            found = None
            for i in range(len(pieces)):
                for j in range(len(pieces), i + 1, -1):
                    word = fold("".join(piece for _, piece in pieces[i:j]))
                    if word in self.plain and len(word) >= SHORT and (not found or len(word) > len(found[2])):
                        found = pieces[i][0], pieces[j - 1][0] + len(pieces[j - 1][1]), word
            if found:
                yield found[0], found[1], self.plain[found[2]]

    def spell_leet_h(self, text):
        for start, end, word in self.unknown(text):
            if re.search(r"\d", word) and not word.isdigit():
                any_letter = re.compile("".join(r"\w" if c.isdigit() else re.escape(c) for c in word))
                for plain in sorted(self.by_length.get(len(word), ())):
                    if any_letter.fullmatch(plain):
                        yield start, end, self.plain[plain]
                        break

    spell_char_eng_replace_h = spell_leet_h

    def spell_char_swap_h(self, text):
        for start, end, word in self.unknown(text):
            for i in range(len(word) - 1):
                plain = word[:i] + word[i + 1] + word[i] + word[i + 2:]
                if plain in self.plain:
                    yield start, end, self.plain[plain]
                    break

    def spell_char_del_h(self, text):
        for start, end, word in self.unknown(text):
            for plain in sorted(self.by_length.get(len(word) + 1, ())):
                if len(plain) > SHORT and any(plain[:i] + plain[i + 1:] == word for i in range(len(plain))):
                    yield start, end, self.plain[plain]
                    break

    def spell_space_del_h(self, text):
        for start, end, word in self.unknown(text):
            for i in range(1, len(word)):
                if word[:i] in self.plain and word[i:] in self.plain:
                    longer = max(word[:i], word[i:], key=len)
                    if len(longer) > SHORT:
                        yield start, end, self.plain[longer]
                        break

    def spell_char_repeat_h(self, text):
        for start, end, word in self.unknown(text):
            once = re.sub(r"(.)\1+", r"\1", word)
            if once != word and once in self.plain:
                yield start, end, self.plain[once]


def scan(program, words, texts):
    """One list of (start, end, form, word) in bytes for each text."""
    words = sorted(words)
    document = {"head": {"id": "evasion", "name": "evasion", "owner": "tests", "harm": "other", "kind": "literal",
                         "legal_basis": "none", "tlp": "clear", "version": "1", "review_by": "2100-01-01"},
                "entries": [{"id": "w%d" % i, "kind": "literal", "value": w} for i, w in enumerate(words)]}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "list.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump(document, out)
        done = subprocess.run([program, "lists", "test", path], input="\n".join(texts).encode() + b"\n",
                              capture_output=True, timeout=120, check=False)
    if done.returncode != 0:
        sys.exit("lists test: " + done.stderr.decode())
    hits = [[] for _ in texts]
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        m = re.match(r"line (\d+) bytes (\d+)-(\d+) literal w(\d+) \((\w+)\)", line)
        if m:
            hits[int(m[1]) - 1].append((int(m[2]), int(m[3]), FORMS.index(m[5]), words[int(m[4])]))
    return hits


def percent(part, whole):
    return "%5.1f" % (100 * part / whole) if whole else "    -"


def table(program, data, language, show):
    rows = read(data, language)
    phrases = placeholders(data, rows, language)
    tracer = Tracer(rows, phrases)
    traces = {}
    for number, row in enumerate(rows):
        trace = getattr(tracer, row["functionality"], None)
        traces[number] = list(trace(row["text"])) if trace else []
    words = phrases | {word for found in traces.values() for _, _, word in found}
    hits = scan(program, words, [row["text"] for row in rows])
    wrong = []

    print("%s: %d words" % (language, len(words)))
    print("  %-26s %5s %7s  %6s %6s %6s %6s" % ("found, per cent", "cases", "traced", "raw", "+norm", "+sque", "+conf"))
    plain = [n for n, row in enumerate(rows) if row["hateful"] and not row["functionality"].startswith("spell_")]
    print("  %-26s %5d %7d  %s" % ("plain (any listed word)", len(plain), len(plain), " ".join(
        " " + percent(sum(any(h[2] <= f for h in hits[n]) for n in plain), len(plain)) for f in range(4))))
    for name in sorted({row["functionality"] for row in rows if row["functionality"].startswith("spell_")}):
        cases = [n for n, row in enumerate(rows) if row["functionality"] == name]
        traced = [n for n in cases if traces[n]]
        found = [0] * 4
        for n in traced:
            places = [(len(rows[n]["text"][:a].encode()), len(rows[n]["text"][:b].encode())) for a, b, _ in traces[n]]
            best = min((h[2] for h in hits[n] for a, b in places if h[0] < b and h[1] > a), default=4)
            for f in range(best, 4):
                found[f] += 1
            if best == 4 and name in show:
                print("      missed: %s  %s" % (rows[n]["text"], [t[2] for t in traces[n]]))
        if name in show:
            for n in cases:
                if not traces[n]:
                    print("      untraced: " + rows[n]["text"])
        print("  %-26s %5d %7d  %s" % (name, len(cases), len(traced), " ".join(
            " " + percent(f, len(traced)) for f in found)))
        least = LEAST.get((language, name))
        if least and (100 * found[3] < least * len(traced) or len(traced) < len(cases) / 2):
            wrong.append("%s %s: %s %% found of %d, at least %d wanted" % (
                language, name, percent(found[3], len(traced)), len(traced), least))
    fine = [n for n, row in enumerate(rows) if not row["hateful"]]
    more = [sum(h[2] <= f for n in fine for h in hits[n]) for f in range(4)]
    some = [sum(any(h[2] <= f for h in hits[n]) for n in fine) for f in range(4)]
    print("  %-26s %5d %7s  %s" % ("not hateful: cases hit", len(fine), "", " ".join("%6d" % x for x in some)))
    print("  %-26s %5s %7s  %s" % ("not hateful: hits", "", "", " ".join("%6d" % x for x in more)))
    print("  %-26s %5s %7s  %s" % ("not hateful: beyond raw", "", "", " ".join("%6d" % (x - more[0]) for x in more)))
    if more[3] - more[0] > MOST[language]:
        wrong.append("%s: %d hits beyond the raw form, at most %d wanted" % (language, more[3] - more[0], MOST[language]))
    beyond = {}
    for n in fine:
        for start, end, form, word in hits[n]:
            if form > 0:
                pair = rows[n]["text"].encode()[start:end].decode(), word
                beyond[pair] = beyond.get(pair, 0) + 1
    for (there, word), count in sorted(beyond.items()):
        print("      %d times '%s' for '%s'" % (count, there, word))
    return wrong


def main():
    program, source, show = sys.argv[1], sys.argv[2], sys.argv[3:]
    data = os.environ.get("RAPPORTEUR_TEST_DATA", os.path.join(source, "..", "shared", "data"))
    if not os.path.exists(os.path.join(data, "text", "hatecheck_placeholders_en.csv")):
        print("no published texts below " + data)
        sys.exit(77)
    wrong = [line for language in LANGUAGES for line in table(program, data, language, show)]
    for line in wrong:
        print("WRONG: " + line)
    sys.exit(1 if wrong else 0)


main()
