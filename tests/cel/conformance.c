/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the conformance data of the CEL specification (exported by export.mjs) and prints a table:
 * section, passed, failed, not applicable; then the reasons, each failure, and the sum.
 *     cel_conformance cases.json [section]      with a section: every case of it, with its result
 */
#include "lib/cel/cel.h"
#include "tests/cel/case_value.h"

#include <stdio.h>
#include <stdlib.h>

enum { SECTIONS_MAX = 64, REASONS_MAX = 32, VARIABLES_MAX = 16 };

struct count {
    const char *name;
    unsigned passed, failed, left_out;
};

struct tally {
    struct count sections[SECTIONS_MAX], reasons[REASONS_MAX];
    const char *only;
};

/* One case while it runs. */
struct trial {
    const json_t *json;
    struct cel_env *env;
    struct arena *arena;
    struct cel_value values[VARIABLES_MAX];
    size_t count;
    struct fault why;
    char got[800];
};

static const char *text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool flag(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

/* May hold a NUL. */
static struct span expression(const struct trial *t)
{
    const json_t *expr = json_object_get(t->json, "expr");

    return (struct span){json_string_value(expr), json_string_length(expr)};
}

static struct count *find(struct count *list, size_t max, const char *name)
{
    for (size_t i = 0; i < max; i++) {
        if (!list[i].name) {
            list[i].name = name;
        }
        if (strcmp(list[i].name, name) == 0) {
            return &list[i];
        }
    }
    abort();
}

static void add_variable(struct trial *t, const char *name, const char *type)
{
    const json_t *bound = json_object_get(json_object_get(t->json, "bindings"), name);
    unsigned slot;

    /* true, false and null are declared by three cases to show that they cannot be. */
    if (t->count < VARIABLES_MAX && cel_env_add_variable(t->env, name, type, &slot, &t->why) == 0) {
        t->values[slot] = bound ? case_value(t->arena, bound) : (struct cel_value){.kind = CEL_DYN};
        t->count = slot + 1;
    }
}

static void add_functions(struct trial *t)
{
    size_t i, j;
    json_t *f, *p;

    json_array_foreach(json_object_get(t->json, "functions"), i, f) {
        struct cel_function function = {.name = text(f, "name"), .result = text(f, "result"),
                                        .receiver = flag(f, "receiver")};

        json_array_foreach(json_object_get(f, "params"), j, p) {
            function.params[function.count++] = json_string_value(p);
        }
        (void)cel_env_add_function(t->env, &function, &t->why);
    }
}

static void declare(struct trial *t)
{
    json_t *variables = json_object_get(t->json, "variables");
    const char *name;
    json_t *v;
    size_t i;

    json_object_foreach(json_object_get(t->json, "opaques"), name, v) {
        (void)cel_env_add_opaque(t->env, name, (unsigned)json_number_value(v), &t->why);
    }
    add_functions(t);
    json_array_foreach(variables, i, v) {
        /* Without a checker only what is bound exists. */
        if (!flag(t->json, "unchecked")) {
            add_variable(t, text(v, "name"), text(v, "type"));
        }
    }
    json_object_foreach(json_object_get(t->json, "bindings"), name, v) {
        add_variable(t, name, "dyn");
    }
}

static void say(struct trial *t, const char *what, const char *detail)
{
    (void)snprintf(t->got, sizeof(t->got), "%s %s", what, detail);
}

static bool type_is(struct trial *t, const struct cel_type *type, const char *wanted)
{
    struct buf got;
    bool is;

    buf_init(&got, 300);
    (void)cel_type_text(&got, type);
    is = span_is(buf_span(&got), wanted);
    if (!is) {
        (void)snprintf(t->got, sizeof(t->got), "type %.*s, not %s", (int)got.len, got.data, wanted);
    }
    buf_done(&got);
    return is;
}

static bool value_is(struct trial *t, struct cel_value value)
{
    const json_t *wanted = json_object_get(t->json, "value");
    struct buf got;

    if (json_is_null(wanted) ? value.kind == CEL_BOOL && value.as.b : case_value_is(value, wanted)) {
        return true;
    }
    buf_init(&got, 300);
    (void)cel_value_text(&got, value);
    (void)snprintf(t->got, sizeof(t->got), "got %.*s", (int)got.len, got.data);
    buf_done(&got);
    return false;
}

static bool run(struct trial *t, const struct cel_program *program)
{
    struct cel_activation facts = {.values = t->values, .count = t->count};
    struct cel_value value;
    int r = cel_evaluate(program, &facts, t->arena, NULL, &value, &t->why);

    if (flag(t->json, "fails")) {
        say(t, r ? "" : "no error", "");
        return r == FAULT;
    }
    if (r) {
        say(t, t->why.code, t->why.text);
        return false;
    }
    return value_is(t, value);
}

static bool run_case(struct trial *t)
{
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    const char *deduced = text(t->json, "deduced"), *type = text(t->json, "type");
    int r = cel_compile(&program, t->env, expression(t), NULL, &t->why);

    if (r) {
        (void)snprintf(t->got, sizeof(t->got), "refused: %s %s %s", t->why.code, t->why.place,
                       t->why.text);
        return false;
    }
    if (deduced && !type_is(t, cel_program_type(program), deduced)) {
        return false;
    }
    if (type && !deduced && !flag(t->json, "unchecked") &&
        !type_is(t, cel_program_type(program), type)) {
        return false;
    }
    return flag(t->json, "check_only") || run(t, program);
}

/* What every case of the checking data has in scope. */
static void declare_common(struct trial *t)
{
    static const char *const variables[][2] = {{"is", "string"}, {"ii", "int"}, {"iu", "uint"},
        {"iz", "bool"}, {"id", "double"}, {"ix", "null_type"}, {"ib", "bytes"}};
    static const struct cel_function functions[] = {
        {.name = "fg_s", .result = "string"},
        {.name = "fi_s_s", .result = "string", .params = {"string"}, .count = 1, .receiver = true}};

    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        (void)cel_env_add_variable(t->env, variables[i][0], variables[i][1], NULL, NULL);
    }
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        (void)cel_env_add_function(t->env, &functions[i], NULL);
    }
}

/* checking: the type, or a refusal. */
static bool run_checking(struct trial *t)
{
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    const char *type = text(t->json, "type");
    int r;

    declare_common(t);
    r = cel_compile(&program, t->env, expression(t), NULL, &t->why);

    say(t, r ? t->why.code : "accepted", r ? t->why.text : "");
    return type ? r == 0 && type_is(t, cel_program_type(program), type) : r == FAULT;
}

/* parsing: the tree is there, or a refusal. The env is unchecked, so that only the parser refuses. */
static bool run_parsing(struct trial *t)
{
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    int r = cel_compile(&program, t->env, expression(t), NULL, &t->why);

    say(t, r ? t->why.code : "accepted", r ? t->why.text : "");
    return flag(t->json, "parses") == (r == 0);
}

/* comprehension: true, refused, or an error when run, as export.mjs says. */
static bool run_comprehension(struct trial *t)
{
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    int r = cel_compile(&program, t->env, expression(t), NULL, &t->why);

    say(t, r ? t->why.code : "accepted", r ? t->why.text : "");
    if (flag(t->json, "refused")) {
        return r == FAULT;
    }
    return r == 0 && run(t, program);
}

struct suite {
    const char *name;
    unsigned switches;
    bool (*run)(struct trial *t);
};

static bool try_case(const struct suite *suite, const json_t *json, struct trial *t)
{
    unsigned switches = suite->switches | (flag(json, "unchecked") ? CEL_UNCHECKED : 0u);
    bool passed;

    *t = (struct trial){.json = json, .env = cel_env_new(switches), .arena = arena_new(4 << 20)};
    if (!t->env || !t->arena) {
        abort();
    }
    declare(t);
    passed = suite->run(t);
    (void)arena_free(t->arena);
    (void)cel_env_free(t->env);
    return passed;
}

static void count_case(struct tally *tally, const struct suite *suite, const json_t *json)
{
    const char *section = text(json, "section"), *reason = text(json, "reason");
    struct count *count = find(tally->sections, SECTIONS_MAX, section);
    struct trial t;
    bool passed;

    if (reason) {
        count->left_out++;
        find(tally->reasons, REASONS_MAX, reason)->left_out++;
        return;
    }
    passed = try_case(suite, json, &t);
    count->passed += passed;
    count->failed += !passed;
    if (!passed || (tally->only && strcmp(tally->only, section) == 0)) {
        (void)printf("%s %s: %s\n    %s\n", passed ? "passed" : "FAILED", section,
                     text(json, "expr"), t.got);
    }
}

static int print_table(const struct tally *tally)
{
    unsigned passed = 0, failed = 0, left_out = 0;

    (void)printf("\n%-18s %7s %7s %15s\n", "section", "passed", "failed", "not applicable");
    for (size_t i = 0; i < SECTIONS_MAX && tally->sections[i].name; i++) {
        const struct count *c = &tally->sections[i];

        (void)printf("%-18s %7u %7u %15u\n", c->name, c->passed, c->failed, c->left_out);
        passed += c->passed;
        failed += c->failed;
        left_out += c->left_out;
    }
    (void)printf("\nnot applicable, by what the case needs:\n");
    for (size_t i = 0; i < REASONS_MAX && tally->reasons[i].name; i++) {
        (void)printf("%7u %s\n", tally->reasons[i].left_out, tally->reasons[i].name);
    }
    (void)printf("\ncel conformance: %u passed, %u failed, %u not applicable\n", passed, failed,
                 left_out);
    return passed > 0 && failed == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    static const struct suite suites[] = {
        {"conformance", CEL_OPTIONALS, run_case},
        {"checking", 0, run_checking},
        {"parsing", CEL_UNCHECKED, run_parsing},
        {"comprehension", CEL_OPTIONALS, run_comprehension},
    };
    static struct tally tally;
    json_t *all = argc > 1 ? json_load_file(argv[1], JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL) : NULL;
    int r;

    if (!all) {
        (void)fprintf(stderr, "usage: cel_conformance cases.json [section]\n");
        return 2;
    }
    tally.only = argc > 2 ? argv[2] : NULL;
    for (size_t i = 0; i < COUNT_OF(suites); i++) {
        json_t *one;
        size_t at;

        json_array_foreach(json_object_get(all, suites[i].name), at, one) {
            count_case(&tally, &suites[i], one);
        }
    }
    r = print_table(&tally);
    json_decref(all);
    return r;
}
