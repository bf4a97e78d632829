/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/type.h"

#include <string.h>

const struct cel_type cel_type_dyn = {.kind = CEL_DYN};
const struct cel_type cel_type_null = {.kind = CEL_NULL};
const struct cel_type cel_type_bool = {.kind = CEL_BOOL};
const struct cel_type cel_type_int = {.kind = CEL_INT};
const struct cel_type cel_type_uint = {.kind = CEL_UINT};
const struct cel_type cel_type_double = {.kind = CEL_DOUBLE};
const struct cel_type cel_type_string = {.kind = CEL_STRING};
const struct cel_type cel_type_bytes = {.kind = CEL_BYTES};
const struct cel_type cel_type_timestamp = {.kind = CEL_TIMESTAMP};
const struct cel_type cel_type_duration = {.kind = CEL_DURATION};
const struct cel_type cel_type_type = {.kind = CEL_TYPE};
const struct cel_type cel_type_list_dyn = {
    .kind = CEL_LIST, .param_count = 1, .params = {&cel_type_dyn}};
const struct cel_type cel_type_map_dyn = {
    .kind = CEL_MAP, .param_count = 2, .params = {&cel_type_dyn, &cel_type_dyn}};
const struct cel_type cel_type_optional_dyn = {
    .kind = CEL_OPTIONAL, .param_count = 1, .params = {&cel_type_dyn}};

static const char *const kind_names[] = {
    [CEL_DYN] = "dyn",           [CEL_NULL] = "null_type",     [CEL_BOOL] = "bool",
    [CEL_INT] = "int",           [CEL_UINT] = "uint",          [CEL_DOUBLE] = "double",
    [CEL_STRING] = "string",     [CEL_BYTES] = "bytes",        [CEL_TIMESTAMP] = "timestamp",
    [CEL_DURATION] = "duration", [CEL_LIST] = "list",          [CEL_MAP] = "map",
    [CEL_TYPE] = "type",         [CEL_OPTIONAL] = "optional_type",
};

bool cel_type_equal(const struct cel_type *a, const struct cel_type *b)
{
    if (a == b) {
        return true;
    }
    if (a->kind != b->kind || a->index != b->index || a->param_count != b->param_count) {
        return false;
    }
    if (a->kind == CEL_OPAQUE && strcmp(a->name, b->name) != 0) {
        return false;
    }
    for (uint32_t i = 0; i < a->param_count; i++) {
        if (!cel_type_equal(a->params[i], b->params[i])) {
            return false;
        }
    }
    return true;
}

const char *cel_type_name(const struct cel_type *type)
{
    const char *name = type->name;

    if (!name) {
        name = type->kind < COUNT_OF(kind_names) ? kind_names[type->kind] : NULL;
    }
    return name ? name : "dyn";
}

int cel_type_text(struct buf *out, const struct cel_type *type)
{
    (void)buf_add_text(out, cel_type_name(type));
    for (uint32_t i = 0; i < type->param_count; i++) {
        (void)buf_add_text(out, i == 0 ? "(" : ", ");
        (void)cel_type_text(out, type->params[i]);
    }
    if (type->param_count > 0) {
        (void)buf_add_char(out, ')');
    }
    return buf_status(out);
}
