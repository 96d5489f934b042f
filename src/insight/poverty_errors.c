/* Linearised standard errors of the figures of `fumin poverty`: for each row printed, the
 * influence of its measure under the survey's design. */
#include "insight/poverty_figures.h"

#include "base/text.h"
#include "stats/influence.h"

#include <math.h>

enum how {
    OF_LINE,
    OF_WEIGHT,
    OF_MEAN,
    OF_FGT,
    OF_WATTS,
    OF_MEDIAN,
    OF_SST,
    OF_GINI,
    OF_GE,
    OF_ATKINSON,
    OF_S80S20,
    OF_DECILE
};
static const struct measure {
    const char *name;
    enum how how;
    double parameter;
    bool needs_line;
} measures[] = {
    {"line", OF_LINE, 0, true},
    {"weight", OF_WEIGHT, 0, false},
    {"mean", OF_MEAN, 0, false},
    {"fgt0", OF_FGT, 0, true},
    {"fgt1", OF_FGT, 1, true},
    {"fgt2", OF_FGT, 2, true},
    {"watts", OF_WATTS, 0, true},
    {"median", OF_MEDIAN, 0, false},
    {"sst", OF_SST, 0, true},
    {"gini", OF_GINI, 0, false},
    {"gini_convey", OF_GINI, 1, false},
    {"ge0", OF_GE, 0, false},
    {"ge1", OF_GE, 1, false},
    {"ge2", OF_GE, 2, false},
    {"atkinson05", OF_ATKINSON, .5, false},
    {"atkinson1", OF_ATKINSON, 1, false},
    {"atkinson2", OF_ATKINSON, 2, false},
    {"s80s20", OF_S80S20, 0, false},
    {"decile1", OF_DECILE, 0, false},
    {"decile2", OF_DECILE, 1, false},
    {"decile3", OF_DECILE, 2, false},
    {"decile4", OF_DECILE, 3, false},
    {"decile5", OF_DECILE, 4, false},
    {"decile6", OF_DECILE, 5, false},
    {"decile7", OF_DECILE, 6, false},
    {"decile8", OF_DECILE, 7, false},
    {"decile9", OF_DECILE, 8, false},
    {"decile10", OF_DECILE, 9, false},
};

static const struct measure *measure_of(const char *name)
{
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        if (!strcmp(measures[i].name, name))
            return &measures[i];
    return NULL;
}

struct group {
    struct sample sample;
    double line, df;
    size_t first; /* its row of the line */
};
struct filling {
    const struct poverty_errors *e;
    struct figure_rows *out;
    struct group *groups; /* [0]: all rows; then the groups */
    size_t count;
    size_t line_of; /* whose line `survey->other` and `shift` hold; SIZE_MAX: none yet */
    struct design_shift shift;
    double slope; /* of the figure at work in that line */
    double *u;
};

/* ---- one figure ---- */

/* The influence at the fixed line into f->u, and the figure's slope in the line. */
static enum rc influence(double *slope, struct cx *cx, const struct filling *f,
                         const struct measure *m, size_t group)
{
    const struct group *g = &f->groups[group];
    const struct sample *s = &g->sample;
    double line = g->line, *u = f->u, p = m->parameter;
    bool weak = f->e->weak;
    switch (m->how) {
    case OF_LINE:
        memset(u, 0, s->ranked.n * sizeof *u);
        *slope = 1;
        break;
    case OF_WEIGHT:
        influence_total(u, s, NULL);
        break;
    case OF_MEAN:
        influence_mean(u, s);
        break;
    case OF_FGT: {
        const struct sample *of = &f->groups[f->e->own_line ? group : 0].sample;
        influence_fgt(u, s, line, weak, (int)p);
        if (f->e->line->kind != LINE_FIXED)
            *slope = slope_fgt(s, line, weak, (int)p, of->bandwidth);
        break;
    }
    case OF_WATTS:
        influence_watts(u, s, line, weak);
        *slope = slope_watts(s, line, weak);
        break;
    case OF_MEDIAN:
        influence_quantile(u, s, 0.5, ranked_quantile(&s->ranked, 0.5, f->e->kind));
        break;
    case OF_SST:
        *slope = slope_sst(cx, s, line, weak);
        return influence_sst(u, cx, s, line);
    case OF_GINI:
        influence_gini(u, s, ranked_gini(cx, &s->ranked, p > 0).value, p > 0);
        break;
    case OF_GE:
        influence_ge(u, s, p);
        break;
    case OF_ATKINSON:
        influence_atkinson(u, s, p);
        break;
    case OF_S80S20:
        influence_s80s20(u, s);
        break;
    case OF_DECILE:
        influence_share(u, s, p / 10, (p + 1) / 10);
        break;
    }
    return RC_OK;
}

/* The totals of the influence of the line that this group is measured with. */
static enum rc line_totals(struct filling *f, struct cx *cx, size_t group)
{
    size_t of = f->e->own_line ? group : 0;
    const struct sample *s = &f->groups[of].sample;
    if (f->line_of == of)
        return RC_OK;
    f->line_of = of;
    design_sums_clear(&f->e->survey->other);
    influence_line(f->u, s, f->e->line, f->e->kind);
    design_sums_add(&f->e->survey->other, s->row, s->ranked.w, f->u, s->ranked.n);
    return f->e->own_line
               ? RC_OK
               : design_shift_make(&f->shift, cx, &f->e->survey->sums, &f->e->survey->other);
}

/* Adds sign times the figure's influence to the survey's sums. */
static enum rc add_influence(struct filling *f, struct cx *cx, const struct measure *m,
                             size_t group, double sign)
{
    const struct sample *s = &f->groups[group].sample;
    struct design_sums *sums = &f->e->survey->sums;
    bool moves = m->needs_line && f->e->line->kind != LINE_FIXED;
    double slope = 0;
    if (moves)
        TRY(line_totals(f, cx, group));
    TRY(influence(&slope, cx, f, m, group));
    if (sign < 0)
        for (size_t i = 0; i < s->ranked.n; i++)
            f->u[i] = -f->u[i];
    design_sums_add(sums, s->row, s->ranked.w, f->u, s->ranked.n);
    if (moves && f->e->own_line)
        design_sums_merge(sums, &f->e->survey->other, sign * slope);
    else if (moves)
        f->slope += sign * slope; /* one line moves all figures: added at the end */
    return RC_OK;
}

/* `base` SIZE_MAX: a level, else a difference from that group. */
static enum rc fill_row(struct filling *f, struct cx *cx, struct figure_row *row, size_t group,
                        size_t base)
{
    const struct measure *m = measure_of(row->measure);
    struct design_sums *sums = &f->e->survey->sums;
    const struct sample *s = &f->groups[group].sample;
    bool fixed = f->e->line->kind == LINE_FIXED, level = base == SIZE_MAX;
    double df = f->groups[group].df;
    if (!m || !isfinite(row->e.value))
        return RC_OK;
    if (m->how == OF_LINE && (fixed || (!level && !f->e->own_line))) {
        row->e.se_refused = fixed ? _("The line is given, not estimated.")
                                  : _("Both are measured with the same line.");
        return RC_OK;
    }
    if (m->how == OF_LINE && group && !f->e->own_line) {
        const struct estimate *all = &f->out->rows[f->groups[0].first].e;
        row->e.se = all->se;
        row->e.df = all->df;
        row->e.low = all->low;
        row->e.high = all->high;
        row->e.se_refused = all->se_refused;
        return RC_OK;
    }
    if (row->e.rows < 2 && level) {
        row->e.se_refused = _("Only one row has such a value: a sample of one has no error to "
                              "tell of.");
        return RC_OK;
    }
    f->slope = 0;
    if (f->line_of == SIZE_MAX && m->needs_line && !fixed)
        TRY(line_totals(f, cx, group)); /* needs the sums while they are empty */
    TRY(add_influence(f, cx, m, group, 1));
    if (!level) {
        TRY(add_influence(f, cx, m, base, -1));
        df = fmin(df, f->groups[base].df);
    }
    double v = f->slope != 0 ? design_variance_shifted(sums, &f->shift, f->slope)
                             : design_variance(sums, NULL);
    if (!isfinite(v) && s->bandwidth <= 0) {
        row->e.se_refused = _("All rows have the same value: a density cannot be had.");
        return RC_OK;
    }
    estimate_error(&row->e, cx, v, df, level && survey_is_proportion(row->measure));
    /* A moving line has no sample of its own: no design effect there. */
    if (level && isfinite(row->e.se) && m->how != OF_LINE && (fixed || !m->needs_line))
        row->e.deff = design_effect(v, s->ranked.w, f->u, s->ranked.n);
    return RC_OK;
}

/* ---- all ---- */

static enum rc make_group(struct filling *f, struct cx *cx, size_t group, const uint32_t *rows,
                          size_t n)
{
    struct group *g = &f->groups[group];
    struct design_sums *sums = &f->e->survey->sums;
    TRY(sample_make(&g->sample, cx, f->e->rows, rows, n));
    design_sums_add(sums, g->sample.row, NULL, NULL, g->sample.ranked.n);
    (void)design_variance(sums, &g->df); /* for the degrees of freedom only */
    for (size_t i = 0; i < f->out->count; i++) {
        const struct figure_row *row = &f->out->rows[i];
        if (row->group == (group ? group - 1 : FIGURE_ALL) && !strcmp(row->measure, "line")) {
            g->line = row->e.value;
            g->first = i;
            break;
        }
    }
    return RC_OK;
}

static enum rc make_groups(struct filling *f, struct cx *cx)
{
    const struct file_groups *groups = f->out->groups;
    uint32_t *order = NULL;
    size_t *start = NULL;
    f->count = groups && groups->by_count ? groups->count : 0;
    f->groups = arena_array(cx->arena, f->count + 1, sizeof *f->groups);
    f->u = arena_array(cx->arena, f->e->rows->n + 1, sizeof *f->u);
    if (!f->groups || !f->u)
        return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                    "rows=%zu", f->e->rows->n);
    TRY(make_group(f, cx, 0, NULL, f->e->rows->n));
    if (f->count)
        TRY(survey_rows_by_group(&order, &start, cx, groups, f->e->rows->n));
    for (size_t g = 0; g < f->count; g++)
        TRY(make_group(f, cx, g + 1, order + start[g], start[g + 1] - start[g]));
    return RC_OK;
}

enum rc poverty_errors_fill(struct figure_rows *out, struct cx *cx,
                            const struct poverty_errors *e)
{
    struct filling f = {.e = e, .out = out, .line_of = SIZE_MAX};
    TRY(make_groups(&f, cx));
    for (size_t i = 0; i < out->count; i++) {
        struct figure_row *row = &out->rows[i];
        size_t group = row->group == FIGURE_ALL ? 0 : row->group + 1, base = SIZE_MAX;
        if (row->minus)
            base = survey_base(e->survey, out->groups, row->group) + 1;
        TRY(fill_row(&f, cx, row, group, base));
    }
    return RC_OK;
}
