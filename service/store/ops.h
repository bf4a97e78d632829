/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_OPS_H
#define RAPPORTEUR_SERVICE_STORE_OPS_H

/*
 * What can be asked of the store: one argument struct and one result struct an operation, plain
 * values whose spans are borrowed. Each operation is one Redis function, functions/NAME.lua, whose
 * header names the keys it touches and the invariant it keeps.
 *
 * Entries. Each change of state takes the canonical bytes of its audit entries as templates: a hole
 * is 0x01 name 0x02 and is filled inside the function with what only it knows. Every function fills
 *     seq     the leaf index the entry gets                case    the case's id
 * and those named at its arguments; every value is of [A-Za-z0-9_.:+-] (lib/audit/entry.h). A template with another hole
 * is refused before anything is written (STORE_BROKEN). Empty template: no such entry. A filled
 * entry is at most 65,535 bytes. Index results count from 0; -1: no entry was written.
 *
 * Names: partner, reviewer, key ids and names 1-128 bytes of [A-Za-z0-9_.@-]; queue [a-z0-9-]{1,48};
 * language [a-z]{2,3}; ids as of id_make with the shard in them; times in ms since 1970; `now_ms` is
 * the caller's wall clock. What breaks these rules is STORE_BROKEN and nothing is sent; an id that is
 * asked for and cannot be one of ours is STORE_NOT_FOUND.
 */

#include "lib/base/span.h"
#include "service/store/ops_delist.h"
#include "service/store/ops_related.h"
#include "service/store/ops_retain.h"
#include "service/store/ops_webhook.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_outcome {
    STORE_OK,           /* done, durable */
    STORE_AGAIN,        /* done before under this idempotency key: the first answer again */
    STORE_MISMATCH,     /* this idempotency key came with another body: 422 */
    STORE_NOT_FOUND,    /* no such id, or not this partner's: 404 */
    STORE_LEASE,        /* token unknown, expired, another's or fenced off: 409 */
    STORE_STATE,        /* the case or decision is not in a state that allows this: 409 */
    STORE_STALE,        /* the case's version is not the expected one: 412 */
    STORE_SAME_PERSON,  /* this reviewer took part already: 422, on appeal 409 */
    STORE_LEASED,       /* another reviewer holds the case: 409 */
    STORE_LATE,         /* the window (appeal) is over: 409 */
    STORE_LIMIT,        /* too many of them (live keys of one name): 409 */
    STORE_EXPOSED,      /* claim: all that waits is withheld from this reviewer for now: 429 */
    STORE_BARRED,       /* this reviewer must keep away: clearance, or a conflict of interest: 403 */
    STORE_HELD,         /* a hold keeps the content: 409 */
    STORE_BUSY,         /* not done: full, no connection, loading, out of memory: 503 */
    STORE_UNKNOWN,      /* sent, no usable answer: it may have been done: 503 */
    STORE_BROKEN,       /* arguments or stored data break the contract: 500, logged */
    STORE_OUTCOME_COUNT
};
extern const char *const store_outcome_words[STORE_OUTCOME_COUNT];

enum {
    STORE_CLAIM_MAX = 20, STORE_SUBMIT_MAX = 100, STORE_QUEUES_MAX = 64, STORE_LANGUAGES_MAX = 16,
    STORE_CASE_REPORTS_MAX = 50, STORE_CASE_DECISIONS_MAX = 16, STORE_CASE_EVENTS_MAX = 128,
    STORE_PAGE_MAX = 200, STORE_KEYS_MAX = 10000, STORE_NAME_MAX = 128, STORE_CONTENT_ID_MAX = 256,
    STORE_QUEUE_NAME_MAX = 48, STORE_HARMS_MAX = 40, STORE_CONFLICTS_MAX = 32, STORE_CLEARANCE_MAX = 3,
    STORE_ATTRIBUTES_MAX = 8 << 10, STORE_ENTRY_MAX = 65535, STORE_PSEUDONYM_KEY_LEN = 32,
    STORE_SECRET_LEN = 32, STORE_RECORD_MAX = 512 << 10, STORE_NOTICE_MAX = 64 << 10, STORE_SUGGESTIONS_MAX = 4096, STORE_HELD_MAX = 2,
    STORE_REPORTERS_MAX = 1000          /* different reporters counted a case */
};

enum case_state {
    CASE_OPEN,              /* waits in its queue */
    CASE_LEASED,            /* a reviewer holds it */
    CASE_AWAITING_SECOND,   /* decided, waits for another person */
    CASE_SECOND_LEASED,     /* another person holds it to answer */
    CASE_CLOSED,            /* its last decision is effective */
    CASE_STATE_COUNT
};
extern const char *const case_state_words[CASE_STATE_COUNT];

enum decision_state {
    DECISION_AWAITING_SECOND, DECISION_EFFECTIVE, DECISION_REJECTED /* by the second person */,
    DECISION_SUPERSEDED /* by a later effective one of the same case */,
    DECISION_STATE_COUNT
};
extern const char *const decision_state_words[DECISION_STATE_COUNT];

/* The retry key of a POST and the SHA-256 of its body; key empty: none. Kept 48 h, an actor's own. */
struct store_retry {
    struct span key;        /* 1-256 bytes */
    struct span digest;     /* 32 bytes */
};

/* ---- submit: 1 to STORE_SUBMIT_MAX reports of one shard in one step, each its own result ----
 * Holes of both entries: report, case, joined (true|false), reports, reporters, queue, severity,
 * deadline (RFC 3339 is the caller's: this is ms).
 * A report on content whose case is not closed joins it: the deadline only moves forward, severity
 * only rises (a higher one takes the case to the new verdict's queue), needs_second only becomes true. */
struct store_submit_report {
    struct span partner, content_id;
    struct span report_id, case_id;     /* fresh; case_id is used only when no case is open */
    struct span retry_key;              /* empty: none; scope: the partner. The digest is the body's */
    struct span body;                   /* JSON as received */
    struct span salt;                   /* 32 random bytes for the commitments of its entries */
    struct span verdict;                /* JSON */
    struct span queue, language;
    int severity;                       /* 0-4 */
    int64_t deadline_ms;
    bool needs_second;
    struct span reporter;               /* pseudonym of who reported, empty: the partner itself */
    struct span author;                 /* pseudonym of who made the content; empty: not known */
    struct span features, pictures;     /* STORE_FEATURE_LEN, STORE_PICTURE_HASH_LEN bytes each (ops_related.h) */
    struct span cited;                  /* names of the entries it rests on, LF between them (ops_delist.h) */
    bool history_used;                  /* the verdict rests on these two, which must still be true: */
    int64_t history_reports, history_reporters;     /* of the open case on this content; 0 0: none is open */
    struct span entry_report, entry_verdict;
    struct span harm;                   /* [a-z_]{1,48}: its harm class, for those who opted out of it */
};
struct store_submit_args {
    int64_t now_ms;
    const struct store_submit_report *reports;
    size_t count;
};
struct store_submitted_report {
    /* OK, AGAIN, MISMATCH, BUSY (the log is full) or STALE (other reports came before: not stored; judge
     * again with `reports`, `reporters`, `since_ms` and `known`, the only ones filled then, not counting this
     * one) */
    enum store_outcome outcome;
    struct span report_id, case_id;
    bool joined;
    int64_t report_index, verdict_index;
    int64_t reports, reporters;         /* of the case, this one counted */
    int64_t since_ms;                   /* STALE: when the case was opened; 0 none */
    bool known;                         /* STALE: this reporter is one of `reporters` */
    int64_t deadline_ms;                /* of the case now */
    int severity;
    struct span queue;
};
struct store_submitted {                /* the outcome of the call is OK when `reports` is filled */
    const struct store_submitted_report *reports;
    size_t count;
};

/* What a person may take; empty arrays: no limit of that kind. */
struct store_may {
    int clearance;                      /* 0 to STORE_CLEARANCE_MAX; a case that takes more is passed over */
    const struct span *languages;       /* those the person reads; `und` is for everybody */
    size_t language_count;
    const struct span *opt_out;         /* harm classes */
    size_t opt_out_count;
    const struct span *conflicts;       /* partners whose cases are not theirs */
    size_t conflict_count;
};

/* How much a person is handed; 0: no limit. An hour and a day are the last ones, in steps of five
 * minutes. `exempt_queue` is counted, but never withheld: a threat to life waits for nobody. */
struct store_care {
    struct span exempt_queue;           /* empty: none */
    int worst_severity;                 /* from this on: the worst cases */
    int64_t worst_in_a_row;             /* after so many of them, none for pause_ms */
    int64_t pause_ms;
    int64_t rotation;                   /* after so many of one queue another's turn, if any waits */
    int64_t hour, day;                  /* cases of any severity */
    int64_t severity_hour[5], severity_day[5];
};

/* ---- claim: the earliest deadlines over all given queues and languages ----
 * Never a case in which this reviewer took part, nor one that `may` excludes; what `care` leaves no room
 * for is withheld: EXPOSED when nothing else waits. Cases awaiting a second person only with `second`.
 * Entry (one a case): case, lease, fence, queue, expiry, stage (first|second). An empty answer is OK
 * with count 0. */
struct store_claim_args {
    int64_t now_ms, lease_ms;
    unsigned shard;
    struct span reviewer, pseudonym;    /* key name; what stands for it in the log */
    bool second;                        /* may take cases awaiting a second person */
    const struct span *queues;          /* empty: every queue */
    size_t queue_count;
    const struct span *languages;       /* empty: every language */
    size_t language_count;
    const struct span *tokens;          /* `limit` fresh ids "lse_..." of this shard */
    size_t limit;
    struct span entry;
    struct store_may may;
    struct store_care care;
};
struct store_lease {
    struct span token, case_id, queue, language;
    int64_t fence, expires_ms, deadline_ms, version, index;
    int severity;
    bool second;
};
struct store_claimed {
    const struct store_lease *leases;
    size_t count;
    int64_t exposed_until_ms;           /* with EXPOSED: when the first limit ends */
};

/* ---- extend, release: the holder only ----  Entry: case, lease, fence. */
struct store_extend_args {
    int64_t now_ms, lease_ms;
    struct span token, reviewer;
};
struct store_extended {                 /* no entry: nothing about the case changes */
    struct span case_id;
    int64_t expires_ms, fence;
};
struct store_release_args {
    int64_t now_ms;
    struct span token, reviewer;
    struct span entry;
};
/* What most changes answer. */
struct store_changed {
    struct span id;                     /* case, or key */
    int64_t index, version;             /* leaf of its (first) entry; the case's new version */
};

/* ---- expire: gives back leases that ended, `limit` at most (1-1000); call again when count == limit.
 * Entry, one a lease: case, lease, fence, reviewer (the pseudonym). */
struct store_expire_args {
    int64_t now_ms;
    unsigned shard;
    size_t limit;
    struct span entry;
};
struct store_expired {
    int64_t count;
    int64_t leases;                     /* still out */
};

/* A letter that may not be sent yet: it goes into the partner's notices, as kind `user_notice`, when its time
 * comes (held_release). due_ms 0: none. Same holes as `notice`. */
struct store_held {
    int64_t due_ms;
    struct span notice;
};

/* ---- decide: by the lease's holder, stores the decision, queues the notice when effective ----
 * Awaits a second person when needs_second here or of the case. Holes: decision, state
 * (effective|awaiting_second), and in the notice also case. entry_notice is written only when
 * effective. `notice` is JSON with the same holes. */
struct store_decide_args {
    int64_t now_ms;
    struct store_retry retry;
    struct span case_id, token, reviewer, pseudonym;
    int64_t fence;                      /* 0: not checked */
    int64_t version;                    /* expected, 0: not checked */
    struct span decision_id;            /* fresh, of the case's shard */
    struct span record;                 /* JSON: the justification as validated */
    bool needs_second;
    int64_t appeal_until_ms;            /* 0: no appeal */
    struct span notice;                 /* empty: none */
    struct span entry, entry_notice;
    struct store_held held[STORE_HELD_MAX];     /* kept only when effective */
    int64_t full_due_ms;                /* of a deferred one: when its full record is due; 0: none is owed */
    bool pauses_order;                  /* once effective, the clock of the case's order stops */
};
struct store_decided {
    struct span decision_id, case_id;
    enum decision_state state;
    int64_t index, version;
};

/* ---- second: another person agrees (effective, notice) or not (rejected, back to its queue) ----
 * A lease is not needed; where one is held it must be this reviewer's. Holes: decision, agree
 * (true|false), state. `notice` and entry_notice only on agreement. */
struct store_second_args {
    int64_t now_ms;
    struct store_retry retry;
    struct span case_id, decision_id, reviewer, pseudonym;
    struct span token;                  /* empty: without a lease */
    bool agree;
    struct span record;                 /* JSON: their own words */
    struct span notice;
    struct span entry, entry_notice;
    struct store_held held[STORE_HELD_MAX];     /* only on agreement */
    struct store_may may;               /* clearance and conflicts: else BARRED */
};

/* ---- escalate: the holder sends the case to another queue and gives the lease back ----
 * Severity and clearance only rise, the deadline only moves forward. Holes: queue, severity, deadline. */
struct store_escalate_args {
    int64_t now_ms;
    struct store_retry retry;
    struct span case_id, token, reviewer;
    struct span queue;
    int severity;
    int64_t deadline_ms;                /* 0: as it is */
    bool needs_second;
    struct span reason;                 /* JSON or text, kept in the case's events; <= 4 KiB */
    struct span entry;
    int clearance;                      /* that the case takes from now on */
};

/* ---- requeue: a senior or admin takes a case out of a lease or into another queue ---- */
struct store_requeue_args {
    int64_t now_ms;
    struct span case_id, actor;
    struct span queue;                  /* empty: as it is */
    struct span entry;
};

/* ---- effect: the partner says when and how an effective decision was carried out ----
 * Once: the same again is AGAIN, another is STATE. Holes: decision. */
struct store_effect_args {
    int64_t now_ms;
    struct span decision_id, partner;
    int64_t effective_at_ms;
    struct span measure;                /* <= 256 bytes */
    struct span entry;
};

/* ---- appeal: a closed case opens again, for people who did not take part ----
 * Holes: decision, queue. The result's id is the appeal's. */
struct store_appeal_args {
    int64_t now_ms;
    struct store_retry retry;
    struct span case_id, partner;
    struct span record;                 /* JSON: statement, new information */
    struct span queue;                  /* empty: as it was */
    int64_t deadline_ms;
    struct span entry;
    struct span appeal_id;
};

/* ---- held_release: letters whose time has come go into their partner's notices, `limit` at most (1-1000); call
 * again when count == limit. Entry, one a letter: decision, case, partner. */
struct store_held_release_args {
    int64_t now_ms;
    unsigned shard;
    size_t limit;
    struct span entry;
};
struct store_held_released {
    int64_t count, left;                /* left: still held */
};

/* ---- append: an entry about something outside any case (list, rules, policy, export, config) ---- */
struct store_append_args {
    int64_t now_ms;
    unsigned shard;
    struct span entry;                  /* holes: seq */
};

/* ---- due: full records that deferred decisions owe ---- */
struct store_due_args {
    int64_t now_ms;
    unsigned shard;
    size_t limit;                       /* of decisions, 1-STORE_PAGE_MAX */
};
struct store_due {
    int64_t owed, overdue;              /* overdue counts at most 1000 */
    const struct span *reviewers;       /* who owe an overdue one */
    size_t reviewer_count;
    const struct span *decisions;       /* overdue, and store_overdue has not been called for them */
    size_t decision_count;
};

/* ---- overdue: a full record did not come, its case goes to the front of its queue ----
 * Holes: case, decision, queue. Once a decision, then AGAIN. */
struct store_overdue_args {
    int64_t now_ms;
    struct span decision_id;
    struct span entry;
};

/* ---- complete: the full record of a deferred decision, by its reviewer or a senior, while the case is closed or
 * waits again; holes and results as of decide. Neither: SAME_PERSON. Not owed, or somebody holds the case: STATE. */
struct store_complete_args {
    int64_t now_ms;
    struct store_retry retry;
    struct span deferred_id, reviewer, pseudonym;
    bool senior;
    struct span decision_id, record;
    bool needs_second;
    int64_t appeal_until_ms;
    struct span notice, entry, entry_notice;
    struct store_held held[STORE_HELD_MAX];
};

/* ---- order_event: what happened to the order of a case ----
 * PAUSE and RESUME alternate, else STATE; RESUME and REOPEN open a closed case again, for anybody. At most 64
 * events a case: LIMIT. Holes: case. */
enum store_order_effect { ORDER_EFFECT_NONE, ORDER_EFFECT_PAUSE, ORDER_EFFECT_RESUME, ORDER_EFFECT_REOPEN };
struct store_order_event_args {
    int64_t now_ms;
    struct store_retry retry;
    struct span case_id, partner;
    enum store_order_effect effect;
    struct span event;                  /* JSON, <= 16 KiB */
    int64_t deadline_ms;                /* the case's new one; for all but NONE */
    struct span word;                   /* for the case's events, <= 32 bytes */
    struct span entry;
};

/* ---- suggest: what was suggested to the holder of a lease; the last one counts ---- */
struct store_suggest_args {
    int64_t now_ms;
    struct span token, reviewer;
    struct span suggestions;            /* JSON, <= STORE_SUGGESTIONS_MAX */
};

/* ---- attempt: a record was refused under this lease ---- */
struct store_attempt_args {
    int64_t now_ms;
    struct span token, reviewer;
};

/* ---- API keys; all live in shard 0 ---- */
struct store_key_put_args {
    int64_t now_ms;
    struct span id, role, name;         /* name: the partner or person */
    struct span secret_sha256;          /* 32 bytes */
    struct span pseudonym_key;          /* 32 bytes; kept from the name's other keys when it has some */
    int64_t expires_ms;                 /* 0: never */
    int64_t max_live;                   /* live keys of one role and name; 0: any */
    struct span entry;                  /* holes: key */
    /* JSON, <= STORE_ATTRIBUTES_MAX: what a reviewer may take, for all keys of this role and name;
     * empty: as it is. */
    struct span attributes;
};
struct store_key_revoke_args {
    int64_t now_ms;
    struct span id;
    struct span entry;                  /* holes: key. Revoked before: AGAIN, nothing written */
};
struct store_none_args {
    int64_t now_ms;                     /* not used */
};
struct store_generation {
    int64_t generation;                 /* rises with each change of any key */
};
struct store_key {
    struct span id, role, name, secret_sha256, pseudonym_key;
    int64_t created_ms, revoked_ms, expires_ms;   /* 0: not */
    struct span attributes;             /* empty: none */
};
struct store_keys {
    int64_t generation;
    const struct store_key *keys;
    size_t count;
};

/* ---- reads. The partner rule (foreign is NOT_FOUND) is the caller's: it has `partner` here ---- */
struct store_id_args {
    struct span id;                     /* rpt_, cas_ or dec_ as the operation wants */
};
struct store_report {
    struct span id, case_id, partner, content_id;
    struct span body, salt, verdict;    /* body and salt empty when erased */
    int64_t received_ms, index, verdict_index;
    bool joined, erased;
    /* Of the whole body; a body that does not match the digest stored with it is STORE_BROKEN. */
    struct span digest;
};
struct store_reports {
    const struct store_report *reports;
    size_t count;
    int64_t next;                       /* give as `from`; -1 at the end */
};
struct store_decision {
    struct span id, case_id, partner, reviewer, pseudonym, record;
    enum decision_state state;
    int64_t decided_ms, index;
    int64_t effective_ms;               /* when it became effective here; 0 not yet */
    int64_t appeal_until_ms;
    struct span second_reviewer, second_pseudonym, second_record;
    bool second_agreed;
    int64_t second_ms, second_index;
    int64_t done_ms, done_index;        /* the partner's effect; 0 and -1 none yet */
    struct span measure;
    int64_t full_due_ms;                /* of a deferred one; 0 otherwise */
    struct span completed_by;           /* the decision with its full record; empty: none yet */
};
struct store_event {
    int64_t at_ms, index;
    struct span what;   /* claimed released expired decided agreed disagreed escalated requeued done appealed erased
                           overdue delisted order_... */
    struct span actor, detail;
};
struct store_case {
    struct span id, partner, content_id, queue, language;
    enum case_state state;
    int severity;
    bool needs_second;
    bool appealed;                      /* the effective decision is under appeal */
    int64_t created_ms, deadline_ms, closed_ms, version;
    int64_t report_count, reporter_count;
    struct span lead_report;            /* whose verdict leads */
    struct span verdict;                /* its JSON */
    struct span lease_token, lease_reviewer;
    int64_t lease_expires_ms, lease_fence;
    const struct store_report *reports; /* the first and the newest, STORE_CASE_REPORTS_MAX at most */
    size_t reports_len;
    const struct store_decision *decisions;   /* newest last */
    size_t decision_count;
    const struct store_event *events;   /* newest last */
    size_t event_count;
    struct span appeal;                 /* JSON of the last appeal */
    struct span deferred;               /* the decision that owes its full record; empty: none */
    int64_t order_paused_ms, order_resumed_ms;  /* 0: not */
    const struct span *order_events;    /* JSON, oldest first */
    size_t order_event_count;
    struct span suggested_lease, suggestions;   /* the lease under which something was suggested; JSON */
    struct span refused_lease;          /* the last lease under which a record was refused */
};

/* ---- queues: one row a queue and language that ever held a case ---- */
struct store_queues_args {
    int64_t now_ms, risk_ms;            /* at risk: due within risk_ms */
    unsigned shard;
};
struct store_queue {
    struct span queue, language;
    int64_t waiting, awaiting_second, leased;
    int64_t oldest_ms;                  /* creation of the oldest among the 64 most urgent; 0 empty */
    int64_t first_deadline_ms;          /* 0 empty */
    int64_t at_risk, overdue;           /* of those waiting, first and second */
};
struct store_queues {
    const struct store_queue *queues;
    size_t count;
    int64_t leases, log_entries;        /* out now; entries not trimmed yet */
};

/* ---- notices: a partner's decisions in order; `after` is the cursor of the last one seen, 0 start -- */
struct store_notices_args {
    unsigned shard;
    struct span partner;
    int64_t after;
    size_t limit;                       /* 1-STORE_PAGE_MAX */
};
struct store_notice {
    int64_t cursor, at_ms;
    struct span kind, bytes;            /* decision; JSON */
};
struct store_notices {
    const struct store_notice *notices;
    size_t count;
};

/* ---- recent: bodies and verdicts of the newest reports for a dry run of rules, newest first ---- */
struct store_recent_args {
    unsigned shard;
    int64_t from;                       /* 0, then `next` of the page before */
    size_t limit;                       /* 1-STORE_PAGE_MAX; 10,000 are kept */
};

#endif
