/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_KEPT_H
#define RAPPORTEUR_SERVICE_SYNC_KEPT_H

/* The last good body of each list that is fetched, below <state>/lists under the digest of its URL: for
 * a start without a network. Blocking. */

#include "lib/base/buf.h"
#include "lib/base/fault.h"

/* 0 or FAULT. */
int kept_write(const char *state_dir, const char *url, struct span body, struct fault *why) NODISCARD;
/* NULL where there is none, or none of at most max_bytes. */
struct buf *kept_read(const char *state_dir, const char *url, size_t max_bytes);

#endif
