/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/rights/record.h"

#include "lib/base/attr.h"
#include "lib/export/dsa.h"
#include "lib/export/dsa_words.h"
#include "lib/json/read.h"

static struct policy *policy;

/* A statement that the database takes as it is. */
#define STATEMENT                                                                                  \
    "{'decision_visibility':['DECISION_VISIBILITY_CONTENT_REMOVED'],"                              \
    "'decision_ground':'DECISION_GROUND_INCOMPATIBLE_CONTENT','incompatible_content_ground':'"     \
    "policy/4.2',"                                                                                 \
    "'incompatible_content_explanation':'asks others to "                                          \
    "join','content_type':['CONTENT_TYPE_TEXT'],"                                                  \
    "'category':'STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY','territorial_scope':['DE','FR'],"    \
    "'content_date':'2026-11-20','application_date':'2026-11-23','decision_facts':'A public "      \
    "post.',"                                                                                      \
    "'source_type':'SOURCE_ARTICLE_16','automated_detection':'No',"                                \
    "'automated_decision':'AUTOMATED_DECISION_NOT_AUTOMATED','puid':'dec_1'}"

#define T50 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"
#define T500 T50 T50 T50 T50 T50 T50 T50 T50 T50 T50
#define T2000 T500 T500 T500 T500
#define T5000 T2000 T2000 T500 T500

struct row {
    const char *name, *pointer, *value; /* one change; "" deletes */
    const char *code, *place;           /* NULL: accepted */
};

/* clang-format off */
static const struct row rows[] = {
    {"vector 01 a plain removal", "/puid", "'dec_1'", NULL, NULL},
    {"vector 02 none of the four decisions", "/decision_visibility", "", "DSA_DECISION", "/decision_visibility"},
    {"vector 03 an empty list of decisions", "/decision_visibility", "[]", "DSA_DECISION", "/decision_visibility"},
    {"vector 04 a word instead of a list", "/decision_visibility", "'DECISION_VISIBILITY_CONTENT_REMOVED'", "DSA_VALUE", "/decision_visibility"},
    {"vector 05 a visibility of another world", "/decision_visibility", "['DECISION_VISIBILITY_DELETED']", "DSA_VALUE", "/decision_visibility"},
    {"vector 06 two visibilities", "/decision_visibility", "['DECISION_VISIBILITY_CONTENT_DEMOTED','DECISION_VISIBILITY_CONTENT_LABELLED']", NULL, NULL},
    {"vector 07 other without its text", "/decision_visibility", "['DECISION_VISIBILITY_OTHER']", "DSA_MISSING", "/decision_visibility_other"},
    {"vector 08 a text for other that is not asked for is dropped there", "/decision_visibility_other", "'x'", NULL, NULL},
    {"vector 09 a text for other of 501", "/decision_visibility_other", "'" T500 "x'", "DSA_LENGTH", "/decision_visibility_other"},
    {"vector 10 money", "/decision_monetary", "'DECISION_MONETARY_SUSPENSION'", NULL, NULL},
    {"vector 11 money other without its text", "/decision_monetary", "'DECISION_MONETARY_OTHER'", "DSA_MISSING", "/decision_monetary_other"},
    {"vector 12 money of another world", "/decision_monetary", "'DECISION_MONETARY_FINE'", "DSA_VALUE", "/decision_monetary"},
    {"vector 13 service", "/decision_provision", "'DECISION_PROVISION_TOTAL_SUSPENSION'", NULL, NULL},
    {"vector 14 service of another world", "/decision_provision", "'DECISION_PROVISION_SUSPENSION'", "DSA_VALUE", "/decision_provision"},
    {"vector 15 account", "/decision_account", "'DECISION_ACCOUNT_TERMINATED'", NULL, NULL},
    {"vector 16 account of another world", "/decision_account", "'DECISION_ACCOUNT_DELETED'", "DSA_VALUE", "/decision_account"},
    {"vector 17 type of account", "/account_type", "'ACCOUNT_TYPE_BUSINESS'", NULL, NULL},
    {"vector 18 type of account of another world", "/account_type", "'ACCOUNT_TYPE_BOT'", "DSA_VALUE", "/account_type"},
    {"vector 19 no ground", "/decision_ground", "", "DSA_MISSING", "/decision_ground"},
    {"vector 20 a ground of another world", "/decision_ground", "'DECISION_GROUND_TASTE'", "DSA_VALUE", "/decision_ground"},
    {"vector 21 illegal without its law", "/decision_ground", "'DECISION_GROUND_ILLEGAL_CONTENT'", "DSA_MISSING", "/illegal_content_legal_ground"},
    {"vector 22 illegal without its explanation", "/decision_ground", "'DECISION_GROUND_ILLEGAL_CONTENT'", "DSA_MISSING", "/illegal_content_explanation"},
    {"vector 23 incompatible without its clause", "/incompatible_content_ground", "", "DSA_MISSING", "/incompatible_content_ground"},
    {"vector 24 incompatible without its explanation", "/incompatible_content_explanation", "' '", "DSA_MISSING", "/incompatible_content_explanation"},
    {"vector 25 a clause of 500", "/incompatible_content_ground", "'" T500 "'", NULL, NULL},
    {"vector 26 a clause of 501", "/incompatible_content_ground", "'" T500 "x'", "DSA_LENGTH", "/incompatible_content_ground"},
    {"vector 27 an explanation of 2000", "/incompatible_content_explanation", "'" T2000 "'", NULL, NULL},
    {"vector 28 an explanation of 2001", "/incompatible_content_explanation", "'" T2000 "x'", "DSA_LENGTH", "/incompatible_content_explanation"},
    {"vector 29 also illegal: Yes", "/incompatible_content_illegal", "'Yes'", NULL, NULL},
    {"vector 30 also illegal: true is no word", "/incompatible_content_illegal", "true", "DSA_VALUE", "/incompatible_content_illegal"},
    {"vector 31 a link", "/decision_ground_reference_url", "'https://lindenplatz.example/rules'", NULL, NULL},
    {"vector 32 a link without its scheme", "/decision_ground_reference_url", "'lindenplatz.example/rules'", "DSA_VALUE", "/decision_ground_reference_url"},
    {"vector 33 a link without a host", "/decision_ground_reference_url", "'https:///rules'", "DSA_VALUE", "/decision_ground_reference_url"},
    {"vector 34 no type of content", "/content_type", "", "DSA_MISSING", "/content_type"},
    {"vector 35 no element in the types of content", "/content_type", "[]", "DSA_VALUE", "/content_type"},
    {"vector 36 a type of content of another world", "/content_type", "['CONTENT_TYPE_POST']", "DSA_VALUE", "/content_type"},
    {"vector 37 other content without its text", "/content_type", "['CONTENT_TYPE_TEXT','CONTENT_TYPE_OTHER']", "DSA_MISSING", "/content_type_other"},
    {"vector 38 no category", "/category", "", "DSA_MISSING", "/category"},
    {"vector 39 the category of orders is not for statements", "/category", "'STATEMENT_CATEGORY_NOT_SPECIFIED_ORDER'", "DSA_VALUE", "/category"},
    {"vector 40 the category of notices is", "/category", "'STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE'", NULL, NULL},
    {"vector 41 a category of the schema before", "/category", "'STATEMENT_CATEGORY_PORNOGRAPHY_OR_SEXUALIZED_CONTENT'", "DSA_VALUE", "/category"},
    {"vector 42 a second category", "/category_addition", "['STATEMENT_CATEGORY_VIOLENCE']", NULL, NULL},
    {"vector 43 a second category as a word", "/category_addition", "'STATEMENT_CATEGORY_VIOLENCE'", "DSA_VALUE", "/category_addition"},
    {"vector 44 a keyword", "/category_specification", "['KEYWORD_TERRORIST_CONTENT']", NULL, NULL},
    {"vector 45 dangerous toys are no keyword", "/category_specification", "['KEYWORD_DANGEROUS_TOYS']", "DSA_VALUE", "/category_specification"},
    {"vector 46 a keyword without its prefix", "/category_specification", "['TERRORIST_CONTENT']", "DSA_VALUE", "/category_specification"},
    {"vector 47 stalking is a keyword here", "/category_specification", "['KEYWORD_STALKING']", NULL, NULL},
    {"vector 48 no territory is taken", "/territorial_scope", "", NULL, NULL},
    {"vector 49 Greece is GR", "/territorial_scope", "['GR']", NULL, NULL},
    {"vector 50 Greece is not EL", "/territorial_scope", "['EL']", "DSA_VALUE", "/territorial_scope"},
    {"vector 51 Norway is in the EEA", "/territorial_scope", "['NO','IS','LI']", NULL, NULL},
    {"vector 52 Switzerland is not", "/territorial_scope", "['CH']", "DSA_VALUE", "/territorial_scope"},
    {"vector 53 a language", "/content_language", "'AR'", NULL, NULL},
    {"vector 54 a language in small letters", "/content_language", "'ar'", "DSA_VALUE", "/content_language"},
    {"vector 55 no language at all", "/content_language", "'XX'", "DSA_VALUE", "/content_language"},
    {"vector 56 no day of the content", "/content_date", "", "DSA_MISSING", "/content_date"},
    {"vector 57 the first day of content", "/content_date", "'2000-01-01'", NULL, NULL},
    {"vector 58 the day before", "/content_date", "'1999-12-31'", "DSA_DATE", "/content_date"},
    {"vector 59 a day with a time", "/content_date", "'2026-11-20T10:00:00Z'", "DSA_DATE", "/content_date"},
    {"vector 60 a day that is none", "/content_date", "'2026-02-30'", "DSA_DATE", "/content_date"},
    {"vector 61 no day of application", "/application_date", "", "DSA_MISSING", "/application_date"},
    {"vector 62 the first day of application", "/application_date", "'2020-01-01'", NULL, NULL},
    {"vector 63 the day before", "/application_date", "'2019-12-31'", "DSA_DATE", "/application_date"},
    {"vector 64 the last day", "/application_date", "'2038-01-01'", NULL, NULL},
    {"vector 65 the day after", "/application_date", "'2038-01-02'", "DSA_DATE", "/application_date"},
    {"vector 66 ends the day it begins", "/end_date_visibility_restriction", "'2026-11-23'", NULL, NULL},
    {"vector 67 ends before it begins", "/end_date_visibility_restriction", "'2026-11-22'", "DSA_DATE", "/end_date_visibility_restriction"},
    {"vector 68 money ends before it begins", "/end_date_monetary_restriction", "'2026-11-22'", "DSA_DATE", "/end_date_monetary_restriction"},
    {"vector 69 service ends before it begins", "/end_date_service_restriction", "'2026-11-22'", "DSA_DATE", "/end_date_service_restriction"},
    {"vector 70 account ends after the last day", "/end_date_account_restriction", "'2038-01-02'", "DSA_DATE", "/end_date_account_restriction"},
    {"vector 71 no facts", "/decision_facts", "", "DSA_MISSING", "/decision_facts"},
    {"vector 72 facts of 5000", "/decision_facts", "'" T5000 "'", NULL, NULL},
    {"vector 73 facts of 5001", "/decision_facts", "'" T5000 "x'", "DSA_LENGTH", "/decision_facts"},
    {"vector 74 no source", "/source_type", "", "DSA_MISSING", "/source_type"},
    {"vector 75 a trusted flagger", "/source_type", "'SOURCE_TRUSTED_FLAGGER'", NULL, NULL},
    {"vector 76 a source of another world", "/source_type", "'SOURCE_POLICE'", "DSA_VALUE", "/source_type"},
    {"vector 77 who it was, of 501", "/source_identity", "'" T500 "x'", "DSA_LENGTH", "/source_identity"},
    {"vector 78 no word on detection", "/automated_detection", "", "DSA_MISSING", "/automated_detection"},
    {"vector 79 true is not Yes", "/automated_detection", "true", "DSA_VALUE", "/automated_detection"},
    {"vector 80 yes is not Yes", "/automated_detection", "'yes'", "DSA_VALUE", "/automated_detection"},
    {"vector 81 no word on the decision", "/automated_decision", "", "DSA_MISSING", "/automated_decision"},
    {"vector 82 No is no word on the decision", "/automated_decision", "'No'", "DSA_VALUE", "/automated_decision"},
    {"vector 83 no puid", "/puid", "", "DSA_MISSING", "/puid"},
    {"vector 84 a puid with a space", "/puid", "'a b'", "DSA_PUID", "/puid"},
    {"vector 85 a puid of 500", "/puid", "'" T500 "'", NULL, NULL},
    {"vector 86 a puid of 501", "/puid", "'" T500 "x'", "DSA_PUID", "/puid"},
    {"vector 87 a puid with letters of another script", "/puid", "'\xc3\xa9'", "DSA_PUID", "/puid"},
    {"vector 88 an EAN", "/content_id", "{'EAN-13':'4006381333931'}", NULL, NULL},
    {"vector 89 an EAN of 12", "/content_id", "{'EAN-13':'400638133393'}", "DSA_VALUE", "/content_id"},
    {"vector 90 another kind of number", "/content_id", "{'ISBN':'4006381333931'}", "DSA_VALUE", "/content_id"},
    {"vector 91 a field that the database has not", "/redress", "'court'", "DSA_UNKNOWN", "/redress"},
};
/* clang-format on */

static void check_18_golden(void **state)
{
    const struct row *row = *state;
    CLEANUP(json_freep) json_t *statement = test_json(STATEMENT);
    struct faults faults = {0};
    int r;

    record_set(statement, row->pointer, row->value);
    r = dsa_check(statement, &faults);
    if (r && (!row->code || !test_has_fault(&faults, row->code, row->place))) {
        print_faults(&faults);
    }
    assert_int_equal(r, row->code ? FAULT : 0);
    assert_true(!row->code || test_has_fault(&faults, row->code, row->place));
}

static json_t *sealed(const char *extra)
{
    json_t *record = test_json(RECORD_FULL);
    json_t *envelope = test_json(
        "{'decision_id':'dec_1','origin':{'kind':'user_notice'},'detection':'report','automated_"
        "detection':false,"
        "'automated_decision':'none','content_lang':'ar','content_types':['post','image'],"
        "'content_date':'2026-11-20','decided_at':'2026-11-23T10:01:00.000Z'}");
    json_t *more = test_json(extra);

    assert_int_equal(json_object_update(record, envelope), 0);
    assert_int_equal(json_object_update(record, more), 0);
    json_decref(envelope);
    json_decref(more);
    return record;
}

static int build(json_t **ret, const json_t *record, struct faults *faults)
{
    return dsa_statement(ret, &(struct dsa_input){.record = record, .policy = policy}, faults);
}

static void text_is(const json_t *statement, const char *name, const char *wanted)
{
    const char *text = json_string_value(json_object_get(statement, name));

    if (wanted) {
        assert_non_null(text);
        assert_string_equal(text, wanted);
    } else {
        assert_null(text);
    }
}

static void check_18_a_whole_statement(void **state)
{
    CLEANUP(json_freep) json_t *record = sealed("{}");
    CLEANUP(json_freep) json_t *statement = NULL;
    CLEANUP(json_freep)
    json_t *wanted = test_json(
        "{'decision_visibility':['DECISION_VISIBILITY_CONTENT_REMOVED'],"
        "'decision_ground':'DECISION_GROUND_INCOMPATIBLE_CONTENT',"
        "'decision_ground_reference_url':'https://lindenplatz.example/rules',"
        "'incompatible_content_ground':'policy/4.2: Recruitment for violent groups',"
        "'incompatible_content_explanation':'The post asks others to join a group that uses "
        "terrorist violence and "
        "offers a way to contact its "
        "recruiters.','content_type':['CONTENT_TYPE_TEXT','CONTENT_TYPE_IMAGE'],"
        "'category':'STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY',"
        "'category_specification':['KEYWORD_ILLEGAL_ORGANIZATIONS','KEYWORD_TERRORIST_CONTENT'],"
        "'territorial_scope':['DE','FR'],'content_language':'AR','content_date':'2026-11-20',"
        "'application_date':'2026-11-23',"
        "'decision_facts':'A public post with an invitation and a contact channel of the listed "
        "group.',"
        "'source_type':'SOURCE_ARTICLE_16','automated_detection':'No',"
        "'automated_decision':'AUTOMATED_DECISION_NOT_AUTOMATED','puid':'dec_1'}");
    struct faults faults = {0};

    (void)state;
    assert_int_equal(build(&statement, record, &faults), 0);
    if (!json_equal(statement, wanted)) {
        char *text = json_dumps(statement, JSON_INDENT(1));

        print_message("%s\n", text);
        free(text);
    }
    assert_true(json_equal(statement, wanted));
}

static void check_18_automated_detection(void **state)
{
    static const struct {
        const char *extra, *wanted; /* NULL: refused */
    } cases[] = {
        {"{'origin':{'kind':'own_initiative'},'detection':'rule_match','automated_detection':true}",
         "Yes"},
        {"{'origin':{'kind':'shared_signal'},'detection':'hash_match','automated_detection':true}",
         "Yes"},
        {"{'origin':{'kind':'user_notice'},'detection':'rule_match','automated_detection':false}",
         "No"},
        {"{'origin':{'kind':'user_notice'},'detection':'report','automated_detection':false}",
         "No"},
        {"{'origin':{'kind':'own_initiative'},'detection':'human_patrol','automated_detection':"
         "false}",
         "No"},
        {"{'origin':{'kind':'platform_partner'},'detection':'hash_match','automated_detection':"
         "true}",
         "Yes"},
        {"{'origin':{'kind':'platform_partner'},'detection':'report','automated_detection':false}",
         "No"},
        /* inverted flags */
        {"{'origin':{'kind':'own_initiative'},'detection':'rule_match','automated_detection':"
         "false}",
         NULL},
        {"{'origin':{'kind':'user_notice'},'detection':'rule_match','automated_detection':true}",
         NULL},
        {"{'origin':{'kind':'trusted_flagger'},'detection':'report','automated_detection':true}",
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(json_freep) json_t *record = sealed(cases[i].extra);
        CLEANUP(json_freep) json_t *statement = NULL;
        struct faults faults = {0};

        assert_int_equal(build(&statement, record, &faults), cases[i].wanted ? 0 : FAULT);
        if (cases[i].wanted) {
            text_is(statement, "automated_detection", cases[i].wanted);
        } else {
            assert_true(test_has_fault(&faults, "DSA_DETECTION", "/automated_detection"));
        }
    }
}

static void check_18_sources(void **state)
{
    static const struct {
        const char *kind, *good_faith, *wanted;
    } cases[] = {
        {"user_notice", "true", "SOURCE_ARTICLE_16"},
        {"trusted_flagger", "true", "SOURCE_TRUSTED_FLAGGER"},
        {"trusted_flagger", "false", "SOURCE_TRUSTED_FLAGGER"},
        {"user_terms_flag", "false", "SOURCE_TYPE_OTHER_NOTIFICATION"},
        {"platform_partner", "true", "SOURCE_TYPE_OTHER_NOTIFICATION"},
        {"gov_referral_unit", "true", "SOURCE_TYPE_OTHER_NOTIFICATION"},
        {"civil_society", "true", "SOURCE_ARTICLE_16"},
        {"civil_society", "false", "SOURCE_TYPE_OTHER_NOTIFICATION"},
        {"academic", "false", "SOURCE_TYPE_OTHER_NOTIFICATION"},
        {"shared_signal", "false", "SOURCE_VOLUNTARY"},
        {"own_initiative", "false", "SOURCE_VOLUNTARY"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char extra[200];
        CLEANUP(json_freep) json_t *record = NULL;
        CLEANUP(json_freep) json_t *statement = NULL;
        struct faults faults = {0};

        (void)snprintf(extra, sizeof(extra),
                       "{'origin':{'kind':'%s','good_faith':%s},'detection':'report'}",
                       cases[i].kind, cases[i].good_faith);
        record = sealed(extra);
        assert_int_equal(build(&statement, record, &faults), 0);
        text_is(statement, "source_type", cases[i].wanted);
        text_is(statement, "source_identity", NULL);
    }
}

static void check_18_outcomes(void **state)
{
    static const struct {
        const char *outcome, *until, *field, *word, *end;
    } cases[] = {
        {"label", "indefinite", "decision_visibility", "DECISION_VISIBILITY_CONTENT_LABELLED",
         NULL},
        {"age_gate", "2027-01-01", "decision_visibility",
         "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED", "end_date_visibility_restriction"},
        {"interaction_limit", "indefinite", "decision_visibility",
         "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED", NULL},
        {"demote", "indefinite", "decision_visibility", "DECISION_VISIBILITY_CONTENT_DEMOTED",
         NULL},
        {"remove", "indefinite", "decision_visibility", "DECISION_VISIBILITY_CONTENT_REMOVED",
         NULL},
        {"disable", "2027-01-01", "decision_visibility", "DECISION_VISIBILITY_CONTENT_DISABLED",
         "end_date_visibility_restriction"},
        {"demonetise", "2027-01-01", "decision_monetary", "DECISION_MONETARY_SUSPENSION",
         "end_date_monetary_restriction"},
        {"demonetise", "indefinite", "decision_monetary", "DECISION_MONETARY_TERMINATION", NULL},
        {"service_suspend_part", "2027-01-01", "decision_provision",
         "DECISION_PROVISION_PARTIAL_SUSPENSION", "end_date_service_restriction"},
        {"service_suspend_total", "2027-01-01", "decision_provision",
         "DECISION_PROVISION_TOTAL_SUSPENSION", "end_date_service_restriction"},
        {"service_terminate_part", "indefinite", "decision_provision",
         "DECISION_PROVISION_PARTIAL_TERMINATION", NULL},
        {"service_terminate_total", "indefinite", "decision_provision",
         "DECISION_PROVISION_TOTAL_TERMINATION", NULL},
        {"account_suspend", "2027-01-01", "decision_account", "DECISION_ACCOUNT_SUSPENDED",
         "end_date_account_restriction"},
        {"account_terminate", "indefinite", "decision_account", "DECISION_ACCOUNT_TERMINATED",
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char extra[200];
        CLEANUP(json_freep) json_t *record = NULL;
        CLEANUP(json_freep) json_t *statement = NULL;
        struct faults faults = {0};
        const json_t *value;

        (void)snprintf(extra, sizeof(extra),
                       "{'outcome':'%s','scope':{'territory':'global','until':'%s'}}",
                       cases[i].outcome, cases[i].until);
        record = sealed(extra);
        assert_int_equal(build(&statement, record, &faults), 0);
        value = json_object_get(statement, cases[i].field);
        value = json_is_array(value) ? json_array_get(value, 0) : value;
        assert_string_equal(json_string_value(value), cases[i].word);
        assert_int_equal(json_array_size(json_object_get(statement, "territorial_scope")), 30);
        if (cases[i].end) {
            text_is(statement, cases[i].end, "2027-01-01");
        }
    }
}

static void check_18_every_harm_has_its_words(void **state)
{
    (void)state;
    for (int i = 0; i < HARM_COUNT; i++) {
        const struct dsa_topic *topic = dsa_topic_of((enum harm)i);

        assert_true(dsa_is_category(span_of(topic->category)));
        for (int k = 0; k < 2; k++) {
            assert_true(!topic->keywords[k] || dsa_is_keyword(span_of(topic->keywords[k])));
        }
        assert_true(!harm_is_terrorism((enum harm)i) ||
                    strcmp(topic->keywords[0], "KEYWORD_TERRORIST_CONTENT") == 0 ||
                    strcmp(topic->keywords[1], "KEYWORD_TERRORIST_CONTENT") == 0);
    }
}

static void check_19_refused_before_it_is_sent(void **state)
{
    static const struct {
        const char *extra, *code, *place;
    } cases[] = {
        {"{'scope':{'territory':['DE'],'until':'2026-11-22'}}", "DSA_DATE",
         "/end_date_visibility_restriction"},
        {"{'decision_id':'a b'}", "DSA_PUID", "/puid"},
        {"{'content_date':null}", "DSA_MISSING", "/content_date"},
        {"{'facts':null}", "DSA_MISSING", "/decision_facts"},
        {"{'harm':'arson'}", "DSA_VALUE", "/category"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(json_freep) json_t *record = sealed(cases[i].extra);
        struct faults faults = {0};
        json_t *statement = NULL;

        assert_int_equal(build(&statement, record, &faults), FAULT);
        assert_null(statement);
        assert_true(test_has_fault(&faults, cases[i].code, cases[i].place));
    }
}

static void check_19_batches_of_a_hundred(void **state)
{
    static const struct {
        size_t total, sizes[3];
    } cases[] = {{0, {0}},        {1, {1}},          {100, {100}},
                 {101, {100, 1}}, {200, {100, 100}}, {250, {100, 100, 50}}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(json_freep) json_t *all = json_array();
        size_t batch = 0;

        for (size_t n = 0; n < cases[i].total; n++) {
            (void)json_array_append_new(all, json_integer((json_int_t)n));
        }
        for (size_t from = 0;; from += DSA_BATCH_MAX) {
            CLEANUP(json_freep) json_t *body = NULL;

            assert_int_equal(dsa_batch(&body, all, from), 0);
            if (!body) {
                break;
            }
            assert_int_equal(json_array_size(json_object_get(body, "statements")),
                             cases[i].sizes[batch]);
            assert_int_equal(
                json_integer_value(json_array_get(json_object_get(body, "statements"), 0)), from);
            batch++;
        }
        assert_int_equal(batch, (cases[i].total + 99) / 100);
    }
}

static void check_20_same_puid_and_never_for_orders(void **state)
{
    static const char *const none[] = {
        "{'origin':{'kind':'gov_order'}}",
        "{'origin':{'kind':'tco_removal_order'}}",
        "{'origin':{'kind':'court_order'}}",
        "{'ground':{'kind':'order','ref':'law/tco/3','explanation':'x'}}",
        "{'outcome':'order_executed'}",
        "{'full_due_at':'2026-11-24T10:01:00.000Z'}",
        "{'outcome':'no_action'}",
        "{'outcome':'refer_counter_message'}",
        "{'outcome':'reinstate'}",
        "{'scope':{'territory':['US'],'until':'indefinite'}}"};
    CLEANUP(json_freep) json_t *record = sealed("{}");
    CLEANUP(json_freep) json_t *first = NULL;
    CLEANUP(json_freep) json_t *again = NULL;
    struct faults faults = {0};

    (void)state;
    assert_int_equal(build(&first, record, &faults), 0);
    assert_int_equal(build(&again, record, &faults), 0);
    assert_true(json_equal(first, again));
    text_is(first, "puid", "dec_1");
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        CLEANUP(json_freep) json_t *other = sealed(none[i]);
        json_t *statement = NULL;

        assert_int_equal(build(&statement, other, &faults), DSA_NONE);
        assert_null(statement);
    }
}

static void words_are_as_many_as_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < DSA_KEYWORD_COUNT; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(dsa_keywords[i], dsa_keywords[j]);
        }
    }
    assert_true(dsa_is_language(SPAN("DE")) && dsa_is_language(SPAN("ZU")) &&
                dsa_is_language(SPAN("AA")));
    assert_false(dsa_is_language(SPAN("DEU")) || dsa_is_language(SPAN("EZ")));
}

static int load(void **state)
{
    (void)state;
    policy = sample_policy();
    return 0;
}

static int unload(void **state)
{
    (void)state;
    policy = policy_free(policy);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest named[] = {
        cmocka_unit_test(check_18_a_whole_statement),
        cmocka_unit_test(check_18_automated_detection),
        cmocka_unit_test(check_18_sources),
        cmocka_unit_test(check_18_outcomes),
        cmocka_unit_test(check_18_every_harm_has_its_words),
        cmocka_unit_test(check_19_refused_before_it_is_sent),
        cmocka_unit_test(check_19_batches_of_a_hundred),
        cmocka_unit_test(check_20_same_puid_and_never_for_orders),
        cmocka_unit_test(words_are_as_many_as_there),
    };
    struct CMUnitTest tests[COUNT_OF(rows) + COUNT_OF(named)];

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tests[i] = (struct CMUnitTest){.name = rows[i].name,
                                       .test_func = check_18_golden,
                                       .initial_state = (void *)(uintptr_t)&rows[i]};
    }
    memcpy(tests + COUNT_OF(rows), named, sizeof(named));
    return cmocka_run_group_tests(tests, load, unload);
}
