/* The first page about poverty of money: how many are poor at the line, where, who, since when.
 */
#include "insight/poverty.html.h"
#include "insight/poverty_view.h"

#include "base/format.h"
#include "db/db.h"
#include "web/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RANKING_ROWS_MAX = 200, RANKING_COLUMNS = 6 };

const char *poverty_percent(struct cx *cx, double share)
{
    return isnan(share) ? "–" : arena_printf(cx->arena, "%s%%", format_f64(cx, share * 100, 1));
}

const char *poverty_count(struct cx *cx, double weight)
{
    return format_int(cx, (int64_t)llround(weight));
}

enum rc poverty_take(struct board *b, struct cx *cx, enum rc rc)
{
    if (rc != RC_INVALID)
        return rc;
    b->error = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    return RC_OK;
}

struct out *poverty_page_begin(struct cx *cx, const struct request *q, struct response *a,
                               struct board *b, const char *title)
{
    if (b->error && q->query_count)
        a->status = 400;
    struct out *o = page_begin(cx, q, &(struct page){.title = title, .nav = "poverty"});
    board_put(o, cx, b);
    return o;
}

enum rc poverty_begin(struct board *b, bool *bad, struct cx *cx, struct scope *s,
                      const struct request *q)
{
    TRY(db_read_begin(cx));
    enum rc rc = scope_read(s, cx, q);
    if (rc && !s->area.path) /* not even an area: there is no form to show again */
        return rc;
    TRY(poverty_take(b, cx, rc));
    b->scope = s;
    b->line = (double)NAN;
    *bad = b->error != NULL;
    return RC_OK;
}

void poverty_how_links(struct cx *cx, struct how *h, const struct scope *s, const char *path)
{
    h->csv_href = board_file(cx, s, path, "csv");
    h->xlsx_href = board_file(cx, s, path, "xlsx");
    h->json_href = board_file(cx, s, path, "json");
    if (actor_may_in(cx, "export.run", str_of(s->area.path)))
        h->rows_href = board_file(cx, s, "/poverty/rows", "csv");
}

/* ---- headline ---- */

static void add_head(struct poverty_view *v, const char *label, const char *value,
                     const char *more)
{
    v->heads[v->head_count++] = (struct poverty_head){label, value, more};
}

/* A yearly sum in the profile's currency. */
static const char *sum_text(struct cx *cx, double sum)
{
    return arena_printf(cx->arena, "%s%s", cx->profile->currency_sign,
                        format_money(cx, llround(sum), 0));
}

static void line_head(struct poverty_view *v, struct cx *cx, const struct scope *s,
                      const struct money *m)
{
    const char *name = s->line.threshold ? scope_threshold_label(cx, s->line.threshold, s->year)
                                         : s->line.label;
    const char *unit = LABEL(cx, s->welfare->unit_label);
    bool bare = !s->line.threshold && s->line.spec.kind == LINE_FIXED;
    const char *value = format_f64(cx, m->line_low, 0);
    if (isnan(m->line))
        value = arena_printf(cx->arena, "%s – %s", value, format_f64(cx, m->line_high, 0));
    add_head(v, _("Poverty line"), value,
             bare ? unit : arena_printf(cx->arena, "%s · %s", unit, name));
}

static void fill_heads(struct poverty_view *v, struct cx *cx, const struct scope *s,
                       const struct money *m)
{
    const struct fgt_sums *all = &m->all;
    struct estimate h = fgt_of(all, 0), gap = fgt_of(all, 1), severity = fgt_of(all, 2);
    line_head(v, cx, s, m);
    add_head(v, _("Poverty rate"), poverty_percent(cx, h.value),
             arena_printf(cx->arena, _("%s of %s %s"), poverty_count(cx, all->poor),
                          poverty_count(cx, all->weight), scope_unit(cx, s)));
    add_head(v, _("Poor households"), format_int(cx, all->poor_rows),
             arena_printf(cx->arena, _("of %s"), format_int(cx, all->rows)));
    add_head(v, _("Poverty gap"), poverty_percent(cx, gap.value), _("of the line, on average"));
    add_head(v, _("Severity"), poverty_percent(cx, severity.value), _("gaps squared"));
    if (!isnan(m->line) && !s->households)
        add_head(v, _("To lift all to the line"), sum_text(cx, all->gap * m->line),
                 _("a year"));
}

static void fill_notes(struct poverty_view *v, struct cx *cx, const struct population *p,
                       const struct money *m)
{
    if (p->rows_missing)
        v->notes[v->note_count++] =
            arena_printf(cx->arena,
                         _n("%s household is left out: its income is not known for %d.",
                            "%s households are left out: their income is not known for %d.",
                            p->rows_missing),
                         format_int(cx, p->rows_missing), p->year);
    int64_t negative = m->all.not_positive_rows;
    if (negative)
        v->notes[v->note_count++] = arena_printf(
            cx->arena,
            _n("%s household has an income of zero or less. It counts as poor.",
               "%s households have an income of zero or less. They count as poor.", negative),
            format_int(cx, negative));
}

static void fill_newly(struct poverty_view *v, struct cx *cx, const struct scope *s,
                       const struct money_newly *n)
{
    bool may = scope_may_households(cx, s);
    v->poor_href = may ? board_href(cx, s, "/poverty/households", "from_line", NULL) : NULL;
    if (!n->from)
        return;
    const char *from = isnan(n->line) ? n->from->label
                                      : arena_printf(cx->arena, "%s (%s)", n->from->label,
                                                     scope_money(cx, s, n->line));
    if (n->refused) {
        v->newly = n->refused;
        return;
    }
    v->newly = arena_printf(cx->arena,
                            _("Compared with %s: %s households (%s %s) are newly poor, %s are "
                              "no longer poor."),
                            from, format_int(cx, n->rows), poverty_count(cx, n->weight),
                            scope_unit(cx, s), format_int(cx, n->fewer_rows));
    if (may && n->rows)
        v->newly_href = board_href(cx, s, "/poverty/households", "from_line", n->from->text);
}

/* ---- ranking ---- */

struct rank_order {
    struct str key;
    bool down;
};
static double rank_value(const struct money_group *g, struct str key)
{
    if (str_eq_z(key, "gap"))
        return fgt_of(&g->sums, 1).value;
    if (str_eq_z(key, "severity"))
        return fgt_of(&g->sums, 2).value;
    if (str_eq_z(key, "poor"))
        return g->sums.poor;
    if (str_eq_z(key, "people"))
        return g->sums.weight;
    return fgt_of(&g->sums, 0).value;
}

static int by_rank(const void *a, const void *b, void *arg)
{
    const struct rank_order *order = arg;
    const struct money_group *x = a, *y = b;
    int sign = order->down ? -1 : 1;
    if (str_eq_z(order->key, "name"))
        return order->down ? strcmp(y->label, x->label) : strcmp(x->label, y->label);
    double u = rank_value(x, order->key), w = rank_value(y, order->key);
    if (isnan(u) || isnan(w)) /* without a figure: last either way */
        return isnan(u) - isnan(w);
    return sign * ((u > w) - (u < w));
}

static void group_cells(struct table_cell *c, struct cx *cx, const struct money_group *g)
{
    c[0].text = g->label;
    c[1].text = poverty_percent(cx, fgt_of(&g->sums, 0).value);
    c[2].text = poverty_count(cx, g->sums.poor);
    c[3].text = poverty_count(cx, g->sums.weight);
    c[4].text = poverty_percent(cx, fgt_of(&g->sums, 1).value);
    c[5].text = poverty_percent(cx, fgt_of(&g->sums, 2).value);
}

static const struct table_column *group_columns(struct cx *cx, const struct scope *s,
                                                const char *first, bool sorted)
{
    struct table_column *c = arena_new(cx->arena, RANKING_COLUMNS * sizeof *c);
    const struct table_column columns[RANKING_COLUMNS] = {
        {sorted ? "name" : NULL, first, ALIGN_TEXT, false},
        {sorted ? "rate" : NULL, _("Poverty rate"), ALIGN_NUMBER, false},
        {sorted ? "poor" : NULL, _("Poor"), ALIGN_NUMBER, false},
        {sorted ? "people" : NULL, s->households ? _("Households") : _("People"), ALIGN_NUMBER,
         true},
        {sorted ? "gap" : NULL, _("Gap"), ALIGN_NUMBER, true},
        {sorted ? "severity" : NULL, _("Severity"), ALIGN_NUMBER, true}};
    memcpy(c, columns, sizeof columns);
    return c;
}

static struct table *group_table(struct cx *cx, const struct scope *s,
                                 const struct money_group *groups, size_t count)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    size_t shown = count > RANKING_ROWS_MAX ? RANKING_ROWS_MAX : count;
    struct table_cell *cells =
        arena_new(cx->arena, (shown * RANKING_COLUMNS + 1) * sizeof *cells);
    double *bars = arena_new(cx->arena, (shown + 1) * sizeof *bars), most = 0;
    for (size_t i = 0; i < shown; i++) {
        group_cells(cells + i * RANKING_COLUMNS, cx, &groups[i]);
        bars[i] = fgt_of(&groups[i].sums, 0).value;
        most = fmax(most, isnan(bars[i]) ? 0 : bars[i]);
    }
    for (size_t i = 0; most > 0 && i < shown; i++)
        bars[i] /= most;
    *t = (struct table){.base = "/poverty",
                        .query = scope_query(cx, s, NULL, NULL),
                        .column_count = RANKING_COLUMNS,
                        .cells = cells,
                        .row_count = shown,
                        .bars = bars,
                        .bar_column = 1,
                        .is_first_page = true,
                        .empty_title = _("Nothing to compare")};
    if (shown < count)
        t->total = arena_printf(cx->arena, _("The first %d of %d; the file has all."),
                                (int)shown, (int)count);
    return t;
}

static void fill_ranking(struct poverty_view *v, struct cx *cx, const struct scope *s,
                         const struct request *q, struct money *m)
{
    struct rank_order order = {.key = request_query(q, "sort"),
                               .down = request_query(q, "down").len > 0};
    if (!order.key.len)
        order = (struct rank_order){STR("rate"), true};
    if (m->child_count < 2)
        return;
    qsort_r(m->children, m->child_count, sizeof *m->children, by_rank, &order);
    struct table *t = group_table(cx, s, m->children, m->child_count);
    t->caption = _("Areas compared");
    t->columns = group_columns(cx, s, _("Area"), true);
    t->sort = arena_copy(cx->arena, order.key);
    t->descending = order.down;
    t->can_export = true;
    struct table_cell *cells =
        arena_new(cx->arena, (t->row_count * RANKING_COLUMNS + 1) * sizeof *cells);
    memcpy(cells, t->cells, t->row_count * RANKING_COLUMNS * sizeof *cells);
    for (size_t i = 0; i < t->row_count; i++)
        if (m->children[i].area_id)
            cells[i * RANKING_COLUMNS].href =
                board_href_i64(cx, s, "/poverty", "area", m->children[i].area_id);
    t->cells = cells;
    v->ranking = t;
}

static void fill_groups(struct poverty_view *v, struct cx *cx, const struct scope *s,
                        const struct money *m)
{
    if (!m->code_count)
        return;
    v->group_label = s->group ? LABEL(cx, s->group->label) : _("Number of people");
    struct table *t = group_table(cx, s, m->codes, m->code_count);
    t->caption = v->group_label;
    t->columns = group_columns(cx, s, v->group_label, false);
    v->groups = t;
}

/* ---- charts ---- */

static const struct chart *trend_chart(struct cx *cx, const struct money_year *years,
                                       size_t count)
{
    static const enum statistic fgt[] = {STATISTIC_HEADCOUNT, STATISTIC_GAP,
                                         STATISTIC_SEVERITY};
    if (count < 2)
        return NULL;
    struct chart *c = arena_new(cx->arena, sizeof *c);
    struct chart_series *series = arena_new(cx->arena, 3 * sizeof *series);
    const char **labels = arena_new(cx->arena, count * sizeof *labels);
    for (size_t y = 0; y < count; y++)
        labels[y] = arena_printf(cx->arena, "%d", years[y].year);
    for (int k = 0; k < 3; k++) {
        double *values = arena_new(cx->arena, count * sizeof *values);
        for (size_t y = 0; y < count; y++)
            values[y] = years[y].refused ? (double)NAN : fgt_of(&years[y].sums, k).value * 100;
        series[k] = (struct chart_series){statistic_name(cx, fgt[k]), values};
    }
    *c = (struct chart){.title = _("Poverty over the years"),
                        .unit = "%",
                        .categories = labels,
                        .category_count = count,
                        .series = series,
                        .series_count = 3,
                        .decimals = 1};
    return c;
}

static void fill_bins(struct poverty_view *v, struct cx *cx, const struct scope *s,
                      const struct money *m)
{
    const struct money_bins *b = &m->bins;
    if (b->count < 2)
        return;
    struct chart_xy *c = arena_new(cx->arena, sizeof *c);
    struct chart_curve *curve = arena_new(cx->arena, sizeof *curve);
    struct chart_mark *marks = arena_new(cx->arena, 2 * sizeof *marks);
    double *edges = arena_new(cx->arena, sizeof b->edge);
    double *weights = arena_new(cx->arena, sizeof b->weight);
    memcpy(edges, b->edge, sizeof b->edge);
    memcpy(weights, b->weight, sizeof b->weight);
    *curve = (struct chart_curve){
        .label = scope_unit(cx, s), .values = weights, .shape = SHAPE_BARS};
    marks[0] = (struct chart_mark){m->line, _("Poverty line")};
    marks[1] = (struct chart_mark){m->median, _("Median")};
    *c = (struct chart_xy){.title = _("How incomes are spread"),
                           .x_label = scope_money(cx, s, (double)NAN),
                           .y_label = scope_unit(cx, s),
                           .x = edges,
                           .count = b->count + 1,
                           .curves = curve,
                           .curve_count = 1,
                           .marks = marks,
                           .mark_count = 2,
                           .from_zero = true,
                           .highlight = m->line};
    c->x_label = arena_printf(cx->arena, "%s (%s)", LABEL(cx, s->welfare->label),
                              LABEL(cx, s->welfare->unit_label));
    v->bins = c;
    if (b->above > 0)
        v->bins_note = arena_printf(cx->arena, _("Not drawn: %s %s with more than %s."),
                                    poverty_count(cx, b->above), scope_unit(cx, s),
                                    scope_money(cx, s, b->edge[b->count]));
}

/* ---- the page ---- */

struct poverty_all {
    struct money money;
    struct money_newly newly;
    struct money_year *years;
    size_t year_count;
    struct figures figures;
};

static const struct how *make_how(struct cx *cx, const struct scope *s,
                                  const struct population *p)
{
    static const enum statistic shown[] = {STATISTIC_HEADCOUNT, STATISTIC_GAP,
                                           STATISTIC_SEVERITY, STATISTIC_NEWLY_POOR};
    struct how *h = how_of(cx, s, p, shown, sizeof shown / sizeof shown[0]);
    poverty_how_links(cx, h, s, "/poverty");
    h->command = how_poverty_command(cx, s, p);
    if (s->line.threshold)
        h->note = _("Over the years the line is the one in force at the end of each year. "
                    "Incomes are as recorded, not adjusted for prices.");
    else
        h->note = _("Incomes are as recorded in each year, not adjusted for prices.");
    return h;
}

static enum rc compute(struct poverty_view *v, struct poverty_all *all, struct cx *cx,
                       const struct request *q, struct population *p)
{
    const struct scope *s = p->scope;
    TRY(money_read(&all->money, cx, p));
    TRY(money_newly(&all->newly, cx, p));
    figures_begin(&all->figures, p->year);
    money_figures(&all->figures, cx, s, &all->money);
    v->board.line = all->money.line;
    fill_heads(v, cx, s, &all->money);
    fill_notes(v, cx, p, &all->money);
    fill_newly(v, cx, s, &all->newly);
    fill_ranking(v, cx, s, q, &all->money);
    fill_groups(v, cx, s, &all->money);
    fill_bins(v, cx, s, &all->money);
    v->how = make_how(cx, s, p);
    v->has_figures = p->n > 0;
    if (!p->n)
        v->board.error = _("No household of this area has been recorded.");
    return RC_OK;
}

static enum rc write_figures(struct cx *cx, int fd, enum frame_format format, void *arg)
{
    return figures_write(cx, fd, format, arg, _("Poverty"));
}

static enum rc read_all(struct poverty_view *v, struct poverty_all *all, struct cx *cx,
                        const struct request *q, struct scope *s)
{
    struct population *p;
    TRY(population_open(&p, cx, s, 0, NULL, POPULATION_CHILD | POPULATION_CODE));
    enum rc rc = s->line.text[0]
                     ? compute(v, all, cx, q, p)
                     : fail(cx, RC_INVALID, _("Please enter a poverty line."), "no line");
    population_close(p);
    TRY(rc);
    TRY(money_trend(&all->years, &all->year_count, cx, s));
    trend_figures(&all->figures, cx, all->years, all->year_count);
    v->trend = trend_chart(cx, all->years, all->year_count);
    return RC_OK;
}

static enum rc poverty_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct scope *s = arena_new(cx->arena, sizeof *s);
    struct poverty_view v = {.board = {.path = "/poverty",
                                       .fields = BOARD_LINE | BOARD_YEAR | BOARD_GROUP |
                                                 BOARD_WELFARE | BOARD_UNIT | BOARD_POOR}};
    struct poverty_all *all = arena_new(cx->arena, sizeof *all);
    bool bad;
    TRY(poverty_begin(&v.board, &bad, cx, s, q));
    if (!bad) {
        enum rc rc = read_all(&v, all, cx, q, s);
        if (page_wants_file(q) && rc == RC_INVALID)
            return rc;
        TRY(poverty_take(&v.board, cx, rc));
    }
    if (page_wants_file(q) && !v.board.error) {
        enum frame_format format;
        if (!frame_format_parse(&format, request_query(q, "format")))
            return fail(cx, RC_INVALID, "", "format");
        return page_file(cx, a, "poverty", format, write_figures, &all->figures);
    }
    struct out *o = poverty_page_begin(
        cx, q, a, &v.board, arena_printf(cx->arena, _("Poverty in %s"), s->area.name));
    poverty_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/poverty",
     .scope = SCOPE_PERMISSION,
     .permission = "poverty.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 60000,
     .handle = poverty_get},
};
const struct route_table poverty_routes = ROUTE_TABLE(rows);
