/* The codebook as pages: indicators, derived indicators, checks and deprivations with a search;
 * one indicator with its codes. */
#include "base/format.h"
#include "base/utf8.h"
#include "profile/codebook.html.h"
#include "profile/codebook_view.h"
#include "profile/rules.h"

enum { CODEBOOK_COLUMNS = 5, CODEBOOK_ROWS = 150 };

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

/* ---- the table: indicators, or one kind of rules ---- */

enum shown { SHOW_INDICATORS, SHOW_DERIVED, SHOW_CHECKS, SHOW_DEPRIVATIONS, SHOW_COUNT };
static const char *const shown_names[SHOW_COUNT] = {"", "derived", "checks", "indexes"};

/* A table on its way, and the word that its rows must hold. */
struct book {
    struct cx *cx;
    struct table *t;
    struct table_cell *cells;
    struct str wanted;
};

/* The cells of the next row, when its label or code holds the word; NULL else. */
static struct table_cell *add_row(struct book *b, const struct label *label, const char *code)
{
    bool fits = !b->wanted.len || str_find(str_of(code), b->wanted) != SIZE_MAX;
    for (int lang = 0; lang < LANG_COUNT && !fits; lang++)
        fits = str_find(utf8_fold(b->cx, str_of(label->in[lang])), b->wanted) != SIZE_MAX;
    if (!fits)
        return NULL;
    struct table_cell *c = b->cells + b->t->row_count++ * CODEBOOK_COLUMNS;
    c[0].text = LABEL(b->cx, *label);
    c[1].text = code;
    return c;
}

static void show_indicators(struct book *b)
{
    struct cx *cx = b->cx;
    const struct profile *p = cx->profile;
    for (size_t i = 0; i < p->indicator_count; i++) {
        const struct indicator *ind = &p->indicators[i];
        struct table_cell *c = add_row(b, &ind->label, ind->code);
        if (!c)
            continue;
        c[0].href = arena_printf(cx->arena, "/codebook/%d", ind->number);
        c[2].text = subject_text(cx, ind->subject);
        c[3].text = type_text(cx, ind->type);
        c[4].text = ind->unit[0] ? LABEL(cx, ind->unit_label) : "";
    }
}

static void show_derived(struct book *b)
{
    struct cx *cx = b->cx;
    const struct profile_rules *r = cx->profile->rules;
    for (size_t i = 0; i < r->derived_count; i++) {
        const struct derived *d = &r->derived[i];
        struct table_cell *c = add_row(b, &d->label, d->code);
        if (!c)
            continue;
        c[2].text = subject_text(cx, d->subject);
        c[3].text = d->unit;
        c[4].text = d->rule;
    }
}

static const char *severity_text(struct cx *cx, enum severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR:
        return _("Mistake");
    case SEVERITY_WARNING:
        return _("Doubtful");
    case SEVERITY_NOTE:
        return _("Note");
    }
    return "";
}

static void show_checks(struct book *b)
{
    struct cx *cx = b->cx;
    const struct profile_rules *r = cx->profile->rules;
    for (size_t i = 0; i < r->check_count; i++) {
        const struct check *check = &r->checks[i];
        struct table_cell *c = add_row(b, &check->message, check->code);
        if (!c)
            continue;
        c[2].text = subject_text(cx, check->subject);
        c[3].text = severity_text(cx, check->severity);
        c[4].text = check->rule;
    }
}

static void show_deprivations(struct book *b)
{
    struct cx *cx = b->cx;
    const struct profile_rules *r = cx->profile->rules;
    for (size_t i = 0; i < r->index_count; i++)
        for (size_t k = 0; k < r->indexes[i].count; k++) {
            const struct deprivation *d = &r->indexes[i].deprivations[k];
            struct table_cell *c = add_row(b, &d->label, d->code);
            if (!c)
                continue;
            c[2].text = LABEL(cx, r->indexes[i].label);
            c[3].text = arena_printf(cx->arena, "%s: %s", LABEL(cx, d->dimension_label),
                                     format_int(cx, d->weight));
            c[4].text = d->rule;
        }
}

static void fill_cells(struct table *t, struct cx *cx, enum shown shown, struct str search)
{
    static void (*const shows[SHOW_COUNT])(struct book *) = {show_indicators, show_derived,
                                                             show_checks, show_deprivations};
    const struct profile_rules *r = cx->profile->rules;
    size_t most = cx->profile->indicator_count + r->derived_count + r->check_count;
    for (size_t i = 0; i < r->index_count; i++)
        most += r->indexes[i].count;
    struct book b = {
        cx, t, arena_new(cx->arena, (most * CODEBOOK_COLUMNS + 1) * sizeof(struct table_cell)),
        utf8_fold(cx, search)};
    shows[shown](&b);
    t->cells = b.cells;
}

static enum shown shown_of(struct str name)
{
    for (int i = 0; i < SHOW_COUNT; i++)
        if (str_eq_z(name, shown_names[i]))
            return (enum shown)i;
    return SHOW_INDICATORS;
}

/* The present choice and word as they stand in an address. */
static const char *query_of(struct cx *cx, enum shown shown, struct str search)
{
    const char *show = shown ? arena_printf(cx->arena, "show=%s", shown_names[shown]) : "";
    return search.len ? arena_printf(cx->arena, "%s%sq=%s", show, shown ? "&" : "",
                                     url_encode(cx->arena, search))
                      : show;
}

static void titles_of(struct table_column columns[CODEBOOK_COLUMNS], struct cx *cx,
                      enum shown shown)
{
    const char *const firsts[SHOW_COUNT] = {_("Indicator"), _("Derived indicator"),
                                            _("Data check"), _("Deprivation")};
    const char *const kinds[SHOW_COUNT] = {_("Kind"), _("Unit"), _("Kind"), _("Weight")};
    const char *const titles[CODEBOOK_COLUMNS] = {
        firsts[shown], _("Name in files"), shown == SHOW_DEPRIVATIONS ? _("Index") : _("About"),
        kinds[shown], shown == SHOW_INDICATORS ? _("Unit") : _("Rule")};
    for (int i = 0; i < CODEBOOK_COLUMNS; i++)
        columns[i] = (struct table_column){NULL, titles[i], ALIGN_TEXT, i > 0};
}

/* Leaves one page of the rows; a file gets them all. */
static void cut_page(struct table *t, struct cx *cx, const struct request *q)
{
    int64_t from = 0;
    if (!str_to_i64(&from, request_query(q, "after")) || from < 0 ||
        (uint64_t)from > t->row_count)
        from = 0;
    size_t rest = t->row_count - (size_t)from;
    t->cells += (size_t)from * CODEBOOK_COLUMNS;
    t->row_count = rest < CODEBOOK_ROWS ? rest : CODEBOOK_ROWS;
    t->is_first_page = from == 0;
    if (rest > CODEBOOK_ROWS)
        t->next_token = arena_printf(cx->arena, "%" PRId64, from + CODEBOOK_ROWS);
}

static enum rc codebook_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct str search = str_trim(request_query(q, "q"));
    enum shown shown = shown_of(request_query(q, "show"));
    struct table_column columns[CODEBOOK_COLUMNS];
    const struct filter_choice choices[SHOW_COUNT] = {
        {shown_names[SHOW_INDICATORS], _("Indicators")},
        {shown_names[SHOW_DERIVED], _("Derived indicators")},
        {shown_names[SHOW_CHECKS], _("Data checks")},
        {shown_names[SHOW_DEPRIVATIONS], _("Indexes of deprivation")},
    };
    const struct table_filter filters[] = {{.kind = FILTER_CHOICE,
                                            .name = "show",
                                            .label = _("Show"),
                                            .value = shown_names[shown],
                                            .choices = choices,
                                            .choice_count = SHOW_COUNT},
                                           {.kind = FILTER_SEARCH,
                                            .name = "q",
                                            .label = _("Word in the name"),
                                            .value = arena_copy(cx->arena, search)}};
    struct table t = {.caption = _("Codebook"),
                      .base = "/codebook",
                      .query = query_of(cx, shown, search),
                      .columns = columns,
                      .column_count = CODEBOOK_COLUMNS,
                      .filters = filters,
                      .filter_count = 2,
                      .is_first_page = true,
                      .can_export = true,
                      .empty_title = _("Nothing fits"),
                      .empty_href = "/codebook",
                      .empty_action = _("Show all")};
    titles_of(columns, cx, shown);
    fill_cells(&t, cx, shown, search);
    t.total = arena_printf(cx->arena, _n("%s row", "%s rows", t.row_count),
                           format_int(cx, (int64_t)t.row_count));
    if (page_wants_file(q))
        return page_table_file(cx, q, a, &t, "codebook");
    cut_page(&t, cx, q);
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
