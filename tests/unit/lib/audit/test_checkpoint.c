/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/checkpoint.h"

#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define OTHER "jP8XtCSeLRyi6ENM5LR9qdVwkzcLPPnRiiXnX5WUwPc="

static void bodies_are_read_strictly(void **state)
{
    static const struct {
        const char *name, *body, *code;
        uint64_t size;
    } cases[] = {
        {"an empty log", "o\n0\n" ROOT "\n", NULL, 0},
        {"a log of nine", "o\n9\n" OTHER "\n", NULL, 9},
        {"an extension line is kept unread", "o\n9\n" OTHER "\nmore\n", NULL, 9},
        {"the largest size", "o\n9223372036854775807\n" OTHER "\n", NULL, INT64_MAX},
        {"a larger size", "o\n9223372036854775808\n" OTHER "\n", "CHECKPOINT_FORM", 0},
        {"a leading zero", "o\n09\n" OTHER "\n", "CHECKPOINT_FORM", 0},
        {"a sign", "o\n+9\n" OTHER "\n", "CHECKPOINT_FORM", 0},
        {"no size", "o\n\n" OTHER "\n", "CHECKPOINT_FORM", 0},
        {"no origin", "\n9\n" OTHER "\n", "CHECKPOINT_FORM", 0},
        {"a short root", "o\n9\njP8X\n", "CHECKPOINT_FORM", 0},
        {"no line feed behind the root", "o\n9\n" OTHER, "CHECKPOINT_FORM", 0},
        {"one line", "o\n", "CHECKPOINT_FORM", 0},
        {"an empty log with the root of something", "o\n0\n" OTHER "\n", "CHECKPOINT_ROOT", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct checkpoint checkpoint = {0};
        struct fault why = {0};
        int r = checkpoint_read_body(&checkpoint, span_of(cases[i].body), &why);

        if (r != (cases[i].code ? FAULT : 0) ||
            strcmp(why.code, cases[i].code ? cases[i].code : "") != 0 ||
            checkpoint.size != cases[i].size) {
            fail_msg("%s: %d %s", cases[i].name, r, why.code);
        }
    }
}

static void a_signed_checkpoint_opens_with_its_logs_key_only(void **state)
{
    uint8_t seed[32] = {7}, other_seed[32] = {8};
    struct note_signer signer, other, renamed;
    struct checkpoint checkpoint = {.origin = "example.org/log", .size = 5}, back;
    struct fault why = {0};
    struct buf out;

    (void)state;
    buf_init(&out, NOTE_MAX_BYTES);
    assert_int_equal(note_signer_make(&signer, SPAN("example.org/log"), NOTE_ED25519, seed, NULL),
                     0);
    assert_int_equal(
        note_signer_make(&other, SPAN("example.org/log"), NOTE_ED25519, other_seed, NULL), 0);
    assert_int_equal(
        note_signer_make(&renamed, SPAN("example.org/other"), NOTE_ED25519, seed, NULL), 0);
    checkpoint.root = merkle_leaf(SPAN("x"));
    assert_int_equal(checkpoint_sign(&out, &checkpoint, &signer, 1, &why), 0);
    assert_int_equal(checkpoint_open(&back, buf_span(&out), &signer.key, &why), 0);
    assert_int_equal(back.size, 5);
    assert_true(hash_equal(&back.root, &checkpoint.root));
    assert_int_equal(checkpoint_open(&back, buf_span(&out), &other.key, &why), FAULT);
    assert_string_equal(why.code, "NOTE_UNSIGNED");
    out.data[strlen("example.org/log\n")] = '6';
    assert_int_equal(checkpoint_open(&back, buf_span(&out), &signer.key, &why), FAULT);
    assert_string_equal(why.code, "NOTE_BAD_SIGNATURE");
    buf_clear(&out);
    assert_int_equal(checkpoint_sign(&out, &checkpoint, &renamed, 1, &why), 0);
    assert_int_equal(checkpoint_open(&back, buf_span(&out), &renamed.key, &why), FAULT);
    assert_string_equal(why.code, "CHECKPOINT_ORIGIN");
    buf_done(&out);
}

static void several_signers_sign_in_turn(void **state)
{
    uint8_t seed[32] = {7}, other_seed[32] = {8};
    struct checkpoint checkpoint = {.origin = "log", .size = 0};
    struct note_signer signers[2];
    struct note note;
    struct buf out;

    (void)state;
    buf_init(&out, NOTE_MAX_BYTES);
    checkpoint.root = merkle_empty();
    assert_int_equal(note_signer_make(&signers[0], SPAN("log"), NOTE_ED25519, seed, NULL), 0);
    assert_int_equal(note_signer_make(&signers[1], SPAN("log"), NOTE_ED25519, other_seed, NULL), 0);
    assert_int_equal(checkpoint_sign(&out, &checkpoint, signers, 2, NULL), 0);
    assert_int_equal(note_read(&note, buf_span(&out), NULL), 0);
    assert_int_equal(note.line_count, 2);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_read_strictly),
        cmocka_unit_test(a_signed_checkpoint_opens_with_its_logs_key_only),
        cmocka_unit_test(several_signers_sign_in_turn),
    };

    return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
