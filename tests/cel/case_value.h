/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_CEL_CASE_VALUE_H
#define RAPPORTEUR_TESTS_CEL_CASE_VALUE_H

/*
 * Values of the conformance data (the JSON form of cel.expr.Value) as ours: to bind, and to compare.
 *     {"listValue": {"values": [{"int64Value": "1"}]}}
 */

#include "lib/base/arena.h"
#include "lib/cel/cel.h"

#include <jansson.h>

/* Kind CEL_ERROR: this program cannot represent it. Memory from the arena. */
struct cel_value case_value(struct arena *arena, const json_t *json);

/* The same kind and the same value; NaN is itself, maps in any order, types by name. */
bool case_value_is(struct cel_value got, const json_t *wanted);

#endif
