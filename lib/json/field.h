/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_JSON_FIELD_H
#define RAPPORTEUR_LIB_JSON_FIELD_H

/*
 * Typed, bounded reads out of a JSON object. Every mistake goes to one list with its JSON pointer
 * (RFC 6901), so that one answer names them all. Readers return true when the field is there and
 * good; false when it is absent (no fault if OPTIONAL) or bad (fault added); *ret is untouched then.
 * JSON null counts as absent. Spans borrow from the json value.
 *
 *     struct fields at;
 *     if (!fields_open(&at, body, "", faults)) return FAULT;
 *     fields_known(&at, names, COUNT_OF(names));
 *     field_string(&at, "reason", REQUIRED, 1, 4096, &reason);
 *     if (faults->count) return FAULT;
 *
 * Codes: FIELD_MISSING, FIELD_UNKNOWN (with the nearest known name), FIELD_TYPE, FIELD_LENGTH,
 * FIELD_RANGE, FIELD_VALUE (not one of the allowed words; they are named), FIELD_TIME, FIELD_COUNT.
 * String lengths are in bytes of UTF-8.
 */

#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum field_need { OPTIONAL, REQUIRED };
enum { FIELD_AT_MAX = 160 };

struct fields {
    json_t *object;              /* borrowed */
    char at[FIELD_AT_MAX];       /* pointer of the object itself; "" is the whole document */
    struct faults *faults;       /* borrowed */
};

/* False with FIELD_TYPE when the value is not an object. */
bool fields_open(struct fields *ret, json_t *value, const char *at, struct faults *faults);

/* Refuses every member that is not in `names`. */
void fields_known(struct fields *f, const char *const names[], size_t count);

bool field_string(struct fields *f, const char *name, enum field_need need, size_t min, size_t max,
                  struct span *ret);
bool field_int(struct fields *f, const char *name, enum field_need need, int64_t min, int64_t max,
               int64_t *ret);
bool field_bool(struct fields *f, const char *name, enum field_need need, bool *ret);
/* One word of a table: *ret is its index. */
bool field_word(struct fields *f, const char *name, enum field_need need, const char *const words[],
                size_t count, int *ret);
/* RFC 3339 date-time to ms. */
bool field_time(struct fields *f, const char *name, enum field_need need, int64_t *ret_ms);
/* An array of at most `max` elements; *ret borrowed. */
bool field_array(struct fields *f, const char *name, enum field_need need, size_t max, json_t **ret);
/* A nested object, opened with its own pointer. */
bool field_object(struct fields *f, const char *name, enum field_need need, struct fields *ret);
/* Element i of an array read from field `name`, opened as an object. */
bool field_element(struct fields *f, const char *name, json_t *array, size_t i, struct fields *ret);
/* Element i of an array read from field `name`, as a string. */
bool field_element_string(struct fields *f, const char *name, json_t *array, size_t i, size_t min,
                          size_t max, struct span *ret);
/* Element i as one word of a table: *ret is its index. */
bool field_element_word(struct fields *f, const char *name, json_t *array, size_t i,
                        const char *const words[], size_t count, int *ret);

/* Adds a fault of the caller's own at field `name` of this object ("" for the object itself). */
int field_fault(struct fields *f, const char *name, const char *code, const char *format, ...)
    PRINTF(4, 5);

/* "at" + "/" + name with ~ and / escaped, into `into`; cut when too long. */
void field_pointer(char into[FAULT_PLACE_MAX], const char *at, const char *name);

/* Index of the word, or -1. */
int word_index(const char *const words[], size_t count, struct span text);

/* The table's word most like `text` (small edit distance), NULL where none is near. */
const char *word_nearest(const char *const words[], size_t count, struct span text);

/* A borrowed span of a JSON string value; empty for other types. */
struct span json_span(const json_t *value);

#endif
