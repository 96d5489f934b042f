/* Tests of the store on both databases: what goes in comes out, once; damage and full disks are
 * noticed and leave nothing half; a killed process loses nothing it acknowledged. The program
 * starts itself again as a child that is killed (child_main). */
#include "store/store.h"

#include "base/check.h"
#include "base/crypto.h"
#include "base/fault.h"
#include "base/vault.h"
#include "db/db_fixture.h"
#include "db/db_impl.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

static int file_of(const void *p, size_t len)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, p, len), (ssize_t)len);
    return fd; /* its position is at the end: store_put must not rely on it */
}

/* The same bytes for the same seed, on any side. */
static unsigned char *noise(struct cx *cx, size_t len, uint64_t seed)
{
    unsigned char *p = arena_new(cx->arena, len + 8);
    for (size_t i = 0; i < len; i += 8) {
        uint64_t n = check_random(&seed);
        memcpy(p + i, &n, 8);
    }
    return p;
}

static const char *open_vault(struct cx *cx)
{
    const char *path = arena_printf(cx->arena, "%s.key", cx->dir);
    if (access(path, F_OK) != 0)
        check_ok(cx, vault_create(cx, path));
    check_ok(cx, vault_open(&cx->vault, cx, path));
    return path;
}

static void close_vault(struct cx *cx)
{
    vault_close(cx->vault);
    cx->vault = NULL;
    unlink(arena_printf(cx->arena, "%s.key", cx->dir));
}

static enum rc put(int64_t *id, bool *is_new, struct cx *cx, int64_t county, const char *kind,
                   const void *p, size_t len)
{
    int fd = file_of(p, len);
    enum rc rc = store_put(id, is_new, cx, county, kind, "file.csv", "text/csv", fd);
    close(fd);
    return rc;
}

static void check_content(struct cx *cx, int64_t county, int64_t id, const void *p, size_t len)
{
    int fd = -1;
    unsigned char *got = arena_new(cx->arena, len + 1);
    check_ok(cx, store_open(&fd, cx, county, id));
    size_t at = 0;
    for (ssize_t n; at <= len && (n = read(fd, got + at, len + 1 - at)) > 0;)
        at += (size_t)n;
    assert_int_equal(at, len);
    assert_memory_equal(got, p, len);
    close(fd);
}

/* Counts the files below DIR/store; the last one's path stays in walk_path. */
static size_t walk_count;
static char walk_path[1024];
static const char *walk_needle; /* none of the files may hold this */
static bool walk_leak;
static int walk_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)ftw;
    if (kind != FTW_F)
        return 0;
    walk_count++;
    snprintf(walk_path, sizeof walk_path, "%s", path);
    char *p = malloc((size_t)st->st_size + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, p, (size_t)st->st_size);
    if (walk_needle && n > 0 && memmem(p, (size_t)n, walk_needle, strlen(walk_needle)))
        walk_leak = true;
    close(fd);
    free(p);
    return 0;
}
static size_t file_count(struct cx *cx)
{
    walk_count = 0;
    nftw(arena_printf(cx->arena, "%s/store", cx->dir), walk_one, 8, FTW_PHYS);
    return walk_count;
}

/* Documents of many lengths, around the chunk of 64 KiB too, come out as they went in; the same
 * content in the same county and kind is one document, in another a second one that shares
 * the file; nothing readable lies on the disk; verify finds all sound. */
static void round_trip_on(struct cx *cx)
{
    static const size_t lens[] = {0, 1, 17, 65535, 65536, 65537, 131072, 300001};
    enum { COUNT = sizeof lens / sizeof lens[0] };
    int64_t id[COUNT], again, checked, faults;
    bool is_new;
    struct document d;
    open_vault(cx);
    cx->now_at = 1790000000;
    for (int i = 0; i < COUNT; i++) {
        unsigned char *p = noise(cx, lens[i], 7);
        check_ok(cx, put(&id[i], &is_new, cx, 3, "import", p, lens[i]));
        assert_true(is_new);
        check_content(cx, 3, id[i], p, lens[i]);
        check_ok(cx, store_get(&d, cx, 3, id[i]));
        assert_int_equal(d.len, lens[i]);
        assert_string_equal(d.kind, "import");
        assert_string_equal(d.name, "file.csv");
        assert_string_equal(d.type, "text/csv");
        assert_int_equal(d.received_at, 1790000000);
    }
    static const char text[] = "户主,证件号码\n王小明,330102199001010000\n";
    size_t before = file_count(cx);
    check_ok(cx, put(&id[0], &is_new, cx, 3, "import", text, sizeof text - 1));
    check_ok(cx, put(&again, &is_new, cx, 3, "import", text, sizeof text - 1));
    assert_int_equal(again, id[0]);
    assert_false(is_new);
    check_ok(cx, put(&again, &is_new, cx, 4, "import", text, sizeof text - 1));
    assert_true(is_new);
    check_ok(cx, put(&again, &is_new, cx, 3, "visit", text, sizeof text - 1));
    assert_true(is_new && again != id[0]);
    check_content(cx, 3, again, text, sizeof text - 1);
    walk_needle = "王小明";
    walk_leak = false;
    assert_int_equal(file_count(cx), before + 1);
    assert_false(walk_leak);
    walk_needle = NULL;
    check_refused(cx, store_get(&d, cx, 4, id[0]), RC_NOTFOUND); /* another county's */
    check_ok(cx, store_verify(&checked, &faults, cx));
    assert_int_equal(checked, COUNT + 3);
    assert_int_equal(faults, 0);
    close_vault(cx);
}

/* Names are cut at 200 bytes between characters; a name that is not UTF-8 loses its end. */
static void names_on(struct cx *cx)
{
    int64_t id;
    bool is_new;
    struct document d;
    char name[400];
    open_vault(cx);
    for (int i = 0; i < 100; i++)
        memcpy(name + 3 * i, "表", 3);
    name[300] = '\0';
    int fd = file_of("a", 1);
    check_ok(cx, store_put(&id, &is_new, cx, 1, "import", name, NULL, fd));
    check_ok(cx, store_get(&d, cx, 1, id));
    assert_int_equal(strlen(d.name), 198);
    close(fd);
    fd = file_of("b", 1);
    check_ok(cx, store_put(&id, &is_new, cx, 1, "import", "ab\xff\xfe.csv", NULL, fd));
    check_ok(cx, store_get(&d, cx, 1, id));
    assert_string_equal(d.name, "ab");
    close(fd);
    fd = file_of("c", 1);
    check_ok(cx, store_put(&id, &is_new, cx, 1, "import", "", NULL, fd));
    check_ok(cx, store_get(&d, cx, 1, id));
    assert_string_equal(d.name, "document");
    close(fd);
    close_vault(cx);
}

/* Every kind of damage of a file (a flipped byte, cut off, empty, swapped with another sound
 * one, gone) is RC_IO on opening, counted by verify, and mended by sending the same file. */
static void damage_on(struct cx *cx)
{
    int64_t a, again, b, checked, faults;
    bool is_new;
    int fd;
    open_vault(cx);
    unsigned char *p = noise(cx, 100000, 1), *q = noise(cx, 100000, 2);
    check_ok(cx, put(&a, &is_new, cx, 1, "import", p, 100000));
    file_count(cx);
    char path[1024];
    snprintf(path, sizeof path, "%s", walk_path);
    for (int kind = 0; kind < 5; kind++) {
        char byte = 0;
        fd = open(path, O_RDWR | O_CLOEXEC);
        if (kind == 0) {
            assert_int_equal(pread(fd, &byte, 1, 70000), 1);
            byte ^= 1;
            assert_int_equal(pwrite(fd, &byte, 1, 70000), 1);
        } else if (kind == 1) {
            assert_int_equal(ftruncate(fd, 65536 + 24), 0);
        } else if (kind == 2) {
            assert_int_equal(ftruncate(fd, 0), 0);
        } else if (kind == 3) {
            check_ok(cx, put(&b, &is_new, cx, 2, "import", q, 100000));
            char other[1024];
            do { /* the file that is not ours */
                file_count(cx);
                snprintf(other, sizeof other, "%s", walk_path);
                if (strcmp(other, path) == 0)
                    assert_int_equal(rename(path, "/tmp/fumin-store-aside"), 0);
            } while (strcmp(other, path) == 0);
            assert_int_equal(rename(other, path), 0);
            unlink("/tmp/fumin-store-aside");
        } else {
            unlink(path);
        }
        close(fd);
        int opened = -1;
        check_refused(cx, store_open(&opened, cx, 1, a), RC_IO);
        assert_int_equal(opened, -1);
        check_ok(cx, store_verify(&checked, &faults, cx));
        assert_int_equal(faults, kind >= 3 ? (kind == 3 ? 2 : 1) : 1);
        check_ok(cx, put(&again, &is_new, cx, 1, "import", p, 100000));
        assert_int_equal(again, a);
        assert_false(is_new);
        check_content(cx, 1, a, p, 100000);
        if (kind == 3)
            check_ok(cx, put(&again, &is_new, cx, 2, "import", q, 100000));
        struct store_fault *list;
        size_t count;
        check_ok(cx, store_fault_list(&list, &count, &checked, cx));
        assert_int_equal(count, 0);
    }
    close_vault(cx);
}

/* Whatever fails while a file is written (here each point in turn, with a full disk): RC_IO
 * with a sentence that says so, no file, no row; afterwards the same file goes in. */
static void faults_on(struct cx *cx)
{
    static const char *const points[] = {
        "store.write:1:enospc", "file.write:1:enospc",   "file.write:3:enospc",
        "file.fsync:1:enospc",  "store.rename:1:enospc", "file.rename:1:enospc",
    };
    int64_t id = 77, checked, faults;
    bool is_new;
    open_vault(cx);
    unsigned char *p = noise(cx, 200000, 3);
    check_ok(cx, put(&id, &is_new, cx, 1, "import", "x", 1)); /* the folders are there */
    size_t files = file_count(cx);
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        id = 77;
        assert_true(fault_set(points[i]));
        enum rc rc = put(&id, &is_new, cx, 1, "import", p, 200000);
        fault_set(NULL);
        assert_int_equal(rc, RC_IO);
        assert_non_null(strstr(cx->err.text, "The disk is full"));
        err_clear(cx);
        assert_int_equal(id, 77);
        assert_int_equal(file_count(cx), files);
        check_ok(cx, store_verify(&checked, &faults, cx));
        assert_int_equal(checked, 1);
    }
    check_ok(cx, put(&id, &is_new, cx, 1, "import", p, 200000));
    assert_true(is_new);
    check_content(cx, 1, id, p, 200000);
    close_vault(cx);
}

/* ---- kill -9 ---- */

static enum rc child_put(struct cx *cx, int64_t n)
{
    int64_t id;
    bool is_new;
    size_t len = 1000 + (size_t)(n * 37777 % 150000);
    struct arena_mark mark = arena_mark(cx->arena);
    unsigned char *p = noise(cx, len, (uint64_t)n);
    int fd = memfd_create("child", MFD_CLOEXEC);
    if (fd < 0 || write(fd, p, len) != (ssize_t)len)
        return RC_IO;
    TRY(store_put(&id, &is_new, cx, 1, "import", "child", "", fd));
    close(fd);
    arena_back(cx->arena, mark);
    printf("%" PRId64 " %" PRId64 "\n", n, id);
    fflush(stdout);
    return RC_OK;
}

/* The child: stores document after document and says which it has stored. */
static int child_main(char **argv)
{
    struct cx cx;
    int64_t n = 0;
    struct db_options options = {.url = argv[2], .single_thread = true};
    cx_init(&cx, arena_open(16 * 1024 * 1024));
    cx.dir = argv[3];
    if (!str_to_i64(&n, str_of(argv[4])) || db_open(&cx.pool, &cx, &options) ||
        db_attach(&cx) || vault_open(&cx.vault, &cx, arena_printf(cx.arena, "%s.key", cx.dir)))
        return 1;
    for (;; n++) {
        if (child_put(&cx, n))
            return 2;
    }
}

extern char **environ;

/* Starts a child at document n, kills it after a while; *next = behind the last acknowledged,
 * whose ids go into ids[]. */
static void run_child(struct cx *cx, int64_t n, int64_t ms, int64_t *next, int64_t *ids)
{
    int ends[2];
    pid_t pid = 0;
    char number[24], line[64];
    posix_spawn_file_actions_t actions;
    snprintf(number, sizeof number, "%" PRId64, n);
    char *const argv[] = {(char *)(uintptr_t)"store_test",
                          (char *)(uintptr_t)"--child",
                          cx->pool->url,
                          (char *)(uintptr_t)cx->dir,
                          number,
                          NULL};
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    assert_int_equal(posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    /* From its first acknowledged document on: a busy machine may take long to start it. */
    struct pollfd said = {.fd = ends[0], .events = POLLIN};
    assert_int_equal(poll(&said, 1, 60000), 1);
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    FILE *in = fdopen(ends[0], "r");
    *next = n;
    while (fgets(line, sizeof line, in)) {
        int64_t done, id;
        struct str rest = str_of(line);
        struct str first = str_cut(&rest, ' ');
        /* A line that was cut off was not acknowledged. */
        if (!str_ends(rest, STR("\n")))
            break;
        rest.len--;
        assert_true(str_to_i64(&done, first) && str_to_i64(&id, rest));
        assert_int_equal(done, *next);
        ids[done] = id;
        *next = done + 1;
    }
    fclose(in);
}

/* A process that stores is killed at 20 moments: every document it acknowledged is there with
 * its content, no row names a file that is not whole, and the next process goes on. */
static void killed_on(struct cx *cx)
{
    enum { MOST = 4000 };
    int64_t next = 0, checked, faults, *ids = arena_new(cx->arena, MOST * sizeof *ids);
    uint64_t random = 99;
    open_vault(cx);
    for (int i = 0; i < 20 && next < MOST - 1000; i++) {
        run_child(cx, next, check_int(&random, 30, 160), &next, ids);
        check_ok(cx, store_verify(&checked, &faults, cx));
        assert_int_equal(faults, 0);
        assert_true(checked >= next);
    }
    assert_true(next >= 20);
    for (int64_t n = 0; n < next; n++) {
        size_t len = 1000 + (size_t)(n * 37777 % 150000);
        struct arena_mark mark = arena_mark(cx->arena);
        check_content(cx, 1, ids[n], noise(cx, len, (uint64_t)n), len);
        arena_back(cx->arena, mark);
    }
    close_vault(cx);
}

#define ON_BOTH(name)                                                                          \
    static void name(void **state)                                                             \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(name##_on);                                                            \
    }
ON_BOTH(round_trip)
ON_BOTH(names)
ON_BOTH(damage)
ON_BOTH(faults)
ON_BOTH(killed)

int main(int argc, char **argv)
{
    crypto_init();
    if (argc == 5 && strcmp(argv[1], "--child") == 0)
        return child_main(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip), cmocka_unit_test(names),  cmocka_unit_test(damage),
        cmocka_unit_test(faults),     cmocka_unit_test(killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
