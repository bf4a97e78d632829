/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/checkpoint.h"

#include "lib/base/codec.h"

int checkpoint_write_body(struct buf *out, const struct checkpoint *checkpoint)
{
    char root[BASE64_LEN(SHA256_LEN) + 1];
    size_t before = out->len;

    base64_encode(checkpoint->root.bytes, SHA256_LEN, root);
    (void)buf_add_format(out, "%s\n%llu\n%s\n", checkpoint->origin,
                         (unsigned long long)checkpoint->size, root);
    if (buf_status(out)) {
        out->len = before;
    }
    return buf_status(out);
}

int checkpoint_read_body(struct checkpoint *ret, struct span body, struct fault *why)
{
    struct span rest = body, origin = span_cut(&rest, '\n'), size, root;
    struct checkpoint checkpoint = {0};
    unsigned long long number;
    size_t len = 0;
    struct hash empty;

    if (origin.len == 0 || origin.len > CHECKPOINT_ORIGIN_MAX ||
        memchr(origin.ptr, 0, origin.len)) {
        return fault_set(why, "CHECKPOINT_FORM", "line 1", "the origin has 1 to %d bytes",
                         CHECKPOINT_ORIGIN_MAX);
    }
    size = rest.ptr ? span_cut(&rest, '\n') : (struct span){NULL, 0};
    if (!span_to_u64(size, &number) || (size.len > 1 && size.ptr[0] == '0') || number > INT64_MAX) {
        return fault_set(why, "CHECKPOINT_FORM", "line 2",
                         "the size is a decimal number without leading zeros");
    }
    root = rest.ptr ? span_cut(&rest, '\n') : (struct span){NULL, 0};
    if (!rest.ptr || !base64_decode(root, checkpoint.root.bytes, SHA256_LEN, &len) ||
        len != SHA256_LEN) {
        return fault_set(why, "CHECKPOINT_FORM", "line 3",
                         "the root is 32 bytes in base64, then a line feed");
    }
    memcpy(checkpoint.origin, origin.ptr, origin.len);
    checkpoint.size = number;
    empty = merkle_empty();
    if (checkpoint.size == 0 && !hash_equal(&checkpoint.root, &empty)) {
        return fault_set(why, "CHECKPOINT_ROOT", "line 3", "an empty log has the root of nothing");
    }
    *ret = checkpoint;
    return 0;
}

int checkpoint_sign(struct buf *out, const struct checkpoint *checkpoint,
                    const struct note_signer *signers, size_t count, struct fault *why)
{
    struct buf body;
    int r;

    buf_init(&body, CHECKPOINT_ORIGIN_MAX + 128);
    r = checkpoint_write_body(&body, checkpoint);
    if (r == 0) {
        r = note_write(out, buf_span(&body), why);
    }
    for (size_t i = 0; i < count && r == 0; i++) {
        r = note_sign(out, buf_span(&body), &signers[i], 0);
    }
    buf_done(&body);
    return r;
}

int checkpoint_open(struct checkpoint *ret, struct span bytes, const struct note_key *log,
                    struct fault *why)
{
    struct checkpoint checkpoint;
    struct note note;
    uint32_t verified;
    int r = note_read(&note, bytes, why);

    if (r == 0) {
        r = note_verify(&note, log, 1, &verified, why);
    }
    if (r == 0) {
        r = checkpoint_read_body(&checkpoint, note.body, why);
    }
    if (r) {
        return r;
    }
    if (strcmp(checkpoint.origin, log->name) != 0) {
        char is[FAULT_QUOTE_MAX], key[FAULT_QUOTE_MAX];

        return fault_set(
            why, "CHECKPOINT_ORIGIN", "line 1", "the checkpoint is of %s, the key of %s",
            fault_quote(is, span_of(checkpoint.origin)), fault_quote(key, span_of(log->name)));
    }
    *ret = checkpoint;
    return 0;
}
