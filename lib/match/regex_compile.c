/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/match/regex_compile.h"

#include "lib/signal/list.h"

#include <errno.h>

int regex_compile(pcre2_code **ret, struct span pattern, struct fault *why)
{
    PCRE2_UCHAR said[200];
    char quoted[FAULT_QUOTE_MAX];
    PCRE2_SIZE at = 0;
    int error = 0;
    pcre2_code *code;

    if (pattern.len > LIST_MAX_PATTERN) {
        return fault_set(why, "PATTERN_LENGTH", "", "a pattern has at most %d bytes, this has %zu",
                         LIST_MAX_PATTERN, pattern.len);
    }
    code = pcre2_compile((PCRE2_SPTR)(pattern.ptr ? pattern.ptr : ""), pattern.len, REGEX_OPTIONS,
                         &error, &at, NULL);
    if (!code) {
        if (error == PCRE2_ERROR_NOMEMORY || error == PCRE2_ERROR_HEAP_FAILED) {
            return -ENOMEM;
        }
        (void)pcre2_get_error_message(error, said, sizeof(said));
        return fault_set(why, "PATTERN_SYNTAX", "", "PCRE2 refuses %s at byte %zu: %s",
                         fault_quote(quoted, pattern), (size_t)at, (const char *)said);
    }
    /* Where there is no machine code (no such processor, no writable and executable memory, or the
     * pattern forbids it), PCRE2 interprets. */
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    *ret = code;
    return 0;
}
