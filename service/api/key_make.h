/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_KEY_MAKE_H
#define RAPPORTEUR_SERVICE_API_KEY_MAKE_H

/* A new API key, "rap_<role>_<id>_<secret>": 256 random bits, kept as SHA-256 only. For the API and the
 * command line alike. */

#include "lib/audit/commit.h"
#include "lib/base/codec.h"
#include "lib/base/digest.h"
#include "service/store/ops.h"

#include <stdbool.h>

struct key_made {
    char id[17];
    char role[17];
    char text[128];                         /* the whole key: shown once */
    uint8_t secret_sha256[SHA256_LEN];
    uint8_t pseudonym_key[PSEUDONYM_KEY_LEN];
};

void key_make(struct key_made *ret, const char *role);
/* 1 to STORE_NAME_MAX of letters, digits and . _ @ - */
bool key_name_good(struct span name);
/* The store's arguments but for the entry; borrows from `made` and `name`. */
struct store_key_put_args key_put_args(const struct key_made *made, struct span name, int64_t expires_ms,
                                       int64_t max_live, int64_t now_ms);

#endif
