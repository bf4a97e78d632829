/* SPDX-License-Identifier: Apache-2.0 */
#include "service/runtime/log.h"

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/json/canon.h"
#include "service/runtime/loop.h"

#include <stdatomic.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 8192, TEXT_MAX_BYTES = 512 };

const char *const log_level_words[LOG_LEVEL_COUNT] = {"debug", "info", "warn", "error"};

static atomic_int least_level = LOG_INFO;
static atomic_int log_fd = 2;
static atomic_llong window_second;
static atomic_uint window_lines;
static atomic_uint dropped_lines;

void log_set_level(enum log_level level)
{
    atomic_store(&least_level, level);
}

void log_set_fd(int fd)
{
    atomic_store(&log_fd, fd);
}

/* Counts the line against this second; errors always pass. */
static bool may_write(enum log_level level, int64_t now_ms)
{
    long long second = now_ms / 1000;

    if (atomic_exchange(&window_second, second) != second) {
        atomic_store(&window_lines, 0);
    }
    if (atomic_fetch_add(&window_lines, 1) < LOG_LINES_PER_SECOND || level == LOG_ERROR) {
        return true;
    }
    atomic_fetch_add(&dropped_lines, 1);
    return false;
}

/* A string of foreign bytes as JSON: quoted, valid, cut. */
static void add_text(struct buf *line, struct span text)
{
    struct span rest = span_sub(text, 0, TEXT_MAX_BYTES);

    (void)buf_add_char(line, '"');
    while (rest.len) {
        /* fault_quote takes what fits its small room and escapes what is not printable UTF-8. */
        struct span part = span_sub(rest, 0, 12);
        char quoted[FAULT_QUOTE_MAX];

        while (part.len < rest.len && ((unsigned char)rest.ptr[part.len] & 0xC0) == 0x80 && part.len < 15) {
            part.len++;
        }
        (void)fault_quote(quoted, part);
        for (const char *c = quoted; *c; c++) {
            if (*c == '"' || *c == '\\') {
                (void)buf_add_char(line, '\\');
            }
            (void)buf_add_char(line, *c);
        }
        rest = span_sub(rest, part.len, rest.len);
    }
    (void)buf_add_text(line, text.len > TEXT_MAX_BYTES ? "...\"" : "\"");
}

static void add_named_text(struct buf *line, const char *name, struct span text)
{
    (void)buf_add_format(line, ",\"%s\":", name);
    add_text(line, text);
}

static void add_field(struct buf *line, const struct log_field *field)
{
    if (!field->name) {
        return;
    }
    switch (field->kind) {
    case LOG_FIELD_TEXT:
        add_named_text(line, field->name, field->text);
        break;
    case LOG_FIELD_INT:
        (void)buf_add_format(line, ",\"%s\":%lld", field->name, (long long)field->number);
        break;
    case LOG_FIELD_FAULT:
        add_named_text(line, "code", span_of(field->fault->code));
        if (field->fault->place[0]) {
            add_named_text(line, "place", span_of(field->fault->place));
        }
        add_named_text(line, "detail", span_of(field->fault->text));
        break;
    }
}

void log_write(enum log_level level, const char *message, const struct log_field *fields, size_t count)
{
    int64_t now_ms = loop_now_ms();
    char time[CLOCK_TEXT_LEN + 1];
    struct buf line;
    unsigned dropped;

    if ((int)level < atomic_load(&least_level) || !may_write(level, now_ms)) {
        return;
    }
    buf_init(&line, LINE_MAX_BYTES);
    clock_text(now_ms, time);
    (void)buf_add_format(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"message\":", time,
                         log_level_words[level]);
    add_text(&line, span_of(message));
    for (size_t i = 0; i < count; i++) {
        size_t before = line.len;

        add_field(&line, &fields[i]);
        if (line.len > LINE_MAX_BYTES - 64) {
            line.len = before;          /* a line that would not fit loses whole fields, never its form */
            break;
        }
    }
    dropped = atomic_exchange(&dropped_lines, 0);
    if (dropped) {
        (void)buf_add_format(&line, ",\"dropped\":%u", dropped);
    }
    if (buf_add_text(&line, "}\n") == 0) {
        ssize_t written = write(atomic_load(&log_fd), line.data, line.len);

        (void)written;                  /* nowhere left to say that the log cannot be written */
    }
    buf_done(&line);
}
