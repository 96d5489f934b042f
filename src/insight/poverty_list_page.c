/* Households by name: who is poor at a line, who became poor by moving it, who is deprived in
 * what. Only for those who may see households there (household.view). */
#include "insight/poverty.html.h"
#include "insight/poverty_view.h"

#include "base/format.h"
#include "base/limits.h"
#include "insight/dimension.h"
#include "people/actor.h"
#include "register/household.h"
#include "web/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_FILE_MAX = 10000, LIST_COLUMNS = 6 };

/* The chosen rows in order, and how they are shown. */
struct listing {
    struct population *p;
    uint32_t *rows;
    size_t count;
    bool by_index;   /* of deprivations: else of money */
    size_t deprived; /* the deprivation asked for; SIZE_MAX: none */
    const char *path, *query, *sort;
    bool down;
    size_t from;
};

/* ---- which ---- */

static enum rc choose_poor(struct listing *l, struct cx *cx)
{
    const struct scope *s = l->p->scope;
    const uint8_t *now, *before = NULL;
    TRY(population_poor(&now, l->p, cx, s->weak));
    if (s->from_line.text) {
        TRY(population_set_line(l->p, cx, &s->from_line));
        TRY(population_poor(&before, l->p, cx, s->weak));
        TRY(population_set_line(l->p, cx, &s->line));
    }
    for (size_t i = 0; i < l->p->n; i++)
        if (now[i] && !(before && before[i]))
            l->rows[l->count++] = (uint32_t)i;
    return RC_OK;
}

static void choose_deprived(struct listing *l)
{
    const struct population *p = l->p;
    for (size_t i = 0; i < p->n; i++) {
        bool chosen = l->deprived == SIZE_MAX
                          ? dimension_poor(&p->scope->spec, p->deprived[i], p->known[i])
                          : (p->deprived[i] >> l->deprived & 1) != 0;
        if (chosen)
            l->rows[l->count++] = (uint32_t)i;
    }
}

/* ---- in which order ---- */

static double sort_value(const struct listing *l, uint32_t row)
{
    const struct population *p = l->p;
    bool complete;
    if (!strcmp(l->sort, "size"))
        return p->w[row];
    if (!strcmp(l->sort, "income"))
        return p->y ? p->y[row] : 0;
    if (!strcmp(l->sort, "short"))
        return p->y ? population_line_of(p, row) - p->y[row] : 0;
    if (!strcmp(l->sort, "score"))
        return (double)dimension_score(&complete, &p->scope->spec, p->deprived[row],
                                       p->known[row]);
    return row; /* by place */
}

static int by_value(const void *a, const void *b, void *arg)
{
    const struct listing *l = arg;
    uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
    double x = sort_value(l, i), y = sort_value(l, k);
    if (x < y || x > y)
        return ((x > y) - (x < y)) * (l->down ? -1 : 1);
    return (i > k) - (i < k);
}

/* ---- shown ---- */

static const char *deprivation_names(struct cx *cx, const struct scope *s, uint16_t deprived)
{
    struct buf b;
    buf_init(&b, cx->arena, 8192);
    for (size_t j = 0; j < s->spec.n; j++)
        if (deprived >> j & 1)
            buf_printf(&b, "%s%s", b.len ? _(", ") : "",
                       LABEL(cx, s->index->deprivations[j].label));
    return arena_copy(cx->arena, buf_view(&b));
}

static void money_cells(struct table_cell *c, struct cx *cx, const struct listing *l,
                        uint32_t row)
{
    double y = l->p->y[row], line = population_line_of(l->p, row);
    c[0].text = isnan(y) ? NULL : format_f64(cx, y, 0);
    c[1].text = isnan(y) || isnan(line) ? NULL : format_f64(cx, line - y, 0);
}

static void index_cells(struct table_cell *c, struct cx *cx, const struct listing *l,
                        uint32_t row)
{
    const struct scope *s = l->p->scope;
    bool complete;
    int64_t score = dimension_score(&complete, &s->spec, l->p->deprived[row], l->p->known[row]);
    c[0].text = deprivation_names(cx, s, l->p->deprived[row]);
    c[1].text = complete
                    ? format_int(cx, score)
                    : arena_printf(cx->arena, _("%s, not all known"), format_int(cx, score));
}

static void row_cells(struct table_cell *c, struct cx *cx, const struct listing *l,
                      uint32_t row)
{
    struct household h;
    int64_t id = l->p->household[row];
    c[2].text = arena_copy(cx->arena, str_of(population_place_of(l->p, row)));
    /* Gone or hidden since the columns were read: the row stays, without a name. */
    if (household_get(&h, cx, id)) {
        err_clear(cx);
        c[0].text = "–";
    } else {
        const char *name =
            h.head_name && h.head_name[0] ? h.head_name
            : h.code[0]                   ? h.code
                        : arena_printf(cx->arena, _("Household %s"), format_int(cx, h.id));
        c[0] = (struct table_cell){name, arena_printf(cx->arena, "/household/%" PRId64, h.id),
                                   NULL};
        c[1].text = h.code;
        c[3].text = format_int(cx, h.people_count);
    }
    if (l->by_index)
        index_cells(c + 4, cx, l, row);
    else
        money_cells(c + 4, cx, l, row);
}

static const struct table_column *list_columns(struct cx *cx, const struct listing *l)
{
    struct table_column *c = arena_new(cx->arena, LIST_COLUMNS * sizeof *c);
    const struct indicator *y = l->p->scope->welfare;
    c[0] = (struct table_column){NULL, _("Head of household"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("Household number"), ALIGN_TEXT, true};
    c[2] = (struct table_column){"area", _("Village"), ALIGN_TEXT, true};
    c[3] = (struct table_column){"size", _("People"), ALIGN_NUMBER, true};
    if (l->by_index) {
        c[4] = (struct table_column){NULL, _("Deprived in"), ALIGN_TEXT, false};
        c[5] = (struct table_column){"score", _("Weighted"), ALIGN_NUMBER, true};
    } else {
        c[4] = (struct table_column){
            "income",
            arena_printf(cx->arena, "%s (%s)", LABEL(cx, y->label), LABEL(cx, y->unit_label)),
            ALIGN_NUMBER, false};
        c[5] = (struct table_column){"short", _("Below the line"), ALIGN_NUMBER, true};
    }
    return c;
}

static struct table *make_table(struct cx *cx, const struct listing *l, size_t limit)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    size_t left = l->count > l->from ? l->count - l->from : 0;
    size_t shown = left > limit ? limit : left;
    struct table_cell *cells = arena_new(cx->arena, (shown * LIST_COLUMNS + 1) * sizeof *cells);
    for (size_t i = 0; i < shown; i++)
        row_cells(cells + i * LIST_COLUMNS, cx, l, l->rows[l->from + i]);
    *t = (struct table){
        .caption = _("Households"),
        .base = l->path,
        .query = l->query,
        .columns = list_columns(cx, l),
        .column_count = LIST_COLUMNS,
        .cells = cells,
        .row_count = shown,
        .sort = l->sort,
        .descending = l->down,
        .total = arena_printf(cx->arena, _n("%s household", "%s households", (int64_t)l->count),
                              format_int(cx, (int64_t)l->count)),
        .next_token = left > shown ? arena_printf(cx->arena, "%zu", l->from + shown) : NULL,
        .is_first_page = !l->from,
        .empty_title = _("No household fits"),
        .empty_hint = _("At this line and in this area there is none."),
        .can_export = actor_may_in(cx, "export.run", str_of(l->p->scope->area.path))};
    return t;
}

/* ---- the page ---- */

static const char *what_money(struct cx *cx, const struct listing *l)
{
    const struct scope *s = l->p->scope;
    if (!s->from_line.text)
        return arena_printf(cx->arena, _("Poor in %d by this line: %s."), l->p->year,
                            s->line.label);
    return arena_printf(cx->arena, _("Newly poor in %d: poor by “%s” and not poor by “%s”."),
                        l->p->year, s->line.label, s->from_line.label);
}

static const char *what_index(struct cx *cx, const struct listing *l)
{
    const struct scope *s = l->p->scope;
    if (l->deprived == SIZE_MAX)
        return arena_printf(cx->arena, _("Poor in %d by “%s” at k = %s."), l->p->year,
                            LABEL(cx, s->index->label), s->k_text);
    return arena_printf(cx->arena, _("Deprived in %d in: %s."), l->p->year,
                        LABEL(cx, s->index->deprivations[l->deprived].label));
}

static enum rc read_order(struct listing *l, struct cx *cx, const struct request *q)
{
    static const char *const keys[] = {"area", "size", "income", "short", "score"};
    struct str sort = request_query(q, "sort"), after = request_query(q, "after");
    int64_t from = 0;
    l->sort = l->by_index ? "score" : "income";
    l->down = l->by_index;
    if (sort.len)
        l->down = request_query(q, "down").len > 0;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (str_eq_z(sort, keys[i]))
            l->sort = keys[i];
    bool money_key = !strcmp(l->sort, "income") || !strcmp(l->sort, "short");
    if (l->by_index ? money_key : !strcmp(l->sort, "score"))
        l->sort = "area";
    if (after.len && (!str_to_i64(&from, after) || from < 0 || from > INT32_MAX))
        return fail(cx, RC_INVALID, _("The page in the address is not a number."), "after");
    l->from = (size_t)from;
    return RC_OK;
}

static enum rc read_deprived(struct listing *l, struct cx *cx, const struct scope *s,
                             const struct request *q)
{
    struct str code = request_query(q, "deprived");
    l->deprived = SIZE_MAX;
    if (!s->index)
        return fail(cx, RC_INVALID, _("The profile has no index of deprivations."), "index");
    if (!code.len)
        return RC_OK;
    for (size_t j = 0; j < s->index->count; j++)
        if (str_eq_z(code, s->index->deprivations[j].code))
            l->deprived = j;
    if (l->deprived == SIZE_MAX)
        return fail_f(cx, RC_INVALID, _("This index has no deprivation “%.*s”."),
                      STR_ARG(code));
    return RC_OK;
}

/* The address without paging. */
static const char *list_query(struct cx *cx, const struct listing *l, const struct scope *s)
{
    struct buf b;
    buf_init(&b, cx->arena, 64 * 1024);
    buf_z(&b, scope_query(cx, s, NULL, NULL));
    if (l->by_index && l->deprived != SIZE_MAX)
        buf_printf(&b, "%sdeprived=%s", b.len ? "&" : "",
                   s->index->deprivations[l->deprived].code);
    buf_printf(&b, "%ssort=%s%s", b.len ? "&" : "", l->sort, l->down ? "&down=1" : "");
    return arena_copy(cx->arena, buf_view(&b));
}

static enum rc fill(struct poverty_list_view *v, struct listing *l, struct cx *cx, bool file)
{
    const struct scope *s = l->p->scope;
    l->rows = arena_array(l->p->arena, l->p->n + 1, sizeof *l->rows);
    if (!l->rows)
        return fail(
            cx, RC_LIMIT,
            _("There are too many households here for one page. Choose a smaller area."),
            "list");
    if (l->by_index)
        choose_deprived(l);
    else if (!s->line.text[0])
        return fail(cx, RC_INVALID, _("Please enter a poverty line."), "no line");
    else
        TRY(choose_poor(l, cx));
    qsort_r(l->rows, l->count, sizeof *l->rows, by_value, l);
    l->query = list_query(cx, l, s);
    if (file)
        l->from = 0;
    if (file && l->count > LIST_FILE_MAX)
        return fail_f(cx, RC_LIMIT,
                      _("A list of more than %d households is not saved from here. Choose a "
                        "smaller area."),
                      LIST_FILE_MAX);
    v->table = make_table(cx, l, file ? LIST_FILE_MAX : LIMIT_PAGE_ROWS_DEFAULT);
    v->what = l->by_index ? what_index(cx, l) : what_money(cx, l);
    v->board.line = l->p->line;
    return RC_OK;
}

static enum rc read_list(struct poverty_list_view *v, struct listing *l, struct cx *cx,
                         const struct request *q, const struct scope *s)
{
    unsigned want = POPULATION_ID;
    TRY(read_order(l, cx, q));
    if (l->by_index) {
        TRY(read_deprived(l, cx, s, q));
        want |= POPULATION_FLAGS | POPULATION_NO_WELFARE;
    }
    TRY(population_open(&l->p, cx, s, 0, NULL, want));
    enum rc rc = fill(v, l, cx, page_wants_file(q));
    population_close(l->p);
    l->p = NULL;
    return rc;
}

static enum rc show_list(struct cx *cx, const struct request *q, struct response *a,
                         struct listing *l)
{
    struct scope *s = arena_new(cx->arena, sizeof *s);
    struct poverty_list_view v = {
        .board = {.path = l->path,
                  .fields = l->by_index ? BOARD_INDEX | BOARD_YEAR : BOARD_LINE | BOARD_YEAR}};
    bool bad, file = page_wants_file(q);
    TRY(poverty_begin(&v.board, &bad, cx, s, q));
    TRY(actor_require_in(cx, "household.view", str_of(s->area.path)));
    if (file)
        TRY(actor_require_in(cx, "export.run", str_of(s->area.path)));
    enum rc rc = bad ? RC_OK : read_list(&v, l, cx, q, s);
    if (file && rc)
        return rc;
    TRY(poverty_take(&v.board, cx, rc));
    if (file && v.table)
        return page_table_file(cx, q, a, v.table, "households");
    struct out *o = poverty_page_begin(
        cx, q, a, &v.board, arena_printf(cx->arena, _("Poor households in %s"), s->area.name));
    poverty_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc money_list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct listing l = {.path = "/poverty/households", .deprived = SIZE_MAX};
    return show_list(cx, q, a, &l);
}

static enum rc index_list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct listing l = {
        .path = "/poverty/dimensions/households", .by_index = true, .deprived = SIZE_MAX};
    return show_list(cx, q, a, &l);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/poverty/households",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 60000,
     .handle = money_list_get},
    {.method = METHOD_GET,
     .path = "/poverty/dimensions/households",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 60000,
     .handle = index_list_get},
};
const struct route_table poverty_list_routes = ROUTE_TABLE(rows);
