/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_HTTP_CHUNKED_H
#define RAPPORTEUR_LIB_HTTP_CHUNKED_H

/*
 * The chunked transfer coding (RFC 9112 section 7.1) with its trailer section. Chunk extensions are
 * skipped, trailer lines are checked like header lines and dropped, both within limits.
 *     struct chunked state = {0};
 *     while ((what = chunked_push(&state, &bytes, &piece)) == CHUNKED_DATA) ...
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chunked_event {
    CHUNKED_MORE,    /* all bytes are used up */
    CHUNKED_DATA,    /* *ret_piece is a part of the bytes given */
    CHUNKED_END,     /* the empty line behind the trailers was read */
    CHUNKED_REFUSED, /* see chunked.fault */
};

enum chunked_fault {
    CHUNKED_FINE,
    CHUNKED_BAD_CHUNK,       /* not chunked coding, or longer extensions than allowed */
    CHUNKED_BAD_TRAILER,     /* not a header line */
    CHUNKED_TRAILER_TOO_BIG, /* past HTTP_TRAILER_MAX_BYTES or HTTP_TRAILER_MAX_LINES */
};

enum {
    HTTP_EXTENSION_MAX = 256,          /* of one chunk */
    HTTP_EXTENSIONS_TOTAL_MAX = 16384, /* of one body */
    HTTP_TRAILER_MAX_BYTES = 16384,
    HTTP_TRAILER_MAX_LINES = 100,
};

struct chunked {
    enum {
        CHUNKED_SIZE,      /* hex digits */
        CHUNKED_EXTENSION, /* behind them, up to CR */
        CHUNKED_SIZE_LF,
        CHUNKED_BYTES,
        CHUNKED_BYTES_CR,
        CHUNKED_BYTES_LF,
        CHUNKED_LINE, /* start of a trailer line, or of the empty line */
        CHUNKED_NAME,
        CHUNKED_VALUE,
        CHUNKED_LINE_LF,
        CHUNKED_LAST_LF,
        CHUNKED_OVER, /* the end or a refusal was told */
    } state;
    enum chunked_fault fault;
    unsigned digits;
    uint64_t left;                /* of this chunk */
    size_t extension, extensions; /* bytes, of this chunk and of all */
    size_t trailer, lines;        /* bytes and lines of the trailer section */
};

enum chunked_event chunked_push(struct chunked *state, struct span *bytes, struct span *ret_piece);

#endif
