/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/export/transparency_rows.h"

#include "lib/base/attr.h"
#include "lib/export/dsa.h"

#include <assert.h>
#include <string.h>

/* Fourteen categories stand in every part; three more in one part each. */
static const struct template_row rows[] = {
    {"STATEMENT_CATEGORY_ANIMAL_WELFARE", "", 0, 3},
    {"KEYWORD_ANIMAL_HARM", "", 0, 1},
    {"KEYWORD_UNLAWFUL_SALE_ANIMALS", "", 1, 2},
    {"KEYWORD_OTHER", "", 2, 3},
    {"STATEMENT_CATEGORY_CONSUMER_INFORMATION", "", 3, 9},
    {"KEYWORD_HIDDEN_ADVERTISEMENT", "", 3, 4},
    {"KEYWORD_INSUFFICIENT_INFORMATION_ON_TRADERS", "", 4, 5},
    {"KEYWORD_MISLEADING_INFO_GOODS_SERVICES", "", 5, 6},
    {"KEYWORD_MISLEADING_INFO_CONSUMER_RIGHTS", "", 6, 7},
    {"KEYWORD_NONCOMPLIANCE_PRICING", "", 7, 8},
    {"KEYWORD_OTHER", "", 8, 9},
    {"STATEMENT_CATEGORY_CYBER_VIOLENCE", "", 9, 16},
    {"KEYWORD_CYBER_BULLYING_INTIMIDATION", "", 9, 10},
    {"KEYWORD_CYBER_HARASSMENT", "", 10, 11},
    {"KEYWORD_CYBER_INCITEMENT", "", 11, 12},
    {"KEYWORD_CYBER_STALKING", "", 12, 13},
    {"KEYWORD_NON_CONSENSUAL_IMAGE_SHARING", "", 13, 14},
    {"KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE", "", 14, 15},
    {"KEYWORD_OTHER", "", 15, 16},
    {"STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN", "", 16, 24},
    {"KEYWORD_BULLYING_AGAINST_GIRLS", "", 16, 17},
    {"KEYWORD_CYBER_HARASSMENT_AGAINST_WOMEN", "", 17, 18},
    {"KEYWORD_CYBER_STALKING_AGAINST_WOMEN", "", 18, 19},
    {"KEYWORD_FEMALE_GENDERED_DISINFORMATION", "", 19, 20},
    {"KEYWORD_INCITEMENT_AGAINST_WOMEN", "", 20, 21},
    {"KEYWORD_NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN", "", 21, 22},
    {"KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN", "", 22, 23},
    {"KEYWORD_OTHER", "", 23, 24},
    {"STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", "", 24, 29},
    {"KEYWORD_BIOMETRIC_DATA_BREACH", "", 24, 25},
    {"KEYWORD_DATA_FALSIFICATION", "", 25, 26},
    {"KEYWORD_MISSING_PROCESSING_GROUND", "", 26, 27},
    {"KEYWORD_RIGHT_TO_BE_FORGOTTEN", "", 27, 28},
    {"KEYWORD_OTHER", "", 28, 29},
    {"STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", "", 29, 33},
    {"KEYWORD_DEFAMATION", "", 29, 30},
    {"KEYWORD_DISCRIMINATION", "", 30, 31},
    {"KEYWORD_HATE_SPEECH", "", 31, 32},
    {"KEYWORD_OTHER", "", 32, 33},
    {"STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS", "", 33, 40},
    {"KEYWORD_COPYRIGHT_INFRINGEMENT", "", 33, 34},
    {"KEYWORD_DESIGN_INFRINGEMENT", "", 34, 35},
    {"KEYWORD_GEOGRAPHIC_INDICATIONS_INFRINGEMENT", "", 35, 36},
    {"KEYWORD_PATENT_INFRINGEMENT", "", 36, 37},
    {"KEYWORD_TRADE_SECRET_INFRINGEMENT", "", 37, 38},
    {"KEYWORD_TRADEMARK_INFRINGEMENT", "", 38, 39},
    {"KEYWORD_OTHER", "", 39, 40},
    {"STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS", "", 40, 44},
    {"KEYWORD_MISINFORMATION_DISINFORMATION", "", 40, 41},
    {"KEYWORD_VIOLATION_EU_LAW", "", 41, 42},
    {"KEYWORD_VIOLATION_NATIONAL_LAW", "", 42, 43},
    {"KEYWORD_OTHER", "", 43, 44},
    {"STATEMENT_CATEGORY_PROTECTION_OF_MINORS", "", 44, 50},
    {"KEYWORD_AGE_SPECIFIC_RESTRICTIONS_MINORS", "", 44, 45},
    {"KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL", "", 45, 46},
    {"KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE", "", 46, 47},
    {"KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS", "", 47, 48},
    {"KEYWORD_UNSAFE_CHALLENGES", "", 48, 49},
    {"KEYWORD_OTHER", "", 49, 50},
    {"STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY", "", 50, 55},
    {"KEYWORD_ILLEGAL_ORGANIZATIONS", "", 50, 51},
    {"KEYWORD_RISK_ENVIRONMENTAL_DAMAGE", "", 51, 52},
    {"KEYWORD_RISK_PUBLIC_HEALTH", "", 52, 53},
    {"KEYWORD_TERRORIST_CONTENT", "", 53, 54},
    {"KEYWORD_OTHER", "Illegal content of another kind", 54, 55},
    {"STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "", 55, 62},
    {"KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING", "", 55, 56},
    {"KEYWORD_INAUTHENTIC_ACCOUNTS", "", 56, 57},
    {"KEYWORD_INAUTHENTIC_LISTINGS", "", 57, 58},
    {"KEYWORD_INAUTHENTIC_USER_REVIEWS", "", 58, 59},
    {"KEYWORD_PHISHING", "", 59, 60},
    {"KEYWORD_PYRAMID_SCHEMES", "", 60, 61},
    {"KEYWORD_OTHER", "", 61, 62},
    {"STATEMENT_CATEGORY_SELF_HARM", "", 62, 66},
    {"KEYWORD_CONTENT_PROMOTING_EATING_DISORDERS", "", 62, 63},
    {"KEYWORD_SELF_MUTILATION", "", 63, 64},
    {"KEYWORD_SUICIDE", "", 64, 65},
    {"KEYWORD_OTHER", "", 65, 66},
    {"STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS", "", 66, 69},
    {"KEYWORD_PROHIBITED_PRODUCTS", "", 66, 67},
    {"KEYWORD_UNSAFE_PRODUCTS", "", 67, 68},
    {"KEYWORD_OTHER", "", 68, 69},
    {"STATEMENT_CATEGORY_VIOLENCE", "", 69, 75},
    {"KEYWORD_COORDINATED_HARM", "", 69, 70},
    {"KEYWORD_INCITEMENT_VIOLENCE_HATRED", "", 70, 71},
    {"KEYWORD_HUMAN_EXPLOITATION", "", 71, 72},
    {"KEYWORD_HUMAN_TRAFFICKING", "", 72, 73},
    {"KEYWORD_TRAFFICKING_WOMEN_GIRLS", "", 73, 74},
    {"KEYWORD_OTHER", "Graphic violence", 74, 75},
    {"STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "", 75, 82},
    {"KEYWORD_ADULT_SEXUAL_MATERIAL", "", 75, 76},
    {"KEYWORD_AGE_SPECIFIC_RESTRICTIONS", "", 76, 77},
    {"KEYWORD_GEOGRAPHICAL_REQUIREMENTS", "", 77, 78},
    {"KEYWORD_GOODS_SERVICES_NOT_PERMITTED", "", 78, 79},
    {"KEYWORD_LANGUAGE_REQUIREMENTS", "", 79, 80},
    {"KEYWORD_NUDITY", "", 80, 81},
    {"KEYWORD_OTHER", "Another published rule of the terms", 81, 82},
    {"STATEMENT_CATEGORY_NOT_SPECIFIED_ORDER", "", 82, 83},
    {"STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", "", 83, 84},
};

enum {
    COMMON_ROWS = 89, /* categories 1 to 14 with their keywords */
    TERMS_ROWS = 8,   /* OTHER_VIOLATION_TC with its keywords */
    ROW_ORDER = COMMON_ROWS + TERMS_ROWS,
    ROW_NOTICE
};
static_assert(COUNT_OF(rows) == ROW_NOTICE + 1, "the table ends with NOT_SPECIFIED_NOTICE");

/* Counters are kept per part, and a part never counts a leaf that has no row in it: so TOTAL may
 * sum all. */
static const struct template_row total = {"TOTAL", "", 0, LEAF_COUNT};

const struct template_row *template_row_at(enum row_part part, size_t i)
{
    if (i == 0) {
        return &total;
    }
    i--;
    if (i < COMMON_ROWS) {
        return &rows[i];
    }
    i -= COMMON_ROWS;
    switch (part) {
    case ROWS_ORDERS:
        return i == 0 ? &rows[ROW_ORDER] : NULL;
    case ROWS_NOTICES:
        return i == 0 ? &rows[ROW_NOTICE] : NULL;
    case ROWS_LAW:
        return NULL;
    case ROWS_TERMS:
        return i < TERMS_ROWS ? &rows[COMMON_ROWS + i] : NULL;
    }
    return NULL;
}

/* The leaf of "STATEMENT_CATEGORY_x" with "KEYWORD_y". */
static uint8_t find_leaf(const char *category, const char *keyword)
{
    size_t at = 0;

    while (at < COUNT_OF(rows) && strcmp(rows[at].name, category) != 0) {
        at++;
    }
    while (at + 1 < COUNT_OF(rows) && strcmp(rows[at].name, keyword) != 0) {
        at++;
    }
    return rows[at].first;
}

uint8_t template_leaf(enum row_part part, enum harm harm)
{
    const struct dsa_topic *topic = dsa_topic_of(harm);

    if (harm != HARM_OTHER_TERMS && harm != HARM_NONE) {
        return find_leaf(topic->category, topic->keywords[0]);
    }
    switch (part) {
    case ROWS_ORDERS:
        return rows[ROW_ORDER].first;
    case ROWS_NOTICES:
        return rows[ROW_NOTICE].first;
    case ROWS_LAW:
        return find_leaf("STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY", "KEYWORD_OTHER");
    case ROWS_TERMS:
        return find_leaf("STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "KEYWORD_OTHER");
    }
    return 0;
}
