/* SPDX-License-Identifier: Apache-2.0 */
/* getFullYear() and its kin, of timestamps (in UTC or a zone) and durations. */
#include "lib/base/clock.h"
#include "lib/cel/builtin.h"
#include "lib/cel/zone.h"

#define NANOS 1000000000LL

/* The calendar of the moment; false: *failed. One argument: UTC; two: the zone. */
static bool calendar(struct cel_run *run, const struct cel_node *node, const struct cel_value *args,
                     struct clock_date *ret, struct cel_value *failed)
{
    int32_t offset = 0;
    char quoted[FAULT_QUOTE_MAX];
    int64_t seconds = args[0].as.i;
    struct span zone = node->count == 2 ? cel_text(args[1]) : SPAN("UTC");

    if (args[0].kind != CEL_TIMESTAMP || (node->count == 2 && args[1].kind != CEL_STRING)) {
        *failed = cel_fail_overload(run, node, "the function", args, node->count);
        return false;
    }
    if (node->count == 2 &&
        !(run->env->zones && run->env->zones(run->env->zones_context, zone, seconds, &offset)) &&
        !cel_zone_offset(zone, seconds, &offset)) {
        *failed = cel_fail_format(run, node, "CEL_ZONE", "the time zone '%s' is not known",
                                  fault_quote(quoted, zone));
        return false;
    }
    seconds += offset;
    /* The hours around the first and last day have no calendar in lib/base/clock. */
    if (seconds * 1000 < CLOCK_MIN_MS || seconds * 1000 > CLOCK_MAX_MS) {
        *failed = cel_fail(run, node, "CEL_RANGE", "the moment is outside the years 1 to 9999 there");
        return false;
    }
    *ret = clock_split(seconds * 1000);
    return true;
}

#define CALENDAR_FUNCTION(name, member, add)                                                       \
    CEL_CALL(name)                                                                                 \
    {                                                                                              \
        struct cel_value failed = cel_null();                                                      \
        struct clock_date date;                                                                    \
                                                                                                   \
        return calendar(run, node, args, &date, &failed) ? cel_int(date.member + (add)) : failed;  \
    }

CALENDAR_FUNCTION(cel_fn_year, year, 0)
CALENDAR_FUNCTION(cel_fn_month, month, -1)
CALENDAR_FUNCTION(cel_fn_date, day, 0)
CALENDAR_FUNCTION(cel_fn_day_of_month, day, -1)
CALENDAR_FUNCTION(cel_fn_day_of_week, weekday, 0)
CALENDAR_FUNCTION(cel_fn_day_of_year, yearday, 0)
static CALENDAR_FUNCTION(hours_of_day, hour, 0)
static CALENDAR_FUNCTION(minutes_of_hour, minute, 0)
static CALENDAR_FUNCTION(seconds_of_minute, second, 0)

static bool is_duration(const struct cel_node *node, const struct cel_value *args)
{
    return args[0].kind == CEL_DURATION && node->count == 1;
}

CEL_CALL(cel_fn_hours)
{
    return is_duration(node, args) ? cel_int(args[0].as.i / (3600 * NANOS))
                                   : hours_of_day(run, node, args);
}

CEL_CALL(cel_fn_minutes)
{
    return is_duration(node, args) ? cel_int(args[0].as.i / (60 * NANOS))
                                   : minutes_of_hour(run, node, args);
}

CEL_CALL(cel_fn_seconds)
{
    return is_duration(node, args) ? cel_int(args[0].as.i / NANOS)
                                   : seconds_of_minute(run, node, args);
}

/* Of a duration: the milliseconds of its last second, as of a timestamp. */
CEL_CALL(cel_fn_milliseconds)
{
    struct cel_value failed = cel_null();
    struct clock_date date;

    if (is_duration(node, args)) {
        return cel_int(args[0].as.i % NANOS / 1000000);
    }
    return calendar(run, node, args, &date, &failed) ? cel_int(args[0].len / 1000000) : failed;
}
