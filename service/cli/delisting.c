/* SPDX-License-Identifier: Apache-2.0 */
#include "service/cli/delisting.h"

#include "lib/audit/entry.h"
#include "lib/json/field.h"
#include "lib/rights/taxonomy.h"
#include "service/runtime/log.h"
#include "service/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cited_name {
    char text[STORE_CITED_NAME_MAX + 1];
    bool listed;
};

struct delisting {
    struct serving *serving;
    unsigned long generation; /* of the snapshot that was held against all names */
    bool done, busy;
    struct snapshot *snapshot; /* while busy */
    unsigned long asked;       /* its generation */
    unsigned shard;
    struct cited_name names[STORE_CITED_PAGE_MAX];
    size_t count, at;
    int64_t opened, noted; /* of the name at `at` */
    char restrictions[1024];
};

struct delisting *delisting_new(struct serving *serving)
{
    struct delisting *d = calloc(1, sizeof(*d));
    size_t len = 0;

    if (!d) {
        return NULL;
    }
    d->serving = serving;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (outcome_is_restriction((enum outcome)i)) {
            len += (size_t)snprintf(d->restrictions + len, sizeof(d->restrictions) - len, ",%s",
                                    outcome_words[i]);
        }
    }
    (void)snprintf(d->restrictions + len, sizeof(d->restrictions) - len, ",");
    return d;
}

void delisting_free(struct delisting *delisting)
{
    if (delisting) {
        (void)snapshot_unref(delisting->snapshot);
        free(delisting);
    }
}

static void rest(struct delisting *d, bool done)
{
    d->busy = false;
    d->snapshot = snapshot_unref(d->snapshot);
    if (done) {
        d->done = true;
        d->generation = d->asked;
    }
}

/* The list of a name, when it is there and its withdrawals count. */
static const struct list *list_of(const struct delisting *d, const char *name)
{
    const struct match_set *set = snapshot_matches(d->snapshot);
    struct span rest = span_of(name), id = span_cut(&rest, '/');

    for (size_t i = 0; i < match_set_list_count(set); i++) {
        const struct list_head *head = list_head(match_set_list(set, i));

        if (head->reopens && span_equal(head->id, id)) {
            return match_set_list(set, i);
        }
    }
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct cited_name *)a)->text, ((const struct cited_name *)b)->text);
}

/* Marks the names that are still on their lists, or whose list says nothing. */
static void mark_listed(struct delisting *d)
{
    const struct match_set *set = snapshot_matches(d->snapshot);

    for (size_t i = 0; i < d->count; i++) {
        d->names[i].listed = list_of(d, d->names[i].text) == NULL;
    }
    for (size_t i = 0; i < match_set_list_count(set); i++) {
        const struct list *list = match_set_list(set, i);
        struct span id = list_head(list)->id;

        for (size_t k = 0; list_head(list)->reopens && k < list_count(list); k++) {
            struct span entry = list_entry(list, k)->id;
            struct cited_name key, *found;

            (void)snprintf(key.text, sizeof(key.text), "%.*s/%.*s", (int)id.len, id.ptr,
                           (int)entry.len, entry.ptr);
            found = bsearch(&key, d->names, d->count, sizeof(key), by_text);
            if (found) {
                found->listed = true;
            }
        }
    }
}

/* Rules whose condition names the entry: they were built on it, and rest now. */
static void say_rules(const struct delisting *d, const char *name)
{
    const struct rule_set *rules = snapshot_rules(d->snapshot);
    const char *entry = strchr(name, '/') + 1;

    for (size_t i = 0; i < rule_set_count(rules); i++) {
        struct rule_info info = rule_set_rule(rules, i);

        if (info.mode != RULE_OFF && info.when.len &&
            memmem(info.when.ptr, info.when.len, entry, strlen(entry))) {
            log_warn(
                "a rule rests on a signal that was withdrawn and matches nothing by it any more",
                LOG_SPAN("rule", info.id), LOG_STR("signal", name));
        }
    }
}

static void go_on(struct delisting *d);

static void delisted(void *arg, enum store_outcome outcome, const struct store_delisted *result)
{
    struct delisting *d = arg;

    if (outcome != STORE_OK) {
        if (outcome == STORE_BROKEN) {
            log_error("cases that cite a withdrawn signal could not be opened again",
                      LOG_STR("signal", d->names[d->at].text));
        }
        rest(d, outcome == STORE_BROKEN);
        return;
    }
    d->opened += result->opened;
    d->noted += result->noted;
    if (!result->left) {
        log_warn(
            "a signal was withdrawn from its list; restrictions that cite it are looked at again",
            LOG_STR("signal", d->names[d->at].text), LOG_INT("opened", d->opened),
            LOG_INT("noted", d->noted));
        say_rules(d, d->names[d->at].text);
        d->names[d->at].listed = true;
        d->opened = d->noted = 0;
        app_wake(&d->serving->app);
    }
    go_on(d);
}

static bool delist(struct delisting *d, const char *name)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(ENTRY_MAX_BYTES);
    int64_t now = loop_now_ms();
    CLEANUP(entry_freep) struct entry *entry = entry_new(ENTRY_ESCALATION, now);
    struct store_delist_args args = {.now_ms = now,
                                     .deadline_ms = now + DELISTING_LOOK_MS,
                                     .shard = d->shard,
                                     .name = span_of(name),
                                     .limit = STORE_DELIST_MAX,
                                     .restrictions = span_of(d->restrictions)};
    struct fault why;

    entry_hole(entry, "case", "case");
    entry_hole(entry, "to", "queue");
    entry_text(entry, "reviewer", SPAN("system"));
    entry_text(entry, "reason", SPAN("signal_withdrawn"));
    entry_text(entry, "signal", span_of(name));
    if (!out || entry_write(entry, out, &why) != 0) {
        return false;
    }
    args.entry = buf_span(out);
    return store_delist(d->serving->store, &args, delisted, d) != NULL;
}

static void named(void *arg, enum store_outcome outcome, const struct store_cited *result)
{
    struct delisting *d = arg;

    if (outcome != STORE_OK) {
        rest(d, false);
        return;
    }
    d->count = result->count;
    d->at = 0;
    for (size_t i = 0; i < d->count; i++) {
        (void)snprintf(d->names[i].text, sizeof(d->names[i].text), "%.*s",
                       (int)result->names[i].len, result->names[i].ptr);
    }
    mark_listed(d);
    go_on(d);
}

static bool ask(struct delisting *d, const char *after)
{
    struct store_cited_args args = {
        .shard = d->shard, .after = span_of(after), .limit = STORE_CITED_PAGE_MAX};

    return store_cited(d->serving->store, &args, named, d) != NULL;
}

static void go_on(struct delisting *d)
{
    bool sent;

    while (d->at < d->count && d->names[d->at].listed) {
        d->at++;
    }
    if (d->at < d->count) {
        sent = delist(d, d->names[d->at].text);
    } else if (d->count == STORE_CITED_PAGE_MAX) {
        sent = ask(d, d->names[d->count - 1].text);
    } else if (++d->shard < d->serving->app.shards) {
        sent = ask(d, "");
    } else {
        rest(d, true);
        return;
    }
    if (!sent) {
        rest(d, false);
    }
}

void delisting_tick(struct delisting *d)
{
    unsigned long generation = slot_generation(&d->serving->app.snapshot);

    if (d->busy || (d->done && generation == d->generation)) {
        return;
    }
    d->snapshot = slot_take(&d->serving->app.snapshot);
    if (!d->snapshot) {
        return;
    }
    d->asked = generation;
    d->busy = true;
    d->shard = 0;
    d->opened = d->noted = 0;
    if (!ask(d, "")) {
        rest(d, false);
    }
}
