/* The portrait as a part of the household's page: tables by year and a strip of incomes. */
#include "insight/portrait_view.h"

#include "base/format.h"
#include "insight/dimension.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct table *year_table(struct cx *cx, const struct portrait *p, size_t rows,
                                const char *caption, const char *first)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *columns = arena_new(cx->arena, (p->year_count + 1) * sizeof *columns);
    columns[0] = (struct table_column){NULL, first, ALIGN_TEXT, false};
    for (size_t y = 0; y < p->year_count; y++)
        columns[y + 1] = (struct table_column){
            NULL, arena_printf(cx->arena, "%d", p->years[y]), ALIGN_NUMBER,
            y + 3 < p->year_count}; /* the last three on a phone */
    *t = (struct table){.caption = caption,
                        .base = "",
                        .query = "",
                        .columns = columns,
                        .column_count = p->year_count + 1,
                        .row_count = rows,
                        .is_first_page = true};
    return t;
}

/* ---- income and lines ---- */

static void fill_lines(struct portrait_view *v, struct cx *cx, const struct portrait *p)
{
    if (!p->welfare)
        return;
    size_t width = p->year_count + 1, rows = p->line_count + 1;
    struct table_cell *cells = arena_new(cx->arena, rows * width * sizeof *cells);
    cells[0].text = arena_printf(cx->arena, "%s (%s)", LABEL(cx, p->welfare->label),
                                 LABEL(cx, p->welfare->unit_label));
    for (size_t y = 0; y < p->year_count; y++)
        if (!isnan(p->income[y]))
            cells[y + 1].text = format_f64(cx, p->income[y], 0);
    for (size_t i = 0; i < p->line_count; i++) {
        const struct portrait_line *l = &p->lines[i];
        struct table_cell *c = cells + (i + 1) * width;
        c[0].text =
            arena_printf(cx->arena, _("Distance to: %s"),
                         scope_threshold_label(cx, l->code, p->years[p->year_count - 1]));
        for (size_t y = 0; y < p->year_count; y++)
            if (!isnan(l->distance[y])) {
                c[y + 1].text = arena_printf(cx->arena, "%s%s", l->distance[y] > 0 ? "+" : "",
                                             format_f64(cx, l->distance[y], 0));
                c[y + 1].tone = l->distance[y] < 0 ? "bad" : NULL;
            }
    }
    struct table *t =
        year_table(cx, p, rows, _("Income and its distance to each line"), _("By year"));
    t->cells = cells;
    v->lines = t;
}

/* ---- deprivations ---- */

static struct table_cell state_cell(struct cx *cx, const struct portrait_index *x, size_t y,
                                    size_t j)
{
    if (!(x->known[y] >> j & 1))
        return (struct table_cell){_("not known"), NULL, NULL};
    if (x->deprived[y] >> j & 1)
        return (struct table_cell){_("deprived"), NULL, "bad"};
    return (struct table_cell){"✓", NULL, NULL};
}

static void index_cells(struct table_cell *cells, struct cx *cx, const struct portrait *p,
                        const struct portrait_index *x)
{
    size_t width = p->year_count + 1;
    struct mpi_spec spec = {
        .n = x->index->count, .k_num = x->index->k_num, .k_den = x->index->k_den};
    for (size_t j = 0; j < x->index->count; j++) {
        spec.weight[j] = x->index->deprivations[j].weight;
        cells[j * width].text = LABEL(cx, x->index->deprivations[j].label);
        for (size_t y = 0; y < p->year_count; y++)
            cells[j * width + y + 1] = state_cell(cx, x, y, j);
    }
    struct table_cell *last = cells + x->index->count * width;
    last[0].text = arena_printf(cx->arena, _("Poor by this index (k = %d/%d)"),
                                (int)x->index->k_num, (int)x->index->k_den);
    for (size_t y = 0; y < p->year_count; y++) {
        bool complete, poor = dimension_poor(&spec, x->deprived[y], x->known[y]);
        (void)dimension_score(&complete, &spec, x->deprived[y], x->known[y]);
        last[y + 1] = !complete ? (struct table_cell){_("not known"), NULL, NULL}
                      : poor    ? (struct table_cell){_("yes"), NULL, "bad"}
                                : (struct table_cell){_("no"), NULL, NULL};
    }
}

static bool some_known(const struct portrait *p, const struct portrait_index *x)
{
    for (size_t y = 0; y < p->year_count; y++)
        if (x->known[y])
            return true;
    return false;
}

static void fill_indexes(struct portrait_view *v, struct cx *cx, const struct portrait *p)
{
    v->indexes = arena_new(cx->arena, (p->index_count + 1) * sizeof *v->indexes);
    for (size_t i = 0; i < p->index_count; i++) {
        const struct portrait_index *x = &p->indexes[i];
        if (!some_known(p, x))
            continue;
        size_t rows = x->index->count + 1;
        struct table_cell *cells =
            arena_new(cx->arena, rows * (p->year_count + 1) * sizeof *cells);
        index_cells(cells, cx, p, x);
        struct table *t = year_table(cx, p, rows, LABEL(cx, x->index->label), _("Deprivation"));
        t->cells = cells;
        v->indexes[v->index_count++] = t;
    }
}

/* ---- among the neighbours ---- */

static void fill_place(struct portrait_view *v, struct cx *cx, const struct portrait *p)
{
    if (!p->place)
        return;
    struct chart_xy *c = arena_new(cx->arena, sizeof *c);
    struct chart_curve *curve = arena_new(cx->arena, sizeof *curve);
    struct chart_mark *marks = arena_new(cx->arena, 2 * sizeof *marks);
    double *edge = arena_new(cx->arena, sizeof p->edge);
    double *count = arena_new(cx->arena, sizeof p->count);
    size_t year = 0;
    memcpy(edge, p->edge, sizeof p->edge);
    memcpy(count, p->count, sizeof p->count);
    while (p->years[year] != p->place_year)
        year++;
    *curve =
        (struct chart_curve){.label = _("households"), .values = count, .shape = SHAPE_BARS};
    marks[0] = (struct chart_mark){p->income[year], _("this household")};
    marks[1] = (struct chart_mark){p->median, _("Median")};
    *c = (struct chart_xy){
        .title = arena_printf(cx->arena, _("Incomes in %s, %d"), p->place, p->place_year),
        .x_label = LABEL(cx, p->welfare->unit_label),
        .y_label = _("households"),
        .x = edge,
        .count = PORTRAIT_BINS + 1,
        .curves = curve,
        .curve_count = 1,
        .marks = marks,
        .mark_count = 2,
        .from_zero = true,
        .highlight = (double)NAN,
        .no_table = true};
    v->place = c;
    v->place_text = arena_printf(cx->arena,
                                 _("%s%% of the people of %s have less. Out of %s households; "
                                   "the last bar holds all with "
                                   "more."),
                                 format_f64(cx, p->percentile * 100, 0), p->place,
                                 format_int(cx, p->neighbours));
}

enum rc portrait_view_fill(struct portrait_view *v, struct cx *cx, const struct household *h)
{
    struct portrait *p = arena_new(cx->arena, sizeof *p);
    *v = (struct portrait_view){0};
    enum rc rc = portrait_read(p, cx, h->county, h->id);
    if (rc == RC_NOTFOUND) { /* ended or hidden: the page goes without */
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    if (!p->year_count)
        return RC_OK;
    fill_lines(v, cx, p);
    fill_indexes(v, cx, p);
    fill_place(v, cx, p);
    v->shown = v->lines || v->index_count || v->place;
    return RC_OK;
}
