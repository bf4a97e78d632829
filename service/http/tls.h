/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_HTTP_TLS_H
#define RAPPORTEUR_SERVICE_HTTP_TLS_H

/*
 * The TLS side of a server: TLS 1.2 and 1.3, forward secrecy and AEAD only, no compression, no
 * renegotiation, ALPN "http/1.1".
 *     r = tls_context_new(&tls, "/etc/.../cert.pem", "/etc/.../key.pem", &why);
 * A reload makes a new context and gives it to http_server_set_tls(); the old one ends with its
 * last connection.
 */

#include "lib/base/attr.h"
#include "lib/base/fault.h"

#include <openssl/types.h>

/* PEM files: the certificate with its chain, and the private key that fits it. FAULT:
 * TLS_CERTIFICATE, TLS_KEY (unreadable, readable by everyone, or of another certificate), place:
 * the path. */
int tls_context_new(SSL_CTX **ret, const char *certificate_path, const char *key_path,
                    struct fault *why) NODISCARD;
SSL_CTX *tls_context_free(SSL_CTX *tls);
DEFINE_CLEANUP(SSL_CTX *, tls_context_free);

#endif
