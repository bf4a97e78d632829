/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/http/webhook.h"

#include <string.h>

static void test_the_published_example_has_its_signature(void **state)
{
    CLEANUP(buf_freep) struct buf *out = buf_new(1000);
    uint8_t secret[WEBHOOK_SECRET_MAX];
    char text[WEBHOOK_SECRET_TEXT_MAX + 1];
    struct span key;
    size_t len;

    (void)state;
    assert_true(webhook_secret_read(SPAN("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), secret, &len));
    key = (struct span){(const char *)secret, len};
    assert_int_equal(webhook_sign(out, key, SPAN("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
                                  SPAN("{\"test\": 2432232314}")), 0);
    assert_string_equal(out->data, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_int_equal(webhook_sign(out, SPAN("another secret, of 32 characters"), SPAN("a"), 1, SPAN("b")), 0);
    assert_int_equal(out->len, 2 * 47 + 1);
    assert_memory_equal(out->data + 47, " v1,", 4);
    webhook_secret_text(secret, len, text);
    assert_string_equal(text, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
}

static void test_secrets_of_another_form_are_refused(void **state)
{
    static const struct {
        struct span text;
        bool ok;
    } cases[] = {
        {{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 38}, true},
        {{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 32}, false},
        {{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaA=", 38}, false},           /* 23 bytes */
        {{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa_w", 38}, false},
        {{"whsec_", 6}, false},
        {{"", 0}, false},
    };
    uint8_t secret[WEBHOOK_SECRET_MAX];
    size_t len;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(webhook_secret_read(cases[i].text, secret, &len), cases[i].ok);
    }
}

static void test_pauses_grow_fourfold_within_a_quarter_up_to_twelve_hours(void **state)
{
    int64_t least = 0, most = 0, attempts = 1;

    (void)state;
    assert_int_equal(webhook_pause_ms(1, 5000, 0), 3750);
    assert_in_range(webhook_pause_ms(1, 5000, UINT32_MAX), 6249, 6250);
    assert_int_equal(webhook_pause_ms(2, 5000, 0), 15000);
    assert_int_equal(webhook_pause_ms(3, 5000, 1u << 31), 80000);
    assert_int_equal(webhook_pause_ms(9, 5000, 0), WEBHOOK_PAUSE_MAX_MS / 4 * 3);
    assert_int_equal(webhook_pause_ms(INT64_MAX, 5000, 0), WEBHOOK_PAUSE_MAX_MS / 4 * 3);
    while (least < 3 * 24 * 3600 * 1000LL) {
        least += webhook_pause_ms(attempts, 5000, 1u << 31);
        most = ++attempts;
    }
    assert_in_range(most, 13, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_published_example_has_its_signature),
        cmocka_unit_test(test_secrets_of_another_form_are_refused),
        cmocka_unit_test(test_pauses_grow_fourfold_within_a_quarter_up_to_twelve_hours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
