/* Inequality of a population, and what changed between two years. */
#include "insight/poor.h"

#include <math.h>

static struct estimate plain(double value, const struct ranked *r)
{
    return (struct estimate){.value = value,
                             .se = (double)NAN,
                             .rows = (int64_t)r->n,
                             .rows_left_out = r->rows_left_out,
                             .weight_left_out = r->weight_left_out};
}

static struct estimate refused(const char *why)
{
    return (struct estimate){.value = (double)NAN, .se = (double)NAN, .refused = why};
}

enum rc inequality_read(struct inequality *out, struct cx *cx, struct population *p)
{
    const struct ranked *r;
    *out = (struct inequality){0};
    TRY(population_ranked(&r, p, cx));
    struct estimate *of = out->of;
    of[STATISTIC_MEAN] = plain(r->mean, r);
    of[STATISTIC_MEDIAN] = plain(ranked_quantile(r, .5, QUANTILE_LAEKEN), r);
    of[STATISTIC_GINI] = ranked_gini(cx, r, false);
    of[STATISTIC_GE0] = ranked_ge(cx, r, 0);
    of[STATISTIC_GE1] = ranked_ge(cx, r, 1);
    of[STATISTIC_GE2] = ranked_ge(cx, r, 2);
    of[STATISTIC_ATKINSON_HALF] = ranked_atkinson(cx, r, .5);
    of[STATISTIC_ATKINSON_1] = ranked_atkinson(cx, r, 1);
    of[STATISTIC_ATKINSON_2] = ranked_atkinson(cx, r, 2);
    of[STATISTIC_S80S20] = ranked_s80s20(cx, r);
    struct fgt_sums sums = {0};
    population_fgt(&sums, p, NULL, p->scope->weak);
    const char *no_line = _("There is no poverty line.");
    const char *several = _("The line differs between the areas here: enter one number.");
    of[STATISTIC_WATTS] = p->run_count ? watts_of(cx, &sums) : refused(no_line);
    of[STATISTIC_SST] = !p->run_count    ? refused(no_line)
                        : isnan(p->line) ? refused(several)
                                         : ranked_sst(cx, r, p->line, p->scope->weak);
    for (int i = 0; i < 5; i++)
        out->share[i] = ranked_share(cx, r, i / 5., (i + 1) / 5.);
    ranked_lorenz(out->lorenz, r, MONEY_LORENZ);
    return RC_OK;
}

/* ---- two years ---- */

static enum rc compare(struct growth *g, struct cx *cx, struct population *before,
                       struct population *after)
{
    const struct ranked *a, *b;
    TRY(population_ranked(&a, before, cx));
    TRY(population_ranked(&b, after, cx));
    if (!a->n || !b->n)
        return fail(cx, RC_INVALID, _("In one of the two years no income is known."), "nobody");
    g->mean_from = a->mean;
    g->mean_to = b->mean;
    growth_incidence(g->incidence, a, b, MONEY_GROWTH, QUANTILE_LAEKEN);
    if (isnan(g->line))
        return fail(cx, RC_INVALID,
                    _("The line differs between the areas here: enter one number."), "line");
    struct cx wide = population_cx(cx, after);
    for (int power = 0; power < 3; power++)
        TRY(population_failed(
            cx, &wide,
            datt_ravallion(&g->parts[power], &wide, a, b, g->line, power, after->scope->weak)));
    return RC_OK;
}

static void no_growth(struct growth *g)
{
    for (size_t i = 0; i < MONEY_GROWTH; i++)
        g->incidence[i] = (double)NAN;
    for (size_t i = 0; i < 3; i++)
        g->parts[i] = (struct change_parts){.before = (double)NAN, .after = (double)NAN};
}

enum rc growth_read(struct growth *out, struct cx *cx, struct population *p)
{
    const struct scope *s = p->scope;
    *out = (struct growth){.from = s->from_year, .to = p->year, .line = p->line};
    no_growth(out);
    if (!s->from_year || s->from_year == p->year) {
        out->refused = _("There is no other year with sheets to compare with.");
        return RC_OK;
    }
    /* The line of the later year holds for both, so that only incomes differ. */
    struct scope_line line = {.text = "", .label = ""};
    struct population *before;
    enum rc rc = population_open(&before, cx, s, s->from_year, &line, 0);
    if (!rc) {
        rc = compare(out, cx, before, p);
        population_close(before);
    }
    if (rc == RC_INVALID) {
        out->refused = arena_copy(cx->arena, str_of(cx->err.text));
        err_clear(cx);
        rc = RC_OK;
    }
    return rc;
}

/* ---- files ---- */

void inequality_figures(struct figures *f, struct cx *cx, const struct inequality *q)
{
    static const char *const fifths[] = {"1", "2", "3", "4", "5"};
    figures_of(f, "", "", COLUMN_MISSING);
    for (int m = STATISTIC_WATTS; m <= STATISTIC_S80S20; m++)
        if (m != STATISTIC_SHARES)
            figures_add(f, cx, statistic_text((enum statistic)m)->code, q->of[m].value,
                        q->of[m].rows);
    for (int i = 0; i < 5; i++) {
        figures_of(f, "fifth", fifths[i], i + 1);
        figures_add(f, cx, "share", q->share[i].value, q->share[i].rows);
    }
    for (int i = 0; i <= MONEY_LORENZ; i++) {
        figures_of(f, "p", arena_printf(cx->arena, "%.10g", (double)i / MONEY_LORENZ),
                   COLUMN_MISSING);
        figures_add(f, cx, "lorenz", q->lorenz[i], -1);
    }
    figures_of(f, "", "", COLUMN_MISSING);
}

void growth_figures(struct figures *f, struct cx *cx, const struct growth *g)
{
    for (int i = 0; i < MONEY_GROWTH; i++) {
        figures_of(f, "p", arena_printf(cx->arena, "%.10g", (i + .5) / MONEY_GROWTH),
                   COLUMN_MISSING);
        figures_add(f, cx, "growth_incidence", g->incidence[i], -1);
    }
    for (int power = 0; power < 3; power++) {
        const struct change_parts *c = &g->parts[power];
        figures_of(f, "fgt", arena_printf(cx->arena, "%d", power), power);
        figures_add(f, cx, "before", c->before, -1);
        figures_add(f, cx, "after", c->after, -1);
        figures_add(f, cx, "growth", c->growth, -1);
        figures_add(f, cx, "redistribution", c->redistribution, -1);
    }
    figures_of(f, "", "", COLUMN_MISSING);
}
