/* SPDX-License-Identifier: Apache-2.0 */
/* rapporteur audit witness: cosigns the logs of others, so that none of them can show two histories. */
#include "lib/audit/witness_policy.h"
#include "service/audit/witness_server.h"
#include "service/audit/witness_store.h"
#include "service/cli/audit.h"
#include "service/runtime/file.h"
#include "service/runtime/log.h"
#include "service/runtime/loop.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { DRAIN_MS = 5000 };

struct witness {
    struct loop *loop;
    bool broken;
};

int audit_policy_read(const char *path, struct witness_policy **ret, struct fault *why)
{
    CLEANUP(buf_freep) struct buf *bytes = buf_new(WITNESS_POLICY_BYTES);
    struct witness_policy *policy = malloc(sizeof(*policy));
    int r = bytes && policy ? file_read(path, bytes, why) : -1;

    r = r ? r : witness_policy_read(policy, buf_span(bytes), why);
    if (r == FAULT && strncmp(why->code, "POLICY_", 7) == 0) {
        struct fault inner = *why;

        r = fault_set(why, inner.code, path, "%s%s%s", inner.place, inner.place[0] ? ": " : "", inner.text);
    }
    if (r) {
        free(policy);
        return r;
    }
    *ret = policy;
    return 0;
}

static void broken(void *arg, const struct fault *why)
{
    struct witness *witness = arg;

    log_error("the witness cannot keep what it saw; a person has to look before the next start", LOG_FAULT(why));
    witness->broken = true;
    loop_stop(witness->loop);
}

static void answered(void *arg, int status, const char *remote, const struct fault *why)
{
    (void)arg;
    if (status == WITNESS_INCONSISTENT) {
        log_error("a log contradicts what this witness saw before", LOG_STR("remote", remote), LOG_FAULT(why));
    } else if (why && status != WITNESS_CONFLICT) {
        log_warn("a checkpoint was not cosigned", LOG_INT("status", status), LOG_STR("remote", remote), LOG_FAULT(why));
    }
}

static void caught(void *arg, int signal_number)
{
    struct witness *witness = arg;

    log_info("stopping", LOG_INT("signal", signal_number));
    loop_drain(witness->loop, DRAIN_MS);
}

static int serve(struct witness *witness, struct witness_store *store, const char *address, struct fault *why)
{
    CLEANUP(witness_server_freep) struct witness_server *server = NULL;
    struct buf key;
    int r = witness_server_new(&server,
                               &(struct witness_server_options){.loop = witness->loop, .store = store, .broken = broken,
                                                                .answered = answered, .arg = witness}, why);

    r = r ? r : witness_server_listen(server, address, why);
    if (r == 0 && (loop_signal(witness->loop, SIGTERM, caught, witness) != 0 ||
                   loop_signal(witness->loop, SIGINT, caught, witness) != 0)) {
        r = fault_set(why, "START_FAILED", "", "signals cannot be caught");
    }
    if (r) {
        return r;
    }
    buf_init(&key, NOTE_VKEY_MAX);
    (void)note_key_write(&key, witness_store_key(store));
    (void)printf("%.*s\n", (int)key.len, key.data);
    (void)fflush(stdout);
    buf_done(&key);
    log_info("witnessing", LOG_STR("address", address), LOG_INT("port", witness_server_port(server)));
    return loop_run(witness->loop);
}

int audit_witness(const struct audit_asked *asked)
{
    CLEANUP(witness_store_freep) struct witness_store *store = NULL;
    struct witness_policy *policy = NULL;
    struct witness witness = {.broken = false};
    struct fault why = {.code = "NO_MEMORY", .text = "out of memory"};
    int r;

    if (!asked->state || !asked->policy || !asked->key_name) {
        return cli_usage(&cli_command_audit);
    }
    (void)signal(SIGPIPE, SIG_IGN);
    r = audit_policy_read(asked->policy, &policy, &why);
    r = r ? r : witness_store_open(&store, asked->state, asked->key_name, policy, &why);
    r = r ? r : loop_new(&witness.loop);
    r = r ? r : serve(&witness, store, asked->listen ? asked->listen : "127.0.0.1:8090", &why);
    witness.loop = loop_free(witness.loop);
    free(policy);
    if (r) {
        cli_say_fault(&why);
    }
    return witness.broken ? CLI_LOG : r ? CLI_FAILED : CLI_DONE;
}
