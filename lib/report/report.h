/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_REPORT_REPORT_H
#define RAPPORTEUR_LIB_REPORT_REPORT_H

/*
 * A report: what a partner says about one piece of content (body of POST /v1/reports; /v1/check
 * takes the same). report_read checks a JSON value against the whole schema and names every mistake.
 * Spans borrow from the JSON value, which the report holds.
 *     r = report_read(&report, body, now_ms, &faults);      0, FAULT or -ENOMEM
 *
 * Codes beside those of lib/json/field.h: CONTENT_EMPTY (none of text, url, urls, hashes),
 * TEXT_UTF8, URL_FORM (not absolute http(s) or longer than 2 KiB), HASH_FORM (length or digits wrong
 * for its kind), LANGUAGE_FORM (BCP 47 primary tag of 2-3 letters), COUNTRY_FORM (ISO 3166-1
 * alpha-2), TIME_FUTURE (more than 24 h ahead), ORIGIN_STATE_REQUIRED, ORDER_INCOMPLETE.
 */

#include "lib/base/fault.h"
#include "lib/report/hit.h"
#include "lib/rights/taxonomy.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    REPORT_MAX_TEXT = 64 << 10, REPORT_MAX_URLS = 64, REPORT_MAX_URL = 2048, REPORT_MAX_HASHES = 64,
    REPORT_MAX_REASON = 8 << 10, REPORT_MAX_CONTENT_ID = 256, REPORT_MAX_COUNTRIES = 32,
    REPORT_MAX_PERSON = 128
};

enum content_type {
    CONTENT_POST, CONTENT_COMMENT, CONTENT_MESSAGE, CONTENT_PROFILE, CONTENT_IMAGE, CONTENT_VIDEO,
    CONTENT_AUDIO, CONTENT_DOCUMENT, CONTENT_LINK, CONTENT_STREAM, CONTENT_OTHER,
    CONTENT_TYPE_COUNT
};
extern const char *const content_type_words[CONTENT_TYPE_COUNT];

enum urgency { URGENCY_ROUTINE, URGENCY_URGENT, URGENCY_THREAT_TO_LIFE, URGENCY_COUNT };
extern const char *const urgency_words[URGENCY_COUNT];

struct content_hash {
    enum signal_kind kind;          /* sha256 sha1 md5 pdq tlsh */
    struct span value;              /* as received; digits checked */
    int quality;                    /* 0-100, pdq only; -1 unknown */
};

struct content {
    struct span id;
    struct span author;             /* the partner's own opaque name for who made it; empty when absent */
    enum content_type type;
    struct span text;               /* empty when absent */
    char language[4];               /* lower case, "und" when absent */
    struct span url;
    struct span urls[REPORT_MAX_URLS];
    size_t url_count;
    struct content_hash hashes[REPORT_MAX_HASHES];
    size_t hash_count;
    int64_t created_at_ms;          /* 0 when absent */
    int64_t views, followers;       /* -1 when absent */
};

struct report {
    json_t *json;                   /* held */
    struct content content;
    enum harm category;
    struct span reason;
    enum urgency urgency;
    struct {
        enum origin_kind kind;
        bool good_faith;
        struct span reporter;       /* the partner's own opaque name for who reported; empty when absent */
        json_t *state_actor;        /* borrowed from json; NULL when absent */
    } origin;
    json_t *order;                  /* borrowed; NULL when absent */
    bool exemptions_claimed[EXEMPTION_COUNT];
    char jurisdictions[REPORT_MAX_COUNTRIES][3];
    size_t jurisdiction_count;
    int64_t reported_at_ms;         /* 0 when absent */
};

/* Takes a reference of its own on `json`. */
int report_read(struct report **ret, json_t *json, int64_t now_ms, struct faults *faults);
struct report *report_free(struct report *report);
DEFINE_CLEANUP(struct report *, report_free);

#endif
