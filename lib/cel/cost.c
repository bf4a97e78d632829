/* SPDX-License-Identifier: Apache-2.0 */
/* The dearest evaluation, from the tree alone: what is not known is taken as large as the limits
 * assume. Both branches of a condition count; so do all terms of && and ||. */
#include "lib/cel/ast.h"
#include "lib/cel/check.h"

struct estimate {
    uint64_t cost, size;           /* steps; bytes of a text, elements of a list or map */
};

struct estimator {
    const struct cel_unit *unit;
    uint64_t locals[CEL_LOCALS_MAX];        /* sizes; 0: as large as its type may be */
};

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;

    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t assumed(const struct estimator *e, const struct cel_ast *ast)
{
    switch (ast->type ? ast->type->kind : CEL_DYN) {
    case CEL_STRING:
    case CEL_BYTES:
        return e->unit->limits.assumed_bytes;
    case CEL_LIST:
    case CEL_MAP:
    case CEL_OPTIONAL:
    case CEL_DYN:
        return e->unit->limits.assumed_items;
    default:
        return 1;
    }
}

static struct estimate estimate(struct estimator *e, const struct cel_ast *ast);

static struct estimate of_fold(struct estimator *e, const struct cel_ast *ast)
{
    struct estimate range = estimate(e, ast->target), all = {.cost = 2};

    e->locals[ast->slot] = 0;
    if (ast->var2.len > 0) {
        e->locals[ast->slot2] = 0;
    }
    for (uint32_t i = 0; i < ast->count; i++) {
        all.cost = plus(all.cost, estimate(e, ast->args[i]).cost);
    }
    all.cost = plus(plus(times(all.cost, range.size), range.cost), 1);
    all.size = range.size;
    return all;
}

static struct estimate of_bind(struct estimator *e, const struct cel_ast *ast)
{
    struct estimate value = estimate(e, ast->args[0]), body;

    e->locals[ast->slot] = value.size;
    body = estimate(e, ast->args[1]);
    return (struct estimate){plus(plus(value.cost, body.cost), 1), body.size};
}

/* The steps a function takes for `bytes` or elements of all its arguments. */
static uint64_t of_work(const struct cel_ast *ast, uint64_t size)
{
    static const struct {
        const char *name;
        uint32_t base, part;       /* base + size / part */
    } work[] = {{"matches", 20, 2},  {"split", 1, 4},    {"replace", 1, 4}, {"format", 4, 8},
                {"lastIndexOf", 1, 4}, {"@in", 1, 1},    {"_+_", 1, 64},    {"join", 1, 1},
                {"_[_]", 1, UINT32_MAX}};

    for (size_t i = 0; i < COUNT_OF(work); i++) {
        if (span_is(ast->name, work[i].name)) {
            return plus(work[i].base, size / work[i].part);
        }
    }
    return plus(1, size / 16);
}

static struct estimate of_call(struct estimator *e, const struct cel_ast *ast)
{
    struct estimate all = ast->target ? estimate(e, ast->target) : (struct estimate){0};
    bool summed = span_is(ast->name, "_+_");
    bool equality = span_is(ast->name, "_==_") || span_is(ast->name, "_!=_");
    uint64_t largest = all.size, smallest = UINT64_MAX, host = 0;

    for (uint32_t i = 0; i < ast->count; i++) {
        struct estimate one = estimate(e, ast->args[i]);

        all.cost = plus(all.cost, one.cost);
        all.size = plus(all.size, one.size);
        largest = one.size > largest ? one.size : largest;
        smallest = one.size < smallest ? one.size : smallest;
    }
    for (const struct cel_overload *o = ast->entry ? ast->entry->overloads : NULL; o; o = o->next) {
        host = o->host.cost > host ? o->host.cost : host;
    }
    all.cost = plus(all.cost, plus(of_work(ast, equality ? smallest : all.size), host));
    if (!summed) {
        bool text = ast->type && (ast->type->kind == CEL_STRING || ast->type->kind == CEL_BYTES);
        bool many = ast->type && (ast->type->kind == CEL_LIST || ast->type->kind == CEL_MAP ||
                                  ast->type->kind == CEL_DYN);

        all.size = many ? assumed(e, ast) : text ? largest : 1;
    }
    return all;
}

static struct estimate of_items(struct estimator *e, const struct cel_ast *ast)
{
    struct estimate all = {1, ast->kind == CEL_AST_MAP ? ast->count / 2 : ast->count};

    for (uint32_t i = 0; i < ast->count; i++) {
        all.cost = plus(all.cost, estimate(e, ast->args[i]).cost);
    }
    return all;
}

static struct estimate estimate(struct estimator *e, const struct cel_ast *ast)
{
    struct estimate inner;

    switch (ast->kind) {
    case CEL_AST_LITERAL:
        return (struct estimate){1, ast->value.len};
    case CEL_AST_IDENT:
        inner.size = ast->ref == CEL_REF_LOCAL ? e->locals[ast->slot] : 0;
        return (struct estimate){1, inner.size ? inner.size : assumed(e, ast)};
    case CEL_AST_SELECT:
        inner = ast->ref == CEL_REF_NONE ? estimate(e, ast->target) : (struct estimate){0};
        return (struct estimate){plus(inner.cost, 1), assumed(e, ast)};
    case CEL_AST_CALL:
        return of_call(e, ast);
    case CEL_AST_LIST:
    case CEL_AST_MAP:
        return of_items(e, ast);
    case CEL_AST_STRUCT:
        return (struct estimate){1, 1};
    case CEL_AST_FOLD:
        return of_fold(e, ast);
    case CEL_AST_BIND:
        return of_bind(e, ast);
    case CEL_AST_OPTION_MAP:
        inner = estimate(e, ast->target);
        e->locals[ast->slot] = inner.size;
        return (struct estimate){plus(plus(inner.cost, estimate(e, ast->args[0]).cost), 1),
                                 inner.size};
    }
    return (struct estimate){1, 1};
}

uint64_t cel_cost(const struct cel_unit *unit, const struct cel_ast *ast)
{
    struct estimator e = {.unit = unit};

    return estimate(&e, ast).cost;
}
