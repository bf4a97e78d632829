/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_TYPE_H
#define RAPPORTEUR_LIB_CEL_TYPE_H

/*
 * The types an expression can have. A type is immutable; the simple ones are constants here, the
 * built ones (list, map, ...) belong to the env or program they were made in and live as long.
 * Their text is the one of the CEL specification:
 *     bool int uint double string bytes null_type timestamp duration dyn type
 *     list(T) map(K, V) optional_type(T) type(T), and the name of a record or opaque type
 * A single capital letter (T) in the type of a declared function is a type parameter.
 */

#include "lib/base/buf.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum cel_kind {
    CEL_DYN,           /* only a type: checked when run */
    CEL_NULL,
    CEL_BOOL,
    CEL_INT,           /* 64 bits, overflow is an error */
    CEL_UINT,
    CEL_DOUBLE,
    CEL_STRING,        /* UTF-8; sizes and positions count code points */
    CEL_BYTES,
    CEL_TIMESTAMP,     /* years 0001 to 9999, nanoseconds */
    CEL_DURATION,      /* as Go's: 64 bits of nanoseconds, about 292 years either way */
    CEL_LIST,
    CEL_MAP,
    CEL_RECORD,        /* struct-like, fields declared by the host */
    CEL_TYPE,          /* the value of type(x) */
    CEL_OPTIONAL,
    CEL_OPAQUE,        /* a named type of the host with parameters; no value of it exists in here */
    CEL_ERROR,         /* only inside the evaluator */
    CEL_PARAM,         /* only a type: a type parameter */
};

enum { CEL_TYPE_PARAMS_MAX = 4 };

struct cel_type {
    enum cel_kind kind;
    uint32_t index;                /* CEL_RECORD: which record; CEL_PARAM: which parameter */
    const char *name;              /* CEL_RECORD, CEL_OPAQUE, CEL_PARAM; borrowed from the env */
    uint32_t param_count;          /* CEL_LIST 1, CEL_MAP 2, CEL_OPTIONAL 1, CEL_TYPE 0 or 1 */
    const struct cel_type *params[CEL_TYPE_PARAMS_MAX];
};

extern const struct cel_type cel_type_dyn, cel_type_null, cel_type_bool, cel_type_int, cel_type_uint,
    cel_type_double, cel_type_string, cel_type_bytes, cel_type_timestamp, cel_type_duration,
    cel_type_type, cel_type_list_dyn, cel_type_map_dyn, cel_type_optional_dyn;

/* The same type, parameters too. */
bool cel_type_equal(const struct cel_type *a, const struct cel_type *b);

/* The name without parameters: "list", "int", of a record its own. */
const char *cel_type_name(const struct cel_type *type);

/* Appends the text of the type; 0, BUF_FULL or -ENOMEM. */
int cel_type_text(struct buf *out, const struct cel_type *type);

#endif
