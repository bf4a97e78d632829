/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_AUDIT_ENTRY_H
#define RAPPORTEUR_LIB_AUDIT_ENTRY_H

/*
 * Log entries: one canonical JSON object (RFC 8785) each, a leaf of the tree, at most 65535 bytes,
 * without personal data (commit.h has what stands in its place).
 *     CLEANUP(entry_freep) struct entry *entry = entry_new(ENTRY_DECISION, now_ms);
 *     entry_text(entry, "decision", decision_id);
 *     entry_text(entry, "case", case_id);
 *     entry_json(entry, "justification", record);
 *     r = entry_write(entry, out, &why);
 *
 * EVERY ENTRY has "v": 1, "type" (a word of entry_type_words), "at" (RFC 3339 UTC with
 * milliseconds, when the service accepted the act). Its index is its position and is not repeated
 * inside. Required beside these, and what later checks rely on (config/schema/entry-1.json has it
 * all); further members are free:
 *
 *     report       report, case, partner                       rpt_ id, cas_ id, partner's key name
 *     verdict      case, snapshot                              snapshot: 64 hex
 *     claim        case, reviewer                              action claim extend release expire
 *     decision     decision, case, reviewer, outcome           dec_ id; supersedes, appeal: ids
 *     second       decision, case, reviewer, agree             agree: true or false
 *     notice       decision, case, partner
 *     effect       decision, partner, effective_at, measure
 *     appeal       appeal, case, decision, partner
 *     escalation   case, reviewer, to
 *     list         list, version, action
 *     rules        digest                                      64 hex
 *     policy       version, digest
 *     key          key, role, action                           action create, revoke, rotate
 *     export       actor, format
 *     erasure      subject, ground                             what was erased, why; report or case
 *     hold         hold, case, action, actor                   action place (authority, reference, until), release
 *     config       digest
 *     order        case, partner, event                    informed paused clarified possible scrutiny_...
 *     log          log, action                             log: an origin. action begin: the first entry of a log
 *                                                          after `log`, whose last checkpoint and vkey it holds
 *                                                          (trail.h); delete: the entries of `log` are gone
 *
 * reviewer and actor are pseudonyms (32 hex) or "system". An id: three letters, '_', UUID.
 * commit: object of label to 64 hex, by entry_commit.
 *
 * TEMPLATES. Some values are known only inside the store's function that appends the entry: the
 * case a report joins, for example. There an entry is written with holes:
 *     entry_hole(entry, "case", "case");              ..."case":"<01>case<02>",...
 *     entry_hole_json(entry, "joined", "joined");     ..."joined":<01>joined<02>,...
 * <01> and <02> are the single bytes 0x01 and 0x02, which cannot occur in canonical JSON (a string
 * holding U+0001 has it as \u0001), so no foreign text can look like a hole. The store fills all
 * holes of a template in one pass, before XADD:
 *     entry = string.gsub(template, '\1([a-z_]+)\2', late)     late = {case = 'cas_...', ...}
 *
 * A value for entry_hole consists of [A-Za-z0-9_.:+-] only, at most ENTRY_HOLE_MAX bytes; a value
 * for entry_hole_json is canonical JSON of the same length: a whole number, true, false, null or a
 * quoted string of the same characters. A name that is missing in `late` would leave its hole: the
 * function must then refuse before it writes anything (`string.find(entry, '\1', 1, true)`). The
 * order of members never depends on a value, so a filled template is canonical.
 *
 * The stream: XADD <stream> <index + 1>-0 e <entry>, index counted from 0 without gaps.
 *
 * Codes: ENTRY_FORM (not canonical JSON; place: "byte N"), ENTRY_TYPE, ENTRY_MEMBER (a required one
 * is missing or ill-formed; place: /member), ENTRY_TOO_LARGE, ENTRY_DUPLICATE (place: /member).
 */

#include "lib/audit/commit.h"
#include "lib/base/attr.h"
#include "lib/base/buf.h"
#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum entry_type {
    ENTRY_REPORT,
    ENTRY_VERDICT,
    ENTRY_CLAIM,
    ENTRY_DECISION,
    ENTRY_SECOND,
    ENTRY_NOTICE,
    ENTRY_EFFECT,
    ENTRY_APPEAL,
    ENTRY_ESCALATION,
    ENTRY_LIST,
    ENTRY_RULES,
    ENTRY_POLICY,
    ENTRY_KEY,
    ENTRY_EXPORT,
    ENTRY_ERASURE,
    ENTRY_HOLD,
    ENTRY_CONFIG,
    ENTRY_ORDER,
    ENTRY_LOG,
    ENTRY_TYPE_COUNT
};
extern const char *const entry_type_words[ENTRY_TYPE_COUNT];

enum {
    ENTRY_VERSION = 1,
    ENTRY_MAX_BYTES = 65535,
    ENTRY_MAX_MEMBERS = 48,
    ENTRY_NAME_MAX = 48, /* member names: [a-z][a-z0-9_]* */
    ENTRY_HOLE_MAX = 64,
    ENTRY_MAX_DEPTH = 16,
};

struct entry;

/* NULL without memory. at_ms: unix milliseconds. */
struct entry *entry_new(enum entry_type type, int64_t at_ms);
struct entry *entry_free(struct entry *entry);
DEFINE_CLEANUP(struct entry *, entry_free);

/* Each adds one member; the first failure sticks and entry_write reports it, so nothing is
 * returned. entry may be NULL (then entry_write says -ENOMEM). `value` and `name` are copied. */
void entry_text(struct entry *entry, const char *name, struct span value);
void entry_int(struct entry *entry, const char *name, int64_t value);
void entry_bool(struct entry *entry, const char *name, bool value);
void entry_time(struct entry *entry, const char *name, int64_t unix_ms);
/* In its canonical form; borrowed for the call. NULL adds nothing. */
void entry_json(struct entry *entry, const char *name, const json_t *value);
/* Adds {label: hex} to the member "commit". */
void entry_commit(struct entry *entry, const char *label, const char hex[COMMIT_HEX_LEN + 1]);
void entry_hole(struct entry *entry, const char *name, const char *hole);
void entry_hole_json(struct entry *entry, const char *name, const char *hole);

/* Appends the entry, or the template when it has holes. What it writes, entry_read accepts (for a
 * template: once filled). 0, FAULT, BUF_FULL, -ENOMEM. May be called again. */
int entry_write(const struct entry *entry, struct buf *out, struct fault *why) NODISCARD;

/* Fills a template as the store does; for tests and for stores without functions. Code ENTRY_HOLE.
 */
struct entry_late {
    const char *hole;
    struct span value;
};
int entry_fill(struct buf *out, struct span template, const struct entry_late *late, size_t count,
               struct fault *why) NODISCARD;

/* Reading: one pass without memory of its own. Spans borrow from the bytes. */
struct entry_member {
    struct span name;
    struct span value; /* canonical JSON text of the value; a string with its quotes */
};

struct entry_view {
    struct span bytes;
    enum entry_type type;
    int64_t at_ms;
    struct entry_member members[ENTRY_MAX_MEMBERS]; /* sorted by name */
    size_t member_count;
};

/* Refuses what is not canonical JSON, of an unknown version or type, or lacks what its type
 * requires. Numbers that are not whole are checked for JSON form only. */
int entry_read(struct entry_view *ret, struct span bytes, struct fault *why) NODISCARD;

/* The JSON text of a member; empty when absent. */
struct span entry_value(const struct entry_view *view, const char *name);
/* The text of a string member without its quotes; empty when absent, no string, or with escapes. */
struct span entry_string(const struct entry_view *view, const char *name);
/* The id that names the act: decision, else appeal, report, case, list, key; empty where there is
 * none. */
struct span entry_id(const struct entry_view *view);

#endif
