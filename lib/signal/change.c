/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/signal/change.h"

#include "lib/json/canon.h"

#include <stdbool.h>

/* Walks both lists side by side. Entries of one kind and value are ordered by id, so within such a
 * group, which is as small as the number of languages of one value, partners are looked up. */
struct walk {
    const struct list *from, *to;
    struct list_change sum;
    struct buf *added, *removed; /* NULL: count only */
};

static int key_order(const struct list_entry *a, const struct list_entry *b)
{
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return span_compare(a->value, b->value);
}

static size_t group_end(const struct list *list, size_t from)
{
    size_t to = from + 1;

    while (to < list_count(list) && key_order(list_entry(list, from), list_entry(list, to)) == 0) {
        to++;
    }
    return to;
}

static bool particulars_equal(const struct list_entry *a, const struct list_entry *b)
{
    return span_equal(a->id, b->id) && span_equal(a->tags, b->tags) &&
           a->expires_ms == b->expires_ms && a->severity == b->severity && a->opinion == b->opinion;
}

static const struct list_entry *find_language(const struct list *list, size_t from, size_t to,
                                              const char language[4])
{
    for (size_t i = from; i < to; i++) {
        if (strncmp(list_entry(list, i)->language, language, 4) == 0) {
            return list_entry(list, i);
        }
    }
    return NULL;
}

static void put_added(struct walk *walk, const struct list_entry *entry)
{
    if (walk->added) {
        if (walk->added->len > 0) {
            (void)buf_add_char(walk->added, ',');
        }
        (void)list_entry_json(entry, walk->added);
    }
}

static void put_removed(struct walk *walk, const struct list_entry *entry)
{
    if (walk->removed) {
        (void)buf_add_text(walk->removed, walk->removed->len > 0 ? ",{\"kind\":" : "{\"kind\":");
        (void)json_canon_string(walk->removed, span_of(signal_kind_words[entry->kind]));
        (void)buf_add_text(walk->removed, ",\"value\":");
        (void)json_canon_string(walk->removed, entry->value);
        (void)buf_add_char(walk->removed, '}');
    }
}

/* Groups of the same kind and value on both sides; either may be empty. A tombstone takes all
 * languages of a value, so when one of several goes, the ones that stay are written again. */
static void walk_group(struct walk *walk, size_t a, size_t a_end, size_t b, size_t b_end)
{
    size_t gone = 0;

    for (size_t i = a; i < a_end; i++) {
        gone += find_language(walk->to, b, b_end, list_entry(walk->from, i)->language) == NULL;
    }
    walk->sum.removed += gone;
    if (gone > 0) {
        put_removed(walk, list_entry(walk->from, a));
    }
    for (size_t i = b; i < b_end; i++) {
        const struct list_entry *entry = list_entry(walk->to, i);
        const struct list_entry *old = find_language(walk->from, a, a_end, entry->language);

        if (!old) {
            walk->sum.added++;
        } else if (particulars_equal(old, entry)) {
            walk->sum.kept++;
        } else {
            walk->sum.changed++;
        }
        if (!old || gone > 0 || !particulars_equal(old, entry)) {
            put_added(walk, entry);
        }
    }
}

static void walk_lists(struct walk *walk)
{
    size_t a = 0, b = 0, a_count = list_count(walk->from), b_count = list_count(walk->to);

    while (a < a_count || b < b_count) {
        int order = a == a_count   ? 1
                    : b == b_count ? -1
                                   : key_order(list_entry(walk->from, a), list_entry(walk->to, b));
        size_t a_end = order <= 0 ? group_end(walk->from, a) : a;
        size_t b_end = order >= 0 ? group_end(walk->to, b) : b;

        walk_group(walk, a, a_end, b, b_end);
        a = a_end;
        b = b_end;
    }
}

struct list_change list_compare(const struct list *from, const struct list *to)
{
    struct walk walk = {.from = from, .to = to};

    walk_lists(&walk);
    return walk.sum;
}

int list_shrink_check(const struct list *from, const struct list *to, unsigned max_percent,
                      struct fault *why)
{
    struct list_change change = list_compare(from, to);

    if (change.removed * 100 <= (uint64_t)max_percent * list_count(from)) {
        return 0;
    }
    return fault_set(why, "LIST_SHRUNK", "",
                     "%zu of %zu entries are gone, more than %u in 100: a person has to allow that",
                     change.removed, list_count(from), max_percent);
}

int list_change_json(const struct list *from, const struct list *to, struct buf *out)
{
    struct buf added, removed;
    struct walk walk = {.from = from, .to = to, .added = &added, .removed = &removed};

    buf_init(&added, out->max);
    buf_init(&removed, out->max);
    walk_lists(&walk);
    (void)buf_add_text(out, "{\"entries\":[");
    (void)buf_add_span(out, buf_span(&added));
    (void)buf_add_text(out, "],\"head\":");
    (void)list_head_json(list_head(to), out);
    (void)buf_add_text(out, ",\"removed\":[");
    (void)buf_add_span(out, buf_span(&removed));
    (void)buf_add_text(out, "],\"since\":");
    (void)json_canon_string(out, span_of(list_digest(from)));
    (void)buf_add_char(out, '}');
    if (out->failed == 0 && (added.failed || removed.failed)) {
        out->failed = added.failed ? added.failed : removed.failed;
    }
    buf_done(&added);
    buf_done(&removed);
    return buf_status(out);
}
