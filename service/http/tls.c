/* SPDX-License-Identifier: Apache-2.0 */
#include "service/http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <errno.h>
#include <sys/stat.h>

/* Forward secrecy and AEAD; TLS 1.3 suites are all so. */
static const char ciphers_1_2[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

SSL_CTX *tls_context_free(SSL_CTX *tls)
{
    SSL_CTX_free(tls);
    return NULL;
}

/* We speak one protocol; a client that offers others only gets no answer to its list. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *in, unsigned int in_len, void *arg)
{
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen = NULL;

    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* The library's own words for what went wrong last. */
static const char *reason(void)
{
    const char *text = ERR_reason_error_string(ERR_peek_last_error());

    return text ? text : "unreadable";
}

static int load(SSL_CTX *tls, const char *certificate_path, const char *key_path, struct fault *why)
{
    struct stat about;

    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(tls, certificate_path) != 1) {
        return fault_set(why, "TLS_CERTIFICATE", certificate_path,
                         "the certificate chain cannot be used: %s", reason());
    }
    if (stat(key_path, &about) == 0 && (about.st_mode & S_IROTH)) {
        return fault_set(why, "TLS_KEY", key_path,
                         "the private key is readable by everyone: chmod o-r");
    }
    if (SSL_CTX_use_PrivateKey_file(tls, key_path, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(tls) != 1) {
        return fault_set(why, "TLS_KEY", key_path, "the private key cannot be used: %s", reason());
    }
    return 0;
}

int tls_context_new(SSL_CTX **ret, const char *certificate_path, const char *key_path,
                    struct fault *why)
{
    CLEANUP(tls_context_freep) SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    int r;

    if (!tls || SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(tls, ciphers_1_2) != 1) {
        return -ENOMEM;
    }
    (void)SSL_CTX_set_options(tls, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                       SSL_OP_CIPHER_SERVER_PREFERENCE);
    /* Idle connections give their buffers back. */
    (void)SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(tls, choose_protocol, NULL);
    r = load(tls, certificate_path, key_path, why);
    ERR_clear_error();
    if (r) {
        return r;
    }
    *ret = TAKE(tls);
    return 0;
}
