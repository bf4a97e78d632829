/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur audit: the table of its subcommands, and the short ones: export, search, show. */
#include "lib/base/clock.h"
#include "lib/json/field.h"
#include "service/audit/export.h"
#include "service/audit/trail.h"
#include "service/cli/audit.h"
#include "service/runtime/loop.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    OPTION_LOG = 100, OPTION_VKEY, OPTION_OLDER, OPTION_FORMAT, OPTION_FROM, OPTION_TO, OPTION_TYPE,
    OPTION_CASE, OPTION_REPORT, OPTION_DECISION, OPTION_PARTNER, OPTION_RULE, OPTION_LIST, OPTION_SIGNAL,
    OPTION_SAMPLE, OPTION_BODY, OPTION_SALT, OPTION_ENTRY, OPTION_POLICY, OPTION_STATE, OPTION_LISTEN, OPTION_NAME,
    OPTION_OUT
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
    case OPTION_POLICY:
        asked->policy = value;
        return true;
    case OPTION_STATE:
        asked->state = value;
        return true;
    case OPTION_LISTEN:
        asked->listen = value;
        return true;
    case OPTION_NAME:
        asked->key_name = value;
        return true;
    case OPTION_OUT:
        asked->out = value;
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
        (void)snprintf(asked->folder, sizeof(asked->folder), "%s/audit", settings->state_dir);
    }
    return settings != NULL;
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
    CLEANUP(audit_trail_freep) struct audit_trail *trail = NULL;
    unsigned long long index;
    struct fault why;
    struct span bytes;
    int r;

    if (!span_to_u64(span_of(asked->name), &index)) {
        return cli_usage(&cli_command_audit);
    }
    r = audit_trail_open(&trail, asked->folder, &why);
    if (r == 0 && index >= audit_trail_newest(trail)->head.size) {
        r = fault_set(&why, "LOG_RANGE", "", "the log has %llu entries",
                      (unsigned long long)audit_trail_newest(trail)->head.size);
    }
    r = r ? r : audit_trail_entry(trail, audit_trail_newest(trail)->first + index, &bytes, &why);
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
    {"verify", audit_verify_log}, {"export", export_all},   {"search", export_all},
    {"show", show},               {"replay", audit_replay}, {"reveal", audit_reveal},
    {"witness", audit_witness},   {"bundle", audit_bundle}, {"shard", audit_shard},
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
        {"policy", required_argument, NULL, OPTION_POLICY},     {"out", required_argument, NULL, OPTION_OUT},
        {"state", required_argument, NULL, OPTION_STATE},
        {"listen", required_argument, NULL, OPTION_LISTEN},     {"name", required_argument, NULL, OPTION_NAME},
        {0}};
    struct audit_asked asked = {0};
    const char *action;
    int exit_code;

    if (!cli_options(argc, argv, &cli_command_audit, own, take, &asked, &asked.options, &exit_code)) {
        return exit_code;
    }
    action = optind < argc ? argv[optind] : "";
    asked.name = optind + 1 < argc ? argv[optind + 1] : "";
    asked.what = optind + 2 < argc ? argv[optind + 2] : "";
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (strcmp(action, actions[i].name) == 0) {
            if (actions[i].run == audit_witness) {
                return audit_witness(&asked); /* it has logs of others, and needs no settings */
            }
            return log_folder(&asked, &exit_code) ? actions[i].run(&asked) : exit_code;
        }
    }
    return cli_usage(&cli_command_audit);
}

const struct cli_command cli_command_audit = {
    "audit", "verify, search, export and replay the audit log; witness others",
    "usage: rapporteur audit verify [--log FOLDER] [--vkey KEY] [--older CHECKPOINT]... [--policy FILE]\n"
    "       rapporteur audit export [--log FOLDER] [--format FORMAT] [--from TIME] [--to TIME] [--type TYPE]...\n"
    "       rapporteur audit search [--case ID] [--report ID] [--decision ID] [--partner NAME] [--rule ID]\n"
    "                               [--list ID] [--signal ID] [--type TYPE]... [--from TIME] [--to TIME]\n"
    "       rapporteur audit bundle --out FOLDER [--vkey KEY] [what export and search take]\n"
    "       rapporteur audit show INDEX [--log FOLDER]\n"
    "       rapporteur audit replay CASE | --sample N\n"
    "       rapporteur audit reveal REPORT | --body FILE --salt HEX --entry INDEX [--log FOLDER]\n"
    "       rapporteur audit witness --state FOLDER --name NAME --policy FILE [--listen ADDRESS]\n"
    "       rapporteur audit shard list | close | delete NAME\n"
    "FOLDER is a served log (checkpoint, vkey, tile/...), or the audit folder of a state folder with all logs, or\n"
    "a copy; default: the audit folder of the settings. Several logs are read one after the other, oldest first;\n"
    "INDEX is one of the newest. verify trusts nothing in it but the key, which --vkey brings from elsewhere: signature, every\n"
    "entry, bundle, tile and root, the order of times, references, and that each older checkpoint is a\n"
    "beginning of this log. With --policy also that the witnesses named there cosigned the checkpoint,\n"
    "as many as its quorum asks for. It needs no running service.\n"
    "search gives the entries for which all that is asked for holds, exactly; one JSON object a line.\n"
    "bundle writes entries, a proof of each, checkpoint, key, schema and a page that says how to check them with\n"
    "openssl and python3 alone into a folder; a folder that is not empty is refused.\n"
    "replay computes verdicts again, from the snapshot that each names, the stored report and the time of\n"
    "the entry, and says what differs. It needs the store: run it where the service runs.\n"
    "reveal proves that a content is what its entry commits to, and that the entry is in the log.\n"
    "witness cosigns the logs that FILE names (lines: log VKEY, and quorum none; C2SP tlog-policy) when they\n"
    "only ever grow, at ADDRESS (default 127.0.0.1:8090). It prints its public key. FOLDER must outlive it.\n"
    "shard list names the logs. close ends the newest and begins the one that audit.origin names by now, with a\n"
    "new key: stop the service first. delete removes the entries of a closed log past audit.keep_days, oldest first,\n"
    "and says so in the log: its checkpoint, key and first entry stay.\n"
    "options: --config FILE, --json, --help\n"
    "exit: 0 all good, 1 something is wrong (the first bad entry is named), 2 usage, 78 bad settings\n",
    run};
