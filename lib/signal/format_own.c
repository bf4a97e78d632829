/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own shape, from JSON or YAML: {"head":{...},"entries":[...]}, and on top of an older version
 * with "since" (its digest) and "removed".
 */
#include "lib/json/field.h"
#include "lib/signal/source.h"

#include <assert.h>

static const char *const kind_words_all[] = {"literal", "regex", "url", "domain", "sha256",
                                             "sha1",    "md5",   "pdq", "tlsh"};
static_assert(COUNT_OF(kind_words_all) == SIGNAL_KIND_COUNT, "one word for each kind");

static size_t mistakes(const struct signal_source *source)
{
    return source->report->faults.count + source->report->faults.dropped;
}

static void field_date(struct fields *f, const char *name, int64_t *ret_ms)
{
    struct span text;

    if (field_string(f, name, OPTIONAL, 1, 40, &text) && !source_time(text, ret_ms)) {
        (void)field_fault(f, name, "FIELD_TIME", "a date (2027-05-01) or an RFC 3339 time");
    }
}

static int read_head(struct signal_source *source, struct fields *root, struct list_head *ret)
{
    static const char *const names[] = {"id",          "name",      "owner",  "harm",
                                        "legal_basis", "kind",      "tlp",    "version",
                                        "mode",        "review_by", "expires",
                                        "on_withdrawal"};
    static const char *const withdrawal_words[] = {"keep", "reopen"};
    size_t before = mistakes(source);
    struct list_head head = {.mode = LIST_LIVE};
    struct fields f;
    int mode = LIST_LIVE, withdrawal = 0;

    if (!field_object(root, "head", REQUIRED, &f)) {
        return FAULT;
    }
    fields_known(&f, names, COUNT_OF(names));
    (void)field_string(&f, "id", REQUIRED, 1, LIST_MAX_ID, &head.id);
    (void)field_string(&f, "name", REQUIRED, 1, LIST_MAX_FIELD, &head.name);
    (void)field_string(&f, "owner", REQUIRED, 1, LIST_MAX_FIELD, &head.owner);
    (void)field_string(&f, "legal_basis", REQUIRED, 1, LIST_MAX_FIELD, &head.legal_basis);
    (void)field_string(&f, "version", REQUIRED, 1, LIST_MAX_FIELD, &head.version);
    (void)field_string(&f, "harm", OPTIONAL, 0, LIST_MAX_FIELD, &head.harm);
    (void)field_string(&f, "kind", OPTIONAL, 0, LIST_MAX_FIELD, &head.kind);
    (void)field_string(&f, "tlp", OPTIONAL, 1, LIST_MAX_FIELD, &head.tlp);
    (void)field_word(&f, "mode", OPTIONAL, list_mode_words, LIST_MODE_COUNT, &mode);
    (void)field_word(&f, "on_withdrawal", OPTIONAL, withdrawal_words, COUNT_OF(withdrawal_words), &withdrawal);
    head.reopens = withdrawal == 1;
    field_date(&f, "review_by", &head.review_by_ms);
    field_date(&f, "expires", &head.expires_ms);
    head.mode = (enum list_mode)mode;
    *ret = head;
    return mistakes(source) > before ? FAULT : 0;
}

static void read_tags(struct fields *f, struct source_tags *tags)
{
    json_t *array;

    if (!field_array(f, "tags", OPTIONAL, LIST_MAX_TAGS, &array)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        struct span tag;

        if (!field_element_string(f, "tags", array, i, 1, LIST_MAX_TAG, &tag)) {
            continue;
        }
        if (memchr(tag.ptr, ',', tag.len)) {
            (void)field_fault(f, "tags", "FIELD_VALUE", "a tag holds no comma");
        }
        source_tag(tags, tag);
    }
}

static void read_language(struct fields *f, char into[4])
{
    struct span language;

    if (field_string(f, "language", OPTIONAL, 2, 3, &language)) {
        memcpy(into, language.ptr, language.len);
    }
}

static int read_entry(struct signal_source *source, struct fields *f)
{
    static const char *const names[] = {"id",       "kind",    "value", "language",
                                        "severity", "opinion", "tags",  "expires"};
    size_t before = mistakes(source);
    struct list_entry entry = {0};
    struct source_tags tags = {.len = 0};
    int64_t severity = source->options->default_severity;
    int kind = source->options->default_kind, opinion = source->options->default_opinion;

    fields_known(f, names, COUNT_OF(names));
    (void)field_word(f, "kind", kind < 0 ? REQUIRED : OPTIONAL, kind_words_all, SIGNAL_KIND_COUNT,
                     &kind);
    (void)field_string(f, "value", REQUIRED, 1, LIST_MAX_VALUE, &entry.value);
    (void)field_string(f, "id", OPTIONAL, 1, LIST_MAX_ID, &entry.id);
    (void)field_int(f, "severity", OPTIONAL, 0, 4, &severity);
    (void)field_word(f, "opinion", OPTIONAL, opinion_words, OPINION_COUNT, &opinion);
    read_language(f, entry.language);
    read_tags(f, &tags);
    field_date(f, "expires", &entry.expires_ms);
    if (mistakes(source) > before) {
        return source_bad_named(source);
    }
    entry.kind = (enum signal_kind)kind;
    entry.severity = (int)severity;
    entry.opinion = (enum opinion)opinion;
    entry.tags = source_tags_span(&tags);
    return source_add(source, &entry, f->at);
}

static int read_entries(struct signal_source *source, struct fields *root)
{
    json_t *array = NULL;
    int r = 0;

    if (!field_array(root, "entries", REQUIRED, source->options->max_entries, &array)) {
        return FAULT;
    }
    for (size_t i = 0; i < json_array_size(array) && r == 0; i++) {
        struct fields f;

        r = field_element(root, "entries", array, i, &f) ? read_entry(source, &f)
                                                         : source_bad_named(source);
    }
    return r;
}

static int read_removed(struct signal_source *source, struct fields *root)
{
    static const char *const names[] = {"kind", "value"};
    json_t *array = NULL;
    size_t before = mistakes(source);
    int r = 0;

    if (!field_array(root, "removed", OPTIONAL, source->options->max_entries, &array)) {
        return mistakes(source) > before ? FAULT : 0;
    }
    for (size_t i = 0; i < json_array_size(array) && r == 0; i++) {
        struct fields f;
        struct span value = {0};
        int kind = 0;

        before = mistakes(source);
        if (field_element(root, "removed", array, i, &f)) {
            fields_known(&f, names, COUNT_OF(names));
            (void)field_word(&f, "kind", REQUIRED, kind_words_all, SIGNAL_KIND_COUNT, &kind);
            (void)field_string(&f, "value", REQUIRED, 1, LIST_MAX_VALUE, &value);
        }
        r = mistakes(source) > before ? source_bad_named(source)
                                      : source_remove(source, (enum signal_kind)kind, value, f.at);
    }
    return r;
}

/* A change says on top of which version it stands. */
static int start(struct signal_source *source, struct fields *root, const struct list_head *head)
{
    const struct list *base = source->options->base;
    struct span since;

    if (!field_string(root, "since", OPTIONAL, 64, 64, &since)) {
        return source_start(source, head, "/head");
    }
    if (!base) {
        return source_refuse(source, "BASE_MISSING", "/since",
                             "this is a change to an older version, which is not here");
    }
    if (!span_is(since, list_digest(base))) {
        return source_refuse(source, "BASE_DIFFERS", "/since",
                             "this is a change to another version than ours");
    }
    return source_start_on_base(source, head, "/head");
}

int own_read(struct signal_source *source, json_t *root)
{
    static const char *const names[] = {"head", "entries", "removed", "since"};
    size_t before = mistakes(source);
    struct list_head head;
    struct fields f;
    int r;

    if (!fields_open(&f, root, "", &source->report->faults)) {
        return FAULT;
    }
    fields_known(&f, names, COUNT_OF(names));
    r = read_head(source, &f, &head);
    if (r || mistakes(source) > before) {
        return FAULT;
    }
    r = start(source, &f, &head);
    /* Tombstones first: what a change brings anew stays. */
    r = r ? r : read_removed(source, &f);
    return r ? r : read_entries(source, &f);
}
