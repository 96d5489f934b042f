/* Webhooks: whom a county's office tells of events; the signing secret is shown once. */
#include "base/format.h"
#include "db/db.h"
#include "work/notice.html.h"
#include "work/notice_view.h"

enum { FORM_BYTES = 16 * 1024 };

static enum rc show(struct cx *cx, const struct request *q, struct response *a,
                    struct webhook_view *v)
{
    struct webhook *list;
    TRY(webhook_list(&list, &v->count, cx, v->place->county));
    struct webhook_row_view *rows = arena_new(cx->arena, (v->count + 1) * sizeof *rows);
    for (size_t i = 0; i < v->count; i++)
        rows[i] = (struct webhook_row_view){
            .w = &list[i],
            .since = list[i].failed_since ? format_time(cx, list[i].failed_since) : NULL,
            .error = notice_error_text(cx, list[i].last_error),
        };
    v->rows = rows;
    v->csrf = visitor_of(q)->csrf;
    struct out *o =
        page_begin(cx, q,
                   &(struct page){
                       .title = _("Webhooks"),
                       .nav = "notice",
                       .back_href = notice_place_href(cx, "/notice/settings", v->place),
                       .back_label = _("How the office sends"),
                   });
    webhook_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct notice_place place;
    struct webhook_view v = {.place = &place, .url = "", .events = "*"};
    TRY(db_read_begin(cx));
    TRY(notice_place_find(&place, cx, q));
    return show(cx, q, a, &v);
}

/* No redirect after a success: the secret is on this page only. */
static enum rc add_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct notice_place place;
    int64_t id;
    struct webhook_view v = {.place = &place};
    TRY(notice_place_find(&place, cx, q));
    v.url = arena_copy(cx->arena, str_trim(request_form(q, "url")));
    v.events = arena_copy(cx->arena, str_trim(request_form(q, "events")));
    struct webhook w = {.county = place.county, .url = v.url, .events = v.events};
    enum rc rc = webhook_add(&id, &v.secret, cx, &w);
    if (rc == RC_INVALID || rc == RC_LIMIT) {
        v.error = arena_copy(cx->arena, str_of(cx->err.text));
        err_clear(cx);
        a->status = 400;
        return show(cx, q, a, &v);
    }
    TRY(rc);
    v.url = "";
    v.events = "*";
    return show(cx, q, a, &v);
}

static enum rc active_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct notice_place place;
    int64_t id = 0;
    TRY(notice_place_find(&place, cx, q));
    if (!str_to_i64(&id, request_form(q, "id")))
        return fail(cx, RC_NOTFOUND, _("There is no such webhook, or not for you to see."),
                    "id");
    TRY(webhook_set_active(cx, id, str_eq(request_form(q, "active"), STR("1"))));
    page_notice(cx, a, "saved");
    response_redirect(cx, a, notice_place_href(cx, "/notice/webhook", &place));
    return RC_OK;
}

#define MANAGES .scope = SCOPE_PERMISSION, .permission = "notice.manage"
#define POSTS   MANAGES, .method = METHOD_POST, .csrf = CSRF_TOKEN, .body_max = FORM_BYTES
static const struct route rows[] = {
    {MANAGES, .method = METHOD_GET, .path = "/notice/webhook", .csrf = CSRF_NONE,
     .handle = list_get},
    {POSTS, .path = "/notice/webhook", .handle = add_post},
    {POSTS, .path = "/notice/webhook/active", .handle = active_post},
};
const struct route_table notice_webhook_routes = ROUTE_TABLE(rows);
