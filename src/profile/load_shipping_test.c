/* shipping.csv of the profile cn: its zones; what parcels cost at the edges of the steps. */
#include "base/check.h"
#include "base/crypto.h"
#include "profile/profile_impl.h"
#include "profile/shipping.h"

static void zones(void **state)
{
    struct cx cx;
    struct profile *p;
    struct profile_faults faults = {0};
    (void)state;
    crypto_init();
    check_open(&cx);
    check_ok(&cx, profile_load_embedded(&p, &faults, &cx, "cn"));
    const struct shipping_zone *z = profile_zone(p, STR("province"));
    assert_non_null(z);
    assert_false(z->pickup);
    assert_true(profile_zone(p, STR("station"))->pickup);
    assert_null(profile_zone(p, STR("")));
    assert_null(profile_zone(p, STR("nowhere")));
    profile_free(p);
    check_close(&cx);
}

static void costs(void **state)
{
    static const struct shipping_zone z = {.first_grams = 1000,
                                           .first_minor = 800,
                                           .more_grams = 500,
                                           .more_minor = 200,
                                           .max_grams = 50000};
    static const struct {
        int64_t grams, minor;
    } cases[] = {{0, 800},
                 {1, 800},
                 {1000, 800},
                 {1001, 1000},
                 {1500, 1000},
                 {1501, 1200},
                 {50000, 800 + 98 * 200}};
    int64_t minor = -1;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(shipping_cost(&minor, &z, cases[i].grams));
        assert_int_equal(minor, cases[i].minor);
    }
    minor = 7;
    assert_false(shipping_cost(&minor, &z, 50001));
    assert_false(shipping_cost(&minor, &z, -1));
    assert_false(shipping_cost(&minor, &z, INT64_MAX));
    assert_int_equal(minor, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(zones), cmocka_unit_test(costs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
