/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/chunked.h"

#include "lib/http/syntax.h"

enum { SIZE_DIGITS_MAX = 15 }; /* 2^60 - 1: sums cannot overflow, and no body is that long */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One character of the line "size[;extension]". */
static bool take_size(struct chunked *state, char c)
{
    int digit = hex_value(c);

    if (digit >= 0) {
        state->left = state->left << 4 | (unsigned)digit;
        return ++state->digits <= SIZE_DIGITS_MAX;
    }
    if (state->digits == 0) {
        return false;
    }
    if (c == '\r') {
        state->state = CHUNKED_SIZE_LF;
        return true;
    }
    /* Blanks are allowed only before an extension; that one follows is seen at the end of the line.
     */
    state->state = CHUNKED_EXTENSION;
    state->extension = c == ';' ? 1 : 0;
    state->extensions++;
    return c == ';' || c == ' ' || c == '\t';
}

static bool take_extension(struct chunked *state, char c)
{
    unsigned char byte = (unsigned char)c;

    if (c == '\r') {
        state->state = CHUNKED_SIZE_LF;
        return state->extension > 0;
    }
    if ((byte < ' ' && c != '\t') || byte == 0x7f ||
        ++state->extensions > HTTP_EXTENSIONS_TOTAL_MAX) {
        return false;
    }
    if (state->extension == 0) {
        if (c == ';') {
            state->extension = 1;
        }
        /* A run of blanks before ';' is bounded by the total. */
        return c == ';' || c == ' ' || c == '\t';
    }
    return ++state->extension <= HTTP_EXTENSION_MAX;
}

/* One character around the chunk data. */
static bool take_framing(struct chunked *state, char c)
{
    switch (state->state) {
    case CHUNKED_SIZE:
        return take_size(state, c);
    case CHUNKED_EXTENSION:
        return take_extension(state, c);
    case CHUNKED_SIZE_LF:
        state->state = state->left > 0 ? CHUNKED_BYTES : CHUNKED_LINE;
        return c == '\n';
    case CHUNKED_BYTES_CR:
        state->state = CHUNKED_BYTES_LF;
        return c == '\r';
    case CHUNKED_BYTES_LF:
        state->state = CHUNKED_SIZE;
        state->digits = 0;
        return c == '\n';
    default:
        return false;
    }
}

/* One character of the trailer section. */
static bool take_trailer(struct chunked *state, char c)
{
    bool token = http_is_token((struct span){&c, 1});

    switch (state->state) {
    case CHUNKED_LINE:
        state->state = c == '\r' ? CHUNKED_LAST_LF : CHUNKED_NAME;
        return c == '\r' || token;
    case CHUNKED_NAME:
        state->state = c == ':' ? CHUNKED_VALUE : CHUNKED_NAME;
        return c == ':' || token;
    case CHUNKED_VALUE:
        state->state = c == '\r' ? CHUNKED_LINE_LF : CHUNKED_VALUE;
        return c == '\r' || http_is_field_value((struct span){&c, 1});
    case CHUNKED_LINE_LF:
        state->state = CHUNKED_LINE;
        state->lines++;
        return c == '\n';
    case CHUNKED_LAST_LF:
        state->state = CHUNKED_OVER;
        return c == '\n';
    default:
        return false;
    }
}

static enum chunked_fault take(struct chunked *state, char c)
{
    if (state->state < CHUNKED_LINE) {
        return take_framing(state, c) ? CHUNKED_FINE : CHUNKED_BAD_CHUNK;
    }
    if (++state->trailer > HTTP_TRAILER_MAX_BYTES ||
        (state->lines == HTTP_TRAILER_MAX_LINES && state->state == CHUNKED_LINE && c != '\r')) {
        return CHUNKED_TRAILER_TOO_BIG;
    }
    return take_trailer(state, c) ? CHUNKED_FINE : CHUNKED_BAD_TRAILER;
}

enum chunked_event chunked_push(struct chunked *state, struct span *bytes, struct span *ret_piece)
{
    while (state->state != CHUNKED_OVER && bytes->len > 0) {
        if (state->state == CHUNKED_BYTES) {
            *ret_piece =
                span_sub(*bytes, 0, state->left < bytes->len ? (size_t)state->left : bytes->len);
            bytes->ptr += ret_piece->len;
            bytes->len -= ret_piece->len;
            state->left -= ret_piece->len;
            if (state->left == 0) {
                state->state = CHUNKED_BYTES_CR;
            }
            return CHUNKED_DATA;
        }
        state->fault = take(state, bytes->ptr[0]);
        if (state->fault != CHUNKED_FINE) {
            state->state = CHUNKED_OVER;
            break;
        }
        bytes->ptr++;
        bytes->len--;
    }
    if (state->state == CHUNKED_OVER) {
        return state->fault == CHUNKED_FINE ? CHUNKED_END : CHUNKED_REFUSED;
    }
    return CHUNKED_MORE;
}
