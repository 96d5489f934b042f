/* Tests of money poverty and inequality: against R's laeken and convey, by hand, by invariance,
 * and at the edges. */
#include "stats/poverty.h"

#include "stats/inner.h"
#include "stats/stats_fixture.h"

#include <float.h>

static struct fgt_sums sums_of(const struct welfare *x, double line, bool weak)
{
    struct fgt_sums s = {0};
    fgt_add(&s, x, NULL, line, weak);
    return s;
}

static struct ranked rank(struct cx *cx, const struct welfare *x)
{
    struct ranked r;
    check_ok(cx, ranked_make(&r, cx, x));
    return r;
}

/* ---- references ---- */

static void test_made_up_people(void **state)
{
    (void)state;
    /* 300 people with ties, zeros and a negative value: every figure is that of testdata's R
     * script (laeken, and definitions worked out by other routes) to 12 digits. */
    struct cx cx;
    check_open(&cx);
    struct fixture people, ref;
    fixture_read(&people, &cx, "src/stats/testdata/people.csv");
    fixture_read(&ref, &cx, "src/stats/testdata/reference.csv");
    struct welfare x = {fixture_numbers(&cx, &people, "y"), fixture_numbers(&cx, &people, "w"),
                        people.rows};
    struct fgt_sums s = sums_of(&x, 3000, false), weak = sums_of(&x, 3000, true);
    struct ranked r = rank(&cx, &x);
    double arpt = 0.6 * ranked_quantile(&r, 0.5, QUANTILE_LAEKEN), l[11];
    struct fgt_sums relative = sums_of(&x, arpt, false);
    ranked_lorenz(l, &r, 10);
    const struct {
        const char *name;
        double value;
    } got[] = {
        {"fgt0", fgt_of(&s, 0).value},
        {"fgt1", fgt_of(&s, 1).value},
        {"fgt2", fgt_of(&s, 2).value},
        {"fgt0_weak", fgt_of(&weak, 0).value},
        {"watts", watts_of(&cx, &s).value},
        {"sst", ranked_sst(&cx, &r, 3000, false).value},
        {"mean", r.mean},
        {"mean", mean_of(&cx, &s).value},
        {"gini", ranked_gini(&cx, &r, false).value},
        {"gini_pairs", ranked_gini(&cx, &r, false).value},
        {"gini_convey", ranked_gini(&cx, &r, true).value},
        {"ge-1", ranked_ge(&cx, &r, -1).value},
        {"ge0", ranked_ge(&cx, &r, 0).value},
        {"ge0.5", ranked_ge(&cx, &r, 0.5).value},
        {"ge1", ranked_ge(&cx, &r, 1).value},
        {"ge2", ranked_ge(&cx, &r, 2).value},
        {"atkinson0.5", ranked_atkinson(&cx, &r, 0.5).value},
        {"atkinson1", ranked_atkinson(&cx, &r, 1).value},
        {"atkinson2", ranked_atkinson(&cx, &r, 2).value},
        {"s80s20", ranked_s80s20(&cx, &r).value},
        {"arpt", arpt},
        {"arpr", fgt_of(&relative, 0).value},
        {"q0.1", ranked_quantile(&r, 0.1, QUANTILE_LAEKEN)},
        {"q0.25", ranked_quantile(&r, 0.25, QUANTILE_INVERSE)},
        {"q0.5", ranked_quantile(&r, 0.5, QUANTILE_LAEKEN)},
        {"q0.9", ranked_quantile(&r, 0.9, QUANTILE_INVERSE)},
        {"lorenz1", l[1]},
        {"lorenz5", l[5]},
        {"lorenz9", l[9]},
        {"lorenz9", ranked_share(&cx, &r, 0, 0.9).value},
    };
    for (size_t i = 0; i < sizeof got / sizeof *got; i++) {
        print_message("%s\n", got[i].name);
        fixture_close(got[i].value, fixture_reference(&ref, got[i].name), 12);
    }
    assert_int_equal(s.rows, 300);
    assert_int_equal(s.not_positive_rows, 3);
    assert_int_equal(ranked_ge(&cx, &r, 0).rows, 297);
    assert_int_equal(ranked_ge(&cx, &r, 0).rows_left_out, 3);
    assert_int_equal(watts_of(&cx, &s).rows_left_out, 3);
    fixture_close(ranked_ge(&cx, &r, 0).weight_left_out, s.not_positive_weight, 12);
    check_close(&cx);
}

static void test_eusilc(void **state)
{
    (void)state;
    /* The point estimates of domain/statistics.md, table of a (convey and laeken on eusilc), to
     * the digits printed there. */
    struct cx cx;
    struct fixture f;
    check_open(&cx);
    if (!fixture_shared(&f, &cx, "eusilc/eusilc.csv")) {
        check_close(&cx);
        skip();
    }
    struct welfare x = {fixture_numbers(&cx, &f, "eqIncome"), fixture_numbers(&cx, &f, "rb050"),
                        f.rows};
    assert_int_equal(f.rows, 14827);
    struct ranked r = rank(&cx, &x);
    struct line_spec spec;
    double arpt, mean_line;
    check_ok(&cx, line_parse(&spec, &cx, STR("60%median")));
    check_ok(&cx, line_value(&arpt, &cx, &spec, &r, QUANTILE_LAEKEN));
    check_ok(&cx, line_parse(&spec, &cx, STR("60%mean")));
    check_ok(&cx, line_value(&mean_line, &cx, &spec, &r, QUANTILE_LAEKEN));
    struct fgt_sums s = sums_of(&x, 10000, false), at = sums_of(&x, arpt, false),
                    of_mean = sums_of(&x, mean_line, false);
    fixture_close(fgt_of(&s, 0).value, 0.114440129, 9);
    fixture_close(fgt_of(&s, 1).value, 0.032085418, 9);
    fixture_close(fgt_of(&s, 2).value, 0.016189353, 9);
    fixture_close(arpt, 10859.236, 8);
    fixture_close(fgt_of(&at, 0).value, 0.144442182, 9);
    fixture_close(fgt_of(&of_mean, 0).value, 0.188179553, 9);
    fixture_close(ranked_gini(&cx, &r, true).value, 0.264965166, 9);
    fixture_close(ranked_gini(&cx, &r, false).value, 0.264896192, 9);
    fixture_close(ranked_s80s20(&cx, &r).value, 3.970004326, 10);
    fixture_close(ranked_ge(&cx, &r, 0).value, 0.131369230, 9);
    fixture_close(ranked_ge(&cx, &r, 1).value, 0.120526921, 9);
    fixture_close(ranked_ge(&cx, &r, 2).value, 0.136749563, 9);
    fixture_close(ranked_atkinson(&cx, &r, 0.5).value, 0.059882524, 9);
    fixture_close(ranked_atkinson(&cx, &r, 1).value, 0.123106061, 9);
    fixture_close(ranked_atkinson(&cx, &r, 2).value, 0.376138651, 9);
    fixture_close(watts_of(&cx, &s).value, 0.0517439995, 10); /* printed cut off: …3999 */
    fixture_close(ranked_sst(&cx, &r, 10000, false).value, 0.0622805572, 10);
    fixture_close(r.mean, 19890.8069, 9);
    assert_int_equal(ranked_ge(&cx, &r, 0).rows_left_out, 3);
    check_close(&cx);
}

static void test_mexico(void **state)
{
    (void)state;
    /* Mexico 2008 to 2016, incomes above zero, line 60 % of the 2008 median: headcounts, Gini
     * and the Shapley split of domain/statistics.md a. */
    struct cx cx;
    struct fixture f[2];
    check_open(&cx);
    if (!fixture_shared(&f[0], &cx, "mexico-enigh/mex08.csv") ||
        !fixture_shared(&f[1], &cx, "mexico-enigh/mex16.csv")) {
        check_close(&cx);
        skip();
    }
    struct ranked r[2];
    for (int i = 0; i < 2; i++) {
        double *y = fixture_numbers(&cx, &f[i], "income");
        for (size_t row = 0; row < f[i].rows; row++)
            y[row] = y[row] > 0 ? y[row] : NAN;
        r[i] =
            rank(&cx, &(struct welfare){y, fixture_numbers(&cx, &f[i], "factor"), f[i].rows});
    }
    double z = 0.6 * ranked_quantile(&r[0], 0.5, QUANTILE_LAEKEN);
    struct change_parts c;
    check_ok(&cx, datt_ravallion(&c, &cx, &r[0], &r[1], z, 0, false));
    fixture_close(z, 14354.2, 6);
    fixture_close(c.before, 0.267348, 6);
    fixture_close(c.after, 0.153607, 6);
    fixture_close(c.growth, -0.082695, 6);
    fixture_close(c.redistribution, -0.031046, 6);
    fixture_close(c.growth + c.redistribution, c.after - c.before, 14);
    fixture_close(c.growth_1 + c.redistribution_1 + c.residual_1, c.after - c.before, 14);
    fixture_close(c.growth_2 + c.redistribution_2 + c.residual_2, c.after - c.before, 14);
    fixture_close(c.residual_1, -c.residual_2, 14);
    fixture_close(ranked_gini(&cx, &r[0], false).value, 0.474234, 6);
    fixture_close(ranked_gini(&cx, &r[1], false).value, 0.456036, 6);
    check_close(&cx);
}

/* ---- by hand ---- */

static void test_by_hand(void **state)
{
    (void)state;
    /* Five people with 1, 2, 2, 4, 6 at a line of 4: strict and weak, worked out on paper. */
    struct cx cx;
    check_open(&cx);
    const double y[] = {2, 6, 1, 4, 2};
    struct welfare x = {y, NULL, 5};
    struct fgt_sums s = sums_of(&x, 4, false), weak = sums_of(&x, 4, true);
    struct ranked r = rank(&cx, &x);
    double l[6];
    assert_int_equal(s.poor_rows, 3);
    assert_int_equal(weak.poor_rows, 4);
    fixture_close(fgt_of(&s, 0).value, 0.6, 15);
    fixture_close(fgt_of(&weak, 0).value, 0.8, 15);
    fixture_close(fgt_of(&s, 1).value, 1.75 / 5, 15);
    fixture_close(fgt_of(&weak, 1).value, 1.75 / 5, 15);
    fixture_close(fgt_of(&s, 2).value, (0.5625 + 0.5) / 5, 15);
    fixture_close(watts_of(&cx, &s).value, (log(4) + 2 * log(2)) / 5, 15);
    fixture_close(ranked_gini(&cx, &r, false).value, 24.0 / 75, 15);
    fixture_close(ranked_gini(&cx, &r, true).value, 24.0 / 75, 15); /* weights 1: the same */
    ranked_lorenz(l, &r, 5);
    fixture_close(l[0], 0, 15);
    fixture_close(l[3], 5.0 / 15, 15);
    fixture_close(l[5], 1, 15);
    fixture_close(ranked_share(&cx, &r, 0.2, 0.8).value, 8.0 / 15, 15);
    fixture_close(ranked_share(&cx, &r, 0.1, 0.2).value, 0.5 / 15, 15);
    check_close(&cx);
}

static void test_quantiles(void **state)
{
    (void)state;
    /* A quantile that the running weight hits exactly: the mean of neighbours (laeken) or the
     * lower one (convey); also where p and the weights are not exact in binary. */
    struct cx cx;
    check_open(&cx);
    const double y[] = {4, 1, 3, 2}, w[] = {0.1, 0.3, 0.4, 0.2};
    struct ranked equal = rank(&cx, &(struct welfare){y, NULL, 4});
    struct ranked r = rank(&cx, &(struct welfare){y, w, 4}); /* runs 0.3 0.5 0.9 1.0 */
    assert_true(ranked_quantile(&equal, 0.5, QUANTILE_LAEKEN) == 2.5);
    assert_true(ranked_quantile(&equal, 0.5, QUANTILE_INVERSE) == 2);
    assert_true(ranked_quantile(&equal, 0.51, QUANTILE_LAEKEN) == 3);
    assert_true(ranked_quantile(&equal, 0, QUANTILE_LAEKEN) == 1);
    assert_true(ranked_quantile(&equal, 1, QUANTILE_LAEKEN) == 4);
    assert_true(ranked_quantile(&r, 0.3, QUANTILE_LAEKEN) == 1.5);
    assert_true(ranked_quantile(&r, 0.3, QUANTILE_INVERSE) == 1);
    assert_true(ranked_quantile(&r, 0.9, QUANTILE_LAEKEN) == 3.5);
    assert_true(ranked_quantile(&r, 0.91, QUANTILE_INVERSE) == 4);
    check_close(&cx);
}

static void test_growth_incidence(void **state)
{
    (void)state;
    /* Everybody's income times 1.5: growth of 50 % at every point; NaN where nothing was. */
    struct cx cx;
    check_open(&cx);
    const double y[] = {0, 2, 3, 4}, later[] = {1, 3, 4.5, 6};
    struct ranked a = rank(&cx, &(struct welfare){y, NULL, 4});
    struct ranked b = rank(&cx, &(struct welfare){later, NULL, 4});
    double g[4];
    growth_incidence(g, &a, &b, 4, QUANTILE_INVERSE);
    assert_true(isnan(g[0]));
    for (int i = 1; i < 4; i++)
        fixture_close(g[i], 0.5, 15);
    check_close(&cx);
}

/* ---- properties ---- */

enum { MANY = 5000, GROUPS = 7 };
struct many {
    double y[MANY], w[MANY];
    uint32_t group[MANY];
};

/* Incomes with ties, zeros, negatives and missing values. */
static struct welfare random_people(struct many *m, uint64_t seed, size_t n)
{
    uint64_t r = seed;
    for (size_t i = 0; i < n; i++) {
        int64_t kind = check_int(&r, 0, 40);
        m->y[i] = kind == 0 ? 0 : (double)check_int(&r, kind == 1 ? -500 : 1, 9000) / 3;
        m->w[i] = (double)check_int(&r, 0, 99999) / 1e4;
        m->group[i] = (uint32_t)check_int(&r, 0, GROUPS - 1);
        if (kind == 2)
            m->y[i] = NAN;
        if (kind == 3)
            m->w[i] = NAN;
    }
    return (struct welfare){m->y, m->w, n};
}

static void assert_same_sums(const struct fgt_sums *a, const struct fgt_sums *b)
{
    assert_true(a->rows == b->rows && a->poor_rows == b->poor_rows &&
                a->missing_rows == b->missing_rows &&
                a->not_positive_rows == b->not_positive_rows);
    assert_true(a->weight == b->weight && a->poor == b->poor && a->gap == b->gap &&
                a->gap2 == b->gap2 && a->y == b->y && a->log_gap == b->log_gap &&
                a->missing_weight == b->missing_weight &&
                a->not_positive_weight == b->not_positive_weight);
}

static void test_blocks_add_up(void **state)
{
    (void)state;
    /* All rows at once, or any split at whole blocks, merged in any order: the same bits. */
    struct many *m = malloc(sizeof *m);
    for_each_seed (seed, 40) {
        uint64_t r = seed;
        struct welfare x = random_people(m, seed, MANY);
        struct fgt_sums whole[GROUPS] = {0}, parts[GROUPS] = {0};
        fgt_add(whole, &x, m->group, 1500, seed % 2);
        size_t blocks = (MANY + STATS_BLOCK - 1) / STATS_BLOCK,
               first = (size_t)check_int(&r, 0, (int64_t)blocks - 1), width = 1 + seed % 3;
        for (size_t done = 0; done < blocks; done += width) { /* each as a thread's own sums */
            struct fgt_sums own[GROUPS] = {0};
            for (size_t k = done; k < done + width && k < blocks; k++) {
                size_t from = (k + first) % blocks * STATS_BLOCK;
                size_t n = MANY - from < STATS_BLOCK ? MANY - from : STATS_BLOCK;
                struct welfare part = {m->y + from, m->w + from, n};
                fgt_add(own, &part, m->group + from, 1500, seed % 2);
            }
            for (int g = 0; g < GROUPS; g++)
                fgt_merge(&parts[g], &own[g]);
        }
        for (int g = 0; g < GROUPS; g++)
            assert_same_sums(&whole[g], &parts[g]);
    }
    free(m);
}

static void test_sums_against_long_double(void **state)
{
    (void)state;
    /* The sums are those of a plain loop in 80-bit numbers to 15 digits. */
    struct many *m = malloc(sizeof *m);
    for_each_seed (seed, 10) {
        struct welfare x = random_people(m, seed, MANY);
        struct fgt_sums s = sums_of(&x, 1234.5, false);
        long double weight = 0, gap2 = 0;
        for (size_t i = 0; i < x.n; i++) {
            if (isnan(x.y[i]) || isnan(x.w[i]))
                continue;
            long double g = x.y[i] < 1234.5 ? (1234.5L - x.y[i]) / 1234.5L : 0;
            weight += x.w[i];
            gap2 += g * g * x.w[i];
        }
        fixture_close(s.weight, (double)weight, 14);
        fixture_close(s.gap2, (double)gap2, 14);
        fixture_close(fgt_of(&s, 2).value, (double)(gap2 / weight), 15);
    }
    free(m);
}

static void all_figures(double *out, struct cx *cx, const struct welfare *x, double line)
{
    struct fgt_sums s = sums_of(x, line, false);
    struct ranked r = rank(cx, x);
    const double values[] = {fgt_of(&s, 0).value,
                             fgt_of(&s, 1).value,
                             fgt_of(&s, 2).value,
                             watts_of(cx, &s).value,
                             ranked_sst(cx, &r, line, false).value,
                             ranked_gini(cx, &r, false).value,
                             ranked_ge(cx, &r, 0).value,
                             ranked_ge(cx, &r, 1).value,
                             ranked_ge(cx, &r, 2).value,
                             ranked_atkinson(cx, &r, 0.5).value,
                             ranked_atkinson(cx, &r, 1).value,
                             ranked_atkinson(cx, &r, 2).value,
                             ranked_s80s20(cx, &r).value,
                             ranked_share(cx, &r, 0.35, 0.6).value,
                             ranked_quantile(&r, 0.5, QUANTILE_LAEKEN) / line};
    memcpy(out, values, sizeof values);
}
enum { FIGURES = 15 };

static void test_invariance(void **state)
{
    (void)state;
    /* Rows written twice, in another order, weights scaled, money and line scaled: every figure
     * stays, to 12 digits. */
    struct cx cx;
    check_open(&cx);
    struct many *m = malloc(sizeof *m), *other = malloc(sizeof *m);
    for_each_seed (seed, 30) {
        struct arena_mark mark = arena_mark(cx.arena);
        size_t n = 40 + (seed * 53) % 900;
        struct welfare x = random_people(m, seed, n);
        double want[FIGURES], got[FIGURES];
        all_figures(want, &cx, &x, 1500);
        for (int kind = 0; kind < 4; kind++) {
            struct welfare t = {other->y, other->w, kind == 0 ? 2 * n : n};
            double money = kind == 3 ? 1234.56 : 1, weight = kind == 2 ? 1 / 7.0 : 1;
            for (size_t i = 0; i < t.n; i++) {
                size_t from = kind == 1 ? n - 1 - i : i % n;
                other->y[i] = m->y[from] * money;
                other->w[i] = m->w[from] * weight;
            }
            all_figures(got, &cx, &t, 1500 * money);
            for (int i = 0; i < FIGURES; i++)
                fixture_close(got[i], want[i], 12);
        }
        arena_back(cx.arena, mark);
    }
    free(m);
    free(other);
    check_close(&cx);
}

static void test_ranks(void **state)
{
    (void)state;
    /* Ranked rows are those of the input with weight, ascending, ties in row order; few rows
     * (insertion), some (8-bit digits) and many (11-bit digits). */
    struct cx cx;
    check_open(&cx);
    const size_t sizes[] = {0, 1, 30, 600, 20000};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        size_t n = sizes[k];
        uint64_t state_of = k + 1;
        double *y = arena_array(cx.arena, n + 1, sizeof *y),
               *w = arena_array(cx.arena, n + 1, sizeof *w);
        for (size_t i = 0; i < n; i++) {
            y[i] = (double)check_int(&state_of, -9, 9) * (i % 5 ? 1.25 : 1e-30);
            w[i] = (double)(i + 1); /* tells which row it is */
        }
        struct ranked r = rank(&cx, &(struct welfare){y, w, n});
        assert_int_equal(r.n, n);
        for (size_t i = 0; i < n; i++) {
            assert_true(r.y[i] == y[(size_t)r.w[i] - 1]);
            if (i)
                assert_true(r.y[i - 1] < r.y[i] ||
                            (r.y[i - 1] == r.y[i] && r.w[i - 1] < r.w[i]));
        }
        if (n)
            assert_true(r.cum[n - 1] == (double)n * (double)(n + 1) / 2);
    }
    check_close(&cx);
}

/* ---- edges ---- */

static void assert_no_number(struct estimate e)
{
    assert_true(isnan(e.value));
    assert_non_null(e.refused);
    assert_true(isnan(e.se));
}

static void test_nobody(void **state)
{
    (void)state;
    /* No rows, all missing, or all weights zero: every figure is refused with a sentence, and
     * what was left out is counted. */
    struct cx cx;
    check_open(&cx);
    const double y[] = {NAN, INFINITY, 5}, w[] = {2, 3, 0};
    for (size_t n = 0; n <= 3; n++) {
        struct welfare x = {y, w, n};
        struct fgt_sums s = sums_of(&x, 10, false);
        struct ranked r = rank(&cx, &x);
        double l[3], line;
        struct change_parts c;
        for (int power = 0; power < 3; power++)
            assert_no_number(fgt_of(&s, power));
        assert_no_number(watts_of(&cx, &s));
        assert_no_number(mean_of(&cx, &s));
        assert_no_number(ranked_gini(&cx, &r, false));
        assert_no_number(ranked_ge(&cx, &r, 1));
        assert_no_number(ranked_atkinson(&cx, &r, 1));
        assert_no_number(ranked_sst(&cx, &r, 10, false));
        assert_no_number(ranked_share(&cx, &r, 0, 0.2));
        assert_no_number(ranked_s80s20(&cx, &r));
        ranked_lorenz(l, &r, 2);
        assert_true(isnan(l[0]) && isnan(l[2]) && isnan(r.mean));
        assert_true(isnan(ranked_quantile(&r, 0.5, QUANTILE_LAEKEN)));
        assert_int_equal(r.rows_left_out, n < 2 ? n : 2);
        assert_int_equal(fgt_of(&s, 0).rows_left_out, n < 2 ? n : 2);
        assert_true(r.weight_left_out == (n == 0 ? 0 : n == 1 ? 2 : 5));
        struct line_spec half = {LINE_OF_MEDIAN, 0.5, 0};
        check_refused(&cx, line_value(&line, &cx, &half, &r, QUANTILE_LAEKEN), RC_INVALID);
        check_refused(&cx, datt_ravallion(&c, &cx, &r, &r, 10, 0, false), RC_INVALID);
    }
    check_close(&cx);
}

static void test_zero_and_negative(void **state)
{
    (void)state;
    /* Values at or below zero: FGT and Gini keep them, Watts, GE and Atkinson drop them and say
     * how much; a mean at or below zero refuses shares; a Gini may pass one. */
    struct cx cx;
    check_open(&cx);
    const double y[] = {-2, 0, 1, 3, 8}, w[] = {1, 2, 1, 1, 1}, bad[] = {-5, 1, 2};
    struct welfare x = {y, w, 5}, none = {y, w, 2}, low = {bad, NULL, 3};
    struct fgt_sums s = sums_of(&x, 2, false), s2 = sums_of(&none, 2, false);
    struct ranked r = rank(&cx, &x), r2 = rank(&cx, &none), r3 = rank(&cx, &low);
    fixture_close(fgt_of(&s, 1).value, (2.0 + 2 + 0.5) / 6, 15); /* a gap of 2 for -2 */
    fixture_close(watts_of(&cx, &s).value, log(2) / 3, 15);
    assert_int_equal(watts_of(&cx, &s).rows, 3);
    assert_int_equal(watts_of(&cx, &s).rows_left_out, 2);
    assert_true(watts_of(&cx, &s).weight_left_out == 3);
    assert_int_equal(ranked_ge(&cx, &r, 2).rows_left_out, 2);
    assert_true(ranked_atkinson(&cx, &r, 2).weight_left_out == 3);
    assert_true(isfinite(ranked_gini(&cx, &r, false).value));
    assert_no_number(watts_of(&cx, &s2));
    assert_no_number(ranked_ge(&cx, &r2, 0));
    assert_no_number(ranked_gini(&cx, &r2, false));
    assert_no_number(ranked_gini(&cx, &r3, false));
    assert_no_number(ranked_share(&cx, &r3, 0, 0.5));
    assert_no_number(ranked_s80s20(&cx, &r3));
    assert_no_number(ranked_atkinson(&cx, &r, -1));
    const double wild[] = {-3, -3, 7.5};
    struct ranked r4 = rank(&cx, &(struct welfare){wild, NULL, 3});
    assert_true(ranked_gini(&cx, &r4, false).value > 1);
    check_close(&cx);
}

static void test_lines(void **state)
{
    (void)state;
    /* Lines as written; zero, negative, infinite, unknown words and a share of a median of zero
     * are refused with a sentence. */
    struct cx cx;
    check_open(&cx);
    struct line_spec l;
    check_ok(&cx, line_parse(&l, &cx, STR(" 3000 ")));
    assert_true(l.kind == LINE_FIXED && l.value == 3000);
    check_ok(&cx, line_parse(&l, &cx, STR("60%median")));
    assert_true(l.kind == LINE_OF_MEDIAN && l.value == 0.6);
    check_ok(&cx, line_parse(&l, &cx, STR("50 % mean")));
    assert_true(l.kind == LINE_OF_MEAN && l.value == 0.5);
    check_ok(&cx, line_parse(&l, &cx, STR("40%q0.25")));
    assert_true(l.kind == LINE_OF_QUANTILE && l.value == 0.4 && l.quantile == 0.25);
    static const char *const bad[] = {"",         "0",     "-5",       "abc",       "60%",
                                      "60%modus", "%mean", "0%median", "-1%median", "40%q",
                                      "40%q0",    "40%q1", "nan",      "1e999",     "60median"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_refused(&cx, line_parse(&l, &cx, str_of(bad[i])), RC_INVALID);
    assert_true(l.kind == LINE_OF_QUANTILE); /* untouched by refusals */
    const double y[] = {0, 0, 5};
    struct ranked r = rank(&cx, &(struct welfare){y, NULL, 3});
    double line = 1;
    check_refused(&cx, line_value(&line, &cx, &l, &r, QUANTILE_LAEKEN), RC_INVALID);
    l = (struct line_spec){LINE_OF_MEAN, 0.6, 0};
    check_ok(&cx, line_value(&line, &cx, &l, &r, QUANTILE_LAEKEN));
    fixture_close(line, 1, 15);
    static const double no_line[] = {0, -1, NAN, INFINITY};
    for (int i = 0; i < 4; i++)
        check_refused(&cx, line_check(&cx, no_line[i]), RC_INVALID);
    check_close(&cx);
}

static void test_refused_weights(void **state)
{
    (void)state;
    /* A negative weight and more rows than the arena holds are refused. */
    struct cx cx;
    check_open(&cx);
    const double y[] = {1, 2}, w[] = {1, -1};
    struct ranked r;
    check_refused(&cx, ranked_make(&r, &cx, &(struct welfare){y, w, 2}), RC_INVALID);
    struct arena *large = cx.arena;
    double *many = arena_array(large, 100000, sizeof *many);
    cx.arena = arena_open(1 << 20);
    check_refused(&cx, ranked_make(&r, &cx, &(struct welfare){many, NULL, 100000}), RC_LIMIT);
    arena_free(cx.arena);
    cx.arena = large;
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_made_up_people), cmocka_unit_test(test_eusilc),
        cmocka_unit_test(test_mexico),         cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_quantiles),      cmocka_unit_test(test_growth_incidence),
        cmocka_unit_test(test_blocks_add_up),  cmocka_unit_test(test_sums_against_long_double),
        cmocka_unit_test(test_invariance),     cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_nobody),         cmocka_unit_test(test_zero_and_negative),
        cmocka_unit_test(test_lines),          cmocka_unit_test(test_refused_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
