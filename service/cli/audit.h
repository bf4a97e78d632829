/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_CLI_AUDIT_H
#define RAPPORTEUR_SERVICE_CLI_AUDIT_H

/* What the subcommands of `rapporteur audit` share: the options, and one file a larger subcommand. */

#include "lib/audit/witness_policy.h"
#include "lib/flag/flag.h"
#include "service/audit/export.h"
#include "service/cli/command.h"

enum { AUDIT_OLDER_MAX = 64 };

struct audit_asked {
    const char *log, *vkey;
    const char *older[AUDIT_OLDER_MAX];
    size_t older_count;
    enum audit_export_format format;
    int64_t from_ms, to_ms;
    uint32_t types;
    struct entry_filter filter;             /* search; case: replay too */
    unsigned long long sample, entry;
    const char *body, *salt;                /* reveal */
    bool has_entry;
    const char *policy;                     /* verify, witness: the witness policy's file */
    const char *state, *listen, *key_name;  /* witness */
    const char *out;                        /* bundle */
    const char *name, *what;                /* what stands behind the action, and behind that; "" none */
    struct cli_options options;
    char folder[4096];                      /* as for audit_trail_open */
};

int audit_bundle(const struct audit_asked *asked);
int audit_verify_log(const struct audit_asked *asked);
int audit_witness(const struct audit_asked *asked);
int audit_shard(const struct audit_asked *asked);
int audit_replay(const struct audit_asked *asked);
int audit_reveal(const struct audit_asked *asked);

/* Reads a witness policy; the caller frees it with free(). 0, FAULT (place: path) or -1 without memory. */
int audit_policy_read(const char *path, struct witness_policy **ret, struct fault *why) NODISCARD;

/* Where two verdicts on the same report differ, as the log would have written the second: an array of
 * {"member","logged","computed"} over queue, severity, due, needs_second, undecided, rules, hits and
 * hits_dropped. Empty: equal. New reference, NULL without memory. */
json_t *audit_verdict_differences(const struct entry_view *logged, const struct verdict *verdict,
                                  const struct hits *hits);

#endif
