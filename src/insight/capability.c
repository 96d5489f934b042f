/* Earned against transferred income, and what lasts when support ends. */
#include "insight/capability.h"

#include "base/text.h"
#include "insight/attach.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int rule_index(const struct profile *p, const char *code)
{
    for (size_t i = 0; i < p->rules->derived_count; i++)
        if (!strcmp(p->rules->derived[i].code, code))
            return (int)i;
    return -1;
}

static double currency_unit(const struct cx *cx)
{
    return pow(10, cx->profile->currency_decimals);
}

/* One year's incomes by row of its population; NaN: no incomes are written down. */
struct year_incomes {
    struct population *p;
    double *earned, *transferred; /* of the household, whole units */
    int8_t *supported;            /* 1, 0, -1 not known; NULL: not asked */
    struct capability_year *sums; /* NULL: not asked */
    struct column earned_of[CAPABILITY_KINDS], transferred_of[CAPABILITY_KINDS];
    struct column rule[CAPABILITY_RULES], support;
    double rule_scale[CAPABILITY_RULES];
    const struct cx *cx;
};

static enum rc open_county(struct cx *cx, void *arg, struct columns *c)
{
    struct year_incomes *y = arg;
    const struct profile *p = cx->profile;
    for (size_t k = 0; k < p->earned_income_count; k++)
        TRY(columns_income(&y->earned_of[k], cx, c, p->earned_incomes[k]->number, y->p->year));
    for (size_t k = 0; k < p->transferred_income_count; k++)
        TRY(columns_income(&y->transferred_of[k], cx, c, p->transferred_incomes[k]->number,
                           y->p->year));
    for (size_t k = 0; y->sums && k < p->capability_count; k++) {
        int rule = rule_index(p, p->capability[k]);
        TRY(columns_derived(&y->rule[k], cx, c, (size_t)rule, y->p->year));
        y->rule_scale[k] =
            pow(10, rule_root_type(p->rules->derived_program, (size_t)rule).decimals);
    }
    if (y->supported)
        TRY(columns_derived(&y->support, cx, c, (size_t)rule_index(p, p->support_rule),
                            y->p->year));
    return RC_OK;
}

/* Sum of kinds, costs less; missing when the household has no incomes. */
static double sum_of(const struct column *columns, const struct income_kind *const *kinds,
                     size_t count, size_t row, double unit)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++) {
        int64_t v = column_at(columns[k], row);
        if (v == COLUMN_MISSING)
            return NAN;
        sum += (double)(v * kinds[k]->sign);
    }
    return sum / unit;
}

static void add_rules(struct year_incomes *y, size_t row)
{
    for (size_t k = 0; k < y->cx->profile->capability_count; k++) {
        int64_t v = column_at(y->rule[k], row);
        if (v == COLUMN_MISSING)
            continue;
        y->sums->rule[k] += (double)v / y->rule_scale[k];
        y->sums->rule_rows[k]++;
    }
}

static void add_sums(struct year_incomes *y, size_t i, size_t row)
{
    const struct profile *p = y->cx->profile;
    struct capability_year *s = y->sums;
    double earned = y->earned[i], transferred = y->transferred[i];
    add_rules(y, row);
    if (isnan(earned) || isnan(transferred)) {
        s->left_out++;
        return;
    }
    s->households++;
    s->people += y->p->w[i];
    s->earned += earned;
    s->transferred += transferred;
    s->mostly_transfers += transferred > 0 && transferred > earned;
    for (size_t k = 0; k < p->earned_income_count; k++) {
        int64_t v = column_at(y->earned_of[k], row);
        s->kind[k] += (double)v / currency_unit(y->cx);
        s->has_kind[k] += v > 0;
    }
}

static void read_row(void *arg, size_t i, int64_t row)
{
    struct year_incomes *y = arg;
    const struct profile *p = y->cx->profile;
    y->earned[i] = y->transferred[i] = NAN;
    if (row < 0)
        return;
    double unit = currency_unit(y->cx);
    y->earned[i] =
        sum_of(y->earned_of, p->earned_incomes, p->earned_income_count, (size_t)row, unit);
    y->transferred[i] = sum_of(y->transferred_of, p->transferred_incomes,
                               p->transferred_income_count, (size_t)row, unit);
    if (y->supported) {
        int64_t v = column_at(y->support, (size_t)row);
        y->supported[i] = v == COLUMN_MISSING ? -1 : (int8_t)v;
    }
    if (y->sums)
        add_sums(y, i, (size_t)row);
}

/* Opens a year of a scope that counts people; with `support` also income against the line. The
 * caller closes y->p, also on failure when it is not NULL. */
static enum rc read_year(struct year_incomes *y, struct cx *cx, const struct scope *s,
                         int32_t year, bool support)
{
    unsigned want = POPULATION_ID | (support ? 0 : POPULATION_NO_WELFARE);
    assert(!s->households);
    TRY(population_open(&y->p, cx, s, year, NULL, want));
    struct cx wide = population_cx(cx, y->p);
    y->cx = cx;
    y->earned = arena_array(wide.arena, y->p->n + 1, sizeof *y->earned);
    y->transferred = arena_array(wide.arena, y->p->n + 1, sizeof *y->transferred);
    if (support)
        y->supported = arena_array(wide.arena, y->p->n + 1, sizeof *y->supported);
    if (!y->earned || !y->transferred || (support && !y->supported))
        return fail(cx, RC_LIMIT, _("There are too many households for this page."),
                    "capability");
    return attach_rows(cx, y->p, open_county, read_row, y);
}

static void to_means(struct capability_year *s, const struct profile *p)
{
    double people = s->people > 0 ? s->people : NAN;
    s->earned /= people;
    s->transferred /= people;
    for (size_t k = 0; k < p->earned_income_count; k++)
        s->kind[k] /= people;
    for (size_t k = 0; k < p->capability_count; k++)
        s->rule[k] /= s->rule_rows[k] ? (double)s->rule_rows[k] : NAN;
}

enum rc capability_make(struct capability *out, struct cx *cx, const struct scope *s)
{
    const struct profile *p = cx->profile;
    struct scope people = *s;
    people.households = false;
    *out = (struct capability){0};
    if (!p->earned_income_count || !p->transferred_income_count)
        return fail(
            cx, RC_INVALID,
            _("This profile does not say which incomes are earned and which transferred."),
            "capability");
    size_t first = s->year_count > CAPABILITY_YEARS ? s->year_count - CAPABILITY_YEARS : 0;
    for (size_t i = first; i < s->year_count; i++) {
        struct capability_year *sums = &out->years[out->year_count];
        struct year_incomes y = {.sums = sums};
        *sums = (struct capability_year){.year = s->years[i]};
        enum rc rc = read_year(&y, cx, &people, s->years[i], false);
        if (y.p)
            population_close(y.p);
        TRY(rc);
        to_means(sums, p);
        out->year_count++;
    }
    return RC_OK;
}

/* ---- after support ---- */

struct id_row {
    int64_t household;
    size_t row;
};
static int by_household(const void *a, const void *b)
{
    int64_t x = ((const struct id_row *)a)->household,
            y = ((const struct id_row *)b)->household;
    return x < y ? -1 : x > y;
}

static void add_after(struct capability_after *a, const struct year_incomes *y[2],
                      size_t row[2])
{
    a->households++;
    for (int k = 0; k < 2; k++) {
        const struct population *p = y[k]->p;
        double w = p->w[row[k]];
        a->people += k ? 0 : w;
        a->earned[k] += y[k]->earned[row[k]];
        a->transferred[k] += y[k]->transferred[row[k]];
        double income = p->y[row[k]], line = population_line_of(p, row[k]);
        a->poor[k] += income < line || (p->scope->weak && income <= line) ? w : 0;
    }
}

static void after_means(struct capability_after *a, const double people[2])
{
    for (int k = 0; k < 2; k++) {
        double n = people[k] > 0 ? people[k] : NAN;
        a->earned[k] /= n;
        a->transferred[k] /= n;
        a->poor[k] /= n;
    }
}

static bool usable(const struct year_incomes *y, size_t row)
{
    return !isnan(y->earned[row]) && !isnan(y->transferred[row]) && !isnan(y->p->y[row]);
}

static enum rc compare(struct capability_ended *out, struct cx *cx, struct year_incomes *before,
                       struct year_incomes *after)
{
    const struct year_incomes *both[2] = {before, after};
    struct cx wide = population_cx(cx, after->p);
    struct id_row *later = arena_array(wide.arena, after->p->n + 1, sizeof *later);
    double people[2][2] = {{0}};
    if (!later)
        return fail(cx, RC_LIMIT, _("There are too many households for this page."),
                    "capability");
    for (size_t i = 0; i < after->p->n; i++)
        later[i] = (struct id_row){after->p->household[i], i};
    qsort(later, after->p->n, sizeof *later, by_household);
    for (size_t i = 0; i < before->p->n; i++) {
        struct id_row key = {before->p->household[i], 0};
        const struct id_row *found =
            bsearch(&key, later, after->p->n, sizeof *later, by_household);
        if (!found || before->supported[i] != 1 || after->supported[found->row] < 0 ||
            !usable(before, i) || !usable(after, found->row))
            continue;
        bool goes_on = after->supported[found->row] == 1;
        size_t row[2] = {i, found->row};
        add_after(goes_on ? &out->goes_on : &out->ended, both, row);
        people[goes_on][0] += before->p->w[i];
        people[goes_on][1] += after->p->w[found->row];
    }
    after_means(&out->ended, people[0]);
    after_means(&out->goes_on, people[1]);
    return RC_OK;
}

enum rc capability_ended(struct capability_ended *out, struct cx *cx, const struct scope *s)
{
    struct year_incomes before = {0}, after = {0};
    struct scope people = *s;
    people.households = false;
    *out = (struct capability_ended){0};
    if (!cx->profile->support_rule)
        return fail(cx, RC_INVALID, _("This profile does not say who has support."), "support");
    if (!s->from_year || s->from_year == s->year)
        return fail(cx, RC_INVALID,
                    _("A change needs two years with data: choose an earlier one to compare "
                      "with."),
                    "capability years");
    enum rc rc = read_year(&before, cx, &people, s->from_year, true);
    if (!rc)
        rc = read_year(&after, cx, &people, s->year, true);
    if (!rc)
        rc = compare(out, cx, &before, &after);
    if (before.p)
        population_close(before.p);
    if (after.p)
        population_close(after.p);
    return rc;
}
