/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/runtime/metrics.h"
#include "service/runtime/random.h"

#include <math.h>
#include <string.h>

static bool shows(const char *line)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(64 << 10);
    const char *at;

    assert_int_equal(metrics_write(out), 0);
    at = strstr(out->data, line);
    return at && (at == out->data || at[-1] == '\n') && at[strlen(line)] == '\n';
}

static void test_exposition(void **state)
{
    (void)state;
    metrics_add(METRIC_REQUESTS, 2, 3);
    metrics_add(METRIC_REQUESTS, 2, 4);
    metrics_set(METRIC_LOG_SIZE, 0, 99);
    assert_int_equal(metrics_value(METRIC_REQUESTS, 2), 7);
    assert_true(shows("# TYPE rapporteur_http_requests_total counter"));
    assert_true(shows("rapporteur_http_requests_total{status=\"2xx\"} 7"));
    assert_true(shows("rapporteur_http_requests_total{status=\"5xx\"} 0"));
    assert_true(shows("rapporteur_log_entries 99"));
    metrics_observe(METRIC_REQUEST_SECONDS, 0.0001);
    metrics_observe(METRIC_REQUEST_SECONDS, 0.3);
    metrics_observe(METRIC_REQUEST_SECONDS, 100);
    metrics_observe(METRIC_REQUEST_SECONDS, -1);
    metrics_observe(METRIC_REQUEST_SECONDS, (double)NAN);
    assert_true(shows("rapporteur_http_request_duration_seconds_bucket{le=\"0.0001\"} 3"));
    assert_true(shows("rapporteur_http_request_duration_seconds_bucket{le=\"0.25\"} 3"));
    assert_true(shows("rapporteur_http_request_duration_seconds_bucket{le=\"0.5\"} 4"));
    assert_true(shows("rapporteur_http_request_duration_seconds_bucket{le=\"+Inf\"} 5"));
    assert_true(shows("rapporteur_http_request_duration_seconds_sum 100.300100"));
    assert_true(shows("rapporteur_http_request_duration_seconds_count 5"));
}

/* Every line of the text format 0.0.4 is a comment or a name, perhaps labels, and a number. */
static void test_each_line_is_well_formed(void **state)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(64 << 10);
    struct span rest, line;
    size_t families = 0;

    (void)state;
    assert_int_equal(metrics_write(out), 0);
    rest = buf_span(out);
    while (rest.len) {
        line = span_cut(&rest, '\n');
        assert_non_null(rest.ptr);
        if (span_starts(line, "# TYPE ")) {
            families++;
        } else if (!span_starts(line, "# HELP ")) {
            assert_true(span_starts(line, "rapporteur_"));
            assert_int_equal(memchr(line.ptr, '{', line.len) != NULL, memchr(line.ptr, '}', line.len) != NULL);
            assert_true(line.ptr[line.len - 1] >= '0' && line.ptr[line.len - 1] <= '9');
        }
    }
    assert_int_equal(families, METRIC_COUNT);
}

static void test_random_ids_differ(void **state)
{
    struct id a = random_id("rpt", 1000, 5), b = random_id("rpt", 1000, 5);
    unsigned shard;
    int64_t ms;

    (void)state;
    assert_true(id_read(span_of(a.text), "rpt", &shard, &ms));
    assert_int_equal(shard, 5);
    assert_int_equal(ms, 1000);
    assert_string_not_equal(a.text, b.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exposition),
        cmocka_unit_test(test_each_line_is_well_formed),
        cmocka_unit_test(test_random_ids_differ),
    };

    return cmocka_run_group_tests_name("service/runtime/metrics", tests, NULL, NULL);
}
