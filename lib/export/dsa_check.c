/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/export/dsa.h"

#include "lib/base/attr.h"
#include "lib/base/clock.h"
#include "lib/export/dsa_words.h"
#include "lib/json/field.h"
#include "lib/rights/territory.h"

#include <stdarg.h>
#include <stdio.h>

enum dsa_type {
    DSA_TEXT,  /* up to max characters */
    DSA_WORD,  /* one of words */
    DSA_WORDS, /* array of words, not empty when required */
    DSA_CATEGORY,
    DSA_CATEGORIES,
    DSA_KEYWORDS,
    DSA_COUNTRIES,
    DSA_LANGUAGE,
    DSA_URL,
    DSA_DAY,
    DSA_END_DAY,
    DSA_ID,
    DSA_CONTENT_ID
};

struct dsa_field {
    const char *name;
    enum dsa_type type;
    bool required;
    const char *when_field, *when_word; /* required when that field is or holds that word */
    size_t max;
    const char *first_day;
    const char *const *words;
    size_t word_count;
};

static const char *const visibilities[] = {"DECISION_VISIBILITY_CONTENT_REMOVED",
                                           "DECISION_VISIBILITY_CONTENT_DISABLED",
                                           "DECISION_VISIBILITY_CONTENT_DEMOTED",
                                           "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
                                           "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
                                           "DECISION_VISIBILITY_CONTENT_LABELLED",
                                           "DECISION_VISIBILITY_OTHER"};
static const char *const monetary[] = {"DECISION_MONETARY_SUSPENSION",
                                       "DECISION_MONETARY_TERMINATION", "DECISION_MONETARY_OTHER"};
static const char *const provisions[] = {
    "DECISION_PROVISION_PARTIAL_SUSPENSION", "DECISION_PROVISION_TOTAL_SUSPENSION",
    "DECISION_PROVISION_PARTIAL_TERMINATION", "DECISION_PROVISION_TOTAL_TERMINATION"};
static const char *const accounts[] = {"DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"};
static const char *const account_types[] = {"ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE"};
static const char *const grounds[] = {"DECISION_GROUND_ILLEGAL_CONTENT",
                                      "DECISION_GROUND_INCOMPATIBLE_CONTENT"};
static const char *const yes_no[] = {"Yes", "No"};
static const char *const content_types[] = {"CONTENT_TYPE_APP",
                                            "CONTENT_TYPE_AUDIO",
                                            "CONTENT_TYPE_IMAGE",
                                            "CONTENT_TYPE_PRODUCT",
                                            "CONTENT_TYPE_SYNTHETIC_MEDIA",
                                            "CONTENT_TYPE_TEXT",
                                            "CONTENT_TYPE_VIDEO",
                                            "CONTENT_TYPE_OTHER"};
static const char *const sources[] = {"SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER",
                                      "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY"};
static const char *const automations[] = {
    "AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY", "AUTOMATED_DECISION_NOT_AUTOMATED"};

#define WORDS(table) .words = table, .word_count = COUNT_OF(table)
#define WHEN(field, word) .when_field = field, .when_word = word

static const struct dsa_field dsa_fields[] = {
    {"decision_visibility", DSA_WORDS, WORDS(visibilities)},
    {"decision_visibility_other", DSA_TEXT,
     WHEN("decision_visibility", "DECISION_VISIBILITY_OTHER"), .max = 500},
    {"decision_monetary", DSA_WORD, WORDS(monetary)},
    {"decision_monetary_other", DSA_TEXT, WHEN("decision_monetary", "DECISION_MONETARY_OTHER"),
     .max = 500},
    {"decision_provision", DSA_WORD, WORDS(provisions)},
    {"decision_account", DSA_WORD, WORDS(accounts)},
    {"account_type", DSA_WORD, WORDS(account_types)},
    {"decision_ground", DSA_WORD, .required = true, WORDS(grounds)},
    {"decision_ground_reference_url", DSA_URL, .max = 500},
    {"illegal_content_legal_ground", DSA_TEXT,
     WHEN("decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT"), .max = 500},
    {"illegal_content_explanation", DSA_TEXT,
     WHEN("decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT"), .max = 2000},
    {"incompatible_content_ground", DSA_TEXT,
     WHEN("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT"), .max = 500},
    {"incompatible_content_explanation", DSA_TEXT,
     WHEN("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT"), .max = 2000},
    {"incompatible_content_illegal", DSA_WORD, WORDS(yes_no)},
    {"content_type", DSA_WORDS, .required = true, WORDS(content_types)},
    {"content_type_other", DSA_TEXT, WHEN("content_type", "CONTENT_TYPE_OTHER"), .max = 500},
    {"category", DSA_CATEGORY, .required = true},
    {"category_addition", DSA_CATEGORIES},
    {"category_specification", DSA_KEYWORDS},
    {"category_specification_other", DSA_TEXT, .max = 500},
    {"territorial_scope", DSA_COUNTRIES},
    {"content_language", DSA_LANGUAGE},
    {"content_date", DSA_DAY, .required = true, .first_day = "2000-01-01"},
    {"application_date", DSA_DAY, .required = true, .first_day = "2020-01-01"},
    {"end_date_visibility_restriction", DSA_END_DAY},
    {"end_date_monetary_restriction", DSA_END_DAY},
    {"end_date_service_restriction", DSA_END_DAY},
    {"end_date_account_restriction", DSA_END_DAY},
    {"decision_facts", DSA_TEXT, .required = true, .max = 5000},
    {"source_type", DSA_WORD, .required = true, WORDS(sources)},
    {"source_identity", DSA_TEXT, .max = 500},
    {"automated_detection", DSA_WORD, .required = true, WORDS(yes_no)},
    {"automated_decision", DSA_WORD, .required = true, WORDS(automations)},
    {"puid", DSA_ID, .required = true, .max = 500},
    {"content_id", DSA_CONTENT_ID},
};

static const char last_day[] = "2038-01-01";

static int refuse(struct faults *faults, const char *code, const char *name, const char *format,
                  ...) PRINTF(4, 5);

static int refuse(struct faults *faults, const char *code, const char *name, const char *format,
                  ...)
{
    char place[FAULT_PLACE_MAX];
    char text[FAULT_TEXT_MAX];
    va_list args;

    field_pointer(place, "", name);
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return faults_add(faults, code, place, "%s", text);
}

static size_t characters(struct span text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    }
    return count;
}

/* Blank values count as absent, as they do in the database. */
static const json_t *value_of(const json_t *statement, const char *name)
{
    const json_t *value = json_object_get(statement, name);

    if (!value || json_is_null(value) ||
        (json_is_string(value) && span_trim(json_span(value)).len == 0)) {
        return NULL;
    }
    return value;
}

static bool holds(const json_t *statement, const char *name, const char *word)
{
    const json_t *value = value_of(statement, name);

    for (size_t i = 0; i < json_array_size(value); i++) {
        if (span_is(json_span(json_array_get(value, i)), word)) {
            return true;
        }
    }
    return span_is(json_span(value), word);
}

static bool is_word(const struct dsa_field *field, struct span word)
{
    switch (field->type) {
    case DSA_CATEGORY:
    case DSA_CATEGORIES:
        return dsa_is_category(word);
    case DSA_KEYWORDS:
        return dsa_is_keyword(word);
    case DSA_COUNTRIES:
        return territory_is_eea(word);
    case DSA_LANGUAGE:
        return dsa_is_language(word);
    default:
        return word_index(field->words, field->word_count, word) >= 0;
    }
}

static void check_word(const struct dsa_field *field, struct span word, struct faults *faults)
{
    char shown[FAULT_QUOTE_MAX];

    if (!is_word(field, word)) {
        (void)refuse(faults, "DSA_VALUE", field->name, "%s is not a word of the database",
                     fault_quote(shown, word));
    }
}

static void check_words(const struct dsa_field *field, const json_t *value, struct faults *faults)
{
    if (!json_is_array(value) || (field->required && json_array_size(value) == 0)) {
        (void)refuse(faults, "DSA_VALUE", field->name, "an array of words is wanted here");
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        check_word(field, json_span(json_array_get(value, i)), faults);
    }
}

static void check_text(const struct dsa_field *field, const json_t *value, struct faults *faults)
{
    if (!json_is_string(value)) {
        (void)refuse(faults, "DSA_VALUE", field->name, "a text is wanted here");
    } else if (characters(json_span(value)) > field->max) {
        (void)refuse(faults, "DSA_LENGTH", field->name, "at most %zu characters", field->max);
    }
}

static void check_url(const struct dsa_field *field, const json_t *value, struct faults *faults)
{
    struct span url = json_span(value);
    size_t skip = span_starts(url, "https://") ? 8 : span_starts(url, "http://") ? 7 : 0;

    check_text(field, value, faults);
    if (skip == 0 || url.len <= skip || strchr("/?# .:", url.ptr[skip]) ||
        memchr(url.ptr, ' ', url.len)) {
        (void)refuse(faults, "DSA_VALUE", field->name, "an absolute web address is wanted here");
    }
}

static void check_id(const struct dsa_field *field, const json_t *value, struct faults *faults)
{
    struct span id = json_span(value);
    bool good = json_is_string(value) && id.len <= field->max;

    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];

        good = good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '_');
    }
    if (!good) {
        (void)refuse(faults, "DSA_PUID", field->name, "1 to 500 letters, digits, - and _");
    }
}

/* Days as text compare like days: YYYY-MM-DD. */
static bool is_day(const json_t *value)
{
    int64_t ms;

    return json_string_length(value) == 10 && clock_read_date(json_span(value), &ms);
}

static void check_day(const struct dsa_field *field, const json_t *value, const json_t *statement,
                      struct faults *faults)
{
    const json_t *start = value_of(statement, "application_date");
    const char *day = json_string_value(value);

    if (!is_day(value) || strcmp(day, last_day) > 0 ||
        (field->first_day && strcmp(day, field->first_day) < 0)) {
        (void)refuse(faults, "DSA_DATE", field->name, "a day YYYY-MM-DD from %s to %s",
                     field->first_day ? field->first_day : "the application date", last_day);
    } else if (field->type == DSA_END_DAY && is_day(start) &&
               strcmp(day, json_string_value(start)) < 0) {
        (void)refuse(faults, "DSA_DATE", field->name, "ends before its application date %s",
                     json_string_value(start));
    }
}

static void check_content_id(const struct dsa_field *field, const json_t *value,
                             struct faults *faults)
{
    struct span ean = json_span(json_object_get(value, "EAN-13"));
    bool good = json_object_size(value) == 1 && ean.len == 13;

    for (size_t i = 0; i < ean.len; i++) {
        good = good && ean.ptr[i] >= '0' && ean.ptr[i] <= '9';
    }
    if (!good) {
        (void)refuse(faults, "DSA_VALUE", field->name, "only {\"EAN-13\": 13 digits}");
    }
}

static void check_value(const struct dsa_field *field, const json_t *value, const json_t *statement,
                        struct faults *faults)
{
    switch (field->type) {
    case DSA_TEXT:
        check_text(field, value, faults);
        return;
    case DSA_WORD:
    case DSA_CATEGORY:
    case DSA_LANGUAGE:
        check_word(field, json_span(value), faults);
        return;
    case DSA_WORDS:
    case DSA_CATEGORIES:
    case DSA_KEYWORDS:
    case DSA_COUNTRIES:
        check_words(field, value, faults);
        return;
    case DSA_URL:
        check_url(field, value, faults);
        return;
    case DSA_DAY:
    case DSA_END_DAY:
        check_day(field, value, statement, faults);
        return;
    case DSA_ID:
        check_id(field, value, faults);
        return;
    case DSA_CONTENT_ID:
        check_content_id(field, value, faults);
        return;
    }
}

static bool decides(const json_t *statement)
{
    return json_array_size(value_of(statement, "decision_visibility")) > 0 ||
           value_of(statement, "decision_monetary") || value_of(statement, "decision_provision") ||
           value_of(statement, "decision_account");
}

int dsa_check(const json_t *statement, struct faults *faults)
{
    const char *names[COUNT_OF(dsa_fields)];
    size_t before = faults->count;
    const char *name;
    json_t *value;

    if (!json_is_object(statement)) {
        return faults_add(faults, "DSA_VALUE", "", "an object is wanted here");
    }
    for (size_t i = 0; i < COUNT_OF(dsa_fields); i++) {
        const struct dsa_field *field = &dsa_fields[i];
        const json_t *given = value_of(statement, field->name);

        names[i] = field->name;
        if (given) {
            check_value(field, given, statement, faults);
        } else if (field->required ||
                   (field->when_field && holds(statement, field->when_field, field->when_word))) {
            (void)refuse(faults, "DSA_MISSING", field->name, "the database requires it%s%s",
                         field->required ? "" : " with ", field->required ? "" : field->when_word);
        }
    }
    json_object_foreach((json_t *)(uintptr_t)statement, name, value)
    {
        if (word_index(names, COUNT_OF(names), span_of(name)) < 0) {
            (void)refuse(faults, "DSA_UNKNOWN", name, "no field of the database");
        }
    }
    if (!decides(statement)) {
        (void)refuse(faults, "DSA_DECISION", "decision_visibility",
                     "one of the four decision fields is needed");
    }
    return faults->count > before ? FAULT : 0;
}
