/* SPDX-License-Identifier: Apache-2.0 */
#include "service/api/rules_body.h"

#include "lib/json/field.h"
#include "lib/json/read.h"

static bool is_type(struct span type, const char *wanted)
{
    return span_equal_nocase(span_trim(span_cut(&type, ';')), span_of(wanted));
}

static void read_file(struct rule_bundle *bundle, struct fields *file, int *r)
{
    static const char *const names[] = {"name", "yaml"};
    struct span name, yaml;
    struct fault why;

    fields_known(file, names, COUNT_OF(names));
    if (!field_string(file, "name", REQUIRED, 1, RULE_FILE_NAME_MAX, &name) ||
        !field_string(file, "yaml", REQUIRED, 0, RULE_FILE_MAX_BYTES, &yaml)) {
        return;
    }
    if (!rule_file_name_good(name)) {
        (void)field_fault(file, "name", "RULE_FILE_NAME", "a rule file is called [a-z0-9][a-z0-9-]*.yaml");
        return;
    }
    *r = rule_bundle_add(bundle, name, yaml, &why);
    if (*r == FAULT) {
        *r = field_fault(file, "name", why.code, "%s", why.text);
    }
}

static int read_fields(struct rule_bundle *bundle, json_t *body, int64_t *limit, int64_t max, struct faults *faults)
{
    const char *const names[] = {"files", "limit"};
    struct fields at, file;
    json_t *files;
    int r = 0;

    if (!fields_open(&at, body, "", faults)) {
        return 0;
    }
    fields_known(&at, names, limit ? 2 : 1);
    if (limit) {
        (void)field_int(&at, "limit", OPTIONAL, 1, max, limit);
    }
    if (!field_array(&at, "files", REQUIRED, RULES_BODY_FILES, &files)) {
        return 0;
    }
    if (json_array_size(files) == 0) {
        (void)field_fault(&at, "files", "FIELD_COUNT", "a set has at least one file");
    }
    for (size_t i = 0; r >= 0 && i < json_array_size(files); i++) {
        if (field_element(&at, "files", files, i, &file)) {
            read_file(bundle, &file, &r);
        }
    }
    return r < 0 ? r : 0;
}

static bool read_json(struct exchange *ex, struct rule_bundle *bundle, int64_t *limit, int64_t max)
{
    const struct json_read_limits limits = {RULES_BODY_MAX, 8, 4 * RULES_BODY_FILES};
    CLEANUP(json_freep) json_t *body = NULL;
    struct faults faults = {0};
    struct fault why;
    int r = json_read(&body, exchange_request(ex)->body, &limits, &why);

    if (r == FAULT) {
        exchange_problem_fault(ex, 400, &why);
        return false;
    }
    r = r ? r : read_fields(bundle, body, limit, max, &faults);
    if (r < 0) {
        api_answer_no_memory(ex);
        return false;
    }
    if (faults.count) {
        api_answer_faults(ex, &faults);
    }
    return faults.count == 0;
}

struct rule_bundle *rules_body_read(struct exchange *ex, int64_t *limit, int64_t max)
{
    CLEANUP(rule_bundle_freep) struct rule_bundle *bundle = rule_bundle_new();
    struct span type = http_request_header(exchange_request(ex), "content-type");
    struct fault why;
    bool good = false;

    if (!bundle) {
        api_answer_no_memory(ex);
    } else if (is_type(type, "application/json")) {
        good = read_json(ex, bundle, limit, max);
    } else if (!is_type(type, "application/yaml")) {
        exchange_problem(ex, 415, "CONTENT_TYPE", "send application/json with files, or one file as application/yaml", NULL);
    } else if (!limit || api_query_number(ex, "limit", 1, max, *limit, limit)) {
        good = rule_bundle_add(bundle, SPAN("rules.yaml"), exchange_request(ex)->body, &why) == 0;
        if (!good) {
            api_answer_no_memory(ex);
        }
    }
    return good ? TAKE(bundle) : NULL;
}
