/* What a made-up person or household says to each indicator. Facts that the generator does not
 * carry from year to year (insurance, kind of disability, position …) are thrown here from dice
 * of the person's or household's own number, so that they stay what they were. */
#include "web/demo.h"

#include <assert.h>
#include <string.h>

enum {
    HOUSE_BAD = 3, /* grade C and worse */
    TAP_WATER = 1,
    FIREWOOD = 1,
    DISABLED_BODY = 4,
    GRADES = 4,
    PENSION_AGE = 60,
    SENIOR_YEAR_1 = 7,
    VOCATIONAL_YEAR_1 = 10,
    COLLEGE_YEAR_3 = 15,
    MICRO_DEGREES = 1000000,
};
enum demo_measure {
    MEASURE_BUSINESS = 1,
    MEASURE_JOB = 2,
    MEASURE_POST = 4,
    MEASURE_HOUSE = 5,
    MEASURE_WATER = 7,
    MEASURE_HEALTH = 8,
    MEASURE_EDUCATION = 9,
    MEASURE_PROTECTION = 11,
};
enum demo_guarantee { FOOD = 1, CLOTHES, SCHOOLING, MEDICAL, HOUSING, WATER };

/* Dice that belong to one fact of one person or household for ever. */
static struct demo_dice own_dice(int32_t code, const char *fact)
{
    struct demo_dice d;
    uint64_t seed = (uint64_t)code * 0x9e3779b97f4a7c15U;
    for (const char *c = fact; *c; c++)
        seed = (seed ^ (unsigned char)*c) * 0x100000001b3U;
    demo_dice_seed(&d, seed);
    return d;
}

static bool own_chance(int32_t code, const char *fact, int per_mille)
{
    struct demo_dice d = own_dice(code, fact);
    return demo_chance(&d, per_mille);
}

static int own_between(int32_t code, const char *fact, int low, int high)
{
    struct demo_dice d = own_dice(code, fact);
    return demo_between(&d, low, high);
}

static bool has_health(const struct demo_person *p, int health)
{
    return p->health >> health & 1;
}

/* ---- people ---- */

struct person_fact {
    const struct demo_county *c;
    const struct demo_household *h;
    const struct demo_person *p;
};
typedef struct value (*person_fn)(const struct person_fact *f);

static struct value code_or_missing(int code)
{
    return code == MISSING ? value_missing() : value_int(code);
}
static struct value get_ethnic(const struct person_fact *f)
{
    return value_int(f->p->ethnic);
}
static struct value get_education(const struct person_fact *f)
{
    return code_or_missing(f->p->education);
}
static struct value get_student(const struct person_fact *f)
{
    return code_or_missing(f->p->student);
}
static struct value get_health(const struct person_fact *f)
{
    return value_int(f->p->health);
}
static struct value get_labour(const struct person_fact *f)
{
    return value_int(f->p->labour);
}
static struct value get_work_place(const struct person_fact *f)
{
    return f->p->labour == LABOUR_NONE ? value_missing() : value_int(f->p->work_place);
}
static struct value get_work_months(const struct person_fact *f)
{
    return f->p->work_months ? value_int((int64_t)f->p->work_months * 10) : value_missing();
}
static struct value get_serious_illness(const struct person_fact *f)
{
    return value_int(f->p->serious_illness_insured);
}
static bool medical_insured(const struct demo_person *p)
{
    return own_chance(p->code, "medical", 991);
}
static struct value get_medical_resident(const struct person_fact *f)
{
    return value_int(medical_insured(f->p));
}
static struct value get_pension_resident(const struct person_fact *f)
{
    bool student = f->p->student > 2;
    if (demo_age(f->c, f->p) < 16 || student)
        return value_missing();
    return value_int(own_chance(f->p->code, "pension", 940));
}
static struct value get_disability_kind(const struct person_fact *f)
{
    if (!has_health(f->p, HEALTH_DISABLED))
        return value_missing();
    bool body = own_chance(f->p->code, "body", 560);
    return value_int(body ? DISABLED_BODY : own_between(f->p->code, "kind", 1, 7));
}
static int disability_grade(const struct demo_person *p)
{
    bool weak = p->labour == LABOUR_LOST || p->labour == LABOUR_NONE;
    return own_between(p->code, "grade", weak ? 1 : GRADES - 1, GRADES);
}
static struct value get_disability_grade(const struct person_fact *f)
{
    return has_health(f->p, HEALTH_DISABLED) ? value_int(disability_grade(f->p))
                                             : value_missing();
}
static struct value get_low_income(const struct person_fact *f)
{
    bool receives = f->h->attribute == ATTRIBUTE_ALLOWANCE;
    return value_int(receives ? own_between(f->h->code, "class", 1, 3) : 0);
}
static struct value get_destitute(const struct person_fact *f)
{
    return value_int(f->h->attribute == ATTRIBUTE_DESTITUTE ? 2 : 0);
}
static struct value get_medical_self_paid(const struct person_fact *f)
{
    struct demo_dice d = own_dice(f->p->code + f->c->year * 7, "paid");
    if (has_health(f->p, HEALTHY))
        return value_int(demo_chance(&d, 300) ? (int64_t)demo_amount(&d, 180, 0.8) * 100 : 0);
    double median = has_health(f->p, HEALTH_SERIOUS) ? 6500 : 1400;
    return value_int((int64_t)demo_amount(&d, median, 0.9) * 100);
}
static struct value get_monthly_wage(const struct person_fact *f)
{
    return f->p->work_place && f->p->wage ? value_int((int64_t)f->p->wage * 100)
                                          : value_missing();
}
static struct value get_welfare_post(const struct person_fact *f)
{
    return f->p->welfare_post ? value_int(own_between(f->p->code, "post", 1, 8))
                              : value_missing();
}
static struct value get_rain_dew(const struct person_fact *f)
{
    bool trade = f->p->student >= VOCATIONAL_YEAR_1 && f->p->student <= COLLEGE_YEAR_3;
    if (!trade)
        return value_missing();
    bool helped = f->h->attribute != ATTRIBUTE_NONE || f->h->monitor != MONITOR_NONE;
    return value_int(helped && own_chance(f->p->code, "rain", 950));
}
static struct value get_ecommerce_trained(const struct person_fact *f)
{
    if (!demo_can_work(f->p))
        return value_missing();
    return value_int(own_chance(f->p->code, "trained", f->h->online_shop ? 400 : 25));
}

static const struct {
    const char *code;
    person_fn get;
} person_values[] = {
    {"ethnic", get_ethnic},
    {"education", get_education},
    {"student", get_student},
    {"health", get_health},
    {"labour_skill", get_labour},
    {"work_place", get_work_place},
    {"work_months", get_work_months},
    {"serious_illness", get_serious_illness},
    {"medical_resident", get_medical_resident},
    {"pension_resident", get_pension_resident},
    {"disability_kind", get_disability_kind},
    {"disability_grade", get_disability_grade},
    {"low_income_allowance", get_low_income},
    {"destitute_support", get_destitute},
    {"medical_self_paid", get_medical_self_paid},
    {"monthly_wage", get_monthly_wage},
    {"welfare_post", get_welfare_post},
    {"rain_dew", get_rain_dew},
    {"ecommerce_trained", get_ecommerce_trained},
};

struct value demo_person_value(const struct demo_county *c, const struct demo_household *h,
                               const struct demo_person *p, const char *code)
{
    const struct person_fact f = {c, h, p};
    struct value v = value_missing();
    for (size_t i = 0; i < sizeof person_values / sizeof *person_values; i++)
        if (!strcmp(person_values[i].code, code))
            v = person_values[i].get(&f);
    return v;
}

/* ---- households ---- */

static int64_t set_of(int code)
{
    return (int64_t)1 << code;
}

/* Somebody of the household for whom `is` holds. */
static bool any_member(const struct demo_county *c, const struct demo_household *h,
                       bool (*is)(const struct demo_county *c, const struct demo_person *p))
{
    for (int32_t i = demo_member(c, h->first); i >= 0; i = demo_member(c, c->people[i].next))
        if (is(c, &c->people[i]))
            return true;
    return false;
}
static bool is_out_of_school(const struct demo_county *c, const struct demo_person *p)
{
    int age = demo_age(c, p);
    return age >= 7 && age < 15 && p->student == MISSING;
}
static bool is_uninsured(const struct demo_county *c, const struct demo_person *p)
{
    (void)c;
    return !medical_insured(p);
}
static bool is_ill(const struct demo_county *c, const struct demo_person *p)
{
    (void)c;
    return has_health(p, HEALTH_LONG) || has_health(p, HEALTH_SERIOUS);
}
static bool is_disabled(const struct demo_county *c, const struct demo_person *p)
{
    (void)c;
    return has_health(p, HEALTH_DISABLED);
}
static bool works(const struct demo_county *c, const struct demo_person *p)
{
    (void)c;
    return p->work_place > 0;
}
static bool has_post(const struct demo_county *c, const struct demo_person *p)
{
    (void)c;
    return p->welfare_post;
}
static bool studies_long(const struct demo_county *c, const struct demo_person *p)
{
    (void)c;
    return p->student >= SENIOR_YEAR_1;
}

static int64_t guarantees_held(const struct demo_county *c, const struct demo_household *h)
{
    bool very_poor = h->per_head_minor < 150000;
    int64_t held = 0;
    if (!very_poor || own_chance(h->code, "food", 900))
        held |= set_of(FOOD);
    if (!very_poor || own_chance(h->code, "clothes", 850))
        held |= set_of(CLOTHES);
    if (!any_member(c, h, is_out_of_school))
        held |= set_of(SCHOOLING);
    if (!any_member(c, h, is_uninsured))
        held |= set_of(MEDICAL);
    if (h->house_grade < HOUSE_BAD)
        held |= set_of(HOUSING);
    if (h->water_safe && !h->water_difficult)
        held |= set_of(WATER);
    return held;
}

/* Help that fits what the household lacks; now and then one is forgotten. */
static int64_t help_measures(const struct demo_county *c, const struct demo_household *h)
{
    if (h->attribute == ATTRIBUTE_NONE && h->monitor == MONITOR_NONE)
        return 0;
    const struct {
        bool fits;
        int measure;
    } rows[] = {
        {h->cooperative, MEASURE_BUSINESS},
        {any_member(c, h, works), MEASURE_JOB},
        {any_member(c, h, has_post), MEASURE_POST},
        {h->dangerous_house, MEASURE_HOUSE},
        {!h->water_safe, MEASURE_WATER},
        {any_member(c, h, is_ill), MEASURE_HEALTH},
        {any_member(c, h, studies_long), MEASURE_EDUCATION},
        {h->attribute == ATTRIBUTE_ALLOWANCE || h->attribute == ATTRIBUTE_DESTITUTE ||
             any_member(c, h, is_disabled),
         MEASURE_PROTECTION},
    };
    int64_t set = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].fits && own_chance(h->code + rows[i].measure * 1000003, "help", 930))
            set |= set_of(rows[i].measure);
    return set;
}

/* What else bears on a household that names a cause: facts that would be causes too. */
static struct value other_causes(const struct demo_county *c, const struct demo_household *h)
{
    int64_t set = 0;
    if (h->cause == MISSING)
        return value_missing();
    if (any_member(c, h, is_ill) && own_chance(h->code, "second illness", 600))
        set |= set_of(CAUSE_ILLNESS);
    if (any_member(c, h, is_disabled) && own_chance(h->code, "second disability", 700))
        set |= set_of(CAUSE_DISABILITY);
    if (any_member(c, h, studies_long) && own_chance(h->code, "second school", 500))
        set |= set_of(CAUSE_SCHOOL);
    if (own_chance(h->code, "second labour", 150))
        set |= set_of(CAUSE_LABOUR);
    set &= ~set_of(h->cause);
    return set ? value_int(set) : value_missing();
}

/* Yuan of the kinds below a top kind (or a cost), in minor units. */
static int64_t income_of(const struct demo_household *h, const char *top)
{
    int64_t yuan = 0;
    for (int i = 0; i < h->income_count; i++) {
        const struct income_kind *kind = h->incomes[i].kind;
        while (kind->parent)
            kind = kind->parent;
        if (!strcmp(kind->code, top))
            yuan += h->incomes[i].yuan;
    }
    return yuan * 100;
}

/* Where it stands: villages round their township's seat, hamlets round their village, houses
 * round their hamlet. */
static int64_t position(const struct demo_county *c, const struct demo_household *h, bool east)
{
    const struct demo_place *v = &c->villages[h->village];
    const int across = 4;
    const int64_t step = MICRO_DEGREES / 6;
    const char *axis = east ? "east" : "north";
    int64_t at = east ? 107 * (int64_t)MICRO_DEGREES + v->parent % across * step
                      : 26 * (int64_t)MICRO_DEGREES + v->parent / across * step;
    at += own_between(v->parent + 1, axis, (int)(-step / 6), (int)(step / 6));
    at += own_between(h->village + 1000, axis, (int)(-step / 2), (int)(step / 2));
    at += own_between(h->village * 16 + h->hamlet + 50000, axis, (int)(-step / 16),
                      (int)(step / 16));
    return at + own_between(h->code + 100000, axis, (int)(-step / 90), (int)(step / 90));
}

struct value demo_household_value(const struct demo_county *c, const struct demo_household *h,
                                  const char *code)
{
    int64_t wages = income_of(h, "wages"), production = income_of(h, "production");
    int64_t property = income_of(h, "property"), transfers = income_of(h, "transfers");
    int64_t cost = income_of(h, "production_costs");
    int64_t total = wages + production + property + transfers;
    bool watched = h->monitor != MONITOR_NONE;
    const struct {
        const char *code;
        int64_t value;
    } values[] = {
        {"household_type", h->attribute == ATTRIBUTE_NONE ? 0 : 1},
        {"poor_attribute", h->attribute},
        {"exit_status", h->exit_status},
        {"main_cause", h->cause},
        {"monitoring_class", h->monitor},
        {"monitored_on", watched ? h->monitored_on : MISSING},
        {"risk_1", watched ? h->cause : MISSING},
        {"dangerous_house", h->dangerous_house},
        {"water_safe", h->water_safe},
        {"water_difficult", h->water_difficult},
        {"arable_mu", h->arable},
        {"paddy_mu", h->paddy},
        {"dry_land_mu", h->arable - h->paddy},
        {"forest_mu", h->forest},
        {"house_m2", (int64_t)h->house_m2 * 100},
        {"house_structure", h->house_structure},
        {"house_grade", h->house_grade},
        {"water_supply", h->water_supply},
        {"road_km", (h->road_m + 5) / 10},
        {"road_type", h->road_type},
        {"fuel", h->fuel},
        {"cooperative", h->cooperative},
        {"online_shop", h->online_shop},
        {"guarantees_held", guarantees_held(c, h)},
        {"toilet", own_chance(h->code, "toilet", h->water_supply == TAP_WATER ? 880 : 420)},
        {"power", own_chance(h->code, "power", 999)},
        {"television", own_chance(h->code, "television", 930)},
        {"broadband", own_chance(h->code, "broadband", h->fuel == FIREWOOD ? 480 : 760)},
        {"help_measures", help_measures(c, h)},
        {"visits_in_year", own_between(h->code + c->year, "visits", watched ? 3 : 0, 12)},
        {"longitude", position(c, h, true)},
        {"latitude", position(c, h, false)},
        {"wage_income", wages},
        {"production_income", production},
        {"property_income", property},
        {"transfer_income", transfers},
        {"total_income", total},
        {"production_cost", cost},
        {"net_income", total - cost},
        {"net_income_per_head", h->per_head_minor},
    };
    if (!strcmp(code, "other_causes"))
        return other_causes(c, h);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (!strcmp(values[i].code, code))
            return values[i].value == MISSING ? value_missing() : value_int(values[i].value);
    return value_missing();
}
