/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/rights/personal_data.h"

struct row {
    const char *text;
    int kind; /* -1: nothing */
    size_t start, len;
};

/* clang-format off */
static const struct row rows[] = {
    {"", -1, 0, 0},
    {"The post calls on readers to join.", -1, 0, 0},
    {"write to max@example.org today", PERSONAL_EMAIL, 9, 15},
    {"max.m+x@mail.example.co.uk", PERSONAL_EMAIL, 0, 26},
    {"max\xef\xbc\xa0" "example.org", PERSONAL_EMAIL, 0, 17},
    {"the account @linden_fan posts", PERSONAL_HANDLE, 12, 11},
    {"@ab", PERSONAL_HANDLE, 0, 3},
    {"(@ab)", PERSONAL_HANDLE, 1, 3},
    {"at 5 @ 3 euro", -1, 0, 0},
    {"a@b", -1, 0, 0},
    {"see https://example.org/x?y=1 there", PERSONAL_URL, 4, 25},
    {"see www.example.org", PERSONAL_URL, 4, 15},
    {"hxxps://example.org", PERSONAL_URL, 0, 19},
    {"join t.me/lindenchat now", PERSONAL_URL, 5, 15},
    {"and/or, e.g. this one", -1, 0, 0},
    {"the terms of 1.1.2026 and/or later", -1, 0, 0},
    {"call +49 30 1234567", PERSONAL_PHONE, 5, 14},
    {"call 030/1234567!", PERSONAL_PHONE, 5, 11},
    {"call (030) 123-4567.", PERSONAL_PHONE, 5, 14},
    {"call 555-123-4567", PERSONAL_PHONE, 5, 12},
    {"0049301234567", PERSONAL_PHONE, 0, 13},
    {"on 2026-11-23 10:00 it was there", -1, 0, 0},
    {"on 23.11.2026 it was there", -1, 0, 0},
    {"on 05.11.2026 it was there", -1, 0, 0},
    {"from 2015 2016 2017 on", -1, 0, 0},
    {"40,000 readers and 1200 views", -1, 0, 0},
    {"post 8841 of 1234567890", -1, 0, 0},
    {"art. 9(2)(b) and 3(7)-(8)", -1, 0, 0},
    {"from 192.0.2.17 only", PERSONAL_IP, 5, 10},
    {"version 1.2.3", -1, 0, 0},
    {"300.1.2.3", -1, 0, 0},
    {"1.2.3.4.5", -1, 0, 0},
    {"from 2001:db8::1 only", PERSONAL_IP, 5, 11},
    {"2001:db8:0:1:2:3:4:5", PERSONAL_IP, 0, 20},
    {"at 10:00:00 and 11:01", -1, 0, 0},
    {"std::sort is code", -1, 0, 0},
    {"\xd0\xbf\xd0\xb8\xd1\x88\xd0\xb8 max@example.org", PERSONAL_EMAIL, 9, 15},
    {"\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7", -1, 0, 0},
};
/* clang-format on */

static void finds(void **state)
{
    const struct row *row = *state;
    struct personal_data found = {0};
    bool any = personal_data_find(span_of(row->text), 0, &found);

    if (any != (row->kind >= 0) || (any && (found.start != row->start || found.len != row->len))) {
        print_message("%d %zu %zu\n", any ? (int)found.kind : -1, found.start, found.len);
    }
    assert_int_equal(any, row->kind >= 0);
    if (any) {
        assert_int_equal(found.kind, row->kind);
        assert_int_equal(found.start, row->start);
        assert_int_equal(found.len, row->len);
    }
}

static void finds_all_in_turn(void **state)
{
    struct span text = SPAN("a1@example.org, @lin and 192.0.2.1");
    struct personal_data at;
    size_t count = 0;

    (void)state;
    for (size_t from = 0; personal_data_find(text, from, &at); from = at.start + at.len) {
        count++;
    }
    assert_int_equal(count, 3);
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(rows) + 1];

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tests[i] = (struct CMUnitTest){
            .name = rows[i].text, .test_func = finds, .initial_state = (void *)(uintptr_t)&rows[i]};
    }
    tests[COUNT_OF(rows)] = (struct CMUnitTest)cmocka_unit_test(finds_all_in_turn);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
