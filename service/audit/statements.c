/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/statements.h"

#include "lib/export/dsa.h"
#include "lib/json/field.h"

#include <errno.h>
#include <stdlib.h>

struct statements {
    json_t *awaiting;                   /* decision -> its justification */
};

struct statements *statements_new(void)
{
    struct statements *s = calloc(1, sizeof(*s));

    if (s && !(s->awaiting = json_object())) {
        free(s);
        s = NULL;
    }
    return s;
}

struct statements *statements_free(struct statements *s)
{
    if (s) {
        json_decref(s->awaiting);
        free(s);
    }
    return NULL;
}

static int make(const json_t *record, json_t **ret, struct faults *faults)
{
    int r = dsa_statement(ret, &(struct dsa_input){.record = record}, faults);

    return r == DSA_NONE ? 0 : r;
}

static int take_decision(struct statements *s, const json_t *entry, json_t **ret, struct faults *faults)
{
    json_t *record = json_object_get(entry, "justification");
    const char *decision = json_string_value(json_object_get(entry, "decision"));

    if (!span_is(json_span(json_object_get(entry, "state")), "awaiting_second")) {
        return make(record, ret, faults);
    }
    if (!decision || json_object_size(s->awaiting) >= STATEMENTS_AWAITING_MAX) {
        return -ENOMEM;
    }
    return json_object_set(s->awaiting, decision, record) == 0 ? 0 : -ENOMEM;
}

static int take_second(struct statements *s, const json_t *entry, json_t **ret, struct faults *faults)
{
    const char *decision = json_string_value(json_object_get(entry, "decision"));
    json_t *record = decision ? json_incref(json_object_get(s->awaiting, decision)) : NULL;
    int r = 0;

    if (record) {
        (void)json_object_del(s->awaiting, decision);
        r = json_is_true(json_object_get(entry, "agree")) ? make(record, ret, faults) : 0;
    }
    json_decref(record);
    return r;
}

int statements_take(struct statements *s, const json_t *entry, json_t **ret, struct faults *faults)
{
    struct span type = json_span(json_object_get(entry, "type"));

    *ret = NULL;
    if (span_is(type, "decision")) {
        return take_decision(s, entry, ret, faults);
    }
    return span_is(type, "second") ? take_second(s, entry, ret, faults) : 0;
}
