/* Tests of cards on both databases: who makes them, right and wrong PINs, waiting, the end
 * after too many wrong ones, a new card, a seller who sells no more. */
#include "people/user_pin.h"
#include "sale/sale_fixture.h"
#include "shop/card.h"

enum { MEMBER = 1003 };
static const char pin[] = "2580", client[] = "192.0.2.7";

static const struct sql TEST_CARD_KEPT = {
    .name = "test_card_kept",
    .lite = "SELECT count(*) FROM seller_card WHERE token_hash = $1 OR pin LIKE '%2580'",
    .args = "t",
    .cols = "i"};

static enum rc put_seller(struct cx *cx, void *arg)
{
    return seller_set(cx, arg);
}

static struct seller member(void)
{
    return (struct seller){.county = f.county,
                           .id = MEMBER,
                           .kind = SELLER_HOUSEHOLD,
                           .area_id = f.village[0],
                           .alias = "alias-three",
                           .name = "王家",
                           .consent_day = 20000,
                           .assist_day = 20000,
                           .state = SELLER_ACTIVE};
}

static void set_seller(struct cx *cx, struct seller s)
{
    check_ok(cx, db_write(cx, f.county, put_seller, &s));
}

static enum rc make(const char **token, struct cx *cx)
{
    enum rc rc = card_make(token, cx, f.county, MEMBER, str_of(pin));
    err_clear(cx);
    return rc;
}

static enum rc enter(const char **session, struct cx *cx, const char *token, const char *digits)
{
    enum rc rc = card_enter(session, cx, str_of(token), str_of(digits), str_of(client),
                            STR("Mozilla (Android) Chrome"));
    err_clear(cx);
    return rc;
}

static enum rc signed_in(const struct actor **actor, struct cx *cx, const char *session)
{
    struct session s;
    enum rc rc = session_find(&s, actor, cx, str_of(session));
    err_clear(cx);
    return rc;
}

static void pins(struct cx *cx)
{
    static const char *const bad[] = {"",     "123",  "1234567",  "12a4", "1111",
                                      "1234", "6543", "９９１２", " 258", "987654"};
    const char *hash;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(user_pin_hash(&hash, cx, str_of(bad[i])), RC_INVALID);
        err_clear(cx);
    }
    check_ok(cx, user_pin_ok(cx, STR("2580")));
    check_ok(cx, user_pin_ok(cx, STR("112233")));
}

static void who_makes(struct cx *cx)
{
    const char *token;
    cx->actor = fixture_officer(cx, &f, f.village[1], "station_operator");
    assert_int_equal(make(&token, cx), RC_NOTFOUND);
    cx->actor = fixture_officer(cx, &f, f.county_area, "auditor");
    assert_int_equal(make(&token, cx), RC_NOTFOUND);
    cx->actor = fixture_officer(cx, &f, f.village[0], "station_operator");
    assert_int_equal(make(&token, cx), RC_OK);
    struct seller s = member();
    s.assist_day = 0; /* the station may help no more */
    cx->actor = NULL;
    set_seller(cx, s);
    cx->actor = fixture_officer(cx, &f, f.village[0], "station_operator");
    assert_int_equal(make(&token, cx), RC_NOTFOUND);
    cx->actor = fixture_officer(cx, &f, f.county_area, "county_officer");
    assert_int_equal(make(&token, cx), RC_OK);
    assert_int_equal(card_make(&token, cx, f.county, 1001, STR("2580")), RC_CONFLICT);
    err_clear(cx);
    cx->actor = NULL;
    s.consent_day = 0;
    set_seller(cx, s);
    assert_int_equal(make(&token, cx), RC_INVALID);
}

/* In, once more, not with another PIN; the session is the seller's; what is kept tells nothing.
 */
static void enters(struct cx *cx)
{
    const char *token, *session;
    const struct actor *actor;
    struct seller s;
    struct card_state card;
    struct db_rows rows;
    check_ok(cx, make(&token, cx));
    assert_int_equal(enter(&session, cx, token, "2581"), RC_DENIED);
    assert_int_equal(enter(&session, cx, token, ""), RC_DENIED);
    assert_int_equal(enter(&session, cx, "", pin), RC_DENIED);
    assert_int_equal(enter(&session, cx, token_new(cx->arena), pin), RC_DENIED);
    check_ok(cx, card_get(&card, cx, f.county, MEMBER));
    assert_int_equal(card.tries, 2);
    check_ok(cx, enter(&session, cx, token, pin));
    check_ok(cx, card_get(&card, cx, f.county, MEMBER));
    assert_int_equal(card.tries, 0);
    assert_true(card.used_at > 0);
    check_ok(cx, signed_in(&actor, cx, session));
    assert_true(actor->user_id < 0);
    assert_int_equal(actor->grant_count, 0);
    cx->actor = actor;
    check_ok(cx, seller_of_actor(&s, cx));
    assert_int_equal(s.id, MEMBER);
    assert_string_equal(s.name, "王家");
    assert_int_equal(make(&token, cx), RC_DENIED); /* not for oneself */
    assert_int_equal(card_get(&card, cx, f.county, 1002), RC_NOTFOUND);
    err_clear(cx);
    cx->actor = NULL;
    check_ok(cx, DB_ONE(&rows, cx, &TEST_CARD_KEPT, V_T(token)));
    assert_int_equal(row_i64(&rows, 0), 0);
    check_ok(cx, db_done(&rows));
}

/* A new card: the old one and its sessions end; the seller stays the same user, also after the
 * office told of it again. */
static void anew(struct cx *cx)
{
    const char *old, *fresh, *before, *after;
    const struct actor *a, *b;
    check_ok(cx, make(&old, cx));
    check_ok(cx, enter(&before, cx, old, pin));
    check_ok(cx, signed_in(&a, cx, before));
    check_ok(cx, make(&fresh, cx));
    assert_int_equal(signed_in(&b, cx, before), RC_DENIED);
    assert_int_equal(enter(&after, cx, old, pin), RC_DENIED);
    set_seller(cx, member());
    check_ok(cx, enter(&after, cx, fresh, pin));
    check_ok(cx, signed_in(&b, cx, after));
    assert_int_equal(a->user_id, b->user_id);
    check_ok(cx, card_end(cx, f.county, MEMBER));
    assert_int_equal(signed_in(&b, cx, after), RC_DENIED);
    assert_int_equal(enter(&after, cx, fresh, pin), RC_DENIED);
    assert_int_equal(card_end(cx, f.county, MEMBER), RC_NOTFOUND);
    err_clear(cx);
    check_ok(cx, make(&fresh, cx));
    struct seller s = member();
    s.consent_day = 0;
    set_seller(cx, s);
    assert_int_equal(enter(&after, cx, fresh, pin), RC_DENIED);
}

/* First one waits, and at last the card holds no more, whatever the time between. */
static void guessing(struct cx *cx)
{
    const char *token, *session;
    int64_t start = cx->now_at;
    int denied = 0, waits = 0;
    check_ok(cx, make(&token, cx));
    for (int i = 0; i < 200; i++) {
        enum rc rc = enter(&session, cx, token, "0852");
        denied += rc == RC_DENIED;
        waits += rc == RC_BUSY;
        if (rc == RC_LIMIT)
            break;
        if (rc == RC_BUSY)
            fixture_now(cx, cx->now_at + 15 * 60 + 1);
    }
    assert_int_equal(denied, CARD_TRIES_MAX);
    assert_true(waits > 5);
    fixture_now(cx, cx->now_at + 2 * 24 * 3600);
    assert_int_equal(enter(&session, cx, token, pin), RC_LIMIT);
    check_ok(cx, make(&token, cx));
    assert_int_equal(enter(&session, cx, token, pin), RC_OK);
    fixture_now(cx, 0);
    cx->now_at = start;
}

#define EACH(test)                                                                             \
    static void test##_on(struct cx *cx)                                                       \
    {                                                                                          \
        sale_fixture_open(cx);                                                                 \
        set_seller(cx, member());                                                              \
        test(cx);                                                                              \
        sale_fixture_close(cx);                                                                \
    }                                                                                          \
    static void test##_each(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(test##_on);                                                            \
    }
EACH(pins)
EACH(who_makes)
EACH(enters)
EACH(anew)
EACH(guessing)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pins_each),     cmocka_unit_test(who_makes_each),
        cmocka_unit_test(enters_each),   cmocka_unit_test(anew_each),
        cmocka_unit_test(guessing_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
