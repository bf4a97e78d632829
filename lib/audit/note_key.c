/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/note.h"

#include "lib/base/codec.h"
#include "lib/text/utf8.h"

bool note_name_valid(struct span name)
{
    if (name.len == 0 || name.len > NOTE_NAME_MAX || !utf8_valid(name)) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = (uint8_t)name.ptr[i];

        if (c <= ' ' || c == '+' || c == 0x7f) {
            return false;
        }
    }
    /* White space beyond ASCII: U+0085, U+00A0, U+1680, U+2000-200A, 2028, 2029, 202F, 205F, 3000.
     */
    for (const char *p = name.ptr; p < name.ptr + name.len;) {
        uint32_t c = utf8_next(&p);

        if (c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
            c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000) {
            return false;
        }
    }
    return true;
}

static uint32_t key_id(struct span name, uint8_t type, const uint8_t public_key[ED25519_PUBLIC_LEN])
{
    uint8_t digest[SHA256_LEN];
    struct sha256 h;

    sha256_start(&h);
    sha256_add(&h, name.ptr, name.len);
    sha256_add(&h, "\n", 1);
    sha256_add(&h, &type, 1);
    sha256_add(&h, public_key, ED25519_PUBLIC_LEN);
    sha256_end(&h, digest);
    return (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 |
           digest[3];
}

int note_key_make(struct note_key *ret, struct span name, uint8_t type,
                  const uint8_t public_key[ED25519_PUBLIC_LEN], struct fault *why)
{
    if (!note_name_valid(name)) {
        return fault_set(
            why, "KEY_NAME", "",
            "a key name has 1 to %d bytes without spaces, plus signs and control characters",
            NOTE_NAME_MAX);
    }
    if (type != NOTE_ED25519 && type != NOTE_COSIGNATURE) {
        return fault_set(why, "KEY_TYPE", "",
                         "key type %u is not Ed25519 (1) or Ed25519 cosignature (4)", type);
    }
    *ret = (struct note_key){.type = type, .id = key_id(name, type, public_key)};
    memcpy(ret->name, name.ptr, name.len);
    memcpy(ret->public_key, public_key, ED25519_PUBLIC_LEN);
    return 0;
}

/* name+hex+base64(type || 32 bytes): the form of both kinds of key. */
static int split_key(struct span text, struct span *ret_name, uint32_t *ret_id,
                     uint8_t material[33], struct fault *why)
{
    struct span rest = text, name = span_cut(&rest, '+'), hex;
    uint8_t id[4];
    size_t len = 0;

    hex = rest.ptr ? span_cut(&rest, '+') : (struct span){NULL, 0};
    if (!rest.ptr || hex.len != 8 || !hex_decode(hex, id, sizeof(id)) ||
        !base64_decode(rest, material, 33, &len) || len == 0) {
        return fault_set(why, "KEY_FORM", "", "a key is written name+8 hex digits+base64");
    }
    if (material[0] != NOTE_ED25519 && material[0] != NOTE_COSIGNATURE) {
        return fault_set(why, "KEY_TYPE", "",
                         "key type %u is not Ed25519 (1) or Ed25519 cosignature (4)", material[0]);
    }
    if (len != 33) {
        return fault_set(why, "KEY_FORM", "", "an Ed25519 key has 32 bytes, this has %zu", len - 1);
    }
    *ret_name = name;
    *ret_id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
    return 0;
}

static int demand_id(const struct note_key *key, uint32_t id, struct fault *why)
{
    if (key->id != id) {
        return fault_set(why, "KEY_ID", "", "the key id is %08x, the key says %08x", key->id, id);
    }
    return 0;
}

int note_key_read(struct note_key *ret, struct span vkey, struct fault *why)
{
    uint8_t material[33];
    struct note_key key;
    struct span name;
    uint32_t id;
    int r = split_key(vkey, &name, &id, material, why);

    if (r == 0) {
        r = note_key_make(&key, name, material[0], material + 1, why);
    }
    if (r == 0) {
        r = demand_id(&key, id, why);
    }
    if (r == 0) {
        *ret = key;
    }
    return r;
}

static int write_key(struct buf *out, const char *before, const struct note_key *key,
                     const uint8_t secret[32])
{
    uint8_t material[33];
    char text[BASE64_LEN(sizeof(material)) + 1], hex[9];
    uint8_t id[4] = {(uint8_t)(key->id >> 24), (uint8_t)(key->id >> 16), (uint8_t)(key->id >> 8),
                     (uint8_t)key->id};

    material[0] = key->type;
    memcpy(material + 1, secret, 32);
    base64_encode(material, sizeof(material), text);
    hex_encode(id, sizeof(id), hex);
    (void)buf_add_text(out, before);
    (void)buf_add_text(out, key->name);
    (void)buf_add_char(out, '+');
    (void)buf_add_text(out, hex);
    (void)buf_add_char(out, '+');
    (void)buf_add_text(out, text);
    bytes_wipe(material, sizeof(material));
    bytes_wipe(text, sizeof(text));
    return buf_status(out);
}

int note_key_write(struct buf *out, const struct note_key *key)
{
    return write_key(out, "", key, key->public_key);
}

int note_signer_make(struct note_signer *ret, struct span name, uint8_t type,
                     const uint8_t seed[ED25519_SEED_LEN], struct fault *why)
{
    uint8_t public_key[ED25519_PUBLIC_LEN];
    int r;

    ed25519_public(seed, public_key);
    r = note_key_make(&ret->key, name, type, public_key, why);
    if (r == 0) {
        memcpy(ret->seed, seed, ED25519_SEED_LEN);
    }
    return r;
}

int note_signer_read(struct note_signer *ret, struct span text, struct fault *why)
{
    uint8_t material[33];
    struct note_signer signer;
    struct span name;
    uint32_t id;
    int r;

    if (!span_starts(text, "PRIVATE+KEY+")) {
        return fault_set(why, "KEY_FORM", "", "a secret key begins with PRIVATE+KEY+");
    }
    r = split_key(span_sub(text, strlen("PRIVATE+KEY+"), text.len), &name, &id, material, why);
    if (r == 0) {
        r = note_signer_make(&signer, name, material[0], material + 1, why);
    }
    if (r == 0) {
        r = demand_id(&signer.key, id, why);
    }
    if (r == 0) {
        *ret = signer;
    }
    bytes_wipe(material, sizeof(material));
    bytes_wipe(&signer, sizeof(signer));
    return r;
}

int note_signer_write(struct buf *out, const struct note_signer *signer)
{
    return write_key(out, "PRIVATE+KEY+", &signer->key, signer->seed);
}

void note_signer_wipe(struct note_signer *signer)
{
    bytes_wipe(signer, sizeof(*signer));
}
