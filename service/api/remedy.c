/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/remedy.h"

#include "lib/json/field.h"

#include <errno.h>

static int outcome_in(const json_t *record)
{
    return word_index(outcome_words, OUTCOME_COUNT, json_span(json_object_get(record, "outcome")));
}

const char *appeal_result_of(const json_t *before, enum outcome now)
{
    int was = outcome_in(before);

    if (was == (int)now) {
        return "upheld";
    }
    return was >= 0 && outcome_is_restriction((enum outcome)was) && outcome_is_restriction(now) ? "partially_reversed"
                                                                                                : "reversed";
}

/* The rules and lists of the reversed decision, where the lesson is read later. */
static int add_lesson_causes(json_t *record, const json_t *before)
{
    static const char *const names[] = {"rule_ids", "list_ids"};
    json_t *lesson = json_object_get(record, "lesson");
    int bad = 0;

    for (size_t i = 0; json_is_object(lesson) && i < COUNT_OF(names); i++) {
        json_t *causes = json_object_get(before, names[i]);

        bad |= json_array_size(causes) ? json_object_set_new(lesson, names[i], json_deep_copy(causes)) : 0;
    }
    return bad;
}

int remedy_add(json_t *record, const char *before_id, const json_t *before)
{
    int was = outcome_in(before), now = outcome_in(record);
    json_t *shared = json_object_get(before, "shared_lists"), *remedy;
    bool restored;

    if (was < 0 || now < 0 || was == now || !outcome_is_restriction((enum outcome)was)) {
        return 0;
    }
    restored = !outcome_is_restriction((enum outcome)now);
    remedy = json_pack("{s:s, s:b, s:o, s:[s, s]}", "reverses", before_id, "restore", restored, "withdraw",
                       restored && shared ? json_deep_copy(shared) : json_array(), "notify", "user", "reporter");
    return json_object_set_new(record, "remedy", remedy) || add_lesson_causes(record, before) ? -ENOMEM : 0;
}
