/* Why the poverty rate changed between two years. */
#include "base/format.h"
#include "db/db.h"
#include "insight/poverty_view.h"
#include "insight/why.html.h"
#include "insight/why_parts_view.h"

#include <math.h>

enum { COLUMNS = 5 };

static const char *const step_names[SPLIT_STEPS] = {
    N_("As it was first recorded"), N_("Corrected since"),
    N_("Households that left"),     N_("Real change"),
    N_("Households that came"),     N_("Another line"),
};
static const char *const step_helps[SPLIT_STEPS] = {
    N_("the earlier year with the values first written down"),
    N_("values of the earlier year that were changed later"),
    N_("no figure in the later year"),
    N_("the same households, the same line, a year or more later"),
    N_("no figure in the earlier year"),
    N_("the line in force at the end of the later year"),
};

static const char *rate_text(struct cx *cx, double rate)
{
    return isnan(rate) ? "–" : arena_printf(cx->arena, "%s %%", format_f64(cx, 100 * rate, 2));
}

static const char *part_text(struct cx *cx, double part)
{
    if (isnan(part))
        return "–";
    return arena_printf(cx->arena, "%s%s", part > 0 ? "+" : "", format_f64(cx, 100 * part, 2));
}

static const struct table *split_table(struct cx *cx, const struct split *t,
                                       const struct scope *s)
{
    struct table_cell *cells = arena_new(cx->arena, SPLIT_STEPS * COLUMNS * sizeof *cells);
    const struct table_column columns[COLUMNS] = {
        {NULL, _("Step"), ALIGN_TEXT, false},
        {NULL, _("What it is"), ALIGN_TEXT, true},
        {NULL, _("Change (points)"), ALIGN_NUMBER, false},
        {NULL, _("Rate after it"), ALIGN_NUMBER, false},
        {NULL, _("Households"), ALIGN_NUMBER, true},
    };
    for (size_t i = 0; i < SPLIT_STEPS; i++) {
        struct table_cell *c = cells + i * COLUMNS;
        const struct split_step *step = &t->step[i];
        c[0].text = text_in(cx->lang, step_names[i]);
        c[1].text = text_in(cx->lang, step_helps[i]);
        c[2].text = i ? part_text(cx, step->part) : "";
        c[3].text = rate_text(cx, step->rate);
        c[4].text = step->changed
                        ? arena_printf(cx->arena, "%s (%s)", format_int(cx, step->households),
                                       format_int(cx, step->changed))
                        : format_int(cx, step->households);
    }
    return why_table(cx,
                     &(struct table){.caption = _("Why the rate changed"),
                                     .base = "/poverty/change",
                                     .query = scope_query(cx, s, NULL, NULL),
                                     .cells = cells,
                                     .row_count = SPLIT_STEPS,
                                     .can_export = true},
                     columns, COLUMNS);
}

static const struct chart *split_chart(struct cx *cx, const struct split *t)
{
    enum { FROM = SPLIT_CORRECTED, COUNT = SPLIT_STEPS - SPLIT_CORRECTED };
    struct chart *c = arena_new(cx->arena, sizeof *c);
    struct chart_series *series = arena_new(cx->arena, sizeof *series);
    const char **categories = arena_new(cx->arena, COUNT * sizeof *categories);
    double *values = arena_new(cx->arena, COUNT * sizeof *values);
    for (int i = 0; i < COUNT; i++) {
        categories[i] = text_in(cx->lang, step_names[FROM + i]);
        values[i] = 100 * t->step[FROM + i].part;
    }
    *series = (struct chart_series){_("Change of the rate"), values};
    *c = (struct chart){.title = _("What moved the poverty rate"),
                        .unit = _("percentage points"),
                        .categories = categories,
                        .category_count = COUNT,
                        .series = series,
                        .series_count = 1,
                        .decimals = 2};
    return c;
}

static enum rc fill(struct split_view *v, struct cx *cx, const struct scope *s)
{
    struct split t;
    TRY(split_make(&t, cx, s));
    double first = t.step[SPLIT_FIRST].rate, last = t.step[SPLIT_LINE].rate;
    if (isnan(first) || isnan(last))
        return fail(cx, RC_INVALID,
                    _("One of the two years has no incomes: choose other years."),
                    "split empty");
    v->summary = arena_printf(cx->arena, _("From %s in %d to %s in %d: %s percentage points."),
                              rate_text(cx, first), s->from_year, rate_text(cx, last), s->year,
                              part_text(cx, last - first));
    v->moves = arena_printf(cx->arena,
                            _("Of the households with a figure in both years, at the earlier "
                              "line: %s became poor, %s "
                              "left poverty, %s were poor in both."),
                            format_int(cx, t.became_poor), format_int(cx, t.left_poverty),
                            format_int(cx, t.stayed_poor));
    v->table = split_table(cx, &t, s);
    v->chart = split_chart(cx, &t);
    const enum statistic headcount = STATISTIC_HEADCOUNT;
    struct how *how = how_of(cx, s, NULL, &headcount, 1);
    how->note =
        _("Each step changes one thing and is measured where the step before ended, so the "
          "parts add up to the whole change exactly; another order would give other parts. "
          "In brackets: how many values were corrected, how many households left or came. "
          "“First recorded” comes from the journal, which keeps every change. Households "
          "that the register no longer has are in neither year; who moved inside it is "
          "counted where it lives now.");
    how->csv_href = arena_printf(cx->arena, "/poverty/change?%s&format=csv",
                                 scope_query(cx, s, NULL, NULL));
    v->how = how;
    return RC_OK;
}

static enum rc change_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct scope *s = arena_new(cx->arena, sizeof *s);
    struct split_view v = {.board = {.path = "/poverty/change",
                                     .fields = BOARD_LINE | BOARD_YEAR | BOARD_FROM_YEAR}};
    bool bad;
    TRY(poverty_begin(&v.board, &bad, cx, s, q));
    if (!bad)
        TRY(poverty_take(&v.board, cx, fill(&v, cx, s)));
    if (page_wants_file(q) && v.board.error)
        return fail(cx, RC_INVALID, v.board.error, "change file");
    if (page_wants_file(q) && v.table)
        return page_table_file(cx, q, a, v.table, "poverty-change");
    struct out *o = poverty_page_begin(
        cx, q, a, &v.board,
        arena_printf(cx->arena, _("Why the poverty rate changed in %s"), s->area.name));
    split_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/poverty/change",
     .scope = SCOPE_PERMISSION,
     .permission = "poverty.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 60000,
     .heavy = true,
     .handle = change_get},
};
const struct route_table change_routes = ROUTE_TABLE(rows);
