/* For tests of the evidence only: six households of the register's fixture with incomes that
 * can be reckoned by hand, live columns, and short ways to ask. */
#ifndef INSIGHT_INSIGHT_FIXTURE_H
#define INSIGHT_INSIGHT_FIXTURE_H

#include "insight/poor.h"
#include "register/columns_fixture.h"

/* One household of the year: people and income per head in yuan (INCOME_NONE: not known). */
#define INCOME_NONE (-999999)
struct insight_household {
    const char *code;
    int village, people;
    double income;
};
/* Town 0 has villages 0 and 1, town 1 has 2 and 3. At the line 4,000: a and b are below it, c
 * stands at it; e is not known. 12 people are known. */
static const struct insight_household insight_households[] = {
    {"a", 0, 2, 1000}, {"b", 0, 1, 3000},        {"c", 1, 3, 4000},
    {"d", 2, 4, 5000}, {"e", 3, 2, INCOME_NONE}, {"f", 3, 2, 10000}};
enum { INSIGHT_HOUSEHOLDS = sizeof insight_households / sizeof insight_households[0] };

/* Its sheet of a year, with `times` the income; the household itself at the first call. */
static CHECK_UNUSED void insight_apply(struct cx *cx, const struct register_fixture *f,
                                       const struct insight_household *h, int32_t year,
                                       double times)
{
    struct source s = fixture_source(f, 1, 0);
    struct household known;
    bool is_known = !household_by_code(&known, cx, f->county, str_of(h->code));
    err_clear(cx);
    size_t people = is_known ? 0 : (size_t)h->people;
    struct household_record *r = fixture_household(cx, f->village[h->village], h->code, people);
    r->household_id = is_known ? known.id : 0;
    r->year = year;
    for (size_t i = 0; i < people; i++)
        fixture_person(r, i, arena_printf(cx->arena, "p%s%zu", h->code, i), i ? 3 : 1, NULL);
    if (h->income > INCOME_NONE)
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "net_income_per_head",
                      value_int((int64_t)(h->income * times * 100)));
    fixture_apply(cx, &s, r);
}

static CHECK_UNUSED void insight_fixture_open(struct register_fixture *f, struct cx *cx)
{
    register_fixture_open(f, cx);
    columns_fixture_open(cx);
    for (size_t i = 0; i < INSIGHT_HOUSEHOLDS; i++)
        insight_apply(cx, f, &insight_households[i], 2025, 1);
}

static CHECK_UNUSED void insight_fixture_close(struct register_fixture *f, struct cx *cx)
{
    db_read_end(cx);
    columns_fixture_close(cx);
    register_fixture_close(f, cx);
}

/* Reads "line=4000&unit=household": no escapes, a fresh read transaction. */
static CHECK_UNUSED enum rc insight_scope(struct scope *out, struct cx *cx, const char *query)
{
    struct pair *pairs = arena_new(cx->arena, 32 * sizeof *pairs);
    size_t count = 0;
    for (struct str rest = str_of(query); rest.p && rest.len;) {
        struct str value = str_cut(&rest, '&');
        struct str name = str_cut(&value, '=');
        pairs[count++] = (struct pair){name, value};
    }
    db_read_end(cx);
    check_ok(cx, db_read_begin(cx));
    return scope_of_pairs(out, cx, pairs, count);
}

static CHECK_UNUSED struct population *insight_population(struct cx *cx, const struct scope *s,
                                                          unsigned want)
{
    struct population *p;
    check_ok(cx, population_open(&p, cx, s, 0, NULL, want));
    return p;
}

/* The request must be refused with a sentence that holds `words`. */
static CHECK_UNUSED void insight_refuses(struct cx *cx, const char *query, const char *words)
{
    struct scope s;
    struct population *p = NULL;
    enum rc rc = insight_scope(&s, cx, query);
    if (!rc)
        rc = population_open(&p, cx, &s, 0, NULL, 0);
    population_close(p);
    if (rc != RC_INVALID || !strstr(cx->err.text, words))
        print_error("%s: rc %d, “%s”\n", query, (int)rc, cx->err.text);
    assert_int_equal(rc, RC_INVALID);
    assert_non_null(strstr(cx->err.text, words));
    err_clear(cx);
}

#endif
