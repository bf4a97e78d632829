/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists as canonical JSON, member by member in sorted order: a list of millions never becomes a
 * tree of values.
 */
#include "lib/signal/list.h"

#include "lib/base/clock.h"
#include "lib/json/canon.h"

#include <stdbool.h>
#include <stdio.h>

static void member(struct buf *out, bool *first, const char *name)
{
    (void)buf_add_char(out, *first ? '{' : ',');
    *first = false;
    (void)buf_add_char(out, '"');
    (void)buf_add_text(out, name);
    (void)buf_add_text(out, "\":");
}

static void member_text(struct buf *out, bool *first, const char *name, struct span text)
{
    member(out, first, name);
    (void)json_canon_string(out, text);
}

static void member_time(struct buf *out, bool *first, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_LEN + 1];

    if (ms != 0) {
        clock_text(ms, text);
        member_text(out, first, name, span_of(text));
    }
}

static void member_tags(struct buf *out, bool *first, struct span tags)
{
    struct span rest = tags;
    const char *before = "[";

    if (tags.len == 0) {
        return;
    }
    member(out, first, "tags");
    while (rest.ptr) {
        (void)buf_add_text(out, before);
        (void)json_canon_string(out, span_cut(&rest, ','));
        before = ",";
    }
    (void)buf_add_char(out, ']');
}

int list_entry_json(const struct list_entry *entry, struct buf *out)
{
    char digit[2] = {(char)('0' + entry->severity), '\0'};
    bool first = true;

    member_time(out, &first, "expires", entry->expires_ms);
    member_text(out, &first, "id", entry->id);
    member_text(out, &first, "kind", span_of(signal_kind_words[entry->kind]));
    if (entry->language[0]) {
        member_text(out, &first, "language", span_of(entry->language));
    }
    member_text(out, &first, "opinion", span_of(opinion_words[entry->opinion]));
    member(out, &first, "severity");
    (void)buf_add_text(out, digit);
    member_tags(out, &first, entry->tags);
    member_text(out, &first, "value", entry->value);
    (void)buf_add_char(out, '}');
    return buf_status(out);
}

int list_head_json(const struct list_head *head, struct buf *out)
{
    bool first = true;

    member_time(out, &first, "expires", head->expires_ms);
    member_text(out, &first, "harm", head->harm);
    member_text(out, &first, "id", head->id);
    member_text(out, &first, "kind", head->kind);
    member_text(out, &first, "legal_basis", head->legal_basis);
    member_text(out, &first, "mode", span_of(list_mode_words[head->mode]));
    member_text(out, &first, "name", head->name);
    if (head->reopens) {
        member_text(out, &first, "on_withdrawal", SPAN("reopen"));
    }
    member_text(out, &first, "owner", head->owner);
    member_time(out, &first, "review_by", head->review_by_ms);
    member_text(out, &first, "tlp", head->tlp);
    member_text(out, &first, "version", head->version);
    (void)buf_add_char(out, '}');
    return buf_status(out);
}

int list_json(const struct list *list, struct buf *out)
{
    (void)buf_add_text(out, "{\"entries\":[");
    for (size_t i = 0; i < list_count(list) && buf_status(out) == 0; i++) {
        if (i > 0) {
            (void)buf_add_char(out, ',');
        }
        (void)list_entry_json(list_entry(list, i), out);
    }
    (void)buf_add_text(out, "],\"head\":");
    (void)list_head_json(list_head(list), out);
    return buf_add_char(out, '}');
}
