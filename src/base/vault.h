/* The master keys of one database, read from a key file kept apart from it (default: the
 * folder's path + ".key", mode 0600; --key FILE or FUMIN_KEY_FILE names another). The file
 * holds one line per version: "v1 <64 hex digits>"; the last line is the current one. From
 * each master key the keys for one purpose are derived (crypto_kdf), never used directly. */
#ifndef BASE_VAULT_H
#define BASE_VAULT_H

#include "base/crypto.h"

struct vault;

/* Creates a new key file (refuses to overwrite: RC_CONFLICT). */
enum rc vault_create(struct cx *cx, const char *path) MUST_USE;
/* Owned by caller, free with vault_close (which wipes it). RC_NOTFOUND, RC_INVALID (bad line,
 * or a file that others may read). The keys live in locked memory. */
enum rc vault_open(struct vault **out, struct cx *cx, const char *path) MUST_USE;
void vault_close(struct vault *v);
/* "DIR.key" unless FUMIN_KEY_FILE is set. */
const char *vault_path(struct cx *cx, const char *dir);
/* Appends a new version to the file and makes it current (key rotation). */
enum rc vault_rotate(struct cx *cx, struct vault *v, const char *path) MUST_USE;

int vault_version(const struct vault *v); /* the current one, from 1 */
/* Wraps a person's 32-byte key: version byte + sealed key (1 + 32 + SEAL_OVERHEAD bytes). */
enum { WRAPPED_KEY_BYTES = 1 + KEY_BYTES + SEAL_OVERHEAD };
void vault_wrap(uint8_t out[WRAPPED_KEY_BYTES], const struct vault *v,
                const uint8_t key[KEY_BYTES]);
enum rc vault_unwrap(uint8_t key[KEY_BYTES], struct cx *cx, const struct vault *v,
                     struct str wrapped) MUST_USE;
/* The key of one purpose ("store", "index.identity", "csrf"): from version 1, stable under
 * rotation where `stable`, else from the current version. */
void vault_key(uint8_t key[KEY_BYTES], const struct vault *v, const char *purpose, bool stable);

#endif
