/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/orders.h"

#include "lib/base/attr.h"
#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "lib/rights/deadline.h"
#include "lib/rights/territory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *const order_state_words[ORDER_STATE_COUNT] = {"running", "paused", "overdue",
                                                          "done_in_time", "done_late"};

enum element_type {
    ELEMENT_TEXT,
    ELEMENT_URLS,
    ELEMENT_TYPES,
    ELEMENT_TIME,
    ELEMENT_COUNTRY,
    ELEMENT_TERRITORY
};

struct element {
    const char *name;
    enum element_type type;
    bool tco, dsa; /* required for it */
};

static const struct element elements[] = {
    {"reference", ELEMENT_TEXT, true, false},
    {"country", ELEMENT_COUNTRY, true, false},
    {"authority", ELEMENT_TEXT, true, true},
    {"legal_basis", ELEMENT_TEXT, true, true},
    {"reasons", ELEMENT_TEXT, true, true},
    {"type", ELEMENT_TYPES, true, false},
    {"urls", ELEMENT_URLS, true, true},
    {"issued_at", ELEMENT_TIME, true, false},
    {"addressee", ELEMENT_TEXT, true, false},
    {"contact", ELEMENT_TEXT, true, false},
    {"signature", ELEMENT_TEXT, true, false},
    {"redress", ELEMENT_TEXT, true, true},
    {"territory", ELEMENT_TERRITORY, false, true},
    {"language", ELEMENT_TEXT, false, true},
    {"inform_authority", ELEMENT_TEXT, false, false},
    {"non_disclosure", ELEMENT_TEXT, false, false},
};

static bool is_blank(const json_t *value)
{
    return !value || json_is_null(value) ||
           (json_is_string(value) && span_trim(json_span(value)).len == 0) ||
           (json_is_array(value) && json_array_size(value) == 0);
}

static void check_urls(struct fields *at, const char *name)
{
    json_t *array = NULL;
    struct span url;

    if (!field_array(at, name, REQUIRED, ORDER_MAX_URLS, &array)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (field_element_string(at, name, array, i, 8, 2048, &url) &&
            !span_starts(url, "https://") && !span_starts(url, "http://")) {
            (void)field_fault(at, name, "URL_FORM", "element %zu is no absolute http(s) address",
                              i);
        }
    }
}

static void check_types(struct fields *at, const char *name)
{
    static const char *const letters[] = {"a", "b", "c", "d", "e"};
    json_t *array = NULL;
    int word;

    if (!field_array(at, name, REQUIRED, COUNT_OF(letters), &array)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        (void)field_element_word(at, name, array, i, letters, COUNT_OF(letters), &word);
    }
}

static void check_territory(struct fields *at, const char *name)
{
    const json_t *value = json_object_get(at->object, name);
    bool good = span_is(json_span(value), "global") || json_array_size(value) > 0;

    for (size_t i = 0; i < json_array_size(value); i++) {
        good = good && territory_is_country(json_span(json_array_get(value, i)));
    }
    if (!good) {
        (void)field_fault(at, name, "COUNTRY_FORM",
                          "\"global\" or an array of countries of ISO 3166-1");
    }
}

static void check_element(struct fields *at, const struct element *element)
{
    struct span text;
    int64_t ms;

    switch (element->type) {
    case ELEMENT_TEXT:
        (void)field_string(at, element->name, REQUIRED, 1, ORDER_MAX_TEXT, &text);
        return;
    case ELEMENT_URLS:
        check_urls(at, element->name);
        return;
    case ELEMENT_TYPES:
        check_types(at, element->name);
        return;
    case ELEMENT_TIME:
        (void)field_time(at, element->name, REQUIRED, &ms);
        return;
    case ELEMENT_COUNTRY:
        if (field_string(at, element->name, REQUIRED, 2, 2, &text) && !territory_is_country(text)) {
            (void)field_fault(at, element->name, "COUNTRY_FORM", "a country of ISO 3166-1");
        }
        return;
    case ELEMENT_TERRITORY:
        check_territory(at, element->name);
        return;
    }
}

int order_check(const json_t *order, enum origin_kind kind, const char *at, struct faults *faults)
{
    bool tco = kind == ORIGIN_TCO_REMOVAL_ORDER;
    const char *names[COUNT_OF(elements)];
    char missing[FAULT_TEXT_MAX - 80];
    size_t before = faults->count, len = 0;
    struct fields fields;

    if (order && !fields_open(&fields, (json_t *)(uintptr_t)order, at, faults)) {
        return FAULT;
    }
    missing[0] = '\0';
    for (size_t i = 0; i < COUNT_OF(elements); i++) {
        const json_t *value = json_object_get(order, elements[i].name);

        names[i] = elements[i].name;
        if (is_blank(value) && (tco ? elements[i].tco : elements[i].dsa)) {
            if (len < sizeof(missing)) {
                len += (size_t)snprintf(missing + len, sizeof(missing) - len, "%s%s", len ? ", " : "",
                                        elements[i].name);
            }
        } else if (value && !json_is_null(value)) {
            check_element(&fields, &elements[i]);       /* an optional element that is there is not empty */
        }
    }
    if (order) {
        fields_known(&fields, names, COUNT_OF(names));
    }
    if (len > 0) {
        (void)faults_add(faults, "ORDER_INCOMPLETE", at, "missing: %s (%s)", missing,
                         tco ? "TCO 3(4), Annex I" : "DSA 9(2)(a)");
    }
    return faults->count > before ? FAULT : 0;
}

static void check_disclosure(struct fields *at)
{
    static const char *const names[] = {"prohibited_until", "legal_ref"};
    const json_t *value = json_object_get(at->object, "disclosure");
    struct fields inside;
    struct span text;
    int64_t ms;

    if (!value || json_is_null(value) || span_is(json_span(value), "allowed")) {
        return;
    }
    if (field_object(at, "disclosure", REQUIRED, &inside)) {
        fields_known(&inside, names, COUNT_OF(names));
        (void)field_time(&inside, "prohibited_until", REQUIRED, &ms);
        (void)field_string(&inside, "legal_ref", REQUIRED, 1, 200, &text);
    }
}

static void check_block(struct fields *at, enum origin_kind kind)
{
    static const char *const names[] = {"country",     "authority",   "unit",    "power",
                                        "court",       "legal_basis", "alleged", "provision",
                                        "received_at", "disclosure"};
    static const char *const powers[] = {"order", "request", "referral", "trusted_flagger"};
    static const char *const alleged[] = {"law", "terms", "both"};
    struct span country, text;
    int power = -1, word;
    int64_t ms;
    bool court;

    fields_known(at, names, COUNT_OF(names));
    if (field_string(at, "country", OPTIONAL, 2, 2, &country) && !territory_is_country(country) &&
        !span_is(country, "EU")) {
        (void)field_fault(at, "country", "COUNTRY_FORM",
                          "a country of ISO 3166-1, or EU for a body of the Union");
    }
    (void)field_string(at, "authority", OPTIONAL, 1, 200, &text);
    (void)field_string(at, "unit", OPTIONAL, 1, 200, &text);
    (void)field_word(at, "power", OPTIONAL, powers, COUNT_OF(powers), &power);
    (void)field_bool(at, "court", OPTIONAL, &court);
    (void)field_string(at, "legal_basis", OPTIONAL, 1, 500, &text);
    (void)field_word(at, "alleged", OPTIONAL, alleged, COUNT_OF(alleged), &word);
    (void)field_string(at, "provision", OPTIONAL, 1, 500, &text);
    (void)field_time(at, "received_at", OPTIONAL, &ms);
    check_disclosure(at);
    if (power == 0 && is_blank(json_object_get(at->object, "legal_basis"))) {
        (void)field_fault(at, "legal_basis", "ORDER_INCOMPLETE",
                          "missing: legal_basis; without it this is a referral (DSA 9(2)(a))");
    }
    if (origin_is_order(kind) && power > 0) {
        (void)field_fault(at, "power", "ORDER_INCOMPLETE", "%s is an order, its power is not %s",
                          origin_words[kind], powers[power]);
    }
}

int state_actor_check(const json_t *block, enum origin_kind kind, bool police, const char *at,
                      struct faults *faults)
{
    static const char *const needed[] = {"country", "authority", "power"};
    bool wanted = origin_is_state(kind) || (kind == ORIGIN_TRUSTED_FLAGGER && police);
    size_t before = faults->count;
    struct fields fields;

    if (!block || json_is_null(block)) {
        return wanted
                   ? faults_add(
                         faults, "ORIGIN_STATE_REQUIRED", at,
                         "%s comes from a body of public power: name country, authority and power",
                         origin_words[kind])
                   : 0;
    }
    if (!fields_open(&fields, (json_t *)(uintptr_t)block, at, faults)) {
        return FAULT;
    }
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        if (is_blank(json_object_get(block, needed[i]))) {
            (void)field_fault(&fields, needed[i], "ORIGIN_STATE_REQUIRED", "the block names its %s",
                              needed[i]);
        }
    }
    check_block(&fields, kind);
    return faults->count > before ? FAULT : 0;
}

int64_t order_due(const struct order_times *times)
{
    if (times->paused_ms && !times->resumed_ms) {
        return 0;
    }
    return (times->paused_ms ? times->resumed_ms : times->received_ms) + HOUR_MS;
}

enum order_state order_state(const struct order_times *times, int64_t now_ms)
{
    int64_t due = order_due(times);

    if (times->effect_ms) {
        return due == 0 || times->effect_ms <= due ? ORDER_DONE_IN_TIME : ORDER_DONE_LATE;
    }
    if (due == 0) {
        return ORDER_PAUSED;
    }
    return now_ms > due ? ORDER_OVERDUE : ORDER_RUNNING;
}

bool order_first_contact_kept(int64_t informed_ms, int64_t received_ms, bool emergency)
{
    return emergency || (informed_ms != 0 && received_ms - informed_ms >= 12 * HOUR_MS);
}

int64_t order_scrutiny_until(int64_t received_ms)
{
    return received_ms + 48 * HOUR_MS;
}

int64_t order_scrutiny_answer_until(int64_t requested_ms)
{
    return requested_ms + 72 * HOUR_MS;
}

static int set_time(json_t *into, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_LEN + 1];

    if (ms == 0) {
        return 0;
    }
    clock_text(ms, text);
    return json_object_set_new(into, name, json_string(text));
}

static int set_text(json_t *into, const char *name, const char *text)
{
    return text ? json_object_set_new(into, name, json_string(text)) : 0;
}

int order_feedback_json(json_t **ret, const struct order_feedback *feedback)
{
    static const char *const copied[] = {"reference", "authority", "country"};
    CLEANUP(json_freep) json_t *document = json_object();
    int bad = !document;

    bad |= set_text(document, "form", !feedback->removal_order      ? "dsa/article-9"
                                      : feedback->times.effect_ms ? "tco/annex-ii"
                                                                  : "tco/annex-iii");
    for (size_t i = 0; i < COUNT_OF(copied); i++) {
        json_t *value = json_object_get(feedback->order, copied[i]);

        bad |= value ? json_object_set(document, copied[i], value) : 0;
    }
    bad |= set_text(document, "host", feedback->host);
    bad |= set_time(document, "received_at", feedback->times.received_ms);
    if (feedback->times.effect_ms) {
        bad |= set_text(document, "measure", feedback->measure);
        bad |= set_time(document, "effect_at", feedback->times.effect_ms);
    } else {
        bad |= set_text(document, "ground", feedback->ground);
        bad |= set_text(document, "explanation", feedback->explanation);
        bad |= set_time(document, "paused_at", feedback->times.paused_ms);
    }
    if (bad) {
        return -ENOMEM;
    }
    *ret = TAKE(document);
    return 0;
}
