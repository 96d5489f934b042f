/* For tests only: cmocka with its includes, seeded loops, contexts and temporary folders.
 *
 *     for_each_seed(seed, 200) {
 *         uint64_t r = seed;                       // the state of check_random
 *         int64_t n = check_int(&r, -50, 50);
 *         ...asserts...
 *     }
 *
 * When an assertion fails in such a loop, the seed is printed at the program's end (or death);
 * FUMIN_SEED=N runs only that seed. Do not leave the loop with break, goto or return. */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include "base/cx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

/* cmocka's fail() would hide ours of base/cx.h. Tests say fail_msg("...", ...). */
#undef fail
#undef fail_msg
#define fail_msg(...)                                                                          \
    (print_error("ERROR: " __VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#define CHECK_UNUSED __attribute__((unused))

/* The loop that runs now; `place` is NULL when none does. */
struct check_loop {
    const char *place;
    uint64_t seed, first, end;
};
static CHECK_UNUSED struct check_loop check_loop_now;

static CHECK_UNUSED void check_loop_report(void)
{
    if (check_loop_now.place)
        fprintf(stderr, "FAILED WITH SEED %" PRIu64 " in %s (again: FUMIN_SEED=%" PRIu64 ")\n",
                check_loop_now.seed, check_loop_now.place, check_loop_now.seed);
    check_loop_now.place = NULL;
}

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define CHECK_ON_DEATH() __sanitizer_set_death_callback(check_loop_report)
#else
#define CHECK_ON_DEATH() ((void)0)
#endif

static CHECK_UNUSED uint64_t check_loop_begin(const char *place, uint64_t count)
{
    static bool registered;
    const char *only = getenv("FUMIN_SEED");
    int64_t seed = 0;
    check_loop_report(); /* the loop before this one failed */
    if (!registered)
        atexit(check_loop_report);
    registered = true;
    CHECK_ON_DEATH();
    check_loop_now = (struct check_loop){place, 1, 1, count + 1};
    if (only && str_to_i64(&seed, str_of(only)) && seed > 0)
        check_loop_now =
            (struct check_loop){place, (uint64_t)seed, (uint64_t)seed, (uint64_t)seed + 1};
    return check_loop_now.first;
}

static CHECK_UNUSED bool check_loop_next(uint64_t seed)
{
    check_loop_now.seed = seed;
    if (seed < check_loop_now.end)
        return true;
    check_loop_now.place = NULL;
    return false;
}

#define CHECK_TEXT_(x) #x
#define CHECK_TEXT(x)  CHECK_TEXT_(x)
/* Runs its body with `seed` from 1 to `count`. */
#define for_each_seed(seed, count)                                                             \
    for (uint64_t(seed) = check_loop_begin(__FILE__ ":" CHECK_TEXT(__LINE__), (count));        \
         check_loop_next(seed); (seed)++)

/* The next number of the stream *state. Source: Steele, Lea, Flood 2014 (SplitMix64). */
static CHECK_UNUSED uint64_t check_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* lowest..highest, both possible. */
static CHECK_UNUSED int64_t check_int(uint64_t *state, int64_t lowest, int64_t highest)
{
    uint64_t span = (uint64_t)highest - (uint64_t)lowest + 1;
    uint64_t n = check_random(state);
    return (int64_t)((uint64_t)lowest + (span ? n % span : n));
}

/* Any int64, small ones and the extremes more often than by chance. */
static CHECK_UNUSED int64_t check_any_i64(uint64_t *state)
{
    static const int64_t special[] = {0,    1,    -1, INT64_MAX, INT64_MIN, INT64_MAX - 1,
                                      9999, 10000};
    uint64_t kind = check_random(state) % 4;
    if (kind == 0)
        return special[check_random(state) % (sizeof special / sizeof *special)];
    return (int64_t)(check_random(state) >> (kind == 1   ? 0
                                             : kind == 2 ? 32
                                                         : 54)) *
           (check_random(state) & 1 && kind > 1 ? -1 : 1);
}

static CHECK_UNUSED void check_str_at(struct str got, struct str want, const char *file,
                                      int line)
{
    if (str_eq(got, want))
        return;
    print_error("got  “%.*s” (%zu bytes)\nwant “%.*s” (%zu bytes)\n", STR_ARG(got), got.len,
                STR_ARG(want), want.len);
    _fail(file, line);
}
/* Fails unless the struct str holds exactly these bytes. */
#define check_str(got, want)   check_str_at((got), (want), __FILE__, __LINE__)
#define check_str_z(got, want) check_str_at((got), str_of(want), __FILE__, __LINE__)

/* A context with an arena of its own (64 MiB); close it with check_close. */
static CHECK_UNUSED void check_open(struct cx *cx)
{
    cx_init(cx, arena_open(64 * 1024 * 1024));
}
static CHECK_UNUSED void check_close(struct cx *cx)
{
    arena_free(cx->arena);
    cx->arena = NULL;
}

/* Fails unless the call was refused with `want` and left a text for the person. */
static CHECK_UNUSED void check_refused_at(struct cx *cx, enum rc got, enum rc want,
                                          const char *file, int line)
{
    if (got == want && cx->err.rc == want && cx->err.text[0]) {
        err_clear(cx);
        return;
    }
    print_error("got %s with “%s” (%s), want %s with a text\n", rc_name(got), cx->err.text,
                cx->err.detail, rc_name(want));
    _fail(file, line);
}
#define check_refused(cx, call, want) check_refused_at((cx), (call), (want), __FILE__, __LINE__)

static CHECK_UNUSED void check_ok_at(struct cx *cx, enum rc got, const char *file, int line)
{
    if (got == RC_OK)
        return;
    print_error("got %s: “%s” (%s)\n", rc_name(got), cx->err.text, cx->err.detail);
    _fail(file, line);
}
/* Fails unless the call gave RC_OK, and then shows its error. */
#define check_ok(cx, call) check_ok_at((cx), (call), __FILE__, __LINE__)

/* Sets or (NULL) removes an environment variable; before threads start. */
static CHECK_UNUSED void check_env(const char *name, const char *value)
{
    if ((value ? setenv(name, value, 1) : unsetenv(name)) != 0) // NOLINT(concurrency-mt-unsafe)
        abort();
}

/* Runs `call(argument)` with the descriptor (1 or 2) going into a file, and gives what was
 * written there; until cx ends. */
static CHECK_UNUSED struct str check_captured(struct cx *cx, int fd, void (*call)(void *),
                                              void *argument)
{
    enum { SIZE = 64 * 1024 };
    char name[] = "/tmp/fumin-captured-XXXXXX", *text = arena_new(cx->arena, SIZE);
    int file = mkstemp(name), saved = dup(fd);
    if (file < 0 || saved < 0)
        abort();
    unlink(name);
    (void)fflush(stdout);
    dup2(file, fd);
    call(argument);
    (void)fflush(stdout);
    dup2(saved, fd);
    close(saved);
    ssize_t len = pread(file, text, SIZE - 1, 0);
    close(file);
    return (struct str){text, len > 0 ? (size_t)len : 0};
}

/* A new empty folder under $TMPDIR or /tmp, in cx->arena. */
static CHECK_UNUSED const char *check_dir(struct cx *cx)
{
    const char *base = getenv("TMPDIR");
    char path[256];
    snprintf(path, sizeof path, "%s/fumin-test-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(path)) {
        perror(path);
        abort();
    }
    return arena_copy(cx->arena, str_of(path));
}

/* Deletes a folder of check_dir with what is in it, two levels deep at most. */
static CHECK_UNUSED void check_dir_remove(struct cx *cx, const char *dir)
{
    for (int depth = 0; depth < 4 && rmdir(dir) != 0; depth++) {
        const char *at = dir; /* empties the first folder found that holds no folder */
        for (int level = 0; level < 4; level++) {
            DIR *d = opendir(at);
            const char *inner = NULL;
            for (struct dirent *e; d && (e = readdir(d));) {
                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                    continue;
                const char *name = arena_printf(cx->arena, "%s/%s", at, e->d_name);
                if (unlink(name) != 0 && rmdir(name) != 0)
                    inner = name;
            }
            if (d)
                closedir(d);
            if (!inner)
                break;
            at = inner;
        }
    }
}

#endif
