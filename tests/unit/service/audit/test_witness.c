/* SPDX-License-Identifier: Apache-2.0 */
/* Logs and their witnesses: what is published, and what is refused. */
#include "tests/unit/service/audit/witness_world.h"

#include "service/audit/verify.h"
#include "service/http/server.h"

static void the_published_checkpoint_carries_the_quorums_lines(void **state)
{
    struct world *world = *state;
    struct audit_verify_result result;
    struct audit_verify_options options = {.folder = world->log, .policy = &world->policy};
    struct fault why = {0};
    uint64_t size;

    set_policy(world, 3, "gall");
    grow(world, 300);
    grow(world, 70000);
    assert_int_equal(cosigned(world, &size), 7);
    assert_true(size == 70000);
    assert_int_equal(audit_verify(&options, &result, &why), 0);
    assert_int_equal(result.cosigned, 7);
    /* After a restart the client learns the size from a 409, once for each witness. */
    assert_int_equal(atomic_load(&world->houses[0].statuses[409]), 1);
    /* A witness that never saw the log does not stand for one that did. */
    house_close(&world->houses[2]);
    memory_folder_done(world->houses[2].folder);
    world->houses[2].folder = memory_folder();
    house_open(world, 2);
    set_policy(world, 3, "gall");
    assert_int_equal(audit_verify(&options, &result, &why), FAULT);
    assert_string_equal(why.code, "WITNESS_QUORUM");
    assert_int_equal(result.cosigned, 3);
}

static void without_the_quorum_the_old_checkpoint_stands_and_integration_goes_on(void **state)
{
    struct world *world = *state;
    struct sequencer *sequencer = NULL;
    struct fault why = {0};
    uint64_t size;

    set_policy(world, 3, "g2");
    grow(world, 100);
    house_close(&world->houses[0]);
    house_close(&world->houses[1]);
    atomic_store(&world->store.kept->size, 400);
    assert_int_equal(start_log(world, &sequencer, &why), 0);
    assert_true(reach(sequencer, 400, false));
    assert_true(was_told(world, "w0 WITNESS_UNREACHABLE"));
    (void)cosigned(world, &size);
    assert_true(size == 100);
    assert_true(atomic_load(&world->store.kept->trimmed) == 100); /* what is not published is kept twice */
    atomic_store(&world->store.kept->size, 900);
    house_open(world, 1);
    assert_true(reach(sequencer, 900, true));
    assert_int_equal(cosigned(world, &size) & 6, 6);
    assert_true(was_told(world, "w1 good"));
    (void)sequencer_stop(sequencer);
}

static void a_stop_without_the_quorum_ends_and_the_next_start_goes_on(void **state)
{
    struct world *world = *state;
    struct sequencer *sequencer = NULL;
    struct fault why = {0};
    uint64_t size;

    set_policy(world, 1, "w0");
    house_close(&world->houses[0]);
    atomic_store(&world->store.kept->size, 300);
    assert_int_equal(start_log(world, &sequencer, &why), 0);
    assert_true(reach(sequencer, 300, false));
    (void)sequencer_stop(sequencer);
    (void)cosigned(world, &size);
    assert_true(size == 0);
    house_open(world, 0);
    grow(world, 300);
    assert_int_equal(cosigned(world, &size), 1);
}

static void with_quorum_none_what_came_is_published(void **state)
{
    struct world *world = *state;
    uint64_t size;

    set_policy(world, 2, "none");
    house_close(&world->houses[1]);
    grow(world, 300);
    assert_int_equal(cosigned(world, &size), 1);
    assert_true(was_told(world, "w1 WITNESS_UNREACHABLE"));
}

static void a_witness_restored_from_an_old_copy_is_led_on(void **state)
{
    struct world *world = *state;
    char *copy = memory_folder();
    uint64_t size;

    set_policy(world, 1, "w0");
    grow(world, 300);
    house_close(&world->houses[0]);
    copy_folder(world->houses[0].folder, copy);
    house_open(world, 0);
    grow(world, 600);
    house_close(&world->houses[0]);
    copy_folder(copy, world->houses[0].folder);
    house_open(world, 0);
    atomic_store(&world->houses[0].statuses[409], 0);
    grow(world, 900);
    assert_int_equal(cosigned(world, &size), 1);
    assert_true(atomic_load(&world->houses[0].statuses[409]) >= 1);
    memory_folder_done(copy);
}

/* The whole machine from a backup: disk and store agree, only the witness remembers. */
static void a_log_set_back_with_its_store_is_refused_with_the_numbers(void **state)
{
    struct world *world = *state;
    struct sequencer *sequencer = NULL;
    struct memory_kept kept;
    char *copy = memory_folder();
    struct fault why = {0};

    set_policy(world, 2, "none");
    grow(world, 300);
    copy_folder(world->folder, copy);
    kept = world->store.own;
    grow(world, 600);
    copy_folder(copy, world->folder);
    world->store.own = kept;
    assert_int_equal(start_log(world, &sequencer, &why), FAULT);
    assert_string_equal(why.code, "SEQUENCER_ROLLED_BACK");
    assert_non_null(strstr(why.text, "has 300 entries"));
    assert_non_null(strstr(why.text, "has seen 600"));
    memory_folder_done(copy);
}

static void a_fork_is_not_cosigned(void **state)
{
    struct world *world = *state;
    struct sequencer *sequencer = NULL;
    char *copy = memory_folder();
    struct memory_kept kept;
    struct fault why = {0};
    uint64_t size;

    set_policy(world, 1, "w0");
    grow(world, 300);
    copy_folder(world->folder, copy);
    kept = world->store.own;
    grow(world, 600);
    /* The same key goes on from 300 another way, past what the witness saw before it is asked. */
    house_close(&world->houses[0]);
    copy_folder(copy, world->folder);
    world->store.own = kept;
    world->store.changed_at = 400;
    atomic_store(&world->store.kept->size, 700);
    assert_int_equal(start_log(world, &sequencer, &why), 0);
    assert_true(reach(sequencer, 700, false));
    (void)sequencer_stop(sequencer);
    world->told_count = 0;
    house_open(world, 0);
    assert_int_equal(start_log(world, &sequencer, &why), 0);
    assert_true(reach(sequencer, 700, false));
    assert_true(was_told(world, "w0 WITNESS_STATUS"));
    assert_true(atomic_load(&world->houses[0].statuses[422]) >= 1);
    (void)sequencer_stop(sequencer);
    (void)cosigned(world, &size);
    assert_true(size == 300);
    memory_folder_done(copy);
}

static void a_policy_for_other_logs_is_refused(void **state)
{
    struct world *world = *state;
    struct sequencer *sequencer = NULL;
    struct fault why = {0};

    assert_int_equal(witness_policy_read(&world->policy,
                                         SPAN("log example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n"
                                              "quorum none\n"), &why), 0);
    assert_int_equal(start_log(world, &sequencer, &why), FAULT);
    assert_string_equal(why.code, "POLICY_LOG");
}

/* ---- a witness that is none ---- */

static void answer_badly(struct exchange *ex)
{
    struct span mode = http_request_param(exchange_request(ex), "mode");

    if (span_is(mode, "garbage")) {
        exchange_reply_bytes(ex, 200, "text/plain", SPAN("yes\n"));
    } else if (span_is(mode, "stranger")) {
        exchange_reply_bytes(ex, 200, "text/plain", SPAN("\xe2\x80\x94 stranger AAAAAAAA\n"));
    } else if (span_is(mode, "large")) {
        static char large[65 << 10];

        memset(large, 'x', sizeof(large));
        exchange_reply_bytes(ex, 200, "text/plain", (struct span){large, sizeof(large)});
    } else if (span_is(mode, "nosize")) {
        exchange_reply_bytes(ex, 409, "text/plain", SPAN("7\n"));
    } else if (span_is(mode, "badsize")) {
        exchange_reply_bytes(ex, 409, "text/x.tlog.size", SPAN("07\n"));
    } else if (span_is(mode, "loop")) {
        exchange_reply_bytes(ex, 409, "text/x.tlog.size", SPAN("0\n"));
    } else if (span_is(mode, "drop")) {
        exchange_drop(ex);
    } else if (!span_is(mode, "slow")) {
        exchange_problem(ex, span_is(mode, "s403") ? 403 : span_is(mode, "s404") ? 404 : 500, "X", "x", NULL);
    }
}

static void slow_and_lying_witnesses_are_named_and_do_not_hold_the_others(void **state)
{
    static const struct {
        const char *mode, *code;
    } modes[] = {{"garbage", "WITNESS_ANSWER"}, {"stranger", "WITNESS_ANSWER"}, {"large", "WITNESS_ANSWER"},
                 {"nosize", "WITNESS_ANSWER"},  {"badsize", "WITNESS_ANSWER"},  {"loop", "WITNESS_ANSWER"},
                 {"slow", "WITNESS_SLOW"},      {"drop", "WITNESS_UNREACHABLE"}, {"s403", "WITNESS_STATUS"},
                 {"s404", "WITNESS_STATUS"},    {"s500", "WITNESS_STATUS"}};
    static const struct http_route routes[] = {{.method = "POST", .pattern = "/{mode}/add-checkpoint",
                                                .handler = answer_badly, .admit = http_admit_everyone,
                                                .body_max = 1 << 20}};
    struct world *world = *state;
    struct house bad = {.port = 0};
    struct http_server *server = NULL;
    struct fault why = {0};
    struct buf text;
    uint64_t size;

    assert_int_equal(loop_new(&bad.loop), 0);
    assert_int_equal(http_server_new(&server, &(struct http_server_options){.loop = bad.loop, .routes = routes, .route_count = 1,
                                                                            .limits = http_limits_default()}, &why), 0);
    assert_int_equal(http_server_listen(server, "127.0.0.1:0", &why), 0);
    assert_int_equal(pthread_create(&bad.thread, NULL, run_loop, &bad), 0);

    buf_init(&text, 8192);
    (void)buf_add_format(&text, "witness good %s http://127.0.0.1:%u\n", world->houses[0].vkey, world->houses[0].port);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        uint8_t seed[32] = {(uint8_t)(50 + i)};
        struct note_signer signer;

        assert_int_equal(note_signer_make(&signer, span_of(modes[i].mode), NOTE_COSIGNATURE, seed, &why), 0);
        (void)buf_add_format(&text, "witness %s ", modes[i].mode);
        (void)note_key_write(&text, &signer.key);
        (void)buf_add_format(&text, " http://127.0.0.1:%u/%s\n", http_server_port(server), modes[i].mode);
    }
    (void)buf_add_text(&text, "quorum none\n");
    assert_int_equal(witness_policy_read(&world->policy, buf_span(&text), &why), 0);
    buf_done(&text);

    grow(world, 300);
    assert_int_equal(cosigned(world, &size), 1);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        char line[128];

        (void)snprintf(line, sizeof(line), "%s %s", modes[i].mode, modes[i].code);
        if (!was_told(world, line)) {
            fail_msg("not told: %s (last: %s)", line, world->told_count ? world->told[world->told_count - 1] : "");
        }
    }
    assert_int_equal(loop_post(bad.loop, stop_loop, &bad), 0);
    assert_int_equal(pthread_join(bad.thread, NULL), 0);
    server = http_server_free(server);
    bad.loop = loop_free(bad.loop);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        with_world(the_published_checkpoint_carries_the_quorums_lines),
        with_world(without_the_quorum_the_old_checkpoint_stands_and_integration_goes_on),
        with_world(a_stop_without_the_quorum_ends_and_the_next_start_goes_on),
        with_world(with_quorum_none_what_came_is_published),
        with_world(a_witness_restored_from_an_old_copy_is_led_on),
        with_world(a_log_set_back_with_its_store_is_refused_with_the_numbers),
        with_world(a_fork_is_not_cosigned),
        with_world(a_policy_for_other_logs_is_refused),
        with_world(slow_and_lying_witnesses_are_named_and_do_not_hold_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
