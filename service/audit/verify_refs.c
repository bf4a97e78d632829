/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/verify_refs.h"

#include "lib/base/codec.h"

#include <errno.h>
#include <stdlib.h>

struct key {
    uint64_t high, low; /* both 0: no id */
};

/* Open addressing, at most 3/4 full. values has `width` keys a slot, or is NULL. */
struct table {
    struct key *keys, *values;
    size_t cap, count, width;
};

enum { FIRST_CAP = 1024, DECISION_REVIEWER = 0, DECISION_CASE = 1, DECISION_WIDTH = 2 };

struct verify_refs {
    struct table reports, cases, decisions, appeals;
    bool partial;
};

struct verify_refs *verify_refs_new(void)
{
    struct verify_refs *refs = calloc(1, sizeof(*refs));

    if (refs) {
        refs->decisions.width = DECISION_WIDTH;
    }
    return refs;
}

struct verify_refs *verify_refs_free(struct verify_refs *refs)
{
    if (refs) {
        struct table *const tables[] = {&refs->reports, &refs->cases, &refs->decisions,
                                        &refs->appeals};

        for (size_t i = 0; i < COUNT_OF(tables); i++) {
            free(tables[i]->keys);
            free(tables[i]->values);
        }
        free(refs);
    }
    return NULL;
}

void verify_refs_partial(struct verify_refs *refs)
{
    refs->partial = true;
}

/* The UUID of an id of ours, or the beginning of a digest of any other text. */
static struct key key_of(struct span text)
{
    uint8_t bytes[SHA256_LEN];
    char digits[32];
    size_t count = 0;
    struct key key = {0, 0};

    for (size_t i = 4; i < text.len && text.len == 40 && text.ptr[3] == '_'; i++) {
        if (text.ptr[i] != '-' && count < sizeof(digits)) {
            digits[count++] = text.ptr[i];
        }
    }
    if (count != sizeof(digits) || !hex_decode((struct span){digits, count}, bytes, 16)) {
        sha256_of(text.ptr, text.len, bytes);
    }
    for (size_t i = 0; i < 8; i++) {
        key.high = key.high << 8 | bytes[i];
        key.low = key.low << 8 | bytes[8 + i];
    }
    return key;
}

static bool same(struct key a, struct key b)
{
    return a.high == b.high && a.low == b.low;
}

/* The slot of the key, or the free one where it would go. */
static size_t slot_of(const struct table *table, struct key key)
{
    uint64_t mixed = key.high * UINT64_C(0x9e3779b97f4a7c15) ^ key.low;
    size_t at;

    /* Every bit of a UUID must reach the low ones: some ids differ in their last digits only. */
    mixed = (mixed ^ mixed >> 32) * UINT64_C(0xd6e8feb86659fd93);
    mixed = (mixed ^ mixed >> 32) * UINT64_C(0xd6e8feb86659fd93);
    at = (size_t)(mixed ^ mixed >> 32) & (table->cap - 1);

    while ((table->keys[at].high || table->keys[at].low) && !same(table->keys[at], key)) {
        at = (at + 1) & (table->cap - 1);
    }
    return at;
}

static bool has(const struct table *table, struct key key, size_t *ret_slot)
{
    size_t slot;

    if (table->cap == 0) {
        return false;
    }
    slot = slot_of(table, key);
    if (ret_slot) {
        *ret_slot = slot;
    }
    return table->keys[slot].high || table->keys[slot].low;
}

static int grow(struct table *table)
{
    struct table next = {.cap = table->cap ? table->cap * 2 : FIRST_CAP,
                         .width = table->width,
                         .count = table->count};

    next.keys = calloc(next.cap, sizeof(*next.keys));
    next.values = next.width ? calloc(next.cap * next.width, sizeof(*next.values)) : NULL;
    if (!next.keys || (next.width && !next.values)) {
        free(next.keys);
        free(next.values);
        return -ENOMEM;
    }
    for (size_t i = 0; i < table->cap; i++) {
        if (table->keys[i].high || table->keys[i].low) {
            size_t to = slot_of(&next, table->keys[i]);

            next.keys[to] = table->keys[i];
            if (next.width) {
                memcpy(&next.values[to * next.width], &table->values[i * next.width],
                       next.width * sizeof(*next.values));
            }
        }
    }
    free(table->keys);
    free(table->values);
    *table = next;
    return 0;
}

/* Adds a key that is not there yet; values to be set in the slot. */
static int add(struct table *table, struct key key, size_t *ret_slot)
{
    if (table->count + 1 > table->cap / 4 * 3) {
        int r = grow(table);

        if (r) {
            return r;
        }
    }
    *ret_slot = slot_of(table, key);
    table->keys[*ret_slot] = key;
    table->count++;
    return 0;
}

/* A new id, which must not have come before. */
static int add_new(struct table *table, const struct entry_view *entry, const char *name,
                   size_t *ret_slot, struct fault *why)
{
    char quoted[FAULT_QUOTE_MAX];
    struct span id = entry_string(entry, name);
    struct key key = key_of(id);

    if (has(table, key, NULL)) {
        char place[ENTRY_NAME_MAX + 2] = "/";

        memcpy(place + 1, name, strlen(name));
        return fault_set(why, "VERIFY_TWICE", place, "%s comes a second time",
                         fault_quote(quoted, id));
    }
    return add(table, key, ret_slot);
}

static int need_case(const struct verify_refs *refs, const struct entry_view *entry,
                     struct fault *why)
{
    char quoted[FAULT_QUOTE_MAX];
    struct span id = entry_string(entry, "case");

    if (!has(&refs->cases, key_of(id), NULL) && !refs->partial) {
        return fault_set(why, "VERIFY_CASE", "/case", "no report before this made %s",
                         fault_quote(quoted, id));
    }
    return 0;
}

/* *ret_known (may be NULL): its slot is there; it need not be where earlier logs are not at hand. */
static int need_decision(const struct verify_refs *refs, const struct entry_view *entry,
                         size_t *ret_slot, bool *ret_known, struct fault *why)
{
    char quoted[FAULT_QUOTE_MAX];
    struct span id = entry_string(entry, "decision");
    bool known = has(&refs->decisions, key_of(id), ret_slot);

    if (ret_known) {
        *ret_known = known;
    }
    if (!known && !refs->partial) {
        return fault_set(why, "VERIFY_DECISION", "/decision", "there is no decision %s before this",
                         fault_quote(quoted, id));
    }
    return 0;
}

static int see_report(struct verify_refs *refs, const struct entry_view *entry, struct fault *why)
{
    struct key key = key_of(entry_string(entry, "case"));
    size_t slot;
    int r = add_new(&refs->reports, entry, "report", &slot, why);

    if (r == 0 && !has(&refs->cases, key, NULL)) {
        r = add(&refs->cases, key, &slot);
    }
    return r;
}

static int see_decision(struct verify_refs *refs, const struct entry_view *entry, struct fault *why)
{
    size_t slot;
    int r = need_case(refs, entry, why);

    if (r == 0) {
        r = add_new(&refs->decisions, entry, "decision", &slot, why);
    }
    if (r == 0) {
        struct key *values = &refs->decisions.values[slot * DECISION_WIDTH];

        values[DECISION_REVIEWER] = key_of(entry_string(entry, "reviewer"));
        values[DECISION_CASE] = key_of(entry_string(entry, "case"));
    }
    return r;
}

static int see_second(const struct verify_refs *refs, const struct entry_view *entry,
                      struct fault *why)
{
    const struct key *values;
    size_t slot;
    bool known;
    int r = need_decision(refs, entry, &slot, &known, why);

    if (r || !known) {
        return r;
    }
    values = &refs->decisions.values[slot * DECISION_WIDTH];
    if (!same(values[DECISION_CASE], key_of(entry_string(entry, "case")))) {
        return fault_set(why, "VERIFY_CASE", "/case", "the decision is of another case");
    }
    if (same(values[DECISION_REVIEWER], key_of(entry_string(entry, "reviewer")))) {
        return fault_set(why, "VERIFY_REVIEWER", "/reviewer",
                         "the second person is the one who decided");
    }
    return 0;
}

static int see_appeal(struct verify_refs *refs, const struct entry_view *entry, struct fault *why)
{
    size_t slot;
    int r = need_case(refs, entry, why);

    if (r == 0) {
        r = need_decision(refs, entry, NULL, NULL, why);
    }
    return r ? r : add_new(&refs->appeals, entry, "appeal", &slot, why);
}

int verify_refs_entry(struct verify_refs *refs, const struct entry_view *entry, struct fault *why)
{
    int r;

    switch (entry->type) {
    case ENTRY_REPORT:
        return see_report(refs, entry, why);
    case ENTRY_VERDICT:
    case ENTRY_CLAIM:
    case ENTRY_ESCALATION:
    case ENTRY_ORDER:
    case ENTRY_HOLD:
        return need_case(refs, entry, why);
    case ENTRY_DECISION:
        return see_decision(refs, entry, why);
    case ENTRY_SECOND:
        return see_second(refs, entry, why);
    case ENTRY_NOTICE:
        r = need_case(refs, entry, why);
        return r ? r : need_decision(refs, entry, NULL, NULL, why);
    case ENTRY_EFFECT:
        return need_decision(refs, entry, NULL, NULL, why);
    case ENTRY_APPEAL:
        return see_appeal(refs, entry, why);
    case ENTRY_LIST:
    case ENTRY_RULES:
    case ENTRY_POLICY:
    case ENTRY_KEY:
    case ENTRY_EXPORT:
    case ENTRY_ERASURE:
    case ENTRY_CONFIG:
    case ENTRY_LOG:
    case ENTRY_TYPE_COUNT:
        break;
    }
    return 0;
}
