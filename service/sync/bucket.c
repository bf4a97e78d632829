/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/bucket.h"

#include "lib/audit/checkpoint.h"
#include "lib/audit/note.h"
#include "lib/audit/tile.h"
#include "lib/base/digest.h"
#include "service/runtime/file.h"

#include <curl/curl.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FILE_MAX = 17 << 20, ETAG_MAX = 200, PATH_ROOM = 1024, PAUSE_MAX_MS = 60000 };
/* The local file is gone or newer: the log went on, look again. */
enum { AGAIN = 2 };

struct bucket {
    struct bucket_options options;
    char *texts[6]; /* what `options` points to */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;     /* under lock */
    atomic_bool hurry; /* stopping, and the last try is over: give the request up */
    atomic_ullong size;
    CURL *easy;
    struct buf *file, *answer;
    char etag[ETAG_MAX]; /* of the answer, then of the checkpoint there */
    char checkpoint_etag[ETAG_MAX];
    char origin[CHECKPOINT_ORIGIN_MAX + 1]; /* of the log whose place there is known; empty: none */
    uint64_t from;                          /* entries that are there for sure */
    bool failing;
    bool probed, asks_first; /* what If-None-Match is worth there was tried; nothing */
};

/* ---- one request ---- */

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    return buf_add(arg, bytes, size * count) == 0 ? size * count : 0;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct bucket *b = arg;
    struct span line = {bytes, size * count}, name;

    while (line.len && (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == '\n')) {
        line.len--;
    }
    name = span_cut(&line, ':');
    if (span_equal_nocase(name, SPAN("etag")) && line.ptr) {
        line = span_trim(line);
        (void)snprintf(b->etag, sizeof(b->etag), "%.*s",
                       line.len < sizeof(b->etag) ? (int)line.len : 0, line.ptr);
    }
    return size * count;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(&((struct bucket *)arg)->hurry);
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
    char line[ETAG_MAX + 128];
    struct curl_slist *longer;

    (void)snprintf(line, sizeof(line), "%s: %s", name, value);
    longer = curl_slist_append(*list, line);
    *list = longer ? longer : *list;
    return longer != NULL;
}

static bool set_request(struct bucket *b, const char *path, const struct span *body)
{
    const struct bucket_options *o = &b->options;
    char url[PATH_ROOM * 2], sign[128], user[512];

    curl_easy_reset(b->easy);
    (void)snprintf(url, sizeof(url), "%s/%s/%s", o->url, b->origin, path);
    (void)curl_easy_setopt(b->easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(b->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(b->easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(b->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)curl_easy_setopt(b->easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(b->easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(b->easy, CURLOPT_TIMEOUT_MS, (long)o->deadline_ms);
    (void)curl_easy_setopt(b->easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(b->easy, CURLOPT_WRITEDATA, b->answer);
    (void)curl_easy_setopt(b->easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(b->easy, CURLOPT_HEADERDATA, b);
    (void)curl_easy_setopt(b->easy, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(b->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    (void)curl_easy_setopt(b->easy, CURLOPT_XFERINFODATA, b);
    (void)curl_easy_setopt(b->easy, CURLOPT_USERAGENT, "rapporteur");
    if (o->ca_file[0]) {
        (void)curl_easy_setopt(b->easy, CURLOPT_CAINFO, o->ca_file);
    }
    if (body) {
        (void)curl_easy_setopt(b->easy, CURLOPT_CUSTOMREQUEST, "PUT");
        (void)curl_easy_setopt(b->easy, CURLOPT_POSTFIELDS, body->ptr ? body->ptr : "");
        (void)curl_easy_setopt(b->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
    }
    if (!o->key_id[0]) {
        return true;
    }
    (void)snprintf(sign, sizeof(sign), "aws:amz:%s:s3", o->region);
    (void)snprintf(user, sizeof(user), "%s:%s", o->key_id, o->secret);
    return curl_easy_setopt(b->easy, CURLOPT_AWS_SIGV4, sign) == CURLE_OK &&
           curl_easy_setopt(b->easy, CURLOPT_USERPWD, user) == CURLE_OK;
}

struct condition {
    const char *name, *value; /* a header, or NULL */
};

/* GET, or PUT with a body. *ret_status: 200 to 204, 404, 409 or 412; anything else is a FAULT. */
static int request(struct bucket *b, const char *path, const struct span *body,
                   struct condition only, long *ret_status, struct fault *why)
{
    bool whole = !strcmp(path, "checkpoint") || !strcmp(path, "vkey");
    struct curl_slist *headers = NULL;
    char digest[SHA256_HEX_LEN + 1];
    CURLcode code;
    bool good;

    buf_clear(b->answer);
    b->etag[0] = '\0';
    sha256_hex(body ? body->ptr : "", body ? body->len : 0, digest);
    /* libcurl 7.88 signs this header where it is given, and S3 asks for it. */
    good =
        set_request(b, path, body) && add_header(&headers, "x-amz-content-sha256", digest) &&
        (!body || add_header(&headers, "Content-Type",
                             whole ? "text/plain; charset=utf-8" : "application/octet-stream")) &&
        (!body || add_header(&headers, "Cache-Control",
                             strcmp(path, "checkpoint") == 0 ? "no-cache"
                                                             : "max-age=31536000, immutable")) &&
        (!only.name || add_header(&headers, only.name, only.value));
    (void)curl_easy_setopt(b->easy, CURLOPT_HTTPHEADER, headers);
    code = good ? curl_easy_perform(b->easy) : CURLE_OUT_OF_MEMORY;
    *ret_status = 0;
    (void)curl_easy_getinfo(b->easy, CURLINFO_RESPONSE_CODE, ret_status);
    curl_slist_free_all(headers);
    if (code == CURLE_OUT_OF_MEMORY) {
        return -ENOMEM;
    }
    if (code != CURLE_OK) {
        return fault_set(why, "BUCKET_UNREACHABLE", path, "%s", curl_easy_strerror(code));
    }
    if (*ret_status >= 500 || *ret_status == 429) {
        return fault_set(why, "BUCKET_UNREACHABLE", path, "the store answered %ld", *ret_status);
    }
    if ((*ret_status >= 200 && *ret_status < 300) || *ret_status == 409 || *ret_status == 412 ||
        (!body && *ret_status == 404)) {
        return 0;
    }
    return fault_set(why, "BUCKET_REFUSED", path,
                     "the store answered %ld: see url, region, key and rights of the bucket",
                     *ret_status);
}

/* What is there must be the same. *ret_there: something is. */
static int compare(struct bucket *b, const char *path, struct span bytes, bool *ret_there,
                   struct fault *why)
{
    long status;
    int r = request(b, path, NULL, (struct condition){NULL, NULL}, &status, why);

    *ret_there = r == 0 && status < 300;
    return *ret_there && !span_equal(buf_span(b->answer), bytes)
               ? fault_set(why, "BUCKET_DIFFERS", path,
                           "the object is there with other bytes and is left as it is")
               : r;
}

/* An object that never changes: put, or there already with the same bytes. */
static int put_once(struct bucket *b, const char *path, struct span bytes, struct fault *why)
{
    bool there = false;
    long status;
    int r = b->asks_first ? compare(b, path, bytes, &there, why) : 0;

    if (r || there) {
        return r;
    }
    r = request(b, path, &bytes, (struct condition){"If-None-Match", "*"}, &status, why);
    if (r || status < 300) {
        return r;
    }
    r = compare(b, path, bytes, &there, why);
    return r || there ? r
                      : fault_set(why, "BUCKET_UNREACHABLE", path,
                                  "the store says that it is there, and that it is not");
}

/* The key, before anything else: whose log is there. Put once more it shows whether the store keeps
 * what it has; one that overwrites in spite of If-None-Match is asked for each object first. */
static int put_vkey(struct bucket *b, struct span bytes, struct fault *why)
{
    long status;
    int r;

    b->asks_first = b->asks_first || !b->probed;
    r = put_once(b, "vkey", bytes, why);
    if (r || b->probed) {
        return r;
    }
    r = request(b, "vkey", &bytes, (struct condition){"If-None-Match", "*"}, &status, why);
    if (r == 0) {
        b->asks_first = status < 300;
        b->probed = true;
    }
    return r;
}

/* ---- the log's files ---- */

/* 0, AGAIN when it is not there, FAULT or -ENOMEM. */
static int read_file(struct bucket *b, const char *path, struct fault *why)
{
    char full[PATH_ROOM * 2];
    struct fault read;
    int r;

    (void)snprintf(full, sizeof(full), "%s/%s", b->options.folder, path);
    buf_clear(b->file);
    if (access(full, F_OK) != 0) {
        return AGAIN;
    }
    r = file_read(full, b->file, &read);
    return r == FAULT ? fault_set(why, "BUCKET_FILE", path, "%s", read.text) : r;
}

static int put_tile(struct bucket *b, const struct tile *tile, struct fault *why)
{
    char path[TILE_PATH_MAX];
    int r;

    tile_path(path, tile);
    r = read_file(b, path, why);
    return r ? r : put_once(b, path, buf_span(b->file), why);
}

/* What a level has in a log of `size` entries and had not in one of `from`. */
static int put_level(struct bucket *b, int level, uint64_t from, uint64_t size, struct fault *why)
{
    unsigned shift = 8 * (level < 0 ? 1 : (unsigned)level + 1);
    struct tile tile = {.level = level, .width = TILE_WIDTH};
    int r = 0;

    for (tile.index = from >> shift;
         r == 0 && tile.index < size >> shift && !atomic_load(&b->hurry); tile.index++) {
        r = put_tile(b, &tile, why);
    }
    tile.index = size >> shift;
    tile.width = tile_width(level, tile.index, size);
    return r == 0 && tile.width > 0 ? put_tile(b, &tile, why) : r;
}

static int put_tiles(struct bucket *b, uint64_t size, struct fault *why)
{
    int r = put_level(b, TILE_ENTRIES, b->from, size, why);

    for (int level = 0; r == 0 && level < 8 && size >> (8 * level) > 0; level++) {
        r = put_level(b, level, b->from, size, why);
    }
    return r;
}

/* ---- one look ---- */

static int read_checkpoint(struct checkpoint *ret, struct span text, const char *where,
                           struct fault *why)
{
    struct note note;
    struct fault bad;

    if (note_read(&note, text, &bad) != 0 || checkpoint_read_body(ret, note.body, &bad) != 0) {
        return fault_set(why, "BUCKET_DIFFERS", "checkpoint", "%s is no checkpoint: %s", where,
                         bad.text);
    }
    return 0;
}

/* How far the bucket is with this log. */
static int find_place(struct bucket *b, const struct checkpoint *ours, struct fault *why)
{
    struct checkpoint theirs;
    long status;
    int r;

    (void)snprintf(b->origin, sizeof(b->origin), "%s", ours->origin);
    b->from = 0;
    r = request(b, "checkpoint", NULL, (struct condition){NULL, NULL}, &status, why);
    if (r == 0 && status == 404) {
        b->checkpoint_etag[0] = '\0';
        return 0;
    }
    r = r ? r : read_checkpoint(&theirs, buf_span(b->answer), "the bucket's", why);
    if (r == 0 && theirs.size > ours->size) {
        r = fault_set(why, "BUCKET_AHEAD", "checkpoint",
                      "the bucket has %llu entries, the log here %llu: this machine was set back, "
                      "or another writes there",
                      (unsigned long long)theirs.size, (unsigned long long)ours->size);
    }
    if (r == 0 && (strcmp(theirs.origin, ours->origin) != 0 ||
                   (theirs.size == ours->size &&
                    memcmp(&theirs.root, &ours->root, sizeof(ours->root)) != 0))) {
        r = fault_set(why, "BUCKET_DIFFERS", "checkpoint",
                      "the bucket holds another log or another tree");
    }
    if (r) {
        b->origin[0] = '\0';
        return r;
    }
    (void)snprintf(b->checkpoint_etag, sizeof(b->checkpoint_etag), "%s", b->etag);
    b->from = theirs.size;
    atomic_store(&b->size, theirs.size);
    return 0;
}

static int put_checkpoint(struct bucket *b, struct span text, uint64_t size, struct fault *why)
{
    struct condition only = b->checkpoint_etag[0]
                                ? (struct condition){"If-Match", b->checkpoint_etag}
                                : (struct condition){"If-None-Match", "*"};
    long status;
    int r = request(b, "checkpoint", &text, only, &status, why);

    if (r) {
        return r;
    }
    if (status >= 300) {
        b->origin[0] = '\0';
        return fault_set(why, "BUCKET_AHEAD", "checkpoint",
                         "another writes there: the checkpoint changed meanwhile");
    }
    (void)snprintf(b->checkpoint_etag, sizeof(b->checkpoint_etag), "%s", b->etag);
    b->from = size;
    atomic_store(&b->size, size);
    return 0;
}

/* 0: the bucket is where the log was when this began. */
static int copy_once(struct bucket *b, struct fault *why)
{
    CLEANUP(buf_freep) struct buf *text = buf_new(NOTE_MAX_BYTES);
    struct checkpoint ours;
    int r = read_file(b, "checkpoint", why);

    if (r == AGAIN) {
        return 0; /* nothing is published yet */
    }
    r = r ? r : !text ? -ENOMEM : buf_add_span(text, buf_span(b->file));
    r = r ? r : read_checkpoint(&ours, buf_span(text), "the log's", why);
    if (r == 0 && strcmp(b->origin, ours.origin) != 0) {
        r = find_place(b, &ours, why);
    }
    if (r || (b->from == ours.size && b->checkpoint_etag[0])) {
        return r;
    }
    r = read_file(b, "vkey", why);
    r = r ? r : put_vkey(b, buf_span(b->file), why);
    r = r ? r : put_tiles(b, ours.size, why);
    return r                        ? r
           : atomic_load(&b->hurry) ? AGAIN
                                    : put_checkpoint(b, buf_span(text), ours.size, why);
}

/* ---- the thread ---- */

static void tell(struct bucket *b, const struct fault *why)
{
    if (b->failing != (why != NULL)) {
        b->failing = why != NULL;
        if (b->options.told) {
            b->options.told(b->options.arg, why);
        }
    }
}

/* True when it is time to end. */
static bool rest(struct bucket *b, int64_t ms)
{
    struct timespec until;
    bool stopping;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_mutex_lock(&b->lock);
    while (!b->stopping && pthread_cond_timedwait(&b->wake, &b->lock, &until) != ETIMEDOUT) {
    }
    stopping = b->stopping;
    (void)pthread_mutex_unlock(&b->lock);
    return stopping;
}

static void *work(void *arg)
{
    struct bucket *b = arg;
    int64_t pause = b->options.every_ms;
    bool ending = false;

    for (;;) {
        struct fault why = {.code = "NO_MEMORY", .text = "out of memory"};
        int r = copy_once(b, &why);

        if (r == AGAIN && !ending) {
            pause = b->options.every_ms;
        } else if (r == 0) {
            tell(b, NULL);
            pause = b->options.every_ms;
        } else if (!atomic_load(&b->hurry)) {
            tell(b, &why);
            pause = pause * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause * 2;
        }
        if (ending) {
            return NULL;
        }
        ending = rest(b, pause);
        if (ending && b->failing) {
            return NULL; /* the next start goes on */
        }
    }
}

static struct bucket *bucket_free(struct bucket *b)
{
    if (b) {
        if (b->easy) {
            curl_easy_cleanup(b->easy);
        }
        (void)buf_free(b->file);
        (void)buf_free(b->answer);
        for (size_t i = 0; i < COUNT_OF(b->texts); i++) {
            free(b->texts[i]);
        }
        (void)pthread_cond_destroy(&b->wake);
        (void)pthread_mutex_destroy(&b->lock);
        free(b);
    }
    return NULL;
}

int bucket_start(struct bucket **ret, const struct bucket_options *options)
{
    struct bucket *b = calloc(1, sizeof(*b));
    const char **texts[] = {&b->options.folder, &b->options.url,    &b->options.region,
                            &b->options.key_id, &b->options.secret, &b->options.ca_file};
    pthread_condattr_t clock;
    bool good = b != NULL;

    if (!b) {
        return -ENOMEM;
    }
    b->options = *options;
    (void)pthread_mutex_init(&b->lock, NULL);
    (void)pthread_condattr_init(&clock);
    (void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&b->wake, &clock);
    (void)pthread_condattr_destroy(&clock);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        b->texts[i] = strdup(*texts[i] ? *texts[i] : "");
        *texts[i] = b->texts[i];
        good = good && b->texts[i];
    }
    b->easy = curl_easy_init();
    b->file = buf_new(FILE_MAX);
    b->answer = buf_new(FILE_MAX);
    if (!good || !b->easy || !b->file || !b->answer ||
        pthread_create(&b->thread, NULL, work, b) != 0) {
        (void)bucket_free(b);
        return -ENOMEM;
    }
    *ret = b;
    return 0;
}

struct bucket *bucket_stop(struct bucket *b)
{
    struct timespec until;

    if (!b) {
        return NULL;
    }
    (void)pthread_mutex_lock(&b->lock);
    b->stopping = true;
    (void)pthread_cond_signal(&b->wake);
    (void)pthread_mutex_unlock(&b->lock);
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += b->options.deadline_ms / 1000 + 1;
    if (pthread_timedjoin_np(b->thread, NULL, &until) != 0) {
        atomic_store(&b->hurry, true);
        (void)pthread_join(b->thread, NULL);
    }
    return bucket_free(b);
}

uint64_t bucket_size(const struct bucket *bucket)
{
    return atomic_load(&bucket->size);
}
