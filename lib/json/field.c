/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/field.h"

#include "lib/base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct span json_span(const json_t *value)
{
    if (!json_is_string(value)) {
        return (struct span){"", 0};
    }
    return (struct span){json_string_value(value), json_string_length(value)};
}

void field_pointer(char into[FAULT_PLACE_MAX], const char *at, const char *name)
{
    size_t len = strlen(at);

    if (len >= FAULT_PLACE_MAX) {
        len = FAULT_PLACE_MAX - 1;
    }
    memcpy(into, at, len);
    if (*name) {
        if (len + 1 < FAULT_PLACE_MAX) {
            into[len++] = '/';
        }
        for (; *name && len + 2 < FAULT_PLACE_MAX; name++) {
            if (*name == '~' || *name == '/') {
                into[len++] = '~';
                into[len++] = *name == '~' ? '0' : '1';
            } else {
                into[len++] = *name;
            }
        }
        /* A cut never leaves half a character. */
        while (*name && len > 0 && ((unsigned char)into[len - 1] & 0x80)) {
            len--;
        }
    }
    into[len] = '\0';
}

int field_fault(struct fields *f, const char *name, const char *code, const char *format, ...)
{
    char place[FAULT_PLACE_MAX];
    char text[FAULT_TEXT_MAX];
    va_list args;

    field_pointer(place, f->at, name);
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return faults_add(f->faults, code, place, "%s", text);
}

int word_index(const char *const words[], size_t count, struct span text)
{
    for (size_t i = 0; i < count; i++) {
        if (span_is(text, words[i])) {
            return (int)i;
        }
    }
    return -1;
}

/* Edit distance with swaps of neighbours (optimal string alignment), up to 32 characters. */
static size_t edit_distance(struct span a, struct span b)
{
    size_t rows[3][34];

    if (a.len > 32 || b.len > 32) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b.len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = above[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);

            if (above[j] + 1 < best) {
                best = above[j] + 1;
            }
            if (row[j - 1] + 1 < best) {
                best = row[j - 1] + 1;
            }
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1] &&
                two_above[j - 2] + 1 < best) {
                best = two_above[j - 2] + 1;
            }
            row[j] = best;
        }
    }
    return rows[a.len % 3][b.len];
}

const char *word_nearest(const char *const words[], size_t count, struct span text)
{
    const char *best = NULL;
    size_t best_distance = text.len / 3 + 1;

    for (size_t i = 0; i < count; i++) {
        size_t distance = edit_distance(span_of(words[i]), text);

        if (distance <= best_distance && (!best || distance < best_distance)) {
            best = words[i];
            best_distance = distance;
        }
    }
    return best;
}

bool fields_open(struct fields *ret, json_t *value, const char *at, struct faults *faults)
{
    *ret = (struct fields){.object = value, .faults = faults};
    (void)snprintf(ret->at, sizeof(ret->at), "%s", at);
    if (!json_is_object(value)) {
        (void)field_fault(ret, "", "FIELD_TYPE", "must be an object");
        return false;
    }
    return true;
}

void fields_known(struct fields *f, const char *const names[], size_t count)
{
    const char *name;
    json_t *value;

    json_object_foreach(f->object, name, value) {
        char quoted[FAULT_QUOTE_MAX];
        const char *near;

        if (word_index(names, count, span_of(name)) >= 0) {
            continue;
        }
        near = word_nearest(names, count, span_of(name));
        (void)field_fault(f, name, "FIELD_UNKNOWN", near ? "no such field '%s'; did you mean '%s'?"
                                                         : "no such field '%s'%s",
                          fault_quote(quoted, span_of(name)), near ? near : "");
    }
}

/* The member, or NULL with a fault when it is required and absent. */
static json_t *get(struct fields *f, const char *name, enum field_need need)
{
    json_t *value = json_object_get(f->object, name);

    if (value && !json_is_null(value)) {
        return value;
    }
    if (need == REQUIRED) {
        (void)field_fault(f, name, "FIELD_MISSING", "this field is required");
    }
    return NULL;
}

static bool check_string(struct fields *f, const char *name, json_t *value, size_t min, size_t max,
                         struct span *ret)
{
    struct span text = json_span(value);

    if (!json_is_string(value)) {
        (void)field_fault(f, name, "FIELD_TYPE", "must be a string");
        return false;
    }
    if (text.len < min || text.len > max) {
        (void)field_fault(f, name, "FIELD_LENGTH", "must have %zu to %zu bytes, this has %zu", min, max,
                          text.len);
        return false;
    }
    *ret = text;
    return true;
}

bool field_string(struct fields *f, const char *name, enum field_need need, size_t min, size_t max,
                  struct span *ret)
{
    json_t *value = get(f, name, need);

    return value && check_string(f, name, value, min, max, ret);
}

bool field_int(struct fields *f, const char *name, enum field_need need, int64_t min, int64_t max,
               int64_t *ret)
{
    json_t *value = get(f, name, need);

    if (!value) {
        return false;
    }
    if (!json_is_integer(value)) {
        (void)field_fault(f, name, "FIELD_TYPE", "must be a whole number");
        return false;
    }
    if (json_integer_value(value) < min || json_integer_value(value) > max) {
        (void)field_fault(f, name, "FIELD_RANGE", "must be from %lld to %lld", (long long)min,
                          (long long)max);
        return false;
    }
    *ret = json_integer_value(value);
    return true;
}

bool field_bool(struct fields *f, const char *name, enum field_need need, bool *ret)
{
    json_t *value = get(f, name, need);

    if (!value) {
        return false;
    }
    if (!json_is_boolean(value)) {
        (void)field_fault(f, name, "FIELD_TYPE", "must be true or false");
        return false;
    }
    *ret = json_is_true(value);
    return true;
}

static bool check_word(struct fields *f, const char *name, json_t *value, const char *const words[],
                       size_t count, int *ret)
{
    char quoted[FAULT_QUOTE_MAX], list[FAULT_TEXT_MAX] = "";
    size_t at = 0;
    int index;

    if (!json_is_string(value)) {
        (void)field_fault(f, name, "FIELD_TYPE", "must be a string");
        return false;
    }
    index = word_index(words, count, json_span(value));
    if (index >= 0) {
        *ret = index;
        return true;
    }
    for (size_t i = 0; i < count && at + strlen(words[i]) + 3 < sizeof(list) / 2; i++) {
        at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i ? ", " : "", words[i]);
    }
    (void)field_fault(f, name, "FIELD_VALUE", "'%s' is not one of: %s",
                      fault_quote(quoted, json_span(value)), list);
    return false;
}

bool field_word(struct fields *f, const char *name, enum field_need need, const char *const words[],
                size_t count, int *ret)
{
    json_t *value = get(f, name, need);

    return value && check_word(f, name, value, words, count, ret);
}

bool field_time(struct fields *f, const char *name, enum field_need need, int64_t *ret_ms)
{
    json_t *value = get(f, name, need);
    int64_t ms;

    if (!value) {
        return false;
    }
    if (!json_is_string(value) || !clock_read(json_span(value), &ms)) {
        (void)field_fault(f, name, "FIELD_TIME",
                          "must be an RFC 3339 time such as 2026-01-31T09:30:00Z");
        return false;
    }
    *ret_ms = ms;
    return true;
}

bool field_array(struct fields *f, const char *name, enum field_need need, size_t max, json_t **ret)
{
    json_t *value = get(f, name, need);

    if (!value) {
        return false;
    }
    if (!json_is_array(value)) {
        (void)field_fault(f, name, "FIELD_TYPE", "must be an array");
        return false;
    }
    if (json_array_size(value) > max) {
        (void)field_fault(f, name, "FIELD_COUNT", "must have at most %zu elements, this has %zu", max,
                          json_array_size(value));
        return false;
    }
    *ret = value;
    return true;
}

bool field_object(struct fields *f, const char *name, enum field_need need, struct fields *ret)
{
    json_t *value = get(f, name, need);
    char at[FAULT_PLACE_MAX];

    if (!value) {
        return false;
    }
    field_pointer(at, f->at, name);
    return fields_open(ret, value, at, f->faults);
}

/* "name/3" as one step below the object: field_pointer escapes '/', so it is joined here. */
static void element_scope(struct fields *f, const char *name, size_t i, struct fields *ret,
                          char index[24])
{
    char at[FAULT_PLACE_MAX];

    field_pointer(at, f->at, name);
    *ret = (struct fields){.faults = f->faults};
    (void)snprintf(ret->at, sizeof(ret->at), "%.*s", FIELD_AT_MAX - 1, at);
    (void)snprintf(index, 24, "%zu", i);
}

bool field_element(struct fields *f, const char *name, json_t *array, size_t i, struct fields *ret)
{
    struct fields parent;
    char index[24], at[FAULT_PLACE_MAX];

    element_scope(f, name, i, &parent, index);
    field_pointer(at, parent.at, index);
    return fields_open(ret, json_array_get(array, i), at, f->faults);
}

bool field_element_string(struct fields *f, const char *name, json_t *array, size_t i, size_t min,
                          size_t max, struct span *ret)
{
    struct fields parent;
    char index[24];

    element_scope(f, name, i, &parent, index);
    return check_string(&parent, index, json_array_get(array, i), min, max, ret);
}

bool field_element_word(struct fields *f, const char *name, json_t *array, size_t i,
                        const char *const words[], size_t count, int *ret)
{
    struct fields parent;
    char index[24];

    element_scope(f, name, i, &parent, index);
    return check_word(&parent, index, json_array_get(array, i), words, count, ret);
}
