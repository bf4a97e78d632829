/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/program.h"

#include "lib/cel/regex.h"
#include "lib/cel/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum { UNIT_ARENA_MAX = 32 << 20, PROGRAM_ARENA_MAX = 16 << 20, DEPTH_MAX = 250 };

static struct cel_limits limits_of(const struct cel_limits *given)
{
    struct cel_limits l = given ? *given : (struct cel_limits){0};

    l.source_bytes = l.source_bytes ? l.source_bytes : 16 * 1024;
    l.depth = l.depth ? l.depth : 200;
    l.depth = l.depth > DEPTH_MAX ? DEPTH_MAX : l.depth;
    l.nodes = l.nodes ? l.nodes : 4096;
    l.literal_bytes = l.literal_bytes ? l.literal_bytes : 4 * 1024;
    l.elements = l.elements ? l.elements : 1024;
    l.cost = l.cost ? l.cost : 1000000;
    l.assumed_items = l.assumed_items ? l.assumed_items : 100;
    l.assumed_bytes = l.assumed_bytes ? l.assumed_bytes : 1024;
    return l;
}

const struct cel_type *cel_type_copy(struct arena *arena, const struct cel_type *type)
{
    struct cel_type *copy = arena_alloc(arena, sizeof(*copy));

    if (!copy) {
        return NULL;
    }
    *copy = *type;
    for (uint32_t i = 0; i < type->param_count; i++) {
        copy->params[i] = cel_type_copy(arena, type->params[i]);
        if (!copy->params[i]) {
            return NULL;
        }
    }
    return copy;
}

struct cel_program *cel_program_free(struct cel_program *program)
{
    if (program) {
        for (const struct cel_pattern *p = program->patterns; p; p = p->next) {
            (void)cel_regex_free(p->regex);
        }
        (void)arena_free(program->arena);
        free(program);
    }
    return NULL;
}

static int check_source(struct cel_unit *unit)
{
    if (unit->source.len > unit->limits.source_bytes) {
        (void)cel_unit_fault(unit, 0, "CEL_SOURCE_SIZE",
                             "an expression has at most %u bytes, this has %zu",
                             unit->limits.source_bytes, unit->source.len);
        return FAULT;
    }
    if (!cel_utf8_valid(unit->source)) {
        (void)cel_unit_fault(unit, 0, "CEL_LITERAL", "the expression is no valid UTF-8");
        return FAULT;
    }
    return 0;
}

/* All stages; false: the unit failed, or there is no memory. */
static bool compile(struct cel_program *program, struct cel_unit *unit)
{
    struct cel_ast *ast = cel_parse(unit);

    if (!ast || unit->failed || !cel_check(unit, ast, &program->locals)) {
        return false;
    }
    program->cost = cel_cost(unit, ast);
    if (program->cost > unit->limits.cost) {
        (void)cel_unit_fault(unit, ast->pos, "CEL_COST",
                             "the expression may take %" PRIu64 " steps, %" PRIu64 " are allowed",
                             program->cost, unit->limits.cost);
        return false;
    }
    program->type = cel_type_copy(program->arena, ast->type);
    return program->type && cel_build(program, unit, ast) && !unit->failed;
}

int cel_compile(struct cel_program **ret, const struct cel_env *env, struct span source,
                const struct cel_limits *limits, struct fault *why)
{
    CLEANUP(cel_program_freep) struct cel_program *program = calloc(1, sizeof(*program));
    CLEANUP(arena_freep) struct arena *arena = arena_new(UNIT_ARENA_MAX);
    struct cel_unit unit = {.env = env, .source = source, .limits = limits_of(limits),
                            .arena = arena, .why = why};

    if (!program || !arena) {
        return -ENOMEM;
    }
    if (check_source(&unit) != 0) {
        return FAULT;
    }
    program->env = env;
    program->arena = arena_new(PROGRAM_ARENA_MAX);
    if (!program->arena) {
        return -ENOMEM;
    }
    program->source = arena_copy(program->arena, source);
    if (!program->source.ptr) {
        return -ENOMEM;
    }
    if (!compile(program, &unit)) {
        return unit.failed ? FAULT : -ENOMEM;
    }
    *ret = TAKE(program);
    return 0;
}

const struct cel_type *cel_program_type(const struct cel_program *program)
{
    return program->type;
}

uint64_t cel_program_cost(const struct cel_program *program)
{
    return program->cost;
}

struct span cel_program_source(const struct cel_program *program)
{
    return program->source;
}

bool cel_program_reads(const struct cel_program *program, unsigned slot)
{
    return slot < CEL_ENV_VARIABLES_MAX && (program->reads[slot / 64] >> (slot % 64) & 1);
}
