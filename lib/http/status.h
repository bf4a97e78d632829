/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_HTTP_STATUS_H
#define RAPPORTEUR_LIB_HTTP_STATUS_H

/* The status codes we ever send, with their reason phrases (RFC 9110 section 15, 6585, 9457). The
 * phrase on the wire comes from here and nowhere else, so nothing can be injected through it. */

/* "Not Found" for 404; NULL for a code that is not in the table. */
const char *http_reason(int status);

#endif
