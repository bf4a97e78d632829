/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_ROUTE_CLUSTER_H
#define RAPPORTEUR_SERVICE_STORE_ROUTE_CLUSTER_H

/*
 * The part of route.h that keeps a cluster's map: CLUSTER SLOTS is asked of any server that is
 * connected (the next one after CLUSTER_ANSWER_MS without an answer, at most every CLUSTER_ASK_MIN_MS), first of the seeds, at once
 * when something seems to have changed, else every CLUSTER_ASK_MS.
 */

#include "service/store/route.h"

struct route_cluster;

enum { CLUSTER_ASK_MIN_MS = 50, CLUSTER_ASK_MS = 5000, CLUSTER_ANSWER_MS = 500 };

int route_cluster_new(struct route_cluster **ret, const struct route_options *options);
struct route_cluster *route_cluster_free(struct route_cluster *cluster);

struct node *route_cluster_node(struct route_cluster *cluster, unsigned shard);
void route_cluster_moved(struct route_cluster *cluster, unsigned slot, const struct store_host *host);
void route_cluster_hint(struct route_cluster *cluster);
void route_cluster_state(const struct route_cluster *cluster, struct route_state *state);

#endif
