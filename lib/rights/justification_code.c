/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/justification.h"

#include "lib/base/attr.h"

#include <string.h>

/* clang-format off */
const struct justification_code justification_codes[] = {
    {"JUST_AIM_MISSING", 422, "A restriction names its aim", "ICCPR 19(3)"},
    {"JUST_AIM_NOT_LISTED", 422, "The aim is one of the six that the Covenant lists", "ICCPR 19(3); GC34 para. 22"},
    {"JUST_GROUND_MISSING", 422, "A restriction rests on a published rule", "ICCPR 19(3); GC34 paras 24-25"},
    {"JUST_GROUND_UNKNOWN", 422, "The clause is published in the version in force", "GC34 para. 25; DSA 14"},
    {"JUST_GROUND_KIND", 422, "Terms point into the policy, law and orders into the law", "DSA 17(3)(d)-(e)"},
    {"JUST_GROUND_HARM", 422, "The clause covers the harm", "GC34 para. 25"},
    {"JUST_GROUND_OUTCOME", 422, "The clause allows the outcome", "GC34 para. 25; DSA 14(4)"},
    {"JUST_OUTCOME_ORDER", 422, "Only an order is executed, queried or impossible", "TCO 3"},
    {"JUST_HARM_MISSING", 422, "A restriction names the harm", "GC34 para. 35"},
    {"JUST_EXPLANATION_MISSING", 422, "A restriction explains why the clause is met", "DSA 17(3)(d)-(e)"},
    {"JUST_EXPLANATION_QUOTE", 422, "The explanation quotes the element of the clause that is met", "DSA 17(3)(d)-(e)"},
    {"JUST_FACTS_MISSING", 422, "A restriction states its facts", "DSA 17(3)(b)"},
    {"JUST_THREAT_MISSING", 422, "A restriction names the precise threat", "GC34 para. 35"},
    {"JUST_LINK_TOO_WEAK", 422, "Expression and threat are connected directly", "GC34 para. 35"},
    {"JUST_ALTERNATIVES", 422, "Milder measures were weighed", "GC34 paras 33-34"},
    {"JUST_PROPORTION_MISSING", 422, "The cost of the restriction was weighed", "GC34 para. 34"},
    {"JUST_DISCRIMINATION_MISSING", 422, "Equal treatment was checked", "ICCPR 2, 26"},
    {"JUST_SCOPE_MISSING", 422, "A restriction has a territory and a duration", "DSA 17(3)(a)"},
    {"JUST_SCOPE_REASON", 422, "Global or indefinite needs a reason", "DSA 17(3)(a)"},
    {"JUST_SCOPE_UNTIL", 422, "A restriction ends after it begins", "DSA 17(3)(a)"},
    {"JUST_SCOPE_TOO_WIDE", 422, "One country's law does not restrict the whole world", "DSA 9(2)(b)"},
    {"JUST_RABAT_INCOMPLETE", 422, "Six factors with notes, or why they do not apply", "Rabat Plan of Action para. 29"},
    {"JUST_RABAT_INTENT", 422, "Criminal incitement needs intent", "Rabat Plan of Action para. 29(c)"},
    {"JUST_RABAT_FORM", 422, "Criminal incitement needs a direct call", "Rabat Plan of Action para. 29(d)"},
    {"JUST_RABAT_LIKELIHOOD", 422, "Criminal incitement needs likely harm", "Rabat Plan of Action para. 29(f)"},
    {"JUST_SEVERITY_MISSING", 422, "One of the three tiers of severity", "Rabat Plan of Action para. 20"},
    {"JUST_TIER_MISMATCH", 422, "What is only a concern is not removed", "Rabat Plan of Action para. 20"},
    {"JUST_EXEMPT_MET", 422, "Legitimate expression is not terrorist content", "TCO 1(3)"},
    {"JUST_EXEMPT_UNCHECKED", 422, "Every decision checks for legitimate expression", "TCO 1(3); GC34 para. 46"},
    {"JUST_EXEMPT_CONFLICT", 422, "None present, or some, not both", "TCO 1(3)"},
    {"JUST_LANGUAGE_MISSING", 422, "The reviewer states the command of the language", "DSA Annex II section 6"},
    {"JUST_REROUTE_LANGUAGE", 409, "Who cannot read an item does not restrict it", "DSA Annex II section 6"},
    {"JUST_WHY_EMPTY", 422, "A reason in own words, 20 to 280 characters", "GC34 para. 35"},
    {"JUST_COPIED", 422, "An appeal is reasoned anew", "UNGP 31(f)"},
    {"JUST_PERSONAL_DATA", 422, "Free text holds no personal data", "DSA 24(5)"},
    {"JUST_UNTOUCHED", 422, "A person makes the judgement", "GDPR 22; DSA 20(6)"},
    {"JUST_TIER_TOO_LOW", 422, "The record is as full as the decision is grave", "UNGP 14, 24"},
    {"JUST_DEFERRED_REFUSED", 422, "Deferred only for an order or a threat to life", "TCO 3(3); DSA 18"},
    {"JUST_DEFERRED_OPEN", 409, "A full record is owed since more than 24 hours", "our own rule"},
    {"JUST_SECOND_REQUIRED", 409, "A second, different person agrees first", "TCO 5(3)"},
    {"JUST_SECOND_SAME", 422, "The second person is another one", "UNGP 31(a)"},
    {"JUST_SECOND_NOTE", 422, "A disagreement says why", "UNGP 31(a)"},
    {"JUST_CONFLICT_MISSING", 422, "How the right is honoured against a conflicting order", "UNGP 23(b)"},
    {"JUST_PARTNER_MISSING", 422, "A referral names partner and funding", "UNGP 21"},
    {"JUST_ESCALATION_MISSING", 422, "An escalation names recipient and legal basis", "DSA 18; TCO 14(5)"},
    {"JUST_REVERSES_MISSING", 422, "A reinstatement names what it reverses", "UNGP 22"},
    {"JUST_LESSON_MISSING", 422, "A reversal yields a lesson", "UNGP 31(g)"},
    {"JUST_WARNING_MISSING", 422, "A warning comes before a suspension of service", "DSA 23(1)"},
    {"JUST_FEEDBACK_MISSING", 422, "An order not carried out is answered with its ground", "TCO 3(7)-(8)"},
    {"JUST_EVIDENCE_MISSING", 422, "Preserved evidence has a purpose", "TCO 6(1)"},
    {"JUST_EVIDENCE_HOLD", 422, "A hold has authority, reference and end", "TCO 6(2)"},
    {"JUST_EVIDENCE_TOO_LONG", 422, "Evidence goes after six months", "TCO 6(2)"},
    {"JUST_APPEAL_TOO_SHORT", 422, "An appeal stays open for six months", "DSA 20(1)"},
    {"JUST_AUTOMATED", 422, "No restriction is decided by software alone", "DSA 20(6); TCO 5(3); GDPR 22"},
    {"JUST_TIMES", 422, "A case is opened before it is decided", "our own rule"},
    {"COUNTRY_FORM", 422, "A country of ISO 3166-1", "ISO 3166-1"},
    {"NOTICE_REQUIRED", 409, "The user is told, or lawfully not yet", "DSA 17(1); TCO 11"},
    {"SOR_PART_MISSING", 422, "A notice has all six parts", "DSA 17(3)"},
    {"ORIGIN_STATE_REQUIRED", 422, "A state's hand is on the record", "UNGP 23; Santa Clara 2.0"},
    {"ORDER_INCOMPLETE", 422, "An order has its required contents", "DSA 9(2)(a); TCO 3(4)"},
    {"APPEAL_CLOSED", 410, "The appeal window has ended", "DSA 20(1)"},
    {"APPEAL_SAME_REVIEWER", 409, "Someone else decides the appeal", "UNGP 31(a)"},
};
/* clang-format on */
const size_t justification_code_count = COUNT_OF(justification_codes);

const struct justification_code *justification_code_find(const char *code)
{
    size_t len = strcspn(code, ":"); /* SOR_PART_MISSING:a */

    for (size_t i = 0; i < justification_code_count; i++) {
        if (strlen(justification_codes[i].code) == len &&
            memcmp(justification_codes[i].code, code, len) == 0) {
            return &justification_codes[i];
        }
    }
    return NULL;
}

int justification_status(const struct faults *faults)
{
    int status = 422;

    for (size_t i = 0; i < faults->count; i++) {
        const struct justification_code *code = justification_code_find(faults->list[i].code);

        if (!code || code->status == 422) {
            return 422;
        }
        status = code->status;
    }
    return status;
}
