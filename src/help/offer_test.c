/* Tests of offers, on both databases: never more is given than there is, only to open needs of
 * the kind that households let be listed; what arrived solves the need. */
#include "help/earn_fixture.h"
#include "help/offer.h"
#include "store/store.h"

static int64_t offer_of(struct cx *cx, int32_t kind, int64_t amount)
{
    int64_t id;
    check_ok(cx, offer_add(&id, cx, f.county_area,
                           &(struct offer){.giver = "陈先生",
                                           .text = "书包",
                                           .kind = kind,
                                           .amount_minor = amount}));
    return id;
}

static int64_t need_of(struct cx *cx, int64_t household, int32_t kind, int64_t amount,
                       bool listed)
{
    int64_t id;
    check_ok(cx, need_add(&id, cx,
                          &(struct need){.household_id = household,
                                         .kind = kind,
                                         .urgency = CAN_WAIT,
                                         .amount_minor = amount,
                                         .words = "学费",
                                         .may_be_listed = listed}));
    return id;
}

static struct offer read_offer(struct cx *cx, int64_t id)
{
    struct offer o;
    check_ok(cx, offer_get(&o, cx, id));
    return o;
}

static struct need read_need(struct cx *cx, int64_t id)
{
    struct need n;
    check_ok(cx, need_get(&n, cx, id));
    return n;
}

struct giving {
    int64_t offer, need, amount;
};
static enum rc give(struct cx *cx, void *arg)
{
    const struct giving *g = arg;
    int64_t id;
    return offer_match_add(&id, cx, g->offer, g->need, g->amount);
}

/* Eight officers each want 300 of 1,000 at one moment: three get it, 100 are left. */
static void race_on(struct cx *cx)
{
    struct earn_racer r[8] = {0};
    struct giving g[8];
    struct offer_match *list;
    size_t count;
    earn_fixture_open(cx);
    int64_t id = offer_of(cx, NEED_SCHOOL, 1000), home = earn_household(cx, 0, "H1", 0);
    for (int i = 0; i < 8; i++) {
        g[i] = (struct giving){id, need_of(cx, home, NEED_SCHOOL, 0, true), 300};
        r[i] = (struct earn_racer){.fn = give, .arg = &g[i]};
    }
    assert_int_equal(earn_race(cx, r, 8, RC_CONFLICT), 3);
    assert_int_equal(read_offer(cx, id).left_minor, 100);
    check_ok(cx, offer_matches(&list, &count, cx, f.county, id));
    assert_int_equal(count, 3);
    help_fixture_close(cx);
}
static void test_race(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        db_fixture_each(race_on);
}

/* Another kind, not listed, solved, nothing, more than is left, an offer that has ended. */
static void refused_on(struct cx *cx)
{
    int64_t id;
    earn_fixture_open(cx);
    int64_t offer = offer_of(cx, NEED_SCHOOL, 1000), home = earn_household(cx, 0, "H1", 0);
    int64_t listed = need_of(cx, home, NEED_SCHOOL, 500, true);
    int64_t hidden = need_of(cx, home, NEED_SCHOOL, 500, false);
    int64_t house = need_of(cx, home, NEED_HOUSE, 500, true);
    int64_t solved = need_of(cx, home, NEED_SCHOOL, 500, true);
    check_ok(cx, need_set_state(cx, solved, 1, NEED_SOLVED, STR("")));
    REFUSED(cx, RC_INVALID, offer_match_add(&id, cx, offer, hidden, 100));
    REFUSED(cx, RC_INVALID, offer_match_add(&id, cx, offer, house, 100));
    REFUSED(cx, RC_INVALID, offer_match_add(&id, cx, offer, solved, 100));
    REFUSED(cx, RC_INVALID, offer_match_add(&id, cx, offer, listed, 0));
    REFUSED(cx, RC_INVALID, offer_match_add(&id, cx, offer, listed, -5));
    REFUSED(cx, RC_CONFLICT, offer_match_add(&id, cx, offer, listed, 1001));
    REFUSED(cx, RC_NOTFOUND, offer_match_add(&id, cx, offer, 99999, 1));
    REFUSED(cx, RC_NOTFOUND, offer_match_add(&id, cx, 99999, listed, 1));
    assert_int_equal(read_offer(cx, offer).left_minor, 1000);
    struct offer o = {.giver = "陈", .text = "书包", .kind = NEED_SCHOOL, .amount_minor = 5};
    o.until_day = help_today(cx) - 1;
    REFUSED(cx, RC_INVALID, offer_add(&id, cx, f.county_area, &o));
    o.until_day = 0;
    o.kind = 99;
    REFUSED(cx, RC_INVALID, offer_add(&id, cx, f.county_area, &o));
    o.kind = NEED_SCHOOL;
    o.giver = " ";
    REFUSED(cx, RC_INVALID, offer_add(&id, cx, f.county_area, &o));
    o.giver = "陈";
    o.text = "";
    REFUSED(cx, RC_INVALID, offer_add(&id, cx, f.county_area, &o));
    o.text = "书包";
    o.amount_minor = 0;
    REFUSED(cx, RC_INVALID, offer_add(&id, cx, f.county_area, &o));
    help_fixture_close(cx);
}
static void test_refused(void **state)
{
    (void)state;
    db_fixture_each(refused_on);
}

/* Two deliveries reach what the need asks for: solved by the second, not by the first. What
 * came to nothing is free again, once; what was delivered stays delivered. A need without an
 * amount is solved by the first. */
static void delivered_on(struct cx *cx)
{
    int64_t document, m[4];
    earn_fixture_open(cx);
    int64_t offer = offer_of(cx, NEED_SCHOOL, 1000), home = earn_household(cx, 0, "H1", 0);
    int64_t need = need_of(cx, home, NEED_SCHOOL, 500, true);
    int64_t open = need_of(cx, home, NEED_SCHOOL, 0, true);
    check_ok(cx, store_put_text(&document, cx, f.county, "delivery", "签收.txt", STR("ok")));
    int64_t other = offer_of(cx, NEED_SCHOOL, 1000);
    check_ok(cx, offer_match_add(&m[0], cx, offer, need, 300));
    /* A second tap, and more than the household asked for. */
    REFUSED(cx, RC_CONFLICT, offer_match_add(&m[1], cx, offer, need, 100));
    REFUSED(cx, RC_CONFLICT, offer_match_add(&m[1], cx, other, need, 201));
    assert_int_equal(read_offer(cx, offer).left_minor, 700);
    assert_int_equal(read_offer(cx, other).left_minor, 1000);
    check_ok(cx, offer_match_add(&m[1], cx, other, need, 200));
    check_ok(cx, offer_match_add(&m[3], cx, offer, open, 1));
    REFUSED(cx, RC_NOTFOUND, offer_delivered(cx, m[0], 99999)); /* no such proof */
    check_ok(cx, offer_delivered(cx, m[0], document));
    assert_int_equal(read_need(cx, need).state, NEED_OPEN);
    check_ok(cx, offer_match_end(cx, m[1]));
    assert_int_equal(read_offer(cx, other).left_minor, 1000);
    check_ok(cx, offer_match_add(&m[2], cx, offer, need, 200)); /* free again */
    assert_int_equal(read_offer(cx, offer).left_minor, 499);
    REFUSED(cx, RC_CONFLICT, offer_match_end(cx, m[1]));
    REFUSED(cx, RC_CONFLICT, offer_delivered(cx, m[1], document));
    assert_int_equal(read_offer(cx, other).left_minor, 1000);
    check_ok(cx, offer_delivered(cx, m[2], document));
    assert_int_equal(read_need(cx, need).state, NEED_SOLVED);
    REFUSED(cx, RC_CONFLICT, offer_match_end(cx, m[2]));
    REFUSED(cx, RC_CONFLICT, offer_delivered(cx, m[2], document));
    check_ok(cx, offer_delivered(cx, m[3], document));
    assert_int_equal(read_need(cx, open).state, NEED_SOLVED);
    help_fixture_close(cx);
}
static void test_delivered(void **state)
{
    (void)state;
    db_fixture_each(delivered_on);
}

/* The giver's name lies sealed; who does not manage offers does not read it and cannot match;
 * who sees nothing of the county sees no offer. */
static void giver_on(struct cx *cx)
{
    static const struct sql raw = {.name = "TEST_GIVER",
                                   .lite = "SELECT giver FROM offer WHERE id = $1",
                                   .args = "i",
                                   .cols = "b"};
    struct db_rows rows;
    struct offer *list, o;
    size_t count;
    int64_t id;
    earn_fixture_open(cx);
    int64_t offer = offer_of(cx, NEED_SCHOOL, 1000);
    int64_t need = need_of(cx, earn_household(cx, 0, "H1", 0), NEED_SCHOOL, 0, true);
    check_ok(cx, DB_ONE(&rows, cx, &raw, V_I(offer)));
    struct str blob = row_str(&rows, 0);
    assert_true(blob.len > strlen("陈先生"));
    assert_null(memmem(blob.p, blob.len, "陈", strlen("陈")));
    check_ok(cx, db_done(&rows));
    assert_string_equal(read_offer(cx, offer).giver, "陈先生");
    cx->actor = fixture_officer(cx, &f, f.village[0], "village_worker");
    check_ok(cx, offer_list(&list, &count, cx, f.county));
    assert_int_equal(count, 1);
    if (!actor_may(cx, "work.manage"))
        assert_string_equal(list[0].giver, "");
    REFUSED(cx, RC_DENIED, offer_match_add(&id, cx, offer, need, 1));
    REFUSED(cx, RC_DENIED, offer_add(&id, cx, f.county_area, &list[0]));
    struct actor *nobody = arena_new(cx->arena, sizeof *nobody);
    *nobody = (struct actor){.user_id = 9, .name = "x"};
    cx->actor = nobody;
    REFUSED(cx, RC_NOTFOUND, offer_get(&o, cx, offer));
    cx->actor = NULL;
    help_fixture_close(cx);
}
static void test_giver(void **state)
{
    (void)state;
    db_fixture_each(giver_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_race),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_delivered),
        cmocka_unit_test(test_giver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
