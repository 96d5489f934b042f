/* Tests of base/check_digit: published numbers, and the errors the rules promise to find. */
#include "base/check_digit.h"

#include "base/check.h"

static void test_mod11_2(void **state)
{
    (void)state;
    /* The two examples of GB 11643-1999, and ISO 7064's own (0794 has check character 0). */
    assert_true(check_mod11_2(STR("11010519491231002X")));
    assert_true(check_mod11_2(STR("440524188001010014")));
    assert_true(check_mod11_2(STR("07940")));
    assert_false(check_mod11_2(STR("11010519491231002x")));
    assert_false(check_mod11_2(STR("110105194912310021")));
    assert_false(check_mod11_2(STR("1101051949123100X2")));
    assert_false(check_mod11_2(STR("X")));
    assert_false(check_mod11_2(STR("")));
    assert_false(check_mod11_2(STR("１１")));
    assert_int_equal(check_mod11_2_of(STR("11010519491231002")), 'X');
    assert_int_equal(check_mod11_2_of(STR("")), 0);
    assert_int_equal(check_mod11_2_of(STR("12a")), 0);
}

static void make_number(char *out, size_t len, uint64_t *r)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (char)('0' + check_int(r, 0, 9));
}

static void test_mod11_2_finds(void **state)
{
    (void)state;
    /* ISO 7064: MOD 11-2 finds every wrong character and every swap of two neighbours. */
    for_each_seed (seed, 200) {
        uint64_t r = seed;
        char number[18];
        make_number(number, 17, &r);
        struct str s = {number, 18};
        number[17] = check_mod11_2_of((struct str){number, 17});
        assert_true(check_mod11_2(s));
        for (size_t i = 0; i < 17; i++) {
            char kept = number[i];
            number[i] = (char)('0' + (kept - '0' + check_int(&r, 1, 9)) % 10);
            assert_false(check_mod11_2(s));
            number[i] = kept;
            if (i < 16 && number[i] != number[i + 1]) {
                number[i] = number[i + 1];
                number[i + 1] = kept;
                assert_false(check_mod11_2(s));
                number[i + 1] = number[i];
                number[i] = kept;
            }
        }
    }
}

static void test_luhn(void **state)
{
    (void)state;
    /* The number of ISO/IEC 7812's usual example, a card network's published test number, and
     * every single wrong digit. */
    assert_true(check_luhn(STR("79927398713")));
    assert_true(check_luhn(STR("4111111111111111")));
    assert_false(check_luhn(STR("79927398710")));
    assert_false(check_luhn(STR("7992739871x")));
    assert_false(check_luhn(STR("0")));
    assert_int_equal(check_luhn_of(STR("7992739871")), '3');
    for_each_seed (seed, 200) {
        uint64_t r = seed;
        char number[19];
        make_number(number, 18, &r);
        number[18] = check_luhn_of((struct str){number, 18});
        assert_true(check_luhn((struct str){number, 19}));
        size_t at = (size_t)check_int(&r, 0, 18);
        number[at] = (char)('0' + (number[at] - '0' + check_int(&r, 1, 9)) % 10);
        assert_false(check_luhn((struct str){number, 19}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mod11_2),
        cmocka_unit_test(test_mod11_2_finds),
        cmocka_unit_test(test_luhn),
    };
    return cmocka_run_group_tests_name("base/check_digit", tests, NULL, NULL);
}
