/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/source_token.h"

#include "service/runtime/file.h"
#include "service/runtime/log.h"

enum { TOKEN_MAX = 1024 };

char *source_token(const struct list_source *setting)
{
    CLEANUP(buf_freep) struct buf *token = buf_new(TOKEN_MAX);
    struct fault why;

    if (!setting->token_file || !token) {
        return NULL;
    }
    if (file_read(setting->token_file, token, &why) != 0) {
        log_warn("a source's token cannot be read", LOG_FAULT(&why));
        return NULL;
    }
    while (token->len && (token->data[token->len - 1] == '\n' || token->data[token->len - 1] == '\r')) {
        token->data[--token->len] = '\0';
    }
    return buf_take(token);
}
