/* Tests of the resource book: what is refused, every step of a booking in every state, and that
 * two (or twenty) at once never give away more than there is; on both databases. */
#include "office/office_fixture.h"
#include "office/resource.h"
#include "work/notice.h"

#include <pthread.h>

static struct office_fixture f;

static int64_t truck(struct cx *cx, int32_t amount)
{
    int64_t id;
    check_ok(cx, resource_save(&id, cx,
                               &(struct resource){.org_id = f.health,
                                                  .area_id = f.r.county_area,
                                                  .kind = "1",
                                                  .name = "冷藏车",
                                                  .unit = "辆",
                                                  .note = "",
                                                  .amount = amount}));
    return id;
}
static struct booking wish(int64_t resource, int32_t from, int32_t to, int32_t amount)
{
    return (struct booking){.resource_id = resource,
                            .from_day = f.today + from,
                            .to_day = f.today + to,
                            .amount = amount,
                            .purpose = "运苹果"};
}
static int64_t ask(struct cx *cx, struct booking b)
{
    int64_t id;
    check_ok(cx, booking_ask(&id, cx, &b));
    return id;
}
static struct booking get(struct cx *cx, int64_t id)
{
    struct booking b;
    check_ok(cx, booking_get(&b, cx, id));
    return b;
}
static enum rc set(struct cx *cx, int64_t id, enum booking_state state)
{
    return booking_set(cx, id, get(cx, id).version, state, STR("因故"));
}

/* Fields that cannot be are refused; only who manages it may save; the newest version; no less
 * than what is given away. */
static void saving_on(struct cx *cx)
{
    int64_t id;
    office_fixture_open(&f, cx);
    office_as(cx, f.admin);
    int64_t car = truck(cx, 2);
    struct resource r, bad;
    check_ok(cx, resource_get(&r, cx, car));
    bad = r;
    bad.kind = "99";
    check_refused(cx, resource_save(&id, cx, &bad), RC_INVALID);
    bad = r;
    bad.amount = 0;
    check_refused(cx, resource_save(&id, cx, &bad), RC_INVALID);
    bad = r;
    bad.name = "\xff";
    check_refused(cx, resource_save(&id, cx, &bad), RC_INVALID);
    bad = r;
    bad.org_id = 77;
    check_refused(cx, resource_save(&id, cx, &bad), RC_NOTFOUND);
    bad = r;
    bad.area_id = f.r.province;
    check_refused(cx, resource_save(&id, cx, &bad), RC_INVALID);
    office_as(cx, f.officer); /* works in the owner: its bookings are given at once */
    int64_t own = ask(cx, wish(car, 100, 103, 2));
    assert_int_equal(get(cx, own).state, BOOKING_GIVEN);
    r.amount = 1;
    check_refused(cx, resource_save(&id, cx, &r), RC_CONFLICT);
    check_ok(cx, set(cx, own, BOOKING_CANCELLED));
    check_ok(cx, resource_save(&id, cx, &r));
    check_refused(cx, resource_save(&id, cx, &r), RC_CONFLICT); /* the older version */
    office_as(cx, f.town);
    check_ok(cx, resource_get(&r, cx, car));
    check_refused(cx, resource_save(&id, cx, &r), RC_DENIED);
    office_as(cx, f.admin);
    check_ok(cx, resource_get(&r, cx, car));
    r.ended = true;
    check_ok(cx, resource_save(&id, cx, &r));
    struct booking late = wish(car, 1, 1, 1);
    check_refused(cx, booking_ask(&id, cx, &late), RC_INVALID);
    struct resource *list;
    size_t count;
    check_ok(cx, resource_list(&list, &count, cx, f.r.county, STR("")));
    assert_int_equal(count, 0);
    office_fixture_close(&f, cx);
}
static void test_saving(void **state)
{
    (void)state;
    db_fixture_each(saving_on);
}

/* Days and amounts that cannot be; a full day is named; free amounts per day; the owner is told
 * and the asker gets the answer. */
static void asking_on(struct cx *cx)
{
    int32_t left[5];
    int64_t id, fresh;
    office_fixture_open(&f, cx);
    office_as(cx, f.admin);
    int64_t car = truck(cx, 3);
    office_as(cx, f.town);
    const struct booking bad[] = {wish(car, -1, 1, 1), wish(car, 2, 1, 1),
                                  wish(car, 0, 92, 1), wish(car, 1, 1, 0),
                                  wish(car, 1, 1, 4),  wish(car, 740, 741, 1)};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_refused(cx, booking_ask(&id, cx, &bad[i]), RC_INVALID);
    struct booking empty = wish(car, 1, 1, 1);
    empty.purpose = " ";
    check_refused(cx, booking_ask(&id, cx, &empty), RC_INVALID);
    int64_t one = ask(cx, wish(car, 1, 3, 2)), two = ask(cx, wish(car, 3, 4, 2));
    check_ok(cx, resource_free(left, cx, car, f.today, f.today + 4));
    assert_int_equal(left[3], 3); /* what is only asked for takes nothing */
    check_refused(cx, resource_free(left, cx, car, f.today, f.today + 200), RC_INVALID);
    office_as(cx, f.officer);
    check_ok(cx, notice_count_new(&fresh, cx));
    assert_int_equal(fresh, 2);
    check_ok(cx, set(cx, one, BOOKING_GIVEN));
    enum rc rc = set(cx, two, BOOKING_GIVEN);
    assert_int_equal(rc, RC_CONFLICT);
    assert_non_null(strstr(cx->err.text, format_day(cx, f.today + 3)));
    err_clear(cx);
    check_ok(cx, resource_free(left, cx, car, f.today, f.today + 4));
    assert_int_equal(left[0], 3);
    assert_int_equal(left[1], 1);
    assert_int_equal(left[3], 1);
    assert_int_equal(left[4], 3);
    office_as(cx, f.town);
    check_ok(cx, notice_count_new(&fresh, cx));
    assert_int_equal(fresh, 1);
    office_fixture_close(&f, cx);
}
static void test_asking(void **state)
{
    (void)state;
    db_fixture_each(asking_on);
}

/* Every step in every state, by the owner and by who asked: exactly those that the header names
 * work. */
static void steps_on(struct cx *cx)
{
    office_fixture_open(&f, cx);
    office_as(cx, f.admin);
    int64_t car = truck(cx, 100000);
    for (int from = BOOKING_ASKED; from <= BOOKING_CANCELLED; from++)
        for (int to = BOOKING_ASKED; to <= BOOKING_CANCELLED; to++)
            for (int owner = 0; owner < 2; owner++) {
                office_as(cx, f.town);
                int64_t id = ask(cx, wish(car, 1, 2, 1));
                office_as(cx, f.officer);
                if (from != BOOKING_ASKED)
                    check_ok(cx, set(cx, id, (enum booking_state)from));
                office_as(cx, owner ? f.officer : f.town);
                enum rc rc = set(cx, id, (enum booking_state)to);
                bool decides = to == BOOKING_GIVEN || to == BOOKING_REFUSED;
                bool may = decides ? owner && from == BOOKING_ASKED
                                   : to == BOOKING_CANCELLED &&
                                         (from == BOOKING_ASKED || from == BOOKING_GIVEN);
                if (may)
                    check_ok(cx, rc);
                else
                    check_refused(cx, rc, decides && !owner ? RC_DENIED : RC_INVALID);
                assert_int_equal(get(cx, id).state, may ? to : from);
            }
    office_as(cx, f.town);
    int64_t id = ask(cx, wish(car, 1, 2, 1));
    office_as(cx, f.officer);
    check_refused(cx, booking_set(cx, id, 1, BOOKING_REFUSED, STR(" ")), RC_INVALID);
    check_refused(cx, booking_set(cx, id, 7, BOOKING_GIVEN, STR("")), RC_CONFLICT);
    office_as(cx, f.helper_town); /* neither owner nor asker */
    check_refused(cx, set(cx, id, BOOKING_CANCELLED), RC_DENIED);
    office_fixture_close(&f, cx);
}
static void test_steps(void **state)
{
    (void)state;
    db_fixture_each(steps_on);
}

/* Two threads book and give over each other's head, twenty times each: on no day is more given
 * than there is, and what could be given was. */
enum { TRIES = 20, DAYS = 12, TRUCKS = 3 };
struct thread {
    struct cx cx;
    int64_t car, user;
    uint64_t random;
    int given, full, other;
};
static void *book(void *arg)
{
    struct thread *t = arg;
    struct cx *cx = &t->cx;
    const struct actor *actor;
    if (actor_of_user(&actor, cx, t->user))
        return NULL;
    cx->actor = actor;
    for (int i = 0; i < TRIES; i++) {
        int32_t from = (int32_t)check_int(&t->random, 0, DAYS - 1);
        int32_t to = (int32_t)check_int(&t->random, from, DAYS - 1);
        struct booking b = wish(t->car, from, to, (int32_t)check_int(&t->random, 1, TRUCKS));
        int64_t id;
        enum rc rc = booking_ask(&id, cx, &b);
        t->given += rc == RC_OK;
        t->full += rc == RC_CONFLICT;
        t->other += rc != RC_OK && rc != RC_CONFLICT;
        err_clear(cx);
    }
    return NULL;
}
static void at_once_on(struct cx *cx)
{
    struct thread t[2];
    pthread_t ids[2];
    int32_t left[DAYS], used[DAYS] = {0};
    struct booking *list;
    size_t count;
    office_fixture_open(&f, cx);
    int64_t car = truck(cx, TRUCKS);
    office_duty(cx, f.health, f.town, false); /* both work in the owner: given at once */
    for (int i = 0; i < 2; i++) {
        t[i] = (struct thread){
            .car = car, .user = i ? f.town : f.officer, .random = (uint64_t)i + 5};
        check_open(&t[i].cx);
        t[i].cx.pool = cx->pool;
        t[i].cx.profile = cx->profile;
        t[i].cx.vault = cx->vault;
        check_ok(cx, db_attach(&t[i].cx));
        assert_int_equal(pthread_create(&ids[i], NULL, book, &t[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(ids[i], NULL);
        db_detach(&t[i].cx);
        check_close(&t[i].cx);
        assert_int_equal(t[i].other, 0);
    }
    assert_int_equal(t[0].given + t[0].full + t[1].given + t[1].full, 2 * TRIES);
    assert_true(t[0].given + t[1].given > 0 && t[0].full + t[1].full > 0);
    check_ok(cx, booking_list(&list, &count, cx, f.r.county, car, f.today, f.today + DAYS));
    assert_int_equal(count, t[0].given + t[1].given);
    for (size_t i = 0; i < count; i++)
        for (int32_t d = list[i].from_day; d <= list[i].to_day; d++)
            used[d - f.today] += list[i].amount;
    check_ok(cx, resource_free(left, cx, car, f.today, f.today + DAYS - 1));
    for (int d = 0; d < DAYS; d++) {
        assert_in_range(used[d], 0, TRUCKS);
        assert_int_equal(left[d], TRUCKS - used[d]);
    }
    office_fixture_close(&f, cx);
}
static void test_at_once(void **state)
{
    (void)state;
    db_fixture_each(at_once_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saving),
        cmocka_unit_test(test_asking),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
