/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/signal/list.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

#define HEX16 "0123456789abcdef"
#define HEX64 HEX16 HEX16 HEX16 HEX16
#define HEX70 HEX64 "012345"

static struct list *new_list(void)
{
    struct list *list = NULL;
    struct list_head head = {.id = SPAN("sample"), .name = SPAN("A sample"), .version = SPAN("1")};

    assert_int_equal(list_new(&list, &head, NULL), 0);
    return list;
}

static int add(struct list *list, enum signal_kind kind, const char *value, const char *id,
               const char *language, int severity)
{
    struct list_entry entry = {
        .kind = kind, .value = span_of(value), .id = span_of(id), .severity = severity};
    struct fault why;

    (void)snprintf(entry.language, sizeof(entry.language), "%s", language);
    return list_add(list, &entry, &why);
}

static const struct {
    const char *name;
    enum signal_kind kind;
    const char *value, *stored, *code; /* stored NULL: refused with code */
} values[] = {
    {"literal", SIGNAL_LITERAL, "Some Words", "Some Words", NULL},
    {"literal of spaces", SIGNAL_LITERAL, " \t ", NULL, "ENTRY_VALUE"},
    {"literal of nothing", SIGNAL_LITERAL, "", NULL, "ENTRY_LENGTH"},
    {"literal that is no UTF-8", SIGNAL_LITERAL, "a\xff", NULL, "ENTRY_VALUE"},
    {"regex", SIGNAL_REGEX, "a+b", "a+b", NULL},
    {"sha256 in capitals", SIGNAL_SHA256, "0123456789ABCDEF" HEX16 HEX16 HEX16, HEX64, NULL},
    {"sha256 one digit short", SIGNAL_SHA256, HEX16 HEX16 HEX16 "0123456789abcde", NULL,
     "ENTRY_LENGTH"},
    {"sha256 one digit long", SIGNAL_SHA256, HEX64 "0", NULL, "ENTRY_LENGTH"},
    {"sha256 with a foreign digit", SIGNAL_SHA256, "g123456789abcdef" HEX16 HEX16 HEX16, NULL,
     "ENTRY_VALUE"},
    {"sha1", SIGNAL_SHA1, HEX16 HEX16 "01234567", HEX16 HEX16 "01234567", NULL},
    {"md5", SIGNAL_MD5, HEX16 HEX16, HEX16 HEX16, NULL},
    {"pdq", SIGNAL_PDQ, HEX64, HEX64, NULL},
    {"tlsh without T1", SIGNAL_TLSH, HEX70,
     "T10123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF012345", NULL},
    {"tlsh with t1", SIGNAL_TLSH, "t1" HEX70,
     "T10123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF012345", NULL},
    {"tlsh too short", SIGNAL_TLSH, HEX64, NULL, "ENTRY_LENGTH"},
    {"domain in capitals with a dot", SIGNAL_DOMAIN, "Name.EXAMPLE.", "name.example", NULL},
    {"domain with a star", SIGNAL_DOMAIN, "*.name.example", "name.example", NULL},
    {"domain of one label", SIGNAL_DOMAIN, "example", NULL, "ENTRY_VALUE"},
    {"domain with an empty label", SIGNAL_DOMAIN, "a..example", NULL, "ENTRY_VALUE"},
    {"domain with a path", SIGNAL_DOMAIN, "name.example/x", NULL, "ENTRY_VALUE"},
    {"domain with a long label", SIGNAL_DOMAIN, HEX64 ".example", NULL, "ENTRY_VALUE"},
    {"domain in another script", SIGNAL_DOMAIN, "véthari.example", "véthari.example", NULL},
    {"url", SIGNAL_URL, "https://Name.example/Path", "https://Name.example/Path", NULL},
    {"url without scheme", SIGNAL_URL, "name.example/path", "name.example/path", NULL},
    {"url of another scheme", SIGNAL_URL, "ftp://name.example/", NULL, "ENTRY_VALUE"},
    {"url with a space", SIGNAL_URL, "https://name.example/a b", NULL, "ENTRY_VALUE"},
    {"url without host", SIGNAL_URL, "https:///path", NULL, "ENTRY_VALUE"},
};

static void values_are_checked_and_stored_in_one_spelling(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct list *list = new_list();
        struct list_entry entry = {.kind = values[i].kind, .value = span_of(values[i].value)};
        struct fault why;
        int r = list_add(list, &entry, &why);

        if ((r == 0) != (values[i].stored != NULL)) {
            fail_msg("%s: %d", values[i].name, r);
        }
        if (r == FAULT) {
            assert_string_equal(why.code, values[i].code);
        } else {
            assert_int_equal(list_seal(list), 0);
            assert_true(span_is(list_entry(list, 0)->value, values[i].stored));
        }
        list_unref(list);
    }
}

static void lengths_hold_on_both_sides(void **state)
{
    struct list *list = new_list();
    char *text = malloc(LIST_MAX_PATTERN + 1);
    struct list_entry entry = {.kind = SIGNAL_REGEX, .value = {text, LIST_MAX_PATTERN}};
    struct fault why;

    (void)state;
    memset(text, 'a', LIST_MAX_PATTERN + 1);
    assert_int_equal(list_add(list, &entry, &why), 0);
    entry.value.len++;
    assert_int_equal(list_add(list, &entry, &why), FAULT);
    assert_string_equal(why.code, "ENTRY_LENGTH");
    free(text);
    list_unref(list);
}

static void particulars_are_checked(void **state)
{
    static const struct {
        const char *id, *language, *tags;
        int severity;
        bool good;
    } cases[] = {
        {"a.b_c:d-1", "deu", "x,y", 4, true},
        {"a b", "", "", 0, false},
        {"", "DE", "", 0, false},
        {"", "d", "", 0, false},
        {"", "de", "", 5, false},
        {"", "de", "", -1, false},
        {"", "de", "x,,y", 0, false},
        {"", "de", ",", 0, false},
        {"", "", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", 0, true},
        {"", "", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", 0, false},
        {HEX64, "", "", 0, true},
        {HEX64 "0", "", "", 0, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct list *list = new_list();
        struct list_entry entry = {.kind = SIGNAL_LITERAL,
                                   .value = SPAN("x"),
                                   .id = span_of(cases[i].id),
                                   .tags = span_of(cases[i].tags),
                                   .severity = cases[i].severity};
        struct fault why;
        int r;

        (void)snprintf(entry.language, sizeof(entry.language), "%s", cases[i].language);
        r = list_add(list, &entry, &why);
        assert_int_equal(r == 0, cases[i].good);
        if (r) {
            assert_string_equal(why.code, "ENTRY_FIELD");
        }
        list_unref(list);
    }
}

static void heads_are_checked(void **state)
{
    static const struct {
        const char *id, *tlp, *code;
    } cases[] = {{"a", "", NULL},
                 {"list-1", "amber+strict", NULL},
                 {"", "", "LIST_ID"},
                 {"-a", "", "LIST_ID"},
                 {"A", "", "LIST_ID"},
                 {"a_b", "", "LIST_ID"},
                 {"a", "white", "LIST_TLP"},
                 {HEX64, "", NULL},
                 {HEX64 "0", "", "LIST_ID"}};
    struct list_head bad = {.id = SPAN("a"), .name = SPAN("\xff")};
    struct list *list = NULL;
    struct fault why;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct list_head head = {.id = span_of(cases[i].id), .tlp = span_of(cases[i].tlp)};
        int r = list_new(&list, &head, &why);

        assert_int_equal(r == 0, cases[i].code == NULL);
        if (r) {
            assert_string_equal(why.code, cases[i].code);
        } else {
            list = list_unref(list);
        }
    }
    assert_int_equal(list_new(&list, &bad, &why), FAULT);
    assert_string_equal(why.code, "LIST_FIELD");
}

static void same_signals_same_digest(void **state)
{
    struct list *a = new_list(), *b = new_list();

    (void)state;
    assert_int_equal(add(a, SIGNAL_LITERAL, "one", "", "", 1), 0);
    assert_int_equal(add(a, SIGNAL_MD5, HEX16 HEX16, "", "", 2), 0);
    assert_int_equal(add(a, SIGNAL_LITERAL, "two", "", "de", 1), 0);
    assert_int_equal(add(b, SIGNAL_MD5, "0123456789ABCDEF" HEX16, "", "", 2), 0);
    assert_int_equal(add(b, SIGNAL_LITERAL, "two", "", "de", 4), 0);
    assert_int_equal(add(b, SIGNAL_LITERAL, "two", "", "de", 1), 0);
    assert_int_equal(add(b, SIGNAL_LITERAL, "one", "", "", 1), 0);
    assert_int_equal(list_seal(a), 0);
    assert_int_equal(list_seal(b), 0);
    assert_string_equal(list_digest(a), list_digest(b));
    assert_int_equal(list_count(b), 3);
    list_unref(b);
    b = new_list();
    assert_int_equal(add(b, SIGNAL_LITERAL, "one", "", "", 2), 0);
    assert_int_equal(list_seal(b), 0);
    assert_string_not_equal(list_digest(a), list_digest(b));
    list_unref(a);
    list_unref(b);
}

/* Computed apart: printf '%s' '{"entries":[],...}' | sha256sum */
static void digest_of_an_empty_list_is_known(void **state)
{
    struct list *list = new_list();

    (void)state;
    assert_int_equal(list_seal(list), 0);
    assert_int_equal(list_count(list), 0);
    assert_string_equal(list_digest(list),
                        "d7dc0978998a41b2f819acd5b8c6648505720764d3aff5a21621b78c2a412d63");
    list_unref(list);
}

static void order_is_kind_value_id(void **state)
{
    struct list *list = new_list();

    (void)state;
    assert_int_equal(add(list, SIGNAL_REGEX, "a", "", "", 0), 0);
    assert_int_equal(add(list, SIGNAL_LITERAL, "b", "", "", 0), 0);
    assert_int_equal(add(list, SIGNAL_LITERAL, "a", "z", "de", 0), 0);
    assert_int_equal(add(list, SIGNAL_LITERAL, "a", "y", "en", 0), 0);
    assert_int_equal(add(list, SIGNAL_LITERAL, "ab", "", "", 0), 0);
    assert_int_equal(list_seal(list), 0);
    assert_int_equal(list_count(list), 5);
    assert_true(span_is(list_entry(list, 0)->id, "y"));
    assert_true(span_is(list_entry(list, 1)->id, "z"));
    assert_true(span_is(list_entry(list, 2)->value, "ab"));
    assert_true(span_is(list_entry(list, 3)->value, "b"));
    assert_int_equal(list_entry(list, 4)->kind, SIGNAL_REGEX);
    list_unref(list);
}

static void later_entry_replaces_the_earlier(void **state)
{
    struct list *list = new_list();

    (void)state;
    assert_int_equal(add(list, SIGNAL_LITERAL, "a", "first", "", 1), 0);
    assert_int_equal(add(list, SIGNAL_LITERAL, "a", "second", "", 2), 0);
    assert_int_equal(add(list, SIGNAL_LITERAL, "a", "other", "de", 3), 0);
    assert_int_equal(add(list, SIGNAL_LITERAL, "a", "third", "", 4), 0);
    assert_int_equal(list_seal(list), 0);
    assert_int_equal(list_count(list), 2);
    assert_true(span_is(list_entry(list, 0)->id, "other"));
    assert_true(span_is(list_entry(list, 1)->id, "third"));
    list_unref(list);
}

static void ids_are_made_and_stand_once(void **state)
{
    struct list *list = new_list();

    (void)state;
    assert_int_equal(add(list, SIGNAL_LITERAL, "a", "same", "", 0), 0);
    assert_int_equal(add(list, SIGNAL_LITERAL, "b", "same", "", 0), 0);
    assert_int_equal(add(list, SIGNAL_LITERAL, "c", "", "", 0), 0);
    assert_int_equal(add(list, SIGNAL_LITERAL, "c", "", "de", 0), 0);
    assert_int_equal(add(list, SIGNAL_MD5, HEX16 HEX16, "", "", 0), 0);
    assert_int_equal(list_seal(list), 0);
    assert_true(span_is(list_entry(list, 0)->id, "same"));
    assert_int_equal(list_entry(list, 1)->id.len, 24);
    assert_false(span_equal(list_entry(list, 2)->id, list_entry(list, 3)->id));
    assert_true(span_equal(list_entry(list, 4)->id, list_entry(list, 4)->value));
    list_unref(list);
}

static void tombstones_take_out_what_came_before(void **state)
{
    struct list *list = new_list();
    struct fault why;

    (void)state;
    assert_int_equal(add(list, SIGNAL_LITERAL, "gone", "", "", 0), 0);
    assert_int_equal(add(list, SIGNAL_LITERAL, "gone", "", "de", 0), 0);
    assert_int_equal(add(list, SIGNAL_DOMAIN, "back.example", "", "", 0), 0);
    assert_int_equal(list_remove(list, SIGNAL_LITERAL, SPAN("gone"), &why), 0);
    assert_int_equal(list_remove(list, SIGNAL_DOMAIN, SPAN("BACK.example"), &why), 0);
    assert_int_equal(list_remove(list, SIGNAL_LITERAL, SPAN("never there"), &why), 0);
    assert_int_equal(list_remove(list, SIGNAL_MD5, SPAN("12"), &why), FAULT);
    assert_int_equal(add(list, SIGNAL_DOMAIN, "back.example", "", "", 3), 0);
    assert_int_equal(list_seal(list), 0);
    assert_int_equal(list_count(list), 1);
    assert_int_equal(list_entry(list, 0)->severity, 3);
    list_unref(list);
}

static void many_entries_are_lean(void **state)
{
    struct list *list = new_list(), *copy = new_list();
    struct fault why;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        char hex[65];

        (void)snprintf(hex, sizeof(hex), "%08x" HEX16 HEX16 HEX16 "00000000", i * 2654435761u);
        assert_int_equal(add(list, SIGNAL_SHA256, hex, "", "", 2), 0);
    }
    assert_int_equal(list_seal(list), 0);
    assert_int_equal(list_count(list), 100000);
    assert_true(list_bytes(list) < 100000 * (72 + 64 + 20));
    assert_int_equal(sizeof(struct list_entry), 72);
    assert_int_equal(list_add_all(copy, list, &why), 0);
    assert_int_equal(list_seal(copy), 0);
    assert_string_equal(list_digest(copy), list_digest(list));
    list_unref(list);
    list_unref(copy);
}

static void shared_by_count(void **state)
{
    struct list *list = new_list();

    (void)state;
    assert_ptr_equal(list_ref(list), list);
    assert_null(list_unref(list));
    assert_int_equal(list_seal(list), 0);
    assert_true(span_is(list_head(list)->tlp, "amber"));
    assert_null(list_unref(list));
    assert_null(list_unref(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_checked_and_stored_in_one_spelling),
        cmocka_unit_test(lengths_hold_on_both_sides),
        cmocka_unit_test(particulars_are_checked),
        cmocka_unit_test(heads_are_checked),
        cmocka_unit_test(same_signals_same_digest),
        cmocka_unit_test(digest_of_an_empty_list_is_known),
        cmocka_unit_test(order_is_kind_value_id),
        cmocka_unit_test(later_entry_replaces_the_earlier),
        cmocka_unit_test(ids_are_made_and_stand_once),
        cmocka_unit_test(tombstones_take_out_what_came_before),
        cmocka_unit_test(many_entries_are_lean),
        cmocka_unit_test(shared_by_count),
    };

    return cmocka_run_group_tests_name("lib/signal/list", tests, NULL, NULL);
}
