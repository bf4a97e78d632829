/* SPDX-License-Identifier: Apache-2.0 */
/* Texts as a whole: size, parts, case, quoting, base64. */
#include "lib/base/codec.h"
#include "lib/cel/builtin.h"
#include "lib/cel/program.h"
#include "lib/cel/utf8.h"

/* A search that meets the letters of what it looks for again and again runs at some 2 bytes a
 * nanosecond; a step is to cost some 10 ns at the worst. */
enum { FIND_TRIES = 16, FIND_BYTES_PER_STEP = 16 };

static bool is_text(const struct cel_value *args, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (args[i].kind != CEL_STRING) {
            return false;
        }
    }
    return true;
}

/* How often a byte stands in texts, roughly: blanks and the letters of languages, then lead bytes of
 * other scripts, then the rest. Only speed depends on it. */
static unsigned commonness(unsigned char c)
{
    static const char letters[] = "zqxjkvbpygfwmucldrhsnioate ";
    const char *found = c ? strchr(letters, c) : NULL;

    if (found) {
        return 100 + (unsigned)(found - letters);
    }
    return c >= 0xc0 ? 120 : c >= 0x80 ? 60 : 20;
}

uint32_t cel_text_rarest(struct span part)
{
    uint32_t best = 0;

    for (uint32_t i = 1; i < part.len; i++) {
        if (commonness((unsigned char)part.ptr[i]) < commonness((unsigned char)part.ptr[best])) {
            best = i;
        }
    }
    return best;
}

/* From `at`, where the rarest byte of `part` may stand first, up to `end`, where it no longer may. */
static __attribute__((noinline)) const char *find_on(const char *at, const char *end, struct span part, uint32_t rarest)
{
    for (unsigned tries = 0; tries < FIND_TRIES && at < end; tries++) {
        const char *found = memchr(at, part.ptr[rarest], (size_t)(end - at));

        if (!found) {
            return NULL;
        }
        if (cel_same_bytes(found - rarest, part.ptr, part.len)) {
            return found - rarest;
        }
        at = found + 1;
    }
    at -= rarest;
    return at < end - rarest ? memmem(at, (size_t)(end - rarest - at) + part.len - 1, part.ptr, part.len) : NULL;
}

const char *cel_text_find(struct span text, struct span part)
{
    if (part.len == 0 || part.len > text.len) {
        return part.len == 0 ? text.ptr : NULL;
    }
    return find_on(text.ptr, text.ptr + (text.len - part.len) + 1, part, 0);
}

CEL_CALL(cel_fn_size)
{
    switch (args[0].kind) {
    case CEL_STRING:
        return cel_spend(run, node, args[0].len / 64)
                   ? cel_int((int64_t)cel_utf8_count(cel_text(args[0])))
                   : cel_fatal(run);
    case CEL_BYTES:
        return cel_int(args[0].len);
    case CEL_LIST:
        return cel_int(args[0].as.list->count);
    case CEL_MAP:
        return cel_int(args[0].as.map->count);
    default:
        return cel_fail_overload(run, node, "size()", args, 1);
    }
}

CEL_CALL(cel_fn_contains)
{
    if (!is_text(args, 2)) {
        return cel_fail_overload(run, node, "contains()", args, 2);
    }
    if (!cel_spend(run, node, args[0].len / FIND_BYTES_PER_STEP)) {
        return cel_fatal(run);
    }
    return cel_bool(args[1].len == 0 || cel_text_find(cel_text(args[0]), cel_text(args[1])) != NULL);
}

static __attribute__((noinline)) struct cel_value no_text(struct cel_run *run, const struct cel_node *node,
                                                          struct cel_value text, const char *name)
{
    struct cel_value args[2] = {text, node->value};

    return text.kind == CEL_ERROR ? text : cel_fail_overload(run, node, name, args, 2);
}

/* With a constant, as most calls in rules are: its rarest byte is known, and the first that is found
 * is mostly the answer. */
CEL_EVAL(cel_eval_contains_text)
{
    struct cel_value text = cel_eval(run, node->args[0]);
    const char *part = node->value.as.text, *at, *end, *found;
    size_t len = node->value.len;

    if (text.kind != CEL_STRING) {
        return no_text(run, node, text, "contains()");
    }
    if (!cel_spend(run, node, text.len / FIND_BYTES_PER_STEP)) {
        return cel_fatal(run);
    }
    if (text.len < len) {
        return cel_bool(false);
    }
    at = text.as.text + node->index;
    end = at + (text.len - len) + 1;
    found = memchr(at, part[node->index], (size_t)(end - at));
    if (!found || cel_same_bytes(found - node->index, part, len)) {
        return cel_bool(found != NULL);
    }
    return cel_bool(find_on(found + 1, end, cel_text(node->value), node->index) != NULL);
}

CEL_EVAL(cel_eval_starts_with_text)
{
    struct cel_value text = cel_eval(run, node->args[0]);

    if (text.kind != CEL_STRING) {
        return no_text(run, node, text, "startsWith()");
    }
    return cel_bool(text.len >= node->value.len &&
                    cel_same_bytes(text.as.text, node->value.as.text, node->value.len));
}

CEL_CALL(cel_fn_starts_with)
{
    if (!is_text(args, 2)) {
        return cel_fail_overload(run, node, "startsWith()", args, 2);
    }
    return cel_bool(span_equal(span_sub(cel_text(args[0]), 0, args[1].len), cel_text(args[1])));
}

CEL_CALL(cel_fn_ends_with)
{
    if (!is_text(args, 2)) {
        return cel_fail_overload(run, node, "endsWith()", args, 2);
    }
    return cel_bool(args[0].len >= args[1].len &&
                    span_equal(span_sub(cel_text(args[0]), args[0].len - args[1].len, args[1].len),
                               cel_text(args[1])));
}

static struct cel_value with_case(struct cel_run *run, const struct cel_node *node,
                                  const struct cel_value *args, char first, const char *name)
{
    struct cel_value copy;
    char *text;

    if (!is_text(args, 1)) {
        return cel_fail_overload(run, node, name, args, 1);
    }
    text = cel_spend(run, node, args[0].len / 16) ? cel_alloc(run, node, args[0].len) : NULL;
    if (!text) {
        return cel_fatal(run);
    }
    for (uint32_t i = 0; i < args[0].len; i++) {
        char c = args[0].as.text[i];

        text[i] = c >= first && c < first + 26 ? (char)(c ^ 0x20) : c;
    }
    copy = cel_string((struct span){text, args[0].len});
    return copy;
}

CEL_CALL(cel_fn_lower_ascii)
{
    return with_case(run, node, args, 'A', "lowerAscii()");
}

CEL_CALL(cel_fn_upper_ascii)
{
    return with_case(run, node, args, 'a', "upperAscii()");
}

CEL_CALL(cel_fn_reverse)
{
    size_t len = args[0].len, at = 0;
    uint32_t point;
    char *text;

    if (!is_text(args, 1)) {
        return cel_fail_overload(run, node, "reverse()", args, 1);
    }
    text = cel_spend(run, node, len / 8) ? cel_alloc(run, node, len) : NULL;
    if (!text) {
        return cel_fatal(run);
    }
    while (at < len) {
        size_t step = cel_utf8_next(args[0].as.text + at, len - at, &point);

        (void)memcpy(text + (len - at - step), args[0].as.text + at, step);
        at += step;
    }
    return cel_string((struct span){text, len});
}

/* White_Space of Unicode, as the string extension lists it. */
static bool is_space(uint32_t point)
{
    return (point >= 0x09 && point <= 0x0d) || point == 0x20 || point == 0x85 || point == 0xa0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200a) || point == 0x2028 ||
           point == 0x2029 || point == 0x202f || point == 0x205f || point == 0x3000;
}

CEL_CALL(cel_fn_trim)
{
    struct span text = cel_text(args[0]);
    size_t from = 0, to = 0;
    bool begun = false;
    uint32_t point;

    if (!is_text(args, 1)) {
        return cel_fail_overload(run, node, "trim()", args, 1);
    }
    if (!cel_spend(run, node, text.len / 8)) {
        return cel_fatal(run);
    }
    for (size_t at = 0; at < text.len;) {
        size_t step = cel_utf8_next(text.ptr + at, text.len - at, &point);

        if (!is_space(point)) {
            from = begun ? from : at;
            begun = true;
            to = at + step;
        }
        at += step;
    }
    return cel_string(span_sub(text, from, to - from));
}

CEL_CALL(cel_fn_quote)
{
    static const char plain[] = "\a\b\f\n\r\t\v\\\"", letters[] = "abfnrtv\\\"";
    struct span text = cel_text(args[0]);
    size_t len = 0;
    uint32_t point;
    char *into;

    if (!is_text(args, 1)) {
        return cel_fail_overload(run, node, "strings.quote()", args, 1);
    }
    /* At most three bytes for one: U+FFFD in the place of a broken one. */
    into = cel_spend(run, node, text.len / 8) ? cel_alloc(run, node, text.len * 3 + 2) : NULL;
    if (!into) {
        return cel_fatal(run);
    }
    into[len++] = '"';
    for (size_t at = 0; at < text.len;) {
        const char *found = text.ptr[at] ? strchr(plain, text.ptr[at]) : NULL;

        if (found) {
            into[len++] = '\\';
            into[len++] = letters[found - plain];
            at++;
            continue;
        }
        at += cel_utf8_next(text.ptr + at, text.len - at, &point);
        len += cel_utf8_put(point, into + len);
    }
    into[len++] = '"';
    return cel_string((struct span){into, len});
}

CEL_CALL(cel_fn_base64_encode)
{
    size_t len = BASE64_LEN((size_t)args[0].len);
    char *into;

    if (args[0].kind != CEL_BYTES) {
        return cel_fail_overload(run, node, "base64.encode()", args, 1);
    }
    into = cel_spend(run, node, len / 16) ? cel_alloc(run, node, len + 1) : NULL;
    if (!into) {
        return cel_fatal(run);
    }
    base64_encode(args[0].as.text, args[0].len, into);
    return cel_string((struct span){into, len});
}

/* With or without padding, as the extension asks. */
CEL_CALL(cel_fn_base64_decode)
{
    struct span text = cel_text(args[0]);
    size_t padded = (text.len + 3) / 4 * 4, len = 0;
    char *copy;

    if (!is_text(args, 1)) {
        return cel_fail_overload(run, node, "base64.decode()", args, 1);
    }
    copy = cel_spend(run, node, padded / 8) ? cel_alloc(run, node, padded * 2 + 1) : NULL;
    if (!copy) {
        return cel_fatal(run);
    }
    (void)memset(copy, '=', padded);
    if (text.len > 0) {
        (void)memcpy(copy, text.ptr, text.len);
    }
    if (!base64_decode((struct span){copy, padded}, (uint8_t *)copy + padded, padded, &len)) {
        return cel_fail(run, node, "CEL_ARGUMENT", "the text is no base64");
    }
    return cel_bytes((struct span){copy + padded, len});
}
