/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_REPORT_HIT_H
#define RAPPORTEUR_LIB_REPORT_HIT_H

/*
 * A hit: one signal of a list, found in one field of a case. A lead, never a decision.
 * Hits of one content are ordered by list id, entry id, field, field index, start: the same input
 * and the same lists always give the same bytes.
 */

#include "lib/base/span.h"

#include <jansson.h>
#include <stdint.h>

enum signal_kind {
    SIGNAL_LITERAL, SIGNAL_REGEX, SIGNAL_URL, SIGNAL_DOMAIN,
    SIGNAL_SHA256, SIGNAL_SHA1, SIGNAL_MD5, SIGNAL_PDQ, SIGNAL_TLSH,
    SIGNAL_KIND_COUNT
};
extern const char *const signal_kind_words[SIGNAL_KIND_COUNT];

/* Where in the content: `text` and `url` stand alone, `urls` and `hashes` have an index. */
enum hit_field { HIT_TEXT, HIT_URL, HIT_URLS, HIT_HASHES, HIT_FIELD_COUNT };
extern const char *const hit_field_words[HIT_FIELD_COUNT];

/* Which form of the text matched. */
enum hit_form { HIT_RAW, HIT_NORMALISED, HIT_SQUEEZED, HIT_CONFUSABLE, HIT_FORM_COUNT };
extern const char *const hit_form_words[HIT_FORM_COUNT];

enum list_mode { LIST_LIVE, LIST_SHADOW, LIST_OFF, LIST_MODE_COUNT };
extern const char *const list_mode_words[LIST_MODE_COUNT];

/* Spans borrow from the match set (list, entry) and live as long as the snapshot is held. */
struct hit {
    struct span list, list_version, entry;
    enum signal_kind kind;
    enum list_mode mode;            /* shadow hits are counted, never shown to rules */
    int severity;                   /* 0-4, of the entry */
    enum hit_field field;
    uint32_t index;                 /* element of urls or hashes, else 0 */
    uint32_t start, end;            /* byte offsets into the original text or url; 0,0 for hashes */
    enum hit_form form;
    int distance;                   /* pdq, tlsh; else 0 */
};

enum { HITS_MAX = 256 };

/* The hits of one content. `dropped` counts those past HITS_MAX; `undecided` says that a limit ended
 * matching early, so a person must look (`undecided_why` is a fixed sentence). */
struct hits {
    size_t count, dropped;
    const char *undecided_why;
    struct hit list[HITS_MAX];
};

/* Sorts into the fixed order. */
void hits_sort(struct hits *hits);

/* {"list","version","entry","kind","severity","field","index"?,"start"?,"end"?,"form"?,"distance"?}
 * for entries and answers. New reference, NULL without memory. */
json_t *hit_json(const struct hit *hit);

#endif
