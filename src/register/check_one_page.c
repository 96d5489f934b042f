/* The page of one check: what it says and by which rule, where it fires, and whom it concerns
 * with the values that make it fire. */
#include "base/format.h"
#include "base/limits.h"
#include "people/actor.h"
#include "register/check.html.h"
#include "register/check_view.h"

#include <stdlib.h>

enum { AREA_COLUMNS = 4, LIST_COLUMNS = 5, FILTERS_MAX = 4, CARDS_MAX = 200 };

/* A household of the list in the order of the pages of several counties. */
struct one {
    const struct check *check;
    size_t index;
    struct check_query query;
    struct check_where where;
    struct check_sum *node; /* by area below; the last one the rest */
    struct check_sum total;
    struct check_item *items;
    size_t item_count;
    bool more;
    int64_t last; /* id of the last item */
};

static void add_sum(struct check_sum *to, const struct check_sum *from)
{
    to->households += from->households;
    to->people += from->people;
    to->areas += from->areas;
    to->explained += from->explained;
}

static enum rc count_county(struct one *p, struct cx *cx, const struct check_county *c)
{
    size_t checks = c->rules->check_count, nodes = p->where.scope.child_count + 1;
    struct check_nodes n = {0};
    n.sum = arena_array(cx->arena, nodes * checks + 1, sizeof *n.sum);
    if (!n.sum)
        return fail(cx, RC_LIMIT, _("There are too many areas here; choose a smaller one."),
                    "nodes=%zu", nodes);
    TRY(check_nodes_of(&n.node_of, cx, c, p->where.scope.children, p->where.scope.child_count));
    TRY(check_count(&n, cx, c));
    for (size_t i = 0; i < nodes; i++) {
        add_sum(&p->node[i], &n.sum[i * checks + p->index]);
        add_sum(&p->total, &n.sum[i * checks + p->index]);
    }
    return RC_OK;
}

static enum rc list_county(struct one *p, struct cx *cx, const struct check_county *c,
                           size_t max, int64_t after)
{
    struct check_found *found;
    size_t count;
    bool more;
    TRY(check_list(&found, &count, &more, cx, c,
                   &(struct check_find){p->index, p->query.show, after, max - p->item_count}));
    for (size_t i = 0; i < count; i++) {
        TRY(check_item_fill(&p->items[p->item_count++], cx, c, p->index, &found[i]));
        p->last = found[i].household_id ? found[i].household_id : found[i].area_id;
    }
    p->more = p->more || more;
    return RC_OK;
}

/* Does the page begin in this county? One that begins behind a household is of its county. */
static bool begins_here(const struct check_county *c, int64_t after)
{
    return columns_household_row(c->columns, after) >= 0 ||
           columns_area_index(c->columns, after) >= 0;
}

static enum rc read_county(struct one *p, struct cx *cx, const struct check_place *place,
                           size_t max, bool *begun)
{
    struct check_county c;
    TRY(check_county_open(&c, cx, &(struct check_ask){.place = place, .year = p->where.year}));
    enum rc rc = count_county(p, cx, &c);
    bool here = !*begun && begins_here(&c, p->query.after);
    if (!rc && (*begun || here) && p->item_count < max)
        rc = list_county(p, cx, &c, max, here ? p->query.after : 0);
    else if (!rc && *begun)
        p->more = true;
    *begun = *begun || here;
    check_county_close(&c);
    return rc;
}

static enum rc read_all(struct one *p, struct cx *cx)
{
    size_t max = p->check->subject == SUBJECT_AREA ? CARDS_MAX : LIMIT_PAGE_ROWS_DEFAULT;
    bool begun = !p->query.after;
    p->node = arena_new(cx->arena, (p->where.scope.child_count + 1) * sizeof *p->node);
    p->items = arena_new(cx->arena, (max + 1) * sizeof *p->items);
    for (size_t i = 0; i < p->where.scope.place_count && p->where.year; i++)
        TRY(read_county(p, cx, &p->where.scope.places[i], max, &begun));
    if (begun || !p->where.year)
        return RC_OK;
    p->query.after = 0; /* the last one of the page before is gone: from the start again */
    p->total = (struct check_sum){0};
    return read_all(p, cx);
}

/* ---- what is shown ---- */

static const char *base_path(struct cx *cx, const struct one *p)
{
    return arena_printf(cx->arena, "/check/%d", p->check->number);
}

static int64_t area_of(const struct one *p)
{
    return p->where.scope.has_area ? p->where.scope.area.id : 0;
}

static const char *show_name(enum check_show show)
{
    return show == CHECK_EXPLAINED ? "explained" : show == CHECK_ALL ? "all" : "";
}

static const char *query_text(struct cx *cx, const struct one *p)
{
    const char *href = check_href(cx, "?", p->query.area_id, p->where.year);
    const char *show = show_name(p->query.show);
    while (*href == '?')
        href++;
    return arena_printf(cx->arena, "%s%s%s", href, show[0] ? "&show=" : "", show);
}

/* An area below with its sum. */
struct area_sum {
    const struct area *area;
    const struct check_sum *sum;
    int64_t shown;
};
static int by_shown(const void *a, const void *b)
{
    const struct area_sum *x = a, *y = b;
    if (x->shown != y->shown)
        return x->shown > y->shown ? -1 : 1;
    return strcmp(x->area->path, y->area->path);
}

static size_t area_columns(struct table_column *c, struct cx *cx, const struct one *p)
{
    bool of_area = p->check->subject == SUBJECT_AREA;
    size_t n = 0;
    c[n++] = (struct table_column){NULL, _("Area"), ALIGN_TEXT, false};
    c[n++] = (struct table_column){NULL, of_area ? _("Areas") : _("Households"), ALIGN_NUMBER,
                                   false};
    if (p->check->subject == SUBJECT_PERSON)
        c[n++] = (struct table_column){NULL, _("People"), ALIGN_NUMBER, false};
    c[n++] = (struct table_column){NULL, _("Explained"), ALIGN_NUMBER, false};
    return n;
}

/* The areas below in which something is found, most first. NULL: none. */
static const struct table *make_areas(struct cx *cx, const struct one *p)
{
    size_t count = 0, all = p->where.scope.child_count;
    struct area_sum *sums = arena_new(cx->arena, (all + 1) * sizeof *sums);
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, AREA_COLUMNS * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (all + 1) * AREA_COLUMNS * sizeof *cells);
    for (size_t i = 0; i < all; i++) {
        int64_t shown = check_sum_shown(p->check, &p->node[i]);
        if (shown || p->node[i].explained)
            sums[count++] = (struct area_sum){&p->where.scope.children[i], &p->node[i], shown};
    }
    if (!count)
        return NULL;
    qsort(sums, count, sizeof *sums, by_shown);
    size_t width = area_columns(c, cx, p);
    for (size_t i = 0; i < count; i++) {
        struct table_cell *row = cells + i * width;
        size_t n = 0;
        row[n++] = (struct table_cell){
            sums[i].area->name,
            check_href(cx, base_path(cx, p), sums[i].area->id, p->where.year), NULL};
        row[n++].text = format_int(cx, sums[i].shown);
        if (p->check->subject == SUBJECT_PERSON)
            row[n++].text = format_int(cx, sums[i].sum->people);
        row[n++].text = format_int(cx, sums[i].sum->explained);
    }
    *t = (struct table){.caption = _("By area"),
                        .base = base_path(cx, p),
                        .query = "",
                        .columns = c,
                        .column_count = width,
                        .cells = cells,
                        .row_count = count,
                        .is_first_page = true};
    return t;
}

static void fill_filters(struct table *t, struct cx *cx, const struct one *p)
{
    struct table_filter *f = arena_new(cx->arena, FILTERS_MAX * sizeof *f);
    struct filter_choice *years =
        arena_new(cx->arena, (p->where.year_count + 1) * sizeof *years);
    struct filter_choice *shows = arena_new(cx->arena, 3 * sizeof *shows);
    for (size_t i = 0; i < p->where.year_count; i++)
        years[i].value = years[i].label = arena_printf(cx->arena, "%d", p->where.years[i]);
    shows[0] = (struct filter_choice){"", _("open ones")};
    shows[1] = (struct filter_choice){"explained", _("explained ones")};
    shows[2] = (struct filter_choice){"all", _("all")};
    size_t n = 0;
    f[n++] = (struct table_filter){FILTER_CHOICE, "year",
                                   _("Year"),     arena_printf(cx->arena, "%d", p->where.year),
                                   years,         p->where.year_count};
    f[n++] = (struct table_filter){
        FILTER_CHOICE, "show", _("Findings"), show_name(p->query.show), shows, 3};
    if (p->query.area_id)
        f[n++] = (struct table_filter){
            .kind = FILTER_HIDDEN,
            .name = "area",
            .value = arena_printf(cx->arena, "%" PRId64, p->query.area_id)};
    t->filters = f;
    t->filter_count = n;
}

static void fill_list(struct table *t, struct cx *cx, const struct one *p)
{
    struct table_column *c = arena_new(cx->arena, LIST_COLUMNS * sizeof *c);
    struct table_cell *cells =
        arena_new(cx->arena, (p->item_count + 1) * LIST_COLUMNS * sizeof *cells);
    bool of_people = p->check->subject == SUBJECT_PERSON;
    bool explained = p->query.show != CHECK_OPEN;
    size_t width = 0;
    c[width++] = (struct table_column){NULL, _("Household"), ALIGN_TEXT, false};
    c[width++] = (struct table_column){NULL, _("Village"), ALIGN_TEXT, true};
    if (of_people)
        c[width++] = (struct table_column){NULL, _("Person concerned"), ALIGN_TEXT, true};
    c[width++] = (struct table_column){NULL, _("What the register says"), ALIGN_TEXT, false};
    if (explained)
        c[width++] = (struct table_column){NULL, _("Explained"), ALIGN_TEXT, true};
    for (size_t i = 0; i < p->item_count; i++) {
        const struct check_item *item = &p->items[i];
        struct table_cell *row = cells + i * width;
        size_t n = 0;
        row[n++] = (struct table_cell){item->label, item->href, NULL};
        row[n++].text = item->place;
        if (of_people)
            row[n++].text = item->people;
        row[n++].text = item->values;
        if (explained)
            row[n++].text = item->reason;
    }
    t->columns = c;
    t->column_count = width;
    t->cells = cells;
    t->row_count = p->item_count;
}

static const struct table *make_list(struct cx *cx, const struct one *p, bool with_rows)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    *t =
        (struct table){.caption = p->check->subject == SUBJECT_AREA ? _("Areas concerned")
                                                                    : _("Households concerned"),
                       .base = base_path(cx, p),
                       .query = query_text(cx, p),
                       .is_first_page = !p->query.after,
                       .empty_title = _("Nothing is found here"),
                       .empty_hint = p->query.show == CHECK_EXPLAINED
                                         ? _("No finding of this check is explained here.")
                                         : _("The check fires nowhere in this area and year.")};
    if (p->more)
        t->next_token = arena_printf(cx->arena, "%" PRId64, p->last);
    if (with_rows)
        fill_list(t, cx, p);
    else
        fill_filters(t, cx, p);
    return t;
}

static enum rc make_trend(const struct chart **out, struct cx *cx, const struct one *p)
{
    struct check_trend t;
    size_t checks = cx->profile->rules->check_count;
    *out = NULL;
    if (p->where.scope.place_count != 1 || !p->where.year)
        return RC_OK;
    TRY(check_trend_get(&t, cx, &p->where.scope.places[0], p->where.year));
    if (!t.run_count)
        return RC_OK;
    struct chart *c = arena_new(cx->arena, sizeof *c);
    struct chart_series *series = arena_new(cx->arena, sizeof *series);
    double *values = arena_new(cx->arena, (t.run_count + 1) * sizeof *values);
    const char **names = arena_new(cx->arena, (t.run_count + 1) * sizeof *names);
    for (size_t i = 0; i < t.run_count; i++) {
        values[i] = (double)t.open[i * checks + p->index];
        names[i] = format_time(cx, t.runs[i].at);
    }
    values[t.run_count] = (double)check_sum_shown(p->check, &p->total);
    names[t.run_count] = _("now");
    *series = (struct chart_series){
        p->check->subject == SUBJECT_AREA ? _("Areas") : _("Households"), values};
    *c = (struct chart){.title = _("How often the check fired at the last runs, and now"),
                        .categories = names,
                        .category_count = t.run_count + 1,
                        .series = series,
                        .series_count = 1};
    *out = c;
    return RC_OK;
}

static enum rc fill_names(struct check_page_view *v, struct cx *cx, size_t index)
{
    const struct rule_name **names;
    size_t count;
    TRY(rule_root_names(&names, &count, cx, cx->profile->rules->check_program, index));
    struct named_name *out = arena_new(cx->arena, (count + 1) * sizeof *out);
    for (size_t i = 0; i < count; i++)
        if (names[i]->label && names[i]->label[0])
            out[v->name_count++] =
                (struct named_name){arena_copy(cx->arena, names[i]->name),
                                    profile_name_label(cx, cx->profile, names[i])};
    v->names = out;
    return RC_OK;
}

static const char *subject_text(struct cx *cx, enum subject subject)
{
    switch (subject) {
    case SUBJECT_HOUSEHOLD:
        return _("about households");
    case SUBJECT_PERSON:
        return _("about people");
    case SUBJECT_AREA:
        return _("about areas");
    }
    return "";
}

static enum rc fill_cards(struct check_page_view *v, struct cx *cx, const struct one *p)
{
    struct check_area_card *cards = arena_new(cx->arena, (p->item_count + 1) * sizeof *cards);
    for (size_t i = 0; i < p->item_count; i++) {
        struct area area;
        TRY(area_get(&area, cx, p->items[i].area_id));
        cards[i] = (struct check_area_card){
            p->items[i], actor_may_in(cx, "check.explain", str_of(area.path))};
    }
    v->cards = cards;
    v->card_count = p->item_count;
    return RC_OK;
}

static enum rc fill_view(struct check_page_view *v, struct cx *cx, const struct one *p)
{
    v->severity = severity_text(cx, p->check->severity);
    v->tone = severity_tone(p->check->severity);
    v->group = LABEL(cx, p->check->group->label);
    v->subject = subject_text(cx, p->check->subject);
    v->households = format_int(cx, check_sum_shown(p->check, &p->total));
    if (p->check->subject == SUBJECT_PERSON)
        v->people = format_int(cx, p->total.people);
    v->explained = format_int(cx, p->total.explained);
    v->retired = p->where.year && !check_in_year(cx->profile, p->check, p->where.year);
    v->filter = make_list(cx, p, false);
    v->list = make_list(cx, p, true);
    v->areas = make_areas(cx, p);
    v->may_export = actor_may(cx, "export.run");
    v->file_href = arena_printf(cx->arena, "/check/%d/file", p->check->number);
    v->file_query = query_text(cx, p);
    v->print_href = check_href(cx, arena_printf(cx->arena, "/check/%d/print", p->check->number),
                               area_of(p), p->where.year);
    if (p->check->subject == SUBJECT_AREA)
        TRY(fill_cards(v, cx, p));
    TRY(fill_names(v, cx, p->index));
    return make_trend(&v->trend, cx, p);
}

static enum rc check_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t number;
    struct one *p = arena_new(cx->arena, sizeof *p);
    TRY(request_param_id(&number, cx, q, "number"));
    TRY(check_query_read(&p->query, cx, q));
    p->check = profile_check(cx->profile, number);
    if (!p->check)
        return fail(cx, RC_NOTFOUND, _("There is no such check."), "check=%" PRId64, number);
    p->index = (size_t)(p->check - cx->profile->rules->checks);
    TRY(db_read_begin(cx));
    TRY(check_where_find(&p->where, cx, &p->query));
    if (p->where.scope.too_many) { /* a place to choose one */
        response_redirect(cx, a, check_href(cx, "/check", p->query.area_id, p->query.year));
        return RC_OK;
    }
    TRY(read_all(p, cx));
    struct check_page_view v = {
        .check = p->check, .where = &p->where, .csrf = visitor_of(q)->csrf};
    TRY(fill_view(&v, cx, p));
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = LABEL(cx, p->check->message),
                       .nav = "check",
                       .back_href = check_href(cx, "/check", area_of(p), p->where.year),
                       .back_label = _("Data checks")});
    check_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/check/{number}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 30000,
     .handle = check_get,
     .test_path = "/check/1"},
};
const struct route_table check_one_routes = ROUTE_TABLE(rows);
