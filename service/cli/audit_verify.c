/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur audit verify: the whole log, offline. */
#include "lib/base/clock.h"
#include "lib/base/codec.h"
#include "service/audit/verify.h"
#include "service/cli/audit.h"
#include "service/runtime/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NOTE_MAX = 1 << 20 };

static void progress(void *arg, uint64_t done, uint64_t total)
{
    (void)arg;
    if (isatty(2)) {
        (void)fprintf(stderr, "\r%llu of %llu entries", (unsigned long long)done, (unsigned long long)total);
        if (done == total) {
            (void)fputc('\n', stderr);
        }
    }
}

static json_t *result_json(const struct audit_verify_result *result, bool good, const struct fault *why)
{
    char root[HEX_LEN(sizeof(struct hash)) + 1], time[CLOCK_TEXT_LEN + 1];
    json_t *counts = json_object(), *all;

    hex_encode(&result->head.root, sizeof(struct hash), root);
    for (size_t i = 0; i < ENTRY_TYPE_COUNT; i++) {
        (void)json_object_set_new(counts, entry_type_words[i], json_integer((json_int_t)result->counts[i]));
    }
    all = json_pack("{s:b, s:I, s:I, s:s, s:o}", "good", good, "size", (json_int_t)result->head.size, "verified",
                    (json_int_t)result->entries, "root", root, "counts", counts);
    (void)json_object_set_new(all, "cosigned", json_integer(__builtin_popcount(result->cosigned)));
    if (result->last_ms) {
        clock_text(result->last_ms, time);
        (void)json_object_set_new(all, "last_entry_at", json_string(time));
    }
    if (!good) {
        (void)json_object_set_new(all, "code", json_string(why->code));
        (void)json_object_set_new(all, "detail", json_string(why->text));
        (void)json_object_set_new(all, "place", json_string(why->place));
        if (result->has_bad) {
            (void)json_object_set_new(all, "bad_index", json_integer((json_int_t)result->bad_index));
            (void)json_object_set_new(all, "bad_id", json_string(result->bad_id));
        }
    }
    return all;
}

int audit_verify_log(const struct audit_asked *asked)
{
    struct audit_verify_options options = {.folder = asked->folder, .progress = progress,
                                           .vkey = asked->vkey ? span_of(asked->vkey) : (struct span){NULL, 0}};
    struct buf *notes[AUDIT_OLDER_MAX] = {0};
    struct span older[AUDIT_OLDER_MAX];
    static struct audit_verify_result result;
    struct witness_policy *policy = NULL;
    struct fault why;
    int r = asked->policy ? audit_policy_read(asked->policy, &policy, &why) : 0;

    for (size_t i = 0; i < asked->older_count && r == 0; i++) {
        notes[i] = buf_new(NOTE_MAX);
        r = notes[i] ? file_read(asked->older[i], notes[i], &why) : -1;
        older[i] = notes[i] ? buf_span(notes[i]) : (struct span){NULL, 0};
    }
    options.older = older;
    options.older_count = asked->older_count;
    options.policy = policy;
    r = r ? r : audit_verify(&options, &result, &why);
    for (size_t i = 0; i < AUDIT_OLDER_MAX; i++) {
        (void)buf_free(notes[i]);
    }
    free(policy);
    if (r < 0) {
        cli_say("out of memory");
        return CLI_FAILED;
    }
    if (asked->options.json) {
        cli_print_json(result_json(&result, r == 0, &why));
    } else if (r == 0) {
        (void)printf("good: %llu entries, every bundle, tile, root, signature and reference\n",
                     (unsigned long long)result.entries);
        if (asked->policy) {
            (void)printf("cosigned by %d of the policy's witnesses, the quorum among them\n",
                         __builtin_popcount(result.cosigned));
        }
    } else {
        cli_say_fault(&why);
        if (result.has_bad) {
            (void)printf("first bad entry: index %llu %s\n", (unsigned long long)result.bad_index, result.bad_id);
        }
    }
    return r == 0 ? CLI_DONE : CLI_FAILED;
}
