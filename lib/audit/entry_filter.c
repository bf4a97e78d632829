/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/entry_filter.h"

static bool member_is(const struct entry_view *entry, const char *name, struct span wanted)
{
    return span_equal(entry_string(entry, name), wanted);
}

/* Empty wants nothing. */
static bool text_is(const json_t *object, const char *name, struct span wanted)
{
    const json_t *value = json_object_get(object, name);

    return wanted.len == 0 ||
           (json_is_string(value) &&
            span_equal((struct span){json_string_value(value), json_string_length(value)}, wanted));
}

/* Some element of the array member `name` has both texts. */
static bool array_has(const struct entry_view *entry, const char *name, const char *first,
                      struct span a, const char *second, struct span b)
{
    struct span text = entry_value(entry, name);
    json_t *array;
    bool found = false;

    /* Ids have no character that JSON escapes, so most entries are passed over without parsing. */
    if (text.len < 3 || (a.len && !memmem(text.ptr, text.len, a.ptr, a.len)) ||
        (b.len && !memmem(text.ptr, text.len, b.ptr, b.len))) {
        return false;
    }
    array = json_loadb(text.ptr, text.len, 0, NULL);
    for (size_t i = 0; i < json_array_size(array) && !found; i++) {
        const json_t *one = json_array_get(array, i);

        found = text_is(one, first, a) && text_is(one, second, b);
    }
    json_decref(array);
    return found;
}

static bool takes_signal(const struct entry_filter *filter, const struct entry_view *entry)
{
    if (filter->signal.len == 0 && entry->type == ENTRY_LIST) {
        return member_is(entry, "list", filter->list);
    }
    return array_has(entry, "hits", "list", filter->list, "entry", filter->signal);
}

bool entry_filter_takes(const struct entry_filter *filter, const struct entry_view *entry)
{
    static const struct span any = {NULL, 0};

    return (!filter->report.len || member_is(entry, "report", filter->report)) &&
           (!filter->case_id.len || member_is(entry, "case", filter->case_id)) &&
           (!filter->partner.len || member_is(entry, "partner", filter->partner)) &&
           (!filter->decision.len || member_is(entry, "decision", filter->decision) ||
            member_is(entry, "supersedes", filter->decision)) &&
           (!filter->rule.len || array_has(entry, "rules", "id", filter->rule, "id", any)) &&
           ((!filter->list.len && !filter->signal.len) || takes_signal(filter, entry));
}
