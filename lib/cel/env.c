/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/env.h"

#include "lib/cel/lex.h"

#include <errno.h>
#include <stdlib.h>

enum { ENV_ARENA_MAX = 4 << 20 };

static uint32_t name_hash(struct span name)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < name.len; i++) {
        h = (h ^ (unsigned char)name.ptr[i]) * 16777619u;
    }
    return h & (CEL_ENTRY_SLOTS - 1);
}

unsigned cel_env_switches(const struct cel_env *env)
{
    return env->switches;
}

const struct cel_entry *cel_env_entry(const struct cel_env *env, struct span name)
{
    for (const struct cel_entry *e = env->entries[name_hash(name)]; e; e = e->next) {
        if (span_is(name, e->name)) {
            return e;
        }
    }
    return NULL;
}

struct cel_value (*cel_call_for(const struct cel_entry *entry, uint32_t count, bool receiver))(
    struct cel_run *run, const struct cel_node *node, const struct cel_value *args)
{
    for (const struct cel_overload *o = entry->overloads; o; o = o->next) {
        if (o->count == count && o->receiver == receiver) {
            return o->call;
        }
    }
    return NULL;
}

/* The entry of that name, made when it is new; NULL: no memory. */
static struct cel_entry *entry_for(struct cel_env *env, const char *name)
{
    uint32_t slot = name_hash(span_of(name));
    struct cel_entry *entry;

    for (entry = env->entries[slot]; entry; entry = entry->next) {
        if (strcmp(entry->name, name) == 0) {
            return entry;
        }
    }
    entry = arena_alloc(env->arena, sizeof(*entry));
    if (entry) {
        entry->name = name;
        entry->last = &entry->overloads;
        entry->next = env->entries[slot];
        env->entries[slot] = entry;
    }
    return entry;
}

static int add_overload(struct cel_env *env, const struct cel_function *f, struct cel_entry **ret,
                        struct cel_overload **ret_overload, struct fault *why)
{
    struct cel_overload *overload = arena_alloc(env->arena, sizeof(*overload));
    struct cel_entry *entry = entry_for(env, f->name);
    int r;

    if (!overload || !entry) {
        return -ENOMEM;
    }
    overload->count = (uint32_t)f->count;
    overload->receiver = f->receiver;
    overload->host = *f;
    r = cel_type_parse(env, f->result, &overload->result, why);
    for (size_t i = 0; r == 0 && i < f->count; i++) {
        r = cel_type_parse(env, f->params[i], &overload->params[i], why);
    }
    if (r) {
        return r;
    }
    *entry->last = overload;
    entry->last = &overload->next;
    *ret = entry;
    *ret_overload = overload;
    return 0;
}

static int add_builtins(struct cel_env *env)
{
    for (size_t i = 0; i < cel_builtin_count; i++) {
        const struct cel_builtin *b = &cel_builtins[i];
        struct cel_function f = {.name = b->name, .result = b->result, .receiver = b->receiver};
        struct cel_overload *overload;
        struct cel_entry *entry;
        int r;

        if (b->optionals && !(env->switches & CEL_OPTIONALS)) {
            continue;
        }
        while (f.count < COUNT_OF(b->params) && b->params[f.count]) {
            f.params[f.count] = b->params[f.count];
            f.count++;
        }
        r = add_overload(env, &f, &entry, &overload, NULL);
        if (r) {
            return r;
        }
        overload->call = b->call;
    }
    return 0;
}

struct cel_env *cel_env_free(struct cel_env *env)
{
    if (env) {
        (void)arena_free(env->arena);
        free(env);
    }
    return NULL;
}

struct cel_env *cel_env_new(unsigned switches)
{
    CLEANUP(cel_env_freep) struct cel_env *env = calloc(1, sizeof(*env));

    if (!env) {
        return NULL;
    }
    env->switches = switches;
    env->arena = arena_new(ENV_ARENA_MAX);
    if (!env->arena || add_builtins(env) != 0) {
        return NULL;
    }
    return TAKE(env);
}

/* Each part between dots is a name and no reserved word. */
static bool is_name(const char *name)
{
    struct span rest = span_of(name);

    if (rest.len == 0 || rest.len > 128) {
        return false;
    }
    while (rest.ptr) {
        struct span part = span_cut(&rest, '.');
        struct cel_token token = cel_lex(part, 0);

        if (token.kind != CEL_TOKEN_NAME || !span_equal(token.text, part) || cel_reserved(part) ||
            span_is(part, "true") || span_is(part, "false") || span_is(part, "null")) {
            return false;
        }
    }
    return true;
}

static int check_name(const char *name, struct fault *why)
{
    char quoted[FAULT_QUOTE_MAX];

    if (is_name(name)) {
        return 0;
    }
    return fault_set(why, "CEL_ENV_NAME", "", "'%s' cannot be a name",
                     fault_quote(quoted, span_of(name)));
}

static int taken(const char *name, struct fault *why)
{
    char quoted[FAULT_QUOTE_MAX];

    return fault_set(why, "CEL_ENV_NAME", "", "'%s' is declared twice",
                     fault_quote(quoted, span_of(name)));
}

static int full(const char *what, struct fault *why)
{
    return fault_set(why, "CEL_ENV_FULL", "", "there are too many %s", what);
}

int cel_env_variable(const struct cel_env *env, struct span name)
{
    for (size_t i = 0; i < env->variable_count; i++) {
        if (span_is(name, env->variables[i].name)) {
            return (int)i;
        }
    }
    return -1;
}

int cel_env_add_variable(struct cel_env *env, const char *name, const char *type, unsigned *ret_slot,
                         struct fault *why)
{
    struct cel_variable v = {.name = name};
    int r = check_name(name, why);

    if (r == 0 && cel_env_variable(env, span_of(name)) >= 0) {
        r = taken(name, why);
    }
    if (r == 0 && env->variable_count == CEL_ENV_VARIABLES_MAX) {
        r = full("variables", why);
    }
    r = r ? r : cel_type_parse(env, type, &v.type, why);
    if (r) {
        return r;
    }
    v.name = arena_copy(env->arena, span_of(name)).ptr;
    if (!v.name) {
        return -ENOMEM;
    }
    if (ret_slot) {
        *ret_slot = (unsigned)env->variable_count;
    }
    env->variables[env->variable_count++] = v;
    return 0;
}

int cel_record_field(const struct cel_record *record, struct span name)
{
    for (size_t i = 0; i < record->count; i++) {
        if (span_is(name, record->fields[i].name)) {
            return (int)i;
        }
    }
    return -1;
}

static bool type_name_taken(const struct cel_env *env, const char *name)
{
    if (cel_env_type_value(env, span_of(name))) {
        return true;
    }
    for (size_t i = 0; i < env->opaque_count; i++) {
        if (strcmp(env->opaques[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

int cel_env_add_record(struct cel_env *env, const struct cel_record *record, uint16_t *ret_index,
                       struct fault *why)
{
    struct cel_record_info info = {.spec = record};
    int r = check_name(record->name, why);

    if (r == 0 && type_name_taken(env, record->name)) {
        r = taken(record->name, why);
    }
    if (r == 0 && (env->record_count == CEL_ENV_RECORDS_MAX || record->count > CEL_RECORD_FIELDS_MAX)) {
        r = full("records or fields", why);
    }
    if (r) {
        return r;
    }
    info.type = cel_type_new(env->arena, (struct cel_type){.kind = CEL_RECORD, .name = record->name,
                                                           .index = (uint32_t)env->record_count});
    info.fields = arena_array(env->arena, record->count + 1, sizeof(*info.fields));
    if (!info.type || !info.fields) {
        return -ENOMEM;
    }
    /* Before its fields, so that they may name the record itself. */
    env->records[env->record_count++] = info;
    for (size_t i = 0; r == 0 && i < record->count; i++) {
        r = check_name(record->fields[i].name, why);
        r = r ? r : cel_type_parse(env, record->fields[i].type, &info.fields[i], why);
    }
    if (r) {
        env->record_count--;
        return r;
    }
    if (ret_index) {
        *ret_index = (uint16_t)(env->record_count - 1);
    }
    return 0;
}

int cel_env_add_opaque(struct cel_env *env, const char *name, unsigned params, struct fault *why)
{
    int r = check_name(name, why);

    if (r == 0 && type_name_taken(env, name)) {
        r = taken(name, why);
    }
    if (r == 0 && (env->opaque_count == CEL_ENV_OPAQUES_MAX || params > CEL_TYPE_PARAMS_MAX)) {
        r = full("opaque types or their parameters", why);
    }
    if (r == 0) {
        const char *copy = arena_copy(env->arena, span_of(name)).ptr;

        if (!copy) {
            return -ENOMEM;
        }
        env->opaques[env->opaque_count++] = (struct cel_opaque){copy, params};
    }
    return r;
}

int cel_env_add_function(struct cel_env *env, const struct cel_function *function, struct fault *why)
{
    const struct cel_entry *known = cel_env_entry(env, span_of(function->name));
    struct cel_overload *overload = NULL;
    struct cel_entry *entry = NULL;
    int r = check_name(function->name, why);

    /* A built-in call serves its own overloads only. */
    if (r == 0 && known && !known->host) {
        r = taken(function->name, why);
    }
    if (r == 0 && (env->function_count == CEL_ENV_FUNCTIONS_MAX ||
                   function->count > CEL_FUNCTION_PARAMS_MAX)) {
        r = full("functions or parameters", why);
    }
    r = r ? r : add_overload(env, function, &entry, &overload, why);
    if (r == 0) {
        entry->host = true;
        env->function_count++;
    }
    return r;
}

void cel_env_set_zones(struct cel_env *env,
                       bool (*zones)(const void *context, struct span name, int64_t unix_seconds,
                                     int32_t *ret_offset),
                       const void *context)
{
    env->zones = zones;
    env->zones_context = context;
}
