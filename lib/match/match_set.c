/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/match_set.h"

#include "lib/base/digest.h"
#include "lib/match/matcher.h"
#include "lib/text/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct matcher *const matchers[] = {
    &literal_matcher, &regex_matcher, &url_matcher, &exact_matcher, &pdq_matcher, &tlsh_matcher,
};
enum { MATCHERS = COUNT_OF(matchers) };

const struct match_options match_options_default = {
    .regex_match_limit = 100000,
    .regex_heap_limit_kib = 20000,
    .text_deadline_us = 50000,
    .pdq_distance = 31,
    .pdq_min_quality = 50,
    .tlsh_distance = 30,
};

struct match_set {
    struct match_options options;
    struct match_source *source;
    void *built[MATCHERS]; /* NULL: nothing of its kinds */
    char digest[SHA256_HEX_LEN + 1];
};

struct match_scratch {
    const struct match_set *set;
    struct text_scratch *text;
    void *of[MATCHERS];
};

/* Options that change what is found. Those that are as usual are left out, so that a set of an earlier version keeps its
 * digest. */
static void add_options(struct sha256 *h, const struct match_options *o)
{
    const struct match_options *usual = &match_options_default;
    const struct {
        const char *name;
        int64_t value, usual;
    } all[] = {{"regex_match_limit", o->regex_match_limit, usual->regex_match_limit},
               {"regex_heap_limit_kib", o->regex_heap_limit_kib, usual->regex_heap_limit_kib},
               {"text_deadline_us", o->text_deadline_us, usual->text_deadline_us},
               {"pdq_distance", o->pdq_distance, usual->pdq_distance},
               {"pdq_min_quality", o->pdq_min_quality, usual->pdq_min_quality},
               {"tlsh_distance", o->tlsh_distance, usual->tlsh_distance}};
    char line[64];

    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (all[i].value != all[i].usual) {
            int len = snprintf(line, sizeof(line), "%s %lld\n", all[i].name, (long long)all[i].value);

            sha256_add(h, line, (size_t)len);
        }
    }
}

/* Of each list its id, digest and mode, and the options: what one set does differently from another. */
static void compute_digest(struct match_set *set)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t digest[SHA256_LEN];
    struct sha256 h;

    sha256_start(&h);
    for (size_t i = 0; i < set->source->list_count; i++) {
        const struct list *list = set->source->lists[i];
        const struct list_head *head = list_head(list);
        const char *mode = list_mode_words[head->mode];

        sha256_add(&h, head->id.ptr, head->id.len);
        sha256_add(&h, "\n", 1);
        sha256_add(&h, list_digest(list), SHA256_HEX_LEN);
        sha256_add(&h, "\n", 1);
        sha256_add(&h, mode, strlen(mode));
        sha256_add(&h, "\n", 1);
    }
    add_options(&h, &set->options);
    sha256_end(&h, digest);
    for (size_t i = 0; i < SHA256_LEN; i++) {
        set->digest[i * 2] = hex[digest[i] >> 4];
        set->digest[i * 2 + 1] = hex[digest[i] & 15];
    }
}

static int build_all(struct match_set *set, struct faults *notes)
{
    bool any = false, wanted = false;

    for (size_t m = 0; m < MATCHERS; m++) {
        int r = matchers[m]->build(&set->built[m], set->source, &set->options, notes);

        if (r < 0) {
            return r;
        }
        any |= set->built[m] != NULL;
    }
    for (int kind = 0; kind < SIGNAL_KIND_COUNT; kind++) {
        wanted |= match_source_count(set->source, (enum signal_kind)kind) > 0;
    }
    return wanted && !any ? FAULT : 0;
}

int match_set_build(struct match_set **ret, struct list *const lists[], size_t count,
                    const struct match_options *options, struct faults *notes)
{
    CLEANUP(match_set_freep) struct match_set *set = calloc(1, sizeof(*set));
    int r;

    if (!set) {
        return -ENOMEM;
    }
    set->options = options ? *options : match_options_default;
    if (set->options.pdq_distance > 31) {
        set->options.pdq_distance = 31;
    }
    r = match_source_new(&set->source, lists, count);
    if (r == 0) {
        r = build_all(set, notes);
    }
    if (r != 0) {
        return r;
    }
    set->options.images = NULL; /* the caller's, for the build alone */
    compute_digest(set);
    *ret = TAKE(set);
    return 0;
}

struct match_set *match_set_free(struct match_set *set)
{
    if (set) {
        for (size_t m = 0; m < MATCHERS; m++) {
            if (set->built[m]) {
                matchers[m]->free(set->built[m]);
            }
        }
        (void)match_source_free(set->source);
        free(set);
    }
    return NULL;
}

const char *match_set_digest(const struct match_set *set)
{
    return set->digest;
}

size_t match_set_list_count(const struct match_set *set)
{
    return set->source->list_count;
}

const struct list *match_set_list(const struct match_set *set, size_t i)
{
    return set->source->lists[i];
}

size_t match_set_bytes(const struct match_set *set)
{
    size_t bytes = sizeof(*set) + sizeof(*set->source);

    for (size_t m = 0; m < MATCHERS; m++) {
        bytes += set->built[m] ? matchers[m]->bytes(set->built[m]) : 0;
    }
    return bytes;
}

int match_scratch_new(struct match_scratch **ret, const struct match_set *set)
{
    CLEANUP(match_scratch_freep) struct match_scratch *scratch = calloc(1, sizeof(*scratch));

    if (!scratch) {
        return -ENOMEM;
    }
    scratch->set = set;
    scratch->text = text_scratch_new(REPORT_MAX_TEXT);
    if (!scratch->text) {
        return -ENOMEM;
    }
    for (size_t m = 0; m < MATCHERS; m++) {
        int r = 0;

        if (set->built[m] && matchers[m]->scratch_new) {
            r = matchers[m]->scratch_new(&scratch->of[m], set->built[m]);
        }
        if (r < 0) {
            return r;
        }
    }
    *ret = TAKE(scratch);
    return 0;
}

struct match_scratch *match_scratch_free(struct match_scratch *scratch)
{
    if (scratch) {
        for (size_t m = 0; m < MATCHERS; m++) {
            if (scratch->of[m]) {
                matchers[m]->scratch_free(scratch->of[m]);
            }
        }
        (void)text_scratch_free(scratch->text);
        free(scratch);
    }
    return NULL;
}

bool match_run_late(const struct match_run *run)
{
    return run->deadline_us != 0 &&
           run->options->now_us(run->options->now_us_arg) > run->deadline_us;
}

static bool expired(int64_t expires_ms, int64_t now_ms)
{
    return expires_ms != 0 && expires_ms <= now_ms;
}

void match_run_found(struct match_run *run, const struct match_find *find)
{
    struct hits *hits = run->hits;
    const struct list *list;
    const struct list_entry *entry = match_source_entry(run->source, find->ref, &list);
    const struct list_head *head = list_head(list);

    if (expired(entry->expires_ms, run->now_ms) || expired(head->expires_ms, run->now_ms)) {
        return;
    }
    if (hits->count == HITS_MAX) {
        hits->dropped++;
        return;
    }
    hits->list[hits->count++] = (struct hit){
        .list = head->id,
        .list_version = head->version,
        .entry = entry->id,
        .kind = entry->kind,
        .mode = entry->opinion == OPINION_DISPUTED ? LIST_SHADOW : head->mode,
        .severity = entry->severity,
        .field = find->field,
        .index = find->index,
        .start = find->start,
        .end = find->end,
        .form = find->form,
        .distance = find->distance,
    };
}

static bool is_ascii(struct span text)
{
    uint64_t any = 0, eight = 0;

    for (; text.len >= 8; text.ptr += 8, text.len -= 8) {
        memcpy(&eight, text.ptr, 8);
        any |= eight;
    }
    for (size_t i = 0; i < text.len; i++) {
        any |= (uint64_t)(unsigned char)text.ptr[i];
    }
    return (any & 0x8080808080808080ull) == 0;
}

/* Looks at the text once for all matchers. */
static void take_text(struct match_run *run)
{
    struct span text = run->content->text;

    if (text.len > REPORT_MAX_TEXT) {
        run->hits->undecided_why = "the text is longer than texts are matched";
        return;
    }
    run->ascii = is_ascii(text);
    if (!run->ascii && !utf8_valid(text)) {
        run->hits->undecided_why = "a text that is not valid UTF-8 was not matched";
        return;
    }
    run->text = text;
}

/* Makes the forms that some matcher reads; none for plain ASCII when there are no literals. */
static int make_forms(const struct match_set *set, struct match_scratch *scratch,
                      struct match_run *run)
{
    unsigned wanted = 0;

    for (size_t m = 0; m < MATCHERS; m++) {
        if (set->built[m] && matchers[m] == &literal_matcher) {
            wanted |= TEXT_NORMALISED | TEXT_CONFUSABLE | TEXT_STRETCHED;
        } else if (set->built[m] && matchers[m] == &regex_matcher && !run->ascii) {
            wanted |= TEXT_NORMALISED;
        }
    }
    if (run->text.len == 0 || wanted == 0) {
        return 0;
    }
    return text_normalise(scratch->text, run->text, wanted, &run->forms);
}

int match_set_scan(const struct match_set *set, struct match_scratch *scratch,
                   const struct content *content, int64_t now_ms, struct hits *ret_hits)
{
    struct match_run run = {.source = set->source,
                            .options = &set->options,
                            .content = content,
                            .now_ms = now_ms,
                            .hits = ret_hits};
    int r;

    ret_hits->count = ret_hits->dropped = 0;
    ret_hits->undecided_why = NULL;
    if (set->options.now_us && set->options.text_deadline_us > 0) {
        run.deadline_us =
            set->options.now_us(set->options.now_us_arg) + set->options.text_deadline_us;
    }
    take_text(&run);
    r = make_forms(set, scratch, &run);
    if (r < 0) {
        return r;
    }
    for (size_t m = 0; m < MATCHERS; m++) {
        if (set->built[m]) {
            matchers[m]->scan(set->built[m], scratch->of[m], &run);
        }
    }
    hits_sort(ret_hits);
    return 0;
}
