/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur audit replay: old verdicts computed again from the kept snapshots. */
#include "lib/base/clock.h"
#include "lib/json/read.h"
#include "lib/report/report.h"
#include "service/audit/trail.h"
#include "service/cli/audit.h"
#include "service/runtime/random.h"
#include "service/store/sync.h"
#include "service/sync/snapshot_keep.h"

#include <stdio.h>
#include <stdlib.h>

enum { SAMPLE_MAX = 100000 };

enum replayed { REPLAY_EQUAL, REPLAY_DIFFERS, REPLAY_ERASED, REPLAY_IMPOSSIBLE, REPLAY_OUTCOMES };
static const char *const replayed_words[] = {"equal", "differs", "erased", "impossible"};

struct replay {
    const struct audit_asked *asked;
    struct settings *settings;
    struct store_sync *store;
    struct audit_trail *trail;
    struct snapshot *snapshot;              /* of the verdict before: most share one */
    uint64_t *positions, seen;
    size_t count, room;
    uint64_t outcomes[REPLAY_OUTCOMES];
};

/* ---- which verdicts ---- */

/* Reservoir: each verdict is in the sample with the same chance, in one pass. */
static void take_sample(struct replay *replay, uint64_t position)
{
    uint64_t at = replay->seen++;

    if (at >= replay->asked->sample) {
        random_bytes(&at, sizeof(at));
        at %= replay->seen;
    }
    if (at < replay->asked->sample) {
        replay->positions[at] = position;
        replay->count = replay->seen < replay->asked->sample ? (size_t)replay->seen : (size_t)replay->asked->sample;
    }
}

static int choose(struct replay *replay, struct fault *why)
{
    bool one_case = replay->asked->sample == 0;
    struct entry_filter filter = {.case_id = span_of(replay->asked->name)};

    for (uint64_t i = audit_trail_first(replay->trail); i < audit_trail_end(replay->trail); i++) {
        struct entry_view entry;
        struct span bytes;
        int r = audit_trail_entry(replay->trail, i, &bytes, why);

        r = r ? r : entry_read(&entry, bytes, why);
        if (r) {
            return r;
        }
        if (entry.type != ENTRY_VERDICT || (one_case && !entry_filter_takes(&filter, &entry))) {
            continue;
        }
        if (!one_case) {
            take_sample(replay, i);
        } else if (replay->count < replay->room) {
            replay->positions[replay->count++] = i;
        } else {
            return fault_set(why, "REPLAY_MANY", "", "the case has more than %zu verdicts", replay->room);
        }
    }
    return 0;
}

static int compare_indexes(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* ---- one verdict ---- */

static int impossible(json_t *result, const struct fault *why)
{
    (void)json_object_set_new(result, "code", json_string(why->code));
    (void)json_object_set_new(result, "why", json_string(why->text));
    return REPLAY_IMPOSSIBLE;
}

/* The stored body is the one that the report's entry commits to. */
static bool is_committed(struct replay *replay, const struct store_report *stored)
{
    struct entry_view entry;
    struct span bytes, text;
    uint64_t position;
    struct fault why;
    json_t *commits;
    bool same;

    if (stored->index < 0 || stored->salt.len != COMMIT_KEY_LEN ||
        audit_trail_find(replay->trail, (uint64_t)stored->index, &position) != 0 ||
        audit_trail_entry(replay->trail, position, &bytes, &why) != 0 ||
        entry_read(&entry, bytes, &why) != 0) {
        return false;
    }
    text = entry_value(&entry, "commit");
    commits = text.len ? json_loadb(text.ptr, text.len, 0, NULL) : NULL;
    same = commit_check((const uint8_t *)stored->salt.ptr, SPAN("body"), stored->body,
                        span_of(json_string_value(json_object_get(commits, "body"))));
    json_decref(commits);
    return same;
}

static int load_snapshot(struct replay *replay, struct span digest, struct fault *why)
{
    if (replay->snapshot && span_equal(span_of(snapshot_digest(replay->snapshot)), digest)) {
        return 0;
    }
    replay->snapshot = snapshot_unref(replay->snapshot);
    return snapshot_load(&replay->snapshot, replay->settings->state_dir, digest, why);
}

static int64_t whole(const struct entry_view *entry, const char *name)
{
    struct span text = entry_value(entry, name);
    unsigned long long number;

    return span_to_u64(text, &number) ? (int64_t)number : 0;
}

static int evaluate(struct replay *replay, const struct entry_view *entry, struct span body, json_t *result)
{
    CLEANUP(flag_scratch_freep) struct flag_scratch *scratch = NULL;
    CLEANUP(report_freep) struct report *report = NULL;
    CLEANUP(json_freep) json_t *json = NULL;
    struct flag_history history = {whole(entry, "history_reports"), whole(entry, "history_reporters"), 0};
    const struct verdict *verdict;
    const struct hits *hits;
    static struct faults faults;
    struct fault why = {.code = "NO_MEMORY", .text = "out of memory"};
    json_t *differences;
    int r = load_snapshot(replay, entry_string(entry, "snapshot"), &why);

    (void)clock_read(entry_string(entry, "history_since"), &history.since_ms);
    r = r ? r : json_read(&json, body, &json_read_limits_default, &why);
    faults = (struct faults){0};
    r = r ? r : report_read(&report, json, entry->at_ms, &faults);
    if (r == FAULT && faults.count) {
        why = faults.list[0];
    }
    r = r ? r : flag_scratch_new(&scratch, replay->snapshot);
    r = r ? r : flag_evaluate(scratch, report, &history, entry->at_ms, &verdict, &hits);
    if (r) {
        return impossible(result, &why);
    }
    differences = audit_verdict_differences(entry, verdict, hits);
    r = json_array_size(differences) ? REPLAY_DIFFERS : REPLAY_EQUAL;
    if (r == REPLAY_DIFFERS) {
        (void)json_object_set(result, "differences", differences);
    }
    json_decref(differences);
    return r;
}

static enum replayed replay_one(struct replay *replay, uint64_t position, json_t *result)
{
    CLEANUP(buf_freep) struct buf *kept = buf_new(ENTRY_MAX_BYTES + 1);
    struct entry_view entry;
    struct store_report stored;
    struct span bytes;
    struct fault why = {.code = "NO_MEMORY", .text = "out of memory"};
    enum store_outcome outcome;
    int r = kept ? audit_trail_entry(replay->trail, position, &bytes, &why) : -1;

    /* A copy: the trail goes on to the report's entry meanwhile. */
    r = r ? r : buf_add_span(kept, bytes);
    r = r ? r : entry_read(&entry, buf_span(kept), &why);
    if (r) {
        return (enum replayed)impossible(result, &why);
    }
    (void)json_object_set_new(result, "report", json_stringn(entry_string(&entry, "report").ptr,
                                                             entry_string(&entry, "report").len));
    outcome = store_sync_report_get(replay->store, &(struct store_id_args){.id = entry_string(&entry, "report")}, &stored);
    if (outcome != STORE_OK) {
        (void)fault_set(&why, "REPLAY_REPORT", "", "the report cannot be read: %s", store_outcome_words[outcome]);
        return (enum replayed)impossible(result, &why);
    }
    if (stored.erased || stored.body.len == 0) {
        return REPLAY_ERASED;
    }
    if (!is_committed(replay, &stored)) {
        (void)fault_set(&why, "REPLAY_BODY", "", "the stored body is not the one that the log commits to");
        return (enum replayed)impossible(result, &why);
    }
    return (enum replayed)evaluate(replay, &entry, stored.body, result);
}

/* ---- all ---- */

static void say(const struct replay *replay, uint64_t position, enum replayed outcome, json_t *result)
{
    uint64_t index;
    const struct trail_log *log = audit_trail_place(replay->trail, position, &index);

    (void)json_object_set_new(result, "index", json_integer((json_int_t)index));
    if (audit_trail_count(replay->trail) > 1) {
        (void)json_object_set_new(result, "log", json_string(log->name));
    }
    (void)json_object_set_new(result, "outcome", json_string(replayed_words[outcome]));
    if (outcome != REPLAY_EQUAL || !replay->asked->sample || replay->asked->options.json) {
        (void)json_dumpf(result, stdout, JSON_COMPACT);
        (void)fputc('\n', stdout);
    }
}

static int replay_all(struct replay *replay)
{
    struct fault why;
    int r = audit_trail_open_as(&replay->trail, replay->asked->folder,
                                 replay->asked->vkey ? span_of(replay->asked->vkey) : (struct span){NULL, 0}, &why);

    r = r ? r : choose(replay, &why);
    if (r) {
        if (r == FAULT) {
            cli_say_fault(&why);
        }
        return CLI_FAILED;
    }
    qsort(replay->positions, replay->count, sizeof(*replay->positions), compare_indexes);
    for (size_t i = 0; i < replay->count; i++) {
        json_t *result = json_object();
        enum replayed outcome = replay_one(replay, replay->positions[i], result);

        replay->outcomes[outcome]++;
        say(replay, replay->positions[i], outcome, result);
        json_decref(result);
    }
    (void)fprintf(stderr, "verdicts: %llu equal, %llu differ, %llu erased, %llu not computable\n",
                  (unsigned long long)replay->outcomes[REPLAY_EQUAL], (unsigned long long)replay->outcomes[REPLAY_DIFFERS],
                  (unsigned long long)replay->outcomes[REPLAY_ERASED],
                  (unsigned long long)replay->outcomes[REPLAY_IMPOSSIBLE]);
    if (replay->count == 0) {
        cli_say("the log has no such verdict");
    }
    return replay->count && !replay->outcomes[REPLAY_DIFFERS] && !replay->outcomes[REPLAY_IMPOSSIBLE] ? CLI_DONE
                                                                                                     : CLI_FAILED;
}

int audit_replay(const struct audit_asked *asked)
{
    struct replay replay = {.asked = asked, .room = asked->sample ? (size_t)asked->sample : SAMPLE_MAX};
    int exit_code = CLI_FAILED;

    if ((asked->sample == 0) == (asked->name[0] == '\0') || asked->sample > SAMPLE_MAX) {
        return cli_usage(&cli_command_audit);
    }
    replay.settings = cli_settings(&asked->options, &exit_code);
    replay.store = replay.settings ? cli_store(replay.settings) : NULL;
    replay.positions = calloc(replay.room, sizeof(*replay.positions));
    if (replay.store && replay.positions) {
        exit_code = replay_all(&replay);
    } else if (replay.settings) {
        exit_code = CLI_FAILED;
    }
    free(replay.positions);
    (void)snapshot_unref(replay.snapshot);
    (void)audit_trail_free(replay.trail);
    (void)store_sync_free(replay.store);
    (void)settings_unref(replay.settings);
    return exit_code;
}
