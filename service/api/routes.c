/* SPDX-License-Identifier: Apache-2.0 */
/* The table of every route: method, path, handler, roles. What is not here is 404 or 405. */
#include "service/api/api.h"
#include "service/api/rules_body.h"

#define PARTNER (1u << ROLE_PARTNER)
#define REVIEWER (1u << ROLE_REVIEWER)
#define SENIOR (1u << ROLE_SENIOR)
#define AUDITOR (1u << ROLE_AUDITOR)
#define ADMIN (1u << ROLE_ADMIN)
#define REVIEWERS (REVIEWER | SENIOR)
#define ALL (PARTNER | REVIEWERS | AUDITOR | ADMIN)

/* Body limits below are ceilings of the route; the settings http.body_max and batch_max rule. */
#define BODY (256u << 10)
#define RIGHTS(who, needs_store, text)                                                             \
    .admit = api_admit, .info = &(const struct route_rights)                                       \
    {                                                                                              \
        .roles = (who), .store = (needs_store), .meaning = (text)                                  \
    }
#define RULES(text)                                                                                \
    .admit = api_admit, .body_max = RULES_BODY_MAX, .handler_ms = 90000,                           \
    .info = &(const struct route_rights)                                                           \
    {                                                                                              \
        .roles = ADMIN, .store = true, .own_body = true, .meaning = (text)                         \
    }
#define PEOPLE(text)                                                                               \
    .admit = api_admit, .info = &(const struct route_rights)                                       \
    {                                                                                              \
        .roles = PARTNER | SENIOR, .store = true, .denied = "VAULT_DENIED", .meaning = (text)      \
    }
#define TOKEN(text)                                                                                \
    .admit = api_admit_token, .info = &(const struct route_rights)                                 \
    {                                                                                              \
        .store = true, .token = true, .meaning = (text)                                            \
    }
#define OPEN(text)                                                                                 \
    .admit = http_admit_everyone, .info = &(const struct route_rights)                             \
    {                                                                                              \
        .meaning = (text)                                                                          \
    }

const struct http_route api_routes[] = {
    {"POST", "/v1/reports", reports_create, .body_max = BODY,
     RIGHTS(PARTNER, true, "One report (JSON) or up to 1000 (NDJSON), durable before the answer")},
    {"GET", "/v1/reports/{id}", reports_read, RIGHTS(PARTNER | REVIEWERS | AUDITOR, true, "A report and the state of its case; purpose shows the content of a closed one")},
    {"GET", "/v1/cases/{id}", cases_read, RIGHTS(PARTNER | REVIEWERS | AUDITOR, true, "A case: reports, verdict, decisions, history; purpose shows the content of a closed one")},
    {"GET", "/v1/reports/{id}/people", people_read, PEOPLE("Who wrote and who reported: the partner that named them, or a senior with a purpose")},
    {"POST", "/v1/check", check_create, .body_max = BODY, RIGHTS(PARTNER, false, "The verdict on content, nothing stored")},
    {"GET", "/v1/notices", notices_read, RIGHTS(PARTNER, true, "Decisions on own cases in order; long poll with wait")},
    {"GET", "/v1/webhooks", webhooks_read, RIGHTS(PARTNER | ADMIN, true, "The own webhook endpoint and how it fares; for admins all of them")},
    {"PUT", "/v1/webhooks", webhooks_write, .body_max = BODY, RIGHTS(PARTNER, true, "Where notices are delivered; a new endpoint's secret is shown once")},
    {"DELETE", "/v1/webhooks", webhooks_delete, RIGHTS(PARTNER, true, "Deliver no more; notices stay readable")},
    {"POST", "/v1/webhooks/secret", webhooks_rotate, .body_max = BODY, RIGHTS(PARTNER, true, "A new secret, shown once; the old one signs too for a while")},
    {"POST", "/v1/webhooks/test", webhooks_test, .handler_ms = 130000, RIGHTS(PARTNER, true, "Send one test message now and say what came of it")},
    {"POST", "/v1/webhooks/replay", webhooks_replay, .body_max = BODY, RIGHTS(PARTNER, true, "Deliver again what came after a cursor, or from a time on")},
    {"PUT", "/v1/partners/{partner}/webhook", webhooks_switch, .body_max = BODY, RIGHTS(ADMIN, true, "Switch a partner's endpoint off, or on again")},
    {"GET", "/v1/decisions/{id}", decisions_read, RIGHTS(PARTNER | REVIEWERS | AUDITOR, true, "A decision and its justification")},
    {"POST", "/v1/decisions/{id}/record", decisions_complete, .body_max = BODY, RIGHTS(REVIEWERS, true, "The full record that a deferred decision owes")},
    {"POST", "/v1/decisions/{id}/effect", effect_create, .body_max = BODY, RIGHTS(PARTNER, true, "When and how a decision was carried out")},
    {"GET", "/v1/decisions/{id}/receipt", audit_receipt, RIGHTS(PARTNER | AUDITOR, true, "Proof that the decision is in the log, checkable offline")},
    {"GET", "/v1/cases/{id}/order", order_read, RIGHTS(PARTNER | REVIEWERS | AUDITOR, true, "The clock of an order, and the document its authority is due")},
    {"POST", "/v1/cases/{id}/order/events", order_events_create, .body_max = BODY, RIGHTS(PARTNER, true, "What the authority or the partner said about an order: it stops, runs again, is scrutinised")},
    {"POST", "/v1/cases/{id}/appeals", appeals_create, .body_max = BODY, RIGHTS(PARTNER, true, "An appeal against the last decision")},
    {"POST", "/v1/appeals", appeals_create_by_token, .body_max = BODY, TOKEN("An appeal by a person without an account, with the case token of the letter")},
    {"GET", "/v1/appeals/status", appeals_status, TOKEN("Where the appeal of a case token is, and what is due when")},
    {"POST", "/v1/claims", claims_create, .body_max = BODY, RIGHTS(REVIEWERS, true, "Lease the cases with the earliest deadlines; long poll with wait")},
    {"POST", "/v1/claims/{token}/extend", claims_extend, .body_max = 1024, RIGHTS(REVIEWERS, true, "Keep a lease")},
    {"POST", "/v1/claims/{token}/suggestions", suggestions_create, .body_max = BODY, RIGHTS(REVIEWERS, true, "What the form of the leased case may be filled in with for an outcome")},
    {"DELETE", "/v1/claims/{token}", claims_release, RIGHTS(REVIEWERS, true, "Give a lease back")},
    {"POST", "/v1/cases/{id}/decisions", decisions_create, .body_max = BODY, RIGHTS(REVIEWERS, true, "Decide, with a complete rights record")},
    {"POST", "/v1/cases/{id}/second", second_create, .body_max = BODY, RIGHTS(SENIOR, true, "Agree or disagree with a decision awaiting a second person")},
    {"POST", "/v1/cases/{id}/escalations", escalations_create, .body_max = BODY, RIGHTS(REVIEWERS, true, "Send a case to another queue")},
    {"GET", "/v1/cases/{id}/related", related_read, RIGHTS(REVIEWERS | AUDITOR, true, "Cases about the same address, file or picture, across partners")},
    {"GET", "/v1/cases/{id}/holds", holds_read, RIGHTS(SENIOR | AUDITOR | ADMIN, true, "What keeps a case's content, and until when")},
    {"POST", "/v1/cases/{id}/holds", holds_create, .body_max = BODY, RIGHTS(SENIOR | ADMIN, true, "Keep a case's content for a proceeding, until a date")},
    {"DELETE", "/v1/cases/{id}/holds/{hold}", holds_release, RIGHTS(SENIOR | ADMIN, true, "End a hold before its date")},
    {"POST", "/v1/erasures", erasures_create, .body_max = BODY, RIGHTS(PARTNER | ADMIN, true, "Forget a person: an author or a reporter that a partner named")},
    {"GET", "/v1/queues", queues_read, RIGHTS(REVIEWERS | AUDITOR | ADMIN, true, "Depth, oldest, at risk and overdue per queue and language")},
    {"GET", "/v1/policies", policies_read, OPEN("The published policy and law references in force; of another version or time with version or at")},
    {"GET", "/v1/policies/versions", policies_versions, OPEN("Which versions of the policy were, are and will be in force, and who was consulted")},
    {"GET", "/v1/justification/schema", justification_form, RIGHTS(REVIEWERS | AUDITOR | ADMIN, false, "What a record must hold for a harm and outcome")},
    {"POST", "/v1/justification/check", justification_try, .body_max = BODY, RIGHTS(REVIEWERS, false, "Whether a draft would be accepted as far as it is written, and how much of it is missing")},
    {"GET", "/v1/rules", rules_read, RIGHTS(REVIEWERS | AUDITOR | ADMIN, false, "The running rules and their digest")},
    {"PUT", "/v1/rules", rules_write, RULES("New rules: checked, kept, logged and running, or nothing at all")},
    {"POST", "/v1/rules/backtest", rules_backtest, RULES("What other rules would change, over the newest reports")},
    {"GET", "/v1/lists", lists_read, RIGHTS(ALL, false, "The running signal lists: owner, legal basis, version, digest")},
    {"GET", "/v1/audit/entries", audit_entries, RIGHTS(AUDITOR, false, "Filtered pages of the entries of all logs, oldest first")},
    {"GET", "/v1/audit/export", audit_export, RIGHTS(AUDITOR, true, "The whole log, its decisions, or statements of reasons, streamed without a cap")},
    {"GET", "/v1/transparency", transparency_read, .handler_ms = 120000, RIGHTS(AUDITOR, true, "The numbers of the transparency report, from the log alone")},
    {"GET", "/log/checkpoint", log_checkpoint, RIGHTS(AUDITOR, false, "The signed checkpoint of the newest log (C2SP tlog-tiles)")},
    {"GET", "/log/{path...}", log_file, RIGHTS(AUDITOR, false, "Tiles, entry bundles, checkpoint and vkey, bytes as the specification says; of a closed log under its name first")},
    {"GET", "/v1/keys", keys_list, RIGHTS(ADMIN, true, "All keys, without their secrets")},
    {"POST", "/v1/keys", keys_create, .body_max = BODY, RIGHTS(ADMIN, true, "A new key, shown once")},
    {"DELETE", "/v1/keys/{id}", keys_revoke, RIGHTS(ADMIN, true, "Revoke a key at once")},
    {"GET", "/healthz", health_live, OPEN("The process answers")},
    {"GET", "/readyz", health_ready, OPEN("Everything it needs is there; digests of what runs")},
    {"GET", "/version", health_version, OPEN("Version")},
    {"GET", "/openapi.json", openapi_read, OPEN("This description")},
    {"GET", "/problems/{code}", problems_read, OPEN("What a problem code means and what to do")},
};

const size_t api_route_count = COUNT_OF(api_routes);
