/* SPDX-License-Identifier: Apache-2.0 */
/* + - * / %: integers that overflow are errors, doubles follow IEEE 754. */
#include "lib/cel/builtin.h"
#include "lib/cel/time_text.h"

#define NANOS 1000000000LL

static struct cel_value overflow(struct cel_run *run, const struct cel_node *node)
{
    return cel_fail(run, node, "CEL_OVERFLOW", "the result does not fit its integer type");
}

static struct cel_value time_range(struct cel_run *run, const struct cel_node *node)
{
    return cel_fail(run, node, "CEL_RANGE", "the time or duration is out of range");
}

static struct cel_value moved(struct cel_run *run, const struct cel_node *node, struct cel_value time,
                              int64_t by, bool back)
{
    __int128 nanos = (__int128)time.as.i * NANOS + time.len + (back ? -(__int128)by : by);
    __int128 seconds = nanos / NANOS;
    int64_t rest = (int64_t)(nanos % NANOS);

    if (rest < 0) {
        rest += NANOS;
        seconds--;
    }
    if (seconds < CEL_SECONDS_MIN || seconds > CEL_SECONDS_MAX) {
        return time_range(run, node);
    }
    return cel_timestamp((int64_t)seconds, (uint32_t)rest);
}

static struct cel_value between(struct cel_run *run, const struct cel_node *node, struct cel_value a,
                                struct cel_value b)
{
    __int128 nanos = ((__int128)a.as.i - b.as.i) * NANOS + a.len - b.len;

    if (nanos > INT64_MAX || nanos < INT64_MIN) {
        return time_range(run, node);
    }
    return cel_duration_ns((int64_t)nanos);
}

/* Texts or bytes, one behind the other. */
static struct cel_value joined(struct cel_run *run, const struct cel_node *node, struct cel_value a,
                               struct cel_value b)
{
    size_t len = (size_t)a.len + b.len;
    char *both = cel_spend(run, node, len / 64) ? cel_alloc(run, node, len) : NULL;

    if (!both) {
        return cel_fatal(run);
    }
    if (a.len > 0) {
        (void)memcpy(both, a.as.text, a.len);
    }
    if (b.len > 0) {
        (void)memcpy(both + a.len, b.as.text, b.len);
    }
    return (struct cel_value){.kind = a.kind, .len = (uint32_t)len, .as.text = both};
}

static struct cel_value lists_joined(struct cel_run *run, const struct cel_node *node,
                                     const struct cel_list *a, const struct cel_list *b)
{
    size_t count = (size_t)a->count + b->count;
    struct cel_value *items =
        cel_spend(run, node, count) ? cel_alloc(run, node, count * sizeof(*items)) : NULL;

    if (!items) {
        return cel_fatal(run);
    }
    for (uint32_t i = 0; i < a->count; i++) {
        items[i] = cel_list_at(a, i);
    }
    for (uint32_t i = 0; i < b->count; i++) {
        items[a->count + i] = cel_list_at(b, i);
    }
    return cel_make_list(run, node, items, (uint32_t)count);
}

CEL_CALL(cel_fn_add)
{
    struct cel_value a = args[0], b = args[1];
    int64_t i;
    uint64_t u;

    if (a.kind == CEL_TIMESTAMP && b.kind == CEL_DURATION) {
        return moved(run, node, a, b.as.i, false);
    }
    if (a.kind == CEL_DURATION && b.kind == CEL_TIMESTAMP) {
        return moved(run, node, b, a.as.i, false);
    }
    if (a.kind != b.kind) {
        return cel_fail_overload(run, node, "the operator +", args, 2);
    }
    switch (a.kind) {
    case CEL_INT:
        return __builtin_add_overflow(a.as.i, b.as.i, &i) ? overflow(run, node) : cel_int(i);
    case CEL_UINT:
        return __builtin_add_overflow(a.as.u, b.as.u, &u) ? overflow(run, node) : cel_uint(u);
    case CEL_DOUBLE:
        return cel_double(a.as.d + b.as.d);
    case CEL_STRING:
    case CEL_BYTES:
        return joined(run, node, a, b);
    case CEL_LIST:
        return lists_joined(run, node, a.as.list, b.as.list);
    case CEL_DURATION:
        return __builtin_add_overflow(a.as.i, b.as.i, &i) ? time_range(run, node)
                                                          : cel_duration_ns(i);
    default:
        return cel_fail_overload(run, node, "the operator +", args, 2);
    }
}

CEL_CALL(cel_fn_subtract)
{
    struct cel_value a = args[0], b = args[1];
    int64_t i;
    uint64_t u;

    if (a.kind == CEL_TIMESTAMP && b.kind == CEL_DURATION) {
        return moved(run, node, a, b.as.i, true);
    }
    if (a.kind != b.kind) {
        return cel_fail_overload(run, node, "the operator -", args, 2);
    }
    switch (a.kind) {
    case CEL_INT:
        return __builtin_sub_overflow(a.as.i, b.as.i, &i) ? overflow(run, node) : cel_int(i);
    case CEL_UINT:
        return __builtin_sub_overflow(a.as.u, b.as.u, &u) ? overflow(run, node) : cel_uint(u);
    case CEL_DOUBLE:
        return cel_double(a.as.d - b.as.d);
    case CEL_TIMESTAMP:
        return between(run, node, a, b);
    case CEL_DURATION:
        return __builtin_sub_overflow(a.as.i, b.as.i, &i) ? time_range(run, node)
                                                          : cel_duration_ns(i);
    default:
        return cel_fail_overload(run, node, "the operator -", args, 2);
    }
}

CEL_CALL(cel_fn_multiply)
{
    struct cel_value a = args[0], b = args[1];
    int64_t i;
    uint64_t u;

    if (a.kind == CEL_INT && b.kind == CEL_INT) {
        return __builtin_mul_overflow(a.as.i, b.as.i, &i) ? overflow(run, node) : cel_int(i);
    }
    if (a.kind == CEL_UINT && b.kind == CEL_UINT) {
        return __builtin_mul_overflow(a.as.u, b.as.u, &u) ? overflow(run, node) : cel_uint(u);
    }
    if (a.kind == CEL_DOUBLE && b.kind == CEL_DOUBLE) {
        return cel_double(a.as.d * b.as.d);
    }
    return cel_fail_overload(run, node, "the operator *", args, 2);
}

/* True and *failed where whole numbers cannot be divided. */
static bool bad_divisor(struct cel_run *run, const struct cel_node *node,
                        const struct cel_value *args, struct cel_value *failed)
{
    if (args[1].as.u == 0) {
        *failed = cel_fail(run, node, "CEL_DIVIDE_BY_ZERO", "a whole number is divided by zero");
        return true;
    }
    if (args[0].kind == CEL_INT && args[0].as.i == INT64_MIN && args[1].as.i == -1) {
        *failed = overflow(run, node);
        return true;
    }
    return false;
}

CEL_CALL(cel_fn_divide)
{
    struct cel_value a = args[0], b = args[1], failed;

    if (a.kind == CEL_DOUBLE && b.kind == CEL_DOUBLE) {
        return cel_double(a.as.d / b.as.d);
    }
    if (a.kind != b.kind || !cel_numeric(a.kind)) {
        return cel_fail_overload(run, node, "the operator /", args, 2);
    }
    if (bad_divisor(run, node, args, &failed)) {
        return failed;
    }
    return a.kind == CEL_INT ? cel_int(a.as.i / b.as.i) : cel_uint(a.as.u / b.as.u);
}

CEL_CALL(cel_fn_modulo)
{
    struct cel_value a = args[0], b = args[1], failed;

    if (a.kind != b.kind || (a.kind != CEL_INT && a.kind != CEL_UINT)) {
        return cel_fail_overload(run, node, "the operator %", args, 2);
    }
    if (bad_divisor(run, node, args, &failed)) {
        return failed;
    }
    return a.kind == CEL_INT ? cel_int(a.as.i % b.as.i) : cel_uint(a.as.u % b.as.u);
}

CEL_CALL(cel_fn_negate)
{
    if (args[0].kind == CEL_DOUBLE) {
        return cel_double(-args[0].as.d);
    }
    if (args[0].kind != CEL_INT) {
        return cel_fail_overload(run, node, "the operator -", args, 1);
    }
    return args[0].as.i == INT64_MIN ? overflow(run, node) : cel_int(-args[0].as.i);
}
