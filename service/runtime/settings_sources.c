/* SPDX-License-Identifier: Apache-2.0 */
#include "service/runtime/settings_sources.h"

#include "lib/base/clock.h"
#include "lib/json/canon.h"
#include "lib/report/hit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const source_names[] = {
    "id",   "file",   "url",      "format",    "kind", "mode", "public_key", "token_file",
    "every", "deadline", "max_bytes", "allow_private_address", "allow_shrink"};

char *settings_path(const char *dir, struct span path)
{
    char *joined = NULL;

    if (path.len == 0 || path.ptr[0] == '/') {
        return strndup(path.len ? path.ptr : "", path.len);
    }
    return asprintf(&joined, "%s/%.*s", dir, (int)path.len, path.ptr) < 0 ? NULL : joined;
}

/* The text of a field, or `otherwise`, as a heap copy. */
static int copy_text(struct fields *at, const char *name, size_t max, const char *otherwise, char **ret)
{
    struct span text = span_of(otherwise);

    (void)field_string(at, name, OPTIONAL, 1, max, &text);
    *ret = strndup(text.ptr, text.len);
    return *ret ? 0 : -ENOMEM;
}

static void read_duration(struct fields *at, const char *name, int64_t min, int64_t max, int64_t *ret)
{
    struct span text;
    int64_t ms;

    if (!field_string(at, name, OPTIONAL, 1, 16, &text)) {
        return;
    }
    if (!clock_read_duration(text, &ms) || ms < min || ms > max) {
        (void)field_fault(at, name, "SETTING_RANGE", "must be a length of time from %llds to %llds",
                          (long long)min / 1000, (long long)max / 1000);
        return;
    }
    *ret = ms;
}

/* A size with its unit, or a number of bytes. */
static void read_size(struct fields *at, const char *name, int64_t min, int64_t max, int64_t *ret)
{
    struct span text;
    int64_t bytes;

    if (!json_is_string(json_object_get(at->object, name))) {
        (void)field_int(at, name, OPTIONAL, min, max, ret);
        return;
    }
    if (!field_string(at, name, OPTIONAL, 1, 20, &text)) {
        return;
    }
    if (!settings_read_bytes(text, &bytes) || bytes < min || bytes > max) {
        (void)field_fault(at, name, "SETTING_RANGE", "must be a size such as 256KiB, 64MiB or 1GiB, from %lld to %lld bytes",
                          (long long)min, (long long)max);
        return;
    }
    *ret = bytes;
}

static int read_place(struct list_source *source, struct fields *at, const char *dir)
{
    struct span file = {NULL, 0}, url = {NULL, 0}, token = {NULL, 0};

    (void)field_string(at, "file", OPTIONAL, 1, 1024, &file);
    (void)field_string(at, "url", OPTIONAL, 8, 2048, &url);
    if (!file.len == !url.len) {
        (void)field_fault(at, "", "SETTING_VALUE", "a source has either file or url");
        return 0;
    }
    if (url.len && !span_starts(url, "https://") && !span_starts(url, "http://")) {
        (void)field_fault(at, "url", "SETTING_VALUE", "must begin with https:// or http://");
    }
    if (file.len && !(source->file = settings_path(dir, file))) {
        return -ENOMEM;
    }
    if (url.len && !(source->url = strndup(url.ptr, url.len))) {
        return -ENOMEM;
    }
    if (field_string(at, "token_file", OPTIONAL, 1, 1024, &token) &&
        !(source->token_file = settings_path(dir, token))) {
        return -ENOMEM;
    }
    return 0;
}

static int read_source(struct list_source *source, struct fields *at, const char *dir)
{
    int mode, r;

    fields_known(at, source_names, COUNT_OF(source_names));
    r = read_place(source, at, dir);
    if (r == 0) {
        r = copy_text(at, "id", 64, "", &source->id);
    }
    if (r == 0) {
        r = copy_text(at, "format", 32, "auto", &source->format);
    }
    if (r == 0) {
        r = copy_text(at, "kind", 16, "", &source->kind);
    }
    if (r == 0) {
        r = copy_text(at, "mode", 16, "", &source->mode);
    }
    if (r == 0) {
        r = copy_text(at, "public_key", 512, "", &source->public_key);
    }
    if (r) {
        return r;
    }
    (void)field_word(at, "mode", OPTIONAL, list_mode_words, LIST_MODE_COUNT, &mode);
    (void)field_word(at, "kind", OPTIONAL, signal_kind_words, SIGNAL_KIND_COUNT, &mode);
    read_duration(at, "every", 1000, 86400000LL * 30, &source->every_ms);
    read_duration(at, "deadline", 1000, 600000, &source->deadline_ms);
    read_size(at, "max_bytes", 1024, 4LL << 30, &source->max_bytes);
    (void)field_bool(at, "allow_private_address", OPTIONAL, &source->allow_private_address);
    (void)field_bool(at, "allow_shrink", OPTIONAL, &source->allow_shrink);
    return 0;
}

int settings_read_sources(struct settings *settings, struct fields *root, const char *dir)
{
    json_t *lists;

    if (!field_array(root, "lists", OPTIONAL, SETTINGS_MAX_SOURCES, &lists)) {
        return 0;
    }
    for (size_t i = 0; i < json_array_size(lists); i++) {
        struct list_source *source = &settings->sources[settings->source_count];
        struct fields at;
        int r;

        if (!field_element(root, "lists", lists, i, &at)) {
            continue;
        }
        *source = (struct list_source){
            .every_ms = 15 * 60 * 1000, .deadline_ms = 30 * 1000, .max_bytes = 64LL << 20};
        settings->source_count++;
        r = read_source(source, &at, dir);
        if (r) {
            return r;
        }
    }
    return 0;
}

static void print_text(struct buf *out, const char *name, const char *text)
{
    if (text && text[0]) {
        (void)buf_add_format(out, "    %s: ", name);
        (void)json_canon_string(out, span_of(text));
        (void)buf_add_char(out, '\n');
    }
}

void settings_print_sources(const struct settings *settings, struct buf *out)
{
    (void)buf_add_text(out, settings->source_count ? "lists:\n" : "lists: []\n");
    for (size_t i = 0; i < settings->source_count; i++) {
        const struct list_source *source = &settings->sources[i];

        (void)buf_add_format(out, "  - every: %lldms\n    deadline: %lldms\n    max_bytes: %lld\n",
                             (long long)source->every_ms, (long long)source->deadline_ms, (long long)source->max_bytes);
        print_text(out, "file", source->file);
        print_text(out, "url", source->url);
        print_text(out, "id", source->id);
        print_text(out, "format", source->format);
        print_text(out, "kind", source->kind);
        print_text(out, "mode", source->mode);
        print_text(out, "public_key", source->public_key);
        print_text(out, "token_file", source->token_file);
        (void)buf_add_format(out, "    allow_private_address: %s\n    allow_shrink: %s\n",
                             source->allow_private_address ? "true" : "false", source->allow_shrink ? "true" : "false");
    }
}

void settings_free_sources(struct settings *settings)
{
    for (size_t i = 0; i < settings->source_count; i++) {
        struct list_source *source = &settings->sources[i];

        free(source->id);
        free(source->file);
        free(source->url);
        free(source->format);
        free(source->kind);
        free(source->mode);
        free(source->public_key);
        free(source->token_file);
    }
}
