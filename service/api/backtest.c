/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/backtest.h"

#include "lib/base/clock.h"
#include "lib/json/field.h"

#include <errno.h>
#include <stdlib.h>

enum change {
    NEWLY_QUEUED, MOVED, BACK_TO_DEFAULT, DEADLINE_EARLIER, DEADLINE_LATER, SEVERITY_RAISED, SEVERITY_LOWERED,
    SECOND_ADDED, SECOND_DROPPED, LABELS, NEWLY_UNDECIDED, DECIDED, CHANGE_COUNT
};
static const char *const change_words[CHANGE_COUNT] = {
    "newly_queued", "moved", "back_to_default", "deadline_earlier", "deadline_later", "severity_raised",
    "severity_lowered", "second_added", "second_dropped", "labels", "newly_undecided", "decided"};

/* Examples of one and the same kind of change: room is kept for the rare ones. */
enum { SAME_EXAMPLES = 4 };

struct judge {
    const struct rule_set *rules;
    struct rule_scratch *scratch;
    struct verdict verdict;
};

struct backtest {
    struct judge running, candidate, trial;     /* trial.rules NULL: none */
    struct span default_queue;
    json_t *touched;            /* ids of rules that are not the same in both sets */
    json_t *modes_before, *modes_after;         /* id: mode */
    json_t *counts, *skipped, *by_rule, *by_language, *by_origin, *examples, *shadow, *shadow_rules;
    json_int_t seen, reports, history_unknown;
    unsigned char shown[1 << CHANGE_COUNT];     /* examples by their set of changes */
};

/* ---- counting ---- */

static void bump(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);

    if (value) {
        (void)json_integer_set(value, json_integer_value(value) + 1);
    } else {
        (void)json_object_set_new(object, name, json_integer(1));
    }
}

static json_t *row_of(json_t *table, const char *name)
{
    json_t *row = json_object_get(table, name);

    if (!row) {
        row = json_object();
        (void)json_object_set_new(table, name, row);
    }
    return row;
}

static void count_changes(json_t *row, unsigned changes)
{
    json_t *by_word;

    if (changes == 0) {
        return;
    }
    bump(row, "changed");
    by_word = row_of(row, "changes");
    for (int i = 0; i < CHANGE_COUNT; i++) {
        if (changes & (1u << i)) {
            bump(by_word, change_words[i]);
        }
    }
}

/* ---- the two sets ---- */

static json_t *by_id(const struct rule_set *rules, json_t *modes)
{
    json_t *all = rule_set_json(rules), *table = json_object(), *rule;
    size_t i;

    json_array_foreach(all, i, rule)
    {
        const char *id = json_string_value(json_object_get(rule, "id"));

        (void)json_object_set(modes, id, json_object_get(rule, "mode"));
        /* Neither where it stands nor what explains it makes it another rule. */
        (void)json_object_del(rule, "file");
        (void)json_object_del(rule, "line");
        (void)json_object_del(rule, "examples");
        (void)json_object_del(rule, "about");
        (void)json_object_set(table, id, rule);
    }
    json_decref(all);
    return table;
}

static void find_touched(struct backtest *test)
{
    json_t *before = by_id(test->running.rules, test->modes_before);
    json_t *after = by_id(test->candidate.rules, test->modes_after), *rule;
    const char *id;

    json_object_foreach(before, id, rule)
    {
        if (!json_equal(rule, json_object_get(after, id))) {
            (void)json_object_set_new(test->touched, id, json_true());
        }
    }
    json_object_foreach(after, id, rule)
    {
        if (!json_object_get(before, id)) {
            (void)json_object_set_new(test->touched, id, json_true());
        }
    }
    json_decref(before);
    json_decref(after);
}

bool backtest_has_shadow(const struct rule_set *rules)
{
    for (size_t i = 0; i < rule_set_count(rules); i++) {
        if (rule_set_rule(rules, i).mode == RULE_SHADOW) {
            return true;
        }
    }
    return false;
}

int backtest_new(struct backtest **ret, const struct rule_set *running, const struct rule_set *candidate,
                 const struct rule_set *trial, struct span default_queue)
{
    CLEANUP(backtest_freep) struct backtest *test = calloc(1, sizeof(*test));
    json_t **tables[] = {&test->touched,   &test->modes_before, &test->modes_after, &test->counts,
                         &test->skipped,   &test->by_rule,      &test->by_language, &test->by_origin,
                         &test->shadow,    &test->shadow_rules};
    int r;

    if (!test) {
        return -ENOMEM;
    }
    test->running.rules = running;
    test->candidate.rules = candidate;
    test->trial.rules = trial;
    test->default_queue = default_queue;
    test->examples = json_array();
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        *tables[i] = json_object();
    }
    r = rule_scratch_new(&test->running.scratch, running);
    r = r ? r : rule_scratch_new(&test->candidate.scratch, candidate);
    r = r || !trial ? r : rule_scratch_new(&test->trial.scratch, trial);
    if (r == 0) {
        find_touched(test);
        *ret = TAKE(test);
    }
    return r;
}

struct backtest *backtest_free(struct backtest *test)
{
    if (test) {
        json_t *tables[] = {test->touched,     test->modes_before, test->modes_after, test->counts,
                            test->skipped,     test->by_rule,      test->by_language, test->by_origin,
                            test->shadow,      test->shadow_rules, test->examples};

        for (size_t i = 0; i < COUNT_OF(tables); i++) {
            json_decref(tables[i]);
        }
        (void)rule_scratch_free(test->running.scratch);
        (void)rule_scratch_free(test->candidate.scratch);
        (void)rule_scratch_free(test->trial.scratch);
        free(test);
    }
    return NULL;
}

/* ---- one report ---- */

static bool same_labels(const struct verdict *a, const struct verdict *b)
{
    if (a->label_count != b->label_count) {
        return false;
    }
    for (size_t i = 0; i < a->label_count; i++) {
        bool found = false;

        for (size_t j = 0; j < b->label_count; j++) {
            found = found || span_equal(a->labels[i], b->labels[j]);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static unsigned queue_change(struct span initial, struct span before, struct span after)
{
    if (span_equal(before, after)) {
        return 0;
    }
    if (span_equal(before, initial)) {
        return 1u << NEWLY_QUEUED;
    }
    return span_equal(after, initial) ? 1u << BACK_TO_DEFAULT : 1u << MOVED;
}

static unsigned changes_between(struct span initial, const struct judge *before, const struct judge *after)
{
    const struct verdict *a = &before->verdict, *b = &after->verdict;

    return queue_change(initial, a->queue, b->queue) | (unsigned)(b->due_ms < a->due_ms) << DEADLINE_EARLIER |
           (unsigned)(b->due_ms > a->due_ms) << DEADLINE_LATER |
           (unsigned)(b->severity > a->severity) << SEVERITY_RAISED |
           (unsigned)(b->severity < a->severity) << SEVERITY_LOWERED |
           (unsigned)(b->needs_second && !a->needs_second) << SECOND_ADDED |
           (unsigned)(!b->needs_second && a->needs_second) << SECOND_DROPPED |
           (unsigned)!same_labels(a, b) << LABELS |
           (unsigned)(b->undecided && !a->undecided) << NEWLY_UNDECIDED |
           (unsigned)(!b->undecided && a->undecided) << DECIDED;
}

/* A rule id as a C string: at most RULE_MAX_ID bytes. */
static const char *id_text(struct span id, char into[RULE_MAX_ID + 1])
{
    size_t len = id.len < RULE_MAX_ID ? id.len : RULE_MAX_ID;

    memcpy(into, id.ptr, len);
    into[len] = '\0';
    return into;
}

/* Fired, or failed, where it counts: a shadow rule changes nothing. */
static bool acted(const struct verdict *verdict, struct span id)
{
    for (size_t i = 0; i < verdict->rule_count; i++) {
        if (!verdict->rules[i].shadow && span_equal(verdict->rules[i].id, id)) {
            return true;
        }
    }
    return false;
}

/* Both sets' rules by how often they fired; those that differ also by the changes they had a part in. */
static void count_rules(struct backtest *test, unsigned changes)
{
    const struct verdict *before = &test->running.verdict, *after = &test->candidate.verdict;
    char id[RULE_MAX_ID + 1];

    for (size_t i = 0; i < before->rule_count; i++) {
        json_t *row = row_of(test->by_rule, id_text(before->rules[i].id, id));

        bump(row, "before");
        if (!before->rules[i].shadow && json_object_get(test->touched, id)) {
            count_changes(row, changes);
        }
    }
    for (size_t i = 0; i < after->rule_count; i++) {
        json_t *row = row_of(test->by_rule, id_text(after->rules[i].id, id));

        bump(row, "after");
        if (!after->rules[i].shadow && json_object_get(test->touched, id) && !acted(before, after->rules[i].id)) {
            count_changes(row, changes);
        }
    }
}

static void count_group(json_t *table, const char *name, size_t max, unsigned changes)
{
    json_t *row;

    if (!json_object_get(table, name) && json_object_size(table) >= max) {
        name = "other";
    }
    row = row_of(table, name);
    bump(row, "reports");
    count_changes(row, changes);
}

static json_t *shown_verdict(const struct verdict *verdict)
{
    char due[CLOCK_TEXT_LEN + 1];
    json_t *rules = json_array(), *labels = json_array();

    clock_text(verdict->due_ms, due);
    for (size_t i = 0; i < verdict->rule_count; i++) {
        (void)json_array_append_new(rules, json_stringn(verdict->rules[i].id.ptr, verdict->rules[i].id.len));
    }
    for (size_t i = 0; i < verdict->label_count; i++) {
        (void)json_array_append_new(labels, json_stringn(verdict->labels[i].ptr, verdict->labels[i].len));
    }
    return json_pack("{s:s%, s:i, s:s, s:b, s:b, s:o, s:o}", "queue", verdict->queue.ptr, verdict->queue.len,
                     "severity", verdict->severity, "due", due, "needs_second", verdict->needs_second, "undecided",
                     verdict->undecided, "labels", labels, "rules", rules);
}

static void show(struct backtest *test, const struct backtest_report *one, unsigned changes)
{
    json_t *example, *words;

    if (changes == 0 || json_array_size(test->examples) >= BACKTEST_EXAMPLES ||
        test->shown[changes] >= SAME_EXAMPLES) {
        return;
    }
    test->shown[changes]++;
    words = json_array();
    for (int i = 0; i < CHANGE_COUNT; i++) {
        if (changes & (1u << i)) {
            (void)json_array_append_new(words, json_string(change_words[i]));
        }
    }
    example = json_pack("{s:o, s:s, s:s, s:s, s:o, s:o}", "changes", words, "language",
                        one->report->content.language, "origin", origin_words[one->report->origin.kind], "category",
                        harm_words[one->report->category], "before", shown_verdict(&test->running.verdict), "after",
                        shown_verdict(&test->candidate.verdict));
    if (one->report_id.len) {
        (void)json_object_set_new(example, "report", json_stringn(one->report_id.ptr, one->report_id.len));
    }
    if (one->case_id.len) {
        (void)json_object_set_new(example, "case", json_stringn(one->case_id.ptr, one->case_id.len));
    }
    (void)json_array_append_new(test->examples, example);
}

static void count_shadow(struct backtest *test)
{
    const struct verdict *verdict = &test->candidate.verdict;
    char id[RULE_MAX_ID + 1];

    for (size_t i = 0; i < verdict->rule_count; i++) {
        if (verdict->rules[i].shadow) {
            bump(test->shadow_rules, id_text(verdict->rules[i].id, id));
        }
    }
    count_changes(test->shadow, changes_between(test->default_queue, &test->candidate, &test->trial));
}

static int judge_one(struct judge *judge, const struct rule_facts *facts)
{
    return judge->rules ? rule_set_evaluate(judge->rules, judge->scratch, facts, &judge->verdict) : 0;
}

int backtest_add(struct backtest *test, const struct backtest_report *one)
{
    const struct rule_facts facts = {.report = one->report, .hits = one->hits, .now_ms = one->now_ms,
                                     .history_reports = one->history_reports,
                                     .history_reporters = one->history_reporters,
                                     .history_since_ms = one->history_since_ms};
    unsigned changes;
    int r = judge_one(&test->running, &facts);

    r = r ? r : judge_one(&test->candidate, &facts);
    r = r ? r : judge_one(&test->trial, &facts);
    if (r) {
        return r;
    }
    test->seen++;
    test->reports++;
    test->history_unknown += one->history_unknown;
    changes = changes_between(test->default_queue, &test->running, &test->candidate);
    count_changes(test->counts, changes);
    count_rules(test, changes);
    count_group(test->by_language, one->report->content.language, BACKTEST_LANGUAGES, changes);
    count_group(test->by_origin, origin_words[one->report->origin.kind], ORIGIN_COUNT, changes);
    show(test, one, changes);
    if (test->trial.rules) {
        count_shadow(test);
    }
    return 0;
}

void backtest_skip(struct backtest *test, const char *why)
{
    test->seen++;
    bump(test->skipped, why);
}

size_t backtest_seen(const struct backtest *test)
{
    return (size_t)test->seen;
}

/* ---- the result ---- */

static json_t *about_set(const struct rule_set *rules)
{
    return json_pack("{s:s, s:I}", "digest", rule_set_digest(rules), "rules", (json_int_t)rule_set_count(rules));
}

/* Every counter is there, also those that stayed at 0. */
static json_t *counted(const json_t *row, const char *first)
{
    json_t *whole = json_object();
    const json_t *by_word = json_object_get(row, "changes");

    if (first) {
        (void)json_object_set_new(whole, first, json_integer(json_integer_value(json_object_get(row, first))));
    }
    (void)json_object_set_new(whole, "changed", json_integer(json_integer_value(json_object_get(row, "changed"))));
    if (by_word) {
        (void)json_object_set_new(whole, "changes", json_deep_copy(by_word));
    }
    return whole;
}

static json_t *rules_result(const struct backtest *test)
{
    json_t *all = json_object(), *row;
    const char *id;

    json_object_foreach(test->by_rule, id, row)
    {
        json_t *one = counted(row, "before");

        (void)json_object_set_new(one, "after", json_integer(json_integer_value(json_object_get(row, "after"))));
        if (json_object_get(test->modes_before, id)) {
            (void)json_object_set(one, "before_mode", json_object_get(test->modes_before, id));
        }
        if (json_object_get(test->modes_after, id)) {
            (void)json_object_set(one, "after_mode", json_object_get(test->modes_after, id));
        }
        (void)json_object_set_new(all, id, one);
    }
    return all;
}

static json_t *groups_result(const json_t *table)
{
    json_t *all = json_object(), *row;
    const char *name;

    json_object_foreach((json_t *)(uintptr_t)table, name, row)
    {
        (void)json_object_set_new(all, name, counted(row, "reports"));
    }
    return all;
}

json_t *backtest_result(const struct backtest *test)
{
    json_t *result = counted(test->counts, NULL);

    (void)json_object_set_new(result, "running", about_set(test->running.rules));
    (void)json_object_set_new(result, "candidate", about_set(test->candidate.rules));
    (void)json_object_set_new(result, "reports", json_integer(test->reports));
    if (json_object_size(test->skipped)) {
        (void)json_object_set(result, "skipped", test->skipped);
    }
    if (test->history_unknown) {
        (void)json_object_set_new(result, "history_unknown", json_integer(test->history_unknown));
    }
    (void)json_object_set_new(result, "by_rule", rules_result(test));
    (void)json_object_set_new(result, "by_language", groups_result(test->by_language));
    (void)json_object_set_new(result, "by_origin", groups_result(test->by_origin));
    (void)json_object_set(result, "examples", test->examples);
    if (test->trial.rules) {
        json_t *shadow = counted(test->shadow, NULL);

        (void)json_object_set(shadow, "by_rule", test->shadow_rules);
        (void)json_object_set_new(result, "shadow", shadow);
    }
    return result;
}

/* ---- hits of the time ---- */

static int word_of(const json_t *hit, const char *name, const char *const words[], size_t count, int initial)
{
    const json_t *word = json_object_get(hit, name);

    return word ? word_index(words, count, json_span(word)) : initial;
}

static bool read_hit(struct hit *ret, const json_t *from)
{
    int kind = word_of(from, "kind", signal_kind_words, SIGNAL_KIND_COUNT, -1);
    int field = word_of(from, "field", hit_field_words, HIT_FIELD_COUNT, -1);
    int form = word_of(from, "form", hit_form_words, HIT_FORM_COUNT, HIT_RAW);
    int mode = word_of(from, "mode", list_mode_words, LIST_MODE_COUNT, LIST_LIVE);

    if (kind < 0 || field < 0 || form < 0 || mode < 0) {
        return false;
    }
    *ret = (struct hit){.list = json_span(json_object_get(from, "list")),
                        .list_version = json_span(json_object_get(from, "version")),
                        .entry = json_span(json_object_get(from, "entry")),
                        .kind = (enum signal_kind)kind, .field = (enum hit_field)field, .form = (enum hit_form)form,
                        .mode = (enum list_mode)mode,
                        .severity = (int)json_integer_value(json_object_get(from, "severity")),
                        .index = (uint32_t)json_integer_value(json_object_get(from, "index")),
                        .start = (uint32_t)json_integer_value(json_object_get(from, "start")),
                        .end = (uint32_t)json_integer_value(json_object_get(from, "end")),
                        .distance = (int)json_integer_value(json_object_get(from, "distance"))};
    return true;
}

void backtest_hits(struct hits *ret, const json_t *verdict)
{
    const json_t *hits = json_object_get(verdict, "hits"), *hit;
    size_t i;

    ret->count = 0;
    ret->dropped = (size_t)json_integer_value(json_object_get(verdict, "hits_dropped"));
    ret->undecided_why = json_string_value(json_object_get(verdict, "undecided_why"));
    json_array_foreach(hits, i, hit)
    {
        if (ret->count < HITS_MAX && read_hit(&ret->list[ret->count], hit)) {
            ret->count++;
        }
    }
}
