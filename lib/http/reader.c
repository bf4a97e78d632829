/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/reader.h"

#include "lib/base/fault.h"
#include "lib/http/chunked.h"

#include <assert.h>
#include <stdlib.h>

enum {
    LINE_EXTRA = 64,    /* the request line beside its target: method, version, blanks */
    STORE_FIRST = 2048, /* most heads fit; larger ones move once */
};

struct http_reader {
    enum {
        AT_START,   /* nothing read, or one empty line */
        AT_REQUEST, /* in the request line */
        AT_FIELDS,
        AT_FRAMING, /* HTTP_HEAD was told */
        AT_LENGTH,  /* in a body of known length */
        AT_CHUNKS,
        AT_DONE,
        AT_REFUSED,
    } state;
    bool skipped; /* the one empty line before the request */
    struct http_head_limits limits;
    char *store; /* the head's bytes */
    size_t len, cap;
    size_t line; /* where the line being read starts */
    uint64_t body_max, body_read;
    struct chunked chunks;
    struct http_refusal refusal;
    struct http_head head;
};

struct http_reader *http_reader_new(const struct http_head_limits *limits)
{
    struct http_reader *reader = calloc(1, sizeof(*reader));

    if (reader) {
        reader->limits = *limits;
        http_reader_reset(reader);
    }
    return reader;
}

struct http_reader *http_reader_free(struct http_reader *reader)
{
    if (reader) {
        free(reader->store);
        free(reader);
    }
    return NULL;
}

void http_reader_reset(struct http_reader *reader)
{
    reader->state = AT_START;
    reader->skipped = false;
    reader->len = reader->line = 0;
    reader->body_max = UINT64_MAX;
    reader->body_read = 0;
    reader->chunks = (struct chunked){0};
    head_clear(&reader->head);
}

static enum http_event refuse(struct http_reader *reader, int status, const char *code,
                              const char *text)
{
    (void)http_refuse(&reader->refusal, status, code, text);
    reader->state = AT_REFUSED;
    return HTTP_REFUSED;
}

static enum http_event refuse_body(struct http_reader *reader)
{
    return refuse(reader, 413, "HTTP_BODY_TOO_LARGE", "the body is larger than this route takes");
}

/* Room for `more` bytes; the ceiling was looked at before. */
static bool make_room(struct http_reader *reader, size_t more)
{
    size_t cap = reader->len + more <= STORE_FIRST ? STORE_FIRST : reader->limits.head_max_bytes;
    char *store;

    if (reader->len + more <= reader->cap) {
        return true;
    }
    store = malloc(cap);
    if (!store) {
        return false;
    }
    if (reader->len > 0) {
        memcpy(store, reader->store, reader->len);
        head_move(&reader->head, reader->store, store);
    }
    free(reader->store);
    reader->store = store;
    reader->cap = cap;
    return true;
}

/* Appends the next bytes up to and with a line feed: 1 when the line is complete, 0 when more is
 * needed, -1 after a refusal. Only lengths are looked at here, so that where the pieces end makes
 * no difference to what is refused, and why. */
static int gather_line(struct http_reader *reader, struct span *bytes)
{
    const char *feed = memchr(bytes->ptr, '\n', bytes->len);
    size_t len = feed ? (size_t)(feed - bytes->ptr) + 1 : bytes->len;
    size_t line_max = reader->limits.target_max_bytes + LINE_EXTRA;

    if (line_max > reader->limits.head_max_bytes) {
        line_max = reader->limits.head_max_bytes;
    }
    if (reader->state <= AT_REQUEST && reader->len + len - reader->line > line_max) {
        (void)refuse(reader, 414, "HTTP_TARGET_TOO_LONG", "the request line is too long");
        return -1;
    }
    if (reader->len + len > reader->limits.head_max_bytes) {
        (void)refuse(reader, 431, "HTTP_HEAD_TOO_LARGE", "the header lines are too long together");
        return -1;
    }
    if (!make_room(reader, len)) {
        (void)refuse(reader, 503, "HTTP_NO_MEMORY", "there is no memory for this request");
        return -1;
    }
    memcpy(reader->store + reader->len, bytes->ptr, len);
    reader->len += len;
    bytes->ptr += len;
    bytes->len -= len;
    return feed ? 1 : 0;
}

static enum http_event finish_head(struct http_reader *reader)
{
    if (head_finish(&reader->head, &reader->refusal)) {
        reader->state = AT_REFUSED;
        return HTTP_REFUSED;
    }
    reader->state = AT_FRAMING;
    return HTTP_HEAD;
}

/* One complete line with its end: HTTP_MORE to go on. */
static enum http_event take_line(struct http_reader *reader, struct span line)
{
    int r;

    if (line.len < 2 || line.ptr[line.len - 2] != '\r' || memchr(line.ptr, '\r', line.len - 2)) {
        return refuse(reader, 400, "HTTP_LINE_END",
                      "every line must end with CR LF, and have no other CR");
    }
    line.len -= 2;
    if (reader->state <= AT_REQUEST) {
        if (line.len == 0) {
            if (reader->skipped) {
                return refuse(reader, 400, "HTTP_REQUEST_LINE", "there is no request line");
            }
            reader->skipped = true;
            reader->len = 0;
            return HTTP_MORE;
        }
        r = head_request_line(&reader->head, line, &reader->limits, &reader->refusal);
        reader->state = AT_FIELDS;
    } else if (line.len == 0) {
        return finish_head(reader);
    } else {
        r = head_field_line(&reader->head, line, &reader->limits, &reader->refusal);
    }
    if (r) {
        reader->state = AT_REFUSED;
        return HTTP_REFUSED;
    }
    reader->line = reader->len;
    return HTTP_MORE;
}

static enum http_event push_head(struct http_reader *reader, struct span *bytes)
{
    enum http_event event = HTTP_MORE;

    while (event == HTTP_MORE && bytes->len > 0) {
        int r = gather_line(reader, bytes);

        if (r < 0) {
            return HTTP_REFUSED;
        }
        if (r == 0) {
            return HTTP_MORE;
        }
        event = take_line(reader,
                          (struct span){reader->store + reader->line, reader->len - reader->line});
    }
    return event;
}

static enum http_event push_length(struct http_reader *reader, struct span *bytes,
                                   struct span *ret_body)
{
    uint64_t left = reader->head.length - reader->body_read;

    if (left == 0) {
        reader->state = AT_DONE;
        return HTTP_DONE;
    }
    if (bytes->len == 0) {
        return HTTP_MORE;
    }
    *ret_body = span_sub(*bytes, 0, left < bytes->len ? (size_t)left : bytes->len);
    bytes->ptr += ret_body->len;
    bytes->len -= ret_body->len;
    reader->body_read += ret_body->len;
    return HTTP_BODY;
}

static enum http_event refuse_chunks(struct http_reader *reader)
{
    switch (reader->chunks.fault) {
    case CHUNKED_BAD_TRAILER:
        return refuse(reader, 400, "HTTP_TRAILER", "a trailer line is not a header line");
    case CHUNKED_TRAILER_TOO_BIG:
        return refuse(reader, 431, "HTTP_HEAD_TOO_LARGE",
                      "the trailer lines are too long or too many");
    case CHUNKED_FINE:
    case CHUNKED_BAD_CHUNK:
        break;
    }
    return refuse(reader, 400, "HTTP_CHUNK", "the body is not in chunked coding");
}

static enum http_event push_chunks(struct http_reader *reader, struct span *bytes,
                                   struct span *ret_body)
{
    switch (chunked_push(&reader->chunks, bytes, ret_body)) {
    case CHUNKED_DATA:
        reader->body_read += ret_body->len;
        return reader->body_read > reader->body_max ? refuse_body(reader) : HTTP_BODY;
    case CHUNKED_END:
        reader->state = AT_DONE;
        return HTTP_DONE;
    case CHUNKED_REFUSED:
        return refuse_chunks(reader);
    case CHUNKED_MORE:
        break;
    }
    return HTTP_MORE;
}

enum http_event http_reader_push(struct http_reader *reader, struct span *bytes,
                                 struct span *ret_body)
{
    *ret_body = (struct span){NULL, 0};
    switch (reader->state) {
    case AT_START:
        if (bytes->len == 0) {
            return HTTP_MORE;
        }
        if (bytes->ptr[0] != '\r' && bytes->ptr[0] != '\n' && reader->len == 0) {
            reader->state = AT_REQUEST;
        }
        return push_head(reader, bytes);
    case AT_REQUEST:
    case AT_FIELDS:
        return push_head(reader, bytes);
    case AT_FRAMING:
        if (reader->head.has_length && reader->head.length > reader->body_max) {
            return refuse_body(reader);
        }
        reader->state = reader->head.chunked ? AT_CHUNKS : AT_LENGTH;
        return http_reader_push(reader, bytes, ret_body);
    case AT_LENGTH:
        return push_length(reader, bytes, ret_body);
    case AT_CHUNKS:
        return push_chunks(reader, bytes, ret_body);
    case AT_DONE:
        return HTTP_DONE;
    case AT_REFUSED:
        break;
    }
    return HTTP_REFUSED;
}

void http_reader_set_body_max(struct http_reader *reader, uint64_t max_bytes)
{
    reader->body_max = max_bytes;
}

const struct http_head *http_reader_head(const struct http_reader *reader)
{
    return &reader->head;
}

const struct http_refusal *http_reader_refusal(const struct http_reader *reader)
{
    assert(reader->state == AT_REFUSED);
    return &reader->refusal;
}

struct span http_reader_method(const struct http_reader *reader)
{
    return reader->head.method;
}

struct span http_reader_target(const struct http_reader *reader)
{
    return reader->head.target;
}

bool http_reader_started(const struct http_reader *reader)
{
    return reader->state != AT_START || reader->len > 0;
}

bool http_reader_body_open(const struct http_reader *reader)
{
    return http_reader_body_left(reader) > 0;
}

uint64_t http_reader_body_left(const struct http_reader *reader)
{
    switch (reader->state) {
    case AT_FRAMING:
    case AT_LENGTH:
        return reader->head.chunked ? UINT64_MAX : reader->head.length - reader->body_read;
    case AT_CHUNKS:
        return UINT64_MAX;
    default:
        return 0;
    }
}
