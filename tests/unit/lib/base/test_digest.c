/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/base/attr.h"
#include "lib/base/codec.h"
#include "lib/base/digest.h"

#include <string.h>

static void from_hex(const char *hex, uint8_t *into)
{
    assert_true(hex_decode(span_of(hex), into, strlen(hex) / 2));
}

/* FIPS 180-4 examples: one block, two blocks, empty, and a million times 'a'. */
static void test_sha256_fips_180_4(void **state)
{
    static const struct {
        const char *text, *digest;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    char hex[SHA256_HEX_LEN + 1], thousand[1000];
    uint8_t digest[SHA256_LEN];
    struct sha256 h;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        sha256_hex(cases[i].text, strlen(cases[i].text), hex);
        assert_string_equal(hex, cases[i].digest);
    }
    memset(thousand, 'a', sizeof(thousand));
    sha256_start(&h);
    for (int i = 0; i < 1000; i++) {
        sha256_add(&h, thousand, sizeof(thousand));
    }
    sha256_end(&h, digest);
    hex_encode(digest, sizeof(digest), hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* RFC 4231 section 4, cases 1, 2, 3 and 6 (a key longer than a block). */
static void test_hmac_rfc_4231(void **state)
{
    char key[131], data[50], hex[SHA256_HEX_LEN + 1];
    uint8_t mac[SHA256_LEN];
    const struct {
        struct span key, data;
        const char *mac;
        char key_byte, data_byte;
    } cases[] = {
        {{key, 20}, SPAN("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", 0x0b, 0},
        {SPAN("Jefe"), SPAN("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", 0, 0},
        {{key, 20}, {data, 50}, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe", '\xaa', '\xdd'},
        {{key, 131}, SPAN("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", '\xaa', 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        memset(key, cases[i].key_byte, sizeof(key));
        memset(data, cases[i].data_byte, sizeof(data));
        hmac_sha256(cases[i].key, cases[i].data, mac);
        hex_encode(mac, sizeof(mac), hex);
        assert_string_equal(hex, cases[i].mac);
    }
    hmac_sha256((struct span){NULL, 0}, (struct span){NULL, 0}, mac);
    hex_encode(mac, sizeof(mac), hex);
    assert_string_equal(hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* RFC 8032 section 7.1, tests 1 to 3. */
static const struct {
    const char *seed, *public, *message, *signature;
} signing[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
     "655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
     "b00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
     "c027beceea1ec40a"},
};

static void test_ed25519_rfc_8032(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(signing); i++) {
        uint8_t seed[ED25519_SEED_LEN], public[ED25519_PUBLIC_LEN], made[ED25519_PUBLIC_LEN], message[2];
        uint8_t wanted[ED25519_SIGNATURE_LEN], got[ED25519_SIGNATURE_LEN];
        struct span text = {(const char *)message, strlen(signing[i].message) / 2};

        from_hex(signing[i].seed, seed);
        from_hex(signing[i].public, public);
        from_hex(signing[i].message, message);
        from_hex(signing[i].signature, wanted);
        ed25519_public(seed, made);
        assert_memory_equal(made, public, sizeof(public));
        ed25519_sign(seed, text, got);
        assert_memory_equal(got, wanted, sizeof(wanted));
        assert_true(ed25519_verify(public, text, got));
    }
}

static void test_ed25519_refuses_every_flipped_bit(void **state)
{
    uint8_t seed[ED25519_SEED_LEN], public[ED25519_PUBLIC_LEN], signature[ED25519_SIGNATURE_LEN];

    (void)state;
    from_hex(signing[0].seed, seed);
    ed25519_public(seed, public);
    ed25519_sign(seed, SPAN("message"), signature);
    assert_false(ed25519_verify(public, SPAN("messagf"), signature));
    for (size_t bit = 0; bit < sizeof(signature) * 8; bit++) {
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(ed25519_verify(public, SPAN("message"), signature));
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    /* A key that is no point of the curve is a refusal, not a crash. */
    memset(public, 0xFF, sizeof(public));
    assert_false(ed25519_verify(public, SPAN("message"), signature));
}

static void test_comparison_and_wipe(void **state)
{
    uint8_t a[32] = {1}, b[32] = {1};

    (void)state;
    assert_true(bytes_equal_constant_time(a, b, sizeof(a)));
    b[31] = 1;
    assert_false(bytes_equal_constant_time(a, b, sizeof(a)));
    assert_true(bytes_equal_constant_time(a, b, 31));
    bytes_wipe(b, sizeof(b));
    for (size_t i = 0; i < sizeof(b); i++) {
        assert_int_equal(b[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256_fips_180_4),
        cmocka_unit_test(test_hmac_rfc_4231),
        cmocka_unit_test(test_ed25519_rfc_8032),
        cmocka_unit_test(test_ed25519_refuses_every_flipped_bit),
        cmocka_unit_test(test_comparison_and_wipe),
    };

    return cmocka_run_group_tests_name("lib/base/digest", tests, NULL, NULL);
}
