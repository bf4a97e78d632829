/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluations a second of rule-like expressions over one case, single thread, and the time to load
 * and to run many generated rules; beside two engines of npm on the same expressions in the same
 * run, where node and the packages are there:
 *     npm install --prefix DIR @bufbuild/cel cel-js;  CEL_RIVALS=DIR bench_cel
 */
#include "lib/cel/cel.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { HITS = 12, RULES = 1000, SET = 200, ROUNDS = 2000, NAME_LEN = 40 };

static const char facts_json[] =
    "{\"report\": {\"category\": \"recruitment\", \"urgency\": \"routine\", \"origin\": \"user_notice\","
    " \"exemptions_claimed\": [\"journalistic\"], \"jurisdictions\": [\"DE\", \"FR\"]},"
    " \"content\": {\"type\": \"post\", \"text\": \"join us at the usual place, write to the channel\","
    " \"language\": \"ar\", \"views\": 1200}, \"hits\": [%s]}";

static const struct {
    const char *name, *expr;
} expressions[] = {
    {"one field", "report.category == 'recruitment'"},
    {"three fields", "content.views > 1000 && content.language == 'ar' && report.urgency != 'routine'"},
    {"membership", "report.category in ['financing', 'training', 'recruitment', 'threats']"},
    {"hits", "hits.exists(h, h.list == 'contact-channels' && h.severity >= 2)"},
    {"sample rule", "report.category == 'recruitment' && hits.exists(h, h.list == 'contact-channels' && "
                    "h.severity >= 2) && !('research' in report.exemptions_claimed)"},
    {"all hits", "hits.all(h, h.severity < 5) && size(hits) > 3"},
    {"filter and count", "hits.filter(h, h.severity >= 2).size() >= 2"},
    {"text", "content.text.contains('channel') || content.text.startsWith('join')"},
    {"arithmetic", "content.views * 3 + size(hits) * 100 > 4000 ? content.views / 2 < 700 : false"},
};

struct hit {
    const char *list;
    int64_t severity;
};

static struct hit hits[HITS];
static struct cel_list hit_list, exemptions, jurisdictions;
static uint16_t report_record, content_record, hit_record;

static enum cel_presence report_get(const void *object, unsigned field, struct cel_value *ret)
{
    (void)object;
    switch (field) {
    case 0:
        *ret = cel_string(SPAN("recruitment"));
        break;
    case 1:
        *ret = cel_string(SPAN("routine"));
        break;
    case 2:
        *ret = cel_string(SPAN("user_notice"));
        break;
    case 3:
        *ret = cel_list_value(&exemptions);
        break;
    default:
        *ret = cel_list_value(&jurisdictions);
        break;
    }
    return CEL_PRESENT;
}

static enum cel_presence content_get(const void *object, unsigned field, struct cel_value *ret)
{
    (void)object;
    switch (field) {
    case 0:
        *ret = cel_string(SPAN("post"));
        break;
    case 1:
        *ret = cel_string(SPAN("join us at the usual place, write to the channel"));
        break;
    case 2:
        *ret = cel_string(SPAN("ar"));
        break;
    default:
        *ret = cel_int(1200);
        break;
    }
    return CEL_PRESENT;
}

static enum cel_presence hit_get(const void *object, unsigned field, struct cel_value *ret)
{
    const struct hit *hit = object;

    *ret = field == 0 ? cel_string(span_of(hit->list)) : cel_int(hit->severity);
    return CEL_PRESENT;
}

static void hit_at(const void *host, uint32_t i, struct cel_value *ret)
{
    *ret = cel_record_value(hit_record, (const struct hit *)host + i);
}

static const struct cel_field report_fields[] = {{"category", "string"}, {"urgency", "string"},
    {"origin", "string"}, {"exemptions_claimed", "list(string)"}, {"jurisdictions", "list(string)"}};
static const struct cel_field content_fields[] = {
    {"type", "string"}, {"text", "string"}, {"language", "string"}, {"views", "int"}};
static const struct cel_field hit_fields[] = {{"list", "string"}, {"severity", "int"}};
static const struct cel_record report_type = {"report", report_fields, 5, report_get};
static const struct cel_record content_type = {"content", content_fields, 4, content_get};
static const struct cel_record hit_type = {"hit", hit_fields, 2, hit_get};

static struct cel_env *make_env(void)
{
    static struct cel_value exempt[1], places[2];
    struct cel_env *env = cel_env_new(CEL_OPTIONALS);

    exempt[0] = cel_string(SPAN("journalistic"));
    places[0] = cel_string(SPAN("DE"));
    places[1] = cel_string(SPAN("FR"));
    exemptions = (struct cel_list){.count = 1, .items = exempt};
    jurisdictions = (struct cel_list){.count = 2, .items = places};
    for (int i = 0; i < HITS; i++) {
        hits[i] = (struct hit){i == HITS - 2 ? "contact-channels" : "slogans", i % 4};
    }
    hit_list = (struct cel_list){.count = HITS, .get = hit_at, .host = hits};
    assert_int_equal(cel_env_add_record(env, &report_type, &report_record, NULL), 0);
    assert_int_equal(cel_env_add_record(env, &content_type, &content_record, NULL), 0);
    assert_int_equal(cel_env_add_record(env, &hit_type, &hit_record, NULL), 0);
    assert_int_equal(cel_env_add_variable(env, "report", "report", NULL, NULL), 0);
    assert_int_equal(cel_env_add_variable(env, "content", "content", NULL, NULL), 0);
    assert_int_equal(cel_env_add_variable(env, "hits", "list(hit)", NULL, NULL), 0);
    return env;
}

static double seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct cel_program *compile(const struct cel_env *env, const char *expr)
{
    struct cel_program *program = NULL;
    struct fault why;

    if (cel_compile(&program, env, span_of(expr), NULL, &why) != 0) {
        fail_msg("%s: %s %s", expr, why.code, why.text);
    }
    return program;
}

static double rate(const struct cel_program *program, const struct cel_activation *facts,
                   struct arena *arena, bool *ret_value)
{
    double start = seconds(), now = start;
    struct cel_value value;
    size_t count = 0;

    while (now - start < 0.3) {
        for (int i = 0; i < 1000; i++) {
            arena_reset(arena);
            if (cel_evaluate(program, facts, arena, NULL, &value, NULL) != 0) {
                fail_msg("the evaluation failed");
            }
        }
        count += 1000;
        now = seconds();
    }
    *ret_value = value.as.b;
    return (double)count / (now - start);
}

/* The rivals' figures by expression: the faster of them, and which. */
struct rival {
    double rate;
    char name[NAME_LEN], value[8];
};

static void write_cases(const char *path)
{
    json_t *all = json_object(), *list = json_array(), *one, *facts;
    char text[4096], rows[2048] = "";

    for (int i = 0; i < HITS; i++) {
        size_t len = strlen(rows);

        (void)snprintf(rows + len, sizeof(rows) - len, "%s{\"list\": \"%s\", \"severity\": %d}",
                       i ? ", " : "", hits[i].list, (int)hits[i].severity);
    }
    (void)snprintf(text, sizeof(text), facts_json, rows);
    facts = json_loads(text, 0, NULL);
    assert_non_null(facts);
    for (size_t i = 0; i < COUNT_OF(expressions); i++) {
        one = json_pack("{s:s, s:s}", "name", expressions[i].name, "expr", expressions[i].expr);
        (void)json_array_append_new(list, one);
    }
    (void)json_object_set_new(all, "facts", facts);
    (void)json_object_set_new(all, "expressions", list);
    assert_int_equal(json_dump_file(all, path, 0), 0);
    json_decref(all);
}

static void run_rivals(struct rival *rivals)
{
    const char *folder = getenv("CEL_RIVALS");
    char path[] = "/tmp/bench_cel_XXXXXX", command[1024], line[256];
    char *script = test_source("tests/bench/bench_cel.js");
    int file = mkstemp(path);
    FILE *out;

    if (!folder || file < 0) {
        (void)printf("# rivals left out: CEL_RIVALS does not name a folder with node_modules\n");
        free(script);
        return;
    }
    (void)close(file);
    write_cases(path);
    (void)snprintf(command, sizeof(command), "cp '%s' '%s/bench_cel.mjs' && node '%s/bench_cel.mjs' '%s' '%s'",
                   script, folder, folder, folder, path);
    out = popen(command, "r");
    while (out && fgets(line, sizeof(line), out)) {
        char name[NAME_LEN], value[8];
        double per_second;
        int at = 0;

        if (sscanf(line, "%39s %lf %7s %n", name, &per_second, value, &at) < 3) {
            continue;
        }
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; i < COUNT_OF(expressions); i++) {
            if (strcmp(line + at, expressions[i].name) == 0 && per_second > rivals[i].rate) {
                rivals[i].rate = per_second;
                (void)snprintf(rivals[i].name, NAME_LEN, "%s", name);
                (void)snprintf(rivals[i].value, sizeof(rivals[i].value), "%s", value);
            }
        }
    }
    if (out) {
        (void)pclose(out);
    }
    (void)unlink(path);
    free(script);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Load time of RULES generated rules, and the time of the first SET of them over one case. */
static void bench_set(const struct cel_env *env, const struct cel_activation *facts,
                      struct arena *arena)
{
    static struct cel_program *programs[RULES];
    static double rounds[ROUNDS];
    double start = seconds();
    struct cel_value value;

    for (int i = 0; i < RULES; i++) {
        char expr[400];

        (void)snprintf(expr, sizeof(expr),
                       "report.category == 'c%d' || (content.views > %d && hits.exists(h, h.list == 'list-%d' "
                       "&& h.severity >= %d) && !('research' in report.exemptions_claimed))",
                       i % 20, i * 3, i % 50, i % 4);
        programs[i] = compile(env, expr);
    }
    (void)printf("load %d rules: %.1f ms\n", RULES, (seconds() - start) * 1e3);
    for (int round = 0; round < ROUNDS; round++) {
        start = seconds();
        for (int i = 0; i < SET; i++) {
            arena_reset(arena);
            if (cel_evaluate(programs[i], facts, arena, NULL, &value, NULL) != 0) {
                fail_msg("a generated rule failed");
            }
        }
        rounds[round] = (seconds() - start) * 1e6;
    }
    qsort(rounds, ROUNDS, sizeof(rounds[0]), by_size);
    (void)printf("a set of %d rules over one case: median %.1f us, 99th percentile %.1f us\n", SET,
                 rounds[ROUNDS / 2], rounds[ROUNDS * 99 / 100]);
    for (int i = 0; i < RULES; i++) {
        (void)cel_program_free(programs[i]);
    }
}

int main(void)
{
    static struct rival rivals[COUNT_OF(expressions)];
    struct cel_env *env = make_env();
    struct arena *arena = arena_new(4 << 20);
    struct cel_value values[3] = {cel_record_value(report_record, hits),
                                  cel_record_value(content_record, hits), cel_list_value(&hit_list)};
    struct cel_activation facts = {.values = values, .count = 3};

    run_rivals(rivals);
    (void)printf("%-18s %14s %14s %-15s %8s\n", "expression", "ours/s", "fastest rival", "", "times");
    for (size_t i = 0; i < COUNT_OF(expressions); i++) {
        struct cel_program *program = compile(env, expressions[i].expr);
        bool value;
        double ours = rate(program, &facts, arena, &value);
        const char *agrees = rivals[i].rate <= 0 || strcmp(rivals[i].value, value ? "true" : "false") == 0
                                 ? ""
                                 : "  (another value)";

        (void)printf("%-18s %14.0f %14.0f %-15s %8.1f%s\n", expressions[i].name, ours, rivals[i].rate,
                     rivals[i].name, rivals[i].rate > 0 ? ours / rivals[i].rate : 0, agrees);
        (void)cel_program_free(program);
    }
    bench_set(env, &facts, arena);
    (void)arena_free(arena);
    (void)cel_env_free(env);
    return 0;
}
