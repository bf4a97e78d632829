/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the tables of lib/text/table.h and lib/text/property.h as C, on standard output. Run by
 * the build (lib/text/meson.build); by hand: `ninja lib/text/text_table.c` in the build folder.
 */
#include "lib/text/property.h"
#include "lib/text/table.h"
#include "lib/text/table/rules.h"
#include "lib/text/utf8.h"

#include <stdio.h>
#include <stdlib.h>

enum { CODES = 0x110000, POOL_MAX = 1 << 18, PAIRS_MAX = 2000 };

struct pool {
    uint32_t at[POOL_MAX];
    uint32_t len;
};

static uint32_t values[CODES];
static struct pool pool;

static void must(bool good, const char *what)
{
    if (!good) {
        (void)fprintf(stderr, "table/generate: %s\n", what);
        exit(1);
    }
}

static void print_numbers(const char *type, const char *name, const uint32_t *numbers,
                          uint32_t count)
{
    (void)printf("const %s %s[] = {", type, name);
    for (uint32_t i = 0; i < count; i++) {
        (void)printf("%s%u,", i % 16 == 0 ? "\n" : "", numbers[i]);
    }
    (void)printf("\n};\n");
}

/* Prints values[] as index and block with equal blocks stored once; block 0 is ASCII. */
static void print_levels(const char *name, const char *type)
{
    static uint32_t blocks[CODES], index[TABLE_INDEX_LEN];
    char full[64];
    uint32_t count = 0;

    for (uint32_t i = 0; i < TABLE_INDEX_LEN; i++) {
        const uint32_t *block = values + (size_t)i * TABLE_BLOCK;
        uint32_t k = 0;

        while (k < count && memcmp(blocks + (size_t)k * TABLE_BLOCK, block, TABLE_BLOCK * 4) != 0) {
            k++;
        }
        if (k == count) {
            memcpy(blocks + (size_t)count++ * TABLE_BLOCK, block, TABLE_BLOCK * 4);
        }
        index[i] = k;
    }
    must(count < 65536, "too many blocks");
    (void)snprintf(full, sizeof(full), "%s_index", name);
    print_numbers("uint16_t", full, index, TABLE_INDEX_LEN);
    (void)snprintf(full, sizeof(full), "%s_block", name);
    print_numbers(type, full, blocks, count * TABLE_BLOCK);
}

static unsigned codes_put(const struct codes *codes, char *into)
{
    unsigned len = 0;

    for (int i = 0; i < codes->count; i++) {
        len += utf8_put(into + len, codes->at[i]);
    }
    return len;
}

static uint32_t entry_of(enum map_kind kind, unsigned class, uint32_t value)
{
    return (uint32_t)kind | class << 3 | value << 11;
}

/* SAME, ONE, or MANY through the pool. */
static uint32_t entry_for(uint32_t cp, const struct codes *codes)
{
    char bytes[4 * RULE_MAX], own[UTF8_MAX_LEN];
    unsigned len = codes_put(codes, bytes), class = rule_class(codes->at[codes->count - 1]);
    uint32_t at = pool.len;

    if (codes->count == 1 && codes->at[0] == cp) {
        return entry_of(MAP_SAME, class, 0);
    }
    if (codes->count == 1 && len <= utf8_put(own, cp)) {
        return entry_of(MAP_ONE, class, codes->at[0]);
    }
    must(pool.len + len + 1 < POOL_MAX && len < 256, "pool full");
    pool.at[pool.len++] = len;
    for (unsigned i = 0; i < len; i++) {
        pool.at[pool.len++] = (unsigned char)bytes[i];
    }
    return entry_of(MAP_MANY, class, at);
}

static uint32_t map_entry(uint32_t cp)
{
    struct codes decomposed, codes;

    if (is_surrogate(cp)) {
        return entry_of(MAP_DROP, 0, 0);
    }
    if (rule_dropped(cp)) {
        return entry_of(rule_property(cp) & TEXT_MARK ? MAP_DROP_MARK : MAP_DROP, 0, 0);
    }
    decomposed = rule_decomposed(cp);
    codes = rule_normalised(cp);
    if (decomposed.count == 0) {
        return entry_of(MAP_DROP, 0, 0);
    }
    if (codes.count == 0 || rule_joins_before(decomposed.at[0]) ||
        (rule_class(decomposed.at[0]) != 0 && decomposed.count > 1)) {
        return entry_of(MAP_SLOW, 0, 0);
    }
    return entry_for(cp, &codes);
}

static void write_map(void)
{
    pool.len = 0;
    for (uint32_t cp = 0; cp < CODES; cp++) {
        values[cp] = map_entry(cp);
    }
    print_levels("text_map", "uint32_t");
    print_numbers("uint8_t", "text_map_pool", pool.at, pool.len);
}

static void write_confusable(void)
{
    pool.len = 0;
    for (uint32_t cp = 0; cp < CODES; cp++) {
        struct codes self = {1, {cp}};
        struct codes codes = is_surrogate(cp) || map_kind_of(map_entry(cp)) == MAP_DROP ||
                                     map_kind_of(map_entry(cp)) == MAP_DROP_MARK
                                 ? self
                                 : rule_confusable(cp);

        values[cp] = entry_for(cp, &codes);
    }
    print_levels("text_confusable", "uint32_t");
    print_numbers("uint8_t", "text_confusable_pool", pool.at, pool.len + 1);
}

static void write_decompose(void)
{
    pool.len = 1;
    for (uint32_t cp = 0; cp < CODES; cp++) {
        struct codes codes;

        values[cp] = 0;
        if (is_surrogate(cp) || (cp >= 0xac00 && cp <= 0xd7a3)) {
            continue;
        }
        codes = rule_decomposed(cp);
        if (codes.count == 1 && codes.at[0] == cp) {
            continue;
        }
        must(pool.len + (uint32_t)codes.count < 65536, "decomposition pool full");
        values[cp] = pool.len;
        pool.at[pool.len++] = (uint32_t)codes.count;
        for (int i = 0; i < codes.count; i++) {
            pool.at[pool.len++] = codes.at[i];
        }
    }
    print_levels("text_decompose", "uint16_t");
    print_numbers("uint32_t", "text_decompose_pool", pool.at, pool.len);
}

static int pair_order(const void *a, const void *b)
{
    const struct compose_pair *x = a, *y = b;

    if (x->first != y->first) {
        return x->first < y->first ? -1 : 1;
    }
    return x->second < y->second ? -1 : x->second > y->second;
}

static void write_pairs(void)
{
    static struct compose_pair pairs[PAIRS_MAX];
    size_t count = 0;

    for (uint32_t cp = 0; cp < CODES; cp++) {
        if (!is_surrogate(cp) && rule_pair(cp, &pairs[count].first, &pairs[count].second)) {
            pairs[count++].composed = cp;
            must(count < PAIRS_MAX, "too many pairs");
        }
    }
    qsort(pairs, count, sizeof(pairs[0]), pair_order);
    (void)printf("const struct compose_pair text_compose_pairs[] = {\n");
    for (size_t i = 0; i < count; i++) {
        (void)printf("{%u,%u,%u},\n", pairs[i].first, pairs[i].second, pairs[i].composed);
    }
    (void)printf("};\nconst uint32_t text_compose_count = %zu;\n", count);
}

static void write_small(const char *name, unsigned (*rule)(uint32_t))
{
    for (uint32_t cp = 0; cp < CODES; cp++) {
        values[cp] = is_surrogate(cp) ? 0 : rule(cp);
    }
    print_levels(name, "uint8_t");
}

int main(void)
{
    rules_open();
    (void)printf("/* SPDX-License-Identifier: Apache-2.0 */\n"
                 "/* Made by lib/text/table/generate.c from Unicode %s; do not edit. */\n"
                 "#include \"lib/text/property.h\"\n#include \"lib/text/table.h\"\n\n"
                 "const char text_unicode_version[] = \"%s\";\n",
                 rules_unicode_version(), rules_unicode_version());
    write_map();
    write_confusable();
    write_decompose();
    write_pairs();
    write_small("text_class", rule_class);
    write_small("text_property", rule_property);
    rules_close();
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
