/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/signal/value.h"

#include "lib/json/field.h"
#include "lib/text/property.h"
#include "lib/text/utf8.h"

#include <stdio.h>

const char *const opinion_words[OPINION_COUNT] = {"positive", "seed", "negative", "disputed"};
const char *const tlp_words[TLP_COUNT] = {"clear", "green", "amber", "amber+strict", "red"};

size_t value_hash_digits(enum signal_kind kind)
{
    switch (kind) {
    case SIGNAL_SHA256:
    case SIGNAL_PDQ:
        return 64;
    case SIGNAL_SHA1:
        return 40;
    case SIGNAL_MD5:
        return 32;
    case SIGNAL_TLSH:
        return 72;
    default:
        return 0;
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

/* ---- hashes ---- */

static int hash_value(enum signal_kind kind, struct span value, char *room, struct span *ret,
                      struct fault *why)
{
    size_t digits = value_hash_digits(kind), at = 0;
    bool tlsh = kind == SIGNAL_TLSH;

    if (tlsh) {
        room[at++] = 'T';
        room[at++] = '1';
        if (value.len == digits && (span_starts(value, "T1") || span_starts(value, "t1"))) {
            value = span_sub(value, 2, value.len);
        }
    }
    if (value.len != digits - at) {
        return fault_set(why, "ENTRY_LENGTH", "", "a %s value has %zu hex digits, this has %zu",
                         signal_kind_words[kind], digits - at, value.len);
    }
    for (size_t i = 0; i < value.len; i++) {
        char c = tlsh ? upper(value.ptr[i]) : lower(value.ptr[i]);

        if (!is_digit(c) && !(lower(c) >= 'a' && lower(c) <= 'f')) {
            return fault_set(why, "ENTRY_VALUE", "", "a %s value has hex digits only",
                             signal_kind_words[kind]);
        }
        room[at++] = c;
    }
    *ret = (struct span){room, at};
    return 0;
}

/* ---- text ---- */

static int text_value(enum signal_kind kind, struct span value, struct span *ret, struct fault *why)
{
    bool seen = false;

    if (value.len == 0 || value.len > LIST_MAX_PATTERN) {
        return fault_set(why, "ENTRY_LENGTH", "", "a %s has 1 to %d bytes, this has %zu",
                         signal_kind_words[kind], LIST_MAX_PATTERN, value.len);
    }
    if (utf8_check(value, "", why)) {
        return fault_set(why, "ENTRY_VALUE", "", "a %s is valid UTF-8", signal_kind_words[kind]);
    }
    for (const char *p = value.ptr; p < value.ptr + value.len;) {
        uint32_t cp = utf8_next(&p);

        if (cp == 0) {
            return fault_set(why, "ENTRY_VALUE", "", "a %s holds no U+0000",
                             signal_kind_words[kind]);
        }
        seen |= !(text_property(cp) & TEXT_SPACE);
    }
    if (!seen) {
        return fault_set(why, "ENTRY_VALUE", "", "a %s holds more than spaces",
                         signal_kind_words[kind]);
    }
    *ret = value;
    return 0;
}

/* ---- domains and URLs ---- */

static int domain_value(struct span value, char *room, struct span *ret, struct fault *why)
{
    size_t label = 0, labels = 1;

    if (span_starts(value, "*.")) {
        value = span_sub(value, 2, value.len);
    } else if (span_starts(value, ".")) {
        value = span_sub(value, 1, value.len);
    }
    if (value.len > 0 && value.ptr[value.len - 1] == '.') {
        value.len--;
    }
    if (value.len == 0 || value.len > LIST_MAX_DOMAIN) {
        return fault_set(why, "ENTRY_LENGTH", "", "a domain has 1 to %d bytes, this has %zu",
                         LIST_MAX_DOMAIN, value.len);
    }
    for (size_t i = 0; i < value.len; i++) {
        char c = lower(value.ptr[i]);

        room[i] = c;
        if (c == '.') {
            labels++;
        } else if (!is_letter(c) && !is_digit(c) && c != '-' && c != '_' &&
                   (unsigned char)c < 0x80) {
            return fault_set(why, "ENTRY_VALUE", "", "a domain has letters, digits, - and . only");
        }
        label = c == '.' ? 0 : label + 1;
        if (label > 63 || (c == '.' && (i == 0 || room[i - 1] == '.'))) {
            return fault_set(why, "ENTRY_VALUE", "", "each label of a domain has 1 to 63 bytes");
        }
    }
    if (labels < 2 || label == 0 || !utf8_valid(value)) {
        return fault_set(why, "ENTRY_VALUE", "",
                         "a domain has two labels or more, such as name.example");
    }
    *ret = (struct span){room, value.len};
    return 0;
}

static int url_value(struct span value, struct span *ret, struct fault *why)
{
    struct span rest = value, scheme;
    const char *colon;

    if (value.len == 0 || value.len > LIST_MAX_URL) {
        return fault_set(why, "ENTRY_LENGTH", "", "a url has 1 to %d bytes, this has %zu",
                         LIST_MAX_URL, value.len);
    }
    for (size_t i = 0; i < value.len; i++) {
        if ((unsigned char)value.ptr[i] <= ' ' || value.ptr[i] == 0x7f) {
            return fault_set(why, "ENTRY_VALUE", "",
                             "a url holds no spaces and no control characters");
        }
    }
    colon = memmem(value.ptr, value.len, "://", 3);
    if (colon) {
        scheme = span_sub(value, 0, (size_t)(colon - value.ptr));
        if (!span_equal_nocase(scheme, SPAN("http")) && !span_equal_nocase(scheme, SPAN("https"))) {
            return fault_set(why, "ENTRY_VALUE", "",
                             "a url begins with http://, https:// or its host");
        }
        rest = span_sub(value, scheme.len + 3, value.len);
    }
    if (rest.len == 0 || rest.ptr[0] == '/' || !memchr(rest.ptr, '.', rest.len) ||
        !utf8_valid(value)) {
        return fault_set(why, "ENTRY_VALUE", "",
                         "a url names a host, such as https://name.example/path");
    }
    *ret = value;
    return 0;
}

int value_canonical(enum signal_kind kind, struct span value, char room[VALUE_ROOM],
                    struct span *ret, struct fault *why)
{
    switch (kind) {
    case SIGNAL_LITERAL:
    case SIGNAL_REGEX:
        return text_value(kind, value, ret, why);
    case SIGNAL_URL:
        return url_value(value, ret, why);
    case SIGNAL_DOMAIN:
        return domain_value(value, room, ret, why);
    case SIGNAL_SHA256:
    case SIGNAL_SHA1:
    case SIGNAL_MD5:
    case SIGNAL_PDQ:
    case SIGNAL_TLSH:
        return hash_value(kind, value, room, ret, why);
    case SIGNAL_KIND_COUNT:
        break;
    }
    return fault_set(why, "ENTRY_FIELD", "", "there is no such kind of entry");
}

/* ---- particulars ---- */

static bool is_id(struct span id)
{
    for (size_t i = 0; i < id.len; i++) {
        if (!is_letter(id.ptr[i]) && !is_digit(id.ptr[i]) &&
            !(id.ptr[i] && strchr("._:-", id.ptr[i]))) {
            return false;
        }
    }
    return id.len <= LIST_MAX_ID;
}

static bool is_language(const char language[4])
{
    size_t len = strnlen(language, 4);

    for (size_t i = 0; i < len; i++) {
        if (language[i] < 'a' || language[i] > 'z') {
            return false;
        }
    }
    return len == 0 || len == 2 || len == 3;
}

static bool are_tags(struct span tags)
{
    struct span rest = tags;
    size_t count = 0;

    if (tags.len == 0) {
        return true;
    }
    if (tags.len > LIST_MAX_TAG_BYTES || !utf8_valid(tags)) {
        return false;
    }
    while (rest.ptr) {
        struct span tag = span_cut(&rest, ',');

        for (size_t i = 0; i < tag.len; i++) {
            if ((unsigned char)tag.ptr[i] < ' ') {
                return false;
            }
        }
        count++;
        if (tag.len == 0 || tag.len > LIST_MAX_TAG) {
            return false;
        }
    }
    return count <= LIST_MAX_TAGS;
}

int value_check_entry(const struct list_entry *entry, struct fault *why)
{
    if (!is_id(entry->id)) {
        return fault_set(why, "ENTRY_FIELD", "", "an id has up to %d letters, digits and . _ : -",
                         LIST_MAX_ID);
    }
    if (!is_language(entry->language)) {
        return fault_set(why, "ENTRY_FIELD", "",
                         "a language is a tag of two or three lower-case letters");
    }
    if (entry->severity < 0 || entry->severity > 4) {
        return fault_set(why, "ENTRY_FIELD", "", "a severity is 0 to 4, this is %d",
                         entry->severity);
    }
    if ((unsigned)entry->opinion >= OPINION_COUNT) {
        return fault_set(why, "ENTRY_FIELD", "", "there is no such opinion");
    }
    if (!are_tags(entry->tags)) {
        return fault_set(why, "ENTRY_FIELD", "",
                         "tags are up to %d of 1 to %d bytes, together up to %d", LIST_MAX_TAGS,
                         LIST_MAX_TAG, LIST_MAX_TAG_BYTES);
    }
    return 0;
}

static bool is_list_id(struct span id)
{
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !is_digit(c) && !(c == '-' && i > 0)) {
            return false;
        }
    }
    return id.len > 0 && id.len <= LIST_MAX_ID;
}

int value_check_head(const struct list_head *head, struct fault *why)
{
    const struct {
        const char *name;
        struct span value;
    } fields[] = {{"name", head->name}, {"owner", head->owner},
                  {"harm", head->harm}, {"legal_basis", head->legal_basis},
                  {"kind", head->kind}, {"version", head->version}};

    if (!is_list_id(head->id)) {
        return fault_set(why, "LIST_ID", "/id",
                         "a list id has up to %d of a-z, 0-9 and -, not - first", LIST_MAX_ID);
    }
    if (head->tlp.len > 0 && word_index(tlp_words, TLP_COUNT, head->tlp) < 0) {
        return fault_set(why, "LIST_TLP", "/tlp",
                         "tlp is clear, green, amber, amber+strict or red");
    }
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (fields[i].value.len > LIST_MAX_FIELD || !utf8_valid(fields[i].value)) {
            char place[32];

            (void)snprintf(place, sizeof(place), "/%s", fields[i].name);
            return fault_set(why, "LIST_FIELD", place, "%s is UTF-8 of up to %d bytes",
                             fields[i].name, LIST_MAX_FIELD);
        }
    }
    return 0;
}
