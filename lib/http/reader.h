/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_HTTP_READER_H
#define RAPPORTEUR_LIB_HTTP_READER_H

/*
 * A strict HTTP/1.1 request reader: bytes in, events out. How the bytes were cut into pieces makes
 * no difference. It owns no socket, no clock and no policy but its limits. for (;;) { switch
 * (http_reader_push(reader, &bytes, &piece)) { case HTTP_MORE:    return; all of bytes is used up;
 * read more case HTTP_HEAD:    head = http_reader_head(reader); ... http_reader_set_body_max(...);
 * continue; case HTTP_BODY:    buf_add_span(body, piece); continue; case HTTP_DONE:    handle;
 * http_reader_reset(reader); continue;     bytes: the next request case HTTP_REFUSED: answer
 * http_reader_refusal(reader); close; return;
 *         }
 *     }
 *
 * The rules (RFC 9112; where it lets a server choose, the strict way, since a request that two
 * programs read differently is how one request is hidden in another):
 * - lines end with CR LF; no bare CR or LF, NUL or other control character, no folded line, no
 * space before the colon, names are tokens. One empty line before the request line is skipped.
 * - method SP target SP HTTP/1.0 or HTTP/1.1, single spaces.
 * - exactly one valid Host (an HTTP/1.0 request may have none).
 * - length: at most one of Content-Length (1*DIGIT, once) and Transfer-Encoding (`chunked`, once,
 * not in HTTP/1.0). Any method may have a body.
 * - chunk sizes are 1 to 15 hex digits; extensions are ignored, at most 256 bytes a chunk and 16
 * KiB in all; trailers are checked like header lines and dropped, at most 16 KiB and 100 lines.
 * - Expect: 100-continue or 417; ignored in HTTP/1.0.
 */

#include "lib/base/attr.h"
#include "lib/base/span.h"
#include "lib/http/head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_event {
    HTTP_MORE,    /* nothing to say before more bytes come */
    HTTP_HEAD,    /* the head is complete and the framing is clear */
    HTTP_BODY,    /* a piece of the body */
    HTTP_DONE,    /* the request is complete */
    HTTP_REFUSED, /* it broke a rule: nothing more can be read from this connection */
};

struct http_reader;

/* NULL: no memory. */
struct http_reader *http_reader_new(const struct http_head_limits *limits);
struct http_reader *http_reader_free(struct http_reader *reader);
DEFINE_CLEANUP(struct http_reader *, http_reader_free);

/* Uses bytes from the front of *bytes up to the next event. *ret_body is set for HTTP_BODY and is a
 * part of the bytes given. After HTTP_DONE and HTTP_REFUSED the same event comes again until reset.
 * An empty *bytes is allowed: it brings events that need no further byte. */
enum http_event http_reader_push(struct http_reader *reader, struct span *bytes,
                                 struct span *ret_body);

/* After HTTP_HEAD: a longer body is refused with 413, a declared one at the next push. Until it is
 * called there is no limit. */
void http_reader_set_body_max(struct http_reader *reader, uint64_t max_bytes);

/* Valid from HTTP_HEAD until reset; its spans point into the reader. */
const struct http_head *http_reader_head(const struct http_reader *reader);
const struct http_refusal *http_reader_refusal(const struct http_reader *reader);
/* The method and target as far as they were read, for the log and for answering HEAD without a
 * body, also after a refusal; empty before. */
struct span http_reader_method(const struct http_reader *reader);
struct span http_reader_target(const struct http_reader *reader);
/* False before the first byte of a request (an empty line does not count). */
bool http_reader_started(const struct http_reader *reader);
/* The request has a body of which not all has been read. */
bool http_reader_body_open(const struct http_reader *reader);
/* Body bytes still to come, UINT64_MAX when that is not known (chunked). */
uint64_t http_reader_body_left(const struct http_reader *reader);
/* For the next request on the connection. */
void http_reader_reset(struct http_reader *reader);

#endif
