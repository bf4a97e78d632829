/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of building: sort, let the last of equal signals win, honour tombstones, make ids unique,
 * digest. Everything is linear but the sorts.
 */
#include "lib/signal/list_inside.h"

#include <errno.h>
#include <stdlib.h>

static int key_order(const struct list_entry *a, const struct list_entry *b)
{
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return span_compare(a->value, b->value);
}

int list_entry_order(const struct list_entry *a, const struct list_entry *b)
{
    int order = key_order(a, b);

    return order ? order : strncmp(a->language, b->language, 4);
}

/* By kind, value, language; of equal ones the earlier added first. */
static int added_order(const void *a, const void *b, void *arg)
{
    const struct list *list = arg;
    uint32_t x, y;
    int order;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    order = list_entry_order(&list->entries[x], &list->entries[y]);
    return order ? order : x < y ? -1 : x > y;
}

static int id_order(const void *a, const void *b, void *arg)
{
    const struct list_entry *entries = arg;
    uint32_t x, y;
    int order;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    order = span_compare(entries[x].id, entries[y].id);
    return order ? order : x < y ? -1 : x > y;
}

static int entry_id_order(const void *a, const void *b)
{
    const struct list_entry *x = a, *y = b;

    return span_compare(x->id, y->id);
}

static bool is_sorted(const struct list *list)
{
    for (size_t i = 1; i < list->count; i++) {
        if (list_entry_order(&list->entries[i - 1], &list->entries[i]) >= 0) {
            return false;
        }
    }
    return true;
}

/* Of order[from, to), all of one kind and value: appends to `kept` what is left. */
static size_t keep_group(const struct list *list, const uint32_t *order, size_t from, size_t to,
                         struct list_entry *kept)
{
    uint32_t removed_at = 0;
    bool removed = false;
    size_t count = 0;

    for (size_t i = from; i < to; i++) {
        if (list->flags[order[i]] & LIST_REMOVED) {
            removed_at = removed && removed_at > order[i] ? removed_at : order[i];
            removed = true;
        }
    }
    for (size_t i = from; i < to; i++) {
        const struct list_entry *entry = &list->entries[order[i]];

        if ((list->flags[order[i]] & LIST_REMOVED) || (removed && order[i] < removed_at)) {
            continue;
        }
        if (count > 0 && strncmp(kept[count - 1].language, entry->language, 4) == 0) {
            count--;
        }
        kept[count++] = *entry;
    }
    return count;
}

/* Replaces the entries by the sorted ones that are left. */
static int keep_last(struct list *list)
{
    uint32_t *order = NULL;
    struct list_entry *kept = NULL;
    size_t count = 0, from = 0;

    if (is_sorted(list)) {
        bool removed = false;

        for (size_t i = 0; i < list->count; i++) {
            removed |= (list->flags[i] & LIST_REMOVED) != 0;
        }
        if (!removed) {
            return 0;
        }
    }
    order = malloc(list->count * sizeof(*order));
    kept = malloc(list->count * sizeof(*kept));
    if (!order || !kept) {
        free(order);
        free(kept);
        return -ENOMEM;
    }
    for (size_t i = 0; i < list->count; i++) {
        order[i] = (uint32_t)i;
    }
    qsort_r(order, list->count, sizeof(*order), added_order, list);
    while (from < list->count) {
        size_t to = from + 1;

        while (to < list->count &&
               key_order(&list->entries[order[from]], &list->entries[order[to]]) == 0) {
            to++;
        }
        count += keep_group(list, order, from, to, kept + count);
        from = to;
    }
    free(order);
    free(list->entries);
    list->entries = kept;
    list->cap = list->count;
    list->count = count;
    return 0;
}

/* Hits name entries by id, so an id may stand once in a list. */
static int make_ids_unique(struct list *list)
{
    uint32_t *order;
    int r = 0;

    if (!list->some_given || list->count < 2) {
        return 0;
    }
    order = malloc(list->count * sizeof(*order));
    if (!order) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < list->count; i++) {
        order[i] = (uint32_t)i;
    }
    qsort_r(order, list->count, sizeof(*order), id_order, list->entries);
    for (size_t i = list->count - 1; i > 0 && r == 0; i--) {
        if (span_equal(list->entries[order[i]].id, list->entries[order[i - 1]].id)) {
            r = list_give_made_id(list, &list->entries[order[i]]);
        }
    }
    free(order);
    return r;
}

/* Within one kind and value the order is by id. */
static void order_by_id(struct list *list)
{
    for (size_t from = 0, to; from < list->count; from = to) {
        to = from + 1;
        while (to < list->count && key_order(&list->entries[from], &list->entries[to]) == 0) {
            to++;
        }
        if (to - from > 1) {
            qsort(list->entries + from, to - from, sizeof(*list->entries), entry_id_order);
        }
    }
}

static void give_back(struct list *list)
{
    size_t cap = list->count ? list->count : 1;
    struct list_entry *entries = realloc(list->entries, cap * sizeof(*entries));

    if (entries) {
        list->entries = entries;
        list->cap = cap;
    }
    free(list->flags);
    list->flags = NULL;
}

static int digest(struct list *list)
{
    struct buf piece;
    struct sha256 h;
    uint8_t bytes[SHA256_LEN];
    int r = 0;

    buf_init(&piece, 1 << 20);
    sha256_start(&h);
    sha256_add(&h, "{\"entries\":[", 12);
    for (size_t i = 0; i < list->count && r == 0; i++) {
        buf_clear(&piece);
        if (i > 0) {
            (void)buf_add_char(&piece, ',');
        }
        r = list_entry_json(&list->entries[i], &piece);
        sha256_add(&h, piece.data, piece.len);
    }
    buf_clear(&piece);
    (void)buf_add_text(&piece, "],\"head\":");
    r = r ? r : list_head_json(&list->head, &piece);
    (void)buf_add_char(&piece, '}');
    r = r ? r : buf_status(&piece);
    if (r == 0) {
        sha256_add(&h, piece.data, piece.len);
    }
    sha256_end(&h, bytes);
    for (size_t i = 0; i < SHA256_HEX_LEN; i++) {
        list->digest[i] = "0123456789abcdef"[bytes[i / 2] >> (i % 2 ? 0 : 4) & 15];
    }
    buf_done(&piece);
    return r ? -ENOMEM : 0;
}

int list_seal(struct list *list)
{
    int r;

    if (list->sealed) {
        return 0;
    }
    r = keep_last(list);
    r = r ? r : make_ids_unique(list);
    if (r) {
        return r;
    }
    order_by_id(list);
    give_back(list);
    r = digest(list);
    list->sealed = r == 0;
    return r;
}
