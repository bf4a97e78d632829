/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/justification.h"

#include "lib/base/clock.h"
#include "lib/json/read.h"
#include "lib/rights/deadline.h"

#include <errno.h>

static int set_text(json_t *into, const char *name, const char *value)
{
    return value ? json_object_set_new(into, name, json_string(value)) : 0;
}

static int set_span(json_t *into, const char *name, struct span value)
{
    return json_object_set_new(into, name, json_stringn(value.ptr, value.len));
}

static int set_time(json_t *into, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_LEN + 1];

    clock_text(ms, text);
    return json_object_set_new(into, name, json_string(text));
}

static int set_date(json_t *into, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_LEN + 1];

    clock_text(ms, text);
    return json_object_set_new(into, name, json_stringn(text, 10));
}

static int set_copy(json_t *into, const char *name, const json_t *value)
{
    return value ? json_object_set_new(into, name, json_deep_copy(value)) : 0;
}

static int seal_envelope(json_t *into, const struct justification_envelope *e)
{
    int bad = 0;

    bad |= set_text(into, "decision_id", e->decision_id);
    bad |= set_text(into, "item_id", e->item_id);
    bad |= set_copy(into, "report_ids", e->report_ids);
    bad |= set_copy(into, "origin", e->origin);
    bad |= set_text(into, "detection", e->detection);
    bad |= set_copy(into, "rule_ids", e->rule_ids);
    bad |= set_copy(into, "list_ids", e->list_ids);
    bad |= set_copy(into, "list_versions", e->list_versions);
    bad |= json_object_set_new(into, "automated_detection", json_boolean(e->automated_detection));
    bad |= set_text(into, "content_lang", e->content_lang);
    bad |= set_copy(into, "content_types", e->content_types);
    bad |= set_text(into, "content_date", e->content_date);
    return bad;
}

/* What the reviewer gave stays; the rest is filled in. */
static int seal_evidence(json_t *into, const struct justification_check_result *result)
{
    json_t *evidence = json_object_get(into, "evidence");
    int bad = 0;

    if (!result->evidence_required) {
        return 0;
    }
    if (!json_is_object(evidence)) {
        evidence = json_object();
        if (json_object_set_new(into, "evidence", evidence)) {
            return -1;
        }
    }
    if (!json_object_get(evidence, "purpose")) {
        bad |= set_text(evidence, "purpose", "review");
    }
    if (!json_object_get(evidence, "held_until")) {
        bad |= set_date(evidence, "held_until", result->evidence_until_ms);
    }
    return bad;
}

int justification_seal(json_t **ret, const json_t *record,
                       const struct justification_check_result *result,
                       const struct justification_context *context,
                       const struct justification_envelope *envelope)
{
    CLEANUP(json_freep) json_t *sealed = json_deep_copy(record);
    int bad = 0;

    if (!sealed) {
        return -ENOMEM;
    }
    bad |= seal_envelope(sealed, envelope);
    bad |= set_text(sealed, "tier", tier_words[result->tier]);
    bad |= set_text(sealed, "automated_decision", automation_words[context->automated_decision]);
    bad |= set_text(sealed, "reviewer_pid", context->reviewer_pid);
    bad |= set_text(sealed, "second_pid", context->second_pid);
    bad |= set_time(sealed, "opened_at", context->opened_ms);
    bad |= set_time(sealed, "decided_at", context->decided_ms);
    bad |= set_span(sealed, "policy_version", policy_version(context->policy));
    bad |= set_span(sealed, "law_version", policy_version(context->policy));
    bad |= seal_evidence(sealed, result);
    if (result->appeal_until_ms && !json_object_get(sealed, "appeal_until")) {
        bad |= set_date(sealed, "appeal_until", result->appeal_until_ms);
    }
    if (result->full_due_ms) {
        bad |= set_time(sealed, "full_due_at", result->full_due_ms);
    }
    if (bad) {
        return -ENOMEM;
    }
    *ret = TAKE(sealed);
    return 0;
}
