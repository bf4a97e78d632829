/* SPDX-License-Identifier: Apache-2.0 */
/* int() uint() double() bool() string() bytes() timestamp() duration() dyn() type() */
#include "lib/cel/builtin.h"
#include "lib/cel/number.h"
#include "lib/cel/time_text.h"
#include "lib/cel/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define TWO_63 9223372036854775808.0
#define TWO_64 18446744073709551616.0

static struct cel_value no_fit(struct cel_run *run, const struct cel_node *node, const char *type)
{
    return cel_fail_format(run, node, "CEL_CONVERSION", "the value does not fit %s", type);
}

static struct cel_value no_read(struct cel_run *run, const struct cel_node *node,
                                struct cel_value text, const char *type)
{
    char quoted[FAULT_QUOTE_MAX];

    return cel_fail_format(run, node, "CEL_CONVERSION", "'%s' is no %s",
                           fault_quote(quoted, cel_text(text)), type);
}

CEL_CALL(cel_fn_int)
{
    struct cel_value v = args[0];
    int64_t i;

    switch (v.kind) {
    case CEL_INT:
        return v;
    case CEL_UINT:
        return v.as.u <= INT64_MAX ? cel_int((int64_t)v.as.u) : no_fit(run, node, "an int");
    case CEL_DOUBLE:
        /* Both ends are refused: the conformance data wants the open interval. */
        return v.as.d > -TWO_63 && v.as.d < TWO_63 ? cel_int((int64_t)v.as.d)
                                                   : no_fit(run, node, "an int");
    case CEL_STRING:
        return cel_read_int(cel_text(v), &i) ? cel_int(i) : no_read(run, node, v, "int");
    case CEL_TIMESTAMP:
        return cel_int(v.as.i);
    default:
        return cel_fail_overload(run, node, "int()", args, 1);
    }
}

CEL_CALL(cel_fn_uint)
{
    struct cel_value v = args[0];
    uint64_t u;

    switch (v.kind) {
    case CEL_UINT:
        return v;
    case CEL_INT:
        return v.as.i >= 0 ? cel_uint((uint64_t)v.as.i) : no_fit(run, node, "a uint");
    case CEL_DOUBLE:
        return v.as.d >= 0 && v.as.d < TWO_64 ? cel_uint((uint64_t)v.as.d)
                                              : no_fit(run, node, "a uint");
    case CEL_STRING:
        return cel_read_uint(cel_text(v), &u) ? cel_uint(u) : no_read(run, node, v, "uint");
    default:
        return cel_fail_overload(run, node, "uint()", args, 1);
    }
}

CEL_CALL(cel_fn_double)
{
    struct cel_value v = args[0];
    double d;

    switch (v.kind) {
    case CEL_DOUBLE:
        return v;
    case CEL_INT:
        return cel_double((double)v.as.i);
    case CEL_UINT:
        return cel_double((double)v.as.u);
    case CEL_STRING:
        return cel_read_double(cel_text(v), &d) ? cel_double(d) : no_read(run, node, v, "double");
    default:
        return cel_fail_overload(run, node, "double()", args, 1);
    }
}

CEL_CALL(cel_fn_bool)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = {{"1", true},  {"t", true},  {"T", true},  {"true", true},   {"TRUE", true},
                 {"True", true}, {"0", false}, {"f", false}, {"F", false}, {"false", false},
                 {"FALSE", false}, {"False", false}};

    if (args[0].kind == CEL_BOOL) {
        return args[0];
    }
    if (args[0].kind != CEL_STRING) {
        return cel_fail_overload(run, node, "bool()", args, 1);
    }
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (span_is(cel_text(args[0]), words[i].text)) {
            return cel_bool(words[i].value);
        }
    }
    return no_read(run, node, args[0], "bool");
}

CEL_CALL(cel_fn_string)
{
    struct cel_value v = args[0];
    char text[CEL_DOUBLE_TEXT_MAX + CEL_TIME_TEXT_MAX];
    size_t len;

    switch (v.kind) {
    case CEL_STRING:
        return v;
    case CEL_BOOL:
        return cel_string(v.as.b ? SPAN("true") : SPAN("false"));
    case CEL_INT:
        len = (size_t)snprintf(text, sizeof(text), "%" PRId64, v.as.i);
        break;
    case CEL_UINT:
        len = (size_t)snprintf(text, sizeof(text), "%" PRIu64, v.as.u);
        break;
    case CEL_DOUBLE:
        len = cel_double_text(v.as.d, text);
        break;
    case CEL_TIMESTAMP:
        len = cel_timestamp_text(v.as.i, v.len, text);
        break;
    case CEL_DURATION:
        len = cel_duration_text(v.as.i, text);
        break;
    case CEL_BYTES:
        if (!cel_spend(run, node, v.len / 16)) {
            return cel_fatal(run);
        }
        return cel_utf8_valid(cel_text(v))
                   ? cel_string(cel_text(v))
                   : cel_fail(run, node, "CEL_CONVERSION", "the bytes are no UTF-8");
    default:
        return cel_fail_overload(run, node, "string()", args, 1);
    }
    return cel_make_text(run, node, (struct span){text, len});
}

CEL_CALL(cel_fn_bytes)
{
    if (args[0].kind == CEL_STRING || args[0].kind == CEL_BYTES) {
        return cel_bytes(cel_text(args[0]));
    }
    return cel_fail_overload(run, node, "bytes()", args, 1);
}

CEL_CALL(cel_fn_timestamp)
{
    int64_t seconds;
    uint32_t nanos;

    switch (args[0].kind) {
    case CEL_TIMESTAMP:
        return args[0];
    case CEL_INT:
        if (args[0].as.i < CEL_SECONDS_MIN || args[0].as.i > CEL_SECONDS_MAX) {
            return cel_fail(run, node, "CEL_RANGE", "the timestamp is not in the years 1 to 9999");
        }
        return cel_timestamp(args[0].as.i, 0);
    case CEL_STRING:
        return cel_timestamp_read(cel_text(args[0]), &seconds, &nanos)
                   ? cel_timestamp(seconds, nanos)
                   : no_read(run, node, args[0], "RFC 3339 timestamp in the years 1 to 9999");
    default:
        return cel_fail_overload(run, node, "timestamp()", args, 1);
    }
}

CEL_CALL(cel_fn_duration)
{
    int64_t nanos;

    switch (args[0].kind) {
    case CEL_DURATION:
        return args[0];
    case CEL_INT:
        if (__builtin_mul_overflow(args[0].as.i, 1000000000LL, &nanos)) {
            return cel_fail(run, node, "CEL_RANGE", "the duration is out of range");
        }
        return cel_duration_ns(nanos);
    case CEL_STRING:
        return cel_duration_read(cel_text(args[0]), &nanos)
                   ? cel_duration_ns(nanos)
                   : no_read(run, node, args[0], "duration like 1h30m or 1.5s, at most 292 years");
    default:
        return cel_fail_overload(run, node, "duration()", args, 1);
    }
}

CEL_CALL(cel_fn_dyn)
{
    (void)run;
    (void)node;
    return args[0];
}

CEL_CALL(cel_fn_type)
{
    static const struct cel_type *const types[] = {
        [CEL_NULL] = &cel_type_null,           [CEL_BOOL] = &cel_type_bool,
        [CEL_INT] = &cel_type_int,             [CEL_UINT] = &cel_type_uint,
        [CEL_DOUBLE] = &cel_type_double,       [CEL_STRING] = &cel_type_string,
        [CEL_BYTES] = &cel_type_bytes,         [CEL_TIMESTAMP] = &cel_type_timestamp,
        [CEL_DURATION] = &cel_type_duration,   [CEL_LIST] = &cel_type_list_dyn,
        [CEL_MAP] = &cel_type_map_dyn,         [CEL_TYPE] = &cel_type_type,
        [CEL_OPTIONAL] = &cel_type_optional_dyn,
    };
    unsigned kind = args[0].kind;

    (void)node;
    if (kind == CEL_RECORD && args[0].record < run->env->record_count) {
        return cel_type_value(run->env->records[args[0].record].type);
    }
    return cel_type_value(kind < COUNT_OF(types) && types[kind] ? types[kind] : &cel_type_dyn);
}
