/* For the tests of vacancies, wages, loans, offers and tapers only: the profile's own catalogue
 * and tapers over the small register, and two threads that do one thing at the same moment. */
#ifndef HELP_EARN_FIXTURE_H
#define HELP_EARN_FIXTURE_H

#include "base/fault.h"
#include "base/time.h"
#include "help/help_fixture.h"
#include "help/help_inner.h"
#include "help/vacancy.h"
#include "people/org.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

/* As help_fixture_open, with the measures and tapers of profile/cn as they are. */
static CHECK_UNUSED void earn_fixture_open(struct cx *cx)
{
    register_fixture_open(&f, cx);
    cx->dir = f.dir;
    columns_fixture_open(cx);
    source = fixture_source(&f, 11, 0);
}

/* A man of 45 (work months known or not: -1) and a child of 10. */
static CHECK_UNUSED int64_t earn_household(struct cx *cx, int village, const char *code,
                                           int64_t work_months)
{
    return help_household(cx, village, code, (struct help_family){"A", NULL, work_months, 1, 0},
                          YEAR);
}

static CHECK_UNUSED struct person earn_head(struct cx *cx, int64_t household)
{
    struct person *people;
    size_t count;
    check_ok(cx, household_people(&people, &count, cx, f.county, household, false));
    assert_true(count > 0);
    return people[0];
}

static CHECK_UNUSED int64_t earn_vacancy(struct cx *cx, int32_t places, const char *rule)
{
    int64_t id;
    check_ok(cx, vacancy_save(&id, cx,
                              &(struct vacancy){.area_id = f.county_area,
                                                .title = "包装工",
                                                .rule = rule,
                                                .places = places,
                                                .from_day = help_today(cx) - 800,
                                                .wage_month_minor = 300000}));
    return id;
}

static CHECK_UNUSED struct vacancy earn_vacancy_read(struct cx *cx, int64_t id)
{
    struct vacancy v;
    check_ok(cx, vacancy_get(&v, cx, id));
    return v;
}

/* year × 12 + month − 1 of a day */
static CHECK_UNUSED int32_t earn_month(int32_t day)
{
    struct date d = day_date(day);
    return d.year * 12 + d.month - 1;
}

static CHECK_UNUSED int64_t earn_org(struct cx *cx, const char *kind, const char *name)
{
    int64_t id;
    check_ok(cx, org_add(&id, cx,
                         &(struct org){.area_id = f.county_area, .kind = kind, .name = name}));
    return id;
}

/* Fails as expected, with a sentence for people. */
#define REFUSED(cx, rc_wanted, call)                                                           \
    do {                                                                                       \
        assert_int_equal((call), (rc_wanted));                                                 \
        assert_true((cx)->err.text[0]);                                                        \
        err_clear(cx);                                                                         \
    } while (0)

typedef enum rc (*earn_fn)(struct cx *cx, void *arg);
struct earn_racer {
    const struct cx *from;
    struct cx cx;
    earn_fn fn;
    void *arg;
    enum rc rc;
};

static CHECK_UNUSED void *earn_racer_main(void *arg)
{
    struct earn_racer *r = arg;
    r->cx = *r->from;
    r->cx.arena = arena_open(64 * 1024 * 1024);
    r->cx.db = NULL;
    err_clear(&r->cx);
    r->rc = db_attach(&r->cx);
    if (!r->rc)
        r->rc = r->fn(&r->cx, r->arg);
    db_detach(&r->cx);
    arena_free(r->cx.arena);
    return NULL;
}

/* Each in a thread of its own; how many succeeded; the others' failures are all `refused`. */
static CHECK_UNUSED int earn_race(struct cx *cx, struct earn_racer *r, int count,
                                  enum rc refused)
{
    pthread_t threads[16];
    int won = 0;
    assert_true(count <= 16);
    for (int i = 0; i < count; i++) {
        r[i].from = cx;
        assert_int_equal(pthread_create(&threads[i], NULL, earn_racer_main, &r[i]), 0);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        won += r[i].rc == RC_OK;
        if (r[i].rc)
            assert_int_equal(r[i].rc, refused);
    }
    return won;
}

/* Runs `fn` in a child that dies at a fault point ("help.loan:1:kill"). */
static CHECK_UNUSED void earn_killed(struct cx *cx, const char *point, earn_fn fn, void *arg)
{
    int status;
    const struct db_options options = {.url = db_fixture_url(cx), .single_thread = true};
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        struct cx own = *cx;
        own.pool = NULL;
        own.db = NULL;
        if (!fault_set(point) || db_open(&own.pool, &own, &options) || db_attach(&own))
            _exit(3);
        _exit(fn(&own, arg) ? 4 : 5);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

#endif
