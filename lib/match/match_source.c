/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/matcher.h"

#include <errno.h>
#include <stdlib.h>

static int list_order(const void *a, const void *b)
{
    return span_compare(list_head(*(struct list *const *)a)->id,
                        list_head(*(struct list *const *)b)->id);
}

static void find_ranges(struct match_source *source, size_t i)
{
    const struct list *list = source->lists[i];
    size_t count = list_count(list);

    if (list_head(list)->mode == LIST_OFF) {
        return;
    }
    for (uint32_t n = 0; n < count; n++) {
        struct match_range *range = &source->ranges[i][list_entry(list, n)->kind];

        if (range->to == 0) {
            range->from = n;
        }
        range->to = n + 1;
    }
}

int match_source_new(struct match_source **ret, struct list *const lists[], size_t count)
{
    CLEANUP(match_source_freep) struct match_source *source = calloc(1, sizeof(*source));
    size_t total = 0;

    if (!source) {
        return -ENOMEM;
    }
    source->lists = calloc(count + 1, sizeof(*source->lists));
    source->first = calloc(count + 1, sizeof(*source->first));
    source->ranges = calloc(count + 1, sizeof(*source->ranges));
    if (!source->lists || !source->first || !source->ranges) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        source->lists[i] = list_ref(lists[i]);
        source->list_count++;
    }
    qsort(source->lists, count, sizeof(*source->lists), list_order);
    for (size_t i = 0; i < count; i++) {
        source->first[i] = (uint32_t)total;
        total += list_count(source->lists[i]);
        if (total > UINT32_MAX - 2) {
            return -ENOMEM;
        }
        find_ranges(source, i);
    }
    source->first[count] = (uint32_t)total;
    *ret = TAKE(source);
    return 0;
}

struct match_source *match_source_free(struct match_source *source)
{
    if (source) {
        for (size_t i = 0; i < source->list_count; i++) {
            (void)list_unref(source->lists[i]);
        }
        free(source->lists);
        free(source->first);
        free(source->ranges);
        free(source);
    }
    return NULL;
}

const struct list_entry *match_source_entry(const struct match_source *source, uint32_t ref,
                                            const struct list **ret_list)
{
    size_t low = 0, high = source->list_count;

    /* The last list that does not start behind ref. */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (source->first[middle] <= ref) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *ret_list = source->lists[low];
    return list_entry(source->lists[low], ref - source->first[low]);
}

void match_source_note(const struct match_source *source, uint32_t ref, const struct fault *why,
                       struct faults *notes)
{
    const struct list *list;
    const struct list_entry *entry = match_source_entry(source, ref, &list);
    const struct span parts[] = {list_head(list)->id, SPAN("/"), entry->id};
    struct fault placed = *why;
    size_t len = 0;

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        size_t part =
            parts[i].len < FAULT_PLACE_MAX - 1 - len ? parts[i].len : FAULT_PLACE_MAX - 1 - len;

        if (part > 0) {
            memcpy(placed.place + len, parts[i].ptr, part);
        }
        len += part;
    }
    placed.place[len] = '\0';
    (void)faults_add_one(notes, &placed);
}

const struct list_entry *match_source_next(const struct match_source *source, enum signal_kind kind,
                                           struct match_cursor *cursor, uint32_t *ret_ref)
{
    for (; cursor->list < source->list_count; cursor->list++, cursor->inside = false) {
        const struct match_range *range = &source->ranges[cursor->list][kind];

        if (!cursor->inside) {
            cursor->entry = range->from;
            cursor->inside = true;
        }
        while (cursor->entry < range->to) {
            uint32_t at = cursor->entry++;
            const struct list_entry *entry = list_entry(source->lists[cursor->list], at);

            if (entry->kind == kind && entry->opinion != OPINION_NEGATIVE) {
                *ret_ref = source->first[cursor->list] + at;
                return entry;
            }
        }
    }
    return NULL;
}

size_t match_source_count(const struct match_source *source, enum signal_kind kind)
{
    struct match_cursor cursor = {0};
    size_t count = 0;
    uint32_t ref;

    while (match_source_next(source, kind, &cursor, &ref)) {
        count++;
    }
    return count;
}
