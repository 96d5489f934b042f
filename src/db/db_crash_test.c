/* Tests with processes: kill -9 at random moments while acknowledged numbers are written down,
 * and two processes that write to one database. FUMIN_KILLS=200 kills more often. */
#include "base/check.h"
#include "base/time.h"
#include "db/db_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static const struct sql MAKE = {
    .name = "make",
    .lite =
        "CREATE TABLE mark (county BIGINT NOT NULL, number BIGINT NOT NULL, part INTEGER NOT "
        "NULL, PRIMARY KEY (county, number, part))",
    .args = "",
    .cols = "",
};
static const struct sql ADD = {
    .name = "add",
    .lite = "INSERT INTO mark (county, number, part) VALUES ($1, $2, $3)",
    .args = "iii",
    .cols = "",
};
/* How many parts of a number are there. */
static const struct sql PARTS = {
    .name = "parts",
    .lite = "SELECT count(*) FROM mark WHERE number = $1",
    .args = "i",
    .cols = "i",
};
static const struct sql HALVES = {
    .name = "halves",
    .lite = "SELECT count(*) FROM (SELECT number FROM mark GROUP BY number HAVING count(*) <> "
            "2) AS h",
    .args = "",
    .cols = "i",
};
static const struct sql COUNT = {
    .name = "count", .lite = "SELECT count(*) FROM mark", .args = "", .cols = "i"};

static enum rc make(struct cx *cx, void *arg)
{
    (void)arg;
    return DB_RUN0(cx, &MAKE);
}

/* Two rows that belong together. */
static enum rc add_pair(struct cx *cx, void *arg)
{
    int64_t number = *(const int64_t *)arg;
    TRY(DB_RUN(cx, &ADD, V_I(number % 3), V_I(number), V_I(1)));
    return DB_RUN(cx, &ADD, V_I(number % 3), V_I(number), V_I(2));
}

static int64_t ask(struct cx *cx, const struct sql *sql)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE0(&rows, cx, sql));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

/* ---- the child: 8 threads write and say what was acknowledged ---- */

struct child {
    struct db_pool *pool;
    int64_t first;
    int pipe;
};

static void *child_main(void *arg)
{
    const struct child *c = arg;
    struct cx cx;
    cx_init(&cx, arena_open(65536));
    cx.pool = c->pool;
    for (int64_t number = c->first;; number++) {
        if (db_write(&cx, number % 3, add_pair, &number) == RC_OK &&
            write(c->pipe, &number, sizeof number) != sizeof number)
            _exit(2);
        err_clear(&cx);
    }
    return NULL;
}

_Noreturn static void child_run(const char *url, int fd, int64_t base)
{
    static struct child children[8];
    pthread_t threads[8];
    struct db_pool *pool;
    struct cx cx;
    check_open(&cx);
    if (db_open(&pool, &cx, &(struct db_options){.url = url})) {
        fprintf(stderr, "child: %s (%s)\n", cx.err.text, cx.err.detail);
        _exit(3);
    }
    for (int i = 0; i < 8; i++) {
        children[i] = (struct child){pool, base + i * 100000, fd};
        pthread_create(&threads[i], NULL, child_main, &children[i]);
    }
    for (;;)
        pause();
}

/* A program of its own: SQLite must not be carried over a fork. `role` is "kill" or "command";
 * it may write to descriptor 3. */
static pid_t child_start(const char *role, const char *url, int *out, int64_t base)
{
    int ends[2];
    char number[32];
    snprintf(number, sizeof number, "%" PRId64, base);
    if (pipe(ends))
        abort();
    pid_t pid = fork();
    if (pid == 0) {
        if (dup2(ends[1], 3) != 3)
            _exit(5);
        execl("/proc/self/exe", "child", role, url, number, (char *)NULL);
        _exit(6);
    }
    close(ends[1]);
    *out = ends[0];
    return pid;
}

/* Reads acknowledged numbers into `got` until the pipe ends; kills the child after `after` of
 * them and a random while. */
static size_t read_and_kill(int fd, pid_t pid, int64_t *got, size_t max, size_t after)
{
    size_t count = 0;
    bool killed = false;
    while (count < max && read(fd, &got[count], sizeof *got) == sizeof *got) {
        count++;
        if (count >= after && !killed) {
            kill(pid, SIGKILL);
            killed = true;
        }
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(fd);
    return count;
}

static void killed(struct cx *cx)
{
    enum { GOT_MAX = 50000 };
    static int64_t got[GOT_MAX];
    const char *text = getenv("FUMIN_KILLS");
    int64_t kills = 20, acknowledged = 0;
    uint64_t r = (uint64_t)time_mono_us();
    if (text)
        assert_true(str_to_i64(&kills, str_of(text)));
    print_message("seed %" PRIu64 "\n", r);
    check_ok(cx, db_write(cx, 0, make, NULL));
    const char *url = arena_copy(cx->arena, str_of(db_fixture_url(cx)));
    for (int64_t round = 0; round < kills; round++) {
        struct db_rows rows;
        int fd;
        pid_t pid = child_start("kill", url, &fd, (round + 1) * 1000000);
        size_t count = read_and_kill(fd, pid, got, GOT_MAX, (size_t)check_int(&r, 1, 400));
        assert_true(count > 0);
        acknowledged += (int64_t)count;
        for (size_t i = 0; i < count; i++) {
            check_ok(cx, DB_ONE(&rows, cx, &PARTS, V_I(got[i])));
            assert_int_equal(row_i64(&rows, 0), 2);
            check_ok(cx, db_done(&rows));
        }
    }
    assert_int_equal(ask(cx, &HALVES), 0);
    /* Each thread may have had one write committed whose answer nobody read any more. */
    int64_t pairs = ask(cx, &COUNT) / 2;
    assert_true(pairs >= acknowledged && pairs <= acknowledged + 8 * kills);
    print_message("%" PRId64 " kills, %" PRId64 " acknowledged, %" PRId64 " found\n", kills,
                  acknowledged, pairs);
}

static void test_killed(void **state)
{
    (void)state;
    /* A process of eight writing threads is killed at random moments: every acknowledged pair
     * of rows is there once (the key refuses doubles), none is half there. */
    db_fixture_each_empty(killed);
}

/* ---- two processes ---- */

enum { MINE = 300 };
_Noreturn static void second_process(const char *url)
{
    struct cx cx;
    struct db_pool *pool;
    check_open(&cx);
    if (db_open(&pool, &cx, &(struct db_options){.url = url, .single_thread = true}))
        _exit(3);
    cx.pool = pool;
    for (int64_t number = 5000000; number < 5000000 + MINE; number++) {
        if (db_write_bulk(&cx, number % 3, add_pair, &number))
            _exit(4);
    }
    db_close(pool);
    _exit(0);
}

static void two_processes(struct cx *cx)
{
    int status = -1;
    int64_t worst_ms = 0, mine = 0;
    check_ok(cx, db_write(cx, 0, make, NULL));
    const char *url = arena_copy(cx->arena, str_of(db_fixture_url(cx)));
    int fd;
    pid_t pid = child_start("command", url, &fd, 0);
    for (int64_t number = 1; waitpid(pid, &status, WNOHANG) == 0; number++, mine++) {
        int64_t start_ms = time_mono_ms();
        check_ok(cx, db_write(cx, number % 3, add_pair, &number));
        if (time_mono_ms() - start_ms > worst_ms)
            worst_ms = time_mono_ms() - start_ms;
    }
    close(fd);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(mine > 0);
    assert_int_equal(ask(cx, &COUNT), 2 * (mine + MINE));
    assert_true(worst_ms < 2000);
    print_message("server %" PRId64 " writes beside a command's %d, slowest %" PRId64 " ms\n",
                  mine, MINE, worst_ms);
}

static void test_two_processes(void **state)
{
    (void)state;
    /* A command writes 300 chunks while the server writes: both get on, nothing is lost. */
    db_fixture_each_empty(two_processes);
}

int main(int argc, char **argv)
{
    int64_t base = 0;
    signal(SIGPIPE, SIG_IGN);
    if (argc == 4 && str_to_i64(&base, str_of(argv[3]))) {
        if (strcmp(argv[1], "kill") == 0)
            child_run(argv[2], 3, base);
        second_process(argv[2]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_two_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
