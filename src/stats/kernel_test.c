/* Tests of the kernels over packed columns: equal to the plain functions on the same rows, the
 * same with and without AVX2 and for any cut into parts; bounds that hold; extremes. */
#include "stats/kernel.h"

#include "stats/stats_fixture.h"

enum { ROWS = 6000, GROUPS = 9, INDICATORS = 12 };
struct sample {
    uint16_t pattern[ROWS];
    int32_t income[ROWS], weight[ROWS];
    uint64_t offset[GROUPS + 1];
    uint32_t group[ROWS];
    double y[ROWS], w[ROWS];
    struct packed p;
};

static void random_sample(struct sample *s, uint64_t seed)
{
    uint64_t r = seed;
    bool extreme = seed % 4 == 0;
    for (int g = 1; g < GROUPS; g++) /* some groups are empty, some one row */
        s->offset[g] = g % 4 == 1
                           ? s->offset[g - 1]
                           : s->offset[g - 1] + (uint64_t)check_int(&r, 1, ROWS / GROUPS);
    s->offset[GROUPS] = ROWS;
    for (size_t i = 0, g = 0; i < ROWS; i++) {
        while (i >= s->offset[g + 1])
            g++;
        s->group[i] = (uint32_t)g;
        s->pattern[i] = (uint16_t)(check_random(&r) & check_random(&r));
        s->income[i] = (int32_t)(extreme ? check_int(&r, -INT32_MAX, INT32_MAX)
                                         : check_int(&r, -200, 30000));
        if (check_int(&r, 0, 30) == 0)
            s->income[i] = PACKED_MISSING;
        s->weight[i] =
            (int32_t)(extreme ? PACKED_WEIGHT_MAX - check_int(&r, 0, 9) : check_int(&r, 0, 9));
        s->y[i] = s->income[i] == PACKED_MISSING ? NAN : (double)s->income[i];
        s->w[i] = s->weight[i];
    }
    s->p = (struct packed){s->pattern, s->income, s->weight, s->offset, GROUPS};
}

static struct sample *sample;

static int setup(void **state)
{
    (void)state;
    sample = calloc(1, sizeof *sample);
    return sample ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    free(sample);
    kernel_use_avx2(true);
    return 0;
}

static void test_mpi(void **state)
{
    (void)state;
    /* Each group's figures are exactly those of mpi_hist_add and mpi_of. */
    struct cx cx;
    check_open(&cx);
    static const struct mpi_spec spec = {.n = INDICATORS,
                                         .weight = {3, 3, 3, 3, 1, 1, 1, 1, 1, 1, 2, 4},
                                         .k_num = 1,
                                         .k_den = 3};
    static struct mpi_result got[GROUPS], part[GROUPS];
    for_each_seed (seed, 12) {
        struct arena_mark mark = arena_mark(cx.arena);
        struct mpi_hist h;
        random_sample(sample, seed);
        check_ok(&cx, mpi_hist_make(&h, &cx, INDICATORS, GROUPS));
        mpi_hist_add(&h,
                     &(struct mpi_rows){sample->pattern, NULL, sample->w, sample->group, ROWS});
        check_ok(&cx, packed_mpi(got, &cx, &spec, &sample->p));
        for (size_t g = 0; g < GROUPS; g++) {
            struct mpi_result want;
            struct packed one = sample->p;
            mpi_of(&want, &spec, &h, g);
            assert_int_equal(got[g].rows, want.rows);
            assert_true(got[g].weight == want.weight);
            if (want.weight > 0)
                assert_true(got[g].h == want.h && got[g].m0 == want.m0 &&
                            got[g].censored[3] == want.censored[3] &&
                            got[g].uncensored[11] == want.uncensored[11]);
            one.offset += g; /* as a thread of its own would */
            one.groups = 1;
            check_ok(&cx, packed_mpi(part, &cx, &spec, &one));
            assert_memory_equal(&part[0].weight, &got[g].weight, sizeof(double));
            assert_memory_equal(&part[0].m0, &got[g].m0, sizeof(double));
        }
        arena_back(cx.arena, mark);
    }
    check_close(&cx);
}

static void test_fgt(void **state)
{
    (void)state;
    /* Each group's sums are those of fgt_add to 14 digits; without AVX2 they are the same bits;
     * so they are at the widest incomes, weights and line. */
    static struct fgt_sums got[GROUPS], plain[GROUPS], want[GROUPS];
    for_each_seed (seed, 16) {
        random_sample(sample, seed);
        int32_t line = seed % 4 == 0 ? INT32_MAX - 1 : 2300;
        bool weak = seed % 2;
        memset(want, 0, sizeof want);
        fgt_add(want, &(struct welfare){sample->y, sample->w, ROWS}, sample->group, line, weak);
        kernel_use_avx2(false);
        packed_fgt(plain, &sample->p, line, weak);
        kernel_use_avx2(true);
        packed_fgt(got, &sample->p, line, weak);
        for (int g = 0; g < GROUPS; g++) {
            assert_int_equal(got[g].rows, want[g].rows);
            assert_int_equal(got[g].poor_rows, want[g].poor_rows);
            assert_int_equal(got[g].missing_rows, want[g].missing_rows);
            assert_int_equal(got[g].not_positive_rows, want[g].not_positive_rows);
            assert_true(got[g].weight == want[g].weight && got[g].poor == want[g].poor &&
                        got[g].missing_weight == want[g].missing_weight &&
                        got[g].not_positive_weight == want[g].not_positive_weight);
            fixture_close(got[g].gap, want[g].gap, 14);
            fixture_close(got[g].gap2, want[g].gap2, 14);
            assert_true(fabs(got[g].y - want[g].y) <= 1e-14 * (got[g].weight * INT32_MAX));
            assert_true(isnan(got[g].log_gap));
            assert_true(got[g].gap == plain[g].gap && got[g].gap2 == plain[g].gap2 &&
                        got[g].y == plain[g].y && got[g].rows == plain[g].rows);
        }
    }
}

static void test_fgt_sums_of_blocks(void **state)
{
    (void)state;
    /* A full block of the greatest weights and gaps does not overflow: all equal rows give the
     * gap of one row. */
    static int32_t income[4096], weight[4096];
    const uint64_t offset[] = {0, 4096};
    for (int i = 0; i < 4096; i++) {
        income[i] = -INT32_MAX;
        weight[i] = PACKED_WEIGHT_MAX;
    }
    struct fgt_sums s;
    packed_fgt(&s, &(struct packed){NULL, income, weight, offset, 1}, INT32_MAX - 1, false);
    double gap = (2.0 * INT32_MAX - 1) / (INT32_MAX - 1.0);
    fixture_close(fgt_of(&s, 1).value, gap, 14);
    fixture_close(fgt_of(&s, 2).value, gap * gap, 14);
    fixture_close(s.y / s.weight, -INT32_MAX, 14);
}

static void test_gini(void **state)
{
    (void)state;
    /* The exact Gini is that of ranked rows, and lies between bounds that are near each other;
     * incomes below 2,048 have classes of their own, where the bounds meet. */
    struct cx cx;
    check_open(&cx);
    for_each_seed (seed, 20) {
        struct arena_mark mark = arena_mark(cx.arena);
        struct ranked r;
        struct gini_bounds b;
        double exact;
        random_sample(sample, seed);
        for (size_t i = 0; i < ROWS && seed % 4 == 0; i++) /* a mean above zero */
            if (sample->y[i] < -1000)
                sample->y[i] = sample->income[i] = -1000;
        for (size_t i = 0; i < ROWS && seed % 4 == 1; i++)
            if (sample->y[i] > 0)
                sample->y[i] = sample->income[i] %= 2048;
        check_ok(&cx, ranked_make(&r, &cx, &(struct welfare){sample->y, sample->w, ROWS}));
        check_ok(&cx, packed_gini(&exact, &cx, &sample->p));
        check_ok(&cx, packed_gini_bounds(&b, &cx, &sample->p));
        fixture_close(exact, ranked_gini(&cx, &r, false).value, 13);
        assert_true(b.low <= exact + 1e-14 && exact <= b.high + 1e-14);
        assert_true(b.high - b.low < (seed % 4 == 1 ? 1e-14 : 1e-5));
        assert_true(seed % 4 == 1 || b.high > b.low);
        arena_back(cx.arena, mark);
    }
    check_close(&cx);
}

static void test_gini_refused(void **state)
{
    (void)state;
    /* Nobody, a mean not above zero, and weights that are too large are refused. */
    struct cx cx;
    check_open(&cx);
    static const int32_t missing[] = {PACKED_MISSING, 5}, negative[] = {-7, 5}, none[] = {3, 0},
                         one[] = {1, 1};
    const uint64_t offset[] = {0, 2};
    struct gini_bounds b;
    double g;
    struct packed nobody = {NULL, missing, none, offset, 1},
                  low = {NULL, negative, one, offset, 1};
    check_refused(&cx, packed_gini(&g, &cx, &nobody), RC_INVALID);
    check_refused(&cx, packed_gini_bounds(&b, &cx, &nobody), RC_INVALID);
    check_refused(&cx, packed_gini(&g, &cx, &low), RC_INVALID);
    check_refused(&cx, packed_gini_bounds(&b, &cx, &low), RC_INVALID);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mpi),
        cmocka_unit_test(test_fgt),
        cmocka_unit_test(test_fgt_sums_of_blocks),
        cmocka_unit_test(test_gini),
        cmocka_unit_test(test_gini_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
