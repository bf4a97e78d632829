/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_SIGNAL_SOURCE_H
#define RAPPORTEUR_LIB_SIGNAL_SOURCE_H

/*
 * What the readers of list formats share: starting the list, adding with the place of each mistake,
 * and the difference between a bad entry and a bad list. For lib/signal/format_*.c only. r =
 * source_start(source, &head, "/head"); r = source_add(source, &entry, place);       0 go on; FAULT
 * or -ENOMEM stop and return it
 */

#include "lib/signal/format.h"

#include <jansson.h>

struct signal_source {
    struct span bytes; /* without a byte order mark */
    const char *name;
    const struct signal_options *options;
    struct signal_report *report;
    struct list *list; /* made by source_start; owned */
    size_t bad;        /* entries that a strict read refuses the list for */
};

/* Makes the list, with the head of the file, or with the one of the options when `own` is NULL. */
int source_start(struct signal_source *source, const struct list_head *own, const char *place);
/* The same on top of options.base, when there is one. */
int source_start_on_base(struct signal_source *source, const struct list_head *own,
                         const char *place);

int source_add(struct signal_source *source, const struct list_entry *entry, const char *place);
int source_remove(struct signal_source *source, enum signal_kind kind, struct span value,
                  const char *place);
/* A bad entry: left out and named. */
int source_bad(struct signal_source *source, const char *code, const char *place,
               const char *format, ...) PRINTF(4, 5);
/* The same, when its faults stand in the report already. */
int source_bad_named(struct signal_source *source);
/* An entry that is well-formed and means nothing to us: left out, also by a strict read. */
int source_pass(struct signal_source *source);
/* The list is refused. Returns FAULT. */
int source_refuse(struct signal_source *source, const char *code, const char *place,
                  const char *format, ...) PRINTF(4, 5);
int source_refuse_for(struct signal_source *source, const struct fault *why);

/* "name:line:column" */
void source_place(const struct signal_source *source, size_t line, size_t column,
                  char into[FAULT_PLACE_MAX]);

/* The bytes as JSON within the options' limits: 0, FAULT (named) or -ENOMEM. */
int source_json(struct signal_source *source, json_t **ret);

/* A time, or a date as its midnight. */
bool source_time(struct span text, int64_t *ret_ms);

/* Appends ",tag" to a tag text of LIST_MAX_TAG_BYTES; commas and control characters become '-';
 * what is longer than LIST_MAX_TAG, does not fit, or would be the 17th, is left out. */
struct source_tags {
    char text[LIST_MAX_TAG_BYTES];
    size_t len, count;
};
void source_tag(struct source_tags *tags, struct span tag);
struct span source_tags_span(const struct source_tags *tags);

/* Reads {"head","entries",...} in the shape of format "json" out of a value. */
int own_read(struct signal_source *source, json_t *root);

extern const struct signal_format format_json, format_yaml, format_lines, format_csv,
    format_misp_warninglist, format_misp_hashes, format_threatexchange;

#endif
