/* SPDX-License-Identifier: Apache-2.0 */
/* Functions, operators and everything that declares a variable of its own. */
#include "lib/cel/check.h"
#include "lib/cel/suggest.h"

#include <stdio.h>

/* Operators go by inner names; people see them as they are written. */
static struct span said_name(struct span name)
{
    static const struct {
        const char *inner, *said;
    } names[] = {{"_[_]", "[]"}, {"_[?_]", "[?]"}, {"_?_:_", "?:"}, {"@in", "in"}};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (span_is(name, names[i].inner)) {
            return span_of(names[i].said);
        }
    }
    if (name.len > 0 && (name.ptr[0] == '_' || name.ptr[name.len - 1] == '_')) {
        size_t from = name.ptr[0] == '_' ? 1 : 0;

        return span_sub(name, from, name.len - from - 1);
    }
    return name;
}

static const struct cel_type *no_overload(struct cel_checker *c, const struct cel_ast *ast,
                                          const struct cel_type *const *types, uint32_t count,
                                          bool receiver)
{
    struct span name = said_name(ast->name);
    bool operator = !span_equal(name, ast->name);
    char said[CEL_TYPE_SAID_MAX], all[FAULT_TEXT_MAX];
    size_t len = 0;

    all[0] = '\0';
    for (uint32_t i = receiver ? 1 : 0; i < count && len < sizeof(all); i++) {
        len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s",
                                i > (receiver ? 1u : 0u) ? ", " : "",
                                cel_type_said(c, types[i], said));
    }
    if (receiver) {
        return cel_unit_fault(c->unit, ast->pos, "CEL_NO_OVERLOAD",
                              "%s has no function %.*s(%.200s)", cel_type_said(c, types[0], said),
                              (int)name.len, name.ptr, all);
    }
    return cel_unit_fault(c->unit, ast->pos, "CEL_NO_OVERLOAD", "%s %.*s does not take (%.200s)",
                          operator ? "the operator" : "the function", (int)name.len, name.ptr, all);
}

static bool fits(struct cel_checker *c, const struct cel_overload *overload,
                 const struct cel_type *const *types, const struct cel_type **ret_result)
{
    const struct cel_type *letters[CEL_VAR_FIRST] = {0};
    uint32_t mark = cel_infer_mark(&c->infer);

    for (uint32_t i = 0; i < overload->count; i++) {
        const struct cel_type *param =
            cel_infer_instance(&c->infer, overload->params[i], letters);

        if (!cel_infer_assign(&c->infer, types[i], param)) {
            cel_infer_undo(&c->infer, mark);
            return false;
        }
    }
    *ret_result = cel_infer_resolve(
        &c->infer, cel_infer_instance(&c->infer, overload->result, letters), false);
    return true;
}

/* Every overload that fits counts; where they differ in their result it is dyn. */
static const struct cel_type *resolve(struct cel_checker *c, struct cel_ast *ast,
                                      const struct cel_type *const *types, uint32_t count,
                                      bool receiver)
{
    const struct cel_type *result = NULL;

    for (const struct cel_overload *o = ast->entry->overloads; o; o = o->next) {
        const struct cel_type *one = NULL;

        if (o->receiver != receiver || o->count != count || !fits(c, o, types, &one)) {
            continue;
        }
        ast->overload = result ? NULL : o;
        result = result && !cel_type_equal(result, one) ? &cel_type_dyn : one;
    }
    return result ? result : no_overload(c, ast, types, count, receiver);
}

static const struct cel_type *unknown_function(struct cel_checker *c, struct cel_ast *ast)
{
    struct cel_suggest near = {0};
    char text[CEL_SUGGEST_TEXT_MAX], quoted[FAULT_QUOTE_MAX];

    if (c->loose) {
        ast->ref = CEL_REF_UNKNOWN;
        return &cel_type_dyn;
    }
    for (size_t i = 0; i < CEL_ENTRY_SLOTS; i++) {
        for (const struct cel_entry *e = c->unit->env->entries[i]; e; e = e->next) {
            cel_suggest_offer(&near, ast->name, span_of(e->name));
        }
    }
    return cel_unit_fault(c->unit, ast->pos, "CEL_UNKNOWN_FUNCTION", "there is no function '%s'%s",
                          fault_quote(quoted, ast->name), cel_suggest_text(&near, text));
}

bool cel_check_bool(struct cel_checker *c, const struct cel_ast *ast, const char *what)
{
    char said[CEL_TYPE_SAID_MAX];

    if (c->loose || cel_infer_assign(&c->infer, ast->type, &cel_type_bool)) {
        return true;
    }
    (void)cel_unit_fault(c->unit, ast->pos, "CEL_NO_OVERLOAD", "%s wants a bool, not %s", what,
                         cel_type_said(c, ast->type, said));
    return false;
}

static const struct cel_type *check_logic(struct cel_checker *c, struct cel_ast *ast)
{
    for (uint32_t i = 0; i < ast->count; i++) {
        if (!cel_check_node(c, ast->args[i]) ||
            !cel_check_bool(c, ast->args[i], span_is(ast->name, "_&&_") ? "&&" : "||")) {
            return NULL;
        }
    }
    return c->loose ? &cel_type_dyn : &cel_type_bool;
}

/* space.name(...), where the two are the name of a function: the target goes. */
static bool qualify(struct cel_checker *c, struct cel_ast *ast)
{
    char name[CEL_NAME_MAX], whole[CEL_NAME_MAX * 2];
    struct span path = ast->target ? cel_check_path(c, ast->target, name) : (struct span){0};
    int len;

    if (path.len == 0 || ast->name.len >= CEL_NAME_MAX - 1) {
        return false;
    }
    len = snprintf(whole, sizeof(whole), "%.*s.%.*s", (int)path.len, path.ptr, (int)ast->name.len,
                   ast->name.ptr);
    ast->entry = cel_env_entry(c->unit->env, (struct span){whole, (size_t)len});
    if (!ast->entry) {
        return false;
    }
    ast->target = NULL;
    ast->name = span_of(ast->entry->name);
    return true;
}

const struct cel_type *cel_check_call(struct cel_checker *c, struct cel_ast *ast)
{
    const struct cel_type *types[CEL_FUNCTION_PARAMS_MAX];
    uint32_t count = 0;
    bool receiver;

    if (span_is(ast->name, "_&&_") || span_is(ast->name, "_||_")) {
        return check_logic(c, ast);
    }
    if (!qualify(c, ast)) {
        ast->entry = cel_env_entry(c->unit->env, ast->name);
    }
    receiver = ast->target != NULL;
    if (receiver) {
        types[count++] = cel_check_node(c, ast->target);
        if (!types[0]) {
            return NULL;
        }
    }
    for (uint32_t i = 0; i < ast->count; i++) {
        const struct cel_type *type = cel_check_node(c, ast->args[i]);

        if (!type) {
            return NULL;
        }
        if (count < COUNT_OF(types)) {
            types[count] = type;
        }
        count++;
    }
    if (!ast->entry) {
        return unknown_function(c, ast);
    }
    if (c->loose) {
        return &cel_type_dyn;
    }
    if (count > COUNT_OF(types)) {
        return cel_unit_fault(c->unit, ast->pos, "CEL_NO_OVERLOAD",
                              "no function takes %u arguments", count);
    }
    return resolve(c, ast, types, count, receiver);
}

/* A new local in scope until close_local. */
static bool open_local(struct cel_checker *c, const struct cel_ast *ast, struct span name,
                       const struct cel_type *type, uint32_t *ret_slot)
{
    if (c->open == CEL_LOCALS_MAX) {
        (void)cel_unit_fault(c->unit, ast->pos, "CEL_DEPTH",
                             "more than %d variables are declared at once", CEL_LOCALS_MAX);
        return false;
    }
    c->locals[c->open] = (struct cel_local){name, c->loose ? &cel_type_dyn : type};
    *ret_slot = c->open++;
    c->open_max = c->open > c->open_max ? c->open : c->open_max;
    return true;
}

static void close_local(struct cel_checker *c)
{
    c->open--;
}

/* What the variables of a fold over that range are. */
static bool element_types(struct cel_checker *c, const struct cel_ast *ast, bool two,
                          const struct cel_type **first, const struct cel_type **second)
{
    const struct cel_type *range = cel_infer_resolve(&c->infer, ast->target->type, false);
    char said[CEL_TYPE_SAID_MAX];

    *first = *second = &cel_type_dyn;
    switch (range->kind) {
    case CEL_LIST:
        *first = two ? &cel_type_int : range->params[0];
        *second = range->params[0];
        return true;
    case CEL_MAP:
        *first = range->params[0];
        *second = range->params[1];
        return true;
    case CEL_PARAM:
        (void)cel_infer_assign(&c->infer, &cel_type_dyn, range);
        return true;
    case CEL_DYN:
        return true;
    default:
        (void)cel_unit_fault(c->unit, ast->pos, "CEL_TYPE", "%.*s() goes over a list or a map, not %s",
                             (int)ast->name.len, ast->name.ptr, cel_type_said(c, range, said));
        return false;
    }
}

static const struct cel_type *entries_type(struct cel_checker *c, const struct cel_ast *body)
{
    const struct cel_type *type = cel_infer_resolve(&c->infer, body->type, false);
    char said[CEL_TYPE_SAID_MAX];

    if (type->kind == CEL_MAP || type->kind == CEL_DYN) {
        return type;
    }
    return cel_unit_fault(c->unit, body->pos, "CEL_TYPE",
                          "transformMapEntry() wants a map of one entry, not %s",
                          cel_type_said(c, type, said));
}

static const struct cel_type *fold_type(struct cel_checker *c, const struct cel_ast *ast,
                                        const struct cel_type *first)
{
    const struct cel_ast *body = ast->args[0];

    if (c->loose) {
        return &cel_type_dyn;
    }
    switch (ast->fold) {
    case CEL_FOLD_ALL:
    case CEL_FOLD_EXISTS:
    case CEL_FOLD_EXISTS_ONE:
        return cel_check_bool(c, body, "the condition") ? &cel_type_bool : NULL;
    case CEL_FOLD_FILTER:
        return cel_check_bool(c, body, "the condition") ? cel_check_made(c, CEL_LIST, first, NULL)
                                                        : NULL;
    case CEL_FOLD_MAP:
        return cel_check_made(c, CEL_LIST, body->type, NULL);
    case CEL_FOLD_TO_MAP:
        return cel_check_made(c, CEL_MAP, first, body->type);
    case CEL_FOLD_TO_ENTRIES:
        return entries_type(c, body);
    }
    return NULL;
}

const struct cel_type *cel_check_fold(struct cel_checker *c, struct cel_ast *ast)
{
    bool two = ast->var2.len > 0, done;
    const struct cel_type *first, *second, *type = NULL;

    if (!cel_check_node(c, ast->target) || !element_types(c, ast, two, &first, &second) ||
        !open_local(c, ast, ast->var, first, &ast->slot)) {
        return NULL;
    }
    if (two && !open_local(c, ast, ast->var2, second, &ast->slot2)) {
        return NULL;
    }
    done = ast->count < 2 ||
           (cel_check_node(c, ast->args[1]) && cel_check_bool(c, ast->args[1], "the condition"));
    if (done && cel_check_node(c, ast->args[0])) {
        type = fold_type(c, ast, first);
    }
    if (two) {
        close_local(c);
    }
    close_local(c);
    return type;
}

const struct cel_type *cel_check_bind(struct cel_checker *c, struct cel_ast *ast)
{
    const struct cel_type *type = cel_check_node(c, ast->args[0]);

    if (!type || !open_local(c, ast, ast->var, type, &ast->slot)) {
        return NULL;
    }
    type = cel_check_node(c, ast->args[1]);
    close_local(c);
    return type;
}

const struct cel_type *cel_check_option_map(struct cel_checker *c, struct cel_ast *ast)
{
    const struct cel_type *type = cel_check_node(c, ast->target), *inner = &cel_type_dyn;
    char said[CEL_TYPE_SAID_MAX];

    if (!type) {
        return NULL;
    }
    type = cel_infer_resolve(&c->infer, type, false);
    if (type->kind == CEL_OPTIONAL) {
        inner = type->params[0];
    } else if (type->kind != CEL_DYN) {
        return cel_unit_fault(c->unit, ast->pos, "CEL_NO_OVERLOAD", "%s is no optional",
                              cel_type_said(c, type, said));
    }
    if (!open_local(c, ast, ast->var, inner, &ast->slot)) {
        return NULL;
    }
    type = cel_check_node(c, ast->args[0]);
    close_local(c);
    if (!type || c->loose) {
        return type;
    }
    if (!ast->flat) {
        return cel_check_made(c, CEL_OPTIONAL, type, NULL);
    }
    type = cel_infer_resolve(&c->infer, type, false);
    if (type->kind != CEL_OPTIONAL && type->kind != CEL_DYN) {
        return cel_unit_fault(c->unit, ast->pos, "CEL_TYPE", "optFlatMap() wants an optional, not %s",
                              cel_type_said(c, type, said));
    }
    return type;
}
