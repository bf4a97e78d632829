/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/justification_field.h"

#include "lib/json/read.h"

#include <errno.h>
#include <string.h>

/* What the JSON Schema says of `when`: an outcome, or a ground, that asks for more. */

static json_t *enum_json(const char *const words[], size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(array, json_string(words[i]));
    }
    return json_pack("{s:o}", "enum", array);
}

static json_t *exemptions_schema(void)
{
    json_t *properties = json_pack("{s:{s:b}}", "none_present", "const", 1);

    for (size_t i = 0; i < EXEMPTION_COUNT; i++) {
        (void)json_object_set_new(properties, exemption_words[i],
                                  enum_json(exemption_state_words, EXEMPTION_STATE_COUNT));
    }
    return json_pack("{s:s, s:i, s:b, s:o}", "type", "object", "minProperties", 1,
                     "additionalProperties", 0, "properties", properties);
}

static json_t *object_schema(void)
{
    return json_pack("{s:s, s:b, s:{}, s:[]}", "type", "object", "additionalProperties", 0,
                     "properties", "required");
}

static json_t *type_schema(const struct justification_field *field)
{
    json_t *word;

    switch (field->type) {
    case JUST_OBJECT:
        return object_schema();
    case JUST_LIST:
        return json_pack("{s:s, s:i, s:o}", "type", "array", "maxItems", field->max, "items",
                         object_schema());
    case JUST_TEXT:
        return json_pack("{s:s, s:i, s:i}", "type", "string", "minLength", field->min, "maxLength",
                         field->max);
    case JUST_WORD:
        return enum_json(field->words, field->word_count);
    case JUST_WORDS:
        word = enum_json(field->words, field->word_count);
        return json_pack("{s:[o, {s:s, s:i, s:i, s:b, s:O}]}", "anyOf", word, "type", "array",
                         "minItems", field->min, "maxItems", field->max, "uniqueItems", 1, "items",
                         word);
    case JUST_STRINGS:
        return json_pack("{s:s, s:i, s:{s:s, s:i, s:i}}", "type", "array", "maxItems", field->max,
                         "items", "type", "string", "minLength", 1, "maxLength", 128);
    case JUST_INT:
        return json_pack("{s:s, s:i, s:i}", "type", "integer", "minimum", field->min, "maximum",
                         field->max);
    case JUST_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case JUST_DATE:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", "^\\d{4}-\\d\\d-\\d\\d(T.*)?$");
    case JUST_UNTIL:
        return json_pack("{s:s, s:s}", "type", "string", "pattern",
                         "^(indefinite|\\d{4}-\\d\\d-\\d\\d(T.*)?)$");
    case JUST_EXEMPTIONS:
        return exemptions_schema();
    case JUST_TERRITORY:
        return json_pack("{s:[{s:s}, {s:s, s:i, s:i, s:{s:s, s:s}}]}", "anyOf", "const", "global",
                         "type", "array", "minItems", 1, "maxItems", 249, "items", "type", "string",
                         "pattern", "^[A-Z]{2}$");
    }
    return NULL;
}

/* The object schema that holds a pointer's last name; made on the way when `grow`. */
static json_t *holder(json_t *root, const char *pointer, const char **ret_name)
{
    struct span rest = span_of(pointer + 1);
    json_t *at = root;

    for (;;) {
        struct span name = span_cut(&rest, '/');
        json_t *properties;

        if (!rest.ptr) {
            *ret_name = name.ptr;
            return at;
        }
        if (span_is(name, "*")) {
            at = json_object_get(at, "items");
            continue;
        }
        properties = json_object_get(at, "properties");
        if (!properties) {
            properties = json_object();
            (void)json_object_set_new(at, "properties", properties);
        }
        at = json_object_getn(properties, name.ptr, name.len);
        if (!at) {
            at = json_pack("{s:[]}", "required");
            (void)json_object_setn_new(properties, name.ptr, name.len, at);
        }
    }
}

static void add_row(json_t *root, const struct justification_field *field)
{
    const char *name;
    json_t *at = holder(root, field->pointer, &name);
    json_t *schema = type_schema(field);

    (void)json_object_set_new(schema, "title", json_string(field->label));
    (void)json_object_set_new(schema, "description",
                              json_sprintf("%s [%s]", field->question, field->source));
    (void)json_object_set_new(json_object_get(at, "properties"), name, schema);
    if (field->when == JUST_ALWAYS || field->when == JUST_WITH_PARENT) {
        (void)json_array_append_new(json_object_get(at, "required"), json_string(name));
    }
}

/* The outcomes for which `when` holds, as a condition on /outcome; on /ground/kind for IF_GROUND.
 */
static json_t *condition(enum just_when when)
{
    json_t *outcomes = json_array();
    struct justification_field probe = {.when = when};
    json_t *harms;

    if (when == JUST_IF_GROUND) {
        json_decref(outcomes);
        return json_pack("{s:{s:{s:{s:{s:{s:s}}}}}, s:[s]}", "properties", "ground", "properties",
                         "kind", "not", "const", "none", "required", "ground");
    }
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        struct justification_facts facts = {TIER_FULL, (enum outcome)i, HARM_INCITEMENT,
                                            GROUND_LAW, false};

        if (justification_field_required(&probe, &facts)) {
            (void)json_array_append_new(outcomes, json_string(outcome_words[i]));
        }
    }
    if (when != JUST_IF_RABAT) {
        return json_pack("{s:{s:{s:o}, s:{s:{s:s}}}, s:[s]}", "properties", "outcome", "enum",
                         outcomes, "tier", "not", "const", "deferred", "required", "outcome");
    }
    harms = json_array();
    for (int i = 0; i < HARM_COUNT; i++) {
        if (harm_needs_rabat((enum harm)i)) {
            (void)json_array_append_new(harms, json_string(harm_words[i]));
        }
    }
    return json_pack("{s:{s:{s:o}, s:{s:o}, s:{s:{s:{s:[s, s]}}}, s:{s:{s:s}}}, s:[s, s, s]}",
                     "properties", "outcome", "enum", outcomes, "harm", "enum", harms, "ground",
                     "properties", "kind", "enum", "law", "terms", "tier", "not", "const",
                     "deferred", "required", "outcome", "harm", "ground");
}

static json_t *conditional(enum just_when when)
{
    json_t *then = json_pack("{s:[]}", "required");

    for (size_t i = 0; i < justification_field_count; i++) {
        const char *name;

        if (justification_fields[i].when == when) {
            json_t *at = holder(then, justification_fields[i].pointer, &name);

            (void)json_array_append_new(json_object_get(at, "required"), json_string(name));
        }
    }
    return json_pack("{s:s, s:o, s:o}", "$comment", just_when_words[when], "if", condition(when),
                     "then", then);
}

/* Memory running out anywhere leaves a hole that the last look finds: every row must be there. */
int justification_schema(json_t **ret)
{
    CLEANUP(json_freep) json_t *root = object_schema();
    json_t *all = json_array();

    if (!root || !all || json_object_set_new(root, "allOf", all)) {
        return -ENOMEM;
    }
    (void)json_object_set_new(root, "$schema",
                              json_string("https://json-schema.org/draft/2020-12/schema"));
    (void)json_object_set_new(root, "title",
                              json_string("Justification just/1, as a client sends it"));
    for (size_t i = 0; i < justification_field_count; i++) {
        const char *name = "";
        const json_t *at;

        add_row(root, &justification_fields[i]);
        at = holder(root, justification_fields[i].pointer, &name);
        if (!json_object_get(json_object_get(at, "properties"), name)) {
            return -ENOMEM;
        }
    }
    for (enum just_when when = JUST_IF_GROUND; when < JUST_WHEN_COUNT; when++) {
        if (json_array_append_new(all, conditional(when))) {
            return -ENOMEM;
        }
    }
    *ret = TAKE(root);
    return 0;
}
