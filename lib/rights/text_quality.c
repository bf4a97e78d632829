/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/justification_rules.h"

#include <stdlib.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Prose, in any script, has more than three different bytes. */
static bool is_monotone(struct span text)
{
    bool seen[256] = {false};
    size_t different = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];

        if (!is_space(text.ptr[i]) && !seen[byte]) {
            seen[byte] = true;
            different++;
        }
    }
    return different <= 3;
}

bool text_is_empty(struct span text)
{
    struct span first = {NULL, 0};
    size_t words = 0;

    if (is_monotone(text)) {
        return true;
    }

    for (size_t i = 0; i < text.len;) {
        size_t start;

        while (i < text.len && is_space(text.ptr[i])) {
            i++;
        }
        for (start = i; i < text.len && !is_space(text.ptr[i]); i++) {
        }
        if (i == start) {
            break;
        }
        words++;
        if (words == 1) {
            first = span_sub(text, start, i - start);
        } else if (!span_equal_nocase(first, span_sub(text, start, i - start))) {
            return false;
        }
    }
    return words != 1;
}

size_t text_length(struct span text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    }
    return count;
}

/* Only cells within `limit` of the diagonal can belong to a distance within the limit, so a row
 * costs 2 * limit + 1 steps. Allocation failure answers false: the rule guards against laziness,
 * and a second person still reads the appeal. */
bool text_is_copied(struct span text, struct span original)
{
    size_t longer = text.len > original.len ? text.len : original.len;
    size_t shorter = text.len > original.len ? original.len : text.len;
    size_t limit = longer / 10;
    unsigned *rows, *previous, *current;
    bool copied;

    if (longer == 0 || longer - shorter > limit) {
        return false;
    }
    rows = calloc(2 * (original.len + 1), sizeof(*rows));
    if (!rows) {
        return false;
    }
    previous = rows;
    current = rows + original.len + 1;
    for (size_t j = 0; j <= original.len; j++) {
        previous[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= text.len; i++) {
        size_t from = i > limit ? i - limit : 1;
        size_t to = i + limit < original.len ? i + limit : original.len;
        unsigned *swap;

        current[from - 1] = from == 1 ? (unsigned)i : (unsigned)(limit + 1);
        for (size_t j = from; j <= to; j++) {
            unsigned best = previous[j - 1] + (text.ptr[i - 1] != original.ptr[j - 1]);

            if (j < i + limit && previous[j] + 1 < best) {
                best = previous[j] + 1;
            }
            if (current[j - 1] + 1 < best) {
                best = current[j - 1] + 1;
            }
            current[j] = best;
        }
        swap = previous;
        previous = current;
        current = swap;
    }
    copied = previous[original.len] <= limit;
    free(rows);
    return copied;
}
