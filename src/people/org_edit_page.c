/* Organisations: a new one, changing, ending or merging, and giving what is left to do to
 * another; and the page on which a person leaves. */
#include "base/format.h"
#include "base/time.h"
#include "office/resource.h"
#include "people/org.html.h"
#include "people/org_inner.h"
#include "people/org_view.h"
#include "profile/workflows.h"
#include "work/task.h"

enum { FORM_BYTES = 65536 };

/* ---- new, change ---- */

static void kind_choices(struct org_edit_view *v, struct cx *cx)
{
    const struct workflows *w = cx->profile->workflows;
    struct field_choice *list = arena_new(cx->arena, (w->org_kind_count + 1) * sizeof *list);
    for (size_t i = 0; i < w->org_kind_count; i++)
        list[i] = (struct field_choice){w->org_kinds[i].code, LABEL(cx, w->org_kinds[i].label),
                                        !strcmp(w->org_kinds[i].code, v->org.kind)};
    v->kinds = list;
    v->kind_count = w->org_kind_count;
}

static enum rc show_form(struct cx *cx, const struct request *q, struct response *a,
                         struct org_edit_view *v)
{
    struct office_place place;
    TRY(office_place_find(&place, cx, v->county));
    if (!place.has)
        return fail(cx, RC_INVALID, _("There is no county yet: load its areas first."),
                    "no county");
    v->county = place.here.county;
    v->csrf = visitor_of(q)->csrf;
    kind_choices(v, cx);
    TRY(office_area_choices(&v->areas, &v->area_count, cx, "org.manage", &place.here,
                            v->org.area_id));
    TRY(office_org_choices(&v->parents, &v->parent_count, cx, place.here.county,
                           v->org.parent_id, _("none")));
    const char *title = v->org.id ? _("Change an organisation") : _("Add an organisation");
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = title,
                       .nav = "org",
                       .back_href = v->org.id
                                        ? arena_printf(cx->arena, "/org/%" PRId64, v->org.id)
                                        : "/org",
                       .back_label = v->org.id ? v->org.name : _("Organisations")});
    org_edit_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct office_place place;
    TRY(db_read_begin(cx));
    TRY(office_place_of(&place, cx, q));
    struct org_edit_view v = {
        .org = {.kind = arena_copy(cx->arena, request_query(q, "kind")), .name = ""},
        .action = "/org/new",
        .county = place.here.county};
    return show_form(cx, q, a, &v);
}

static struct org org_typed(struct cx *cx, const struct request *q)
{
    return (struct org){.kind = typed_text(cx, q, "kind"),
                        .name = typed_text(cx, q, "name"),
                        .area_id = typed_id(q, "area"),
                        .parent_id = typed_id(q, "parent"),
                        .version = (int32_t)typed_id(q, "version")};
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct org_edit_view v = {
        .org = org_typed(cx, q), .action = "/org/new", .county = typed_id(q, "county")};
    int64_t id;
    enum rc rc = org_add(&id, cx, &v.org);
    if (typed_mistake(rc) || rc == RC_NOTFOUND) {
        a->status = 400;
        v.error = typed_error(cx);
        return show_form(cx, q, a, &v);
    }
    TRY(rc);
    page_notice(cx, a, "created");
    response_redirect(cx, a, arena_printf(cx->arena, "/org/%" PRId64, id));
    return RC_OK;
}

static enum rc edit_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct org_edit_view v = {0};
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(org_load_managed(&v.org, cx, id));
    v.action = arena_printf(cx->arena, "/org/%" PRId64 "/edit", id);
    v.county = v.org.county;
    return show_form(cx, q, a, &v);
}

static enum rc edit_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct org now;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(org_load_managed(&now, cx, id));
    struct org_edit_view v = {.org = org_typed(cx, q),
                              .action = arena_printf(cx->arena, "/org/%" PRId64 "/edit", id),
                              .county = now.county};
    v.org.id = id;
    enum rc rc = org_set(cx, &v.org);
    if (typed_mistake(rc) || rc == RC_NOTFOUND) {
        a->status = rc == RC_CONFLICT ? 409 : 400;
        v.error = typed_error(cx);
        return show_form(cx, q, a, &v);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/org/%" PRId64, id));
    return RC_OK;
}

/* ---- end, merge ---- */

/* What is left to do goes to whom the organisation's things belong to now, or back to those who
 * gave it. Can be asked for again: a crash between ending and this loses nothing. */
static enum rc hand_over_org(struct cx *cx, const struct org *o)
{
    int64_t now, moved;
    TRY(org_now(&now, cx, o->id));
    if (now)
        TRY(resource_hand_over(cx, o->county, o->id, now));
    return task_hand_over(&moved, cx, o->county,
                          (struct owner){.kind = OWNER_ORG, .id = o->id, .permission = ""},
                          (struct owner){.kind = OWNER_ORG, .id = now, .permission = ""});
}

static enum rc end_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct org o;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(org_get(&o, cx, id));
    TRY(org_end(cx, id, (int32_t)typed_id(q, "version"), typed_id(q, "into")));
    TRY(hand_over_org(cx, &o));
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/org/%" PRId64, id));
    return RC_OK;
}

static enum rc tasks_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct org o;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(org_get(&o, cx, id));
    TRY(actor_require_in(cx, "org.manage", str_of(o.area_path)));
    if (!o.ended_day)
        return fail(cx, RC_INVALID,
                    _("The organisation exists: its tasks are given on, one by one, on their "
                      "own pages."),
                    "org=%" PRId64, id);
    TRY(hand_over_org(cx, &o));
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/org/%" PRId64, id));
    return RC_OK;
}

/* ---- a person leaves ---- */

static enum rc leave_find(struct leave_view *v, struct cx *cx, const struct request *q)
{
    struct duty *duties;
    struct user user;
    size_t count;
    struct office_place place;
    TRY(request_param_id(&v->user_id, cx, q, "id"));
    TRY(user_get(&user, cx, v->user_id));
    v->name = user.name;
    v->csrf = visitor_of(q)->csrf;
    v->today = day_iso(cx->arena, people_today(cx));
    TRY(duties_of_user(&duties, &count, cx, v->user_id, false));
    TRY(duty_views(&v->duties, &v->duty_count, cx, duties, count));
    TRY(helper_of_user(&v->helper_id, cx, v->user_id));
    if (v->helper_id) {
        struct helper h;
        TRY(helper_get(&h, cx, v->helper_id));
        v->household_count = h.household_count;
    }
    TRY(office_task_count(&v->task_count, cx, OWNER_USER, v->user_id));
    v->may_block = user.state == USER_ACTIVE && cx->actor && cx->actor->user_id != user.id;
    TRY(office_place_find(&place, cx, count ? duties[0].county : 0));
    return place.has ? office_user_choices(&v->users, &v->user_count, cx, &place.here) : RC_OK;
}

static enum rc leave_show(struct cx *cx, const struct request *q, struct response *a,
                          const char *error)
{
    struct leave_view v = {.error = error};
    TRY(db_read_begin(cx));
    TRY(leave_find(&v, cx, q));
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = arena_printf(cx->arena, _("%s leaves"), v.name),
                       .nav = "user",
                       .back_href = arena_printf(cx->arena, "/user/%" PRId64, v.user_id),
                       .back_label = v.name});
    leave_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc leave_get(struct cx *cx, const struct request *q, struct response *a)
{
    return leave_show(cx, q, a, NULL);
}

/* Tasks first: were it cut off behind that, the page is still there and can be sent again. */
static enum rc leave_do(int64_t *helper_id, struct cx *cx, const struct request *q,
                        const struct leave_view *v)
{
    int64_t heir, moved, *left;
    size_t left_count;
    int32_t last;
    struct office_place place;
    TRY(typed_day(&last, cx, q, "last", _("Last day"), people_today(cx)));
    TRY(office_user_typed(&heir, cx, request_form(q, "login"), true));
    if (heir == v->user_id)
        return fail(cx, RC_INVALID, _("User name: choose somebody who stays."), "heir");
    TRY(office_place_find(&place, cx, v->duty_count ? v->duties[0].duty.county : 0));
    *helper_id = v->helper_id;
    TRY(task_hand_over(&moved, cx, place.here.county,
                       (struct owner){.kind = OWNER_USER, .id = v->user_id, .permission = ""},
                       (struct owner){.kind = OWNER_USER, .id = heir, .permission = ""}));
    TRY(person_leaves(&left, &left_count, cx, v->user_id, last));
    if (request_form(q, "block").len)
        TRY(user_set_state(cx, v->user_id, USER_BLOCKED));
    return RC_OK;
}

static enum rc leave_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct leave_view v = {0};
    int64_t helper_id = 0;
    TRY(leave_find(&v, cx, q));
    enum rc rc = leave_do(&helper_id, cx, q, &v);
    if (typed_mistake(rc)) {
        a->status = 400;
        return leave_show(cx, q, a, typed_error(cx));
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    /* The helper's page lists the households that nobody stands by now. */
    response_redirect(cx, a,
                      helper_id ? arena_printf(cx->arena, "/helper/%" PRId64, helper_id)
                                : arena_printf(cx->arena, "/user/%" PRId64, v.user_id));
    return RC_OK;
}

#define MANAGES .scope = SCOPE_PERMISSION, .permission = "org.manage"
#define POSTS                                                                                  \
    .method = METHOD_POST, .csrf = CSRF_TOKEN, .body_max = FORM_BYTES, .time_ms_max = 30000
#define GETS .method = METHOD_GET, .csrf = CSRF_NONE
static const struct route rows[] = {
    {GETS, MANAGES, .path = "/org/new", .handle = new_get},
    {POSTS, MANAGES, .path = "/org/new", .handle = new_post},
    {GETS, MANAGES, .path = "/org/{id}/edit", .handle = edit_get, .test_path = "/org/1/edit"},
    {POSTS, MANAGES, .path = "/org/{id}/edit", .handle = edit_post, .test_path = "/org/1/edit"},
    {POSTS, MANAGES, .path = "/org/{id}/end", .handle = end_post, .test_path = "/org/1/end"},
    {POSTS, MANAGES, .path = "/org/{id}/tasks", .handle = tasks_post,
     .test_path = "/org/1/tasks"},
    {GETS, .scope = SCOPE_PERMISSION, .permission = "user.manage", .path = "/user/{id}/leave",
     .handle = leave_get, .test_path = "/user/1/leave"},
    {POSTS, .scope = SCOPE_PERMISSION, .permission = "user.manage", .path = "/user/{id}/leave",
     .handle = leave_post, .test_path = "/user/1/leave"},
};
const struct route_table org_edit_routes = ROUTE_TABLE(rows);
