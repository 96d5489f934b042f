/* Tests of rules over live columns: derived values, deprivations, checks and free rules equal
 * what is worked out by hand, before and after changes, and equal a computation anew. */
#include "register/columns.h"

#include "base/time.h"
#include "register/columns_fixture.h"

static struct register_fixture f;
static struct source source;

/* ---- a profile with a few rules of our own ---- */

enum { ADULTS, PER_HEAD, BORN_BEFORE, DERIVED_COUNT };
enum { TWO_HEADS, POOR, YOUNG_HEAD, VILLAGE_EMPTY, FELL, TWIN, CHECK_COUNT };

static const struct derived derived[DERIVED_COUNT] = {
    [ADULTS] = {.code = "t_adults",
                .subject = SUBJECT_HOUSEHOLD,
                .rule = "count(members where years(birth) >= 18)",
                .unit = ""},
    [PER_HEAD] = {.code = "t_per_head",
                  .subject = SUBJECT_HOUSEHOLD,
                  .rule = "(income.wages - income.production_costs) / size",
                  .unit = ""},
    [BORN_BEFORE] = {.code = "t_born",
                     .subject = SUBJECT_PERSON,
                     .rule = "birth < 1990-01-01",
                     .unit = ""},
};
static const struct check checks[CHECK_COUNT] = {
    [TWO_HEADS] = {.number = 1,
                   .code = "t_two_heads",
                   .subject = SUBJECT_HOUSEHOLD,
                   .rule = "count(members where relation = 'Head') > 1"},
    [POOR] = {.number = 2,
              .code = "t_poor",
              .subject = SUBJECT_HOUSEHOLD,
              .rule = "net_income_per_head < national_line"},
    [YOUNG_HEAD] = {.number = 3,
                    .code = "t_young_head",
                    .subject = SUBJECT_PERSON,
                    .rule = "relation = 'Head' and years(birth) < 16"},
    [VILLAGE_EMPTY] = {.number = 4,
                       .code = "t_village",
                       .subject = SUBJECT_AREA,
                       .rule = "sum(households, count(members)) < 4"},
    [FELL] = {.number = 5,
              .code = "t_fell",
              .subject = SUBJECT_HOUSEHOLD,
              .rule = "net_income_per_head < last_year(net_income_per_head)"},
    [TWIN] = {.number = 6,
              .code = "t_twin",
              .subject = SUBJECT_PERSON,
              .rule = "identity_twice"},
};
static const struct deprivation deprivations[2] = {
    {.code = "t_no_adult", .weight = 1, .rule = "not any(members where years(birth) >= 18)"},
    {.code = "t_low", .weight = 1, .rule = "net_income_per_head < 5000"},
};

static const struct rule_program *compile(struct cx *cx, const struct rule_text *texts,
                                          size_t count)
{
    const struct rule_program *p;
    struct rule_fault fault = {0};
    enum rc rc = rule_compile(&p, &fault, cx, f.profile->rules->dictionary, texts, count);
    if (rc)
        fail_msg("rule %zu: %s", fault.rule, fault.message);
    return p;
}

static struct profile profile; /* the fixture's with other rules */

static void use_rules(struct cx *cx)
{
    static const enum rule_level level_of[] = {[SUBJECT_HOUSEHOLD] = RULE_HOUSEHOLD,
                                               [SUBJECT_PERSON] = RULE_PERSON,
                                               [SUBJECT_AREA] = RULE_AREA};
    struct rule_text texts[8];
    struct profile_rules *rules = arena_new(cx->arena, sizeof *rules);
    struct poverty_index *index = arena_new(cx->arena, sizeof *index);
    *rules = *f.profile->rules;
    for (size_t i = 0; i < DERIVED_COUNT; i++)
        texts[i] = (struct rule_text){.name = derived[i].code,
                                      .level = level_of[derived[i].subject],
                                      .text = str_of(derived[i].rule)};
    rules->derived = derived;
    rules->derived_count = DERIVED_COUNT;
    rules->derived_program = compile(cx, texts, DERIVED_COUNT);
    struct check *list = arena_new(cx->arena, CHECK_COUNT * sizeof *list);
    for (size_t i = 0; i < CHECK_COUNT; i++) {
        list[i] = checks[i];
        list[i].era_from = list[i].era_to = "";
        texts[i] = (struct rule_text){.name = checks[i].code,
                                      .level = level_of[checks[i].subject],
                                      .text = str_of(checks[i].rule),
                                      .want_bool = true};
    }
    rules->checks = list;
    rules->check_count = CHECK_COUNT;
    rules->check_program = compile(cx, texts, CHECK_COUNT);
    for (size_t i = 0; i < 2; i++)
        texts[i] = (struct rule_text){.name = deprivations[i].code,
                                      .level = RULE_HOUSEHOLD,
                                      .text = str_of(deprivations[i].rule),
                                      .want_bool = true};
    *index = (struct poverty_index){.code = "t",
                                    .k_num = 1,
                                    .k_den = 2,
                                    .deprivations = deprivations,
                                    .count = 2,
                                    .program = compile(cx, texts, 2)};
    rules->indexes = index;
    rules->index_count = 1;
    profile = *f.profile;
    profile.rules = rules;
    cx->profile = &profile;
}

static void open_all(struct cx *cx)
{
    register_fixture_open(&f, cx);
    use_rules(cx);
    columns_fixture_open(cx);
    source = fixture_source(&f, 0, 0);
}

static void close_all(struct cx *cx)
{
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static int32_t born(int32_t year)
{
    return day_of((struct date){year, 6, 15});
}

/* Two adults and a child. Wages 3,000.00, costs 600.00. */
static struct household_record *family(struct cx *cx, const char *code, int village)
{
    struct household_record *r = fixture_household(cx, f.village[village], code, 3);
    fixture_person(r, 0, "王小明", 1, NULL);
    fixture_person(r, 1, "李华", 2, NULL);
    fixture_person(r, 2, "王一", 3, NULL);
    r->people[0].birth_day = born(1985);
    r->people[1].birth_day = born(1992);
    r->people[2].birth_day = born(2018);
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "net_income_per_head", value_int(900000));
    r->incomes = arena_new(cx->arena, 2 * sizeof *r->incomes);
    r->incomes[0] = (struct income_record){profile_income(f.profile, 101), 300000, 4};
    r->incomes[1] = (struct income_record){profile_income(f.profile, 501), 60000, 4};
    r->income_count = 2;
    return r;
}

/* ---- comparing with a computation anew ---- */

static void same_bits(const struct columns_view *a, const struct columns_view *b,
                      enum subject subject, const struct columns_check *x,
                      const struct columns_check *y)
{
    int64_t count = 0;
    assert_int_equal(x->count, y->count);
    for (size_t i = 0; i < x->rows; i++) {
        int64_t other = (int64_t)i;
        bool fires = x->fires[i / 64] >> i % 64 & 1;
        count += fires;
        if (!fires)
            continue;
        if (subject == SUBJECT_HOUSEHOLD)
            other = columns_household_row(b->c, a->head->household_id[i]);
        if (subject == SUBJECT_PERSON)
            other = view_person_row(b, a->head->person_id[i]);
        assert_true(other >= 0);
        assert_true(y->fires[other / 64] >> other % 64 & 1);
    }
    assert_int_equal(count, x->count);
}

static void same_rules(struct columns_view *a, struct columns_view *b, int32_t year)
{
    struct cx *cx = a->cx;
    for (size_t i = 0; i < DERIVED_COUNT; i++) {
        struct column x, y;
        check_ok(cx, columns_derived(&x, cx, a->c, i, year));
        check_ok(cx, columns_derived(&y, cx, b->c, i, year));
        view_same_column(a, b, derived[i].subject, x, y);
    }
    struct columns_flags p, q;
    check_ok(cx, columns_flags(&p, cx, a->c, 0, year));
    check_ok(cx, columns_flags(&q, cx, b->c, 0, year));
    for (size_t i = 0; i < a->head->household_rows; i++) {
        int64_t id = a->head->household_id[i];
        int64_t other = id ? columns_household_row(b->c, id) : -1;
        assert_int_equal(p.deprived[i], other < 0 ? 0 : q.deprived[other]);
        assert_int_equal(p.known[i], other < 0 ? 0 : q.known[other]);
    }
    struct columns_checks s, t;
    check_ok(cx, columns_checks(&s, cx, a->c, year, NULL, NULL));
    check_ok(cx, columns_checks(&t, cx, b->c, year, NULL, NULL));
    for (size_t i = 0; i < CHECK_COUNT; i++)
        same_bits(a, b, checks[i].subject, &s.check[i], &t.check[i]);
}

static void check_same(struct cx *cx)
{
    struct columns_cache *fresh;
    struct columns_view a, b;
    columns_check_same(cx, f.county);
    check_ok(cx, columns_cache_open(&fresh, cx));
    columns_view_open(&a, cx, cx->columns, f.county);
    columns_view_open(&b, cx, fresh, f.county);
    for (size_t i = 0; i < a.head->year_count; i++)
        same_rules(&a, &b, a.head->years[i]);
    columns_view_close(&b);
    columns_view_close(&a);
    columns_cache_close(fresh);
}

/* ---- single values ---- */

static int64_t derived_of(struct cx *cx, size_t i, int32_t year, int64_t id)
{
    struct columns *c;
    struct column col;
    check_ok(cx, columns_open(&c, cx, f.county));
    check_ok(cx, columns_derived(&col, cx, c, i, year));
    int64_t value = column_at(col, (size_t)columns_household_row(c, id));
    columns_close(c);
    return value;
}

static int64_t check_count(struct cx *cx, size_t i, int32_t year)
{
    struct columns *c;
    struct columns_checks all;
    check_ok(cx, columns_open(&c, cx, f.county));
    check_ok(cx, columns_checks(&all, cx, c, year, NULL, NULL));
    assert_int_equal(all.count, CHECK_COUNT);
    int64_t count = all.check[i].count;
    columns_close(c);
    return count;
}

static struct household_record *change(struct cx *cx, int64_t id, int32_t year)
{
    struct household_record *r = fixture_household(cx, 0, "", 0);
    r->household_id = id;
    r->year = year;
    return r;
}

static void net(struct cx *cx, int64_t id, int32_t year, int64_t amount)
{
    struct household_record *r = change(cx, id, year);
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "net_income_per_head", value_int(amount));
    (void)fixture_apply(cx, &source, r);
}

static void kept(struct cx *cx)
{
    open_all(cx);
    (void)fixture_apply(cx, &source, family(cx, "A1", 0));
    (void)fixture_apply(cx, &source, family(cx, "A2", 2));
    check_same(cx);
    int64_t a = fixture_id(cx, &f, "A1"), b = fixture_id(cx, &f, "A2");
    assert_int_equal(derived_of(cx, ADULTS, 2026, a), 2);
    /* (3000.00 - 600.00) / 3 = 800.00; a quotient has six decimals. */
    assert_int_equal(derived_of(cx, PER_HEAD, 2026, a), 800 * 1000000);
    assert_int_equal(check_count(cx, TWO_HEADS, 2026), 0);
    /* The line of 2026 is 4,000; 9,000 is above it. */
    assert_int_equal(check_count(cx, POOR, 2026), 0);
    net(cx, a, 2026, 399999);
    check_same(cx);
    assert_int_equal(check_count(cx, POOR, 2026), 1);
    /* The year before was better: a look back at a year that was not there until now. */
    assert_int_equal(check_count(cx, FELL, 2026), 0);
    net(cx, a, 2025, 500000);
    check_same(cx);
    assert_int_equal(check_count(cx, FELL, 2026), 1);
    net(cx, a, 2025, 100000);
    check_same(cx);
    assert_int_equal(check_count(cx, FELL, 2026), 0);
    /* Two of four villages have households, of three people each: both under four. */
    assert_int_equal(check_count(cx, VILLAGE_EMPTY, 2026), 2);
    /* The child moves to the other household and says it is its head, at the age of 8. */
    struct person *people;
    size_t count;
    check_ok(cx, household_people(&people, &count, cx, f.county, a, false));
    int64_t child = 0;
    for (size_t i = 0; i < count; i++)
        child = people[i].birth_day == born(2018) ? people[i].id : child;
    struct household_record *r = fixture_household(cx, 0, "", 1);
    r->household_id = b;
    r->people[0].person_id = child;
    r->people[0].relation = 1;
    (void)fixture_apply(cx, &source, r);
    check_same(cx);
    assert_int_equal(check_count(cx, TWO_HEADS, 2026), 1);
    assert_int_equal(check_count(cx, YOUNG_HEAD, 2026), 1);
    assert_int_equal(check_count(cx, VILLAGE_EMPTY, 2026), 1);
    assert_int_equal(derived_of(cx, PER_HEAD, 2026, a), 1200 * 1000000);
    /* A number that somebody elsewhere has fires at both, although one was not touched. */
    r = family(cx, "A3", 1);
    r->people[0].identity = STR("520181198506150012");
    (void)fixture_apply(cx, &source, r);
    check_same(cx);
    assert_int_equal(check_count(cx, TWIN, 2026), 0);
    r = family(cx, "A4", 3);
    r->people[1].identity = STR("520181198506150012");
    (void)fixture_apply(cx, &source, r);
    check_same(cx);
    assert_int_equal(check_count(cx, TWIN, 2026), 2);
    /* An import that is taken back. */
    struct source import = fixture_source(&f, 5, 9);
    (void)fixture_apply(cx, &import, family(cx, "I1", 0));
    fixture_flip(cx, &f, 9);
    check_same(cx);
    (void)fixture_undo(cx, &f, 9);
    check_same(cx);
    close_all(cx);
}

static void test_kept(void **state)
{
    (void)state;
    /* Derived values, deprivations and checks after each kind of change: single numbers worked
     * out by hand, all of them compared with a cache that computes anew. */
    db_fixture_each(kept);
}

static void flags(struct cx *cx)
{
    open_all(cx);
    (void)fixture_apply(cx, &source, family(cx, "A1", 0));
    struct household_record *r = fixture_household(cx, f.village[1], "B1", 1);
    fixture_person(r, 0, "张三", 1, NULL);
    r->people[0].birth_day = BIRTH_UNKNOWN;
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "net_income_per_head", value_int(100000));
    (void)fixture_apply(cx, &source, r);
    struct columns *c;
    struct columns_flags flags;
    check_ok(cx, columns_open(&c, cx, f.county));
    check_ok(cx, columns_flags(&flags, cx, c, 0, 2026));
    size_t a = (size_t)columns_household_row(c, fixture_id(cx, &f, "A1"));
    size_t b = (size_t)columns_household_row(c, fixture_id(cx, &f, "B1"));
    assert_int_equal(flags.deprived[a], 0);
    assert_int_equal(flags.known[a], 3);
    /* Nobody's birth is known: the first is missing. 1,000 is under 5,000. */
    assert_int_equal(flags.deprived[b], 2);
    assert_int_equal(flags.known[b], 2);
    columns_close(c);
    close_all(cx);
}

static void test_flags(void **state)
{
    (void)state;
    /* Deprivations as bits with their known bits. */
    db_fixture_each(flags);
}

/* ---- free rules ---- */

struct total {
    int64_t sum, rows;
};

static enum rc add_up(struct cx *cx, void *arg, const struct rule_runner *r,
                      const struct rule_block *b)
{
    struct total *t = arg;
    (void)cx;
    for (size_t i = 0; i < b->count[RULE_HOUSEHOLD]; i++)
        t->sum += rule_value(r, 0)[i] == RULE_MISSING ? 0 : rule_value(r, 0)[i];
    t->rows += (int64_t)b->count[RULE_HOUSEHOLD];
    return RC_OK;
}

static struct total total_of(struct cx *cx, const char *text, int64_t area_id,
                             int64_t household)
{
    struct columns *c;
    struct total t = {0};
    const struct rule_text rule = {.name = "t", .level = RULE_HOUSEHOLD, .text = str_of(text)};
    check_ok(cx, columns_open(&c, cx, f.county));
    struct columns_run run = {.program = compile(cx, &rule, 1),
                              .year = 2026,
                              .area = area_id ? columns_area_index(c, area_id) : 0,
                              .household_row =
                                  household ? columns_household_row(c, household) : -1,
                              .block = add_up,
                              .arg = &t};
    check_ok(cx, columns_run(cx, c, &run));
    columns_close(c);
    return t;
}

static void free_rules(struct cx *cx)
{
    open_all(cx);
    for (int i = 0; i < 5; i++)
        (void)fixture_apply(cx, &source, family(cx, arena_printf(cx->arena, "A%d", i), i % 4));
    struct total t = total_of(cx, "count(members)", 0, 0);
    assert_int_equal(t.rows, 5);
    assert_int_equal(t.sum, 15);
    t = total_of(cx, "income.wages", f.town[0], 0); /* villages 0, 1, and 0 again */
    assert_int_equal(t.rows, 3);
    assert_int_equal(t.sum, 900000);
    t = total_of(cx, "income.wages", 0, fixture_id(cx, &f, "A2"));
    assert_int_equal(t.rows, 1);
    assert_int_equal(t.sum, 300000);
    close_all(cx);
}

static void test_free_rules(void **state)
{
    (void)state;
    /* Any rule over the county, over one township, for one household. */
    db_fixture_each(free_rules);
}

static void explained(struct cx *cx)
{
    open_all(cx);
    (void)fixture_apply(cx, &source, family(cx, "A1", 0));
    net(cx, fixture_id(cx, &f, "A1"), 2026, 399999);
    struct columns *c;
    struct columns_fact *facts;
    size_t count;
    check_ok(cx, columns_open(&c, cx, f.county));
    int64_t row = columns_household_row(c, fixture_id(cx, &f, "A1"));
    check_ok(cx, columns_explain(&facts, &count, cx, c, profile.rules->check_program, POOR, row,
                                 2026));
    assert_int_equal(count, 2);
    bool own = false, line = false;
    for (size_t i = 0; i < count; i++) {
        own = own || strstr(facts[i].value, "3,999.99");
        line = line || strstr(facts[i].value, "4,000");
        assert_int_equal(facts[i].year, 2026);
    }
    assert_true(own && line);
    check_ok(cx, columns_explain(&facts, &count, cx, c, profile.rules->derived_program, ADULTS,
                                 row, 2026));
    assert_int_equal(count, 3); /* three births, each with the person's relation */
    assert_string_equal(facts[0].label, "Born on (Head)");
    assert_string_equal(facts[0].value, "1985-06-15");
    check_ok(cx, columns_explain(&facts, &count, cx, c, profile.rules->check_program, FELL, row,
                                 2026));
    assert_int_equal(count, 2);
    assert_string_equal(facts[facts[0].year == 2025 ? 0 : 1].value, "not known");
    columns_close(c);
    close_all(cx);
}

static void test_explained(void **state)
{
    (void)state;
    /* The facts behind a check and a derived value: the household's own, the line's, each
     * person's with the relation, one that is not known. */
    db_fixture_each(explained);
}

static enum rc count_calls(struct cx *cx, void *arg, int64_t done, int64_t total)
{
    int64_t *last = arg;
    (void)cx;
    assert_true(done <= total && done >= *last);
    *last = done;
    return RC_OK;
}

static void again(struct cx *cx)
{
    open_all(cx);
    for (int i = 0; i < 5; i++)
        (void)fixture_apply(cx, &source, family(cx, arena_printf(cx->arena, "A%d", i), i % 4));
    struct columns *c;
    struct columns_checks first, second;
    int64_t done = 0;
    check_ok(cx, columns_open(&c, cx, f.county));
    check_ok(cx, columns_checks(&first, cx, c, 2026, count_calls, &done));
    assert_int_equal(done, 5);
    /* More often than old results can be kept for readers; they stay readable. */
    for (int i = 0; i < 12; i++)
        check_ok(cx, columns_checks_again(&second, cx, c, 2026, NULL, NULL));
    for (size_t i = 0; i < CHECK_COUNT; i++) {
        assert_int_equal(first.check[i].count, second.check[i].count);
        if (first.check[i].rows)
            assert_int_equal(first.check[i].fires[0], second.check[i].fires[0]);
    }
    assert_int_equal(columns_checks(&first, cx, c, 1999, NULL, NULL), RC_NOTFOUND);
    err_clear(cx);
    columns_close(c);
    check_same(cx);
    close_all(cx);
}

static void test_again(void **state)
{
    (void)state;
    /* All checks anew give the same, results handed out before stay readable, and the progress
     * comes to all households. */
    db_fixture_each(again);
}

static void next_day(struct cx *cx)
{
    open_all(cx);
    cx->now_at = (int64_t)day_of((struct date){2026, 6, 14}) * 86400;
    struct household_record *r = family(cx, "A1", 0);
    r->people[2].birth_day = born(2008); /* 18 on the next day */
    (void)fixture_apply(cx, &source, r);
    int64_t a = fixture_id(cx, &f, "A1");
    assert_int_equal(derived_of(cx, ADULTS, 2026, a), 2);
    cx->now_at += 86400;
    assert_int_equal(derived_of(cx, ADULTS, 2026, a), 3);
    close_all(cx);
}

static void test_next_day(void **state)
{
    (void)state;
    /* Somebody comes of age overnight: nothing was written, the answer is another. */
    db_fixture_each(next_day);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),       cmocka_unit_test(test_flags),
        cmocka_unit_test(test_free_rules), cmocka_unit_test(test_explained),
        cmocka_unit_test(test_again),      cmocka_unit_test(test_next_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
