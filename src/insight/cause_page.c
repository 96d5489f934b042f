/* Recorded causes: which, which together, and where. */
#include "base/format.h"
#include "db/db.h"
#include "insight/poverty_view.h"
#include "insight/why.html.h"
#include "insight/why_parts_view.h"
#include "people/actor.h"

#include <math.h>

enum { CAUSE_COLUMNS = 5, SHOWN_PAIRS = 8, MARK_LEAST = 10 };
#define MARK_TIMES 1.5

static const char *cause_label(struct cx *cx, const struct cause_table *t, size_t k)
{
    const struct code *c = code_of(t->list, t->code[k]);
    return c ? LABEL(cx, c->label) : arena_printf(cx->arena, "%d", t->code[k]);
}

static const char *percent(struct cx *cx, double part, double all)
{
    if (!(all > 0))
        return "–";
    return arena_printf(cx->arena, "%s %%", format_f64(cx, 100 * part / all, 1));
}

static const struct table *causes_table(struct cx *cx, const struct cause_table *t,
                                        const char *query)
{
    struct table_cell *cells =
        arena_new(cx->arena, (t->count * CAUSE_COLUMNS + 1) * sizeof *cells);
    const struct table_column columns[CAUSE_COLUMNS] = {
        {NULL, _("Cause"), ALIGN_TEXT, false},
        {NULL, _("Households"), ALIGN_NUMBER, false},
        {NULL, _("Share"), ALIGN_NUMBER, false},
        {NULL, _("People"), ALIGN_NUMBER, true},
        {NULL, _("Mean income of those people"), ALIGN_NUMBER, true},
    };
    double *bars = arena_new(cx->arena, (t->count + 1) * sizeof *bars);
    for (size_t k = 0; k < t->count; k++) {
        struct table_cell *c = cells + k * CAUSE_COLUMNS;
        bars[k] = (double)t->households[k] / (double)t->households[0];
        c[0].text = cause_label(cx, t, k);
        c[1].text = format_int(cx, t->households[k]);
        c[2].text = percent(cx, (double)t->households[k], (double)t->with_cause);
        c[3].text = format_f64(cx, t->people[k], 0);
        c[4].text = isnan(t->mean[k]) ? "–" : format_f64(cx, t->mean[k], 0);
    }
    return why_table(cx,
                     &(struct table){.caption = _("What the households name"),
                                     .base = "/poverty/causes",
                                     .query = query,
                                     .cells = cells,
                                     .row_count = t->count,
                                     .bars = bars,
                                     .bar_column = 1,
                                     .can_export = true,
                                     .empty_title = _("No causes are recorded for this year")},
                     columns, CAUSE_COLUMNS);
}

/* The most frequent causes against each other, the upper half. */
static const struct table *pairs_table(struct cx *cx, const struct cause_table *t)
{
    size_t n = t->count < SHOWN_PAIRS ? t->count : SHOWN_PAIRS;
    struct table_column columns[SHOWN_PAIRS + 1] = {{NULL, _("Cause"), ALIGN_TEXT, false}};
    struct table_cell *cells = arena_new(cx->arena, (n * (n + 1) + 1) * sizeof *cells);
    for (size_t a = 0; a < n; a++) {
        columns[a + 1] =
            (struct table_column){NULL, cause_label(cx, t, a), ALIGN_NUMBER, a > 2};
        cells[a * (n + 1)].text = cause_label(cx, t, a);
        for (size_t b = 0; b < n; b++) {
            int64_t both = t->pairs[a * t->count + b];
            double lift = cause_lift(t, a, b);
            struct table_cell *c = &cells[a * (n + 1) + b + 1];
            if (a == b)
                *c = (struct table_cell){format_int(cx, both), NULL, "muted"};
            else if (both)
                c->text = arena_printf(cx->arena, "%s (%s)", format_int(cx, both),
                                       format_f64(cx, lift, 1));
            else
                c->text = "–";
        }
    }
    return n < 2 ? NULL
                 : why_table(cx,
                             &(struct table){.caption = _("What comes together"),
                                             .base = "/poverty/causes",
                                             .query = "",
                                             .cells = cells,
                                             .row_count = n},
                             columns, n + 1);
}

static const struct table *areas_table(struct cx *cx, const struct cause_table *t,
                                       const struct scope *s)
{
    enum { SHOWN = 6 };
    size_t n = t->count < SHOWN ? t->count : SHOWN, width = n + 2;
    struct table_column columns[SHOWN + 2] = {
        {NULL, _("Area"), ALIGN_TEXT, false},
        {NULL, _("Households with a cause"), ALIGN_NUMBER, true}};
    struct table_cell *cells =
        arena_new(cx->arena, (t->child_count * width + 1) * sizeof *cells);
    for (size_t k = 0; k < n; k++)
        columns[k + 2] =
            (struct table_column){NULL, cause_label(cx, t, k), ALIGN_NUMBER, k > 1};
    for (size_t i = 0; i < t->child_count; i++) {
        struct table_cell *c = cells + i * width;
        const struct population_group *child = &t->children[i];
        c[0].text = child->label;
        if (child->area_id)
            c[0].href = arena_printf(cx->arena, "/poverty/causes?%s",
                                     scope_query_i64(cx, s, "area", child->area_id));
        c[1].text = format_int(cx, t->child_with[i]);
        for (size_t k = 0; k < n; k++) {
            double here = (double)t->by_child[i * t->count + k] / (double)t->child_with[i];
            double all = (double)t->households[k] / (double)t->with_cause;
            c[k + 2].text = t->child_with[i] ? percent(cx, here, 1) : "–";
            if (t->by_child[i * t->count + k] >= MARK_LEAST && here > MARK_TIMES * all)
                c[k + 2].tone = "warn";
        }
    }
    return t->child_count < 2 || !t->count
               ? NULL
               : why_table(cx,
                           &(struct table){.caption = _("How the areas differ"),
                                           .base = "/poverty/causes",
                                           .query = "",
                                           .cells = cells,
                                           .row_count = t->child_count},
                           columns, width);
}

static enum rc fill(struct cause_view *v, struct cx *cx, const struct scope *s,
                    enum cause_who who)
{
    struct population *p;
    struct cause_table t;
    const char *query = arena_printf(cx->arena, "%s%s", scope_query(cx, s, NULL, NULL),
                                     who == CAUSE_POOR ? "&who=poor" : "");
    struct scope people = *s; /* households are counted beside people, whatever the unit */
    people.households = false;
    TRY(population_open(&p, cx, &people, 0, NULL, POPULATION_CHILD | POPULATION_ID));
    enum rc rc = cause_make(&t, cx, p, who);
    if (!rc) {
        v->causes = causes_table(cx, &t, query);
        v->pairs = pairs_table(cx, &t);
        v->areas = areas_table(cx, &t, s);
        v->summary = arena_printf(
            cx->arena, _("%s of %s households name a cause. A household can name several."),
            format_int(cx, t.with_cause), format_int(cx, t.asked));
        struct how *how = how_of(cx, s, p, NULL, 0);
        how->note =
            _("Each cause counts once per household, from all columns of the register that "
              "hold causes or risks. A recorded cause is what somebody wrote down, not a "
              "proof. Times more often: households with both, times households with a "
              "cause, divided by the product of the two counts (lift; Brin and others "
              "1997).");
        how->csv_href = arena_printf(cx->arena, "/poverty/causes?%s&format=csv", query);
        v->how = how;
    }
    population_close(p);
    return rc;
}

static enum rc cause_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct scope *s = arena_new(cx->arena, sizeof *s);
    bool poor = str_eq_z(request_query(q, "who"), "poor"), bad;
    struct board_choice choices[] = {{"", _("all that name a cause"), !poor},
                                     {"poor", _("those below the line"), poor}};
    const struct board_select who = {"who", _("Households"), choices, 2};
    struct cause_view v = {.board = {.path = "/poverty/causes",
                                     .fields = BOARD_LINE | BOARD_YEAR,
                                     .own = &who,
                                     .own_count = 1}};
    TRY(poverty_begin(&v.board, &bad, cx, s, q));
    if (!bad)
        TRY(poverty_take(&v.board, cx, fill(&v, cx, s, poor ? CAUSE_POOR : CAUSE_ALL)));
    if (page_wants_file(q) && v.board.error)
        return fail(cx, RC_INVALID, v.board.error, "cause file");
    if (page_wants_file(q) && v.causes)
        return page_table_file(cx, q, a, v.causes, "causes");
    struct out *o =
        poverty_page_begin(cx, q, a, &v.board,
                           arena_printf(cx->arena, _("Causes of poverty in %s"), s->area.name));
    cause_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/poverty/causes",
     .scope = SCOPE_PERMISSION,
     .permission = "poverty.view",
     .csrf = CSRF_NONE,
     .heavy = true,
     .handle = cause_get},
};
const struct route_table cause_routes = ROUTE_TABLE(rows);
