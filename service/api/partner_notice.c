/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/partner_notice.h"

#include <stdlib.h>

/* Members of the record that only reviewers and auditors see. */
static const char *const kept_back[] = {"reviewer_pid", "second_pid", "second"};

struct span partner_notice(struct exchange *ex, const struct store_case *from, const char *decision_id,
                           const json_t *record, const struct policy *policy)
{
    json_t *notice = json_object(), *shown = json_copy((json_t *)(uintptr_t)record), *reports = json_array();
    const struct policy_clause *clause =
        policy_find(policy, json_string_value(json_object_get(json_object_get(record, "ground"), "ref"))
                                ? span_of(json_string_value(json_object_get(json_object_get(record, "ground"), "ref")))
                                : (struct span){"", 0});
    struct span done = {NULL, 0};
    char *text;

    for (size_t i = 0; i < COUNT_OF(kept_back); i++) {
        (void)json_object_del(shown, kept_back[i]);
    }
    for (size_t i = 0; i < from->reports_len; i++) {
        (void)json_array_append_new(reports, json_stringn(from->reports[i].id.ptr, from->reports[i].id.len));
    }
    (void)json_object_set_new(notice, "decision", json_string(decision_id));
    api_set_span(notice, "case", from->id);
    api_set_span(notice, "content_id", from->content_id);
    (void)json_object_set_new(notice, "reports", reports);
    (void)json_object_set(notice, "outcome", json_object_get(record, "outcome"));
    if (clause) {
        (void)json_object_set_new(notice, "clause", json_pack("{s:s%, s:s%}", "id", clause->id.ptr, clause->id.len,
                                                              "title", clause->title.ptr, clause->title.len));
    }
    (void)json_object_set_new(notice, "justification", shown);
    text = json_dumps(notice, JSON_COMPACT);
    json_decref(notice);
    if (text) {
        done = arena_copy(exchange_arena(ex), span_of(text));
    }
    free(text);
    return done;
}
