/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/signal/source.h"

#include "lib/base/clock.h"
#include "lib/json/read.h"
#include "lib/text/utf8.h"

#include <stdarg.h>
#include <stdio.h>

enum { JSON_DEPTH_MAX = 16, VALUES_AN_ENTRY = 40 };

/* ---- faults ---- */

void source_place(const struct signal_source *source, size_t line, size_t column,
                  char into[FAULT_PLACE_MAX])
{
    (void)snprintf(into, FAULT_PLACE_MAX, "%s:%zu:%zu", source->name, line, column);
}

int source_bad_named(struct signal_source *source)
{
    source->bad++;
    source->report->skipped++;
    /* A strict read goes on to name more, but not for ever. */
    return !source->options->lenient && source->bad >= FAULTS_MAX ? FAULT : 0;
}

int source_bad(struct signal_source *source, const char *code, const char *place,
               const char *format, ...)
{
    char text[FAULT_TEXT_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)faults_add(&source->report->faults, code, place, "%s", text);
    return source_bad_named(source);
}

int source_pass(struct signal_source *source)
{
    source->report->skipped++;
    return 0;
}

/* The reason for a refusal has to be seen, also behind many bad entries: it takes the last place.
 */
int source_refuse_for(struct signal_source *source, const struct fault *why)
{
    struct faults *faults = &source->report->faults;

    if (faults->count == FAULTS_MAX) {
        faults->list[FAULTS_MAX - 1] = *why;
        faults->dropped++;
        return FAULT;
    }
    return faults_add_one(faults, why);
}

int source_refuse(struct signal_source *source, const char *code, const char *place,
                  const char *format, ...)
{
    struct fault why;
    char text[FAULT_TEXT_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)fault_set(&why, code, place, "%s", text);
    return source_refuse_for(source, &why);
}

/* ---- list ---- */

int source_start(struct signal_source *source, const struct list_head *own, const char *place)
{
    const struct list_head *given = source->options->head, *head = own ? own : given;
    struct fault why;
    int r;

    if (!head) {
        return source_refuse(source, "FORMAT_SHAPE", place,
                             "this format has no head of its own: one has to be given");
    }
    if (own && given && given->id.len > 0 && !span_equal(own->id, given->id)) {
        char quoted[FAULT_QUOTE_MAX];

        return source_refuse(source, "LIST_ID_DIFFERS", place,
                             "this is list %s, another was expected", fault_quote(quoted, own->id));
    }
    r = list_new(&source->list, head, &why);
    if (r == FAULT) {
        char at[FAULT_PLACE_MAX];

        (void)snprintf(at, sizeof(at), "%s%.*s", place, FAULT_PLACE_MAX / 2, why.place);
        return source_refuse(source, why.code, at, "%s", why.text);
    }
    return r;
}

int source_start_on_base(struct signal_source *source, const struct list_head *own,
                         const char *place)
{
    struct fault why;
    int r = source_start(source, own, place);

    if (r || !source->options->base) {
        return r;
    }
    r = list_add_all(source->list, source->options->base, &why);
    return r == FAULT ? source_refuse_for(source, &why) : r;
}

static int count_one(struct signal_source *source, const char *place)
{
    const struct signal_report *report = source->report;

    if (report->read + report->skipped + report->removed < source->options->max_entries) {
        return 0;
    }
    return source_refuse(source, "SOURCE_TOO_MANY", place, "more than %zu entries",
                         source->options->max_entries);
}

static int settle(struct signal_source *source, int r, const struct fault *why, const char *place)
{
    if (r != FAULT) {
        return r;
    }
    if (strcmp(why->code, "LIST_FULL") == 0) {
        return source_refuse_for(source, why);
    }
    return source_bad(source, why->code, place, "%s", why->text);
}

int source_add(struct signal_source *source, const struct list_entry *entry, const char *place)
{
    struct fault why;
    int r = count_one(source, place);

    if (r) {
        return r;
    }
    r = list_add(source->list, entry, &why);
    source->report->read += r == 0;
    return settle(source, r, &why, place);
}

int source_remove(struct signal_source *source, enum signal_kind kind, struct span value,
                  const char *place)
{
    struct fault why;
    int r = count_one(source, place);

    if (r) {
        return r;
    }
    r = list_remove(source->list, kind, value, &why);
    source->report->removed += r == 0;
    return settle(source, r, &why, place);
}

/* ---- pieces ---- */

int source_json(struct signal_source *source, json_t **ret)
{
    struct json_read_limits limits = {.max_bytes = source->options->max_bytes,
                                      .max_depth = JSON_DEPTH_MAX,
                                      .max_values =
                                          source->options->max_entries * VALUES_AN_ENTRY + 1000};
    struct fault why;
    int r = json_read(ret, source->bytes, &limits, &why);

    return r == FAULT ? source_refuse_for(source, &why) : r;
}

bool source_time(struct span text, int64_t *ret_ms)
{
    return clock_read(text, ret_ms) || clock_read_date(text, ret_ms);
}

void source_tag(struct source_tags *tags, struct span tag)
{
    if (tag.len == 0 || tag.len > LIST_MAX_TAG || tags->count == LIST_MAX_TAGS ||
        tags->len + tag.len + 1 > sizeof(tags->text) || !utf8_valid(tag)) {
        return;
    }
    if (tags->count++ > 0) {
        tags->text[tags->len++] = ',';
    }
    for (size_t i = 0; i < tag.len; i++) {
        bool bad = tag.ptr[i] == ',' || (unsigned char)tag.ptr[i] < ' ';

        tags->text[tags->len++] = bad ? '-' : tag.ptr[i];
    }
}

struct span source_tags_span(const struct source_tags *tags)
{
    return (struct span){tags->text, tags->len};
}
