/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_OPS_RELATED_H
#define RAPPORTEUR_SERVICE_STORE_OPS_RELATED_H

/*
 * Which cases are about the same: an address or exact hash in common (a feature: digest of one spelling), or a picture
 * hash that is near. Kept with each report and erased with it. A call goes to one shard; ask each. Near is the caller's
 * business: the store hands out hashes in the order they came, the newest million of a shard.
 */

#include "lib/base/id.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STORE_FEATURE_LEN = 12, STORE_FEATURES_MAX = 16, STORE_PICTURE_HASH_LEN = 32, STORE_PICTURES_MAX = 4,
       STORE_PICTURE_LEN = STORE_PICTURE_HASH_LEN + ID_LEN,
       STORE_RELATED_FEATURES_MAX = 64, STORE_RELATED_NAMED_MAX = 200, STORE_RELATED_MAX = 4000 };

/* ---- features: of a case's first and newest reports ---- */
struct store_features {
    struct span partner;
    struct span features, pictures;     /* STORE_FEATURE_LEN, STORE_PICTURE_HASH_LEN bytes each */
};

/* ---- related: the newest 50 cases of each feature, and those named whose content is there ---- */
struct store_related_args {
    unsigned shard;
    struct span case_id;                /* left out */
    struct span features;               /* STORE_RELATED_FEATURES_MAX of them at most */
    const struct span *named;           /* ids of this shard */
    size_t named_count;
};
struct store_related_case {
    struct span id, feature;            /* feature: empty where it was named */
    struct span partner, harm, outcome; /* harm, outcome: may be empty */
    int state;                          /* enum case_state */
    int64_t created_ms, closed_ms;
};
struct store_related {
    const struct store_related_case *cases;
    size_t count;
};

/* ---- pictures: from number `from` on, up to the end of a key; call again until first + count is `total` ---- */
struct store_pictures_args {
    unsigned shard;
    int64_t from;
};
struct store_pictures {
    int64_t first, total;
    struct span bytes;                  /* STORE_PICTURE_LEN each: hash, case id; zeros where it was erased */
};

#endif
