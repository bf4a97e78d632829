/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/value.h"

#include "lib/cel/number.h"
#include "lib/cel/run.h"
#include "lib/cel/time_text.h"

#include <inttypes.h>

enum { TEXT_DEPTH_MAX = 64 };

struct cel_value cel_list_at(const struct cel_list *list, uint32_t i)
{
    struct cel_value v = cel_null();

    if (list->items) {
        return list->items[i];
    }
    list->get(list->host, i, &v);
    return v;
}

void cel_map_at(const struct cel_map *map, uint32_t i, struct cel_value *ret_key,
                struct cel_value *ret_value)
{
    if (map->items) {
        *ret_key = map->items[2 * (size_t)i];
        *ret_value = map->items[2 * (size_t)i + 1];
        return;
    }
    map->at(map->host, i, ret_key, ret_value);
}

static enum cel_presence find_indexed(const struct cel_map *map, struct cel_value key,
                                      struct cel_value *ret)
{
    for (uint32_t at = cel_key_hash(key);; at++) {
        uint32_t entry = map->index[at & (map->slots - 1)];
        uint64_t steps = UINT64_MAX;

        if (entry == 0) {
            return CEL_ABSENT;
        }
        if (cel_equal_bounded(map->items[2 * (size_t)(entry - 1)], key, &steps)) {
            *ret = map->items[2 * (size_t)(entry - 1) + 1];
            return CEL_PRESENT;
        }
    }
}

enum cel_presence cel_map_find(const struct cel_map *map, struct cel_value key, struct cel_value *ret)
{
    if (!cel_key_exact(&key)) {
        return CEL_ABSENT;
    }
    if (!map->items) {
        return map->count == 0 || !map->find ? CEL_ABSENT : map->find(map->host, key, ret);
    }
    if (map->slots) {
        return find_indexed(map, key, ret);
    }
    for (uint32_t i = 0; i < map->count; i++) {
        uint64_t steps = UINT64_MAX;

        if (cel_equal_bounded(map->items[2 * (size_t)i], key, &steps)) {
            *ret = map->items[2 * (size_t)i + 1];
            return CEL_PRESENT;
        }
    }
    return CEL_ABSENT;
}

bool cel_value_equal(struct cel_value a, struct cel_value b)
{
    uint64_t steps = 1000000;

    return cel_equal_bounded(a, b, &steps);
}

static void add_quoted(struct buf *out, struct span text, bool bytes)
{
    static const char hex[] = "0123456789abcdef";

    (void)buf_add_text(out, bytes ? "b\"" : "\"");
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '"' || c == '\\') {
            (void)buf_add_char(out, '\\');
            (void)buf_add_char(out, (char)c);
        } else if (c == '\n') {
            (void)buf_add_text(out, "\\n");
        } else if (c < 0x20 || c == 0x7f || (bytes && c >= 0x80)) {
            (void)buf_add_text(out, "\\x");
            (void)buf_add_char(out, hex[c >> 4]);
            (void)buf_add_char(out, hex[c & 15]);
        } else {
            (void)buf_add_char(out, (char)c);
        }
    }
    (void)buf_add_char(out, '"');
}

static void add_value(struct buf *out, struct cel_value v, unsigned depth);

static void add_items(struct buf *out, struct cel_value v, unsigned depth)
{
    bool map = v.kind == CEL_MAP;
    uint32_t count = map ? v.as.map->count : v.as.list->count;

    (void)buf_add_char(out, map ? '{' : '[');
    for (uint32_t i = 0; i < count && buf_status(out) == 0; i++) {
        struct cel_value key = cel_null(), value = cel_null();

        (void)buf_add_text(out, i ? ", " : "");
        if (map) {
            cel_map_at(v.as.map, i, &key, &value);
            add_value(out, key, depth + 1);
            (void)buf_add_text(out, ": ");
        } else {
            value = cel_list_at(v.as.list, i);
        }
        add_value(out, value, depth + 1);
    }
    (void)buf_add_char(out, map ? '}' : ']');
}

static void add_time(struct buf *out, struct cel_value v)
{
    char text[CEL_TIME_TEXT_MAX];

    if (v.kind == CEL_TIMESTAMP) {
        (void)cel_timestamp_text(v.as.i, v.len, text);
        (void)buf_add_format(out, "timestamp(\"%s\")", text);
    } else {
        (void)cel_duration_text(v.as.i, text);
        (void)buf_add_format(out, "duration(\"%s\")", text);
    }
}

static void add_optional(struct buf *out, struct cel_value v, unsigned depth)
{
    if (!v.as.optional) {
        (void)buf_add_text(out, "optional.none()");
        return;
    }
    (void)buf_add_text(out, "optional.of(");
    add_value(out, *v.as.optional, depth + 1);
    (void)buf_add_char(out, ')');
}

static void add_value(struct buf *out, struct cel_value v, unsigned depth)
{
    char number[CEL_DOUBLE_TEXT_MAX];

    if (depth > TEXT_DEPTH_MAX) {
        (void)buf_add_text(out, "...");
        return;
    }
    switch ((enum cel_kind)v.kind) {
    case CEL_NULL:
        (void)buf_add_text(out, "null");
        break;
    case CEL_BOOL:
        (void)buf_add_text(out, v.as.b ? "true" : "false");
        break;
    case CEL_INT:
        (void)buf_add_format(out, "%" PRId64, v.as.i);
        break;
    case CEL_UINT:
        (void)buf_add_format(out, "%" PRIu64 "u", v.as.u);
        break;
    case CEL_DOUBLE:
        (void)cel_double_text(v.as.d, number);
        (void)buf_add_text(out, number);
        break;
    case CEL_STRING:
    case CEL_BYTES:
        add_quoted(out, cel_text(v), v.kind == CEL_BYTES);
        break;
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        add_time(out, v);
        break;
    case CEL_LIST:
    case CEL_MAP:
        add_items(out, v, depth);
        break;
    case CEL_TYPE:
        (void)cel_type_text(out, v.as.type);
        break;
    case CEL_OPTIONAL:
        add_optional(out, v, depth);
        break;
    case CEL_RECORD:
        (void)buf_add_format(out, "record %u", (unsigned)v.record);
        break;
    case CEL_ERROR:
        (void)buf_add_format(out, "error %s", v.as.error->code);
        break;
    case CEL_DYN:
    case CEL_OPAQUE:
    case CEL_PARAM:
        (void)buf_add_text(out, "absent");
        break;
    }
}

int cel_value_text(struct buf *out, struct cel_value v)
{
    add_value(out, v, 0);
    return buf_status(out);
}
