/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/policy.h"

#include "lib/base/clock.h"
#include "lib/json/canon.h"
#include "lib/json/field.h"
#include "lib/json/yaml.h"
#include "lib/rights/territory.h"

#include <errno.h>
#include <stdlib.h>

struct policy {
    char *source;
    size_t source_len;
    json_t *json; /* what the spans borrow from, with the digest added */
    struct span version, url, consultation;
    int64_t effective_ms;
    char digest[SHA256_HEX_LEN + 1];
    struct policy_clause *clauses;
    size_t count;
};

enum { CANON_MAX = 16 << 20, CONSULTATION_LETTERS = 4 };

struct policy *policy_free(struct policy *policy)
{
    if (policy) {
        json_decref(policy->json);
        free(policy->clauses);
        free(policy->source);
        free(policy);
    }
    return NULL;
}

const struct policy_clause *policy_find(const struct policy *policy, struct span ref)
{
    for (size_t i = 0; i < policy->count; i++) {
        if (span_equal(policy->clauses[i].id, ref)) {
            return &policy->clauses[i];
        }
    }
    return NULL;
}

size_t policy_clause_count(const struct policy *policy)
{
    return policy->count;
}

const struct policy_clause *policy_clause_at(const struct policy *policy, size_t i)
{
    return i < policy->count ? &policy->clauses[i] : NULL;
}

struct span policy_version(const struct policy *policy)
{
    return policy->version;
}

struct span policy_url(const struct policy *policy)
{
    return policy->url;
}

struct span policy_consultation(const struct policy *policy)
{
    return policy->consultation;
}

int64_t policy_effective_ms(const struct policy *policy)
{
    return policy->effective_ms;
}

const char *policy_digest(const struct policy *policy)
{
    return policy->digest;
}

struct span policy_source(const struct policy *policy)
{
    return (struct span){policy->source, policy->source_len};
}

const json_t *policy_json(const struct policy *policy)
{
    return policy->json;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* How much of `text` from i on spells `phrase`, white space of any length alike; 0: it does not. */
static size_t spells(struct span text, size_t i, struct span phrase)
{
    size_t at = i;

    for (size_t j = 0; j < phrase.len;) {
        if (is_space(phrase.ptr[j])) {
            if (at >= text.len || !is_space(text.ptr[at])) {
                return 0;
            }
            while (at < text.len && is_space(text.ptr[at])) {
                at++;
            }
            while (j < phrase.len && is_space(phrase.ptr[j])) {
                j++;
            }
        } else {
            if (at >= text.len || lower(text.ptr[at]) != lower(phrase.ptr[j])) {
                return 0;
            }
            at++;
            j++;
        }
    }
    return at - i;
}

/* As whole words. */
static bool quotes(struct span text, struct span phrase)
{
    for (size_t i = 0; i < text.len; i++) {
        size_t len = i > 0 && is_letter(text.ptr[i - 1]) ? 0 : spells(text, i, phrase);

        if (len > 0 && (i + len >= text.len || !is_letter(text.ptr[i + len]))) {
            return true;
        }
    }
    return false;
}

bool policy_clause_quoted(const struct policy_clause *clause, struct span text)
{
    for (size_t i = 0; i < clause->element_count; i++) {
        if (quotes(text, clause->elements[i])) {
            return true;
        }
    }
    return false;
}

static bool is_id(struct span id, bool law)
{
    struct span rest = span_sub(id, law ? 4 : 7, id.len);

    if (!span_starts(id, law ? "law/" : "policy/") || rest.len == 0) {
        return false;
    }
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
              c == '/')) {
            return false;
        }
    }
    return true;
}

/* An array of words, each one true in `into`; the single word "any" stands for all. */
static void read_words(struct fields *at, const char *name, const char *const words[], size_t count,
                       bool *into)
{
    json_t *array = NULL;
    int word;

    if (!field_array(at, name, REQUIRED, count, &array)) {
        return;
    }
    if (json_array_size(array) == 1 && span_is(json_span(json_array_get(array, 0)), "any")) {
        memset(into, true, count * sizeof(*into));
        return;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (field_element_word(at, name, array, i, words, count, &word)) {
            into[word] = true;
        }
    }
}

static void read_elements(struct fields *at, struct policy_clause *clause)
{
    char shown[FAULT_QUOTE_MAX];
    json_t *array = NULL;
    struct span element;

    if (!field_array(at, "elements", REQUIRED, POLICY_MAX_ELEMENTS, &array)) {
        return;
    }
    if (json_array_size(array) == 0) {
        (void)field_fault(at, "elements", "POLICY_ELEMENT",
                          "a clause has at least one element to be met");
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (!field_element_string(at, "elements", array, i, 3, POLICY_MAX_ELEMENT, &element)) {
            continue;
        }
        if (clause->text.len > 0 && !quotes(clause->text, element)) {
            (void)field_fault(at, "elements", "POLICY_ELEMENT",
                              "%s does not stand in the text word for word",
                              fault_quote(shown, element));
        }
        clause->elements[clause->element_count++] = element;
    }
}

static void read_clause(struct policy *policy, struct fields *at, bool law)
{
    static const char *const known[] = {"id",       "title",    "text", "ground", "harms",
                                        "outcomes", "elements", "url",  "country"};
    static const char *const terms[] = {"terms"};
    static const char *const laws[] = {"law"};
    struct policy_clause clause = {.law = law};
    char shown[FAULT_QUOTE_MAX];
    struct span country = {NULL, 0};
    int word;

    fields_known(at, known, law ? COUNT_OF(known) : COUNT_OF(known) - 1);
    if (field_string(at, "id", REQUIRED, 1, POLICY_MAX_ID, &clause.id)) {
        if (!is_id(clause.id, law)) {
            (void)field_fault(at, "id", "POLICY_ID", "%s is not %s and a-z 0-9 . - /",
                              fault_quote(shown, clause.id), law ? "law/" : "policy/");
        } else if (policy_find(policy, clause.id)) {
            (void)field_fault(at, "id", "POLICY_DUPLICATE", "%s stands here twice",
                              fault_quote(shown, clause.id));
        }
    }
    (void)field_string(at, "title", REQUIRED, 1, 200, &clause.title);
    (void)field_string(at, "text", REQUIRED, 1, POLICY_MAX_TEXT, &clause.text);
    (void)field_string(at, "url", OPTIONAL, 1, 500, &clause.url);
    (void)field_word(at, "ground", REQUIRED, law ? laws : terms, 1, &word);
    read_words(at, "harms", harm_words, HARM_COUNT, clause.harms);
    read_words(at, "outcomes", outcome_words, OUTCOME_COUNT, clause.outcomes);
    read_elements(at, &clause);
    if (law && field_string(at, "country", OPTIONAL, 2, 2, &country)) {
        if (territory_is_country(country)) {
            memcpy(clause.country, country.ptr, 2);
        } else {
            (void)field_fault(at, "country", "POLICY_COUNTRY", "a country of ISO 3166-1");
        }
    }
    policy->clauses[policy->count++] = clause;
}

static void read_section(struct policy *policy, struct fields *root, const char *name, bool law)
{
    struct fields at;
    json_t *array = NULL;

    if (!field_array(root, name, REQUIRED, POLICY_MAX_CLAUSES / 2, &array)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (field_element(root, name, array, i, &at)) {
            read_clause(policy, &at, law);
        }
    }
}

static size_t letters_of(struct span text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += is_letter(text.ptr[i]) ? 1 : 0;
    }
    return count;
}

static void read_head(struct policy *policy, struct fields *root)
{
    static const char *const known[] = {"version", "effective", "publisher",
                                        "url",     "language",  "consultation"};
    struct fields at;
    struct span text;

    if (!field_object(root, "policy", REQUIRED, &at)) {
        return;
    }
    fields_known(&at, known, COUNT_OF(known));
    (void)field_string(&at, "version", REQUIRED, 1, 64, &policy->version);
    (void)field_string(&at, "publisher", REQUIRED, 1, 200, &text);
    (void)field_string(&at, "url", REQUIRED, 1, 500, &policy->url);
    (void)field_string(&at, "language", REQUIRED, 2, 3, &text);
    if (field_string(&at, "consultation", REQUIRED, 1, 1000, &policy->consultation) &&
        letters_of(policy->consultation) < CONSULTATION_LETTERS) {
        (void)field_fault(&at, "consultation", "POLICY_CONSULTATION",
                          "name who was asked, or say none");
    }
    if (field_string(&at, "effective", REQUIRED, 10, 40, &text) &&
        !clock_read_date(text, &policy->effective_ms) && !clock_read(text, &policy->effective_ms)) {
        (void)field_fault(&at, "effective", "FIELD_TIME",
                          "a date YYYY-MM-DD, or a time YYYY-MM-DDThh:mm:ssZ");
    }
}

static int add_digest(struct policy *policy)
{
    CLEANUP(buf_freep) struct buf *canon = buf_new(CANON_MAX);
    int r;

    if (!canon) {
        return -ENOMEM;
    }
    r = json_canon(canon, policy->json);
    if (r) {
        return r < 0 ? r : -ENOMEM;
    }
    sha256_hex(canon->data, canon->len, policy->digest);
    return json_object_set_new(policy->json, "digest", json_string(policy->digest)) ? -ENOMEM : 0;
}

int policy_read(struct policy **ret, struct span bytes, const char *name, struct faults *faults)
{
    static const char *const known[] = {"policy", "clauses", "law"};
    CLEANUP(yaml_file_freep) struct yaml *file = NULL;
    CLEANUP(policy_freep) struct policy *policy = calloc(1, sizeof(*policy));
    size_t before = faults->count;
    struct fields root;
    struct fault why;
    int r;

    if (!policy) {
        return -ENOMEM;
    }
    r = yaml_read(&file, bytes, name, &why);
    if (r == FAULT) {
        return faults_add_one(faults, &why);
    }
    if (r < 0) {
        return r;
    }
    policy->clauses = calloc(POLICY_MAX_CLAUSES, sizeof(*policy->clauses));
    if (!policy->clauses) {
        return -ENOMEM;
    }
    policy->json = json_incref(yaml_root(file));
    if (fields_open(&root, policy->json, "", faults)) {
        fields_known(&root, known, COUNT_OF(known));
        read_head(policy, &root);
        read_section(policy, &root, "clauses", false);
        read_section(policy, &root, "law", true);
    }
    if (faults->count > before) {
        yaml_place_faults(file, faults, before);
        return FAULT;
    }
    r = add_digest(policy);
    if (r) {
        return r;
    }
    policy->source = malloc(bytes.len + 1);
    if (!policy->source) {
        return -ENOMEM;
    }
    memcpy(policy->source, bytes.ptr, bytes.len);
    policy->source_len = bytes.len;
    *ret = TAKE(policy);
    return 0;
}
