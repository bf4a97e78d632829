/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: constants, variables, fields, elements. */
#include "lib/cel/program.h"

#include <math.h>

CEL_EVAL(cel_eval_constant)
{
    (void)run;
    return node->value;
}

CEL_EVAL(cel_eval_unknown)
{
    return cel_fail_format(run, node, "CEL_UNKNOWN_NAME", "'%.*s' is not declared",
                           (int)node->value.len, node->value.as.text);
}

static struct cel_value no_key(struct cel_run *run, const struct cel_node *node,
                               struct cel_value key)
{
    char quoted[FAULT_QUOTE_MAX];

    if (key.kind == CEL_STRING) {
        return cel_fail_format(run, node, "CEL_NO_KEY", "there is no '%s'",
                               fault_quote(quoted, cel_text(key)));
    }
    return cel_fail(run, node, "CEL_NO_KEY", "the map has no such key");
}

static struct cel_value not_given(struct cel_run *run, const struct cel_node *node)
{
    return cel_fail_format(run, node, "CEL_NO_KEY", "the variable '%s' is not given",
                           run->env->variables[node->index].name);
}

/* Apart from the plain case, which then needs no room of its own. */
static __attribute__((noinline)) struct cel_value ask_variable(struct cel_run *run, const struct cel_node *node)
{
    const struct cel_activation *from = run->activation;
    struct cel_value v = {.kind = CEL_DYN};

    if (!from || !from->get || from->get(from->context, node->index, &v) == CEL_ABSENT || v.kind == CEL_DYN) {
        return not_given(run, node);
    }
    return v;
}

CEL_EVAL(cel_eval_variable)
{
    const struct cel_activation *from = run->activation;

    if (from && !from->get && node->index < from->count && from->values[node->index].kind != CEL_DYN) {
        return from->values[node->index];
    }
    return ask_variable(run, node);
}

CEL_EVAL(cel_eval_local)
{
    return run->locals[node->index];
}

static enum cel_presence read_field(const struct cel_run *run, struct cel_value record, uint32_t field,
                                    struct cel_value *ret)
{
    *ret = cel_null();
    return run->env->records[record.record].spec->get(record.as.object, field, ret);
}

CEL_EVAL(cel_eval_field)
{
    struct cel_value target = cel_eval(run, node->record), v;

    if (target.kind != CEL_RECORD || target.record != node->index2) {
        /* null, or an error, or a host that broke its own declaration. */
        return target.kind == CEL_ERROR
                   ? target
                   : cel_fail_format(run, node, "CEL_NO_OVERLOAD", "%s has no fields to select",
                                     cel_kind_name(target.kind));
    }
    if (node->get(target.as.object, node->index, &v) == CEL_ABSENT) {
        return no_key(run, node, node->value);
    }
    return v;
}

/* A field or entry by name: present, default, absent; or an error in *ret. */
static enum cel_presence find_named(struct cel_run *run, const struct cel_node *node,
                                    struct cel_value target, struct cel_value *ret)
{
    int field;

    if (target.kind == CEL_MAP) {
        return cel_map_find(target.as.map, node->value, ret);
    }
    if (target.kind == CEL_RECORD && target.record < run->env->record_count) {
        field = cel_record_field(run->env->records[target.record].spec, cel_text(node->value));
        return field < 0 ? CEL_ABSENT : read_field(run, target, (uint32_t)field, ret);
    }
    *ret = cel_fail_format(run, node, "CEL_NO_OVERLOAD", "%s has no fields to select",
                           cel_kind_name(target.kind));
    return CEL_PRESENT;
}

static struct cel_value none(void)
{
    return (struct cel_value){.kind = CEL_OPTIONAL};
}

CEL_EVAL(cel_eval_select)
{
    struct cel_value target = cel_eval(run, node->a), v = cel_null();
    bool optional = node->flags & CEL_NODE_OPTIONAL;
    enum cel_presence presence;

    if (target.kind == CEL_ERROR) {
        return target;
    }
    if (target.kind == CEL_OPTIONAL) {
        if (!target.as.optional) {
            return node->flags & CEL_NODE_TEST ? cel_bool(false) : none();
        }
        target = *target.as.optional;
        optional = true;
    }
    presence = find_named(run, node, target, &v);
    if (v.kind == CEL_ERROR) {
        return v;
    }
    if (node->flags & CEL_NODE_TEST) {
        return cel_bool(presence == CEL_PRESENT);
    }
    if (optional) {
        return presence == CEL_PRESENT ? cel_make_optional(run, node, v) : none();
    }
    return presence == CEL_ABSENT ? no_key(run, node, node->value) : v;
}

/* An index as a number of an element: any numeric type with a whole value; -1: none. */
static int64_t whole(struct cel_value index)
{
    if (index.kind == CEL_INT) {
        return index.as.i;
    }
    if (index.kind == CEL_UINT) {
        return index.as.u <= INT64_MAX ? (int64_t)index.as.u : -1;
    }
    if (index.kind == CEL_DOUBLE && index.as.d >= 0 && index.as.d < 4294967296.0 &&
        floor(index.as.d) == index.as.d) {
        return (int64_t)index.as.d;
    }
    return -1;
}

/* target[index]: present, or absent; or an error in *ret. */
static enum cel_presence find_index(struct cel_run *run, const struct cel_node *node,
                                    struct cel_value target, struct cel_value index,
                                    struct cel_value *ret)
{
    struct cel_value args[2] = {target, index};
    int64_t at;

    if (target.kind == CEL_MAP) {
        return cel_map_find(target.as.map, index, ret);
    }
    if (target.kind != CEL_LIST) {
        *ret = cel_fail_overload(run, node, "the operator []", args, 2);
        return CEL_PRESENT;
    }
    if (!cel_numeric(index.kind)) {
        *ret = cel_fail_overload(run, node, "the operator []", args, 2);
        return CEL_PRESENT;
    }
    at = whole(index);
    if (at < 0 || at >= (int64_t)target.as.list->count) {
        return CEL_ABSENT;
    }
    *ret = cel_list_at(target.as.list, (uint32_t)at);
    return CEL_PRESENT;
}

static struct cel_value not_found(struct cel_run *run, const struct cel_node *node,
                                  struct cel_value target, struct cel_value index)
{
    if (target.kind == CEL_MAP) {
        return no_key(run, node, index);
    }
    return cel_fail_format(run, node, "CEL_INDEX", "the list of %u has no such element",
                           target.as.list->count);
}

CEL_EVAL(cel_eval_index)
{
    struct cel_value target = cel_eval(run, node->a), index, v = cel_null();
    bool optional = node->flags & CEL_NODE_OPTIONAL;

    if (target.kind == CEL_ERROR) {
        return target;
    }
    index = cel_eval(run, node->b);
    if (index.kind == CEL_ERROR) {
        return index;
    }
    if (target.kind == CEL_OPTIONAL) {
        if (!target.as.optional) {
            return none();
        }
        target = *target.as.optional;
        optional = true;
    }
    if (find_index(run, node, target, index, &v) != CEL_PRESENT) {
        return optional ? none() : not_found(run, node, target, index);
    }
    return optional ? cel_make_optional(run, node, v) : v;
}
