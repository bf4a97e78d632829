/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/signal/format.h"

#include "lib/signal/source.h"

enum { SNIFF_BYTES = 4096 };

const struct signal_options signal_options_default = {
    .default_kind = -1,
    .default_severity = 2,
    .default_opinion = OPINION_POSITIVE,
    .max_bytes = 64 << 20,
    .max_entries = 2000000,
};

const struct signal_format *const signal_formats[] = {
    &format_yaml,
    &format_json,
    &format_lines,
    &format_csv,
    &format_misp_warninglist,
    &format_misp_hashes,
    &format_threatexchange,
};
const size_t signal_format_count = COUNT_OF(signal_formats);

const struct signal_format *signal_format_named(struct span name)
{
    for (size_t i = 0; i < signal_format_count; i++) {
        if (span_is(name, signal_formats[i]->name)) {
            return signal_formats[i];
        }
    }
    return NULL;
}

static struct span without_mark(struct span bytes)
{
    return span_starts(bytes, "\xef\xbb\xbf") ? span_sub(bytes, 3, bytes.len) : bytes;
}

const struct signal_format *signal_format_sniff(struct span bytes)
{
    struct span front = span_sub(without_mark(bytes), 0, SNIFF_BYTES);
    const struct signal_format *best = NULL;
    int most = 0;

    for (size_t i = 0; i < signal_format_count; i++) {
        int sure = signal_formats[i]->sniff(front);

        if (sure > most) {
            most = sure;
            best = signal_formats[i];
        }
    }
    return best;
}

static int read_with(struct signal_source *source, const struct signal_format *format)
{
    const struct signal_options *options = source->options;
    int r;

    if (source->bytes.len > options->max_bytes) {
        return source_refuse(source, "SOURCE_TOO_LARGE", source->name,
                             "%zu bytes, the limit is %zu", source->bytes.len, options->max_bytes);
    }
    if (!format) {
        format = signal_format_sniff(source->bytes);
    }
    if (!format) {
        return source_refuse(source, "FORMAT_UNKNOWN", source->name,
                             "this looks like none of the list formats");
    }
    r = format->read(source);
    if (r) {
        return r;
    }
    if (source->bad > 0 && !options->lenient) {
        return FAULT;
    }
    if (options->require_signature && !source->report->signed_by_known_key) {
        return source_refuse(source, "SIGNATURE_MISSING", source->name,
                             "a signature by a trusted key is required");
    }
    return list_seal(source->list);
}

int signal_read(struct list **ret, const struct signal_format *format, struct span bytes,
                const struct signal_options *options, struct signal_report *report)
{
    struct signal_source source = {.bytes = without_mark(bytes),
                                   .name = options->name ? options->name : "list",
                                   .options = options,
                                   .report = report};
    int r;

    *report = (struct signal_report){0};
    r = read_with(&source, format);
    if (r) {
        source.list = list_unref(source.list);
        return r;
    }
    *ret = source.list;
    return 0;
}

/* Names that exchanges use, beside our own words: ThreatExchange, its pytx tools, MISP, StopNCII.
 */
static const struct {
    const char *word;
    enum signal_kind kind;
} kind_names[] = {
    {"raw_text", SIGNAL_LITERAL},
    {"text", SIGNAL_LITERAL},
    {"text_string", SIGNAL_LITERAL},
    {"keyword", SIGNAL_LITERAL},
    {"string", SIGNAL_LITERAL},
    {"pattern", SIGNAL_REGEX},
    {"uri", SIGNAL_URL},
    {"raw_uri", SIGNAL_URL},
    {"link", SIGNAL_URL},
    {"unclickable_url", SIGNAL_URL},
    {"hostname", SIGNAL_DOMAIN},
    {"host", SIGNAL_DOMAIN},
    {"hash_sha256", SIGNAL_SHA256},
    {"video_sha256", SIGNAL_SHA256},
    {"hash_video_sha256", SIGNAL_SHA256},
    {"sha-256", SIGNAL_SHA256},
    {"hash_sha1", SIGNAL_SHA1},
    {"sha-1", SIGNAL_SHA1},
    {"hash_md5", SIGNAL_MD5},
    {"video_md5", SIGNAL_MD5},
    {"hash_video_md5", SIGNAL_MD5},
    {"videomd5", SIGNAL_MD5},
    {"hash_pdq", SIGNAL_PDQ},
    {"imagepdq", SIGNAL_PDQ},
    {"hash_text_tlsh", SIGNAL_TLSH},
    {"text_tlsh", SIGNAL_TLSH},
};

bool signal_kind_read(struct span word, enum signal_kind *ret)
{
    for (int kind = 0; kind < SIGNAL_KIND_COUNT; kind++) {
        if (span_equal_nocase(word, span_of(signal_kind_words[kind]))) {
            *ret = (enum signal_kind)kind;
            return true;
        }
    }
    for (size_t i = 0; i < COUNT_OF(kind_names); i++) {
        if (span_equal_nocase(word, span_of(kind_names[i].word))) {
            *ret = kind_names[i].kind;
            return true;
        }
    }
    return false;
}
