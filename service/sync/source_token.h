/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_SOURCE_TOKEN_H
#define RAPPORTEUR_SERVICE_SYNC_SOURCE_TOKEN_H

/* The bearer token of a list source, read anew for each fetch, so that a changed file counts at once. */

#include "service/runtime/settings.h"

/* Heap, to be freed with free(); NULL where the source has none, or it cannot be read (logged). */
char *source_token(const struct list_source *setting);

#endif
