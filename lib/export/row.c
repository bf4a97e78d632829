/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/export/row.h"

#include "lib/base/clock.h"
#include "lib/json/canon.h"
#include "lib/json/field.h"
#include "lib/json/read.h"

#include <errno.h>
#include <string.h>

int csv_text(struct buf *out, struct span text)
{
    bool formula = text.len > 0 && memchr("=+-@\t\r", text.ptr[0], 6) != NULL;
    bool quote = formula;

    for (size_t i = 0; i < text.len && !quote; i++) {
        quote = memchr("\",\r\n", text.ptr[i], 4) != NULL;
    }
    if (!quote) {
        return buf_add_span(out, text);
    }
    (void)buf_add_text(out, formula ? "\"'" : "\"");
    for (size_t i = 0; i < text.len; i++) {
        (void)buf_add_text(out, text.ptr[i] == '"' ? "\"" : "");
        (void)buf_add_char(out, text.ptr[i]);
    }
    (void)buf_add_char(out, '"');
    return buf_status(out);
}

/* The block's replacement while its disclosure is prohibited; NULL when it may be shown. */
static json_t *redacted(const json_t *block, int64_t now_ms)
{
    const json_t *disclosure = json_object_get(block, "disclosure");
    json_t *until = json_object_get(disclosure, "prohibited_until");
    int64_t ms;

    if (!clock_read(json_span(until), &ms) || ms <= now_ms) {
        return NULL;
    }
    return json_pack("{s:O, s:O*}", "redacted_until", until, "legal_ref",
                     json_object_get(disclosure, "legal_ref"));
}

/* A new reference to the entry, or to a copy without what may not be shown yet. The block stands in
 * origin.state_actor of a report, and in justification.origin.state_actor of a decision. */
static json_t *shown(const json_t *entry, int64_t now_ms)
{
    const json_t *origin = json_object_get(entry, "origin");
    const json_t *inner = json_object_get(json_object_get(entry, "justification"), "origin");
    json_t *of_report = redacted(json_object_get(origin, "state_actor"), now_ms);
    json_t *of_record = redacted(json_object_get(inner, "state_actor"), now_ms);
    json_t *copy;

    if (!of_report && !of_record) {
        return json_incref((json_t *)(uintptr_t)entry);
    }
    copy = json_deep_copy(entry);
    if (of_report) {
        (void)json_object_set_new(json_object_get(copy, "origin"), "state_actor", of_report);
        (void)json_object_del(copy, "order");
    }
    if (of_record) {
        (void)json_object_set_new(json_object_get(json_object_get(copy, "justification"), "origin"),
                                  "state_actor", of_record);
    }
    return copy;
}

int row_jsonl(struct buf *out, const json_t *entry, int64_t now_ms)
{
    CLEANUP(json_freep) json_t *line = shown(entry, now_ms);
    int r;

    if (!line) {
        return -ENOMEM;
    }
    r = json_canon(out, line);
    return r ? r : buf_add_char(out, '\n');
}

/* Column name and where its value stands in the entry. */
static const struct {
    const char *name, *path[3];
} columns[] = {
    {"at", {"at"}},
    {"decision", {"decision"}},
    {"case", {"case"}},
    {"state", {"state"}},
    {"supersedes", {"supersedes"}},
    {"appeal", {"appeal"}},
    {"appeal_result", {"appeal_result"}},
    {"reviewer", {"reviewer"}},
    {"second", {"justification", "second_pid"}},
    {"tier", {"justification", "tier"}},
    {"outcome", {"outcome"}},
    {"harm", {"justification", "harm"}},
    {"ground", {"justification", "ground", "kind"}},
    {"clause", {"justification", "ground", "ref"}},
    {"policy_version", {"justification", "policy_version"}},
    {"aim", {"justification", "aim"}},
    {"exemptions", {"justification", "exemptions"}},
    {"lang_competence", {"justification", "lang_competence"}},
    {"origin", {"justification", "origin", "kind"}},
    {"detection", {"justification", "detection"}},
    {"automated_detection", {"justification", "automated_detection"}},
    {"automated_decision", {"justification", "automated_decision"}},
    {"content_lang", {"justification", "content_lang"}},
    {"territory", {"justification", "scope", "territory"}},
    {"until", {"justification", "scope", "until"}},
    {"threat_link", {"justification", "threat", "link"}},
    {"public_interest", {"justification", "proportionality", "public_interest"}},
    {"severity_tier", {"justification", "severity_tier"}},
    {"opened_at", {"justification", "opened_at"}},
    {"decided_at", {"justification", "decided_at"}},
    {"appeal_until", {"justification", "appeal_until"}},
    {"why", {"justification", "why"}},
    {"facts", {"justification", "facts"}},
    {"explanation", {"justification", "ground", "explanation"}},
};

int row_csv_header(struct buf *out)
{
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        (void)buf_add_format(out, "%s%s", i ? "," : "", columns[i].name);
    }
    return buf_add_text(out, "\r\n");
}

/* Lists and maps in one cell: "a b" and "name=value name=value". */
static int add_cell(struct buf *out, const json_t *value)
{
    CLEANUP(buf_freep) struct buf *cell = buf_new(64 << 10);
    const char *name;
    json_t *member;

    if (!cell) {
        return -ENOMEM;
    }
    if (json_is_string(value)) {
        return csv_text(out, json_span(value));
    }
    if (json_is_boolean(value)) {
        return buf_add_text(out, json_is_true(value) ? "true" : "false");
    }
    if (json_is_integer(value)) {
        return buf_add_format(out, "%lld", (long long)json_integer_value(value));
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        (void)buf_add_text(cell, i ? " " : "");
        (void)buf_add_span(cell, json_span(json_array_get(value, i)));
    }
    json_object_foreach((json_t *)(uintptr_t)value, name, member)
    {
        (void)buf_add_format(cell, "%s%s=", cell->len ? " " : "", name);
        (void)buf_add_span(cell, json_is_true(member) ? SPAN("true") : json_span(member));
    }
    return buf_status(cell) ? buf_status(cell) : csv_text(out, buf_span(cell));
}

int row_csv(struct buf *out, const json_t *entry, int64_t now_ms)
{
    CLEANUP(json_freep) json_t *line = NULL;

    if (!span_is(json_span(json_object_get(entry, "type")), "decision")) {
        return 0;
    }
    line = shown(entry, now_ms);
    if (!line) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        const json_t *value = line;

        for (size_t p = 0; p < COUNT_OF(columns[i].path) && columns[i].path[p]; p++) {
            value = json_object_get(value, columns[i].path[p]);
        }
        (void)buf_add_text(out, i ? "," : "");
        if (add_cell(out, value) < 0) {
            return -ENOMEM;
        }
    }
    return buf_add_text(out, "\r\n");
}
