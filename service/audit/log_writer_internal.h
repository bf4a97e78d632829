/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_LOG_WRITER_INTERNAL_H
#define RAPPORTEUR_SERVICE_AUDIT_LOG_WRITER_INTERNAL_H

/* Shared by log_writer.c (the steps of a batch), log_start.c (opening) and sweep.c. */

#include "service/audit/log_writer.h"
#include "service/audit/state_file.h"

#include <stdbool.h>

struct log_writer {
    char *folder;   /* as given */
    int root, lock; /* descriptors; the lock is held as long as it is open */
    struct note_signer signer;
    struct log_state state; /* as committed */
    struct edge *edge;      /* at state.head.size */
    struct buf staging;     /* of the step in hand */
    bool spread;            /* the files of state are written */
    uint64_t published;
    struct buf checkpoint; /* as published */
    uint64_t swept;        /* full bundles whose partials are gone; UINT64_MAX: not read yet */
};

#endif
