/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/infer.h"

#include <string.h>

/* A variable may stand for a type that holds another; real expressions stay far below. */
enum { RESOLVE_DEPTH_MAX = 100 };

static bool assign(struct cel_infer *infer, const struct cel_type *from, const struct cel_type *to,
                   unsigned depth);
static const struct cel_type *resolve(struct cel_infer *infer, const struct cel_type *type,
                                      bool free_to_dyn, unsigned depth);

void cel_infer_init(struct cel_infer *infer, struct arena *arena)
{
    *infer = (struct cel_infer){.arena = arena};
}

static bool is_var(const struct cel_type *type)
{
    return type->kind == CEL_PARAM && type->index >= CEL_VAR_FIRST;
}

static bool grow(struct cel_infer *infer, const struct cel_type ***list, uint32_t count, uint32_t *cap)
{
    uint32_t more = *cap ? *cap * 2 : 32;
    const struct cel_type **grown;

    if (count < *cap) {
        return true;
    }
    grown = arena_array(infer->arena, more, sizeof(*grown));
    if (!grown) {
        infer->out_of_memory = true;
        return false;
    }
    if (count > 0) {
        (void)memcpy(grown, *list, count * sizeof(*grown));
    }
    *list = grown;
    *cap = more;
    return true;
}

const struct cel_type *cel_infer_fresh(struct cel_infer *infer)
{
    struct cel_type *type = arena_alloc(infer->arena, sizeof(*type));

    if (!type || !grow(infer, &infer->bound, infer->count, &infer->cap)) {
        infer->out_of_memory = true;
        return &cel_type_dyn;
    }
    type->kind = CEL_PARAM;
    type->index = CEL_VAR_FIRST + infer->count++;
    return type;
}

static const struct cel_type *copy_with(struct cel_infer *infer, const struct cel_type *type,
                                        const struct cel_type *const *params)
{
    struct cel_type *copy;

    if (memcmp(type->params, params, sizeof(type->params)) == 0) {
        return type;
    }
    copy = arena_alloc(infer->arena, sizeof(*copy));
    if (!copy) {
        infer->out_of_memory = true;
        return &cel_type_dyn;
    }
    *copy = *type;
    (void)memcpy(copy->params, params, sizeof(copy->params));
    return copy;
}

const struct cel_type *cel_infer_instance(struct cel_infer *infer, const struct cel_type *type,
                                          const struct cel_type **letters)
{
    const struct cel_type *params[CEL_TYPE_PARAMS_MAX] = {0};

    if (++infer->work > CEL_INFER_WORK_MAX) {
        return &cel_type_dyn;
    }
    if (type->kind == CEL_PARAM && type->index < CEL_VAR_FIRST) {
        if (!letters[type->index]) {
            letters[type->index] = cel_infer_fresh(infer);
        }
        return letters[type->index];
    }
    for (uint32_t i = 0; i < type->param_count; i++) {
        params[i] = cel_infer_instance(infer, type->params[i], letters);
    }
    return copy_with(infer, type, params);
}

static const struct cel_type *find(const struct cel_infer *infer, const struct cel_type *var)
{
    return infer->bound[var->index - CEL_VAR_FIRST];
}

static bool bind(struct cel_infer *infer, const struct cel_type *var, const struct cel_type *type)
{
    uint32_t which = var->index - CEL_VAR_FIRST;

    if (infer->trail_count == infer->trail_cap) {
        uint32_t cap = infer->trail_cap;
        uint32_t *trail;

        if (!grow(infer, &infer->before, infer->trail_count, &infer->trail_cap)) {
            return false;
        }
        trail = arena_array(infer->arena, infer->trail_cap, sizeof(*trail));
        if (!trail) {
            infer->out_of_memory = true;
            infer->trail_cap = cap;
            return false;
        }
        if (infer->trail_count > 0) {
            (void)memcpy(trail, infer->trail, infer->trail_count * sizeof(*trail));
        }
        infer->trail = trail;
    }
    infer->trail[infer->trail_count] = which;
    infer->before[infer->trail_count++] = infer->bound[which];
    infer->bound[which] = type;
    return true;
}

uint32_t cel_infer_mark(const struct cel_infer *infer)
{
    return infer->trail_count;
}

void cel_infer_undo(struct cel_infer *infer, uint32_t mark)
{
    while (infer->trail_count > mark) {
        infer->trail_count--;
        infer->bound[infer->trail[infer->trail_count]] = infer->before[infer->trail_count];
    }
}

/* Whether the variable occurs in the type, which would make it endless. */
static bool occurs(struct cel_infer *infer, const struct cel_type *var,
                   const struct cel_type *type, unsigned depth)
{
    if (depth > RESOLVE_DEPTH_MAX || ++infer->work > CEL_INFER_WORK_MAX) {
        return true;
    }
    if (is_var(type)) {
        const struct cel_type *stands_for = find(infer, type);

        if (type->index == var->index) {
            return true;
        }
        return stands_for && occurs(infer, var, stands_for, depth + 1);
    }
    for (uint32_t i = 0; i < type->param_count; i++) {
        if (occurs(infer, var, type->params[i], depth + 1)) {
            return true;
        }
    }
    return false;
}

static bool no_more_specific(struct cel_infer *infer, const struct cel_type *a,
                             const struct cel_type *b)
{
    if (++infer->work > CEL_INFER_WORK_MAX) {
        return true;
    }
    if (a->kind == CEL_DYN || a->kind == CEL_PARAM) {
        return true;
    }
    if (b->kind == CEL_DYN || b->kind == CEL_PARAM || a->kind != b->kind ||
        a->param_count != b->param_count) {
        return false;
    }
    if (a->kind == CEL_TYPE) {
        return true;
    }
    for (uint32_t i = 0; i < a->param_count; i++) {
        if (!no_more_specific(infer, a->params[i], b->params[i])) {
            return false;
        }
    }
    return a->param_count > 0 || cel_type_equal(a, b);
}

static const struct cel_type *most_general(struct cel_infer *infer, const struct cel_type *a,
                                           const struct cel_type *b)
{
    return no_more_specific(infer, a, b) ? a : b;
}

/* Decides by the variable; *ret_decided false: it could not. */
static bool assign_var(struct cel_infer *infer, const struct cel_type *type,
                       const struct cel_type *var, bool *ret_decided, unsigned depth)
{
    const struct cel_type *stands_for = find(infer, var);

    *ret_decided = true;
    if (type->kind == CEL_PARAM && type->index == var->index) {
        return true;
    }
    if (stands_for) {
        const struct cel_type *general;

        if (!assign(infer, type, stands_for, depth + 1)) {
            return false;
        }
        general = most_general(infer, type, stands_for);
        return occurs(infer, var, general, 0) || bind(infer, var, general);
    }
    if (!occurs(infer, var, type, 0)) {
        return bind(infer, var, type);
    }
    *ret_decided = false;
    return false;
}

static bool takes_null(const struct cel_type *type)
{
    return type->kind == CEL_NULL || type->kind == CEL_RECORD || type->kind == CEL_OPTIONAL ||
           type->kind == CEL_OPAQUE || type->kind == CEL_TIMESTAMP || type->kind == CEL_DURATION;
}

static bool assign(struct cel_infer *infer, const struct cel_type *from, const struct cel_type *to,
                   unsigned depth)
{
    bool decided = false, fits;

    if (depth > RESOLVE_DEPTH_MAX || ++infer->work > CEL_INFER_WORK_MAX || infer->out_of_memory) {
        return false;
    }
    if (from == to) {
        return true;
    }
    if (is_var(to)) {
        fits = assign_var(infer, from, to, &decided, depth);
        if (decided) {
            return fits;
        }
    }
    if (is_var(from)) {
        fits = assign_var(infer, to, from, &decided, depth);
        if (decided) {
            return fits;
        }
    }
    if (from->kind == CEL_DYN || to->kind == CEL_DYN) {
        return true;
    }
    if (from->kind == CEL_NULL) {
        return takes_null(to);
    }
    if (from->kind != to->kind) {
        return false;
    }
    if (from->kind == CEL_TYPE) {
        return true;
    }
    if (from->param_count != to->param_count || from->index != to->index ||
        (from->kind == CEL_OPAQUE && strcmp(from->name, to->name) != 0)) {
        return false;
    }
    for (uint32_t i = 0; i < from->param_count; i++) {
        if (!assign(infer, from->params[i], to->params[i], depth + 1)) {
            return false;
        }
    }
    return true;
}

bool cel_infer_assign(struct cel_infer *infer, const struct cel_type *from, const struct cel_type *to)
{
    uint32_t mark = cel_infer_mark(infer);

    if (assign(infer, from, to, 0)) {
        return true;
    }
    cel_infer_undo(infer, mark);
    return false;
}

const struct cel_type *cel_infer_join(struct cel_infer *infer, const struct cel_type *a,
                                      const struct cel_type *b)
{
    if (a->kind == CEL_NULL && takes_null(b)) {
        return b;
    }
    if (!cel_infer_assign(infer, b, a)) {
        return NULL;
    }
    return b->kind == CEL_NULL && takes_null(a) ? a : most_general(infer, a, b);
}

static const struct cel_type *resolve(struct cel_infer *infer, const struct cel_type *type,
                                      bool free_to_dyn, unsigned depth)
{
    const struct cel_type *params[CEL_TYPE_PARAMS_MAX] = {0};

    if (depth > RESOLVE_DEPTH_MAX || ++infer->work > CEL_INFER_WORK_MAX) {
        return &cel_type_dyn;
    }
    if (is_var(type)) {
        const struct cel_type *stands_for = find(infer, type);

        if (stands_for) {
            return resolve(infer, stands_for, free_to_dyn, depth + 1);
        }
        return free_to_dyn ? &cel_type_dyn : type;
    }
    for (uint32_t i = 0; i < type->param_count; i++) {
        params[i] = resolve(infer, type->params[i], free_to_dyn, depth + 1);
    }
    return copy_with(infer, type, params);
}

const struct cel_type *cel_infer_resolve(struct cel_infer *infer, const struct cel_type *type,
                                         bool free_to_dyn)
{
    return resolve(infer, type, free_to_dyn, 0);
}
