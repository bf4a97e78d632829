/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/transfer.h"

#include "service/runtime/loop.h"

#include <event2/event.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { LOW_SPEED_BYTES = 100, LOW_SPEED_S = 10 };

/* One socket that curl wants watched. */
struct watch {
    struct event *event;
    struct transfer_pool *pool;
};

struct transfer_pool {
    struct loop *loop;
    CURLM *multi;
    struct loop_timer *timer;
    struct transfer *all;
};

static void collect(struct transfer_pool *pool);

/* ---- curl on the loop ---- */

static void socket_ready(evutil_socket_t fd, short what, void *arg)
{
    struct watch *watch = arg;
    struct transfer_pool *pool = watch->pool;
    int running;

    (void)curl_multi_socket_action(pool->multi, fd,
                                   ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0),
                                   &running);
    collect(pool);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *held)
{
    struct transfer_pool *pool = arg;
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
    struct transfer_pool *pool = arg;
    int running;

    (void)curl_multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(pool);
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
    struct transfer_pool *pool = arg;

    (void)multi;
    if (ms < 0) {
        loop_timer_stop(pool->timer);
    } else {
        loop_timer_start(pool->timer, ms);
    }
    return 0;
}

struct transfer_pool *transfer_pool_new(struct loop *loop, long connections)
{
    struct transfer_pool *pool = calloc(1, sizeof(*pool));

    if (!pool || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(pool);
        return NULL;
    }
    pool->loop = loop;
    pool->multi = curl_multi_init();
    pool->timer = loop_timer_new(loop, timer_fired, pool);
    if (!pool->multi || !pool->timer) {
        return transfer_pool_free(pool);
    }
    (void)curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
    (void)curl_multi_setopt(pool->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
    return pool;
}

struct transfer_pool *transfer_pool_free(struct transfer_pool *pool)
{
    if (pool) {
        while (pool->all) {
            pool->all->drop(pool->all);
        }
        if (pool->multi) {
            (void)curl_multi_cleanup(pool->multi);
        }
        (void)loop_timer_free(pool->timer);
        free(pool);
    }
    return NULL;
}

/* ---- one transfer ---- */

static curl_socket_t on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = arg;

    (void)purpose;
    if (!transfer->allow_private && fetch_address_private(&address->addr)) {
        transfer->refused_address = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void collect(struct transfer_pool *pool)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(pool->multi, &left)) != NULL) {
        struct transfer *transfer = NULL;

        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)(void *)&transfer) == CURLE_OK && transfer) {
            transfer->ended(transfer, message->data.result);
        }
    }
}

static void set_options(struct transfer *transfer, const struct transfer_options *options)
{
    CURL *easy = transfer->easy;

    (void)curl_easy_setopt(easy, CURLOPT_URL, options->url);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)options->deadline_ms);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)LOW_SPEED_BYTES);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)LOW_SPEED_S);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* A name server that does not answer must not hold up the loop when its transfer is given up. */
    (void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    /* A connection that one owner may open must not serve another that may not. */
    (void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "rapporteur");
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    if (options->ca_file && options->ca_file[0]) {
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file);
        (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
}

int transfer_init(struct transfer *transfer, struct transfer_pool *pool, const struct transfer_options *options)
{
    *transfer = (struct transfer){.pool = pool, .next = pool->all, .allow_private = options->allow_private_address,
                                  .ended = options->ended, .drop = options->drop};
    pool->all = transfer;
    transfer->easy = curl_easy_init();
    if (!transfer->easy) {
        return -ENOMEM;
    }
    set_options(transfer, options);
    return 0;
}

int transfer_begin(struct transfer *transfer)
{
    return curl_multi_add_handle(transfer->pool->multi, transfer->easy) == CURLM_OK ? 0 : -EINVAL;
}

void transfer_done(struct transfer *transfer)
{
    for (struct transfer **link = &transfer->pool->all; *link; link = &(*link)->next) {
        if (*link == transfer) {
            *link = transfer->next;
            break;
        }
    }
    if (transfer->easy) {
        (void)curl_multi_remove_handle(transfer->pool->multi, transfer->easy);
        curl_easy_cleanup(transfer->easy);
        transfer->easy = NULL;
    }
}

const char *transfer_failure(const struct transfer *transfer, CURLcode code)
{
    if (transfer->refused_address) {
        return "leads to a loopback or private address";
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return "not done within the deadline, or too slow";
    }
    return transfer->error[0] ? transfer->error : curl_easy_strerror(code);
}
