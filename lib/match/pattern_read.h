/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_PATTERN_READ_H
#define RAPPORTEUR_LIB_MATCH_PATTERN_READ_H

/*
 * What the files that read a pattern share: pattern_tree.c (groups, sequences, repeats) and
 * pattern_atom.c (escapes, classes). The first thing that is not understood sets `lost`; everything
 * after it is thrown away, so the readers need not stop at once, only end.
 */

#include "lib/match/pattern.h"

enum { PATTERN_DEPTH_MAX = 250 };

struct pattern_reader {
    const char *at, *end;
    struct arena *arena;
    const struct fold *fold;
    unsigned depth;
    bool extended, extended_more; /* (?x), (?xx) */
    bool quoted;                  /* between \Q and \E */
    bool lost;                    /* demands nothing at all */
    bool case_matters;
    struct node spare; /* stands in for a node without memory; written, never read */
};

static inline bool reader_sees(const struct pattern_reader *reader, const char *text)
{
    return span_starts((struct span){reader->at, (size_t)(reader->end - reader->at)}, text);
}

/* A node of the arena; never NULL: without memory it is one that the caller may fill but not keep.
 */
struct node *reader_node(struct pattern_reader *reader, enum node_kind kind);

/* Past the next `mark`, or lost. */
void reader_skip_past(struct pattern_reader *reader, char mark);

/* The escape after the backslash at reader->at; a backslash is not the last byte. */
struct node *reader_escape(struct pattern_reader *reader);
/* The class whose '[' has been read. */
struct node *reader_class(struct pattern_reader *reader);

#endif
