/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/entry_scan.h"

#include "lib/base/clock.h"
#include "lib/json/canon.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { MAX_COMMITS = 32 };

struct member {
    char name[ENTRY_NAME_MAX + 1];
    size_t from, len; /* its value in entry->values */
};

struct commit {
    char label[COMMIT_LABEL_MAX + 1], hex[COMMIT_HEX_LEN + 1];
};

struct entry {
    struct member members[ENTRY_MAX_MEMBERS];
    size_t member_count, hole_count;
    struct commit commits[MAX_COMMITS];
    size_t commit_count;
    struct buf values;
    int failed; /* sticky: FAULT with why, or an errno */
    struct fault why;
};

static void fail(struct entry *entry, const char *name, const char *code, const char *sentence)
{
    char place[ENTRY_NAME_MAX + 2] = "/";
    size_t len = strlen(name) < ENTRY_NAME_MAX ? strlen(name) : ENTRY_NAME_MAX;

    if (!entry->failed) {
        memcpy(place + 1, name, len);
        entry->failed = fault_set(&entry->why, code, place, "%s", sentence);
    }
}

static bool is_name(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > ENTRY_NAME_MAX || name[0] < 'a' || name[0] > 'z') {
        return false;
    }
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

/* The member's value is what the caller then appends to entry->values, ended by close_member. */
static struct member *open_member(struct entry *entry, const char *name)
{
    struct member *member;

    if (!entry || entry->failed) {
        return NULL;
    }
    if (!is_name(name)) {
        fail(entry, name, "ENTRY_FORM",
             "a member's name has 1 to 48 of a-z, 0-9 and _, first a letter");
        return NULL;
    }
    for (size_t i = 0; i < entry->member_count; i++) {
        if (strcmp(entry->members[i].name, name) == 0) {
            fail(entry, name, "ENTRY_DUPLICATE", "the entry has this member already");
            return NULL;
        }
    }
    /* One place is kept for "commit". */
    if (entry->member_count == ENTRY_MAX_MEMBERS - 1) {
        fail(entry, name, "ENTRY_TOO_LARGE", "an entry has at most 48 members");
        return NULL;
    }
    member = &entry->members[entry->member_count];
    memcpy(member->name, name, strlen(name) + 1);
    member->from = entry->values.len;
    return member;
}

static void close_member(struct entry *entry, struct member *member, int r)
{
    if (r == BUF_FULL) {
        fail(entry, member->name, "ENTRY_TOO_LARGE", "an entry has at most 65535 bytes");
    } else if (r == FAULT) {
        fail(entry, member->name, "ENTRY_FORM", "a number in it has no canonical form");
    } else if (r) {
        entry->failed = r;
    } else {
        member->len = entry->values.len - member->from;
        entry->member_count++;
    }
}

struct entry *entry_new(enum entry_type type, int64_t at_ms)
{
    struct entry *entry = calloc(1, sizeof(*entry));

    assert(type >= 0 && type < ENTRY_TYPE_COUNT);
    if (entry) {
        buf_init(&entry->values, ENTRY_MAX_BYTES);
        entry_int(entry, "v", ENTRY_VERSION);
        entry_text(entry, "type", span_of(entry_type_words[type]));
        entry_time(entry, "at", at_ms);
    }
    return entry;
}

struct entry *entry_free(struct entry *entry)
{
    if (entry) {
        buf_done(&entry->values);
        free(entry);
    }
    return NULL;
}

void entry_text(struct entry *entry, const char *name, struct span value)
{
    struct member *member = open_member(entry, name);

    if (member) {
        close_member(entry, member, json_canon_string(&entry->values, value));
    }
}

void entry_int(struct entry *entry, const char *name, int64_t value)
{
    struct member *member = open_member(entry, name);

    if (member) {
        close_member(entry, member, buf_add_int(&entry->values, value));
    }
}

void entry_bool(struct entry *entry, const char *name, bool value)
{
    struct member *member = open_member(entry, name);

    if (member) {
        close_member(entry, member, buf_add_text(&entry->values, value ? "true" : "false"));
    }
}

void entry_time(struct entry *entry, const char *name, int64_t unix_ms)
{
    struct member *member = open_member(entry, name);
    char text[CLOCK_TEXT_LEN + 1];

    if (member && (unix_ms < 0 || unix_ms > CLOCK_MAX_MS)) {
        fail(entry, name, "ENTRY_MEMBER", "a time lies between 1970 and 9999");
    } else if (member) {
        clock_text(unix_ms, text);
        close_member(entry, member, json_canon_string(&entry->values, span_of(text)));
    }
}

void entry_json(struct entry *entry, const char *name, const json_t *value)
{
    struct member *member = value ? open_member(entry, name) : NULL;

    if (member) {
        close_member(entry, member, json_canon(&entry->values, value));
    }
}

void entry_commit(struct entry *entry, const char *label, const char hex[COMMIT_HEX_LEN + 1])
{
    struct commit *commit;

    if (!entry || entry->failed) {
        return;
    }
    if (!is_name(label) || strspn(hex, "0123456789abcdef") != COMMIT_HEX_LEN ||
        hex[COMMIT_HEX_LEN]) {
        fail(entry, "commit", "ENTRY_FORM",
             "a commitment is a label of a-z, 0-9 and _, and 64 hex digits");
        return;
    }
    if (entry->commit_count == MAX_COMMITS) {
        fail(entry, "commit", "ENTRY_TOO_LARGE", "an entry has at most 32 commitments");
        return;
    }
    commit = &entry->commits[entry->commit_count++];
    memcpy(commit->label, label, strlen(label) + 1);
    memcpy(commit->hex, hex, COMMIT_HEX_LEN + 1);
}

static void add_hole(struct entry *entry, const char *name, const char *hole, const char *quote)
{
    struct member *member = open_member(entry, name);
    size_t len = strlen(hole);

    if (!member) {
        return;
    }
    if (len == 0 || len > ENTRY_NAME_MAX || strspn(hole, "abcdefghijklmnopqrstuvwxyz_") != len) {
        fail(entry, name, "ENTRY_FORM", "a hole's name has 1 to 48 of a-z and _");
        return;
    }
    entry->hole_count++;
    close_member(
        entry, member,
        buf_add_format(&entry->values, "%s%c%s%c%s", quote, HOLE_OPEN, hole, HOLE_CLOSE, quote));
}

void entry_hole(struct entry *entry, const char *name, const char *hole)
{
    add_hole(entry, name, hole, "\"");
}

void entry_hole_json(struct entry *entry, const char *name, const char *hole)
{
    add_hole(entry, name, hole, "");
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct member *const *)a)->name,
                  (*(const struct member *const *)b)->name);
}

static int by_label(const void *a, const void *b)
{
    return strcmp(((const struct commit *)a)->label, ((const struct commit *)b)->label);
}

static void write_commits(const struct entry *entry, struct buf *out)
{
    struct commit sorted[MAX_COMMITS];

    memcpy(sorted, entry->commits, sizeof(sorted));
    qsort(sorted, entry->commit_count, sizeof(sorted[0]), by_label);
    for (size_t i = 0; i < entry->commit_count; i++) {
        (void)buf_add_text(out, i ? ",\"" : "{\"");
        (void)buf_add_text(out, sorted[i].label);
        (void)buf_add(out, "\":\"", 3);
        (void)buf_add(out, sorted[i].hex, COMMIT_HEX_LEN);
        (void)buf_add_char(out, '"');
    }
    (void)buf_add_char(out, '}');
}

static void write_members(const struct entry *entry, struct buf *out)
{
    static const struct member commit = {.name = "commit"};
    const struct member *sorted[ENTRY_MAX_MEMBERS];
    size_t count = 0;

    for (; count < entry->member_count; count++) {
        sorted[count] = &entry->members[count];
    }
    if (entry->commit_count) {
        sorted[count++] = &commit;
    }
    qsort(sorted, count, sizeof(sorted[0]), by_name);
    for (size_t i = 0; i < count; i++) {
        (void)buf_add_text(out, i ? ",\"" : "{\"");
        (void)buf_add_text(out, sorted[i]->name);
        (void)buf_add(out, "\":", 2);
        if (sorted[i] == &commit) {
            write_commits(entry, out);
        } else {
            (void)buf_add(out, entry->values.data + sorted[i]->from, sorted[i]->len);
        }
    }
    (void)buf_add_char(out, '}');
}

int entry_write(const struct entry *entry, struct buf *out, struct fault *why)
{
    struct entry_view view;
    struct buf text;
    int r;

    if (!entry) {
        return -ENOMEM;
    }
    if (entry->failed) {
        if (entry->failed == FAULT && why) {
            *why = entry->why;
        }
        return entry->failed;
    }
    /* Room is kept for the longest values the holes may get. */
    buf_init(&text, ENTRY_MAX_BYTES - entry->hole_count * ENTRY_HOLE_MAX);
    (void)buf_reserve(&text, 1024);     /* most entries fit: grown once, not five times */
    write_members(entry, &text);
    r = buf_status(&text);
    if (r == BUF_FULL) {
        r = fault_set(why, "ENTRY_TOO_LARGE", "", "an entry has at most %d bytes", ENTRY_MAX_BYTES);
    }
    if (r == 0) {
        r = entry_read_template(&view, buf_span(&text), entry->hole_count > 0, why);
    }
    if (r == 0) {
        r = buf_add_span(out, buf_span(&text));
    }
    buf_done(&text);
    return r;
}

static bool is_late_value(struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c && strchr("_.:+-", c)))) {
            return false;
        }
    }
    return value.len > 0 && value.len <= ENTRY_HOLE_MAX;
}

static int fill_one(struct buf *out, struct span hole, const struct entry_late *late, size_t count,
                    struct fault *why)
{
    char name[FAULT_QUOTE_MAX];

    for (size_t i = 0; i < count; i++) {
        struct span bare = late[i].value;

        if (!span_is(hole, late[i].hole)) {
            continue;
        }
        if (bare.len >= 2 && bare.ptr[0] == '"' && bare.ptr[bare.len - 1] == '"') {
            bare = span_sub(bare, 1, bare.len - 2);
        }
        if (!is_late_value(bare)) {
            return fault_set(why, "ENTRY_HOLE", "",
                             "the value for hole %s has other characters or is too long",
                             fault_quote(name, hole));
        }
        return buf_add_span(out, late[i].value);
    }
    return fault_set(why, "ENTRY_HOLE", "", "there is no value for hole %s",
                     fault_quote(name, hole));
}

int entry_fill(struct buf *out, struct span template, const struct entry_late *late, size_t count,
               struct fault *why)
{
    struct span rest = template;
    int r = 0;

    while (rest.ptr && r == 0) {
        r = buf_add_span(out, span_cut(&rest, HOLE_OPEN));
        if (r == 0 && rest.ptr) {
            r = fill_one(out, span_cut(&rest, HOLE_CLOSE), late, count, why);
        }
    }
    return r;
}
