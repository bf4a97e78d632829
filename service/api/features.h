/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_FEATURES_H
#define RAPPORTEUR_SERVICE_API_FEATURES_H

/*
 * What related cases are found by (service/store/ops_related.h): of each address its canonical spelling, of each
 * sha256, sha1 and md5 its value, as the first byte 'u' or 'h' and 11 bytes of SHA-256; each different PDQ hash of at
 * least FEATURES_PDQ_QUALITY as it is. The first STORE_FEATURES_MAX and STORE_PICTURES_MAX of a report.
 */

#include "lib/base/arena.h"
#include "lib/match/match_set.h"
#include "lib/report/report.h"
#include "service/store/ops_delist.h"
#include "service/store/ops_related.h"

enum { FEATURES_PDQ_QUALITY = 50 };

/* The live entries among `hits` of lists whose withdrawals bring cases back, as the store keeps them (ops_delist.h): the
 * first STORE_CITED_MAX. In the arena, or empty. 0 or -ENOMEM. */
int features_cited(struct arena *arena, const struct match_set *set, const struct hits *hits, struct span *ret) NODISCARD;

/* Both in the arena, or empty. 0 or -ENOMEM. */
int features_of(struct arena *arena, const struct content *content, struct span *ret_features,
                struct span *ret_pictures) NODISCARD;

#endif
