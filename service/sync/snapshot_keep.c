/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/snapshot_keep.h"

#include "lib/base/digest.h"
#include "lib/json/canon.h"
#include "service/runtime/file.h"
#include "service/sync/build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };
static const size_t kept_max_bytes = (size_t)4 << 30;

/* ---- the manifest ---- */

static json_t *rule_options_json(const struct settings *settings)
{
    json_t *severity = json_array(), *urgency = json_array();
    struct rule_options options;

    build_rule_options(settings, NULL, &options);
    for (size_t i = 0; i <= SEVERITY_MAX; i++) {
        (void)json_array_append_new(severity, json_integer(options.severity_due_ms[i]));
    }
    for (size_t i = 0; i < URGENCY_COUNT; i++) {
        (void)json_array_append_new(urgency, json_integer(options.urgency_due_ms[i]));
    }
    return json_pack("{s:s%, s:s%, s:s%, s:o, s:o, s:I, s:I, s:I}", "default_queue", options.default_queue.ptr,
                     options.default_queue.len, "life_queue", options.life_queue.ptr, options.life_queue.len,
                     "order_queue", options.order_queue.ptr, options.order_queue.len, "severity_due_ms", severity,
                     "urgency_due_ms", urgency, "order_due_ms", (json_int_t)options.order_due_ms, "trusted_due_ms",
                     (json_int_t)options.trusted_due_ms, "cost_max", (json_int_t)options.cost_max);
}

static json_t *match_options_json(const struct settings *s)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "regex_match_limit", (json_int_t)s->regex_match_limit,
                     "regex_heap_kib", (json_int_t)s->regex_heap_kib, "pdq_distance", (json_int_t)s->pdq_distance,
                     "pdq_min_quality", (json_int_t)s->pdq_min_quality, "tlsh_distance",
                     (json_int_t)s->tlsh_distance);
}

static json_t *manifest_json(const struct settings *settings, const struct snapshot *snapshot)
{
    const struct match_set *matches = snapshot_matches(snapshot);
    json_t *lists = json_array(), *rules = rule_set_written(snapshot_rules(snapshot));

    for (size_t i = 0; i < match_set_list_count(matches); i++) {
        (void)json_array_append_new(lists, json_string(list_digest(match_set_list(matches, i))));
    }
    return json_pack("{s:i, s:s, s:o, s:o, s:o, s:o}", "v", 1, "snapshot", snapshot_digest(snapshot), "lists", lists,
                     "rules", rules, "rule_options", rule_options_json(settings), "match_options",
                     match_options_json(settings));
}

/* ---- lists ---- */

static int keep_list(const char *folder, const struct list *list, struct fault *why)
{
    char path[PATH_BYTES];
    struct buf *body;
    int r;

    (void)snprintf(path, sizeof(path), "%s/lists/%s.json", folder, list_digest(list));
    if (access(path, F_OK) == 0) {
        return 0;
    }
    body = buf_new(kept_max_bytes);
    r = body ? list_json(list, body) : -ENOMEM;
    r = r == BUF_FULL ? -ENOMEM : r;
    r = r ? r : file_replace(path, buf_span(body), 0600, why);
    (void)buf_free(body);
    return r;
}

/* ---- the oldest go ---- */

struct kept {
    const char *path; /* borrowed from names */
    struct timespec at;
};

static int compare_age(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;

    if (x->at.tv_sec != y->at.tv_sec) {
        return x->at.tv_sec < y->at.tv_sec ? 1 : -1;
    }
    return x->at.tv_nsec < y->at.tv_nsec ? 1 : x->at.tv_nsec > y->at.tv_nsec ? -1 : 0;
}

/* Whether a manifest names the list. One that cannot be read might. */
static bool names_list(const char *manifest, struct span digest)
{
    CLEANUP(buf_freep) struct buf *bytes = buf_new(kept_max_bytes);
    struct fault why;

    return !bytes || file_read(manifest, bytes, &why) != 0 ||
           memmem(bytes->data, bytes->len, digest.ptr, digest.len) != NULL;
}

static void drop_lists(const char *folder, const struct kept *kept, size_t count)
{
    char path[PATH_BYTES];
    struct names lists = {0};
    struct fault why;

    (void)snprintf(path, sizeof(path), "%s/lists", folder);
    if (folder_names(path, ".json", &lists, &why) != 0) {
        return;
    }
    for (size_t i = 0; i < lists.count; i++) {
        struct span digest = {strrchr(lists.paths[i], '/') + 1, SHA256_HEX_LEN};
        bool named = strlen(digest.ptr) != SHA256_HEX_LEN + strlen(".json");

        for (size_t j = 0; j < count && !named; j++) {
            named = names_list(kept[j].path, digest);
        }
        if (!named) {
            (void)unlink(lists.paths[i]);
        }
    }
    names_free(&lists);
}

/* Best effort: what could not be removed is tried again with the next snapshot. */
static void drop_oldest(const char *folder, size_t keep)
{
    struct names names = {0};
    struct kept *kept;
    struct fault why;

    if (folder_names(folder, ".json", &names, &why) != 0) {
        return;
    }
    kept = names.count > keep ? calloc(names.count, sizeof(*kept)) : NULL;
    if (kept) {
        for (size_t i = 0; i < names.count; i++) {
            struct stat about = {0};

            (void)stat(names.paths[i], &about);
            kept[i] = (struct kept){names.paths[i], about.st_mtim};
        }
        qsort(kept, names.count, sizeof(*kept), compare_age);
        for (size_t i = keep; i < names.count; i++) {
            (void)unlink(kept[i].path);
        }
        drop_lists(folder, kept, keep);
        free(kept);
    }
    names_free(&names);
}

int snapshot_keep(const struct settings *settings, const struct snapshot *snapshot, struct fault *why)
{
    const struct match_set *matches = snapshot_matches(snapshot);
    char folder[PATH_BYTES - 128], path[PATH_BYTES];
    CLEANUP(buf_freep) struct buf *bytes = buf_new(kept_max_bytes);
    json_t *manifest;
    int r;

    (void)snprintf(folder, sizeof(folder), "%s/snapshots", settings->state_dir);
    (void)snprintf(path, sizeof(path), "%s/%s.json", folder, snapshot_digest(snapshot));
    if (access(path, F_OK) == 0) {
        (void)utimensat(AT_FDCWD, path, NULL, 0);   /* in use again: not the oldest */
        return 0;
    }
    (void)snprintf(path, sizeof(path), "%s/lists", folder);
    r = bytes ? folder_make(path, 0700, why) : -ENOMEM;
    for (size_t i = 0; i < match_set_list_count(matches) && r == 0; i++) {
        r = keep_list(folder, match_set_list(matches, i), why);
    }
    manifest = r ? NULL : manifest_json(settings, snapshot);
    if (r == 0) {
        r = manifest ? json_canon(bytes, manifest) : -ENOMEM;
        r = r == BUF_FULL ? -ENOMEM : r == FAULT ? fault_set(why, "SNAPSHOT_FORM", path, "a number of the rules is past 2^53") : r;
    }
    json_decref(manifest);
    (void)snprintf(path, sizeof(path), "%s/%s.json", folder, snapshot_digest(snapshot));
    r = r ? r : file_replace(path, buf_span(bytes), 0600, why);
    if (r == 0) {
        drop_oldest(folder, (size_t)settings->snapshots_kept);
    }
    return r;
}
