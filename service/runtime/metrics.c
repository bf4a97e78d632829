/* SPDX-License-Identifier: Apache-2.0 */
#include "service/runtime/metrics.h"

#include <assert.h>
#include <stdatomic.h>

enum { LABELS_MAX = 12, BUCKETS = 14 };

enum metric_kind { COUNTER, GAUGE, HISTOGRAM };

struct metric_row {
    const char *name, *help, *label;
    const char *const words[LABELS_MAX];
    enum metric_kind kind;
};

static const struct metric_row rows[METRIC_COUNT] = {
    [METRIC_REQUESTS] = {"rapporteur_http_requests_total", "Requests ended, by class of status.", "status",
                         {"none", "1xx", "2xx", "3xx", "4xx", "5xx"}, COUNTER},
    [METRIC_REPORTS] = {"rapporteur_reports_total", "Reports by what became of them.", "result",
                        {"accepted", "repeated", "refused", "unavailable"}, COUNTER},
    [METRIC_CHECKS] = {"rapporteur_checks_total", "Verdicts given without storing.", NULL, {0}, COUNTER},
    [METRIC_HITS] = {"rapporteur_hits_total", "Hits in verdicts, by signal kind.", "kind",
                     {"literal", "regex", "url", "domain", "sha256", "sha1", "md5", "pdq", "tlsh"}, COUNTER},
    [METRIC_UNDECIDED] = {"rapporteur_undecided_total", "Verdicts that a limit left open.", NULL, {0}, COUNTER},
    [METRIC_RULES] = {"rapporteur_rules_total", "Rules that fired in verdicts; those in shadow change nothing.", "mode",
                      {"live", "shadow", "failed"}, COUNTER},
    [METRIC_CLAIMS] = {"rapporteur_claims_total", "Leases handed out.", NULL, {0}, COUNTER},
    [METRIC_DECISIONS] = {"rapporteur_decisions_total", "Decisions by what became of them.", "result",
                          {"effective", "awaiting_second", "refused"}, COUNTER},
    [METRIC_STORE_BUSY] = {"rapporteur_store_busy_total", "Store calls refused before sending.", NULL, {0}, COUNTER},
    [METRIC_STORE_UNKNOWN] = {"rapporteur_store_unknown_total", "Store calls without a usable answer.", NULL, {0}, COUNTER},
    [METRIC_STORE_READY] = {"rapporteur_store_ready_workers", "Workers with a usable store connection.", NULL, {0}, GAUGE},
    [METRIC_STORE_RESTARTS] = {"rapporteur_store_restarts_total", "Starts of the embedded store after it died.", NULL, {0}, COUNTER},
    [METRIC_LOG_SIZE] = {"rapporteur_log_entries", "Entries in the audit log's tree.", NULL, {0}, GAUGE},
    [METRIC_LOG_PUBLISHED] = {"rapporteur_log_published_entries", "Entries under the published checkpoint.", NULL, {0}, GAUGE},
    [METRIC_LOG_BACKLOG] = {"rapporteur_log_backlog_entries", "Entries accepted and not yet in the tree.", NULL, {0}, GAUGE},
    [METRIC_WITNESSES] = {"rapporteur_log_witnesses", "Witnesses that cosigned the published checkpoint.", NULL, {0}, GAUGE},
    [METRIC_WITNESS_WAITING] = {"rapporteur_log_witness_waiting_seconds", "How long publication has waited for the quorum of witnesses.", NULL, {0}, GAUGE},
    [METRIC_BUCKET_SIZE] = {"rapporteur_log_bucket_size", "Entries of the audit log below the checkpoint that the bucket has.", NULL, {0}, GAUGE},
    [METRIC_BUCKET_FAILED] = {"rapporteur_log_bucket_failures_total", "Times that copying the log to the bucket began to fail.", NULL, {0}, COUNTER},
    [METRIC_WITNESS_FAILED] = {"rapporteur_log_witness_failures_total", "Times that a witness began to fail.", NULL, {0}, COUNTER},
    [METRIC_LISTS] = {"rapporteur_lists", "Signal lists in the running snapshot.", NULL, {0}, GAUGE},
    [METRIC_LIST_REFUSED] = {"rapporteur_list_versions_refused_total", "List versions refused; the old one stayed.", NULL, {0}, COUNTER},
    [METRIC_RELOADS] = {"rapporteur_reloads_total", "Reloads by what became of them.", "result", {"accepted", "refused"}, COUNTER},
    [METRIC_ERASED] = {"rapporteur_cases_erased_total", "Cases whose content was erased.", "ground", {"retention", "request"}, COUNTER},
    [METRIC_LEASES_EXPIRED] = {"rapporteur_leases_expired_total", "Leases that ended without a decision.", NULL, {0}, COUNTER},
    [METRIC_DEFERRED] = {"rapporteur_deferred_records", "Full records that deferred decisions owe.", NULL, {0}, GAUGE},
    [METRIC_DEFERRED_OVERDUE] = {"rapporteur_deferred_records_overdue", "Full records of deferred decisions that are overdue.", NULL, {0}, GAUGE},
    [METRIC_WEBHOOKS] = {"rapporteur_webhook_attempts_total", "Webhook attempts by what became of the notice.", "result",
                         {"delivered", "waits", "given_up", "disabled"}, COUNTER},
    [METRIC_WEBHOOK_QUEUE] = {"rapporteur_webhook_waiting_notices", "Notices taken for an endpoint and not yet delivered.", NULL, {0}, GAUGE},
    [METRIC_WEBHOOKS_OFF] = {"rapporteur_webhook_disabled_endpoints", "Endpoints switched off: 410, failing for long, or an operator.", NULL, {0}, GAUGE},
    [METRIC_WEBHOOK_SECONDS] = {"rapporteur_webhook_attempt_duration_seconds", "One webhook attempt, from name lookup to answer.", NULL, {0}, HISTOGRAM},
    [METRIC_REQUEST_SECONDS] = {"rapporteur_http_request_duration_seconds", "Head of the request to answer.", NULL, {0}, HISTOGRAM},
    [METRIC_MATCH_SECONDS] = {"rapporteur_verdict_duration_seconds", "Matching and rules of one report.", NULL, {0}, HISTOGRAM},
};

static const double bounds[BUCKETS] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                       0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};

static atomic_ullong values[METRIC_COUNT][LABELS_MAX];
static atomic_ullong histogram[METRIC_COUNT][BUCKETS + 1];
static atomic_ullong histogram_us[METRIC_COUNT];

void metrics_add(enum metric metric, unsigned label, uint64_t count)
{
    assert(label < LABELS_MAX);
    atomic_fetch_add_explicit(&values[metric][label], count, memory_order_relaxed);
}

void metrics_set(enum metric metric, unsigned label, uint64_t value)
{
    assert(label < LABELS_MAX);
    atomic_store_explicit(&values[metric][label], value, memory_order_relaxed);
}

uint64_t metrics_value(enum metric metric, unsigned label)
{
    return atomic_load_explicit(&values[metric][label], memory_order_relaxed);
}

void metrics_observe(enum metric metric, double seconds)
{
    unsigned i = 0;

    if (!(seconds > 0)) {
        seconds = 0;                /* a clock that was set back, or none */
    }
    while (i < BUCKETS && seconds > bounds[i]) {
        i++;
    }
    atomic_fetch_add_explicit(&histogram[metric][i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram_us[metric], (unsigned long long)(seconds * 1e6), memory_order_relaxed);
}

static void write_histogram(struct buf *out, enum metric metric)
{
    unsigned long long sum = 0;

    for (unsigned i = 0; i <= BUCKETS; i++) {
        sum += atomic_load_explicit(&histogram[metric][i], memory_order_relaxed);
        if (i < BUCKETS) {
            (void)buf_add_format(out, "%s_bucket{le=\"%g\"} %llu\n", rows[metric].name, bounds[i], sum);
        } else {
            (void)buf_add_format(out, "%s_bucket{le=\"+Inf\"} %llu\n", rows[metric].name, sum);
        }
    }
    (void)buf_add_format(out, "%s_sum %.6f\n%s_count %llu\n", rows[metric].name,
                         (double)atomic_load_explicit(&histogram_us[metric], memory_order_relaxed) / 1e6,
                         rows[metric].name, sum);
}

int metrics_write(struct buf *out)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};

    for (unsigned m = 0; m < METRIC_COUNT; m++) {
        const struct metric_row *row = &rows[m];

        (void)buf_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
                             kinds[row->kind]);
        if (row->kind == HISTOGRAM) {
            write_histogram(out, m);
        } else if (!row->label) {
            (void)buf_add_format(out, "%s %llu\n", row->name, (unsigned long long)metrics_value(m, 0));
        } else {
            for (unsigned i = 0; i < LABELS_MAX && row->words[i]; i++) {
                (void)buf_add_format(out, "%s{%s=\"%s\"} %llu\n", row->name, row->label, row->words[i],
                                     (unsigned long long)metrics_value(m, i));
            }
        }
    }
    return buf_status(out);
}
