/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_PATTERN_H
#define RAPPORTEUR_LIB_MATCH_PATTERN_H

/*
 * What a text must hold for a PCRE2 pattern to match it: strings of which at least one occurs in
 * the folded text (or in the squeezed one), and sets of characters of which at least one occurs
 * each. PCRE2 alone decides what matches; this only says where it need not be asked. So every
 * answer errs towards less: what the reader does not know for sure demands nothing, and a construct
 * whose reach cannot be seen (verbs, unknown option letters) makes the whole pattern demand
 * nothing. pattern_tree(&tree, arena, fold, pattern)   the pattern as a tree; pattern is one PCRE2
 * accepted pattern_need(&need, arena, fold, tree)      what follows from it Syntax: pcre2pattern(3)
 * of PCRE2 10.42, and what 10.43 to 10.45 changed.
 */

#include "lib/base/arena.h"
#include "lib/match/fold.h"

enum { SET_WIDE_MAX = 6 };

/* The characters one place of a pattern may match, after folding. */
struct char_set {
    uint64_t ascii[2];
    uint32_t wide[SET_WIDE_MAX]; /* known code points past ASCII */
    unsigned wide_count;
    bool any_word;    /* and unlisted ones past ASCII that the squeezed stream keeps */
    bool any_other;   /* and unlisted ones past ASCII that it drops */
    bool only_digits; /* all of them are matched by \d */
    bool all_words;   /* everything that \w matches is among them */
};

enum node_kind {
    NODE_NOTHING, /* no width: anchors, negative lookaround */
    NODE_SET,     /* one character of a set */
    NODE_UNKNOWN, /* anything, also nothing */
    NODE_SEQUENCE,
    NODE_CHOICE,
    NODE_REPEAT, /* first child, min to max times */
    NODE_LOOK    /* first child is somewhere in the text, at no width here */
};

struct node {
    enum node_kind kind;
    struct node *first, *last, *next; /* children, and the next of the same parent */
    struct char_set set;
    uint32_t min, max; /* max UINT32_MAX: no end */
};

struct pattern_tree {
    struct node *root;
    bool case_matters; /* some part switches caseless off */
};

enum need_stream { NEED_NOTHING, NEED_PLAIN, NEED_SQUEEZED };
enum { NEED_SETS_MAX = 8 };

struct pattern_need {
    enum need_stream stream; /* where one of the strings occurs; NEED_NOTHING: none are known */
    size_t count;
    const struct span *strings; /* of the arena */
    double cost;                /* expected work a byte of text, in nanoseconds */
    /* Each has a bit in common with what fold_look says. Only of patterns without strings, or with
     * common ones. */
    uint64_t sets[NEED_SETS_MAX][FOLD_SEEN_WORDS];
    size_t set_count;
    uint32_t digits; /* fold_longest_digits is at least this */
};

/* Reads a pattern that PCRE2 accepted. False, and no root, when the whole pattern can demand
 * nothing: it was not understood, or the arena is full. */
bool pattern_tree(struct pattern_tree *ret, struct arena *arena, const struct fold *fold,
                  struct span pattern);
/* Demands nothing where the arena is full. */
void pattern_need(struct pattern_need *ret, struct arena *arena, const struct fold *fold,
                  const struct pattern_tree *tree);

#endif
