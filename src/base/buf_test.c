/* Tests of base/buf: growth, the maximum, numbers. */
#include "base/buf.h"

#include "base/check.h"

static void fill(struct buf *b, char *model, size_t *len, uint64_t *r)
{
    char piece[700];
    for (int i = 0; i < 40; i++) {
        size_t n = (size_t)check_int(r, 0, sizeof piece - 1);
        memset(piece, 'a' + (int)check_int(r, 0, 25), n);
        piece[n] = 0;
        switch (check_random(r) % 4) {
        case 0:
            buf_put(b, piece, n);
            break;
        case 1:
            buf_z(b, piece);
            break;
        case 2:
            buf_printf(b, "%s", piece);
            break;
        default:
            n = n > 9 ? 9 : n;
            for (size_t k = 0; k < n; k++)
                buf_char(b, piece[k]);
        }
        memcpy(model + *len, piece, n);
        *len += n;
    }
}

static void test_model(void **state)
{
    (void)state;
    /* Random writes give what a plain array gives, on the heap and in an arena, with a NUL. */
    for_each_seed (seed, 50) {
        uint64_t r = seed;
        struct arena *a = arena_open(1 << 20);
        static char model[40 * 700];
        size_t len = 0;
        struct buf b;
        buf_init(&b, seed % 2 ? a : NULL, 1 << 20);
        fill(&b, model, &len, &r);
        assert_true(buf_ok(&b));
        check_str(buf_view(&b), ((struct str){model, len}));
        assert_int_equal(buf_view(&b).p[len], 0);
        buf_clear(&b);
        check_str_z(buf_view(&b), "");
        buf_free(&b);
        arena_free(a);
    }
}

static void test_maximum(void **state)
{
    (void)state;
    /* Exactly the maximum fits; one byte more sets failed, and nothing after it is taken, not
     * even what would fit. */
    for (int heap = 0; heap < 2; heap++) {
        struct arena *a = arena_open(1 << 20);
        struct buf b;
        buf_init(&b, heap ? NULL : a, 1000);
        for (int i = 0; i < 1000; i++)
            buf_char(&b, 'x');
        assert_true(buf_ok(&b));
        assert_int_equal(b.len, 1000);
        buf_char(&b, 'y');
        assert_false(buf_ok(&b));
        buf_clear(&b);
        buf_put(&b, "ab", 2);
        buf_printf(&b, "%01000d", 1);
        buf_z(&b, "c");
        assert_false(buf_ok(&b));
        check_str_z(buf_view(&b), "ab");
        buf_free(&b);
        arena_free(a);
    }
}

static void test_arena_full(void **state)
{
    (void)state;
    /* An arena that cannot give more makes the buffer fail instead of aborting. */
    struct arena *a = arena_open(2000);
    struct buf b;
    buf_init(&b, a, 1 << 20);
    for (int i = 0; i < 3000; i++)
        buf_char(&b, 'x');
    assert_false(buf_ok(&b));
    arena_free(a);
}

static void test_i64(void **state)
{
    (void)state;
    /* Integers are written as printf writes them. */
    for_each_seed (seed, 1000) {
        uint64_t r = seed;
        int64_t n = check_any_i64(&r);
        char want[32];
        snprintf(want, sizeof want, "%" PRId64, n);
        struct buf b;
        buf_init(&b, NULL, 100);
        buf_i64(&b, n);
        check_str_z(buf_view(&b), want);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_maximum),
        cmocka_unit_test(test_arena_full),
        cmocka_unit_test(test_i64),
    };
    return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
