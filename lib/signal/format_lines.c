/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry a line: "<kind> <value>", or bare values where the options give the kind. Empty lines
 * are passed over. A line that begins with # is a comment; for literals and regexes only when #, a
 * space, ! or nothing follows, since "#tag" is a value there.
 */
#include "lib/signal/source.h"

static struct span trim(struct span line)
{
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    return span_trim(line);
}

static bool is_comment(struct span line, int default_kind)
{
    bool words = default_kind == SIGNAL_LITERAL || default_kind == SIGNAL_REGEX;

    if (line.len == 0 || line.ptr[0] != '#') {
        return false;
    }
    return !words || line.len == 1 || strchr(" #!\t", line.ptr[1]) != NULL;
}

static int read_line(struct signal_source *source, struct span line, size_t number)
{
    struct list_entry entry = {.severity = source->options->default_severity,
                               .opinion = source->options->default_opinion};
    struct span value = trim(line);
    size_t column = 1 + (size_t)(value.ptr - line.ptr);
    char place[FAULT_PLACE_MAX];

    if (value.len == 0 || is_comment(value, source->options->default_kind)) {
        return 0;
    }
    if (source->options->default_kind >= 0) {
        entry.kind = (enum signal_kind)source->options->default_kind;
    } else {
        size_t word = 0;

        while (word < value.len && value.ptr[word] != ' ' && value.ptr[word] != '\t') {
            word++;
        }
        source_place(source, number, column, place);
        if (!signal_kind_read(span_sub(value, 0, word), &entry.kind)) {
            char quoted[FAULT_QUOTE_MAX];

            return source_bad(source, "KIND_UNKNOWN", place, "%s is no kind of entry",
                              fault_quote(quoted, span_sub(value, 0, word)));
        }
        entry.value = span_trim(span_sub(value, word, value.len));
        if (entry.value.len == 0) {
            return source_bad(source, "LINE_FORM", place, "a line is a kind, a space and a value");
        }
        column += (size_t)(entry.value.ptr - value.ptr);
        value = entry.value;
    }
    entry.value = value;
    source_place(source, number, column, place);
    return source_add(source, &entry, place);
}

/* A fallback: any text could be bare values, so others claim theirs first. */
static int lines_sniff(struct span front)
{
    struct span rest = front;

    while (rest.ptr) {
        struct span line = trim(span_cut(&rest, '\n')), word;
        enum signal_kind kind;

        if (line.len == 0 || line.ptr[0] == '#') {
            continue;
        }
        word = span_cut(&line, ' ');
        if (line.ptr && signal_kind_read(word, &kind)) {
            return 40;
        }
        return word.len > 0 && word.ptr[0] != '{' && word.ptr[0] != '[' && word.ptr[0] != '<' ? 5
                                                                                              : 0;
    }
    return front.len > 0 && front.ptr[0] == '#' ? 5 : 0;
}

static int lines_read(struct signal_source *source)
{
    struct span rest = source->bytes;
    int r = source_start(source, NULL, source->name);

    for (size_t number = 1; rest.ptr && r == 0; number++) {
        r = read_line(source, span_cut(&rest, '\n'), number);
    }
    return r;
}

const struct signal_format format_lines = {"lines", lines_sniff, lines_read};
