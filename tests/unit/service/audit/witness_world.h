/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_UNIT_SERVICE_AUDIT_WITNESS_WORLD_H
#define RAPPORTEUR_TESTS_UNIT_SERVICE_AUDIT_WITNESS_WORLD_H

/* A log and three witnesses over real HTTP, each witness a server in a thread of its own. */

#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "service/audit/reader.h"
#include "service/audit/sequencer.h"
#include "service/audit/witness_server.h"
#include "service/audit/witness_store.h"
#include "service/runtime/loop.h"
#include "tests/unit/service/audit/memory_source.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ORIGIN "example.org/audit/test"

enum { WITNESSES = 3, WAIT_MS = 20000, TOLD_MAX = 16 };

struct house {
    struct loop *loop;
    struct witness_store *store;
    struct witness_server *server;
    struct witness_policy *logs;
    pthread_t thread;
    unsigned port; /* kept for the next start */
    char *folder;
    char vkey[NOTE_VKEY_MAX];
    atomic_int statuses[600];
};

struct world {
    char *folder, *log; /* of the log */
    struct memory_source store;
    struct house houses[WITNESSES];
    struct witness_policy policy;
    pthread_mutex_t mutex;
    size_t told_count;
    char told[TOLD_MAX][FAULT_CODE_MAX + NOTE_NAME_MAX + 2];
};

/* ---- witnesses ---- */

static UNUSED void *run_loop(void *arg)
{
    (void)loop_run(((struct house *)arg)->loop);
    return NULL;
}

static UNUSED void stop_loop(void *arg)
{
    loop_stop(((struct house *)arg)->loop);
}

static UNUSED void broken(void *arg, const struct fault *why)
{
    (void)arg;
    fail_msg("a witness broke: %s", why->text);
}

static UNUSED void answered(void *arg, int status, const char *remote, const struct fault *why)
{
    (void)remote;
    assert_true((why == NULL) == (status == 200));
    atomic_fetch_add(&((struct house *)arg)->statuses[status], 1);
}

static UNUSED void house_open(struct world *world, size_t i)
{
    struct house *house = &world->houses[i];
    char address[40], name[32], *vkey_path = memory_path(world->log, "vkey"), *vkey = test_read_file(vkey_path, NULL);
    struct fault why = {0};
    struct buf text;

    house->logs = malloc(sizeof(*house->logs));
    buf_init(&text, 4096);
    (void)buf_add_format(&text, "log %squorum none\n", vkey);
    assert_int_equal(witness_policy_read(house->logs, buf_span(&text), &why), 0);
    (void)snprintf(name, sizeof(name), "w%zu.example/witness", i);
    if (witness_store_open(&house->store, house->folder, name, house->logs, &why) != 0) {
        fail_msg("%s: %s", why.code, why.text);
    }
    buf_clear(&text);
    assert_int_equal(note_key_write(&text, witness_store_key(house->store)), 0);
    memcpy(house->vkey, text.data, text.len + 1);
    buf_done(&text);
    assert_int_equal(loop_new(&house->loop), 0);
    assert_int_equal(witness_server_new(&house->server,
                                        &(struct witness_server_options){.loop = house->loop, .store = house->store,
                                                                         .broken = broken, .answered = answered,
                                                                         .arg = house}, &why), 0);
    (void)snprintf(address, sizeof(address), "127.0.0.1:%u", house->port);
    assert_int_equal(witness_server_listen(house->server, address, &why), 0);
    house->port = witness_server_port(house->server);
    assert_int_equal(pthread_create(&house->thread, NULL, run_loop, house), 0);
    free(vkey_path);
    free(vkey);
}

static UNUSED void house_close(struct house *house)
{
    if (house->loop) {
        assert_int_equal(loop_post(house->loop, stop_loop, house), 0);
        assert_int_equal(pthread_join(house->thread, NULL), 0);
        house->server = witness_server_free(house->server);
        house->loop = loop_free(house->loop);
        house->store = witness_store_free(house->store);
        free(house->logs);
        house->logs = NULL;
    }
}

static UNUSED void copy_folder(const char *from, const char *to)
{
    char command[512];

    (void)snprintf(command, sizeof(command), "rm -rf '%s' && cp -a '%s' '%s'", to, from, to);
    assert_int_equal(system(command), 0);
}

/* ---- the log ---- */

static UNUSED void told(void *arg, const char *witness, const struct fault *why)
{
    struct world *world = arg;

    (void)pthread_mutex_lock(&world->mutex);
    if (world->told_count < TOLD_MAX) {
        (void)snprintf(world->told[world->told_count++], sizeof(world->told[0]), "%s %s", witness, why ? why->code : "good");
    }
    (void)pthread_mutex_unlock(&world->mutex);
}

static UNUSED bool was_told(struct world *world, const char *line)
{
    bool found = false;

    (void)pthread_mutex_lock(&world->mutex);
    for (size_t i = 0; i < world->told_count; i++) {
        found = found || strcmp(world->told[i], line) == 0;
    }
    (void)pthread_mutex_unlock(&world->mutex);
    return found;
}

static UNUSED int start_log(struct world *world, struct sequencer **ret, struct fault *why)
{
    return sequencer_start(ret, &(struct sequencer_options){.folder = world->folder, .origin = ORIGIN,
                                                            .source = &world->store.source, .integrate_ms = 10,
                                                            .publish_ms = 10, .batch_entries = 500,
                                                            .witnesses = &world->policy, .witness_deadline_ms = 1000,
                                                            .witness_told = told, .witness_told_arg = world},
                           why);
}

static UNUSED void nap(void)
{
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 2000000}, NULL);
}

/* Until published, or integrated and waiting for the quorum; false at the deadline. */
static UNUSED bool reach(struct sequencer *sequencer, uint64_t size, bool published)
{
    struct sequencer_status status;

    for (int ms = 0; ms < WAIT_MS; ms += 2) {
        sequencer_status(sequencer, &status);
        if (status.state == SEQUENCER_FAILED) {
            fail_msg("%s: %s", status.why.code, status.why.text);
        }
        if (published ? status.published_size == size : status.size == size && status.witnesses.waiting) {
            return true;
        }
        nap();
    }
    return false;
}

static UNUSED void grow(struct world *world, uint64_t size)
{
    struct sequencer *sequencer = NULL;
    struct fault why = {0};

    atomic_store(&world->store.kept->size, size);
    if (start_log(world, &sequencer, &why) != 0) {
        fail_msg("%s at %s: %s", why.code, why.place, why.text);
    }
    assert_true(reach(sequencer, size, true));
    (void)sequencer_stop(sequencer);
}

/* `quorum` may use g2 (two of all) and gall. Witnesses 0 to count-1 are in it. */
static UNUSED void set_policy(struct world *world, size_t count, const char *quorum)
{
    struct fault why;
    struct buf text;

    buf_init(&text, 8192);
    for (size_t i = 0; i < count; i++) {
        (void)buf_add_format(&text, "witness w%zu %s http://127.0.0.1:%u/\n", i, world->houses[i].vkey, world->houses[i].port);
    }
    (void)buf_add_format(&text, "group g %s", strcmp(quorum, "g2") == 0 ? "2" : "all");
    for (size_t k = 0; k < count; k++) {
        (void)buf_add_format(&text, " w%zu", k);
    }
    (void)buf_add_format(&text, "\nquorum %s\n", quorum[0] == 'g' ? "g" : quorum);
    if (witness_policy_read(&world->policy, buf_span(&text), &why) != 0) {
        fail_msg("%s %s: %s", why.place, why.code, why.text);
    }
    buf_done(&text);
}

/* The published checkpoint, its size, and who cosigned it. */
static UNUSED uint32_t cosigned(struct world *world, uint64_t *ret_size)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    struct fault why;
    struct note note;
    uint32_t who = 0;

    assert_int_equal(audit_reader_open(&reader, world->log, &why), 0);
    assert_int_equal(note_read(&note, audit_reader_checkpoint(reader), &why), 0);
    assert_true(witness_policy_check(&world->policy, &note, &who, &why) >= 0);
    *ret_size = audit_reader_size(reader);
    return who;
}

static UNUSED int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct fault why = {0};

    (void)pthread_mutex_init(&world->mutex, NULL);
    world->folder = memory_folder();
    world->log = memory_path(world->folder, "log");
    memory_source_init(&world->store, NULL);
    /* A first start without witnesses makes the key, which they have to know. */
    assert_int_equal(memory_log(&world->store, world->folder, 0, &why), 0);
    for (size_t i = 0; i < WITNESSES; i++) {
        world->houses[i].folder = memory_folder();
        house_open(world, i);
    }
    *state = world;
    return 0;
}

static UNUSED int teardown(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < WITNESSES; i++) {
        house_close(&world->houses[i]);
        memory_folder_done(world->houses[i].folder);
    }
    memory_folder_done(world->folder);
    free(world->log);
    free(world);
    return 0;
}

#define with_world(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
