/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused when an expression is compiled or an env is made: code and place. */
#include "lib/cel/cel.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

static enum cel_presence nothing(const void *object, unsigned field, struct cel_value *ret)
{
    (void)object;
    (void)field;
    (void)ret;
    return CEL_ABSENT;
}

static const struct cel_field report_fields[] = {{"category", "string"}, {"views", "int"},
                                                 {"tags", "list(string)"}, {"parent", "report"}};
static const struct cel_record report = {"report", report_fields, COUNT_OF(report_fields), nothing};

static struct cel_env *make_env(unsigned switches)
{
    struct cel_env *env = cel_env_new(switches);

    assert_non_null(env);
    assert_int_equal(cel_env_add_record(env, &report, NULL, NULL), 0);
    assert_int_equal(cel_env_add_variable(env, "report", "report", NULL, NULL), 0);
    assert_int_equal(cel_env_add_variable(env, "hits", "list(report)", NULL, NULL), 0);
    assert_int_equal(cel_env_add_variable(env, "labels", "map(string, int)", NULL, NULL), 0);
    assert_int_equal(cel_env_add_variable(env, "any", "dyn", NULL, NULL), 0);
    return env;
}

static const struct {
    const char *expr, *code, *place, *says;
} refused[] = {
    {"", "CEL_SYNTAX", "1:1", "missing"},
    {"1 +", "CEL_SYNTAX", "1:4", "missing"},
    {"1 + 2\n3", "CEL_SYNTAX", "2:1", "an operator or the end"},
    {"a = b", "CEL_SYNTAX", "1:3", "=="},
    {"a & b", "CEL_SYNTAX", "1:3", "&&"},
    {"'abc", "CEL_SYNTAX", "1:1", "closed"},
    {"f(1,)", "CEL_SYNTAX", "1:5", "argument"},
    {"a.b`", "CEL_SYNTAX", "1:4", "quoted name"},
    {"\"\xc3\x84\" + #", "CEL_SYNTAX", "1:7", "no meaning"},
    {"'\\q'", "CEL_LITERAL", "1:1", "escape"},
    {"'\\ud800'", "CEL_LITERAL", "1:1", "code point"},
    {"b'\\u0041'", "CEL_LITERAL", "1:1", "bytes"},
    {"9223372036854775808", "CEL_LITERAL", "1:1", "int"},
    {"18446744073709551616u", "CEL_LITERAL", "1:1", "uint"},
    {"1e999", "CEL_LITERAL", "1:1", "double"},
    {"\xff", "CEL_LITERAL", "1:1", "UTF-8"},
    {"while", "CEL_RESERVED", "1:1", "reserved"},
    {"hits.all(import, true)", "CEL_RESERVED", "1:10", "reserved"},
    {"has(report)", "CEL_MACRO", "1:5", "one field"},
    {"hits.all(h.x, true)", "CEL_MACRO", "1:11", "plain name"},
    {"hits.all(h, h, true)", "CEL_MACRO", "1:13", "different names"},
    {"hits.map(__result__, 1)", "CEL_MACRO", "1:10", "__result__"},
    {"cel.bind(1, 2, 3)", "CEL_MACRO", "1:10", "plain name"},
    {"cel.bind(a, 2)", "CEL_MACRO", "1:5", "takes"},
    {"repart.category == ''", "CEL_UNKNOWN_NAME", "1:1", "did you mean 'report'"},
    {"hits.exists(hit, hti.views > 1)", "CEL_UNKNOWN_NAME", "1:18", "did you mean 'hit'"},
    {"hits.all(h, true) && h.views > 1", "CEL_UNKNOWN_NAME", "1:22", "'h' is not declared"},
    {"report.catgory == ''", "CEL_UNKNOWN_FIELD", "1:7", "did you mean 'category'"},
    {"report.parent.parent.viws > 1", "CEL_UNKNOWN_FIELD", "1:21", "'views'"},
    {"has(report.nothing)", "CEL_UNKNOWN_FIELD", "1:11", "no field"},
    {"siz(hits) > 1", "CEL_UNKNOWN_FUNCTION", "1:1", "'size'"},
    {"remove(report)", "CEL_UNKNOWN_FUNCTION", "1:1", "'remove'"},
    {"Thing{a: 1}", "CEL_UNKNOWN_NAME", "1:1", "message"},
    {"report.views + 'a'", "CEL_NO_OVERLOAD", "1:14", "+ does not take (int, string)"},
    {"report.category == 1", "CEL_NO_OVERLOAD", "1:17", "== does not take (string, int)"},
    {"1 && true", "CEL_NO_OVERLOAD", "1:1", "&& wants a bool, not int"},
    {"hits.all(h, h.views)", "CEL_NO_OVERLOAD", "1:14", "bool, not int"},
    {"1.contains('a')", "CEL_NO_OVERLOAD", "1:3", "int has no function contains(string)"},
    {"size(1)", "CEL_NO_OVERLOAD", "1:1", "size does not take (int)"},
    {"hits['a']", "CEL_NO_OVERLOAD", "1:5", "[] does not take (list(report), string)"},
    {"true ? 1 : 'a'", "CEL_NO_OVERLOAD", "1:6", "?: does not take"},
    {"report.views.x", "CEL_TYPE", "1:13", "int has no fields"},
    {"report.views.all(x, true)", "CEL_TYPE", "1:14", "a list or a map, not int"},
    {"{1.5: 1}", "CEL_TYPE", "1:2", "a map key"},
    {"{hits: 1}", "CEL_TYPE", "1:2", "not list(report)"},
    {"[1].transformMapEntry(i, v, [v])", "CEL_TYPE", "1:29", "a map of one entry"},
    {"report.category.matches('(')", "CEL_REGEX", "1:25", "pattern"},
    {"report.?category", "CEL_OPTIONAL_OFF", "1:8", "not switched on"},
    {"hits[?0]", "CEL_OPTIONAL_OFF", "1:6", "not switched on"},
    {"[?any]", "CEL_OPTIONAL_OFF", "1:2", "not switched on"},
    {"optional.of(1)", "CEL_UNKNOWN_NAME", "1:1", "'optional' is not declared"},
};

static void a_mistake_has_a_code_and_a_place(void **state)
{
    CLEANUP(cel_env_freep) struct cel_env *env = make_env(0);
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        CLEANUP(cel_program_freep) struct cel_program *program = NULL;
        struct fault why = {0};
        int r = cel_compile(&program, env, span_of(refused[i].expr), NULL, &why);

        if (r != FAULT || strcmp(why.code, refused[i].code) != 0 ||
            strcmp(why.place, refused[i].place) != 0 || !strstr(why.text, refused[i].says)) {
            (void)printf("# %s: %d %s %s %s\n", refused[i].expr, r, why.code, why.place, why.text);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static const struct {
    const char *expr, *type;
} typed[] = {
    {"report", "report"},
    {"report.tags", "list(string)"},
    {"report.parent.views + 1", "int"},
    {"hits.map(h, h.category)", "list(string)"},
    {"hits.filter(h, h.views > 1)", "list(report)"},
    {"labels.transformMap(k, v, string(v))", "map(string, string)"},
    {"labels.transformList(k, v, {k: v})", "list(map(string, int))"},
    {"any.whatever[1]", "dyn"},
    {"[1, 'a']", "list(dyn)"},
    {"[]", "list(dyn)"},
    {"type(report)", "type(report)"},
    {"timestamp(0) - timestamp(1)", "duration"},
    {"report.?category.orValue('')", "string"},
    {"hits[?0].optMap(h, h.views)", "optional_type(int)"},
    {"cel.bind(x, report.views, [x, x])", "list(int)"},
    {"math.greatest(1, 2.0)", "dyn"},
    {"true ? report : null", "report"},
};

static void the_type_of_the_result_is_known(void **state)
{
    CLEANUP(cel_env_freep) struct cel_env *env = make_env(CEL_OPTIONALS);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(typed); i++) {
        CLEANUP(cel_program_freep) struct cel_program *program = NULL;
        struct fault why = {0};
        struct buf text;

        buf_init(&text, 100);
        if (cel_compile(&program, env, span_of(typed[i].expr), NULL, &why) != 0) {
            fail_msg("%s: %s %s", typed[i].expr, why.code, why.text);
        }
        assert_int_equal(cel_type_text(&text, cel_program_type(program)), 0);
        assert_string_equal(text.data, typed[i].type);
        buf_done(&text);
    }
}

static int compile_with(const struct cel_limits *limits, const char *expr, char code[FAULT_CODE_MAX])
{
    CLEANUP(cel_env_freep) struct cel_env *env = make_env(0);
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    struct fault why = {0};
    int r = cel_compile(&program, env, span_of(expr), limits, &why);

    (void)snprintf(code, FAULT_CODE_MAX, "%s", why.code);
    return r;
}

static void every_limit_holds_on_both_sides(void **state)
{
    static const struct {
        struct cel_limits limits;
        const char *inside, *outside, *code;
    } cases[] = {
        {{.source_bytes = 5}, "1 + 2", "1 + 23", "CEL_SOURCE_SIZE"},
        {{.depth = 4}, "(((1)))", "((((1))))", "CEL_DEPTH"},
        {{.depth = 4}, "1 + 1 + 1 + 1", "1 + 1 + 1 + 1 + 1", "CEL_DEPTH"},
        {{.nodes = 3}, "1 + 2", "1 + 2 + 3", "CEL_NODES"},
        {{.literal_bytes = 5}, "'abc'", "'abcd'", "CEL_LITERAL_SIZE"},
        {{.elements = 2}, "[1, 2]", "[1, 2, 3]", "CEL_ELEMENTS"},
        {{.elements = 2}, "{1: 1, 2: 2}", "{1: 1, 2: 2, 3: 3}", "CEL_ELEMENTS"},
        {{.cost = 700, .assumed_items = 100}, "hits.all(h, true)", "hits.all(h, h.views > 1 || h.views < 0)",
         "CEL_COST"},
    };
    char code[FAULT_CODE_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (compile_with(&cases[i].limits, cases[i].inside, code) != 0) {
            fail_msg("%s: %s", cases[i].inside, code);
        }
        assert_int_equal(compile_with(&cases[i].limits, cases[i].outside, code), FAULT);
        assert_string_equal(code, cases[i].code);
    }
}

static void the_cost_grows_with_what_may_be_large(void **state)
{
    CLEANUP(cel_env_freep) struct cel_env *env = make_env(0);
    static const char *const by_cost[] = {
        "true",
        "report.category == 'a' && report.views > 1",
        "[1, 2, 3].all(x, x > 0)",
        "hits.all(h, h.views > 0)",
        "hits.all(h, h.category.matches('a+'))",
        "hits.all(h, hits.all(i, h.views > i.views))",
    };
    uint64_t before = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(by_cost); i++) {
        CLEANUP(cel_program_freep) struct cel_program *program = NULL;

        assert_int_equal(cel_compile(&program, env, span_of(by_cost[i]), NULL, NULL), 0);
        assert_true(cel_program_cost(program) > before);
        before = cel_program_cost(program);
    }
}

static void a_program_knows_what_it_reads(void **state)
{
    CLEANUP(cel_env_freep) struct cel_env *env = make_env(0);
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;

    (void)state;
    assert_int_equal(cel_compile(&program, env, SPAN("hits.all(h, h.views > 0) && any"), NULL, NULL), 0);
    assert_false(cel_program_reads(program, 0));
    assert_true(cel_program_reads(program, 1));
    assert_false(cel_program_reads(program, 2));
    assert_true(cel_program_reads(program, 3));
    assert_false(cel_program_reads(program, 100000));
    assert_true(span_is(cel_program_source(program), "hits.all(h, h.views > 0) && any"));
}

static void an_env_refuses_what_it_cannot_mean(void **state)
{
    CLEANUP(cel_env_freep) struct cel_env *env = make_env(0);
    static const struct {
        const char *name, *type, *code;
    } cases[] = {
        {"report", "int", "CEL_ENV_NAME"},   {"a b", "int", "CEL_ENV_NAME"},
        {"in", "int", "CEL_ENV_NAME"},       {"true", "int", "CEL_ENV_NAME"},
        {"while", "int", "CEL_ENV_NAME"},    {"", "int", "CEL_ENV_NAME"},
        {"a.", "int", "CEL_ENV_NAME"},       {"x", "integer", "CEL_ENV_TYPE"},
        {"x", "list(int", "CEL_ENV_TYPE"},   {"x", "map(int)", "CEL_ENV_TYPE"},
        {"x", "int int", "CEL_ENV_TYPE"},    {"x", "list(int, int)", "CEL_ENV_TYPE"},
        {"x", "", "CEL_ENV_TYPE"},
    };
    struct cel_function size = {.name = "size", .result = "int", .params = {"bool"}, .count = 1};
    struct fault why;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(cel_env_add_variable(env, cases[i].name, cases[i].type, NULL, &why), FAULT);
        assert_string_equal(why.code, cases[i].code);
    }
    assert_int_equal(cel_env_add_record(env, &report, NULL, &why), FAULT);
    assert_string_equal(why.code, "CEL_ENV_NAME");
    assert_int_equal(cel_env_add_function(env, &size, &why), FAULT);
    assert_string_equal(why.code, "CEL_ENV_NAME");
    assert_int_equal(cel_env_add_variable(env, "x.y", "map<string, list<int>>", NULL, &why), 0);
    for (int i = 5; i < CEL_ENV_VARIABLES_MAX; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "v%d", i);
        assert_int_equal(cel_env_add_variable(env, name, "int", NULL, &why), 0);
    }
    assert_int_equal(cel_env_add_variable(env, "one_more", "int", NULL, &why), FAULT);
    assert_string_equal(why.code, "CEL_ENV_FULL");
}

/* {x: x} again and again: the type doubles with each round. */
static void a_type_may_not_explode(void **state)
{
    CLEANUP(cel_env_freep) struct cel_env *env = make_env(0);
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    CLEANUP(buf_freep) struct buf *expr = buf_new(8192);
    struct cel_function pair = {.name = "pair", .result = "map(A, B)", .params = {"A", "B"}, .count = 2};
    struct fault why;

    (void)state;
    assert_int_equal(cel_env_add_function(env, &pair, NULL), 0);
    for (int i = 0; i < 50; i++) {
        (void)buf_add_text(expr, i ? "cel.bind(a, pair(a, a), " : "cel.bind(a, pair(1, 1), ");
    }
    (void)buf_add_text(expr, "a == a");
    for (int i = 0; i < 50; i++) {
        (void)buf_add_char(expr, ')');
    }
    assert_int_equal(cel_compile(&program, env, buf_span(expr), NULL, &why), FAULT);
    assert_string_equal(why.code, "CEL_NODES");
}

static void a_fault_shows_its_line_and_a_caret(void **state)
{
    CLEANUP(cel_env_freep) struct cel_env *env = make_env(0);
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    CLEANUP(buf_freep) struct buf *out = buf_new(4096);
    struct span source = SPAN("report.views > 1 &&\n\"\xc3\xa4\" + report.catgory == ''");
    struct fault why;

    (void)state;
    assert_int_equal(cel_compile(&program, env, source, NULL, &why), FAULT);
    assert_int_equal(cel_fault_render(out, source, &why), 0);
    assert_string_equal(out->data,
                        "line 2, column 13: CEL_UNKNOWN_FIELD: report has no field 'catgory'; did you mean 'category'?\n"
                        " | \"\xc3\xa4\" + report.catgory == ''\n"
                        " |             ^\n");
    buf_clear(out);
    assert_int_equal(cel_fault_render(out, SPAN("a\tb\x1b[2J"), &(struct fault){"CODE", "1:3", "text"}), 0);
    assert_string_equal(out->data, "line 1, column 3: CODE: text\n | a.b.[2J\n |   ^\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mistake_has_a_code_and_a_place),
        cmocka_unit_test(the_type_of_the_result_is_known),
        cmocka_unit_test(every_limit_holds_on_both_sides),
        cmocka_unit_test(the_cost_grows_with_what_may_be_large),
        cmocka_unit_test(a_program_knows_what_it_reads),
        cmocka_unit_test(an_env_refuses_what_it_cannot_mean),
        cmocka_unit_test(a_type_may_not_explode),
        cmocka_unit_test(a_fault_shows_its_line_and_a_caret),
    };

    return cmocka_run_group_tests_name("lib/cel: compile", tests, NULL, NULL);
}
