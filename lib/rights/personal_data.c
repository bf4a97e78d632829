/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/personal_data.h"

#include "lib/base/attr.h"

const char *const personal_data_words[PERSONAL_KIND_COUNT] = {
    [PERSONAL_EMAIL] = "an e-mail address", [PERSONAL_HANDLE] = "an account handle",
    [PERSONAL_URL] = "a web address",       [PERSONAL_PHONE] = "a phone number",
    [PERSONAL_IP] = "an IP address",
};

enum { LABEL_MAX = 64, PHONE_MIN_DIGITS = 7, PHONE_MAX_DIGITS = 15 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A letter, digit or part of a multi-byte character: what a word goes on with. */
static bool is_word(char c)
{
    return is_digit(c) || is_alpha(c) || (unsigned char)c >= 0x80;
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static char at(struct span text, size_t i)
{
    return i < text.len ? text.ptr[i] : '\0';
}

/* Where a dotted domain name that starts at i ends; i when there is none. The last label is of
 * letters, so that "3.5" and "e.g." are none. */
static size_t domain_end(struct span text, size_t i)
{
    size_t end = i, last = i;
    bool dotted = false, letters = true;

    while (is_word(at(text, end)) || at(text, end) == '-' ||
           (at(text, end) == '.' && is_word(at(text, end + 1)))) {
        if (text.ptr[end] == '.') {
            dotted = true;
            letters = true;
            last = end + 1;
        } else if (is_digit(text.ptr[end])) {
            letters = false;
        }
        end++;
    }
    return dotted && letters && end - last >= 2 ? end : i;
}

static bool find_at_sign(struct span text, size_t i, size_t from, struct personal_data *ret)
{
    size_t width = text.ptr[i] == '@' ? 1 : 3; /* the full-width sign has three bytes */
    size_t start = i, end;

    while (start > from && i - start < LABEL_MAX &&
           (is_word(text.ptr[start - 1]) || strchr("._%+-", text.ptr[start - 1]))) {
        start--;
    }
    end = domain_end(text, i + width);
    if (start < i && end > i + width) {
        *ret = (struct personal_data){PERSONAL_EMAIL, start, end - start};
        return true;
    }
    end = i + width;
    while (is_word(at(text, end)) || at(text, end) == '_') {
        end++;
    }
    if ((start == i || !is_word(text.ptr[i - 1])) && end - i - width >= 2) {
        *ret = (struct personal_data){PERSONAL_HANDLE, i, end - i};
        return true;
    }
    return false;
}

static bool starts_nocase(struct span text, size_t i, const char *prefix)
{
    return span_equal_nocase(span_sub(text, i, strlen(prefix)), span_of(prefix));
}

/* The first letters of what a web address starts with: most words are done with here. */
static bool may_start_url(char c)
{
    return c == 'h' || c == 'H' || c == 'f' || c == 'F' || c == 'w' || c == 'W';
}

/* At the start of a word: a scheme, www., or a domain with a path. */
static bool find_url(struct span text, size_t i, struct personal_data *ret)
{
    static const char *const starts[] = {"http://",  "https://", "hxxp://",
                                         "hxxps://", "ftp://",   "www."};
    bool url = false;
    size_t end;

    for (size_t n = 0; may_start_url(text.ptr[i]) && n < COUNT_OF(starts); n++) {
        url =
            url || (starts_nocase(text, i, starts[n]) && is_word(at(text, i + strlen(starts[n]))));
    }
    end = domain_end(text, i);
    url = url || (end > i && at(text, end) == '/' && is_word(at(text, end + 1)));
    if (!url) {
        return false;
    }
    for (end = i; end < text.len && !strchr(" \t\r\n\"'<>()", text.ptr[end]); end++) {
    }
    *ret = (struct personal_data){PERSONAL_URL, i, end - i};
    return true;
}

static bool find_ipv4(struct span text, size_t i, struct personal_data *ret)
{
    size_t end = i;

    for (int part = 0; part < 4; part++) {
        int value = 0, digits = 0;

        if (part > 0 && at(text, end++) != '.') {
            return false;
        }
        while (is_digit(at(text, end)) && digits < 4) {
            value = value * 10 + (text.ptr[end++] - '0');
            digits++;
        }
        if (digits == 0 || digits > 3 || value > 255) {
            return false;
        }
    }
    if (is_word(at(text, end)) || (at(text, end) == '.' && is_digit(at(text, end + 1)))) {
        return false;
    }
    *ret = (struct personal_data){PERSONAL_IP, i, end - i};
    return true;
}

static bool find_ipv6(struct span text, size_t i, struct personal_data *ret)
{
    size_t end = i, group = 0, colons = 0, groups = 0;
    bool gap = false;

    for (; is_hex(at(text, end)) || at(text, end) == ':'; end++) {
        if (text.ptr[end] != ':') {
            groups += group == 0;
            if (++group > 4) {
                return false;
            }
            continue;
        }
        gap = gap || at(text, end + 1) == ':';
        colons++;
        group = 0;
    }
    if (is_word(at(text, end)) || colons < 2 || colons > 7 || groups < 2 ||
        !(gap || (colons == 7 && groups == 8)) || end - i < 5) {
        return false;
    }
    *ret = (struct personal_data){PERSONAL_IP, i, end - i};
    return true;
}

/* Groups of digits as people write a phone number; `prefixed` is a leading + or 0. A date (a group
 * of four starting 19 or 20) or an unprefixed plain number is none. */
static bool find_phone(struct span text, size_t i, struct personal_data *ret)
{
    size_t end = i, last = i, digits = 0, groups = 0, group = 0, group_at = i;
    bool prefixed = at(text, i) == '+' || at(text, i) == '0', three = true, year = false;

    if (at(text, end) == '+' || at(text, end) == '(') {
        end++;
    }
    for (; is_digit(at(text, end)) || (at(text, end) && strchr(" -./()", text.ptr[end])); end++) {
        if (is_digit(text.ptr[end])) {
            group_at = group == 0 ? end : group_at;
            group++;
            digits++;
            last = end + 1;
        }
        if (group > 0 && !is_digit(at(text, end + 1))) {
            year = year || (group == 4 && (starts_nocase(text, group_at, "19") ||
                                           starts_nocase(text, group_at, "20")));
            three = three && group >= 3 && group <= 4;
            groups++;
            group = 0;
        }
        if (!is_digit(text.ptr[end]) && !is_digit(at(text, end + 1)) && at(text, end + 1) != '(' &&
            text.ptr[end] != ')') {
            break;
        }
    }
    prefixed = prefixed || at(text, i) == '(';
    if (digits < PHONE_MIN_DIGITS || digits > PHONE_MAX_DIGITS || is_word(at(text, last)) ||
        (year && at(text, i) != '+')) {
        return false;
    }
    if (!prefixed && !(groups >= 3 && three && digits >= 10)) {
        return false;
    }
    *ret = (struct personal_data){PERSONAL_PHONE, i, last - i};
    return true;
}

static bool find_here(struct span text, size_t i, size_t from, struct personal_data *ret)
{
    char c = text.ptr[i];
    bool word_start = i == 0 || !is_word(text.ptr[i - 1]);

    if (c == '@' || (c == '\xef' && starts_nocase(text, i, "\xef\xbc\xa0"))) {
        return find_at_sign(text, i, from, ret);
    }
    if (!word_start) {
        return false;
    }
    if (is_word(c) && find_url(text, i, ret)) {
        return true;
    }
    if (i > 0 && strchr(".:", text.ptr[i - 1]) && is_digit(c)) {
        return false;
    }
    if (is_digit(c) && find_ipv4(text, i, ret)) {
        return true;
    }
    if ((is_hex(c) || c == ':') && find_ipv6(text, i, ret)) {
        return true;
    }
    return (is_digit(c) || c == '+' || c == '(') && find_phone(text, i, ret);
}

bool personal_data_find(struct span text, size_t from, struct personal_data *ret)
{
    for (size_t i = from; i < text.len; i++) {
        if (find_here(text, i, from, ret)) {
            return true;
        }
    }
    return false;
}
