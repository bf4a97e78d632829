/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/read.h"

#include <errno.h>
#include <stdio.h>

const struct json_read_limits json_read_limits_default = {
    .max_bytes = 256 << 10, .max_depth = 32, .max_values = 20000};

/* Where a byte stands, for people: 1-based line and column in bytes. */
static void place_of(struct span bytes, size_t at, char into[FAULT_PLACE_MAX])
{
    size_t line = 1, column = 1;

    for (size_t i = 0; i < at && i < bytes.len; i++) {
        if (bytes.ptr[i] == '\n') {
            line++;
            column = 1;
        } else {
            column++;
        }
    }
    (void)snprintf(into, FAULT_PLACE_MAX, "line %zu, column %zu", line, column);
}

/* True when the collection opened at byte `at` holds nothing. */
static bool is_empty(struct span bytes, size_t at)
{
    for (at++; at < bytes.len && strchr(" \t\r\n", bytes.ptr[at]) && bytes.ptr[at]; at++) {
    }
    return at < bytes.len && (bytes.ptr[at] == ']' || bytes.ptr[at] == '}');
}

/* Depth and count before anything is built: jansson itself would accept 2048 levels and any number
 * of members. Strings are skipped; what is not JSON at all is left to the parser. */
static int scan_limits(struct span bytes, const struct json_read_limits *limits, struct fault *why)
{
    size_t depth = 0, values = 0;
    char place[FAULT_PLACE_MAX];

    for (size_t i = 0; i < bytes.len; i++) {
        switch (bytes.ptr[i]) {
        case '"':
            for (i++; i < bytes.len && bytes.ptr[i] != '"'; i++) {
                if (bytes.ptr[i] == '\\') {
                    i++;
                }
            }
            break;
        case '{':
        case '[':
            if (++depth > limits->max_depth) {
                place_of(bytes, i, place);
                return fault_set(why, "JSON_DEPTH", place, "nested deeper than %zu levels",
                                 limits->max_depth);
            }
            values += !is_empty(bytes, i);
            break;
        case '}':
        case ']':
            if (depth) {
                depth--;
            }
            break;
        case ',':
            values++;
            break;
        default:
            break;
        }
        if (values > limits->max_values) {
            place_of(bytes, i, place);
            return fault_set(why, "JSON_TOO_MANY", place, "more than %zu values", limits->max_values);
        }
    }
    return 0;
}

int json_read(json_t **ret, struct span bytes, const struct json_read_limits *limits, struct fault *why)
{
    json_error_t error;
    json_t *value;
    char place[FAULT_PLACE_MAX];
    int r;

    if (bytes.len > limits->max_bytes) {
        return fault_set(why, "JSON_TOO_LARGE", "", "%zu bytes; the limit is %zu", bytes.len,
                         limits->max_bytes);
    }
    r = scan_limits(bytes, limits, why);
    if (r) {
        return r;
    }
    value = json_loadb(bytes.len ? bytes.ptr : "", bytes.len, JSON_REJECT_DUPLICATES, &error);
    if (!value) {
        if (json_error_code(&error) == json_error_out_of_memory) {
            return -ENOMEM;
        }
        if (error.line > 0) {
            (void)snprintf(place, sizeof(place), "line %d, column %d", error.line, error.column);
        } else {
            place[0] = '\0';
        }
        return fault_set(why, "JSON_SYNTAX", place, "not JSON: %s", error.text);
    }
    *ret = value;
    return 0;
}
