/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/problem.h"

#include "lib/http/status.h"
#include "lib/http/syntax.h"

/* A JSON string; what is not UTF-8 becomes U+FFFD. */
static void write_text(struct buf *out, const char *text)
{
    struct span rest = span_of(text);

    (void)buf_add_char(out, '"');
    while (rest.len > 0) {
        size_t len = http_utf8_len(rest);
        unsigned char c = (unsigned char)rest.ptr[0];

        if (len == 0) {
            (void)buf_add_text(out, "\xef\xbf\xbd");
            len = 1;
        } else if (c == '"' || c == '\\') {
            (void)buf_add_char(out, '\\');
            (void)buf_add_char(out, (char)c);
        } else if (c < ' ' || c == 0x7f) {
            (void)buf_add_format(out, "\\u%04x", c);
        } else {
            (void)buf_add(out, rest.ptr, len);
        }
        rest = span_sub(rest, len, rest.len);
    }
    (void)buf_add_char(out, '"');
}

static void write_errors(struct buf *out, const struct problem *problem)
{
    (void)buf_add_text(out, ",\"errors\":[");
    for (size_t i = 0; i < problem->error_count; i++) {
        const struct fault *error = &problem->errors[i];

        (void)buf_add_text(out, i > 0 ? ",{\"pointer\":" : "{\"pointer\":");
        write_text(out, error->place);
        (void)buf_add_text(out, ",\"code\":");
        write_text(out, error->code);
        (void)buf_add_text(out, ",\"detail\":");
        write_text(out, error->text);
        (void)buf_add_char(out, '}');
    }
    (void)buf_add_char(out, ']');
    if (problem->dropped > 0) {
        (void)buf_add_format(out, ",\"errors_dropped\":%zu", problem->dropped);
    }
}

int problem_write(struct buf *out, const struct problem *problem)
{
    const char *title = http_reason(problem->status);

    (void)buf_add_text(out, "{\"type\":\"/problems/");
    (void)buf_add_text(out, problem->code);
    (void)buf_add_text(out, "\",\"title\":");
    write_text(out, title ? title : "Error");
    (void)buf_add_format(out, ",\"status\":%d,\"detail\":", problem->status);
    write_text(out, problem->detail ? problem->detail : title ? title : "Error");
    (void)buf_add_text(out, ",\"code\":");
    write_text(out, problem->code);
    if (problem->error_count > 0) {
        write_errors(out, problem);
    }
    if (problem->instance) {
        (void)buf_add_text(out, ",\"instance\":");
        write_text(out, problem->instance);
    }
    (void)buf_add_char(out, '}');
    return buf_status(out);
}
