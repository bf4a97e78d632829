/* SPDX-License-Identifier: Apache-2.0 */
/* The sources of lists between builds: what came, what was refused, what a reload keeps. */
#include "service/sync/sync_state.h"

#include "lib/base/clock.h"
#include "service/runtime/log.h"
#include "service/runtime/metrics.h"
#include "service/sync/kept.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const char *source_shown(const struct list_source *setting, char into[FAULT_PLACE_MAX])
{
    if (setting->file) {
        return setting->file;
    }
    fetch_shown_url(setting->url, into);
    return into;
}

void source_load_kept(struct sync *sync, size_t i)
{
    const struct list_source *setting = &sync->wanted->sources[i];
    char name[FAULT_PLACE_MAX];

    sync->sources[i].news = kept_read(sync->wanted->state_dir, setting->url, (size_t)setting->max_bytes);
    if (sync->sources[i].news) {
        log_info("begins with the list body kept from before", LOG_STR("source", source_shown(setting, name)));
    }
}

void source_refused(struct source *source, const struct list_source *setting, const struct fault *why)
{
    char name[FAULT_PLACE_MAX];
    bool known = source->failing && strcmp(source->why.text, why->text) == 0;

    source->failing = true;
    source->why = *why;
    metrics_add(METRIC_LIST_REFUSED, 0, 1);
    if (!known) {
        log_warn(source->list ? "list source refused, keeping the last good version"
                              : "list source refused, nothing of it is matched",
                 LOG_STR("source", source_shown(setting, name)), LOG_FAULT(why));
    }
}

void source_built(struct sync *sync, size_t i, struct build_source *built)
{
    struct source *source = &sync->sources[i];
    char name[FAULT_PLACE_MAX];
    struct fault why;

    if (built->setting->file) {
        source->checked_ms = loop_now_ms();
    }
    if (built->refused) {
        source_refused(source, built->setting, &built->why);
        source->etag[0] = '\0';             /* or a 304 would hide that the body was bad */
        if (sync->options.list_changed && source->list) {
            sync->options.list_changed(sync->options.arg, list_head(source->list), list_digest(source->list), "refused");
        }
        return;
    }
    source->failing = false;
    if (built->changed) {
        source->list = (list_unref(source->list), list_ref(built->current));
        if (built->setting->url && built->body) {
            if (kept_write(sync->wanted->state_dir, built->setting->url, buf_span(built->body), &why) != 0) {
                log_warn("a list body could not be kept for the next start",
                         LOG_STR("source", source_shown(built->setting, name)), LOG_FAULT(&why));
            }
        }
        log_info("list version taken", LOG_SPAN("list", list_head(source->list)->id),
                 LOG_SPAN("version", list_head(source->list)->version), LOG_STR("digest", list_digest(source->list)),
                 LOG_INT("count", list_count(source->list)));
        if (sync->options.list_changed) {
            sync->options.list_changed(sync->options.arg, list_head(source->list), list_digest(source->list), "version");
        }
    }
}

struct source *sources_free(struct source *sources, size_t count)
{
    for (size_t i = 0; sources && i < count; i++) {
        (void)list_unref(sources[i].list);
        (void)buf_free(sources[i].news);
        (void)fetch_free(sources[i].fetch);
    }
    free(sources);
    return NULL;
}

/* What identifies a source across a reload. */
static bool same_source(const struct list_source *a, const struct list_source *b)
{
    const char *x = a->file ? a->file : a->url, *y = b->file ? b->file : b->url;

    return strcmp(x, y) == 0 && strcmp(a->id, b->id) == 0;
}

/* The same bytes make the same list under both: only then may a 304 stand for them. */
static bool same_reading(const struct list_source *a, const struct list_source *b)
{
    return strcmp(a->format, b->format) == 0 && strcmp(a->kind, b->kind) == 0 &&
           strcmp(a->mode, b->mode) == 0 && strcmp(a->public_key, b->public_key) == 0;
}

int sources_use(struct sync *sync, struct settings *settings)
{
    struct source *sources = calloc(settings->source_count + 1, sizeof(*sources));

    if (!sources) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < settings->source_count; i++) {
        sources[i].sync = sync;
    }
    for (size_t i = 0; sync->sources && i < settings->source_count; i++) {
        for (size_t j = 0; j < sync->wanted->source_count; j++) {
            if (same_source(&settings->sources[i], &sync->wanted->sources[j]) && sync->sources[j].list) {
                sources[i].list = (list_unref(sources[i].list), list_ref(sync->sources[j].list));
                (void)snprintf(sources[i].etag, sizeof(sources[i].etag), "%s",
                               same_reading(&settings->sources[i], &sync->wanted->sources[j]) ? sync->sources[j].etag : "");
            }
        }
    }
    for (size_t j = 0; sync->sources && j < sync->wanted->source_count; j++) {
        sync->sources[j].fetch = fetch_free(sync->sources[j].fetch);
        sync->sources[j].due_ms = 0;
    }
    sync->held = sync->sources;
    sync->sources = sources;
    sync->wanted = (settings_unref(sync->wanted), settings_ref(settings));
    return 0;
}

void sources_settle(struct sync *sync)
{
    sync->held = sources_free(sync->held, sync->settings->source_count);
    sync->settings = (settings_unref(sync->settings), settings_ref(sync->wanted));
}

void sources_go_back(struct sync *sync)
{
    if (sync->held) {
        (void)sources_free(sync->sources, sync->wanted->source_count);
        sync->sources = TAKE(sync->held);
        sync->wanted = (settings_unref(sync->wanted), settings_ref(sync->settings));
    }
}

void sources_forget_etags(struct sync *sync)
{
    for (size_t i = 0; i < sync->wanted->source_count; i++) {
        sync->sources[i].etag[0] = '\0';
    }
}

json_t *sync_sources(const struct sync *sync)
{
    json_t *all = json_array();

    for (size_t i = 0; i < sync->wanted->source_count; i++) {
        const struct list_source *setting = &sync->wanted->sources[i];
        const struct source *source = &sync->sources[i];
        char name[FAULT_PLACE_MAX], checked[CLOCK_TEXT_LEN + 1];
        json_t *one = json_pack("{s:s}", "source", source_shown(setting, name));

        if (source->list) {
            const struct list_head *head = list_head(source->list);

            (void)json_object_set_new(one, "list", json_stringn(head->id.ptr, head->id.len));
            (void)json_object_set_new(one, "version", json_stringn(head->version.ptr, head->version.len));
            (void)json_object_set_new(one, "entries", json_integer((json_int_t)list_count(source->list)));
        }
        if (source->checked_ms) {
            clock_text(source->checked_ms, checked);
            (void)json_object_set_new(one, "checked_at", json_string(checked));
        }
        if (source->failing) {
            (void)json_object_set_new(one, "fault", json_string(source->why.text));
        }
        (void)json_array_append_new(all, one);
    }
    return all;
}
