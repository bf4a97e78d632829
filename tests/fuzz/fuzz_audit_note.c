/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/note.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct span bytes = {(const char *)data, len};
    struct note_signer signer;
    struct note_key key;
    struct note note;
    struct fault why;
    uint32_t verified;

    if (note_key_read(&key,
                      SPAN("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
                      &why) == 0 &&
        note_read(&note, bytes, &why) == 0) {
        /* A verified note names the key's bit and nothing else. */
        assert(note_verify(&note, &key, 1, &verified, &why) != 0 || verified == 1);
    }
    if (note_key_read(&key, bytes, &why) == 0) {
        assert(note_name_valid(span_of(key.name)));
    }
    if (note_signer_read(&signer, bytes, &why) == 0) {
        note_signer_wipe(&signer);
    }
    return 0;
}
