/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/message.h"

struct span http_request_header(const struct http_request *request, const char *name)
{
    return http_field_find(request->headers, request->header_count, name);
}

size_t http_request_header_count(const struct http_request *request, const char *name)
{
    return http_field_count(request->headers, request->header_count, name);
}

static struct span find_exact(const struct http_field *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (span_is(fields[i].name, name)) {
            return fields[i].value;
        }
    }
    return (struct span){NULL, 0};
}

struct span http_request_param(const struct http_request *request, const char *name)
{
    return find_exact(request->params, request->param_count, name);
}

struct span http_request_query(const struct http_request *request, const char *name)
{
    return find_exact(request->query, request->query_count, name);
}

const struct http_field *http_request_stray_query(const struct http_request *request,
                                                  const char *const *known)
{
    for (size_t i = 0; i < request->query_count; i++) {
        const struct http_field *param = &request->query[i];
        bool fine = false;

        for (size_t k = 0; known[k] && !fine; k++) {
            fine = span_is(param->name, known[k]);
        }
        for (size_t k = 0; k < i && fine; k++) {
            fine = !span_equal(param->name, request->query[k].name);
        }
        if (!fine) {
            return param;
        }
    }
    return NULL;
}
