/* SPDX-License-Identifier: Apache-2.0 */
/* std::unordered_set over digests, hashed by their first eight bytes, which are as good as random. */
extern "C" {
#include "tests/bench/bench_match.h"
}

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
