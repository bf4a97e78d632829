/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page of ThreatExchange's threat_updates:
 * {"data":[record],"paging":{"cursors":{"after"},"next"?}}. A record that should be deleted, or has
 * no descriptors, takes its signal out of options.base; every other one is put in with the opinion
 * of all who described it or reacted: positive, negative, disputed (both), else seed. One's own
 * descriptor counts, one's reaction to it does not. Types we do not match are passed over.
 * report.resume_s is the greatest last_updated, report.next the cursor of the next page.
 */
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "lib/signal/source.h"

#include <errno.h>
#include <stdlib.h>

enum { OPINIONS_MAX = 256, TIME_MAX = INT32_MAX };

/* Who holds which opinion. */
struct opinions {
    struct {
        struct span owner;
        enum opinion opinion;
        bool own; /* by a descriptor, not by a reaction */
    } at[OPINIONS_MAX];
    size_t count;
};

static bool holds(struct span text, const char *word)
{
    return memmem(text.ptr, text.len, word, strlen(word)) != NULL;
}

static int threatexchange_sniff(struct span front)
{
    if (front.len == 0 || front.ptr[0] != '{' || !holds(front, "\"data\"")) {
        return 0;
    }
    return holds(front, "\"indicator\"") || holds(front, "\"paging\"") ? 85 : 0;
}

/* ---- opinions ---- */

static void note(struct opinions *opinions, struct span owner, enum opinion opinion, bool own)
{
    for (size_t i = 0; i < opinions->count; i++) {
        if (span_equal(opinions->at[i].owner, owner)) {
            if (own || !opinions->at[i].own) {
                opinions->at[i].opinion = opinion;
                opinions->at[i].own = own;
            }
            return;
        }
    }
    if (opinions->count < OPINIONS_MAX) {
        opinions->at[opinions->count].owner = owner;
        opinions->at[opinions->count].opinion = opinion;
        opinions->at[opinions->count++].own = own;
    }
}

static enum opinion sum_of(const struct opinions *opinions)
{
    bool positive = false, negative = false;

    for (size_t i = 0; i < opinions->count; i++) {
        positive |= opinions->at[i].opinion == OPINION_POSITIVE;
        negative |= opinions->at[i].opinion == OPINION_NEGATIVE;
    }
    if (positive) {
        return negative ? OPINION_DISPUTED : OPINION_POSITIVE;
    }
    return negative ? OPINION_NEGATIVE : OPINION_SEED;
}

static void note_reactions(struct opinions *opinions, json_t *reactions)
{
    for (size_t i = 0; i < json_array_size(reactions); i++) {
        json_t *reaction = json_array_get(reactions, i);
        struct span key = json_span(json_object_get(reaction, "key"));
        struct span apps = json_span(json_object_get(reaction, "value"));
        bool helpful = span_is(key, "HELPFUL");

        if (!helpful && !span_is(key, "DISAGREE_WITH_TAGS")) {
            continue;
        }
        while (apps.ptr) {
            struct span app = span_trim(span_cut(&apps, ','));

            if (app.len > 0) {
                note(opinions, app, helpful ? OPINION_POSITIVE : OPINION_NEGATIVE, false);
            }
        }
    }
}

static enum opinion status_opinion(struct span status)
{
    if (span_is(status, "MALICIOUS")) {
        return OPINION_POSITIVE;
    }
    return span_is(status, "NON_MALICIOUS") ? OPINION_NEGATIVE : OPINION_SEED;
}

/* ---- records ---- */

static int severity_of(struct span word, int otherwise)
{
    static const char *const words[] = {"INFO", "WARNING", "SUSPICIOUS", "SEVERE", "APOCALYPSE"};
    int index = word_index(words, COUNT_OF(words), word);

    return index < 0 ? otherwise : index;
}

/* Tags come as ["text"], or as {"data":[{"text"}]}. */
static void note_tags(struct source_tags *tags, json_t *value)
{
    json_t *array = json_is_object(value) ? json_object_get(value, "data") : value;

    for (size_t i = 0; i < json_array_size(array); i++) {
        json_t *tag = json_array_get(array, i);

        source_tag(tags, json_span(json_is_object(tag) ? json_object_get(tag, "text") : tag));
    }
}

static void note_descriptors(json_t *data, struct opinions *opinions, struct source_tags *tags,
                             struct list_entry *entry, int default_severity)
{
    int severity = -1;

    for (size_t i = 0; i < json_array_size(data); i++) {
        json_t *descriptor = json_array_get(data, i);
        struct span owner = json_span(json_object_get(json_object_get(descriptor, "owner"), "id"));
        int own = severity_of(json_span(json_object_get(descriptor, "severity")), -1);

        if (owner.len == 0) {
            continue;
        }
        note(opinions, owner, status_opinion(json_span(json_object_get(descriptor, "status"))),
             true);
        note_reactions(opinions, json_object_get(descriptor, "reactions"));
        note_tags(tags, json_object_get(descriptor, "tags"));
        severity = own > severity ? own : severity;
    }
    entry->severity = severity < 0 ? default_severity : severity;
    entry->opinion = sum_of(opinions);
}

/* "[h]ttps://name[.]example" and hxxp as people write them to keep a link from being followed. */
static struct span refanged(struct span url, char room[LIST_MAX_URL])
{
    size_t len = 0;

    for (size_t i = 0; i < url.len && len < LIST_MAX_URL; i++) {
        if (url.ptr[i] != '[' && url.ptr[i] != ']') {
            room[len++] = url.ptr[i];
        }
    }
    if (len > 4 && (memcmp(room, "hxxp", 4) == 0 || memcmp(room, "hXXp", 4) == 0)) {
        memcpy(room, "http", 4);
    }
    return (struct span){room, len};
}

static int read_record(struct signal_source *source, struct fields *f, struct opinions *opinions)
{
    json_t *descriptors = json_object_get(json_object_get(f->object, "descriptors"), "data");
    struct list_entry entry = {0};
    struct source_tags tags = {.len = 0};
    char room[LIST_MAX_URL];
    struct span type = {0}, id = {0};
    bool removed = false;
    int64_t updated = 0;

    (void)field_string(f, "id", OPTIONAL, 0, LIST_MAX_ID, &id);
    (void)field_int(f, "last_updated", OPTIONAL, 0, TIME_MAX, &updated);
    (void)field_bool(f, "should_delete", OPTIONAL, &removed);
    source->report->resume_s =
        updated > source->report->resume_s ? updated : source->report->resume_s;
    if (!field_string(f, "type", REQUIRED, 1, 64, &type) ||
        !field_string(f, "indicator", REQUIRED, 1, LIST_MAX_VALUE, &entry.value)) {
        return source_bad_named(source);
    }
    if (!signal_kind_read(type, &entry.kind)) {
        return source_pass(source);
    }
    if (span_is(type, "UNCLICKABLE_URL")) {
        entry.value = refanged(entry.value, room);
    }
    if (removed || !descriptors) {
        return source_remove(source, entry.kind, entry.value, f->at);
    }
    opinions->count = 0;
    note_tags(&tags, json_object_get(f->object, "tags"));
    note_descriptors(descriptors, opinions, &tags, &entry, source->options->default_severity);
    entry.id = id;
    entry.tags = source_tags_span(&tags);
    return source_add(source, &entry, f->at);
}

static void note_paging(struct signal_source *source, json_t *paging)
{
    struct span after = json_span(json_object_get(json_object_get(paging, "cursors"), "after"));

    if (json_object_get(paging, "next") && after.len > 0 && after.len <= SIGNAL_CURSOR_MAX) {
        memcpy(source->report->next, after.ptr, after.len);
        source->report->next[after.len] = '\0';
    }
}

static int threatexchange_read(struct signal_source *source)
{
    CLEANUP(json_freep) json_t *root = NULL;
    struct opinions *opinions;
    json_t *data = NULL;
    struct fields f;
    int r = source_json(source, &root);

    if (r) {
        return r;
    }
    if (!fields_open(&f, root, "", &source->report->faults) ||
        !field_array(&f, "data", REQUIRED, source->options->max_entries, &data)) {
        return FAULT;
    }
    opinions = malloc(sizeof(*opinions));
    r = opinions ? source_start_on_base(source, NULL, source->name) : -ENOMEM;
    for (size_t i = 0; i < json_array_size(data) && r == 0; i++) {
        struct fields record;

        r = field_element(&f, "data", data, i, &record) ? read_record(source, &record, opinions)
                                                        : source_bad_named(source);
    }
    free(opinions);
    note_paging(source, json_object_get(root, "paging"));
    return r;
}

const struct signal_format format_threatexchange = {"threatexchange", threatexchange_sniff,
                                                    threatexchange_read};
