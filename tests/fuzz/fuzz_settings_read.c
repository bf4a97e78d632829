/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: refused with a place, or good enough to print. */
#include "service/runtime/settings.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    CLEANUP(settings_unrefp) struct settings *settings = NULL;
    CLEANUP(buf_freep) struct buf *out = buf_new(1 << 20);
    struct faults faults = {0};
    int r = settings_read(&settings, (struct span){(const char *)data, len}, "f", &faults);

    if ((r == FAULT && (faults.count == 0 || faults.list[0].place[0] != 'f')) || (r == 0 && !settings)) {
        abort();
    }
    if (r == 0 && (settings_print(settings, out) != 0 || settings_fixed_difference(settings, settings))) {
        abort();
    }
    return 0;
}
