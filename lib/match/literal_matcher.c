/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words and phrases. Those of scripts with spaces are found by the hash of their letters over runs
 * of neighbouring words (word_table, words.h); those of scripts without, and those without any
 * letter, as substrings (gram). Both in the normalised and in the confusable form; words also where
 * their letters are stretched ("fuuuck").
 */
#include "lib/match/matcher.h"

#include "lib/match/disguise.h"
#include "lib/match/gram.h"
#include "lib/match/word_table.h"
#include "lib/match/words.h"
#include "lib/text/property.h"
#include "lib/text/utf8.h"

#include <errno.h>
#include <stdlib.h>

enum {
    FORMS = 2,      /* normalised and confusable */
    PIECES_MIN = 3, /* words a literal may be spread over, where they are not single letters */
    PIECES_MAX = 64,
    STRETCHED_MIN = 3, /* letters: "yeee" is not "ye" */
    AROUND = 160,      /* bytes before and behind a stretched letter */
    WORDS_CAP = REPORT_MAX_TEXT / 2 + 1
};

static const enum text_form_id form_ids[FORMS] = {TEXT_FORM_NORMALISED, TEXT_FORM_CONFUSABLE};

struct literal {
    uint32_t ref;
    uint32_t text[FORMS]; /* offsets in texts */
    uint16_t len[FORMS];
};

struct literal_set {
    struct literal *literals;
    size_t count;
    char *texts;
    size_t text_bytes, text_cap;
    struct word_table *table;
    struct gram *gram[FORMS]; /* NULL without substring literals */
    bool ascii_substrings;    /* some substring literal is ASCII: signs only */
    size_t pieces, letters;   /* most words and most bytes of letters of a literal */
};

struct literal_scratch {
    struct word *words;
    uint32_t *found; /* by literal: the text it was found in */
    uint32_t text;
};

static void literal_free(void *self)
{
    struct literal_set *set = self;

    if (set) {
        for (size_t f = 0; f < FORMS; f++) {
            (void)gram_free(set->gram[f]);
        }
        (void)word_table_free(set->table);
        free(set->literals);
        free(set->texts);
        free(set);
    }
}

static struct span literal_text(const struct literal_set *set, const struct literal *literal,
                                size_t form)
{
    return (struct span){set->texts + literal->text[form], literal->len[form]};
}

static bool is_substring(struct span text)
{
    size_t at = 0, from, to;

    return text_has_no_spaces_script(text) || !text_word_next(text, &at, &from, &to);
}

static int keep_text(struct literal_set *set, struct span text, uint32_t *ret)
{
    if (set->text_bytes + text.len > set->text_cap) {
        size_t cap = (set->text_bytes + text.len) * 2 + 4096;
        char *more = cap < UINT32_MAX ? realloc(set->texts, cap) : NULL;

        if (!more) {
            return -ENOMEM;
        }
        set->texts = more;
        set->text_cap = cap;
    }
    memcpy(set->texts + set->text_bytes, text.ptr, text.len);
    *ret = (uint32_t)set->text_bytes;
    set->text_bytes += text.len;
    return 0;
}

static int keep_literal(struct literal_set *set, const struct text_forms *forms, uint32_t ref)
{
    struct literal *literal = &set->literals[set->count];
    struct span one = forms->form[form_ids[0]].text, two = forms->form[form_ids[1]].text;
    int r = keep_text(set, one, &literal->text[0]);

    literal->ref = ref;
    literal->len[0] = (uint16_t)one.len;
    literal->len[1] = (uint16_t)two.len;
    literal->text[1] = literal->text[0];
    if (r == 0 && !span_equal(one, two)) {
        r = keep_text(set, two, &literal->text[1]);
    }
    set->count++;
    return r;
}

/* Nothing at all, or a sign that the search for substrings cannot take. */
static bool too_short(const struct text_forms *forms)
{
    struct span one = forms->form[form_ids[0]].text, two = forms->form[form_ids[1]].text;

    return one.len == 0 || two.len == 0 ||
           (is_substring(one) && (one.len < GRAM_MIN || two.len < GRAM_MIN));
}

static int read_entries(struct literal_set *set, const struct match_source *source,
                        struct text_scratch *scratch, struct faults *notes)
{
    struct match_cursor cursor = {0};
    const struct list_entry *entry;
    uint32_t ref;

    while ((entry = match_source_next(source, SIGNAL_LITERAL, &cursor, &ref)) != NULL) {
        const struct text_forms *forms;
        struct fault why;
        int r = 0;

        if (!utf8_valid(entry->value)) {
            (void)fault_set(&why, "LITERAL_UTF8", "", "a literal is valid UTF-8, this one is not");
            match_source_note(source, ref, &why, notes);
            continue;
        }
        r = text_normalise(scratch, entry->value, TEXT_NORMALISED | TEXT_CONFUSABLE, &forms);
        if (r == -E2BIG || (r == 0 && too_short(forms))) {
            (void)fault_set(
                &why, "LITERAL_EMPTY", "",
                "nothing, or a single sign, is left of the literal once it is normalised");
            match_source_note(source, ref, &why, notes);
            continue;
        }
        r = r < 0 ? r : keep_literal(set, forms, ref);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static uint64_t hash_letters(struct span text, size_t *ret_words, size_t *ret_letters)
{
    size_t at = 0, from, to;
    uint64_t hash = 0;

    *ret_words = *ret_letters = 0;
    while (text_word_next(text, &at, &from, &to)) {
        *ret_words += 1;
        *ret_letters += to - from;
        for (size_t i = from; i < to; i++) {
            hash = word_hash_add(hash, (unsigned char)text.ptr[i]);
        }
    }
    return hash;
}

static void add_words(struct literal_set *set, uint32_t i)
{
    for (size_t f = 0; f < FORMS; f++) {
        size_t words, letters;
        uint64_t hash = hash_letters(literal_text(set, &set->literals[i], f), &words, &letters);

        word_table_add(set->table, hash, i);
        set->pieces = words > set->pieces ? words : set->pieces;
        set->letters = letters > set->letters ? letters : set->letters;
    }
}

static int index_all(struct literal_set *set)
{
    size_t substrings = 0;
    struct gram_string *strings[FORMS];
    int r = 0;

    set->table = word_table_new(set->count * FORMS);
    strings[0] = malloc((set->count + 1) * sizeof(**strings));
    strings[1] = malloc((set->count + 1) * sizeof(**strings));
    set->pieces = PIECES_MIN;
    for (uint32_t i = 0; set->table && strings[0] && strings[1] && i < set->count; i++) {
        struct span text = literal_text(set, &set->literals[i], 0);

        if (!is_substring(text)) {
            add_words(set, i);
            continue;
        }
        for (size_t f = 0; f < FORMS; f++) {
            strings[f][substrings] =
                (struct gram_string){literal_text(set, &set->literals[i], f), i};
        }
        substrings++;
        set->ascii_substrings |= !(text.ptr[0] & 0x80);
    }
    r = set->table && strings[0] && strings[1] ? 0 : -ENOMEM;
    for (size_t f = 0; r == 0 && f < FORMS && substrings > 0; f++) {
        r = gram_build(&set->gram[f], strings[f], substrings);
    }
    free(strings[0]);
    free(strings[1]);
    return r;
}

static int literal_build(void **ret, const struct match_source *source,
                         const struct match_options *options, struct faults *notes)
{
    CLEANUP(text_scratch_freep) struct text_scratch *scratch = NULL;
    size_t count = match_source_count(source, SIGNAL_LITERAL);
    struct literal_set *set;
    int r = -ENOMEM;

    (void)options;
    if (count == 0) {
        return 0;
    }
    scratch = text_scratch_new(LIST_MAX_VALUE);
    set = calloc(1, sizeof(*set));
    if (set) {
        set->literals = malloc(count * sizeof(*set->literals));
    }
    if (scratch && set && set->literals) {
        r = read_entries(set, source, scratch, notes);
        r = r < 0 || set->count == 0 ? r : index_all(set);
    }
    if (r < 0 || set->count == 0) {
        literal_free(set);
        return r;
    }
    *ret = set;
    return 0;
}

static void scratch_free(void *self)
{
    struct literal_scratch *scratch = self;

    if (scratch) {
        free(scratch->words);
        free(scratch->found);
        free(scratch);
    }
}

static int scratch_new(void **ret, const void *self)
{
    const struct literal_set *set = self;
    struct literal_scratch *scratch = calloc(1, sizeof(*scratch));

    if (!scratch) {
        return -ENOMEM;
    }
    scratch->words = malloc(WORDS_CAP * sizeof(*scratch->words));
    scratch->found = calloc(set->count, sizeof(*scratch->found));
    if (!scratch->words || !scratch->found) {
        scratch_free(scratch);
        return -ENOMEM;
    }
    *ret = scratch;
    return 0;
}

struct literal_scan {
    const struct literal_set *set;
    struct literal_scratch *scratch;
    struct match_run *run;
    const struct text_form *form;
    size_t form_at; /* 0 normalised, 1 confusable */
    bool stretched; /* form is the normalised one with such letters made fewer */
};

/* The part of a form that comes from a range of the original. */
static struct span form_of_range(const struct text_form *form, struct text_range range)
{
    size_t from = 0, to = form->text.len, end;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (form->start[middle] < range.start) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    for (end = from; end < form->text.len && form->end[end] <= range.end; end++) {
    }
    return span_sub(form->text, from, end - from);
}

static void tell(struct literal_scan *scan, uint32_t i, size_t from, size_t to, bool separated)
{
    struct text_range range = text_origin(scan->form, from, to);
    uint32_t ref = scan->set->literals[i].ref;
    enum hit_form form = HIT_NORMALISED;
    struct span here = span_sub(scan->run->content->text, range.start, range.end - range.start);

    if (scan->form_at > 0) {
        form = HIT_CONFUSABLE;
    } else if (separated || scan->stretched) {
        form = HIT_SQUEEZED;
    } else if (span_equal_nocase(here, literal_text(scan->set, &scan->set->literals[i], 0))) {
        form = HIT_RAW;
    }
    scan->scratch->found[i] = scan->scratch->text;
    match_run_found(scan->run, &(struct match_find){.ref = ref,
                                                    .field = HIT_TEXT,
                                                    .start = (uint32_t)range.start,
                                                    .end = (uint32_t)range.end,
                                                    .form = form});
}

/* Look-alikes and missing letters make short words collide. */
static bool long_enough(const struct literal_scan *scan, struct span literal)
{
    size_t letters = 0, least = scan->form_at > 0 ? DISGUISE_MIN : STRETCHED_MIN;

    if (scan->form_at == 0 && !scan->stretched) {
        return true;
    }
    for (size_t i = 0; i < literal.len; i++) {
        letters += (literal.ptr[i] & 0xc0) != 0x80;
    }
    return letters >= least;
}

/* What looks like literal `i` at [from, to) of the confusable form is meant to. */
static bool is_meant(const struct literal_scan *scan, uint32_t i, size_t from, size_t to)
{
    const struct text_forms *forms = scan->run->forms;
    struct text_range range = text_origin(scan->form, from, to);

    return disguise_is_meant(span_sub(forms->source, range.start, range.end - range.start),
                             form_of_range(&forms->form[TEXT_FORM_NORMALISED], range),
                             literal_text(scan->set, &scan->set->literals[i], 0));
}

static void try_words(struct literal_scan *scan, const struct word *words, size_t count,
                      uint64_t hash)
{
    uint32_t at = 0, i;

    while (word_table_next(scan->set->table, hash, &at, &i)) {
        struct span literal = literal_text(scan->set, &scan->set->literals[i], scan->form_at);
        enum word_match match;
        size_t from, to;

        if (scan->scratch->found[i] == scan->scratch->text || !long_enough(scan, literal)) {
            continue;
        }
        match = words_match(scan->form->text, words, count, literal, &from, &to);
        if (match != WORDS_DIFFER && (scan->form_at == 0 || is_meant(scan, i, from, to))) {
            tell(scan, i, from, to, match == WORDS_SEPARATED);
        }
    }
}

/* Every run of neighbouring words that could be one literal. */
static void scan_words(struct literal_scan *scan)
{
    const struct literal_set *set = scan->set;
    const struct word *words = scan->scratch->words;
    size_t count =
        words_of(scan->form->text, scan->run->forms->ascii, scan->scratch->words, WORDS_CAP);

    for (size_t i = 0; i < count; i++) {
        uint64_t hash = 0;
        size_t letters = 0, singles = 0;
        bool digits = true;

        for (size_t j = i; j < count && j - i < PIECES_MAX && !words[j].apart; j++) {
            hash = hash * words[j].factor + words[j].hash;
            letters += words[j].to - words[j].from;
            singles += words[j].single;
            digits &= words[j].digits;
            if (letters > set->letters) {
                break;
            }
            if (word_table_may_have(set->table, hash)) {
                try_words(scan, words + i, j - i + 1, hash);
            }
            if (j - i + 1 >= set->pieces && singles + 1 < j - i + 1 && !digits) {
                break;
            }
        }
    }
}

static void substring_found(void *arg, uint32_t value, size_t start, size_t len)
{
    struct literal_scan *scan = arg;

    if (scan->scratch->found[value] != scan->scratch->text &&
        text_is_whole_word(scan->form->text, start, start + len)) {
        tell(scan, value, start, start + len, false);
    }
}

static size_t letter_bytes(const struct text_form *form, size_t at)
{
    const char *p = form->text.ptr + at;

    (void)utf8_next(&p);
    return (size_t)(p - form->text.ptr) - at;
}

/* The next letter from `at` on that stands for several of the original; the text's end: none. */
static size_t next_stretched(const struct text_form *form, size_t at)
{
    while (at < form->text.len && form->end[at] - form->start[at] < 2 * letter_bytes(form, at)) {
        at += letter_bytes(form, at);
    }
    return at;
}

/* Whatever is in the plain forms too has been found, so only the words around stretched ones are
 * looked at: parts that begin and end with a space, one behind the other. */
static void scan_around(struct literal_scan *scan, const struct text_form *form)
{
    struct span text = form->text;
    size_t from, to = 0;

    for (size_t at = next_stretched(form, 0), next; at < text.len; at = next_stretched(form, to)) {
        struct text_form part;

        from = at > to + AROUND ? at - AROUND : to;
        while (from > to && text.ptr[from - 1] != ' ') {
            from--;
        }
        while ((next = next_stretched(form, at + letter_bytes(form, at))) < at + 2 * AROUND &&
               next < text.len) {
            at = next;
        }
        for (to = at + AROUND; to < text.len && text.ptr[to] != ' '; to++) {
        }
        to = to < text.len ? to : text.len;
        part = (struct text_form){span_sub(text, from, to - from), form->start + from,
                                  form->end + from};
        scan->form = &part;
        scan_words(scan);
    }
}

static void scan_stretched(struct literal_scan *scan)
{
    scan->stretched = true;
    scan_around(scan, &scan->run->forms->form[TEXT_FORM_SINGLE]);
    scan_around(scan, &scan->run->forms->form[TEXT_FORM_DOUBLE]);
    scan->stretched = false;
}

static void literal_scan(const void *self, void *scratch, struct match_run *run)
{
    struct literal_scan scan = {self, scratch, run, NULL, 0, false};

    if (!run->forms) {
        return;
    }
    if (++scan.scratch->text == 0) {
        memset(scan.scratch->found, 0, scan.set->count * sizeof(*scan.scratch->found));
        scan.scratch->text = 1;
    }
    for (size_t f = 0; f < FORMS; f++) {
        if (f > 0 && run->forms->stretched) {
            scan_stretched(&scan);
        }
        scan.form = &run->forms->form[form_ids[f]];
        scan.form_at = f;
        scan_words(&scan);
        if (scan.set->gram[f] && (scan.set->ascii_substrings || !run->forms->ascii)) {
            gram_scan(scan.set->gram[f], scan.form->text, substring_found, &scan);
        }
    }
}

static size_t literal_bytes(const void *self)
{
    const struct literal_set *set = self;
    size_t bytes = sizeof(*set) + set->count * sizeof(*set->literals) + set->text_cap;

    for (size_t f = 0; f < FORMS; f++) {
        bytes += set->gram[f] ? gram_bytes(set->gram[f]) : 0;
    }
    return bytes + word_table_bytes(set->table);
}

const struct matcher literal_matcher = {
    .name = "literal",
    .build = literal_build,
    .scratch_new = scratch_new,
    .scan = literal_scan,
    .scratch_free = scratch_free,
    .free = literal_free,
    .bytes = literal_bytes,
};
