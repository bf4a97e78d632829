/* SPDX-License-Identifier: Apache-2.0 */
/* The string extension: positions and parts, counted in code points. */
#include "lib/cel/builtin.h"
#include "lib/cel/utf8.h"

#include <inttypes.h>

static struct cel_value out_of_range(struct cel_run *run, const struct cel_node *node, int64_t at)
{
    return cel_fail_format(run, node, "CEL_ARGUMENT", "the position %" PRId64 " is out of range", at);
}

/* Kinds as a text: s string, i int. */
static bool are(const struct cel_value *args, const char *kinds)
{
    for (; *kinds; kinds++, args++) {
        if (args->kind != (*kinds == 's' ? CEL_STRING : CEL_INT)) {
            return false;
        }
    }
    return true;
}

/* Pays for walking the text; false: run->fatal is set. */
static bool pay(struct cel_run *run, const struct cel_node *node, struct cel_value text)
{
    return cel_spend(run, node, text.len / 16 + 1);
}

/* The byte of a position; false where it is outside (the end is inside). */
static bool position(struct span text, int64_t at, size_t *ret)
{
    size_t count = cel_utf8_count(text);

    if (at < 0 || (uint64_t)at > count) {
        return false;
    }
    *ret = cel_utf8_offset(text, (size_t)at);
    return true;
}

CEL_CALL(cel_fn_char_at)
{
    struct span text = cel_text(args[0]);
    uint32_t point;
    size_t from;

    if (!are(args, "si")) {
        return cel_fail_overload(run, node, "charAt()", args, 2);
    }
    if (!pay(run, node, args[0])) {
        return cel_fatal(run);
    }
    if (!position(text, args[1].as.i, &from)) {
        return out_of_range(run, node, args[1].as.i);
    }
    if (from == text.len) {
        return cel_string(SPAN(""));
    }
    return cel_string(span_sub(text, from, cel_utf8_next(text.ptr + from, text.len - from, &point)));
}

static struct cel_value search(struct cel_run *run, const struct cel_node *node, struct cel_value text,
                               struct cel_value part, int64_t start)
{
    const char *found;
    size_t from;

    if (!pay(run, node, text)) {
        return cel_fatal(run);
    }
    if (!position(cel_text(text), start, &from)) {
        return out_of_range(run, node, start);
    }
    if (part.len == 0) {
        return cel_int(start);
    }
    found = cel_text_find(span_sub(cel_text(text), from, text.len), cel_text(part));
    if (!found) {
        return cel_int(-1);
    }
    return cel_int((int64_t)cel_utf8_count((struct span){text.as.text, (size_t)(found - text.as.text)}));
}

CEL_CALL(cel_fn_index_of)
{
    if (!are(args, "ss")) {
        return cel_fail_overload(run, node, "indexOf()", args, 2);
    }
    return search(run, node, args[0], args[1], 0);
}

CEL_CALL(cel_fn_index_of_from)
{
    if (!are(args, "ssi")) {
        return cel_fail_overload(run, node, "indexOf()", args, 3);
    }
    return search(run, node, args[0], args[1], args[2].as.i);
}

/* The last place at or before byte `from`; -1: none. */
static struct cel_value search_back(struct cel_run *run, const struct cel_node *node,
                                    struct span text, struct span part, size_t from)
{
    if (!cel_spend(run, node, text.len / 4 + 1)) {
        return cel_fatal(run);
    }
    if (part.len > text.len) {
        return cel_int(-1);
    }
    from = from > text.len - part.len ? text.len - part.len : from;
    for (size_t at = from + 1; at-- > 0;) {
        if (part.len == 0 || (text.ptr[at] == part.ptr[0] &&
                              memcmp(text.ptr + at, part.ptr, part.len) == 0)) {
            return cel_int((int64_t)cel_utf8_count(span_sub(text, 0, at)));
        }
    }
    return cel_int(-1);
}

CEL_CALL(cel_fn_last_index_of)
{
    if (!are(args, "ss")) {
        return cel_fail_overload(run, node, "lastIndexOf()", args, 2);
    }
    return search_back(run, node, cel_text(args[0]), cel_text(args[1]), args[0].len);
}

CEL_CALL(cel_fn_last_index_of_from)
{
    size_t from;

    if (!are(args, "ssi")) {
        return cel_fail_overload(run, node, "lastIndexOf()", args, 3);
    }
    if (!position(cel_text(args[0]), args[2].as.i, &from)) {
        return out_of_range(run, node, args[2].as.i);
    }
    return search_back(run, node, cel_text(args[0]), cel_text(args[1]), from);
}

CEL_CALL(cel_fn_substring)
{
    size_t from;

    if (!are(args, "si")) {
        return cel_fail_overload(run, node, "substring()", args, 2);
    }
    if (!pay(run, node, args[0])) {
        return cel_fatal(run);
    }
    if (!position(cel_text(args[0]), args[1].as.i, &from)) {
        return out_of_range(run, node, args[1].as.i);
    }
    return cel_string(span_sub(cel_text(args[0]), from, args[0].len));
}

CEL_CALL(cel_fn_substring_to)
{
    size_t from, to;

    if (!are(args, "sii")) {
        return cel_fail_overload(run, node, "substring()", args, 3);
    }
    if (!pay(run, node, args[0])) {
        return cel_fatal(run);
    }
    if (!position(cel_text(args[0]), args[1].as.i, &from)) {
        return out_of_range(run, node, args[1].as.i);
    }
    if (!position(cel_text(args[0]), args[2].as.i, &to)) {
        return out_of_range(run, node, args[2].as.i);
    }
    if (to < from) {
        return cel_fail(run, node, "CEL_ARGUMENT", "the substring ends before it begins");
    }
    return cel_string(span_sub(cel_text(args[0]), from, to - from));
}

/* Where the next `part` of the text is; text.len: nowhere. An empty part is before each code point
 * and at the end. */
static size_t next_part(struct span text, struct span part, size_t at)
{
    const char *found;

    if (part.len == 0 || at + part.len > text.len) {
        return part.len == 0 ? at : text.len;
    }
    found = cel_text_find(span_sub(text, at, text.len), part);
    return found ? (size_t)(found - text.ptr) : text.len;
}

static size_t step_at(struct span text, size_t at)
{
    uint32_t point;

    return at < text.len ? cel_utf8_next(text.ptr + at, text.len - at, &point) : 0;
}

struct writer {
    char *into;                    /* NULL: only counts */
    size_t len;
};

static void put(struct writer *w, struct span text)
{
    if (w->into && text.len > 0) {
        (void)memcpy(w->into + w->len, text.ptr, text.len);
    }
    w->len += text.len;
}

static void replace_into(struct writer *w, struct span text, struct span old, struct span fresh,
                         int64_t limit)
{
    size_t at = 0;

    while (limit != 0) {
        size_t found = next_part(text, old, at);
        size_t step;

        if (found == text.len && old.len > 0) {
            break;
        }
        put(w, span_sub(text, at, found - at));
        put(w, fresh);
        limit--;
        step = old.len ? 0 : step_at(text, found);
        put(w, span_sub(text, found, step));
        at = found + (old.len ? old.len : step);
        if (old.len == 0 && found == text.len) {
            break;
        }
    }
    put(w, span_sub(text, at, text.len));
}

static struct cel_value replace(struct cel_run *run, const struct cel_node *node,
                                const struct cel_value *args, int64_t limit)
{
    struct writer w = {0};

    if (!cel_spend(run, node, args[0].len / 4 + 1)) {
        return cel_fatal(run);
    }
    replace_into(&w, cel_text(args[0]), cel_text(args[1]), cel_text(args[2]), limit);
    if (!cel_spend(run, node, w.len / 16)) {
        return cel_fatal(run);
    }
    w.into = cel_alloc(run, node, w.len);
    w.len = 0;
    if (!w.into) {
        return cel_fatal(run);
    }
    replace_into(&w, cel_text(args[0]), cel_text(args[1]), cel_text(args[2]), limit);
    return cel_string((struct span){w.into, w.len});
}

CEL_CALL(cel_fn_replace)
{
    if (!are(args, "sss")) {
        return cel_fail_overload(run, node, "replace()", args, 3);
    }
    return replace(run, node, args, -1);
}

CEL_CALL(cel_fn_replace_count)
{
    if (!are(args, "sssi")) {
        return cel_fail_overload(run, node, "replace()", args, 4);
    }
    return replace(run, node, args, args[3].as.i);
}

/* Counts the parts, or stores them. */
static uint32_t split_into(struct span text, struct span mark, int64_t limit, struct cel_value *into)
{
    uint32_t count = 0;
    size_t at = 0;

    while (limit < 0 || count + 1 < limit) {
        size_t found = mark.len ? next_part(text, mark, at) : at + step_at(text, at);

        if (mark.len ? found == text.len : found >= text.len) {
            break;
        }
        if (into) {
            into[count] = cel_string(span_sub(text, at, found - at));
        }
        count++;
        at = found + mark.len;
    }
    if (mark.len > 0 || at < text.len) {
        if (into) {
            into[count] = cel_string(span_sub(text, at, text.len));
        }
        count++;
    }
    return count;
}

static struct cel_value split(struct cel_run *run, const struct cel_node *node,
                              const struct cel_value *args, int64_t limit)
{
    struct cel_value *items;
    uint32_t count;

    if (!cel_spend(run, node, args[0].len / 4 + 1)) {
        return cel_fatal(run);
    }
    count = limit == 0 ? 0 : split_into(cel_text(args[0]), cel_text(args[1]), limit, NULL);
    items = cel_spend(run, node, count) ? cel_alloc(run, node, count * sizeof(*items)) : NULL;
    if (!items) {
        return cel_fatal(run);
    }
    if (count > 0) {
        (void)split_into(cel_text(args[0]), cel_text(args[1]), limit, items);
    }
    return cel_make_list(run, node, items, count);
}

CEL_CALL(cel_fn_split)
{
    if (!are(args, "ss")) {
        return cel_fail_overload(run, node, "split()", args, 2);
    }
    return split(run, node, args, -1);
}

CEL_CALL(cel_fn_split_count)
{
    if (!are(args, "ssi")) {
        return cel_fail_overload(run, node, "split()", args, 3);
    }
    return split(run, node, args, args[2].as.i);
}

static struct cel_value join(struct cel_run *run, const struct cel_node *node,
                             const struct cel_value *args, struct span mark)
{
    const struct cel_list *list = args[0].as.list;
    struct writer w = {0};
    size_t len = 0;

    if (!cel_spend(run, node, list->count)) {
        return cel_fatal(run);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        struct cel_value item = cel_list_at(list, i);

        if (item.kind != CEL_STRING) {
            return cel_fail_overload(run, node, "join()", &item, 1);
        }
        len += item.len + (i ? mark.len : 0);
    }
    w.into = cel_spend(run, node, len / 16) ? cel_alloc(run, node, len) : NULL;
    if (!w.into) {
        return cel_fatal(run);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        put(&w, i ? mark : (struct span){0});
        put(&w, cel_text(cel_list_at(list, i)));
    }
    return cel_string((struct span){w.into, w.len});
}

CEL_CALL(cel_fn_join)
{
    if (args[0].kind != CEL_LIST) {
        return cel_fail_overload(run, node, "join()", args, 1);
    }
    return join(run, node, args, (struct span){0});
}

CEL_CALL(cel_fn_join_with)
{
    if (args[0].kind != CEL_LIST || args[1].kind != CEL_STRING) {
        return cel_fail_overload(run, node, "join()", args, 2);
    }
    return join(run, node, args, cel_text(args[1]));
}
