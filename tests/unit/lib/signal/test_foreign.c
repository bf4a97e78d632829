/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of others: lines, CSV, MISP, ThreatExchange. */
#include "lib/signal/format.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

#define MD5_A "00000000000000000000000000000001"
#define MD5_B "00000000000000000000000000000002"
#define UUID "5c0d1f8e-1111-4222-8333-944455556666"

static const struct list_head head = {.id = {"foreign", 7}, .name = {"n", 1}, .owner = {"o", 1}};

/* Reads into a list, sealed, or NULL with the report. */
static struct list *read_as(const char *format, const char *text, int default_kind, bool lenient,
                            struct signal_report *report)
{
    struct signal_options options = signal_options_default;
    struct list *list = NULL;
    int r;

    options.name = "src";
    options.head = &head;
    options.default_kind = default_kind;
    options.lenient = lenient;
    r = signal_read(&list, format ? signal_format_named(span_of(format)) : NULL, span_of(text),
                    &options, report);
    assert_true(r == 0 || r == FAULT);
    assert_int_equal(r == 0, list != NULL);
    return list;
}

/* Reads and compares with "kind value, kind value", in list order. */
static void holds(const char *name, const char *format, const char *text, int default_kind,
                  const char *want)
{
    struct signal_report report;
    struct list *list = read_as(format, text, default_kind, false, &report);
    char got[2048] = "";

    if (!list) {
        fail_msg("%s: %s at %s", name, report.faults.list[0].text, report.faults.list[0].place);
    }
    for (size_t i = 0; i < list_count(list); i++) {
        const struct list_entry *entry = list_entry(list, i);
        size_t len = strlen(got);

        (void)snprintf(got + len, sizeof(got) - len, "%s%s %.*s", i ? ", " : "",
                       signal_kind_words[entry->kind], (int)entry->value.len, entry->value.ptr);
    }
    if (strcmp(got, want) != 0) {
        fail_msg("%s: %s", name, got);
    }
    list_unref(list);
}

static const struct {
    const char *name, *format, *text;
    int default_kind;
    const char *want;
} good[] = {
    {"lines: kind and value", "lines", "literal some words\nmd5 " MD5_A "\n", -1,
     "literal some words, md5 " MD5_A},
    {"lines: names of pytx", "lines", "video_md5 " MD5_A "\r\nraw_text  two  words \r\n", -1,
     "literal two  words, md5 " MD5_A},
    {"lines: bare values", "lines", "# comment\n\nb.example\n#a.example\na.example", SIGNAL_DOMAIN,
     "domain a.example, domain b.example"},
    {"lines: a literal may begin with #", "lines", "#tag\n# comment\n#", SIGNAL_LITERAL,
     "literal #tag"},
    {"lines: a bare literal may begin with a kind", "lines", "url shortener\n", SIGNAL_LITERAL,
     "literal url shortener"},
    {"lines: byte order mark", "lines", "\xef\xbb\xbfword\n", SIGNAL_LITERAL, "literal word"},
    {"lines: nothing", "lines", "", SIGNAL_LITERAL, ""},
    {"csv: kind and value", "csv", "kind,value\nliteral,\"a, \"\"b\"\"\"\nmd5," MD5_A "\n", -1,
     "literal a, \"b\", md5 " MD5_A},
    {"csv: semicolon, CRLF, unknown columns", "csv", "x;Indicator;Type\r\n1;a.example;DOMAIN\r\n",
     -1, "domain a.example"},
    {"csv: domain block list", "csv",
     "#domain,#severity,#public_comment\na.example,,\"spam, lies\"\n", -1, "domain a.example"},
    {"csv: a line inside quotes", "csv", "value\n\"two\nlines\"\n", SIGNAL_LITERAL,
     "literal two\nlines"},
    {"csv: last line without an end", "csv", "sha1\n0123456789012345678901234567890123456789", -1,
     "sha1 0123456789012345678901234567890123456789"},
    {"csv: empty lines", "csv", "value\n\na\n\n", SIGNAL_LITERAL, "literal a"},
    {"warninglist: string", "misp-warninglist", "{\"type\":\"string\",\"list\":[\"a\",\"b\"]}", -1,
     "literal a, literal b"},
    {"warninglist: hostname", "misp-warninglist",
     "{\"type\":\"hostname\",\"list\":[\".A.example\",\"local\"]}", -1, "domain a.example"},
    {"warninglist: regex", "misp-warninglist",
     "{\"type\":\"regex\",\"list\":[\"/^a@b$/i\",\"/x.y/ims\",\"plain\"]}", -1,
     "regex (?sm)x.y, regex ^a@b$, regex plain"},
    {"warninglist: cidr means nothing to us", "misp-warninglist",
     "{\"type\":\"cidr\",\"list\":[\"10.0.0.0/8\"]}", -1, ""},
    {"misp hashes", "misp-hashes", MD5_A "," UUID "\r\n" MD5_B "," UUID "\n", -1,
     "md5 " MD5_A ", md5 " MD5_B},
};

static void what_each_format_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        holds(good[i].name, good[i].format, good[i].text, good[i].default_kind, good[i].want);
    }
}

static const struct {
    const char *name, *format, *text;
    int default_kind;
    const char *code, *place;
} bad[] = {
    {"lines: unknown kind", "lines", "literal a\n\n  words b\n", -1, "KIND_UNKNOWN", "src:3:3"},
    {"lines: kind alone", "lines", "literal\n", -1, "LINE_FORM", "src:1:1"},
    {"lines: bad value", "lines", "md5  12\n", -1, "ENTRY_LENGTH", "src:1:6"},
    {"lines: not UTF-8", "lines", "a\xff\n", SIGNAL_LITERAL, "ENTRY_VALUE", "src:1:1"},
    {"csv: no value column", "csv", "kind,word\nliteral,a\n", -1, "CSV_COLUMN", "src"},
    {"csv: no kind", "csv", "value\na\n", -1, "CSV_COLUMN", "src"},
    {"csv: unknown kind", "csv", "value,kind\na,words\n", -1, "KIND_UNKNOWN", "src:2:3"},
    {"csv: open quote", "csv", "value\n\"a\n", SIGNAL_LITERAL, "CSV_QUOTE", "src:3:1"},
    {"csv: text behind a quote", "csv", "value\n\"a\"b\n", SIGNAL_LITERAL, "CSV_QUOTE", "src:2:4"},
    {"csv: severity", "csv", "value,severity\na,9\n", SIGNAL_LITERAL, "ENTRY_FIELD", "src:2:3"},
    {"csv: opinion", "csv", "value,opinion\na,maybe\n", SIGNAL_LITERAL, "ENTRY_FIELD", "src:2:3"},
    {"csv: expiry", "csv", "value,expires\na,soon\n", SIGNAL_LITERAL, "ENTRY_FIELD", "src:2:3"},
    {"csv: language", "csv", "value,lang\na,english\n", SIGNAL_LITERAL, "ENTRY_FIELD", "src:2:3"},
    {"warninglist: no list", "misp-warninglist", "{\"type\":\"string\"}", -1, "FIELD_MISSING",
     "/list"},
    {"warninglist: type", "misp-warninglist", "{\"type\":\"globs\",\"list\":[]}", -1, "FIELD_VALUE",
     "/type"},
    {"warninglist: number", "misp-warninglist", "{\"type\":\"string\",\"list\":[1]}", -1,
     "FIELD_TYPE", "/list/0"},
    {"misp hashes: no uuid", "misp-hashes", MD5_A ",x\n", -1, "LINE_FORM", "src:1:1"},
    {"threatexchange: no data", "threatexchange", "{\"paging\":{}}", -1, "FIELD_MISSING", "/data"},
    {"threatexchange: no indicator", "threatexchange", "{\"data\":[{\"type\":\"URI\"}]}", -1,
     "FIELD_MISSING", "/data/0/indicator"},
    {"json: broken", "json", "{\"head\":", -1, "JSON_SYNTAX", NULL},
    {"no format claims it", NULL, "<xml/>", -1, "FORMAT_UNKNOWN", "src"},
};

static void what_each_format_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct signal_report report;

        if (read_as(bad[i].format, bad[i].text, bad[i].default_kind, false, &report) ||
            !test_has_fault(&report.faults, bad[i].code, bad[i].place)) {
            fail_msg("%s", bad[i].name);
        }
    }
}

static void a_head_is_needed(void **state)
{
    struct signal_report report;
    struct signal_options options = signal_options_default;
    struct list *list = NULL;

    (void)state;
    assert_int_equal(
        signal_read(&list, signal_format_named(SPAN("lines")), SPAN("a"), &options, &report),
        FAULT);
    assert_true(test_has_fault(&report.faults, "FORMAT_SHAPE", NULL));
}

static void more_entries_than_allowed(void **state)
{
    struct signal_report report;
    struct signal_options options = signal_options_default;
    struct list *list = NULL;

    (void)state;
    options.head = &head;
    options.default_kind = SIGNAL_LITERAL;
    options.lenient = true;
    options.max_entries = 2;
    assert_int_equal(signal_read(&list, NULL, SPAN("a\nb\n"), &options, &report), 0);
    list = list_unref(list);
    assert_int_equal(signal_read(&list, NULL, SPAN("a\nb\nc\n"), &options, &report), FAULT);
    assert_true(test_has_fault(&report.faults, "SOURCE_TOO_MANY", "list:3:1"));
}

static void csv_particulars(void **state)
{
    struct signal_report report;
    struct list *list = read_as("csv",
                                "id,value,kind,language,severity,opinion,tags,expires\n"
                                "e1,words,literal,de,4,negative,a|b;c,2027-05-01\n",
                                -1, false, &report);
    const struct list_entry *entry = list_entry(list, 0);

    (void)state;
    assert_true(span_is(entry->id, "e1"));
    assert_string_equal(entry->language, "de");
    assert_int_equal(entry->severity, 4);
    assert_int_equal(entry->opinion, OPINION_NEGATIVE);
    assert_true(span_is(entry->tags, "a,b,c"));
    assert_int_equal(entry->expires_ms, 1809129600000);
    list_unref(list);
}

static void formats_are_guessed(void **state)
{
    static const struct {
        const char *text, *format;
    } cases[] = {
        {"# x\nhead: {id: l}\nentries: []\n", "yaml"},
        {"{\"head\":{}}", "json"},
        {"{\"entries\":[],\"head\":{}}", "json"},
        {"{\"payload\":{}}", "json"},
        {"kind,value\nmd5,1\n", "csv"},
        {"\"value\";\"type\"\n", "csv"},
        {"literal words\n", "lines"},
        {"any word\n", "lines"},
        {MD5_A "," UUID "\n", "misp-hashes"},
        {"{\"data\":[{\"indicator\":1}]}", "threatexchange"},
        {"{\n  \"description\": \"d\",\n  \"list\": [", "misp-warninglist"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct signal_format *format = signal_format_sniff(span_of(cases[i].text));

        if (!format || strcmp(format->name, cases[i].format) != 0) {
            fail_msg("%s: %s", cases[i].text, format ? format->name : "none");
        }
    }
    assert_null(signal_format_sniff(SPAN("")));
    assert_null(signal_format_named(SPAN("xml")));
}

/* ---- ThreatExchange ---- */

static const char page[] =
    "{'data':["
    "{'id':'1','indicator':'" MD5_A "','type':'HASH_MD5','last_updated':100,'tags':['t'],"
    " 'descriptors':{'data':[{'owner':{'id':'7'},'status':'MALICIOUS','severity':'SEVERE',"
    "   'tags':{'data':[{'id':'9','text':'u'}]},'reactions':[{'key':'HELPFUL','value':'8'}]},"
    "  {'status':'NON_MALICIOUS'}]}},"
    "{'id':'2','indicator':'[h]ttps://name[.]example/"
    "x','type':'UNCLICKABLE_URL','last_updated':300,"
    " 'descriptors':{'data':[{'owner':{'id':'7'},'status':'MALICIOUS',"
    "   'reactions':[{'key':'DISAGREE_WITH_TAGS','value':'8,7'}]}]}},"
    "{'id':'3','indicator':'words','type':'TEXT_STRING','last_updated':200,'should_delete':true},"
    "{'id':'4','indicator':'other words','type':'TEXT_STRING','last_updated':200},"
    "{'id':'5','indicator':'new words','type':'TEXT_STRING','last_updated':200,"
    " 'descriptors':{'data':[{'owner':{'id':'7'},'status':'UNKNOWN'}]}},"
    "{'id':'6','indicator':'harmless','type':'TEXT_STRING',"
    " 'descriptors':{'data':[{'owner':{'id':'7'},'status':'NON_MALICIOUS'}]}},"
    "{'id':'7','indicator':'{}','type':'TREND_QUERY','descriptors':{'data':[]}}],"
    "'paging':{'cursors':{'before':'A','after':'B'},'next':'https://exchange.example/'}}";

static char *quoted(const char *text)
{
    char *copy = strdup(text);

    for (char *c = copy; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return copy;
}

static void a_page_of_updates(void **state)
{
    char *text = quoted(page);
    struct signal_options options = signal_options_default;
    struct signal_report report;
    struct list *base =
        read_as("lines", "literal words\nliteral other words\nliteral kept\n", -1, false, &report);
    struct list *list = NULL;

    (void)state;
    options.head = &head;
    options.base = base;
    assert_int_equal(signal_read(&list, NULL, span_of(text), &options, &report), 0);
    assert_int_equal(list_count(list), 5);
    assert_true(span_is(list_entry(list, 0)->value, "harmless"));
    assert_int_equal(list_entry(list, 0)->opinion, OPINION_NEGATIVE);
    assert_true(span_is(list_entry(list, 1)->value, "kept"));
    assert_int_equal(list_entry(list, 2)->opinion, OPINION_SEED);
    assert_true(span_is(list_entry(list, 3)->value, "https://name.example/x"));
    assert_int_equal(list_entry(list, 3)->opinion, OPINION_DISPUTED);
    assert_int_equal(list_entry(list, 4)->opinion, OPINION_POSITIVE);
    assert_int_equal(list_entry(list, 4)->severity, 3);
    assert_true(span_is(list_entry(list, 4)->tags, "t,u"));
    assert_true(span_is(list_entry(list, 4)->id, "1"));
    assert_int_equal(report.removed, 2);
    assert_int_equal(report.skipped, 1);
    assert_int_equal(report.resume_s, 300);
    assert_string_equal(report.next, "B");
    list_unref(list);
    list_unref(base);
    free(text);
}

static void the_last_page_has_no_next(void **state)
{
    struct signal_report report;
    struct list *list =
        read_as("threatexchange", "{\"data\":[],\"paging\":{\"cursors\":{\"after\":\"B\"}}}", -1,
                false, &report);

    (void)state;
    assert_string_equal(report.next, "");
    list_unref(list);
}

static void lenient_reads_go_on(void **state)
{
    struct signal_report report;
    struct list *list = read_as("lines", "words a\nliteral b\nmd5 1\n", -1, true, &report);

    (void)state;
    assert_int_equal(list_count(list), 1);
    assert_int_equal(report.skipped, 2);
    assert_int_equal(report.faults.count, 2);
    assert_string_equal(report.faults.list[1].place, "src:3:5");
    list_unref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_each_format_holds), cmocka_unit_test(what_each_format_refuses),
        cmocka_unit_test(a_head_is_needed),       cmocka_unit_test(more_entries_than_allowed),
        cmocka_unit_test(csv_particulars),        cmocka_unit_test(formats_are_guessed),
        cmocka_unit_test(a_page_of_updates),      cmocka_unit_test(the_last_page_has_no_next),
        cmocka_unit_test(lenient_reads_go_on),
    };

    return cmocka_run_group_tests_name("lib/signal/foreign", tests, NULL, NULL);
}
