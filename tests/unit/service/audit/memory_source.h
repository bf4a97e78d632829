/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_UNIT_SERVICE_AUDIT_MEMORY_SOURCE_H
#define RAPPORTEUR_TESTS_UNIT_SERVICE_AUDIT_MEMORY_SOURCE_H

/*
 * A store for tests of the sequencer: entries made from their index, so that it has as many as
 * wanted and always the same ones; a counter, a mirror; and the ways in which a store can go wrong.
 * What a store keeps over a restart is in `kept`, which may lie in a shared file.
 *     struct memory_source store;
 *     memory_source_init(&store, NULL);   atomic_store(&store.kept->size, 700);
 */

#include "service/audit/source.h"

#include <stdatomic.h>

struct memory_kept {
    _Atomic uint64_t size, trimmed;
    struct audit_mirror mirror;
};

struct memory_source {
    struct audit_source source;
    struct memory_kept *kept, own;
    _Atomic int read_error, mirror_error; /* negative errno to answer with */
    _Atomic int mirror_unknown;           /* so many puts are done, and answered with -ETIMEDOUT */
    uint64_t gap_at, changed_at, largest_at, empty_at, formula_at; /* indexes; UINT64_MAX: none */
    _Atomic uint64_t raised_to, reads;
};

/* kept NULL: its own. */
void memory_source_init(struct memory_source *store, struct memory_kept *kept);

/* Entry `index`: four for each case - report, verdict, decision, effect. Returns the length. */
size_t memory_entry(uint64_t index, char into[512]);

/* Starts a sequencer over it, waits until `size` entries are published, stops it: 0, or what
 * failed. */
int memory_log(struct memory_source *store, const char *folder, uint64_t size, struct fault *why);

/* A new empty folder below the build's; heap. And its removal with all in it, and free. */
char *memory_folder(void);
void memory_folder_done(char *folder);

/* folder "/" name, heap. */
char *memory_path(const char *folder, const char *name);

#endif
