/* The poverty map: any figure of the parts of an area as a map and a table, down to the houses.
 */
#include "base/format.h"
#include "db/db.h"
#include "insight/map.html.h"
#include "insight/map_view.h"
#include "insight/place.h"
#include "insight/poverty_view.h"
#include "people/actor.h"

#include <math.h>
#include <string.h>

enum { COLUMNS = 4, CHOICES_MAX = 40, POINTS_MAX = 2000 };

/* What can be coloured. Percent figures are shares times 100. */
enum figure_kind {
    FIGURE_FGT,
    FIGURE_POOR,
    FIGURE_MEAN,
    FIGURE_GINI,
    FIGURE_INDEX,
    FIGURE_DEPRIVED
};
enum index_part { PART_M0, PART_H, PART_A };
struct figure {
    const char *code, *label; /* N_() */
    enum figure_kind kind;
    int part; /* power of FGT, enum index_part, or the deprivation's place */
    enum statistic statistic;
    bool percent; /* shown times 100 */
    unsigned decimals;
};
static const struct figure figures[] = {
    {"headcount", N_("Share of people below the line"), FIGURE_FGT, 0, STATISTIC_HEADCOUNT,
     true, 1},
    {"poor", N_("People below the line"), FIGURE_POOR, 0, STATISTIC_HEADCOUNT, false, 0},
    {"gap", N_("Poverty gap"), FIGURE_FGT, 1, STATISTIC_GAP, true, 1},
    {"severity", N_("Severity of poverty"), FIGURE_FGT, 2, STATISTIC_SEVERITY, true, 1},
    {"mean", N_("Mean income"), FIGURE_MEAN, 0, STATISTIC_MEAN, false, 0},
    {"gini", N_("Inequality (Gini)"), FIGURE_GINI, 0, STATISTIC_GINI, false, 3},
    {"m0", N_("Poverty in many dimensions (M0)"), FIGURE_INDEX, PART_M0, STATISTIC_M0, false,
     4},
    {"h", N_("Share of people poor in many dimensions"), FIGURE_INDEX, PART_H, STATISTIC_H,
     true, 1},
    {"a", N_("How many deprivations the poor have"), FIGURE_INDEX, PART_A, STATISTIC_A, true,
     1},
};
enum { FIGURES = sizeof figures / sizeof figures[0] };

/* "d_CODE": the share of people with one deprivation of the index. */
static bool find_figure(struct figure *out, struct cx *cx, const struct scope *s,
                        struct str code)
{
    for (size_t i = 0; i < FIGURES; i++)
        if (str_eq_z(code, figures[i].code)) {
            *out = figures[i];
            return true;
        }
    for (size_t j = 0; s->index && j < s->index->count; j++) {
        const struct deprivation *d = &s->index->deprivations[j];
        if (str_eq_z(code, arena_printf(cx->arena, "d_%s", d->code))) {
            *out = (struct figure){arena_copy(cx->arena, code),
                                   LABEL(cx, d->label),
                                   FIGURE_DEPRIVED,
                                   (int)j,
                                   STATISTIC_UNCENSORED,
                                   true,
                                   1};
            return true;
        }
    }
    *out = figures[0];
    return !code.len;
}

static bool of_index(const struct figure *f)
{
    return f->kind == FIGURE_INDEX || f->kind == FIGURE_DEPRIVED;
}

/* ---- figures by part ---- */

struct part {
    double figure;
    int64_t rows;
    double people;
};

/* Each child's rows side by side, by counting. */
static enum rc fill_gini(struct part *parts, struct cx *cx, const struct population *p)
{
    struct cx wide = population_cx(cx, p);
    double *y = arena_array(wide.arena, p->n + 1, sizeof *y);
    double *w = arena_array(wide.arena, p->n + 1, sizeof *w);
    size_t *begin = arena_array(wide.arena, p->child_count + 2, sizeof *begin);
    if (!y || !w || !begin)
        return fail(cx, RC_LIMIT, _("There are too many households for this page."), "gini");
    for (size_t i = 0; i < p->n; i++)
        begin[p->child[i] + 2]++;
    for (size_t c = 2; c < p->child_count + 2; c++)
        begin[c] += begin[c - 1];
    for (size_t i = 0; i < p->n; i++) { /* afterwards begin[c] is where c begins */
        size_t at = begin[p->child[i] + 1]++;
        y[at] = p->y[i];
        w[at] = p->w[i];
    }
    for (size_t c = 0; c < p->child_count; c++) {
        struct arena_mark mark = arena_mark(wide.arena);
        struct ranked ranked;
        size_t from = begin[c], n = begin[c + 1] - from;
        parts[c].figure = NAN;
        if (n && ranked_make(&ranked, &wide, &(struct welfare){y + from, w + from, n}) == RC_OK)
            parts[c].figure = ranked_gini(&wide, &ranked, false).value;
        err_clear(&wide);
        arena_back(wide.arena, mark);
    }
    return RC_OK;
}

static enum rc fill_money(struct part *parts, struct cx *cx, const struct population *p,
                          const struct figure *f)
{
    struct fgt_sums *sums = arena_new(cx->arena, (p->child_count + 1) * sizeof *sums);
    population_fgt(sums, p, p->child, p->scope->weak);
    for (size_t i = 0; i < p->child_count; i++) {
        parts[i].rows = sums[i].rows;
        parts[i].people = sums[i].weight;
        double none = sums[i].weight > 0 ? 1 : NAN;
        if (f->kind == FIGURE_FGT)
            parts[i].figure = fgt_of(&sums[i], f->part).value * 100;
        else if (f->kind == FIGURE_POOR)
            parts[i].figure = sums[i].poor * none;
        else if (f->kind == FIGURE_MEAN)
            parts[i].figure = sums[i].y / sums[i].weight * none;
    }
    return f->kind == FIGURE_GINI ? fill_gini(parts, cx, p) : RC_OK;
}

static enum rc fill_index(struct part *parts, struct cx *cx, const struct population *p,
                          const struct figure *f)
{
    struct cx wide = population_cx(cx, p);
    struct mpi_hist hist;
    struct mpi_result r;
    const struct scope *s = p->scope;
    TRY(population_failed(cx, &wide,
                          mpi_hist_make(&hist, &wide, s->spec.n, p->child_count + 1)));
    mpi_hist_add(&hist, &(struct mpi_rows){.deprived = p->deprived,
                                           .known = p->known,
                                           .weight = p->w,
                                           .group = p->child,
                                           .count = p->n});
    for (size_t i = 0; i < p->child_count; i++) {
        mpi_of(&r, &s->spec, &hist, i);
        parts[i].rows = r.rows;
        parts[i].people = r.weight;
        double value = f->kind == FIGURE_DEPRIVED ? r.uncensored[f->part]
                       : f->part == PART_M0       ? r.m0
                       : f->part == PART_H        ? r.h
                                                  : r.a;
        parts[i].figure = r.weight > 0 ? value * (f->percent ? 100 : 1) : NAN;
    }
    return RC_OK;
}

static const char *figure_text(struct cx *cx, const struct figure *f, double value)
{
    if (isnan(value))
        return "–";
    if (f->percent)
        return arena_printf(cx->arena, "%s %%", format_f64(cx, value, f->decimals));
    return format_f64(cx, value, f->decimals);
}

/* ---- the map and its table ---- */

struct drawing {
    struct map_view v;
    struct figure figure;
    struct place *places;
    size_t place_count;
    struct population *p;
    struct part *parts; /* by child of the population */
};

static const struct part *part_of(const struct drawing *d, int64_t area_id)
{
    for (size_t i = 0; i < d->p->child_count; i++)
        if (d->p->children[i].area_id == area_id)
            return &d->parts[i];
    return NULL;
}

/* 1 for a household below the line. */
static bool is_poor(const struct population *p, const uint8_t *poor, int64_t household)
{
    for (size_t k = 0; poor && k < p->n; k++)
        if (p->household[k] == household)
            return poor[k];
    return false;
}

static enum rc add_points(struct drawing *d, struct map *m, struct cx *cx)
{
    const struct scope *s = d->v.board.scope;
    struct place_points all;
    const uint8_t *poor = NULL;
    if (d->p->n > POINTS_MAX || !scope_may_households(cx, s))
        return RC_OK;
    TRY(place_points(&all, cx, s, POINTS_MAX));
    if (d->p->y)
        TRY(population_poor(&poor, d->p, cx, s->weak));
    struct map_point *out = arena_new(cx->arena, (all.count + 1) * sizeof *out);
    for (size_t i = 0; i < all.count; i++) {
        const struct place_point *at = &all.points[i];
        bool strong = is_poor(d->p, poor, at->household_id);
        out[i] = (struct map_point){
            .longitude = at->longitude,
            .latitude = at->latitude,
            .strong = strong,
            .href = arena_printf(cx->arena, "/household/%" PRId64, at->household_id),
            .label = strong ? _("a household below the line") : _("a household")};
    }
    m->points = out;
    m->point_count = all.count;
    if (all.count)
        d->v.points_note =
            poor ? _("Dots are houses; dark ones lie below the line. Only people who may "
                     "see these households see them.")
                 : _("Dots are houses. Only people who may see these households see them.");
    if (all.far)
        d->v.far_note = arena_printf(
            cx->arena,
            _n("%d house lies so far off the others that its position must be wrong: it is "
               "not drawn.",
               "%d houses lie so far off the others that their positions must be wrong: they "
               "are not drawn.",
               (int64_t)all.far),
            (int)all.far);
    return RC_OK;
}

static const char *map_href(const struct drawing *d, struct cx *cx, int64_t area_id)
{
    return arena_printf(cx->arena, "/poverty/map?%s&figure=%s",
                        scope_query_i64(cx, d->v.board.scope, "area", area_id), d->figure.code);
}

static enum rc make_map(struct drawing *d, struct cx *cx)
{
    struct map *m = arena_new(cx->arena, sizeof *m);
    struct map_place *places = arena_new(cx->arena, (d->place_count + 1) * sizeof *places);
    for (size_t i = 0; i < d->place_count; i++) {
        const struct place *at = &d->places[i];
        const struct part *part = part_of(d, at->area_id);
        places[i] =
            (struct map_place){.label = at->label,
                               .value = part ? figure_text(cx, &d->figure, part->figure) : NULL,
                               .href = map_href(d, cx, at->area_id),
                               .placed = at->placed,
                               .longitude = at->longitude,
                               .latitude = at->latitude,
                               .figure = part ? part->figure : NAN};
    }
    *m = (struct map){.title =
                          arena_printf(cx->arena, _("%s, %s, %d"), d->v.board.scope->area.name,
                                       text_in(cx->lang, d->figure.label), d->p->year),
                      .unit = d->figure.percent ? "%" : NULL,
                      .places = places,
                      .place_count = d->place_count,
                      .decimals = d->figure.decimals};
    TRY(add_points(d, m, cx));
    d->v.map = m->place_count || m->point_count ? m : NULL;
    return RC_OK;
}

static int by_figure(const void *a, const void *b)
{
    const struct map_place *const *p = a, *const *q = b;
    double x = (*p)->figure, y = (*q)->figure;
    if (isnan(x) || isnan(y))
        return isnan(x) - isnan(y);
    return x > y ? -1 : x < y;
}

static void fill_row(struct table_cell *c, struct cx *cx, const struct part *part)
{
    c[2].text = part ? format_int(cx, part->rows) : "0";
    c[3].text = part ? format_f64(cx, part->people, 0) : "0";
}

/* Households that lie directly at the area stand below the ranking: they have no place. */
static size_t add_direct(struct table_cell *c, struct cx *cx, const struct drawing *d)
{
    const struct part *part = part_of(d, 0);
    if (!part || !d->place_count)
        return 0;
    c[0].text = _("directly here");
    c[1].text = figure_text(cx, &d->figure, part->figure);
    fill_row(c, cx, part);
    return 1;
}

/* Highest first, as a ranking. */
static void make_table(struct drawing *d, struct cx *cx, const struct map *m)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *columns = arena_new(cx->arena, COLUMNS * sizeof *columns);
    struct table_cell *cells =
        arena_new(cx->arena, (d->place_count + 2) * COLUMNS * sizeof *cells);
    const struct map_place **order = arena_new(cx->arena, (d->place_count + 1) * sizeof *order);
    const struct table_column heads[COLUMNS] = {
        {NULL, _("Area"), ALIGN_TEXT, false},
        {NULL, text_in(cx->lang, d->figure.label), ALIGN_NUMBER, false},
        {NULL, _("Households with data"), ALIGN_NUMBER, true},
        {NULL, scope_unit(cx, d->v.board.scope), ALIGN_NUMBER, true},
    };
    memcpy(columns, heads, sizeof heads);
    for (size_t i = 0; i < d->place_count; i++)
        order[i] = &m->places[i];
    qsort(order, d->place_count, sizeof *order, by_figure);
    for (size_t i = 0; i < d->place_count; i++) {
        const struct part *part = part_of(d, d->places[order[i] - m->places].area_id);
        struct table_cell *c = cells + i * COLUMNS;
        c[0] = (struct table_cell){order[i]->label, order[i]->href, NULL};
        c[1].text = order[i]->value ? order[i]->value : "–";
        fill_row(c, cx, part);
    }
    size_t direct = add_direct(cells + d->place_count * COLUMNS, cx, d);
    *t = (struct table){.caption = m->title,
                        .base = "/poverty/map",
                        .query = arena_printf(cx->arena, "%s&figure=%s",
                                              scope_query(cx, d->v.board.scope, NULL, NULL),
                                              d->figure.code),
                        .columns = columns,
                        .column_count = COLUMNS,
                        .cells = cells,
                        .row_count = d->place_count + direct,
                        .is_first_page = true,
                        .can_export = true,
                        .empty_title = _("Nothing is below this area"),
                        .empty_hint = _("This is the lowest level: its households are on the "
                                        "household list.")};
    d->v.table = t;
}

static enum rc compute(struct drawing *d, struct cx *cx)
{
    const struct scope *s = d->v.board.scope;
    unsigned want = POPULATION_CHILD | POPULATION_ID;
    if (of_index(&d->figure))
        want |= POPULATION_FLAGS | POPULATION_NO_WELFARE;
    TRY(place_children(&d->places, &d->place_count, cx, s));
    TRY(population_open(&d->p, cx, s, 0, NULL, want));
    d->parts = arena_new(cx->arena, (d->p->child_count + 1) * sizeof *d->parts);
    if (of_index(&d->figure))
        TRY(fill_index(d->parts, cx, d->p, &d->figure));
    else
        TRY(fill_money(d->parts, cx, d->p, &d->figure));
    TRY(make_map(d, cx));
    struct map none = {.title = text_in(cx->lang, d->figure.label)};
    make_table(d, cx, d->v.map ? d->v.map : &none);
    struct how *how = how_of(cx, s, d->p, &d->figure.statistic, 1);
    how->csv_href = arena_printf(cx->arena, "/poverty/map?%s&figure=%s&format=csv",
                                 scope_query(cx, s, NULL, NULL), d->figure.code);
    how->command =
        of_index(&d->figure) ? how_mpi_command(cx, s) : how_poverty_command(cx, s, d->p);
    d->v.how = how;
    return RC_OK;
}

/* ---- the page ---- */

static const struct board_select *figure_select(struct cx *cx, const struct scope *s,
                                                const struct figure *chosen)
{
    struct board_select *select = arena_new(cx->arena, sizeof *select);
    struct board_choice *c = arena_new(cx->arena, CHOICES_MAX * sizeof *c);
    size_t n = 0;
    for (size_t i = 0; i < FIGURES; i++)
        if (figures[i].kind != FIGURE_INDEX || s->index)
            c[n++] = (struct board_choice){figures[i].code, text_in(cx->lang, figures[i].label),
                                           !strcmp(figures[i].code, chosen->code)};
    for (size_t j = 0; s->index && j < s->index->count && n < CHOICES_MAX; j++) {
        const char *code = arena_printf(cx->arena, "d_%s", s->index->deprivations[j].code);
        c[n++] = (struct board_choice){code,
                                       arena_printf(cx->arena, _("Deprived: %s"),
                                                    LABEL(cx, s->index->deprivations[j].label)),
                                       !strcmp(code, chosen->code)};
    }
    *select = (struct board_select){"figure", _("Figure"), c, n};
    return select;
}

static enum rc show(struct drawing *d, struct cx *cx, const struct request *q,
                    struct response *a, bool bad)
{
    const struct scope *s = d->v.board.scope;
    if (!bad) {
        enum rc rc = compute(d, cx);
        if (d->p)
            population_close(d->p);
        TRY(poverty_take(&d->v.board, cx, rc));
    }
    if (page_wants_file(q) && d->v.board.error)
        return fail(cx, RC_INVALID, d->v.board.error, "map file");
    if (page_wants_file(q) && d->v.table)
        return page_table_file(cx, q, a, d->v.table, "poverty-map");
    if (s->area.id && actor_may_in(cx, "figure.publish", str_of(s->area.path)))
        d->v.publish_href = board_href(cx, s, "/poverty/publish", NULL, NULL);
    struct out *o = poverty_page_begin(
        cx, q, a, &d->v.board, arena_printf(cx->arena, _("Poverty map of %s"), s->area.name));
    map_body(o, cx, &d->v);
    return page_end(cx, q, a, o);
}

static enum rc map_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct scope *s = arena_new(cx->arena, sizeof *s);
    struct drawing d = {.v = {.board = {.path = "/poverty/map"}}};
    bool bad;
    TRY(poverty_begin(&d.v.board, &bad, cx, s, q));
    if (!find_figure(&d.figure, cx, s, request_query(q, "figure")) && !bad) {
        d.v.board.error = _("There is no such figure: choose one of the list.");
        bad = true;
    }
    d.v.board.fields = BOARD_YEAR | (of_index(&d.figure) ? BOARD_INDEX : BOARD_LINE);
    d.v.board.own = figure_select(cx, s, &d.figure);
    d.v.board.own_count = 1;
    return show(&d, cx, q, a, bad);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/poverty/map",
     .scope = SCOPE_PERMISSION,
     .permission = "poverty.view",
     .csrf = CSRF_NONE,
     .heavy = true,
     .handle = map_get},
};
const struct route_table map_routes = ROUTE_TABLE(rows);
