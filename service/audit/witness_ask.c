/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/witness_ask.h"

#include "lib/audit/witness.h"
#include "service/audit/reader.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    TRIES_MAX = 3,
    GRACE_MS = 500, /* for the others, once the quorum stands */
    BACK_OFF_MS = 1000,
    BACK_OFF_MAX_MS = 60000,
    ANSWER_MAX = 64 << 10,
    POLL_MS = 1000,
};

/* What is known of one witness, and its request in this round. */
struct peer {
    const struct witness_known *known;
    struct witness_ask *ask;
    uint64_t size; /* that it has, as far as we know */
    unsigned failures;
    int64_t next_ms; /* not before */
    CURL *easy;      /* NULL: not in this round, or done */
    unsigned tries;
    bool is_size; /* the answer says that it is a size */
    char url[WITNESS_URL_MAX + 32];
    struct buf request, answer, lines;
};

struct witness_ask {
    struct witness_ask_options options;
    char *folder;
    struct note_key key;
    CURLM *multi;
    struct curl_slist *headers;
    atomic_bool cancelled;
    struct audit_reader *reader; /* of the round */
    struct peer peers[WITNESS_POLICY_MAX];
    size_t count;
};

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct witness_ask *witness_ask_free(struct witness_ask *ask)
{
    if (ask) {
        for (size_t i = 0; i < ask->count; i++) {
            buf_done(&ask->peers[i].request);
            buf_done(&ask->peers[i].answer);
            buf_done(&ask->peers[i].lines);
        }
        curl_slist_free_all(ask->headers);
        if (ask->multi) {
            (void)curl_multi_cleanup(ask->multi);
        }
        free(ask->folder);
        free(ask);
    }
    return NULL;
}

int witness_ask_new(struct witness_ask **ret, const struct witness_ask_options *options)
{
    CLEANUP(witness_ask_freep) struct witness_ask *ask = calloc(1, sizeof(*ask));

    if (!ask || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return -ENOMEM;
    }
    ask->options = *options;
    ask->key = *options->key;
    ask->folder = strdup(options->log_folder);
    ask->multi = curl_multi_init();
    /* No "Expect: 100-continue": it would cost a round trip. */
    ask->headers = curl_slist_append(NULL, "Expect:");
    if (!ask->folder || !ask->multi || !ask->headers) {
        return -ENOMEM;
    }
    for (; ask->count < options->policy->witness_count; ask->count++) {
        struct peer *peer = &ask->peers[ask->count];

        peer->known = &options->policy->witnesses[ask->count];
        peer->ask = ask;
        (void)snprintf(peer->url, sizeof(peer->url), "%s/add-checkpoint", peer->known->url);
        buf_init(&peer->request, WITNESS_BODY_MAX);
        buf_init(&peer->answer, ANSWER_MAX);
        buf_init(&peer->lines, ANSWER_MAX);
    }
    *ret = TAKE(ask);
    return 0;
}

void witness_ask_cancel(struct witness_ask *ask)
{
    atomic_store(&ask->cancelled, true);
    (void)curl_multi_wakeup(ask->multi);
}

/* ---- one request ---- */

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct peer *peer = arg;

    return buf_add(&peer->answer, bytes, size * count) == 0 ? size * count : 0;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct peer *peer = arg;
    struct span value = {bytes, size * count}, name = span_cut(&value, ':');

    if (value.ptr && span_equal_nocase(name, SPAN("content-type"))) {
        value = span_trim(value);
        peer->is_size = span_starts(value, "text/x.tlog.size");
    }
    return size * count;
}

static void drop(struct peer *peer)
{
    if (peer->easy) {
        (void)curl_multi_remove_handle(peer->ask->multi, peer->easy);
        curl_easy_cleanup(peer->easy);
        peer->easy = NULL;
    }
}

static void set_options(struct peer *peer)
{
    CURL *easy = peer->easy;

    (void)curl_easy_setopt(easy, CURLOPT_URL, peer->url);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, peer);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, peer->ask->headers);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)peer->request.len);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, peer->request.data);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)peer->ask->options.deadline_ms);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "rapporteur");
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, peer);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, peer);
}

/* Sends the checkpoint with the proof from what the witness has. */
static int send_request(struct peer *peer, struct fault *why)
{
    struct witness_ask *ask = peer->ask;
    struct hash proof[MERKLE_MAX_PROOF];
    size_t count = 0;
    int r = audit_reader_consistency(ask->reader, peer->size, proof, &count, why);

    if (r) {
        return r;
    }
    buf_clear(&peer->request);
    buf_clear(&peer->answer);
    peer->is_size = false;
    r = witness_request_write(&peer->request, peer->size, proof, count, audit_reader_checkpoint(ask->reader));
    peer->easy = r ? NULL : curl_easy_init();
    if (!peer->easy) {
        return -ENOMEM;
    }
    set_options(peer);
    peer->tries++;
    return curl_multi_add_handle(ask->multi, peer->easy) == CURLM_OK ? 0 : -ENOMEM;
}

/* ---- what came of it ---- */

static void failed(struct peer *peer, const struct fault *why)
{
    int64_t wait = BACK_OFF_MS;

    for (unsigned i = 0; i < peer->failures && wait < BACK_OFF_MAX_MS; i++) {
        wait *= 2;
    }
    peer->next_ms = now_ms() + (wait < BACK_OFF_MAX_MS ? wait : BACK_OFF_MAX_MS);
    if (peer->failures++ == 0 && peer->ask->options.told) {
        peer->ask->options.told(peer->ask->options.told_arg, peer->known->name, why);
    }
}

static void succeeded(struct peer *peer)
{
    peer->size = audit_reader_size(peer->ask->reader);
    peer->next_ms = 0;
    if (peer->failures && peer->ask->options.told) {
        peer->ask->options.told(peer->ask->options.told_arg, peer->known->name, NULL);
    }
    peer->failures = 0;
}

static int refused(struct peer *peer, long status, struct fault *why)
{
    const char *says = status == 403   ? "it trusts no key that signed this checkpoint: give it the log's vkey"
                       : status == 404 ? "it does not know this log: its operator has to add the log's vkey"
                       : status == 422 ? "it says that this log contradicts what it saw before: compare both at once"
                       : status == 400 ? "it says that the request is malformed"
                                       : "an answer that the protocol does not have";

    return fault_set(why, "WITNESS_STATUS", peer->known->name, "answered %ld: %s", status, says);
}

static int transfer_fault(struct peer *peer, CURLcode code, struct fault *why)
{
    return code == CURLE_OPERATION_TIMEDOUT
               ? fault_set(why, "WITNESS_SLOW", peer->known->name, "no answer within %d ms", peer->ask->options.deadline_ms)
           : code == CURLE_WRITE_ERROR
               ? fault_set(why, "WITNESS_ANSWER", peer->known->name, "the answer has more than %d bytes", ANSWER_MAX)
               : fault_set(why, "WITNESS_UNREACHABLE", peer->known->name, "%s", curl_easy_strerror(code));
}

/* A 409: with a size that we have, once more from there. */
static int conflict(struct peer *peer, struct fault *why)
{
    uint64_t have, size = audit_reader_size(peer->ask->reader);
    struct fault inner;

    if (!peer->is_size || !witness_size_read(buf_span(&peer->answer), &have)) {
        (void)fault_set(&inner, "WITNESS_ANSWER", peer->known->name, "answered 409 without its size");
        failed(peer, &inner);
        return 0;
    }
    if (have > size) {
        return fault_set(why, "SEQUENCER_ROLLED_BACK", "private/state",
                         "the state has %llu entries, witness %s has seen %llu: this log was set back, or is "
                         "written elsewhere too",
                         (unsigned long long)size, peer->known->name, (unsigned long long)have);
    }
    peer->size = have;
    if (peer->tries == TRIES_MAX) {
        (void)fault_set(&inner, "WITNESS_ANSWER", peer->known->name, "its size changes faster than it can be told");
        failed(peer, &inner);
        return 0;
    }
    return send_request(peer, why);
}

/* 0, FAULT of the whole round, -ENOMEM. */
static int finish(struct peer *peer, CURLcode code, struct fault *why)
{
    struct fault inner;
    int64_t time;
    long status = 0;
    int r;

    (void)curl_easy_getinfo(peer->easy, CURLINFO_RESPONSE_CODE, &status);
    drop(peer);
    if (code == CURLE_OK && status == 409) {
        return conflict(peer, why);
    }
    if (code != CURLE_OK) {
        r = transfer_fault(peer, code, &inner);
    } else if (status != 200) {
        r = refused(peer, status, &inner);
    } else {
        r = witness_answer_take(&peer->lines, audit_reader_checkpoint(peer->ask->reader), buf_span(&peer->answer),
                                &peer->known->key, &time, &inner);
    }
    if (r < 0) {
        return r;
    }
    if (r) {
        buf_clear(&peer->lines);
        failed(peer, &inner);
    } else {
        succeeded(peer);
    }
    return 0;
}

static int collect(struct witness_ask *ask, struct fault *why)
{
    CURLMsg *message;
    int left, r = 0;

    while (r == 0 && (message = curl_multi_info_read(ask->multi, &left)) != NULL) {
        struct peer *peer = NULL;

        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)(void *)&peer) == CURLE_OK && peer) {
            r = finish(peer, message->data.result, why);
        }
    }
    return r;
}

/* ---- the round ---- */

static uint32_t cosigned(const struct witness_ask *ask)
{
    uint32_t all = 0;

    for (size_t i = 0; i < ask->count; i++) {
        all |= ask->peers[i].lines.len ? UINT32_C(1) << i : 0;
    }
    return all;
}

static bool is_busy(const struct witness_ask *ask)
{
    for (size_t i = 0; i < ask->count; i++) {
        if (ask->peers[i].easy) {
            return true;
        }
    }
    return false;
}

static int run(struct witness_ask *ask, struct fault *why)
{
    int64_t until = INT64_MAX;
    int running, r = 0;

    while (r == 0 && is_busy(ask) && now_ms() < until) {
        int64_t wait = until - now_ms();

        if (curl_multi_perform(ask->multi, &running) != CURLM_OK) {
            return -ENOMEM;
        }
        r = collect(ask, why);
        if (until == INT64_MAX && ask->options.policy->quorum >= 0 &&
            witness_policy_met(ask->options.policy, cosigned(ask))) {
            until = now_ms() + GRACE_MS;
            wait = GRACE_MS;
        }
        if (r == 0 && is_busy(ask)) {
            (void)curl_multi_poll(ask->multi, NULL, 0, (int)(wait < POLL_MS ? (wait > 0 ? wait : 0) : POLL_MS), NULL);
        }
        if (atomic_load(&ask->cancelled)) {
            return -ECANCELED;
        }
    }
    return r;
}

static int start_all(struct witness_ask *ask, struct fault *why)
{
    int r = 0;

    for (size_t i = 0; i < ask->count && r == 0; i++) {
        struct peer *peer = &ask->peers[i];

        buf_clear(&peer->lines);
        peer->tries = 0;
        /* What it has can be more than this tree only where a copy of us was set back: ask anew. */
        if (peer->size > audit_reader_size(ask->reader)) {
            peer->size = 0;
        }
        if (peer->known->url[0] && now_ms() >= peer->next_ms) {
            r = send_request(peer, why);
        }
    }
    return r;
}

int witness_ask_round(struct witness_ask *ask, struct span checkpoint, struct witness_round *ret, struct fault *why)
{
    int r = atomic_load(&ask->cancelled) ? -ECANCELED : 0;

    *ret = (struct witness_round){.cosigned = 0};
    buf_init(&ret->note, NOTE_MAX_BYTES);
    r = r ? r : audit_reader_open_under(&ask->reader, ask->folder, &ask->key, checkpoint, why);
    r = r ? r : start_all(ask, why);
    r = r ? r : run(ask, why);
    for (size_t i = 0; i < ask->count; i++) {
        drop(&ask->peers[i]);
    }
    if (r == 0) {
        ret->cosigned = cosigned(ask);
        ret->met = witness_policy_met(ask->options.policy, ret->cosigned);
        r = buf_add_span(&ret->note, checkpoint);
    }
    for (size_t i = 0; i < ask->count && r == 0; i++) {
        r = buf_add_span(&ret->note, buf_span(&ask->peers[i].lines));
    }
    ask->reader = audit_reader_free(ask->reader);
    return r == BUF_FULL ? -ENOMEM : r;
}
