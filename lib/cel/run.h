/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_RUN_H
#define RAPPORTEUR_LIB_CEL_RUN_H

/*
 * Inside the evaluator. A program is a tree of nodes, each with the C function that evaluates it;
 * what can be decided when compiling (slots, fields, folded constants, the shape of an operator) is
 * in the node. A value of kind CEL_ERROR travels up like any other until something absorbs it.
 * A used-up budget sets run->fatal: from then on nothing absorbs anything.
 */

#include "lib/cel/cel.h"

#include <string.h>

struct cel_node;

struct cel_error {
    const char *code, *text;
    uint32_t pos;                  /* byte offset in the source */
};

struct cel_regex_memory;

struct cel_run {
    const struct cel_env *env;
    const struct cel_activation *activation;
    struct arena *arena;
    struct cel_value *locals;
    uint64_t steps;                /* left */
    size_t memory;                 /* bytes left */
    const struct cel_error *fatal;
    struct cel_error fatal_room;
    bool out_of_memory;            /* the arena, not the budget */
    struct cel_regex_memory *regex;
};

struct cel_call {
    struct cel_run *run;
    const struct cel_node *node;
    const void *context;
};

struct cel_node {
    struct cel_value (*eval)(struct cel_run *run, const struct cel_node *node);
    uint32_t pos;
    uint32_t cost;                 /* nodes below, itself included */
    uint32_t index, index2;        /* slot, field, local, operator */
    uint32_t count;
    uint32_t flags;
    struct cel_value value;
    union {
        struct {
            const struct cel_node *a, *b, *c;
        };
        struct {
            const struct cel_node *const *args;
            struct cel_value (*call)(struct cel_run *run, const struct cel_node *node,
                                     const struct cel_value *args);
            const void *data;      /* compiled pattern, host function, flags of entries */
        };
        struct {
            const struct cel_node *record;
            enum cel_presence (*get)(const void *object, unsigned field, struct cel_value *ret);
        };
    };
};

enum { CEL_ARGS_MAX = CEL_FUNCTION_PARAMS_MAX };

static inline struct cel_value cel_eval(struct cel_run *run, const struct cel_node *node)
{
    return node->eval(run, node);
}

/* An error value. `text` is borrowed and outlives the evaluation. */
struct cel_value cel_fail(struct cel_run *run, const struct cel_node *node, const char *code,
                          const char *text);
struct cel_value cel_fail_format(struct cel_run *run, const struct cel_node *node, const char *code,
                                 const char *format, ...) PRINTF(4, 5);
/* CEL_NO_OVERLOAD, naming the kinds of the arguments. */
struct cel_value cel_fail_overload(struct cel_run *run, const struct cel_node *node,
                                   const char *name, const struct cel_value *args, uint32_t count);
/* Ends the evaluation. */
struct cel_value cel_fail_budget(struct cel_run *run, const struct cel_node *node, const char *code,
                                 const char *text);

/* Memory of the evaluation, zeroed; NULL: run->fatal is set, return cel_fatal(run). */
void *cel_alloc(struct cel_run *run, const struct cel_node *node, size_t bytes);

static inline uint64_t cel_load8(const char *at)
{
    uint64_t word;

    (void)memcpy(&word, at, sizeof(word));
    return word;
}

static inline uint32_t cel_load4(const char *at)
{
    uint32_t word;

    (void)memcpy(&word, at, sizeof(word));
    return word;
}

/* memcmp() == 0 for the short texts of rules, where the call costs more than the comparison. */
static inline bool cel_same_bytes(const char *a, const char *b, size_t len)
{
    if (len > 16) {
        return cel_load8(a) == cel_load8(b) && memcmp(a, b, len) == 0;
    }
    if (len >= 8) {
        return cel_load8(a) == cel_load8(b) && cel_load8(a + len - 8) == cel_load8(b + len - 8);
    }
    if (len >= 4) {
        return cel_load4(a) == cel_load4(b) && cel_load4(a + len - 4) == cel_load4(b + len - 4);
    }
    for (size_t i = 0; i < len; i++) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

static inline struct cel_value cel_fatal(const struct cel_run *run)
{
    return (struct cel_value){.kind = CEL_ERROR, .as.error = run->fatal};
}

/* Takes steps; false: run->fatal is set. */
bool cel_spend_slow(struct cel_run *run, const struct cel_node *node);

static inline bool cel_spend(struct cel_run *run, const struct cel_node *node, uint64_t steps)
{
    if (run->steps < steps) {
        return cel_spend_slow(run, node);
    }
    run->steps -= steps;
    return true;
}

/* Name of a kind of value as messages say it. */
const char *cel_kind_name(unsigned kind);

/* A list over count values of the run's memory; CEL_ERROR when out of budget. */
struct cel_value cel_make_list(struct cel_run *run, const struct cel_node *node,
                               const struct cel_value *items, uint32_t count);
struct cel_value cel_make_optional(struct cel_run *run, const struct cel_node *node,
                                   struct cel_value value);
struct cel_value cel_make_text(struct cel_run *run, const struct cel_node *node, struct span text);

/* == with steps charged; CEL_BOOL or CEL_ERROR. */
struct cel_value cel_equal_charged(struct cel_run *run, const struct cel_node *node,
                                   struct cel_value a, struct cel_value b);

/* Equality and order shared by operators, keys and functions (compare.c). */
bool cel_equal_bounded(struct cel_value a, struct cel_value b, uint64_t *steps);
bool cel_numeric(unsigned kind);
bool cel_number_equal(struct cel_value a, struct cel_value b);
/* -1, 0, 1; 2: unordered (NaN). Both numeric. */
int cel_number_compare(struct cel_value a, struct cel_value b);
/* As above for all ordered kinds; 3: not comparable. */
int cel_compare(struct cel_value a, struct cel_value b);
uint32_t cel_key_hash(struct cel_value key);
bool cel_key_kind(unsigned kind);
/* A double as the integer it equals; false where the value can be no key. */
bool cel_key_exact(struct cel_value *key);
/* Fills the index of a map of `count` pairs; slots is a power of two over count. */
bool cel_map_index(const struct cel_value *items, uint32_t count, uint32_t *index, uint32_t slots,
                   uint32_t *ret_duplicate);
/* A map over pairs of the run's memory; CEL_DUPLICATE_KEY, CEL_NO_OVERLOAD for bad keys. */
struct cel_value cel_make_map(struct cel_run *run, const struct cel_node *node,
                              const struct cel_value *items, uint32_t count);

#endif
