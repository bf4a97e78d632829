/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An expression over facts that are foreign too: the bytes up to the first NUL are the expression,
 * the rest is the text `t`, the bytes `b`, the numbers of the list `l` and the keys of the map `m`.
 * Everything ends within the budget, and the same program gives the same twice.
 */
#include "lib/cel/cel.h"

#include <stdint.h>
#include <stdlib.h>

enum { ITEMS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct facts {
    struct cel_value items[ITEMS_MAX], entries[2 * ITEMS_MAX], values[5];
    struct cel_list list;
    struct cel_map map;
};

static struct cel_env *make_env(void)
{
    static const char *const variables[][2] = {{"t", "string"}, {"b", "bytes"}, {"l", "list(int)"},
                                               {"m", "map(int, string)"}, {"d", "dyn"}};
    struct cel_env *env = cel_env_new(CEL_OPTIONALS);

    for (size_t i = 0; env && i < COUNT_OF(variables); i++) {
        if (cel_env_add_variable(env, variables[i][0], variables[i][1], NULL, NULL) != 0) {
            abort();
        }
    }
    return env;
}

static void make_facts(struct facts *facts, struct span rest)
{
    uint32_t count = rest.len / 8 < ITEMS_MAX ? (uint32_t)(rest.len / 8) : ITEMS_MAX;

    for (uint32_t i = 0; i < count; i++) {
        int64_t number;

        memcpy(&number, rest.ptr + 8 * (size_t)i, sizeof(number));
        facts->items[i] = cel_int(number);
        facts->entries[2 * i] = cel_int(i);
        facts->entries[2 * i + 1] = cel_string(span_sub(rest, 8 * (size_t)i, 8));
    }
    facts->list = (struct cel_list){.count = count, .items = facts->items};
    facts->map = (struct cel_map){.count = count, .items = facts->entries};
    facts->values[0] = cel_string(rest);
    facts->values[1] = cel_bytes(rest);
    facts->values[2] = cel_list_value(&facts->list);
    facts->values[3] = cel_map_value(&facts->map);
    facts->values[4] = count & 1 ? facts->values[2] : facts->values[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct cel_env *env;
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
    CLEANUP(buf_freep) struct buf *first = buf_new(16384), *second = buf_new(16384);
    struct cel_budget budget = {.steps = 20000, .memory_bytes = 256 * 1024};
    struct span rest = {(const char *)data, len}, source = span_cut(&rest, '\0');
    struct cel_activation activation = {.count = 5};
    struct facts facts = {0};
    struct cel_value value;
    struct fault why;
    int r, again;

    env = env ? env : make_env();
    if (!env || !arena || cel_compile(&program, env, source, NULL, &why) != 0) {
        return 0;
    }
    make_facts(&facts, rest);
    activation.values = facts.values;
    r = cel_evaluate(program, &activation, arena, &budget, &value, &why);
    if (r == 0) {
        (void)cel_value_text(first, value);
    }
    arena_reset(arena);
    again = cel_evaluate(program, &activation, arena, &budget, &value, &why);
    if (again == 0) {
        (void)cel_value_text(second, value);
    }
    if (r != again || !span_equal(buf_span(first), buf_span(second))) {
        abort();
    }
    return 0;
}
