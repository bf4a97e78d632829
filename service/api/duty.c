/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/duty.h"

#include <stdlib.h>

struct duty_state {
    atomic_int refs;
    size_t count;
    struct duty_name names[];
};

struct duty_state *duty_state_new(const struct duty_name *reviewers, size_t count)
{
    struct duty_state *state;

    state = calloc(1, sizeof(*state) + count * sizeof(state->names[0]));
    if (!state) {
        return NULL;
    }
    atomic_init(&state->refs, 1);
    state->count = count;
    memcpy(state->names, reviewers, count * sizeof(*reviewers));
    return state;
}

void *duty_state_ref(void *state)
{
    atomic_fetch_add(&((struct duty_state *)state)->refs, 1);
    return state;
}

void duty_state_unref(void *value)
{
    struct duty_state *state = value;

    if (state && atomic_fetch_sub(&state->refs, 1) == 1) {
        free(state);
    }
}

static bool owes(struct app *app, const char *name)
{
    struct duty_state *state = slot_take(&app->duty);
    bool found = false;

    for (size_t i = 0; state && i < state->count && !found; i++) {
        found = strcmp(state->names[i].text, name) == 0;
    }
    duty_state_unref(state);
    return found;
}

void duty_context(struct exchange *ex, const struct store_case *from, struct justification_context *ret)
{
    struct app *app = api_of(ex)->app;
    struct settings *settings = slot_take(&app->settings);

    /* A case that owes its full record is not deferred a second time. */
    ret->deferred_overdue = from->deferred.len > 0 || owes(app, caller_of(ex)->name);
    ret->deferred_full_ms = settings->full_record_ms;
    (void)settings_unref(settings);
}
