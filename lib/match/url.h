/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_URL_H
#define RAPPORTEUR_LIB_MATCH_URL_H

/*
 * One spelling for the many of one URL, so that two can be compared byte by byte:
 *   - http, https, ftp, ws, wss, or no scheme at all; which of them does not count
 *   - tabs and line ends removed, fragment and user information dropped, backslashes are slashes
 *   - host percent-decoded, in lower case, without extra dots; international names as UTS 46 maps
 * them to ASCII; an IPv4 address in any of its spellings (0x7f.1, 2130706433, 017700000001, circled
 *     digits, mapped into IPv6) as four decimal numbers; IPv6 as RFC 5952 writes it
 *   - port dropped where it is the scheme's own
 *   - path and query percent-decoded until nothing changes, dot segments and double slashes
 * resolved, then everything but printable ASCII and % # encoded again if (url_read(&url, text,
 * room)) ... url.host, url.port, url.rest Sources: WHATWG URL, RFC 3986, UTS 46, the
 * canonicalisation of the Safe Browsing API. The name conversion of libidn2 takes heap memory for
 * international names; nothing else does.
 */

#include "lib/base/span.h"

#include <stdint.h>

enum { URL_MAX = 4096, URL_ROOM = 4 * URL_MAX + 512, URL_HOST_MAX = 253 };

struct url {
    struct span host;
    struct span rest; /* path, and query with its '?'; begins with '/'; of room */
    uint32_t port;    /* 0: the scheme's own */
    bool is_address;  /* IPv4 or IPv6: has no parent domains */
};

/* Spans borrow from room. What is longer than URL_MAX is cut. False: no host that could exist. */
bool url_read(struct url *ret, struct span text, char room[URL_ROOM]);

/* The host alone, into room of URL_HOST_MAX + 1. */
bool url_host_read(struct span text, char *room, struct span *ret, bool *ret_is_address);

#endif
