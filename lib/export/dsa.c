/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/export/dsa.h"

#include "lib/base/clock.h"
#include "lib/export/dsa_words.h"
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "lib/rights/territory.h"

#include <errno.h>
#include <stdio.h>

enum dsa_measure { MEASURE_VISIBILITY, MEASURE_MONETARY, MEASURE_SERVICE, MEASURE_ACCOUNT };

/* The field of an outcome and its word; for money the duration decides (see put_decision). */
static const struct {
    enum dsa_measure measure;
    const char *word;
} outcome_to_dsa[OUTCOME_COUNT] = {
    [OUTCOME_LABEL] = {MEASURE_VISIBILITY, "DECISION_VISIBILITY_CONTENT_LABELLED"},
    [OUTCOME_AGE_GATE] = {MEASURE_VISIBILITY, "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED"},
    [OUTCOME_INTERACTION_LIMIT] = {MEASURE_VISIBILITY,
                                   "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED"},
    [OUTCOME_DEMOTE] = {MEASURE_VISIBILITY, "DECISION_VISIBILITY_CONTENT_DEMOTED"},
    [OUTCOME_REMOVE] = {MEASURE_VISIBILITY, "DECISION_VISIBILITY_CONTENT_REMOVED"},
    [OUTCOME_DISABLE] = {MEASURE_VISIBILITY, "DECISION_VISIBILITY_CONTENT_DISABLED"},
    [OUTCOME_DEMONETISE] = {MEASURE_MONETARY, "DECISION_MONETARY_TERMINATION"},
    [OUTCOME_SERVICE_SUSPEND_PART] = {MEASURE_SERVICE, "DECISION_PROVISION_PARTIAL_SUSPENSION"},
    [OUTCOME_SERVICE_SUSPEND_TOTAL] = {MEASURE_SERVICE, "DECISION_PROVISION_TOTAL_SUSPENSION"},
    [OUTCOME_SERVICE_TERMINATE_PART] = {MEASURE_SERVICE, "DECISION_PROVISION_PARTIAL_TERMINATION"},
    [OUTCOME_SERVICE_TERMINATE_TOTAL] = {MEASURE_SERVICE, "DECISION_PROVISION_TOTAL_TERMINATION"},
    [OUTCOME_ACCOUNT_SUSPEND] = {MEASURE_ACCOUNT, "DECISION_ACCOUNT_SUSPENDED"},
    [OUTCOME_ACCOUNT_TERMINATE] = {MEASURE_ACCOUNT, "DECISION_ACCOUNT_TERMINATED"},
};

static const char *const end_fields[] = {
    "end_date_visibility_restriction", "end_date_monetary_restriction",
    "end_date_service_restriction", "end_date_account_restriction"};

#define SECURITY "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY"
#define TERRORIST "KEYWORD_TERRORIST_CONTENT"
#define ORGANIZATIONS "KEYWORD_ILLEGAL_ORGANIZATIONS"

static const struct dsa_topic topics[HARM_COUNT] = {
    [HARM_INCITEMENT] = {SECURITY, {TERRORIST}},
    [HARM_RADICALISATION] = {SECURITY, {TERRORIST}},
    [HARM_RECRUITMENT] = {SECURITY, {TERRORIST, ORGANIZATIONS}},
    [HARM_TRAINING] = {SECURITY, {TERRORIST}},
    [HARM_PLANNING] = {SECURITY, {TERRORIST}},
    [HARM_INFO_COLLECTION] = {SECURITY, {TERRORIST}},
    [HARM_COMMUNICATION] = {SECURITY, {TERRORIST}},
    [HARM_PREPARATION] = {SECURITY, {TERRORIST}},
    [HARM_FINANCING] = {SECURITY, {TERRORIST, ORGANIZATIONS}},
    [HARM_EXECUTION] = {SECURITY, {TERRORIST}},
    [HARM_GLORIFICATION] = {SECURITY, {TERRORIST}},
    [HARM_HATRED_INCITEMENT] = {"STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
                                {"KEYWORD_HATE_SPEECH"}},
    [HARM_LISTED_GROUP_BRANDING] = {SECURITY, {ORGANIZATIONS, TERRORIST}},
    [HARM_MANIFESTO] = {SECURITY, {TERRORIST}},
    [HARM_PERPETRATOR_MEDIA] = {SECURITY, {TERRORIST}},
    [HARM_GRAPHIC_VIOLENCE] = {"STATEMENT_CATEGORY_VIOLENCE", {"KEYWORD_OTHER"}},
    [HARM_CREDIBLE_THREAT] = {"STATEMENT_CATEGORY_VIOLENCE", {"KEYWORD_COORDINATED_HARM"}},
    [HARM_DOXXING_TARGET] = {"STATEMENT_CATEGORY_CYBER_VIOLENCE", {"KEYWORD_CYBER_HARASSMENT"}},
    [HARM_CSAE] = {"STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
                   {"KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL"}},
    [HARM_OTHER_TERMS] = {"STATEMENT_CATEGORY_OTHER_VIOLATION_TC", {"KEYWORD_OTHER"}},
    [HARM_NONE] = {"STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", {NULL}},
};

const struct dsa_topic *dsa_topic_of(enum harm harm)
{
    return &topics[harm];
}

bool dsa_is_notice(enum origin_kind kind, bool notice)
{
    return kind == ORIGIN_USER_NOTICE || kind == ORIGIN_TRUSTED_FLAGGER ||
           (notice && (kind == ORIGIN_CIVIL_SOCIETY || kind == ORIGIN_ACADEMIC));
}

const char *dsa_source(enum origin_kind kind, bool notice)
{
    switch (kind) {
    case ORIGIN_USER_NOTICE:
        return "SOURCE_ARTICLE_16";
    case ORIGIN_TRUSTED_FLAGGER:
        return "SOURCE_TRUSTED_FLAGGER";
    case ORIGIN_CIVIL_SOCIETY:
    case ORIGIN_ACADEMIC:
        return notice ? "SOURCE_ARTICLE_16" : "SOURCE_TYPE_OTHER_NOTIFICATION";
    case ORIGIN_USER_TERMS_FLAG:
    case ORIGIN_PLATFORM_PARTNER:
    case ORIGIN_GOV_REFERRAL_UNIT:
        return "SOURCE_TYPE_OTHER_NOTIFICATION";
    case ORIGIN_SHARED_SIGNAL:
    case ORIGIN_OWN_INITIATIVE:
        return "SOURCE_VOLUNTARY";
    case ORIGIN_GOV_ORDER:
    case ORIGIN_TCO_REMOVAL_ORDER:
    case ORIGIN_COURT_ORDER:
    case ORIGIN_COUNT:
        break;
    }
    return NULL;
}

bool dsa_automated_detection(enum origin_kind origin, enum detection detection)
{
    return (origin == ORIGIN_OWN_INITIATIVE || origin == ORIGIN_SHARED_SIGNAL) &&
           (detection == DETECTION_RULE_MATCH || detection == DETECTION_HASH_MATCH ||
            detection == DETECTION_URL_MATCH);
}

struct dsa_facts {
    enum outcome outcome;
    enum harm harm;
    enum ground_kind ground;
    enum origin_kind origin;
    enum detection detection;
    bool notice;
};

static const json_t *at(const json_t *record, const char *object, const char *name)
{
    return json_object_get(object ? json_object_get(record, object) : record, name);
}

static bool read_word(const json_t *value, const char *const words[], size_t count,
                      const char *name, int *ret, struct faults *faults)
{
    *ret = word_index(words, count, json_span(value));
    if (*ret < 0) {
        char place[FAULT_PLACE_MAX];

        field_pointer(place, "", name);
        (void)faults_add(faults, "DSA_VALUE", place, "the record has no known value here");
    }
    return *ret >= 0;
}

static bool read_facts(struct dsa_facts *facts, const json_t *record, struct faults *faults)
{
    int outcome, harm, ground, origin, detection;
    bool good = read_word(at(record, NULL, "outcome"), outcome_words, OUTCOME_COUNT, "outcome",
                          &outcome, faults);

    good = read_word(at(record, NULL, "harm"), harm_words, HARM_COUNT, "category", &harm, faults) &&
           good;
    good = read_word(at(record, "ground", "kind"), ground_kind_words, GROUND_KIND_COUNT,
                     "decision_ground", &ground, faults) &&
           good;
    good = read_word(at(record, "origin", "kind"), origin_words, ORIGIN_COUNT, "source_type",
                     &origin, faults) &&
           good;
    good = read_word(at(record, NULL, "detection"), detection_words, DETECTION_COUNT,
                     "automated_detection", &detection, faults) &&
           good;
    if (good) {
        *facts = (struct dsa_facts){
            (enum outcome)outcome,     (enum harm)harm,
            (enum ground_kind)ground,  (enum origin_kind)origin,
            (enum detection)detection, json_is_true(at(record, "origin", "good_faith"))};
    }
    return good;
}

static int set(json_t *into, const char *name, const char *text)
{
    return text ? json_object_set_new(into, name, json_string(text)) : 0;
}

static int set_copy(json_t *into, const char *name, const json_t *value)
{
    return value ? json_object_set_new(into, name, json_deep_copy(value)) : 0;
}

static bool is_date(const json_t *until)
{
    return json_string_length(until) >= 10 && !span_is(json_span(until), "indefinite");
}

static int put_decision(json_t *into, const struct dsa_facts *facts, const json_t *record)
{
    static const char *const names[] = {"decision_visibility", "decision_monetary",
                                        "decision_provision", "decision_account"};
    enum dsa_measure measure = outcome_to_dsa[facts->outcome].measure;
    const char *word = outcome_to_dsa[facts->outcome].word;
    const json_t *until = at(record, "scope", "until");
    int bad = 0;

    if (measure == MEASURE_MONETARY && is_date(until)) {
        word = "DECISION_MONETARY_SUSPENSION";
    }
    if (measure == MEASURE_VISIBILITY) {
        bad |= json_object_set_new(into, names[measure], json_pack("[s]", word));
    } else {
        bad |= set(into, names[measure], word);
    }
    if (is_date(until)) {
        bad |= json_object_set_new(into, end_fields[measure],
                                   json_stringn(json_string_value(until), 10));
    }
    return bad;
}

static int put_ground(json_t *into, const struct dsa_facts *facts, const struct dsa_input *input)
{
    bool law = facts->ground != GROUND_TERMS;
    const json_t *ref = at(input->record, "ground", "ref");
    const struct policy_clause *clause =
        input->policy ? policy_find(input->policy, json_span(ref)) : NULL;
    char ground[300];
    struct span url = {NULL, 0};
    int bad = set(into, "decision_ground",
                  law ? "DECISION_GROUND_ILLEGAL_CONTENT" : "DECISION_GROUND_INCOMPATIBLE_CONTENT");

    if (clause) {
        (void)snprintf(ground, sizeof(ground), "%.*s: %.*s", (int)clause->id.len, clause->id.ptr,
                       (int)clause->title.len, clause->title.ptr);
        url = clause->url.len ? clause->url : policy_url(input->policy);
    } else {
        (void)snprintf(ground, sizeof(ground), "%s",
                       json_is_string(ref) ? json_string_value(ref) : "");
    }
    bad |= set(into, law ? "illegal_content_legal_ground" : "incompatible_content_ground", ground);
    bad |= set_copy(into, law ? "illegal_content_explanation" : "incompatible_content_explanation",
                    at(input->record, "ground", "explanation"));
    if (url.len) {
        bad |= json_object_set_new(into, "decision_ground_reference_url",
                                   json_stringn(url.ptr, url.len));
    }
    return bad;
}

static int put_topic(json_t *into, const struct dsa_facts *facts)
{
    const struct dsa_topic *topic = &topics[facts->harm];
    json_t *keywords = json_array();
    int bad = set(into, "category", topic->category) |
              json_object_set_new(into, "category_specification", keywords);

    /* Sorted, as the database keeps them. */
    for (int i = 1; i >= 0; i--) {
        bad |= topic->keywords[i] && strcmp(topic->keywords[i], ORGANIZATIONS) == 0
                   ? json_array_append_new(keywords, json_string(topic->keywords[i]))
                   : 0;
    }
    for (int i = 0; i < 2; i++) {
        bad |= topic->keywords[i] && strcmp(topic->keywords[i], ORGANIZATIONS) != 0
                   ? json_array_append_new(keywords, json_string(topic->keywords[i]))
                   : 0;
    }
    if (topic->keywords[0] && strcmp(topic->keywords[0], "KEYWORD_OTHER") == 0) {
        bad |= set(into, "category_specification_other", harm_words[facts->harm]);
    }
    return bad;
}

/* Words of the report's content types. */
static const char *content_type(struct span type)
{
    static const struct {
        const char *ours, *theirs;
    } table[] = {{"audio", "CONTENT_TYPE_AUDIO"},  {"image", "CONTENT_TYPE_IMAGE"},
                 {"video", "CONTENT_TYPE_VIDEO"},  {"stream", "CONTENT_TYPE_VIDEO"},
                 {"post", "CONTENT_TYPE_TEXT"},    {"comment", "CONTENT_TYPE_TEXT"},
                 {"message", "CONTENT_TYPE_TEXT"}, {"document", "CONTENT_TYPE_TEXT"},
                 {"profile", "CONTENT_TYPE_TEXT"}};

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (span_is(type, table[i].ours)) {
            return table[i].theirs;
        }
    }
    return "CONTENT_TYPE_OTHER";
}

static int put_content(json_t *into, const json_t *record)
{
    const json_t *types = at(record, NULL, "content_types");
    const char *lang = json_string_value(at(record, NULL, "content_lang"));
    json_t *list = json_array();
    int bad = json_object_set_new(into, "content_type", list);

    for (size_t i = 0; i < json_array_size(types); i++) {
        struct span ours = json_span(json_array_get(types, i));
        const char *theirs = content_type(ours);
        bool there = false;

        for (size_t j = 0; j < json_array_size(list); j++) {
            there = there || span_is(json_span(json_array_get(list, j)), theirs);
        }
        if (strcmp(theirs, "CONTENT_TYPE_OTHER") == 0) {
            bad |=
                json_object_set_new(into, "content_type_other", json_stringn(ours.ptr, ours.len));
        }
        bad |= there ? 0 : json_array_append_new(list, json_string(theirs));
    }
    if (lang && strlen(lang) == 2) {
        char upper[3] = {(char)(lang[0] & ~0x20), (char)(lang[1] & ~0x20), '\0'};

        bad |= dsa_is_language(span_of(upper)) ? set(into, "content_language", upper) : 0;
    }
    return bad | set_copy(into, "content_date", at(record, NULL, "content_date"));
}

/* The countries of the EEA that the restriction touches; all of them for a global one. */
static int put_territory(json_t *into, const json_t *record, bool *ret_any)
{
    const json_t *territory = at(record, "scope", "territory");
    json_t *list = json_array();
    int bad = json_object_set_new(into, "territorial_scope", list);

    for (size_t c = 0; c < EEA_COUNT; c++) {
        bool touched = span_is(json_span(territory), "global");

        for (size_t i = 0; i < json_array_size(territory); i++) {
            touched = touched || span_is(json_span(json_array_get(territory, i)), eea_countries[c]);
        }
        bad |= touched ? json_array_append_new(list, json_string(eea_countries[c])) : 0;
    }
    *ret_any = json_array_size(list) > 0;
    return bad;
}

static int put_source(json_t *into, const struct dsa_facts *facts, const json_t *record)
{
    static const char *const automations[AUTOMATION_COUNT] = {
        [AUTOMATION_NONE] = "AUTOMATED_DECISION_NOT_AUTOMATED",
        [AUTOMATION_PARTIAL] = "AUTOMATED_DECISION_PARTIALLY",
        [AUTOMATION_FULL] = "AUTOMATED_DECISION_FULLY"};
    int automation = word_index(automation_words, AUTOMATION_COUNT,
                                json_span(at(record, NULL, "automated_decision")));

    return set(into, "source_type", dsa_source(facts->origin, facts->notice)) |
           set(into, "automated_detection",
               json_is_true(at(record, NULL, "automated_detection")) ? "Yes" : "No") |
           (automation < 0 ? 0 : set(into, "automated_decision", automations[automation]));
}

static int put_dates(json_t *into, const json_t *record)
{
    const json_t *start = at(record, NULL, "effective_at");

    start = start ? start : at(record, NULL, "decided_at");
    return json_string_length(start) < 10
               ? 0
               : json_object_set_new(into, "application_date",
                                     json_stringn(json_string_value(start), 10));
}

/* A partner platform says itself how it found the item; for all others it follows from the origin.
 */
static bool detection_agrees(const struct dsa_facts *facts, const json_t *record,
                             struct faults *faults)
{
    bool found = dsa_automated_detection(facts->origin, facts->detection);

    if (facts->origin == ORIGIN_PLATFORM_PARTNER ||
        found == json_is_true(at(record, NULL, "automated_detection"))) {
        return true;
    }
    (void)faults_add(faults, "DSA_DETECTION", "/automated_detection",
                     "%s found by %s is %sautomated detection", origin_words[facts->origin],
                     detection_words[facts->detection], found ? "" : "not ");
    return false;
}

int dsa_statement(json_t **ret, const struct dsa_input *input, struct faults *faults)
{
    CLEANUP(json_freep) json_t *statement = json_object();
    struct dsa_facts facts;
    bool touches_eea = false;

    if (!statement) {
        return -ENOMEM;
    }
    if (!read_facts(&facts, input->record, faults)) {
        return FAULT;
    }
    if (!outcome_to_dsa[facts.outcome].word || facts.ground == GROUND_ORDER ||
        origin_is_order(facts.origin)) {
        return DSA_NONE;
    }
    if (at(input->record, NULL, "full_due_at")) {   /* deferred: the statement comes with the full record */
        return DSA_NONE;
    }
    if (put_territory(statement, input->record, &touches_eea)) {
        return -ENOMEM;
    }
    if (!touches_eea) {
        return DSA_NONE;
    }
    if (!detection_agrees(&facts, input->record, faults)) {
        return FAULT;
    }
    if (put_decision(statement, &facts, input->record) || put_ground(statement, &facts, input) ||
        put_topic(statement, &facts) || put_content(statement, input->record) ||
        put_source(statement, &facts, input->record) || put_dates(statement, input->record) ||
        set(statement, "account_type", input->account_type) ||
        set_copy(statement, "decision_facts", at(input->record, NULL, "facts")) ||
        set_copy(statement, "puid", at(input->record, NULL, "decision_id"))) {
        return -ENOMEM;
    }
    if (dsa_check(statement, faults)) {
        return FAULT;
    }
    *ret = TAKE(statement);
    return 0;
}

int dsa_batch(json_t **ret, const json_t *statements, size_t from)
{
    CLEANUP(json_freep) json_t *body = NULL;
    json_t *list = json_array();
    int bad = !list;

    *ret = NULL;
    for (size_t i = from; !bad && i < json_array_size(statements) && i < from + DSA_BATCH_MAX;
         i++) {
        bad |= json_array_append(list, json_array_get(statements, i));
    }
    if (!bad && json_array_size(list) == 0) {
        json_decref(list);
        return 0;
    }
    body = json_pack("{s:o}", "statements", list);
    if (bad || !body) {
        return -ENOMEM;
    }
    *ret = TAKE(body);
    return 0;
}
