/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/taxonomy.h"

const char *const harm_words[HARM_COUNT] = {
    [HARM_INCITEMENT] = "incitement",
    [HARM_RADICALISATION] = "radicalisation",
    [HARM_RECRUITMENT] = "recruitment",
    [HARM_TRAINING] = "training",
    [HARM_PLANNING] = "planning",
    [HARM_INFO_COLLECTION] = "info_collection",
    [HARM_COMMUNICATION] = "communication",
    [HARM_PREPARATION] = "preparation",
    [HARM_FINANCING] = "financing",
    [HARM_EXECUTION] = "execution",
    [HARM_GLORIFICATION] = "glorification",
    [HARM_HATRED_INCITEMENT] = "hatred_incitement",
    [HARM_LISTED_GROUP_BRANDING] = "listed_group_branding",
    [HARM_MANIFESTO] = "manifesto",
    [HARM_PERPETRATOR_MEDIA] = "perpetrator_media",
    [HARM_GRAPHIC_VIOLENCE] = "graphic_violence",
    [HARM_CREDIBLE_THREAT] = "credible_threat",
    [HARM_DOXXING_TARGET] = "doxxing_target",
    [HARM_CSAE] = "csae",
    [HARM_OTHER_TERMS] = "other_terms",
    [HARM_NONE] = "none",
};

const char *const origin_words[ORIGIN_COUNT] = {
    [ORIGIN_USER_NOTICE] = "user_notice",
    [ORIGIN_USER_TERMS_FLAG] = "user_terms_flag",
    [ORIGIN_PLATFORM_PARTNER] = "platform_partner",
    [ORIGIN_TRUSTED_FLAGGER] = "trusted_flagger",
    [ORIGIN_GOV_REFERRAL_UNIT] = "gov_referral_unit",
    [ORIGIN_GOV_ORDER] = "gov_order",
    [ORIGIN_TCO_REMOVAL_ORDER] = "tco_removal_order",
    [ORIGIN_COURT_ORDER] = "court_order",
    [ORIGIN_CIVIL_SOCIETY] = "civil_society",
    [ORIGIN_ACADEMIC] = "academic",
    [ORIGIN_SHARED_SIGNAL] = "shared_signal",
    [ORIGIN_OWN_INITIATIVE] = "own_initiative",
};

const char *const exemption_words[EXEMPTION_COUNT] = {
    [EXEMPTION_EDUCATIONAL] = "educational",
    [EXEMPTION_JOURNALISTIC] = "journalistic",
    [EXEMPTION_ARTISTIC] = "artistic",
    [EXEMPTION_RESEARCH] = "research",
    [EXEMPTION_PREVENTING_OR_COUNTERING] = "preventing_or_countering",
    [EXEMPTION_POLEMIC_PUBLIC_DEBATE] = "polemic_public_debate",
    [EXEMPTION_HUMAN_RIGHTS_DOCUMENTATION] = "human_rights_documentation",
    [EXEMPTION_VICTIM_TESTIMONY] = "victim_testimony",
    [EXEMPTION_POLITICAL_CRITICISM] = "political_criticism",
    [EXEMPTION_SATIRE] = "satire",
    [EXEMPTION_LEGAL_PROCEEDINGS] = "legal_proceedings",
};

const char *const lesson_words[LESSON_COUNT] = {
    [LESSON_KEEP] = "keep",
    [LESSON_REVIEW_RULE] = "review_rule",
    [LESSON_PAUSE_RULE] = "pause_rule",
    [LESSON_WITHDRAW_SIGNAL] = "withdraw_signal",
    [LESSON_TRAIN_REVIEWERS] = "train_reviewers",
};

const char *const outcome_words[OUTCOME_COUNT] = {
    [OUTCOME_NO_ACTION] = "no_action",
    [OUTCOME_INSUFFICIENT_NOTICE] = "insufficient_notice",
    [OUTCOME_DUPLICATE] = "duplicate",
    [OUTCOME_MONITOR] = "monitor",
    [OUTCOME_LABEL] = "label",
    [OUTCOME_AGE_GATE] = "age_gate",
    [OUTCOME_INTERACTION_LIMIT] = "interaction_limit",
    [OUTCOME_DEMOTE] = "demote",
    [OUTCOME_REMOVE] = "remove",
    [OUTCOME_DISABLE] = "disable",
    [OUTCOME_DEMONETISE] = "demonetise",
    [OUTCOME_SERVICE_SUSPEND_PART] = "service_suspend_part",
    [OUTCOME_SERVICE_SUSPEND_TOTAL] = "service_suspend_total",
    [OUTCOME_SERVICE_TERMINATE_PART] = "service_terminate_part",
    [OUTCOME_SERVICE_TERMINATE_TOTAL] = "service_terminate_total",
    [OUTCOME_ACCOUNT_SUSPEND] = "account_suspend",
    [OUTCOME_ACCOUNT_TERMINATE] = "account_terminate",
    [OUTCOME_REFER_COUNTER_MESSAGE] = "refer_counter_message",
    [OUTCOME_PRESERVE_EVIDENCE] = "preserve_evidence",
    [OUTCOME_ESCALATE_THREAT_TO_LIFE] = "escalate_threat_to_life",
    [OUTCOME_REINSTATE] = "reinstate",
    [OUTCOME_ORDER_EXECUTED] = "order_executed",
    [OUTCOME_ORDER_QUERIED] = "order_queried",
    [OUTCOME_ORDER_IMPOSSIBLE] = "order_impossible",
};

/* The enum puts the ten uses first. Glorification, branding, manifestos and perpetrator media are
 * counted too, so that the exemptions of TCO art. 1(3) protect against them as well. */
bool harm_is_terrorism(enum harm harm)
{
    return harm <= HARM_EXECUTION || harm == HARM_GLORIFICATION ||
           harm == HARM_LISTED_GROUP_BRANDING || harm == HARM_MANIFESTO ||
           harm == HARM_PERPETRATOR_MEDIA;
}

bool harm_needs_rabat(enum harm harm)
{
    return harm == HARM_INCITEMENT || harm == HARM_RADICALISATION || harm == HARM_GLORIFICATION ||
           harm == HARM_HATRED_INCITEMENT;
}

bool origin_is_state(enum origin_kind kind)
{
    return kind == ORIGIN_GOV_REFERRAL_UNIT || origin_is_order(kind);
}

bool origin_is_order(enum origin_kind kind)
{
    return kind == ORIGIN_GOV_ORDER || kind == ORIGIN_TCO_REMOVAL_ORDER ||
           kind == ORIGIN_COURT_ORDER;
}

bool exemption_is_tco(enum exemption exemption)
{
    return exemption <= EXEMPTION_POLEMIC_PUBLIC_DEBATE;
}

/* An executed order takes content away like any removal, whoever wanted it. */
bool outcome_is_restriction(enum outcome outcome)
{
    return (outcome >= OUTCOME_LABEL && outcome <= OUTCOME_ACCOUNT_TERMINATE) ||
           outcome == OUTCOME_ORDER_EXECUTED;
}

bool outcome_is_removal(enum outcome outcome)
{
    return outcome == OUTCOME_REMOVE || outcome == OUTCOME_DISABLE ||
           outcome == OUTCOME_ACCOUNT_SUSPEND || outcome == OUTCOME_ACCOUNT_TERMINATE;
}
