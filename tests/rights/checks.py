#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The acceptance checks of the rights record by number: what each promises, which tests hold it, and a planted bug that
those tests must see.
    checks.py BUILD SOURCE [NUMBER...]              runs the tests of each check; one TAP line a number
    checks.py --planted SOURCE FOLDER [NUMBER...]   builds a copy in FOLDER, plants each bug in turn, and wants its check to fail
A test is api:WORD (a case file or generated check of tests/api whose name has WORD) or unit:PROGRAM:WORD (a cmocka test of
build/tests/test_PROGRAM whose name has WORD), or year:COUNT (an invented year worked out again in another language)."""
import os
import re
import shutil
import subprocess
import sys

JUSTIFICATION, RULES = "unit:lib_rights_justification:", "lib/rights/justification_rules.c"
FIELD, STATE = "lib/rights/justification_field.c", "lib/rights/justification_state.c"

# number: (what it promises, (tests), (file, what stands there, the planted bug))
CHECKS = {
    1: ("a removal names one of six aims", ("api:check-01", JUSTIFICATION + "check 01"),
        (FIELD, '{ROW("/aim", JUST_WORDS, JUST_IF_RESTRICTION,', '{ROW("/aim", JUST_WORDS, JUST_OPTIONAL,')),
    2: ("its ground is published, in the version in force", ("api:check-02", JUSTIFICATION + "check 02"),
        (RULES, "    if (!clause) {\n        version", "    if (!clause && ref.len > 12) {\n        version")),
    3: ("the threat is linked directly", ("api:check-03", JUSTIFICATION + "check 03"),
        (RULES, "link < LINK_INDIRECT ||", "link <= LINK_INDIRECT ||")),
    4: ("two milder measures were weighed", ("api:check-04", JUSTIFICATION + "check 04"),
        (RULES, "    if (count < wanted && !c->context->draft) {", "    if (count + 1 < wanted && !c->context->draft) {")),
    5: ("incitement has its six Rabat notes, training says why not", ("api:check-05", JUSTIFICATION + "check 05"),
        (FIELD, '.min = 1, .max = 200, .missing = "JUST_RABAT_INCOMPLETE",', '.min = 0, .max = 200, .missing = "JUST_RABAT_SCORE",')),
    6: ("a mere concern is not removed, and a crime has intent", ("api:check-06", JUSTIFICATION + "check 06"),
        (RULES, "severity == SEVERITY_CONCERN && c->result->removal", "severity == SEVERITY_CONCERN && !c->result->removal")),
    7: ("journalism is no terrorist content, and exemptions are looked at", ("api:check-07", JUSTIFICATION + "check 07"),
        (RULES, "if (terrorism && exemption_is_tco((enum exemption)i)) {", "if (terrorism && !exemption_is_tco((enum exemption)i)) {")),
    8: ("eight inputs leave content up, no more", ("api:check-08", "api:examples-of-the-specification", JUSTIFICATION + "check_08"),
        (STATE, "claim == TIER_QUICK && c->facts.tier != TIER_QUICK", "claim == TIER_FULL && c->facts.tier != TIER_FULL")),
    9: ("no judgement is a suggestion nobody touched, no reason is empty", ("api:check-09", JUSTIFICATION + "check_09", JUSTIFICATION + "check 09"),
        (STATE, "            !was_touched(touched, pointer)) {", "            was_touched(touched, pointer)) {")),
    10: ("who cannot read it does not restrict it", ("api:check-10", JUSTIFICATION + "check 10"),
         (STATE, 'span_is(checker_text(c, "/lang_competence"), "none")', 'span_is(checker_text(c, "/lang_competence"), "no")')),
    11: ("free text holds no personal data", ("api:check-11", JUSTIFICATION + "check_11"),
         ("lib/rights/justification_check.c", "    if (personal_data_find(text, 0, &found)) {", "    if (personal_data_find(text, text.len, &found)) {")),
    12: ("gravest measures need another person", ("api:check-12", "api:state-origin-removal", JUSTIFICATION + "check_12"),
         (STATE, "        result->needs_second |= SECOND_ACCOUNT;", "        result->needs_second |= 0;")),
    13: ("a state is named, an order is whole", ("api:check-13", "unit:lib_rights_orders:check 13", "unit:lib_rights_orders:check_14"),
         ("lib/rights/orders.c", '{"signature", ELEMENT_TEXT, true, false},', '{"signature", ELEMENT_TEXT, false, false},')),
    14: ("an order has its hour, which stands while it is unclear", ("api:orders", "unit:lib_rights_orders:check_14"),
         ("lib/rights/orders.c", "times->effect_ms <= due ?", "times->effect_ms <= due + HOUR_MS ?")),
    15: ("who acts first owes the full record", ("api:check-15", JUSTIFICATION + "check_15", JUSTIFICATION + "check 15"),
         ("service/store/functions/overdue.lua", "    case_front(tag, id, case, front(tag, case))\n", "")),
    16: ("no restriction without its notice, which comes when the law allows", ("api:check-16", "api:withheld", JUSTIFICATION + "check_16", JUSTIFICATION + "check 16"),
         ("service/store/functions/held_release.lua", "        notice_put(tag, letters[i][1]", "        local _ = i == 0 and notice_put(tag, letters[i][1]")),
    17: ("a notice has its six parts", ("api:check-17", "unit:lib_rights_notice:check_17", "unit:lib_rights_notice:check 17"),
         ("lib/rights/notice.c", "        if (!part_is_whole(notice, &parts[i])) {", "        if (!part_is_whole(notice, &parts[i]) && i) {")),
    18: ("statements say how content was found, as it was", ("api:exports", "unit:lib_export_dsa:vector", "unit:lib_export_dsa:check_18"),
         ("lib/export/dsa.c", "    return (origin == ORIGIN_OWN_INITIATIVE ||", "    return !(origin == ORIGIN_OWN_INITIATIVE ||")),
    19: ("what the register would refuse is never sent", ("api:exports", "unit:lib_export_dsa:vector", "unit:lib_export_dsa:check_19"),
         ("lib/export/dsa.h", "DSA_BATCH_MAX = 100", "DSA_BATCH_MAX = 101")),
    20: ("one decision is one statement, an order is none", ("api:exports", "unit:lib_export_dsa:check_20", "unit:lib_export_transparency:check_20"),
         ("lib/export/dsa.c", "        origin_is_order(facts.origin)) {", "        false) {")),
    21: ("six months to appeal, judged by another", ("api:appeal-", "api:check-21", "unit:lib_rights_appeal:check"),
         ("lib/rights/deadline.c", "day_start(clock_add_months(notice_ms, APPEAL_WINDOW_MONTHS))", "day_start(notice_ms + 180 * DAY_MS)")),
    22: ("a reversal puts right and tells both parties", ("api:reversal-puts-right", "unit:lib_export_transparency:check_22"),
         ("service/api/remedy.c", "    return json_object_set_new(record, \"remedy\", remedy) ||", "    return json_object_set_new(record, \"remedies\", remedy) ||")),
    23: ("the numbers have their shape and can be worked out again", ("unit:lib_export_transparency:check_23", "unit:lib_export_transparency:check_22", "year:1000"),
         ("lib/export/transparency_decision.c", "SAMPLE_COMPLAINT, 0, COUNTRY_NONE, at->ms - appeal->at_ms);", "SAMPLE_COMPLAINT, 0, COUNTRY_NONE, at->ms - appeal->at_ms + 3600000);")),
    24: ("a flipped bit is found; erasure leaves the chain whole", ("unit:service_audit_verify:flipped", "unit:service_audit_verify:bad_entry", "api:retention: an author", "api:check-24"),
         ("service/audit/verify.c", "memcmp(bytes.ptr, walk->rows[level], bytes.len) != 0", "memcmp(bytes.ptr, walk->rows[level], bytes.len / 2) != 0")),
    25: ("preserved content is held, is seen for a purpose, and goes", ("api:retention", "api:check-25", "api:delisting", "unit:service_cli_keeping:kept", "unit:lib_rights_appeal:check_25"),
         ("lib/rights/deadline.c", "        end = clock_add_months(from_ms, EVIDENCE_MONTHS);", "        end = clock_add_months(from_ms, EVIDENCE_MONTHS + 60);")),
}
OK = re.compile(r"^(not )?ok \d+ - (.*)$", re.M)


def run_api(program, source, words):
    """name -> passed, of every API test whose name has one of the words."""
    done = subprocess.run([sys.executable, os.path.join(source, "tests", "api", "run.py"), program, source, *words],
                          capture_output=True, text=True, check=False)
    return {name: not bad for bad, name in OK.findall(done.stdout)}


def run_unit(build, source, program):
    env = {**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP", "RAPPORTEUR_SOURCE": source}
    done = subprocess.run([os.path.join(build, "tests", "test_" + program)], capture_output=True, text=True, check=False, env=env)
    return {name: not bad for bad, name in OK.findall(done.stdout)}


def run_year(build, source, count):
    folder = os.path.join("tests", "unit", "lib", "export")
    done = subprocess.run([sys.executable, os.path.join(source, folder, "recompute.py"),
                           os.path.join(build, folder, "export_year"), count], capture_output=True, text=True, check=False)
    return {count + " decisions": done.returncode == 0}


def results(build, source, numbers):
    """number -> list of what is wrong."""
    build, source = os.path.abspath(build), os.path.abspath(source)
    tests = [test for number in numbers for test in CHECKS[number][1]]
    words = sorted({test[4:].split(":")[0] for test in tests if test.startswith("api:")})
    found = {"api": run_api(os.path.join(build, "service", "rapporteur"), source, words) if words else {}}
    if any(test.startswith("year:") for test in tests):
        found["year"] = run_year(build, source, next(test[5:] for test in tests if test.startswith("year:")))
    for program in {test.split(":")[1] for test in tests if test.startswith("unit:")}:
        found[program] = run_unit(build, source, program)
    wrong = {}
    for number in numbers:
        wrong[number] = []
        for test in CHECKS[number][1]:
            kind, _, word = test.partition(":")
            program, word = word.split(":", 1) if kind == "unit" else (kind, word)
            mine = {name: good for name, good in found[program].items() if word in name}
            wrong[number] += ["%s: no such test" % test] if not mine else []
            wrong[number] += ["%s: %s" % (test, name) for name, good in mine.items() if not good]
    return wrong


def run_all(build, source, numbers):
    wrong = results(build, source, numbers)
    for at, number in enumerate(numbers):
        print("%sok %d - rights check %02d: %s" % ("not " if wrong[number] else "", at + 1, number, CHECKS[number][0]), flush=True)
        for line in wrong[number]:
            print("#   " + line)
    print("1..%d" % len(numbers))
    return any(wrong.values())


def plant(folder, number):
    """True when the tests of the check failed with its bug in the copy."""
    name, old, new = CHECKS[number][2]
    path = os.path.join(folder, name)
    with open(path, encoding="utf-8") as file:
        good = file.read()
    if good.count(old) != 1:
        return "the place of its bug is there %d times" % good.count(old)
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(good.replace(old, new))
        built = subprocess.run(["ninja", "-C", os.path.join(folder, "build")], capture_output=True, text=True, check=False)
        if built.returncode:
            return "its bug does not build:\n" + built.stdout[-600:]
        return "" if results(os.path.join(folder, "build"), folder, [number])[number] else "its bug was not seen"
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.write(good)


def run_planted(source, folder, numbers):
    if not os.path.exists(folder):
        kept = subprocess.run(["git", "-C", source, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True)
        for name in kept.stdout.split("\n")[:-1]:
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            shutil.copy2(os.path.join(source, name), os.path.join(folder, name))
        subprocess.run(["meson", "setup", os.path.join(folder, "build"), folder], check=True, stdout=subprocess.DEVNULL)
    seen = 0
    for number in numbers:
        said = plant(folder, number)
        seen += not said
        print("check %02d: %s" % (number, said or "its bug was seen"), flush=True)
    print("%d of %d planted bugs seen" % (seen, len(numbers)))
    return seen != len(numbers)


def main():
    planted = sys.argv[1] == "--planted"
    args = sys.argv[2:] if planted else sys.argv[1:]
    numbers = [int(one) for one in args[2:]] or sorted(CHECKS)
    return (run_planted if planted else run_all)(args[0], args[1], numbers)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
