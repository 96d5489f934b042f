/* Merchant QR texts. Source: EMVCo, EMV QR Code Specification for Payment Systems,
 * Merchant-Presented Mode; /work/shared/domain/market.md. */
#include "sale/emvco.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"

#include <string.h>

enum {
    FIELD_MAX = 99,
    NAME_MAX_CHARS = 25,
    CITY_MAX_CHARS = 15,
    AMOUNT_MAX = 13,
    BYTES_MAX = 4 * EMVCO_CHARS_MAX,
    ACCOUNT = 26
};

uint16_t emvco_crc(struct str s)
{
    unsigned crc = 0xFFFF;
    for (size_t i = 0; i < s.len; i++) {
        crc ^= (unsigned)(unsigned char)s.p[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xFFFF;
    }
    return (uint16_t)crc;
}

bool emvco_crc_right(struct str text)
{
    char want[5];
    if (text.len < 8 || !str_starts((struct str){text.p + text.len - 8, 8}, STR("6304")))
        return false;
    snprintf(want, sizeof want, "%04X", emvco_crc((struct str){text.p, text.len - 4}));
    return !memcmp(text.p + text.len - 4, want, 4);
}

const char *emvco_currency(const char *code)
{
    static const char *const pairs[][2] = {
        {"CNY", "156"}, {"USD", "840"}, {"EUR", "978"}, {"VND", "704"}, {"LAK", "418"},
        {"THB", "764"}, {"IDR", "360"}, {"PHP", "608"}, {"INR", "356"}, {"MXN", "484"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (!strcmp(code, pairs[i][0]))
            return pairs[i][1];
    return NULL;
}

/* Lengths count characters, not bytes. */
static enum rc put(struct buf *b, struct cx *cx, int id, struct str value, size_t max)
{
    if (!value.len || utf8_bad_at(value) < value.len || utf8_length(value) > max)
        return fail(cx, RC_INVALID, _("A field of the payment code is missing or too long."),
                    "emvco field=%d", id);
    buf_printf(b, "%02d%02zu", id, utf8_length(value));
    buf_str(b, value);
    return RC_OK;
}

static enum rc put_z(struct buf *b, struct cx *cx, int id, const char *z, size_t max)
{
    return put(b, cx, id, str_of(z), max);
}

static enum rc put_some(struct buf *b, struct cx *cx, int id, const char *z, size_t max)
{
    return z && z[0] ? put_z(b, cx, id, z, max) : RC_OK;
}

static enum rc put_amount(struct buf *b, struct cx *cx, const struct emvco *e)
{
    int64_t unit = 1;
    if (e->amount_minor < 0 || e->decimals > 4)
        return fail(cx, RC_INVALID, _("A field of the payment code is missing or too long."),
                    "emvco amount");
    if (!e->amount_minor)
        return RC_OK;
    for (unsigned i = 0; i < e->decimals; i++)
        unit *= 10;
    const char *z =
        e->decimals ? arena_printf(cx->arena, "%" PRId64 ".%0*" PRId64, e->amount_minor / unit,
                                   (int)e->decimals, e->amount_minor % unit)
                    : arena_printf(cx->arena, "%" PRId64, e->amount_minor);
    return put_z(b, cx, 54, z, AMOUNT_MAX);
}

static enum rc put_templates(struct buf *out, struct cx *cx, const struct emvco *e)
{
    struct buf b;
    buf_init(&b, cx->arena, BYTES_MAX);
    TRY(put_some(&b, cx, 1, e->bill, NAME_MAX_CHARS));
    TRY(put_some(&b, cx, 5, e->reference, NAME_MAX_CHARS));
    TRY(put_some(&b, cx, 7, e->terminal, NAME_MAX_CHARS));
    if (b.len)
        TRY(put(out, cx, 62, buf_view(&b), FIELD_MAX));
    if (!e->lang)
        return RC_OK;
    buf_init(&b, cx->arena, BYTES_MAX);
    TRY(put_z(&b, cx, 0, e->lang, 2));
    TRY(put_z(&b, cx, 1, e->lang_name ? e->lang_name : "", NAME_MAX_CHARS));
    TRY(put_some(&b, cx, 2, e->lang_city, CITY_MAX_CHARS));
    return put(out, cx, 64, buf_view(&b), FIELD_MAX);
}

enum rc emvco_text(const char **out, struct cx *cx, const struct emvco *e)
{
    struct buf b, account;
    buf_init(&b, cx->arena, BYTES_MAX);
    buf_init(&account, cx->arena, BYTES_MAX);
    TRY(put_z(&b, cx, 0, "01", 2));
    TRY(put_z(&b, cx, 1, e->amount_minor ? "12" : "11", 2));
    TRY(put_z(&account, cx, 0, e->account_id, 32));
    TRY(put_z(&account, cx, 1, e->account, FIELD_MAX));
    TRY(put_some(&account, cx, 2, e->account_reference, FIELD_MAX));
    TRY(put(&b, cx, ACCOUNT, buf_view(&account), FIELD_MAX));
    TRY(put_z(&b, cx, 52, e->category, 4));
    TRY(put_z(&b, cx, 53, e->currency, 3));
    TRY(put_amount(&b, cx, e));
    TRY(put_z(&b, cx, 58, e->country, 2));
    TRY(put_z(&b, cx, 59, e->name, NAME_MAX_CHARS));
    TRY(put_z(&b, cx, 60, e->city, CITY_MAX_CHARS));
    TRY(put_templates(&b, cx, e));
    buf_z(&b, "6304");
    if (!buf_ok(&b) || utf8_length(buf_view(&b)) + 4 > EMVCO_CHARS_MAX)
        return fail(cx, RC_INVALID, _("A field of the payment code is missing or too long."),
                    "emvco length");
    buf_printf(&b, "%04X", emvco_crc(buf_view(&b)));
    *out = arena_copy(cx->arena, buf_view(&b));
    return RC_OK;
}
