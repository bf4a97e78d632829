/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_LIB_CEL_BUILTIN_H
#define RAPPORTEUR_LIB_CEL_BUILTIN_H

/* The built-in functions by family. Each looks at the kinds of its arguments and fails with
 * CEL_NO_OVERLOAD where they do not fit: behind dyn nothing has checked them. */

#include "lib/cel/program.h"

/* fn_operator.c */
CEL_CALL(cel_fn_add);
CEL_CALL(cel_fn_subtract);
CEL_CALL(cel_fn_multiply);
CEL_CALL(cel_fn_divide);
CEL_CALL(cel_fn_modulo);
CEL_CALL(cel_fn_negate);

/* fn_text.c */
/* Where the part first is; NULL: nowhere. */
const char *cel_text_find(struct span text, struct span part);
CEL_CALL(cel_fn_size);
CEL_CALL(cel_fn_contains);
CEL_CALL(cel_fn_starts_with);
CEL_CALL(cel_fn_ends_with);
CEL_CALL(cel_fn_lower_ascii);
CEL_CALL(cel_fn_upper_ascii);
CEL_CALL(cel_fn_reverse);
CEL_CALL(cel_fn_trim);
CEL_CALL(cel_fn_quote);
CEL_CALL(cel_fn_base64_encode);
CEL_CALL(cel_fn_base64_decode);

/* fn_slice.c */
CEL_CALL(cel_fn_char_at);
CEL_CALL(cel_fn_index_of);
CEL_CALL(cel_fn_index_of_from);
CEL_CALL(cel_fn_last_index_of);
CEL_CALL(cel_fn_last_index_of_from);
CEL_CALL(cel_fn_substring);
CEL_CALL(cel_fn_substring_to);
CEL_CALL(cel_fn_replace);
CEL_CALL(cel_fn_replace_count);
CEL_CALL(cel_fn_split);
CEL_CALL(cel_fn_split_count);
CEL_CALL(cel_fn_join);
CEL_CALL(cel_fn_join_with);

/* fn_format.c */
CEL_CALL(cel_fn_format);

/* fn_convert.c */
CEL_CALL(cel_fn_int);
CEL_CALL(cel_fn_uint);
CEL_CALL(cel_fn_double);
CEL_CALL(cel_fn_bool);
CEL_CALL(cel_fn_string);
CEL_CALL(cel_fn_bytes);
CEL_CALL(cel_fn_timestamp);
CEL_CALL(cel_fn_duration);
CEL_CALL(cel_fn_dyn);
CEL_CALL(cel_fn_type);

/* fn_time.c */
CEL_CALL(cel_fn_year);
CEL_CALL(cel_fn_month);
CEL_CALL(cel_fn_date);
CEL_CALL(cel_fn_day_of_month);
CEL_CALL(cel_fn_day_of_week);
CEL_CALL(cel_fn_day_of_year);
CEL_CALL(cel_fn_hours);
CEL_CALL(cel_fn_minutes);
CEL_CALL(cel_fn_seconds);
CEL_CALL(cel_fn_milliseconds);

/* fn_math.c */
CEL_CALL(cel_fn_greatest);
CEL_CALL(cel_fn_least);
CEL_CALL(cel_fn_abs);
CEL_CALL(cel_fn_sign);
CEL_CALL(cel_fn_ceil);
CEL_CALL(cel_fn_floor);
CEL_CALL(cel_fn_round);
CEL_CALL(cel_fn_trunc);
CEL_CALL(cel_fn_sqrt);
CEL_CALL(cel_fn_is_nan);
CEL_CALL(cel_fn_is_inf);
CEL_CALL(cel_fn_is_finite);
CEL_CALL(cel_fn_bit_and);
CEL_CALL(cel_fn_bit_or);
CEL_CALL(cel_fn_bit_xor);
CEL_CALL(cel_fn_bit_not);
CEL_CALL(cel_fn_shift_left);
CEL_CALL(cel_fn_shift_right);

/* fn_optional.c */
CEL_CALL(cel_fn_optional_none);
CEL_CALL(cel_fn_optional_of);
CEL_CALL(cel_fn_optional_of_non_zero);
CEL_CALL(cel_fn_optional_has_value);
CEL_CALL(cel_fn_optional_value);
CEL_CALL(cel_fn_optional_or);
CEL_CALL(cel_fn_optional_or_value);

/* regex.c */
CEL_CALL(cel_fn_matches);

#endif
