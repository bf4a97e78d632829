/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_ENTRY_SCAN_H
#define RAPPORTEUR_LIB_AUDIT_ENTRY_SCAN_H

/*
 * For entry_read.c and entry_write.c: one pass over canonical JSON (RFC 8785), without memory, that
 * accepts one spelling only. It moves `at` and stops at the first byte that is wrong.
 * Bytes must be valid UTF-8 already. Numbers with a fraction or an exponent are checked for JSON
 * form and for no idle zeros, not for being the shortest.
 */

#include "lib/audit/entry.h"

enum { HOLE_OPEN = 1, HOLE_CLOSE = 2 };

struct entry_scan {
    const char *at, *end;
    const char *should; /* after a refusal: what would be right */
    unsigned depth;
    bool holes; /* templates: 0x01 name 0x02 may stand for a string's text or a value */
};

/* One object; with `view`, its members are noted there (ENTRY_MAX_MEMBERS). */
bool entry_scan_object(struct entry_scan *scan, struct entry_view *view);

/* entry_read, that with `holes` takes templates too; values with holes count as well-formed. */
int entry_read_template(struct entry_view *ret, struct span bytes, bool holes,
                        struct fault *why) NODISCARD;

#endif
