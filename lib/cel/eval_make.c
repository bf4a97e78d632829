/* SPDX-License-Identifier: Apache-2.0 */
/* Making lists, maps and local variables; calling functions. */
#include "lib/cel/program.h"

/* ?element: its value and true, nothing and false, or an error. */
static bool unwrap(struct cel_run *run, const struct cel_node *node, struct cel_value *v)
{
    if (v->kind != CEL_OPTIONAL) {
        *v = cel_fail_format(run, node, "CEL_NO_OVERLOAD", "?element wants an optional, not %s",
                             cel_kind_name(v->kind));
        return true;
    }
    if (!v->as.optional) {
        return false;
    }
    *v = *v->as.optional;
    return true;
}

CEL_EVAL(cel_eval_list)
{
    const bool *optional = node->data;
    struct cel_value *items = cel_alloc(run, node, node->count * sizeof(*items));
    uint32_t count = 0;

    if (!items) {
        return cel_fatal(run);
    }
    for (uint32_t i = 0; i < node->count; i++) {
        struct cel_value v = cel_eval(run, node->args[i]);

        if (v.kind != CEL_ERROR && optional && optional[i] && !unwrap(run, node->args[i], &v)) {
            continue;
        }
        if (v.kind == CEL_ERROR) {
            return v;
        }
        items[count++] = v;
    }
    return cel_make_list(run, node, items, count);
}

CEL_EVAL(cel_eval_map)
{
    const bool *optional = node->data;
    struct cel_value *items = cel_alloc(run, node, node->count * sizeof(*items));
    uint32_t count = 0;

    if (!items) {
        return cel_fatal(run);
    }
    for (uint32_t i = 0; i + 1 < node->count; i += 2) {
        struct cel_value key = cel_eval(run, node->args[i]);
        struct cel_value v = key.kind == CEL_ERROR ? key : cel_eval(run, node->args[i + 1]);

        if (v.kind != CEL_ERROR && optional && optional[i] && !unwrap(run, node->args[i + 1], &v)) {
            continue;
        }
        if (v.kind == CEL_ERROR) {
            return v;
        }
        items[2 * (size_t)count] = key;
        items[2 * (size_t)count + 1] = v;
        count++;
    }
    return cel_make_map(run, node, items, count);
}

CEL_EVAL(cel_eval_bind)
{
    struct cel_value v = cel_eval(run, node->a);

    if (v.kind == CEL_ERROR) {
        return v;
    }
    run->locals[node->index] = v;
    return cel_eval(run, node->b);
}

CEL_EVAL(cel_eval_option_map)
{
    struct cel_value v = cel_eval(run, node->a);

    if (v.kind == CEL_ERROR) {
        return v;
    }
    if (v.kind != CEL_OPTIONAL) {
        return cel_fail_format(run, node, "CEL_NO_OVERLOAD", "%s is no optional",
                               cel_kind_name(v.kind));
    }
    if (!v.as.optional) {
        return v;
    }
    run->locals[node->index] = *v.as.optional;
    v = cel_eval(run, node->b);
    if (v.kind == CEL_ERROR || !(node->flags & CEL_NODE_FLAT)) {
        return cel_make_optional(run, node, v);
    }
    if (v.kind != CEL_OPTIONAL) {
        return cel_fail_format(run, node, "CEL_NO_OVERLOAD", "optFlatMap() wants an optional, not %s",
                               cel_kind_name(v.kind));
    }
    return v;
}

/* The error among the arguments, or something else. */
static struct cel_value eval_args(struct cel_run *run, const struct cel_node *node,
                                  struct cel_value *args)
{
    for (uint32_t i = 0; i < node->count; i++) {
        args[i] = cel_eval(run, node->args[i]);
        if (args[i].kind == CEL_ERROR) {
            return args[i];
        }
    }
    return cel_null();
}

CEL_EVAL(cel_eval_call)
{
    struct cel_value args[CEL_ARGS_MAX];
    struct cel_value failed = eval_args(run, node, args);

    return failed.kind == CEL_ERROR ? failed : node->call(run, node, args);
}

/* Most calls have one or two arguments; the room of the general form costs more than they do. */
CEL_EVAL(cel_eval_call1)
{
    struct cel_value arg = cel_eval(run, node->args[0]);

    return arg.kind == CEL_ERROR ? arg : node->call(run, node, &arg);
}

CEL_EVAL(cel_eval_call2)
{
    struct cel_value args[2] = {cel_eval(run, node->args[0])};

    if (args[0].kind == CEL_ERROR) {
        return args[0];
    }
    args[1] = cel_eval(run, node->args[1]);
    return args[1].kind == CEL_ERROR ? args[1] : node->call(run, node, args);
}

CEL_CALL(cel_call_mismatch)
{
    char name[FAULT_QUOTE_MAX];

    return cel_fail_overload(run, node, fault_quote(name, cel_text(node->value)), args, node->count);
}

static bool takes(const struct cel_overload *overload, const struct cel_node *node,
                  const struct cel_value *args)
{
    if (overload->count != node->count || overload->receiver != (node->flags != 0)) {
        return false;
    }
    for (uint32_t i = 0; i < overload->count; i++) {
        enum cel_kind kind = overload->params[i]->kind;

        if (kind != CEL_DYN && kind != CEL_PARAM && kind != (enum cel_kind)args[i].kind) {
            return false;
        }
        if (kind == CEL_RECORD && overload->params[i]->index != args[i].record) {
            return false;
        }
    }
    return true;
}

CEL_EVAL(cel_eval_host)
{
    const struct cel_entry *entry = node->data;
    struct cel_value args[CEL_ARGS_MAX];
    struct cel_value failed = eval_args(run, node, args);

    if (failed.kind == CEL_ERROR) {
        return failed;
    }
    for (const struct cel_overload *o = entry->overloads; o; o = o->next) {
        struct cel_call call = {.run = run, .node = node, .context = o->host.context};

        if (!takes(o, node, args) || !o->host.call) {
            continue;
        }
        if (!cel_spend(run, node, o->host.cost)) {
            return cel_fatal(run);
        }
        return o->host.call(&call, args);
    }
    return cel_fail_overload(run, node, entry->name, args, node->count);
}
