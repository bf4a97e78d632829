/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_HTTP_AUTH_H
#define RAPPORTEUR_SERVICE_HTTP_AUTH_H

/*
 * The header `Authorization: Bearer rap_<role>_<id>_<secret>` taken apart (RFC 6750). Whether such
 * a key exists is not known here.
 *     r = auth_bearer_split(http_request_header(request, "authorization"), &key, &why);
 *     if (r == FAULT) exchange_problem_fault(ex, 401, &why)
 * role: lower-case letters, 1 to 16. id: letters, digits and '-', 1 to 64. secret: 43 to 128
 * letters, digits, '-' and '_' (256 bits are 43 characters of base64url or 64 of hex).
 */

#include "lib/base/fault.h"
#include "lib/base/span.h"

struct auth_key {
    struct span role, id, secret; /* parts of the header's value */
    struct span whole;            /* "rap_..." */
};

/* The faults' sentences never repeat any of the value. 0, or FAULT: AUTH_MISSING (ptr NULL or
 * empty), AUTH_SCHEME (not Bearer), AUTH_FORMAT (not such a key). */
int auth_bearer_split(struct span header, struct auth_key *ret, struct fault *why);

/* The key alone, as a command line or a file has it: 0 or FAULT AUTH_FORMAT. */
int auth_key_split(struct span text, struct auth_key *ret, struct fault *why);

#endif
