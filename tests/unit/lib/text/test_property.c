/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text/property.h"
#include "lib/text/utf8.h"
#include "tests/support/support.h"

#include <stdio.h>

static const struct {
    uint32_t cp;
    unsigned bits;
} properties[] = {
    {'a', TEXT_LETTER},
    {'Z', TEXT_LETTER},
    {'7', TEXT_DIGIT},
    {'_', TEXT_CONNECTOR},
    {' ', TEXT_SPACE},
    {'\n', TEXT_SPACE},
    {0xa0, TEXT_SPACE},
    {'\'', TEXT_MID},
    {'.', TEXT_MID},
    {'!', 0},
    {0xe9, TEXT_LETTER},
    {0x627, TEXT_LETTER},
    {0x661, TEXT_DIGIT},
    {0xbd, TEXT_DIGIT},
    {0x301, TEXT_MARK | TEXT_STRIP},
    {0x64e, TEXT_LETTER | TEXT_MARK | TEXT_STRIP},
    {0x5b0, TEXT_LETTER | TEXT_MARK | TEXT_STRIP},
    {0x20dd, TEXT_MARK | TEXT_STRIP},
    {0x94d, TEXT_MARK},
    {0x93f, TEXT_LETTER | TEXT_MARK},
    {0xe49, TEXT_MARK | TEXT_NO_SPACES},
    {0xe01, TEXT_LETTER | TEXT_NO_SPACES},
    {0x4e2d, TEXT_LETTER | TEXT_NO_SPACES},
    {0x3042, TEXT_LETTER | TEXT_NO_SPACES},
    {0x30fc, TEXT_LETTER | TEXT_NO_SPACES},
    {0x3099, TEXT_MARK | TEXT_NO_SPACES},
    {0x1780, TEXT_LETTER | TEXT_NO_SPACES},
    {0xac00, TEXT_LETTER},
    {0x1f600, 0},
    {0x24b6, 0},
    {0xd800, 0},
    {0x10ffff, 0},
};

static void known_properties(void **state)
{
    (void)state;
    assert_string_equal(text_unicode_version, "15.0");
    for (size_t i = 0; i < COUNT_OF(properties); i++) {
        if (text_property(properties[i].cp) != properties[i].bits) {
            fail_msg("U+%04X: %u", properties[i].cp, text_property(properties[i].cp));
        }
    }
}

/* '|' in `marked` is a boundary; the text is `marked` without it. */
static const struct {
    const char *name, *marked;
} boundaries[] = {
    {"words and spaces", "|stop| |them|"},
    {"punctuation", "|stop|!|!| |now|"},
    {"an apostrophe ends a word", "|women|'|s|"},
    {"an underscore ends a word", "|#|stop|_|them|"},
    {"digits belong to words", "|area51|"},
    {"a mark belongs to its letter", "|cafe\u0301s|?| |x|"},
    {"Hindi words are whole", "|हिन्दी| |भाषा|"},
    {"Korean words are whole", "|한국어| |단어|"},
    {"Arabic words with points are whole", "|مُحَمَّد| |كلمة|"},
    {"Chinese is open everywhere", "|中|国|人|"},
    {"Latin beside Chinese", "|abc|中|1|"},
    {"Thai is open between letters, not before marks", "|ก|ำ|น้|ำ|"},
    {"emoji is no word", "|a|😀|b|"},
};

static void word_boundaries(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(boundaries); i++) {
        char text[128];
        bool want[128] = {false};
        size_t len = 0;

        for (const char *m = boundaries[i].marked; *m; m++) {
            if (*m == '|') {
                want[len] = true;
            } else {
                text[len++] = *m;
            }
        }
        for (size_t at = 0; at <= len; at++) {
            struct span span = {text, len};

            if (utf8_is_boundary(span, at) && text_is_word_boundary(span, at) != want[at]) {
                fail_msg("%s: byte %zu", boundaries[i].name, at);
            }
        }
    }
}

static void words_one_by_one(void **state)
{
    static const char *const want[] = {"stop", "them", "中", "国", "now"};
    struct span text = SPAN("  stop_them, 中国! now ");
    size_t at = 0, from, to, count = 0;

    (void)state;
    while (text_word_next(text, &at, &from, &to)) {
        assert_true(count < COUNT_OF(want));
        assert_true(span_is(span_sub(text, from, to - from), want[count]));
        assert_true(text_is_whole_word(text, from, to));
        count++;
    }
    assert_int_equal(count, COUNT_OF(want));
    assert_int_equal(at, text.len);
}

static void scripts_without_spaces(void **state)
{
    (void)state;
    assert_true(text_has_no_spaces_script(SPAN("abc ไทย")));
    assert_true(text_has_no_spaces_script(SPAN("カナ")));
    assert_false(text_has_no_spaces_script(SPAN("abc 한국 हिन्दी عربي")));
    assert_false(text_has_no_spaces_script(SPAN("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_properties),
        cmocka_unit_test(word_boundaries),
        cmocka_unit_test(words_one_by_one),
        cmocka_unit_test(scripts_without_spaces),
    };

    return cmocka_run_group_tests_name("lib/text/property", tests, NULL, NULL);
}
