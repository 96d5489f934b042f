/* Average marginal effects with errors by the delta method. */
#include "stats/model_inner.h"

#include "base/text.h"
#include "stats/inner.h"

struct margins {
    const struct model_spec *s;
    const struct model_fit *f;
    const uint8_t *used;
    size_t j;
    double from, to; /* of a column of 0 and 1: the difference; else NaN: the slope */
};

static double link_of(const struct margins *m, size_t i)
{
    double eta = m->s->offset ? m->s->offset[i] : 0;
    for (size_t j = 0; j < m->s->k; j++)
        eta += m->f->dropped[j] ? 0 : m->f->b[j] * m->s->x[j][i];
    return eta;
}

/* The effect and its gradient in the coefficients, of the rows used. eta: by row. */
static double effect_of(struct sum *gradient, const struct margins *m, const double *eta)
{
    enum model_family family = m->s->family;
    const struct model_fit *f = m->f;
    struct sum effect = {0}, weight = {0};
    size_t j = m->j;
    bool difference = !isnan(m->from);
    for (size_t i = 0; i < m->s->n; i++) {
        if (!m->used[i])
            continue;
        double w = m->s->w ? m->s->w[i] : 1, own = m->s->x[j][i];
        double high = eta[i] + (m->to - own) * f->b[j],
               low = eta[i] + (m->from - own) * f->b[j];
        double slope = difference
                           ? model_mean_slope(family, high) - model_mean_slope(family, low)
                           : model_mean_bend(family, eta[i]) * f->b[j];
        double self = difference ? model_mean_slope(family, high) * m->to -
                                       model_mean_slope(family, low) * m->from
                                 : slope * own + model_mean_slope(family, eta[i]);
        sum_add(&weight, w);
        sum_add(&effect, w * (difference ? model_mean(family, high) - model_mean(family, low)
                                         : model_mean_slope(family, eta[i]) * f->b[j]));
        for (size_t l = 0; l < f->k; l++)
            if (!f->dropped[l])
                sum_add(&gradient[l], w * (l == j ? self : slope * m->s->x[l][i]));
    }
    for (size_t l = 0; l < f->k; l++)
        gradient[l].hi /= weight.hi;
    return effect.hi / weight.hi;
}

/* Whether the column has only 0 and 1; *constant: one value only. */
static bool two_values(bool *constant, const struct margins *m)
{
    size_t zeros = 0, ones = 0, rows = 0;
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < m->s->n; i++) {
        if (!m->used[i])
            continue;
        double x = m->s->x[m->j][i];
        rows++;
        zeros += x == 0;
        ones += x == 1;
        low = fmin(low, x);
        high = fmax(high, x);
    }
    *constant = low == high;
    return zeros + ones == rows;
}

enum rc model_margins(struct model_margin *out, struct cx *cx, const struct model_spec *s,
                      const struct model_fit *f, const size_t *columns, size_t count)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct sum *gradient = arena_array(cx->arena, f->k + 1, sizeof *gradient);
    double *eta = arena_array(cx->arena, s->n + 1, sizeof *eta);
    if (!gradient || !eta)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", s->n);
    struct margins m = {.s = s, .f = f, .used = f->used};
    for (size_t i = 0; i < s->n; i++)
        eta[i] = f->used[i] ? link_of(&m, i) : 0;
    for (size_t c = 0; c < count; c++) {
        bool constant;
        double variance = 0;
        m.j = columns[c];
        bool two = two_values(&constant, &m);
        out[c] = (struct model_margin){NAN, NAN};
        if (constant || f->dropped[m.j])
            continue;
        m.from = two ? 0 : NAN;
        m.to = 1;
        memset(gradient, 0, f->k * sizeof *gradient);
        out[c].effect = effect_of(gradient, &m, eta);
        for (size_t a = 0; a < f->k; a++)
            for (size_t b = 0; b < f->k; b++)
                if (!f->dropped[a] && !f->dropped[b])
                    variance += gradient[a].hi * f->vcov[a * f->k + b] * gradient[b].hi;
        out[c].se = sqrt(variance > 0 ? variance : 0);
    }
    arena_back(cx->arena, mark);
    return RC_OK;
}
