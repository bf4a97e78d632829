/* SPDX-License-Identifier: Apache-2.0 */
/* Recursive descent over the grammar of the specification; recursion is bounded by limits.depth. */
#include "lib/cel/ast.h"
#include "lib/cel/lex.h"

struct parser {
    struct cel_unit *unit;
    struct cel_token now;
    uint32_t depth;
};

struct items {
    struct cel_ast **list;
    bool *optional;
    uint32_t count, cap;
};

static struct cel_ast *parse_expression(struct parser *p);

static void *complain(struct parser *p, const char *wanted)
{
    const struct cel_token *t = &p->now;
    char quoted[FAULT_QUOTE_MAX];

    if (t->kind == CEL_TOKEN_BAD) {
        return cel_unit_fault(p->unit, t->pos, "CEL_SYNTAX", "%s", t->what);
    }
    if (t->kind == CEL_TOKEN_END) {
        return cel_unit_fault(p->unit, t->pos, "CEL_SYNTAX", "%s is missing at the end", wanted);
    }
    return cel_unit_fault(p->unit, t->pos, "CEL_SYNTAX", "%s was expected, not '%s'", wanted,
                          fault_quote(quoted, t->text));
}

static void advance(struct parser *p)
{
    p->now = cel_lex(p->unit->source, p->now.pos + (uint32_t)p->now.text.len +
                                          (p->now.kind == CEL_TOKEN_QUOTED ? 2 : 0));
}

static bool take(struct parser *p, int kind)
{
    if (p->now.kind != kind) {
        return false;
    }
    advance(p);
    return true;
}

static bool expect(struct parser *p, int kind, const char *wanted)
{
    if (!take(p, kind)) {
        (void)complain(p, wanted);
        return false;
    }
    return true;
}

/* False past the limit. Pair with p->depth--. */
static bool enter(struct parser *p)
{
    if (++p->depth > p->unit->limits.depth) {
        (void)cel_unit_fault(p->unit, p->now.pos, "CEL_DEPTH",
                             "the expression is nested deeper than %u levels", p->unit->limits.depth);
        return false;
    }
    return true;
}

static bool items_add(struct parser *p, struct items *items, struct cel_ast *item, bool optional)
{
    if (!item) {
        return false;
    }
    if (items->count >= p->unit->limits.elements * 2) {
        (void)cel_unit_fault(p->unit, item->pos, "CEL_ELEMENTS", "there are more than %u elements",
                             p->unit->limits.elements);
        return false;
    }
    if (items->count == items->cap) {
        uint32_t cap = items->cap ? items->cap * 2 : 4;
        struct cel_ast **list = arena_array(p->unit->arena, cap, sizeof(*list));
        bool *flags = arena_array(p->unit->arena, cap, sizeof(*flags));

        if (!list || !flags) {
            return false;
        }
        if (items->count > 0) {
            (void)memcpy(list, items->list, items->count * sizeof(*list));
            (void)memcpy(flags, items->optional, items->count * sizeof(*flags));
        }
        *items = (struct items){list, flags, items->count, cap};
    }
    items->optional[items->count] = optional;
    items->list[items->count++] = item;
    return true;
}

static struct cel_ast *with_items(struct cel_ast *ast, const struct items *items)
{
    ast->args = items->list;
    ast->entry_optional = items->optional;
    ast->count = items->count;
    return ast;
}

/* A call of an operator; right may be NULL. */
static struct cel_ast *operator_call(struct parser *p, uint32_t pos, const char *name,
                                     struct cel_ast *left, struct cel_ast *right)
{
    struct items items = {0};
    struct cel_ast *call = cel_ast_new(p->unit, CEL_AST_CALL, pos);

    if (!call || !items_add(p, &items, left, false) ||
        (right && !items_add(p, &items, right, false))) {
        return NULL;
    }
    call->name = span_of(name);
    return cel_ast_done(p->unit, with_items(call, &items));
}

/* '?' before an element, entry, field or index, where the switch allows it. */
static bool take_optional(struct parser *p, bool *ret)
{
    *ret = false;
    if (p->now.kind != '?') {
        return true;
    }
    if (!(cel_env_switches(p->unit->env) & CEL_OPTIONALS)) {
        (void)cel_unit_fault(p->unit, p->now.pos, "CEL_OPTIONAL_OFF",
                             "optional syntax (?) is not switched on");
        return false;
    }
    advance(p);
    *ret = true;
    return true;
}

/* Expressions up to the closing mark, a comma allowed before it. */
static bool parse_items(struct parser *p, int close, const char *closing, bool optionals, bool comma,
                        struct items *items)
{
    while (p->now.kind != close) {
        bool optional = false;

        if (optionals && !take_optional(p, &optional)) {
            return false;
        }
        if (items->count >= p->unit->limits.elements) {
            (void)cel_unit_fault(p->unit, p->now.pos, "CEL_ELEMENTS",
                                 "there are more than %u elements", p->unit->limits.elements);
            return false;
        }
        if (!items_add(p, items, parse_expression(p), optional)) {
            return false;
        }
        if (p->now.kind != ',') {
            break;
        }
        advance(p);
        if (p->now.kind == close && !comma) {
            (void)complain(p, "an argument");
            return false;
        }
    }
    return expect(p, close, closing);
}

static struct cel_ast *parse_list(struct parser *p)
{
    struct items items = {0};
    struct cel_ast *list = cel_ast_new(p->unit, CEL_AST_LIST, p->now.pos);

    advance(p);
    if (!list || !parse_items(p, ']', "]", true, true, &items)) {
        return NULL;
    }
    return cel_ast_done(p->unit, with_items(list, &items));
}

/* Entries of {...}: of a map, or of a message where keys are names. */
static struct cel_ast *parse_entries(struct parser *p, struct cel_ast *ast)
{
    struct items items = {0};

    advance(p);
    while (p->now.kind != '}') {
        struct cel_ast *key;
        bool optional;

        if (items.count >= p->unit->limits.elements * 2) {
            return cel_unit_fault(p->unit, p->now.pos, "CEL_ELEMENTS",
                                  "there are more than %u entries", p->unit->limits.elements);
        }
        if (!take_optional(p, &optional)) {
            return NULL;
        }
        if (ast->kind == CEL_AST_STRUCT) {
            if (p->now.kind != CEL_TOKEN_NAME && p->now.kind != CEL_TOKEN_QUOTED) {
                return complain(p, "a field name");
            }
            key = cel_ast_new(p->unit, CEL_AST_LITERAL, p->now.pos);
            advance(p);
        } else {
            key = parse_expression(p);
        }
        if (!items_add(p, &items, key, optional) || !expect(p, ':', ":") ||
            !items_add(p, &items, parse_expression(p), false)) {
            return NULL;
        }
        if (!take(p, ',')) {
            break;
        }
    }
    if (!expect(p, '}', "}")) {
        return NULL;
    }
    return cel_ast_done(p->unit, with_items(ast, &items));
}

static struct cel_ast *parse_literal(struct parser *p, bool negative, uint32_t pos)
{
    struct cel_token t = p->now;
    struct cel_ast *ast = cel_ast_new(p->unit, CEL_AST_LITERAL, pos);
    bool text = t.kind == CEL_TOKEN_STRING || t.kind == CEL_TOKEN_BYTES;
    const char *what;

    if (!ast) {
        return NULL;
    }
    if (text && t.text.len > p->unit->limits.literal_bytes) {
        return cel_unit_fault(p->unit, t.pos, "CEL_LITERAL_SIZE",
                              "a literal has at most %u bytes, this has %zu",
                              p->unit->limits.literal_bytes, t.text.len);
    }
    what = text ? cel_literal_text(&t, p->unit->arena, &ast->value)
                : cel_literal_number(&t, negative, &ast->value);
    if (what) {
        return cel_unit_fault(p->unit, t.pos, "CEL_LITERAL", "%s", what);
    }
    advance(p);
    return ast->value.kind == CEL_ERROR ? NULL : cel_ast_done(p->unit, ast);
}

static struct cel_ast *constant(struct parser *p, struct cel_value value)
{
    struct cel_ast *ast = cel_ast_new(p->unit, CEL_AST_LITERAL, p->now.pos);

    if (!ast) {
        return NULL;
    }
    ast->value = value;
    advance(p);
    return cel_ast_done(p->unit, ast);
}

static struct cel_ast *parse_call(struct parser *p, struct cel_ast *target, const struct cel_token *name,
                                  bool rooted)
{
    struct items items = {0};
    struct cel_ast *call = cel_ast_new(p->unit, CEL_AST_CALL, name->pos);

    advance(p);
    if (!call || !parse_items(p, ')', ")", false, false, &items)) {
        return NULL;
    }
    call->name = name->text;
    call->target = target;
    call->rooted = rooted;
    return cel_macro(p->unit, with_items(call, &items));
}

static struct cel_ast *parse_name(struct parser *p)
{
    bool rooted = take(p, '.');
    struct cel_token name = p->now;
    struct cel_ast *ast;

    if (name.kind != CEL_TOKEN_NAME) {
        return complain(p, rooted ? "a name" : "an expression");
    }
    if (!rooted && span_is(name.text, "true")) {
        return constant(p, cel_bool(true));
    }
    if (!rooted && span_is(name.text, "false")) {
        return constant(p, cel_bool(false));
    }
    if (!rooted && span_is(name.text, "null")) {
        return constant(p, cel_null());
    }
    advance(p);
    if (cel_reserved(name.text)) {
        return cel_unit_fault(p->unit, name.pos, "CEL_RESERVED",
                              "'%.*s' is reserved and cannot be a name", (int)name.text.len,
                              name.text.ptr);
    }
    if (p->now.kind == '(') {
        return parse_call(p, NULL, &name, rooted);
    }
    ast = cel_ast_new(p->unit, CEL_AST_IDENT, name.pos);
    if (!ast) {
        return NULL;
    }
    ast->name = name.text;
    ast->rooted = rooted;
    return cel_ast_done(p->unit, ast);
}

static struct cel_ast *parse_primary(struct parser *p)
{
    struct cel_ast *ast;

    switch (p->now.kind) {
    case '(':
        advance(p);
        ast = parse_expression(p);
        return ast && expect(p, ')', ")") ? ast : NULL;
    case '[':
        return parse_list(p);
    case '{':
        ast = cel_ast_new(p->unit, CEL_AST_MAP, p->now.pos);
        return ast ? parse_entries(p, ast) : NULL;
    case CEL_TOKEN_INT:
    case CEL_TOKEN_UINT:
    case CEL_TOKEN_DOUBLE:
    case CEL_TOKEN_STRING:
    case CEL_TOKEN_BYTES:
        return parse_literal(p, false, p->now.pos);
    default:
        return parse_name(p);
    }
}

/* .name .?name .name(...) behind target. */
static struct cel_ast *parse_selector(struct parser *p, struct cel_ast *target)
{
    uint32_t pos = p->now.pos;
    struct cel_token name;
    struct cel_ast *select;
    bool optional;

    advance(p);
    if (!take_optional(p, &optional)) {
        return NULL;
    }
    name = p->now;
    if ((name.kind != CEL_TOKEN_NAME && name.kind != CEL_TOKEN_QUOTED) ||
        (name.kind == CEL_TOKEN_NAME && (span_is(name.text, "true") || span_is(name.text, "false") ||
                                         span_is(name.text, "null")))) {
        return complain(p, "a field name");
    }
    advance(p);
    if (p->now.kind == '(' && name.kind == CEL_TOKEN_NAME && !optional) {
        return parse_call(p, target, &name, false);
    }
    select = cel_ast_new(p->unit, CEL_AST_SELECT, pos);
    if (!select) {
        return NULL;
    }
    select->name = name.text;
    select->target = target;
    select->optional = optional;
    return cel_ast_done(p->unit, select);
}

static struct cel_ast *parse_index(struct parser *p, struct cel_ast *target)
{
    uint32_t pos = p->now.pos;
    struct cel_ast *index;
    bool optional;

    advance(p);
    if (!take_optional(p, &optional)) {
        return NULL;
    }
    index = parse_expression(p);
    if (!index || !expect(p, ']', "]")) {
        return NULL;
    }
    return operator_call(p, pos, optional ? "_[?_]" : "_[_]", target, index);
}

static bool is_path(const struct cel_ast *ast)
{
    while (ast->kind == CEL_AST_SELECT && !ast->optional && !ast->test) {
        ast = ast->target;
    }
    return ast->kind == CEL_AST_IDENT;
}

static struct cel_ast *parse_struct(struct parser *p, struct cel_ast *target)
{
    struct cel_ast *ast = cel_ast_new(p->unit, CEL_AST_STRUCT, target->pos);

    if (!ast) {
        return NULL;
    }
    ast->target = target;
    return parse_entries(p, ast);
}

static struct cel_ast *parse_members(struct parser *p, struct cel_ast *ast)
{
    while (ast) {
        if (p->now.kind == '.') {
            ast = parse_selector(p, ast);
        } else if (p->now.kind == '[') {
            ast = parse_index(p, ast);
        } else if (p->now.kind == '{' && is_path(ast)) {
            ast = parse_struct(p, ast);
        } else {
            break;
        }
    }
    return ast;
}

static bool is_number(int kind)
{
    return kind == CEL_TOKEN_INT || kind == CEL_TOKEN_DOUBLE;
}

/* ! and - before a member; a '-' right before a number belongs to it. */
static struct cel_ast *parse_unary(struct parser *p)
{
    uint32_t pos = p->now.pos;
    int mark = p->now.kind;
    struct cel_ast *ast;

    if (mark != '!' && mark != '-') {
        return parse_members(p, parse_primary(p));
    }
    if (!enter(p)) {
        return NULL;
    }
    advance(p);
    if (mark == '-' && is_number(p->now.kind)) {
        ast = parse_members(p, parse_literal(p, true, pos));
    } else {
        ast = parse_unary(p);
        ast = ast ? operator_call(p, pos, mark == '!' ? "!_" : "-_", ast, NULL) : NULL;
    }
    p->depth--;
    return ast;
}

static const struct {
    int kind, level;
    const char *name;
} operators[] = {
    {CEL_TOKEN_EQ, 1, "_==_"}, {CEL_TOKEN_NE, 1, "_!=_"}, {'<', 1, "_<_"},
    {CEL_TOKEN_LE, 1, "_<=_"}, {'>', 1, "_>_"},           {CEL_TOKEN_GE, 1, "_>=_"},
    {CEL_TOKEN_IN, 1, "@in"},  {'+', 2, "_+_"},           {'-', 2, "_-_"},
    {'*', 3, "_*_"},           {'/', 3, "_/_"},           {'%', 3, "_%_"},
};

/* Relations, sums and products: levels 1 to 3, each from left to right. */
static struct cel_ast *parse_binary(struct parser *p, int level)
{
    struct cel_ast *left = level > 3 ? parse_unary(p) : parse_binary(p, level + 1);

    while (left && level <= 3) {
        const char *name = NULL;
        uint32_t pos = p->now.pos;
        struct cel_ast *right;

        for (size_t i = 0; i < COUNT_OF(operators); i++) {
            if (operators[i].kind == p->now.kind && operators[i].level == level) {
                name = operators[i].name;
            }
        }
        if (!name) {
            break;
        }
        advance(p);
        right = parse_binary(p, level + 1);
        left = right ? operator_call(p, pos, name, left, right) : NULL;
    }
    return left;
}

/* a && b && c is one node with three arguments; || of those likewise. */
static struct cel_ast *parse_logic(struct parser *p, int kind)
{
    struct items items = {0};
    uint32_t pos = p->now.pos;

    for (;;) {
        struct cel_ast *term = kind == CEL_TOKEN_OR ? parse_logic(p, CEL_TOKEN_AND)
                                                    : parse_binary(p, 1);
        struct cel_ast *call;

        if (!term) {
            return NULL;
        }
        if (items.count == 0 && p->now.kind != kind) {
            return term;
        }
        pos = items.count == 0 ? p->now.pos : pos;
        if (!items_add(p, &items, term, false)) {
            return NULL;
        }
        if (p->now.kind == kind) {
            advance(p);
            continue;
        }
        call = cel_ast_new(p->unit, CEL_AST_CALL, pos);
        if (!call) {
            return NULL;
        }
        call->name = span_of(kind == CEL_TOKEN_OR ? "_||_" : "_&&_");
        return cel_ast_done(p->unit, with_items(call, &items));
    }
}

static struct cel_ast *parse_conditional(struct parser *p, struct cel_ast *condition)
{
    struct items items = {0};
    struct cel_ast *call = cel_ast_new(p->unit, CEL_AST_CALL, p->now.pos);

    advance(p);
    if (!call || !items_add(p, &items, condition, false) ||
        !items_add(p, &items, parse_logic(p, CEL_TOKEN_OR), false) || !expect(p, ':', ":") ||
        !items_add(p, &items, parse_expression(p), false)) {
        return NULL;
    }
    call->name = SPAN("_?_:_");
    return cel_ast_done(p->unit, with_items(call, &items));
}

static struct cel_ast *parse_expression(struct parser *p)
{
    struct cel_ast *ast;

    if (!enter(p)) {
        return NULL;
    }
    ast = parse_logic(p, CEL_TOKEN_OR);
    if (ast && p->now.kind == '?') {
        ast = parse_conditional(p, ast);
    }
    p->depth--;
    return ast;
}

struct cel_ast *cel_parse(struct cel_unit *unit)
{
    struct parser p = {.unit = unit, .now = cel_lex(unit->source, 0)};
    struct cel_ast *ast = parse_expression(&p);

    if (ast && p.now.kind != CEL_TOKEN_END) {
        return complain(&p, "an operator or the end");
    }
    return ast;
}
