/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/merkle.h"

#include "lib/base/codec.h"
#include "tests/support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { MANY = 300 };

/* RFC 6962 section 2.1 word for word, to hold the fast ways against. */
static struct hash slow_root(const struct hash *leaves, size_t count)
{
    struct hash left, right;
    size_t half = 1;

    if (count == 0) {
        return merkle_empty();
    }
    if (count == 1) {
        return leaves[0];
    }
    while (half * 2 < count) {
        half *= 2;
    }
    left = slow_root(leaves, half);
    right = slow_root(leaves + half, count - half);
    return merkle_node(&left, &right);
}

static void make_leaves(struct hash *leaves, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[16];

        (void)snprintf(text, sizeof(text), "entry %zu", i);
        leaves[i] = merkle_leaf(span_of(text));
    }
}

static int slow_node(void *arg, unsigned level, uint64_t index, struct hash *ret)
{
    *ret = slow_root((struct hash *)arg + (index << level), (size_t)1 << level);
    return 0;
}

static void the_empty_tree_has_the_root_of_the_specification(void **state)
{
    struct merkle_stack tree = {0};
    struct hash root = merkle_root(&tree);
    char text[BASE64_LEN(SHA256_LEN) + 1];

    (void)state;
    base64_encode(root.bytes, SHA256_LEN, text);
    assert_string_equal(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

static void the_stack_and_the_nodes_give_the_root_of_the_definition(void **state)
{
    static struct hash leaves[MANY];
    struct merkle_stack tree = {0};

    (void)state;
    make_leaves(leaves, MANY);
    for (size_t n = 0; n <= MANY; n++) {
        struct hash slow = slow_root(leaves, n), fast = merkle_root(&tree), nodes;

        assert_int_equal(merkle_root_at(n, slow_node, leaves, &nodes), 0);
        assert_true(hash_equal(&slow, &fast));
        assert_true(hash_equal(&slow, &nodes));
        if (n < MANY) {
            merkle_push(&tree, &leaves[n]);
        }
    }
}

static void every_inclusion_proof_proves_its_place_and_no_other(void **state)
{
    static struct hash leaves[MANY];
    struct hash proof[MERKLE_MAX_PROOF];
    size_t count;

    (void)state;
    make_leaves(leaves, MANY);
    for (uint64_t n = 1; n <= 70; n++) {
        struct hash root = slow_root(leaves, n);

        for (uint64_t i = 0; i < n; i++) {
            assert_int_equal(merkle_prove_inclusion(i, n, slow_node, leaves, proof, &count), 0);
            assert_true(merkle_check_inclusion(i, n, &leaves[i], &root, proof, count));
            assert_false(merkle_check_inclusion(i, n, &leaves[i + 1], &root, proof, count));
            assert_false(merkle_check_inclusion(i + 1, n, &leaves[i], &root, proof, count));
            if (count > 0) {
                assert_false(merkle_check_inclusion(i, n, &leaves[i], &root, proof, count - 1));
                proof[count - 1].bytes[31] ^= 1;
                assert_false(merkle_check_inclusion(i, n, &leaves[i], &root, proof, count));
            }
        }
    }
}

static void every_consistency_proof_proves_its_sizes_and_no_others(void **state)
{
    static struct hash leaves[MANY];
    struct hash proof[MERKLE_MAX_PROOF + 1];
    size_t count;

    (void)state;
    make_leaves(leaves, MANY);
    for (uint64_t n = 1; n <= 70; n++) {
        struct hash root = slow_root(leaves, n);

        for (uint64_t old = 1; old <= n; old++) {
            struct hash was = slow_root(leaves, old), other = slow_root(leaves + 1, old);

            assert_int_equal(merkle_prove_consistency(old, n, slow_node, leaves, proof, &count), 0);
            assert_true(merkle_check_consistency(old, n, &was, &root, proof, count));
            assert_false(merkle_check_consistency(old, n, &other, &root, proof, count));
            assert_false(merkle_check_consistency(old, n, &was, &other, proof, count));
            proof[count] = root;
            assert_false(merkle_check_consistency(old, n, &was, &root, proof, count + 1));
            if (count > 0) {
                assert_false(merkle_check_consistency(old, n, &was, &root, proof, count - 1));
            }
        }
    }
}

/* A hash of a published case; false where it has another length. */
static bool get_hash(const json_t *value, struct hash *ret)
{
    uint8_t bytes[128];
    size_t len = 0;
    struct span text = {json_string_value(value), json_string_length(value)};

    if (!text.ptr || !base64_decode(text, bytes, sizeof(bytes), &len) || len != SHA256_LEN) {
        return false;
    }
    memcpy(ret->bytes, bytes, SHA256_LEN);
    return true;
}

/* Sizes go up to 2^64 - 1, past what the JSON reader has whole numbers for. */
static uint64_t get_count(const json_t *c, const char *name)
{
    double value = json_number_value(json_object_get(c, name));

    return value >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)value;
}

static bool run_case(json_t *c)
{
    struct hash proof[MERKLE_MAX_PROOF], one, two, leaf;
    const json_t *list = json_object_get(c, "proof");
    size_t count = json_array_size(list);

    if (count > MERKLE_MAX_PROOF) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!get_hash(json_array_get(list, i), &proof[i])) {
            return false;
        }
    }
    if (json_object_get(c, "leafHash")) {
        return get_hash(json_object_get(c, "root"), &one) &&
               get_hash(json_object_get(c, "leafHash"), &leaf) &&
               merkle_check_inclusion(get_count(c, "leafIdx"), get_count(c, "treeSize"), &leaf,
                                      &one, proof, count);
    }
    return get_hash(json_object_get(c, "root1"), &one) &&
           get_hash(json_object_get(c, "root2"), &two) &&
           merkle_check_consistency(get_count(c, "size1"), get_count(c, "size2"), &one, &two, proof,
                                    count);
}

static void walk_cases(const char *path, size_t *ran)
{
    struct stat about;
    DIR *folder;

    assert_int_equal(stat(path, &about), 0);
    if (S_ISDIR(about.st_mode)) {
        folder = opendir(path);
        assert_non_null(folder);
        for (const struct dirent *f = readdir(folder); f; f = readdir(folder)) {
            char below[4096];

            if (f->d_name[0] != '.') {
                (void)snprintf(below, sizeof(below), "%s/%s", path, f->d_name);
                walk_cases(below, ran);
            }
        }
        (void)closedir(folder);
    } else {
        size_t len;
        char *text = test_read_file(path, &len);
        json_t *c = json_loadb(text, len, JSON_DECODE_INT_AS_REAL, NULL);

        assert_non_null(c);
        if (run_case(c) == json_is_true(json_object_get(c, "wantErr"))) {
            fail_msg("%s: %s", path, json_string_value(json_object_get(c, "desc")));
        }
        (*ran)++;
        json_decref(c);
        free(text);
    }
}

static void published_proofs_are_judged_as_published(void **state)
{
    char *path = test_data("merkle/testdata");
    size_t ran = 0;

    (void)state;
    if (!path) {
        return;
    }
    walk_cases(path, &ran);
    assert_true(ran >= 90);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty_tree_has_the_root_of_the_specification),
        cmocka_unit_test(the_stack_and_the_nodes_give_the_root_of_the_definition),
        cmocka_unit_test(every_inclusion_proof_proves_its_place_and_no_other),
        cmocka_unit_test(every_consistency_proof_proves_its_sizes_and_no_others),
        cmocka_unit_test(published_proofs_are_judged_as_published),
    };

    return cmocka_run_group_tests_name("merkle", tests, NULL, NULL);
}
