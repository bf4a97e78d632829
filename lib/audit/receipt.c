/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/receipt.h"

#include "lib/base/codec.h"

static const char first_line[] = "c2sp.org/tlog-proof@v1";

static int refuse(struct fault *why, unsigned line, const char *should)
{
    int r = fault_set(why, "RECEIPT_FORM", "line 1", "%s", should);

    /* Lines go up to 68: two digits at most. */
    if (why && line >= 10) {
        why->place[5] = (char)('0' + line / 10 % 10);
        why->place[6] = (char)('0' + line % 10);
        why->place[7] = '\0';
    } else if (why) {
        why->place[5] = (char)('0' + line);
    }
    return r;
}

static int read_index(struct receipt *ret, struct span line, unsigned at, struct fault *why)
{
    struct span digits = span_sub(line, strlen("index "), line.len);
    unsigned long long index;

    if (!span_starts(line, "index ") || !span_to_u64(digits, &index) ||
        (digits.len > 1 && digits.ptr[0] == '0')) {
        return refuse(why, at, "this line says: index <decimal number>");
    }
    ret->index = index;
    return 0;
}

static bool is_base64(struct span text)
{
    uint8_t bytes[RECEIPT_MAX_EXTRA];
    size_t len;

    return base64_decode(text, bytes, sizeof(bytes), &len);
}

int receipt_read(struct receipt *ret, struct span bytes, struct fault *why)
{
    struct receipt receipt = {0};
    struct span rest = bytes, line;
    unsigned at = 2;
    int r;

    if (bytes.len > RECEIPT_MAX_BYTES) {
        return refuse(why, 1, "a receipt has at most 272 KiB");
    }
    if (!span_is(span_cut(&rest, '\n'), first_line) || !rest.ptr) {
        return refuse(why, 1, "a receipt begins with the line c2sp.org/tlog-proof@v1");
    }
    line = span_cut(&rest, '\n');
    if (span_starts(line, "extra ")) {
        receipt.extra = span_sub(line, strlen("extra "), line.len);
        if (receipt.extra.len == 0 || !is_base64(receipt.extra)) {
            return refuse(why, at, "extra is followed by base64 of 1 to 4096 bytes");
        }
        line = rest.ptr ? span_cut(&rest, '\n') : rest;
        at++;
    }
    r = read_index(&receipt, line, at, why);
    if (r) {
        return r;
    }
    while (rest.ptr) {
        size_t len = 0;

        at++;
        line = span_cut(&rest, '\n');
        if (line.len == 0 && rest.ptr) {
            receipt.checkpoint = rest;
            *ret = receipt;
            return 0;
        }
        if (receipt.proof_count == MERKLE_MAX_PROOF) {
            return refuse(why, at, "a proof has at most 64 hashes");
        }
        if (!base64_decode(line, receipt.proof[receipt.proof_count].bytes, SHA256_LEN, &len) ||
            len != SHA256_LEN) {
            return refuse(why, at, "each line of the proof is 32 bytes in base64");
        }
        receipt.proof_count++;
    }
    return refuse(why, at, "an empty line and the checkpoint are missing");
}

int receipt_write(struct buf *out, const struct receipt *receipt)
{
    char text[BASE64_LEN(SHA256_LEN) + 1];

    (void)buf_add_format(out, "%s\n", first_line);
    if (receipt->extra.len) {
        (void)buf_add_text(out, "extra ");
        (void)buf_add_span(out, receipt->extra);
        (void)buf_add_char(out, '\n');
    }
    (void)buf_add_format(out, "index %llu\n", (unsigned long long)receipt->index);
    for (size_t i = 0; i < receipt->proof_count; i++) {
        base64_encode(receipt->proof[i].bytes, SHA256_LEN, text);
        (void)buf_add_text(out, text);
        (void)buf_add_char(out, '\n');
    }
    (void)buf_add_char(out, '\n');
    return buf_add_span(out, receipt->checkpoint);
}

int receipt_check(const struct receipt *receipt, struct span entry, const struct note_key *log,
                  struct checkpoint *ret, struct fault *why)
{
    struct checkpoint checkpoint;
    struct hash leaf = merkle_leaf(entry);
    int r = checkpoint_open(&checkpoint, receipt->checkpoint, log, why);

    if (r) {
        return r;
    }
    if (!merkle_check_inclusion(receipt->index, checkpoint.size, &leaf, &checkpoint.root,
                                receipt->proof, receipt->proof_count)) {
        return fault_set(why, "RECEIPT_PROOF", "",
                         "the proof does not lead from these bytes at index %llu to "
                         "the root of the checkpoint (size %llu)",
                         (unsigned long long)receipt->index, (unsigned long long)checkpoint.size);
    }
    *ret = checkpoint;
    return 0;
}
