/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/zone.h"

#include "lib/base/attr.h"
#include "lib/base/clock.h"

enum rule { NONE, EU, US, AU, NZ, CL, EG, IL };

/* When summer time begins and ends: the nth (5: last) weekday of a month and the hour, in UTC for
 * EU, in standard time otherwise (so an end at 2 o'clock summer time is 1). */
static const struct {
    int8_t begin_month, begin_nth, begin_weekday, begin_hour;
    int8_t end_month, end_nth, end_weekday, end_hour;
    bool utc;
} rules[] = {
    [EU] = {3, 5, 0, 1, 10, 5, 0, 1, true},   [US] = {3, 2, 0, 2, 11, 1, 0, 1, false},
    [AU] = {10, 1, 0, 2, 4, 1, 0, 2, false},  [NZ] = {9, 5, 0, 2, 4, 1, 0, 2, false},
    [CL] = {9, 1, 0, 0, 4, 1, 0, -1, false},  [EG] = {4, 5, 5, 0, 10, 5, 4, 23, false},
    [IL] = {3, 4, 5, 2, 10, 5, 0, 1, false},
};

static const struct {
    const char *name;
    int16_t minutes;
    enum rule rule;
} zones[] = {
    {"UTC", 0, NONE},                   {"Z", 0, NONE},
    {"GMT", 0, NONE},                   {"Etc/UTC", 0, NONE},
    {"Etc/GMT", 0, NONE},               {"Africa/Abidjan", 0, NONE},
    {"Africa/Algiers", 60, NONE},       {"Africa/Cairo", 120, EG},
    {"Africa/Johannesburg", 120, NONE}, {"Africa/Khartoum", 120, NONE},
    {"Africa/Lagos", 60, NONE},         {"Africa/Mogadishu", 180, NONE},
    {"Africa/Nairobi", 180, NONE},      {"Africa/Tripoli", 120, NONE},
    {"Africa/Tunis", 60, NONE},         {"America/Anchorage", -540, US},
    {"America/Argentina/Buenos_Aires", -180, NONE},
    {"America/Bogota", -300, NONE},     {"America/Caracas", -240, NONE},
    {"America/Chicago", -360, US},      {"America/Denver", -420, US},
    {"America/Halifax", -240, US},      {"America/Lima", -300, NONE},
    {"America/Los_Angeles", -480, US},  {"America/Mexico_City", -360, NONE},
    {"America/New_York", -300, US},     {"America/Phoenix", -420, NONE},
    {"America/Santiago", -240, CL},     {"America/Sao_Paulo", -180, NONE},
    {"America/St_Johns", -210, US},     {"America/Toronto", -300, US},
    {"America/Vancouver", -480, US},    {"Asia/Baghdad", 180, NONE},
    {"Asia/Bangkok", 420, NONE},        {"Asia/Colombo", 330, NONE},
    {"Asia/Damascus", 180, NONE},       {"Asia/Dhaka", 360, NONE},
    {"Asia/Dubai", 240, NONE},          {"Asia/Ho_Chi_Minh", 420, NONE},
    {"Asia/Hong_Kong", 480, NONE},      {"Asia/Jakarta", 420, NONE},
    {"Asia/Jerusalem", 120, IL},        {"Asia/Kabul", 270, NONE},
    {"Asia/Karachi", 300, NONE},        {"Asia/Kathmandu", 345, NONE},
    {"Asia/Kolkata", 330, NONE},        {"Asia/Kuala_Lumpur", 480, NONE},
    {"Asia/Manila", 480, NONE},         {"Asia/Riyadh", 180, NONE},
    {"Asia/Seoul", 540, NONE},          {"Asia/Shanghai", 480, NONE},
    {"Asia/Singapore", 480, NONE},      {"Asia/Taipei", 480, NONE},
    {"Asia/Tehran", 210, NONE},         {"Asia/Tokyo", 540, NONE},
    {"Asia/Yangon", 390, NONE},         {"Atlantic/Reykjavik", 0, NONE},
    {"Australia/Adelaide", 570, AU},    {"Australia/Brisbane", 600, NONE},
    {"Australia/Melbourne", 600, AU},   {"Australia/Perth", 480, NONE},
    {"Australia/Sydney", 600, AU},      {"Europe/Amsterdam", 60, EU},
    {"Europe/Athens", 120, EU},         {"Europe/Belgrade", 60, EU},
    {"Europe/Berlin", 60, EU},          {"Europe/Brussels", 60, EU},
    {"Europe/Bucharest", 120, EU},      {"Europe/Budapest", 60, EU},
    {"Europe/Copenhagen", 60, EU},      {"Europe/Dublin", 0, EU},
    {"Europe/Helsinki", 120, EU},       {"Europe/Istanbul", 180, NONE},
    {"Europe/Kyiv", 120, EU},           {"Europe/Lisbon", 0, EU},
    {"Europe/London", 0, EU},           {"Europe/Luxembourg", 60, EU},
    {"Europe/Madrid", 60, EU},          {"Europe/Minsk", 180, NONE},
    {"Europe/Moscow", 180, NONE},       {"Europe/Oslo", 60, EU},
    {"Europe/Paris", 60, EU},           {"Europe/Prague", 60, EU},
    {"Europe/Riga", 120, EU},           {"Europe/Rome", 60, EU},
    {"Europe/Sofia", 120, EU},          {"Europe/Stockholm", 60, EU},
    {"Europe/Tallinn", 120, EU},        {"Europe/Vienna", 60, EU},
    {"Europe/Vilnius", 120, EU},        {"Europe/Warsaw", 60, EU},
    {"Europe/Zagreb", 60, EU},          {"Europe/Zurich", 60, EU},
    {"Pacific/Auckland", 720, NZ},      {"Pacific/Honolulu", -600, NONE},
    {"US/Central", -360, US},           {"US/Eastern", -300, US},
    {"US/Mountain", -420, US},          {"US/Pacific", -480, US},
};

/* Seconds since 1970 of the nth (5: last) weekday of a month, at an hour. */
static int64_t nth(int year, int month, int which, int weekday, int hour)
{
    int next_year = month == 12 ? year + 1 : year, next_month = month == 12 ? 1 : month + 1;
    int64_t first = clock_days(year, month, 1), last = clock_days(next_year, next_month, 1) - 1;
    int64_t day;

    /* Day 0 of 1970 was a Thursday (4). */
    if (which == 5) {
        day = last - ((last + 4 - weekday) % 7 + 7) % 7;
    } else {
        day = first + ((weekday - first - 4) % 7 + 7) % 7 + 7 * (which - 1);
    }
    return day * 86400 + hour * 3600;
}

static bool is_summer(enum rule rule, int64_t utc, int32_t standard)
{
    int64_t at = rules[rule].utc ? utc : utc + standard;
    int year = clock_split(at * 1000).year;
    int64_t begin = nth(year, rules[rule].begin_month, rules[rule].begin_nth,
                        rules[rule].begin_weekday, rules[rule].begin_hour);
    int64_t end = nth(year, rules[rule].end_month, rules[rule].end_nth, rules[rule].end_weekday,
                      rules[rule].end_hour);

    /* In the south summer spans the new year. */
    return begin < end ? at >= begin && at < end : at >= begin || at < end;
}

/* "+01:00", "-09:30", "02:00". */
static bool fixed_offset(struct span text, int32_t *ret)
{
    size_t at = text.len > 0 && (text.ptr[0] == '+' || text.ptr[0] == '-') ? 1 : 0;
    int digits[4];

    if (text.len - at != 5 || text.ptr[at + 2] != ':') {
        return false;
    }
    for (size_t i = 0; i < 4; i++) {
        char c = text.ptr[at + i + (i > 1 ? 1 : 0)];

        if (c < '0' || c > '9') {
            return false;
        }
        digits[i] = c - '0';
    }
    if (digits[0] * 10 + digits[1] > 23 || digits[2] > 5) {
        return false;
    }
    *ret = (digits[0] * 10 + digits[1]) * 3600 + (digits[2] * 10 + digits[3]) * 60;
    *ret = text.ptr[0] == '-' ? -*ret : *ret;
    return true;
}

bool cel_zone_offset(struct span name, int64_t unix_seconds, int32_t *ret_offset)
{
    if (fixed_offset(name, ret_offset)) {
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(zones); i++) {
        if (span_is(name, zones[i].name)) {
            int32_t standard = zones[i].minutes * 60;
            bool summer = zones[i].rule != NONE && is_summer(zones[i].rule, unix_seconds, standard);

            *ret_offset = standard + (summer ? 3600 : 0);
            return true;
        }
    }
    return false;
}
