/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/signal/change.h"
#include "lib/signal/format.h"
#include "tests/support/support.h"

#include <stdio.h>

/* A list of literals from words like "a a:de b=3": value, language, severity. */
static struct list *list_of(const char *words, const char *version)
{
    struct list *list = NULL;
    struct list_head head = {.id = SPAN("sample"),
                             .name = SPAN("n"),
                             .owner = SPAN("o"),
                             .legal_basis = SPAN("l"),
                             .version = span_of(version)};
    struct span rest = span_of(words);

    assert_int_equal(list_new(&list, &head, NULL), 0);
    while (rest.ptr && rest.len > 0) {
        struct span word = span_cut(&rest, ' '), value = span_cut(&word, '=');
        struct list_entry entry = {.kind = SIGNAL_LITERAL};

        entry.severity = word.ptr ? word.ptr[0] - '0' : 0;
        entry.value = span_cut(&value, ':');
        if (value.ptr) {
            memcpy(entry.language, value.ptr, value.len);
        }
        assert_int_equal(list_add(list, &entry, NULL), 0);
    }
    assert_int_equal(list_seal(list), 0);
    return list;
}

static const struct {
    const char *name, *from, *to;
    struct list_change want;
} cases[] = {
    {"the same", "a b c", "c b a", {.kept = 3}},
    {"from nothing", "", "a b", {.added = 2}},
    {"to nothing", "a b", "", {.removed = 2}},
    {"one of each", "a b c", "b=1 c d", {.kept = 1, .added = 1, .changed = 1, .removed = 1}},
    {"languages count apart", "a:de a:en", "a:en a:fr", {.kept = 1, .added = 1, .removed = 1}},
};

static void compared(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct list *from = list_of(cases[i].from, "1"), *to = list_of(cases[i].to, "2");
        struct list_change got = list_compare(from, to);

        if (memcmp(&got, &cases[i].want, sizeof(got)) != 0) {
            fail_msg("%s: kept %zu added %zu changed %zu removed %zu", cases[i].name, got.kept,
                     got.added, got.changed, got.removed);
        }
        list_unref(from);
        list_unref(to);
    }
}

static void a_fifth_may_go_and_no_more(void **state)
{
    struct list *old = list_of("a b c d e", "1"), *fifth = list_of("a b c d=3 new", "2");
    struct list *more = list_of("a b c x y z", "2"), *none = list_of("", "2");
    struct fault why;

    (void)state;
    assert_int_equal(list_shrink_check(old, fifth, LIST_SHRINK_PERCENT, &why), 0);
    assert_int_equal(list_shrink_check(old, more, LIST_SHRINK_PERCENT, &why), FAULT);
    assert_string_equal(why.code, "LIST_SHRUNK");
    assert_non_null(strstr(why.text, "2 of 5"));
    assert_int_equal(list_shrink_check(old, none, 100, &why), 0);
    assert_int_equal(list_shrink_check(none, old, 0, &why), 0);
    list_unref(old);
    list_unref(fifth);
    list_unref(more);
    list_unref(none);
}

/* Writing the difference and reading it on top of the older version gives the newer one. */
static void a_change_makes_the_newer_version(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct list *from = list_of(cases[i].from, "1"), *to = list_of(cases[i].to, "2"),
                    *made = NULL;
        CLEANUP(buf_freep) struct buf *out = buf_new(1 << 20);
        struct signal_options options = signal_options_default;
        struct signal_report report;

        options.base = from;
        assert_int_equal(list_change_json(from, to, out), 0);
        assert_int_equal(signal_read(&made, NULL, buf_span(out), &options, &report), 0);
        assert_string_equal(list_digest(made), list_digest(to));
        made = list_unref(made);
        options.base = NULL;
        assert_int_equal(signal_read(&made, NULL, buf_span(out), &options, &report), FAULT);
        assert_true(test_has_fault(&report.faults, "BASE_MISSING", "/since"));
        options.base = to;
        if (strcmp(list_digest(from), list_digest(to)) != 0) {
            assert_int_equal(signal_read(&made, NULL, buf_span(out), &options, &report), FAULT);
            assert_true(test_has_fault(&report.faults, "BASE_DIFFERS", "/since"));
        }
        list_unref(from);
        list_unref(to);
    }
}

static void the_ceiling_of_the_buffer_holds(void **state)
{
    struct list *list = list_of("a b c d e f g", "1");
    CLEANUP(buf_freep) struct buf *out = buf_new(40);

    (void)state;
    assert_int_equal(list_json(list, out), BUF_FULL);
    buf_clear(out);
    assert_int_equal(list_change_json(list, list, out), BUF_FULL);
    list_unref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compared),
        cmocka_unit_test(a_fifth_may_go_and_no_more),
        cmocka_unit_test(a_change_makes_the_newer_version),
        cmocka_unit_test(the_ceiling_of_the_buffer_holds),
    };

    return cmocka_run_group_tests_name("lib/signal/change", tests, NULL, NULL);
}
