/* How the office sends: servers, quiet hours, a test to oneself, messages that wait or failed.
 */
#include "base/format.h"
#include "db/db.h"
#include "profile/calendar.h"
#include "work/notice.html.h"
#include "work/notice_view.h"

enum { FORM_BYTES = 16 * 1024, MESSAGES_MAX = 50 };

enum rc notice_place_find(struct notice_place *out, struct cx *cx, const struct request *q)
{
    struct notice_county *list;
    size_t count;
    int64_t county = -1;
    bool posted = q->method == METHOD_POST;
    struct str wanted = posted ? request_form(q, "county") : request_query(q, "county");
    TRY(notice_counties(&list, &count, cx));
    if (wanted.len && !str_to_i64(&county, wanted))
        county = -2;
    for (size_t i = 0; i < count; i++)
        if (county == list[i].county || county == -1) {
            *out = (struct notice_place){list[i].county, list[i].name, list, count};
            return RC_OK;
        }
    return fail(cx, RC_NOTFOUND, _("There is no such county, or not for you to see."),
                "notice county=%" PRId64, county);
}

const char *notice_place_href(struct cx *cx, const char *path, const struct notice_place *p)
{
    return arena_printf(cx->arena, "%s?county=%" PRId64, path, p->county);
}

static const char *minute_text(struct cx *cx, int32_t minute)
{
    return arena_printf(cx->arena, "%02d:%02d", (int)minute / 60, (int)minute % 60);
}

static const char *channel_text(struct cx *cx, const char *channel)
{
    return !strcmp(channel, "mail")  ? _("mail")
           : !strcmp(channel, "sms") ? _("SMS")
                                     : _("webhook");
}

/* What is not sent: waiting ones, then those given up. */
static enum rc fill_messages(struct notice_setting_view *v, struct cx *cx)
{
    struct notice_send *list[2];
    size_t count[2], n = 0;
    TRY(notice_send_list(&list[0], &count[0], cx, v->place->county, STR("failed"),
                         MESSAGES_MAX));
    TRY(notice_send_list(&list[1], &count[1], cx, v->place->county, STR("waiting"),
                         MESSAGES_MAX));
    struct notice_message_view *rows =
        arena_new(cx->arena, (2 * MESSAGES_MAX + 1) * sizeof *rows);
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < count[k]; i++) {
            const struct notice_send *m = &list[k][i];
            rows[n++] = (struct notice_message_view){
                .m = m,
                .channel = channel_text(cx, m->channel),
                .who = m->user_id ? user_name(cx, m->user_id) : "",
                .state = k == 0 ? _("given up") : _("waiting"),
                .tone = k == 0         ? "bad"
                        : m->tries > 0 ? "warn"
                                       : "muted",
                .error = notice_error_text(cx, m->error),
                .when = format_time(cx, k == 0 ? m->at : m->next_at),
            };
        }
    v->messages = rows;
    v->message_count = n;
    return RC_OK;
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a,
                    struct notice_setting_view *v)
{
    const struct calendar *c = cx->profile->calendar;
    v->csrf = visitor_of(q)->csrf;
    v->quiet = c->quiet_from_min == c->quiet_to_min
                   ? NULL
                   : arena_printf(cx->arena, "%s–%s", minute_text(cx, c->quiet_from_min),
                                  minute_text(cx, c->quiet_to_min));
    v->summary_at = minute_text(cx, c->summary_min);
    TRY(fill_messages(v, cx));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("How the office sends"),
                                              .nav = "notice",
                                              .back_href = "/notice",
                                              .back_label = _("What you are told")});
    notice_setting_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc setting_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct notice_place place;
    struct notice_setting_view v = {.place = &place};
    TRY(db_read_begin(cx));
    TRY(notice_place_find(&place, cx, q));
    TRY(notice_settings_get(&v.s, cx, place.county));
    return show(cx, q, a, &v);
}

static const char *form_text(struct cx *cx, const struct request *q, const char *name)
{
    return arena_copy(cx->arena, str_trim(request_form(q, name)));
}

static enum rc setting_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct notice_place place;
    struct notice_setting_view v = {.place = &place};
    TRY(notice_place_find(&place, cx, q));
    v.s = (struct notice_settings){.mail_url = form_text(cx, q, "mail_url"),
                                   .mail_from = form_text(cx, q, "mail_from"),
                                   .mail_user = form_text(cx, q, "mail_user"),
                                   .mail_password = form_text(cx, q, "mail_password"),
                                   .sms_url = form_text(cx, q, "sms_url"),
                                   .sms_token = form_text(cx, q, "sms_token"),
                                   .page_url = form_text(cx, q, "page_url")};
    enum rc rc = notice_settings_set(&v.field, cx, place.county, &v.s);
    if (rc == RC_INVALID) {
        v.error = arena_copy(cx->arena, str_of(cx->err.text));
        err_clear(cx);
        a->status = 400;
        v.s.mail_password = v.s.sms_token = ""; /* never back in a page */
        return show(cx, q, a, &v);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, notice_place_href(cx, "/notice/settings", &place));
    return RC_OK;
}

static enum rc test_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct notice_place place;
    struct notice_setting_view v = {.place = &place};
    TRY(notice_place_find(&place, cx, q));
    enum rc rc = notice_send_test(cx, place.county, request_form(q, "channel"));
    if (rc == RC_INVALID) {
        v.field = "";
        v.error = arena_copy(cx->arena, str_of(cx->err.text));
        err_clear(cx);
        a->status = 400;
        TRY(notice_settings_get(&v.s, cx, place.county));
        return show(cx, q, a, &v);
    }
    TRY(rc);
    page_notice(cx, a, "notice-test");
    response_redirect(cx, a, notice_place_href(cx, "/notice/settings", &place));
    return RC_OK;
}

static enum rc again_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct notice_place place;
    int64_t id = 0;
    TRY(notice_place_find(&place, cx, q));
    if (!str_to_i64(&id, request_form(q, "id")))
        return fail(cx, RC_NOTFOUND, _("There is no such message."), "id");
    TRY(notice_send_again(cx, place.county, id));
    page_notice(cx, a, "notice-again");
    response_redirect(cx, a, notice_place_href(cx, "/notice/settings", &place));
    return RC_OK;
}

#define MANAGES .scope = SCOPE_PERMISSION, .permission = "notice.manage"
#define POSTS   MANAGES, .method = METHOD_POST, .csrf = CSRF_TOKEN, .body_max = FORM_BYTES
static const struct route rows[] = {
    {MANAGES, .method = METHOD_GET, .path = "/notice/settings", .csrf = CSRF_NONE,
     .handle = setting_get},
    {POSTS, .path = "/notice/settings", .handle = setting_post},
    {POSTS, .path = "/notice/settings/test", .handle = test_post},
    {POSTS, .path = "/notice/settings/again", .handle = again_post},
};
const struct route_table notice_setting_routes = ROUTE_TABLE(rows);
