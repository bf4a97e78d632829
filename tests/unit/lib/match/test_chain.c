/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/chain.h"

#include "lib/match/regex.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 3000, CHAINS = 9, TEXT = 90 };

static uint64_t seed = 11;

static uint32_t random_below(uint32_t limit)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(seed >> 33) % limit;
}

static bool fits(const struct chain_item *item, uint8_t class)
{
    switch (class) {
    case CHAIN_ANY:
        return true;
    case CHAIN_WIDE_WORD:
        return item->bits[2] & FOLD_SEEN_WIDE_WORD;
    case CHAIN_WIDE_OTHER:
        return item->bits[2] & FOLD_SEEN_WIDE_OTHER;
    default:
        return item->bits[class >> 6] >> (class & 63) & 1;
    }
}

/* Items from `item` on match the text from `at` on, the next character at once or after a gap. */
static bool matches(const struct pattern_chain *chain, size_t item, const uint8_t *text, size_t len,
                    size_t at)
{
    if (item == chain->count) {
        return true;
    }
    if (chain->items[item].optional && matches(chain, item + 1, text, len, at)) {
        return true;
    }
    for (size_t i = at; i < len; i++) {
        if (fits(&chain->items[item], text[i]) && matches(chain, item + 1, text, len, i + 1)) {
            return true;
        }
        if (item > 0 && !chain->items[item].gap) {
            break;
        }
    }
    return false;
}

static void make_chain(struct pattern_chain *chain)
{
    *chain = (struct pattern_chain){.count = 1 + random_below(8)};
    for (size_t i = 0; i < chain->count; i++) {
        struct chain_item *item = &chain->items[i];

        item->bits[1] = 1ull << ('a' - 64 + random_below(5)) | 1ull << ('a' - 64 + random_below(5));
        item->bits[2] = random_below(4);
        if (i > 0 && !chain->items[i - 1].optional) {
            item->gap = random_below(3) == 0;
        }
        item->optional = i > 0 && i + 1 < chain->count && !item->gap && random_below(3) == 0;
    }
    for (size_t i = 1; i < chain->count; i++) {
        chain->items[i].gap &= !chain->items[i - 1].optional;
    }
}

static void as_a_plain_search_finds_them(void **state)
{
    size_t met = 0;

    (void)state;
    for (size_t round = 0; round < ROUNDS; round++) {
        struct chain_set *set = chain_set_new();
        struct pattern_chain chains[CHAINS];
        uint32_t ids[CHAINS];
        uint8_t text[TEXT];
        size_t len = random_below(random_below(2) ? 8 : TEXT);

        for (size_t c = 0; c < CHAINS; c++) {
            make_chain(&chains[c]);
            assert_int_equal(chain_set_add(set, &chains[c], random_below(2), &ids[c]), 0);
        }
        for (size_t i = 0; i < len; i++) {
            uint32_t kind = random_below(20);

            text[i] = (uint8_t)(kind < 3 ? CHAIN_WIDE_WORD + kind : 'a' + random_below(6));
        }
        for (size_t c = 0; c < CHAINS; c++) {
            bool there =
                chain_group_run(set, chain_group_of(ids[c]), text, len) & chain_bit_of(ids[c]);

            assert_int_equal(there, matches(&chains[c], 0, text, len, 0));
            met += there;
        }
        set = chain_set_free(set);
    }
    assert_true(met > ROUNDS && met < ROUNDS * (CHAINS - 1));
}

/* What a pattern is read to, and texts with and without it. */
static const struct {
    const char *pattern, *with, *without;
} cases[] = {
    {"h(?:x|yy+)*a\\W*z", "h and a z", "z and a h"},
    {"[qz]\\w[qz]", "1qxz", "q-z q z"},
    {"(?:\\w\\W){3,}@(?:\\W\\w){3,}", "a b c d @ e f g h", "mail me @home: a.b@c"},
    {"q.?[xz]{1,2}q", "quxzq", "quuxq qxxxxq"},
    {"(?:qa|z)?x(?=q)", "qax", "qa"},
    {"[zq][0-9]{3}k", "q123k", "q12k q 123k"},
    {"qq++\\d\\bz", "qqqq7z", "q7z"},
    {"\xe2\x84\xaa[\xd0\xb6z]x", "k\xd0\x96x", "kax"},
};

static void patterns_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span pattern = span_of(cases[i].pattern);
        struct arena *arena = arena_new(1 << 16);
        struct chain_set *set = chain_set_new();
        struct pattern_chain chain;
        struct pattern_tree tree;
        struct fold *fold = NULL;
        uint8_t classes[64];
        uint32_t id;

        assert_int_equal(regex_fold(&fold, &pattern, 1), 0);
        assert_true(pattern_tree(&tree, arena, fold, pattern));
        pattern_chain(&chain, fold, &tree);
        if (chain.count == 0) {
            fail_msg("%s: no chain", cases[i].pattern);
        }
        assert_int_equal(chain_set_add(set, &chain, true, &id), 0);
        for (int there = 0; there < 2; there++) {
            struct span text = span_of(there ? cases[i].with : cases[i].without);
            size_t len = chain_classes(fold, text, classes);

            bool met = chain_group_run(set, 0, classes, len) & chain_bit_of(id);

            if (met != (there == 1)) {
                fail_msg("%s: %.*s", cases[i].pattern, (int)text.len, text.ptr);
            }
        }
        (void)chain_set_free(set);
        (void)fold_free(fold);
        (void)arena_free(arena);
    }
}

static void common_ones_are_none(void **state)
{
    static const char *const patterns[] = {"e.*a", "\\w+", "(?:a|b|)", "a|q", ".", "\\bx?y?\\b"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        struct span pattern = span_of(patterns[i]);
        struct arena *arena = arena_new(1 << 16);
        struct pattern_chain chain;
        struct pattern_tree tree;
        struct fold *fold = NULL;

        assert_int_equal(regex_fold(&fold, &pattern, 1), 0);
        assert_true(pattern_tree(&tree, arena, fold, pattern));
        pattern_chain(&chain, fold, &tree);
        assert_int_equal(chain.count, 0);
        (void)fold_free(fold);
        (void)arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_a_plain_search_finds_them),
        cmocka_unit_test(patterns_are_read),
        cmocka_unit_test(common_ones_are_none),
    };

    return cmocka_run_group_tests_name("lib/match/chain", tests, NULL, NULL);
}
