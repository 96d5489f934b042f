/* The list of checks: how often each fires in an area and year, its trend, by area below, and
 * the same as a file. Counts are of this moment. */
#include "base/format.h"
#include "base/limits.h"
#include "people/actor.h"
#include "register/check.html.h"
#include "register/check_view.h"

#include <stdlib.h>

enum { LIST_COLUMNS = 6, AREA_COLUMNS = 4, SPARK_HEIGHT = 20, SPARK_STEP = 6, FILTERS_MAX = 8 };

/* Sums of all counties that are looked at: node i is the i-th area below, the last one the
 * rest.
 */
struct list_sums {
    struct check_sum *total; /* by check */
    struct check_sum *node;  /* [node][check] */
    int64_t *any, any_total;
    size_t node_count;
    int64_t households;
};

static enum rc add_county(struct list_sums *s, struct cx *cx, const struct check_where *w,
                          const struct check_place *place)
{
    struct check_county c;
    struct check_nodes nodes = {.sum = s->node, .any = s->any};
    TRY(check_county_open(&c, cx, &(struct check_ask){.place = place, .year = w->year}));
    enum rc rc =
        check_nodes_of(&nodes.node_of, cx, &c, w->scope.children, w->scope.child_count);
    if (!rc)
        rc = check_count(&nodes, cx, &c);
    for (size_t i = 0; !rc && i < c.head->household_rows; i++)
        s->households += c.head->household_id[i] && c.within[c.head->area[i]];
    check_county_close(&c);
    return rc;
}

static enum rc count_all(struct list_sums *s, struct cx *cx, const struct check_where *w)
{
    size_t checks = cx->profile->rules->check_count;
    s->node_count = w->scope.child_count + 1;
    s->node = arena_array(cx->arena, s->node_count * checks + 1, sizeof *s->node);
    s->any = arena_array(cx->arena, s->node_count, sizeof *s->any);
    s->total = arena_array(cx->arena, checks + 1, sizeof *s->total);
    if (!s->node || !s->any || !s->total)
        return fail(cx, RC_LIMIT, _("There are too many areas here; choose a smaller one."),
                    "nodes=%zu", s->node_count);
    for (size_t i = 0; i < w->scope.place_count && w->year; i++)
        TRY(add_county(s, cx, w, &w->scope.places[i]));
    for (size_t n = 0; n < s->node_count; n++) {
        s->any_total += s->any[n];
        for (size_t i = 0; i < checks; i++) {
            const struct check_sum *from = &s->node[n * checks + i];
            s->total[i].households += from->households;
            s->total[i].people += from->people;
            s->total[i].areas += from->areas;
            s->total[i].explained += from->explained;
        }
    }
    return RC_OK;
}

/* ---- rows ---- */

static bool wanted(struct cx *cx, const struct check *k, const struct check_query *query,
                   const struct check_sum *sum)
{
    static const char *const severities[] = {"error", "warning", "note"};
    if (!check_sum_shown(k, sum) && !sum->explained && !query->all)
        return false;
    if (query->severity.len && !str_eq_z(query->severity, severities[k->severity]))
        return false;
    if (query->group.len && !str_eq_z(query->group, k->group->code))
        return false;
    if (!query->search.len)
        return true;
    const char *number = arena_printf(cx->arena, "%d", k->number);
    return str_eq_z(query->search, number) ||
           str_find(str_of(LABEL(cx, k->message)), query->search) != SIZE_MAX ||
           str_find(str_of(LABEL(cx, k->hint)), query->search) != SIZE_MAX;
}

static void fill_spark(struct spark *s, struct cx *cx, const struct check_trend *t,
                       size_t check, int64_t now)
{
    size_t checks = cx->profile->rules->check_count;
    int64_t values[CHECK_TREND_MAX + 1], most = 1;
    if (!t->run_count)
        return;
    for (size_t i = 0; i < t->run_count; i++)
        values[i] = t->open[i * checks + check];
    values[t->run_count] = now;
    s->count = t->run_count + 1;
    for (size_t i = 0; i < s->count; i++)
        most = values[i] > most ? values[i] : most;
    for (size_t i = 0; i < s->count; i++) {
        int height = (int)(values[i] * SPARK_HEIGHT / most);
        height = values[i] && height < 1 ? 1 : height;
        s->bars[i] = (struct spark_bar){(int)(CHECK_TREND_MAX + 1 - s->count + i) * SPARK_STEP,
                                        1 + SPARK_HEIGHT - height, height};
    }
    int64_t change = now - values[0];
    const char *amount = format_int(cx, change < 0 ? -change : change);
    s->change = arena_printf(cx->arena, "%s%s",
                             change < 0   ? "−"
                             : change > 0 ? "+"
                                          : "±",
                             amount);
    s->summary =
        arena_printf(cx->arena, _("%s at the run of %s, %s now"), format_int(cx, values[0]),
                     format_time(cx, t->runs[0].at), format_int(cx, now));
}

static void fill_row(struct check_row_view *r, struct cx *cx, const struct check_where *w,
                     const struct check *k, const struct check_sum *sum)
{
    int64_t area = w->scope.has_area ? w->scope.area.id : 0;
    bool of_area = k->subject == SUBJECT_AREA;
    r->check = k;
    r->href = check_href(cx, arena_printf(cx->arena, "/check/%d", k->number), area, w->year);
    r->severity = severity_text(cx, k->severity);
    r->tone = severity_tone(k->severity);
    r->group = LABEL(cx, k->group->label);
    r->shown = check_sum_shown(k, sum);
    r->count = of_area ? arena_printf(cx->arena, _n("%s area", "%s areas", sum->areas),
                                      format_int(cx, sum->areas))
                       : format_int(cx, sum->households);
    r->people = k->subject == SUBJECT_PERSON ? format_int(cx, sum->people) : "";
    r->explained = sum->explained ? format_int(cx, sum->explained) : "";
}

static int by_group(const void *a, const void *b)
{
    const struct check_row_view *x = a, *y = b;
    const struct check *p = x->check, *q = y->check;
    if (p->group != q->group)
        return p->group->order != q->group->order ? (p->group->order < q->group->order ? -1 : 1)
                                                  : strcmp(p->group->code, q->group->code);
    if (p->severity != q->severity)
        return p->severity < q->severity ? -1 : 1;
    return (p->number > q->number) - (p->number < q->number);
}
static int by_number(const void *a, const void *b)
{
    const struct check *p = ((const struct check_row_view *)a)->check,
                       *q = ((const struct check_row_view *)b)->check;
    return (p->number > q->number) - (p->number < q->number);
}
static int by_count(const void *a, const void *b)
{
    const struct check_row_view *x = a, *y = b;
    return x->shown != y->shown ? (x->shown < y->shown ? -1 : 1) : by_number(b, a);
}
static int by_severity(const void *a, const void *b)
{
    const struct check_row_view *x = a, *y = b;
    if (x->check->severity != y->check->severity)
        return x->check->severity < y->check->severity ? -1 : 1;
    return by_count(b, a);
}

static void sort_rows(struct check_row_view *rows, size_t count, const struct check_query *q)
{
    bool grouped = false;
    if (str_eq_z(q->sort, "count"))
        qsort(rows, count, sizeof *rows, by_count);
    else if (str_eq_z(q->sort, "number"))
        qsort(rows, count, sizeof *rows, by_number);
    else if (str_eq_z(q->sort, "severity"))
        qsort(rows, count, sizeof *rows, by_severity);
    else {
        qsort(rows, count, sizeof *rows, by_group);
        grouped = true;
    }
    for (size_t i = 0; q->descending && !grouped && i < count / 2; i++) {
        struct check_row_view swap = rows[i];
        rows[i] = rows[count - 1 - i];
        rows[count - 1 - i] = swap;
    }
    for (size_t i = 0; grouped && i < count; i++)
        rows[i].starts_group = !i || rows[i].check->group != rows[i - 1].check->group;
}

static enum rc fill_rows(struct check_list_view *v, struct cx *cx, const struct list_sums *s,
                         const struct check_query *query)
{
    const struct profile_rules *rules = cx->profile->rules;
    const struct check_where *w = v->where;
    struct check_row_view *rows = arena_new(cx->arena, (rules->check_count + 1) * sizeof *rows);
    struct check_trend trend = {0};
    if (w->scope.place_count == 1 && w->year)
        TRY(check_trend_get(&trend, cx, &w->scope.places[0], w->year));
    for (size_t i = 0; i < rules->check_count; i++) {
        const struct check *k = &rules->checks[i];
        if (!check_in_year(cx->profile, k, w->year) || !wanted(cx, k, query, &s->total[i]))
            continue;
        struct check_row_view *r = &rows[v->row_count++];
        *r = (struct check_row_view){0};
        fill_row(r, cx, w, k, &s->total[i]);
        fill_spark(&r->spark, cx, &trend, i, r->shown);
    }
    sort_rows(rows, v->row_count, query);
    v->rows = rows;
    return RC_OK;
}

/* ---- the table around them ---- */

static struct table_filter year_filter(struct cx *cx, const struct check_where *w)
{
    struct filter_choice *years = arena_new(cx->arena, (w->year_count + 1) * sizeof *years);
    for (size_t i = 0; i < w->year_count; i++)
        years[i].value = years[i].label = arena_printf(cx->arena, "%d", w->years[i]);
    return (struct table_filter){FILTER_CHOICE, "year",
                                 _("Year"),     arena_printf(cx->arena, "%d", w->year),
                                 years,         w->year_count};
}

static struct table_filter group_filter(struct cx *cx, const struct check_query *query)
{
    const struct profile_rules *rules = cx->profile->rules;
    struct filter_choice *groups =
        arena_new(cx->arena, (rules->check_group_count + 1) * sizeof *groups);
    groups[0] = (struct filter_choice){"", _("all")};
    for (size_t i = 0; i < rules->check_group_count; i++)
        groups[i + 1] = (struct filter_choice){rules->check_groups[i].code,
                                               LABEL(cx, rules->check_groups[i].label)};
    return (struct table_filter){FILTER_CHOICE, "group",
                                 _("Subject"),  arena_copy(cx->arena, query->group),
                                 groups,        rules->check_group_count + 1};
}

static void fill_filters(struct table *t, struct cx *cx, const struct check_where *w,
                         const struct check_query *query)
{
    struct table_filter *f = arena_new(cx->arena, FILTERS_MAX * sizeof *f);
    struct filter_choice *severities = arena_new(cx->arena, 4 * sizeof *severities);
    struct filter_choice *all = arena_new(cx->arena, 2 * sizeof *all);
    size_t n = 0;
    severities[0] = (struct filter_choice){"", _("all")};
    severities[1] = (struct filter_choice){"error", _("Mistakes")};
    severities[2] = (struct filter_choice){"warning", _("Doubtful values")};
    severities[3] = (struct filter_choice){"note", _("Notes")};
    all[0] = (struct filter_choice){"", _("with findings")};
    all[1] = (struct filter_choice){"1", _("all checks")};
    f[n++] = (struct table_filter){.kind = FILTER_SEARCH,
                                   .name = "q",
                                   .label = _("Words or number of a check"),
                                   .value = arena_copy(cx->arena, query->search)};
    f[n++] = year_filter(cx, w);
    f[n++] = (struct table_filter){FILTER_CHOICE, "severity",
                                   _("Kind"),     arena_copy(cx->arena, query->severity),
                                   severities,    4};
    f[n++] = group_filter(cx, query);
    f[n++] =
        (struct table_filter){FILTER_CHOICE, "all", _("Checks"), query->all ? "1" : "", all, 2};
    if (query->area_id)
        f[n++] =
            (struct table_filter){.kind = FILTER_HIDDEN,
                                  .name = "area",
                                  .value = arena_printf(cx->arena, "%" PRId64, query->area_id)};
    t->filters = f;
    t->filter_count = n;
}

/* The query of the address without language and format, encoded again. */
static const char *query_text(struct cx *cx, const struct request *q)
{
    struct buf b;
    buf_init(&b, cx->arena, LIMIT_URL_BYTES * 4);
    for (size_t i = 0; i < q->query_count; i++) {
        const struct pair *p = &q->query[i];
        if (str_eq_z(p->name, "format") || str_eq_z(p->name, "lang") || !p->value.len)
            continue;
        buf_printf(&b, "%s%s=%s", b.len ? "&" : "", url_encode(cx->arena, p->name),
                   url_encode(cx->arena, p->value));
    }
    return arena_copy(cx->arena, buf_view(&b));
}

static void fill_columns(struct table *t, struct cx *cx)
{
    struct table_column *c = arena_new(cx->arena, LIST_COLUMNS * sizeof *c);
    c[0] = (struct table_column){"number", _("Check"), ALIGN_TEXT, false};
    c[1] = (struct table_column){"severity", _("Kind"), ALIGN_TEXT, false};
    c[2] = (struct table_column){"count", _("Households"), ALIGN_NUMBER, false};
    c[3] = (struct table_column){NULL, _("People"), ALIGN_NUMBER, true};
    c[4] = (struct table_column){NULL, _("Explained"), ALIGN_NUMBER, true};
    c[5] = (struct table_column){NULL, _("Trend"), ALIGN_NUMBER, false};
    t->columns = c;
    t->column_count = LIST_COLUMNS;
}

static const struct table *make_table(struct cx *cx, const struct request *q,
                                      const struct check_list_view *v,
                                      const struct check_query *query)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    *t = (struct table){
        .caption = _("Checks"),
        .base = "/check",
        .query = query_text(cx, q),
        .sort = query->sort.len ? arena_copy(cx->arena, query->sort) : NULL,
        .descending = query->descending,
        .total = arena_printf(cx->arena, _n("%s check", "%s checks", (int64_t)v->row_count),
                              format_int(cx, (int64_t)v->row_count)),
        .is_first_page = true,
        .can_export = actor_may(cx, "export.run"),
        .empty_title = _("Nothing is found here"),
        .empty_hint = query->severity.len || query->group.len || query->search.len
                          ? _("Try fewer filters.")
                          : _("All checks of this year are passed in this area."),
        .empty_href = check_href(cx, "/check", query->area_id, query->year),
        .empty_action = _("Show all")};
    fill_columns(t, cx);
    fill_filters(t, cx, v->where, query);
    return t;
}

/* Findings of the areas below, each leading to the same list there. */
static const struct table *make_areas(struct cx *cx, const struct check_where *w,
                                      const struct list_sums *s, bool counted)
{
    const struct profile_rules *rules = cx->profile->rules;
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, AREA_COLUMNS * sizeof *c);
    struct table_cell *cells =
        arena_new(cx->arena, (s->node_count + 1) * AREA_COLUMNS * sizeof *cells);
    c[0] = (struct table_column){NULL, _("Area"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("Households with findings"), ALIGN_NUMBER, false};
    c[2] = (struct table_column){NULL, _("Mistakes"), ALIGN_NUMBER, false};
    c[3] = (struct table_column){NULL, _("Doubtful values"), ALIGN_NUMBER, true};
    for (size_t n = 0; n < w->scope.child_count; n++) {
        struct table_cell *row = cells + n * AREA_COLUMNS;
        int64_t by_kind[3] = {0};
        for (size_t i = 0; i < rules->check_count && counted; i++)
            by_kind[rules->checks[i].severity] +=
                check_sum_shown(&rules->checks[i], &s->node[n * rules->check_count + i]);
        row[0] = (struct table_cell){w->scope.children[n].name,
                                     check_href(cx, "/check", w->scope.children[n].id, w->year),
                                     NULL};
        row[1].text = counted ? format_int(cx, s->any[n]) : "–";
        row[2].text = counted ? format_int(cx, by_kind[SEVERITY_ERROR]) : "–";
        row[3].text = counted ? format_int(cx, by_kind[SEVERITY_WARNING]) : "–";
    }
    *t = (struct table){.caption = _("By area"),
                        .base = "/check",
                        .query = "",
                        .columns = c,
                        .column_count = AREA_COLUMNS,
                        .cells = cells,
                        .row_count = w->scope.child_count,
                        .is_first_page = true};
    return t;
}

/* ---- the page ---- */

static void fill_figures(struct check_list_view *v, struct cx *cx, const struct list_sums *s)
{
    const struct profile_rules *rules = cx->profile->rules;
    int64_t by_kind[3] = {0}, explained = 0;
    for (size_t i = 0; i < rules->check_count; i++) {
        by_kind[rules->checks[i].severity] += check_sum_shown(&rules->checks[i], &s->total[i]);
        explained += s->total[i].explained;
    }
    v->households = arena_printf(cx->arena, _("%s of %s"), format_int(cx, s->any_total),
                                 format_int(cx, s->households));
    v->errors = format_int(cx, by_kind[SEVERITY_ERROR]);
    v->warnings = format_int(cx, by_kind[SEVERITY_WARNING]);
    v->explained = format_int(cx, explained);
}

static enum rc fill_runs(struct check_list_view *v, struct cx *cx)
{
    const struct check_where *w = v->where;
    struct check_run *runs;
    size_t count;
    if (w->scope.place_count != 1 || !w->year)
        return RC_OK;
    const struct check_place *place = &w->scope.places[0];
    v->run_href = arena_printf(cx->arena, "/check/run?area=%" PRId64, place->tenant.id);
    if (actor_may_in(cx, "check.explain", str_of(place->tenant.path)))
        v->run_county = place->county;
    TRY(check_runs(&runs, &count, cx, place->county, w->year, 1));
    bool sees_all = actor_may_in(cx, "household.view", str_of(place->tenant.path));
    if (count && !sees_all)
        v->last_run = format_time(cx, runs[0].at);
    else if (count)
        v->last_run = arena_printf(cx->arena, _("%s, %s findings"), format_time(cx, runs[0].at),
                                   format_int(cx, runs[0].finding_count));
    return RC_OK;
}

static enum rc list_file(struct cx *cx, const struct request *q, struct response *a,
                         const struct check_list_view *v)
{
    TRY(actor_require(cx, "export.run"));
    enum { FILE_COLUMNS = 8 };
    struct table_column *c = arena_new(cx->arena, FILE_COLUMNS * sizeof *c);
    const char *const titles[FILE_COLUMNS] = {_("Number"),    _("Check"), _("Subject"),
                                              _("Kind"),      _("Count"), _("People"),
                                              _("Explained"), _("Trend")};
    struct table_cell *cells =
        arena_new(cx->arena, (v->row_count + 1) * FILE_COLUMNS * sizeof *cells);
    for (size_t i = 0; i < FILE_COLUMNS; i++)
        c[i] = (struct table_column){NULL, titles[i], ALIGN_TEXT, false};
    for (size_t i = 0; i < v->row_count; i++) {
        const struct check_row_view *r = &v->rows[i];
        struct table_cell *row = cells + i * FILE_COLUMNS;
        row[0].text = arena_printf(cx->arena, "%d", r->check->number);
        row[1].text = LABEL(cx, r->check->message);
        row[2].text = r->group;
        row[3].text = r->severity;
        row[4].text = arena_printf(cx->arena, "%" PRId64, r->shown);
        row[5].text = r->people;
        row[6].text = r->explained;
        row[7].text = r->spark.change;
    }
    struct table t = *v->table;
    t.columns = c;
    t.column_count = FILE_COLUMNS;
    t.cells = cells;
    t.row_count = v->row_count;
    return page_table_file(cx, q, a, &t, "checks");
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct check_query query;
    struct check_where where;
    struct list_sums sums = {0};
    TRY(check_query_read(&query, cx, q));
    TRY(db_read_begin(cx));
    TRY(check_where_find(&where, cx, &query));
    TRY(count_all(&sums, cx, &where));
    struct check_list_view v = {.where = &where,
                                .base = "/check",
                                .choose_area = where.scope.too_many,
                                .csrf = visitor_of(q)->csrf};
    TRY(fill_rows(&v, cx, &sums, &query));
    fill_figures(&v, cx, &sums);
    TRY(fill_runs(&v, cx));
    v.table = make_table(cx, q, &v, &query);
    if (where.scope.child_count)
        v.areas = make_areas(cx, &where, &sums, !where.scope.too_many);
    if (page_wants_file(q))
        return list_file(cx, q, a, &v);
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("Data checks"), .nav = "check"});
    check_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows_[] = {
    {.method = METHOD_GET,
     .path = "/check",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 30000,
     .handle = list_get},
};
const struct route_table check_routes = ROUTE_TABLE(rows_);
