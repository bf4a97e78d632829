/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_ORDER_VIEW_H
#define RAPPORTEUR_SERVICE_API_ORDER_VIEW_H

/*
 * The order of a case as everybody sees it who may see the case: its clock, the advance information before a
 * first order, the windows for scrutiny, and the document that the authority is due: Annex II once the effect is
 * reported, Annex III while the clock stands (Regulation (EU) 2021/784 arts 3, 4); for other orders what was done and
 * when (Regulation (EU) 2022/2065 art. 9(1)).
 *
 * The clock of a removal order is that of the law; any other order has the deadline that its case was given. It
 * runs from the receipt that the state block names, or from the report.
 */

#include "lib/rights/orders.h"
#include "service/api/api.h"

struct order_facts {
    json_t *body;                       /* of the report that carries the order; owned */
    const json_t *order;                /* borrowed from body */
    enum origin_kind kind;
    struct order_times times;
    struct span measure;                /* as the partner reported it; empty: no effect yet */
};

/* 1 with the order of the case, 0 when it has none (or its reports are erased). */
int order_facts_read(struct order_facts *ret, const struct store_case *from);
void order_facts_done(struct order_facts *facts);

/* New reference; NULL without memory. */
json_t *order_view(const struct order_facts *facts, const struct store_case *from, int64_t now_ms);

#endif
