/* Master keys: their file, and the keys derived from them. Master keys stay in sodium's locked
 * memory and never leave this file. */
#include "base/vault.h"

#include "base/file.h"
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERSIONS_MAX = 50, LINE_MAX_BYTES = 8 + KEY_BYTES * 2 };

struct vault {
    _Atomic int count; /* versions 1..count are keys[0..count-1]; only ever grows */
    uint8_t keys[VERSIONS_MAX][KEY_BYTES];
};

static struct vault *vault_new(void)
{
    struct vault *v = sodium_malloc(sizeof *v);
    if (!v) {
        fputs("fumin: no locked memory for keys\n", stderr);
        abort();
    }
    sodium_memzero(v, sizeof *v);
    atomic_store(&v->count, 0);
    return v;
}

void vault_close(struct vault *v)
{
    sodium_free(v); /* wipes it */
}

int vault_version(const struct vault *v)
{
    return atomic_load(&v->count);
}

static enum rc bad_line(struct cx *cx, const char *path, int line)
{
    return fail(cx, RC_INVALID,
                arena_printf(cx->arena,
                             _("Line %d of the key file %s is not a key. Restore the file from "
                               "its copy."),
                             line, path),
                "key file line=%d", line);
}

/* Adds the key of one line; false when it is not "v<next version> <64 hex digits>". */
static bool add_line(struct vault *v, struct str line)
{
    int64_t version = 0;
    int count = atomic_load(&v->count);
    struct str name = str_cut(&line, ' ');
    if (count == VERSIONS_MAX || !str_starts(name, STR("v")) || !line.p)
        return false;
    struct str number = {name.p + 1, name.len - 1};
    if (!str_to_i64(&version, number) || version != count + 1)
        return false;
    if (!hex_parse(v->keys[count], KEY_BYTES, str_trim(line)))
        return false;
    atomic_store(&v->count, count + 1);
    return true;
}

static enum rc read_lines(struct vault *v, struct cx *cx, struct str text, const char *path)
{
    int line = 0;
    while (text.p && text.len) {
        line++;
        if (!add_line(v, str_cut(&text, '\n')))
            return bad_line(cx, path, line);
    }
    return line ? RC_OK : bad_line(cx, path, 1);
}

/* The file's text into `text` (`size` bytes), after a look at who else may read it. */
static enum rc read_key_file(size_t *len, struct cx *cx, const char *path, char *text,
                             size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return file_fail(cx, errno, path);
    struct stat st;
    enum rc rc = RC_OK;
    ssize_t n = 0;
    if (fstat(fd, &st) != 0)
        rc = file_fail(cx, errno, path);
    else if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
        rc = fail(cx, RC_INVALID,
                  arena_printf(cx->arena,
                               _("The key file %s may be read by others. Make it private: "
                                 "chmod 600 %s"),
                               path, path),
                  "key file mode=%o", (unsigned)st.st_mode);
    else if (st.st_size >= (off_t)size)
        rc = bad_line(cx, path, VERSIONS_MAX);
    else if ((n = read(fd, text, size)) < 0)
        rc = file_fail(cx, errno, path);
    close(fd);
    *len = n > 0 ? (size_t)n : 0;
    return rc;
}

enum rc vault_open(struct vault **out, struct cx *cx, const char *path)
{
    char text[4096 - 128];
    size_t len = 0;
    _Static_assert(sizeof text > VERSIONS_MAX * LINE_MAX_BYTES, "every version fits");
    TRY(read_key_file(&len, cx, path, text, sizeof text));
    struct vault *v = vault_new();
    enum rc rc = read_lines(v, cx, (struct str){text, len}, path);
    sodium_memzero(text, sizeof text);
    if (rc) {
        vault_close(v);
        return rc;
    }
    *out = v;
    return RC_OK;
}

static size_t put_line(char *out, size_t size, int version, const uint8_t key[KEY_BYTES])
{
    char hex[KEY_BYTES * 2 + 1];
    sodium_bin2hex(hex, sizeof hex, key, KEY_BYTES);
    int len = snprintf(out, size, "v%d %s\n", version, hex);
    sodium_memzero(hex, sizeof hex);
    assert(len > 0 && (size_t)len < size);
    return (size_t)len;
}

enum rc vault_create(struct cx *cx, const char *path)
{
    uint8_t key[KEY_BYTES];
    char line[LINE_MAX_BYTES + 1];
    struct file_temp t;
    /* Complete or not there at all, and never over an older key: file_temp_keep refuses that.
     */
    TRY(file_temp_open(&t, cx, file_dir(cx, path)));
    crypto_random(key, sizeof key);
    size_t len = put_line(line, sizeof line, 1, key);
    enum rc rc = file_put(cx, t.fd, line, len, path);
    sodium_memzero(key, sizeof key);
    sodium_memzero(line, sizeof line);
    if (rc) {
        file_temp_drop(&t);
        return rc;
    }
    return file_temp_keep(cx, &t, path);
}

const char *vault_path(struct cx *cx, const char *dir)
{
    const char *named = getenv("FUMIN_KEY_FILE");
    if (named && *named)
        return arena_copy(cx->arena, str_of(named));
    struct str d = str_of(dir);
    while (d.len > 1 && d.p[d.len - 1] == '/')
        d.len--;
    return arena_printf(cx->arena, "%.*s.key", STR_ARG(d));
}

/* Writes all versions of v and `key` as the next one. */
static enum rc write_with(struct cx *cx, const struct vault *v, const uint8_t key[KEY_BYTES],
                          const char *path)
{
    char text[4096 - 128];
    size_t len = 0;
    int count = vault_version(v);
    for (int i = 0; i < count; i++)
        len += put_line(text + len, sizeof text - len, i + 1, v->keys[i]);
    len += put_line(text + len, sizeof text - len, count + 1, key);
    enum rc rc = file_write(cx, path, (struct str){text, len}, 0600);
    sodium_memzero(text, sizeof text);
    return rc;
}

/* Refuses when the file no longer holds exactly v's keys: another process rotated. */
static enum rc same_as_file(struct cx *cx, const struct vault *v, const char *path)
{
    struct vault *now = NULL;
    TRY(vault_open(&now, cx, path));
    int count = vault_version(v);
    bool same = vault_version(now) == count &&
                bytes_equal(now->keys, v->keys, (size_t)count * KEY_BYTES);
    vault_close(now);
    if (same)
        return RC_OK;
    return fail(cx, RC_CONFLICT,
                arena_printf(cx->arena,
                             _("The key file %s was changed since this program read it. Start "
                               "again."),
                             path),
                "key file differs");
}

enum rc vault_rotate(struct cx *cx, struct vault *v, const char *path)
{
    int count = vault_version(v);
    if (count == VERSIONS_MAX)
        return fail(cx, RC_LIMIT, _("The key file holds as many keys as it can."),
                    "versions=%d", count);
    int lock = open(path, O_RDONLY | O_CLOEXEC);
    if (lock < 0)
        return file_fail(cx, errno, path);
    uint8_t key[KEY_BYTES];
    crypto_random(key, sizeof key);
    /* Two that rotate at once: the second waits here, then sees another file and refuses. */
    enum rc rc = flock(lock, LOCK_EX) != 0 ? file_fail(cx, errno, path) : RC_OK;
    if (!rc)
        rc = same_as_file(cx, v, path);
    if (!rc)
        rc = write_with(cx, v, key, path);
    if (!rc) {
        memcpy(v->keys[count], key, KEY_BYTES);
        atomic_store(&v->count, count + 1);
    }
    close(lock);
    sodium_memzero(key, sizeof key);
    return rc;
}

/* crypto_kdf wants a number and 8 bytes; both come from the purpose's hash, so purposes are
 * apart as long as BLAKE2b does not collide in 128 bits. */
static void derive(uint8_t key[KEY_BYTES], const struct vault *v, int version,
                   const char *purpose)
{
    uint8_t hash[HASH_BYTES];
    char context[crypto_kdf_CONTEXTBYTES];
    uint64_t number;
    assert(version >= 1 && version <= vault_version(v));
    hash_bytes(hash, purpose, strlen(purpose));
    memcpy(context, hash, sizeof context);
    memcpy(&number, hash + sizeof context, sizeof number);
    (void)crypto_kdf_derive_from_key(key, KEY_BYTES, number, context,
                                     v->keys[version - 1]); /* fails on bad sizes only */
}

void vault_key(uint8_t key[KEY_BYTES], const struct vault *v, const char *purpose, bool stable)
{
    derive(key, v, stable ? 1 : vault_version(v), purpose);
}

void vault_wrap(uint8_t out[WRAPPED_KEY_BYTES], const struct vault *v,
                const uint8_t key[KEY_BYTES])
{
    uint8_t wrapping[KEY_BYTES];
    int version = vault_version(v);
    derive(wrapping, v, version, "vault.wrap");
    out[0] = (uint8_t)version;
    seal_into(out + 1, wrapping, (struct str){(const char *)key, KEY_BYTES}, "vault.wrap");
    sodium_memzero(wrapping, sizeof wrapping);
}

enum rc vault_unwrap(uint8_t key[KEY_BYTES], struct cx *cx, const struct vault *v,
                     struct str wrapped)
{
    uint8_t wrapping[KEY_BYTES], plain[KEY_BYTES];
    bool ok = false;
    int version = wrapped.len ? (unsigned char)wrapped.p[0] : 0;
    if (wrapped.len == WRAPPED_KEY_BYTES && version >= 1 && version <= vault_version(v)) {
        derive(wrapping, v, version, "vault.wrap");
        ok = unseal_into(plain, wrapping, (struct str){wrapped.p + 1, wrapped.len - 1},
                         "vault.wrap");
        sodium_memzero(wrapping, sizeof wrapping);
    }
    if (ok)
        memcpy(key, plain, KEY_BYTES);
    sodium_memzero(plain, sizeof plain);
    if (ok)
        return RC_OK;
    return fail(cx, RC_INVALID,
                _("A protected value cannot be read: it was changed, or sealed with another "
                  "key. Check that the right key file is used."),
                "unwrap version=%d len=%zu of %d", version, wrapped.len, vault_version(v));
}
