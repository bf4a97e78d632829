/* SPDX-License-Identifier: Apache-2.0 */
/* Our own JSON: a list, a change, or either in a signed bundle. */
#include "lib/base/codec.h"
#include "lib/base/digest.h"
#include "lib/json/canon.h"
#include "lib/json/field.h"
#include "lib/json/read.h"
#include "lib/signal/source.h"

#include <errno.h>
#include <stdio.h>

enum { SIGNATURES_MAX = 16 };

static bool holds(struct span text, const char *word)
{
    return memmem(text.ptr, text.len, word, strlen(word)) != NULL;
}

static int json_sniff(struct span front)
{
    if (front.len == 0 || front.ptr[0] != '{') {
        return 0;
    }
    return holds(front, "\"head\"") || holds(front, "\"payload\"") || holds(front, "\"entries\"")
               ? 80
               : 0;
}

static const struct signal_key *key_named(const struct signal_options *options, struct span id)
{
    for (size_t i = 0; i < options->key_count; i++) {
        if (span_equal(options->keys[i].id, id)) {
            return &options->keys[i];
        }
    }
    return NULL;
}

static bool signature_holds(const struct signal_key *key, struct span message, struct span text)
{
    uint8_t signature[ED25519_SIGNATURE_LEN];
    size_t len = 0;

    return base64_decode(text, signature, sizeof(signature), &len) && len == sizeof(signature) &&
           ed25519_verify(key->public_key, message, signature);
}

/* One element of "signatures": a known key must have signed truly; unknown keys are passed over. */
static int check_signature(struct signal_source *source, struct fields *f, struct span message)
{
    static const char *const names[] = {"algorithm", "key_id", "signature"};
    static const char *const algorithms[] = {"ed25519"};
    struct span key_id = {0}, signature = {0};
    const struct signal_key *key;
    int algorithm = 0;

    fields_known(f, names, COUNT_OF(names));
    if (!field_word(f, "algorithm", REQUIRED, algorithms, 1, &algorithm) ||
        !field_string(f, "key_id", REQUIRED, 1, SIGNAL_KEY_ID_MAX, &key_id) ||
        !field_string(f, "signature", REQUIRED, 1, 128, &signature)) {
        return FAULT;
    }
    key = key_named(source->options, key_id);
    if (!key) {
        return 0;
    }
    if (!signature_holds(key, message, signature)) {
        return source_refuse(source, "SIGNATURE_WRONG", f->at,
                             "the signature does not fit list and key");
    }
    source->report->signed_by_known_key = true;
    (void)snprintf(source->report->key_id, sizeof(source->report->key_id), "%.*s", (int)key_id.len,
                   key_id.ptr);
    return 0;
}

static int check_signatures(struct signal_source *source, struct fields *root, json_t *array,
                            struct span message)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        struct fields f;
        int r = field_element(root, "signatures", array, i, &f)
                    ? check_signature(source, &f, message)
                    : FAULT;

        if (r) {
            return r;
        }
    }
    if (!source->report->signed_by_known_key && source->options->require_signature) {
        return source_refuse(source, "SIGNATURE_KEY", "/signatures",
                             "no trusted key has signed this");
    }
    return source->report->faults.count ? FAULT : 0;
}

static int bundle_read(struct signal_source *source, json_t *root)
{
    static const char *const names[] = {"payload", "signatures"};
    CLEANUP(buf_freep) struct buf *message = buf_new(source->options->max_bytes * 2 + 4096);
    json_t *signatures = NULL, *payload = json_object_get(root, "payload");
    struct fields f;
    size_t before;
    int r;

    if (!message) {
        return -ENOMEM;
    }
    if (!fields_open(&f, root, "", &source->report->faults) ||
        !field_array(&f, "signatures", REQUIRED, SIGNATURES_MAX, &signatures)) {
        return FAULT;
    }
    fields_known(&f, names, COUNT_OF(names));
    (void)buf_add_text(message, SIGNAL_SIGN_CONTEXT);
    r = json_canon(message, payload);
    if (r == FAULT) {
        return source_refuse(source, "FORMAT_SHAPE", "/payload", "a number has no canonical form");
    }
    if (r) {
        return r < 0 ? r
                     : source_refuse(source, "SOURCE_TOO_LARGE", "/payload",
                                     "too large to be signed");
    }
    r = check_signatures(source, &f, signatures, buf_span(message));
    if (r) {
        return r;
    }
    before = source->report->faults.count;
    r = own_read(source, payload);
    faults_prefix(&source->report->faults, before, "/payload");
    return r;
}

static int json_format_read(struct signal_source *source)
{
    CLEANUP(json_freep) json_t *root = NULL;
    int r = source_json(source, &root);

    if (r) {
        return r;
    }
    return json_object_get(root, "payload") ? bundle_read(source, root) : own_read(source, root);
}

const struct signal_format format_json = {"json", json_sniff, json_format_read};

int signal_bundle(struct span payload, struct span key_id, const uint8_t seed[32], struct buf *out)
{
    CLEANUP(buf_freep) struct buf *message = buf_new(payload.len + sizeof(SIGNAL_SIGN_CONTEXT));
    uint8_t signature[ED25519_SIGNATURE_LEN];
    char text[BASE64_LEN(ED25519_SIGNATURE_LEN) + 1];

    if (!message || buf_add_text(message, SIGNAL_SIGN_CONTEXT) || buf_add_span(message, payload)) {
        return -ENOMEM;
    }
    ed25519_sign(seed, buf_span(message), signature);
    base64_encode(signature, sizeof(signature), text);
    (void)buf_add_text(out, "{\"payload\":");
    (void)buf_add_span(out, payload);
    (void)buf_add_text(out, ",\"signatures\":[{\"algorithm\":\"ed25519\",\"key_id\":");
    (void)json_canon_string(out, key_id);
    (void)buf_add_text(out, ",\"signature\":\"");
    (void)buf_add_text(out, text);
    return buf_add_text(out, "\"}]}");
}
