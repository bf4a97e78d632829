/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_API_RULES_BODY_H
#define RAPPORTEUR_SERVICE_API_RULES_BODY_H

/*
 * A candidate set of rules in a request, for PUT /v1/rules and POST /v1/rules/backtest:
 *     application/json   {"files": [{"name": "recruitment.yaml", "yaml": "- id: ..."}, ...]}
 *     application/yaml   the text of one file, called rules.yaml
 * A name is [a-z0-9][a-z0-9-]*.yaml of at most 64 bytes, once in the set; files are read in the order
 * of their names, as the folder is. At most RULES_BODY_FILES files in RULES_BODY_MAX bytes.
 */

#include "service/api/api.h"
#include "service/sync/rules_folder.h"

enum { RULES_BODY_MAX = 4 << 20, RULES_BODY_FILES = 200 };

/* Heap; NULL when a 400, 413, 415 or 422 was answered. `limit` (NULL: no such member) is the JSON
 * member of that name, or the query parameter with YAML: from 1 to `max`. */
struct rule_bundle *rules_body_read(struct exchange *ex, int64_t *limit, int64_t max);

#endif
