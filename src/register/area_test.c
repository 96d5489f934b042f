/* Tests of areas: the tree, names and codes with their days, loading a country's divisions; on
 * both databases. */
#include "register/area.h"

#include "base/time.h"
#include "register/register_fixture.h"

struct renaming {
    int64_t id;
    const char *code, *name;
    int32_t day;
};
static enum rc rename_write(struct cx *cx, void *arg)
{
    const struct renaming *r = arg;
    return area_rename(cx, r->id, str_of(r->code), str_of(r->name), r->day);
}

/* The tree, its labels and paths; areas found by name with and without the kind of place. */
static void tree_on(struct cx *cx)
{
    struct register_fixture f;
    struct area a, *list;
    size_t count;
    register_fixture_open(&f, cx);
    assert_string_equal(area_label(cx, f.village[1]), "清镇市 › 坝芒乡 › 老寨村");
    check_ok(cx, area_children(&list, &count, cx, f.county_area));
    assert_int_equal(count, 2);
    assert_string_equal(list[0].name, "坝芒乡");
    check_ok(cx, area_get(&a, cx, f.village[3]));
    assert_true(str_starts(str_of(a.path), str_of(f.town_path[1])));
    assert_false(str_starts(str_of(a.path), str_of(f.town_path[0])));
    assert_int_equal(a.county, f.county);
    check_ok(cx, area_get(&a, cx, f.province));
    assert_int_equal(a.county, 0);
    check_ok(cx, area_by_name(&a, cx, f.town[1], STR("高坡")));
    assert_int_equal(a.id, f.village[3]);
    check_ok(cx, area_by_name(&a, cx, f.county_area, STR(" 坝芒镇 ")));
    assert_int_equal(a.id, f.town[0]);
    check_refused(cx, area_by_name(&a, cx, f.county_area, STR("坝芝乡")), RC_NOTFOUND);
    check_ok(cx, area_by_code(&a, cx, STR("520181001000"), 20000));
    assert_int_equal(a.id, f.town[0]);
    check_ok(cx, area_chain(&list, &count, cx, f.village[0]));
    assert_int_equal(count, 5);
    assert_int_equal(list[2].id, f.county_area);
    register_fixture_close(&f, cx);
}
static void tree(void **state)
{
    (void)state;
    db_fixture_each(tree_on);
}

/* A new name and code from a day on: found by both, each in its time, and the history stays. */
static void names_on(struct cx *cx)
{
    struct register_fixture f;
    struct area a;
    struct area_name *names;
    size_t count;
    register_fixture_open(&f, cx);
    struct renaming r = {f.town[0], "520181101", "坝芒镇", 18000};
    check_ok(cx, db_write(cx, f.county, rename_write, &r));
    check_ok(cx, area_get(&a, cx, f.town[0]));
    assert_string_equal(a.name, "坝芒镇");
    check_ok(cx, area_by_code(&a, cx, STR("520181001"), 17000));
    assert_int_equal(a.id, f.town[0]);
    check_ok(cx, area_by_code(&a, cx, STR("520181101"), 19000));
    assert_int_equal(a.id, f.town[0]);
    check_ok(cx, area_names(&names, &count, cx, f.town[0]));
    assert_int_equal(count, 2);
    assert_string_equal(names[0].name, "坝芒乡");
    assert_int_equal(names[0].to_day, 18000);
    assert_int_equal(names[1].to_day, 0);
    r.code = "520181002"; /* belongs to another */
    check_refused(cx, db_write(cx, f.county, rename_write, &r), RC_CONFLICT);
    int64_t entries, bad;
    check_ok(cx, journal_verify(&entries, &bad, cx, f.county));
    assert_int_equal(bad, 0);
    struct journal_entry e;
    check_ok(cx, journal_source(&e, cx, f.county, KIND_AREA, f.town[0], 0, FIELD_NAME));
    check_str_z(e.fields[1].from.s, "坝芒乡");
    register_fixture_close(&f, cx);
}
static void names(void **state)
{
    (void)state;
    db_fixture_each(names_on);
}

static void put_file(struct cx *cx, const char *dir, const char *name, const char *text)
{
    check_ok(cx,
             file_write(cx, arena_printf(cx->arena, "%s/%s", dir, name), str_of(text), 0600));
}

/* Divisions of one prefecture out of files in the public layout (the rows are of the real
 * ones): levels, counties, and old codes that lead to their successor; loading again adds
 * nothing. */
static void divisions_on(struct cx *cx)
{
    struct register_fixture f;
    struct area a;
    int64_t added;
    register_fixture_open(&f, cx);
    put_file(cx, f.dir, "div_provinces.csv",
             "code,name\n13,\"河北省\"\n44,\"广东省\"\n52,\"贵州省\"\n");
    put_file(cx, f.dir, "div_cities.csv",
             "code,name,provinceCode\n1301,\"石家庄市\",13\n1302,\"唐山市\",13\n"
             "4419,\"东莞市\",44\n");
    put_file(cx, f.dir, "div_areas.csv",
             "code,name,cityCode,provinceCode\n130102,\"长安区\",1301,13\n130109,\"藁城区\","
             "1301,13\n"
             "130202,\"路南区\",1302,13\n441900,\"东莞市\",4419,44\n");
    put_file(cx, f.dir, "div_streets.csv",
             "code,name,areaCode,provinceCode,cityCode\n130102001,\"建北街道\",130102,13,1301\n"
             "130109100,\"廉州镇\",130109,13,1301\n130202001,\"学院南路街道\",130202,13,1302\n"
             "441900003,\"东城街道\",441900,44,4419\n");
    put_file(cx, f.dir, "history.csv",
             "代码,一级行政区,二级行政区,名称,级别,状态,启用时间,变更/弃用时间,新代码\n"
             "130109,河北省,石家庄市,藁城区,县级,在用,2014,,\n"
             "130122,河北省,石家庄市,藁城县,县级,弃用,1983,1993,130182\n"
             "130182,河北省,石家庄市,藁城市,县级,弃用,1993,2014,130109\n");
    const char *history = arena_printf(cx->arena, "%s/history.csv", f.dir);
    check_ok(cx, area_import_divisions(&added, cx, f.dir, STR("1301"), history));
    assert_int_equal(added, 6); /* province, prefecture, two counties, two townships */
    check_ok(cx, area_by_code(&a, cx, STR("130109100"), 20000));
    assert_string_equal(area_label(cx, a.id), "藁城区 › 廉州镇");
    assert_int_equal(a.level, 3);
    assert_true(a.county > f.county);
    check_refused(cx, area_by_code(&a, cx, STR("130202"), 20000), RC_NOTFOUND);
    int32_t day = day_of((struct date){2005, 6, 1});
    check_ok(cx, area_by_code(&a, cx, STR("130182"), day));
    assert_string_equal(a.name, "藁城区");
    check_ok(cx, area_by_code(&a, cx, STR("130122"), day_of((struct date){1990, 6, 1})));
    assert_string_equal(a.name, "藁城区");
    check_ok(cx, area_import_divisions(&added, cx, f.dir, STR("1301"), history));
    assert_int_equal(added, 0);
    /* A county whose code is its prefecture's with zeros behind it is not the prefecture. */
    check_ok(cx, area_import_divisions(&added, cx, f.dir, STR("4419"), NULL));
    assert_int_equal(added, 4);
    check_ok(cx, area_by_code(&a, cx, STR("441900"), 20000));
    assert_int_equal(a.level, 2);
    check_ok(cx, area_by_code(&a, cx, STR("441900003"), 20000));
    assert_string_equal(area_label(cx, a.id), "东莞市 › 东城街道");
    register_fixture_close(&f, cx);
}
static void divisions(void **state)
{
    (void)state;
    db_fixture_each(divisions_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree),
        cmocka_unit_test(names),
        cmocka_unit_test(divisions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
