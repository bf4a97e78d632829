/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_MATCHER_H
#define RAPPORTEUR_LIB_MATCH_MATCHER_H

/*
 * The contract every matcher fulfils, and what a matcher is given. match_set.c walks one table of
 * matchers; a new one is a file and a line there.
 *
 * An entry is known by its ref: its number over all lists of the set, lists taken in id order.
 * Four bytes lead to list and entry, so an index over ten million hashes stays small.
 */

#include "lib/match/match_set.h"
#include "lib/text/normalise.h"

/* The lists of a set, in id order, without those that are off. */
struct match_source {
    size_t list_count;
    struct list **lists; /* held */
    uint32_t *first;     /* ref of the first entry of each list; one more: the total */
    struct match_range {
        uint32_t from, to; /* entries of one kind lie within [from, to) of their list */
    } (*ranges)[SIGNAL_KIND_COUNT];
};

int match_source_new(struct match_source **ret, struct list *const lists[], size_t count);
struct match_source *match_source_free(struct match_source *source);
DEFINE_CLEANUP(struct match_source *, match_source_free);

const struct list_entry *match_source_entry(const struct match_source *source, uint32_t ref,
                                            const struct list **ret_list);
/* Adds why an entry was left out, with the place "list/entry". */
void match_source_note(const struct match_source *source, uint32_t ref, const struct fault *why,
                       struct faults *notes);
/* How many entries may match, of one kind. */
size_t match_source_count(const struct match_source *source, enum signal_kind kind);

/* The entries of one kind that may match, in ref order; NULL at the end. Start with a zeroed
 * cursor. */
struct match_cursor {
    size_t list;
    uint32_t entry;
    bool inside;
};
const struct list_entry *match_source_next(const struct match_source *source, enum signal_kind kind,
                                           struct match_cursor *cursor, uint32_t *ret_ref);

/* One scan of one content. */
struct match_run {
    const struct match_source *source;
    const struct match_options *options;
    const struct content *content;
    struct span text;               /* content->text, empty where it must not be matched */
    bool ascii;                     /* text is plain ASCII */
    const struct text_forms *forms; /* of text; NULL when no matcher asked for them */
    int64_t now_ms;
    int64_t deadline_us; /* 0: none */
    struct hits *hits;
};

/* Counts a find: expired entries are passed over, the first HITS_MAX kept, the rest only counted.
 */
struct match_find {
    uint32_t ref;
    enum hit_field field;
    uint32_t index, start, end;
    enum hit_form form;
    int distance;
};
void match_run_found(struct match_run *run, const struct match_find *find);
/* True once the deadline of the text has passed. */
bool match_run_late(const struct match_run *run);

struct matcher {
    const char *name;
    /* *ret stays NULL when no entry is of this matcher's kinds. 0 or -ENOMEM. */
    int (*build)(void **ret, const struct match_source *source, const struct match_options *options,
                 struct faults *notes);
    /* Room that one thread needs to scan; NULL function: none. */
    int (*scratch_new)(void **ret, const void *self);
    void (*scan)(const void *self, void *scratch, struct match_run *run);
    void (*scratch_free)(void *scratch);
    void (*free)(void *self);
    size_t (*bytes)(const void *self);
};

extern const struct matcher literal_matcher, regex_matcher, url_matcher, exact_matcher, pdq_matcher,
    tlsh_matcher;

#endif
