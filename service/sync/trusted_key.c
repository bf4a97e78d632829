/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/trusted_key.h"

#include "lib/base/codec.h"

int trusted_key_read(struct signal_key *ret, const char *text, struct fault *why)
{
    struct span rest = span_of(text), id = span_cut(&rest, ':');
    size_t len = 0;

    if (!rest.ptr || id.len == 0 || id.len > SIGNAL_KEY_ID_MAX ||
        !base64_decode(rest, ret->public_key, sizeof(ret->public_key), &len) || len != sizeof(ret->public_key)) {
        return fault_set(why, "SETTING_VALUE", "public_key", "must be <key id>:<base64 of 32 bytes>");
    }
    ret->id = id;
    return 0;
}
