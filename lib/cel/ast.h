/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_AST_H
#define RAPPORTEUR_LIB_CEL_AST_H

/*
 * An expression as a tree, between the parser and the builder. Macros are already nodes of their own
 * (fold, bind, option map). Lives in the arena of one compilation.
 */

#include "lib/cel/cel.h"
#include "lib/cel/env.h"

enum cel_ast_kind {
    CEL_AST_LITERAL,       /* value */
    CEL_AST_IDENT,         /* name */
    CEL_AST_SELECT,        /* target.name */
    CEL_AST_CALL,          /* name(args), or target.name(args); operators too, by their names */
    CEL_AST_LIST,          /* args; entry_optional[i]: ?element */
    CEL_AST_MAP,           /* args: key, value, key, value */
    CEL_AST_STRUCT,        /* target{...}: refused by the checker */
    CEL_AST_FOLD,          /* target: range; args: see enum cel_fold */
    CEL_AST_BIND,          /* cel.bind(var, args[0], args[1]) */
    CEL_AST_OPTION_MAP,    /* target.optMap(var, args[0]); flat: optFlatMap */
};

enum cel_fold {
    CEL_FOLD_ALL,          /* args[0] condition */
    CEL_FOLD_EXISTS,
    CEL_FOLD_EXISTS_ONE,
    CEL_FOLD_FILTER,
    CEL_FOLD_MAP,          /* args[0] result, args[1] condition or absent; so to the end */
    CEL_FOLD_TO_MAP,       /* transformMap */
    CEL_FOLD_TO_ENTRIES,   /* transformMapEntry */
};

enum cel_ast_ref {
    CEL_REF_NONE,
    CEL_REF_VARIABLE,      /* slot */
    CEL_REF_LOCAL,         /* slot: number of the local */
    CEL_REF_TYPE,          /* value: a type */
    CEL_REF_UNKNOWN,       /* CEL_UNCHECKED: an error when run */
};

struct cel_ast {
    enum cel_ast_kind kind;
    uint32_t pos, depth;
    struct span name, var, var2;
    bool rooted;                   /* .name */
    bool optional;                 /* .?name, [?index] */
    bool test;                     /* has(target.name) */
    bool flat;
    bool variadic;                 /* math.greatest(a, b, c, ...) with its arguments in one list */
    enum cel_fold fold;
    struct cel_ast *target;
    struct cel_ast **args;
    bool *entry_optional;
    uint32_t count;
    struct cel_value value;
    /* Written by the checker. */
    const struct cel_type *type;
    enum cel_ast_ref ref;
    uint32_t slot, slot2;          /* variable, local; field of a record */
    const struct cel_entry *entry; /* CEL_AST_CALL: the function */
    const struct cel_overload *overload;    /* the only one that fits, or NULL */
};

/* One compilation. */
struct cel_unit {
    const struct cel_env *env;
    struct span source;
    struct cel_limits limits;
    struct arena *arena;
    struct fault *why;
    bool failed;                   /* why is written */
    uint32_t nodes;
};

/* Writes the fault (once) with the line and column of the byte `pos`; returns NULL. */
void *cel_unit_fault(struct cel_unit *unit, uint32_t pos, const char *code, const char *format, ...)
    PRINTF(4, 5);
/* A new node, counted against the limits; NULL: failed, or out of memory. */
struct cel_ast *cel_ast_new(struct cel_unit *unit, enum cel_ast_kind kind, uint32_t pos);
/* Sets the depth from the children; NULL past the limit. */
struct cel_ast *cel_ast_done(struct cel_unit *unit, struct cel_ast *ast);

/* The place "line:column" of a byte. */
void cel_place(struct span source, uint32_t pos, uint32_t *ret_line, uint32_t *ret_column);

struct cel_ast *cel_parse(struct cel_unit *unit);

/* A call whose name may be a macro: the node to use instead, the call itself, or NULL (failed). */
struct cel_ast *cel_macro(struct cel_unit *unit, struct cel_ast *call);

/* Types and references into every node. False: failed. *ret_locals: how many locals a run needs. */
bool cel_check(struct cel_unit *unit, struct cel_ast *ast, uint32_t *ret_locals);

/* Steps of the dearest evaluation, saturating. */
uint64_t cel_cost(const struct cel_unit *unit, const struct cel_ast *ast);

#endif
