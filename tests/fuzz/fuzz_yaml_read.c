/* SPDX-License-Identifier: Apache-2.0 */
/* YAML: a refusal has a code and a place; what is read has a place for every pointer. */
#include "lib/json/yaml.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    CLEANUP(yaml_file_freep) struct yaml *file = NULL;
    struct fault why = {0};
    int r = yaml_read(&file, (struct span){(const char *)data, len}, "f", &why), line, column;

    if (r == FAULT && (!why.code[0] || why.place[0] != 'f')) {
        abort();
    }
    if (r == 0) {
        yaml_line(file, "/a/0/b", &line, &column);
        if (!yaml_root(file) || line < 1 || column < 1) {
            abort();
        }
    }
    return 0;
}
