/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/post.h"

#include "service/runtime/loop.h"
#include "service/sync/transfer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct post {
    struct transfer transfer;           /* first: what libcurl hands back leads here */
    struct curl_slist *headers;
    size_t received;
    int64_t begun_ms, retry_after_ms;
    void (*done)(void *arg, const struct post_result *result);
    void *arg;
};

static void post_free(struct post *post)
{
    transfer_done(&post->transfer);
    curl_slist_free_all(post->headers);
    free(post);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct post *post = arg;

    (void)bytes;
    post->received += size * count;
    return post->received > POST_ANSWER_MAX ? 0 : size * count;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct post *post = arg;
    struct span line = {bytes, size * count}, name = span_cut(&line, ':');
    unsigned long long seconds;

    if (line.ptr && span_equal_nocase(name, SPAN("retry-after"))) {
        while (line.len && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r')) {
            line.len--;
        }
        if (span_to_u64(span_trim(line), &seconds)) {
            post->retry_after_ms = seconds < POST_RETRY_AFTER_MAX_MS / 1000 ? (int64_t)seconds * 1000
                                                                            : POST_RETRY_AFTER_MAX_MS;
        }
    }
    return size * count;
}

static void ended(struct transfer *transfer, CURLcode code)
{
    struct post *post = (struct post *)transfer;
    struct post_result result = {.retry_after_ms = post->retry_after_ms, .took_ms = loop_steady_ms() - post->begun_ms};
    long status = 0;

    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    result.status = status;
    /* An answer that is too long was given all the same: its status counts. */
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && post->received > POST_ANSWER_MAX)) {
        result.accepted = status >= 200 && status < 300;
        if (!result.accepted) {
            (void)snprintf(result.failure, sizeof(result.failure), "answered %ld%s", status,
                           status >= 300 && status < 400 ? "; redirects are not followed" : "");
        }
    } else {
        (void)snprintf(result.failure, sizeof(result.failure), "%s", transfer_failure(transfer, code));
    }
    post->done(post->arg, &result);
    post_free(post);
}

static void drop(struct transfer *transfer)
{
    struct post *post = (struct post *)transfer;

    post->done(post->arg, &(struct post_result){.dropped = true, .failure = "the service is stopping"});
    post_free(post);
}

static int add_headers(struct post *post, const struct post_options *options)
{
    static const char *const own[] = {"Content-Type: application/json", "Accept:", "Expect:"};

    for (size_t i = 0; i < COUNT_OF(own) + options->header_count; i++) {
        struct curl_slist *longer =
            curl_slist_append(post->headers, i < COUNT_OF(own) ? own[i] : options->headers[i - COUNT_OF(own)]);

        if (!longer) {
            return -ENOMEM;
        }
        post->headers = longer;
    }
    return 0;
}

static void set_options(struct post *post, const struct post_options *options)
{
    CURL *easy = post->transfer.easy;

    (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)options->body.len);
    (void)curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, options->body.ptr);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, 0L);       /* who thinks long says nothing meanwhile */
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, post->headers);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, post);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, post);
}

int post_start(struct transfer_pool *pool, const struct post_options *options)
{
    struct post *post = calloc(1, sizeof(*post));
    int r;

    if (!post) {
        return -ENOMEM;
    }
    post->begun_ms = loop_steady_ms();
    post->done = options->done;
    post->arg = options->arg;
    r = transfer_init(&post->transfer, pool,
                      &(struct transfer_options){.url = options->url, .ca_file = options->ca_file,
                                                 .deadline_ms = options->deadline_ms,
                                                 .allow_private_address = options->allow_private_address,
                                                 .ended = ended, .drop = drop});
    r = r ? r : add_headers(post, options);
    if (r == 0) {
        set_options(post, options);
        r = transfer_begin(&post->transfer);
    }
    if (r) {
        post_free(post);
    }
    return r;
}
