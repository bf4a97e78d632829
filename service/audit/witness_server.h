/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_WITNESS_SERVER_H
#define RAPPORTEUR_SERVICE_AUDIT_WITNESS_SERVER_H

/*
 * A witness over HTTP (C2SP tlog-witness), on one loop:
 *     POST /add-checkpoint                        200 cosignature lines; 400 403 404 409 422
 *     GET  /<hex SHA-256 of the origin>/checkpoint    what it cosigned last; 404
 *     GET  /vkey                                  its public key
 * Nobody needs a key: the log's signature is the authentication. A refusal other than 409 is
 * problem+json with the code of witness_store.h.
 */

#include "lib/base/attr.h"
#include "lib/base/fault.h"

struct loop;
struct witness_server;
struct witness_store;

struct witness_server_options {
    struct loop *loop;           /* borrowed, like the store */
    struct witness_store *store;
    /* The disk failed: the caller must end the process. From the loop. */
    void (*broken)(void *arg, const struct fault *why);
    /* May be NULL. Every answer of add-checkpoint; why is NULL for 200. */
    void (*answered)(void *arg, int status, const char *remote, const struct fault *why);
    void *arg;
};

int witness_server_new(struct witness_server **ret, const struct witness_server_options *options,
                       struct fault *why) NODISCARD;
struct witness_server *witness_server_free(struct witness_server *server);
DEFINE_CLEANUP(struct witness_server *, witness_server_free);

/* Addresses and codes: http_server_listen. */
int witness_server_listen(struct witness_server *server, const char *address, struct fault *why) NODISCARD;
unsigned witness_server_port(const struct witness_server *server);

#endif
