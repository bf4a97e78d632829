/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/yaml.h"

#include "lib/base/buf.h"
#include "lib/json/field.h"

#include <yaml.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* A value's place, found again by its JSON pointer. Kept in the order of the file and sorted once. */
struct place {
    char *pointer;
    int line, column;
};

struct yaml {
    char *name;
    json_t *root;
    struct place *places;
    size_t count, cap;
};

struct reading {
    struct yaml *file;
    yaml_parser_t parser;
    struct buf pointer;             /* of the value being read */
    size_t values, pointer_bytes;
    struct fault *why;
};

static int read_value(struct reading *in, yaml_event_t *event, size_t depth, json_t **ret);

static int fault_at(struct reading *in, yaml_mark_t mark, const char *code, const char *text)
{
    char place[FAULT_PLACE_MAX];

    (void)snprintf(place, sizeof(place), "%s:%zu:%zu", in->file->name, mark.line + 1, mark.column + 1);
    return fault_set(in->why, code, place, "%s", text);
}

static int syntax_fault(struct reading *in)
{
    char text[FAULT_TEXT_MAX];
    yaml_mark_t mark = in->parser.problem_mark;

    if (in->parser.error == YAML_MEMORY_ERROR) {
        return -ENOMEM;
    }
    if (in->parser.error == YAML_READER_ERROR) {
        (void)snprintf(text, sizeof(text), "not YAML in UTF-8: %s at byte %zu", in->parser.problem,
                       in->parser.problem_offset);
        mark = in->parser.mark;
    } else {
        (void)snprintf(text, sizeof(text), "not YAML: %s%s%s", in->parser.problem ? in->parser.problem : "",
                       in->parser.context ? ", " : "", in->parser.context ? in->parser.context : "");
    }
    return fault_at(in, mark, "YAML_SYNTAX", text);
}

static int next(struct reading *in, yaml_event_t *event)
{
    return yaml_parser_parse(&in->parser, event) ? 0 : syntax_fault(in);
}

static int remember(struct reading *in, yaml_mark_t mark)
{
    struct yaml *file = in->file;
    struct place *place;

    in->pointer_bytes += in->pointer.len;
    if (in->pointer_bytes > YAML_MAX_POINTERS) {
        return fault_at(in, mark, "YAML_TOO_LARGE", "too many values below long keys");
    }
    if (file->count == file->cap) {
        size_t cap = file->cap ? file->cap * 2 : 64;
        struct place *places = realloc(file->places, cap * sizeof(*places));

        if (!places) {
            return -ENOMEM;
        }
        file->places = places;
        file->cap = cap;
    }
    place = &file->places[file->count];
    place->pointer = strndup(in->pointer.data ? in->pointer.data : "", in->pointer.len);
    if (!place->pointer) {
        return -ENOMEM;
    }
    place->line = (int)mark.line + 1;
    place->column = (int)mark.column + 1;
    file->count++;
    return 0;
}

/* -?(0|[1-9][0-9]*) within int64. */
static bool is_int(struct span text, json_int_t *ret)
{
    struct span digits = span_starts(text, "-") ? span_sub(text, 1, text.len) : text;
    unsigned long long value;

    if (!span_to_u64(digits, &value) || (digits.len > 1 && digits.ptr[0] == '0') ||
        value > INT64_MAX) {
        return false;
    }
    *ret = digits.len < text.len ? -(json_int_t)value : (json_int_t)value;
    return true;
}

/* -?[0-9]+[.][0-9]+ */
static bool is_fraction(struct span text, double *ret)
{
    struct span rest = span_starts(text, "-") ? span_sub(text, 1, text.len) : text;
    struct span whole = span_cut(&rest, '.');
    unsigned long long ignored;

    if (!rest.ptr || !span_to_u64(whole, &ignored) || !span_to_u64(rest, &ignored)) {
        return false;
    }
    *ret = strtod(text.ptr, NULL);
    return true;
}

static json_t *scalar_value(const yaml_event_t *event)
{
    struct span text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    json_int_t integer;
    double real;

    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        if (text.len == 0 || span_is(text, "~") || span_is(text, "null")) {
            return json_null();
        }
        if (span_is(text, "true") || span_is(text, "false")) {
            return json_boolean(span_is(text, "true"));
        }
        if (is_int(text, &integer)) {
            return json_integer(integer);
        }
        if (is_fraction(text, &real)) {
            return json_real(real);
        }
    }
    return json_stringn(text.ptr, text.len);
}

static int read_scalar(struct reading *in, const yaml_event_t *event, json_t **ret)
{
    if (event->data.scalar.anchor || event->data.scalar.tag) {
        return fault_at(in, event->start_mark, "YAML_FEATURE", "anchors and tags are not allowed");
    }
    *ret = memchr(event->data.scalar.value, '\0', event->data.scalar.length) ? NULL : scalar_value(event);
    if (!*ret) {
        return fault_at(in, event->start_mark, "YAML_SYNTAX", "a string must be valid UTF-8 without U+0000");
    }
    return 0;
}

/* Appends "/name" to the pointer and returns the length before. */
static int push(struct reading *in, yaml_mark_t mark, struct span name, size_t *ret_before)
{
    *ret_before = in->pointer.len;
    (void)buf_add_char(&in->pointer, '/');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '~' || name.ptr[i] == '/') {
            (void)buf_add_text(&in->pointer, name.ptr[i] == '~' ? "~0" : "~1");
        } else {
            (void)buf_add_char(&in->pointer, name.ptr[i]);
        }
    }
    if (buf_status(&in->pointer) == BUF_FULL) {
        return fault_at(in, mark, "YAML_TOO_LARGE", "the keys around this are too long");
    }
    return buf_status(&in->pointer);
}

static void pop(struct reading *in, size_t before)
{
    in->pointer.len = before;
    if (in->pointer.data) {
        in->pointer.data[before] = '\0';
    }
}

static int read_sequence(struct reading *in, size_t depth, json_t *array)
{
    for (size_t i = 0;; i++) {
        yaml_event_t event;
        char index[24];
        size_t before;
        json_t *value = NULL;
        int r = next(in, &event);

        if (r) {
            return r;
        }
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return 0;
        }
        (void)snprintf(index, sizeof(index), "%zu", i);
        r = push(in, event.start_mark, span_of(index), &before);
        if (r == 0) {
            r = read_value(in, &event, depth + 1, &value);
            pop(in, before);
        }
        yaml_event_delete(&event);
        if (r == 0 && json_array_append_new(array, value) != 0) {
            r = -ENOMEM;
        }
        if (r) {
            return r;
        }
    }
}

/* One "key: value"; *ret_end at the end of the mapping. */
static int read_member(struct reading *in, size_t depth, json_t *object, bool *ret_end)
{
    yaml_event_t key, event;
    struct span name;
    size_t before;
    json_t *value = NULL;
    int r = next(in, &key);

    if (r) {
        return r;
    }
    *ret_end = key.type == YAML_MAPPING_END_EVENT;
    if (*ret_end) {
        yaml_event_delete(&key);
        return 0;
    }
    name = (struct span){(const char *)key.data.scalar.value, key.data.scalar.length};
    if (key.type != YAML_SCALAR_EVENT || key.data.scalar.anchor || key.data.scalar.tag) {
        r = fault_at(in, key.start_mark, "YAML_FEATURE", "a key must be a plain or quoted string");
    } else if (key.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && span_is(name, "<<")) {
        r = fault_at(in, key.start_mark, "YAML_FEATURE", "merge keys are not allowed");
    } else if (memchr(name.ptr, '\0', name.len)) {
        r = fault_at(in, key.start_mark, "YAML_SYNTAX", "a key must not hold U+0000");
    } else if (json_object_get(object, name.ptr)) {
        r = fault_at(in, key.start_mark, "YAML_DUPLICATE", "this key stands twice in one mapping");
    } else {
        r = push(in, key.start_mark, name, &before);
        if (r == 0) {
            r = next(in, &event);
            if (r == 0) {
                r = read_value(in, &event, depth + 1, &value);
                yaml_event_delete(&event);
            }
            pop(in, before);
        }
        if (r == 0 && json_object_set_new(object, name.ptr, value) != 0) {
            r = fault_at(in, key.start_mark, "YAML_SYNTAX", "a key must be valid UTF-8");
        }
    }
    yaml_event_delete(&key);
    return r;
}

static int read_collection(struct reading *in, yaml_event_t *event, size_t depth, json_t **ret)
{
    bool mapping = event->type == YAML_MAPPING_START_EVENT, end = false;
    json_t *value;
    int r = 0;

    if (depth >= YAML_MAX_DEPTH) {
        return fault_at(in, event->start_mark, "YAML_TOO_LARGE", "nested deeper than 32 levels");
    }
    if (mapping ? event->data.mapping_start.anchor || event->data.mapping_start.tag
                : event->data.sequence_start.anchor || event->data.sequence_start.tag) {
        return fault_at(in, event->start_mark, "YAML_FEATURE", "anchors and tags are not allowed");
    }
    value = mapping ? json_object() : json_array();
    if (!value) {
        return -ENOMEM;
    }
    if (!mapping) {
        r = read_sequence(in, depth, value);
    }
    while (mapping && r == 0 && !end) {
        r = read_member(in, depth, value, &end);
    }
    if (r) {
        json_decref(value);
        return r;
    }
    *ret = value;
    return 0;
}

static int read_value(struct reading *in, yaml_event_t *event, size_t depth, json_t **ret)
{
    int r = remember(in, event->start_mark);

    if (r) {
        return r;
    }
    if (++in->values > YAML_MAX_VALUES) {
        return fault_at(in, event->start_mark, "YAML_TOO_LARGE", "more than 500000 values");
    }
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(in, event, ret);
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        return read_collection(in, event, depth, ret);
    case YAML_ALIAS_EVENT:
        return fault_at(in, event->start_mark, "YAML_FEATURE", "aliases are not allowed");
    default:
        return fault_at(in, event->start_mark, "YAML_SYNTAX", "a value is expected here");
    }
}

/* The events around the one document. */
static int read_stream(struct reading *in)
{
    bool have = false;

    for (;;) {
        yaml_event_t event;
        enum yaml_event_type_e type;
        int r = next(in, &event);

        if (r) {
            return r;
        }
        type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && have) {
            r = fault_at(in, event.start_mark, "YAML_FEATURE", "only one document in a file");
        } else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
                   type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT) {
            have = true;
            r = read_value(in, &event, 0, &in->file->root);
        }
        yaml_event_delete(&event);
        if (r || type == YAML_STREAM_END_EVENT) {
            return r;
        }
    }
}

static int compare_places(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->pointer, ((const struct place *)b)->pointer);
}

int yaml_read(struct yaml **ret, struct span bytes, const char *name, struct fault *why)
{
    CLEANUP(yaml_file_freep) struct yaml *file = calloc(1, sizeof(*file));
    struct reading in = {.file = file, .why = why};
    int r;

    if (!file || !(file->name = strdup(name))) {
        return -ENOMEM;
    }
    if (bytes.len > YAML_MAX_BYTES) {
        return fault_set(why, "YAML_TOO_LARGE", name, "%zu bytes; the limit is %d", bytes.len,
                         YAML_MAX_BYTES);
    }
    if (!yaml_parser_initialize(&in.parser)) {
        return -ENOMEM;
    }
    yaml_parser_set_encoding(&in.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&in.parser, (const unsigned char *)bytes.ptr, bytes.len);
    buf_init(&in.pointer, YAML_MAX_POINTER);
    r = read_stream(&in);
    buf_done(&in.pointer);
    yaml_parser_delete(&in.parser);
    if (r) {
        return r;
    }
    if (!file->root) {
        file->root = json_null();
    }
    if (file->count) {
        qsort(file->places, file->count, sizeof(*file->places), compare_places);
    }
    *ret = TAKE(file);
    return 0;
}

struct yaml *yaml_file_free(struct yaml *file)
{
    if (file) {
        for (size_t i = 0; i < file->count; i++) {
            free(file->places[i].pointer);
        }
        free(file->places);
        json_decref(file->root);
        free(file->name);
        free(file);
    }
    return NULL;
}

json_t *yaml_root(const struct yaml *file)
{
    return file->root;
}

void yaml_line(const struct yaml *file, const char *pointer, int *ret_line, int *ret_column)
{
    char at[FAULT_PLACE_MAX];

    *ret_line = *ret_column = 1;
    (void)snprintf(at, sizeof(at), "%s", pointer);
    for (;;) {
        struct place key = {.pointer = at};
        const struct place *found =
            file->count ? bsearch(&key, file->places, file->count, sizeof(key), compare_places) : NULL;
        char *slash = strrchr(at, '/');

        if (found) {
            *ret_line = found->line;
            *ret_column = found->column;
            return;
        }
        if (!slash) {
            return;
        }
        *slash = '\0';
    }
}

void yaml_place(const struct yaml *file, const char *pointer, char into[FAULT_PLACE_MAX])
{
    int line, column;

    yaml_line(file, pointer, &line, &column);
    (void)snprintf(into, FAULT_PLACE_MAX, "%s:%d:%d", file->name, line, column);
}

void yaml_place_faults(const struct yaml *file, struct faults *faults, size_t from)
{
    for (size_t i = from; i < faults->count; i++) {
        char place[FAULT_PLACE_MAX];

        yaml_place(file, faults->list[i].place, place);
        memcpy(faults->list[i].place, place, sizeof(place));
    }
}
