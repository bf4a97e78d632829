/* SPDX-License-Identifier: Apache-2.0 */
/* One rule out of a YAML value: its members, the closed list of effects, the form of every word. */
#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "lib/rules/rule.h"

#include <stdio.h>

const char *const rule_mode_words[RULE_MODE_COUNT] = {
    [RULE_LIVE] = "live",
    [RULE_SHADOW] = "shadow",
    [RULE_OFF] = "off",
};

const char *const effect_words[EFFECT_COUNT] = {
    [EFFECT_QUEUE] = "queue",   [EFFECT_SEVERITY] = "severity",         [EFFECT_DUE] = "due",
    [EFFECT_LABELS] = "labels", [EFFECT_NEEDS_SECOND] = "needs_second", [EFFECT_NOTE] = "note",
};

const char *const effect_about[EFFECT_COUNT] = {
    [EFFECT_QUEUE] = "the queue the case waits in; the gravest rule that names one decides",
    [EFFECT_SEVERITY] = "0 to 4; the highest counts",
    [EFFECT_DUE] = "a deadline from now on, such as 30m, 4h or 2d; the earliest counts",
    [EFFECT_LABELS] = "words for reviewers and statistics; all of them",
    [EFFECT_NEEDS_SECOND] = "true: a restriction needs a second person",
    [EFFECT_NOTE] = "a sentence for the reviewer; all of them",
};

bool rule_word_ok(struct span word, size_t max)
{
    if (word.len < 1 || word.len > max || word.ptr[0] == '-') {
        return false;
    }
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
            return false;
        }
    }
    return true;
}

/* A clause reference: segments of letters, digits, '.', '_' and '-', with '/' between. */
static bool clause_form_ok(struct span ref)
{
    bool inside = false;

    for (size_t i = 0; i < ref.len; i++) {
        char c = ref.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!word && (!inside || (c != '.' && c != '_' && c != '-' && c != '/'))) {
            return false;
        }
        inside = c != '/';
    }
    return inside && ref.len <= RULE_MAX_ID;
}

static void read_policy(struct rule *rule, const struct rule_options *options, struct fields *at)
{
    char quoted[FAULT_QUOTE_MAX];

    if (!field_string(at, "policy", REQUIRED, 1, 500, &rule->policy)) {
        return;
    }
    if (!clause_form_ok(rule->policy) ||
        (options->policy_has && !options->policy_has(options->policy_arg, rule->policy))) {
        (void)field_fault(at, "policy", "RULE_POLICY", "the published policy has no clause '%s'",
                          fault_quote(quoted, rule->policy));
    }
}

static void read_labels(struct rule *rule, struct fields *then)
{
    json_t *labels;

    if (!field_array(then, "labels", OPTIONAL, RULE_MAX_LABELS, &labels)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(labels); i++) {
        struct span *label = &rule->labels[rule->label_count];

        if (!field_element_string(then, "labels", labels, i, 0, SIZE_MAX, label)) {
            continue;
        }
        rule->label_count++;
        if (!rule_word_ok(*label, RULE_MAX_LABEL)) {
            char place[FAULT_PLACE_MAX];

            (void)snprintf(place, sizeof(place), "%s/labels/%zu", then->at, i);
            (void)faults_add(then->faults, "RULE_LABEL", place,
                             "a label has 1 to %d lower-case letters, digits and '-'",
                             RULE_MAX_LABEL);
        }
    }
}

static void read_due(struct rule *rule, struct fields *then)
{
    struct span due;

    if (!field_string(then, "due", OPTIONAL, 0, SIZE_MAX, &due)) {
        return;
    }
    if (!clock_read_duration(due, &rule->due_ms) || rule->due_ms < RULE_MIN_DUE_MS ||
        rule->due_ms > RULE_MAX_DUE_MS) {
        (void)field_fault(then, "due", "RULE_DUE",
                          "must be a time such as 30m, 4h or 2d, from 1m to 366d");
    }
}

/* A word that is no effect says what the effects are: most of all where someone hoped for an
 * action. */
static void refuse_other_effects(struct fields *then)
{
    const char *name;
    json_t *value;

    json_object_foreach(then->object, name, value)
    {
        char quoted[FAULT_QUOTE_MAX];

        if (word_index(effect_words, EFFECT_COUNT, span_of(name)) < 0) {
            (void)field_fault(then, name, "RULE_EFFECT",
                              "no such effect '%s'; the effects are queue, severity, due, labels, "
                              "needs_second and note: software sorts, people decide",
                              fault_quote(quoted, span_of(name)));
        }
    }
}

static void read_effects(struct rule *rule, struct fields *at)
{
    struct fields then;
    int64_t severity;

    if (!field_object(at, "then", REQUIRED, &then)) {
        return;
    }
    refuse_other_effects(&then);
    if (json_object_size(then.object) == 0) {
        (void)field_fault(at, "then", "RULE_EFFECT",
                          "a rule without effect sorts nothing: name at least one");
    }
    if (field_string(&then, "queue", OPTIONAL, 0, SIZE_MAX, &rule->queue) &&
        !rule_word_ok(rule->queue, VERDICT_MAX_QUEUE)) {
        (void)field_fault(&then, "queue", "RULE_QUEUE",
                          "a queue has 1 to %d lower-case letters, digits and '-'",
                          VERDICT_MAX_QUEUE);
    }
    if (field_int(&then, "severity", OPTIONAL, 0, SEVERITY_MAX, &severity)) {
        rule->severity = (int)severity;
    }
    read_due(rule, &then);
    read_labels(rule, &then);
    (void)field_bool(&then, "needs_second", OPTIONAL, &rule->needs_second);
    (void)field_string(&then, "note", OPTIONAL, 1, RULE_MAX_NOTE, &rule->note);
}

/* Some example must match, or nobody has seen the rule fire. */
static void read_examples(struct rule *rule, struct fields *at)
{
    bool one_matches = false;

    if (!field_array(at, "examples", rule->mode == RULE_OFF ? OPTIONAL : REQUIRED,
                     RULE_MAX_EXAMPLES, &rule->examples)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(rule->examples); i++) {
        one_matches = one_matches ||
                      json_is_true(json_object_get(json_array_get(rule->examples, i), "matches"));
    }
    if (!one_matches && rule->mode != RULE_OFF) {
        (void)field_fault(at, "examples", "RULE_EXAMPLE", "needs an example with matches: true");
    }
}

void rule_read(struct rule *rule, const struct rule_options *options, json_t *json, const char *at,
               struct faults *faults)
{
    static const char *const names[] = {"id",   "about", "policy",  "mode",
                                        "when", "then",  "examples"};
    struct fields fields;
    struct span about;
    int mode;

    rule->severity = -1;
    if (!fields_open(&fields, json, at, faults)) {
        return;
    }
    fields_known(&fields, names, COUNT_OF(names));
    if (field_string(&fields, "id", REQUIRED, 0, SIZE_MAX, &rule->id) &&
        !rule_word_ok(rule->id, RULE_MAX_ID)) {
        (void)field_fault(&fields, "id", "RULE_ID",
                          "an id has 1 to %d lower-case letters, digits and '-'", RULE_MAX_ID);
    }
    (void)field_string(&fields, "about", OPTIONAL, 1, RULE_MAX_NOTE, &about);
    read_policy(rule, options, &fields);
    if (field_word(&fields, "mode", OPTIONAL, rule_mode_words, RULE_MODE_COUNT, &mode)) {
        rule->mode = (enum rule_mode)mode;
    }
    if (rule->mode == RULE_SHADOW && options->shadow_as_live) {
        rule->mode = RULE_LIVE;
    }
    (void)field_string(&fields, "when", REQUIRED, 1, RULE_MAX_WHEN, &rule->when);
    read_effects(rule, &fields);
    read_examples(rule, &fields);
}
