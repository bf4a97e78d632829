/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/redis/bed.h"

#include "service/store/embedded_process.h"
#include "service/store/link.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct bed bed;

static bool alive(pid_t pid)
{
    return kill(pid, 0) == 0 || errno != ESRCH;
}

static void wait_gone(pid_t pid)
{
    int64_t end = link_now_ms() + 10000;

    while (alive(pid)) {
        assert_true(link_now_ms() < end);
        process_sleep_ms(5);
    }
}

static void write_entries(int count)
{
    struct store_changed changed;

    for (int i = 0; i < count; i++) {
        assert_int_equal(store_sync_append(bed.sync,
                                           &(struct store_append_args){BED_NOW, 0, SPAN("{}")},
                                           &changed),
                         STORE_OK);
    }
}

static void test_it_runs_as_promised(void **state)
{
    struct stat info;
    char path[128];

    (void)state;
    bed_start(&bed);
    (void)snprintf(path, sizeof(path), "%s/redis", bed.folder);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    (void)snprintf(path, sizeof(path), "%s/redis/redis.sock", bed.folder);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(getpgid(embedded_pid(bed.redis)), embedded_pid(bed.redis));
    assert_int_equal(embedded_cut_bytes(bed.redis), 0);
    assert_int_equal(embedded_watch(bed.redis, link_now_ms()), EMBEDDED_UP);
    bed_stop(&bed);
}

static void test_it_ends_with_us_and_keeps_its_data(void **state)
{
    pid_t pid;

    (void)state;
    bed_start(&bed);
    write_entries(3);
    pid = embedded_pid(bed.redis);
    bed.redis = embedded_free(bed.redis);
    assert_false(alive(pid));
    bed_start(&bed);
    assert_int_equal(bed_log(&bed, NULL), 3);
    bed_stop(&bed);
}

static void test_the_pause_between_restarts_never_exceeds_two_seconds(void **state)
{
    int64_t now = link_now_ms(), longest = 0;       /* starts are timed by the real clock */

    (void)state;
    bed_start(&bed);
    for (int i = 0; i < 8; i++) {
        int64_t died = 0;

        (void)kill(embedded_pid(bed.redis), SIGKILL);
        while (embedded_watch(bed.redis, now) == EMBEDDED_UP) {
            process_sleep_ms(1);
        }
        died = now;
        while (embedded_watch(bed.redis, now) != EMBEDDED_RESTARTED) {
            now += 50;
        }
        longest = now - died > longest ? now - died : longest;
    }
    assert_int_equal(longest, 2000);
    bed_stop(&bed);
}

static void test_a_dead_server_is_started_again_with_back_off(void **state)
{
    int64_t now;
    pid_t first;
    struct fault why;

    (void)state;
    bed_start(&bed);
    write_entries(5);
    first = embedded_pid(bed.redis);
    (void)kill(first, SIGKILL);
    now = link_now_ms();
    while (embedded_watch(bed.redis, now) == EMBEDDED_UP) {
        process_sleep_ms(1);
    }
    assert_int_equal(embedded_pid(bed.redis), 0);
    assert_true(WIFSIGNALED(embedded_last_status(bed.redis)));
    assert_int_equal(embedded_watch(bed.redis, now + 99), EMBEDDED_WAITING);
    assert_int_equal(embedded_watch(bed.redis, now + 100), EMBEDDED_RESTARTED);
    assert_int_not_equal(embedded_pid(bed.redis), first);
    assert_int_equal(store_sync_prepare(bed.sync, 1, BED_NOW, 5000, NULL, &why), 0);
    assert_int_equal(bed_log(&bed, NULL), 5);
    (void)kill(embedded_pid(bed.redis), SIGKILL);
    while (embedded_watch(bed.redis, now + 200) == EMBEDDED_UP) {
        process_sleep_ms(1);
    }
    assert_int_equal(embedded_watch(bed.redis, now + 399), EMBEDDED_WAITING);
    assert_int_equal(embedded_watch(bed.redis, now + 400), EMBEDDED_RESTARTED);
    bed_stop(&bed);
}

/* A service in a process of its own: starts the embedded server, says its pid, and waits to be
 * killed. */
static pid_t start_service(const char *folder, pid_t *ret_redis, bool keep_redis)
{
    int report[2];
    pid_t service;

    assert_int_equal(pipe(report), 0);
    service = fork();
    if (service == 0) {
        struct embedded *redis = NULL;
        struct fault why;
        pid_t pid = -1;

        if (embedded_start(&redis, &(struct embedded_options){.state_dir = folder}, &why) == 0) {
            pid = embedded_pid(redis);
            if (keep_redis) {
                (void)kill(pid, SIGSTOP); /* cannot follow the signal that our death sends */
            }
        }
        (void)!write(report[1], &pid, sizeof(pid));
        for (;;) {
            (void)pause();
        }
    }
    assert_int_equal(read(report[0], ret_redis, sizeof(*ret_redis)), sizeof(*ret_redis));
    (void)close(report[0]);
    (void)close(report[1]);
    assert_true(*ret_redis > 0);
    return service;
}

static void kill_service(pid_t service)
{
    (void)kill(service, SIGKILL);
    (void)waitpid(service, NULL, 0);
}

static void make_folder(void)
{
    (void)snprintf(bed.folder, sizeof(bed.folder), "/tmp/rapporteur-test-XXXXXX");
    assert_non_null(mkdtemp(bed.folder));
}

static void test_it_ends_when_the_service_is_killed(void **state)
{
    pid_t redis, service;

    (void)state;
    (void)prctl(PR_SET_CHILD_SUBREAPER, 0);
    make_folder();
    service = start_service(bed.folder, &redis, false);
    kill_service(service);
    wait_gone(redis);
    bed_start(&bed);
    bed_stop(&bed);
}

static void test_a_server_left_over_is_ended_first(void **state)
{
    pid_t redis, service;

    (void)state;
    make_folder();
    service = start_service(bed.folder, &redis, true);
    kill_service(service);
    assert_true(alive(redis));
    bed_start(&bed); /* waits, then SIGTERM, which waits too, then SIGKILL */
    assert_int_not_equal(embedded_pid(bed.redis), redis);
    wait_gone(redis);
    write_entries(1);
    bed_stop(&bed);
}

static void test_two_services_never_share_a_folder(void **state)
{
    struct embedded *second = NULL;
    pid_t redis, service;
    struct fault why;

    (void)state;
    make_folder();
    service = start_service(bed.folder, &redis, false);
    assert_int_equal(
        embedded_start(&second, &(struct embedded_options){.state_dir = bed.folder}, &why), FAULT);
    assert_string_equal(why.code, "STORE_LEFTOVER");
    assert_true(alive(redis));
    kill_service(service);
    wait_gone(redis);
    bed_start(&bed);
    bed_stop(&bed);
}

static void test_a_missing_program_names_its_package(void **state)
{
    struct embedded *redis = NULL;
    struct fault why;

    (void)state;
    make_folder();
    assert_int_equal(embedded_start(&redis,
                                    &(struct embedded_options){.state_dir = bed.folder,
                                                               .program = "no-such-server"},
                                    &why),
                     FAULT);
    assert_string_equal(why.code, "STORE_NO_REDIS");
    assert_non_null(strstr(why.text, "apt-get install redis-server"));
    assert_int_equal(embedded_start(&redis,
                                    &(struct embedded_options){.state_dir = bed.folder,
                                                               .program = "/nonexistent/redis"},
                                    &why),
                     FAULT);
    assert_string_equal(why.code, "STORE_NO_REDIS");
    assert_int_equal(
        embedded_start(&redis,
                       &(struct embedded_options){.state_dir = bed.folder, .program = "/bin/false"},
                       &why),
        FAULT);
    assert_string_equal(why.code, "STORE_START");
    bed_start(&bed);
    bed_stop(&bed);
}

static void test_a_folder_with_too_long_a_name_is_refused(void **state)
{
    struct embedded *redis = NULL;
    char path[256];
    struct fault why;

    (void)state;
    make_folder();
    (void)snprintf(path, sizeof(path), "%s/%0100d", bed.folder, 1);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(embedded_start(&redis, &(struct embedded_options){.state_dir = path}, &why),
                     FAULT);
    assert_string_equal(why.code, "STORE_SOCKET_PATH");
    assert_int_equal(
        embedded_start(&redis, &(struct embedded_options){.state_dir = "/nonexistent"}, &why),
        -ENOENT);
    bed_start(&bed);
    bed_stop(&bed);
}

static void kill_redis_and_cut(off_t bytes)
{
    char path[256];
    struct stat info;

    (void)kill(embedded_pid(bed.redis), SIGKILL);
    while (embedded_watch(bed.redis, 1000) == EMBEDDED_UP) {
        process_sleep_ms(1);
    }
    bed.redis = embedded_free(bed.redis);
    (void)snprintf(path, sizeof(path), "%s/redis/appendonlydir/appendonly.aof.1.incr.aof",
                   bed.folder);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(truncate(path, info.st_size - bytes), 0);
}

static void test_a_torn_tail_is_cut_whole_and_said(void **state)
{
    (void)state;
    for (off_t bytes = 1; bytes <= 100; bytes += 11) {
        bed_start(&bed);
        write_entries(10);
        kill_redis_and_cut(bytes);
        bed_start(&bed);
        assert_in_range(embedded_cut_bytes(bed.redis), 1, 400);
        assert_int_equal(bed_log(&bed, NULL), 9); /* the last step vanished whole */
        write_entries(1);
        kill_redis_and_cut(0);
        bed_start(&bed); /* and no half of it comes back */
        assert_int_equal(embedded_cut_bytes(bed.redis), 0);
        assert_int_equal(bed_log(&bed, NULL), 10);
        assert_int_equal(bed_redis(&bed, "INCR {s00}:log:n"), 11);
        bed_stop(&bed);
    }
}

static void test_damage_before_the_end_is_named_and_left_alone(void **state)
{
    struct embedded *redis = NULL;
    char path[256];
    struct fault why;
    FILE *file;

    (void)state;
    bed_start(&bed);
    write_entries(10);
    kill_redis_and_cut(0);
    (void)snprintf(path, sizeof(path), "%s/redis/appendonlydir/appendonly.aof.1.incr.aof",
                   bed.folder);
    file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fputc('!', file), '!');
    (void)fclose(file);
    assert_int_equal(
        embedded_start(&redis, &(struct embedded_options){.state_dir = bed.folder}, &why), FAULT);
    assert_string_equal(why.code, "STORE_AOF");
    assert_non_null(strstr(why.place, "incr.aof"));
    assert_non_null(strstr(why.text, "byte 0 of"));
    bed_stop(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_runs_as_promised),
        cmocka_unit_test(test_it_ends_with_us_and_keeps_its_data),
        cmocka_unit_test(test_a_dead_server_is_started_again_with_back_off),
        cmocka_unit_test(test_the_pause_between_restarts_never_exceeds_two_seconds),
        cmocka_unit_test(test_it_ends_when_the_service_is_killed),
        cmocka_unit_test(test_a_server_left_over_is_ended_first),
        cmocka_unit_test(test_two_services_never_share_a_folder),
        cmocka_unit_test(test_a_missing_program_names_its_package),
        cmocka_unit_test(test_a_folder_with_too_long_a_name_is_refused),
        cmocka_unit_test(test_a_torn_tail_is_cut_whole_and_said),
        cmocka_unit_test(test_damage_before_the_end_is_named_and_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
