/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RIGHTS_TAXONOMY_H
#define RAPPORTEUR_LIB_RIGHTS_TAXONOMY_H

/*
 * The words that reports, policies, decisions and exports share: harms, kinds of origin,
 * exemptions, outcomes. Each enum is the index into its word table; the word is what stands in
 * JSON. Sources: the ten terrorist uses of ICT named in the UN Security Council talks of December
 * 2015; Regulation (EU) 2021/784 arts 1(3) and 2(7); Regulation (EU) 2022/2065 arts 16, 17, 22.
 */

#include <stdbool.h>
#include <stddef.h>

enum harm {
    HARM_INCITEMENT,
    HARM_RADICALISATION,
    HARM_RECRUITMENT,
    HARM_TRAINING,
    HARM_PLANNING,
    HARM_INFO_COLLECTION,
    HARM_COMMUNICATION,
    HARM_PREPARATION,
    HARM_FINANCING,
    HARM_EXECUTION,
    HARM_GLORIFICATION,
    HARM_HATRED_INCITEMENT,
    HARM_LISTED_GROUP_BRANDING,
    HARM_MANIFESTO,
    HARM_PERPETRATOR_MEDIA,
    HARM_GRAPHIC_VIOLENCE,
    HARM_CREDIBLE_THREAT,
    HARM_DOXXING_TARGET,
    HARM_CSAE,
    HARM_OTHER_TERMS,
    HARM_NONE,
    HARM_COUNT
};
extern const char *const harm_words[HARM_COUNT];

/* The ten uses, and what TCO art. 2(7) or the Directive count as a terrorism offence. */
bool harm_is_terrorism(enum harm harm);
/* Incitement or hatred is the ground, so the Rabat factors apply (rights record, `rabat`). */
bool harm_needs_rabat(enum harm harm);

enum origin_kind {
    ORIGIN_USER_NOTICE,
    ORIGIN_USER_TERMS_FLAG,
    ORIGIN_PLATFORM_PARTNER,
    ORIGIN_TRUSTED_FLAGGER,
    ORIGIN_GOV_REFERRAL_UNIT,
    ORIGIN_GOV_ORDER,
    ORIGIN_TCO_REMOVAL_ORDER,
    ORIGIN_COURT_ORDER,
    ORIGIN_CIVIL_SOCIETY,
    ORIGIN_ACADEMIC,
    ORIGIN_SHARED_SIGNAL,
    ORIGIN_OWN_INITIATIVE,
    ORIGIN_COUNT
};
extern const char *const origin_words[ORIGIN_COUNT];

/* A body exercising public power by its kind: `state_actor` is required. */
bool origin_is_state(enum origin_kind kind);
/* An order with a legal duty, as opposed to a referral. */
bool origin_is_order(enum origin_kind kind);

enum exemption {
    EXEMPTION_EDUCATIONAL,
    EXEMPTION_JOURNALISTIC,
    EXEMPTION_ARTISTIC,
    EXEMPTION_RESEARCH,
    EXEMPTION_PREVENTING_OR_COUNTERING,
    EXEMPTION_POLEMIC_PUBLIC_DEBATE,
    EXEMPTION_HUMAN_RIGHTS_DOCUMENTATION,
    EXEMPTION_VICTIM_TESTIMONY,
    EXEMPTION_POLITICAL_CRITICISM,
    EXEMPTION_SATIRE,
    EXEMPTION_LEGAL_PROCEEDINGS,
    EXEMPTION_COUNT
};
extern const char *const exemption_words[EXEMPTION_COUNT];
/* Named by TCO art. 1(3): when met, the item is not terrorist content. */
bool exemption_is_tco(enum exemption exemption);

enum outcome {
    OUTCOME_NO_ACTION,
    OUTCOME_INSUFFICIENT_NOTICE,
    OUTCOME_DUPLICATE,
    OUTCOME_MONITOR,
    OUTCOME_LABEL,
    OUTCOME_AGE_GATE,
    OUTCOME_INTERACTION_LIMIT,
    OUTCOME_DEMOTE,
    OUTCOME_REMOVE,
    OUTCOME_DISABLE,
    OUTCOME_DEMONETISE,
    OUTCOME_SERVICE_SUSPEND_PART,
    OUTCOME_SERVICE_SUSPEND_TOTAL,
    OUTCOME_SERVICE_TERMINATE_PART,
    OUTCOME_SERVICE_TERMINATE_TOTAL,
    OUTCOME_ACCOUNT_SUSPEND,
    OUTCOME_ACCOUNT_TERMINATE,
    OUTCOME_REFER_COUNTER_MESSAGE,
    OUTCOME_PRESERVE_EVIDENCE,
    OUTCOME_ESCALATE_THREAT_TO_LIFE,
    OUTCOME_REINSTATE,
    OUTCOME_ORDER_EXECUTED,
    OUTCOME_ORDER_QUERIED,
    OUTCOME_ORDER_IMPOSSIBLE,
    OUTCOME_COUNT
};
extern const char *const outcome_words[OUTCOME_COUNT];

/* What a reversal teaches (UNGP 31(g)). */
enum lesson { LESSON_KEEP, LESSON_REVIEW_RULE, LESSON_PAUSE_RULE, LESSON_WITHDRAW_SIGNAL, LESSON_TRAIN_REVIEWERS, LESSON_COUNT };
extern const char *const lesson_words[LESSON_COUNT];

/* Restricts the content, the account, money or service: ICCPR 19(3) applies. */
bool outcome_is_restriction(enum outcome outcome);
/* remove, disable or account_*: the gravest ones. */
bool outcome_is_removal(enum outcome outcome);

#endif
