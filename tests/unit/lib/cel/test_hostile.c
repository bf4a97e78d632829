/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions meant to blow up: each ends with the fault that names what it hit, in bounded time and
 * memory, compiled or run. */
#include "lib/cel/cel.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { HITS = 1000, TEXT_LEN = 20000, ARENA_MAX = 4 << 20, SOURCE_MAX = 1 << 20 };
/* 10 ms where it counts; sanitizers and a shared machine get more. */
enum { TIME_LIMIT_MS = 400, TIME_AIM_MS = 10 };

struct shape {
    const char *before, *repeated, *middle, *closing, *after;
    size_t times;
};

/* before, `times` times repeated, middle, `times` times closing, after */
static const struct {
    const char *name, *code;
    struct shape shape;
} cases[] = {
    {"200 opening parentheses", "CEL_DEPTH", {"", "(", "1", ")", "", 300}},
    {"10,000 opening parentheses", "CEL_DEPTH", {"", "(", "", "", "", 10000}},
    {"nested lists", "CEL_DEPTH", {"", "[", "1", "]", "", 300}},
    {"nested maps", "CEL_DEPTH", {"", "{1: ", "1", "}", "", 300}},
    {"nested indexes", "CEL_DEPTH", {"texts", "[0 + 0 * size(texts", "", ")]", "", 240}},
    {"a chain of fields", "CEL_DEPTH", {"any", ".a", "", "", "", 400}},
    {"a chain of calls", "CEL_DEPTH", {"text", ".trim()", "", "", "", 400}},
    {"a chain of not", "CEL_DEPTH", {"", "!", "true", "", "", 5000}},
    {"a chain of minus", "CEL_DEPTH", {"", "-", "any", "", "", 5000}},
    {"a chain of conditions", "CEL_DEPTH", {"", "true ? 1 : ", "2", "", "", 300}},
    {"a sum of 300", "CEL_DEPTH", {"1", " + 1", "", "", "", 300}},
    {"a long conjunction", "CEL_NODES", {"true", " && 1+1<3", "", "", "", 1000}},
    {"a list of 2,000", "CEL_ELEMENTS", {"[1", ", 1", "", "", "]", 2000}},
    {"a map of 2,000", "CEL_ELEMENTS", {"{1: 1", ", 1: 1", "", "", "}", 1500}},
    {"2,000 arguments", "CEL_ELEMENTS", {"math.greatest(1", ", 1", "", "", ")", 2000}},
    {"a literal of 5,000 bytes", "CEL_LITERAL_SIZE", {"'", "a", "", "", "'", 5000}},
    {"a source of 20,000 bytes", "CEL_SOURCE_SIZE", {"'a'", " ", "", "", "", 20000}},
    {"an endless number", "CEL_LITERAL", {"", "9", "", "", "", 5000}},
    {"an endless fraction", "CEL_LITERAL", {"0.", "9", "", "", "", 5000}},
    {"an unclosed text", "CEL_SYNTAX", {"'", "\\\\", "", "", "", 3000}},
    {"folds in folds over hits", "CEL_COST", {"", "hits.all(a, ", "true", ")", "", 4}},
    {"folds in folds of literals", "CEL_COST",
     {"", "[1,2,3,4,5,6,7,8,9,10].all(a, ", "true", ")", "", 7}},
    {"lists of lists of hits", "CEL_COST", {"", "hits.map(a, ", "1", ")", ".size() > 0", 4}},
    {"variables in variables", "CEL_DEPTH", {"", "cel.bind(a, 1, ", "1", ")", "", 80}},
    {"a repeated square", "CEL_STEPS",
     {"cel.bind(b, hits.filter(h, h > -1), ", "", "b.exists(x, b.exists(y, x + y < 0))", "", ")", 1}},
    {"a text that doubles", "CEL_MEMORY", {"cel.bind(a, text + text, ", "cel.bind(a, a + a, ", "size(a) == 0",
                                           ")", ")", 10}},
    {"a list that doubles", "CEL_MEMORY", {"cel.bind(a, hits + hits, ", "cel.bind(a, a + a, ", "size(a) == 0",
                                           ")", ")", 10}},
    {"a list in itself, compared", "CEL_STEPS",
     {"cel.bind(a, [any, any], ", "cel.bind(a, [a, a], ", "a == [a[0], a[0]]", ")", ")", 30}},
    {"a list in itself, written", "CEL_MEMORY",
     {"cel.bind(a, [any, any], ", "cel.bind(a, [a, a], ", "size('%s'.format([a])) == 1", ")", ")", 30}},
    {"a replacement that grows", "CEL_MEMORY",
     {"size(text", ".replace('a', 'aaaaaaaaaaaaaaaa')", "", "", ") == 1", 4}},
    {"a replacement of nothing", "CEL_MEMORY",
     {"size(text", ".replace('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", "", "", ") == 1", 3}},
    {"a split into letters, many times", "CEL_MEMORY",
     {"hits.all(h, size(text.split('')) > h - 1000000)", "", "", "", "", 1}},
    {"a join of everything", "CEL_STEPS",
     {"hits.all(h, size(texts.join(text)) > h - 1000000)", "", "", "", "", 1}},
    {"a pattern that backtracks", "CEL_REGEX_LIMIT",
     {"text.matches('(a|aa)+[bc]')", "", "", "", "", 1}},
    {"nested repeats", "CEL_REGEX_LIMIT", {"text.matches('((a*)*)*[bc]')", "", "", "", "", 1}},
    {"nested repeats, many times", "CEL_REGEX_LIMIT",
     {"hits.exists(h, text.matches('(a*)*[bc]') && h < 0)", "", "", "", "", 1}},
    {"a costly pattern for every hit", "CEL_STEPS",
     {"hits.exists(h, text.matches('a[bc]') && h < 0)", "", "", "", "", 1}},
    {"a pattern that explodes when compiled", "CEL_REGEX",
     {"text.matches('(((a{1000}){1000}){1000}){1000}')", "", "", "", "", 1}},
    {"a pattern nested 200 deep", "CEL_REGEX", {"text.matches('", "(", "a", ")", "')", 200}},
    {"a pattern with a backreference", "CEL_REGEX", {"text.matches(r'(a+)\\1')", "", "", "", "", 1}},
    {"a pattern with lookahead", "CEL_REGEX", {"text.matches('(?=(a+))a')", "", "", "", "", 1}},
    {"a computed pattern for every hit", "CEL_STEPS",
     {"hits.exists(h, hits.exists(i, 'b'.matches('x' + string(h)) || h < 0))", "", "", "", "", 1}},
    {"the largest int and one", "CEL_OVERFLOW", {"9223372036854775807 + 1 > 0", "", "", "", "", 1}},
    {"the smallest int through -1", "CEL_OVERFLOW",
     {"-9223372036854775808 / -1 > 0", "", "", "", "", 1}},
    {"a power by multiplying", "CEL_OVERFLOW", {"any", " * 1000000", "", "", " > 0", 5}},
    {"a division by zero", "CEL_DIVIDE_BY_ZERO", {"1 / (any - any) > 0", "", "", "", "", 1}},
    {"a time beyond time", "CEL_RANGE",
     {"timestamp('9999-12-31T23:59:59Z') + duration('1h') > timestamp(0)", "", "", "", "", 1}},
    {"a precision of 4 billion", "CEL_FORMAT",
     {"'%.4000000000f'.format([1]) == '%q'.format([1])", "", "", "", "", 1}},
    {"entries of entries", "CEL_MEMORY",
     {"hits.transformMapEntry(i, h, hits.transformMap(j, k, k)).size() > 0", "", "", "", "", 1}},
};

struct world {
    struct cel_env *env;
    struct arena *arena;
    struct cel_value values[4];
    struct cel_value hits[HITS], texts[HITS];
    struct cel_list hit_list, text_list;
    char text[TEXT_LEN];
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    w->env = cel_env_new(CEL_OPTIONALS);
    w->arena = arena_new(ARENA_MAX);
    assert_int_equal(cel_env_add_variable(w->env, "hits", "list(int)", NULL, NULL), 0);
    assert_int_equal(cel_env_add_variable(w->env, "text", "string", NULL, NULL), 0);
    assert_int_equal(cel_env_add_variable(w->env, "texts", "list(string)", NULL, NULL), 0);
    assert_int_equal(cel_env_add_variable(w->env, "any", "dyn", NULL, NULL), 0);
    memset(w->text, 'a', TEXT_LEN);
    for (int i = 0; i < HITS; i++) {
        w->hits[i] = cel_int(i);
        w->texts[i] = cel_string(SPAN("spam"));
    }
    w->hit_list = (struct cel_list){.count = HITS, .items = w->hits};
    w->text_list = (struct cel_list){.count = HITS, .items = w->texts};
    w->values[0] = cel_list_value(&w->hit_list);
    w->values[1] = cel_string((struct span){w->text, TEXT_LEN});
    w->values[2] = cel_list_value(&w->text_list);
    w->values[3] = cel_int(1);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    (void)cel_env_free(w->env);
    (void)arena_free(w->arena);
    free(w);
    return 0;
}

static void write_source(struct buf *out, const struct shape *s)
{
    (void)buf_add_text(out, s->before);
    for (size_t i = 0; i < s->times; i++) {
        (void)buf_add_text(out, s->repeated);
    }
    (void)buf_add_text(out, s->middle);
    for (size_t i = 0; i < s->times; i++) {
        (void)buf_add_text(out, s->closing);
    }
    (void)buf_add_text(out, s->after);
    assert_int_equal(buf_status(out), 0);
}

static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* What the expression ends with; "" when it does not fail. */
static void run(struct world *w, struct span source, char code[FAULT_CODE_MAX])
{
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    struct cel_activation facts = {.values = w->values, .count = COUNT_OF(w->values)};
    struct cel_value value;
    struct fault why = {0};
    int r = cel_compile(&program, w->env, source, NULL, &why);

    if (r == 0) {
        arena_reset(w->arena);
        r = cel_evaluate(program, &facts, w->arena, NULL, &value, &why);
        assert_true(arena_used(w->arena) <= (1 << 20) + 65536);
    }
    (void)snprintf(code, FAULT_CODE_MAX, "%s", r == FAULT ? why.code : r ? "errno" : "");
}

static void every_hostile_expression_ends_with_its_fault(void **state)
{
    struct world *w = *state;
    size_t wrong = 0;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf source;
        char code[FAULT_CODE_MAX];
        double start, took;

        buf_init(&source, SOURCE_MAX);
        write_source(&source, &cases[i].shape);
        start = now_ms();
        run(w, buf_span(&source), code);
        took = now_ms() - start;
        if (strcmp(code, cases[i].code) != 0 || took > TIME_LIMIT_MS) {
            (void)printf("# %s: %s instead of %s, %.1f ms\n", cases[i].name, code, cases[i].code, took);
            wrong++;
        } else if (took > TIME_AIM_MS) {
            (void)printf("# %s: %s took %.1f ms\n", cases[i].name, code, took);
        }
        buf_done(&source);
    }
    assert_int_equal(wrong, 0);
}

static void a_used_up_budget_is_not_absorbed(void **state)
{
    struct world *w = *state;
    char code[FAULT_CODE_MAX];

    run(w, SPAN("true || 1 / 0 > 0"), code);
    assert_string_equal(code, "");
    run(w, SPAN("1 / 0 > 0 || true"), code);
    assert_string_equal(code, "");
    run(w, SPAN("text.matches('((a*)*)*[bc]') || true"), code);
    assert_string_equal(code, "CEL_REGEX_LIMIT");
    run(w, SPAN("[1].exists(x, text.matches('((a*)*)*[bc]') || x == 1)"), code);
    assert_string_equal(code, "CEL_REGEX_LIMIT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_hostile_expression_ends_with_its_fault, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_used_up_budget_is_not_absorbed, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("lib/cel: hostile expressions", tests, NULL, NULL);
}
