/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_URL_FIND_H
#define RAPPORTEUR_LIB_MATCH_URL_FIND_H

/*
 * What may be a URL or a host name in running text, also in the spellings people use so that
 * nothing becomes a link: hxxp://, [.] (.) {.} [dot] (dot), [:], [://], [at], and dots of other
 * scripts. Only leads: everything with a dot between letters comes out, and the caller looks it up.
 */

#include "lib/base/span.h"
#include "lib/match/url.h"

struct url_finder {
    struct span text;
    size_t at;                   /* the next piece begins here */
    size_t piece_from, piece_to; /* within text, being taken apart */
    size_t inner;                /* next run of plain ASCII of the piece; piece_to: none */
    char clean[URL_MAX + 8];
    uint32_t origin[URL_MAX + 9]; /* of each byte of clean */
    size_t clean_len, next;       /* next candidate of clean */
};

struct url_candidate {
    struct span url;   /* of the finder; a URL, or a host with what follows */
    size_t start, end; /* in the text */
};

void url_finder_start(struct url_finder *finder, struct span text);
bool url_finder_next(struct url_finder *finder, struct url_candidate *ret);

#endif
