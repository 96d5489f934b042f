/* How a county is paid, sealed at rest; the providers. */
#include "base/text.h"
#include "base/utf8.h"
#include "db/db.h"
#include "people/actor.h"
#include "sale/payment.sql.h"
#include "sale/sale_inner.h"
#include "work/place.h"

#include <assert.h>
#include <string.h>

enum {
    PARTS = 7,
    PART_MAX = 300,
    SECRET_MIN = 16,
    WAIT_GATEWAY_S = 30 * 60,
    WAIT_TRANSFER_S = 2 * 24 * 3600
};

/* A bank's line comes a day later, so goods wait longer for it than for a gateway. */
static const struct pay_provider transfer = {
    .number = PAY_TRANSFER, .name = "transfer", .wait_s = WAIT_TRANSFER_S};
static const struct pay_provider cod = {.number = PAY_COD, .name = "cod"};

const struct pay_provider *pay_provider_of(int number)
{
    static const struct pay_provider *const all[] = {
        [PAY_TRANSFER] = &transfer, [PAY_GATEWAY] = &pay_gateway, [PAY_COD] = &cod};
    return number > 0 && number <= PAY_PROVIDERS ? all[number] : NULL;
}

const char *pay_provider_text(struct cx *cx, int number)
{
    static const char *const texts[] = {[PAY_TRANSFER] = N_("Bank transfer"),
                                        [PAY_GATEWAY] = N_("Pay online"),
                                        [PAY_COD] = N_("Cash when it is handed over")};
    return number > 0 && number <= PAY_PROVIDERS ? text_in(cx->lang, texts[number]) : "";
}

static const char **part_of(struct pay_setting *s, size_t i)
{
    const char **const parts[PARTS] = {&s->holder,  &s->account, &s->bank,  &s->qr_id,
                                       &s->qr_city, &s->url,     &s->secret};
    return parts[i];
}

static enum rc read_setting(bool *found, struct pay_setting *out, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    struct str plain;
    enum rc rc = DB_ONE(&rows, cx, &PAY_SETTING_ONE, V_I(county), V_I(out->provider));
    *found = rc == RC_OK;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    out->active = row_i64(&rows, PAY_SETTING_ONE_ACTIVE) != 0;
    struct str sealed = row_copy(&rows, PAY_SETTING_ONE_SEALED);
    TRY(db_done(&rows));
    TRY(sale_open(&plain, cx, sealed, "setting", county * 100 + out->provider));
    for (size_t i = 0; i < PARTS; i++)
        *part_of(out, i) = arena_copy(cx->arena, str_cut(&plain, '\0'));
    out->county = county;
    return RC_OK;
}

/* Without a row nothing is offered. */
enum rc pay_setting_get(struct pay_setting *out, struct cx *cx, int64_t county, int provider)
{
    bool found;
    struct pay_setting s = {.county = county, .provider = provider};
    for (size_t i = 0; i < PARTS; i++)
        *part_of(&s, i) = "";
    TRY(read_setting(&found, &s, cx, county));
    if (!found && county)
        TRY(read_setting(&found, &s, cx, 0));
    *out = s;
    return RC_OK;
}

struct setting {
    const struct pay_setting *s;
    struct str plain;
};

static enum rc put_write(struct cx *cx, void *arg)
{
    const struct setting *w = arg;
    const struct pay_setting *s = w->s;
    struct str sealed = sale_seal(cx, w->plain, "setting", s->county * 100 + s->provider);
    return DB_RUN(cx, &PAY_SETTING_PUT, V_I(s->county), V_I(s->provider), V_I(s->active),
                  V_B(sealed.p, sealed.len), V_I(cx->now_at),
                  V_I(cx->actor ? cx->actor->user_id : 0));
}

static enum rc require(struct cx *cx, int64_t county)
{
    struct place place;
    if (!cx->actor)
        return RC_OK;
    TRY(actor_require(cx, "shop.manage"));
    TRY(place_of_county(&place, cx, county));
    return actor_require_in(cx, "shop.manage", str_of(place.path));
}

static enum rc check_gateway(struct cx *cx, const struct pay_setting *s)
{
    bool web = str_starts(str_of(s->url), STR("https://")) ||
               str_starts(str_of(s->url), STR("http://"));
    if (!web || strpbrk(s->url, " \t\r\n@"))
        return fail(cx, RC_INVALID,
                    _("An address begins with http:// or https:// and has no blanks."),
                    "gateway url");
    if (strlen(s->secret) < SECRET_MIN)
        return fail_f(cx, RC_INVALID, _("The secret has at least %d characters."), SECRET_MIN);
    return RC_OK;
}

enum rc pay_setting_set(struct cx *cx, const struct pay_setting *s)
{
    struct pay_setting copy = *s;
    struct buf b;
    TRY(require(cx, s->county));
    if (!pay_provider_of(s->provider))
        return fail(cx, RC_INVALID, _("Choose how to pay."), "provider=%d", s->provider);
    buf_init(&b, cx->arena, PARTS * (PART_MAX * 4 + 1) + 1);
    for (size_t i = 0; i < PARTS; i++) {
        const char *z = *part_of(&copy, i);
        struct str part = str_trim(str_of(z ? z : ""));
        if (utf8_bad_at(part) < part.len || utf8_length(part) > PART_MAX)
            return fail_f(cx, RC_INVALID, _("At most %d characters each."), PART_MAX);
        *part_of(&copy, i) = arena_copy(cx->arena, part);
        buf_str(&b, part);
        buf_char(&b, '\0');
    }
    if (s->provider == PAY_GATEWAY && s->active)
        TRY(check_gateway(cx, &copy));
    if (s->provider == PAY_TRANSFER && s->active && (!copy.holder[0] || !copy.account[0]))
        return fail(cx, RC_INVALID, _("Holder and account are needed."), "transfer setting");
    struct setting w = {&copy, buf_view(&b)};
    return db_write(cx, s->county, put_write, &w);
}
