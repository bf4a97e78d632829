/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_REGEX_SET_H
#define RAPPORTEUR_LIB_MATCH_REGEX_SET_H

/* The inside of a set of patterns, shared by the file that builds it and the one that scans. */

#include "lib/match/chain.h"
#include "lib/match/fold.h"
#include "lib/match/gram.h"
#include "lib/match/pattern.h"
#include "lib/match/regex.h"
#include "lib/match/regex_compile.h"

struct regex_pattern {
    pcre2_code *code;
    uint32_t ref;
    bool machine_code;
    bool raw_only;  /* case matters to it */
    uint32_t guard; /* index in guards; NO_GUARD: none */
};
#define NO_GUARD UINT32_MAX

/* Which characters a text must hold, for a pattern without strings or with common ones. */
struct regex_guard {
    uint32_t digits, set_count;
    uint32_t chain; /* of chains; NO_CHAIN: none */
    uint32_t reach; /* the chain's */
    uint64_t sets[NEED_SETS_MAX][FOLD_SEEN_WORDS];
};

#define NO_CHAIN UINT32_MAX

struct regex_set {
    struct match_options options;
    struct regex_pattern *patterns;
    struct span *sources; /* until the seal */
    size_t count, cap;
    struct fold *fold;
    bool fold_borrowed;
    struct gram *plain, *squeezed; /* NULL: no pattern is found that way */
    struct regex_guard *guards;
    size_t guard_count;
    struct chain_set *chains;
    uint32_t *leftovers; /* patterns without a string to look for */
    size_t leftover_count;
    struct regex_ways ways;
    size_t code_bytes;
};

#endif
