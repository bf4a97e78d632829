/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/look.h"

#include "service/api/entries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const look_words[LOOK_COUNT] = {[LOOK_CONTENT] = "content",
                                            [LOOK_PEOPLE] = "people",
                                            [LOOK_ENTRIES] = "entries",
                                            [LOOK_TILES] = "tiles",
                                            [LOOK_NUMBERS] = "transparency"};

enum { HOUR_MS = 3600000 };

struct looking {
    struct exchange *ex;
    json_t *view; /* owned by the exchange */
};

static void looking_free(void *arg)
{
    struct looking *looking = arg;

    json_decref(looking->view);
}

bool look_purpose(struct exchange *ex, struct span *ret)
{
    *ret = http_request_query(exchange_request(ex), "purpose");
    if (ret->len && !span_is(*ret, "review") && !span_is(*ret, "investigation")) {
        exchange_problem(ex, 400, "QUERY_VALUE", "purpose is review or investigation", NULL);
        return false;
    }
    return true;
}

static void logged(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct looking *looking = arg;

    (void)result;
    if (outcome != STORE_OK) {
        api_answer_store(looking->ex, outcome);
        return;
    }
    api_answer_json(looking->ex, 200, json_incref(looking->view));
}

void look_answer(struct exchange *ex, enum look what, struct span case_id, struct span purpose,
                 json_t *view)
{
    struct looking *looking = arena_alloc(exchange_arena(ex), sizeof(*looking));
    struct store_append_args args = {.now_ms = loop_now_ms()};

    if (!view || !looking) {
        json_decref(view);
        api_answer_no_memory(ex);
        return;
    }
    *looking = (struct looking){.ex = ex, .view = view};
    exchange_defer(ex, looking_free, looking);
    args.entry = entries_look(ex, look_words[what], case_id, purpose, args.now_ms);
    if (!args.entry.ptr || !store_append(api_of(ex)->store, &args, logged, looking)) {
        api_answer_no_memory(ex);
    }
}

/* The place of this reading; an older one gives way. NULL when all are on their way. */
static struct looked *place_of(struct api *api, const char *actor, enum look what)
{
    struct looked *oldest = NULL;

    if (!api->looked) {
        api->looked = calloc(LOOKS_MAX, sizeof(*api->looked));
    }
    for (size_t i = 0; api->looked && i < LOOKS_MAX; i++) {
        struct looked *one = &api->looked[i];

        if (one->what == what && strcmp(one->actor, actor) == 0) {
            return one;
        }
        oldest = !one->asked && (!oldest || one->hour < oldest->hour) ? one : oldest;
    }
    return oldest;
}

static void noted(void *arg, enum store_outcome outcome, const struct store_changed *result)
{
    struct looked *one = arg;

    (void)result;
    one->asked = false;
    if (outcome != STORE_OK) {
        one->hour = 0; /* the next reading tries again */
    }
}

void look_note(struct exchange *ex, enum look what)
{
    const char *actor = caller_of(ex)->pseudonym;
    struct api *api = api_of(ex);
    struct looked *one = place_of(api, actor, what);
    struct store_append_args args = {.now_ms = loop_now_ms()};
    int64_t hour = args.now_ms / HOUR_MS;

    if (!one || one->asked || (one->hour == hour && one->what == what && strcmp(one->actor, actor) == 0)) {
        return;
    }
    *one = (struct looked){.what = what, .hour = hour, .asked = true};
    (void)snprintf(one->actor, sizeof(one->actor), "%s", actor);
    args.entry = entries_look(ex, look_words[what], (struct span){NULL, 0}, (struct span){NULL, 0}, args.now_ms);
    if (!args.entry.ptr || !store_append(api->store, &args, noted, one)) {
        *one = (struct looked){.what = what};
    }
}
