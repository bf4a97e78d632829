/* SPDX-License-Identifier: Apache-2.0 */
/* Rules meant to blow up. What can be seen when the rule is read is refused there by name and place; what
 * can only be seen on a case ends with its error in the verdict, which is then undecided: the case goes to
 * a person, and the other rules count. Each in bounded time and memory. */
#include "lib/base/buf.h"
#include "tests/unit/lib/rules/rules_support.h"

#include <stdio.h>
#include <time.h>

/* 10 ms is the aim; sanitizers and a shared machine get more. */
enum { AIM_MS = 10, LIMIT_MS = 400, TEXT_LEN = 60000, SOURCE_MAX = 1 << 20 };

/* `before`, `times` times `repeated`, `middle`, as often `closing`, `after`. */
struct shape {
    const char *before, *repeated, *middle, *closing, *after;
    size_t times;
};

/* Refused when read: the rule's code, and what the condition ran into. */
static const struct {
    const char *name, *code, *inner;
    struct shape shape;
} at_load[] = {
    {"folds in folds over hits", "RULE_COST", "CEL_COST", {"", "hits.all(a, ", "true", ")", "", 4}},
    {"folds in folds of two variables", "RULE_COST", "CEL_COST", {"", "hits.all(i, a, ", "true", ")", "", 4}},
    {"exists in exists", "RULE_COST", "CEL_COST", {"", "hits.exists(a, ", "false", ")", "", 4}},
    {"exactly one of exactly one", "RULE_COST", "CEL_COST", {"", "hits.exists_one(a, ", "true", ")", "", 4}},
    {"lists of lists of hits", "RULE_COST", "CEL_COST", {"", "hits.map(a, ", "1", ")", ".size() > 0", 4}},
    {"filters of filters", "RULE_COST", "CEL_COST", {"", "hits.filter(a, ", "true", ").size() > 0", "", 4}},
    {"folds of literals", "RULE_COST", "CEL_COST", {"", "[1,2,3,4,5,6,7,8,9,10].all(a, ", "true", ")", "", 7}},
    {"folds over urls in folds over hits", "RULE_COST", "CEL_COST",
     {"", "content.urls.all(u, hits.all(h, ", "true", "))", "", 2}},
    {"10,000 parentheses", "FIELD_LENGTH", "", {"", "(", "true", ")", "", 10000}},
    {"300 parentheses", "RULE_WHEN", "CEL_DEPTH", {"", "(", "true", ")", "", 300}},
    {"nested lists", "RULE_WHEN", "CEL_DEPTH", {"", "[", "1", "]", " == []", 300}},
    {"nested maps", "RULE_WHEN", "CEL_DEPTH", {"", "{1: ", "1", "}", " == {}", 300}},
    {"a chain of not", "RULE_WHEN", "CEL_DEPTH", {"", "!", "true", "", "", 5000}},
    {"a chain of conditions", "RULE_WHEN", "CEL_DEPTH", {"", "true ? true : ", "false", "", "", 300}},
    {"a chain of calls", "RULE_WHEN", "CEL_DEPTH", {"content.text", ".trim()", "", "", " == \"\"", 400}},
    {"a sum of 300", "RULE_WHEN", "CEL_DEPTH", {"1", " + 1", "", "", " > 0", 300}},
    {"variables in variables", "RULE_WHEN", "CEL_DEPTH", {"", "cel.bind(a, 1, ", "true", ")", "", 200}},
    {"a list of 2,000", "RULE_WHEN", "CEL_ELEMENTS", {"[1", ", 1", "", "", "] == []", 2000}},
    {"a map of 1,500", "RULE_WHEN", "CEL_ELEMENTS", {"{1: 1", ", 1: 1", "", "", "} == {}", 1300}},
    {"a literal of 5,000 bytes", "RULE_WHEN", "CEL_LITERAL_SIZE", {"report.reason == \"", "a", "", "", "\"", 5000}},
    {"a condition of 9,000 bytes", "FIELD_LENGTH", "", {"true", " ", "", "", "&& true", 9000}},
    {"an endless number", "RULE_WHEN", "CEL_LITERAL", {"", "9", "", "", " > 0", 5000}},
    {"an unclosed text", "RULE_WHEN", "CEL_SYNTAX", {"\"", "ab", "", "", "", 2000}},
    {"a pattern that explodes when compiled", "RULE_WHEN", "CEL_REGEX",
     {"content.text.matches(\"(((a{1000}){1000}){1000}){1000}\")", "", "", "", "", 1}},
    {"a pattern nested 300 deep", "RULE_WHEN", "CEL_REGEX", {"content.text.matches(\"", "(", "a", ")", "\")", 300}},
    {"a pattern with lookahead", "RULE_WHEN", "CEL_REGEX", {"content.text.matches(\"(?=(a+))a\")", "", "", "", "", 1}},
    {"a pattern with a backreference", "RULE_WHEN", "CEL_REGEX",
     {"content.text.matches(r\"(a+)\\1\")", "", "", "", "", 1}},
    {"an answer that is no truth", "RULE_WHEN", "", {"1 + 1", "", "", "", "", 1}},
    {"a fact that does not exist", "RULE_WHEN", "CEL_UNKNOWN_NAME", {"reporter.password == \"\"", "", "", "", "", 1}},
};

/* Ends on a case: 256 hits and a long text of one letter. */
static const struct {
    const char *name, *code, *when;
} at_run[] = {
    {"a pattern that backtracks", "CEL_REGEX_LIMIT", "content.text.matches(\"(a|aa)+[bc]\")"},
    {"nested repeats", "CEL_REGEX_LIMIT", "content.text.matches(\"((a*)*)*[bc]\")"},
    {"nested repeats that something else might save", "CEL_REGEX_LIMIT",
     "content.text.matches(\"((a*)*)*[bc]\") || size(content.text) > 9"},
    {"a text that doubles", "CEL_MEMORY",
     "cel.bind(a, content.text + content.text, cel.bind(b, a + a, cel.bind(c, b + b, cel.bind(d, c + c, cel.bind(e, d + d, "
     "cel.bind(f, e + e, size(f) > 9))))))"},
    {"a replacement that grows", "CEL_MEMORY", "size(content.text.replace(\"a\", \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\")) > 100"},
    {"a text cut into letters", "CEL_MEMORY", "size(content.text.split(\"\")) + size((content.text + content.text).split(\"\")) > 100"},
    {"the largest number and one", "CEL_OVERFLOW", "history.reports + 9223372036854775807 > 0 && size(content.text) > 100"},
    {"a division by nothing", "CEL_DIVIDE_BY_ZERO", "size(content.text) < 100 || 1 / (history.reports - history.reports) > 0"},
    {"a hit that is not there", "CEL_INDEX", "size(content.text) < 100 || hits[1000000].severity > 0"},
    {"a time beyond time", "CEL_RANGE",
     "size(content.text) < 100 || timestamp(\"9999-12-31T23:59:59Z\") + duration(\"48h\") > now"},
    {"a long text asked for each hit", "CEL_STEPS",
     "size(content.text) > 100 && hits.all(h, content.text.contains(\"aab\") || h.severity >= 0)"},
};

static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* In double quotes of YAML: each quote and backslash once more. */
static void add_quoted(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            (void)buf_add_char(out, '\\');
        }
        (void)buf_add_char(out, *text);
    }
}

static void write_rule(struct buf *out, const char *id, const struct shape *shape)
{
    (void)buf_add_format(out, "- id: %s\n  policy: policy/4.2\n  when: \"", id);
    add_quoted(out, shape->before);
    for (size_t i = 0; i < shape->times; i++) {
        add_quoted(out, shape->repeated);
    }
    add_quoted(out, shape->middle);
    for (size_t i = 0; i < shape->times; i++) {
        add_quoted(out, shape->closing);
    }
    add_quoted(out, shape->after);
    /* An example that only a short text fits: the rule loads, and meets the long one later. */
    (void)buf_add_text(out, "\"\n  then: {severity: 1}\n  examples: [{matches: true}]\n");
    assert_int_equal(buf_status(out), 0);
}

static bool says(const struct faults *faults, const char *code, const char *inner)
{
    return faults->count > 0 && strcmp(faults->list[0].code, code) == 0 && strstr(faults->list[0].text, inner) &&
           strncmp(faults->list[0].place, "rules/hostile.yaml:", 19) == 0;
}

static void what_can_be_seen_is_refused_when_read(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(at_load); i++) {
        CLEANUP(buf_freep) struct buf *yaml = buf_new(SOURCE_MAX);
        CLEANUP(rule_set_freep) struct rule_set *set = NULL;
        struct faults faults = {0};
        struct rule_file file = {.name = "rules/hostile.yaml"};
        double took;
        int r;

        write_rule(yaml, "hostile", &at_load[i].shape);
        file.bytes = buf_span(yaml);
        took = now_ms();
        r = rule_set_build(&set, &file, 1, &rule_options_default, &faults);
        took = now_ms() - took;
        if (r != FAULT || !says(&faults, at_load[i].code, at_load[i].inner) || took > LIMIT_MS) {
            (void)printf("# %s: %d %s %s: %s, %.1f ms\n", at_load[i].name, r, faults.list[0].code, faults.list[0].place,
                         faults.list[0].text, took);
            wrong++;
        } else if (took > AIM_MS) {
            (void)printf("# %s took %.1f ms\n", at_load[i].name, took);
        }
    }
    assert_int_equal(wrong, 0);
}

struct world {
    struct report *report;
    struct hits *hits;
};

static void world_open(struct world *w)
{
    char *members = malloc(TEXT_LEN + 64);
    size_t at = (size_t)snprintf(members, 64, "{'content': {'text': '");

    memset(members + at, 'a', TEXT_LEN);
    (void)snprintf(members + at + TEXT_LEN, 8, "'}}");
    w->report = report_of(members);
    w->hits = calloc(1, sizeof(*w->hits));
    while (w->hits->count < HITS_MAX) {
        add_hit(w->hits, "slogans", 2);
    }
    free(members);
}

/* Beside a rule that fires: it still does, though the hostile one stands before it. */
static struct rule_set *set_of(const char *when)
{
    CLEANUP(buf_freep) struct buf *yaml = buf_new(SOURCE_MAX);

    (void)buf_add_text(yaml, "- id: hostile\n  policy: policy/4.2\n  mode: live\n  when: \"!(size(content.text) < 100) && (");
    add_quoted(yaml, when);
    (void)buf_add_text(yaml, ") || report.category == \\\"financing\\\"\"\n  then: {severity: 4, queue: never}\n"
                             "  examples: [{matches: true, report: {category: financing}}]\n" RULE("sound", "true", "queue: sound"));
    assert_int_equal(buf_status(yaml), 0);
    return rules_of(yaml->data);
}

static bool ends_by_name(const struct verdict *verdict, const char *code)
{
    return verdict->rule_count == 2 && verdict->rules[0].failed && span_starts(verdict->rules[0].error, code) &&
           verdict->undecided && span_is(verdict->queue, "sound") && verdict->severity == 0;
}

static void what_only_a_case_shows_ends_by_name_and_a_person_looks(void **state)
{
    struct world w;
    size_t wrong = 0;

    (void)state;
    world_open(&w);
    for (size_t i = 0; i < COUNT_OF(at_run); i++) {
        CLEANUP(rule_set_freep) struct rule_set *set = set_of(at_run[i].when);
        CLEANUP(rule_scratch_freep) struct rule_scratch *scratch = NULL;
        const struct rule_facts facts = {.report = w.report, .hits = w.hits, .history_reports = 5, .now_ms = RULES_NOW_MS};
        struct verdict verdict;
        double took;

        assert_int_equal(rule_scratch_new(&scratch, set), 0);
        took = now_ms();
        assert_int_equal(rule_set_evaluate(set, scratch, &facts, &verdict), 0);
        took = now_ms() - took;
        if (!ends_by_name(&verdict, at_run[i].code) || took > LIMIT_MS) {
            (void)printf("# %s: %.*s, %.1f ms\n", at_run[i].name, (int)verdict.rules[0].error.len,
                         verdict.rules[0].error.len ? verdict.rules[0].error.ptr : "", took);
            wrong++;
        } else if (took > AIM_MS) {
            (void)printf("# %s took %.1f ms\n", at_run[i].name, took);
        }
    }
    (void)report_free(w.report);
    free(w.hits);
    assert_int_equal(wrong, 0);
}

static void a_set_of_hostile_rules_is_refused_whole_and_each_is_named(void **state)
{
    CLEANUP(buf_freep) struct buf *yaml = buf_new(SOURCE_MAX);
    CLEANUP(rule_set_freep) struct rule_set *set = NULL;
    struct faults faults = {0};
    struct rule_file file = {.name = "rules/hostile.yaml"};

    (void)state;
    for (int i = 0; i < 8; i++) {
        char id[16];

        (void)snprintf(id, sizeof(id), "hostile-%d", i);
        write_rule(yaml, id, &at_load[i].shape);
    }
    file.bytes = buf_span(yaml);
    assert_int_equal(rule_set_build(&set, &file, 1, &rule_options_default, &faults), FAULT);
    assert_null(set);
    assert_int_equal(faults.count, 8);
    for (size_t i = 0; i < faults.count; i++) {
        assert_string_equal(faults.list[i].code, "RULE_COST");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_seen_is_refused_when_read),
        cmocka_unit_test(what_only_a_case_shows_ends_by_name_and_a_person_looks),
        cmocka_unit_test(a_set_of_hostile_rules_is_refused_whole_and_each_is_named),
    };

    return cmocka_run_group_tests_name("lib/rules: hostile rules", tests, NULL, NULL);
}
