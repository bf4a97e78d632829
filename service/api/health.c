/* SPDX-License-Identifier: Apache-2.0 */
/* GET /healthz (the process answers), /readyz (it can promise), /version. */
#include "service/api/api.h"
#include "service/audit/sequencer.h"

#include <event2/event.h>

#ifndef RAPPORTEUR_VERSION
#error "the build gives RAPPORTEUR_VERSION"
#endif

void health_live(struct exchange *ex)
{
    exchange_reply_bytes(ex, 200, "text/plain; charset=utf-8", SPAN("alive\n"));
}

/* Indexed by enum sync_rules_from. */
static const char *const from_words[] = {"start", "reload", "put"};

static json_t *log_state(struct app *app, bool *ok)
{
    static const char *const words[] = {"running", "waiting", "failed", "stopped"};
    struct sequencer_status status;

    if (!app->sequencer) {
        *ok = false;
        return json_string("starting");
    }
    sequencer_status(app->sequencer, &status);
    *ok = status.state == SEQUENCER_RUNNING || status.state == SEQUENCER_WAITING;
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:{s:i, s:i, s:b}}", "state", words[status.state], "size",
                     (json_int_t)status.size, "published", (json_int_t)status.published_size, "before",
                     (json_int_t)app->log_before, "backlog",
                     (json_int_t)(status.store_size - status.size), "witnesses", "known", (int)status.witnesses.witnesses,
                     "cosigned", (int)status.witnesses.cosigned, "waiting", (int)status.witnesses.waiting);
}

void health_ready(struct exchange *ex)
{
    struct api *api = api_of(ex);
    bool log_ok, store = store_ready(api->store), draining = atomic_load(&api->app->draining);
    bool rules = api_refresh(api);
    json_t *log = log_state(api->app, &log_ok);
    bool ready = store && rules && log_ok && !draining;
    json_t *answer = json_pack("{s:b, s:b, s:b, s:o}", "ready", ready, "store", store, "draining", draining,
                               "log", log);

    if (rules) {
        (void)json_object_set_new(answer, "snapshot", json_string(snapshot_digest(api->snapshot)));
        (void)json_object_set_new(answer, "rules", json_string(rule_set_digest(snapshot_rules(api->snapshot))));
        (void)json_object_set_new(answer, "rules_from", json_string(from_words[atomic_load(&api->app->rules_from)]));
        (void)json_object_set_new(answer, "rules_folder",
                                  json_string(atomic_load(&api->app->rules_edited) ? "edited" : "running"));
        (void)json_object_set_new(answer, "lists",
                                  json_integer((json_int_t)match_set_list_count(snapshot_matches(api->snapshot))));
    }
    if (!ready) {
        (void)exchange_header_text(ex, "Retry-After", "1");
    }
    api_answer_json(ex, ready ? 200 : 503, answer);
}

void health_version(struct exchange *ex)
{
    api_answer_json(ex, 200, json_pack("{s:s, s:s, s:s}", "name", "rapporteur", "version", RAPPORTEUR_VERSION,
                                       "libevent", event_get_version()));
}
