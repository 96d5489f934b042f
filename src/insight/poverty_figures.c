/* Makes the figures of one group of rows. */
#include "insight/poverty_figures.h"

#include "base/text.h"

#include <math.h>

enum { DECILES = 10 };

struct to {
    struct figure_rows *out;
    size_t group;
};

static void add(const struct to *to, const char *measure, struct estimate e)
{
    figure_rows_add(to->out,
                    (struct figure_row){.measure = measure, .group = to->group, .e = e});
}

/* A number that is always known, with the counts of rows of another figure. */
static struct estimate known(double value, const struct estimate *like)
{
    struct estimate e = *like;
    e.value = value;
    e.refused = NULL;
    return e;
}

static void add_sums(const struct to *to, struct cx *cx, const struct poverty_group *g)
{
    static const char *const names[] = {"fgt0", "fgt1", "fgt2"};
    struct estimate mean = mean_of(cx, g->sums), line = known(g->line, &mean);
    if (isnan(g->line))
        line.refused = _("The line differs between the areas.");
    add(to, "line", line);
    add(to, "weight", known(g->sums->weight, &mean));
    add(to, "mean", mean);
    for (int power = 0; power < 3; power++) {
        struct estimate e = fgt_of(g->sums, power);
        e.refused = e.refused ? text_in(cx->lang, e.refused) : NULL;
        add(to, names[power], e);
    }
    add(to, "watts", watts_of(cx, g->sums));
}

static void add_ranked(const struct to *to, struct cx *cx, const struct poverty_group *g)
{
    static const char *const deciles[DECILES] = {"decile1", "decile2", "decile3", "decile4",
                                                 "decile5", "decile6", "decile7", "decile8",
                                                 "decile9", "decile10"};
    const struct ranked *r = g->ranked;
    struct estimate gini = ranked_gini(cx, r, false);
    struct estimate median = known(ranked_quantile(r, 0.5, g->kind), &gini), sst = median;
    median.refused = r->n ? NULL : gini.refused;
    median.rows = (int64_t)r->n; /* also where the Gini is refused */
    if (isnan(g->line)) {
        sst.value = NAN;
        sst.refused = _("The line differs between the areas.");
    } else {
        sst = ranked_sst(cx, r, g->line, g->weak);
    }
    add(to, "median", median);
    add(to, "sst", sst);
    add(to, "gini", gini);
    add(to, "gini_convey", ranked_gini(cx, r, true));
    add(to, "ge0", ranked_ge(cx, r, 0));
    add(to, "ge1", ranked_ge(cx, r, 1));
    add(to, "ge2", ranked_ge(cx, r, 2));
    add(to, "atkinson05", ranked_atkinson(cx, r, 0.5));
    add(to, "atkinson1", ranked_atkinson(cx, r, 1));
    add(to, "atkinson2", ranked_atkinson(cx, r, 2));
    add(to, "s80s20", ranked_s80s20(cx, r));
    for (int i = 0; i < DECILES; i++)
        add(to, deciles[i], ranked_share(cx, r, i / 10.0, (i + 1) / 10.0));
}

void poverty_figures_add(struct figure_rows *out, struct cx *cx, const struct poverty_group *g)
{
    struct to to = {out, g->group};
    add_sums(&to, cx, g);
    add_ranked(&to, cx, g);
}

enum rc poverty_rows_by_group(size_t **start, struct cx *cx, struct welfare *rows,
                              const struct file_groups *groups)
{
    size_t count = groups->count;
    size_t *at = arena_array(cx->arena, count + 1, sizeof *at);
    size_t *begin = arena_array(cx->arena, count + 1, sizeof *begin);
    double *y = arena_array(cx->arena, rows->n + 1, sizeof *y);
    double *w = rows->w ? arena_array(cx->arena, rows->n + 1, sizeof *w) : NULL;
    if (!at || !begin || !y || (rows->w && !w))
        return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                    "rows=%zu", rows->n);
    for (size_t i = 0; i < rows->n; i++)
        begin[groups->of_row[i] + 1]++;
    for (size_t g = 0; g < count; g++)
        begin[g + 1] += begin[g];
    memcpy(at, begin, (count + 1) * sizeof *at);
    for (size_t i = 0; i < rows->n; i++) {
        size_t to = at[groups->of_row[i]]++;
        y[to] = rows->y[i];
        if (w)
            w[to] = rows->w[i];
    }
    rows->y = y;
    rows->w = w;
    *start = begin;
    return RC_OK;
}
