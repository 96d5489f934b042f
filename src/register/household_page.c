/* The page of a household and the page of a person. */
#include "base/format.h"
#include "casework/case_view.h"
#include "help/help_view.h"
#include "people/org_view.h"
#include "people/user.h"
#include "register/check_view.h"
#include "register/compare_view.h"
#include "register/household.html.h"
#include "register/household_view.h"

#include <math.h>

enum { CHANGES_PER_PAGE = 20, CHART_SERIES_MAX = 12, CHART_YEARS_MAX = 10, DOCUMENTS_MAX = 20 };

static const struct income_kind *top_kind(const struct income_kind *kind)
{
    while (kind->parent)
        kind = kind->parent;
    return kind;
}

static double major(const struct cx *cx, int64_t minor)
{
    return (double)minor / pow(10, cx->profile->currency_decimals);
}

/* Years and top kinds that occur, in order. */
struct income_axes {
    int32_t years[CHART_YEARS_MAX];
    size_t year_count;
    const struct income_kind *kinds[CHART_SERIES_MAX];
    size_t kind_count;
};

static void collect_axes(struct income_axes *x, const struct profile *p,
                         const struct income *incomes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t y = 0;
        while (y < x->year_count && x->years[y] < incomes[i].year)
            y++;
        if (y < x->year_count && x->years[y] == incomes[i].year)
            continue;
        if (x->year_count == CHART_YEARS_MAX)
            continue;
        memmove(x->years + y + 1, x->years + y, (x->year_count - y) * sizeof x->years[0]);
        x->years[y] = incomes[i].year;
        x->year_count++;
    }
    for (size_t k = 0; k < p->income_count && x->kind_count < CHART_SERIES_MAX; k++) {
        if (p->incomes[k].parent)
            continue;
        for (size_t i = 0; i < count; i++)
            if (top_kind(incomes[i].kind) == &p->incomes[k]) {
                x->kinds[x->kind_count++] = &p->incomes[k];
                break;
            }
    }
}

/* Amounts of the kinds below a top kind are added up; costs count as negative. */
static const struct chart *income_chart(struct cx *cx, const struct income *incomes,
                                        size_t count)
{
    struct income_axes x = {0};
    collect_axes(&x, cx->profile, incomes, count);
    if (!x.year_count || !x.kind_count)
        return NULL;
    struct chart *c = arena_new(cx->arena, sizeof *c);
    struct chart_series *series = arena_new(cx->arena, x.kind_count * sizeof *series);
    const char **categories = arena_new(cx->arena, x.year_count * sizeof *categories);
    for (size_t y = 0; y < x.year_count; y++)
        categories[y] = arena_printf(cx->arena, "%d", x.years[y]);
    for (size_t k = 0; k < x.kind_count; k++) {
        double *values = arena_new(cx->arena, x.year_count * sizeof *values);
        for (size_t i = 0; i < count; i++)
            for (size_t y = 0; y < x.year_count; y++)
                if (top_kind(incomes[i].kind) == x.kinds[k] && incomes[i].year == x.years[y])
                    values[y] += incomes[i].kind->sign * major(cx, incomes[i].amount_minor);
        series[k] = (struct chart_series){LABEL(cx, x.kinds[k]->label), values};
    }
    *c = (struct chart){.title = _("Incomes and costs of the household by kind and year"),
                        .unit = cx->profile->currency,
                        .categories = categories,
                        .category_count = x.year_count,
                        .series = series,
                        .series_count = x.kind_count,
                        .decimals = 0};
    return c;
}

static enum rc fill_people(struct household_view *v, struct cx *cx)
{
    struct person *people;
    size_t all_count, present_count;
    TRY(household_people(&people, &present_count, cx, v->h.county, v->h.id, false));
    struct person *all;
    TRY(household_people(&all, &all_count, cx, v->h.county, v->h.id, true));
    v->has_past_members = all_count > present_count;
    const struct person *shown = v->shows_past ? all : people;
    v->person_count = v->shows_past ? all_count : present_count;
    v->people = arena_new(cx->arena, (v->person_count + 1) * sizeof *v->people);
    for (size_t i = 0; i < v->person_count; i++) {
        v->people[i] = person_view_of(cx, &shown[i]);
        TRY(person_view_secrets(cx, &v->people[i]));
    }
    return RC_OK;
}

/* Documents that the shown changes came out of, each once. */
static void collect_document(struct household_view *v, struct cx *cx,
                             const struct journal_entry *e)
{
    if (!e->document_id || v->document_count == DOCUMENTS_MAX)
        return;
    for (size_t i = 0; i < v->document_count; i++)
        if (v->documents[i].id == e->document_id)
            return;
    if (journal_document(&v->documents[v->document_count], cx, e) == RC_OK)
        v->document_count++;
    else
        err_clear(cx);
}

/* What came in at once is shown as one change with the rest folded away. */
static void fold_changes(struct household_view *v)
{
    size_t first = 0;
    for (size_t i = 1; i < v->change_count; i++) {
        if (v->changes[i].seq != v->changes[first].seq) {
            first = i;
            continue;
        }
        v->changes[i].follows = true;
        v->changes[first].follow_count++;
    }
}

static enum rc fill_changes(struct household_view *v, struct cx *cx, int64_t before)
{
    struct journal_entry *entries;
    size_t count;
    TRY(journal_of_household(&entries, &count, cx, v->h.county, v->h.id, before,
                             CHANGES_PER_PAGE));
    v->changes = arena_new(cx->arena, (count + 1) * sizeof *v->changes);
    v->documents = arena_new(cx->arena, DOCUMENTS_MAX * sizeof *v->documents);
    v->change_count = count;
    for (size_t i = 0; i < count; i++) {
        TRY(change_view_of(&v->changes[i], cx, &entries[i]));
        collect_document(v, cx, &entries[i]);
    }
    fold_changes(v);
    if (count && entries[count - 1].seq > 1 && count >= CHANGES_PER_PAGE)
        v->older_href = arena_printf(cx->arena, "/household/%" PRId64 "?before=%" PRId64,
                                     v->h.id, entries[count - 1].seq);
    return RC_OK;
}

static enum rc query_number(int64_t *out, struct cx *cx, const struct request *q,
                            const char *name)
{
    struct str text = request_query(q, name);
    *out = 0;
    if (text.len && (!str_to_i64(out, text) || *out < 0 || *out > INT32_MAX * INT64_C(1000000)))
        return fail_f(cx, RC_INVALID, _("\"%s\" in the address is not a number."), name);
    return RC_OK;
}

static enum rc household_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, before, year_wanted;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(query_number(&before, cx, q, "before"));
    TRY(query_number(&year_wanted, cx, q, "year"));
    TRY(db_read_begin(cx));
    struct household_view v = {.shows_past = request_query(q, "past").len > 0,
                               .csrf = visitor_of(q)->csrf};
    TRY(household_get(&v.h, cx, id));
    TRY(area_chain(&v.chain, &v.chain_count, cx, v.h.area_id));
    TRY(fill_people(&v, cx));
    int32_t year = (int32_t)year_wanted;
    const struct sheet_of of = {SUBJECT_HOUSEHOLD, v.h.county, id};
    TRY(sheet_year_links(&v.years, &v.year_count, &year, cx, &of));
    TRY(facts_of_sheet(&v.groups, &v.group_count, cx, &of, year));
    struct income *incomes;
    size_t income_count;
    TRY(household_incomes(&incomes, &income_count, cx, v.h.county, id));
    v.chart = income_chart(cx, incomes, income_count);
    TRY(portrait_view_fill(&v.portrait, cx, &v.h));
    TRY(check_parts_fill(&v.checks, cx, q, &v.h, year));
    struct household_findings_view findings;
    TRY(household_findings_load(&findings, cx, v.h.county, id));
    v.findings = &findings;
    TRY(case_parts_fill(&v.cases, cx, q, &v.h));
    struct household_helpers_view helpers;
    TRY(household_helpers_load(&helpers, cx, q, v.h.county, id, str_of(v.h.area_path)));
    v.helpers = &helpers;
    TRY(help_section_fill(&v.help, cx, q, &v.h));
    TRY(fill_changes(&v, cx, before));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = household_label(cx, &v.h),
                                              .nav = "household",
                                              .back_href = "/household",
                                              .back_label = _("Households")});
    household_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* The looks of a person, with the fields' names as people know them. */
static enum rc list_looks(struct person_page_view *v, struct cx *cx)
{
    v->may_see_looks = actor_may(cx, "audit.view");
    if (!v->may_see_looks)
        return RC_OK;
    TRY(look_list(&v->looks, &v->look_count, cx, v->person.p.county, v->person.p.id));
    for (size_t i = 0; i < v->look_count; i++) {
        v->looks[i].reason = text_in(cx->lang, v->looks[i].reason);
        for (size_t k = 0; k < sizeof v->person.secrets / sizeof v->person.secrets[0]; k++)
            if (!strcmp(v->looks[i].field, v->person.secrets[k].name))
                v->looks[i].field = v->person.secrets[k].label;
    }
    return RC_OK;
}

static enum rc person_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, year_wanted;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(query_number(&year_wanted, cx, q, "year"));
    TRY(db_read_begin(cx));
    struct person p;
    TRY(person_get(&p, cx, id));
    struct person_page_view v = {.person = person_view_of(cx, &p), .csrf = visitor_of(q)->csrf};
    TRY(household_get(&v.h, cx, p.household_id));
    TRY(person_view_secrets(cx, &v.person));
    v.household_label = household_label(cx, &v.h);
    int32_t year = (int32_t)year_wanted;
    const struct sheet_of of = {SUBJECT_PERSON, p.county, id};
    TRY(sheet_year_links(&v.years, &v.year_count, &year, cx, &of));
    TRY(facts_of_sheet(&v.groups, &v.group_count, cx, &of, year));
    TRY(list_looks(&v, cx));
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = v.person.name,
                       .nav = "household",
                       .back_href = arena_printf(cx->arena, "/household/%" PRId64, v.h.id),
                       .back_label = v.household_label});
    person_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/household/{id}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = household_page_get,
     .test_path = "/household/1"},
    {.method = METHOD_GET,
     .path = "/person/{id}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = person_page_get,
     .test_path = "/person/1"},
};
const struct route_table household_routes = ROUTE_TABLE(rows);
