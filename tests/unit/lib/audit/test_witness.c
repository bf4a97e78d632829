/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/witness.h"

#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#define DASH "\xe2\x80\x94 "

enum { LEAVES = 40 };

static struct hash leaves[LEAVES];

static int node(void *arg, unsigned level, uint64_t index, struct hash *ret)
{
    struct hash left, right;

    if (level == 0) {
        *ret = leaves[index];
        return 0;
    }
    (void)node(arg, level - 1, index * 2, &left);
    (void)node(arg, level - 1, index * 2 + 1, &right);
    *ret = merkle_node(&left, &right);
    return 0;
}

static int grow(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEAVES; i++) {
        char text[16];

        (void)snprintf(text, sizeof(text), "entry %zu", i);
        leaves[i] = merkle_leaf(span_of(text));
    }
    return 0;
}

static struct note_signer signer_of(const char *name, uint8_t type, uint8_t first)
{
    uint8_t seed[32] = {first};
    struct note_signer signer;

    assert_int_equal(note_signer_make(&signer, span_of(name), type, seed, NULL), 0);
    return signer;
}

static struct checkpoint checkpoint_at(uint64_t size)
{
    struct checkpoint checkpoint = {.origin = "example.org/log", .size = size};

    assert_int_equal(merkle_root_at(size, node, NULL, &checkpoint.root), 0);
    return checkpoint;
}

/* A request as the log's client makes it. */
static void request_of(struct buf *out, uint64_t old, const struct checkpoint *checkpoint, uint8_t key)
{
    struct note_signer signer = signer_of("example.org/log", NOTE_ED25519, key);
    struct hash proof[MERKLE_MAX_PROOF];
    size_t count = 0;
    struct buf note;

    buf_clear(out);
    buf_init(&note, NOTE_MAX_BYTES);
    if (old <= checkpoint->size) {
        assert_int_equal(merkle_prove_consistency(old, checkpoint->size, node, NULL, proof, &count), 0);
    }
    assert_int_equal(checkpoint_sign(&note, checkpoint, &signer, 1, NULL), 0);
    assert_int_equal(witness_request_write(out, old, proof, count, buf_span(&note)), 0);
    buf_done(&note);
}

static void every_growth_is_signed_and_nothing_else(void **state)
{
    struct note_signer signer = signer_of("example.org/log", NOTE_ED25519, 1);
    struct buf body;

    (void)state;
    buf_init(&body, WITNESS_BODY_MAX);
    for (uint64_t last = 0; last <= LEAVES; last++) {
        for (uint64_t next = last; next <= LEAVES; next++) {
            struct checkpoint was = checkpoint_at(last), is = checkpoint_at(next);
            struct witness_request request;
            struct fault why;

            request_of(&body, last, &is, 1);
            assert_int_equal(witness_request_read(&request, buf_span(&body), &why), 0);
            assert_int_equal(witness_decide(&request, &signer.key, 1, &was, &why), WITNESS_SIGN);
            if (last > 0) {
                was.root.bytes[3] ^= 1; /* what the witness saw was something else */
                assert_int_equal(witness_decide(&request, &signer.key, 1, &was, &why), WITNESS_INCONSISTENT);
                assert_string_equal(why.code, last == next ? "WITNESS_FORK" : "WITNESS_PROOF");
            }
        }
    }
    buf_done(&body);
}

static void each_refusal_has_its_status(void **state)
{
    static const struct {
        const char *name;
        uint64_t old, size, last;
        uint8_t key;
        int status;
        const char *code;
    } cases[] = {
        {"old larger than the checkpoint", 21, 20, 21, 1, WITNESS_MALFORMED, "WITNESS_OLD"},
        {"old is another size", 9, 20, 10, 1, WITNESS_CONFLICT, "WITNESS_CONFLICT"},
        {"the log went back", 10, 10, 20, 1, WITNESS_CONFLICT, "WITNESS_CONFLICT"},
        {"old 0 to a witness that knows the log", 0, 20, 10, 1, WITNESS_CONFLICT, "WITNESS_CONFLICT"},
        {"another key of that name", 10, 20, 10, 2, WITNESS_UNTRUSTED, "WITNESS_UNTRUSTED"},
    };
    struct note_signer signer = signer_of("example.org/log", NOTE_ED25519, 1);
    struct buf body;

    (void)state;
    buf_init(&body, WITNESS_BODY_MAX);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct checkpoint was = checkpoint_at(cases[i].last), is = checkpoint_at(cases[i].size);
        struct witness_request request;
        struct fault why;

        request_of(&body, cases[i].old, &is, cases[i].key);
        assert_int_equal(witness_request_read(&request, buf_span(&body), &why), 0);
        if (witness_decide(&request, &signer.key, 1, &was, &why) != cases[i].status || strcmp(why.code, cases[i].code)) {
            fail_msg("%s: %s %s", cases[i].name, why.code, why.text);
        }
    }
    buf_done(&body);
}

static void a_proof_with_old_zero_is_refused(void **state)
{
    struct note_signer signer = signer_of("example.org/log", NOTE_ED25519, 1);
    struct checkpoint was = checkpoint_at(0), is = checkpoint_at(20);
    struct witness_request request;
    struct fault why;
    struct buf body;

    (void)state;
    buf_init(&body, WITNESS_BODY_MAX);
    request_of(&body, 0, &is, 1);
    assert_int_equal(witness_request_read(&request, buf_span(&body), &why), 0);
    request.proof[0] = leaves[0];
    request.proof_count = 1;
    assert_int_equal(witness_decide(&request, &signer.key, 1, &was, &why), WITNESS_INCONSISTENT);
    assert_string_equal(why.code, "WITNESS_PROOF");
    buf_done(&body);
}

static void requests_are_read_strictly(void **state)
{
#define NOTE "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n" DASH "o AAAAAAAA\n"
#define HASH "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    static const struct {
        const char *name, *body, *code, *place;
    } cases[] = {
        {"no proof", "old 0\n\n" NOTE, NULL, NULL},
        {"two hashes", "old 7\n" HASH HASH "\n" NOTE, NULL, NULL},
        {"empty", "", "WITNESS_FORM", "line 1"},
        {"no old line", "\n" NOTE, "WITNESS_FORM", "line 1"},
        {"a leading zero", "old 07\n\n" NOTE, "WITNESS_FORM", "line 1"},
        {"a sign", "old +7\n\n" NOTE, "WITNESS_FORM", "line 1"},
        {"two spaces", "old  7\n\n" NOTE, "WITNESS_FORM", "line 1"},
        {"a carriage return", "old 7\r\n\n" NOTE, "WITNESS_FORM", "line 1"},
        {"a number too large", "old 18446744073709551616\n\n" NOTE, "WITNESS_FORM", "line 1"},
        {"a short hash", "old 7\nAAEC\n\n" NOTE, "WITNESS_FORM", "line 2"},
        {"a hash that is none", "old 7\n" HASH "!\n\n" NOTE, "WITNESS_FORM", "line 3"},
        {"no empty line", "old 7\n" HASH, "WITNESS_FORM", "line 3"},
        {"no checkpoint", "old 7\n\n", "NOTE_FORM", ""},
        {"the root of nothing at size 0 is fixed", "old 0\n\no\n0\n" HASH "\n" DASH "o AAAAAAAA\n", "CHECKPOINT_ROOT", NULL},
    };
    struct buf most;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct witness_request request;
        struct fault why = {0};
        int r = witness_request_read(&request, span_of(cases[i].body), &why);

        if ((r == 0) != !cases[i].code || (r && strcmp(why.code, cases[i].code) != 0) ||
            (r && cases[i].place && strcmp(why.place, cases[i].place) != 0)) {
            fail_msg("%s: %d %s at %s: %s", cases[i].name, r, why.code, why.place, why.text);
        }
    }
    buf_init(&most, WITNESS_BODY_MAX);
    for (int hashes = 63; hashes <= 64; hashes++) {
        struct witness_request request;
        struct fault why;

        buf_clear(&most);
        (void)buf_add_text(&most, "old 7\n");
        for (int i = 0; i < hashes; i++) {
            (void)buf_add_text(&most, HASH);
        }
        (void)buf_add_text(&most, "\n" NOTE);
        assert_int_equal(witness_request_read(&request, buf_span(&most), &why), hashes == 63 ? 0 : FAULT);
    }
    buf_done(&most);
}

static void an_answer_gives_the_lines_of_its_witness_alone(void **state)
{
    struct note_signer log = signer_of("example.org/log", NOTE_ED25519, 1);
    struct note_signer witness = signer_of("w.example/1", NOTE_COSIGNATURE, 7);
    struct note_signer other = signer_of("w.example/2", NOTE_COSIGNATURE, 8);
    struct checkpoint head = checkpoint_at(20);
    struct buf note, mine, both, out;
    struct note sent;
    struct fault why;
    int64_t at = 0;

    (void)state;
    buf_init(&note, 4096);
    buf_init(&mine, 4096);
    buf_init(&both, 4096);
    buf_init(&out, 4096);
    assert_int_equal(checkpoint_sign(&note, &head, &log, 1, NULL), 0);
    assert_int_equal(note_read(&sent, buf_span(&note), &why), 0);
    assert_int_equal(note_sign(&mine, sent.body, &witness, 1234567), 0);
    assert_int_equal(note_sign(&both, sent.body, &other, 5), 0);
    assert_int_equal(buf_add_span(&both, buf_span(&mine)), 0);
    assert_int_equal(witness_answer_take(&out, buf_span(&note), buf_span(&both), &witness.key, &at, &why), 0);
    assert_true(at == 1234567 && span_equal(buf_span(&out), buf_span(&mine)));

    buf_clear(&out);
    assert_int_equal(witness_answer_take(&out, buf_span(&note), buf_span(&both), &log.key, &at, &why), FAULT);
    assert_int_equal(witness_answer_take(&out, buf_span(&note), SPAN(""), &witness.key, &at, &why), FAULT);
    assert_int_equal(witness_answer_take(&out, buf_span(&note), SPAN("ok\n"), &witness.key, &at, &why), FAULT);
    /* An answer that begins a text of its own cannot smuggle another checkpoint in. */
    (void)buf_add_text(&out, "x\n\n");
    (void)buf_add_span(&out, buf_span(&mine));
    buf_clear(&both);
    assert_int_equal(witness_answer_take(&both, buf_span(&note), buf_span(&out), &witness.key, &at, &why), FAULT);
    mine.data[mine.len - 10] ^= 1;
    assert_int_equal(witness_answer_take(&both, buf_span(&note), buf_span(&mine), &witness.key, &at, &why), FAULT);
    assert_string_equal(why.code, "WITNESS_ANSWER");
    assert_true(both.len == 0);
    buf_done(&note);
    buf_done(&mine);
    buf_done(&both);
    buf_done(&out);
}

static void the_size_of_a_409_is_one_line(void **state)
{
    uint64_t size = 0;

    (void)state;
    assert_true(witness_size_read(SPAN("20852014\n"), &size) && size == 20852014);
    assert_true(witness_size_read(SPAN("0\n"), &size) && size == 0);
    assert_false(witness_size_read(SPAN("7"), &size));
    assert_false(witness_size_read(SPAN("07\n"), &size));
    assert_false(witness_size_read(SPAN("7\n7\n"), &size));
    assert_false(witness_size_read(SPAN("7\r\n"), &size));
    assert_false(witness_size_read(SPAN("\n"), &size));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_growth_is_signed_and_nothing_else),
        cmocka_unit_test(each_refusal_has_its_status),
        cmocka_unit_test(a_proof_with_old_zero_is_refused),
        cmocka_unit_test(requests_are_read_strictly),
        cmocka_unit_test(an_answer_gives_the_lines_of_its_witness_alone),
        cmocka_unit_test(the_size_of_a_409_is_one_line),
    };

    return cmocka_run_group_tests(tests, grow, NULL);
}
