/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur audit bundle: entries with proofs, and what it takes to check them with other tools. */
#include "lib/audit/merkle.h"
#include "lib/base/codec.h"
#include "service/audit/export.h"
#include "service/audit/reader.h"
#include "service/cli/audit.h"
#include "service/runtime/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files of bundle/ and config/schema, as they are in the source. */
extern const char bundle_readme[], bundle_schema[];
extern const size_t bundle_readme_len, bundle_schema_len;

struct bundle {
    const struct audit_asked *asked;
    struct audit_reader *reader;
    int folder;
    FILE *entries, *proofs;
    uint64_t count;
};

static void bundle_done(struct bundle *b)
{
    if (b->entries) {
        (void)fclose(b->entries);
    }
    if (b->proofs) {
        (void)fclose(b->proofs);
    }
    if (b->folder >= 0) {
        (void)close(b->folder);
    }
    (void)audit_reader_free(b->reader);
}

/* A file of the bundle that was not there before. */
static FILE *create(const struct bundle *b, const char *name)
{
    int fd = openat(b->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (!out) {
        cli_say("%s/%s: %s", b->asked->out, name, strerror(errno));
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    return out;
}

/* Everything that was written is on the disk. */
static bool finish(const struct bundle *b, FILE **file, const char *name)
{
    FILE *out = TAKE(*file);
    bool good = fflush(out) == 0 && fsync(fileno(out)) == 0;

    good = fclose(out) == 0 && good;
    if (!good) {
        cli_say("%s/%s: %s", b->asked->out, name, strerror(errno));
    }
    return good;
}

static bool put_file(const struct bundle *b, const char *name, struct span bytes)
{
    FILE *out = create(b, name);

    if (!out) {
        return false;
    }
    (void)fwrite(bytes.ptr, 1, bytes.len, out);
    return finish(b, &out, name);
}

static bool is_empty(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *one;
    bool empty = folder != NULL;

    while (folder && (one = readdir(folder)) != NULL) {
        empty = empty && (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0);
    }
    if (folder) {
        (void)closedir(folder);
    }
    return empty;
}

static bool open_folder(struct bundle *b)
{
    if (mkdir(b->asked->out, 0755) != 0 && errno != EEXIST) {
        cli_say("%s: %s", b->asked->out, strerror(errno));
        return false;
    }
    if (!is_empty(b->asked->out)) {
        cli_say("%s: not an empty folder: name a new one", b->asked->out);
        return false;
    }
    b->folder = open(b->asked->out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (b->folder < 0) {
        cli_say("%s: %s", b->asked->out, strerror(errno));
        return false;
    }
    return true;
}

/* Lines of both files; the proof is checked against the signed root before it goes out. */
static int put_entry(struct bundle *b, uint64_t index, struct span entry, struct fault *why)
{
    struct hash proof[MERKLE_MAX_PROOF], leaf;
    size_t count;
    int r;

    leaf = merkle_leaf(entry);
    (void)fputs("{\"entry\":", b->entries);
    (void)fwrite(entry.ptr, 1, entry.len, b->entries);
    (void)fprintf(b->entries, ",\"index\":%llu}\n", (unsigned long long)index);
    r = audit_reader_inclusion(b->reader, index, proof, &count, why);
    if (r) {
        return r;
    }
    if (!merkle_check_inclusion(index, audit_reader_size(b->reader), &leaf,
                                &audit_reader_head(b->reader)->root, proof, count)) {
        return fault_set(why, "RECEIPT_PROOF", "",
                         "entry %llu is not in the tree that was signed: `rapporteur audit verify` "
                         "says where it breaks",
                         (unsigned long long)index);
    }
    (void)fprintf(b->proofs, "{\"index\":%llu,\"proof\":[", (unsigned long long)index);
    for (size_t i = 0; i < count; i++) {
        char hex[sizeof(proof[i].bytes) * 2 + 1];

        hex_encode(proof[i].bytes, sizeof(proof[i].bytes), hex);
        (void)fprintf(b->proofs, "%s\"%s\"", i ? "," : "", hex);
    }
    (void)fputs("]}\n", b->proofs);
    b->count++;
    return 0;
}

static int put_entries(struct bundle *b, struct fault *why)
{
    const struct audit_asked *asked = b->asked;
    struct audit_export_options options = {.from_ms = asked->from_ms,
                                           .to_ms = asked->to_ms,
                                           .types = asked->types,
                                           .filter = asked->filter};

    for (uint64_t i = 0; i < audit_reader_size(b->reader); i++) {
        struct entry_view view;
        struct span bytes;
        int r = audit_reader_entry(b->reader, i, &bytes, why);

        r = r ? r : entry_read(&view, bytes, why);
        if (r == 0 && audit_export_takes(&options, &view)) {
            r = put_entry(b, i, bytes, why);
        }
        if (r) {
            return r;
        }
    }
    return 0;
}

static bool write_bundle(struct bundle *b, struct fault *why)
{
    CLEANUP(buf_freep) struct buf *vkey = buf_new(NOTE_VKEY_MAX + 2);
    char path[sizeof(b->asked->folder) + sizeof("/vkey")];
    int r = vkey ? 0 : -ENOMEM;

    (void)snprintf(path, sizeof(path), "%s/vkey", b->asked->folder);
    if (r == 0) {
        r = b->asked->vkey ? buf_add_format(vkey, "%s\n", b->asked->vkey)
                           : file_read(path, vkey, why);
    }

    b->entries = r == 0 ? create(b, "entries.jsonl") : NULL;
    b->proofs = b->entries ? create(b, "proofs.jsonl") : NULL;
    if (r == 0 && !b->proofs) {
        return false;
    }
    r = r ? r : put_entries(b, why);
    if (r) {
        r == FAULT ? cli_say_fault(why) : cli_say("the log cannot be read: %s", strerror(-r));
        return false;
    }
    return finish(b, &b->entries, "entries.jsonl") && finish(b, &b->proofs, "proofs.jsonl") &&
           put_file(b, "checkpoint", audit_reader_checkpoint(b->reader)) &&
           put_file(b, "vkey", buf_span(vkey)) &&
           put_file(b, "entry-1.json", (struct span){bundle_schema, bundle_schema_len}) &&
           put_file(b, "README.md", (struct span){bundle_readme, bundle_readme_len}) &&
           fsync(b->folder) == 0;
}

int audit_bundle(const struct audit_asked *asked)
{
    struct bundle b = {.asked = asked, .folder = -1};
    struct fault why;
    bool good;
    int r;

    if (!asked->out) {
        return cli_usage(&cli_command_audit);
    }
    r = audit_reader_open_as(&b.reader, asked->folder, span_of(asked->vkey ? asked->vkey : ""),
                             &why);
    if (r) {
        r == FAULT ? cli_say_fault(&why) : cli_say("the log cannot be read: %s", strerror(-r));
        return CLI_FAILED;
    }
    good = open_folder(&b) && write_bundle(&b, &why);
    if (good) {
        (void)printf("%llu of %llu entries, with proofs, in %s: see its README.md\n",
                     (unsigned long long)b.count, (unsigned long long)audit_reader_size(b.reader),
                     asked->out);
    }
    bundle_done(&b);
    return good && fflush(stdout) == 0 ? CLI_DONE : CLI_FAILED;
}
