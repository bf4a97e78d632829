/* SPDX-License-Identifier: Apache-2.0 */
/* A pattern, a line feed, a text: the set finds exactly what PCRE2 alone finds. */
#include "lib/match/regex.h"
#include "lib/match/regex_compile.h"
#include "lib/text/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void found(void *arg, uint32_t ref, size_t start, size_t end)
{
    (void)ref;
    (void)start;
    (void)end;
    *(bool *)arg = true;
}

/* One fold for all inputs: what it does not know demands nothing. */
static struct fold *shared_fold(void)
{
    static struct fold *fold;
    static const struct span points = {"éжſιßİ字ⓐǆµΩا٣ⅷ", sizeof("éжſιßİ字ⓐǆµΩا٣ⅷ") - 1};

    if (!fold && regex_fold(&fold, &points, 1) < 0) {
        abort();
    }
    return fold;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    CLEANUP(regex_set_freep) struct regex_set *set = NULL;
    CLEANUP(regex_scratch_freep) struct regex_scratch *scratch = NULL;
    struct match_options options = match_options_default;
    struct span text = {(const char *)data, len}, pattern = span_cut(&text, '\n');
    pcre2_match_data *match;
    pcre2_match_context *context;
    bool hit = false;
    struct regex_finder finder = {.found = found, .arg = &hit};
    struct regex_result result;
    struct fault why;
    pcre2_code *code;
    int r;

    options.regex_match_limit = 5000;
    if (!text.ptr || !utf8_valid(text) || text.len > 4096 || regex_set_new(&set, &options) < 0 ||
        regex_set_add(set, pattern, 0, &why) != 0) {
        return 0;
    }
    if (regex_set_seal_over(set, shared_fold()) < 0 || regex_scratch_new(&scratch, set) < 0 ||
        regex_compile(&code, pattern, &why) != 0) {
        abort();
    }
    result = regex_set_scan(set, scratch, text, REGEX_FRESH, &finder);
    context = pcre2_match_context_create(NULL);
    (void)pcre2_set_match_limit(context, options.regex_match_limit);
    match = pcre2_match_data_create(1, NULL);
    r = pcre2_match(code, (PCRE2_SPTR)text.ptr, text.len, 0, PCRE2_NO_UTF_CHECK, match, context);
    if (!result.undecided_why && (r >= 0 || r == PCRE2_ERROR_NOMATCH) && hit != (r >= 0)) {
        abort();
    }
    pcre2_match_data_free(match);
    pcre2_match_context_free(context);
    pcre2_code_free(code);
    return 0;
}
