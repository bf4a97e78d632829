/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_LOOK_H
#define RAPPORTEUR_SERVICE_API_LOOK_H

/*
 * Looks at what is kept apart: content that is only preserved any more, since its case is closed (Regulation (EU)
 * 2021/784 art. 6: for review or investigation, with access on record), and the names of people that a partner gave.
 * Who looks says what for (?purpose=review or investigation), and the look is an entry of the log, type export, before
 * anything is shown.
 *
 * What auditors read of the log is an entry too, one an hour for each person, kind of reading and worker, so that a log
 * that is watched does not grow by being watched. That one never stands in the way of the answer: an auditor reads the
 * log also while the store cannot promise anything.
 */

#include "service/api/api.h"

enum look { LOOK_CONTENT, LOOK_PEOPLE, LOOK_ENTRIES, LOOK_TILES, LOOK_NUMBERS, LOOK_COUNT };
/* content people entries tiles transparency: the entry's format */
extern const char *const look_words[LOOK_COUNT];

/* A reading of this worker that has its entry. */
enum { LOOKS_MAX = 64 };
struct looked {
    char actor[PSEUDONYM_HEX_LEN + 1];
    enum look what;
    int64_t hour; /* since the epoch; 0: a free place */
    bool asked;   /* its entry is on its way */
};

/* The purpose in the query; empty when absent. False when 400 was answered. */
bool look_purpose(struct exchange *ex, struct span *ret);
/* Writes the entry, then answers 200 with `view`, which it takes; NULL: 503. Nothing of it is shown when the entry
 * could not be made durable. `case_id` and `purpose` are copied. */
void look_answer(struct exchange *ex, enum look what, struct span case_id, struct span purpose,
                 json_t *view);
/* Notes that this auditor reads: an entry, unless this hour has it. */
void look_note(struct exchange *ex, enum look what);

#endif
