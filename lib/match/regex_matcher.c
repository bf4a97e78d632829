/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/matcher.h"

#include "lib/match/regex.h"
#include "lib/text/utf8.h"

static int add_all(struct regex_set *set, const struct match_source *source, struct faults *notes)
{
    struct match_cursor cursor = {0};
    const struct list_entry *entry;
    uint32_t ref;

    while ((entry = match_source_next(source, SIGNAL_REGEX, &cursor, &ref)) != NULL) {
        struct fault why;
        int r = regex_set_add(set, entry->value, ref, &why);

        if (r < 0) {
            return r;
        }
        if (r == FAULT) {
            match_source_note(source, ref, &why, notes);
        }
    }
    return regex_set_seal(set);
}

static int regex_build(void **ret, const struct match_source *source,
                       const struct match_options *options, struct faults *notes)
{
    CLEANUP(regex_set_freep) struct regex_set *set = NULL;
    int r;

    if (match_source_count(source, SIGNAL_REGEX) == 0) {
        return 0;
    }
    r = regex_set_new(&set, options);
    r = r < 0 ? r : add_all(set, source, notes);
    if (r < 0) {
        return r;
    }
    if (regex_set_count(set) > 0) {
        *ret = TAKE(set);
    }
    return 0;
}

static int scratch_new(void **ret, const void *self)
{
    struct regex_scratch *scratch = NULL;
    int r = regex_scratch_new(&scratch, self);

    *ret = scratch;
    return r;
}

static void scratch_free(void *scratch)
{
    (void)regex_scratch_free(scratch);
}

struct regex_run {
    struct match_run *run;
    const struct text_form *form; /* NULL: the text as it came */
    enum hit_field field;
    uint32_t index;
};

static void found(void *arg, uint32_t ref, size_t start, size_t end)
{
    struct regex_run *r = arg;
    struct text_range range = {start, end};

    if (r->form) {
        range.start = r->form->start[start];
        range.end = end > start ? r->form->end[end - 1] : range.start;
    }
    match_run_found(r->run, &(struct match_find){.ref = ref,
                                                 .field = r->field,
                                                 .index = r->index,
                                                 .start = (uint32_t)range.start,
                                                 .end = (uint32_t)range.end,
                                                 .form = r->form ? HIT_NORMALISED : HIT_RAW});
}

static bool late(void *arg)
{
    return match_run_late(((struct regex_run *)arg)->run);
}

static void scan_text(const struct regex_set *set, struct regex_scratch *scratch,
                      struct regex_run *r, struct span text, enum regex_part part)
{
    struct regex_result result =
        regex_set_scan(set, scratch, text, part, &(struct regex_finder){found, late, r});

    if (result.undecided_why) {
        r->run->hits->undecided_why = result.undecided_why;
    }
}

/* PCRE2 is told that it need not look at the UTF-8, so somebody has to. */
static void scan_url(const struct regex_set *set, struct regex_scratch *scratch,
                     struct regex_run *r, struct span url)
{
    if (utf8_valid(url)) {
        scan_text(set, scratch, r, url, REGEX_FRESH);
    } else {
        r->run->hits->undecided_why = "a URL that is not valid UTF-8 was not matched";
    }
}

static void regex_scan(const void *self, void *scratch, struct match_run *run)
{
    const struct content *content = run->content;
    struct regex_run r = {.run = run, .field = HIT_TEXT};

    if (run->text.len > 0) {
        scan_text(self, scratch, &r, run->text, REGEX_FRESH);
        /* Without characters past ASCII normalising changes the case only, and that does not count.
         */
        if (run->forms && !run->ascii) {
            r.form = &run->forms->form[TEXT_FORM_NORMALISED];
            if (!regex_same_folded(self, scratch, run->text, r.form->text)) {
                scan_text(self, scratch, &r, r.form->text, REGEX_AGAIN);
            }
            r.form = NULL;
        }
    }
    if (content->url.len > 0) {
        r.field = HIT_URL;
        scan_url(self, scratch, &r, content->url);
    }
    r.field = HIT_URLS;
    for (size_t i = 0; i < content->url_count; i++) {
        r.index = (uint32_t)i;
        scan_url(self, scratch, &r, content->urls[i]);
    }
}

static size_t regex_bytes(const void *self)
{
    return regex_set_bytes(self);
}

static void regex_free(void *self)
{
    (void)regex_set_free(self);
}

const struct matcher regex_matcher = {
    .name = "regex",
    .build = regex_build,
    .scratch_new = scratch_new,
    .scan = regex_scan,
    .scratch_free = scratch_free,
    .free = regex_free,
    .bytes = regex_bytes,
};
