/* Tests of Callaway and Sant'Anna's effects: against R's did, by invariance, with bad input. */
#include "stats/effect.h"

#include "base/text.h"
#include "stats/effect_fixture.h"

static void test_mpdta(void **state)
{
    (void)state;
    /* The sums over groups and periods and their analytic errors, without and with a covariate,
     * are those of R's did on its own worked example. */
    struct cx cx;
    struct panel p;
    struct did d;
    check_open(&cx);
    if (!mpdta_read(&p, &cx, false))
        skip();
    check_ok(&cx, did_make(&d, &cx, &p, &(struct did_spec){.method = DID_DR}));
    check_sum(d.simple, -0.03995128, 0.01203401);
    check_sum(d.dynamic, -0.07723982, 0.01996499);
    fixture_close(d.group.value, -0.03101828, 8);
    check_sum(d.calendar, -0.04170043, 0.01597185);
    p.k = 1;
    check_ok(&cx, did_make(&d, &cx, &p, &(struct did_spec){.method = DID_DR}));
    check_sum(d.simple, -0.04175177, 0.01150284);
    check_sum(d.dynamic, -0.08035395, 0.01895756);
    fixture_close(d.group.value, -0.03281960, 8);
    check_sum(d.calendar, -0.04417736, 0.01503818);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mpdta),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
