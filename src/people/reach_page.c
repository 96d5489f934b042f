/* One's own account: how one is reached, and who stands in while one is away. */
#include "base/format.h"
#include "base/time.h"
#include "people/org_inner.h"
#include "people/org_view.h"
#include "people/reach.html.h"

enum { FORM_BYTES = 16384 };

static enum rc fill_stand_ins(struct reach_view *v, struct cx *cx)
{
    struct substitute *list;
    int32_t today = people_today(cx);
    TRY(substitutes_of(&list, &v->count, cx, cx->actor->user_id));
    v->list = arena_new(cx->arena, (v->count + 1) * sizeof *v->list);
    size_t kept = 0;
    for (size_t i = 0; i < v->count; i++) {
        if (list[i].to_day < list[i].from_day)
            continue; /* taken back before it began */
        v->list[kept++] = (struct stand_in_view){
            .substitute = list[i],
            .name = user_name(cx, list[i].by_user_id),
            .days = arena_printf(cx->arena, _("%s to %s"), format_day(cx, list[i].from_day),
                                 format_day(cx, list[i].to_day)),
            .is_over = list[i].to_day < today};
    }
    v->count = kept;
    return RC_OK;
}

static enum rc fill_standing(struct reach_view *v, struct cx *cx)
{
    int64_t *ids;
    size_t count;
    TRY(substituting_for(&ids, &count, cx));
    for (size_t i = 0; i < count; i++) {
        const char *name = user_name(cx, ids[i]);
        v->standing_for = v->standing_for
                              ? arena_printf(cx->arena, _("%s, %s"), v->standing_for, name)
                              : name;
    }
    return RC_OK;
}

enum rc reach_view_fill(struct reach_view *out, struct cx *cx, const struct request *q)
{
    struct office_place place;
    struct duty *duties;
    size_t count;
    *out = (struct reach_view){.csrf = visitor_of(q)->csrf};
    TRY(contact_get(&out->contact, cx, cx->actor->user_id));
    TRY(fill_stand_ins(out, cx));
    TRY(fill_standing(out, cx));
    TRY(duties_of_user(&duties, &count, cx, cx->actor->user_id, false));
    TRY(duty_views(&out->duties, &out->duty_count, cx, duties, count));
    TRY(office_place_find(&place, cx, 0));
    return place.has ? office_user_choices(&out->users, &out->user_count, cx, &place.here)
                     : RC_OK;
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a,
                    const char *error, const struct contact *typed)
{
    struct reach_view v;
    TRY(reach_view_fill(&v, cx, q));
    v.error = error;
    if (typed)
        v.contact = *typed;
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Your account"),
                                              .back_href = "/account",
                                              .back_label = _("Your account")});
    reach_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc contact_post(struct cx *cx, const struct request *q, struct response *a)
{
    const struct contact c = {.mail = typed_text(cx, q, "mail"),
                              .phone = typed_text(cx, q, "phone"),
                              .wants_mail = request_form(q, "wants_mail").len > 0,
                              .wants_sms = request_form(q, "wants_sms").len > 0,
                              .wants_summary = request_form(q, "wants_summary").len > 0};
    enum rc rc = contact_set(cx, cx->actor->user_id, &c);
    if (typed_mistake(rc)) {
        a->status = 400;
        return show(cx, q, a, typed_error(cx), &c);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, "/account");
    return RC_OK;
}

static enum rc add_stand_in(struct cx *cx, const struct request *q)
{
    struct substitute s = {.user_id = cx->actor->user_id,
                           .reason = typed_text(cx, q, "reason")};
    int64_t id;
    TRY(typed_day(&s.from_day, cx, q, "from", _("First day"), people_today(cx)));
    TRY(typed_day(&s.to_day, cx, q, "to", _("Last day"), s.from_day));
    TRY(office_user_typed(&s.by_user_id, cx, request_form(q, "login"), false));
    return substitute_add(&id, cx, &s);
}

static enum rc stand_in_post(struct cx *cx, const struct request *q, struct response *a)
{
    enum rc rc = add_stand_in(cx, q);
    if (typed_mistake(rc)) {
        a->status = 400;
        return show(cx, q, a, typed_error(cx), NULL);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, "/account");
    return RC_OK;
}

static enum rc back_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(substitute_end(cx, id));
    page_notice(cx, a, "saved");
    response_redirect(cx, a, "/account");
    return RC_OK;
}

#define OWN                                                                                    \
    .method = METHOD_POST, .scope = SCOPE_SIGNED_IN, .csrf = CSRF_TOKEN, .body_max = FORM_BYTES
static const struct route rows[] = {
    {OWN, .path = "/account/contact", .handle = contact_post},
    {OWN, .path = "/account/substitute", .handle = stand_in_post},
    {OWN, .path = "/account/substitute/{id}/end", .handle = back_post,
     .test_path = "/account/substitute/1/end"},
};
const struct route_table reach_routes = ROUTE_TABLE(rows);
