/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_HTTP_REFUSAL_H
#define RAPPORTEUR_LIB_HTTP_REFUSAL_H

/*
 * Why a request was refused before any handler saw it. All texts are fixed: no byte of the request
 * is repeated. After a refusal by the reader the connection cannot be read on and must be closed.
 *
 *   400 HTTP_REQUEST_LINE HTTP_VERSION HTTP_LINE_END HTTP_FIELD HTTP_FIELD_FOLD HTTP_HOST
 *       HTTP_FRAMING HTTP_CHUNK HTTP_TRAILER HTTP_TARGET HTTP_QUERY
 *   413 HTTP_BODY_TOO_LARGE    414 HTTP_TARGET_TOO_LONG    417 HTTP_EXPECTATION
 *   431 HTTP_HEAD_TOO_LARGE
 */

struct http_refusal {
    int status;
    const char *code, *text; /* static */
};

/* Writes *why and returns FAULT. */
int http_refuse(struct http_refusal *why, int status, const char *code, const char *text);

#endif
