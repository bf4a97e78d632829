/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/check: the verdict on content, at once; nothing is stored. */
#include "service/api/api.h"

#include "lib/report/report.h"
#include "service/runtime/metrics.h"

void check_create(struct exchange *ex)
{
    struct api *api = api_of(ex);
    CLEANUP(report_freep) struct report *report = NULL;
    json_t *body = api_body(ex);
    struct faults faults = {0};
    struct api_verdict verdict;
    int64_t now = exchange_request(ex)->received_ms;
    int r;

    if (!body) {
        return;
    }
    r = report_read(&report, body, now, &faults);
    if (r == FAULT) {
        api_answer_faults(ex, &faults);
        return;
    }
    if (r < 0 || !api_refresh(api) || api_evaluate(api, report, NULL, now, &verdict) != 0) {
        api_answer_no_memory(ex);
        return;
    }
    metrics_add(METRIC_CHECKS, 0, 1);
    api_answer_json(ex, 200, json_pack("{s:o}", "verdict", verdict.json));
}
