/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_EXPORT_TRANSPARENCY_DATA_H
#define RAPPORTEUR_LIB_EXPORT_TRANSPARENCY_DATA_H

/* Inside of transparency: what is kept while the log goes by, and what its files share. */

#include "lib/export/idmap.h"
#include "lib/export/transparency.h"
#include "lib/export/transparency_rows.h"
#include "lib/rights/justification_field.h"
#include "lib/rights/territory.h"

/* The columns of parts 5 and 6, in their order. */
enum measure_column {
    COLUMN_MEASURES,
    COLUMN_AUTOMATED,
    COLUMN_REMOVED,
    COLUMN_DISABLED,
    COLUMN_DEMOTED,
    COLUMN_AGE,
    COLUMN_INTERACTION,
    COLUMN_LABELLED,
    COLUMN_VISIBILITY_OTHER,
    COLUMN_MONEY_SUSPENDED,
    COLUMN_MONEY_TERMINATED,
    COLUMN_MONEY_OTHER,
    COLUMN_SERVICE_SUSPENDED,
    COLUMN_SERVICE_TERMINATED,
    COLUMN_ACCOUNT_SUSPENDED,
    COLUMN_ACCOUNT_TERMINATED,
    COLUMN_COUNT
};

/* Of part 4; the two medians stand between items and law. */
enum notice_column {
    NOTICE_COUNT,
    NOTICE_COUNT_TF,
    NOTICE_ITEMS,
    NOTICE_ITEMS_TF,
    NOTICE_LAW,
    NOTICE_LAW_TF,
    NOTICE_TERMS,
    NOTICE_TERMS_TF,
    NOTICE_COLUMNS
};

enum order_column { ORDER_ACT, ORDER_ITEMS, ORDER_INFORMATION, ORDER_COLUMNS };

/* What a complaint is about: rows of part 7. */
enum complaint_about {
    ABOUT_ANY,
    ABOUT_VISIBILITY,
    ABOUT_SERVICE,
    ABOUT_ACCOUNT,
    ABOUT_MONEY,
    ABOUT_NO_ACTION,
    ABOUT_NO_ACTION_TF,
    ABOUT_COUNT
};
enum complaint_result {
    COMPLAINT_TOTAL,
    COMPLAINT_UPHELD,
    COMPLAINT_PARTIAL,
    COMPLAINT_REVERSED,
    COMPLAINT_OMITTED,
    COMPLAINT_RESULTS
};

enum sample_kind {
    SAMPLE_NOTICE,
    SAMPLE_NOTICE_TF,
    SAMPLE_ORDER_RECEIPT,
    SAMPLE_ORDER_EFFECT,
    SAMPLE_INFO_RECEIPT,
    SAMPLE_INFO_EFFECT,
    SAMPLE_QUICK_FORM,
    SAMPLE_COMPLAINT,
    SAMPLE_KINDS = SAMPLE_COMPLAINT + ABOUT_COUNT
};

struct sample {
    int64_t ms;
    uint8_t kind, leaf, country;
};

enum { COUNTRY_NONE = EU_COUNT, COUNTRY_SLOTS };

enum {
    CASE_NOTICE = 1 << 0,
    CASE_TF = 1 << 1,
    CASE_ORDER = 1 << 2,
    CASE_STATE = 1 << 3,
    CASE_DECIDED = 1 << 4,
    CASE_EFFECT = 1 << 5,
    CASE_AUTOMATED = 1 << 6
};

struct case_data {
    int64_t order_ms;
    int32_t notice; /* newest notice not yet answered, -1: none */
    int32_t state;  /* index into states, -1: none */
    uint8_t flags, leaf, order_leaf, country;
    bool order_act, in_period;
};

struct notice_data {
    int64_t ms;
    int32_t next;
    uint8_t leaf;
    bool tf;
};

enum {
    DECISION_EFFECTIVE = 1 << 0,
    DECISION_REVERSED = 1 << 1,
    DECISION_RESTRICTION = 1 << 2,
    DECISION_AUTOMATED = 1 << 3,
    DECISION_TERRORISM = 1 << 4,
    DECISION_DEFERRED = 1 << 5,
    DECISION_COMPLETED = 1 << 6,
    DECISION_COUNTED = 1 << 7
};

struct decision_data {
    int64_t at_ms;
    uint32_t case_index;
    uint32_t tags; /* first of its tags in the pool */
    uint16_t tag_count;
    uint8_t flags, outcome, harm, ground, about;
    uint8_t lesson; /* LESSON_COUNT: none */
    bool full, first_try, translated, monetary_end;
};

struct appeal_data {
    int64_t at_ms;
    uint32_t decision;
};

/* A rule, list, language or origin: how many restrictions it led to, how many were reversed. */
enum tag_kind { TAG_RULE, TAG_LIST, TAG_LANGUAGE, TAG_ORIGIN, TAG_KINDS };
struct tag_data {
    char name[80];
    enum tag_kind kind;
    uint32_t restrictions, reversed;
};

struct state_data {
    char name[96]; /* country, a slash, authority */
    uint32_t requests, orders, court, actioned, not_actioned, on_law, on_terms;
};

struct exemption_count {
    uint32_t checked, met;
};

/* A growing array: `items` has room for `cap` of them. */
struct pool {
    void *items;
    size_t count, cap;
};

struct transparency {
    struct transparency_options options;
    struct idmap *cases, *decisions, *appeals, *tags, *states, *partners;
    struct pool case_pool, decision_pool, appeal_pool, tag_pool, state_pool, notice_pool,
        sample_pool, link_pool;
    uint32_t measures[2][LEAF_COUNT][COLUMN_COUNT]; /* law, terms */
    uint32_t notices[LEAF_COUNT][NOTICE_COLUMNS];
    uint32_t orders[COUNTRY_SLOTS][LEAF_COUNT][ORDER_COLUMNS];
    uint32_t complaints[ABOUT_COUNT][COMPLAINT_RESULTS];
    uint32_t new_from_complaint;
    uint32_t by_language[2][24];       /* automated, not; official languages */
    uint32_t measures_automated[2][2]; /* all, own initiative: solely automated, not */
    uint32_t notices_processed[2];     /* all, trusted flaggers: by people */
    uint32_t suspended_content, suspended_notices, suspended_complaints;
    struct exemption_count exemptions[EXEMPTION_COUNT];
    uint32_t lessons[LESSON_COUNT];
    struct {
        uint32_t decisions, restrictions, accounts, automated, full, full_first_try, lesser,
            removals, translated_removals, counter_messages, counter_state_funded, seconds,
            seconds_disagree, deferred, deferred_overdue, state_decided, state_rejected,
            orders_executed, orders_refused[4], tco_ordered, tco_measures, tco_complaints,
            tco_reinstated, appeals, reversed, reversed_automated, appeals_automated,
            reinstated_unasked, reports, flags_bots, disclosure_prohibited;
        uint32_t by_origin[ORIGIN_COUNT], by_harm[HARM_COUNT], by_outcome[OUTCOME_COUNT];
    } n;
};

extern const char *const official_languages[24];

/* The new last item, zeroed; NULL without memory. */
void *pool_add(struct pool *pool, size_t item_bytes);

/* True when a moment lies in the period. */
bool in_period(const struct transparency *t, int64_t ms);

/* The median in hours of samples of a kind whose leaf lies in first <= leaf < end, of one country
 * slot or of all (country < 0); negative when there are none. -ENOMEM counts as none. */
double sample_median(const struct transparency *t, enum sample_kind kind, uint8_t first,
                     uint8_t end, int country);

/* One entry of each type (transparency_add.c, transparency_decision.c). */
struct entry_at {
    const json_t *entry;
    int64_t ms;
    struct fault *why;
};
int add_report(struct transparency *t, const struct entry_at *at);
int add_decision(struct transparency *t, const struct entry_at *at);
int add_second(struct transparency *t, const struct entry_at *at);
int add_effect(struct transparency *t, const struct entry_at *at);
int add_appeal(struct transparency *t, const struct entry_at *at);
int add_key(struct transparency *t, const struct entry_at *at);

/* The case of an entry, made when it is new; NULL without memory or past the limit (*ret_r says
 * which). */
struct case_data *case_of(struct transparency *t, const json_t *entry, uint32_t *ret_index,
                          int *ret_r);

#endif
