/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/clock.h"
#include "service/api/entries.h"
#include "service/cli/audit.h"

/* The members that a verdict entry has of a verdict, as service/api/entries.c writes them. */
static json_t *members_of(const struct verdict *verdict, const struct hits *hits)
{
    json_t *rules = json_array(), *list = json_array(), *all;
    size_t shown = hits->count < ENTRIES_HITS_MAX ? hits->count : ENTRIES_HITS_MAX;
    size_t dropped = hits->dropped + hits->count - shown;
    char due[CLOCK_TEXT_LEN + 1];

    clock_text(verdict->due_ms, due);
    for (size_t i = 0; i < verdict->rule_count; i++) {
        const struct verdict_rule *rule = &verdict->rules[i];

        (void)json_array_append_new(rules, json_pack("{s:s%, s:s%, s:b}", "id", rule->id.ptr, rule->id.len, "policy",
                                                     rule->policy.ptr, rule->policy.len, "shadow", rule->shadow));
    }
    for (size_t i = 0; i < shown; i++) {
        (void)json_array_append_new(list, hit_json(&hits->list[i]));
    }
    all = json_pack("{s:s%, s:i, s:s, s:b, s:o, s:o}", "queue", verdict->queue.ptr, verdict->queue.len, "severity",
                    verdict->severity, "due", due, "needs_second", verdict->needs_second, "rules", rules, "hits", list);
    if (verdict->undecided) {
        (void)json_object_set_new(all, "undecided", json_true());
    }
    if (dropped) {
        (void)json_object_set_new(all, "hits_dropped", json_integer((json_int_t)dropped));
    }
    return all;
}

json_t *audit_verdict_differences(const struct entry_view *logged, const struct verdict *verdict,
                                  const struct hits *hits)
{
    static const char *const names[] = {"queue", "severity", "due",  "needs_second",
                                        "undecided", "rules", "hits", "hits_dropped"};
    json_t *members = members_of(verdict, hits), *all = members ? json_array() : NULL;

    for (size_t i = 0; all && i < COUNT_OF(names); i++) {
        struct span text = entry_value(logged, names[i]);
        json_t *before = text.len ? json_loadb(text.ptr, text.len, JSON_DECODE_ANY, NULL) : json_null();
        json_t *now = json_object_get(members, names[i]);

        now = now ? now : json_null();
        if (!json_equal(before, now)) {
            (void)json_array_append_new(all, json_pack("{s:s, s:O, s:O}", "member", names[i], "logged", before,
                                                       "computed", now));
        }
        json_decref(before);
    }
    json_decref(members);
    return all;
}
