#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Works out the numbers of the transparency report from a log again, apart from lib/export, and compares.

    recompute.py YEAR COUNT     runs YEAR (see year.c) into a fresh folder, then checks what it wrote
Prints what differs; exit 0 when nothing does. Medians may differ by 0.01 h."""
import collections
import csv
import datetime
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

TERROR = {"incitement", "radicalisation", "recruitment", "training", "planning", "info_collection", "communication",
          "preparation", "financing", "execution", "glorification", "manifesto", "perpetrator_media"}
KEYWORD = {"listed_group_branding": "KEYWORD_ILLEGAL_ORGANIZATIONS", "hatred_incitement": "KEYWORD_HATE_SPEECH",
           "graphic_violence": "VIOLENCE/OTHER", "credible_threat": "KEYWORD_COORDINATED_HARM",
           "doxxing_target": "KEYWORD_CYBER_HARASSMENT"}
COLUMN = {"remove": 7, "disable": 8, "demote": 9, "age_gate": 10, "interaction_limit": 11, "label": 12,
          "service_suspend_part": 17, "service_suspend_total": 17, "service_terminate_part": 18,
          "service_terminate_total": 18, "account_suspend": 19, "account_terminate": 20}
UNRESTRICTED = {"no_action", "insufficient_notice", "duplicate", "monitor", "refer_counter_message", "preserve_evidence",
                "escalate_threat_to_life", "reinstate", "order_queried", "order_impossible"}
ORDERS = {"gov_order", "tco_removal_order", "court_order"}
START, END = "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"


def hours(start, end):
    read = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (read(end) - read(start)).total_seconds() / 3600


def keyword(harm):
    return "KEYWORD_TERRORIST_CONTENT" if harm in TERROR else KEYWORD[harm]


def is_notice(origin):
    return origin["kind"] in ("user_notice", "trusted_flagger") or (
        origin["kind"] in ("civil_society", "academic") and origin["good_faith"])


class Year:
    def __init__(self, lines):
        self.count = collections.Counter()
        self.times = collections.defaultdict(list)
        self.reports, self.decisions, self.appeals = collections.defaultdict(list), {}, {}
        self.answered, self.effects, self.rules = set(), set(), collections.defaultdict(lambda: [0, 0])
        for line in lines:
            entry = json.loads(line)
            self.inside = START <= entry["at"] < END
            getattr(self, "on_" + entry["type"])(entry)

    def add(self, *key, by=1):
        self.count[key] += by if self.inside else 0

    def on_report(self, entry):
        self.reports[entry["case"]].append(entry)
        kind, word, tf = entry["origin"]["kind"], keyword(entry["category"]), entry["origin"]["kind"] == "trusted_flagger"
        if kind in ORDERS:
            order = entry["order"]
            for scope in ("TOTAL", order["country"]):
                self.add("order", scope, word, 6 if order["kind"] == "act" else 10)
                if order["kind"] == "act":
                    self.add("order", scope, word, 7, by=order["items"])
                if self.inside:
                    self.times["receipt", scope, word, order["kind"]].append(hours(entry["at"], order["confirmed_at"]))
        elif is_notice(entry["origin"]):
            self.add("notice", word, 5)
            self.add("notice", word, 7, by=entry["items"])
            if tf:
                self.add("notice", word, 6)
                self.add("notice", word, 8, by=entry["items"])

    def on_decision(self, entry):
        self.decisions[entry["decision"]] = entry
        if "appeal" in entry:
            self.decide_appeal(entry)
        if entry.get("state") != "awaiting_second" and entry.get("appeal_result") != "upheld":
            self.effective(entry, entry["at"])

    def on_second(self, entry):
        if entry["agree"]:
            self.effective(self.decisions[entry["decision"]], entry["at"])

    def effective(self, decision, at):
        reports, record = self.reports[decision["case"]], decision["justification"]
        notices = [r for r in reports if is_notice(r["origin"])]
        ordered = [r for r in reports if r["origin"]["kind"] in ORDERS]
        if decision["case"] not in self.answered and self.inside:
            for notice in notices:
                self.times["notice", keyword(notice["category"])].append(hours(notice["at"], at))
        self.answered.add(decision["case"])
        if decision["outcome"] in UNRESTRICTED:
            return
        self.add("restrictions")
        self.add("language", record["content_lang"])
        if self.inside:
            decision["counted"] = True
            for rule in record["rule_ids"]:
                self.rules[rule][0] += 1
        terms = record["ground"]["kind"] == "terms"
        if not notices and not ordered:
            part, word = 6 if terms else 5, keyword(record["harm"])
            column = COLUMN.get(decision["outcome"]) or (14 if record["scope"]["until"] != "indefinite" else 15)
            self.add("own", part, word, 5)
            self.add("own", part, word, column)
            if record["automated_detection"]:
                self.add("own", part, word, 6)
        if notices and not ordered:
            self.add("notice", keyword(notices[0]["category"]), 13 if terms else 11)
            if any(r["origin"]["kind"] == "trusted_flagger" for r in notices):
                self.add("notice", keyword(notices[0]["category"]), 14 if terms else 12)

    def on_effect(self, entry):
        case = self.decisions[entry["decision"]]["case"]
        orders = [r for r in self.reports[case] if r["origin"]["kind"] in ORDERS]
        if orders and case not in self.effects and self.inside:
            self.effects.add(case)
            order = orders[-1]
            for scope in ("TOTAL", order["order"]["country"]):
                self.times["effect", scope, keyword(order["category"]), order["order"]["kind"]].append(
                    hours(order["at"], entry["effective_at"]))

    def on_appeal(self, entry):
        self.appeals[entry["appeal"]] = entry
        self.add("appeal", "total")

    def decide_appeal(self, entry):
        appeal = self.appeals[entry["appeal"]]
        before = self.decisions[appeal["decision"]]
        self.add("appeal", entry["appeal_result"])
        if entry["appeal_result"] != "omitted" and self.inside:
            self.times["appeal"].append(hours(appeal["at"], entry["at"]))
        if entry["appeal_result"] in ("reversed", "partially_reversed") and self.inside and before.get("counted"):
            for rule in before["justification"]["rule_ids"]:
                self.rules[rule][1] += 1


class Compare:
    def __init__(self):
        self.wrong = self.compared = 0

    def number(self, what, theirs, ours):
        self.compared += 1
        same = theirs == "" if ours is None else theirs != "" and abs(float(theirs) - ours) <= (
            0.01 if isinstance(ours, float) else 0)
        if not same:
            self.wrong += 1
            print("differs:", what, "file", theirs, "again", ours)


def rows_of(path):
    """Rows of a part, the keyword OTHER told apart by its category."""
    category, rows = "", []
    with open(path, newline="", encoding="utf-8") as file:
        for row in list(csv.reader(file))[1:]:
            if row[3].startswith("STATEMENT_"):
                category = row[3].removeprefix("STATEMENT_CATEGORY_")
            name = category + "/OTHER" if row[3] == "KEYWORD_OTHER" else row[3]
            rows.append((name, row))
    return rows


def median(values):
    return float(statistics.median(values)) if values else None


def compare(folder, year, check):
    for name, row in rows_of(folder / "4_notices.csv"):
        if name.startswith("KEYWORD") or name.endswith("/OTHER"):
            for column in (5, 6, 7, 8, 11, 12, 13, 14):
                check.number(("part 4", name, column), row[column], year.count["notice", name, column])
            check.number(("part 4", name, "median"), row[9], median(year.times["notice", name]))
        elif name == "TOTAL":
            everything = [t for key, times in year.times.items() if key[0] == "notice" for t in times]
            check.number(("part 4", "TOTAL", "median"), row[9], median(everything))
    for part, path in ((5, "5_own_initiative_illegal.csv"), (6, "6_own_initiative_TC.csv")):
        for name, row in rows_of(folder / path):
            total = {c: sum(n for key, n in year.count.items() if key[0] == "own" and key[1] == part and key[3] == c)
                     for c in range(5, 21)}
            for column in range(5, 21):
                if name.startswith("KEYWORD") or name.endswith("/OTHER"):
                    check.number((part, name, column), row[column], year.count["own", part, name, column])
                elif name == "TOTAL":
                    check.number((part, name, column), row[column], total[column])
    for name, row in rows_of(folder / "3_member_states_orders.csv"):
        if name.startswith("KEYWORD") or name.endswith("/OTHER"):
            for column in (6, 7, 10):
                check.number(("part 3", row[5], name, column), row[column], year.count["order", row[5], name, column])
            check.number(("part 3", row[5], name, "receipt"), row[8], median(year.times["receipt", row[5], name, "act"]))
            check.number(("part 3", row[5], name, "effect"), row[9], median(year.times["effect", row[5], name, "act"]))
            check.number(("part 3", row[5], name, "information"), row[12],
                         median(year.times["effect", row[5], name, "information"]))
    with open(folder / "7_appeals_and_recidivism.csv", newline="", encoding="utf-8") as file:
        values = [row[6] for row in list(csv.reader(file))[1:7]]
    for value, key in zip(values[:4] + values[5:], ("total", "upheld", "partially_reversed", "reversed", "omitted")):
        check.number(("part 7", key), value, year.count["appeal", key])
    check.number(("part 7", "median"), values[4], median(year.times["appeal"]))
    with open(folder / "8_automated_means.csv", newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            if row[4] == "Number of measures not taken by automated means" and len(row[5]) == 2:
                check.number(("part 8", row[5]), row[6], year.count["language", row[5]])
    numbers = json.loads((folder / "numbers.json").read_text(encoding="utf-8"))
    check.number(("restrictions",), numbers["santa_clara"]["restrictions"], year.count["restrictions",])
    by_language = {key[1]: value for key, value in year.count.items() if key[0] == "language"}
    check.number(("languages",), len(numbers["santa_clara"]["restrictions_by_language"]), len(by_language))
    for language, value in by_language.items():
        check.number(("language", language), numbers["santa_clara"]["restrictions_by_language"][language], value)
    for rule, (all_of, reversed_of) in year.rules.items():
        rate = numbers["rates"]["rules"][rule]
        if 0 < reversed_of < 5 or 0 < all_of - reversed_of < 5:
            check.number((rule,), int("suppressed" in rate), 1)
        else:
            check.number((rule, "of"), rate["of"], all_of)
            check.number((rule, "reversed"), rate["count"], reversed_of)


def main():
    check = Compare()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        print(subprocess.run([sys.argv[1], sys.argv[2], name], check=True, capture_output=True, text=True).stdout, end="")
        with open(folder / "log.jsonl", encoding="utf-8") as log:
            compare(folder, Year(log), check)
    print(f"{check.compared} numbers compared, {check.wrong} differ")
    return 1 if check.wrong or check.compared < 1000 else 0


if __name__ == "__main__":
    sys.exit(main())
