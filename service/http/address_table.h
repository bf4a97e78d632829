/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_HTTP_ADDRESS_TABLE_H
#define RAPPORTEUR_SERVICE_HTTP_ADDRESS_TABLE_H

/*
 * How many connections each client address has open. An IPv6 client counts by its /64, since one
 * client has all of it; IPv4-mapped addresses count as IPv4.
 *     if (!address_table_take(table, &address, 64)) -> refuse
 *     ... address_table_give(table, &address);
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;
struct address_table;

enum { ADDRESS_TEXT_MAX = 46 };

struct address {
    bool local;       /* a Unix socket: never counted */
    uint8_t bytes[8]; /* 0, 0, 0xff, 0xff and IPv4, or the /64 */
};

/* The key and, NUL-terminated, the text of the whole address without port; "unix" for local ones.
 */
void address_read(const struct sockaddr *from, struct address *ret, char text[ADDRESS_TEXT_MAX]);

/* Room for `count` different addresses. NULL: no memory. `seed` keeps clients from choosing
 * collisions. */
struct address_table *address_table_new(size_t count, uint64_t seed);
struct address_table *address_table_free(struct address_table *table);

/* Counts one more, unless it has `max` already or the table is full. max 0: any number. */
bool address_table_take(struct address_table *table, const struct address *address, size_t max);
void address_table_give(struct address_table *table, const struct address *address);

#endif
