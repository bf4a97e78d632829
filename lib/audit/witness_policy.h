/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_WITNESS_POLICY_H
#define RAPPORTEUR_LIB_AUDIT_WITNESS_POLICY_H

/*
 * Which witnesses a checkpoint needs (C2SP tlog-policy, draft). One statement a line; words are
 * separated by spaces and tabs; empty lines and lines that begin with # are skipped:
 *     log <vkey> [<url>]
 *     witness <name> <vkey> [<url>]               url: the witness's submission prefix
 *     group <name> all|any|<k> <name>...          of witnesses and groups named before
 *     quorum <name>|none                          exactly once
 *     r = witness_policy_read(policy, bytes, &why);
 *     r = witness_policy_check(policy, &note, &cosigned, &why);      0: the quorum is there
 * Codes: POLICY_LINE (place: the line), POLICY_QUORUM (no quorum line); of the check:
 * NOTE_BAD_SIGNATURE (a line of a known witness does not verify), WITNESS_QUORUM (place: the quorum's
 * name), POLICY_LOG (log lines are there, and the key is none of them).
 */

#include "lib/audit/note.h"

enum {
    WITNESS_POLICY_MAX = 32, /* logs; witnesses; groups */
    WITNESS_POLICY_BYTES = 256 << 10,
    WITNESS_URL_MAX = 500,
};

/* A plain value of some 60 KiB: keep it on the heap. */
struct witness_policy {
    struct note_key logs[WITNESS_POLICY_MAX];
    size_t log_count;
    struct witness_known {
        char name[NOTE_NAME_MAX + 1]; /* in this file; the key has a name of its own */
        char url[WITNESS_URL_MAX + 1]; /* "" where the line has none; no slash at the end */
        struct note_key key;
    } witnesses[WITNESS_POLICY_MAX];
    size_t witness_count;
    struct witness_group {
        char name[NOTE_NAME_MAX + 1];
        unsigned needed;
        uint64_t members; /* bit i: witness i; bit 32 + i: group i */
    } groups[WITNESS_POLICY_MAX];
    size_t group_count;
    int quorum; /* as a member's bit; -1: none */
    uint64_t grouped; /* members of some group: each may be in one only */
};

int witness_policy_read(struct witness_policy *ret, struct span bytes, struct fault *why) NODISCARD;

/* True when these witnesses (bit i: witness i) are the quorum. */
bool witness_policy_met(const struct witness_policy *policy, uint32_t cosigned);
/* "none", or the name of the witness or group. */
const char *witness_policy_quorum(const struct witness_policy *policy);

/* The key is one of the policy's logs, or it names none. */
int witness_policy_log(const struct witness_policy *policy, const struct note_key *log,
                       struct fault *why) NODISCARD;
/* Which witnesses cosigned the note, and whether that is enough. *ret_cosigned is written for
 * WITNESS_QUORUM too. */
int witness_policy_check(const struct witness_policy *policy, const struct note *note,
                         uint32_t *ret_cosigned, struct fault *why) NODISCARD;

#endif
