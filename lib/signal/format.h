/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_SIGNAL_FORMAT_H
#define RAPPORTEUR_LIB_SIGNAL_FORMAT_H

/*
 * Bytes of a list exchange to a sealed list: one contract, one file per format.
 *
 *     struct signal_options options = signal_options_default;
 *     struct signal_report report = {0};
 *     options.name = "lists/channels.yaml";
 *     r = signal_read(&list, NULL, bytes, &options, &report);      NULL: the format is guessed
 *
 * 0 done; FAULT refused, report.faults say why; -ENOMEM. Every mistake has a code and a place: for
 * lines and CSV "name:line:column", for YAML likewise, for JSON a pointer. A strict read refuses
 * the list for one bad entry; a lenient one leaves bad entries out, counts them and names the first
 * FAULTS_MAX. A mistake in the frame (syntax, head, signature, a limit) always refuses.
 *
 * Codes beside those of list.h, lib/json and lib/text: FORMAT_UNKNOWN, FORMAT_SHAPE (not what this
 * format looks like), SOURCE_TOO_LARGE, SOURCE_TOO_MANY (entries), LINE_FORM, KIND_UNKNOWN,
 * CSV_COLUMN, CSV_QUOTE, LIST_ID_DIFFERS, BASE_MISSING, BASE_DIFFERS (a change on top of another
 * version), SIGNATURE_MISSING, SIGNATURE_KEY, SIGNATURE_WRONG.
 *
 * Formats: yaml, json (also signed bundles and changes), lines, csv, misp-warninglist, misp-hashes,
 * threatexchange. README.md has an example of each.
 */

#include "lib/signal/list.h"

#include <stdbool.h>
#include <stdint.h>

enum { SIGNAL_KEY_ID_MAX = 64, SIGNAL_CURSOR_MAX = 1024 };

/* A key whose signature makes a bundle trusted. */
struct signal_key {
    struct span id;
    uint8_t public_key[32];
};

struct signal_options {
    const char *name; /* what places begin with; "list" when NULL */
    /* For formats without a head of their own: required there. For those with one: its id, when not
     * empty, has to be the same. Borrowed for the call. */
    const struct list_head *head;
    int default_kind;     /* enum signal_kind for bare values; -1: every line names its kind */
    int default_severity; /* 0-4, where the format says nothing */
    enum opinion default_opinion;
    bool lenient;
    size_t max_bytes, max_entries;
    /* Bundles: keys that are trusted, and whether one must have signed. */
    const struct signal_key *keys;
    size_t key_count;
    bool require_signature;
    /* The version that a change or an update page is put on top of; NULL: from nothing. */
    const struct list *base;
};

/* 64 MiB, 2,000,000 entries, severity 2, positive, strict. */
extern const struct signal_options signal_options_default;

struct signal_report {
    struct faults faults;
    size_t read, skipped, removed; /* entries accepted, left out, taken out by tombstones */
    bool signed_by_known_key;
    char key_id[SIGNAL_KEY_ID_MAX + 1]; /* which one */
    /* Where an incremental source goes on: the greatest update time (0: none said), and the cursor
     * of the next page (empty: this was the last). */
    int64_t resume_s;
    char next[SIGNAL_CURSOR_MAX + 1];
};

struct signal_source; /* lib/signal/source.h, for the readers */

struct signal_format {
    const char *name;
    /* How sure it is, 0 to 100, from the first kilobytes. */
    int (*sniff)(struct span head_of_bytes);
    int (*read)(struct signal_source *source);
};

extern const struct signal_format *const signal_formats[];
extern const size_t signal_format_count;

/* NULL where there is none of that name. */
const struct signal_format *signal_format_named(struct span name);
/* The surest one; NULL where none claims the bytes. */
const struct signal_format *signal_format_sniff(struct span bytes);

int signal_read(struct list **ret, const struct signal_format *format, struct span bytes,
                const struct signal_options *options, struct signal_report *report);

/* A bundle: {"payload":P,"signatures":[{"algorithm":"ed25519","key_id":..,"signature":base64}]}.
 * Signed is SIGNAL_SIGN_CONTEXT and the canonical JSON of P; P is what list_json or
 * list_change_json wrote. 0, BUF_FULL or -ENOMEM. */
#define SIGNAL_SIGN_CONTEXT "rapporteur list bundle v1\n"
int signal_bundle(struct span payload, struct span key_id, const uint8_t seed[32], struct buf *out);

/* A kind by our word or by the name that an exchange uses for it (video_md5, HASH_PDQ, TEXT_STRING,
 * hostname, ...): false where it means nothing to us. */
bool signal_kind_read(struct span word, enum signal_kind *ret);

#endif
