/* SPDX-License-Identifier: Apache-2.0 */
/* The body of POST /v1/reports: what is taken, what is refused, both sides of each limit. */
#include "lib/report/report.h"
#include "lib/json/read.h"
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#define PERSON_16 "0123456789abcdef"
#define PERSON_128 PERSON_16 PERSON_16 PERSON_16 PERSON_16 PERSON_16 PERSON_16 PERSON_16 PERSON_16

static const int64_t now_ms = 1795000000000LL; /* 2026-11-18T11:06:40Z */

static const char good_body[] =
    "{'content': {'id': 'post-8841', 'type': 'post', 'text': 'join us', 'language': 'pt-BR',"
    "             'url': 'https://example.org/8841', 'urls': ['http://example.net'],"
    "             'hashes': [{'kind': 'md5', 'value': 'D41D8CD98F00B204E9800998ECF8427E'}],"
    "             'created_at': '2026-11-01T10:00:00Z', 'reach': {'views': 1200, 'followers': 80}},"
    " 'category': 'recruitment', 'reason': 'asks readers to write to a contact', 'urgency': "
    "'urgent',"
    " 'origin': {'kind': 'user_notice', 'good_faith': true, 'state_actor': null}, 'order': null,"
    " 'exemptions_claimed': ['journalistic'], 'jurisdictions': ['DE', 'FR'],"
    " 'reported_at': '2026-11-18T09:00:00+01:00'}";

/* Sets (or, without a value, takes away) what a pointer without escapes names. Takes the value. */
static void put_at(json_t *body, const char *pointer, json_t *value)
{
    json_t *at = body;
    char *path = strdup(pointer + 1), *rest = path, *step = strsep(&rest, "/");

    for (; rest; step = strsep(&rest, "/")) {
        at = json_is_array(at) ? json_array_get(at, strtoul(step, NULL, 10))
                               : json_object_get(at, step);
        assert_non_null(at);
    }
    if (!value) {
        assert_int_equal(json_object_del(at, step), 0);
    } else if (json_is_array(at)) {
        assert_int_equal(json_array_append_new(at, value), 0);
    } else {
        assert_int_equal(json_object_set_new(at, step, value), 0);
    }
    free(path);
}

static json_t *value_of(const char *single_quoted)
{
    char wrapped[1024];
    json_t *array, *value;

    (void)snprintf(wrapped, sizeof(wrapped), "[%s]", single_quoted);
    array = test_json(wrapped);
    value = json_incref(json_array_get(array, 0));
    json_decref(array);
    return value;
}

/* Takes the body. Expects 0 where code is NULL, else exactly one fault with that code and place. */
static void expect(const char *name, json_t *body, const char *code, const char *place)
{
    CLEANUP(report_freep) struct report *report = NULL;
    struct faults faults = {0};
    int r = report_read(&report, body, now_ms, &faults);

    json_decref(body);
    if (r != (code ? FAULT : 0) ||
        (code && (faults.count != 1 || !test_has_fault(&faults, code, place)))) {
        fail_msg("%s: got %d with %zu faults, first %s at %s: %s", name, r, faults.count,
                 faults.list[0].code, faults.list[0].place, faults.list[0].text);
    }
}

static void every_field_is_read(void **state)
{
    json_t *body = test_json(good_body);
    CLEANUP(report_freep) struct report *report = NULL;
    struct faults faults = {0};

    (void)state;
    assert_int_equal(report_read(&report, body, now_ms, &faults), 0);
    json_decref(body);
    assert_true(span_is(report->content.id, "post-8841"));
    assert_int_equal(report->content.type, CONTENT_POST);
    assert_true(span_is(report->content.text, "join us"));
    assert_string_equal(report->content.language, "pt");
    assert_true(span_is(report->content.url, "https://example.org/8841"));
    assert_int_equal(report->content.url_count, 1);
    assert_true(span_is(report->content.urls[0], "http://example.net"));
    assert_int_equal(report->content.hash_count, 1);
    assert_int_equal(report->content.hashes[0].kind, SIGNAL_MD5);
    assert_int_equal(report->content.hashes[0].quality, -1);
    assert_int_equal(report->content.created_at_ms, 1793527200000LL);
    assert_int_equal(report->content.views, 1200);
    assert_int_equal(report->content.followers, 80);
    assert_int_equal(report->category, HARM_RECRUITMENT);
    assert_true(span_is(report->reason, "asks readers to write to a contact"));
    assert_int_equal(report->urgency, URGENCY_URGENT);
    assert_int_equal(report->origin.kind, ORIGIN_USER_NOTICE);
    assert_true(report->origin.good_faith);
    assert_null(report->origin.state_actor);
    assert_null(report->order);
    assert_true(report->exemptions_claimed[EXEMPTION_JOURNALISTIC]);
    assert_false(report->exemptions_claimed[EXEMPTION_SATIRE]);
    assert_int_equal(report->jurisdiction_count, 2);
    assert_string_equal(report->jurisdictions[1], "FR");
    assert_int_equal(report->reported_at_ms, 1794988800000LL);
}

static void a_short_report_has_defaults(void **state)
{
    json_t *body =
        test_json("{'content': {'id': '1', 'type': 'link', 'url': 'https://example.org'},"
                  " 'category': 'none', 'origin': {'kind': 'own_initiative'}}");
    CLEANUP(report_freep) struct report *report = NULL;
    struct faults faults = {0};

    (void)state;
    assert_int_equal(report_read(&report, body, now_ms, &faults), 0);
    json_decref(body);
    assert_string_equal(report->content.language, "und");
    assert_int_equal(report->content.text.len, 0);
    assert_int_equal(report->content.views, -1);
    assert_int_equal(report->content.created_at_ms, 0);
    assert_int_equal(report->urgency, URGENCY_ROUTINE);
    assert_false(report->origin.good_faith);
    assert_int_equal(report->reported_at_ms, 0);
}

#define HEX32 "00112233445566778899aabbccddeeff"
#define HEX64 HEX32 HEX32
#define ACTOR                                                                                      \
    "{'country': 'DE', 'authority': 'Example Police', 'unit': 'IRU', 'power': 'referral', "        \
    "'court': false,"                                                                              \
    " 'legal_basis': 'Example Act s. 4', 'alleged': 'terms', 'received_at': "                      \
    "'2026-11-18T09:00:00Z',"                                                                      \
    " 'disclosure': 'allowed'}"

#define DSA_ORDER                                                                                  \
    "{'authority': 'Example Court', 'legal_basis': 'Example Act s. 4', 'reasons': 'As held.',"     \
    " 'urls': ['https://example.org/8841'], 'redress': 'Appeal within two weeks.',"                \
    " 'territory': ['DE'], 'language': 'de'}"

static const struct {
    const char *name, *pointer, *value, *code, *place;
} cases[] = {
    {"content is required", "/content", NULL, "FIELD_MISSING", "/content"},
    {"content is an object", "/content", "[]", "FIELD_TYPE", "/content"},
    {"content.id is required", "/content/id", NULL, "FIELD_MISSING", "/content/id"},
    {"content.id is not empty", "/content/id", "''", "FIELD_LENGTH", "/content/id"},
    {"content.id is a string", "/content/id", "8841", "FIELD_TYPE", "/content/id"},
    {"content.type is required", "/content/type", NULL, "FIELD_MISSING", "/content/type"},
    {"content.type is one of its words", "/content/type", "'Post'", "FIELD_VALUE", "/content/type"},
    {"content.type stream", "/content/type", "'stream'", NULL, NULL},
    {"text may be absent when a url is there", "/content/text", NULL, NULL, NULL},
    {"text may be empty when a url is there", "/content/text", "''", NULL, NULL},
    {"text is a string", "/content/text", "['a']", "FIELD_TYPE", "/content/text"},
    {"language may be absent", "/content/language", NULL, NULL, NULL},
    {"language of three letters", "/content/language", "'deu'", NULL, NULL},
    {"language with script", "/content/language", "'zh-Hant-TW'", NULL, NULL},
    {"language of one letter", "/content/language", "'d'", "LANGUAGE_FORM", "/content/language"},
    {"language of four letters", "/content/language", "'germ'", "LANGUAGE_FORM",
     "/content/language"},
    {"language with a digit", "/content/language", "'d3'", "LANGUAGE_FORM", "/content/language"},
    {"language with an empty subtag", "/content/language", "'de-'", "LANGUAGE_FORM",
     "/content/language"},
    {"language as a word", "/content/language", "'de_DE'", "LANGUAGE_FORM", "/content/language"},
    {"url in upper case scheme", "/content/url", "'HTTPS://example.org/a'", NULL, NULL},
    {"url with an address of IPv6", "/content/url", "'http://[2001:db8::1]/'", NULL, NULL},
    {"url in another script", "/content/url", "'https://пример.example/'", NULL, NULL},
    {"url without scheme", "/content/url", "'example.org/a'", "URL_FORM", "/content/url"},
    {"url of another scheme", "/content/url", "'ftp://example.org/a'", "URL_FORM", "/content/url"},
    {"url of script", "/content/url", "'javascript:alert(1)'", "URL_FORM", "/content/url"},
    {"url without host", "/content/url", "'https:///a'", "URL_FORM", "/content/url"},
    {"url of scheme alone", "/content/url", "'https://'", "URL_FORM", "/content/url"},
    {"url with a space", "/content/url", "'https://example.org/a b'", "URL_FORM", "/content/url"},
    {"url with a line end", "/content/url", "'https://example.org/a\\nb'", "URL_FORM",
     "/content/url"},
    {"url empty", "/content/url", "''", "URL_FORM", "/content/url"},
    {"urls is an array", "/content/urls", "'https://example.org'", "FIELD_TYPE", "/content/urls"},
    {"urls: the bad one is named", "/content/urls", "['https://a.example', 'nothing']", "URL_FORM",
     "/content/urls/1"},
    {"urls: strings only", "/content/urls", "['https://a.example', 7]", "FIELD_TYPE",
     "/content/urls/1"},
    {"hash sha256", "/content/hashes", "[{'kind': 'sha256', 'value': '" HEX64 "'}]", NULL, NULL},
    {"hash sha1", "/content/hashes", "[{'kind': 'sha1', 'value': '" HEX32 "00112233'}]", NULL,
     NULL},
    {"hash md5", "/content/hashes", "[{'kind': 'md5', 'value': '" HEX32 "'}]", NULL, NULL},
    {"hash pdq with quality", "/content/hashes",
     "[{'kind': 'pdq', 'value': '" HEX64 "', 'quality': 87}]", NULL, NULL},
    {"hash pdq of quality 0", "/content/hashes",
     "[{'kind': 'pdq', 'value': '" HEX64 "', 'quality': 0}]", NULL, NULL},
    {"hash pdq of quality 100", "/content/hashes",
     "[{'kind': 'pdq', 'value': '" HEX64 "', 'quality': 100}]", NULL, NULL},
    {"hash pdq of quality 101", "/content/hashes",
     "[{'kind': 'pdq', 'value': '" HEX64 "', 'quality': 101}]", "FIELD_RANGE",
     "/content/hashes/0/quality"},
    {"hash md5 with quality", "/content/hashes",
     "[{'kind': 'md5', 'value': '" HEX32 "', 'quality': 87}]", "FIELD_VALUE",
     "/content/hashes/0/quality"},
    {"hash tlsh", "/content/hashes", "[{'kind': 'tlsh', 'value': '" HEX64 "AABBCC'}]", NULL, NULL},
    {"hash tlsh with T1", "/content/hashes", "[{'kind': 'tlsh', 'value': 'T1" HEX64 "AABBCC'}]",
     NULL, NULL},
    {"hash tlsh cut short", "/content/hashes", "[{'kind': 'tlsh', 'value': 'T1" HEX64 "AABB'}]",
     "HASH_FORM", "/content/hashes/0/value"},
    {"hash one digit short", "/content/hashes",
     "[{'kind': 'md5', 'value': '0112233445566778899aabbccddeeff'}]", "HASH_FORM",
     "/content/hashes/0/value"},
    {"hash one digit long", "/content/hashes", "[{'kind': 'md5', 'value': '" HEX32 "0'}]",
     "HASH_FORM", "/content/hashes/0/value"},
    {"hash with a foreign digit", "/content/hashes",
     "[{'kind': 'md5', 'value': 'g0112233445566778899aabbccddeeff'}]", "HASH_FORM",
     "/content/hashes/0/value"},
    {"hash of an unknown kind", "/content/hashes", "[{'kind': 'crc32', 'value': '00'}]",
     "FIELD_VALUE", "/content/hashes/0/kind"},
    {"hash of a kind that is no hash", "/content/hashes", "[{'kind': 'literal', 'value': '00'}]",
     "FIELD_VALUE", "/content/hashes/0/kind"},
    {"hash without value", "/content/hashes", "[{'kind': 'md5'}]", "FIELD_MISSING",
     "/content/hashes/0/value"},
    {"hash with a foreign member", "/content/hashes",
     "[{'kind': 'md5', 'value': '" HEX32 "', 'size': 1}]", "FIELD_UNKNOWN",
     "/content/hashes/0/size"},
    {"created_at a day ahead", "/content/created_at", "'2026-11-19T11:06:40Z'", NULL, NULL},
    {"created_at over a day ahead", "/content/created_at", "'2026-11-19T11:06:40.001Z'",
     "TIME_FUTURE", "/content/created_at"},
    {"created_at long ago", "/content/created_at", "'1999-01-01T00:00:00Z'", NULL, NULL},
    {"created_at without zone", "/content/created_at", "'2026-11-01T10:00:00'", "FIELD_TIME",
     "/content/created_at"},
    {"views below zero", "/content/reach/views", "-1", "FIELD_RANGE", "/content/reach/views"},
    {"views zero", "/content/reach/views", "0", NULL, NULL},
    {"views at 2^53 - 1", "/content/reach/views", "9007199254740991", NULL, NULL},
    {"views at 2^53", "/content/reach/views", "9007199254740992", "FIELD_RANGE",
     "/content/reach/views"},
    {"views as a fraction", "/content/reach/views", "1.5", "FIELD_TYPE", "/content/reach/views"},
    {"reach with a foreign member", "/content/reach/likes", "1", "FIELD_UNKNOWN",
     "/content/reach/likes"},
    {"content with a foreign member", "/content/txt", "'a'", "FIELD_UNKNOWN", "/content/txt"},
    {"content.author of 128 bytes", "/content/author", "'" PERSON_128 "'", NULL, NULL},
    {"content.author of 129 bytes", "/content/author", "'" PERSON_128 "x'", "FIELD_LENGTH", "/content/author"},
    {"content.author is text", "/content/author", "[]", "FIELD_TYPE", "/content/author"},
    {"category is required", "/category", NULL, "FIELD_MISSING", "/category"},
    {"category of the other harms", "/category", "'csae'", NULL, NULL},
    {"category unknown", "/category", "'terrorism'", "FIELD_VALUE", "/category"},
    {"reason may be absent", "/reason", NULL, NULL, NULL},
    {"reason is a string", "/reason", "{}", "FIELD_TYPE", "/reason"},
    {"urgency may be absent", "/urgency", NULL, NULL, NULL},
    {"urgency threat_to_life", "/urgency", "'threat_to_life'", NULL, NULL},
    {"urgency unknown", "/urgency", "'now'", "FIELD_VALUE", "/urgency"},
    {"origin is required", "/origin", NULL, "FIELD_MISSING", "/origin"},
    {"origin.kind is required", "/origin/kind", NULL, "FIELD_MISSING", "/origin/kind"},
    {"origin.kind unknown", "/origin/kind", "'police'", "FIELD_VALUE", "/origin/kind"},
    {"origin.good_faith is a truth value", "/origin/good_faith", "'yes'", "FIELD_TYPE",
     "/origin/good_faith"},
    {"origin.reporter may be named", "/origin/reporter", "'u-1'", NULL, NULL},
    {"origin.reporter of 128 bytes", "/origin/reporter", "'" PERSON_128 "'", NULL, NULL},
    {"origin.reporter of 129 bytes", "/origin/reporter", "'" PERSON_128 "x'", "FIELD_LENGTH", "/origin/reporter"},
    {"origin.reporter without a letter", "/origin/reporter", "''", "FIELD_LENGTH", "/origin/reporter"},
    {"origin.reporter is text", "/origin/reporter", "7", "FIELD_TYPE", "/origin/reporter"},
    {"origin with a foreign member", "/origin/name", "'a'", "FIELD_UNKNOWN", "/origin/name"},
    {"a referral unit needs state_actor", "/origin", "{'kind': 'gov_referral_unit'}",
     "ORIGIN_STATE_REQUIRED", "/origin/state_actor"},
    {"a referral unit with state_actor", "/origin",
     "{'kind': 'gov_referral_unit', 'good_faith': true, 'state_actor': " ACTOR "}", NULL, NULL},
    {"a police trusted flagger with state_actor", "/origin",
     "{'kind': 'trusted_flagger', 'good_faith': true, 'state_actor': " ACTOR "}", NULL, NULL},
    {"a state_actor without authority", "/origin",
     "{'kind': 'trusted_flagger', 'state_actor': {'country': 'DE', 'power': 'trusted_flagger'}}",
     "ORIGIN_STATE_REQUIRED", "/origin/state_actor/authority"},
    {"a state_actor that is a name", "/origin", "{'kind': 'user_notice', 'state_actor': 'police'}",
     "FIELD_TYPE", "/origin/state_actor"},
    {"a state_actor with a foreign member", "/origin",
     "{'kind': 'trusted_flagger', 'state_actor': {'country': 'DE', 'authority': 'A', 'power': "
     "'request',"
     " 'officer': 'B'}}",
     "FIELD_UNKNOWN", "/origin/state_actor/officer"},
    {"a referral that calls itself an order", "/order", "{'urls': ['https://example.org/8841']}",
     "ORDER_INCOMPLETE", "/order"},
    {"a whole order without an origin that may order", "/order", DSA_ORDER, "FIELD_VALUE",
     "/order"},
    {"exemption unknown", "/exemptions_claimed", "['journalism']", "FIELD_VALUE",
     "/exemptions_claimed/0"},
    {"exemptions none", "/exemptions_claimed", "[]", NULL, NULL},
    {"country lower case", "/jurisdictions", "['DE', 'fr']", "COUNTRY_FORM", "/jurisdictions/1"},
    {"country not assigned", "/jurisdictions", "['EL']", "COUNTRY_FORM", "/jurisdictions/0"},
    {"country of three letters", "/jurisdictions", "['DEU']", "COUNTRY_FORM", "/jurisdictions/0"},
    {"country as a number", "/jurisdictions", "[276]", "FIELD_TYPE", "/jurisdictions/0"},
    {"reported_at ahead", "/reported_at", "'2027-01-01T00:00:00Z'", "TIME_FUTURE", "/reported_at"},
    {"reported_at on a day that is none", "/reported_at", "'2026-02-30T00:00:00Z'", "FIELD_TIME",
     "/reported_at"},
    {"a foreign member", "/partner", "'me'", "FIELD_UNKNOWN", "/partner"},
};

static void each_field_keeps_its_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *body = test_json(good_body);

        put_at(body, cases[i].pointer, cases[i].value ? value_of(cases[i].value) : NULL);
        expect(cases[i].name, body, cases[i].code, cases[i].place);
    }
}

static json_t *text_of(const char *start, size_t len)
{
    char *bytes = malloc(len + 1);
    json_t *text;

    assert_non_null(bytes);
    memset(bytes, 'a', len);
    memcpy(bytes, start, strlen(start));
    text = json_stringn(bytes, len);
    free(bytes);
    return text;
}

static json_t *array_of(const char *element, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(json_array_append_new(array, value_of(element)), 0);
    }
    return array;
}

static void each_length_has_two_sides(void **state)
{
    static const struct {
        const char *pointer, *start, *code;
        size_t most;
    } limits[] = {
        {"/content/id", "", "FIELD_LENGTH", REPORT_MAX_CONTENT_ID},
        {"/content/text", "", "FIELD_LENGTH", REPORT_MAX_TEXT},
        {"/content/url", "https://example.org/", "URL_FORM", REPORT_MAX_URL},
        {"/reason", "", "FIELD_LENGTH", REPORT_MAX_REASON},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        for (size_t over = 0; over < 2; over++) {
            json_t *body = test_json(good_body);

            put_at(body, limits[i].pointer, text_of(limits[i].start, limits[i].most + over));
            expect(limits[i].pointer, body, over ? limits[i].code : NULL, limits[i].pointer);
        }
    }
}

static void each_count_has_two_sides(void **state)
{
    static const struct {
        const char *pointer, *element;
        size_t most;
    } limits[] = {
        {"/content/urls", "'https://example.org/'", REPORT_MAX_URLS},
        {"/content/hashes", "{'kind': 'md5', 'value': '" HEX32 "'}", REPORT_MAX_HASHES},
        {"/jurisdictions", "'DE'", REPORT_MAX_COUNTRIES},
        {"/exemptions_claimed", "'satire'", EXEMPTION_COUNT},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        for (size_t over = 0; over < 2; over++) {
            json_t *body = test_json(good_body);

            put_at(body, limits[i].pointer, array_of(limits[i].element, limits[i].most + over));
            expect(limits[i].pointer, body, over ? "FIELD_COUNT" : NULL, limits[i].pointer);
        }
    }
}

static void content_needs_something_to_look_at(void **state)
{
    static const struct {
        const char *name, *content, *code;
    } contents[] = {
        {"nothing", "{'id': '1', 'type': 'post'}", "CONTENT_EMPTY"},
        {"an empty text", "{'id': '1', 'type': 'post', 'text': ''}", "CONTENT_EMPTY"},
        {"empty lists", "{'id': '1', 'type': 'post', 'urls': [], 'hashes': []}", "CONTENT_EMPTY"},
        {"a text", "{'id': '1', 'type': 'post', 'text': ' '}", NULL},
        {"a url", "{'id': '1', 'type': 'post', 'url': 'http://a.example'}", NULL},
        {"one of urls", "{'id': '1', 'type': 'post', 'urls': ['http://a.example']}", NULL},
        {"a hash", "{'id': '1', 'type': 'post', 'hashes': [{'kind': 'md5', 'value': '" HEX32 "'}]}",
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(contents); i++) {
        json_t *body = test_json(good_body);

        put_at(body, "/content", value_of(contents[i].content));
        expect(contents[i].name, body, contents[i].code, "/content");
    }
}

static void all_mistakes_are_named_at_once(void **state)
{
    json_t *body =
        test_json("{'content': {'id': '', 'type': 'x', 'text': 1, 'url': 'x'},"
                  " 'category': 'x', 'urgensy': 'urgent', 'origin': {'kind': 'gov_order'},"
                  " 'jurisdictions': ['XX'], 'reported_at': 'today'}");
    CLEANUP(report_freep) struct report *report = NULL;
    struct faults faults = {0};

    (void)state;
    assert_int_equal(report_read(&report, body, now_ms, &faults), FAULT);
    json_decref(body);
    assert_null(report);
    assert_true(test_has_fault(&faults, "FIELD_LENGTH", "/content/id"));
    assert_true(test_has_fault(&faults, "FIELD_VALUE", "/content/type"));
    assert_true(test_has_fault(&faults, "FIELD_TYPE", "/content/text"));
    assert_true(test_has_fault(&faults, "URL_FORM", "/content/url"));
    assert_true(test_has_fault(&faults, "FIELD_VALUE", "/category"));
    assert_true(test_has_fault(&faults, "FIELD_UNKNOWN", "/urgensy"));
    assert_true(test_has_fault(&faults, "ORIGIN_STATE_REQUIRED", "/origin/state_actor"));
    assert_true(test_has_fault(&faults, "ORDER_INCOMPLETE", NULL));
    assert_true(test_has_fault(&faults, "COUNTRY_FORM", "/jurisdictions/0"));
    assert_true(test_has_fault(&faults, "FIELD_TIME", "/reported_at"));
}

static void orders_must_be_complete(void **state)
{
    static const struct {
        const char *kind, *power, *order, *code, *place;
    } orders[] = {
        {"court_order", "order", DSA_ORDER, NULL, NULL},
        {"gov_order", "order", DSA_ORDER, NULL, NULL},
        {"gov_order", "referral", DSA_ORDER, "ORDER_INCOMPLETE", "/origin/state_actor/power"},
        {"gov_order", "order", "null", "ORDER_INCOMPLETE", "/order"},
        {"tco_removal_order", "order", DSA_ORDER, "ORDER_INCOMPLETE", "/order"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        json_t *body = test_json(good_body);
        json_t *actor =
            json_pack("{s:s,s:s,s:s,s:s}", "country", "DE", "authority", "Example Court", "power",
                      orders[i].power, "legal_basis", "Example Act s. 4");

        put_at(body, "/origin",
               json_pack("{s:s,s:o}", "kind", orders[i].kind, "state_actor", actor));
        put_at(body, "/order", value_of(orders[i].order));
        expect(orders[i].kind, body, orders[i].code, orders[i].place);
    }
}

static void an_unknown_field_gets_the_nearest_name(void **state)
{
    json_t *body = test_json(good_body);
    CLEANUP(report_freep) struct report *report = NULL;
    struct faults faults = {0};

    (void)state;
    put_at(body, "/urgensy", json_string("urgent"));
    assert_int_equal(report_read(&report, body, now_ms, &faults), FAULT);
    json_decref(body);
    assert_non_null(strstr(faults.list[0].text, "'urgency'"));
}

static void other_top_levels_are_refused(void **state)
{
    (void)state;
    expect("array", test_json("[]"), "FIELD_TYPE", "");
    expect("array of a body", json_pack("[o]", test_json(good_body)), "FIELD_TYPE", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_read),
        cmocka_unit_test(a_short_report_has_defaults),
        cmocka_unit_test(each_field_keeps_its_rule),
        cmocka_unit_test(each_length_has_two_sides),
        cmocka_unit_test(each_count_has_two_sides),
        cmocka_unit_test(content_needs_something_to_look_at),
        cmocka_unit_test(all_mistakes_are_named_at_once),
        cmocka_unit_test(orders_must_be_complete),
        cmocka_unit_test(an_unknown_field_gets_the_nearest_name),
        cmocka_unit_test(other_top_levels_are_refused),
    };

    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
