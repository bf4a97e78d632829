/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_PROGRAM_H
#define RAPPORTEUR_LIB_CEL_PROGRAM_H

/* A program, and the functions its nodes can be. */

#include "lib/cel/ast.h"
#include "lib/cel/run.h"

struct cel_regex;

/* Patterns hold memory of PCRE2; the program frees them. */
struct cel_pattern {
    struct cel_regex *regex;
    struct cel_pattern *next;
};

struct cel_program {
    struct arena *arena;
    const struct cel_env *env;
    struct span source;
    const struct cel_node *root;
    const struct cel_type *type;
    struct cel_pattern *patterns;
    uint64_t cost;
    uint32_t locals;
    uint64_t reads[CEL_ENV_VARIABLES_MAX / 64];
};

/* The nodes of a checked tree. False: failed (or no memory where unit->failed is not set). */
bool cel_build(struct cel_program *program, struct cel_unit *unit, const struct cel_ast *ast);

/* A copy of the type in the arena; NULL: no memory. */
const struct cel_type *cel_type_copy(struct arena *arena, const struct cel_type *type);

enum cel_node_flag {
    CEL_NODE_OPTIONAL = 1,         /* .? and [? */
    CEL_NODE_TEST = 2,             /* has() */
    CEL_NODE_FLAT = 4,
    CEL_NODE_TWO = 8,              /* a fold with two variables */
    CEL_NODE_NEGATE = 16,
};

#define CEL_EVAL(name)                                                                             \
    struct cel_value name(struct cel_run *run, const struct cel_node *node)
#define CEL_CALL(name)                                                                             \
    struct cel_value name(struct cel_run *run, const struct cel_node *node,                        \
                          const struct cel_value *args)

/* eval_access.c */
CEL_EVAL(cel_eval_constant);       /* value */
CEL_EVAL(cel_eval_unknown);        /* value: the name */
CEL_EVAL(cel_eval_variable);       /* index: slot */
CEL_EVAL(cel_eval_local);          /* index */
CEL_EVAL(cel_eval_field);          /* record, get, index: field, index2: its type, value: name */
CEL_EVAL(cel_eval_select);         /* a, value: name, flags */
CEL_EVAL(cel_eval_index);          /* a, b, flags */

/* eval_make.c */
CEL_EVAL(cel_eval_list);           /* args, data: flags of the elements or NULL */
CEL_EVAL(cel_eval_map);
CEL_EVAL(cel_eval_bind);           /* a, b, index */
CEL_EVAL(cel_eval_option_map);     /* a, b, index, flags */
CEL_EVAL(cel_eval_host);           /* args, data: the entry, flags: receiver */
CEL_EVAL(cel_eval_call);           /* args, call */
CEL_EVAL(cel_eval_call1);          /* with one argument */
CEL_EVAL(cel_eval_call2);
CEL_CALL(cel_call_mismatch);       /* value: the name of a function that takes other arguments */

/* eval_logic.c */
CEL_EVAL(cel_eval_and);            /* args */
CEL_EVAL(cel_eval_or);
CEL_EVAL(cel_eval_and2);           /* a, b */
CEL_EVAL(cel_eval_or2);
CEL_EVAL(cel_eval_not);            /* a */
CEL_EVAL(cel_eval_if);             /* a, b, c */
CEL_EVAL(cel_eval_equal);          /* a, b, flags: negate */
CEL_EVAL(cel_eval_equal_text);     /* a, value: the text compared with, flags: negate */
CEL_EVAL(cel_eval_order);          /* a, b, index: enum cel_relation */
CEL_EVAL(cel_eval_order_int);      /* a, value: the int compared with, index */
CEL_EVAL(cel_eval_in);             /* a, b */
CEL_EVAL(cel_eval_in_texts);       /* a, value: a constant list of texts */

enum cel_relation { CEL_LESS, CEL_LESS_EQUAL, CEL_GREATER, CEL_GREATER_EQUAL };

/* fold.c: a range, b result, c condition or NULL, index and index2: the locals */
CEL_EVAL(cel_eval_all);
CEL_EVAL(cel_eval_exists);
CEL_EVAL(cel_eval_exists_one);
CEL_EVAL(cel_eval_filter);
CEL_EVAL(cel_eval_map_list);
CEL_EVAL(cel_eval_to_map);
CEL_EVAL(cel_eval_to_entries);

/* fn_text.c: args, value: the constant that is looked for, index: its rarest byte */
CEL_EVAL(cel_eval_contains_text);
CEL_EVAL(cel_eval_starts_with_text);
/* Where in a text the byte stands that texts hold least often. */
uint32_t cel_text_rarest(struct span part);

/* regex.c */
CEL_EVAL(cel_eval_matches);        /* a, data: the compiled pattern */

#endif
