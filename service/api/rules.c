/* SPDX-License-Identifier: Apache-2.0 */
/* GET and PUT /v1/rules. A worker only reads the request and answers; the main loop and the builder's
 * thread do the rest (service/sync/sync.h). Between them goes one `struct putting`, held by the
 * exchange and by whoever works on it, whichever ends last. */
#include "lib/rules/rule_set.h"
#include "service/api/rules_body.h"
#include "service/sync/sync.h"

#include <stdio.h>
#include <stdlib.h>

struct putting {
    atomic_int refs;
    struct exchange *ex;            /* this worker's thread only; NULL once it is gone */
    struct app *app;
    struct loop *loop;
    struct rule_bundle *files;
    struct sync_put put;
    enum sync_put_outcome outcome;
};

static void putting_unref(struct putting *p)
{
    if (atomic_fetch_sub(&p->refs, 1) == 1) {
        (void)rule_bundle_free(p->files);
        free(p);
    }
}

static void add_tag(struct exchange *ex, const char *digest)
{
    char tag[80];

    (void)snprintf(tag, sizeof(tag), "\"%s\"", digest);
    (void)exchange_header_text(ex, "ETag", tag);
}

void rules_read(struct exchange *ex)
{
    struct api *api = api_of(ex);
    const struct rule_set *rules;
    json_t *answer;

    if (!api_refresh(api)) {
        api_answer_no_memory(ex);
        return;
    }
    rules = snapshot_rules(api->snapshot);
    answer = json_pack("{s:s, s:o}", "digest", rule_set_digest(rules), "rules", rule_set_json(rules));
    add_tag(ex, rule_set_digest(rules));
    api_answer_json(ex, 200, answer);
}

/* ---- the answer ---- */

static const struct {
    int status;
    const char *code, *detail;
} problems[] = {
    [SYNC_PUT_STALE] = {412, "RULES_STALE", "other rules run than If-Match names; read them again"},
    [SYNC_PUT_BUSY] = {409, "RULES_BUSY", "another set is being checked; repeat the request in a moment"},
    [SYNC_PUT_FOLDER_CHANGED] = {409, "RULES_FOLDER_CHANGED",
                                 "the files in the rules folder are not what runs: somebody edited them. Reload "
                                 "(SIGHUP) or restore them first, so that no edit is lost"},
    [SYNC_PUT_READ_ONLY] = {409, "RULES_READ_ONLY",
                            "the service cannot write its rules folder: rules come with its deployment; change them "
                            "there and send SIGHUP"},
    [SYNC_PUT_NOT_LOGGED] = {503, "STORE_BUSY", "nothing was changed; repeat the request"},
    [SYNC_PUT_FAILED] = {503, "NO_MEMORY", "nothing was changed; repeat the request later"},
    [SYNC_PUT_STOPPED] = {503, "DRAINING", "the service is stopping; read /v1/rules after its restart"},
};

static void answer_running(struct putting *p)
{
    const struct sync_put *put = &p->put;

    add_tag(p->ex, put->digest);
    api_answer_json(p->ex, 200,
                    json_pack("{s:s, s:s, s:I, s:b, s:b}", "digest", put->digest, "snapshot", put->snapshot, "rules",
                              (json_int_t)put->rules, "changed", put->changed, "rewritten", put->rewritten));
}

static void answer(void *arg)
{
    struct putting *p = arg;

    if (!p->ex) {
        /* Nobody waits any more. */
    } else if (p->outcome == SYNC_PUT_RUNNING) {
        answer_running(p);
    } else if (p->outcome == SYNC_PUT_REFUSED) {
        api_answer_faults(p->ex, &p->put.faults);
    } else {
        if (p->outcome == SYNC_PUT_STALE) {
            add_tag(p->ex, p->put.digest);
        } else if (problems[p->outcome].status == 503 || p->outcome == SYNC_PUT_BUSY) {
            (void)exchange_header_text(p->ex, "Retry-After", "1");
        }
        exchange_problem(p->ex, problems[p->outcome].status, problems[p->outcome].code, problems[p->outcome].detail,
                         NULL);
    }
    putting_unref(p);
}

/* ---- on the main loop ---- */

static void put_done(struct sync_put *put, enum sync_put_outcome outcome)
{
    struct putting *p = put->arg;

    p->outcome = outcome;
    if (outcome == SYNC_PUT_STOPPED || loop_post(p->loop, answer, p) != 0) {
        putting_unref(p);           /* the workers are gone, or going: the exchange ends without us */
    }
}

static void put_begin(void *arg)
{
    struct putting *p = arg;

    sync_put_rules(p->app->sync, &p->put);
}

/* ---- the request ---- */

/* The digest in If-Match; false when 400, 412 or 428 was answered. */
static bool read_if_match(struct exchange *ex, char digest[65])
{
    const struct http_request *request = exchange_request(ex);
    size_t count = http_request_header_count(request, "if-match");
    struct span tag = span_trim(http_request_header(request, "if-match"));

    if (count == 0 || span_is(tag, "*")) {
        exchange_problem(ex, 428, "PRECONDITION_REQUIRED",
                         "send If-Match with the ETag of GET /v1/rules, so that nobody's change is lost; * names none", NULL);
        return false;
    }
    if (count > 1 || tag.len != 64 + 2 || tag.ptr[0] != '"' || tag.ptr[65] != '"') {
        exchange_problem(ex, 412, "RULES_STALE", "If-Match must be one ETag as GET /v1/rules gives it", NULL);
        return false;
    }
    memcpy(digest, tag.ptr + 1, 64);
    digest[64] = '\0';
    return true;
}

static void exchange_ended(void *arg)
{
    struct putting *p = arg;

    p->ex = NULL;
    putting_unref(p);
}

void rules_write(struct exchange *ex)
{
    struct api *api = api_of(ex);
    CLEANUP(rule_bundle_freep) struct rule_bundle *files = NULL;
    char expected[65];
    struct putting *p;

    if (!read_if_match(ex, expected)) {
        return;
    }
    files = rules_body_read(ex, NULL, 0);
    if (!files) {
        return;
    }
    p = calloc(1, sizeof(*p));
    if (!p) {
        api_answer_no_memory(ex);
        return;
    }
    atomic_init(&p->refs, 2);
    p->ex = ex;
    p->app = api->app;
    p->loop = api->loop;
    p->files = TAKE(files);
    p->put = (struct sync_put){.files = p->files, .done = put_done, .arg = p};
    memcpy(p->put.expected, expected, sizeof(expected));
    (void)snprintf(p->put.actor, sizeof(p->put.actor), "%s", caller_of(ex)->pseudonym);
    exchange_defer(ex, exchange_ended, p);
    if (loop_post(api->app->main_loop, put_begin, p) != 0) {
        p->outcome = SYNC_PUT_STOPPED;
        answer(p);
    }
}
