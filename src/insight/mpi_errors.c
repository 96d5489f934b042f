/* For each figure of `fumin mpi` the influence of its rows under the survey's design: a value
 * by pattern of deprivations. */
#include "insight/mpi_errors.h"

#include "base/text.h"
#include "stats/influence.h"

#include <math.h>

struct filling {
    const struct mpi_errors *e;
    uint32_t *order; /* rows by group; group 0 is all rows in order */
    size_t *start;
    double *by_pattern, *u, *w; /* of the rows of one group */
    uint32_t *row;
};

/* Rows of a group of the histogram of which all is known and that weigh something. */
static size_t known_rows(const struct filling *f, size_t group)
{
    const struct mpi_errors *e = f->e;
    bool some = group && f->start;
    size_t from = some ? f->start[group - 1] : 0, to = some ? f->start[group] : e->n, n = 0;
    unsigned all = (1U << e->spec.n) - 1;
    for (size_t k = from; k < to; k++) {
        uint32_t i = some ? f->order[k] : (uint32_t)k;
        double w = e->w ? e->w[i] : 1;
        if (e->known[i] != all || !(w > 0) || isinf(w))
            continue;
        f->w[n] = w;
        f->row[n++] = i;
    }
    return n;
}

static bool find_figure(enum mpi_figure *figure, size_t *j, const struct mpi_errors *e,
                        const struct figure_row *row)
{
    static const char *const names[] = {"h", "m0", "a", "hd", "hdk", "actb", "pctb"};
    size_t at = 0;
    while (at < 7 && strcmp(names[at], row->measure) != 0)
        at++;
    *figure = (enum mpi_figure)at;
    *j = 0;
    while (row->indicator && *j < e->spec.n && strcmp(e->names[*j], row->indicator) != 0)
        (*j)++;
    return at < 7 && *j < e->spec.n;
}

/* Adds sign times the figure's influence in the group; gives its rows. */
static enum rc add_influence(size_t *n, struct cx *cx, const struct filling *f,
                             const struct figure_row *row, size_t group, double sign)
{
    struct mpi_spec spec = f->e->spec;
    struct mpi_result r;
    enum mpi_figure figure;
    size_t j;
    *n = known_rows(f, group);
    if (!find_figure(&figure, &j, f->e, row))
        return RC_OK;
    TRY(mpi_k_parse(&spec.k_num, &spec.k_den, cx, str_of(row->k)));
    mpi_of(&r, &spec, f->e->hist, group);
    influence_mpi(f->by_pattern, &spec, &r, figure, j);
    for (size_t k = 0; k < *n; k++)
        f->u[k] = sign * f->by_pattern[f->e->deprived[f->row[k]]];
    design_sums_add(&f->e->survey->sums, f->row, f->w, f->u, *n);
    return RC_OK;
}

/* Degrees of freedom of a group: A is of the poor only, but the design of the whole group. */
static double freedom(const struct filling *f, size_t group)
{
    double df = 0;
    size_t n = known_rows(f, group);
    design_sums_add(&f->e->survey->sums, f->row, NULL, NULL, n);
    (void)design_variance(&f->e->survey->sums, &df);
    return df;
}

static enum rc fill_row(const struct filling *f, struct cx *cx, struct figure_row *row,
                        size_t group, size_t base, double df)
{
    size_t n = 0;
    if (!isfinite(row->e.value))
        return RC_OK;
    if (base != SIZE_MAX)
        TRY(add_influence(&n, cx, f, row, base, -1));
    TRY(add_influence(&n, cx, f, row, group, 1));
    double v = design_variance(&f->e->survey->sums, NULL);
    estimate_error(&row->e, cx, v, df, base == SIZE_MAX);
    if (base == SIZE_MAX && isfinite(row->e.se))
        row->e.deff = design_effect(v, f->w, f->u, n);
    return RC_OK;
}

enum rc mpi_errors_fill(struct figure_rows *out, struct cx *cx, const struct mpi_errors *e)
{
    struct filling f = {.e = e};
    size_t groups = e->hist->groups - 1, last = SIZE_MAX, last_base = SIZE_MAX;
    double df = 0;
    f.by_pattern = arena_array(cx->arena, (size_t)1 << e->spec.n, sizeof *f.by_pattern);
    f.u = arena_array(cx->arena, e->n + 1, sizeof *f.u);
    f.w = arena_array(cx->arena, e->n + 1, sizeof *f.w);
    f.row = arena_array(cx->arena, e->n + 1, sizeof *f.row);
    if (!f.by_pattern || !f.u || !f.w || !f.row)
        return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                    "rows=%zu", e->n);
    if (groups)
        TRY(survey_rows_by_group(&f.order, &f.start, cx, out->groups, e->n));
    for (size_t i = 0; i < out->count; i++) {
        struct figure_row *row = &out->rows[i];
        size_t group = row->group == FIGURE_ALL ? 0 : row->group + 1, base = SIZE_MAX;
        if (row->minus)
            base = survey_base(e->survey, out->groups, row->group) + 1;
        if (group != last || base != last_base)
            df = base == SIZE_MAX ? freedom(&f, group)
                                  : fmin(freedom(&f, group), freedom(&f, base));
        last = group;
        last_base = base;
        TRY(fill_row(&f, cx, row, group, base, df));
    }
    return RC_OK;
}
