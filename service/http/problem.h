/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_HTTP_PROBLEM_H
#define RAPPORTEUR_SERVICE_HTTP_PROBLEM_H

/*
 * Problem details (RFC 9457), the body of every answer from 400 on:
 *     {"type":"/problems/HASH_LENGTH","title":"Unprocessable Content","status":422,"detail":"...",
 *      "code":"HASH_LENGTH","errors":[{"pointer":"/content/hashes/0","detail":"..."}],"instance":"req_..."}
 * `errors` is left out when there are none; an error carries its own `code`. Text is made valid
 * UTF-8: bytes that are not become U+FFFD.
 */

#include "lib/base/buf.h"
#include "lib/base/fault.h"

#include <stddef.h>

struct problem {
    int status;
    const char *code;           /* stable, [A-Z0-9_]+ */
    const char *detail;         /* one sentence for this occurrence; NULL: the title */
    const char *instance;       /* request id */
    const struct fault *errors; /* each with its place, code and sentence */
    size_t error_count;
    size_t dropped; /* errors beyond the list: said in "errors_dropped" */
};

#define PROBLEM_TYPE "application/problem+json"

/* Appends the JSON: 0, or buf_status(out). */
int problem_write(struct buf *out, const struct problem *problem);

#endif
