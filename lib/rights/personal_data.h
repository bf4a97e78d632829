/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_RIGHTS_PERSONAL_DATA_H
#define RAPPORTEUR_LIB_RIGHTS_PERSONAL_DATA_H

/*
 * Finds what identifies a person in free text: e-mail addresses, @handles, web addresses, phone
 * numbers, IP addresses. Made to be cautious with prose: dates, times, figures and plain numbers
 * pass; bare digits are a phone number only with a leading + or 0, or grouped as people write them.
 * It cannot see names: it is a guard against slips, not an anonymiser.
 *     for (struct personal_data at; personal_data_find(text, from, &at); from = at.start + at.len)
 * ... Source: Regulation (EU) 2022/2065 art. 24(5), no personal data in what is published.
 */

#include "lib/base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum personal_data_kind {
    PERSONAL_EMAIL,
    PERSONAL_HANDLE,
    PERSONAL_URL,
    PERSONAL_PHONE,
    PERSONAL_IP,
    PERSONAL_KIND_COUNT
};
extern const char *const personal_data_words[PERSONAL_KIND_COUNT]; /* "an e-mail address", ... */

struct personal_data {
    enum personal_data_kind kind;
    size_t start, len; /* bytes of the text */
};

/* The first finding at or after byte `from`; false when there is none. Linear in the text. */
bool personal_data_find(struct span text, size_t from, struct personal_data *ret);

#endif
