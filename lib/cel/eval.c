/* SPDX-License-Identifier: Apache-2.0 */
/* One evaluation: its budget, its errors, its result. */
#include "lib/cel/program.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum { STEPS_DEFAULT = 1000000, MEMORY_DEFAULT = 1 << 20 };

const char *cel_kind_name(unsigned kind)
{
    static const char *const names[] = {
        [CEL_DYN] = "dyn",             [CEL_NULL] = "null_type",
        [CEL_BOOL] = "bool",           [CEL_INT] = "int",
        [CEL_UINT] = "uint",           [CEL_DOUBLE] = "double",
        [CEL_STRING] = "string",       [CEL_BYTES] = "bytes",
        [CEL_TIMESTAMP] = "timestamp", [CEL_DURATION] = "duration",
        [CEL_LIST] = "list",           [CEL_MAP] = "map",
        [CEL_RECORD] = "record",       [CEL_TYPE] = "type",
        [CEL_OPTIONAL] = "optional",   [CEL_ERROR] = "error",
    };

    return kind < COUNT_OF(names) && names[kind] ? names[kind] : "dyn";
}

struct cel_value cel_fail_budget(struct cel_run *run, const struct cel_node *node, const char *code,
                                 const char *text)
{
    if (!run->fatal) {
        run->fatal_room = (struct cel_error){code, text, node->pos};
        run->fatal = &run->fatal_room;
    }
    return cel_fatal(run);
}

bool cel_spend_slow(struct cel_run *run, const struct cel_node *node)
{
    run->steps = 0;
    (void)cel_fail_budget(run, node, "CEL_STEPS", "the evaluation took too many steps");
    return false;
}

void *cel_alloc(struct cel_run *run, const struct cel_node *node, size_t bytes)
{
    void *room = NULL;

    bytes = (bytes + 15) & ~(size_t)15;    /* what the arena will take for it */
    if (run->memory >= bytes && !run->fatal) {
        room = arena_alloc(run->arena, bytes ? bytes : 1);
        run->out_of_memory = run->out_of_memory || !room;
    }
    if (!room) {
        (void)cel_fail_budget(run, node, "CEL_MEMORY", "the evaluation took too much memory");
        return NULL;
    }
    run->memory -= bytes;
    return room;
}

struct cel_value cel_fail(struct cel_run *run, const struct cel_node *node, const char *code,
                          const char *text)
{
    struct cel_error *error = cel_alloc(run, node, sizeof(*error));

    if (!error) {
        return cel_fatal(run);
    }
    *error = (struct cel_error){code, text, node->pos};
    return (struct cel_value){.kind = CEL_ERROR, .as.error = error};
}

struct cel_value cel_fail_format(struct cel_run *run, const struct cel_node *node, const char *code,
                                 const char *format, ...)
{
    char text[FAULT_TEXT_MAX];
    char *copy;
    va_list args;
    size_t len;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    len = strlen(text) + 1;
    copy = cel_alloc(run, node, len);
    if (!copy) {
        return cel_fatal(run);
    }
    (void)memcpy(copy, text, len);
    return cel_fail(run, node, code, copy);
}

struct cel_value cel_fail_overload(struct cel_run *run, const struct cel_node *node,
                                   const char *name, const struct cel_value *args, uint32_t count)
{
    char kinds[FAULT_TEXT_MAX];
    size_t len = 0;

    kinds[0] = '\0';
    for (uint32_t i = 0; i < count && len < sizeof(kinds); i++) {
        len += (size_t)snprintf(kinds + len, sizeof(kinds) - len, "%s%s", i ? ", " : "",
                                cel_kind_name(args[i].kind));
    }
    return cel_fail_format(run, node, "CEL_NO_OVERLOAD", "%s does not take (%.200s)", name, kinds);
}

struct cel_value cel_make_list(struct cel_run *run, const struct cel_node *node,
                               const struct cel_value *items, uint32_t count)
{
    struct cel_list *list = cel_alloc(run, node, sizeof(*list));

    if (!list) {
        return cel_fatal(run);
    }
    *list = (struct cel_list){.count = count, .items = items};
    return cel_list_value(list);
}

struct cel_value cel_make_optional(struct cel_run *run, const struct cel_node *node,
                                   struct cel_value value)
{
    struct cel_value *copy;

    if (value.kind == CEL_ERROR) {
        return value;
    }
    copy = cel_alloc(run, node, sizeof(*copy));
    if (!copy) {
        return cel_fatal(run);
    }
    *copy = value;
    return (struct cel_value){.kind = CEL_OPTIONAL, .as.optional = copy};
}

struct cel_value cel_make_text(struct cel_run *run, const struct cel_node *node, struct span text)
{
    char *copy = cel_alloc(run, node, text.len);

    if (!copy) {
        return cel_fatal(run);
    }
    if (text.len > 0) {
        (void)memcpy(copy, text.ptr, text.len);
    }
    return cel_string((struct span){copy, text.len});
}

struct cel_value cel_make_map(struct cel_run *run, const struct cel_node *node,
                              const struct cel_value *items, uint32_t count)
{
    struct cel_map *map = cel_alloc(run, node, sizeof(*map));
    uint32_t slots = 16, duplicate = 0, *index;

    while (slots < count * 2 && slots < 1u << 30) {
        slots *= 2;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!cel_key_kind(items[2 * (size_t)i].kind)) {
            return cel_fail_format(run, node, "CEL_NO_OVERLOAD", "a map key cannot be a %s",
                                   cel_kind_name(items[2 * (size_t)i].kind));
        }
    }
    index = map ? cel_alloc(run, node, slots * sizeof(*index)) : NULL;
    if (!index || !cel_spend(run, node, count)) {
        return cel_fatal(run);
    }
    if (!cel_map_index(items, count, index, slots, &duplicate)) {
        return cel_fail(run, node, "CEL_DUPLICATE_KEY", "the map has the same key twice");
    }
    *map = (struct cel_map){.count = count, .items = items,
                            .slots = count > 8 ? slots : 0, .index = index};
    return cel_map_value(map);
}

const void *cel_call_context(const struct cel_call *call)
{
    return call->context;
}

void *cel_call_alloc(struct cel_call *call, size_t bytes)
{
    return cel_alloc(call->run, call->node, bytes);
}

struct cel_value cel_call_error(struct cel_call *call, const char *code, const char *text)
{
    struct cel_value copy;

    if (call->run->fatal) {
        return cel_fatal(call->run);
    }
    copy = cel_make_text(call->run, call->node, (struct span){text, strlen(text) + 1});
    return copy.kind == CEL_ERROR ? copy : cel_fail(call->run, call->node, code, copy.as.text);
}

static int report(const struct cel_program *program, const struct cel_run *run,
                  const struct cel_error *error, struct fault *why)
{
    char place[FAULT_PLACE_MAX];
    uint32_t line, column;

    if (run->out_of_memory) {
        return -ENOMEM;
    }
    cel_place(program->source, error->pos, &line, &column);
    (void)snprintf(place, sizeof(place), "%u:%u", line, column);
    return fault_set(why, error->code, place, "%s", error->text);
}

int cel_evaluate(const struct cel_program *program, const struct cel_activation *activation,
                 struct arena *arena, const struct cel_budget *budget, struct cel_value *ret,
                 struct fault *why)
{
    struct cel_run run = {
        .env = program->env,
        .activation = activation,
        .arena = arena,
        .steps = budget && budget->steps ? budget->steps : STEPS_DEFAULT,
        .memory = budget && budget->memory_bytes ? budget->memory_bytes : MEMORY_DEFAULT,
    };
    struct cel_value value;

    if (program->locals > 0) {
        run.locals = arena_array(arena, program->locals, sizeof(*run.locals));
        if (!run.locals) {
            return -ENOMEM;
        }
    }
    value = cel_spend(&run, program->root, program->root->cost) ? cel_eval(&run, program->root)
                                                                : cel_fatal(&run);
    if (run.fatal) {
        return report(program, &run, run.fatal, why);
    }
    if (value.kind == CEL_ERROR) {
        return report(program, &run, value.as.error, why);
    }
    *ret = value;
    return 0;
}
