/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_COMMIT_H
#define RAPPORTEUR_LIB_AUDIT_COMMIT_H

/*
 * What stands in an entry in place of personal data.
 *
 * Commitment to one field: HMAC-SHA-256(key = 32 fresh random bytes, label || 0x00 || bytes), in
 * hex. The key lives beside the data, outside the log. To prove what was said, show data and key;
 * to erase, destroy both: what stays in the log is then noise. A fresh key for each field of each
 * entry: a shared one would let two entries be linked, and no one could be erased alone.
 *
 * Pseudonym of a person: HMAC-SHA-256(key = 32 random bytes kept for that subject, "pseudonym" ||
 * 0x00 || scope), its first 16 bytes in hex. The same subject and scope give the same pseudonym
 * until the key is destroyed; then nothing leads back. `scope` is a period such as "2026q4".
 *     commit_make(key, SPAN("text"), text, hex);
 *     ok = commit_check(key, SPAN("text"), text, hex_of_entry);
 */

#include "lib/base/digest.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    COMMIT_KEY_LEN = 32,
    COMMIT_HEX_LEN = 64,
    COMMIT_LABEL_MAX = 64,
    PSEUDONYM_KEY_LEN = 32,
    PSEUDONYM_HEX_LEN = 32,
};

/* label: 1..COMMIT_LABEL_MAX bytes without a zero byte; into NUL-terminated. */
void commit_make(const uint8_t key[COMMIT_KEY_LEN], struct span label, struct span bytes,
                 char into[COMMIT_HEX_LEN + 1]);
/* In constant time. */
bool commit_check(const uint8_t key[COMMIT_KEY_LEN], struct span label, struct span bytes,
                  struct span hex);

void pseudonym_make(const uint8_t key[PSEUDONYM_KEY_LEN], struct span scope,
                    char into[PSEUDONYM_HEX_LEN + 1]);

#endif
