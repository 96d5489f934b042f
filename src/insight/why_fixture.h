/* For the tests of causes, changes and what follows: a county whose households have an income
 * and a cause in given years. */
#ifndef INSIGHT_WHY_FIXTURE_H
#define INSIGHT_WHY_FIXTURE_H

#include "insight/scope.h"
#include "register/columns_fixture.h"

struct fixture_sheet {
    const char *code; /* a new one makes a new household of `people` */
    int village;
    int32_t year;
    int64_t yuan; /* income per head; < 0: none is known */
    int cause;    /* main cause; 0: none */
    int people;
};
/* Writes one household's year. */
static CHECK_UNUSED void fixture_year(struct cx *cx, const struct register_fixture *f,
                                      const struct fixture_sheet *y)
{
    struct household h;
    struct source s = fixture_source(f, 0, 0);
    bool is_new = household_by_code(&h, cx, f->county, str_of(y->code)) != RC_OK;
    err_clear(cx);
    struct household_record *r =
        fixture_household(cx, f->village[y->village], y->code, is_new ? (size_t)y->people : 0);
    r->household_id = is_new ? 0 : h.id;
    r->year = y->year;
    for (int i = 0; is_new && i < y->people; i++)
        fixture_person(r, (size_t)i, i ? "李华" : "王小明", i ? 3 : 1, NULL);
    if (y->yuan >= 0)
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "net_income_per_head",
                      value_int(y->yuan * 100));
    if (y->cause)
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "main_cause", value_int(y->cause));
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "household_type", value_int(1));
    fixture_apply(cx, &s, r);
}

static CHECK_UNUSED void fixture_scope(struct scope *s, struct cx *cx, int64_t area,
                                       const char *line, const char *year,
                                       const char *from_year)
{
    struct pair pairs[4];
    size_t n = 0;
    pairs[n++] =
        (struct pair){STR("area"), str_of(arena_printf(cx->arena, "%lld", (long long)area))};
    pairs[n++] = (struct pair){STR("line"), str_of(line)};
    pairs[n++] = (struct pair){STR("year"), str_of(year)};
    if (from_year)
        pairs[n++] = (struct pair){STR("from_year"), str_of(from_year)};
    check_ok(cx, scope_of_pairs(s, cx, pairs, n));
}

#endif
