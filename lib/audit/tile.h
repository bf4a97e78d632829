/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_TILE_H
#define RAPPORTEUR_LIB_AUDIT_TILE_H

/*
 * Names of the files of a log (C2SP tlog-tiles): tile/<L>/<N>[.p/<W>] holds up to 256 hashes of
 * level L * 8, tile/entries/<N>[.p/<W>] up to 256 entries. N is written in groups of three digits,
 * all but the last with an x: 1234067 is x001/x234/067. A full tile has no .p part.
 *     tile_path(into, &(struct tile){.level = 0, .index = 273, .width = 112});
 *     into is "tile/0/273.p/112"
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TILE_HEIGHT = 8,
    TILE_WIDTH = 256,
    TILE_BYTES = TILE_WIDTH * 32,
    TILE_MAX_LEVEL = 63,
    TILE_ENTRIES = -1, /* the level of entry bundles */
    TILE_PATH_MAX = 64,
};

struct tile {
    int level; /* 0..63, or TILE_ENTRIES */
    uint64_t index;
    unsigned width; /* 1..256; 256 is full */
};

/* NUL-terminated; at most TILE_PATH_MAX - 1 bytes. */
void tile_path(char into[TILE_PATH_MAX], const struct tile *tile);
/* The folder of a full tile's partials: "tile/0/273.p". */
void tile_partials_path(char into[TILE_PATH_MAX], const struct tile *tile);

/* True for exactly the paths that tile_path writes. What serves files may trust such a path: it has
 * no "..", no empty part and no second spelling. */
bool tile_read_path(struct span path, struct tile *ret);

/* How wide the tile (level, index) is in a log of `size` entries: 0..256. Level TILE_ENTRIES is
 * like level 0. */
unsigned tile_width(int level, uint64_t index, uint64_t size);

#endif
