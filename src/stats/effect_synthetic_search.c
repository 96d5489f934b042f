/* Synthetic control with predictors: the nearest point of a hull inside, a search of the
 * predictors' weights outside. */
#include "stats/effect_synthetic_inner.h"

#include "base/text.h"

#include <string.h>

struct search {
    const struct block *b;
    size_t k, n;        /* predictors, controls */
    double *gap;        /* n × k: control less treated, standardised */
    double *point;      /* n × k: gap by the roots of the predictors' weights */
    double *weight;     /* n: the solution */
    double *at, *q, *u; /* k; n × n; n */
    size_t *in, count;  /* the corral */
};

static double dot(const double *a, const double *b, size_t k)
{
    double s = 0;
    for (size_t j = 0; j < k; j++)
        s += a[j] * b[j];
    return s;
}

/* ---- the nearest point of the hull of the points to the origin: Wolfe 1976 ---- */

static void locate(struct search *s)
{
    memset(s->at, 0, s->k * sizeof *s->at);
    for (size_t c = 0; c < s->count; c++)
        for (size_t j = 0; j < s->k; j++)
            s->at[j] += s->weight[s->in[c]] * s->point[s->in[c] * s->k + j];
}

/* Weights u (adding up to 1, any sign) of the nearest point of the corral's affine hull. */
static void affine(struct search *s, double scale)
{
    double sum = 0;
    for (size_t a = 0; a < s->count; a++) {
        s->u[a] = 1;
        for (size_t c = 0; c <= a; c++)
            s->q[a * s->count + c] =
                1 + dot(s->point + s->in[a] * s->k, s->point + s->in[c] * s->k, s->k) / scale;
    }
    (void)spd_factor(s->q, s->count, NULL); /* a dependent point gets 0 and is left out */
    spd_solve(s->q, s->count, s->u);
    for (size_t a = 0; a < s->count; a++)
        sum += s->u[a];
    for (size_t a = 0; a < s->count; a++)
        s->u[a] /= sum;
}

/* Moves towards u until a weight becomes 0; true: u itself is reached. */
static bool move(struct search *s)
{
    double step = 1;
    size_t kept = 0;
    for (size_t a = 0; a < s->count; a++)
        if (s->u[a] <= 1e-14)
            step = fmin(step, s->weight[s->in[a]] / (s->weight[s->in[a]] - s->u[a]));
    bool whole = step >= 1;
    for (size_t a = 0; a < s->count; a++) {
        double *w = &s->weight[s->in[a]];
        *w += step * (s->u[a] - *w);
        if (*w > 1e-14 || (whole && s->u[a] > 1e-14))
            s->in[kept++] = s->in[a];
        else
            *w = 0;
    }
    whole = whole && kept == s->count;
    s->count = kept;
    return whole;
}

static void nearest_point(struct search *s)
{
    double scale = 0, least = INFINITY;
    size_t first = 0;
    memset(s->weight, 0, s->n * sizeof *s->weight);
    for (size_t i = 0; i < s->n; i++) {
        double own = dot(s->point + i * s->k, s->point + i * s->k, s->k);
        scale = fmax(scale, own);
        if (own < least) {
            least = own;
            first = i;
        }
    }
    s->count = 1;
    s->in[0] = first;
    s->weight[first] = 1;
    for (size_t n = 0; n < 20 * s->n + 100 && scale > 0; n++) {
        size_t best = 0;
        double lowest = INFINITY;
        locate(s);
        for (size_t i = 0; i < s->n; i++) {
            double d = dot(s->at, s->point + i * s->k, s->k);
            if (d < lowest) {
                lowest = d;
                best = i;
            }
        }
        bool known = false;
        for (size_t a = 0; a < s->count; a++)
            known |= s->in[a] == best;
        if (known || lowest > dot(s->at, s->at, s->k) - 1e-13 * scale)
            break;
        s->in[s->count++] = best;
        do
            affine(s, scale);
        while (!move(s) && s->count);
    }
}

/* ---- the search of the predictors' weights ---- */

/* Sum of squares before treatment at the weights |v|/sum |v|. */
static double loss(struct search *s, const double *v)
{
    const struct block *b = s->b;
    size_t periods = b->before + b->after;
    double all = 0, sum = 0;
    for (size_t j = 0; j < s->k; j++)
        all += fabs(v[j]);
    if (!(all > 0))
        return INFINITY;
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->k; j++)
            s->point[i * s->k + j] = sqrt(fabs(v[j]) / all) * s->gap[i * s->k + j];
    nearest_point(s);
    for (size_t t = 0; t < b->before; t++) {
        double d = b->treated[t];
        for (size_t i = 0; i < s->n; i++)
            d -= s->weight[i] * b->y[i * periods + t];
        sum += d * d;
    }
    return sum;
}

struct simplex {
    size_t k;
    double *v, *value; /* (k + 1) × k; k + 1 */
    double *middle, *trial;
};

static void try_at(double *out, const struct simplex *m, double factor)
{
    const double *worst = m->v + m->k * m->k;
    for (size_t j = 0; j < m->k; j++)
        out[j] = m->middle[j] + factor * (worst[j] - m->middle[j]);
}

/* Insertion: the vertices from best to worst. */
static void sort(struct simplex *m)
{
    for (size_t i = 1; i <= m->k; i++)
        for (size_t j = i; j > 0 && m->value[j] < m->value[j - 1]; j--) {
            double t = m->value[j];
            m->value[j] = m->value[j - 1];
            m->value[j - 1] = t;
            for (size_t c = 0; c < m->k; c++) {
                t = m->v[j * m->k + c];
                m->v[j * m->k + c] = m->v[(j - 1) * m->k + c];
                m->v[(j - 1) * m->k + c] = t;
            }
        }
}

static void replace_worst(struct simplex *m, const double *v, double value)
{
    memcpy(m->v + m->k * m->k, v, m->k * sizeof *v);
    m->value[m->k] = value;
}

static void shrink(struct simplex *m, struct search *s)
{
    for (size_t i = 1; i <= m->k; i++) {
        for (size_t j = 0; j < m->k; j++)
            m->v[i * m->k + j] = (m->v[i * m->k + j] + m->v[j]) / 2;
        m->value[i] = loss(s, m->v + i * m->k);
    }
}

/* One step: reflect, expand, contract or shrink. Source: Nelder and Mead 1965. */
static void step(struct simplex *m, struct search *s)
{
    double *away = m->trial, *further = m->trial + m->k;
    memset(m->middle, 0, m->k * sizeof *m->middle);
    for (size_t i = 0; i < m->k; i++)
        for (size_t j = 0; j < m->k; j++)
            m->middle[j] += m->v[i * m->k + j] / (double)m->k;
    try_at(away, m, -1);
    double value = loss(s, away);
    if (value < m->value[0]) {
        try_at(further, m, -2);
        double more = loss(s, further);
        replace_worst(m, more < value ? further : away, fmin(more, value));
    } else if (value < m->value[m->k - 1]) {
        replace_worst(m, away, value);
    } else {
        bool outside = value < m->value[m->k];
        try_at(further, m, outside ? -0.5 : 0.5);
        double less = loss(s, further);
        if (less < fmin(value, m->value[m->k]))
            replace_worst(m, further, less);
        else
            shrink(m, s);
    }
}

/* Improves v by searches that begin anew from the best point until nothing is gained. */
static double improve(double *v, struct search *s, struct simplex *m)
{
    double best = loss(s, v);
    for (int round = 0; round < 5; round++) {
        for (size_t i = 0; i <= m->k; i++) {
            memcpy(m->v + i * m->k, v, m->k * sizeof *v);
            if (i)
                m->v[i * m->k + i - 1] += 0.1;
            m->value[i] = loss(s, m->v + i * m->k);
        }
        sort(m);
        for (int n = 0; n < 2000 && m->value[m->k] - m->value[0] > 1e-11 * m->value[0]; n++) {
            step(m, s);
            sort(m);
        }
        double gain = best - m->value[0];
        if (gain > 0) {
            memcpy(v, m->v, m->k * sizeof *v);
            best = m->value[0];
        }
        if (!(gain > 1e-7 * best))
            break;
    }
    return best;
}

/* Starting weights of a regression of the outcomes before on the predictors over all units: the
 * squares of its coefficients. */
static enum rc from_regression(double *v, struct cx *cx, const struct search *s)
{
    const struct block *b = s->b;
    size_t k = s->k + 1, n = s->n + 1, periods = b->before + b->after;
    double *xx = arena_array(cx->arena, k * k, 8), *c = arena_array(cx->arena, k, 8);
    double *x = arena_array(cx->arena, n * k, 8);
    TRY(effect_room(cx, xx && c && x));
    for (size_t i = 0; i < n; i++) {
        x[i * k] = 1;
        for (size_t j = 1; j < k; j++) /* the treated's own gap is 0 */
            x[i * k + j] = i < s->n ? s->gap[i * s->k + j - 1] : 0;
        for (size_t p = 0; p < k; p++)
            for (size_t q = 0; q <= p; q++)
                xx[p * k + q] += x[i * k + p] * x[i * k + q];
    }
    (void)spd_factor(xx, k, NULL); /* only a place to start from */
    memset(v, 0, s->k * sizeof *v);
    for (size_t t = 0; t < b->before; t++) {
        memset(c, 0, k * sizeof *c);
        for (size_t i = 0; i < n; i++)
            for (size_t p = 0; p < k; p++)
                c[p] += x[i * k + p] * (i < s->n ? b->y[i * periods + t] : b->treated[t]);
        spd_solve(xx, k, c);
        for (size_t j = 1; j < k; j++)
            v[j - 1] += c[j] * c[j];
    }
    double all = 0;
    for (size_t j = 0; j < s->k; j++)
        all += v[j];
    for (size_t j = 0; j < s->k; j++)
        v[j] /= all;
    return RC_OK;
}

/* Predictors by their deviation over all units. */
static enum rc fill_gaps(struct search *s, struct cx *cx)
{
    const struct block *b = s->b;
    for (size_t j = 0; j < s->k; j++) {
        double mean = b->x_treated[j], square = 0, n = (double)s->n + 1;
        for (size_t i = 0; i < s->n; i++)
            mean += b->x[i * s->k + j];
        mean /= n;
        square = (b->x_treated[j] - mean) * (b->x_treated[j] - mean);
        for (size_t i = 0; i < s->n; i++)
            square += (b->x[i * s->k + j] - mean) * (b->x[i * s->k + j] - mean);
        double sd = sqrt(square / (n - 1));
        if (!(sd > 0) || !isfinite(sd))
            return fail_f(cx, RC_INVALID,
                          _("Predictor %lld is missing for a unit or the same for all. Take it "
                            "away or fill it in."),
                          (long long)j + 1);
        for (size_t i = 0; i < s->n; i++)
            s->gap[i * s->k + j] = (b->x[i * s->k + j] - b->x_treated[j]) / sd;
    }
    return RC_OK;
}

enum rc synthetic_search(double *weight, struct cx *cx, const struct block *b)
{
    size_t k = b->k, n = b->controls;
    struct search s = {.b = b, .k = k, .n = n, .weight = weight};
    struct simplex m = {.k = k};
    double *room = arena_array(cx->arena, 2 * n * k + k + n * n + n, sizeof *room);
    double *start = arena_array(cx->arena, 2 * k, sizeof *start);
    s.in = arena_array(cx->arena, n + 1, sizeof *s.in);
    m.v = arena_array(cx->arena, (k + 1) * k, sizeof *m.v);
    m.value = arena_array(cx->arena, k + 1, sizeof *m.value);
    m.middle = arena_array(cx->arena, 3 * k, sizeof *m.middle);
    TRY(effect_room(cx, room && start && s.in && m.v && m.value && m.middle));
    m.trial = m.middle + k;
    s.gap = room;
    s.point = room + n * k;
    s.at = s.point + n * k;
    s.q = s.at + k;
    s.u = s.q + n * n;
    TRY(fill_gaps(&s, cx));
    for (size_t j = 0; j < k; j++)
        start[j] = 1 / (double)k;
    TRY(from_regression(start + k, cx, &s));
    double equal = improve(start, &s, &m), regression = improve(start + k, &s, &m);
    (void)loss(&s, equal <= regression ? start : start + k); /* leaves the weights */
    return RC_OK;
}
