/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_ENV_H
#define RAPPORTEUR_LIB_CEL_ENV_H

/* The inside of an env: what the checker looks up and the evaluator calls. */

#include "lib/cel/cel.h"
#include "lib/cel/run.h"

struct cel_overload {
    const struct cel_type *params[CEL_FUNCTION_PARAMS_MAX], *result;
    uint32_t count;
    bool receiver;
    struct cel_function host;      /* .call NULL: built in, or only for the checker */
    struct cel_value (*call)(struct cel_run *run, const struct cel_node *node,
                             const struct cel_value *args);
    struct cel_overload *next;
};

/* A function name with all its overloads. A built-in call looks at the kinds of its arguments
 * itself, so it serves every overload of as many arguments. */
struct cel_entry {
    const char *name;
    struct cel_overload *overloads, **last;
    bool host;
    struct cel_entry *next;
};

struct cel_variable {
    const char *name;
    const struct cel_type *type;
};

struct cel_record_info {
    const struct cel_record *spec;
    const struct cel_type *type;
    const struct cel_type **fields;
};

struct cel_opaque {
    const char *name;
    uint32_t params;
};

enum { CEL_ENTRY_SLOTS = 256, CEL_ENV_OPAQUES_MAX = 32 };

struct cel_env {
    struct arena *arena;
    unsigned switches;
    struct cel_variable variables[CEL_ENV_VARIABLES_MAX];
    struct cel_record_info records[CEL_ENV_RECORDS_MAX];
    struct cel_opaque opaques[CEL_ENV_OPAQUES_MAX];
    size_t variable_count, record_count, opaque_count, function_count;
    struct cel_entry *entries[CEL_ENTRY_SLOTS];
    bool (*zones)(const void *context, struct span name, int64_t unix_seconds, int32_t *ret_offset);
    const void *zones_context;
};

/* The built-in call for so many arguments, the receiver counted; NULL: none. */
struct cel_value (*cel_call_for(const struct cel_entry *entry, uint32_t count, bool receiver))(
    struct cel_run *run, const struct cel_node *node, const struct cel_value *args);

unsigned cel_env_switches(const struct cel_env *env);
const struct cel_entry *cel_env_entry(const struct cel_env *env, struct span name);
/* The slot, or -1. */
int cel_env_variable(const struct cel_env *env, struct span name);
/* The field of the record, or -1. */
int cel_record_field(const struct cel_record *record, struct span name);
/* The type that is a value under this name (int, list, google.protobuf.Timestamp, a record), or
 * NULL. */
const struct cel_type *cel_env_type_value(const struct cel_env *env, struct span name);

/* A type in the arena; NULL: no memory. */
const struct cel_type *cel_type_new(struct arena *arena, struct cel_type type);

/* The type of a text. */
int cel_type_parse(struct cel_env *env, const char *text, const struct cel_type **ret,
                   struct fault *why);

/* The table of what is built in. */
struct cel_builtin {
    const char *name, *result, *params[4];
    bool receiver, optionals;
    struct cel_value (*call)(struct cel_run *run, const struct cel_node *node,
                             const struct cel_value *args);
};
extern const struct cel_builtin cel_builtins[];
extern const size_t cel_builtin_count;

#endif
