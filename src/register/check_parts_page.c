/* What the pages about checks share: what the address asks for, findings as lists show them,
 * the part of a household's page, and the forms that explain a finding. */
#include "base/format.h"
#include "base/limits.h"
#include "base/time.h"
#include "people/user.h"
#include "register/check_view.h"
#include "register/household_view.h"
#include "register/own_rule_view.h"

enum { FACTS_SHOWN = 16, VALUES_BYTES = 4096, YEAR_MIN = 1900, YEAR_MAX = 2200 };

const char *severity_text(struct cx *cx, enum severity severity)
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

const char *severity_tone(enum severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR:
        return "bad";
    case SEVERITY_WARNING:
        return "warn";
    case SEVERITY_NOTE:
        return "muted";
    }
    return "";
}

/* ---- the address ---- */

static enum rc read_number(int64_t *out, struct cx *cx, const struct request *q,
                           const char *name)
{
    struct str text = request_query(q, name);
    *out = 0;
    if (text.len && (!str_to_i64(out, text) || *out < 0))
        return fail_f(cx, RC_INVALID, _("\"%s\" in the address is not a number."), name);
    return RC_OK;
}

enum rc check_query_read(struct check_query *out, struct cx *cx, const struct request *q)
{
    int64_t year;
    struct str show = request_query(q, "show");
    *out = (struct check_query){.severity = request_query(q, "severity"),
                                .group = request_query(q, "group"),
                                .search = str_trim(request_query(q, "q")),
                                .sort = request_query(q, "sort"),
                                .descending = request_query(q, "down").len > 0,
                                .all = request_query(q, "all").len > 0};
    TRY(read_number(&out->area_id, cx, q, "area"));
    TRY(read_number(&out->after, cx, q, "after"));
    TRY(read_number(&year, cx, q, "year"));
    if (year && (year < YEAR_MIN || year > YEAR_MAX))
        return fail(cx, RC_INVALID, _("The year should be a number such as 2025."), "year");
    out->year = (int32_t)year;
    out->show = str_eq_z(show, "explained") ? CHECK_EXPLAINED
                : str_eq_z(show, "all")     ? CHECK_ALL
                                            : CHECK_OPEN;
    return RC_OK;
}

enum rc check_where_find(struct check_where *out, struct cx *cx,
                         const struct check_query *query)
{
    *out = (struct check_where){.area_name = _("All areas")};
    TRY(check_scope_find(&out->scope, cx, query->area_id));
    if (out->scope.has_area) {
        TRY(area_chain(&out->chain, &out->chain_count, cx, out->scope.area.id));
        out->area_name = out->scope.area.name;
    }
    TRY(check_years(&out->years, &out->year_count, cx, &out->scope));
    out->year = query->year;
    if (!out->year && out->year_count)
        out->year = out->years[0];
    bool known = false;
    for (size_t i = 0; i < out->year_count; i++)
        known = known || out->years[i] == out->year;
    if (!known && !out->scope.too_many)
        out->year = 0;
    return RC_OK;
}

const char *check_href(struct cx *cx, const char *path, int64_t area_id, int32_t year)
{
    const char *area = area_id ? arena_printf(cx->arena, "area=%" PRId64, area_id) : "";
    const char *when = year ? arena_printf(cx->arena, "year=%d", year) : "";
    return arena_printf(cx->arena, "%s%s%s%s%s", path, area[0] || when[0] ? "?" : "", area,
                        area[0] && when[0] ? "&" : "", when);
}

/* ---- a finding ---- */

static const struct check_explanation *explanation_of(const struct check_county *c,
                                                      int32_t number, int64_t subject_id)
{
    for (size_t i = 0; i < c->explanation_count; i++)
        if (c->explanations[i].number == number && c->explanations[i].subject_id == subject_id)
            return &c->explanations[i];
    return NULL;
}

static int64_t subject_id_of(const struct check_county *c, enum subject subject,
                             const struct check_found *f, uint32_t row)
{
    if (subject == SUBJECT_AREA)
        return f->area_id;
    return subject == SUBJECT_PERSON ? c->head->person_id[row] : f->household_id;
}

/* Facts that are missing behind the known ones; *known is how many there are. */
static void known_first(struct columns_fact *facts, size_t count, size_t *known, struct cx *cx)
{
    struct columns_fact *sorted = arena_new(cx->arena, (count + 1) * sizeof *sorted);
    const char *missing = _("not known");
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(facts[i].value, missing) != 0)
            sorted[n++] = facts[i];
    *known = n;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(facts[i].value, missing))
            sorted[n++] = facts[i];
    if (count)
        memcpy(facts, sorted, count * sizeof *sorted);
}

static void put_label(struct buf *b, const struct columns_fact *fact, int32_t year)
{
    buf_z(b, fact->label);
    if (fact->year != year && fact->year)
        buf_printf(b, " (%d)", fact->year);
}

/* "Not known: Risk 2, Risk 3". */
static void put_missing(struct buf *b, struct cx *cx, const struct columns_fact *facts,
                        size_t count, int32_t year)
{
    if (!count)
        return;
    buf_z(b, _("Not known:"));
    buf_char(b, ' ');
    for (size_t i = 0; i < count && i < FACTS_SHOWN; i++) {
        buf_z(b, i ? _(", ") : "");
        put_label(b, &facts[i], year);
    }
    if (count > FACTS_SHOWN)
        buf_z(b, " …");
}

/* One person's or the household's values. */
static enum rc put_values(struct buf *b, struct cx *cx, const struct check_county *c,
                          size_t check, uint32_t row)
{
    struct columns_fact *facts;
    size_t count, known;
    TRY(check_facts(&facts, &count, cx, c, check, row));
    known_first(facts, count, &known, cx);
    for (size_t i = 0; i < known && i < FACTS_SHOWN; i++) {
        buf_z(b, i ? " · " : "");
        put_label(b, &facts[i], c->year);
        buf_printf(b, _(": %s"), facts[i].value);
    }
    if (known > FACTS_SHOWN)
        buf_z(b, " …");
    if (known && known < count)
        buf_z(b, " · ");
    put_missing(b, cx, facts + known, count - known, c->year);
    return RC_OK;
}

/* "" for one who is no member any more. */
static enum rc person_name(const char **name, struct cx *cx, int64_t id)
{
    struct person p;
    enum rc rc = person_get(&p, cx, id);
    *name = "";
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    *name = person_view_of(cx, &p).name;
    return RC_OK;
}

static enum rc item_place(struct check_item *out, struct cx *cx, int64_t area_id)
{
    struct area *chain;
    size_t count;
    TRY(area_chain(&chain, &count, cx, area_id));
    const char **const parts[] = {&out->township, &out->village, &out->group};
    out->place = out->township = out->village = out->group = "";
    out->village_id = area_id;
    for (size_t i = 0; i < count; i++) {
        int below = chain[i].level - cx->profile->tenant_level;
        if (below < 1)
            continue;
        if (below <= (int)(sizeof parts / sizeof parts[0]))
            *parts[below - 1] = chain[i].name;
        if (below <= 2)
            out->village_id = chain[i].id;
        out->place = arena_printf(cx->arena, "%s%s%s", out->place, out->place[0] ? " · " : "",
                                  chain[i].name);
    }
    return RC_OK;
}

enum rc check_item_fill(struct check_item *out, struct cx *cx, const struct check_county *c,
                        size_t check, const struct check_found *f)
{
    const struct check *k = &c->rules->checks[check];
    struct buf values, people;
    struct household h;
    buf_init(&values, cx->arena, VALUES_BYTES);
    buf_init(&people, cx->arena, VALUES_BYTES);
    *out = (struct check_item){.household_id = f->household_id,
                               .area_id = f->area_id,
                               .explained = f->explained,
                               .code = ""};
    TRY(item_place(out, cx, f->area_id));
    if (f->household_id) {
        TRY(household_get(&h, cx, f->household_id));
        out->label = h.head_name && h.head_name[0] ? h.head_name : household_label(cx, &h);
        out->code = h.code;
        out->href =
            arena_printf(cx->arena, "/household/%" PRId64 "?year=%d#checks", h.id, c->year);
    } else {
        out->label = area_label(cx, f->area_id);
        out->href = arena_printf(cx->arena, "/area/%" PRId64, f->area_id);
    }
    for (size_t i = 0; i < f->row_count; i++) {
        int64_t subject = subject_id_of(c, k->subject, f, f->rows[i]);
        const char *name = "";
        if (k->subject == SUBJECT_PERSON)
            TRY(person_name(&name, cx, subject));
        if (name[0])
            buf_printf(&people, "%s%s", people.len ? _(", ") : "", name);
        if (name[0] && f->row_count > 1)
            buf_printf(&values, "%s%s — ", i ? " | " : "", name);
        TRY(put_values(&values, cx, c, check, f->rows[i]));
        const struct check_explanation *e =
            f->explained ? explanation_of(c, k->number, subject) : NULL;
        out->reason = e ? e->reason : out->reason;
        out->explanation_id = e ? e->id : out->explanation_id;
    }
    out->values = arena_copy(cx->arena, buf_view(&values));
    out->people = arena_copy(cx->arena, buf_view(&people));
    return RC_OK;
}

/* ---- the part of a household's page ---- */

static enum rc fill_part(struct check_part *p, struct cx *cx, const struct check_finding *f,
                         const struct household *h, int32_t year)
{
    *p = (struct check_part){
        .check = f->check,
        .severity = severity_text(cx, f->check->severity),
        .tone = severity_tone(f->check->severity),
        .href = check_href(cx, arena_printf(cx->arena, "/check/%d", f->check->number),
                           h->area_id, year),
        .person = "",
        .person_id = f->person_id,
        .facts = f->facts,
        .explained = f->explained};
    struct buf missing;
    buf_init(&missing, cx->arena, VALUES_BYTES);
    known_first(f->facts, f->fact_count, &p->fact_count, cx);
    put_missing(&missing, cx, f->facts + p->fact_count, f->fact_count - p->fact_count, year);
    p->missing = arena_copy(cx->arena, buf_view(&missing));
    if (f->person_id)
        TRY(person_name(&p->person, cx, f->person_id));
    if (f->explanation) {
        p->reason = f->explanation->reason;
        p->explanation_id = f->explanation->id;
        p->who = arena_printf(cx->arena, "%s · %s", user_name(cx, f->explanation->user_id),
                              format_time(cx, f->explanation->at));
    }
    return RC_OK;
}

/* Own rules too large to be run together are left out: the page is shown all the same. */
static enum rc fill_own(struct check_parts_view *v, struct cx *cx, const struct household *h,
                        const struct check_parts_view **out)
{
    struct own_part *own = NULL;
    enum rc rc = own_parts_fill(&own, &v->own_count, cx, h, v->year);
    if (rc == RC_LIMIT || rc == RC_INVALID)
        err_clear(cx);
    else
        TRY(rc);
    v->own = own;
    *out = v;
    return RC_OK;
}

enum rc check_parts_fill(const struct check_parts_view **out, struct cx *cx,
                         const struct request *q, const struct household *h, int32_t year)
{
    struct check_finding *findings;
    size_t count;
    *out = NULL;
    if (!year || h->ended_day)
        return RC_OK;
    TRY(check_household(&findings, &count, cx, h->county, h->id, year));
    struct check_parts_view *v = arena_new(cx->arena, sizeof *v);
    struct check_part *parts = arena_new(cx->arena, (count + 1) * sizeof *parts);
    *v = (struct check_parts_view){.household_id = h->id,
                                   .year = year,
                                   .parts = parts,
                                   .count = count,
                                   .may_explain =
                                       actor_may_in(cx, "check.explain", str_of(h->area_path)),
                                   .csrf = visitor_of(q)->csrf};
    for (size_t i = 0; i < count; i++) {
        TRY(fill_part(&parts[i], cx, &findings[i], h, year));
        v->open_count += !findings[i].explained;
        v->note_count += !findings[i].explained && findings[i].check->severity == SEVERITY_NOTE;
    }
    return fill_own(v, cx, h, out);
}

/* ---- forms ---- */

static int64_t form_number(const struct request *q, const char *name)
{
    int64_t n = 0;
    return str_to_i64(&n, request_form(q, name)) && n > 0 ? n : 0;
}

static enum rc explain(struct cx *cx, const struct request *q, int64_t household_id,
                       int64_t area_id)
{
    int64_t number = form_number(q, "number"), year = form_number(q, "year");
    if (number > INT32_MAX || year < YEAR_MIN || year > YEAR_MAX)
        return fail(cx, RC_NOTFOUND, _("There is no such check."), "check or year");
    return check_explain_add(cx, &(struct check_explain){.number = (int32_t)number,
                                                         .year = (int32_t)year,
                                                         .household_id = household_id,
                                                         .person_id = form_number(q, "person"),
                                                         .area_id = area_id,
                                                         .reason = request_form(q, "reason")});
}

static void back_to_household(struct cx *cx, const struct request *q, struct response *a,
                              int64_t id)
{
    response_redirect(cx, a,
                      arena_printf(cx->arena, "/household/%" PRId64 "?year=%" PRId64 "#checks",
                                   id, form_number(q, "year")));
}

static void back_to_check(struct cx *cx, const struct request *q, struct response *a)
{
    response_redirect(cx, a,
                      arena_printf(cx->arena, "/check/%" PRId64 "?year=%" PRId64,
                                   form_number(q, "number"), form_number(q, "year")));
}

static enum rc household_explain_post(struct cx *cx, const struct request *q,
                                      struct response *a)
{
    int64_t id;
    struct household h;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(household_get(&h, cx, id));
    TRY(explain(cx, q, id, 0));
    page_notice(cx, a, "explained");
    back_to_household(cx, q, a, id);
    return RC_OK;
}

static enum rc household_unexplain_post(struct cx *cx, const struct request *q,
                                        struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(check_explain_end(cx, id, 0, form_number(q, "explanation")));
    page_notice(cx, a, "unexplained");
    back_to_household(cx, q, a, id);
    return RC_OK;
}

static enum rc area_explain_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct area area;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(area_get(&area, cx, id));
    if (!actor_may_in(cx, "check.explain", str_of(area.path)))
        return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                    "area outside scope");
    TRY(explain(cx, q, 0, id));
    page_notice(cx, a, "explained");
    back_to_check(cx, q, a);
    return RC_OK;
}

static enum rc area_unexplain_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(check_explain_end(cx, 0, id, form_number(q, "explanation")));
    page_notice(cx, a, "unexplained");
    back_to_check(cx, q, a);
    return RC_OK;
}

#define EXPLAINS                                                                               \
    .method = METHOD_POST, .scope = SCOPE_PERMISSION, .permission = "check.explain",           \
    .csrf = CSRF_TOKEN, .body_max = 8192, .time_ms_max = 30000
static const struct route rows[] = {
    {EXPLAINS, .path = "/household/{id}/explain", .handle = household_explain_post,
     .test_path = "/household/1/explain"},
    {EXPLAINS, .path = "/household/{id}/unexplain", .handle = household_unexplain_post,
     .test_path = "/household/1/unexplain"},
    {EXPLAINS, .path = "/area/{id}/explain", .handle = area_explain_post,
     .test_path = "/area/1/explain"},
    {EXPLAINS, .path = "/area/{id}/unexplain", .handle = area_unexplain_post,
     .test_path = "/area/1/unexplain"},
};
const struct route_table check_parts_routes = ROUTE_TABLE(rows);
