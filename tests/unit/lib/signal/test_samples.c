/* SPDX-License-Identifier: Apache-2.0 */
/* The lists we ship, and lists that others published. */
#include "lib/signal/format.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

static void shipped_lists_are_read_strictly(void **state)
{
    static const struct {
        const char *file, *id;
        size_t count;
    } lists[] = {
        {"config/lists/slogans.yaml", "slogans", 16},
        {"config/lists/contact-channels.yaml", "contact-channels", 9},
        {"config/lists/propaganda-hashes.json", "propaganda-hashes", 6},
        {"config/lists/financing.yaml", "financing", 6},
        {"config/lists/domains.yaml", "domains", 5},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        char *path = test_source(lists[i].file);
        size_t len;
        char *bytes = test_read_file(path, &len);
        struct signal_options options = signal_options_default;
        struct signal_report report;
        struct list *list = NULL;

        options.name = lists[i].file;
        if (signal_read(&list, NULL, (struct span){bytes, len}, &options, &report)) {
            fail_msg("%s: %s", report.faults.list[0].place, report.faults.list[0].text);
        }
        assert_true(span_is(list_head(list)->id, lists[i].id));
        assert_int_equal(list_count(list), lists[i].count);
        assert_true(list_head(list)->review_by_ms > 0 && list_head(list)->expires_ms > 0);
        list_unref(list);
        free(bytes);
        free(path);
    }
}

/* Reads one published file leniently; counts into the report. False when there is no data. */
static bool read_published(const char *relative, const char *format, int default_kind,
                           size_t *ret_count, struct signal_report *report)
{
    static const struct list_head head = {.id = {"published", 9}};
    char *path = test_data(relative);
    struct signal_options options = signal_options_default;
    struct list *list = NULL;
    char *bytes;
    size_t len;

    if (!path) {
        return false;
    }
    bytes = test_read_file(path, &len);
    options.name = relative;
    options.head = &head;
    options.default_kind = default_kind;
    options.lenient = true;
    if (signal_read(&list, signal_format_named(span_of(format)), (struct span){bytes, len},
                    &options, report)) {
        fail_msg("%s: %s", report->faults.list[0].place, report->faults.list[0].text);
    }
    *ret_count = list_count(list);
    list_unref(list);
    free(bytes);
    free(path);
    return true;
}

static const struct {
    const char *file, *format;
    int default_kind;
    size_t least, skipped;
} published[] = {
    {"lists/warninglist_automated-malware-analysis.json", "misp-warninglist", -1, 25, 0},
    {"lists/warninglist_common-contact-emails.json", "misp-warninglist", -1, 1, 0},
    {"lists/warninglist_rfc1918.json", "misp-warninglist", -1, 0, 3},
    {"lists/warninglist_rfc6761.json", "misp-warninglist", -1, 21, 0},
    {"lists/warninglist_wikimedia.json", "misp-warninglist", -1, 0, 10},
    {"patterns/smokedetector_watched_keywords.txt", "lines", SIGNAL_REGEX, 20000, 0},
    {"patterns/smokedetector_bad_keywords.txt", "lines", SIGNAL_REGEX, 500, 0},
    {"patterns/smokedetector_blacklisted_websites.txt", "lines", SIGNAL_REGEX, 3000, 0},
    {"patterns/ldnoobw/ar", "lines", SIGNAL_LITERAL, 30, 0},
    {"patterns/ldnoobw/ja", "lines", SIGNAL_LITERAL, 150, 0},
    {"patterns/ldnoobw/th", "lines", SIGNAL_LITERAL, 25, 0},
    {"patterns/ldnoobw/hi", "lines", SIGNAL_LITERAL, 80, 0},
};

static void published_lists_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(published); i++) {
        struct signal_report report;
        size_t count = 0;

        if (!read_published(published[i].file, published[i].format, published[i].default_kind,
                            &count, &report)) {
            return;
        }
        (void)printf("# %s: %zu entries, %zu left out\n", published[i].file, count, report.skipped);
        assert_true(count >= published[i].least);
        assert_int_equal(report.skipped, published[i].skipped);
        assert_int_equal(report.faults.count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_lists_are_read_strictly),
        cmocka_unit_test(published_lists_are_read),
    };

    return cmocka_run_group_tests_name("lib/signal/samples", tests, NULL, NULL);
}
