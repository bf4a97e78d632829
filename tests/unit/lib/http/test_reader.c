/* SPDX-License-Identifier: Apache-2.0 */
/* Raw bytes against the request reader: what is taken, what is refused and with which code. Every
 * case runs whole, byte by byte, and cut in two at each place, and must end the same. */
#include "tests/support/support.h"

#include "lib/base/buf.h"
#include "lib/http/reader.h"

#include <stdlib.h>
#include <string.h>

static const struct http_head_limits limits = {16384, 100, 2048};

#define H "Host: a\r\n"
#define POST "POST / HTTP/1.1\r\n" H
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

/* Feeds one piece; what happened is appended to `log` as text. False once it was refused. */
static bool feed(struct http_reader *reader, struct span bytes, struct buf *log)
{
    for (;;) {
        const struct http_head *head = http_reader_head(reader);
        struct span body;

        switch (http_reader_push(reader, &bytes, &body)) {
        case HTTP_MORE:
            assert_int_equal(bytes.len, 0);
            return true;
        case HTTP_HEAD:
            (void)buf_add_format(log, "%.*s %.*s%s[", (int)head->method.len, head->method.ptr,
                                 (int)head->target.len, head->target.ptr,
                                 head->keep_alive ? "" : " close");
            break;
        case HTTP_BODY:
            assert_true(body.len > 0);
            (void)buf_add_span(log, body);
            break;
        case HTTP_DONE:
            (void)buf_add_text(log, "] ");
            http_reader_reset(reader);
            if (bytes.len == 0) {
                return true;
            }
            break;
        case HTTP_REFUSED:
            (void)buf_add_format(log, "%d %s", http_reader_refusal(reader)->status,
                                 http_reader_refusal(reader)->code);
            return false;
        }
    }
}

/* cut 0: whole; cut >= 1: pieces of that many bytes; cut < 0: two pieces, the first of -cut bytes.
 */
static char *transcript(struct span input, long cut)
{
    CLEANUP(http_reader_freep) struct http_reader *reader = http_reader_new(&limits);
    struct buf log;
    size_t at = 0;

    buf_init(&log, 1 << 20);
    (void)buf_add_text(&log, "");
    while (at < input.len) {
        size_t len = cut > 0 ? (size_t)cut : cut < 0 && at == 0 ? (size_t)-cut : input.len;
        struct span piece = span_sub(input, at, len);
        /* On its own heap block, so that reading past its end is seen. */
        char *copy = malloc(piece.len);
        bool more;

        memcpy(copy, piece.ptr, piece.len);
        more = feed(reader, (struct span){copy, piece.len}, &log);
        free(copy);
        if (!more) {
            break;
        }
        at += piece.len;
    }
    return buf_take(&log);
}

static void check(const char *name, struct span input, const char *expected)
{
    char *whole = transcript(input, 0);

    if (strcmp(whole, expected) != 0) {
        fail_msg("%s: expected '%s', got '%.200s'", name, expected, whole);
    }
    for (long cut = 1; cut <= 7; cut += 3) {
        char *pieces = transcript(input, cut);

        if (strcmp(pieces, expected) != 0) {
            fail_msg("%s, in pieces of %ld: expected '%s', got '%.200s'", name, cut, expected,
                     pieces);
        }
        free(pieces);
    }
    for (long at = 1; input.len < 600 && at < (long)input.len; at++) {
        char *pieces = transcript(input, -at);

        if (strcmp(pieces, expected) != 0) {
            fail_msg("%s, cut at %ld: expected '%s', got '%.200s'", name, at, expected, pieces);
        }
        free(pieces);
    }
    free(whole);
}

struct wire {
    const char *name;
    struct span bytes;
    const char *expected;
};

#define WIRE(name, bytes, expected)                                                                \
    {                                                                                              \
        name, {bytes, sizeof(bytes) - 1}, expected                                                 \
    }

static void check_all(const struct wire *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check(cases[i].name, cases[i].bytes, cases[i].expected);
    }
}

static void test_legal(void **state)
{
    static const struct wire cases[] = {
        WIRE("plain GET", "GET /x HTTP/1.1\r\n" H "\r\n", "GET /x[] "),
        WIRE("two in a row", "GET /1 HTTP/1.1\r\n" H "\r\nGET /2 HTTP/1.1\r\n" H "\r\n",
             "GET /1[] GET /2[] "),
        WIRE("one empty line before it is skipped", "\r\nGET / HTTP/1.1\r\n" H "\r\n", "GET /[] "),
        WIRE("body by length", POST "Content-Length: 3\r\n\r\nabc", "POST /[abc] "),
        WIRE("length with leading zeros", POST "Content-Length: 003\r\n\r\nabc", "POST /[abc] "),
        WIRE("body of length 0", POST "Content-Length: 0\r\n\r\n", "POST /[] "),
        WIRE("HEAD with a body keeps its frame",
             "HEAD / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\n" H "\r\n",
             "HEAD /[abc] GET /2[] "),
        WIRE("HEAD with a chunked body keeps its frame",
             "HEAD / HTTP/1.1\r\n" H
             "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n" H "\r\n",
             "HEAD /[x] GET /2[] "),
        WIRE("chunks", CHUNKED "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", "POST /[abcde] "),
        WIRE("the coding's name in any case",
             POST "transfer-encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", "POST /[x] "),
        WIRE("chunk size in hex of either case, with leading zeros",
             CHUNKED "00A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n",
             "POST /[01234567890123456789] "),
        WIRE("chunk extensions are skipped", CHUNKED "1;a=b;c=\"d e\"\r\nx\r\n0;z\r\n\r\n",
             "POST /[x] "),
        WIRE("blanks before an extension", CHUNKED "1 \t;a\r\nx\r\n0\r\n\r\n", "POST /[x] "),
        WIRE("trailers are dropped", CHUNKED "1\r\nx\r\n0\r\nContent-Length: 9\r\nX: y\r\n\r\n",
             "POST /[x] "),
        WIRE("data that looks like a request", CHUNKED "7\r\nGET / H\r\n0\r\n\r\n",
             "POST /[GET / H] "),
        WIRE("no blank before a value, none at all in it", "GET / HTTP/1.1\r\nHost:a\r\nX:\r\n\r\n",
             "GET /[] "),
        WIRE("blanks around a value", "GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n", "GET /[] "),
        WIRE("8-bit bytes in a value", "GET / HTTP/1.1\r\n" H "X: \xc3\xa9\xff\r\n\r\n",
             "GET /[] "),
        WIRE("own method", "REPORT / HTTP/1.1\r\n" H "\r\n", "REPORT /[] "),
        WIRE("Connection: close", "GET / HTTP/1.1\r\n" H "Connection: x, Close\r\n\r\n",
             "GET / close[] "),
        WIRE("HTTP/1.0 closes", "GET / HTTP/1.0\r\n" H "\r\n", "GET / close[] "),
        WIRE("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", "GET / close[] "),
        WIRE("HTTP/1.0 keep-alive", "GET / HTTP/1.0\r\n" H "Connection: keep-alive\r\n\r\n",
             "GET /[] "),
        WIRE("Expect in HTTP/1.0 is ignored", "GET / HTTP/1.0\r\n" H "Expect: x\r\n\r\n",
             "GET / close[] "),
        WIRE("100-continue", POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
             "POST /[x] "),
        WIRE("Host with port", "GET / HTTP/1.1\r\nHost: a.b-c.example:8080\r\n\r\n", "GET /[] "),
        WIRE("Host with empty port", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", "GET /[] "),
        WIRE("Host in IPv6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET /[] "),
        WIRE("header not finished: nothing yet", "GET / HTTP/1.1\r\n" H, ""),
    };

    (void)state;
    check_all(cases, COUNT_OF(cases));
}

static void test_request_line(void **state)
{
    static const struct wire cases[] = {
        WIRE("bare LF ends the line", "GET / HTTP/1.1\nHost: a\n\n", "400 HTTP_LINE_END"),
        WIRE("bare LF ends a header", "GET / HTTP/1.1\r\nHost: a\n\r\n", "400 HTTP_LINE_END"),
        WIRE("bare LF for the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", "400 HTTP_LINE_END"),
        WIRE("bare CR in the line", "GET /\r HTTP/1.1\r\n" H "\r\n", "400 HTTP_LINE_END"),
        WIRE("CR CR LF", "GET / HTTP/1.1\r\r\n" H "\r\n", "400 HTTP_LINE_END"),
        WIRE("two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n",
             "400 HTTP_REQUEST_LINE"),
        WIRE("bare LF first", "\nGET / HTTP/1.1\r\n" H "\r\n", "400 HTTP_LINE_END"),
        WIRE("two blanks", "GET  / HTTP/1.1\r\n" H "\r\n", "400 HTTP_REQUEST_LINE"),
        WIRE("tab for blank", "GET\t/\tHTTP/1.1\r\n" H "\r\n", "400 HTTP_REQUEST_LINE"),
        WIRE("blank first", " GET / HTTP/1.1\r\n" H "\r\n", "400 HTTP_REQUEST_LINE"),
        WIRE("blank last", "GET / HTTP/1.1 \r\n" H "\r\n", "400 HTTP_REQUEST_LINE"),
        WIRE("blank in the target", "GET /a b HTTP/1.1\r\n" H "\r\n", "400 HTTP_REQUEST_LINE"),
        WIRE("no version", "GET /\r\n\r\n", "400 HTTP_REQUEST_LINE"),
        WIRE("no target", "GET HTTP/1.1\r\n" H "\r\n", "400 HTTP_REQUEST_LINE"),
        WIRE("NUL in the target", "GET /\0x HTTP/1.1\r\n" H "\r\n", "400 HTTP_REQUEST_LINE"),
        WIRE("method with a colon", "GE:T / HTTP/1.1\r\n" H "\r\n", "400 HTTP_REQUEST_LINE"),
        WIRE("HTTP/1.10", "GET / HTTP/1.10\r\n" H "\r\n", "400 HTTP_VERSION"),
        WIRE("HTTP/2.0", "GET / HTTP/2.0\r\n" H "\r\n", "400 HTTP_VERSION"),
        WIRE("HTTP/0.9", "GET / HTTP/0.9\r\n" H "\r\n", "400 HTTP_VERSION"),
        WIRE("http in lower case", "GET / http/1.1\r\n" H "\r\n", "400 HTTP_REQUEST_LINE"),
        WIRE("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 HTTP_VERSION"),
        WIRE("TLS hello on a plain port", "\x16\x03\x01\x02\x00\x01\x00\x0a", "400 HTTP_LINE_END"),
    };

    (void)state;
    check_all(cases, COUNT_OF(cases));
}

static void test_header_lines(void **state)
{
    static const struct wire cases[] = {
        WIRE("space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400 HTTP_FIELD"),
        WIRE("tab before the colon", "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", "400 HTTP_FIELD"),
        WIRE("Transfer-Encoding with a space", POST "Transfer-Encoding : chunked\r\n\r\n",
             "400 HTTP_FIELD"),
        WIRE("no colon", "GET / HTTP/1.1\r\n" H "X\r\n\r\n", "400 HTTP_FIELD"),
        WIRE("empty name", "GET / HTTP/1.1\r\n" H ": x\r\n\r\n", "400 HTTP_FIELD"),
        WIRE("name with a blank", "GET / HTTP/1.1\r\n" H "X Y: x\r\n\r\n", "400 HTTP_FIELD"),
        WIRE("8-bit name", "GET / HTTP/1.1\r\n" H "X\xe9: x\r\n\r\n", "400 HTTP_FIELD"),
        WIRE("folded line", "GET / HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", "400 HTTP_FIELD_FOLD"),
        WIRE("folded with a tab", "GET / HTTP/1.1\r\n" H "X: a\r\n\tb\r\n\r\n",
             "400 HTTP_FIELD_FOLD"),
        WIRE("blank line of blanks", "GET / HTTP/1.1\r\n" H " \r\n\r\n", "400 HTTP_FIELD_FOLD"),
        WIRE("first header folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "400 HTTP_FIELD_FOLD"),
        WIRE("NUL in a value", "GET / HTTP/1.1\r\n" H "X: a\0b\r\n\r\n", "400 HTTP_FIELD"),
        WIRE("bare CR in a value", "GET / HTTP/1.1\r\n" H "X: a\rb\r\n\r\n", "400 HTTP_LINE_END"),
        WIRE("control in a value", "GET / HTTP/1.1\r\n" H "X: a\x01\r\n\r\n", "400 HTTP_FIELD"),
        WIRE("DEL in a value", "GET / HTTP/1.1\r\n" H "X: a\x7f\r\n\r\n", "400 HTTP_FIELD"),
        WIRE("no Host", "GET / HTTP/1.1\r\nX: y\r\n\r\n", "400 HTTP_HOST"),
        WIRE("two Hosts", "GET / HTTP/1.1\r\n" H H "\r\n", "400 HTTP_HOST"),
        WIRE("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\n" H H "\r\n", "400 HTTP_HOST"),
        WIRE("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "400 HTTP_HOST"),
        WIRE("list of Hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "400 HTTP_HOST"),
        WIRE("Host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "400 HTTP_HOST"),
        WIRE("Host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400 HTTP_HOST"),
        WIRE("Host with a port too high", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n",
             "400 HTTP_HOST"),
        WIRE("Host with a signed port", "GET / HTTP/1.1\r\nHost: a:+80\r\n\r\n", "400 HTTP_HOST"),
        WIRE("other expectation", POST "Expect: 200-ok\r\n\r\n", "417 HTTP_EXPECTATION"),
    };

    (void)state;
    check_all(cases, COUNT_OF(cases));
}

static void test_framing(void **state)
{
    static const struct wire cases[] = {
        WIRE("two differing lengths", POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
             "400 HTTP_FRAMING"),
        WIRE("two equal lengths", POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
             "400 HTTP_FRAMING"),
        WIRE("list of lengths", POST "Content-Length: 3, 3\r\n\r\nabc", "400 HTTP_FRAMING"),
        WIRE("signed length", POST "Content-Length: +4\r\n\r\nabcd", "400 HTTP_FRAMING"),
        WIRE("negative length", POST "Content-Length: -1\r\n\r\n", "400 HTTP_FRAMING"),
        WIRE("hex length", POST "Content-Length: 0x4\r\n\r\nabcd", "400 HTTP_FRAMING"),
        WIRE("empty length", POST "Content-Length:\r\n\r\n", "400 HTTP_FRAMING"),
        WIRE("blank inside a length", POST "Content-Length: 1 2\r\n\r\n", "400 HTTP_FRAMING"),
        WIRE("length past 19 digits", POST "Content-Length: 99999999999999999999\r\n\r\n",
             "413 HTTP_BODY_TOO_LARGE"),
        WIRE("length and chunked",
             POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "400 HTTP_FRAMING"),
        WIRE("chunked and length",
             POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
             "400 HTTP_FRAMING"),
        WIRE("xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n", "400 HTTP_FRAMING"),
        WIRE("chunked with a tail", POST "Transfer-Encoding: chunked;q=1\r\n\r\n",
             "400 HTTP_FRAMING"),
        WIRE("list of codings", POST "Transfer-Encoding: gzip, chunked\r\n\r\n",
             "400 HTTP_FRAMING"),
        WIRE("identity", POST "Transfer-Encoding: identity\r\n\r\n", "400 HTTP_FRAMING"),
        WIRE("chunked twice",
             POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
             "400 HTTP_FRAMING"),
        WIRE("chunked, then another",
             POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n", "400 HTTP_FRAMING"),
        WIRE("empty coding", POST "Transfer-Encoding:\r\n\r\n", "400 HTTP_FRAMING"),
        WIRE("quoted coding", POST "Transfer-Encoding: \"chunked\"\r\n\r\n", "400 HTTP_FRAMING"),
        WIRE("chunked in HTTP/1.0",
             "POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "400 HTTP_FRAMING"),
        WIRE("chunk size with 0x", CHUNKED "0x4\r\nabcd\r\n0\r\n\r\n", "POST /[400 HTTP_CHUNK"),
        WIRE("chunk size with a sign", CHUNKED "+4\r\nabcd\r\n0\r\n\r\n", "POST /[400 HTTP_CHUNK"),
        WIRE("negative chunk size", CHUNKED "-1\r\n", "POST /[400 HTTP_CHUNK"),
        WIRE("blank before a chunk size", CHUNKED " 1\r\nx\r\n0\r\n\r\n", "POST /[400 HTTP_CHUNK"),
        WIRE("blank behind a chunk size", CHUNKED "1 \r\nx\r\n0\r\n\r\n", "POST /[400 HTTP_CHUNK"),
        WIRE("empty chunk size", CHUNKED "\r\nx\r\n0\r\n\r\n", "POST /[400 HTTP_CHUNK"),
        WIRE("chunk size ends with bare LF", CHUNKED "1\nx\r\n0\r\n\r\n", "POST /[400 HTTP_CHUNK"),
        WIRE("bare LF in an extension", CHUNKED "1;a\nx\r\n0\r\n\r\n", "POST /[400 HTTP_CHUNK"),
        WIRE("bare CR in an extension", CHUNKED "1;a\rb\r\nx\r\n0\r\n\r\n",
             "POST /[400 HTTP_CHUNK"),
        WIRE("NUL in an extension", CHUNKED "1;a\0\r\nx\r\n0\r\n\r\n", "POST /[400 HTTP_CHUNK"),
        WIRE("chunk longer than it says", CHUNKED "1\r\nxy\r\n0\r\n\r\n", "POST /[x400 HTTP_CHUNK"),
        WIRE("chunk ends with bare LF", CHUNKED "1\r\nx\n0\r\n\r\n", "POST /[x400 HTTP_CHUNK"),
        WIRE("chunk size of 16 digits", CHUNKED "0000000000000001\r\nx\r\n0\r\n\r\n",
             "POST /[400 HTTP_CHUNK"),
        WIRE("chunk size past 64 bits", CHUNKED "10000000000000001\r\n", "POST /[400 HTTP_CHUNK"),
        WIRE("trailer without a colon", CHUNKED "0\r\nGET / HTTP/1.1\r\n\r\n",
             "POST /[400 HTTP_TRAILER"),
        WIRE("trailer with a space before the colon", CHUNKED "0\r\nX : y\r\n\r\n",
             "POST /[400 HTTP_TRAILER"),
        WIRE("folded trailer", CHUNKED "0\r\nX: y\r\n z\r\n\r\n", "POST /[400 HTTP_TRAILER"),
        WIRE("trailer ends with bare LF", CHUNKED "0\r\nX: y\n\r\n", "POST /[400 HTTP_TRAILER"),
        WIRE("bare LF for the last line", CHUNKED "0\r\n\n", "POST /[400 HTTP_TRAILER"),
    };

    (void)state;
    check_all(cases, COUNT_OF(cases));
}

/* before + `count` times unit + after. */
static struct span repeated(struct buf *into, const char *before, const char *unit, size_t count,
                            const char *after)
{
    buf_clear(into);
    (void)buf_add_text(into, before);
    for (size_t i = 0; i < count; i++) {
        (void)buf_add_text(into, unit);
    }
    (void)buf_add_text(into, after);
    return buf_span(into);
}

static void test_limits(void **state)
{
    CLEANUP(buf_freep) struct buf *in = buf_new(1 << 20);
    char *log;

    (void)state;
    log = transcript(repeated(in, "GET /", "a", 2047, " HTTP/1.1\r\n" H "\r\n"), 0);
    assert_true(strncmp(log, "GET /aaa", 8) == 0); /* a target of 2048 bytes */
    free(log);
    check("target of 2049", repeated(in, "GET /", "a", 2048, " HTTP/1.1\r\n" H "\r\n"),
          "414 HTTP_TARGET_TOO_LONG");
    check("target without end", repeated(in, "GET /", "a", 9999, ""), "414 HTTP_TARGET_TOO_LONG");
    check("target without end after an empty line", repeated(in, "\r\nGET /", "a", 9999, ""),
          "414 HTTP_TARGET_TOO_LONG");
    check("100 header lines", repeated(in, "GET / HTTP/1.1\r\n" H, "X: y\r\n", 99, "\r\n"),
          "GET /[] ");
    check("101 header lines", repeated(in, "GET / HTTP/1.1\r\n" H, "X: y\r\n", 100, "\r\n"),
          "431 HTTP_HEAD_TOO_LARGE");
    /* 16 + 9 + 2 + "X: " and its CR LF are 32 bytes. */
    check("head of 16384 bytes",
          repeated(in, "GET / HTTP/1.1\r\n" H "X: ", "y", 16384 - 32, "\r\n\r\n"), "GET /[] ");
    check("head of 16385 bytes",
          repeated(in, "GET / HTTP/1.1\r\n" H "X: ", "y", 16385 - 32, "\r\n\r\n"),
          "431 HTTP_HEAD_TOO_LARGE");
    check("header without end", repeated(in, "GET / HTTP/1.1\r\n" H "X: ", "y", 20000, ""),
          "431 HTTP_HEAD_TOO_LARGE");
    check("extension of 256", repeated(in, CHUNKED "1;", "e", 255, "\r\nx\r\n0\r\n\r\n"),
          "POST /[x] ");
    check("extension of 257", repeated(in, CHUNKED "1;", "e", 256, "\r\nx\r\n0\r\n\r\n"),
          "POST /[400 HTTP_CHUNK");
}

static void test_extension_flood(void **state)
{
    CLEANUP(buf_freep) struct buf *in = buf_new(1 << 20);
    char *log;

    (void)state;
    /* 8 bytes a chunk: the 2049th passes 16 KiB. */
    log = transcript(repeated(in, CHUNKED, "1;eeeeeee\r\nx\r\n", 2048, "0\r\n\r\n"), 0);
    assert_int_equal(strlen(log), strlen("POST /[") + 2048 + strlen("] "));
    free(log);
    log = transcript(repeated(in, CHUNKED, "1;eeeeeee\r\nx\r\n", 2049, "0\r\n\r\n"), 5);
    assert_string_equal(log + strlen("POST /[") + 2048, "400 HTTP_CHUNK");
    free(log);
    check("100 trailers", repeated(in, CHUNKED "0\r\n", "X: y\r\n", 100, "\r\n"), "POST /[] ");
    check("101 trailers", repeated(in, CHUNKED "0\r\n", "X: y\r\n", 101, "\r\n"),
          "POST /[431 HTTP_HEAD_TOO_LARGE");
    check("trailers past 16 KiB", repeated(in, CHUNKED "0\r\nX: ", "y", 17000, ""),
          "POST /[431 HTTP_HEAD_TOO_LARGE");
}

/* Runs to the end with a body limit; the last event. */
static enum http_event with_body_max(const char *input, uint64_t max)
{
    CLEANUP(http_reader_freep) struct http_reader *reader = http_reader_new(&limits);
    struct span bytes = span_of(input), body;
    enum http_event event;

    do {
        event = http_reader_push(reader, &bytes, &body);
        if (event == HTTP_HEAD) {
            http_reader_set_body_max(reader, max);
        }
    } while (event == HTTP_HEAD || event == HTTP_BODY);
    if (event == HTTP_REFUSED) {
        assert_int_equal(http_reader_refusal(reader)->status, 413);
        assert_string_equal(http_reader_refusal(reader)->code, "HTTP_BODY_TOO_LARGE");
    }
    return event;
}

static void test_body_max(void **state)
{
    (void)state;
    assert_int_equal(with_body_max(POST "Content-Length: 3\r\n\r\nabc", 3), HTTP_DONE);
    assert_int_equal(with_body_max(POST "Content-Length: 3\r\n\r\n", 2), HTTP_REFUSED);
    assert_int_equal(with_body_max(CHUNKED "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 3), HTTP_DONE);
    assert_int_equal(with_body_max(CHUNKED "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 2), HTTP_REFUSED);
    assert_int_equal(with_body_max("GET / HTTP/1.1\r\n" H "\r\n", 0), HTTP_DONE);
}

static void test_head_survives_growth(void **state)
{
    CLEANUP(http_reader_freep) struct http_reader *reader = http_reader_new(&limits);
    CLEANUP(buf_freep) struct buf *in = buf_new(1 << 20);
    struct span bytes =
        repeated(in, "GET /first HTTP/1.1\r\nHost: early\r\nX: ", "y", 9000, "\r\nLast: z\r\n\r\n");
    const struct http_head *head = http_reader_head(reader);
    struct span body;

    (void)state;
    while (http_reader_push(reader, &(struct span){bytes.ptr, 1}, &body) == HTTP_MORE) {
        bytes = span_sub(bytes, 1, bytes.len);
    }
    assert_true(span_is(head->method, "GET"));
    assert_true(span_is(head->target, "/first"));
    assert_true(span_is(head->host, "early"));
    assert_int_equal(http_field_find(head->fields, head->field_count, "x").len, 9000);
    assert_true(span_is(http_field_find(head->fields, head->field_count, "LAST"), "z"));
    assert_int_equal(http_field_count(head->fields, head->field_count, "none"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_legal),        cmocka_unit_test(test_request_line),
        cmocka_unit_test(test_header_lines), cmocka_unit_test(test_framing),
        cmocka_unit_test(test_limits),       cmocka_unit_test(test_extension_flood),
        cmocka_unit_test(test_body_max),     cmocka_unit_test(test_head_survives_growth),
    };

    return cmocka_run_group_tests_name("lib/http/reader", tests, NULL, NULL);
}
