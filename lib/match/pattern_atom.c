/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/pattern_read.h"

#include "lib/match/char_set.h"
#include "lib/text/utf8.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void reader_skip_past(struct pattern_reader *reader, char mark)
{
    while (reader->at < reader->end && *reader->at != mark) {
        reader->at++;
    }
    if (reader->at == reader->end) {
        reader->lost = true;
    } else {
        reader->at++;
    }
}

/* Digits of a base up to `most` of them, or in braces. False: not a plain number. */
static bool read_number(struct pattern_reader *reader, int base, int most, uint32_t *ret)
{
    bool braces = reader->at < reader->end && *reader->at == '{';
    uint32_t value = 0;

    if (braces) {
        reader->at++;
        most = 12;
    }
    for (; reader->at < reader->end && most > 0; most--, reader->at++) {
        int digit = hex_value(*reader->at);

        if (digit < 0 || digit >= base || value > UTF8_MAX_CODE_POINT) {
            break;
        }
        value = value * (uint32_t)base + (uint32_t)digit;
    }
    *ret = value;
    if (value > UTF8_MAX_CODE_POINT || (value >= 0xd800 && value <= 0xdfff)) {
        return false;
    }
    return !braces || (reader->at < reader->end && *reader->at++ == '}');
}

/* An escape that means one character; reader->at is behind the backslash. */
static bool read_point(struct pattern_reader *reader, bool in_class, uint32_t *ret)
{
    static const char letters[] = "aefnrt";
    static const char values[] = "\a\033\f\n\r\t";
    char c = *reader->at;
    const char *letter = strchr(letters, c);

    if (c != '\0' && letter) {
        reader->at++;
        *ret = (uint32_t)values[letter - letters];
        return true;
    }
    if (c == 'b' && in_class) {
        reader->at++;
        *ret = '\b';
        return true;
    }
    if (c == '0') {
        return read_number(reader, 8, 3, ret);
    }
    if (c == 'x' || c == 'o') {
        reader->at++;
        reader->lost = !read_number(reader, c == 'x' ? 16 : 8, c == 'x' ? 2 : 0, ret);
        return true;
    }
    if (!is_digit(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z')) {
        *ret = utf8_next(&reader->at);
        return true;
    }
    return false;
}

/* \p{..} \P{..} \pL: one character; which is not looked at. */
static void skip_property(struct pattern_reader *reader)
{
    if (reader->at < reader->end && *reader->at == '{') {
        reader_skip_past(reader, '}');
    } else if (reader->at < reader->end) {
        (void)utf8_next(&reader->at);
    } else {
        reader->lost = true;
    }
}

/* \g and \k with a number or a name in one of their brackets. */
static void skip_reference(struct pattern_reader *reader)
{
    char open = reader->at < reader->end ? *reader->at : '\0';

    if (open == '{' || open == '<' || open == '\'') {
        reader->at++;
        reader_skip_past(reader, open == '{' ? '}' : open == '<' ? '>' : '\'');
        return;
    }
    if (open == '-' || open == '+') {
        reader->at++;
    }
    while (reader->at < reader->end && is_digit(*reader->at)) {
        reader->at++;
    }
}

static struct node *set_node(struct pattern_reader *reader, const struct char_set *set)
{
    struct node *node = reader_node(reader, NODE_SET);

    node->set = *set;
    return node;
}

struct node *reader_escape(struct pattern_reader *reader)
{
    struct char_set set = {0};
    uint32_t point;
    char c = *reader->at;

    if (c == 'N' && reader_sees(reader, "N{U+")) {
        reader->at += 4;
        reader_skip_past(reader, '}');
        char_set_add_all(&set);
        return set_node(reader, &set);
    }
    if (read_point(reader, false, &point)) {
        char_set_add(&set, reader->fold, point);
        return set_node(reader, &set);
    }
    reader->at++;
    if (char_set_add_escape(&set, c)) {
        return set_node(reader, &set);
    }
    switch (c) {
    case 'b':
    case 'B':
    case 'A':
    case 'z':
    case 'Z':
    case 'G':
    case 'K':
        return reader_node(reader, NODE_NOTHING);
    case 'p':
    case 'P':
        skip_property(reader);
        char_set_add_all(&set);
        return set_node(reader, &set);
    case 'c':
        reader->at += reader->at < reader->end;
        return reader_node(reader, NODE_UNKNOWN);
    case 'R':
        /* One line end: a character, or carriage return and line feed. */
        char_set_add_escape(&set, 'v');
        return set_node(reader, &set);
    case 'X':
        return reader_node(reader, NODE_UNKNOWN);
    case 'g':
    case 'k':
        skip_reference(reader);
        return reader_node(reader, NODE_UNKNOWN);
    default:
        if (!is_digit(c)) {
            reader->lost = true;
        }
        while (reader->at < reader->end && is_digit(*reader->at)) {
            reader->at++;
        }
        return reader_node(reader, NODE_UNKNOWN);
    }
}

/* The end of a POSIX class name or of [. .] and [= =], as PCRE2 looks for it; NULL: no such thing.
 */
static const char *posix_end(const struct pattern_reader *reader)
{
    const char *p = reader->at;
    char mark;

    if (reader->end - p < 2 || (*p != ':' && *p != '.' && *p != '=')) {
        return NULL;
    }
    mark = *p++;
    for (; reader->end - p >= 2; p++) {
        if (*p == '\\' && (p[1] == ']' || p[1] == '\\')) {
            p++;
        } else if ((*p == '[' && p[1] == mark) || *p == ']') {
            return NULL;
        } else if (*p == mark && p[1] == ']') {
            return p + 2;
        }
    }
    return NULL;
}

/* One member of a class: true with *ret_point when it is a single character. */
static bool read_member(struct pattern_reader *reader, struct char_set *set, uint32_t *ret_point)
{
    const char *behind;
    char c;

    if (*reader->at == '[') {
        reader->at++;
        behind = posix_end(reader);
        if (!behind) {
            *ret_point = '[';
            return true;
        }
        reader->at = behind;
        char_set_add_all(set);
        return false;
    }
    if (*reader->at != '\\') {
        *ret_point = utf8_next(&reader->at);
        return true;
    }
    reader->at++;
    if (reader->at == reader->end || *reader->at == 'Q' || *reader->at == 'E') {
        reader->lost = true;
        return false;
    }
    if (read_point(reader, true, ret_point)) {
        return true;
    }
    c = *reader->at++;
    if (c == 'p' || c == 'P') {
        skip_property(reader);
        char_set_add_all(set);
    } else if (is_digit(c)) {
        while (reader->at < reader->end && is_digit(*reader->at)) {
            reader->at++;
        }
        char_set_add_all(set);
    } else if (c == 'N' || !char_set_add_escape(set, c)) {
        reader->lost = true;
    }
    return false;
}

/* A range when a minus and something but the end follow. */
static void read_members(struct pattern_reader *reader, struct char_set *set)
{
    uint32_t from, to;

    if (!read_member(reader, set, &from)) {
        return;
    }
    if (reader->end - reader->at >= 2 && reader->at[0] == '-' && reader->at[1] != ']') {
        reader->at++;
        if (!read_member(reader, set, &to)) {
            /* Not a range: the minus stands for itself. */
            char_set_add(set, reader->fold, from);
            char_set_add(set, reader->fold, '-');
            return;
        }
        char_set_add_range(set, reader->fold, from, to);
        return;
    }
    char_set_add(set, reader->fold, from);
}

struct node *reader_class(struct pattern_reader *reader)
{
    struct char_set set = {0};
    bool negated, first = true;

    if (reader_sees(reader, "[:<:]]") || reader_sees(reader, "[:>:]]")) {
        reader->at += 6;
        return reader_node(reader, NODE_NOTHING);
    }
    negated = reader_sees(reader, "^");
    reader->at += negated;
    while (!reader->lost && reader->at < reader->end && (first || *reader->at != ']')) {
        first = false;
        if (reader->extended_more && (*reader->at == ' ' || *reader->at == '\t')) {
            /* Ignored there, but it might also be a range's end: say nothing about such a class. */
            char_set_add_all(&set);
        }
        read_members(reader, &set);
    }
    if (reader->at == reader->end) {
        reader->lost = true;
        return reader_node(reader, NODE_UNKNOWN);
    }
    reader->at++;
    if (negated) {
        char_set_negate(&set);
    }
    return set_node(reader, &set);
}
