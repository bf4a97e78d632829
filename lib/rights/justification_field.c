/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/justification_field.h"

#include "lib/base/attr.h"

#include <string.h>

const char *const tier_words[TIER_COUNT] = {"quick", "full", "deferred"};
const char *const ground_kind_words[GROUND_KIND_COUNT] = {"law", "terms", "order", "none"};
const char *const automation_words[AUTOMATION_COUNT] = {"none", "partial", "full"};
const char *const justification_state_words[STATE_COUNT] = {"effective", "awaiting_second"};
const char *const detection_words[DETECTION_COUNT] = {"report", "rule_match", "hash_match",
                                                      "url_match", "human_patrol"};
const char *const rabat_words[RABAT_COUNT] = {"context",      "speaker", "intent",
                                              "content_form", "extent",  "likelihood"};
const char *const exemption_state_words[EXEMPTION_STATE_COUNT] = {"not_present", "present_not_met",
                                                                  "met"};
const char *const link_words[LINK_COUNT] = {"direct_immediate", "direct_not_immediate", "indirect",
                                            "none"};
const char *const severity_tier_words[SEVERITY_TIER_COUNT] = {"criminal", "civil_or_admin",
                                                              "concern_only"};
const char *const just_when_words[JUST_WHEN_COUNT] = {
    [JUST_ALWAYS] = "always",
    [JUST_OPTIONAL] = "may be sent",
    [JUST_WITH_PARENT] = "with its object",
    [JUST_IF_GROUND] = "a ground is named",
    [JUST_IF_RESTRICTION] = "restriction",
    [JUST_IF_RABAT] = "restriction for incitement or hatred on law or terms",
    [JUST_IF_COUNTER_MESSAGE] = "counter-message referral",
    [JUST_IF_ESCALATION] = "threat-to-life escalation",
    [JUST_IF_REINSTATE] = "reversal",
    [JUST_IF_SERVICE] = "service suspended or terminated",
    [JUST_IF_ORDER_REFUSED] = "order queried or impossible",
    [JUST_IF_PRESERVATION] = "evidence preserved",
};

static const char *const aims[] = {"rights_of_others", "reputations_of_others", "national_security",
                                   "public_order",     "public_health",         "public_morals"};
static const char *const competences[] = {"native_or_b2", "assisted_translation", "none"};
static const char *const measures[] = {
    "none",   "label",     "interstitial", "age_gate",        "interaction_limit",
    "demote", "geo_limit", "time_limit",   "counter_message", "warn_user"};
static const char *const interests[] = {"none", "low", "high"};
static const char *const reaches[] = {"none", "small", "large", "unknown"};
static const char *const checks[] = {"pass", "concern"};
static const char *const purposes[] = {"review", "investigation"};
static const char *const redresses[] = {"internal_complaint", "out_of_court", "court"};
static const char *const refusals[] = {"force_majeure", "de_facto_impossibility", "manifest_errors",
                                       "insufficient_information"};
static const char *const schemas[] = {"just/1"};

#define WORDS(table) .words = table, .word_count = COUNT_OF(table)
#define ROW(where, kind, need, marks) .pointer = where, .type = kind, .when = need, .flags = marks
#define ASK(name, why, clause) .label = name, .question = why, .source = clause
#define RABAT_ROWS(key, asked)                                                                     \
    {ROW("/rabat/" key, JUST_OBJECT, JUST_IF_RABAT, 0), .missing = "JUST_RABAT_INCOMPLETE",        \
     ASK("Rabat: " key, asked, "Rabat Plan of Action para. 29")},                                  \
        {ROW("/rabat/" key "/score", JUST_INT, JUST_WITH_PARENT, JUST_J), .min = 0, .max = 3,      \
         .missing = "JUST_RABAT_INCOMPLETE",                                                       \
         ASK("Score", asked, "Rabat Plan of Action para. 29")},                                    \
    {                                                                                              \
        ROW("/rabat/" key "/note", JUST_TEXT, JUST_WITH_PARENT, JUST_LINT),                        \
            .min = 1, .max = 200, .missing = "JUST_RABAT_INCOMPLETE",                              \
            ASK("Note", "What in this item supports the score?", "Rabat Plan of Action para. 29")  \
    }

const struct justification_field justification_fields[] = {
    {ROW("/schema", JUST_WORD, JUST_ALWAYS, JUST_QUICK), WORDS(schemas), .missing = "FIELD_MISSING",
     ASK("Schema", "The version of this record.", "our own rule")},
    {ROW("/tier", JUST_WORD, JUST_OPTIONAL, JUST_QUICK), WORDS(tier_words),
     ASK("Tier", "A claim; the server computes it and refuses a claim below.", "UNGP 14, 24")},
    {ROW("/outcome", JUST_WORD, JUST_ALWAYS, JUST_J | JUST_QUICK), WORDS(outcome_words),
     .missing = "FIELD_MISSING", ASK("Outcome", "What shall happen to the content?", "DSA 17(1)")},
    {ROW("/harm", JUST_WORD, JUST_ALWAYS, JUST_QUICK), WORDS(harm_words),
     .missing = "JUST_HARM_MISSING",
     ASK("Harm", "Which of the named harms is it, if any?", "TCO 2(7)")},
    {ROW("/ground", JUST_OBJECT, JUST_ALWAYS, JUST_QUICK), .missing = "JUST_GROUND_MISSING",
     ASK("Ground", "Which published rule does the decision rest on?",
         "ICCPR 19(3); GC34 paras 24-25")},
    {ROW("/ground/kind", JUST_WORD, JUST_ALWAYS, JUST_J | JUST_QUICK), WORDS(ground_kind_words),
     .missing = "JUST_GROUND_MISSING",
     ASK("Kind of ground", "Law, the platform's terms, an order, or none?", "DSA 17(3)(d)-(e)")},
    {ROW("/ground/ref", JUST_TEXT, JUST_IF_GROUND, JUST_QUICK), .min = 1, .max = 500,
     .missing = "JUST_GROUND_MISSING",
     ASK("Clause", "The id of the clause in the version in force.", "GC34 para. 25; DSA 14")},
    {ROW("/ground/explanation", JUST_TEXT, JUST_IF_RESTRICTION, JUST_LINT), .min = 1, .max = 2000,
     .missing = "JUST_EXPLANATION_MISSING",
     ASK("Why the clause is met", "Quote the element of the clause that is met.",
         "DSA 17(3)(d)-(e)")},
    {ROW("/aim", JUST_WORDS, JUST_IF_RESTRICTION, JUST_J | JUST_QUICK), WORDS(aims), .min = 1,
     .max = 2, .missing = "JUST_AIM_MISSING", .bad = "JUST_AIM_NOT_LISTED",
     ASK("Aim", "Which of the six aims does the restriction serve?",
         "ICCPR 19(3)(a)-(b); GC34 para. 22")},
    {ROW("/exemptions", JUST_EXEMPTIONS, JUST_ALWAYS, JUST_J | JUST_QUICK),
     .missing = "JUST_EXEMPT_UNCHECKED",
     ASK("Legitimate expression", "Is it education, journalism, art, research, counter-speech ...?",
         "TCO 1(3); GC34 paras 23, 43, 46")},
    {ROW("/lang_competence", JUST_WORD, JUST_ALWAYS, JUST_J | JUST_QUICK), WORDS(competences),
     .missing = "JUST_LANGUAGE_MISSING",
     ASK("Language", "How well do you read the language of the item?",
         "DSA Annex II section 6 (B2)")},
    {ROW("/why", JUST_TEXT, JUST_ALWAYS, JUST_J | JUST_LINT | JUST_QUICK), .min = 20, .max = 280,
     .missing = "JUST_WHY_EMPTY", .bad = "JUST_WHY_EMPTY",
     ASK("Why", "Your reason in your own words; not the author's beliefs.", "GC34 paras 9, 35")},
    {ROW("/touched", JUST_STRINGS, JUST_OPTIONAL, JUST_QUICK), .max = 64,
     ASK("Touched", "Pointers of suggested values that you looked at and kept.", "GDPR 22")},
    {ROW("/facts", JUST_TEXT, JUST_IF_RESTRICTION, JUST_LINT), .min = 1, .max = 5000,
     .missing = "JUST_FACTS_MISSING",
     ASK("Facts", "What is in the item and its surroundings?", "DSA 17(3)(b)")},
    {ROW("/threat", JUST_OBJECT, JUST_IF_RESTRICTION, 0), .missing = "JUST_THREAT_MISSING",
     ASK("Threat", "The threat that the restriction answers.", "GC34 para. 35")},
    {ROW("/threat/nature", JUST_TEXT, JUST_IF_RESTRICTION, JUST_J | JUST_LINT), .min = 1,
     .max = 500, .missing = "JUST_THREAT_MISSING",
     ASK("Nature of the threat", "What harm, to whom?", "GC34 para. 35")},
    {ROW("/threat/link", JUST_WORD, JUST_IF_RESTRICTION, JUST_J), WORDS(link_words),
     .missing = "JUST_THREAT_MISSING",
     ASK("Connection", "How does the expression lead to the threat?", "GC34 para. 35")},
    {ROW("/necessity", JUST_OBJECT, JUST_IF_RESTRICTION, 0), .missing = "JUST_ALTERNATIVES",
     ASK("Necessity", "Why no milder measure?", "GC34 paras 33-34")},
    {ROW("/necessity/alternatives", JUST_LIST, JUST_IF_RESTRICTION, JUST_J), .max = 10,
     .missing = "JUST_ALTERNATIVES",
     ASK("Milder measures", "Which milder measures were weighed?", "GC34 paras 33-34")},
    {ROW("/necessity/alternatives/*/measure", JUST_WORD, JUST_WITH_PARENT, 0), WORDS(measures),
     .missing = "JUST_ALTERNATIVES", ASK("Measure", "A milder measure.", "GC34 paras 33-34")},
    {ROW("/necessity/alternatives/*/rejected_because", JUST_TEXT, JUST_WITH_PARENT, JUST_LINT),
     .min = 1, .max = 200, .missing = "JUST_ALTERNATIVES",
     ASK("Rejected because", "Why would it not do?", "GC34 paras 33-34")},
    {ROW("/proportionality", JUST_OBJECT, JUST_IF_RESTRICTION, 0),
     .missing = "JUST_PROPORTION_MISSING",
     ASK("Proportionality", "What does the restriction cost?", "GC34 para. 34; UNGP 24")},
    {ROW("/proportionality/public_interest", JUST_WORD, JUST_WITH_PARENT, JUST_J), WORDS(interests),
     .missing = "JUST_PROPORTION_MISSING",
     ASK("Public interest", "What does the public lose? High asks for a second person.",
         "GC34 para. 34")},
    {ROW("/proportionality/reach", JUST_WORD, JUST_WITH_PARENT, JUST_J), WORDS(reaches),
     .missing = "JUST_PROPORTION_MISSING",
     ASK("Reach", "How many people does it reach?", "GC34 para. 34; UNGP 24")},
    {ROW("/proportionality/irreversible", JUST_BOOL, JUST_WITH_PARENT, JUST_J),
     .missing = "JUST_PROPORTION_MISSING",
     ASK("Irreversible", "Can the harm of the item, or of its loss, be undone?", "UNGP 24")},
    {ROW("/proportionality/note", JUST_TEXT, JUST_WITH_PARENT, JUST_LINT), .min = 1, .max = 300,
     .missing = "JUST_PROPORTION_MISSING",
     ASK("Note", "Why does the need outweigh the cost?", "GC34 para. 34")},
    {ROW("/discrimination_check", JUST_OBJECT, JUST_IF_RESTRICTION, 0),
     .missing = "JUST_DISCRIMINATION_MISSING",
     ASK("Equal treatment", "Would the same words of another group be treated alike?",
         "ICCPR 2, 26; GC34 paras 26, 32")},
    {ROW("/discrimination_check/result", JUST_WORD, JUST_WITH_PARENT, JUST_J), WORDS(checks),
     .missing = "JUST_DISCRIMINATION_MISSING",
     ASK("Result", "Pass, or a concern with a note?", "ICCPR 2, 26")},
    {ROW("/discrimination_check/note", JUST_TEXT, JUST_OPTIONAL, JUST_LINT), .min = 1, .max = 300,
     ASK("Concern", "What is the concern?", "ICCPR 2, 26")},
    {ROW("/scope", JUST_OBJECT, JUST_IF_RESTRICTION, 0), .missing = "JUST_SCOPE_MISSING",
     ASK("Scope", "Where and how long?", "DSA 17(3)(a), 9(2)(b)")},
    {ROW("/scope/territory", JUST_TERRITORY, JUST_WITH_PARENT, 0), .max = 249,
     .missing = "JUST_SCOPE_MISSING",
     ASK("Territory", "Which countries? Global needs a reason.", "DSA 17(3)(a)")},
    {ROW("/scope/until", JUST_UNTIL, JUST_WITH_PARENT, 0), .missing = "JUST_SCOPE_MISSING",
     ASK("Until", "Until when? Indefinite needs a reason.", "DSA 17(3)(a)")},
    {ROW("/scope/reason", JUST_TEXT, JUST_OPTIONAL, JUST_LINT), .min = 1, .max = 500,
     ASK("Reason", "Why global, why indefinite?", "DSA 17(3)(a)")},
    {ROW("/rabat", JUST_OBJECT, JUST_IF_RESTRICTION, 0), .missing = "JUST_RABAT_INCOMPLETE",
     ASK("Rabat factors", "Six factors, or why they do not apply.",
         "Rabat Plan of Action para. 29")},
    {ROW("/rabat/not_applicable", JUST_TEXT, JUST_OPTIONAL, JUST_LINT), .min = 1, .max = 300,
     ASK("Not applicable because", "Why is this not advocacy?", "Rabat Plan of Action para. 29")},
    RABAT_ROWS("context", "What was the situation when it was said, and does it bear on intent?"),
    RABAT_ROWS("speaker", "What standing does the speaker have with this audience?"),
    RABAT_ROWS("intent", "Did the speaker mean to incite? Negligence is not enough."),
    RABAT_ROWS("content_form", "How provocative and direct are form, style and argument?"),
    RABAT_ROWS("extent", "How far does it reach, and could that audience act?"),
    RABAT_ROWS("likelihood", "How likely and how soon is real action?"),
    {ROW("/severity_tier", JUST_WORD, JUST_IF_RABAT, JUST_J), WORDS(severity_tier_words),
     .missing = "JUST_SEVERITY_MISSING",
     ASK("Severity", "Criminal, civil or administrative, or only a concern?",
         "Rabat Plan of Action para. 20")},
    {ROW("/conflict_of_law", JUST_OBJECT, JUST_OPTIONAL, 0),
     ASK("Conflict of law", "Does an order conflict with the Covenant?", "UNGP 23(b)")},
    {ROW("/conflict_of_law/law_a", JUST_TEXT, JUST_WITH_PARENT, JUST_LINT), .min = 1, .max = 200,
     .missing = "JUST_CONFLICT_MISSING", ASK("One law", "What does one demand?", "UNGP 23(b)")},
    {ROW("/conflict_of_law/law_b", JUST_TEXT, JUST_WITH_PARENT, JUST_LINT), .min = 1, .max = 200,
     .missing = "JUST_CONFLICT_MISSING",
     ASK("The other", "What does the other protect?", "UNGP 23(b)")},
    {ROW("/conflict_of_law/how_honoured", JUST_TEXT, JUST_WITH_PARENT, JUST_LINT), .min = 1,
     .max = 500, .missing = "JUST_CONFLICT_MISSING",
     ASK("How honoured", "How is the right honoured as far as can be?", "UNGP 23(b)")},
    {ROW("/counter_message", JUST_OBJECT, JUST_IF_COUNTER_MESSAGE, 0),
     .missing = "JUST_PARTNER_MISSING",
     ASK("Counter-message", "Who answers? No user data is passed on.", "UN SC res. 2354 (2017)")},
    {ROW("/counter_message/partner", JUST_TEXT, JUST_WITH_PARENT, 0), .min = 1, .max = 64,
     .missing = "JUST_PARTNER_MISSING",
     ASK("Partner", "Id in the registry of partners.", "UNGP 21")},
    {ROW("/counter_message/state_funded", JUST_BOOL, JUST_WITH_PARENT, JUST_J),
     .missing = "JUST_PARTNER_MISSING",
     ASK("State-funded", "Does a state pay the partner?", "Santa Clara 2.0")},
    {ROW("/escalation", JUST_OBJECT, JUST_IF_ESCALATION, 0), .missing = "JUST_ESCALATION_MISSING",
     ASK("Escalation", "Who is told, on what basis? As little data as will do.",
         "DSA 18; TCO 14(5)")},
    {ROW("/escalation/recipient", JUST_TEXT, JUST_WITH_PARENT, 0), .min = 1, .max = 200,
     .missing = "JUST_ESCALATION_MISSING", ASK("Recipient", "Which authority?", "DSA 18(1)")},
    {ROW("/escalation/legal_basis", JUST_TEXT, JUST_WITH_PARENT, 0), .min = 1, .max = 200,
     .missing = "JUST_ESCALATION_MISSING",
     ASK("Legal basis", "Which rule allows it?", "DSA 18; TCO 14(5)")},
    {ROW("/reverses", JUST_TEXT, JUST_IF_REINSTATE, 0), .min = 1, .max = 64,
     .missing = "JUST_REVERSES_MISSING",
     ASK("Reverses", "The id of the decision that is reversed.", "UNGP 22, 31")},
    {ROW("/lesson", JUST_OBJECT, JUST_IF_REINSTATE, 0), .missing = "JUST_LESSON_MISSING",
     ASK("Lesson", "What changes, so that it does not happen again?", "UNGP 31(g)")},
    {ROW("/lesson/rule_id", JUST_TEXT, JUST_OPTIONAL, 0), .min = 1, .max = 128,
     ASK("Rule or signal", "Which rule or list entry led here, if any?", "UNGP 31(g)")},
    {ROW("/lesson/action", JUST_WORD, JUST_WITH_PARENT, JUST_J), .words = lesson_words, .word_count = LESSON_COUNT,
     .missing = "JUST_LESSON_MISSING", ASK("Action", "What is done about it?", "UNGP 31(g)")},
    {ROW("/prior_warning", JUST_OBJECT, JUST_IF_SERVICE, 0), .missing = "JUST_WARNING_MISSING",
     ASK("Prior warning", "When was the user warned, or why not?", "DSA 23(1)")},
    {ROW("/prior_warning/sent_at", JUST_DATE, JUST_OPTIONAL, 0),
     ASK("Warned at", "The day of the warning.", "DSA 23(1)")},
    {ROW("/prior_warning/not_applicable", JUST_TEXT, JUST_OPTIONAL, JUST_LINT), .min = 1,
     .max = 300, ASK("No warning because", "Why was none due?", "DSA 23(1)")},
    {ROW("/order_feedback", JUST_OBJECT, JUST_IF_ORDER_REFUSED, 0),
     .missing = "JUST_FEEDBACK_MISSING",
     ASK("Answer to the order", "Why is it not carried out?", "TCO 3(7)-(8), Annex III")},
    {ROW("/order_feedback/ground", JUST_WORD, JUST_WITH_PARENT, JUST_J), WORDS(refusals),
     .missing = "JUST_FEEDBACK_MISSING",
     ASK("Ground", "Which of the four grounds?", "TCO 3(7)-(8)")},
    {ROW("/order_feedback/explanation", JUST_TEXT, JUST_WITH_PARENT, JUST_LINT), .min = 1,
     .max = 2000, .missing = "JUST_FEEDBACK_MISSING",
     ASK("Explanation", "What is impossible, wrong or unclear?", "TCO Annex III")},
    {ROW("/shared_lists", JUST_STRINGS, JUST_OPTIONAL, 0), .max = 16,
     ASK("Shared with lists", "Lists that get a signal from this item.", "UNGP 13, 19")},
    {ROW("/evidence", JUST_OBJECT, JUST_IF_PRESERVATION, 0), .missing = "JUST_EVIDENCE_MISSING",
     ASK("Evidence", "What is preserved, for what, how long?", "TCO 6; DSA 18")},
    {ROW("/evidence/purpose", JUST_WORD, JUST_WITH_PARENT, JUST_J), WORDS(purposes),
     .missing = "JUST_EVIDENCE_MISSING", ASK("Purpose", "Review or investigation?", "TCO 6(1)")},
    {ROW("/evidence/hash", JUST_TEXT, JUST_OPTIONAL, 0), .min = 64, .max = 64,
     ASK("Hash", "Commitment to the snapshot, filled in when absent.", "TCO 6")},
    {ROW("/evidence/held_until", JUST_DATE, JUST_OPTIONAL, 0),
     ASK("Held until", "At most six months, filled in when absent.", "TCO 6(2)")},
    {ROW("/evidence/hold", JUST_OBJECT, JUST_OPTIONAL, 0),
     ASK("Hold", "A named proceeding that needs it longer.", "TCO 6(2)")},
    {ROW("/evidence/hold/authority", JUST_TEXT, JUST_WITH_PARENT, 0), .min = 1, .max = 200,
     .missing = "JUST_EVIDENCE_HOLD", ASK("Authority", "Who asked?", "TCO 6(2)")},
    {ROW("/evidence/hold/reference", JUST_TEXT, JUST_WITH_PARENT, 0), .min = 1, .max = 200,
     .missing = "JUST_EVIDENCE_HOLD", ASK("Reference", "Of the proceeding.", "TCO 6(2)")},
    {ROW("/evidence/hold/until", JUST_DATE, JUST_WITH_PARENT, 0), .missing = "JUST_EVIDENCE_HOLD",
     ASK("Until", "The end date of the hold.", "TCO 6(2)")},
    {ROW("/notice", JUST_OBJECT, JUST_IF_RESTRICTION, 0), .missing = "NOTICE_REQUIRED",
     ASK("Notice", "How is the user told?", "DSA 16(5), 17; TCO 11")},
    {ROW("/notice/lang", JUST_TEXT, JUST_WITH_PARENT, 0), .min = 2, .max = 3,
     .missing = "NOTICE_REQUIRED",
     ASK("Language", "Of the content, or the one the user chose.", "UNGP 31(b)")},
    {ROW("/notice/redress", JUST_WORDS, JUST_WITH_PARENT, 0), WORDS(redresses), .min = 1, .max = 3,
     .missing = "NOTICE_REQUIRED",
     ASK("Redress", "Which ways to contest are open?", "DSA 17(3)(f)")},
    {ROW("/notice/withheld_until", JUST_DATE, JUST_OPTIONAL, 0),
     ASK("Withheld until", "At most six weeks, only where law says so.", "TCO 11(3)")},
    {ROW("/notice/withheld_reason", JUST_TEXT, JUST_OPTIONAL, JUST_LINT), .min = 1, .max = 500,
     ASK("Withheld because", "Why may the user not know yet?", "TCO 11(3)")},
    {ROW("/notice/legal_ref", JUST_TEXT, JUST_OPTIONAL, 0), .min = 1, .max = 200,
     ASK("Legal reference", "The act and article that withholds it.", "TCO 11(3)")},
    {ROW("/appeal_until", JUST_DATE, JUST_OPTIONAL, 0),
     ASK("Appeal until", "At least six months, filled in when absent.", "DSA 20(1)-(2)")},
};
const size_t justification_field_count = COUNT_OF(justification_fields);

const struct justification_field *justification_field_find(const char *pattern)
{
    for (size_t i = 0; i < justification_field_count; i++) {
        if (strcmp(justification_fields[i].pointer, pattern) == 0) {
            return &justification_fields[i];
        }
    }
    return NULL;
}

bool justification_facts_rabat(const struct justification_facts *facts)
{
    return facts->outcome < OUTCOME_COUNT && outcome_is_restriction(facts->outcome) &&
           facts->harm < HARM_COUNT && harm_needs_rabat(facts->harm) &&
           (facts->ground == GROUND_LAW || facts->ground == GROUND_TERMS);
}

static bool when_holds(enum just_when when, const struct justification_facts *facts)
{
    enum outcome outcome = facts->outcome;

    switch (when) {
    case JUST_ALWAYS:
        return true;
    case JUST_IF_GROUND:
        return facts->ground != GROUND_NONE && facts->ground != GROUND_KIND_COUNT;
    case JUST_IF_RESTRICTION:
        return outcome < OUTCOME_COUNT && outcome_is_restriction(outcome);
    case JUST_IF_RABAT:
        return justification_facts_rabat(facts);
    case JUST_IF_COUNTER_MESSAGE:
        return outcome == OUTCOME_REFER_COUNTER_MESSAGE;
    case JUST_IF_ESCALATION:
        return outcome == OUTCOME_ESCALATE_THREAT_TO_LIFE;
    case JUST_IF_REINSTATE:
        return outcome == OUTCOME_REINSTATE ||
               (facts->was_restriction && outcome < OUTCOME_COUNT && !outcome_is_restriction(outcome));
    case JUST_IF_SERVICE:
        return outcome >= OUTCOME_SERVICE_SUSPEND_PART &&
               outcome <= OUTCOME_SERVICE_TERMINATE_TOTAL;
    case JUST_IF_ORDER_REFUSED:
        return outcome == OUTCOME_ORDER_QUERIED || outcome == OUTCOME_ORDER_IMPOSSIBLE;
    case JUST_IF_PRESERVATION:
        return outcome == OUTCOME_PRESERVE_EVIDENCE;
    case JUST_OPTIONAL:
    case JUST_WITH_PARENT:
    case JUST_WHEN_COUNT:
        return false;
    }
    return false;
}

bool justification_field_required(const struct justification_field *field,
                                  const struct justification_facts *facts)
{
    if (facts->tier == TIER_DEFERRED && !(field->flags & JUST_QUICK)) {
        return false;
    }
    return when_holds(field->when, facts);
}

enum justification_tier justification_tier_of(enum outcome outcome, bool shares_lists,
                                              const struct justification_context *context)
{
    bool quick = outcome <= OUTCOME_MONITOR || outcome == OUTCOME_REFER_COUNTER_MESSAGE ||
                 outcome == OUTCOME_COUNT;

    if (!quick || shares_lists || context->previous || context->state_actor ||
        origin_is_state(context->origin)) {
        return TIER_FULL;
    }
    for (size_t i = 0; i < EXEMPTION_COUNT; i++) {
        if (context->exemptions_claimed[i]) {
            return TIER_FULL;
        }
    }
    return TIER_QUICK;
}
