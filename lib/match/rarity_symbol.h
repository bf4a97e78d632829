/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_RARITY_SYMBOL_H
#define RAPPORTEUR_LIB_MATCH_RARITY_SYMBOL_H

/* What the model and its trainer share: bytes to symbols, and half bits to table letters. */

enum { RARITY_SYMBOLS = 30, RARITY_HALF_BITS_MAX = 31 };

static inline unsigned rarity_symbol(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        c |= 0x20;
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 1u;
    }
    if (c >= '0' && c <= '9') {
        return 27;
    }
    return c <= ' ' ? 0 : c < 0x80 ? 28 : 29;
}

#endif
