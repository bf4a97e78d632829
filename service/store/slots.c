/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/slots.h"

#include "service/store/keys.h"
#include "service/store/reply.h"

#include <hiredis/hiredis.h>

#include <string.h>

static uint16_t crc16(struct span bytes)
{
    unsigned crc = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (unsigned)(unsigned char)bytes.ptr[i] << 8;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 0x8000 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1 & 0xffff;
        }
    }
    return (uint16_t)crc;
}

unsigned slot_of_key(struct span key)
{
    struct span rest = key, tag;

    (void)span_cut(&rest, '{');
    if (rest.ptr) {
        tag = span_cut(&rest, '}');
        if (rest.ptr && tag.len > 0) {
            key = tag;
        }
    }
    return crc16(key) % SLOT_COUNT;
}

unsigned slot_of_shard(unsigned shard)
{
    char tag[TAG_MAX];

    key_tag(tag, shard);
    return slot_of_key(span_of(tag));
}

void slot_map_init(struct slot_map *map)
{
    memset(map, 0, sizeof(*map));
    memset(map->owner, 0xff, sizeof(map->owner));
}

unsigned slot_map_node(struct slot_map *map, const struct store_host *host)
{
    size_t at = map->node_count;

    for (size_t i = 0; i < map->node_count; i++) {
        if (store_host_same(&map->nodes[i], host)) {
            return (unsigned)i;
        }
        at = map->nodes[i].port == 0 ? i : at;
    }
    if (at == SLOT_NODES_MAX) {
        return SLOT_UNKNOWN;
    }
    map->nodes[at] = *host;
    map->node_count += at == map->node_count;
    return (unsigned)at;
}

void slot_map_forget(struct slot_map *map, unsigned node)
{
    map->nodes[node] = (struct store_host){.port = 0};
    for (size_t slot = 0; slot < SLOT_COUNT; slot++) {
        map->owner[slot] = map->owner[slot] == node ? SLOT_UNKNOWN : map->owner[slot];
    }
}

/* first slot, last slot, [host, port, ...] of the primary, then one array a replica */
static bool read_range(struct slot_map *map, struct reply_row row, const struct store_host *asked)
{
    int first = reply_small(&row, SLOT_COUNT - 1), last = reply_small(&row, SLOT_COUNT - 1);
    struct reply_row place = reply_nested(&row);
    struct store_host host = *asked;
    struct span name = reply_span(&place);
    unsigned node;

    host.port = reply_small(&place, 65535);
    if (row.bad || place.bad || first > last || host.port == 0 || name.len > STORE_HOST_MAX) {
        return false;
    }
    if (name.len > 0) {
        memcpy(host.host, name.ptr, name.len);
        host.host[name.len] = '\0';
    }
    node = slot_map_node(map, &host);
    if (node == SLOT_UNKNOWN) {
        return false;
    }
    map->replicas[node] = (uint8_t)(reply_left(&row) < UINT8_MAX ? reply_left(&row) : UINT8_MAX);
    for (int slot = first; slot <= last; slot++) {
        map->owner[slot] = (uint16_t)node;
    }
    return true;
}

bool slot_map_read(struct slot_map *map, const struct redisReply *reply,
                   const struct store_host *asked)
{
    struct slot_map next = *map;
    struct reply_row row = reply_row(reply, 0);

    memset(next.owner, 0xff, sizeof(next.owner));
    while (reply_left(&row) > 0) {
        struct reply_row range = reply_nested(&row);

        if (row.bad || !read_range(&next, range, asked)) {
            return false;
        }
    }
    if (row.bad) {
        return false;
    }
    *map = next;
    return true;
}

void slot_map_moved(struct slot_map *map, unsigned slot, const struct store_host *host)
{
    unsigned node = slot_map_node(map, host);

    if (slot < SLOT_COUNT && node != SLOT_UNKNOWN) {
        map->owner[slot] = (uint16_t)node;
    }
}

/* "3999 127.0.0.1:6381" behind MOVED or ASK. */
static struct redirect read_place(enum redirect_kind kind, struct span text,
                                  const struct store_host *asked)
{
    struct redirect redirect = {.kind = kind, .host = *asked};
    struct span place = text, number = span_cut(&place, ' ');
    unsigned long long slot;

    if (!place.ptr || !span_to_u64(number, &slot) || slot >= SLOT_COUNT) {
        return (struct redirect){.kind = REDIRECT_LATER};
    }
    redirect.slot = (unsigned)slot;
    if (span_starts(place, ":") && !memchr(place.ptr + 1, ':', place.len - 1)) {
        struct span port = span_sub(place, 1, place.len);
        unsigned long long value;

        if (!span_to_u64(port, &value) || value == 0 || value > 65535) {
            return (struct redirect){.kind = REDIRECT_LATER};
        }
        redirect.host.port = (int)value;
    } else if (!store_host_read(&redirect.host, place)) {
        return (struct redirect){.kind = REDIRECT_LATER};
    }
    return redirect;
}

struct redirect redirect_read(const struct redisReply *reply, const struct store_host *asked)
{
    static const struct {
        const char *word;
        enum redirect_kind kind;
    } words[] = {
        {"MOVED ", REDIRECT_MOVED},    {"ASK ", REDIRECT_ASK},
        {"TRYAGAIN ", REDIRECT_LATER}, {"CLUSTERDOWN ", REDIRECT_LATER},
        {"READONLY ", REDIRECT_STALE}, {"MASTERDOWN ", REDIRECT_STALE},
    };
    struct span error;

    if (!reply || reply->type != REDIS_REPLY_ERROR) {
        return (struct redirect){.kind = REDIRECT_NONE};
    }
    error = (struct span){reply->str, (size_t)reply->len};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (span_starts(error, words[i].word)) {
            struct span rest = span_sub(error, strlen(words[i].word), error.len);

            return words[i].kind == REDIRECT_MOVED || words[i].kind == REDIRECT_ASK
                       ? read_place(words[i].kind, rest, asked)
                       : (struct redirect){.kind = words[i].kind};
        }
    }
    return (struct redirect){.kind = REDIRECT_NONE};
}
