/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/stage.h"

#include "lib/audit/edge.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

static int put(void *arg, const struct tile *tile, struct span bytes)
{
    return stage_add(arg, tile, bytes);
}

/* 300 entries in the tree, then a batch of 300 staged. */
struct step {
    struct edge *edge;
    struct merkle_stack before;
    struct audit_batch batch;
    struct buf staging;
    struct hash root;
};

static void make_step(struct step *step)
{
    struct buf unused;

    step->edge = edge_new();
    buf_init(&unused, STAGE_MAX_BYTES);
    buf_init(&step->staging, STAGE_MAX_BYTES);
    assert_int_equal(audit_batch_init(&step->batch, 300, 1 << 20), 0);
    audit_batch_clear(&step->batch, 300);
    assert_int_equal(stage_start(&step->staging), 0);
    for (int i = 0; i < 600; i++) {
        char text[32];
        struct span entry = {text, (size_t)snprintf(text, sizeof(text), "entry %d", i)};

        if (i == 300) {
            step->before = *edge_tree(step->edge);
        }
        if (i >= 300) {
            assert_int_equal(audit_batch_add(&step->batch, (uint64_t)i, entry, NULL), 0);
        }
        assert_int_equal(edge_append(step->edge, entry, put, i < 300 ? &unused : &step->staging),
                         0);
    }
    assert_int_equal(edge_partials(step->edge, put, &step->staging), 0);
    step->root = merkle_root(edge_tree(step->edge));
    buf_done(&unused);
}

static void step_done(struct step *step)
{
    edge_free(step->edge);
    audit_batch_done(&step->batch);
    buf_done(&step->staging);
}

static void a_step_hashes_to_the_same_again(void **state)
{
    static const char *const paths[] = {"tile/entries/001", "tile/0/001", "tile/entries/002.p/88",
                                        "tile/0/002.p/88", "tile/1/000.p/2"};
    struct stage_walk walk;
    struct step step;
    struct fault why = {0};

    (void)state;
    make_step(&step);
    assert_int_equal(
        stage_check(buf_span(&step.staging), &step.before, &step.batch, &step.root, &why), 0);
    assert_true(stage_open(&walk, buf_span(&step.staging)));
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(stage_next(&walk), 0);
        assert_string_equal(walk.path, paths[i]);
    }
    assert_int_equal(stage_next(&walk), 1);
    step_done(&step);
}

/* One bit anywhere in bundle or tile of level 0, old entries too, or in the root. */
static void a_flipped_bit_is_never_signed(void **state)
{
    struct step step;
    struct fault why = {0};
    size_t flipped = 0;

    (void)state;
    make_step(&step);
    for (size_t at = 40; at < step.staging.len - 2 * 32 - 24; at += 97) {
        step.staging.data[at] ^= 1;
        assert_int_equal(
            stage_check(buf_span(&step.staging), &step.before, &step.batch, &step.root, &why),
            FAULT);
        assert_string_equal(why.code, "SEQUENCER_MISMATCH");
        step.staging.data[at] ^= 1;
        flipped++;
    }
    assert_true(flipped > 100);
    step.root.bytes[5] ^= 1;
    assert_int_equal(
        stage_check(buf_span(&step.staging), &step.before, &step.batch, &step.root, &why), FAULT);
    step.root.bytes[5] ^= 1;
    step.batch.bytes.data[1000] ^= 1;
    assert_int_equal(
        stage_check(buf_span(&step.staging), &step.before, &step.batch, &step.root, &why), FAULT);
    step_done(&step);
}

static void a_broken_staging_file_is_told(void **state)
{
    static const char *const bad[] = {"tile/0/000 5\nabc", "tile/0/000\nabc", "tile/0/000",
                                      "private/key 1\nx", "tile/0/000 x\nabc"};
    struct stage_walk walk;

    (void)state;
    assert_false(stage_open(&walk, SPAN("something else")));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[128];

        (void)snprintf(text, sizeof(text), "rapporteur staging v1\n%s", bad[i]);
        assert_true(stage_open(&walk, span_of(text)));
        assert_int_equal(stage_next(&walk), -1);
    }
}

static void a_batch_takes_entries_in_order_and_within_its_room(void **state)
{
    struct audit_batch batch;
    struct fault why = {0};
    static char large[65536];

    (void)state;
    assert_int_equal(audit_batch_init(&batch, 3, 70000), 0);
    audit_batch_clear(&batch, 5);
    assert_int_equal(audit_batch_add(&batch, 6, SPAN("x"), &why), FAULT);
    assert_string_equal(why.code, "STREAM_GAP");
    assert_int_equal(audit_batch_add(&batch, 4, SPAN("x"), &why), FAULT);
    assert_int_equal(audit_batch_add(&batch, 5, SPAN("x"), &why), 0);
    assert_int_equal(audit_batch_add(&batch, 5, SPAN("x"), &why), FAULT);
    assert_int_equal(audit_batch_add(&batch, 6, (struct span){large, 65536}, &why), FAULT);
    assert_string_equal(why.code, "STREAM_ENTRY");
    assert_int_equal(audit_batch_add(&batch, 6, (struct span){large, 65535}, &why), 0);
    assert_false(batch.full);
    assert_int_equal(audit_batch_add(&batch, 7, (struct span){large, 65535}, &why), BUF_FULL);
    assert_true(batch.full);
    assert_int_equal(audit_batch_add(&batch, 7, SPAN("y"), &why), 0);
    assert_int_equal(audit_batch_add(&batch, 8, SPAN("y"), &why), BUF_FULL);
    assert_true(span_is(audit_batch_entry(&batch, 0), "x"));
    assert_true(span_is(audit_batch_entry(&batch, 2), "y"));
    audit_batch_clear(&batch, 5);
    batch.from_anywhere = true;
    assert_int_equal(audit_batch_add(&batch, 4, SPAN("x"), &why), FAULT);
    assert_int_equal(audit_batch_add(&batch, 9, SPAN("x"), &why), 0);
    assert_int_equal(audit_batch_add(&batch, 11, SPAN("x"), &why), FAULT);
    audit_batch_done(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_hashes_to_the_same_again),
        cmocka_unit_test(a_flipped_bit_is_never_signed),
        cmocka_unit_test(a_broken_staging_file_is_told),
        cmocka_unit_test(a_batch_takes_entries_in_order_and_within_its_room),
    };

    return cmocka_run_group_tests_name("stage", tests, NULL, NULL);
}
