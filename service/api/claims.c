/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/claims, POST /v1/claims/{token}/extend, DELETE /v1/claims/{token}. */
#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "service/api/entries.h"
#include "service/api/reviewer.h"
#include "service/runtime/metrics.h"
#include "service/runtime/random.h"

#include <stdio.h>

enum { CLAIM_WAIT_MAX_S = 30, QUEUE_NAMES_MAX = 16 };

/* What is asked, kept while the poll waits. */
struct claim {
    struct span queues[QUEUE_NAMES_MAX], languages[STORE_LANGUAGES_MAX];
    size_t queue_count, language_count;
    int64_t limit, lease_ms, until_ms;      /* until: steady */
    struct id ids[STORE_CLAIM_MAX];
    struct span tokens[STORE_CLAIM_MAX];    /* of `ids` */
    unsigned shard;                         /* asked now */
    struct store_may may;
    int64_t exposed_ms;                     /* when the first limit ends, of the shards asked; 0: none */
    bool last;
};

static void try_claim(struct exchange *ex, bool last);

static void read_names(struct fields *at, const char *name, struct span *into, size_t max, size_t *ret_count)
{
    json_t *array;

    if (!field_array(at, name, OPTIONAL, max, &array)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (field_element_string(at, name, array, i, 1, STORE_QUEUE_NAME_MAX, &into[*ret_count])) {
            (*ret_count)++;
        }
    }
}

/* Queue names and languages are keys in the store: their alphabet is checked here, with a pointer. */
static void check_names(struct fields *at, const char *name, const struct span *names, size_t count,
                        bool digits, size_t max)
{
    for (size_t i = 0; i < count; i++) {
        bool good = names[i].len <= max;

        for (size_t j = 0; good && j < names[i].len; j++) {
            char c = names[i].ptr[j];

            good = (c >= 'a' && c <= 'z') || (digits && ((c >= '0' && c <= '9') || c == '-'));
        }
        if (!good) {
            (void)field_fault(at, name, "FIELD_VALUE", digits ? "a queue name has a-z, 0-9 and '-'"
                                                              : "a language is 2 or 3 letters a-z");
        }
    }
}

static bool read_claim(struct exchange *ex, json_t *body, struct claim *claim)
{
    static const char *const names[] = {"queues", "languages", "limit", "wait"};
    struct faults faults = {0};
    struct fields at;
    int64_t wait_s = 0;

    claim->limit = 1;
    if (fields_open(&at, body, "", &faults)) {
        fields_known(&at, names, COUNT_OF(names));
        read_names(&at, "queues", claim->queues, QUEUE_NAMES_MAX, &claim->queue_count);
        read_names(&at, "languages", claim->languages, STORE_LANGUAGES_MAX, &claim->language_count);
        check_names(&at, "queues", claim->queues, claim->queue_count, true, STORE_QUEUE_NAME_MAX);
        check_names(&at, "languages", claim->languages, claim->language_count, false, 3);
        (void)field_int(&at, "limit", OPTIONAL, 1, STORE_CLAIM_MAX, &claim->limit);
        (void)field_int(&at, "wait", OPTIONAL, 0, CLAIM_WAIT_MAX_S, &wait_s);
    }
    if (faults.count) {
        api_answer_faults(ex, &faults);
        return false;
    }
    claim->until_ms = loop_steady_ms() + wait_s * 1000;
    exchange_set_deadline(ex, wait_s * 1000 + 10000);
    return true;
}

static json_t *leases_json(const struct store_claimed *result)
{
    json_t *list = json_array();

    for (size_t i = 0; i < result->count; i++) {
        const struct store_lease *lease = &result->leases[i];
        json_t *one = json_object();

        api_set_span(one, "lease", lease->token);
        api_set_span(one, "case", lease->case_id);
        api_set_span(one, "queue", lease->queue);
        api_set_span(one, "language", lease->language);
        (void)json_object_set_new(one, "severity", json_integer(lease->severity));
        api_set_time(one, "deadline", lease->deadline_ms);
        api_set_time(one, "expires", lease->expires_ms);
        (void)json_object_set_new(one, "fence", json_integer(lease->fence));
        (void)json_object_set_new(one, "version", json_integer(lease->version));
        (void)json_object_set_new(one, "second", json_boolean(lease->second));
        (void)json_array_append_new(list, one);
    }
    return json_pack("{s:o}", "leases", list);
}

static void given_back(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    (void)arg;
    (void)outcome;      /* a lease that could not be given back ends by itself */
    (void)result;
}

/* The client went while the claim was under way: nobody would ever see these leases. */
static void give_back(struct exchange *ex, const struct store_claimed *result)
{
    int64_t now = loop_now_ms();

    for (size_t i = 0; i < result->count; i++) {
        struct store_release_args args = {.now_ms = now, .token = result->leases[i].token,
                                          .reviewer = span_of(caller_of(ex)->name),
                                          .entry = entries_claim(ex, "release", now)};

        (void)store_release(api_of(ex)->store, &args, given_back, NULL);
    }
}

/* Nothing but what is withheld waits: said at once, for a longer poll would not help. */
static void answer_exposed(struct exchange *ex, int64_t until_ms)
{
    char detail[160], until[CLOCK_TEXT_LEN + 1], after[24];
    int64_t left = until_ms - loop_now_ms();

    clock_text(until_ms, until);
    (void)snprintf(detail, sizeof(detail), "what waits is withheld from you until %s, to limit what one person has to see",
                   until);
    (void)snprintf(after, sizeof(after), "%lld", (long long)(left > 0 ? (left + 999) / 1000 : 1));
    (void)exchange_header_text(ex, "Retry-After", after);
    exchange_problem(ex, 429, "EXPOSURE_LIMIT", detail, NULL);
}

static void claimed(void *arg, enum store_outcome outcome, const struct store_claimed *result)
{
    struct exchange *ex = arg;
    struct claim *claim = exchange_state(ex);
    int64_t left = claim->until_ms - loop_steady_ms();

    if (outcome == STORE_EXPOSED) {
        bool first = !claim->exposed_ms || result->exposed_until_ms < claim->exposed_ms;

        claim->exposed_ms = first ? result->exposed_until_ms : claim->exposed_ms;
    }
    if (outcome == STORE_OK && result->count && exchange_cancelled(ex)) {
        give_back(ex, result);
        exchange_drop(ex);
    } else if (outcome != STORE_OK && outcome != STORE_EXPOSED) {
        api_answer_store(ex, outcome);
    } else if (outcome == STORE_OK && result->count) {
        metrics_add(METRIC_CLAIMS, 0, result->count);
        api_answer_json(ex, 200, leases_json(result));
    } else if (++claim->shard < store_shards(api_of(ex)->store)) {
        try_claim(ex, claim->last);
    } else if (claim->exposed_ms) {
        answer_exposed(ex, claim->exposed_ms);
    } else if (claim->last || left <= 0) {
        api_answer_json(ex, 200, leases_json(result));
    } else {
        claim->shard = 0;
        api_wait(ex, left, try_claim);
    }
}

static void try_claim(struct exchange *ex, bool last)
{
    struct api *api = api_of(ex);
    struct claim *claim = exchange_state(ex);
    const struct caller *caller = caller_of(ex);
    int64_t now = loop_now_ms();
    struct store_claim_args args = {
        .now_ms = now, .lease_ms = claim->lease_ms, .shard = claim->shard, .reviewer = span_of(caller->name),
        .pseudonym = span_of(caller->pseudonym), .second = caller->role == ROLE_SENIOR,
        .queues = claim->queues, .queue_count = claim->queue_count, .languages = claim->languages,
        .language_count = claim->language_count, .tokens = claim->tokens, .limit = (size_t)claim->limit,
        .may = claim->may, .care = reviewer_care(ex)};

    claim->last = last;
    for (size_t i = 0; i < args.limit; i++) {
        claim->ids[i] = random_id("lse", now, claim->shard);
        claim->tokens[i] = span_of(claim->ids[i].text);
    }
    args.entry = entries_claim(ex, "claim", now);
    if (!args.entry.ptr || !args.care.exempt_queue.ptr || !store_claim(api->store, &args, claimed, ex)) {
        api_answer_no_memory(ex);
    }
}

void claims_create(struct exchange *ex)
{
    struct claim *claim = arena_alloc(exchange_arena(ex), sizeof(*claim));
    struct settings *settings = slot_take(&api_of(ex)->app->settings);
    json_t *body = claim ? api_body(ex) : NULL;

    if (claim) {
        claim->lease_ms = settings->lease_ms;
    }
    (void)settings_unref(settings);
    if (!claim) {
        api_answer_no_memory(ex);
        return;
    }
    if (!body || !read_claim(ex, body, claim)) {
        return;
    }
    exchange_set_state(ex, claim);
    if (reviewer_may(ex, &claim->may)) {
        try_claim(ex, false);
    } else {
        api_answer_no_memory(ex);
    }
}

static void extended(void *arg, enum store_outcome outcome, const struct store_extended *result)
{
    struct exchange *ex = arg;
    json_t *answer;

    if (outcome != STORE_OK) {
        api_answer_store(ex, outcome);
        return;
    }
    answer = json_object();
    api_set_span(answer, "case", result->case_id);
    api_set_time(answer, "expires", result->expires_ms);
    (void)json_object_set_new(answer, "fence", json_integer(result->fence));
    api_answer_json(ex, 200, answer);
}

/* The route takes no body, or an empty object; false when something else was answered for. */
static bool no_members(struct exchange *ex)
{
    struct faults faults = {0};
    struct fields at;
    json_t *body;

    if (exchange_request(ex)->body.len == 0) {
        return true;
    }
    body = api_body(ex);
    if (!body) {
        return false;
    }
    if (fields_open(&at, body, "", &faults)) {
        fields_known(&at, NULL, 0);
    }
    if (faults.count) {
        api_answer_faults(ex, &faults);
    }
    return faults.count == 0;
}

void claims_extend(struct exchange *ex)
{
    struct settings *settings = slot_take(&api_of(ex)->app->settings);
    struct store_extend_args args = {.now_ms = loop_now_ms(), .lease_ms = settings->lease_ms,
                                     .reviewer = span_of(caller_of(ex)->name)};

    (void)settings_unref(settings);
    if (!no_members(ex)) {
        return;
    }
    if (!id_read(http_request_param(exchange_request(ex), "token"), "lse", NULL, NULL)) {
        api_answer_store(ex, STORE_LEASE);
        return;
    }
    args.token = http_request_param(exchange_request(ex), "token");
    if (!store_extend(api_of(ex)->store, &args, extended, ex)) {
        api_answer_no_memory(ex);
    }
}

static void released(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct exchange *ex = arg;

    (void)result;
    if (outcome != STORE_OK && outcome != STORE_AGAIN) {
        api_answer_store(ex, outcome);
        return;
    }
    app_wake(api_of(ex)->app);
    exchange_reply(ex, 204);
}

void claims_release(struct exchange *ex)
{
    int64_t now = loop_now_ms();
    struct store_release_args args = {.now_ms = now, .reviewer = span_of(caller_of(ex)->name)};

    if (!id_read(http_request_param(exchange_request(ex), "token"), "lse", NULL, NULL)) {
        api_answer_store(ex, STORE_LEASE);
        return;
    }
    args.token = http_request_param(exchange_request(ex), "token");
    args.entry = entries_claim(ex, "release", now);
    if (!args.entry.ptr || !store_release(api_of(ex)->store, &args, released, ex)) {
        api_answer_no_memory(ex);
    }
}
