/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/bundle.h"

int bundle_add(struct buf *out, struct span entry)
{
    uint8_t length[2] = {(uint8_t)(entry.len >> 8), (uint8_t)entry.len};
    char *room;

    if (entry.len > BUNDLE_ENTRY_MAX) {
        return BUF_FULL;
    }
    /* Both or none: a length without its bytes would spoil what follows. */
    room = buf_reserve(out, sizeof(length) + entry.len);
    if (!room) {
        return buf_status(out);
    }
    memcpy(room, length, sizeof(length));
    if (entry.len) {
        memcpy(room + sizeof(length), entry.ptr, entry.len);
    }
    buf_grew(out, sizeof(length) + entry.len);
    return 0;
}

bool bundle_next(struct span *rest, struct span *ret_entry)
{
    size_t len;

    if (rest->len < 2) {
        return false;
    }
    len = (size_t)(uint8_t)rest->ptr[0] << 8 | (uint8_t)rest->ptr[1];
    if (len > rest->len - 2) {
        return false;
    }
    *ret_entry = (struct span){rest->ptr + 2, len};
    *rest = (struct span){rest->ptr + 2 + len, rest->len - 2 - len};
    return true;
}

int bundle_read(struct span bytes, unsigned count, struct span ret[256], struct fault *why)
{
    struct span rest = bytes;

    for (unsigned i = 0; i < count; i++) {
        if (!bundle_next(&rest, &ret[i])) {
            return fault_set(why, "BUNDLE_FORM", "", "the bundle ends inside entry %u of %u", i,
                             count);
        }
    }
    if (rest.len) {
        return fault_set(why, "BUNDLE_FORM", "", "%zu bytes follow the last of %u entries",
                         rest.len, count);
    }
    return 0;
}
