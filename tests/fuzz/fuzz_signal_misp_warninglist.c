/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/signal_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return fuzz_reader("misp-warninglist", data, len);
}
