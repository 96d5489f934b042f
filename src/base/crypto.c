/* libsodium, wrapped. No algorithm of our own; what is written to disk is described in
 * crypto.h. */
#include "base/crypto.h"

#include "base/file.h"
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};
_Static_assert(SEAL_OVERHEAD == NONCE + TAG, "the header's sum");
_Static_assert(sizeof(struct hash_state) >= sizeof(crypto_generichash_state), "room");
_Static_assert(KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(KEY_BYTES == crypto_secretstream_xchacha20poly1305_KEYBYTES, "key");

void crypto_init(void)
{
    if (sodium_init() < 0) {
        fputs("fumin: libsodium cannot start (no random numbers?)\n", stderr);
        abort();
    }
}

void crypto_random(void *p, size_t len)
{
    randombytes_buf(p, len);
}

void hash_bytes(uint8_t out[HASH_BYTES], const void *p, size_t len)
{
    (void)crypto_generichash(out, HASH_BYTES, p, len, NULL, 0); /* fails on bad sizes only */
}

void hash_keyed(uint8_t out[HASH_BYTES], const uint8_t key[KEY_BYTES], struct str s)
{
    (void)crypto_generichash(out, HASH_BYTES, (const unsigned char *)s.p, s.len, key,
                             KEY_BYTES); /* fails on bad sizes only */
}

static crypto_generichash_state *state_of(struct hash_state *h)
{
    return (crypto_generichash_state *)h->opaque;
}

void hash_begin(struct hash_state *h)
{
    (void)crypto_generichash_init(state_of(h), NULL, 0, HASH_BYTES); /* sizes are right */
}

void hash_add(struct hash_state *h, const void *p, size_t len)
{
    (void)crypto_generichash_update(state_of(h), p, len); /* cannot fail */
}

void hash_end(struct hash_state *h, uint8_t out[HASH_BYTES])
{
    (void)crypto_generichash_final(state_of(h), out, HASH_BYTES); /* sizes are right */
}

const char *hex_of(struct arena *a, const void *p, size_t len)
{
    char *z = arena_new(a, len * 2 + 1);
    return sodium_bin2hex(z, len * 2 + 1, p, len);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool hex_parse(uint8_t *out, size_t len, struct str hex)
{
    size_t done = 0;
    const char *end = NULL;
    if (hex.len != len * 2)
        return false;
    for (size_t i = 0; i < hex.len; i++) /* checked first: out stays untouched on failure */
        if (!is_hex(hex.p[i]))
            return false;
    return sodium_hex2bin(out, len, hex.p, hex.len, NULL, &done, &end) == 0 && done == len;
}

void seal_into(uint8_t *out, const uint8_t key[KEY_BYTES], struct str plain,
               const char *context)
{
    unsigned long long len = 0;
    randombytes_buf(out, NONCE);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        out + NONCE, &len, (const unsigned char *)plain.p, plain.len,
        (const unsigned char *)context, strlen(context), NULL, out, key); /* cannot fail */
    assert(len == plain.len + TAG);
}

bool unseal_into(uint8_t *out, const uint8_t key[KEY_BYTES], struct str sealed,
                 const char *context)
{
    if (sealed.len < SEAL_OVERHEAD)
        return false;
    const unsigned char *p = (const unsigned char *)sealed.p;
    unsigned long long len = 0;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
               out, &len, NULL, p + NONCE, sealed.len - NONCE, (const unsigned char *)context,
               strlen(context), p, key) == 0;
}

struct str seal(struct arena *a, const uint8_t key[KEY_BYTES], struct str plain,
                const char *context)
{
    size_t len = plain.len + SEAL_OVERHEAD;
    uint8_t *out = arena_new(a, len);
    seal_into(out, key, plain, context);
    return (struct str){(const char *)out, len};
}

enum rc unseal(struct str *plain, struct cx *cx, const uint8_t key[KEY_BYTES],
               struct str sealed, const char *context)
{
    size_t len = sealed.len >= SEAL_OVERHEAD ? sealed.len - SEAL_OVERHEAD : 0;
    uint8_t *out = arena_try(cx->arena, len + 1); /* and a NUL behind it */
    if (!out)
        return fail(cx, RC_LIMIT, _("This protected value is too large."), "len=%zu", len);
    if (!unseal_into(out, key, sealed, context))
        return fail(
            cx, RC_INVALID,
            _("A protected value cannot be read: it was changed, or sealed with another "
              "key. Check that the right key file is used."),
            "unseal context=%s len=%zu", context, sealed.len);
    *plain = (struct str){(const char *)out, len};
    return RC_OK;
}

enum rc password_hash(const char **out, struct cx *cx, struct str password)
{
    char hash[crypto_pwhash_STRBYTES];
    if (password.len > PASSWORD_MAX_BYTES)
        return fail(cx, RC_LIMIT, _("This password is too long."), "len=%zu", password.len);
    if (crypto_pwhash_str(hash, password.p ? password.p : "", password.len,
                          crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        return fail(cx, RC_BUSY,
                    _("There is not enough memory to protect a password now. Try again."),
                    "crypto_pwhash_str");
    *out = arena_copy(cx->arena, str_of(hash));
    return RC_OK;
}

bool password_check(struct str hash, struct str password)
{
    char z[crypto_pwhash_STRBYTES] = {0};
    if (hash.len == 0 || hash.len >= sizeof z || password.len > PASSWORD_MAX_BYTES)
        return false;
    memcpy(z, hash.p, hash.len);
    return crypto_pwhash_str_verify(z, password.p ? password.p : "", password.len) == 0;
}

const char *token_new(struct arena *a)
{
    unsigned char bytes[TOKEN_BYTES];
    const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    size_t size = sodium_base64_encoded_len(sizeof bytes, variant);
    char *z = arena_new(a, size);
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(z, size, bytes, sizeof bytes, variant);
    sodium_memzero(bytes, sizeof bytes);
    return z;
}

bool bytes_equal(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

/* ---- streams: MAGIC | header | chunks, each CHUNK plain bytes + 17; the last one is tagged
 * FINAL (and may be empty), so a cut-off file is seen. ---- */

static const char MAGIC[8] = {'F', 'U', 'M', 'S', 'E', 'A', 'L', '1'};
enum {
    CHUNK = 64 * 1024,
    CHUNK_SEALED = CHUNK + crypto_secretstream_xchacha20poly1305_ABYTES,
    STREAM_HEADER = sizeof MAGIC + crypto_secretstream_xchacha20poly1305_HEADERBYTES,
};

/* Reads `want` bytes or up to the end of the file; *got says how many. */
static enum rc read_full(size_t *got, struct cx *cx, int fd, uint8_t *p, size_t want)
{
    size_t n = 0;
    while (n < want) {
        ssize_t r = read(fd, p + n, want - n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return file_fail(cx, errno, _("The file"));
        if (r == 0)
            break;
        n += (size_t)r;
    }
    *got = n;
    return RC_OK;
}

static enum rc seal_chunks(struct cx *cx, int out_fd, int in_fd,
                           crypto_secretstream_xchacha20poly1305_state *state)
{
    uint8_t *plain = arena_try(cx->arena, CHUNK), *sealed = arena_try(cx->arena, CHUNK_SEALED);
    if (!plain || !sealed)
        return fail(cx, RC_LIMIT, _("There is not enough memory for this file."),
                    "stream_seal");
    size_t len = CHUNK;
    while (len == CHUNK) { /* a short read is the end; an exact fit gets an empty last chunk */
        TRY(read_full(&len, cx, in_fd, plain, CHUNK));
        unsigned char tag = len < CHUNK ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                        : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
        unsigned long long sealed_len = 0;
        (void)crypto_secretstream_xchacha20poly1305_push(state, sealed, &sealed_len, plain, len,
                                                         NULL, 0, tag); /* cannot fail */
        TRY(file_put(cx, out_fd, sealed, (size_t)sealed_len, _("The file")));
    }
    return RC_OK;
}

enum rc stream_seal(struct cx *cx, int out_fd, int in_fd, const uint8_t key[KEY_BYTES])
{
    struct arena_mark mark = arena_mark(cx->arena);
    uint8_t header[STREAM_HEADER];
    crypto_secretstream_xchacha20poly1305_state state;
    memcpy(header, MAGIC, sizeof MAGIC);
    (void)crypto_secretstream_xchacha20poly1305_init_push(&state, header + sizeof MAGIC,
                                                          key); /* cannot fail */
    enum rc rc = file_put(cx, out_fd, header, sizeof header, _("The file"));
    if (!rc)
        rc = seal_chunks(cx, out_fd, in_fd, &state);
    sodium_memzero(&state, sizeof state);
    arena_back(cx->arena, mark);
    return rc;
}

static enum rc refuse_stream(struct cx *cx, const char *why)
{
    return fail(cx, RC_INVALID,
                _("An encrypted file cannot be read: it is cut off, was changed, or belongs to "
                  "another key."),
                "stream_unseal %s", why);
}

static enum rc unseal_chunks(struct cx *cx, int out_fd, int in_fd,
                             crypto_secretstream_xchacha20poly1305_state *state)
{
    uint8_t *plain = arena_try(cx->arena, CHUNK), *sealed = arena_try(cx->arena, CHUNK_SEALED);
    if (!plain || !sealed)
        return fail(cx, RC_LIMIT, _("There is not enough memory for this file."),
                    "stream_unseal");
    unsigned char tag = 0;
    while (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
        size_t len = 0;
        unsigned long long plain_len = 0;
        TRY(read_full(&len, cx, in_fd, sealed, CHUNK_SEALED));
        if (len == 0)
            return refuse_stream(cx, "cut off");
        if (crypto_secretstream_xchacha20poly1305_pull(state, plain, &plain_len, &tag, sealed,
                                                       len, NULL, 0) != 0)
            return refuse_stream(cx, "bad chunk");
        TRY(file_put(cx, out_fd, plain, (size_t)plain_len, _("The file")));
    }
    size_t more = 0;
    TRY(read_full(&more, cx, in_fd, sealed, 1));
    return more ? refuse_stream(cx, "bytes behind the end") : RC_OK;
}

enum rc stream_unseal(struct cx *cx, int out_fd, int in_fd, const uint8_t key[KEY_BYTES])
{
    struct arena_mark mark = arena_mark(cx->arena);
    uint8_t header[STREAM_HEADER];
    crypto_secretstream_xchacha20poly1305_state state;
    size_t len = 0;
    TRY(read_full(&len, cx, in_fd, header, sizeof header));
    if (len != sizeof header || memcmp(header, MAGIC, sizeof MAGIC) != 0)
        return refuse_stream(cx, "no header");
    enum rc rc = RC_OK;
    if (crypto_secretstream_xchacha20poly1305_init_pull(&state, header + sizeof MAGIC, key) !=
        0)
        rc = refuse_stream(cx, "bad header");
    if (!rc)
        rc = unseal_chunks(cx, out_fd, in_fd, &state);
    sodium_memzero(&state, sizeof state);
    arena_back(cx->arena, mark);
    return rc;
}
