/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/auth.h"

#include <stdbool.h>

enum { ROLE_MAX = 16, ID_PART_MAX = 64, SECRET_MIN = 43, SECRET_MAX = 128 };

static bool is_lower(unsigned char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_word(unsigned char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

static bool is_secret(unsigned char c)
{
    return is_word(c) || c == '_';
}

static bool consists_of(struct span text, bool (*allowed)(unsigned char), size_t min, size_t max)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!allowed((unsigned char)text.ptr[i])) {
            return false;
        }
    }
    return text.len >= min && text.len <= max;
}

int auth_key_split(struct span text, struct auth_key *ret, struct fault *why)
{
    struct span rest = text;
    struct span scheme = span_cut(&rest, '_');
    struct auth_key key = {.whole = text};

    if (rest.ptr) {
        key.role = span_cut(&rest, '_');
    }
    if (rest.ptr) {
        key.id = span_cut(&rest, '_');
        key.secret = rest; /* base64url has '_' too */
    }
    if (!span_is(scheme, "rap") || !rest.ptr || !consists_of(key.role, is_lower, 1, ROLE_MAX) ||
        !consists_of(key.id, is_word, 1, ID_PART_MAX) ||
        !consists_of(key.secret, is_secret, SECRET_MIN, SECRET_MAX)) {
        return fault_set(why, "AUTH_FORMAT", "", "a key looks like rap_<role>_<id>_<secret>");
    }
    *ret = key;
    return 0;
}

int auth_bearer_split(struct span header, struct auth_key *ret, struct fault *why)
{
    struct span rest = header, scheme;

    if (header.len == 0) {
        return fault_set(why, "AUTH_MISSING", "",
                         "this needs a key: Authorization: Bearer rap_...");
    }
    scheme = span_cut(&rest, ' ');
    if (!span_equal_nocase(scheme, SPAN("bearer"))) {
        return fault_set(why, "AUTH_SCHEME", "", "the Authorization scheme taken is Bearer");
    }
    return auth_key_split(rest.ptr ? span_trim(rest) : (struct span){"", 0}, ret, why);
}
