/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_HTTP_HEAD_H
#define RAPPORTEUR_LIB_HTTP_HEAD_H

/*
 * A request's head, line by line, and what it says of the framing. reader.h has the rules and is
 * what one uses; this is the half of it that looks at whole lines. r = head_request_line(&head,
 * line, &limits, &why); r = head_field_line(&head, line, &limits, &why);      for each line r =
 * head_finish(&head, &why);                          at the empty line Lines come without their CR
 * LF and must outlive the head. Each returns 0 or FAULT with *why.
 */

#include "lib/base/span.h"
#include "lib/http/field.h"
#include "lib/http/refusal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_FIELDS_MAX = 100 };

struct http_head_limits {
    size_t head_max_bytes; /* request line, header lines and the empty line; 256 bytes to 64 KiB */
    size_t head_max_lines; /* header lines; at most HTTP_FIELDS_MAX */
    size_t target_max_bytes;
};

struct http_head {
    struct span method, target;
    int minor;        /* of the version: 0 or 1 */
    struct span host; /* ptr NULL: none */
    bool chunked;
    bool has_length;
    bool keep_alive; /* the client would go on: version and Connection */
    bool expect_continue;
    uint64_t length; /* of the body, if has_length */
    /* Seen so far, for head_finish. */
    bool close_asked, keep_asked, expect_other;
    size_t field_count;
    struct http_field fields[HTTP_FIELDS_MAX]; /* names as sent, values without outer blanks */
};

int head_request_line(struct http_head *head, struct span line,
                      const struct http_head_limits *limits, struct http_refusal *why);
int head_field_line(struct http_head *head, struct span line, const struct http_head_limits *limits,
                    struct http_refusal *why);
int head_finish(struct http_head *head, struct http_refusal *why);

/* Forgets all but the memory. */
void head_clear(struct http_head *head);
/* The bytes that all spans point into have been copied from `from` to `to`. */
void head_move(struct http_head *head, const char *from, const char *to);

#endif
