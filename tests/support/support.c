/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *join(const char *folder, const char *relative)
{
    size_t len = strlen(folder) + 1 + strlen(relative) + 1;
    char *path = malloc(len);

    assert_non_null(path);
    (void)snprintf(path, len, "%s/%s", folder, relative);
    return path;
}

char *test_source(const char *relative)
{
    const char *root = getenv("RAPPORTEUR_SOURCE");

    return join(root ? root : ".", relative);
}

char *test_data(const char *relative)
{
    const char *folder = getenv("RAPPORTEUR_TEST_DATA");
    char *base = folder ? strdup(folder) : test_source("../shared/data");
    char *path;

    assert_non_null(base);
    path = join(base, relative);
    free(base);
    if (access(path, R_OK) != 0) {
        (void)printf("# skipped: no test data at %s (set RAPPORTEUR_TEST_DATA)\n", relative);
        free(path);
        return NULL;
    }
    return path;
}

char *test_read_file(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    size_t len = 0, cap = 4096;
    char *bytes = malloc(cap + 1);

    if (!file || !bytes) {
        fail_msg("cannot read %s", path);
    }
    for (;;) {
        size_t got = fread(bytes + len, 1, cap - len, file);

        len += got;
        if (got == 0) {
            break;
        }
        if (len == cap) {
            cap *= 2;
            bytes = realloc(bytes, cap + 1);
            assert_non_null(bytes);
        }
    }
    (void)fclose(file);
    bytes[len] = '\0';
    if (ret_len) {
        *ret_len = len;
    }
    return bytes;
}

json_t *test_json(const char *single_quoted)
{
    char *text = strdup(single_quoted);
    json_error_t error;
    json_t *value;

    assert_non_null(text);
    for (char *c = text; *c; c++) {
        if (*c == '\'') {
            *c = '"';
        }
    }
    value = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value) {
        fail_msg("test json: %s in %s", error.text, text);
    }
    free(text);
    return value;
}

int test_has_fault(const struct faults *faults, const char *code, const char *place)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (strcmp(faults->list[i].code, code) == 0 &&
            (!place || strcmp(faults->list[i].place, place) == 0)) {
            return 1;
        }
    }
    for (size_t i = 0; i < faults->count; i++) {
        (void)printf("# has %s at '%s': %s\n", faults->list[i].code, faults->list[i].place,
                     faults->list[i].text);
    }
    return 0;
}
