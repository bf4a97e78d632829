/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RULES_RULE_H
#define RAPPORTEUR_LIB_RULES_RULE_H

/*
 * One rule, and the set as the files of this folder share it. rule_set.h is the manual.
 */

#include "lib/cel/cel.h"
#include "lib/json/yaml.h"
#include "lib/rules/facts.h"
#include "lib/rules/rule_set.h"

/* Everything that a rule can do, as words of `then`. Closed: a verdict has no other member to set. */
enum effect { EFFECT_QUEUE, EFFECT_SEVERITY, EFFECT_DUE, EFFECT_LABELS, EFFECT_NEEDS_SECOND, EFFECT_NOTE,
              EFFECT_COUNT };
extern const char *const effect_words[EFFECT_COUNT];
extern const char *const effect_about[EFFECT_COUNT];

enum { RULE_MAX_LABELS = 16 };
#define RULE_MIN_DUE_MS (60 * 1000LL)
#define RULE_MAX_DUE_MS (366 * 24 * 60 * 60 * 1000LL)

struct rule {
    json_t *json;                   /* held; the spans borrow from it */
    struct span id, policy, when, note, queue;
    enum rule_mode mode;
    int severity;                   /* -1: not set */
    int64_t due_ms;                 /* 0: not set */
    bool needs_second;
    struct span labels[RULE_MAX_LABELS];
    size_t label_count;
    json_t *examples;               /* borrowed from json */
    struct cel_program *program;
    size_t file;                    /* index into the set's files */
    int line, column;
};

struct rule_set {
    struct cel_env *env;
    struct rule *rules;
    size_t count, room;
    char **files;                   /* names, copied */
    size_t file_count;
    struct rule_options options;    /* its spans are in `words` */
    char words[3][VERDICT_MAX_QUEUE + 1];
    char digest[65];
};

struct rule_scratch {
    struct arena *arena;
    struct facts_view view;
    struct {
        size_t len;
        char text[FAULT_TEXT_MAX + FAULT_CODE_MAX];
    } errors[VERDICT_MAX_RULES];
};

/* One file after the other: reads every rule of it into the set. What is wrong goes to `faults`, and
 * the reading goes on. 0 or -ENOMEM. */
int rule_file_read(struct rule_set *set, size_t file, const struct yaml *yaml, struct faults *faults);

/* Reads the value of one rule. `at` is its pointer in the file. */
void rule_read(struct rule *rule, const struct rule_options *options, json_t *json, const char *at,
               struct faults *faults);

/* Runs the examples of a rule; each that comes out otherwise is a fault RULE_EXAMPLE at its pointer
 * below `at`. 0 or -ENOMEM. */
int rule_try_examples(const struct rule_set *set, const struct rule *rule, struct rule_scratch *scratch,
                      const char *at, struct faults *faults);

/* Whether the condition holds: 0 and *ret, FAULT and why, or -ENOMEM. */
int rule_holds(const struct rule_set *set, const struct cel_program *program, struct rule_scratch *scratch,
               bool *ret, struct fault *why);

/* Compiles a condition that must be true or false. 0, FAULT (RULE_WHEN, RULE_COST) or -ENOMEM. */
int rule_compile(struct cel_program **ret, const struct rule_set *set, struct span when, struct fault *why);

/* [a-z0-9][a-z0-9-]* of at most `max` bytes. */
bool rule_word_ok(struct span word, size_t max);

#endif
