/* SPDX-License-Identifier: Apache-2.0 */
/* optional.of, none, ofNonZeroValue; hasValue, value, or, orValue. */
#include "lib/cel/builtin.h"

static struct cel_value none(void)
{
    return (struct cel_value){.kind = CEL_OPTIONAL};
}

CEL_CALL(cel_fn_optional_none)
{
    (void)run;
    (void)node;
    (void)args;
    return none();
}

CEL_CALL(cel_fn_optional_of)
{
    return cel_make_optional(run, node, args[0]);
}

static bool is_zero(struct cel_value v)
{
    switch (v.kind) {
    case CEL_NULL:
        return true;
    case CEL_BOOL:
        return !v.as.b;
    case CEL_INT:
    case CEL_UINT:
    case CEL_DURATION:
        return v.as.u == 0;
    case CEL_DOUBLE:
        return v.as.d == 0;
    case CEL_STRING:
    case CEL_BYTES:
        return v.len == 0;
    case CEL_TIMESTAMP:
        return v.as.i == 0 && v.len == 0;
    case CEL_LIST:
        return v.as.list->count == 0;
    case CEL_MAP:
        return v.as.map->count == 0;
    case CEL_OPTIONAL:
        return v.as.optional == NULL;
    default:
        return false;
    }
}

CEL_CALL(cel_fn_optional_of_non_zero)
{
    return is_zero(args[0]) ? none() : cel_make_optional(run, node, args[0]);
}

CEL_CALL(cel_fn_optional_has_value)
{
    if (args[0].kind != CEL_OPTIONAL) {
        return cel_fail_overload(run, node, "hasValue()", args, 1);
    }
    return cel_bool(args[0].as.optional != NULL);
}

CEL_CALL(cel_fn_optional_value)
{
    if (args[0].kind != CEL_OPTIONAL) {
        return cel_fail_overload(run, node, "value()", args, 1);
    }
    if (!args[0].as.optional) {
        return cel_fail(run, node, "CEL_NO_VALUE", "the optional is empty");
    }
    return *args[0].as.optional;
}

CEL_CALL(cel_fn_optional_or)
{
    if (args[0].kind != CEL_OPTIONAL || args[1].kind != CEL_OPTIONAL) {
        return cel_fail_overload(run, node, "or()", args, 2);
    }
    return args[0].as.optional ? args[0] : args[1];
}

CEL_CALL(cel_fn_optional_or_value)
{
    if (args[0].kind != CEL_OPTIONAL) {
        return cel_fail_overload(run, node, "orValue()", args, 2);
    }
    return args[0].as.optional ? *args[0].as.optional : args[1];
}
