/* SPDX-License-Identifier: Apache-2.0 */
/* What every stage of a compilation needs: faults with a place, nodes with a count. */
#include "lib/cel/ast.h"
#include "lib/cel/utf8.h"

#include <stdarg.h>
#include <stdio.h>

void cel_place(struct span source, uint32_t pos, uint32_t *ret_line, uint32_t *ret_column)
{
    uint32_t line = 1;
    size_t start = 0;

    for (size_t i = 0; i < pos && i < source.len; i++) {
        if (source.ptr[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    *ret_line = line;
    *ret_column = (uint32_t)cel_utf8_count(span_sub(source, start, pos - start)) + 1;
}

void *cel_unit_fault(struct cel_unit *unit, uint32_t pos, const char *code, const char *format, ...)
{
    char place[FAULT_PLACE_MAX], text[FAULT_TEXT_MAX];
    uint32_t line, column;
    va_list args;

    if (unit->failed) {
        return NULL;
    }
    unit->failed = true;
    cel_place(unit->source, pos, &line, &column);
    (void)snprintf(place, sizeof(place), "%u:%u", line, column);
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)fault_set(unit->why, code, place, "%s", text);
    return NULL;
}

struct cel_ast *cel_ast_new(struct cel_unit *unit, enum cel_ast_kind kind, uint32_t pos)
{
    struct cel_ast *ast;

    if (unit->failed) {
        return NULL;
    }
    if (++unit->nodes > unit->limits.nodes) {
        return cel_unit_fault(unit, pos, "CEL_NODES", "the expression has more than %u parts",
                              unit->limits.nodes);
    }
    ast = arena_alloc(unit->arena, sizeof(*ast));
    if (ast) {
        ast->kind = kind;
        ast->pos = pos;
    }
    return ast;
}

struct cel_ast *cel_ast_done(struct cel_unit *unit, struct cel_ast *ast)
{
    uint32_t depth = ast->target ? ast->target->depth : 0;

    for (uint32_t i = 0; i < ast->count; i++) {
        depth = ast->args[i]->depth > depth ? ast->args[i]->depth : depth;
    }
    ast->depth = depth + 1;
    if (ast->depth > unit->limits.depth) {
        return cel_unit_fault(unit, ast->pos, "CEL_DEPTH",
                              "the expression is nested deeper than %u levels", unit->limits.depth);
    }
    return ast;
}
