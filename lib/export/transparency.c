/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/export/transparency.h"

#include "lib/base/clock.h"
#include "lib/export/transparency_data.h"
#include "lib/json/field.h"

#include <errno.h>
#include <stdlib.h>

const char *const official_languages[24] = {"bg", "cs", "da", "de", "el", "en", "es", "et",
                                            "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv",
                                            "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv"};

void *pool_add(struct pool *pool, size_t item_bytes)
{
    if (pool->count == pool->cap) {
        size_t cap = pool->cap ? pool->cap + pool->cap / 2 : 256;
        void *wider = cap > SIZE_MAX / item_bytes ? NULL : realloc(pool->items, cap * item_bytes);

        if (!wider) {
            return NULL;
        }
        pool->items = wider;
        pool->cap = cap;
    }
    memset((char *)pool->items + pool->count * item_bytes, 0, item_bytes);
    return (char *)pool->items + pool->count++ * item_bytes;
}

bool in_period(const struct transparency *t, int64_t ms)
{
    return ms >= t->options.from_ms && ms < t->options.to_ms;
}

struct transparency *transparency_free(struct transparency *t)
{
    if (t) {
        struct idmap *const maps[] = {t->cases, t->decisions, t->appeals,
                                      t->tags,  t->states,    t->partners};
        struct pool *const pools[] = {&t->case_pool,   &t->decision_pool, &t->appeal_pool,
                                      &t->tag_pool,    &t->state_pool,    &t->notice_pool,
                                      &t->sample_pool, &t->link_pool};

        for (size_t i = 0; i < COUNT_OF(maps); i++) {
            (void)idmap_free(maps[i]);
        }
        for (size_t i = 0; i < COUNT_OF(pools); i++) {
            free(pools[i]->items);
        }
        free(t);
    }
    return NULL;
}

struct transparency *transparency_new(const struct transparency_options *options)
{
    CLEANUP(transparency_freep) struct transparency *t = calloc(1, sizeof(*t));

    if (!t) {
        return NULL;
    }
    t->options = *options;
    t->cases = idmap_new(TRANSPARENCY_MAX_IDS);
    t->decisions = idmap_new(TRANSPARENCY_MAX_IDS);
    t->appeals = idmap_new(TRANSPARENCY_MAX_IDS);
    t->tags = idmap_new(1 << 16);
    t->states = idmap_new(1 << 12);
    t->partners = idmap_new(1 << 16);
    if (!t->cases || !t->decisions || !t->appeals || !t->tags || !t->states || !t->partners) {
        return NULL;
    }
    return TAKE(t);
}

static int compare_ms(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return left < right ? -1 : left > right;
}

double sample_median(const struct transparency *t, enum sample_kind kind, uint8_t first,
                     uint8_t end, int country)
{
    const struct sample *samples = t->sample_pool.items;
    int64_t *values = malloc(t->sample_pool.count * sizeof(*values) + 1);
    size_t count = 0;
    double median = -1;

    if (!values) {
        return -1;
    }
    for (size_t i = 0; i < t->sample_pool.count; i++) {
        if (samples[i].kind == kind && samples[i].leaf >= first && samples[i].leaf < end &&
            (country < 0 || samples[i].country == country)) {
            values[count++] = samples[i].ms;
        }
    }
    if (count > 0) {
        qsort(values, count, sizeof(*values), compare_ms);
        median = ((double)values[(count - 1) / 2] + (double)values[count / 2]) / 2 / 3600000.0;
    }
    free(values);
    return median;
}

struct case_data *case_of(struct transparency *t, const json_t *entry, uint32_t *ret_index,
                          int *ret_r)
{
    struct case_data *data;
    uint32_t index = 0;
    int r = idmap_put(t->cases, json_span(json_object_get(entry, "case")), &index);

    *ret_r = r == IDMAP_FULL ? FAULT : r < 0 ? r : 0;
    if (*ret_r) {
        return NULL;
    }
    if (r == IDMAP_NEW) {
        data = pool_add(&t->case_pool, sizeof(*data));
        if (!data) {
            *ret_r = -ENOMEM;
            return NULL;
        }
        data->notice = -1;
        data->state = -1;
        data->country = COUNTRY_NONE;
    }
    if (ret_index) {
        *ret_index = index;
    }
    return (struct case_data *)t->case_pool.items + index;
}

int transparency_add(struct transparency *t, const json_t *entry, struct fault *why)
{
    static const struct {
        const char *type;
        int (*add)(struct transparency *t, const struct entry_at *at);
    } adders[] = {{"report", add_report}, {"decision", add_decision}, {"second", add_second},
                  {"effect", add_effect}, {"appeal", add_appeal},     {"key", add_key}};
    struct entry_at at = {.entry = entry, .why = why};
    struct span type = json_span(json_object_get(entry, "type"));

    if (!clock_read(json_span(json_object_get(entry, "at")), &at.ms)) {
        return fault_set(why, "TRANSPARENCY_ENTRY", "/at", "an entry has its time");
    }
    for (size_t i = 0; i < COUNT_OF(adders); i++) {
        if (span_is(type, adders[i].type)) {
            return adders[i].add(t, &at);
        }
    }
    return 0;
}
