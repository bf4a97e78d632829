/* SPDX-License-Identifier: Apache-2.0 */
/* From the checked tree to nodes: what is known now is decided now. */
#include "lib/cel/builtin.h"
#include "lib/cel/regex.h"

#include <stdlib.h>

/* Constants are computed once, here, within these. */
enum { FOLD_STEPS = 20000, FOLD_MEMORY = 64 * 1024 };

struct builder {
    struct cel_program *program;
    struct cel_unit *unit;
    size_t memory;                 /* left for computed constants */
};

static struct cel_node *build(struct builder *b, const struct cel_ast *ast);

static bool is_constant(const struct cel_node *node)
{
    return node->eval == cel_eval_constant;
}

static struct cel_node *new_node(struct builder *b, const struct cel_ast *ast,
                                 struct cel_value (*eval)(struct cel_run *, const struct cel_node *))
{
    struct cel_node *node = arena_alloc(b->program->arena, sizeof(*node));

    if (node) {
        node->eval = eval;
        node->pos = ast->pos;
        node->cost = 1;
    }
    return node;
}

static struct cel_node *constant(struct builder *b, const struct cel_ast *ast, struct cel_value value)
{
    struct cel_node *node = new_node(b, ast, cel_eval_constant);

    if (!node) {
        return NULL;
    }
    node->value = value;
    if (value.kind == CEL_STRING || value.kind == CEL_BYTES) {
        node->value.as.text = arena_copy(b->program->arena, cel_text(value)).ptr;
    } else if (value.kind == CEL_TYPE) {
        node->value.as.type = cel_type_copy(b->program->arena, value.as.type);
    } else {
        return node;
    }
    return node->value.as.text ? node : NULL;
}

/* The node's value in its place, where it depends on nothing and is no error. */
static struct cel_node *folded(struct builder *b, struct cel_node *node)
{
    struct cel_run run = {.env = b->program->env, .arena = b->program->arena, .steps = FOLD_STEPS,
                          .memory = b->memory};
    struct cel_value v = cel_eval(&run, node);

    b->memory = run.memory;
    if (run.fatal || v.kind == CEL_ERROR) {
        return run.out_of_memory ? NULL : node;
    }
    node->eval = cel_eval_constant;
    node->value = v;
    node->cost = 1;
    return node;
}

static bool build_args(struct builder *b, const struct cel_ast *ast, struct cel_node *node,
                       bool *ret_constant)
{
    uint32_t first = ast->target && ast->kind == CEL_AST_CALL ? 1 : 0, count = ast->count + first;
    const struct cel_node **args = arena_array(b->program->arena, count + 1, sizeof(*args));

    *ret_constant = true;
    for (uint32_t i = 0; args && i < count; i++) {
        args[i] = build(b, i < first ? ast->target : ast->args[i - first]);
        if (!args[i]) {
            return false;
        }
        node->cost += args[i]->cost;
        *ret_constant = *ret_constant && is_constant(args[i]);
    }
    node->args = args;
    node->count = count;
    return args != NULL;
}

static struct cel_node *build_reference(struct builder *b, const struct cel_ast *ast)
{
    struct cel_node *node;

    switch (ast->ref) {
    case CEL_REF_VARIABLE:
        node = new_node(b, ast, cel_eval_variable);
        b->program->reads[ast->slot / 64] |= 1ull << (ast->slot % 64);
        break;
    case CEL_REF_LOCAL:
        node = new_node(b, ast, cel_eval_local);
        break;
    case CEL_REF_TYPE:
        return constant(b, ast, ast->value);
    case CEL_REF_NONE:
    case CEL_REF_UNKNOWN:
    default:
        node = constant(b, ast, cel_string(ast->name));
        if (node) {
            node->eval = cel_eval_unknown;
        }
        return node;
    }
    if (node) {
        node->index = ast->slot;
    }
    return node;
}

static struct cel_node *build_select(struct builder *b, const struct cel_ast *ast)
{
    const struct cel_type *target = ast->target->type;
    struct cel_node *node = constant(b, ast, cel_string(ast->name));

    if (!node) {
        return NULL;
    }
    node->a = build(b, ast->target);
    if (!node->a) {
        return NULL;
    }
    node->cost += node->a->cost;
    node->flags = (ast->optional ? CEL_NODE_OPTIONAL : 0u) | (ast->test ? CEL_NODE_TEST : 0u);
    node->eval = cel_eval_select;
    if (target && target->kind == CEL_RECORD && node->flags == 0) {
        node->eval = cel_eval_field;
        node->index = ast->slot;
        node->index2 = target->index;
        node->get = b->program->env->records[target->index].spec->get;
        return node;
    }
    return is_constant(node->a) ? folded(b, node) : node;
}

/* Two or three operands in a, b and c. */
static struct cel_node *build_operands(struct builder *b, const struct cel_ast *ast,
                                       struct cel_node *node)
{
    const struct cel_node *operands[3] = {NULL};
    bool all = true;

    for (uint32_t i = 0; i < ast->count && i < COUNT_OF(operands); i++) {
        operands[i] = build(b, ast->args[i]);
        if (!operands[i]) {
            return NULL;
        }
        node->cost += operands[i]->cost;
        all = all && is_constant(operands[i]);
    }
    node->a = operands[0];
    node->b = operands[1];
    node->c = operands[2];
    return all ? folded(b, node) : node;
}

static struct cel_node *build_equal(struct builder *b, const struct cel_ast *ast, bool negate)
{
    struct cel_node *node = new_node(b, ast, cel_eval_equal);

    if (!node) {
        return NULL;
    }
    node->flags = negate ? CEL_NODE_NEGATE : 0;
    node = build_operands(b, ast, node);
    if (!node || is_constant(node)) {
        return node;
    }
    if (is_constant(node->a) && node->a->value.kind == CEL_STRING) {
        const struct cel_node *swap = node->a;

        node->a = node->b;
        node->b = swap;
    }
    if (is_constant(node->b) && node->b->value.kind == CEL_STRING) {
        node->eval = cel_eval_equal_text;
        node->value = node->b->value;
    }
    return node;
}

static struct cel_node *build_order(struct builder *b, const struct cel_ast *ast,
                                    enum cel_relation relation)
{
    struct cel_node *node = new_node(b, ast, cel_eval_order);

    if (!node) {
        return NULL;
    }
    node->index = relation;
    node = build_operands(b, ast, node);
    if (node && !is_constant(node) && is_constant(node->b) && node->b->value.kind == CEL_INT) {
        node->eval = cel_eval_order_int;
        node->value = node->b->value;
    }
    return node;
}

static bool all_texts(struct cel_value list)
{
    if (list.kind != CEL_LIST || !list.as.list->items) {
        return false;
    }
    for (uint32_t i = 0; i < list.as.list->count; i++) {
        if (list.as.list->items[i].kind != CEL_STRING) {
            return false;
        }
    }
    return true;
}

static struct cel_node *build_in(struct builder *b, const struct cel_ast *ast)
{
    struct cel_node *node = new_node(b, ast, cel_eval_in);

    node = node ? build_operands(b, ast, node) : NULL;
    if (node && !is_constant(node) && is_constant(node->b) && all_texts(node->b->value)) {
        node->eval = cel_eval_in_texts;
        node->value = node->b->value;
        node->cost += node->value.as.list->count / 4;
    }
    return node;
}

static struct cel_node *build_logic(struct builder *b, const struct cel_ast *ast, bool and)
{
    struct cel_node *node = new_node(b, ast, and ? cel_eval_and : cel_eval_or);
    bool all;

    if (!node) {
        return NULL;
    }
    if (ast->count == 2) {
        node->eval = and ? cel_eval_and2 : cel_eval_or2;
        return build_operands(b, ast, node);
    }
    if (!build_args(b, ast, node, &all)) {
        return NULL;
    }
    return all ? folded(b, node) : node;
}

/* A constant pattern is compiled now; a wrong one is a fault now. */
static struct cel_node *build_pattern(struct builder *b, const struct cel_ast *ast,
                                      struct cel_node *node)
{
    struct cel_value pattern = node->args[1]->value;
    struct cel_pattern *kept = arena_alloc(b->program->arena, sizeof(*kept));
    char what[CEL_REGEX_WHAT_MAX];

    if (!kept) {
        return NULL;
    }
    kept->regex = cel_regex_new(cel_text(pattern), what);
    if (!kept->regex) {
        return cel_unit_fault(b->unit, ast->count ? ast->args[ast->count - 1]->pos : ast->pos,
                              "CEL_REGEX", "the pattern is wrong: %s", what);
    }
    kept->next = b->program->patterns;
    b->program->patterns = kept;
    node->data = kept->regex;
    node->eval = cel_eval_matches;
    return node;
}

/* text.contains("constant") and text.startsWith("constant"). */
static void build_search(struct cel_node *node)
{
    if (node->call == cel_fn_contains || node->call == cel_fn_starts_with) {
        node->value = node->args[1]->value;
        node->index = cel_text_rarest(cel_text(node->value));
        node->eval = node->call == cel_fn_contains ? cel_eval_contains_text : cel_eval_starts_with_text;
    }
}

static struct cel_node *build_call(struct builder *b, const struct cel_ast *ast)
{
    struct cel_node *node = new_node(b, ast, cel_eval_call);
    bool all;

    if (!node || ast->ref == CEL_REF_UNKNOWN) {
        return node ? build_reference(b, ast) : NULL;
    }
    if (!build_args(b, ast, node, &all)) {
        return NULL;
    }
    if (node->count > CEL_ARGS_MAX) {
        return build_reference(b, ast);
    }
    if (ast->entry->host) {
        node->eval = cel_eval_host;
        node->data = ast->entry;
        node->flags = ast->target ? 1 : 0;
        return node;
    }
    node->eval = node->count == 1 ? cel_eval_call1 : node->count == 2 ? cel_eval_call2 : cel_eval_call;
    node->call = cel_call_for(ast->entry, node->count, ast->target != NULL);
    if (!node->call) {
        node->call = cel_call_mismatch;
        node->value = cel_string(span_of(ast->entry->name));
        return node;
    }
    if (node->call == cel_fn_matches && !all && is_constant(node->args[1]) &&
        node->args[1]->value.kind == CEL_STRING) {
        return build_pattern(b, ast, node);
    }
    if (!all && node->count == 2 && is_constant(node->args[1]) && node->args[1]->value.kind == CEL_STRING &&
        node->args[1]->value.len > 0) {
        build_search(node);
    }
    return all ? folded(b, node) : node;
}

static struct cel_node *build_operator(struct builder *b, const struct cel_ast *ast)
{
    static const struct {
        const char *name;
        struct cel_value (*eval)(struct cel_run *, const struct cel_node *);
        uint32_t flags;
    } plain[] = {{"!_", cel_eval_not, 0},
                 {"_?_:_", cel_eval_if, 0},
                 {"_[_]", cel_eval_index, 0},
                 {"_[?_]", cel_eval_index, CEL_NODE_OPTIONAL}};
    static const char *const orders[] = {"_<_", "_<=_", "_>_", "_>=_"};

    if (span_is(ast->name, "_&&_") || span_is(ast->name, "_||_")) {
        return build_logic(b, ast, span_is(ast->name, "_&&_"));
    }
    if (span_is(ast->name, "_==_") || span_is(ast->name, "_!=_")) {
        return build_equal(b, ast, span_is(ast->name, "_!=_"));
    }
    if (span_is(ast->name, "@in")) {
        return build_in(b, ast);
    }
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        if (span_is(ast->name, orders[i])) {
            return build_order(b, ast, (enum cel_relation)i);
        }
    }
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        if (span_is(ast->name, plain[i].name)) {
            struct cel_node *node = new_node(b, ast, plain[i].eval);

            if (node) {
                node->flags = plain[i].flags;
            }
            return node ? build_operands(b, ast, node) : NULL;
        }
    }
    return build_call(b, ast);
}

static struct cel_node *build_items(struct builder *b, const struct cel_ast *ast)
{
    struct cel_node *node = new_node(b, ast, ast->kind == CEL_AST_LIST ? cel_eval_list : cel_eval_map);
    bool all, *optional, any = false;

    if (!node || !build_args(b, ast, node, &all)) {
        return NULL;
    }
    optional = arena_array(b->program->arena, ast->count + 1, sizeof(*optional));
    if (!optional) {
        return NULL;
    }
    for (uint32_t i = 0; i < ast->count; i++) {
        optional[i] = ast->entry_optional[i];
        any = any || optional[i];
    }
    node->data = any ? optional : NULL;
    return all ? folded(b, node) : node;
}

static struct cel_node *build_fold(struct builder *b, const struct cel_ast *ast)
{
    static struct cel_value (*const evals[])(struct cel_run *, const struct cel_node *) = {
        [CEL_FOLD_ALL] = cel_eval_all,           [CEL_FOLD_EXISTS] = cel_eval_exists,
        [CEL_FOLD_EXISTS_ONE] = cel_eval_exists_one, [CEL_FOLD_FILTER] = cel_eval_filter,
        [CEL_FOLD_MAP] = cel_eval_map_list,      [CEL_FOLD_TO_MAP] = cel_eval_to_map,
        [CEL_FOLD_TO_ENTRIES] = cel_eval_to_entries,
    };
    struct cel_node *node = new_node(b, ast, evals[ast->fold]);

    if (!node) {
        return NULL;
    }
    node->a = build(b, ast->target);
    node->b = node->a ? build(b, ast->args[0]) : NULL;
    node->c = node->b && ast->count > 1 ? build(b, ast->args[1]) : NULL;
    if (!node->b || (ast->count > 1 && !node->c)) {
        return NULL;
    }
    node->cost += node->a->cost;
    node->index = ast->slot;
    node->index2 = ast->slot2;
    node->flags = ast->var2.len > 0 ? CEL_NODE_TWO : 0;
    return node;
}

static struct cel_node *build_scoped(struct builder *b, const struct cel_ast *ast)
{
    bool bind = ast->kind == CEL_AST_BIND;
    struct cel_node *node = new_node(b, ast, bind ? cel_eval_bind : cel_eval_option_map);

    if (!node) {
        return NULL;
    }
    node->a = build(b, bind ? ast->args[0] : ast->target);
    node->b = node->a ? build(b, ast->args[bind ? 1 : 0]) : NULL;
    if (!node->b) {
        return NULL;
    }
    node->cost += node->a->cost + node->b->cost;
    node->index = ast->slot;
    node->flags = ast->flat ? CEL_NODE_FLAT : 0;
    return node;
}

static struct cel_node *build(struct builder *b, const struct cel_ast *ast)
{
    switch (ast->kind) {
    case CEL_AST_LITERAL:
        return constant(b, ast, ast->value);
    case CEL_AST_IDENT:
    case CEL_AST_STRUCT:
        return build_reference(b, ast);
    case CEL_AST_SELECT:
        return ast->ref == CEL_REF_NONE ? build_select(b, ast) : build_reference(b, ast);
    case CEL_AST_CALL:
        return build_operator(b, ast);
    case CEL_AST_LIST:
    case CEL_AST_MAP:
        return build_items(b, ast);
    case CEL_AST_FOLD:
        return build_fold(b, ast);
    case CEL_AST_BIND:
    case CEL_AST_OPTION_MAP:
        return build_scoped(b, ast);
    }
    return NULL;
}

bool cel_build(struct cel_program *program, struct cel_unit *unit, const struct cel_ast *ast)
{
    struct builder b = {.program = program, .unit = unit, .memory = FOLD_MEMORY};

    program->root = build(&b, ast);
    return program->root != NULL;
}
