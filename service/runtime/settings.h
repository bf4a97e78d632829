/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_RUNTIME_SETTINGS_H
#define RAPPORTEUR_SERVICE_RUNTIME_SETTINGS_H

/*
 * The settings of a process: one YAML file, one table in settings_table.c that says all there is to
 * know of each (name, type, unit, range, default, changeable while running, meaning). Reading names
 * every mistake as file:line:column and never stops at the first.
 *     r = settings_read(&settings, bytes, "/etc/rapporteur/rapporteur.yaml", &faults);
 * Codes: SETTING_UNKNOWN (with the nearest name), SETTING_TYPE, SETTING_RANGE, SETTING_VALUE, and
 * those of lib/json/yaml.h; inside `lists` also those of lib/json/field.h. Relative paths are relative to the folder of the settings file.
 * Immutable once read; shared by an atomic reference count.
 */

#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "lib/base/span.h"
#include "service/runtime/log.h"

#include <stdbool.h>
#include <stdint.h>

enum { SETTINGS_MAX_ADDRESSES = 8, SETTINGS_MAX_SOURCES = 256 };

/* One source of a signal list: a file or a URL. */
struct list_source {
    char *id;                   /* the list's id where the format carries none; "" else */
    char *file;                 /* absolute path; NULL for a URL */
    char *url;                  /* http(s); NULL for a file */
    char *format;               /* name of a reader, or "auto" */
    char *kind;                 /* default signal kind of plain lines; "" none */
    char *mode;                 /* of formats without a head of their own: live, shadow, off; "" live */
    char *public_key;           /* vkey that a signed bundle must carry; "" none */
    char *token_file;           /* bearer token for the source; NULL none */
    int64_t every_ms, deadline_ms, max_bytes;
    bool allow_private_address; /* loopback and private networks: for tests and intranets */
    bool allow_shrink;          /* a version that lost more than a fifth may replace the old one */
};

struct settings {
    char *state_dir, *log_origin;
    int64_t workers, drain_ms;
    int log_level;

    char *http_listen[SETTINGS_MAX_ADDRESSES];
    size_t http_listen_count;
    char *tls_certificate, *tls_key;
    int64_t body_max_bytes, batch_max_bytes, batch_max_lines, connections_max, connections_per_address;
    int64_t head_ms, body_ms, idle_ms, reply_ms, handler_ms;
    char *metrics_listen;

    char *store_url, *redis_server;
    int64_t store_connections, store_deadline_ms, store_max_memory, store_in_flight;
    int64_t idempotency_ms;

    int64_t rate_per_second, rate_burst, token_per_minute;

    char *policy_dir, *rules_dir;
    struct list_source sources[SETTINGS_MAX_SOURCES];
    size_t source_count;

    char *dsa_endpoint, *dsa_token_file;
    char *webhook_addresses, *webhook_schemes, *webhook_ca_file;
    int64_t webhook_deadline_ms, webhook_in_flight, webhook_patience_ms, webhook_first_pause_ms;

    char *default_queue, *threat_queue, *order_queue;
    int64_t due_routine_ms, due_urgent_ms, due_threat_ms, due_order_ms, due_trusted_ms, due_appeal_ms;
    int64_t full_record_ms;
    int64_t lease_ms;
    int64_t retention_unrestricted_ms, retention_rewrite_ms;
    /* Of one reviewer; 0: no limit. Grave is severity 3, worst is 4. */
    int64_t care_per_hour, care_per_day, care_grave_per_hour, care_grave_per_day, care_worst_per_hour,
        care_worst_per_day, care_worst_severity, care_worst_in_a_row, care_pause_ms, care_rotation;

    int64_t regex_match_limit, regex_heap_kib, text_deadline_ms, pdq_distance, pdq_min_quality,
        tlsh_distance;

    int64_t integrate_ms, publish_ms, backlog_max, snapshots_kept;
    char *witness_policy;
    char *bucket_url, *bucket_region, *bucket_key_id, *bucket_secret_file, *bucket_ca_file;
    int64_t bucket_every_ms, bucket_deadline_ms;
    int64_t witness_deadline_ms, log_keep_days;
};

int settings_read(struct settings **ret, struct span bytes, const char *path, struct faults *faults);
/* The defaults alone, relative to folder `dir`. NULL without memory. */
struct settings *settings_default(const char *dir);
struct settings *settings_ref(struct settings *settings);
struct settings *settings_unref(struct settings *settings);
DEFINE_CLEANUP(struct settings *, settings_unref);

/* The name of the first setting that differs and cannot be changed while running; NULL when none. */
const char *settings_fixed_difference(const struct settings *running, const struct settings *next);

/* The reference page, Markdown: one row a setting. */
int settings_reference(struct buf *out);
/* The running values as YAML that reads back. */
int settings_print(const struct settings *settings, struct buf *out);

#endif
