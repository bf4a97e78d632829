/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_SCRIPT_H
#define RAPPORTEUR_SERVICE_STORE_SCRIPT_H

/*
 * The function library: functions/common.lua and all others, one text made by embed.c at build time.
 * Library and functions carry the first 8 hex digits of the text's SHA-256 in their names
 * (rapporteur_1a2b3c4d, rap_submit_1a2b3c4d), so that two versions of the service can run on one
 * Redis during an upgrade, and a changed text is another library, never a silent difference.
 */

#include "lib/base/buf.h"
#include "lib/base/span.h"

#include <stddef.h>

enum { SCRIPT_VERSION_LEN = 8, SCRIPT_NAME_MAX = 64 };

extern const char store_functions[];
extern const size_t store_functions_len;

/* 8 hex digits. */
void script_version(char into[SCRIPT_VERSION_LEN + 1]);
/* "rap_<operation>_<version>". */
void script_function(char into[SCRIPT_NAME_MAX], const char *operation);
/* The text for FUNCTION LOAD, appended; 0, BUF_FULL or -ENOMEM. */
int script_library(struct buf *out);

#endif
