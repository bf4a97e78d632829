/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/export/dsa.h"
#include "lib/export/row.h"
#include "lib/export/transparency.h"
#include "lib/json/read.h"

#include <stdint.h>
#include <stdlib.h>

/* Foreign JSON as a statement, as a sealed record, and as a log: what is built must pass the check.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void as_log(json_t *value)
{
    struct transparency_options options = {.from_ms = 0, .to_ms = 4102444800000};
    CLEANUP(transparency_freep) struct transparency *t = transparency_new(&options);
    CLEANUP(buf_freep) struct buf *out = buf_new(8 << 20);
    CLEANUP(json_freep) json_t *numbers = NULL;
    struct fault why;

    for (size_t i = 0; t && i < json_array_size(value); i++) {
        const json_t *entry = json_array_get(value, i);

        (void)!transparency_add(t, entry, &why);
        (void)!row_csv(out, entry, 0);
        (void)!row_jsonl(out, entry, 0);
    }
    if (t && json_array_size(value) > 0) {
        (void)!transparency_part(t, 4, out);
        (void)!transparency_part(t, 7, out);
        (void)!transparency_json(&numbers, t);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    CLEANUP(json_freep) json_t *value = NULL;
    CLEANUP(json_freep) json_t *statement = NULL;
    struct faults faults = {0};
    struct fault why;

    if (json_read(&value, (struct span){(const char *)data, len}, &json_read_limits_default,
                  &why)) {
        return 0;
    }
    (void)!dsa_check(value, &faults);
    faults = (struct faults){0};
    if (dsa_statement(&statement, &(struct dsa_input){.record = value}, &faults) == 0 &&
        dsa_check(statement, &faults) != 0) {
        abort();
    }
    as_log(value);
    return 0;
}
