/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/witness_store.h"

#include "lib/base/codec.h"
#include "service/audit/durable.h"
#include "service/audit/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* One log: all keys of its origin. */
struct watched {
    const char *origin; /* borrowed from the policy */
    char hex[SHA256_HEX_LEN + 1];
    struct note_key keys[WITNESS_POLICY_MAX];
    size_t key_count;
    struct checkpoint last; /* size 0: never cosigned */
    struct buf note;
};

struct witness_store {
    int root, lock;
    struct note_signer signer;
    struct watched logs[WITNESS_POLICY_MAX];
    size_t count;
};

struct witness_store *witness_store_free(struct witness_store *store)
{
    if (store) {
        for (size_t i = 0; i < store->count; i++) {
            buf_done(&store->logs[i].note);
        }
        note_signer_wipe(&store->signer);
        if (store->lock >= 0) {
            (void)close(store->lock);
        }
        if (store->root >= 0) {
            (void)close(store->root);
        }
        free(store);
    }
    return NULL;
}

const struct note_key *witness_store_key(const struct witness_store *store)
{
    return &store->signer.key;
}

static struct watched *find_origin(struct witness_store *store, struct span origin)
{
    for (size_t i = 0; i < store->count; i++) {
        if (span_is(origin, store->logs[i].origin)) {
            return &store->logs[i];
        }
    }
    return NULL;
}

static void watch(struct witness_store *store, const struct note_key *key)
{
    struct watched *log = find_origin(store, span_of(key->name));

    if (!log) {
        uint8_t digest[SHA256_LEN];

        log = &store->logs[store->count++];
        log->origin = key->name;
        sha256_of(key->name, strlen(key->name), digest);
        hex_encode(digest, sizeof(digest), log->hex);
        buf_init(&log->note, NOTE_MAX_BYTES);
    }
    log->keys[log->key_count++] = *key;
}

/* ---- opening ---- */

static int open_folder(struct witness_store *store, const char *folder, struct fault *why)
{
    char text[128];
    int r;

    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return fault_set(why, "SEQUENCER_IO", folder, "mkdir failed: %s", strerror_r(errno, text, sizeof(text)));
    }
    store->root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->root < 0) {
        return fault_set(why, "SEQUENCER_IO", folder, "open failed: %s", strerror_r(errno, text, sizeof(text)));
    }
    r = durable_folder(store->root, "private", 0700, why);
    r = r ? r : durable_folder(store->root, "logs", 0755, why);
    if (r) {
        return r;
    }
    store->lock = openat(store->root, "private/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock < 0) {
        return fault_set(why, "SEQUENCER_IO", "private/lock", "open failed: %s",
                         strerror_r(errno, text, sizeof(text)));
    }
    return flock(store->lock, LOCK_EX | LOCK_NB) == 0
               ? 0
               : fault_set(why, "WITNESS_LOCKED", folder,
                           "another process is this witness: two could cosign two histories");
}

static int load_log(struct witness_store *store, struct watched *log, struct fault *why)
{
    char path[80];
    struct note note;
    uint32_t verified;
    int r;

    (void)snprintf(path, sizeof(path), "logs/%s", log->hex);
    r = durable_read(store->root, path, &log->note, why);
    if (r == -ENOENT) {
        return 0;
    }
    r = r ? r : note_read(&note, buf_span(&log->note), why);
    r = r ? r : note_verify(&note, &store->signer.key, 1, &verified, why);
    r = r ? r : checkpoint_read_body(&log->last, note.body, why);
    if (r == FAULT && strcmp(why->code, "SEQUENCER_IO") != 0) {
        struct fault inner = *why;

        return fault_set(why, "WITNESS_STATE", path, "%s", inner.text);
    }
    if (r == 0 && strcmp(log->last.origin, log->origin) != 0) {
        return fault_set(why, "WITNESS_STATE", path, "it is a checkpoint of another log");
    }
    return r;
}

int witness_store_open(struct witness_store **ret, const char *folder, const char *name,
                       const struct witness_policy *policy, struct fault *why)
{
    CLEANUP(witness_store_freep) struct witness_store *store = calloc(1, sizeof(*store));
    int r;

    if (!store) {
        return -ENOMEM;
    }
    store->root = store->lock = -1;
    for (size_t i = 0; i < policy->log_count; i++) {
        watch(store, &policy->logs[i]);
    }
    if (store->count == 0) {
        return fault_set(why, "WITNESS_LOGS", "", "the policy has no log line: there is nothing to watch");
    }
    r = open_folder(store, folder, why);
    r = r ? r : key_file_load(&store->signer, store->root, name, NOTE_COSIGNATURE, why);
    r = r ? r : key_file_show(store->root, "vkey", &store->signer.key, why);
    for (size_t i = 0; i < store->count && r == 0; i++) {
        r = load_log(store, &store->logs[i], why);
    }
    if (r == 0) {
        *ret = TAKE(store);
    }
    return r;
}

/* ---- answering ---- */

/* The log's own lines by keys that we trust, and ours: what others wrote is not kept. */
static int write_note(const struct watched *log, const struct witness_request *request, struct span line,
                      struct buf *out, struct fault *why)
{
    int r = note_write(out, request->note.body, why);

    for (size_t i = 0; r == 0 && i < request->note.line_count; i++) {
        for (size_t k = 0; r == 0 && k < log->key_count; k++) {
            if (note_line_by(&request->note.lines[i], &log->keys[k])) {
                r = note_line_write(out, &request->note.lines[i]);
            }
        }
    }
    return r ? r : buf_add_span(out, line);
}

static int cosign(struct witness_store *store, struct watched *log, const struct witness_request *request,
                  int64_t unix_seconds, struct buf *out, struct fault *why)
{
    struct buf line, note;
    char path[80];
    int r;

    buf_init(&line, 1024);
    buf_init(&note, NOTE_MAX_BYTES);
    (void)snprintf(path, sizeof(path), "logs/%s", log->hex);
    r = note_sign(&line, request->note.body, &store->signer, unix_seconds);
    r = r ? r : write_note(log, request, buf_span(&line), &note, why);
    r = r ? r : durable_write(store->root, path, buf_span(&note), 0644, why);
    if (r == 0) {
        log->last = request->checkpoint;
        buf_done(&log->note);
        log->note = note;
        r = buf_add_span(out, buf_span(&line));
    } else {
        buf_done(&note);
    }
    buf_done(&line);
    return r == 0 ? WITNESS_SIGN : r == BUF_FULL ? -ENOMEM : r;
}

int witness_store_add(struct witness_store *store, struct span body, int64_t unix_seconds, struct buf *out,
                      struct fault *why)
{
    struct witness_request request;
    struct watched *log;
    int r = witness_request_read(&request, body, why);

    if (r) {
        return r < 0 ? r : strcmp(why->code, "CHECKPOINT_ROOT") == 0 ? WITNESS_INCONSISTENT : WITNESS_MALFORMED;
    }
    log = find_origin(store, span_of(request.checkpoint.origin));
    if (!log) {
        char name[FAULT_QUOTE_MAX];

        (void)fault_set(why, "WITNESS_UNKNOWN", "", "this witness does not watch %s",
                        fault_quote(name, span_of(request.checkpoint.origin)));
        return WITNESS_UNKNOWN;
    }
    r = witness_decide(&request, log->keys, log->key_count, &log->last, why);
    if (r == WITNESS_CONFLICT) {
        return buf_add_format(out, "%llu\n", (unsigned long long)log->last.size) ? -ENOMEM : r;
    }
    return r == WITNESS_SIGN ? cosign(store, log, &request, unix_seconds, out, why) : r;
}

int witness_store_checkpoint(struct witness_store *store, struct span hex, struct buf *out)
{
    for (size_t i = 0; i < store->count; i++) {
        if (span_is(hex, store->logs[i].hex) && store->logs[i].note.len) {
            return buf_add_span(out, buf_span(&store->logs[i].note)) ? -ENOMEM : 0;
        }
    }
    return -ENOENT;
}
