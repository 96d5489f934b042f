/* The public pages of reports: somebody says that a household is in trouble, asks by code what
 * became of it, objects and appeals. No account and no cookie is needed; who they are is told
 * to nobody but the office. */
#include "base/embed.h"
#include "base/format.h"
#include "base/text.h"
#include "casework/grievance.h"
#include "casework/public.html.h"
#include "casework/public_view.h"
#include "casework/tip.h"
#include "html/qr.h"
#include "profile/calendar.h"

#include <string.h>

enum { REPORTS_FREE = 20, GUESSES_FREE = 20 };

static struct out *begin(struct cx *cx, const struct request *q, const char *title)
{
    return page_begin(cx, q, &(struct page){.title = title, .no_index = true});
}

static const char *due_text(struct cx *cx, int64_t due_at)
{
    return due_at ? format_day(cx, local_day(cx->profile, due_at - 1)) : "";
}

/* ---- where ---- */

/* The level at which a village is: where cases are opened. */
static int village_level(const struct cx *cx)
{
    const struct workflow *w = profile_workflow_kind(cx->profile, "identify");
    int level = w ? profile_level(cx->profile, w->level) : -1;
    return level >= 0 ? level : cx->profile->tenant_level + 1;
}

static enum rc asked_area(struct area *out, struct cx *cx, const struct request *q)
{
    struct str code = str_trim(request_query(q, "v"));
    int64_t id = query_id(q, "a");
    *out = (struct area){.path = "", .name = ""};
    enum rc rc = RC_OK;
    if (code.len && code.len <= 30)
        rc = area_by_code(out, cx, code, local_day(cx->profile, cx->now_at));
    else if (id)
        rc = area_get(out, cx, id);
    if (rc == RC_NOTFOUND || rc == RC_INVALID || rc == RC_CONFLICT) {
        err_clear(cx);
        *out = (struct area){.path = "", .name = ""};
        return RC_OK;
    }
    return rc;
}

/* Goes down while there is only one way. */
static enum rc find_place(struct report_view *v, struct cx *cx, struct area a)
{
    struct area *children = NULL, *chain = NULL;
    size_t count = 0;
    int level = village_level(cx);
    for (;;) {
        if (a.id && a.county && a.level >= level)
            break;
        TRY(area_children(&children, &count, cx, a.id));
        if (count != 1)
            break;
        a = children[0];
    }
    if (a.id)
        TRY(area_chain(&chain, &v->chain_count, cx, a.id));
    v->chain = chain;
    if (a.id && a.county && !a.ended_day && (a.level >= level || !count)) {
        v->area_id = a.id;
        v->place = area_label(cx, a.id);
        return tip_self_allowed(&v->allowed, cx, a.id);
    }
    v->choices = children;
    v->choice_count = count;
    return RC_OK;
}

/* ---- reporting ---- */

static enum rc show_report(struct cx *cx, const struct request *q, struct response *a,
                           struct report_view *v)
{
    v->csrf = visitor_of(q)->csrf;
    struct out *o = begin(cx, q, _("Report a household in trouble"));
    report_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc report_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct report_view v = {.once = public_once(cx), .name = "", .phone = "", .text = ""};
    struct area area;
    TRY(db_read_begin(cx));
    TRY(asked_area(&area, cx, q));
    TRY(find_place(&v, cx, area));
    return show_report(cx, q, a, &v);
}

static enum rc show_code(struct cx *cx, const struct request *q, struct response *a,
                         struct reference_view *v, int64_t county, const char *reference)
{
    const char *path = arena_printf(cx->arena, "/report/status#%s", reference);
    TRY(qr_svg(&v->qr, cx, public_address(cx, q, county, path),
               _("Code for asking what became of it")));
    v->code = reference_shown(cx, reference);
    v->status_href = path;
    struct out *o = begin(cx, q, v->title);
    reference_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc add_report(const char **reference, struct cx *cx, const struct request *q)
{
    struct tip t = {.area_id = form_id(q, "area"),
                    .source = TIP_SELF,
                    .name = form_text(cx, q, "name"),
                    .phone = form_text(cx, q, "phone"),
                    .text = form_text(cx, q, "text"),
                    .reference = form_text(cx, q, "once")};
    int64_t id;
    if (public_is_robot(q))
        return fail(cx, RC_INVALID, _("Please leave the hidden field empty and send it again."),
                    "honeypot");
    if (!t.area_id)
        return fail(cx, RC_INVALID, _("Choose the village where it is."), "area");
    TRY(public_door_enter(cx, "report", q->client, REPORTS_FREE));
    return tip_add(&id, reference, cx, &t);
}

static enum rc report_post(struct cx *cx, const struct request *q, struct response *a)
{
    const char *reference = "", *error = NULL;
    struct tip t;
    const struct actor *self = public_begin(cx);
    enum rc rc = add_report(&reference, cx, q);
    if (!rc)
        rc = tip_ask(&t, cx, str_of(reference));
    cx->actor = self;
    if (!rc)
        return show_code(cx, q, a,
                         &(struct reference_view){
                             .title = _("Thank you"),
                             .told = _("Your report has arrived. Somebody will look at it."),
                             .due = due_text(cx, t.due_at)},
                         t.county, reference);
    if (!public_told(&error, cx, a, rc))
        return rc;
    struct report_view v = {.error = error,
                            .once = form_text(cx, q, "once"),
                            .name = form_text(cx, q, "name"),
                            .phone = form_text(cx, q, "phone"),
                            .text = form_text(cx, q, "text")};
    struct area area = {.path = "", .name = ""};
    TRY(db_read_begin(cx));
    if (form_id(q, "area") && area_get(&area, cx, form_id(q, "area"))) {
        err_clear(cx);
        area = (struct area){.path = "", .name = ""};
    }
    TRY(find_place(&v, cx, area));
    return show_report(cx, q, a, &v);
}

/* ---- asking ---- */

static const char *tip_state_text(struct cx *cx, enum tip_state state)
{
    switch (state) {
    case TIP_NEW:
        return _("Arrived");
    case TIP_TAKEN:
        return _("Taken up");
    case TIP_CLOSED:
        return _("Closed");
    case TIP_ANY:
        break;
    }
    return "";
}

static void fill_tip(struct report_status_view *v, struct cx *cx, const struct tip *t)
{
    v->found = true;
    v->kind = _("Your report");
    v->state = tip_state_text(cx, t->state);
    v->tone = t->state == TIP_CLOSED ? "muted" : t->state == TIP_TAKEN ? "good" : "warn";
    v->due = t->state == TIP_NEW ? due_text(cx, t->due_at) : "";
    v->told = t->state == TIP_NEW     ? _("Nobody has looked at it yet.")
              : t->state == TIP_TAKEN ? _("Your village looks at it. Somebody will visit.")
                                      : _("It was closed without a case. The reason:");
    v->reason = t->state == TIP_CLOSED ? t->reason : "";
    v->answer = "";
    v->may_object = t->state == TIP_CLOSED;
}

static void fill_grievance(struct report_status_view *v, struct cx *cx,
                           const struct grievance *g, const struct flow *f)
{
    v->found = true;
    v->kind = _("Your objection");
    v->state = f->state ? LABEL(cx, f->state->label) : _("under way");
    v->tone = f->closed_at ? "muted" : g->answer[0] ? "good" : "warn";
    v->due = !f->closed_at && !grievance_appeal_move(f) ? due_text(cx, f->due_at) : "";
    v->told = f->state ? LABEL(cx, f->state->told) : "";
    v->reason = "";
    v->answer = g->answer;
    v->may_appeal = grievance_appeal_move(f) != NULL;
}

static enum rc ask(struct report_status_view *v, struct cx *cx, const struct request *q,
                   struct str code)
{
    struct tip t;
    struct grievance g;
    struct flow f;
    TRY(public_door_enter(cx, "ask", q->client, GUESSES_FREE));
    enum rc rc = tip_ask(&t, cx, code);
    if (rc == RC_OK) {
        fill_tip(v, cx, &t);
    } else if (rc == RC_NOTFOUND) {
        err_clear(cx);
        TRY(grievance_ask(&g, &f, cx, code));
        fill_grievance(v, cx, &g, &f);
    } else {
        return rc;
    }
    return public_door_leave(cx, "ask", q->client);
}

static enum rc show_status(struct cx *cx, const struct request *q, struct response *a,
                           struct report_status_view *v)
{
    const struct embedded *script = embed_find(STR("web/report.js"));
    v->script = script ? embedded_url(cx, "/static/", script) : NULL;
    v->csrf = visitor_of(q)->csrf;
    v->once = public_once(cx);
    struct out *o = begin(cx, q, _("What became of my report?"));
    report_status_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc status_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show_status(cx, q, a, &(struct report_status_view){.code = ""});
}

static enum rc status_answer(struct cx *cx, const struct request *q, struct response *a,
                             const char *error)
{
    struct report_status_view v = {.code = form_text(cx, q, "code"), .error = error};
    const char *told = NULL;
    const struct actor *self = public_begin(cx);
    enum rc rc = ask(&v, cx, q, str_of(v.code));
    cx->actor = self;
    if (rc && !public_told(&told, cx, a, rc))
        return rc;
    if (rc && !v.error)
        v.error = told;
    if (rc)
        v.found = false;
    return show_status(cx, q, a, &v);
}

static enum rc status_post(struct cx *cx, const struct request *q, struct response *a)
{
    return status_answer(cx, q, a, NULL);
}

/* ---- objecting, appealing ---- */

static enum rc add_objection(int64_t *county, const char **reference, struct cx *cx,
                             const struct request *q)
{
    struct tip t;
    int64_t id;
    if (public_is_robot(q))
        return fail(cx, RC_INVALID, _("Please leave the hidden field empty and send it again."),
                    "honeypot");
    TRY(public_door_enter(cx, "ask", q->client, GUESSES_FREE));
    TRY(tip_ask(&t, cx, str_of(form_text(cx, q, "code"))));
    if (t.state != TIP_CLOSED)
        return fail(cx, RC_INVALID, _("Your report is still being looked at."), "tip state");
    *county = t.county;
    TRY(grievance_add(&id, reference, cx,
                      &(struct grievance){.area_id = t.area_id,
                                          .tip_id = t.id,
                                          .channel = BY_PAGE,
                                          .name = form_text(cx, q, "name"),
                                          .phone = form_text(cx, q, "phone"),
                                          .text = form_text(cx, q, "text"),
                                          .reference = form_text(cx, q, "once")}));
    return RC_OK;
}

static enum rc object_post(struct cx *cx, const struct request *q, struct response *a)
{
    const char *reference = "", *error = NULL;
    int64_t county = 0;
    const struct actor *self = public_begin(cx);
    enum rc rc = add_objection(&county, &reference, cx, q);
    cx->actor = self;
    if (!rc)
        return show_code(cx, q, a,
                         &(struct reference_view){
                             .title = _("Your objection has arrived"),
                             .told = _("Somebody else will answer it. Ask with this new code."),
                             .due = ""},
                         county, reference);
    if (!public_told(&error, cx, a, rc))
        return rc;
    return status_answer(cx, q, a, error);
}

static enum rc appeal_post(struct cx *cx, const struct request *q, struct response *a)
{
    const char *error = NULL;
    const struct actor *self = public_begin(cx);
    enum rc rc =
        public_is_robot(q)
            ? fail(cx, RC_INVALID, _("Please leave the hidden field empty and send it again."),
                   "honeypot")
            : public_door_enter(cx, "ask", q->client, GUESSES_FREE);
    if (!rc)
        rc = grievance_appeal(cx, str_of(form_text(cx, q, "code")),
                              str_of(form_text(cx, q, "text")));
    cx->actor = self;
    if (rc && !public_told(&error, cx, a, rc))
        return rc;
    return status_answer(cx, q, a, error);
}

#define OPEN .scope = SCOPE_PUBLIC
static const struct route rows[] = {
    {OPEN, .method = METHOD_GET, .path = "/report", .csrf = CSRF_NONE, .handle = report_get},
    {OPEN, .method = METHOD_POST, .path = "/report", .csrf = CSRF_TOKEN,
     .body_max = PUBLIC_FORM_BYTES, .handle = report_post},
    {OPEN, .method = METHOD_GET, .path = "/report/status", .csrf = CSRF_NONE,
     .handle = status_get},
    {OPEN, .method = METHOD_POST, .path = "/report/status", .csrf = CSRF_TOKEN,
     .body_max = PUBLIC_FORM_BYTES, .handle = status_post},
    {OPEN, .method = METHOD_POST, .path = "/report/object", .csrf = CSRF_TOKEN,
     .body_max = PUBLIC_FORM_BYTES, .handle = object_post},
    {OPEN, .method = METHOD_POST, .path = "/report/appeal", .csrf = CSRF_TOKEN,
     .body_max = PUBLIC_FORM_BYTES, .handle = appeal_post},
};
const struct route_table report_routes = ROUTE_TABLE(rows);
