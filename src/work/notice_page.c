/* One's own notices: a list, what is new, marking as read. */
#include "db/db.h"
#include "work/notice.html.h"
#include "work/notice_view.h"

enum { PAGE_ROWS = 50, FORM_BYTES = 4096 };

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct notice_list_view v = {.csrf = visitor_of(q)->csrf,
                                 .only_new = str_eq(request_query(q, "only"), STR("new")),
                                 .may_manage = actor_may(cx, "notice.manage")};
    struct notice *list;
    int64_t before = 0;
    struct str wanted = request_query(q, "before");
    if (wanted.len && (!str_to_i64(&before, wanted) || before < 1))
        return fail(cx, RC_INVALID, _("This page of the list does not exist."), "before");
    TRY(db_read_begin(cx));
    TRY(notice_count_new(&v.new_count, cx));
    TRY(notice_list(&list, &v.count, cx, before, v.only_new, PAGE_ROWS + 1));
    if (v.count > PAGE_ROWS) {
        v.count = PAGE_ROWS;
        v.more_href = arena_printf(cx->arena, "/notice?%sbefore=%" PRId64,
                                   v.only_new ? "only=new&" : "", list[PAGE_ROWS - 1].id);
    }
    v.notices = list;
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("What you are told"), .nav = "notice"});
    notice_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc read_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id = 0;
    struct str wanted = request_form(q, "id");
    if (!str_eq(wanted, STR("all")) && (!str_to_i64(&id, wanted) || id < 1))
        return fail(cx, RC_NOTFOUND, _("There is no such notice, or it is not yours."), "id");
    TRY(notice_read(cx, id));
    response_redirect(
        cx, a, str_eq(request_form(q, "only"), STR("new")) ? "/notice?only=new" : "/notice");
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/notice",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_NONE,
     .handle = list_get},
    {.method = METHOD_POST,
     .path = "/notice/read",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_TOKEN,
     .body_max = FORM_BYTES,
     .handle = read_post},
};
const struct route_table notice_routes = ROUTE_TABLE(rows);
