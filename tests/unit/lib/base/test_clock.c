/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/base/clock.h"

static void test_text_and_back(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {1709164800000, "2024-02-29T00:00:00.000Z"},
        {4107542399999, "2100-02-28T23:59:59.999Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {CLOCK_MIN_MS, "0001-01-01T00:00:00.000Z"},
        {CLOCK_MAX_MS, "9999-12-31T23:59:59.999Z"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[CLOCK_TEXT_LEN + 1];
        int64_t ms;

        clock_text(cases[i].ms, text);
        assert_string_equal(text, cases[i].text);
        assert_true(clock_read(span_of(text), &ms));
        assert_int_equal(ms, cases[i].ms);
    }
}

static void test_reads_what_rfc_3339_allows(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"1985-04-12T23:20:50.52Z", 482196050520},          /* RFC 3339 section 5.8 */
        {"1996-12-19T16:39:57-08:00", 851042397000},
        {"1996-12-20T00:39:57Z", 851042397000},
        {"1937-01-01T12:00:27.87+00:20", -1041337172130},
        {"1970-01-01t00:00:00z", 0},
        {"1970-01-01T00:00:00.123456789Z", 123},
        {"1970-01-01T00:00:00.9999Z", 999},
        {"1970-01-01T23:59:00+23:59", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t ms = 7;

        assert_true(clock_read(span_of(cases[i].text), &ms));
        assert_int_equal(ms, cases[i].ms);
    }
}

static void test_refuses_other_spellings(void **state)
{
    static const char *const cases[] = {
        "", "1970", "1970-01-01", "1970-01-01 00:00:00Z", "1970-01-01T00:00:00", "1970-01-01T00:00Z",
        "1970-13-01T00:00:00Z", "1970-00-01T00:00:00Z", "1970-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "1970-01-32T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1990-12-31T23:59:60Z",
        "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00.1234567890Z", "1970-01-01T00:00:00+0000",
        "1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00+00:60", "1970-01-01T00:00:00Zx", " 1970-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "-001-01-01T00:00:00Z",
        "1970-01-01T00:00:00,5Z", "1970-1-1T00:00:00Z", "+1970-01-01T00:00:00Z", "1970-01-01T0 :00:00Z",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t ms = 7;

        if (clock_read(span_of(cases[i]), &ms)) {
            fail_msg("read: %s", cases[i]);
        }
        assert_int_equal(ms, 7);
    }
}

static void test_every_day_of_800_years(void **state)
{
    int64_t first = clock_days(1600, 1, 1);

    (void)state;
    for (int64_t day = first; day < first + 800 * 365; day++) {
        struct clock_date d = clock_split(day * 86400000 + 1);

        assert_int_equal(clock_days(d.year, d.month, d.day), day);
        assert_int_equal(d.weekday, ((day + 4) % 7 + 7) % 7);
        assert_int_equal(d.yearday, day - clock_days(d.year, 1, 1));
        assert_int_equal(d.ms, 1);
    }
}

static void test_months_end_where_the_month_ends(void **state)
{
    static const struct {
        const char *from;
        int months;
        const char *to;
    } cases[] = {
        {"2026-01-31T10:00:00.000Z", 1, "2026-02-28T10:00:00.000Z"},
        {"2024-01-31T10:00:00.000Z", 1, "2024-02-29T10:00:00.000Z"},
        {"2026-08-31T00:00:00.000Z", 6, "2027-02-28T00:00:00.000Z"},
        {"2026-11-23T20:53:28.123Z", 12, "2027-11-23T20:53:28.123Z"},
        {"2026-01-15T00:00:00.000Z", -1, "2025-12-15T00:00:00.000Z"},
        {"2026-03-31T00:00:00.000Z", -13, "2025-02-28T00:00:00.000Z"},
        {"2026-12-01T00:00:00.000Z", 0, "2026-12-01T00:00:00.000Z"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[CLOCK_TEXT_LEN + 1];
        int64_t ms;

        assert_true(clock_read(span_of(cases[i].from), &ms));
        clock_text(clock_add_months(ms, cases[i].months), text);
        assert_string_equal(text, cases[i].to);
    }
}

static void test_dates_and_durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;                     /* -1: refused */
    } durations[] = {
        {"0ms", 0}, {"250ms", 250}, {"30s", 30000}, {"5m", 300000}, {"4h", 14400000}, {"2d", 172800000},
        {"9999999999d", 863999999913600000}, {"10000000000d", -1}, {"", -1}, {"5", -1}, {"m", -1}, {"5 m", -1},
        {"-5m", -1}, {"5M", -1}, {"5mm", -1}, {"1.5h", -1}, {"5m ", -1}, {"1h30m", -1},
    };
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(durations); i++) {
        ms = -1;
        assert_int_equal(clock_read_duration(span_of(durations[i].text), &ms), durations[i].ms >= 0);
        assert_int_equal(ms, durations[i].ms);
    }
    assert_true(clock_read_date(SPAN("2026-11-23"), &ms));
    assert_int_equal(ms, clock_days(2026, 11, 23) * 86400000);
    assert_false(clock_read_date(SPAN("2026-11-31"), &ms));
    assert_false(clock_read_date(SPAN("2026-11-23T"), &ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_and_back),
        cmocka_unit_test(test_reads_what_rfc_3339_allows),
        cmocka_unit_test(test_refuses_other_spellings),
        cmocka_unit_test(test_every_day_of_800_years),
        cmocka_unit_test(test_months_end_where_the_month_ends),
        cmocka_unit_test(test_dates_and_durations),
    };

    return cmocka_run_group_tests_name("lib/base/clock", tests, NULL, NULL);
}
