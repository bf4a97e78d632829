/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an expression, nothing checked but the syntax; a refusal is rendered. */
#include "lib/cel/cel.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct cel_env *env;
    CLEANUP(cel_program_freep) struct cel_program *program = NULL;
    CLEANUP(buf_freep) struct buf *out = buf_new(4096);
    struct span source = {(const char *)data, len};
    struct fault why;

    env = env ? env : cel_env_new(CEL_OPTIONALS | CEL_UNCHECKED);
    if (!env || !out) {
        abort();
    }
    if (cel_compile(&program, env, source, NULL, &why) == FAULT) {
        (void)cel_fault_render(out, source, &why);
    }
    return 0;
}
