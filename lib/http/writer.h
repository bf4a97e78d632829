/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_HTTP_WRITER_H
#define RAPPORTEUR_LIB_HTTP_WRITER_H

/*
 * The bytes of an answer, piece by piece, into a buf. Failures of the buf stick in it.
 *     http_write_status(out, 200);
 *     http_write_field(out, SPAN("Content-Type"), SPAN("application/json"));
 *     http_write_length(out, body.len);
 *     http_write_end(out);
 *     buf_add_span(out, body);
 */

#include "lib/base/buf.h"

#include <stdint.h>

enum { HTTP_DATE_LEN = 29 }; /* Mon, 23 Nov 2026 20:53:28 GMT */

/* "HTTP/1.1 404 Not Found": status must be in lib/http/status.h. */
int http_write_status(struct buf *out, int status);
/* One header line. FAULT, and nothing is written, when the name is not a token or the value has a
 * control character or blanks at its ends. */
int http_write_field(struct buf *out, struct span name, struct span value);
int http_write_length(struct buf *out, uint64_t length);
/* The empty line. */
int http_write_end(struct buf *out);
/* One chunk; an empty one writes nothing, since it would be the last. */
int http_write_chunk(struct buf *out, struct span bytes);
int http_write_last_chunk(struct buf *out);
/* IMF-fixdate (RFC 9110 5.6.7), NUL-terminated. */
void http_date(int64_t unix_ms, char into[HTTP_DATE_LEN + 1]);

#endif
