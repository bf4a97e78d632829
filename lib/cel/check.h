/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_CHECK_H
#define RAPPORTEUR_LIB_CEL_CHECK_H

/* The inside of the checker, shared by its two files. */

#include "lib/cel/ast.h"
#include "lib/cel/infer.h"

enum { CEL_LOCALS_MAX = 64, CEL_NAME_MAX = 160, CEL_TYPE_SAID_MAX = 96 };

/* A variable that the expression declares itself; its slot is its place among the open ones. */
struct cel_local {
    struct span name;
    const struct cel_type *type;
};

struct cel_checker {
    struct cel_unit *unit;
    struct cel_infer infer;
    struct cel_local locals[CEL_LOCALS_MAX];
    uint32_t open, open_max;
    const struct cel_type *letters[CEL_VAR_FIRST];  /* of the types of variables */
    bool loose;                    /* CEL_UNCHECKED */
};

/* The type of the node, written into it too; NULL: failed. */
const struct cel_type *cel_check_node(struct cel_checker *c, struct cel_ast *ast);
const struct cel_type *cel_check_call(struct cel_checker *c, struct cel_ast *ast);
const struct cel_type *cel_check_fold(struct cel_checker *c, struct cel_ast *ast);
const struct cel_type *cel_check_bind(struct cel_checker *c, struct cel_ast *ast);
const struct cel_type *cel_check_option_map(struct cel_checker *c, struct cel_ast *ast);

/* a.b.c as one dotted name, unless its root is a local; empty: no such path. */
struct span cel_check_path(const struct cel_checker *c, const struct cel_ast *ast,
                           char into[CEL_NAME_MAX]);
/* Whether the type may stand for bool; faults as an operand of `what`. */
bool cel_check_bool(struct cel_checker *c, const struct cel_ast *ast, const char *what);

/* The type for a sentence. Returns `into`. */
const char *cel_type_said(struct cel_checker *c, const struct cel_type *type,
                          char into[CEL_TYPE_SAID_MAX]);
const struct cel_type *cel_check_made(struct cel_checker *c, enum cel_kind kind,
                                      const struct cel_type *a, const struct cel_type *b);

#endif
