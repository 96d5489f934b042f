/* Tests of base/arena: zeroed aligned memory, the cap, marks. */
#include "base/arena.h"

#include "base/check.h"

#include <signal.h>
#include <sys/wait.h>

static void test_pieces(void **state)
{
    (void)state;
    /* Random sizes: every piece is aligned, zero, and apart from every other: each is filled
     * with its own byte and all are looked at again at the end. */
    for_each_seed (seed, 30) {
        uint64_t r = seed;
        struct arena *a = arena_open(4 * 1024 * 1024);
        unsigned char *pieces[200];
        size_t sizes[200];
        for (int i = 0; i < 200; i++) {
            sizes[i] = (size_t)check_int(&r, 0, i % 20 ? 300 : 60000);
            pieces[i] = arena_new(a, sizes[i]);
            assert_int_equal((uintptr_t)pieces[i] % 16, 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(pieces[i][k], 0);
            memset(pieces[i], i, sizes[i]);
        }
        for (int i = 0; i < 200; i++)
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(pieces[i][k], i);
        arena_free(a);
    }
}

static void test_cap(void **state)
{
    (void)state;
    /* Passing the cap gives NULL and leaves the arena usable; an overflowing product too. */
    struct arena *a = arena_open(100000);
    assert_non_null(arena_try(a, 99000));
    assert_null(arena_try(a, 2000));
    assert_non_null(arena_try(a, 500));
    assert_null(arena_try(a, SIZE_MAX));
    assert_null(arena_try(a, SIZE_MAX - 8));
    assert_null(arena_array(a, SIZE_MAX / 2, 3));
    assert_true(arena_used(a) <= 100000);
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
    assert_non_null(arena_try(a, 99000));
    arena_free(a);
    arena_free(NULL);
}

static void test_new_aborts(void **state)
{
    (void)state;
    /* arena_new over the cap ends the process with SIGABRT: tried in a child. */
    pid_t child = fork();
    if (child == 0) {
        struct arena *a = arena_open(100);
        (void)!freopen("/dev/null", "w", stderr);
        signal(SIGABRT, SIG_DFL);
        char *p = arena_new(a, 101);
        _exit(p[0]);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void test_texts(void **state)
{
    (void)state;
    /* Copies are NUL-terminated; printf works below and above its small buffer of 256 bytes. */
    struct arena *a = arena_open(1 << 20);
    assert_string_equal(arena_copy(a, (struct str){"abcdef", 3}), "abc");
    assert_string_equal(arena_copy(a, (struct str){NULL, 0}), "");
    struct str s = arena_str(a, STR("村"));
    assert_int_equal(s.p[s.len], 0);
    assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
    for (int len = 250; len < 262; len++) {
        const char *z = arena_printf(a, "%0*d", len, 5);
        assert_int_equal(strlen(z), len);
        assert_int_equal(z[len - 1], '5');
    }
    arena_free(a);
}

static void test_marks(void **state)
{
    (void)state;
    /* A loop that goes back to its mark stays within a cap a hundred times smaller than what it
     * hands out, over block borders, and what stood before the mark is untouched. */
    struct arena *a = arena_open(200000);
    char *kept = arena_new(a, 10000);
    memset(kept, 'k', 10000);
    struct arena_mark mark = arena_mark(a);
    size_t used = arena_used(a);
    for (int i = 0; i < 100; i++) {
        for (int k = 0; k < 17; k++)
            memset(arena_new(a, 10000), i, 10000);
        arena_back(a, mark);
        assert_int_equal(arena_used(a), used);
    }
    const unsigned char *again = arena_new(a, 5000);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(again[i], 0);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(kept[i], 'k');
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),     cmocka_unit_test(test_cap),
        cmocka_unit_test(test_new_aborts), cmocka_unit_test(test_texts),
        cmocka_unit_test(test_marks),
    };
    return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
