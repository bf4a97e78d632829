/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/field.h"

struct span http_field_find(const struct http_field *fields, size_t count, const char *name)
{
    struct span wanted = span_of(name);

    for (size_t i = 0; i < count; i++) {
        if (fields[i].name.len == wanted.len && span_equal_nocase(fields[i].name, wanted)) {
            return fields[i].value;
        }
    }
    return (struct span){NULL, 0};
}

size_t http_field_count(const struct http_field *fields, size_t count, const char *name)
{
    struct span wanted = span_of(name);
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        if (span_equal_nocase(fields[i].name, wanted)) {
            found++;
        }
    }
    return found;
}
