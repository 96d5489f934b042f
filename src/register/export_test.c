/* Tests of exports: what came in goes out and in again unchanged, secrets, areas, years; on
 * both databases. */
#include "register/export.h"

#include "base/check_digit.h"
#include "base/time.h"
#include "frame/rows.h"
#include "register/import.h"
#include "register/register_fixture.h"
#include "store/store.h"

#include <fcntl.h>
#include <sys/mman.h>

enum { TEXT_MAX = 1 << 20, YEAR = 2026 };

static int memory_file(void)
{
    int fd = memfd_create("export", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static struct str fd_text(struct cx *cx, int fd)
{
    char *text = arena_new(cx->arena, TEXT_MAX);
    ssize_t len = pread(fd, text, TEXT_MAX, 0);
    assert_in_range(len, 0, TEXT_MAX - 1);
    return (struct str){text, (size_t)len};
}

/* The whole file without its byte-order mark; line ends \n. */
static struct str exported(struct cx *cx, const struct export_options *o)
{
    int fd = memory_file();
    int64_t rows;
    check_ok(cx, export_write(&rows, cx, o, fd));
    struct str text = fd_text(cx, fd);
    close(fd);
    if (str_starts(text, STR("\xEF\xBB\xBF")))
        text = (struct str){text.p + 3, text.len - 3};
    char *out = arena_new(cx->arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] != '\r')
            out[len++] = text.p[i];
    return (struct str){out, len};
}

static size_t line_count(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += text.p[i] == '\n';
    return n;
}

/* A number that is right by GB 11643. */
static const char *identity_of(struct cx *cx, const char *digits17)
{
    return arena_printf(cx->arena, "%s%c", digits17, check_mod11_2_of(str_of(digits17)));
}

static void put(struct cx *cx, struct value *values, enum subject subject, const char *code,
                int64_t n)
{
    fixture_value(cx, values, subject, code, value_int(n));
}

/* Two households in different townships; the second has one person and hardly any values. */
static void add_households(struct cx *cx, const struct register_fixture *f)
{
    struct source s = fixture_source(f, 11, 0);
    struct household_record *r = fixture_household(cx, f->village[0], "H001", 2);
    fixture_person(r, 0, "王小明", 1, identity_of(cx, "52018119800101123"));
    fixture_person(r, 1, "李,\"芳\"", 2, identity_of(cx, "52018119820305422"));
    r->people[0].birth_day = day_of((struct date){1980, 1, 1});
    r->people[1].birth_day = day_of((struct date){1982, 3, 5});
    r->people[0].phone = STR("13800001111");
    r->people[0].code = STR("P01");
    put(cx, r->people[0].values, SUBJECT_PERSON, "ethnic", 6);
    put(cx, r->people[0].values, SUBJECT_PERSON, "health", 1 << 2 | 1 << 5);
    put(cx, r->people[0].values, SUBJECT_PERSON, "work_months", 75);
    put(cx, r->people[1].values, SUBJECT_PERSON, "education", 4);
    put(cx, r->people[1].values, SUBJECT_PERSON, "serious_illness", 1);
    put(cx, r->values, SUBJECT_HOUSEHOLD, "poor_attribute", 12);
    put(cx, r->values, SUBJECT_HOUSEHOLD, "net_income_per_head", 1234550);
    put(cx, r->values, SUBJECT_HOUSEHOLD, "dangerous_house", 0);
    struct income_record incomes[] = {
        {profile_income_code(cx->profile, STR("wages_away")), 3000000, 4},
        {profile_income_code(cx->profile, STR("cost_seed")), 12345, 4},
    };
    r->incomes = incomes;
    r->income_count = 2;
    fixture_apply(cx, &s, r);
    r = fixture_household(cx, f->village[3], "H002", 1);
    fixture_person(r, 0, "赵云", 1, NULL);
    put(cx, r->values, SUBJECT_HOUSEHOLD, "water_safe", 1);
    fixture_apply(cx, &s, r);
}

/* The national layout goes out with the mapping's titles in their order, Chinese labels, values
 * in their own units and secrets masked: the lines are written here by hand. */
static void layout_on(struct cx *cx)
{
    struct register_fixture f;
    register_fixture_open(&f, cx);
    add_households(cx, &f);
    struct str text = exported(cx, &(struct export_options){.what = EXPORT_MAPPING,
                                                            .mapping = "national_person",
                                                            .format = FRAME_CSV});
    check_str_z(
        text,
        "县(市、区、旗),乡(镇),行政村,自然村,户编号,人编号,姓名,证件号码,人数,与户主关系,民族,"
        "文化程度,在校生状况,健康状况,劳动技能,务工状况,务工时间(月),参加大病医疗,脱贫属性,"
        "贫困户属性,主要致贫原因,危房户,饮水安全,饮水困难,人均纯收入,联系电话\n"
        "清镇市,坝芒乡,新建村,,H001,P01,王小明,5201**********1230,2,户主,苗族,,,"
        "长期慢性病、残疾,,,7.5,,,低保脱贫户,,否,,,12345.5,138****1111\n"
        "清镇市,坝芒乡,新建村,,H001,,\"李,\"\"芳\"\"\",5201**********4220,2,配偶,,"
        "高中(中专),,,,,,是,,低保脱贫户,,否,,,12345.5,\n"
        "清镇市,青山镇,高坡村,,H002,,赵云,,1,户主,,,,,,,,,,,,,是,,,\n");
    register_fixture_close(&f, cx);
}

static void import_unchanged(struct cx *cx, const struct register_fixture *f,
                             const char *mapping, enum frame_format format)
{
    const struct export_options o = {.what = EXPORT_MAPPING,
                                     .mapping = mapping,
                                     .secrets = true,
                                     .year = YEAR,
                                     .format = format};
    int64_t rows, document, id;
    bool is_new;
    struct import i;
    int fd = memory_file();
    check_ok(cx, export_write(&rows, cx, &o, fd));
    const char *name = arena_printf(cx->arena, "out%s", frame_format_ending(format));
    check_ok(cx, store_put(&document, &is_new, cx, 0, "import", name, "text/csv", fd));
    close(fd);
    check_ok(cx, import_add(&id, cx, f->county, document, str_of(mapping), YEAR));
    check_ok(cx, import_check_now(cx, id));
    check_ok(cx, import_get(&i, cx, id));
    assert_int_equal(i.rows_total, rows);
    assert_int_equal(i.rows_refused, 0);
    assert_true(rows > 0 && i.counts.households[CHANGE_NONE] > 0);
    for (int change = CHANGE_NEW; change <= CHANGE_CHANGED; change++)
        assert_int_equal(i.counts.households[change] + i.counts.people[change] +
                             i.counts.incomes[change],
                         0);
}

/* What goes out by a mapping comes in again and changes nothing, as CSV, XLSX, Stata and SPSS.
 */
static void again_on(struct cx *cx)
{
    struct register_fixture f;
    register_fixture_open(&f, cx);
    add_households(cx, &f);
    cx->dir = f.dir;
    import_unchanged(cx, &f, "national_person", FRAME_CSV);
    import_unchanged(cx, &f, "national_person", FRAME_XLSX);
    import_unchanged(cx, &f, "household_income", FRAME_CSV);
    import_unchanged(cx, &f, "household_income", FRAME_XLSX);
    cx->dir = NULL;
    register_fixture_close(&f, cx);
}

/* An officer exports their own township only; asking for another's is refused, and so are
 * secrets where the role may not reveal. Who may, leaves a look behind first. */
static void scopes_on(struct cx *cx)
{
    struct register_fixture f;
    struct export_options o = {.what = EXPORT_PEOPLE, .format = FRAME_CSV};
    struct look *looks;
    size_t count;
    int64_t rows;
    register_fixture_open(&f, cx);
    add_households(cx, &f);
    cx->actor = fixture_officer(cx, &f, f.town[0], "township_officer");
    struct str text = exported(cx, &o);
    assert_int_equal(line_count(text), 3);
    assert_true(str_find(text, STR("赵云")) == SIZE_MAX);
    assert_true(str_find(text, STR("13800001111")) == SIZE_MAX);
    o.area_id = f.village[0];
    assert_int_equal(line_count(exported(cx, &o)), 3);
    o.area_id = f.town[1];
    check_refused(cx, export_write(&rows, cx, &o, STDOUT_FILENO), RC_DENIED);
    o.area_id = 0;
    cx->actor = NULL;
    check_ok(cx, look_list(&looks, &count, cx, f.county, 0));
    assert_int_equal(count, 0);
    cx->actor = fixture_officer(cx, &f, f.town[0], "township_officer");
    o.secrets = true;
    text = exported(cx, &o);
    assert_true(str_find(text, STR("13800001111")) != SIZE_MAX);
    cx->actor = NULL;
    check_ok(cx, look_list(&looks, &count, cx, f.county, 0));
    assert_int_equal(count, 1);
    assert_string_equal(looks[0].field, "export");
    cx->actor = fixture_officer(cx, &f, f.county_area, "analyst");
    check_refused(cx, export_write(&rows, cx, &o, STDOUT_FILENO), RC_DENIED);
    cx->actor = fixture_officer(cx, &f, f.county_area, "auditor");
    o.secrets = false;
    check_refused(cx, export_write(&rows, cx, &o, STDOUT_FILENO), RC_DENIED);
    register_fixture_close(&f, cx);
}

/* Incomes are one row each; a year without any gives the header alone; households carry codes
 * as numbers, or words where asked for. */
static void kinds_on(struct cx *cx)
{
    struct register_fixture f;
    struct export_options o = {.what = EXPORT_INCOMES, .format = FRAME_CSV};
    register_fixture_open(&f, cx);
    add_households(cx, &f);
    check_str_z(exported(cx, &o), "county,township,village,hamlet,household,head,year,kind,"
                                  "kind_name,amount\n"
                                  "清镇市,坝芒乡,新建村,,H001,王小明,2026,wages_away,"
                                  "Wages earned away,30000\n"
                                  "清镇市,坝芒乡,新建村,,H001,王小明,2026,cost_seed,"
                                  "Seeds and young animals,123.45\n");
    o.year = YEAR - 1;
    assert_int_equal(line_count(exported(cx, &o)), 1);
    o = (struct export_options){.what = EXPORT_HOUSEHOLDS, .format = FRAME_CSV};
    struct str numbers = exported(cx, &o);
    assert_int_equal(line_count(numbers), 3);
    assert_true(str_starts(numbers, STR("county,township,village,hamlet,household,head,size,"
                                        "year,household_type,poor_attribute,")));
    assert_true(str_find(numbers, STR("H001,王小明,2,2026,,12,")) != SIZE_MAX);
    o.use_labels = true;
    o.year = YEAR - 1;
    struct str words = exported(cx, &o);
    assert_true(str_starts(words, STR("County,")));
    assert_true(str_find(words, STR("H001,王小明,2,2025,,,")) != SIZE_MAX);
    o.year = 0;
    assert_true(
        str_find(exported(cx, &o), STR("\"Lifted out of poverty, on low-income allowance\"")) !=
        SIZE_MAX);
    register_fixture_close(&f, cx);
}

/* 600 households, more than are read at once, come out once each in the order of their numbers,
 * and the arena does not grow with them. */
static void many_on(struct cx *cx)
{
    enum { COUNT = 600 };
    struct register_fixture f;
    register_fixture_open(&f, cx);
    struct source s = fixture_source(&f, 11, 0);
    for (int i = 0; i < COUNT; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        const char *code = arena_printf(cx->arena, "H%03d", (i * 7) % COUNT);
        fixture_apply(cx, &s, fixture_household(cx, f.village[0], code, 0));
        arena_back(cx->arena, mark);
    }
    struct arena_mark mark = arena_mark(cx->arena);
    size_t used = arena_used(cx->arena);
    int64_t rows;
    int fd = memory_file();
    const struct export_options o = {.what = EXPORT_HOUSEHOLDS, .format = FRAME_CSV};
    check_ok(cx, export_write(&rows, cx, &o, fd));
    assert_int_equal(rows, COUNT);
    assert_true(arena_used(cx->arena) - used < 512 * 1024);
    arena_back(cx->arena, mark);
    struct str text = fd_text(cx, fd);
    size_t at = 0;
    close(fd);
    for (int i = 0; i < COUNT; i++) {
        const char *code = arena_printf(cx->arena, ",H%03d,", i);
        size_t found = str_find((struct str){text.p + at, text.len - at}, str_of(code));
        assert_true(found != SIZE_MAX);
        at += found + 1;
    }
    register_fixture_close(&f, cx);
}

/* The first lines of a real survey file (vietnam-vlss, VietNamH.csv; the last made up, with
 * what is not known), as its own profile takes them in. */
static const char survey[] =
    "\"sex\",\"age\",\"educyr\",\"farm\",\"urban\",\"hhsize\",\"lntotal\",\"lnmed\","
    "\"lnrlfood\","
    "\"lnexp12m\",\"commune\"\n"
    "\"female\",68,4,\"no\",\"yes\",6,10.13649,11.23321,8.639339,11.23321,\"1\"\n"
    "\"female\",57,8,\"no\",\"yes\",6,10.25206,8.50512,9.345752,8.50512,\"1\"\n"
    "\"male\",30,5,\"yes\",\"no\",4,9.5,0,8.25,NA,\"2\"\n";

static enum rc install_sheets(struct cx *cx, void *arg)
{
    (void)arg;
    return sheet_install(cx);
}

static const char *cells_of(struct cx *cx, const struct row *row)
{
    const char *text = "";
    for (size_t i = 0; i < row->count; i++)
        text = arena_printf(cx->arena, "%s%s%.*s", text, i ? "," : "",
                            STR_ARG(row->cells[i].text));
    return text;
}

/* A survey comes in by the mapping of its profile and goes out to Stata as it was: the same
 * columns, numbers as numbers, words as words, missing as missing. */
static void survey_on(struct cx *cx)
{
    static const char *const want[] = {
        "sex,age,educyr,farm,urban,hhsize,lntotal,lnmed,lnrlfood,lnexp12m,commune",
        "female,68,4,no,yes,6,10.13649,11.23321,8.639339,11.23321,1",
        "female,57,8,no,yes,6,10.25206,8.50512,9.345752,8.50512,1",
        "male,30,5,yes,no,4,9.5,0,8.25,,2"};
    struct profile_faults faults = {0};
    struct profile *profile;
    struct vault *vault;
    const char *dir = check_dir(cx), *key = arena_printf(cx->arena, "%s/key", dir);
    int64_t document, id, count;
    bool is_new;
    struct rows *rows;
    int fd = memory_file();
    check_ok(cx, profile_load_embedded(&profile, &faults, cx, "vlss"));
    check_ok(cx, vault_create(cx, key));
    check_ok(cx, vault_open(&vault, cx, key));
    cx->profile = profile;
    cx->vault = vault;
    cx->dir = dir;
    check_ok(cx, db_write(cx, 0, install_sheets, NULL));
    assert_int_equal(write(fd, survey, sizeof survey - 1), sizeof survey - 1);
    check_ok(cx, store_put(&document, &is_new, cx, 0, "import", "h.csv", "text/csv", fd));
    check_ok(cx, import_add(&id, cx, 0, document, STR("vlss_household"), 0));
    check_ok(cx, import_check_now(cx, id));
    check_ok(cx, import_apply_now(cx, id));
    assert_int_equal(ftruncate(fd, 0), 0);
    lseek(fd, 0, SEEK_SET);
    const struct export_options o = {
        .what = EXPORT_MAPPING, .mapping = "vlss_household", .format = FRAME_DTA};
    check_ok(cx, export_write(&count, cx, &o, fd));
    assert_int_equal(count, 3);
    check_ok(cx, rows_open(&rows, cx, fd, &(struct rows_options){.name = STR("h.dta")}));
    assert_int_equal(rows_count(rows), 4);
    for (size_t i = 0; i < 4; i++) {
        struct row row;
        check_ok(cx, rows_read(&row, cx, rows, i));
        assert_string_equal(cells_of(cx, &row), want[i]);
    }
    rows_close(rows);
    close(fd);
    cx->profile = NULL;
    cx->vault = NULL;
    cx->dir = NULL;
    vault_close(vault);
    profile_free(profile);
    check_dir_remove(cx, dir);
}

static void test_survey(void **state)
{
    (void)state;
    db_fixture_each(survey_on);
}
static void test_layout(void **state)
{
    (void)state;
    db_fixture_each(layout_on);
}
static void test_again(void **state)
{
    (void)state;
    db_fixture_each(again_on);
}
static void test_scopes(void **state)
{
    (void)state;
    db_fixture_each(scopes_on);
}
static void test_kinds(void **state)
{
    (void)state;
    db_fixture_each(kinds_on);
}
static void test_many(void **state)
{
    (void)state;
    db_fixture_each(many_on);
}

int main(int argc, char **argv)
{
    crypto_init();
    text_use(LANG_ZH, &messages_zh);
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout), cmocka_unit_test(test_again),
        cmocka_unit_test(test_scopes), cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_many),   cmocka_unit_test(test_survey),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
