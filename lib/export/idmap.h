/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_EXPORT_IDMAP_H
#define RAPPORTEUR_LIB_EXPORT_IDMAP_H

/*
 * Texts to small numbers: the first text gets 0, the next 1. Texts are kept by a 64-bit hash (first
 * half of their SHA-256), so a million ids take 24 MiB and two of them meet with a chance of 1 in
 * 36 million. r = idmap_put(map, id, &index);     0 known already, IDMAP_NEW, IDMAP_FULL, -ENOMEM
 */

#include "lib/base/attr.h"
#include "lib/base/span.h"

#include <stdint.h>

enum { IDMAP_NEW = 1, IDMAP_FULL = 2 };

struct idmap;

struct idmap *idmap_new(uint32_t max);
struct idmap *idmap_free(struct idmap *map);
DEFINE_CLEANUP(struct idmap *, idmap_free);

int idmap_put(struct idmap *map, struct span id, uint32_t *ret_index) NODISCARD;
/* -1 when it is not there. */
int64_t idmap_find(const struct idmap *map, struct span id);
uint32_t idmap_count(const struct idmap *map);

#endif
