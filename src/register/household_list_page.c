/* The list of households: search, filters in the address, keyset paging, and as a file. */
#include "base/format.h"
#include "base/limits.h"
#include "register/area.h"
#include "register/household.h"
#include "register/household_list.html.h"
#include "web/page.h"

enum {
    LIST_COLUMNS_MAX = 8,
    LIST_FILE_ROWS = 10000,
    LIST_COUNT_MAX = 10000,
    FIXED_COLUMNS = 4
};

/* What the address asks for. */
static enum rc read_query(struct household_query *out, struct cx *cx, const struct request *q)
{
    *out = (struct household_query){
        .search = str_trim(request_query(q, "q")),
        .sort = request_query(q, "sort"),
        .after = request_query(q, "after"),
        .descending = request_query(q, "down").len > 0,
        .ended = request_query(q, "ended").len > 0,
        .limit = LIMIT_PAGE_ROWS_DEFAULT,
    };
    struct str area = request_query(q, "area");
    if (area.len && (!str_to_i64(&out->area_id, area) || out->area_id < 0))
        return fail(cx, RC_INVALID, _("The area in the address is not a number."), "area");
    for (size_t i = 0; i < cx->profile->list_column_count; i++)
        out->list_column[i] = request_query(q, cx->profile->list_columns[i]->code);
    return RC_OK;
}

/* The query of the address without paging and language, encoded again. */
static const char *query_text(struct cx *cx, const struct request *q)
{
    struct buf b;
    buf_init(&b, cx->arena, LIMIT_URL_BYTES * 4);
    for (size_t i = 0; i < q->query_count; i++) {
        const struct pair *p = &q->query[i];
        if (str_eq_z(p->name, "after") || str_eq_z(p->name, "format") ||
            str_eq_z(p->name, "lang") || !p->value.len)
            continue;
        buf_printf(&b, "%s%s=%s", b.len ? "&" : "", url_encode(cx->arena, p->name),
                   url_encode(cx->arena, p->value));
    }
    return arena_copy(cx->arena, buf_view(&b));
}

static void fill_columns(struct table *t, struct cx *cx)
{
    const struct profile *p = cx->profile;
    struct table_column *c =
        arena_new(cx->arena, (FIXED_COLUMNS + LIST_COLUMNS_MAX) * sizeof *c);
    size_t n = 0;
    c[n++] = (struct table_column){"name", _("Head of household"), ALIGN_TEXT, false};
    c[n++] = (struct table_column){"code", _("Household number"), ALIGN_TEXT, true};
    c[n++] = (struct table_column){"area", _("Village"), ALIGN_TEXT, true};
    c[n++] = (struct table_column){"size", _("People"), ALIGN_NUMBER, true};
    for (size_t i = 0; i < p->list_column_count; i++) {
        const struct indicator *ind = p->list_columns[i];
        bool is_number =
            ind->type == TYPE_MONEY || ind->type == TYPE_DECIMAL || ind->type == TYPE_INTEGER;
        const char *unit = LABEL(cx, ind->unit_label), *label = LABEL(cx, ind->label);
        if (is_number && unit[0])
            label = arena_printf(cx->arena, "%s (%s)", label, unit);
        c[n++] =
            (struct table_column){NULL, label, is_number ? ALIGN_NUMBER : ALIGN_TEXT, true};
    }
    t->columns = c;
    t->column_count = n;
}

static void fill_filters(struct table *t, struct cx *cx, const struct household_query *hq)
{
    const struct profile *p = cx->profile;
    struct table_filter *f = arena_new(cx->arena, (2 + LIST_COLUMNS_MAX) * sizeof *f);
    size_t n = 0;
    f[n++] = (struct table_filter){.kind = FILTER_SEARCH,
                                   .name = "q",
                                   .label = _("Name, number or village"),
                                   .value = arena_copy(cx->arena, hq->search)};
    for (size_t i = 0; i < p->list_column_count; i++) {
        const struct indicator *ind = p->list_columns[i];
        if (ind->type != TYPE_CODE)
            continue;
        struct filter_choice *choices =
            arena_new(cx->arena, (ind->list->code_count + 1) * sizeof *choices);
        choices[0] = (struct filter_choice){"", _("all")};
        for (size_t k = 0; k < ind->list->code_count; k++)
            choices[k + 1] =
                (struct filter_choice){arena_printf(cx->arena, "%d", ind->list->codes[k].code),
                                       LABEL(cx, ind->list->codes[k].label)};
        f[n++] = (struct table_filter){FILTER_CHOICE,
                                       ind->code,
                                       LABEL(cx, ind->label),
                                       arena_copy(cx->arena, hq->list_column[i]),
                                       choices,
                                       ind->list->code_count + 1};
    }
    if (hq->area_id)
        f[n++] =
            (struct table_filter){.kind = FILTER_HIDDEN,
                                  .name = "area",
                                  .value = arena_printf(cx->arena, "%" PRId64, hq->area_id)};
    t->filters = f;
    t->filter_count = n;
}

static const char *head_label(struct cx *cx, const struct household *h)
{
    if (h->head_name && h->head_name[0])
        return h->head_name;
    return h->code[0] ? h->code
                      : arena_printf(cx->arena, _("Household %s"), format_int(cx, h->id));
}

/* A number without its unit, which stands in the column's title. */
static const char *list_value(struct cx *cx, const struct indicator *ind, struct value v)
{
    if (ind->type == TYPE_MONEY)
        return format_money(cx, v.i, ind->decimals);
    if (ind->type == TYPE_DECIMAL)
        return format_scaled(cx, v.i, ind->decimals);
    return ind->type == TYPE_INTEGER ? format_int(cx, v.i) : value_show(cx, ind, v);
}

static void fill_cells(struct table *t, struct cx *cx, const struct household_row *rows,
                       size_t count)
{
    struct table_cell *cells =
        arena_new(cx->arena, (count * t->column_count + 1) * sizeof *cells);
    for (size_t r = 0; r < count; r++) {
        const struct household *h = &rows[r].h;
        struct table_cell *c = cells + r * t->column_count;
        c[0] = (struct table_cell){head_label(cx, h),
                                   arena_printf(cx->arena, "/household/%" PRId64, h->id), NULL};
        c[1].text = h->code;
        c[2].text = rows[r].village;
        c[3].text = format_int(cx, h->people_count);
        for (size_t i = 0; i < cx->profile->list_column_count; i++)
            if (rows[r].shown[i].kind != VALUE_MISSING)
                c[FIXED_COLUMNS + i].text =
                    list_value(cx, cx->profile->list_columns[i], rows[r].shown[i]);
    }
    t->cells = cells;
    t->row_count = count;
}

static bool is_filtered(const struct household_query *hq)
{
    bool filtered = hq->search.len > 0;
    for (size_t i = 0; i < LIST_COLUMNS_MAX; i++)
        filtered = filtered || hq->list_column[i].len > 0;
    return filtered;
}

static const char *total_text(struct cx *cx, int64_t count, bool more)
{
    if (more)
        return arena_printf(cx->arena, _("more than %s households"), format_int(cx, count));
    return arena_printf(cx->arena, _n("%s household", "%s households", count),
                        format_int(cx, count));
}

static void fill_empty(struct table *t, struct cx *cx, bool filtered)
{
    if (filtered) {
        t->empty_title = _("No household fits");
        t->empty_hint =
            _("Try a part of the name, its pinyin, the household number, or fewer filters.");
        t->empty_href = "/household";
        t->empty_action = _("Show all");
        return;
    }
    t->empty_title = _("No households yet");
    t->empty_hint = _("Households come in by importing a file or, later, by visits.");
    if (actor_may(cx, "import.run")) {
        t->empty_href = "/import";
        t->empty_action = _("Import a file");
    }
}

/* All rows up to the limit of a saved list. */
static enum rc all_rows(struct household_row **out, size_t *count, struct cx *cx,
                        struct household_query *hq)
{
    struct household_row *all = arena_array(cx->arena, LIST_FILE_ROWS, sizeof *all);
    if (!all)
        return fail(cx, RC_LIMIT,
                    _("This list is too long to be saved from here; use Exports."),
                    "list file");
    *count = 0;
    hq->limit = LIMIT_PAGE_ROWS;
    for (;;) {
        struct household_row *rows = NULL;
        size_t n;
        const char *next;
        TRY(household_list(&rows, &n, &next, cx, hq));
        if (*count + n > LIST_FILE_ROWS)
            return fail_f(
                cx, RC_LIMIT,
                _("A list of more than %d households is saved from the page “Exports”."),
                LIST_FILE_ROWS);
        memcpy(all + *count, rows, n * sizeof *all);
        *count += n;
        if (!next)
            break;
        hq->after = str_of(next);
    }
    *out = all;
    return RC_OK;
}

static enum rc list_file(struct cx *cx, const struct request *q, struct response *a,
                         struct household_query *hq)
{
    TRY(actor_require(cx, "export.run"));
    struct household_row *rows = NULL;
    size_t count = 0;
    struct table t = {0};
    TRY(all_rows(&rows, &count, cx, hq));
    fill_columns(&t, cx);
    fill_cells(&t, cx, rows, count);
    return page_table_file(cx, q, a, &t, "households");
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct household_query hq;
    TRY(read_query(&hq, cx, q));
    TRY(db_read_begin(cx));
    if (page_wants_file(q))
        return list_file(cx, q, a, &hq);
    struct household_row *rows = NULL;
    size_t count = 0;
    const char *next;
    int64_t total;
    bool more;
    TRY(household_list(&rows, &count, &next, cx, &hq));
    TRY(household_count(&total, &more, cx, &hq, LIST_COUNT_MAX));
    struct table t = {
        .caption = _("Households"),
        .base = "/household",
        .query = query_text(cx, q),
        .sort = hq.sort.p ? arena_copy(cx->arena, hq.sort) : "area",
        .descending = hq.descending,
        .total = total_text(cx, total, more),
        .next_token = next,
        .is_first_page = !hq.after.len,
        .can_export = actor_may(cx, "export.run"),
    };
    fill_columns(&t, cx);
    fill_filters(&t, cx, &hq);
    fill_cells(&t, cx, rows, count);
    fill_empty(&t, cx, is_filtered(&hq));
    struct household_list_view view = {.table = &t};
    if (hq.area_id)
        TRY(area_chain(&view.chain, &view.chain_count, cx, hq.area_id));
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("Households"), .nav = "household"});
    household_list_body(o, cx, &view);
    return page_end(cx, q, a, o);
}

static const struct route rows_[] = {
    {.method = METHOD_GET,
     .path = "/household",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = list_get},
};
const struct route_table household_list_routes = ROUTE_TABLE(rows_);
