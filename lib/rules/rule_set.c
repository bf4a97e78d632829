/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rules/rule_set.h"
#include "lib/base/digest.h"
#include "lib/json/canon.h"
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "lib/rules/rule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define MINUTE_MS (60 * 1000LL)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

enum { CANON_MAX_BYTES = 64 << 20 };

const struct rule_options rule_options_default = {
    .default_queue = {"general", 7},
    .life_queue = {"threat-to-life", 14},
    .order_queue = {"orders", 6},
    .severity_due_ms = {7 * DAY_MS, 3 * DAY_MS, DAY_MS, 8 * HOUR_MS, 4 * HOUR_MS},
    .urgency_due_ms = {0, 12 * HOUR_MS, 15 * MINUTE_MS},
    .order_due_ms = DAY_MS,
    .cost_max = 250000,
};

static int fault_at(struct faults *faults, const struct yaml *yaml, const char *pointer,
                    const char *code, const char *text)
{
    char place[FAULT_PLACE_MAX];

    yaml_place(yaml, pointer, place);
    return faults_add(faults, code, place, "%s", text);
}

/* A rule that reads well is compiled and tried; its faults carry pointers until the file is done.
 */
static int check_rule(struct rule_set *set, struct rule *rule, struct rule_scratch *scratch,
                      const char *at, struct faults *faults)
{
    struct fault why = {0};
    int r;

    for (const struct rule *other = set->rules; other < rule; other++) {
        if (span_equal(other->id, rule->id)) {
            struct fields fields = {.object = rule->json, .faults = faults};

            (void)snprintf(fields.at, sizeof(fields.at), "%s", at);
            return field_fault(&fields, "id", "RULE_DUPLICATE", "the id is taken by %s:%d",
                               set->files[other->file], other->line);
        }
    }
    r = rule_compile(&rule->program, set, rule->when, &why);
    if (r == FAULT) {
        char pointer[FAULT_PLACE_MAX];

        field_pointer(pointer, at, "when");
        return faults_add(faults, why.code, pointer, "%s", why.text);
    }
    return r < 0 ? r : rule_try_examples(set, rule, scratch, at, faults);
}

static int add_rule(struct rule_set *set, size_t file, const struct yaml *yaml, size_t i,
                    struct rule_scratch *scratch, struct faults *faults)
{
    size_t before = faults->count + faults->dropped;
    json_t *json = json_array_get(yaml_root(yaml), i);
    struct rule *rule = &set->rules[set->count++];
    char at[32], id[40];
    int r = 0;

    *rule = (struct rule){.json = json_incref(json), .file = file};
    (void)snprintf(at, sizeof(at), "/%zu", i);
    (void)snprintf(id, sizeof(id), "/%zu/id", i);
    yaml_line(yaml, id, &rule->line, &rule->column);
    rule_read(rule, &set->options, json, at, faults);
    if (faults->count + faults->dropped == before) {
        r = check_rule(set, rule, scratch, at, faults);
    }
    return r < 0 ? r : 0;
}

static int grow(struct rule_set *set, size_t more)
{
    struct rule *rules;

    if (set->room >= set->count + more) {
        return 0;
    }
    rules = realloc(set->rules, (set->count + more) * sizeof(*rules));
    if (!rules) {
        return -ENOMEM;
    }
    set->rules = rules;
    set->room = set->count + more;
    return 0;
}

static int read_file(struct rule_set *set, size_t file, const struct rule_file *from,
                     struct rule_scratch *scratch, struct faults *faults)
{
    CLEANUP(yaml_file_freep) struct yaml *yaml = NULL;
    size_t before = faults->count, count;
    struct fault why;
    int r = yaml_read(&yaml, from->bytes, from->name, &why);

    if (r != 0) {
        return r < 0 ? r : (faults_add_one(faults, &why), 0);
    }
    if (json_is_null(yaml_root(yaml))) {
        return 0;
    }
    if (!json_is_array(yaml_root(yaml))) {
        (void)fault_at(faults, yaml, "", "FIELD_TYPE", "a rule file is a list of rules: - id: ...");
        return 0;
    }
    count = json_array_size(yaml_root(yaml));
    if (count > RULES_MAX - set->count) {
        (void)fault_at(faults, yaml, "", "RULES_TOO_MANY", "a set has at most 5000 rules");
        return 0;
    }
    r = grow(set, count);
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = add_rule(set, file, yaml, i, scratch, faults);
    }
    yaml_place_faults(yaml, faults, before);
    return r;
}

static json_t *options_json(const struct rule_options *options)
{
    json_t *severity = json_array(), *urgency = json_array(), *json;

    for (size_t i = 0; i <= SEVERITY_MAX; i++) {
        (void)json_array_append_new(severity, json_integer(options->severity_due_ms[i]));
    }
    for (size_t i = 0; i < URGENCY_COUNT; i++) {
        (void)json_array_append_new(urgency, json_integer(options->urgency_due_ms[i]));
    }
    json = json_pack("{s:s%,s:s%,s:s%,s:o,s:o,s:I,s:I}", "default_queue",
                     options->default_queue.ptr, options->default_queue.len, "life_queue",
                     options->life_queue.ptr, options->life_queue.len, "order_queue",
                     options->order_queue.ptr, options->order_queue.len, "severity_due_ms",
                     severity, "urgency_due_ms", urgency, "order_due_ms",
                     (json_int_t)options->order_due_ms, "cost_max", (json_int_t)options->cost_max);
    if (options->trusted_due_ms) {      /* left out when it is none: the digests of older snapshots stay true */
        (void)json_object_set_new(json, "trusted_due_ms", json_integer((json_int_t)options->trusted_due_ms));
    }
    if (options->shadow_as_live) {
        (void)json_object_set_new(json, "shadow_as_live", json_true());
    }
    return json;
}

static int set_digest(struct rule_set *set, struct faults *faults)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(CANON_MAX_BYTES);
    json_t *rules = json_array();
    json_t *whole = json_pack("{s:o,s:o}", "options", options_json(&set->options), "rules", rules);
    int r = out && whole ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < set->count; i++) {
        r = json_array_append(rules, set->rules[i].json) == 0 ? 0 : -ENOMEM;
    }
    if (r == 0) {
        r = json_canon(out, whole);
    }
    json_decref(whole);
    if (r > 0) {
        return faults_add(faults, "RULES_TOO_MANY", "",
                          "the rules are too large or hold a number past 2^53");
    }
    if (r == 0) {
        sha256_hex(out->data, out->len, set->digest);
    }
    return r;
}

static struct span keep_word(char into[VERDICT_MAX_QUEUE + 1], struct span word)
{
    (void)snprintf(into, VERDICT_MAX_QUEUE + 1, "%.*s", (int)word.len, word.len ? word.ptr : "");
    return span_of(into);
}

static int keep_options(struct rule_set *set, const struct rule_options *options,
                        struct faults *faults)
{
    const struct span queues[] = {options->default_queue, options->life_queue,
                                  options->order_queue};

    set->options = *options;
    for (size_t i = 0; i < COUNT_OF(queues); i++) {
        if ((i == 0 || queues[i].len) && !rule_word_ok(queues[i], VERDICT_MAX_QUEUE)) {
            return faults_add(faults, "RULE_QUEUE", "",
                              "a queue of the settings has 1 to %d lower-case letters, "
                              "digits and '-'",
                              VERDICT_MAX_QUEUE);
        }
    }
    set->options.default_queue = keep_word(set->words[0], queues[0]);
    set->options.life_queue = keep_word(set->words[1], queues[1]);
    set->options.order_queue = keep_word(set->words[2], queues[2]);
    if (set->options.cost_max == 0) {
        set->options.cost_max = rule_options_default.cost_max;
    }
    return 0;
}

static int keep_files(struct rule_set *set, const struct rule_file files[], size_t count)
{
    set->files = calloc(count ? count : 1, sizeof(*set->files));
    if (!set->files) {
        return -ENOMEM;
    }
    for (; set->file_count < count; set->file_count++) {
        set->files[set->file_count] = strdup(files[set->file_count].name);
        if (!set->files[set->file_count]) {
            return -ENOMEM;
        }
    }
    return 0;
}

int rule_set_build(struct rule_set **ret, const struct rule_file files[], size_t count,
                   const struct rule_options *options, struct faults *faults)
{
    CLEANUP(rule_set_freep) struct rule_set *set = calloc(1, sizeof(*set));
    CLEANUP(rule_scratch_freep) struct rule_scratch *scratch = NULL;
    size_t before = faults->count + faults->dropped;
    struct fault why;
    int r = set ? keep_options(set, options, faults) : -ENOMEM;

    if (r == 0) {
        r = facts_env(&set->env, &why);
        if (r == FAULT) {
            (void)faults_add_one(faults, &why);
        }
    }
    if (r == 0) {
        r = keep_files(set, files, count);
    }
    if (r == 0) {
        r = rule_scratch_new(&scratch, set);
    }
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = read_file(set, i, &files[i], scratch, faults);
    }
    if (r == 0) {
        r = set_digest(set, faults);
    }
    if (r != 0 || faults->count + faults->dropped > before) {
        return r < 0 ? r : FAULT;
    }
    set->options.policy_has = NULL; /* only for building: its argument may be gone later */
    set->options.example_ran = NULL;
    *ret = TAKE(set);
    return 0;
}

struct rule_set *rule_set_free(struct rule_set *set)
{
    if (!set) {
        return NULL;
    }
    for (size_t i = 0; i < set->count; i++) {
        (void)cel_program_free(set->rules[i].program);
        json_decref(set->rules[i].json);
    }
    for (size_t i = 0; i < set->file_count; i++) {
        free(set->files[i]);
    }
    free(set->files);
    free(set->rules);
    (void)cel_env_free(set->env);
    free(set);
    return NULL;
}

const char *rule_set_digest(const struct rule_set *set)
{
    return set->digest;
}

size_t rule_set_count(const struct rule_set *set)
{
    return set->count;
}

struct rule_info rule_set_rule(const struct rule_set *set, size_t i)
{
    const struct rule *rule = &set->rules[i];

    return (struct rule_info){.id = rule->id,
                              .policy = rule->policy,
                              .when = rule->when,
                              .note = rule->note,
                              .queue = rule->queue,
                              .mode = rule->mode,
                              .severity = rule->severity,
                              .due_ms = rule->due_ms,
                              .needs_second = rule->needs_second,
                              .cost = cel_program_cost(rule->program),
                              .examples = json_array_size(rule->examples),
                              .file = set->files[rule->file],
                              .line = rule->line,
                              .column = rule->column};
}

json_t *rule_set_written(const struct rule_set *set)
{
    json_t *all = json_array();

    for (size_t i = 0; all && i < set->count; i++) {
        if (json_array_append(all, set->rules[i].json) != 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

json_t *rule_set_json(const struct rule_set *set)
{
    json_t *all = json_array();

    for (size_t i = 0; all && i < set->count; i++) {
        const struct rule *rule = &set->rules[i];
        json_t *one = json_copy(rule->json);

        if (!one ||
            json_object_set_new(one, "mode", json_string(rule_mode_words[rule->mode])) != 0 ||
            json_object_set_new(one, "file", json_string(set->files[rule->file])) != 0 ||
            json_object_set_new(one, "line", json_integer(rule->line)) != 0) {
            json_decref(one);
            json_decref(all);
            return NULL;
        }
        if (json_array_append_new(all, one) != 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

json_t *rule_facts_describe(void)
{
    json_t *effects = json_array();

    for (size_t i = 0; i < EFFECT_COUNT; i++) {
        (void)json_array_append_new(
            effects, json_pack("{s:s,s:s}", "name", effect_words[i], "about", effect_about[i]));
    }
    return json_pack(
        "{s:o,s:o,s:s}", "facts", facts_describe(), "effects", effects, "language",
        "Common Expression Language with the strings, math, encoders, bindings, optional and "
        "two-variable extensions; a condition is true or false");
}
