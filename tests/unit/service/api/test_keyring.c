/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "service/api/key_make.h"
#include "service/api/keyring.h"

#include <string.h>

/* One key of each role, as the store lists them. */
struct world {
    struct key_made made[ROLE_COUNT];
    struct store_key rows[ROLE_COUNT];
    struct store_keys keys;
};

static void make(struct world *world)
{
    *world = (struct world){.keys = {.generation = 7, .keys = world->rows, .count = ROLE_COUNT}};
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        struct key_made *made = &world->made[i];

        key_make(made, role_words[i]);
        world->rows[i] = (struct store_key){
            .id = span_of(made->id), .role = span_of(made->role), .name = SPAN("someone"), .created_ms = 5,
            .secret_sha256 = {(const char *)made->secret_sha256, SHA256_LEN},
            .pseudonym_key = {(const char *)made->pseudonym_key, PSEUDONYM_KEY_LEN}};
    }
}

static struct span secret_of(const struct key_made *made)
{
    return span_of(strrchr(made->text, '_') + 1);
}

static bool opens(const struct keyring *ring, const struct key_made *made, int64_t now_ms)
{
    const struct key *key = keyring_check(ring, span_of(made->role), span_of(made->id), secret_of(made), now_ms);

    return key && strcmp(key->id, made->id) == 0;
}

static void test_each_key_opens_as_itself_only(void **state)
{
    struct world world;
    struct keyring *ring;

    (void)state;
    make(&world);
    ring = keyring_new(&world.keys);
    assert_int_equal(keyring_count(ring), ROLE_COUNT);
    assert_int_equal(keyring_generation(ring), 7);
    for (size_t i = 0; i < ROLE_COUNT; i++) {
        const struct key_made *mine = &world.made[i], *other = &world.made[(i + 1) % ROLE_COUNT];
        struct span id = span_of(mine->id), role = span_of(mine->role), secret = secret_of(mine);
        char nul[18];

        assert_true(opens(ring, mine, 1000));
        assert_null(keyring_check(ring, span_of(other->role), id, secret, 0));
        assert_null(keyring_check(ring, role, span_of(other->id), secret, 0));
        assert_null(keyring_check(ring, role, id, secret_of(other), 0));
        assert_null(keyring_check(ring, role, id, (struct span){NULL, 0}, 0));
        assert_null(keyring_check(ring, role, span_sub(id, 0, 15), secret, 0));
        assert_null(keyring_check(ring, role, id, span_sub(secret, 0, secret.len - 1), 0));
        assert_null(keyring_check(ring, role, SPAN(""), secret, 0));
        memcpy(nul, mine->id, 17);
        nul[17] = 'x';
        assert_null(keyring_check(ring, role, (struct span){nul, 18}, secret, 0));
    }
    (void)keyring_unref(ring);
}

static void test_revoked_and_expired_keys_stop(void **state)
{
    struct world world;
    struct keyring *ring;

    (void)state;
    make(&world);
    world.rows[0].revoked_ms = 900;
    world.rows[1].expires_ms = 1000;
    ring = keyring_new(&world.keys);
    assert_false(opens(ring, &world.made[0], 100));
    assert_true(opens(ring, &world.made[1], 999));
    assert_false(opens(ring, &world.made[1], 1000));
    assert_true(opens(ring, &world.made[2], 5000));
    assert_ptr_equal(keyring_ref(ring), ring);
    assert_null(keyring_unref(ring));
    assert_true(opens(ring, &world.made[2], 5000));
    (void)keyring_unref(ring);
}

static void test_rows_that_make_no_sense_are_left_out(void **state)
{
    struct world world;
    struct keyring *ring;

    (void)state;
    make(&world);
    world.rows[0].role = SPAN("emperor");
    world.rows[1].secret_sha256.len = 31;
    world.rows[2].pseudonym_key.len = 0;
    ring = keyring_new(&world.keys);
    assert_int_equal(keyring_count(ring), ROLE_COUNT - 3);
    (void)keyring_unref(ring);
    ring = keyring_new(&(struct store_keys){0});
    assert_int_equal(keyring_count(ring), 0);
    assert_false(opens(ring, &world.made[0], 0));
    (void)keyring_unref(ring);
    assert_null(keyring_unref(NULL));
}

static void test_a_made_key(void **state)
{
    struct key_made a, b;
    uint8_t digest[SHA256_LEN];
    struct store_key_put_args args;

    (void)state;
    key_make(&a, "partner");
    key_make(&b, "partner");
    assert_true(strncmp(a.text, "rap_partner_", 12) == 0);
    assert_int_equal(strlen(a.text), 12 + 16 + 1 + 64);
    assert_string_not_equal(a.id, b.id);
    assert_memory_not_equal(a.secret_sha256, b.secret_sha256, SHA256_LEN);
    assert_memory_not_equal(a.pseudonym_key, b.pseudonym_key, sizeof(a.pseudonym_key));
    sha256_of(secret_of(&a).ptr, 64, digest);
    assert_memory_equal(digest, a.secret_sha256, SHA256_LEN);
    args = key_put_args(&a, SPAN("hotline"), 9, 2, 5);
    assert_true(span_is(args.role, "partner") && span_is(args.id, a.id) && args.expires_ms == 9 && args.max_live == 2);
    assert_false(memmem(args.secret_sha256.ptr, args.secret_sha256.len, secret_of(&a).ptr, 8) != NULL);
}

static void test_names_of_keys(void **state)
{
    static const char *const bad[] = {"", "a b", "a/b", "a\nb", "\xC3\xBC", "a:b", "<b>"};
    char longest[STORE_NAME_MAX + 1];

    (void)state;
    memset(longest, 'a', sizeof(longest));
    assert_true(key_name_good((struct span){longest, STORE_NAME_MAX}));
    assert_false(key_name_good((struct span){longest, STORE_NAME_MAX + 1}));
    assert_true(key_name_good(SPAN("A.b_c@d-9")));
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(key_name_good(span_of(bad[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_key_opens_as_itself_only),
        cmocka_unit_test(test_revoked_and_expired_keys_stop),
        cmocka_unit_test(test_rows_that_make_no_sense_are_left_out),
        cmocka_unit_test(test_a_made_key),
        cmocka_unit_test(test_names_of_keys),
    };

    return cmocka_run_group_tests_name("service/api/keyring", tests, NULL, NULL);
}
