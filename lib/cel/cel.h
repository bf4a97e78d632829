/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_CEL_H
#define RAPPORTEUR_LIB_CEL_CEL_H

/*
 * Common Expression Language: expressions without side effects, checked when they are compiled,
 * bounded when they are run. Source: github.com/google/cel-spec, doc/langdef.md, v0.25.1; the
 * extensions strings, math, encoders, bindings, optional, comprehensions v2 of its libraries.
 *
 *     struct cel_env *env = cel_env_new(CEL_OPTIONALS);            what may be said
 *     cel_env_add_record(env, &report_record, &report_index, &why);
 *     cel_env_add_variable(env, "report", "report", &slot, &why);
 *     cel_compile(&program, env, source, NULL, &why);              is it well said, and how dear
 *     cel_evaluate(program, &facts, arena, NULL, &value, &why);    what does it say of these facts
 *
 * env: written first, then only read; shared by any number of programs and threads; must outlive
 * its programs. program: immutable, shared among threads; one evaluation uses one arena, and what it
 * returns lives in that arena, in the program or in the facts until the caller resets the arena.
 *
 * Faults: `place` is "line:column" (from 1; columns count code points), `text` the sentence;
 * cel_fault_render adds the line itself and a caret.
 * Compiling:  CEL_SYNTAX CEL_LITERAL (a bad number, escape or UTF-8) CEL_RESERVED (a reserved word as
 *   a name) CEL_MACRO (wrong use of a macro) CEL_OPTIONAL_OFF CEL_UNKNOWN_NAME CEL_UNKNOWN_FIELD
 *   CEL_UNKNOWN_FUNCTION CEL_NO_OVERLOAD (no such function for these types) CEL_TYPE CEL_REGEX
 *   CEL_SOURCE_SIZE CEL_DEPTH CEL_NODES (parts, or types too large) CEL_LITERAL_SIZE CEL_ELEMENTS
 *   CEL_COST (see cel_limits)
 * Evaluating: CEL_OVERFLOW CEL_DIVIDE_BY_ZERO CEL_NO_KEY (map key, absent field or variable)
 *   CEL_INDEX CEL_NO_OVERLOAD CEL_CONVERSION CEL_ARGUMENT CEL_RANGE (time out of range)
 *   CEL_DUPLICATE_KEY CEL_NO_VALUE (value() of an empty optional) CEL_ZONE CEL_REGEX CEL_FORMAT and
 *   those of host functions; as the language says, || and && may absorb them.
 *   CEL_STEPS CEL_MEMORY CEL_REGEX_LIMIT: a budget is used up; never absorbed.
 *
 * Not here: protobuf messages, enums, wrappers, containers. Beside the specification, `timestamp`
 * accessors know UTC, fixed offsets ("+01:00") and a built-in table of zones with the rules in force
 * today (lib/cel/zone.h); a host with the full database gives cel_env_set_zones.
 */

#include "lib/base/arena.h"
#include "lib/base/attr.h"
#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "lib/base/span.h"
#include "lib/cel/type.h"
#include "lib/cel/value.h"

#include <stdbool.h>
#include <stdint.h>

struct cel_env;
struct cel_program;

/* --- env ------------------------------------------------------------------------------------ */

enum cel_switch {
    CEL_OPTIONALS = 1,             /* ?. [? {?k: v} and optional.of, none, ofNonZeroValue, ... */
    CEL_UNCHECKED = 2,             /* no type errors when compiling: all is dyn, mistakes show when run.
                                    * For the conformance tests of that mode */
};

enum { CEL_ENV_VARIABLES_MAX = 256, CEL_ENV_RECORDS_MAX = 256, CEL_ENV_FUNCTIONS_MAX = 256,
       CEL_RECORD_FIELDS_MAX = 256, CEL_FUNCTION_PARAMS_MAX = 8 };

/* `switches` of enum cel_switch. NULL: no memory. */
struct cel_env *cel_env_new(unsigned switches);
struct cel_env *cel_env_free(struct cel_env *env);
DEFINE_CLEANUP(struct cel_env *, cel_env_free);

/*
 * The fields of a record are read lazily: get(object, field) with the index in the table. The tables
 * are borrowed and must outlive the env. Types are texts (lib/cel/type.h) and may name this record
 * and those added before.
 *     static const struct cel_field fields[] = {{"category", "string"}, {"views", "int"}};
 */
struct cel_field {
    const char *name, *type;
};

struct cel_record {
    const char *name;              /* also the type in expressions: type(h) == hit */
    const struct cel_field *fields;
    size_t count;
    enum cel_presence (*get)(const void *object, unsigned field, struct cel_value *ret);
};

/* All cel_env_* below: 0, -ENOMEM, or FAULT with CEL_ENV_NAME (not a name, reserved, or taken),
 * CEL_ENV_TYPE (text is no type) or CEL_ENV_FULL. *ret_index goes into cel_record_value. */
int cel_env_add_record(struct cel_env *env, const struct cel_record *record, uint16_t *ret_index,
                       struct fault *why);

/* `name` may be dotted ("request.auth"); a variable hides a type of the same name in expressions. *ret_slot counts from 0 in the order of the calls. */
int cel_env_add_variable(struct cel_env *env, const char *name, const char *type, unsigned *ret_slot,
                         struct fault *why);

/* A type that has a name and nothing else; may then be used in types: name or name(T, U). */
int cel_env_add_opaque(struct cel_env *env, const char *name, unsigned params, struct fault *why);

/* Host functions. `call` may be NULL for a function that is only type-checked. Pure: the same
 * arguments give the same value. With `receiver` the first parameter stands before the dot. */
struct cel_call;

struct cel_function {
    const char *name, *result;
    const char *params[CEL_FUNCTION_PARAMS_MAX];
    size_t count;
    bool receiver;
    unsigned cost;                 /* steps charged for one call; 0 counts as 1 */
    struct cel_value (*call)(struct cel_call *call, const struct cel_value *args);
    const void *context;
};

/* Copies the struct; borrows its texts. Several with one name are overloads. */
int cel_env_add_function(struct cel_env *env, const struct cel_function *function, struct fault *why);

/* For host functions: the context, memory of the evaluation (NULL: return what cel_call_error gives,
 * the budget's own fault stands), and an error value with a code and sentence of the host. */
const void *cel_call_context(const struct cel_call *call);
void *cel_call_alloc(struct cel_call *call, size_t bytes);
struct cel_value cel_call_error(struct cel_call *call, const char *code, const char *text);

/* Asked first for a zone name: true and the offset from UTC in seconds at that moment. */
void cel_env_set_zones(struct cel_env *env,
                       bool (*zones)(const void *context, struct span name, int64_t unix_seconds,
                                     int32_t *ret_offset),
                       const void *context);

/* The type that a text means, owned by the env. */
int cel_env_type(struct cel_env *env, const char *text, const struct cel_type **ret,
                 struct fault *why);

/* --- program -------------------------------------------------------------------------------- */

/* A member that is 0 means its default. */
struct cel_limits {
    uint32_t source_bytes;         /* 16 KiB */
    uint32_t depth;                /* nesting of parsing and of the tree: 200, at most 250 */
    uint32_t nodes;                /* operators, names, literals: 4,096 */
    uint32_t literal_bytes;        /* one string or bytes literal: 4 KiB */
    uint32_t elements;             /* of one list or map literal, arguments of one call: 1,024 */
    uint64_t cost;                 /* cel_program_cost: 1,000,000 */
    uint32_t assumed_items;        /* size of a list or map not known when compiling: 100 */
    uint32_t assumed_bytes;        /* size of a text not known when compiling: 1,024 */
};

/* Checks the whole expression. `limits` NULL: the defaults. 0, -ENOMEM or FAULT. */
int cel_compile(struct cel_program **ret, const struct cel_env *env, struct span source,
                const struct cel_limits *limits, struct fault *why);
struct cel_program *cel_program_free(struct cel_program *program);
DEFINE_CLEANUP(struct cel_program *, cel_program_free);

/* The type of the result; lives as long as the program. */
const struct cel_type *cel_program_type(const struct cel_program *program);

/* The steps of the dearest evaluation under the assumed sizes of the limits. Saturates. */
uint64_t cel_program_cost(const struct cel_program *program);

/* The source, copied. */
struct span cel_program_source(const struct cel_program *program);

/* Whether the expression reads that variable anywhere. */
bool cel_program_reads(const struct cel_program *program, unsigned slot);

/* --- evaluation ----------------------------------------------------------------------------- */

/* Where variables come from: get(), or, where it is NULL, values[slot] for slot < count (an entry of
 * kind CEL_DYN, which is 0, is absent). get() is asked once a use: keep it cheap. */
struct cel_activation {
    const struct cel_value *values;
    size_t count;
    enum cel_presence (*get)(const void *context, unsigned slot, struct cel_value *ret);
    const void *context;
    /* Told of each element of a host list or of one made that exists(), exists_one() or filter() found
     * true for, so that a host can say what an answer rests on. NULL: nobody asks. */
    void (*picked)(void *context, const struct cel_list *list, uint32_t at);
    void *picked_context;
};

/* A member that is 0 means its default. One step is about one operator; functions that read whole
 * texts or lists cost more steps the longer those are. */
struct cel_budget {
    uint64_t steps;                /* 1,000,000 */
    uint32_t memory_bytes;         /* 1 MiB out of the arena */
};

/* 0 and *ret; FAULT; -ENOMEM when the arena is full below the budget. Calls no malloc but through a
 * cold arena, and compiles no pattern but one that is computed. `budget` NULL: the defaults. */
int cel_evaluate(const struct cel_program *program, const struct cel_activation *activation,
                 struct arena *arena, const struct cel_budget *budget, struct cel_value *ret,
                 struct fault *why);

/* Appends three lines: place, code and sentence; the line of the source; a caret below the column.
 * Control characters of the source are shown as '.'; long lines are cut around the caret. */
int cel_fault_render(struct buf *out, struct span source, const struct fault *why);

#endif
