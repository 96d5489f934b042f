/* Zenga's index: at each rank, one less the mean of those up to it over the mean of those above
 * it, averaged over ranks; and its influence values. Rows below zero take no part. */
#include "stats/influence.h"

#include "base/text.h"
#include "stats/inner.h"

/* The rows from zero up: the last n ranks. */
struct kept {
    const double *y, *w;
    size_t first, n;
    double weight, total;
    struct sum below; /* weight of the others */
};

static struct kept keep(const struct ranked *r)
{
    struct kept k = {0};
    struct sum weight = {0}, total = {0};
    while (k.first < r->n && r->y[k.first] < 0)
        sum_add(&k.below, r->w[k.first++]);
    for (size_t i = k.first; i < r->n; i++) {
        sum_add(&weight, r->w[i]);
        sum_add(&total, r->w[i] * r->y[i]);
    }
    k.y = r->y + k.first;
    k.w = r->w + k.first;
    k.n = r->n - k.first;
    k.weight = weight.hi;
    k.total = total.hi;
    return k;
}

/* ---- the form of convey: 1 - sum w (N - H) Y1 / (N H K), H weight up to the row, Y1 welfare
 * before it, K welfare from it on. Source: Barabesi, Diana, Perri 2016; convey 1.0. */

static double convey_index(const struct kept *k)
{
    struct sum h = {0}, before = {0}, s = {0};
    for (size_t i = 0; i < k->n; i++) {
        sum_add(&h, k->w[i]);
        double rest = k->total - before.hi;
        sum_add(&s, k->w[i] * (k->weight - h.hi) * before.hi / (k->weight * h.hi * rest));
        sum_add(&before, k->w[i] * k->y[i]);
    }
    return 1 - s.hi;
}

/* One row's parts of the sums that the influence values are made of. */
struct convey_part {
    double own, level, slope, up, down;
};

static struct convey_part convey_part(const struct kept *k, size_t i, double h, double before)
{
    double w = k->w[i], n = k->weight, rest = k->total - before;
    return (struct convey_part){.own = (n - h) * before / (n * h * rest),
                                .level = w * before / rest / (n * n),
                                .slope = w * (n - h) / (h * rest) / n,
                                .up = w * before / (h * h * rest),
                                .down = k->total / n * w * (n - h) / (h * rest * rest)};
}

static void convey_influence(double *u, const struct kept *k)
{
    struct sum level = {0}, slope = {0}, up = {0}, down = {0}, h = {0}, before = {0};
    for (int pass = 0; pass < 2; pass++) {
        double all = up.hi;
        h = before = down = up = (struct sum){0};
        for (size_t i = 0; i < k->n; i++) {
            sum_add(&h, k->w[i]);
            struct convey_part p = convey_part(k, i, h.hi, before.hi);
            sum_add(&down, p.down);
            if (pass == 0) {
                sum_add(&level, p.level);
                sum_add(&slope, p.slope);
            } else {
                u[i] = -p.own - level.hi + (all - up.hi) + k->y[i] * (down.hi - slope.hi);
            }
            sum_add(&up, p.up);
            sum_add(&before, k->w[i] * k->y[i]);
        }
    }
}

/* ---- the standard form: the integral along the Lorenz curve made of straight pieces, which
 * does not change with the order of equal rows. Source: Zenga 2007; Langel and Tille 2012. Row
 * k's piece, d1 and d2 the weight before and up to it, y1 the welfare before it, r1 and r2 the
 * welfare from it on and after it, b = r1 + d1·y, a = d1·y - y1: a/b · ln(d2/d1) + (Y/(N·y) -
 * Y/b) · ln(r1/r2) with the second part 0 in the last row, and w/N where y is 0. */

struct piece {
    double d1, d2, y, y1, r1, r2;
    bool last;
};

/* Ranks from the last down: `rest` is the welfare after the row, and takes the row in. */
static struct piece piece_of(const struct kept *k, size_t i, struct sum *rest,
                             struct sum *weight)
{
    struct piece p = {.d2 = weight->hi, .y = k->y[i], .r2 = rest->hi, .last = i + 1 == k->n};
    sum_add(rest, k->w[i] * k->y[i]);
    sum_add(weight, -k->w[i]);
    p.d1 = i ? weight->hi : 0;
    p.r1 = rest->hi;
    p.y1 = i ? k->total - p.r1 : 0;
    return p;
}

static double piece_value(const struct kept *k, const struct piece *p)
{
    double a = p->d1 * p->y - p->y1, b = p->r1 + p->d1 * p->y, n = k->weight;
    if (!(p->y > 0))
        return (p->d2 - p->d1) / n;
    double low = p->d1 > 0 ? a / b * log(p->d2 / p->d1) : 0;
    double high = p->last ? 0 : (k->total / (n * p->y) - k->total / b) * log(p->r1 / p->r2);
    return low + high;
}

static double standard_index(const struct kept *k)
{
    struct sum rest = {0}, weight = {k->weight, 0}, s = {0};
    for (size_t i = k->n; i-- > 0;) {
        struct piece p = piece_of(k, i, &rest, &weight);
        sum_add(&s, piece_value(k, &p));
    }
    return s.hi;
}

/* A piece's slopes in N, Y, d1, d2, y1 and y2 (welfare up to the row). */
struct slopes {
    double n, total, d1, d2, y1, y2;
};

static struct slopes piece_slopes(const struct kept *k, const struct piece *p)
{
    double n = k->weight, t = k->total;
    if (!(p->y > 0))
        return (struct slopes){.n = -(p->d2 - p->d1) / (n * n), .d1 = -1 / n, .d2 = 1 / n};
    if (p->last) { /* (1 - Y/(N y)) ln(d2/d1) */
        double l = p->d1 > 0 ? log(p->d2 / p->d1) : 0, z = 1 - t / (n * p->y);
        return (struct slopes){.n = t / (n * n * p->y) * l,
                               .total = -l / (n * p->y),
                               .d1 = p->d1 > 0 ? -z / p->d1 : 0,
                               .d2 = p->d1 > 0 ? z / p->d2 : 0};
    }
    double a = p->d1 * p->y - p->y1, b = p->r1 + p->d1 * p->y;
    double l1 = p->d1 > 0 ? log(p->d2 / p->d1) : 0, l2 = log(p->r1 / p->r2);
    double q = t / (n * p->y) - t / b, in_a = t / (b * b) * (l1 + l2);
    return (struct slopes){.n = -t / (n * n * p->y) * l2,
                           .total = -a / (b * b) * l1 + q / t * l2 + t / (b * b) * l2 +
                                    q / p->r1 - q / p->r2,
                           .d1 = (p->d1 > 0 ? -a / b / p->d1 : 0) + in_a * p->y,
                           .d2 = a / b / p->d2,
                           .y1 = -q / p->r1 - in_a,
                           .y2 = q / p->r2};
}

static void standard_influence(double *u, const struct kept *k)
{
    struct sum rest = {0}, weight = {k->weight, 0}, n = {0}, total = {0}, d = {0}, y = {0};
    /* A row's weight moves N and Y everywhere, d2 and y2 from its own piece on, d1 and y1 from
     * the next. */
    for (size_t i = k->n; i-- > 0;) {
        struct piece p = piece_of(k, i, &rest, &weight);
        struct slopes s = piece_slopes(k, &p);
        sum_add(&n, s.n);
        sum_add(&total, s.total);
        sum_add(&d, s.d2);
        sum_add(&y, s.y2);
        u[i] = d.hi + k->y[i] * y.hi;
        sum_add(&d, s.d1);
        sum_add(&y, s.y1);
    }
    for (size_t i = 0; i < k->n; i++)
        u[i] += n.hi + k->y[i] * total.hi;
}

/* ---- for everybody ---- */

struct estimate ranked_zenga(struct cx *cx, const struct ranked *r, bool convey)
{
    struct kept k = keep(r);
    struct estimate e = estimate_value(NAN, (int64_t)k.n);
    if (!r->n)
        e = estimate_refused(_(STATS_NOBODY));
    else if (!(k.total > 0))
        e = estimate_refused(_("This figure needs values above zero; there are none."));
    else
        e.value = convey ? convey_index(&k) : standard_index(&k);
    e.rows_left_out = r->rows_left_out + (int64_t)k.first;
    e.weight_left_out = r->weight_left_out + k.below.hi;
    return e;
}

void influence_zenga(double *u, const struct sample *s, bool convey)
{
    struct kept k = keep(&s->ranked);
    for (size_t i = 0; i < k.first; i++)
        u[i] = 0;
    if (convey)
        convey_influence(u + k.first, &k);
    else
        standard_influence(u + k.first, &k);
}
