/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/fault.h"

#include <stdarg.h>
#include <stdio.h>

/* Cuts a too long text at a whole UTF-8 character, so that it stays valid. */
static void copy_cut(char *into, size_t cap, const char *text)
{
    size_t len = strlen(text);

    if (len >= cap) {
        len = cap - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80) {
            len--;
        }
    }
    memcpy(into, text, len);
    into[len] = '\0';
}

PRINTF(4, 0)
static void write_fault(struct fault *why, const char *code, const char *place, const char *format,
                        va_list args)
{
    char text[2 * FAULT_TEXT_MAX];

    copy_cut(why->code, sizeof(why->code), code);
    copy_cut(why->place, sizeof(why->place), place ? place : "");
    (void)vsnprintf(text, sizeof(text), format, args);
    copy_cut(why->text, sizeof(why->text), text);
}

int fault_set(struct fault *why, const char *code, const char *place, const char *format, ...)
{
    va_list args;

    if (why) {
        va_start(args, format);
        write_fault(why, code, place, format, args);
        va_end(args);
    }
    return FAULT;
}

int faults_add(struct faults *all, const char *code, const char *place, const char *format, ...)
{
    va_list args;

    if (all->count == FAULTS_MAX) {
        all->dropped++;
        return FAULT;
    }
    va_start(args, format);
    write_fault(&all->list[all->count++], code, place, format, args);
    va_end(args);
    return FAULT;
}

int faults_add_one(struct faults *all, const struct fault *one)
{
    if (all->count == FAULTS_MAX) {
        all->dropped++;
        return FAULT;
    }
    all->list[all->count++] = *one;
    return FAULT;
}

void faults_prefix(struct faults *all, size_t from, const char *prefix)
{
    for (size_t i = from; i < all->count; i++) {
        char place[2 * FAULT_PLACE_MAX];

        (void)snprintf(place, sizeof(place), "%.*s%s", FAULT_PLACE_MAX - 1, prefix,
                       all->list[i].place);
        copy_cut(all->list[i].place, FAULT_PLACE_MAX, place);
    }
}

/* Length of the well-formed printable character at the front of `s`; 0 where it must be escaped. */
static size_t printable_len(struct span s)
{
    unsigned char c = (unsigned char)s.ptr[0];
    size_t len = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3
                              : c >= 0xF0 && c < 0xF5 ? 4 : 0;

    if (len == 0 || len > s.len || c < 0x20 || c == 0x7F) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)s.ptr[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    /* U+0080-U+009F are controls; U+202A-202E and U+2066-2069 turn the writing direction. */
    if (len == 2 && c == 0xC2 && (unsigned char)s.ptr[1] < 0xA0) {
        return 0;
    }
    if (len == 3 && c == 0xE2 && (unsigned char)s.ptr[1] == 0x80 &&
        (unsigned char)s.ptr[2] >= 0xAA && (unsigned char)s.ptr[2] <= 0xAE) {
        return 0;
    }
    if (len == 3 && c == 0xE2 && (unsigned char)s.ptr[1] == 0x81 &&
        (unsigned char)s.ptr[2] >= 0xA6 && (unsigned char)s.ptr[2] <= 0xA9) {
        return 0;
    }
    /* Surrogates and overlong forms of three and four bytes. */
    if ((c == 0xE0 && (unsigned char)s.ptr[1] < 0xA0) || (c == 0xED && (unsigned char)s.ptr[1] > 0x9F) ||
        (c == 0xF0 && (unsigned char)s.ptr[1] < 0x90) || (c == 0xF4 && (unsigned char)s.ptr[1] > 0x8F)) {
        return 0;
    }
    return len;
}

const char *fault_quote(char into[FAULT_QUOTE_MAX], struct span value)
{
    size_t at = 0;

    while (value.len) {
        size_t len = printable_len(value);
        size_t need = len ? len : 4;

        if (at + need > FAULT_QUOTE_MAX - 4) {
            memcpy(into + at, "...", 3);
            at += 3;
            break;
        }
        if (len) {
            memcpy(into + at, value.ptr, len);
        } else {
            (void)snprintf(into + at, 5, "\\x%02x", (unsigned char)value.ptr[0]);
            len = 1;
        }
        at += need;
        value = span_sub(value, len, value.len);
    }
    into[at] = '\0';
    return into;
}
