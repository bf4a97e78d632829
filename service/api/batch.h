/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_BATCH_H
#define RAPPORTEUR_SERVICE_API_BATCH_H

/*
 * POST /v1/reports with application/x-ndjson: one report a line, at most 1000, each its own result
 * line in the order of the input, the answer 200 whatever they say:
 *     {"line":1,"status":202,"report":"rpt_...","case":"cas_...",...}
 *     {"line":2,"status":422,"code":"FIELD_MISSING","detail":"...","errors":[...]}
 * The retry key of line n is the request's Idempotency-Key, '#' and n. Blank lines count as lines
 * and get no result. Rules that ask for `history` see the lines that were stored before, whichever group they were in.
 */

struct exchange;

void batch_create(struct exchange *ex);

#endif
