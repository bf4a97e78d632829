/* SPDX-License-Identifier: Apache-2.0 */
/* The math extension. */
#include "lib/cel/builtin.h"

#include <math.h>

/* The greatest (sign 1) or least (sign -1) of a list or of the arguments. */
static struct cel_value extreme(struct cel_run *run, const struct cel_node *node,
                                const struct cel_value *args, int sign, const char *name)
{
    bool list = node->count == 1 && args[0].kind == CEL_LIST;
    uint32_t count = list ? args[0].as.list->count : node->count;
    struct cel_value best = cel_null();

    if (!cel_spend(run, node, count)) {
        return cel_fatal(run);
    }
    if (count == 0) {
        return cel_fail_format(run, node, "CEL_ARGUMENT", "%s wants at least one number", name);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct cel_value v = list ? cel_list_at(args[0].as.list, i) : args[i];

        if (!cel_numeric(v.kind)) {
            return cel_fail_overload(run, node, name, &v, 1);
        }
        if (i == 0 || cel_number_compare(v, best) == sign) {
            best = v;
        }
    }
    return best;
}

CEL_CALL(cel_fn_greatest)
{
    return extreme(run, node, args, 1, "math.greatest()");
}

CEL_CALL(cel_fn_least)
{
    return extreme(run, node, args, -1, "math.least()");
}

CEL_CALL(cel_fn_abs)
{
    switch (args[0].kind) {
    case CEL_UINT:
        return args[0];
    case CEL_DOUBLE:
        return cel_double(fabs(args[0].as.d));
    case CEL_INT:
        if (args[0].as.i == INT64_MIN) {
            return cel_fail(run, node, "CEL_OVERFLOW", "the result does not fit an int");
        }
        return cel_int(args[0].as.i < 0 ? -args[0].as.i : args[0].as.i);
    default:
        return cel_fail_overload(run, node, "math.abs()", args, 1);
    }
}

CEL_CALL(cel_fn_sign)
{
    switch (args[0].kind) {
    case CEL_UINT:
        return cel_uint(args[0].as.u > 0);
    case CEL_DOUBLE:
        if (isnan(args[0].as.d)) {
            return args[0];
        }
        return cel_double((args[0].as.d > 0) - (args[0].as.d < 0));
    case CEL_INT:
        return cel_int((args[0].as.i > 0) - (args[0].as.i < 0));
    default:
        return cel_fail_overload(run, node, "math.sign()", args, 1);
    }
}

static struct cel_value on_double(struct cel_run *run, const struct cel_node *node,
                                  const struct cel_value *args, double (*of)(double),
                                  const char *name)
{
    return args[0].kind == CEL_DOUBLE ? cel_double(of(args[0].as.d))
                                      : cel_fail_overload(run, node, name, args, 1);
}

CEL_CALL(cel_fn_ceil)
{
    return on_double(run, node, args, ceil, "math.ceil()");
}

CEL_CALL(cel_fn_floor)
{
    return on_double(run, node, args, floor, "math.floor()");
}

CEL_CALL(cel_fn_round)
{
    return on_double(run, node, args, round, "math.round()");
}

CEL_CALL(cel_fn_trunc)
{
    return on_double(run, node, args, trunc, "math.trunc()");
}

CEL_CALL(cel_fn_sqrt)
{
    switch (args[0].kind) {
    case CEL_INT:
        return cel_double(sqrt((double)args[0].as.i));
    case CEL_UINT:
        return cel_double(sqrt((double)args[0].as.u));
    default:
        return on_double(run, node, args, sqrt, "math.sqrt()");
    }
}

CEL_CALL(cel_fn_is_nan)
{
    return args[0].kind == CEL_DOUBLE ? cel_bool(isnan(args[0].as.d))
                                      : cel_fail_overload(run, node, "math.isNaN()", args, 1);
}

CEL_CALL(cel_fn_is_inf)
{
    return args[0].kind == CEL_DOUBLE ? cel_bool(isinf(args[0].as.d))
                                      : cel_fail_overload(run, node, "math.isInf()", args, 1);
}

CEL_CALL(cel_fn_is_finite)
{
    return args[0].kind == CEL_DOUBLE ? cel_bool(isfinite(args[0].as.d))
                                      : cel_fail_overload(run, node, "math.isFinite()", args, 1);
}

static bool same_whole(const struct cel_value *args)
{
    return args[0].kind == args[1].kind && (args[0].kind == CEL_INT || args[0].kind == CEL_UINT);
}

/* The bits as a value of the kind of the first argument. */
static struct cel_value bits(const struct cel_value *args, uint64_t u)
{
    return (struct cel_value){.kind = args[0].kind, .as.u = u};
}

CEL_CALL(cel_fn_bit_and)
{
    return same_whole(args) ? bits(args, args[0].as.u & args[1].as.u)
                            : cel_fail_overload(run, node, "math.bitAnd()", args, 2);
}

CEL_CALL(cel_fn_bit_or)
{
    return same_whole(args) ? bits(args, args[0].as.u | args[1].as.u)
                            : cel_fail_overload(run, node, "math.bitOr()", args, 2);
}

CEL_CALL(cel_fn_bit_xor)
{
    return same_whole(args) ? bits(args, args[0].as.u ^ args[1].as.u)
                            : cel_fail_overload(run, node, "math.bitXor()", args, 2);
}

CEL_CALL(cel_fn_bit_not)
{
    return args[0].kind == CEL_INT || args[0].kind == CEL_UINT
               ? bits(args, ~args[0].as.u)
               : cel_fail_overload(run, node, "math.bitNot()", args, 1);
}

/* Bits shifted out are gone; the sign is a bit like any other, as the specification says. */
static struct cel_value shift(struct cel_run *run, const struct cel_node *node,
                              const struct cel_value *args, bool left, const char *name)
{
    if ((args[0].kind != CEL_INT && args[0].kind != CEL_UINT) || args[1].kind != CEL_INT) {
        return cel_fail_overload(run, node, name, args, 2);
    }
    if (args[1].as.i < 0) {
        return cel_fail(run, node, "CEL_ARGUMENT", "a shift cannot be negative");
    }
    if (args[1].as.i >= 64) {
        return bits(args, 0);
    }
    return bits(args, left ? args[0].as.u << args[1].as.i : args[0].as.u >> args[1].as.i);
}

CEL_CALL(cel_fn_shift_left)
{
    return shift(run, node, args, true, "math.bitShiftLeft()");
}

CEL_CALL(cel_fn_shift_right)
{
    return shift(run, node, args, false, "math.bitShiftRight()");
}
