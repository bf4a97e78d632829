/* SPDX-License-Identifier: Apache-2.0 */
/* What expressions give over host facts: records, lists and maps read in place, host functions,
 * errors and what absorbs them, budgets. The language itself is tested by tests/cel. */
#include "lib/cel/cel.h"
#include "tests/support/support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct hit {
    const char *list;
    int64_t severity;
};

static const struct hit hits[] = {{"slogans", 1}, {"contact-channels", 3}, {"slogans", 0}};
static uint16_t hit_record, case_record;
static unsigned reads;

static enum cel_presence hit_get(const void *object, unsigned field, struct cel_value *ret)
{
    const struct hit *hit = object;

    reads++;
    *ret = field == 0 ? cel_string(span_of(hit->list)) : cel_int(hit->severity);
    return CEL_PRESENT;
}

static void hit_at(const void *host, uint32_t i, struct cel_value *ret)
{
    *ret = cel_record_value(hit_record, (const struct hit *)host + i);
}

static const struct cel_list hit_list = {.count = COUNT_OF(hits), .get = hit_at, .host = hits};

static enum cel_presence label_find(const void *host, struct cel_value key, struct cel_value *ret)
{
    (void)host;
    *ret = cel_int(7);
    return key.kind == CEL_STRING && span_is(cel_text(key), "seven") ? CEL_PRESENT : CEL_ABSENT;
}

static void label_at(const void *host, uint32_t i, struct cel_value *key, struct cel_value *value)
{
    (void)host;
    (void)i;
    *key = cel_string(SPAN("seven"));
    *value = cel_int(7);
}

static const struct cel_map labels = {.count = 1, .find = label_find, .at = label_at};

static enum cel_presence case_get(const void *object, unsigned field, struct cel_value *ret)
{
    (void)object;
    switch (field) {
    case 0:
        *ret = cel_string(SPAN("recruitment"));
        return CEL_PRESENT;
    case 1:
        *ret = cel_list_value(&hit_list);
        return CEL_PRESENT;
    case 2:
        *ret = cel_map_value(&labels);
        return CEL_PRESENT;
    case 3:
        *ret = cel_int(0);
        return CEL_DEFAULT;
    default:
        return CEL_ABSENT;
    }
}

static const struct cel_field hit_fields[] = {{"list", "string"}, {"severity", "int"}};
static const struct cel_field case_fields[] = {{"category", "string"}, {"hits", "list(hit)"},
    {"labels", "map(string, int)"}, {"views", "int"}, {"order", "string"}};
static const struct cel_record hit_type = {"hit", hit_fields, 2, hit_get};
static const struct cel_record case_type = {"report", case_fields, 5, case_get};

static struct cel_value twice(struct cel_call *call, const struct cel_value *args)
{
    const int64_t *factor = cel_call_context(call);

    if (args[0].as.i < 0) {
        return cel_call_error(call, "HOST_NEGATIVE", "twice() wants no negative number");
    }
    return cel_int(args[0].as.i * *factor);
}

static struct cel_value shout(struct cel_call *call, const struct cel_value *args)
{
    char *text = cel_call_alloc(call, args[0].len + 1u);

    if (!text) {
        return cel_call_error(call, "HOST_MEMORY", "no memory");
    }
    memcpy(text, args[0].as.text, args[0].len);
    text[args[0].len] = '!';
    return cel_string((struct span){text, args[0].len + 1u});
}

static const int64_t factor = 2;
static const struct cel_function functions[] = {
    {.name = "twice", .result = "int", .params = {"int"}, .count = 1, .call = twice, .context = &factor},
    {.name = "shout", .result = "string", .params = {"string"}, .count = 1, .receiver = true,
     .call = shout, .cost = 10},
    {.name = "declared", .result = "int"},
};

static bool moon_zone(const void *context, struct span name, int64_t at, int32_t *ret)
{
    (void)context;
    *ret = 90 * 60;
    return at >= 0 && span_is(name, "Moon/Copernicus");
}

struct world {
    struct cel_env *env;
    struct arena *arena;
    struct cel_value values[3];
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    w->env = cel_env_new(CEL_OPTIONALS);
    w->arena = arena_new(4 << 20);
    assert_int_equal(cel_env_add_record(w->env, &hit_type, &hit_record, NULL), 0);
    assert_int_equal(cel_env_add_record(w->env, &case_type, &case_record, NULL), 0);
    assert_int_equal(cel_env_add_variable(w->env, "report", "report", NULL, NULL), 0);
    assert_int_equal(cel_env_add_variable(w->env, "now", "timestamp", NULL, NULL), 0);
    assert_int_equal(cel_env_add_variable(w->env, "missing", "string", NULL, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        assert_int_equal(cel_env_add_function(w->env, &functions[i], NULL), 0);
    }
    cel_env_set_zones(w->env, moon_zone, NULL);
    w->values[0] = cel_record_value(case_record, w);
    w->values[1] = cel_timestamp_ms(1795467208123);
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

/* The text of the value, or the code of the fault. */
static void run(struct world *w, const char *expr, const struct cel_budget *budget, struct buf *out)
{
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    struct cel_activation facts = {.values = w->values, .count = 2};
    struct cel_value value;
    struct fault why = {0};

    buf_clear(out);
    arena_reset(w->arena);
    if (cel_compile(&program, w->env, span_of(expr), NULL, &why) != 0) {
        (void)buf_add_format(out, "refused %s %s", why.code, why.text);
        return;
    }
    if (cel_evaluate(program, &facts, w->arena, budget, &value, &why) != 0) {
        (void)buf_add_format(out, "%s %s", why.code, why.place);
        return;
    }
    assert_int_equal(cel_value_text(out, value), 0);
}

static const struct {
    const char *expr, *gives;
} cases[] = {
    /* facts of the host */
    {"report.category", "\"recruitment\""},
    {"report.hits.exists(h, h.list == 'contact-channels' && h.severity >= 2)", "true"},
    {"report.hits.filter(h, h.severity > 0).map(h, h.list)", "[\"slogans\", \"contact-channels\"]"},
    {"report.hits[1].severity", "3"},
    {"size(report.hits)", "3"},
    {"report.hits[3].severity", "CEL_INDEX 1:12"},
    {"report.hits[0] == report.hits[0]", "true"},
    {"report.hits[0] == report.hits[2]", "false"},
    {"type(report) == report", "refused CEL_NO_OVERLOAD the operator == does not take (type(report), report)"},
    {"type(report.hits[0]) == hit", "true"},
    {"report.labels.seven + report.labels['seven']", "14"},
    {"'seven' in report.labels && !('six' in report.labels)", "true"},
    {"report.labels.all(k, v, k == 'seven' && v == 7)", "true"},
    {"report.labels == {'seven': 7}", "true"},
    {"report.labels.six", "CEL_NO_KEY 1:14"},
    /* given, default, absent */
    {"[has(report.category), has(report.views), has(report.order)]", "[true, false, false]"},
    {"report.views", "0"},
    {"report.order", "CEL_NO_KEY 1:7"},
    {"report.?order.orValue('none')", "\"none\""},
    {"report.?views.hasValue()", "false"},
    {"report.?category.value()", "\"recruitment\""},
    {"missing == 'a'", "CEL_NO_KEY 1:1"},
    {"missing == 'a' || true", "true"},
    /* host functions */
    {"twice(21)", "42"},
    {"twice(-1)", "HOST_NEGATIVE 1:1"},
    {"twice(-1) == 0 || true", "true"},
    {"'hey'.shout().shout()", "\"hey!!\""},
    {"twice(dyn(3))", "6"},
    {"twice(dyn('a'))", "CEL_NO_OVERLOAD 1:1"},
    {"declared()", "CEL_NO_OVERLOAD 1:1"},
    /* time */
    {"now", "timestamp(\"2026-11-23T20:53:28.123Z\")"},
    {"now - duration('4h') < now", "true"},
    {"now.getHours('Moon/Copernicus')", "22"},
    {"now.getHours('Europe/Paris')", "21"},
    {"now.getHours('Nowhere/Else')", "CEL_ZONE 1:5"},
    {"timestamp('2026-07-01T12:00:00Z').getHours('Europe/Paris')", "14"},
    {"timestamp('2026-01-01T12:00:00Z').getHours('Australia/Sydney')", "23"},
    {"timestamp('2026-03-08T09:59:59Z').getHours('America/Los_Angeles')", "1"},
    {"timestamp('2026-03-08T10:00:00Z').getHours('America/Los_Angeles')", "3"},
    {"timestamp('2026-11-01T08:59:59Z').getHours('America/Los_Angeles')", "1"},
    {"timestamp('2026-11-01T09:00:00Z').getHours('America/Los_Angeles')", "1"},
    {"timestamp('2026-11-01T10:00:00Z').getHours('America/Los_Angeles')", "2"},
    {"timestamp('9999-12-31T23:59:59Z').getFullYear('+01:00')", "CEL_RANGE 1:35"},
    {"duration('1h30m') == duration('5400s')", "true"},
    {"string(duration('-1.5s'))", "\"-1.5s\""},
    {"duration('1e3s')", "CEL_CONVERSION 1:1"},
    {"timestamp('2026-02-29T00:00:00Z')", "CEL_CONVERSION 1:1"},
    /* regular expressions of RE2 */
    {"'a\\nb'.matches('a.b')", "false"},
    {"'ab\\n'.matches('b$')", "false"},
    {"'\\u000b'.matches(r'\\s')", "false"},
    {"'Stra\\u00dfe'.matches('(?i)STRA.E')", "true"},
    {"'a1'.matches('^[[:alpha:]][[:digit:]]$')", "true"},
    {"'x' .matches(dyn('('))", "CEL_REGEX 1:6"},
    {"'abc'.matches('b' + 'c')", "true"},
    {"['a', 'b'].exists(p, 'xb'.matches(p + '$'))", "true"},
    {"'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'.matches('(a|aa)+[bc]')", "CEL_REGEX_LIMIT 1:44"},
    /* text */
    {"'%s has %d, %.2f, %x'.format([report.category, 3, 1.5, 255])", "\"recruitment has 3, 1.50, ff\""},
    {"'a,b,,c'.split(',')", "[\"a\", \"b\", \"\", \"c\"]"},
    {"'abc'.split('')", "[\"a\", \"b\", \"c\"]"},
    {"'abcabc'.replace('', '-', 2)", "\"-a-bcabc\""},
    {"'abc'.replace('', '-')", "\"-a-b-c-\""},
    {"'aXbX'.replace('X', '', 1)", "\"abX\""},
    {"'gr\\u00fc\\u00dfe'.reverse()", "\"e\xc3\x9f\xc3\xbcrg\""},
    {"base64.decode('!')", "CEL_ARGUMENT 1:8"},
    {"'abc'.substring(2, 1)", "CEL_ARGUMENT 1:7"},
    /* errors and what absorbs them */
    {"1 / 0 == 1 ? 1 : 2", "CEL_DIVIDE_BY_ZERO 1:3"},
    {"[0, 1].exists(x, 1 / x == 1)", "true"},
    {"[0, 2].exists(x, 1 / x == 1)", "CEL_DIVIDE_BY_ZERO 1:20"},
    {"[0, 2].exists_one(x, 1 / x == 0)", "CEL_DIVIDE_BY_ZERO 1:24"},
    {"{'a': 1, 'a': 2}", "CEL_DUPLICATE_KEY 1:1"},
    {"optional.none().value()", "CEL_NO_VALUE 1:17"},
    {"9007199254740993 == dyn(9007199254740992.0)", "true"},
    {"dyn(1) == 1u && dyn(1) in [1.0] && {1: 'x'}[dyn(1.0)] == 'x'", "true"},
    {"dyn('a') < 1", "CEL_NO_OVERLOAD 1:10"},
    {"[1.0, double('NaN')] == [1.0, double('NaN')]", "false"},
};

static void expressions_over_facts_give(void **state)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(4096);
    size_t wrong = 0;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        run(*state, cases[i].expr, NULL, out);
        if (strcmp(out->data, cases[i].gives) != 0) {
            (void)printf("# %s gives %s, not %s\n", cases[i].expr, out->data, cases[i].gives);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void a_budget_ends_what_is_too_long(void **state)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(4096);

    run(*state, "[1, 2, 3].all(x, x > 0)", &(struct cel_budget){.steps = 20}, out);
    assert_string_equal(out->data, "true");
    run(*state, "[1, 2, 3].all(x, x > 0)", &(struct cel_budget){.steps = 10}, out);
    assert_string_equal(out->data, "CEL_STEPS 1:11");
    run(*state, "[1, 2, 3].all(x, x > 0) || true", &(struct cel_budget){.steps = 10}, out);
    assert_string_equal(out->data, "CEL_STEPS 1:11");
    run(*state, "report.category + 'a' == ''", &(struct cel_budget){.memory_bytes = 16}, out);
    assert_string_equal(out->data, "false");
    run(*state, "report.category + '123456' == ''", &(struct cel_budget){.memory_bytes = 16}, out);
    assert_string_equal(out->data, "CEL_MEMORY 1:17");
}

static void only_the_fields_asked_for_are_read(void **state)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(4096);

    reads = 0;
    run(*state, "report.category == 'x' && report.hits.all(h, h.severity > 0)", NULL, out);
    assert_string_equal(out->data, "false");
    assert_int_equal(reads, 0);
    run(*state, "report.hits.exists(h, h.severity == 1)", NULL, out);
    assert_string_equal(out->data, "true");
    assert_int_equal(reads, 1);
}

static enum cel_presence ask(const void *context, unsigned slot, struct cel_value *ret)
{
    *ret = cel_record_value(case_record, context);
    return slot == 0 ? CEL_PRESENT : CEL_ABSENT;
}

static void variables_may_come_from_a_callback(void **state)
{
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    struct world *w = *state;
    struct cel_activation facts = {.get = ask, .context = w};
    struct cel_value value;
    struct fault why;

    assert_int_equal(cel_compile(&program, w->env, SPAN("report.views == 0 || now == now"), NULL, &why), 0);
    assert_int_equal(cel_evaluate(program, &facts, w->arena, NULL, &value, &why), 0);
    assert_true(value.kind == CEL_BOOL && value.as.b);
    program = cel_program_free(program);
    assert_int_equal(cel_compile(&program, w->env, SPAN("now == now"), NULL, &why), 0);
    assert_int_equal(cel_evaluate(program, &facts, w->arena, NULL, &value, &why), FAULT);
    assert_string_equal(why.code, "CEL_NO_KEY");
    assert_int_equal(cel_evaluate(program, NULL, w->arena, NULL, &value, &why), FAULT);
}

static void a_full_arena_is_no_fault_of_the_expression(void **state)
{
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    CLEANUP(arena_freep) struct arena *small = arena_new(64);
    struct world *w = *state;
    struct cel_activation facts = {.values = w->values, .count = 2};
    struct cel_value value;
    struct fault why;

    assert_int_equal(cel_compile(&program, w->env, SPAN("report.hits.map(h, [h, h, h, h])"), NULL, &why), 0);
    assert_int_equal(cel_evaluate(program, &facts, small, NULL, &value, &why), -ENOMEM);
}

static void constants_are_computed_when_compiled(void **state)
{
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    struct world *w = *state;
    struct cel_value value;
    struct fault why;

    assert_int_equal(cel_compile(&program, w->env, SPAN("['a' + 'b', string(duration('1h'))]"), NULL, &why), 0);
    arena_reset(w->arena);
    assert_int_equal(cel_evaluate(program, NULL, w->arena, NULL, &value, &why), 0);
    assert_int_equal(arena_used(w->arena), 0);
    assert_int_equal(value.as.list->count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expressions_over_facts_give, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_budget_ends_what_is_too_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_fields_asked_for_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(variables_may_come_from_a_callback, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_arena_is_no_fault_of_the_expression, set_up, tear_down),
        cmocka_unit_test_setup_teardown(constants_are_computed_when_compiled, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("lib/cel: evaluate", tests, NULL, NULL);
}
