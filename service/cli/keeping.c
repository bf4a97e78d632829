/* SPDX-License-Identifier: Apache-2.0 */
#include "service/cli/keeping.h"

#include "lib/audit/entry.h"
#include "lib/base/id.h"
#include "lib/json/field.h"
#include "lib/rights/deadline.h"
#include "lib/rights/taxonomy.h"
#include "service/runtime/log.h"
#include "service/runtime/loop.h"
#include "service/runtime/metrics.h"

#include <stdio.h>
#include <stdlib.h>

struct look {
    char case_id[ID_LEN + 1];
    int64_t version, until_ms, preserved_ms;
    bool asked;
};

struct keeping {
    struct store *store;
    struct look list[STORE_KEEP_DUE_MAX];
    size_t count, at;
    unsigned shard;
    int64_t now_ms, unrestricted_ms, erased_ms;
    bool busy;
};

struct keeping *keeping_new(struct store *store)
{
    struct keeping *keeping = calloc(1, sizeof(*keeping));

    if (keeping) {
        keeping->store = store;
        keeping->erased_ms = loop_now_ms();
    }
    return keeping;
}

struct keeping *keeping_free(struct keeping *keeping)
{
    free(keeping);
    return NULL;
}

int64_t keeping_erased_ms(const struct keeping *keeping)
{
    return keeping->erased_ms;
}

void keeping_rewritten(struct keeping *keeping)
{
    keeping->erased_ms = 0;
}

/* What no longer says what it is stays as long as the longest class. */
static bool is_evidence(struct span outcome)
{
    int word = word_index(outcome_words, OUTCOME_COUNT, outcome);

    return word < 0 || outcome_is_restriction((enum outcome)word) || word == OUTCOME_PRESERVE_EVIDENCE ||
           word == OUTCOME_ESCALATE_THREAT_TO_LIFE || word == OUTCOME_ORDER_EXECUTED;
}

int64_t keeping_until(const struct store_keep_case *found, int64_t unrestricted_ms, int64_t *ret_preserved)
{
    int64_t until;

    if (is_evidence(found->outcome)) {
        until = *ret_preserved = retention_end(RETAIN_SNAPSHOT_RESTRICTED, found->closed_ms, NULL);
    } else {
        *ret_preserved = 0;
        until = found->closed_ms + (found->asked ? 0 : unrestricted_ms);
    }
    return until > found->held_until_ms ? until : found->held_until_ms;
}

static void go_on(struct keeping *keeping);

/* Ends the round; the next tick looks again, at the next shard when this one is done. */
static void rest(struct keeping *keeping, bool done)
{
    if (done && keeping->count < STORE_KEEP_DUE_MAX) {
        keeping->shard = (keeping->shard + 1) % store_shards(keeping->store);
    }
    keeping->busy = false;
}

static void erased(void *arg, enum store_outcome outcome, const struct store_erased *result)
{
    struct keeping *keeping = arg;
    const struct look *look = &keeping->list[keeping->at];

    if (outcome == STORE_BUSY || outcome == STORE_UNKNOWN) {
        rest(keeping, false);
        return;
    }
    if (outcome == STORE_BROKEN) {
        log_error("the content of a case cannot be erased", LOG_STR("case", look->case_id));
    } else if (outcome == STORE_OK) {
        metrics_add(METRIC_ERASED, look->asked, result->left == 0);
        keeping->erased_ms = keeping->erased_ms ? keeping->erased_ms : keeping->now_ms;
    }
    keeping->at += outcome != STORE_OK || result->left == 0;
    go_on(keeping);
}

static void kept(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct keeping *keeping = arg;

    (void)result;
    if (outcome == STORE_BUSY || outcome == STORE_UNKNOWN) {
        rest(keeping, false);
        return;
    }
    if (outcome == STORE_BROKEN) {
        log_error("how long a case is kept could not be stored",
                  LOG_STR("case", keeping->list[keeping->at].case_id));
    }
    keeping->at++;
    go_on(keeping);
}

static bool erase(struct keeping *keeping, const struct look *look)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(ENTRY_MAX_BYTES);
    CLEANUP(entry_freep) struct entry *entry = entry_new(ENTRY_ERASURE, keeping->now_ms);
    struct store_erase_args args = {.now_ms = keeping->now_ms, .case_id = span_of(look->case_id), .actor = SPAN("system")};
    struct fault why;

    entry_text(entry, "subject", span_of(look->case_id));
    entry_text(entry, "ground", look->asked ? SPAN("request") : SPAN("retention"));
    entry_text(entry, "class", look->preserved_ms ? span_of(retention_words[RETAIN_SNAPSHOT_RESTRICTED])
                                                  : span_of(retention_words[RETAIN_SNAPSHOT_UNRESTRICTED]));
    entry_text(entry, "action", SPAN("erase"));
    entry_hole_json(entry, "reports", "reports");
    if (!out || entry_write(entry, out, &why) != 0) {
        return false;
    }
    args.entry = buf_span(out);
    return store_erase(keeping->store, &args, erased, keeping) != NULL;
}

static void go_on(struct keeping *keeping)
{
    const struct look *look = &keeping->list[keeping->at];
    bool sent;

    if (keeping->at == keeping->count) {
        rest(keeping, true);
        return;
    }
    if (look->until_ms <= keeping->now_ms) {
        sent = erase(keeping, look);
    } else {
        struct store_keep_args args = {.now_ms = keeping->now_ms, .case_id = span_of(look->case_id),
                                       .version = look->version, .look_ms = look->until_ms,
                                       .preserved_ms = look->preserved_ms};

        sent = store_keep(keeping->store, &args, kept, keeping) != NULL;
    }
    if (!sent) {
        rest(keeping, false);
    }
}

static void found(void *arg, enum store_outcome outcome, const struct store_keep_due *result)
{
    struct keeping *keeping = arg;

    keeping->at = 0;
    keeping->count = outcome == STORE_OK ? result->count : 0;
    for (size_t i = 0; i < keeping->count; i++) {
        const struct store_keep_case *from = &result->cases[i];
        struct look *look = &keeping->list[i];

        (void)snprintf(look->case_id, sizeof(look->case_id), "%.*s", (int)from->case_id.len, from->case_id.ptr);
        look->version = from->version;
        look->asked = from->asked;
        look->until_ms = keeping_until(from, keeping->unrestricted_ms, &look->preserved_ms);
    }
    if (outcome == STORE_BROKEN) {
        log_error("the cases whose time is over could not be read");
    }
    go_on(keeping);
}

void keeping_tick(struct keeping *keeping, const struct settings *settings)
{
    struct store_keep_due_args args = {.now_ms = loop_now_ms(), .shard = keeping->shard, .limit = STORE_KEEP_DUE_MAX};

    if (keeping->busy) {
        return;
    }
    keeping->now_ms = args.now_ms;
    keeping->unrestricted_ms = settings->retention_unrestricted_ms;
    keeping->busy = store_keep_due(keeping->store, &args, found, keeping) != NULL;
}
