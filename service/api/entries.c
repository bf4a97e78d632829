/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/entries.h"

#include "lib/json/field.h"
#include "service/runtime/log.h"

/* The finished template in the arena; frees the entry. */
static struct span finish_in(struct exchange *ex, struct arena *arena, struct entry *entry)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(ENTRY_MAX_BYTES);
    struct fault why = {.code = "NO_MEMORY"};
    struct span done = {NULL, 0};

    if (out && entry_write(entry, out, &why) == 0) {
        done = arena_copy(arena, buf_span(out));
    }
    if (!done.ptr) {
        log_error("an audit entry could not be written", LOG_STR("request", exchange_request(ex)->id),
                  LOG_FAULT(&why));
    }
    (void)entry_free(entry);
    return done;
}

static struct span finish(struct exchange *ex, struct entry *entry)
{
    return finish_in(ex, exchange_arena(ex), entry);
}

/* The words whose flag is set. */
static json_t *word_list(const bool flags[], const char *const words[], size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        if (flags[i]) {
            (void)json_array_append_new(list, json_string(words[i]));
        }
    }
    return list;
}

static void add_commits(struct entry *entry, const struct report *report, struct span body,
                        const uint8_t salt[COMMIT_KEY_LEN])
{
    char hex[COMMIT_HEX_LEN + 1];

    commit_make(salt, SPAN("body"), body, hex);
    entry_commit(entry, "body", hex);
    commit_make(salt, SPAN("content_id"), report->content.id, hex);
    entry_commit(entry, "content_id", hex);
    if (report->content.text.len) {
        commit_make(salt, SPAN("text"), report->content.text, hex);
        entry_commit(entry, "text", hex);
    }
}

/* Copies members that name bodies of public power, never their officials. */
static json_t *state_actor_of(const struct report *report)
{
    static const char *const kept[] = {"country", "authority", "power", "court", "disclosure"};
    json_t *actor = report->origin.state_actor ? json_object() : NULL;

    for (size_t i = 0; actor && i < COUNT_OF(kept); i++) {
        json_t *value = json_object_get(report->origin.state_actor, kept[i]);

        if (value) {
            (void)json_object_set(actor, kept[i], value);
        }
    }
    return actor;
}

static void add_origin(struct entry *entry, const struct report *report)
{
    json_t *origin = json_pack("{s:s, s:b}", "kind", origin_words[report->origin.kind], "good_faith",
                               report->origin.good_faith);
    json_t *actor = state_actor_of(report);

    if (actor) {
        (void)json_object_set(origin, "state_actor", actor);
    }
    entry_json(entry, "origin", origin);
    if (report->order) {
        json_t *order = json_pack("{s:s}", "kind", "act");
        json_t *country = json_object_get(report->origin.state_actor, "country");

        if (country) {
            (void)json_object_set(order, "country", country);
        }
        entry_json(entry, "order", order);
        json_decref(order);
    }
    json_decref(actor);
    json_decref(origin);
}

struct span entries_report(struct exchange *ex, struct arena *arena, const struct report *report,
                           struct span body, const char *report_id, const uint8_t salt[COMMIT_KEY_LEN],
                           int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_REPORT, now_ms);
    json_t *exemptions = word_list(report->exemptions_claimed, exemption_words, EXEMPTION_COUNT);

    entry_text(entry, "report", span_of(report_id));
    entry_hole(entry, "case", "case");
    entry_hole_json(entry, "joined", "joined");
    entry_text(entry, "partner", span_of(caller_of(ex)->name));
    entry_text(entry, "category", span_of(harm_words[report->category]));
    entry_text(entry, "content_type", span_of(content_type_words[report->content.type]));
    entry_text(entry, "language", span_of(report->content.language));
    entry_text(entry, "urgency", span_of(urgency_words[report->urgency]));
    if (json_array_size(exemptions)) {
        entry_json(entry, "exemptions_claimed", exemptions);
    }
    add_origin(entry, report);
    add_commits(entry, report, body, salt);
    json_decref(exemptions);
    return finish_in(ex, arena, entry);
}

struct span entries_verdict(struct exchange *ex, struct arena *arena, const char *report_id,
                            const struct verdict *verdict, const struct hits *hits,
                            const struct flag_history *history, int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_VERDICT, now_ms);
    json_t *rules = json_array(), *list = json_array();

    entry_text(entry, "report", span_of(report_id));
    entry_hole(entry, "case", "case");
    entry_text(entry, "snapshot", span_of(verdict->snapshot));
    entry_text(entry, "queue", verdict->queue);
    entry_int(entry, "severity", verdict->severity);
    entry_time(entry, "due", verdict->due_ms);
    entry_bool(entry, "needs_second", verdict->needs_second);
    if (verdict->undecided) {
        entry_bool(entry, "undecided", true);
    }
    for (size_t i = 0; i < verdict->rule_count; i++) {
        const struct verdict_rule *rule = &verdict->rules[i];

        (void)json_array_append_new(rules, json_pack("{s:s%, s:s%, s:b}", "id", rule->id.ptr, rule->id.len,
                                                     "policy", rule->policy.ptr, rule->policy.len, "shadow",
                                                     rule->shadow));
    }
    for (size_t i = 0; i < hits->count && i < ENTRIES_HITS_MAX; i++) {
        (void)json_array_append_new(list, hit_json(&hits->list[i]));
    }
    entry_json(entry, "rules", rules);
    entry_json(entry, "hits", list);
    if (history) {                      /* what rules could see of earlier reports, for a replay */
        entry_int(entry, "history_reports", history->reports);
        entry_int(entry, "history_reporters", history->reporters);
        if (history->since_ms) {
            entry_time(entry, "history_since", history->since_ms);
        }
    }
    if (hits->dropped || hits->count > ENTRIES_HITS_MAX) {
        entry_int(entry, "hits_dropped",
                  (int64_t)(hits->dropped + (hits->count > ENTRIES_HITS_MAX ? hits->count - ENTRIES_HITS_MAX : 0)));
    }
    json_decref(rules);
    json_decref(list);
    return finish_in(ex, arena, entry);
}

struct span entries_claim(struct exchange *ex, const char *action, int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_CLAIM, now_ms);

    entry_hole(entry, "case", "case");
    entry_hole_json(entry, "fence", "fence");
    entry_text(entry, "action", span_of(action));
    entry_text(entry, "reviewer", span_of(caller_of(ex)->pseudonym));
    return finish(ex, entry);
}

static void entry_text_if(struct entry *entry, const char *name, struct span value)
{
    if (value.len) {
        entry_text(entry, name, value);
    }
}

struct span entries_decision(struct exchange *ex, const struct entries_decision *d, int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_DECISION, now_ms);

    entry_text(entry, "decision", d->decision_id);
    entry_text(entry, "case", d->case_id);
    entry_text(entry, "partner", d->partner);
    entry_text(entry, "reviewer", span_of(caller_of(ex)->pseudonym));
    entry_text(entry, "outcome", span_of(outcome_words[d->result->outcome]));
    entry_text(entry, "harm", span_of(harm_words[d->result->harm]));
    entry_text(entry, "ground", span_of(ground_kind_words[d->result->ground]));
    entry_text(entry, "tier", span_of(tier_words[d->result->tier]));
    entry_text(entry, "origin", span_of(origin_words[d->origin]));
    entry_bool(entry, "restriction", d->result->restriction);
    entry_hole(entry, "state", "state");
    entry_text_if(entry, "supersedes", d->supersedes);
    entry_text_if(entry, "appeal", d->appeal);
    entry_text_if(entry, "appeal_result", d->appeal_result);
    entry_text_if(entry, "completes", d->completes);
    entry_bool(entry, "first_try", d->first_try);
    entry_int(entry, "reports", (int64_t)d->report_count);
    if (d->reported_ms) {
        entry_time(entry, "reported_at", d->reported_ms);
    }
    if (d->result->appeal_until_ms) {
        entry_time(entry, "appeal_until", d->result->appeal_until_ms);
    }
    entry_json(entry, "justification", d->record);
    return finish(ex, entry);
}

struct span entries_second(struct exchange *ex, struct span case_id, struct span decision_id, bool agree,
                           int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_SECOND, now_ms);

    entry_text(entry, "decision", decision_id);
    entry_text(entry, "case", case_id);
    entry_text(entry, "reviewer", span_of(caller_of(ex)->pseudonym));
    entry_bool(entry, "agree", agree);
    return finish(ex, entry);
}

struct span entries_notice(struct exchange *ex, struct span case_id, struct span decision_id,
                           struct span partner, int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_NOTICE, now_ms);

    entry_text(entry, "decision", decision_id);
    entry_text(entry, "case", case_id);
    entry_text(entry, "partner", partner);
    return finish(ex, entry);
}

struct span entries_effect(struct exchange *ex, struct span decision_id, int64_t effective_ms,
                           struct span measure, int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_EFFECT, now_ms);

    entry_text(entry, "decision", decision_id);
    entry_text(entry, "partner", span_of(caller_of(ex)->name));
    entry_time(entry, "effective_at", effective_ms);
    entry_text(entry, "measure", measure);
    return finish(ex, entry);
}

struct span entries_appeal(struct exchange *ex, struct span case_id, const char *appeal_id,
                           struct span decision_id, struct span partner, int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_APPEAL, now_ms);

    entry_text(entry, "appeal", span_of(appeal_id));
    entry_text(entry, "case", case_id);
    entry_text(entry, "decision", decision_id);
    entry_text(entry, "partner", partner);
    return finish(ex, entry);
}

struct span entries_order(struct exchange *ex, struct span case_id, const json_t *event, int64_t now_ms)
{
    static const char *const copied[] = {"ground", "due_at", "by", "emergency", "infringement"};
    struct entry *entry = entry_new(ENTRY_ORDER, now_ms);

    entry_text(entry, "case", case_id);
    entry_text(entry, "partner", span_of(caller_of(ex)->name));
    entry_text(entry, "event", json_span(json_object_get(event, "event")));
    for (size_t i = 0; i < COUNT_OF(copied); i++) {
        json_t *value = json_object_get(event, copied[i]);

        if (value) {
            entry_json(entry, copied[i], value);
        }
    }
    return finish(ex, entry);
}

struct span entries_escalation(struct exchange *ex, struct span case_id, struct span queue, int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_ESCALATION, now_ms);

    entry_text(entry, "case", case_id);
    entry_text(entry, "reviewer", span_of(caller_of(ex)->pseudonym));
    entry_text(entry, "to", queue);
    return finish(ex, entry);
}

struct span entries_key(struct exchange *ex, const char *key_id, const char *role, const char *action,
                        int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_KEY, now_ms);

    entry_text(entry, "key", span_of(key_id));
    entry_text(entry, "role", span_of(role));
    entry_text(entry, "action", span_of(action));
    entry_text(entry, "actor", span_of(caller_of(ex)->pseudonym));
    return finish(ex, entry);
}

struct span entries_export(struct exchange *ex, const char *format, int64_t from_ms, int64_t to_ms,
                           int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_EXPORT, now_ms);

    entry_text(entry, "actor", span_of(caller_of(ex)->pseudonym));
    entry_text(entry, "format", span_of(format));
    if (from_ms) {
        entry_time(entry, "from", from_ms);
    }
    if (to_ms) {
        entry_time(entry, "to", to_ms);
    }
    return finish(ex, entry);
}

struct span entries_look(struct exchange *ex, const char *format, struct span case_id, struct span purpose,
                         int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_EXPORT, now_ms);

    entry_text(entry, "actor", span_of(caller_of(ex)->pseudonym));
    entry_text(entry, "format", span_of(format));
    entry_text_if(entry, "case", case_id);
    entry_text_if(entry, "purpose", purpose);
    return finish(ex, entry);
}

struct span entries_hold(struct exchange *ex, const struct entries_hold *h, int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_HOLD, now_ms);

    entry_text(entry, "hold", h->hold_id);
    entry_text(entry, "case", h->case_id);
    entry_text(entry, "action", h->until_ms ? SPAN("place") : SPAN("release"));
    entry_text(entry, "actor", span_of(caller_of(ex)->pseudonym));
    entry_text_if(entry, "authority", h->authority);
    entry_text_if(entry, "reference", h->reference);
    if (h->until_ms) {
        entry_time(entry, "until", h->until_ms);
    }
    return finish(ex, entry);
}

struct span entries_erasure(struct exchange *ex, int64_t now_ms)
{
    struct entry *entry = entry_new(ENTRY_ERASURE, now_ms);

    entry_hole(entry, "subject", "subject");
    entry_text(entry, "ground", SPAN("request"));
    entry_text(entry, "action", SPAN("ask"));
    entry_text(entry, "actor", span_of(caller_of(ex)->pseudonym));
    return finish(ex, entry);
}
