/* Tests of base/crypto: known answers, tampering, streams. */
#include "base/crypto.h"

#include "base/check.h"
#include "base/fault.h"

#include <fcntl.h>

static const uint8_t key_a[KEY_BYTES] = {1, 2, 3}, key_b[KEY_BYTES] = {1, 2, 4};

static void test_hashes(void **state)
{
    (void)state;
    /* BLAKE2b-256 of "abc", plain and with the key 010203 00...: from Python's hashlib. In
     * pieces it is the same. */
    struct cx cx;
    uint8_t out[HASH_BYTES];
    struct hash_state h;
    check_open(&cx);
    hash_bytes(out, "abc", 3);
    assert_string_equal(hex_of(cx.arena, out, sizeof out),
                        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    hash_keyed(out, key_a, STR("abc"));
    assert_string_equal(hex_of(cx.arena, out, sizeof out),
                        "c6e222c093226e14ce07cd7f91d01da9071190d15d9f7aeb690df8bc6d6cd393");
    hash_begin(&h);
    hash_add(&h, "a", 1);
    hash_add(&h, "", 0);
    hash_add(&h, "bc", 2);
    hash_end(&h, out);
    assert_string_equal(hex_of(cx.arena, out, sizeof out),
                        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    check_close(&cx);
}

static void test_hex(void **state)
{
    (void)state;
    /* Hex goes there and back; a wrong length or letter is refused and writes nothing. */
    struct cx cx;
    uint8_t out[3] = {9, 9, 9};
    check_open(&cx);
    assert_string_equal(hex_of(cx.arena, "\x00\xAB\xff", 3), "00abff");
    assert_true(hex_parse(out, 3, STR("00ABff")));
    assert_memory_equal(out, "\x00\xAB\xff", 3);
    assert_false(hex_parse(out, 3, STR("112233 ")));
    assert_false(hex_parse(out, 3, STR("1122")));
    assert_false(hex_parse(out, 3, STR("11223g")));
    assert_false(hex_parse(out, 3, STR("11:223")));
    assert_memory_equal(out, "\x00\xAB\xff", 3);
    check_close(&cx);
}

static void test_seal(void **state)
{
    (void)state;
    /* What is sealed opens with its key and context only; any flipped bit is refused; sealing
     * twice gives different bytes. */
    struct cx cx;
    check_open(&cx);
    for_each_seed (seed, 60) {
        uint64_t r = seed;
        char text[64];
        size_t len = (size_t)check_int(&r, 0, sizeof text);
        memset(text, (int)seed, sizeof text);
        struct str plain = {text, len}, got = {NULL, 0};
        struct str sealed = seal(cx.arena, key_a, plain, "person.phone");
        struct str again = seal(cx.arena, key_a, plain, "person.phone");
        assert_int_equal(sealed.len, len + SEAL_OVERHEAD);
        assert_false(str_eq(sealed, again));
        check_ok(&cx, unseal(&got, &cx, key_a, sealed, "person.phone"));
        check_str(got, plain);
        check_refused(&cx, unseal(&got, &cx, key_b, sealed, "person.phone"), RC_INVALID);
        check_refused(&cx, unseal(&got, &cx, key_a, sealed, "person.name"), RC_INVALID);
        char *bad = arena_new(cx.arena, sealed.len);
        memcpy(bad, sealed.p, sealed.len);
        bad[check_random(&r) % sealed.len] ^= (char)(1 << check_int(&r, 0, 7));
        struct str changed = {bad, sealed.len};
        check_refused(&cx, unseal(&got, &cx, key_a, changed, "person.phone"), RC_INVALID);
        struct str cut = {sealed.p, (size_t)check_int(&r, 0, (int64_t)sealed.len - 1)};
        check_refused(&cx, unseal(&got, &cx, key_a, cut, "person.phone"), RC_INVALID);
        check_str(got, plain);
    }
    check_close(&cx);
}

static void test_password(void **state)
{
    (void)state;
    /* A hash names Argon2id and 64 MiB, and only its own password passes. */
    struct cx cx;
    const char *hash = NULL;
    static char big[PASSWORD_MAX_BYTES + 1];
    check_open(&cx);
    check_ok(&cx, password_hash(&hash, &cx, STR("秘密 pass")));
    assert_non_null(strstr(hash, "$argon2id$v=19$m=65536,t=2,p=1$"));
    assert_true(password_check(str_of(hash), STR("秘密 pass")));
    assert_false(password_check(str_of(hash), STR("秘密 pasS")));
    assert_false(password_check(STR(""), STR("")));
    assert_false(password_check(STR("$argon2id$broken"), STR("x")));
    check_refused(&cx, password_hash(&hash, &cx, (struct str){big, sizeof big}), RC_LIMIT);
    check_close(&cx);
}

static void test_token(void **state)
{
    (void)state;
    /* Tokens have 43 base64url characters and do not repeat. */
    struct cx cx;
    check_open(&cx);
    const char *before = "";
    for (int i = 0; i < 100; i++) {
        const char *token = token_new(cx.arena);
        assert_int_equal(strlen(token), 43);
        assert_int_equal(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789-_"),
                         43);
        assert_string_not_equal(token, before);
        before = token;
    }
    assert_true(bytes_equal("abc", "abc", 3));
    assert_false(bytes_equal("abc", "abd", 3));
    check_close(&cx);
}

static int file_of(const uint8_t *p, size_t len)
{
    char name[] = "/tmp/fumin-crypto-XXXXXX";
    int fd = mkstemp(name);
    if (fd < 0)
        abort();
    unlink(name);
    assert_int_equal(write(fd, p, len), len);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static size_t content(int fd, uint8_t *p, size_t size)
{
    lseek(fd, 0, SEEK_SET);
    size_t len = 0;
    for (ssize_t n; (n = read(fd, p + len, size - len)) > 0;)
        len += (size_t)n;
    return len;
}

static uint8_t plain[200000], sealed[210000], opened[210000];

static enum rc open_stream(size_t *len, struct cx *cx, size_t sealed_len, const uint8_t *key)
{
    int in = file_of(sealed, sealed_len), out = file_of(NULL, 0);
    enum rc rc = stream_unseal(cx, out, in, key);
    *len = content(out, opened, sizeof opened);
    close(in);
    close(out);
    return rc;
}

static size_t make_stream(struct cx *cx, size_t len)
{
    int in = file_of(plain, len), out = file_of(NULL, 0);
    check_ok(cx, stream_seal(cx, out, in, key_a));
    size_t sealed_len = content(out, sealed, sizeof sealed);
    close(in);
    close(out);
    return sealed_len;
}

static void test_stream(void **state)
{
    (void)state;
    /* Files around the chunk size come back; cut anywhere, lengthened, changed or with another
     * key they are refused. */
    struct cx cx;
    check_open(&cx);
    static const size_t lengths[] = {0, 1, 65535, 65536, 65537, 131072, 200000};
    uint64_t r = 1;
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)check_random(&r);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t len = lengths[i], got = 0, sealed_len = make_stream(&cx, len);
        check_ok(&cx, open_stream(&got, &cx, sealed_len, key_a));
        assert_int_equal(got, len);
        assert_memory_equal(opened, plain, len);
        check_refused(&cx, open_stream(&got, &cx, sealed_len, key_b), RC_INVALID);
        check_refused(&cx, open_stream(&got, &cx, sealed_len - 1, key_a), RC_INVALID);
        check_refused(&cx, open_stream(&got, &cx, sealed_len + 1, key_a), RC_INVALID);
        size_t chunks = 32 + (65536 + 17); /* cut exactly behind the first chunk */
        if (sealed_len > chunks)
            check_refused(&cx, open_stream(&got, &cx, chunks, key_a), RC_INVALID);
        size_t at = check_random(&r) % sealed_len;
        sealed[at] ^= 4;
        check_refused(&cx, open_stream(&got, &cx, sealed_len, key_a), RC_INVALID);
    }
    check_refused(&cx, open_stream(&(size_t){0}, &cx, 0, key_a), RC_INVALID);
    check_close(&cx);
}

static void test_stream_disk_full(void **state)
{
    (void)state;
    /* A full disk in the middle is told as RC_IO, and the arena is given back. */
    struct cx cx;
    check_open(&cx);
    size_t used = arena_used(cx.arena);
    int in = file_of(plain, sizeof plain), out = file_of(NULL, 0);
    assert_true(fault_set("file.write:3:enospc"));
    enum rc rc = stream_seal(&cx, out, in, key_a);
    assert_true(fault_set(NULL));
    check_refused(&cx, rc, RC_IO);
    assert_int_equal(arena_used(cx.arena), used);
    close(in);
    close(out);
    check_close(&cx);
}

int main(void)
{
    crypto_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_seal),
        cmocka_unit_test(test_password),
        cmocka_unit_test(test_token),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_stream_disk_full),
    };
    return cmocka_run_group_tests_name("base/crypto", tests, NULL, NULL);
}
