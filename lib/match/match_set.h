/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_MATCH_SET_H
#define RAPPORTEUR_LIB_MATCH_MATCH_SET_H

/*
 * All matchers built from a set of lists; built once, then read-only and shared between threads.
 * Each scanning thread brings its own scratch (PCRE2 match data, JIT stack, text buffers).
 *     r = match_set_build(&set, lists, count, &options, &notes);
 *     match_set_scan(set, scratch, &content, now_ms, &hits);
 * Lists with mode off, and entries with opinion negative, are left out; expired ones do not hit.
 * A pattern that PCRE2 refuses is left out and named in `notes`, the list stays usable.
 */

#include "lib/base/fault.h"
#include "lib/report/hit.h"
#include "lib/report/report.h"
#include "lib/signal/list.h"

struct match_set;
struct match_scratch;

/*
 * Where the index of many hashes is kept as it lies in memory (exact.h), so that the next build maps it instead of
 * making it again. A key is 64 hex digits over all that decides what the image holds. This library does no I/O.
 */
struct match_images {
    /* The image of that key, aligned to 64 and unchanging until `close`; empty: there is none, or it is not whole. */
    struct span (*open)(void *arg, const char *key);
    /* Keeps an image that was just made; may fail in silence. */
    void (*save)(void *arg, const char *key, struct span image);
    void (*close)(struct span image); /* from any thread, also when `arg` is gone */
    void *arg;
    size_t min; /* entries of one kind from which on an image is worth it */
};

struct match_options {
    uint32_t regex_match_limit;    /* PCRE2 steps a start position; default 100,000 */
    uint32_t regex_heap_limit_kib; /* default 20,000 */
    uint32_t text_deadline_us;     /* over all patterns of one text; default 50,000; 0: none */
    int pdq_distance;              /* 0-31, default 31 */
    int pdq_min_quality;           /* below it a PDQ hash is not compared; default 50 */
    int tlsh_distance;             /* default 30 */
    /* The clock of the text deadline, since this library reads none: monotonic microseconds. NULL
     * switches the deadline off. */
    int64_t (*now_us)(void *arg);
    void *now_us_arg;
    const struct match_images *images; /* for match_set_build alone; NULL: everything in the heap */
};
extern const struct match_options match_options_default;

/* Holds a reference on each list. 0, FAULT (nothing usable; why is the first of notes) or -ENOMEM.
 */
int match_set_build(struct match_set **ret, struct list *const lists[], size_t count,
                    const struct match_options *options, struct faults *notes);
struct match_set *match_set_free(struct match_set *set);
DEFINE_CLEANUP(struct match_set *, match_set_free);

/* 64 hex digits over list ids, digests and modes, in list id order. */
const char *match_set_digest(const struct match_set *set);
size_t match_set_list_count(const struct match_set *set);
const struct list *match_set_list(const struct match_set *set, size_t i);
/* Bytes held, without the lists themselves. */
size_t match_set_bytes(const struct match_set *set);

int match_scratch_new(struct match_scratch **ret, const struct match_set *set);
struct match_scratch *match_scratch_free(struct match_scratch *scratch);
DEFINE_CLEANUP(struct match_scratch *, match_scratch_free);

/* Finds everything, sorted. 0 or -ENOMEM; a limit that ends early shows in hits->undecided_why. */
int match_set_scan(const struct match_set *set, struct match_scratch *scratch,
                   const struct content *content, int64_t now_ms, struct hits *ret_hits);

#endif
