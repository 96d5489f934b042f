/* Tests of base/money: rounding, overflow, exact splits, and money as people write it. */
#include "base/money.h"

#include "base/check.h"

__extension__ typedef __int128 wide;

static void test_add(void **state)
{
    (void)state;
    /* Sums, differences and products are exact or refused, as 128-bit arithmetic says. */
    for_each_seed (seed, 3000) {
        uint64_t r = seed;
        int64_t a = check_any_i64(&r), b = check_any_i64(&r), out = 77;
        wide want[] = {(wide)a + b, (wide)a - b, (wide)a * b};
        bool (*const does[])(int64_t *, int64_t, int64_t) = {money_add, money_sub, money_mul};
        for (int i = 0; i < 3; i++) {
            bool fits = want[i] >= INT64_MIN && want[i] <= INT64_MAX;
            out = 77;
            assert_int_equal(does[i](&out, a, b), fits);
            assert_int_equal(out, fits ? (int64_t)want[i] : 77);
        }
    }
}

static void test_rounding(void **state)
{
    (void)state;
    /* Halves go away from zero, on both sides: worked by hand. */
    static const struct {
        int64_t a, rate_bp, want;
    } bp[] = {{100, 50, 1},
              {99, 50, 0},
              {-100, 50, -1},
              {-99, 50, 0},
              {100, -50, -1},
              {1000, 125, 13},
              {333, 3333, 111},
              {10000, 10000, 10000},
              {1, 4999, 0},
              {1, 5000, 1},
              {INT64_MAX, 10000, INT64_MAX}};
    for (size_t i = 0; i < sizeof bp / sizeof *bp; i++) {
        int64_t out = 0;
        assert_true(money_mul_bp_half_up(&out, bp[i].a, bp[i].rate_bp));
        assert_int_equal(out, bp[i].want);
    }
    static const struct {
        int64_t a, divisor, want;
    } div[] = {{10, 4, 3},  {-10, 4, -3},      {9, 4, 2},
               {-9, 4, -2}, {11, 4, 3},        {7, 7, 1},
               {0, 3, 0},   {1, INT64_MAX, 0}, {INT64_MIN, 1, INT64_MIN}};
    for (size_t i = 0; i < sizeof div / sizeof *div; i++) {
        int64_t out = 0;
        assert_true(money_div_half_up(&out, div[i].a, div[i].divisor));
        assert_int_equal(out, div[i].want);
    }
    int64_t out = 5;
    assert_false(money_mul_bp_half_up(&out, INT64_MAX, 10001));
    assert_int_equal(out, 5);
}

static void test_split_by_hand(void **state)
{
    (void)state;
    /* Hamilton's method by hand: 100 over 1:1:1 is 34,33,33; remainders decide before order. */
    int64_t parts[3];
    assert_true(money_split(parts, 100, (const int64_t[]){1, 1, 1}, 3));
    assert_true(parts[0] == 34 && parts[1] == 33 && parts[2] == 33);
    assert_true(money_split(parts, 10, (const int64_t[]){1, 2, 4}, 3)); /* 1.43 2.86 5.71 */
    assert_true(parts[0] == 1 && parts[1] == 3 && parts[2] == 6);
    assert_true(money_split(parts, 1, (const int64_t[]){0, 1, 3}, 3));
    assert_true(parts[0] == 0 && parts[1] == 0 && parts[2] == 1);
    assert_true(money_split(parts, -100, (const int64_t[]){1, 1, 1}, 3)); /* floors are -34 */
    assert_true(parts[0] == -33 && parts[1] == -33 && parts[2] == -34);
    assert_false(money_split(parts, 5, (const int64_t[]){0, 0, 0}, 3));
    assert_false(money_split(parts, 5, (const int64_t[]){INT64_MAX, 1, 0}, 3));
}

static void check_split(const int64_t *parts, int64_t total, const int64_t *shares,
                        size_t count)
{
    wide sum = 0, given = 0;
    for (size_t i = 0; i < count; i++)
        sum += shares[i];
    for (size_t i = 0; i < count; i++) {
        wide exact = (wide)total * shares[i], off = (wide)parts[i] * sum - exact;
        given += parts[i];
        assert_true(off > -sum && off < sum); /* less than one unit from its due */
        assert_true(shares[i] > 0 || parts[i] == 0);
        for (size_t k = 0; k < i; k++) /* equal shares: the earlier gets no less */
            assert_true(shares[k] != shares[i] || parts[k] >= parts[i]);
        for (size_t k = 0; k < count; k++) {
            /* Who got a unit more than the floor had no smaller remainder than who did not. */
            wide other = (wide)parts[k] * sum - (wide)total * shares[k];
            if (off > 0 && other < 0)
                assert_true(sum - off >= -other);
        }
    }
    assert_true(given == total);
}

static void test_split(void **state)
{
    (void)state;
    /* Any split adds up to the total, each part is within a unit of its due, and the units left
     * over went to the largest remainders. */
    for_each_seed (seed, 400) {
        uint64_t r = seed;
        int64_t shares[40], parts[40];
        size_t count = (size_t)check_int(&r, 1, 40);
        int64_t most = seed % 3 == 0 ? 3 : seed % 3 == 1 ? 1000 : INT64_MAX / 41;
        for (size_t i = 0; i < count; i++)
            shares[i] = check_int(&r, 0, most);
        shares[0] += 1;
        int64_t total = check_any_i64(&r);
        assert_true(money_split(parts, total, shares, count));
        check_split(parts, total, shares, count);
    }
}

static void test_parse(void **state)
{
    (void)state;
    /* Money as it stands in files; and what only looks like it. */
    static const struct {
        const char *text;
        int64_t want;
    } good[] = {
        {"1234", 123400},  {"1,234.50", 123450},     {"-12.5", -1250},      {"¥ 12", 1200},
        {"￥12.00", 1200}, {"1.2万", 1200000},       {"-¥12", -1200},       {"¥-12", -1200},
        {"12元", 1200},    {"1.23456万元", 1234560}, {"0.5亿", 5000000000}, {" 7 ", 700},
        {"−3", -300},      {"1,234,567", 123456700}, {"12.500", 1250},      {"0", 0},
        {"-0.00", 0},      {"3 万", 3000000}};
    static const char *const bad[] = {"",
                                      "-",
                                      "¥",
                                      "万",
                                      "12.345",
                                      "1,23",
                                      "1234,567",
                                      ",123",
                                      "1,,234",
                                      "12.5.1",
                                      "1.234,5",
                                      "--1",
                                      "-¥-1",
                                      "¥12元",
                                      "abc",
                                      "12abc",
                                      "1e3",
                                      "+5",
                                      "1,234,",
                                      "0x10",
                                      "92233720368547758.08",
                                      "1.2345678万",
                                      "12 34",
                                      ".5",
                                      "5.",
                                      "1 ,234",
                                      "NaN"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t n = 99;
        if (!money_parse(&n, str_of(good[i].text), 2) || n != good[i].want)
            fail_msg("“%s” gave %" PRId64, good[i].text, n);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t n = 99;
        if (money_parse(&n, str_of(bad[i]), 2) || n != 99)
            fail_msg("“%s” was taken as %" PRId64, bad[i], n);
    }
    int64_t n = 0;
    assert_true(money_parse(&n, STR("1,500"), 0) && n == 1500);
    assert_false(money_parse(&n, STR("1.5"), 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add),           cmocka_unit_test(test_rounding),
        cmocka_unit_test(test_split_by_hand), cmocka_unit_test(test_split),
        cmocka_unit_test(test_parse),
    };
    return cmocka_run_group_tests_name("base/money", tests, NULL, NULL);
}
