/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur hash: the digests of files as reports and lists take them. */
#include "service/cli/command.h"

#include "lib/base/codec.h"

#include <openssl/evp.h>
#include <stdio.h>

static const char *const digests[] = {"sha256", "sha1", "md5"};

/* All three in one pass over the file; false when it cannot be read. */
static bool hash_file(const char *path, char into[3][129])
{
    EVP_MD_CTX *contexts[3];
    FILE *file = fopen(path, "rb");
    char piece[65536];
    size_t got;
    bool good = file != NULL;

    for (int i = 0; i < 3; i++) {
        contexts[i] = EVP_MD_CTX_new();
        good = good && contexts[i] && EVP_DigestInit_ex(contexts[i], EVP_get_digestbyname(digests[i]), NULL) == 1;
    }
    while (good && (got = fread(piece, 1, sizeof(piece), file)) > 0) {
        for (int i = 0; i < 3; i++) {
            good = good && EVP_DigestUpdate(contexts[i], piece, got) == 1;
        }
    }
    good = good && !ferror(file);
    for (int i = 0; i < 3; i++) {
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned len = 0;

        good = good && EVP_DigestFinal_ex(contexts[i], digest, &len) == 1;
        hex_encode(digest, len, into[i]);
        EVP_MD_CTX_free(contexts[i]);
    }
    if (file) {
        (void)fclose(file);
    }
    return good;
}

static int run(int argc, char **argv)
{
    struct cli_options options;
    json_t *all = json_array();
    int exit_code;

    if (!cli_options(argc, argv, &cli_command_hash, NULL, NULL, NULL, &options, &exit_code)) {
        json_decref(all);
        return exit_code;
    }
    if (optind == argc) {
        json_decref(all);
        return cli_usage(&cli_command_hash);
    }
    exit_code = CLI_DONE;
    for (int i = optind; i < argc; i++) {
        char hex[3][129];
        json_t *one = json_pack("{s:s}", "file", argv[i]);

        if (!hash_file(argv[i], hex)) {
            cli_say("%s: cannot be read", argv[i]);
            json_decref(one);
            exit_code = CLI_FAILED;
            continue;
        }
        for (int j = 0; j < 3; j++) {
            (void)json_object_set_new(one, digests[j], json_string(hex[j]));
            if (!options.json) {
                (void)printf("%-6s %s  %s\n", digests[j], hex[j], argv[i]);
            }
        }
        (void)json_array_append_new(all, one);
    }
    if (options.json) {
        cli_print_json(all);
    } else {
        json_decref(all);
    }
    return exit_code;
}

const struct cli_command cli_command_hash = {
    "hash", "digests of files, as reports and lists take them",
    "usage: rapporteur hash [--json] FILE...\n"
    "Prints SHA-256, SHA-1 and MD5. Perceptual hashes (PDQ) come from the platform's own image pipeline.\n",
    run};
