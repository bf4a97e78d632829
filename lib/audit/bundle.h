/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_BUNDLE_H
#define RAPPORTEUR_LIB_AUDIT_BUNDLE_H

/*
 * Entry bundles (C2SP tlog-tiles): for each entry two bytes of length, big-endian, then its bytes;
 * up to 256 entries, no header.
 *     struct span rest = bytes, entry;
 *     while (bundle_next(&rest, &entry)) ...
 *     if (rest.len) damaged
 */

#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { BUNDLE_ENTRY_MAX = 65535, BUNDLE_MAX_BYTES = 256 * (2 + BUNDLE_ENTRY_MAX) };

/* Appends one entry: 0, BUF_FULL (also for an entry over 65535 bytes) or -ENOMEM. */
int bundle_add(struct buf *out, struct span entry);

/* Cuts the next entry off; false at the end and where the length leads past it (then rest->len >
 * 0). */
bool bundle_next(struct span *rest, struct span *ret_entry);

/* Splits a bundle of exactly `count` (1..256) entries. Code: BUNDLE_FORM. Spans borrow from bytes.
 */
int bundle_read(struct span bytes, unsigned count, struct span ret[256], struct fault *why);

#endif
