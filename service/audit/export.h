/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_EXPORT_H
#define RAPPORTEUR_SERVICE_AUDIT_EXPORT_H

/*
 * The log's entries as text, pulled piece by piece, so that a stream of any length takes the memory
 * of one bundle.
 *     r = audit_export_open(&export, &(struct audit_export_options){.folder = folder}, &why);
 *     while ((r = audit_export_next(export, out, &why)) == AUDIT_EXPORT_MORE) send and clear out
 *
 * JSON Lines: {"entry":{...},"index":N} LF. The bytes of "entry" are the leaf's own, so SHA-256
 * over 0x00 and them is the leaf hash.
 * CSV (RFC 4180, UTF-8, CRLF, header row): index, at, type, report, case, decision, partner,
 * reviewer, outcome, entry. Every cell is quoted. A cell that a spreadsheet could take for a
 * formula (its first character is = + - @, tab or CR) gets an apostrophe in front; ids and times
 * never begin so.
 * dsa: one statement of reasons a line (statements.h), for decisions that took effect in the period; one that
 * the database would refuse is a line {"refused": {"decision", "errors": [{"code", "pointer", "detail"}]}}.
 * decisions-jsonl, decisions-csv: decisions alone, as lib/export/row.h says, reviewers by their pseudonyms.
 * Of several logs (trail.h) all entries come, oldest first; each line then says which log its index is in
 * ("log":"2027q1" behind the index; a last column "log").
 * The size is fixed when opened: entries that come later are not part of it.
 */

#include "lib/audit/entry.h"
#include "lib/audit/entry_filter.h"
#include "lib/base/attr.h"
#include "lib/base/buf.h"
#include "lib/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

enum { AUDIT_EXPORT_MORE = 2 };

enum audit_export_format {
    AUDIT_EXPORT_JSONL,
    AUDIT_EXPORT_CSV,
    AUDIT_EXPORT_DSA,
    AUDIT_EXPORT_DECISIONS_JSONL,
    AUDIT_EXPORT_DECISIONS_CSV,
    AUDIT_EXPORT_FORMAT_COUNT
};
/* The word, media type and file name of each. */
struct audit_export_form {
    const char *word, *type, *file;
};
extern const struct audit_export_form audit_export_forms[AUDIT_EXPORT_FORMAT_COUNT];
/* -1 when unknown. */
int audit_export_format_of(struct span word);

struct audit_export_options {
    const char *folder; /* as for audit_trail_open; copied */
    enum audit_export_format format;
    int64_t from_ms, to_ms;        /* entries with from <= at < to; to 0: no end */
    uint32_t types;                /* bit per enum entry_type; 0: all */
    uint64_t from_index, to_index; /* positions (trail.h); to_index 0: to the end */
    int64_t now_ms;                /* decisions-*: what may be disclosed by now */
    struct entry_filter filter;    /* beside all that; zero: every entry. Borrowed until freed */
};

/* Whether types, times and filter take it. */
bool audit_export_takes(const struct audit_export_options *options, const struct entry_view *entry);

struct audit_export;

int audit_export_open(struct audit_export **ret, const struct audit_export_options *options,
                      struct fault *why) NODISCARD;
struct audit_export *audit_export_free(struct audit_export *export);
DEFINE_CLEANUP(struct audit_export *, audit_export_free);

/* Appends what one bundle (up to 256 entries, usually under 200 KiB, at most about 50 MiB) gives,
 * which may be nothing where the filter takes none. AUDIT_EXPORT_MORE: call again; 0: that was the
 * end; FAULT with the codes of reader.h and entry.h; BUF_FULL, -ENOMEM: the piece did not fit, the
 * same piece comes again next time. */
int audit_export_next(struct audit_export *export, struct buf *out, struct fault *why) NODISCARD;

/* How far it is: entries looked at, entries in all, entries written. */
void audit_export_progress(const struct audit_export *export, uint64_t *ret_seen,
                           uint64_t *ret_total, uint64_t *ret_written);

#endif
