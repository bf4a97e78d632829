/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_TRAIL_H
#define RAPPORTEUR_SERVICE_AUDIT_TRAIL_H

/*
 * All logs of one service, oldest first, read as one row of entries. A log ends when a person closes it
 * (close.h); the first entry of the next one holds its last checkpoint and its public key, so whoever trusts
 * the newest key trusts them all.
 *
 *     CLEANUP(audit_trail_freep) struct audit_trail *trail = NULL;
 *     r = audit_trail_open(&trail, "/var/lib/rapporteur/audit", &why);
 *     for (uint64_t at = audit_trail_first(trail); at < audit_trail_end(trail); at++)
 *         r = audit_trail_entry(trail, at, &bytes, &why);
 *
 * The folder is one of two:
 *     an audit folder   log/, a folder NAME/ with log/ in it for each later log, `current` with the newest NAME
 *     a served log      checkpoint, vkey, tile/...; earlier logs, where they are at hand, each below it as NAME/
 * NAME is the last part of a log's origin: "2027q1" of "example.org/audit/2027q1"; "first" for a first log whose
 * origin does not end in a name.
 *
 * Three numbers of an entry:
 *     index      within its log, what the tree, a receipt and the tiles use
 *     position   over all logs: the row that this module reads. It stays when older logs are deleted
 *     serial     what the store counted it as; a decision is kept under it. The first entry of a later log has none
 * In the first log all three are the same. The size of a log is fixed when the trail is opened. A deleted log
 * keeps checkpoint, vkey and `begin` (its first entry, empty where it was the first log) with its receipt.
 *
 * One trail belongs to one thread at a time. Codes: those of reader.h, and TRAIL_FORM (a first entry or the file
 * `current` says what cannot be), TRAIL_CHAIN (a log does not end where the next one says).
 */

#include "lib/audit/checkpoint.h"
#include "lib/base/attr.h"
#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { TRAIL_LOGS_MAX = 400, TRAIL_NAME_MAX = 64 };

enum trail_state { TRAIL_OPEN, TRAIL_CLOSED, TRAIL_DELETED };
extern const char *const trail_state_words[];

/* What the first entry of a later log says of the one before it. */
struct trail_begin {
    struct note_key key;
    struct checkpoint head;
    uint64_t number, serial; /* logs before this one; entries that the store had counted */
    int64_t closed_ms;
};

struct trail_log {
    char name[TRAIL_NAME_MAX + 1];
    char *folder; /* as served: checkpoint, vkey, tile/... */
    struct note_key key;
    struct checkpoint head;
    enum trail_state state;
    bool has_begin; /* it is a later log: */
    struct trail_begin begin;
    uint64_t first; /* position of its first entry */
};

struct audit_reader;
struct audit_trail;

int audit_trail_open(struct audit_trail **ret, const char *folder, struct fault *why) NODISCARD;
/* With the newest log's public key obtained elsewhere; an empty vkey: the folder's own. */
int audit_trail_open_as(struct audit_trail **ret, const char *folder, struct span vkey,
                        struct fault *why) NODISCARD;
struct audit_trail *audit_trail_free(struct audit_trail *trail);
DEFINE_CLEANUP(struct audit_trail *, audit_trail_free);

/* Oldest first; the last one is the newest. At least one. */
size_t audit_trail_count(const struct audit_trail *trail);
const struct trail_log *audit_trail_log(const struct audit_trail *trail, size_t at);
const struct trail_log *audit_trail_newest(const struct audit_trail *trail);
/* Earlier logs than those at hand there were, or some of these are deleted. */
bool audit_trail_cut(const struct audit_trail *trail);

/* Entries that can be read: first <= position < end. */
uint64_t audit_trail_first(const struct audit_trail *trail);
uint64_t audit_trail_end(const struct audit_trail *trail);
/* Borrowed until the next call. */
int audit_trail_entry(struct audit_trail *trail, uint64_t position, struct span *ret,
                      struct fault *why) NODISCARD;
/* Which log a position is in, and its index there. */
const struct trail_log *audit_trail_place(const struct audit_trail *trail, uint64_t position,
                                          uint64_t *ret_index);
/* 0, -EAGAIN (not yet in a log, or not yet published), -ENOENT (in a log that is gone). */
int audit_trail_find(const struct audit_trail *trail, uint64_t serial, uint64_t *ret_position);

/* Appends the receipt of that entry, under its own log's checkpoint. */
int audit_trail_receipt(struct audit_trail *trail, uint64_t position, struct buf *out,
                        struct fault *why) NODISCARD;

/* [a-z0-9][a-z0-9._-]*, at most TRAIL_NAME_MAX bytes, and none of the names that mean something in a log's folder. */
bool trail_name_ok(struct span name);
/* The last part of an origin; empty where it cannot be a name. */
struct span trail_name_of(const char *origin);
/* Reads the first entry of a log; *ret_there false: it is an ordinary one, the log is the first. */
int trail_begin_read(struct trail_begin *ret, bool *ret_there, struct span entry,
                     struct fault *why) NODISCARD;
/* The folder of the newest log of an audit folder, with log/ and private/ in it; into has `size` bytes. */
int trail_current(const char *audit_folder, char *into, size_t size, struct fault *why) NODISCARD;

#endif
