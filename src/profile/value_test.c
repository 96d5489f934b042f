/* Tests of values: shown, written to files, read from cells; and of mappings' cells. */
#include "base/check.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "profile/codebook.h"
#include "profile/profile_impl.h"

#include <jansson.h>
#include <string.h>

extern const struct message_catalogue messages_zh;

static struct cx cx;
static struct profile *cn, *vlss;

static int setup(void **state)
{
    (void)state;
    struct profile_faults faults;
    crypto_init();
    text_use(LANG_ZH, &messages_zh);
    check_open(&cx);
    if (profile_load_embedded(&cn, &faults, &cx, "cn") ||
        profile_load_embedded(&vlss, &faults, &cx, "vlss"))
        return 1;
    cx.profile = cn;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    profile_free(cn);
    profile_free(vlss);
    check_close(&cx);
    return 0;
}

/* The cell must be read as exactly this value. */
static void reads(const struct indicator *ind, const char *cell, struct value want)
{
    struct value got;
    const char *expected = "";
    if (value_parse(&got, &expected, &cx, ind, str_of(cell), false) || !value_eq(got, want))
        fail_msg("%s: '%s' in language %d was not read back (%s)", ind->code, cell,
                 (int)cx.lang, expected);
}

static void both_ways(const struct indicator *ind, struct value v)
{
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        cx.lang = (enum lang)lang;
        reads(ind, value_show(&cx, ind, v), v);
        reads(ind, value_plain(&cx, ind, v), v);
    }
    cx.lang = LANG_EN;
}

static void try_codes(const struct indicator *ind)
{
    int64_t all = 0;
    for (size_t k = 0; k < ind->list->code_count; k++) {
        int64_t code = ind->list->codes[k].code;
        if (ind->type == TYPE_CODE) {
            both_ways(ind, value_int(code));
            continue;
        }
        both_ways(ind, value_int((int64_t)(1ULL << code)));
        all |= (int64_t)(1ULL << code);
        both_ways(ind, value_int(all));
    }
}

static void try_indicator(const struct indicator *ind, uint64_t *r)
{
    switch (ind->type) {
    case TYPE_CODE:
    case TYPE_CODES:
        try_codes(ind);
        return;
    case TYPE_BOOL:
        both_ways(ind, value_int(0));
        both_ways(ind, value_int(1));
        return;
    case TYPE_TEXT:
        both_ways(ind, value_text(STR("苗岭, \"a\" 村")));
        return;
    case TYPE_INTEGER:
    case TYPE_DECIMAL:
    case TYPE_MONEY:
    case TYPE_DAY:
    case TYPE_MONTH:
        assert_true(ind->has_min && ind->has_max);
        both_ways(ind, value_int(ind->min));
        both_ways(ind, value_int(ind->max));
        for (int i = 0; i < 5; i++)
            both_ways(ind, value_int(check_int(r, ind->min, ind->max)));
        return;
    }
}

/* Every indicator of both profiles, every code alone and in sets, bounds and random values:
 * what is shown to a person in either language and what a file holds is read back the same. */
static void every_indicator(void **state)
{
    (void)state;
    const struct profile *const all[] = {cn, vlss};
    struct arena_mark mark = arena_mark(cx.arena);
    for_each_seed (seed, 3) {
        uint64_t r = seed;
        for (size_t k = 0; k < 2; k++)
            for (size_t i = 0; i < all[k]->indicator_count; i++) {
                try_indicator(&all[k]->indicators[i], &r);
                arena_back(cx.arena, mark);
            }
    }
}

/* Every alias of every list means its code. */
static void every_alias(void **state)
{
    (void)state;
    size_t aliases = 0;
    for (size_t i = 0; i < cn->list_count; i++)
        for (size_t k = 0; k < cn->lists[i].code_count; k++) {
            const struct code *c = &cn->lists[i].codes[k];
            for (const char *const *a = c->aliases; *a; a++, aliases++)
                assert_ptr_equal(code_parse(&cn->lists[i], &cx, str_of(*a)), c);
        }
    assert_true(aliases > 400);
}

static const struct indicator *of(enum subject subject, const char *code)
{
    const struct indicator *ind = profile_indicator(cn, subject, str_of(code));
    assert_non_null(ind);
    return ind;
}

/* Cells as county files hold them, with the value a person would say they mean. */
static void cells_of_real_files(void **state)
{
    (void)state;
    const struct indicator *relation =
        &(struct indicator){.code = "relation", .type = TYPE_CODE, .list = cn->relation_list};
    const struct indicator *cause = of(SUBJECT_HOUSEHOLD, "main_cause");
    const struct indicator *health = of(SUBJECT_PERSON, "health");
    const struct indicator *money = of(SUBJECT_HOUSEHOLD, "net_income_per_head");
    const struct indicator *mu = of(SUBJECT_HOUSEHOLD, "arable_mu");
    const struct indicator *safe = of(SUBJECT_HOUSEHOLD, "water_safe");
    const struct indicator *month = of(SUBJECT_HOUSEHOLD, "monitored_on");
    reads(relation, "户主", value_int(1));
    reads(relation, "01", value_int(1));
    reads(relation, " 之 子　", value_int(3));
    reads(relation, "1 户主", value_int(1));
    reads(relation, "（2）配偶", value_int(2));
    reads(relation, "21、其他", value_int(21));
    reads(relation, "HEAD", value_int(1));
    reads(relation, "３", value_int(3));
    reads(relation, "3.0", value_int(3));
    reads(cause, "99", value_int(20));
    reads(cause, "因病", value_int(1));
    reads(health, "长期慢性病,残疾", value_int(1 << 2 | 1 << 5));
    reads(health, "长期慢性病、残疾", value_int(1 << 2 | 1 << 5));
    reads(health, "健康", value_int(1 << 1));
    reads(money, "12,345.60", value_int(1234560));
    reads(money, "１２３４５", value_int(1234500));
    reads(money, "12345.60元/人", value_int(1234560));
    reads(money, "-3.5", value_int(-350));
    reads(mu, "3.5亩", value_int(350));
    reads(mu, "0.30000000000000004", value_int(30));
    reads(mu, "12.499999999999998", value_int(1250));
    reads(safe, "是", value_int(1));
    reads(safe, "否", value_int(0));
    reads(safe, "YES", value_int(1));
    reads(month, "202107", value_int(2021 * 12 + 6));
    reads(month, "2021年7月", value_int(2021 * 12 + 6));
    reads(month, "2021-07-15", value_int(2021 * 12 + 6));
    reads(money, "  ", value_missing());
}

static const char *refused(const struct indicator *ind, const char *cell)
{
    struct value got;
    const char *expected = NULL;
    if (value_parse(&got, &expected, &cx, ind, str_of(cell), false) != RC_INVALID)
        fail_msg("%s: '%s' was accepted", ind->code, cell);
    assert_non_null(expected);
    assert_int_equal(cx.err.rc, RC_OK);
    return expected;
}

/* What cannot be meant is refused, with what was expected in the person's language; codes of
 * an earlier era are understood but not proposed. */
static void cells_that_are_refused(void **state)
{
    (void)state;
    const struct indicator *cause = of(SUBJECT_HOUSEHOLD, "main_cause");
    const struct indicator *mu = of(SUBJECT_HOUSEHOLD, "arable_mu");
    const struct indicator *months = of(SUBJECT_PERSON, "work_months");
    assert_non_null(strstr(refused(cause, "因懒"), "one of: 1 Illness, 2 Disability"));
    assert_null(strstr(refused(cause, "88"), "Lack of land"));
    assert_string_equal(refused(mu, "10000.01"),
                        "a number with at most 2 decimals from 0 to 10000");
    refused(mu, "1.234");
    refused(mu, "-1");
    refused(mu, "1,23");
    refused(mu, "1e3");
    refused(mu, "三亩");
    refused(mu, "99999999999999999999");
    refused(months, "13");
    refused(of(SUBJECT_HOUSEHOLD, "water_safe"), "大概");
    refused(of(SUBJECT_HOUSEHOLD, "monitored_on"), "2021-13");
    refused(of(SUBJECT_HOUSEHOLD, "monitored_on"), "2019-12");
    refused(of(SUBJECT_PERSON, "health"), "健康,好");
    cx.lang = LANG_ZH;
    assert_non_null(strstr(refused(cause, "因懒"), "因病"));
    cx.lang = LANG_EN;
}

/* Excel's day serials count only where the file has them: 44197 is 2021-01-01. */
static void excel_serials(void **state)
{
    (void)state;
    const struct indicator day = {.code = "day", .type = TYPE_DAY};
    const struct indicator *month = of(SUBJECT_HOUSEHOLD, "monitored_on");
    struct value v;
    const char *expected;
    assert_int_equal(value_parse(&v, &expected, &cx, &day, STR("44197"), true), RC_OK);
    assert_int_equal(v.i, day_of((struct date){2021, 1, 1}));
    assert_int_equal(value_parse(&v, &expected, &cx, month, STR("44197"), true), RC_OK);
    assert_int_equal(v.i, 2021 * 12);
    assert_int_equal(value_parse(&v, &expected, &cx, &day, STR("44197"), false), RC_INVALID);
    assert_int_equal(value_parse(&v, &expected, &cx, &day, STR("20210101"), true), RC_OK);
    assert_int_equal(v.i, day_of((struct date){2021, 1, 1}));
}

/* Shown as the languages write it; plain as files hold it. */
static void shown_and_plain(void **state)
{
    (void)state;
    const struct indicator *money = of(SUBJECT_HOUSEHOLD, "debt");
    const struct indicator *health = of(SUBJECT_PERSON, "health");
    assert_string_equal(value_show(&cx, money, value_int(123450)), "1,234.50 yuan");
    assert_string_equal(value_plain(&cx, money, value_int(123450)), "1234.5");
    assert_string_equal(value_plain(&cx, money, value_int(-5)), "-0.05");
    assert_string_equal(value_show(&cx, health, value_int(1 << 2 | 1 << 5)),
                        "Long-term illness, Disability");
    assert_string_equal(value_plain(&cx, health, value_int(1 << 2 | 1 << 5)), "2|5");
    assert_string_equal(value_show(&cx, money, value_missing()), "");
    cx.lang = LANG_ZH;
    assert_string_equal(value_show(&cx, health, value_int(1 << 2 | 1 << 5)),
                        "长期慢性病、残疾");
    assert_string_equal(
        value_show(&cx, of(SUBJECT_HOUSEHOLD, "monitored_on"), value_int(2021 * 12 + 6)),
        "2021年7月");
    cx.lang = LANG_EN;
}

/* Seeded: text that looks like a cell never crashes, and what is accepted lies in the bounds
 * and is written and read back the same. */
static void random_cells(void **state)
{
    (void)state;
    static const char *const bits[] = {"1",  "0",    "9",   ".", ",",  "-",  "年",
                                       "月", "户主", "是",  " ", "　", "１", "（",
                                       "|",  "、",   "yes", "e", "%",  "亩"};
    struct arena_mark mark = arena_mark(cx.arena);
    for_each_seed (seed, 2000) {
        uint64_t r = seed;
        char cell[64] = "";
        size_t len = 0;
        for (int64_t n = check_int(&r, 0, 8); n > 0; n--) {
            const char *bit = bits[check_int(&r, 0, 19)];
            memcpy(cell + len, bit, strlen(bit) + 1);
            len += strlen(bit);
        }
        const struct indicator *ind =
            &cn->indicators[check_int(&r, 0, (int64_t)cn->indicator_count - 1)];
        struct value v;
        const char *expected = NULL;
        if (value_parse(&v, &expected, &cx, ind, str_of(cell), check_int(&r, 0, 1))) {
            assert_non_null(expected);
        } else if (v.kind == VALUE_INT) {
            assert_true((!ind->has_min || v.i >= ind->min) &&
                        (!ind->has_max || v.i <= ind->max));
            reads(ind, value_plain(&cx, ind, v), v);
        }
        arena_back(cx.arena, mark);
    }
}

/* ---- mappings' cells ---- */

/* A survey's cell comes out of an export as it went in: NA, yes/no, male/female, 7 decimals. */
static void survey_cells(void **state)
{
    (void)state;
    static const struct {
        const char *mapping, *header, *cell;
        int64_t want;
    } cells[] = {
        {"vlss_household", "sex", "female", 2},
        {"vlss_household", "age", "68", 68},
        {"vlss_household", "educyr", "5.66667", 566667},
        {"vlss_household", "farm", "no", 0},
        {"vlss_household", "urban", "yes", 1},
        {"vlss_household", "lntotal", "10.13649", 101364900},
        {"vlss_household", "lnmed", "0", 0},
        {"vlss_household", "lnexp12m", "NA", -1},
        {"vlss_person", "lnhhexp", "0.0467014", 467014},
        {"vlss_person", "married", "1", 1},
        {"vlss_person", "sex", "male", 1},
        {"vlss_person", "age", "2.639057", 26390570},
    };
    cx.profile = vlss;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        const struct mapping *m = profile_mapping(vlss, str_of(cells[i].mapping));
        const struct mapping_column *c = NULL;
        for (size_t k = 0; k < m->column_count && !c; k++)
            if (mapping_title_is(&m->columns[k], str_of(cells[i].header)))
                c = &m->columns[k];
        assert_non_null(c);
        struct value v;
        const char *expected;
        assert_int_equal(mapping_cell(&v, &expected, &cx, m, c, str_of(cells[i].cell), false),
                         RC_OK);
        assert_true(cells[i].want < 0 ? v.kind == VALUE_MISSING
                                      : value_eq(v, value_int(cells[i].want)));
        assert_string_equal(mapping_plain(&cx, m, c, v), cells[i].cell);
    }
    cx.profile = cn;
}

/* A mapping from outside: its settings, an income with more decimals than the currency (rounded
 * half away from zero to fen), sex and relation by their lists; mistakes are named. */
static void mapping_from_outside(void **state)
{
    (void)state;
    static const char good[] =
        "target,header,aliases,required,values,decimals,note\n"
        "@label_en,Mine,,,,,\n@label_zh,我的,,,,,\n@subject,person,,,,,\n"
        "@year,年度,,,,,\n"
        "person.sex,性别,,,M=1|F=2,,\n"
        "person.relation,关系,,,,,\n"
        "income:rice,稻谷,,,,4,\n";
    const char *dir = check_dir(&cx);
    const char *path = arena_printf(cx.arena, "%s/mine.csv", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fwrite(good, 1, sizeof good - 1, f);
    fclose(f);
    struct mapping *m;
    struct profile_faults faults;
    check_ok(&cx, mapping_load(&m, &faults, &cx, path));
    assert_string_equal(m->name, "mine");
    assert_int_equal(m->year_kind, YEAR_COLUMN);
    assert_string_equal(m->year_header, "年度");
    struct value v;
    const char *expected;
    check_ok(&cx, mapping_cell(&v, &expected, &cx, m, &m->columns[0], STR("F"), false));
    assert_int_equal(v.i, 2);
    check_ok(&cx, mapping_cell(&v, &expected, &cx, m, &m->columns[0], STR("男"), false));
    assert_int_equal(v.i, 1);
    check_ok(&cx, mapping_cell(&v, &expected, &cx, m, &m->columns[1], STR("儿媳"), false));
    assert_int_equal(v.i, 5);
    check_ok(&cx, mapping_cell(&v, &expected, &cx, m, &m->columns[2], STR("12.3450"), false));
    assert_int_equal(v.i, 1235);
    check_ok(&cx, mapping_cell(&v, &expected, &cx, m, &m->columns[2], STR("-12.345"), false));
    assert_int_equal(v.i, -1235);
    assert_string_equal(mapping_plain(&cx, m, &m->columns[2], v), "-12.35");
    assert_string_equal(mapping_plain(&cx, m, &m->columns[0], value_int(2)), "F");
    f = fopen(path, "w");
    assert_non_null(f);
    fputs("target,header,aliases,required,values,decimals,note\nperson.sexx,性别,,,,,\n", f);
    fclose(f);
    assert_int_equal(mapping_load(&m, &faults, &cx, path), RC_INVALID);
    assert_int_equal(faults.count, 5); /* four settings and the target */
    assert_string_equal(faults.rows[4].field, "target");
    assert_int_equal(faults.rows[4].row, 2);
    check_dir_remove(&cx, dir);
}

/* The codebook holds every indicator, in JSON that another reader accepts, and as many CSV rows
 * as there are indicators. */
static void codebook_holds_all(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, cx.arena, CODEBOOK_BYTES_MAX);
    profile_codebook(&b, &cx, CODEBOOK_JSON);
    assert_true(buf_ok(&b));
    json_t *root = json_loadb(b.p, b.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_int_equal(json_array_size(json_object_get(root, "indicators")), cn->indicator_count);
    assert_int_equal(json_object_size(json_object_get(root, "lists")), cn->list_count);
    assert_int_equal(json_array_size(json_object_get(root, "incomes")), cn->income_count);
    json_decref(root);
    buf_clear(&b);
    profile_codebook(&b, &cx, CODEBOOK_CSV);
    size_t lines = 0;
    for (size_t i = 0; i < b.len; i++)
        lines += b.p[i] == '\n';
    assert_int_equal(lines, cn->indicator_count + 1);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        cx.lang = (enum lang)lang;
        buf_clear(&b);
        profile_codebook(&b, &cx, CODEBOOK_TEXT);
        for (size_t i = 0; i < cn->indicator_count; i++)
            assert_true(str_find(buf_view(&b),
                                 str_of(LABEL(&cx, cn->indicators[i].question))) != SIZE_MAX);
    }
    cx.lang = LANG_EN;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_indicator),      cmocka_unit_test(every_alias),
        cmocka_unit_test(cells_of_real_files),  cmocka_unit_test(cells_that_are_refused),
        cmocka_unit_test(excel_serials),        cmocka_unit_test(shown_and_plain),
        cmocka_unit_test(random_cells),         cmocka_unit_test(survey_cells),
        cmocka_unit_test(mapping_from_outside), cmocka_unit_test(codebook_holds_all),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
