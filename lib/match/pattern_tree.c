/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/pattern_read.h"

#include "lib/match/char_set.h"
#include "lib/text/utf8.h"

static struct node *read_choice(struct pattern_reader *reader);

struct node *reader_node(struct pattern_reader *reader, enum node_kind kind)
{
    struct node *node = arena_alloc(reader->arena, sizeof(*node));

    if (!node) {
        reader->lost = true;
        reader->spare = (struct node){0};
        node = &reader->spare;
    }
    node->kind = kind;
    return node;
}

static void append(struct node *parent, struct node *child)
{
    if (parent->last) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
}

static struct node *around(struct pattern_reader *reader, enum node_kind kind, struct node *child)
{
    struct node *node = reader_node(reader, kind);

    if (!reader->lost) {
        append(node, child);
    }
    return node;
}

/* PCRE2's Pattern_White_Space past ASCII, which (?x) ignores. */
static bool is_wide_space(uint32_t point)
{
    return point == 0x85 || point == 0x200e || point == 0x200f || point == 0x2028 ||
           point == 0x2029;
}

/* Comments, the end of a quote, and with (?x) white space: what may stand before a quantifier. */
static void skip_ignored(struct pattern_reader *reader)
{
    for (const char *before = NULL;
         before != reader->at && reader->at < reader->end && !reader->lost;) {
        before = reader->at;
        if (reader_sees(reader, "\\E")) {
            reader->at += 2;
            reader->quoted = false;
        } else if (reader->quoted) {
            return;
        } else if (reader_sees(reader, "\\Q")) {
            reader->at += 2;
            reader->quoted = true;
        } else if (reader_sees(reader, "(?#")) {
            reader_skip_past(reader, ')');
        } else if (reader->extended && *reader->at == '#') {
            while (reader->at < reader->end && *reader->at != '\n') {
                reader->lost |= *reader->at == '\r';
                reader->at++;
            }
        } else if (reader->extended &&
                   (*reader->at == ' ' || (*reader->at >= '\t' && *reader->at <= '\r'))) {
            reader->at++;
        } else if (reader->extended && (*reader->at & 0x80)) {
            const char *next = reader->at;

            if (is_wide_space(utf8_next(&next))) {
                reader->at = next;
            }
        }
    }
}

static bool read_count(const char **p, const char *end, uint32_t *ret)
{
    const char *from = *p;
    uint32_t value = 0;

    while (*p < end && **p >= '0' && **p <= '9' && value < 100000) {
        value = value * 10 + (uint32_t)(*(*p)++ - '0');
    }
    *ret = value;
    return *p > from;
}

/* {n} {n,} {n,m}; {,m} and spaces mean a count from PCRE2 10.43 on and themselves before: lost. */
static bool read_braces(struct pattern_reader *reader, uint32_t *min, uint32_t *max)
{
    const char *p = reader->at + 1;
    bool counted = read_count(&p, reader->end, min);

    *max = *min;
    if (counted && p < reader->end && *p == ',') {
        p++;
        if (!read_count(&p, reader->end, max)) {
            *max = UINT32_MAX;
        }
    }
    if (counted && p < reader->end && *p == '}') {
        reader->at = p + 1;
        return true;
    }
    for (p = reader->at + 1;
         p < reader->end && (*p == ' ' || *p == '\t' || *p == ',' || (*p >= '0' && *p <= '9'));) {
        p++;
    }
    reader->lost |= p < reader->end && *p == '}' && p > reader->at + 1;
    return false;
}

static bool read_quantifier(struct pattern_reader *reader, uint32_t *min, uint32_t *max)
{
    char c;

    skip_ignored(reader);
    if (reader->quoted || reader->at == reader->end) {
        return false;
    }
    c = *reader->at;
    *min = c == '+';
    *max = c == '?' ? 1 : UINT32_MAX;
    if (c == '{') {
        if (!read_braces(reader, min, max)) {
            return false;
        }
    } else if (c == '?' || c == '*' || c == '+') {
        reader->at++;
    } else {
        return false;
    }
    if (reader->at < reader->end && (*reader->at == '+' || *reader->at == '?')) {
        reader->at++;
    }
    return true;
}

/* What is inside a group up to its ')'; option letters set in it end with it. */
static struct node *read_group(struct pattern_reader *reader)
{
    bool extended = reader->extended, more = reader->extended_more;
    struct node *inside;

    if (++reader->depth > PATTERN_DEPTH_MAX) {
        reader->lost = true;
        return reader_node(reader, NODE_UNKNOWN);
    }
    inside = read_choice(reader);
    reader->depth--;
    reader->extended = extended;
    reader->extended_more = more;
    if (reader->at == reader->end) {
        reader->lost = true;
        return inside;
    }
    reader->at++;
    return inside;
}

/* (?(condition)yes|no): either may be taken, so nothing follows; it is read for its end. */
static struct node *read_condition(struct pattern_reader *reader)
{
    if (reader_sees(reader, "(*") || reader_sees(reader, "(?C")) {
        reader->lost = true;
    } else if (reader_sees(reader, "(?")) {
        reader->at += reader_sees(reader, "(?<") ? 4 : 3;
        (void)read_group(reader);
    } else {
        reader_skip_past(reader, ')');
    }
    (void)read_group(reader);
    return reader_node(reader, NODE_UNKNOWN);
}

/* Option letters up to ')' (for the rest of the group around) or ':' (for a group of their own). */
static struct node *read_options(struct pattern_reader *reader)
{
    bool extended = reader->extended, more = reader->extended_more, off = false;

    for (; reader->at < reader->end && *reader->at != ')' && *reader->at != ':'; reader->at++) {
        switch (*reader->at) {
        case '-':
            off = true;
            break;
        case '^':
            reader->case_matters = true;
            reader->extended = reader->extended_more = false;
            break;
        case 'i':
            reader->case_matters |= off;
            break;
        case 'x':
            reader->extended_more = !off && reader->at[-1] == 'x';
            reader->extended = !off;
            break;
        case 'm':
        case 'n':
        case 's':
        case 'J':
        case 'U':
            break;
        default:
            reader->lost = true;
            return reader_node(reader, NODE_UNKNOWN);
        }
    }
    if (reader->at == reader->end) {
        reader->lost = true;
    } else if (*reader->at++ == ':') {
        struct node *inside = read_group(reader);

        reader->extended = extended;
        reader->extended_more = more;
        return inside;
    }
    return reader_node(reader, NODE_NOTHING);
}

static struct node *read_look(struct pattern_reader *reader, size_t skip, bool positive)
{
    struct node *inside;

    reader->at += skip;
    inside = read_group(reader);
    return positive ? around(reader, NODE_LOOK, inside) : reader_node(reader, NODE_NOTHING);
}

static struct node *read_call(struct pattern_reader *reader)
{
    reader_skip_past(reader, ')');
    return reader_node(reader, NODE_UNKNOWN);
}

/* After "(?". */
static struct node *read_special(struct pattern_reader *reader)
{
    char c = reader->at < reader->end ? reader->at[0] : '\0';
    char d = reader->end - reader->at > 1 ? reader->at[1] : '\0';

    if (c == '=' || c == '*' || c == '!') {
        return read_look(reader, 1, c != '!');
    }
    if (c == '<' && (d == '=' || d == '*' || d == '!')) {
        return read_look(reader, 2, d != '!');
    }
    if (c == ':' || c == '|' || c == '>') {
        reader->at++;
        return read_group(reader);
    }
    if (c == '<' || c == '\'' || (c == 'P' && d == '<')) {
        reader->at += c == 'P' ? 2 : 1;
        reader_skip_past(reader, c == '\'' ? '\'' : '>');
        return read_group(reader);
    }
    if (c == '(') {
        return read_condition(reader);
    }
    if ((c == 'P' && (d == '=' || d == '>')) || c == '&' || c == 'R' || (c >= '0' && c <= '9') ||
        ((c == '+' || c == '-') && d >= '0' && d <= '9')) {
        return read_call(reader);
    }
    return read_options(reader);
}

static struct node *read_atom(struct pattern_reader *reader)
{
    struct node *node;
    char c = *reader->at;

    if (reader->quoted || (c & 0x80)) {
        node = reader_node(reader, NODE_SET);
        char_set_add(&node->set, reader->fold, utf8_next(&reader->at));
        return node;
    }
    reader->at++;
    switch (c) {
    case '\\':
        if (reader->at == reader->end) {
            reader->lost = true;
            return reader_node(reader, NODE_UNKNOWN);
        }
        return reader_escape(reader);
    case '[':
        return reader_class(reader);
    case '(':
        if (reader_sees(reader, "*")) {
            reader->lost = true;
        }
        if (reader_sees(reader, "?")) {
            reader->at++;
            return read_special(reader);
        }
        return read_group(reader);
    case '^':
    case '$':
        return reader_node(reader, NODE_NOTHING);
    default:
        node = reader_node(reader, NODE_SET);
        if (c == '.') {
            char_set_add_all(&node->set);
        } else {
            char_set_add(&node->set, reader->fold, (unsigned char)c);
        }
        return node;
    }
}

static struct node *read_sequence(struct pattern_reader *reader)
{
    struct node *sequence = reader_node(reader, NODE_SEQUENCE);

    for (;;) {
        struct node *atom;
        uint32_t min, max;

        skip_ignored(reader);
        if (reader->lost || reader->at == reader->end ||
            (!reader->quoted && (*reader->at == '|' || *reader->at == ')'))) {
            return sequence;
        }
        atom = read_atom(reader);
        if (!reader->lost && read_quantifier(reader, &min, &max)) {
            atom = around(reader, NODE_REPEAT, atom);
            atom->min = min;
            atom->max = max;
        }
        if (reader->lost) {
            return sequence;
        }
        append(sequence, atom);
    }
}

static struct node *read_choice(struct pattern_reader *reader)
{
    struct node *first = read_sequence(reader), *choice;

    if (reader->lost || reader->at == reader->end || *reader->at != '|') {
        return first;
    }
    choice = around(reader, NODE_CHOICE, first);
    while (!reader->lost && reader->at < reader->end && *reader->at == '|') {
        struct node *next;

        reader->at++;
        next = read_sequence(reader);
        if (!reader->lost) {
            append(choice, next);
        }
    }
    return choice;
}

bool pattern_tree(struct pattern_tree *ret, struct arena *arena, const struct fold *fold,
                  struct span pattern)
{
    struct pattern_reader reader = {
        .at = pattern.ptr, .end = pattern.ptr + pattern.len, .arena = arena, .fold = fold};
    struct node *root;

    *ret = (struct pattern_tree){0};
    if (!utf8_valid(pattern)) {
        return false;
    }
    root = read_choice(&reader);
    /* When lost, the letters that switch case off may not have been seen. */
    ret->case_matters = reader.case_matters || reader.lost;
    if (reader.lost || reader.at != reader.end) {
        return false;
    }
    ret->root = root;
    return true;
}
