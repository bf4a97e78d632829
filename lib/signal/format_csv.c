/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV with named columns (RFC 4180; comma, semicolon or tab, whichever the first line has). The
 * first line names the columns; known are value, kind, id, language, severity, opinion, tags
 * (separated by | or ;) and expires, each also by names that exchanges use; others are passed over.
 * A value column may bear the name of its kind: "#domain" of a domain block list, "sha256", "url".
 */
#include "lib/json/field.h"
#include "lib/signal/source.h"

#include <errno.h>
#include <stdlib.h>

enum column {
    COLUMN_NONE,
    COLUMN_VALUE,
    COLUMN_KIND,
    COLUMN_ID,
    COLUMN_LANGUAGE,
    COLUMN_SEVERITY,
    COLUMN_OPINION,
    COLUMN_TAGS,
    COLUMN_EXPIRES,
    COLUMN_COUNT
};

enum { CSV_COLUMNS_MAX = 64, CSV_FIELD_MAX = LIST_MAX_VALUE + 64 };

static const struct {
    const char *name;
    enum column column;
} column_names[] = {
    {"value", COLUMN_VALUE},       {"indicator", COLUMN_VALUE},    {"signal", COLUMN_VALUE},
    {"hash", COLUMN_VALUE},        {"hash_digest", COLUMN_VALUE},  {"hash_value", COLUMN_VALUE},
    {"entry", COLUMN_VALUE},       {"kind", COLUMN_KIND},          {"type", COLUMN_KIND},
    {"algorithm", COLUMN_KIND},    {"signal_type", COLUMN_KIND},   {"id", COLUMN_ID},
    {"language", COLUMN_LANGUAGE}, {"lang", COLUMN_LANGUAGE},      {"severity", COLUMN_SEVERITY},
    {"opinion", COLUMN_OPINION},   {"tags", COLUMN_TAGS},          {"labels", COLUMN_TAGS},
    {"expires", COLUMN_EXPIRES},   {"expires_at", COLUMN_EXPIRES},
};

struct csv {
    struct signal_source *source;
    size_t at, line, column; /* of the next byte; line and column from 1 */
    char mark;
    enum column columns[CSV_COLUMNS_MAX];
    size_t column_count;
    int kind; /* of a column that is called like a kind; else default_kind */
    /* The record being read: fields by what they mean, their bytes in `room`. */
    char room[COLUMN_COUNT][CSV_FIELD_MAX];
    struct span fields[COLUMN_COUNT];
    size_t columns_at[COLUMN_COUNT]; /* where each field began */
    size_t record_line;
};

/* ---- characters ---- */

static bool at_end(const struct csv *csv)
{
    return csv->at >= csv->source->bytes.len;
}

static char peek(const struct csv *csv)
{
    return at_end(csv) ? '\n' : csv->source->bytes.ptr[csv->at];
}

static char take(struct csv *csv)
{
    char c = peek(csv);

    csv->at++;
    csv->column++;
    if (c == '\n') {
        csv->line++;
        csv->column = 1;
    }
    return c;
}

static bool field_ends(const struct csv *csv)
{
    char c = peek(csv);

    return c == csv->mark || c == '\n' ||
           (c == '\r' &&
            (csv->at + 1 >= csv->source->bytes.len || csv->source->bytes.ptr[csv->at + 1] == '\n'));
}

/* ---- fields and records ---- */

static int refuse_quote(struct csv *csv, const char *sentence)
{
    char place[FAULT_PLACE_MAX];

    source_place(csv->source, csv->line, csv->column, place);
    return source_refuse(csv->source, "CSV_QUOTE", place, "%s", sentence);
}

/* Reads one field into `room`, NULL to pass it over; bytes past the room are dropped, which the
 * length check of the value then names. */
static int read_field(struct csv *csv, char *room, size_t *ret_len)
{
    bool quoted = peek(csv) == '"' && !at_end(csv);
    size_t len = 0;

    if (quoted) {
        (void)take(csv);
    }
    for (;;) {
        char c;

        if (quoted && at_end(csv)) {
            return refuse_quote(csv, "a quoted field has no end");
        }
        if (!quoted && field_ends(csv)) {
            break;
        }
        c = take(csv);
        if (quoted && c == '"') {
            if (at_end(csv) || peek(csv) != '"') {
                break;
            }
            (void)take(csv);
        }
        if (room && len < CSV_FIELD_MAX) {
            room[len++] = c;
        }
    }
    if (!field_ends(csv)) {
        return refuse_quote(csv, "behind a closing quote stands the next separator");
    }
    *ret_len = len;
    return 0;
}

/* Past the separator: true when the record goes on. */
static bool next_field(struct csv *csv)
{
    if (peek(csv) == '\r') {
        (void)take(csv);
    }
    return take(csv) == csv->mark;
}

static int read_record(struct csv *csv)
{
    bool more = true;
    int r = 0;

    memset(csv->fields, 0, sizeof(csv->fields));
    csv->record_line = csv->line;
    for (size_t i = 0; more && r == 0; i++) {
        enum column column = i < csv->column_count ? csv->columns[i] : COLUMN_NONE;
        char *room = column == COLUMN_NONE ? NULL : csv->room[column];
        size_t len = 0, began = csv->column;

        r = read_field(csv, room, &len);
        if (room) {
            csv->fields[column] = (struct span){room, len};
            csv->columns_at[column] = began;
        }
        more = r == 0 && next_field(csv);
    }
    return r;
}

/* ---- the first line ---- */

static enum column column_named(struct span name, int *kind)
{
    enum signal_kind named;

    name = span_trim(name);
    if (span_starts(name, "#")) {
        name = span_trim(span_sub(name, 1, name.len));
    }
    for (size_t i = 0; i < COUNT_OF(column_names); i++) {
        if (span_equal_nocase(name, span_of(column_names[i].name))) {
            return column_names[i].column;
        }
    }
    if (name.len > 0 && signal_kind_read(name, &named)) {
        *kind = (int)named;
        return COLUMN_VALUE;
    }
    return COLUMN_NONE;
}

static char mark_of(struct span first)
{
    for (size_t i = 0; i < first.len; i++) {
        if (first.ptr[i] == ',' || first.ptr[i] == ';' || first.ptr[i] == '\t') {
            return first.ptr[i];
        }
    }
    return ',';
}

/* Reads the names of the columns. The first column of each meaning counts. */
static int read_names(struct csv *csv)
{
    bool seen[COLUMN_COUNT] = {false}, more = true;
    int r = 0;

    while (more && r == 0) {
        size_t len = 0;
        int kind = csv->kind;
        enum column column;

        r = read_field(csv, csv->room[0], &len);
        column = r ? COLUMN_NONE : column_named((struct span){csv->room[0], len}, &kind);
        if (column != COLUMN_NONE && seen[column]) {
            column = COLUMN_NONE;
        }
        if (csv->column_count < CSV_COLUMNS_MAX) {
            csv->columns[csv->column_count++] = column;
        }
        if (column == COLUMN_VALUE) {
            csv->kind = kind;
        }
        seen[column] = true;
        more = r == 0 && next_field(csv);
    }
    if (r) {
        return r;
    }
    if (!seen[COLUMN_VALUE]) {
        return source_refuse(csv->source, "CSV_COLUMN", csv->source->name,
                             "no column is called value");
    }
    if (!seen[COLUMN_KIND] && csv->kind < 0) {
        return source_refuse(csv->source, "CSV_COLUMN", csv->source->name,
                             "no column is called kind, and no kind is given");
    }
    return 0;
}

/* ---- entries ---- */

static int bad_field(struct csv *csv, enum column column, const char *code, const char *sentence)
{
    char place[FAULT_PLACE_MAX];

    source_place(csv->source, csv->record_line, csv->columns_at[column], place);
    return source_bad(csv->source, code, place, "%s", sentence);
}

static void read_tags(struct span text, struct source_tags *tags)
{
    size_t from = 0;

    for (size_t i = 0; i <= text.len; i++) {
        if (i == text.len || text.ptr[i] == '|' || text.ptr[i] == ';' || text.ptr[i] == ',') {
            source_tag(tags, span_trim(span_sub(text, from, i - from)));
            from = i + 1;
        }
    }
}

/* The columns with words; COLUMN_NONE when all are good, else the bad one. */
static enum column read_words(struct csv *csv, struct list_entry *entry)
{
    struct span severity = csv->fields[COLUMN_SEVERITY], opinion = csv->fields[COLUMN_OPINION];
    struct span language = csv->fields[COLUMN_LANGUAGE], expires = csv->fields[COLUMN_EXPIRES];
    int word;

    if (severity.len > 0) {
        if (severity.len != 1 || severity.ptr[0] < '0' || severity.ptr[0] > '4') {
            return COLUMN_SEVERITY;
        }
        entry->severity = severity.ptr[0] - '0';
    }
    if (opinion.len > 0) {
        word = word_index(opinion_words, OPINION_COUNT, opinion);
        if (word < 0) {
            return COLUMN_OPINION;
        }
        entry->opinion = (enum opinion)word;
    }
    if (language.len > 3) {
        return COLUMN_LANGUAGE;
    }
    if (language.len > 0) {
        memcpy(entry->language, language.ptr, language.len);
    }
    return expires.len > 0 && !source_time(expires, &entry->expires_ms) ? COLUMN_EXPIRES
                                                                        : COLUMN_NONE;
}

static int add_record(struct csv *csv)
{
    static const char *const sentences[COLUMN_COUNT] = {
        [COLUMN_SEVERITY] = "a severity is 0 to 4",
        [COLUMN_OPINION] = "an opinion is positive, seed, negative or disputed",
        [COLUMN_LANGUAGE] = "a language is a tag of two or three lower-case letters",
        [COLUMN_EXPIRES] = "a date (2027-05-01) or an RFC 3339 time"};
    struct list_entry entry = {.severity = csv->source->options->default_severity,
                               .opinion = csv->source->options->default_opinion};
    struct source_tags tags = {.len = 0};
    char place[FAULT_PLACE_MAX];
    enum column bad;

    entry.kind = (enum signal_kind)(csv->kind < 0 ? 0 : csv->kind);
    if (csv->fields[COLUMN_KIND].len > 0 || csv->kind < 0) {
        if (!signal_kind_read(span_trim(csv->fields[COLUMN_KIND]), &entry.kind)) {
            return bad_field(csv, COLUMN_KIND, "KIND_UNKNOWN", "there is no such kind of entry");
        }
    }
    bad = read_words(csv, &entry);
    if (bad != COLUMN_NONE) {
        return bad_field(csv, bad, "ENTRY_FIELD", sentences[bad]);
    }
    read_tags(csv->fields[COLUMN_TAGS], &tags);
    entry.tags = source_tags_span(&tags);
    entry.id = csv->fields[COLUMN_ID];
    entry.value = csv->fields[COLUMN_VALUE];
    if (entry.kind != SIGNAL_LITERAL && entry.kind != SIGNAL_REGEX) {
        entry.value = span_trim(entry.value);
    }
    source_place(csv->source, csv->record_line, csv->columns_at[COLUMN_VALUE], place);
    return source_add(csv->source, &entry, place);
}

static bool is_blank(const struct csv *csv)
{
    for (int i = 1; i < COLUMN_COUNT; i++) {
        if (csv->fields[i].len > 0) {
            return false;
        }
    }
    return true;
}

static struct span first_line(struct span bytes)
{
    struct span rest = bytes;

    return span_cut(&rest, '\n');
}

static int csv_sniff(struct span front)
{
    struct span rest = first_line(front);
    char mark = mark_of(rest);
    bool value = false;
    int kind = -1, known = 0;

    while (rest.ptr) {
        struct span name = span_cut(&rest, mark);
        enum column column;

        if (name.len > 0 && name.ptr[name.len - 1] == '\r') {
            name.len--;
        }
        if (name.len >= 2 && name.ptr[0] == '"' && name.ptr[name.len - 1] == '"') {
            name = span_sub(name, 1, name.len - 2);
        }
        column = column_named(name, &kind);
        known += column != COLUMN_NONE;
        value |= column == COLUMN_VALUE;
    }
    return value && known >= 2 ? 70 : value ? 45 : 0;
}

static int csv_read(struct signal_source *source)
{
    struct csv *csv = calloc(1, sizeof(*csv));
    int r;

    if (!csv) {
        return -ENOMEM;
    }
    csv->source = source;
    csv->line = csv->column = 1;
    csv->kind = source->options->default_kind;
    csv->mark = mark_of(first_line(source->bytes));
    r = source_start(source, NULL, source->name);
    r = r ? r : read_names(csv);
    while (r == 0 && !at_end(csv)) {
        r = read_record(csv);
        if (r == 0 && !is_blank(csv)) {
            r = add_record(csv);
        }
    }
    free(csv);
    return r;
}

const struct signal_format format_csv = {"csv", csv_sniff, csv_read};
