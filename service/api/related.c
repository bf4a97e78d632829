/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/cases/{id}/related: cases about the same address, file or picture. Those of other partners are shown
 * without their ids, so that nobody learns whose they are. */
#include "service/api/api.h"
#include "service/api/pictures.h"

enum { SHOWN_MAX = 50 };

struct relating {
    struct exchange *ex;
    struct span case_id, partner, features;
    struct pdq *hashes;
    size_t hash_count;
    unsigned shard;
    struct pictures_near near[STORE_RELATED_NAMED_MAX];
    size_t near_count;
    json_t *shown;                      /* owned by the exchange */
    size_t own, foreign;
};

static void relating_free(void *arg)
{
    struct relating *r = arg;

    json_decref(r->shown);
}

static void next_shard(struct relating *r);

static void answer(struct relating *r)
{
    api_answer_json(r->ex, 200, json_pack("{s:O, s:I, s:I}", "related", r->shown, "own", (json_int_t)r->own, "foreign",
                                          (json_int_t)r->foreign));
}

static void show(struct relating *r, const struct store_related_case *from)
{
    bool own = span_equal(from->partner, r->partner);
    json_t *one = json_pack("{s:b, s:s}", "own", own, "state", case_state_words[from->state]);

    r->own += own;
    r->foreign += !own;
    if (own) {
        api_set_span(one, "case", from->id);
    }
    (void)json_object_set_new(one, "by", json_string(!from->feature.len          ? "picture"
                                                     : from->feature.ptr[0] == 'u' ? "url"
                                                                                   : "hash"));
    for (size_t i = 0; !from->feature.len && i < r->near_count; i++) {
        if (span_is(from->id, r->near[i].case_id)) {
            (void)json_object_set_new(one, "distance", json_integer(r->near[i].distance));
        }
    }
    if (from->harm.len) {
        api_set_span(one, "harm", from->harm);
    }
    if (from->outcome.len) {
        api_set_span(one, "outcome", from->outcome);
    }
    api_set_time(one, "created_at", from->created_ms);
    api_set_time(one, "closed_at", from->closed_ms);
    if (json_array_size(r->shown) < SHOWN_MAX) {
        (void)json_array_append_new(r->shown, one);
    } else {
        json_decref(one);
    }
}

static void related(void *arg, enum store_outcome outcome, const struct store_related *result)
{
    struct relating *r = arg;

    if (outcome != STORE_OK) {
        api_answer_store(r->ex, outcome);
        return;
    }
    for (size_t i = 0; i < result->count; i++) {
        show(r, &result->cases[i]);
    }
    r->shard++;
    next_shard(r);
}

static void pictures_there(void *arg, enum store_outcome outcome)
{
    struct relating *r = arg;
    struct api *api = api_of(r->ex);
    struct span named[STORE_RELATED_NAMED_MAX];
    struct store_related_args args = {.shard = r->shard, .case_id = r->case_id, .features = r->features, .named = named};

    if (outcome != STORE_OK) {
        api_answer_store(r->ex, outcome);
        return;
    }
    r->near_count = r->hash_count ? pictures_find(api->pictures, r->shard, r->hashes, r->hash_count, r->near,
                                                  STORE_RELATED_NAMED_MAX)
                                  : 0;
    for (args.named_count = 0; args.named_count < r->near_count; args.named_count++) {
        named[args.named_count] = span_of(r->near[args.named_count].case_id);
    }
    if (!store_related(api->store, &args, related, r)) {
        api_answer_no_memory(r->ex);
    }
}

static void next_shard(struct relating *r)
{
    struct api *api = api_of(r->ex);

    if (r->shard == store_shards(api->store)) {
        answer(r);
    } else if (!r->hash_count) {
        pictures_there(r, STORE_OK);
    } else if (!pictures_refresh(api->pictures, r->shard, pictures_there, r)) {
        api_answer_no_memory(r->ex);
    }
}

static void features_got(void *arg, enum store_outcome outcome, const struct store_features *result)
{
    struct relating *r = arg;
    struct api *api = api_of(r->ex);
    struct arena *arena = exchange_arena(r->ex);

    if (outcome != STORE_OK) {
        api_answer_store(r->ex, outcome);
        return;
    }
    r->partner = arena_copy(arena, result->partner);
    r->features = arena_copy(arena, span_sub(result->features, 0, STORE_RELATED_FEATURES_MAX * STORE_FEATURE_LEN));
    r->hash_count = result->pictures.len / STORE_PICTURE_HASH_LEN;
    r->hashes = arena_array(arena, r->hash_count + 1, sizeof(*r->hashes));
    api->pictures = api->pictures ? api->pictures : pictures_new(api->store);
    if (!r->partner.ptr || !r->features.ptr || !r->hashes || !api->pictures) {
        api_answer_no_memory(r->ex);
        return;
    }
    for (size_t i = 0; i < r->hash_count; i++) {
        memcpy(&r->hashes[i], result->pictures.ptr + i * STORE_PICTURE_HASH_LEN, STORE_PICTURE_HASH_LEN);
    }
    next_shard(r);
}

void related_read(struct exchange *ex)
{
    struct relating *r = arena_alloc(exchange_arena(ex), sizeof(*r));
    struct span id;

    if (!r) {
        api_answer_no_memory(ex);
        return;
    }
    *r = (struct relating){.ex = ex, .shown = json_array()};
    exchange_defer(ex, relating_free, r);
    if (!api_id_param(ex, "id", "cas", &id)) {
        return;
    }
    r->case_id = arena_copy(exchange_arena(ex), id);
    if (!r->case_id.ptr || !r->shown ||
        !store_features(api_of(ex)->store, &(struct store_id_args){.id = r->case_id}, features_got, r)) {
        api_answer_no_memory(ex);
    }
}
