/* SPDX-License-Identifier: Apache-2.0 */
/* Logic that absorbs errors, comparisons, membership. */
#include "lib/cel/program.h"

static struct cel_value not_bool(struct cel_run *run, const struct cel_node *node,
                                 struct cel_value v)
{
    if (v.kind == CEL_ERROR) {
        return v;
    }
    return cel_fail_format(run, node, "CEL_NO_OVERLOAD", "a bool was expected, not %s",
                           cel_kind_name(v.kind));
}

/* `decisive` ends it: false for &&, true for ||. Errors wait until nothing decides. */
static struct cel_value logic(struct cel_run *run, const struct cel_node *node, bool decisive)
{
    struct cel_value failed = cel_null();

    for (uint32_t i = 0; i < node->count; i++) {
        struct cel_value v = cel_eval(run, node->args[i]);

        if (v.kind == CEL_BOOL) {
            if (v.as.b == decisive) {
                return v;
            }
        } else if (failed.kind != CEL_ERROR) {
            failed = not_bool(run, node->args[i], v);
        }
        if (run->fatal) {
            return cel_fatal(run);
        }
    }
    return failed.kind == CEL_ERROR ? failed : cel_bool(!decisive);
}

CEL_EVAL(cel_eval_and)
{
    return logic(run, node, false);
}

CEL_EVAL(cel_eval_or)
{
    return logic(run, node, true);
}

static struct cel_value logic2(struct cel_run *run, const struct cel_node *node, bool decisive)
{
    struct cel_value left = cel_eval(run, node->a), right;

    if (left.kind == CEL_BOOL && left.as.b == decisive) {
        return left;
    }
    if (run->fatal) {
        return cel_fatal(run);
    }
    right = cel_eval(run, node->b);
    if (right.kind == CEL_BOOL) {
        return right.as.b == decisive || left.kind == CEL_BOOL ? right
                                                               : not_bool(run, node->a, left);
    }
    return left.kind == CEL_BOOL ? not_bool(run, node->b, right) : not_bool(run, node->a, left);
}

CEL_EVAL(cel_eval_and2)
{
    return logic2(run, node, false);
}

CEL_EVAL(cel_eval_or2)
{
    return logic2(run, node, true);
}

CEL_EVAL(cel_eval_not)
{
    struct cel_value v = cel_eval(run, node->a);

    return v.kind == CEL_BOOL ? cel_bool(!v.as.b) : not_bool(run, node, v);
}

CEL_EVAL(cel_eval_if)
{
    struct cel_value v = cel_eval(run, node->a);

    if (v.kind != CEL_BOOL) {
        return not_bool(run, node, v);
    }
    return cel_eval(run, v.as.b ? node->b : node->c);
}

CEL_EVAL(cel_eval_equal)
{
    struct cel_value left = cel_eval(run, node->a), right, same;

    if (left.kind == CEL_ERROR) {
        return left;
    }
    right = cel_eval(run, node->b);
    if (right.kind == CEL_ERROR) {
        return right;
    }
    same = cel_equal_charged(run, node, left, right);
    return same.kind == CEL_BOOL && node->flags ? cel_bool(!same.as.b) : same;
}

CEL_EVAL(cel_eval_equal_text)
{
    struct cel_value v = cel_eval(run, node->a);
    bool same;

    if (v.kind == CEL_ERROR) {
        return v;
    }
    same = v.kind == CEL_STRING && v.len == node->value.len &&
           cel_same_bytes(v.as.text, node->value.as.text, v.len);
    return cel_bool(same != (node->flags != 0));
}

static struct cel_value relation(int order, uint32_t wanted)
{
    switch ((enum cel_relation)wanted) {
    case CEL_LESS:
        return cel_bool(order == -1);
    case CEL_LESS_EQUAL:
        return cel_bool(order == -1 || order == 0);
    case CEL_GREATER:
        return cel_bool(order == 1);
    case CEL_GREATER_EQUAL:
        return cel_bool(order == 1 || order == 0);
    }
    return cel_bool(false);
}

CEL_EVAL(cel_eval_order)
{
    struct cel_value pair[2] = {cel_eval(run, node->a), cel_null()};
    int order;

    if (pair[0].kind == CEL_ERROR) {
        return pair[0];
    }
    pair[1] = cel_eval(run, node->b);
    if (pair[1].kind == CEL_ERROR) {
        return pair[1];
    }
    order = cel_compare(pair[0], pair[1]);
    if (order == 3) {
        return cel_fail_overload(run, node, "the comparison", pair, 2);
    }
    return relation(order, node->index);
}

CEL_EVAL(cel_eval_order_int)
{
    struct cel_value v = cel_eval(run, node->a);
    int order;

    if (v.kind == CEL_INT) {
        order = v.as.i < node->value.as.i ? -1 : v.as.i > node->value.as.i;
        return relation(order, node->index);
    }
    if (v.kind == CEL_ERROR) {
        return v;
    }
    order = cel_compare(v, node->value);
    return order == 3 ? cel_fail_overload(run, node, "the comparison", &v, 1)
                      : relation(order, node->index);
}

static struct cel_value in_list(struct cel_run *run, const struct cel_node *node,
                                struct cel_value v, const struct cel_list *list)
{
    if (!cel_spend(run, node, list->count)) {
        return cel_fatal(run);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (cel_equal_bounded(cel_list_at(list, i), v, &run->steps)) {
            return cel_bool(true);
        }
    }
    if (run->steps == 0) {
        (void)cel_spend_slow(run, node);
        return cel_fatal(run);
    }
    return cel_bool(false);
}

CEL_EVAL(cel_eval_in)
{
    struct cel_value pair[2] = {cel_eval(run, node->a), cel_null()}, found;

    if (pair[0].kind == CEL_ERROR) {
        return pair[0];
    }
    pair[1] = cel_eval(run, node->b);
    if (pair[1].kind == CEL_ERROR) {
        return pair[1];
    }
    if (pair[1].kind == CEL_LIST) {
        return in_list(run, node, pair[0], pair[1].as.list);
    }
    if (pair[1].kind == CEL_MAP) {
        return cel_bool(cel_map_find(pair[1].as.map, pair[0], &found) == CEL_PRESENT);
    }
    return cel_fail_overload(run, node, "the operator in", pair, 2);
}

CEL_EVAL(cel_eval_in_texts)
{
    const struct cel_list *list = node->value.as.list;
    struct cel_value v = cel_eval(run, node->a);

    if (v.kind != CEL_STRING) {
        return v.kind == CEL_ERROR ? v : cel_bool(false);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i].len == v.len && cel_same_bytes(list->items[i].as.text, v.as.text, v.len)) {
            return cel_bool(true);
        }
    }
    return cel_bool(false);
}
