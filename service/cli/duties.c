/* SPDX-License-Identifier: Apache-2.0 */
#include "service/cli/duties.h"

#include "lib/audit/entry.h"
#include "service/api/duty.h"
#include "service/runtime/log.h"
#include "service/runtime/metrics.h"
#include "service/store/store.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUND_MS = 1000, DECISIONS_MAX = 100 };

struct duties {
    struct serving *serving;
    unsigned shard;                     /* asked now */
    bool asking;
    int64_t begun_ms, owed, overdue;    /* of this round */
    size_t name_count;
    struct duty_name names[DUTY_NAMES_MAX];
};

struct duties *duties_new(struct serving *serving)
{
    struct duties *duties = calloc(1, sizeof(*duties));

    if (duties) {
        duties->serving = serving;
    }
    return duties;
}

void duties_free(struct duties *duties)
{
    free(duties);
}

static void put_back(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct duties *duties = arg;

    if (outcome == STORE_OK) {
        log_error("the full record of a deferred decision did not come in time; its case goes to the front of its queue",
                  LOG_SPAN("case", result->id));
        app_wake(&duties->serving->app);
    }
}

static void say_overdue(struct duties *duties, struct span decision)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(ENTRY_MAX_BYTES);
    int64_t now = loop_now_ms();
    struct entry *entry = entry_new(ENTRY_ESCALATION, now);
    struct fault why;

    entry_hole(entry, "case", "case");
    entry_hole(entry, "decision", "decision");
    entry_hole(entry, "to", "queue");
    entry_text(entry, "reviewer", SPAN("system"));
    entry_text(entry, "reason", SPAN("full_record_overdue"));
    if (out && entry_write(entry, out, &why) == 0) {
        struct store_overdue_args args = {.now_ms = now, .decision_id = decision, .entry = buf_span(out)};

        (void)store_overdue(duties->serving->store, &args, put_back, duties);   /* else in the next round */
    }
    (void)entry_free(entry);
}

static void end_round(struct duties *duties)
{
    struct duty_state *state = duty_state_new(duties->names, duties->name_count);

    if (state) {
        slot_put(&duties->serving->app.duty, state);
    }
    metrics_set(METRIC_DEFERRED, 0, (uint64_t)duties->owed);
    metrics_set(METRIC_DEFERRED_OVERDUE, 0, (uint64_t)duties->overdue);
    duties->asking = false;
}

static void answered(void *arg, enum store_outcome outcome, const struct store_due *result);

static bool ask(struct duties *duties)
{
    struct store_due_args args = {.now_ms = loop_now_ms(), .shard = duties->shard, .limit = DECISIONS_MAX};

    return store_due(duties->serving->store, &args, answered, duties) != NULL;
}

static void answered(void *arg, enum store_outcome outcome, const struct store_due *result)
{
    struct duties *duties = arg;

    if (outcome != STORE_OK) {
        duties->asking = false;         /* what was known stays until a round is whole */
        return;
    }
    duties->owed += result->owed;
    duties->overdue += result->overdue;
    for (size_t i = 0; i < result->reviewer_count && duties->name_count < DUTY_NAMES_MAX; i++) {
        if (result->reviewers[i].len < sizeof(duties->names[0].text)) {
            (void)snprintf(duties->names[duties->name_count++].text, sizeof(duties->names[0].text), "%.*s",
                           (int)result->reviewers[i].len, result->reviewers[i].ptr);
        }
    }
    for (size_t i = 0; i < result->decision_count; i++) {
        say_overdue(duties, result->decisions[i]);
    }
    if (++duties->shard >= duties->serving->app.shards) {
        end_round(duties);
    } else if (!ask(duties)) {
        duties->asking = false;
    }
}

void duties_tick(struct duties *duties)
{
    int64_t now = loop_steady_ms();

    if (duties->asking || now < duties->begun_ms + ROUND_MS) {
        return;
    }
    duties->begun_ms = now;
    duties->shard = 0;
    duties->owed = duties->overdue = 0;
    duties->name_count = 0;
    duties->asking = ask(duties);
}
