/* The few things we use of libsodium, wrapped. Keys are 32 bytes. */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include "base/cx.h"

enum { KEY_BYTES = 32, HASH_BYTES = 32, SEAL_OVERHEAD = 40, TOKEN_BYTES = 32 };
enum { PASSWORD_MAX_BYTES = 1024 };

/* Must be called once before anything else (main, test mains); aborts when sodium fails. */
void crypto_init(void);
void crypto_random(void *p, size_t len);

/* BLAKE2b-256. */
void hash_bytes(uint8_t out[HASH_BYTES], const void *p, size_t len);
/* Keyed BLAKE2b-256 (blind indexes). */
void hash_keyed(uint8_t out[HASH_BYTES], const uint8_t key[KEY_BYTES], struct str s);
struct hash_state {
    _Alignas(64) unsigned char opaque[384];
};
void hash_begin(struct hash_state *h);
void hash_add(struct hash_state *h, const void *p, size_t len);
void hash_end(struct hash_state *h, uint8_t out[HASH_BYTES]);
/* Lower-case hex; NUL-terminated, in the arena. */
const char *hex_of(struct arena *a, const void *p, size_t len);
bool hex_parse(uint8_t *out, size_t len, struct str hex);

/* XChaCha20-Poly1305 with a random nonce: nonce | ciphertext | tag = len + SEAL_OVERHEAD.
 * `context` (e.g. "person.phone") is authenticated, so a sealed value cannot be moved. */
struct str seal(struct arena *a, const uint8_t key[KEY_BYTES], struct str plain,
                const char *context);
/* RC_INVALID when it was not sealed with this key and context. */
enum rc unseal(struct str *plain, struct cx *cx, const uint8_t key[KEY_BYTES],
               struct str sealed, const char *context) MUST_USE;
/* The same without an arena: `out` has plain.len + SEAL_OVERHEAD (or sealed.len -
 * SEAL_OVERHEAD) bytes. unseal_into is false when it was not sealed with this key and context.
 */
void seal_into(uint8_t *out, const uint8_t key[KEY_BYTES], struct str plain,
               const char *context);
bool unseal_into(uint8_t *out, const uint8_t key[KEY_BYTES], struct str sealed,
                 const char *context) MUST_USE;

/* Argon2id, interactive limits (64 MiB). The result is a text that names its parameters.
 * RC_LIMIT over PASSWORD_MAX_BYTES, RC_BUSY when the memory is not to be had. */
enum rc password_hash(const char **out, struct cx *cx, struct str password) MUST_USE;
/* Constant time in the password. */
bool password_check(struct str hash, struct str password);
/* 32 random bytes as 43 base64url characters. */
const char *token_new(struct arena *a);
/* Constant-time comparison of equal lengths. */
bool bytes_equal(const void *a, const void *b, size_t len);

/* A whole file encrypted as a stream: "FUMSEAL1" | secretstream header | chunks of 64 KiB + 17
 * bytes, the last tagged FINAL. A truncated, lengthened or changed file is RC_INVALID, but what
 * stood before the fault was already written to out_fd: the caller throws that away. */
enum rc stream_seal(struct cx *cx, int out_fd, int in_fd,
                    const uint8_t key[KEY_BYTES]) MUST_USE;
enum rc stream_unseal(struct cx *cx, int out_fd, int in_fd,
                      const uint8_t key[KEY_BYTES]) MUST_USE;

#endif
