/* What rules look like as SQL and as JSON, and what is refused. That they give the same values
 * as C is rule_same_test's. */
#include "base/buf.h"
#include "base/check.h"
#include "rule/rule_random.h"

enum { DAY = 20000, YEAR = 2025 };

static const struct rule_program *compiled(struct cx *cx, enum rule_level level,
                                           const char *text)
{
    const struct rule_program *p;
    struct rule_fault fault;
    const struct rule_text one = {.name = "test", .level = level, .text = str_of(text)};
    check_ok(cx, rule_compile(&p, &fault, cx, rule_random_dictionary(), &one, 1));
    return p;
}

/* Columns of the household's own table only. */
static const char *column(void *arg, struct cx *cx, const struct rule_name *name)
{
    (void)arg;
    return name->level == RULE_HOUSEHOLD && name->table == RULE_FIELD
               ? arena_printf(cx->arena, "%.*s", STR_ARG(name->name))
               : NULL;
}

static void same_sql(struct cx *cx, const char *rule, const char *want)
{
    struct str sql;
    check_ok(cx, rule_sql(&sql, cx, compiled(cx, RULE_HOUSEHOLD, rule), 0, false, column, NULL,
                          DAY, YEAR));
    check_str_z(sql, want);
}

/* A plain filter becomes the comparison that one would write by hand, so that an index serves
 * it: nothing is cast or wrapped. */
static void filters_stay_plain(void **state)
{
    (void)state;
    struct cx cx;
    check_open(&cx);
    same_sql(&cx, "h_num > 5", "(5 < h_num)");
    same_sql(&cx, "h_money <= 12.50", "(h_money <= 1250)");
    same_sql(&cx, "h_yes and not h_is", "((h_yes <> 0) AND (NOT (h_is <> 0)))");
    same_sql(&cx, "h_code = 'nine' or h_num is missing", "((h_code = 9) OR (h_num IS NULL))");
    same_sql(&cx, "h_num in (3, 1, 2)", "(h_num IN (1, 2, 3))");
    same_sql(&cx, "h_set has 'two words'", "((CAST(h_set AS BIGINT) & 4) <> 0)");
    same_sql(&cx, "h_day < today", "(h_day < 20000)");
    same_sql(&cx, "h_num = year", "(h_num = 2025)");
    check_close(&cx);
}

static void refused(struct cx *cx, const char *rule, const char *why)
{
    struct str sql = {NULL, 0};
    enum rc rc = rule_sql(&sql, cx, compiled(cx, RULE_HOUSEHOLD, rule), 0, false, column, NULL,
                          DAY, YEAR);
    assert_int_equal(rc, RC_INVALID);
    assert_string_equal(cx->err.text, why);
    assert_null(sql.p);
    err_clear(cx);
}

/* What a table's own columns cannot answer is refused with a sentence, never half answered. */
static void the_rest_is_refused(void **state)
{
    (void)state;
    struct cx cx;
    check_open(&cx);
    refused(&cx, "count(members) > 2",
            "Counting or summing over members or households cannot be asked of the database.");
    refused(&cx, "last_year(h_num) > 2",
            "“h_num” of an earlier year cannot be asked of the database.");
    refused(&cx, "a_num > 2", "“a_num” is not a column of this table.");
    refused(&cx, "h_money < line", "“line” is not a column of this table.");
    struct buf b;
    buf_init(&b, cx.arena, 1 << 16);
    buf_z(&b, "h_num");
    for (int i = 0; i < 150; i++)
        buf_printf(&b, " + h_many * (h_num - %d)", i);
    refused(&cx, buf_view(&b).p, "The rule is too long to be asked of the database.");
    check_close(&cx);
}

/* The JSON has names, sets, roots and code, leaves defaults away, and writes as text what a
 * double would not hold. */
static void json_is_as_described(void **state)
{
    (void)state;
    struct cx cx;
    struct str json;
    check_open(&cx);
    check_ok(&cx,
             rule_json(&json, &cx, compiled(&cx, RULE_HOUSEHOLD, "h_num < 9007199254740993")));
    check_str_z(json, "{\"version\":1,\"names\":[{\"name\":\"h_num\",\"level\":\"household\","
                      "\"table\":\"field\",\"kind\":\"number\",\"decimals\":0}],\"sets\":[],"
                      "\"roots\":[{\"name\":\"test\",\"at\":2,\"level\":\"household\",\"kind\":"
                      "\"bool\",\"decimals\":0}],\"code\":[[\"load\",1],[\"const\",1,-1,-1,-1,"
                      "\"9007199254740993\"],[\"lt\",1,0,1]]}");
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_stay_plain),
        cmocka_unit_test(the_rest_is_refused),
        cmocka_unit_test(json_is_as_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
