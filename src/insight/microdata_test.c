/* The written file is read again and what it promises is counted anew. */
#include "insight/microdata.h"
#include "insight/why_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { HOUSEHOLDS = 260, FIELDS = 12, TEXT_MAX = 128 * 1024, OUTSIDE = 6, MONEY = 8 };
/* In the order they are asked for; the first four could be known from outside. */
static const char variables[] =
    "main_cause other_causes dangerous_house recognised_on main_cause "
    "house_year debt net_income_per_head arable_mu debt";
static const char header[] = "serial,part,size,main_cause,other_causes,dangerous_house,"
                             "recognised_on,house_year,debt,net_income_per_head,arable_mu";

static struct register_fixture f;
static char text[TEXT_MAX];
struct line {
    char *cell[FIELDS];
};
static struct line lines[HOUSEHOLDS];

static void put(struct cx *cx, struct household_record *r, const char *code, int64_t value)
{
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, code, value_int(value));
}

/* Most answers are common, some are rare, some are missing. */
static void throw_household(struct cx *cx, uint64_t *dice, int i, int villages)
{
    struct source s = fixture_source(&f, 0, 0);
    const char *code = arena_printf(cx->arena, "61%08d", i);
    size_t people = (size_t)check_int(dice, 1, check_int(dice, 0, 9) ? 4 : 9);
    struct household_record *r =
        fixture_household(cx, f.village[check_int(dice, 4 - villages, 3)], code, people);
    r->year = 2025;
    for (size_t p = 0; p < people; p++)
        fixture_person(r, p, p ? "李华" : "王小明", p ? 3 : 1, NULL);
    if (check_int(dice, 0, 9))
        put(cx, r, "main_cause", check_int(dice, 0, 9) ? check_int(dice, 1, 2) : 13);
    if (!check_int(dice, 0, 3))
        put(cx, r, "other_causes", (int64_t)1 << check_int(dice, 1, 4));
    put(cx, r, "dangerous_house", !check_int(dice, 0, 5));
    if (check_int(dice, 0, 2))
        put(cx, r, "recognised_on", 2014 * 12 + check_int(dice, 0, 40));
    put(cx, r, "house_year", check_int(dice, 1950, 2020));
    if (i < MICRODATA_KNOWN - 1) /* too few to show */
        put(cx, r, "debt", check_int(dice, 1, 9000000));
    put(cx, r, "net_income_per_head", 100000 + i * 12345);
    put(cx, r, "arable_mu", check_int(dice, 0, 99999));
    fixture_apply(cx, &s, r);
}

struct throwing {
    uint64_t seed;
    int villages;
};
static enum rc throw_all(struct cx *cx, void *arg)
{
    const struct throwing *t = arg;
    uint64_t dice = t->seed;
    for (int i = 0; i < HOUSEHOLDS; i++)
        throw_household(cx, &dice, i, t->villages);
    return RC_OK;
}

/* Cuts the CSV into cells; texts of numbers need no quotes. */
static int read_lines(int fd)
{
    int count = -1;
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    assert_in_range(len, 1, sizeof text - 2);
    text[len] = 0;
    char *at = text;
    while (*at) {
        char *end = strpbrk(at, "\r\n");
        struct line line = {{NULL}};
        assert_non_null(end);
        bool crlf = *end == '\r';
        *end = 0;
        if (count < 0)
            assert_non_null(strstr(at, header));
        for (int c = 0; at && c < FIELDS; c++) {
            line.cell[c] = at;
            at = strchr(at, ',');
            if (at)
                *at++ = 0;
        }
        if (count >= 0)
            lines[count] = line;
        count++;
        at = end + (crlf ? 2 : 1);
    }
    return count;
}

static const char *cell(const struct line *line, int column)
{
    assert_non_null(line->cell[column]);
    return line->cell[column] ? line->cell[column] : "";
}

static bool same_outside(const struct line *a, const struct line *b)
{
    for (int c = 1; c <= OUTSIDE; c++)
        if (strcmp(cell(a, c), cell(b, c)) != 0)
            return false;
    return true;
}

static void check_shared(int count, int *least)
{
    *least = count;
    for (int i = 0; i < count; i++) {
        int share = 0;
        for (int k = 0; k < count; k++)
            share += same_outside(&lines[i], &lines[k]);
        assert_true(share >= MICRODATA_K);
        *least = share < *least ? share : *least;
    }
}

/* The extremes of a quantity are those of several; its values are coarse. */
static void check_quantity(int count, int column, int64_t step)
{
    double low = 1e18, high = -1e18;
    int lows = 0, highs = 0;
    for (int i = 0; i < count; i++) {
        if (!*cell(&lines[i], column))
            continue;
        double v = strtod(cell(&lines[i], column), NULL);
        lows = v < low ? 1 : lows + (v <= low);
        highs = v > high ? 1 : highs + (v >= high);
        low = v < low ? v : low;
        high = v > high ? v : high;
        if (step)
            assert_int_equal((int64_t)v % step, 0);
    }
    assert_true(lows >= MICRODATA_K && highs >= MICRODATA_K);
}

/* Incomes rise with the household's code: in the file they go up and down. */
static void check_order(int count)
{
    int up = 0;
    for (int i = 0; i < count; i++) {
        assert_int_equal(strtol(cell(&lines[i], 0), NULL, 10), i + 1);
        up += i && strtod(cell(&lines[i], MONEY + 1), NULL) >
                       strtod(cell(&lines[i - 1], MONEY + 1), NULL);
    }
    assert_in_range(up, count / 3, count * 2 / 3);
}

static void check_file(struct cx *cx, const struct microdata *m)
{
    struct microdata_risk risk;
    char path[] = "/tmp/fumin-microdata-XXXXXX";
    int fd = mkstemp(path), least;
    unlink(path);
    check_ok(cx, microdata_make(&risk, cx, m, fd));
    int count = read_lines(fd);
    close(fd);
    assert_int_equal(count, risk.records);
    assert_true(risk.alone_before > 0 && risk.answers_blanked > 0);
    assert_int_equal(risk.records + risk.dropped, risk.households);
    assert_true(count > HOUSEHOLDS / 2);
    check_shared(count, &least);
    assert_int_equal(least, risk.least);
    check_quantity(count, MONEY + 1, 100);
    check_quantity(count, MONEY + 2, 0);
    check_order(count);
    for (int i = 0; i < count; i++) {
        assert_string_equal(cell(&lines[i], MONEY), "");
        assert_in_range(strtol(cell(&lines[i], 2), NULL, 10), 1, 7);
        if (*cell(&lines[i], OUTSIDE))
            assert_in_range(strtol(cell(&lines[i], OUTSIDE), NULL, 10), 2014, 2017);
        int64_t year = strtol(cell(&lines[i], OUTSIDE + 1), NULL, 10); /* from 1900 on */
        assert_true(year < 2000 || year % 10 == 0);
    }
}

static void in_villages(struct cx *cx, int villages)
{
    struct microdata_risk risk;
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    check_ok(cx, db_write(cx, f.county, throw_all, &(struct throwing){1, villages}));
    struct microdata m = {
        .county = f.county, .area_id = f.county_area, .year = 2025, .variables = variables};
    check_file(cx, &m);
    m.year = 2024;
    check_refused(cx, microdata_make(&risk, cx, &m, -1), RC_INVALID);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void anonymous(struct cx *cx)
{
    in_villages(cx, 4);
}
static void one_part(struct cx *cx)
{
    in_villages(cx, 1);
}

static enum rc add_other(struct cx *cx, void *arg)
{
    int64_t *id = arg;
    return area_add(id, cx, f.prefecture, 2, STR("520182"), STR("邻县"), 0);
}

static void neighbours(struct cx *cx)
{
    int64_t other;
    struct microdata m = {
        .year = 2025, .purpose = "How incomes differ", .variables = "arable_mu"};
    struct microdata *list;
    size_t count;
    int fd;
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    check_ok(cx, db_write(cx, f.county, throw_all, &(struct throwing){3, 4}));
    check_ok(cx, db_write(cx, 0, add_other, &other));
    const struct actor *analyst = fixture_officer(cx, &f, f.county_area, "analyst");
    struct actor neighbour = *fixture_officer(cx, &f, other, "county_admin");
    neighbour.user_id = 8;
    cx->actor = analyst;
    m.area_id = other;
    assert_int_equal(microdata_ask(&m, cx), RC_NOTFOUND);
    err_clear(cx);
    m.area_id = f.county_area;
    check_ok(cx, microdata_ask(&m, cx));
    cx->actor = &neighbour;
    assert_int_equal(microdata_decide(cx, m.id, true, STR("")), RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(microdata_get(&m, cx, m.id), RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(microdata_take(&fd, cx, m.id), RC_NOTFOUND);
    err_clear(cx);
    check_ok(cx, microdata_list(&list, &count, cx));
    assert_int_equal(count, 0);
    cx->actor = analyst;
    check_ok(cx, microdata_list(&list, &count, cx));
    assert_int_equal(count, 1);
    cx->actor = NULL;
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void test_anonymous(void **state)
{
    (void)state;
    /* 260 households with rare and missing answers: in the file every combination of what could
     * be known from outside occurs at least three times, extremes too, in no order; a variable
     * asked for twice is there once, and one that few know is blank. */
    db_fixture_each(anonymous);
}
static void test_one_part(void **state)
{
    (void)state;
    /* The same where everybody lives in one part. */
    db_fixture_each(one_part);
}
static void test_neighbours(void **state)
{
    (void)state;
    /* Another county neither sees, decides nor takes; asking for its area is asking for
     * nothing.
     */
    db_fixture_each(neighbours);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anonymous),
        cmocka_unit_test(test_one_part),
        cmocka_unit_test(test_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
