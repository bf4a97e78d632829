/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_PARTNER_NOTICE_H
#define RAPPORTEUR_SERVICE_API_PARTNER_NOTICE_H

/*
 * What a partner gets for an effective decision, in GET /v1/notices: what was decided and why, and the
 * two letters it owes: to its user (for a restriction; Regulation (EU) 2022/2065 art. 17(3)) and to
 * those who reported (art. 16(5)). No reviewer stands in it.
 */

#include "service/api/api.h"

/*
 * A letter that the law holds back (the record's notice.withheld_until) is not in the notice, which says until
 * when; nor is a state actor whose disclosure is prohibited until a date. For each of the two dates `held` gets
 * the letter as it may then be sent: a notice of kind `user_notice`.
 */

/* JSON in the exchange's arena. `record` is the sealed justification. ptr NULL: a letter could not be
 * rendered (*faults says which part is missing), or no memory (no fault). */
struct span partner_notice(struct exchange *ex, const struct store_case *from, const char *decision_id,
                           const json_t *record, const struct policy *policy, struct store_held held[STORE_HELD_MAX],
                           struct faults *faults);

#endif
