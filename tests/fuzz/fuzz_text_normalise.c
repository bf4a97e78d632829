/* SPDX-License-Identifier: Apache-2.0 */
/* Forms are valid UTF-8, their ranges lead to code point boundaries in order, normalising twice
 * changes nothing more. */
#include "lib/text/normalise.h"
#include "lib/text/property.h"
#include "lib/text/utf8.h"

#include <stdlib.h>

enum { MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_form(const struct text_form *form, struct span source)
{
    uint32_t start = 0, end = 0;

    must(utf8_valid(form->text));
    must(form->start[form->text.len] == source.len);
    for (size_t i = 0; i < form->text.len; i++) {
        must(form->start[i] >= start && form->end[i] >= end);
        must(form->start[i] < form->end[i] && form->end[i] <= source.len);
        start = form->start[i];
        end = form->end[i];
        must(utf8_is_boundary(source, start) && utf8_is_boundary(source, end));
    }
    for (size_t at = 0, from, to; text_word_next(form->text, &at, &from, &to);) {
        must(from < to && to <= form->text.len && text_is_whole_word(form->text, from, to));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct text_scratch *scratch, *second;
    struct span text = {(const char *)data, len};
    const struct text_forms *forms, *again;

    if (!scratch) {
        scratch = text_scratch_new(MAX);
        second = text_scratch_new(20 * MAX);
    }
    text.len = utf8_valid_len(text);
    if (text.len > MAX) {
        return 0;
    }
    must(text_normalise(scratch, text, TEXT_ALL_FORMS, &forms) == 0);
    for (int i = 0; i < TEXT_FORM_COUNT; i++) {
        check_form(&forms->form[i], text);
    }
    must(text_normalise(second, forms->form[0].text, TEXT_NORMALISED, &again) == 0);
    must(span_equal(forms->form[0].text, again->form[0].text));
    return 0;
}
