/* SPDX-License-Identifier: Apache-2.0 */
/* What a witness keeps: many clients at once, and its folder. */
#include "tests/unit/service/audit/witness_world.h"

#include "lib/audit/witness.h"
#include "lib/base/codec.h"
#include "lib/base/digest.h"

#include <curl/curl.h>

/* ---- many at once ---- */

enum { CLIENTS = 6, LAST = 600, STEP = 20 };

struct client {
    struct world *world;
    pthread_t thread;
    unsigned signed_count, conflicts, wrong;
    const struct note_key *key;
    const struct buf *notes; /* the checkpoint of each size / STEP */
};

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
    return buf_add(arg, bytes, size * count) == 0 ? size * count : 0;
}

static long post(CURL *easy, const char *url, struct span body, struct buf *answer)
{
    long status = 0;

    buf_clear(answer);
    (void)curl_easy_setopt(easy, CURLOPT_URL, url);
    if (body.len) {
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)body.len);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.ptr);
    } else {
        (void)curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10000L);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
    return curl_easy_perform(easy) == CURLE_OK && curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}

/* What the witness says it has now. */
static uint64_t watched_size(CURL *easy, const char *url, struct buf *answer)
{
    struct checkpoint head = {.size = 0};
    struct note note;
    struct fault why;

    return post(easy, url, (struct span){NULL, 0}, answer) == 200 && note_read(&note, buf_span(answer), &why) == 0 &&
                   checkpoint_read_body(&head, note.body, &why) == 0
               ? head.size
               : 0;
}

/* One size, from where the witness says that it is; another client may be ahead of us. */
static void push(struct client *client, CURL *easy, unsigned at, const char *url, const char *watch)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    struct buf body, answer;
    struct fault why;
    uint64_t old = 0, size = (uint64_t)at * STEP;
    long status = 409;

    buf_init(&body, WITNESS_BODY_MAX);
    buf_init(&answer, NOTE_MAX_BYTES);
    client->wrong += audit_reader_open_under(&reader, client->world->log, client->key, buf_span(&client->notes[at]), &why) != 0;
    while (status == 409 && old <= size && !client->wrong) {
        struct hash proof[MERKLE_MAX_PROOF];
        size_t count = 0;

        client->wrong += audit_reader_consistency(reader, old, proof, &count, &why) != 0;
        buf_clear(&body);
        (void)witness_request_write(&body, old, proof, count, buf_span(&client->notes[at]));
        status = post(easy, url, buf_span(&body), &answer);
        if (status == 409) {
            client->conflicts++;
            client->wrong += !witness_size_read(buf_span(&answer), &old);
        } else {
            client->wrong += status != 200;
            client->signed_count++;
            client->wrong += watched_size(easy, watch, &answer) < size;
        }
    }
    buf_done(&body);
    buf_done(&answer);
}

static void *run_client(void *arg)
{
    struct client *client = arg;
    const struct house *house = &client->world->houses[0];
    char url[80], watch[160], hex[SHA256_HEX_LEN + 1];
    uint8_t digest[SHA256_LEN];
    CURL *easy = curl_easy_init();

    sha256_of(ORIGIN, strlen(ORIGIN), digest);
    hex_encode(digest, sizeof(digest), hex);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/add-checkpoint", house->port);
    (void)snprintf(watch, sizeof(watch), "http://127.0.0.1:%u/%s/checkpoint", house->port, hex);
    for (unsigned at = 1; at <= LAST / STEP; at++) {
        push(client, easy, at, url, watch);
    }
    curl_easy_cleanup(easy);
    return NULL;
}

static void concurrent_requests_never_set_a_witness_back(void **state)
{
    struct world *world = *state;
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    struct client clients[CLIENTS];
    struct buf notes[LAST / STEP + 1], answer;
    char *path = memory_path(world->folder, "private/key"), *text = test_read_file(path, NULL);
    struct note_signer signer;
    struct fault why = {0};
    unsigned signed_count = 0;

    text[strlen(text) - 1] = '\0';
    assert_int_equal(note_signer_read(&signer, span_of(text), &why), 0);
    /* In steps: a proof up to a size needs the partial tiles of that size. */
    for (uint64_t size = STEP; size <= LAST; size += STEP) {
        assert_int_equal(memory_log(&world->store, world->folder, size, &why), 0);
    }
    assert_int_equal(audit_reader_open(&reader, world->log, &why), 0);
    for (unsigned i = 0; i <= LAST / STEP; i++) {
        struct checkpoint head = {.origin = ORIGIN, .size = (uint64_t)i * STEP};

        buf_init(&notes[i], NOTE_MAX_BYTES);
        assert_int_equal(audit_reader_root(reader, head.size, &head.root, &why), 0);
        assert_int_equal(checkpoint_sign(&notes[i], &head, &signer, 1, &why), 0);
    }
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.world = world, .key = &signer.key, .notes = notes};
        assert_int_equal(pthread_create(&clients[i].thread, NULL, run_client, &clients[i]), 0);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_join(clients[i].thread, NULL), 0);
        assert_int_equal(clients[i].wrong, 0);
        signed_count += clients[i].signed_count;
    }
    assert_true(signed_count >= 1 && atomic_load(&world->houses[0].statuses[200]) == (int)signed_count);
    buf_init(&answer, 64);
    assert_int_equal(witness_store_add(world->houses[0].store, SPAN("old 0\n"), 1, &answer, &why), WITNESS_MALFORMED);
    house_close(&world->houses[0]);
    house_open(world, 0);
    set_policy(world, 1, "w0");
    grow(world, LAST);
    for (unsigned i = 0; i <= LAST / STEP; i++) {
        buf_done(&notes[i]);
    }
    buf_done(&answer);
    free(path);
    free(text);
}

/* ---- the folder ---- */

static void a_second_process_is_refused_and_a_changed_file_too(void **state)
{
    struct world *world = *state;
    struct house *house = &world->houses[0];
    struct witness_store *second = NULL;
    struct witness_policy logs;
    struct fault why = {0};
    char name[80], hex[SHA256_HEX_LEN + 1], *path, *text;
    uint8_t digest[SHA256_LEN];
    size_t len;
    FILE *file;

    set_policy(world, 1, "w0");
    grow(world, 300);
    assert_int_equal(witness_store_open(&second, house->folder, "w0.example/witness", house->logs, &why), FAULT);
    assert_string_equal(why.code, "WITNESS_LOCKED");
    logs = *house->logs;
    house_close(house);
    assert_int_equal(witness_store_open(&second, house->folder, "another.example", &logs, &why), FAULT);
    assert_string_equal(why.code, "KEY_FILE");

    sha256_of(ORIGIN, strlen(ORIGIN), digest);
    hex_encode(digest, sizeof(digest), hex);
    (void)snprintf(name, sizeof(name), "logs/%s", hex);
    path = memory_path(house->folder, name);
    text = test_read_file(path, &len);
    text[strlen(ORIGIN) + 1] = '2'; /* 200 entries instead of 300 */
    file = fopen(path, "w");
    assert_true(file && fwrite(text, 1, len, file) == len && fclose(file) == 0);
    assert_int_equal(witness_store_open(&second, house->folder, "w0.example/witness", &logs, &why), FAULT);
    assert_string_equal(why.code, "WITNESS_STATE");
    logs.log_count = 0;
    assert_int_equal(witness_store_open(&second, house->folder, "w0.example/witness", &logs, &why), FAULT);
    assert_string_equal(why.code, "WITNESS_LOGS");
    free(path);
    free(text);
}

/* The file cannot be written: no signature leaves. */
static void what_cannot_be_kept_is_not_signed(void **state)
{
    struct world *world = *state;
    struct house *house = &world->houses[0];
    struct witness_store *store = NULL;
    struct witness_policy logs = *house->logs;
    struct note_signer signer;
    struct checkpoint head = {.origin = ORIGIN, .size = 0, .root = merkle_empty()};
    struct buf note, body, out;
    struct fault why = {0};
    char command[256], *path = memory_path(world->folder, "private/key"), *text = test_read_file(path, NULL);

    text[strlen(text) - 1] = '\0';
    assert_int_equal(note_signer_read(&signer, span_of(text), &why), 0);
    buf_init(&note, 4096);
    buf_init(&body, 4096);
    buf_init(&out, 4096);
    assert_int_equal(checkpoint_sign(&note, &head, &signer, 1, &why), 0);
    assert_int_equal(witness_request_write(&body, 0, NULL, 0, buf_span(&note)), 0);
    house_close(house);
    assert_int_equal(witness_store_open(&store, house->folder, "w0.example/witness", &logs, &why), 0);
    (void)snprintf(command, sizeof(command), "rm -rf '%s/logs' && touch '%s/logs'", house->folder, house->folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(witness_store_add(store, buf_span(&body), 1, &out, &why), FAULT);
    assert_string_equal(why.code, "SEQUENCER_IO");
    assert_true(out.len == 0);
    store = witness_store_free(store);
    buf_done(&note);
    buf_done(&body);
    buf_done(&out);
    free(path);
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        with_world(concurrent_requests_never_set_a_witness_back),
        with_world(a_second_process_is_refused_and_a_changed_file_too),
        with_world(what_cannot_be_kept_is_not_signed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
