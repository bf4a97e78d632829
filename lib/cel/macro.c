/* SPDX-License-Identifier: Apache-2.0 */
/* has(), the comprehensions, cel.bind and the option maps: calls that are not calls. */
#include "lib/cel/ast.h"

static bool is_global(const struct cel_ast *call, const char *space, const char *name)
{
    if (!span_is(call->name, name) || !call->target) {
        return false;
    }
    return call->target->kind == CEL_AST_IDENT && span_is(call->target->name, space);
}

/* The name that argument i declares; empty after a fault. */
static struct span variable(struct cel_unit *unit, const struct cel_ast *call, uint32_t i)
{
    const struct cel_ast *arg = call->args[i];

    if (arg->kind != CEL_AST_IDENT || arg->rooted) {
        (void)cel_unit_fault(unit, arg->pos, "CEL_MACRO", "%.*s() declares a variable here: a plain name",
                             (int)call->name.len, call->name.ptr);
        return (struct span){0};
    }
    if (span_is(arg->name, "__result__")) {
        (void)cel_unit_fault(unit, arg->pos, "CEL_MACRO", "__result__ cannot be a variable");
        return (struct span){0};
    }
    return arg->name;
}

static struct cel_ast *expand_has(struct cel_unit *unit, struct cel_ast *call)
{
    struct cel_ast *select;

    if (call->count != 1 || call->args[0]->kind != CEL_AST_SELECT || call->args[0]->optional) {
        return cel_unit_fault(unit, call->count ? call->args[0]->pos : call->pos, "CEL_MACRO",
                              "has() asks for one field: has(a.b)");
    }
    select = call->args[0];
    select->test = true;
    return select;
}

static const struct {
    const char *name;
    enum cel_fold fold;
    uint32_t variables, min_args, max_args;
} folds[] = {
    {"all", CEL_FOLD_ALL, 1, 2, 2},
    {"all", CEL_FOLD_ALL, 2, 3, 3},
    {"exists", CEL_FOLD_EXISTS, 1, 2, 2},
    {"exists", CEL_FOLD_EXISTS, 2, 3, 3},
    {"exists_one", CEL_FOLD_EXISTS_ONE, 1, 2, 2},
    {"exists_one", CEL_FOLD_EXISTS_ONE, 2, 3, 3},
    {"existsOne", CEL_FOLD_EXISTS_ONE, 1, 2, 2},
    {"existsOne", CEL_FOLD_EXISTS_ONE, 2, 3, 3},
    {"filter", CEL_FOLD_FILTER, 1, 2, 2},
    {"map", CEL_FOLD_MAP, 1, 2, 3},
    {"transformList", CEL_FOLD_MAP, 2, 3, 4},
    {"transformMap", CEL_FOLD_TO_MAP, 2, 3, 4},
    {"transformMapEntry", CEL_FOLD_TO_ENTRIES, 2, 3, 4},
};

static struct cel_ast *expand_fold(struct cel_unit *unit, struct cel_ast *call, size_t which)
{
    uint32_t variables = folds[which].variables, bodies = call->count - variables;
    struct cel_ast *fold = cel_ast_new(unit, CEL_AST_FOLD, call->pos);
    struct cel_ast **args = arena_array(unit->arena, 2, sizeof(struct cel_ast *));

    if (!fold || !args) {
        return NULL;
    }
    fold->fold = folds[which].fold;
    fold->name = call->name;
    fold->target = call->target;
    fold->var = variable(unit, call, 0);
    fold->var2 = variables == 2 ? variable(unit, call, 1) : (struct span){0};
    if (unit->failed) {
        return NULL;
    }
    if (variables == 2 && span_equal(fold->var, fold->var2)) {
        return cel_unit_fault(unit, call->args[1]->pos, "CEL_MACRO",
                              "the two variables need different names");
    }
    /* A condition stands before the result in the text, behind it in the node. */
    args[0] = call->args[call->count - 1];
    if (bodies == 2) {
        args[1] = call->args[variables];
    }
    fold->args = args;
    fold->count = bodies;
    return cel_ast_done(unit, fold);
}

static struct cel_ast *expand_bind(struct cel_unit *unit, struct cel_ast *call)
{
    struct cel_ast *bind = cel_ast_new(unit, CEL_AST_BIND, call->pos);

    if (call->count != 3) {
        return cel_unit_fault(unit, call->pos, "CEL_MACRO",
                              "cel.bind() takes a name, its value and an expression");
    }
    if (!bind) {
        return NULL;
    }
    bind->var = variable(unit, call, 0);
    bind->args = call->args + 1;
    bind->count = 2;
    return unit->failed ? NULL : cel_ast_done(unit, bind);
}

static struct cel_ast *expand_option(struct cel_unit *unit, struct cel_ast *call, bool flat)
{
    struct cel_ast *map = cel_ast_new(unit, CEL_AST_OPTION_MAP, call->pos);

    if (!map) {
        return NULL;
    }
    map->var = variable(unit, call, 0);
    map->target = call->target;
    map->args = call->args + 1;
    map->count = 1;
    map->flat = flat;
    return unit->failed ? NULL : cel_ast_done(unit, map);
}

/* math.greatest(a, b, c): one argument, the list of them. */
static struct cel_ast *gather(struct cel_unit *unit, struct cel_ast *call)
{
    struct cel_ast *list = cel_ast_new(unit, CEL_AST_LIST, call->pos);
    struct cel_ast **args = arena_array(unit->arena, 1, sizeof(struct cel_ast *));

    if (!list || !args) {
        return NULL;
    }
    list->args = call->args;
    list->entry_optional = call->entry_optional;
    list->count = call->count;
    args[0] = cel_ast_done(unit, list);
    call->args = args;
    call->count = 1;
    call->variadic = true;
    return args[0] ? cel_ast_done(unit, call) : NULL;
}

struct cel_ast *cel_macro(struct cel_unit *unit, struct cel_ast *call)
{
    if (!call->target) {
        return span_is(call->name, "has") && !call->rooted ? expand_has(unit, call)
                                                           : cel_ast_done(unit, call);
    }
    if (is_global(call, "cel", "bind")) {
        return expand_bind(unit, call);
    }
    if (call->count > 2 && (is_global(call, "math", "greatest") || is_global(call, "math", "least"))) {
        return gather(unit, call);
    }
    if ((cel_env_switches(unit->env) & CEL_OPTIONALS) && call->count == 2) {
        if (span_is(call->name, "optMap") || span_is(call->name, "optFlatMap")) {
            return expand_option(unit, call, span_is(call->name, "optFlatMap"));
        }
    }
    for (size_t i = 0; i < COUNT_OF(folds); i++) {
        if (span_is(call->name, folds[i].name) && call->count >= folds[i].min_args &&
            call->count <= folds[i].max_args) {
            return expand_fold(unit, call, i);
        }
    }
    return cel_ast_done(unit, call);
}
