/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/address_table.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct slot {
    uint64_t key;
    size_t count; /* 0: free */
};

/* Open addressing with linear probing, at most half full, deletion by moving back. */
struct address_table {
    uint64_t seed;
    size_t mask, used, room;
    struct slot slots[];
};

void address_read(const struct sockaddr *from, struct address *ret, char text[ADDRESS_TEXT_MAX])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    *ret = (struct address){.bytes = {0, 0, 0xff, 0xff}};
    if (from->sa_family == AF_INET) {
        memcpy(&in, from, sizeof(in));
        memcpy(ret->bytes + 4, &in.sin_addr, 4);
        (void)inet_ntop(AF_INET, &in.sin_addr, text, ADDRESS_TEXT_MAX);
    } else if (from->sa_family == AF_INET6) {
        memcpy(&in6, from, sizeof(in6));
        if (memcmp(&in6.sin6_addr, mapped, sizeof(mapped)) == 0) {
            memcpy(ret->bytes + 4, (const uint8_t *)&in6.sin6_addr + 12, 4);
            (void)inet_ntop(AF_INET, (const uint8_t *)&in6.sin6_addr + 12, text, ADDRESS_TEXT_MAX);
            return;
        }
        memcpy(ret->bytes, &in6.sin6_addr, 8);
        (void)inet_ntop(AF_INET6, &in6.sin6_addr, text, ADDRESS_TEXT_MAX);
    } else {
        ret->local = true;
        memcpy(text, "unix", sizeof("unix"));
    }
}

struct address_table *address_table_new(size_t count, uint64_t seed)
{
    struct address_table *table;
    size_t size = 16;

    while (size < count * 2) {
        size *= 2;
    }
    table = calloc(1, sizeof(*table) + size * sizeof(struct slot));
    if (table) {
        table->seed = seed | 1;
        table->mask = size - 1;
        table->room = count;
    }
    return table;
}

struct address_table *address_table_free(struct address_table *table)
{
    free(table);
    return NULL;
}

static uint64_t key_of(const struct address *address)
{
    uint64_t key;

    memcpy(&key, address->bytes, sizeof(key));
    return key;
}

static size_t home(const struct address_table *table, uint64_t key)
{
    key = (key ^ table->seed) * 0x9e3779b97f4a7c15ULL;
    key = (key ^ key >> 32) * (table->seed | 1);
    return (size_t)(key >> 20) & table->mask;
}

static struct slot *find(struct address_table *table, uint64_t key)
{
    size_t at = home(table, key);

    while (table->slots[at].count > 0 && table->slots[at].key != key) {
        at = (at + 1) & table->mask;
    }
    return &table->slots[at];
}

bool address_table_take(struct address_table *table, const struct address *address, size_t max)
{
    struct slot *slot;

    if (address->local || max == 0) {
        return true;
    }
    slot = find(table, key_of(address));
    if (slot->count >= max || (slot->count == 0 && table->used == table->room)) {
        return false;
    }
    if (slot->count++ == 0) {
        slot->key = key_of(address);
        table->used++;
    }
    return true;
}

/* Closes the gap, so that probing never has to pass deleted slots. */
static void close_gap(struct address_table *table, size_t gap)
{
    for (size_t at = (gap + 1) & table->mask; table->slots[at].count > 0;
         at = (at + 1) & table->mask) {
        size_t wanted = home(table, table->slots[at].key);

        if (((at - wanted) & table->mask) >= ((at - gap) & table->mask)) {
            table->slots[gap] = table->slots[at];
            table->slots[at].count = 0;
            gap = at;
        }
    }
}

void address_table_give(struct address_table *table, const struct address *address)
{
    struct slot *slot;

    if (address->local) {
        return;
    }
    slot = find(table, key_of(address));
    if (slot->count > 0 && --slot->count == 0) {
        table->used--;
        close_gap(table, (size_t)(slot - table->slots));
    }
}
