/* How an officer can be reached, sealed at rest; and a person who leaves. */
#include "base/text.h"
#include "base/utf8.h"
#include "base/vault.h"
#include "people/helper.sql.h"
#include "people/org.sql.h"
#include "people/org_inner.h"

#include <assert.h>

enum { MAIL_MAX = 200, PHONE_MIN = 5, PHONE_MAX = 20 };
static const char mail_context[] = "user.mail", phone_context[] = "user.phone";

static enum rc own_or_managed(struct cx *cx, int64_t user_id)
{
    if (cx->actor && cx->actor->user_id == user_id)
        return RC_OK;
    return people_require_manage(NULL, cx, user_id, false);
}

static enum rc open_text(const char **out, struct cx *cx, struct str sealed,
                         const char *context)
{
    uint8_t key[KEY_BYTES];
    struct str plain;
    *out = "";
    if (!sealed.len)
        return RC_OK;
    assert(cx->vault);
    vault_key(key, cx->vault, "people.contact", true);
    TRY(unseal(&plain, cx, key, sealed, context));
    *out = arena_copy(cx->arena, plain);
    return RC_OK;
}

static struct db_arg seal_text(struct cx *cx, struct str plain, const char *context)
{
    uint8_t key[KEY_BYTES];
    if (!plain.len)
        return V_NULL;
    assert(cx->vault);
    vault_key(key, cx->vault, "people.contact", true);
    struct str sealed = seal(cx->arena, key, plain, context);
    return V_B(sealed.p, sealed.len);
}

enum rc contact_get(struct contact *out, struct cx *cx, int64_t user_id)
{
    struct db_rows rows;
    TRY(own_or_managed(cx, user_id));
    enum rc rc = DB_ONE(&rows, cx, &CONTACT_ONE, V_I(user_id));
    if (rc == RC_NOTFOUND) { /* nothing said: a summary on the page, nothing is sent */
        *out = (struct contact){.mail = "", .phone = "", .wants_summary = true};
        return RC_OK;
    }
    TRY(rc);
    struct contact c = {.wants_mail = row_i64(&rows, CONTACT_ONE_WANTS_MAIL) != 0,
                        .wants_sms = row_i64(&rows, CONTACT_ONE_WANTS_SMS) != 0,
                        .wants_summary = row_i64(&rows, CONTACT_ONE_WANTS_SUMMARY) != 0};
    struct str mail = row_copy(&rows, CONTACT_ONE_MAIL),
               phone = row_copy(&rows, CONTACT_ONE_PHONE);
    TRY(db_done(&rows));
    TRY(open_text(&c.mail, cx, mail, mail_context));
    TRY(open_text(&c.phone, cx, phone, phone_context));
    *out = c;
    return RC_OK;
}

/* One @ with something before it and a dot behind it; no blanks, no control characters: the
 * address stands in a mail's head. */
static bool mail_fits(struct str s)
{
    size_t at = str_find(s, STR("@"));
    if (s.len > MAIL_MAX || at == SIZE_MAX || at == 0)
        return false;
    struct str host = {s.p + at + 1, s.len - at - 1};
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c >= 0x7f || strchr("<>(),;:\\\"[]", (char)c))
            return false;
    }
    size_t dot = str_find(host, STR("."));
    return str_find(host, STR("@")) == SIZE_MAX && dot != SIZE_MAX && dot > 0 &&
           host.p[host.len - 1] != '.';
}

static bool phone_fits(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] == '+' && i == 0)))
            return false;
    return s.len >= PHONE_MIN && s.len <= PHONE_MAX;
}

/* Digits only, as gateways want them: blanks and hyphens go. */
static struct str phone_plain(struct cx *cx, const char *typed)
{
    struct str s = str_trim(str_of(typed));
    if (utf8_bad_at(s) == s.len)
        s = utf8_normal(cx, s, true);
    char *out = arena_new(cx->arena, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] != ' ' && s.p[i] != '-')
            out[n++] = s.p[i];
    return (struct str){out, n};
}

struct putting {
    int64_t user_id;
    struct db_arg mail, phone;
    const struct contact *c;
};
static enum rc put_write(struct cx *cx, void *arg)
{
    const struct putting *p = arg;
    return DB_RUN(cx, &CONTACT_PUT, V_I(p->user_id), p->mail, p->phone, V_I(p->c->wants_mail),
                  V_I(p->c->wants_sms), V_I(p->c->wants_summary));
}

enum rc contact_set(struct cx *cx, int64_t user_id, const struct contact *c)
{
    struct str mail = str_trim(str_of(c->mail)), phone = phone_plain(cx, c->phone);
    TRY(own_or_managed(cx, user_id));
    if (mail.len && !mail_fits(mail))
        return fail(cx, RC_INVALID, _("Mail: an address such as li@example.org."), "mail");
    if (phone.len && !phone_fits(phone))
        return fail(cx, RC_INVALID, _("Phone: 5 to 20 digits, such as 13800000001."), "phone");
    if (c->wants_mail && !mail.len)
        return fail(cx, RC_INVALID, _("Mail: give an address, or do not ask for mails."),
                    "mail");
    if (c->wants_sms && !phone.len)
        return fail(cx, RC_INVALID,
                    _("Phone: give a number, or do not ask for short messages."), "phone");
    struct putting p = {user_id, seal_text(cx, mail, mail_context),
                        seal_text(cx, phone, phone_context), c};
    return db_write(cx, 0, put_write, &p);
}

/* ---- a person leaves ---- */

struct leaving {
    int64_t user_id, helper_id, county;
    int32_t last_day;
    const struct duty *duties;
    size_t duty_count;
    struct arena *arena;
    int64_t *left;
    size_t count;
};

static enum rc leave_write(struct cx *cx, void *arg)
{
    struct leaving *l = arg;
    int64_t *left = NULL;
    size_t count = 0;
    for (size_t i = 0; i < l->duty_count; i++) {
        int32_t first = l->duties[i].from_day - 1;
        TRY(DB_RUN(cx, &DUTY_CLOSE, V_I(l->duties[i].id),
                   V_I(l->last_day > first ? l->last_day : first)));
    }
    TRY(DB_RUN(cx, &SUBSTITUTE_CLOSE_BY, V_I(l->user_id), V_I(l->last_day)));
    if (l->helper_id)
        TRY(helper_close_all(&left, &count, cx, l->helper_id, l->last_day));
    l->left = arena_new(l->arena, (count + 1) * sizeof *l->left);
    if (count)
        memcpy(l->left, left, count * sizeof *l->left);
    l->count = count;
    return RC_OK;
}

enum rc person_leaves(int64_t **left, size_t *count, struct cx *cx, int64_t user_id,
                      int32_t last_day)
{
    struct leaving l = {.user_id = user_id, .last_day = last_day, .arena = cx->arena};
    struct duty *duties;
    struct helper h = {0};
    int32_t today = people_today(cx);
    TRY(duties_of_user(&duties, &l.duty_count, cx, user_id, false));
    TRY(helper_of_user(&l.helper_id, cx, user_id));
    if (l.helper_id)
        TRY(helper_get(&h, cx, l.helper_id));
    l.duties = duties;
    l.county = l.duty_count ? duties[0].county : h.county;
    if (!actor_may(cx, "user.manage") || people_require_manage(NULL, cx, user_id, false)) {
        err_clear(cx);
        if (!l.duty_count && !l.helper_id)
            return people_no_user(cx);
        for (size_t i = 0; i < l.duty_count; i++) {
            struct org o;
            TRY(org_get(&o, cx, duties[i].org_id));
            TRY(actor_require_in(cx, "org.manage", str_of(o.area_path)));
        }
        if (l.helper_id && h.org_id) {
            struct org o;
            TRY(org_get(&o, cx, h.org_id));
            TRY(actor_require_in(cx, "org.manage", str_of(o.area_path)));
        }
    }
    if (last_day > today || last_day < today - 366)
        return fail(cx, RC_INVALID,
                    _("The last day is today or a day of the last year: who goes later is "
                      "ended then."),
                    "last=%d", last_day);
    TRY(db_write(cx, l.county, leave_write, &l));
    *left = l.left;
    *count = l.count;
    return RC_OK;
}
