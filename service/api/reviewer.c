/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/reviewer.h"

#include "lib/rights/taxonomy.h"
#include "service/api/key_make.h"
#include "service/store/keys.h"

enum { REVIEWER_CLEARANCE = 1, SENIOR_CLEARANCE = 2, ARRAYS = 3 };

static const struct {
    const char *name;
    size_t max;
} arrays[ARRAYS] = {
    {"languages", STORE_LANGUAGES_MAX}, {"opt_out", STORE_HARMS_MAX}, {"conflicts", STORE_CONFLICTS_MAX}};

static void check_word(struct fields *may, size_t kind, json_t *array, size_t i)
{
    struct span text;
    int harm;

    if (kind == 1) {
        (void)field_element_word(may, arrays[kind].name, array, i, harm_words, HARM_COUNT, &harm);
    } else if (field_element_string(may, arrays[kind].name, array, i, 1, STORE_NAME_MAX, &text) &&
               !(kind == 0 ? key_language_ok(text) : key_name_good(text))) {
        (void)field_fault(may, arrays[kind].name, "FIELD_VALUE",
                          kind == 0 ? "a language is 2 or 3 letters a-z" : "a name has letters, digits and . _ @ -");
    }
}

char *reviewer_read(struct fields *at, enum role role)
{
    static const char *const names[] = {"languages", "opt_out", "conflicts", "clearance"};
    size_t before = at->faults->count;
    struct fields may;
    int64_t clearance;

    if (!json_object_get(at->object, "may") || !field_object(at, "may", OPTIONAL, &may)) {
        return NULL;
    }
    if (role != ROLE_REVIEWER && role != ROLE_SENIOR) {
        (void)field_fault(at, "may", "FIELD_VALUE", "only a reviewer or a senior takes cases");
        return NULL;
    }
    fields_known(&may, names, COUNT_OF(names));
    for (size_t kind = 0; kind < ARRAYS; kind++) {
        json_t *array = NULL;

        (void)field_array(&may, arrays[kind].name, OPTIONAL, arrays[kind].max, &array);
        for (size_t i = 0; array && i < json_array_size(array); i++) {
            check_word(&may, kind, array, i);
        }
    }
    (void)field_int(&may, "clearance", OPTIONAL, 0, STORE_CLEARANCE_MAX, &clearance);
    return at->faults->count == before ? json_dumps(may.object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
}

/* The strings of one array, copied; NULL without memory. */
static const struct span *texts(struct exchange *ex, json_t *may, size_t kind, size_t *ret_count)
{
    json_t *array = json_object_get(may, arrays[kind].name);
    size_t count = json_array_size(array);
    struct span *list;

    count = count < arrays[kind].max ? count : arrays[kind].max;
    list = arena_array(exchange_arena(ex), count + 1, sizeof(*list));
    for (size_t i = 0; list && i < count; i++) {
        list[i] = arena_copy(exchange_arena(ex), json_span(json_array_get(array, i)));
        list = list[i].ptr ? list : NULL;
    }
    *ret_count = list ? count : 0;
    return list;
}

bool reviewer_may(struct exchange *ex, struct store_may *ret)
{
    const struct caller *caller = caller_of(ex);
    json_t *may = caller->may.len ? json_loadb(caller->may.ptr, caller->may.len, JSON_REJECT_DUPLICATES, NULL)
                                  : json_object();
    json_t *clearance = json_object_get(may, "clearance");
    bool good;

    *ret = (struct store_may){.clearance = caller->role == ROLE_SENIOR ? SENIOR_CLEARANCE : REVIEWER_CLEARANCE};
    if (json_is_integer(clearance)) {
        ret->clearance = (int)json_integer_value(clearance);
    }
    ret->languages = texts(ex, may, 0, &ret->language_count);
    ret->opt_out = texts(ex, may, 1, &ret->opt_out_count);
    ret->conflicts = texts(ex, may, 2, &ret->conflict_count);
    good = may && ret->languages && ret->opt_out && ret->conflicts;
    json_decref(may);
    return good;
}

struct store_care reviewer_care(struct exchange *ex)
{
    struct settings *settings = slot_take(&api_of(ex)->app->settings);
    struct store_care care = {
        .exempt_queue = arena_copy(exchange_arena(ex), span_of(settings->threat_queue)),
        .worst_severity = (int)settings->care_worst_severity, .worst_in_a_row = settings->care_worst_in_a_row,
        .pause_ms = settings->care_pause_ms, .rotation = settings->care_rotation,
        .hour = settings->care_per_hour, .day = settings->care_per_day,
        .severity_hour = {0, 0, 0, settings->care_grave_per_hour, settings->care_worst_per_hour},
        .severity_day = {0, 0, 0, settings->care_grave_per_day, settings->care_worst_per_day}};

    (void)settings_unref(settings);
    return care;
}
