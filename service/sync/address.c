/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sync/transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* The IANA special-purpose registries (RFC 6890 and its updates), as network and mask. */
static bool private_v4(uint32_t a)
{
    static const struct {
        uint32_t net, mask;
    } nets[] = {
        {0x00000000, 0xFF000000}, {0x0A000000, 0xFF000000}, {0x64400000, 0xFFC00000},
        {0x7F000000, 0xFF000000}, {0xA9FE0000, 0xFFFF0000}, {0xAC100000, 0xFFF00000},
        {0xC0000000, 0xFFFFFF00}, {0xC0000200, 0xFFFFFF00}, {0xC0586300, 0xFFFFFF00},
        {0xC0A80000, 0xFFFF0000}, {0xC6120000, 0xFFFE0000}, {0xC6336400, 0xFFFFFF00},
        {0xCB007100, 0xFFFFFF00}, {0xE0000000, 0xF0000000}, {0xF0000000, 0xF0000000},
    };

    for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
        if ((a & nets[i].mask) == nets[i].net) {
            return true;
        }
    }
    return false;
}

static uint32_t v4_at(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool private_v6(const uint8_t b[16])
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF}, nat64[12] = {0x00, 0x64, 0xFF, 0x9B};

    if (memcmp(b, mapped, 12) == 0 || memcmp(b, nat64, 12) == 0) {
        return private_v4(v4_at(b + 12));
    }
    if ((b[0] & 0xE0) != 0x20) {
        return true;                /* only 2000::/3 is global unicast: not ::, ::1, ULA, link-local, multicast */
    }
    if (b[0] == 0x20 && b[1] == 0x02) {
        return private_v4(v4_at(b + 2));                /* 6to4 */
    }
    if (b[0] == 0x20 && b[1] == 0x01 && b[2] < 0x02) {
        return true;                                    /* 2001::/23: Teredo, ORCHID, benchmarking */
    }
    /* Documentation: 2001:db8::/32 and 3fff::/20. */
    return (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8) ||
           (b[0] == 0x3F && b[1] == 0xFF && b[2] < 0x10);
}

bool fetch_address_private(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        return private_v4(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        return private_v6(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
    }
    return true;
}
