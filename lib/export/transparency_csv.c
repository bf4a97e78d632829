/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/export/transparency_data.h"

#include "lib/base/clock.h"
#include "lib/export/row.h"

#include <string.h>

/* Header texts are those of the templates, letter for letter, their trailing spaces included. */
#define HOSTING "Only for providers of hosting services, including online platforms"
#define PLATFORMS "Only for providers of online platforms"
#define VLOPS "Only for VLOPs"

static const char *const notice_headers[] = {
    "Number of notices received ",
    "Number of notices received from Trusted flaggers",
    "Number of specific items of information included in the total number of notices",
    ("Number of specific items of information included in the total number of notices by Trusted "
     "Flaggers "
     "(Trusted Flagger notices)"),
    "Median time to take action",
    "Median time to take action (Trusted Flagger notices)",
    "Number of actions taken on the basis of the law",
    "Number of actions taken on the basis of the law (Trusted Flagger notices)",
    "Number of actions taken on the basis of the terms and conditions of the service",
    "Number of actions taken on the basis of the terms and conditions of the service (Trusted "
    "Flagger notices)"};

static const char *const measure_headers[COLUMN_COUNT] = {
    "Number of measures taken at the provider's own initiative ",
    "Number of measures taken after detection with solely automated means ",
    "Visibility restriction Removal",
    "Visibility restriction Disable",
    "Visibility restriction Demoted",
    "Visibility restriction Age restricted",
    "Visibility restriction Interaction restricted",
    "Visibility restriction Labelled ",
    "Visibility restriction Other",
    "Monetary restriction Suspension",
    "Monetary restriction Termination",
    "Monetary restriction Other",
    "Provision of the service Suspension",
    "Provision of the service Termination",
    "Account restriction Suspension",
    "Account restriction Termination"};

static const char *const order_headers[] = {
    "Number of orders to act against illegal content received",
    "Number of specific items of information included in the total number of orders to act against "
    "illegal content",
    "Median time to inform the authority of the receipt of the order to act against illegal "
    "content",
    "Median time to give effect to the order to act against illegal content",
    "Number of orders to provide information",
    "Median time to inform the authority of the receipt of the order to provide information",
    "Median time to give effect to the order to provide information"};
static const char *const order_contexts[] = {
    "number of orders to act against illegal content received",
    "number of specific items of information included in the total number of orders to act against "
    "illegal content",
    "Median time to inform the authority of the receipt of the order to act against illegal "
    "content",
    "Median time to give effect to the order to act against illegal content",
    "Number of orders to provide information",
    "Median time to inform the authority of the receipt of the order to provide information",
    "Median time to give effect to the order to provide information"};

static void add_text(struct buf *out, const char *text)
{
    (void)buf_add_char(out, ',');
    (void)csv_text(out, span_of(text ? text : ""));
}

static void add_count(struct buf *out, uint64_t count)
{
    (void)buf_add_format(out, ",%llu", (unsigned long long)count);
}

/* Hours; blank when there was nothing to take a median of. */
static void add_hours(struct buf *out, double hours)
{
    if (hours < 0) {
        (void)buf_add_char(out, ',');
    } else {
        (void)buf_add_format(out, ",%.4f", hours);
    }
}

static void end_row(struct buf *out, int blanks)
{
    for (int i = 0; i < blanks; i++) {
        (void)buf_add_char(out, ',');
    }
    (void)buf_add_text(out, "\r\n");
}

/* Applicability, service and period, which every row starts with. */
static void start_row(const struct transparency *t, struct buf *out, const char *applies)
{
    char from[CLOCK_TEXT_LEN + 1], to[CLOCK_TEXT_LEN + 1];

    clock_text(t->options.from_ms, from);
    clock_text(t->options.to_ms - 1, to);
    (void)csv_text(out, span_of(applies));
    add_text(out, t->options.service);
    (void)buf_add_format(out, ",%.10s/%.10s", from, to);
}

static void add_headers(struct buf *out, const char *const texts[], size_t count,
                        const char *prefix)
{
    for (size_t i = 0; i < count; i++) {
        (void)buf_add_format(out, ",%s%s", prefix, texts[i]);
    }
}

static uint64_t sum(const uint32_t *cells, size_t columns, const struct template_row *row,
                    size_t column)
{
    uint64_t total = 0;

    for (size_t leaf = row->first; leaf < row->end; leaf++) {
        total += cells[leaf * columns + column];
    }
    return total;
}

static void part_1(const struct transparency *t, struct buf *out)
{
    char from[CLOCK_TEXT_LEN + 1], to[CLOCK_TEXT_LEN + 1];
    const struct {
        const char *indicator, *value;
    } lines[] = {
        {"Name of the service provider", t->options.provider},
        {"Date of the publication of the report", t->options.published},
        {"Date of the publication of the latest previous report", t->options.previous},
        {"Starting date of reporting period", from},
        {"Ending date of reporting period", to},
    };

    clock_text(t->options.from_ms, from);
    clock_text(t->options.to_ms - 1, to);
    from[10] = to[10] = '\0';
    (void)buf_add_text(out, "Applicability,Service,Indicator,Value\r\n");
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        (void)buf_add_text(out, "All");
        add_text(out, t->options.service);
        add_text(out, lines[i].indicator);
        add_text(out, lines[i].value);
        end_row(out, 0);
    }
}

/* The category of our harms, in a sentence of our own. */
static const char *reading_of(const char *name)
{
    static const struct {
        const char *name, *reading;
    } readings[] = {
        {"TOTAL", "All categories"},
        {"STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY",
         "Terrorist uses of the service and listed groups"},
        {"KEYWORD_TERRORIST_CONTENT",
         "The ten terrorist uses, glorification, manifestos, media made by attackers"},
        {"KEYWORD_ILLEGAL_ORGANIZATIONS", "Branding of listed groups"},
        {"STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", "Advocacy of hatred"},
        {"KEYWORD_HATE_SPEECH",
         "Advocacy of national, racial or religious hatred that incites (ICCPR 20(2))"},
        {"STATEMENT_CATEGORY_VIOLENCE", "Threats and graphic violence without a terrorist use"},
        {"KEYWORD_COORDINATED_HARM", "Threats that can be believed"},
        {"KEYWORD_CYBER_HARASSMENT",
         "Publishing where a person can be found so that others attack"},
        {"KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL", "Handed off at once; nothing is stored here"},
        {"STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "Other published rules of the terms"},
        {"STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", "Notices that name no harm of ours"},
        {"STATEMENT_CATEGORY_NOT_SPECIFIED_ORDER", "Orders that name no harm of ours"},
    };

    for (size_t i = 0; i < COUNT_OF(readings); i++) {
        if (strcmp(readings[i].name, name) == 0) {
            return readings[i].reading;
        }
    }
    return "";
}

static void part_2_row(const struct transparency *t, struct buf *out,
                       const struct template_row *row)
{
    (void)buf_add_text(out, "All");
    add_text(out, t->options.service);
    add_text(out, row->name);
    add_text(out, row->other[0] ? row->other : reading_of(row->name));
    end_row(out, 0);
}

static void part_2(const struct transparency *t, struct buf *out)
{
    const struct template_row *row, *order = NULL, *notice = NULL;

    (void)buf_add_text(out, "Applicability,Service,Category,Description of the category\r\n");
    for (size_t i = 0; (row = template_row_at(ROWS_TERMS, i)) != NULL; i++) {
        part_2_row(t, out, row);
    }
    for (size_t i = 0; (row = template_row_at(ROWS_ORDERS, i)) != NULL; i++) {
        order = row;
    }
    for (size_t i = 0; (row = template_row_at(ROWS_NOTICES, i)) != NULL; i++) {
        notice = row;
    }
    part_2_row(t, out, order);
    part_2_row(t, out, notice);
}

/* One scope: a Member State's slot, or all of them (slot < 0). */
static void part_3_block(const struct transparency *t, struct buf *out, const char *scope, int slot)
{
    const struct template_row *row;

    for (size_t i = 0; (row = template_row_at(ROWS_ORDERS, i)) != NULL; i++) {
        uint64_t counts[ORDER_COLUMNS] = {0};

        for (int c = slot < 0 ? 0 : slot; c < (slot < 0 ? COUNTRY_SLOTS : slot + 1); c++) {
            for (size_t k = 0; k < ORDER_COLUMNS; k++) {
                counts[k] += sum(&t->orders[c][0][0], ORDER_COLUMNS, row, k);
            }
        }
        start_row(t, out, "All");
        add_text(out, row->name);
        add_text(out, row->other);
        add_text(out, scope);
        add_count(out, counts[ORDER_ACT]);
        add_count(out, counts[ORDER_ITEMS]);
        add_hours(out, counts[ORDER_ACT]
                           ? sample_median(t, SAMPLE_ORDER_RECEIPT, row->first, row->end, slot)
                           : -1);
        add_hours(out, counts[ORDER_ACT]
                           ? sample_median(t, SAMPLE_ORDER_EFFECT, row->first, row->end, slot)
                           : -1);
        add_count(out, counts[ORDER_INFORMATION]);
        add_hours(out, counts[ORDER_INFORMATION]
                           ? sample_median(t, SAMPLE_INFO_RECEIPT, row->first, row->end, slot)
                           : -1);
        add_hours(out, counts[ORDER_INFORMATION]
                           ? sample_median(t, SAMPLE_INFO_EFFECT, row->first, row->end, slot)
                           : -1);
        end_row(out, 7);
    }
}

static void part_3(const struct transparency *t, struct buf *out)
{
    int slot = 0;

    (void)buf_add_text(
        out,
        "Applicability,Service,Reporting period,Category of illegal content,\"Description of the "
        "sub-category \"\"Other\"\"\",Scope");
    add_headers(out, order_headers, COUNT_OF(order_headers), "");
    add_headers(out, order_contexts, COUNT_OF(order_contexts), "Contextual information on ");
    end_row(out, 0);
    part_3_block(t, out, "TOTAL", -1);
    for (size_t i = 0; i < EEA_COUNT; i++) {
        if (territory_is_eu(span_of(eea_countries[i]))) {
            part_3_block(t, out, eea_countries[i], slot++);
        }
    }
}

static void part_4(const struct transparency *t, struct buf *out)
{
    const struct template_row *row;

    (void)buf_add_text(
        out,
        "Applicability,Service,Reporting period,Category of illegal content,\"Description of the "
        "sub-category \"\"Other\"\"\"");
    add_headers(out, notice_headers, COUNT_OF(notice_headers), "");
    add_headers(out, notice_headers, COUNT_OF(notice_headers), "Contextual information on ");
    end_row(out, 0);
    for (size_t i = 0; (row = template_row_at(ROWS_NOTICES, i)) != NULL; i++) {
        start_row(t, out, HOSTING);
        add_text(out, row->name);
        add_text(out, row->other);
        for (size_t k = 0; k < NOTICE_COLUMNS; k++) {
            if (k == NOTICE_LAW) {
                add_hours(out, sample_median(t, SAMPLE_NOTICE, row->first, row->end, -1));
                add_hours(out, sample_median(t, SAMPLE_NOTICE_TF, row->first, row->end, -1));
            }
            add_count(out, sum(&t->notices[0][0], NOTICE_COLUMNS, row, k));
        }
        end_row(out, 10);
    }
}

static void part_own(const struct transparency *t, struct buf *out, bool terms)
{
    enum row_part part = terms ? ROWS_TERMS : ROWS_LAW;
    const struct template_row *row;

    (void)buf_add_format(
        out,
        "Applicability,Service,Reporting period,%s,\"Description of the sub-category "
        "\"\"Other\"\"\"",
        terms ? "Category of incompatibility with the provider's terms and conditions"
              : "Category of illegal content");
    add_headers(out, measure_headers, COLUMN_COUNT, "");
    add_headers(out, measure_headers, COLUMN_COUNT, "Contextual Information on ");
    end_row(out, 0);
    for (size_t i = 0; (row = template_row_at(part, i)) != NULL; i++) {
        start_row(t, out, "All");
        add_text(out, row->name);
        add_text(out, row->other);
        for (size_t k = 0; k < COLUMN_COUNT; k++) {
            add_count(out, sum(&t->measures[terms][0][0], COLUMN_COUNT, row, k));
        }
        end_row(out, COLUMN_COUNT);
    }
}

static void indicator(const struct transparency *t, struct buf *out, const char *const texts[4])
{
    start_row(t, out, texts[0]);
    for (size_t i = 1; i < 4; i++) {
        add_text(out, texts[i]);
    }
}

static void part_7_complaints(const struct transparency *t, struct buf *out)
{
    static const char *const about[ABOUT_COUNT] = {
        "Number of complaints submitted to the internal-complaints mechanism",
        "Complaint regarding a decision to remove or disable access to or restrict visibility of "
        "information",
        "Complaint regarding a decision to suspend or terminate the provision of the service",
        "Complaint regarding a decision to suspend or terminate an account ",
        "Complaint regarding a decision to restrict the ability to monetise information",
        "Complaint regarding a decision not to take action on a notice submitted in accordance "
        "with Article 16",
        ("Complaint regarding a decision not to take action on a notice submitted by a Trusted "
         "Flagger in "
         "accordance with Article 16")};
    static const char *const scopes[] = {"Total number", "Decisions upheld",
                                         "Decisions partially reversed", "Decisions reversed"};
    const char *section = "Internal complaints mechanism";

    for (int a = 0; a < ABOUT_COUNT; a++) {
        for (int s = 0; s < 4; s++) {
            indicator(t, out,
                      (const char *[]){a == 0 && s == 0 ? "All" : PLATFORMS, section, about[a],
                                       scopes[s]});
            add_count(out, t->complaints[a][s]);
            end_row(out, 1);
        }
        indicator(t, out, (const char *[]){PLATFORMS, section, about[a], "Median time"});
        add_hours(out,
                  sample_median(t, (enum sample_kind)(SAMPLE_COMPLAINT + a), 0, LEAF_COUNT, -1));
        end_row(out, 1);
        if (a == 0) {
            indicator(t, out, (const char *[]){PLATFORMS, section, about[a], "Decision omitted"});
            add_count(out, t->complaints[a][COMPLAINT_OMITTED]);
            end_row(out, 1);
            indicator(
                t, out,
                (const char *[]){
                    PLATFORMS, section,
                    "Number of restrictions newly imposed as a result of an internal complaint",
                    "Total number"});
            add_count(out, t->new_from_complaint);
            end_row(out, 1);
        }
    }
}

static void part_7(const struct transparency *t, struct buf *out)
{
    static const char *const disputes[] = {"Total number",
                                           "Decisions upheld",
                                           "Decisions partially reversed",
                                           "Decisions reversed",
                                           "Median time",
                                           "Decision omitted",
                                           "Percentage of outcomes implemented"};
    const struct {
        const char *what;
        uint32_t count;
    } suspensions[] = {
        {"Number of suspensions enacted for the provision of manifestly illegal content ",
         t->suspended_content},
        {"Number of suspensions enacted for the provision of manifestly unfounded notices",
         t->suspended_notices},
        {"Number of suspensions enacted for the provision of manifestly unfounded complaints",
         t->suspended_complaints}};

    (void)buf_add_text(
        out, "Applicability,Service,Reporting period,Section,Indicator,Scope,Value,Contextual "
             "Information\r\n");
    part_7_complaints(t, out);
    /* Disputes go to bodies outside; the log does not know them, so the cells stay blank. */
    for (size_t i = 0; i < COUNT_OF(disputes); i++) {
        indicator(t, out,
                  (const char *[]){
                      PLATFORMS, "Out-of-court dispute settlement bodies",
                      "Number of disputes submitted to out-of-court dispute settlement bodies",
                      disputes[i]});
        end_row(out, 2);
    }
    for (size_t i = 0; i < COUNT_OF(suspensions); i++) {
        indicator(t, out,
                  (const char *[]){PLATFORMS, "Suspensions imposed on repeated offenders",
                                   suspensions[i].what, "Total number"});
        add_count(out, suspensions[i].count);
        end_row(out, 1);
    }
}

static void automated_row(const struct transparency *t, struct buf *out, const char *applies,
                          const char *what, const char *scope)
{
    indicator(
        t, out,
        (const char *[]){applies, "Use of automated means for content moderation", what, scope});
}

/* A person decides on every restriction, so none is taken solely by automated means, and there is
 * no automated decision whose accuracy could be stated: those cells do not apply. */
static void part_8(const struct transparency *t, struct buf *out)
{
    static const char *const measures[] = {"Number of measures solely taken by automated means ",
                                           "Number of measures not taken by automated means"};
    static const char *const notices[] = {"Number of notices solely processed by automated means ",
                                          "Number of notices not processed by automated means"};
    static const char *const accuracy[] = {"Accuracy of the automated means - Accuracy",
                                           "Accuracy of the automated means - Precision",
                                           "Accuracy of the automated means - Recall"};
    static const char *const scopes[] = {"Total number", "Own-initiative ", "NAM Total",
                                         "NAM Trusted Flagger"};
    static const char *const applies[] = {"All", "All", HOSTING, PLATFORMS};

    (void)buf_add_text(
        out, "Applicability,Service,Reporting period,Section,Indicator,Scope,Value,Contextual "
             "Information\r\n");
    for (size_t s = 0; s < COUNT_OF(scopes); s++) {
        for (size_t k = 0; k < 2; k++) {
            automated_row(t, out, applies[s], s < 2 ? measures[k] : notices[k], scopes[s]);
            add_count(out, s < 2    ? t->measures_automated[s][k]
                           : k == 0 ? 0
                                    : t->notices_processed[s - 2]);
            end_row(out, 1);
        }
        for (size_t k = 0; k < COUNT_OF(accuracy); k++) {
            automated_row(t, out, applies[s], accuracy[k], scopes[s]);
            end_row(out, 2);
        }
    }
    for (size_t k = 0; k < 2; k++) {
        for (size_t l = 0; l < COUNT_OF(official_languages); l++) {
            automated_row(t, out, VLOPS, measures[k], official_languages[l]);
            add_count(out, t->by_language[k][l]);
            end_row(out, 1);
        }
    }
    for (size_t k = 0; k < COUNT_OF(accuracy); k++) {
        for (size_t l = 0; l < COUNT_OF(official_languages); l++) {
            automated_row(t, out, VLOPS, accuracy[k], official_languages[l]);
            end_row(out, 2);
        }
    }
}

/* Staff and readers are not in the log: the rows stand there to be filled in by the provider. */
static void part_9(const struct transparency *t, struct buf *out)
{
    const char *section = "Human resources dedicated to content moderation ";
    const char *expertise = "Number of total moderators with sufficient linguistic expertise ";

    (void)buf_add_text(
        out, "Applicability,Service,Reporting period,Section,Indicator,Scope,Value,Contextual "
             "information\r\n");
    indicator(t, out,
              (const char *[]){VLOPS, section,
                               "Number of internal moderators employed by the provider",
                               "Total number"});
    end_row(out, 2);
    indicator(t, out,
              (const char *[]){VLOPS, section,
                               "Number of external moderators contracted by the provider",
                               "Total number"});
    end_row(out, 2);
    indicator(t, out, (const char *[]){VLOPS, section, expertise, "Total number"});
    end_row(out, 2);
    for (size_t l = 0; l < COUNT_OF(official_languages); l++) {
        indicator(t, out, (const char *[]){VLOPS, section, expertise, official_languages[l]});
        end_row(out, 2);
    }
}

static void part_10(const struct transparency *t, struct buf *out)
{
    const char *what = "Number of average monthly active recipients during the reporting period ";
    const char *who = "Only for VLOPs and VLOSEs";

    (void)buf_add_text(out,
                       "Applicability,Service,Reporting period,Section,Indicator,Scope,Value\r\n");
    indicator(t, out, (const char *[]){who, "AMAR", what, "TOTAL"});
    end_row(out, 1);
    for (size_t i = 0; i < EEA_COUNT; i++) {
        if (territory_is_eu(span_of(eea_countries[i]))) {
            indicator(t, out, (const char *[]){who, "AMAR", what, eea_countries[i]});
            end_row(out, 1);
        }
    }
}

static void part_11(const struct transparency *t, struct buf *out)
{
    static const char *const questions[TRANSPARENCY_TEXTS] = {
        "Summary of the content moderation engaged in at the providers\xe2\x80\x99 own initiative",
        ("Meaningful and comprehensible information regarding content moderation engaged in at the "
         "providers' own "
         "initiative"),
        "Qualitative description of the automated means",
        "Qualitative description of indicators of accuracy and possible rate of error of automated "
        "means",
        "Specification of the precise purposes to apply automated means",
        "Safeguards applied to the use of automated means",
        "High-level description of the content moderation governance structure",
        "Qualifications of the human resources dedicated to content moderation",
        "Training given to human resources dedicated to content moderation",
        "Support given to human resources dedicated to content moderation ",
        "Methodology used to compute the number of human resources dedicated to content moderation "
        " "};

    (void)buf_add_text(out, "Applicability,Service,Reporting period,Indicator,Value\r\n");
    for (size_t i = 0; i < TRANSPARENCY_TEXTS; i++) {
        start_row(t, out, i < 6 ? "All" : VLOPS);
        add_text(out, questions[i]);
        add_text(out, t->options.texts[i]);
        end_row(out, 0);
    }
}

const char *transparency_part_name(int part)
{
    static const char *const names[TRANSPARENCY_PARTS + 1] = {"",
                                                              "1_summary.csv",
                                                              "2_categories_names.csv",
                                                              "3_member_states_orders.csv",
                                                              "4_notices.csv",
                                                              "5_own_initiative_illegal.csv",
                                                              "6_own_initiative_TC.csv",
                                                              "7_appeals_and_recidivism.csv",
                                                              "8_automated_means.csv",
                                                              "9_human_resources.csv",
                                                              "10_AMAR.csv",
                                                              "11_qualitative.csv"};

    return part >= 1 && part <= TRANSPARENCY_PARTS ? names[part] : "";
}

static void part_5(const struct transparency *t, struct buf *out)
{
    part_own(t, out, false);
}

static void part_6(const struct transparency *t, struct buf *out)
{
    part_own(t, out, true);
}

int transparency_part(struct transparency *t, int part, struct buf *out)
{
    static void (*const parts[])(const struct transparency *t, struct buf *out) = {
        part_1, part_2, part_3, part_4, part_5, part_6, part_7, part_8, part_9, part_10, part_11};

    if (part >= 1 && part <= TRANSPARENCY_PARTS) {
        parts[part - 1](t, out);
    }
    return buf_status(out);
}
