/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/justification_rules.h"

#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "lib/rights/deadline.h"

#include <stdio.h>

static void rule_tier(struct justification_checker *c)
{
    const struct justification_context *context = c->context;
    int claim = checker_word(c, "/tier", tier_words, TIER_COUNT);

    if (claim == TIER_QUICK && c->facts.tier != TIER_QUICK) {
        checker_fault(c, "JUST_TIER_TOO_LOW", "/tier", "this decision needs the full record");
    }
    if (claim == TIER_DEFERRED && !context->order_valid && !context->threat_to_life) {
        checker_fault(c, "JUST_DEFERRED_REFUSED", "/tier",
                      "the case has neither an open order nor a threat to life");
    }
    if (c->facts.tier == TIER_DEFERRED) {
        c->result->full_due_ms = context->decided_ms + (context->deferred_full_ms ? context->deferred_full_ms
                                                                                  : DEFERRED_FULL_HOURS * HOUR_MS);
        if (context->deferred_overdue) {
            checker_fault(c, "JUST_DEFERRED_OPEN", "/tier",
                          "complete the record that is overdue first");
        }
    }
    if (context->opened_ms > context->decided_ms) {
        checker_fault(c, "JUST_TIMES", "", "decided before it was opened");
    }
}

static void rule_language(struct justification_checker *c)
{
    if (c->result->restriction && span_is(checker_text(c, "/lang_competence"), "none")) {
        c->result->reroute_language = true;
        checker_fault(c, "JUST_REROUTE_LANGUAGE", "/lang_competence",
                      "the case goes back to a queue for its language");
    }
}

/* "/necessity/alternatives/0/measure" to "/necessity/alternatives/x/measure" with x = '*'. */
static void pattern_of(char into[FAULT_PLACE_MAX], const char *pointer)
{
    struct span rest = span_of(*pointer == '/' ? pointer + 1 : pointer);
    size_t len = 0;

    while (rest.ptr && len + 2 < FAULT_PLACE_MAX) {
        struct span name = span_cut(&rest, '/');
        unsigned long long index;

        name = span_to_u64(name, &index) ? SPAN("*") : span_sub(name, 0, FAULT_PLACE_MAX - len - 2);
        into[len++] = '/';
        memcpy(into + len, name.ptr, name.len);
        len += name.len;
    }
    into[len] = '\0';
}

static bool was_touched(const json_t *touched, const char *pointer)
{
    for (size_t i = 0; i < json_array_size(touched); i++) {
        if (span_is(json_span(json_array_get(touched, i)), pointer)) {
            return true;
        }
    }
    return false;
}

static void rule_touched(struct justification_checker *c)
{
    const json_t *touched = checker_get(c, "/touched");
    const char *pointer;
    json_t *suggested;

    if (!json_is_object(c->context->suggestions)) {
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)c->context->suggestions, pointer, suggested)
    {
        char pattern[FAULT_PLACE_MAX];
        const struct justification_field *row;
        const json_t *value = pointer[0] == '/' ? checker_get(c, pointer) : NULL;

        pattern_of(pattern, pointer);
        row = justification_field_find(pattern);
        if (row && (row->flags & JUST_J) && value && json_equal(value, suggested) &&
            !was_touched(touched, pointer)) {
            checker_fault(c, "JUST_UNTOUCHED", pointer, "equals a suggestion that nobody touched");
        }
    }
}

static void rule_second(struct justification_checker *c)
{
    struct justification_check_result *result = c->result;
    const struct justification_context *context = c->context;

    if ((context->state_actor || origin_is_state(context->origin)) && result->removal) {
        result->needs_second |= SECOND_STATE_ORIGIN;
    }
    if (result->outcome == OUTCOME_ACCOUNT_SUSPEND ||
        result->outcome == OUTCOME_ACCOUNT_TERMINATE) {
        result->needs_second |= SECOND_ACCOUNT;
    }
    if (result->restriction &&
        span_is(checker_text(c, "/proportionality/public_interest"), "high")) {
        result->needs_second |= SECOND_PUBLIC_INTEREST;
    }
    if (result->restriction && context->needs_second) {
        result->needs_second |= SECOND_RULE;
    }
    if (context->second_pid && context->reviewer_pid &&
        strcmp(context->second_pid, context->reviewer_pid) == 0) {
        checker_fault(c, "JUST_SECOND_SAME", "", "the second person is the first one");
    }
    /* Act first: who must agree with a deferred measure on an item agrees with its full record. */
    if (c->facts.tier == TIER_DEFERRED) {
        result->needs_second &= ~(unsigned)(SECOND_STATE_ORIGIN | SECOND_RULE);
    }
    result->state =
        result->needs_second && !context->second_pid ? STATE_AWAITING_SECOND : STATE_EFFECTIVE;
}

static void rule_evidence(struct justification_checker *c)
{
    struct justification_check_result *result = c->result;
    int64_t limit = clock_add_months(c->context->decided_ms, EVIDENCE_MONTHS);
    int64_t held = limit, hold = 0;

    result->evidence_required = result->restriction ||
                                result->outcome == OUTCOME_ESCALATE_THREAT_TO_LIFE ||
                                result->outcome == OUTCOME_PRESERVE_EVIDENCE;
    (void)checker_time(c, "/evidence/held_until", &held);
    if (checker_time(c, "/evidence/hold/until", &hold) && hold > limit) {
        limit = hold;
    }
    if (held > limit) {
        checker_fault(c, "JUST_EVIDENCE_TOO_LONG", "/evidence/held_until",
                      "six months, or until the end of a named hold");
    }
    result->evidence_until_ms = result->evidence_required ? (hold > held ? hold : held) : 0;
}

static bool is_language(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 'a' || text.ptr[i] > 'z') {
            return false;
        }
    }
    return text.len == 2 || text.len == 3;
}

/* Withheld lawfully: until a date within six weeks, with the reason and the law that says so. */
static void rule_notice(struct justification_checker *c)
{
    int64_t until = 0;
    int64_t limit = c->context->decided_ms + NOTICE_WITHHELD_DAYS * DAY_MS;
    bool withheld = checker_get(c, "/notice/withheld_until") != NULL;
    struct span lang = checker_text(c, "/notice/lang");

    c->result->notice_required = c->result->restriction;
    if (lang.len > 0 && !is_language(lang)) {
        (void)faults_add(c->faults, "FIELD_VALUE", "/notice/lang",
                         "a language of ISO 639, such as \"de\"");
    }
    if (!withheld || !checker_time(c, "/notice/withheld_until", &until)) {
        return;
    }
    c->result->notice_withheld_until_ms = until;
    if (until > limit || checker_text(c, "/notice/legal_ref").len == 0 ||
        checker_text(c, "/notice/withheld_reason").len == 0) {
        checker_fault(
            c, "NOTICE_REQUIRED", "/notice/withheld_until",
            "a notice is withheld for at most six weeks, with its reason and legal reference");
    }
}

static void rule_appeal_until(struct justification_checker *c)
{
    int64_t told = c->result->notice_withheld_until_ms ? c->result->notice_withheld_until_ms
                                                       : c->context->decided_ms;
    int64_t earliest = appeal_window_end(told);
    int64_t given;
    bool open = c->result->restriction || c->result->outcome == OUTCOME_NO_ACTION ||
                c->result->outcome == OUTCOME_INSUFFICIENT_NOTICE;

    c->result->appeal_until_ms = open ? earliest : 0;
    if (!checker_time(c, "/appeal_until", &given)) {
        return;
    }
    if (given + DAY_MS - 1 < earliest) {
        checker_fault(c, "JUST_APPEAL_TOO_SHORT", "/appeal_until",
                      "at least six months after the notice");
    } else if (open) {
        c->result->appeal_until_ms = given + DAY_MS - 1;
    }
}

static void rule_previous(struct justification_checker *c)
{
    static const char *const pointers[] = {"/why", "/facts", "/ground/explanation"};
    struct justification_checker before = *c;
    struct fault why;

    if (!json_is_object(c->context->previous)) {
        return;
    }
    before.record = c->context->previous;
    for (size_t i = 0; i < COUNT_OF(pointers); i++) {
        if (text_is_copied(checker_text(c, pointers[i]), checker_text(&before, pointers[i]))) {
            checker_fault(c, "JUST_COPIED", pointers[i],
                          "is the text of the decision under appeal");
        }
    }
    if (checker_text(c, "/reverses").len && checker_text(&before, "/decision_id").len &&
        !span_equal(checker_text(c, "/reverses"), checker_text(&before, "/decision_id"))) {
        checker_fault(c, "JUST_REVERSES_MISSING", "/reverses", "is not the decision under appeal");
    }
    if (appeal_reviewer_check(
            c->context->reviewer_pid,
            json_string_value(json_object_get(c->context->previous, "reviewer_pid")),
            json_string_value(json_object_get(c->context->previous, "second_pid")), &why)) {
        (void)faults_add_one(c->faults, &why);
    }
}

void justification_rules_state(struct justification_checker *c)
{
    rule_tier(c);
    rule_language(c);
    rule_touched(c);
    rule_second(c);
    rule_evidence(c);
    rule_notice(c);
    rule_appeal_until(c);
    rule_previous(c);
}

int justification_effect_check(const json_t *record,
                               const struct justification_check_result *result,
                               const struct justification_context *context, struct faults *faults)
{
    struct justification_checker c = {record, context, {0}, NULL, faults};
    size_t before = faults->count;

    if (result->needs_second && !context->second_pid) {
        checker_fault(&c, "JUST_SECOND_REQUIRED", "",
                      "%s takes effect when a different person agreed",
                      outcome_words[result->outcome]);
    }
    if (context->second_pid && context->reviewer_pid &&
        strcmp(context->second_pid, context->reviewer_pid) == 0) {
        checker_fault(&c, "JUST_SECOND_SAME", "", "the second person is the first one");
    }
    if (result->notice_required && result->tier != TIER_DEFERRED &&
        !json_is_object(json_object_get(record, "notice"))) {
        checker_fault(&c, "NOTICE_REQUIRED", "/notice", "%s takes effect when the user is told",
                      outcome_words[result->outcome]);
    }
    return faults->count > before ? FAULT : 0;
}

int justification_second_check(bool *ret_agree, const json_t *body,
                               const struct justification_context *context, struct faults *faults)
{
    static const char *const verdicts[] = {"agree", "disagree"};
    static const char *const names[] = {"verdict", "note"};
    struct justification_checker c = {body, context, {0}, NULL, faults};
    size_t before = faults->count;
    struct fields at;
    struct span note = {"", 0};
    int verdict = 0;

    if (!fields_open(&at, (json_t *)(uintptr_t)body, "", faults)) {
        return FAULT;
    }
    fields_known(&at, names, COUNT_OF(names));
    (void)field_word(&at, "verdict", REQUIRED, verdicts, COUNT_OF(verdicts), &verdict);
    (void)field_string(&at, "note", OPTIONAL, 1, 800, &note);
    if (text_length(note) > 200) {
        (void)faults_add(faults, "FIELD_LENGTH", "/note", "at most 200 characters");
    }
    if (verdict == 1 && span_trim(note).len == 0) {
        checker_fault(&c, "JUST_SECOND_NOTE", "/note", "a disagreement needs its note");
    }
    if (!context->second_pid ||
        (context->reviewer_pid && strcmp(context->second_pid, context->reviewer_pid) == 0)) {
        checker_fault(&c, "JUST_SECOND_SAME", "", "the second person is the first one");
    }
    if (faults->count > before) {
        return FAULT;
    }
    *ret_agree = verdict == 0;
    return 0;
}
