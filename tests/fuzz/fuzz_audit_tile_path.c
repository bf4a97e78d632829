/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/tile.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct tile tile;
    char path[TILE_PATH_MAX];

    if (tile_read_path((struct span){(const char *)data, len}, &tile)) {
        tile_path(path, &tile);
        assert(strlen(path) == len && memcmp(path, data, len) == 0);
    }
    return 0;
}
