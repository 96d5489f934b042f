/* The codebook as pages: all indicators with a search, and one indicator with its codes. */
#include "base/format.h"
#include "base/utf8.h"
#include "profile/codebook.html.h"
#include "profile/codebook_view.h"

enum { CODEBOOK_COLUMNS = 5 };

static const char *subject_text(struct cx *cx, enum subject subject)
{
    switch (subject) {
    case SUBJECT_HOUSEHOLD:
        return _("household");
    case SUBJECT_PERSON:
        return _("person");
    case SUBJECT_AREA:
        return _("area");
    }
    return "";
}

static const char *type_text(struct cx *cx, enum indicator_type type)
{
    switch (type) {
    case TYPE_INTEGER:
        return _("whole number");
    case TYPE_DECIMAL:
        return _("number");
    case TYPE_MONEY:
        return _("money");
    case TYPE_BOOL:
        return _("yes or no");
    case TYPE_CODE:
        return _("one of a list");
    case TYPE_CODES:
        return _("several of a list");
    case TYPE_DAY:
        return _("date");
    case TYPE_MONTH:
        return _("month");
    case TYPE_TEXT:
        return _("text");
    }
    return "";
}

static bool fits(struct cx *cx, const struct indicator *ind, struct str wanted)
{
    if (!wanted.len)
        return true;
    for (int lang = 0; lang < LANG_COUNT; lang++)
        if (str_find(utf8_fold(cx, str_of(ind->label.in[lang])), wanted) != SIZE_MAX)
            return true;
    return str_find(str_of(ind->code), wanted) != SIZE_MAX;
}

static void fill_cells(struct table *t, struct cx *cx, struct str search)
{
    const struct profile *p = cx->profile;
    struct str wanted = utf8_fold(cx, search);
    struct table_cell *cells =
        arena_new(cx->arena, (p->indicator_count * CODEBOOK_COLUMNS + 1) * sizeof *cells);
    for (size_t i = 0; i < p->indicator_count; i++) {
        const struct indicator *ind = &p->indicators[i];
        if (!fits(cx, ind, wanted))
            continue;
        struct table_cell *c = cells + t->row_count++ * CODEBOOK_COLUMNS;
        c[0] = (struct table_cell){LABEL(cx, ind->label),
                                   arena_printf(cx->arena, "/codebook/%d", ind->number), NULL};
        c[1].text = ind->code;
        c[2].text = subject_text(cx, ind->subject);
        c[3].text = type_text(cx, ind->type);
        c[4].text = ind->unit[0] ? LABEL(cx, ind->unit_label) : "";
    }
    t->cells = cells;
}

static enum rc codebook_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct str search = str_trim(request_query(q, "q"));
    const struct table_column columns[CODEBOOK_COLUMNS] = {
        {NULL, _("Indicator"), ALIGN_TEXT, false}, {NULL, _("Name in files"), ALIGN_TEXT, true},
        {NULL, _("About"), ALIGN_TEXT, true},      {NULL, _("Kind"), ALIGN_TEXT, true},
        {NULL, _("Unit"), ALIGN_TEXT, true},
    };
    const struct table_filter filter = {.kind = FILTER_SEARCH,
                                        .name = "q",
                                        .label = _("Word in the name"),
                                        .value = arena_copy(cx->arena, search)};
    struct table t = {
        .caption = _("Codebook"),
        .base = "/codebook",
        .query =
            search.len ? arena_printf(cx->arena, "q=%s", url_encode(cx->arena, search)) : "",
        .columns = columns,
        .column_count = CODEBOOK_COLUMNS,
        .filters = &filter,
        .filter_count = 1,
        .is_first_page = true,
        .can_export = true,
        .empty_title = _("No indicator fits"),
        .empty_href = "/codebook",
        .empty_action = _("Show all")};
    fill_cells(&t, cx, search);
    t.total = arena_printf(cx->arena, _n("%s indicator", "%s indicators", t.row_count),
                           format_int(cx, (int64_t)t.row_count));
    if (page_wants_file(q))
        return page_table_file(cx, q, a, &t, "codebook");
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Codebook"), .nav = "profile"});
    codebook_body(o, cx, &t);
    return page_end(cx, q, a, o);
}

static void add_fact(struct indicator_view *v, const char *label, const char *value)
{
    if (value && value[0])
        v->facts[v->fact_count++] = (struct indicator_fact){label, value};
}

static enum rc indicator_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t number;
    TRY(request_param_id(&number, cx, q, "number"));
    const struct indicator *ind =
        number <= INT32_MAX ? profile_indicator_number(cx->profile, (int32_t)number) : NULL;
    if (!ind)
        return fail(cx, RC_NOTFOUND, "", "indicator");
    struct indicator_view v = {.list = ind->list};
    add_fact(&v, _("Name in files"), ind->code);
    add_fact(&v, _("About"), subject_text(cx, ind->subject));
    add_fact(&v, _("Question"), LABEL(cx, ind->question));
    add_fact(&v, _("Help"), LABEL(cx, ind->help));
    add_fact(&v, _("Kind"), type_text(cx, ind->type));
    add_fact(&v, _("Unit"), ind->unit[0] ? LABEL(cx, ind->unit_label) : "");
    if (ind->has_min)
        add_fact(&v, _("Smallest"), value_show(cx, ind, value_int(ind->min)));
    if (ind->has_max)
        add_fact(&v, _("Largest"), value_show(cx, ind, value_int(ind->max)));
    add_fact(&v, _("Source"), ind->source);
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = LABEL(cx, ind->label),
                                              .nav = "profile",
                                              .back_href = "/codebook",
                                              .back_label = _("Codebook")});
    indicator_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/codebook",
     .scope = SCOPE_PERMISSION,
     .permission = "profile.view",
     .csrf = CSRF_NONE,
     .handle = codebook_get},
    {.method = METHOD_GET,
     .path = "/codebook/{number}",
     .scope = SCOPE_PERMISSION,
     .permission = "profile.view",
     .csrf = CSRF_NONE,
     .handle = indicator_get,
     .test_path = "/codebook/1"},
};
const struct route_table codebook_routes = ROUTE_TABLE(rows);
