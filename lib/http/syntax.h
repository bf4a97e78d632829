/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_HTTP_SYNTAX_H
#define RAPPORTEUR_LIB_HTTP_SYNTAX_H

/* The small grammars of RFC 9110 section 5.6 and RFC 3986 that several readers share. */

#include "lib/base/span.h"

#include <stdbool.h>

/* 1*tchar: method and header names. */
bool http_is_token(struct span text);
/* A header value: visible ASCII, space, tab and bytes from 0x80 on; no NUL, CR, LF or other
 * control. */
bool http_is_field_value(struct span text);
/* uri-host [":" port] of RFC 9110 7.2: a name, an IPv4 address or an IPv6 address in brackets; not
 * empty, no user information; port up to 65535. */
bool http_is_host(struct span text);
/* Well-formed UTF-8 without NUL. */
bool http_is_utf8(struct span text);
/* How many bytes the well-formed UTF-8 character at the start takes; 0: none is there. */
size_t http_utf8_len(struct span text);
/* The token is one of the comma-separated members of a list value, in any case. */
bool http_list_has(struct span list, const char *token);

#endif
