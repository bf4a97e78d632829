/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/entry.h"

#include "tests/support/support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RPT "rpt_01936f2e-7c00-7000-8a3b-5c1d2e3f4a5b"
#define CAS "cas_01936f2e-7c00-7000-8a3b-5c1d2e3f4a5b"
#define DEC "dec_01936f2e-7c00-7000-8a3b-5c1d2e3f4a5b"
#define AT "2026-11-23T20:53:28.123Z"

static const int64_t at_ms = 1795467208123;

static void a_decision_is_written_in_canonical_form(void **state)
{
    CLEANUP(entry_freep) struct entry *entry = entry_new(ENTRY_DECISION, at_ms);
    json_t *record = test_json("{'why': 'a \\\"word\\\"', 'aim': ['rights_of_others']}");
    struct entry_view view;
    struct fault why = {0};
    struct buf out;

    (void)state;
    buf_init(&out, ENTRY_MAX_BYTES);
    entry_text(entry, "outcome", SPAN("remove"));
    entry_text(entry, "reviewer", SPAN("0123456789abcdef0123456789abcdef"));
    entry_text(entry, "decision", SPAN(DEC));
    entry_text(entry, "case", SPAN(CAS));
    entry_int(entry, "reach", -12);
    entry_bool(entry, "automated", false);
    entry_time(entry, "opened_at", at_ms);
    entry_json(entry, "justification", record);
    entry_json(entry, "nothing", NULL);
    assert_int_equal(entry_write(entry, &out, &why), 0);
    assert_string_equal(
        out.data,
        "{\"at\":\"" AT "\",\"automated\":false,\"case\":\"" CAS "\",\"decision\":\"" DEC "\","
        "\"justification\":{\"aim\":[\"rights_of_others\"],\"why\":\"a \\\"word\\\"\"},"
        "\"opened_at\":\"" AT "\",\"outcome\":\"remove\",\"reach\":-12,"
        "\"reviewer\":\"0123456789abcdef0123456789abcdef\",\"type\":\"decision\",\"v\":1}");
    assert_int_equal(entry_read(&view, buf_span(&out), &why), 0);
    assert_int_equal(view.type, ENTRY_DECISION);
    assert_true(view.at_ms == at_ms);
    assert_true(span_is(entry_string(&view, "case"), CAS));
    assert_true(span_is(entry_value(&view, "reach"), "-12"));
    assert_true(span_is(entry_id(&view), DEC));
    assert_int_equal(entry_string(&view, "absent").len, 0);
    json_decref(record);
    buf_done(&out);
}

static void commitments_stand_sorted_in_one_member(void **state)
{
    CLEANUP(entry_freep) struct entry *entry = entry_new(ENTRY_CONFIG, at_ms);
    uint8_t key[32] = {1};
    char hex[COMMIT_HEX_LEN + 1], url[COMMIT_HEX_LEN + 1];
    struct entry_view view;
    struct buf out;

    (void)state;
    buf_init(&out, ENTRY_MAX_BYTES);
    commit_make(key, SPAN("text"), SPAN("what was said"), hex);
    commit_make(key, SPAN("url"), SPAN("https://example.org"), url);
    entry_text(entry, "digest", span_of(hex));
    entry_commit(entry, "url", url);
    entry_commit(entry, "text", hex);
    assert_int_equal(entry_write(entry, &out, NULL), 0);
    assert_int_equal(entry_read(&view, buf_span(&out), NULL), 0);
    assert_true(span_starts(entry_value(&view, "commit"), "{\"text\":\""));
    buf_done(&out);
}

static struct entry *report_template(void)
{
    struct entry *entry = entry_new(ENTRY_REPORT, at_ms);

    entry_text(entry, "report", SPAN(RPT));
    entry_text(entry, "partner", SPAN("acme"));
    entry_hole(entry, "case", "case");
    entry_hole_json(entry, "joined", "joined");
    return entry;
}

static void a_filled_template_is_an_entry(void **state)
{
    static const struct entry_late late[] = {{"joined", SPAN("true")}, {"case", SPAN(CAS)}};
    CLEANUP(entry_freep) struct entry *entry = report_template();
    struct entry_view view;
    struct fault why = {0};
    struct buf template, out;

    (void)state;
    buf_init(&template, ENTRY_MAX_BYTES);
    buf_init(&out, ENTRY_MAX_BYTES);
    assert_int_equal(entry_write(entry, &template, &why), 0);
    assert_non_null(strstr(template.data, "\"case\":\"\1case\2\",\"joined\":\1joined\2,"));
    assert_int_equal(entry_read(&view, buf_span(&template), &why), FAULT);
    assert_int_equal(entry_fill(&out, buf_span(&template), late, 2, &why), 0);
    assert_int_equal(entry_read(&view, buf_span(&out), &why), 0);
    assert_true(span_is(entry_string(&view, "case"), CAS));
    assert_true(span_is(entry_value(&view, "joined"), "true"));
    buf_clear(&out);
    assert_int_equal(entry_fill(&out, buf_span(&template), late, 1, &why), FAULT);
    assert_string_equal(why.code, "ENTRY_HOLE");
    buf_done(&template);
    buf_done(&out);
}

static void a_late_value_cannot_break_out_of_its_string(void **state)
{
    static const char *const bad[] = {
        "a\",\"x\":\"", "a\\", "",
        "\1case\2",     "a b", "0123456789012345678901234567890123456789012345678901234567890123x"};
    CLEANUP(entry_freep) struct entry *entry = report_template();
    struct buf template, out;

    (void)state;
    buf_init(&template, ENTRY_MAX_BYTES);
    buf_init(&out, 2 * ENTRY_MAX_BYTES);
    assert_int_equal(entry_write(entry, &template, NULL), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct entry_late late[] = {{"joined", SPAN("true")}, {"case", span_of(bad[i])}};

        assert_int_equal(entry_fill(&out, buf_span(&template), late, 2, NULL), FAULT);
    }
    buf_done(&template);
    buf_done(&out);
}

static void foreign_text_cannot_look_like_a_hole(void **state)
{
    CLEANUP(entry_freep) struct entry *entry = report_template();
    json_t *value = test_json("{'note': '\\u0001case\\u0002'}");
    struct buf out;

    (void)state;
    buf_init(&out, ENTRY_MAX_BYTES);
    entry_json(entry, "state_actor", value);
    entry_text(entry, "reason", SPAN("\1case\2"));
    assert_int_equal(entry_write(entry, &out, NULL), 0);
    assert_non_null(strstr(out.data, "\"note\":\"\\u0001case\\u0002\""));
    assert_non_null(strstr(out.data, "\"reason\":\"\\u0001case\\u0002\""));
    json_decref(value);
    buf_done(&out);
}

static void mistakes_of_the_writer_stick_and_are_named(void **state)
{
    struct fault why = {0};
    struct entry *entry;
    struct buf out;
    static char large[ENTRY_MAX_BYTES];

    (void)state;
    memset(large, 'x', sizeof(large));
    buf_init(&out, ENTRY_MAX_BYTES);
    assert_int_equal(entry_write(NULL, &out, &why), -ENOMEM);
    entry = report_template();
    entry_text(entry, "report", SPAN(RPT));
    entry_text(entry, "Bad-Name", SPAN("x"));
    assert_int_equal(entry_write(entry, &out, &why), FAULT);
    assert_string_equal(why.code, "ENTRY_DUPLICATE");
    assert_string_equal(why.place, "/report");
    entry_free(entry);
    entry = report_template();
    entry_text(entry, "Bad-Name", SPAN("x"));
    assert_int_equal(entry_write(entry, &out, &why), FAULT);
    assert_string_equal(why.code, "ENTRY_FORM");
    entry_free(entry);
    entry = report_template();
    entry_text(entry, "reason", (struct span){large, sizeof(large) - 200});
    assert_int_equal(entry_write(entry, &out, &why), FAULT);
    assert_string_equal(why.code, "ENTRY_TOO_LARGE");
    entry_free(entry);
    entry = entry_new(ENTRY_REPORT, at_ms);
    entry_text(entry, "report", SPAN(DEC));
    entry_text(entry, "partner", SPAN("acme"));
    entry_hole(entry, "case", "case");
    assert_int_equal(entry_write(entry, &out, &why), FAULT);
    assert_string_equal(why.code, "ENTRY_MEMBER");
    assert_string_equal(why.place, "/report");
    entry_free(entry);
    assert_int_equal(out.len, 0);
    buf_done(&out);
}

#define CONFIG(rest)                                                                               \
    "{\"at\":\"" AT "\",\"digest\":\"" HEX64 "\"," rest "\"type\":\"config\",\"v\":1}"
#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void one_spelling_only_is_read(void **state)
{
    static const struct {
        const char *name, *text, *code;
    } cases[] = {
        {"a config", CONFIG(""), NULL},
        {"further members", CONFIG("\"more\":{\"a\":[1,-2,0,true,false,null,\"\\n\"],\"b\":{}},"),
         NULL},
        {"fractions and exponents", CONFIG("\"n\":[0.5,1e+21,1.25e-7],"), NULL},
        {"2^53", CONFIG("\"n\":9007199254740992,"), NULL},
        {"2^53 + 1", CONFIG("\"n\":9007199254740993,"), "ENTRY_FORM"},
        {"a space", CONFIG(" "), "ENTRY_FORM"},
        {"names out of order", CONFIG("\"b\":1,\"a\":2,"), "ENTRY_FORM"},
        {"a name twice", CONFIG("\"m\":1,\"m\":2,"), "ENTRY_FORM"},
        {"nested names out of order", CONFIG("\"m\":{\"b\":1,\"a\":2},"), "ENTRY_FORM"},
        {"a leading zero", CONFIG("\"n\":01,"), "ENTRY_FORM"},
        {"minus zero", CONFIG("\"n\":-0,"), "ENTRY_FORM"},
        {"an idle zero", CONFIG("\"n\":1.50,"), "ENTRY_FORM"},
        {"an exponent without sign", CONFIG("\"n\":1e21,"), "ENTRY_FORM"},
        {"a needless escape", CONFIG("\"n\":\"\\/\","), "ENTRY_FORM"},
        {"a long escape for a line feed", CONFIG("\"n\":\"\\u000a\","), "ENTRY_FORM"},
        {"an upper-case escape", CONFIG("\"n\":\"\\u001F\","), "ENTRY_FORM"},
        {"an escaped letter", CONFIG("\"n\":\"\\u0041\","), "ENTRY_FORM"},
        {"the right escape", CONFIG("\"n\":\"\\u001f\","), NULL},
        {"a control character", CONFIG("\"n\":\"\1\","), "ENTRY_FORM"},
        {"a hole", CONFIG("\"n\":\1x\2,"), "ENTRY_FORM"},
        {"broken UTF-8", CONFIG("\"n\":\"\xff\","), "ENTRY_FORM"},
        {"text behind the end", CONFIG("") " ", "ENTRY_FORM"},
        {"no end", "{\"at\":\"" AT "\"", "ENTRY_FORM"},
        {"an array", "[]", "ENTRY_FORM"},
        {"nothing", "", "ENTRY_FORM"},
        {"a too deep value", CONFIG("\"n\":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]],"), "ENTRY_FORM"},
        {"another version",
         "{\"at\":\"" AT "\",\"digest\":\"" HEX64 "\",\"type\":\"config\",\"v\":2}", "ENTRY_TYPE"},
        {"an unknown type", "{\"at\":\"" AT "\",\"type\":\"conf\",\"v\":1}", "ENTRY_TYPE"},
        {"an empty object", "{}", "ENTRY_TYPE"},
        {"no digest", "{\"at\":\"" AT "\",\"type\":\"config\",\"v\":1}", "ENTRY_MEMBER"},
        {"a time without milliseconds",
         "{\"at\":\"2026-11-23T20:53:28Z\",\"digest\":\"" HEX64 "\",\"type\":\"config\",\"v\":1}",
         "ENTRY_MEMBER"},
        {"names ordered by UTF-16", CONFIG("\"m\":{\"\xf0\x90\x80\x80\":1,\"\xee\x80\x80\":2},"),
         NULL},
        {"names ordered by code point",
         CONFIG("\"m\":{\"\xee\x80\x80\":2,\"\xf0\x90\x80\x80\":1},"), "ENTRY_FORM"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct entry_view view;
        struct fault why = {0};
        int r = entry_read(&view, span_of(cases[i].text), &why);

        if (r != (cases[i].code ? FAULT : 0) ||
            strcmp(why.code, cases[i].code ? cases[i].code : "") != 0) {
            fail_msg("%s: %d %s %s", cases[i].name, r, why.code, why.text);
        }
    }
}

/* What is read is exactly what the canonical writer gives for the same value. */
static void reading_agrees_with_the_canonical_writer(void **state)
{
    CLEANUP(entry_freep) struct entry *entry = entry_new(ENTRY_EXPORT, at_ms);
    json_t *value =
        test_json("{'z': [1.5, 1e-7, 0.000001, 123456789012, -0.25], '\u20ac': '\\u0007 \u00e9',"
                  " 'a': {'': null, 'b': [[], {}]}, '\U0001F600': 1, '\ufb33': 2}");
    struct entry_view view;
    struct fault why = {0};
    struct buf out;

    (void)state;
    buf_init(&out, ENTRY_MAX_BYTES);
    entry_text(entry, "actor", SPAN("x"));
    entry_text(entry, "format", SPAN("csv"));
    entry_json(entry, "value", value);
    if (entry_write(entry, &out, &why) != 0) {
        fail_msg("%s %s", why.code, why.text);
    }
    assert_int_equal(entry_read(&view, buf_span(&out), NULL), 0);
    json_decref(value);
    buf_done(&out);
}

static void the_limits_hold_on_both_sides(void **state)
{
    struct entry_view view;
    struct buf out;
    size_t base, room;
    char *text;

    (void)state;
    buf_init(&out, 2 * ENTRY_MAX_BYTES);
    (void)buf_add_text(&out, CONFIG("\"n\":\"\","));
    base = out.len;
    room = ENTRY_MAX_BYTES - base;
    text = malloc(room + 2);
    assert_non_null(text);
    memset(text, 'x', room + 1);
    for (size_t more = 0; more <= 1; more++) {
        struct fault why = {0};

        buf_clear(&out);
        (void)buf_add_format(&out,
                             "{\"at\":\"" AT "\",\"digest\":\"" HEX64
                             "\",\"n\":\"%.*s\",\"type\":\"config\",\"v\":1}",
                             (int)(room + more), text);
        assert_int_equal(out.len, ENTRY_MAX_BYTES + more);
        assert_int_equal(entry_read(&view, buf_span(&out), &why), more ? FAULT : 0);
        assert_string_equal(why.code, more ? "ENTRY_TOO_LARGE" : "");
    }
    free(text);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decision_is_written_in_canonical_form),
        cmocka_unit_test(commitments_stand_sorted_in_one_member),
        cmocka_unit_test(a_filled_template_is_an_entry),
        cmocka_unit_test(a_late_value_cannot_break_out_of_its_string),
        cmocka_unit_test(foreign_text_cannot_look_like_a_hole),
        cmocka_unit_test(mistakes_of_the_writer_stick_and_are_named),
        cmocka_unit_test(one_spelling_only_is_read),
        cmocka_unit_test(reading_agrees_with_the_canonical_writer),
        cmocka_unit_test(the_limits_hold_on_both_sides),
    };

    return cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}
