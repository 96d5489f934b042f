/* Logit, probit, complementary log-log and Poisson by iterated weighted least squares (Fisher
 * scoring), to a step that is lost in the standard errors' tenth digit. */
#include "stats/model_inner.h"

#include "base/text.h"
#include "stats/inner.h"

enum { STEPS_MOST = 100, STEPS_SUSPECT = 12, STEPS_LATE = 30 };
#define STEP_LEAST 1e-19 /* squared, in standard errors */

struct scoring {
    const struct model_rows *r;
    double *score, *omega;
};

static void fill(const struct matrix_block *b, void *arg)
{
    const struct scoring *s = arg;
    for (size_t i = 0; i < b->n; i++) {
        size_t at = b->first + i;
        double w = model_weight(s->r, at), eta = b->eta[i];
        if (s->r->offset)
            eta += s->r->offset[at];
        struct model_term t = model_term(s->r->s->family, s->r->y[at], eta);
        s->omega[at] = b->weight[i] = w * t.information;
        s->score[at] = b->right[i] = w * t.slope;
        b->sums[0] += w * t.likelihood;
    }
}

static enum rc check_outcome(struct cx *cx, const struct model_rows *r)
{
    bool counts = r->s->family == MODEL_POISSON;
    for (size_t i = 0; i < r->n; i++)
        if (counts ? r->y[i] < 0 : r->y[i] != 0 && r->y[i] != 1)
            return fail_f(
                cx, RC_INVALID,
                counts ? _("Data row %lld: the outcome “%s” is negative (%g). A Poisson model "
                           "needs counts of zero or more.")
                       : _("Data row %lld: the outcome “%s” is %g. This model needs an outcome "
                           "of 0 and 1: make one, for instance with a line."),
                (long long)(r->row ? r->row[i] : i) + 1, model_y_name(r->s), r->y[i]);
    return RC_OK;
}

/* The weighted sum of the outcome. */
static double outcome_sum(const struct model_rows *r)
{
    struct sum sum = {0};
    for (size_t i = 0; i < r->n; i++)
        sum_add(&sum, model_weight(r, i) * r->y[i]);
    return sum.hi;
}

/* The link of the mean outcome. */
static double start(const struct model_rows *r)
{
    double mean = outcome_sum(r) / r->weight;
    switch (r->s->family) {
    case MODEL_POISSON:
        return log(mean);
    case MODEL_CLOGLOG:
        return log(-log1p(-mean));
    case MODEL_PROBIT:
        return student_quantile(mean, INFINITY);
    case MODEL_LOGIT:
    case MODEL_OLS:
    case MODEL_QUANTILE:
        break;
    }
    return log(mean / (1 - mean));
}

/* What is constant in y: of the saturated model for the deviance, and of the likelihood. */
static void constants(double *saturated, double *factorials, const struct model_rows *r)
{
    struct sum all = {0}, lost = {0};
    for (size_t i = 0; i < r->n && r->s->family == MODEL_POISSON; i++) {
        double y = r->y[i], w = model_weight(r, i);
        int sign;
        sum_add(&all, y > 0 ? w * (y * log(y) - y) : 0);
        sum_add(&lost, w * lgamma_r(y + 1, &sign));
    }
    *saturated = all.hi;
    *factorials = lost.hi;
}

struct walk { /* one way down to the most likely coefficients */
    double *xx, *score, *step, *before;
    double likelihood, gain;
    int steps;
    bool settled, again; /* again: rows or columns went out */
};

/* Looks for separation after `steps` that did not settle. */
static enum rc suspect(struct walk *w, struct model_state *m, struct cx *cx)
{
    bool found = false;
    TRY(model_separated(&found, cx, &m->rows));
    w->again = found;
    if (found || w->steps < STEPS_LATE)
        return RC_OK;
    return model_separated_along(cx, &m->rows, w->step);
}

static bool more_dropped(const bool *now, const bool *first, size_t k)
{
    for (size_t j = 0; j < k; j++)
        if (now[j] && !first[j])
            return true;
    return false;
}

/* One pass at b and the next step; b moves unless the walk is over. */
static enum rc take_step(struct walk *w, struct model_state *m, struct cx *cx, bool *first)
{
    size_t k = m->rows.s->k;
    double sums[MATRIX_SUMS];
    struct scoring s = {&m->rows, m->score, m->omega};
    struct matrix_pass pass = {
        .b = m->b, .fill = fill, .arg = &s, .xx = w->xx, .xr = w->score, .sums = sums};
    TRY(matrix_run(cx, &m->rows.t, &pass));
    if (w->steps && !(sums[0] >= w->likelihood - 1e-9 * fabs(w->likelihood))) {
        for (size_t j = 0; j < k; j++) /* too far: half of it */
            m->b[j] = w->before[j] + (m->b[j] - w->before[j]) / 2;
        return RC_OK;
    }
    w->likelihood = sums[0];
    TRY(matrix_solve(&(struct matrix_solution){w->step, m->inverse, m->dropped}, cx, w->xx,
                     w->score, k));
    if (!w->steps) {
        memcpy(first, m->dropped, k * sizeof *first);
        TRY(model_note_dropped(m, cx, w->xx));
    }
    w->gain = 0;
    for (size_t j = 0; j < k; j++) {
        w->gain += w->step[j] * w->score[j];
        w->before[j] = m->b[j];
    }
    w->settled = w->gain >= 0 && w->gain < STEP_LEAST;
    for (size_t j = 0; j < k && !w->settled; j++)
        m->b[j] += w->step[j];
    return RC_OK;
}

static enum rc walk(struct walk *w, struct model_state *m, struct cx *cx)
{
    size_t k = m->rows.s->k;
    const char *why = m->rows.why;
    bool *first = arena_array(cx->arena, k, sizeof *first);
    if (!first)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", k);
    for (size_t j = 0; j < k; j++)
        m->b[j] = 0;
    if (m->rows.constant < k)
        m->b[m->rows.constant] =
            start(&m->rows) / (m->rows.low[m->rows.constant] * m->rows.scale[m->rows.constant]);
    w->settled = w->again = false;
    for (w->steps = 0; w->steps < STEPS_MOST && !w->settled; w->steps++) {
        TRY(take_step(w, m, cx, first));
        if (w->steps == STEPS_SUSPECT || w->steps == STEPS_LATE ||
            more_dropped(m->dropped, first, k)) {
            if (more_dropped(m->dropped, first, k))
                w->steps = STEPS_LATE;
            m->rows.why = w->steps ? m->rows.why : why;
            TRY(suspect(w, m, cx));
            if (w->again)
                return RC_OK;
            if (more_dropped(m->dropped, first, k))
                return RC_OK; /* not settled */
        }
    }
    return RC_OK;
}

/* Of a constant and the offsets. */
static enum rc null_fit(double *out, struct cx *cx, const struct model_state *m)
{
    const struct model_spec *s = m->rows.s;
    struct model_spec alone = *s;
    struct model_fit f;
    double *one = arena_array(cx->arena, s->n + 1, sizeof *one);
    double *y = arena_array(cx->arena, s->n + 1, sizeof *y);
    const double *columns[1] = {one};
    if (!one || !y)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", s->n);
    for (size_t i = 0; i < s->n; i++) {
        one[i] = 1;
        y[i] = m->rows.used[i] ? s->y[i] : NAN;
    }
    alone.y = y;
    alone.x = columns;
    alone.k = 1;
    alone.names = NULL;
    alone.errors = ERRORS_IID;
    TRY(model_fit_make(&f, cx, &alone));
    *out = f.log_likelihood;
    return RC_OK;
}

/* Of a constant alone: known from the mean but for offsets. */
static enum rc null_likelihood(double *out, struct cx *cx, const struct model_state *m,
                               double factorials)
{
    const struct model_rows *r = &m->rows;
    if (r->offset)
        return null_fit(out, cx, m);
    double eta = start(r), with = outcome_sum(r);
    if (r->s->family == MODEL_POISSON)
        *out = with * eta - r->weight * exp(eta) - factorials;
    else
        *out = with * model_term(r->s->family, 1, eta).likelihood +
               (r->weight - with) * model_term(r->s->family, 0, eta).likelihood;
    return RC_OK;
}

static enum rc figures(struct model_fit *f, struct model_state *m, struct cx *cx,
                       const struct walk *w)
{
    double saturated, factorials;
    const struct model_rows *r = &m->rows;
    constants(&saturated, &factorials, r);
    f->log_likelihood = w->likelihood - factorials;
    f->objective = 2 * (saturated - w->likelihood);
    f->iterations = w->steps;
    f->converged = w->settled;
    bool alone = r->s->k == 1 && r->constant == 0;
    f->log_likelihood_0 = f->log_likelihood;
    if (!alone)
        TRY(null_likelihood(&f->log_likelihood_0, cx, m, factorials));
    f->r2 = 1 - f->log_likelihood / f->log_likelihood_0;
    f->r2_adjusted = 1 - (f->log_likelihood - (double)m->kept) / f->log_likelihood_0;
    if (w->settled)
        return RC_OK;
    const char *why = _("The fit did not settle: its figures are the last ones and may be far "
                        "off. Leave out columns that hardly vary, or use other units.");
    m->rows.why = m->rows.why ? arena_printf(cx->arena, "%s %s", m->rows.why, why) : why;
    return RC_OK;
}

enum rc model_glm(struct model_fit *f, struct model_state *m, struct cx *cx)
{
    size_t k = m->rows.s->k;
    double *room = arena_array(cx->arena, k * k + 3 * k, sizeof *room);
    if (!room)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", k);
    struct walk w = {.xx = room,
                     .score = room + k * k,
                     .step = room + k * k + k,
                     .before = room + k * k + 2 * k};
    TRY(check_outcome(cx, &m->rows));
    do
        TRY(walk(&w, m, cx));
    while (w.again);
    return figures(f, m, cx, &w);
}
