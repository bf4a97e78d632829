/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/runtime/settings.h"
#include "service/runtime/settings_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *yaml, *code, *place;
} broken[] = {
    {"not a mapping", "- a\n", "FIELD_TYPE", "1:1"},
    {"not YAML", "http: [\n", "YAML_SYNTAX", "2:1"},
    {"an alias", "http: *x\n", "YAML_FEATURE", "1:7"},
    {"a group twice", "http: {}\nhttp: {}\n", "YAML_DUPLICATE", "2:1"},
    {"an unknown group", "htpp: {}\n", "SETTING_UNKNOWN", "1:7"},
    {"an unknown name", "http:\n  lissten: x\n", "SETTING_UNKNOWN", "2:12"},
    {"a name of another group", "http:\n  workers: 2\n", "SETTING_UNKNOWN", "2:12"},
    {"a group that is a list", "http: []\n", "FIELD_TYPE", "1:7"},
    {"a count that is a word", "service: {workers: many}\n", "SETTING_TYPE", "1:20"},
    {"a count that is a fraction", "service: {workers: 1.5}\n", "SETTING_TYPE", "1:20"},
    {"a negative count", "service: {workers: -1}\n", "SETTING_TYPE", "1:20"},
    {"a count below its range", "service: {workers: 0}\n", "SETTING_RANGE", "1:20"},
    {"a count above its range", "service: {workers: 65}\n", "SETTING_RANGE", "1:20"},
    {"a count past int64", "service: {workers: 99999999999999999999}\n", "SETTING_TYPE", "1:20"},
    {"nothing for a count", "service: {workers: }\n", "SETTING_TYPE", NULL},
    {"a duration without unit", "service: {drain: 5}\n", "SETTING_TYPE", "1:18"},
    {"a duration with a wrong unit", "service: {drain: 5 min}\n", "SETTING_TYPE", "1:18"},
    {"a duration too short", "service: {drain: 999ms}\n", "SETTING_RANGE", "1:18"},
    {"a duration too long", "service: {drain: 601s}\n", "SETTING_RANGE", "1:18"},
    {"a size with a wrong unit", "http: {body_max: 1MB}\n", "SETTING_TYPE", "1:18"},
    {"a size that overflows", "http: {body_max: 999999999999999GiB}\n", "SETTING_TYPE", "1:18"},
    {"a size too small", "http: {body_max: 1023}\n", "SETTING_RANGE", "1:18"},
    {"a size too large", "http: {body_max: 9MiB}\n", "SETTING_RANGE", "1:18"},
    {"an unknown level", "service: {log_level: loud}\n", "SETTING_VALUE", "1:22"},
    {"an empty path", "service: {state_dir: ''}\n", "SETTING_RANGE", "1:22"},
    {"a path that is a list", "service: {state_dir: [a]}\n", "SETTING_TYPE", "1:22"},
    {"a text that is true", "audit: {origin: true}\n", "SETTING_TYPE", "1:17"},
    {"no address", "http: {listen: []}\n", "SETTING_RANGE", "1:16"},
    {"nine addresses", "http: {listen: [a, b, c, d, e, f, g, h, i]}\n", "SETTING_RANGE", "1:16"},
    {"an address that is a number", "http: {listen: [a, 8080]}\n", "SETTING_TYPE", "1:16"},
    {"a certificate without its key", "http:\n  tls_certificate: a.pem\n", "SETTING_VALUE", "2:20"},
    {"a key without its certificate", "http:\n  tls_key: a.pem\n", "SETTING_VALUE", "2:12"},
    {"publishing before integrating", "audit:\n  publish: 100ms\n", "SETTING_RANGE", "2:12"},
    {"lists that are a mapping", "lists: {}\n", "FIELD_TYPE", "1:8"},
    {"a list that is a word", "lists:\n  - a.txt\n", "FIELD_TYPE", "2:5"},
    {"a list without file or url", "lists:\n  - id: a\n", "SETTING_VALUE", "2:5"},
    {"a list with file and url", "lists: [{file: a, url: 'http://a/b'}]\n", "SETTING_VALUE", "1:9"},
    {"a list from file:", "lists: [{url: 'file:///etc/passwd'}]\n", "SETTING_VALUE", "1:15"},
    {"an unknown member of a list", "lists: [{file: a, fromat: b}]\n", "FIELD_UNKNOWN", "1:27"},
    {"an unknown mode", "lists: [{file: a, mode: loud}]\n", "FIELD_VALUE", "1:25"},
    {"an unknown kind", "lists: [{file: a, kind: sha3}]\n", "FIELD_VALUE", "1:25"},
    {"a schedule without pause", "lists: [{file: a, every: 999ms}]\n", "SETTING_RANGE", "1:26"},
    {"a cap that is a word", "lists: [{file: a, max_bytes: much}]\n", "SETTING_RANGE", "1:30"},
    {"a cap of a list", "lists: [{file: a, max_bytes: [1]}]\n", "FIELD_TYPE", "1:30"},
    {"a cap below its least", "lists: [{file: a, max_bytes: 1023}]\n", "FIELD_RANGE", "1:30"},
    {"a cap below its least, with a unit", "lists: [{file: a, max_bytes: 0KiB}]\n", "SETTING_RANGE", "1:30"},
    {"a cap past the most", "lists: [{file: a, max_bytes: 5GiB}]\n", "SETTING_RANGE", "1:30"},
    {"a cap of another unit", "lists: [{file: a, max_bytes: 4GB}]\n", "SETTING_RANGE", "1:30"},
    {"a flag that is a word", "lists: [{file: a, allow_shrink: yes}]\n", "FIELD_TYPE", "1:33"},
};

static void test_each_mistake_has_its_code_and_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct settings *settings = NULL;
        struct faults faults = {0};
        char place[64];

        (void)snprintf(place, sizeof(place), "/etc/r/r.yaml:%s", broken[i].place ? broken[i].place : "");
        if (settings_read(&settings, span_of(broken[i].yaml), "/etc/r/r.yaml", &faults) != FAULT || settings) {
            fail_msg("read: %s", broken[i].name);
        }
        if (!test_has_fault(&faults, broken[i].code, broken[i].place ? place : NULL)) {
            fail_msg("%s: not %s at %s", broken[i].name, broken[i].code, place);
        }
    }
}

static void test_all_mistakes_are_named_at_once(void **state)
{
    CLEANUP(settings_unrefp) struct settings *settings = NULL;
    struct faults faults = {0};
    bool suggested = false;

    (void)state;
    assert_int_equal(settings_read(&settings, SPAN("http:\n  body_max: 1\n  lissten: x\nservice:\n  workers: 0\nlists:\n  - id: a\n"),
                                   "r.yaml", &faults), FAULT);
    assert_int_equal(faults.count, 4);
    assert_true(test_has_fault(&faults, "SETTING_UNKNOWN", "r.yaml:3:12"));
    for (size_t i = 0; i < faults.count; i++) {
        suggested = suggested || strstr(faults.list[i].text, "did you mean 'listen'?");
    }
    assert_true(suggested);
}

static void test_defaults_hold_their_own_ranges(void **state)
{
    CLEANUP(settings_unrefp) struct settings *settings = settings_default("/etc/r");
    const char *group = "";
    size_t groups = 0;

    (void)state;
    assert_non_null(settings);
    assert_string_equal(settings->state_dir, "/etc/r/state");
    assert_string_equal(settings->http_listen[0], "127.0.0.1:8080");
    assert_int_equal(settings->body_max_bytes, 256 << 10);
    assert_int_equal(settings->lease_ms, 15 * 60 * 1000);
    assert_string_equal(settings->tls_key, "");
    for (size_t i = 0; i < setting_count; i++) {
        const struct setting *s = &setting_table[i];

        assert_true(s->meaning[0] != '\0' && s->min <= s->max);
        groups += strcmp(s->group, group) != 0;
        group = s->group;
        for (size_t j = 0; j < i; j++) {
            assert_false(strcmp(s->group, setting_table[j].group) == 0 && strcmp(s->name, setting_table[j].name) == 0);
        }
    }
    assert_true(groups < 31);                   /* one group stands in one piece, and they fit the reader's table */
}

static void test_good_values_and_what_is_printed_reads_back(void **state)
{
    static const char text[] = "service: {state_dir: 'a \"b\\c', workers: 64, drain: 2s, log_level: debug}\n"
                               "http:\n  listen: ['*:1', 'unix:/x']\n  body_max: 8MiB\n"
                               "store: {url: 5, max_memory: 1GiB}\nmetrics: {listen: }\n"
                               "lists:\n  - {file: l.txt, kind: domain, id: l, mode: shadow, every: 1s}\n"
                               "  - {url: 'https://h/x?t=1', token_file: /abs, deadline: 5s, max_bytes: 4GiB, allow_shrink: true}\n";
    CLEANUP(settings_unrefp) struct settings *s = NULL, *again = NULL;
    CLEANUP(buf_freep) struct buf *out = buf_new(64 << 10);
    struct faults faults = {0};

    (void)state;
    assert_int_equal(settings_read(&s, span_of(text), "conf/r.yaml", &faults), 0);
    assert_string_equal(s->state_dir, "conf/a \"b\\c");
    assert_int_equal(s->workers, 64);
    assert_int_equal(s->log_level, LOG_DEBUG);
    assert_int_equal(s->http_listen_count, 2);
    assert_string_equal(s->http_listen[1], "unix:/x");
    assert_string_equal(s->store_url, "5");
    assert_int_equal(s->source_count, 2);
    assert_string_equal(s->sources[0].file, "conf/l.txt");
    assert_string_equal(s->sources[1].token_file, "/abs");
    assert_int_equal(s->sources[1].deadline_ms, 5000);
    assert_true(s->sources[1].allow_shrink && !s->sources[1].allow_private_address);
    assert_int_equal(settings_print(s, out), 0);
    /* Relative paths were made so to the first file's folder; printed, they would be so twice. */
    assert_int_equal(settings_read(&again, buf_span(out), "r.yaml", &faults), 0);
    assert_string_equal(again->state_dir, "./conf/a \"b\\c");
    assert_int_equal(again->store_max_memory, 1 << 30);
    assert_int_equal(again->http_listen_count, 2);
    assert_int_equal(again->source_count, 2);
    assert_string_equal(again->sources[0].file, "./conf/l.txt");
    assert_null(again->sources[0].url);
    assert_string_equal(again->sources[1].url, "https://h/x?t=1");
    assert_string_equal(again->sources[1].token_file, "/abs");
    assert_int_equal(again->sources[1].deadline_ms, 5000);
    assert_int_equal(again->sources[1].max_bytes, 4LL << 30);
    assert_true(again->sources[1].allow_shrink && !again->sources[1].allow_private_address);
}

static void test_reload_rules(void **state)
{
    CLEANUP(settings_unrefp) struct settings *a = settings_default("/x"), *b = NULL, *c = NULL;
    CLEANUP(buf_freep) struct buf *out = buf_new(64 << 10);
    struct faults faults = {0};

    (void)state;
    assert_int_equal(settings_read(&b, SPAN("service: {drain: 9s}\nreview: {lease: 1m}\n"), "/x/r", &faults), 0);
    assert_null(settings_fixed_difference(a, b));
    assert_int_equal(settings_read(&c, SPAN("http: {listen: ['127.0.0.1:8080', 'b:1']}\n"), "/x/r", &faults), 0);
    assert_string_equal(settings_fixed_difference(a, c), "listen");
    assert_int_equal(settings_reference(out), 0);
    for (size_t i = 0; i < setting_count; i++) {
        assert_non_null(strstr(out->data, setting_table[i].meaning));
    }
    assert_ptr_equal(settings_ref(a), a);
    assert_null(settings_unref(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_mistake_has_its_code_and_place),
        cmocka_unit_test(test_all_mistakes_are_named_at_once),
        cmocka_unit_test(test_defaults_hold_their_own_ranges),
        cmocka_unit_test(test_good_values_and_what_is_printed_reads_back),
        cmocka_unit_test(test_reload_rules),
    };

    return cmocka_run_group_tests_name("service/runtime/settings", tests, NULL, NULL);
}
