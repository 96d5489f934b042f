/* Tests of merging areas: villages, townships with villages of the same and of other names,
 * what is refused, names and codes afterwards, writes during a merge, crashes between its
 * steps; on both databases. That the rooms above follow is test/merge_test.c. */
#include "register/area_merge.h"

#include "base/fault.h"
#include "base/time.h"
#include "register/area_merge_inner.h"
#include "register/columns_fixture.h"
#include "register/register_fixture.h"

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = (text), .args = (arg_letters), .cols = (col_letters)};

enum { DAY = 20400 };
static struct register_fixture f;
static struct source source;

SQL(HOUSEHOLDS_AT, "SELECT count(*) FROM household WHERE area_id = $1", "i", "i")
SQL(ENTRIES_OF, "SELECT count(*) FROM journal", "", "i")
SQL(GRANTS_AT, "SELECT count(*) FROM user_grant WHERE area_id = $1", "i", "i")
SQL(EVENTS_OF, "SELECT count(*) FROM user_event WHERE area_id = $1", "i", "i")
SQL(END_HOUSEHOLD, "UPDATE household SET ended = 1, ended_day = 20300 WHERE code = $1", "t", "")

static int64_t one(struct cx *cx, const struct sql *sql, struct db_arg arg)
{
    struct db_rows rows;
    check_ok(cx, db_one(&rows, cx, sql, &arg, sql->args[0] ? 1 : 0));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

static void open_all(struct cx *cx)
{
    cx->now_at = (int64_t)20500 * 86400;
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    source = fixture_source(&f, 0, 0);
}

static void close_all(struct cx *cx)
{
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static struct household_record *family(struct cx *cx, const char *code, int64_t area_id)
{
    struct household_record *r = fixture_household(cx, area_id, code, 2);
    fixture_person(r, 0, "张三", 1, NULL);
    fixture_person(r, 1, "李四", 2, NULL);
    return r;
}

static void families(struct cx *cx, int64_t area_id, const char *letter, int count)
{
    for (int i = 0; i < count; i++)
        (void)fixture_apply(cx, &source,
                            family(cx, arena_printf(cx->arena, "%s%d", letter, i), area_id));
}

static void check_all(struct cx *cx)
{
    columns_check_same(cx, f.county);
    fixture_verify(cx);
}

struct statement {
    const struct sql *sql;
    struct db_arg args[3];
    size_t count;
};
static enum rc run_statement(struct cx *cx, void *arg)
{
    const struct statement *s = arg;
    return db_run(cx, s->sql, s->args, s->count);
}

static int64_t worker(struct cx *cx, const char *login)
{
    int64_t id;
    check_ok(cx, user_add(&id, cx, str_of(login), STR("李"), STR("correct horse 7"), false));
    return id;
}

/* A village into the next: households with their entries, also ended ones, counts, names and
 * codes, search, roles; the live columns and the verifier agree. */
static void village_on(struct cx *cx)
{
    struct area a;
    struct area_merging m;
    struct household h;
    struct area_name *names;
    size_t count;
    open_all(cx);
    families(cx, f.village[0], "A", 120);
    families(cx, f.village[1], "B", 3);
    struct statement end = {&END_HOUSEHOLD, {V_T("A7")}, 1};
    check_ok(cx, db_write(cx, f.county, run_statement, &end));
    int64_t one_user = worker(cx, "li.one"), both = worker(cx, "li.both");
    check_ok(cx, user_grant(cx, one_user, "village_worker", f.village[0]));
    check_ok(cx, user_grant(cx, both, "village_worker", f.village[0]));
    check_ok(cx, user_grant(cx, both, "village_worker", f.village[1]));
    int64_t entries = one(cx, &ENTRIES_OF, V_I(0));
    columns_check_same(cx, f.county);

    check_ok(cx, area_merge(cx, f.village[0], f.village[1], DAY));
    assert_int_equal(one(cx, &HOUSEHOLDS_AT, V_I(f.village[0])), 0);
    assert_int_equal(one(cx, &HOUSEHOLDS_AT, V_I(f.village[1])), 123);
    assert_int_equal(one(cx, &ENTRIES_OF, V_I(0)) - entries, 121);
    check_ok(cx, area_get(&a, cx, f.village[0]));
    assert_int_equal(a.ended_day, DAY);
    assert_int_equal(a.merged_into, f.village[1]);
    check_ok(cx, area_merge_get(&m, cx, f.village[0]));
    assert_int_equal(m.moved, 120);
    assert_true(m.done_at > 0);
    check_ok(cx, household_by_code(&h, cx, f.county, STR("A7")));
    assert_int_equal(h.area_id, f.village[1]);
    struct journal_entry source_of;
    check_ok(cx, household_by_code(&h, cx, f.county, STR("A119")));
    check_ok(cx, journal_source(&source_of, cx, f.county, KIND_HOUSEHOLD, h.id, 0, FIELD_AREA));
    assert_int_equal(source_of.valid_day, DAY);
    columns_check_same(cx, f.county);

    check_ok(cx, area_by_code(&a, cx, STR("520181001201"), DAY + 10));
    assert_int_equal(a.id, f.village[1]);
    check_ok(cx, area_by_code(&a, cx, STR("520181001201"), 100));
    assert_int_equal(a.id, f.village[1]);
    check_ok(cx, area_by_code(&a, cx, STR("520181001202"), DAY));
    assert_int_equal(a.id, f.village[1]);
    check_ok(cx, area_by_name(&a, cx, f.town[0], STR("新建村")));
    assert_int_equal(a.id, f.village[1]);
    check_ok(cx, area_names(&names, &count, cx, f.village[1]));
    assert_int_equal(count, 2);
    struct household_query q = {.search = STR("新建村"), .limit = 200};
    struct household_row *rows;
    const char *next;
    check_ok(cx, household_list(&rows, &count, &next, cx, &q));
    assert_int_equal(count, 122);

    assert_int_equal(one(cx, &GRANTS_AT, V_I(f.village[0])), 0);
    assert_int_equal(one(cx, &GRANTS_AT, V_I(f.village[1])), 2);
    assert_int_equal(one(cx, &EVENTS_OF, V_I(f.village[0])), 4); /* given, taken */
    assert_int_equal(one(cx, &EVENTS_OF, V_I(f.village[1])), 2); /* one had it */
    check_refused(cx, area_merge(cx, f.village[0], f.village[1], DAY), RC_CONFLICT);
    close_all(cx);
}
static void village(void **state)
{
    (void)state;
    db_fixture_each(village_on);
}

/* A township into another: the village of the same name is merged, the other moves with its
 * number and name, and what is above them has the right counts. */
static void township_on(struct cx *cx)
{
    struct area a, b;
    struct area_merge_facts facts;
    open_all(cx);
    families(cx, f.village[0], "A", 5);
    families(cx, f.village[1], "B", 4);
    families(cx, f.village[2], "C", 3);
    families(cx, f.town[0], "T", 2);
    columns_check_same(cx, f.county);
    check_ok(cx, area_merge_facts(&facts, cx, f.town[0], f.town[1]));
    assert_int_equal(facts.households, 11);
    assert_int_equal(facts.moves, 1);
    assert_int_equal(facts.merges, 1);
    check_ok(cx, area_merge(cx, f.town[0], f.town[1], DAY));
    check_all(cx);
    assert_string_equal(area_label(cx, f.village[1]), "清镇市 › 青山镇 › 老寨村");
    check_ok(cx, area_get(&a, cx, f.village[1]));
    assert_int_equal(a.ended_day, 0);
    assert_int_equal(a.household_count, 4);
    check_ok(cx, area_get(&a, cx, f.town[1]));
    assert_int_equal(a.household_count, 14);
    assert_int_equal(a.person_count, 28);
    check_ok(cx, area_get(&a, cx, f.village[2]));
    assert_int_equal(a.household_count, 8);
    check_ok(cx, area_get(&b, cx, f.county_area));
    assert_int_equal(b.household_count, 14);
    assert_int_equal(one(cx, &HOUSEHOLDS_AT, V_I(f.town[1])), 2);
    check_ok(cx, area_by_name(&a, cx, f.county_area, STR("坝芒乡")));
    assert_int_equal(a.id, f.town[1]);
    check_ok(cx, area_by_name(&a, cx, a.id, STR("老寨村")));
    assert_int_equal(a.id, f.village[1]);
    check_ok(cx, area_by_code(&a, cx, STR("520181001201"), DAY + 1));
    assert_int_equal(a.id, f.village[2]);
    /* What is written on goes right. */
    (void)fixture_apply(cx, &source, family(cx, "N1", f.village[1]));
    (void)fixture_apply(cx, &source, family(cx, "N2", f.village[0]));
    assert_int_equal(one(cx, &HOUSEHOLDS_AT, V_I(f.village[2])), 9);
    check_all(cx);
    close_all(cx);
}
static void township(void **state)
{
    (void)state;
    db_fixture_each(township_on);
}

static enum rc add_below(struct cx *cx, void *arg)
{
    int64_t id;
    return area_add(&id, cx, *(int64_t *)arg, 4, STR(""), STR("小村"), 0);
}

static void refused_on(struct cx *cx)
{
    struct area_merge_facts facts;
    int64_t job;
    open_all(cx);
    check_refused(cx, area_merge_facts(&facts, cx, f.town[0], f.town[0]), RC_INVALID);
    check_refused(cx, area_merge_facts(&facts, cx, f.village[0], f.town[1]), RC_INVALID);
    check_refused(cx, area_merge_facts(&facts, cx, f.county_area, f.county_area), RC_INVALID);
    check_refused(cx, area_merge_facts(&facts, cx, f.prefecture, f.province), RC_INVALID);
    check_refused(cx, area_merge_facts(&facts, cx, 12345, f.town[1]), RC_NOTFOUND);
    check_refused(cx, area_merge_begin(&job, cx, f.town[0], f.town[1], 20501), RC_INVALID);
    /* Whose areas they are not, or who may not change them. */
    cx->actor = fixture_officer(cx, &f, f.town[0], "county_officer");
    check_refused(cx, area_merge_facts(&facts, cx, f.village[0], f.village[2]), RC_NOTFOUND);
    check_refused(cx, area_merge_begin(&job, cx, f.village[2], f.village[0], DAY), RC_NOTFOUND);
    cx->actor = fixture_officer(cx, &f, f.county_area, "village_worker");
    check_refused(cx, area_merge_facts(&facts, cx, f.village[0], f.village[1]), RC_DENIED);
    cx->actor = NULL;
    /* An import that nobody sees yet. */
    struct source hidden = fixture_source(&f, 0, 77);
    (void)fixture_apply(cx, &hidden, family(cx, "H1", f.village[0]));
    check_refused(cx, area_merge_begin(&job, cx, f.village[0], f.village[1], DAY), RC_CONFLICT);
    fixture_flip(cx, &f, 77);
    check_ok(cx, area_merge_begin(&job, cx, f.village[0], f.village[1], DAY));
    /* Under way: not again, not into something else, nothing new below. */
    check_refused(cx, area_merge_begin(&job, cx, f.village[0], f.village[1], DAY), RC_CONFLICT);
    check_refused(cx, area_merge_begin(&job, cx, f.village[0], f.village[2], DAY), RC_CONFLICT);
    check_refused(cx, area_merge_begin(&job, cx, f.village[2], f.village[0], DAY), RC_CONFLICT);
    check_refused(cx, area_merge_begin(&job, cx, f.town[0], f.town[1], DAY), RC_CONFLICT);
    check_refused(cx, db_write(cx, f.county, add_below, &f.village[0]), RC_CONFLICT);
    check_ok(cx, area_merge(cx, f.village[0], f.village[1], DAY));
    check_refused(cx, area_merge_begin(&job, cx, f.village[0], f.village[2], DAY), RC_CONFLICT);
    /* A chain: what led to the first leads to the last. */
    struct area a;
    check_ok(cx, area_merge(cx, f.village[1], f.village[2], DAY + 1));
    check_ok(cx, area_get(&a, cx, f.village[0]));
    assert_int_equal(a.merged_into, f.village[2]);
    check_ok(cx, area_by_code(&a, cx, STR("520181001201"), DAY + 2));
    assert_int_equal(a.id, f.village[2]);
    check_all(cx);
    close_all(cx);
}
static void refused(void **state)
{
    (void)state;
    db_fixture_each(refused_on);
}

/* While a merge is under way: new households, changed ones and an import's waiting changes for
 * the area go to the other; an undo that would bring one back does too. */
static void meanwhile_on(struct cx *cx)
{
    struct household h;
    open_all(cx);
    families(cx, f.village[0], "A", 3);
    families(cx, f.village[2], "C", 3);
    struct source import = fixture_source(&f, 0, 78), away = fixture_source(&f, 0, 79);
    struct household_record move = {.area_id = f.village[0], .year = 2026};
    move.household_id = fixture_id(cx, &f, "C0");
    (void)fixture_apply(cx, &import, &move); /* waits */
    move.household_id = fixture_id(cx, &f, "A0");
    move.area_id = f.village[3];
    (void)fixture_apply(cx, &away, &move);
    fixture_flip(cx, &f, 79);
    check_ok(cx, area_merge_begin(NULL, cx, f.village[0], f.village[1], DAY));
    check_all(cx);
    (void)fixture_apply(cx, &source, family(cx, "N1", f.village[0]));
    check_ok(cx, household_by_code(&h, cx, f.county, STR("N1")));
    assert_int_equal(h.area_id, f.village[1]);
    move.household_id = fixture_id(cx, &f, "C1");
    move.area_id = f.village[0];
    (void)fixture_apply(cx, &source, &move);
    fixture_flip(cx, &f, 78);
    check_all(cx);
    check_ok(cx, area_merge(cx, f.village[0], f.village[1], DAY));
    (void)fixture_undo(cx, &f, 79);
    check_ok(cx, household_by_code(&h, cx, f.county, STR("A0")));
    assert_int_equal(h.area_id, f.village[1]);
    assert_int_equal(one(cx, &HOUSEHOLDS_AT, V_I(f.village[1])), 6);
    struct journal_entry entry;
    h.id = fixture_id(cx, &f, "N1");
    check_ok(cx, journal_source(&entry, cx, f.county, KIND_HOUSEHOLD, h.id, 0, FIELD_AREA));
    assert_int_equal(entry.fields[0].to.i == f.village[0], false);
    check_all(cx);
    close_all(cx);
}
static void meanwhile(void **state)
{
    (void)state;
    db_fixture_each(meanwhile_on);
}

/* Every step fails once, again and again from the beginning: what is there is whole after each
 * failure, and the end is the same. */
static void failing_on(struct cx *cx)
{
    static const char *const points[] = {"area.chunk:1", "area.end:1",   "area.move:1",
                                         "area.end:2",   "area.chunk:2", "area.end:3"};
    open_all(cx);
    families(cx, f.village[0], "A", 5);
    families(cx, f.village[1], "B", 4);
    families(cx, f.village[2], "C", 3);
    check_ok(cx, area_merge_begin(NULL, cx, f.town[0], f.town[1], DAY));
    int failed = 0;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        assert_true(fault_set(points[i]));
        enum rc rc = area_merge(cx, f.town[0], f.town[1], DAY);
        failed += rc == RC_IO;
        err_clear(cx);
        assert_true(fault_set(NULL));
        check_all(cx);
    }
    assert_true(failed >= 3);
    struct area a;
    check_ok(cx, area_get(&a, cx, f.town[0]));
    if (!a.ended_day)
        check_ok(cx, area_merge(cx, f.town[0], f.town[1], DAY));
    check_ok(cx, area_get(&a, cx, f.town[1]));
    assert_int_equal(a.household_count, 12);
    check_all(cx);
    close_all(cx);
}
static void failing(void **state)
{
    (void)state;
    db_fixture_each(failing_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(village),   cmocka_unit_test(township), cmocka_unit_test(refused),
        cmocka_unit_test(meanwhile), cmocka_unit_test(failing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
