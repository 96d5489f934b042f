/* Passes from the office to the market: see user_pass.h. */
#include "people/user_pass.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "base/vault.h"
#include "db/db.h"
#include "people/user_pass.sql.h"

#include <jansson.h>

enum { NONCE_BYTES = 16, PASS_BYTES_MAX = 16 * 1024, CLOCKS_APART_S = 5 };
static const char context[] = "people.pass";

static void pass_key(uint8_t key[KEY_BYTES], const struct vault *v)
{
    vault_key(key, v, context, true);
}

enum rc user_pass_make(const char **pass, struct cx *cx, const struct vault *market)
{
    uint8_t nonce[NONCE_BYTES], key[KEY_BYTES];
    struct user u;
    struct buf b;
    struct json j;
    if (!cx->actor)
        return fail(cx, RC_DENIED, _("Please sign in."), "pass without actor");
    TRY(user_get(&u, cx, cx->actor->user_id));
    crypto_random(nonce, sizeof nonce);
    buf_init(&b, cx->arena, PASS_BYTES_MAX);
    json_init(&j, &b);
    json_object_begin(&j);
    json_put_z(&j, "nonce", hex_of(cx->arena, nonce, sizeof nonce));
    json_put_i64(&j, "at", cx->now_at);
    json_put_i64(&j, "user", u.id);
    json_put_z(&j, "login", u.login);
    json_put_z(&j, "name", u.name);
    json_put_i64(&j, "lang", cx->lang);
    json_key(&j, "grants");
    json_array_begin(&j);
    for (size_t i = 0; i < cx->actor->grant_count; i++) {
        json_object_begin(&j);
        json_put_z(&j, "role", cx->actor->grants[i].role);
        json_put_i64(&j, "area", cx->actor->grants[i].area_id);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    if (!buf_ok(&b))
        return fail(cx, RC_LIMIT, _("This account has too many roles."), "pass size");
    pass_key(key, market);
    struct str sealed = seal(cx->arena, key, buf_view(&b), context);
    *pass = hex_of(cx->arena, (const uint8_t *)sealed.p, sealed.len);
    return RC_OK;
}

/* ---- in the market ---- */

static enum rc refused(struct cx *cx, const char *why)
{
    return fail(cx, RC_DENIED,
                _("This way in is over: it holds for a minute, and once. Go back to the office "
                  "and come again."),
                "pass: %s", why);
}

static enum rc put_grants(struct cx *cx, const json_t *pass, int64_t user_id)
{
    const json_t *x;
    size_t i;
    TRY(DB_RUN(cx, &PASS_GRANTS_CLEAR, V_I(user_id)));
    json_array_foreach(json_object_get(pass, "grants"), i, x) TRY(DB_RUN(
        cx, &PASS_GRANT, V_I(user_id), V_T(json_string_value(json_object_get(x, "role"))),
        V_I(json_integer_value(json_object_get(x, "area"))), V_I(cx->now_at)));
    return RC_OK;
}

static enum rc use_write(struct cx *cx, void *arg)
{
    const json_t *pass = arg;
    int64_t user_id = json_integer_value(json_object_get(pass, "user"));
    enum rc rc = DB_RUN(cx, &PASS_TAKE, V_T(json_string_value(json_object_get(pass, "nonce"))),
                        V_I(user_id), V_I(cx->now_at));
    if (rc == RC_CONFLICT)
        return refused(cx, "used before");
    TRY(rc);
    TRY(DB_RUN(cx, &PASS_FORGET, V_I(cx->now_at - 24 * 3600)));
    TRY(DB_RUN(cx, &PASS_USER, V_I(user_id),
               V_T(json_string_value(json_object_get(pass, "login"))),
               V_T(json_string_value(json_object_get(pass, "name"))),
               V_I(json_integer_value(json_object_get(pass, "lang"))), V_I(cx->now_at)));
    return put_grants(cx, pass, user_id);
}

static enum rc use_opened(int64_t *user_id, struct cx *cx, json_t *pass)
{
    int64_t at = json_integer_value(json_object_get(pass, "at"));
    *user_id = json_integer_value(json_object_get(pass, "user"));
    if (*user_id <= 0 || cx->now_at - at > PASS_S || at - cx->now_at > CLOCKS_APART_S)
        return refused(cx, "too old");
    return db_write(cx, 0, use_write, pass);
}

enum rc user_pass_use(const char **token, struct cx *cx, struct str pass, struct str client,
                      struct str device)
{
    uint8_t key[KEY_BYTES];
    struct str plain;
    int64_t user_id = 0;
    if (pass.len < 2 * SEAL_OVERHEAD || pass.len > (size_t)PASS_BYTES_MAX * 2 + 2048)
        return refused(cx, "length");
    uint8_t *sealed = arena_new(cx->arena, pass.len / 2);
    if (!hex_parse(sealed, pass.len / 2, pass))
        return refused(cx, "not hex");
    pass_key(key, cx->vault);
    if (unseal(&plain, cx, key, (struct str){(const char *)sealed, pass.len / 2}, context)) {
        err_clear(cx);
        return refused(cx, "not ours");
    }
    json_t *opened = json_loadb(plain.p, plain.len, JSON_REJECT_DUPLICATES, NULL);
    enum rc rc = opened ? use_opened(&user_id, cx, opened) : refused(cx, "not JSON");
    json_decref(opened);
    TRY(rc);
    return session_open_for(token, cx, user_id, client, device);
}
