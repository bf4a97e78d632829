/* SPDX-License-Identifier: Apache-2.0 */
/* The request reader: the first byte says how the rest is cut into pieces; what comes out must be
 * the same as from the whole. */
#include "lib/base/buf.h"
#include "lib/http/reader.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct http_head_limits limits = {1024, 8, 128};

static bool feed(struct http_reader *reader, struct span bytes, struct buf *log)
{
    for (;;) {
        const struct http_head *head = http_reader_head(reader);
        struct span body;

        switch (http_reader_push(reader, &bytes, &body)) {
        case HTTP_MORE:
            return true;
        case HTTP_HEAD:
            (void)buf_add_span(log, head->method);
            (void)buf_add_span(log, head->target);
            for (size_t i = 0; i < head->field_count; i++) {
                (void)buf_add_span(log, head->fields[i].name);
                (void)buf_add_span(log, head->fields[i].value);
            }
            (void)buf_add_char(log, head->keep_alive ? 'k' : 'c');
            http_reader_set_body_max(reader, 4096);
            break;
        case HTTP_BODY:
            (void)buf_add_span(log, body);
            break;
        case HTTP_DONE:
            (void)buf_add_char(log, ']');
            http_reader_reset(reader);
            if (bytes.len == 0) {
                return true;
            }
            break;
        case HTTP_REFUSED:
            (void)buf_add_text(log, http_reader_refusal(reader)->code);
            return false;
        }
    }
}

static void run(struct span input, size_t piece, struct buf *log)
{
    struct http_reader *reader = http_reader_new(&limits);

    if (!reader) {
        abort();
    }
    while (input.len > 0 && feed(reader, span_sub(input, 0, piece), log)) {
        input = span_sub(input, piece, input.len);
    }
    (void)http_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    CLEANUP(buf_freep) struct buf *whole = buf_new(1 << 22);
    CLEANUP(buf_freep) struct buf *pieces = buf_new(1 << 22);
    struct span input;

    if (len < 2) {
        return 0;
    }
    input = (struct span){(const char *)data + 1, len - 1};
    run(input, input.len, whole);
    run(input, 1 + data[0] % 16, pieces);
    if (!span_equal(buf_span(whole), buf_span(pieces))) {
        abort();
    }
    return 0;
}
