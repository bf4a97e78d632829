/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/url_find.h"

#include "lib/text/property.h"
#include "lib/text/utf8.h"

/* What stands for what. The longer ones first. */
static const struct {
    const char *from, *to;
} defanged[] = {
    {"[://]", "://"},      {"[dot]", "."},        {"(dot)", "."},        {"{dot}", "."},
    {"[.]", "."},          {"(.)", "."},          {"{.}", "."},          {"[:]", ":"},
    {"(:)", ":"},          {"[at]", "@"},         {"(at)", "@"},         {"[@]", "@"},
    {"[/]", "/"},          {"[.", "."},           {".]", "."},           {"hxxps:", "https:"},
    {"hxxp:", "http:"},    {"hxxps[", "https["},  {"hxxp[", "http["},    {"h**ps:", "https:"},
    {"h**p:", "http:"},    {"htxps:", "https:"},  {"htxp:", "http:"},    {"hxtp:", "http:"},
    {"\xe3\x80\x82", "."}, {"\xef\xbc\x8e", "."}, {"\xef\xbd\xa1", "."}, {"\xef\xbc\x9a", ":"},
    {"\xef\xbc\x8f", "/"},
};

static const char *const schemes[] = {"https://", "http://", "ftp://"};

static bool starts_nocase(struct span text, const char *prefix)
{
    struct span head = span_sub(text, 0, strlen(prefix));

    return span_equal_nocase(head, span_of(prefix));
}

/* Ends a piece: what no URL holds. */
static bool ends_piece(struct span text, size_t at, size_t *ret_len)
{
    unsigned char c = (unsigned char)text.ptr[at];
    const char *p = text.ptr + at;
    uint32_t point;

    *ret_len = 1;
    if (c < 0x80) {
        return c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"' || c == '`' || c == '|' ||
               c == '^';
    }
    point = utf8_next(&p);
    *ret_len = (size_t)(p - text.ptr) - at;
    return text_property(point) & TEXT_SPACE;
}

/* A byte that every candidate has: a dot in one of its spellings, or the mark of an address. */
static bool is_telling(unsigned char c)
{
    return c == '.' || c == '/' || c == '[' || c == '(' || c == '{' || c == 0xe3 || c == 0xef;
}

static bool next_piece(struct url_finder *finder)
{
    struct span text = finder->text;

    while (finder->at < text.len) {
        bool telling = false;
        size_t from = finder->at, len;

        while (finder->at < text.len && !ends_piece(text, finder->at, &len)) {
            telling |= is_telling((unsigned char)text.ptr[finder->at]);
            finder->at += len;
        }
        finder->piece_from = from;
        finder->piece_to = finder->at;
        if (finder->at < text.len) {
            (void)ends_piece(text, finder->at, &len);
            finder->at += len;
        }
        if (telling && finder->piece_to - from > 2) {
            return true;
        }
    }
    return false;
}

/* Writes [from, to) of the text without its disguise. */
static void write_clean(struct url_finder *finder, size_t from, size_t to)
{
    size_t len = 0;

    while (from < to && len < URL_MAX) {
        struct span rest = {finder->text.ptr + from, to - from};
        size_t used = 1;
        const char *put = NULL;

        /* Only these bytes begin a disguise. */
        if (memchr("[({.hH\xe3\xef", rest.ptr[0], 8)) {
            for (size_t i = 0; i < sizeof(defanged) / sizeof(defanged[0]); i++) {
                if (starts_nocase(rest, defanged[i].from)) {
                    put = defanged[i].to;
                    used = strlen(defanged[i].from);
                    /* A bracket that opens what follows is still to be read. */
                    used -= defanged[i].from[used - 1] == '[' && used > 2;
                    break;
                }
            }
        }
        for (size_t i = 0; i < (put ? strlen(put) : 1) && len < URL_MAX; i++) {
            if (put && put[i] == '[') {
                break;
            }
            finder->clean[len] = put ? put[i] : rest.ptr[0];
            finder->origin[len++] = (uint32_t)from;
        }
        from += used;
    }
    finder->origin[len] = (uint32_t)from;
    finder->clean_len = len;
    finder->next = 0;
}

static bool is_host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == '%' || c == '@' || c == ':' || (c & 0x80);
}

/* Punctuation that ends a sentence, not a URL; a closing bracket stays when it was opened inside.
 */
static size_t trim_end(const char *text, size_t from, size_t to)
{
    while (to > from) {
        char c = text[to - 1];
        int open = 0;

        if (c == ')' || c == ']' || c == '}') {
            char match = c == ')' ? '(' : c == ']' ? '[' : '{';

            for (size_t i = from; i < to; i++) {
                open += (text[i] == match) - (text[i] == c);
            }
            if (open >= 0) {
                break;
            }
        } else if (!memchr(".,;:!?'*_~", c, 10)) {
            break;
        }
        to--;
    }
    return to;
}

static size_t scheme_at(const struct url_finder *finder, size_t at)
{
    struct span rest = {finder->clean + at, finder->clean_len - at};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (starts_nocase(rest, schemes[i])) {
            return strlen(schemes[i]);
        }
    }
    return 0;
}

/* From `from` to where the next scheme begins, a host cannot go on, or the end. */
static size_t candidate_end(const struct url_finder *finder, size_t from, size_t host)
{
    bool in_host = true;
    size_t at = host;

    while (at < finder->clean_len) {
        char c = finder->clean[at];

        if (at > from && scheme_at(finder, at) && at != host) {
            break;
        }
        if (in_host && (c == '/' || c == '\\' || c == '?' || c == '#')) {
            in_host = false;
        } else if (in_host && !is_host_byte(c) && c != '[' && c != ']') {
            break;
        }
        at++;
    }
    return at;
}

static bool has_dot(const char *text, size_t from, size_t to)
{
    for (size_t i = from + 1; i + 1 < to; i++) {
        if (text[i] == '.') {
            return true;
        }
    }
    return false;
}

static bool next_of_clean(struct url_finder *finder, struct url_candidate *ret)
{
    while (finder->next < finder->clean_len) {
        size_t from = finder->next, scheme = scheme_at(finder, from), end;

        if (scheme == 0 && !is_host_byte(finder->clean[from])) {
            finder->next++;
            continue;
        }
        end = candidate_end(finder, from, from + scheme);
        finder->next = end > from ? end : from + 1;
        end = trim_end(finder->clean, from, end);
        if (end > from + scheme && (scheme > 0 || has_dot(finder->clean, from, end))) {
            *ret = (struct url_candidate){
                {finder->clean + from, end - from}, finder->origin[from], finder->origin[end]};
            return true;
        }
    }
    return false;
}

/* The next run of ASCII within a piece that has other bytes too: scripts without spaces leave none
 * before and behind a URL. */
static bool next_inner(struct url_finder *finder, size_t *ret_from, size_t *ret_to)
{
    const char *text = finder->text.ptr;

    while (finder->inner < finder->piece_to) {
        size_t from = finder->inner;

        while (from < finder->piece_to && (text[from] & 0x80)) {
            from++;
        }
        finder->inner = from;
        while (finder->inner < finder->piece_to && !(text[finder->inner] & 0x80)) {
            finder->inner++;
        }
        if (finder->inner - from > 2 &&
            finder->inner - from < finder->piece_to - finder->piece_from) {
            *ret_from = from;
            *ret_to = finder->inner;
            return true;
        }
    }
    return false;
}

void url_finder_start(struct url_finder *finder, struct span text)
{
    finder->text = text;
    finder->at = finder->piece_from = finder->piece_to = finder->inner = 0;
    finder->clean_len = finder->next = 0;
}

bool url_finder_next(struct url_finder *finder, struct url_candidate *ret)
{
    for (;;) {
        size_t from, to;

        if (next_of_clean(finder, ret)) {
            return true;
        }
        if (next_inner(finder, &from, &to)) {
            write_clean(finder, from, to);
            continue;
        }
        if (!next_piece(finder)) {
            return false;
        }
        finder->inner = finder->piece_from;
        write_clean(finder, finder->piece_from, finder->piece_to);
    }
}
