/* How the office sends: settings of each county, checked and with their secrets sealed. */
#include "base/vault.h"
#include "people/actor.h"
#include "work/notice.sql.h"
#include "work/notice_inner.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_MAX = 500, FROM_MAX = 200, COUNTIES_MAX = 4000 };

bool notice_local_allowed(void)
{
    const char *allowed = getenv("FUMIN_ALLOW_LOCAL"); // NOLINT(concurrency-mt-unsafe)
    return allowed && !strcmp(allowed, "1");
}

/* ---- secrets ---- */

static void context_of(char out[64], const char *what, int64_t id)
{
    snprintf(out, 64, "%.30s.%" PRId64, what, id);
}

const char *notice_seal(struct cx *cx, const char *plain, const char *what, int64_t id)
{
    uint8_t key[KEY_BYTES];
    char context[64];
    if (!plain[0])
        return "";
    assert(cx->vault);
    context_of(context, what, id);
    vault_key(key, cx->vault, "notice", true);
    struct str sealed = seal(cx->arena, key, str_of(plain), context);
    return hex_of(cx->arena, sealed.p, sealed.len);
}

enum rc notice_unseal(const char **plain, struct cx *cx, struct str hex, const char *what,
                      int64_t id)
{
    uint8_t key[KEY_BYTES];
    char context[64];
    struct str out;
    *plain = "";
    if (hex.len == 0)
        return RC_OK;
    assert(cx->vault);
    uint8_t *bytes = arena_new(cx->arena, hex.len / 2 + 1);
    if (!hex_parse(bytes, hex.len / 2, hex))
        return fail(cx, RC_DB, _("A stored secret cannot be read."), "%s: no hex", what);
    context_of(context, what, id);
    vault_key(key, cx->vault, "notice", true);
    TRY(unseal(&out, cx, key, (struct str){(const char *)bytes, hex.len / 2}, context));
    *plain = arena_copy(cx->arena, out);
    return RC_OK;
}

/* ---- who may ---- */

enum rc notice_may_manage(bool *may, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    struct str path = STR("");
    *may = !cx->actor;
    if (!cx->actor || !actor_may(cx, "notice.manage"))
        return RC_OK;
    if (county != 0) {
        enum rc rc =
            DB_ONE(&rows, cx, &NOTICE_COUNTY_AREA, V_I(cx->profile->tenant_level), V_I(county));
        if (rc == RC_NOTFOUND)
            return RC_OK;
        TRY(rc);
        path = row_copy(&rows, NOTICE_COUNTY_AREA_PATH);
        TRY(db_done(&rows));
    }
    *may = actor_may_in(cx, "notice.manage", path);
    return RC_OK;
}

static enum rc require(struct cx *cx, int64_t county)
{
    bool may;
    TRY(actor_require(cx, "notice.manage"));
    TRY(notice_may_manage(&may, cx, county));
    if (may)
        return RC_OK;
    return fail(cx, RC_NOTFOUND, _("There is no such county, or not for you to see."),
                "notice county=%" PRId64, county);
}

enum rc notice_counties(struct notice_county **out, size_t *count, struct cx *cx)
{
    struct db_rows rows;
    size_t n = 0;
    struct notice_county *list = arena_new(cx->arena, (COUNTIES_MAX + 1) * sizeof *list);
    if (actor_may_in(cx, "notice.manage", STR("")))
        list[n++] = (struct notice_county){0, _("All counties without their own")};
    TRY(DB_SELECT(&rows, cx, &NOTICE_COUNTIES, V_I(cx->profile->tenant_level),
                  V_I(COUNTIES_MAX)));
    while (n < COUNTIES_MAX && db_next(&rows))
        if (actor_may_in(cx, "notice.manage", row_str(&rows, NOTICE_COUNTIES_PATH)))
            list[n++] = (struct notice_county){row_i64(&rows, NOTICE_COUNTIES_COUNTY),
                                               row_copy(&rows, NOTICE_COUNTIES_NAME).p};
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- reading ---- */

static enum rc read_own(struct notice_settings *out, struct cx *cx, int64_t county, bool plain)
{
    struct db_rows rows;
    *out = (struct notice_settings){"", "", "", "", "", "", ""};
    enum rc rc = DB_ONE(&rows, cx, &NOTICE_SETTING_GET, V_I(county));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    struct str password = row_copy(&rows, NOTICE_SETTING_GET_MAIL_PASSWORD);
    struct str token = row_copy(&rows, NOTICE_SETTING_GET_SMS_TOKEN);
    struct notice_settings s = {
        .mail_url = row_copy(&rows, NOTICE_SETTING_GET_MAIL_URL).p,
        .mail_from = row_copy(&rows, NOTICE_SETTING_GET_MAIL_FROM).p,
        .mail_user = row_copy(&rows, NOTICE_SETTING_GET_MAIL_USER).p,
        .mail_password = password.len ? NOTICE_MASK : "",
        .sms_url = row_copy(&rows, NOTICE_SETTING_GET_SMS_URL).p,
        .sms_token = token.len ? NOTICE_MASK : "",
        .page_url = row_copy(&rows, NOTICE_SETTING_GET_PAGE_URL).p,
    };
    TRY(db_done(&rows));
    if (plain) {
        TRY(notice_unseal(&s.mail_password, cx, password, "notice.mail", county));
        TRY(notice_unseal(&s.sms_token, cx, token, "notice.sms", county));
    }
    *out = s;
    return RC_OK;
}

enum rc notice_settings_get(struct notice_settings *out, struct cx *cx, int64_t county)
{
    TRY(require(cx, county));
    return read_own(out, cx, county, !cx->actor);
}

enum rc notice_settings_found(struct notice_settings *out, int64_t *mail_county,
                              int64_t *sms_county, struct cx *cx, int64_t county)
{
    struct notice_settings own, all;
    *mail_county = *sms_county = county;
    TRY(read_own(&own, cx, county, true));
    if (county != 0 && (!own.mail_url[0] || !own.sms_url[0] || !own.page_url[0])) {
        TRY(read_own(&all, cx, 0, true));
        if (!own.mail_url[0]) {
            own.mail_url = all.mail_url;
            own.mail_from = all.mail_from;
            own.mail_user = all.mail_user;
            own.mail_password = all.mail_password;
            *mail_county = 0;
        }
        if (!own.sms_url[0]) {
            own.sms_url = all.sms_url;
            own.sms_token = all.sms_token;
            *sms_county = 0;
        }
        if (!own.page_url[0])
            own.page_url = all.page_url;
    }
    *out = own;
    return RC_OK;
}

enum rc notice_settings_used(struct notice_settings *out, struct cx *cx, int64_t county)
{
    int64_t mail_county, sms_county;
    return notice_settings_found(out, &mail_county, &sms_county, cx, county);
}

/* ---- writing ---- */

bool notice_url_ok(const char *url, const char *const *schemes)
{
    size_t len = strlen(url);
    bool known = false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)url[i] <= ' ' || url[i] == 0x7f || strchr("\"<>\\^`{|}", url[i]))
            return false;
    for (size_t i = 0; schemes[i]; i++) {
        size_t n = strlen(schemes[i]);
        const char *host = url + n;
        known = known || (!strncmp(url, schemes[i], n) && host[0] && host[0] != '/' &&
                          host[0] != ':' && host[0] != '?' && host[0] != '#');
    }
    return known && len <= NOTICE_URL_MAX;
}

static bool address_ok(const char *s)
{
    const char *at = strchr(s, '@');
    if (!at || at == s || !at[1] || strchr(at + 1, '@') || strlen(s) > FROM_MAX)
        return false;
    for (; *s; s++)
        if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f ||
            strchr("<>()[],;:\\\"", *s))
            return false;
    return true;
}

static bool secret_ok(const char *s)
{
    for (const char *p = s; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return false;
    return strlen(s) <= SECRET_MAX;
}

static enum rc wrong(const char **field, struct cx *cx, const char *name, const char *text)
{
    *field = name;
    return fail(cx, RC_INVALID, text, "notice setting %s", name);
}

static enum rc check(const char **field, struct cx *cx, const struct notice_settings *s)
{
    static const char *const mail[] = {"smtp://", "smtps://", NULL};
    static const char *const http[] = {"http://", "https://", NULL};
    *field = "";
    if (s->mail_url[0] && (!notice_url_ok(s->mail_url, mail) || strchr(s->mail_url, '@')))
        return wrong(field, cx, "mail_url",
                     _("A mail server is written smtp://host:port or smtps://host:port."));
    if (s->mail_url[0] && !address_ok(s->mail_from))
        return wrong(field, cx, "mail_from",
                     _("Mails need a sender, such as office@example.org."));
    if (!secret_ok(s->mail_user) || (s->mail_password[0] && !s->mail_user[0]))
        return wrong(field, cx, "mail_user", _("A password needs the name it belongs to."));
    if (!secret_ok(s->mail_password))
        return wrong(field, cx, "mail_password",
                     _("A password has at most 500 characters in one line."));
    if (s->sms_url[0] && (!notice_url_ok(s->sms_url, http) || strchr(s->sms_url, '@')))
        return wrong(field, cx, "sms_url",
                     _("An address begins with http:// or https:// and has no blanks."));
    if (!secret_ok(s->sms_token))
        return wrong(field, cx, "sms_token",
                     _("A password has at most 500 characters in one line."));
    if (s->page_url[0] && !notice_url_ok(s->page_url, http))
        return wrong(field, cx, "page_url",
                     _("An address begins with http:// or https:// and has no blanks."));
    return RC_OK;
}

struct putting {
    int64_t county;
    const struct notice_settings *s;
    const char *password, *token, *page_url; /* sealed; NULL: as they are */
};

static enum rc put_write(struct cx *cx, void *arg)
{
    const struct putting *p = arg;
    const struct notice_settings *s = p->s;
    struct db_rows rows;
    const char *password = p->password ? p->password : "", *token = p->token ? p->token : "";
    enum rc rc = DB_ONE(&rows, cx, &NOTICE_SETTING_GET, V_I(p->county));
    if (rc == RC_OK) {
        if (!p->password)
            password = row_copy(&rows, NOTICE_SETTING_GET_MAIL_PASSWORD).p;
        if (!p->token)
            token = row_copy(&rows, NOTICE_SETTING_GET_SMS_TOKEN).p;
        rc = db_done(&rows);
    }
    if (rc && rc != RC_NOTFOUND)
        return rc;
    return DB_RUN(cx, &NOTICE_SETTING_PUT, V_I(p->county), V_T(s->mail_url), V_T(s->mail_from),
                  V_T(s->mail_user), V_T(password), V_T(s->sms_url), V_T(token),
                  V_T(p->page_url), V_I(cx->now_at), V_I(cx->actor ? cx->actor->user_id : 0));
}

enum rc notice_settings_set(const char **field, struct cx *cx, int64_t county,
                            const struct notice_settings *s)
{
    struct putting p = {.county = county, .s = s};
    *field = "";
    TRY(require(cx, county));
    TRY(check(field, cx, s));
    if (strcmp(s->mail_password, NOTICE_MASK) != 0)
        p.password = notice_seal(cx, s->mail_password, "notice.mail", county);
    if (strcmp(s->sms_token, NOTICE_MASK) != 0)
        p.token = notice_seal(cx, s->sms_token, "notice.sms", county);
    struct str page = str_of(s->page_url);
    while (str_ends(page, STR("/")))
        page.len--;
    p.page_url = arena_copy(cx->arena, page);
    return db_write(cx, 0, put_write, &p);
}
