/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rules/facts.h"
#include "lib/json/field.h"

#include <assert.h>
#include <errno.h>

/* The order is that of cel_env_add_record: a record comes after those it is made of. */
enum record {
    RECORD_HASH,
    RECORD_REACH,
    RECORD_CONTENT,
    RECORD_STATE_ACTOR,
    RECORD_ORIGIN,
    RECORD_REPORT,
    RECORD_HIT,
    RECORD_HISTORY,
    RECORD_COUNT
};

static enum cel_presence give_text(struct span text, struct cel_value *ret)
{
    *ret = cel_string(text.len ? text : SPAN(""));
    return text.len ? CEL_PRESENT : CEL_DEFAULT;
}

static enum cel_presence give_word(const char *word, struct cel_value *ret)
{
    *ret = cel_string(span_of(word));
    return CEL_PRESENT;
}

/* Less than zero stands for unknown. */
static enum cel_presence give_count(int64_t count, struct cel_value *ret)
{
    *ret = cel_int(count < 0 ? 0 : count);
    return count < 0 ? CEL_DEFAULT : CEL_PRESENT;
}

static enum cel_presence give_int(int64_t value, struct cel_value *ret)
{
    *ret = cel_int(value);
    return CEL_PRESENT;
}

static enum cel_presence give_bool(bool value, struct cel_value *ret)
{
    *ret = cel_bool(value);
    return CEL_PRESENT;
}

static enum cel_presence give_list(const struct cel_list *list, struct cel_value *ret)
{
    *ret = cel_list_value(list);
    return list->count ? CEL_PRESENT : CEL_DEFAULT;
}

static enum cel_presence give_time(int64_t ms, int64_t now_ms, struct cel_value *ret)
{
    *ret = cel_timestamp_ms(ms ? ms : now_ms);
    return ms ? CEL_PRESENT : CEL_DEFAULT;
}

/* --- the records: a table of fields, what each means, how it is read --- */

static const struct cel_field hash_fields[] = {
    {"kind", "string"}, {"value", "string"}, {"quality", "int"}};
static const char *const hash_about[] = {"sha256, sha1, md5, pdq or tlsh",
                                         "as the reporter gave it", "0 to 100, of pdq"};

static enum cel_presence hash_get(const void *object, unsigned field, struct cel_value *ret)
{
    const struct content_hash *hash = object;

    switch (field) {
    case 0:
        return give_word(signal_kind_words[hash->kind], ret);
    case 1:
        return give_text(hash->value, ret);
    default:
        return give_count(hash->quality, ret);
    }
}

static const struct cel_field reach_fields[] = {{"views", "int"}, {"followers", "int"}};
static const char *const reach_about[] = {"how often it was seen", "how many follow its author"};

static enum cel_presence reach_get(const void *object, unsigned field, struct cel_value *ret)
{
    const struct content *content = object;

    return give_count(field == 0 ? content->views : content->followers, ret);
}

static const struct cel_field content_fields[] = {
    {"id", "string"},         {"type", "string"},          {"text", "string"},
    {"language", "string"},   {"url", "string"},           {"urls", "list(string)"},
    {"hashes", "list(Hash)"}, {"created_at", "timestamp"}, {"reach", "Reach"},
};
static const char *const content_about[] = {
    "the partner's name for it",
    "post, comment, message, profile, image, video, audio, document, link, stream or other",
    "as it was written",
    "two or three letters; und when not given",
    "where it stands",
    "the addresses in it",
    "the hashes of its pictures and files",
    "when it was published",
    "how far it went",
};

static enum cel_presence content_get(const void *object, unsigned field, struct cel_value *ret)
{
    const struct facts_view *view = object;
    const struct content *content = &view->facts->report->content;

    switch (field) {
    case 0:
        return give_text(content->id, ret);
    case 1:
        return give_word(content_type_words[content->type], ret);
    case 2:
        return give_text(content->text, ret);
    case 3:
        return give_word(content->language, ret);
    case 4:
        return give_text(content->url, ret);
    case 5:
        return give_list(&view->urls, ret);
    case 6:
        return give_list(&view->hashes, ret);
    case 7:
        return give_time(content->created_at_ms, view->facts->now_ms, ret);
    default:
        *ret = cel_record_value(RECORD_REACH, content);
        return content->views < 0 && content->followers < 0 ? CEL_DEFAULT : CEL_PRESENT;
    }
}

static const struct cel_field state_actor_fields[] = {
    {"country", "string"}, {"authority", "string"}, {"unit", "string"},
    {"power", "string"},   {"court", "bool"},       {"legal_basis", "string"},
    {"alleged", "string"}, {"provision", "string"},
};
static const char *const state_actor_about[] = {
    "two capital letters",
    "the body that exercises public power",
    "its department",
    "order, request, referral or trusted_flagger",
    "whether a court is behind it",
    "the law it acts under",
    "law, terms or both",
    "the provision it names",
};

static enum cel_presence state_actor_get(const void *object, unsigned field, struct cel_value *ret)
{
    const json_t *value = json_object_get(object, state_actor_fields[field].name);

    if (state_actor_fields[field].type[0] == 'b') {
        *ret = cel_bool(json_is_true(value));
        return json_is_boolean(value) ? CEL_PRESENT : CEL_DEFAULT;
    }
    return give_text(json_span(value), ret);
}

static const struct cel_field origin_fields[] = {
    {"kind", "string"},
    {"good_faith", "bool"},
    {"is_state", "bool"},
    {"state_actor", "StateActor"},
    {"is_named", "bool"},
};
static const char *const origin_about[] = {
    ("user_notice, user_terms_flag, platform_partner, trusted_flagger, gov_referral_unit, "
     "gov_order, "
     "tco_removal_order, court_order, civil_society, academic, shared_signal or own_initiative"),
    "whether the reporter said so",
    "whether a body exercising public power caused the report, by whatever channel",
    "which body; has() is false when there is none",
    "whether the partner says, by a name of its own, who reported; the name itself is no fact",
};

static enum cel_presence origin_get(const void *object, unsigned field, struct cel_value *ret)
{
    const struct report *report = object;

    switch (field) {
    case 0:
        return give_word(origin_words[report->origin.kind], ret);
    case 1:
        return give_bool(report->origin.good_faith, ret);
    case 2:
        return give_bool(origin_is_state(report->origin.kind) || report->origin.state_actor, ret);
    case 4:
        return give_bool(report->origin.reporter.len > 0, ret);
    default:
        *ret = cel_record_value(RECORD_STATE_ACTOR, report->origin.state_actor);
        return report->origin.state_actor ? CEL_PRESENT : CEL_DEFAULT;
    }
}

static const struct cel_field report_fields[] = {
    {"category", "string"},
    {"reason", "string"},
    {"urgency", "string"},
    {"origin", "Origin"},
    {"is_order", "bool"},
    {"exemptions_claimed", "list(string)"},
    {"jurisdictions", "list(string)"},
    {"reported_at", "timestamp"},
};
static const char *const report_about[] = {
    "the harm the reporter names, for example recruitment",
    "why the reporter thinks so",
    "routine, urgent or threat_to_life",
    "who reported",
    "whether a legal order with a duty to act is behind it; a referral is none",
    "exemptions the reporter or author claims, for example journalistic",
    "countries it concerns, two capital letters each",
    "when it was reported to the partner",
};

static enum cel_presence report_get(const void *object, unsigned field, struct cel_value *ret)
{
    const struct facts_view *view = object;
    const struct report *report = view->facts->report;

    switch (field) {
    case 0:
        return give_word(harm_words[report->category], ret);
    case 1:
        return give_text(report->reason, ret);
    case 2:
        return give_word(urgency_words[report->urgency], ret);
    case 3:
        *ret = cel_record_value(RECORD_ORIGIN, report);
        return CEL_PRESENT;
    case 4:
        return give_bool(origin_is_order(report->origin.kind), ret);
    case 5:
        return give_list(&view->exemptions, ret);
    case 6:
        return give_list(&view->jurisdictions, ret);
    default:
        return give_time(report->reported_at_ms, view->facts->now_ms, ret);
    }
}

static const struct cel_field hit_fields[] = {
    {"list", "string"},  {"version", "string"}, {"entry", "string"}, {"kind", "string"},
    {"severity", "int"}, {"field", "string"},   {"index", "int"},    {"start", "int"},
    {"end", "int"},      {"form", "string"},    {"distance", "int"},
};
static const char *const hit_about[] = {
    "the id of the list",
    "its version",
    "the id of the entry",
    "literal, regex, url, domain, sha256, sha1, md5, pdq or tlsh",
    "0 to 4, of the entry",
    "text, url, urls or hashes",
    "which of urls or hashes",
    "first byte in the text or address",
    "byte after the last",
    "raw, normalised, squeezed or confusable: how the spelling had to be changed to match",
    "how far a pdq or tlsh hash is off",
};

static enum cel_presence hit_get(const void *object, unsigned field, struct cel_value *ret)
{
    const struct hit *hit = object;
    const struct span texts[] = {hit->list, hit->list_version, hit->entry};

    switch (field) {
    case 0:
    case 1:
    case 2:
        return give_text(texts[field], ret);
    case 3:
        return give_word(signal_kind_words[hit->kind], ret);
    case 4:
        return give_int(hit->severity, ret);
    case 5:
        return give_word(hit_field_words[hit->field], ret);
    case 6:
        return give_int(hit->index, ret);
    case 7:
        return give_int(hit->start, ret);
    case 8:
        return give_int(hit->end, ret);
    case 9:
        return give_word(hit_form_words[hit->form], ret);
    default:
        return give_int(hit->distance, ret);
    }
}

static const struct cel_field history_fields[] = {{"reports", "int"}, {"reporters", "int"}, {"since", "timestamp"}};
static const char *const history_about[] = {
    "earlier reports on this content, as long as it has not been decided",
    "different reporters among them; those without a reporter count as one together",
    "when the first of them came; now where there is none"};

static enum cel_presence history_get(const void *object, unsigned field, struct cel_value *ret)
{
    const struct rule_facts *facts = object;

    switch (field) {
    case 0:
        return give_int(facts->history_reports, ret);
    case 1:
        return give_int(facts->history_reporters, ret);
    default:
        return give_time(facts->history_since_ms, facts->now_ms, ret);
    }
}

#define RECORD(NAME, word)                                                                         \
    {                                                                                              \
        {NAME, word##_fields, COUNT_OF(word##_fields), word##_get}, word##_about                   \
    }
#define ABOUT_ALL(word) static_assert(COUNT_OF(word##_fields) == COUNT_OF(word##_about), #word)
ABOUT_ALL(hash);
ABOUT_ALL(reach);
ABOUT_ALL(content);
ABOUT_ALL(state_actor);
ABOUT_ALL(origin);
ABOUT_ALL(report);
ABOUT_ALL(hit);
ABOUT_ALL(history);

static const struct {
    struct cel_record cel;
    const char *const *about;
} records[RECORD_COUNT] = {
    [RECORD_HASH] = RECORD("Hash", hash),
    [RECORD_REACH] = RECORD("Reach", reach),
    [RECORD_CONTENT] = RECORD("Content", content),
    [RECORD_STATE_ACTOR] = RECORD("StateActor", state_actor),
    [RECORD_ORIGIN] = RECORD("Origin", origin),
    [RECORD_REPORT] = RECORD("Report", report),
    [RECORD_HIT] = RECORD("Hit", hit),
    [RECORD_HISTORY] = RECORD("History", history),
};

/* --- the variables --- */

enum variable {
    VARIABLE_REPORT,
    VARIABLE_CONTENT,
    VARIABLE_HITS,
    VARIABLE_HISTORY,
    VARIABLE_NOW,
    VARIABLE_COUNT
};

static const struct {
    const char *name, *type, *about;
} variables[VARIABLE_COUNT] = {
    [VARIABLE_REPORT] = {"report", "Report", "what was said of the content, and by whom"},
    [VARIABLE_CONTENT] = {"content", "Content", "the content itself"},
    [VARIABLE_HITS] = {"hits", "list(Hit)", "signals of live lists found in the content"},
    [VARIABLE_HISTORY] = {"history", "History", "what came before on the same content"},
    [VARIABLE_NOW] = {"now", "timestamp", "the moment of the evaluation"},
};

static enum cel_presence variable_get(const void *context, unsigned slot, struct cel_value *ret)
{
    const struct facts_view *view = context;

    switch (slot) {
    case VARIABLE_REPORT:
        *ret = cel_record_value(RECORD_REPORT, view);
        return CEL_PRESENT;
    case VARIABLE_CONTENT:
        *ret = cel_record_value(RECORD_CONTENT, view);
        return CEL_PRESENT;
    case VARIABLE_HITS:
        *ret = cel_list_value(&view->hits);
        return CEL_PRESENT;
    case VARIABLE_HISTORY:
        *ret = cel_record_value(RECORD_HISTORY, view->facts);
        return CEL_PRESENT;
    case VARIABLE_NOW:
        *ret = cel_timestamp_ms(view->facts->now_ms);
        return CEL_PRESENT;
    default:
        return CEL_ABSENT;
    }
}

int facts_env(struct cel_env **ret, struct fault *why)
{
    CLEANUP(cel_env_freep) struct cel_env *env = cel_env_new(CEL_OPTIONALS);
    int r = env ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < RECORD_COUNT; i++) {
        uint16_t index = 0;

        r = cel_env_add_record(env, &records[i].cel, &index, why);
        assert(r != 0 || index == i);
    }
    for (size_t i = 0; r == 0 && i < VARIABLE_COUNT; i++) {
        unsigned slot = 0;

        r = cel_env_add_variable(env, variables[i].name, variables[i].type, &slot, why);
        assert(r != 0 || slot == i);
    }
    if (r == 0) {
        *ret = TAKE(env);
    }
    return r;
}

static void url_at(const void *host, uint32_t i, struct cel_value *ret)
{
    (void)give_text(((const struct content *)host)->urls[i], ret);
}

static void hash_at(const void *host, uint32_t i, struct cel_value *ret)
{
    *ret = cel_record_value(RECORD_HASH, &((const struct content *)host)->hashes[i]);
}

static void exemption_at(const void *host, uint32_t i, struct cel_value *ret)
{
    (void)give_word(exemption_words[((const struct facts_view *)host)->exemption_at[i]], ret);
}

static void jurisdiction_at(const void *host, uint32_t i, struct cel_value *ret)
{
    (void)give_word(((const struct report *)host)->jurisdictions[i], ret);
}

static void hit_at(const void *host, uint32_t i, struct cel_value *ret)
{
    const struct facts_view *view = host;

    *ret = cel_record_value(RECORD_HIT, &view->facts->hits->list[view->hit_at[i]]);
}

/* Hits that exists(), exists_one() and filter() chose; the first ones, each once. */
static void hit_used(void *context, const struct cel_list *list, uint32_t at)
{
    struct facts_view *view = context;

    if (list != &view->hits || view->used_count == VERDICT_MAX_RULE_HITS) {
        return;
    }
    for (size_t i = 0; i < view->used_count; i++) {
        if (view->used[i] == view->hit_at[at]) {
            return;
        }
    }
    view->used[view->used_count++] = view->hit_at[at];
}

void facts_view_set(struct facts_view *view, const struct rule_facts *facts)
{
    const struct report *report = facts->report;
    const struct content *content = &report->content;
    uint32_t exemptions = 0, hits = 0;

    view->facts = facts;
    view->activation = (struct cel_activation){.get = variable_get, .context = view,
                                                 .picked = hit_used, .picked_context = view};
    view->used_count = 0;
    for (size_t i = 0; i < EXEMPTION_COUNT; i++) {
        if (report->exemptions_claimed[i]) {
            view->exemption_at[exemptions++] = (uint8_t)i;
        }
    }
    for (size_t i = 0; i < facts->hits->count; i++) {
        if (facts->hits->list[i].mode == LIST_LIVE) {
            view->hit_at[hits++] = (uint16_t)i;
        }
    }
    view->urls = (struct cel_list){(uint32_t)content->url_count, NULL, url_at, content};
    view->hashes = (struct cel_list){(uint32_t)content->hash_count, NULL, hash_at, content};
    view->exemptions = (struct cel_list){exemptions, NULL, exemption_at, view};
    view->jurisdictions =
        (struct cel_list){(uint32_t)report->jurisdiction_count, NULL, jurisdiction_at, report};
    view->hits = (struct cel_list){hits, NULL, hit_at, view};
}

/* --- for people --- */

static json_t *members_of(size_t record);

/* "Hit" and "list(Hit)" both lead to the members of Hit. */
static json_t *describe(const char *name, const char *type, const char *about)
{
    json_t *json = json_pack("{s:s,s:s,s:s}", "name", name, "type", type, "about", about);
    struct span made_of = span_of(type);

    if (span_starts(made_of, "list(")) {
        made_of = span_sub(made_of, 5, made_of.len - 6);
    }
    for (size_t i = 0; json && i < RECORD_COUNT; i++) {
        if (span_is(made_of, records[i].cel.name) &&
            json_object_set_new_nocheck(json, "members", members_of(i)) != 0) {
            json_decref(json);
            return NULL;
        }
    }
    return json;
}

static json_t *members_of(size_t record)
{
    const struct cel_record *cel = &records[record].cel;
    json_t *members = json_array();

    for (size_t i = 0; members && i < cel->count; i++) {
        if (json_array_append_new(members, describe(cel->fields[i].name, cel->fields[i].type,
                                                    records[record].about[i])) != 0) {
            json_decref(members);
            return NULL;
        }
    }
    return members;
}

json_t *facts_describe(void)
{
    json_t *facts = json_array();

    for (size_t i = 0; facts && i < VARIABLE_COUNT; i++) {
        if (json_array_append_new(
                facts, describe(variables[i].name, variables[i].type, variables[i].about)) != 0) {
            json_decref(facts);
            return NULL;
        }
    }
    return facts;
}
