/* SPDX-License-Identifier: Apache-2.0 */
/* The comprehensions. Each round pays the steps of what it evaluates before it does. */
#include "lib/cel/program.h"

struct range {
    struct cel_value of;
    uint32_t count;
};

struct growing {
    struct cel_value *items;
    uint32_t count, cap;
};

/* False: *failed is the answer. */
static bool open_range(struct cel_run *run, const struct cel_node *node, struct range *range,
                       struct cel_value *failed)
{
    struct cel_value of = cel_eval(run, node->a);

    if (of.kind == CEL_LIST || of.kind == CEL_MAP) {
        *range = (struct range){of, of.kind == CEL_LIST ? of.as.list->count : of.as.map->count};
        return true;
    }
    *failed = of.kind == CEL_ERROR
                  ? of
                  : cel_fail_format(run, node, "CEL_NO_OVERLOAD",
                                    "a comprehension goes over a list or a map, not %s",
                                    cel_kind_name(of.kind));
    return false;
}

/* The locals of round i; false: the budget is used up. */
static bool open_round(struct cel_run *run, const struct cel_node *node, const struct range *range,
                       uint32_t i)
{
    uint64_t cost = node->b->cost + 1ull + (node->c ? node->c->cost : 0);

    if (run->fatal || !cel_spend(run, node, cost)) {
        return false;
    }
    if (range->of.kind == CEL_MAP) {
        struct cel_value key = cel_null(), value = cel_null();

        cel_map_at(range->of.as.map, i, &key, &value);
        run->locals[node->index] = key;
        if (node->flags & CEL_NODE_TWO) {
            run->locals[node->index2] = value;
        }
    } else if (node->flags & CEL_NODE_TWO) {
        run->locals[node->index] = cel_int(i);
        run->locals[node->index2] = cel_list_at(range->of.as.list, i);
    } else {
        run->locals[node->index] = cel_list_at(range->of.as.list, i);
    }
    return true;
}

static void picked(const struct cel_run *run, const struct range *range, uint32_t at)
{
    const struct cel_activation *from = run->activation;

    if (from && from->picked && range->of.kind == CEL_LIST) {
        from->picked(from->picked_context, range->of.as.list, at);
    }
}

static struct cel_value as_bool(struct cel_run *run, const struct cel_node *node, struct cel_value v)
{
    if (v.kind == CEL_BOOL || v.kind == CEL_ERROR) {
        return v;
    }
    return cel_fail_format(run, node, "CEL_NO_OVERLOAD", "a bool was expected, not %s",
                           cel_kind_name(v.kind));
}

/* all: false decides; exists: true decides. Errors wait until nothing decides. */
static struct cel_value quantify(struct cel_run *run, const struct cel_node *node, bool decisive)
{
    struct cel_value failed = cel_null();
    struct range range;

    if (!open_range(run, node, &range, &failed)) {
        return failed;
    }
    for (uint32_t i = 0; i < range.count; i++) {
        struct cel_value v;

        if (!open_round(run, node, &range, i)) {
            return cel_fatal(run);
        }
        v = cel_eval(run, node->b);
        if (v.kind == CEL_BOOL) {
            if (v.as.b == decisive) {
                if (decisive) {
                    picked(run, &range, i);
                }
                return v;
            }
        } else if (failed.kind != CEL_ERROR) {
            failed = as_bool(run, node->b, v);
        }
    }
    if (run->fatal) {
        return cel_fatal(run);
    }
    return failed.kind == CEL_ERROR ? failed : cel_bool(!decisive);
}

CEL_EVAL(cel_eval_all)
{
    return quantify(run, node, false);
}

CEL_EVAL(cel_eval_exists)
{
    return quantify(run, node, true);
}

CEL_EVAL(cel_eval_exists_one)
{
    struct cel_value v = cel_null();
    struct range range;
    uint32_t count = 0;

    if (!open_range(run, node, &range, &v)) {
        return v;
    }
    for (uint32_t i = 0; i < range.count; i++) {
        if (!open_round(run, node, &range, i)) {
            return cel_fatal(run);
        }
        v = as_bool(run, node->b, cel_eval(run, node->b));
        if (v.kind == CEL_ERROR) {
            return v;
        }
        if (v.as.b) {
            count++;
            picked(run, &range, i);
        }
    }
    return cel_bool(count == 1);
}

static bool add(struct cel_run *run, const struct cel_node *node, struct growing *to,
                struct cel_value v)
{
    if (to->count == to->cap) {
        uint32_t cap = to->cap ? to->cap * 2 : 8;
        struct cel_value *items = cel_alloc(run, node, cap * sizeof(*items));

        if (!items) {
            return false;
        }
        if (to->count > 0) {
            (void)memcpy(items, to->items, to->count * sizeof(*items));
        }
        to->items = items;
        to->cap = cap;
    }
    to->items[to->count++] = v;
    return true;
}

/* A list without elements still points somewhere, or it would look like a host's. */
static struct cel_value close_list(struct cel_run *run, const struct cel_node *node,
                                   const struct growing *from)
{
    static const struct cel_value nothing[2] = {{.kind = CEL_NULL}, {.kind = CEL_NULL}};

    return cel_make_list(run, node, from->items ? from->items : nothing, from->count);
}

static struct cel_value close_map(struct cel_run *run, const struct cel_node *node,
                                  const struct growing *from)
{
    static const struct cel_value nothing[2] = {{.kind = CEL_NULL}, {.kind = CEL_NULL}};

    return cel_make_map(run, node, from->items ? from->items : nothing, from->count / 2);
}

CEL_EVAL(cel_eval_filter)
{
    struct growing kept = {0};
    struct cel_value v = cel_null();
    struct range range;

    if (!open_range(run, node, &range, &v)) {
        return v;
    }
    for (uint32_t i = 0; i < range.count; i++) {
        struct cel_value item;

        if (!open_round(run, node, &range, i)) {
            return cel_fatal(run);
        }
        item = run->locals[node->index];
        v = as_bool(run, node->b, cel_eval(run, node->b));
        if (v.kind == CEL_ERROR) {
            return v;
        }
        if (v.as.b) {
            picked(run, &range, i);
            if (!add(run, node, &kept, item)) {
                return cel_fatal(run);
            }
        }
    }
    return close_list(run, node, &kept);
}

/* The condition of this round: true where there is none. */
static struct cel_value condition(struct cel_run *run, const struct cel_node *node)
{
    return node->c ? as_bool(run, node->c, cel_eval(run, node->c)) : cel_bool(true);
}

CEL_EVAL(cel_eval_map_list)
{
    struct growing made = {0};
    struct cel_value v = cel_null();
    struct range range;

    if (!open_range(run, node, &range, &v)) {
        return v;
    }
    for (uint32_t i = 0; i < range.count; i++) {
        if (!open_round(run, node, &range, i)) {
            return cel_fatal(run);
        }
        v = condition(run, node);
        if (v.kind == CEL_BOOL && !v.as.b) {
            continue;
        }
        v = v.kind == CEL_ERROR ? v : cel_eval(run, node->b);
        if (v.kind == CEL_ERROR) {
            return v;
        }
        if (!add(run, node, &made, v)) {
            return cel_fatal(run);
        }
    }
    return close_list(run, node, &made);
}

/* Adds the entries of a map that one round made. */
static bool add_entries(struct cel_run *run, const struct cel_node *node, struct growing *to,
                        const struct cel_map *map)
{
    for (uint32_t i = 0; i < map->count; i++) {
        struct cel_value key = cel_null(), value = cel_null();

        cel_map_at(map, i, &key, &value);
        if (!cel_spend(run, node, 1) || !add(run, node, to, key) || !add(run, node, to, value)) {
            return false;
        }
    }
    return true;
}

static struct cel_value to_map(struct cel_run *run, const struct cel_node *node, bool entries)
{
    struct growing made = {0};
    struct cel_value v = cel_null();
    struct range range;

    if (!open_range(run, node, &range, &v)) {
        return v;
    }
    for (uint32_t i = 0; i < range.count; i++) {
        struct cel_value key;

        if (!open_round(run, node, &range, i)) {
            return cel_fatal(run);
        }
        key = run->locals[node->index];
        v = condition(run, node);
        if (v.kind == CEL_BOOL && !v.as.b) {
            continue;
        }
        v = v.kind == CEL_ERROR ? v : cel_eval(run, node->b);
        if (v.kind == CEL_ERROR) {
            return v;
        }
        if (entries && v.kind != CEL_MAP) {
            return cel_fail_format(run, node->b, "CEL_NO_OVERLOAD",
                                   "transformMapEntry() wants a map, not %s", cel_kind_name(v.kind));
        }
        if (entries ? !add_entries(run, node, &made, v.as.map)
                    : !add(run, node, &made, key) || !add(run, node, &made, v)) {
            return cel_fatal(run);
        }
    }
    return close_map(run, node, &made);
}

CEL_EVAL(cel_eval_to_map)
{
    return to_map(run, node, false);
}

CEL_EVAL(cel_eval_to_entries)
{
    return to_map(run, node, true);
}
