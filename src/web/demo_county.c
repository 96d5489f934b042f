/* Households of made-up people, and what a year changes in them. */
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "web/demo.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    HOUSEHOLDS_MIN = 100,
    HOUSEHOLDS_MAX = 100000,
    PER_VILLAGE = 125,
    BIRTH_DAYS = 320 * 366,
    MEMBERS_MAX = 12,
};

/* ---- members ---- */

int32_t demo_member(const struct demo_county *c, int32_t person)
{
    while (person >= 0 && c->people[person].gone)
        person = c->people[person].next;
    return person;
}

int demo_household_size(const struct demo_county *c, const struct demo_household *h)
{
    int count = 0;
    for (int32_t i = demo_member(c, h->first); i >= 0; i = demo_member(c, c->people[i].next))
        count++;
    return count;
}

int32_t demo_household_add(struct demo_county *c, int village)
{
    if (c->household_count == c->household_room)
        return -1;
    struct demo_dice *d = &c->dice;
    struct demo_household *h = &c->households[c->household_count];
    *h = (struct demo_household){.first = -1,
                                 .code = c->household_count + 1,
                                 .village = (int16_t)village,
                                 .exit_status = MISSING,
                                 .cause = MISSING,
                                 .attribute = ATTRIBUTE_NONE,
                                 .monitor = MONITOR_NONE,
                                 .luck = demo_amount(d, 1, 0.35)};
    h->hamlet = (int8_t)demo_between(d, 0, c->villages[village].hamlets - 1);
    return c->household_count++;
}

static int32_t birth_day(struct demo_county *c, int age)
{
    return day_of((struct date){c->year - age, 1, 1}) + demo_between(&c->dice, 0, 364);
}

int32_t demo_person_add(struct demo_county *c, struct demo_household *h, int relation, int sex,
                        int age)
{
    if (c->people_count == c->people_room)
        return -1;
    int32_t at = c->people_count++;
    struct demo_person *p = &c->people[at];
    *p = (struct demo_person){.next = -1,
                              .birth_day = birth_day(c, age),
                              .code = at + 1,
                              .sex = (int8_t)sex,
                              .relation = (int8_t)relation};
    const struct demo_place *v = &c->villages[h->village];
    const int head_ethnic = h->first >= 0 ? c->people[h->first].ethnic : v->ethnic;
    bool other = relation == DEMO_HEAD || relation == DEMO_SPOUSE || relation == DEMO_SONS_WIFE;
    p->ethnic = (int8_t)(other && demo_chance(&c->dice, 110) ? 1 : head_ethnic);
    int32_t *link = &h->first;
    while (*link >= 0)
        link = &c->people[*link].next;
    *link = at;
    demo_person_fill(c, p);
    return at;
}

/* ---- households ---- */

/* What the members of one household share while it is put together. */
struct family {
    struct demo_county *c;
    struct demo_household *h;
    const char *surname; /* of the male line */
};

static void add(struct family *f, int relation, int sex, int age, bool same_name)
{
    struct demo_county *c = f->c;
    age = age < 0 ? 0 : age > 99 ? 99 : age;
    int32_t at = demo_person_add(c, f->h, relation, sex, age);
    if (at < 0)
        return;
    struct demo_person *p = &c->people[at];
    const char *surname = same_name ? f->surname : demo_surname(&c->dice, p->ethnic);
    demo_person_name(p->name, &c->dice, surname, sex, day_date(p->birth_day).year);
}

static int either_sex(struct demo_dice *d)
{
    return demo_chance(d, 525) ? DEMO_MALE : DEMO_FEMALE;
}

/* Up to `most` children of a mother of that age. */
static void add_children(struct family *f, int mother_age, int most, bool of_son)
{
    static const int counts[] = {120, 330, 400, 130, 20};
    struct demo_dice *d = &f->c->dice;
    int count = demo_pick(d, counts, 5), at_birth = demo_between(d, 20, 27);
    for (int i = 0; i < count && i < most; i++) {
        int age = mother_age - at_birth;
        int sex = either_sex(d);
        bool left_home = age > 26 || (age > 22 && demo_chance(d, 400));
        if (age >= 0 && !left_home && !of_son)
            add(f, sex == DEMO_MALE ? DEMO_SON : DEMO_DAUGHTER, sex, age, true);
        else if (age >= 0 && !left_home)
            add(f, sex == DEMO_MALE ? DEMO_GRANDSON : DEMO_GRANDDAUGHTER, sex, age, true);
        at_birth += demo_between(d, 2, 6);
    }
}

static int add_couple(struct family *f, int head_age)
{
    struct demo_dice *d = &f->c->dice;
    int wife_age = head_age - demo_between(d, -2, 6);
    add(f, DEMO_HEAD, DEMO_MALE, head_age, true);
    add(f, DEMO_SPOUSE, DEMO_FEMALE, wife_age, false);
    return wife_age;
}

static void family_alone(struct family *f)
{
    struct demo_dice *d = &f->c->dice;
    int age = demo_chance(d, 750) ? demo_between(d, 60, 88) : demo_between(d, 32, 59);
    add(f, DEMO_HEAD, demo_chance(d, 560) ? DEMO_MALE : DEMO_FEMALE, age, true);
}

static void family_old_couple(struct family *f)
{
    (void)add_couple(f, demo_between(&f->c->dice, 56, 84));
}

static void family_nuclear(struct family *f)
{
    struct demo_dice *d = &f->c->dice;
    int wife_age = add_couple(f, demo_between(d, 26, 54));
    add_children(f, wife_age, 4, false);
}

static void family_one_parent(struct family *f)
{
    struct demo_dice *d = &f->c->dice;
    int age = demo_between(d, 28, 52);
    add(f, DEMO_HEAD, demo_chance(d, 550) ? DEMO_FEMALE : DEMO_MALE, age, true);
    add_children(f, age, 3, false);
}

static void family_with_parents(struct family *f)
{
    struct demo_dice *d = &f->c->dice;
    int head_age = demo_between(d, 28, 55);
    int wife_age = head_age - 2;
    bool married = demo_chance(d, 780);
    if (married)
        wife_age = add_couple(f, head_age);
    else
        add(f, DEMO_HEAD, DEMO_MALE, head_age, true);
    if (married)
        add_children(f, wife_age, 3, false);
    int mother_age = head_age + demo_between(d, 20, 29);
    bool mother = mother_age < 92 && demo_chance(d, 900);
    if (!mother || demo_chance(d, 620))
        add(f, DEMO_FATHER, DEMO_MALE, mother_age + demo_between(d, -1, 4), true);
    if (mother)
        add(f, DEMO_MOTHER, DEMO_FEMALE, mother_age, false);
}

static void family_with_son(struct family *f)
{
    struct demo_dice *d = &f->c->dice;
    int head_age = demo_between(d, 47, 70);
    (void)add_couple(f, head_age);
    int son_age = head_age - demo_between(d, 21, 27);
    add(f, DEMO_SON, DEMO_MALE, son_age, true);
    if (son_age < 24 || demo_chance(d, 200))
        return;
    int wife_age = son_age - demo_between(d, -1, 4);
    add(f, DEMO_SONS_WIFE, DEMO_FEMALE, wife_age, false);
    add_children(f, wife_age, 3, true);
}

static void family_grandchildren(struct family *f)
{
    struct demo_dice *d = &f->c->dice;
    int head_age = demo_between(d, 52, 74);
    (void)add_couple(f, head_age);
    for (int i = demo_between(d, 1, 3); i > 0; i--) {
        int sex = either_sex(d);
        add(f, sex == DEMO_MALE ? DEMO_GRANDSON : DEMO_GRANDDAUGHTER, sex,
            demo_between(d, 1, 14), true);
    }
}

/* ---- what the household has ---- */

static void make_belongings(struct demo_county *c, struct demo_household *h)
{
    static const int structures[] = {30, 180, 640, 110, 40}, roads[] = {20, 60, 850, 70};
    static const int waters[] = {830, 60, 20, 85, 5}, fuels[] = {420, 1, 60, 20, 430, 69};
    struct demo_dice *d = &c->dice;
    int remote = c->villages[h->village].remote;
    int size = demo_household_size(c, h);
    h->arable = (demo_between(d, 30, 190) * (size < 6 ? size : 6));
    h->paddy = (h->arable * demo_between(d, 0, 70 - remote * 20) / 100);
    h->forest = (demo_chance(d, 700) ? demo_between(d, 50, 900) * (1 + remote) : 0);
    h->house_m2 = (demo_between(d, 60, 110) + size * demo_between(d, 4, 22));
    h->house_structure = (int8_t)(1 + demo_pick(d, structures, 5));
    h->house_grade = (int8_t)(demo_chance(d, 820) ? 1 : 2);
    if (h->house_structure <= 2 && demo_chance(d, 35)) {
        h->house_grade = (int8_t)(demo_chance(d, 700) ? 3 : 4);
        h->dangerous_house = true;
    }
    h->water_supply = (int8_t)(1 + demo_pick(d, waters, 5));
    h->water_safe = !demo_chance(d, h->water_supply == 1 ? 2 : 25);
    h->water_difficult = demo_chance(d, 4 + remote * 8);
    h->road_type = (int8_t)(1 + demo_pick(d, roads, 4));
    h->road_m = (int32_t)(demo_amount(d, 300 + 600 * remote, 0.7));
    h->fuel = (int8_t)(1 + demo_pick(d, fuels, 6));
}

/* Members of each sort, for need and causes. */
struct members {
    int all, able, ill, disabled, pupils, workers, old;
};
static struct members members_of(const struct demo_county *c, const struct demo_household *h)
{
    struct members m = {0};
    for (int32_t i = demo_member(c, h->first); i >= 0; i = demo_member(c, c->people[i].next)) {
        const struct demo_person *p = &c->people[i];
        m.all++;
        m.able += demo_can_work(p);
        m.ill += (p->health >> HEALTH_LONG & 1) || (p->health >> HEALTH_SERIOUS & 1);
        m.disabled += p->health >> HEALTH_DISABLED & 1;
        m.pupils += p->student > 6; /* beyond grade 9: schooling that costs */
        m.workers += p->work_place > 0;
        m.old += demo_age(c, p) >= 60;
    }
    return m;
}

/* A cause that the household's facts bear out. */
static int pick_cause(struct demo_county *c, const struct demo_household *h)
{
    struct members m = members_of(c, h);
    const int weights[] = {m.ill ? 300 : 0,
                           m.disabled ? 380 : 0,
                           m.pupils ? 180 : 0,
                           m.able * 2 < m.all ? 260 : 0,
                           m.able && m.workers ? 90 : 0,
                           h->dangerous_house ? 200 : 0,
                           h->water_safe ? 0 : 200,
                           12,
                           10,
                           8,
                           15};
    static const int8_t causes[] = {
        CAUSE_ILLNESS, CAUSE_DISABILITY, CAUSE_SCHOOL,   CAUSE_LABOUR,  CAUSE_WORK, CAUSE_HOUSE,
        CAUSE_WATER,   CAUSE_DISASTER,   CAUSE_ACCIDENT, CAUSE_PROJECT, CAUSE_OTHER};
    return causes[demo_pick(&c->dice, weights, 11)];
}

static void start_monitoring(struct demo_county *c, struct demo_household *h)
{
    struct demo_dice *d = &c->dice;
    if (h->attribute != ATTRIBUTE_NONE)
        h->monitor = MONITOR_UNSTABLE;
    else
        h->monitor = (int8_t)(demo_chance(d, 650) ? MONITOR_EDGE : MONITOR_SUDDEN);
    h->monitored_on = c->year * 12 + demo_between(d, 0, 11);
    h->cause = (int8_t)pick_cause(c, h);
}

/* Who was registered and lifted out of poverty before, and who is watched now. */
static void make_status(struct demo_county *c, struct demo_household *h)
{
    struct demo_dice *d = &c->dice;
    struct members m = members_of(c, h);
    int need = 60 + m.disabled * 160 + m.ill * 90 + m.pupils * 40 + (m.able ? 0 : 120) +
               c->villages[h->village].remote * 70 + (h->luck < 0.75 ? 100 : 0);
    if (demo_chance(d, need > 800 ? 800 : need)) {
        h->exit_status = EXIT_DONE;
        h->attribute = ATTRIBUTE_LIFTED;
        if (m.all == 1 && !m.able && m.old && demo_chance(d, 350))
            h->attribute = ATTRIBUTE_DESTITUTE;
        else if (demo_chance(d, m.able * 2 < m.all ? 420 : 120))
            h->attribute = ATTRIBUTE_ALLOWANCE;
        h->cause = (int8_t)pick_cause(c, h);
    }
    int risk = (h->attribute != ATTRIBUTE_NONE ? 60 : 8) + (h->dangerous_house ? 150 : 0) +
               (m.ill && !m.able ? 60 : 0);
    if (demo_chance(d, risk)) {
        start_monitoring(c, h);
        h->monitored_on -= 12 * demo_between(d, 0, 3);
    }
    h->cooperative = demo_chance(d, h->attribute != ATTRIBUTE_NONE ? 420 : 200);
    h->online_shop = m.able > 0 && demo_chance(d, 28);
}

static void make_household(struct demo_county *c, int village)
{
    static const int shares[] = {80, 130, 300, 40, 190, 200, 60};
    static void (*const kinds[])(struct family *) = {
        family_alone,        family_old_couple, family_nuclear,      family_one_parent,
        family_with_parents, family_with_son,   family_grandchildren};
    int32_t at = demo_household_add(c, village);
    if (at < 0)
        return;
    struct family f = {c, &c->households[at], NULL};
    f.surname = demo_surname(&c->dice, c->villages[village].ethnic);
    kinds[demo_pick(&c->dice, shares, 7)](&f);
    make_belongings(c, f.h);
    make_status(c, f.h);
}

enum rc demo_county_make(struct demo_county **out, struct cx *cx, uint64_t seed, int households,
                         int year)
{
    if (households < HOUSEHOLDS_MIN || households > HOUSEHOLDS_MAX)
        return fail_f(cx, RC_INVALID, _("A demo county has %d to %d households."),
                      HOUSEHOLDS_MIN, HOUSEHOLDS_MAX);
    struct demo_county *c = arena_new(cx->arena, sizeof *c);
    c->household_room = households + households / 20 + 64;
    c->people_room = households * 5;
    c->households = arena_array(cx->arena, (size_t)c->household_room, sizeof *c->households);
    c->people = arena_array(cx->arena, (size_t)c->people_room, sizeof *c->people);
    c->birth_numbers = arena_array(cx->arena, BIRTH_DAYS * 2, sizeof *c->birth_numbers);
    if (!c->households || !c->people || !c->birth_numbers)
        return fail(cx, RC_LIMIT,
                    _("This demo county is too large for the memory of one command."),
                    "households=%d", households);
    demo_dice_seed(&c->dice, seed);
    c->year = year;
    c->next_phone = demo_between(&c->dice, 0, 999999);
    int villages = households / PER_VILLAGE;
    villages = villages < DEMO_TOWNSHIPS ? DEMO_TOWNSHIPS : villages;
    demo_places_make(c, villages > DEMO_VILLAGES ? DEMO_VILLAGES : villages);
    /* Villages differ in size; what is left over goes round. */
    int made = 0;
    for (int i = 0; i < c->village_count; i++) {
        int share = households / c->village_count;
        int count = share * demo_between(&c->dice, 55, 140) / 100;
        for (int k = 0; k < count && made < households; k++, made++)
            make_household(c, i);
    }
    for (int i = 0; made < households; made++, i++)
        make_household(c, i % c->village_count);
    *out = c;
    return demo_incomes_make(cx, c);
}

/* ---- a year later ---- */

/* Death by age, per mille. */
static int death_per_mille(int age)
{
    if (age < 50)
        return 1;
    return age < 65 ? 6 : age < 75 ? 18 : age < 85 ? 50 : 120;
}

static void new_head(struct demo_county *c, struct demo_household *h)
{
    int32_t first = demo_member(c, h->first);
    if (first < 0) {
        h->gone = true;
        return;
    }
    /* Relations are told anew from the new head's side. */
    struct demo_person *head = &c->people[first];
    bool was_spouse = head->relation == DEMO_SPOUSE;
    head->relation = DEMO_HEAD;
    for (int32_t i = demo_member(c, head->next); i >= 0;
         i = demo_member(c, c->people[i].next)) {
        struct demo_person *p = &c->people[i];
        bool keeps = was_spouse && p->relation != DEMO_FATHER && p->relation != DEMO_MOTHER;
        if (!keeps)
            p->relation = DEMO_OTHER_RELATIVE;
    }
}

static void lose_members(struct demo_county *c, struct demo_household *h)
{
    struct demo_dice *d = &c->dice;
    bool head_gone = false;
    for (int32_t i = demo_member(c, h->first); i >= 0; i = demo_member(c, c->people[i].next)) {
        struct demo_person *p = &c->people[i];
        int age = demo_age(c, p);
        bool weds = p->relation == DEMO_DAUGHTER && age >= 20 && demo_chance(d, 90);
        if (!weds && !demo_chance(d, death_per_mille(age)))
            continue;
        p->gone = true;
        head_gone = head_gone || p->relation == DEMO_HEAD;
    }
    if (head_gone)
        new_head(c, h);
}

static void gain_members(struct demo_county *c, struct demo_household *h)
{
    struct demo_dice *d = &c->dice;
    int32_t head = demo_member(c, h->first);
    int son = -1, wife = -1, small = 0;
    if (head < 0 || demo_household_size(c, h) >= MEMBERS_MAX)
        return;
    for (int32_t i = head; i >= 0; i = demo_member(c, c->people[i].next)) {
        const struct demo_person *p = &c->people[i];
        int age = demo_age(c, p);
        if (p->relation == DEMO_SON && age >= 23 && age < 36)
            son = age;
        if ((p->relation == DEMO_SPOUSE || p->relation == DEMO_SONS_WIFE) && age >= 20 &&
            age < 40)
            wife = (unsigned char)p->relation;
        if (p->relation == DEMO_SONS_WIFE)
            son = -1;
        small += age < 18;
    }
    struct family f = {c, h, demo_surname(d, c->people[head].ethnic)};
    char surname[8] = "";
    bool two_characters = !strncmp(c->people[head].name, "欧阳", 6);
    snprintf(surname, sizeof surname, "%.*s", two_characters ? 6 : 3, c->people[head].name);
    if (c->people[head].sex == DEMO_MALE)
        f.surname = surname;
    if (son > 0 && demo_chance(d, 120))
        add(&f, DEMO_SONS_WIFE, DEMO_FEMALE, son - demo_between(d, -1, 3), false);
    if (wife < 0 || !demo_chance(d, small ? 55 : 140))
        return;
    int sex = either_sex(d);
    int relation = sex == DEMO_MALE ? DEMO_SON : DEMO_DAUGHTER;
    if (wife == DEMO_SONS_WIFE)
        relation = sex == DEMO_MALE ? DEMO_GRANDSON : DEMO_GRANDDAUGHTER;
    add(&f, relation, sex, 0, true);
}

static void change_status(struct demo_county *c, struct demo_household *h)
{
    struct demo_dice *d = &c->dice;
    if (h->dangerous_house && demo_chance(d, 600)) {
        h->dangerous_house = false;
        h->house_grade = 1;
    }
    if (!h->water_safe && demo_chance(d, 500))
        h->water_safe = true;
    if (h->water_difficult && demo_chance(d, 300))
        h->water_difficult = false;
    if (h->monitor == MONITOR_NONE && demo_chance(d, h->attribute == ATTRIBUTE_NONE ? 2 : 8))
        start_monitoring(c, h);
    h->luck *= demo_amount(d, 1.02, 0.12);
}

enum rc demo_county_step(struct cx *cx, struct demo_county *c)
{
    c->year++;
    int households = c->household_count, people = c->people_count;
    for (int i = 0; i < people; i++)
        if (!c->people[i].gone)
            demo_person_year(c, &c->people[i]);
    for (int i = 0; i < households; i++) {
        struct demo_household *h = &c->households[i];
        lose_members(c, h);
        gain_members(c, h);
        change_status(c, h);
    }
    for (int i = households / 120; i > 0; i--)
        make_household(c, demo_between(&c->dice, 0, c->village_count - 1));
    return demo_incomes_make(cx, c);
}
