/* Inequality of money and what changed between two years: growth and redistribution. */
#include "insight/poverty.html.h"
#include "insight/poverty_view.h"

#include "base/format.h"
#include "web/page.h"

#include <math.h>
#include <string.h>

enum { STATISTIC_COLUMNS = 4, PART_COLUMNS = 4 };

static const char *estimate_text(struct cx *cx, const struct scope *s, enum statistic m,
                                 const struct estimate *e)
{
    if (isnan(e->value))
        return "–";
    if (m == STATISTIC_MEAN || m == STATISTIC_MEDIAN)
        return scope_money(cx, s, round(e->value));
    return format_f64(cx, e->value, m == STATISTIC_S80S20 ? 2 : 4);
}

static const struct table *measure_table(struct cx *cx, const struct scope *s,
                                         const struct inequality *q)
{
    static const enum statistic shown[] = {
        STATISTIC_MEAN,  STATISTIC_MEDIAN,        STATISTIC_GINI,       STATISTIC_S80S20,
        STATISTIC_WATTS, STATISTIC_SST,           STATISTIC_GE0,        STATISTIC_GE1,
        STATISTIC_GE2,   STATISTIC_ATKINSON_HALF, STATISTIC_ATKINSON_1, STATISTIC_ATKINSON_2};
    enum { SHOWN = sizeof shown / sizeof shown[0] };
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *columns = arena_new(cx->arena, STATISTIC_COLUMNS * sizeof *columns);
    struct table_cell *cells =
        arena_new(cx->arena, (size_t)SHOWN * STATISTIC_COLUMNS * sizeof *cells);
    const struct table_column fixed[STATISTIC_COLUMNS] = {
        {NULL, _("Measure"), ALIGN_TEXT, false},
        {NULL, _("Figure"), ALIGN_NUMBER, false},
        {NULL, _("Households used"), ALIGN_NUMBER, true},
        {NULL, _("Left out"), ALIGN_TEXT, true}};
    memcpy(columns, fixed, sizeof fixed);
    for (size_t i = 0; i < SHOWN; i++) {
        const struct estimate *e = &q->of[shown[i]];
        struct table_cell *c = cells + i * STATISTIC_COLUMNS;
        c[0].text = statistic_name(cx, shown[i]);
        c[1].text = estimate_text(cx, s, shown[i], e);
        c[2].text = isnan(e->value) ? NULL : format_int(cx, e->rows);
        if (e->refused)
            c[3].text = e->refused;
        else if (e->rows_left_out > q->of[STATISTIC_MEAN].rows_left_out)
            c[3].text = arena_printf(
                cx->arena,
                _n("%s household (%s %s)", "%s households (%s %s)", e->rows_left_out),
                format_int(cx, e->rows_left_out), poverty_count(cx, e->weight_left_out),
                scope_unit(cx, s));
    }
    *t = (struct table){.caption = _("Inequality"),
                        .base = "/poverty/inequality",
                        .query = scope_query(cx, s, NULL, NULL),
                        .columns = columns,
                        .column_count = STATISTIC_COLUMNS,
                        .cells = cells,
                        .row_count = SHOWN,
                        .is_first_page = true};
    return t;
}

static const struct chart_xy *lorenz_chart(struct cx *cx, const struct inequality *q)
{
    struct chart_xy *c = arena_new(cx->arena, sizeof *c);
    struct chart_curve *curves = arena_new(cx->arena, 2 * sizeof *curves);
    double *x = arena_new(cx->arena, (MONEY_LORENZ + 1) * sizeof *x);
    double *l = arena_new(cx->arena, sizeof q->lorenz);
    for (int i = 0; i <= MONEY_LORENZ; i++)
        x[i] = (double)i / MONEY_LORENZ;
    memcpy(l, q->lorenz, sizeof q->lorenz);
    curves[0] = (struct chart_curve){.label = _("Share of all income"), .values = l};
    curves[1] =
        (struct chart_curve){.label = _("If all had the same"), .values = x, .quiet = true};
    *c = (struct chart_xy){.title = _("Lorenz curve: what share the poorest part has"),
                           .x_label = _("Poorest part of the people"),
                           .y_label = _("share of all income"),
                           .x_number = NUMBER_PERCENT,
                           .y_number = NUMBER_PERCENT,
                           .x_decimals = 1,
                           .y_decimals = 1,
                           .x = x,
                           .count = MONEY_LORENZ + 1,
                           .curves = curves,
                           .curve_count = 2,
                           .highlight = (double)NAN,
                           .table_step = 4};
    return c;
}

static const struct chart *share_chart(struct cx *cx, const struct inequality *q)
{
    struct chart *c = arena_new(cx->arena, sizeof *c);
    struct chart_series *series = arena_new(cx->arena, sizeof *series);
    double *values = arena_new(cx->arena, 5 * sizeof *values);
    const char **names = arena_new(cx->arena, 5 * sizeof *names);
    const char *const fixed[] = {_("poorest"), _("second"), _("third"), _("fourth"),
                                 _("richest")};
    memcpy(names, fixed, sizeof fixed);
    for (int i = 0; i < 5; i++)
        values[i] = q->share[i].value * 100;
    *series = (struct chart_series){_("Share of all income"), values};
    *c = (struct chart){.title = _("What each fifth of the people has of all income"),
                        .unit = "%",
                        .categories = names,
                        .category_count = 5,
                        .series = series,
                        .series_count = 1,
                        .decimals = 1};
    return c;
}

/* ---- two years ---- */

static const struct chart_xy *incidence_chart(struct cx *cx, const struct growth *g)
{
    struct chart_xy *c = arena_new(cx->arena, sizeof *c);
    struct chart_curve *curves = arena_new(cx->arena, 2 * sizeof *curves);
    double *x = arena_new(cx->arena, MONEY_GROWTH * sizeof *x);
    double *v = arena_new(cx->arena, sizeof g->incidence);
    double *mean = arena_new(cx->arena, MONEY_GROWTH * sizeof *mean);
    bool some = false;
    memcpy(v, g->incidence, sizeof g->incidence);
    for (int i = 0; i < MONEY_GROWTH; i++) {
        x[i] = (i + .5) / MONEY_GROWTH;
        mean[i] = g->mean_from > 0 ? g->mean_to / g->mean_from - 1 : (double)NAN;
        some = some || !isnan(v[i]);
    }
    if (!some)
        return NULL;
    curves[0] = (struct chart_curve){.label = _("Growth at this place"), .values = v};
    curves[1] =
        (struct chart_curve){.label = _("Growth of the mean"), .values = mean, .quiet = true};
    *c = (struct chart_xy){
        .title = arena_printf(cx->arena, _("How incomes grew from %d to %d, from poor to rich"),
                              g->from, g->to),
        .x_label = _("Place among the people, from poor to rich"),
        .y_label = _("growth"),
        .x_number = NUMBER_PERCENT,
        .y_number = NUMBER_PERCENT,
        .x_decimals = 1,
        .y_decimals = 1,
        .x = x,
        .count = MONEY_GROWTH,
        .curves = curves,
        .curve_count = 2,
        .from_zero = true,
        .highlight = (double)NAN};
    return c;
}

/* A change in points of percent with its sign. */
static const char *points(struct cx *cx, double x)
{
    return isnan(x)
               ? "–"
               : arena_printf(cx->arena, "%s%s", x > 0 ? "+" : "", format_f64(cx, x * 100, 2));
}

static const struct table *part_table(struct cx *cx, const struct scope *s,
                                      const struct growth *g)
{
    static const enum statistic fgt[] = {STATISTIC_HEADCOUNT, STATISTIC_GAP,
                                         STATISTIC_SEVERITY};
    enum { LINES = 7 };
    const size_t width = PART_COLUMNS;
    const char *const labels[LINES] = {arena_printf(cx->arena, "%d (%%)", g->from),
                                       arena_printf(cx->arena, "%d (%%)", g->to),
                                       _("Change (points)"),
                                       _("by growth (points)"),
                                       _("by redistribution (points)"),
                                       _("by growth, first year's distribution"),
                                       _("by growth, last year's distribution")};
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *columns = arena_new(cx->arena, PART_COLUMNS * sizeof *columns);
    struct table_cell *cells =
        arena_new(cx->arena, (size_t)LINES * PART_COLUMNS * sizeof *cells);
    columns[0].title = _("What moved poverty");
    for (int i = 0; i < LINES; i++)
        cells[(size_t)i * width].text = labels[i];
    for (int k = 0; k < 3; k++) {
        const struct change_parts *p = &g->parts[k];
        columns[k + 1] =
            (struct table_column){NULL, statistic_name(cx, fgt[k]), ALIGN_NUMBER, false};
        struct table_cell *c = cells + k + 1;
        c[0].text = format_f64(cx, p->before * 100, 2);
        c[width].text = format_f64(cx, p->after * 100, 2);
        c[2 * width].text = points(cx, p->after - p->before);
        c[3 * width].text = points(cx, p->growth);
        c[4 * width].text = points(cx, p->redistribution);
        c[5 * width].text = points(cx, p->growth_1);
        c[6 * width].text = points(cx, p->growth_2);
    }
    *t = (struct table){.caption = _("Growth and redistribution"),
                        .base = "/poverty/inequality",
                        .query = scope_query(cx, s, NULL, NULL),
                        .columns = columns,
                        .column_count = PART_COLUMNS,
                        .cells = cells,
                        .row_count = LINES,
                        .is_first_page = true};
    return t;
}

/* ---- the page ---- */

struct inequality_all {
    struct inequality inequality;
    struct growth growth;
    struct figures figures;
};

static const struct how *make_how(struct cx *cx, const struct scope *s,
                                  const struct population *p)
{
    static const enum statistic shown[] = {
        STATISTIC_GINI,          STATISTIC_S80S20,     STATISTIC_LORENZ,
        STATISTIC_WATTS,         STATISTIC_SST,        STATISTIC_GE0,
        STATISTIC_GE1,           STATISTIC_GE2,        STATISTIC_ATKINSON_HALF,
        STATISTIC_ATKINSON_1,    STATISTIC_ATKINSON_2, STATISTIC_GROWTH_INCIDENCE,
        STATISTIC_DATT_RAVALLION};
    struct how *h = how_of(cx, s, p, shown, sizeof shown / sizeof shown[0]);
    poverty_how_links(cx, h, s, "/poverty/inequality");
    h->command = how_poverty_command(cx, s, p);
    return h;
}

static enum rc compute(struct inequality_view *v, struct inequality_all *all, struct cx *cx,
                       struct population *p)
{
    const struct scope *s = p->scope;
    const struct growth *g = &all->growth;
    if (!p->n)
        return fail(cx, RC_INVALID, _("No household of this area has been recorded."),
                    "nobody");
    TRY(inequality_read(&all->inequality, cx, p));
    TRY(growth_read(&all->growth, cx, p));
    figures_begin(&all->figures, p->year);
    inequality_figures(&all->figures, cx, &all->inequality);
    growth_figures(&all->figures, cx, g);
    v->board.line = p->line;
    v->statistics = measure_table(cx, s, &all->inequality);
    v->lorenz = lorenz_chart(cx, &all->inequality);
    v->shares = share_chart(cx, &all->inequality);
    v->growth_refused = g->refused;
    if (!g->refused) {
        v->incidence = incidence_chart(cx, g);
        v->parts = part_table(cx, s, g);
        v->growth_note = arena_printf(cx->arena,
                                      _("Both years by the line of %d: %s. Incomes as "
                                        "recorded, not adjusted for prices."),
                                      g->to, scope_money(cx, s, g->line));
    }
    v->how = make_how(cx, s, p);
    v->has_figures = true;
    return RC_OK;
}

static enum rc read_all(struct inequality_view *v, struct inequality_all *all, struct cx *cx,
                        struct scope *s)
{
    struct population *p;
    TRY(population_open(&p, cx, s, 0, NULL, 0));
    enum rc rc = compute(v, all, cx, p);
    population_close(p);
    return rc;
}

static enum rc write_figures(struct cx *cx, int fd, enum frame_format format, void *arg)
{
    return figures_write(cx, fd, format, arg, _("Inequality"));
}

static enum rc inequality_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct scope *s = arena_new(cx->arena, sizeof *s);
    struct inequality_all *all = arena_new(cx->arena, sizeof *all);
    struct inequality_view v = {.board = {.path = "/poverty/inequality",
                                          .fields = BOARD_LINE | BOARD_YEAR | BOARD_FROM_YEAR |
                                                    BOARD_WELFARE | BOARD_UNIT | BOARD_POOR}};
    bool bad, file = page_wants_file(q);
    TRY(poverty_begin(&v.board, &bad, cx, s, q));
    enum rc rc = bad ? RC_OK : read_all(&v, all, cx, s);
    if (file && rc)
        return rc;
    TRY(poverty_take(&v.board, cx, rc));
    if (file && !v.board.error) {
        enum frame_format format;
        if (!frame_format_parse(&format, request_query(q, "format")))
            return fail(cx, RC_INVALID, "", "format");
        return page_file(cx, a, "inequality", format, write_figures, &all->figures);
    }
    struct out *o = poverty_page_begin(
        cx, q, a, &v.board, arena_printf(cx->arena, _("Inequality in %s"), s->area.name));
    inequality_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/poverty/inequality",
     .scope = SCOPE_PERMISSION,
     .permission = "poverty.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 60000,
     .handle = inequality_get},
};
const struct route_table inequality_routes = ROUTE_TABLE(rows);
