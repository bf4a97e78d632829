/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/rights/record.h"

#include "lib/base/attr.h"
#include "lib/export/row.h"
#include "lib/json/read.h"

#define ENTRY                                                                                      \
    "{'v':1,'type':'decision','at':'2026-11-23T10:01:00.000Z','decision':'dec_1','case':'cas_1','" \
    "outcome':'remove',"                                                                           \
    "'reviewer':'11111111111111111111111111111111','justification':{'tier':'full','harm':'"        \
    "recruitment',"                                                                                \
    "'aim':['rights_of_others','public_order'],'exemptions':{'none_present':true},'why':'=1+1, "   \
    "he \\u0022said\\u0022',"                                                                      \
    "'origin':{'kind':'gov_referral_unit','state_actor':{'country':'DE','authority':'BKA','"       \
    "disclosure':"                                                                                 \
    "{'prohibited_until':'2026-12-01T00:00:00Z','legal_ref':'TCO 11(3)'}}}}}"

static void cells(void **state)
{
    static const struct {
        const char *text, *cell;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"a,b", "\"a,b\""},
        {"say \"x\"", "\"say \"\"x\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"two\r\nlines", "\"two\r\nlines\""},
        {"=HYPERLINK(1)", "\"'=HYPERLINK(1)\""},
        {"+49", "\"'+49\""},
        {"-1", "\"'-1\""},
        {"@x", "\"'@x\""},
        {"\tx", "\"'\tx\""},
        {"\rx", "\"'\rx\""},
        {"a=b", "a=b"},
        {"\xd9\x85\xd8\xb1", "\xd9\x85\xd8\xb1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(buf_freep) struct buf *out = buf_new(4096);

        assert_int_equal(csv_text(out, span_of(cases[i].text)), 0);
        assert_string_equal(out->len ? out->data : "", cases[i].cell);
    }
}

static size_t count_commas(const char *line)
{
    size_t count = 0;
    bool quoted = false;

    for (; *line; line++) {
        quoted = *line == '"' ? !quoted : quoted;
        count += *line == ',' && !quoted;
    }
    return count;
}

static void a_decision_is_one_row(void **state)
{
    CLEANUP(json_freep) json_t *entry = test_json(ENTRY);
    CLEANUP(json_freep) json_t *other = test_json("{'type':'claim'}");
    CLEANUP(buf_freep) struct buf *head = buf_new(1 << 16);
    CLEANUP(buf_freep) struct buf *row = buf_new(1 << 16);

    (void)state;
    assert_int_equal(row_csv_header(head), 0);
    assert_int_equal(row_csv(row, other, 0), 0);
    assert_int_equal(row->len, 0);
    assert_int_equal(row_csv(row, entry, 0), 0);
    assert_int_equal(count_commas(head->data), count_commas(row->data));
    assert_string_equal(row->data + row->len - 2, "\r\n");
    assert_non_null(strstr(row->data, "\"'=1+1, he \"\"said\"\"\""));
    assert_non_null(strstr(row->data, ",rights_of_others public_order,none_present=true,"));
    assert_memory_equal(row->data, "2026-11-23T10:01:00.000Z,dec_1,cas_1,", 37);
}

static void what_may_not_be_said_is_not(void **state)
{
    CLEANUP(json_freep) json_t *entry = test_json(ENTRY);
    CLEANUP(json_freep) json_t *same = json_deep_copy(entry);
    CLEANUP(buf_freep) struct buf *before = buf_new(1 << 16);
    CLEANUP(buf_freep) struct buf *after = buf_new(1 << 16);

    (void)state;
    assert_int_equal(row_jsonl(before, entry, at_time("2026-11-30T23:59:59Z")), 0);
    assert_null(strstr(before->data, "BKA"));
    assert_non_null(strstr(before->data, "\"redacted_until\":\"2026-12-01T00:00:00Z\""));
    assert_non_null(strstr(before->data, "gov_referral_unit"));
    assert_int_equal(row_jsonl(after, entry, at_time("2026-12-01T00:00:00Z")), 0);
    assert_non_null(strstr(after->data, "BKA"));
    assert_int_equal(after->data[after->len - 1], '\n');
    assert_null(memchr(after->data, '\n', after->len - 1));
    assert_true(json_equal(entry, same));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells),
        cmocka_unit_test(a_decision_is_one_row),
        cmocka_unit_test(what_may_not_be_said_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
