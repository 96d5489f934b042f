/* The daily summary: at the profile's hour everybody who wants it is sent one message with the
 * count of their new notices, the newest of them, and lines of the office's rooms. */
#include "base/log.h"
#include "base/time.h"
#include "people/org.h"
#include "profile/calendar.h"
#include "work/notice.sql.h"
#include "work/notice_inner.h"
#include "work/notice_send.sql.h"
#include "work/task.h"

#include <assert.h>
#include <string.h>

enum {
    FNS_MAX = 16,
    USERS_PAGE = 200,
    COUNT_MAX = 1000,
    SHOWN_MAX = 10,
    COUNTIES_MAX = 8,
    TEXT_MAX = 64 * 1024,
    SENT_KEPT_S = 90 * 24 * 3600,
    FORGET_CHUNK = 2000
};

static summary_fn fns[FNS_MAX];
static size_t fn_count;

void notice_summary_add(summary_fn fn)
{
    for (size_t i = 0; i < fn_count; i++)
        if (fns[i] == fn)
            return;
    assert(fn_count < FNS_MAX);
    fns[fn_count++] = fn;
}

/* ---- the text ---- */

struct summary {
    int64_t user_id, last_id, newest_id;
    int32_t day;
    struct dispatch message;
    bool has_message;
    int64_t taken;
};

/* New notices since the last summary; *count to at most 1,000. */
static enum rc put_notices(int64_t *count, struct buf *out, struct cx *cx,
                           const struct summary *s)
{
    struct db_rows rows;
    struct buf lines;
    int64_t n = 0;
    buf_init(&lines, cx->arena, TEXT_MAX);
    TRY(DB_SELECT(&rows, cx, &NOTICE_NEW_SINCE, V_I(s->user_id), V_I(s->last_id),
                  V_I(COUNT_MAX)));
    while (db_next(&rows)) {
        int column = cx->lang == LANG_ZH ? NOTICE_NEW_SINCE_TEXT_ZH : NOTICE_NEW_SINCE_TEXT_EN;
        if (n++ < SHOWN_MAX) {
            buf_z(&lines, "- ");
            buf_str(&lines, row_str(&rows, column));
            buf_char(&lines, '\n');
        }
    }
    TRY(db_done(&rows));
    *count = n;
    if (n == 0)
        return RC_OK;
    buf_printf(out, _n("%d new notice:", "%d new notices:", n), (int)n);
    buf_char(out, '\n');
    buf_str(out, buf_view(&lines));
    if (n > SHOWN_MAX)
        buf_z(out, "- …\n");
    return RC_OK;
}

/* "Your tasks: 3 open, 1 late, 2 due today." */
static void put_tasks(struct buf *out, struct cx *cx)
{
    struct task_sums s;
    enum rc rc = task_sums_mine(&s, cx);
    if (rc)
        log_event(LOG_LEVEL_WARN, "summary.tasks_failed", "rc=%s", rc_name(rc));
    else if (s.open > 0) {
        buf_printf(out, _("Your tasks: %d open, %d late, %d due today."), (int)s.open,
                   (int)s.late, (int)s.due_today);
        buf_char(out, '\n');
    }
    err_clear(cx);
}

/* Lines of the rooms, for each county of the user's grants. */
static void put_lines(struct buf *out, struct cx *cx, const struct actor *actor)
{
    int64_t counties[COUNTIES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < actor->grant_count && count < COUNTIES_MAX; i++) {
        bool seen = false;
        for (size_t k = 0; k < count; k++)
            seen = seen || counties[k] == actor->grants[i].county;
        if (!seen)
            counties[count++] = actor->grants[i].county;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < fn_count; k++) {
            struct buf line;
            buf_init(&line, cx->arena, TEXT_MAX);
            enum rc rc = fns[k](cx, &line, counties[i], actor->user_id, cx->lang);
            if (rc)
                log_event(LOG_LEVEL_WARN, "summary.line_failed", "user=%" PRId64 " rc=%s",
                          actor->user_id, rc_name(rc));
            else if (buf_ok(&line) && line.len > 0) {
                buf_str(out, buf_view(&line));
                if (line.p[line.len - 1] != '\n')
                    buf_char(out, '\n');
            }
            err_clear(cx);
        }
}

static enum rc compose(struct summary *s, struct cx *cx, const struct reach *r, int64_t now_at)
{
    struct buf body;
    int64_t count, until_at;
    const char *page = r->settings.page_url;
    buf_init(&body, cx->arena, 2 * TEXT_MAX);
    TRY(put_notices(&count, &body, cx, s));
    size_t before = body.len;
    put_tasks(&body, cx);
    put_lines(&body, cx, r->actor);
    if (body.len == 0) /* nothing to tell: no message */
        return RC_OK;
    if (!r->mail) { /* SMS: the count and the rooms' lines, which are short */
        struct str lines = {body.p + before, body.len - before};
        lines = arena_str(cx->arena, lines);
        buf_clear(&body);
        if (count)
            buf_printf(&body, _n("%d new notice.", "%d new notices.", count), (int)count);
        buf_char(&body, '\n');
        buf_str(&body, lines);
    }
    if (page[0])
        buf_printf(&body, "\n%s/notice\n", page);
    if (!buf_ok(&body))
        return fail(cx, RC_LIMIT, _("The summary is too long."), "user=%" PRId64, s->user_id);
    s->has_message = true;
    s->message = (struct dispatch){
        .county = r->actor->grant_count ? r->actor->grants[0].county : 0,
        .lane = r->mail ? r->mail_lane : r->sms_lane,
        .user_id = s->user_id,
        .next_at = quiet_at(cx->profile, now_at, &until_at) ? until_at : now_at,
        .channel = r->mail ? CHANNEL_MAIL : CHANNEL_SMS,
        .event = "summary",
        .subject = arena_printf(cx->arena, _("Summary of %s"), day_iso(cx->arena, s->day)),
        .body = arena_copy(cx->arena, buf_view(&body)),
    };
    return RC_OK;
}

/* ---- one user ---- */

static enum rc take_write(struct cx *cx, void *arg)
{
    struct summary *s = arg;
    TRY(DB_RUN_COUNT(&s->taken, cx, &NOTICE_SUMMARY_TAKE, V_I(s->user_id), V_I(s->day),
                     V_I(s->newest_id)));
    if (s->taken && s->has_message)
        TRY(notice_send_add(cx, &s->message));
    return RC_OK;
}

static enum rc newest(int64_t *id, struct cx *cx, int64_t user_id, int64_t at_least)
{
    struct db_rows rows;
    *id = at_least;
    enum rc rc = DB_ONE(&rows, cx, &NOTICE_NEWEST, V_I(user_id));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *id = row_i64(&rows, 0);
    return db_done(&rows);
}

static enum rc make_one(int64_t *made, struct cx *cx, struct summary *s, int64_t now_at)
{
    struct reach r;
    const struct actor *actor;
    enum rc rc = actor_of_user(&actor, cx, s->user_id);
    if (rc == RC_DENIED || rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    TRY(newest(&s->newest_id, cx, s->user_id, s->last_id));
    TRY(notice_reach(&r, cx, actor->grant_count ? actor->grants[0].county : 0, s->user_id));
    if (r.actor && r.wants_summary && (r.mail || r.sms)) {
        enum lang lang = cx->lang;
        cx->actor = actor;
        cx->lang = actor->lang;
        rc = compose(s, cx, &r, now_at);
        cx->actor = NULL;
        cx->lang = lang;
        TRY(rc);
    }
    TRY(db_write(cx, 0, take_write, s));
    *made += s->taken && s->has_message;
    return RC_OK;
}

/* ---- all that are due ---- */

static enum rc page_of_users(struct summary *out, size_t *count, struct cx *cx, int32_t day,
                             int64_t after_id)
{
    struct db_rows rows;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &NOTICE_SUMMARY_USERS, V_I(day), V_I(after_id), V_I(USERS_PAGE)));
    while (n < USERS_PAGE && db_next(&rows))
        out[n++] = (struct summary){
            .user_id = row_i64(&rows, NOTICE_SUMMARY_USERS_ID),
            .last_id = row_i64(&rows, NOTICE_SUMMARY_USERS_LAST_ID),
            .day = day,
        };
    *count = n;
    return db_done(&rows);
}

static enum rc forget_write(struct cx *cx, void *arg)
{
    const int64_t *before = arg;
    return DB_RUN(cx, &NOTICE_SEND_FORGET, V_I(*before), V_I(FORGET_CHUNK));
}

enum rc notice_summaries_due(int64_t *made, struct cx *cx)
{
    int64_t now_at = time_now(), after_id = 0, before = now_at - SENT_KEPT_S;
    int32_t day = local_day(cx->profile, now_at);
    int64_t zone_s = (int64_t)cx->profile->zone_offset_min * 60;
    int64_t minute = (now_at + zone_s - (int64_t)day * 86400) / 60;
    size_t count = 0;
    const struct actor *actor = cx->actor;
    *made = 0;
    TRY(db_write(cx, 0, forget_write, &before));
    if (minute < cx->profile->calendar->summary_min)
        return RC_OK;
    struct summary *page = arena_new(cx->arena, USERS_PAGE * sizeof *page);
    cx->actor = NULL;
    do {
        TRY(page_of_users(page, &count, cx, day, after_id));
        for (size_t i = 0; i < count && !job_clock_stopping(); i++) {
            struct arena_mark mark = arena_mark(cx->arena);
            enum rc rc = make_one(made, cx, &page[i], now_at);
            if (rc == RC_DB || rc == RC_IO || rc == RC_BUSY)
                return rc;
            if (rc) /* tried again in the next minute; the others go on */
                log_event(LOG_LEVEL_WARN, "summary.failed", "user=%" PRId64 " rc=%s",
                          page[i].user_id, rc_name(rc));
            err_clear(cx);
            after_id = page[i].user_id;
            arena_back(cx->arena, mark);
        }
    } while (count == USERS_PAGE && !job_clock_stopping());
    cx->actor = actor;
    return RC_OK;
}
