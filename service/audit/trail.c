/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/trail.h"

#include "lib/audit/entry.h"
#include "lib/base/clock.h"
#include "lib/json/read.h"
#include "service/audit/reader.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

struct audit_trail {
    char *folder;
    bool served;                           /* the folder is a log itself */
    struct trail_log logs[TRAIL_LOGS_MAX]; /* newest first while opening, then oldest first */
    size_t count;
    bool cut;
    uint64_t first, end;
    struct audit_reader *reader; /* of reading_log */
    size_t reading;
};

const char *const trail_state_words[] = {"open", "closed", "deleted"};

/* ---- names ---- */

/* Of a first log whose origin does not end in a name. */
#define FIRST "first"

bool trail_name_ok(struct span name)
{
    static const char *const taken[] = {"log",  "private", "current", "checkpoint",
                                        "vkey", "tile",    "begin"};

    if (name.len == 0 || name.len > TRAIL_NAME_MAX || strchr("._-", name.ptr[0])) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
              c == '-')) {
            return false;
        }
    }
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        if (span_is(name, taken[i])) {
            return false;
        }
    }
    return true;
}

struct span trail_name_of(const char *origin)
{
    const char *slash = strrchr(origin, '/');
    struct span name = span_of(slash ? slash + 1 : origin);

    return trail_name_ok(name) ? name : (struct span){NULL, 0};
}

static void name_of(char into[TRAIL_NAME_MAX + 1], const char *origin)
{
    struct span name = trail_name_of(origin);

    (void)snprintf(into, TRAIL_NAME_MAX + 1, "%.*s", (int)name.len, name.ptr ? name.ptr : "");
    if (!name.len) {
        (void)snprintf(into, TRAIL_NAME_MAX + 1, FIRST);
    }
}

static int join(char into[PATH_SIZE], const char *folder, const char *name, const char *rest)
{
    return (size_t)snprintf(into, PATH_SIZE, "%s%s%s%s", folder, name[0] ? "/" : "", name, rest) <
                   PATH_SIZE
               ? 0
               : -ENAMETOOLONG;
}

static bool is_there(const char *folder, const char *file)
{
    char path[PATH_SIZE];

    return join(path, folder, file, "") == 0 && access(path, F_OK) == 0;
}

/* A small file: 0, -ENOENT, other errno. */
static int read_small(const char *folder, const char *file, struct buf *out)
{
    char path[PATH_SIZE];
    ssize_t got = 1;
    int fd;

    if (join(path, folder, file, "") != 0) {
        return -ENAMETOOLONG;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return -errno;
    }
    while (got > 0) {
        char *into = buf_reserve(out, ENTRY_MAX_BYTES + 1 - out->len);

        got = into ? read(fd, into, ENTRY_MAX_BYTES + 1 - out->len) : -1;
        buf_grew(out, got > 0 ? (size_t)got : 0);
        got = out->len > ENTRY_MAX_BYTES ? -1 : got;
    }
    (void)close(fd);
    return got < 0 ? -EIO : 0;
}

int trail_current(const char *audit_folder, char *into, size_t size, struct fault *why)
{
    struct buf text;
    struct span name;
    int r;

    buf_init(&text, ENTRY_MAX_BYTES + 2);
    r = read_small(audit_folder, "current", &text);
    name = buf_span(&text);
    name.len -= name.len > 0 && name.ptr[name.len - 1] == '\n';
    if (r == 0 && !trail_name_ok(name)) {
        r = fault_set(why, "TRAIL_FORM", "current", "the file does not hold the name of a log");
    } else if (r == 0 || r == -ENOENT) {
        int len = r == 0 ? snprintf(into, size, "%s/%.*s", audit_folder, (int)name.len, name.ptr)
                         : snprintf(into, size, "%s", audit_folder);

        r = len >= 0 && (size_t)len < size ? 0 : -ENAMETOOLONG;
    }
    buf_done(&text);
    return r;
}

/* ---- the first entry of a later log ---- */

static bool read_whole(const json_t *entry, const char *name, uint64_t *ret)
{
    const json_t *value = json_object_get(entry, name);

    *ret = (uint64_t)json_integer_value(value);
    return json_is_integer(value) && json_integer_value(value) > 0;
}

int trail_begin_read(struct trail_begin *ret, bool *ret_there, struct span entry, struct fault *why)
{
    CLEANUP(json_freep) json_t *json = NULL;
    struct entry_view view;
    const char *vkey, *note;
    int r = entry_read(&view, entry, why);

    *ret_there =
        r == 0 && view.type == ENTRY_LOG && span_is(entry_string(&view, "action"), "begin");
    if (r || !*ret_there) {
        return r;
    }
    *ret = (struct trail_begin){0};
    json = json_loadb(entry.ptr, entry.len, JSON_REJECT_DUPLICATES, NULL);
    vkey = json_string_value(json_object_get(json, "vkey"));
    note = json_string_value(json_object_get(json, "checkpoint"));
    if (!vkey || !note || !read_whole(json, "number", &ret->number) ||
        !read_whole(json, "serial", &ret->serial) || ret->number >= TRAIL_LOGS_MAX ||
        !clock_read(entry_string(&view, "closed_at"), &ret->closed_ms)) {
        return fault_set(why, "TRAIL_FORM", "entry 0",
                         "the first entry of a later log has vkey, checkpoint, number, "
                         "serial and closed_at");
    }
    r = note_key_read(&ret->key, span_of(vkey), why);
    r = r ? r : checkpoint_open(&ret->head, span_of(note), &ret->key, why);
    if (r == 0 && !span_is(entry_string(&view, "log"), ret->head.origin)) {
        r = fault_set(why, "TRAIL_FORM", "entry 0",
                      "the log that ended and its checkpoint have different names");
    }
    return r;
}

/* ---- opening ---- */

/* The first entry, from the log or from what is kept of a deleted one. */
static int read_begin(struct trail_log *log, struct audit_reader *reader, struct fault *why)
{
    struct buf kept;
    struct span entry;
    int r;

    buf_init(&kept, ENTRY_MAX_BYTES + 2);
    r = read_small(log->folder, "begin", &kept);
    entry = buf_span(&kept);
    if (r == 0) {
        log->state = TRAIL_DELETED;
    } else if (r == -ENOENT) {
        r = log->head.size ? audit_reader_entry(reader, 0, &entry, why) : 0;
    }
    if (r == 0 && entry.len) {
        r = trail_begin_read(&log->begin, &log->has_begin, entry, why);
    }
    buf_done(&kept);
    return r;
}

static struct span vkey_text(struct buf *into, const struct note_key *key)
{
    buf_init(into, NOTE_VKEY_MAX + 1);
    (void)note_key_write(into, key);
    return buf_span(into);
}

/* Adds the log in that folder; an empty vkey means its own. */
static int add_log(struct audit_trail *trail, const char *folder, struct span vkey,
                   struct fault *why)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    struct trail_log *log = &trail->logs[trail->count];
    int r = audit_reader_open_as(&reader, folder, vkey, why);

    if (r) {
        return r;
    }
    *log = (struct trail_log){.state = trail->count ? TRAIL_CLOSED : TRAIL_OPEN,
                              .folder = strdup(folder)};
    trail->count++;
    if (!log->folder) {
        return -ENOMEM;
    }
    log->key = *audit_reader_key(reader);
    log->head = *audit_reader_head(reader);
    name_of(log->name, log->head.origin);
    return read_begin(log, reader, why);
}

static bool has_key(const char *folder, const struct note_key *key)
{
    struct buf text, wanted;
    struct span line;
    bool same;

    buf_init(&text, ENTRY_MAX_BYTES + 2);
    same = read_small(folder, "vkey", &text) == 0;
    line = buf_span(&text);
    line.len -= line.len > 0 && line.ptr[line.len - 1] == '\n';
    same = span_equal(vkey_text(&wanted, key), line) && same;
    buf_done(&text);
    buf_done(&wanted);
    return same;
}

/* Where the log with that key is: by its name, or the first one where it always was. */
static bool find_before(const struct audit_trail *trail, const struct note_key *key,
                        char into[PATH_SIZE])
{
    char name[TRAIL_NAME_MAX + 1];

    name_of(name, key->name);
    if (join(into, trail->folder, name, trail->served ? "" : "/log") == 0 && has_key(into, key)) {
        return true;
    }
    return !trail->served && join(into, trail->folder, "log", "") == 0 && has_key(into, key);
}

/* The log before ends exactly where this one says. */
static int check_chain(const struct trail_log *later, const struct trail_log *log,
                       struct fault *why)
{
    const struct trail_begin *begin = &later->begin;

    if (log->head.size != begin->head.size || !hash_equal(&log->head.root, &begin->head.root) ||
        (log->has_begin ? log->begin.number : 0) + 1 != begin->number) {
        return fault_set(why, "TRAIL_CHAIN", later->name,
                         "%s goes on from %llu entries of %s, which has %llu, or another root or "
                         "place in the row",
                         later->head.origin, (unsigned long long)begin->head.size, log->head.origin,
                         (unsigned long long)log->head.size);
    }
    return 0;
}

static int open_chain(struct audit_trail *trail, struct span vkey, struct fault *why)
{
    char path[PATH_SIZE], current[PATH_SIZE];
    int r;

    trail->served = is_there(trail->folder, "checkpoint") || !is_there(trail->folder, "log");
    if (trail->served) {
        r = join(path, trail->folder, "", "");
    } else {
        r = trail_current(trail->folder, current, sizeof(current), why);
        r = r ? r : join(path, current, "log", "");
    }
    r = r ? r : add_log(trail, path, vkey, why);
    while (r == 0) {
        struct trail_log *later = &trail->logs[trail->count - 1];
        struct buf key;

        if (!later->has_begin || trail->count == TRAIL_LOGS_MAX ||
            !find_before(trail, &later->begin.key, path)) {
            trail->cut = later->has_begin;
            return 0;
        }
        r = add_log(trail, path, vkey_text(&key, &later->begin.key), why);
        buf_done(&key);
        r = r ? r : check_chain(later, &trail->logs[trail->count - 1], why);
    }
    return r;
}

/* Oldest first, with positions; what can be read begins behind the last deleted log. */
static void set_order(struct audit_trail *trail)
{
    for (size_t i = 0; i < trail->count / 2; i++) {
        struct trail_log log = trail->logs[i];

        trail->logs[i] = trail->logs[trail->count - 1 - i];
        trail->logs[trail->count - 1 - i] = log;
    }
    for (size_t i = 0; i < trail->count; i++) {
        struct trail_log *log = &trail->logs[i];

        log->first = log->has_begin ? log->begin.serial - 1 + log->begin.number : 0;
        if (i == 0 || log->state == TRAIL_DELETED) {
            trail->first = log->first;
        }
        if (log->state == TRAIL_DELETED) {
            trail->cut = true;
            trail->first += log->head.size;
        }
    }
    trail->end = trail->logs[trail->count - 1].first + trail->logs[trail->count - 1].head.size;
    trail->reading = trail->count;
}

int audit_trail_open_as(struct audit_trail **ret, const char *folder, struct span vkey,
                        struct fault *why)
{
    CLEANUP(audit_trail_freep) struct audit_trail *trail = calloc(1, sizeof(*trail));
    int r;

    if (!trail || !(trail->folder = strdup(folder))) {
        return -ENOMEM;
    }
    r = open_chain(trail, vkey, why);
    if (r) {
        return r;
    }
    set_order(trail);
    *ret = TAKE(trail);
    return 0;
}

int audit_trail_open(struct audit_trail **ret, const char *folder, struct fault *why)
{
    return audit_trail_open_as(ret, folder, (struct span){NULL, 0}, why);
}

struct audit_trail *audit_trail_free(struct audit_trail *trail)
{
    if (trail) {
        for (size_t i = 0; i < trail->count; i++) {
            free(trail->logs[i].folder);
        }
        trail->reader = audit_reader_free(trail->reader);
        free(trail->folder);
        free(trail);
    }
    return NULL;
}

/* ---- reading ---- */

size_t audit_trail_count(const struct audit_trail *trail)
{
    return trail->count;
}

const struct trail_log *audit_trail_log(const struct audit_trail *trail, size_t at)
{
    assert(at < trail->count);
    return &trail->logs[at];
}

const struct trail_log *audit_trail_newest(const struct audit_trail *trail)
{
    return &trail->logs[trail->count - 1];
}

bool audit_trail_cut(const struct audit_trail *trail)
{
    return trail->cut;
}

uint64_t audit_trail_first(const struct audit_trail *trail)
{
    return trail->first;
}

uint64_t audit_trail_end(const struct audit_trail *trail)
{
    return trail->end;
}

const struct trail_log *audit_trail_place(const struct audit_trail *trail, uint64_t position,
                                          uint64_t *ret_index)
{
    size_t at = trail->count - 1;

    assert(position >= trail->first && position < trail->end);
    while (trail->logs[at].first > position) {
        at--;
    }
    *ret_index = position - trail->logs[at].first;
    return &trail->logs[at];
}

/* The reader of the log at that place; one is open at a time. */
static int reader_of(struct audit_trail *trail, const struct trail_log *log, struct fault *why)
{
    size_t at = (size_t)(log - trail->logs);
    struct buf key;
    int r = 0;

    if (trail->reading != at) {
        trail->reader = audit_reader_free(trail->reader);
        trail->reading = trail->count;
        r = audit_reader_open_as(&trail->reader, log->folder, vkey_text(&key, &log->key), why);
        buf_done(&key);
        trail->reading = r ? trail->count : at;
    }
    return r;
}

int audit_trail_entry(struct audit_trail *trail, uint64_t position, struct span *ret,
                      struct fault *why)
{
    const struct trail_log *log;
    uint64_t index;
    int r;

    if (position < trail->first || position >= trail->end) {
        return fault_set(why, "LOG_RANGE", "", "entries %llu to %llu are at hand, not %llu",
                         (unsigned long long)trail->first, (unsigned long long)trail->end,
                         (unsigned long long)position);
    }
    log = audit_trail_place(trail, position, &index);
    r = reader_of(trail, log, why);
    return r ? r : audit_reader_entry(trail->reader, index, ret, why);
}

int audit_trail_receipt(struct audit_trail *trail, uint64_t position, struct buf *out,
                        struct fault *why)
{
    uint64_t index;
    const struct trail_log *log = audit_trail_place(trail, position, &index);
    int r = reader_of(trail, log, why);

    return r ? r : audit_reader_receipt(trail->reader, index, out, why);
}

int audit_trail_find(const struct audit_trail *trail, uint64_t serial, uint64_t *ret_position)
{
    for (size_t i = trail->count; i-- > 0;) {
        const struct trail_log *log = &trail->logs[i];

        if (!log->has_begin || serial >= log->begin.serial) {
            *ret_position = serial + (log->has_begin ? log->begin.number : 0);
            return *ret_position >= trail->end    ? -EAGAIN
                   : *ret_position < trail->first ? -ENOENT
                                                  : 0;
        }
    }
    return -ENOENT;
}
