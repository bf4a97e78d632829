/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur audit verify: the whole log, or all logs that follow each other, offline. */
#include "lib/audit/receipt.h"
#include "lib/base/clock.h"
#include "lib/base/codec.h"
#include "service/audit/trail.h"
#include "service/audit/verify.h"
#include "service/audit/verify_refs.h"
#include "service/cli/audit.h"
#include "service/runtime/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NOTE_MAX = 1 << 20, BACK_MS = 60000 };

/* What all logs gave together. */
struct verified {
    const struct audit_asked *asked;
    struct audit_trail *trail; /* NULL: it could not be opened */
    struct witness_policy *policy;
    struct buf *notes[AUDIT_OLDER_MAX];
    struct audit_verify_result last; /* of the log looked at last */
    const struct trail_log *log;     /* that one */
    uint64_t entries, before;        /* of all; of the logs before this one */
    uint64_t counts[ENTRY_TYPE_COUNT];
    uint32_t cosigned;
};

/* A bar on a terminal, and nothing anywhere else. */
static void progress(void *arg, uint64_t done, uint64_t total)
{
    static const char full[] = "########################################";
    const struct verified *v = arg;
    int filled;

    if (isatty(2)) {
        total = v->trail ? audit_trail_end(v->trail) - audit_trail_first(v->trail) : total;
        done += v->before;
        filled = total ? (int)(done * (sizeof(full) - 1) / total) : 0;
        (void)fprintf(stderr, "\r[%-*.*s] %llu of %llu entries", (int)sizeof(full) - 1, filled, full,
                      (unsigned long long)done, (unsigned long long)total);
        if (done == total) {
            (void)fputc('\n', stderr);
        }
    }
}

static json_t *logs_json(const struct audit_trail *trail)
{
    json_t *all = json_array();

    for (size_t i = 0; i < audit_trail_count(trail); i++) {
        const struct trail_log *log = audit_trail_log(trail, i);

        (void)json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:I}", "name", log->name,
                                                   "origin", log->head.origin, "state",
                                                   trail_state_words[log->state], "size",
                                                   (json_int_t)log->head.size));
    }
    return all;
}

static json_t *result_json(const struct verified *v, bool good, const struct fault *why)
{
    const struct audit_verify_result *result = &v->last;
    char root[HEX_LEN(sizeof(struct hash)) + 1], time[CLOCK_TEXT_LEN + 1];
    json_t *counts = json_object(), *all;

    hex_encode(&result->head.root, sizeof(struct hash), root);
    for (size_t i = 0; i < ENTRY_TYPE_COUNT; i++) {
        (void)json_object_set_new(counts, entry_type_words[i],
                                  json_integer((json_int_t)v->counts[i]));
    }
    all =
        json_pack("{s:b, s:I, s:I, s:s, s:o}", "good", good, "size", (json_int_t)result->head.size,
                  "verified", (json_int_t)v->entries, "root", root, "counts", counts);
    (void)json_object_set_new(all, "cosigned", json_integer(__builtin_popcount(v->cosigned)));
    if (result->last_ms) {
        clock_text(result->last_ms, time);
        (void)json_object_set_new(all, "last_entry_at", json_string(time));
    }
    if (v->trail && audit_trail_count(v->trail) > 1) {
        (void)json_object_set_new(all, "logs", logs_json(v->trail));
    }
    if (!good) {
        (void)json_object_set_new(all, "code", json_string(why->code));
        (void)json_object_set_new(all, "detail", json_string(why->text));
        (void)json_object_set_new(all, "place", json_string(why->place));
        if (v->log) {
            (void)json_object_set_new(all, "log", json_string(v->log->name));
        }
        if (result->has_bad) {
            (void)json_object_set_new(all, "bad_index",
                                      json_integer((json_int_t)result->bad_index));
            (void)json_object_set_new(all, "bad_id", json_string(result->bad_id));
        }
    }
    return all;
}

/* The older checkpoints that name this log; with one log all, and a stranger among them is refused. */
static size_t choose_older(const struct verified *v, const char *origin,
                           struct span into[AUDIT_OLDER_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < v->asked->older_count; i++) {
        struct span note = buf_span(v->notes[i]), rest = note;

        if (!origin || span_is(span_cut(&rest, '\n'), origin)) {
            into[count++] = note;
        }
    }
    return count;
}

static int verify_one(struct verified *v, const char *folder, struct span vkey,
                      struct verify_refs *refs, struct fault *why)
{
    bool several = v->trail && audit_trail_count(v->trail) > 1,
         newest = !several || v->log == audit_trail_newest(v->trail);
    struct span older[AUDIT_OLDER_MAX];
    struct audit_verify_options options = {.folder = folder,
                                           .vkey = vkey,
                                           .older = older,
                                           .refs = refs,
                                           .policy = v->policy,
                                           .progress = progress,
                                           .progress_arg = v};
    struct fault unused;
    int64_t before_ms = v->last.last_ms;
    int r;

    options.older_count = choose_older(v, several ? v->log->head.origin : NULL, older);
    if (v->policy && !newest && witness_policy_log(v->policy, &v->log->key, &unused) != 0) {
        options.policy = NULL; /* of the old key: a policy of today need not know it */
    }
    r = audit_verify(&options, &v->last, why);
    v->entries += v->last.entries;
    v->before += v->last.entries;
    for (size_t i = 0; i < ENTRY_TYPE_COUNT; i++) {
        v->counts[i] += v->last.counts[i];
    }
    v->cosigned = newest ? v->last.cosigned : v->cosigned;
    if (r == 0 && v->last.entries && v->last.first_ms < before_ms - BACK_MS) {
        r = fault_set(why, "VERIFY_TIME", v->log->name,
                      "its entries are earlier than those of the log before");
    }
    return r;
}

/* Of a deleted log: its first entry is in the tree of its last checkpoint. */
static int verify_rest(const struct trail_log *log, struct fault *why)
{
    CLEANUP(buf_freep) struct buf *entry = buf_new(ENTRY_MAX_BYTES + 1), *proof = buf_new(NOTE_MAX);
    struct checkpoint checkpoint;
    struct receipt receipt;
    char path[4200];
    int r = entry && proof ? 0 : -1;

    if (r || !log->has_begin) {
        return r;
    }
    (void)snprintf(path, sizeof(path), "%s/begin", log->folder);
    r = file_read(path, entry, why);
    (void)snprintf(path, sizeof(path), "%s/begin.tlog-proof", log->folder);
    r = r ? r : file_read(path, proof, why);
    r = r ? r : receipt_read(&receipt, buf_span(proof), why);
    return r ? r : receipt_check(&receipt, buf_span(entry), &log->key, &checkpoint, why);
}

/* An older checkpoint of a log that is not here, or no longer, proves nothing: that has to be said. */
static int check_older_names(const struct verified *v, struct fault *why)
{
    for (size_t i = 0; i < v->asked->older_count && audit_trail_count(v->trail) > 1; i++) {
        struct span rest = buf_span(v->notes[i]), origin = span_cut(&rest, '\n');
        const struct trail_log *log = NULL;

        for (size_t at = 0; at < audit_trail_count(v->trail) && !log; at++) {
            log = span_is(origin, audit_trail_log(v->trail, at)->head.origin)
                      ? audit_trail_log(v->trail, at)
                      : NULL;
        }
        if (!log || log->state == TRAIL_DELETED) {
            return fault_set(why, "VERIFY_OLDER", v->asked->older[i],
                             log ? "the entries of its log were deleted"
                                 : "it is of none of these logs");
        }
    }
    return 0;
}

static int verify_all(struct verified *v, struct fault *why)
{
    CLEANUP(verify_refs_freep) struct verify_refs *refs = verify_refs_new();
    int r = refs ? check_older_names(v, why) : -1;

    if (refs && audit_trail_cut(v->trail)) {
        verify_refs_partial(refs);
    }
    for (size_t i = 0; i < audit_trail_count(v->trail) && r == 0; i++) {
        struct buf vkey;

        v->log = audit_trail_log(v->trail, i);
        if (v->log->state == TRAIL_DELETED) {
            r = verify_rest(v->log, why);
            continue;
        }
        buf_init(&vkey, NOTE_VKEY_MAX + 1);
        r = note_key_write(&vkey, &v->log->key);
        r = r ? r : verify_one(v, v->log->folder, buf_span(&vkey), refs, why);
        buf_done(&vkey);
    }
    return r;
}

/* The chain cannot even be followed: the newest log by itself says best what is wrong. */
static int verify_broken(struct verified *v, const struct fault *chain, struct fault *why)
{
    const char *vkey = v->asked->vkey;
    char folder[4200];
    struct fault unused;
    int r = 0;

    (void)snprintf(folder, sizeof(folder), "%s/checkpoint", v->asked->folder);
    if (access(folder, F_OK) == 0) {
        (void)snprintf(folder, sizeof(folder), "%s", v->asked->folder);
    } else {
        r = trail_current(v->asked->folder, folder, sizeof(folder) - 4, &unused);
        (void)snprintf(folder + strlen(folder), sizeof(folder) - strlen(folder), "/log");
    }
    r = r ? r : verify_one(v, folder, vkey ? span_of(vkey) : (struct span){NULL, 0}, NULL, why);
    if (r == 0) {
        *why = *chain;
    }
    return r < 0 ? r : FAULT;
}

static int verify(struct verified *v, struct fault *why)
{
    const struct audit_asked *asked = v->asked;
    struct fault chain;
    int r = asked->policy ? audit_policy_read(asked->policy, &v->policy, why) : 0;

    for (size_t i = 0; i < asked->older_count && r == 0; i++) {
        v->notes[i] = buf_new(NOTE_MAX);
        r = v->notes[i] ? file_read(asked->older[i], v->notes[i], why) : -1;
    }
    if (r) {
        return r;
    }
    r = audit_trail_open_as(&v->trail, asked->folder,
                            asked->vkey ? span_of(asked->vkey) : (struct span){NULL, 0}, &chain);
    return r == 0 ? verify_all(v, why) : r == FAULT ? verify_broken(v, &chain, why) : r;
}

static void say(const struct verified *v, int r, const struct fault *why)
{
    size_t logs = v->trail ? audit_trail_count(v->trail) : 1;

    if (v->asked->options.json) {
        cli_print_json(result_json(v, r == 0, why));
    } else if (r == 0) {
        (void)printf("good: %llu entries, every bundle, tile, root, signature and reference\n",
                     (unsigned long long)v->entries);
        if (logs > 1) {
            (void)printf("of %zu logs, each going on where the one before ended\n", logs);
        }
        if (v->trail && audit_trail_cut(v->trail)) {
            (void)printf(
                "earlier logs are deleted or not here: what refers to them was not followed\n");
        }
        if (v->asked->policy) {
            (void)printf("cosigned by %d of the policy's witnesses, the quorum among them\n",
                         __builtin_popcount(v->cosigned));
        }
    } else {
        cli_say_fault(why);
        if (v->last.has_bad) {
            (void)printf("first bad entry: index %llu %s%s%s\n",
                         (unsigned long long)v->last.bad_index, v->last.bad_id,
                         logs > 1 ? " of log " : "", logs > 1 ? v->log->name : "");
        }
    }
}

int audit_verify_log(const struct audit_asked *asked)
{
    static struct verified v;
    struct fault why;
    int r;

    v = (struct verified){.asked = asked};
    r = verify(&v, &why);
    if (r < 0) {
        cli_say("out of memory");
    } else {
        say(&v, r, &why);
    }
    for (size_t i = 0; i < AUDIT_OLDER_MAX; i++) {
        (void)buf_free(v.notes[i]);
    }
    free(v.policy);
    (void)audit_trail_free(v.trail);
    return r == 0 ? CLI_DONE : CLI_FAILED;
}
