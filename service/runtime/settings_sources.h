/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_RUNTIME_SETTINGS_SOURCES_H
#define RAPPORTEUR_SERVICE_RUNTIME_SETTINGS_SOURCES_H

/* The part of settings.h that is a list of records: `lists`, where signal lists come from. */

#include "lib/json/field.h"
#include "service/runtime/settings.h"

/* An absolute heap path: `path` itself, or below `dir`; "" stays "". NULL without memory. */
char *settings_path(const char *dir, struct span path);

/* Reads the member `lists` of the root into settings->sources. Faults go to the root's list. */
int settings_read_sources(struct settings *settings, struct fields *root, const char *dir);
/* As YAML that reads back. */
void settings_print_sources(const struct settings *settings, struct buf *out);
/* A size such as 256KiB, 64MiB, 1GiB, or a number of bytes (settings.c). */
bool settings_read_bytes(struct span text, int64_t *ret);
void settings_free_sources(struct settings *settings);

#endif
