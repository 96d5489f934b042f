/* Tests of the matching: levels of agreement by hand, weights by hand, EM against
 * compare_em.py, which shares no code with it. */
#include "register/compare_match.h"

#include "base/check.h"
#include "base/time.h"
#include "base/utf8.h"

#include <math.h>

/* The priors of the profile cn for the fields that compare_em.py uses. */
static struct match_priors priors(void)
{
    return (struct match_priors){
        .m = {{10000, 60000, 50000, 880000},
              {20000, 50000, 30000, 900000},
              {10000, 990000},
              {60000, 100000, 840000},
              {50000, 50000, 450000, 450000},
              {300000, 700000}},
        .u = {{600000, 200000, 100000, 100000},
              {700000, 260000, 10000, 30000},
              {500000, 500000},
              {500000, 200000, 300000},
              {997900, 1000, 100, 1000},
              {995000, 5000}},
    };
}

static struct match_levels levels(int name, int birth, int sex)
{
    return (struct match_levels){{(int8_t)name, (int8_t)birth, (int8_t)sex, MATCH_MISSING,
                                  MATCH_MISSING, MATCH_MISSING}};
}

static void close_to(double value, double expected)
{
    if (fabs(value - expected) > 5e-9)
        fail_msg("%.12f is not %.12f", value, expected);
}

static int name_level_of(struct cx *cx, const char *a, const char *b)
{
    struct str x = str_of(a), y = str_of(b);
    return match_name(x, utf8_pinyin(cx, x), y, utf8_pinyin(cx, y));
}

/* Names: the same, the same sound, one character other, missing or masked, and others. */
static void names(void **state)
{
    (void)state;
    struct cx cx;
    struct arena *arena = arena_open(1 << 20);
    cx_init(&cx, arena);
    assert_int_equal(name_level_of(&cx, "王小明", "王小明"), NAME_EXACT);
    assert_int_equal(name_level_of(&cx, "王晓明", "王小明"), NAME_PINYIN);
    assert_int_equal(name_level_of(&cx, "王大明", "王小明"), NAME_ONE_CHARACTER);
    assert_int_equal(name_level_of(&cx, "王明", "王小明"), NAME_ONE_CHARACTER);
    assert_int_equal(name_level_of(&cx, "小明", "王小明"), NAME_ONE_CHARACTER);
    assert_int_equal(name_level_of(&cx, "王*明", "王小明"), NAME_ONE_CHARACTER);
    assert_int_equal(name_level_of(&cx, "王明小", "王小明"), NAME_DIFFERENT);
    assert_int_equal(name_level_of(&cx, "李四", "王小明"), NAME_DIFFERENT);
    assert_int_equal(name_level_of(&cx, "王", "李"), NAME_DIFFERENT);
    assert_int_equal(name_level_of(&cx, "", "王小明"), MATCH_MISSING);
    arena_free(arena);
}

static int birth_level_of(const char *a, const char *b)
{
    int32_t x, y;
    assert_true(day_parse(&x, str_of(a)) && day_parse(&y, str_of(b)));
    return match_birth(x, y);
}

/* Days of birth: month and day turned round, a slip of one digit, only the year. */
static void births(void **state)
{
    (void)state;
    assert_int_equal(birth_level_of("1980-03-05", "1980-03-05"), BIRTH_EXACT);
    assert_int_equal(birth_level_of("1980-03-05", "1980-05-03"), BIRTH_SWAPPED);
    assert_int_equal(birth_level_of("1980-03-05", "1980-03-06"), BIRTH_SWAPPED);
    assert_int_equal(birth_level_of("1989-03-05", "1998-03-05"), BIRTH_SWAPPED);
    assert_int_equal(birth_level_of("1980-03-05", "1980-11-26"), BIRTH_YEAR);
    assert_int_equal(birth_level_of("1980-03-05", "1975-11-26"), BIRTH_DIFFERENT);
    assert_int_equal(match_birth(INT32_MIN, 100), MATCH_MISSING);
}

/* Identity numbers whole, mistyped and masked; places; sexes; phones. */
static void other_fields(void **state)
{
    (void)state;
    const struct str own = STR("520181198001011234");
    assert_int_equal(match_identity(STR("520181198001011234"), own), IDENTITY_NEAR);
    assert_int_equal(match_identity(STR("520181198001011294"), own), IDENTITY_NEAR);
    assert_int_equal(match_identity(STR("520181198010011234"), own), IDENTITY_NEAR);
    assert_int_equal(match_identity(STR("52018198001011234"), own), IDENTITY_NEAR);
    assert_int_equal(match_identity(STR("520199197501011234"), own), IDENTITY_ENDS);
    assert_int_equal(match_identity(STR("520199197501015678"), own), IDENTITY_DIFFERENT);
    assert_int_equal(match_identity(STR("5201**********1234"), own), IDENTITY_VISIBLE);
    assert_int_equal(match_identity(STR("5203**********1234"), own), IDENTITY_ENDS);
    assert_int_equal(match_identity(STR("**************1234"), own), IDENTITY_ENDS);
    assert_int_equal(match_identity(STR("5201**********5678"), own), IDENTITY_DIFFERENT);
    assert_int_equal(match_identity(STR(""), own), MATCH_MISSING);
    assert_int_equal(match_place(STR("aaabbbccctttvvv"), STR("aaabbbccctttvvvhhh"), 9),
                     PLACE_VILLAGE);
    assert_int_equal(match_place(STR("aaabbbccctttvvv"), STR("aaabbbccctttwww"), 9),
                     PLACE_TOWNSHIP);
    assert_int_equal(match_place(STR("aaabbbcccttt"), STR("aaabbbccctttwww"), 9),
                     PLACE_TOWNSHIP);
    assert_int_equal(match_place(STR("aaabbbcccttt"), STR("aaabbbcccsssvvv"), 9),
                     PLACE_DIFFERENT);
    assert_int_equal(match_place(STR("aaabbbccc"), STR("aaabbbcccsssvvv"), 9), MATCH_MISSING);
    assert_int_equal(match_sex(1, 1), SEX_SAME);
    assert_int_equal(match_sex(1, 2), SEX_DIFFERENT);
    assert_int_equal(match_sex(0, 2), MATCH_MISSING);
    assert_int_equal(match_phone(STR("a"), STR("a")), PHONE_SAME);
    assert_int_equal(match_phone(STR("a"), STR("b")), PHONE_DIFFERENT);
}

/* Every pattern is written and read back the same. */
static void patterns(void **state)
{
    (void)state;
    for (int i = 0; i < MATCH_PATTERNS; i++)
        assert_int_equal(match_pattern(match_levels_of(i)), i);
}

/* Weights by hand: log2(.88/.10) + log2(.90/.03) + log2(.99/.50) = 9.029894550; a field that
 * nobody says adds nothing. With a share of one in a thousand its odds are 522.7/999. */
static void weights(void **state)
{
    (void)state;
    struct match_model model;
    struct match_priors p = priors();
    match_model_begin(&model, &p, 0.001);
    close_to(match_weight(&model, levels(3, 3, 1)), 9.029894550);
    close_to(match_weight(&model, levels(3, -1, -1)), log2(8.8));
    close_to(match_weight(&model, levels(-1, -1, -1)), 0);
    close_to(match_weight(&model, levels(0, 0, 0)),
             log2(.01 / .60) + log2(.02 / .70) + log2(.01 / .50));
    double odds = 8.8 * 30 * 1.98 / 999;
    close_to(match_chance(&model, match_weight(&model, levels(3, 3, 1))), odds / (1 + odds));
    close_to(match_chance(&model, 5000), 1);
    close_to(match_chance(&model, -5000), 0);
}

static const struct {
    int name, birth, sex;
    int64_t count;
} em_table[] = {{3, 3, 1, 80},  {3, 1, 1, 12}, {2, 3, 1, 9},  {1, 3, 1, 7},  {3, 0, 0, 15},
                {3, -1, 1, 10}, {0, 3, 1, 6},  {0, 0, 0, 40}, {0, 1, 1, 60}, {1, 0, 1, 25},
                {2, 0, 0, 30},  {0, 0, 1, 45}, {2, -1, 0, 11}};

static struct match_model fitted(double strength, const struct match_outside *outside)
{
    static int64_t counts[MATCH_PATTERNS];
    struct match_priors p = priors();
    struct match_model model;
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < sizeof em_table / sizeof *em_table; i++)
        counts[match_pattern(levels(em_table[i].name, em_table[i].birth, em_table[i].sex))] =
            em_table[i].count;
    match_model_begin(&model, &p, 0.1);
    match_model_fit(&model, &p, counts, outside, strength, 2000);
    assert_true(model.settled);
    return model;
}

/* EM on 350 pairs gives what compare_em.py computes, plain and with pseudo-counts. */
static void em_agrees(void **state)
{
    (void)state;
    struct match_model plain = fitted(0, NULL), held = fitted(50, NULL);
    static const double plain_m[] = {0.064781517478, 0.057406264615, 0.073808054503,
                                     0.804004163405},
                        plain_u[] = {0.627463678209, 0.109619271387, 0.179775605075,
                                     0.083141445329},
                        held_m[] = {0.030400376877, 0.058814633393, 0.066400947458,
                                    0.844384042271},
                        held_birth[] = {0.698113607684, 0.283313896180, 0.001838220756,
                                        0.016734275380};
    close_to(plain.share, 0.348394032122);
    close_to(held.share, 0.301871895614);
    for (int k = 0; k < MATCH_LEVELS; k++) {
        close_to(plain.m[MATCH_NAME][k], plain_m[k]);
        close_to(plain.u[MATCH_NAME][k], plain_u[k]);
        close_to(held.m[MATCH_NAME][k], held_m[k]);
        close_to(held.u[MATCH_BIRTH][k], held_birth[k]);
    }
    close_to(plain.u[MATCH_SEX][SEX_SAME], 0.579061997884);
    double weight = match_weight(&held, levels(2, 3, 1));
    close_to(weight, 5.270627825);
    close_to(match_chance(&held, weight), 0.943476818);
    /* Fields that no pair says keep the profile's values. */
    close_to(held.m[MATCH_PHONE][1], 0.7);
    close_to(plain.u[MATCH_IDENTITY][0], 0.9979);
}

/* With 20,000 pairs that were not looked at, as compare_em.py computes it: u becomes that of
 * two people in general, and the share falls. */
static void em_with_outside(void **state)
{
    (void)state;
    const struct match_outside outside = {
        .level = {{18000, 900, 300, 800}, {16000, 3600, 150, 250}, {10000, 10000}},
        .all = 20000};
    struct match_model model = fitted(50, &outside);
    close_to(model.share, 0.004425938014);
    close_to(model.m[MATCH_NAME][NAME_EXACT], 0.889700947703);
    close_to(model.u[MATCH_NAME][NAME_DIFFERENT], 0.894966390657);
    close_to(model.u[MATCH_BIRTH][BIRTH_EXACT], 0.013306177966);
    close_to(match_weight(&model, levels(2, 3, 1)), 9.099485821);
    close_to(match_chance(&model, match_weight(&model, levels(2, 3, 1))), 0.709188416);
}

/* Without any pair the model stays as it began. */
static void em_of_nothing(void **state)
{
    (void)state;
    static const int64_t counts[MATCH_PATTERNS];
    struct match_priors p = priors();
    struct match_model model;
    match_model_begin(&model, &p, 0.1);
    match_model_fit(&model, &p, counts, NULL, 50, 100);
    close_to(model.share, 0.1);
    close_to(model.m[MATCH_NAME][3], 0.88);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),         cmocka_unit_test(births),
        cmocka_unit_test(other_fields),  cmocka_unit_test(patterns),
        cmocka_unit_test(weights),       cmocka_unit_test(em_agrees),
        cmocka_unit_test(em_of_nothing), cmocka_unit_test(em_with_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
