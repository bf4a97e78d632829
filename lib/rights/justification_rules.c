/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/justification_rules.h"

#include "lib/base/clock.h"
#include "lib/json/field.h"

#include <stdio.h>

/* The chosen outcome, as a measure that can be weighed against it. */
static const char *outcome_as_measure(enum outcome outcome)
{
    switch ((int)outcome) {
    case OUTCOME_LABEL:
    case OUTCOME_AGE_GATE:
    case OUTCOME_INTERACTION_LIMIT:
    case OUTCOME_DEMOTE:
        return outcome_words[outcome];
    default:
        return "";
    }
}

static bool is_order_outcome(enum outcome outcome)
{
    return outcome == OUTCOME_ORDER_EXECUTED || outcome == OUTCOME_ORDER_QUERIED ||
           outcome == OUTCOME_ORDER_IMPOSSIBLE;
}

static void rule_clause(struct justification_checker *c, const struct policy_clause *clause,
                        struct span ref)
{
    char shown[FAULT_QUOTE_MAX];
    struct span explanation = checker_text(c, "/ground/explanation");

    c->result->clause = clause;
    if (clause->law != (c->facts.ground != GROUND_TERMS)) {
        checker_fault(c, "JUST_GROUND_KIND", "/ground/ref", "%s is %s, not %s",
                      fault_quote(shown, ref), clause->law ? "law" : "a clause of the terms",
                      ground_kind_words[c->facts.ground]);
    }
    if (c->facts.harm < HARM_NONE && !clause->harms[c->facts.harm]) {
        checker_fault(c, "JUST_GROUND_HARM", "/ground/ref", "%s does not cover %s",
                      fault_quote(shown, ref), harm_words[c->facts.harm]);
    }
    if (c->facts.outcome < OUTCOME_COUNT && c->result->restriction &&
        !clause->outcomes[c->facts.outcome]) {
        checker_fault(c, "JUST_GROUND_OUTCOME", "/ground/ref", "%s does not allow %s",
                      fault_quote(shown, ref), outcome_words[c->facts.outcome]);
    }
    if (c->result->restriction && explanation.len > 0 &&
        !policy_clause_quoted(clause, explanation)) {
        checker_fault(c, "JUST_EXPLANATION_QUOTE", "/ground/explanation",
                      "quote an element of the clause, such as: %.*s", (int)clause->elements[0].len,
                      clause->elements[0].ptr);
    }
}

static void rule_ground(struct justification_checker *c)
{
    char shown[FAULT_QUOTE_MAX];
    struct span ref = checker_text(c, "/ground/ref");
    const struct policy_clause *clause;
    struct span version;

    if (c->result->restriction && c->facts.ground == GROUND_NONE) {
        checker_fault(c, "JUST_GROUND_MISSING", "/ground/kind",
                      "%s needs a ground in the law, the terms or an order",
                      outcome_words[c->facts.outcome]);
    }
    if (c->result->restriction && c->facts.harm == HARM_NONE) {
        checker_fault(c, "JUST_HARM_MISSING", "/harm", "%s answers a harm",
                      outcome_words[c->facts.outcome]);
    }
    if (is_order_outcome(c->facts.outcome) && !origin_is_order(c->context->origin)) {
        checker_fault(c, "JUST_OUTCOME_ORDER", "/outcome", "the case has no order");
    }
    if (ref.len == 0 || c->facts.ground == GROUND_NONE || c->facts.ground == GROUND_KIND_COUNT) {
        return;
    }
    clause = policy_find(c->context->policy, ref);
    if (!clause) {
        version = policy_version(c->context->policy);
        checker_fault(c, "JUST_GROUND_UNKNOWN", "/ground/ref", "%s is not in version %.*s",
                      fault_quote(shown, ref), (int)version.len, version.ptr);
        return;
    }
    rule_clause(c, clause, ref);
}

static bool has_conflict(const struct justification_checker *c)
{
    return checker_get(c, "/conflict_of_law") != NULL;
}

static void rule_threat(struct justification_checker *c)
{
    int link = checker_word(c, "/threat/link", link_words, LINK_COUNT);
    bool order = c->facts.outcome == OUTCOME_ORDER_EXECUTED;

    if (!c->result->restriction || link < LINK_INDIRECT ||
        (link == LINK_INDIRECT && !c->result->removal && !order)) {
        return;
    }
    if (!order) {
        checker_fault(c, "JUST_LINK_TOO_WEAK", "/threat/link", "%s does not carry %s",
                      link_words[link], outcome_words[c->facts.outcome]);
    } else if (!has_conflict(c) && !c->context->draft) {
        checker_fault(
            c, "JUST_CONFLICT_MISSING", "/conflict_of_law",
            "the order is carried out though the connection is %s: say how the right is honoured",
            link_words[link]);
    }
}

static void rule_alternatives(struct justification_checker *c)
{
    const json_t *list = checker_get(c, "/necessity/alternatives");
    size_t count = json_array_size(list);
    size_t wanted = c->result->removal ? 2 : 1;
    char at[FAULT_PLACE_MAX];

    if (!list || !c->result->restriction) {
        return;
    }
    if (count < wanted && !c->context->draft) {
        checker_fault(c, "JUST_ALTERNATIVES", "/necessity/alternatives",
                      "%s needs %zu milder measures weighed, this has %zu",
                      outcome_words[c->facts.outcome], wanted, count);
    }
    for (size_t i = 0; i < count; i++) {
        struct span measure = json_span(json_object_get(json_array_get(list, i), "measure"));

        (void)snprintf(at, sizeof(at), "/necessity/alternatives/%zu/measure", i);
        if (measure.len > 0 && span_is(measure, outcome_as_measure(c->facts.outcome))) {
            checker_fault(c, "JUST_ALTERNATIVES", at,
                          "the measure taken cannot be the one rejected");
        }
        for (size_t j = 0; j < i; j++) {
            if (measure.len > 0 && span_equal(measure, json_span(json_object_get(
                                                           json_array_get(list, j), "measure")))) {
                checker_fault(c, "JUST_ALTERNATIVES", at, "weighed twice");
            }
        }
    }
}

static void rule_discrimination(struct justification_checker *c)
{
    if (span_is(checker_text(c, "/discrimination_check/result"), "concern") && !c->context->draft &&
        checker_text(c, "/discrimination_check/note").len == 0) {
        checker_fault(c, "JUST_DISCRIMINATION_MISSING", "/discrimination_check/note",
                      "a concern needs its note");
    }
}

static void rule_scope(struct justification_checker *c)
{
    struct span territory = checker_text(c, "/scope/territory");
    struct span until = checker_text(c, "/scope/until");
    bool global = span_is(territory, "global"), indefinite = span_is(until, "indefinite");
    int64_t ms;

    if ((global || indefinite) && checker_text(c, "/scope/reason").len == 0 && !c->context->draft) {
        checker_fault(c, "JUST_SCOPE_REASON", "/scope/reason", "%s needs a reason",
                      global ? "global" : "indefinite");
    }
    if (global && c->result->clause && c->result->clause->country[0]) {
        checker_fault(c, "JUST_SCOPE_TOO_WIDE", "/scope/territory",
                      "the ground is the law of %s alone", c->result->clause->country);
    }
    /* A date means the whole of that day. */
    if (checker_time(c, "/scope/until", &ms) && ms + 86400000 <= c->context->decided_ms) {
        checker_fault(c, "JUST_SCOPE_UNTIL", "/scope/until", "lies before the decision");
    }
}

/* The score of a factor, -1 when it is not there. */
static int score(const struct justification_checker *c, int factor)
{
    char at[64];
    const json_t *value;

    (void)snprintf(at, sizeof(at), "/rabat/%s/score", rabat_words[factor]);
    value = checker_get(c, at);
    return json_is_integer(value) ? (int)json_integer_value(value) : -1;
}

static void rule_rabat(struct justification_checker *c)
{
    bool excused = checker_text(c, "/rabat/not_applicable").len > 0;
    bool factors = checker_get(c, "/rabat/intent") != NULL;

    if (!c->result->restriction || !checker_get(c, "/rabat")) {
        return;
    }
    if (excused && justification_facts_rabat(&c->facts)) {
        checker_fault(c, "JUST_RABAT_INCOMPLETE", "/rabat/not_applicable",
                      "%s is always weighed by the six factors", harm_words[c->facts.harm]);
    } else if (!excused && !factors && !justification_facts_rabat(&c->facts) &&
               !c->context->draft) {
        checker_fault(c, "JUST_RABAT_INCOMPLETE", "/rabat/not_applicable",
                      "say why the factors do not apply");
    }
}

static void rule_severity(struct justification_checker *c)
{
    static const struct {
        int factor;
        const char *code, *pointer;
    } needed[] = {
        {RABAT_INTENT, "JUST_RABAT_INTENT", "/rabat/intent/score"},
        {RABAT_CONTENT_FORM, "JUST_RABAT_FORM", "/rabat/content_form/score"},
        {RABAT_LIKELIHOOD, "JUST_RABAT_LIKELIHOOD", "/rabat/likelihood/score"},
    };
    int severity = checker_word(c, "/severity_tier", severity_tier_words, SEVERITY_TIER_COUNT);

    if (severity == SEVERITY_CONCERN && c->result->removal) {
        checker_fault(c, "JUST_TIER_MISMATCH", "/severity_tier", "concern_only does not carry %s",
                      outcome_words[c->facts.outcome]);
    }
    for (size_t i = 0; i < COUNT_OF(needed) && severity == SEVERITY_CRIMINAL; i++) {
        int given = score(c, needed[i].factor);

        if (given >= 0 && given < 2) {
            checker_fault(c, needed[i].code, needed[i].pointer,
                          "criminal needs at least 2, this is %d", given);
        }
    }
}

static void rule_exemptions(struct justification_checker *c)
{
    bool terrorism = c->facts.harm < HARM_COUNT && harm_is_terrorism(c->facts.harm);
    char at[64];

    for (int i = 0; i < EXEMPTION_COUNT; i++) {
        int state = checker_exemption(c, (enum exemption)i);

        (void)snprintf(at, sizeof(at), "/exemptions/%s", exemption_words[i]);
        if (state == EXEMPTION_MET && c->result->restriction) {
            if (terrorism && exemption_is_tco((enum exemption)i)) {
                checker_fault(c, "JUST_EXEMPT_MET", at, "what is %s is not %s", exemption_words[i],
                              harm_words[c->facts.harm]);
            }
            c->result->needs_second |= SECOND_EXEMPTION;
        }
        if (state < 0 && c->context->exemptions_claimed[i] && !c->context->draft &&
            checker_get(c, "/exemptions")) {
            checker_fault(c, "JUST_EXEMPT_UNCHECKED", at, "a report claims %s: answer it by name",
                          exemption_words[i]);
        }
    }
}

static void rule_outcome(struct justification_checker *c)
{
    int64_t ms;

    if (checker_get(c, "/prior_warning") && !c->context->draft &&
        !checker_time(c, "/prior_warning/sent_at", &ms) &&
        checker_text(c, "/prior_warning/not_applicable").len == 0) {
        checker_fault(c, "JUST_WARNING_MISSING", "/prior_warning",
                      "say when it was sent or why none was due");
    }
    if (c->facts.outcome == OUTCOME_ORDER_EXECUTED && c->facts.tier != TIER_DEFERRED &&
        !has_conflict(c) && !c->context->draft &&
        span_is(checker_text(c, "/discrimination_check/result"), "concern")) {
        checker_fault(
            c, "JUST_CONFLICT_MISSING", "/conflict_of_law",
            "the order raises a concern of equal treatment: say how the right is honoured");
    }
    if (c->result->restriction && c->context->automated_decision == AUTOMATION_FULL) {
        checker_fault(c, "JUST_AUTOMATED", "/outcome", "a person decides on %s",
                      outcome_words[c->facts.outcome]);
    }
}

void justification_rules_rights(struct justification_checker *c)
{
    rule_ground(c);
    rule_threat(c);
    rule_alternatives(c);
    rule_discrimination(c);
    rule_scope(c);
    rule_rabat(c);
    rule_severity(c);
    rule_exemptions(c);
    rule_outcome(c);
}
