/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/regex.h"

#include "lib/base/attr.h"

#include <stdio.h>

enum { REPEAT_MAX = 1000 };

struct translator {
    struct span in;
    size_t at;
    char *out;
    size_t len, cap;
    char *what;
};

static bool refuse(struct translator *t, const char *what)
{
    (void)snprintf(t->what, CEL_REGEX_WHAT_MAX, "%s", what);
    return false;
}

static bool put(struct translator *t, const char *text, size_t len)
{
    if (len > t->cap - t->len) {
        return refuse(t, "the pattern is too long");
    }
    (void)memcpy(t->out + t->len, text, len);
    t->len += len;
    return true;
}

static bool put_text(struct translator *t, const char *text)
{
    return put(t, text, strlen(text));
}

static char peek(const struct translator *t, size_t ahead)
{
    return t->at + ahead < t->in.len ? t->in.ptr[t->at + ahead] : '\0';
}

static bool copy(struct translator *t, size_t count)
{
    size_t from = t->at;

    t->at += count;
    return put(t, t->in.ptr + from, count);
}

/* \Q...\E, copied with every mark escaped. */
static bool quoted(struct translator *t)
{
    for (t->at += 2; t->at < t->in.len; t->at++) {
        char c = t->in.ptr[t->at];

        if (c == '\\' && peek(t, 1) == 'E') {
            t->at += 2;
            return true;
        }
        if (strchr("\\^$.[]|()?*+{}-/", c) && c != '\0' && !put_text(t, "\\")) {
            return false;
        }
        if (!put(t, &c, 1)) {
            return false;
        }
    }
    return true;
}

/* \p{...} \P{...} \pL \x{...} \xHH: through the closing brace. */
static bool braced(struct translator *t)
{
    size_t len = 2;

    if (peek(t, 2) == '\0') {
        return refuse(t, "the pattern ends in an escape");
    }
    if (peek(t, 2) == '{') {
        while (peek(t, len) != '}') {
            if (peek(t, len) == '\0') {
                return refuse(t, "the pattern has an open brace");
            }
            len++;
        }
    }
    return copy(t, len + 1);
}

static bool escape(struct translator *t, bool in_class)
{
    char c = peek(t, 1);

    switch (c) {
    case '\0':
        return refuse(t, "the pattern ends in a backslash");
    case 'Q':
        return quoted(t);
    case 's':
        t->at += 2;
        return put_text(t, in_class ? "\\t\\n\\f\\r " : "[\\t\\n\\f\\r ]");
    case 'S':
        if (in_class) {
            return refuse(t, "\\S cannot stand in a class here");
        }
        t->at += 2;
        return put_text(t, "[^\\t\\n\\f\\r ]");
    case 'v':
        t->at += 2;
        return put_text(t, "\\x0b");
    case 'p':
    case 'P':
    case 'x':
        return braced(t);
    case 'A':
    case 'z':
    case 'b':
    case 'B':
        return in_class ? refuse(t, "this escape cannot stand in a class") : copy(t, 2);
    case 'd':
    case 'D':
    case 'w':
    case 'W':
    case 'a':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return copy(t, 2);
    default:
        break;
    }
    if (c >= '1' && c <= '9') {
        return refuse(t, "backreferences (\\1) are not supported");
    }
    if (c == '0') {
        return copy(t, 2);
    }
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80) {
        return refuse(t, "this escape does not exist in RE2");
    }
    return copy(t, 2);
}

/* [:name:] at `at`: its length, 0 where it is none. */
static size_t named_class(const struct translator *t)
{
    size_t len = 2;

    if (peek(t, 0) != '[' || peek(t, 1) != ':') {
        return 0;
    }
    while ((peek(t, len) >= 'a' && peek(t, len) <= 'z') || peek(t, len) == '^') {
        len++;
    }
    return peek(t, len) == ':' && peek(t, len + 1) == ']' ? len + 2 : 0;
}

/* [...]: [:name:] stays, escapes are translated. */
static bool class(struct translator *t)
{
    size_t first = peek(t, 1) == '^' ? 2 : 1;

    if (!copy(t, first)) {
        return false;
    }
    if (peek(t, 0) == ']' && (!put_text(t, "\\") || !copy(t, 1))) {
        return false;
    }
    while (peek(t, 0) != ']') {
        bool done;

        if (t->at >= t->in.len) {
            return refuse(t, "the pattern has an open class [");
        }
        if (peek(t, 0) == '\\') {
            done = escape(t, true);
        } else if (named_class(t) > 0) {
            done = copy(t, named_class(t));
        } else if (peek(t, 0) == '[') {
            done = put_text(t, "\\") && copy(t, 1);
        } else {
            done = copy(t, 1);
        }
        if (!done) {
            return false;
        }
    }
    return copy(t, 1);
}

/* ( (?: (?flags) (?flags: (?P<name> (?<name> */
static bool group(struct translator *t)
{
    size_t len = 2;

    if (peek(t, 1) == '*') {
        return refuse(t, "verbs (*...) are not supported");
    }
    if (peek(t, 1) != '?') {
        return copy(t, 1);
    }
    if ((peek(t, 2) == 'P' && peek(t, 3) == '<') ||
        (peek(t, 2) == '<' && peek(t, 3) != '=' && peek(t, 3) != '!')) {
        return copy(t, 3);
    }
    while (peek(t, len) != '\0' && strchr("imsU-", peek(t, len))) {
        len++;
    }
    if (peek(t, len) != ':' && (peek(t, len) != ')' || len == 2)) {
        return refuse(t, "of the groups (?...) only (?:), (?imsU) and (?P<name>) are supported");
    }
    return copy(t, len + 1);
}

/* {n}, {n,}, {n,m}: a repeat up to 1,000; anything else is a plain brace. */
static bool repeat(struct translator *t)
{
    size_t len = 1, digits = 0;
    unsigned value = 0;

    for (;; len++) {
        char c = peek(t, len);

        if (c >= '0' && c <= '9') {
            value = value > REPEAT_MAX ? value : value * 10 + (unsigned)(c - '0');
            digits++;
        } else if (c == ',' && digits > 0 && value <= REPEAT_MAX) {
            value = 0;
        } else {
            break;
        }
        if (value > REPEAT_MAX) {
            return refuse(t, "a repeat count goes up to 1,000");
        }
    }
    if (peek(t, len) != '}' || digits == 0) {
        return put_text(t, "\\") && copy(t, 1);
    }
    return copy(t, len + 1);
}

static bool item(struct translator *t, bool *ret_quantifier)
{
    char c = peek(t, 0);

    *ret_quantifier = c == '*' || c == '+' || c == '?';
    switch (c) {
    case '\\':
        return escape(t, false);
    case '[':
        return class(t);
    case '(':
        return group(t);
    case '{': {
        size_t before = t->len;

        if (!repeat(t)) {
            return false;
        }
        *ret_quantifier = t->out[before] == '{';
        return true;
    }
    default:
        return copy(t, 1);
    }
}

bool cel_regex_translate(struct span pattern, char *out, size_t cap, size_t *ret_len,
                         char into[CEL_REGEX_WHAT_MAX])
{
    struct translator t = {.in = pattern, .out = out, .cap = cap, .what = into};

    into[0] = '\0';
    while (t.at < t.in.len) {
        bool quantifier;

        if (!item(&t, &quantifier)) {
            return false;
        }
        if (!quantifier) {
            continue;
        }
        if (peek(&t, 0) == '?' && !copy(&t, 1)) {
            return false;
        }
        if (peek(&t, 0) != '\0' && strchr("*+?", peek(&t, 0))) {
            return refuse(&t, "one quantifier cannot follow another");
        }
    }
    *ret_len = t.len;
    return true;
}
