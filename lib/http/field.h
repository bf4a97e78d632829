/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_HTTP_FIELD_H
#define RAPPORTEUR_LIB_HTTP_FIELD_H

/*
 * A name with a value: a header line, a query parameter, a route parameter.
 *     struct span kind = http_field_find(fields, count, "content-type");
 */

#include "lib/base/span.h"

#include <stddef.h>

struct http_field {
    struct span name, value;
};

/* The value of the first field of that name, in any case of ASCII letters; ptr NULL when none. A
 * value that is there but empty has a ptr. */
struct span http_field_find(const struct http_field *fields, size_t count, const char *name);
/* How many fields have that name, in any case. */
size_t http_field_count(const struct http_field *fields, size_t count, const char *name);

#endif
