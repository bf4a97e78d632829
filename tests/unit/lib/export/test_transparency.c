/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/rights/record.h"

#include "lib/base/attr.h"
#include "lib/export/transparency.h"
#include "lib/json/read.h"

enum { ROWS_MAX = 3000, CELLS_MAX = 40 };

/* A CSV in memory, read after RFC 4180; cells borrow from `text`, which the reader changes. */
struct table {
    char *text;
    char *cells[ROWS_MAX][CELLS_MAX];
    size_t rows, columns[ROWS_MAX];
};

static void table_read(struct table *table, char *text)
{
    char *in = text, *out = text;

    *table = (struct table){.text = text};
    while (*in) {
        char **cell = &table->cells[table->rows][table->columns[table->rows]++];
        bool quoted = *in == '"';

        assert_true(table->rows < ROWS_MAX - 1 && table->columns[table->rows] < CELLS_MAX);
        *cell = out;
        in += quoted;
        while (quoted ? !(in[0] == '"' && in[1] != '"') : *in != ',' && *in != '\r') {
            assert_true(*in && (quoted || *in != '"'));
            in += quoted && *in == '"';
            *out++ = *in++;
        }
        in += quoted;
        if (*in == '\r') {
            assert_int_equal(in[1], '\n');
            in += 2;
            table->rows++;
        } else {
            assert_int_equal(*in++, ',');
        }
        *out++ = '\0';
    }
}

static struct table *part_of(struct transparency *t, int part)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(8 << 20);
    struct table *table = calloc(1, sizeof(*table));

    assert_int_equal(transparency_part(t, part, out), 0);
    table_read(table, buf_take(out));
    return table;
}

static void table_free(struct table *table)
{
    free(table->text);
    free(table);
}

static const char *cell(const struct table *table, const char *name, size_t name_column,
                        size_t column)
{
    for (size_t i = 0; i < table->rows; i++) {
        if (strcmp(table->cells[i][name_column], name) == 0) {
            return table->cells[i][column];
        }
    }
    fail_msg("no row %s", name);
    return "";
}

static struct transparency *year_2026(void)
{
    static struct transparency_options options = {
        .provider = "Lindenplatz e.G.", .service = "Lindenplatz", .published = "2027-02-01"};

    options.from_ms = at_time("2026-01-01T00:00:00Z");
    options.to_ms = at_time("2027-01-01T00:00:00Z");
    return transparency_new(&options);
}

static void feed(struct transparency *t, const char *single_quoted)
{
    CLEANUP(json_freep) json_t *entry = test_json(single_quoted);
    struct fault why = {{0}, {0}, {0}};
    int r = transparency_add(t, entry, &why);

    if (r) {
        print_message("%s %s %s\n", why.code, why.place, why.text);
    }
    assert_int_equal(r, 0);
}

#define REPORT(at, id, cas, category, origin, more)                                                \
    "{'v':1,'type':'report','at':'" at "','report':'" id "','case':'" cas                          \
    "','partner':'p1','category':'" category "','origin':" origin more "}"
#define DECISION(at, id, cas, outcome, harm, ground, more, record)                                 \
    "{'v':1,'type':'decision','at':'" at "','decision':'" id "','case':'" cas                      \
    "','reviewer':'r','outcome':'" outcome "'" more ",'justification':{'harm':'" harm              \
    "','ground':{'kind':'" ground "'}" record "}}"

static void second_half(struct transparency *t)
{
    /* Case 5: a referral of a state, second person disagrees, so nothing happens. */
    feed(t, REPORT("2026-05-01T10:00:00Z", "r6", "c5", "incitement",
                   "{'kind':'gov_referral_unit','state_actor':{'country':'FR','authority':'PHAROS',"
                   "'court':false}}",
                   ""));
    feed(t, DECISION("2026-05-01T11:00:00Z", "d7", "c5", "remove", "incitement", "terms",
                     ",'state':'awaiting_second'", ",'tier':'full'"));
    feed(t, "{'v':1,'type':'second','at':'2026-05-01T12:00:00Z','decision':'d7','case':'c5','"
            "reviewer':'s','agree':false}");
    /* Case 6: the same, and the second agrees; later reinstated without an appeal. */
    feed(t, REPORT("2026-05-02T10:00:00Z", "r7", "c6", "incitement",
                   "{'kind':'gov_referral_unit','state_actor':{'country':'FR','authority':'PHAROS',"
                   "'court':false}}",
                   ""));
    feed(t, DECISION("2026-05-02T11:00:00Z", "d8", "c6", "remove", "incitement", "terms",
                     ",'state':'awaiting_second'", ",'tier':'full','rule_ids':['rule-1']"));
    feed(t, "{'v':1,'type':'second','at':'2026-05-02T12:00:00Z','decision':'d8','case':'c6','"
            "reviewer':'s','agree':true}");
    feed(t, DECISION("2026-05-05T12:00:00Z", "d9", "c6", "reinstate", "none", "none", "",
                     ",'tier':'full','reverses':'d8'"));
    /* Case 7: before the period; its appeal and its outcome fall into it: upheld after 24 h. */
    feed(t,
         REPORT("2025-12-30T10:00:00Z", "r8", "c7", "recruitment", "{'kind':'user_notice'}", ""));
    feed(t, DECISION("2025-12-30T12:00:00Z", "d10", "c7", "remove", "recruitment", "terms", "",
                     ",'tier':'full'"));
    feed(t, "{'v':1,'type':'appeal','at':'2026-01-02T10:00:00Z','appeal':'a2','case':'c7','"
            "decision':'d10','partner':'p1'}");
    feed(t, DECISION("2026-01-03T10:00:00Z", "d11", "c7", "remove", "recruitment", "terms",
                     ",'appeal':'a2','appeal_result':'upheld'", ",'tier':'full'"));
    /* A deferred decision whose record never comes. */
    feed(t,
         REPORT("2026-06-01T10:00:00Z", "r9", "c8", "planning", "{'kind':'own_initiative'}", ""));
    feed(t, DECISION("2026-06-01T10:05:00Z", "d12", "c8", "remove", "planning", "terms", "",
                     ",'tier':'deferred'"));
    feed(t, "{'v':1,'type':'key','at':'2026-06-02T10:00:00Z','key':'k','role':'partner','action':'"
            "revoke','reason':'unfounded_notices'}");
    feed(t, "{'v':1,'type':'list','at':'2026-06-02T10:00:00Z','list':'x','version':'1','action':'"
            "fetch'}");
}

/* A year in which everything happens once or twice. */
static struct transparency *sample_year(void)
{
    struct transparency *t = year_2026();

    /* Case 1: two notices, one of a trusted flagger with three items; removed on terms after 2 h
     * and 1 h. */
    feed(t,
         REPORT("2026-03-01T10:00:00Z", "r1", "c1", "recruitment", "{'kind':'user_notice'}", ""));
    feed(t, REPORT("2026-03-01T11:00:00Z", "r2", "c1", "recruitment", "{'kind':'trusted_flagger'}",
                   ",'items':3"));
    feed(t,
         DECISION(
             "2026-03-01T12:00:00Z", "d1", "c1", "remove", "recruitment", "terms",
             ",'first_try':true",
             ",'tier':'full','automated_detection':false,'content_lang':'de','rule_ids':['rule-1'],"
             "'list_ids':['list-1'],'exemptions':{'journalistic':'present_not_met'},'origin':{'"
             "kind':'user_notice'}"));
    /* Case 2: found by ourselves by a match, disabled on law. */
    feed(t,
         REPORT("2026-03-02T10:00:00Z", "r3", "c2", "manifesto", "{'kind':'own_initiative'}", ""));
    feed(t,
         DECISION(
             "2026-03-02T10:30:00Z", "d2", "c2", "disable", "manifesto", "law", "",
             ",'tier':'full','automated_detection':true,'content_lang':'fr','rule_ids':['rule-1'],"
             "'lang_competence':'assisted_translation','exemptions':{'journalistic':'met'}"));
    /* Case 3: a removal order of Germany, confirmed after 6 min, effect after 30 min. */
    feed(t, REPORT("2026-03-03T10:00:00Z", "r4", "c3", "financing",
                   "{'kind':'tco_removal_order','state_actor':{'country':'DE','authority':'BKA','"
                   "court':false}}",
                   ",'order':{'country':'DE','items':2,'confirmed_at':'2026-03-03T10:06:00Z'}"));
    feed(t, DECISION("2026-03-03T10:20:00Z", "d3", "c3", "order_executed", "financing", "order", "",
                     ",'tier':'deferred'"));
    feed(t, "{'v':1,'type':'effect','at':'2026-03-03T10:31:00Z','decision':'d3','partner':'p1',"
            "'effective_at':'2026-03-03T10:30:00Z','measure':'removed'}");
    feed(t, DECISION("2026-03-04T09:00:00Z", "d4", "c3", "order_executed", "financing", "order",
                     ",'completes':'d3'", ",'tier':'full'"));
    /* Case 4: a notice that is left alone, quickly; appealed and reversed into a label. */
    feed(t, REPORT("2026-04-01T10:00:00Z", "r5", "c4", "graphic_violence", "{'kind':'user_notice'}",
                   ""));
    feed(t, DECISION("2026-04-01T14:00:00Z", "d5", "c4", "no_action", "none", "none", "",
                     ",'tier':'quick','opened_at':'2026-04-01T13:59:20Z','decided_at':'2026-04-"
                     "01T14:00:00Z'"));
    feed(t, "{'v':1,'type':'appeal','at':'2026-04-02T10:00:00Z','appeal':'a1','case':'c4','"
            "decision':'d5','partner':'p1'}");
    feed(t, DECISION("2026-04-04T10:00:00Z", "d6", "c4", "label", "graphic_violence", "terms",
                     ",'appeal':'a1','appeal_result':'reversed'", ",'tier':'full'"));
    second_half(t);
    return t;
}

static void check_23_shape(void **state)
{
    static const size_t columns[] = {4, 4, 20, 25, 37, 37, 8, 8, 8, 7, 5};
    static const size_t rows[] = {5, 100, 28 * 91, 91, 90, 98, 47, 20 + 5 * 24, 27, 28, 11};
    struct transparency *t = sample_year();

    (void)state;
    for (int part = 1; part <= TRANSPARENCY_PARTS; part++) {
        struct table *table = part_of(t, part);

        assert_int_equal(table->rows, rows[part - 1] + 1);
        for (size_t i = 0; i < table->rows; i++) {
            assert_int_equal(table->columns[i], columns[part - 1]);
        }
        table_free(table);
    }
    (void)transparency_free(t);
}

static void check_23_headers(void **state)
{
    struct transparency *t = year_2026();
    struct table *orders = part_of(t, 3), *notices = part_of(t, 4), *law = part_of(t, 5),
                 *terms = part_of(t, 6);

    (void)state;
    assert_string_equal(orders->cells[0][5], "Scope");
    assert_string_equal(
        orders->cells[0][13],
        "Contextual information on number of orders to act against illegal content received");
    assert_string_equal(notices->cells[0][4], "Description of the sub-category \"Other\"");
    assert_string_equal(notices->cells[0][5], "Number of notices received ");
    assert_string_equal(notices->cells[0][24],
                        "Contextual information on Number of actions taken on the basis of the "
                        "terms and conditions of the service (Trusted Flagger notices)");
    assert_string_equal(law->cells[0][3], "Category of illegal content");
    assert_string_equal(law->cells[0][20], "Account restriction Termination");
    assert_string_equal(
        law->cells[0][21],
        "Contextual Information on Number of measures taken at the provider's own initiative ");
    assert_string_equal(terms->cells[0][3],
                        "Category of incompatibility with the provider's terms and conditions");
    assert_string_equal(terms->cells[1][2], "2026-01-01/2026-12-31");
    table_free(orders);
    table_free(notices);
    table_free(law);
    table_free(terms);
    (void)transparency_free(t);
}

static void check_23_zero_is_not_blank(void **state)
{
    struct transparency *t = year_2026();
    struct table *notices = part_of(t, 4), *appeals = part_of(t, 7);

    (void)state;
    assert_string_equal(notices->cells[1][5], "0");
    assert_string_equal(notices->cells[1][9], "");  /* no median of nothing */
    assert_string_equal(notices->cells[1][15], ""); /* no context */
    assert_string_equal(appeals->cells[1][6], "0");
    assert_string_equal(cell(appeals, "Out-of-court dispute settlement bodies", 3, 6), "");
    table_free(notices);
    table_free(appeals);
    (void)transparency_free(t);
}

static void check_23_notices(void **state)
{
    static const char *const security[] = {"2",      "1", "4", "3", "1.5000",
                                           "1.0000", "0", "0", "1", "1"};
    static const char *const total[] = {"3", "1", "5", "3", "2.0000", "1.0000", "0", "0", "2", "1"};
    struct transparency *t = sample_year();
    struct table *table = part_of(t, 4);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(total); i++) {
        assert_string_equal(cell(table, "TOTAL", 3, 5 + i), total[i]);
        assert_string_equal(cell(table, "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY", 3, 5 + i),
                            security[i]);
        assert_string_equal(cell(table, "KEYWORD_TERRORIST_CONTENT", 3, 5 + i), security[i]);
    }
    assert_string_equal(cell(table, "STATEMENT_CATEGORY_VIOLENCE", 3, 5), "1");
    assert_string_equal(cell(table, "STATEMENT_CATEGORY_VIOLENCE", 3, 9), "4.0000");
    assert_string_equal(cell(table, "STATEMENT_CATEGORY_VIOLENCE", 3, 13), "1");
    table_free(table);
    (void)transparency_free(t);
}

static void check_20_orders_count_in_part_3(void **state)
{
    static const char *const wanted[] = {"1", "2", "0.1000", "0.5000", "0", "", ""};
    struct transparency *t = sample_year();
    struct table *table = part_of(t, 3);
    size_t german = 0;

    (void)state;
    for (size_t i = 1; i < table->rows; i++) {
        if (strcmp(table->cells[i][3], "KEYWORD_TERRORIST_CONTENT") == 0 &&
            (strcmp(table->cells[i][5], "TOTAL") == 0 || strcmp(table->cells[i][5], "DE") == 0)) {
            german++;
            for (size_t k = 0; k < COUNT_OF(wanted); k++) {
                assert_string_equal(table->cells[i][6 + k], wanted[k]);
            }
        } else if (strcmp(table->cells[i][5], "FR") == 0) {
            assert_string_equal(table->cells[i][6], "0");
        }
    }
    assert_int_equal(german, 2);
    table_free(table);
    (void)transparency_free(t);
}

static void check_23_own_initiative(void **state)
{
    struct transparency *t = sample_year();
    struct table *law = part_of(t, 5), *terms = part_of(t, 6);

    (void)state;
    assert_string_equal(cell(law, "TOTAL", 3, 5), "1");
    assert_string_equal(cell(law, "TOTAL", 3, 6), "1"); /* found by automated means alone */
    assert_string_equal(cell(law, "KEYWORD_TERRORIST_CONTENT", 3, 8), "1"); /* disabled */
    assert_string_equal(cell(law, "KEYWORD_TERRORIST_CONTENT", 3, 7), "0");
    assert_string_equal(cell(terms, "TOTAL", 3, 5),
                        "2"); /* the agreed referral, the deferred one */
    assert_string_equal(cell(terms, "TOTAL", 3, 7), "2");
    assert_string_equal(cell(terms, "TOTAL", 3, 6), "0");
    table_free(law);
    table_free(terms);
    (void)transparency_free(t);
}

static void check_22_and_23_complaints(void **state)
{
    struct transparency *t = sample_year();
    struct table *table = part_of(t, 7);

    (void)state;
    assert_string_equal(table->cells[1][6], "2"); /* total */
    assert_string_equal(table->cells[2][6], "1"); /* upheld */
    assert_string_equal(table->cells[3][6], "0");
    assert_string_equal(table->cells[4][5], "Decisions reversed");
    assert_string_equal(table->cells[4][6], "1");
    assert_string_equal(table->cells[5][6], "36.0000"); /* 48 h and 24 h */
    assert_string_equal(table->cells[6][5], "Decision omitted");
    assert_string_equal(table->cells[6][6], "0");
    assert_string_equal(table->cells[7][6], "1");  /* a label where nothing was done */
    assert_string_equal(table->cells[9][6], "1");  /* about visibility: upheld */
    assert_string_equal(table->cells[31][6], "1"); /* about no action on a notice: reversed */
    assert_string_equal(table->cells[46][6], "1"); /* unfounded notices */
    table_free(table);
    (void)transparency_free(t);
}

static double number(const char *text)
{
    return text[0] ? strtod(text, NULL) : 0;
}

static void check_23_sub_categories_sum(void **state)
{
    static const struct {
        int part;
        size_t columns[3];
    } parts[] = {{4, {5, 7, 13}}, {5, {5, 6, 8}}, {6, {5, 7, 12}}};
    struct transparency *t = sample_year();

    (void)state;
    for (size_t p = 0; p < COUNT_OF(parts); p++) {
        struct table *table = part_of(t, parts[p].part);

        for (size_t k = 0; k < 3; k++) {
            size_t column = parts[p].columns[k];
            double total = 0, category = 0, keywords = 0;
            bool has_keywords = false;

            for (size_t i = 2; i <= table->rows; i++) {
                const char *name = i < table->rows ? table->cells[i][3] : "STATEMENT_CATEGORY_END";

                if (strncmp(name, "STATEMENT_", 10) == 0) {
                    assert_true(!has_keywords || category == keywords);
                    category = i < table->rows ? number(table->cells[i][column]) : 0;
                    total += category;
                    keywords = 0;
                    has_keywords = false;
                } else {
                    keywords += number(table->cells[i][column]);
                    has_keywords = true;
                }
            }
            assert_true(total == number(table->cells[1][column]));
        }
        table_free(table);
    }
    (void)transparency_free(t);
}

static void other_numbers(void **state)
{
    struct transparency *t = sample_year();
    CLEANUP(json_freep) json_t *numbers = NULL;
    const json_t *tco, *santa, *indicators, *states;

    (void)state;
    assert_int_equal(transparency_json(&numbers, t), 0);
    tco = json_object_get(numbers, "tco_7_3");
    santa = json_object_get(numbers, "santa_clara");
    indicators = json_object_get(numbers, "indicators");
    assert_int_equal(json_integer_value(json_object_get(tco, "removed_on_orders")), 1);
    assert_int_equal(json_integer_value(json_object_get(tco, "removed_by_own_measures")), 3);
    assert_true(json_is_null(json_object_get(tco, "proceedings")));
    assert_int_equal(json_integer_value(json_object_get(santa, "restrictions")), 6);
    assert_int_equal(json_integer_value(json_object_get(santa, "appeals_won")), 2);
    assert_int_equal(json_integer_value(json_object_get(santa, "reinstated_unasked")), 1);
    assert_int_equal(json_integer_value(json_object_get(santa, "flags")), 8);
    states = json_object_get(santa, "state_actors");
    assert_int_equal(json_array_size(states), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(states, 1), "actor")),
                        "FR/PHAROS");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(states, 1), "requests")), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(states, 1), "actioned")), 1);
    assert_true(json_is_true(
        json_object_get(json_object_get(indicators, "deferred_overdue"), "suppressed")));
    assert_true(json_is_true(
        json_object_get(json_object_get(indicators, "second_disagrees"), "suppressed")));
    assert_true(json_real_value(json_object_get(indicators, "quick_form_median_hours")) * 3600 >
                39.9);
    (void)transparency_free(t);
}

static void check_23_small_cells_are_suppressed(void **state)
{
    static const int counts[] = {0, 1, 4, 5, 6};

    (void)state;
    for (size_t c = 0; c < COUNT_OF(counts); c++) {
        struct transparency *t = year_2026();
        CLEANUP(json_freep) json_t *numbers = NULL;
        const json_t *value, *rate;

        for (int i = 0; i < counts[c]; i++) {
            char text[600];

            (void)snprintf(text, sizeof(text),
                           DECISION("2026-05-01T11:00:00Z", "d%d", "c%d", "label", "recruitment",
                                    "terms", "", ",'tier':'deferred','rule_ids':['rule-9']"),
                           i, i);
            feed(t, text);
        }
        assert_int_equal(transparency_json(&numbers, t), 0);
        value = json_object_get(json_object_get(numbers, "indicators"), "deferred");
        rate =
            json_object_get(json_object_get(json_object_get(numbers, "rates"), "rules"), "rule-9");
        if (counts[c] > 0 && counts[c] < 5) {
            assert_true(json_is_true(json_object_get(value, "suppressed")));
            assert_true(json_is_true(json_object_get(rate, "suppressed")));
        } else {
            assert_int_equal(json_integer_value(value), counts[c]);
            assert_int_equal(json_integer_value(json_object_get(rate, "of")), counts[c]);
        }
        (void)transparency_free(t);
    }
}

/* What reversals taught, once they took effect. */
static void lessons_are_counted(void **state)
{
    struct transparency *t = year_2026();
    CLEANUP(json_freep) json_t *numbers = NULL;
    const json_t *lessons;
    char text[600];

    (void)state;
    for (int i = 0; i < 6; i++) {
        (void)snprintf(text, sizeof(text),
                       DECISION("2026-05-01T11:00:00Z", "d%d", "c%d", "reinstate", "none", "none", "%s",
                                ",'reverses':'d0','lesson':{'action':'review_rule'}"),
                       i, i, i == 5 ? ",'state':'awaiting_second'" : "");
        feed(t, text);
    }
    assert_int_equal(transparency_json(&numbers, t), 0);
    lessons = json_object_get(json_object_get(numbers, "indicators"), "lessons");
    assert_int_equal(json_integer_value(json_object_get(lessons, "review_rule")), 5);
    assert_int_equal(json_integer_value(json_object_get(lessons, "keep")), 0);
    (void)transparency_free(t);
}

static void refusals(void **state)
{
    static const struct {
        const char *entry, *place;
    } cases[] = {
        {"{'type':'report'}", "/at"},
        {"{'type':'report','at':'2026-01-01T00:00:00Z','case':'c'}", "/origin/kind"},
        {"{'type':'report','at':'2026-01-01T00:00:00Z','case':'c','origin':{'kind':'user_notice'},'"
         "category':'x'}",
         "/category"},
        {"{'type':'decision','at':'2026-01-01T00:00:00Z','case':'c','decision':'d','outcome':'x'}",
         "/outcome"},
        {"{'type':'appeal','at':'2026-01-01T00:00:00Z','appeal':'a','decision':'none'}",
         "/decision"},
        {"{'type':'second','at':'2026-01-01T00:00:00Z','decision':'none'}", "/decision"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct transparency *t = year_2026();
        CLEANUP(json_freep) json_t *entry = test_json(cases[i].entry);
        struct fault why;

        assert_int_equal(transparency_add(t, entry, &why), FAULT);
        assert_string_equal(why.code, "TRANSPARENCY_ENTRY");
        assert_string_equal(why.place, cases[i].place);
        (void)transparency_free(t);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_23_shape),
        cmocka_unit_test(check_23_headers),
        cmocka_unit_test(check_23_zero_is_not_blank),
        cmocka_unit_test(check_23_notices),
        cmocka_unit_test(check_20_orders_count_in_part_3),
        cmocka_unit_test(check_23_own_initiative),
        cmocka_unit_test(check_22_and_23_complaints),
        cmocka_unit_test(check_23_sub_categories_sum),
        cmocka_unit_test(other_numbers),
        cmocka_unit_test(check_23_small_cells_are_suppressed),
        cmocka_unit_test(lessons_are_counted),
        cmocka_unit_test(refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
