/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/receipt.h"

#include "tests/support/support.h"

#include <string.h>

#define HASH "jP8XtCSeLRyi6ENM5LR9qdVwkzcLPPnRiiXnX5WUwPc=\n"

static int node_of(void *arg, unsigned level, uint64_t index, struct hash *ret)
{
    struct hash *leaves = arg;
    struct hash left, right;

    if (level == 0) {
        *ret = leaves[index];
        return 0;
    }
    (void)node_of(arg, level - 1, index * 2, &left);
    (void)node_of(arg, level - 1, index * 2 + 1, &right);
    *ret = merkle_node(&left, &right);
    return 0;
}

/* A receipt for entry 2 of five: "0".."4". */
static void make_receipt(struct buf *out, struct note_signer *signer)
{
    static const char *const entries[] = {"0", "1", "2", "3", "4"};
    struct checkpoint checkpoint = {.origin = "example.org/log", .size = 5};
    struct receipt receipt = {.index = 2, .extra = SPAN("ZXh0cmE=")};
    uint8_t seed[32] = {7};
    struct hash leaves[5];
    struct buf note;

    buf_init(&note, NOTE_MAX_BYTES);
    assert_int_equal(note_signer_make(signer, SPAN("example.org/log"), NOTE_ED25519, seed, NULL),
                     0);
    for (size_t i = 0; i < 5; i++) {
        leaves[i] = merkle_leaf(span_of(entries[i]));
    }
    assert_int_equal(merkle_root_at(5, node_of, leaves, &checkpoint.root), 0);
    assert_int_equal(
        merkle_prove_inclusion(2, 5, node_of, leaves, receipt.proof, &receipt.proof_count), 0);
    assert_int_equal(checkpoint_sign(&note, &checkpoint, signer, 1, NULL), 0);
    receipt.checkpoint = buf_span(&note);
    assert_int_equal(receipt_write(out, &receipt), 0);
    buf_done(&note);
}

static void a_receipt_proves_its_entry_and_no_other(void **state)
{
    struct checkpoint checkpoint;
    struct note_signer signer;
    struct fault why = {0};
    struct receipt receipt;
    struct buf out;

    (void)state;
    buf_init(&out, RECEIPT_MAX_BYTES);
    make_receipt(&out, &signer);
    assert_int_equal(receipt_read(&receipt, buf_span(&out), &why), 0);
    assert_int_equal(receipt.index, 2);
    assert_int_equal(receipt.proof_count, 3);
    assert_true(span_is(receipt.extra, "ZXh0cmE="));
    assert_int_equal(receipt_check(&receipt, SPAN("2"), &signer.key, &checkpoint, &why), 0);
    assert_int_equal(checkpoint.size, 5);
    assert_int_equal(receipt_check(&receipt, SPAN("3"), &signer.key, &checkpoint, &why), FAULT);
    assert_string_equal(why.code, "RECEIPT_PROOF");
    receipt.index = 3;
    assert_int_equal(receipt_check(&receipt, SPAN("2"), &signer.key, &checkpoint, &why), FAULT);
    buf_done(&out);
}

static void receipts_are_read_strictly(void **state)
{
    static const struct {
        const char *name, *text, *place;
    } cases[] = {
        {"nothing", "", "line 1"},
        {"another first line", "c2sp.org/tlog-proof@v2\nindex 0\n\nx\n", "line 1"},
        {"only the first line", "c2sp.org/tlog-proof@v1\n", "line 2"},
        {"no index", "c2sp.org/tlog-proof@v1\n\nx\n", "line 2"},
        {"a leading zero", "c2sp.org/tlog-proof@v1\nindex 01\n\nx\n", "line 2"},
        {"extra that is not base64", "c2sp.org/tlog-proof@v1\nextra ?\nindex 1\n\nx\n", "line 2"},
        {"extra of nothing", "c2sp.org/tlog-proof@v1\nextra \nindex 1\n\nx\n", "line 2"},
        {"extra and no index", "c2sp.org/tlog-proof@v1\nextra AA==\n\nx\n", "line 3"},
        {"a short hash", "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx\n", "line 3"},
        {"no empty line", "c2sp.org/tlog-proof@v1\nindex 1\n" HASH, "line 4"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct receipt receipt;
        struct fault why = {0};

        if (receipt_read(&receipt, span_of(cases[i].text), &why) != FAULT ||
            strcmp(why.code, "RECEIPT_FORM") != 0 || strcmp(why.place, cases[i].place) != 0) {
            fail_msg("%s: %s at %s", cases[i].name, why.code, why.place);
        }
    }
}

static void a_proof_has_at_most_64_hashes(void **state)
{
    struct receipt receipt;
    struct fault why = {0};
    struct buf out;

    (void)state;
    buf_init(&out, RECEIPT_MAX_BYTES);
    (void)buf_add_text(&out, "c2sp.org/tlog-proof@v1\nindex 1\n");
    for (int i = 0; i < 64; i++) {
        (void)buf_add_text(&out, HASH);
    }
    (void)buf_add_text(&out, "\ncheckpoint\n");
    assert_int_equal(receipt_read(&receipt, buf_span(&out), &why), 0);
    assert_int_equal(receipt.proof_count, 64);
    assert_true(span_is(receipt.checkpoint, "checkpoint\n"));
    buf_clear(&out);
    (void)buf_add_text(&out, "c2sp.org/tlog-proof@v1\nindex 1\n");
    for (int i = 0; i < 65; i++) {
        (void)buf_add_text(&out, HASH);
    }
    (void)buf_add_text(&out, "\ncheckpoint\n");
    assert_int_equal(receipt_read(&receipt, buf_span(&out), &why), FAULT);
    assert_string_equal(why.place, "line 67");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receipt_proves_its_entry_and_no_other),
        cmocka_unit_test(receipts_are_read_strictly),
        cmocka_unit_test(a_proof_has_at_most_64_hashes),
    };

    return cmocka_run_group_tests_name("receipt", tests, NULL, NULL);
}
