/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_BUCKET_H
#define RAPPORTEUR_SERVICE_SYNC_BUCKET_H

/*
 * Copies the published audit log into an S3-like store, on a thread of its own, so that anybody may read it there
 * without touching the service. The log's commit point stays the local folder: the bucket is a projection that need
 * not be trusted, is behind by the time a copy takes, and never holds the log up; after an outage it catches up.
 *
 *     <url>/<origin>/vkey, tile/..., checkpoint             the same bytes as the served folder
 *
 * Objects that never change are put with If-None-Match: * and, where one is there already (412, 409), compared; a store
 * that overwrites all the same, as older ones do, is found out by its vkey and asked for each object before; the
 * checkpoint goes last, with If-Match on what was read or put before. A log's objects lie below its origin, so that
 * the next log (rotation) begins beside it. Requests are signed with AWS Signature Version 4 when there is a key id.
 *
 * Codes of `told`, place: the object or file. It is tried again after `every_ms`, later up to a minute:
 *   BUCKET_UNREACHABLE   no connection, no answer in time, 5xx, 429
 *   BUCKET_REFUSED       any other answer: wrong keys (403), no such bucket (404) ...
 *   BUCKET_DIFFERS       an object that never changes is there with other bytes, or another tree of the same size:
 *                        nothing is overwritten; a person has to look
 *   BUCKET_AHEAD         the bucket's checkpoint has more entries than ours: this machine was set back, or two write there
 *   BUCKET_FILE          a file of the log cannot be read
 */

#include "lib/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

struct bucket;

struct bucket_options {
    const char *folder; /* the served log: checkpoint, vkey, tile/ */
    const char *url; /* https://host/bucket or with a prefix; http:// too, for a proxy beside us */
    const char *region;            /* of the signature: "us-east-1" */
    const char *key_id, *secret;   /* key_id empty: requests are not signed */
    const char *ca_file;           /* PEM trusted instead of the system's; empty: the system's */
    int64_t every_ms, deadline_ms; /* between two looks; for one request */
    /* On the thread: copying begins to fail (why), or goes on again (NULL). May be NULL. */
    void (*told)(void *arg, const struct fault *why);
    void *arg;
};

/* Copies the options. 0 or negative errno. */
int bucket_start(struct bucket **ret, const struct bucket_options *options) NODISCARD;
/* Tries once more what is not there yet, for one deadline at most, and ends the thread. NULL is fine. */
struct bucket *bucket_stop(struct bucket *bucket);
/* Entries below the checkpoint that was put last. */
uint64_t bucket_size(const struct bucket *bucket);

#endif
