/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_AOF_TAIL_H
#define RAPPORTEUR_SERVICE_STORE_AOF_TAIL_H

/*
 * The end of Redis's append-only file after a crash. What one function did stands there between MULTI
 * and EXEC; a crash can leave the last of these unfinished. Redis 7.0 cuts such a tail when it loads
 * it, but where the tear is inside a command it cuts behind the last whole command, so MULTI and half
 * of the transaction stay in the file; new ones are appended, and the NEXT start runs that half with
 * them: a report without its entry, or an index without one. Seen in 2 of 60 kills under load. So
 * before each start of the embedded server the file is cut before that MULTI.
 */

#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <stdint.h>

enum aof_end {
    AOF_WHOLE,      /* ends after a command outside of MULTI, or after EXEC */
    AOF_TORN,       /* ends in the middle of one, or in zeros: *ret_valid bytes are good */
    AOF_BAD         /* wrong in the middle: *ret_valid is where; nothing to cut */
};

/* Reads commands of the Redis protocol, and `#` lines. */
enum aof_end aof_scan(struct span bytes, size_t *ret_valid);

/* The newest incremental file that <folder>/appendonlydir's manifest names, without its torn end.
 * 0 and *ret_cut, the bytes cut (0: nothing was torn, or there is no file yet); -errno; FAULT
 * STORE_AOF: place file and offset, nothing was changed. */
int aof_repair(const char *folder, uint64_t *ret_cut, struct fault *why);

#endif
