/* SPDX-License-Identifier: Apache-2.0 */
/* Types written as text: list(string), map<string, report>, optional_type(A). */
#include "lib/cel/env.h"

#include <errno.h>

enum { TYPE_DEPTH_MAX = 16 };

struct type_text {
    struct cel_env *env;
    const char *all;
    struct span rest;
    unsigned depth;
    struct fault *why;
};

static const struct {
    const char *name;
    const struct cel_type *type;
} plain[] = {
    {"dyn", &cel_type_dyn},             {"bool", &cel_type_bool},
    {"int", &cel_type_int},             {"uint", &cel_type_uint},
    {"double", &cel_type_double},       {"string", &cel_type_string},
    {"bytes", &cel_type_bytes},         {"null_type", &cel_type_null},
    {"timestamp", &cel_type_timestamp}, {"google.protobuf.Timestamp", &cel_type_timestamp},
    {"duration", &cel_type_duration},   {"google.protobuf.Duration", &cel_type_duration},
    {"list", &cel_type_list_dyn},       {"map", &cel_type_map_dyn},
    {"type", &cel_type_type},           {"optional_type", &cel_type_optional_dyn},
};

const struct cel_type *cel_type_new(struct arena *arena, struct cel_type type)
{
    struct cel_type *copy = arena_alloc(arena, sizeof(*copy));

    if (copy) {
        *copy = type;
    }
    return copy;
}

static int bad(const struct type_text *t, const char *what)
{
    char quoted[FAULT_QUOTE_MAX];

    return fault_set(t->why, "CEL_ENV_TYPE", "", "the type '%s' %s",
                     fault_quote(quoted, span_of(t->all)), what);
}

static struct span word(struct type_text *t)
{
    struct span rest = span_trim(t->rest);
    size_t len = 0;

    while (len < rest.len && !strchr("()<>, ", rest.ptr[len])) {
        len++;
    }
    t->rest = span_sub(rest, len, rest.len);
    return span_sub(rest, 0, len);
}

static bool mark(struct type_text *t, const char *either)
{
    struct span rest = span_trim(t->rest);

    if (rest.len == 0 || !strchr(either, rest.ptr[0])) {
        return false;
    }
    t->rest = span_sub(rest, 1, rest.len);
    return true;
}

/* What the word names without its parameters; *ret_wanted: how many it takes. */
static bool named(struct type_text *t, struct span name, struct cel_type *ret, uint32_t *ret_wanted)
{
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        if (span_is(name, plain[i].name)) {
            *ret = *plain[i].type;
            *ret_wanted = ret->kind == CEL_TYPE ? 1 : ret->param_count;
            return true;
        }
    }
    for (size_t i = 0; i < t->env->record_count; i++) {
        if (span_is(name, t->env->records[i].spec->name)) {
            *ret = *t->env->records[i].type;
            *ret_wanted = 0;
            return true;
        }
    }
    for (size_t i = 0; i < t->env->opaque_count; i++) {
        if (span_is(name, t->env->opaques[i].name)) {
            *ret = (struct cel_type){.kind = CEL_OPAQUE, .name = t->env->opaques[i].name};
            *ret_wanted = t->env->opaques[i].params;
            return true;
        }
    }
    if (name.len == 1 && name.ptr[0] >= 'A' && name.ptr[0] <= 'Z') {
        *ret = (struct cel_type){.kind = CEL_PARAM, .index = (uint32_t)(name.ptr[0] - 'A')};
        *ret_wanted = 0;
        return true;
    }
    return false;
}

static int parse_type(struct type_text *t, const struct cel_type **ret)
{
    struct cel_type type = {0};
    uint32_t wanted = 0, count = 0;
    int r;

    if (++t->depth > TYPE_DEPTH_MAX) {
        return bad(t, "is nested too deeply");
    }
    if (!named(t, word(t), &type, &wanted)) {
        return bad(t, "is not known");
    }
    if (mark(t, "(<")) {
        do {
            if (count >= wanted) {
                return bad(t, "has too many parameters");
            }
            r = parse_type(t, &type.params[count++]);
            if (r) {
                return r;
            }
        } while (mark(t, ","));
        if (!mark(t, ")>") || count != wanted) {
            return bad(t, count != wanted ? "has too few parameters" : "is not closed");
        }
        type.param_count = count;
    } else if (type.kind == CEL_OPAQUE && wanted > 0) {
        return bad(t, "has too few parameters");
    }
    t->depth--;
    *ret = cel_type_new(t->env->arena, type);
    return *ret ? 0 : -ENOMEM;
}

int cel_type_parse(struct cel_env *env, const char *text, const struct cel_type **ret,
                   struct fault *why)
{
    struct type_text t = {.env = env, .all = text, .rest = span_of(text), .why = why};
    int r = parse_type(&t, ret);

    if (r) {
        return r;
    }
    return span_trim(t.rest).len == 0 ? 0 : bad(&t, "has something behind it");
}

int cel_env_type(struct cel_env *env, const char *text, const struct cel_type **ret,
                 struct fault *why)
{
    return cel_type_parse(env, text, ret, why);
}

const struct cel_type *cel_env_type_value(const struct cel_env *env, struct span name)
{
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        bool short_time = plain[i].type->kind == CEL_TIMESTAMP || plain[i].type->kind == CEL_DURATION;

        /* As values the times go by their long names: the short ones are functions. */
        if (span_is(name, plain[i].name) && plain[i].type->kind != CEL_DYN &&
            (!short_time || memchr(name.ptr, '.', name.len)) &&
            (plain[i].type->kind != CEL_OPTIONAL || (env->switches & CEL_OPTIONALS))) {
            return plain[i].type;
        }
    }
    for (size_t i = 0; i < env->record_count; i++) {
        if (span_is(name, env->records[i].spec->name)) {
            return env->records[i].type;
        }
    }
    return NULL;
}
