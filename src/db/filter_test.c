/* Tests of db/filter: what is found, the order, paging without gaps, the index it uses, and
 * what it refuses. Each on SQLite and on PostgreSQL. */
#include "db/filter.h"

#include "base/check.h"
#include "db/db_fixture.h"

enum { ROWS = 300, COUNTY = 3 };

static const struct sql MAKE = {
    .name = "make",
    .lite =
        "CREATE TABLE home (county BIGINT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, "
        "size INTEGER, day INTEGER NOT NULL, path TEXT NOT NULL, PRIMARY KEY (county, id))",
    .args = "",
    .cols = "",
};
static const struct sql INDEX = {
    .name = "index",
    .lite = "CREATE INDEX home_name ON home (county, name, id)",
    .args = "",
    .cols = "",
};
static const struct sql ADD = {
    .name = "add",
    .lite =
        "INSERT INTO home (county, id, name, size, day, path) VALUES ($1, $2, $3, $4, $5, $6)",
    .args = "iitiit",
    .cols = "",
};
static const struct sql LIST = {
    .name = "list",
    .lite = "SELECT h.id, h.name, h.day FROM home h WHERE h.county = $1 /*FILTER*/ /*ORDER*/",
    .args = "i",
    .cols = "iti",
};
static const struct sql COUNT = {
    .name = "count",
    .lite = "SELECT count(*) FROM home h WHERE h.county = $1 /*FILTER*/",
    .args = "i",
    .cols = "i",
};
static const struct sql NAME_OF = {
    .name = "name_of",
    .lite = "SELECT name FROM home WHERE county = $1 AND id = $2",
    .args = "ii",
    .cols = "t",
};
static const struct filter_column columns[] = {
    {"name", "h.name", FILTER_TYPE_TEXT, 0, true, NULL},
    {"secret", "h.name", FILTER_TYPE_TEXT, 0, true, &NAME_OF},
    {"size", "h.size", FILTER_TYPE_INT, 0, false, NULL},
    {"tenth", "h.size", FILTER_TYPE_INT, 1, false, NULL},
    {"day", "h.day", FILTER_TYPE_DAY, 0, true, NULL},
    {"path", "h.path", FILTER_TYPE_TEXT, 0, false, NULL},
};
static const struct filter_table table = {&LIST, columns, 6, "h.id"};
static const struct filter_table counts = {&COUNT, columns, 6, "h.id"};

/* Row i: name of few values, size NULL for every seventh, day i / 3, path of two levels. */
static void row_of(int i, char *name, char *path, size_t size)
{
    snprintf(name, size, "%c%s", 'A' + i * 7 % 20, i % 2 ? "é王" : "");
    snprintf(path, size, "/%d/%d/", i % 3, i % 5);
}

static enum rc fill(struct cx *cx, void *arg)
{
    char name[32], path[32];
    (void)arg;
    TRY(DB_RUN0(cx, &MAKE));
    TRY(DB_RUN0(cx, &INDEX));
    for (int i = 0; i < ROWS; i++) {
        row_of(i, name, path, sizeof name);
        TRY(DB_RUN(cx, &ADD, V_I(COUNTY), V_I(i), V_T(name), i % 7 ? V_I(i) : V_NULL,
                   V_I(i / 3), V_T(path)));
        TRY(DB_RUN(cx, &ADD, V_I(9), V_I(i), V_T("other county"), V_I(1), V_I(1), V_T("/")));
    }
    return RC_OK;
}

static int64_t matches(struct cx *cx, const char *column, enum filter_op op,
                       const struct str *values, size_t value_count)
{
    const struct db_arg fixed[] = {V_I(COUNTY)};
    struct filter_term term = {column, op, values, value_count};
    struct filter f = {.fixed = fixed, .fixed_count = 1, .terms = &term, .term_count = 1};
    struct filtered out;
    struct db_rows rows;
    check_ok(cx, filter_sql(&out, cx, &counts, &f));
    check_ok(cx, db_one(&rows, cx, out.sql, out.args, out.arg_count));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

static void operators(struct cx *cx)
{
    struct str v[] = {STR("42"), STR("43"), STR("50")};
    struct str day[] = {STR("1970-02-10")}, tenth[] = {STR("4.3")};
    struct str paths[] = {STR("/0/"), STR("/1/2/"), STR("/0/1/")}, all[] = {STR("")};
    check_ok(cx, db_write(cx, COUNTY, fill, NULL));
    /* Expected by counting: sizes are 1..299 without multiples of 7 (42 multiples and 0 are
     * NULL). */
    assert_int_equal(matches(cx, "size", FILTER_EQ, &v[1], 1), 1);
    assert_int_equal(matches(cx, "size", FILTER_EQ, &v[0], 1), 0);
    assert_int_equal(matches(cx, "size", FILTER_NE, &v[1], 1), ROWS - 1);
    assert_int_equal(matches(cx, "size", FILTER_LT, &v[1], 1), 36);
    assert_int_equal(matches(cx, "size", FILTER_LE, &v[1], 1), 37);
    assert_int_equal(matches(cx, "size", FILTER_GT, &v[1], 1), 257 - 37);
    assert_int_equal(matches(cx, "size", FILTER_GE, &v[1], 1), 257 - 36);
    assert_int_equal(matches(cx, "size", FILTER_IN, v, 3), 2);
    assert_int_equal(matches(cx, "size", FILTER_IN, v, 0), 0);
    assert_int_equal(matches(cx, "size", FILTER_IS_NULL, NULL, 0), 43);
    assert_int_equal(matches(cx, "size", FILTER_NOT_NULL, NULL, 0), 257);
    assert_int_equal(matches(cx, "tenth", FILTER_EQ, tenth, 1), 1);
    assert_int_equal(matches(cx, "day", FILTER_EQ, day, 1), 3); /* day 40 */
    assert_int_equal(matches(cx, "path", FILTER_PREFIX, paths, 1), 100);
    assert_int_equal(matches(cx, "path", FILTER_PREFIX, paths, 3), 120);
    assert_int_equal(matches(cx, "path", FILTER_PREFIX, all, 1), ROWS);
    assert_int_equal(matches(cx, "path", FILTER_PREFIX, NULL, 0), 0);
}

static void test_operators(void **state)
{
    (void)state;
    /* Every operator against counts made by hand. */
    db_fixture_each_empty(operators);
}

struct row {
    int64_t id;
    char name[32];
};

static int by_name(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int c = strcmp(x->name, y->name);
    return c ? c : (x->id > y->id) - (x->id < y->id);
}

/* Walks all pages of 7 and compares with the rows sorted in C. */
static void walk(struct cx *cx, const char *sort, bool descending, const struct row *want)
{
    const struct db_arg fixed[] = {V_I(COUNTY)};
    struct filter f = {
        .fixed = fixed, .fixed_count = 1, .sort = sort, .descending = descending, .limit = 7};
    int seen = 0;
    for (int page = 0; page < ROWS; page++) {
        struct filtered out;
        struct db_rows rows;
        const char *token = NULL;
        check_ok(cx, filter_sql(&out, cx, &table, &f));
        assert_true(out.sql->name[0] != '~');
        check_ok(cx, db_select(&rows, cx, out.sql, out.args, out.arg_count));
        while (db_next(&rows)) {
            const struct row *r = &want[descending ? ROWS - 1 - seen : seen];
            assert_int_equal(row_i64(&rows, 0), r->id);
            seen++;
            token = filter_token(cx, &table, &f, V_S(row_str(&rows, 1)), r->id);
        }
        check_ok(cx, db_done(&rows));
        if (!token)
            break;
        f.after = str_of(token);
        if (strcmp(sort, "secret") == 0)
            assert_null(strchr(token, '.'));
    }
    assert_int_equal(seen, ROWS);
}

static void paging(struct cx *cx)
{
    struct row want[ROWS];
    char path[32];
    check_ok(cx, db_write(cx, COUNTY, fill, NULL));
    for (int i = 0; i < ROWS; i++) {
        want[i].id = i;
        row_of(i, want[i].name, path, sizeof path);
    }
    walk(cx, "", false, want);
    walk(cx, "", true, want);
    qsort(want, ROWS, sizeof *want, by_name);
    walk(cx, "name", false, want);
    walk(cx, "name", true, want);
    walk(cx, "secret", false, want);
    walk(cx, "secret", true, want);
}

static void test_paging(void **state)
{
    (void)state;
    /* All pages together are all rows, once, in order, with many equal sort values, in both
     * directions; a personal sort value never stands in the token. */
    db_fixture_each_empty(paging);
}

static void plan(struct cx *cx)
{
    const struct db_arg fixed[] = {V_I(COUNTY)};
    struct filter f = {
        .fixed = fixed, .fixed_count = 1, .sort = "name", .limit = 7, .after = STR("41.5")};
    struct filtered out;
    struct db_rows rows;
    char text[2000] = "";
    check_ok(cx, db_write(cx, COUNTY, fill, NULL));
    check_ok(cx, filter_sql(&out, cx, &table, &f));
    bool is_pg = db_is_pg(cx);
    struct sql explain = {
        .name = "~explain", .args = out.sql->args, .cols = is_pg ? "t" : "iiit"};
    explain.lite =
        arena_printf(cx->arena, is_pg ? "EXPLAIN %s" : "EXPLAIN QUERY PLAN %s", out.sql->lite);
    check_ok(cx, db_select(&rows, cx, &explain, out.args, out.arg_count));
    while (db_next(&rows))
        snprintf(text + strlen(text), sizeof text - strlen(text), "%.*s\n",
                 STR_ARG(row_str(&rows, is_pg ? 0 : 3)));
    check_ok(cx, db_done(&rows));
    if (is_pg)
        return; /* its planner chooses by size; 300 rows are not enough for an index */
    assert_non_null(
        strstr(text, "SEARCH h USING INDEX home_name (county=? AND (name,id)>(?,?))"));
    assert_null(strstr(text, "TEMP B-TREE"));
}

static void test_plan(void **state)
{
    (void)state;
    /* SQLite reads a page by one search in the index and sorts nothing. */
    db_fixture_each_empty(plan);
}

static enum rc refused(struct cx *cx, struct filter_term term, const char *sort,
                       const char *after)
{
    const struct db_arg fixed[] = {V_I(COUNTY)};
    struct filter f = {.fixed = fixed,
                       .fixed_count = 1,
                       .terms = &term,
                       .limit = 7,
                       .term_count = term.column != NULL,
                       .sort = sort,
                       .after = str_of(after)};
    struct filtered out;
    return filter_sql(&out, cx, &table, &f);
}

static void refusals(struct cx *cx)
{
    struct str words[] = {STR("abc"), STR("1' OR '1'='1")};
    struct filter_term none = {0};
    static const char *const tokens[] = {".", "1", "zz.1", "414.1", "41.", "41.x", "41.1.1"};
    check_refused(cx, refused(cx, (struct filter_term){"size", FILTER_EQ, words, 1}, "", ""),
                  RC_INVALID);
    check_refused(cx, refused(cx, (struct filter_term){"size", FILTER_EQ, words, 2}, "", ""),
                  RC_INVALID);
    check_refused(cx, refused(cx, (struct filter_term){"day", FILTER_GE, words, 1}, "", ""),
                  RC_INVALID);
    check_refused(cx,
                  refused(cx, (struct filter_term){"size", FILTER_PREFIX, words, 1}, "", ""),
                  RC_INVALID);
    check_refused(cx, refused(cx, (struct filter_term){"h.id", FILTER_EQ, words, 1}, "", ""),
                  RC_INVALID);
    check_refused(cx, refused(cx, none, "size", ""), RC_INVALID);
    check_refused(cx, refused(cx, none, "id; DROP", ""), RC_INVALID);
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        check_refused(cx, refused(cx, none, "name", tokens[i]), RC_INVALID);
    check_ok(cx, db_write(cx, COUNTY, fill, NULL));
    check_refused(cx, refused(cx, none, "secret", "123456"), RC_INVALID); /* no such row */
    assert_int_equal(matches(cx, "name", FILTER_EQ, &words[1], 1), 0);
}

static void test_refusals(void **state)
{
    (void)state;
    /* Values of the wrong type, unknown columns, sorts and tokens are RC_INVALID with a text.
     */
    db_fixture_each_empty(refusals);
}

static void shapes(struct cx *cx)
{
    /* More shapes than are kept: the later ones are made for one use and work the same. */
    static const char *const names[] = {"name", "size", "tenth", "day", "path"};
    const struct db_arg fixed[] = {V_I(COUNTY)};
    struct str value[] = {STR("1970-01-02")}, number[] = {STR("1")};
    bool was_transient = false;
    check_ok(cx, db_write(cx, COUNTY, fill, NULL));
    for (int i = 0; i < 700; i++) {
        struct filter_term terms[5];
        int digits = i;
        for (int k = 0; k < 5; k++, digits /= 4)
            terms[k] = (struct filter_term){names[k], FILTER_LT + (unsigned)digits % 4,
                                            k == 3 ? value : number, 1};
        struct filter f = {.fixed = fixed, .fixed_count = 1, .terms = terms, .term_count = 5};
        struct filtered out;
        struct db_rows rows;
        check_ok(cx, filter_sql(&out, cx, &counts, &f));
        was_transient |= out.sql->name[0] == '~';
        check_ok(cx, db_one(&rows, cx, out.sql, out.args, out.arg_count));
        check_ok(cx, db_done(&rows));
    }
    assert_true(was_transient);
}

static void test_shapes(void **state)
{
    (void)state;
    db_fixture_each_empty(shapes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators), cmocka_unit_test(test_paging),
        cmocka_unit_test(test_plan),      cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
