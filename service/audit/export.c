/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/export.h"

#include "lib/export/row.h"
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "service/audit/reader.h"
#include "service/audit/statements.h"
#include "service/audit/trail.h"

#include <errno.h>
#include <stdlib.h>

struct audit_export {
    struct audit_trail *trail;
    bool several; /* logs: each entry says which */
    struct audit_export_options options;
    uint64_t from, next, end, written;
    bool header; /* still to be written */
    struct statements *statements;
};

const struct audit_export_form audit_export_forms[AUDIT_EXPORT_FORMAT_COUNT] = {
    [AUDIT_EXPORT_JSONL] = {"jsonl", "application/x-ndjson", "audit.jsonl"},
    [AUDIT_EXPORT_CSV] = {"csv", "text/csv; charset=utf-8; header=present", "audit.csv"},
    [AUDIT_EXPORT_DSA] = {"dsa", "application/x-ndjson", "statements.jsonl"},
    [AUDIT_EXPORT_DECISIONS_JSONL] = {"decisions-jsonl", "application/x-ndjson", "decisions.jsonl"},
    [AUDIT_EXPORT_DECISIONS_CSV] = {"decisions-csv", "text/csv; charset=utf-8; header=present",
                                    "decisions.csv"},
};

int audit_export_format_of(struct span word)
{
    for (int i = 0; i < AUDIT_EXPORT_FORMAT_COUNT; i++) {
        if (span_is(word, audit_export_forms[i].word)) {
            return i;
        }
    }
    return -1;
}

/* Columns taken out of entries; index stands before, entry behind. */
static const char *const columns[] = {"at",       "type",    "report",   "case",
                                      "decision", "partner", "reviewer", "outcome"};

int audit_export_open(struct audit_export **ret, const struct audit_export_options *options,
                      struct fault *why)
{
    CLEANUP(audit_export_freep) struct audit_export *export = calloc(1, sizeof(*export));
    int r;

    if (!export) {
        return -ENOMEM;
    }
    r = audit_trail_open(&export->trail, options->folder, why);
    if (r) {
        return r;
    }
    export->options = *options;
    if (options->format == AUDIT_EXPORT_DSA && !(export->statements = statements_new())) {
        return -ENOMEM;
    }
    export->options.folder = NULL;
    export->several = audit_trail_count(export->trail) > 1;
    export->end = audit_trail_end(export->trail);
    if (options->to_index && options->to_index < export->end) {
        export->end = options->to_index;
    }
    export->from = audit_trail_first(export->trail);
    export->from = options->from_index > export->from ? options->from_index : export->from;
    export->from = export->next = export->from < export->end ? export->from : export->end;
    export->header =
        options->format == AUDIT_EXPORT_CSV || options->format == AUDIT_EXPORT_DECISIONS_CSV;
    *ret = TAKE(export);
    return 0;
}

struct audit_export *audit_export_free(struct audit_export *export)
{
    if (export) {
        export->trail = audit_trail_free(export->trail);
        export->statements = statements_free(export->statements);
        free(export);
    }
    return NULL;
}

static void add_header(struct buf *out, bool several)
{
    (void)buf_add_text(out, "\"index\"");
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        (void)buf_add_format(out, ",\"%s\"", columns[i]);
    }
    (void)buf_add_text(out, several ? ",\"entry\",\"log\"\r\n" : ",\"entry\"\r\n");
}

/* Quoted, with an apostrophe before what a spreadsheet would compute. */
static void add_cell(struct buf *out, struct span text)
{
    (void)buf_add_text(out, ",\"");
    if (text.len && memchr("=+-@\t\r", text.ptr[0], 6)) {
        (void)buf_add_char(out, '\'');
    }
    while (text.ptr) {
        (void)buf_add_span(out, span_cut(&text, '"'));
        if (text.ptr) {
            (void)buf_add_text(out, "\"\"");
        }
    }
    (void)buf_add_char(out, '"');
}

/* log: its name, NULL where there is only one. */
static void add_csv(struct buf *out, uint64_t index, const char *log,
                    const struct entry_view *entry)
{
    (void)buf_add_format(out, "\"%llu\"", (unsigned long long)index);
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        add_cell(out, entry_string(entry, columns[i]));
    }
    add_cell(out, entry->bytes);
    if (log) {
        add_cell(out, span_of(log));
    }
    (void)buf_add_text(out, "\r\n");
}

bool audit_export_takes(const struct audit_export_options *options, const struct entry_view *entry)
{
    return (options->types == 0 || (options->types >> entry->type & 1)) &&
           entry->at_ms >= options->from_ms &&
           (options->to_ms == 0 || entry->at_ms < options->to_ms) &&
           entry_filter_takes(&options->filter, entry);
}

static int add_refused(struct buf *out, const struct entry_view *entry, const struct faults *faults)
{
    CLEANUP(json_freep) json_t *line = NULL;
    json_t *errors = json_array();
    struct span decision = entry_string(entry, "decision");
    char *text;
    int r;

    for (size_t i = 0; i < faults->count; i++) {
        (void)json_array_append_new(
            errors, json_pack("{s:s, s:s, s:s}", "code", faults->list[i].code, "pointer",
                              faults->list[i].place, "detail", faults->list[i].text));
    }
    line = json_pack("{s:{s:s%, s:o}}", "refused", "decision", decision.ptr ? decision.ptr : "",
                     decision.len, "errors", errors);
    text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    r = text ? buf_add_text(out, text) : -ENOMEM;
    free(text);
    return r ? r : buf_add_char(out, '\n');
}

/* A statement, where this entry makes one due; earlier entries are read for what they lead to. */
static int add_statement(struct audit_export *export, const struct entry_view *view,
                         const json_t *entry, struct buf *out, bool *ret_added)
{
    CLEANUP(json_freep) json_t *statement = NULL;
    struct faults faults = {0};
    char *text = NULL;
    int r = statements_take(export->statements, entry, &statement, &faults);

    *ret_added = (r == FAULT || statement) && audit_export_takes(&export->options, view);
    if (r < 0 || !*ret_added) {
        return r < 0 ? r : 0;
    }
    if (r == FAULT) {
        return add_refused(out, view, &faults);
    }
    text = json_dumps(statement, JSON_COMPACT);
    r = text ? buf_add_text(out, text) : -ENOMEM;
    free(text);
    return r ? r : buf_add_char(out, '\n');
}

/* Statements and decisions: what is made of an entry's value, not of its bytes. */
static int add_made(struct audit_export *export, const struct entry_view *view, struct buf *out,
                    bool *ret_added)
{
    CLEANUP(json_freep) json_t *entry = NULL;
    int64_t now = export->options.now_ms;
    json_error_t error;

    *ret_added = false;
    if (view->type != ENTRY_DECISION && (view->type != ENTRY_SECOND || !export->statements)) {
        return 0;
    }
    entry = json_loadb(view->bytes.ptr, view->bytes.len, JSON_REJECT_DUPLICATES, &error);
    if (!entry) {
        return -ENOMEM; /* it was read as an entry before */
    }
    if (export->statements) {
        return add_statement(export, view, entry, out, ret_added);
    }
    *ret_added = audit_export_takes(&export->options, view);
    if (!*ret_added) {
        return 0;
    }
    return export->options.format == AUDIT_EXPORT_DECISIONS_CSV ? row_csv(out, entry, now)
                                                                : row_jsonl(out, entry, now);
}

static int add_entry(struct audit_export *export, uint64_t position, struct buf *out,
                     bool *ret_added, struct fault *why)
{
    struct entry_view entry;
    struct span bytes;
    uint64_t index;
    const char *log;
    int r = audit_trail_entry(export->trail, position, &bytes, why);

    if (r == 0) {
        r = entry_read(&entry, bytes, why);
    }
    if (r == 0 && export->options.format >= AUDIT_EXPORT_DSA) {
        return add_made(export, &entry, out, ret_added);
    }
    *ret_added = r == 0 && audit_export_takes(&export->options, &entry);
    if (!*ret_added) {
        return r;
    }
    log = audit_trail_place(export->trail, position, &index)->name;
    log = export->several ? log : NULL;
    if (export->options.format == AUDIT_EXPORT_CSV) {
        add_csv(out, index, log, &entry);
    } else {
        (void)buf_add_text(out, "{\"entry\":");
        (void)buf_add_span(out, bytes);
        (void)buf_add_format(out, ",\"index\":%llu", (unsigned long long)index);
        if (log) {
            (void)buf_add_format(out, ",\"log\":\"%s\"", log);
        }
        (void)buf_add_text(out, "}\n");
    }
    return buf_status(out);
}

int audit_export_next(struct audit_export *export, struct buf *out, struct fault *why)
{
    uint64_t stop = (export->next / TILE_WIDTH + 1) * TILE_WIDTH, written = 0;
    size_t before = out->len;
    int r = 0;

    stop = stop < export->end ? stop : export->end;
    if (export->header && export->options.format == AUDIT_EXPORT_DECISIONS_CSV) {
        r = row_csv_header(out);
    } else if (export->header) {
        add_header(out, export->several);
        r = buf_status(out);
    }
    for (uint64_t i = export->next; i < stop && r == 0; i++) {
        bool added;

        r = add_entry(export, i, out, &added, why);
        written += added;
    }
    if (r) {
        if (out->data) {
            out->len = before;
            out->data[before] = '\0';
        }
        return r;
    }
    export->header = false;
    export->written += written;
    export->next = stop;
    return stop < export->end ? AUDIT_EXPORT_MORE : 0;
}

void audit_export_progress(const struct audit_export *export, uint64_t *ret_seen,
                           uint64_t *ret_total, uint64_t *ret_written)
{
    *ret_seen = export->next - export->from;
    *ret_total = export->end - export->from;
    *ret_written = export->written;
}
