/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/script.h"

#include "lib/base/digest.h"

#include <pthread.h>
#include <stdio.h>

/* A constant of the build, computed once: hashing the text for each command would cost more than
 * the command. */
static pthread_once_t version_once = PTHREAD_ONCE_INIT;
static char version_text[SHA256_HEX_LEN + 1];

static void version_compute(void)
{
    sha256_hex(store_functions, store_functions_len, version_text);
}

void script_version(char into[SCRIPT_VERSION_LEN + 1])
{
    (void)pthread_once(&version_once, version_compute);
    memcpy(into, version_text, SCRIPT_VERSION_LEN);
    into[SCRIPT_VERSION_LEN] = '\0';
}

void script_function(char into[SCRIPT_NAME_MAX], const char *operation)
{
    char version[SCRIPT_VERSION_LEN + 1];

    script_version(version);
    (void)snprintf(into, SCRIPT_NAME_MAX, "rap_%s_%s", operation, version);
}

int script_library(struct buf *out)
{
    char version[SCRIPT_VERSION_LEN + 1];

    script_version(version);
    (void)buf_add_format(out, "#!lua name=rapporteur_%s\nlocal VERSION = '%s'\n", version, version);
    (void)buf_add(out, store_functions, store_functions_len);
    return buf_status(out);
}
