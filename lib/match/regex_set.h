/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_REGEX_SET_H
#define RAPPORTEUR_LIB_MATCH_REGEX_SET_H

/* The inside of a set of patterns, shared by the file that builds it and the one that scans. */

#include "lib/match/fold.h"
#include "lib/match/gram.h"
#include "lib/match/pattern.h"
#include "lib/match/regex.h"
#include "lib/match/regex_compile.h"

struct regex_pattern {
    pcre2_code *code;
    uint32_t ref;
    bool machine_code;
    bool raw_only;              /* case matters to it */
};

/* A pattern without a string to look for. */
struct regex_leftover {
    uint32_t pattern, digits, set_count;
    uint64_t sets[NEED_SETS_MAX][3];
};

struct regex_set {
    struct match_options options;
    struct regex_pattern *patterns;
    struct span *sources;       /* until the seal */
    size_t count, cap;
    struct fold *fold;
    bool fold_borrowed;
    struct gram *plain, *squeezed;      /* NULL: no pattern is found that way */
    struct regex_leftover *leftovers;
    size_t leftover_count;
    struct regex_ways ways;
    size_t code_bytes;
};

#endif
