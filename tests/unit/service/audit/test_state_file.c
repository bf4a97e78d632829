/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/state_file.h"

#include "tests/support/support.h"

#include <string.h>

static void make_signer(struct note_signer *signer, const char *name, uint8_t first)
{
    uint8_t seed[32] = {first};

    assert_int_equal(note_signer_make(signer, span_of(name), NOTE_ED25519, seed, NULL), 0);
}

static void a_state_comes_back_with_and_without_staging(void **state)
{
    struct log_state one = {.head = {.origin = "log", .size = 42},
                            .has_staging = true,
                            .staging = {1, 2, 3}},
                     back;
    struct note_signer signer;
    struct fault why;
    struct buf out;

    (void)state;
    make_signer(&signer, "log", 1);
    buf_init(&out, STATE_MAX_BYTES);
    one.head.root = merkle_leaf(SPAN("x"));
    assert_int_equal(log_state_write(&out, &one, &signer, &why), 0);
    assert_int_equal(log_state_read(&back, buf_span(&out), &signer.key, &why), 0);
    assert_memory_equal(&one, &back, sizeof(one));
    buf_clear(&out);
    one.has_staging = false;
    memset(one.staging, 0, sizeof(one.staging));
    assert_int_equal(log_state_write(&out, &one, &signer, &why), 0);
    assert_int_equal(log_state_read(&back, buf_span(&out), &signer.key, &why), 0);
    assert_memory_equal(&one, &back, sizeof(one));
    buf_done(&out);
}

static void a_changed_or_foreign_state_is_refused(void **state)
{
    struct log_state one = {.head = {.origin = "log", .size = 42}}, back;
    struct note_signer signer, other;
    struct fault why = {0};
    struct buf out;

    (void)state;
    make_signer(&signer, "log", 1);
    make_signer(&other, "log", 2);
    buf_init(&out, STATE_MAX_BYTES);
    assert_int_equal(log_state_write(&out, &one, &signer, &why), 0);
    assert_int_equal(log_state_read(&back, buf_span(&out), &other.key, &why), FAULT);
    strstr(out.data, "size 42")[5] = '5';
    assert_int_equal(log_state_read(&back, buf_span(&out), &signer.key, &why), FAULT);
    assert_string_equal(why.code, "NOTE_BAD_SIGNATURE");
    buf_clear(&out);
    memcpy(one.head.origin, "other", 6);
    assert_int_equal(log_state_write(&out, &one, &signer, &why), 0);
    assert_int_equal(log_state_read(&back, buf_span(&out), &signer.key, &why), FAULT);
    assert_string_equal(why.code, "SEQUENCER_STATE");
    buf_done(&out);
}

/* A state signs the log's name, size and root too: it must not open as a checkpoint, nor the
 * reverse. */
static void a_state_is_no_checkpoint_and_a_checkpoint_no_state(void **state)
{
    struct log_state one = {.head = {.origin = "log", .size = 42}}, back;
    struct checkpoint checkpoint;
    struct note_signer signer;
    struct fault why = {0};
    struct buf out;

    (void)state;
    make_signer(&signer, "log", 1);
    buf_init(&out, STATE_MAX_BYTES);
    assert_int_equal(log_state_write(&out, &one, &signer, &why), 0);
    assert_int_equal(checkpoint_open(&checkpoint, buf_span(&out), &signer.key, &why), FAULT);
    buf_clear(&out);
    assert_int_equal(checkpoint_sign(&out, &one.head, &signer, 1, &why), 0);
    assert_int_equal(log_state_read(&back, buf_span(&out), &signer.key, &why), FAULT);
    assert_string_equal(why.code, "SEQUENCER_STATE");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_comes_back_with_and_without_staging),
        cmocka_unit_test(a_changed_or_foreign_state_is_refused),
        cmocka_unit_test(a_state_is_no_checkpoint_and_a_checkpoint_no_state),
    };

    return cmocka_run_group_tests_name("state_file", tests, NULL, NULL);
}
