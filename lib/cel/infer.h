/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_INFER_H
#define RAPPORTEUR_LIB_CEL_INFER_H

/*
 * Type variables while one expression is checked. A variable is a type of kind CEL_PARAM with an
 * index from CEL_VAR_FIRST on; what it stands for is found as the expression is walked.
 * Source: the rules of assignability and join of the reference checker of the specification.
 */

#include "lib/base/arena.h"
#include "lib/cel/type.h"

enum { CEL_VAR_FIRST = 26 };           /* below: the letters of declared signatures */

struct cel_infer {
    struct arena *arena;
    const struct cel_type **bound;     /* by index - CEL_VAR_FIRST; NULL: free */
    uint32_t count, cap;
    uint32_t *trail;                   /* which were bound, with what they were before */
    const struct cel_type **before;
    uint32_t trail_count, trail_cap;
    uint32_t work;                     /* types looked at; past CEL_INFER_WORK_MAX nothing fits */
    bool out_of_memory;
};

/* Types share their parts, so a small expression can have a type that is huge when written out. */
enum { CEL_INFER_WORK_MAX = 1000000 };

void cel_infer_init(struct cel_infer *infer, struct arena *arena);

const struct cel_type *cel_infer_fresh(struct cel_infer *infer);

/* The type with its letters replaced by fresh variables; `letters` (26, zeroed) remembers them. */
const struct cel_type *cel_infer_instance(struct cel_infer *infer, const struct cel_type *type,
                                          const struct cel_type **letters);

/* Whether a value of `from` may stand where `to` is wanted; binds variables. All or nothing. */
bool cel_infer_assign(struct cel_infer *infer, const struct cel_type *from, const struct cel_type *to);

/* For several assignments as one: where the trail stands, and back to it. */
uint32_t cel_infer_mark(const struct cel_infer *infer);
void cel_infer_undo(struct cel_infer *infer, uint32_t mark);

/* The type for both; NULL when they do not go together. */
const struct cel_type *cel_infer_join(struct cel_infer *infer, const struct cel_type *a,
                                      const struct cel_type *b);

/* With every variable replaced; free ones stay, or become dyn. */
const struct cel_type *cel_infer_resolve(struct cel_infer *infer, const struct cel_type *type,
                                         bool free_to_dyn);

#endif
