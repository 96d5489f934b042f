/* Incomes and costs of a made-up household by kind, and its net income per head. */
#include "base/money.h"
#include "web/demo.h"

#include <assert.h>
#include <string.h>

enum { BASE_YEAR = 2024, MONEY_UNITS = 100 };

/* What one household's incomes are worked out from. */
struct earner {
    struct cx *cx;
    struct demo_county *c;
    struct demo_household *h;
    const struct demo_place *village, *township;
    double prices; /* against BASE_YEAR */
    int size, old, pupils, disabled, ill, able_at_home;
};

static void put(struct earner *e, const char *code, double yuan)
{
    struct demo_household *h = e->h;
    int32_t rounded = (int32_t)(yuan + 0.5);
    if (rounded <= 0 || h->income_count == DEMO_INCOMES_MAX)
        return;
    const struct income_kind *kind = profile_income_code(e->cx->profile, str_of(code));
    assert(kind);
    for (int i = 0; i < h->income_count; i++) {
        if (h->incomes[i].kind == kind) {
            h->incomes[i].yuan += rounded;
            return;
        }
    }
    h->incomes[h->income_count++] = (struct demo_income){kind, rounded};
}

static void count_members(struct earner *e)
{
    const struct demo_county *c = e->c;
    for (int32_t i = demo_member(c, e->h->first); i >= 0;
         i = demo_member(c, c->people[i].next)) {
        const struct demo_person *p = &c->people[i];
        e->size++;
        e->old += demo_age(c, p) >= 60;
        e->pupils += p->student > 0;
        e->disabled += p->health >> HEALTH_DISABLED & 1;
        e->ill += p->health >> HEALTH_SERIOUS & 1;
        e->able_at_home += p->labour <= LABOUR_WEAK && p->work_place <= 2;
    }
}

static void wages(struct earner *e)
{
    const struct demo_county *c = e->c;
    for (int32_t i = demo_member(c, e->h->first); i >= 0;
         i = demo_member(c, c->people[i].next)) {
        const struct demo_person *p = &c->people[i];
        /* What reaches the household: who works far away lives there too. */
        double share = p->work_place >= 3 ? 0.75 : 0.95;
        put(e, p->work_place >= 3 ? "wages_away" : "wages_local",
            p->wage * p->work_months * share);
        if (p->welfare_post)
            put(e, "wages_welfare_post", 700 * 12);
    }
}

static void crops(struct earner *e)
{
    static const char *const specialities[] = {
        "tea", "fruit", "vegetables", "tobacco", "mushrooms", "medicinal_herbs", "oil_crops"};
    struct demo_dice *d = &e->c->dice;
    struct demo_household *h = e->h;
    if (!e->able_at_home)
        return;
    double dry = (h->arable - h->paddy) / 100.0, rice = h->paddy / 100.0 * 950;
    double good_year = e->prices * demo_amount(d, 1, 0.18);
    double maize = dry * 0.5 * 700, rest = dry * 0.5;
    double special = rest * demo_amount(d, 1900, 0.5) * h->luck;
    bool has_special = demo_chance(d, 450);
    put(e, "rice", rice * good_year);
    put(e, "maize", maize * good_year);
    put(e, has_special ? specialities[e->township->speciality] : "potato",
        (has_special ? special : rest * 600) * good_year);
    double sum = (rice + maize + (has_special ? special : rest * 600)) * good_year;
    put(e, "cost_fertiliser", sum * demo_between(d, 9, 16) / 100);
    put(e, "cost_seed", sum * demo_between(d, 3, 7) / 100);
    put(e, "cost_pesticide", sum * demo_between(d, 1, 4) / 100);
    if (demo_chance(d, 350))
        put(e, "cost_labour_machine", sum * demo_between(d, 3, 9) / 100);
}

static void animals(struct earner *e)
{
    struct demo_dice *d = &e->c->dice;
    if (!e->able_at_home)
        return;
    double feed = 0;
    if (demo_chance(d, 420)) {
        double pigs = demo_between(d, 1, 4) * demo_amount(d, 2100, 0.25) * e->prices;
        put(e, "pig", pigs);
        feed += pigs * 0.5;
    }
    if (demo_chance(d, 110)) {
        double cattle = demo_between(d, 1, 3) * demo_amount(d, 7000, 0.3) * e->prices;
        put(e, "cattle_sheep", cattle);
        feed += cattle * 0.35;
    }
    if (demo_chance(d, 380)) {
        double poultry = demo_amount(d, 650, 0.6) * e->prices;
        put(e, "poultry_income", poultry);
        feed += poultry * 0.3;
    }
    if (demo_chance(d, 8))
        put(e, "beekeeping", demo_amount(d, 5200, 0.5));
    put(e, "cost_feed", feed);
}

static void business(struct earner *e)
{
    struct demo_dice *d = &e->c->dice;
    if (e->h->online_shop) {
        double sales = demo_amount(d, 9000, 0.9) * e->h->luck;
        put(e, "online_trade", sales);
        put(e, "cost_platform", sales * 0.14);
    }
    if (demo_chance(d, 35))
        put(e, "trade", demo_amount(d, 16000, 0.6) * e->h->luck);
    if (demo_chance(d, 18))
        put(e, "transport", demo_amount(d, 14000, 0.5));
    if (e->h->forest > 0 && demo_chance(d, 140))
        put(e, "forestry", e->h->forest / 100.0 * demo_amount(d, 120, 0.6));
}

static void property(struct earner *e)
{
    struct demo_dice *d = &e->c->dice;
    bool lifted = e->h->attribute != ATTRIBUTE_NONE;
    if (!e->able_at_home || demo_chance(d, 180))
        put(e, "land_lease", e->h->arable / 100.0 * demo_between(d, 300, 600) * 0.6);
    if (e->h->cooperative)
        put(e, "collective_dividend", demo_between(d, 8, 60) * 10);
    if (lifted && demo_chance(d, 400))
        put(e, "asset_dividend", demo_between(d, 20, 90) * 10);
    if (lifted && demo_chance(d, 90))
        put(e, "photovoltaic", demo_between(d, 100, 300) * 10);
}

static void transfers(struct earner *e)
{
    struct demo_dice *d = &e->c->dice;
    const struct demo_household *h = e->h;
    bool lifted = h->attribute != ATTRIBUTE_NONE;
    put(e, "arable_protection", h->arable / 100.0 * 86);
    put(e, "pension", e->old * 12 * (demo_between(d, 130, 190) * e->prices));
    if (h->attribute == ATTRIBUTE_ALLOWANCE)
        put(e, "low_income_money", e->size * demo_between(d, 250, 430) * 12 * e->prices);
    if (h->attribute == ATTRIBUTE_DESTITUTE)
        put(e, "destitute_money", e->size * 900 * 12 * e->prices);
    if (e->disabled && lifted)
        put(e, "disability_living_money", e->disabled * 80 * 12);
    if (h->forest > 0 && demo_chance(d, 300))
        put(e, "forest_compensation", h->forest / 100.0 * 16);
    if (e->pupils && lifted)
        put(e, "nutrition_money", e->pupils * 1000 * 0.6);
    if (e->ill)
        put(e, "medical_repaid", demo_amount(d, 9000, 0.9) * e->ill);
    if (h->monitor != MONITOR_NONE && demo_chance(d, 400))
        put(e, "temporary_relief", demo_between(d, 5, 30) * 100);
    if (e->old == e->size)
        put(e, "family_support", demo_amount(d, 4200, 0.6) * e->size);
}

/* Who is left with next to nothing gets the allowance, or is not yet found. */
static void allowance(struct earner *e)
{
    double yuan = 0;
    for (int i = 0; i < e->h->income_count; i++)
        yuan += e->h->incomes[i].yuan * e->h->incomes[i].kind->sign;
    bool poor = yuan / e->size < 5200 * e->prices;
    if (poor && e->h->attribute != ATTRIBUTE_DESTITUTE && demo_chance(&e->c->dice, 780))
        put(e, "low_income_money", e->size * demo_between(&e->c->dice, 300, 460) * 12);
}

static bool is_production_cost(const struct income_kind *kind)
{
    while (kind->parent)
        kind = kind->parent;
    return !strcmp(kind->code, "production_costs");
}

/* Net income (A52) = all incomes less the cost of production; per head (A53) by the members
 * present. Source: domain/register.md 2.4. */
static void per_head(struct earner *e)
{
    int64_t minor = 0;
    for (int i = 0; i < e->h->income_count; i++) {
        const struct demo_income *in = &e->h->incomes[i];
        if (in->kind->sign > 0)
            minor += (int64_t)in->yuan * MONEY_UNITS;
        else if (is_production_cost(in->kind))
            minor -= (int64_t)in->yuan * MONEY_UNITS;
    }
    bool fits = money_div_half_up(&e->h->per_head_minor, minor, e->size);
    assert(fits);
    (void)fits;
}

enum rc demo_incomes_make(struct cx *cx, struct demo_county *c)
{
    for (int i = 0; i < c->household_count; i++) {
        struct demo_household *h = &c->households[i];
        const struct demo_place *village = &c->villages[h->village];
        struct earner e = {.cx = cx,
                           .c = c,
                           .h = h,
                           .village = village,
                           .township = &c->townships[village->parent],
                           .prices = 1 + (c->year - BASE_YEAR) * 0.03};
        h->income_count = 0;
        count_members(&e);
        if (!e.size)
            h->gone = true;
        if (h->gone)
            continue;
        wages(&e);
        crops(&e);
        animals(&e);
        business(&e);
        property(&e);
        transfers(&e);
        allowance(&e);
        per_head(&e);
    }
    return RC_OK;
}
