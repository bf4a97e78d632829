/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an expression over declared records, lists, maps and generic functions. */
#include "lib/cel/cel.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static enum cel_presence nothing(const void *object, unsigned field, struct cel_value *ret)
{
    (void)object;
    (void)field;
    (void)ret;
    return CEL_ABSENT;
}

static const struct cel_field fields[] = {
    {"s", "string"}, {"i", "int"}, {"l", "list(r)"}, {"m", "map(string, r)"}, {"t", "timestamp"}};
static const struct cel_record record = {"r", fields, 5, nothing};
static const struct cel_function functions[] = {
    {.name = "pair", .result = "map(A, B)", .params = {"A", "B"}, .count = 2},
    {.name = "same", .result = "A", .params = {"A", "A"}, .count = 2, .receiver = true},
    {.name = "box", .result = "box(A)", .params = {"A"}, .count = 1},
};

static struct cel_env *make_env(void)
{
    static const char *const variables[][2] = {{"a", "r"}, {"b", "list(map(string, int))"},
                                               {"c", "dyn"}, {"d.e", "box(list(T))"}};
    struct cel_env *env = cel_env_new(CEL_OPTIONALS);

    if (!env || cel_env_add_record(env, &record, NULL, NULL) != 0 ||
        cel_env_add_opaque(env, "box", 1, NULL) != 0) {
        abort();
    }
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        if (cel_env_add_variable(env, variables[i][0], variables[i][1], NULL, NULL) != 0) {
            abort();
        }
    }
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        if (cel_env_add_function(env, &functions[i], NULL) != 0) {
            abort();
        }
    }
    return env;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct cel_env *env;
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    CLEANUP(buf_freep) struct buf *out = buf_new(4096);
    struct fault why;

    env = env ? env : make_env();
    if (cel_compile(&program, env, (struct span){(const char *)data, len}, NULL, &why) == 0) {
        (void)cel_type_text(out, cel_program_type(program));
    }
    return 0;
}
