/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/cel/case_value.h"

#include "lib/base/codec.h"
#include "lib/cel/time_text.h"

#include <math.h>
#include <stdlib.h>

static struct cel_value bad(void)
{
    return (struct cel_value){.kind = CEL_ERROR};
}

static struct span text_of(const json_t *json)
{
    return (struct span){json_string_value(json), json_string_length(json)};
}

static double double_of(const json_t *json)
{
    if (!json_is_string(json)) {
        return json_number_value(json);
    }
    return span_is(text_of(json), "NaN") ? NAN
                                         : span_is(text_of(json), "Infinity") ? INFINITY : -INFINITY;
}

static struct cel_value time_of(const json_t *object)
{
    struct span kind = text_of(json_object_get(object, "@type"));
    struct span text = text_of(json_object_get(object, "value"));
    int64_t number;
    uint32_t nanos;

    if (span_is(kind, "type.googleapis.com/google.protobuf.Timestamp")) {
        return cel_timestamp_read(text, &number, &nanos) ? cel_timestamp(number, nanos) : bad();
    }
    return cel_duration_read(text, &number) ? cel_duration_ns(number) : bad();
}

static struct cel_value list_of(struct arena *arena, const json_t *values)
{
    size_t count = json_array_size(values);
    struct cel_value *items = arena_array(arena, count + 1, sizeof(*items));
    struct cel_list *list = arena_alloc(arena, sizeof(*list));

    if (!items || !list) {
        return bad();
    }
    for (size_t i = 0; i < count; i++) {
        items[i] = case_value(arena, json_array_get(values, i));
    }
    *list = (struct cel_list){.count = (uint32_t)count, .items = items};
    return cel_list_value(list);
}

static struct cel_value map_of(struct arena *arena, const json_t *entries)
{
    size_t count = json_array_size(entries);
    struct cel_value *items = arena_array(arena, 2 * count + 1, sizeof(*items));
    struct cel_map *map = arena_alloc(arena, sizeof(*map));

    if (!items || !map) {
        return bad();
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(entries, i);

        items[2 * i] = case_value(arena, json_object_get(entry, "key"));
        items[2 * i + 1] = case_value(arena, json_object_get(entry, "value"));
    }
    *map = (struct cel_map){.count = (uint32_t)count, .items = items};
    return cel_map_value(map);
}

struct cel_value case_value(struct arena *arena, const json_t *json)
{
    const char *kind = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)json));
    const json_t *v = kind ? json_object_get(json, kind) : NULL;
    struct span bytes, name = span_of(kind);
    size_t len;

    if (span_is(name, "nullValue")) {
        return cel_null();
    }
    if (span_is(name, "boolValue")) {
        return cel_bool(json_is_true(v));
    }
    if (span_is(name, "int64Value")) {
        return cel_int(strtoll(json_string_value(v), NULL, 10));
    }
    if (span_is(name, "uint64Value")) {
        return cel_uint(strtoull(json_string_value(v), NULL, 10));
    }
    if (span_is(name, "doubleValue")) {
        return cel_double(double_of(v));
    }
    if (span_is(name, "stringValue")) {
        return cel_string(arena_copy(arena, text_of(v)));
    }
    if (span_is(name, "bytesValue")) {
        bytes = arena_copy(arena, text_of(v));
        return base64_decode(text_of(v), (uint8_t *)(uintptr_t)bytes.ptr, bytes.len, &len)
                   ? cel_bytes((struct span){bytes.ptr, len})
                   : bad();
    }
    if (span_is(name, "listValue")) {
        return list_of(arena, json_object_get(v, "values"));
    }
    if (span_is(name, "mapValue")) {
        return map_of(arena, json_object_get(v, "entries"));
    }
    return span_is(name, "objectValue") ? time_of(v) : bad();
}

static bool same(struct cel_value got, struct cel_value wanted);

static bool same_map(const struct cel_map *got, const struct cel_map *wanted)
{
    for (uint32_t i = 0; i < wanted->count; i++) {
        bool found = false;

        for (uint32_t j = 0; j < got->count && !found; j++) {
            struct cel_value key, value;

            cel_map_at(got, j, &key, &value);
            found = same(key, wanted->items[2 * i]) && same(value, wanted->items[2 * i + 1]);
        }
        if (!found) {
            return false;
        }
    }
    return got->count == wanted->count;
}

static bool same(struct cel_value got, struct cel_value wanted)
{
    if (got.kind != wanted.kind) {
        return false;
    }
    if (got.kind == CEL_DOUBLE && isnan(wanted.as.d)) {
        return isnan(got.as.d);
    }
    if (got.kind == CEL_MAP) {
        return same_map(got.as.map, wanted.as.map);
    }
    if (got.kind == CEL_LIST) {
        if (got.as.list->count != wanted.as.list->count) {
            return false;
        }
        for (uint32_t i = 0; i < wanted.as.list->count; i++) {
            if (!same(cel_list_at(got.as.list, i), wanted.as.list->items[i])) {
                return false;
            }
        }
        return true;
    }
    return cel_value_equal(got, wanted);
}

/* A type value has the name that its values' types go by in expressions. */
static bool type_is(struct cel_value got, struct span name)
{
    if (got.kind != CEL_TYPE) {
        return false;
    }
    if (got.as.type->kind == CEL_TIMESTAMP || got.as.type->kind == CEL_DURATION) {
        return span_is(name, got.as.type->kind == CEL_TIMESTAMP ? "google.protobuf.Timestamp"
                                                                : "google.protobuf.Duration");
    }
    return span_is(name, cel_type_name(got.as.type));
}

bool case_value_is(struct cel_value got, const json_t *wanted)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(1 << 20);
    const json_t *type = json_object_get(wanted, "typeValue");

    if (type) {
        return type_is(got, text_of(type));
    }
    return arena && same(got, case_value(arena, wanted));
}
