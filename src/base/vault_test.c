/* Tests of base/vault: the key file, rotation, wrapped keys. */
#include "base/vault.h"

#include "base/check.h"
#include "base/fault.h"
#include "base/file.h"

#define KEY_1 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const char *key_file(struct cx *cx, const char *dir, const char *text, unsigned mode)
{
    const char *path = arena_printf(cx->arena, "%s/db.key", dir);
    check_ok(cx, file_write(cx, path, str_of(text), mode));
    return path;
}

static void test_create(void **state)
{
    (void)state;
    /* A new file is private, opens as version 1, and is never overwritten; a failed write
     * leaves no half key. */
    struct cx cx;
    struct vault *v = NULL;
    struct stat st;
    check_open(&cx);
    const char *dir = check_dir(&cx), *path = arena_printf(cx.arena, "%s/db.key", dir);
    assert_true(fault_set("file.write:1:enospc"));
    enum rc rc = vault_create(&cx, path);
    assert_true(fault_set(NULL));
    check_refused(&cx, rc, RC_IO);
    check_refused(&cx, vault_open(&v, &cx, path), RC_NOTFOUND);
    check_ok(&cx, vault_create(&cx, path));
    check_refused(&cx, vault_create(&cx, path), RC_CONFLICT);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    check_ok(&cx, vault_open(&v, &cx, path));
    assert_int_equal(vault_version(v), 1);
    vault_close(v);
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

static void test_bad_files(void **state)
{
    (void)state;
    /* Lines that are not the next key, and files that others may read, are refused. */
    struct cx cx;
    struct vault *v = NULL;
    check_open(&cx);
    const char *dir = check_dir(&cx);
    static const char *const bad[] = {"",
                                      "\n",
                                      "v2 " KEY_1 "\n",
                                      "v1 " KEY_1 "\nv1 " KEY_1 "\n",
                                      "v1 " KEY_1 "0\n",
                                      "v1\n",
                                      "1 " KEY_1,
                                      "v1 " KEY_1 "\nv3 " KEY_1,
                                      "v1 zz0102030405060708090a0b0c0d0e0f1011121314151617181"
                                      "91a1b1c1d1e1f"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *path = key_file(&cx, dir, bad[i], 0600);
        check_refused(&cx, vault_open(&v, &cx, path), RC_INVALID);
    }
    static const unsigned open_modes[] = {0640, 0604, 0644, 0660};
    for (size_t i = 0; i < 4; i++) {
        const char *path = key_file(&cx, dir, "v1 " KEY_1 "\n", open_modes[i]);
        check_refused(&cx, vault_open(&v, &cx, path), RC_INVALID);
    }
    assert_null(v);
    check_ok(&cx, vault_open(&v, &cx, key_file(&cx, dir, "v1 " KEY_1, 0400)));
    vault_close(v);
    vault_close(NULL);
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

static void test_rotation(void **state)
{
    (void)state;
    /* After a rotation old wrapped keys still open, new ones carry version 2, stable purpose
     * keys stay and the others change; a vault read before the rotation refuses to rotate
     * again. */
    struct cx cx;
    struct vault *v = NULL, *old = NULL;
    uint8_t wrapped[WRAPPED_KEY_BYTES], key[KEY_BYTES] = {7, 7, 7}, got[KEY_BYTES] = {0};
    uint8_t stable[KEY_BYTES], current[KEY_BYTES], after[KEY_BYTES];
    check_open(&cx);
    const char *dir = check_dir(&cx);
    const char *path = key_file(&cx, dir, "v1 " KEY_1 "\n", 0600);
    check_ok(&cx, vault_open(&v, &cx, path));
    check_ok(&cx, vault_open(&old, &cx, path));
    vault_wrap(wrapped, v, key);
    vault_key(stable, v, "index.identity", true);
    vault_key(current, v, "csrf", false);
    assert_true(fault_set("file.rename:1"));
    enum rc rc = vault_rotate(&cx, v, path);
    assert_true(fault_set(NULL));
    check_refused(&cx, rc, RC_IO);
    assert_int_equal(vault_version(v), 1);
    check_ok(&cx, vault_rotate(&cx, v, path));
    assert_int_equal(vault_version(v), 2);
    check_refused(&cx, vault_rotate(&cx, old, path), RC_CONFLICT);
    struct str sealed = {(const char *)wrapped, sizeof wrapped};
    check_ok(&cx, vault_unwrap(got, &cx, v, sealed));
    assert_memory_equal(got, key, KEY_BYTES);
    vault_key(after, v, "index.identity", true);
    assert_memory_equal(after, stable, KEY_BYTES);
    vault_key(after, v, "csrf", false);
    assert_memory_not_equal(after, current, KEY_BYTES);
    vault_wrap(wrapped, v, key);
    assert_int_equal(wrapped[0], 2);
    check_refused(&cx, vault_unwrap(got, &cx, old, sealed), RC_INVALID);
    vault_close(v);
    check_ok(&cx, vault_open(&v, &cx, path)); /* and from the file */
    check_ok(&cx, vault_unwrap(got, &cx, v, sealed));
    assert_memory_equal(got, key, KEY_BYTES);
    vault_close(v);
    vault_close(old);
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

static void test_purposes(void **state)
{
    (void)state;
    /* Keys of different purposes differ from each other and from the master key, the same
     * purpose gives the same key, and a changed or cut wrapped key is refused. */
    struct cx cx;
    struct vault *v = NULL;
    uint8_t a[KEY_BYTES], b[KEY_BYTES], master[KEY_BYTES], wrapped[WRAPPED_KEY_BYTES];
    check_open(&cx);
    const char *dir = check_dir(&cx);
    check_ok(&cx, vault_open(&v, &cx, key_file(&cx, dir, "v1 " KEY_1 "\n", 0600)));
    assert_true(hex_parse(master, KEY_BYTES, STR(KEY_1)));
    vault_key(a, v, "store", true);
    vault_key(b, v, "store", true);
    assert_memory_equal(a, b, KEY_BYTES);
    assert_memory_not_equal(a, master, KEY_BYTES);
    vault_key(b, v, "csrf", true);
    assert_memory_not_equal(a, b, KEY_BYTES);
    vault_wrap(wrapped, v, a);
    for (size_t i = 0; i < sizeof wrapped; i++) {
        wrapped[i] ^= 1;
        struct str changed = {(const char *)wrapped, sizeof wrapped};
        check_refused(&cx, vault_unwrap(b, &cx, v, changed), RC_INVALID);
        wrapped[i] ^= 1;
        check_refused(&cx, vault_unwrap(b, &cx, v, (struct str){changed.p, i}), RC_INVALID);
    }
    check_ok(&cx, vault_unwrap(b, &cx, v, (struct str){(const char *)wrapped, sizeof wrapped}));
    assert_memory_equal(a, b, KEY_BYTES);
    vault_close(v);
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

static void test_path(void **state)
{
    (void)state;
    /* The default stands beside the folder, whatever slashes end it; the environment wins. */
    struct cx cx;
    check_open(&cx);
    check_env("FUMIN_KEY_FILE", NULL);
    assert_string_equal(vault_path(&cx, "/data/county//"), "/data/county.key");
    assert_string_equal(vault_path(&cx, "county"), "county.key");
    check_env("FUMIN_KEY_FILE", "/etc/k");
    assert_string_equal(vault_path(&cx, "county"), "/etc/k");
    check_env("FUMIN_KEY_FILE", NULL);
    check_close(&cx);
}

int main(void)
{
    crypto_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create),   cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_rotation), cmocka_unit_test(test_purposes),
        cmocka_unit_test(test_path),
    };
    return cmocka_run_group_tests_name("base/vault", tests, NULL, NULL);
}
