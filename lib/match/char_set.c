/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/char_set.h"

#include "lib/match/rarity.h"

#define BIT(c) (1ull << ((c)&63))
#define DIGITS (0x3ffull << '0')
#define UPPER ((BIT('Z') << 1) - BIT('A'))
#define LOWER ((BIT('z') << 1) - BIT('a'))
/* Tab to carriage return, and space. */
#define SPACES (0x1full << '\t' | BIT(' '))

const uint64_t char_set_alnum[2] = {DIGITS, UPPER | LOWER};

void char_set_add_all(struct char_set *set)
{
    set->ascii[0] = set->ascii[1] = UINT64_MAX;
    set->any_word = set->any_other = true;
    set->only_digits = false;
}

static bool is_empty(const struct char_set *set)
{
    return !(set->ascii[0] | set->ascii[1]) && !set->wide_count && !set->any_word &&
           !set->any_other;
}

void char_set_join(struct char_set *set, const struct char_set *other)
{
    set->only_digits = other->only_digits && (is_empty(set) || set->only_digits);
    set->ascii[0] |= other->ascii[0];
    set->ascii[1] |= other->ascii[1];
    set->any_word |= other->any_word;
    set->all_words |= other->all_words;
    set->any_other |= other->any_other;
    for (unsigned i = 0; i < other->wide_count; i++) {
        unsigned at = 0;

        while (at < set->wide_count && set->wide[at] != other->wide[i]) {
            at++;
        }
        if (at == SET_WIDE_MAX) {
            set->any_word = set->any_other = true;
        } else if (at == set->wide_count) {
            set->wide[set->wide_count++] = other->wide[i];
        }
    }
}

void char_set_add(struct char_set *set, const struct fold *fold, uint32_t point)
{
    struct char_set one = {.only_digits = point >= '0' && point <= '9'};
    uint32_t to = point;

    if (fold_knows(fold, point)) {
        to = fold_point(fold, point);
    }
    if (to < 0x80) {
        one.ascii[to >> 6] = 1ull << (to & 63);
    } else if (!fold_knows(fold, point) || fold_squeeze_of(fold, point) == FOLD_MIXED) {
        one.any_word = one.any_other = true;
    } else {
        one.wide[one.wide_count++] = to;
    }
    char_set_join(set, &one);
}

void char_set_add_range(struct char_set *set, const struct fold *fold, uint32_t from, uint32_t to)
{
    struct char_set all = {0};

    if (from > to || to >= 0x80) {
        /* Case may carry a wide range into ASCII. */
        char_set_add_all(&all);
        char_set_join(set, &all);
        return;
    }
    for (uint32_t point = from; point <= to; point++) {
        char_set_add(set, fold, point);
    }
}

bool char_set_add_escape(struct char_set *set, char letter)
{
    struct char_set one = {0};

    switch (letter) {
    case 'd':
        one.ascii[0] = DIGITS;
        one.any_word = one.only_digits = true;
        break;
    case 'w':
        /* Newer versions count marks and connectors as well. */
        one.ascii[0] = DIGITS;
        one.ascii[1] = UPPER | LOWER | BIT('_');
        one.any_word = one.any_other = one.all_words = true;
        break;
    case 'W':
        one.ascii[0] = ~DIGITS;
        one.ascii[1] = ~(UPPER | LOWER | BIT('_'));
        one.any_other = true;
        break;
    case 's':
    case 'h':
    case 'v':
        one.ascii[0] = SPACES;
        one.any_other = true;
        break;
    case 'D':
    case 'S':
    case 'H':
    case 'V':
    case 'N':
        char_set_add_all(&one);
        break;
    default:
        return false;
    }
    char_set_join(set, &one);
    return true;
}

/* What is known of the rest: without all of \w it is within \W. */
void char_set_negate(struct char_set *set)
{
    struct char_set rest = {0};

    if (set->all_words) {
        rest.ascii[0] = ~set->ascii[0];
        rest.ascii[1] = ~set->ascii[1];
        rest.any_other = true;
    } else {
        char_set_add_all(&rest);
    }
    *set = rest;
}

void char_set_seen(const struct char_set *set, const struct fold *fold,
                   uint64_t ret_bits[FOLD_SEEN_WORDS])
{
    ret_bits[0] = set->ascii[0];
    ret_bits[1] = set->ascii[1];
    ret_bits[2] =
        (set->any_word ? FOLD_SEEN_WIDE_WORD : 0) | (set->any_other ? FOLD_SEEN_WIDE_OTHER : 0);
    for (unsigned i = 0; i < set->wide_count; i++) {
        enum fold_squeeze squeeze = fold_squeeze_of(fold, set->wide[i]);

        ret_bits[2] |= squeeze != FOLD_DROPPED ? FOLD_SEEN_WIDE_WORD : 0;
        ret_bits[2] |= squeeze != FOLD_KEPT ? FOLD_SEEN_WIDE_OTHER : 0;
    }
}

/* The model knows only all digits, all white space and all other signs together. */
static double share_of(unsigned c)
{
    bool letter = c >= 'a' && c <= 'z';

    if (letter || c == ' ') {
        return 1;
    }
    return c >= '0' && c <= '9' ? 0.1 : 0.05;
}

double char_set_chance(const uint64_t bits[FOLD_SEEN_WORDS])
{
    double sum = bits[2] ? 0.02 : 0;

    for (unsigned c = 0; c < 128; c++) {
        if (bits[c >> 6] >> (c & 63) & 1 && (c < 'A' || c > 'Z')) {
            sum += rarity_char((unsigned char)c) * share_of(c);
        }
    }
    return sum;
}
