/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a URL, and as a text that holds some. */
#include "lib/match/url.h"
#include "lib/match/url_find.h"
#include "lib/text/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static char room[URL_ROOM];
    static struct url_finder finder;
    struct span text = {(const char *)data, len};
    struct url_candidate found;
    struct url url;

    if (url_read(&url, text, room) &&
        (url.host.len == 0 || url.host.len > URL_HOST_MAX || url.rest.ptr[0] != '/')) {
        abort();
    }
    if (!utf8_valid(text)) {
        return 0;
    }
    url_finder_start(&finder, text);
    while (url_finder_next(&finder, &found)) {
        if (found.start >= found.end || found.end > len) {
            abort();
        }
        (void)url_read(&url, found.url, room);
    }
    return 0;
}
