/* The store of documents: DIR/store/ab/cdef…, sealed, named by a keyed hash of the content. The
 * file is durable before the row that names it is committed; a crash between leaves a file
 * that the next put of the same content takes over. Nothing is ever deleted here. */
#include "store/store.h"

#include "base/crypto.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "base/utf8.h"
#include "base/vault.h"
#include "db/db.h"
#include "people/actor.h"
#include "store/store.sql.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_MAX_BYTES = 200,
    MEMORY_MAX =
        32 * 1024 * 1024, /* larger documents are opened into an unnamed file on disk */
    PIECE = 64 * 1024,
    PAGE = 200,
    CHECK_ARENA = 1024 * 1024,
    FAULTS_MAX = 10000,
};

/* ---- names and hashes ---- */

/* The keyed hash of a content is that of its BLAKE2b hash. */
static void key_hash(uint8_t out[HASH_BYTES], const struct cx *cx,
                     const uint8_t plain[HASH_BYTES])
{
    uint8_t key[KEY_BYTES];
    vault_key(key, cx->vault, "store.hash", true);
    hash_keyed(out, key, (struct str){(const char *)plain, HASH_BYTES});
    explicit_bzero(key, sizeof key);
}

static enum rc no_memory(struct cx *cx)
{
    return fail(cx, RC_LIMIT, _("There is not enough memory for this file."), "store");
}

/* Hash and length of what a file holds from offset 0; does not move its position. */
static enum rc hash_file(uint8_t out[HASH_BYTES], int64_t *len, struct cx *cx, int fd)
{
    struct arena_mark mark = arena_mark(cx->arena);
    uint8_t plain[HASH_BYTES], *piece = arena_try(cx->arena, PIECE);
    struct hash_state state;
    int64_t at = 0;
    ssize_t n;
    if (!piece)
        return no_memory(cx);
    hash_begin(&state);
    while ((n = pread(fd, piece, PIECE, at)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return file_fail(cx, errno, _("The file"));
        hash_add(&state, piece, (size_t)n);
        at += n;
    }
    hash_end(&state, plain);
    arena_back(cx->arena, mark);
    key_hash(out, cx, plain);
    *len = at;
    return RC_OK;
}

static const char *store_dir(struct cx *cx)
{
    assert(cx->dir);
    return arena_printf(cx->arena, "%s/store", cx->dir);
}

static const char *path_of(struct cx *cx, const char *hex)
{
    return arena_printf(cx->arena, "%s/store/%.2s/%s", cx->dir, hex, hex + 2);
}

/* At most 200 bytes, never half a character; a name that is not UTF-8 loses what is behind. */
static struct str name_cut(const char *name)
{
    struct str s = str_of(name);
    if (s.len > NAME_MAX_BYTES) {
        s.len = NAME_MAX_BYTES;
        while (s.len > 0 && ((unsigned char)s.p[s.len] & 0xC0) == 0x80)
            s.len--;
    }
    s.len = utf8_bad_at(s);
    return s.len ? s : STR("document");
}

/* ---- is a file sound? ---- */

struct reading {
    struct cx cx;
    int in_fd, out_fd;
    uint8_t key[KEY_BYTES];
    enum rc rc;
};

static void *unseal_main(void *arg)
{
    struct reading *r = arg;
    r->rc = stream_unseal(&r->cx, r->out_fd, r->in_fd, r->key);
    close(r->out_fd);
    return NULL;
}

/* Hashes what comes out of the pipe until its end. */
static bool hash_pipe(uint8_t out[HASH_BYTES], int64_t *len, struct cx *cx, int fd,
                      unsigned char *piece)
{
    uint8_t plain[HASH_BYTES];
    struct hash_state state;
    ssize_t n;
    hash_begin(&state);
    *len = 0;
    while ((n = read(fd, piece, PIECE)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        hash_add(&state, piece, (size_t)n);
        *len += n;
    }
    hash_end(&state, plain);
    key_hash(out, cx, plain);
    return true;
}

/* Unseals in a thread into a pipe and hashes here: the plain content touches neither disk nor
 * much memory. */
static enum rc hash_sealed(uint8_t out[HASH_BYTES], int64_t *len, struct cx *cx, int in_fd)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct reading r = {.in_fd = in_fd};
    unsigned char *piece = arena_try(cx->arena, PIECE);
    int ends[2];
    pthread_t thread;
    if (!piece)
        return no_memory(cx);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return file_fail(cx, errno, _("The file"));
    r.out_fd = ends[1];
    r.cx = *cx;
    r.cx.arena = arena_open(CHECK_ARENA);
    vault_key(r.key, cx->vault, "store", true);
    int error = pthread_create(&thread, NULL, unseal_main, &r);
    bool read_all = false;
    if (error == 0) {
        read_all = hash_pipe(out, len, cx, ends[0], piece);
        close(ends[0]);
        pthread_join(thread, NULL);
    } else {
        close(ends[0]);
        close(ends[1]);
    }
    arena_free(r.cx.arena);
    explicit_bzero(r.key, sizeof r.key);
    arena_back(cx->arena, mark);
    if (error != 0)
        return fail(cx, RC_BUSY, _("The server is short of threads. Try again."), "errno=%d",
                    error);
    return r.rc || !read_all ? RC_INVALID : RC_OK;
}

enum health { HEALTH_SOUND, HEALTH_MISSING, HEALTH_DAMAGED };

static enum rc health_of(enum health *out, struct cx *cx, const char *hex, int64_t len)
{
    uint8_t want[HASH_BYTES], got[HASH_BYTES];
    int64_t got_len = -1;
    int fd = open(path_of(cx, hex), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
        return file_fail(cx, errno, path_of(cx, hex));
    if (fd < 0) {
        *out = HEALTH_MISSING;
        return RC_OK;
    }
    enum rc rc = hash_sealed(got, &got_len, cx, fd);
    close(fd);
    if (rc != RC_OK && rc != RC_INVALID)
        return rc;
    bool sound = rc == RC_OK && got_len == len && hex_parse(want, sizeof want, str_of(hex)) &&
                 bytes_equal(want, got, sizeof want);
    *out = sound ? HEALTH_SOUND : HEALTH_DAMAGED;
    return RC_OK;
}

/* ---- putting ---- */

static enum rc seal_copy(struct cx *cx, int out_fd, int in_fd)
{
    uint8_t key[KEY_BYTES];
    if (lseek(in_fd, 0, SEEK_SET) != 0)
        return file_fail(cx, errno, _("The file"));
    if (fault_hit("store.write"))
        return file_fail(cx, errno, _("The file"));
    vault_key(key, cx->vault, "store", true);
    enum rc rc = stream_seal(cx, out_fd, in_fd, key);
    explicit_bzero(key, sizeof key);
    return rc;
}

/* The folder of a file, durable in its own folder. */
static enum rc make_dir(struct cx *cx, const char *path)
{
    const char *dir = file_dir(cx, path);
    if (access(dir, F_OK) == 0)
        return RC_OK;
    TRY(file_mkdir(cx, dir));
    TRY(file_sync_dir(cx, store_dir(cx)));
    return file_sync_dir(cx, cx->dir);
}

/* Writes the file, durable with its name, or leaves nothing. */
static enum rc write_file(struct cx *cx, const char *hex, int fd, bool replace)
{
    struct file_temp temp;
    const char *path = path_of(cx, hex);
    TRY(make_dir(cx, path));
    TRY(file_temp_open(&temp, cx, store_dir(cx)));
    enum rc rc = seal_copy(cx, temp.fd, fd);
    if (!rc && fault_hit("store.rename"))
        rc = file_fail(cx, errno, path);
    if (!rc && replace && unlink(path) != 0 && errno != ENOENT)
        rc = file_fail(cx, errno, path);
    if (rc) {
        file_temp_drop(&temp);
        return rc;
    }
    rc = file_temp_keep(cx, &temp, path);
    if (rc != RC_CONFLICT)
        return rc;
    /* Somebody stored the same content at the same time; make sure that their name lasts. */
    err_clear(cx);
    return file_sync_dir(cx, file_dir(cx, path));
}

struct putting {
    int64_t county, len, id;
    const char *kind, *type, *hex;
    struct str name;
    bool is_new;
};

static enum rc put_write(struct cx *cx, void *arg)
{
    struct putting *p = arg;
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &DOCUMENT_SAME, V_I(p->county), V_T(p->kind), V_T(p->hex));
    p->is_new = rc == RC_NOTFOUND;
    if (rc == RC_OK) {
        p->id = row_i64(&rows, DOCUMENT_SAME_ID);
        return db_done(&rows);
    }
    if (rc != RC_NOTFOUND)
        return rc;
    TRY(db_ids(&p->id, cx, 1));
    return DB_RUN(cx, &DOCUMENT_INSERT, V_I(p->county), V_I(p->id), V_T(p->kind), V_S(p->name),
                  V_T(p->type), V_I(p->len), V_I(cx->now_at),
                  V_I(cx->actor ? cx->actor->user_id : 0), V_T(p->hex));
}

/* NOLINTNEXTLINE(readability-function-size): what a document is, is told in one call. */
enum rc store_put(int64_t *id, bool *is_new, struct cx *cx, int64_t county, const char *kind,
                  const char *name, const char *type, int fd)
{
    uint8_t hash[HASH_BYTES];
    enum health health;
    struct putting p = {
        .county = county, .kind = kind, .type = type ? type : "", .name = name_cut(name)};
    assert(cx->vault && kind && kind[0]);
    TRY(hash_file(hash, &p.len, cx, fd));
    p.hex = hex_of(cx->arena, hash, sizeof hash);
    TRY(health_of(&health, cx, p.hex, p.len));
    if (health == HEALTH_DAMAGED)
        log_event(LOG_LEVEL_WARN, "store.replaced", "len=%" PRId64, p.len);
    if (health != HEALTH_SOUND)
        TRY(write_file(cx, p.hex, fd, health == HEALTH_DAMAGED));
    TRY(db_write(cx, county, put_write, &p));
    *id = p.id;
    *is_new = p.is_new;
    return RC_OK;
}

enum rc store_put_text(int64_t *id, struct cx *cx, int64_t county, const char *kind,
                       const char *name, struct str text)
{
    bool is_new;
    int fd = memfd_create("document", MFD_CLOEXEC);
    if (fd < 0)
        return file_fail(cx, errno, _("The file"));
    enum rc rc = file_put(cx, fd, text.p, text.len, name);
    if (!rc)
        rc = store_put(id, &is_new, cx, county, kind, name, "application/json", fd);
    close(fd);
    return rc;
}

/* ---- getting ---- */

enum rc store_get(struct document *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    struct document d;
    enum rc rc = DB_ONE(&rows, cx, &DOCUMENT_GET, V_I(county), V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("There is no such document."), "document=%" PRId64, id);
    TRY(rc);
    d = (struct document){
        .id = row_i64(&rows, DOCUMENT_GET_ID),
        .county = row_i64(&rows, DOCUMENT_GET_COUNTY),
        .kind = arena_copy(cx->arena, row_str(&rows, DOCUMENT_GET_KIND)),
        .name = arena_copy(cx->arena, row_str(&rows, DOCUMENT_GET_NAME)),
        .type = arena_copy(cx->arena, row_str(&rows, DOCUMENT_GET_TYPE)),
        .len = row_i64(&rows, DOCUMENT_GET_LEN),
        .received_at = row_i64(&rows, DOCUMENT_GET_RECEIVED_AT),
        .user_id = row_i64(&rows, DOCUMENT_GET_USER_ID),
    };
    bool good = hex_parse(d.hash, sizeof d.hash, row_str(&rows, DOCUMENT_GET_HASH));
    TRY(db_done(&rows));
    if (!good)
        return fail(cx, RC_DB, _("The document's row is damaged."), "document=%" PRId64, id);
    *out = d;
    return RC_OK;
}

/* Memory for small documents; for large ones a file on the disk that has no name.
 * GAP: while a document above 32 MiB is open, its plain content lies in that unnamed file. */
static enum rc plain_file(int *fd, struct cx *cx, int64_t len)
{
    if (len <= MEMORY_MAX) {
        *fd = memfd_create("document", MFD_CLOEXEC);
        return *fd >= 0 ? RC_OK : file_fail(cx, errno, _("The file"));
    }
    struct file_temp temp;
    TRY(file_temp_open(&temp, cx, store_dir(cx)));
    if (temp.path)
        unlink(temp.path);
    *fd = temp.fd;
    return RC_OK;
}

static enum rc damaged(struct cx *cx, const struct document *d, const char *why)
{
    err_clear(cx);
    const char *text = arena_printf(cx->arena,
                                    _("The document \"%s\" is missing or damaged in the store. "
                                      "Bring it back from a backup, "
                                      "or send the same file again: it takes its old place."),
                                    d->name);
    return fail(cx, RC_IO, text, "document=%" PRId64 " county=%" PRId64 " %s", d->id, d->county,
                why);
}

static enum rc unseal_checked(struct cx *cx, const struct document *d, int in_fd, int out_fd)
{
    uint8_t key[KEY_BYTES], got[HASH_BYTES];
    int64_t len;
    vault_key(key, cx->vault, "store", true);
    enum rc rc = stream_unseal(cx, out_fd, in_fd, key);
    explicit_bzero(key, sizeof key);
    if (rc == RC_INVALID)
        return damaged(cx, d, "seal");
    TRY(rc);
    TRY(hash_file(got, &len, cx, out_fd));
    if (len != d->len || !bytes_equal(got, d->hash, sizeof got))
        return damaged(cx, d, "hash");
    if (lseek(out_fd, 0, SEEK_SET) != 0)
        return file_fail(cx, errno, _("The file"));
    return RC_OK;
}

enum rc store_open(int *fd, struct cx *cx, int64_t county, int64_t id)
{
    struct document d;
    int out_fd = -1;
    assert(cx->vault);
    TRY(store_get(&d, cx, county, id));
    const char *path = path_of(cx, hex_of(cx->arena, d.hash, sizeof d.hash));
    int in_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in_fd < 0)
        return damaged(cx, &d, errno == ENOENT ? "missing" : "unreadable");
    enum rc rc = plain_file(&out_fd, cx, d.len);
    if (!rc)
        rc = unseal_checked(cx, &d, in_fd, out_fd);
    close(in_fd);
    if (rc) {
        if (out_fd >= 0)
            close(out_fd);
        return rc;
    }
    *fd = out_fd;
    return RC_OK;
}

/* ---- verifying ---- */

struct verifying {
    int64_t county, id; /* checked up to here */
    int64_t checked, faults;
    struct store_fault *list; /* NULL: only count */
    size_t count;
};

static void add_fault(struct cx *cx, struct verifying *v, enum health health)
{
    log_event(LOG_LEVEL_WARN, "store.fault", "county=%" PRId64 " document=%" PRId64 " what=%s",
              v->county, v->id, health == HEALTH_MISSING ? "missing" : "damaged");
    v->faults++;
    if (v->list && v->count < FAULTS_MAX)
        v->list[v->count++] =
            (struct store_fault){.county = v->county,
                                 .id = v->id,
                                 .what = health == HEALTH_MISSING ? _("the file is missing")
                                                                  : _("the file is damaged")};
}

struct to_check {
    int64_t county, id, len;
    const char *hex;
};

/* One page of rows, then their files. *count = rows of the page. */
static enum rc verify_page(size_t *count, struct cx *cx, struct verifying *v)
{
    struct db_rows rows;
    struct to_check *page = arena_new(cx->arena, PAGE * sizeof *page);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &DOCUMENT_AFTER, V_I(v->county), V_I(v->id), V_I(PAGE)));
    while (n < PAGE && db_next(&rows)) {
        page[n++] = (struct to_check){
            .county = row_i64(&rows, DOCUMENT_AFTER_COUNTY),
            .id = row_i64(&rows, DOCUMENT_AFTER_ID),
            .len = row_i64(&rows, DOCUMENT_AFTER_LEN),
            .hex = arena_copy(cx->arena, row_str(&rows, DOCUMENT_AFTER_HASH))};
    }
    TRY(db_done(&rows));
    for (size_t i = 0; i < n; i++) {
        enum health health;
        v->county = page[i].county;
        v->id = page[i].id;
        TRY(health_of(&health, cx, page[i].hex, page[i].len));
        v->checked++;
        if (health != HEALTH_SOUND)
            add_fault(cx, v, health);
    }
    *count = n;
    return RC_OK;
}

static enum rc verify_all(struct verifying *v, struct cx *cx)
{
    size_t count = PAGE;
    assert(cx->vault);
    v->county = v->id = INT64_MIN;
    while (count == PAGE) {
        struct arena_mark mark = arena_mark(cx->arena);
        TRY(verify_page(&count, cx, v));
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

enum rc store_verify(int64_t *checked, int64_t *faults, struct cx *cx)
{
    struct verifying v = {0};
    TRY(verify_all(&v, cx));
    *checked = v.checked;
    *faults = v.faults;
    return RC_OK;
}

enum rc store_fault_list(struct store_fault **out, size_t *count, int64_t *checked,
                         struct cx *cx)
{
    struct verifying v = {.list = arena_new(cx->arena, FAULTS_MAX * sizeof *v.list)};
    TRY(verify_all(&v, cx));
    *out = v.list;
    *count = v.count;
    *checked = v.checked;
    return RC_OK;
}
