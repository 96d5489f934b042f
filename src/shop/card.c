/* Cards of sellers: see card.h. */
#include "shop/card.h"

#include "base/crypto.h"
#include "base/text.h"
#include "people/actor.h"
#include "people/user_pin.h"
#include "shop/shop.sql.h"
#include "shop/shop_inner.h"

enum { CARD_TOKEN_LEN = 43 };

static const char *card_hash(struct cx *cx, struct str token)
{
    static const char purpose[] = "seller.card";
    uint8_t hash[HASH_BYTES];
    struct hash_state state;
    hash_begin(&state);
    hash_add(&state, purpose, sizeof purpose);
    hash_add(&state, token.p, token.len);
    hash_end(&state, hash);
    return hex_of(cx->arena, hash, sizeof hash);
}

/* ---- making and ending ---- */

/* Not the seller itself: who found a phone that is signed in must not make itself a card. */
static enum rc may_make(struct seller *s, struct cx *cx, int64_t county, int64_t id)
{
    TRY(seller_get(s, cx, county, id));
    struct str path = str_of(s->area_path);
    if (!cx->actor || actor_may_in(cx, "shop.manage", path) ||
        (s->assist_day && actor_may_in(cx, "shop.assist", path)))
        return RC_OK;
    return fail(cx, RC_DENIED, _("The station or the county makes cards. Please go there."),
                "card of seller %" PRId64, id);
}

/* The card's user stays the same for the next card. RC_NOTFOUND without a text. */
static enum rc finish(int64_t *user_id, struct cx *cx, int64_t county, int64_t seller_id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &CARD_OF_SELLER, V_I(county), V_I(seller_id)));
    *user_id = row_i64(&rows, CARD_OF_SELLER_USER_ID);
    TRY(db_done(&rows));
    TRY(DB_RUN(cx, &CARD_FINISH, V_I(county), V_I(seller_id), V_I(cx->now_at)));
    return user_pin_end(cx, *user_id);
}

struct card_making {
    int64_t county, seller_id;
    const char *token, *pin; /* made before the closure: the same when it runs again */
};

static enum rc make_write(struct cx *cx, void *arg)
{
    const struct card_making *m = arg;
    struct seller s;
    int64_t id, before;
    TRY(may_make(&s, cx, m->county, m->seller_id));
    if (!s.consent_day || s.state != SELLER_ACTIVE)
        return fail(cx, RC_INVALID, _("This seller does not sell (any more)."), "seller state");
    if (s.user_id > 0) /* a few digits must not open what a role of the office opens */
        return fail(cx, RC_CONFLICT,
                    _("This seller signs in through the office and needs no card."), "user");
    enum rc rc = finish(&before, cx, m->county, m->seller_id);
    if (rc != RC_NOTFOUND)
        TRY(rc);
    if (!s.user_id) {
        const char *login = arena_printf(cx->arena, "card-%" PRId64, s.id);
        TRY(user_pin_add(&s.user_id, cx, login, s.alias));
        TRY(DB_RUN(cx, &SELLER_USER_PUT, V_I(m->county), V_I(s.id), V_I(s.user_id)));
    }
    TRY(db_ids(&id, cx, 1));
    TRY(DB_RUN(cx, &CARD_INSERT, V_I(m->county), V_I(id), V_I(s.id), V_I(s.user_id),
               V_T(card_hash(cx, str_of(m->token))), V_T(m->pin), V_I(cx->now_at),
               V_I(cx->actor ? cx->actor->user_id : 0)));
    return seller_act_add(cx, m->county, s.id, "card.make", "", id);
}

enum rc card_make(const char **token, struct cx *cx, int64_t county, int64_t seller_id,
                  struct str pin)
{
    struct seller s;
    struct card_making m = {county, seller_id, token_new(cx->arena), NULL};
    TRY(may_make(&s, cx, county, seller_id));
    TRY(user_pin_hash(&m.pin, cx, pin));
    TRY(db_write(cx, county, make_write, &m));
    *token = m.token;
    return RC_OK;
}

static enum rc end_write(struct cx *cx, void *arg)
{
    const struct card_making *m = arg;
    struct seller s;
    int64_t user_id;
    TRY(may_make(&s, cx, m->county, m->seller_id));
    enum rc rc = finish(&user_id, cx, m->county, m->seller_id);
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("This seller has no card."), "seller=%" PRId64, s.id);
    TRY(rc);
    return seller_act_add(cx, m->county, s.id, "card.end", "", 0);
}

enum rc card_end(struct cx *cx, int64_t county, int64_t seller_id)
{
    struct card_making m = {.county = county, .seller_id = seller_id};
    return db_write(cx, county, end_write, &m);
}

enum rc card_get(struct card_state *out, struct cx *cx, int64_t county, int64_t seller_id)
{
    struct seller s;
    struct db_rows rows;
    *out = (struct card_state){0};
    TRY(seller_get(&s, cx, county, seller_id));
    enum rc rc = DB_ONE(&rows, cx, &CARD_OF_SELLER, V_I(county), V_I(seller_id));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *out = (struct card_state){.made_at = row_i64(&rows, CARD_OF_SELLER_MADE_AT),
                               .used_at = row_i64(&rows, CARD_OF_SELLER_USED_AT),
                               .tries = (int)row_i64(&rows, CARD_OF_SELLER_TRIES)};
    return db_done(&rows);
}

/* ---- signing in ---- */

struct card_trying {
    int64_t county, id;
    enum { TRY_COUNT, TRY_BACK, TRY_RIGHT } what;
};

static enum rc try_write(struct cx *cx, void *arg)
{
    const struct card_trying *t = arg;
    int64_t changed;
    if (t->what == TRY_BACK)
        return DB_RUN(cx, &CARD_TRY_BACK, V_I(t->county), V_I(t->id));
    if (t->what == TRY_RIGHT)
        return DB_RUN(cx, &CARD_USED, V_I(t->county), V_I(t->id), V_I(cx->now_at));
    TRY(DB_RUN_COUNT(&changed, cx, &CARD_TRY, V_I(t->county), V_I(t->id), V_I(CARD_TRIES_MAX)));
    return changed ? RC_OK
                   : fail(cx, RC_LIMIT,
                          _("The PIN of this card was wrong too often. The station makes you a "
                            "new card."),
                          "card=%" PRId64, t->id);
}

/* *t and *p stay of nobody when there is no such card, or it does not hold. */
static enum rc find_card(struct card_trying *t, struct pin_proof *p, struct cx *cx)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &CARD_OF_TOKEN, V_S(p->thing));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    t->county = row_i64(&rows, CARD_OF_TOKEN_COUNTY);
    t->id = row_i64(&rows, CARD_OF_TOKEN_ID);
    p->user_id = row_i64(&rows, CARD_OF_TOKEN_USER_ID);
    p->hash = row_copy(&rows, CARD_OF_TOKEN_PIN).p;
    return db_done(&rows);
}

enum rc card_enter(const char **session, struct cx *cx, struct str token, struct str pin,
                   struct str client, struct str device)
{
    struct card_trying t = {0};
    struct pin_proof p = {.pin = pin};
    if (token.len != CARD_TOKEN_LEN)
        token = STR("");
    p.thing = str_of(card_hash(cx, token));
    TRY(find_card(&t, &p, cx));
    /* Counted before it is tried: many at once do not slip through. */
    if (t.id)
        TRY(db_write(cx, t.county, try_write, &t));
    enum rc rc = session_open_pin(session, cx, &p, client, device);
    if (!t.id || rc == RC_DENIED)
        return rc;
    struct err err = cx->err;
    t.what = rc == RC_OK ? TRY_RIGHT : TRY_BACK;
    TRY(db_write(cx, t.county, try_write, &t));
    cx->err = err;
    return rc;
}
