/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_BASE_FAULT_H
#define RAPPORTEUR_LIB_BASE_FAULT_H

/*
 * A fault: why foreign input was refused. A stable code, a place and one sentence, in a plain value
 * that cannot fail itself. What reads foreign input takes a fault as its last parameter and returns
 *     0 done; FAULT refused, *why says why; negative errno: cannot go on (no memory, ...).
 * FAULT is the one positive outcome that may travel upwards.
 *     return fault_set(why, "HASH_LENGTH", "/hash", "a PDQ hash has 64 hex digits, this has %zu", n);
 * Place: a JSON pointer, "file:line:column" or "line 7"; empty where there is none.
 * Sentence: what is wrong and what would be right; it never repeats secrets. Too long is cut.
 * Printed values of foreign origin go through fault_quote, so that logs and terminals stay whole.
 */

#include "lib/base/attr.h"
#include "lib/base/span.h"

enum { FAULT = 1 };
enum { FAULT_CODE_MAX = 40, FAULT_PLACE_MAX = 200, FAULT_TEXT_MAX = 320, FAULTS_MAX = 32 };

struct fault {
    char code[FAULT_CODE_MAX];
    char place[FAULT_PLACE_MAX];
    char text[FAULT_TEXT_MAX];
};

/* Every mistake of one input, up to FAULTS_MAX; `dropped` counts the rest. Zero it before use. */
struct faults {
    size_t count, dropped;
    struct fault list[FAULTS_MAX];
};

/* Writes *why (NULL is allowed) and returns FAULT. */
int fault_set(struct fault *why, const char *code, const char *place, const char *format, ...) PRINTF(4, 5);

/* Adds one fault to the list and returns FAULT. */
int faults_add(struct faults *all, const char *code, const char *place, const char *format, ...)
    PRINTF(4, 5);

/* Adds a copy of one fault. */
int faults_add_one(struct faults *all, const struct fault *one);

/* Puts `prefix` before the place of every fault from index `from` on. */
void faults_prefix(struct faults *all, size_t from, const char *prefix);

enum { FAULT_QUOTE_MAX = 64 };

/* A value for a sentence: printable ASCII and whole UTF-8 as it is, other bytes as \xNN, cut with
 * "..." to fit. Returns `into`. */
const char *fault_quote(char into[FAULT_QUOTE_MAX], struct span value);

#endif
