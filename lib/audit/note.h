/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_NOTE_H
#define RAPPORTEUR_LIB_AUDIT_NOTE_H

/*
 * Signed notes (C2SP signed-note v1.0.0) and cosignatures (C2SP tlog-cosignature v1.0.1).
 * A note is a text that ends in LF, an empty line, and lines "- name base64(key id || signature)"
 * with an em dash. Lines of unknown keys are ignored; a line of a known key that does not verify
 * rejects the whole note.
 *     r = note_read(&note, bytes, &why);
 *     r = note_verify(&note, keys, 2, &ret_verified, &why);
 *     r = note_write(out, body);  r = note_sign(out, body, &signer, 0);
 * Key id: first four bytes of SHA-256(name || LF || type || public key).
 * Public key as text (vkey): name+<8 hex of key id>+base64(type || public key).
 * Secret key as text: PRIVATE+KEY+name+<8 hex>+base64(type || 32-byte seed), as sumdb writes it.
 *
 * Codes: NOTE_FORM (not a note), NOTE_UTF8, NOTE_TOO_LARGE, NOTE_BAD_SIGNATURE (a known key's line
 * fails), NOTE_UNSIGNED (no line of a known key), KEY_FORM, KEY_NAME, KEY_TYPE, KEY_ID.
 */

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    NOTE_MAX_BYTES = 256 << 10,
    NOTE_MAX_LINES = 64,
    NOTE_NAME_MAX = 200,
    NOTE_VKEY_MAX = NOTE_NAME_MAX + 1 + 8 + 1 + 44 + 1,

    NOTE_ED25519 = 0x01,     /* signs the text */
    NOTE_COSIGNATURE = 0x04, /* Ed25519 over "cosignature/v1", a time and the text */
};

struct note_key {
    char name[NOTE_NAME_MAX + 1];
    uint32_t id;
    uint8_t type;
    uint8_t public_key[ED25519_PUBLIC_LEN];
};

struct note_signer {
    struct note_key key;
    uint8_t seed[ED25519_SEED_LEN];
};

struct note_line {
    struct span name;
    uint32_t id;
    struct span blob; /* base64 as it stands in the note: key id and signature */
};

/* Borrows from the bytes it was read from. */
struct note {
    struct span body; /* with its final LF */
    struct note_line lines[NOTE_MAX_LINES];
    size_t line_count;
};

int note_read(struct note *ret, struct span bytes, struct fault *why) NODISCARD;

/* Bit k of *ret_verified is set when keys[k] has a good line. count <= 32. */
int note_verify(const struct note *note, const struct note_key *keys, size_t count,
                uint32_t *ret_verified, struct fault *why) NODISCARD;

/* True when the note has a good line of a cosignature key; *ret_time gets its time (unix seconds).
 */
bool note_cosigned(const struct note *note, const struct note_key *key, int64_t *ret_time);

/* True when the line names the key; whether it verifies is note_verify's to say. */
bool note_line_by(const struct note_line *line, const struct note_key *key);
/* Appends the line as it stands in its note. */
int note_line_write(struct buf *out, const struct note_line *line);

/* Appends the text and the empty line: now signature lines may follow. Code NOTE_FORM, NOTE_UTF8.
 */
int note_write(struct buf *out, struct span body, struct fault *why) NODISCARD;
/* Appends one signature line. unix_seconds matters for NOTE_COSIGNATURE only. */
int note_sign(struct buf *out, struct span body, const struct note_signer *signer,
              int64_t unix_seconds);

/* True for a key name: not empty, UTF-8, no space, no '+', no control character. */
bool note_name_valid(struct span name);

int note_key_make(struct note_key *ret, struct span name, uint8_t type,
                  const uint8_t public_key[ED25519_PUBLIC_LEN], struct fault *why) NODISCARD;
int note_key_read(struct note_key *ret, struct span vkey, struct fault *why) NODISCARD;
int note_key_write(struct buf *out, const struct note_key *key);

int note_signer_make(struct note_signer *ret, struct span name, uint8_t type,
                     const uint8_t seed[ED25519_SEED_LEN], struct fault *why) NODISCARD;
int note_signer_read(struct note_signer *ret, struct span text, struct fault *why) NODISCARD;
int note_signer_write(struct buf *out, const struct note_signer *signer);
void note_signer_wipe(struct note_signer *signer);

#endif
