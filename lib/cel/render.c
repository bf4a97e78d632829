/* SPDX-License-Identifier: Apache-2.0 */
/* A fault as people want to see it: the line and a caret. */
#include "lib/cel/cel.h"
#include "lib/cel/utf8.h"

enum { LINE_POINTS_MAX = 100, POINTS_BEFORE = 70 };

/* "line:column" */
static bool read_place(const char *place, unsigned long long *ret_line, unsigned long long *ret_column)
{
    struct span rest = span_of(place), line = span_cut(&rest, ':');

    return rest.ptr && span_to_u64(line, ret_line) && span_to_u64(rest, ret_column);
}

static struct span line_of(struct span source, unsigned long long line)
{
    struct span rest = source, found = span_cut(&rest, '\n');

    while (--line > 0 && rest.ptr) {
        found = span_cut(&rest, '\n');
    }
    return found;
}

static int render_line(struct buf *out, struct span line, unsigned long long column)
{
    size_t skip = column > POINTS_BEFORE ? (size_t)column - POINTS_BEFORE : 0;
    size_t from = cel_utf8_offset(line, skip), at = from;

    (void)buf_add_text(out, skip ? " | ..." : " | ");
    for (size_t i = 0; i < LINE_POINTS_MAX && at < line.len; i++) {
        uint32_t point;
        size_t step = cel_utf8_next(line.ptr + at, line.len - at, &point);
        bool control = point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xfffd;

        (void)buf_add(out, control ? "." : line.ptr + at, control ? 1 : step);
        at += step;
    }
    (void)buf_add_text(out, at < line.len ? "...\n" : "\n");
    (void)buf_add_text(out, skip ? " |    " : " | ");
    for (size_t i = skip + 1; i < column; i++) {
        (void)buf_add_char(out, ' ');
    }
    (void)buf_add_text(out, "^\n");
    return buf_status(out);
}

int cel_fault_render(struct buf *out, struct span source, const struct fault *why)
{
    unsigned long long line, column;

    if (!read_place(why->place, &line, &column) || line == 0 || column == 0) {
        return buf_add_format(out, "%s: %s\n", why->code, why->text);
    }
    (void)buf_add_format(out, "line %llu, column %llu: %s: %s\n", line, column, why->code, why->text);
    return render_line(out, line_of(source, line), column);
}
