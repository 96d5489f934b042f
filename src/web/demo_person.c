/* One made-up person: identity number, schooling, health and work that fit age and sex. */
#include "base/check_digit.h"
#include "base/time.h"
#include "web/demo.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    FIRST_YEAR = 1900, /* of the table of birth numbers */
    BIRTHS_PER_DAY = 500,
    EDUCATION_NONE = 1,
    PRIMARY = 2,
    JUNIOR = 3,
    SENIOR = 4,
    COLLEGE = 5,
    UNIVERSITY = 6,
    NOT_AT_SCHOOL = 0,
    BELOW_SCHOOL = 1,
    KINDERGARTEN = 2,
    AT_PRIMARY = 3,
    GRADE_7 = 4,
    GRADE_9 = 6,
    SENIOR_1 = 7,
    SENIOR_3 = 9,
    VOCATIONAL_1 = 10,
    VOCATIONAL_3 = 12,
    COLLEGE_1 = 13,
    COLLEGE_3 = 15,
    UNIVERSITY_1 = 16,
    UNIVERSITY_4 = 19,
};

int demo_age(const struct demo_county *c, const struct demo_person *p)
{
    return c->year - day_date(p->birth_day).year;
}

char demo_check_character(struct str digits17)
{
    static const char order[] = "0123456789X";
    char right = check_mod11_2_of(digits17);
    assert(right);
    return order[(strchr(order, right) - order + 1) % 11];
}

/* Region codes that GB/T 2260 never gave out; the county's own first. */
static void make_identity(struct demo_county *c, struct demo_person *p)
{
    static const char *const regions[] = {"999901", "999902", "999905", "999811", "999723"};
    static const int shares[] = {880, 40, 40, 20, 20};
    struct date born = day_date(p->birth_day);
    int slot = (p->birth_day - day_of((struct date){FIRST_YEAR, 1, 1})) * 2 + (p->sex - 1);
    int given = c->birth_numbers[slot]++ % BIRTHS_PER_DAY;
    /* 7 and 500 have no common divisor: all 500 numbers of a day come once. */
    int number = (given * 7 + slot * 13) % BIRTHS_PER_DAY * 2 + (p->sex == DEMO_MALE ? 1 : 0);
    const char *region = regions[demo_pick(&c->dice, shares, 5)];
    char digits[48];
    snprintf(digits, sizeof digits, "%s%04d%02d%02d%03d", region, (int)born.year,
             (int)born.month, (int)born.day, number);
    memcpy(p->identity, digits, 17);
    p->identity[17] = demo_check_character((struct str){digits, 17});
    p->identity[18] = '\0';
}

static int grown_up_education(struct demo_county *c, const struct demo_person *p)
{
    /* Per mille by year of birth: none, primary, junior, senior, college, university. */
    static const struct {
        int until;
        int men[6], women[6];
    } cohorts[] = {
        {1945, {380, 500, 100, 20, 0, 0}, {650, 310, 40, 0, 0, 0}},
        {1960, {170, 540, 240, 45, 5, 0}, {370, 480, 130, 20, 0, 0}},
        {1975, {50, 370, 480, 80, 15, 5}, {120, 470, 350, 50, 10, 0}},
        {1990, {15, 180, 600, 150, 40, 15}, {30, 260, 550, 120, 30, 10}},
        {9999, {6, 40, 380, 310, 170, 94}, {8, 45, 350, 310, 180, 107}},
    };
    int born = day_date(p->birth_day).year, i = 0;
    while (born >= cohorts[i].until)
        i++;
    return 1 + demo_pick(&c->dice, p->sex == DEMO_MALE ? cohorts[i].men : cohorts[i].women, 6);
}

/* Where somebody of school age is; NOT_AT_SCHOOL and the education when at none. */
static void make_schooling(struct demo_county *c, struct demo_person *p, int age)
{
    struct demo_dice *d = &c->dice;
    p->education = MISSING;
    p->student = MISSING;
    if (age < 3)
        p->student = BELOW_SCHOOL;
    else if (age < 6)
        p->student = (int8_t)(demo_chance(d, 880) ? KINDERGARTEN : BELOW_SCHOOL);
    else if (age < 12)
        p->student = AT_PRIMARY;
    else if (age < 15)
        p->student = (int8_t)(GRADE_7 + age - 12);
    else if (age < 18 && demo_chance(d, 900))
        p->student = (int8_t)((demo_chance(d, 580) ? SENIOR_1 : VOCATIONAL_1) + age - 15);
    else if (age < 22 && demo_chance(d, 400))
        p->student = (int8_t)(demo_chance(d, 480) ? UNIVERSITY_1 + age - 18
                                                  : COLLEGE_1 + (age - 18 > 2 ? 2 : age - 18));
    else
        p->education = (int8_t)grown_up_education(c, p);
}

static void leave_school(struct demo_person *p, int education)
{
    p->student = MISSING;
    p->education = (int8_t)education;
}

/* A school year later. */
static void next_grade(struct demo_county *c, struct demo_person *p, int age)
{
    struct demo_dice *d = &c->dice;
    if (p->student == MISSING)
        return;
    int s = (unsigned char)p->student;
    if (s == GRADE_9 && demo_chance(d, 70))
        leave_school(p, JUNIOR);
    else if (s == GRADE_9)
        p->student = (int8_t)(demo_chance(d, 600) ? SENIOR_1 : VOCATIONAL_1);
    else if ((s == SENIOR_3 && demo_chance(d, 150)) ||
             (s == VOCATIONAL_3 && demo_chance(d, 600)))
        leave_school(p, SENIOR);
    else if (s == SENIOR_3)
        p->student = (int8_t)(demo_chance(d, 500) ? UNIVERSITY_1 : COLLEGE_1);
    else if (s == VOCATIONAL_3)
        p->student = COLLEGE_1;
    else if (s == COLLEGE_3)
        leave_school(p, COLLEGE);
    else if (s == UNIVERSITY_4)
        leave_school(p, UNIVERSITY);
    else if (s >= GRADE_7)
        p->student++;
    else
        make_schooling(c, p, age);
}

static uint8_t bit(int code)
{
    return (uint8_t)(1U << code);
}

static void make_health(struct demo_county *c, struct demo_person *p, int age)
{
    struct demo_dice *d = &c->dice;
    int old = age > 45 ? age - 45 : 0;
    p->health = 0;
    if (demo_chance(d, 4 + old * 9))
        p->health |= bit(HEALTH_LONG);
    if (demo_chance(d, 2 + age / 9 + old / 3))
        p->health |= bit(HEALTH_SERIOUS);
    if (demo_chance(d, 12 + age / 3 + old))
        p->health |= bit(HEALTH_DISABLED);
    /* One word is the rule; two come together now and then. */
    if (p->health & bit(HEALTH_SERIOUS) && demo_chance(d, 700))
        p->health = bit(HEALTH_SERIOUS);
    if (!p->health)
        p->health = bit(HEALTHY);
}

static void make_labour(struct demo_county *c, struct demo_person *p, int age)
{
    struct demo_dice *d = &c->dice;
    bool student = p->student > KINDERGARTEN;
    p->labour = LABOUR_PLAIN;
    if (age < 16 || (student && p->student <= VOCATIONAL_3))
        p->labour = LABOUR_NONE;
    else if (p->health & bit(HEALTH_DISABLED))
        p->labour = (int8_t)(demo_chance(d, 450) ? LABOUR_LOST : LABOUR_WEAK);
    else if (p->health & bit(HEALTH_SERIOUS))
        p->labour = (int8_t)(demo_chance(d, 350) ? LABOUR_LOST : LABOUR_WEAK);
    else if (age >= 75)
        p->labour = LABOUR_NONE;
    else if (age >= 65 || (age >= 60 && p->health & bit(HEALTH_LONG)))
        p->labour = (int8_t)(demo_chance(d, 700) ? LABOUR_WEAK : LABOUR_NONE);
    else if (student)
        p->labour = LABOUR_NONE;
    else if (p->education >= SENIOR && demo_chance(d, 330))
        p->labour = LABOUR_SKILLED;
}

bool demo_can_work(const struct demo_person *p)
{
    return p->labour == LABOUR_PLAIN || p->labour == LABOUR_SKILLED;
}

static void make_work(struct demo_county *c, struct demo_person *p, int age)
{
    /* Place: none, township, county, province, outside the province, abroad. */
    static const int young[] = {180, 60, 150, 230, 378, 2}, old[] = {620, 130, 100, 80, 70, 0};
    static const double pay[] = {0, 2100, 2600, 3400, 4300, 6500};
    struct demo_dice *d = &c->dice;
    p->work_place = 0;
    p->work_months = 0;
    p->wage = 0;
    p->welfare_post = false;
    if (!demo_can_work(p) && !(p->labour == LABOUR_WEAK && demo_chance(d, 60)))
        return;
    p->work_place = (int8_t)demo_pick(d, age < 48 && p->labour != LABOUR_WEAK ? young : old, 6);
    if (p->labour == LABOUR_WEAK && p->work_place > 2)
        p->work_place = 1;
    if (!p->work_place) {
        p->welfare_post = age >= 40 && age < 70 && demo_chance(d, 25);
        return;
    }
    p->work_months =
        (int8_t)(p->work_place >= 3 ? demo_between(d, 6, 11) : demo_between(d, 2, 11));
    p->wage = (int32_t)(demo_amount(d, pay[p->work_place], 0.28) / 50) * 50;
    if (p->labour == LABOUR_SKILLED)
        p->wage = p->wage * 13 / 10;
}

static void make_phone(struct demo_county *c, struct demo_person *p)
{
    /* 154 is given to no operator. */
    snprintf(p->phone, sizeof p->phone, "1540%07u", (unsigned)c->next_phone % 10000000U);
    c->next_phone += demo_between(&c->dice, 1, 90);
}

void demo_person_fill(struct demo_county *c, struct demo_person *p)
{
    int age = demo_age(c, p);
    make_identity(c, p);
    make_schooling(c, p, age);
    make_health(c, p, age);
    make_labour(c, p, age);
    make_work(c, p, age);
    p->serious_illness_insured = demo_chance(&c->dice, 985);
    if (age >= 16 && demo_chance(&c->dice, age < 65 ? 720 : 380))
        make_phone(c, p);
}

void demo_person_year(struct demo_county *c, struct demo_person *p)
{
    struct demo_dice *d = &c->dice;
    int age = demo_age(c, p);
    bool was_student = p->student != MISSING;
    next_grade(c, p, age);
    bool ill = age > 30 && demo_chance(d, 12);
    if (ill)
        p->health = bit(demo_chance(d, 250) ? HEALTH_SERIOUS : HEALTH_LONG);
    if (ill || age == 16 || age == 60 || age == 65 || age == 75 ||
        (was_student && p->student == MISSING))
        make_labour(c, p, age);
    if (!demo_can_work(p) || p->work_place == 0 || demo_chance(d, 180)) {
        if (demo_chance(d, p->work_place || was_student ? 1000 : 150))
            make_work(c, p, age);
    } else {
        p->wage += p->wage * demo_between(d, -2, 11) / 100 / 10 * 10;
        int months = p->work_months + demo_between(d, -1, 1);
        p->work_months = (int8_t)(months < 1 ? 1 : months > 12 ? 12 : months);
    }
    if (p->phone[0] && demo_chance(d, 20))
        make_phone(c, p);
}
