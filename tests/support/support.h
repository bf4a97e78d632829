/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_TESTS_SUPPORT_SUPPORT_H
#define RAPPORTEUR_TESTS_SUPPORT_SUPPORT_H

/*
 * What unit tests share. Includes cmocka with what it needs before it.
 * Paths: files of the project below test_source(); data that others published below test_data(),
 * which is absent on many machines: then test_data() prints the reason, which tests/run counts, and the
 * test returns (not by skip(), whose "not ok # SKIP" Debian 12's meson counts as a failure).
 *     char *path = test_data("json/test_parsing");
 *     if (!path) return;
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/fault.h"
#include "lib/base/span.h"

#include <jansson.h>

/* Heap path of a file or folder below the project's root. */
char *test_source(const char *relative);
/* Heap path below $RAPPORTEUR_TEST_DATA or ../shared/data; NULL, with the reason printed, when absent. */
char *test_data(const char *relative);
/* The whole file, NUL-terminated, heap; fails the test when unreadable. */
char *test_read_file(const char *path, size_t *ret_len);
/* JSON written with ' for ", so that tests stay readable; fails the test when it does not parse. */
json_t *test_json(const char *single_quoted);
/* The fault with that code and place is in the list (place NULL: any). */
int test_has_fault(const struct faults *faults, const char *code, const char *place);

#endif
