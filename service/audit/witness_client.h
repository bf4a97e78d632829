/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_WITNESS_CLIENT_H
#define RAPPORTEUR_SERVICE_AUDIT_WITNESS_CLIENT_H

/*
 * Witnesses asked on a thread of its own, so that the sequencer goes on integrating meanwhile:
 *     r = witness_client_start(&client, &options);
 *     witness_client_offer(client, checkpoint, size);
 *     switch (witness_client_take(client, &answer)) ...          at a later turn
 *     buf_done(&answer.round.note);
 *     client = witness_client_stop(client);
 * One checkpoint at a time. offer, take and wait are for one thread.
 */

#include "service/audit/witness_ask.h"

struct witness_client;

/* options->policy is borrowed until the client is stopped. 0 or negative errno. */
int witness_client_start(struct witness_client **ret, const struct witness_ask_options *options) NODISCARD;
/* Cancels what is under way, joins, frees. */
struct witness_client *witness_client_stop(struct witness_client *client);
DEFINE_CLEANUP(struct witness_client *, witness_client_stop);

/* Only when idle. 0 or -ENOMEM. */
int witness_client_offer(struct witness_client *client, struct span checkpoint, uint64_t size) NODISCARD;

enum witness_taken {
    WITNESS_IDLE = 2, /* nothing was offered */
    WITNESS_BUSY,     /* still asking */
};

struct witness_reply {
    uint64_t size; /* of the checkpoint offered */
    struct witness_round round;
};

/* 0: *ret is the caller's, who ends it with buf_done(&ret->round.note). An outcome, or what
 * witness_ask_round returned: then the client is idle again. */
int witness_client_take(struct witness_client *client, struct witness_reply *ret, struct fault *why) NODISCARD;
/* Waits until it is no longer busy, at most ms. */
void witness_client_wait(struct witness_client *client, int ms);

#endif
