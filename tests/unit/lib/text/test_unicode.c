/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The normalised form against utf8proc: what utf8proc makes of NFKC, case fold and ignorables, with
 * our stated removals done by slow code here. Over all code points, pairs of them, random mixes and
 * texts that people wrote.
 */
#include "lib/text/normalise.h"
#include "lib/text/property.h"
#include "lib/text/utf8.h"
#include "tests/support/support.h"

#include <utf8proc.h>

#include <stdlib.h>

enum { CODES = 0x110000, SEQUENCE_MAX = 256 };

static uint8_t joins_before[CODES];
static struct text_scratch *scratch;

static bool is_surrogate(uint32_t cp)
{
    return cp >= 0xd800 && cp <= 0xdfff;
}

/* What utf8proc composes cp from ends with a code point that can join. */
static void find_joins(void)
{
    for (uint32_t v = 0x1161; v <= 0x1175; v++) {
        joins_before[v] = 1;
    }
    for (uint32_t t = 0x11a8; t <= 0x11c2; t++) {
        joins_before[t] = 1;
    }
    for (int32_t cp = 0x80; cp < CODES; cp++) {
        int32_t parts[8];
        char own[UTF8_MAX_LEN + 1] = {0};
        utf8proc_uint8_t *nfc;
        utf8proc_ssize_t count;

        if (is_surrogate((uint32_t)cp) || (cp >= 0xac00 && cp <= 0xd7a3)) {
            continue;
        }
        count = utf8proc_decompose_char(cp, parts, 8, UTF8PROC_DECOMPOSE, NULL);
        (void)utf8_put(own, (uint32_t)cp);
        if (count < 2) {
            continue;
        }
        nfc = utf8proc_NFC((const utf8proc_uint8_t *)own);
        if (nfc && strcmp((char *)nfc, own) == 0) {
            joins_before[parts[count - 1]] = 1;
        }
        free(nfc);
    }
}

static bool always_dropped(uint32_t cp)
{
    return cp == 0x640 || ((text_property(cp) & TEXT_STRIP) && !joins_before[cp]);
}

static struct span without(struct span text, char *into, bool all_stripped)
{
    size_t len = 0;

    for (const char *p = text.ptr; p < text.ptr + text.len;) {
        uint32_t cp = utf8_next(&p);

        if (!always_dropped(cp) && !(all_stripped && (text_property(cp) & TEXT_STRIP))) {
            len += utf8_put(into + len, cp);
        }
    }
    return (struct span){into, len};
}

static struct span map(struct span text, utf8proc_option_t options, char *into)
{
    utf8proc_uint8_t *mapped = NULL;
    utf8proc_ssize_t len =
        utf8proc_map((const utf8proc_uint8_t *)text.ptr, (utf8proc_ssize_t)text.len, &mapped,
                     UTF8PROC_STABLE | options);

    assert_true(len >= 0);
    memcpy(into, mapped, (size_t)len);
    free(mapped);
    return (struct span){into, (size_t)len};
}

/* The reference. Returns heap text. */
static char *expected(struct span text, size_t *ret_len)
{
    char *room = malloc(text.len * 40 + 64);
    struct span left;

    assert_non_null(room);
    left = without(text, room, false);
    left =
        map(left, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, room);
    left = map(without(left, room, false), UTF8PROC_COMPOSE, room);
    left = map(without(left, room, true), UTF8PROC_COMPOSE, room);
    *ret_len = left.len;
    return room;
}

static void print_codes(const char *what, struct span text)
{
    (void)printf("# %s:", what);
    for (const char *p = text.ptr; p < text.ptr + text.len;) {
        (void)printf(" %04X", utf8_next(&p));
    }
    (void)printf("\n");
}

static void check_ranges(const struct text_form *form, struct span source)
{
    uint32_t start = 0, end = 0;

    assert_int_equal(form->start[form->text.len], source.len);
    for (size_t i = 0; i < form->text.len; i++) {
        bool inside = i > 0 && ((unsigned char)form->text.ptr[i] & 0xc0) == 0x80;

        assert_true(form->start[i] >= start && form->end[i] >= end);
        assert_true(form->start[i] < form->end[i] && form->end[i] <= source.len);
        assert_true(utf8_is_boundary(source, form->start[i]));
        assert_true(utf8_is_boundary(source, form->end[i]));
        assert_true(!inside || (form->start[i] == start && form->end[i] == end));
        start = form->start[i];
        end = form->end[i];
    }
}

static int compare(struct span text)
{
    const struct text_forms *forms;
    struct span got;
    char *want, *copy;
    size_t want_len;

    assert_int_equal(text_normalise(scratch, text, TEXT_ALL_FORMS, &forms), 0);
    for (int i = 0; i < TEXT_FORM_COUNT; i++) {
        assert_true(utf8_valid(forms->form[i].text));
        check_ranges(&forms->form[i], text);
    }
    got = forms->form[TEXT_FORM_NORMALISED].text;
    want = expected(text, &want_len);
    if (!span_equal(got, (struct span){want, want_len})) {
        print_codes("source  ", text);
        print_codes("expected", (struct span){want, want_len});
        print_codes("made    ", got);
        free(want);
        return 1;
    }
    free(want);
    copy = malloc(got.len + 1);
    memcpy(copy, got.ptr, got.len);
    want_len = got.len;
    assert_int_equal(
        text_normalise(scratch, (struct span){copy, want_len}, TEXT_NORMALISED, &forms), 0);
    if (!span_equal(forms->form[TEXT_FORM_NORMALISED].text, (struct span){copy, want_len})) {
        print_codes("source  ", text);
        print_codes("once    ", (struct span){copy, want_len});
        print_codes("twice   ", forms->form[TEXT_FORM_NORMALISED].text);
        free(copy);
        return 1;
    }
    free(copy);
    return 0;
}

/* Reserved code points that Unicode lists as default-ignorable and utf8proc 2.8 does not. */
static bool utf8proc_differs(uint32_t cp)
{
    return cp == 0x2065 || (cp >= 0xfff0 && cp <= 0xfff8) || (cp >= 0xe0000 && cp <= 0xe0fff);
}

static void every_code_point(void **state)
{
    int wrong = 0;

    (void)state;
    for (uint32_t cp = 0; cp < CODES; cp++) {
        char text[UTF8_MAX_LEN];

        if (!is_surrogate(cp) && !utf8proc_differs(cp)) {
            wrong += compare((struct span){text, utf8_put(text, cp)});
        }
        if (wrong > 50) {
            break;
        }
    }
    assert_int_equal(wrong, 0);
}

static void every_code_point_between_letters(void **state)
{
    static const uint32_t around[][2] = {
        {'a', 0x301}, {0x1100, 0x1161}, {0x627, 0x653}, {0x915, 0x94d}, {0x304b, 0x3099}};
    int wrong = 0;

    (void)state;
    for (uint32_t cp = 0; cp < CODES && wrong <= 50; cp++) {
        for (size_t i = 0; i < COUNT_OF(around) && !is_surrogate(cp); i++) {
            char text[3 * UTF8_MAX_LEN];
            size_t len = utf8_put(text, around[i][0]);

            if (cp >= 0x20000 && cp % 97 != 0) {
                continue;
            }
            len += utf8_put(text + len, cp);
            len += utf8_put(text + len, around[i][1]);
            wrong += utf8proc_differs(cp) ? 0 : compare((struct span){text, len});
        }
    }
    assert_int_equal(wrong, 0);
}

static uint32_t random_next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Code points that meet each other: marks, jamo, letters with marks, ignorables. */
static uint32_t random_code(uint64_t *seed)
{
    static const uint32_t first[] = {
        0x41,   0xc0,   0x300,  0x316,  0x334,   0x391,   0x410,   0x483,  0x5b0,  0x5d0,  0x627,
        0x64b,  0x6d6,  0x915,  0x93c,  0x9be,   0xbbe,   0xe31,   0xe48,  0xeb4,  0xf71,  0x1025,
        0x1100, 0x1161, 0x11a8, 0x1ea0, 0x1f00,  0x200b,  0x202a,  0x20d0, 0x304b, 0x3099, 0xac00,
        0xfb1d, 0xfb00, 0xfe70, 0xff21, 0x11099, 0x1d400, 0x1f600, 0xfdfa, 0x344,  0x345,  0xf73};
    uint32_t cp;

    do {
        cp = random_next(seed) % 8 == 0
                 ? random_next(seed) % CODES
                 : first[random_next(seed) % COUNT_OF(first)] + random_next(seed) % 24;
    } while (is_surrogate(cp) || utf8proc_differs(cp));
    return cp;
}

static void random_mixes(void **state)
{
    uint64_t seed = 20261123;
    int wrong = 0;

    (void)state;
    for (int round = 0; round < 300000 && wrong <= 20; round++) {
        char text[16 * UTF8_MAX_LEN];
        size_t len = 0, count = 2 + random_next(&seed) % 10;

        while (count-- > 0) {
            len += utf8_put(text + len, random_code(&seed));
        }
        wrong += compare((struct span){text, len});
    }
    assert_int_equal(wrong, 0);
}

static void every_hangul_syllable_from_jamo(void **state)
{
    (void)state;
    for (uint32_t s = 0; s < 11172; s++) {
        char text[4 * UTF8_MAX_LEN], want[UTF8_MAX_LEN];
        const struct text_forms *forms;
        size_t len = utf8_put(text, 0x1100 + s / 588);

        len += utf8_put(text + len, 0x200d);
        len += utf8_put(text + len, 0x1161 + s / 28 % 21);
        len += s % 28 ? utf8_put(text + len, 0x11a7 + s % 28) : 0;
        assert_int_equal(text_normalise(scratch, (struct span){text, len}, TEXT_NORMALISED, &forms),
                         0);
        assert_true(
            span_equal(forms->form[0].text, (struct span){want, utf8_put(want, 0xac00 + s)}));
        assert_int_equal(forms->form[0].start[0], 0);
        assert_int_equal(forms->form[0].end[0], len);
    }
}

static int compare_lines(const char *relative)
{
    char *path = test_data(relative);
    size_t len, lines = 0;
    char *bytes;
    struct span rest;
    int wrong = 0;

    if (!path) {
        return -1;
    }
    bytes = test_read_file(path, &len);
    rest = (struct span){bytes, len};
    while (rest.ptr && wrong <= 20) {
        struct span line = span_cut(&rest, '\n');

        if (utf8_valid(line)) {
            wrong += compare(line);
            lines++;
        }
    }
    (void)printf("# %s: %zu lines\n", relative, lines);
    free(bytes);
    free(path);
    return wrong;
}

static void texts_people_wrote(void **state)
{
    static const char *const files[] = {
        "text/tweets.csv",           "text/hatecheck_arabic.csv", "text/hatecheck_en.csv",
        "text/hatecheck_french.csv", "patterns/ldnoobw/ja",       "patterns/ldnoobw/ko",
        "patterns/ldnoobw/th",       "patterns/ldnoobw/hi",       "patterns/ldnoobw/fa",
        "patterns/ldnoobw/tr",       "patterns/ldnoobw/zh",       "patterns/ldnoobw/kab"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        int wrong = compare_lines(files[i]);

        if (wrong < 0) {
            return;
        }
        assert_int_equal(wrong, 0);
    }
}

static int open_scratch(void **state)
{
    (void)state;
    find_joins();
    scratch = text_scratch_new(1 << 20);
    return scratch ? 0 : -1;
}

static int close_scratch(void **state)
{
    (void)state;
    scratch = text_scratch_free(scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point),   cmocka_unit_test(every_code_point_between_letters),
        cmocka_unit_test(random_mixes),       cmocka_unit_test(every_hangul_syllable_from_jamo),
        cmocka_unit_test(texts_people_wrote),
    };

    return cmocka_run_group_tests_name("lib/text/unicode", tests, open_scratch, close_scratch);
}
