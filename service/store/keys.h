/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_STORE_KEYS_H
#define RAPPORTEUR_SERVICE_STORE_KEYS_H

/*
 * How names become keys: the hash tag of a shard, the shard of some content, and the short digests
 * that stand for contents and retry keys. The names behind the tag are in functions/common.lua.
 */

#include "lib/base/span.h"

#include <stdbool.h>

enum { TAG_MAX = 8, SHORT_DIGEST_LEN = 22, STORE_SHARDS_MAX = 1024 };

/* "{s00}", "{s07}", "{s512}". */
void key_tag(char into[TAG_MAX], unsigned shard);

/* SHA-256(partner 0x00 content id), its first 8 bytes big-endian, modulo `shards` (>= 1). */
unsigned key_shard(struct span partner, struct span content_id, unsigned shards);

/* The first 16 bytes of SHA-256(kind 0x00 owner 0x00 what) in base64url: a key that says nothing of
 * what it stands for and has one length. */
void key_short(char into[SHORT_DIGEST_LEN + 1], const char *kind, struct span owner, struct span what);

/* 1-128 bytes of [A-Za-z0-9_.@-]: partners, reviewers, key ids. */
bool key_name_ok(struct span name);
/* [a-z0-9-]{1,48} */
bool key_queue_ok(struct span queue);
/* [a-z]{2,3} */
bool key_language_ok(struct span language);

#endif
