/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur audit: the table of its subcommands, and the short ones: verify, export, search, show. */
#include "lib/base/clock.h"
#include "lib/base/codec.h"
#include "lib/json/field.h"
#include "service/audit/export.h"
#include "service/audit/reader.h"
#include "service/audit/verify.h"
#include "service/cli/audit.h"
#include "service/runtime/file.h"
#include "service/runtime/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    OPTION_LOG = 100, OPTION_VKEY, OPTION_OLDER, OPTION_FORMAT, OPTION_FROM, OPTION_TO, OPTION_TYPE,
    OPTION_CASE, OPTION_REPORT, OPTION_DECISION, OPTION_PARTNER, OPTION_RULE, OPTION_LIST, OPTION_SIGNAL,
    OPTION_SAMPLE, OPTION_BODY, OPTION_SALT, OPTION_ENTRY, NOTE_MAX = 1 << 20
};

static bool read_time(const char *value, int64_t *ret)
{
    return clock_read(span_of(value), ret) || clock_read_date(span_of(value), ret);
}

static bool take(void *arg, int option, const char *value)
{
    struct audit_asked *asked = arg;
    struct entry_filter *filter = &asked->filter;
    struct span *const texts[] = {&filter->case_id, &filter->report, &filter->decision, &filter->partner,
                                  &filter->rule,    &filter->list,   &filter->signal};
    int type;

    if (option >= OPTION_CASE && option <= OPTION_SIGNAL) {
        *texts[option - OPTION_CASE] = span_of(value);
        return value[0] != '\0';
    }
    int format;

    switch (option) {
    case OPTION_LOG:
        asked->log = value;
        return true;
    case OPTION_VKEY:
        asked->vkey = value;
        return true;
    case OPTION_OLDER:
        if (asked->older_count == AUDIT_OLDER_MAX) {
            return false;
        }
        asked->older[asked->older_count++] = value;
        return true;
    case OPTION_FORMAT:
        format = audit_export_format_of(span_of(value));
        asked->format = format < 0 ? AUDIT_EXPORT_JSONL : (enum audit_export_format)format;
        return format >= 0;
    case OPTION_FROM:
        return read_time(value, &asked->from_ms);
    case OPTION_TO:
        return read_time(value, &asked->to_ms);
    case OPTION_TYPE:
        type = word_index(entry_type_words, ENTRY_TYPE_COUNT, span_of(value));
        asked->types |= type >= 0 ? 1u << type : 0;
        return type >= 0;
    case OPTION_SAMPLE:
        return span_to_u64(span_of(value), &asked->sample) && asked->sample > 0;
    case OPTION_ENTRY:
        asked->has_entry = true;
        return span_to_u64(span_of(value), &asked->entry);
    case OPTION_BODY:
        asked->body = value;
        return true;
    case OPTION_SALT:
        asked->salt = value;
        return true;
    default:
        return false;
    }
}

/* The folder named, or that of the settings' state folder. */
static bool log_folder(struct audit_asked *asked, int *ret_exit)
{
    CLEANUP(settings_unrefp) struct settings *settings = NULL;

    if (asked->log) {
        (void)snprintf(asked->folder, sizeof(asked->folder), "%s", asked->log);
        return true;
    }
    settings = cli_settings(&asked->options, ret_exit);
    if (settings) {
        (void)snprintf(asked->folder, sizeof(asked->folder), "%s/audit/log", settings->state_dir);
    }
    return settings != NULL;
}

/* ---- verify ---- */

static void progress(void *arg, uint64_t done, uint64_t total)
{
    (void)arg;
    if (isatty(2)) {
        (void)fprintf(stderr, "\r%llu of %llu entries", (unsigned long long)done, (unsigned long long)total);
        if (done == total) {
            (void)fputc('\n', stderr);
        }
    }
}

static json_t *result_json(const struct audit_verify_result *result, bool good, const struct fault *why)
{
    char root[HEX_LEN(sizeof(struct hash)) + 1], time[CLOCK_TEXT_LEN + 1];
    json_t *counts = json_object(), *all;

    hex_encode(&result->head.root, sizeof(struct hash), root);
    for (size_t i = 0; i < ENTRY_TYPE_COUNT; i++) {
        (void)json_object_set_new(counts, entry_type_words[i], json_integer((json_int_t)result->counts[i]));
    }
    all = json_pack("{s:b, s:I, s:I, s:s, s:o}", "good", good, "size", (json_int_t)result->head.size, "verified",
                    (json_int_t)result->entries, "root", root, "counts", counts);
    if (result->last_ms) {
        clock_text(result->last_ms, time);
        (void)json_object_set_new(all, "last_entry_at", json_string(time));
    }
    if (!good) {
        (void)json_object_set_new(all, "code", json_string(why->code));
        (void)json_object_set_new(all, "detail", json_string(why->text));
        (void)json_object_set_new(all, "place", json_string(why->place));
        if (result->has_bad) {
            (void)json_object_set_new(all, "bad_index", json_integer((json_int_t)result->bad_index));
            (void)json_object_set_new(all, "bad_id", json_string(result->bad_id));
        }
    }
    return all;
}

static int verify(const struct audit_asked *asked)
{
    struct audit_verify_options options = {.folder = asked->folder, .progress = progress,
                                           .vkey = asked->vkey ? span_of(asked->vkey) : (struct span){NULL, 0}};
    struct buf *notes[AUDIT_OLDER_MAX] = {0};
    struct span older[AUDIT_OLDER_MAX];
    static struct audit_verify_result result;
    struct fault why;
    int r = 0;

    for (size_t i = 0; i < asked->older_count && r == 0; i++) {
        notes[i] = buf_new(NOTE_MAX);
        r = notes[i] ? file_read(asked->older[i], notes[i], &why) : -1;
        older[i] = notes[i] ? buf_span(notes[i]) : (struct span){NULL, 0};
    }
    options.older = older;
    options.older_count = asked->older_count;
    r = r ? r : audit_verify(&options, &result, &why);
    for (size_t i = 0; i < AUDIT_OLDER_MAX; i++) {
        (void)buf_free(notes[i]);
    }
    if (r < 0) {
        cli_say("out of memory");
        return CLI_FAILED;
    }
    if (asked->options.json) {
        cli_print_json(result_json(&result, r == 0, &why));
    } else if (r == 0) {
        (void)printf("good: %llu entries, every bundle, tile, root, signature and reference\n",
                     (unsigned long long)result.entries);
    } else {
        cli_say_fault(&why);
        if (result.has_bad) {
            (void)printf("first bad entry: index %llu %s\n", (unsigned long long)result.bad_index, result.bad_id);
        }
    }
    return r == 0 ? CLI_DONE : CLI_FAILED;
}

/* ---- export, search ---- */

static int export_all(const struct audit_asked *asked)
{
    CLEANUP(audit_export_freep) struct audit_export *export = NULL;
    CLEANUP(buf_freep) struct buf *out = buf_new(64 << 20);
    struct fault why;
    int r = out ? audit_export_open(&export, &(struct audit_export_options){.folder = asked->folder, .format = asked->format, .now_ms = loop_now_ms(), .filter = asked->filter,
                                                                            .from_ms = asked->from_ms, .to_ms = asked->to_ms,
                                                                            .types = asked->types}, &why)
                : -1;

    if (r == 0) {
        do {
            buf_clear(out);
            r = audit_export_next(export, out, &why);
            if ((r == 0 || r == AUDIT_EXPORT_MORE) && out->len && fwrite(out->data, 1, out->len, stdout) != out->len) {
                cli_say("standard output cannot be written");
                return CLI_FAILED;
            }
        } while (r == AUDIT_EXPORT_MORE);
    }
    if (r == FAULT) {
        cli_say_fault(&why);
    } else if (r) {
        cli_say("out of memory");
    }
    return r == 0 && fflush(stdout) == 0 ? CLI_DONE : CLI_FAILED;
}

/* ---- show ---- */

static int show(const struct audit_asked *asked)
{
    CLEANUP(audit_reader_freep) struct audit_reader *reader = NULL;
    unsigned long long index;
    struct fault why;
    struct span bytes;
    int r;

    if (!span_to_u64(span_of(asked->name), &index)) {
        return cli_usage(&cli_command_audit);
    }
    r = audit_reader_open(&reader, asked->folder, &why);
    r = r ? r : audit_reader_entry(reader, index, &bytes, &why);
    if (r) {
        if (r == FAULT) {
            cli_say_fault(&why);
        }
        return CLI_FAILED;
    }
    (void)printf("%.*s\n", (int)bytes.len, bytes.ptr);
    return CLI_DONE;
}

static const struct {
    const char *name;
    int (*run)(const struct audit_asked *asked);
} actions[] = {
    {"verify", verify}, {"export", export_all},   {"search", export_all},
    {"show", show},     {"replay", audit_replay}, {"reveal", audit_reveal},
};

static int run(int argc, char **argv)
{
    static const struct option own[] = {
        {"log", required_argument, NULL, OPTION_LOG},           {"vkey", required_argument, NULL, OPTION_VKEY},
        {"older", required_argument, NULL, OPTION_OLDER},       {"format", required_argument, NULL, OPTION_FORMAT},
        {"from", required_argument, NULL, OPTION_FROM},         {"to", required_argument, NULL, OPTION_TO},
        {"type", required_argument, NULL, OPTION_TYPE},         {"case", required_argument, NULL, OPTION_CASE},
        {"report", required_argument, NULL, OPTION_REPORT},     {"decision", required_argument, NULL, OPTION_DECISION},
        {"partner", required_argument, NULL, OPTION_PARTNER},   {"rule", required_argument, NULL, OPTION_RULE},
        {"list", required_argument, NULL, OPTION_LIST},         {"signal", required_argument, NULL, OPTION_SIGNAL},
        {"sample", required_argument, NULL, OPTION_SAMPLE},     {"body", required_argument, NULL, OPTION_BODY},
        {"salt", required_argument, NULL, OPTION_SALT},         {"entry", required_argument, NULL, OPTION_ENTRY},
        {0}};
    struct audit_asked asked = {0};
    const char *action;
    int exit_code;

    if (!cli_options(argc, argv, &cli_command_audit, own, take, &asked, &asked.options, &exit_code)) {
        return exit_code;
    }
    action = optind < argc ? argv[optind] : "";
    asked.name = optind + 1 < argc ? argv[optind + 1] : "";
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (strcmp(action, actions[i].name) == 0) {
            return log_folder(&asked, &exit_code) ? actions[i].run(&asked) : exit_code;
        }
    }
    return cli_usage(&cli_command_audit);
}

const struct cli_command cli_command_audit = {
    "audit", "verify, search, export and replay the audit log",
    "usage: rapporteur audit verify [--log FOLDER] [--vkey KEY] [--older CHECKPOINT]...\n"
    "       rapporteur audit export [--log FOLDER] [--format FORMAT] [--from TIME] [--to TIME] [--type TYPE]...\n"
    "       rapporteur audit search [--case ID] [--report ID] [--decision ID] [--partner NAME] [--rule ID]\n"
    "                               [--list ID] [--signal ID] [--type TYPE]... [--from TIME] [--to TIME]\n"
    "       rapporteur audit show INDEX [--log FOLDER]\n"
    "       rapporteur audit replay CASE | --sample N\n"
    "       rapporteur audit reveal REPORT | --body FILE --salt HEX --entry INDEX [--log FOLDER]\n"
    "FOLDER is the served log (checkpoint, vkey, tile/...) or a copy of it; default: the settings' state\n"
    "folder. verify trusts nothing in it but the key, which --vkey brings from elsewhere: signature, every\n"
    "entry, bundle, tile and root, the order of times, references, and that each older checkpoint is a\n"
    "beginning of this log. It needs no running service.\n"
    "search gives the entries for which all that is asked for holds, exactly; one JSON object a line.\n"
    "replay computes verdicts again, from the snapshot that each names, the stored report and the time of\n"
    "the entry, and says what differs. It needs the store: run it where the service runs.\n"
    "reveal proves that a content is what its entry commits to, and that the entry is in the log.\n"
    "options: --config FILE, --json, --help\n"
    "exit: 0 all good, 1 something is wrong (the first bad entry is named), 2 usage, 78 bad settings\n",
    run};
