/* Why these measures and not others: the proposal as the register is now, before a plan is
 * made, and as it was frozen with a plan. */
#include "base/file.h"
#include "base/text.h"
#include "help/plan.html.h"
#include "people/actor.h"
#include "register/household_view.h"
#include "store/store.h"

#include <string.h>
#include <unistd.h>

enum { FROZEN_MAX = 8 * 1024 * 1024 };

/* ---- as it is now ---- */

static const char *tone_of(enum fit fit)
{
    switch (fit) {
    case FIT_YES:
        return "good";
    case FIT_UNKNOWN:
    case FIT_CONFLICT:
        return "warn";
    case FIT_NO:
    case FIT_HAS_IT:
        break;
    }
    return "muted";
}

static const char *who(struct cx *cx, int64_t person_id)
{
    struct person p;
    if (!person_id)
        return NULL;
    if (person_get(&p, cx, person_id)) {
        err_clear(cx);
        return NULL;
    }
    return person_view_of(cx, &p).name;
}

static void fill_now(struct why_view *v, struct cx *cx, const struct proposal *p)
{
    struct buf b;
    v->offered = arena_new(cx->arena, (p->fit_count + 1) * sizeof *v->offered);
    v->others = arena_new(cx->arena, (p->count + 1) * sizeof *v->others);
    for (size_t i = 0; i < p->count; i++) {
        const struct proposed *x = &p->list[i];
        struct why_line *l = i < p->fit_count && i < PROPOSAL_ITEMS_MAX
                                 ? &v->offered[v->offered_count++]
                                 : &v->others[v->other_count++];
        *l = (struct why_line){.measure = LABEL(cx, x->measure->label),
                               .fit = fit_label(cx, x->fit),
                               .tone = tone_of(x->fit),
                               .words = proposal_words(cx, p, x),
                               .source = x->measure->source,
                               .person = who(cx, x->person_id)};
    }
    buf_init(&b, cx->arena, 4096);
    for (size_t i = 0; i < p->unanswered_count; i++) {
        buf_z(&b, i ? _("; ") : "");
        buf_z(&b, LABEL(cx, p->unanswered[i]->label));
    }
    if (p->unanswered_count)
        v->unanswered = arena_copy(cx->arena, buf_view(&b));
}

static enum rc show_new(struct cx *cx, const struct request *q, struct response *a,
                        int64_t household_id, int64_t flow_id, const char *error)
{
    struct household h;
    struct proposal p;
    struct why_view v = {.household_id = household_id,
                         .flow_id = flow_id,
                         .csrf = visitor_of(q)->csrf,
                         .error = error};
    TRY(db_read_begin(cx));
    TRY(household_get(&h, cx, household_id));
    TRY(actor_require_in(cx, "plan.edit", str_of(h.area_path)));
    TRY(proposal_make(&p, cx, h.county, h.id));
    fill_now(&v, cx, &p);
    v.intro = arena_printf(cx->arena,
                           _("What the program proposes by the register of %d, its rules and "
                             "the needs that were said. You decide."),
                           (int)p.year);
    struct out *o = page_begin(
        cx, q,
        &(struct page){
            .title = arena_printf(cx->arena, _("Propose help: %s"), household_label(cx, &h)),
            .nav = "plan",
            .back_href = arena_printf(cx->arena, "/household/%" PRId64, h.id),
            .back_label = household_label(cx, &h)});
    why_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static int64_t number_or_0(struct str text)
{
    int64_t n;
    return str_to_i64(&n, text) && n > 0 ? n : 0;
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t household = number_or_0(request_query(q, "household"));
    if (!household) {
        response_redirect(cx, a, "/household");
        return RC_OK;
    }
    return show_new(cx, q, a, household, number_or_0(request_query(q, "flow")), NULL);
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, household = number_or_0(request_form(q, "household"));
    int64_t flow = number_or_0(request_form(q, "flow"));
    const char *error;
    enum rc rc = plan_propose(&id, cx, household, flow);
    if (rc == RC_CONFLICT) { /* there is one: shown */
        err_clear(cx);
        rc = RC_OK;
    }
    if (help_is_told(&error, cx, rc)) {
        a->status = http_status_of(rc);
        return show_new(cx, q, a, household, flow, error);
    }
    TRY(rc);
    response_redirect(cx, a, arena_printf(cx->arena, "/plan/%" PRId64, id));
    return RC_OK;
}

/* ---- as it was frozen ---- */

enum rc plan_frozen(json_t **out, struct cx *cx, const struct plan *p)
{
    int fd;
    struct str text = {NULL, 0};
    json_error_t error;
    TRY(store_open(&fd, cx, p->county, p->proposal_id));
    off_t len = lseek(fd, 0, SEEK_END);
    char *bytes = len > 0 && len <= FROZEN_MAX ? arena_try(cx->arena, (size_t)len) : NULL;
    while (bytes && text.len < (size_t)len) {
        ssize_t n = pread(fd, bytes + text.len, (size_t)len - text.len, (off_t)text.len);
        if (n <= 0)
            break;
        text.len += (size_t)n;
    }
    close(fd);
    json_t *j = bytes ? json_loadb(bytes, text.len, 0, &error) : NULL;
    if (!j)
        return fail(cx, RC_IO, _("The proposal that was kept cannot be read."),
                    "proposal document=%" PRId64, p->proposal_id);
    *out = j;
    return RC_OK;
}

static enum fit fit_named(const char *name)
{
    static const char *const names[] = {"yes", "unknown", "no", "has_it", "conflict"};
    for (int i = 0; name && i < 5; i++)
        if (!strcmp(name, names[i]))
            return (enum fit)i;
    return FIT_NO;
}

static const char *copied(struct cx *cx, const json_t *entry, const char *key)
{
    const char *text = json_string_value(json_object_get(entry, key));
    return text ? arena_copy(cx->arena, str_of(text)) : "";
}

static void fill_frozen(struct why_view *v, struct cx *cx, const json_t *frozen)
{
    const json_t *list = json_object_get(frozen, "list");
    size_t count = json_array_size(list);
    v->offered = arena_new(cx->arena, (PROPOSAL_ITEMS_MAX + 1) * sizeof *v->offered);
    v->others = arena_new(cx->arena, (count + 1) * sizeof *v->others);
    for (size_t i = 0; i < count; i++) {
        const json_t *x = json_array_get(list, i);
        enum fit fit = fit_named(json_string_value(json_object_get(x, "fit")));
        const struct measure *m =
            profile_measure(cx->profile, json_integer_value(json_object_get(x, "measure")));
        bool answers = json_array_size(json_object_get(x, "needs")) +
                           json_array_size(json_object_get(x, "causes")) >
                       0;
        struct why_line *l = fit == FIT_YES && answers && v->offered_count < PROPOSAL_ITEMS_MAX
                                 ? &v->offered[v->offered_count++]
                                 : &v->others[v->other_count++];
        *l = (struct why_line){
            .measure = m ? LABEL(cx, m->label) : copied(cx, x, "code"),
            .fit = fit_label(cx, fit),
            .tone = tone_of(fit),
            .words = copied(cx, x, cx->lang == LANG_ZH ? "words_zh" : "words_en"),
            .person = who(cx, json_integer_value(json_object_get(x, "person")))};
    }
    v->intro = arena_printf(
        cx->arena,
        _("The proposal as it was made for this plan, by the register of %d up to entry "
          "%" PRId64 " of the journal. It is kept and does not change."),
        (int)json_integer_value(json_object_get(frozen, "year")),
        (int64_t)json_integer_value(json_object_get(frozen, "journal")));
}

static enum rc why_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct plan p;
    struct plan_item *items;
    size_t count;
    struct why_view v = {0};
    json_t *frozen;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(plan_get(&p, &items, &count, cx, id));
    if (!p.proposal_id)
        return fail(cx, RC_NOTFOUND, _("This plan was not proposed by the program."),
                    "plan without proposal");
    TRY(plan_frozen(&frozen, cx, &p));
    fill_frozen(&v, cx, frozen);
    json_decref(frozen);
    struct out *o =
        page_begin(cx, q,
                   &(struct page){.title = _("Why these, and why not others"),
                                  .nav = "plan",
                                  .back_href = arena_printf(cx->arena, "/plan/%" PRId64, id),
                                  .back_label = _("The whole plan")});
    why_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/plan/new",
     .scope = SCOPE_PERMISSION,
     .permission = "plan.edit",
     .csrf = CSRF_NONE,
     .time_ms_max = 60000,
     .heavy = true,
     .handle = new_get},
    {.method = METHOD_POST,
     .path = "/plan/new",
     .scope = SCOPE_PERMISSION,
     .permission = "plan.edit",
     .csrf = CSRF_TOKEN,
     .body_max = HELP_FORM_BYTES,
     .time_ms_max = 60000,
     .heavy = true,
     .handle = new_post},
    {.method = METHOD_GET,
     .path = "/plan/{id}/why",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = why_get,
     .test_path = "/plan/1/why"},
};
const struct route_table plan_why_routes = ROUTE_TABLE(rows);
