/* Poverty in many dimensions: M0, H, A, what contributes, where, and with moved settings. */
#include "insight/dimension.html.h"
#include "insight/dimension_view.h"

#include "base/format.h"
#include "people/actor.h"
#include "web/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIMENSION_ROWS_MAX = 200,
    DIMENSION_BARS_MAX = 30,
    GROUP_COLUMNS = 5,
    PARTS_COLUMNS = 5,
    DIMENSION_COLOURS = 8
};

/* ---- settings and rules ---- */

static void fill_rules(struct dimension_view *v, struct cx *cx, const struct scope *s)
{
    const struct poverty_index *index = s->index;
    struct dimension_rule *rules = arena_new(cx->arena, (index->count + 1) * sizeof *rules);
    for (size_t j = 0; j < index->count; j++) {
        const struct deprivation *d = &index->deprivations[j];
        rules[j] =
            (struct dimension_rule){.label = LABEL(cx, d->label),
                                    .dimension = LABEL(cx, d->dimension_label),
                                    .help = LABEL(cx, d->help),
                                    .rule = d->rule,
                                    .source = d->source,
                                    .name = arena_printf(cx->arena, "w_%s", d->code),
                                    .weight = arena_printf(cx->arena, "%d", s->spec.weight[j]),
                                    .own = arena_printf(cx->arena, "%d", d->weight)};
    }
    v->rules = rules;
    v->rule_count = index->count;
    v->k_own = arena_printf(cx->arena, "%" PRId64 "/%" PRId64, index->k_num, index->k_den);
    v->help = LABEL(cx, index->help)[0] ? LABEL(cx, index->help) : NULL;
}

/* What of the address the settings' form keeps: all but its own fields. */
static void fill_kept(struct dimension_view *v, struct cx *cx, const struct scope *s)
{
    struct pair *kept = arena_new(cx->arena, (s->pair_count + 1) * sizeof *kept);
    for (size_t i = 0; i < s->pair_count; i++) {
        struct str name = s->pairs[i].name;
        if (!str_starts(name, STR("w_")) && !str_starts(name, STR("c_")) &&
            !str_eq_z(name, "k"))
            kept[v->kept_count++] = s->pairs[i];
    }
    v->kept = kept;
    if (s->index_moved || v->board.error)
        v->reset_href = board_href(cx, s, "/poverty/dimensions", "index", s->index->code);
}

/* ---- heads ---- */

static void fill_heads(struct dimension_view *v, struct cx *cx, const struct scope *s,
                       const struct mpi_result *r)
{
    v->heads[v->head_count++] = (struct poverty_head){
        statistic_name(cx, STATISTIC_M0), isnan(r->m0) ? "–" : format_f64(cx, r->m0, 4),
        arena_printf(cx->arena, "k = %s", s->k_text)};
    v->heads[v->head_count++] = (struct poverty_head){
        statistic_name(cx, STATISTIC_H), poverty_percent(cx, r->h),
        arena_printf(cx->arena, _("%s of %s %s"),
                     poverty_count(cx, isnan(r->h) ? 0 : r->h * r->weight),
                     poverty_count(cx, r->weight), scope_unit(cx, s))};
    v->heads[v->head_count++] =
        (struct poverty_head){statistic_name(cx, STATISTIC_A), poverty_percent(cx, r->a),
                              _("of all weights, among the poor")};
    if (r->missing_rows)
        v->notes[v->note_count++] = arena_printf(
            cx->arena,
            _n("%s household is left out: some deprivation of it is not known.",
               "%s households are left out: some deprivation of theirs is not known.",
               r->missing_rows),
            format_int(cx, r->missing_rows));
    if (isnan(r->a) && r->weight > 0)
        v->notes[v->note_count++] = _("Nobody is poor at this k, so there is no intensity.");
    if (scope_may_households(cx, s))
        v->poor_href = arena_printf(
            cx->arena, "%s", board_href(cx, s, "/poverty/dimensions/households", NULL, NULL));
}

/* ---- tables ---- */

static const struct table *parts_table(struct cx *cx, const struct scope *s,
                                       const struct mpi_result *r)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *columns = arena_new(cx->arena, PARTS_COLUMNS * sizeof *columns);
    struct table_cell *cells =
        arena_new(cx->arena, (s->spec.n * PARTS_COLUMNS + 1) * sizeof *cells);
    double *bars = arena_new(cx->arena, (s->spec.n + 1) * sizeof *bars), most = 0;
    bool may = scope_may_households(cx, s);
    const char *list = scope_query(cx, s, NULL, NULL);
    const struct table_column fixed[PARTS_COLUMNS] = {
        {NULL, _("Deprivation"), ALIGN_TEXT, false},
        {NULL, _("Weight"), ALIGN_NUMBER, true},
        {NULL, statistic_name(cx, STATISTIC_UNCENSORED), ALIGN_NUMBER, false},
        {NULL, statistic_name(cx, STATISTIC_CENSORED), ALIGN_NUMBER, true},
        {NULL, statistic_name(cx, STATISTIC_CONTRIBUTION), ALIGN_NUMBER, false}};
    memcpy(columns, fixed, sizeof fixed);
    for (size_t j = 0; j < s->spec.n; j++) {
        const struct deprivation *d = &s->index->deprivations[j];
        struct table_cell *c = cells + j * PARTS_COLUMNS;
        c[0].text = LABEL(cx, d->label);
        if (may)
            c[0].href =
                arena_printf(cx->arena, "/poverty/dimensions/households?%s%sdeprived=%s", list,
                             list[0] ? "&" : "", d->code);
        c[1].text = format_int(cx, s->spec.weight[j]);
        c[2].text = poverty_percent(cx, r->uncensored[j]);
        c[3].text = poverty_percent(cx, r->censored[j]);
        c[4].text = poverty_percent(cx, r->share[j]);
        bars[j] = r->share[j];
        most = fmax(most, isnan(bars[j]) ? 0 : bars[j]);
    }
    for (size_t j = 0; most > 0 && j < s->spec.n; j++)
        bars[j] /= most;
    *t = (struct table){.caption = _("What the poor lack"),
                        .base = "/poverty/dimensions",
                        .query = list,
                        .columns = columns,
                        .column_count = PARTS_COLUMNS,
                        .cells = cells,
                        .row_count = s->spec.n,
                        .bars = bars,
                        .bar_column = 4,
                        .is_first_page = true};
    return t;
}

struct group_order {
    struct str key;
    bool down;
};
static int by_group(const void *a, const void *b, void *arg)
{
    const struct group_order *order = arg;
    const struct dimension_group *x = a, *y = b;
    int sign = order->down ? -1 : 1;
    if (str_eq_z(order->key, "name"))
        return order->down ? strcmp(y->label, x->label) : strcmp(x->label, y->label);
    bool h = str_eq_z(order->key, "h"), i = str_eq_z(order->key, "a");
    double u = h ? x->result.h : i ? x->result.a : x->result.m0;
    double w = h ? y->result.h : i ? y->result.a : y->result.m0;
    if (isnan(u) || isnan(w))
        return isnan(u) - isnan(w);
    return sign * ((u > w) - (u < w));
}

static struct table *group_table(struct cx *cx, const struct scope *s, const char *first,
                                 const struct dimension_group *g, size_t count)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *columns = arena_new(cx->arena, GROUP_COLUMNS * sizeof *columns);
    size_t shown = count > DIMENSION_ROWS_MAX ? DIMENSION_ROWS_MAX : count;
    struct table_cell *cells =
        arena_new(cx->arena, (shown * GROUP_COLUMNS + 1) * sizeof *cells);
    double *bars = arena_new(cx->arena, (shown + 1) * sizeof *bars), most = 0;
    const struct table_column fixed[GROUP_COLUMNS] = {
        {NULL, first, ALIGN_TEXT, false},
        {NULL, "M₀", ALIGN_NUMBER, false},
        {NULL, _("Share poor (H)"), ALIGN_NUMBER, false},
        {NULL, statistic_name(cx, STATISTIC_A), ALIGN_NUMBER, true},
        {NULL, s->households ? _("Households") : _("People"), ALIGN_NUMBER, true}};
    memcpy(columns, fixed, sizeof fixed);
    for (size_t i = 0; i < shown; i++) {
        const struct mpi_result *r = &g[i].result;
        struct table_cell *c = cells + i * GROUP_COLUMNS;
        c[0].text = g[i].label;
        c[1].text = isnan(r->m0) ? "–" : format_f64(cx, r->m0, 4);
        c[2].text = poverty_percent(cx, r->h);
        c[3].text = poverty_percent(cx, r->a);
        c[4].text = poverty_count(cx, r->weight);
        bars[i] = r->m0;
        most = fmax(most, isnan(bars[i]) ? 0 : bars[i]);
    }
    for (size_t i = 0; most > 0 && i < shown; i++)
        bars[i] /= most;
    *t = (struct table){.caption = first,
                        .base = "/poverty/dimensions",
                        .query = scope_query(cx, s, NULL, NULL),
                        .columns = columns,
                        .column_count = GROUP_COLUMNS,
                        .cells = cells,
                        .row_count = shown,
                        .bars = bars,
                        .bar_column = 1,
                        .is_first_page = true};
    return t;
}

static void fill_ranking(struct dimension_view *v, struct cx *cx, const struct scope *s,
                         const struct request *q, struct dimension *d)
{
    static const char *const keys[GROUP_COLUMNS] = {"name", "m0", "h", "a", NULL};
    struct group_order order = {request_query(q, "sort"), request_query(q, "down").len > 0};
    if (!order.key.len)
        order = (struct group_order){STR("m0"), true};
    if (d->child_count < 2)
        return;
    qsort_r(d->children, d->child_count, sizeof *d->children, by_group, &order);
    struct table *t = group_table(cx, s, _("Area"), d->children, d->child_count);
    struct table_column *columns = arena_new(cx->arena, GROUP_COLUMNS * sizeof *columns);
    struct table_cell *cells =
        arena_new(cx->arena, (t->row_count * GROUP_COLUMNS + 1) * sizeof *cells);
    memcpy(columns, t->columns, GROUP_COLUMNS * sizeof *columns);
    memcpy(cells, t->cells, t->row_count * GROUP_COLUMNS * sizeof *cells);
    for (size_t i = 0; i < GROUP_COLUMNS; i++)
        columns[i].key = keys[i];
    for (size_t i = 0; i < t->row_count; i++)
        if (d->children[i].area_id)
            cells[i * GROUP_COLUMNS].href =
                board_href_i64(cx, s, "/poverty/dimensions", "area", d->children[i].area_id);
    t->columns = columns;
    t->cells = cells;
    t->caption = _("Areas compared");
    t->sort = arena_copy(cx->arena, order.key);
    t->descending = order.down;
    t->can_export = true;
    v->ranking = t;
}

/* ---- charts ---- */

/* One series a deprivation, or, where there are more than colours, one a dimension. */
static size_t share_series(struct chart_series *series, struct cx *cx, const struct scope *s,
                           const struct dimension *d, size_t rows)
{
    const char *dimension[MPI_INDICATORS_MAX];
    double *of[MPI_INDICATORS_MAX];
    bool joined = s->spec.n > DIMENSION_COLOURS;
    size_t n = 0;
    for (size_t j = 0; j < s->spec.n; j++) {
        const struct deprivation *x = &s->index->deprivations[j];
        size_t k = joined ? 0 : n;
        while (k < n && strcmp(dimension[k], x->dimension) != 0)
            k++;
        if (k == n) {
            dimension[n] = x->dimension;
            of[n] = arena_new(cx->arena, rows * sizeof **of);
            series[n] = (struct chart_series){
                joined ? LABEL(cx, x->dimension_label) : LABEL(cx, x->label), of[n]};
            n++;
        }
        for (size_t i = 0; i < rows; i++)
            of[k][i] += d->children[i].result.absolute[j];
    }
    return n;
}

static const struct chart *share_chart(struct cx *cx, const struct scope *s,
                                       const struct dimension *d)
{
    size_t rows = d->child_count > DIMENSION_BARS_MAX ? DIMENSION_BARS_MAX : d->child_count;
    if (rows < 2 || !(d->all.m0 > 0))
        return NULL;
    struct chart *c = arena_new(cx->arena, sizeof *c);
    const char **names = arena_new(cx->arena, rows * sizeof *names);
    struct chart_series *series = arena_new(cx->arena, s->spec.n * sizeof *series);
    for (size_t i = 0; i < rows; i++)
        names[i] = d->children[i].label;
    *c = (struct chart){.title = _("What makes up M₀ in each area"),
                        .categories = names,
                        .category_count = rows,
                        .series = series,
                        .series_count = share_series(series, cx, s, d, rows),
                        .decimals = 4};
    return c;
}

/* H and M0 at every k above zero: from zero to the first score, from score to score, and nobody
 * beyond the last one. */
static size_t at_k_points(double *x, double *h, double *m0, const struct scope *s,
                          const struct dimension *d)
{
    int64_t sum = 0;
    size_t n = 1;
    for (size_t j = 0; j < s->spec.n; j++)
        sum += s->spec.weight[j];
    for (size_t i = 0; i < d->at_k_count; i++) {
        if (d->at_k[i].score <= 0)
            continue;
        x[n] = (double)d->at_k[i].score / (double)sum;
        h[n] = d->at_k[i].h;
        m0[n++] = d->at_k[i].m0;
    }
    if (n == 1)
        return 0;
    x[0] = 0;
    h[0] = h[1];
    m0[0] = m0[1];
    if (x[n - 1] < 1) {
        x[n] = 1;
        h[n] = m0[n] = 0;
        n++;
    }
    return n;
}

static const struct chart_xy *at_k_chart(struct cx *cx, const struct scope *s,
                                         const struct dimension *d)
{
    struct chart_xy *c = arena_new(cx->arena, sizeof *c);
    struct chart_curve *curves = arena_new(cx->arena, 2 * sizeof *curves);
    struct chart_mark *mark = arena_new(cx->arena, sizeof *mark);
    double *x = arena_new(cx->arena, (d->at_k_count + 2) * sizeof *x);
    double *h = arena_new(cx->arena, (d->at_k_count + 2) * sizeof *h);
    double *m0 = arena_new(cx->arena, (d->at_k_count + 2) * sizeof *m0);
    size_t count = at_k_points(x, h, m0, s, d);
    if (count < 2)
        return NULL;
    curves[0] =
        (struct chart_curve){.label = _("Share poor (H)"), .values = h, .shape = SHAPE_STEP};
    curves[1] = (struct chart_curve){.label = "M₀", .values = m0, .shape = SHAPE_STEP};
    *mark = (struct chart_mark){(double)s->spec.k_num / (double)s->spec.k_den,
                                arena_printf(cx->arena, "k = %s", s->k_text)};
    *c = (struct chart_xy){.title = _("At every k at once"),
                           .x_label = "k",
                           .x_number = NUMBER_PERCENT,
                           .y_number = NUMBER_PERCENT,
                           .x_decimals = 1,
                           .y_decimals = 1,
                           .x = x,
                           .count = count,
                           .curves = curves,
                           .curve_count = 2,
                           .marks = mark,
                           .mark_count = 1,
                           .from_zero = true,
                           .highlight = (double)NAN};
    return c;
}

static const struct chart *trend_chart(struct cx *cx, const struct dimension_year *years,
                                       size_t count)
{
    if (count < 2)
        return NULL;
    struct chart *c = arena_new(cx->arena, sizeof *c);
    struct chart_series *series = arena_new(cx->arena, 3 * sizeof *series);
    const char **labels = arena_new(cx->arena, count * sizeof *labels);
    double *of[3];
    for (int k = 0; k < 3; k++)
        of[k] = arena_new(cx->arena, count * sizeof **of);
    for (size_t y = 0; y < count; y++) {
        labels[y] = arena_printf(cx->arena, "%d", years[y].year);
        of[0][y] = years[y].result.h * 100;
        of[1][y] = years[y].result.a * 100;
        of[2][y] = years[y].result.m0 * 100;
    }
    series[0] = (struct chart_series){_("Share poor (H)"), of[0]};
    series[1] = (struct chart_series){statistic_name(cx, STATISTIC_A), of[1]};
    series[2] = (struct chart_series){_("M₀ × 100"), of[2]};
    *c = (struct chart){.title = _("Poverty in many dimensions over the years"),
                        .unit = "%",
                        .categories = labels,
                        .category_count = count,
                        .series = series,
                        .series_count = 3,
                        .decimals = 1};
    return c;
}

/* ---- the page ---- */

struct dimension_all {
    struct dimension d;
    struct dimension_year *years;
    size_t year_count;
    struct figures figures;
};

static const struct how *make_how(struct cx *cx, const struct scope *s,
                                  const struct population *p)
{
    static const enum statistic shown[] = {STATISTIC_H,        STATISTIC_A,
                                           STATISTIC_M0,       STATISTIC_UNCENSORED,
                                           STATISTIC_CENSORED, STATISTIC_CONTRIBUTION};
    struct how *h = how_of(cx, s, p, shown, sizeof shown / sizeof shown[0]);
    how_add(cx, h, _("Index"), LABEL(cx, s->index->label));
    if (s->index_moved)
        how_add(cx, h, _("Settings"), _("moved: not those of the profile"));
    poverty_how_links(cx, h, s, "/poverty/dimensions");
    h->command = how_mpi_command(cx, s);
    h->note = _("Scores are compared as whole numbers, so a score of exactly k is poor. "
                "Households with a deprivation that is not known are left out.");
    return h;
}

static enum rc compute(struct dimension_view *v, struct dimension_all *all, struct cx *cx,
                       const struct request *q, const struct population *p)
{
    const struct scope *s = p->scope;
    if (!p->n)
        return fail(cx, RC_INVALID, _("No household of this area has been recorded."),
                    "nobody");
    TRY(dimension_read(&all->d, cx, p));
    figures_begin(&all->figures, p->year);
    dimension_figures(&all->figures, cx, s, &all->d);
    fill_heads(v, cx, s, &all->d.all);
    v->parts = parts_table(cx, s, &all->d.all);
    fill_ranking(v, cx, s, q, &all->d);
    if (all->d.code_count) {
        v->group_label = s->group ? LABEL(cx, s->group->label) : _("Number of people");
        v->groups = group_table(cx, s, v->group_label, all->d.codes, all->d.code_count);
    }
    v->shares = share_chart(cx, s, &all->d);
    v->at_k = at_k_chart(cx, s, &all->d);
    v->how = make_how(cx, s, p);
    v->has_figures = true;
    return RC_OK;
}

static enum rc read_all(struct dimension_view *v, struct dimension_all *all, struct cx *cx,
                        const struct request *q, struct scope *s)
{
    struct population *p;
    TRY(population_open(&p, cx, s, 0, NULL,
                        POPULATION_CHILD | POPULATION_CODE | POPULATION_FLAGS |
                            POPULATION_NO_WELFARE));
    enum rc rc = compute(v, all, cx, q, p);
    population_close(p);
    TRY(rc);
    TRY(dimension_trend(&all->years, &all->year_count, cx, s));
    dimension_trend_figures(&all->figures, cx, s, all->years, all->year_count);
    v->trend = trend_chart(cx, all->years, all->year_count);
    return RC_OK;
}

static enum rc write_figures(struct cx *cx, int fd, enum frame_format format, void *arg)
{
    return figures_write(cx, fd, format, arg, _("Many dimensions"));
}

static enum rc dimension_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct scope *s = arena_new(cx->arena, sizeof *s);
    struct dimension_all *all = arena_new(cx->arena, sizeof *all);
    struct dimension_view v = {
        .board = {.path = "/poverty/dimensions",
                  .fields = BOARD_INDEX | BOARD_YEAR | BOARD_GROUP | BOARD_UNIT}};
    bool bad, file = page_wants_file(q);
    TRY(poverty_begin(&v.board, &bad, cx, s, q));
    enum rc rc = bad ? RC_OK : read_all(&v, all, cx, q, s);
    if (file && rc)
        return rc;
    TRY(poverty_take(&v.board, cx, rc));
    if (file && !v.board.error) {
        enum frame_format format;
        if (!frame_format_parse(&format, request_query(q, "format")))
            return fail(cx, RC_INVALID, "", "format");
        return page_file(cx, a, "dimensions", format, write_figures, &all->figures);
    }
    if (s->index) {
        fill_rules(&v, cx, s);
        fill_kept(&v, cx, s);
    }
    struct out *o = poverty_page_begin(
        cx, q, a, &v.board,
        arena_printf(cx->arena, _("Many dimensions of poverty in %s"), s->area.name));
    dimension_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/poverty/dimensions",
     .scope = SCOPE_PERMISSION,
     .permission = "poverty.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 60000,
     .handle = dimension_get},
};
const struct route_table dimension_routes = ROUTE_TABLE(rows);
