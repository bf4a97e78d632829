/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/support.h"

#include "lib/rights/taxonomy.h"
#include "lib/rights/territory.h"

static void words_are_whole(const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_non_null(words[i]);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(words[i], words[j]);
        }
    }
}

static void every_word_is_there_once(void **state)
{
    (void)state;
    words_are_whole(harm_words, HARM_COUNT);
    words_are_whole(origin_words, ORIGIN_COUNT);
    words_are_whole(exemption_words, EXEMPTION_COUNT);
    words_are_whole(outcome_words, OUTCOME_COUNT);
}

static void the_ten_uses_come_first(void **state)
{
    (void)state;
    assert_int_equal(HARM_EXECUTION, 9);
    for (int i = 0; i <= HARM_EXECUTION; i++) {
        assert_true(harm_is_terrorism((enum harm)i));
    }
    assert_true(harm_is_terrorism(HARM_MANIFESTO));
    assert_false(harm_is_terrorism(HARM_HATRED_INCITEMENT));
    assert_false(harm_is_terrorism(HARM_NONE));
}

static void rabat_is_for_incitement_and_hatred(void **state)
{
    int count = 0;

    (void)state;
    for (int i = 0; i < HARM_COUNT; i++) {
        count += harm_needs_rabat((enum harm)i);
    }
    assert_int_equal(count, 4);
    assert_true(harm_needs_rabat(HARM_HATRED_INCITEMENT));
    assert_false(harm_needs_rabat(HARM_TRAINING));
}

static void orders_are_of_states(void **state)
{
    (void)state;
    for (int i = 0; i < ORIGIN_COUNT; i++) {
        assert_true(!origin_is_order((enum origin_kind)i) || origin_is_state((enum origin_kind)i));
    }
    assert_true(origin_is_state(ORIGIN_GOV_REFERRAL_UNIT));
    assert_false(origin_is_order(ORIGIN_GOV_REFERRAL_UNIT));
    assert_false(origin_is_state(ORIGIN_TRUSTED_FLAGGER));
}

static void removals_are_restrictions(void **state)
{
    (void)state;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        assert_true(!outcome_is_removal((enum outcome)i) ||
                    outcome_is_restriction((enum outcome)i));
    }
    assert_false(outcome_is_restriction(OUTCOME_MONITOR));
    assert_true(outcome_is_restriction(OUTCOME_LABEL));
    assert_false(outcome_is_removal(OUTCOME_LABEL));
    assert_true(outcome_is_restriction(OUTCOME_ORDER_EXECUTED));
    assert_false(outcome_is_restriction(OUTCOME_REINSTATE));
}

static void six_exemptions_are_of_the_regulation(void **state)
{
    int count = 0;

    (void)state;
    for (int i = 0; i < EXEMPTION_COUNT; i++) {
        count += exemption_is_tco((enum exemption)i);
    }
    assert_int_equal(count, 6);
}

static void greece_is_gr(void **state)
{
    (void)state;
    assert_true(territory_is_country(SPAN("GR")));
    assert_false(territory_is_country(SPAN("EL")));
    assert_false(territory_is_country(SPAN("UK")));
    assert_false(territory_is_country(SPAN("gr")));
    assert_false(territory_is_country(SPAN("DEU")));
    assert_true(territory_is_eea(SPAN("NO")));
    assert_false(territory_is_eu(SPAN("NO")));
    assert_false(territory_is_eea(SPAN("CH")));
    for (int i = 0; i < EEA_COUNT; i++) {
        assert_true(territory_is_country(span_of(eea_countries[i])));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_there_once),
        cmocka_unit_test(the_ten_uses_come_first),
        cmocka_unit_test(rabat_is_for_incitement_and_hatred),
        cmocka_unit_test(orders_are_of_states),
        cmocka_unit_test(removals_are_restrictions),
        cmocka_unit_test(six_exemptions_are_of_the_regulation),
        cmocka_unit_test(greece_is_gr),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
