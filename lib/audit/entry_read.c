/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/entry_scan.h"

#include "lib/base/clock.h"
#include "lib/base/id.h"
#include "lib/json/field.h"
#include "lib/text/utf8.h"

#include <assert.h>

const char *const entry_type_words[ENTRY_TYPE_COUNT] = {
    [ENTRY_REPORT] = "report",     [ENTRY_VERDICT] = "verdict", [ENTRY_CLAIM] = "claim",
    [ENTRY_DECISION] = "decision", [ENTRY_SECOND] = "second",   [ENTRY_NOTICE] = "notice",
    [ENTRY_EFFECT] = "effect",     [ENTRY_APPEAL] = "appeal",   [ENTRY_ESCALATION] = "escalation",
    [ENTRY_LIST] = "list",         [ENTRY_RULES] = "rules",     [ENTRY_POLICY] = "policy",
    [ENTRY_KEY] = "key",           [ENTRY_EXPORT] = "export",   [ENTRY_ERASURE] = "erasure",
    [ENTRY_HOLD] = "hold",         [ENTRY_CONFIG] = "config",
    [ENTRY_ORDER] = "order",       [ENTRY_LOG] = "log",
};

enum kind { KIND_TEXT, KIND_BOOL, KIND_TIME, KIND_DIGEST, KIND_REPORT, KIND_CASE, KIND_DECISION };

static const char *const kind_should[] = {
    [KIND_TEXT] = "a text that is not empty",
    [KIND_BOOL] = "true or false",
    [KIND_TIME] = "an RFC 3339 time",
    [KIND_DIGEST] = "64 lower-case hex digits",
    [KIND_REPORT] = "a report id",
    [KIND_CASE] = "a case id",
    [KIND_DECISION] = "a decision id",
};

/* What each type must have; ends with a NULL name. config/schema/entry-1.json says the same. */
struct need {
    const char *name;
    enum kind kind;
};

enum { MAX_NEEDS = 5 };

static const struct need needs[ENTRY_TYPE_COUNT][MAX_NEEDS] = {
    [ENTRY_REPORT] = {{"report", KIND_REPORT}, {"case", KIND_CASE}, {"partner", KIND_TEXT}},
    [ENTRY_VERDICT] = {{"case", KIND_CASE}, {"snapshot", KIND_DIGEST}},
    [ENTRY_CLAIM] = {{"case", KIND_CASE}, {"reviewer", KIND_TEXT}},
    [ENTRY_DECISION] = {{"decision", KIND_DECISION},
                        {"case", KIND_CASE},
                        {"reviewer", KIND_TEXT},
                        {"outcome", KIND_TEXT}},
    [ENTRY_SECOND] = {{"decision", KIND_DECISION},
                      {"case", KIND_CASE},
                      {"reviewer", KIND_TEXT},
                      {"agree", KIND_BOOL}},
    [ENTRY_NOTICE] = {{"decision", KIND_DECISION}, {"case", KIND_CASE}, {"partner", KIND_TEXT}},
    [ENTRY_EFFECT] = {{"decision", KIND_DECISION},
                      {"partner", KIND_TEXT},
                      {"effective_at", KIND_TIME},
                      {"measure", KIND_TEXT}},
    [ENTRY_APPEAL] = {{"appeal", KIND_TEXT},
                      {"case", KIND_CASE},
                      {"decision", KIND_DECISION},
                      {"partner", KIND_TEXT}},
    [ENTRY_ESCALATION] = {{"case", KIND_CASE}, {"reviewer", KIND_TEXT}, {"to", KIND_TEXT}},
    [ENTRY_LIST] = {{"list", KIND_TEXT}, {"version", KIND_TEXT}, {"action", KIND_TEXT}},
    [ENTRY_RULES] = {{"digest", KIND_DIGEST}},
    [ENTRY_POLICY] = {{"version", KIND_TEXT}, {"digest", KIND_DIGEST}},
    [ENTRY_KEY] = {{"key", KIND_TEXT}, {"role", KIND_TEXT}, {"action", KIND_TEXT}},
    [ENTRY_EXPORT] = {{"actor", KIND_TEXT}, {"format", KIND_TEXT}},
    [ENTRY_ERASURE] = {{"subject", KIND_TEXT}, {"ground", KIND_TEXT}},
    [ENTRY_HOLD] = {{"hold", KIND_TEXT}, {"case", KIND_CASE}, {"action", KIND_TEXT}, {"actor", KIND_TEXT}},
    [ENTRY_CONFIG] = {{"digest", KIND_DIGEST}},
    [ENTRY_ORDER] = {{"case", KIND_CASE}, {"partner", KIND_TEXT}, {"event", KIND_TEXT}},
    [ENTRY_LOG] = {{"log", KIND_TEXT}, {"action", KIND_TEXT}},
};

struct span entry_value(const struct entry_view *view, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < view->member_count; i++) {
        if (view->members[i].name.len == len && memcmp(view->members[i].name.ptr, name, len) == 0) {
            return view->members[i].value;
        }
    }
    return (struct span){NULL, 0};
}

struct span entry_string(const struct entry_view *view, const char *name)
{
    struct span value = entry_value(view, name);

    if (value.len < 2 || value.ptr[0] != '"' || memchr(value.ptr, '\\', value.len)) {
        return (struct span){NULL, 0};
    }
    return (struct span){value.ptr + 1, value.len - 2};
}

struct span entry_id(const struct entry_view *view)
{
    static const char *const names[] = {"decision", "appeal", "report", "case", "list", "key"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct span id = entry_string(view, names[i]);

        if (id.len) {
            return id;
        }
    }
    return (struct span){NULL, 0};
}

static bool is_digest(struct span text)
{
    if (text.len != COMMIT_HEX_LEN) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return true;
}

static bool is_kind(const struct entry_view *view, const struct need *need)
{
    struct span value = entry_value(view, need->name), text = entry_string(view, need->name);
    int64_t ms;

    switch (need->kind) {
    case KIND_TEXT:
        return value.len > 2 && value.ptr[0] == '"';
    case KIND_BOOL:
        return span_is(value, "true") || span_is(value, "false");
    case KIND_TIME:
        return clock_read(text, &ms);
    case KIND_DIGEST:
        return is_digest(text);
    case KIND_REPORT:
        return id_read(text, "rpt", NULL, NULL);
    case KIND_CASE:
        return id_read(text, "cas", NULL, NULL);
    case KIND_DECISION:
        break;
    }
    return id_read(text, "dec", NULL, NULL);
}

static bool has_hole(struct span value)
{
    return value.len > 0 && memchr(value.ptr, HOLE_OPEN, value.len) != NULL;
}

static int member_fault(struct fault *why, const char *name, const char *type, const char *should)
{
    char place[ENTRY_NAME_MAX + 2] = "/";

    assert(strlen(name) <= ENTRY_NAME_MAX);
    memcpy(place + 1, name, strlen(name));
    return fault_set(why, "ENTRY_MEMBER", place, "an entry of type %s needs here %s", type, should);
}

static int check_needs(const struct entry_view *view, struct fault *why)
{
    const struct need *need = needs[view->type];

    for (size_t i = 0; i < MAX_NEEDS && need[i].name; i++) {
        if (!has_hole(entry_value(view, need[i].name)) && !is_kind(view, &need[i])) {
            return member_fault(why, need[i].name, entry_type_words[view->type],
                                kind_should[need[i].kind]);
        }
    }
    return 0;
}

/* v, type and at. */
static int read_head(struct entry_view *view, struct fault *why)
{
    struct span at = entry_string(view, "at");
    int type = word_index(entry_type_words, ENTRY_TYPE_COUNT, entry_string(view, "type"));

    if (!span_is(entry_value(view, "v"), "1")) {
        return fault_set(why, "ENTRY_TYPE", "/v", "an entry of version 1 has \"v\":1");
    }
    if (type < 0) {
        char name[FAULT_QUOTE_MAX];

        return fault_set(why, "ENTRY_TYPE", "/type", "there is no entry type %s",
                         fault_quote(name, entry_value(view, "type")));
    }
    view->type = (enum entry_type)type;
    if (at.len != CLOCK_TEXT_LEN || at.ptr[19] != '.' || at.ptr[23] != 'Z' ||
        !clock_read(at, &view->at_ms)) {
        return member_fault(why, "at", entry_type_words[type],
                            "a time like 2026-11-23T20:53:28.123Z");
    }
    return 0;
}

int entry_read_template(struct entry_view *ret, struct span bytes, bool holes, struct fault *why)
{
    struct entry_scan scan = {.at = bytes.ptr, .end = bytes.ptr + bytes.len, .holes = holes};
    int r;

    if (bytes.len > ENTRY_MAX_BYTES) {
        return fault_set(why, "ENTRY_TOO_LARGE", "", "an entry has at most %d bytes",
                         ENTRY_MAX_BYTES);
    }
    ret->bytes = bytes;
    ret->member_count = 0;
    if (!utf8_valid(bytes)) {
        return fault_set(why, "ENTRY_FORM", "", "an entry is UTF-8");
    }
    if (!entry_scan_object(&scan, ret) || scan.at != scan.end) {
        return fault_set(why, "ENTRY_FORM", "", "byte %zu: %s", (size_t)(scan.at - bytes.ptr),
                         scan.should ? scan.should : "the object is not the end");
    }
    r = read_head(ret, why);
    return r ? r : check_needs(ret, why);
}

int entry_read(struct entry_view *ret, struct span bytes, struct fault *why)
{
    return entry_read_template(ret, bytes, false, why);
}
