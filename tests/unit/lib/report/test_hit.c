/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/hit.h"
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

static struct hit make(const char *list, const char *entry, enum hit_field field, uint32_t index,
                       uint32_t start)
{
    return (struct hit){.list = span_of(list),
                        .list_version = SPAN("7"),
                        .entry = span_of(entry),
                        .severity = 2,
                        .field = field,
                        .index = index,
                        .start = start,
                        .end = start + 4};
}

static void hits_have_one_order(void **state)
{
    const struct hit wanted[] = {
        make("a", "1", HIT_TEXT, 0, 3),   make("a", "1", HIT_TEXT, 0, 9),
        make("a", "1", HIT_URLS, 0, 1),   make("a", "1", HIT_URLS, 2, 0),
        make("a", "10", HIT_TEXT, 0, 0),  make("a", "2", HIT_TEXT, 0, 0),
        make("a-b", "0", HIT_TEXT, 0, 0), make("b", "0", HIT_TEXT, 0, 0),
    };
    struct hits *hits = calloc(1, sizeof(*hits));

    (void)state;
    assert_non_null(hits);
    for (size_t round = 0; round < 200; round++) {
        uint32_t seed = (uint32_t)round * 2654435761u + 1;

        hits->count = COUNT_OF(wanted);
        memcpy(hits->list, wanted, sizeof(wanted));
        for (size_t i = hits->count; i > 1; i--) {
            size_t other = (seed = seed * 1664525u + 1013904223u) % i;
            struct hit moving = hits->list[i - 1];

            hits->list[i - 1] = hits->list[other];
            hits->list[other] = moving;
        }
        hits_sort(hits);
        for (size_t i = 0; i < hits->count; i++) {
            assert_true(span_equal(hits->list[i].list, wanted[i].list));
            assert_true(span_equal(hits->list[i].entry, wanted[i].entry));
            assert_int_equal(hits->list[i].index, wanted[i].index);
            assert_int_equal(hits->list[i].start, wanted[i].start);
        }
    }
    free(hits);
}

static void a_full_set_is_sorted(void **state)
{
    struct hits *hits = calloc(1, sizeof(*hits));

    (void)state;
    assert_non_null(hits);
    hits_sort(hits);
    hits->count = HITS_MAX;
    for (size_t i = 0; i < HITS_MAX; i++) {
        hits->list[i] = make("a", "1", HIT_TEXT, 0, (uint32_t)(i * 97 % HITS_MAX));
    }
    hits_sort(hits);
    for (size_t i = 0; i < HITS_MAX; i++) {
        assert_int_equal(hits->list[i].start, i);
    }
    free(hits);
}

static void a_hit_tells_what_is_known_of_it(void **state)
{
    static const struct {
        const char *name;
        struct hit hit;
        const char *json;
    } cases[] = {
        {"text",
         {.kind = SIGNAL_REGEX,
          .severity = 4,
          .field = HIT_TEXT,
          .start = 0,
          .end = 5,
          .form = HIT_SQUEEZED},
         "{'list':'l','version':'v','entry':'e','kind':'regex','severity':4,'field':'text','start':"
         "0,"
         "'end':5,'form':'squeezed'}"},
        {"second of urls",
         {.kind = SIGNAL_DOMAIN, .field = HIT_URLS, .index = 1, .start = 8, .end = 19},
         "{'list':'l','version':'v','entry':'e','kind':'domain','severity':0,'field':'urls','index'"
         ":1,"
         "'start':8,'end':19,'form':'raw'}"},
        {"hash",
         {.kind = SIGNAL_SHA256, .severity = 3, .field = HIT_HASHES},
         "{'list':'l','version':'v','entry':'e','kind':'sha256','severity':3,'field':'hashes','"
         "index':0}"},
        {"near hash of a shadow list",
         {.kind = SIGNAL_PDQ, .field = HIT_HASHES, .distance = 12, .mode = LIST_SHADOW},
         "{'list':'l','version':'v','entry':'e','kind':'pdq','severity':0,'field':'hashes','index':"
         "0,"
         "'distance':12,'mode':'shadow'}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct hit hit = cases[i].hit;
        json_t *got, *want = test_json(cases[i].json);

        hit.list = SPAN("l");
        hit.list_version = SPAN("v");
        hit.entry = SPAN("e");
        got = hit_json(&hit);
        if (!json_equal(got, want)) {
            fail_msg("%s: %s", cases[i].name, json_dumps(got, 0));
        }
        json_decref(got);
        json_decref(want);
    }
}

static void every_word_is_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIGNAL_KIND_COUNT; i++) {
        assert_non_null(signal_kind_words[i]);
    }
    for (size_t i = 0; i < HIT_FIELD_COUNT; i++) {
        assert_non_null(hit_field_words[i]);
    }
    for (size_t i = 0; i < HIT_FORM_COUNT; i++) {
        assert_non_null(hit_form_words[i]);
    }
    for (size_t i = 0; i < LIST_MODE_COUNT; i++) {
        assert_non_null(list_mode_words[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_have_one_order),
        cmocka_unit_test(a_full_set_is_sorted),
        cmocka_unit_test(a_hit_tells_what_is_known_of_it),
        cmocka_unit_test(every_word_is_there),
    };

    return cmocka_run_group_tests_name("hit", tests, NULL, NULL);
}
