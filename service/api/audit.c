/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log over HTTP: pages of entries, the whole of it as a stream, and its files as they are
 * (C2SP tlog-tiles). Reads the served folder only, so an answer never waits for the sequencer. */
#include "lib/audit/tile.h"
#include "lib/json/field.h"
#include "service/api/case_view.h"
#include "service/api/entries.h"
#include "service/api/look.h"
#include "service/audit/export.h"
#include "service/audit/trail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE_MAX = 200, SCAN_MAX = 10000, FILE_MAX = 20 << 20, PIECE_MAX = 64 << 20, SLICE = 64 << 10 };

static void answer_log_fault(struct exchange *ex, int r, const struct fault *why)
{
    if (r == FAULT && strcmp(why->code, "LOG_MISSING") == 0) {
        (void)exchange_header_text(ex, "Retry-After", "2");
        exchange_problem(ex, 503, "LOG_NOT_PUBLISHED", "the log has no checkpoint yet", NULL);
    } else if (r == FAULT) {
        exchange_problem_fault(ex, 500, why);
    } else {
        api_answer_no_memory(ex);
    }
}

/* ---- GET /v1/audit/entries?from=&to=&type=&cursor=&limit= ---- */

struct page {
    int64_t from_ms, to_ms, limit, cursor;
    int type;                               /* -1: any */
};

static bool read_page(struct exchange *ex, struct page *page)
{
    static const char *const known[] = {"from", "to", "type", "cursor", "limit", NULL};
    const struct http_field *stray = http_request_stray_query(exchange_request(ex), known);
    struct span type = http_request_query(exchange_request(ex), "type");

    page->type = type.len ? word_index(entry_type_words, ENTRY_TYPE_COUNT, type) : -1;
    if (stray || (type.len && page->type < 0)) {
        exchange_problem(ex, 400, "QUERY_VALUE", stray ? "no such query parameter, or given twice"
                                                       : "no such type of entry", NULL);
        return false;
    }
    return api_query_time(ex, "from", 0, &page->from_ms) && api_query_time(ex, "to", INT64_MAX, &page->to_ms) &&
           api_query_number(ex, "cursor", 0, INT64_MAX, 0, &page->cursor) &&
           api_query_number(ex, "limit", 1, PAGE_MAX, 50, &page->limit);
}

/* Appends matching entries; *next is where the following page begins. */
static int write_page(struct audit_trail *trail, const struct page *page, struct buf *out, uint64_t *next,
                      struct fault *why)
{
    uint64_t end = audit_trail_end(trail), first = audit_trail_first(trail);
    uint64_t i = (uint64_t)page->cursor > first ? (uint64_t)page->cursor : first, index;
    int64_t found = 0;

    for (int64_t seen = 0; i < end && found < page->limit && seen < SCAN_MAX; i++, seen++) {
        const struct trail_log *log;
        struct entry_view view;
        struct span bytes;
        int r = audit_trail_entry(trail, i, &bytes, why);

        r = r ? r : entry_read(&view, bytes, why);
        if (r) {
            return r;
        }
        if (view.at_ms < page->from_ms || view.at_ms >= page->to_ms ||
            (page->type >= 0 && (int)view.type != page->type)) {
            continue;
        }
        log = audit_trail_place(trail, i, &index);
        (void)buf_add_format(out, "%s{\"index\":%llu,", found ? "," : "", (unsigned long long)index);
        if (audit_trail_count(trail) > 1) {
            (void)buf_add_format(out, "\"log\":\"%s\",", log->name);
        }
        (void)buf_add_text(out, "\"entry\":");
        (void)buf_add_span(out, bytes);
        (void)buf_add_char(out, '}');
        found++;
    }
    *next = i;
    return 0;
}

void audit_entries(struct exchange *ex)
{
    CLEANUP(audit_trail_freep) struct audit_trail *trail = NULL;
    CLEANUP(buf_freep) struct buf *out = buf_new(FILE_MAX);
    struct page page;
    struct fault why;
    uint64_t next = 0;
    char link[96];
    int r;

    if (!read_page(ex, &page)) {
        return;
    }
    look_note(ex, LOOK_ENTRIES);
    r = out ? audit_trail_open(&trail, api_of(ex)->app->audit_folder, &why) : -ENOMEM;
    if (r == 0) {
        (void)buf_add_text(out, "{\"entries\":[");
        r = write_page(trail, &page, out, &next, &why);
    }
    if (r) {
        answer_log_fault(ex, r, &why);
        return;
    }
    (void)buf_add_format(out, "],\"size\":%llu", (unsigned long long)audit_trail_end(trail));
    if (next < audit_trail_end(trail)) {
        (void)buf_add_format(out, ",\"cursor\":\"%llu\"", (unsigned long long)next);
        (void)snprintf(link, sizeof(link), "</v1/audit/entries?cursor=%llu>; rel=\"next\"", (unsigned long long)next);
        (void)exchange_header_text(ex, "Link", link);
    }
    (void)buf_add_char(out, '}');
    if (buf_status(out)) {
        api_answer_no_memory(ex);
    } else {
        exchange_reply_bytes(ex, 200, "application/json", buf_span(out));
    }
}

/* ---- GET /v1/audit/export?format=&from=&to= ---- */

/* Pieces of one bundle, handed out in slices that fit the connection's buffer. */
struct stream {
    struct audit_export *export;
    struct buf *piece;
    size_t sent;
    bool ended;
};

static void stream_free(void *arg)
{
    struct stream *stream = arg;

    (void)audit_export_free(stream->export);
    (void)buf_free(stream->piece);
    free(stream);
}

static int stream_produce(void *arg, struct buf *out)
{
    struct stream *stream = arg;
    struct span slice;
    struct fault why;
    int r;

    if (stream->sent == stream->piece->len && !stream->ended) {
        buf_clear(stream->piece);
        stream->sent = 0;
        r = audit_export_next(stream->export, stream->piece, &why);
        if (r != 0 && r != AUDIT_EXPORT_MORE) {
            return -EIO;
        }
        stream->ended = r == 0;
    }
    slice = span_sub(buf_span(stream->piece), stream->sent, SLICE);
    stream->sent += slice.len;
    if (buf_add_span(out, slice) != 0) {
        return -ENOMEM;
    }
    return stream->ended && stream->sent == stream->piece->len ? STREAM_END : STREAM_MORE;
}

struct export_ask {
    struct exchange *ex;
    struct audit_export_options options;
};

/* The export is in the log before its first byte is sent. */
static void export_logged(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct export_ask *ask = arg;
    struct exchange *ex = ask->ex;
    const struct audit_export_form *form = &audit_export_forms[ask->options.format];
    char disposition[64];
    struct stream *stream;
    struct fault why;
    int r;

    (void)result;
    if (outcome != STORE_OK) {
        api_answer_store(ex, outcome);
        return;
    }
    stream = calloc(1, sizeof(*stream));
    r = stream && (stream->piece = buf_new(PIECE_MAX)) ? audit_export_open(&stream->export, &ask->options, &why)
                                                       : -ENOMEM;
    if (r) {
        if (stream) {
            stream_free(stream);
        }
        answer_log_fault(ex, r, &why);
        return;
    }
    (void)snprintf(disposition, sizeof(disposition), "attachment; filename=\"%s\"", form->file);
    (void)exchange_header_text(ex, "Content-Disposition", disposition);
    exchange_reply_stream(ex, 200, form->type,
                          stream_produce, stream_free, stream);
}

void audit_export(struct exchange *ex)
{
    struct span format = http_request_query(exchange_request(ex), "format");
    struct export_ask *ask = arena_alloc(exchange_arena(ex), sizeof(*ask));
    int64_t now = loop_now_ms();
    struct store_append_args args = {.now_ms = now};
    int wanted;

    if (!ask) {
        api_answer_no_memory(ex);
        return;
    }
    ask->ex = ex;
    ask->options.folder = api_of(ex)->app->audit_folder;
    ask->options.now_ms = now;
    wanted = format.len ? audit_export_format_of(format) : AUDIT_EXPORT_JSONL;
    if (wanted < 0) {
        exchange_problem(ex, 400, "QUERY_VALUE", "format is jsonl, csv, dsa, decisions-jsonl or decisions-csv", NULL);
        return;
    }
    ask->options.format = (enum audit_export_format)wanted;
    if (!api_query_time(ex, "from", 0, &ask->options.from_ms) || !api_query_time(ex, "to", 0, &ask->options.to_ms)) {
        return;
    }
    args.entry = entries_export(ex, audit_export_forms[wanted].word,
                                ask->options.from_ms, ask->options.to_ms, now);
    if (!args.entry.ptr || !store_append(api_of(ex)->store, &args, export_logged, ask)) {
        api_answer_no_memory(ex);
    }
}

/* ---- GET /v1/decisions/{id}/receipt ---- */

static void decision_got(void *arg, enum store_outcome outcome, const struct store_decision *result)
{
    struct exchange *ex = arg;
    CLEANUP(audit_trail_freep) struct audit_trail *trail = NULL;
    CLEANUP(buf_freep) struct buf *out = buf_new(1 << 20);
    uint64_t position = 0;
    struct fault why;
    int r, found;

    if (outcome == STORE_OK && !case_visible(caller_of(ex), result->partner)) {
        outcome = STORE_NOT_FOUND;
    }
    if (outcome != STORE_OK) {
        api_answer_store(ex, outcome);
        return;
    }
    r = out ? audit_trail_open(&trail, api_of(ex)->app->audit_folder, &why) : -ENOMEM;
    found = r == 0 ? audit_trail_find(trail, (uint64_t)result->index, &position) : 0;
    if (found == -ENOENT) {
        exchange_problem(ex, 410, "LOG_DELETED", "the log that holds this decision was deleted when its time was over", NULL);
        return;
    }
    if (found) {
        (void)exchange_header_text(ex, "Retry-After", "2");
        exchange_problem(ex, 503, "LOG_NOT_PUBLISHED",
                         "the decision is safe but not yet under a published checkpoint; ask again", NULL);
        return;
    }
    r = r ? r : audit_trail_receipt(trail, position, out, &why);
    if (r) {
        answer_log_fault(ex, r, &why);
    } else {
        exchange_reply_bytes(ex, 200, "text/plain; charset=utf-8", buf_span(out));
    }
}

void audit_receipt(struct exchange *ex)
{
    struct span id;

    if (api_id_param(ex, "id", "dec", &id) &&
        !store_decision_get(api_of(ex)->store, &(struct store_id_args){.id = id}, decision_got, ex)) {
        api_answer_no_memory(ex);
    }
}

/* ---- GET /log/... ---- */

/* The whole file below the log's folder, or 404. `path` is one of ours, never free text. */
static void send_file(struct exchange *ex, const char *folder, const char *path, const char *type, const char *caching)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(FILE_MAX);
    char full[4096];
    struct stat about;
    ssize_t got = -1;
    char *room;
    int fd;

    (void)snprintf(full, sizeof(full), "%s/%s", folder, path);
    fd = open(full, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0 || about.st_size > FILE_MAX) {
        if (fd >= 0) {
            (void)close(fd);
        }
        exchange_problem(ex, 404, "NOT_FOUND", "the log has no such file yet", NULL);
        return;
    }
    room = out ? buf_reserve(out, (size_t)about.st_size) : NULL;
    if (room) {
        got = pread(fd, room, (size_t)about.st_size, 0);
    }
    (void)close(fd);
    if (got != about.st_size) {
        api_answer_no_memory(ex);
        return;
    }
    buf_grew(out, (size_t)got);
    (void)exchange_header_text(ex, "Cache-Control", caching);
    exchange_reply_bytes(ex, 200, type, buf_span(out));
}

void log_checkpoint(struct exchange *ex)
{
    look_note(ex, LOOK_TILES);
    send_file(ex, api_of(ex)->app->log_folder, "checkpoint", "text/plain; charset=utf-8", "no-store");
}

/* The newest log, or the one whose name comes first in the path; then it is cut off. */
static const char *folder_of(const struct app *app, struct span *path)
{
    struct span rest = *path, name = span_cut(&rest, '/');

    for (size_t i = 0; rest.ptr && i < app->log_count; i++) {
        if (span_is(name, app->logs[i].name)) {
            *path = rest;
            return app->logs[i].folder;
        }
    }
    return app->log_folder;
}

void log_file(struct exchange *ex)
{
    struct span path = http_request_param(exchange_request(ex), "path");
    const char *folder = folder_of(api_of(ex)->app, &path);
    struct tile tile;
    char name[TILE_PATH_MAX];
    char full[TILE_PATH_MAX + 8];

    look_note(ex, LOOK_TILES);
    if (span_is(path, "vkey") || span_is(path, "checkpoint")) {
        send_file(ex, folder, span_is(path, "vkey") ? "vkey" : "checkpoint", "text/plain; charset=utf-8", "no-store");
        return;
    }
    (void)snprintf(full, sizeof(full), "%.*s", (int)(path.len < TILE_PATH_MAX ? path.len : 0), path.ptr);
    if (!tile_read_path(span_of(full), &tile)) {
        exchange_problem(ex, 404, "NOT_FOUND", "the log serves checkpoint, vkey and tile/...", NULL);
        return;
    }
    tile_path(name, &tile);
    send_file(ex, folder, name, "application/octet-stream", "public, max-age=604800, immutable");
}
