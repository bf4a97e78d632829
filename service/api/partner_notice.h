/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_PARTNER_NOTICE_H
#define RAPPORTEUR_SERVICE_API_PARTNER_NOTICE_H

/*
 * What a partner gets for an effective decision, in GET /v1/notices: what was decided and why, and the
 * texts it owes to its user and to those who reported. No reviewer stands in it.
 */

#include "service/api/api.h"

/* JSON in the exchange's arena; ptr NULL without memory. `record` is the sealed justification. */
struct span partner_notice(struct exchange *ex, const struct store_case *from, const char *decision_id,
                           const json_t *record, const struct policy *policy);

#endif
