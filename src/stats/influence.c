/* Influence values of means, poverty, quantiles and lines. Inequality: influence_shape.c. */
#include "stats/influence.h"

#include "base/text.h"
#include "stats/inner.h"
#include "stats/mpi_inner.h"
#include "stats/sort.h"

/* ---- the domain's rows ---- */

static double weight_of(const struct welfare *x, size_t i)
{
    return x->w ? x->w[i] : 1.0;
}

static enum rc count_rows(struct sample *s, struct cx *cx, const struct welfare *x,
                          const uint32_t *rows, size_t count)
{
    struct sum left_out = {0};
    for (size_t k = 0; k < count; k++) {
        size_t i = rows ? rows[k] : k;
        double w = weight_of(x, i);
        if (w < 0)
            return fail(cx, RC_INVALID, _("A weight is negative; weights are zero or more."),
                        "row=%zu", i);
        if (!isfinite(x->y[i]) || !isfinite(w)) {
            s->ranked.rows_left_out++;
            sum_add(&left_out, isfinite(w) ? w : 0.0);
        } else if (w > 0) {
            s->ranked.n++;
        }
    }
    s->ranked.weight_left_out = left_out.hi;
    return s->ranked.n < UINT32_MAX ? RC_OK
                                    : fail(cx, RC_LIMIT, _("There are too many rows to rank."),
                                           "n=%zu", s->ranked.n);
}

struct room {
    double *y, *w, *cum;
    uint32_t *row;
};

/* key and `w` of the sort: the welfare and the row's number, which a double holds exactly. */
static void sort_rows(struct sort_pairs *sort, struct room *to, const struct welfare *x,
                      const uint32_t *rows, size_t count)
{
    size_t n = 0;
    for (size_t k = 0; k < count; k++) {
        size_t i = rows ? rows[k] : k;
        double w = weight_of(x, i);
        if (isfinite(x->y[i]) && isfinite(w) && w > 0) {
            sort->key[n] = sort_key(x->y[i]);
            sort->w[n++] = (double)i;
        }
    }
    sort_pairs(sort);
    for (size_t k = 0; k < n; k++)
        to->row[k] = (uint32_t)sort->w[k];
}

static void fill(struct sample *s, struct room *to, const struct welfare *x)
{
    struct ranked *r = &s->ranked;
    struct sum weight = {0}, total = {0}, square = {0};
    for (size_t k = 0; k < r->n; k++) {
        to->y[k] = x->y[to->row[k]];
        to->w[k] = weight_of(x, to->row[k]);
        sum_add(&weight, to->w[k]);
        sum_add(&total, to->w[k] * to->y[k]);
        to->cum[k] = weight.hi;
    }
    r->weight = weight.hi;
    r->mean = r->n ? total.hi / weight.hi : NAN;
    for (size_t k = 0; k < r->n; k++)
        sum_add(&square, to->w[k] * (to->y[k] - r->mean) * (to->y[k] - r->mean));
    s->bandwidth = r->n ? sqrt(square.hi / weight.hi) / pow(weight.hi, 0.2) : NAN;
    r->y = to->y;
    r->w = to->w;
    r->cum = to->cum;
    s->row = to->row;
}

enum rc sample_make(struct sample *out, struct cx *cx, const struct welfare *all,
                    const uint32_t *rows, size_t count)
{
    struct sample s = {.ranked.mean = NAN};
    TRY(count_rows(&s, cx, all, rows, count));
    size_t n = s.ranked.n + 1;
    struct room to = {
        arena_array(cx->arena, n, sizeof *to.y), arena_array(cx->arena, n, sizeof *to.w),
        arena_array(cx->arena, n, sizeof *to.cum), arena_array(cx->arena, n, sizeof *to.row)};
    struct arena_mark mark = arena_mark(cx->arena);
    uint64_t *key = arena_array(cx->arena, n, sizeof *key);
    uint32_t *counts = arena_array(cx->arena, SORT_COUNTS, sizeof *counts);
    if (!to.y || !to.w || !to.cum || !to.row || !key || !counts)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "n=%zu", n);
    /* y, w and cum are the sort's scratch until they get their values. */
    struct sort_pairs sort = {key, (uint64_t *)(void *)to.y, to.w, to.cum, counts, s.ranked.n};
    sort_rows(&sort, &to, all, rows, count);
    arena_back(cx->arena, mark);
    fill(&s, &to, all);
    *out = s;
    return RC_OK;
}

double sample_density(const struct sample *s, double x, double bandwidth)
{
    const struct ranked *r = &s->ranked;
    struct sum k = {0};
    for (size_t i = 0; i < r->n; i++) {
        double t = (x - r->y[i]) / bandwidth;
        sum_add(&k, r->w[i] * exp(-t * t / 2));
    }
    return k.hi / (sqrt(2 * M_PI) * r->weight * bandwidth);
}

/* ---- totals and means ---- */

void influence_total(double *u, const struct sample *s, const double *x)
{
    for (size_t i = 0; i < s->ranked.n; i++)
        u[i] = x ? x[i] : 1;
}

void influence_ratio(double *u, const struct sample *s, const double *x, const double *y)
{
    struct sum above = {0}, below = {0};
    for (size_t i = 0; i < s->ranked.n; i++) {
        sum_add(&above, s->ranked.w[i] * x[i]);
        sum_add(&below, s->ranked.w[i] * (y ? y[i] : 1));
    }
    double ratio = above.hi / below.hi;
    for (size_t i = 0; i < s->ranked.n; i++)
        u[i] = (x[i] - ratio * (y ? y[i] : 1)) / below.hi;
}

void influence_mean(double *u, const struct sample *s)
{
    influence_ratio(u, s, s->ranked.y, NULL);
}

/* ---- poverty ---- */

static bool is_poor(double y, double line, bool weak)
{
    return weak ? y <= line : y < line;
}

void influence_fgt(double *u, const struct sample *s, double line, bool weak, int power)
{
    const struct ranked *r = &s->ranked;
    for (size_t i = 0; i < r->n; i++) {
        double g = (line - r->y[i]) / line;
        u[i] = !is_poor(r->y[i], line, weak) ? 0 : power == 0 ? 1 : power == 1 ? g : g * g;
    }
    influence_ratio(u, s, u, NULL);
}

/* Weighted mean of FGT's term. */
static double fgt(const struct sample *s, double line, bool weak, int power)
{
    struct sum t = {0};
    for (size_t i = 0; i < s->ranked.n && is_poor(s->ranked.y[i], line, weak); i++)
        sum_add(&t, s->ranked.w[i] * pow((line - s->ranked.y[i]) / line, power));
    return t.hi / s->ranked.weight;
}

double slope_fgt(const struct sample *s, double line, bool weak, int power, double bandwidth)
{
    if (power == 0)
        return sample_density(s, line, bandwidth);
    /* d/dz (1 - y/z)^a = a/z ((1 - y/z)^(a-1) - (1 - y/z)^a) */
    return power / line * (fgt(s, line, weak, power - 1) - fgt(s, line, weak, power));
}

/* Rows above zero: their first rank and their weight. */
static size_t positive(double *weight, const struct sample *s)
{
    size_t first = 0;
    while (first < s->ranked.n && s->ranked.y[first] <= 0)
        first++;
    *weight = s->ranked.weight - (first ? s->ranked.cum[first - 1] : 0);
    return first;
}

void influence_watts(double *u, const struct sample *s, double line, bool weak)
{
    const struct ranked *r = &s->ranked;
    struct sum total = {0};
    double weight;
    size_t first = positive(&weight, s);
    for (size_t i = 0; i < r->n; i++) {
        bool poor = i >= first && is_poor(r->y[i], line, weak);
        u[i] = poor ? log(line / r->y[i]) : 0;
        sum_add(&total, r->w[i] * u[i]);
    }
    for (size_t i = 0; i < r->n; i++)
        u[i] = i < first ? 0 : (u[i] - total.hi / weight) / weight;
}

double slope_watts(const struct sample *s, double line, bool weak)
{
    struct sum poor = {0};
    double weight;
    for (size_t i = positive(&weight, s);
         i < s->ranked.n && is_poor(s->ranked.y[i], line, weak); i++)
        sum_add(&poor, s->ranked.w[i]);
    return poor.hi / weight / line; /* the gap's logarithm starts at zero: no density */
}

/* SST is the mean of the larger gap of all pairs of people: dropping a row takes twice its own
 * mean away. */
enum rc influence_sst(double *u, struct cx *cx, const struct sample *s, double line)
{
    const struct ranked *r = &s->ranked;
    struct arena_mark mark = arena_mark(cx->arena);
    double *richer = arena_array(cx->arena, r->n + 1, sizeof *richer);
    struct sum above = {0}, total = {0};
    if (!richer)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "n=%zu", r->n);
    /* Of a row with gap g: everybody not poorer has at most g, the poorer have their own. */
    for (size_t i = 0; i < r->n; i++) {
        double g = r->y[i] < line ? (line - r->y[i]) / line : 0;
        double before = i ? r->cum[i - 1] : 0;
        richer[i] = (above.hi + g * (r->weight - before)) / r->weight;
        sum_add(&above, r->w[i] * g);
        sum_add(&total, r->w[i] * richer[i]);
    }
    for (size_t i = 0; i < r->n; i++)
        u[i] = 2 * (richer[i] - total.hi / r->weight) / r->weight;
    arena_back(cx->arena, mark);
    return RC_OK;
}

double slope_sst(struct cx *cx, const struct sample *s, double line, bool weak)
{
    double rich = 1 - fgt(s, line, false, 0);
    return (1 - rich * rich - ranked_sst(cx, &s->ranked, line, weak).value) / line;
}

/* ---- quantiles and lines ---- */

void influence_quantile(double *u, const struct sample *s, double p, double quantile)
{
    double f = sample_density(s, quantile, s->bandwidth) * s->ranked.weight;
    for (size_t i = 0; i < s->ranked.n; i++)
        u[i] = -((s->ranked.y[i] <= quantile) - p) / f;
}

void influence_line(double *u, const struct sample *s, const struct line_spec *l,
                    enum quantile_kind kind)
{
    double p = l->kind == LINE_OF_QUANTILE ? l->quantile : 0.5;
    switch (l->kind) {
    case LINE_FIXED:
        for (size_t i = 0; i < s->ranked.n; i++)
            u[i] = 0;
        return;
    case LINE_OF_MEAN:
        influence_mean(u, s);
        break;
    case LINE_OF_MEDIAN:
    case LINE_OF_QUANTILE:
        influence_quantile(u, s, p, ranked_quantile(&s->ranked, p, kind));
        break;
    }
    for (size_t i = 0; i < s->ranked.n; i++)
        u[i] *= l->value;
}

/* ---- Alkire–Foster ---- */

void influence_mpi(double *u, const struct mpi_spec *s, const struct mpi_result *r,
                   enum mpi_figure figure, size_t j)
{
    double sum = 0, poor_weight = r->h * r->weight;
    for (size_t k = 0; k < s->n; k++)
        sum += s->weight[k];
    for (size_t p = 0; p < (size_t)1 << s->n; p++) {
        int64_t score = 0;
        for (size_t rest = p; rest; rest &= rest - 1)
            score += s->weight[__builtin_ctzl(rest)];
        bool poor = mpi_is_poor(s, score), has = p >> j & 1;
        double c = poor ? (double)score / sum : 0, part = s->weight[j] / sum * (poor && has);
        switch (figure) {
        case MPI_H:
            u[p] = (poor - r->h) / r->weight;
            break;
        case MPI_M0:
            u[p] = (c - r->m0) / r->weight;
            break;
        case MPI_A:
            u[p] = poor ? (c - r->a) / poor_weight : 0;
            break;
        case MPI_HD:
            u[p] = (has - r->uncensored[j]) / r->weight;
            break;
        case MPI_HDK:
            u[p] = ((poor && has) - r->censored[j]) / r->weight;
            break;
        case MPI_ACTB:
            u[p] = (part - r->absolute[j]) / r->weight;
            break;
        case MPI_PCTB:
            u[p] = (part - r->share[j] * c) / (r->m0 * r->weight);
            break;
        }
    }
}
