/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of a rule: partial facts, filled up with harmless ones, tried when the rule is
 * loaded. */
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "lib/rules/rule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* What an example does not say. The time is fixed, so that examples hold on every day. */
#define EXAMPLE_NOW_MS 1767225600000LL /* 2026-01-01T00:00:00Z */

static const char *const example_names[] = {"matches", "about",   "report", "content",
                                            "hits",    "history", "now"};

static json_t *default_report(void)
{
    return json_pack("{s:{s:s,s:s,s:s},s:s,s:{s:s,s:b}}", "content", "id", "example", "type",
                     "post", "text", "An example.", "category", "none", "origin", "kind",
                     "user_notice", "good_faith", 1);
}

/* The least that a state body's report must say; an example need not repeat it. */
static json_t *default_state_actor(bool order)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s}", "country", "DE", "authority", "Example Authority",
                     "power", order ? "order" : "referral", "legal_basis", "Example Act, section 1",
                     "received_at", "2026-01-01T00:00:00Z");
}

/* Complete for each kind of order (lib/rights/orders.h). */
static json_t *default_order(void)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:[s],s:[s],s:s,s:s,s:s,s:s,s:s,s:[s],s:s}", "reference",
                     "EX-1", "country", "DE", "authority", "Example Authority", "legal_basis",
                     "Example Act, section 1", "reasons", "An example.", "type", "a", "urls",
                     "https://example.org/", "issued_at", "2026-01-01T00:00:00Z", "addressee",
                     "Example", "contact", "Example desk", "signature", "example", "redress",
                     "Example court", "territory", "DE", "language", "de");
}

/* Takes the value; only where nothing stands yet. False without memory. */
static bool set_default(json_t *object, const char *name, json_t *value)
{
    if (json_object_get(object, name)) {
        json_decref(value);
        return true;
    }
    return json_object_set_new_nocheck(object, name, value) == 0;
}

static bool fill_state(json_t *body)
{
    json_t *origin = json_object_get(body, "origin");
    int kind = word_index(origin_words, ORIGIN_COUNT, json_span(json_object_get(origin, "kind")));
    bool order = kind >= 0 && origin_is_order((enum origin_kind)kind);

    if (kind < 0 || !origin_is_state((enum origin_kind)kind)) {
        return true;
    }
    return set_default(origin, "state_actor", default_state_actor(order)) &&
           (!order || set_default(body, "order", default_order()));
}

/* A whole report body out of the parts of the example. NULL without memory. */
static json_t *example_body(const json_t *example)
{
    json_t *body = default_report();
    json_t *report = json_object_get(example, "report"),
           *content = json_object_get(example, "content");

    if (body && (!json_is_object(report) || json_object_update_recursive(body, report) == 0) &&
        (!json_is_object(content) ||
         json_object_update_recursive(json_object_get(body, "content"), content) == 0) &&
        fill_state(body)) {
        return body;
    }
    json_decref(body);
    return NULL;
}

struct example {
    bool matches;
    struct report *report;
    struct hits hits;
    struct rule_facts facts;
};

static void example_freep(struct example **held)
{
    if (*held) {
        (void)report_free((*held)->report);
        free(*held);
    }
}

static void read_hit(struct hit *hit, struct fields *at)
{
    static const char *const names[] = {"list",  "version", "entry", "kind", "severity", "field",
                                        "index", "start",   "end",   "form", "distance"};
    int64_t severity = 2, index = 0, start = 0, end = 0, distance = 0;
    int kind = SIGNAL_LITERAL, field = HIT_TEXT, form = HIT_RAW;

    hit->list_version = SPAN("1");
    hit->entry = SPAN("example");
    fields_known(at, names, COUNT_OF(names));
    (void)field_string(at, "list", REQUIRED, 1, 64, &hit->list);
    (void)field_string(at, "version", OPTIONAL, 1, 64, &hit->list_version);
    (void)field_string(at, "entry", OPTIONAL, 1, 64, &hit->entry);
    (void)field_word(at, "kind", OPTIONAL, signal_kind_words, SIGNAL_KIND_COUNT, &kind);
    (void)field_int(at, "severity", OPTIONAL, 0, SEVERITY_MAX, &severity);
    (void)field_word(at, "field", OPTIONAL, hit_field_words, HIT_FIELD_COUNT, &field);
    (void)field_int(at, "index", OPTIONAL, 0, REPORT_MAX_URLS, &index);
    (void)field_int(at, "start", OPTIONAL, 0, REPORT_MAX_TEXT, &start);
    (void)field_int(at, "end", OPTIONAL, 0, REPORT_MAX_TEXT, &end);
    (void)field_word(at, "form", OPTIONAL, hit_form_words, HIT_FORM_COUNT, &form);
    (void)field_int(at, "distance", OPTIONAL, 0, 256, &distance);
    hit->kind = (enum signal_kind)kind;
    hit->severity = (int)severity;
    hit->field = (enum hit_field)field;
    hit->index = (uint32_t)index;
    hit->start = (uint32_t)start;
    hit->end = (uint32_t)end;
    hit->form = (enum hit_form)form;
    hit->distance = (int)distance;
}

static void read_hits(struct example *example, struct fields *at)
{
    json_t *hits;

    if (!field_array(at, "hits", OPTIONAL, HITS_MAX, &hits)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(hits); i++) {
        struct fields element;

        if (field_element(at, "hits", hits, i, &element)) {
            read_hit(&example->hits.list[example->hits.count++], &element);
        }
    }
    hits_sort(&example->hits);
}

/* The mistakes of the body are named where the example says them: its content stands beside report.
 */
static int read_body(struct example *example, struct fields *at)
{
    CLEANUP(json_freep) json_t *body = NULL;
    struct faults found = {0};
    struct fields part;
    int r;

    if (field_object(at, "report", OPTIONAL, &part) && json_object_get(part.object, "content")) {
        return field_fault(&part, "content", "FIELD_UNKNOWN", "content stands beside report");
    }
    body = example_body(at->object);
    if (!body) {
        return -ENOMEM;
    }
    r = report_read(&example->report, body, example->facts.now_ms, &found);
    for (size_t i = 0; i < found.count; i++) {
        struct fault *fault = &found.list[i];
        char place[FAULT_PLACE_MAX];
        bool content = span_starts(span_of(fault->place), "/content");

        (void)snprintf(place, sizeof(place), "%.60s%s%.120s", at->at, content ? "" : "/report",
                       fault->place);
        (void)faults_add(at->faults, fault->code, place, "%s", fault->text);
    }
    return r;
}

static void read_history(struct example *example, struct fields *at)
{
    static const char *const names[] = {"reports", "reporters", "since"};
    struct fields history;

    if (field_object(at, "history", OPTIONAL, &history)) {
        fields_known(&history, names, COUNT_OF(names));
        (void)field_int(&history, "reports", OPTIONAL, 0, 1000000000,
                        &example->facts.history_reports);
        (void)field_int(&history, "reporters", OPTIONAL, 0, 1000000000,
                        &example->facts.history_reporters);
        (void)field_time(&history, "since", OPTIONAL, &example->facts.history_since_ms);
    }
}

/* 0, FAULT (named in the faults of `at`) or -ENOMEM. */
static int example_read(struct example *example, struct fields *at)
{
    size_t before = at->faults->count + at->faults->dropped;
    struct span about;
    struct fields part;
    int r;

    fields_known(at, example_names, COUNT_OF(example_names));
    (void)field_bool(at, "matches", REQUIRED, &example->matches);
    (void)field_string(at, "about", OPTIONAL, 1, RULE_MAX_NOTE, &about);
    (void)field_object(at, "content", OPTIONAL, &part);
    example->facts = (struct rule_facts){.hits = &example->hits, .now_ms = EXAMPLE_NOW_MS};
    (void)field_time(at, "now", OPTIONAL, &example->facts.now_ms);
    read_hits(example, at);
    read_history(example, at);
    r = read_body(example, at);
    example->facts.report = example->report;
    return r == 0 && at->faults->count + at->faults->dropped > before ? FAULT : r;
}

static int try_example(const struct rule_set *set, const struct rule *rule,
                       struct rule_scratch *scratch, struct fields *at)
{
    CLEANUP(example_freep) struct example *example = calloc(1, sizeof(*example));
    struct fault why = {0};
    bool holds = false;
    int r = example ? example_read(example, at) : -ENOMEM;

    if (r != 0) {
        return r < 0 ? r : 0;
    }
    facts_view_set(&scratch->view, &example->facts);
    r = rule_holds(set, rule->program, scratch, &holds, &why);
    if (r == FAULT) {
        (void)field_fault(at, "", "RULE_EXAMPLE", "should %s, but ended in an error: %s at %s: %s",
                          example->matches ? "match" : "not match", why.code, why.place, why.text);
        return 0;
    }
    if (r == 0 && holds != example->matches) {
        (void)field_fault(at, "", "RULE_EXAMPLE", "should %s, but the condition is %s",
                          example->matches ? "match" : "not match", holds ? "true" : "false");
    }
    return r;
}

static void tell(const struct rule_set *set, const struct rule *rule, size_t i, bool good)
{
    const json_t *example = json_array_get(rule->examples, i);
    struct rule_example ran = {.rule = rule->id,
                               .about = json_span(json_object_get(example, "about")),
                               .index = i,
                               .matches = json_is_true(json_object_get(example, "matches")),
                               .good = good,
                               .file = set->files[rule->file],
                               .line = rule->line};

    if (set->options.example_ran) {
        set->options.example_ran(set->options.example_arg, &ran);
    }
}

int rule_try_examples(const struct rule_set *set, const struct rule *rule,
                      struct rule_scratch *scratch, const char *at, struct faults *faults)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < json_array_size(rule->examples); i++) {
        struct fields whole = {.object = rule->json, .faults = faults}, one;
        size_t before = faults->count + faults->dropped;

        (void)snprintf(whole.at, sizeof(whole.at), "%s", at);
        if (field_element(&whole, "examples", rule->examples, i, &one)) {
            r = try_example(set, rule, scratch, &one);
        }
        tell(set, rule, i, r == 0 && faults->count + faults->dropped == before);
    }
    return r;
}
