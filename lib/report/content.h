/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_REPORT_CONTENT_H
#define RAPPORTEUR_LIB_REPORT_CONTENT_H

/*
 * The `content` member of a report: one piece of content with its text, addresses and hashes. Used
 * by report_read, which documents the codes. Spans borrow from the JSON value.
 */

#include "lib/json/field.h"
#include "lib/report/report.h"

/* A moment no more than this ahead of now is taken: clocks of partners go wrong. */
enum { REPORT_MAX_AHEAD_MS = 24 * 60 * 60 * 1000 };
/* 2^53 - 1: what a reader of doubles still counts exactly. */
#define REPORT_MAX_REACH 9007199254740991LL

/* Reads the member `content` of `report` into *content; mistakes go to the faults of `report`. */
void content_read(struct content *content, struct fields *report, int64_t now_ms);

/* Reads an optional time that must not lie in the future; *ret_ms stays as it is without one. */
void content_read_time(struct fields *at, const char *name, int64_t now_ms, int64_t *ret_ms);

#endif
