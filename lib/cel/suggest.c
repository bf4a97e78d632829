/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/suggest.h"

#include "lib/base/attr.h"

#include <stdio.h>

enum { NAME_MAX_LEN = 40, EDITS_MAX = 2 };

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Levenshtein distance, by rows. */
static unsigned edits(struct span a, struct span b)
{
    unsigned row[NAME_MAX_LEN + 1];

    for (unsigned j = 0; j <= b.len; j++) {
        row[j] = j;
    }
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned kept = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);

            diagonal = row[j];
            row[j] = least(row[j] + 1, row[j - 1] + 1, kept);
        }
    }
    return row[b.len];
}

void cel_suggest_offer(struct cel_suggest *suggest, struct span wanted, struct span offered)
{
    unsigned distance;

    if (wanted.len > NAME_MAX_LEN || offered.len > NAME_MAX_LEN || wanted.len < 3) {
        return;
    }
    distance = edits(wanted, offered);
    if (distance <= EDITS_MAX && distance < offered.len &&
        (suggest->distance == 0 || distance + 1 < suggest->distance)) {
        suggest->best = offered;
        suggest->distance = distance + 1;
    }
}

const char *cel_suggest_text(const struct cel_suggest *suggest, char into[CEL_SUGGEST_TEXT_MAX])
{
    into[0] = '\0';
    if (suggest->distance > 0) {
        (void)snprintf(into, CEL_SUGGEST_TEXT_MAX, "; did you mean '%.*s'?", (int)suggest->best.len,
                       suggest->best.ptr);
    }
    return into;
}
