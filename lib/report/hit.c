/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/report/hit.h"
#include "lib/base/attr.h"

#include <stdbool.h>

const char *const signal_kind_words[SIGNAL_KIND_COUNT] = {
    [SIGNAL_LITERAL] = "literal", [SIGNAL_REGEX] = "regex",   [SIGNAL_URL] = "url",
    [SIGNAL_DOMAIN] = "domain",   [SIGNAL_SHA256] = "sha256", [SIGNAL_SHA1] = "sha1",
    [SIGNAL_MD5] = "md5",         [SIGNAL_PDQ] = "pdq",       [SIGNAL_TLSH] = "tlsh",
};

const char *const hit_field_words[HIT_FIELD_COUNT] = {
    [HIT_TEXT] = "text",
    [HIT_URL] = "url",
    [HIT_URLS] = "urls",
    [HIT_HASHES] = "hashes",
};

const char *const hit_form_words[HIT_FORM_COUNT] = {
    [HIT_RAW] = "raw",
    [HIT_NORMALISED] = "normalised",
    [HIT_SQUEEZED] = "squeezed",
    [HIT_CONFUSABLE] = "confusable",
};

const char *const list_mode_words[LIST_MODE_COUNT] = {
    [LIST_LIVE] = "live",
    [LIST_SHADOW] = "shadow",
    [LIST_OFF] = "off",
};

static int compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

/* Past what hit.h promises, the order goes on over end, form and kind, so that it is total: equal
 * bytes out are a promise. */
static int hit_compare(const struct hit *a, const struct hit *b)
{
    int order = span_compare(a->list, b->list);

    if (order == 0) {
        order = span_compare(a->entry, b->entry);
    }
    if (order == 0) {
        order = (int)a->field - (int)b->field;
    }
    if (order == 0) {
        order = compare_numbers(a->index, b->index);
    }
    if (order == 0) {
        order = compare_numbers(a->start, b->start);
    }
    if (order == 0) {
        order = compare_numbers(a->end, b->end);
    }
    if (order == 0) {
        order = (int)a->form - (int)b->form;
    }
    return order != 0 ? order : (int)a->kind - (int)b->kind;
}

/* Shell sort: in place, and without the heap that qsort takes for more than a few elements. */
void hits_sort(struct hits *hits)
{
    static const size_t gaps[] = {57, 23, 10, 4, 1};

    for (size_t g = 0; g < COUNT_OF(gaps); g++) {
        for (size_t i = gaps[g]; i < hits->count; i++) {
            struct hit moving = hits->list[i];
            size_t at = i;

            while (at >= gaps[g] && hit_compare(&hits->list[at - gaps[g]], &moving) > 0) {
                hits->list[at] = hits->list[at - gaps[g]];
                at -= gaps[g];
            }
            hits->list[at] = moving;
        }
    }
}

static bool set_span(json_t *object, const char *name, struct span value)
{
    return json_object_set_new_nocheck(object, name,
                                       json_stringn(value.len ? value.ptr : "", value.len)) == 0;
}

static bool set_word(json_t *object, const char *name, const char *word)
{
    return json_object_set_new_nocheck(object, name, json_string(word)) == 0;
}

static bool set_int(json_t *object, const char *name, int64_t value)
{
    return json_object_set_new_nocheck(object, name, json_integer(value)) == 0;
}

static bool hit_fill(json_t *into, const struct hit *hit)
{
    bool has_index = hit->field == HIT_URLS || hit->field == HIT_HASHES;
    bool has_span = hit->field != HIT_HASHES;
    bool has_distance = hit->kind == SIGNAL_PDQ || hit->kind == SIGNAL_TLSH;

    return set_span(into, "list", hit->list) && set_span(into, "version", hit->list_version) &&
           set_span(into, "entry", hit->entry) &&
           set_word(into, "kind", signal_kind_words[hit->kind]) &&
           set_int(into, "severity", hit->severity) &&
           set_word(into, "field", hit_field_words[hit->field]) &&
           (!has_index || set_int(into, "index", hit->index)) &&
           (!has_span || (set_int(into, "start", hit->start) && set_int(into, "end", hit->end) &&
                          set_word(into, "form", hit_form_words[hit->form]))) &&
           (!has_distance || set_int(into, "distance", hit->distance)) &&
           (hit->mode != LIST_SHADOW || set_word(into, "mode", list_mode_words[LIST_SHADOW]));
}

json_t *hit_json(const struct hit *hit)
{
    json_t *json = json_object();

    if (json && !hit_fill(json, hit)) {
        json_decref(json);
        json = NULL;
    }
    return json;
}
