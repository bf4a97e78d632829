/* SPDX-License-Identifier: Apache-2.0 */
/* Equality, order and hashing: one meaning of a number whatever its type. */
#include "lib/cel/run.h"

#include <math.h>

#define TWO_63 9223372036854775808.0
#define TWO_64 18446744073709551616.0

bool cel_numeric(unsigned kind)
{
    return kind == CEL_INT || kind == CEL_UINT || kind == CEL_DOUBLE;
}

bool cel_key_kind(unsigned kind)
{
    return kind == CEL_BOOL || kind == CEL_INT || kind == CEL_UINT || kind == CEL_STRING;
}

static int order(bool less, bool greater)
{
    return greater ? 1 : less ? -1 : 0;
}

/* As doubles, once the double is in the range of the integer: the specification wants 2^63 - 1 and
 * 2.0^63 equal, although they are not. */
static int compare_int_double(int64_t i, double d)
{
    if (d < -TWO_63 || d > TWO_63) {
        return d < 0 ? 1 : -1;
    }
    return order((double)i < d, (double)i > d);
}

static int compare_uint_double(uint64_t u, double d)
{
    if (d < 0 || d > TWO_64) {
        return d < 0 ? 1 : -1;
    }
    return order((double)u < d, (double)u > d);
}

int cel_number_compare(struct cel_value a, struct cel_value b)
{
    if (a.kind == CEL_DOUBLE && b.kind == CEL_DOUBLE) {
        if (isnan(a.as.d) || isnan(b.as.d)) {
            return 2;
        }
        return order(a.as.d < b.as.d, a.as.d > b.as.d);
    }
    if (a.kind == CEL_DOUBLE) {
        int r = cel_number_compare(b, a);

        return r == 2 ? 2 : -r;
    }
    if (b.kind == CEL_DOUBLE) {
        if (isnan(b.as.d)) {
            return 2;
        }
        return a.kind == CEL_INT ? compare_int_double(a.as.i, b.as.d)
                                 : compare_uint_double(a.as.u, b.as.d);
    }
    if (a.kind == b.kind) {
        return a.kind == CEL_INT ? order(a.as.i < b.as.i, a.as.i > b.as.i)
                                 : order(a.as.u < b.as.u, a.as.u > b.as.u);
    }
    if (a.kind == CEL_INT) {
        return a.as.i < 0 ? -1 : order((uint64_t)a.as.i < b.as.u, (uint64_t)a.as.i > b.as.u);
    }
    return b.as.i < 0 ? 1 : order(a.as.u < (uint64_t)b.as.i, a.as.u > (uint64_t)b.as.i);
}

bool cel_number_equal(struct cel_value a, struct cel_value b)
{
    return cel_number_compare(a, b) == 0;
}

int cel_compare(struct cel_value a, struct cel_value b)
{
    int r;

    if (cel_numeric(a.kind) && cel_numeric(b.kind)) {
        return cel_number_compare(a, b);
    }
    if (a.kind != b.kind) {
        return 3;
    }
    switch (a.kind) {
    case CEL_BOOL:
        return order(a.as.b < b.as.b, a.as.b > b.as.b);
    case CEL_STRING:
    case CEL_BYTES:
        r = span_compare(cel_text(a), cel_text(b));
        return order(r < 0, r > 0);
    case CEL_TIMESTAMP:
        if (a.as.i == b.as.i) {
            return order(a.len < b.len, a.len > b.len);
        }
        return order(a.as.i < b.as.i, a.as.i > b.as.i);
    case CEL_DURATION:
        return order(a.as.i < b.as.i, a.as.i > b.as.i);
    default:
        return 3;
    }
}

static bool take(uint64_t *steps, uint64_t count)
{
    if (*steps < count) {
        *steps = 0;
        return false;
    }
    *steps -= count;
    return true;
}

static bool lists_equal(const struct cel_list *a, const struct cel_list *b, uint64_t *steps)
{
    if (a->count != b->count) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        if (!take(steps, 1) || !cel_equal_bounded(cel_list_at(a, i), cel_list_at(b, i), steps)) {
            return false;
        }
    }
    return true;
}

static bool maps_equal(const struct cel_map *a, const struct cel_map *b, uint64_t *steps)
{
    if (a->count != b->count) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        struct cel_value key = cel_null(), value = cel_null(), other = cel_null();

        cel_map_at(a, i, &key, &value);
        /* A map without an index is searched from its start: at most 8 entries, or the host's. */
        if (!take(steps, 4) || cel_map_find(b, key, &other) != CEL_PRESENT ||
            !cel_equal_bounded(value, other, steps)) {
            return false;
        }
    }
    return true;
}

static bool types_equal(const struct cel_type *a, const struct cel_type *b)
{
    return a->kind == b->kind && a->index == b->index &&
           (a->kind != CEL_OPAQUE || strcmp(a->name, b->name) == 0);
}

bool cel_equal_bounded(struct cel_value a, struct cel_value b, uint64_t *steps)
{
    if (a.kind != b.kind) {
        return cel_numeric(a.kind) && cel_numeric(b.kind) && cel_number_equal(a, b);
    }
    switch ((enum cel_kind)a.kind) {
    case CEL_NULL:
        return true;
    case CEL_BOOL:
        return a.as.b == b.as.b;
    case CEL_INT:
    case CEL_UINT:
    case CEL_DURATION:
        return a.as.i == b.as.i;
    case CEL_DOUBLE:
        return a.as.d == b.as.d;
    case CEL_STRING:
    case CEL_BYTES:
        return a.len == b.len &&
               (a.len == 0 || (take(steps, a.len / 64) && memcmp(a.as.text, b.as.text, a.len) == 0));
    case CEL_TIMESTAMP:
        return a.as.i == b.as.i && a.len == b.len;
    case CEL_LIST:
        return lists_equal(a.as.list, b.as.list, steps);
    case CEL_MAP:
        return maps_equal(a.as.map, b.as.map, steps);
    case CEL_RECORD:
        return a.record == b.record && a.as.object == b.as.object;
    case CEL_TYPE:
        return types_equal(a.as.type, b.as.type);
    case CEL_OPTIONAL:
        if (!a.as.optional || !b.as.optional) {
            return a.as.optional == b.as.optional;
        }
        return take(steps, 1) && cel_equal_bounded(*a.as.optional, *b.as.optional, steps);
    case CEL_DYN:
    case CEL_OPAQUE:
    case CEL_ERROR:
    case CEL_PARAM:
        return false;
    }
    return false;
}

struct cel_value cel_equal_charged(struct cel_run *run, const struct cel_node *node,
                                   struct cel_value a, struct cel_value b)
{
    bool equal = cel_equal_bounded(a, b, &run->steps);

    if (run->steps == 0) {
        (void)cel_spend_slow(run, node);
        return cel_fatal(run);
    }
    return cel_bool(equal);
}

static uint32_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53ULL;
    return (uint32_t)(h ^ (h >> 33));
}

bool cel_key_exact(struct cel_value *key)
{
    double d = key->as.d;

    if (key->kind != CEL_DOUBLE) {
        return cel_key_kind(key->kind);
    }
    if (d >= -TWO_63 && d < TWO_63) {
        *key = cel_int((int64_t)d);
        return (double)key->as.i == d;
    }
    if (d >= 0 && d < TWO_64) {
        *key = cel_uint((uint64_t)d);
        return true;
    }
    return false;
}

uint32_t cel_key_hash(struct cel_value key)
{
    uint64_t h = 1469598103934665603ULL;

    if (key.kind == CEL_BOOL) {
        return mix(key.as.b ? 77 : 78);
    }
    if (key.kind != CEL_STRING) {
        return mix(key.as.u);
    }
    for (uint32_t i = 0; i < key.len; i++) {
        h = (h ^ (unsigned char)key.as.text[i]) * 1099511628211ULL;
    }
    return mix(h);
}

bool cel_map_index(const struct cel_value *items, uint32_t count, uint32_t *index, uint32_t slots,
                   uint32_t *ret_duplicate)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = cel_key_hash(items[2 * (size_t)i]);

        for (;; at++) {
            uint32_t *slot = &index[at & (slots - 1)];
            uint64_t steps = UINT64_MAX;

            if (*slot == 0) {
                *slot = i + 1;
                break;
            }
            if (cel_equal_bounded(items[2 * (size_t)(*slot - 1)], items[2 * (size_t)i], &steps)) {
                *ret_duplicate = i;
                return false;
            }
        }
    }
    return true;
}
