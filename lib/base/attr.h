/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_BASE_ATTR_H
#define RAPPORTEUR_LIB_BASE_ATTR_H

/*
 * The compiler attributes we use, by short names.
 *
 * CLEANUP(fn) declares an owned local; DEFINE_CLEANUP(type, fn) makes the fn##p it needs from a
 * NULL-tolerant free function; TAKE(p) hands an owned local on and leaves NULL behind.
 *     CLEANUP(buf_freep) struct buf *body = buf_new(1024);
 *     *ret = TAKE(body);
 */

#include <stddef.h>

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define UNUSED __attribute__((unused))
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Defines FREE##p(TYPE **): frees what the pointer points to, for CLEANUP. */
#define DEFINE_CLEANUP(TYPE, FREE)                                                                 \
    static inline UNUSED void FREE##p(TYPE *held)                                                  \
    {                                                                                              \
        if (*held) {                                                                               \
            FREE(*held);                                                                           \
        }                                                                                          \
    }                                                                                              \
    struct attr_semicolon

#define TAKE(p)                                                                                    \
    __extension__({                                                                                \
        __typeof__(p) taken_ = (p);                                                                \
        (p) = NULL;                                                                                \
        taken_;                                                                                    \
    })

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
