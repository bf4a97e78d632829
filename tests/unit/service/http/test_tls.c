/* SPDX-License-Identifier: Apache-2.0 */
/* TLS with a certificate made here. */
#include "tests/unit/service/http/fixture.h"

#include "service/http/tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <stdio.h>
#include <sys/stat.h>

static char folder[] = "/tmp/test-tls-XXXXXX";
static char certificate_path[64], key_path[64];

static int make_certificate(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(certificate_path, sizeof(certificate_path), "%s/cert.pem", folder);
    (void)snprintf(key_path, sizeof(key_path), "%s/key.pem", folder);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    (void)X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    file = fopen(certificate_path, "w");
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    (void)fclose(file);
    file = fopen(key_path, "w");
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    (void)fclose(file);
    assert_int_equal(chmod(key_path, 0600), 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return 0;
}

static int remove_certificate(void **state)
{
    (void)state;
    (void)unlink(certificate_path);
    (void)unlink(key_path);
    (void)rmdir(folder);
    return 0;
}

/* The answer to one request over TLS, or NULL when the handshake failed. */
static char *talk(const struct fixture *fix, int max_version, const char *request)
{
    SSL_CTX *client = SSL_CTX_new(TLS_client_method());
    SSL *tls;
    int fd = client_connect(fix);
    struct buf all;

    buf_init(&all, 1 << 24);
    SSL_CTX_set_security_level(client, 0);
    (void)SSL_CTX_set_max_proto_version(client, max_version);
    (void)SSL_CTX_set_min_proto_version(client, TLS1_VERSION);
    tls = SSL_new(client);
    (void)SSL_set_fd(tls, fd);
    if (SSL_connect(tls) == 1) {
        char piece[4096];
        int got;

        assert_int_equal(SSL_write(tls, request, (int)strlen(request)), (int)strlen(request));
        while ((got = SSL_read(tls, piece, sizeof(piece))) > 0) {
            (void)buf_add(&all, piece, (size_t)got);
        }
        /* The server said goodbye: nothing was cut off. */
        assert_int_equal(SSL_get_error(tls, got), SSL_ERROR_ZERO_RETURN);
    }
    SSL_free(tls);
    SSL_CTX_free(client);
    (void)close(fd);
    return buf_take(&all);
}

static void test_versions(void **state)
{
    static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};
    CLEANUP(tls_context_freep) SSL_CTX *tls = NULL;
    struct http_limits limits = http_limits_default();
    struct fixture fix;
    struct fault why;
    char *answer;

    (void)state;
    assert_int_equal(tls_context_new(&tls, certificate_path, key_path, &why), 0);
    fixture_start(&fix, &limits, tls);
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        answer = talk(&fix, versions[i],
                      "GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n"
                      "GET /stream/300000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        EXPECT_IN(answer, "late");
        EXPECT_IN(answer, "x\r\n0\r\n\r\n");
        free(answer);
    }
    answer = talk(&fix, TLS1_1_VERSION, "");
    assert_true(!answer || answer[0] == '\0');
    free(answer);
    /* Plain HTTP on the TLS port gets no answer, and the server goes on. */
    answer = client_talk(&fix, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_null(strstr(answer, "200 OK"));
    free(answer);
    answer =
        talk(&fix, TLS1_3_VERSION, "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_IN(answer, "{\"hello\"");
    free(answer);
    fixture_stop(&fix);
}

static void test_handshake_deadline(void **state)
{
    CLEANUP(tls_context_freep) SSL_CTX *tls = NULL;
    struct http_limits limits = http_limits_default();
    struct fixture fix;
    struct fault why;
    char *answer;

    (void)state;
    limits.head_ms = 50;
    assert_int_equal(tls_context_new(&tls, certificate_path, key_path, &why), 0);
    fixture_start(&fix, &limits, tls);
    answer = client_read_all(client_connect(&fix));
    assert_string_equal(answer, "");
    free(answer);
    fixture_stop(&fix);
}

static void test_bad_files(void **state)
{
    SSL_CTX *tls = NULL;
    struct fault why;

    (void)state;
    assert_int_equal(tls_context_new(&tls, "/nonexistent", key_path, &why), FAULT);
    assert_string_equal(why.code, "TLS_CERTIFICATE");
    assert_string_equal(why.place, "/nonexistent");
    assert_int_equal(tls_context_new(&tls, certificate_path, certificate_path, &why), FAULT);
    assert_string_equal(why.code, "TLS_KEY");
    assert_int_equal(chmod(key_path, 0604), 0);
    assert_int_equal(tls_context_new(&tls, certificate_path, key_path, &why), FAULT);
    assert_string_equal(why.code, "TLS_KEY");
    assert_int_equal(chmod(key_path, 0600), 0);
    assert_null(tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_handshake_deadline),
        cmocka_unit_test(test_bad_files),
    };

    return cmocka_run_group_tests_name("service/http/tls", tests, make_certificate,
                                       remove_certificate);
}
