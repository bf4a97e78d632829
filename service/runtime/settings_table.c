/* SPDX-License-Identifier: Apache-2.0 */
#include "service/runtime/settings_table.h"

#include "service/runtime/settings.h"

#define AT(member) offsetof(struct settings, member)
#define KIB 1024LL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define SECOND 1000LL
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

const struct setting setting_table[] = {
    {"service", "state_dir", SETTING_PATH, AT(state_dir), 1, 1024, "state", false,
     "folder for everything that must outlive the process: embedded Redis, audit log, kept lists"},
    {"service", "workers", SETTING_COUNT, AT(workers), 1, 64, "2", false,
     "threads that answer requests, each with its own event loop and listener"},
    {"service", "drain", SETTING_DURATION, AT(drain_ms), SECOND, 600 * SECOND, "20s", true,
     "after SIGTERM: how long open requests may take to finish"},
    {"service", "log_level", SETTING_LEVEL, AT(log_level), 0, 0, "info", true,
     "least level written to stderr: debug, info, warn, error"},

    {"http", "listen", SETTING_ADDRESSES, AT(http_listen), 0, 0, "127.0.0.1:8080", false,
     "addresses: 127.0.0.1:8080, [::1]:8080, *:8080, unix:/path; one or a list"},
    {"http", "tls_certificate", SETTING_PATH, AT(tls_certificate), 0, 1024, "", false,
     "PEM certificate chain; with tls_key, every TCP listener speaks TLS 1.2 or later"},
    {"http", "tls_key", SETTING_PATH, AT(tls_key), 0, 1024, "", false,
     "PEM private key; must not be readable by others"},
    {"http", "body_max", SETTING_BYTES, AT(body_max_bytes), KIB, 8 * MIB, "256KiB", true,
     "largest JSON request body; more gets 413"},
    {"http", "batch_max", SETTING_BYTES, AT(batch_max_bytes), KIB, 256 * MIB, "16MiB", true,
     "largest NDJSON body of POST /v1/reports"},
    {"http", "batch_lines", SETTING_COUNT, AT(batch_max_lines), 1, 1000, "1000", true,
     "most lines of one NDJSON body"},
    {"http", "connections", SETTING_COUNT, AT(connections_max), 16, 1000000, "4096", false,
     "open connections of one worker; no more are accepted until one ends"},
    {"http", "connections_per_address", SETTING_COUNT, AT(connections_per_address), 0, 1000000, "64",
     false, "open connections of one IPv4 address or IPv6 /64, per worker; 0: no cap"},
    {"http", "head_deadline", SETTING_DURATION, AT(head_ms), 100, 120 * SECOND, "10s", false,
     "first byte to end of the header lines, then 408"},
    {"http", "body_deadline", SETTING_DURATION, AT(body_ms), 100, 600 * SECOND, "30s", false,
     "end of head to end of body, then 408"},
    {"http", "idle_deadline", SETTING_DURATION, AT(idle_ms), 100, 600 * SECOND, "15s", false,
     "between two requests of a connection"},
    {"http", "reply_deadline", SETTING_DURATION, AT(reply_ms), 100, 600 * SECOND, "30s", false,
     "for the client to take an answer; a stream gets it for every 64 KiB"},
    {"http", "handler_deadline", SETTING_DURATION, AT(handler_ms), 100, 120 * SECOND, "10s", false,
     "for us to make an answer, then 503"},

    {"metrics", "listen", SETTING_TEXT, AT(metrics_listen), 0, 256, "", false,
     "address of the metrics listener (Prometheus text at /metrics), such as 127.0.0.1:9464; empty: none"},

    {"store", "url", SETTING_TEXT, AT(store_url), 1, 1024, "embedded", false,
     "embedded (a private redis-server below state_dir), redis://host:port/db or unix:/path"},
    {"store", "redis_server", SETTING_TEXT, AT(redis_server), 1, 1024, "redis-server", false,
     "program of the embedded store"},
    {"store", "max_memory", SETTING_BYTES, AT(store_max_memory), 0, 1024 * GIB, "0", false,
     "memory limit of the embedded store; past it reports get 503; 0: none"},
    {"store", "connections", SETTING_COUNT, AT(store_connections), 1, 64, "4", false,
     "connections to Redis of one worker: more let Redis write more commits with one fsync"},
    {"store", "deadline", SETTING_DURATION, AT(store_deadline_ms), 10, 60 * SECOND, "2s", false,
     "for one commit, then 503: the outcome is unknown and the client repeats under its key"},
    {"store", "in_flight", SETTING_COUNT, AT(store_in_flight), 16, 100000, "2048", false,
     "commits under way of one worker; beyond it 503 before the body is read"},
    {"store", "idempotency", SETTING_DURATION, AT(idempotency_ms), HOUR, 30 * DAY, "2d", false,
     "how long an Idempotency-Key is remembered"},

    {"limits", "requests_per_second", SETTING_COUNT, AT(rate_per_second), 1, 1000000, "5000", true,
     "of one key and worker, on average; more gets 429"},
    {"limits", "burst", SETTING_COUNT, AT(rate_burst), 1, 1000000, "10000", true,
     "how many may come at once"},

    {"policy", "folder", SETTING_PATH, AT(policy_dir), 1, 1024, "policy", true,
     "published policy and law references (*.yaml)"},
    {"rules", "folder", SETTING_PATH, AT(rules_dir), 1, 1024, "rules", true, "rule files (*.yaml)"},

    {"review", "default_queue", SETTING_TEXT, AT(default_queue), 1, 48, "general", true,
     "queue of a case that no rule sends elsewhere"},
    {"review", "threat_queue", SETTING_TEXT, AT(threat_queue), 1, 48, "threat-to-life", true,
     "queue of reports with urgency threat_to_life"},
    {"review", "order_queue", SETTING_TEXT, AT(order_queue), 1, 48, "orders", true,
     "queue of orders by an authority or a court"},
    {"review", "due_routine", SETTING_DURATION, AT(due_routine_ms), 60 * SECOND, 30 * DAY, "24h", true,
     "latest deadline of a case that no rule gave one"},
    {"review", "due_urgent", SETTING_DURATION, AT(due_urgent_ms), 60 * SECOND, 30 * DAY, "4h", true,
     "deadline of an urgent report"},
    {"review", "due_threat", SETTING_DURATION, AT(due_threat_ms), 60 * SECOND, 30 * DAY, "15m", true,
     "deadline of a threat to life"},
    {"review", "due_order", SETTING_DURATION, AT(due_order_ms), 60 * SECOND, DAY, "1h", true,
     "deadline of a removal order (Regulation (EU) 2021/784 art. 3(3): one hour)"},
    {"review", "lease", SETTING_DURATION, AT(lease_ms), SECOND, DAY, "15m", true,
     "how long a reviewer holds a claimed case without extending"},

    {"matching", "regex_match_limit", SETTING_COUNT, AT(regex_match_limit), 1000, 10000000, "100000", true,
     "PCRE2 steps for one start position"},
    {"matching", "regex_heap_kib", SETTING_COUNT, AT(regex_heap_kib), 64, 1000000, "20000", true,
     "PCRE2 heap in KiB"},
    {"matching", "text_deadline", SETTING_DURATION, AT(text_deadline_ms), 1, 10 * SECOND, "50ms", true,
     "for all patterns on one text; past it a person must look"},
    {"matching", "pdq_distance", SETTING_COUNT, AT(pdq_distance), 0, 31, "31", true,
     "differing bits of 256 that still count as the same picture"},
    {"matching", "pdq_min_quality", SETTING_COUNT, AT(pdq_min_quality), 0, 100, "50", true,
     "PDQ hashes of less quality are not compared"},
    {"matching", "tlsh_distance", SETTING_COUNT, AT(tlsh_distance), 0, 300, "30", true,
     "TLSH distance that still counts as similar"},

    {"audit", "origin", SETTING_TEXT, AT(log_origin), 1, 200, "localhost/rapporteur/audit", false,
     "name of the audit log: host and path without scheme; stays with the log for ever"},
    {"audit", "integrate", SETTING_DURATION, AT(integrate_ms), 10, SECOND, "200ms", false,
     "how often new entries go into the tree"},
    {"audit", "publish", SETTING_DURATION, AT(publish_ms), 10, 10 * SECOND, "1s", false,
     "how often a new checkpoint is published"},
    {"audit", "backlog", SETTING_COUNT, AT(backlog_max), 1000, 100000000, "500000", true,
     "entries waiting for the tree; beyond it reports and decisions get 503"},
    {"audit", "snapshots", SETTING_COUNT, AT(snapshots_kept), 1, 10000, "1000", true,
     "how many snapshots of lists and rules are kept for `rapporteur audit replay`; the oldest go first"},
};

const size_t setting_count = sizeof(setting_table) / sizeof(setting_table[0]);
