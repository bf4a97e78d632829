/* SPDX-License-Identifier: Apache-2.0 */
/* RE2::Set, without the patterns that RE2 refuses. */
extern "C" {
#include "tests/bench/bench_match.h"
}

#include <re2/re2.h>
#include <re2/set.h>

#include <string>
#include <vector>

extern "C" void *rival_re2_new(const struct span *patterns, size_t count, double *ret_seconds, size_t *ret_refused)
{
    RE2::Options options;
    double started = bench_now();

    options.set_case_sensitive(false);
    options.set_log_errors(false);
    options.set_max_mem(int64_t(4) << 30);
    RE2::Set *set = new RE2::Set(options, RE2::UNANCHORED);
    *ret_refused = 0;
    for (size_t i = 0; i < count; i++) {
        if (set->Add(re2::StringPiece(patterns[i].ptr, patterns[i].len), nullptr) < 0) {
            ++*ret_refused;
        }
    }
    if (!set->Compile()) {
        delete set;
        return nullptr;
    }
    *ret_seconds = bench_now() - started;
    return set;
}

extern "C" size_t rival_re2_run(void *self, const struct span *texts, size_t count)
{
    std::vector<int> found;
    size_t hits = 0;

    for (size_t i = 0; i < count; i++) {
        found.clear();
        static_cast<RE2::Set *>(self)->Match(re2::StringPiece(texts[i].ptr, texts[i].len), &found);
        hits += found.size();
    }
    return hits;
}

extern "C" void rival_re2_free(void *self)
{
    delete static_cast<RE2::Set *>(self);
}
