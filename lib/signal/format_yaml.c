/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that people write: the shape of format_own.c as YAML, each mistake with its line and
 * column. */
#include "lib/json/yaml.h"
#include "lib/signal/source.h"

static bool has_line(struct span text, const char *start)
{
    struct span rest = text;

    while (rest.ptr) {
        if (span_starts(span_cut(&rest, '\n'), start)) {
            return true;
        }
    }
    return false;
}

static int yaml_sniff(struct span front)
{
    return has_line(front, "head:") ? 90 : 0;
}

static int yaml_format_read(struct signal_source *source)
{
    CLEANUP(yaml_file_freep) struct yaml *file = NULL;
    size_t before = source->report->faults.count;
    struct fault why;
    int r = yaml_read(&file, source->bytes, source->name, &why);

    if (r == FAULT) {
        return source_refuse_for(source, &why);
    }
    r = r ? r : own_read(source, yaml_root(file));
    if (file) {
        yaml_place_faults(file, &source->report->faults, before);
    }
    return r;
}

const struct signal_format format_yaml = {"yaml", yaml_sniff, yaml_format_read};
