/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a rule fired or did not. A condition that is a chain of && is tried part by part, so that the
 * answer names the part that was false: the source is cut at each && that stands outside of
 * brackets, strings and comments, unless a || or ? beside it makes the parts depend on each other.
 */
#include "lib/json/field.h"
#include "lib/rules/rule.h"

#include <errno.h>
#include <stdio.h>

enum { PARTS_MAX = 32 };

struct parts {
    size_t count;
    struct span list[PARTS_MAX];
};

/* The offset behind a string literal that starts at `at`. */
static size_t skip_string(struct span source, size_t at)
{
    char quote = source.ptr[at];
    bool raw = at > 0 && (source.ptr[at - 1] | 0x20) == 'r';
    size_t marks = 1;

    if (at + 2 < source.len && source.ptr[at + 1] == quote && source.ptr[at + 2] == quote) {
        marks = 3;
    }
    for (at += marks; at < source.len; at++) {
        if (source.ptr[at] == '\\' && !raw) {
            at++;
        } else if (source.ptr[at] == quote &&
                   (marks == 1 || (at + 2 < source.len && source.ptr[at + 1] == quote &&
                                   source.ptr[at + 2] == quote))) {
            return at + marks;
        }
    }
    return source.len;
}

static size_t skip_line(struct span source, size_t at)
{
    while (at < source.len && source.ptr[at] != '\n') {
        at++;
    }
    return at;
}

static bool is_twice(struct span source, size_t at, char c)
{
    return at + 1 < source.len && source.ptr[at] == c && source.ptr[at + 1] == c;
}

/* The parts of a chain of &&; the whole condition as one part where it is none. */
static void split(struct parts *parts, struct span source)
{
    size_t depth = 0, start = 0, at = 0;

    parts->count = 0;
    while (at < source.len) {
        char c = source.ptr[at];

        if (c == '\'' || c == '"') {
            at = skip_string(source, at);
            continue;
        }
        if (is_twice(source, at, '/')) {
            at = skip_line(source, at);
            continue;
        }
        depth += c == '(' || c == '[' || c == '{';
        depth -= (c == ')' || c == ']' || c == '}') && depth > 0;
        if (depth == 0 && (is_twice(source, at, '|') || c == '?')) {
            break;
        }
        if (depth == 0 && is_twice(source, at, '&') && parts->count + 1 < PARTS_MAX) {
            parts->list[parts->count++] = span_sub(source, start, at - start);
            start = at + 2;
            at++;
        }
        at++;
    }
    if (at < source.len) {
        parts->count = 0;
        start = 0;
    }
    parts->list[parts->count++] = span_sub(source, start, source.len - start);
}

/* Without white space at both ends, runs of it inside as one blank: folded YAML reads well then. */
static json_t *tidy(struct span text)
{
    char into[RULE_MAX_WHEN + 1];
    size_t len = 0;

    for (size_t i = 0; i < text.len && len < RULE_MAX_WHEN; i++) {
        bool blank =
            text.ptr[i] == ' ' || text.ptr[i] == '\n' || text.ptr[i] == '\t' || text.ptr[i] == '\r';

        if (!blank) {
            into[len++] = text.ptr[i];
        } else if (len > 0 && into[len - 1] != ' ') {
            into[len++] = ' ';
        }
    }
    len -= len > 0 && into[len - 1] == ' ';
    return json_stringn(into, len);
}

static json_t *failure(const struct fault *why)
{
    char text[FAULT_CODE_MAX + FAULT_TEXT_MAX + 2];

    (void)snprintf(text, sizeof(text), "%s: %s", why->code, why->text);
    return json_string(text);
}

/* {"part", "value"} or {"part", "error"}; *ret_holds is false for both. */
static json_t *explain_part(const struct rule_set *set, struct rule_scratch *scratch,
                            struct span part, bool *ret_holds)
{
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    struct fault why = {0};
    int r = rule_compile(&program, set, part, &why);

    *ret_holds = false;
    if (r == 0) {
        r = rule_holds(set, program, scratch, ret_holds, &why);
    }
    if (r < 0) {
        return NULL;
    }
    return r == 0 ? json_pack("{s:o,s:b}", "part", tidy(part), "value", *ret_holds)
                  : json_pack("{s:o,s:o}", "part", tidy(part), "error", failure(&why));
}

/* The parts with their values, and the first that did not hold in *ret_first (borrowed). */
static json_t *explain_parts(const struct rule_set *set, struct rule_scratch *scratch,
                             const struct rule *rule, json_t **ret_first)
{
    json_t *array = json_array();
    struct parts parts;

    split(&parts, rule->when);
    for (size_t i = 0; array && i < parts.count; i++) {
        bool holds;
        json_t *part = explain_part(set, scratch, parts.list[i], &holds);

        if (json_array_append_new(array, part) != 0) {
            json_decref(array);
            return NULL;
        }
        if (!holds && !*ret_first) {
            *ret_first = part;
        }
    }
    return array;
}

static json_t *why_sentence(bool fired, const json_t *first)
{
    struct span part = json_span(json_object_get(first, "part"));

    if (fired) {
        return json_string("every part of the condition holds");
    }
    if (!first) {
        return json_string("the condition does not hold");
    }
    return json_object_get(first, "error")
               ? json_sprintf("could not say: %.*s", (int)part.len, part.ptr)
               : json_sprintf("does not hold: %.*s", (int)part.len, part.ptr);
}

/* Places in the report's hits, of those the condition chose before a part of it is tried again. */
static json_t *hits_used(const struct facts_view *view)
{
    json_t *places = json_array();

    for (size_t i = 0; places && i < view->used_count; i++) {
        if (json_array_append_new(places, json_integer(view->used[i])) != 0) {
            json_decref(places);
            return NULL;
        }
    }
    return places;
}

static json_t *explain_rule(const struct rule_set *set, struct rule_scratch *scratch,
                            const struct rule *rule)
{
    json_t *json, *parts, *hits, *first = NULL;
    struct fault why = {0};
    bool fired = false;
    int r;

    if (rule->mode == RULE_OFF) {
        return json_pack("{s:s%,s:s,s:b,s:s}", "rule", rule->id.ptr, rule->id.len, "mode",
                         rule_mode_words[rule->mode], "fired", 0, "why", "the rule is off");
    }
    r = rule_holds(set, rule->program, scratch, &fired, &why);
    hits = hits_used(&scratch->view);
    parts = r < 0 ? NULL : explain_parts(set, scratch, rule, &first);
    if (!parts || !hits) {
        json_decref(parts);
        json_decref(hits);
        return NULL;
    }
    json = json_pack("{s:s%,s:s%,s:s,s:b,s:o,s:o,s:o}", "rule", rule->id.ptr, rule->id.len, "policy",
                     rule->policy.ptr, rule->policy.len, "mode", rule_mode_words[rule->mode],
                     "fired", fired, "hits", hits, "why", why_sentence(fired, first), "parts", parts);
    if (json && r == FAULT) {
        (void)json_object_set_new(json, "error", failure(&why));
    }
    if (json && fired) {
        (void)json_object_set(json, "effects", json_object_get(rule->json, "then"));
    }
    return json;
}

int rule_explain(const struct rule_set *set, struct rule_scratch *scratch,
                 const struct rule_facts *facts, json_t **ret)
{
    json_t *array = json_array();

    facts_view_set(&scratch->view, facts);
    for (size_t i = 0; array && i < set->count; i++) {
        if (json_array_append_new(array, explain_rule(set, scratch, &set->rules[i])) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    if (!array) {
        return -ENOMEM;
    }
    *ret = array;
    return 0;
}
