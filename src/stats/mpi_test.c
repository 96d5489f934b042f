/* Tests of Alkire–Foster: against mpitb on its own data, against a loop over rows, and at the
 * edges: a score of exactly k, missing indicators, bad specifications. */
#include "stats/mpi.h"

#include "stats/stats_fixture.h"

static const char *const names[10] = {"d_nutr", "d_cm",  "d_satt", "d_educ", "d_elct",
                                      "d_sani", "d_wtr", "d_hsg",  "d_ckfl", "d_asst"};
static const struct mpi_spec global = {
    .n = 10, .weight = {3, 3, 3, 3, 1, 1, 1, 1, 1, 1}, .k_num = 33, .k_den = 100};

static void test_syn_cdta(void **state)
{
    (void)state;
    /* mpitb's data set, two rounds, global MPI weights, k = 33 %: M0, H and A of
     * domain/statistics.md b; 97 rows with a missing indicator are left out and counted. */
    struct cx cx;
    struct fixture f;
    check_open(&cx);
    if (!fixture_shared(&f, &cx, "mpi-syn-cdta/syn_cdta.csv")) {
        check_close(&cx);
        skip();
    }
    uint16_t *deprived = arena_array(cx.arena, f.rows, sizeof *deprived),
             *known = arena_array(cx.arena, f.rows, sizeof *known);
    uint32_t *round = arena_array(cx.arena, f.rows, sizeof *round);
    double *t = fixture_numbers(&cx, &f, "t");
    for (unsigned j = 0; j < 10; j++) {
        double *d = fixture_numbers(&cx, &f, names[j]);
        for (size_t i = 0; i < f.rows; i++) {
            known[i] = (uint16_t)(known[i] | (isnan(d[i]) ? 0U : 1U << j));
            deprived[i] = (uint16_t)(deprived[i] | (d[i] == 1 ? 1U << j : 0U));
            round[i] = (uint32_t)t[i] - 1;
        }
    }
    struct mpi_hist h;
    struct mpi_result r[2];
    check_ok(&cx, mpi_spec_check(&cx, &global));
    check_ok(&cx, mpi_hist_make(&h, &cx, 10, 2));
    mpi_hist_add(&h, &(struct mpi_rows){deprived, known, fixture_numbers(&cx, &f, "weight"),
                                        round, f.rows});
    mpi_of(&r[0], &global, &h, 0);
    mpi_of(&r[1], &global, &h, 1);
    fixture_close(r[0].m0, 0.142416226, 9);
    fixture_close(r[0].h, 0.335216573, 9);
    fixture_close(r[0].a, 0.424848404, 9);
    fixture_close(r[1].m0, 0.093951295, 9);
    fixture_close(r[1].h, 0.230820726, 9);
    fixture_close(r[1].a, 0.407031451, 9);
    fixture_close(r[1].m0 - r[0].m0, -0.048464931, 9);
    assert_int_equal(r[0].rows + r[1].rows, 14903);
    assert_int_equal(r[0].missing_rows + r[1].missing_rows, 97);
    check_close(&cx);
}

/* ---- against a loop over rows ---- */

enum { ROWS = 700, GROUPS = 3 };
struct sample {
    uint16_t deprived[ROWS], known[ROWS];
    double weight[ROWS];
    uint32_t group[ROWS];
    struct mpi_spec spec;
};

static void random_sample(struct sample *s, uint64_t seed)
{
    uint64_t r = seed;
    s->spec = (struct mpi_spec){.n = (size_t)check_int(&r, 1, MPI_INDICATORS_MAX)};
    for (size_t j = 0; j < s->spec.n; j++)
        s->spec.weight[j] = (int32_t)check_int(&r, j == 0, seed % 5 ? 9 : 2000000000);
    s->spec.k_den = check_int(&r, 1, seed % 3 ? 20 : 1000000000000);
    s->spec.k_num = check_int(&r, 1, s->spec.k_den);
    for (size_t i = 0; i < ROWS; i++) {
        s->deprived[i] = (uint16_t)(check_random(&r) & check_random(&r));
        s->known[i] = (uint16_t)(check_int(&r, 0, 20) ? 0xFFFF : check_random(&r));
        s->weight[i] = check_int(&r, 0, 50) ? (double)check_int(&r, 0, 1000) / 8 : NAN;
        s->group[i] = (uint32_t)check_int(&r, 0, GROUPS - 1);
    }
}

/* The definition, row by row, in whole numbers for the score. */
static void slow(struct mpi_result *out, const struct sample *s, uint32_t group)
{
    __extension__ typedef __int128 wide;
    unsigned full = (1U << s->spec.n) - 1;
    int64_t sum = 0;
    *out = (struct mpi_result){0};
    for (size_t j = 0; j < s->spec.n; j++)
        sum += s->spec.weight[j];
    for (size_t i = 0; i < ROWS; i++) {
        int64_t score = 0;
        double w = s->weight[i];
        if (s->group[i] != group)
            continue;
        if ((s->known[i] & full) != full || isnan(w)) {
            out->missing_rows++;
            out->missing_weight += isnan(w) ? 0 : w;
            continue;
        }
        for (size_t j = 0; j < s->spec.n; j++)
            score += s->deprived[i] >> j & 1 ? s->spec.weight[j] : 0;
        bool poor = (wide)score * s->spec.k_den >= (wide)s->spec.k_num * sum;
        out->rows++;
        out->weight += w;
        out->h += poor ? w : 0;
        out->m0 += poor ? w * (double)score / (double)sum : 0;
        for (size_t j = 0; j < s->spec.n; j++)
            if (s->deprived[i] >> j & 1) {
                out->uncensored[j] += w;
                out->censored[j] += poor ? w : 0;
            }
    }
    out->h /= out->weight;
    out->m0 /= out->weight;
    for (size_t j = 0; j < s->spec.n; j++) {
        out->uncensored[j] /= out->weight;
        out->censored[j] /= out->weight;
    }
}

static void test_against_rows(void **state)
{
    (void)state;
    /* Random indicators, weights, k, groups, missing bits: the histogram's figures are those of
     * the definition; contributions add up to M0; M0 = H·A. */
    struct cx cx;
    check_open(&cx);
    struct sample *s = malloc(sizeof *s);
    for_each_seed (seed, 60) {
        struct arena_mark mark = arena_mark(cx.arena);
        struct mpi_hist h;
        random_sample(s, seed);
        check_ok(&cx, mpi_spec_check(&cx, &s->spec));
        check_ok(&cx, mpi_hist_make(&h, &cx, s->spec.n, GROUPS));
        mpi_hist_add(&h, &(struct mpi_rows){s->deprived, s->known, s->weight, s->group, ROWS});
        for (uint32_t g = 0; g < GROUPS; g++) {
            struct mpi_result got, want;
            double absolute = 0, share = 0;
            mpi_of(&got, &s->spec, &h, g);
            slow(&want, s, g);
            assert_int_equal(got.rows, want.rows);
            assert_int_equal(got.missing_rows, want.missing_rows);
            fixture_close(got.missing_weight, want.missing_weight, 13);
            fixture_close(got.weight, want.weight, 13);
            fixture_close(got.h, want.h, 13);
            fixture_close(got.m0, want.m0, 13);
            for (size_t j = 0; j < s->spec.n; j++) {
                fixture_close(got.uncensored[j], want.uncensored[j], 13);
                fixture_close(got.censored[j], want.censored[j], 13);
                absolute += got.absolute[j];
                share += got.share[j];
            }
            fixture_close(absolute, got.m0, 13);
            if (got.h > 0) {
                fixture_close(share, 1, 12);
                fixture_close(got.a * got.h, got.m0, 13);
            } else {
                assert_true(isnan(got.a) && isnan(got.share[0]) && got.m0 == 0);
            }
        }
        arena_back(cx.arena, mark);
    }
    free(s);
    check_close(&cx);
}

static void test_all_k(void **state)
{
    (void)state;
    /* H and M0 at every score that occurs are those of mpi_of with k = that score; scores
     * ascend; above the highest nobody is poor. */
    struct cx cx;
    check_open(&cx);
    struct sample *s = malloc(sizeof *s);
    for_each_seed (seed, 20) {
        struct arena_mark mark = arena_mark(cx.arena);
        struct mpi_hist h;
        struct mpi_at_k *k = NULL;
        size_t count = 0;
        int64_t sum = 0;
        random_sample(s, seed * 5 + 1); /* small weights */
        for (size_t j = 0; j < s->spec.n; j++)
            sum += s->spec.weight[j];
        check_ok(&cx, mpi_hist_make(&h, &cx, s->spec.n, 1));
        mpi_hist_add(&h, &(struct mpi_rows){s->deprived, NULL, NULL, NULL, ROWS});
        check_ok(&cx, mpi_all_k(&k, &count, &cx, &s->spec, &h, 0));
        assert_in_range(count, 1, sum + 1);
        for (size_t i = 0; i < count; i++) {
            struct mpi_result r;
            s->spec.k_num = k[i].score ? k[i].score : 1; /* k = 0 is no k: nobody is between */
            s->spec.k_den = sum;
            assert_true(i == 0 || k[i].score > k[i - 1].score);
            if (k[i].score == 0) {
                assert_true(k[i].h == 1);
                continue;
            }
            mpi_of(&r, &s->spec, &h, 0);
            fixture_close(k[i].h, r.h, 14);
            fixture_close(k[i].m0, r.m0, 14);
        }
        arena_back(cx.arena, mark);
    }
    free(s);
    check_close(&cx);
}

static void test_merge(void **state)
{
    (void)state;
    /* Rows in two histograms merged are the rows in one: the same bits for whole weights, to 14
     * digits for others. */
    struct cx cx;
    check_open(&cx);
    struct sample *s = malloc(sizeof *s);
    for_each_seed (seed, 20) {
        struct arena_mark mark = arena_mark(cx.arena);
        struct mpi_hist all, a, b;
        random_sample(s, seed);
        size_t cut = seed * 31, n = s->spec.n;
        for (size_t i = 0; i < ROWS && seed % 2; i++)
            s->weight[i] = floor(s->weight[i]);
        struct mpi_rows r = {s->deprived, s->known, s->weight, s->group, ROWS};
        struct mpi_rows first = r, rest = {s->deprived + cut, s->known + cut, s->weight + cut,
                                           s->group + cut, ROWS - cut};
        first.count = cut;
        check_ok(&cx, mpi_hist_make(&all, &cx, n, GROUPS));
        check_ok(&cx, mpi_hist_make(&a, &cx, n, GROUPS));
        check_ok(&cx, mpi_hist_make(&b, &cx, n, GROUPS));
        mpi_hist_add(&all, &r);
        mpi_hist_add(&a, &first);
        mpi_hist_add(&b, &rest);
        mpi_hist_merge(&b, &a);
        for (size_t i = 0; i < (size_t)GROUPS << n; i++) {
            if (seed % 2)
                assert_true(b.mass[i] == all.mass[i]);
            else
                fixture_close(b.mass[i], all.mass[i], 14);
        }
        for (int g = 0; g < GROUPS; g++) {
            assert_int_equal(b.rows[g], all.rows[g]);
            assert_int_equal(b.missing_rows[g], all.missing_rows[g]);
        }
        arena_back(cx.arena, mark);
    }
    free(s);
    check_close(&cx);
}

/* ---- edges ---- */

static void test_exactly_k(void **state)
{
    (void)state;
    /* Deprived in six of the eighteenths: a score of exactly one third is poor at 1/3 and at
     * 33 %, and not at 0.334. */
    struct cx cx;
    check_open(&cx);
    const uint16_t six = 0x3F0, three_sixths = 0x3; /* six of 1/18; two of 3/18 */
    const uint16_t rows[] = {six, three_sixths};
    struct mpi_hist h;
    check_ok(&cx, mpi_hist_make(&h, &cx, 10, 1));
    mpi_hist_add(&h, &(struct mpi_rows){rows, NULL, NULL, NULL, 2});
    static const struct {
        const char *k;
        double h;
    } cases[] = {{"1/3", 1}, {"33%", 1}, {"0.33", 1}, {"0.334", 0}, {"6/18", 1}, {"7/18", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mpi_spec s = global;
        struct mpi_result r;
        check_ok(&cx, mpi_k_parse(&s.k_num, &s.k_den, &cx, str_of(cases[i].k)));
        mpi_of(&r, &s, &h, 0);
        assert_true(r.h == cases[i].h);
    }
    check_close(&cx);
}

static void test_k_parse(void **state)
{
    (void)state;
    /* k stays as written: 33 % is 33/100, not 1/3; nonsense is refused. */
    struct cx cx;
    check_open(&cx);
    static const struct {
        const char *text;
        int64_t num, den;
    } good[] = {{"1/3", 1, 3},     {"33%", 33, 100}, {"0.33", 33, 100},
                {"1", 1, 1},       {"100%", 1, 1},   {"33.3%", 333, 1000},
                {" 1 / 3 ", 1, 3}, {"0.5", 5, 10},   {"0.3300", 33, 100}};
    int64_t num, den;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        check_ok(&cx, mpi_k_parse(&num, &den, &cx, str_of(good[i].text)));
        if (num * good[i].den != good[i].num * den)
            fail_msg("%s gave %" PRId64 "/%" PRId64, good[i].text, num, den);
    }
    static const char *const bad[] = {"",      "0",
                                      "0%",    "-1/3",
                                      "33",    "1.01",
                                      "101%",  "1/0",
                                      "4/3",   "a",
                                      "1//3",  "1/3%",
                                      "%",     ".5",
                                      "5.",    "/",
                                      "1/-3",  "nan",
                                      "1e-1",  "0x1",
                                      "1/3/4", "0.33333333333333333333"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_refused(&cx, mpi_k_parse(&num, &den, &cx, str_of(bad[i])), RC_INVALID);
    check_close(&cx);
}

static void test_bad_specs(void **state)
{
    (void)state;
    /* No indicator, too many, a negative weight, all zero, k out of range, too many groups. */
    struct cx cx;
    check_open(&cx);
    struct mpi_spec s = global;
    struct mpi_hist h;
    s.n = 0;
    check_refused(&cx, mpi_spec_check(&cx, &s), RC_INVALID);
    s.n = MPI_INDICATORS_MAX + 1;
    check_refused(&cx, mpi_spec_check(&cx, &s), RC_INVALID);
    s = global;
    s.weight[3] = -1;
    check_refused(&cx, mpi_spec_check(&cx, &s), RC_INVALID);
    s = (struct mpi_spec){.n = 2, .k_num = 1, .k_den = 2};
    check_refused(&cx, mpi_spec_check(&cx, &s), RC_INVALID);
    static const int64_t k[][2] = {{0, 1}, {-1, 3}, {4, 3}, {1, 0}, {1, -3}};
    for (size_t i = 0; i < sizeof k / sizeof *k; i++) {
        s = global;
        s.k_num = k[i][0];
        s.k_den = k[i][1];
        check_refused(&cx, mpi_spec_check(&cx, &s), RC_INVALID);
    }
    check_refused(&cx, mpi_hist_make(&h, &cx, 16, 1000), RC_LIMIT);
    check_refused(&cx, mpi_hist_make(&h, &cx, 17, 1), RC_INVALID);
    check_close(&cx);
}

static void test_empty_group(void **state)
{
    (void)state;
    /* A group without rows: no number but NaN, and no score at any k. */
    struct cx cx;
    check_open(&cx);
    struct mpi_hist h;
    struct mpi_result r;
    struct mpi_at_k *k = NULL;
    size_t count = 9;
    check_ok(&cx, mpi_hist_make(&h, &cx, 10, 2));
    mpi_of(&r, &global, &h, 1);
    assert_true(r.rows == 0 && r.weight == 0 && isnan(r.h) && isnan(r.m0) && isnan(r.a) &&
                isnan(r.uncensored[0]));
    check_ok(&cx, mpi_all_k(&k, &count, &cx, &global, &h, 1));
    assert_int_equal(count, 0);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_syn_cdta),  cmocka_unit_test(test_against_rows),
        cmocka_unit_test(test_all_k),     cmocka_unit_test(test_merge),
        cmocka_unit_test(test_exactly_k), cmocka_unit_test(test_k_parse),
        cmocka_unit_test(test_bad_specs), cmocka_unit_test(test_empty_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
