/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs and domains. A domain stands for itself and everything below it; a URL for its host, port
 * and everything below its path, where "www." does not count. Both are found by hash: the host
 * letter by letter from its end, with a look at each dot, then the path with a look at each slash,
 * '?' and '&'. A public suffix of the registries (com, co.uk) would stand for the whole world and
 * is refused; one of a hoster (blogspot.com) stands for that host alone. Source: publicsuffix.org,
 * by libpsl.
 */
#include "lib/match/matcher.h"

#include "lib/match/url.h"
#include "lib/match/url_find.h"
#include "lib/match/word_table.h"

#include <errno.h>
#include <libpsl.h>
#include <stdlib.h>

struct url_key {
    uint32_t ref, port, text; /* text: offset of host and rest in texts */
    uint16_t host_len, rest_len;
    bool domain; /* else a URL */
    bool alone;  /* a domain without what is below it */
};

struct url_set {
    struct url_key *keys;
    size_t count;
    char *texts;
    size_t text_bytes, text_cap;
    struct word_table *table;
};

struct url_scratch {
    char room[URL_ROOM];
    struct url_finder finder;
};

static void url_free(void *self)
{
    struct url_set *set = self;

    if (set) {
        (void)word_table_free(set->table);
        free(set->keys);
        free(set->texts);
        free(set);
    }
}

/* "www." before a name that has another dot. */
static struct span without_www(struct span host)
{
    if (host.len > 4 && span_starts(host, "www.") && memchr(host.ptr + 4, '.', host.len - 4)) {
        return span_sub(host, 4, host.len);
    }
    return host;
}

/* A URL's last slash says nothing about what is below it. */
static struct span without_slash(struct span rest)
{
    if (rest.len > 0 && rest.ptr[rest.len - 1] == '/' && !memchr(rest.ptr, '?', rest.len)) {
        rest.len--;
    }
    return rest;
}

static uint64_t host_hash(uint64_t hash, struct span host)
{
    for (size_t i = host.len; i-- > 0;) {
        hash = word_hash_add(hash, (unsigned char)host.ptr[i]);
    }
    return hash;
}

/* Where the hash of a URL goes on behind its host. */
static uint64_t port_hash(uint64_t hash, uint32_t port)
{
    return word_hash_add(hash, '/') * WORD_HASH_FACTOR + port;
}

static int keep_text(struct url_set *set, struct span text)
{
    if (set->text_bytes + text.len > set->text_cap) {
        size_t cap = (set->text_bytes + text.len) * 2 + 4096;
        char *more = cap < UINT32_MAX ? realloc(set->texts, cap) : NULL;

        if (!more) {
            return -ENOMEM;
        }
        set->texts = more;
        set->text_cap = cap;
    }
    if (text.len > 0) {
        memcpy(set->texts + set->text_bytes, text.ptr, text.len);
    }
    set->text_bytes += text.len;
    return 0;
}

/* 0, FAULT or -ENOMEM. */
static int add_key(struct url_set *set, const struct list_entry *entry, uint32_t ref,
                   char room[URL_ROOM], struct fault *why)
{
    const psl_ctx_t *suffixes = psl_builtin();
    char quoted[FAULT_QUOTE_MAX];
    struct url_key key = {.ref = ref, .domain = entry->kind == SIGNAL_DOMAIN};
    struct url url;
    int r;

    if (!url_read(&url, entry->value, room)) {
        return fault_set(why, "URL_FORM", "", "%s has no host that could exist",
                         fault_quote(quoted, entry->value));
    }
    if (key.domain) {
        char host[URL_HOST_MAX + 1] = {0};

        memcpy(host, url.host.ptr, url.host.len);
        url.rest.len = 0;
        if (suffixes &&
            psl_is_public_suffix2(suffixes, host, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE)) {
            return fault_set(
                why, "DOMAIN_PUBLIC_SUFFIX", "",
                "%s is a public suffix: it would match every domain registered below it",
                fault_quote(quoted, url.host));
        }
        key.alone = url.is_address ||
                    (suffixes && psl_is_public_suffix2(suffixes, host,
                                                       PSL_TYPE_PRIVATE | PSL_TYPE_NO_STAR_RULE));
    } else {
        url.host = without_www(url.host);
        url.rest = without_slash(url.rest);
        key.port = url.port;
    }
    key.text = (uint32_t)set->text_bytes;
    key.host_len = (uint16_t)url.host.len;
    key.rest_len = (uint16_t)url.rest.len;
    r = keep_text(set, url.host);
    r = r < 0 ? r : keep_text(set, url.rest);
    if (r == 0) {
        set->keys[set->count++] = key;
    }
    return r;
}

static int add_all(struct url_set *set, const struct match_source *source, enum signal_kind kind,
                   struct faults *notes, char room[URL_ROOM])
{
    struct match_cursor cursor = {0};
    const struct list_entry *entry;
    uint32_t ref;

    while ((entry = match_source_next(source, kind, &cursor, &ref)) != NULL) {
        struct fault why;
        int r = add_key(set, entry, ref, room, &why);

        if (r < 0) {
            return r;
        }
        if (r == FAULT) {
            match_source_note(source, ref, &why, notes);
        }
    }
    return 0;
}

static struct span key_host(const struct url_set *set, const struct url_key *key)
{
    return (struct span){set->texts + key->text, key->host_len};
}

static struct span key_rest(const struct url_set *set, const struct url_key *key)
{
    return (struct span){set->texts + key->text + key->host_len, key->rest_len};
}

static int index_keys(struct url_set *set)
{
    set->table = word_table_new(set->count);
    if (!set->table) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < set->count; i++) {
        const struct url_key *key = &set->keys[i];
        struct span rest = key_rest(set, key);
        uint64_t hash = host_hash(0, key_host(set, key));

        if (!key->domain) {
            hash = port_hash(hash, key->port);
            for (size_t b = 0; b < rest.len; b++) {
                hash = word_hash_add(hash, (unsigned char)rest.ptr[b]);
            }
        }
        word_table_add(set->table, hash, i);
    }
    return 0;
}

static int url_build(void **ret, const struct match_source *source,
                     const struct match_options *options, struct faults *notes)
{
    size_t count =
        match_source_count(source, SIGNAL_URL) + match_source_count(source, SIGNAL_DOMAIN);
    struct url_set *set;
    char *room;
    int r = -ENOMEM;

    (void)options;
    if (count == 0) {
        return 0;
    }
    set = calloc(1, sizeof(*set));
    room = malloc(URL_ROOM);
    if (set) {
        set->keys = malloc(count * sizeof(*set->keys));
    }
    if (set && room && set->keys) {
        r = add_all(set, source, SIGNAL_URL, notes, room);
        r = r < 0 ? r : add_all(set, source, SIGNAL_DOMAIN, notes, room);
        r = r < 0 ? r : index_keys(set);
    }
    free(room);
    if (r < 0 || set->count == 0) {
        url_free(set);
        return r;
    }
    *ret = set;
    return 0;
}

static int scratch_new(void **ret, const void *self)
{
    (void)self;
    *ret = malloc(sizeof(struct url_scratch));
    return *ret ? 0 : -ENOMEM;
}

static void scratch_free(void *scratch)
{
    free(scratch);
}

/* Where a URL stands in the content. */
struct url_place {
    struct match_run *run;
    enum hit_field field;
    uint32_t index, start, end;
};

static bool told_before(const struct url_place *place, uint32_t ref)
{
    const struct list *list;
    const struct list_entry *entry = match_source_entry(place->run->source, ref, &list);
    const struct hits *hits = place->run->hits;

    for (size_t i = hits->count; i-- > 0;) {
        const struct hit *hit = &hits->list[i];

        if (hit->entry.ptr == entry->id.ptr && hit->field == place->field &&
            hit->index == place->index && hit->list.ptr == list_head(list)->id.ptr) {
            return true;
        }
    }
    return false;
}

static void tell(const struct url_place *place, uint32_t ref)
{
    if (!told_before(place, ref)) {
        match_run_found(place->run, &(struct match_find){.ref = ref,
                                                         .field = place->field,
                                                         .index = place->index,
                                                         .start = place->start,
                                                         .end = place->end,
                                                         .form = HIT_NORMALISED});
    }
}

/* The keys under `hash` that are what stands in host from `from` on, and `rest`. */
static void look_up(const struct url_set *set, uint64_t hash, const struct url *url, size_t from,
                    struct span rest, bool domain, const struct url_place *place)
{
    struct span host = span_sub(url->host, from, url->host.len);
    uint32_t at = 0, i;

    if (!word_table_may_have(set->table, hash)) {
        return;
    }
    while (word_table_next(set->table, hash, &at, &i)) {
        const struct url_key *key = &set->keys[i];

        if (key->domain == domain && (domain || key->port == url->port) &&
            !(key->alone && from > 0) && span_equal(key_host(set, key), host) &&
            span_equal(key_rest(set, key), rest)) {
            tell(place, key->ref);
        }
    }
}

static void look_up_paths(const struct url_set *set, uint64_t hash, const struct url *url,
                          size_t from, const struct url_place *place)
{
    struct span rest = url->rest;

    hash = port_hash(hash, url->port);
    for (size_t i = 0; i <= rest.len; i++) {
        if (i == rest.len || rest.ptr[i] == '/' || rest.ptr[i] == '?' || rest.ptr[i] == '&') {
            look_up(set, hash, url, from, (struct span){rest.ptr, i}, false, place);
        }
        if (i < rest.len) {
            hash = word_hash_add(hash, (unsigned char)rest.ptr[i]);
        }
    }
}

static void match_url(const struct url_set *set, const struct url *url,
                      const struct url_place *place)
{
    struct span named = without_www(url->host);
    size_t name_from = url->host.len - named.len;
    uint64_t hash = 0;

    for (size_t i = url->host.len; i-- > 0;) {
        hash = word_hash_add(hash, (unsigned char)url->host.ptr[i]);
        if (i == name_from) {
            look_up_paths(set, hash, url, i, place);
        }
        if (i == 0 || (url->host.ptr[i - 1] == '.' && !url->is_address)) {
            look_up(set, hash, url, i, (struct span){url->rest.ptr, 0}, true, place);
        }
    }
}

static void scan_field(const struct url_set *set, struct url_scratch *scratch, struct span text,
                       struct url_place *place)
{
    struct url url;

    place->end = (uint32_t)text.len;
    if (text.len > 0 && url_read(&url, text, scratch->room)) {
        match_url(set, &url, place);
    }
}

static void scan_text(const struct url_set *set, struct url_scratch *scratch, struct match_run *run)
{
    struct url_place place = {.run = run, .field = HIT_TEXT};
    struct url_candidate found;
    struct url url;

    url_finder_start(&scratch->finder, run->text);
    while (url_finder_next(&scratch->finder, &found)) {
        if (url_read(&url, found.url, scratch->room)) {
            place.start = (uint32_t)found.start;
            place.end = (uint32_t)found.end;
            match_url(set, &url, &place);
        }
    }
}

static void url_scan(const void *self, void *scratch, struct match_run *run)
{
    const struct content *content = run->content;
    struct url_place place = {.run = run, .field = HIT_URL};

    scan_text(self, scratch, run);
    scan_field(self, scratch, content->url, &place);
    place.field = HIT_URLS;
    for (size_t i = 0; i < content->url_count; i++) {
        place.index = (uint32_t)i;
        scan_field(self, scratch, content->urls[i], &place);
    }
}

static size_t url_bytes(const void *self)
{
    const struct url_set *set = self;

    return sizeof(*set) + set->count * sizeof(*set->keys) + set->text_cap +
           word_table_bytes(set->table);
}

const struct matcher url_matcher = {
    .name = "url",
    .build = url_build,
    .scratch_new = scratch_new,
    .scan = url_scan,
    .scratch_free = scratch_free,
    .free = url_free,
    .bytes = url_bytes,
};
