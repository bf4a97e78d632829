/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/justification_field.h"

#include "lib/json/read.h"

#include <errno.h>
#include <string.h>

static const char *const type_words[] = {
    [JUST_OBJECT] = "object",       [JUST_LIST] = "list",
    [JUST_TEXT] = "text",           [JUST_WORD] = "word",
    [JUST_WORDS] = "words",         [JUST_STRINGS] = "strings",
    [JUST_INT] = "integer",         [JUST_BOOL] = "boolean",
    [JUST_DATE] = "date",           [JUST_EXEMPTIONS] = "exemptions",
    [JUST_TERRITORY] = "territory", [JUST_UNTIL] = "until"};

static json_t *words_json(const char *const words[], size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(array, json_string(words[i]))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* Whether the row, or for a row of a missing parent the parent, is asked for. */
static bool is_asked(const struct justification_field *field,
                     const struct justification_facts *facts)
{
    char parent[FAULT_PLACE_MAX];
    const char *slash = strrchr(field->pointer, '/');
    size_t len = (size_t)(slash - field->pointer);
    const struct justification_field *above;

    if (field->when != JUST_WITH_PARENT) {
        return justification_field_required(field, facts);
    }
    memcpy(parent, field->pointer, len);
    parent[len] = '\0';
    if (len > 2 && strcmp(parent + len - 2, "/*") == 0) {
        parent[len - 2] = '\0';
    }
    above = justification_field_find(parent);
    return above && is_asked(above, facts);
}

static json_t *field_json(const struct justification_field *field,
                          const struct justification_facts *facts)
{
    json_t *row = json_pack("{s:s, s:b, s:b, s:s, s:s, s:s, s:s}", "pointer", field->pointer,
                            "required", is_asked(field, facts), "judgement",
                            (field->flags & JUST_J) != 0, "type", type_words[field->type], "label",
                            field->label, "question", field->question, "source", field->source);
    int bad = !row;

    if (row && field->words) {
        bad |= json_object_set_new(row, "values", words_json(field->words, field->word_count));
    }
    if (row && field->type == JUST_EXEMPTIONS) {
        bad |= json_object_set_new(row, "keys", words_json(exemption_words, EXEMPTION_COUNT));
        bad |= json_object_set_new(row, "values",
                                   words_json(exemption_state_words, EXEMPTION_STATE_COUNT));
    }
    if (row && (field->max > 0)) {
        bad |= json_object_set_new(row, "min", json_integer(field->min));
        bad |= json_object_set_new(row, "max", json_integer(field->max));
    }
    if (bad) {
        json_decref(row);
        return NULL;
    }
    return row;
}

static json_t *clause_json(const struct policy_clause *clause)
{
    json_t *elements = json_array();
    int bad = 0;

    for (size_t i = 0; i < clause->element_count; i++) {
        bad |= json_array_append_new(
            elements, json_stringn(clause->elements[i].ptr, clause->elements[i].len));
    }
    if (bad) {
        json_decref(elements);
        return NULL;
    }
    return json_pack("{s:s%, s:s%, s:s%, s:s, s:o}", "id", clause->id.ptr, clause->id.len, "title",
                     clause->title.ptr, clause->title.len, "text", clause->text.ptr,
                     clause->text.len, "ground", clause->law ? "law" : "terms", "elements",
                     elements);
}

static int add_clauses(json_t *into, enum harm harm, enum outcome outcome,
                       const struct policy *policy)
{
    json_t *clauses = json_array();

    for (size_t i = 0; policy && i < policy_clause_count(policy); i++) {
        const struct policy_clause *clause = policy_clause_at(policy, i);

        if (clause->harms[harm] && clause->outcomes[outcome] &&
            json_array_append_new(clauses, clause_json(clause))) {
            json_decref(clauses);
            return -1;
        }
    }
    return json_object_set_new(into, "clauses", clauses);
}

int justification_needs(json_t **ret, enum harm harm, enum outcome outcome, enum ground_kind ground,
                        const struct justification_context *context)
{
    struct justification_facts facts = {justification_tier_of(outcome, false, context), outcome,
                                        harm, ground, false};
    bool state = context->state_actor || origin_is_state(context->origin);
    bool second = (outcome_is_removal(outcome) && state) || outcome == OUTCOME_ACCOUNT_SUSPEND ||
                  outcome == OUTCOME_ACCOUNT_TERMINATE ||
                  (outcome_is_restriction(outcome) && context->needs_second);
    CLEANUP(json_freep)
    json_t *needs = json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:i}", "schema", "just/1",
                              "harm", harm_words[harm], "outcome", outcome_words[outcome], "tier",
                              tier_words[facts.tier], "needs_second", second, "restriction",
                              outcome_is_restriction(outcome), "rabat",
                              justification_facts_rabat(&facts), "alternatives_min",
                              !outcome_is_restriction(outcome) ? 0
                              : outcome_is_removal(outcome)    ? 2
                                                               : 1);
    json_t *fields = json_array();

    if (!needs || json_object_set_new(needs, "fields", fields)) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < justification_field_count; i++) {
        if (json_array_append_new(fields, field_json(&justification_fields[i], &facts))) {
            return -ENOMEM;
        }
    }
    if (add_clauses(needs, harm, outcome, context->policy)) {
        return -ENOMEM;
    }
    *ret = TAKE(needs);
    return 0;
}

/* The usual aim of each of the ten uses; none where the harms differ too much. */
static const char *const usual_aims[HARM_COUNT] = {
    [HARM_INCITEMENT] = "rights_of_others",     [HARM_RADICALISATION] = "rights_of_others",
    [HARM_RECRUITMENT] = "rights_of_others",    [HARM_TRAINING] = "public_order",
    [HARM_PLANNING] = "rights_of_others",       [HARM_INFO_COLLECTION] = "rights_of_others",
    [HARM_COMMUNICATION] = "national_security", [HARM_PREPARATION] = "rights_of_others",
    [HARM_FINANCING] = "national_security",     [HARM_EXECUTION] = "rights_of_others",
};

int justification_suggest(json_t **ret, enum harm harm, enum outcome outcome, const struct policy *policy)
{
    CLEANUP(json_freep) json_t *all = json_pack("{s:s}", "/harm", harm_words[harm]);
    int bad = !all;

    for (size_t i = 0; all && policy && i < policy_clause_count(policy); i++) {
        const struct policy_clause *clause = policy_clause_at(policy, i);

        if (clause->harms[harm] && clause->outcomes[outcome]) {
            bad |= json_object_set_new(all, "/ground/ref", json_stringn(clause->id.ptr, clause->id.len));
            break;
        }
    }
    if (outcome_is_restriction(outcome) && usual_aims[harm]) {
        bad |= json_object_set_new(all, "/aim", json_pack("[s]", usual_aims[harm]));
    }
    if (bad) {
        return -ENOMEM;
    }
    *ret = TAKE(all);
    return 0;
}

/* A cell of a Markdown table: bars would end it. */
static void add_cell(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|') {
            (void)buf_add_char(out, '\\');
        }
        (void)buf_add_char(out, *text);
    }
}

static void add_values(struct buf *out, const struct justification_field *field)
{
    for (size_t i = 0; i < field->word_count && field->word_count <= 10; i++) {
        (void)buf_add_format(out, "%s`%s`", i ? " " : "", field->words[i]);
    }
    if (field->word_count > 10) {
        (void)buf_add_format(out, "%zu words, see taxonomy.h", field->word_count);
    } else if (field->word_count == 0) {
        (void)buf_add_text(out, type_words[field->type]);
    }
    if (field->type == JUST_TEXT || field->type == JUST_INT) {
        (void)buf_add_format(out, " %d-%d", field->min, field->max);
    }
}

int justification_markdown(struct buf *out)
{
    (void)buf_add_text(out, "| member | values | when | J | we ask | clause |\n");
    (void)buf_add_text(out, "| --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < justification_field_count; i++) {
        const struct justification_field *field = &justification_fields[i];

        (void)buf_add_format(out, "| `%s` | ", field->pointer + 1);
        add_values(out, field);
        (void)buf_add_format(out, " | %s | %s | ", just_when_words[field->when],
                             field->flags & JUST_J ? "J" : "");
        add_cell(out, field->question);
        (void)buf_add_text(out, " | ");
        add_cell(out, field->source);
        (void)buf_add_text(out, " |\n");
    }
    return buf_status(out);
}
