/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_SYNC_ROUTE_H
#define RAPPORTEUR_SERVICE_STORE_SYNC_ROUTE_H

/*
 * route.h for callers that may wait: a blocking connection to the server that holds a slot. Asks the
 * Sentinels, or for the cluster's map, when it does not know, and never longer than its timeout for
 * one question.
 */

#include "service/store/sentinel.h"
#include "service/store/slots.h"
#include "service/store/wire.h"

struct sync_route;

/* Copies where. 0 or -ENOMEM. */
int sync_route_new(struct sync_route **ret, const struct store_where *where, int64_t timeout_ms);
struct sync_route *sync_route_free(struct sync_route *route);

const struct store_where *sync_route_where(const struct sync_route *route);
/* An open connection to the slot's server; NULL: none now (sync_route_error says why). */
struct wire *sync_route_wire(struct sync_route *route, unsigned slot);
/* One at that address (ASK); NULL: none now. */
struct wire *sync_route_at(struct sync_route *route, const struct store_host *host);
/* MOVED. */
void sync_route_moved(struct sync_route *route, unsigned slot, const struct store_host *host);
/* What was known is no longer to be trusted: asks again before the next call. */
void sync_route_forget(struct sync_route *route);

/* How many servers hold data: 1, or the cluster's primaries; 0: not known now. */
size_t sync_route_servers(struct sync_route *route);
/* An open connection to the i-th of them. */
struct wire *sync_route_server(struct sync_route *route, size_t i);

const char *sync_route_error(const struct sync_route *route);

#endif
