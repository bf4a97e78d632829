/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_API_H
#define RAPPORTEUR_SERVICE_API_API_H

/*
 * What a handler of one worker has at hand: the worker's store, loop and evaluation scratch, and the
 * process's shared slots. One per worker thread; exchange_arg() leads to it.
 * The files of this folder: one per resource, routes.c has the table of every route.
 */

#include "lib/base/id.h"
#include "service/api/app.h"
#include "service/http/message.h"
#include "service/http/rate_limit.h"
#include "service/store/store.h"

struct api_waiter;
struct backtesting;
struct counting;
struct looked;
struct pictures;

struct api {
    struct app *app;
    struct loop *loop;
    struct store *store;
    struct flag_scratch *scratch;           /* of the snapshot in `snapshot` */
    struct snapshot *snapshot;              /* held */
    unsigned long snapshot_generation;
    bool rules_use_history;
    struct api_waiter *waiters;             /* long polls of this worker */
    struct loop_timer *waiters_timer;
    struct backtesting *backtesting;        /* started here and not yet answered */
    struct pictures *pictures;              /* NULL until somebody looks for related cases (pictures.h) */
    struct looked *looked;                  /* readings that have their entry (look.h); NULL until the first */
    struct counting *counting;              /* transparency numbers under way here */
    struct caller_slot *callers;            /* rate limits by key id */
    size_t callers_cap, callers_count;
};

int api_new(struct api **ret, struct app *app, struct loop *loop, struct store *store) NODISCARD;
struct api *api_free(struct api *api);

extern const struct http_route api_routes[];
extern const size_t api_route_count;

/* Who asks: set by admit, lives as long as the exchange. */
struct caller {
    char key_id[65], name[STORE_NAME_MAX + 1];
    enum role role;
    struct span may;                        /* what a reviewer's key says (reviewer.h); empty: nothing */
    char pseudonym[PSEUDONYM_HEX_LEN + 1];  /* of this person or body in this period */
    uint8_t pseudonym_key[PSEUDONYM_KEY_LEN];   /* also of the people a partner names */
};

/* In the `info` of a route. */
struct route_rights {
    unsigned roles;                         /* bits 1 << enum role */
    bool store;                             /* 503 at once while the store cannot promise */
    bool own_body;                          /* the route's body limit, not that of the settings */
    bool token;                             /* takes a case token (case_token.h), no key */
    const char *denied;                     /* the code for other roles; NULL: ROLE_FORBIDDEN */
    const char *meaning;                    /* for /openapi.json */
};

enum http_admission api_admit(struct exchange *ex);
/* For routes that take a case token and no key: bounded by address, no caller is set. */
enum http_admission api_admit_token(struct exchange *ex);

static inline struct api *api_of(const struct exchange *ex)
{
    return exchange_arg(ex);
}

static inline const struct caller *caller_of(const struct exchange *ex)
{
    return exchange_caller(ex);
}

/* ---- answers (answer.c) ---- */

/* The body as a JSON object within limits; NULL when a 400 or 415 was answered. The value is freed
 * with the exchange. */
json_t *api_body(struct exchange *ex);
/* 422 with every fault, or the status a rights code asks for. */
void api_answer_faults(struct exchange *ex, const struct faults *faults);
/* The problem of a store outcome other than OK and AGAIN. */
void api_answer_store(struct exchange *ex, enum store_outcome outcome);
void api_answer_no_memory(struct exchange *ex);
/* Frees the value after it was sent; NULL: 500. */
void api_answer_json(struct exchange *ex, int status, json_t *value);
/* A route or query parameter as a NUL-terminated copy in the exchange's arena. */
const char *api_text(struct exchange *ex, struct span text);
/* The id in route parameter `name`; false when 404 was answered because it cannot exist. */
bool api_id_param(struct exchange *ex, const char *name, const char kind[4], struct span *ret);
/* A number in the query; false when 400 was answered. `initial` when absent. */
bool api_query_number(struct exchange *ex, const char *name, int64_t min, int64_t max, int64_t initial,
                      int64_t *ret);
/* An RFC 3339 time or date in the query; false when 400 was answered. */
bool api_query_time(struct exchange *ex, const char *name, int64_t initial, int64_t *ret);
/* Idempotency-Key (a structured-field string or a bare token of 1-200 characters) for the retry
 * record; false when 400 was answered. Absent and not required: empty. */
bool api_retry(struct exchange *ex, bool required, struct store_retry *ret);
/* "key": RFC 3339 time, or nothing for 0. */
void api_set_time(json_t *object, const char *key, int64_t ms);
void api_set_span(json_t *object, const char *key, struct span text);
/* A stored JSON document as a value; NULL where it is empty or broken. */
json_t *api_stored_json(struct span bytes);

/* ---- long polls (wait.c) ---- */

/* Parks the exchange until something new may be there, or `ms` have passed. `again` runs on this
 * worker's loop, `last` on the final time. The waiter ends itself when the client goes. */
void api_wait(struct exchange *ex, int64_t ms, void (*again)(struct exchange *ex, bool last));
void api_wake(void *api);

/* ---- evaluation (evaluate.c) ---- */

/* The verdict of a report on the current snapshot, as JSON bytes in the exchange's arena, and for
 * the store. Results live until the exchange ends. */
struct api_verdict {
    const struct verdict *verdict;          /* until the next evaluation of this worker */
    const struct hits *hits;
    json_t *json;                           /* owned: json_decref */
};
int api_evaluate(struct api *api, const struct report *report, const struct flag_history *history,
                 int64_t now_ms, struct api_verdict *ret) NODISCARD;
/* Takes the newest snapshot; false while there is none. */
bool api_refresh(struct api *api);

/* Ends and waits for a backtest of this worker (rules_backtest.c); for api_free. */
void rules_backtest_stop(struct api *api);
/* The same for the transparency numbers (transparency.c). */
void transparency_stop(struct api *api);

/* ---- handlers, one file per resource ---- */

void reports_create(struct exchange *ex);
void reports_read(struct exchange *ex);
void people_read(struct exchange *ex);
void check_create(struct exchange *ex);
void cases_read(struct exchange *ex);
void claims_create(struct exchange *ex);
void claims_extend(struct exchange *ex);
void claims_release(struct exchange *ex);
void decisions_create(struct exchange *ex);
void decisions_read(struct exchange *ex);
void decisions_complete(struct exchange *ex);
void suggestions_create(struct exchange *ex);
void order_read(struct exchange *ex);
void order_events_create(struct exchange *ex);
void second_create(struct exchange *ex);
void effect_create(struct exchange *ex);
void appeals_create(struct exchange *ex);
void appeals_create_by_token(struct exchange *ex);
void appeals_status(struct exchange *ex);
void escalations_create(struct exchange *ex);
void notices_read(struct exchange *ex);
void queues_read(struct exchange *ex);
void webhooks_read(struct exchange *ex);
void webhooks_write(struct exchange *ex);
void webhooks_delete(struct exchange *ex);
void webhooks_rotate(struct exchange *ex);
void webhooks_test(struct exchange *ex);
void webhooks_replay(struct exchange *ex);
void webhooks_switch(struct exchange *ex);
void audit_entries(struct exchange *ex);
void audit_export(struct exchange *ex);
void transparency_read(struct exchange *ex);
void audit_receipt(struct exchange *ex);
void log_checkpoint(struct exchange *ex);
void log_file(struct exchange *ex);
void related_read(struct exchange *ex);
void holds_read(struct exchange *ex);
void holds_create(struct exchange *ex);
void holds_release(struct exchange *ex);
void erasures_create(struct exchange *ex);
void keys_list(struct exchange *ex);
void keys_create(struct exchange *ex);
void keys_revoke(struct exchange *ex);
void rules_read(struct exchange *ex);
void rules_write(struct exchange *ex);
void rules_backtest(struct exchange *ex);
void lists_read(struct exchange *ex);
void policies_read(struct exchange *ex);
void policies_versions(struct exchange *ex);
void justification_form(struct exchange *ex);
void justification_try(struct exchange *ex);
void health_live(struct exchange *ex);
void health_ready(struct exchange *ex);
void health_version(struct exchange *ex);
void openapi_read(struct exchange *ex);
void problems_read(struct exchange *ex);

#endif
