/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/http/refusal.h"

#include "lib/base/fault.h"

int http_refuse(struct http_refusal *why, int status, const char *code, const char *text)
{
    *why = (struct http_refusal){.status = status, .code = code, .text = text};
    return FAULT;
}
