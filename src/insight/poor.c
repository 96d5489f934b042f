/* Poverty of money over a population: sums by area and group, over years, and the bins of the
 * distribution. */
#include "insight/poor.h"

#include <math.h>
#include <string.h>

enum { BINS_WANTED = 30 };

/* ---- groups ---- */

static enum rc sums_by(struct money_group **out, struct cx *cx, const struct population *p,
                       const uint32_t *of, const struct population_group *groups, size_t count)
{
    struct fgt_sums *sums = arena_array(p->arena, count + 1, sizeof *sums);
    struct money_group *g = arena_array(cx->arena, count + 1, sizeof *g);
    if (!sums || !g)
        return fail(cx, RC_LIMIT, _("There are too many groups for one page."), "groups=%zu",
                    count);
    population_fgt(sums, p, of, p->scope->weak);
    for (size_t i = 0; i < count; i++)
        g[i] = (struct money_group){.label = arena_copy(cx->arena, str_of(groups[i].label)),
                                    .area_id = groups[i].area_id,
                                    .code = groups[i].code,
                                    .households = groups[i].rows,
                                    .sums = sums[i]};
    *out = g;
    return RC_OK;
}

/* ---- distribution ---- */

static size_t bin_of(const struct money_bins *b, double width, double y)
{
    double at = floor((y - b->edge[0]) / width + 1e-9);
    if (at < 0)
        return 0;
    return at >= (double)b->count ? b->count : (size_t)at;
}

/* A part of the line as width, so that an edge lies exactly at the line. */
static void lay_bins(struct money_bins *b, double line, const struct ranked *r)
{
    double high = ranked_quantile(r, .97, QUANTILE_LAEKEN), low = fmin(r->y[0], 0);
    double unit = line > 0 ? line : fmax(high / BINS_WANTED, 1);
    double parts = line > 0 ? fmax(1, round(BINS_WANTED * (line / fmax(high, line)))) : 1;
    double width = unit / parts;
    low = fmax(low, -4 * width);
    double first = floor(low / width + 1e-9) * width;
    double wanted = ceil((fmax(high, line > 0 ? line : 0) - first) / width + 1e-9) + 1;
    b->count = wanted > MONEY_BINS_MAX ? MONEY_BINS_MAX : (size_t)wanted;
    for (size_t i = 0; i <= b->count; i++)
        b->edge[i] = first + (double)i * width;
}

static void fill_bins(struct money_bins *b, double line, const struct ranked *r)
{
    *b = (struct money_bins){0};
    if (!r->n)
        return;
    lay_bins(b, line, r);
    for (size_t i = 0; i < r->n; i++) {
        size_t at = bin_of(b, b->edge[1] - b->edge[0], r->y[i]);
        *(at == b->count ? &b->above : &b->weight[at]) += r->w[i];
    }
}

enum rc money_read(struct money *out, struct cx *cx, struct population *p)
{
    const struct ranked *ranked;
    *out = (struct money){.line = p->line,
                          .line_low = p->line_low,
                          .line_high = p->line_high,
                          .median = (double)NAN};
    population_fgt(&out->all, p, NULL, p->scope->weak);
    out->poor_households = (double)out->all.poor_rows;
    if (p->child)
        TRY(sums_by(&out->children, cx, p, p->child, p->children, p->child_count));
    out->child_count = p->child ? p->child_count : 0;
    if (p->code)
        TRY(sums_by(&out->codes, cx, p, p->code, p->codes, p->code_count));
    out->code_count = p->code ? p->code_count : 0;
    TRY(population_ranked(&ranked, p, cx));
    fill_bins(&out->bins, p->line, ranked);
    if (ranked->n)
        out->median = ranked_quantile(ranked, .5, QUANTILE_LAEKEN);
    return RC_OK;
}

/* ---- two lines ---- */

static const struct scope_line *line_before(struct cx *cx, const struct scope *s)
{
    if (s->from_line.text)
        return &s->from_line;
    if (!cx->profile->poverty_line_count ||
        !strcmp(cx->profile->poverty_lines[0], s->line.text))
        return NULL;
    struct scope_line *first = arena_new(cx->arena, sizeof *first);
    if (!scope_line_parse(first, cx, str_of(cx->profile->poverty_lines[0])))
        return first;
    err_clear(cx);
    return NULL;
}

static void count_newly(struct money_newly *out, const struct population *p, const uint8_t *now,
                        const uint8_t *before)
{
    for (size_t i = 0; i < p->n; i++) {
        bool more = now[i] && !before[i], fewer = before[i] && !now[i];
        out->rows += more;
        out->fewer_rows += fewer;
        out->weight += more ? p->w[i] : 0;
        out->fewer_weight += fewer ? p->w[i] : 0;
    }
}

enum rc money_newly(struct money_newly *out, struct cx *cx, struct population *p)
{
    const struct scope *s = p->scope;
    const uint8_t *now, *before;
    *out = (struct money_newly){.from = line_before(cx, s), .line = (double)NAN};
    if (!out->from || !p->run_count)
        return RC_OK;
    TRY(population_poor(&now, p, cx, s->weak));
    enum rc rc = population_set_line(p, cx, out->from);
    if (rc == RC_INVALID) {
        out->refused = arena_copy(cx->arena, str_of(cx->err.text));
        err_clear(cx);
    } else {
        TRY(rc);
        out->line = p->line;
        TRY(population_poor(&before, p, cx, s->weak));
        count_newly(out, p, now, before);
    }
    return population_set_line(p, cx, &s->line);
}

/* ---- years ---- */

static enum rc one_year(struct money_year *out, struct cx *cx, const struct scope *s,
                        int32_t year)
{
    struct population *p;
    *out = (struct money_year){.year = year, .line = (double)NAN};
    enum rc rc = population_open(&p, cx, s, year, NULL, 0);
    if (rc == RC_INVALID) { /* no line in that year: a gap in the curve, said in the table */
        out->refused = arena_copy(cx->arena, str_of(cx->err.text));
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    out->line = p->line;
    population_fgt(&out->sums, p, NULL, s->weak);
    population_close(p);
    return RC_OK;
}

enum rc money_trend(struct money_year **out, size_t *count, struct cx *cx,
                    const struct scope *s)
{
    size_t first = s->year_count > MONEY_YEARS_MAX ? s->year_count - MONEY_YEARS_MAX : 0;
    *out = arena_new(cx->arena, (s->year_count + 1) * sizeof **out);
    *count = 0;
    for (size_t i = first; i < s->year_count; i++)
        TRY(one_year(&(*out)[(*count)++], cx, s, s->years[i]));
    return RC_OK;
}

/* ---- files ---- */

static void add_sums(struct figures *f, struct cx *cx, const struct fgt_sums *sums, double line)
{
    static const enum statistic fgt[] = {STATISTIC_HEADCOUNT, STATISTIC_GAP,
                                         STATISTIC_SEVERITY};
    for (int power = 0; power < 3; power++) {
        struct estimate e = fgt_of(sums, power);
        figures_add(f, cx, statistic_text(fgt[power])->code, e.value, e.rows);
    }
    figures_add(f, cx, "poor", sums->poor, sums->poor_rows);
    figures_add(f, cx, "weight", sums->weight, sums->rows);
    if (!isnan(line))
        figures_add(f, cx, "line", line, -1);
}

void money_figures(struct figures *f, struct cx *cx, const struct scope *s,
                   const struct money *m)
{
    figures_of(f, "", "", COLUMN_MISSING);
    add_sums(f, cx, &m->all, m->line);
    for (size_t i = 0; i < m->child_count; i++) {
        const struct money_group *g = &m->children[i];
        figures_of(f, "area", g->label, g->area_id ? g->area_id : COLUMN_MISSING);
        add_sums(f, cx, &g->sums, (double)NAN);
    }
    for (size_t i = 0; i < m->code_count; i++) {
        const struct money_group *g = &m->codes[i];
        figures_of(f, s->group ? s->group->code : "size", g->label, g->code);
        add_sums(f, cx, &g->sums, (double)NAN);
    }
    for (size_t i = 0; i < m->bins.count; i++) {
        figures_of(
            f, "income_from",
            arena_printf(cx->arena, "%.10g – %.10g", m->bins.edge[i], m->bins.edge[i + 1]),
            COLUMN_MISSING);
        figures_add(f, cx, "weight", m->bins.weight[i], -1);
    }
    figures_of(f, "", "", COLUMN_MISSING);
}

void trend_figures(struct figures *f, struct cx *cx, const struct money_year *years,
                   size_t count)
{
    int32_t kept = f->year;
    figures_of(f, "year", "", COLUMN_MISSING);
    for (size_t i = 0; i < count; i++) {
        f->year = years[i].year;
        if (!years[i].refused)
            add_sums(f, cx, &years[i].sums, years[i].line);
    }
    f->year = kept;
    figures_of(f, "", "", COLUMN_MISSING);
}
