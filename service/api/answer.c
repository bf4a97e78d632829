/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/api.h"

#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "lib/rights/justification.h"
#include "service/runtime/log.h"
#include "service/runtime/metrics.h"

#include <errno.h>
#include <stdio.h>

static void free_json(void *value)
{
    json_decref(value);
}

/* application/json, with or without parameters. */
static bool is_json(struct span type)
{
    struct span name = span_cut(&type, ';');

    return span_equal_nocase(span_trim(name), SPAN("application/json"));
}

json_t *api_body(struct exchange *ex)
{
    const struct http_request *request = exchange_request(ex);
    struct fault why;
    json_t *body = NULL;
    int r;

    if (!is_json(http_request_header(request, "content-type"))) {
        exchange_problem(ex, 415, "CONTENT_TYPE", "send Content-Type: application/json", NULL);
        return NULL;
    }
    r = json_read(&body, request->body, &json_read_limits_default, &why);
    if (r == FAULT) {
        exchange_problem_fault(ex, 400, &why);
        return NULL;
    }
    if (r < 0) {
        api_answer_no_memory(ex);
        return NULL;
    }
    if (!json_is_object(body)) {
        json_decref(body);
        exchange_problem(ex, 422, "FIELD_TYPE", "the body must be a JSON object", NULL);
        return NULL;
    }
    exchange_defer(ex, free_json, body);
    return body;
}

void api_answer_faults(struct exchange *ex, const struct faults *faults)
{
    exchange_problem(ex, justification_status(faults), faults->list[0].code,
                     faults->count == 1 ? faults->list[0].text : "several fields are wrong; see errors",
                     faults);
}

void api_answer_no_memory(struct exchange *ex)
{
    (void)exchange_header_text(ex, "Retry-After", "1");
    exchange_problem(ex, 503, "NO_MEMORY", "the service is out of memory; repeat the request later", NULL);
}

static const struct {
    int status;
    const char *code, *detail;
} outcomes[STORE_OUTCOME_COUNT] = {
    [STORE_MISMATCH] = {422, "IDEMPOTENCY_MISMATCH", "this Idempotency-Key came before with another body"},
    [STORE_NOT_FOUND] = {404, "NOT_FOUND", "there is nothing by that id"},
    [STORE_LEASE] = {409, "LEASE_INVALID", "the lease is unknown, expired or another's; claim the case again"},
    [STORE_STATE] = {409, "STATE_CONFLICT", "the case is not in a state that allows this; read it again"},
    [STORE_STALE] = {412, "VERSION_STALE", "the case has changed since that version; read it again"},
    [STORE_SAME_PERSON] = {422, "JUST_SECOND_SAME", "another person has to do this: you took part already"},
    [STORE_LEASED] = {409, "CASE_LEASED", "another reviewer holds the case"},
    [STORE_LATE] = {410, "APPEAL_CLOSED", "the window for an appeal is over"},
    [STORE_LIMIT] = {409, "TOO_MANY_KEYS", "this name has its live keys already; revoke one first"},
    [STORE_EXPOSED] = {429, "EXPOSURE_LIMIT", "what waits is withheld from you for now; wait as Retry-After says"},
    [STORE_BARRED] = {403, "REVIEWER_BARRED", "your clearance or a conflict of interest keeps this case from you"},
    [STORE_HELD] = {409, "CONTENT_HELD", "a hold for a proceeding keeps this content"},
    [STORE_BUSY] = {503, "STORE_BUSY", "nothing was stored; repeat the request"},
    [STORE_UNKNOWN] = {503, "STORE_UNKNOWN",
                       "it may have been stored; repeat the request with the same Idempotency-Key"},
    [STORE_BROKEN] = {500, "INTERNAL", "the service made a mistake; it is logged under this instance"},
};

void api_answer_store(struct exchange *ex, enum store_outcome outcome)
{
    if (outcome == STORE_BUSY || outcome == STORE_UNKNOWN) {
        metrics_add(outcome == STORE_BUSY ? METRIC_STORE_BUSY : METRIC_STORE_UNKNOWN, 0, 1);
        (void)exchange_header_text(ex, "Retry-After", "1");
    } else if (outcome == STORE_BROKEN) {
        log_error("the store refused our arguments", LOG_STR("request", exchange_request(ex)->id),
                  LOG_STR("route", exchange_request(ex)->route->pattern));
    }
    exchange_problem(ex, outcomes[outcome].status, outcomes[outcome].code, outcomes[outcome].detail, NULL);
}

void api_answer_json(struct exchange *ex, int status, json_t *value)
{
    if (!value) {
        api_answer_no_memory(ex);
        return;
    }
    exchange_reply_json(ex, status, value);
    json_decref(value);
}

const char *api_text(struct exchange *ex, struct span text)
{
    struct span copy = arena_copy(exchange_arena(ex), text);

    return copy.ptr ? copy.ptr : "";
}

bool api_id_param(struct exchange *ex, const char *name, const char kind[4], struct span *ret)
{
    struct span id = http_request_param(exchange_request(ex), name);

    if (!id_read(id, kind, NULL, NULL)) {
        api_answer_store(ex, STORE_NOT_FOUND);
        return false;
    }
    *ret = id;
    return true;
}

static void bad_query(struct exchange *ex, const char *name, const char *must)
{
    char detail[160];

    (void)snprintf(detail, sizeof(detail), "query parameter '%s' %s", name, must);
    exchange_problem(ex, 400, "QUERY_VALUE", detail, NULL);
}

bool api_query_number(struct exchange *ex, const char *name, int64_t min, int64_t max, int64_t initial,
                      int64_t *ret)
{
    struct span text = http_request_query(exchange_request(ex), name);
    unsigned long long value;
    char must[80];

    if (!text.ptr) {
        *ret = initial;
        return true;
    }
    if (!span_to_u64(text, &value) || (int64_t)value < min || value > (unsigned long long)max) {
        (void)snprintf(must, sizeof(must), "must be a number from %lld to %lld", (long long)min,
                       (long long)max);
        bad_query(ex, name, must);
        return false;
    }
    *ret = (int64_t)value;
    return true;
}

bool api_query_time(struct exchange *ex, const char *name, int64_t initial, int64_t *ret)
{
    struct span text = http_request_query(exchange_request(ex), name);

    if (!text.ptr) {
        *ret = initial;
        return true;
    }
    if (!clock_read(text, ret) && !clock_read_date(text, ret)) {
        bad_query(ex, name, "must be a date such as 2026-01-31 or a time such as 2026-01-31T09:30:00Z");
        return false;
    }
    return true;
}

/* "..." of RFC 9651 section 3.3.3, or a bare token for those who forget the quotes. */
static bool read_retry_key(struct exchange *ex, struct span header, struct span *ret)
{
    bool quoted = header.len >= 2 && header.ptr[0] == '"' && header.ptr[header.len - 1] == '"';
    struct span inner = quoted ? span_sub(header, 1, header.len - 2) : header;
    char *copy = arena_alloc(exchange_arena(ex), inner.len + 1);
    size_t len = 0;

    if (!copy) {
        return false;
    }
    for (size_t i = 0; i < inner.len; i++) {
        char c = inner.ptr[i];

        if (quoted && c == '\\' && i + 1 < inner.len) {
            c = inner.ptr[++i];
        } else if (c < 0x21 || c > 0x7E || c == '"' || c == '\\' || (!quoted && (c == ',' || c == ';'))) {
            return false;
        }
        copy[len++] = c;
    }
    *ret = (struct span){copy, len};
    return len >= 1 && len <= 200;
}

bool api_retry(struct exchange *ex, bool required, struct store_retry *ret)
{
    const struct http_request *request = exchange_request(ex);
    size_t count = http_request_header_count(request, "idempotency-key");
    uint8_t *digest;

    *ret = (struct store_retry){0};
    if (count == 0 && !required) {
        return true;
    }
    if (count == 0) {
        exchange_problem(ex, 400, "IDEMPOTENCY_KEY_MISSING",
                         "send Idempotency-Key: \"<a value of your own, new for each report>\", so that a "
                         "repeated request cannot count twice", NULL);
        return false;
    }
    if (count > 1 || !read_retry_key(ex, http_request_header(request, "idempotency-key"), &ret->key)) {
        exchange_problem(ex, 400, "IDEMPOTENCY_KEY_FORM",
                         "Idempotency-Key is one string in quotes of 1 to 200 visible ASCII characters", NULL);
        return false;
    }
    digest = arena_alloc(exchange_arena(ex), SHA256_LEN);
    if (!digest) {
        api_answer_no_memory(ex);
        return false;
    }
    sha256_of(request->body.ptr, request->body.len, digest);
    ret->digest = (struct span){(const char *)digest, SHA256_LEN};
    return true;
}

void api_set_time(json_t *object, const char *key, int64_t ms)
{
    char text[CLOCK_TEXT_LEN + 1];

    if (ms > 0 && ms <= CLOCK_MAX_MS) {
        clock_text(ms, text);
        (void)json_object_set_new(object, key, json_string(text));
    }
}

void api_set_span(json_t *object, const char *key, struct span text)
{
    if (text.len) {
        (void)json_object_set_new(object, key, json_stringn(text.ptr, text.len));
    }
}

json_t *api_stored_json(struct span bytes)
{
    json_error_t error;

    return bytes.len ? json_loadb(bytes.ptr, bytes.len, JSON_REJECT_DUPLICATES, &error) : NULL;
}
