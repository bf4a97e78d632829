/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/words.h"

#include "lib/match/word_table.h"
#include "lib/text/property.h"
#include "lib/text/utf8.h"

enum {
    GAP_MAX = 12, /* bytes between two words that still belong together */
    TOGETHER_MIN = 6,
    PUNCTUATED_MIN = 5,
    SPACED_MIN = 3,
    DIGITS_MIN = 7
};

static void hash_word(struct word *word, const char *text)
{
    uint64_t hash = 0, factor = 1;
    bool digits = true;

    for (uint32_t i = word->from; i < word->to; i++) {
        hash = word_hash_add(hash, (unsigned char)text[i]);
        factor *= WORD_HASH_FACTOR;
        digits &= text[i] >= '0' && text[i] <= '9';
    }
    word->hash = hash;
    word->factor = factor;
    word->digits = digits;
}

static size_t ascii_words(struct span text, struct word *words, size_t cap)
{
    size_t count = 0, at = 0;

    while (count < cap) {
        struct word *word = &words[count];

        while (at < text.len && !(text_property_block[(unsigned char)text.ptr[at]] & TEXT_WORD)) {
            at++;
        }
        if (at == text.len) {
            break;
        }
        word->from = (uint32_t)at;
        while (at < text.len && (text_property_block[(unsigned char)text.ptr[at]] & TEXT_WORD)) {
            at++;
        }
        word->to = (uint32_t)at;
        word->single = word->to - word->from == 1;
        word->apart = false;
        hash_word(word, text.ptr);
        count++;
    }
    return count;
}

/* One code point, and marks that belong to it. */
static bool is_single(struct span text, const struct word *word, bool *ret_apart)
{
    const char *p = text.ptr + word->from, *end = text.ptr + word->to;

    *ret_apart = text_needs_substring(utf8_next(&p));
    while (p < end) {
        if (!(text_property(utf8_next(&p)) & TEXT_MARK)) {
            return false;
        }
    }
    return true;
}

size_t words_of(struct span text, bool ascii, struct word *words, size_t cap)
{
    size_t count = 0, at = 0, from, to;

    if (ascii) {
        return ascii_words(text, words, cap);
    }
    while (count < cap && text_word_next(text, &at, &from, &to)) {
        struct word *word = &words[count++];

        word->from = (uint32_t)from;
        word->to = (uint32_t)to;
        word->single = is_single(text, word, &word->apart);
        hash_word(word, text.ptr);
    }
    return count;
}

static bool same_bytes(struct span text, const struct word *words, size_t count,
                       struct span literal, size_t lead, size_t *ret_from, size_t *ret_to)
{
    size_t from = words[0].from, to;

    if (from < lead || text.len - (from - lead) < literal.len) {
        return false;
    }
    from -= lead;
    to = from + literal.len;
    /* The letters of punctuation-ended literals are all among the words looked at. */
    if (to < words[count - 1].to || memcmp(text.ptr + from, literal.ptr, literal.len) != 0 ||
        !text_is_whole_word(text, from, to)) {
        return false;
    }
    *ret_from = from;
    *ret_to = to;
    return true;
}

/* The letters of the literal are those of the words; *ret_same_cuts: also cut up alike. */
static bool same_letters(struct span text, const struct word *words, size_t count,
                         struct span literal, size_t *ret_letters, bool *ret_same_cuts)
{
    size_t word = 0, used = 0, at = 0, from, to;

    *ret_same_cuts = true;
    *ret_letters = 0;
    while (text_word_next(literal, &at, &from, &to)) {
        *ret_same_cuts &= used == 0;
        while (from < to) {
            size_t left, part;

            if (word == count) {
                return false;
            }
            left = words[word].to - words[word].from - used;
            part = left < to - from ? left : to - from;
            if (memcmp(text.ptr + words[word].from + used, literal.ptr + from, part) != 0) {
                return false;
            }
            for (size_t i = 0; i < part; i++) {
                *ret_letters += (literal.ptr[from + i] & 0xc0) != 0x80;
            }
            from += part;
            used += part;
            if (used == words[word].to - words[word].from) {
                *ret_same_cuts &= from == to;
                used = 0;
                word++;
            }
        }
    }
    return word == count;
}

struct gaps {
    bool spaces; /* some white space between the words */
    bool wide;   /* too far apart */
    size_t singles;
    bool digits;
};

static struct gaps look_at_gaps(struct span text, const struct word *words, size_t count)
{
    struct gaps gaps = {.digits = true};

    for (size_t i = 0; i < count; i++) {
        const char *p = text.ptr + words[i].to;
        const char *end = i + 1 < count ? text.ptr + words[i + 1].from : p;

        gaps.singles += words[i].single;
        gaps.digits &= words[i].digits;
        gaps.wide |= end - p > GAP_MAX;
        while (p < end) {
            gaps.spaces |= (text_property(utf8_next(&p)) & TEXT_SPACE) != 0;
        }
    }
    return gaps;
}

enum word_match words_match(struct span text, const struct word *words, size_t count,
                            struct span literal, size_t *ret_from, size_t *ret_to)
{
    size_t at = 0, lead, first_to, letters;
    struct gaps gaps;
    const char *end = literal.ptr + literal.len;
    bool same_cuts;

    /* By far most finds: words begin and end where the words of the text do. */
    if (words[count - 1].to - words[0].from == literal.len &&
        memcmp(text.ptr + words[0].from, literal.ptr, literal.len) == 0) {
        *ret_from = words[0].from;
        *ret_to = words[count - 1].to;
        return WORDS_SAME;
    }
    if (!text_word_next(literal, &at, &lead, &first_to)) {
        return WORDS_DIFFER;
    }
    if (same_bytes(text, words, count, literal, lead, ret_from, ret_to)) {
        return WORDS_SAME;
    }
    if (lead > 0 || !text_is_word(utf8_before(&end)) ||
        !same_letters(text, words, count, literal, &letters, &same_cuts)) {
        return WORDS_DIFFER;
    }
    *ret_from = words[0].from;
    *ret_to = words[count - 1].to;
    gaps = look_at_gaps(text, words, count);
    if (gaps.wide) {
        return WORDS_DIFFER;
    }
    if (same_cuts || (count >= SPACED_MIN && gaps.singles + 1 >= count) ||
        (count > 1 && !gaps.spaces && letters >= PUNCTUATED_MIN) ||
        (count == 1 && letters >= TOGETHER_MIN) || (gaps.digits && letters >= DIGITS_MIN)) {
        return WORDS_SEPARATED;
    }
    return WORDS_DIFFER;
}
