/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the body of POST /v1/reports: taken or refused with a fault, never more. */
#include "lib/json/read.h"
#include "lib/report/report.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    CLEANUP(json_freep) json_t *body = NULL;
    CLEANUP(report_freep) struct report *report = NULL;
    struct faults faults = {0};
    struct fault why;
    int r;

    if (json_read(&body, (struct span){(const char *)data, len}, &json_read_limits_default, &why) !=
        0) {
        return 0;
    }
    r = report_read(&report, body, 1795000000000LL, &faults);
    if ((r == 0) != (faults.count == 0) || (r == 0) != (report != NULL)) {
        abort();
    }
    return 0;
}
