/* SPDX-License-Identifier: Apache-2.0 */
/* contains() and startsWith() with a constant are nodes of their own: the same answers as with a text that
 * is only known when run, and as a plain search, for every short text and part, and around long runs. */
#include "lib/cel/cel.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 7, PART_MAX = 3, LETTERS = 3, LONG = 300 };

struct world {
    struct cel_env *env;
    struct arena *arena;
    struct cel_program *general[2];         /* contains, startsWith: over two variables */
};

static struct cel_program *compile(const struct world *w, const char *expr)
{
    struct cel_program *program = NULL;
    struct fault why;

    if (cel_compile(&program, w->env, span_of(expr), NULL, &why) != 0) {
        fail_msg("%s: %s", expr, why.text);
    }
    return program;
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));

    w->env = cel_env_new(0);
    w->arena = arena_new(1 << 20);
    assert_int_equal(cel_env_add_variable(w->env, "t", "string", NULL, NULL), 0);
    assert_int_equal(cel_env_add_variable(w->env, "p", "string", NULL, NULL), 0);
    w->general[0] = compile(w, "t.contains(p)");
    w->general[1] = compile(w, "t.startsWith(p)");
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    (void)cel_program_free(w->general[0]);
    (void)cel_program_free(w->general[1]);
    (void)cel_env_free(w->env);
    (void)arena_free(w->arena);
    free(w);
    return 0;
}

static bool holds(const struct world *w, const struct cel_program *program, struct span text, struct span part)
{
    struct cel_value values[2] = {cel_string(text), cel_string(part)}, value = cel_null();
    struct cel_activation facts = {.values = values, .count = 2};
    struct fault why;

    arena_reset(w->arena);
    if (cel_evaluate(program, &facts, w->arena, NULL, &value, &why) != 0) {
        fail_msg("%s", why.text);
    }
    return value.as.b;
}

static bool plain(struct span text, struct span part, bool start)
{
    for (size_t i = 0; i + part.len <= text.len && (i == 0 || !start); i++) {
        if (span_equal(span_sub(text, i, part.len), part)) {
            return true;
        }
    }
    return false;
}

/* Text number n over the letters: one that is common, one that is rare, one of two bytes. */
static struct span spell(char into[2 * LONG], size_t n)
{
    static const char *const letters[LETTERS] = {"e", "z", "\xc3\xa9"};
    size_t len = 0;

    for (; n > 0; n = (n - 1) / LETTERS) {
        const char *letter = letters[(n - 1) % LETTERS];

        (void)memcpy(into + len, letter, strlen(letter));
        len += strlen(letter);
    }
    into[len] = '\0';
    return (struct span){into, len};
}

static size_t count_up_to(size_t letters)
{
    size_t count = 1, power = 1;

    for (size_t i = 0; i < letters; i++) {
        power *= LETTERS;
        count += power;
    }
    return count;
}

static void check(const struct world *w, struct cel_program *const fixed[2], struct span text, struct span part)
{
    for (int start = 0; start < 2; start++) {
        bool wanted = plain(text, part, start);

        if (holds(w, fixed[start], text, part) != wanted || holds(w, w->general[start], text, part) != wanted) {
            fail_msg("'%.*s' %s '%.*s'", (int)text.len, text.ptr, start ? "startsWith" : "contains", (int)part.len,
                     part.ptr);
        }
    }
}

static void short_texts_and_parts(void **state)
{
    const struct world *w = *state;
    char text[2 * LONG], part[2 * LONG], expr[2 * LONG + 32];

    for (size_t p = 0; p < count_up_to(PART_MAX); p++) {
        struct span wanted = spell(part, p);
        struct cel_program *fixed[2];

        (void)snprintf(expr, sizeof(expr), "t.contains('%s')", part);
        fixed[0] = compile(w, expr);
        (void)snprintf(expr, sizeof(expr), "t.startsWith('%s')", part);
        fixed[1] = compile(w, expr);
        for (size_t t = 0; t < count_up_to(TEXT_MAX); t++) {
            check(w, fixed, spell(text, t), wanted);
        }
        (void)cel_program_free(fixed[0]);
        (void)cel_program_free(fixed[1]);
    }
}

/* Long runs of the rarest byte use up the cheap tries; the part stands at each place, or nowhere. */
static void a_part_behind_a_long_run(void **state)
{
    static const char *const parts[] = {"zez", "ez", "zze", "ezzzzzzzz", "zzzzezzzzzzzzzzzzzzz"};
    const struct world *w = *state;
    char text[2 * LONG], expr[64];

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        size_t len = strlen(parts[i]);
        struct cel_program *fixed[2];

        (void)snprintf(expr, sizeof(expr), "t.contains('%s')", parts[i]);
        fixed[0] = compile(w, expr);
        (void)snprintf(expr, sizeof(expr), "t.startsWith('%s')", parts[i]);
        fixed[1] = compile(w, expr);
        for (size_t at = 0; at <= LONG; at++) {
            memset(text, 'z', LONG);
            if (at + len <= LONG) {
                (void)memcpy(text + at, parts[i], len);
            }
            check(w, fixed, (struct span){text, LONG}, span_of(parts[i]));
        }
        (void)cel_program_free(fixed[0]);
        (void)cel_program_free(fixed[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(short_texts_and_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_part_behind_a_long_run, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("lib/cel: looking for texts", tests, NULL, NULL);
}
