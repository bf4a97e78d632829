/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trains the model of rarity.h: posts, one a line, on standard input; the table on standard output.
 *     rarity_train < posts > lib/match/rarity_table.h
 * The table in the tree was made from every second line of the published hate-speech tweets and of
 * HateCheck in English, French and Arabic; the benchmark times the other lines.
 */
#include "lib/match/rarity_symbol.h"

#include <math.h>
#include <stdio.h>

enum { S = RARITY_SYMBOLS };

static double pairs[S][S], triples[S * S][S];

static char letter(double p)
{
    int half_bits = p > 0 ? (int)lround(-2 * log2(p)) : RARITY_HALF_BITS_MAX;

    half_bits = half_bits > RARITY_HALF_BITS_MAX ? RARITY_HALF_BITS_MAX : half_bits;
    return (char)(half_bits < 10 ? '0' + half_bits : 'a' + half_bits - 10);
}

static void print_pairs(double all)
{
    (void)printf("static const char rarity_pairs[RARITY_SYMBOLS][RARITY_SYMBOLS + 1] = {\n");
    for (int a = 0; a < S; a++) {
        (void)printf("    \"");
        for (int b = 0; b < S; b++) {
            (void)putchar(letter(pairs[a][b] / all));
        }
        (void)printf("\",\n");
    }
    (void)printf("};\n\n");
}

/* A third symbol never seen after two counts as a fortieth of one seen once. */
static void print_triples(void)
{
    (void)printf("static const char rarity_after[RARITY_SYMBOLS * RARITY_SYMBOLS][RARITY_SYMBOLS + "
                 "1] = {\n");
    for (int ab = 0; ab < S * S; ab++) {
        double sum = 0;

        for (int c = 0; c < S; c++) {
            triples[ab][c] += 0.025;
            sum += triples[ab][c];
        }
        (void)printf(ab % 2 == 0 ? "    \"" : " \"");
        for (int c = 0; c < S; c++) {
            (void)putchar(letter(triples[ab][c] / sum));
        }
        (void)printf(ab % 2 == 0 ? "\"," : "\",\n");
    }
    (void)printf("};\n");
}

int main(void)
{
    unsigned a = 0, b = 0;
    double all = 0;
    int c;

    while ((c = getchar()) != EOF) {
        unsigned symbol = rarity_symbol((unsigned char)c);

        pairs[b][symbol]++;
        triples[a * S + b][symbol]++;
        all++;
        a = b;
        b = symbol;
    }
    (void)printf("/* SPDX-License-Identifier: Apache-2.0 */\n"
                 "/* Made by rarity_train.c from %.0f bytes of posts; do not edit. A letter is "
                 "half bits: 0-9, a-v. */\n"
                 "#ifndef RAPPORTEUR_LIB_MATCH_RARITY_TABLE_H\n#define "
                 "RAPPORTEUR_LIB_MATCH_RARITY_TABLE_H\n\n"
                 "#include \"lib/match/rarity_symbol.h\"\n\n",
                 all);
    print_pairs(all);
    print_triples();
    (void)printf("\n#endif\n");
    return 0;
}
