/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_LOOK_H
#define RAPPORTEUR_SERVICE_API_LOOK_H

/*
 * Looks at what is kept apart: content that is only preserved any more, since its case is closed (Regulation (EU)
 * 2021/784 art. 6: for review or investigation, with access on record), and the names of people that a partner gave.
 * Who looks says what for (?purpose=review or investigation), and the look is an entry of the log, type export, before
 * anything is shown.
 */

#include "service/api/api.h"

enum look { LOOK_CONTENT, LOOK_PEOPLE, LOOK_COUNT };
extern const char *const look_words[LOOK_COUNT]; /* "content" "people": the entry's format */

/* The purpose in the query; empty when absent. False when 400 was answered. */
bool look_purpose(struct exchange *ex, struct span *ret);
/* Writes the entry, then answers 200 with `view`, which it takes; NULL: 503. Nothing of it is shown when the entry
 * could not be made durable. `case_id` and `purpose` are copied. */
void look_answer(struct exchange *ex, enum look what, struct span case_id, struct span purpose,
                 json_t *view);

#endif
