/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/match_set.h"

#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

#define SHA "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define PDQ "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
#define PDQ_NEAR "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b2d"
#define TLSH "T1301124198C869A5A4F0F9380A9AE92F2B9278F42089EA34272885F0FB2D34E6911444C"

struct entry {
    const char *id;
    enum signal_kind kind;
    const char *value;
    enum opinion opinion;
    int64_t expires_ms;
};

static struct list *make_list(const char *id, enum list_mode mode, int64_t expires_ms,
                              const struct entry *entries, size_t count)
{
    struct list *list = NULL;
    struct fault why;
    struct list_head head = {.id = span_of(id),
                             .name = SPAN("n"),
                             .owner = SPAN("o"),
                             .harm = SPAN("h"),
                             .legal_basis = SPAN("l"),
                             .kind = SPAN("mixed"),
                             .tlp = SPAN("green"),
                             .version = SPAN("1"),
                             .mode = mode,
                             .review_by_ms = 1,
                             .expires_ms = expires_ms};

    if (list_new(&list, &head, &why)) {
        fail_msg("list: %s", why.text);
    }
    for (size_t i = 0; i < count; i++) {
        struct list_entry entry = {.id = span_of(entries[i].id),
                                   .kind = entries[i].kind,
                                   .value = span_of(entries[i].value),
                                   .severity = 2,
                                   .opinion = entries[i].opinion,
                                   .expires_ms = entries[i].expires_ms};

        if (list_add(list, &entry, &why)) {
            fail_msg("entry %s: %s", entries[i].id, why.text);
        }
    }
    assert_int_equal(list_seal(list), 0);
    return list;
}

struct rig {
    struct match_set *set;
    struct match_scratch *scratch;
    struct faults notes;
    struct hits *hits;
};

static void rig_up(struct rig *rig, struct list *list, const struct match_options *options)
{
    memset(rig, 0, sizeof(*rig));
    assert_int_equal(match_set_build(&rig->set, &list, 1, options, &rig->notes), 0);
    list_unref(list);
    assert_int_equal(match_scratch_new(&rig->scratch, rig->set), 0);
    rig->hits = calloc(1, sizeof(*rig->hits));
}

static void rig_down(struct rig *rig)
{
    (void)match_scratch_free(rig->scratch);
    (void)match_set_free(rig->set);
    free(rig->hits);
}

static const struct hits *scan_text(struct rig *rig, const char *text)
{
    struct content content = {.text = span_of(text)};

    assert_int_equal(match_set_scan(rig->set, rig->scratch, &content, 1000, rig->hits), 0);
    return rig->hits;
}

/* "entry@start-end:form" for each hit, with blanks between. */
static void expect(struct rig *rig, const char *text, const char *wanted)
{
    const struct hits *hits = scan_text(rig, text);
    char got[1000] = "";
    size_t len = 0;

    for (size_t i = 0; i < hits->count; i++) {
        const struct hit *hit = &hits->list[i];

        len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%.*s@%u-%u:%s", i ? " " : "",
                                (int)hit->entry.len, hit->entry.ptr, hit->start, hit->end,
                                hit_form_words[hit->form]);
    }
    if (strcmp(got, wanted) != 0) {
        fail_msg("'%s': wanted '%s', got '%s'", text, wanted, got);
    }
}

static void words_and_phrases(void **state)
{
    static const struct entry entries[] = {
        {"kill", SIGNAL_LITERAL, "kill them", 0, 0},
        {"grim", SIGNAL_LITERAL, "grimbold", 0, 0},
        {"cpp", SIGNAL_LITERAL, "c++", 0, 0},
        {"tag", SIGNAL_LITERAL, "#stopnow", 0, 0},
        {"ther", SIGNAL_LITERAL, "therapist", 0, 0},
        {"cafe", SIGNAL_LITERAL, "caf\xc3\xa9s", 0, 0},
        {"num", SIGNAL_LITERAL, "08151729325", 0, 0},
        {"zh", SIGNAL_LITERAL, "\xe5\x8d\xb1\xe9\x99\xa9", 0, 0},
        {"fire", SIGNAL_LITERAL, "\xf0\x9f\x94\xa5\xf0\x9f\x94\xa5", 0, 0},
        {"ar", SIGNAL_LITERAL, "\xd8\xae\xd8\xb7\xd8\xb1", 0, 0},
        {"hi", SIGNAL_LITERAL, "hi", 0, 0},
    };
    struct rig rig;

    (void)state;
    rig_up(&rig, make_list("words", LIST_LIVE, 0, entries, COUNT_OF(entries)), NULL);
    expect(&rig, "Grimbold", "grim@0-8:raw");
    expect(&rig, "the grimbold.", "grim@4-12:raw");
    expect(&rig, "grimbolds agrimbold", "");
    expect(&rig, "\xef\xbc\xa7rimbold", "grim@0-10:normalised");
    expect(&rig, "gr\xc2\xadimbold", "grim@0-10:normalised");
    expect(&rig, "g r i m b o l d!", "grim@0-15:squeezed");
    expect(&rig, "g.r.i.m.b.o.l.d", "grim@0-15:squeezed");
    expect(&rig, "see grim-bold", "grim@4-13:squeezed");
    expect(&rig, "the grim bold sea", "");
    expect(&rig, "gr1mb0ld", "grim@0-8:confusable");
    expect(&rig, "\xd0\xb3grimbold", "");
    expect(&rig, "gr\xd1\x96mbold", "grim@0-9:confusable");
    expect(&rig, "KILL THEM", "kill@0-9:raw");
    expect(&rig, "kill   them", "kill@0-11:squeezed");
    expect(&rig, "killthem", "kill@0-8:squeezed");
    expect(&rig, "skill them, kill theme", "");
    expect(&rig, "I write c++, not c", "cpp@8-11:raw");
    expect(&rig, "c and d", "");
    expect(&rig, "#StopNow", "tag@0-8:raw");
    expect(&rig, "stopnow", "");
    expect(&rig, "the rapist", "");
    expect(&rig, "a therapist", "ther@2-11:raw");
    expect(&rig, "cafe\xcc\x81s", "cafe@0-7:normalised");
    expect(&rig, "cafes", "cafe@0-5:confusable");
    expect(&rig, "0815 172-9325", "num@0-13:squeezed");
    expect(&rig, "\xe5\xbe\x88\xe5\x8d\xb1\xe9\x99\xa9\xe5\x95\x8a", "zh@3-9:raw");
    expect(&rig, "hot \xf0\x9f\x94\xa5\xf0\x9f\x94\xa5!", "fire@4-12:raw");
    expect(&rig, "\xd8\xae\xd9\x8e\xd8\xb7\xd9\x8e\xd8\xb1", "ar@0-10:normalised");
    expect(&rig, "h1 hl", "");
    expect(&rig, "hi grimbold", "grim@3-11:raw hi@0-2:raw");
    rig_down(&rig);
}

/* Only what is around stretched words is looked at once more: first, last, and with text between of
 * all lengths, also without a space. */
static void words_far_apart(struct rig *rig)
{
    static const struct {
        const char *front, *back, *want;
    } cases[] = {
        {"a bolll", " go maddd now", "boll@2-7:squeezed mad@"},
        {"goooo", " grimboldd", ""},
        {"é grimmmbold ", " no", "grim@3-13:squeezed"},
    };

    for (size_t gap = 0; gap < 700; gap += 23) {
        for (size_t spaces = 0; spaces < 2; spaces++) {
            for (size_t i = 0; i < COUNT_OF(cases); i++) {
                char text[900], want[80];
                size_t front = strlen(cases[i].front);

                memcpy(text, cases[i].front, front);
                for (size_t k = 0; k < gap; k++) {
                    text[front + k] = spaces && k % 7 == 0 ? ' ' : k % 2 ? 'o' : 'e';
                }
                (void)snprintf(text + front + gap, sizeof(text) - front - gap, " %s",
                               cases[i].back);
                (void)snprintf(want, sizeof(want), "%s", cases[i].want);
                if (i == 0) {
                    (void)snprintf(want, sizeof(want), "%s mad@%zu-%zu:squeezed",
                                   spaces || gap == 0 ? "boll@2-7:squeezed" : "", front + gap + 2,
                                   front + gap + 14);
                }
                expect(rig, text, want[0] == ' ' ? want + 1 : want);
            }
        }
    }
}

static void words_in_disguise(void **state)
{
    static const struct entry entries[] = {
        {"grim", SIGNAL_LITERAL, "grimbold", 0, 0},  {"boll", SIGNAL_LITERAL, "boll", 0, 0},
        {"xxx", SIGNAL_LITERAL, "xxx", 0, 0},        {"zo", SIGNAL_LITERAL, "zo", 0, 0},
        {"mad", SIGNAL_LITERAL, "go mad now", 0, 0}, {"bag", SIGNAL_LITERAL, "bag", 0, 0},
        {"ete", SIGNAL_LITERAL, "mange", 0, 0},      {"heh", SIGNAL_LITERAL, "بكره", 0, 0},
        {"teh", SIGNAL_LITERAL, "مدرسة", 0, 0},      {"hah", SIGNAL_LITERAL, "حمير", 0, 0},
    };
    struct rig rig;

    (void)state;
    rig_up(&rig, make_list("words", LIST_LIVE, 0, entries, COUNT_OF(entries)), NULL);
    expect(&rig, "a Griiiimboldddd!", "grim@2-16:squeezed");
    expect(&rig, "bolllll", "boll@0-7:squeezed");
    expect(&rig, "boool", "");
    expect(&rig, "xxx", "xxx@0-3:raw");
    expect(&rig, "zooo", "");
    expect(&rig, "gooo madddd now", "mad@0-15:squeezed");
    expect(&rig, "grimbold and grimmmbold", "grim@0-8:raw");
    expect(&rig, "é b4g", "bag@3-6:confusable");
    expect(&rig, "ba6 6ag båg", "");
    words_far_apart(&rig);
    expect(&rig, "mange", "ete@0-5:raw");
    expect(&rig, "mangé", "");
    expect(&rig, "mangé, m4nge", "ete@8-13:confusable");
    expect(&rig, "بكرة", "");
    expect(&rig, "مدرسه", "teh@0-10:confusable");
    expect(&rig, "الحمير 7مير", "hah@13-20:confusable");
    rig_down(&rig);
}

static void patterns_match_text_urls_and_the_normalised_form(void **state)
{
    static const struct entry entries[] = {
        {"buy", SIGNAL_REGEX, "buy\\W?now", 0, 0},
        {"case", SIGNAL_REGEX, "(?-i)Loud", 0, 0},
        {"any", SIGNAL_REGEX, "^\\d{4}$", 0, 0},
        {"iota", SIGNAL_REGEX, "\xce\xb9", 0, 0},
    };
    struct content content = {.url = SPAN("http://buy-now.example/")};
    struct rig rig;

    (void)state;
    rig_up(&rig, make_list("re", LIST_LIVE, 0, entries, COUNT_OF(entries)), NULL);
    expect(&rig, "please BUY NOW", "buy@7-14:raw");
    expect(&rig, "\xc3\xa9 \xef\xbd\x82\xef\xbd\x95\xef\xbd\x99 now", "buy@3-16:normalised");
    expect(&rig, "\xef\xbc\xac\xef\xbd\x8f\xef\xbd\x95\xef\xbd\x84", "");
    expect(&rig, "Loud", "case@0-4:raw");
    expect(&rig, "LOUD", "");
    expect(&rig, "1234", "any@0-4:raw");
    /* A letter and a mark are one to PCRE2. */
    expect(&rig, "a \xce\xb9", "iota@2-4:raw");
    expect(&rig, "a \xce\x99", "iota@2-4:raw");
    expect(&rig, "a\xcd\x85", "iota@1-3:raw");
    content.url_count = 1;
    content.urls[0] = SPAN("http://x.example/?buynow");
    assert_int_equal(match_set_scan(rig.set, rig.scratch, &content, 0, rig.hits), 0);
    assert_int_equal(rig.hits->count, 2);
    assert_int_equal(rig.hits->list[0].field, HIT_URL);
    assert_int_equal(rig.hits->list[1].field, HIT_URLS);
    assert_int_equal(rig.hits->list[1].start, 18);
    rig_down(&rig);
}

static void urls_and_domains(void **state)
{
    static const struct entry entries[] = {
        {"dom", SIGNAL_DOMAIN, "evil.example", 0, 0},
        {"blog", SIGNAL_DOMAIN, "blogspot.com", 0, 0},
        {"path", SIGNAL_URL, "https://t.example/channel", 0, 0},
        {"query", SIGNAL_URL, "http://v.example/watch?v=1", 0, 0},
        {"ip", SIGNAL_DOMAIN, "192.0.2.1", 0, 0},
        {"suffix", SIGNAL_DOMAIN, "co.uk", 0, 0},
    };
    static const struct {
        const char *url, *entry;
    } cases[] = {
        {"http://evil.example/", "dom"},
        {"https://a.b.evil.example:8443/x?y", "dom"},
        {"http://notevil.example/", NULL},
        {"http://evil.example.org/", NULL},
        {"http://EVIL.example./", "dom"},
        {"http://evil%2eexample/", "dom"},
        {"http://blogspot.com/", "blog"},
        {"http://someone.blogspot.com/", NULL},
        {"http://t.example/channel", "path"},
        {"https://www.t.example/channel/12", "path"},
        {"http://t.example/channel?x=1", "path"},
        {"http://t.example/channels", NULL},
        {"http://t.example/", NULL},
        {"http://t.example/a/../channel", "path"},
        {"http://t.example:8080/channel", NULL},
        {"http://x@t.example/channel", "path"},
        {"http://v.example/watch?v=1", "query"},
        {"http://v.example/watch?v=1&t=9", "query"},
        {"http://v.example/watch?v=12", NULL},
        {"http://0xc0000201/", "ip"},
        {"http://3221225985/x", "ip"},
        {"http://9.192.0.2.1/", NULL},
        {"http://a.co.uk/", NULL},
    };
    struct rig rig;

    (void)state;
    rig_up(&rig, make_list("urls", LIST_LIVE, 0, entries, COUNT_OF(entries)), NULL);
    assert_true(test_has_fault(&rig.notes, "DOMAIN_PUBLIC_SUFFIX", "urls/suffix"));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct content content = {.url = span_of(cases[i].url)};

        assert_int_equal(match_set_scan(rig.set, rig.scratch, &content, 0, rig.hits), 0);
        if (rig.hits->count != (cases[i].entry ? 1 : 0) ||
            (cases[i].entry && !span_is(rig.hits->list[0].entry, cases[i].entry))) {
            fail_msg("%s: %zu hits", cases[i].url, rig.hits->count);
        }
    }
    expect(&rig, "look at hxxp://a.evil[.]example/x, now", "dom@8-33:normalised");
    expect(&rig, "evil.example and evil.example", "dom@0-12:normalised");
    rig_down(&rig);
}

static void hashes(void **state)
{
    static const struct entry entries[] = {
        {"sha", SIGNAL_SHA256, SHA, 0, 0},
        {"md5", SIGNAL_MD5, "5d41402abc4b2a76b9719d911017c592", 0, 0},
        {"sha1", SIGNAL_SHA1, "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d", 0, 0},
        {"pdq", SIGNAL_PDQ, PDQ, 0, 0},
        {"tlsh", SIGNAL_TLSH, TLSH, 0, 0},
    };
    struct content content = {
        .hash_count = 7,
        .hashes = {{SIGNAL_SHA256, SPAN(SHA), -1},
                   {SIGNAL_MD5, SPAN("5D41402ABC4B2A76B9719D911017C592"), -1},
                   {SIGNAL_SHA1, SPAN("aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"), -1},
                   {SIGNAL_PDQ, SPAN(PDQ_NEAR), 80},
                   {SIGNAL_PDQ, SPAN(PDQ), 49},
                   {SIGNAL_PDQ, SPAN(PDQ), -1},
                   {SIGNAL_TLSH, SPAN(TLSH), -1}}};
    struct rig rig;

    (void)state;
    rig_up(&rig, make_list("hashes", LIST_LIVE, 0, entries, COUNT_OF(entries)), NULL);
    assert_int_equal(match_set_scan(rig.set, rig.scratch, &content, 0, rig.hits), 0);
    assert_int_equal(rig.hits->count, 6);
    assert_true(span_is(rig.hits->list[1].entry, "pdq"));
    assert_int_equal(rig.hits->list[1].index, 3);
    assert_int_equal(rig.hits->list[1].distance, 4);
    assert_int_equal(rig.hits->list[2].index, 5);
    rig_down(&rig);
}

static void modes_opinions_and_expiry(void **state)
{
    static const struct entry entries[] = {
        {"agreed", SIGNAL_LITERAL, "one", OPINION_POSITIVE, 0},
        {"refused", SIGNAL_LITERAL, "two", OPINION_NEGATIVE, 0},
        {"disputed", SIGNAL_LITERAL, "three", OPINION_DISPUTED, 0},
        {"past", SIGNAL_LITERAL, "four", OPINION_POSITIVE, 1000},
        {"coming", SIGNAL_LITERAL, "five", OPINION_POSITIVE, 1001},
    };
    struct rig rig;
    const struct hits *hits;

    (void)state;
    rig_up(&rig, make_list("l", LIST_LIVE, 0, entries, COUNT_OF(entries)), NULL);
    hits = scan_text(&rig, "one two three four five");
    assert_int_equal(hits->count, 3);
    assert_true(span_is(hits->list[0].entry, "agreed") && hits->list[0].mode == LIST_LIVE);
    assert_true(span_is(hits->list[1].entry, "coming"));
    assert_true(span_is(hits->list[2].entry, "disputed") && hits->list[2].mode == LIST_SHADOW);
    rig_down(&rig);
    rig_up(&rig, make_list("l", LIST_SHADOW, 0, entries, 1), NULL);
    assert_int_equal(scan_text(&rig, "one")->list[0].mode, LIST_SHADOW);
    rig_down(&rig);
    rig_up(&rig, make_list("l", LIST_OFF, 0, entries, 1), NULL);
    assert_int_equal(scan_text(&rig, "one")->count, 0);
    rig_down(&rig);
    rig_up(&rig, make_list("l", LIST_LIVE, 1000, entries, 1), NULL);
    assert_int_equal(scan_text(&rig, "one")->count, 0);
    rig_down(&rig);
}

/* Old verdicts are computed again from the snapshot of that digest. */
static void options_are_part_of_the_digest(void **state)
{
    static const struct entry entries[] = {{"a", SIGNAL_LITERAL, "one", 0, 0}};
    struct list *list = make_list("a", LIST_LIVE, 0, entries, 1);
    char seen[8][65];

    (void)state;
    for (int i = 0; i < 8; i++) {
        struct match_options options = {.regex_match_limit = 100000 - (i == 2), .regex_heap_limit_kib = 20000 - (i == 3),
                                        .text_deadline_us = 50000 - (i == 4), .pdq_distance = 31 - (i == 5),
                                        .pdq_min_quality = 50 - (i == 6), .tlsh_distance = 30 - (i == 7)};
        struct faults notes = {0};
        struct match_set *set;
        assert_int_equal(match_set_build(&set, &list, 1, i ? &options : NULL, &notes), 0);
        (void)snprintf(seen[i], sizeof(seen[i]), "%s", match_set_digest(set));
        for (int k = 0; k < i; k++) {
            assert_int_equal(strcmp(seen[k], seen[i]) == 0, i == 1);
        }
        (void)match_set_free(set);
    }
    list_unref(list);
}
static void the_same_lists_give_the_same_digest_in_any_order(void **state)
{
    static const struct entry entries[] = {{"a", SIGNAL_LITERAL, "one", 0, 0}};
    struct list *lists[2] = {make_list("a", LIST_LIVE, 0, entries, 1),
                             make_list("b", LIST_LIVE, 0, entries, 1)};
    struct list *turned[2] = {lists[1], lists[0]};
    struct match_set *sets[3];
    struct faults notes = {0};

    (void)state;
    assert_int_equal(match_set_build(&sets[0], lists, 2, NULL, &notes), 0);
    assert_int_equal(match_set_build(&sets[1], turned, 2, NULL, &notes), 0);
    assert_int_equal(match_set_build(&sets[2], lists, 1, NULL, &notes), 0);
    assert_string_equal(match_set_digest(sets[0]), match_set_digest(sets[1]));
    assert_string_not_equal(match_set_digest(sets[0]), match_set_digest(sets[2]));
    assert_int_equal(strlen(match_set_digest(sets[0])), 64);
    assert_int_equal(match_set_list_count(sets[0]), 2);
    assert_true(span_is(list_head(match_set_list(sets[1], 0))->id, "a"));
    assert_true(match_set_bytes(sets[0]) > 100);
    for (size_t i = 0; i < 3; i++) {
        (void)match_set_free(sets[i]);
    }
    list_unref(lists[0]);
    list_unref(lists[1]);
}

static void a_refused_pattern_is_named_and_the_rest_works(void **state)
{
    static const struct entry entries[] = {{"bad", SIGNAL_REGEX, "(", 0, 0},
                                           {"good", SIGNAL_REGEX, "good", 0, 0}};
    struct list *list = NULL;
    struct match_set *set = NULL;
    struct faults notes = {0};
    struct rig rig;

    (void)state;
    rig_up(&rig, make_list("mixed", LIST_LIVE, 0, entries, 2), NULL);
    assert_true(test_has_fault(&rig.notes, "PATTERN_SYNTAX", "mixed/bad"));
    expect(&rig, "good", "good@0-4:raw");
    rig_down(&rig);
    list = make_list("mixed", LIST_LIVE, 0, entries, 1);
    assert_int_equal(match_set_build(&set, &list, 1, NULL, &notes), FAULT);
    assert_int_equal(notes.count, 1);
    list_unref(list);
    assert_int_equal(match_set_build(&set, NULL, 0, NULL, &notes), 0);
    (void)match_set_free(set);
}

static void past_256_hits_are_counted(void **state)
{
    struct entry *entries = calloc(300, sizeof(*entries));
    char(*names)[16] = calloc(300, sizeof(*names));
    char text[8000] = "";
    size_t len = 0;
    struct rig rig;

    (void)state;
    for (size_t i = 0; i < 300; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "word%zu", i);
        entries[i] = (struct entry){names[i], SIGNAL_LITERAL, names[i], 0, 0};
        len += (size_t)snprintf(text + len, sizeof(text) - len, "word%zu ", i);
    }
    rig_up(&rig, make_list("many", LIST_LIVE, 0, entries, 300), NULL);
    assert_int_equal(scan_text(&rig, text)->count, HITS_MAX);
    assert_int_equal(rig.hits->dropped, 300 - HITS_MAX);
    rig_down(&rig);
    free(entries);
    free(names);
}

static void broken_and_overlong_texts_are_undecided(void **state)
{
    static const struct entry entries[] = {{"a", SIGNAL_LITERAL, "one", 0, 0},
                                           {"b", SIGNAL_REGEX, "one", 0, 0}};
    char *text = calloc(1, REPORT_MAX_TEXT + 2);
    struct rig rig;

    (void)state;
    memset(text, 'x', REPORT_MAX_TEXT + 1);
    memcpy(text + REPORT_MAX_TEXT - 4, " one", 4);
    rig_up(&rig, make_list("l", LIST_LIVE, 0, entries, 2), NULL);
    assert_non_null(scan_text(&rig, "one \xff")->undecided_why);
    assert_int_equal(rig.hits->count, 0);
    assert_non_null(scan_text(&rig, text)->undecided_why);
    text[REPORT_MAX_TEXT] = '\0';
    assert_null(scan_text(&rig, text)->undecided_why);
    assert_int_equal(rig.hits->count, 2);
    assert_null(scan_text(&rig, "")->undecided_why);
    rig_down(&rig);
    free(text);
}

/* ---- literals against a loop ---- */

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool stands_in(const char *text, const char *literal)
{
    size_t len = strlen(literal);

    for (const char *p = strstr(text, literal); p; p = strstr(p + 1, literal)) {
        if ((p == text || !is_word_byte(p[-1])) && !is_word_byte(p[len])) {
            return true;
        }
    }
    return false;
}

static void append(char *text, const char *part)
{
    size_t len = strlen(text);

    memcpy(text + len, part, strlen(part) + 1);
}

static void literals_as_a_loop_finds_them(void **state)
{
    enum { LITERALS = 400, TEXTS = 1500 };
    static const char *const parts[] = {"ab", "cd", "x", "yz", "rust", "mt", "dun", "ebb"};
    struct entry *entries = calloc(LITERALS, sizeof(*entries));
    char(*names)[40] = calloc(LITERALS, sizeof(*names));
    uint64_t seed = 7;
    size_t hits = 0, count = 0;
    struct rig rig;

    (void)state;
    for (size_t i = 0; i < LITERALS; i++) {
        size_t words = 1 + i % 3;

        for (size_t w = 0; w < words * 2; w++) {
            seed = seed * 6364136223846793005ull + 1442695040888963407ull;
            append(names[i], parts[(seed >> 40) % COUNT_OF(parts)]);
            if (w % 2 == 1 && w + 1 < words * 2) {
                append(names[i], " ");
            }
        }
        for (size_t k = 0; k <= i; k++) {
            if (k == i) {
                entries[count++] = (struct entry){names[i], SIGNAL_LITERAL, names[i], 0, 0};
            } else if (strcmp(names[k], names[i]) == 0) {
                break;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        entries[i].id = "";
    }
    rig_up(&rig, make_list("loop", LIST_LIVE, 0, entries, count), NULL);
    for (size_t t = 0; t < TEXTS; t++) {
        char text[120] = "";
        const struct hits *got;
        size_t exact = 0, wanted = 0;

        for (size_t w = 0; w < 14; w++) {
            seed = seed * 6364136223846793005ull + 1442695040888963407ull;
            append(text, parts[(seed >> 40) % COUNT_OF(parts)]);
            append(text, (seed >> 50) % 2 ? " " : "");
        }
        got = scan_text(&rig, text);
        for (size_t i = 0; i < got->count; i++) {
            exact += got->list[i].form == HIT_RAW;
        }
        for (size_t i = 0; i < count; i++) {
            wanted += stands_in(text, entries[i].value);
        }
        /* Squeezed finds come before an exact one of the same entry further on. */
        if (exact > wanted || exact + (got->count - exact) < wanted) {
            fail_msg("'%s': wanted %zu, got %zu exact of %zu", text, wanted, exact, got->count);
        }
        hits += wanted;
    }
    assert_true(hits > 1000);
    rig_down(&rig);
    free(entries);
    free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_phrases),
        cmocka_unit_test(words_in_disguise),
        cmocka_unit_test(patterns_match_text_urls_and_the_normalised_form),
        cmocka_unit_test(urls_and_domains),
        cmocka_unit_test(hashes),
        cmocka_unit_test(modes_opinions_and_expiry),
        cmocka_unit_test(options_are_part_of_the_digest),
        cmocka_unit_test(the_same_lists_give_the_same_digest_in_any_order),
        cmocka_unit_test(a_refused_pattern_is_named_and_the_rest_works),
        cmocka_unit_test(past_256_hits_are_counted),
        cmocka_unit_test(broken_and_overlong_texts_are_undecided),
        cmocka_unit_test(literals_as_a_loop_finds_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
