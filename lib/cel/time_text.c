/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/time_text.h"

#include "lib/base/attr.h"
#include "lib/base/clock.h"

#include <stdio.h>

#define NANOS 1000000000LL

static size_t put_decimals(char *into, uint32_t nanos)
{
    size_t len;

    if (nanos == 0) {
        return 0;
    }
    len = (size_t)snprintf(into, 12, ".%09u", nanos);
    while (into[len - 1] == '0') {
        len--;
    }
    return len;
}

size_t cel_timestamp_text(int64_t seconds, uint32_t nanos, char into[CEL_TIME_TEXT_MAX])
{
    struct clock_date d;
    size_t len;

    if (seconds < CEL_SECONDS_MIN || seconds > CEL_SECONDS_MAX) {
        seconds = seconds < 0 ? CEL_SECONDS_MIN : CEL_SECONDS_MAX;
    }
    d = clock_split(seconds * 1000);
    len = (size_t)snprintf(into, CEL_TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", d.year, d.month,
                           d.day, d.hour, d.minute, d.second);
    len += put_decimals(into + len, nanos);
    into[len++] = 'Z';
    into[len] = '\0';
    return len;
}

size_t cel_duration_text(int64_t nanoseconds, char into[CEL_TIME_TEXT_MAX])
{
    uint64_t size = nanoseconds < 0 ? 0 - (uint64_t)nanoseconds : (uint64_t)nanoseconds;
    size_t len = (size_t)snprintf(into, CEL_TIME_TEXT_MAX, "%s%llu", nanoseconds < 0 ? "-" : "",
                                  (unsigned long long)size / NANOS);

    len += put_decimals(into + len, (uint32_t)(size % (uint64_t)NANOS));
    into[len++] = 's';
    into[len] = '\0';
    return len;
}

/* Exactly `count` digits at *at. */
static bool digits(struct span text, size_t *at, size_t count, int *ret)
{
    int value = 0;

    if (text.len - *at < count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        char c = text.ptr[*at + i];

        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    *at += count;
    *ret = value;
    return true;
}

static bool mark(struct span text, size_t *at, const char *allowed)
{
    if (*at >= text.len || text.ptr[*at] == '\0' || !strchr(allowed, text.ptr[*at])) {
        return false;
    }
    (*at)++;
    return true;
}

static bool decimals(struct span text, size_t *at, uint32_t *ret_nanos)
{
    uint32_t nanos = 0;
    size_t count = 0;

    if (*at >= text.len || text.ptr[*at] != '.') {
        *ret_nanos = 0;
        return true;
    }
    (*at)++;
    while (*at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9') {
        if (count++ < 9) {
            nanos = nanos * 10 + (uint32_t)(text.ptr[*at] - '0');
        }
        (*at)++;
    }
    if (count == 0 || count > 9) {
        return false;
    }
    for (; count < 9; count++) {
        nanos *= 10;
    }
    *ret_nanos = nanos;
    return true;
}

/* Z, or +hh:mm: seconds east. */
static bool offset(struct span text, size_t *at, int *ret)
{
    int hours, minutes;
    bool west;

    if (mark(text, at, "Zz")) {
        *ret = 0;
        return true;
    }
    west = *at < text.len && text.ptr[*at] == '-';
    if (!mark(text, at, "+-") || !digits(text, at, 2, &hours) || !mark(text, at, ":") ||
        !digits(text, at, 2, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    *ret = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

bool cel_timestamp_read(struct span text, int64_t *ret_seconds, uint32_t *ret_nanos)
{
    int year, month, day, hour, minute, second, east;
    size_t at = 0;
    uint32_t nanos;
    int64_t seconds;

    if (!digits(text, &at, 4, &year) || !mark(text, &at, "-") || !digits(text, &at, 2, &month) ||
        !mark(text, &at, "-") || !digits(text, &at, 2, &day) || !mark(text, &at, "Tt") ||
        !digits(text, &at, 2, &hour) || !mark(text, &at, ":") || !digits(text, &at, 2, &minute) ||
        !mark(text, &at, ":") || !digits(text, &at, 2, &second) || !decimals(text, &at, &nanos) ||
        !offset(text, &at, &east) || at != text.len) {
        return false;
    }
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_of(year, month) || hour > 23 ||
        minute > 59 || second > 59) {
        return false;
    }
    seconds = clock_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - east;
    if (seconds < CEL_SECONDS_MIN || seconds > CEL_SECONDS_MAX) {
        return false;
    }
    *ret_seconds = seconds;
    *ret_nanos = nanos;
    return true;
}

/* The unit at *at as nanoseconds, 0 when there is none. */
static int64_t unit(struct span text, size_t *at)
{
    static const struct {
        const char *name;
        int64_t nanos;
    } units[] = {{"ns", 1},           {"us", 1000},          {"\xc2\xb5s", 1000},
                 {"\xce\xbcs", 1000}, {"ms", 1000000},       {"s", NANOS},
                 {"m", 60 * NANOS},   {"h", 3600 * NANOS}};
    struct span rest = span_sub(text, *at, text.len);

    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (span_starts(rest, units[i].name)) {
            *at += strlen(units[i].name);
            return units[i].nanos;
        }
    }
    return 0;
}

/* One "1.5h": adds it to *total. */
static bool piece(struct span text, size_t *at, unsigned __int128 *total)
{
    unsigned __int128 whole = 0, fraction = 0, scale = 1;
    size_t count = 0;
    int64_t nanos;

    for (; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; (*at)++, count++) {
        whole = whole * 10 + (unsigned)(text.ptr[*at] - '0');
        if (whole > (unsigned __int128)INT64_MAX) {
            return false;
        }
    }
    if (*at < text.len && text.ptr[*at] == '.') {
        (*at)++;
        for (; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; (*at)++, count++) {
            if (scale < (unsigned __int128)1000000000000000LL) {
                fraction = fraction * 10 + (unsigned)(text.ptr[*at] - '0');
                scale *= 10;
            }
        }
    }
    nanos = count > 0 ? unit(text, at) : 0;
    if (nanos == 0) {
        return false;
    }
    *total += whole * (unsigned __int128)nanos + fraction * (unsigned __int128)nanos / scale;
    return *total <= (unsigned __int128)INT64_MAX + 1;
}

bool cel_duration_read(struct span text, int64_t *ret_nanoseconds)
{
    unsigned __int128 total = 0;
    size_t at = 0;
    bool negative = text.len > 0 && text.ptr[0] == '-';

    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        at++;
    }
    if (span_is(span_sub(text, at, text.len), "0")) {
        *ret_nanoseconds = 0;
        return true;
    }
    if (at == text.len) {
        return false;
    }
    while (at < text.len) {
        if (!piece(text, &at, &total)) {
            return false;
        }
    }
    if (total > (unsigned __int128)INT64_MAX + (negative ? 1 : 0)) {
        return false;
    }
    *ret_nanoseconds = negative ? (int64_t)(0 - (uint64_t)total) : (int64_t)total;
    return true;
}
