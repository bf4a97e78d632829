/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/dsa_send.h"

#include "lib/base/buf.h"
#include "lib/export/dsa.h"
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "service/runtime/file.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MAX = 4 << 20, SENT_MAX = 1 << 30 };

struct sending {
    const struct dsa_send_options *options;
    struct dsa_send_result *counts;
    json_t *sent;                       /* puid -> true */
    int fd;
    struct buf *answer;
    CURL *easy;
    struct curl_slist *headers;
};

/* ---- what was sent ---- */

static int read_sent(struct sending *s, struct fault *why)
{
    CLEANUP(buf_freep) struct buf *bytes = buf_new(SENT_MAX);
    struct span rest;
    int r;

    s->fd = open(s->options->sent_path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (s->fd < 0) {
        return fault_set(why, "DSA_SEND_SENT", s->options->sent_path, "cannot be opened for writing");
    }
    r = bytes ? file_read(s->options->sent_path, bytes, why) : -ENOMEM;
    for (rest = r ? (struct span){NULL, 0} : buf_span(bytes); rest.ptr && rest.len;) {
        struct span line = span_cut(&rest, '\n');

        if (line.len && json_object_setn_new(s->sent, line.ptr, line.len, json_true()) != 0) {
            return -ENOMEM;
        }
    }
    return r;
}

/* On disk before the next batch is sent. */
static int keep_sent(struct sending *s, const json_t *puids, struct fault *why)
{
    CLEANUP(buf_freep) struct buf *lines = buf_new(1 << 20);

    for (size_t i = 0; lines && i < json_array_size(puids); i++) {
        struct span puid = json_span(json_array_get(puids, i));

        (void)buf_add_span(lines, puid);
        (void)buf_add_char(lines, '\n');
        (void)json_object_setn_new(s->sent, puid.ptr, puid.len, json_true());
    }
    if (!lines || buf_status(lines)) {
        return -ENOMEM;
    }
    if (write(s->fd, lines->data, lines->len) != (ssize_t)lines->len || fsync(s->fd) != 0) {
        return fault_set(why, "DSA_SEND_SENT", s->options->sent_path, "cannot be written; nothing more is sent");
    }
    return 0;
}

/* ---- one request ---- */

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    return buf_add(arg, bytes, size * count) == 0 ? size * count : 0;
}

static int open_curl(struct sending *s)
{
    CLEANUP(buf_freep) struct buf *bearer = buf_new(8192);
    struct curl_slist *list;

    s->easy = curl_easy_init();
    if (!bearer || !s->easy || buf_add_format(bearer, "Authorization: Bearer %s", s->options->token) != 0) {
        return -ENOMEM;
    }
    s->headers = curl_slist_append(NULL, "Content-Type: application/json");
    list = s->headers ? curl_slist_append(s->headers, "Accept: application/json") : NULL;
    list = list ? curl_slist_append(list, bearer->data) : NULL;
    if (!list) {
        return -ENOMEM;
    }
    (void)curl_easy_setopt(s->easy, CURLOPT_URL, s->options->endpoint);
    (void)curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(s->easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(s->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(s->easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, (long)s->options->deadline_ms);
    (void)curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->headers);
    (void)curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s->answer);
    (void)curl_easy_setopt(s->easy, CURLOPT_USERAGENT, "rapporteur");
    return 0;
}

static void pause_ms(int64_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void)nanosleep(&left, NULL);
}

/* The status of an answer that is worth reading: 201, 4xx but 429. FAULT when there was none. */
static int post(struct sending *s, const char *body, long *ret_status, struct fault *why)
{
    int64_t pause = s->options->first_pause_ms;
    CURLcode code = CURLE_OK;

    for (int i = 0; i < s->options->attempts; i++, pause *= 2) {
        if (i) {
            pause_ms(pause);
        }
        buf_clear(s->answer);
        *ret_status = 0;
        (void)curl_easy_setopt(s->easy, CURLOPT_POSTFIELDS, body);
        code = curl_easy_perform(s->easy);
        (void)curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, ret_status);
        if (code == CURLE_OK && *ret_status != 429 && *ret_status < 500) {
            return 0;
        }
    }
    return fault_set(why, "DSA_SEND_FAILED", "", "%d attempts without success: %s %ld", s->options->attempts,
                     code == CURLE_OK ? "answered" : curl_easy_strerror(code), *ret_status);
}

/* ---- one batch ---- */

static json_t *puids_of(const json_t *list)
{
    json_t *puids = json_array();

    for (size_t i = 0; i < json_array_size(list); i++) {
        (void)json_array_append(puids, json_object_get(json_array_get(list, i), "puid"));
    }
    return puids;
}

static bool holds(const json_t *list, struct span text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (span_equal(json_span(json_array_get(list, i)), text)) {
            return true;
        }
    }
    return false;
}

/* Takes out of `list` what the answer names: stored before, or refused. 0 when something was taken. */
static int take_out(struct sending *s, json_t *list, struct fault *why)
{
    CLEANUP(json_freep) json_t *answer = NULL;
    json_error_t error;
    const json_t *errors, *existing;
    size_t before = json_array_size(list);
    int r;

    answer = json_loadb(s->answer->data ? s->answer->data : "", s->answer->len, 0, &error);
    errors = json_object_get(answer, "errors");
    existing = json_object_get(errors, "existing_puids");
    r = json_array_size(existing) ? keep_sent(s, existing, why) : 0;
    for (size_t i = before; r == 0 && i-- > 0;) {
        const char *puid = json_string_value(json_object_get(json_array_get(list, i), "puid"));
        char name[32];
        json_t *said;

        (void)snprintf(name, sizeof(name), "statement_%zu", i);
        said = json_object_get(errors, name);
        if (puid && holds(existing, span_of(puid))) {
            s->counts->known++;
            (void)json_array_remove(list, i);
        } else if (said) {
            char *text = json_dumps(said, JSON_COMPACT | JSON_ENCODE_ANY);

            s->options->refused(s->options->arg, puid ? puid : "", text ? text : "");
            free(text);
            s->counts->refused++;
            (void)json_array_remove(list, i);
        }
    }
    return r                                 ? r
           : json_array_size(list) < before ? 0
                                             : fault_set(why, "DSA_SEND_ANSWER", "", "refused without naming a statement");
}

static int send_batch(struct sending *s, json_t *batch, struct fault *why)
{
    json_t *list = json_object_get(batch, "statements");

    while (json_array_size(list)) {
        CLEANUP(json_freep) json_t *puids = puids_of(list);
        char *body = json_dumps(batch, JSON_COMPACT);
        long status = 0;
        int r = body && puids ? post(s, body, &status, why) : -ENOMEM;

        free(body);
        if (r == 0 && status == 201) {
            s->counts->sent += json_array_size(list);
            return keep_sent(s, puids, why);
        }
        r = r                ? r
            : status == 422 ? take_out(s, list, why)
                             : fault_set(why, "DSA_SEND_ANSWER", "", "answered %ld; token and endpoint may be wrong", status);
        if (r) {
            return r;
        }
    }
    return 0;
}

static int send_all(struct sending *s, const json_t *statements, struct fault *why)
{
    CLEANUP(json_freep) json_t *due = json_array();

    for (size_t i = 0; i < json_array_size(statements); i++) {
        json_t *one = json_array_get(statements, i);
        const char *puid = json_string_value(json_object_get(one, "puid"));

        if (puid && json_object_get(s->sent, puid)) {
            s->counts->known++;
        } else if (json_array_append(due, one) != 0) {
            return -ENOMEM;
        }
    }
    for (size_t from = 0; from < json_array_size(due); from += DSA_BATCH_MAX) {
        CLEANUP(json_freep) json_t *batch = NULL;
        int r = dsa_batch(&batch, due, from);

        r = r ? r : send_batch(s, batch, why);
        if (r) {
            return r;
        }
    }
    return 0;
}

int dsa_send(struct dsa_send_result *ret, const json_t *statements, const struct dsa_send_options *options,
             struct fault *why)
{
    struct sending s = {.options = options, .counts = ret, .fd = -1, .sent = json_object(), .answer = buf_new(ANSWER_MAX)};
    int r;

    *ret = (struct dsa_send_result){0};
    r = s.sent && s.answer ? read_sent(&s, why) : -ENOMEM;
    r = r ? r : open_curl(&s);
    r = r ? r : send_all(&s, statements, why);
    if (s.easy) {
        curl_easy_cleanup(s.easy);
    }
    curl_slist_free_all(s.headers);
    if (s.fd >= 0) {
        (void)close(s.fd);
    }
    json_decref(s.sent);
    (void)buf_free(s.answer);
    return r;
}
