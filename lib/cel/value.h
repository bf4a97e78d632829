/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_VALUE_H
#define RAPPORTEUR_LIB_CEL_VALUE_H

/*
 * A value: 16 bytes, passed in registers, never owning anything. What it points to belongs to the
 * host (facts), to the program (literals) or to the arena of the evaluation (results), and must
 * outlive it.
 *     struct cel_value v = cel_string(SPAN("recruitment"));
 *     v.kind == CEL_STRING, v.as.text, v.len bytes
 * Host lists, maps and records are read where they are, through callbacks: nothing is copied to
 * evaluate an expression that looks at one field.
 */

#include "lib/base/span.h"
#include "lib/cel/type.h"

#include <stdbool.h>
#include <stdint.h>

struct cel_list;
struct cel_map;
struct cel_error;

struct cel_value {
    uint16_t kind;                 /* enum cel_kind, never CEL_DYN, CEL_OPAQUE, CEL_PARAM */
    uint16_t record;               /* CEL_RECORD: index of its type, as cel_env_add_record gave it */
    uint32_t len;                  /* CEL_STRING, CEL_BYTES: bytes. CEL_TIMESTAMP: nanoseconds, 0 to
                                    * 999,999,999, counting forward from `i` */
    union {
        bool b;
        int64_t i;                 /* CEL_INT; CEL_TIMESTAMP seconds since 1970; CEL_DURATION nanoseconds */
        uint64_t u;
        double d;
        const char *text;          /* CEL_STRING, CEL_BYTES */
        const struct cel_list *list;
        const struct cel_map *map;
        const void *object;        /* CEL_RECORD: what the host's callback gets */
        const struct cel_type *type;        /* CEL_TYPE */
        const struct cel_value *optional;   /* CEL_OPTIONAL; NULL: none */
        const struct cel_error *error;
    } as;
};

/* What reading a host's field, variable or entry can give. */
enum cel_presence {
    CEL_PRESENT = 0,               /* *ret is set */
    CEL_DEFAULT = 1,               /* not given, *ret is what stands for it; has() is false */
    CEL_ABSENT = 2,                /* not there: has() is false, reading is the error CEL_NO_KEY */
};

/* A list: `count` values at `items`, or, where items is NULL, read one by one through get(). */
struct cel_list {
    uint32_t count;
    const struct cel_value *items;
    /* Element i < count of the host's list. Called again for each read: keep it cheap. */
    void (*get)(const void *host, uint32_t i, struct cel_value *ret);
    const void *host;
};

/* A map: 2 * count values at `items` (key, value, key, value), or a host's map read through find()
 * and at(). Keys are bool, int, uint or string; integers compare by value whatever their type. */
struct cel_map {
    uint32_t count;
    uint32_t slots;                /* of `index`, a power of two; 0: no index */
    const struct cel_value *items;
    const uint32_t *index;         /* entry number + 1 by hash, open addressing; 0: free */
    /* CEL_PRESENT or CEL_ABSENT */
    enum cel_presence (*find)(const void *host, struct cel_value key, struct cel_value *ret);
    void (*at)(const void *host, uint32_t i, struct cel_value *ret_key, struct cel_value *ret_value);
    const void *host;
};

static inline struct cel_value cel_null(void)
{
    return (struct cel_value){.kind = CEL_NULL};
}

static inline struct cel_value cel_bool(bool b)
{
    return (struct cel_value){.kind = CEL_BOOL, .as.u = b};
}

static inline struct cel_value cel_int(int64_t i)
{
    return (struct cel_value){.kind = CEL_INT, .as.i = i};
}

static inline struct cel_value cel_uint(uint64_t u)
{
    return (struct cel_value){.kind = CEL_UINT, .as.u = u};
}

static inline struct cel_value cel_double(double d)
{
    return (struct cel_value){.kind = CEL_DOUBLE, .as.d = d};
}

/* At most 4 GiB; valid UTF-8 is the host's duty, anything else is safe but counts oddly. */
static inline struct cel_value cel_string(struct span text)
{
    return (struct cel_value){.kind = CEL_STRING, .len = (uint32_t)text.len, .as.text = text.ptr};
}

static inline struct cel_value cel_bytes(struct span bytes)
{
    return (struct cel_value){.kind = CEL_BYTES, .len = (uint32_t)bytes.len, .as.text = bytes.ptr};
}

static inline struct cel_value cel_timestamp(int64_t seconds, uint32_t nanos)
{
    return (struct cel_value){.kind = CEL_TIMESTAMP, .len = nanos, .as.i = seconds};
}

static inline struct cel_value cel_duration_ns(int64_t nanoseconds)
{
    return (struct cel_value){.kind = CEL_DURATION, .as.i = nanoseconds};
}

/* The moment of lib/base/clock: milliseconds since 1970. */
static inline struct cel_value cel_timestamp_ms(int64_t ms)
{
    int64_t part = ms % 1000;

    part = part < 0 ? part + 1000 : part;
    return cel_timestamp((ms - part) / 1000, (uint32_t)part * 1000000u);
}

/* At most about 292 years either way. */
static inline struct cel_value cel_duration_ms(int64_t ms)
{
    return cel_duration_ns(ms * 1000000);
}

/* Borrows the list (map, object, type). */
static inline struct cel_value cel_list_value(const struct cel_list *list)
{
    return (struct cel_value){.kind = CEL_LIST, .as.list = list};
}

static inline struct cel_value cel_map_value(const struct cel_map *map)
{
    return (struct cel_value){.kind = CEL_MAP, .as.map = map};
}

static inline struct cel_value cel_record_value(uint16_t record, const void *object)
{
    return (struct cel_value){.kind = CEL_RECORD, .record = record, .as.object = object};
}

static inline struct cel_value cel_type_value(const struct cel_type *type)
{
    return (struct cel_value){.kind = CEL_TYPE, .as.type = type};
}

static inline struct span cel_text(struct cel_value v)
{
    return (struct span){v.as.text, v.len};
}

/* Element i < count, key and value of entry i < count: whatever the form. */
struct cel_value cel_list_at(const struct cel_list *list, uint32_t i);
void cel_map_at(const struct cel_map *map, uint32_t i, struct cel_value *ret_key,
                struct cel_value *ret_value);
/* CEL_PRESENT and *ret, or CEL_ABSENT. */
enum cel_presence cel_map_find(const struct cel_map *map, struct cel_value key, struct cel_value *ret);

/* The == of the language; values of types that cannot be compared are unequal. Nesting is bounded by
 * what built the values. Two records are equal when they are the same object. */
bool cel_value_equal(struct cel_value a, struct cel_value b);

/* Appends the value as CEL would write it ("a", 1u, [1, 2], {"k": true}, timestamp("...")); for
 * messages and tests. Records print as their type's index. 0, BUF_FULL or -ENOMEM. */
int cel_value_text(struct buf *out, struct cel_value v);

#endif
