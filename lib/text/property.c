/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text/property.h"

#include "lib/text/utf8.h"

bool text_is_word_boundary(struct span text, size_t at)
{
    const char *before = text.ptr + at, *after = text.ptr + at;
    unsigned left, right;

    if (at == 0 || at >= text.len) {
        return true;
    }
    left = text_property(utf8_before(&before));
    right = text_property(utf8_next(&after));
    if (!(left & TEXT_WORD) || !(right & TEXT_WORD)) {
        return true;
    }
    /* A mark belongs to the letter before it, in every script. */
    return ((left | right) & TEXT_NO_SPACES) && !(right & TEXT_MARK);
}

bool text_has_no_spaces_script(struct span text)
{
    const char *end = text.ptr + text.len;

    for (const char *p = text.ptr; p < end;) {
        if (text_needs_substring(utf8_next(&p))) {
            return true;
        }
    }
    return false;
}

bool text_word_next(struct span text, size_t *at, size_t *ret_from, size_t *ret_to)
{
    const char *p = text.ptr + *at, *end = text.ptr + text.len, *from = p;
    unsigned first = 0;

    while (p < end) {
        from = p;
        first = text_property(utf8_next(&p));
        if (first & TEXT_WORD) {
            break;
        }
        first = 0;
    }
    *at = (size_t)(p - text.ptr);
    if (!first) {
        return false;
    }
    while (*at < text.len && !text_is_word_boundary(text, *at)) {
        (void)utf8_next(&p);
        *at = (size_t)(p - text.ptr);
    }
    *ret_from = (size_t)(from - text.ptr);
    *ret_to = *at;
    return true;
}
