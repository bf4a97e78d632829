/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/key_file.h"

#include "service/audit/durable.h"

#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

enum { KEY_TEXT_MAX = 1024 };

static int make_key(struct note_signer *ret, int root, const char *name, uint8_t type, struct fault *why)
{
    uint8_t seed[ED25519_SEED_LEN];
    struct buf text;
    int r;

    if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        return -EIO;
    }
    r = note_signer_make(ret, span_of(name), type, seed, why);
    bytes_wipe(seed, sizeof(seed));
    if (r) {
        return r;
    }
    buf_init(&text, KEY_TEXT_MAX);
    (void)note_signer_write(&text, ret);
    r = buf_add_char(&text, '\n');
    if (r == 0) {
        r = durable_write(root, "private/key", buf_span(&text), 0600, why);
    }
    bytes_wipe(text.data, text.len);
    buf_done(&text);
    return r;
}

static int read_key(struct note_signer *ret, struct span line, const char *name, uint8_t type, struct fault *why)
{
    struct fault unused;
    int r;

    if (line.len && line.ptr[line.len - 1] == '\n') {
        line.len--;
    }
    r = note_signer_read(ret, line, &unused);
    if (r == FAULT || (r == 0 && ret->key.type != type)) {
        return fault_set(why, "KEY_FILE", "private/key", "the key file is not a secret key of a %s",
                         type == NOTE_COSIGNATURE ? "witness" : "log");
    }
    if (r == 0 && strcmp(ret->key.name, name) != 0) {
        return fault_set(why, "KEY_FILE", "private/key",
                         "the key is called %s, the settings say %s: a key keeps its name for ever", ret->key.name,
                         name);
    }
    return r;
}

int key_file_load(struct note_signer *ret, int root, const char *name, uint8_t type, struct fault *why)
{
    struct buf text;
    int r;

    buf_init(&text, KEY_TEXT_MAX);
    r = durable_read(root, "private/key", &text, why);
    r = r == -ENOENT ? make_key(ret, root, name, type, why) : r ? r : read_key(ret, buf_span(&text), name, type, why);
    if (text.data) {
        bytes_wipe(text.data, text.len);
    }
    buf_done(&text);
    return r;
}

int key_file_show(int root, const char *path, const struct note_key *key, struct fault *why)
{
    struct buf text;
    int r;

    if (faccessat(root, path, R_OK, 0) == 0) {
        return 0;
    }
    buf_init(&text, KEY_TEXT_MAX);
    (void)note_key_write(&text, key);
    r = buf_add_char(&text, '\n');
    r = r ? -ENOMEM : durable_write(root, path, buf_span(&text), 0644, why);
    buf_done(&text);
    return r;
}
