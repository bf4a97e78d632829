/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_FUZZ_SIGNAL_READER_H
#define RAPPORTEUR_TESTS_FUZZ_SIGNAL_READER_H

/*
 * What the fuzz targets of the list readers share. The first byte chooses strict or lenient and the
 * kind of bare values. What was read is written as JSON and read again: the digest has to stay.
 */

#include "lib/signal/change.h"
#include "lib/signal/format.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static inline void must(bool good)
{
    if (!good) {
        abort();
    }
}

static inline void read_twice(const struct list *list)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(64 << 20);
    CLEANUP(list_unrefp) struct list *again = NULL;
    struct list_head full = *list_head(list);
    struct signal_options options = signal_options_default;
    struct signal_report report;
    struct list_change change;

    must(list_json(list, out) == 0);
    options.head = &full;
    must(signal_read(&again, signal_format_named(SPAN("json")), buf_span(out), &options, &report) ==
         0);
    must(strcmp(list_digest(list), list_digest(again)) == 0);
    change = list_compare(list, again);
    must(change.kept == list_count(list) && change.added + change.changed + change.removed == 0);
}

static inline int fuzz_reader(const char *format, const uint8_t *data, size_t len)
{
    static const struct list_head head = {.id = {"fuzz", 4},
                                          .name = {"n", 1},
                                          .owner = {"o", 1},
                                          .legal_basis = {"l", 1},
                                          .version = {"1", 1}};
    CLEANUP(list_unrefp) struct list *list = NULL;
    struct signal_options options = signal_options_default;
    struct signal_report report;
    int r;

    if (len == 0) {
        return 0;
    }
    options.lenient = data[0] & 1;
    options.default_kind = (data[0] >> 1) % (SIGNAL_KIND_COUNT + 1) - 1;
    options.max_entries = 4096;
    if (strcmp(format, "yaml") != 0 && strcmp(format, "json") != 0) {
        options.head = &head;
    }
    r = signal_read(&list, signal_format_named(span_of(format)),
                    (struct span){(const char *)data + 1, len - 1}, &options, &report);
    must((r == 0) == (list != NULL));
    must(r != FAULT || report.faults.count > 0);
    if (list) {
        read_twice(list);
    }
    return 0;
}

#endif
