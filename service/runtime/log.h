/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_RUNTIME_LOG_H
#define RAPPORTEUR_SERVICE_RUNTIME_LOG_H

/*
 * The process log: one JSON object a line on stderr, from any thread, each line one write.
 *     log_warn("list refused, keeping the old one", LOG_STR("list", id), LOG_FAULT(&why));
 *     {"time":"2026-11-23T20:53:28.123Z","level":"warn","message":"list refused, ...","list":"..."}
 * Field names: [a-z_]+, and each means one thing everywhere:
 *     list source route method status request remote partner case report decision queue count bytes
 *     ms pid signal error code place detail digest version address path size state setting
 * Never: reported content, reasons, secrets, names of reviewers. Foreign strings are escaped, made
 * valid UTF-8, cut at 512 bytes. More than LOG_LINES_PER_SECOND lines in a second are counted, and
 * the count is said in the next line that passes ("dropped").
 */

#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_LEVEL_COUNT };
extern const char *const log_level_words[LOG_LEVEL_COUNT];

enum { LOG_LINES_PER_SECOND = 500 };

struct log_field {
    const char *name;                   /* NULL: skipped */
    enum { LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_FAULT } kind;
    union {
        struct span text;
        int64_t number;
        const struct fault *fault;      /* written as code, place, detail */
    };
};

#define LOG_STR(key, value) {.name = (key), .kind = LOG_FIELD_TEXT, .text = span_of(value)}
#define LOG_SPAN(key, value) {.name = (key), .kind = LOG_FIELD_TEXT, .text = (value)}
#define LOG_INT(key, value) {.name = (key), .kind = LOG_FIELD_INT, .number = (int64_t)(value)}
#define LOG_FAULT(why) {.name = "fault", .kind = LOG_FIELD_FAULT, .fault = (why)}

void log_write(enum log_level level, const char *message, const struct log_field *fields, size_t count);

#define log_at_(level, message, ...)                                                               \
    do {                                                                                           \
        const struct log_field log_fields_[] = {{.name = NULL}, ##__VA_ARGS__};                    \
        log_write((level), (message), log_fields_ + 1,                                             \
                  sizeof(log_fields_) / sizeof(log_fields_[0]) - 1);                               \
    } while (0)
#define log_debug(message, ...) log_at_(LOG_DEBUG, message, ##__VA_ARGS__)
#define log_info(message, ...) log_at_(LOG_INFO, message, ##__VA_ARGS__)
#define log_warn(message, ...) log_at_(LOG_WARN, message, ##__VA_ARGS__)
#define log_error(message, ...) log_at_(LOG_ERROR, message, ##__VA_ARGS__)

/* The least level written; LOG_INFO at start. Any thread. */
void log_set_level(enum log_level level);
/* Where lines go; 2 at start. For tests. */
void log_set_fd(int fd);

#endif
