/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/close.h"

#include "lib/audit/entry.h"
#include "lib/audit/receipt.h"
#include "lib/base/clock.h"
#include "service/audit/durable.h"
#include "service/audit/log_writer.h"
#include "service/audit/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, TREE_FDS = 8 };

static int io_fault(struct fault *why, const char *place, const char *call)
{
    char text[128];

    return fault_set(why, "SEQUENCER_IO", place, "%s failed: %s", call,
                     strerror_r(errno, text, sizeof(text)));
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about;
    (void)kind;
    (void)at;
    return remove(path);
}

/* The folder and all below it; none there is no failure. */
static int remove_tree(const char *path, struct fault *why)
{
    return nftw(path, remove_one, TREE_FDS, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT
               ? io_fault(why, path, "remove")
               : 0;
}

static int open_folder(const char *path, int *ret, struct fault *why)
{
    *ret = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret < 0 ? io_fault(why, path, "open") : 0;
}

/* ---- close ---- */

struct closing {
    const char *folder, *next_origin;
    struct span name; /* of the next log */
    int64_t now_ms;
    struct audit_trail *trail;
    const struct trail_log *old; /* of the trail */
    struct log_writer *writer;   /* of the old log: its lock is held to the end */
};

static int check_name(struct closing *c, struct fault *why)
{
    c->name = trail_name_of(c->next_origin);
    if (!c->name.len) {
        return fault_set(why, "CLOSE_ORIGIN", "audit.origin",
                         "the last part of a log's name (%s) becomes a folder: a-z, 0-9, '.', '_' "
                         "and '-', at most %d "
                         "bytes, and not log, private, current, checkpoint, vkey, tile or begin",
                         c->next_origin, TRAIL_NAME_MAX);
    }
    for (size_t i = 0; i < audit_trail_count(c->trail); i++) {
        const struct trail_log *log = audit_trail_log(c->trail, i);

        if (strcmp(log->head.origin, c->next_origin) == 0 || span_is(c->name, log->name)) {
            return fault_set(why, "CLOSE_ORIGIN", "audit.origin",
                             "there is a log %s already: set audit.origin to the name of the next "
                             "one, with another "
                             "last part, then close",
                             log->head.origin);
        }
    }
    return audit_trail_count(c->trail) < TRAIL_LOGS_MAX
               ? 0
               : fault_set(why, "CLOSE_ORIGIN", "audit.origin", "there are %d logs",
                           TRAIL_LOGS_MAX);
}

/* The old log, locked, its last step done to the end, and all of it published. */
static int take_old(struct closing *c, struct fault *why)
{
    const struct audit_mirror nothing = {0};
    const struct checkpoint *head;
    char folder[PATH_SIZE];
    int r = trail_current(c->folder, folder, sizeof(folder), why);

    r = r ? r : log_writer_open(&c->writer, folder, c->old->head.origin, &nothing, why);
    if (r) {
        return r;
    }
    head = log_writer_head(c->writer);
    if (head->size == 0) {
        return fault_set(why, "CLOSE_EMPTY", folder,
                         "the log has no entry yet; there is nothing to close");
    }
    if (log_writer_published(c->writer) != head->size || c->old->head.size != head->size) {
        return fault_set(why, "CLOSE_UNPUBLISHED", folder,
                         "%llu entries are in the log, %llu published: start the service, wait "
                         "until it has published "
                         "all (witnesses must answer), stop it and close then",
                         (unsigned long long)head->size,
                         (unsigned long long)log_writer_published(c->writer));
    }
    return 0;
}

/* At the time of the old log's last entry: what the store still holds may be older than now. */
static int last_time(struct closing *c, int64_t *ret, struct fault *why)
{
    struct entry_view last;
    struct span bytes;
    int r = audit_trail_entry(c->trail, audit_trail_end(c->trail) - 1, &bytes, why);

    r = r ? r : entry_read(&last, bytes, why);
    *ret = r == 0 ? last.at_ms : 0;
    return r;
}

static int write_begin(struct closing *c, struct buf *out, struct fault *why)
{
    CLEANUP(entry_freep) struct entry *entry = NULL;
    const struct trail_log *old = c->old;
    struct buf vkey;
    int64_t at_ms;
    int r = last_time(c, &at_ms, why);

    if (r) {
        return r;
    }
    buf_init(&vkey, NOTE_VKEY_MAX + 1);
    (void)note_key_write(&vkey, &old->key);
    entry = entry_new(ENTRY_LOG, at_ms);
    entry_text(entry, "log", span_of(old->head.origin));
    entry_text(entry, "action", SPAN("begin"));
    entry_text(entry, "vkey", buf_span(&vkey));
    entry_text(entry, "checkpoint", log_writer_checkpoint(c->writer));
    entry_int(entry, "number", old->has_begin ? (int64_t)old->begin.number + 1 : 1);
    entry_int(entry, "serial",
              (int64_t)(old->head.size + (old->has_begin ? old->begin.serial - 1 : 0)));
    entry_time(entry, "closed_at", c->now_ms);
    r = entry_write(entry, out, why);
    buf_done(&vkey);
    return r;
}

static int write_first(struct log_writer *writer, struct span begin, struct fault *why)
{
    struct audit_batch batch;
    struct buf note;
    int r = audit_batch_init(&batch, 1, ENTRY_MAX_BYTES);

    buf_init(&note, NOTE_MAX_BYTES);
    if (r == 0) {
        audit_batch_clear(&batch, 0);
        r = audit_batch_add(&batch, 0, begin, why);
    }
    r = r ? r : log_writer_commit(writer, &batch, why);
    r = r ? r : log_writer_spread(writer, why);
    r = r ? r : log_writer_sign(writer, &note, why);
    r = r ? r : log_writer_publish(writer, buf_span(&note), why);
    buf_done(&note);
    audit_batch_done(&batch);
    return r;
}

/* What an earlier try left was never in use, and has one entry at most; a log with more is somebody's. */
static int clear_next(const char *folder, struct fault *why)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    char log[PATH_SIZE];
    struct fault unused;

    if ((size_t)snprintf(log, sizeof(log), "%s/log", folder) >= sizeof(log)) {
        return -ENAMETOOLONG;
    }
    if (audit_reader_open(&reader, log, &unused) == 0 && audit_reader_size(reader) > 1) {
        return fault_set(why, "CLOSE_ORIGIN", folder,
                         "this folder holds a log of %llu entries: take another name",
                         (unsigned long long)audit_reader_size(reader));
    }
    return remove_tree(folder, why);
}

/* The next log, with its one entry. */
static int make_next(struct closing *c, struct note_key *ret, struct fault *why)
{
    CLEANUP(log_writer_freep) struct log_writer *writer = NULL;
    CLEANUP(buf_freep) struct buf *begin = buf_new(ENTRY_MAX_BYTES);
    const struct audit_mirror nothing = {0};
    char folder[PATH_SIZE];
    int r = begin ? write_begin(c, begin, why) : -ENOMEM;

    if (r) {
        return r;
    }
    if ((size_t)snprintf(folder, sizeof(folder), "%s/%.*s", c->folder, (int)c->name.len,
                         c->name.ptr) >= sizeof(folder)) {
        return -ENAMETOOLONG;
    }
    r = clear_next(folder, why);
    r = r ? r : log_writer_open(&writer, folder, c->next_origin, &nothing, why);
    r = r ? r : write_first(writer, buf_span(begin), why);
    if (r == 0) {
        *ret = *log_writer_key(writer);
    }
    return r;
}

static int commit(const struct closing *c, struct fault *why)
{
    char text[TRAIL_NAME_MAX + 2];
    int len = snprintf(text, sizeof(text), "%.*s\n", (int)c->name.len, c->name.ptr), folder;
    int r = open_folder(c->folder, &folder, why);

    /* It fsyncs the folder too, and with it the name of the next log's folder. */
    r = r ? r : durable_write(folder, "current", (struct span){text, (size_t)len}, 0644, why);
    if (folder >= 0) {
        (void)close(folder);
    }
    return r;
}

/* The secret key beside a served folder. */
static int drop_key(const struct trail_log *log, struct fault *why)
{
    char path[PATH_SIZE];
    int folder, r = 0;

    if ((size_t)snprintf(path, sizeof(path), "%s/../private", log->folder) >= sizeof(path)) {
        return -ENAMETOOLONG;
    }
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return errno == ENOENT ? 0 : io_fault(why, path, "open");
    }
    if (unlinkat(folder, "key", 0) != 0) {
        r = errno == ENOENT ? 0 : io_fault(why, path, "unlink");
    } else if (fsync(folder) != 0) {
        r = io_fault(why, path, "fsync");
    }
    (void)close(folder);
    return r;
}

int audit_close_tidy(const struct audit_trail *trail, struct fault *why)
{
    int r = 0;

    for (size_t i = 0; i + 1 < audit_trail_count(trail) && r == 0; i++) {
        r = drop_key(audit_trail_log(trail, i), why);
    }
    return r;
}

int audit_close(const char *folder, const char *next_origin, int64_t now_ms,
                struct audit_closed *ret, struct fault *why)
{
    CLEANUP(audit_trail_freep) struct audit_trail *trail = NULL;
    struct closing c = {.folder = folder, .next_origin = next_origin, .now_ms = now_ms};
    int r = audit_trail_open(&trail, folder, why);

    if (r) {
        return r;
    }
    c.trail = trail;
    c.old = audit_trail_newest(trail);
    r = audit_close_tidy(trail, why);
    r = r ? r : check_name(&c, why);
    r = r ? r : take_old(&c, why);
    r = r ? r : make_next(&c, &ret->next, why);
    r = r ? r : commit(&c, why);
    r = r ? r : drop_key(c.old, why);
    c.writer = log_writer_free(c.writer);
    ret->head = c.old->head;
    return r;
}

/* ---- delete ---- */

int audit_delete_check(const struct audit_trail *trail, struct span name, int64_t keep_ms,
                       int64_t now_ms, const struct trail_log **ret, struct fault *why)
{
    char quote[FAULT_QUOTE_MAX];
    const struct trail_log *log = NULL;
    size_t at = 0;

    while (at < audit_trail_count(trail) && !span_is(name, audit_trail_log(trail, at)->name)) {
        at++;
    }
    if (at == audit_trail_count(trail)) {
        return fault_set(why, "DELETE_LOG", "",
                         "there is no log %s: `rapporteur audit shard list` names them",
                         fault_quote(quote, name));
    }
    *ret = log = audit_trail_log(trail, at);
    if (log->state == TRAIL_DELETED) {
        return 0;
    }
    if (log->state == TRAIL_OPEN) {
        return fault_set(why, "DELETE_OPEN", "", "%s is the log in use: close it first",
                         log->head.origin);
    }
    if (at > 0 && audit_trail_log(trail, at - 1)->state != TRAIL_DELETED) {
        return fault_set(why, "DELETE_ORDER", "",
                         "%s is older and still there: the oldest goes first",
                         audit_trail_log(trail, at - 1)->head.origin);
    }
    if (audit_trail_log(trail, at + 1)->begin.closed_ms > now_ms - keep_ms) {
        char until[CLOCK_TEXT_LEN + 1];

        clock_text(audit_trail_log(trail, at + 1)->begin.closed_ms + keep_ms, until);
        return fault_set(why, "DELETE_EARLY", "audit.keep_days", "%s is to be kept until %s",
                         log->head.origin, until);
    }
    return 0;
}

/* What stays of it, durable before anything goes. An empty `begin` says that it was the first log. */
static int keep_begin(const struct trail_log *log, int folder, struct fault *why)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    CLEANUP(buf_freep) struct buf *receipt = buf_new(RECEIPT_MAX_BYTES);
    struct span entry = SPAN("");
    int r = receipt ? audit_reader_open(&reader, log->folder, why) : -ENOMEM;

    if (r == 0 && log->has_begin) {
        r = audit_reader_receipt(reader, 0, receipt, why);
        r = r ? r : durable_write(folder, "begin.tlog-proof", buf_span(receipt), 0644, why);
        r = r ? r : audit_reader_entry(reader, 0, &entry, why);
    }
    return r ? r : durable_write(folder, "begin", entry, 0644, why);
}

int audit_delete(const struct trail_log *log, struct fault *why)
{
    char path[PATH_SIZE];
    int folder, r = open_folder(log->folder, &folder, why);

    if (r == 0 && log->state != TRAIL_DELETED) {
        r = keep_begin(log, folder, why);
    }
    if (folder >= 0) {
        (void)close(folder);
    }
    (void)snprintf(path, sizeof(path), "%s/tile", log->folder);
    r = r ? r : remove_tree(path, why);
    return r;
}
