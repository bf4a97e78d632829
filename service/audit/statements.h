/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_STATEMENTS_H
#define RAPPORTEUR_SERVICE_AUDIT_STATEMENTS_H

/*
 * Statements of reasons out of the log, each at the entry by which its decision took effect: the decision
 * itself, or the agreement of the second person it waited for. A decision that was not agreed to gives none.
 *     for each entry of the log, in order: r = statements_take(s, entry, &statement, &faults);
 */

#include "lib/base/attr.h"
#include "lib/base/fault.h"

#include <jansson.h>

enum { STATEMENTS_AWAITING_MAX = 100000 };  /* decisions that wait for a second person; past it: -ENOMEM */

struct statements;

struct statements *statements_new(void);
struct statements *statements_free(struct statements *statements);
DEFINE_CLEANUP(struct statements *, statements_free);

/* *ret: a new reference, NULL where this entry makes no statement due. 0, FAULT (one is due and would be
 * refused, every mistake in *faults) or -ENOMEM. */
int statements_take(struct statements *statements, const json_t *entry, json_t **ret, struct faults *faults) NODISCARD;

#endif
