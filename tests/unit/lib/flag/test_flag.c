/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline: snapshots are shared, verdicts repeat, and nothing in them restricts anything. */
#include "tests/unit/lib/flag/samples.h"

#include <pthread.h>

#define NOW_MS 1795000000000LL

static const char *const verdict_members[] = {
    "queue", "severity", "due",     "needs_second", "undecided",    "undecided_why", "labels",
    "notes", "rules",    "dropped", "hits",         "hits_dropped", "snapshot",     "rules_digest",
};
static const char *const rule_members[] = {"id", "policy", "shadow", "error", "hits"};
static const char *const hit_members[] = {"list",  "version", "entry", "kind", "severity", "field",
                                          "index", "start",   "end",   "form", "distance", "mode"};

static void only_members(const json_t *object, const char *const names[], size_t count)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        bool known = false;

        for (size_t i = 0; i < count; i++) {
            known = known || strcmp(names[i], name) == 0;
        }
        if (!known) {
            fail_msg("a verdict has no member %s", name);
        }
    }
}

/* Everything set, every hit and rule there is room for. */
static json_t *largest_verdict(void)
{
    struct verdict *verdict = calloc(1, sizeof(*verdict));
    struct hits *hits = calloc(1, sizeof(*hits));
    json_t *json;

    *verdict = (struct verdict){.queue = SPAN("q"),
                                .severity = 4,
                                .needs_second = true,
                                .undecided = true,
                                .label_count = VERDICT_MAX_LABELS,
                                .note_count = VERDICT_MAX_NOTES,
                                .rule_count = VERDICT_MAX_RULES,
                                .dropped = 1,
                                .snapshot = "00",
                                .rules_digest = "00"};
    for (size_t i = 0; i < VERDICT_MAX_RULES; i++) {
        verdict->rules[i] = (struct verdict_rule){.id = SPAN("r"), .shadow = true, .failed = true,
                                                  .hit_count = VERDICT_MAX_RULE_HITS};
    }
    hits->count = HITS_MAX;
    hits->dropped = 1;
    hits->undecided_why = "w";
    for (size_t i = 0; i < HITS_MAX; i++) {
        hits->list[i] =
            (struct hit){.kind = (enum signal_kind)(i % SIGNAL_KIND_COUNT),
                         .mode = LIST_SHADOW,
                         .field = (enum hit_field)(i / SIGNAL_KIND_COUNT % HIT_FIELD_COUNT)};
    }
    json = verdict_json(verdict, hits);
    free(verdict);
    free(hits);
    return json;
}

static void a_verdict_says_nothing_but_where_when_and_why(void **state)
{
    json_t *json = largest_verdict(), *item;
    size_t i;

    (void)state;
    only_members(json, verdict_members, COUNT_OF(verdict_members));
    assert_int_equal(json_object_size(json), COUNT_OF(verdict_members));
    json_array_foreach(json_object_get(json, "rules"), i, item)
    {
        only_members(item, rule_members, COUNT_OF(rule_members));
    }
    json_array_foreach(json_object_get(json, "hits"), i, item)
    {
        only_members(item, hit_members, COUNT_OF(hit_members));
    }
    json_decref(json);
}

/* What a rule would have to say to act on content, in every word that decisions have and some more.
 */
static void no_effect_restricts(void **state)
{
    static const char *const hopes[] = {"delete",     "block",          "ban",         "hide",
                                        "takedown",   "action",         "outcome",     "decision",
                                        "verdict",    "remove_content", "auto_remove", "suspend",
                                        "quarantine", "effect"};
    size_t refused = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(hopes) + OUTCOME_COUNT; i++) {
        const char *word = i < OUTCOME_COUNT ? outcome_words[i] : hopes[i - OUTCOME_COUNT];
        struct rule_set *set = NULL;
        struct faults faults = {0};
        struct rule_file file = {.name = "r.yaml"};
        char yaml[256];

        (void)snprintf(yaml, sizeof(yaml),
                       "- {id: a, policy: policy/1, when: 'true', then: {severity: 4, %s: true}, "
                       "examples: [{matches: true}]}",
                       word);
        file.bytes = span_of(yaml);
        assert_int_equal(rule_set_build(&set, &file, 1, &rule_options_default, &faults), FAULT);
        assert_int_equal(faults.count, 1);
        refused += (size_t)test_has_fault(&faults, "RULE_EFFECT", NULL);
    }
    assert_int_equal(refused, COUNT_OF(hopes) + OUTCOME_COUNT);
}

static void the_effects_are_these_six(void **state)
{
    static const char *const six[] = {"queue", "severity", "due", "labels", "needs_second", "note"};
    json_t *all = rule_facts_describe(), *effects = json_object_get(all, "effects");

    (void)state;
    assert_int_equal(json_array_size(effects), COUNT_OF(six));
    for (size_t i = 0; i < COUNT_OF(six); i++) {
        assert_string_equal(json_string_value(json_object_get(json_array_get(effects, i), "name")),
                            six[i]);
    }
    json_decref(all);
}

static struct report *sample_report(const char *name)
{
    struct report *report = NULL;
    struct faults faults = {0};
    json_t *body = sample_json(name);

    assert_int_equal(report_read(&report, body, NOW_MS, &faults), 0);
    json_decref(body);
    return report;
}

static char *verdict_text(struct flag_scratch *scratch, const struct report *report,
                          const struct flag_history *history)
{
    const struct verdict *verdict;
    const struct hits *hits;
    json_t *json;
    char *text;

    assert_int_equal(flag_evaluate(scratch, report, history, NOW_MS, &verdict, &hits), 0);
    json = verdict_json(verdict, hits);
    text = json_dumps(json, JSON_COMPACT);
    assert_non_null(text);
    json_decref(json);
    return text;
}

static void a_scratch_keeps_its_snapshot(void **state)
{
    CLEANUP(policy_freep) struct policy *policy = sample_policy();
    CLEANUP(flag_scratch_freep) struct flag_scratch *scratch = NULL;
    CLEANUP(report_freep) struct report *report = sample_report("01-clear-hit.json");
    struct snapshot *snapshot = sample_snapshot(policy);
    char digest[65], *text;

    (void)state;
    (void)snprintf(digest, sizeof(digest), "%s", snapshot_digest(snapshot));
    assert_int_equal(strlen(digest), 64);
    assert_int_equal(flag_scratch_new(&scratch, snapshot), 0);
    snapshot = snapshot_unref(snapshot);
    assert_null(snapshot);
    text = verdict_text(scratch, report, NULL);
    assert_non_null(strstr(text, digest));
    free(text);
    assert_null(snapshot_unref(NULL));
    assert_null(flag_scratch_free(NULL));
}

static void the_same_files_give_the_same_digest(void **state)
{
    CLEANUP(policy_freep) struct policy *policy = sample_policy();
    CLEANUP(snapshot_unrefp)
    struct snapshot *one = sample_snapshot(policy),
                    *other = sample_snapshot(policy);

    (void)state;
    assert_string_equal(snapshot_digest(one), snapshot_digest(other));
    assert_string_not_equal(snapshot_digest(one), rule_set_digest(snapshot_rules(one)));
    assert_string_not_equal(snapshot_digest(one), match_set_digest(snapshot_matches(one)));
}

static void history_reaches_the_rules(void **state)
{
    CLEANUP(policy_freep) struct policy *policy = sample_policy();
    CLEANUP(snapshot_unrefp) struct snapshot *snapshot = sample_snapshot(policy);
    CLEANUP(flag_scratch_freep) struct flag_scratch *scratch = NULL;
    CLEANUP(report_freep) struct report *report = sample_report("07-no-hit.json");
    const struct flag_history many = {.reports = 9, .reporters = 3};
    char *first, *later;

    (void)state;
    report->category = HARM_HATRED_INCITEMENT;
    assert_int_equal(flag_scratch_new(&scratch, snapshot), 0);
    first = verdict_text(scratch, report, NULL);
    later = verdict_text(scratch, report, &many);
    assert_null(strstr(first, "many-reporters"));
    assert_non_null(strstr(later, "many-reporters"));
    free(first);
    free(later);
}

struct worker {
    struct snapshot *snapshot;
    const struct report *report;
    const char *want;
    int wrong;
};

static void *evaluate_often(void *arg)
{
    struct worker *worker = arg;

    for (int round = 0; round < 20; round++) {
        struct flag_scratch *scratch = NULL;

        if (flag_scratch_new(&scratch, worker->snapshot) != 0) {
            worker->wrong++;
            continue;
        }
        for (int i = 0; i < 20; i++) {
            char *text = verdict_text(scratch, worker->report, NULL);

            worker->wrong += strcmp(text, worker->want) != 0;
            free(text);
        }
        (void)flag_scratch_free(scratch);
    }
    return NULL;
}

static void threads_share_a_snapshot(void **state)
{
    CLEANUP(policy_freep) struct policy *policy = sample_policy();
    CLEANUP(snapshot_unrefp) struct snapshot *snapshot = sample_snapshot(policy);
    CLEANUP(flag_scratch_freep) struct flag_scratch *scratch = NULL;
    CLEANUP(report_freep) struct report *report = sample_report("01-clear-hit.json");
    struct worker workers[4];
    pthread_t threads[COUNT_OF(workers)];
    char *want;

    (void)state;
    assert_int_equal(flag_scratch_new(&scratch, snapshot), 0);
    want = verdict_text(scratch, report, NULL);
    for (size_t i = 0; i < COUNT_OF(workers); i++) {
        workers[i] = (struct worker){.snapshot = snapshot, .report = report, .want = want};
        assert_int_equal(pthread_create(&threads[i], NULL, evaluate_often, &workers[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(workers); i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].wrong, 0);
    }
    free(want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_says_nothing_but_where_when_and_why),
        cmocka_unit_test(no_effect_restricts),
        cmocka_unit_test(the_effects_are_these_six),
        cmocka_unit_test(a_scratch_keeps_its_snapshot),
        cmocka_unit_test(the_same_files_give_the_same_digest),
        cmocka_unit_test(history_reaches_the_rules),
        cmocka_unit_test(threads_share_a_snapshot),
    };

    return cmocka_run_group_tests_name("flag", tests, NULL, NULL);
}
