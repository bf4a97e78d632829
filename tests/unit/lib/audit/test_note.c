/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/note.h"

#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#define DASH "\xe2\x80\x94 "

/* The example of the documentation of golang.org/x/mod/sumdb/note. */
static const char secret[] =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
static const char public_key[] =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char published[] =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your "
    "problem is.\n\n" DASH
    "PeterNeumann "
    "x08go/ZJkuBS9UG/"
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

static struct note_signer signer_of(const char *name, uint8_t type, uint8_t first)
{
    uint8_t seed[32] = {first};
    struct note_signer signer;

    assert_int_equal(note_signer_make(&signer, span_of(name), type, seed, NULL), 0);
    return signer;
}

static void the_published_example_verifies_and_is_signed_the_same(void **state)
{
    struct note_signer signer;
    struct note_key key;
    struct note note;
    struct buf out;
    uint32_t verified;

    (void)state;
    buf_init(&out, NOTE_MAX_BYTES);
    assert_int_equal(note_key_read(&key, span_of(public_key), NULL), 0);
    assert_int_equal(note_signer_read(&signer, span_of(secret), NULL), 0);
    assert_memory_equal(&key, &signer.key, sizeof(key));
    assert_int_equal(note_read(&note, span_of(published), NULL), 0);
    assert_int_equal(note_verify(&note, &key, 1, &verified, NULL), 0);
    assert_int_equal(verified, 1);
    assert_int_equal(note_write(&out, note.body, NULL), 0);
    assert_int_equal(note_sign(&out, note.body, &signer, 0), 0);
    assert_string_equal(out.data, published);
    buf_clear(&out);
    assert_int_equal(note_key_write(&out, &key), 0);
    assert_string_equal(out.data, public_key);
    buf_clear(&out);
    assert_int_equal(note_signer_write(&out, &signer), 0);
    assert_string_equal(out.data, secret);
    buf_done(&out);
}

static void keys_are_read_strictly(void **state)
{
    static const struct {
        const char *name, *text, *code;
    } cases[] = {
        {"the specification's example",
         "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", NULL},
        {"another id", "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
         "KEY_ID"},
        {"another name", "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
         "KEY_ID"},
        {"a space in the name",
         "example .com+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "KEY_NAME"},
        {"no name", "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "KEY_NAME"},
        {"seven digits", "example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
         "KEY_FORM"},
        {"no key", "example.com/foo+530d903a", "KEY_FORM"},
        {"a short key", "example.com/foo+530d903a+AekyeRrm", "KEY_FORM"},
        {"trailing text", "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k ",
         "KEY_FORM"},
        {"an unknown algorithm",
         "example.com/foo+530d903a+BekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "KEY_TYPE"},
    };
    struct note_key key;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fault why = {0};
        int r = note_key_read(&key, span_of(cases[i].text), &why);

        if (r != (cases[i].code ? FAULT : 0) ||
            strcmp(why.code, cases[i].code ? cases[i].code : "") != 0) {
            fail_msg("%s: %d %s", cases[i].name, r, why.code);
        }
    }
}

static void what_is_no_note_is_refused(void **state)
{
    static const struct {
        const char *name;
        struct span bytes;
        const char *code;
    } cases[] = {
        {"nothing", SPAN(""), "NOTE_FORM"},
        {"no signature", SPAN("text\n"), "NOTE_FORM"},
        {"no line behind the empty one", SPAN("text\n\n"), "NOTE_FORM"},
        {"no final line feed", SPAN("text\n\n" DASH "a AAAAAAA="), "NOTE_FORM"},
        {"a control character", SPAN("te\txt\n\n" DASH "a AAAAAAA=\n"), "NOTE_FORM"},
        {"broken UTF-8", SPAN("te\xff\n\n" DASH "a AAAAAAA=\n"), "NOTE_UTF8"},
        {"a hyphen for the dash", SPAN("text\n\n- a AAAAAAA=\n"), "NOTE_FORM"},
        {"no name", SPAN("text\n\n" DASH " AAAAAAA=\n"), "NOTE_FORM"},
        {"a plus in the name", SPAN("text\n\n" DASH "a+b AAAAAAA=\n"), "NOTE_FORM"},
        {"only a key id", SPAN("text\n\n" DASH "a AAAAAA==\n"), "NOTE_FORM"},
        {"base64 with bits left", SPAN("text\n\n" DASH "a AAAAAAB=\n"), "NOTE_FORM"},
        {"base64 without padding", SPAN("text\n\n" DASH "a AAAAAAA\n"), "NOTE_FORM"},
        {"text behind the signature", SPAN("text\n\n" DASH "a AAAAAAA= \n"), "NOTE_FORM"},
    };
    struct note note;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fault why = {0};

        if (note_read(&note, cases[i].bytes, &why) != FAULT ||
            strcmp(why.code, cases[i].code) != 0) {
            fail_msg("%s: %s", cases[i].name, why.code);
        }
    }
}

static void the_last_empty_line_splits(void **state)
{
    struct note note;

    (void)state;
    assert_int_equal(note_read(&note, SPAN("one\n\ntwo\n\n" DASH "a AAAAAAA=\n"), NULL), 0);
    assert_true(span_is(note.body, "one\n\ntwo\n"));
    assert_int_equal(note.line_count, 1);
}

/* body, then lines by signers; `broken` flips the signed text of one line. */
static void make_note(struct buf *out, const struct note_signer *signers, size_t count,
                      size_t broken)
{
    buf_clear(out);
    assert_int_equal(note_write(out, SPAN("origin\n1\nx\n"), NULL), 0);
    for (size_t i = 0; i < count; i++) {
        struct span body = i == broken ? SPAN("origin\n2\nx\n") : SPAN("origin\n1\nx\n");

        assert_int_equal(note_sign(out, body, &signers[i], 1700000000 + (int64_t)i), 0);
    }
}

static void unknown_keys_are_ignored_and_known_bad_ones_reject(void **state)
{
    struct note_signer signers[3] = {signer_of("log", NOTE_ED25519, 1),
                                     signer_of("w1", NOTE_COSIGNATURE, 2),
                                     signer_of("w2", NOTE_COSIGNATURE, 3)};
    struct note_key keys[3] = {signers[0].key, signers[1].key, signers[2].key};
    struct fault why = {0};
    uint32_t verified = 0;
    struct note note;
    struct buf out;

    (void)state;
    buf_init(&out, NOTE_MAX_BYTES);
    make_note(&out, signers, 3, 99);
    assert_int_equal(note_read(&note, buf_span(&out), NULL), 0);
    assert_int_equal(note_verify(&note, keys, 3, &verified, &why), 0);
    assert_int_equal(verified, 7);
    make_note(&out, signers, 3, 2);
    assert_int_equal(note_read(&note, buf_span(&out), NULL), 0);
    assert_int_equal(note_verify(&note, keys, 2, &verified, &why), 0);
    assert_int_equal(verified, 3);
    assert_int_equal(note_verify(&note, keys, 3, &verified, &why), FAULT);
    assert_string_equal(why.code, "NOTE_BAD_SIGNATURE");
    make_note(&out, signers + 1, 2, 99);
    assert_int_equal(note_read(&note, buf_span(&out), NULL), 0);
    assert_int_equal(note_verify(&note, keys, 1, &verified, &why), FAULT);
    assert_string_equal(why.code, "NOTE_UNSIGNED");
    buf_done(&out);
}

static void a_known_name_with_another_id_is_an_unknown_key(void **state)
{
    struct note_signer mine = signer_of("log", NOTE_ED25519, 1),
                       other = signer_of("log", NOTE_ED25519, 9);
    struct note_signer both[2] = {mine, other};
    uint32_t verified = 0;
    struct note note;
    struct buf out;

    (void)state;
    buf_init(&out, NOTE_MAX_BYTES);
    make_note(&out, both, 2, 1);
    assert_int_equal(note_read(&note, buf_span(&out), NULL), 0);
    assert_int_equal(note_verify(&note, &mine.key, 1, &verified, NULL), 0);
    buf_done(&out);
}

static void a_cosignature_carries_its_time(void **state)
{
    struct note_signer signers[2] = {signer_of("log", NOTE_ED25519, 1),
                                     signer_of("w1", NOTE_COSIGNATURE, 2)};
    int64_t time = 0;
    struct note note;
    struct buf out;

    (void)state;
    buf_init(&out, NOTE_MAX_BYTES);
    make_note(&out, signers, 2, 99);
    assert_int_equal(note_read(&note, buf_span(&out), NULL), 0);
    assert_true(note_cosigned(&note, &signers[1].key, &time));
    assert_int_equal(time, 1700000001);
    assert_false(note_cosigned(&note, &signers[0].key, &time));
    /* 4 bytes of id, 8 of time, 64 of signature. */
    assert_int_equal(note.lines[1].blob.len, 104);
    assert_int_equal(note.lines[0].blob.len, 92);
    buf_done(&out);
}

static void sixty_four_signatures_are_read_and_no_more(void **state)
{
    struct note_signer signer = signer_of("w", NOTE_ED25519, 1);
    struct fault why = {0};
    struct note note;
    struct buf out;

    (void)state;
    buf_init(&out, NOTE_MAX_BYTES);
    assert_int_equal(note_write(&out, SPAN("x\n"), NULL), 0);
    for (int i = 0; i < 64; i++) {
        assert_int_equal(note_sign(&out, SPAN("x\n"), &signer, 0), 0);
    }
    assert_int_equal(note_read(&note, buf_span(&out), &why), 0);
    assert_int_equal(note.line_count, 64);
    assert_int_equal(note_sign(&out, SPAN("x\n"), &signer, 0), 0);
    assert_int_equal(note_read(&note, buf_span(&out), &why), FAULT);
    assert_string_equal(why.code, "NOTE_TOO_LARGE");
    buf_done(&out);
}

static void names_have_no_spaces_of_any_script(void **state)
{
    (void)state;
    assert_true(note_name_valid(SPAN("example.org/audit/2026q4")));
    assert_true(note_name_valid(SPAN("\xd0\xb6")));
    assert_false(note_name_valid(SPAN("")));
    assert_false(note_name_valid(SPAN("a b")));
    assert_false(note_name_valid(SPAN("a\xc2\xa0"
                                      "b")));
    assert_false(note_name_valid(SPAN("a\xe2\x80\x83"
                                      "b")));
    assert_false(note_name_valid(SPAN("a+b")));
    assert_false(note_name_valid(SPAN("a\xff")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_example_verifies_and_is_signed_the_same),
        cmocka_unit_test(keys_are_read_strictly),
        cmocka_unit_test(what_is_no_note_is_refused),
        cmocka_unit_test(the_last_empty_line_splits),
        cmocka_unit_test(unknown_keys_are_ignored_and_known_bad_ones_reject),
        cmocka_unit_test(a_known_name_with_another_id_is_an_unknown_key),
        cmocka_unit_test(a_cosignature_carries_its_time),
        cmocka_unit_test(sixty_four_signatures_are_read_and_no_more),
        cmocka_unit_test(names_have_no_spaces_of_any_script),
    };

    return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
