/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_CASE_FACTS_H
#define RAPPORTEUR_SERVICE_API_CASE_FACTS_H

/*
 * What a stored case says that a decision must heed: the context of the rights check, and the
 * envelope that the server adds to a good record. Read from the bodies and verdicts of its reports.
 */

#include "lib/rights/justification.h"
#include "service/api/api.h"

struct case_facts {
    enum harm category;                 /* of the leading report */
    enum origin_kind origin;            /* of the leading report; an order wins, then a state */
    json_t *state_actor;                /* owned; NULL */
    bool order_open, threat_to_life;
    bool exemptions_claimed[EXEMPTION_COUNT];
    json_t *report_ids, *content_types; /* owned */
    json_t *rule_ids, *list_ids, *list_versions;    /* owned; of the verdict in force */
    enum detection detection;
    char language[4], content_date[11];
    int64_t first_ms;                   /* when the first report came */
};

/* 0 or -ENOMEM. */
int case_facts_read(struct case_facts *ret, const struct store_case *from) NODISCARD;
void case_facts_done(struct case_facts *facts);

/* Fills what the case knows; the caller adds policy, people and times. Borrows from facts. */
void case_facts_context(const struct case_facts *facts, const struct store_case *from,
                        struct justification_context *ret);
/* Borrows from facts and the two ids. */
void case_facts_envelope(const struct case_facts *facts, const char *decision_id, const char *case_id,
                         json_t *origin, struct justification_envelope *ret);
/* {"kind","state_actor"?}; new reference. */
json_t *case_facts_origin(const struct case_facts *facts);

#endif
