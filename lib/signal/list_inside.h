/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_SIGNAL_LIST_INSIDE_H
#define RAPPORTEUR_LIB_SIGNAL_LIST_INSIDE_H

/* The inside of a list, for list.c, list_seal.c and list_json.c only. */

#include "lib/base/digest.h"
#include "lib/signal/list.h"

#include <stdatomic.h>
#include <stdbool.h>

enum {
    LIST_REMOVED = 1, /* a tombstone */
    LIST_GIVEN_ID = 2
};

struct pool_block;

struct list {
    atomic_uint refs;
    bool sealed, some_given;
    struct list_head head;
    struct list_entry *entries;
    uint8_t *flags; /* one an entry while building; NULL once sealed */
    size_t count, cap;
    struct pool_block *pool;
    size_t pool_bytes;
    char digest[SHA256_HEX_LEN + 1];
};

/* Replaces an entry's id by the made one. 0 or -ENOMEM. */
int list_give_made_id(struct list *list, struct list_entry *entry);

/* Orders by kind, value, language. */
int list_entry_order(const struct list_entry *a, const struct list_entry *b);

#endif
