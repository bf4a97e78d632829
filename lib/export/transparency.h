/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_EXPORT_TRANSPARENCY_H
#define RAPPORTEUR_LIB_EXPORT_TRANSPARENCY_H

/*
 * The numbers of the transparency report, from the audit log alone: whoever has the log gets the
 * same. Feed every entry of the log in its order, from the first one on: what lies before the
 * period gives the cases and decisions that entries of the period point at, only the period is
 * counted.
 *
 *     struct transparency *t = transparency_new(&options);
 *     for each entry: r = transparency_add(t, entry, &why);
 *     transparency_part(t, 4, out);               the fourth of the eleven CSV parts
 *     transparency_json(&numbers, t);             TCO 7(3), Santa Clara, rights indicators, rates
 *
 * Which members of which entries are read: entry_fields.md. What each number means, and which
 * header texts are ours: README.md. Medians are in hours with four decimals; a median of nothing,
 * and what does not apply, is blank; what applies and did not happen is 0. Limits:
 * TRANSPARENCY_MAX_IDS cases, decisions and appeals each; beyond it an entry is refused
 * (TRANSPARENCY_FULL). Sources: Implementing Regulation (EU) 2024/2835, Annexes I and II;
 * Regulation (EU) 2021/784 art. 7(3); Santa Clara Principles 2.0; UN Guiding Principles 20-21.
 */

#include "lib/base/buf.h"
#include "lib/base/fault.h"

#include <jansson.h>
#include <stdint.h>

enum { TRANSPARENCY_PARTS = 11, TRANSPARENCY_TEXTS = 11, TRANSPARENCY_MAX_IDS = 16 << 20 };

/* All borrowed until transparency_free; any text may be NULL. */
struct transparency_options {
    const char *provider, *service;
    const char *published, *previous;      /* YYYY-MM-DD */
    int64_t from_ms, to_ms;                /* the period: from <= at < to */
    const char *texts[TRANSPARENCY_TEXTS]; /* answers of part 11, in its order */
};

struct transparency;

struct transparency *transparency_new(const struct transparency_options *options);
struct transparency *transparency_free(struct transparency *t);
DEFINE_CLEANUP(struct transparency *, transparency_free);

/* Entries of types that carry no number are passed over. 0, FAULT (TRANSPARENCY_ENTRY: a member is
 * missing or ill-formed; the entry is not counted) or -ENOMEM. */
int transparency_add(struct transparency *t, const json_t *entry, struct fault *why) NODISCARD;

/* Part 1 to 11 as CSV with its header row. 0, BUF_FULL or -ENOMEM. */
int transparency_part(struct transparency *t, int part, struct buf *out) NODISCARD;
/* The file name of a part, such as "4_notices.csv". */
const char *transparency_part_name(int part);

/* {period, tco_7_3, santa_clara, indicators, rates}. Cells of the indicators and rates from 1 to 4
 * are suppressed: {"suppressed": true}. New reference in *ret. 0 or -ENOMEM. */
int transparency_json(json_t **ret, struct transparency *t) NODISCARD;

#endif
