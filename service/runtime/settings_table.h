/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_RUNTIME_SETTINGS_TABLE_H
#define RAPPORTEUR_SERVICE_RUNTIME_SETTINGS_TABLE_H

/* The one table behind settings.h: reading, printing, the reference page and the tests walk it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type {
    SETTING_TEXT,               /* char * */
    SETTING_PATH,               /* char *, made absolute */
    SETTING_COUNT,              /* int64_t */
    SETTING_BYTES,              /* int64_t; written 256KiB, 64MiB, 1GiB or a number */
    SETTING_DURATION,           /* int64_t ms; written 250ms, 30s, 5m, 4h, 2d */
    SETTING_LEVEL,              /* int: index of log_level_words */
    SETTING_ADDRESSES,          /* char *[SETTINGS_MAX_ADDRESSES] and a count behind it */
};

struct setting {
    const char *group, *name;   /* "http", "listen": a key of the mapping `http` */
    enum setting_type type;
    size_t offset;              /* in struct settings */
    int64_t min, max;           /* of numbers; of text: length */
    const char *initial;        /* default, as it is written in the file */
    bool reloadable;            /* SIGHUP takes it over */
    const char *meaning;
};

extern const struct setting setting_table[];
extern const size_t setting_count;

#endif
