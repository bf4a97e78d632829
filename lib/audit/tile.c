/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/tile.h"

#include <assert.h>

struct writer {
    char *into;
    size_t len;
};

static void put_text(struct writer *w, const char *text)
{
    size_t len = strlen(text);

    assert(w->len + len < TILE_PATH_MAX);
    memcpy(w->into + w->len, text, len + 1);
    w->len += len;
}

/* Decimal with at least `digits` digits. */
static void put_number(struct writer *w, uint64_t value, int digits)
{
    char text[21];
    size_t at = sizeof(text);

    text[--at] = '\0';
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
        digits--;
    } while (value > 0 || digits > 0);
    put_text(w, text + at);
}

static void put_index(struct writer *w, uint64_t index)
{
    uint64_t group = 1;

    while (index / group >= 1000) {
        group *= 1000;
    }
    for (; group > 1; group /= 1000) {
        put_text(w, "x");
        put_number(w, index / group % 1000, 3);
        put_text(w, "/");
    }
    put_number(w, index % 1000, 3);
}

static void put_tile(struct writer *w, const struct tile *tile)
{
    assert(tile->level >= TILE_ENTRIES && tile->level <= TILE_MAX_LEVEL);
    put_text(w, "tile/");
    if (tile->level == TILE_ENTRIES) {
        put_text(w, "entries");
    } else {
        put_number(w, (uint64_t)tile->level, 1);
    }
    put_text(w, "/");
    put_index(w, tile->index);
}

void tile_path(char into[TILE_PATH_MAX], const struct tile *tile)
{
    struct writer w = {into, 0};

    assert(tile->width >= 1 && tile->width <= TILE_WIDTH);
    put_tile(&w, tile);
    if (tile->width < TILE_WIDTH) {
        put_text(&w, ".p/");
        put_number(&w, tile->width, 1);
    }
}

void tile_partials_path(char into[TILE_PATH_MAX], const struct tile *tile)
{
    struct writer w = {into, 0};

    put_tile(&w, tile);
    put_text(&w, ".p");
}

/* Digits from the front of *rest; false without any or beyond `max`. */
static bool take_number(struct span *rest, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;
    size_t i = 0;

    while (i < rest->len && rest->ptr[i] >= '0' && rest->ptr[i] <= '9') {
        unsigned digit = (unsigned)(rest->ptr[i] - '0');

        if (value > (max - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
        i++;
    }
    *rest = span_sub(*rest, i, rest->len);
    *ret = value;
    return i > 0;
}

static bool take_text(struct span *rest, const char *text)
{
    if (!span_starts(*rest, text)) {
        return false;
    }
    *rest = span_sub(*rest, strlen(text), rest->len);
    return true;
}

static bool take_index(struct span *rest, uint64_t *ret)
{
    uint64_t index = 0, group;

    for (;;) {
        bool more = take_text(rest, "x");
        struct span digits = span_sub(*rest, 0, 3);

        if (digits.len != 3 || !take_number(&digits, 999, &group) || digits.len != 0 ||
            index > (UINT64_MAX - group) / 1000) {
            return false;
        }
        *rest = span_sub(*rest, 3, rest->len);
        index = index * 1000 + group;
        if (!more) {
            *ret = index;
            return true;
        }
        if (!take_text(rest, "/")) {
            return false;
        }
    }
}

bool tile_read_path(struct span path, struct tile *ret)
{
    struct tile tile = {.width = TILE_WIDTH};
    struct span rest = path;
    uint64_t number;
    char again[TILE_PATH_MAX];

    if (path.len >= TILE_PATH_MAX || !take_text(&rest, "tile/")) {
        return false;
    }
    if (take_text(&rest, "entries/")) {
        tile.level = TILE_ENTRIES;
    } else if (take_number(&rest, TILE_MAX_LEVEL, &number) && take_text(&rest, "/")) {
        tile.level = (int)number;
    } else {
        return false;
    }
    if (!take_index(&rest, &tile.index)) {
        return false;
    }
    if (take_text(&rest, ".p/")) {
        if (!take_number(&rest, TILE_WIDTH - 1, &number) || number == 0) {
            return false;
        }
        tile.width = (unsigned)number;
    }
    if (rest.len != 0) {
        return false;
    }
    /* One spelling only: leading zeros and empty groups do not come back. */
    tile_path(again, &tile);
    if (!span_is(path, again)) {
        return false;
    }
    *ret = tile;
    return true;
}

unsigned tile_width(int level, uint64_t index, uint64_t size)
{
    unsigned shift = level > 0 ? (unsigned)level * TILE_HEIGHT : 0;
    uint64_t hashes = shift < 64 ? size >> shift : 0;

    if (index > UINT64_MAX / TILE_WIDTH || hashes <= index * TILE_WIDTH) {
        return 0;
    }
    hashes -= index * TILE_WIDTH;
    return hashes < TILE_WIDTH ? (unsigned)hashes : TILE_WIDTH;
}
