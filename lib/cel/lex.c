/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/lex.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The byte at `at`, NUL past the end. */
static char peek(struct span source, size_t at)
{
    return at < source.len ? source.ptr[at] : '\0';
}

static size_t skip_space(struct span source, size_t at)
{
    while (at < source.len) {
        char c = source.ptr[at];

        if (c == '/' && peek(source, at + 1) == '/') {
            while (at < source.len && source.ptr[at] != '\n') {
                at++;
            }
        } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
            break;
        } else {
            at++;
        }
    }
    return at;
}

static struct cel_token token(int kind, struct span source, size_t from, size_t to)
{
    return (struct cel_token){.kind = kind, .pos = (uint32_t)from,
                              .text = span_sub(source, from, to - from)};
}

static struct cel_token bad(size_t at, const char *what)
{
    return (struct cel_token){.kind = CEL_TOKEN_BAD, .pos = (uint32_t)at, .what = what};
}

static size_t skip_digits(struct span source, size_t at)
{
    while (is_digit(peek(source, at))) {
        at++;
    }
    return at;
}

/* Digits, or 0x and hex digits, and a u: an integer; with fraction or exponent: a double. */
static struct cel_token lex_number(struct span source, size_t from)
{
    size_t at = from;
    bool whole = true;

    if (peek(source, at) == '0' && (peek(source, at + 1) | 0x20) == 'x' &&
        is_hex(peek(source, at + 2))) {
        at += 2;
        while (is_hex(peek(source, at))) {
            at++;
        }
    } else {
        at = skip_digits(source, at);
        if (peek(source, at) == '.' && is_digit(peek(source, at + 1))) {
            whole = false;
            at = skip_digits(source, at + 1);
        }
        if ((peek(source, at) | 0x20) == 'e') {
            size_t digits = at + 1;

            if (peek(source, digits) == '+' || peek(source, digits) == '-') {
                digits++;
            }
            if (is_digit(peek(source, digits))) {
                whole = false;
                at = skip_digits(source, digits);
            }
        }
    }
    if (whole && (peek(source, at) | 0x20) == 'u') {
        return token(CEL_TOKEN_UINT, source, from, at + 1);
    }
    return token(whole ? CEL_TOKEN_INT : CEL_TOKEN_DOUBLE, source, from, at);
}

/* From the first quote on; prefix letters stand between `from` and `at`. */
static struct cel_token lex_text(struct span source, size_t from, size_t at, bool raw, bool bytes)
{
    char quote = source.ptr[at];
    bool triple = peek(source, at + 1) == quote && peek(source, at + 2) == quote;

    at += triple ? 3 : 1;
    for (; at < source.len; at++) {
        char c = source.ptr[at];

        if (c == '\\' && !raw) {
            at++;
        } else if (c == quote && (!triple || (peek(source, at + 1) == quote &&
                                              peek(source, at + 2) == quote))) {
            return token(bytes ? CEL_TOKEN_BYTES : CEL_TOKEN_STRING, source, from,
                         at + (triple ? 3 : 1));
        } else if (!triple && (c == '\n' || c == '\r')) {
            break;
        }
    }
    return bad(from, "the text is not closed");
}

/* String prefixes: r, b, br in either case; *ret_at is the quote. */
static bool text_prefix(struct span source, size_t from, size_t *ret_at, bool *ret_raw,
                        bool *ret_bytes)
{
    size_t at = from;
    char c;

    *ret_bytes = (peek(source, at) | 0x20) == 'b';
    at += *ret_bytes ? 1 : 0;
    *ret_raw = (peek(source, at) | 0x20) == 'r';
    at += *ret_raw ? 1 : 0;
    c = peek(source, at);
    *ret_at = at;
    return c == '"' || c == '\'';
}

static struct cel_token lex_quoted_name(struct span source, size_t from)
{
    size_t at = from + 1;

    while (is_letter(peek(source, at)) || is_digit(peek(source, at)) ||
           (peek(source, at) != '\0' && strchr(".-/ ", peek(source, at)))) {
        at++;
    }
    if (peek(source, at) != '`' || at == from + 1) {
        return bad(from, "a quoted name holds letters, digits, _ . - / and space, and ends with `");
    }
    return (struct cel_token){.kind = CEL_TOKEN_QUOTED, .pos = (uint32_t)from,
                              .text = span_sub(source, from + 1, at - from - 1)};
}

static struct cel_token lex_mark(struct span source, size_t at)
{
    static const struct {
        char first, second;
        int kind;
    } pairs[] = {{'<', '=', CEL_TOKEN_LE}, {'>', '=', CEL_TOKEN_GE}, {'=', '=', CEL_TOKEN_EQ},
                 {'!', '=', CEL_TOKEN_NE}, {'&', '&', CEL_TOKEN_AND}, {'|', '|', CEL_TOKEN_OR}};
    char c = source.ptr[at];

    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (c == pairs[i].first && peek(source, at + 1) == pairs[i].second) {
            return token(pairs[i].kind, source, at, at + 2);
        }
    }
    if (c != '\0' && strchr("()[]{}.,:?+-*/%!<>", c)) {
        return token(c, source, at, at + 1);
    }
    if (c == '=' || c == '&' || c == '|') {
        return bad(at, c == '=' ? "= is not an operator, == compares"
                                : "the operators are && and ||");
    }
    return bad(at, "this character has no meaning here");
}

struct cel_token cel_lex(struct span source, uint32_t start)
{
    size_t from = skip_space(source, start), at = from;
    bool raw, bytes;
    char c;

    if (from >= source.len) {
        return token(CEL_TOKEN_END, source, source.len, source.len);
    }
    c = source.ptr[from];
    if (text_prefix(source, from, &at, &raw, &bytes)) {
        return lex_text(source, from, at, raw, bytes);
    }
    if (is_letter(c)) {
        struct cel_token name;

        for (at = from; is_letter(peek(source, at)) || is_digit(peek(source, at)); at++) {
        }
        name = token(CEL_TOKEN_NAME, source, from, at);
        if (span_is(name.text, "in")) {
            name.kind = CEL_TOKEN_IN;
        }
        return name;
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(source, from + 1)))) {
        return lex_number(source, from);
    }
    return c == '`' ? lex_quoted_name(source, from) : lex_mark(source, from);
}

bool cel_reserved(struct span name)
{
    static const char *const words[] = {
        "as",     "break", "const", "continue", "else",      "for",    "function", "if",  "import",
        "let",    "loop",  "package", "namespace", "return", "var",    "void",     "while"};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (span_is(name, words[i])) {
            return true;
        }
    }
    return false;
}
