/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_JSON_YAML_H
#define RAPPORTEUR_LIB_JSON_YAML_H

/*
 * YAML 1.1 bytes (libyaml) to jansson values, with the place of every value, for files that people
 * write. Restrictions, each a fault: one document, no anchors, aliases, tags or merge keys, string
 * keys, no duplicate keys; depth, bytes, values and the length of keys bounded. Plain scalars: null, ~ and nothing are
 * null; true and false are booleans (yes/no/on/off stay strings); decimal integers and decimal
 * fractions are numbers; everything else, and everything quoted, is a string.
 *
 *     CLEANUP(yaml_file_freep) struct yaml *file = NULL;
 *     r = yaml_read(&file, bytes, "rules/terror.yaml", &why);
 *     json_t *root = yaml_root(file);                          borrowed
 *     yaml_place(file, "/rules/3/when", where);                "rules/terror.yaml:41:11"
 *
 * Codes: YAML_SYNTAX, YAML_FEATURE, YAML_DUPLICATE, YAML_TOO_LARGE. Place: file:line:column.
 */

#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <jansson.h>

enum { YAML_MAX_BYTES = 8 << 20, YAML_MAX_DEPTH = 32, YAML_MAX_VALUES = 500000 };
/* The places cost the pointer of each value: one of at most so many bytes, together at most so many. */
enum { YAML_MAX_POINTER = 4096, YAML_MAX_POINTERS = 64 << 20 };

struct yaml;

/* `name` is what places start with; copied. 0, FAULT or -ENOMEM. An empty document is null. */
int yaml_read(struct yaml **ret, struct span bytes, const char *name, struct fault *why);
/* Not yaml_free: libyaml exports a function of that name for its own use, and would call ours instead. */
struct yaml *yaml_file_free(struct yaml *file);
DEFINE_CLEANUP(struct yaml *, yaml_file_free);

json_t *yaml_root(const struct yaml *file);

/* file:line:column of the value at a JSON pointer; of its nearest parent where the pointer leads
 * nowhere. For a member, the place of its value. */
void yaml_place(const struct yaml *file, const char *pointer, char into[FAULT_PLACE_MAX]);
/* The 1-based line and column of it. */
void yaml_line(const struct yaml *file, const char *pointer, int *ret_line, int *ret_column);

/* Replaces each fault's pointer, from index `from` on, by file:line:column. */
void yaml_place_faults(const struct yaml *file, struct faults *faults, size_t from);

#endif
