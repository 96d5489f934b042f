/* Tokens as hashes, numbers for people, and what is sealed: buyers, providers' secrets, what
 * providers sent. */
#include "base/text.h"
#include "base/utf8.h"
#include "base/vault.h"
#include "sale/sale_inner.h"

#include <assert.h>
#include <string.h>

void sale_token_hash(uint8_t out[32], struct cx *cx, const char *kind, struct str token)
{
    uint8_t key[KEY_BYTES];
    assert(cx->vault);
    vault_key(key, cx->vault, arena_printf(cx->arena, "market.token.%s", kind), true);
    hash_keyed(out, key, token);
    explicit_bzero(key, sizeof key);
}

/* No 0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V. */
const char *sale_number(struct cx *cx)
{
    static const char alphabet[] = "34679ACDEFGHJKMNPRTWXY";
    char out[SALE_NUMBER_LEN + 1] = "";
    uint32_t random[SALE_NUMBER_LEN];
    crypto_random(random, sizeof random);
    for (size_t i = 0; i < SALE_NUMBER_LEN; i++)
        out[i] = alphabet[random[i] % (sizeof alphabet - 1)];
    return arena_copy(cx->arena, str_of(out));
}

static const char *context_of(struct cx *cx, const char *purpose, int64_t id)
{
    return arena_printf(cx->arena, "market.%s.%" PRId64, purpose, id);
}

static void purpose_key(uint8_t key[KEY_BYTES], struct cx *cx, const char *purpose)
{
    assert(cx->vault);
    vault_key(key, cx->vault, arena_printf(cx->arena, "market.%s", purpose), true);
}

struct str sale_seal(struct cx *cx, struct str plain, const char *purpose, int64_t id)
{
    uint8_t key[KEY_BYTES];
    purpose_key(key, cx, purpose);
    struct str sealed = seal(cx->arena, key, plain, context_of(cx, purpose, id));
    explicit_bzero(key, sizeof key);
    return sealed;
}

enum rc sale_open(struct str *plain, struct cx *cx, struct str sealed, const char *purpose,
                  int64_t id)
{
    uint8_t key[KEY_BYTES];
    purpose_key(key, cx, purpose);
    enum rc rc = unseal(plain, cx, key, sealed, context_of(cx, purpose, id));
    explicit_bzero(key, sizeof key);
    return rc;
}

/* ---- buyers ---- */

enum {
    NAME_MAX_CHARS = 60,
    PHONE_MAX = 30,
    PHONE_DIGITS_MIN = 5,
    ADDRESS_MAX = 300,
    MAIL_MAX = 200
};

static enum rc clean(const char **text, struct cx *cx, size_t max_chars, bool required,
                     const char *field)
{
    struct str s = str_trim(str_of(*text));
    if (utf8_bad_at(s) < s.len)
        return fail_f(cx, RC_INVALID, _("%s: it holds characters that cannot be read."), field);
    s = utf8_normal(cx, s, false);
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] < ' ' && s.p[i] != '\n' && s.p[i] != '\r')
            return fail_f(cx, RC_INVALID, _("%s: it holds characters that cannot be read."),
                          field);
    if (required && !s.len)
        return fail_f(cx, RC_INVALID, _("%s: please fill this in."), field);
    if (utf8_length(s) > max_chars)
        return fail_f(cx, RC_INVALID, _("%s: at most %zu characters, please."), field,
                      max_chars);
    *text = arena_copy(cx->arena, s);
    return RC_OK;
}

static enum rc clean_phone(struct buyer *b, struct cx *cx)
{
    size_t digits = 0;
    TRY(clean(&b->phone, cx, PHONE_MAX, true, _("Phone")));
    struct str s = utf8_normal(cx, str_of(b->phone), true);
    for (size_t i = 0; i < s.len; i++) {
        if (!s.p[i] || !strchr("0123456789+-() ", s.p[i]))
            return fail(cx, RC_INVALID, _("The phone number may hold digits only."), "phone");
        digits += s.p[i] >= '0' && s.p[i] <= '9';
    }
    if (digits < PHONE_DIGITS_MIN)
        return fail(cx, RC_INVALID, _("This phone number is too short."), "phone");
    b->phone = arena_copy(cx->arena, s);
    return RC_OK;
}

enum rc buyer_clean(struct buyer *b, struct cx *cx)
{
    const struct shipping_zone *z = profile_zone(cx->profile, str_of(b->zone));
    if (!z)
        return fail(cx, RC_INVALID, _("Choose where to send it."), "zone");
    b->zone = z->code;
    TRY(clean(&b->name, cx, NAME_MAX_CHARS, true, _("Name")));
    TRY(clean_phone(b, cx));
    TRY(clean(&b->address, cx, ADDRESS_MAX, !z->pickup, _("Address")));
    TRY(clean(&b->mail, cx, MAIL_MAX, false, _("E-mail")));
    if (b->mail[0] && (!strchr(b->mail, '@') || strpbrk(b->mail, " \r\n<>,;")))
        return fail(cx, RC_INVALID, _("This is not an e-mail address."), "mail");
    return RC_OK;
}

struct buyer buyer_none(void)
{
    return (struct buyer){"", "", "", "", ""};
}

/* Words never hold NUL. */
struct str buyer_text(struct cx *cx, const struct buyer *b)
{
    struct buf out;
    const char *const parts[] = {b->name, b->phone, b->address, b->mail};
    buf_init(&out, cx->arena, 16 * 1024);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_z(&out, parts[i]);
        buf_char(&out, '\0');
    }
    return buf_view(&out);
}

enum rc buyer_open(struct buyer *out, struct cx *cx, struct str sealed, const char *zone,
                   int64_t purchase_id)
{
    struct str plain;
    *out = buyer_none();
    out->zone = zone;
    if (!sealed.len)
        return RC_OK;
    TRY(sale_open(&plain, cx, sealed, "buyer", purchase_id));
    const char **const parts[] = {&out->name, &out->phone, &out->address, &out->mail};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = arena_copy(cx->arena, str_cut(&plain, '\0'));
    return RC_OK;
}
