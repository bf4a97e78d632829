/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_LEX_H
#define RAPPORTEUR_LIB_CEL_LEX_H

/*
 * Tokens of the language. A mark of one character is its own kind ('(', '+', ...).
 * Literals are read out of a token by the functions at the end.
 */

#include "lib/base/arena.h"
#include "lib/base/span.h"
#include "lib/cel/value.h"

enum cel_token_kind {
    CEL_TOKEN_END = 256,
    CEL_TOKEN_BAD,         /* what: the complaint */
    CEL_TOKEN_NAME,
    CEL_TOKEN_QUOTED,      /* `name`; text without the quotes */
    CEL_TOKEN_IN,
    CEL_TOKEN_INT,
    CEL_TOKEN_UINT,
    CEL_TOKEN_DOUBLE,
    CEL_TOKEN_STRING,
    CEL_TOKEN_BYTES,
    CEL_TOKEN_LE,
    CEL_TOKEN_GE,
    CEL_TOKEN_EQ,
    CEL_TOKEN_NE,
    CEL_TOKEN_AND,
    CEL_TOKEN_OR,
};

struct cel_token {
    int kind;
    uint32_t pos;
    struct span text;
    const char *what;
};

/* The token at or after byte `at`, spaces and comments skipped. */
struct cel_token cel_lex(struct span source, uint32_t at);

/* A word no name may be, but a field may. */
bool cel_reserved(struct span name);

/* NULL, or what is wrong with the literal. `negative`: a '-' stands before the number. */
const char *cel_literal_number(const struct cel_token *token, bool negative, struct cel_value *ret);
/* Text or bytes, copied to the arena. *ret.kind CEL_ERROR without a complaint: no memory. */
const char *cel_literal_text(const struct cel_token *token, struct arena *arena,
                             struct cel_value *ret);

#endif
