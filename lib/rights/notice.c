/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/notice.h"

#include "lib/base/attr.h"
#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "lib/rights/justification.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What a part must hold to count as there. */
struct part {
    char letter;
    const char *members[4];
};

static const struct part parts[] = {
    {'a', {"restriction", "territory", "until"}},
    {'b', {"facts", "source"}},
    {'c', {"automated_detection", "automated_decision"}},
    {'d', {"law", "explanation"}},
    {'e', {"clause", "explanation"}},
    {'f', {"redress"}},
};

static bool is_empty(const json_t *value)
{
    return !value || json_is_null(value) ||
           (json_is_string(value) && span_trim(json_span(value)).len == 0) ||
           (json_is_array(value) && json_array_size(value) == 0);
}

static bool part_is_whole(const json_t *notice, const struct part *part)
{
    char name[2] = {part->letter, '\0'};
    const json_t *value = json_object_get(notice, name);

    for (size_t i = 0; i < COUNT_OF(part->members) && part->members[i]; i++) {
        if (is_empty(json_object_get(value, part->members[i]))) {
            return false;
        }
    }
    return true;
}

void notice_missing_parts(const json_t *notice, char into[8])
{
    bool law = json_object_get(notice, "d") != NULL;
    size_t len = 0;

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if ((parts[i].letter == 'd' && !law) || (parts[i].letter == 'e' && law)) {
            continue;
        }
        if (!part_is_whole(notice, &parts[i])) {
            into[len++] = parts[i].letter;
        }
    }
    into[len] = '\0';
}

static json_t *at(const struct notice_input *input, const char *object, const char *name)
{
    const json_t *from = object ? json_object_get(input->record, object) : input->record;

    return json_object_get(from, name);
}

static int put(json_t *into, const char *name, json_t *value)
{
    return value ? json_object_set(into, name, value) : 0;
}

static int put_span(json_t *into, const char *name, struct span value)
{
    return value.len ? json_object_set_new(into, name, json_stringn(value.ptr, value.len)) : 0;
}

static int add_restriction(json_t *notice, const struct notice_input *input)
{
    json_t *part = json_object();

    return json_object_set_new(notice, "a", part) |
           put(part, "restriction", at(input, NULL, "outcome")) |
           put(part, "territory", at(input, "scope", "territory")) |
           put(part, "until", at(input, "scope", "until"));
}

/* Who notified is never said: DSA 17(3)(b) asks for it only where strictly necessary. */
static int add_facts(json_t *notice, const struct notice_input *input)
{
    json_t *part = json_object();
    struct span kind = json_span(at(input, "origin", "kind"));
    const char *source = "notice";

    if (span_is(kind, "own_initiative") || span_is(kind, "shared_signal")) {
        source = "own_initiative";
    } else if (span_is(kind, "gov_order") || span_is(kind, "tco_removal_order") ||
               span_is(kind, "court_order")) {
        source = "order";
    }
    return json_object_set_new(notice, "b", part) | put(part, "facts", at(input, NULL, "facts")) |
           (kind.len ? json_object_set_new(part, "source", json_string(source)) : 0);
}

static int add_automation(json_t *notice, const struct notice_input *input)
{
    json_t *part = json_object();

    return json_object_set_new(notice, "c", part) |
           put(part, "automated_detection", at(input, NULL, "automated_detection")) |
           put(part, "automated_decision", at(input, NULL, "automated_decision"));
}

static int add_ground(json_t *notice, const struct notice_input *input)
{
    bool terms = span_is(json_span(at(input, "ground", "kind")), "terms");
    json_t *part = json_object();
    json_t *ref = at(input, "ground", "ref");
    const struct policy_clause *clause = policy_find(input->policy, json_span(ref));
    int bad = json_object_set_new(notice, terms ? "e" : "d", part) |
              put(part, terms ? "clause" : "law", ref) |
              put(part, "explanation", at(input, "ground", "explanation"));

    if (clause) {
        bad |= put_span(part, "title", clause->title) |
               put_span(part, "url", clause->url.len ? clause->url : policy_url(input->policy));
    }
    return bad;
}

static int add_redress(json_t *notice, const struct notice_input *input)
{
    json_t *part = json_object();
    json_t *redress = at(input, "notice", "redress");
    int bad = json_object_set_new(notice, "f", part) |
              put(part, "appeal_until", at(input, NULL, "appeal_until"));

    if (json_is_string(redress)) {
        return bad | json_object_set_new(part, "redress", json_pack("[O]", redress));
    }
    return bad | put(part, "redress", redress);
}

/* The block that the user may see; what is forbidden is only dated. */
static int add_state_actor(json_t *notice, const struct notice_input *input)
{
    static const char *const shown[] = {"country", "authority", "power", "court", "provision"};
    json_t *until =
        json_object_get(json_object_get(input->state_actor, "disclosure"), "prohibited_until");
    json_t *block;
    int64_t ms;
    int bad;

    if (!json_is_object(input->state_actor)) {
        return 0;
    }
    if (clock_read(json_span(until), &ms) && ms > input->now_ms) {
        return put(notice, "state_actor_withheld_until", until);
    }
    block = json_object();
    bad = json_object_set_new(notice, "state_actor", block);
    for (size_t i = 0; i < COUNT_OF(shown); i++) {
        bad |= put(block, shown[i], json_object_get(input->state_actor, shown[i]));
    }
    return bad;
}

static int add_common(json_t *notice, const struct notice_input *input, const char *kind)
{
    return json_object_set_new(notice, "notice", json_string(kind)) |
           put(notice, "decision", at(input, NULL, "decision_id")) |
           put(notice, "language", at(input, "notice", "lang")) |
           (input->item ? json_object_set_new(notice, "item", json_string(input->item)) : 0) |
           add_state_actor(notice, input);
}

int notice_user(json_t **ret, const struct notice_input *input, struct faults *faults)
{
    CLEANUP(json_freep) json_t *notice = json_object();
    char missing[8];

    if (!notice || add_common(notice, input, "user") ||
        put(notice, "detected_by", at(input, NULL, "detection")) ||
        add_restriction(notice, input) || add_facts(notice, input) ||
        add_automation(notice, input) || add_ground(notice, input) || add_redress(notice, input)) {
        return -ENOMEM;
    }
    notice_missing_parts(notice, missing);
    for (const char *letter = missing; *letter; letter++) {
        char code[FAULT_CODE_MAX];

        (void)snprintf(code, sizeof(code), "SOR_PART_MISSING:%c", *letter);
        (void)faults_add(faults, code, "", "part (%c) of the notice is not complete (DSA 17(3))",
                         *letter);
    }
    if (missing[0]) {
        return FAULT;
    }
    *ret = TAKE(notice);
    return 0;
}

int notice_reversal(json_t **ret, const struct notice_input *input)
{
    CLEANUP(json_freep) json_t *notice = json_object();

    if (!notice || add_common(notice, input, "reversal") || put(notice, "outcome", at(input, NULL, "outcome")) ||
        put(notice, "remedy", at(input, NULL, "remedy")) || put(notice, "why", at(input, NULL, "why")) ||
        put(notice, "appeal_until", at(input, NULL, "appeal_until"))) {
        return -ENOMEM;
    }
    *ret = TAKE(notice);
    return 0;
}

int notice_reporter(json_t **ret, const struct notice_input *input, struct faults *faults)
{
    CLEANUP(json_freep) json_t *notice = json_object();
    json_t *ground;

    if (!notice || add_common(notice, input, "reporter") ||
        put(notice, "outcome", at(input, NULL, "outcome")) ||
        put(notice, "automated_decision", at(input, NULL, "automated_decision")) ||
        put(notice, "appeal_until", at(input, NULL, "appeal_until"))) {
        return -ENOMEM;
    }
    ground = at(input, "ground", "ref");
    if (put(notice, "ground", ground) ||
        json_object_set_new(
            notice, "redress",
            json_pack("[s, s, s]", "internal_complaint", "out_of_court", "court"))) {
        return -ENOMEM;
    }
    if (is_empty(json_object_get(notice, "outcome"))) {
        return faults_add(faults, "FIELD_MISSING", "/outcome",
                          "a notice says what was decided (DSA 16(5))");
    }
    *ret = TAKE(notice);
    return 0;
}
