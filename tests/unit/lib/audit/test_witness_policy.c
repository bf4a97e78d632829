/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/witness_policy.h"

#include "lib/audit/checkpoint.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 6, TEXT_MAX = 256 << 10 };

static char vkeys[KEYS][NOTE_VKEY_MAX], log_vkey[NOTE_VKEY_MAX];
static struct note_signer signers[KEYS], log_signer;
static struct witness_policy policy;

static void make(struct note_signer *signer, const char *name, uint8_t type, uint8_t first, char into[NOTE_VKEY_MAX])
{
    uint8_t seed[32] = {first};
    struct buf text;

    assert_int_equal(note_signer_make(signer, span_of(name), type, seed, NULL), 0);
    buf_init(&text, NOTE_VKEY_MAX);
    assert_int_equal(note_key_write(&text, &signer->key), 0);
    memcpy(into, text.data, text.len + 1);
    buf_done(&text);
}

static int make_keys(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < KEYS; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "w.example/%d", i);
        make(&signers[i], name, NOTE_COSIGNATURE, (uint8_t)(10 + i), vkeys[i]);
    }
    make(&log_signer, "example.org/log", NOTE_ED25519, 1, log_vkey);
    return 0;
}

/* %0 to %5 are the witnesses' keys, %L the log's. */
static void expand(const char *text, struct buf *out)
{
    for (const char *p = text; *p; p++) {
        if (*p == '%') {
            p++;
            (void)buf_add_text(out, *p == 'L' ? log_vkey : vkeys[*p - '0']);
        } else {
            (void)buf_add_char(out, *p);
        }
    }
}

static int read_text(const char *text, struct fault *why)
{
    struct buf out;
    int r;

    buf_init(&out, TEXT_MAX);
    expand(text, &out);
    r = witness_policy_read(&policy, buf_span(&out), why);
    buf_done(&out);
    return r;
}

/* The example of the specification, with its two levels. */
static void nested_groups_decide(void **state)
{
    struct fault why;

    (void)state;
    assert_int_equal(read_text("log %L\n\nwitness X1 %0 https://x1.example/w/\nwitness X2 %1\n\twitness\tX3 %2\n"
                               "# two of one house, any of the other\n  group X-witnesses 2 X1 X2 X3\n"
                               "witness Y1 %3\nwitness Y2 %4\ngroup Y-witnesses any Y1 Y2\n"
                               "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y", &why), 0);
    assert_true(policy.log_count == 1 && policy.witness_count == 5 && policy.group_count == 3);
    assert_string_equal(policy.witnesses[0].url, "https://x1.example/w");
    assert_string_equal(witness_policy_quorum(&policy), "X-and-Y");
    for (uint32_t set = 0; set < 32; set++) {
        int x = __builtin_popcount(set & 7), y = __builtin_popcount(set >> 3);

        assert_int_equal(witness_policy_met(&policy, set), x >= 2 && y >= 1);
    }
}

static void a_quorum_may_be_one_witness_or_none(void **state)
{
    struct fault why;

    (void)state;
    assert_int_equal(read_text("quorum none\n", &why), 0);
    assert_true(witness_policy_met(&policy, 0));
    assert_int_equal(read_text("witness a %0\nwitness b %1\nquorum b\n", &why), 0);
    assert_true(witness_policy_met(&policy, 2) && !witness_policy_met(&policy, 1));
}

static void files_are_read_strictly(void **state)
{
    static const struct {
        const char *name, *text, *place, *says;
    } cases[] = {
        {"no quorum", "witness a %0\n", "", "one line"},
        {"empty", "", "", "one line"},
        {"two quorums", "quorum none\nquorum none\n", "line 2", "once"},
        {"quorum of nobody", "quorum a\nwitness a %0\n", "line 1", "stands above"},
        {"two names", "quorum none none\n", "line 1", "one name"},
        {"an unknown word", "quorum none\nwitnesses a\n", "line 2", "begins with"},
        {"a carriage return", "quorum none\r\n", "line 1", "control character"},
        {"a name twice", "witness a %0\nwitness a %1\nquorum none\n", "line 2", "taken"},
        {"a group named as a witness", "witness a %0\ngroup a any a\nquorum none\n", "line 2", "taken"},
        {"none is no name", "witness none %0\nquorum none\n", "line 1", "taken"},
        {"a key twice", "witness a %0\nwitness b %0\nquorum none\n", "line 2", "twice"},
        {"a log twice", "log %L\nlog %L\nquorum none\n", "line 2", "twice"},
        {"a log's key as a witness", "witness a %L\nquorum none\n", "line 1", "type 4"},
        {"a witness's key as a log", "log %0\nquorum none\n", "line 1", "type 1"},
        {"no key", "witness a\nquorum none\n", "line 1", ""},
        {"a URL of another kind", "witness a %0 file:///etc\nquorum none\n", "line 1", "https://"},
        {"words behind the URL", "witness a %0 http://a b\nquorum none\n", "line 1", "nothing behind"},
        {"words behind a log", "log %L http://a b\nquorum none\n", "line 1", "nothing behind"},
        {"a group without members", "group g any\nquorum none\n", "line 1", "at least one"},
        {"a member not above", "group g any a\nwitness a %0\nquorum none\n", "line 1", "stands above"},
        {"a group within itself", "witness a %0\ngroup g any a g\nquorum none\n", "line 2", "stands above"},
        {"a member twice", "witness a %0\ngroup g any a a\nquorum none\n", "line 2", "once"},
        {"a member of two groups", "witness a %0\ngroup g any a\ngroup h any a\nquorum none\n", "line 3", "once"},
        {"none of them", "witness a %0\ngroup g 0 a\nquorum none\n", "line 2", "1 to"},
        {"more than there are", "witness a %0\ngroup g 2 a\nquorum none\n", "line 2", "1 to"},
        {"no number", "witness a %0\ngroup g some a\nquorum none\n", "line 2", "1 to"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fault why = {0};

        if (read_text(cases[i].text, &why) != FAULT || strcmp(why.place, cases[i].place) != 0 ||
            !strstr(why.text, cases[i].says)) {
            fail_msg("%s: %s at %s: %s", cases[i].name, why.code, why.place, why.text);
        }
    }
}

static void at_most_32_of_each(void **state)
{
    struct buf text;
    struct fault why;

    (void)state;
    buf_init(&text, TEXT_MAX);
    for (uint8_t i = 0; i < 33; i++) {
        char name[32], vkey[NOTE_VKEY_MAX];
        struct note_signer signer;

        (void)snprintf(name, sizeof(name), "w.example/%d", i);
        make(&signer, name, NOTE_COSIGNATURE, (uint8_t)(100 + i), vkey);
        (void)buf_add_format(&text, "witness w%d %s\ngroup g%d any w%d\n", i, vkey, i, i);
        if (i == 31) {
            size_t len = text.len;

            (void)buf_add_text(&text, "quorum g31\n");
            assert_int_equal(witness_policy_read(&policy, buf_span(&text), &why), 0);
            assert_true(witness_policy_met(&policy, UINT32_C(1) << 31) && !witness_policy_met(&policy, INT32_MAX));
            text.len = len;
        }
    }
    (void)buf_add_text(&text, "quorum none\n");
    assert_int_equal(witness_policy_read(&policy, buf_span(&text), &why), FAULT);
    assert_string_equal(why.place, "line 65");
    buf_done(&text);
}

static void a_checkpoint_is_checked_against_the_quorum(void **state)
{
    struct checkpoint head = {.origin = "example.org/log", .size = 0, .root = merkle_empty()};
    struct note note;
    uint32_t cosigned = 99;
    struct fault why;
    struct buf text;

    (void)state;
    buf_init(&text, 4096);
    assert_int_equal(read_text("witness a %0\nwitness b %1\nwitness c %2\ngroup g 2 a b c\nquorum g\n", &why), 0);
    assert_int_equal(checkpoint_sign(&text, &head, &log_signer, 1, NULL), 0);
    assert_int_equal(note_read(&note, buf_span(&text), &why), 0);
    assert_int_equal(witness_policy_check(&policy, &note, &cosigned, &why), FAULT);
    assert_string_equal(why.code, "WITNESS_QUORUM");
    assert_int_equal(cosigned, 0);

    assert_int_equal(note_sign(&text, note.body, &signers[4], 1), 0); /* one that the policy does not know */
    assert_int_equal(note_read(&note, buf_span(&text), &why), 0);
    assert_int_equal(note_sign(&text, note.body, &signers[2], 1), 0);
    assert_int_equal(note_read(&note, buf_span(&text), &why), 0);
    assert_int_equal(witness_policy_check(&policy, &note, &cosigned, &why), FAULT);
    assert_int_equal(cosigned, 4);
    assert_int_equal(note_sign(&text, note.body, &signers[0], 1), 0);
    assert_int_equal(note_read(&note, buf_span(&text), &why), 0);
    assert_int_equal(witness_policy_check(&policy, &note, &cosigned, &why), 0);
    assert_int_equal(cosigned, 5);

    /* A known witness's line that fails rejects all, whatever the quorum. */
    assert_int_equal(note_sign(&text, SPAN("another text\n"), &signers[1], 1), 0);
    assert_int_equal(note_read(&note, buf_span(&text), &why), 0);
    assert_int_equal(witness_policy_check(&policy, &note, &cosigned, &why), FAULT);
    assert_string_equal(why.code, "NOTE_BAD_SIGNATURE");
    buf_done(&text);
}

static void a_policy_may_be_for_certain_logs(void **state)
{
    struct fault why;

    (void)state;
    assert_int_equal(read_text("quorum none\n", &why), 0);
    assert_int_equal(witness_policy_log(&policy, &log_signer.key, &why), 0);
    assert_int_equal(read_text("log %L https://log.example/\nquorum none\n", &why), 0);
    assert_int_equal(witness_policy_log(&policy, &log_signer.key, &why), 0);
    assert_int_equal(witness_policy_log(&policy, &signers[0].key, &why), FAULT);
    assert_string_equal(why.code, "POLICY_LOG");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested_groups_decide),
        cmocka_unit_test(a_quorum_may_be_one_witness_or_none),
        cmocka_unit_test(files_are_read_strictly),
        cmocka_unit_test(at_most_32_of_each),
        cmocka_unit_test(a_checkpoint_is_checked_against_the_quorum),
        cmocka_unit_test(a_policy_may_be_for_certain_logs),
    };

    return cmocka_run_group_tests(tests, make_keys, NULL);
}
