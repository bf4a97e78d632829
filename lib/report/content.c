/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/content.h"
#include "lib/text/utf8.h"

#include <stdio.h>

const char *const content_type_words[CONTENT_TYPE_COUNT] = {
    [CONTENT_POST] = "post",       [CONTENT_COMMENT] = "comment",   [CONTENT_MESSAGE] = "message",
    [CONTENT_PROFILE] = "profile", [CONTENT_IMAGE] = "image",       [CONTENT_VIDEO] = "video",
    [CONTENT_AUDIO] = "audio",     [CONTENT_DOCUMENT] = "document", [CONTENT_LINK] = "link",
    [CONTENT_STREAM] = "stream",   [CONTENT_OTHER] = "other",
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool all_hex(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) {
            return false;
        }
    }
    return true;
}

/* The primary subtag of 2 or 3 letters, in lower case; further subtags are checked and let go. */
static bool read_language(struct span tag, char into[4])
{
    struct span rest = tag, primary = span_cut(&rest, '-');

    if (primary.len < 2 || primary.len > 3 || tag.len > 35) {
        return false;
    }
    for (size_t i = 0; i < primary.len; i++) {
        if (!is_letter(primary.ptr[i])) {
            return false;
        }
        into[i] = (char)(primary.ptr[i] | 0x20);
    }
    into[primary.len] = '\0';
    while (rest.ptr) {
        struct span part = span_cut(&rest, '-');

        if (part.len < 1 || part.len > 8) {
            return false;
        }
        for (size_t i = 0; i < part.len; i++) {
            if (!is_letter(part.ptr[i]) && !is_digit(part.ptr[i])) {
                return false;
            }
        }
    }
    return true;
}

/* Absolute http or https with a host, and nothing that could break a line or a log. */
static bool url_well_formed(struct span url)
{
    struct span scheme = span_sub(url, 0, 7), secure = span_sub(url, 0, 8);
    size_t host;

    if (span_equal_nocase(scheme, SPAN("http://"))) {
        host = 7;
    } else if (span_equal_nocase(secure, SPAN("https://"))) {
        host = 8;
    } else {
        return false;
    }
    if (url.len > REPORT_MAX_URL || host >= url.len || strchr("/?#:@", url.ptr[host])) {
        return false;
    }
    for (size_t i = 0; i < url.len; i++) {
        if ((unsigned char)url.ptr[i] <= ' ' || url.ptr[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

static const char url_sentence[] =
    "must be an absolute http or https address of at most 2048 bytes without spaces";

static void read_urls(struct content *content, struct fields *at)
{
    json_t *urls;

    if (field_string(at, "url", OPTIONAL, 0, SIZE_MAX, &content->url) &&
        !url_well_formed(content->url)) {
        (void)field_fault(at, "url", "URL_FORM", "%s", url_sentence);
    }
    if (!field_array(at, "urls", OPTIONAL, REPORT_MAX_URLS, &urls)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(urls); i++) {
        struct span *url = &content->urls[content->url_count];

        if (!field_element_string(at, "urls", urls, i, 0, SIZE_MAX, url)) {
            continue;
        }
        if (!url_well_formed(*url)) {
            char place[FAULT_PLACE_MAX];

            (void)snprintf(place, sizeof(place), "%s/urls/%zu", at->at, i);
            (void)faults_add(at->faults, "URL_FORM", place, "%s", url_sentence);
        }
        content->url_count++;
    }
}

/* The kinds of signal that are hashes, and how their values look. */
static const struct hash_form {
    enum signal_kind kind;
    size_t digits;
} hash_forms[] = {
    {SIGNAL_SHA256, 64}, {SIGNAL_SHA1, 40}, {SIGNAL_MD5, 32}, {SIGNAL_PDQ, 64}, {SIGNAL_TLSH, 70},
};
static const char *const hash_words[COUNT_OF(hash_forms)] = {"sha256", "sha1", "md5", "pdq",
                                                             "tlsh"};

static void read_hash(struct content_hash *hash, struct fields *at)
{
    static const char *const names[] = {"kind", "value", "quality"};
    const struct hash_form *form;
    struct span digits;
    int64_t quality = -1;
    int word;

    fields_known(at, names, COUNT_OF(names));
    hash->quality = -1;
    if (!field_word(at, "kind", REQUIRED, hash_words, COUNT_OF(hash_words), &word)) {
        return;
    }
    form = &hash_forms[word];
    hash->kind = form->kind;
    if (field_int(at, "quality", OPTIONAL, 0, 100, &quality)) {
        hash->quality = (int)quality;
        if (hash->kind != SIGNAL_PDQ) {
            (void)field_fault(at, "quality", "FIELD_VALUE", "only a pdq hash has a quality");
        }
    }
    if (!field_string(at, "value", REQUIRED, 0, SIZE_MAX, &hash->value)) {
        return;
    }
    digits = hash->value;
    if (hash->kind == SIGNAL_TLSH && span_starts(digits, "T1")) {
        digits = span_sub(digits, 2, SIZE_MAX);
    }
    if (digits.len != form->digits || !all_hex(digits)) {
        (void)field_fault(at, "value", "HASH_FORM", "a %s hash has %zu hex digits%s",
                          hash_words[word], form->digits,
                          hash->kind == SIGNAL_TLSH ? ", with or without T1 before them" : "");
    }
}

static void read_hashes(struct content *content, struct fields *at)
{
    json_t *hashes;

    if (!field_array(at, "hashes", OPTIONAL, REPORT_MAX_HASHES, &hashes)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(hashes); i++) {
        struct fields element;

        if (field_element(at, "hashes", hashes, i, &element)) {
            read_hash(&content->hashes[content->hash_count++], &element);
        }
    }
}

static void read_text(struct content *content, struct fields *at)
{
    struct span language;

    if (field_string(at, "text", OPTIONAL, 0, REPORT_MAX_TEXT, &content->text) &&
        !utf8_valid(content->text)) {
        (void)field_fault(at, "text", "TEXT_UTF8", "must be valid UTF-8");
    }
    (void)snprintf(content->language, sizeof(content->language), "und");
    if (field_string(at, "language", OPTIONAL, 0, SIZE_MAX, &language) &&
        !read_language(language, content->language)) {
        (void)field_fault(at, "language", "LANGUAGE_FORM",
                          "must be a language tag such as ar, deu or pt-BR");
    }
}

static void read_reach(struct content *content, struct fields *at)
{
    static const char *const names[] = {"views", "followers"};
    struct fields reach;

    content->views = content->followers = -1;
    if (field_object(at, "reach", OPTIONAL, &reach)) {
        fields_known(&reach, names, COUNT_OF(names));
        (void)field_int(&reach, "views", OPTIONAL, 0, REPORT_MAX_REACH, &content->views);
        (void)field_int(&reach, "followers", OPTIONAL, 0, REPORT_MAX_REACH, &content->followers);
    }
}

void content_read_time(struct fields *at, const char *name, int64_t now_ms, int64_t *ret_ms)
{
    int64_t ms;

    if (!field_time(at, name, OPTIONAL, &ms)) {
        return;
    }
    if (ms > now_ms + REPORT_MAX_AHEAD_MS) {
        (void)field_fault(at, name, "TIME_FUTURE", "lies more than 24 hours ahead");
        return;
    }
    *ret_ms = ms;
}

void content_read(struct content *content, struct fields *report, int64_t now_ms)
{
    static const char *const names[] = {"id",   "type",   "text",       "language", "url",
                                        "urls", "hashes", "created_at", "reach",    "author"};
    size_t before = report->faults->count + report->faults->dropped;
    struct fields at;
    int type;

    if (!field_object(report, "content", REQUIRED, &at)) {
        return;
    }
    fields_known(&at, names, COUNT_OF(names));
    (void)field_string(&at, "id", REQUIRED, 1, REPORT_MAX_CONTENT_ID, &content->id);
    if (field_word(&at, "type", REQUIRED, content_type_words, CONTENT_TYPE_COUNT, &type)) {
        content->type = (enum content_type)type;
    }
    (void)field_string(&at, "author", OPTIONAL, 1, REPORT_MAX_PERSON, &content->author);
    read_text(content, &at);
    read_urls(content, &at);
    read_hashes(content, &at);
    content_read_time(&at, "created_at", now_ms, &content->created_at_ms);
    read_reach(content, &at);
    /* Only of what reads well otherwise: a mistyped text is named as that, not as absent too. */
    if (report->faults->count + report->faults->dropped == before && content->text.len == 0 &&
        content->url.len == 0 && content->url_count == 0 && content->hash_count == 0) {
        (void)field_fault(&at, "", "CONTENT_EMPTY",
                          "needs at least one of text, url, urls, hashes");
    }
}
