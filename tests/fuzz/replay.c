/* SPDX-License-Identifier: Apache-2.0 */
/* Runs one fuzz target over every file of the folders given, without a fuzzer: the corpus is a
 * regression test with any compiler. An empty or missing corpus fails. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;
    long len;

    if (!file || fseek(file, 0, SEEK_END) != 0) {
        return -1;
    }
    len = ftell(file);
    rewind(file);
    /* Exactly as long as the input, so that a sanitizer sees the first byte read too far. */
    bytes = malloc(len > 0 ? (size_t)len : 1);
    if (!bytes || fread(bytes, 1, (size_t)len, file) != (size_t)len) {
        return -1;
    }
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(bytes, (size_t)len);
    free(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        const struct dirent *entry;

        while (folder && (entry = readdir(folder)) != NULL) {
            char path[4096];

            if (entry->d_name[0] == '.') {
                continue;
            }
            (void)snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
            if (replay_file(path) != 0) {
                (void)fprintf(stderr, "cannot replay %s\n", path);
                return 1;
            }
            count++;
        }
        if (folder) {
            (void)closedir(folder);
        }
    }
    (void)printf("replayed %d inputs\n", count);
    return count > 0 ? 0 : 1;
}
