/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/entry_scan.h"

static bool scan_value(struct entry_scan *scan);

static bool refuse(struct entry_scan *scan, const char *should)
{
    scan->should = should;
    return false;
}

static char peek(const struct entry_scan *scan)
{
    return scan->at < scan->end ? *scan->at : '\0';
}

static bool take(struct entry_scan *scan, char c)
{
    if (peek(scan) != c || scan->at == scan->end) {
        return false;
    }
    scan->at++;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 0x01 name 0x02. */
static bool scan_hole(struct entry_scan *scan)
{
    const char *from = ++scan->at;

    while ((peek(scan) >= 'a' && peek(scan) <= 'z') || peek(scan) == '_') {
        scan->at++;
    }
    if (scan->at == from || !take(scan, HOLE_CLOSE)) {
        return refuse(scan, "a hole is 0x01, a name of a-z and _, 0x02");
    }
    return true;
}

/* Behind a backslash. U+0000 to U+001F only, by their short form where there is one. */
static bool scan_escape(struct entry_scan *scan)
{
    static const char upper[] = "01", lower[] = "0123456789abcdef";
    static const char short_form[] = "\b\t\n\f\r";
    const char *at = scan->at;
    char code;

    if (scan->at < scan->end && peek(scan) && strchr("\"\\btnfr", peek(scan))) {
        scan->at++;
        return true;
    }
    if (scan->end - at < 5 || memcmp(at, "u00", 3) != 0 || !at[3] || !strchr(upper, at[3]) ||
        !at[4] || !strchr(lower, at[4])) {
        return refuse(scan, "another escape than canonical JSON has");
    }
    code = (char)((at[3] - '0') * 16 + (strchr(lower, at[4]) - lower));
    if (code && strchr(short_form, code)) {
        return refuse(scan, "this control character has a shorter escape");
    }
    scan->at += 5;
    return true;
}

static bool scan_string(struct entry_scan *scan)
{
    if (!take(scan, '"')) {
        return refuse(scan, "a string should begin here");
    }
    if (scan->holes && peek(scan) == HOLE_OPEN) {
        return scan_hole(scan) && (take(scan, '"') || refuse(scan, "a hole is the whole string"));
    }
    while (scan->at < scan->end) {
        unsigned char c = (unsigned char)*scan->at;

        if (c < ' ') {
            return refuse(scan, "control characters are escaped");
        }
        scan->at++;
        if (c == '"') {
            return true;
        }
        if (c == '\\' && !scan_escape(scan)) {
            return false;
        }
    }
    return refuse(scan, "the string does not end");
}

/* Behind the whole part: fraction and exponent as ECMAScript writes them. */
static bool scan_fraction(struct entry_scan *scan)
{
    if (take(scan, '.')) {
        const char *from = scan->at;

        while (is_digit(peek(scan))) {
            scan->at++;
        }
        if (scan->at == from || scan->at[-1] == '0') {
            return refuse(scan, "a fraction has digits and does not end in 0");
        }
    }
    if (take(scan, 'e')) {
        const char *from;

        if (!take(scan, '+') && !take(scan, '-')) {
            return refuse(scan, "an exponent has a sign");
        }
        from = scan->at;
        while (is_digit(peek(scan))) {
            scan->at++;
        }
        if (scan->at == from || *from == '0') {
            return refuse(scan, "an exponent has digits and does not begin with 0");
        }
    }
    return true;
}

static bool scan_number(struct entry_scan *scan)
{
    static const uint64_t max_safe = UINT64_C(1) << 53;
    bool negative = take(scan, '-');
    const char *from = scan->at;
    uint64_t value = 0;

    while (is_digit(peek(scan)) && scan->at - from <= 21) {
        value = value > max_safe ? value : value * 10 + (uint64_t)(*scan->at - '0');
        scan->at++;
    }
    if (scan->at == from || (*from == '0' && scan->at - from > 1)) {
        return refuse(scan, "a number has digits and no leading zero");
    }
    if (peek(scan) == '.' || peek(scan) == 'e') {
        return scan_fraction(scan);
    }
    /* From 10^21 on ECMAScript writes an exponent; whole numbers past 2^53 are not safe to compare.
     */
    if (value > max_safe || (negative && value == 0)) {
        return refuse(scan, "a whole number lies within 2^53, and 0 has no sign");
    }
    return true;
}

static bool scan_word(struct entry_scan *scan, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, word, len) != 0) {
        return refuse(scan, "a value should begin here");
    }
    scan->at += len;
    return true;
}

static bool scan_array(struct entry_scan *scan)
{
    scan->at++;
    if (take(scan, ']')) {
        return true;
    }
    do {
        if (!scan_value(scan)) {
            return false;
        }
    } while (take(scan, ','));
    return take(scan, ']') || refuse(scan, "an array goes on with , or ends with ]");
}

static bool scan_value(struct entry_scan *scan)
{
    bool good;

    if (scan->depth == ENTRY_MAX_DEPTH) {
        return refuse(scan, "nested too deep");
    }
    scan->depth++;
    switch (peek(scan)) {
    case '"':
        good = scan_string(scan);
        break;
    case '{':
        good = entry_scan_object(scan, NULL);
        break;
    case '[':
        good = scan_array(scan);
        break;
    case 't':
        good = scan_word(scan, "true");
        break;
    case 'f':
        good = scan_word(scan, "false");
        break;
    case 'n':
        good = scan_word(scan, "null");
        break;
    case HOLE_OPEN:
        good = scan->holes ? scan_hole(scan) : refuse(scan, "a value should begin here");
        break;
    default:
        good = scan_number(scan);
        break;
    }
    scan->depth--;
    return good;
}

/* Order of UTF-16 code units, told from UTF-8: it differs from the order of bytes only where a
 * character past U+FFFF (its first unit D800-DBFF) meets one of U+E000-U+FFFF. */
static int compare_names(struct span a, struct span b)
{
    size_t len = a.len < b.len ? a.len : b.len;

    for (size_t i = 0; i < len; i++) {
        unsigned char x = (unsigned char)a.ptr[i], y = (unsigned char)b.ptr[i];

        if (x != y) {
            if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0)) {
                return x >= 0xf0 ? -1 : 1;
            }
            return x < y ? -1 : 1;
        }
    }
    return (a.len > b.len) - (a.len < b.len);
}

static bool scan_name(struct entry_scan *scan, struct span *ret)
{
    const char *from = scan->at;

    if (peek(scan) == '"' && scan->end - from > 1 && from[1] == HOLE_OPEN) {
        return refuse(scan, "a hole stands for a value, not for a name");
    }
    if (!scan_string(scan)) {
        return false;
    }
    *ret = (struct span){from + 1, (size_t)(scan->at - from) - 2};
    if (memchr(ret->ptr, '\\', ret->len)) {
        scan->at = from;
        return refuse(scan, "names in entries have no escapes");
    }
    return true;
}

bool entry_scan_object(struct entry_scan *scan, struct entry_view *view)
{
    struct span before = {NULL, 0}, name;

    if (!take(scan, '{')) {
        return refuse(scan, "an object should begin here");
    }
    if (take(scan, '}')) {
        return true;
    }
    do {
        const char *from = scan->at;

        if (!scan_name(scan, &name)) {
            return false;
        }
        if (before.ptr && compare_names(before, name) >= 0) {
            scan->at = from;
            return refuse(scan, "names are sorted, each comes once");
        }
        before = name;
        if (!take(scan, ':')) {
            return refuse(scan, "a name is followed by : without spaces");
        }
        from = scan->at;
        if (!scan_value(scan)) {
            return false;
        }
        if (view && view->member_count == ENTRY_MAX_MEMBERS) {
            return refuse(scan, "an entry has at most 48 members");
        }
        if (view) {
            view->members[view->member_count++] =
                (struct entry_member){name, {from, (size_t)(scan->at - from)}};
        }
    } while (take(scan, ','));
    return take(scan, '}') || refuse(scan, "an object goes on with , or ends with }");
}
