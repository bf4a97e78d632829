/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/service/sync/origin.h"

#include "service/runtime/loop.h"
#include "service/sync/fetch.h"
#include "service/sync/transfer.h"

#include <stdlib.h>

/* gzip of 65,536 zero bytes. */
static const char bomb[] =
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 96\r\n\r\n"
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x01\x01\x00\x00\x00\x80\x90\xfe\xaf\xee\x08\x0a\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x6a\xeb\x8e\x97\xd7\x00\x00\x01\x00";

struct world {
    struct origin origin;
    struct loop *loop;
    struct transfer_pool *pool;
    enum fetch_outcome outcome;
    char body[200], etag[300];
    struct fault why;
    int done;
};

static int start(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    origin_start(&world->origin);
    assert_int_equal(loop_new(&world->loop), 0);
    world->pool = transfer_pool_new(world->loop, 8);
    assert_non_null(world->pool);
    *state = world;
    return 0;
}

static int stop(void **state)
{
    struct world *world = *state;

    (void)transfer_pool_free(world->pool);
    (void)loop_free(world->loop);
    origin_stop(&world->origin);
    free(world);
    return 0;
}

static void done(void *arg, enum fetch_outcome outcome, struct span body, const char *etag, const struct fault *why)
{
    struct world *world = arg;

    world->done++;
    world->outcome = outcome;
    (void)snprintf(world->body, sizeof(world->body), "%.*s", (int)body.len, body.len ? body.ptr : "");
    (void)snprintf(world->etag, sizeof(world->etag), "%s", etag);
    world->why = why ? *why : (struct fault){0};
    loop_stop(world->loop);
}

/* Fetches and waits; `over` holds what differs from the usual options. */
static void get(struct world *world, const char *path, struct fetch_options over)
{
    char url[300];
    struct fetch *fetch;
    struct fault why;

    (void)snprintf(url, sizeof(url), "%s%s", path[0] == '/' ? world->origin.url : "", path);
    over.url = url;
    over.done = done;
    over.arg = world;
    over.deadline_ms = over.deadline_ms ? over.deadline_ms : 20000;
    over.max_bytes = over.max_bytes ? over.max_bytes : 10000;
    world->done = 0;
    assert_int_equal(fetch_start(&fetch, world->pool, &over, &why), 0);
    assert_int_equal(world->done, 0);
    assert_int_equal(loop_run(world->loop), 0);
    assert_int_equal(world->done, 1);
}

static const struct fetch_options near = {.allow_private_address = true};

static void refused(struct world *world, const char *path, struct fetch_options over, const char *code)
{
    get(world, path, over);
    assert_int_equal(world->outcome, FETCH_FAILED);
    if (strcmp(world->why.code, code) != 0) {
        fail_msg("%s: %s (%s), not %s", path, world->why.code, world->why.text, code);
    }
    assert_null(strchr(world->why.place, '?'));
}

static void test_a_body_and_its_etag(void **state)
{
    struct world *world = *state;

    origin_put(&world->origin, "/a", "HTTP/1.1 200 OK\r\nETag:  \"v1\" \r\nContent-Length: 5\r\n\r\nhello");
    get(world, "/a?x=1", (struct fetch_options){.allow_private_address = true, .token = "t0ken"});
    assert_int_equal(world->outcome, FETCH_OK);
    assert_string_equal(world->body, "hello");
    assert_string_equal(world->etag, "\"v1\"");
    assert_true(origin_was_told(&world->origin, "Authorization: Bearer t0ken\r\n"));
    assert_false(origin_was_told(&world->origin, "If-None-Match"));
    origin_put(&world->origin, "/a", "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n");
    get(world, "/a", (struct fetch_options){.allow_private_address = true, .etag = "\"v1\""});
    assert_int_equal(world->outcome, FETCH_UNCHANGED);
    assert_true(origin_was_told(&world->origin, "If-None-Match: \"v1\"\r\n"));
    assert_false(origin_was_told(&world->origin, "Authorization"));
    refused(world, "/a?secret", near, "FETCH_STATUS");          /* 304 to no question */
}

static void test_sizes_are_counted_unpacked(void **state)
{
    struct world *world = *state;

    origin_put(&world->origin, "/five", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    origin_set(&world->origin, "/bomb", (struct span){bomb, sizeof(bomb) - 1}, false);
    get(world, "/five", (struct fetch_options){.allow_private_address = true, .max_bytes = 5});
    assert_int_equal(world->outcome, FETCH_OK);
    refused(world, "/five", (struct fetch_options){.allow_private_address = true, .max_bytes = 4}, "FETCH_TOO_LARGE");
    refused(world, "/bomb", (struct fetch_options){.allow_private_address = true, .max_bytes = 65535}, "FETCH_TOO_LARGE");
    get(world, "/bomb", (struct fetch_options){.allow_private_address = true, .max_bytes = 65536});
    assert_int_equal(world->outcome, FETCH_OK);
}

static void test_redirects(void **state)
{
    struct world *world = *state;

    origin_put(&world->origin, "/1", "HTTP/1.1 302 Found\r\nLocation: /2\r\nETag: \"old\"\r\nContent-Length: 3\r\n\r\nbye");
    origin_put(&world->origin, "/2", "HTTP/1.1 301 Moved\r\nLocation: /3\r\nContent-Length: 0\r\n\r\n");
    origin_put(&world->origin, "/3", "HTTP/1.1 307 Temporary\r\nLocation: /4\r\nContent-Length: 0\r\n\r\n");
    origin_put(&world->origin, "/4", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    origin_put(&world->origin, "/0", "HTTP/1.1 302 Found\r\nLocation: /1\r\nContent-Length: 0\r\n\r\n");
    origin_put(&world->origin, "/loop", "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n");
    origin_put(&world->origin, "/file", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
    origin_put(&world->origin, "/gopher", "HTTP/1.1 302 Found\r\nLocation: gopher://127.0.0.1/x\r\nContent-Length: 0\r\n\r\n");
    get(world, "/1", near);
    assert_int_equal(world->outcome, FETCH_OK);
    assert_string_equal(world->body, "ok");
    assert_string_equal(world->etag, "");                       /* not the redirect's */
    refused(world, "/0", near, "FETCH_TRANSFER");
    refused(world, "/loop", near, "FETCH_TRANSFER");
    refused(world, "/file", near, "FETCH_TRANSFER");
    refused(world, "/gopher", near, "FETCH_TRANSFER");
}

static void test_failures(void **state)
{
    struct world *world = *state;

    origin_put(&world->origin, "/500", "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno");
    origin_put(&world->origin, "/204", "HTTP/1.1 204 None\r\n\r\n");
    origin_put(&world->origin, "/short", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort");
    origin_put(&world->origin, "/nonsense", "nonsense\r\n\r\n");
    refused(world, "/500?key=secret", near, "FETCH_STATUS");
    refused(world, "/404", near, "FETCH_STATUS");
    refused(world, "/204", near, "FETCH_STATUS");
    refused(world, "/short", near, "FETCH_TRANSFER");
    refused(world, "/nonsense", near, "FETCH_TRANSFER");
    refused(world, "file:///etc/passwd", near, "FETCH_TRANSFER");
    refused(world, "http://", near, "FETCH_TRANSFER");
    origin_set(&world->origin, "/slow", SPAN("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nslow"), true);
    refused(world, "/slow", (struct fetch_options){.allow_private_address = true, .deadline_ms = 200}, "FETCH_DEADLINE");
}

static void test_private_addresses(void **state)
{
    struct world *world = *state;
    char url[100];

    refused(world, "/a", (struct fetch_options){0}, "FETCH_ADDRESS");
    (void)snprintf(url, sizeof(url), "http://localhost:%d/a", world->origin.port);
    refused(world, url, (struct fetch_options){0}, "FETCH_ADDRESS");
    (void)snprintf(url, sizeof(url), "http://2130706433:%d/a", world->origin.port);
    refused(world, url, (struct fetch_options){0}, "FETCH_ADDRESS");
    (void)snprintf(url, sizeof(url), "http://[::ffff:127.0.0.1]:%d/a", world->origin.port);
    refused(world, url, (struct fetch_options){0}, "FETCH_ADDRESS");
    assert_int_equal(origin_requests(&world->origin), 0);
    /* Nor over a connection that a permitted fetch has opened. */
    origin_put(&world->origin, "/a", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
    get(world, "/a", near);
    assert_int_equal(world->outcome, FETCH_OK);
    refused(world, "/a", (struct fetch_options){0}, "FETCH_ADDRESS");
    assert_int_equal(origin_requests(&world->origin), 1);
}

static void never(void *arg, enum fetch_outcome outcome, struct span body, const char *etag, const struct fault *why)
{
    (void)arg, (void)outcome, (void)body, (void)etag, (void)why;
    fail_msg("a cancelled fetch called back");
}

static void test_cancelled_fetches_stay_silent(void **state)
{
    struct world *world = *state;
    struct fetch *first, *second;
    struct fault why;
    struct fetch_options options = {.url = world->origin.url, .deadline_ms = 5000, .max_bytes = 10, .allow_private_address = true,
                                    .done = never};

    assert_int_equal(fetch_start(&first, world->pool, &options, &why), 0);
    assert_int_equal(fetch_start(&second, world->pool, &options, &why), 0);
    assert_null(fetch_free(first));
    origin_put(&world->origin, "/a", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
    assert_null(fetch_free(second));
    get(world, "/a", near);
    assert_int_equal(world->outcome, FETCH_OK);
    assert_int_equal(fetch_start(&first, world->pool, &options, &why), 0);      /* left to the pool's end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_body_and_its_etag, start, stop),
        cmocka_unit_test_setup_teardown(test_sizes_are_counted_unpacked, start, stop),
        cmocka_unit_test_setup_teardown(test_redirects, start, stop),
        cmocka_unit_test_setup_teardown(test_failures, start, stop),
        cmocka_unit_test_setup_teardown(test_private_addresses, start, stop),
        cmocka_unit_test_setup_teardown(test_cancelled_fetches_stay_silent, start, stop),
    };

    return cmocka_run_group_tests_name("service/sync/fetch", tests, NULL, NULL);
}
