/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/signal/list.h"

#include "lib/base/digest.h"
#include "lib/signal/list_inside.h"
#include "lib/signal/value.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { POOL_FIRST = 4 << 10, POOL_LARGEST = 1 << 20, MADE_ID_DIGITS = 24 };

/* ---- the pool of strings ---- */

struct pool_block {
    struct pool_block *next;
    size_t used, cap;
    char bytes[];
};

static char *pool_room(struct list *list, size_t len)
{
    struct pool_block *block = list->pool;

    if (!block || block->cap - block->used < len) {
        size_t cap = block ? block->cap * 2 : POOL_FIRST;

        cap = cap > POOL_LARGEST ? POOL_LARGEST : cap;
        cap = cap < len ? len : cap;
        block = malloc(sizeof(*block) + cap);
        if (!block) {
            return NULL;
        }
        *block = (struct pool_block){.next = list->pool, .cap = cap};
        list->pool = block;
        list->pool_bytes += sizeof(*block) + cap;
    }
    block->used += len;
    return block->bytes + block->used - len;
}

static int pool_copy(struct list *list, struct span text, struct span *ret)
{
    char *room;

    if (text.len == 0) {
        *ret = SPAN("");
        return 0;
    }
    room = pool_room(list, text.len);
    if (!room) {
        return -ENOMEM;
    }
    memcpy(room, text.ptr, text.len);
    *ret = (struct span){room, text.len};
    return 0;
}

/* ---- life ---- */

static int copy_head(struct list *list, const struct list_head *head)
{
    const struct span *from[] = {&head->id,          &head->name, &head->owner,  &head->harm,
                                 &head->legal_basis, &head->kind, &head->version};
    struct span *to[] = {&list->head.id,     &list->head.name,        &list->head.owner,
                         &list->head.harm,   &list->head.legal_basis, &list->head.kind,
                         &list->head.version};
    int r = 0;

    list->head = *head;
    for (size_t i = 0; i < COUNT_OF(from) && r == 0; i++) {
        r = pool_copy(list, *from[i], to[i]);
    }
    return r ? r : pool_copy(list, head->tlp.len ? head->tlp : SPAN("amber"), &list->head.tlp);
}

int list_new(struct list **ret, const struct list_head *head, struct fault *why)
{
    CLEANUP(list_unrefp) struct list *list = NULL;
    int r = value_check_head(head, why);

    if (r) {
        return r;
    }
    list = calloc(1, sizeof(*list));
    if (!list) {
        return -ENOMEM;
    }
    atomic_init(&list->refs, 1);
    r = copy_head(list, head);
    if (r) {
        return r;
    }
    *ret = TAKE(list);
    return 0;
}

struct list *list_ref(struct list *list)
{
    atomic_fetch_add_explicit(&list->refs, 1, memory_order_relaxed);
    return list;
}

struct list *list_unref(struct list *list)
{
    if (list && atomic_fetch_sub_explicit(&list->refs, 1, memory_order_acq_rel) == 1) {
        while (list->pool) {
            struct pool_block *next = list->pool->next;

            free(list->pool);
            list->pool = next;
        }
        free(list->entries);
        free(list->flags);
        free(list);
    }
    return NULL;
}

/* ---- adding ---- */

static int grow(struct list *list)
{
    size_t cap = list->cap ? list->cap + list->cap / 2 : 64;
    struct list_entry *entries;
    uint8_t *flags;

    if (list->count < list->cap) {
        return 0;
    }
    entries = realloc(list->entries, cap * sizeof(*entries));
    list->entries = entries ? entries : list->entries;
    flags = realloc(list->flags, cap);
    list->flags = flags ? flags : list->flags;
    if (!entries || !flags) {
        return -ENOMEM;
    }
    list->cap = cap;
    return 0;
}

/* The id of an entry that was given none; *ret borrows from the entry or from `room`. */
static struct span made_id(const struct list_entry *entry, char room[SHA256_HEX_LEN + 1])
{
    struct sha256 h;
    uint8_t digest[SHA256_LEN];

    if (value_hash_digits(entry->kind) > 0 && entry->value.len <= LIST_MAX_ID) {
        return entry->value;
    }
    sha256_start(&h);
    sha256_add(&h, signal_kind_words[entry->kind], strlen(signal_kind_words[entry->kind]) + 1);
    sha256_add(&h, entry->language, strnlen(entry->language, 3));
    sha256_add(&h, "", 1);
    sha256_add(&h, entry->value.ptr, entry->value.len);
    sha256_end(&h, digest);
    for (size_t i = 0; i < MADE_ID_DIGITS; i++) {
        room[i] = "0123456789abcdef"[digest[i / 2] >> (i % 2 ? 0 : 4) & 15];
    }
    return (struct span){room, MADE_ID_DIGITS};
}

int list_give_made_id(struct list *list, struct list_entry *entry)
{
    char room[SHA256_HEX_LEN + 1];
    struct span id = made_id(entry, room);

    if (id.ptr == entry->value.ptr) {
        entry->id = entry->value;
        return 0;
    }
    return pool_copy(list, id, &entry->id);
}

/* Appends an entry whose value is canonical already. */
static int append(struct list *list, const struct list_entry *entry, struct span value,
                  uint8_t flags, struct fault *why)
{
    struct list_entry copy = *entry;
    int r;

    assert(!list->sealed);
    if (list->count == LIST_MAX_ENTRIES) {
        return fault_set(why, "LIST_FULL", "", "a list has at most %d entries", LIST_MAX_ENTRIES);
    }
    r = grow(list);
    r = r ? r : pool_copy(list, value, &copy.value);
    r = r ? r : pool_copy(list, entry->tags, &copy.tags);
    if (r) {
        return r;
    }
    if (entry->id.len == 0) {
        r = flags & LIST_REMOVED ? 0 : list_give_made_id(list, &copy);
    } else if (span_equal(entry->id, value)) {
        copy.id = copy.value;
    } else {
        r = pool_copy(list, entry->id, &copy.id);
        flags |= LIST_GIVEN_ID;
    }
    if (r) {
        return r;
    }
    list->some_given |= (flags & LIST_GIVEN_ID) != 0;
    list->entries[list->count] = copy;
    list->flags[list->count++] = flags;
    return 0;
}

int list_add(struct list *list, const struct list_entry *entry, struct fault *why)
{
    char room[VALUE_ROOM];
    struct span value;
    int r = value_check_entry(entry, why);

    r = r ? r : value_canonical(entry->kind, entry->value, room, &value, why);
    return r ? r : append(list, entry, value, 0, why);
}

int list_remove(struct list *list, enum signal_kind kind, struct span value, struct fault *why)
{
    struct list_entry entry = {.kind = kind, .value = value};
    char room[VALUE_ROOM];
    struct span canonical;
    int r = value_canonical(kind, value, room, &canonical, why);

    return r ? r : append(list, &entry, canonical, LIST_REMOVED, why);
}

int list_add_all(struct list *list, const struct list *from, struct fault *why)
{
    int r = 0;

    assert(from->sealed);
    for (size_t i = 0; i < from->count && r == 0; i++) {
        struct list_entry entry = from->entries[i];
        char room[SHA256_HEX_LEN + 1];

        if (span_equal(entry.id, made_id(&entry, room))) {
            entry.id.len = 0;
        }
        r = append(list, &entry, entry.value, 0, why);
    }
    return r;
}

/* ---- reading ---- */

const struct list_head *list_head(const struct list *list)
{
    return &list->head;
}

const char *list_digest(const struct list *list)
{
    assert(list->sealed);
    return list->digest;
}

size_t list_count(const struct list *list)
{
    assert(list->sealed);
    return list->count;
}

const struct list_entry *list_entry(const struct list *list, size_t i)
{
    assert(list->sealed && i < list->count);
    return &list->entries[i];
}

size_t list_bytes(const struct list *list)
{
    return sizeof(*list) + list->pool_bytes +
           list->cap * (sizeof(*list->entries) + (list->flags ? 1 : 0));
}
