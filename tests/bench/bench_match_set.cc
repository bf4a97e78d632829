/* SPDX-License-Identifier: Apache-2.0 */
/* std::unordered_set over digests, hashed by their first eight bytes, which are as good as random; and over hosts
 * and prefixes of URLs, read by libcurl. */
extern "C" {
#include "tests/bench/bench_match.h"
}

#include <curl/curl.h>

#include <algorithm>
#include <clocale>
#include <cstring>
#include <string>
#include <unordered_set>

namespace
{
struct digest {
    unsigned char bytes[32];

    bool operator==(const digest &other) const
    {
        return memcmp(bytes, other.bytes, sizeof(bytes)) == 0;
    }
};

struct lead {
    size_t operator()(const digest &d) const
    {
        size_t hash;

        memcpy(&hash, d.bytes, sizeof(hash));
        return hash;
    }
};
} // namespace

extern "C" void *rival_unordered_new(const uint8_t (*keys)[32], size_t count)
{
    auto *set = new std::unordered_set<digest, lead>;

    set->reserve(count);
    for (size_t i = 0; i < count; i++) {
        set->insert(*reinterpret_cast<const digest *>(keys[i]));
    }
    return set;
}

extern "C" size_t rival_unordered_run(void *self, const uint8_t (*queries)[32], size_t count)
{
    const auto *set = static_cast<std::unordered_set<digest, lead> *>(self);
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        found += set->find(*reinterpret_cast<const digest *>(queries[i])) != set->end();
    }
    return found;
}

extern "C" void rival_unordered_free(void *self)
{
    delete static_cast<std::unordered_set<digest, lead> *>(self);
}

namespace
{
using names = std::unordered_set<std::string>;

struct urls {
    names domains, prefixes; /* hosts; hosts with a path that ends before a slash */
    CURLU *url = curl_url();
    std::string host, path, key;
};

bool read_url(urls &u, const struct span &text)
{
    char *host = nullptr, *path = nullptr;

    u.key.assign(text.ptr, text.len);
    if (u.key.find("://") == std::string::npos) {
        u.key.insert(0, "https://"); /* or it would be taken as relative to the URL before */
    }
    if (curl_url_set(u.url, CURLUPART_URL, u.key.c_str(), 0) != CURLUE_OK ||
        curl_url_get(u.url, CURLUPART_HOST, &host, CURLU_PUNYCODE | CURLU_URLDECODE) != CURLUE_OK ||
        curl_url_get(u.url, CURLUPART_PATH, &path, 0) != CURLUE_OK) {
        curl_free(host);
        return false;
    }
    u.host = host;
    u.path = path;
    curl_free(host);
    curl_free(path);
    for (char &c : u.host) {
        c = c >= 'A' && c <= 'Z' ? char(c + 32) : c;
    }
    return true;
}
} // namespace

extern "C" void *rival_urls_new(struct bench_lines domains, struct bench_lines prefixes, double *ret_seconds)
{
    double started = bench_now();
    auto *u = new urls;

    setlocale(LC_CTYPE, "C.UTF-8"); /* libcurl reads international names by the locale */
    for (size_t i = 0; i < domains.count; i++) {
        if (read_url(*u, domains.list[i])) {
            u->domains.insert(u->host);
        }
    }
    for (size_t i = 0; i < prefixes.count; i++) {
        if (read_url(*u, prefixes.list[i])) {
            u->prefixes.insert(u->host + u->path);
        }
    }
    *ret_seconds = bench_now() - started;
    return u;
}

extern "C" size_t rival_urls_run(void *self, const struct span *texts, size_t count)
{
    auto &u = *static_cast<urls *>(self);
    size_t hits = 0;

    for (size_t i = 0; i < count; i++) {
        if (!read_url(u, texts[i])) {
            continue;
        }
        for (size_t at = 0;; at++) {
            u.key.assign(u.host, at);
            hits += u.domains.count(u.key);
            at = u.host.find('.', at);
            if (at == std::string::npos) {
                break;
            }
        }
        u.key = u.host;
        for (size_t at = 0; at < u.path.size();) {
            size_t next = std::min(u.path.find('/', at + 1), u.path.size());

            u.key.append(u.path, at, next - at);
            hits += u.prefixes.count(u.key);
            at = next;
        }
    }
    return hits;
}

extern "C" size_t rival_urls_read(void *self, const struct span *texts, size_t count)
{
    size_t read = 0;

    for (size_t i = 0; i < count; i++) {
        read += read_url(*static_cast<urls *>(self), texts[i]);
    }
    return read;
}

extern "C" void rival_urls_free(void *self)
{
    auto *u = static_cast<urls *>(self);

    curl_url_cleanup(u->url);
    delete u;
}
