/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_REGEX_COMPILE_H
#define RAPPORTEUR_LIB_MATCH_REGEX_COMPILE_H

/* How this project asks PCRE2: one place for its options, so that lists, grades, tests and the
 * benchmark's plain loop mean the same. */

#include "lib/base/fault.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define REGEX_OPTIONS (PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C)

/* Compiled, and to machine code where PCRE2 can. 0, FAULT or -ENOMEM. */
int regex_compile(pcre2_code **ret, struct span pattern, struct fault *why);

#endif
