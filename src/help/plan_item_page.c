/* The page of one measure of a plan: where the department begins and reports its delivery, the
 * officer decides, and the household's word is taken down. */
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "help/plan.html.h"
#include "people/actor.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "store/store.h"

#include <string.h>

static enum rc fill(struct plan_item_view *v, struct cx *cx, const struct request *q,
                    const struct plan *p, struct plan_item *x)
{
    struct plan_card *card;
    struct area a;
    struct document d;
    const struct measure *m = profile_measure(cx->profile, x->measure);
    v->p = p;
    v->csrf = visitor_of(q)->csrf;
    v->today = day_iso(cx->arena, local_day(cx->profile, cx->now_at));
    v->unit = m && LABEL(cx, m->unit_label) && LABEL(cx, m->unit_label)[0]
                  ? LABEL(cx, m->unit_label)
                  : cx->profile->currency_sign;
    TRY(plan_titles(&v->household, &v->place, &v->household_href, cx, p));
    TRY(area_get(&a, cx, p->area_id));
    v->may_edit = actor_may_in(cx, "plan.edit", str_of(a.path));
    TRY(plan_cards_fill(&card, cx, p, x, 1, true));
    v->card = card;
    if (!x->document_id)
        return RC_OK;
    TRY(store_get(&d, cx, p->county, x->document_id));
    v->document = d.name;
    return RC_OK;
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                    const char *error)
{
    struct plan p;
    struct plan_item x;
    struct plan_item_view v = {.error = error};
    TRY(db_read_begin(cx));
    TRY(plan_item_get(&p, &x, cx, id));
    TRY(fill(&v, cx, q, &p, &x));
    struct out *o =
        page_begin(cx, q,
                   &(struct page){.title = v.card->title,
                                  .nav = "plan",
                                  .back_href = arena_printf(cx->arena, "/plan/%" PRId64, p.id),
                                  .back_label = _("The whole plan")});
    plan_item_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc item_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show(cx, q, a, id, NULL);
}

static enum rc answer(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                      enum rc rc)
{
    const char *error;
    if (help_is_told(&error, cx, rc)) {
        a->status = http_status_of(rc);
        return show(cx, q, a, id, error);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/plan/item/%" PRId64, id));
    return RC_OK;
}

/* ---- deciding ---- */

static enum rc read_change(struct plan_item *x, struct cx *cx, const struct request *q,
                           const struct plan *p)
{
    int64_t version;
    struct str owner = request_form(q, "owner");
    TRY(help_form_number(&version, cx, q, "version", INT32_MAX));
    x->version = (int32_t)version;
    x->why = arena_copy(cx->arena, request_form(q, "why"));
    TRY(help_money_read(&x->cost_minor, cx, q, "cost", x->cost_minor));
    TRY(help_day_read(&x->start_day, cx, q, "start", x->start_day));
    TRY(help_day_read(&x->due_day, cx, q, "due", x->due_day));
    return owner.len ? help_owner_read(&x->owner, cx, p, owner) : RC_OK;
}

static enum rc decide(struct cx *cx, const struct request *q, int64_t id, int64_t *plan_id)
{
    struct plan p;
    struct plan_item x;
    struct str what = request_form(q, "do");
    TRY(plan_item_get(&p, &x, cx, id));
    *plan_id = p.id;
    TRY(read_change(&x, cx, q, &p));
    enum item_state state = str_eq_z(what, "refuse")     ? ITEM_REFUSED
                            : str_eq_z(what, "undecide") ? ITEM_PROPOSED
                            : str_eq_z(what, "stop")     ? ITEM_STOPPED
                                                         : ITEM_AGREED;
    return plan_item_decide(cx, &x, state);
}

static enum rc decide_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, plan = 0;
    const char *error;
    TRY(request_param_id(&id, cx, q, "id"));
    enum rc rc = decide(cx, q, id, &plan);
    if (help_is_told(&error, cx, rc)) {
        a->status = http_status_of(rc);
        return show(cx, q, a, id, error);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a,
                      arena_printf(cx->arena, "/plan/%" PRId64 "#item-%" PRId64, plan, id));
    return RC_OK;
}

/* ---- delivering ---- */

static enum rc start_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, version;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(help_form_number(&version, cx, q, "version", INT32_MAX));
    return answer(cx, q, a, id, plan_item_start(cx, id, (int32_t)version));
}

static enum rc keep_file(int64_t *document, struct cx *cx, const struct request *q,
                         int64_t county)
{
    bool is_new;
    *document = 0;
    if (q->body_fd < 0 || q->body_len == 0)
        return RC_OK;
    const char *name = q->file_name.len ? arena_copy(cx->arena, q->file_name) : "upload";
    return store_put(document, &is_new, cx, county, "delivery", name,
                     "application/octet-stream", q->body_fd);
}

static enum rc deliver(struct cx *cx, const struct request *q, int64_t id)
{
    struct plan p;
    struct plan_item x;
    int64_t version, paid, document;
    int32_t day;
    TRY(plan_item_get(&p, &x, cx, id));
    TRY(help_form_number(&version, cx, q, "version", INT32_MAX));
    TRY(help_day_read(&day, cx, q, "day", local_day(cx->profile, cx->now_at)));
    TRY(help_money_read(&paid, cx, q, "paid", 0));
    TRY(keep_file(&document, cx, q, p.county));
    return plan_item_deliver(cx, id, (int32_t)version, day, paid, document);
}

static enum rc deliver_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return answer(cx, q, a, id, deliver(cx, q, id));
}

/* The household's word, taken down by an officer. */
static enum rc word_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    bool happened = str_eq_z(request_form(q, "do"), "received");
    return answer(
        cx, q, a, id,
        plan_item_confirm(cx, id, (struct str){NULL, 0}, happened, request_form(q, "words")));
}

#define WRITES                                                                                 \
    .method = METHOD_POST, .scope = SCOPE_PERMISSION, .csrf = CSRF_TOKEN,                      \
    .body_max = HELP_FORM_BYTES
static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/plan/item/{id}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = item_get,
     .test_path = "/plan/item/1"},
    {WRITES, .path = "/plan/item/{id}/decide", .permission = "plan.edit", .handle = decide_post,
     .test_path = "/plan/item/1/decide"},
    {WRITES, .path = "/plan/item/{id}/word", .permission = "plan.edit", .handle = word_post,
     .test_path = "/plan/item/1/word"},
    {WRITES, .path = "/plan/item/{id}/start", .permission = "household.view",
     .handle = start_post, .test_path = "/plan/item/1/start"},
    {.method = METHOD_POST,
     .path = "/plan/item/{id}/deliver",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_TOKEN,
     .body_max = HELP_FILE_BYTES,
     .body_to_file = true,
     .time_ms_max = 60000,
     .handle = deliver_post,
     .test_path = "/plan/item/1/deliver"},
};
const struct route_table plan_item_routes = ROUTE_TABLE(rows);
