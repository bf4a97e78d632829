/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/head.h"

#include "lib/base/fault.h"
#include "lib/http/syntax.h"

enum { LENGTH_DIGITS_MAX = 19 };

static int refuse_framing(struct http_refusal *why, const char *text)
{
    return http_refuse(why, 400, "HTTP_FRAMING", text);
}

static int refuse_request_line(struct http_refusal *why)
{
    return http_refuse(why, 400, "HTTP_REQUEST_LINE",
                       "the first line must be METHOD SP target SP HTTP/1.1, with single spaces");
}

/* What may stand in a line at all; target.c is stricter about the target. */
static bool is_visible(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c <= ' ' || c == 0x7f) {
            return false;
        }
    }
    return text.len > 0;
}

int head_request_line(struct http_head *head, struct span line,
                      const struct http_head_limits *limits, struct http_refusal *why)
{
    struct span rest = line;
    struct span method = span_cut(&rest, ' ');
    struct span target = rest.ptr ? span_cut(&rest, ' ') : (struct span){NULL, 0};

    if (!rest.ptr || !http_is_token(method) || !is_visible(target)) {
        return refuse_request_line(why);
    }
    head->method = method;
    head->target = target;
    if (span_is(rest, "HTTP/1.1")) {
        head->minor = 1;
    } else if (!span_is(rest, "HTTP/1.0")) {
        return is_visible(rest) && span_starts(rest, "HTTP/")
                   ? http_refuse(why, 400, "HTTP_VERSION",
                                 "only HTTP/1.1 and HTTP/1.0 are spoken here")
                   : refuse_request_line(why);
    }
    if (target.len > limits->target_max_bytes) {
        return http_refuse(why, 414, "HTTP_TARGET_TOO_LONG", "the request target is too long");
    }
    return 0;
}

static int take_host(struct http_head *head, struct span value, struct http_refusal *why)
{
    if (head->host.ptr) {
        return http_refuse(why, 400, "HTTP_HOST", "there must be one Host header, not several");
    }
    if (!http_is_host(value)) {
        return http_refuse(why, 400, "HTTP_HOST",
                           "the Host header is not a host with an optional port");
    }
    head->host = value;
    return 0;
}

static int take_length(struct http_head *head, struct span value, struct http_refusal *why)
{
    unsigned long long length = 0;

    if (head->has_length) {
        return refuse_framing(why, "there must be one Content-Length header, not several");
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9') {
            return refuse_framing(why, "Content-Length must be decimal digits and nothing else");
        }
    }
    if (value.len == 0) {
        return refuse_framing(why, "Content-Length must not be empty");
    }
    if (value.len > LENGTH_DIGITS_MAX || !span_to_u64(value, &length)) {
        return http_refuse(why, 413, "HTTP_BODY_TOO_LARGE",
                           "the declared body is larger than any we take");
    }
    head->has_length = true;
    head->length = length;
    return 0;
}

static int take_transfer(struct http_head *head, struct span value, struct http_refusal *why)
{
    if (head->chunked) {
        return refuse_framing(why, "there must be one Transfer-Encoding header, not several");
    }
    if (!span_equal_nocase(value, SPAN("chunked"))) {
        return refuse_framing(why, "the only Transfer-Encoding taken is: chunked");
    }
    head->chunked = true;
    return 0;
}

/* The headers that decide about the connection; all others are the handler's. */
static int take_known(struct http_head *head, struct span name, struct span value,
                      struct http_refusal *why)
{
    switch (name.len) {
    case sizeof("Host") - 1:
        return span_equal_nocase(name, SPAN("host")) ? take_host(head, value, why) : 0;
    case sizeof("Expect") - 1:
        if (span_equal_nocase(name, SPAN("expect"))) {
            head->expect_continue = span_equal_nocase(value, SPAN("100-continue"));
            head->expect_other = head->expect_other || !head->expect_continue;
        }
        return 0;
    case sizeof("Connection") - 1:
        if (span_equal_nocase(name, SPAN("connection"))) {
            head->close_asked = head->close_asked || http_list_has(value, "close");
            head->keep_asked = head->keep_asked || http_list_has(value, "keep-alive");
        }
        return 0;
    case sizeof("Content-Length") - 1:
        return span_equal_nocase(name, SPAN("content-length")) ? take_length(head, value, why) : 0;
    case sizeof("Transfer-Encoding") - 1:
        return span_equal_nocase(name, SPAN("transfer-encoding")) ? take_transfer(head, value, why)
                                                                  : 0;
    default:
        return 0;
    }
}

int head_field_line(struct http_head *head, struct span line, const struct http_head_limits *limits,
                    struct http_refusal *why)
{
    struct span value = line, name;

    if (head->field_count >= limits->head_max_lines || head->field_count >= HTTP_FIELDS_MAX) {
        return http_refuse(why, 431, "HTTP_HEAD_TOO_LARGE", "there are too many header lines");
    }
    if (line.ptr[0] == ' ' || line.ptr[0] == '\t') {
        return http_refuse(why, 400, "HTTP_FIELD_FOLD",
                           "a header line must not begin with a blank");
    }
    name = span_cut(&value, ':');
    if (!value.ptr || !http_is_token(name)) {
        return http_refuse(why, 400, "HTTP_FIELD",
                           "a header line must be a name, a colon and a value");
    }
    value = span_trim(value);
    if (!http_is_field_value(value)) {
        return http_refuse(why, 400, "HTTP_FIELD", "a header value has a control character");
    }
    head->fields[head->field_count++] = (struct http_field){name, value};
    return take_known(head, name, value, why);
}

int head_finish(struct http_head *head, struct http_refusal *why)
{
    if (!head->host.ptr && head->minor == 1) {
        return http_refuse(why, 400, "HTTP_HOST", "the Host header is missing");
    }
    if (head->chunked && head->has_length) {
        return refuse_framing(why, "Content-Length and Transfer-Encoding exclude each other");
    }
    if (head->chunked && head->minor == 0) {
        return refuse_framing(why, "HTTP/1.0 has no Transfer-Encoding");
    }
    if (head->minor == 0) {
        head->expect_continue = false;
    } else if (head->expect_other) {
        return http_refuse(why, 417, "HTTP_EXPECTATION",
                           "the only expectation met is: 100-continue");
    }
    head->keep_alive = !head->close_asked && (head->minor == 1 || head->keep_asked);
    return 0;
}

void head_clear(struct http_head *head)
{
    /* Not the 3 KiB of fields: what is past field_count is never read. */
    memset(head, 0, offsetof(struct http_head, fields));
}

static void move(struct span *span, const char *from, const char *to)
{
    if (span->ptr) {
        span->ptr = to + (span->ptr - from);
    }
}

void head_move(struct http_head *head, const char *from, const char *to)
{
    move(&head->method, from, to);
    move(&head->target, from, to);
    move(&head->host, from, to);
    for (size_t i = 0; i < head->field_count; i++) {
        move(&head->fields[i].name, from, to);
        move(&head->fields[i].value, from, to);
    }
}
