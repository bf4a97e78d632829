/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/state_file.h"

#include "lib/base/codec.h"

static const char first_line[] = "rapporteur audit state v1";

int log_state_write(struct buf *out, const struct log_state *state,
                    const struct note_signer *signer, struct fault *why)
{
    char root[BASE64_LEN(SHA256_LEN) + 1], staging[SHA256_HEX_LEN + 1] = "-";
    struct buf body;
    int r;

    base64_encode(state->head.root.bytes, SHA256_LEN, root);
    if (state->has_staging) {
        hex_encode(state->staging, SHA256_LEN, staging);
    }
    buf_init(&body, STATE_MAX_BYTES);
    r = buf_add_format(&body, "%s\norigin %s\nsize %llu\nroot %s\nstaging %s\n", first_line,
                       state->head.origin, (unsigned long long)state->head.size, root, staging);
    if (r == 0) {
        r = note_write(out, buf_span(&body), why);
    }
    if (r == 0) {
        r = note_sign(out, buf_span(&body), signer, 0);
    }
    buf_done(&body);
    return r;
}

/* The rest of the next line, which must begin with `word` and a space. */
static bool take_line(struct span *rest, const char *word, struct span *ret)
{
    struct span line = rest->ptr ? span_cut(rest, '\n') : (struct span){NULL, 0};
    size_t len = strlen(word);

    if (!rest->ptr || line.len <= len || !span_starts(line, word) || line.ptr[len] != ' ') {
        return false;
    }
    *ret = span_sub(line, len + 1, line.len);
    return true;
}

int log_state_read(struct log_state *ret, struct span bytes, const struct note_key *key,
                   struct fault *why)
{
    struct log_state state = {0};
    struct span rest, origin, size, root, staging;
    struct note note;
    unsigned long long number;
    uint32_t verified;
    size_t len = 0;
    int r = note_read(&note, bytes, why);

    if (r == 0) {
        r = note_verify(&note, key, 1, &verified, why);
    }
    if (r) {
        return r;
    }
    rest = note.body;
    if (!span_is(span_cut(&rest, '\n'), first_line) || !take_line(&rest, "origin", &origin) ||
        !take_line(&rest, "size", &size) || !take_line(&rest, "root", &root) ||
        !take_line(&rest, "staging", &staging) || rest.len || !span_to_u64(size, &number) ||
        !base64_decode(root, state.head.root.bytes, SHA256_LEN, &len) || len != SHA256_LEN) {
        return fault_set(why, "SEQUENCER_STATE", "private/state",
                         "the state file is signed but not in its form");
    }
    state.has_staging = !span_is(staging, "-");
    if (state.has_staging && !hex_decode(staging, state.staging, SHA256_LEN)) {
        return fault_set(why, "SEQUENCER_STATE", "private/state",
                         "the staging digest is not 64 hex digits");
    }
    if (!span_is(origin, key->name) || origin.len > CHECKPOINT_ORIGIN_MAX) {
        return fault_set(why, "SEQUENCER_STATE", "private/state", "the state is of another log");
    }
    memcpy(state.head.origin, origin.ptr, origin.len);
    state.head.size = number;
    *ret = state;
    return 0;
}
