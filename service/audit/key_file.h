/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RAPPORTEUR_SERVICE_AUDIT_KEY_FILE_H
#define RAPPORTEUR_SERVICE_AUDIT_KEY_FILE_H

/*
 * The secret key of a log or a witness: private/key below a folder, mode 0600, made at the first
 * start from random bytes of the kernel; one line as sumdb writes it. And the public one beside it.
 *     r = key_file_load(&signer, root_fd, "example.org/audit", NOTE_ED25519, &why);
 *     r = key_file_show(root_fd, "log/vkey", &signer.key, &why);
 * Codes: KEY_FILE (place private/key: not a secret key, of another type, or of another name), those
 * of note.h for a name that cannot be one, SEQUENCER_IO.
 */

#include "lib/audit/note.h"

/* private/ must exist. *ret is the caller's to wipe. */
int key_file_load(struct note_signer *ret, int root, const char *name, uint8_t type, struct fault *why) NODISCARD;
/* Writes the public key where there is no such file yet. */
int key_file_show(int root, const char *path, const struct note_key *key, struct fault *why) NODISCARD;

#endif
