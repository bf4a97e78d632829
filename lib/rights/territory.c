/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rights/territory.h"

const char *const eea_countries[EEA_COUNT] = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
};

/* Every assigned code, two letters each. */
static const char assigned[] =
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCM"
    "CNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGY"
    "HKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMF"
    "MGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARE"
    "RORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZ"
    "VAVCVEVGVIVNVUWFWSYEYTZAZMZW";

bool territory_is_country(struct span code)
{
    if (code.len != 2) {
        return false;
    }
    for (size_t i = 0; i + 1 < sizeof(assigned); i += 2) {
        if (assigned[i] == code.ptr[0] && assigned[i + 1] == code.ptr[1]) {
            return true;
        }
    }
    return false;
}

bool territory_is_eea(struct span code)
{
    for (size_t i = 0; i < EEA_COUNT; i++) {
        if (span_is(code, eea_countries[i])) {
            return true;
        }
    }
    return false;
}

bool territory_is_eu(struct span code)
{
    return territory_is_eea(code) && !span_is(code, "IS") && !span_is(code, "LI") &&
           !span_is(code, "NO");
}
