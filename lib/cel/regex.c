/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cel/regex.h"

#include "lib/cel/builtin.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MATCH_STEPS_MAX = 200000,          /* of one match */
    SCAN_PER_STEP = 16,                /* bytes a repeat runs over for the price of a step */
    MATCH_LIMIT = 1000000,             /* of PCRE2, behind our own count */
    DEPTH_LIMIT = 100000,
    HEAP_LIMIT_KIB = 256,
    NESTING_MAX = 100,
    COMPILE_STEPS = 500,               /* of a pattern that is computed, and as many for 16 bytes */
};

struct cel_regex {
    pcre2_code *code;
};

/* What matching needs in one evaluation, made when the first match runs. */
struct cel_regex_memory {
    struct cel_run *run;
    const struct cel_node *node;
    pcre2_general_context *general;
    pcre2_match_context *match;
    pcre2_match_data *data;
    uint64_t steps, steps_max;         /* of the match that runs */
    size_t at;                         /* where the last step was */
};

static pcre2_code *compile(struct span pattern, pcre2_general_context *general,
                           char into[CEL_REGEX_WHAT_MAX])
{
    char translated[2 * CEL_PATTERN_MAX];
    pcre2_compile_context *context;
    pcre2_code *code = NULL;
    PCRE2_SIZE at;
    size_t len;
    int error;

    if (pattern.len > CEL_PATTERN_MAX) {
        (void)snprintf(into, CEL_REGEX_WHAT_MAX, "a pattern has at most %d bytes", CEL_PATTERN_MAX);
        return NULL;
    }
    if (!cel_regex_translate(pattern, translated, sizeof(translated), &len, into)) {
        return NULL;
    }
    context = pcre2_compile_context_create(general);
    if (!context) {
        (void)snprintf(into, CEL_REGEX_WHAT_MAX, "there is no memory for the pattern");
        return NULL;
    }
    (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    (void)pcre2_set_parens_nest_limit(context, NESTING_MAX);
    code = pcre2_compile((PCRE2_SPTR)translated, len,
                         PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY |
                             PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT |
                             PCRE2_NO_AUTO_POSSESS,
                         &error, &at, context);
    pcre2_compile_context_free(context);
    if (!code) {
        PCRE2_UCHAR text[CEL_REGEX_WHAT_MAX];

        (void)pcre2_get_error_message(error, text, sizeof(text));
        (void)snprintf(into, CEL_REGEX_WHAT_MAX, "%s", (const char *)text);
    }
    return code;
}

struct cel_regex *cel_regex_new(struct span pattern, char into[CEL_REGEX_WHAT_MAX])
{
    struct cel_regex *regex = malloc(sizeof(*regex));

    if (!regex) {
        (void)snprintf(into, CEL_REGEX_WHAT_MAX, "there is no memory for the pattern");
        return NULL;
    }
    regex->code = compile(pattern, NULL, into);
    if (!regex->code) {
        free(regex);
        return NULL;
    }
    /* Without JIT (another machine, no executable memory) matching is slower, not different. */
    (void)pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
    return regex;
}

struct cel_regex *cel_regex_free(struct cel_regex *regex)
{
    if (regex) {
        pcre2_code_free(regex->code);
        free(regex);
    }
    return NULL;
}

static void *take(PCRE2_SIZE bytes, void *data)
{
    struct cel_regex_memory *memory = data;

    return cel_alloc(memory->run, memory->node, bytes);
}

/* The arena takes everything back at once. */
static void give(void *room, void *data)
{
    (void)room;
    (void)data;
}

/* Called before each item of the pattern that is tried: the only place where a match can be counted
 * over all its starting points, and ended. */
static int count_step(pcre2_callout_block *block, void *data)
{
    struct cel_regex_memory *memory = data;
    size_t at = block->current_position;
    size_t moved = at > memory->at ? at - memory->at : memory->at - at;

    memory->steps += 1 + moved / SCAN_PER_STEP;
    memory->at = at;
    return memory->steps > memory->steps_max ? PCRE2_ERROR_MATCHLIMIT : 0;
}

/* NULL: run->fatal is set. */
static struct cel_regex_memory *memory_of(struct cel_run *run, const struct cel_node *node)
{
    struct cel_regex_memory *memory = run->regex;

    if (memory) {
        memory->node = node;
        return memory;
    }
    memory = cel_alloc(run, node, sizeof(*memory));
    if (!memory) {
        return NULL;
    }
    *memory = (struct cel_regex_memory){.run = run, .node = node};
    memory->general = pcre2_general_context_create(take, give, memory);
    memory->match = memory->general ? pcre2_match_context_create(memory->general) : NULL;
    memory->data = memory->match ? pcre2_match_data_create(1, memory->general) : NULL;
    if (!memory->data) {
        return NULL;
    }
    (void)pcre2_set_match_limit(memory->match, MATCH_LIMIT);
    (void)pcre2_set_depth_limit(memory->match, DEPTH_LIMIT);
    (void)pcre2_set_heap_limit(memory->match, HEAP_LIMIT_KIB);
    (void)pcre2_set_callout(memory->match, count_step, memory);
    run->regex = memory;
    return memory;
}

static int try_match(struct cel_regex_memory *memory, const pcre2_code *code, struct span text,
                     uint32_t options)
{
    uint64_t left = memory->run->steps;

    memory->steps = 0;
    memory->at = 0;
    memory->steps_max = left < MATCH_STEPS_MAX ? left : MATCH_STEPS_MAX;
    return pcre2_match(code, (PCRE2_SPTR)(text.len ? text.ptr : ""), text.len, 0, options,
                       memory->data, memory->match);
}

static struct cel_value match(struct cel_run *run, const struct cel_node *node,
                              struct cel_regex_memory *memory, const pcre2_code *code,
                              struct span text)
{
    int r;

    if (!cel_spend(run, node, text.len / 32 + 20)) {
        return cel_fatal(run);
    }
    r = try_match(memory, code, text, 0);
    if (!cel_spend(run, node, memory->steps)) {
        return cel_fatal(run);
    }
    if (r == PCRE2_ERROR_JIT_STACKLIMIT) {
        /* The stack of compiled patterns is small; without it there is the heap. */
        r = try_match(memory, code, text, PCRE2_NO_JIT);
        if (!cel_spend(run, node, memory->steps)) {
            return cel_fatal(run);
        }
    }
    if (r >= 0 || r == PCRE2_ERROR_NOMATCH) {
        return cel_bool(r >= 0);
    }
    return run->fatal ? cel_fatal(run)
                      : cel_fail_budget(run, node, "CEL_REGEX_LIMIT",
                                        "the pattern takes too long on this text");
}

CEL_EVAL(cel_eval_matches)
{
    struct cel_value text = cel_eval(run, node->args[0]);
    const struct cel_regex *regex = node->data;
    struct cel_regex_memory *memory;

    if (text.kind != CEL_STRING) {
        return text.kind == CEL_ERROR ? text : cel_fail_overload(run, node, "matches()", &text, 1);
    }
    memory = memory_of(run, node);
    return memory ? match(run, node, memory, regex->code, cel_text(text)) : cel_fatal(run);
}

CEL_CALL(cel_fn_matches)
{
    struct cel_regex_memory *memory;
    char what[CEL_REGEX_WHAT_MAX];
    pcre2_code *code;

    if (args[0].kind != CEL_STRING || args[1].kind != CEL_STRING) {
        return cel_fail_overload(run, node, "matches()", args, 2);
    }
    memory = cel_spend(run, node, COMPILE_STEPS * (1 + args[1].len / 16)) ? memory_of(run, node) : NULL;
    if (!memory) {
        return cel_fatal(run);
    }
    code = compile(cel_text(args[1]), memory->general, what);
    if (!code) {
        return run->fatal ? cel_fatal(run)
                          : cel_fail_format(run, node, "CEL_REGEX", "the pattern is wrong: %s", what);
    }
    return match(run, node, memory, code, cel_text(args[0]));
}
