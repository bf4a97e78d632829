/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/rarity.h"

#include "lib/match/rarity_symbol.h"
#include "lib/match/rarity_table.h"

/* 2^-(i/2) */
static double probability(char letter)
{
    unsigned half_bits = letter <= '9' ? (unsigned)(letter - '0') : (unsigned)(letter - 'a' + 10);
    double whole = 1.0 / (double)(1u << half_bits / 2);

    return half_bits & 1 ? whole * 0.70710678 : whole;
}

double rarity_of(struct span text)
{
    double p;
    unsigned a, b;

    if (text.len == 0) {
        return 1;
    }
    if (text.len == 1) {
        return rarity_char((unsigned char)text.ptr[0]);
    }
    a = rarity_symbol((unsigned char)text.ptr[0]);
    b = rarity_symbol((unsigned char)text.ptr[1]);
    p = probability(rarity_pairs[a][b]);
    for (size_t i = 2; i < text.len; i++) {
        unsigned c = rarity_symbol((unsigned char)text.ptr[i]);

        p *= probability(rarity_after[a * RARITY_SYMBOLS + b][c]);
        a = b;
        b = c;
    }
    return p;
}

double rarity_gram(const char *bytes)
{
    return rarity_of((struct span){bytes, 4});
}

double rarity_char(unsigned char c)
{
    double p = 0;

    for (unsigned next = 0; next < RARITY_SYMBOLS; next++) {
        p += probability(rarity_pairs[rarity_symbol(c)][next]);
    }
    return p;
}
