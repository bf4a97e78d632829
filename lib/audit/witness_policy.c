/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/witness_policy.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { GROUP_BIT = 32, NONE = -1, UNSET = -2, UNKNOWN_NAME = -3 };

struct reading {
    struct witness_policy *policy;
    size_t line;
    struct fault *why;
};

static int refuse(const struct reading *reading, const char *says, struct span value)
{
    char place[32], quoted[FAULT_QUOTE_MAX];

    (void)snprintf(place, sizeof(place), "line %zu", reading->line);
    return fault_set(reading->why, "POLICY_LINE", place, "%s%s%s", says, value.len ? ": " : "",
                     value.len ? fault_quote(quoted, value) : "");
}

static const struct span nothing = {NULL, 0};

/* The next word; empty at the end of the line. */
static struct span next_word(struct span *rest)
{
    struct span word;
    size_t len = 0;

    *rest = span_trim(*rest);
    while (len < rest->len && rest->ptr[len] != ' ' && rest->ptr[len] != '\t') {
        len++;
    }
    word = span_sub(*rest, 0, len);
    *rest = span_trim(span_sub(*rest, len, rest->len));
    return word;
}

/* What the name stands for, as a member's bit. */
static int find(const struct witness_policy *policy, struct span name)
{
    for (size_t i = 0; i < policy->witness_count; i++) {
        if (span_is(name, policy->witnesses[i].name)) {
            return (int)i;
        }
    }
    for (size_t i = 0; i < policy->group_count; i++) {
        if (span_is(name, policy->groups[i].name)) {
            return GROUP_BIT + (int)i;
        }
    }
    return UNKNOWN_NAME;
}

/* Takes a new name in. */
static int take_name(const struct reading *reading, struct span name, char into[NOTE_NAME_MAX + 1])
{
    if (name.len == 0 || name.len > NOTE_NAME_MAX) {
        return refuse(reading, "a name of 1 to 200 bytes is missing", name);
    }
    if (span_is(name, "none") || find(reading->policy, name) != UNKNOWN_NAME) {
        return refuse(reading, "this name is taken", name);
    }
    memcpy(into, name.ptr, name.len);
    into[name.len] = '\0';
    return 0;
}

static int take_key(const struct reading *reading, struct span vkey, uint8_t type, struct note_key *ret)
{
    struct fault inner;
    int r = note_key_read(ret, vkey, &inner);

    if (r == FAULT) {
        return refuse(reading, inner.text, nothing);
    }
    if (r == 0 && ret->type != type) {
        return refuse(reading,
                      type == NOTE_ED25519 ? "a log's key has type 1 (Ed25519 of a note)"
                                           : "a witness's key has type 4 (Ed25519 cosignature)",
                      nothing);
    }
    return r;
}

static bool is_twice(const struct note_key *a, const struct note_key *b)
{
    return memcmp(a->public_key, b->public_key, sizeof(a->public_key)) == 0;
}

static int read_log(const struct reading *reading, struct span rest)
{
    struct witness_policy *policy = reading->policy;
    struct note_key key;
    int r = take_key(reading, next_word(&rest), NOTE_ED25519, &key);

    (void)next_word(&rest); /* a log's URL means nothing here */
    if (r == 0 && rest.len) {
        r = refuse(reading, "a log line has a key and a URL, and nothing behind them", rest);
    }
    if (r == 0 && policy->log_count == WITNESS_POLICY_MAX) {
        r = refuse(reading, "a policy has at most 32 logs", nothing);
    }
    for (size_t i = 0; r == 0 && i < policy->log_count; i++) {
        r = is_twice(&policy->logs[i], &key) ? refuse(reading, "this key is there twice", nothing) : 0;
    }
    if (r == 0) {
        policy->logs[policy->log_count++] = key;
    }
    return r;
}

static int take_url(const struct reading *reading, struct span url, char into[WITNESS_URL_MAX + 1])
{
    if (url.len && !span_starts(url, "http://") && !span_starts(url, "https://")) {
        return refuse(reading, "a witness's URL begins with http:// or https://", url);
    }
    while (url.len && url.ptr[url.len - 1] == '/') {
        url.len--;
    }
    if (url.len > WITNESS_URL_MAX) {
        return refuse(reading, "a URL has at most 500 bytes", nothing);
    }
    memcpy(into, url.len ? url.ptr : "", url.len);
    into[url.len] = '\0';
    return 0;
}

static int read_witness(const struct reading *reading, struct span rest)
{
    struct witness_policy *policy = reading->policy;
    struct witness_known known;
    int r = take_name(reading, next_word(&rest), known.name);

    r = r ? r : take_key(reading, next_word(&rest), NOTE_COSIGNATURE, &known.key);
    r = r ? r : take_url(reading, next_word(&rest), known.url);
    if (r == 0 && rest.len) {
        r = refuse(reading, "a witness line has a name, a key and a URL, and nothing behind them", rest);
    }
    if (r == 0 && policy->witness_count == WITNESS_POLICY_MAX) {
        r = refuse(reading, "a policy has at most 32 witnesses", nothing);
    }
    for (size_t i = 0; r == 0 && i < policy->witness_count; i++) {
        r = is_twice(&policy->witnesses[i].key, &known.key) ? refuse(reading, "this key is there twice", nothing)
                                                            : 0;
    }
    if (r == 0) {
        policy->witnesses[policy->witness_count++] = known;
    }
    return r;
}

static int read_members(const struct reading *reading, struct span rest, uint64_t *ret, unsigned *ret_count)
{
    while (rest.len) {
        struct span name = next_word(&rest);
        int member = find(reading->policy, name);

        if (member < 0) {
            return refuse(reading, "no witness or group of this name stands above", name);
        }
        if ((reading->policy->grouped | *ret) & UINT64_C(1) << member) {
            return refuse(reading, "each name is a member once, or it would count twice", name);
        }
        *ret |= UINT64_C(1) << member;
        (*ret_count)++;
    }
    return *ret_count ? 0 : refuse(reading, "a group has at least one member", nothing);
}

static int read_group(const struct reading *reading, struct span rest)
{
    struct witness_policy *policy = reading->policy;
    struct witness_group group = {.needed = 0};
    unsigned long long number = 0;
    unsigned count = 0;
    struct span needed;
    int r = take_name(reading, next_word(&rest), group.name);

    needed = next_word(&rest);
    r = r ? r : read_members(reading, rest, &group.members, &count);
    if (r) {
        return r;
    }
    if (span_is(needed, "all")) {
        number = count;
    } else if (span_is(needed, "any")) {
        number = 1;
    } else if (!span_to_u64(needed, &number) || number == 0 || number > count) {
        return refuse(reading, "behind the group's name stands all, any, or 1 to the number of members", needed);
    }
    if (policy->group_count == WITNESS_POLICY_MAX) {
        return refuse(reading, "a policy has at most 32 groups", nothing);
    }
    group.needed = (unsigned)number;
    policy->grouped |= group.members;
    policy->groups[policy->group_count++] = group;
    return 0;
}

static int read_quorum(const struct reading *reading, struct span rest)
{
    struct span name = next_word(&rest);

    if (reading->policy->quorum != UNSET) {
        return refuse(reading, "the quorum is said once", nothing);
    }
    reading->policy->quorum = span_is(name, "none") ? NONE : find(reading->policy, name);
    if (reading->policy->quorum == UNKNOWN_NAME) {
        return refuse(reading, "no witness or group of this name stands above", name);
    }
    return rest.len ? refuse(reading, "a quorum line has one name, or none", rest) : 0;
}

static int read_line(const struct reading *reading, struct span line)
{
    struct span rest = line, word;

    for (size_t i = 0; i < line.len; i++) {
        uint8_t c = (uint8_t)line.ptr[i];

        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return refuse(reading, "a control character other than tab", nothing);
        }
    }
    word = next_word(&rest);
    if (word.len == 0 || word.ptr[0] == '#') {
        return 0;
    }
    return span_is(word, "log")       ? read_log(reading, rest)
           : span_is(word, "witness") ? read_witness(reading, rest)
           : span_is(word, "group")   ? read_group(reading, rest)
           : span_is(word, "quorum")
               ? read_quorum(reading, rest)
               : refuse(reading, "a line begins with log, witness, group or quorum", word);
}

int witness_policy_read(struct witness_policy *ret, struct span bytes, struct fault *why)
{
    struct reading reading = {.policy = ret, .line = 0, .why = why};
    struct span rest = bytes;
    int r = 0;

    memset(ret, 0, sizeof(*ret));
    ret->quorum = UNSET;
    while (r == 0 && rest.ptr && rest.len) {
        reading.line++;
        r = read_line(&reading, span_cut(&rest, '\n'));
    }
    return r                       ? r
           : ret->quorum == UNSET ? fault_set(why, "POLICY_QUORUM", "", "a policy has one line: quorum <name>, or quorum none")
                                   : 0;
}

bool witness_policy_met(const struct witness_policy *policy, uint32_t cosigned)
{
    uint64_t met = cosigned;

    /* Members stand above their group: one pass from top to bottom decides them all. */
    for (size_t i = 0; i < policy->group_count; i++) {
        const struct witness_group *group = &policy->groups[i];

        if ((unsigned)__builtin_popcountll(group->members & met) >= group->needed) {
            met |= UINT64_C(1) << (GROUP_BIT + i);
        }
    }
    return policy->quorum < 0 || (met >> policy->quorum & 1);
}

const char *witness_policy_quorum(const struct witness_policy *policy)
{
    return policy->quorum < 0           ? "none"
           : policy->quorum < GROUP_BIT ? policy->witnesses[policy->quorum].name
                                        : policy->groups[policy->quorum - GROUP_BIT].name;
}

int witness_policy_log(const struct witness_policy *policy, const struct note_key *log, struct fault *why)
{
    char name[FAULT_QUOTE_MAX];

    for (size_t i = 0; i < policy->log_count; i++) {
        if (policy->logs[i].id == log->id && strcmp(policy->logs[i].name, log->name) == 0 &&
            is_twice(&policy->logs[i], log)) {
            return 0;
        }
    }
    return policy->log_count == 0
               ? 0
               : fault_set(why, "POLICY_LOG", "", "the witness policy is for %zu other logs, not for %s (%08x)",
                           policy->log_count, fault_quote(name, span_of(log->name)), log->id);
}

int witness_policy_check(const struct witness_policy *policy, const struct note *note, uint32_t *ret_cosigned,
                         struct fault *why)
{
    struct note_key keys[WITNESS_POLICY_MAX];
    struct fault inner;
    uint32_t cosigned = 0;
    int r;

    for (size_t i = 0; i < policy->witness_count; i++) {
        keys[i] = policy->witnesses[i].key;
    }
    r = note_verify(note, keys, policy->witness_count, &cosigned, &inner);
    if (r == FAULT && strcmp(inner.code, "NOTE_UNSIGNED") == 0) {
        r = 0;
        cosigned = 0;
    }
    if (r) {
        if (r == FAULT && why) {
            *why = inner;
        }
        return r;
    }
    *ret_cosigned = cosigned;
    return witness_policy_met(policy, cosigned)
               ? 0
               : fault_set(why, "WITNESS_QUORUM", witness_policy_quorum(policy),
                           "%d of the policy's %zu witnesses cosigned this checkpoint: not the quorum asked for",
                           __builtin_popcount(cosigned), policy->witness_count);
}
