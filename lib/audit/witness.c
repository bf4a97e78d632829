/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/witness.h"

#include "lib/base/codec.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

static int refuse(struct fault *why, size_t line, const char *should)
{
    char place[32];

    (void)snprintf(place, sizeof(place), "line %zu", line);
    return fault_set(why, "WITNESS_FORM", place, "%s", should);
}

static bool read_size(struct span digits, uint64_t *ret)
{
    unsigned long long size;

    if (!span_to_u64(digits, &size) || (digits.len > 1 && digits.ptr[0] == '0')) {
        return false;
    }
    *ret = size;
    return true;
}

static int read_proof(struct witness_request *request, struct span *rest, struct fault *why)
{
    for (size_t at = 2; rest->ptr; at++) {
        struct span line = span_cut(rest, '\n');
        size_t len = 0;

        if (line.len == 0) {
            return rest->ptr ? 0 : refuse(why, at, "an empty line and the checkpoint are missing");
        }
        if (request->proof_count == WITNESS_PROOF_MAX) {
            return refuse(why, at, "a consistency proof has at most 63 hashes");
        }
        if (!base64_decode(line, request->proof[request->proof_count].bytes, SHA256_LEN, &len) ||
            len != SHA256_LEN) {
            return refuse(why, at, "each line of the proof is 32 bytes in base64");
        }
        request->proof_count++;
    }
    return refuse(why, 2, "an empty line and the checkpoint are missing");
}

int witness_request_read(struct witness_request *ret, struct span body, struct fault *why)
{
    struct span rest = body, line = span_cut(&rest, '\n');
    int r;

    ret->proof_count = 0;
    if (!rest.ptr || !span_starts(line, "old ") ||
        !read_size(span_sub(line, strlen("old "), line.len), &ret->old)) {
        return refuse(why, 1, "the first line says: old <size, decimal, no leading zero>");
    }
    r = read_proof(ret, &rest, why);
    r = r ? r : note_read(&ret->note, rest, why);
    return r ? r : checkpoint_read_body(&ret->checkpoint, ret->note.body, why);
}

int witness_request_write(struct buf *out, uint64_t old, const struct hash *proof, size_t count,
                          struct span checkpoint)
{
    assert(count <= WITNESS_PROOF_MAX);
    (void)buf_add_format(out, "old %llu\n", (unsigned long long)old);
    for (size_t i = 0; i < count; i++) {
        char text[BASE64_LEN(SHA256_LEN) + 1];

        base64_encode(proof[i].bytes, SHA256_LEN, text);
        (void)buf_add_text(out, text);
        (void)buf_add_char(out, '\n');
    }
    (void)buf_add_char(out, '\n');
    return buf_add_span(out, checkpoint);
}

/* The proof leads from what was cosigned last to the new checkpoint. */
static bool holds(const struct witness_request *request, const struct checkpoint *last)
{
    const struct checkpoint *next = &request->checkpoint;

    if (last->size == 0 || last->size == next->size) {
        return request->proof_count == 0;
    }
    return merkle_check_consistency(last->size, next->size, &last->root, &next->root, request->proof,
                                    request->proof_count);
}

int witness_decide(const struct witness_request *request, const struct note_key *keys, size_t count,
                   const struct checkpoint *last, struct fault *why)
{
    const struct checkpoint *next = &request->checkpoint;
    unsigned long long old = request->old, size = next->size, have = last->size;
    uint32_t verified;
    int r = note_verify(&request->note, keys, count, &verified, why);

    if (r < 0) {
        return r;
    }
    if (r) {
        struct fault inner = why ? *why : (struct fault){.text = ""};

        (void)fault_set(why, "WITNESS_UNTRUSTED", "", "%s", inner.text);
        return WITNESS_UNTRUSTED;
    }
    if (old > size) {
        (void)fault_set(why, "WITNESS_OLD", "line 1",
                        "old is %llu, larger than the checkpoint's %llu entries", old, size);
        return WITNESS_MALFORMED;
    }
    if (old != have) {
        (void)fault_set(why, "WITNESS_CONFLICT", "line 1",
                        "old is %llu, this witness last saw %llu entries", old, have);
        return WITNESS_CONFLICT;
    }
    if (have == size && have > 0 && !hash_equal(&last->root, &next->root)) {
        (void)fault_set(why, "WITNESS_FORK", "",
                        "this witness saw another root at %llu entries: two histories", size);
        return WITNESS_INCONSISTENT;
    }
    if (!holds(request, last)) {
        (void)fault_set(why, "WITNESS_PROOF", "",
                        "the proof does not lead from %llu to %llu entries", have, size);
        return WITNESS_INCONSISTENT;
    }
    return WITNESS_SIGN;
}

bool witness_size_read(struct span body, uint64_t *ret)
{
    struct span rest = body, line = span_cut(&rest, '\n');

    return rest.ptr && rest.len == 0 && read_size(line, ret);
}

static int bad_answer(struct fault *why, const char *says)
{
    return fault_set(why, "WITNESS_ANSWER", "", "%s", says);
}

int witness_answer_take(struct buf *out, struct span checkpoint, struct span body,
                        const struct note_key *key, int64_t *ret_time, struct fault *why)
{
    struct buf whole;
    struct note sent, note;
    uint32_t verified;
    int r = note_read(&sent, checkpoint, why);

    if (r) {
        return r;
    }
    buf_init(&whole, NOTE_MAX_BYTES);
    (void)buf_add_span(&whole, sent.body);
    (void)buf_add_char(&whole, '\n');
    r = buf_add_span(&whole, body);
    if (r) {
        r = r == BUF_FULL ? bad_answer(why, "the answer is larger than a note may be") : r;
    } else if (note_read(&note, buf_span(&whole), why) != 0 || !span_equal(note.body, sent.body)) {
        r = bad_answer(why, "the answer is not one or more signature lines");
    } else {
        r = note_verify(&note, key, 1, &verified, why);
        r = r == FAULT ? bad_answer(why, "the answer has no good cosignature by the witness's key") : r;
    }
    for (size_t i = 0; r == 0 && i < note.line_count; i++) {
        if (note_line_by(&note.lines[i], key)) {
            r = note_line_write(out, &note.lines[i]);
        }
    }
    if (r == 0 && !note_cosigned(&note, key, ret_time)) {
        r = bad_answer(why, "the answer's line is no cosignature");
    }
    buf_done(&whole);
    return r;
}
