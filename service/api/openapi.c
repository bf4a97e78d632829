/* SPDX-License-Identifier: Apache-2.0 */
/* GET /openapi.json: OpenAPI 3.1, made from the route table, so that it cannot say anything else. */
#include "service/api/api.h"

#include <stdio.h>
#include <stdlib.h>

/* Path parameters of a pattern; "{path...}" is written "{path}". */
static json_t *parameters(const char *pattern, char path[256])
{
    json_t *list = json_array();
    size_t at = 0;

    for (const char *c = pattern; *c && at < 250; c++) {
        if (*c == '.' && strncmp(c, "...}", 4) == 0) {
            c += 2;
            continue;
        }
        if (*c == '{') {
            size_t len = strcspn(c + 1, ".}");

            (void)json_array_append_new(list, json_pack("{s:s%, s:s, s:b, s:{s:s}}", "name", c + 1, len, "in",
                                                        "path", "required", 1, "schema", "type", "string"));
        }
        path[at++] = *c;
    }
    path[at] = '\0';
    return list;
}

static json_t *operation(const struct http_route *route, json_t *params)
{
    const struct route_rights *rights = route->info;
    json_t *op = json_pack("{s:s, s:o, s:{s:{s:s}, s:{s:s, s:{s:{s:{s:s}}}}}}", "summary", rights->meaning,
                           "parameters", params, "responses", "2XX", "description", "done", "default",
                           "description", "problem details (RFC 9457)", "content", "application/problem+json",
                           "schema", "$ref", "#/components/schemas/Problem");
    json_t *roles = json_array();

    for (int role = 0; role < ROLE_COUNT; role++) {
        if (rights->roles & (1u << role)) {
            (void)json_array_append_new(roles, json_string(role_words[role]));
        }
    }
    if (rights->token) {
        (void)json_object_set_new(op, "security", json_pack("[{s:[]}]", "caseToken"));
    }
    if (rights->roles) {
        (void)json_object_set_new(op, "security", json_pack("[{s:[]}]", "key"));
        (void)json_object_set(op, "x-roles", roles);
    }
    json_decref(roles);
    if (route->body_max && strcmp(route->method, "POST") == 0) {
        (void)json_object_set_new(op, "requestBody", json_pack("{s:{s:{s:{s:s}}}}", "content", "application/json",
                                                               "schema", "type", "object"));
    }
    return op;
}

static void lower(char *text)
{
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z') {
            *text = (char)(*text + ('a' - 'A'));
        }
    }
}

void openapi_read(struct exchange *ex)
{
    json_t *paths = json_object();
    json_t *problem = json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}}", "type",
                                "object", "properties", "type", "type", "string", "title", "type", "string",
                                "status", "type", "integer", "detail", "type", "string", "code", "type", "string",
                                "errors", "type", "array", "instance", "type", "string");

    for (size_t i = 0; i < api_route_count; i++) {
        char path[256], method[16];
        json_t *params = parameters(api_routes[i].pattern, path), *item = json_object_get(paths, path);

        (void)snprintf(method, sizeof(method), "%s", api_routes[i].method);
        lower(method);
        if (!item) {
            item = json_object();
            (void)json_object_set_new(paths, path, item);
        }
        (void)json_object_set_new(item, method, operation(&api_routes[i], params));
    }
    api_answer_json(ex, 200,
                    json_pack("{s:s, s:{s:s, s:s}, s:o, s:{s:{s:o}, s:{s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s}}}}", "openapi", "3.1.0", "info",
                              "title", "Rapporteur", "version", RAPPORTEUR_VERSION, "paths", paths, "components",
                              "schemas", "Problem", problem, "securitySchemes", "key", "type", "http", "scheme",
                              "bearer", "bearerFormat", "rap_<role>_<id>_<secret>", "caseToken", "type", "http", "scheme",
                              "bearer", "bearerFormat", "apt_<party>_<decision>_<mac>"));
}
