/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_CLI_KEEPING_H
#define RAPPORTEUR_SERVICE_CLI_KEEPING_H

/*
 * Erases what has been kept long enough. Each closed case is looked at when its decision took effect and when its time
 * is over: content that stayed up goes after retention.unrestricted, restricted content and evidence after the six
 * months of Regulation (EU) 2021/784 art. 6, neither before the last hold on it ends; who asked to be forgotten does not
 * wait for the first. One shard a tick, up to STORE_KEEP_DUE_MAX cases; a store that is busy is asked again.
 */

#include "service/runtime/settings.h"
#include "service/store/store.h"

struct keeping;

/* Borrows the store, which must outlive it; its calls end with the store. NULL without memory. */
struct keeping *keeping_new(struct store *store);
struct keeping *keeping_free(struct keeping *keeping);
/* When the first case was erased since keeping_rewritten; before that, when it began, for what was erased before. */
int64_t keeping_erased_ms(const struct keeping *keeping);
void keeping_rewritten(struct keeping *keeping);
/* Starts a round unless one is under way. */
void keeping_tick(struct keeping *keeping, const struct settings *settings);

/* When the content of such a case goes, by the law and `settings`; *ret_preserved: until when the law wants it kept
 * whatever anybody asks, 0 where it does not. */
int64_t keeping_until(const struct store_keep_case *found, int64_t unrestricted_ms, int64_t *ret_preserved);

#endif
