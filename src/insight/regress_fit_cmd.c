/* One fit of `fumin regress` as figures: coefficients, marginal effects, figures of the fit. */
#include "base/text.h"
#include "insight/regress_view.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

enum { FIT_FIGURES = 8, THREADS_MAX = 8 };

size_t regress_room(const struct regress *run)
{
    return 2 * run->columns.k + FIT_FIGURES;
}

static struct model_spec spec_of(const struct regress *run, const double *w)
{
    const struct study *s = &run->study;
    const struct file_want *cluster = s->survey_columns + s->survey.strata;
    long threads = sysconf(_SC_NPROCESSORS_ONLN);
    struct model_spec m = {.family = run->family,
                           .tau = run->tau,
                           .n = s->n,
                           .k = run->columns.k,
                           .y = run->columns.y,
                           .x = run->columns.x,
                           .names = run->columns.names,
                           .y_name = run->columns.y_name,
                           .w = w,
                           .errors = run->errors,
                           .threads = (int)(threads > THREADS_MAX ? THREADS_MAX : threads)};
    if (s->survey.clusters) {
        m.cluster = cluster->label;
        m.cluster_count = cluster->label_count;
    }
    if (run->errors == ERRORS_SURVEY)
        m.design = &s->survey.design;
    return m;
}

static struct figure_row row_of(const char *measure, const char *indicator, size_t group,
                                double value)
{
    return (struct figure_row){.measure = measure,
                               .indicator = indicator,
                               .group = group,
                               .e = {.value = value, .se = NAN}};
}

/* ---- coefficients ---- */

static enum rc wild_error(struct estimate *e, double *p, struct cx *cx,
                          const struct regress *run, const struct model_spec *spec, size_t j)
{
    struct wild wild;
    const struct wild_spec s = {
        .j = j, .draws = (int)run->draws, .seed = (uint64_t)run->seed, .interval = true};
    TRY(model_wild(&wild, cx, spec, &s));
    *p = wild.p;
    e->low = wild.low;
    e->high = wild.high;
    if (!isfinite(e->low) || !isfinite(e->high))
        e->se_refused = _("The wild bootstrap refuses no value on one side: there are too few "
                          "clusters for an interval.");
    return RC_OK;
}

static void put_test(struct figure_row *row, struct cx *cx, double p)
{
    struct figure_test *test = arena_new(cx->arena, sizeof *test);
    test->statistic = row->e.value / row->e.se;
    test->p = p;
    if (isfinite(test->statistic))
        row->test = test;
}

static enum rc add_coefficients(struct figure_rows *out, struct cx *cx,
                                const struct regress *run, const struct model_spec *spec,
                                const struct model_fit *f, size_t group)
{
    for (size_t j = 0; j < f->k; j++) {
        const char *name = run->columns.names[j];
        struct figure_row row = row_of("coefficient", name, group, f->b[j]);
        row.e.rows = (int64_t)f->n;
        row.e.rows_left_out = f->left_out;
        if (f->dropped[j]) {
            row.e.value = NAN;
            row.e.refused = f->why ? f->why : _("This column was left out.");
        }
        estimate_error(&row.e, cx, f->se[j] * f->se[j], f->df, false);
        double p = student_p(row.e.value / row.e.se, f->df);
        bool constant = run->formula.constant && !j;
        if (run->wild && !f->dropped[j] && !constant && !run->quiet)
            TRY(wild_error(&row.e, &p, cx, run, spec, j));
        put_test(&row, cx, p);
        figure_rows_add(out, row);
    }
    return RC_OK;
}

/* ---- marginal effects ---- */

static enum rc add_margins(struct figure_rows *out, struct cx *cx, const struct regress *run,
                           const struct model_spec *spec, const struct model_fit *f,
                           size_t group)
{
    const struct formula_columns *c = &run->columns;
    const double **x = arena_array(cx->arena, c->k + 1, sizeof *x);
    if (!x)
        return fail(cx, RC_LIMIT, _("The table has too many columns."), "margins");
    for (size_t j = 0; j < c->k; j++) {
        struct model_spec at = *spec;
        struct model_margin m;
        if (!c->margin[j])
            continue;
        for (size_t l = 0; l < c->k; l++) { /* a factor's other columns are 0 in both */
            bool sibling = l != j && c->factor[j] && c->factor[l] == c->factor[j];
            x[l] = sibling ? run->zeros : c->x[l];
        }
        at.x = x;
        TRY(model_margins(&m, cx, &at, f, &j, 1));
        struct figure_row row = row_of("margin", c->names[j], group, m.effect);
        row.e.rows = (int64_t)f->n;
        row.e.rows_left_out = f->left_out;
        if (isnan(m.effect))
            row.e.refused = f->why ? f->why : _("This column was left out.");
        estimate_error(&row.e, cx, m.se * m.se, f->df, false);
        put_test(&row, cx, student_p(row.e.value / row.e.se, f->df));
        figure_rows_add(out, row);
    }
    return RC_OK;
}

/* ---- the fit ---- */

static void add_figure(struct figure_rows *out, struct cx *cx, const char *measure,
                       size_t group, double value, int64_t rows)
{
    struct figure_row row = row_of(measure, NULL, group, value);
    row.e.rows = rows;
    row.e.se_refused = _("This figure describes the fit, it estimates nothing.");
    if (isfinite(value))
        figure_rows_add(out, row);
}

static void note(const struct regress *run, const char *why)
{
    if (why && !run->quiet)
        fprintf(stderr, "%s\n", why);
}

static enum rc fit(struct figure_rows *out, struct cx *cx, struct regress *run, const double *w,
                   size_t group)
{
    struct model_spec spec = spec_of(run, w);
    struct model_fit f;
    TRY(model_fit_make(&f, cx, &spec));
    note(run, f.why);
    TRY(add_coefficients(out, cx, run, &spec, &f, group));
    if (run->margins)
        TRY(add_margins(out, cx, run, &spec, &f, group));
    int64_t n = (int64_t)f.n;
    add_figure(out, cx, "n", group, (double)f.n, n);
    add_figure(out, cx, "left_out", group, (double)(f.left_out + f.separated), n);
    add_figure(out, cx, "clusters", group, f.clusters ? (double)f.clusters : NAN, n);
    add_figure(out, cx, "r2", group, f.r2, n);
    add_figure(out, cx, "r2_adjusted", group, f.r2_adjusted, n);
    add_figure(out, cx, "sigma", group, f.sigma, n);
    add_figure(out, cx, "log_likelihood", group, f.log_likelihood, n);
    return RC_OK;
}

static enum rc fit_net(struct figure_rows *out, struct cx *cx, struct regress *run,
                       const double *w, size_t group)
{
    struct net_spec spec = {.model = spec_of(run, w),
                            .alpha = run->alpha,
                            .folds = (size_t)run->folds,
                            .seed = (uint64_t)run->seed};
    struct net_fit f;
    TRY(net_fit_make(&f, cx, &spec));
    size_t at = run->best_1se ? f.best_1se : f.best;
    for (size_t j = 0; j < f.k; j++) {
        struct figure_row row =
            row_of("coefficient", run->columns.names[j], group, f.b[at * f.k + j]);
        row.e.rows = (int64_t)run->study.n;
        row.e.se_refused = _("A penalised coefficient is drawn towards zero on purpose: it has "
                             "no standard error.");
        figure_rows_add(out, row);
    }
    int64_t n = (int64_t)run->study.n;
    add_figure(out, cx, "lambda", group, f.lambda[at], n);
    add_figure(out, cx, "lambda_best", group, f.lambda[f.best], n);
    add_figure(out, cx, "lambda_1se", group, f.lambda[f.best_1se], n);
    if (f.error)
        add_figure(out, cx, "deviance", group, f.error[at], n);
    return RC_OK;
}

enum rc regress_fit(struct figure_rows *out, struct cx *cx, struct regress *run,
                    const double *w, size_t group)
{
    return run->kind == REGRESS_FIT ? fit(out, cx, run, w, group)
                                    : fit_net(out, cx, run, w, group);
}
