/* Messages as rows: made from notices that are urgent, listed, tried again. How they are
 * carried is notice_lane.c. */
#include "base/log.h"
#include "base/time.h"
#include "people/actor.h"
#include "people/org.h"
#include "profile/calendar.h"
#include "work/notice.sql.h"
#include "work/notice_inner.h"
#include "work/notice_send.sql.h"

#include <assert.h>
#include <string.h>

enum { FAN_MAX = 100, SUBJECT_BYTES = 200, LIST_MAX = 500, LATER_S = 600 };

/* ---- making messages ---- */

enum rc notice_send_add(struct cx *cx, const struct dispatch *m)
{
    int64_t id;
    TRY(db_ids(&id, cx, 1));
    return DB_RUN(cx, &NOTICE_SEND_INSERT, V_I(m->county), V_I(id), V_I(m->lane),
                  V_I(m->channel), V_I(m->user_id), V_T(m->event), V_T(m->subject),
                  V_T(m->body), V_I(cx->now_at), V_I(m->next_at));
}

enum rc notice_reach(struct reach *out, struct cx *cx, int64_t county, int64_t user_id)
{
    struct reach r = {0};
    struct contact c;
    int64_t mail_county, sms_county;
    enum rc rc = actor_of_user(&r.actor, cx, user_id);
    if (rc == RC_DENIED || rc == RC_NOTFOUND) {
        err_clear(cx);
        *out = (struct reach){0};
        return RC_OK;
    }
    TRY(rc);
    TRY(contact_get(&c, cx, user_id));
    TRY(notice_settings_found(&r.settings, &mail_county, &sms_county, cx, county));
    r.mail = c.wants_mail && c.mail[0] && r.settings.mail_url[0];
    r.sms = c.wants_sms && c.phone[0] && r.settings.sms_url[0];
    r.wants_summary = c.wants_summary;
    r.mail_lane = mail_county * 2;
    r.sms_lane = sms_county * 2 + 1;
    *out = r;
    return RC_OK;
}

/* The beginning of a text, whole characters. */
static const char *cut(struct cx *cx, const char *text, size_t max)
{
    size_t len = strlen(text);
    if (len <= max)
        return text;
    len = max;
    while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--;
    return arena_printf(cx->arena, "%.*s…", (int)len, text);
}

/* A notice that waits to be made into messages. */
struct fan {
    int64_t user_id, id, county, seen_at, wait_at; /* wait_at: 0 done, else later */
    struct dispatch out[2];
    size_t out_count;
    bool skipped;
};

static enum rc fan_write(struct cx *cx, void *arg)
{
    const struct fan *all = arg;
    for (size_t i = 0; i < FAN_MAX && all[i].id; i++) {
        const struct fan *f = &all[i];
        int64_t changed;
        if (f->skipped)
            continue;
        TRY(DB_RUN_COUNT(&changed, cx, &NOTICE_WAIT_MOVE, V_I(f->user_id), V_I(f->id),
                         V_I(f->seen_at), V_I(f->wait_at)));
        for (size_t k = 0; changed && k < f->out_count; k++)
            TRY(notice_send_add(cx, &f->out[k]));
    }
    return RC_OK;
}

static void compose(struct fan *f, struct cx *cx, const struct reach *r, const char *text,
                    const char *href, int64_t now_at)
{
    const char *page = r->settings.page_url;
    const char *link = page[0] ? arena_printf(cx->arena, "%s%s", page, href) : "";
    struct dispatch m = {.county = f->county,
                         .user_id = f->user_id,
                         .next_at = now_at,
                         .event = "notice",
                         .subject = cut(cx, text, SUBJECT_BYTES)};
    if (r->mail) {
        m.channel = CHANNEL_MAIL;
        m.lane = r->mail_lane;
        m.body = arena_printf(cx->arena, link[0] ? "%s\n\n%s\n" : "%s\n%s", text, link);
        f->out[f->out_count++] = m;
    }
    if (r->sms) {
        m.channel = CHANNEL_SMS;
        m.lane = r->sms_lane;
        m.body = arena_printf(cx->arena, link[0] ? "%s %s" : "%s%s", text, link);
        f->out[f->out_count++] = m;
    }
}

static enum rc fan_one(struct fan *f, struct cx *cx, const struct notice *n, int64_t now_at)
{
    struct reach r;
    int64_t until_at = 0;
    if (n->read_at) /* seen on the page meanwhile */
        return RC_OK;
    if (n->weight != NOTICE_EMERGENCY && quiet_at(cx->profile, now_at, &until_at)) {
        f->wait_at = until_at;
        return RC_OK;
    }
    TRY(notice_reach(&r, cx, n->county, n->user_id));
    if (r.actor)
        compose(f, cx, &r, n->text.in[r.actor->lang], n->href, now_at);
    return RC_OK;
}

static enum rc read_waiting(struct notice *out, struct fan *fans, size_t *count, struct cx *cx,
                            int64_t now_at)
{
    struct db_rows rows;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &NOTICE_WAITING, V_I(now_at), V_I(FAN_MAX)));
    while (n < FAN_MAX && db_next(&rows)) {
        out[n] = (struct notice){
            .county = row_i64(&rows, NOTICE_WAITING_COUNTY),
            .id = row_i64(&rows, NOTICE_WAITING_ID),
            .user_id = row_i64(&rows, NOTICE_WAITING_USER_ID),
            .read_at = row_i64(&rows, NOTICE_WAITING_READ_AT),
            .weight = row_i64(&rows, NOTICE_WAITING_WEIGHT) >= NOTICE_EMERGENCY
                          ? NOTICE_EMERGENCY
                          : NOTICE_URGENT,
            .text = {{row_copy(&rows, NOTICE_WAITING_TEXT_EN).p,
                      row_copy(&rows, NOTICE_WAITING_TEXT_ZH).p}},
            .href = row_copy(&rows, NOTICE_WAITING_HREF).p,
        };
        fans[n] = (struct fan){.user_id = out[n].user_id,
                               .id = out[n].id,
                               .county = out[n].county,
                               .seen_at = row_i64(&rows, NOTICE_WAITING_WAIT_AT)};
        n++;
    }
    *count = n;
    return db_done(&rows);
}

enum rc notice_fan_out(size_t *count, struct cx *cx)
{
    int64_t now_at = time_now();
    struct notice *list = arena_new(cx->arena, FAN_MAX * sizeof *list);
    struct fan *fans = arena_new(cx->arena, FAN_MAX * sizeof *fans);
    TRY(read_waiting(list, fans, count, cx, now_at));
    for (size_t i = 0; i < *count; i++) {
        enum rc rc = fan_one(&fans[i], cx, &list[i], now_at);
        if (rc == RC_DB || rc == RC_IO || rc == RC_BUSY)
            return rc;
        if (rc) { /* one that cannot be made must not hold up the others */
            log_event(LOG_LEVEL_WARN, "notice.not_made", "notice=%" PRId64 " rc=%s", list[i].id,
                      rc_name(rc));
            err_clear(cx);
            fans[i].out_count = 0;
            fans[i].wait_at = now_at + LATER_S;
        }
    }
    return *count ? db_write(cx, 0, fan_write, fans) : RC_OK;
}

/* ---- lists ---- */

static enum rc require(struct cx *cx, int64_t county)
{
    bool may;
    TRY(actor_require(cx, "notice.manage"));
    TRY(notice_may_manage(&may, cx, county));
    if (may)
        return RC_OK;
    return fail(cx, RC_NOTFOUND, _("There is no such county, or not for you to see."),
                "messages county=%" PRId64, county);
}

static const char *const channels[] = {"", "mail", "sms", "webhook"};
static const char *const states[] = {"waiting", "sent", "failed"};

enum rc notice_send_list(struct notice_send **out, size_t *count, struct cx *cx, int64_t county,
                         struct str state, size_t max)
{
    struct db_rows rows;
    size_t n = 0, most = max < LIST_MAX ? max : LIST_MAX;
    int64_t wanted = -1;
    TRY(require(cx, county));
    for (int i = 0; i < 3; i++)
        if (str_eq_z(state, states[i]))
            wanted = i;
    struct notice_send *list = arena_new(cx->arena, (most + 1) * sizeof *list);
    if (wanted >= 0)
        TRY(DB_SELECT(&rows, cx, &NOTICE_SEND_OF_STATE, V_I(county), V_I(wanted), V_I(most)));
    else
        TRY(DB_SELECT(&rows, cx, &NOTICE_SEND_OF_COUNTY, V_I(county), V_I(most)));
    while (n < most && db_next(&rows))
        list[n++] = (struct notice_send){
            .county = row_i64(&rows, NOTICE_SEND_OF_COUNTY_COUNTY),
            .id = row_i64(&rows, NOTICE_SEND_OF_COUNTY_ID),
            .user_id = row_i64(&rows, NOTICE_SEND_OF_COUNTY_USER_ID),
            .at = row_i64(&rows, NOTICE_SEND_OF_COUNTY_AT),
            .next_at = row_i64(&rows, NOTICE_SEND_OF_COUNTY_NEXT_AT),
            .sent_at = row_i64(&rows, NOTICE_SEND_OF_COUNTY_SENT_AT),
            .channel = channels[row_i64(&rows, NOTICE_SEND_OF_COUNTY_CHANNEL) & 3],
            .state = states[row_i64(&rows, NOTICE_SEND_OF_COUNTY_STATE) % 3],
            .error = row_copy(&rows, NOTICE_SEND_OF_COUNTY_ERROR).p,
            .tries = (int32_t)row_i64(&rows, NOTICE_SEND_OF_COUNTY_TRIES),
        };
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

const char *notice_error_text(struct cx *cx, const char *error)
{
    static const struct {
        const char *error, *text;
    } texts[] = {
        {"connect", N_("no connection")},
        {"resolve", N_("the name of the server is not known")},
        {"timeout", N_("no answer in time")},
        {"tls", N_("no safe connection (TLS)")},
        {"login", N_("name or password refused")},
        {"local", N_("the address is a private one")},
        {"broken", N_("the connection broke off")},
        {"blocked", N_("the account is blocked")},
        {"address", N_("no address to send to")},
        {"off", N_("switched off meanwhile")},
    };
    struct str rest = str_of(error), word = str_cut(&rest, ' ');
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!strcmp(error, texts[i].error))
            return text_in(cx->lang, texts[i].text);
    if (rest.p && (str_eq(word, STR("http")) || str_eq(word, STR("smtp"))))
        return arena_printf(cx->arena, _("the server answered %s"),
                            arena_copy(cx->arena, rest));
    return error;
}

/* ---- again, test ---- */

struct again {
    int64_t county, id;
};

static enum rc again_write(struct cx *cx, void *arg)
{
    const struct again *a = arg;
    struct db_rows rows;
    int64_t changed;
    enum rc rc = DB_ONE(&rows, cx, &NOTICE_SEND_GET, V_I(a->county), V_I(a->id));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such message."), "message=%" PRId64, a->id);
    TRY(rc);
    TRY(db_done(&rows));
    TRY(DB_RUN_COUNT(&changed, cx, &NOTICE_SEND_RETRY, V_I(a->county), V_I(a->id),
                     V_I(cx->now_at)));
    if (changed == 0)
        return fail(cx, RC_CONFLICT, _("The message was sent already."), "message=%" PRId64,
                    a->id);
    return RC_OK;
}

enum rc notice_send_again(struct cx *cx, int64_t county, int64_t id)
{
    struct again a = {county, id};
    TRY(require(cx, county));
    return db_write(cx, 0, again_write, &a);
}

static enum rc test_write(struct cx *cx, void *arg)
{
    return notice_send_add(cx, arg);
}

enum rc notice_send_test(struct cx *cx, int64_t county, struct str channel)
{
    struct contact c;
    struct notice_settings s;
    int64_t mail_county, sms_county;
    bool mail = str_eq(channel, STR("mail"));
    assert(cx->actor);
    TRY(require(cx, county));
    TRY(contact_get(&c, cx, cx->actor->user_id));
    TRY(notice_settings_found(&s, &mail_county, &sms_county, cx, county));
    if (!(mail ? s.mail_url : s.sms_url)[0])
        return fail(cx, RC_INVALID, _("Enter the server first, and save it."), "channel off");
    if (!(mail ? c.mail : c.phone)[0])
        return fail(
            cx, RC_INVALID,
            _("Your account has no address for this. Enter it under your account first."),
            "no contact");
    struct dispatch m = {.county = county,
                         .lane = mail ? mail_county * 2 : sms_county * 2 + 1,
                         .user_id = cx->actor->user_id,
                         .next_at = cx->now_at,
                         .channel = mail ? CHANNEL_MAIL : CHANNEL_SMS,
                         .event = "test",
                         .subject = _("Test message of the office"),
                         .body = _("This is a test: messages of the office arrive here.")};
    return db_write(cx, 0, test_write, &m);
}

enum rc notice_figures_get(struct notice_figures *out, struct cx *cx)
{
    struct db_rows rows;
    struct notice_figures f;
    TRY(DB_ONE0(&rows, cx, &NOTICE_SEND_FIGURES));
    f.waiting = row_i64(&rows, NOTICE_SEND_FIGURES_WAITING);
    f.failing = row_i64(&rows, NOTICE_SEND_FIGURES_FAILING);
    TRY(db_done(&rows));
    TRY(DB_ONE0(&rows, cx, &NOTICE_SEND_FAILED_COUNT));
    f.failed = row_i64(&rows, 0);
    TRY(db_done(&rows));
    *out = f;
    return RC_OK;
}
