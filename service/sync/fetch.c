/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/fetch.h"

#include "lib/base/buf.h"
#include "service/runtime/loop.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REDIRECTS_MAX = 3, ETAG_MAX = 256, LOW_SPEED_BYTES = 100, LOW_SPEED_S = 10 };

/* One socket that curl wants watched. */
struct watch {
    struct event *event;
    struct fetch_pool *pool;
};

struct fetch_pool {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer;
    struct fetch *all;
};

struct fetch {
    struct fetch_pool *pool;
    struct fetch *next;
    CURL *easy;
    struct curl_slist *headers;
    struct buf body;
    char etag[ETAG_MAX];
    char *url;
    bool allow_private, too_large, refused_address, conditional;
    char error[CURL_ERROR_SIZE];
    void (*done)(void *arg, enum fetch_outcome outcome, struct span body, const char *etag,
                 const struct fault *why);
    void *arg;
};

static void collect(struct fetch_pool *pool);

/* ---- curl on the loop ---- */

static void socket_ready(evutil_socket_t fd, short what, void *arg)
{
    struct watch *watch = arg;
    struct fetch_pool *pool = watch->pool;
    int running;

    (void)curl_multi_socket_action(pool->multi, fd,
                                   ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0),
                                   &running);
    collect(pool);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *held)
{
    struct fetch_pool *pool = arg;
    struct watch *watch = held;
    short events = (short)(EV_PERSIST | ((what & CURL_POLL_IN) ? EV_READ : 0) | ((what & CURL_POLL_OUT) ? EV_WRITE : 0));

    (void)easy;
    if (!watch && what == CURL_POLL_REMOVE) {
        return 0;
    }
    if (watch) {
        event_free(watch->event);
        if (what == CURL_POLL_REMOVE) {
            free(watch);
            (void)curl_multi_assign(pool->multi, fd, NULL);
            return 0;
        }
    } else {
        watch = calloc(1, sizeof(*watch));
        if (!watch) {
            return -1;
        }
        watch->pool = pool;
        (void)curl_multi_assign(pool->multi, fd, watch);
    }
    watch->event = event_new(loop_base(pool->loop), fd, events, socket_ready, watch);
    return watch->event && event_add(watch->event, NULL) == 0 ? 0 : -1;
}

static void timer_fired(void *arg)
{
    struct fetch_pool *pool = arg;
    int running;

    (void)curl_multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(pool);
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
    struct fetch_pool *pool = arg;

    (void)multi;
    if (ms < 0) {
        loop_timer_stop(pool->timer);
    } else {
        loop_timer_start(pool->timer, ms);
    }
    return 0;
}

struct fetch_pool *fetch_pool_new(struct loop *loop)
{
    struct fetch_pool *pool = calloc(1, sizeof(*pool));

    if (!pool || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(pool);
        return NULL;
    }
    pool->loop = loop;
    pool->multi = curl_multi_init();
    pool->timer = loop_timer_new(loop, timer_fired, pool);
    if (!pool->multi || !pool->timer) {
        return fetch_pool_free(pool);
    }
    (void)curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 8L);
    return pool;
}

struct fetch_pool *fetch_pool_free(struct fetch_pool *pool)
{
    if (pool) {
        while (pool->all) {
            (void)fetch_free(pool->all);
        }
        if (pool->multi) {
            (void)curl_multi_cleanup(pool->multi);
        }
        (void)loop_timer_free(pool->timer);
        free(pool);
    }
    return NULL;
}

/* ---- one fetch ---- */

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

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct fetch *fetch = arg;

    (void)purpose;
    if (!fetch->allow_private && fetch_address_private(&address->addr)) {
        fetch->refused_address = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
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
    if (fetch->refused_address) {
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
        return fault_set(why, "FETCH_TRANSFER", shown, "%s", fetch->error[0] ? fetch->error : curl_easy_strerror(code));
    }
    return fault_set(why, "FETCH_STATUS", shown, "answered %ld, not 200", status);
}

static void finish(struct fetch *fetch, CURLcode code)
{
    struct fault why;
    long status = 0;

    (void)curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
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

static void collect(struct fetch_pool *pool)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(pool->multi, &left)) != NULL) {
        struct fetch *fetch = NULL;

        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)(void *)&fetch) == CURLE_OK && fetch) {
            finish(fetch, message->data.result);
        }
    }
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

static void set_options(struct fetch *fetch, const struct fetch_options *options)
{
    CURL *easy = fetch->easy;

    (void)curl_easy_setopt(easy, CURLOPT_URL, fetch->url);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, fetch);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)options->deadline_ms);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)LOW_SPEED_BYTES);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)LOW_SPEED_S);
    (void)curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    /* A connection that one source may open must not serve another that may not. */
    (void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "rapporteur");
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fetch->headers);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, fetch->error);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, fetch);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, fetch);
}

int fetch_start(struct fetch **ret, struct fetch_pool *pool, const struct fetch_options *options,
                struct fault *why)
{
    struct fetch *fetch = calloc(1, sizeof(*fetch));
    char bearer[1100];

    if (!fetch) {
        return -ENOMEM;
    }
    fetch->pool = pool;
    fetch->next = pool->all;
    pool->all = fetch;
    fetch->allow_private = options->allow_private_address;
    fetch->done = options->done;
    fetch->arg = options->arg;
    fetch->conditional = options->etag && options->etag[0];
    buf_init(&fetch->body, (size_t)options->max_bytes);
    fetch->url = strdup(options->url);
    fetch->easy = curl_easy_init();
    if (!fetch->url || !fetch->easy ||
        (fetch->conditional && add_header(fetch, "If-None-Match", options->etag) != 0)) {
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
    set_options(fetch, options);
    if (curl_multi_add_handle(pool->multi, fetch->easy) != CURLM_OK) {
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
        for (struct fetch **link = &fetch->pool->all; *link; link = &(*link)->next) {
            if (*link == fetch) {
                *link = fetch->next;
                break;
            }
        }
        if (fetch->easy) {
            (void)curl_multi_remove_handle(fetch->pool->multi, fetch->easy);
            curl_easy_cleanup(fetch->easy);
        }
        curl_slist_free_all(fetch->headers);
        buf_done(&fetch->body);
        free(fetch->url);
        free(fetch);
    }
    return NULL;
}
