/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/service/sync/house.h"
#include "tests/unit/service/sync/origin.h"

#include "service/sync/sync.h"

#define ANSWER(etag, length, body) "HTTP/1.1 200 OK\r\nETag: " etag "\r\nContent-Length: " length "\r\n\r\n" body

enum { POLL_MS = 5, WAIT_MS = 20000 };

struct world {
    struct house house;
    struct origin origin;
    struct loop *loop;
    struct loop_timer *timer;
    struct sync *sync;
    int64_t end_ms;
    int published, versions, refused;
    size_t lists;                           /* in the newest snapshot */
    char rules[65], policy[65];             /* in the newest snapshot: digest, version */
    enum sync_rules_from from;
    bool edited;
    int step;
    bool (*steps)(struct world *world);     /* true: the end */
};

static void publish(void *arg, struct snapshot *snapshot, struct policy_set *policies, struct settings *settings)
{
    struct world *world = arg;

    (void)settings;
    world->published++;
    world->lists = match_set_list_count(snapshot_matches(snapshot));
    (void)snprintf(world->rules, sizeof(world->rules), "%s", rule_set_digest(snapshot_rules(snapshot)));
    (void)snprintf(world->policy, sizeof(world->policy), "%s", policy_digest(policy_set_at(policies, 0)));
    (void)snapshot_unref(snapshot);
    (void)policy_set_free(policies);
}

static void rules_seen(void *arg, enum sync_rules_from from, bool edited)
{
    struct world *world = arg;

    world->from = from;
    world->edited = edited;
}

static void list_changed(void *arg, const struct list_head *head, const char *digest, const char *action)
{
    struct world *world = arg;

    assert_true(head->id.len > 0 && strlen(digest) == 64);
    *(strcmp(action, "version") == 0 ? &world->versions : &world->refused) += 1;
}

static int start(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    house_start(&world->house);
    origin_start(&world->origin);
    house_write(&world->house, "a.txt", TEN);
    assert_int_equal(loop_new(&world->loop), 0);
    *state = world;
    return 0;
}

static int stop(void **state)
{
    struct world *world = *state;

    (void)sync_stop(world->sync);
    (void)loop_timer_free(world->timer);
    (void)loop_free(world->loop);
    origin_stop(&world->origin);
    house_stop(&world->house);
    free(world);
    return 0;
}

/* `format` takes the origin's URL once. */
static struct settings *settings_of(struct world *world, const char *format)
{
    char yaml[1000];

    (void)snprintf(yaml, sizeof(yaml), "lists:\n  - {file: a.txt, id: a, kind: domain, format: lines}\n%s%s%s",
                   format ? "  - {id: b, kind: domain, format: lines, allow_private_address: true, url: '" : "",
                   format ? world->origin.url : "", format ? format : "");
    return house_settings(&world->house, yaml);
}

static int begin(struct world *world, const char *format, struct faults *faults)
{
    CLEANUP(settings_unrefp) struct settings *settings = settings_of(world, format);

    return sync_start(&world->sync, &(struct sync_options){.loop = world->loop, .settings = settings,
                                                           .publish = publish, .list_changed = list_changed,
                                                           .rules_seen = rules_seen, .arg = world}, faults);
}

static void reload(struct world *world, const char *format)
{
    CLEANUP(settings_unrefp) struct settings *settings = settings_of(world, format);

    sync_reload(world->sync, settings);
}

/* The member `name` of source i, as text; "" when it is absent. */
static void of_source(const struct world *world, size_t i, const char *name, char into[300])
{
    json_t *all = sync_sources(world->sync), *value = json_object_get(json_array_get(all, i), name);

    into[0] = '\0';
    if (json_is_string(value)) {
        (void)snprintf(into, 300, "%s", json_string_value(value));
    } else if (json_is_integer(value)) {
        (void)snprintf(into, 300, "%lld", (long long)json_integer_value(value));
    }
    json_decref(all);
}

static bool source_has(const struct world *world, size_t i, const char *name, const char *text)
{
    char value[300];

    of_source(world, i, name, value);
    return strcmp(value, text) == 0;
}

static void poll_step(void *arg)
{
    struct world *world = arg;

    if (world->steps(world) || loop_steady_ms() > world->end_ms) {
        loop_stop(world->loop);
    } else {
        loop_timer_start(world->timer, POLL_MS);
    }
}

static void walk(struct world *world, bool (*steps)(struct world *), int last)
{
    world->steps = steps;
    world->end_ms = loop_steady_ms() + WAIT_MS;
    world->timer = loop_timer_new(world->loop, poll_step, world);
    loop_timer_start(world->timer, 0);
    assert_int_equal(loop_run(world->loop), 0);
    if (world->step != last) {
        fail_msg("stopped at step %d of %d", world->step, last);
    }
}

static void test_a_start_that_cannot_be(void **state)
{
    struct world *world = *state;
    struct faults faults = {0};

    house_write(&world->house, "rules/a.yaml", "- id: [\n");
    assert_int_equal(begin(world, NULL, &faults), FAULT);
    assert_int_equal(faults.count, 1);
    assert_null(world->sync);
    assert_int_equal(world->published, 0);
}

static bool good_reload_steps(struct world *world)
{
    switch (world->step) {
    case 0:                                         /* the URL's list arrives and runs */
        if (world->published == 2) {
            assert_int_equal(world->lists, 2);
            assert_true(source_has(world, 1, "entries", "8"));
            assert_false(source_has(world, 1, "checked_at", ""));
            origin_put(&world->origin, "/b", "HTTP/1.1 304 Not Modified\r\n\r\n");
            reload(world, "/b?token=x'}\n");
            world->step++;
        }
        return false;
    case 1:                                         /* a reload asks again, with the ETag */
        if (world->published == 3 && origin_was_told(&world->origin, "If-None-Match: \"1\"")) {
            assert_int_equal(world->lists, 2);
            origin_put(&world->origin, "/b", ANSWER("\"2\"", "70", TEN));
            reload(world, "/b?token=x', mode: shadow}\n");
            world->step++;
        }
        return false;
    case 2:                                         /* another reading: the whole, without it */
        if (world->published == 5 && source_has(world, 1, "entries", "10")) {
            assert_false(origin_was_told(&world->origin, "If-None-Match"));
            world->step++;
        }
        return world->step == 3;
    default:
        return true;
    }
}

static void test_fetches_and_reloads(void **state)
{
    struct world *world = *state;
    struct faults faults = {0};
    char shown[300];

    origin_put(&world->origin, "/b", ANSWER("\"1\"", "56", EIGHT));
    assert_int_equal(begin(world, "/b?token=x'}\n", &faults), 0);
    assert_int_equal(world->published, 1);
    assert_int_equal(world->lists, 1);
    assert_true(source_has(world, 0, "entries", "10"));
    of_source(world, 1, "source", shown);
    assert_null(strchr(shown, '?'));
    walk(world, good_reload_steps, 3);
    assert_int_equal(world->refused, 0);
}

static bool bad_reload_steps(struct world *world)
{
    switch (world->step) {
    case 0:
        if (world->published == 2) {
            house_write(&world->house, "rules/a.yaml", "- id: [\n");
            origin_put(&world->origin, "/b", "HTTP/1.1 500 Gone\r\nContent-Length: 0\r\n\r\n");
            reload(world, NULL);                    /* without the URL, and with a broken rule */
            world->step++;
        }
        return false;
    case 1:                                         /* refused: the dropped source is back, with its list */
        if (source_has(world, 1, "entries", "8")) {
            assert_int_equal(world->published, 2);
            world->step++;
        }
        return false;
    default:                                        /* it is asked again; its failure changes nothing */
        if (!source_has(world, 1, "fault", "")) {
            assert_true(source_has(world, 1, "entries", "8"));
            world->step = 3;
        }
        return world->step == 3;
    }
}

static void test_a_refused_reload_goes_all_the_way_back(void **state)
{
    struct world *world = *state;
    struct faults faults = {0};

    origin_put(&world->origin, "/b", ANSWER("\"1\"", "56", EIGHT));
    assert_int_equal(begin(world, "/b'}\n", &faults), 0);
    walk(world, bad_reload_steps, 3);
    assert_int_equal(world->published, 2);
}

static bool shrunk_steps(struct world *world)
{
    if (world->step == 0 && world->published == 2) {
        origin_put(&world->origin, "/b", ANSWER("\"2\"", "7", "a.test\n"));
        reload(world, "/b'}\n");
        world->step = 1;
    } else if (world->step == 1 && world->refused == 1) {
        assert_true(source_has(world, 1, "entries", "8"));
        assert_int_equal(world->lists, 2);
        world->step = 2;
    }
    return world->step == 2;
}

static void test_a_shrunken_list_is_refused_and_the_next_start_needs_no_network(void **state)
{
    struct world *world = *state;
    struct faults faults = {0};

    origin_put(&world->origin, "/b", ANSWER("\"1\"", "56", EIGHT));
    assert_int_equal(begin(world, "/b'}\n", &faults), 0);
    walk(world, shrunk_steps, 2);
    /* The same state folder, before anything was fetched: the last good body is there. */
    world->sync = sync_stop(world->sync);
    world->timer = loop_timer_free(world->timer);
    world->loop = loop_free(world->loop);
    assert_int_equal(loop_new(&world->loop), 0);
    world->lists = 0;
    assert_int_equal(begin(world, "/b'}\n", &faults), 0);
    assert_int_equal(world->lists, 2);
    assert_true(source_has(world, 1, "entries", "8"));
}

/* A rule and the policy are edited on disk, then a list arrives: it is built with what runs. */
static bool edited_steps(struct world *world)
{
    static char rules[65], policy[65];
    char *path, *text;

    switch (world->step) {
    case 0:
        if (world->published == 2) {
            assert_int_equal(world->from, SYNC_RULES_START);
            assert_false(world->edited);
            (void)snprintf(rules, sizeof(rules), "%s", world->rules);
            (void)snprintf(policy, sizeof(policy), "%s", world->policy);
            house_write(&world->house, "rules/a.yaml", RULE("policy/4.3", "hits.size() > 0 || report.category == \"spam\""));
            path = test_source("config/policy/policy.yaml");
            text = test_read_file(path, NULL);
            text = realloc(text, strlen(text) + 100);
            assert_non_null(strstr(text, "version: "));
            (void)memcpy(strstr(text, "version: ") + 9, "\"9", 2);
            house_write(&world->house, "policy/policy.yaml", text);
            free(text);
            free(path);
            origin_put(&world->origin, "/b", ANSWER("\"2\"", "70", TEN));
            world->step++;
        }
        return false;
    case 1:                                         /* the list is new, rules and policy are not */
        if (world->published >= 3 && world->edited) {  /* the origin knows no 304: each second brings it anew */
            assert_true(source_has(world, 1, "entries", "10"));
            assert_string_equal(world->rules, rules);
            assert_string_equal(world->policy, policy);
            assert_int_equal(world->from, SYNC_RULES_START);
            reload(world, "/b', every: 1s}\n");
            reload(world, "/b', every: 1s}\n");     /* while the first is built: it waits */
            world->step++;
        }
        return false;
    case 2:                                         /* a reload takes both */
        if (world->published >= 5 && !world->edited) {
            assert_string_not_equal(world->rules, rules);
            assert_string_not_equal(world->policy, policy);
            assert_int_equal(world->from, SYNC_RULES_RELOAD);
            world->step++;
        }
        return world->step == 3;
    default:
        return true;
    }
}

static void test_a_list_that_arrives_brings_no_edited_rule(void **state)
{
    struct world *world = *state;
    struct faults faults = {0};

    origin_put(&world->origin, "/b", ANSWER("\"1\"", "56", EIGHT));
    assert_int_equal(begin(world, "/b', every: 1s}\n", &faults), 0);
    walk(world, edited_steps, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_start_that_cannot_be, start, stop),
        cmocka_unit_test_setup_teardown(test_fetches_and_reloads, start, stop),
        cmocka_unit_test_setup_teardown(test_a_refused_reload_goes_all_the_way_back, start, stop),
        cmocka_unit_test_setup_teardown(test_a_list_that_arrives_brings_no_edited_rule, start, stop),
        cmocka_unit_test_setup_teardown(test_a_shrunken_list_is_refused_and_the_next_start_needs_no_network, start, stop),
    };

    return cmocka_run_group_tests_name("service/sync/sync", tests, NULL, NULL);
}
