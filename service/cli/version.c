/* SPDX-License-Identifier: Apache-2.0 */
#include "service/cli/command.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <openssl/crypto.h>
#include <stdio.h>

static int run(int argc, char **argv)
{
    struct cli_options options;
    int exit_code;

    if (!cli_options(argc, argv, &cli_command_version, NULL, NULL, NULL, &options, &exit_code)) {
        return exit_code;
    }
    if (options.json) {
        cli_print_json(json_pack("{s:s, s:s, s:s, s:s, s:s}", "version", RAPPORTEUR_VERSION, "libevent",
                                 event_get_version(), "openssl", OpenSSL_version(OPENSSL_VERSION), "curl",
                                 curl_version_info(CURLVERSION_NOW)->version, "jansson", JANSSON_VERSION));
    } else {
        (void)printf("rapporteur %s\nlibevent %s\n%s\ncurl %s\njansson %s\n", RAPPORTEUR_VERSION, event_get_version(),
                     OpenSSL_version(OPENSSL_VERSION), curl_version_info(CURLVERSION_NOW)->version, JANSSON_VERSION);
    }
    return CLI_DONE;
}

const struct cli_command cli_command_version = {
    "version", "versions of the program and its libraries",
    "usage: rapporteur version [--json]\n", run};
