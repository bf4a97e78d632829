/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/fetch.h"

#include "lib/base/buf.h"
#include "service/sync/transfer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REDIRECTS_MAX = 3, ETAG_MAX = 256 };

struct fetch {
    struct transfer transfer;               /* first: what libcurl hands back leads here */
    struct curl_slist *headers;
    struct buf body;
    char etag[ETAG_MAX];
    char *url;
    bool too_large, conditional;
    void (*done)(void *arg, enum fetch_outcome outcome, struct span body, const char *etag,
                 const struct fault *why);
    void *arg;
};

/* Counts what comes out of the decoder: a small compressed body must not fill memory. */
static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct fetch *fetch = arg;

    if (buf_add(&fetch->body, bytes, size * count) != 0) {
        fetch->too_large = true;
        return 0;
    }
    return size * count;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct fetch *fetch = arg;
    struct span line = {bytes, size * count}, name;

    name = span_cut(&line, ':');
    if (span_starts(name, "HTTP/")) {
        fetch->etag[0] = '\0';              /* a redirect's headers are not the answer's */
        buf_clear(&fetch->body);
    } else if (line.ptr && span_equal_nocase(name, SPAN("etag"))) {
        while (line.len && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r')) {
            line.len--;
        }
        line = span_trim(line);
        if (line.len < ETAG_MAX) {
            (void)snprintf(fetch->etag, sizeof(fetch->etag), "%.*s", (int)line.len, line.ptr);
        }
    }
    return size * count;
}

void fetch_shown_url(const char *url, char into[FAULT_PLACE_MAX])
{
    const char *host = strstr(url, "://"), *user;
    size_t authority;

    host = host ? host + 3 : url;
    authority = strcspn(host, "/?#");
    user = memrchr(host, '@', authority);
    (void)snprintf(into, FAULT_PLACE_MAX, "%.*s%.*s", (int)(host - url), url,
                   (int)strcspn(user ? user + 1 : host, "?#"), user ? user + 1 : host);
}

static int fault_of(struct fetch *fetch, CURLcode code, long status, struct fault *why)
{
    char shown[FAULT_PLACE_MAX];

    fetch_shown_url(fetch->url, shown);
    if (fetch->transfer.refused_address) {
        return fault_set(why, "FETCH_ADDRESS", shown, "leads to a loopback or private address; "
                                                      "allow_private_address permits it");
    }
    if (fetch->too_large) {
        return fault_set(why, "FETCH_TOO_LARGE", shown, "the body is larger than %zu bytes", fetch->body.max);
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return fault_set(why, "FETCH_DEADLINE", shown, "not done within the deadline, or too slow");
    }
    if (code != CURLE_OK) {
        return fault_set(why, "FETCH_TRANSFER", shown, "%s", transfer_failure(&fetch->transfer, code));
    }
    return fault_set(why, "FETCH_STATUS", shown, "answered %ld, not 200", status);
}

static void finish(struct transfer *transfer, CURLcode code)
{
    struct fetch *fetch = (struct fetch *)transfer;
    struct fault why;
    long status = 0;

    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && status == 200) {
        fetch->done(fetch->arg, FETCH_OK, buf_span(&fetch->body), fetch->etag, NULL);
    } else if (code == CURLE_OK && status == 304 && fetch->conditional) {
        fetch->done(fetch->arg, FETCH_UNCHANGED, (struct span){NULL, 0}, fetch->etag, NULL);
    } else {
        (void)fault_of(fetch, code, status, &why);
        fetch->done(fetch->arg, FETCH_FAILED, (struct span){NULL, 0}, "", &why);
    }
    (void)fetch_free(fetch);
}

static int add_header(struct fetch *fetch, const char *name, const char *value)
{
    struct curl_slist *longer;
    char *line = NULL;

    if (asprintf(&line, "%s: %s", name, value) < 0) {
        return -ENOMEM;
    }
    longer = curl_slist_append(fetch->headers, line);
    free(line);
    if (!longer) {
        return -ENOMEM;
    }
    fetch->headers = longer;
    return 0;
}

static void set_options(struct fetch *fetch)
{
    CURL *easy = fetch->transfer.easy;

    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    (void)curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fetch->headers);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, fetch);
}

static void drop(struct transfer *transfer)
{
    (void)fetch_free((struct fetch *)transfer);
}

int fetch_start(struct fetch **ret, struct transfer_pool *pool, const struct fetch_options *options,
                struct fault *why)
{
    struct fetch *fetch = calloc(1, sizeof(*fetch));
    char bearer[1100];
    int r;

    if (!fetch) {
        return -ENOMEM;
    }
    r = transfer_init(&fetch->transfer, pool,
                      &(struct transfer_options){.url = options->url, .deadline_ms = options->deadline_ms,
                                                 .allow_private_address = options->allow_private_address,
                                                 .ended = finish, .drop = drop});
    fetch->done = options->done;
    fetch->arg = options->arg;
    fetch->conditional = options->etag && options->etag[0];
    buf_init(&fetch->body, (size_t)options->max_bytes);
    fetch->url = strdup(options->url);
    if (r || !fetch->url || (fetch->conditional && add_header(fetch, "If-None-Match", options->etag) != 0)) {
        (void)fetch_free(fetch);
        return -ENOMEM;
    }
    if (options->token && options->token[0]) {
        (void)snprintf(bearer, sizeof(bearer), "Bearer %s", options->token);
        if (add_header(fetch, "Authorization", bearer) != 0) {
            (void)fetch_free(fetch);
            return -ENOMEM;
        }
    }
    set_options(fetch);
    if (transfer_begin(&fetch->transfer) != 0) {
        char shown[FAULT_PLACE_MAX];

        fetch_shown_url(options->url, shown);
        (void)fetch_free(fetch);
        return fault_set(why, "FETCH_URL", shown, "this URL cannot be fetched");
    }
    *ret = fetch;
    return 0;
}

struct fetch *fetch_free(struct fetch *fetch)
{
    if (fetch) {
        transfer_done(&fetch->transfer);
        curl_slist_free_all(fetch->headers);
        buf_done(&fetch->body);
        free(fetch->url);
        free(fetch);
    }
    return NULL;
}
