/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_SYNC_TRUSTED_KEY_H
#define RAPPORTEUR_SERVICE_SYNC_TRUSTED_KEY_H

/* The setting lists[].public_key: "<key id>:<base64 of 32 bytes>", whose signature a bundle must carry. */

#include "lib/base/fault.h"
#include "lib/signal/format.h"

/* Borrows the id from text. 0 or FAULT (SETTING_VALUE). */
int trusted_key_read(struct signal_key *ret, const char *text, struct fault *why);

#endif
