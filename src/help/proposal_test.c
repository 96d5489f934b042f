/* Tests of proposals, on both databases, against cases worked out by hand by the rules of
 * doc/decisions/0018-proposals.md: order, surety, unknown facts, exclusion, measures for
 * people, what the household has already, words, and the frozen copy. */
#include "help/proposal.h"

#include "help/help_fixture.h"

#include <jansson.h>

/* House D, cause "Unsafe housing", three months of work, water not known. */
static const struct help_family typical = {"D", "Unsafe housing", 30, -1, 6000};

static void make(struct proposal *p, struct cx *cx, int64_t household)
{
    check_ok(cx, proposal_make(p, cx, f.county, household));
}

static const struct proposed *entry(const struct proposal *p, int32_t measure, int64_t person)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->list[i].measure->number == measure &&
            (!person || p->list[i].person_id == person))
            return &p->list[i];
    return NULL;
}

static int64_t person_born(struct cx *cx, int64_t household, int32_t birth)
{
    struct person *people;
    size_t count;
    check_ok(cx, household_people(&people, &count, cx, f.county, household, false));
    for (size_t i = 0; i < count; i++)
        if (people[i].birth_day == birth)
            return people[i].id;
    fail_msg("nobody born on day %d", birth);
    return 0;
}

/* Repair: rule 1 fact, cause 1, need 1 with an amount, all known, evidence 3: 3*100*3/(3*3) =
 * 100; weight: urgent need + cause = 2. School: child only, 1 fact + 1 need with words,
 * evidence 2: 2*100*2/(2*3) = 66; weight 0 (the need can wait), 1 need. Water: unknown, fact
 * missing, cause known (false), the need says nothing: 1*100*3/(3*3) = 33. Course: the man
 * works 3 months < 6: true, but its cause is false and there is no need: 3 facts? its rule
 * reads birth and work_months (2) + cause, evidence 1: 3*100*1/(3*3) = 33, below what answers.
 * Resettle: D too, excluded by repair: 1 fact + 1 cause, evidence 2: 66. Visit: fits, answers
 * nothing, evidence 0: 0. The road is for areas and not looked at. */
static void order_on(struct cx *cx)
{
    static const int32_t expected[] = {REPAIR, SCHOOL, WATER, COURSE, VISIT, RESETTLE};
    static const enum fit fits[] = {FIT_YES, FIT_YES, FIT_UNKNOWN,
                                    FIT_YES, FIT_YES, FIT_CONFLICT};
    static const int32_t sure[] = {100, 66, 33, 33, 0, 66};
    struct proposal p, again;
    help_fixture_open(cx);
    int64_t h = help_household(cx, 0, "H1", typical, YEAR);
    help_need(cx, h, NEED_HOUSE, AT_ONCE, 500000, "");
    help_need(cx, h, NEED_SCHOOL, CAN_WAIT, 0, "学费");
    help_need(cx, h, NEED_WATER, CAN_WAIT, 0, "");
    make(&p, cx, h);
    assert_int_equal(p.year, YEAR);
    assert_int_equal(p.count, 6);
    assert_int_equal(p.fit_count, 2);
    for (size_t i = 0; i < p.count; i++) {
        assert_int_equal(p.list[i].measure->number, expected[i]);
        assert_int_equal(p.list[i].fit, fits[i]);
        assert_int_equal(p.list[i].sure, sure[i]);
    }
    assert_int_equal(p.list[1].person_id, person_born(cx, h, 17000));
    assert_int_equal(p.list[3].person_id, person_born(cx, h, 4000));
    assert_int_equal(p.list[2].missing_count, 1);
    assert_ptr_equal(p.list[5].conflict, p.list[0].measure);
    assert_int_equal(p.unanswered_count, 0);
    make(&again, cx, h);
    assert_int_equal(again.count, p.count);
    for (size_t i = 0; i < p.count; i++)
        assert_string_equal(proposal_words(cx, &p, &p.list[i]),
                            proposal_words(cx, &again, &again.list[i]));
    help_fixture_close(cx);
}
static void test_order(void **state)
{
    (void)state;
    db_fixture_each(order_on);
}

/* Nothing is known: every rule about the household is unknown, nobody's cause is known, so no
 * measure is offered and no cause is unanswered. With house C resettling does not fit, and
 * its values say why; the cause without any fitting measure is told. */
static void unknown_on(struct cx *cx)
{
    struct proposal p;
    help_fixture_open(cx);
    int64_t h = help_household(cx, 0, "H1", (struct help_family){NULL, NULL, -1, -1, 0}, YEAR);
    make(&p, cx, h);
    assert_int_equal(p.fit_count, 0);
    assert_int_equal(entry(&p, REPAIR, 0)->fit, FIT_UNKNOWN);
    assert_int_equal(entry(&p, REPAIR, 0)->sure, 0); /* 0 of 1 fact and 1 cause */
    assert_int_equal(entry(&p, COURSE, 0)->fit, FIT_UNKNOWN);
    assert_int_equal(entry(&p, SCHOOL, 0)->fit, FIT_YES); /* the birth day is known */
    assert_int_equal(p.unanswered_count, 0);
    h = help_household(cx, 0, "H2",
                       (struct help_family){"C", "Unsafe drinking water", 80, 1, 0}, YEAR);
    make(&p, cx, h);
    const struct proposed *x = entry(&p, RESETTLE, 0);
    assert_int_equal(x->fit, FIT_NO);
    assert_non_null(strstr(proposal_words(cx, &p, x), "does not fit"));
    assert_non_null(strstr(proposal_words(cx, &p, x), "C"));
    assert_int_equal(entry(&p, COURSE, 0)->fit, FIT_NO);
    assert_int_equal(entry(&p, COURSE, 0)->person_id, 0);
    assert_non_null(
        strstr(proposal_words(cx, &p, entry(&p, COURSE, 0)), "nobody in the household"));
    assert_int_equal(entry(&p, WATER, 0)->fit, FIT_NO); /* the water is safe */
    assert_int_equal(p.unanswered_count, 1);
    assert_string_equal(p.unanswered[0]->code, "cause_water");
    help_fixture_close(cx);
}
static void test_unknown(void **state)
{
    (void)state;
    db_fixture_each(unknown_on);
}

/* A need of one person is answered only by measures for them or for all. */
static void people_on(struct cx *cx)
{
    struct proposal p;
    int64_t id;
    help_fixture_open(cx);
    int64_t h = help_household(cx, 0, "H1", typical, YEAR);
    int64_t man = person_born(cx, h, 4000), child = person_born(cx, h, 17000);
    check_ok(cx, need_add(&id, cx,
                          &(struct need){.household_id = h,
                                         .person_id = man,
                                         .kind = NEED_SCHOOL,
                                         .urgency = AT_ONCE,
                                         .words = ""}));
    make(&p, cx, h);
    assert_int_equal(entry(&p, SCHOOL, child)->need_count, 0);
    check_ok(cx, need_set_state(cx, id, 1, NEED_WITHDRAWN, STR("said in error")));
    check_ok(cx, need_add(&id, cx,
                          &(struct need){.household_id = h,
                                         .person_id = child,
                                         .kind = NEED_SCHOOL,
                                         .urgency = AT_ONCE,
                                         .words = ""}));
    make(&p, cx, h);
    assert_int_equal(entry(&p, SCHOOL, child)->need_count, 1);
    assert_int_equal(entry(&p, SCHOOL, child)->needs[0]->id, id);
    assert_null(entry(&p, SCHOOL, man)); /* 45 years old */
    help_fixture_close(cx);
}
static void test_people(void **state)
{
    (void)state;
    db_fixture_each(people_on);
}

/* The words name need, cause, values, what is missing, the conflict and the evidence; both
 * languages; the frozen copy says the same. A household's own words are in neither. */
static void words_on(struct cx *cx)
{
    struct proposal by[LANG_COUNT];
    struct str json;
    json_error_t error;
    help_fixture_open(cx);
    text_use(LANG_ZH, &messages_zh);
    int64_t h = help_household(cx, 0, "H1", typical, YEAR);
    help_need(cx, h, NEED_HOUSE, AT_ONCE, 500000, "屋顶漏雨");
    help_need(cx, h, NEED_WATER, CAN_WAIT, 0, "");
    check_ok(cx, proposal_both(by, cx, f.county, h));
    assert_int_equal(cx->lang, LANG_EN);
    const char *words = proposal_words(cx, &by[LANG_EN], &by[LANG_EN].list[0]);
    static const char *const parts[] = {"House repair", "At once",        "5,000",
                                        "housing",      "The rule fits",  "A new place to live",
                                        "100 of 100",   "strong evidence"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!strstr(words, parts[i]))
            fail_msg("“%s” lacks “%s”", words, parts[i]);
    const struct proposed *water = entry(&by[LANG_EN], WATER, 0);
    assert_non_null(strstr(proposal_words(cx, &by[LANG_EN], water), "Not known: "));
    cx->lang = LANG_ZH;
    const char *chinese = proposal_words(cx, &by[LANG_ZH], &by[LANG_ZH].list[0]);
    cx->lang = LANG_EN;
    assert_non_null(strstr(chinese, "住房修缮"));
    check_ok(cx, proposal_json(&json, cx, by, h));
    assert_int_equal(str_find(json, STR("屋顶漏雨")), SIZE_MAX);
    json_t *j = json_loadb(json.p, json.len, 0, &error);
    assert_non_null(j);
    const json_t *list = json_object_get(j, "list");
    assert_int_equal(json_array_size(list), by[0].count);
    const json_t *first = json_array_get(list, 0);
    assert_string_equal(json_string_value(json_object_get(first, "words_en")), words);
    assert_string_equal(json_string_value(json_object_get(first, "words_zh")), chinese);
    assert_int_equal(json_integer_value(json_object_get(first, "sure")), 100);
    json_decref(j);
    help_fixture_close(cx);
}
static void test_words(void **state)
{
    (void)state;
    db_fixture_each(words_on);
}

/* Needs: what is wrong is refused and names why; two changes at once; another area's are not
 * found; words are sealed in the table; donors see no household. */
static void needs_on(struct cx *cx)
{
    struct need n, *list;
    size_t count;
    int64_t id;
    help_fixture_open(cx);
    int64_t h = help_household(cx, 0, "H1", typical, YEAR);
    n = (struct need){.household_id = h, .kind = 99, .urgency = AT_ONCE, .words = ""};
    assert_int_equal(need_add(&id, cx, &n), RC_INVALID);
    err_clear(cx);
    n.kind = NEED_HOUSE;
    n.amount_minor = -1;
    assert_int_equal(need_add(&id, cx, &n), RC_INVALID);
    err_clear(cx);
    n.amount_minor = 100;
    n.person_id = person_born(cx, help_household(cx, 1, "H2", typical, YEAR), 4000);
    assert_int_equal(need_add(&id, cx, &n), RC_INVALID);
    err_clear(cx);
    n.person_id = 0;
    n.words = "屋顶漏雨";
    n.may_be_listed = true;
    check_ok(cx, need_add(&id, cx, &n));
    check_ok(cx, needs_listed(&list, &count, cx, f.town[0], NEED_HOUSE, 0, 10));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].household_id, 0);
    assert_string_equal(list[0].words, "屋顶漏雨");
    check_ok(cx, needs_listed(&list, &count, cx, f.town[1], NEED_HOUSE, 0, 10));
    assert_int_equal(count, 0);
    assert_int_equal(need_set_state(cx, id, 1, NEED_WITHDRAWN, STR(" ")), RC_INVALID);
    err_clear(cx);
    check_ok(cx, need_set_state(cx, id, 1, NEED_SOLVED, STR("")));
    assert_int_equal(need_set_state(cx, id, 1, NEED_OPEN, STR("")), RC_CONFLICT);
    err_clear(cx);
    check_ok(cx, need_set_state(cx, id, 2, NEED_OPEN, STR("")));
    cx->actor = fixture_officer(cx, &f, f.town[1], "township_officer");
    assert_int_equal(need_get(&n, cx, id), RC_NOTFOUND);
    err_clear(cx);
    n = (struct need){.household_id = h, .kind = NEED_HOUSE, .urgency = AT_ONCE, .words = ""};
    assert_int_equal(need_add(&id, cx, &n), RC_NOTFOUND);
    err_clear(cx);
    cx->actor = fixture_officer(cx, &f, f.town[0], "auditor");
    assert_int_equal(need_add(&id, cx, &n), RC_DENIED);
    err_clear(cx);
    cx->actor = NULL;
    help_fixture_close(cx);
}
static void test_needs(void **state)
{
    (void)state;
    db_fixture_each(needs_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order), cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_people), cmocka_unit_test(test_words),
        cmocka_unit_test(test_needs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
