/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_SIGNAL_VALUE_H
#define RAPPORTEUR_LIB_SIGNAL_VALUE_H

/* Values of entries: what each kind asks for, and their one canonical spelling. For lib/signal
 * only. */

#include "lib/signal/list.h"

enum { VALUE_ROOM = LIST_MAX_VALUE + 8 };

/* The value as it is stored: *ret borrows from `value` or from `room`. 0 or FAULT (ENTRY_VALUE,
 * ENTRY_LENGTH). */
int value_canonical(enum signal_kind kind, struct span value, char room[VALUE_ROOM],
                    struct span *ret, struct fault *why);

/* Given particulars of an entry: 0 or FAULT (ENTRY_FIELD). */
int value_check_entry(const struct list_entry *entry, struct fault *why);

/* A list head: 0 or FAULT (LIST_ID, LIST_TLP, LIST_FIELD). */
int value_check_head(const struct list_head *head, struct fault *why);

/* True for the kinds whose value is a hash, and how many digits it has (TLSH with its T1). */
size_t value_hash_digits(enum signal_kind kind);

#endif
