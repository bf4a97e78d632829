/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RIGHTS_ORDERS_H
#define RAPPORTEUR_LIB_RIGHTS_ORDERS_H

/*
 * Orders of authorities: are they complete, and how much time is left. An order binds, has a form,
 * a clock and an appeal; a referral is a report like any other. Nothing here reads a clock.
 *
 * order_check looks at the `order` object of a report. Members by kind (all required unless in []):
 *   tco_removal_order  reference country authority legal_basis reasons type urls issued_at
 * addressee contact signature redress [non_disclosure]                (TCO 3(4), Annex I) gov_order
 * court_order   authority legal_basis reasons urls redress territory language [reference] [country]
 * [inform_authority]                             (DSA 9(2)(a)) `urls` is an array of 1 to 64
 * http(s) addresses; `type` an array of the letters a to e of TCO 2(7); `issued_at` RFC 3339; the
 * rest are texts of at most 2000 bytes; `territory` "global" or countries. What is missing is named
 * in ONE fault ORDER_INCOMPLETE at the order, with every element; what is ill-formed has its own
 * FIELD_ code.
 *
 * state_actor_check looks at the block of a body exercising public power:
 *   country authority power [unit court legal_basis alleged provision received_at disclosure]
 * power: order request referral trusted_flagger; alleged: law terms both; disclosure: "allowed" or
 * {prohibited_until, legal_ref}. ORIGIN_STATE_REQUIRED when the kind needs it and it is absent or
 * without country, authority or power; ORDER_INCOMPLETE when power is order but legal_basis is not
 * named, or the kind is an order and the power another.
 *
 * Sources: Regulation (EU) 2021/784 arts 3, 4, 6, 10, 11, Annexes I-III; Regulation (EU) 2022/2065
 * art. 9(2). What a lawyer should look at again is in record.md.
 */

#include "lib/base/fault.h"
#include "lib/rights/taxonomy.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { ORDER_MAX_URLS = 64, ORDER_MAX_TEXT = 2000 };

/* `at` is the pointer of the value, such as "/order"; NULL order: all elements are missing. 0 or
 * FAULT. */
int order_check(const json_t *order, enum origin_kind kind, const char *at,
                struct faults *faults) NODISCARD;

/* `police` says that a trusted flagger exercises public power (DSA recital 61). 0 or FAULT. */
int state_actor_check(const json_t *block, enum origin_kind kind, bool police, const char *at,
                      struct faults *faults) NODISCARD;

/* Times in ms; 0: has not happened. */
struct order_times {
    int64_t received_ms;
    int64_t paused_ms;  /* Annex III sent: impossible, or unclear */
    int64_t resumed_ms; /* clarification came, or it became possible */
    int64_t effect_ms;  /* the partner reported the effect */
};

enum order_state {
    ORDER_RUNNING,
    ORDER_PAUSED,
    ORDER_OVERDUE,
    ORDER_DONE_IN_TIME,
    ORDER_DONE_LATE,
    ORDER_STATE_COUNT
};
extern const char *const order_state_words[ORDER_STATE_COUNT];

/* When the order must have taken effect: one hour after receipt, or after the clarification. 0
 * while paused: no clock runs then. TCO 3(3), (7), (8). */
int64_t order_due(const struct order_times *times);
/* Effect exactly at the due time is in time. An effect during a pause is in time. */
enum order_state order_state(const struct order_times *times, int64_t now_ms);

/* The first order ever to a host comes at least 12 h after the authority informed it, unless it is
 * an emergency (TCO 3(2)). informed_ms 0: it did not. */
bool order_first_contact_kept(int64_t informed_ms, int64_t received_ms, bool emergency);
/* Until when the host or the user may ask for scrutiny (48 h), and the authority answers it (72 h
 * after the request). TCO 4. */
int64_t order_scrutiny_until(int64_t received_ms);
int64_t order_scrutiny_answer_until(int64_t requested_ms);

/* Annex II (done) or Annex III (paused, refused) as a document to send to the authority; for any other order what
 * effect was given and when (DSA 9(1)), as form dsa/article-9: form,
 * reference, received_at, and measure with effect_at, or ground with explanation and paused_at.
 * `order` is the order object; measure, ground and explanation are words of the record. New
 * reference in *ret; 0 or -ENOMEM. */
struct order_feedback {
    const json_t *order;
    bool removal_order;               /* of TCO; else of DSA */
    struct order_times times;
    const char *measure;              /* Annex II: removed or disabled */
    const char *ground, *explanation; /* Annex III */
    const char *host;
};
int order_feedback_json(json_t **ret, const struct order_feedback *feedback) NODISCARD;

#endif
