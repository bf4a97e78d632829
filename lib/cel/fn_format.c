/* SPDX-License-Identifier: Apache-2.0 */
/* "...".format([...]) of the string extension: %s %d %f %e %b %o %x %X %%. */
#include "lib/cel/builtin.h"
#include "lib/cel/number.h"
#include "lib/cel/time_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_TEXT_MAX = 512, NESTING_MAX = 250 };

struct output {
    struct cel_run *run;
    const struct cel_node *node;
    char *text;
    size_t len, cap;
    struct cel_value failed;       /* CEL_ERROR: why it stopped */
};

static bool put(struct output *out, struct span text)
{
    if (text.len > out->cap - out->len) {
        size_t cap = (out->len + text.len) * 2 + 64;
        char *grown = cel_spend(out->run, out->node, cap / 32) ? cel_alloc(out->run, out->node, cap)
                                                               : NULL;

        if (!grown) {
            out->failed = cel_fatal(out->run);
            return false;
        }
        if (out->len > 0) {
            (void)memcpy(grown, out->text, out->len);
        }
        out->text = grown;
        out->cap = cap;
    }
    if (text.len > 0) {
        (void)memcpy(out->text + out->len, text.ptr, text.len);
    }
    out->len += text.len;
    return true;
}

static bool complain(struct output *out, const char *what, struct cel_value v)
{
    out->failed = cel_fail_format(out->run, out->node, "CEL_FORMAT", "%s, not for %s", what,
                                  cel_kind_name(v.kind));
    return false;
}

static bool put_value(struct output *out, struct cel_value v, unsigned depth);

static bool put_list(struct output *out, const struct cel_list *list, unsigned depth)
{
    if (!put(out, SPAN("["))) {
        return false;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (!put(out, i ? SPAN(", ") : SPAN("")) ||
            !put_value(out, cel_list_at(list, i), depth + 1)) {
            return false;
        }
    }
    return put(out, SPAN("]"));
}

/* Entries are ordered by the text of their keys. */
struct entry {
    struct span key;
    struct cel_value value;
};

static int by_key(const void *a, const void *b)
{
    return span_compare(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static bool read_entries(struct output *out, const struct cel_map *map, struct entry *entries,
                         unsigned depth)
{
    for (uint32_t i = 0; i < map->count; i++) {
        struct output key_out = {.run = out->run, .node = out->node};
        struct cel_value key = cel_null();

        cel_map_at(map, i, &key, &entries[i].value);
        if (!put_value(&key_out, key, depth + 1)) {
            out->failed = key_out.failed;
            return false;
        }
        entries[i].key = (struct span){key_out.text, key_out.len};
    }
    return true;
}

/* A heap sort: qsort may take memory of its own. */
static void sift(struct entry *entries, uint32_t from, uint32_t count)
{
    for (uint32_t child = 2 * from + 1; child < count; child = 2 * from + 1) {
        struct entry swap = entries[from];

        if (child + 1 < count && by_key(&entries[child], &entries[child + 1]) < 0) {
            child++;
        }
        if (by_key(&entries[from], &entries[child]) >= 0) {
            return;
        }
        entries[from] = entries[child];
        entries[child] = swap;
        from = child;
    }
}

static void sort(struct entry *entries, uint32_t count)
{
    for (uint32_t i = count / 2; i-- > 0;) {
        sift(entries, i, count);
    }
    for (uint32_t i = count; i-- > 1;) {
        struct entry swap = entries[0];

        entries[0] = entries[i];
        entries[i] = swap;
        sift(entries, 0, i);
    }
}

static bool put_map(struct output *out, const struct cel_map *map, unsigned depth)
{
    struct entry *entries = cel_spend(out->run, out->node, (uint64_t)map->count * 8)
                                ? cel_alloc(out->run, out->node, map->count * sizeof(*entries))
                                : NULL;

    if (!entries) {
        out->failed = cel_fatal(out->run);
        return false;
    }
    if (!read_entries(out, map, entries, depth)) {
        return false;
    }
    sort(entries, map->count);
    if (!put(out, SPAN("{"))) {
        return false;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        if (!put(out, i ? SPAN(", ") : SPAN("")) || !put(out, entries[i].key) ||
            !put(out, SPAN(": ")) || !put_value(out, entries[i].value, depth + 1)) {
            return false;
        }
    }
    return put(out, SPAN("}"));
}

static bool put_value(struct output *out, struct cel_value v, unsigned depth)
{
    if (!cel_spend(out->run, out->node, 1) || depth > NESTING_MAX) {
        out->failed = depth > NESTING_MAX ? cel_fail(out->run, out->node, "CEL_FORMAT",
                                                     "the value is nested too deeply to be written")
                                          : cel_fatal(out->run);
        return false;
    }
    switch (v.kind) {
    case CEL_NULL:
        return put(out, SPAN("null"));
    case CEL_BYTES:
        return put(out, cel_text(v));
    case CEL_LIST:
        return put_list(out, v.as.list, depth);
    case CEL_MAP:
        return put_map(out, v.as.map, depth);
    case CEL_TYPE:
        return put(out, span_of(cel_type_name(v.as.type)));
    case CEL_BOOL:
    case CEL_INT:
    case CEL_UINT:
    case CEL_DOUBLE:
    case CEL_STRING:
    case CEL_TIMESTAMP:
    case CEL_DURATION:
        v = cel_fn_string(out->run, out->node, &v);
        if (v.kind == CEL_ERROR) {
            out->failed = v;
            return false;
        }
        return put(out, cel_text(v));
    default:
        return complain(out, "%s is for values that have a text", v);
    }
}

/* NaN and infinities have no digits in any notation. */
static bool put_special(struct output *out, double d)
{
    char text[CEL_DOUBLE_TEXT_MAX];
    size_t len = cel_double_text(d, text);

    return put(out, (struct span){text, len});
}

static bool put_decimal(struct output *out, struct cel_value v)
{
    if (v.kind == CEL_DOUBLE && !isfinite(v.as.d)) {
        return put_special(out, v.as.d);
    }
    if (v.kind != CEL_INT && v.kind != CEL_UINT) {
        return complain(out, "%d is for whole numbers", v);
    }
    return put_value(out, v, 0);
}

static bool put_double(struct output *out, struct cel_value v, char clause, int precision)
{
    char text[NUMBER_TEXT_MAX];
    int len;

    if (cel_numeric(v.kind) && v.kind != CEL_DOUBLE) {
        v = cel_double(v.kind == CEL_INT ? (double)v.as.i : (double)v.as.u);
    }
    if (v.kind != CEL_DOUBLE) {
        return complain(out, clause == 'f' ? "%f is for doubles" : "%e is for doubles", v);
    }
    if (!isfinite(v.as.d)) {
        return put_special(out, v.as.d);
    }
    len = clause == 'f' ? snprintf(text, sizeof(text), "%.*f", precision, v.as.d)
                        : snprintf(text, sizeof(text), "%.*e", precision, v.as.d);
    if (len < 0 || (size_t)len >= sizeof(text)) {
        return complain(out, "%f is for doubles of fewer digits", v);
    }
    return put(out, (struct span){text, (size_t)len});
}

static bool put_digits(struct output *out, struct cel_value v, unsigned base, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    bool negative = v.kind == CEL_INT && v.as.i < 0;
    uint64_t u = v.kind == CEL_BOOL ? v.as.b : negative ? 0 - v.as.u : v.as.u;
    char text[72];
    size_t at = sizeof(text);

    do {
        text[--at] = digits[u % base];
        u /= base;
    } while (u > 0);
    if (negative) {
        text[--at] = '-';
    }
    return put(out, (struct span){text + at, sizeof(text) - at});
}

static bool put_hex_bytes(struct output *out, struct span bytes, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        char pair[2] = {digits[c >> 4], digits[c & 15]};

        if (!put(out, (struct span){pair, 2})) {
            return false;
        }
    }
    return true;
}

static bool put_clause(struct output *out, struct cel_value v, char clause, int precision)
{
    bool whole = v.kind == CEL_INT || v.kind == CEL_UINT;

    switch (clause) {
    case 's':
        return put_value(out, v, 0);
    case 'd':
        return put_decimal(out, v);
    case 'f':
    case 'e':
        return put_double(out, v, clause, precision);
    case 'b':
        return whole || v.kind == CEL_BOOL
                   ? put_digits(out, v, 2, false)
                   : complain(out, "%b is for whole numbers and bools", v);
    case 'o':
        return whole ? put_digits(out, v, 8, false) : complain(out, "%o is for whole numbers", v);
    case 'x':
    case 'X':
        if (v.kind == CEL_STRING || v.kind == CEL_BYTES) {
            return put_hex_bytes(out, cel_text(v), clause == 'X');
        }
        return whole ? put_digits(out, v, 16, clause == 'X')
                     : complain(out, "%x is for whole numbers, texts and bytes", v);
    default:
        out->failed = cel_fail(out->run, out->node, "CEL_FORMAT",
                               "a clause is %s %d %f %e %b %o %x %X or %%, with .digits for f and e");
        return false;
    }
}

/* ".3" before the letter at *at: 3; without it 6. */
static int read_precision(struct span text, size_t *at)
{
    int precision = 0;

    if (*at >= text.len || text.ptr[*at] != '.') {
        return 6;
    }
    for ((*at)++; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; (*at)++) {
        precision = precision < 1000 ? precision * 10 + (text.ptr[*at] - '0') : precision;
    }
    return precision > 100 ? 100 : precision;
}

static bool format(struct output *out, struct span text, const struct cel_list *values)
{
    uint32_t used = 0;

    for (size_t at = 0; at < text.len;) {
        const char *mark = memchr(text.ptr + at, '%', text.len - at);
        size_t until = mark ? (size_t)(mark - text.ptr) : text.len;
        int precision;

        if (!put(out, span_sub(text, at, until - at))) {
            return false;
        }
        at = until + 1;
        if (!mark) {
            break;
        }
        if (at < text.len && text.ptr[at] == '%') {
            if (!put(out, SPAN("%"))) {
                return false;
            }
            at++;
            continue;
        }
        precision = read_precision(text, &at);
        if (used >= values->count && at < text.len) {
            out->failed = cel_fail_format(out->run, out->node, "CEL_FORMAT",
                                          "the list of %u values is too short", values->count);
            return false;
        }
        if (!put_clause(out, at < text.len ? cel_list_at(values, used++) : cel_null(),
                        at < text.len ? text.ptr[at] : '\0', precision)) {
            return false;
        }
        at++;
    }
    return true;
}

CEL_CALL(cel_fn_format)
{
    struct output out = {.run = run, .node = node};

    if (args[0].kind != CEL_STRING || args[1].kind != CEL_LIST) {
        return cel_fail_overload(run, node, "format()", args, 2);
    }
    if (!format(&out, cel_text(args[0]), args[1].as.list)) {
        return out.failed;
    }
    return cel_string((struct span){out.text ? out.text : "", out.len});
}
