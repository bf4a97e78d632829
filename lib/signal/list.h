/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_SIGNAL_LIST_H
#define RAPPORTEUR_LIB_SIGNAL_LIST_H

/*
 * A list: a named, versioned, digest-addressed set of signals with owner, legal basis, review date
 * and expiry. Immutable once sealed and shared by reference count (atomic), so any thread may read.
 *     list_new(&list, &head, &why);  list_add(list, &entry, &why);  list_seal(list);
 * list_add checks each value by its kind and stores it in canonical form (hashes in lower case hex,
 * domains lower case; TLSH upper case with T1). Codes, place empty:
 *   ENTRY_VALUE     not what its kind asks for          ENTRY_LENGTH   too short or too long for
 * its kind ENTRY_FIELD     id, language, severity or tags      LIST_FULL      more than
 * LIST_MAX_ENTRIES and of list_new: LIST_ID, LIST_TLP, LIST_FIELD (longer than LIST_MAX_FIELD, or
 * not UTF-8). The digest is SHA-256 over the canonical JSON of head and entries sorted by (kind,
 * value, id), as list_json writes it: the same signals give the same digest whatever format they
 * came in.
 *
 * Memory: 72 bytes an entry and its bytes once (ids that are made of a hash cost nothing: they are
 * the hash); while a list is built, 1 byte more, and twice the 72 for the moment of sealing.
 */

#include "lib/base/attr.h"
#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "lib/base/span.h"
#include "lib/report/hit.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    LIST_MAX_ENTRIES = 20000000,
    LIST_MAX_PATTERN = 8192,
    LIST_MAX_VALUE = 8192,
    LIST_MAX_ID = 64,
    LIST_MAX_TAGS = 16,
    LIST_MAX_TAG = 128,
    LIST_MAX_TAG_BYTES = 1024,
    LIST_MAX_FIELD = 1024,
    LIST_MAX_URL = 2048,
    LIST_MAX_DOMAIN = 253
};

enum opinion { OPINION_POSITIVE, OPINION_SEED, OPINION_NEGATIVE, OPINION_DISPUTED, OPINION_COUNT };
extern const char *const opinion_words[OPINION_COUNT];

enum { TLP_COUNT = 5 };
extern const char *const tlp_words[TLP_COUNT];

struct list_head {
    struct span id; /* [a-z0-9][a-z0-9-]{0,63} */
    struct span name, owner, harm, legal_basis;
    struct span kind; /* what it mostly holds, for people; a word, not checked */
    struct span tlp;  /* clear green amber amber+strict red (TLP 2.0); empty is amber */
    struct span version;
    enum list_mode mode;
    int64_t review_by_ms, expires_ms; /* 0: none */
    bool reopens; /* "on_withdrawal": "reopen": cases citing an entry that is taken out come back */
};

struct list_entry {
    struct span id; /* given ([A-Za-z0-9._:-]{1,64}), or empty to have it made: of a hash
                       its value, else from the digest of kind, value and language */
    struct span value;
    struct span tags;   /* comma separated; may be empty */
    int64_t expires_ms; /* 0: with the list */
    enum signal_kind kind;
    int severity;         /* 0-4 */
    enum opinion opinion; /* negative never matches; disputed is shadow */
    char language[4];     /* "" any, else 2-3 lower-case letters */
};

struct list;

/* Copies the head. 0, FAULT or -ENOMEM. */
int list_new(struct list **ret, const struct list_head *head, struct fault *why);
/* Copies the entry; a second entry with the same kind, value and language replaces the first. */
int list_add(struct list *list, const struct list_entry *entry, struct fault *why);
/* Takes an entry added before it out again (all its languages); one added later stays. A value that
 * list_add would refuse is refused here too; one that is not there is fine. */
int list_remove(struct list *list, enum signal_kind kind, struct span value, struct fault *why);
/* Adds every entry of a sealed list. 0, FAULT (LIST_FULL) or -ENOMEM. */
int list_add_all(struct list *list, const struct list *from, struct fault *why);
/* Sorts, removes doubles, computes the digest. A given id that an earlier entry has already is
 * replaced by the made one. No list_add afterwards. 0 or -ENOMEM. */
int list_seal(struct list *list);
struct list *list_ref(struct list *list);
struct list *list_unref(struct list *list);
DEFINE_CLEANUP(struct list *, list_unref);

const struct list_head *list_head(const struct list *list);
/* 64 hex digits, NUL-terminated. */
const char *list_digest(const struct list *list);
size_t list_count(const struct list *list);
/* Sorted by kind, value, id. */
const struct list_entry *list_entry(const struct list *list, size_t i);
/* Heap bytes held. */
size_t list_bytes(const struct list *list);

/* The form that is digested, and that lib/signal/format.h reads as "json":
 * {"entries":[...],"head":{...}}, canonical (RFC 8785). 0, BUF_FULL or -ENOMEM. */
int list_json(const struct list *list, struct buf *out);
/* One entry, and the head, as canonical JSON objects. */
int list_entry_json(const struct list_entry *entry, struct buf *out);
int list_head_json(const struct list_head *head, struct buf *out);

#endif
