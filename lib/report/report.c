/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/report.h"
#include "lib/report/content.h"
#include "lib/rights/orders.h"
#include "lib/rights/territory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const char *const urgency_words[URGENCY_COUNT] = {
    [URGENCY_ROUTINE] = "routine",
    [URGENCY_URGENT] = "urgent",
    [URGENCY_THREAT_TO_LIFE] = "threat_to_life",
};

static void read_what(struct report *report, struct fields *at)
{
    int word;

    if (field_word(at, "category", REQUIRED, harm_words, HARM_COUNT, &word)) {
        report->category = (enum harm)word;
    }
    (void)field_string(at, "reason", OPTIONAL, 0, REPORT_MAX_REASON, &report->reason);
    if (field_word(at, "urgency", OPTIONAL, urgency_words, URGENCY_COUNT, &word)) {
        report->urgency = (enum urgency)word;
    }
}

static void read_exemptions(struct report *report, struct fields *at)
{
    json_t *claimed;

    if (!field_array(at, "exemptions_claimed", OPTIONAL, EXEMPTION_COUNT, &claimed)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(claimed); i++) {
        int word;

        if (field_element_word(at, "exemptions_claimed", claimed, i, exemption_words,
                               EXEMPTION_COUNT, &word)) {
            report->exemptions_claimed[word] = true;
        }
    }
}

static void read_jurisdictions(struct report *report, struct fields *at)
{
    json_t *countries;

    if (!field_array(at, "jurisdictions", OPTIONAL, REPORT_MAX_COUNTRIES, &countries)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(countries); i++) {
        struct span code;

        if (!field_element_string(at, "jurisdictions", countries, i, 0, SIZE_MAX, &code)) {
            continue;
        }
        if (!territory_is_country(code)) {
            char place[FAULT_PLACE_MAX];

            (void)snprintf(place, sizeof(place), "%s/jurisdictions/%zu", at->at, i);
            (void)faults_add(at->faults, "COUNTRY_FORM", place,
                             "must be an ISO 3166-1 country code of two capital letters");
            continue;
        }
        memcpy(report->jurisdictions[report->jurisdiction_count++], code.ptr, 2);
    }
}

static void read_origin(struct report *report, struct fields *at)
{
    static const char *const names[] = {"kind", "good_faith", "reporter", "state_actor"};
    struct fields origin;
    json_t *actor;
    int kind;

    if (!field_object(at, "origin", REQUIRED, &origin)) {
        return;
    }
    fields_known(&origin, names, COUNT_OF(names));
    (void)field_bool(&origin, "good_faith", OPTIONAL, &report->origin.good_faith);
    (void)field_string(&origin, "reporter", OPTIONAL, 1, REPORT_MAX_PERSON, &report->origin.reporter);
    actor = json_object_get(origin.object, "state_actor");
    if (field_word(&origin, "kind", REQUIRED, origin_words, ORIGIN_COUNT, &kind)) {
        report->origin.kind = (enum origin_kind)kind;
        /* Whether a trusted flagger is a police body shows in its block alone: nobody else would
         * know. */
        if (state_actor_check(actor, report->origin.kind, false, "/origin/state_actor",
                              at->faults) == 0 &&
            json_is_object(actor)) {
            report->origin.state_actor = actor;
        }
    }
}

/* An order binds, a referral does not: one may not come in the clothes of the other. */
static void read_order(struct report *report, struct fields *at)
{
    json_t *order = json_object_get(at->object, "order");
    bool binding = origin_is_order(report->origin.kind);

    if (json_is_null(order)) {
        order = NULL;
    }
    if (!order && !binding) {
        return;
    }
    if (order_check(order, binding ? report->origin.kind : ORIGIN_GOV_ORDER, "/order",
                    at->faults) == 0) {
        report->order = order;
        if (!binding) {
            (void)field_fault(at, "order", "FIELD_VALUE",
                              "only origin kinds gov_order, tco_removal_order and "
                              "court_order have an order, not %s",
                              origin_words[report->origin.kind]);
        }
    }
}

static void read_all(struct report *report, struct fields *at, int64_t now_ms)
{
    static const char *const names[] = {"content",       "category",    "reason",
                                        "urgency",       "origin",      "order",
                                        "jurisdictions", "reported_at", "exemptions_claimed"};

    fields_known(at, names, COUNT_OF(names));
    content_read(&report->content, at, now_ms);
    read_what(report, at);
    read_origin(report, at);
    read_order(report, at);
    read_exemptions(report, at);
    read_jurisdictions(report, at);
    content_read_time(at, "reported_at", now_ms, &report->reported_at_ms);
}

int report_read(struct report **ret, json_t *json, int64_t now_ms, struct faults *faults)
{
    CLEANUP(report_freep) struct report *report = NULL;
    size_t before = faults->count + faults->dropped;
    struct fields at;

    if (!fields_open(&at, json, "", faults)) {
        return FAULT;
    }
    report = calloc(1, sizeof(*report));
    if (!report) {
        return -ENOMEM;
    }
    report->json = json_incref(json);
    read_all(report, &at, now_ms);
    if (faults->count + faults->dropped > before) {
        return FAULT;
    }
    *ret = TAKE(report);
    return 0;
}

struct report *report_free(struct report *report)
{
    if (report) {
        json_decref(report->json);
        free(report);
    }
    return NULL;
}
