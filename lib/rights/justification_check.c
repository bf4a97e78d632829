/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/justification.h"

#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "lib/rights/justification_rules.h"
#include "lib/rights/personal_data.h"
#include "lib/rights/territory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEPTH_MAX = 6 };

/* A member on the way down: its row's pattern and its own pointer. */
struct member {
    char pattern[FAULT_PLACE_MAX];
    char pointer[FAULT_PLACE_MAX];
    const struct justification_field *first, *end; /* of an object: the run of rows below it */
};

void checker_fault(struct justification_checker *c, const char *code, const char *pointer,
                   const char *format, ...)
{
    const struct justification_code *known = justification_code_find(code);
    char text[FAULT_TEXT_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (known) {
        (void)faults_add(c->faults, code, pointer, "%s (%s)", text, known->source);
    } else {
        (void)faults_add(c->faults, code, pointer, "%s", text);
    }
}

static bool is_unwritten(const struct justification_checker *c, const json_t *value)
{
    return !value || json_is_null(value) ||
           (c->context->draft && json_is_string(value) && span_is(json_span(value), "..."));
}

const json_t *checker_get(const struct justification_checker *c, const char *pointer)
{
    const json_t *at = c->record;
    struct span rest = span_of(pointer + 1);

    while (at && rest.ptr) {
        struct span name = span_cut(&rest, '/');
        unsigned long long index;

        if (json_is_array(at)) {
            at = span_to_u64(name, &index) ? json_array_get(at, (size_t)index) : NULL;
        } else {
            at = json_object_getn(at, name.ptr, name.len);
        }
    }
    return is_unwritten(c, at) ? NULL : at;
}

struct span checker_text(const struct justification_checker *c, const char *pointer)
{
    return json_span(checker_get(c, pointer));
}

int checker_word(const struct justification_checker *c, const char *pointer,
                 const char *const words[], size_t count)
{
    const json_t *value = checker_get(c, pointer);

    return value ? word_index(words, count, json_span(value)) : -1;
}

static bool read_time(struct span text, int64_t *ret_ms)
{
    return clock_read_date(text, ret_ms) || clock_read(text, ret_ms);
}

bool checker_time(const struct justification_checker *c, const char *pointer, int64_t *ret_ms)
{
    return read_time(checker_text(c, pointer), ret_ms);
}

int checker_exemption(const struct justification_checker *c, enum exemption exemption)
{
    const json_t *map = checker_get(c, "/exemptions");
    const json_t *state = map ? json_object_get(map, exemption_words[exemption]) : NULL;

    return state ? word_index(exemption_state_words, EXEMPTION_STATE_COUNT, json_span(state)) : -1;
}

static void lint(struct justification_checker *c, const char *pointer, struct span text)
{
    struct personal_data found;

    if (personal_data_find(text, 0, &found)) {
        checker_fault(c, "JUST_PERSONAL_DATA", pointer,
                      "holds %s at byte %zu: describe, do not identify",
                      personal_data_words[found.kind], found.start);
    }
}

static void check_text(struct justification_checker *c, const struct justification_field *row,
                       const char *pointer, const json_t *value)
{
    struct span text = json_span(value);
    size_t length = text_length(text);
    bool empty = row->bad ? text_is_empty(text) : span_trim(text).len == 0;

    if (!json_is_string(value)) {
        (void)faults_add(c->faults, "FIELD_TYPE", pointer, "a text is wanted here");
        return;
    }
    if (length > (size_t)row->max) {
        (void)faults_add(c->faults, "FIELD_LENGTH", pointer, "at most %d characters, this has %zu",
                         row->max, length);
    } else if (length < (size_t)row->min || empty) {
        checker_fault(c,
                      row->bad       ? row->bad
                      : row->missing ? row->missing
                                     : "FIELD_LENGTH",
                      pointer, "at least %d characters that say something", row->min);
    }
    if (row->flags & JUST_LINT) {
        lint(c, pointer, text);
    }
}

static void check_word(struct justification_checker *c, const struct justification_field *row,
                       const char *pointer, const json_t *value)
{
    char shown[FAULT_QUOTE_MAX];
    char list[FAULT_TEXT_MAX - 100];
    size_t len = 0;

    if (word_index(row->words, row->word_count, json_span(value)) >= 0) {
        return;
    }
    list[0] = '\0';
    for (size_t i = 0; i < row->word_count && len < sizeof(list); i++) {
        len +=
            (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", row->words[i]);
    }
    checker_fault(c, row->bad ? row->bad : "FIELD_VALUE", pointer, "%s is not one of: %s",
                  fault_quote(shown, json_span(value)), list);
}

static void check_words(struct justification_checker *c, const struct justification_field *row,
                        const char *pointer, const json_t *value)
{
    char at[FAULT_PLACE_MAX + 24];

    if (!json_is_array(value)) {
        check_word(c, row, pointer, value);
        return;
    }
    if (json_array_size(value) == 0 && row->missing) {
        checker_fault(c, row->missing, pointer, "%s", row->question);
    }
    if (json_array_size(value) > (size_t)row->max) {
        (void)faults_add(c->faults, "FIELD_COUNT", pointer, "at most %d, this has %zu", row->max,
                         json_array_size(value));
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        (void)snprintf(at, sizeof(at), "%s/%zu", pointer, i);
        check_word(c, row, at, json_array_get(value, i));
        for (size_t j = 0; j < i; j++) {
            if (json_equal(json_array_get(value, i), json_array_get(value, j))) {
                (void)faults_add(c->faults, "FIELD_VALUE", at, "named twice");
            }
        }
    }
}

static void check_strings(struct justification_checker *c, const struct justification_field *row,
                          const char *pointer, const json_t *value)
{
    if (!json_is_array(value)) {
        (void)faults_add(c->faults, "FIELD_TYPE", pointer, "an array of texts is wanted here");
        return;
    }
    if (json_array_size(value) > (size_t)row->max) {
        (void)faults_add(c->faults, "FIELD_COUNT", pointer, "at most %d, this has %zu", row->max,
                         json_array_size(value));
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct span text = json_span(json_array_get(value, i));

        if (text.len == 0 || text.len > 128) {
            (void)faults_add(c->faults, "FIELD_TYPE", pointer,
                             "element %zu is no text of 1 to 128 bytes", i);
            return;
        }
    }
}

static void check_exemptions(struct justification_checker *c, const char *pointer,
                             const json_t *value)
{
    const char *name;
    json_t *state;
    char at[FAULT_PLACE_MAX];

    if (!json_is_object(value)) {
        (void)faults_add(c->faults, "FIELD_TYPE", pointer, "an object is wanted here");
        return;
    }
    if (json_object_size(value) == 0) {
        checker_fault(c, "JUST_EXEMPT_UNCHECKED", pointer,
                      "say what is present, or none_present: true");
        return;
    }
    /* jansson's iteration wants a pointer that is not const; nothing is changed. */
    json_object_foreach((json_t *)(uintptr_t)value, name, state)
    {
        field_pointer(at, pointer, name);
        if (strcmp(name, "none_present") == 0) {
            if (!json_is_true(state)) {
                (void)faults_add(c->faults, "FIELD_VALUE", at, "only true can be said here");
            } else if (json_object_size(value) > 1) {
                checker_fault(c, "JUST_EXEMPT_CONFLICT", at,
                              "either none_present or single exemptions");
            }
        } else if (word_index(exemption_words, EXEMPTION_COUNT, span_of(name)) < 0) {
            const char *near = word_nearest(exemption_words, EXEMPTION_COUNT, span_of(name));

            (void)faults_add(c->faults, "FIELD_UNKNOWN", at, "no such exemption%s%s",
                             near ? "; did you mean " : "", near ? near : "");
        } else if (word_index(exemption_state_words, EXEMPTION_STATE_COUNT, json_span(state)) < 0) {
            (void)faults_add(c->faults, "FIELD_VALUE", at,
                             "one of: not_present, present_not_met, met");
        }
    }
}

static void check_territory(struct justification_checker *c, const char *pointer,
                            const json_t *value)
{
    char shown[FAULT_QUOTE_MAX];

    if (json_is_string(value) && span_is(json_span(value), "global")) {
        return;
    }
    if (!json_is_array(value) || json_array_size(value) == 0 || json_array_size(value) > 249) {
        (void)faults_add(c->faults, "FIELD_TYPE", pointer,
                         "\"global\" or an array of 1 to 249 countries");
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct span code = json_span(json_array_get(value, i));

        if (!territory_is_country(code)) {
            checker_fault(c, "COUNTRY_FORM", pointer, "%s at element %zu is no country%s",
                          fault_quote(shown, code), i, span_is(code, "EL") ? "; Greece is GR" : "");
        }
    }
}

static void check_scalar(struct justification_checker *c, const struct justification_field *row,
                         const char *pointer, const json_t *value)
{
    int64_t ms;

    if (row->type == JUST_INT) {
        if (!json_is_integer(value)) {
            (void)faults_add(c->faults, "FIELD_TYPE", pointer, "a whole number is wanted here");
        } else if (json_integer_value(value) < row->min || json_integer_value(value) > row->max) {
            (void)faults_add(c->faults, "FIELD_RANGE", pointer, "from %d to %d", row->min,
                             row->max);
        }
    } else if (row->type == JUST_BOOL && !json_is_boolean(value)) {
        (void)faults_add(c->faults, "FIELD_TYPE", pointer, "true or false is wanted here");
    } else if ((row->type == JUST_DATE || row->type == JUST_UNTIL) &&
               !read_time(json_span(value), &ms) &&
               !(row->type == JUST_UNTIL && span_is(json_span(value), "indefinite"))) {
        (void)faults_add(c->faults, "FIELD_TIME", pointer, "a date YYYY-MM-DD%s",
                         row->type == JUST_UNTIL ? " or \"indefinite\"" : " or an RFC 3339 time");
    }
}

static void check_object(struct justification_checker *c, const struct member *at,
                         const json_t *object, int depth);

/* The rows below a row stand right behind it, so that no object walks the whole table. */
static void find_run(struct member *at, const struct justification_field *row)
{
    const struct justification_field *all = justification_fields + justification_field_count;
    size_t len = strlen(row->pointer);

    at->first = at->end = row + 1;
    while (at->end < all && strncmp(at->end->pointer, row->pointer, len) == 0 &&
           at->end->pointer[len] == '/') {
        at->end++;
    }
}

static void check_list(struct justification_checker *c, const struct justification_field *row,
                       const struct member *at, const json_t *value, int depth)
{
    struct member element;

    if (!json_is_array(value)) {
        (void)faults_add(c->faults, "FIELD_TYPE", at->pointer, "an array is wanted here");
        return;
    }
    if (json_array_size(value) > (size_t)row->max) {
        (void)faults_add(c->faults, "FIELD_COUNT", at->pointer, "at most %d, this has %zu",
                         row->max, json_array_size(value));
        return;
    }
    field_pointer(element.pattern, at->pattern, "*");
    find_run(&element, row);
    for (size_t i = 0; i < json_array_size(value); i++) {
        char index[24];

        (void)snprintf(index, sizeof(index), "%zu", i);
        field_pointer(element.pointer, at->pointer, index);
        check_object(c, &element, json_array_get(value, i), depth + 1);
    }
}

static void check_value(struct justification_checker *c, const struct justification_field *row,
                        struct member *at, const json_t *value, int depth)
{
    switch (row->type) {
    case JUST_OBJECT:
        find_run(at, row);
        check_object(c, at, value, depth + 1);
        return;
    case JUST_LIST:
        check_list(c, row, at, value, depth);
        return;
    case JUST_TEXT:
        check_text(c, row, at->pointer, value);
        return;
    case JUST_WORD:
        check_word(c, row, at->pointer, value);
        return;
    case JUST_WORDS:
        check_words(c, row, at->pointer, value);
        return;
    case JUST_STRINGS:
        check_strings(c, row, at->pointer, value);
        return;
    case JUST_EXEMPTIONS:
        check_exemptions(c, at->pointer, value);
        return;
    case JUST_TERRITORY:
        check_territory(c, at->pointer, value);
        return;
    case JUST_INT:
    case JUST_BOOL:
    case JUST_DATE:
    case JUST_UNTIL:
        check_scalar(c, row, at->pointer, value);
        return;
    }
}

/* True for "/a/b" under "/a", but not for "/a/b/c". */
static bool is_child(const char *pointer, const char *parent, const char **ret_name)
{
    size_t len = strlen(parent);

    if (strncmp(pointer, parent, len) != 0 || pointer[len] != '/' ||
        strchr(pointer + len + 1, '/')) {
        return false;
    }
    *ret_name = pointer + len + 1;
    return true;
}

static void check_missing(struct justification_checker *c, const struct member *at,
                          const json_t *object)
{
    for (const struct justification_field *row = at->first; row < at->end; row++) {
        const char *name;
        char pointer[FAULT_PLACE_MAX];

        if (!is_child(row->pointer, at->pattern, &name) ||
            !(row->when == JUST_WITH_PARENT || justification_field_required(row, &c->facts)) ||
            !is_unwritten(c, json_object_get(object, name))) {
            continue;
        }
        if (c->context->draft) {
            c->result->missing++;
            continue;
        }
        field_pointer(pointer, at->pointer, name);
        checker_fault(c, row->missing, pointer, "%s is missing: %s", row->label, row->question);
    }
}

static void unknown_member(struct justification_checker *c, const struct member *at,
                           const char *name)
{
    const char *names[32];
    size_t count = 0;
    const char *child, *near;
    char pointer[FAULT_PLACE_MAX];

    for (const struct justification_field *row = at->first;
         row < at->end && count < COUNT_OF(names); row++) {
        if (is_child(row->pointer, at->pattern, &child)) {
            names[count++] = child;
        }
    }
    near = word_nearest(names, count, span_of(name));
    field_pointer(pointer, at->pointer, name);
    (void)faults_add(c->faults, "FIELD_UNKNOWN", pointer, "no such member%s%s",
                     near ? "; did you mean " : "", near ? near : "");
}

static void check_object(struct justification_checker *c, const struct member *at,
                         const json_t *object, int depth)
{
    const char *name;
    json_t *value;

    if (!json_is_object(object) || depth > DEPTH_MAX) {
        (void)faults_add(c->faults, "FIELD_TYPE", at->pointer, "an object is wanted here");
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        struct member child;
        const struct justification_field *row = at->first;

        field_pointer(child.pattern, at->pattern, name);
        field_pointer(child.pointer, at->pointer, name);
        while (row < at->end && strcmp(row->pointer, child.pattern) != 0) {
            row++;
        }
        if (row == at->end) {
            unknown_member(c, at, name);
        } else if (!is_unwritten(c, value)) {
            check_value(c, row, &child, value, depth);
        }
    }
    check_missing(c, at, object);
}

static bool was_restriction(const json_t *previous)
{
    int outcome =
        word_index(outcome_words, OUTCOME_COUNT, json_span(json_object_get(previous, "outcome")));

    return outcome >= 0 && outcome_is_restriction((enum outcome)outcome);
}

static void read_facts(struct justification_checker *c)
{
    int outcome = checker_word(c, "/outcome", outcome_words, OUTCOME_COUNT);
    int harm = checker_word(c, "/harm", harm_words, HARM_COUNT);
    int ground = checker_word(c, "/ground/kind", ground_kind_words, GROUND_KIND_COUNT);
    bool orders = c->context->order_valid || c->context->threat_to_life;

    c->facts.outcome = outcome < 0 ? OUTCOME_COUNT : (enum outcome)outcome;
    c->facts.harm = harm < 0 ? HARM_COUNT : (enum harm)harm;
    c->facts.was_restriction = was_restriction(c->context->previous);
    c->facts.ground = ground < 0 ? GROUND_KIND_COUNT : (enum ground_kind)ground;
    c->facts.tier = justification_tier_of(
        c->facts.outcome, json_array_size(checker_get(c, "/shared_lists")) > 0, c->context);
    switch (checker_word(c, "/tier", tier_words, TIER_COUNT)) {
    case TIER_FULL:
        c->facts.tier = TIER_FULL;
        break;
    case TIER_DEFERRED:
        c->facts.tier = orders && c->facts.tier == TIER_FULL ? TIER_DEFERRED : c->facts.tier;
        break;
    default:
        break;
    }
}

int justification_check(struct justification_check_result *ret, const json_t *record,
                        const struct justification_context *context, struct faults *faults)
{
    struct justification_check_result result = {0};
    struct justification_checker c = {record, context, {0}, &result, faults};
    size_t before = faults->count + faults->dropped;
    struct member root = {.first = justification_fields,
                          .end = justification_fields + justification_field_count};

    if (!json_is_object(record)) {
        return faults_add(faults, "FIELD_TYPE", "", "an object is wanted here");
    }
    read_facts(&c);
    result.tier = c.facts.tier;
    result.outcome = c.facts.outcome;
    result.harm = c.facts.harm;
    result.ground = c.facts.ground;
    result.restriction = result.outcome < OUTCOME_COUNT && outcome_is_restriction(result.outcome);
    result.removal = result.outcome < OUTCOME_COUNT && outcome_is_removal(result.outcome);
    check_object(&c, &root, record, 0);
    justification_rules_rights(&c);
    justification_rules_state(&c);
    *ret = result;
    return faults->count + faults->dropped > before ? FAULT : 0;
}
