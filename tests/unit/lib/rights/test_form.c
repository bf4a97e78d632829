/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/rights/record.h"

#include "lib/base/attr.h"
#include "lib/base/buf.h"
#include "lib/json/read.h"
#include "lib/rights/justification_field.h"

/*
 * The table and what is made of it. RAPPORTEUR_REGENERATE=1 writes config/schema/justification.json
 * and the table of lib/rights/record.md anew instead of comparing.
 */

static bool regenerate(void)
{
    return getenv("RAPPORTEUR_REGENERATE") != NULL;
}

static void write_file(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void the_schema_file_is_the_table(void **state)
{
    char *path = test_source("config/schema/justification.json");
    CLEANUP(json_freep) json_t *schema = NULL;
    char *text, *stored;
    size_t len;

    (void)state;
    assert_int_equal(justification_schema(&schema), 0);
    text = json_dumps(schema, JSON_INDENT(1) | JSON_SORT_KEYS);
    if (regenerate()) {
        write_file(path, text, strlen(text));
    }
    stored = test_read_file(path, &len);
    assert_string_equal(stored, text);
    free(stored);
    free(text);
    free(path);
}

static void the_page_has_the_table(void **state)
{
    CLEANUP(buf_freep) struct buf *table = buf_new(1 << 20);
    CLEANUP(buf_freep) struct buf *whole = buf_new(1 << 20);
    char *path = test_source("lib/rights/record.md");
    size_t len;
    char *stored = test_read_file(path, &len);
    const char *start = strstr(stored, "| member |");
    const char *end = start ? strstr(start, "\n\n") : NULL;

    (void)state;
    assert_non_null(end);
    assert_int_equal(justification_markdown(table), 0);
    if (regenerate()) {
        assert_int_equal(buf_add(whole, stored, (size_t)(start - stored)), 0);
        assert_int_equal(buf_add(whole, table->data, table->len), 0);
        assert_int_equal(buf_add_text(whole, end + 1), 0);
        write_file(path, whole->data, whole->len);
    } else {
        assert_int_equal((size_t)(end + 1 - start), table->len);
        assert_memory_equal(start, table->data, table->len);
    }
    free(stored);
    free(path);
}

static void rows_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < justification_field_count; i++) {
        const struct justification_field *row = &justification_fields[i];

        assert_ptr_equal(justification_field_find(row->pointer), row); /* no pointer twice */
        assert_true(row->label && row->question && row->source);
        assert_true(row->when == JUST_OPTIONAL || row->missing);
        assert_true(!row->missing || strncmp(row->missing, "FIELD_", 6) == 0 ||
                    justification_code_find(row->missing));
        assert_int_equal(row->words != NULL, row->type == JUST_WORD || row->type == JUST_WORDS);
        assert_true(row->type != JUST_TEXT || row->max > 0);
    }
}

/* What lies below an object is one run of rows right behind it: the check looks nowhere else. */
static void rows_of_an_object_stand_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < justification_field_count; i++) {
        size_t len = strlen(justification_fields[i].pointer), last = i;

        for (size_t j = 0; j < justification_field_count; j++) {
            if (strncmp(justification_fields[j].pointer, justification_fields[i].pointer, len) ==
                    0 &&
                justification_fields[j].pointer[len] == '/') {
                assert_int_equal(j, ++last);
            }
        }
    }
}

static const json_t *needed(const json_t *needs, const char *pointer)
{
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(needs, "fields"), i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "pointer")), pointer) == 0) {
            return row;
        }
    }
    return NULL;
}

static bool required(const json_t *needs, const char *pointer)
{
    return json_is_true(json_object_get(needed(needs, pointer), "required"));
}

static void a_form_knows_what_a_case_needs(void **state)
{
    struct policy *policy = sample_policy();
    struct justification_context context = {.policy = policy, .origin = ORIGIN_USER_NOTICE};
    CLEANUP(json_freep) json_t *quick = NULL;
    CLEANUP(json_freep) json_t *full = NULL;
    CLEANUP(json_freep) json_t *rabat = NULL;

    (void)state;
    assert_int_equal(
        justification_needs(&quick, HARM_NONE, OUTCOME_NO_ACTION, GROUND_NONE, &context), 0);
    assert_string_equal(json_string_value(json_object_get(quick, "tier")), "quick");
    assert_true(required(quick, "/why") && required(quick, "/exemptions") &&
                required(quick, "/ground/kind"));
    assert_false(required(quick, "/aim") || required(quick, "/facts") ||
                 required(quick, "/ground/ref"));
    context.state_actor = true;
    assert_int_equal(
        justification_needs(&full, HARM_RECRUITMENT, OUTCOME_REMOVE, GROUND_TERMS, &context), 0);
    assert_string_equal(json_string_value(json_object_get(full, "tier")), "full");
    assert_true(json_is_true(json_object_get(full, "needs_second")));
    assert_true(required(full, "/aim") && required(full, "/necessity/alternatives/*/measure") &&
                required(full, "/ground/ref") && required(full, "/notice/lang"));
    assert_false(required(full, "/rabat/intent/score") || required(full, "/severity_tier"));
    assert_int_equal(json_integer_value(json_object_get(full, "alternatives_min")), 2);
    assert_int_equal(json_array_size(json_object_get(full, "clauses")),
                     4); /* 4.2, tco 2(7)(b), tco 3, dsa 9 */
    assert_int_equal(
        justification_needs(&rabat, HARM_INCITEMENT, OUTCOME_LABEL, GROUND_LAW, &context), 0);
    assert_true(required(rabat, "/rabat/intent/score") && required(rabat, "/severity_tier"));
    assert_false(json_is_true(json_object_get(rabat, "needs_second")));
    (void)policy_free(policy);
}

/* What a form says is required is what the check misses, for every outcome and a harm of each sort.
 */
static void form_and_check_agree(void **state)
{
    static const enum harm harms[] = {HARM_RECRUITMENT, HARM_INCITEMENT, HARM_OTHER_TERMS};
    struct policy *policy = sample_policy();
    struct justification_context context = {
        .policy = policy, .origin = ORIGIN_TCO_REMOVAL_ORDER, .state_actor = true, .decided_ms = 1};

    (void)state;
    for (int o = 0; o < OUTCOME_COUNT; o++) {
        for (size_t h = 0; h < COUNT_OF(harms); h++) {
            CLEANUP(json_freep)
            json_t *record = json_pack("{s:s, s:s, s:{s:s}}", "outcome", outcome_words[o], "harm",
                                       harm_words[harms[h]], "ground", "kind", "terms");
            CLEANUP(json_freep) json_t *needs = NULL;
            struct justification_check_result result;
            struct faults faults = {0};
            size_t wanted = 0, missed = 0;

            assert_int_equal(
                justification_needs(&needs, harms[h], (enum outcome)o, GROUND_TERMS, &context), 0);
            assert_int_equal(justification_check(&result, record, &context, &faults), FAULT);
            for (size_t i = 0; i < justification_field_count; i++) {
                const char *pointer = justification_fields[i].pointer;

                if (strchr(pointer + 1, '/') == NULL && !json_object_get(record, pointer + 1) &&
                    required(needs, pointer)) {
                    wanted++;
                    assert_true(test_has_fault(&faults, justification_fields[i].missing, pointer));
                }
            }
            for (size_t i = 0; i < faults.count; i++) {
                missed += strstr(faults.list[i].text, " is missing: ") &&
                          !strchr(faults.list[i].place + 1, '/');
            }
            assert_int_equal(wanted, missed);
        }
    }
    (void)policy_free(policy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_file_is_the_table),
        cmocka_unit_test(the_page_has_the_table),
        cmocka_unit_test(rows_are_sound),
        cmocka_unit_test(rows_of_an_object_stand_together),
        cmocka_unit_test(a_form_knows_what_a_case_needs),
        cmocka_unit_test(form_and_check_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
