/* Foster–Greer–Thorbecke and Watts: sums over rows that add up, and the figures made of them.
 * Does not rank rows (ranked.c) nor read packed columns (kernel_fgt.c). */
#include "stats/poverty.h"

#include "base/text.h"
#include "stats/inner.h"

/* The rows [from, to) of one group, summed plainly: at most STATS_BLOCK of them. */
static void add_run(struct fgt_sums *s, const struct welfare *x, size_t from, size_t to,
                    double line, bool weak)
{
    for (size_t i = from; i < to; i++) {
        double y = x->y[i], w = x->w ? x->w[i] : 1.0;
        if (!isfinite(y) || !isfinite(w)) {
            s->missing_rows++;
            s->missing_weight += isfinite(w) ? w : 0.0;
            continue;
        }
        s->rows++;
        s->weight += w;
        s->y += w * y;
        if (y <= 0) {
            s->not_positive_rows++;
            s->not_positive_weight += w;
        }
        if (weak ? y > line : y >= line)
            continue;
        double g = (line - y) / line;
        s->poor_rows++;
        s->poor += w;
        s->gap += w * g;
        s->gap2 += w * g * g;
        if (y > 0)
            s->log_gap += w * log(line / y);
    }
}

static void add_low(double *hi, double *lo, double x, double x_low)
{
    struct sum s = {*hi, *lo};
    sum_add(&s, x);
    if (x_low != 0)
        sum_add(&s, x_low);
    *hi = s.hi;
    *lo = s.lo;
}

void fgt_merge(struct fgt_sums *into, const struct fgt_sums *from)
{
    into->rows += from->rows;
    into->poor_rows += from->poor_rows;
    into->missing_rows += from->missing_rows;
    into->not_positive_rows += from->not_positive_rows;
    add_low(&into->weight, &into->low.weight, from->weight, from->low.weight);
    add_low(&into->poor, &into->low.poor, from->poor, from->low.poor);
    add_low(&into->gap, &into->low.gap, from->gap, from->low.gap);
    add_low(&into->gap2, &into->low.gap2, from->gap2, from->low.gap2);
    add_low(&into->y, &into->low.y, from->y, from->low.y);
    add_low(&into->log_gap, &into->low.log_gap, from->log_gap, from->low.log_gap);
    add_low(&into->missing_weight, &into->low.missing_weight, from->missing_weight,
            from->low.missing_weight);
    add_low(&into->not_positive_weight, &into->low.not_positive_weight,
            from->not_positive_weight, from->low.not_positive_weight);
}

void fgt_add(struct fgt_sums *sums, const struct welfare *x, const uint32_t *group, double line,
             bool weak)
{
    for (size_t block = 0; block < x->n; block += STATS_BLOCK) {
        size_t end = x->n - block < STATS_BLOCK ? x->n : block + STATS_BLOCK;
        for (size_t from = block, to; from < end; from = to) {
            struct fgt_sums run = {0};
            to = group ? from + 1 : end;
            while (group && to < end && group[to] == group[from])
                to++;
            add_run(&run, x, from, to, line, weak);
            fgt_merge(&sums[group ? group[from] : 0], &run);
        }
    }
}

static struct estimate of(const struct fgt_sums *s, double sum, double weight)
{
    struct estimate e = estimate_refused(STATS_NOBODY);
    if (weight > 0)
        e = estimate_value(sum / weight, s->rows);
    e.rows_left_out = s->missing_rows;
    e.weight_left_out = s->missing_weight;
    return e;
}

struct estimate fgt_of(const struct fgt_sums *s, int power)
{
    return of(s, power == 0 ? s->poor : power == 1 ? s->gap : s->gap2, s->weight);
}

struct estimate mean_of(struct cx *cx, const struct fgt_sums *s)
{
    struct estimate e = of(s, s->y, s->weight);
    if (e.refused)
        e.refused = _(STATS_NOBODY);
    return e;
}

struct estimate watts_of(struct cx *cx, const struct fgt_sums *s)
{
    /* Compared by rows: a difference of the two weights may leave a trace of rounding. */
    bool anybody = s->rows > s->not_positive_rows;
    struct estimate e = of(s, s->log_gap, anybody ? s->weight - s->not_positive_weight : 0.0);
    if (e.refused)
        e.refused = s->weight > 0 ? _("Watts' figure needs values above zero; there are none.")
                                  : _(STATS_NOBODY);
    else
        e.rows -= s->not_positive_rows;
    e.rows_left_out += s->not_positive_rows;
    e.weight_left_out += s->not_positive_weight;
    return e;
}

enum rc line_check(struct cx *cx, double line)
{
    if (isfinite(line) && line > 0)
        return RC_OK;
    return fail(cx, RC_INVALID, _("A poverty line is an amount of money above zero."), "line");
}
