/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/source.h"

#include "lib/audit/entry.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int audit_batch_init(struct audit_batch *batch, size_t max_count, size_t max_bytes)
{
    assert(max_count > 0 && max_bytes >= ENTRY_MAX_BYTES && max_bytes <= UINT32_MAX);
    *batch = (struct audit_batch){.max_count = max_count};
    buf_init(&batch->bytes, max_bytes);
    batch->ends = calloc(max_count, sizeof(*batch->ends));
    return batch->ends ? 0 : -ENOMEM;
}

void audit_batch_done(struct audit_batch *batch)
{
    free(batch->ends);
    batch->ends = NULL;
    buf_done(&batch->bytes);
}

void audit_batch_clear(struct audit_batch *batch, uint64_t next)
{
    batch->next = next;
    batch->count = 0;
    batch->full = false;
    buf_clear(&batch->bytes);
}

int audit_batch_add(struct audit_batch *batch, uint64_t index, struct span entry, struct fault *why)
{
    if (batch->count == batch->max_count) {
        batch->full = true;
        return BUF_FULL;
    }
    if (batch->from_anywhere && batch->count == 0 && index > batch->next) {
        batch->next = index;
    }
    if (index != batch->next) {
        return fault_set(why, "STREAM_GAP", "stream",
                         "entry %llu comes where %llu should: entries are missing "
                         "or come twice",
                         (unsigned long long)index, (unsigned long long)batch->next);
    }
    if (entry.len > ENTRY_MAX_BYTES) {
        return fault_set(why, "STREAM_ENTRY", "stream", "entry %llu has %zu bytes, more than %d",
                         (unsigned long long)index, entry.len, ENTRY_MAX_BYTES);
    }
    if (entry.len > batch->bytes.max - batch->bytes.len) {
        batch->full = true;
        return BUF_FULL;
    }
    if (buf_add_span(&batch->bytes, entry) != 0) {
        return -ENOMEM;
    }
    batch->ends[batch->count++] = (uint32_t)batch->bytes.len;
    batch->next++;
    return 0;
}

struct span audit_batch_entry(const struct audit_batch *batch, size_t i)
{
    size_t from = i ? batch->ends[i - 1] : 0;

    assert(i < batch->count);
    return (struct span){batch->bytes.data + from, batch->ends[i] - from};
}
