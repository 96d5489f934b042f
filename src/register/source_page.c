/* Where a value comes from, and showing a masked value after its look was recorded. */
#include "base/format.h"
#include "profile/sheet.h"
#include "register/household.html.h"
#include "register/household_view.h"

static enum rc param_number(int64_t *out, struct cx *cx, const struct request *q,
                            const char *name)
{
    if (!str_to_i64(out, request_param(q, name)) || *out < 0 || *out > INT32_MAX)
        return fail(cx, RC_NOTFOUND, "", "param");
    return RC_OK;
}

/* Checks that the thing lies in the actor's areas; gives its county and the way back. */
static enum rc find_thing(int64_t *county, const char **back, const char **label, struct cx *cx,
                          enum subject subject, int64_t id)
{
    struct household h;
    if (subject == SUBJECT_HOUSEHOLD) {
        TRY(household_get(&h, cx, id));
        *county = h.county;
        *label = household_label(cx, &h);
        *back = arena_printf(cx->arena, "/household/%" PRId64, id);
        return RC_OK;
    }
    struct person p;
    TRY(person_get(&p, cx, id));
    *county = p.county;
    *label = person_view_of(cx, &p).name;
    *back = arena_printf(cx->arena, "/person/%" PRId64, id);
    return RC_OK;
}

static enum rc source_show(struct cx *cx, const struct request *q, struct response *a,
                           enum subject subject)
{
    int64_t id, year, field, county;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(param_number(&year, cx, q, "year"));
    TRY(param_number(&field, cx, q, "field"));
    const char *back, *label;
    TRY(db_read_begin(cx));
    TRY(find_thing(&county, &back, &label, cx, subject, id));
    const struct indicator *ind = profile_indicator_number(cx->profile, (int32_t)field);
    if (!ind || ind->subject != subject || ind->secret)
        return fail(cx, RC_NOTFOUND, "", "field");
    struct value *values =
        arena_new(cx->arena, cx->profile->of_count[subject] * sizeof *values);
    TRY(sheet_get(values, cx, subject, county, id, (int32_t)year));
    struct source_view v = {.what = LABEL(cx, ind->label),
                            .value = value_show(cx, ind, values[ind->index])};
    struct journal_entry e;
    struct change_view change;
    enum subject_kind kind =
        subject == SUBJECT_HOUSEHOLD ? KIND_HOUSEHOLD_SHEET : KIND_PERSON_SHEET;
    enum rc rc = journal_source(&e, cx, county, kind, id, (int32_t)year, (int32_t)field);
    if (rc && rc != RC_NOTFOUND)
        return rc;
    if (!rc) {
        TRY(change_view_of(&change, cx, &e));
        v.change = &change;
        v.chain_seq = format_int(cx, e.seq);
    }
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Where does this value come from?"),
                                              .nav = "household",
                                              .back_href = back,
                                              .back_label = label});
    source_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc household_source_get(struct cx *cx, const struct request *q, struct response *a)
{
    return source_show(cx, q, a, SUBJECT_HOUSEHOLD);
}

static enum rc person_source_get(struct cx *cx, const struct request *q, struct response *a)
{
    return source_show(cx, q, a, SUBJECT_PERSON);
}

/* ---- reveal ---- */

static const char *const reasons[] = {
    N_("a visit or a call to the family"), N_("correcting the data"),
    N_("a payment or an insurance"), N_("comparing with another department's list"),
    N_("a complaint or an audit")};
enum { REASON_COUNT = sizeof reasons / sizeof reasons[0] };
static const char *const secret_names[] = {"identity", "phone", "account"};

static enum rc reveal_find(struct reveal_view *v, struct person *p, enum secret *which,
                           struct cx *cx, const struct request *q)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(person_get(p, cx, id));
    struct str name = request_param(q, "field");
    for (size_t i = 0; i < 3; i++)
        if (str_eq_z(name, secret_names[i])) {
            struct person_view pv = person_view_of(cx, p);
            *which = (enum secret)i;
            *v = (struct reveal_view){
                pv.name, pv.secrets[i].label, NULL,
                arena_printf(cx->arena, "/household/%" PRId64, p->household_id)};
            return RC_OK;
        }
    return fail(cx, RC_NOTFOUND, "", "secret name");
}

static enum rc reveal_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct reveal_view v;
    struct person p;
    enum secret which;
    TRY(reveal_find(&v, &p, &which, cx, q));
    struct field_choice choices[REASON_COUNT];
    for (size_t i = 0; i < REASON_COUNT; i++)
        choices[i] = (struct field_choice){arena_printf(cx->arena, "%zu", i),
                                           text_in(cx->lang, reasons[i]), false};
    struct field reason = {.name = "reason",
                           .label = _("What do you need it for?"),
                           .required = true,
                           .choices = choices,
                           .choice_count = REASON_COUNT};
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v.label,
                                              .nav = "household",
                                              .back_href = v.back_href,
                                              .back_label = v.person});
    reveal_form(o, cx, &v, &reason, visitor_of(q)->csrf);
    return page_end(cx, q, a, o);
}

static enum rc reveal_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct reveal_view v;
    struct person p;
    enum secret which;
    int64_t reason;
    TRY(reveal_find(&v, &p, &which, cx, q));
    if (!str_to_i64(&reason, request_form(q, "reason")) || reason < 0 || reason >= REASON_COUNT)
        return fail(cx, RC_INVALID, _("Please choose what you need the value for."), "reason");
    TRY(person_reveal(&v.value, cx, p.county, p.id, which, str_of(reasons[reason])));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v.label,
                                              .nav = "household",
                                              .back_href = v.back_href,
                                              .back_label = v.person});
    reveal_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/source/household/{id}/{year}/{field}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = household_source_get,
     .test_path = "/source/household/1/2025/1"},
    {.method = METHOD_GET,
     .path = "/source/person/{id}/{year}/{field}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = person_source_get,
     .test_path = "/source/person/1/2025/1"},
    {.method = METHOD_GET,
     .path = "/person/{id}/reveal/{field}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.reveal",
     .csrf = CSRF_NONE,
     .handle = reveal_get,
     .test_path = "/person/1/reveal/phone"},
    {.method = METHOD_POST,
     .path = "/person/{id}/reveal/{field}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.reveal",
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = reveal_post,
     .test_path = "/person/1/reveal/phone"},
};
const struct route_table source_routes = ROUTE_TABLE(rows);
