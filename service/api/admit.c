/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what, before the body is read: key, role, rate, and whether the store can promise. */
#include "service/api/api.h"

#include "lib/base/clock.h"
#include "service/http/auth.h"

#include <stdio.h>
#include <stdlib.h>

enum { TOKEN_ADDRESSES_MAX = 100000 };

/* A key's token bucket on this worker. */
struct caller_slot {
    char key_id[65];
    struct rate_limit bucket;
};

static size_t slot_of(const struct caller_slot *slots, size_t cap, const char *key_id)
{
    uint8_t digest[SHA256_LEN];
    size_t at;

    sha256_of(key_id, strlen(key_id), digest);
    memcpy(&at, digest, sizeof(at));
    for (at &= cap - 1; slots[at].key_id[0] && strcmp(slots[at].key_id, key_id) != 0;) {
        at = (at + 1) & (cap - 1);
    }
    return at;
}

/* Doubles the table before it is three quarters full. */
static bool make_room(struct api *api)
{
    size_t cap = api->callers_cap ? api->callers_cap * 2 : 256;
    struct caller_slot *slots;

    if (api->callers_cap && api->callers_count * 4 < api->callers_cap * 3) {
        return true;
    }
    slots = calloc(cap, sizeof(*slots));
    if (!slots) {
        return false;
    }
    for (size_t i = 0; i < api->callers_cap; i++) {
        if (api->callers[i].key_id[0]) {
            slots[slot_of(slots, cap, api->callers[i].key_id)] = api->callers[i];
        }
    }
    free(api->callers);
    api->callers = slots;
    api->callers_cap = cap;
    return true;
}

static bool within_rate_of(struct exchange *ex, const char *key_id, const struct rate_policy *policy)
{
    struct api *api = api_of(ex);
    struct caller_slot *slot;
    int64_t now = loop_steady_ms();

    if (!make_room(api)) {
        return true;                /* no memory to count with: the store's own bounds still hold */
    }
    slot = &api->callers[slot_of(api->callers, api->callers_cap, key_id)];
    if (!slot->key_id[0]) {
        (void)snprintf(slot->key_id, sizeof(slot->key_id), "%s", key_id);
        rate_limit_init(&slot->bucket, policy, now);
        api->callers_count++;
    }
    if (rate_limit_take(&slot->bucket, policy, now, 1)) {
        return true;
    }
    rate_limit_headers(ex, &slot->bucket, policy, now);
    exchange_problem(ex, 429, "RATE_LIMIT", "too many requests with this key; wait as Retry-After says", NULL);
    return false;
}

static bool within_rate(struct exchange *ex, const char *key_id)
{
    struct settings *settings = slot_take(&api_of(ex)->app->settings);
    struct rate_policy policy = {.name = "default", .window_s = 1};

    /* The bucket holds a burst and fills at the rate: a quota of `burst` a window of burst / rate. */
    policy.quota = (uint32_t)settings->rate_burst;
    policy.window_s = (uint32_t)((settings->rate_burst + settings->rate_per_second - 1) / settings->rate_per_second);
    (void)settings_unref(settings);
    return within_rate_of(ex, key_id, &policy);
}

/* Pseudonyms hold for a quarter: long enough to test consistency, short enough to forget. */
static void period_of(int64_t now_ms, char into[16])
{
    struct clock_date date = clock_split(now_ms);

    (void)snprintf(into, 16, "%dq%d", date.year, (date.month - 1) / 3 + 1);
}

static const struct key *find_key(struct exchange *ex, struct keyring *ring)
{
    const struct http_request *request = exchange_request(ex);
    const struct key *key;
    struct auth_key given;
    struct fault why;

    if (http_request_header_count(request, "authorization") > 1) {
        exchange_problem(ex, 401, "AUTH_FORMAT", "one Authorization header, not several", NULL);
        return NULL;
    }
    if (auth_bearer_split(http_request_header(request, "authorization"), &given, &why) != 0) {
        exchange_problem_fault(ex, 401, &why);
        return NULL;
    }
    key = ring ? keyring_check(ring, given.role, given.id, given.secret, request->received_ms) : NULL;
    if (!key) {
        exchange_problem(ex, 401, "AUTH_UNKNOWN", "this key is unknown, expired or revoked", NULL);
    }
    return key;
}

static struct caller *make_caller(struct exchange *ex, const struct key *key)
{
    struct caller *caller = arena_alloc(exchange_arena(ex), sizeof(*caller));
    char period[16];

    if (!caller) {
        api_answer_no_memory(ex);
        return NULL;
    }
    (void)snprintf(caller->key_id, sizeof(caller->key_id), "%s", key->id);
    (void)snprintf(caller->name, sizeof(caller->name), "%s", key->name);
    caller->role = key->role;
    if (key->may) {
        caller->may = arena_copy(exchange_arena(ex), span_of(key->may));
        if (!caller->may.ptr) {
            api_answer_no_memory(ex);
            return NULL;
        }
    }
    period_of(exchange_request(ex)->received_ms, period);
    pseudonym_make(key->pseudonym_key, span_of(period), caller->pseudonym);
    memcpy(caller->pseudonym_key, key->pseudonym_key, sizeof(caller->pseudonym_key));
    return caller;
}

static bool may(struct exchange *ex, const struct route_rights *rights, const struct key *key)
{
    char detail[160];

    if (rights->roles & (1u << key->role)) {
        return true;
    }
    (void)snprintf(detail, sizeof(detail), "a %s key cannot do this", role_words[key->role]);
    exchange_problem(ex, 403, rights->denied ? rights->denied : "ROLE_FORBIDDEN", detail, NULL);
    return false;
}

/* Body limits that a reload may change. */
static void set_body_max(struct exchange *ex, const struct route_rights *rights)
{
    struct settings *settings = slot_take(&api_of(ex)->app->settings);
    struct span type = http_request_header(exchange_request(ex), "content-type");

    if (exchange_request(ex)->route->body_max > 0 && !rights->own_body) {
        bool batch = exchange_request(ex)->route->handler == reports_create &&
                     span_equal_nocase(span_trim(span_cut(&type, ';')), SPAN("application/x-ndjson"));

        exchange_set_body_max(ex, (size_t)(batch ? settings->batch_max_bytes : settings->body_max_bytes));
    }
    (void)settings_unref(settings);
}

enum http_admission api_admit(struct exchange *ex)
{
    struct api *api = api_of(ex);
    const struct route_rights *rights = exchange_request(ex)->route->info;
    struct keyring *ring = slot_take(&api->app->keyring);
    const struct key *key = find_key(ex, ring);
    struct caller *caller = NULL;

    if (key && may(ex, rights, key) && within_rate(ex, key->id)) {
        caller = make_caller(ex, key);
    }
    (void)keyring_unref(ring);
    if (!caller) {
        return ADMIT_ANSWERED;
    }
    exchange_set_caller(ex, caller);
    if (rights->store && !store_ready(api->store)) {
        api_answer_store(ex, STORE_BUSY);
        return ADMIT_ANSWERED;
    }
    set_body_max(ex, rights);
    return ADMIT_GO;
}

/* Who has a token has no key, so the address is what is counted. Addresses share the table with keys:
 * "@" begins no key's id. */
enum http_admission api_admit_token(struct exchange *ex)
{
    struct api *api = api_of(ex);
    struct settings *settings = slot_take(&api->app->settings);
    struct rate_policy policy = {.name = "token", .quota = (uint32_t)settings->token_per_minute, .window_s = 60};
    char who[65];

    (void)settings_unref(settings);
    (void)snprintf(who, sizeof(who), "@%s", exchange_request(ex)->remote);
    if (api->callers_count > TOKEN_ADDRESSES_MAX) {
        (void)snprintf(who, sizeof(who), "@");  /* too many to tell apart: all share one */
    }
    if (!within_rate_of(ex, who, &policy)) {
        return ADMIT_ANSWERED;
    }
    if (!store_ready(api->store)) {
        api_answer_store(ex, STORE_BUSY);
        return ADMIT_ANSWERED;
    }
    return ADMIT_GO;
}
