/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/redis/bed.h"

#include "service/store/keys.h"

#include <hiredis/hiredis.h>

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *foreign_url(void)
{
    return getenv("RAPPORTEUR_TEST_STORE");
}

bool bed_is_foreign(void)
{
    return foreign_url() != NULL;
}

const char *bed_url(const struct bed *bed)
{
    return bed_is_foreign() ? foreign_url() : embedded_url(bed->redis);
}

static void start_own(struct bed *bed)
{
    struct embedded_options options = {.state_dir = bed->folder, .stop_ms = 5000};
    struct fault why;
    int r;

    if (!bed->folder[0]) {
        (void)snprintf(bed->folder, sizeof(bed->folder), "/tmp/rapporteur-test-XXXXXX");
        assert_non_null(mkdtemp(bed->folder));
    }
    r = embedded_start(&bed->redis, &options, &why);
    if (r != 0) {
        fail_msg("redis: %d %s %s", r, why.code, why.text);
    }
}

void bed_start(struct bed *bed)
{
    struct fault why;
    int r;

    (void)signal(SIGPIPE, SIG_IGN); /* as the service does */
    if (!bed_is_foreign()) {
        start_own(bed);
    }
    if (!bed->sync) {
        struct store_options store = {.url = bed_url(bed)};

        r = store_sync_new(&bed->sync, &store, &why);
        assert_int_equal(r, 0);
    }
    r = store_sync_prepare(bed->sync, 1, BED_NOW, 5000, NULL, &why);
    if (r != 0) {
        fail_msg("prepare: %d %s %s", r, why.code, why.text);
    }
    bed->now = bed->now ? bed->now : BED_NOW;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

void bed_stop(struct bed *bed)
{
    bed->sync = store_sync_free(bed->sync);
    bed->redis = embedded_free(bed->redis);
    if (bed->folder[0]) {
        (void)nftw(bed->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        bed->folder[0] = '\0';
    }
}

void bed_clear(struct bed *bed)
{
    struct fault why;

    (void)bed_redis(bed, "FLUSHALL");
    assert_int_equal(store_sync_prepare(bed->sync, 1, BED_NOW, 1000, NULL, &why), 0);
    bed->now = BED_NOW;
}

struct id bed_id(struct bed *bed, const char kind[4])
{
    uint8_t random[ID_RANDOM_LEN] = {0};

    bed->counter++;
    for (int i = 0; i < 6; i++) {
        random[ID_RANDOM_LEN - 1 - i] = (uint8_t)(bed->counter >> (8 * i));
    }
    return id_make(kind, bed->now, 0, random);
}

struct span bed_span(const struct id *id)
{
    return (struct span){id->text, ID_LEN};
}

static struct span or_else(const char *text, const char *otherwise)
{
    return span_of(text ? text : otherwise);
}

void bed_fill(struct bed *bed, const struct bed_report *from, struct store_submit_report *ret,
              struct id *report_id, struct id *case_id)
{
    *report_id = bed_id(bed, "rpt");
    *case_id = bed_id(bed, "cas");
    *ret = (struct store_submit_report){
        .partner = or_else(from->partner, "acme"),
        .content_id = or_else(from->content, "post-1"),
        .report_id = bed_span(report_id),
        .case_id = bed_span(case_id),
        .retry_key = or_else(from->retry, ""),
        .body = or_else(from->body, "{\"n\":1}"),
        .salt = SPAN("0123456789abcdef0123456789abcdef"),
        .verdict = SPAN("{\"queue\":\"terrorism\"}"),
        .queue = or_else(from->queue, "terrorism"),
        .language = or_else(from->language, "ar"),
        .severity = from->severity ? from->severity : 2,
        .deadline_ms = bed->now + (from->due_ms ? from->due_ms : 4 * HOUR_MS),
        .needs_second = from->needs_second,
        .reporter = or_else(from->reporter, ""),
        .author = or_else(from->author, ""),
        .features = or_else(from->features, ""),
        .pictures = or_else(from->pictures, ""),
        .cited = or_else(from->cited, ""),
        .harm = or_else(from->harm, ""),
        .entry_report =
            or_else(from->entry, "{\"case\":\"\1case\2\",\"joined\":\1joined\2,\"report\":"
                                 "\"\1report\2\",\"type\":\"report\"}"),
        .entry_verdict =
            SPAN("{\"case\":\"\1case\2\",\"queue\":\"\1queue\2\",\"type\":\"verdict\"}"),
    };
}

struct store_submitted_report bed_submit(struct bed *bed, const struct bed_report *report)
{
    static struct {
        struct id report, content;
    } kept[1000];
    static size_t at;
    struct store_submit_report one;
    struct store_submitted result;
    struct store_submitted_report r;
    enum store_outcome outcome;

    bed_fill(bed, report, &one, &kept[at].report, &kept[at].content);
    outcome = store_sync_submit(
        bed->sync, &(struct store_submit_args){.now_ms = bed->now, .reports = &one, .count = 1},
        &result);
    assert_int_equal(outcome, STORE_OK);
    assert_int_equal(result.count, 1);
    r = result.reports[0];
    if (r.outcome == STORE_OK || r.outcome == STORE_AGAIN) {
        memcpy(kept[at].report.text, r.report_id.ptr, ID_LEN);
        memcpy(kept[at].content.text, r.case_id.ptr, ID_LEN);
        r.report_id = bed_span(&kept[at].report);
        r.case_id = bed_span(&kept[at].content);
        r.queue = SPAN("");
    }
    at = (at + 1) % COUNT_OF(kept);
    return r;
}

struct store_lease bed_claim(struct bed *bed, const char *reviewer, bool second)
{
    static struct {
        struct id token, case_id;
    } kept[1000];
    static size_t at;
    struct id token = bed_id(bed, "lse");
    struct span tokens[] = {bed_span(&token)};
    struct store_claimed claimed;
    struct store_lease lease = {.index = -1};
    enum store_outcome outcome = store_sync_claim(
        bed->sync,
        &(struct store_claim_args){
            .now_ms = bed->now,
            .lease_ms = 10 * MINUTE_MS,
            .reviewer = span_of(reviewer),
            .pseudonym = SPAN("pid"),
            .second = second,
            .tokens = tokens,
            .limit = 1,
            .entry = SPAN("{\"case\":\"\1case\2\",\"lease\":\"\1lease\2\",\"type\":\"claim\"}")},
        &claimed);

    assert_int_equal(outcome, STORE_OK);
    if (claimed.count == 1) {
        lease = claimed.leases[0];
        kept[at].token = token;
        memcpy(kept[at].case_id.text, lease.case_id.ptr, ID_LEN);
        lease.token = bed_span(&kept[at].token);
        lease.case_id = bed_span(&kept[at].case_id);
        lease.queue = lease.language = SPAN("");
        at = (at + 1) % COUNT_OF(kept);
    }
    return lease;
}

enum store_outcome bed_decide(struct bed *bed, const struct store_lease *lease,
                              const char *reviewer, bool needs_second, struct id *ret_decision)
{
    struct store_decided decided;

    *ret_decision = bed_id(bed, "dec");
    return store_sync_decide(
        bed->sync,
        &(struct store_decide_args){
            .now_ms = bed->now,
            .case_id = lease->case_id,
            .token = lease->token,
            .reviewer = span_of(reviewer),
            .pseudonym = SPAN("pid"),
            .fence = lease->fence,
            .decision_id = bed_span(ret_decision),
            .record = SPAN("{\"outcome\":\"disable\"}"),
            .needs_second = needs_second,
            .appeal_until_ms = bed->now + 24 * HOUR_MS,
            .notice = SPAN("{\"decision\":\"\1decision\2\"}"),
            .entry = SPAN(
                "{\"decision\":\"\1decision\2\",\"state\":\"\1state\2\",\"type\":\"decision\"}"),
            .entry_notice = SPAN("{\"decision\":\"\1decision\2\",\"type\":\"notice\"}")},
        &decided);
}

struct store_case bed_case(struct bed *bed, struct span id)
{
    struct store_case found;

    assert_int_equal(store_sync_case_get(bed->sync, &(struct store_id_args){.id = id}, &found),
                     STORE_OK);
    return found;
}

struct seen {
    uint64_t next;
    const char *words;
    size_t count;
    char *last;
};

static int see(void *arg, uint64_t index, struct span entry)
{
    struct seen *seen = arg;

    assert_int_equal(index, seen->next);
    seen->next++;
    seen->count += seen->words && memmem(entry.ptr, entry.len, seen->words, strlen(seen->words));
    if (seen->last) {
        (void)snprintf(seen->last, 1024, "%.*s", (int)entry.len, entry.ptr);
    }
    assert_null(memchr(entry.ptr, 1, entry.len));
    return 0;
}

static struct seen read_all(struct bed *bed, const char *words, char *last)
{
    struct seen seen = {.words = words, .last = last};
    size_t count = 1;

    while (count > 0) {
        assert_int_equal(store_log_read(bed->sync, 0, seen.next, 10000, see, &seen, &count), 0);
    }
    return seen;
}

uint64_t bed_log(struct bed *bed, char last[1024])
{
    return read_all(bed, NULL, last).next;
}

size_t bed_log_count(struct bed *bed, const char *words)
{
    return read_all(bed, words, NULL).count;
}

long long bed_redis(struct bed *bed, const char *text)
{
    const struct redisReply *reply = NULL;
    char copy[512], *words[16], *rest = copy;
    size_t count = 0, servers;

    assert_true((size_t)snprintf(copy, sizeof(copy), "%s", text) < sizeof(copy));
    while (count < COUNT_OF(words) && (words[count] = strsep(&rest, " "))) {
        count++;
    }
    servers = strstr(text, "{s") ? 1 : exchange_servers(bed->sync);
    assert_true(servers > 0);
    for (size_t i = servers; i-- > 0;) {
        exchange_choose(bed->sync, i);
        assert_int_equal(exchange_words(bed->sync, (const char *const *)words, count, &reply),
                         STORE_OK);
        if (reply->type == REDIS_REPLY_ERROR) {
            fail_msg("%s: %s", text, reply->str);
        }
    }
    return reply->type == REDIS_REPLY_INTEGER ? reply->integer
           : reply->type == REDIS_REPLY_ARRAY ? (long long)reply->elements
                                              : (long long)reply->len;
}

static bool in_zset(struct bed *bed, const char *key, struct span id)
{
    const struct redisReply *reply = NULL;
    char member[ID_LEN + 1];
    const char *words[] = {"ZRANK", key, member};

    (void)snprintf(member, sizeof(member), "%.*s", (int)id.len, id.ptr);
    assert_int_equal(exchange_words(bed->sync, words, COUNT_OF(words), &reply), STORE_OK);
    return reply->type == REDIS_REPLY_INTEGER;
}

void bed_check_places(struct bed *bed, const struct span *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct store_case found = bed_case(bed, ids[i]);
        enum case_state state = found.state;
        char first[160], second[160];
        bool leased = found.lease_token.len > 0;

        (void)snprintf(first, sizeof(first), "{s00}:q:%.*s:%.*s:%d", (int)found.queue.len,
                       found.queue.ptr, (int)found.language.len, found.language.ptr, found.severity);
        (void)snprintf(second, sizeof(second), "{s00}:q2:%.*s:%.*s:%d", (int)found.queue.len,
                       found.queue.ptr, (int)found.language.len, found.language.ptr, found.severity);
        assert_int_equal(leased, state == CASE_LEASED || state == CASE_SECOND_LEASED);
        if (leased) {
            char token[ID_LEN + 1];

            (void)snprintf(token, sizeof(token), "%.*s", (int)found.lease_token.len,
                           found.lease_token.ptr);
            assert_true(in_zset(bed, "{s00}:leases", span_of(token)));
        }
        assert_int_equal(in_zset(bed, first, ids[i]), state == CASE_OPEN);
        assert_int_equal(in_zset(bed, second, ids[i]), state == CASE_AWAITING_SECOND);
    }
}
