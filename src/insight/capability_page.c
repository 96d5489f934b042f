/* Capability beside hand-outs, as a page. */
#include "base/format.h"
#include "db/db.h"
#include "insight/capability.html.h"
#include "insight/capability_view.h"
#include "insight/poverty_view.h"
#include "insight/why_parts_view.h"

#include <math.h>
#include <string.h>

enum { YEAR_COLUMNS = 6, ENDED_COLUMNS = 3, ENDED_ROWS = 7, SERIES = 2 };

static const char *amount(struct cx *cx, double x)
{
    return isnan(x) ? "–" : format_f64(cx, x, 0);
}

static const char *share(struct cx *cx, double part, double all)
{
    return all > 0 && !isnan(part) ? poverty_percent(cx, part / all) : "–";
}

static const struct table *plain(struct cx *cx, const char *caption, struct table_cell *cells,
                                 size_t rows, const struct table_column *columns, size_t count)
{
    return why_table(cx,
                     &(struct table){.caption = caption,
                                     .base = "/poverty/capability",
                                     .query = "",
                                     .cells = cells,
                                     .row_count = rows},
                     columns, count);
}

/* ---- years ---- */

static const struct table *years_table(struct cx *cx, const struct capability *c,
                                       const struct scope *s)
{
    struct table_cell *cells =
        arena_new(cx->arena, (c->year_count * YEAR_COLUMNS + 1) * sizeof *cells);
    const struct table_column columns[YEAR_COLUMNS] = {
        {NULL, _("Year"), ALIGN_TEXT, false},
        {NULL, _("Earned per person"), ALIGN_NUMBER, false},
        {NULL, _("Received per person"), ALIGN_NUMBER, false},
        {NULL, _("Share received"), ALIGN_NUMBER, false},
        {NULL, _("Live mostly on it"), ALIGN_NUMBER, true},
        {NULL, _("Households with incomes"), ALIGN_NUMBER, true},
    };
    for (size_t i = 0; i < c->year_count; i++) {
        const struct capability_year *y = &c->years[i];
        struct table_cell *row = cells + i * YEAR_COLUMNS;
        row[0].text = arena_printf(cx->arena, "%d", y->year);
        row[1].text = amount(cx, y->earned);
        row[2].text = amount(cx, y->transferred);
        row[3].text = share(cx, y->transferred, y->earned + y->transferred);
        row[4].text = share(cx, (double)y->mostly_transfers, (double)y->households);
        row[5].text = format_int(cx, y->households);
    }
    return why_table(cx,
                     &(struct table){.caption = _("Earned and received"),
                                     .base = "/poverty/capability",
                                     .query = scope_query(cx, s, NULL, NULL),
                                     .cells = cells,
                                     .row_count = c->year_count,
                                     .can_export = true,
                                     .empty_title = _("No year has incomes yet")},
                     columns, YEAR_COLUMNS);
}

static const struct chart *years_chart(struct cx *cx, const struct capability *c)
{
    struct chart *chart = arena_new(cx->arena, sizeof *chart);
    struct chart_series *series = arena_new(cx->arena, SERIES * sizeof *series);
    const char **categories = arena_new(cx->arena, (c->year_count + 1) * sizeof *categories);
    double *values[SERIES];
    for (int k = 0; k < SERIES; k++)
        values[k] = arena_new(cx->arena, (c->year_count + 1) * sizeof **values);
    for (size_t i = 0; i < c->year_count; i++) {
        categories[i] = arena_printf(cx->arena, "%d", c->years[i].year);
        values[0][i] = c->years[i].earned;
        values[1][i] = c->years[i].transferred;
    }
    series[0] = (struct chart_series){_("Earned"), values[0]};
    series[1] = (struct chart_series){_("Received"), values[1]};
    *chart = (struct chart){.title = _("Earned and received income per person"),
                            .unit = cx->profile->currency,
                            .categories = categories,
                            .category_count = c->year_count,
                            .series = series,
                            .series_count = SERIES};
    return c->year_count ? chart : NULL;
}

/* One row per kind or rule, one column per year. */
static struct table_column *year_columns(struct cx *cx, const struct capability *c,
                                         const char *first)
{
    struct table_column *columns = arena_new(cx->arena, (c->year_count + 2) * sizeof *columns);
    columns[0] = (struct table_column){NULL, first, ALIGN_TEXT, false};
    for (size_t i = 0; i < c->year_count; i++)
        columns[i + 1] =
            (struct table_column){NULL, arena_printf(cx->arena, "%d", c->years[i].year),
                                  ALIGN_NUMBER, i + 2 < c->year_count};
    return columns;
}

static const struct table *kinds_table(struct cx *cx, const struct capability *c)
{
    const struct profile *p = cx->profile;
    size_t width = c->year_count + 1;
    struct table_cell *cells =
        arena_new(cx->arena, (p->earned_income_count * width + 1) * sizeof *cells);
    for (size_t k = 0; k < p->earned_income_count; k++) {
        cells[k * width].text = LABEL(cx, p->earned_incomes[k]->label);
        for (size_t i = 0; i < c->year_count; i++) {
            const struct capability_year *y = &c->years[i];
            cells[k * width + i + 1].text =
                arena_printf(cx->arena, "%s (%s)", amount(cx, y->kind[k]),
                             share(cx, (double)y->has_kind[k], (double)y->households));
        }
    }
    return plain(cx, _("From what people live"), cells, p->earned_income_count,
                 year_columns(cx, c, _("Kind of income")), width);
}

static const char *rule_label(struct cx *cx, const char *code)
{
    const struct profile_rules *r = cx->profile->rules;
    for (size_t i = 0; i < r->derived_count; i++)
        if (!strcmp(r->derived[i].code, code))
            return LABEL(cx, r->derived[i].label);
    return code;
}

static const struct table *rules_table(struct cx *cx, const struct capability *c)
{
    const struct profile *p = cx->profile;
    size_t width = c->year_count + 1;
    struct table_cell *cells =
        arena_new(cx->arena, (p->capability_count * width + 1) * sizeof *cells);
    for (size_t k = 0; k < p->capability_count; k++) {
        cells[k * width].text = rule_label(cx, p->capability[k]);
        for (size_t i = 0; i < c->year_count; i++)
            cells[k * width + i + 1].text =
                isnan(c->years[i].rule[k]) ? "–" : format_f64(cx, c->years[i].rule[k], 2);
    }
    return p->capability_count
               ? plain(cx, _("What households can do"), cells, p->capability_count,
                       year_columns(cx, c, _("Per household")), width)
               : NULL;
}

/* ---- when support ended ---- */

static void ended_column(struct table_cell *cells, size_t column, struct cx *cx,
                         const struct capability_after *a)
{
    const char *texts[ENDED_ROWS] = {
        format_int(cx, a->households), amount(cx, a->earned[0]),      amount(cx, a->earned[1]),
        amount(cx, a->transferred[0]), amount(cx, a->transferred[1]), share(cx, a->poor[0], 1),
        share(cx, a->poor[1], 1),
    };
    for (size_t i = 0; i < ENDED_ROWS; i++)
        cells[i * ENDED_COLUMNS + column].text = a->households || !i ? texts[i] : "–";
}

static const struct table *ended_table(struct cx *cx, const struct capability_ended *e,
                                       const struct scope *s)
{
    struct table_cell *cells = arena_new(cx->arena, ENDED_ROWS * ENDED_COLUMNS * sizeof *cells);
    const struct table_column columns[ENDED_COLUMNS] = {
        {NULL, "", ALIGN_TEXT, false},
        {NULL, _("Support ended"), ALIGN_NUMBER, false},
        {NULL, _("Support goes on"), ALIGN_NUMBER, false},
    };
    const char *labels[ENDED_ROWS] = {
        _("Households"),
        arena_printf(cx->arena, _("Earned per person, %d"), s->from_year),
        arena_printf(cx->arena, _("Earned per person, %d"), s->year),
        arena_printf(cx->arena, _("Received per person, %d"), s->from_year),
        arena_printf(cx->arena, _("Received per person, %d"), s->year),
        arena_printf(cx->arena, _("Below the line, %d"), s->from_year),
        arena_printf(cx->arena, _("Below the line, %d"), s->year),
    };
    for (size_t i = 0; i < ENDED_ROWS; i++)
        cells[i * ENDED_COLUMNS].text = labels[i];
    ended_column(cells, 1, cx, &e->ended);
    ended_column(cells, 2, cx, &e->goes_on);
    return plain(cx, _("When support ended"), cells, ENDED_ROWS, columns, ENDED_COLUMNS);
}

static enum rc fill(struct capability_view *v, struct cx *cx, const struct scope *s)
{
    struct capability *c = arena_new(cx->arena, sizeof *c);
    struct capability_ended ended;
    TRY(capability_make(c, cx, s));
    const struct capability_year *last = c->year_count ? &c->years[c->year_count - 1] : NULL;
    if (last)
        v->summary = arena_printf(
            cx->arena, _("In %d people earned %s and received %s each on average."), last->year,
            amount(cx, last->earned), amount(cx, last->transferred));
    v->years = years_table(cx, c, s);
    v->chart = years_chart(cx, c);
    v->kinds = kinds_table(cx, c);
    v->rules = rules_table(cx, c);
    TRY(why_error(&v->ended_refused, cx, capability_ended(&ended, cx, s)));
    if (!v->ended_refused) {
        v->ended = ended_table(cx, &ended, s);
        v->ended_note = arena_printf(
            cx->arena,
            _("Households that had support in %d, by whether they still have it in %d. Who "
              "loses "
              "support differs from who keeps it: this compares, it does not prove an effect."),
            s->from_year, s->year);
    }
    struct how *how = how_of(cx, s, NULL, NULL, 0);
    how->note =
        _("Earned and received incomes are sums of the kinds that the profile names, per "
          "person of the household, over households whose incomes of the year are written "
          "down by kind. Costs of production are not taken off here.");
    how->csv_href = board_file(cx, s, "/poverty/capability", "csv");
    v->how = how;
    return RC_OK;
}

static enum rc capability_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct scope *s = arena_new(cx->arena, sizeof *s);
    struct capability_view v = {.board = {.path = "/poverty/capability",
                                          .fields = BOARD_LINE | BOARD_YEAR | BOARD_FROM_YEAR}};
    bool bad;
    TRY(poverty_begin(&v.board, &bad, cx, s, q));
    if (!bad)
        TRY(poverty_take(&v.board, cx, fill(&v, cx, s)));
    if (page_wants_file(q) && v.board.error)
        return fail(cx, RC_INVALID, v.board.error, "capability file");
    if (page_wants_file(q) && v.years)
        return page_table_file(cx, q, a, v.years, "capability");
    struct out *o = poverty_page_begin(
        cx, q, a, &v.board, arena_printf(cx->arena, _("Own strength in %s"), s->area.name));
    capability_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/poverty/capability",
     .scope = SCOPE_PERMISSION,
     .permission = "poverty.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 60000,
     .heavy = true,
     .handle = capability_get},
};
const struct route_table capability_routes = ROUTE_TABLE(rows);
