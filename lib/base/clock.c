/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/clock.h"

#include <assert.h>

static const int64_t DAY_MS = 86400000;

/* Days from the civil calendar, after Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms" (2013): years start in March, so the leap day is the last of its year. */
int64_t clock_days(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

struct clock_date clock_split(int64_t ms)
{
    int64_t days = ms >= 0 ? ms / DAY_MS : -((-ms + DAY_MS - 1) / DAY_MS);
    int64_t rest = ms - days * DAY_MS;
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    struct clock_date d;

    d.day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    d.month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    d.year = (int)(year_of_era + era * 400 + (d.month <= 2));
    d.hour = (int)(rest / 3600000);
    d.minute = (int)(rest / 60000 % 60);
    d.second = (int)(rest / 1000 % 60);
    d.ms = (int)(rest % 1000);
    d.weekday = (int)(((days % 7) + 7 + 4) % 7);
    d.yearday = (int)(days - clock_days(d.year, 1, 1));
    return d;
}

static void put(char *into, int digits, int value)
{
    for (int i = digits - 1; i >= 0; i--) {
        into[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

void clock_text(int64_t ms, char into[CLOCK_TEXT_LEN + 1])
{
    struct clock_date d = clock_split(ms);

    assert(ms >= CLOCK_MIN_MS && ms <= CLOCK_MAX_MS);
    memcpy(into, "0000-00-00T00:00:00.000Z", CLOCK_TEXT_LEN + 1);
    put(into, 4, d.year);
    put(into + 5, 2, d.month);
    put(into + 8, 2, d.day);
    put(into + 11, 2, d.hour);
    put(into + 14, 2, d.minute);
    put(into + 17, 2, d.second);
    put(into + 20, 3, d.ms);
}

/* Exactly n digits at *rest; moves on. */
static bool take_digits(struct span *rest, size_t n, int *ret)
{
    unsigned long long value;

    if (rest->len < n || !span_to_u64(span_sub(*rest, 0, n), &value)) {
        return false;
    }
    *ret = (int)value;
    *rest = span_sub(*rest, n, rest->len);
    return true;
}

static bool take_char(struct span *rest, const char *one_of)
{
    if (rest->len == 0 || !strchr(one_of, rest->ptr[0]) || rest->ptr[0] == '\0') {
        return false;
    }
    *rest = span_sub(*rest, 1, rest->len);
    return true;
}

static bool take_date(struct span *rest, int64_t *ret_ms)
{
    int year, month, day;

    if (!take_digits(rest, 4, &year) || !take_char(rest, "-") || !take_digits(rest, 2, &month) ||
        !take_char(rest, "-") || !take_digits(rest, 2, &day) || year < 1 || month < 1 || month > 12 ||
        day < 1 || day > month_days(year, month)) {
        return false;
    }
    *ret_ms = clock_days(year, month, day) * DAY_MS;
    return true;
}

/* ".123456" cut to milliseconds; nothing is 0. */
static bool take_fraction(struct span *rest, int *ret_ms)
{
    int scale = 100, digits = 0;

    *ret_ms = 0;
    if (!take_char(rest, ".")) {
        return true;
    }
    while (rest->len && rest->ptr[0] >= '0' && rest->ptr[0] <= '9') {
        *ret_ms += (rest->ptr[0] - '0') * scale;
        scale /= 10;
        digits++;
        *rest = span_sub(*rest, 1, rest->len);
    }
    return digits >= 1 && digits <= 9;
}

/* "Z" or "+02:00" as minutes east of UTC. */
static bool take_offset(struct span *rest, int *ret_minutes)
{
    int hours, minutes, sign;

    *ret_minutes = 0;
    if (take_char(rest, "Zz")) {
        return true;
    }
    if (rest->len == 0 || (rest->ptr[0] != '+' && rest->ptr[0] != '-')) {
        return false;
    }
    sign = rest->ptr[0] == '-' ? -1 : 1;
    *rest = span_sub(*rest, 1, rest->len);
    if (!take_digits(rest, 2, &hours) || !take_char(rest, ":") || !take_digits(rest, 2, &minutes) ||
        hours > 23 || minutes > 59) {
        return false;
    }
    *ret_minutes = sign * (hours * 60 + minutes);
    return true;
}

bool clock_read(struct span text, int64_t *ret_ms)
{
    int hour, minute, second, ms, offset;
    int64_t day;

    if (!take_date(&text, &day) || !take_char(&text, "Tt") || !take_digits(&text, 2, &hour) ||
        !take_char(&text, ":") || !take_digits(&text, 2, &minute) || !take_char(&text, ":") ||
        !take_digits(&text, 2, &second) || !take_fraction(&text, &ms) ||
        !take_offset(&text, &offset) || text.len != 0 || hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    day += (((int64_t)hour * 60 + minute - offset) * 60 + second) * 1000 + ms;
    if (day < CLOCK_MIN_MS || day > CLOCK_MAX_MS) {
        return false;
    }
    *ret_ms = day;
    return true;
}

bool clock_read_date(struct span text, int64_t *ret_ms)
{
    int64_t ms;

    if (!take_date(&text, &ms) || text.len != 0) {
        return false;
    }
    *ret_ms = ms;
    return true;
}

int64_t clock_add_months(int64_t ms, int months)
{
    struct clock_date d = clock_split(ms);
    int64_t count = (int64_t)d.year * 12 + (d.month - 1) + months;
    int year = (int)(count >= 0 ? count / 12 : -((-count + 11) / 12));
    int month = (int)(count - (int64_t)year * 12) + 1;
    int last = month_days(year, month);
    int64_t midnight = clock_days(d.year, d.month, d.day) * DAY_MS;

    return clock_days(year, month, d.day < last ? d.day : last) * DAY_MS + (ms - midnight);
}

bool clock_read_duration(struct span text, int64_t *ret_ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    size_t digits = 0;
    unsigned long long value;

    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9') {
        digits++;
    }
    if (digits > 10 || !span_to_u64(span_sub(text, 0, digits), &value)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (span_is(span_sub(text, digits, text.len), units[i].unit)) {
            *ret_ms = (int64_t)value * units[i].ms;
            return true;
        }
    }
    return false;
}
