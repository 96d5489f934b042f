/* Alkire–Foster from a histogram of patterns: headcounts, M0, every k. Filling histograms is
 * mpi_hist.c's work. Source: Alkire and Foster 2011; notation of mpitb (Suppa 2023). */
#include "stats/mpi.h"

#include "base/text.h"
#include "stats/inner.h"
#include "stats/mpi_inner.h"

__extension__ typedef __int128 wide; /* score * k_den passes 64 bits */

/* ---- what is asked for ---- */

enum rc mpi_spec_check(struct cx *cx, const struct mpi_spec *s)
{
    int64_t sum = 0;
    if (s->n < 1 || s->n > MPI_INDICATORS_MAX)
        return fail_f(cx, RC_INVALID, _("An index has 1 to %d indicators."),
                      (int)MPI_INDICATORS_MAX);
    for (size_t j = 0; j < s->n; j++) {
        if (s->weight[j] < 0)
            return fail(cx, RC_INVALID,
                        _("A weight is negative; an index's weights are zero or more."),
                        "indicator=%zu", j);
        sum += s->weight[j];
    }
    if (!sum)
        return fail(cx, RC_INVALID,
                    _("All weights are zero: at least one indicator must count."), "weights");
    if (s->k_den < 1 || s->k_num < 1 || s->k_num > s->k_den)
        return fail(cx, RC_INVALID,
                    _("k lies above 0 and at most at 1: write 1/3, 33% or 0.33."), "k");
    return RC_OK;
}

/* Digits with at most one point as num/den, den a power of ten. At most 15 digits. */
static bool exact_decimal(int64_t *num, int64_t *den, struct str s)
{
    size_t point = 0;
    while (point < s.len && s.p[point] != '.')
        point++;
    unsigned decimals = point < s.len ? (unsigned)(s.len - point - 1) : 0;
    if (!s.len || s.len > 16 || (point < s.len && (!decimals || !point)) || s.p[0] == '-' ||
        !str_to_scaled(num, s, decimals))
        return false;
    *den = 1;
    for (unsigned i = 0; i < decimals; i++)
        *den *= 10;
    return true;
}

enum rc mpi_k_parse(int64_t *num, int64_t *den, struct cx *cx, struct str text)
{
    struct str rest = str_trim(text);
    int64_t a = 0, b = 1, c, d = 1;
    bool percent = rest.len && rest.p[rest.len - 1] == '%';
    if (percent)
        rest.len--;
    struct str top = str_trim(str_cut(&rest, '/'));
    bool good = exact_decimal(&a, &b, top);
    if (good && rest.p && !percent) { /* a fraction of whole numbers */
        rest = str_trim(rest);
        good = b == 1 && exact_decimal(&c, &d, rest) && d == 1 && c > 0;
        b = good ? c : 1;
    } else if (rest.p) {
        good = false;
    }
    if (percent)
        b *= 100;
    if (!good || a < 1 || a > b)
        return fail(cx, RC_INVALID,
                    _("k lies above 0 and at most at 1: write 1/3, 33% or 0.33."), "k");
    *num = a;
    *den = b;
    return RC_OK;
}

/* ---- from a histogram ---- */

/* Patterns are walked in rows of 64: the low six indicators inside a row, the others fixed. */
enum { LOW_BITS = 6, LOW = 1 << LOW_BITS };

struct scores {
    int64_t low[LOW];  /* weight of each combination of the low indicators */
    int64_t sum, need; /* of all weights; the smallest poor score */
    size_t row;        /* patterns in a row: 64, or fewer when there are fewer indicators */
};

static void scores_make(struct scores *t, const struct mpi_spec *s)
{
    size_t low_bits = s->n < LOW_BITS ? s->n : LOW_BITS;
    t->row = (size_t)1 << low_bits;
    t->sum = 0;
    for (size_t j = 0; j < s->n; j++)
        t->sum += s->weight[j];
    t->low[0] = 0;
    for (size_t p = 1; p < t->row; p++)
        t->low[p] = t->low[p & (p - 1)] + s->weight[__builtin_ctzl(p)];
    /* score * k_den >= k_num * sum: in whole numbers, so that one third is one third. */
    t->need = (int64_t)(((wide)s->k_num * t->sum + s->k_den - 1) / s->k_den);
}

static int64_t high_score(const struct mpi_spec *s, size_t high)
{
    int64_t score = 0;
    for (; high; high &= high - 1)
        score += s->weight[LOW_BITS + (size_t)__builtin_ctzl(high)];
    return score;
}

bool mpi_is_poor(const struct mpi_spec *s, int64_t score)
{
    int64_t sum = 0;
    for (size_t j = 0; j < s->n; j++)
        sum += s->weight[j];
    return (wide)score * s->k_den >= (wide)s->k_num * sum;
}

void mpi_poor_patterns(uint32_t *poor, const struct mpi_spec *s, uint32_t yes)
{
    struct scores t;
    scores_make(&t, s);
    for (size_t high = 0; high < ((size_t)1 << s->n) / t.row; high++) {
        int64_t score = high_score(s, high);
        for (size_t i = 0; i < t.row; i++)
            poor[high * t.row + i] = t.low[i] + score >= t.need ? yes : 0;
    }
}

/* Masses by indicator, all and of the poor only. */
struct marginals {
    struct sum total, indicator[MPI_INDICATORS_MAX];
};

/* Adds a row of masses: halves are folded onto each other, so that 2·64 additions give the
 * total and all six sums. Destroys m. */
static void fold(struct marginals *out, double *m, size_t row, size_t high)
{
    for (size_t half = row / 2, j = (size_t)__builtin_ctzl(row); half; half /= 2) {
        double sum = 0;
        for (size_t i = 0; i < half; i++)
            sum += m[half + i];
        for (size_t i = 0; i < half; i++)
            m[i] += m[half + i];
        sum_add(&out->indicator[--j], sum);
    }
    sum_add(&out->total, m[0]);
    for (; high; high &= high - 1)
        sum_add(&out->indicator[LOW_BITS + (size_t)__builtin_ctzl(high)], m[0]);
}

static void row_of(struct marginals *all, struct marginals *poor, const struct scores *t,
                   const double *mass, size_t high, int64_t score)
{
    double m[LOW], p[LOW];
    bool anybody = false;
    for (size_t i = 0; i < t->row; i++)
        anybody |= mass[i] != 0;
    if (!anybody)
        return;
    for (size_t i = 0; i < t->row; i++) {
        m[i] = mass[i];
        p[i] = t->low[i] + score >= t->need ? mass[i] : 0.0;
    }
    fold(all, m, t->row, high);
    fold(poor, p, t->row, high);
}

void mpi_of(struct mpi_result *out, const struct mpi_spec *s, const struct mpi_hist *h,
            size_t group)
{
    struct marginals all = {0}, poor = {0};
    struct scores t;
    const double *mass = h->mass + (group << h->n);
    struct mpi_result r = {.rows = h->rows[group],
                           .missing_rows = h->missing_rows[group],
                           .missing_weight = h->missing_weight[group]};
    scores_make(&t, s);
    for (size_t high = 0; high < ((size_t)1 << h->n) / t.row; high++)
        row_of(&all, &poor, &t, mass + high * t.row, high, high_score(s, high));
    struct mpi_sums sums = {.weight = all.total.hi, .poor = poor.total.hi};
    for (size_t j = 0; j < s->n; j++) {
        sums.deprived[j] = all.indicator[j].hi;
        sums.both[j] = poor.indicator[j].hi;
    }
    mpi_result_make(&r, s, &sums);
    *out = r;
}

void mpi_result_make(struct mpi_result *r, const struct mpi_spec *s,
                     const struct mpi_sums *sums)
{
    struct sum m0 = {0};
    int64_t total = 0;
    for (size_t j = 0; j < s->n; j++)
        total += s->weight[j];
    r->weight = sums->weight;
    r->h = sums->poor / r->weight; /* NaN for nobody: 0/0 */
    for (size_t j = 0; j < s->n; j++) {
        r->uncensored[j] = sums->deprived[j] / r->weight;
        r->censored[j] = sums->both[j] / r->weight;
        r->absolute[j] = (double)s->weight[j] * r->censored[j] / (double)total;
        sum_add(&m0, (double)s->weight[j] * sums->both[j]);
    }
    r->m0 = m0.hi / (double)total / r->weight;
    r->a = r->h > 0 ? r->m0 / r->h : NAN;
    for (size_t j = 0; j < s->n; j++)
        r->share[j] = r->m0 > 0 ? r->absolute[j] / r->m0 : NAN;
}

/* ---- every k ---- */

struct at_score {
    int64_t score;
    double mass;
};

static int by_score(const void *a, const void *b)
{
    const struct at_score *x = a, *y = b;
    return (x->score > y->score) - (x->score < y->score);
}

/* The patterns that somebody has, with their scores, ascending. */
static enum rc scored(struct at_score **out, size_t *count, struct cx *cx,
                      const struct mpi_spec *s, const double *mass)
{
    struct scores t;
    size_t patterns = (size_t)1 << s->n, n = 0;
    for (size_t p = 0; p < patterns; p++)
        n += mass[p] != 0;
    struct at_score *list = arena_array(cx->arena, n + 1, sizeof *list);
    if (!list)
        return fail(cx, RC_LIMIT, _("There are too many different patterns of deprivation."),
                    "n=%zu", n);
    scores_make(&t, s);
    n = 0;
    for (size_t p = 0; p < patterns; p++)
        if (mass[p] != 0)
            list[n++] = (struct at_score){t.low[p % t.row] + high_score(s, p / t.row), mass[p]};
    qsort(list, n, sizeof *list, by_score);
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc mpi_all_k(struct mpi_at_k **out, size_t *count, struct cx *cx, const struct mpi_spec *s,
                  const struct mpi_hist *h, size_t group)
{
    struct at_score *list = NULL;
    size_t n = 0, distinct = 0;
    TRY(scored(&list, &n, cx, s, h->mass + (group << h->n)));
    for (size_t i = 0; i < n; i++)
        distinct += i == 0 || list[i].score != list[i - 1].score;
    struct mpi_at_k *k = arena_array(cx->arena, distinct + 1, sizeof *k);
    if (!k)
        return fail(cx, RC_LIMIT, _("There are too many different patterns of deprivation."),
                    "distinct=%zu", distinct);
    struct scores t;
    struct sum mass = {0}, points = {0};
    size_t at = distinct;
    scores_make(&t, s);
    for (size_t i = n; i-- > 0;) { /* from the highest score down */
        sum_add(&mass, list[i].mass);
        sum_add(&points, list[i].mass * (double)list[i].score);
        if (i == 0 || list[i].score != list[i - 1].score)
            k[--at] = (struct mpi_at_k){list[i].score, mass.hi, points.hi};
    }
    for (size_t i = 0; i < distinct; i++) {
        k[i].h /= mass.hi;
        k[i].m0 /= mass.hi * (double)t.sum;
    }
    *out = k;
    *count = distinct;
    return RC_OK;
}
