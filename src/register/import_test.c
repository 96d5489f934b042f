/* Tests of imports from a file's bytes to the register, on both databases. The identity numbers
 * are of invented people and made with MOD 11-2 by hand: 110105194912310025 is the GB 11643
 * example number with its last place changed, and 11010519491231002X the example itself. */
#include "register/import.h"

#include "base/fault.h"
#include "frame/rows.h"
#include "register/import_inner.h"
#include "register/register_fixture.h"
#include "store/store.h"

#include <fcntl.h>
#include <unistd.h>

#define HEADER                                                                                 \
    "清镇市监测信息 2025年\n"                                                                  \
    "县(市、区、旗),乡(镇),行政村,自然村,户编号,人编号,姓名,证件号码,人数,与户主关系,民族,"    \
    "健康状况,务工时间（月）,人均纯收入,联系电话\n"
#define ROW_1                                                                                  \
    "清镇市,坝芒乡,老寨村,,H01,P0101,王小明,11010519491231002X,2,户主,汉族,健康,,8650.5,"      \
    "13812345678\n"
#define ROW_2                                                                                  \
    "清镇市,坝芒乡,老寨村,,H01,P0102,李秀英,440524188001010014,2,配偶,苗族,长期慢性病,,8650."  \
    "5,\n"
#define ROW_3      "清镇市,青山镇,高坡村,,H02,P0201,张伟,,1,户主,汉族,健康,6,12000,\n"
#define ROW_3_MORE "清镇市,青山镇,高坡村,,H02,P0201,张伟,,1,户主,汉族,健康,9,12000,\n"
#define BAD_DIGIT                                                                              \
    "清镇市,青山镇,高坡村,,H03,P0301,赵六,110105194912310025,1,户主,汉族,健康,,9000,\n"
#define BAD_MONTHS "清镇市,青山镇,高坡村,,H04,P0401,钱七,,1,户主,汉族,健康,13,9000,\n"
#define HEAD_A     "清镇市,青山镇,高坡村,,H05,P0501,孙八,,2,户主,汉族,健康,,9000,\n"
#define HEAD_B     "清镇市,青山镇,高坡村,,H05,P0502,周九,,2,户主,汉族,健康,,9000,\n"

static int64_t add_file(struct cx *cx, const char *text)
{
    struct file_temp temp;
    int64_t document, id;
    bool is_new;
    check_ok(cx, file_temp_open(&temp, cx, cx->dir));
    check_ok(cx, file_put(cx, temp.fd, text, strlen(text), "file"));
    check_ok(cx,
             store_put(&document, &is_new, cx, 0, "import", "people.csv", "text/csv", temp.fd));
    file_temp_drop(&temp);
    check_ok(cx, import_add(&id, cx, 0, document, STR(""), 2025));
    return id;
}

static struct import checked(struct cx *cx, const char *text)
{
    struct import i;
    int64_t id = add_file(cx, text);
    check_ok(cx, import_check_now(cx, id));
    check_ok(cx, import_get(&i, cx, id));
    return i;
}

static struct import applied(struct cx *cx, const char *text)
{
    struct import i = checked(cx, text);
    check_ok(cx, import_apply_now(cx, i.id));
    check_ok(cx, import_get(&i, cx, i.id));
    assert_int_equal(i.state, IMPORT_DONE);
    return i;
}

static bool has_household(struct cx *cx, const struct register_fixture *f, const char *code)
{
    struct household h;
    enum rc rc = household_by_code(&h, cx, f->county, str_of(code));
    err_clear(cx);
    return rc == RC_OK;
}

static void open_fixture(struct register_fixture *f, struct cx *cx)
{
    register_fixture_open(f, cx);
    cx->dir = f->dir;
}

/* The dry run changes nothing and counts what would come; applying brings it; the same file
 * again changes nothing; a changed cell is one changed person. */
static void once_and_again_on(struct cx *cx)
{
    struct register_fixture f;
    open_fixture(&f, cx);
    struct import i = checked(cx, HEADER ROW_1 ROW_2 ROW_3);
    assert_int_equal(i.state, IMPORT_CHECKED);
    assert_int_equal(i.rows_total, 3);
    assert_int_equal(i.rows_refused, 0);
    assert_int_equal(i.counts.households[CHANGE_NEW], 2);
    assert_int_equal(i.counts.people[CHANGE_NEW], 3);
    assert_false(has_household(cx, &f, "H01"));
    check_ok(cx, import_apply_now(cx, i.id));
    assert_true(has_household(cx, &f, "H01"));
    i = applied(cx, HEADER ROW_1 ROW_2 ROW_3);
    assert_int_equal(i.counts.people[CHANGE_NONE], 3);
    assert_int_equal(i.counts.people[CHANGE_NEW] + i.counts.people[CHANGE_CHANGED], 0);
    i = applied(cx, HEADER ROW_1 ROW_2 ROW_3_MORE);
    assert_int_equal(i.counts.people[CHANGE_CHANGED], 1);
    assert_int_equal(i.counts.people[CHANGE_NONE], 2);
    register_fixture_close(&f, cx);
}

static void once_and_again(void **state)
{
    (void)state;
    db_fixture_each(once_and_again_on);
}

static const struct finding *find_code(const struct finding *list, size_t count,
                                       const char *code)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(list[i].code, code))
            return &list[i];
    return NULL;
}

/* Rows with mistakes stay out, each named by row, column and what was expected; a household
 * with two heads stays out whole; the others go in. The refused rows come back with their
 * reasons. */
static void refused_on(struct cx *cx)
{
    struct register_fixture f;
    struct finding *list;
    size_t count;
    open_fixture(&f, cx);
    struct import i = applied(cx, HEADER ROW_1 ROW_2 BAD_DIGIT BAD_MONTHS HEAD_A HEAD_B);
    assert_int_equal(i.rows_total, 6);
    assert_int_equal(i.rows_good, 2);
    assert_int_equal(i.rows_refused, 4);
    check_ok(cx,
             import_findings(&list, &count, cx,
                             &(struct finding_query){i.id, FINDING_ERROR, STR(""), 0, 100}));
    const struct finding *digit = find_code(list, count, "identity.check_digit");
    const struct finding *months = find_code(list, count, "cell.value");
    const struct finding *heads = find_code(list, count, "household.two_heads");
    assert_non_null(digit);
    assert_int_equal(digit->row, 5);
    assert_string_equal(digit->column, "证件号码");
    assert_null(strstr(digit->value, "1949")); /* masked */
    assert_non_null(months);
    assert_int_equal(months->row, 6);
    assert_string_equal(months->value, "13");
    assert_non_null(strstr(months->message, "12"));
    assert_non_null(heads);
    assert_int_equal(heads->row, 8);
    assert_true(has_household(cx, &f, "H01"));
    assert_false(has_household(cx, &f, "H03") || has_household(cx, &f, "H05"));

    struct file_temp out;
    check_ok(cx, file_temp_open(&out, cx, f.dir));
    check_ok(cx, import_refused_write(cx, i.id, STR("csv"), out.fd));
    char text[4096];
    ssize_t len = pread(out.fd, text, sizeof text - 1, 0);
    assert_true(len > 0);
    text[len] = 0;
    assert_non_null(strstr(text, "110105194912310025"));
    assert_non_null(strstr(text, "P0502"));
    assert_null(strstr(text, "P0101"));
    file_temp_drop(&out);
    register_fixture_close(&f, cx);
}

static void refused(void **state)
{
    (void)state;
    db_fixture_each(refused_on);
}

/* A full disk while applying: the import fails with a sentence, nothing of it is seen; applied
 * again it goes on and is whole. Undone, the register is as before. */
static void disk_full_on(struct cx *cx)
{
    struct register_fixture f;
    open_fixture(&f, cx);
    struct import i = checked(cx, HEADER ROW_1 ROW_2 ROW_3);
    assert_true(fault_set("import.flip:1"));
    check_refused(cx, import_apply_now(cx, i.id), RC_IO);
    assert_true(fault_set(""));
    check_ok(cx, import_get(&i, cx, i.id));
    assert_int_equal(i.state, IMPORT_FAILED);
    assert_true(i.message[0] != 0);
    assert_false(has_household(cx, &f, "H01"));
    check_ok(cx, import_apply_now(cx, i.id));
    assert_true(has_household(cx, &f, "H01") && has_household(cx, &f, "H02"));
    check_ok(cx, import_undo_now(cx, i.id));
    assert_false(has_household(cx, &f, "H01"));
    struct verify_fault *faults;
    size_t count;
    check_ok(cx, register_verify(&faults, &count, cx, 0));
    assert_int_equal(count, 0);
    register_fixture_close(&f, cx);
}

static void disk_full(void **state)
{
    (void)state;
    db_fixture_each(disk_full_on);
}

/* An officer of one township cannot bring in households of another: those rows are refused. */
static void scope_on(struct cx *cx)
{
    struct register_fixture f;
    struct finding *list;
    size_t count;
    open_fixture(&f, cx);
    cx->actor = fixture_officer(cx, &f, f.town[0], "county_admin");
    struct import i = applied(cx, HEADER ROW_1 ROW_2 ROW_3);
    assert_int_equal(i.rows_refused, 1);
    check_ok(cx, import_findings(&list, &count, cx,
                                 &(struct finding_query){i.id, FINDING_ERROR, STR(""), 0, 10}));
    assert_non_null(find_code(list, count, "area.outside"));
    cx->actor = NULL;
    assert_true(has_household(cx, &f, "H01"));
    assert_false(has_household(cx, &f, "H02"));
    register_fixture_close(&f, cx);
}

static void scope(void **state)
{
    (void)state;
    db_fixture_each(scope_on);
}

static const char *lives_in(struct cx *cx, const struct register_fixture *f, const char *code)
{
    struct household h;
    check_ok(cx, household_by_code(&h, cx, f->county, str_of(code)));
    return arena_copy(cx->arena, str_of(h.area_path));
}

/* A file that names no place, or only the town, leaves a household in its village, and an
 * officer of that town may bring it; a file that names another village moves it. */
static void stays_in_village_on(struct cx *cx)
{
    struct register_fixture f;
    open_fixture(&f, cx);
    applied(cx, HEADER ROW_1 ROW_2 ROW_3);
    const char *home = lives_in(cx, &f, "H01"), *other = lives_in(cx, &f, "H02");
    cx->actor = fixture_officer(cx, &f, f.town[0], "county_admin");
    struct import i = applied(cx, "户编号,最近走访日期\nH01,2025-04-03\nH02,2025-04-04\n");
    assert_int_equal(i.rows_refused, 1); /* H02: of another town */
    assert_int_equal(i.counts.households[CHANGE_CHANGED], 1);
    cx->actor = NULL;
    assert_string_equal(lives_in(cx, &f, "H01"), home);
    applied(cx, HEADER "清镇市,,,,H01,P0101,王小明,,2,户主,汉族,健康,3,8650.5,\n");
    applied(cx, HEADER "清镇市,坝芒乡,,,H01,P0101,王小明,,2,户主,汉族,健康,4,8650.5,\n");
    assert_string_equal(lives_in(cx, &f, "H01"), home);
    applied(cx, HEADER "清镇市,青山镇,高坡村,,H01,P0101,王小明,,2,户主,汉族,健康,4,8650.5,\n");
    assert_string_equal(lives_in(cx, &f, "H01"), other);
    register_fixture_close(&f, cx);
}

static void stays_in_village(void **state)
{
    (void)state;
    db_fixture_each(stays_in_village_on);
}

/* A file without a known header, and one without rows, are refused with a sentence and no
 * import stands half-made. */
static void no_header_on(struct cx *cx)
{
    struct register_fixture f;
    struct import i;
    open_fixture(&f, cx);
    int64_t id = add_file(cx, "a,b\n1,2\n");
    check_refused(cx, import_check_now(cx, id), RC_INVALID);
    check_ok(cx, import_get(&i, cx, id));
    assert_int_equal(i.state, IMPORT_FAILED);
    check_refused(cx, import_apply_now(cx, id), RC_CONFLICT);
    id = add_file(cx, HEADER);
    check_refused(cx, import_check_now(cx, id), RC_INVALID);
    register_fixture_close(&f, cx);
}

static void no_header(void **state)
{
    (void)state;
    db_fixture_each(no_header_on);
}

int main(int argc, char **argv)
{
    crypto_init();
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once_and_again), cmocka_unit_test(refused),
        cmocka_unit_test(disk_full),      cmocka_unit_test(scope),
        cmocka_unit_test(no_header),      cmocka_unit_test(stays_in_village),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
