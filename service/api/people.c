/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/reports/{id}/people: who wrote and who reported, by the names that the partner gave. Nobody else sees them:
 * reviewers judge content, auditors judge records, and both have pseudonyms to tell people apart by. */
#include "lib/json/read.h"
#include "service/api/case_view.h"
#include "service/api/look.h"

struct people {
    struct exchange *ex;
    struct span purpose;
};

static json_t *names_of(const struct store_report *report)
{
    CLEANUP(json_freep) json_t *body = api_stored_json(report->body);
    json_t *view = json_object();
    json_t *author = json_object_get(json_object_get(body, "content"), "author");
    json_t *reporter = json_object_get(json_object_get(body, "origin"), "reporter");

    api_set_span(view, "report", report->id);
    (void)json_object_set(view, "author", author ? author : json_null());
    (void)json_object_set(view, "reporter", reporter ? reporter : json_null());
    if (report->erased) {
        (void)json_object_set_new(view, "erased", json_true());
    }
    return view;
}

static void got(void *arg, enum store_outcome outcome, const struct store_report *report)
{
    struct people *people = arg;

    if (outcome == STORE_OK && !case_visible(caller_of(people->ex), report->partner)) {
        outcome = STORE_NOT_FOUND;
    }
    if (outcome != STORE_OK) {
        api_answer_store(people->ex, outcome);
    } else if (caller_of(people->ex)->role == ROLE_PARTNER) {
        api_answer_json(people->ex, 200, names_of(report));
    } else {
        look_answer(people->ex, LOOK_PEOPLE, report->case_id, people->purpose, names_of(report));
    }
}

void people_read(struct exchange *ex)
{
    struct people *people = arena_alloc(exchange_arena(ex), sizeof(*people));
    enum role role = caller_of(ex)->role;
    struct span id, purpose;

    if (!api_id_param(ex, "id", "rpt", &id) || !look_purpose(ex, &purpose)) {
        return;
    }
    if (role == ROLE_SENIOR && !purpose.len) {
        exchange_problem(ex, 400, "PURPOSE_MISSING",
                         "say what for: ?purpose=review or investigation", NULL);
        return;
    }
    if (!people) {
        api_answer_no_memory(ex);
        return;
    }
    *people = (struct people){.ex = ex, .purpose = purpose};
    if (!store_report_get(api_of(ex)->store, &(struct store_id_args){.id = id}, got, people)) {
        api_answer_no_memory(ex);
    }
}
