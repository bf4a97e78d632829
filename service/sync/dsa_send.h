/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_DSA_SEND_H
#define RAPPORTEUR_SERVICE_SYNC_DSA_SEND_H

/*
 * Sends statements of reasons to the DSA Transparency Database (or what speaks like it), in batches of at most
 * 100, and never one twice: the puids that were stored are kept in a file, one a line, synced after every batch.
 * A batch is stored whole or not at all. When the answer to one was lost, the database says which puids it has
 * (422, errors.existing_puids): they count as sent, and the rest is sent again. A statement it refuses
 * (errors.statement_N) is left out, named, and the rest sent. 429, 5xx and no answer are tried again, `attempts`
 * times with growing pauses. Blocking: for the command line.
 * Codes: DSA_SEND_ANSWER (an answer that says nothing usable), DSA_SEND_FAILED (attempts used up), DSA_SEND_SENT
 * (the file of what was sent), FILE_*.
 */

#include "lib/base/attr.h"
#include "lib/base/fault.h"

#include <jansson.h>
#include <stdint.h>

struct dsa_send_options {
    const char *endpoint;               /* the whole URL, ending in /api/v1/statements */
    const char *token;                  /* bearer */
    const char *sent_path;              /* made when it is not there */
    int attempts;                       /* of one batch, >= 1 */
    int64_t first_pause_ms, deadline_ms;
    void (*refused)(void *arg, const char *puid, const char *detail);
    void *arg;
};

struct dsa_send_result {
    uint64_t sent, known, refused;      /* known: stored before */
};

/* `statements` is an array. *ret counts what was done also on failure. 0, FAULT or -ENOMEM. */
int dsa_send(struct dsa_send_result *ret, const json_t *statements, const struct dsa_send_options *options,
             struct fault *why) NODISCARD;

#endif
