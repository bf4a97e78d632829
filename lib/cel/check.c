/* SPDX-License-Identifier: Apache-2.0 */
/* Names, fields and literals: what each node refers to and what type it has. */
#include "lib/cel/check.h"

#include "lib/cel/suggest.h"

#include <stdio.h>

const char *cel_type_said(struct cel_checker *c, const struct cel_type *type,
                          char into[CEL_TYPE_SAID_MAX])
{
    struct buf text;

    buf_init(&text, CEL_TYPE_SAID_MAX - 1);
    (void)cel_type_text(&text, cel_infer_resolve(&c->infer, type, true));
    (void)snprintf(into, CEL_TYPE_SAID_MAX, "%.*s", (int)text.len, text.len ? text.data : "");
    buf_done(&text);
    return into;
}

const struct cel_type *cel_check_made(struct cel_checker *c, enum cel_kind kind,
                                      const struct cel_type *a, const struct cel_type *b)
{
    const struct cel_type *type =
        cel_type_new(c->unit->arena, (struct cel_type){.kind = kind, .param_count = b ? 2 : 1,
                                                       .params = {a, b}});

    c->infer.out_of_memory = c->infer.out_of_memory || !type;
    return type;
}

/* The innermost local of that name, or NULL. */
static const struct cel_local *find_local(const struct cel_checker *c, struct span name)
{
    for (uint32_t i = c->open; i-- > 0;) {
        if (span_equal(c->locals[i].name, name)) {
            return &c->locals[i];
        }
    }
    return NULL;
}

struct span cel_check_path(const struct cel_checker *c, const struct cel_ast *ast,
                           char into[CEL_NAME_MAX])
{
    size_t at = CEL_NAME_MAX;

    for (;; ast = ast->target) {
        bool root = ast->kind == CEL_AST_IDENT;

        if ((!root && (ast->kind != CEL_AST_SELECT || ast->optional || ast->test)) ||
            ast->name.len + 1 > at) {
            return (struct span){0};
        }
        at -= ast->name.len;
        (void)memcpy(into + at, ast->name.ptr, ast->name.len);
        if (root) {
            break;
        }
        into[--at] = '.';
    }
    if (!ast->rooted && find_local(c, ast->name)) {
        return (struct span){0};
    }
    return (struct span){into + at, CEL_NAME_MAX - at};
}

/* A variable or the name of a type; NULL: neither. */
static const struct cel_type *global(struct cel_checker *c, struct cel_ast *ast, struct span name)
{
    int slot = cel_env_variable(c->unit->env, name);
    const struct cel_type *type;

    if (slot >= 0) {
        ast->ref = CEL_REF_VARIABLE;
        ast->slot = (uint32_t)slot;
        type = c->unit->env->variables[slot].type;
        return c->loose ? &cel_type_dyn : cel_infer_instance(&c->infer, type, c->letters);
    }
    type = cel_env_type_value(c->unit->env, name);
    if (!type) {
        return NULL;
    }
    ast->ref = CEL_REF_TYPE;
    ast->value = cel_type_value(type);
    return c->loose ? &cel_type_dyn : cel_check_made(c, CEL_TYPE, type, NULL);
}

static const struct cel_type *unknown_name(struct cel_checker *c, struct cel_ast *ast)
{
    struct cel_suggest near = {0};
    char text[CEL_SUGGEST_TEXT_MAX], quoted[FAULT_QUOTE_MAX];

    if (c->loose) {
        ast->ref = CEL_REF_UNKNOWN;
        return &cel_type_dyn;
    }
    for (uint32_t i = 0; i < c->open; i++) {
        cel_suggest_offer(&near, ast->name, c->locals[i].name);
    }
    for (size_t i = 0; i < c->unit->env->variable_count; i++) {
        cel_suggest_offer(&near, ast->name, span_of(c->unit->env->variables[i].name));
    }
    return cel_unit_fault(c->unit, ast->pos, "CEL_UNKNOWN_NAME", "'%s' is not declared%s",
                          fault_quote(quoted, ast->name), cel_suggest_text(&near, text));
}

static const struct cel_type *check_ident(struct cel_checker *c, struct cel_ast *ast)
{
    const struct cel_local *local = ast->rooted ? NULL : find_local(c, ast->name);
    const struct cel_type *type;

    if (local) {
        ast->ref = CEL_REF_LOCAL;
        ast->slot = (uint32_t)(local - c->locals);
        return local->type;
    }
    type = global(c, ast, ast->name);
    return type ? type : unknown_name(c, ast);
}

static const struct cel_type *field_of_record(struct cel_checker *c, struct cel_ast *ast,
                                              const struct cel_type *record)
{
    const struct cel_record_info *info = &c->unit->env->records[record->index];
    int field = cel_record_field(info->spec, ast->name);
    struct cel_suggest near = {0};
    char text[CEL_SUGGEST_TEXT_MAX], quoted[FAULT_QUOTE_MAX];

    if (field >= 0) {
        ast->slot = (uint32_t)field;
        return info->fields[field];
    }
    for (size_t i = 0; i < info->spec->count; i++) {
        cel_suggest_offer(&near, ast->name, span_of(info->spec->fields[i].name));
    }
    return cel_unit_fault(c->unit, ast->pos, "CEL_UNKNOWN_FIELD", "%s has no field '%s'%s",
                          info->spec->name, fault_quote(quoted, ast->name),
                          cel_suggest_text(&near, text));
}

static const struct cel_type *field_type(struct cel_checker *c, struct cel_ast *ast,
                                         const struct cel_type *target)
{
    char said[CEL_TYPE_SAID_MAX];

    switch (target->kind) {
    case CEL_DYN:
        return &cel_type_dyn;
    case CEL_PARAM:
        (void)cel_infer_assign(&c->infer, &cel_type_dyn, target);
        return &cel_type_dyn;
    case CEL_MAP:
        return target->params[1];
    case CEL_RECORD:
        return field_of_record(c, ast, target);
    default:
        return cel_unit_fault(c->unit, ast->pos, "CEL_TYPE", "%s has no fields to select",
                              cel_type_said(c, target, said));
    }
}

static const struct cel_type *check_select(struct cel_checker *c, struct cel_ast *ast)
{
    char name[CEL_NAME_MAX];
    struct span path = cel_check_path(c, ast, name);
    const struct cel_type *type = path.len ? global(c, ast, path) : NULL;
    bool optional = ast->optional;

    if (type) {
        return type;
    }
    type = cel_check_node(c, ast->target);
    if (!type || c->loose) {
        return type ? &cel_type_dyn : NULL;
    }
    type = cel_infer_resolve(&c->infer, type, false);
    if (type->kind == CEL_OPTIONAL) {
        optional = true;
        type = type->params[0];
    }
    type = field_type(c, ast, type);
    if (!type || ast->test) {
        return type ? &cel_type_bool : NULL;
    }
    return optional ? cel_check_made(c, CEL_OPTIONAL, type, NULL) : type;
}

/* The type of an element that may be an optional one. */
static const struct cel_type *check_element(struct cel_checker *c, struct cel_ast *ast, bool optional)
{
    const struct cel_type *type = cel_check_node(c, ast);
    char said[CEL_TYPE_SAID_MAX];

    if (!type || !optional || c->loose) {
        return type;
    }
    type = cel_infer_resolve(&c->infer, type, false);
    if (type->kind == CEL_OPTIONAL) {
        return type->params[0];
    }
    if (type->kind == CEL_DYN) {
        return type;
    }
    return cel_unit_fault(c->unit, ast->pos, "CEL_TYPE", "?element wants an optional, not %s",
                          cel_type_said(c, type, said));
}

static const struct cel_type *join(struct cel_checker *c, const struct cel_type *all,
                                   const struct cel_type *one)
{
    const struct cel_type *joined = all ? cel_infer_join(&c->infer, all, one) : one;

    return joined ? joined : &cel_type_dyn;
}

static const struct cel_type *check_list(struct cel_checker *c, struct cel_ast *ast)
{
    const struct cel_type *all = NULL;

    for (uint32_t i = 0; i < ast->count; i++) {
        const struct cel_type *one = check_element(c, ast->args[i], ast->entry_optional[i]);

        if (!one) {
            return NULL;
        }
        all = join(c, all, one);
    }
    if (c->loose) {
        return &cel_type_dyn;
    }
    return cel_check_made(c, CEL_LIST, all ? all : cel_infer_fresh(&c->infer), NULL);
}

static bool check_key(struct cel_checker *c, const struct cel_ast *ast, const struct cel_type *key)
{
    char said[CEL_TYPE_SAID_MAX];

    key = cel_infer_resolve(&c->infer, key, false);
    if (c->loose || key->kind == CEL_DYN || key->kind == CEL_PARAM || cel_key_kind(key->kind)) {
        return true;
    }
    (void)cel_unit_fault(c->unit, ast->pos, "CEL_TYPE",
                         "a map key is a bool, int, uint or string, not %s",
                         cel_type_said(c, key, said));
    return false;
}

static const struct cel_type *check_map(struct cel_checker *c, struct cel_ast *ast)
{
    const struct cel_type *keys = NULL, *values = NULL;

    for (uint32_t i = 0; i + 1 < ast->count; i += 2) {
        const struct cel_type *key = cel_check_node(c, ast->args[i]);
        const struct cel_type *value =
            key ? check_element(c, ast->args[i + 1], ast->entry_optional[i]) : NULL;

        if (!value || !check_key(c, ast->args[i], key)) {
            return NULL;
        }
        keys = join(c, keys, key);
        values = join(c, values, value);
    }
    if (c->loose) {
        return &cel_type_dyn;
    }
    keys = keys ? keys : cel_infer_fresh(&c->infer);
    return cel_check_made(c, CEL_MAP, keys, values ? values : cel_infer_fresh(&c->infer));
}

static const struct cel_type *literal_type(struct cel_value value)
{
    switch (value.kind) {
    case CEL_BOOL:
        return &cel_type_bool;
    case CEL_INT:
        return &cel_type_int;
    case CEL_UINT:
        return &cel_type_uint;
    case CEL_DOUBLE:
        return &cel_type_double;
    case CEL_STRING:
        return &cel_type_string;
    case CEL_BYTES:
        return &cel_type_bytes;
    default:
        return &cel_type_null;
    }
}

static const struct cel_type *check_struct(struct cel_checker *c, struct cel_ast *ast)
{
    if (c->loose) {
        ast->ref = CEL_REF_UNKNOWN;
        return &cel_type_dyn;
    }
    return cel_unit_fault(c->unit, ast->pos, "CEL_UNKNOWN_NAME",
                          "name{...} makes a message, and there are none here");
}

static const struct cel_type *check_by_kind(struct cel_checker *c, struct cel_ast *ast)
{
    switch (ast->kind) {
    case CEL_AST_LITERAL:
        return c->loose ? &cel_type_dyn : literal_type(ast->value);
    case CEL_AST_IDENT:
        return check_ident(c, ast);
    case CEL_AST_SELECT:
        return check_select(c, ast);
    case CEL_AST_CALL:
        return cel_check_call(c, ast);
    case CEL_AST_LIST:
        return check_list(c, ast);
    case CEL_AST_MAP:
        return check_map(c, ast);
    case CEL_AST_STRUCT:
        return check_struct(c, ast);
    case CEL_AST_FOLD:
        return cel_check_fold(c, ast);
    case CEL_AST_BIND:
        return cel_check_bind(c, ast);
    case CEL_AST_OPTION_MAP:
        return cel_check_option_map(c, ast);
    }
    return NULL;
}

const struct cel_type *cel_check_node(struct cel_checker *c, struct cel_ast *ast)
{
    const struct cel_type *type = check_by_kind(c, ast);

    if (c->infer.work > CEL_INFER_WORK_MAX) {
        return cel_unit_fault(c->unit, ast->pos, "CEL_NODES", "the types of the expression are too large");
    }
    if (c->infer.out_of_memory) {
        return NULL;
    }
    ast->type = type;
    return type;
}

/* Every variable of every type replaced, once all is known. */
static void settle(struct cel_checker *c, struct cel_ast *ast)
{
    if (ast->type) {
        ast->type = cel_infer_resolve(&c->infer, ast->type, true);
    }
    if (ast->target) {
        settle(c, ast->target);
    }
    for (uint32_t i = 0; i < ast->count; i++) {
        settle(c, ast->args[i]);
    }
}

bool cel_check(struct cel_unit *unit, struct cel_ast *ast, uint32_t *ret_locals)
{
    struct cel_checker c = {.unit = unit, .loose = cel_env_switches(unit->env) & CEL_UNCHECKED};

    cel_infer_init(&c.infer, unit->arena);
    if (!cel_check_node(&c, ast)) {
        return false;
    }
    settle(&c, ast);
    if (c.infer.work > CEL_INFER_WORK_MAX) {
        (void)cel_unit_fault(unit, ast->pos, "CEL_NODES", "the types of the expression are too large");
        return false;
    }
    *ret_locals = c.open_max;
    return !c.infer.out_of_memory;
}
