/* SPDX-License-Identifier: Apache-2.0 */
/* Held against a plain loop of PCRE2 over the same patterns and texts: nothing missed, nothing
 * extra. */
#include "lib/match/regex.h"

#include "tests/support/support.h"

#include "lib/match/regex_compile.h"
#include "lib/text/utf8.h"

#include <stdlib.h>

struct pack {
    struct span *list;
    size_t count;
    char *bytes;
};

struct rig {
    struct regex_set *set;
    struct regex_scratch *scratch;
    pcre2_code **codes;    /* by ref; NULL where PCRE2 refuses */
    uint32_t *start, *end; /* by ref: what the set found; UINT32_MAX: nothing */
    size_t count, matches;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

static void found(void *arg, uint32_t ref, size_t start, size_t end)
{
    struct rig *rig = arg;

    assert_true(rig->start[ref] == UINT32_MAX);
    rig->start[ref] = (uint32_t)start;
    rig->end[ref] = (uint32_t)end;
}

static void rig_up(struct rig *rig, const struct span *patterns, size_t count)
{
    *rig = (struct rig){.count = count};
    assert_int_equal(regex_set_new(&rig->set, &match_options_default), 0);
    rig->codes = calloc(count + 1, sizeof(*rig->codes));
    rig->start = calloc(count + 1, sizeof(*rig->start));
    rig->end = calloc(count + 1, sizeof(*rig->end));
    for (size_t i = 0; i < count; i++) {
        struct fault why;

        if (regex_set_add(rig->set, patterns[i], (uint32_t)i, &why) == 0) {
            assert_int_equal(regex_compile(&rig->codes[i], patterns[i], &why), 0);
        }
    }
    assert_int_equal(regex_set_seal(rig->set), 0);
    assert_int_equal(regex_scratch_new(&rig->scratch, rig->set), 0);
    rig->data = pcre2_match_data_create(1, NULL);
    rig->context = pcre2_match_context_create(NULL);
    (void)pcre2_set_match_limit(rig->context, match_options_default.regex_match_limit);
}

static void rig_down(struct rig *rig)
{
    for (size_t i = 0; i < rig->count; i++) {
        pcre2_code_free(rig->codes[i]);
    }
    free(rig->codes);
    free(rig->start);
    free(rig->end);
    pcre2_match_data_free(rig->data);
    pcre2_match_context_free(rig->context);
    (void)regex_scratch_free(rig->scratch);
    (void)regex_set_free(rig->set);
}

static void compare(struct rig *rig, const struct span *patterns, struct span text)
{
    struct regex_finder finder = {.found = found, .arg = rig};
    const PCRE2_SIZE *where = pcre2_get_ovector_pointer(rig->data);

    memset(rig->start, 0xff, rig->count * sizeof(*rig->start));
    (void)regex_set_scan(rig->set, rig->scratch, text, REGEX_FRESH, &finder);
    for (size_t i = 0; i < rig->count; i++) {
        int r = rig->codes[i] ? pcre2_match(rig->codes[i], (PCRE2_SPTR)text.ptr, text.len, 0,
                                            PCRE2_NO_UTF_CHECK, rig->data, rig->context)
                              : PCRE2_ERROR_NOMATCH;

        if (r < 0 && r != PCRE2_ERROR_NOMATCH) {
            continue;
        }
        if ((r >= 0) != (rig->start[i] != UINT32_MAX)) {
            fail_msg("%s: /%.*s/ in '%.*s'", r >= 0 ? "missed" : "extra", (int)patterns[i].len,
                     patterns[i].ptr, (int)text.len, text.ptr);
        }
        if (r >= 0) {
            rig->matches++;
            assert_int_equal(rig->start[i], where[0] < where[1] ? where[0] : where[1]);
            assert_int_equal(rig->end[i], where[0] < where[1] ? where[1] : where[0]);
        }
    }
}

/* ---- random patterns ---- */

static uint64_t seed = 20261123;

static uint32_t pick(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 24) % below;
}

static const char *const letters[] = {
    "a", "b", "k",  "s", "K", "S", "1", "7", "é", "É",  "ж", "Ж", "ſ", "K", "ι", "ͅ",  "ß",
    "İ", "ı", "字", "ⓐ", "Ⓐ", "_", "-", ".", " ", "\n", "ǆ", "ǅ", "µ", "Ω", "ا", "٣", "ⅷ",
};

static const char *const atoms[] = {
    "a",        "b",      "k",         "s",          "ab",     "ks",          "aks1",
    "1",        "é",      "ж",         "ſ",          "K",      "ι",           "ß",
    "字",       "ⓐ",      "µ",         "ⅷ",          "\\W?",   "\\W*",        "\\W",
    "\\w",      "\\d",    "\\D",       "\\s",        "\\S",    "\\b",         "\\B",
    ".",        ".*?",    ".+",        "[ab]",       "[^a]",   "[^\\w]",      "[\\W_]",
    "[a-k]",    "[k-s]",  "[éж]",      "[ſ-Ω]",      "[^\\W]", "[[:alpha:]]", "[]a]",
    "[^]a]",    "[\\d_]", "[a\\-z]",   "[\\x{e9}k]", "\\x61",  "\\x{17f}",    "\\Qa.b\\E",
    "\\.",      "\\-",    "\\_",       "^",          "$",      "\\A",         "\\z",
    "(?i)",     "(?-i)",  "(?x)",      "(?-x)",      " ",      "#k\n",        "(?#k)",
    "(?s)",     "\\1",    "\\R",       "\\X",        "\\N",    "\\pL",        "\\p{Lu}",
    "\\PN",     "\\h",    "\\K",       "[[:<:]]",    "\\141",  "\\07",        "{",
    "}",        "{,2}",   "(?=a)",     "(?!a)",      "(?<=k)", "(?<!k)",      "(?=.*ks)",
    "(*PRUNE)", "(?1)",   "(?(1)a|b)", "\\g{1}",
};

static const char *const openers[] = {
    "(", "(?:", "(?>", "(?=", "(?!", "(?<=", "(?|", "(?i:", "(?-i:", "(?x:", "(?<n>", "(?x)(?:"};
static const char *const repeats[] = {"?",    "*",  "+",  "{2}", "{1,3}", "{0,2}",
                                      "{2,}", "??", "*+", "+?",  "?+",    "{0}"};

struct text {
    char bytes[400];
    size_t len;
};

static void put(struct text *text, const char *part)
{
    size_t len = strlen(part);

    if (text->len + len < sizeof(text->bytes)) {
        memcpy(text->bytes + text->len, part, len);
        text->len += len;
    }
}

static void random_pattern(struct text *text, int depth)
{
    uint32_t parts = 1 + pick(5);

    for (uint32_t i = 0; i < parts; i++) {
        if (depth < 3 && pick(5) == 0) {
            put(text, openers[pick(COUNT_OF(openers))]);
            random_pattern(text, depth + 1);
            put(text, ")");
        } else if (pick(3) == 0) {
            put(text, atoms[pick(COUNT_OF(atoms))]);
        } else {
            put(text, atoms[pick(24)]);
        }
        if (pick(4) == 0) {
            put(text, repeats[pick(COUNT_OF(repeats))]);
        }
        if (pick(9) == 0) {
            put(text, "|");
        }
    }
}

static void random_patterns_match_as_pcre2_says(void **state)
{
    enum { PATTERNS = 150, ROUNDS = 60, TEXTS = 60 };
    static struct text source[PATTERNS];
    size_t matches = 0, plain = 0, squeezed = 0;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct span patterns[PATTERNS];
        struct rig rig;

        for (size_t i = 0; i < PATTERNS; i++) {
            source[i].len = 0;
            random_pattern(&source[i], 0);
            patterns[i] = (struct span){source[i].bytes, source[i].len};
        }
        rig_up(&rig, patterns, PATTERNS);
        plain += regex_set_ways(rig.set).plain;
        squeezed += regex_set_ways(rig.set).squeezed;
        for (int t = 0; t < TEXTS; t++) {
            struct text text = {.len = 0};
            uint32_t parts = pick(25);

            for (uint32_t i = 0; i < parts; i++) {
                put(&text, letters[pick(pick(2) ? 8 : COUNT_OF(letters))]);
            }
            compare(&rig, patterns, (struct span){text.bytes, text.len});
        }
        matches += rig.matches;
        rig_down(&rig);
    }
    print_message("# %zu matches; found by text %zu, by squeezed text %zu\n", matches, plain,
                  squeezed);
    assert_true(matches > 1000 && plain > 300 && squeezed > 30);
}

/* ---- published patterns and texts ---- */

static void add_lines(struct pack *pack, const char *file, size_t every, size_t most)
{
    char *path = test_data(file);
    size_t line = 0;
    char *p;

    if (!path) {
        return;
    }
    free(pack->bytes);
    pack->bytes = test_read_file(path, NULL);
    free(path);
    for (p = strtok_r(pack->bytes, "\n", &path); p && pack->count < most;
         p = strtok_r(NULL, "\n", &path)) {
        if (*p != '#' && line++ % every == 0 && utf8_valid(span_of(p))) {
            pack->list[pack->count++] = span_of(p);
        }
    }
}

/* All of them take some minutes: RAPPORTEUR_WHOLE=1. Otherwise a share of each. */
enum { PATTERNS_MAX = 34000, TEXTS_MAX = 40000 };

static void real_patterns_on_real_texts(void **state)
{
    static struct span patterns[PATTERNS_MAX], texts[TEXTS_MAX];
    struct pack bad = {patterns, 0, NULL}, sites = {patterns, 0, NULL},
                watched = {patterns, 0, NULL};
    struct pack tweets = {texts, 0, NULL}, arabic = {texts, 0, NULL}, french = {texts, 0, NULL};
    bool whole = getenv("RAPPORTEUR_WHOLE") != NULL;
    struct rig rig;

    (void)state;
    add_lines(&bad, "patterns/smokedetector_bad_keywords.txt", whole ? 1 : 3, whole ? PATTERNS_MAX : 800);
    sites.count = bad.count;
    add_lines(&sites, "patterns/smokedetector_blacklisted_websites.txt", whole ? 1 : 8, whole ? PATTERNS_MAX : 1300);
    watched.count = sites.count;
    add_lines(&watched, "patterns/smokedetector_watched_keywords.txt", whole ? 1 : 13, whole ? PATTERNS_MAX : 3400);
    add_lines(&tweets, "text/tweets.csv", whole ? 1 : 160, whole ? TEXTS_MAX : 160);
    if (whole) {
        arabic.count = tweets.count;
        add_lines(&arabic, "text/hatecheck_arabic.csv", 1, TEXTS_MAX);
        french.count = arabic.count;
        add_lines(&french, "text/hatecheck_french.csv", 1, TEXTS_MAX);
        tweets.count = french.count;
    }
    if (watched.count == 0 || tweets.count == 0) {
        return;
    }
    rig_up(&rig, patterns, watched.count);
    for (size_t t = 0; t < tweets.count; t++) {
        compare(&rig, patterns, texts[t]);
    }
    /* A pattern without its backslashes is a text that it often matches. */
    for (size_t i = 0; i < watched.count; i += 11) {
        char text[1024];
        size_t len = 0;

        for (size_t k = 0; k < patterns[i].len && len < sizeof(text); k++) {
            if (patterns[i].ptr[k] != '\\') {
                text[len++] = patterns[i].ptr[k];
            }
        }
        compare(&rig, patterns, (struct span){text, utf8_valid_len((struct span){text, len})});
    }
    print_message("# %zu patterns, %zu texts, %zu matches, none missed, none extra\n", watched.count, tweets.count,
                  rig.matches);
    assert_true(rig.matches > 200);
    rig_down(&rig);
    free(bad.bytes);
    free(sites.bytes);
    free(watched.bytes);
    free(tweets.bytes);
    free(arabic.bytes);
    free(french.bytes);
}

static void naughty_strings(void **state)
{
    struct span patterns[700];
    struct pack bad = {patterns, 0, NULL};
    char *path = test_data("hostile/blns.json"), *bytes;
    json_t *strings, *string;
    struct rig rig;
    size_t i;

    (void)state;
    add_lines(&bad, "patterns/smokedetector_bad_keywords.txt", 4, 600);
    if (!path || bad.count == 0) {
        return;
    }
    patterns[bad.count++] = SPAN("\\W");
    patterns[bad.count++] = SPAN("script");
    patterns[bad.count++] = SPAN("[^\\x00-\\x7f]{2}");
    bytes = test_read_file(path, NULL);
    strings = json_loads(bytes, JSON_ALLOW_NUL, NULL);
    assert_non_null(strings);
    rig_up(&rig, patterns, bad.count);
    json_array_foreach(strings, i, string)
    {
        compare(&rig, patterns,
                (struct span){json_string_value(string), json_string_length(string)});
    }
    assert_true(rig.matches > 300);
    rig_down(&rig);
    json_decref(strings);
    free(bytes);
    free(path);
    free(bad.bytes);
}

static void every_alignment_of_the_buffer(void **state)
{
    static const char text[] = "xx Buy fUssf g12i CHEAP.watches  ſtop k-i.l_l dd end";
    const struct span patterns[] = {
        SPAN("f[^a-z]*u"),        SPAN("g[0-9]*i"), SPAN("d"),
        SPAN("cheap\\W?watches"), SPAN("stop"),     SPAN("k\\W*i\\W*l[\\W_]*l"),
        SPAN("d\\b end"),         SPAN("\\d\\d"),   SPAN("zz|xx")};
    _Alignas(64) char room[256];
    struct rig rig;

    (void)state;
    rig_up(&rig, patterns, COUNT_OF(patterns));
    for (size_t at = 0; at < 64; at++) {
        memcpy(room + at, text, sizeof(text));
        rig.matches = 0;
        compare(&rig, patterns, (struct span){room + at, sizeof(text) - 1});
        assert_int_equal(rig.matches, COUNT_OF(patterns));
    }
    rig_down(&rig);
}

/* ---- folding ---- */

static void case_pairs_are_those_of_pcre2(void **state)
{
    static char all[0x110000 * 4], probe[8];
    static const uint32_t points[] = {'k',    's',    'i',   0xe5,   0x3b9,  0x3c9, 0x436,
                                      0x10d0, 0x13a0, 0x1c5, 0x24d0, 0x2170, 0x1e9e};
    size_t len = 0;

    (void)state;
    for (uint32_t point = 0; point <= UTF8_MAX_CODE_POINT; point++) {
        if (point < 0xd800 || point > 0xdfff) {
            len += utf8_put(all + len, point);
        }
    }
    for (size_t i = 0; i < COUNT_OF(points); i++) {
        struct span pattern = {probe, utf8_put(probe, points[i])};
        pcre2_match_data *data = pcre2_match_data_create(1, NULL);
        struct rig rig;
        PCRE2_SIZE at = 0;

        rig_up(&rig, &pattern, 1);
        while (pcre2_match(rig.codes[0], (PCRE2_SPTR)all, len, at, PCRE2_NO_UTF_CHECK, data,
                           NULL) >= 0) {
            const PCRE2_SIZE *where = pcre2_get_ovector_pointer(data);

            compare(&rig, &pattern, (struct span){all + where[0], where[1] - where[0]});
            at = where[1];
        }
        assert_true(rig.matches >= 2 || points[i] == 0x1e9e);
        pcre2_match_data_free(data);
        rig_down(&rig);
    }
}

/* ---- limits and refusals ---- */

static void limits_leave_the_text_undecided(void **state)
{
    const struct span patterns[] = {SPAN("(a+)+$"), SPAN("harmless")};
    static char text[3000];
    struct regex_finder finder = {.found = found};
    struct regex_result result;
    struct rig rig;

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 2] = '!';
    rig_up(&rig, patterns, COUNT_OF(patterns));
    finder.arg = &rig;
    memset(rig.start, 0xff, sizeof(*rig.start) * 2);
    result = regex_set_scan(rig.set, rig.scratch, (struct span){text, sizeof(text) - 1},
                            REGEX_FRESH, &finder);
    assert_non_null(result.undecided_why);
    result = regex_set_scan(rig.set, rig.scratch, SPAN("harmless"), REGEX_FRESH, &finder);
    assert_null(result.undecided_why);
    rig_down(&rig);
}

static bool always_late(void *arg)
{
    (void)arg;
    return true;
}

static void a_passed_deadline_leaves_the_text_undecided(void **state)
{
    const struct span patterns[] = {SPAN("a."), SPAN(".a"), SPAN("aa"), SPAN("a$"),
                                    SPAN("^a"), SPAN("a+"), SPAN("a?a")};
    struct regex_finder finder = {.found = found, .late = always_late};
    struct regex_result result;
    struct rig rig;

    (void)state;
    rig_up(&rig, patterns, COUNT_OF(patterns));
    finder.arg = &rig;
    memset(rig.start, 0xff, sizeof(*rig.start) * COUNT_OF(patterns));
    result = regex_set_scan(rig.set, rig.scratch, SPAN("aaa"), REGEX_FRESH, &finder);
    assert_non_null(result.undecided_why);
    assert_true(result.asked < COUNT_OF(patterns));
    rig_down(&rig);
}

static void what_pcre2_refuses_is_refused(void **state)
{
    static char too_long[8194];
    static const struct {
        const char *pattern, *code;
    } cases[] = {{"(", "PATTERN_SYNTAX"},        {"a{2,1}", "PATTERN_SYNTAX"},
                 {"[z-a]", "PATTERN_SYNTAX"},    {"\\C", "PATTERN_SYNTAX"},
                 {"(?<=a+)b", "PATTERN_SYNTAX"}, {"\xff", "PATTERN_SYNTAX"},
                 {too_long, "PATTERN_LENGTH"}};
    CLEANUP(regex_set_freep) struct regex_set *set = NULL;
    struct fault why;

    (void)state;
    memset(too_long, 'a', sizeof(too_long) - 1);
    assert_int_equal(regex_set_new(&set, &match_options_default), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(regex_set_add(set, span_of(cases[i].pattern), 0, &why), FAULT);
        assert_string_equal(why.code, cases[i].code);
    }
    assert_int_equal(regex_set_add(set, span_of(too_long + 1), 0, &why), 0);
    assert_int_equal(regex_set_seal(set), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_patterns_match_as_pcre2_says),
        cmocka_unit_test(real_patterns_on_real_texts),
        cmocka_unit_test(naughty_strings),
        cmocka_unit_test(every_alignment_of_the_buffer),
        cmocka_unit_test(case_pairs_are_those_of_pcre2),
        cmocka_unit_test(limits_leave_the_text_undecided),
        cmocka_unit_test(a_passed_deadline_leaves_the_text_undecided),
        cmocka_unit_test(what_pcre2_refuses_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
