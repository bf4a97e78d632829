/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_BASE_CODEC_H
#define RAPPORTEUR_LIB_BASE_CODEC_H

/*
 * Bytes as text and back: hex, base64 and base64url (RFC 4648), percent-encoding (RFC 3986).
 * Decoders are strict: wrong length, foreign characters, missing padding or non-zero trailing bits
 * are refused (false), never repaired. `into` is as large as the macro says; encoders NUL-terminate.
 */

#include "lib/base/buf.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define HEX_LEN(bytes) ((bytes) * 2)
#define BASE64_LEN(bytes) (((bytes) + 2) / 3 * 4)
#define BASE64URL_LEN(bytes) (((bytes) * 8 + 5) / 6)

/* Lower-case hex; `into` holds HEX_LEN(len) + 1. */
void hex_encode(const void *bytes, size_t len, char *into);
/* Exactly 2 * len digits of either case. */
bool hex_decode(struct span text, uint8_t *into, size_t len);

/* With padding; `into` holds BASE64_LEN(len) + 1. */
void base64_encode(const void *bytes, size_t len, char *into);
/* Canonical base64 with padding: true and *ret_len, at most `cap` bytes. */
bool base64_decode(struct span text, uint8_t *into, size_t cap, size_t *ret_len);

/* Without padding; `into` holds BASE64URL_LEN(len) + 1. */
void base64url_encode(const void *bytes, size_t len, char *into);
bool base64url_decode(struct span text, uint8_t *into, size_t cap, size_t *ret_len);

/* Appends `text` with every byte but the unreserved of RFC 3986 as %XX. */
int percent_encode(struct buf *out, struct span text);
/* Appends the decoded bytes; false at a broken escape. '+' stays '+'. */
bool percent_decode(struct buf *out, struct span text);

#endif
