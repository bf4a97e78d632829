/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/snapshot_keep.h"

#include "lib/json/canon.h"
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "lib/signal/format.h"
#include "service/runtime/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATH_BYTES = 4096, LISTS_MAX = 256 };
static const size_t kept_max_bytes = (size_t)4 << 30;
static const struct json_read_limits manifest_limits = {.max_bytes = (size_t)256 << 20, .max_depth = 64,
                                                        .max_values = 5000000};

static int read_manifest(json_t **ret, const char *path, struct fault *why)
{
    CLEANUP(buf_freep) struct buf *bytes = buf_new(manifest_limits.max_bytes);
    int r = bytes ? file_read(path, bytes, why) : -ENOMEM;

    if (r == FAULT && strcmp(why->code, "FILE_READ") == 0) {
        return fault_set(why, "SNAPSHOT_MISSING", path, "this snapshot is not kept (any more)");
    }
    return r ? r : json_read(ret, buf_span(bytes), &manifest_limits, why);
}

static int load_list(struct list **ret, const char *state_dir, const char *digest, struct fault *why)
{
    CLEANUP(buf_freep) struct buf *bytes = buf_new(kept_max_bytes);
    struct signal_options options = signal_options_default;
    static struct signal_report report;
    char path[PATH_BYTES];
    int r;

    (void)snprintf(path, sizeof(path), "%s/snapshots/lists/%.64s.json", state_dir, digest);
    r = bytes ? file_read(path, bytes, why) : -ENOMEM;
    if (r) {
        return r;
    }
    options.name = path;
    options.max_bytes = kept_max_bytes;
    options.max_entries = LIST_MAX_ENTRIES;
    report = (struct signal_report){0};
    r = signal_read(ret, signal_format_named(SPAN("json")), buf_span(bytes), &options, &report);
    if (r == FAULT) {
        *why = report.faults.list[0];
    }
    if (r == 0 && strcmp(list_digest(*ret), digest) != 0) {
        *ret = list_unref(*ret);
        return fault_set(why, "SNAPSHOT_DIFFERS", path, "the list in this file has the digest of another");
    }
    return r;
}

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static struct span text(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_string(value) ? (struct span){json_string_value(value), json_string_length(value)} : SPAN("");
}

static int load_matches(struct match_set **ret, const char *state_dir, const json_t *manifest, struct fault *why)
{
    const json_t *digests = json_object_get(manifest, "lists"), *from = json_object_get(manifest, "match_options");
    struct match_options options = match_options_default;
    struct list *lists[LISTS_MAX] = {0};
    static struct faults notes;
    size_t count = json_array_size(digests);
    int r = count <= LISTS_MAX ? 0 : fault_set(why, "SNAPSHOT_FORM", "/lists", "more than %d lists", LISTS_MAX);

    for (size_t i = 0; i < count && r == 0; i++) {
        const char *digest = json_string_value(json_array_get(digests, i));

        r = digest ? load_list(&lists[i], state_dir, digest, why)
                   : fault_set(why, "SNAPSHOT_FORM", "/lists", "a list is named by its digest");
    }
    options.regex_match_limit = (uint32_t)number(from, "regex_match_limit");
    options.regex_heap_limit_kib = (uint32_t)number(from, "regex_heap_kib");
    options.pdq_distance = (int)number(from, "pdq_distance");
    options.pdq_min_quality = (int)number(from, "pdq_min_quality");
    options.tlsh_distance = (int)number(from, "tlsh_distance");
    options.now_us = NULL;
    notes = (struct faults){0};
    if (r == 0) {
        r = match_set_build(ret, lists, count, &options, &notes);
        if (r == FAULT) {
            *why = notes.list[0];
        }
    }
    for (size_t i = 0; i < count && i < LISTS_MAX; i++) {
        (void)list_unref(lists[i]);
    }
    return r;
}

static int load_rules(struct rule_set **ret, const json_t *manifest, struct fault *why)
{
    CLEANUP(buf_freep) struct buf *bytes = buf_new(manifest_limits.max_bytes);
    const json_t *from = json_object_get(manifest, "rule_options");
    struct rule_options options = rule_options_default;
    static struct faults faults;
    int r = bytes ? json_canon(bytes, json_object_get(manifest, "rules")) : -ENOMEM;

    if (r) {
        return r < 0 ? r : fault_set(why, "SNAPSHOT_FORM", "/rules", "the rules cannot be written out");
    }
    options.default_queue = text(from, "default_queue");
    options.life_queue = text(from, "life_queue");
    options.order_queue = text(from, "order_queue");
    options.order_due_ms = number(from, "order_due_ms");
    options.trusted_due_ms = number(from, "trusted_due_ms");
    options.cost_max = (uint64_t)number(from, "cost_max");
    for (size_t i = 0; i <= SEVERITY_MAX; i++) {
        options.severity_due_ms[i] = json_integer_value(json_array_get(json_object_get(from, "severity_due_ms"), i));
    }
    for (size_t i = 0; i < URGENCY_COUNT; i++) {
        options.urgency_due_ms[i] = json_integer_value(json_array_get(json_object_get(from, "urgency_due_ms"), i));
    }
    faults = (struct faults){0};
    r = rule_set_build(ret, &(struct rule_file){.name = "snapshot", .bytes = buf_span(bytes)}, 1, &options, &faults);
    if (r == FAULT) {
        *why = faults.list[0];
    }
    return r;
}

static bool is_digest(struct span digest)
{
    return digest.len == 64 && strspn(digest.ptr, "0123456789abcdef") >= 64;
}

int snapshot_load(struct snapshot **ret, const char *state_dir, struct span digest, struct fault *why)
{
    CLEANUP(json_freep) json_t *manifest = NULL;
    CLEANUP(snapshot_unrefp) struct snapshot *snapshot = NULL;
    struct match_set *matches = NULL;
    struct rule_set *rules = NULL;
    char path[PATH_BYTES];
    int r;

    if (!is_digest(digest)) {
        return fault_set(why, "SNAPSHOT_FORM", "", "a snapshot is named by 64 lower-case hex digits");
    }
    (void)snprintf(path, sizeof(path), "%s/snapshots/%.64s.json", state_dir, digest.ptr);
    r = read_manifest(&manifest, path, why);
    if (r == 0 && number(manifest, "v") != 1) {
        r = fault_set(why, "SNAPSHOT_FORM", path, "a kept snapshot of version 1 has \"v\":1");
    }
    r = r ? r : load_rules(&rules, manifest, why);
    r = r ? r : load_matches(&matches, state_dir, manifest, why);
    if (r) {
        (void)rule_set_free(rules);
        return r;
    }
    r = snapshot_new(&snapshot, matches, rules);
    if (r == 0 && !span_equal(span_of(snapshot_digest(snapshot)), digest)) {
        r = fault_set(why, "SNAPSHOT_DIFFERS", path, "what was built from the kept files has digest %s",
                      snapshot_digest(snapshot));
    }
    if (r == 0) {
        *ret = TAKE(snapshot);
    }
    return r;
}
