/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_MATCH_POPCOUNT_H
#define RAPPORTEUR_LIB_MATCH_POPCOUNT_H

/*
 * Functions that count bits, compiled once for any processor and once for those that have the
 * instruction; FAST_POPCOUNT picks. Without it gcc calls a table routine for each 64 bits.
 *     static ALWAYS_INLINE int body(...);
 *     POPCOUNT_TARGET static int body_fast(...) { return body(...); }
 *     return FAST_POPCOUNT ? body_fast(...) : body(...);
 */

#define ALWAYS_INLINE inline __attribute__((always_inline))

#if defined(__x86_64__)
#define POPCOUNT_TARGET __attribute__((target("popcnt")))
#define FAST_POPCOUNT (__builtin_cpu_supports("popcnt"))
#define VECTOR_POPCOUNT_TARGET __attribute__((target("popcnt,avx512f,avx512vpopcntdq")))
#define VECTOR_POPCOUNT (__builtin_cpu_supports("avx512vpopcntdq"))
#else
#define POPCOUNT_TARGET
#define FAST_POPCOUNT 1
#define VECTOR_POPCOUNT 0
#endif

#endif
