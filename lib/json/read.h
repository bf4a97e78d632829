/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_JSON_READ_H
#define RAPPORTEUR_LIB_JSON_READ_H

/*
 * Foreign JSON bytes to a jansson value, strictly (RFC 8259, I-JSON RFC 7493): UTF-8 only, no
 * duplicate names, no lone surrogates, no U+0000, integers within int64, depth and number of values
 * bounded before anything is built. The top level must be an object or an array.
 *     CLEANUP(json_freep) json_t *body = NULL;
 *     r = json_read(&body, bytes, &json_read_limits_default, &why);
 * Codes: JSON_SYNTAX, JSON_DEPTH, JSON_TOO_MANY, JSON_TOO_LARGE. Place: "line L, column C".
 */

#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <jansson.h>

static inline void json_freep(json_t **held)
{
    json_decref(*held);
}

struct json_read_limits {
    size_t max_bytes, max_depth, max_values;   /* values: members and elements, all levels together */
};

/* 256 KiB, depth 32, 20,000 values: one request body. */
extern const struct json_read_limits json_read_limits_default;

/* 0, FAULT or -ENOMEM. The caller owns *ret. */
int json_read(json_t **ret, struct span bytes, const struct json_read_limits *limits, struct fault *why);

#endif
