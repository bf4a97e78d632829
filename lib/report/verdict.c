/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/verdict.h"
#include "lib/base/clock.h"

static json_t *span_json(struct span span)
{
    return json_stringn(span.len ? span.ptr : "", span.len);
}

/* Takes the value, also on failure. */
static bool put(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new_nocheck(object, name, value) == 0;
}

static json_t *spans_json(const struct span *spans, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < count; i++) {
        if (json_array_append_new(array, span_json(spans[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *places_json(const struct verdict_rule *rule)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < rule->hit_count; i++) {
        if (json_array_append_new(array, json_integer(rule->hits[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *rule_json(const struct verdict_rule *rule)
{
    json_t *json = json_object();

    if (json && put(json, "id", span_json(rule->id)) &&
        put(json, "policy", span_json(rule->policy)) &&
        (!rule->shadow || put(json, "shadow", json_true())) &&
        (!rule->failed || put(json, "error", span_json(rule->error))) &&
        (rule->hit_count == 0 || put(json, "hits", places_json(rule)))) {
        return json;
    }
    json_decref(json);
    return NULL;
}

static json_t *rules_json(const struct verdict *verdict)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < verdict->rule_count; i++) {
        if (json_array_append_new(array, rule_json(&verdict->rules[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *hits_json(const struct hits *hits)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < hits->count; i++) {
        if (json_array_append_new(array, hit_json(&hits->list[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static bool put_verdict(json_t *json, const struct verdict *verdict)
{
    char due[CLOCK_TEXT_LEN + 1];

    clock_text(verdict->due_ms, due);
    return put(json, "queue", span_json(verdict->queue)) &&
           put(json, "severity", json_integer(verdict->severity)) &&
           put(json, "due", json_string(due)) &&
           put(json, "needs_second", json_boolean(verdict->needs_second)) &&
           (!verdict->undecided || put(json, "undecided", json_true())) &&
           put(json, "labels", spans_json(verdict->labels, verdict->label_count)) &&
           put(json, "notes", spans_json(verdict->notes, verdict->note_count)) &&
           put(json, "rules", rules_json(verdict)) &&
           (verdict->dropped == 0 ||
            put(json, "dropped", json_integer((json_int_t)verdict->dropped))) &&
           (!verdict->rules_digest || put(json, "rules_digest", json_string(verdict->rules_digest))) &&
           (!verdict->snapshot || put(json, "snapshot", json_string(verdict->snapshot)));
}

static bool put_hits(json_t *json, const struct hits *hits)
{
    return put(json, "hits", hits_json(hits)) &&
           (hits->dropped == 0 ||
            put(json, "hits_dropped", json_integer((json_int_t)hits->dropped))) &&
           (!hits->undecided_why || put(json, "undecided_why", json_string(hits->undecided_why)));
}

json_t *verdict_json(const struct verdict *verdict, const struct hits *hits)
{
    json_t *json = json_object();

    if (json && put_verdict(json, verdict) && put_hits(json, hits)) {
        return json;
    }
    json_decref(json);
    return NULL;
}
