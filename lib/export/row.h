/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_EXPORT_ROW_H
#define RAPPORTEUR_LIB_EXPORT_ROW_H

/*
 * Audit entries as lines for people and their tools: JSON Lines (one canonical object a line) and
 * CSV of decisions (RFC 4180, UTF-8, CRLF). Reviewers appear by their period pseudonyms only, as in
 * the log.
 *
 * A text cell that begins with = + - @, a tab or a carriage return is put behind an apostrophe, or
 * a spreadsheet would run it as a formula.
 *
 * A state actor whose disclosure is prohibited until a later time is replaced by
 * {"redacted_until", "legal_ref"} in both; the line stays, so that counts stay true.
 * Returns 0, BUF_FULL, FAULT (no canonical form) or -ENOMEM. The json is borrowed and not changed.
 */

#include "lib/base/buf.h"

#include <jansson.h>
#include <stdint.h>

/* One entry and a line feed. */
int row_jsonl(struct buf *out, const json_t *entry, int64_t now_ms) NODISCARD;

/* The names of the columns, then one decision entry a row; other types add nothing. */
int row_csv_header(struct buf *out) NODISCARD;
int row_csv(struct buf *out, const json_t *entry, int64_t now_ms) NODISCARD;

/* One text cell, quoted where RFC 4180 asks for it, and safe in a spreadsheet. */
int csv_text(struct buf *out, struct span text);

#endif
