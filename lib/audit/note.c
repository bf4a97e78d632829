/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/note.h"

#include "lib/base/codec.h"
#include "lib/text/utf8.h"

#include <assert.h>
#include <errno.h>

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a space */

/* Key id, and what each algorithm puts behind it: room for any known today (ML-DSA-44: 2420 bytes).
 */
enum { BLOB_MAX = 4096, TIME_LEN = 8 };

/* The text rules of a note: UTF-8, no control character but LF, LF at the end. */
static int check_text(struct span text, struct fault *why)
{
    if (!utf8_valid(text)) {
        return fault_set(why, "NOTE_UTF8", "", "a note is UTF-8");
    }
    for (size_t i = 0; i < text.len; i++) {
        if ((uint8_t)text.ptr[i] < ' ' && text.ptr[i] != '\n') {
            return fault_set(why, "NOTE_FORM", "", "byte %zu is a control character", i);
        }
    }
    if (text.len == 0 || text.ptr[text.len - 1] != '\n') {
        return fault_set(why, "NOTE_FORM", "", "a note ends in a line feed");
    }
    return 0;
}

static bool read_line(struct note_line *ret, struct span line)
{
    uint8_t blob[BLOB_MAX];
    struct span rest;
    size_t len = 0;

    if (!span_starts(line, dash)) {
        return false;
    }
    rest = span_sub(line, strlen(dash), line.len);
    ret->name = span_cut(&rest, ' ');
    ret->blob = rest;
    if (!rest.ptr || !note_name_valid(ret->name) ||
        !base64_decode(rest, blob, sizeof(blob), &len) || len < 5) {
        return false;
    }
    ret->id = (uint32_t)blob[0] << 24 | (uint32_t)blob[1] << 16 | (uint32_t)blob[2] << 8 | blob[3];
    return true;
}

int note_read(struct note *ret, struct span bytes, struct fault *why)
{
    struct span rest = {NULL, 0};
    int r;

    if (bytes.len > NOTE_MAX_BYTES) {
        return fault_set(why, "NOTE_TOO_LARGE", "", "a note has at most %d bytes", NOTE_MAX_BYTES);
    }
    r = check_text(bytes, why);
    if (r) {
        return r;
    }
    /* The last empty line splits; the text may hold others. */
    for (size_t at = bytes.len; at >= 2; at--) {
        if (bytes.ptr[at - 1] == '\n' && bytes.ptr[at - 2] == '\n') {
            ret->body = span_sub(bytes, 0, at - 1);
            rest = span_sub(bytes, at, bytes.len);
            break;
        }
    }
    if (rest.len == 0) {
        return fault_set(why, "NOTE_FORM", "", "no signature lines after an empty line");
    }
    for (ret->line_count = 0; rest.len > 0; ret->line_count++) {
        struct span line = span_cut(&rest, '\n');

        if (ret->line_count == NOTE_MAX_LINES) {
            return fault_set(why, "NOTE_TOO_LARGE", "", "a note has at most %d signatures",
                             NOTE_MAX_LINES);
        }
        if (!read_line(&ret->lines[ret->line_count], line)) {
            return fault_set(why, "NOTE_FORM", "", "signature line %zu is not: dash, name, base64",
                             ret->line_count + 1);
        }
    }
    return 0;
}

/* What a cosignature signs: the header says until when this was the largest tree seen. */
static int cosigned_message(struct buf *out, struct span body, uint64_t unix_seconds)
{
    (void)buf_add_format(out, "cosignature/v1\ntime %llu\n", (unsigned long long)unix_seconds);
    return buf_add_span(out, body);
}

/* 0 good, FAULT bad, -ENOMEM. */
static int check_line(const struct note *note, const struct note_line *line,
                      const struct note_key *key, int64_t *ret_time)
{
    uint8_t blob[BLOB_MAX];
    uint64_t time = 0;
    struct buf message;
    size_t len = 0;
    bool good;
    int r;

    if (!base64_decode(line->blob, blob, sizeof(blob), &len)) {
        return FAULT;
    }
    if (key->type == NOTE_ED25519) {
        good = len == 4 + ED25519_SIGNATURE_LEN &&
               ed25519_verify(key->public_key, note->body, blob + 4);
        return good ? 0 : FAULT;
    }
    if (len != 4 + TIME_LEN + ED25519_SIGNATURE_LEN) {
        return FAULT;
    }
    for (size_t i = 0; i < TIME_LEN; i++) {
        time = time << 8 | blob[4 + i];
    }
    if (time > INT64_MAX) {
        return FAULT;
    }
    buf_init(&message, NOTE_MAX_BYTES + 64);
    r = cosigned_message(&message, note->body, time);
    good = r == 0 && ed25519_verify(key->public_key, buf_span(&message), blob + 4 + TIME_LEN);
    buf_done(&message);
    if (r == 0 && good && ret_time) {
        *ret_time = (int64_t)time;
    }
    return r ? r : good ? 0 : FAULT;
}

bool note_line_by(const struct note_line *line, const struct note_key *key)
{
    return line->id == key->id && span_is(line->name, key->name);
}

int note_line_write(struct buf *out, const struct note_line *line)
{
    (void)buf_add_text(out, dash);
    (void)buf_add_span(out, line->name);
    (void)buf_add_char(out, ' ');
    (void)buf_add_span(out, line->blob);
    return buf_add_char(out, '\n');
}

int note_verify(const struct note *note, const struct note_key *keys, size_t count,
                uint32_t *ret_verified, struct fault *why)
{
    uint32_t verified = 0;

    assert(count <= 32);
    for (size_t i = 0; i < note->line_count; i++) {
        for (size_t k = 0; k < count; k++) {
            int r;

            if (!note_line_by(&note->lines[i], &keys[k])) {
                continue;
            }
            r = check_line(note, &note->lines[i], &keys[k], NULL);
            if (r == FAULT) {
                char name[FAULT_QUOTE_MAX];

                return fault_set(why, "NOTE_BAD_SIGNATURE", "",
                                 "the signature of %s (%08x) does not verify",
                                 fault_quote(name, span_of(keys[k].name)), keys[k].id);
            }
            if (r) {
                return r;
            }
            verified |= UINT32_C(1) << k;
        }
    }
    if (verified == 0) {
        return fault_set(why, "NOTE_UNSIGNED", "",
                         "none of the %zu signatures is by a key known here", note->line_count);
    }
    *ret_verified = verified;
    return 0;
}

bool note_cosigned(const struct note *note, const struct note_key *key, int64_t *ret_time)
{
    for (size_t i = 0; i < note->line_count && key->type == NOTE_COSIGNATURE; i++) {
        if (note_line_by(&note->lines[i], key) && check_line(note, &note->lines[i], key, ret_time) == 0) {
            return true;
        }
    }
    return false;
}

int note_write(struct buf *out, struct span body, struct fault *why)
{
    int r = check_text(body, why);

    if (r) {
        return r;
    }
    (void)buf_add_span(out, body);
    return buf_add_char(out, '\n');
}

int note_sign(struct buf *out, struct span body, const struct note_signer *signer,
              int64_t unix_seconds)
{
    uint8_t blob[4 + TIME_LEN + ED25519_SIGNATURE_LEN];
    char text[BASE64_LEN(sizeof(blob)) + 1];
    uint64_t time = (uint64_t)unix_seconds;
    size_t len = 4;
    int r;

    for (size_t i = 0; i < 4; i++) {
        blob[i] = (uint8_t)(signer->key.id >> (24 - 8 * i));
    }
    if (signer->key.type == NOTE_COSIGNATURE) {
        struct buf message;

        for (size_t i = 0; i < TIME_LEN; i++) {
            blob[len++] = (uint8_t)(time >> (56 - 8 * i));
        }
        buf_init(&message, NOTE_MAX_BYTES + 64);
        r = cosigned_message(&message, body, time);
        if (r == 0) {
            ed25519_sign(signer->seed, buf_span(&message), blob + len);
        }
        buf_done(&message);
        if (r) {
            return r;
        }
    } else {
        ed25519_sign(signer->seed, body, blob + len);
    }
    len += ED25519_SIGNATURE_LEN;
    base64_encode(blob, len, text);
    (void)buf_add_text(out, dash);
    (void)buf_add_text(out, signer->key.name);
    (void)buf_add_char(out, ' ');
    (void)buf_add_text(out, text);
    return buf_add_char(out, '\n');
}
