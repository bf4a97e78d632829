/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/rights/record.h"

#include "lib/json/canon.h"
#include "lib/json/read.h"

static struct policy *policy;

static struct justification_context context_of(void)
{
    return (struct justification_context){.policy = policy,
                                          .category = HARM_RECRUITMENT,
                                          .origin = ORIGIN_USER_NOTICE,
                                          .reviewer_pid = "11111111111111111111111111111111",
                                          .opened_ms = at_time("2026-11-23T10:00:00Z"),
                                          .decided_ms = at_time("2026-11-23T10:01:00Z")};
}

enum base { QUICK, FULL };
enum twist {
    PLAIN,
    STATE,
    ORDER,
    ORDER_OVERDUE_REVIEWER,
    CLAIMS,
    RULE_SECOND,
    SAME_SECOND,
    AUTOMATED
};

struct change {
    const char *pointer, *value;
};

struct row {
    const char *name;
    enum base base;
    struct change changes[6];
    enum twist twist;
    const char *code, *pointer; /* NULL code: accepted */
    int status;
};

static struct justification_context twisted(enum twist twist)
{
    struct justification_context context = context_of();

    switch (twist) {
    case PLAIN:
        break;
    case STATE:
        context.origin = ORIGIN_GOV_REFERRAL_UNIT;
        context.state_actor = true;
        break;
    case ORDER:
    case ORDER_OVERDUE_REVIEWER:
        context.deferred_overdue = twist == ORDER_OVERDUE_REVIEWER;
        context.origin = ORIGIN_TCO_REMOVAL_ORDER;
        context.state_actor = true;
        context.order_valid = true;
        break;
    case CLAIMS:
        context.exemptions_claimed[EXEMPTION_RESEARCH] = true;
        break;
    case RULE_SECOND:
        context.needs_second = true;
        break;
    case SAME_SECOND:
        context.second_pid = context.reviewer_pid;
        break;
    case AUTOMATED:
        context.automated_decision = AUTOMATION_FULL;
        break;
    }
    return context;
}

#define HATE_CLAUSE                                                                                \
    {"/harm", "'hatred_incitement'"},                                                              \
    {                                                                                              \
        "/ground", "{'kind':'terms','ref':'policy/5.1','explanation':'It incites discrimination, " \
                   "hostility or violence.'}"                                                      \
    }
#define INCITE_CLAUSE                                                                              \
    {"/harm", "'incitement'"},                                                                     \
    {                                                                                              \
        "/ground", "{'kind':'terms','ref':'policy/4.1','explanation':'It calls on others to "      \
                   "commit an act "                                                                \
                   "of terrorist violence.'}"                                                      \
    }
#define ORDER_CLAUSE                                                                               \
    {"/outcome", "'order_executed'"},                                                              \
    {                                                                                              \
        "/ground",                                                                                 \
            "{'kind':'order','ref':'law/tco/3','explanation':'An order of a competent authority: " \
            "order "                                                                               \
            "a host to remove terrorist content or disable access to it in all Member States.'}"   \
    }
#define SPACES40 "                                        "
#define LETTERS40 "abcdefghijabcdefghijabcdefghijabcdefghij"
#define LETTERS280 LETTERS40 LETTERS40 LETTERS40 LETTERS40 LETTERS40 LETTERS40 LETTERS40

/* clang-format off */
static const struct row rows[] = {
    {"check 00 a full removal record in one request is accepted", FULL, {{0}}, PLAIN, NULL, NULL, 0},
    {"check 01 a removal without an aim", FULL, {{"/aim", ""}}, PLAIN, "JUST_AIM_MISSING", "/aim", 422},
    {"check 01 an empty list of aims", FULL, {{"/aim", "[]"}}, PLAIN, "JUST_AIM_MISSING", "/aim", 422},
    {"check 01 public_safety is no aim of the Covenant", FULL, {{"/aim", "'public_safety'"}}, PLAIN, "JUST_AIM_NOT_LISTED", "/aim", 422},
    {"check 01 an unlisted aim in an array", FULL, {{"/aim", "['public_order','public_safety']"}}, PLAIN, "JUST_AIM_NOT_LISTED", "/aim/1", 422},
    {"check 01 two aims pass", FULL, {{"/aim", "['public_order','rights_of_others']"}}, PLAIN, NULL, NULL, 0},
    {"check 01 one aim as a word passes", FULL, {{"/aim", "'public_order'"}}, PLAIN, NULL, NULL, 0},
    {"check 01 three aims are too many", FULL, {{"/aim", "['public_order','rights_of_others','public_health']"}}, PLAIN, "FIELD_COUNT", "/aim", 422},
    {"check 01 the same aim twice", FULL, {{"/aim", "['public_order','public_order']"}}, PLAIN, "FIELD_VALUE", "/aim/1", 422},
    {"check 02 a clause that is not published", FULL, {{"/ground/ref", "'policy/9.9'"}}, PLAIN, "JUST_GROUND_UNKNOWN", "/ground/ref", 422},
    {"check 02 no clause at all", FULL, {{"/ground/ref", ""}}, PLAIN, "JUST_GROUND_MISSING", "/ground/ref", 422},
    {"check 02 a restriction without a ground", FULL, {{"/ground", "{'kind':'none'}"}}, PLAIN, "JUST_GROUND_MISSING", "/ground/kind", 422},
    {"check 02 a clause of the terms is not law", FULL, {{"/ground/kind", "'law'"}}, PLAIN, "JUST_GROUND_KIND", "/ground/ref", 422},
    {"check 02 a clause about money does not cover recruitment", FULL, {{"/ground/ref", "'policy/4.4'"}}, PLAIN, "JUST_GROUND_HARM", "/ground/ref", 422},
    {"check 02 a clause that does not list the outcome", FULL, {{"/outcome", "'demonetise'"}}, PLAIN, "JUST_GROUND_OUTCOME", "/ground/ref", 422},
    {"check 02 an explanation that quotes nothing", FULL, {{"/ground/explanation", "'It is plainly against our rules.'"}}, PLAIN, "JUST_EXPLANATION_QUOTE", "/ground/explanation", 422},
    {"check 02 a quick decision needs no ground", QUICK, {{0}}, PLAIN, NULL, NULL, 0},
    {"check 03 no link carries no removal", FULL, {{"/threat/link", "'none'"}}, PLAIN, "JUST_LINK_TOO_WEAK", "/threat/link", 422},
    {"check 03 an indirect link carries no removal", FULL, {{"/threat/link", "'indirect'"}}, PLAIN, "JUST_LINK_TOO_WEAK", "/threat/link", 422},
    {"check 03 an indirect link carries a label", FULL, {{"/threat/link", "'indirect'"}, {"/outcome", "'demote'"}}, PLAIN, NULL, NULL, 0},
    {"check 03 no link does not carry a label", FULL, {{"/threat/link", "'none'"}, {"/outcome", "'demote'"}}, PLAIN, "JUST_LINK_TOO_WEAK", "/threat/link", 422},
    {"check 03 a direct link that is not immediate passes", FULL, {{"/threat/link", "'direct_not_immediate'"}}, PLAIN, NULL, NULL, 0},
    {"check 03 no threat at all", FULL, {{"/threat", ""}}, PLAIN, "JUST_THREAT_MISSING", "/threat", 422},
    {"check 04 one alternative is too few for a removal", FULL, {{"/necessity/alternatives/1", ""}}, PLAIN, "JUST_ALTERNATIVES", "/necessity/alternatives", 422},
    {"check 04 one alternative is enough to demote", FULL, {{"/necessity/alternatives/1", ""}, {"/outcome", "'demote'"}}, PLAIN, NULL, NULL, 0},
    {"check 04 a blank reason", FULL, {{"/necessity/alternatives/0/rejected_because", "'   '"}}, PLAIN, "JUST_ALTERNATIVES", "/necessity/alternatives/0/rejected_because", 422},
    {"check 04 the same measure twice", FULL, {{"/necessity/alternatives/0/measure", "'geo_limit'"}}, PLAIN, "JUST_ALTERNATIVES", "/necessity/alternatives/1/measure", 422},
    {"check 04 the measure taken as the one rejected", FULL, {{"/outcome", "'label'"}}, PLAIN, "JUST_ALTERNATIVES", "/necessity/alternatives/0/measure", 422},
    {"check 05 incitement without the six factors", FULL, {INCITE_CLAUSE, {"/outcome", "'disable'"}, {"/severity_tier", "'criminal'"}}, PLAIN, "JUST_RABAT_INCOMPLETE", "/rabat/context", 422},
    {"check 05 incitement with one note missing", FULL, {INCITE_CLAUSE, {"/rabat", RABAT_SCORED("3")}, {"/severity_tier", "'criminal'"}, {"/rabat/extent/note", ""}}, PLAIN, "JUST_RABAT_INCOMPLETE", "/rabat/extent/note", 422},
    {"check 05 incitement with a blank note", FULL, {INCITE_CLAUSE, {"/rabat", RABAT_SCORED("3")}, {"/severity_tier", "'criminal'"}, {"/rabat/extent/note", "' '"}}, PLAIN, "JUST_RABAT_INCOMPLETE", "/rabat/extent/note", 422},
    {"check 05 incitement with all six passes", FULL, {INCITE_CLAUSE, {"/outcome", "'disable'"}, {"/rabat", RABAT_SCORED("3")}, {"/severity_tier", "'criminal'"}}, PLAIN, NULL, NULL, 0},
    {"check 05 incitement cannot excuse itself", FULL, {INCITE_CLAUSE, {"/severity_tier", "'criminal'"}}, PLAIN, "JUST_RABAT_INCOMPLETE", "/rabat/not_applicable", 422},
    {"check 05 training with a reason passes", FULL, {{"/harm", "'training'"}, {"/ground", "{'kind':'terms','ref':'policy/4.3','explanation':'It plans such an act.'}"}}, PLAIN, NULL, NULL, 0},
    {"check 05 no reason and no factors", FULL, {{"/rabat", "{}"}}, PLAIN, "JUST_RABAT_INCOMPLETE", "/rabat/not_applicable", 422},
    {"check 06 a concern alone is not removed", FULL, {HATE_CLAUSE, {"/rabat", RABAT_SCORED("2")}, {"/severity_tier", "'concern_only'"}}, PLAIN, "JUST_TIER_MISMATCH", "/severity_tier", 422},
    {"check 06 a concern alone may be labelled", FULL, {HATE_CLAUSE, {"/rabat", RABAT_SCORED("2")}, {"/severity_tier", "'concern_only'"}, {"/outcome", "'demote'"}}, PLAIN, NULL, NULL, 0},
    {"check 06 criminal with intent 1", FULL, {HATE_CLAUSE, {"/rabat", RABAT_SCORED("1")}, {"/severity_tier", "'criminal'"}}, PLAIN, "JUST_RABAT_INTENT", "/rabat/intent/score", 422},
    {"check 06 criminal with likelihood 1", FULL, {HATE_CLAUSE, {"/rabat", RABAT_SCORED("2")}, {"/severity_tier", "'criminal'"}, {"/rabat/likelihood/score", "1"}}, PLAIN, "JUST_RABAT_LIKELIHOOD", "/rabat/likelihood/score", 422},
    {"check 06 criminal with content form 1", FULL, {HATE_CLAUSE, {"/rabat", RABAT_SCORED("2")}, {"/severity_tier", "'criminal'"}, {"/rabat/content_form/score", "1"}}, PLAIN, "JUST_RABAT_FORM", "/rabat/content_form/score", 422},
    {"check 06 criminal with intent 2 passes", FULL, {HATE_CLAUSE, {"/rabat", RABAT_SCORED("2")}, {"/severity_tier", "'criminal'"}}, PLAIN, NULL, NULL, 0},
    {"check 06 a score of 4", FULL, {HATE_CLAUSE, {"/rabat", RABAT_SCORED("4")}, {"/severity_tier", "'criminal'"}}, PLAIN, "FIELD_RANGE", "/rabat/intent/score", 422},
    {"check 06 no severity for incitement", FULL, {HATE_CLAUSE, {"/rabat", RABAT_SCORED("2")}}, PLAIN, "JUST_SEVERITY_MISSING", "/severity_tier", 422},
    {"check 07 journalism is not terrorist content", FULL, {{"/exemptions", "{'journalistic':'met'}"}}, PLAIN, "JUST_EXEMPT_MET", "/exemptions/journalistic", 422},
    {"check 07 present but not met passes", FULL, {{"/exemptions", "{'journalistic':'present_not_met'}"}}, PLAIN, NULL, NULL, 0},
    {"check 07 exemptions absent on a removal", FULL, {{"/exemptions", ""}}, PLAIN, "JUST_EXEMPT_UNCHECKED", "/exemptions", 422},
    {"check 07 exemptions absent on no action", QUICK, {{"/exemptions", ""}}, PLAIN, "JUST_EXEMPT_UNCHECKED", "/exemptions", 422},
    {"check 07 exemptions empty", QUICK, {{"/exemptions", "{}"}}, PLAIN, "JUST_EXEMPT_UNCHECKED", "/exemptions", 422},
    {"check 07 none and one at once", QUICK, {{"/exemptions", "{'none_present':true,'satire':'met'}"}}, PLAIN, "JUST_EXEMPT_CONFLICT", "/exemptions/none_present", 422},
    {"check 07 an exemption with a slip in its name", QUICK, {{"/exemptions", "{'jornalistic':'met'}"}}, PLAIN, "FIELD_UNKNOWN", "/exemptions/jornalistic", 422},
    {"check 07 a claimed exemption is answered by name", FULL, {{0}}, CLAIMS, "JUST_EXEMPT_UNCHECKED", "/exemptions/research", 422},
    {"check 07 a claimed exemption that is answered passes", FULL, {{"/exemptions", "{'research':'not_present'}"}}, CLAIMS, NULL, NULL, 0},
    {"check 08 a quick record for no action", QUICK, {{0}}, PLAIN, NULL, NULL, 0},
    {"check 08 quick is too low for a label", QUICK, {{"/outcome", "'label'"}}, PLAIN, "JUST_TIER_TOO_LOW", "/tier", 422},
    {"check 08 quick is too low for an item of state origin", QUICK, {{0}}, STATE, "JUST_TIER_TOO_LOW", "/tier", 422},
    {"check 08 quick is too low when an exemption is claimed", QUICK, {{"/exemptions", "{'research':'met'}"}}, CLAIMS, "JUST_TIER_TOO_LOW", "/tier", 422},
    {"check 08 quick is too low to feed a shared list", QUICK, {{"/shared_lists", "['group-names']"}}, PLAIN, "JUST_TIER_TOO_LOW", "/tier", 422},
    {"check 08 a claim of full is always good", QUICK, {{"/tier", "'full'"}}, PLAIN, NULL, NULL, 0},
    {"check 08 no claim is good", QUICK, {{"/tier", ""}}, PLAIN, NULL, NULL, 0},
    {"check 09 nineteen characters", QUICK, {{"/why", "'abcd efgh ijkl mnop'"}}, PLAIN, "JUST_WHY_EMPTY", "/why", 422},
    {"check 09 twenty characters pass", QUICK, {{"/why", "'abcd efgh ijkl mnopq'"}}, PLAIN, NULL, NULL, 0},
    {"check 09 characters are counted, not bytes", QUICK, {{"/why", "'дддд оооо лллл ннн'"}}, PLAIN, "JUST_WHY_EMPTY", "/why", 422},
    {"check 09 280 characters pass", QUICK, {{"/why", "'" LETTERS280 "'"}}, PLAIN, NULL, NULL, 0},
    {"check 09 281 characters", QUICK, {{"/why", "'" LETTERS280 "x'"}}, PLAIN, "FIELD_LENGTH", "/why", 422},
    {"check 09 one word again and again", QUICK, {{"/why", "'terror Terror terror terror'"}}, PLAIN, "JUST_WHY_EMPTY", "/why", 422},
    {"check 09 one letter again and again", QUICK, {{"/why", "'aaaaaaaaaaaaaaaaaaaaaaaaaaa'"}}, PLAIN, "JUST_WHY_EMPTY", "/why", 422},
    {"check 09 blank", QUICK, {{"/why", "'" SPACES40 "'"}}, PLAIN, "JUST_WHY_EMPTY", "/why", 422},
    {"check 09 no reason at all", QUICK, {{"/why", ""}}, PLAIN, "JUST_WHY_EMPTY", "/why", 422},
    {"check 10 who cannot read it does not restrict it", FULL, {{"/lang_competence", "'none'"}}, PLAIN, "JUST_REROUTE_LANGUAGE", "/lang_competence", 409},
    {"check 10 who cannot read it may leave it", QUICK, {{"/lang_competence", "'none'"}}, PLAIN, NULL, NULL, 0},
    {"check 10 another mistake makes it 422", FULL, {{"/lang_competence", "'none'"}, {"/aim", ""}}, PLAIN, "JUST_REROUTE_LANGUAGE", NULL, 422},
    {"check 11 an e-mail address in the facts", FULL, {{"/facts", "'Sent by max@example.org to all.'"}}, PLAIN, "JUST_PERSONAL_DATA", "/facts", 422},
    {"check 11 a handle in the reason", QUICK, {{"/why", "'The account @lindenfan quotes the news.'"}}, PLAIN, "JUST_PERSONAL_DATA", "/why", 422},
    {"check 11 a phone number in the explanation", FULL, {{"/ground/explanation", "'asks others to join a group that uses terrorist violence, call +49 30 1234567'"}}, PLAIN, "JUST_PERSONAL_DATA", "/ground/explanation", 422},
    {"check 11 an IP address in a note", FULL, {{"/proportionality/note", "'posted from 192.0.2.17 only'"}}, PLAIN, "JUST_PERSONAL_DATA", "/proportionality/note", 422},
    {"check 11 an address of the web in a reason", FULL, {{"/necessity/alternatives/0/rejected_because", "'see https://example.org/x'"}}, PLAIN, "JUST_PERSONAL_DATA", "/necessity/alternatives/0/rejected_because", 422},
    {"check 12 the same person twice", FULL, {{0}}, SAME_SECOND, "JUST_SECOND_SAME", NULL, 422},
    {"check 15 deferred without an order or a threat", FULL, {{"/tier", "'deferred'"}}, PLAIN, "JUST_DEFERRED_REFUSED", "/tier", 422},
    {"check 15 deferred while a record is overdue", FULL, {ORDER_CLAUSE, {"/tier", "'deferred'"}}, ORDER_OVERDUE_REVIEWER, "JUST_DEFERRED_OPEN", "/tier", 409},
    {"check 15 deferred on an order", FULL, {ORDER_CLAUSE, {"/tier", "'deferred'"}, {"/facts", ""}, {"/notice", ""}, {"/threat", ""}}, ORDER, NULL, NULL, 0},
    {"check 15 deferred still needs the quick block", FULL, {ORDER_CLAUSE, {"/tier", "'deferred'"}, {"/facts", ""}, {"/aim", ""}}, ORDER, "JUST_AIM_MISSING", "/aim", 422},
    {"check 16 a restriction without a notice", FULL, {{"/notice", ""}}, PLAIN, "NOTICE_REQUIRED", "/notice", 409},
    {"check 16 withheld for six weeks with its law", FULL, {{"/notice/withheld_until", "'2027-01-04'"}, {"/notice/withheld_reason", "'investigation'"}, {"/notice/legal_ref", "'TCO 11(3)'"}}, PLAIN, NULL, NULL, 0},
    {"check 16 withheld for longer", FULL, {{"/notice/withheld_until", "'2027-01-05'"}, {"/notice/withheld_reason", "'investigation'"}, {"/notice/legal_ref", "'TCO 11(3)'"}}, PLAIN, "NOTICE_REQUIRED", "/notice/withheld_until", 409},
    {"check 16 withheld without its law", FULL, {{"/notice/withheld_until", "'2026-12-24'"}, {"/notice/withheld_reason", "'investigation'"}}, PLAIN, "NOTICE_REQUIRED", "/notice/withheld_until", 409},
    {"an order carried out without conflict passes", FULL, {ORDER_CLAUSE}, ORDER, NULL, NULL, 0},
    {"an order against a weak link names the conflict", FULL, {ORDER_CLAUSE, {"/threat/link", "'none'"}}, ORDER, "JUST_CONFLICT_MISSING", "/conflict_of_law", 422},
    {"an order outcome without an order", FULL, {ORDER_CLAUSE}, PLAIN, "JUST_OUTCOME_ORDER", "/outcome", 422},
    {"an order queried says why", FULL, {ORDER_CLAUSE, {"/outcome", "'order_queried'"}}, ORDER, "JUST_FEEDBACK_MISSING", "/order_feedback", 422},
    {"software alone restricts nothing", FULL, {{0}}, AUTOMATED, "JUST_AUTOMATED", "/outcome", 422},
    {"software alone may leave it up", QUICK, {{0}}, AUTOMATED, NULL, NULL, 0},
    {"no territory", FULL, {{"/scope/territory", ""}}, PLAIN, "JUST_SCOPE_MISSING", "/scope/territory", 422},
    {"Greece is GR", FULL, {{"/scope/territory", "['EL']"}}, PLAIN, "COUNTRY_FORM", "/scope/territory", 422},
    {"global without a reason", FULL, {{"/scope", "{'territory':'global','until':'2027-01-01'}"}}, PLAIN, "JUST_SCOPE_REASON", "/scope/reason", 422},
    {"until a date needs no reason", FULL, {{"/scope", "{'territory':['DE'],'until':'2027-01-01'}"}}, PLAIN, NULL, NULL, 0},
    {"until yesterday", FULL, {{"/scope", "{'territory':['DE'],'until':'2026-11-22'}"}}, PLAIN, "JUST_SCOPE_UNTIL", "/scope/until", 422},
    {"one country's law is not global", FULL, {{"/harm", "'hatred_incitement'"}, {"/outcome", "'disable'"}, {"/ground", "{'kind':'law','ref':'law/de/stgb-130','explanation':'It calls for violence against it.'}"}, {"/rabat", RABAT_SCORED("2")}, {"/severity_tier", "'criminal'"}, {"/scope/territory", "'global'"}}, PLAIN, "JUST_SCOPE_TOO_WIDE", "/scope/territory", 422},
    {"a concern of equal treatment has its note", FULL, {{"/discrimination_check/result", "'concern'"}}, PLAIN, "JUST_DISCRIMINATION_MISSING", "/discrimination_check/note", 422},
    {"a referral to a counter-message names partner and funding", QUICK, {{"/outcome", "'refer_counter_message'"}}, PLAIN, "JUST_PARTNER_MISSING", "/counter_message", 422},
    {"a referral to a counter-message is quick", QUICK, {{"/outcome", "'refer_counter_message'"}, {"/counter_message", "{'partner':'voices','state_funded':false}"}}, PLAIN, NULL, NULL, 0},
    {"a threat to life names recipient and basis", FULL, {{"/outcome", "'escalate_threat_to_life'"}}, PLAIN, "JUST_ESCALATION_MISSING", "/escalation", 422},
    {"a reinstatement names what it reverses", FULL, {{"/outcome", "'reinstate'"}, {"/lesson", "{'action':'keep'}"}}, PLAIN, "JUST_REVERSES_MISSING", "/reverses", 422},
    {"a reinstatement yields a lesson", FULL, {{"/outcome", "'reinstate'"}, {"/reverses", "'dec_1'"}}, PLAIN, "JUST_LESSON_MISSING", "/lesson", 422},
    {"a service is suspended after a warning", FULL, {{"/harm", "'financing'"}, {"/ground", "{'kind':'terms','ref':'policy/4.4','explanation':'It asks for money or goods for a group that uses terrorist violence.'}"}, {"/outcome", "'service_suspend_total'"}}, PLAIN, "JUST_WARNING_MISSING", "/prior_warning", 422},
    {"evidence for seven months without a hold", FULL, {{"/evidence", "{'purpose':'review','held_until':'2027-06-23'}"}}, PLAIN, "JUST_EVIDENCE_TOO_LONG", "/evidence/held_until", 422},
    {"evidence for seven months with a hold", FULL, {{"/evidence", "{'purpose':'review','held_until':'2027-06-23','hold':{'authority':'Court of Linden','reference':'7 K 12','until':'2027-06-23'}}"}}, PLAIN, NULL, NULL, 0},
    {"a hold without an authority", FULL, {{"/evidence", "{'purpose':'review','hold':{'reference':'7 K 12','until':'2027-06-23'}}"}}, PLAIN, "JUST_EVIDENCE_HOLD", "/evidence/hold/authority", 422},
    {"an appeal window of five months", FULL, {{"/appeal_until", "'2027-04-23'"}}, PLAIN, "JUST_APPEAL_TOO_SHORT", "/appeal_until", 422},
    {"an appeal window of six months", FULL, {{"/appeal_until", "'2027-05-23'"}}, PLAIN, NULL, NULL, 0},
    {"a member with a slip in its name", FULL, {{"/thread", "{}"}}, PLAIN, "FIELD_UNKNOWN", "/thread", 422},
    {"a nested member that is not ours", FULL, {{"/threat/level", "9"}}, PLAIN, "FIELD_UNKNOWN", "/threat/level", 422},
    {"the envelope is the server's", FULL, {{"/reviewer_pid", "'me'"}}, PLAIN, "FIELD_UNKNOWN", "/reviewer_pid", 422},
    {"another schema", FULL, {{"/schema", "'just/2'"}}, PLAIN, "FIELD_VALUE", "/schema", 422},
    {"an outcome of another world", FULL, {{"/outcome", "'delete'"}}, PLAIN, "FIELD_VALUE", "/outcome", 422},
    {"null counts as absent", FULL, {{"/facts", "null"}}, PLAIN, "JUST_FACTS_MISSING", "/facts", 422},
};
/* clang-format on */

static void check_row(void **state)
{
    const struct row *row = *state;
    CLEANUP(json_freep) json_t *record = test_json(row->base == QUICK ? RECORD_QUICK : RECORD_FULL);
    struct justification_context context = twisted(row->twist);
    struct justification_check_result result;
    struct faults faults = {0};
    int r;

    for (size_t i = 0; i < COUNT_OF(row->changes) && row->changes[i].pointer; i++) {
        record_set(record, row->changes[i].pointer, row->changes[i].value);
    }
    r = justification_check(&result, record, &context, &faults);
    if (row->code ? !test_has_fault(&faults, row->code, row->pointer) : r != 0) {
        print_faults(&faults);
    }
    if (!row->code) {
        assert_int_equal(r, 0);
        return;
    }
    assert_int_equal(r, FAULT);
    assert_true(test_has_fault(&faults, row->code, row->pointer));
    assert_int_equal(justification_status(&faults), row->status);
}

static void check_08_quick_is_under_700_bytes(void **state)
{
    CLEANUP(json_freep) json_t *record = test_json(RECORD_QUICK);
    CLEANUP(buf_freep) struct buf *out = buf_new(4096);

    (void)state;
    assert_int_equal(json_canon(out, record), 0);
    assert_true(out->len < 700);
    assert_int_equal(json_object_size(record), 8); /* schema, tier and six of the eight inputs */
}

static void check_09_untouched(void **state)
{
    CLEANUP(json_freep) json_t *record = test_json(RECORD_FULL);
    CLEANUP(json_freep)
    json_t *suggestions = test_json("{'/threat/link':'direct_immediate','/aim':['public_order'],'/"
                                    "harm':'recruitment','/nowhere/x':1}");
    struct justification_context context = context_of();
    struct justification_check_result result;
    struct faults faults = {0};

    (void)state;
    context.suggestions = suggestions;
    assert_int_equal(justification_check(&result, record, &context, &faults), FAULT);
    assert_int_equal(faults.count, 1);
    assert_true(test_has_fault(&faults, "JUST_UNTOUCHED", "/threat/link"));
    record_set(record, "/touched", "['/threat/link']");
    faults = (struct faults){0};
    assert_int_equal(justification_check(&result, record, &context, &faults), 0);
}

static void check_11_names_field_and_offset(void **state)
{
    CLEANUP(json_freep) json_t *record = test_json(RECORD_FULL);
    struct justification_context context = context_of();
    struct justification_check_result result;
    struct faults faults = {0};

    (void)state;
    record_set(record, "/facts", "'Sent by max@example.org to all.'");
    assert_int_equal(justification_check(&result, record, &context, &faults), FAULT);
    assert_string_equal(faults.list[0].place, "/facts");
    assert_non_null(strstr(faults.list[0].text, "an e-mail address at byte 8"));
}

struct second_row {
    const char *outcome;
    enum twist twist;
    const char *interest;
    unsigned wanted;
};

static void check_12_second_person(void **state)
{
    static const struct second_row cases[] = {
        {"'remove'", PLAIN, "'none'", 0},
        {"'remove'", STATE, "'none'", SECOND_STATE_ORIGIN},
        {"'demote'", STATE, "'none'", 0},
        {"'account_terminate'", PLAIN, "'none'", SECOND_ACCOUNT},
        {"'account_suspend'", PLAIN, "'none'", SECOND_ACCOUNT},
        {"'demote'", PLAIN, "'high'", SECOND_PUBLIC_INTEREST},
        {"'demote'", RULE_SECOND, "'low'", SECOND_RULE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(json_freep) json_t *record = test_json(RECORD_FULL);
        struct justification_context context = twisted(cases[i].twist);
        struct justification_check_result result;
        struct faults faults = {0};

        record_set(record, "/outcome", cases[i].outcome);
        record_set(record, "/proportionality/public_interest", cases[i].interest);
        assert_int_equal(justification_check(&result, record, &context, &faults), 0);
        assert_int_equal(result.needs_second, cases[i].wanted);
        assert_int_equal(result.state, cases[i].wanted ? STATE_AWAITING_SECOND : STATE_EFFECTIVE);
        assert_int_equal(justification_effect_check(record, &result, &context, &faults),
                         cases[i].wanted ? FAULT : 0);
        if (cases[i].wanted) {
            assert_true(test_has_fault(&faults, "JUST_SECOND_REQUIRED", NULL));
            assert_int_equal(justification_status(&faults), 409);
        }
        context.second_pid = "22222222222222222222222222222222";
        faults = (struct faults){0};
        assert_int_equal(justification_check(&result, record, &context, &faults), 0);
        assert_int_equal(result.state, STATE_EFFECTIVE);
        assert_int_equal(justification_effect_check(record, &result, &context, &faults), 0);
        context.second_pid = context.reviewer_pid;
        assert_int_equal(justification_effect_check(record, &result, &context, &faults), FAULT);
        assert_true(test_has_fault(&faults, "JUST_SECOND_SAME", NULL));
    }
}

static void check_12_exemption_met_on_other_ground(void **state)
{
    CLEANUP(json_freep) json_t *record = test_json(RECORD_FULL);
    struct justification_context context = context_of();
    struct justification_check_result result;
    struct faults faults = {0};

    (void)state;
    record_set(record, "/exemptions", "{'satire':'met'}");
    assert_int_equal(justification_check(&result, record, &context, &faults), 0);
    assert_int_equal(result.needs_second, SECOND_EXEMPTION);
}

static void check_12_body_of_the_second(void **state)
{
    static const struct {
        const char *body, *pid, *code;
    } cases[] = {
        {"{'verdict':'agree'}", "2", NULL},
        {"{'verdict':'disagree','note':'the label would do'}", "2", NULL},
        {"{'verdict':'disagree'}", "2", "JUST_SECOND_NOTE"},
        {"{'verdict':'agree'}", "1", "JUST_SECOND_SAME"},
        {"{'verdict':'perhaps'}", "2", "FIELD_VALUE"},
        {"{}", "2", "FIELD_MISSING"},
        {"{'verdict':'agree','why':'x'}", "2", "FIELD_UNKNOWN"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(json_freep) json_t *body = test_json(cases[i].body);
        struct justification_context context = context_of();
        struct faults faults = {0};
        bool agree = false;

        context.reviewer_pid = "1";
        context.second_pid = cases[i].pid;
        assert_int_equal(justification_second_check(&agree, body, &context, &faults),
                         cases[i].code ? FAULT : 0);
        if (cases[i].code) {
            assert_true(test_has_fault(&faults, cases[i].code, NULL));
        } else {
            assert_int_equal(agree, i == 0);
        }
    }
}

static void check_15_deferred_is_due_in_a_day(void **state)
{
    CLEANUP(json_freep) json_t *record = test_json(RECORD_FULL);
    struct justification_context context = context_of();
    struct justification_check_result result;
    struct faults faults = {0};

    (void)state;
    context.threat_to_life = true;
    record_set(record, "/tier", "'deferred'");
    record_set(record, "/facts", "");
    assert_int_equal(justification_check(&result, record, &context, &faults), 0);
    assert_int_equal(result.tier, TIER_DEFERRED);
    assert_int_equal(result.full_due_ms, at_time("2026-11-24T10:01:00Z"));

    context.deferred_full_ms = 3600000;
    assert_int_equal(justification_check(&result, record, &context, &faults), 0);
    assert_int_equal(result.full_due_ms, at_time("2026-11-23T11:01:00Z"));
}

/* Act first: the second person of a state's item comes with the full record, that of high public interest before. */
static void check_15_deferred_waits_for_nobody(void **state)
{
    CLEANUP(json_freep) json_t *record = test_json(RECORD_FULL);
    struct justification_context context = context_of();
    struct justification_check_result result;
    struct faults faults = {0};

    (void)state;
    context.threat_to_life = context.needs_second = context.state_actor = true;
    record_set(record, "/tier", "'deferred'");
    assert_int_equal(justification_check(&result, record, &context, &faults), 0);
    assert_int_equal(result.state, STATE_EFFECTIVE);
    assert_int_equal(result.needs_second, 0);

    record_set(record, "/proportionality/public_interest", "'high'");
    assert_int_equal(justification_check(&result, record, &context, &faults), 0);
    assert_int_equal(result.state, STATE_AWAITING_SECOND);
    assert_int_equal(result.needs_second, SECOND_PUBLIC_INTEREST);
}

static void check_16_effect_needs_notice(void **state)
{
    CLEANUP(json_freep) json_t *record = test_json(RECORD_FULL);
    struct justification_context context = context_of();
    struct justification_check_result result;
    struct faults faults = {0};

    (void)state;
    assert_int_equal(justification_check(&result, record, &context, &faults), 0);
    assert_int_equal(justification_effect_check(record, &result, &context, &faults), 0);
    record_set(record, "/notice", "");
    assert_int_equal(justification_effect_check(record, &result, &context, &faults), FAULT);
    assert_true(test_has_fault(&faults, "NOTICE_REQUIRED", "/notice"));
    assert_int_equal(justification_status(&faults), 409);
}

/* Section 1.6 of the rights notes, as it stands there. */
#define EXAMPLE_2                                                                                  \
    "{'schema':'just/"                                                                             \
    "1','tier':'full','outcome':'disable','harm':'recruitment','ground':{'kind':'terms',"          \
    "'ref':'policy/4.2','explanation':'...'},'aim':['rights_of_others'],"                          \
    "'threat':{'nature':'solicits readers to join a listed group','link':'direct_immediate'},"     \
    "'necessity':{'alternatives':[{'measure':'label','rejected_because':'contact channel stays "   \
    "usable'},"                                                                                    \
    "{'measure':'geo_limit',"                                                                      \
    "'rejected_because':'call is not local'}]},'rabat':{'not_applicable':'recruitment with "       \
    "contact details, not "                                                                        \
    "advocacy'},'scope':{'territory':['DE','FR'],'until':'indefinite','reason':'...'}}"

static void examples_are_accepted(void **state)
{
    CLEANUP(json_freep) json_t *quick = test_json(RECORD_QUICK);
    CLEANUP(json_freep) json_t *full = test_json(EXAMPLE_2);
    struct justification_context context = context_of();
    struct justification_check_result result;
    struct faults faults = {0};

    (void)state;
    assert_int_equal(justification_check(&result, quick, &context, &faults), 0);
    assert_int_equal(result.tier, TIER_QUICK);
    context.draft = true; /* the second one is abbreviated: a draft */
    assert_int_equal(justification_check(&result, full, &context, &faults), 0);
    assert_true(result.missing >= 7);
    context.draft = false; /* as a decision, only what it leaves out is missed */
    assert_int_equal(justification_check(&result, full, &context, &faults), FAULT);
    record_set(full, "/ground/explanation", "'It offers a way to contact its recruiters.'");
    record_set(full, "/scope/reason", "'a call to join does not age'");
    record_set(full, "/exemptions", "{'none_present':true}");
    record_set(full, "/lang_competence", "'native_or_b2'");
    record_set(full, "/why", "'Invites to join and gives the channel.'");
    record_set(full, "/facts", "'A post with a contact channel.'");
    record_set(
        full, "/proportionality",
        "{'public_interest':'none','reach':'small','irreversible':false,'note':'nothing is lost'}");
    record_set(full, "/discrimination_check", "{'result':'pass'}");
    record_set(full, "/notice", "{'lang':'en','redress':'internal_complaint'}");
    faults = (struct faults){0};
    assert_int_equal(justification_check(&result, full, &context, &faults), 0);
}

static void every_mistake_at_once(void **state)
{
    CLEANUP(json_freep) json_t *record = test_json("{'outcome':'remove'}");
    struct justification_context context = context_of();
    struct justification_check_result result;
    struct faults faults = {0};

    (void)state;
    assert_int_equal(justification_check(&result, record, &context, &faults), FAULT);
    assert_true(faults.count >= 14);
    for (size_t i = 0; i < faults.count; i++) {
        assert_true(faults.list[i].code[0] && faults.list[i].text[0]);
        assert_true(strncmp(faults.list[i].code, "FIELD_", 6) == 0 ||
                    strchr(faults.list[i].text, '('));
    }
}

static void every_code_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].code && strncmp(rows[i].code, "FIELD_", 6) != 0) {
            assert_non_null(justification_code_find(rows[i].code));
        }
    }
    assert_int_equal(justification_code_find("SOR_PART_MISSING:d")->status, 422);
    assert_null(justification_code_find("JUST_NO_SUCH"));
}

static void sealed_record_stands_alone(void **state)
{
    CLEANUP(json_freep) json_t *record = test_json(RECORD_FULL);
    CLEANUP(json_freep) json_t *origin = test_json("{'kind':'user_notice'}");
    CLEANUP(json_freep) json_t *types = test_json("['post']");
    struct justification_envelope envelope = {.decision_id = "dec_1",
                                              .item_id = "post-1",
                                              .origin = origin,
                                              .detection = "report",
                                              .content_lang = "de",
                                              .content_types = types,
                                              .content_date = "2026-11-20"};
    struct justification_context context = context_of();
    struct justification_check_result result;
    struct faults faults = {0};
    json_t *sealed = NULL;

    (void)state;
    assert_int_equal(justification_check(&result, record, &context, &faults), 0);
    assert_int_equal(justification_seal(&sealed, record, &result, &context, &envelope), 0);
    assert_string_equal(json_string_value(json_object_get(sealed, "policy_version")), "2026-11");
    assert_string_equal(json_string_value(json_object_get(sealed, "tier")), "full");
    assert_string_equal(json_string_value(json_object_get(sealed, "decided_at")),
                        "2026-11-23T10:01:00.000Z");
    assert_string_equal(json_string_value(json_object_get(sealed, "appeal_until")), "2027-05-23");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(sealed, "evidence"), "held_until")),
        "2027-05-23");
    assert_true(json_is_false(json_object_get(sealed, "automated_detection")));
    assert_null(json_object_get(record, "tier_x"));
    json_decref(sealed);
}

static int load(void **state)
{
    (void)state;
    policy = sample_policy();
    return 0;
}

static int unload(void **state)
{
    (void)state;
    policy = policy_free(policy);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest named[] = {
        cmocka_unit_test(check_08_quick_is_under_700_bytes),
        cmocka_unit_test(check_09_untouched),
        cmocka_unit_test(check_11_names_field_and_offset),
        cmocka_unit_test(check_12_second_person),
        cmocka_unit_test(check_12_exemption_met_on_other_ground),
        cmocka_unit_test(check_12_body_of_the_second),
        cmocka_unit_test(check_15_deferred_is_due_in_a_day),
        cmocka_unit_test(check_15_deferred_waits_for_nobody),
        cmocka_unit_test(check_16_effect_needs_notice),
        cmocka_unit_test(examples_are_accepted),
        cmocka_unit_test(every_mistake_at_once),
        cmocka_unit_test(every_code_is_known),
        cmocka_unit_test(sealed_record_stands_alone),
    };
    struct CMUnitTest tests[COUNT_OF(rows) + COUNT_OF(named)];

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tests[i] = (struct CMUnitTest){.name = rows[i].name,
                                       .test_func = check_row,
                                       .initial_state = (void *)(uintptr_t)&rows[i]};
    }
    memcpy(tests + COUNT_OF(rows), named, sizeof(named));
    return cmocka_run_group_tests(tests, load, unload);
}
