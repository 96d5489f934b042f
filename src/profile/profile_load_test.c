/* Tests of loading profiles: the two that the program carries, and one mistake at a time. */
#include "base/buf.h"
#include "base/check.h"
#include "base/crypto.h"
#include "base/embed.h"
#include "base/time.h"
#include "profile/profile_impl.h"

#include <string.h>

enum { FILES_MAX = 80 };

static struct cx cx;

static int setup(void **state)
{
    (void)state;
    crypto_init();
    check_open(&cx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    check_close(&cx);
    return 0;
}

static size_t carried(struct source_file *files, const char *prefix)
{
    size_t count = 0;
    for (size_t i = 0; i < embedded_count; i++)
        if (str_starts(str_of(embedded_files[i].path), str_of(prefix))) {
            assert_true(count < FILES_MAX);
            files[count++] = (struct source_file){
                embedded_files[i].path + strlen(prefix),
                {(const char *)embedded_files[i].data, embedded_files[i].len}};
        }
    return count;
}

static void no_faults(const struct profile_faults *f)
{
    for (size_t i = 0; i < f->count; i++)
        print_error("%s:%" PRId64 " %s '%s': %s\n", f->rows[i].file, f->rows[i].row,
                    f->rows[i].field, f->rows[i].value, f->rows[i].message);
    assert_int_equal(f->count, 0);
}

/* The Chinese profile loads without a mistake and holds what the register of the domain lists:
 * 6 levels with the county as tenant, 56 ethnic groups and two more, 21 relations, the first
 * era's poor household in history only. Counts from domain/register.md 2.2-2.5. */
static void carried_cn(void **state)
{
    (void)state;
    struct profile *p;
    struct profile_faults faults;
    enum rc rc = profile_load_embedded(&p, &faults, &cx, "cn");
    no_faults(&faults);
    assert_int_equal(rc, RC_OK);
    assert_int_equal(p->level_count, 6);
    assert_string_equal(p->levels[p->tenant_level].code, "county");
    assert_int_equal(profile_list(p, STR("ethnic"))->code_count, 58);
    assert_int_equal(profile_list(p, STR("relation"))->code_count, 21);
    assert_ptr_equal(p->relation_list, profile_list(p, STR("relation")));
    assert_string_equal(code_of(p->relation_list, p->relation_head_code)->label.in[LANG_ZH],
                        "户主");
    const struct code_list *types = profile_list(p, STR("household_type"));
    assert_true(code_in_era(code_of(types, 1), "2026"));
    assert_false(code_in_era(code_of(types, 2), "2026"));
    assert_true(code_in_era(code_of(types, 2), "2014"));
    assert_int_equal(p->list_column_count, 4);
    for (size_t i = 0; i < p->indicator_count; i++) {
        const struct indicator *ind = &p->indicators[i];
        assert_ptr_equal(p->of[ind->subject][ind->index], ind);
        assert_ptr_equal(profile_indicator(p, ind->subject, str_of(ind->code)), ind);
        assert_ptr_equal(profile_indicator_number(p, ind->number), ind);
    }
    for (size_t i = 0; i < p->income_count; i++)
        assert_ptr_equal(profile_income(p, p->incomes[i].number), &p->incomes[i]);
    assert_int_equal(profile_income_code(p, STR("cost_seed"))->sign, -1);
    assert_string_equal(profile_income_code(p, STR("rice"))->parent->parent->code,
                        "production");
    assert_null(profile_income_code(p, STR("gold")));
    profile_free(p);
}

/* The 26-column export's mapping names the columns of domain/register.md 2.1 in their order. */
static void national_columns(void **state)
{
    (void)state;
    static const char *const titles[] = {
        "县(市、区、旗)", "乡(镇)",       "行政村",       "自然村",   "户编号",
        "人编号",         "姓名",         "证件号码",     "人数",     "与户主关系",
        "民族",           "文化程度",     "在校生状况",   "健康状况", "劳动技能",
        "务工状况",       "务工时间(月)", "参加大病医疗", "脱贫属性", "贫困户属性",
        "主要致贫原因",   "危房户",       "饮水安全",     "饮水困难", "人均纯收入",
        "联系电话",
    };
    struct profile *p;
    struct profile_faults faults;
    assert_int_equal(profile_load_embedded(&p, &faults, &cx, "cn"), RC_OK);
    const struct mapping *m = profile_mapping(p, STR("national_person"));
    assert_non_null(m);
    assert_int_equal(m->column_count, 26);
    assert_int_equal(m->subject, SUBJECT_PERSON);
    assert_int_equal(m->year_kind, YEAR_ASK);
    assert_int_equal(m->header_search_rows, 10);
    assert_true(m->match_identity);
    for (size_t i = 0; i < 26; i++)
        assert_string_equal(m->columns[i].header, titles[i]);
    /* Full-width brackets and blanks do not matter. */
    assert_true(mapping_title_is(&m->columns[16], STR("务工时间（月）")));
    assert_true(mapping_title_is(&m->columns[0], STR(" 县 （市、区、旗）")));
    assert_true(mapping_title_is(&m->columns[7], STR("身份证号码")));
    assert_false(mapping_title_is(&m->columns[7], STR("姓名")));
    profile_free(p);
}

/* The survey's profile loads: no person's name is asked for, templates and fixed texts are
 * read. */
static void carried_vlss(void **state)
{
    (void)state;
    struct profile *p;
    struct profile_faults faults;
    enum rc rc = profile_load_embedded(&p, &faults, &cx, "vlss");
    no_faults(&faults);
    assert_int_equal(rc, RC_OK);
    assert_false(p->person_name_required);
    assert_int_equal(p->currency_decimals, 0);
    const struct mapping *m = profile_mapping(p, STR("vlss_household"));
    assert_string_equal(m->missing, "NA");
    const struct mapping_column *code = &m->columns[3];
    assert_int_equal(code->kind, TARGET_HOUSEHOLD_CODE);
    assert_int_equal(code->part_count, 4); /* H {commune} - {#} */
    assert_false(code->title);
    assert_true(str_eq_z(code->parts[0].text, "H"));
    assert_int_equal(code->parts[1].kind, PART_COLUMN);
    assert_true(str_eq_z(code->parts[1].text, "commune"));
    assert_int_equal(code->parts[3].kind, PART_ROW);
    assert_int_equal(m->columns[1].parts[0].kind, PART_TEXT);
    assert_true(str_eq_z(m->columns[1].parts[0].text, "Households file"));
    profile_free(p);
}

/* Loading a copy of the folder gives the same hash; an unknown name is refused with a text. */
static void folder_is_the_same(void **state)
{
    (void)state;
    struct profile *a, *b;
    struct profile_faults faults;
    const char *dir = check_dir(&cx);
    assert_int_equal(profile_write_embedded(&cx, "cn", dir), RC_OK);
    assert_int_equal(profile_load(&a, &faults, &cx, dir), RC_OK);
    assert_int_equal(profile_load_embedded(&b, &faults, &cx, "cn"), RC_OK);
    assert_memory_equal(a->hash, b->hash, sizeof a->hash);
    profile_free(a);
    profile_free(b);
    assert_int_equal(profile_load_embedded(&a, &faults, &cx, "nowhere"), RC_NOTFOUND);
    assert_non_null(strstr(cx.err.text, "nowhere"));
    err_clear(&cx);
    assert_int_equal(profile_load(&a, &faults, &cx, "/nonexistent"), RC_NOTFOUND);
    err_clear(&cx);
    check_dir_remove(&cx, dir);
}

/* ---- mistakes ---- */

struct mistake {
    const char *file, *find, *put;
    const char *field;
    const char *says;       /* in the English message; NULL: anything */
    const char *fault_file; /* NULL: the same file */
    bool whole_file;        /* the fault has no row */
};

static const struct mistake mistakes[] = {
    {"profile.csv", "currency_decimals,2", "currency_decimals,x", "currency_decimals", "0 to 4",
     NULL, false},
    {"profile.csv", "era,2026", "era,2031", "era", "era", NULL, false},
    {"profile.csv", "household_type mon", "household_typo mon", "list_columns", "core", NULL,
     false},
    {"profile.csv", "sex_list,sex", "sex_list,sexes", "sex_list", "list", NULL, false},
    {"profile.csv", "name_required,yes", "name_required,ja", "person_name_required", "yes",
     NULL, false},
    {"profile.csv", "version,1", "verson,1", "key", "version", NULL, false},
    {"profile.csv", "digits:11", "eleven", "phone_pattern", "digits:11", NULL, false},
    {"profile.csv", "head_code,1", "head_code,77", "relation_head_code", "code", NULL, false},
    {"profile.csv", "identity_longer,20 22", "identity_longer,20 x", "identity_longer", "20 22",
     NULL, false},
    {"profile.csv", "country,CN", "code,CN", "key", "twice", NULL, false},
    {"levels.csv", "旗）,yes", "旗）,no", "tenant", "tenant", NULL, true},
    {"levels.csv", "3,township", "7,township", "level", "from 3 to 3", NULL, false},
    {"levels.csv", ",Village,", ",,", "label_en", "language", NULL, false},
    {"levels.csv", "4,village", "4,county", "code", "twice", NULL, false},
    {"units.csv", "mu,mu,亩", "mu,mu,", "label_zh", "language", NULL, false},
    {"units.csv", "km,km", "mu,km", "code", "twice", NULL, false},
    {"eras.csv", "2021-01-01", "2013-01-01", "from", "after", NULL, false},
    {"eras.csv", "2026-01-01", "2026-02-30", "from", "day", NULL, false},
    {"codes.csv", "sex,2,", "sex,1,", "code", "twice", NULL, false},
    {"codes.csv", "女性|F", "女性|男性", "label_en", "code 1", NULL, false},
    {"codes.csv", "建档立卡,2014", "建档立卡,20144", "era", "2014", NULL, false},
    {"codes.csv", "relation,2,", "relation,two,", "code", "whole number", NULL, false},
    {"codes.csv", "relation,3,Son", "Relation,3,Son", "list", "letters", NULL, false},
    {"crosswalk.csv", "household_type,2014,2,2021,1", "household_type,2014,2,2021,2", "code_to",
     "2021", NULL, false},
    {"crosswalk.csv", "cause,2014,5,2021", "cause,2014,5,2026", "era_to", "follows", NULL,
     false},
    {"crosswalk.csv", "cause,2014,5,", "casue,2014,5,", "list", "cause", NULL, false},
    {"crosswalk.csv", "cause,2014,5,", "#cause,2014,5,", "era", "crosswalk.csv", "codes.csv",
     false},
    {"groups.csv", "land,household", "land,houshold", "subject", "household", NULL, false},
    {"indicators.csv", "debt,household,money", "debt,household,mony", "type", "money", NULL,
     false},
    {"indicators.csv", ",,house_grade,", ",,house_garde,", "list", "house_grade", NULL, false},
    {"indicators.csv", "arable_mu,household,decimal,2,mu,,0,",
     "arable_mu,household,decimal,2,mu,,20000,", "min", "greater", NULL, false},
    {"indicators.csv", "arable_mu,household", "select,household", "code", "SQL", NULL, false},
    {"indicators.csv", "arable_mu,household", "extra,household", "code", "sheet", NULL, false},
    {"indicators.csv", "arable_mu,household", "exit_status,household", "code", "twice", NULL,
     false},
    {"indicators.csv", "1002,poor", "1001,poor", "number", "twice", NULL, false},
    {"indicators.csv", "decimal,2,mu,,0,10000", "decimal,12,mu,,0,10000", "decimals",
     "from 0 to 9", NULL, false},
    {"indicators.csv", "decimal,2,mu,,0,10000", "decimal,2,muu,,0,10000", "unit", "mu", NULL,
     false},
    {"indicators.csv", "decimal,2,mu,,0,10000", "decimal,2,yuan,,0,10000", "unit", "money",
     NULL, false},
    {"indicators.csv", "decimal,2,mu,,0,10000", "decimal,2,mu,cause,0,10000", "list",
     "Only types", NULL, false},
    {"indicators.csv", "decimal,2,mu,,0,10000,yes", "decimal,2,mu,,0,10000,ja", "core", "yes",
     NULL, false},
    {"indicators.csv", "has_house,household,bool,,,,,", "has_house,household,bool,,,,0,", "min",
     "no bounds", NULL, false},
    {"indicators.csv", "yes,no,status,Household type", "yes,yes,status,Household type",
     "secret", "person", NULL, false},
    {"indicators.csv", "yes,no,status,Household type", "yes,no,statos,Household type", "group",
     "status", NULL, false},
    {"indicators.csv", "yes,no,status,Household type", "yes,no,health,Household type", "group",
     "subject", NULL, false},
    {"indicators.csv", "Which type of household is it?", "", "question_en", "language", NULL,
     false},
    {"indicators.csv", "health,person,codes,,,health", "health,person,codes,,,ethnic", "list",
     "0 to 62", NULL, false},
    {"indicators.csv", "1003,exit_status,", "1003,exit_status,,", "number", "20 cells", NULL,
     false},
    {"indicators.csv", "decimals,unit,list", "decimals,unti,list", "unti", "unit", NULL, false},
    {"incomes.csv", "rice,crops", "rice,crop", "parent", "crops", NULL, false},
    {"incomes.csv", "rice,crops,1", "rice,crops,2", "sign", "-1", NULL, false},
    {"incomes.csv", "rice,crops,1", "rice,crops,-1", "sign", "same sign", NULL, false},
    {"incomes.csv", "102,wages_local", "101,wages_local", "number", "twice", NULL, false},
    {"thresholds.csv", "2021-01-01,2023-12-31,6000", "2020-06-01,2023-12-31,6000", "from",
     "overlap", NULL, false},
    {"thresholds.csv", "2014-01-01,2019-12-31", "2014-01-01,2013-12-31", "to", "before", NULL,
     false},
    {"thresholds.csv", "2019-12-31,2800,", "2019-12-31,a lot,", "value", "number", NULL, false},
    {"thresholds.csv", "monitoring_line,52", "monitoring_line,Guizhou", "area", "official",
     NULL, false},
    {"roles.csv", "household.reveal", "household.revael", "permissions", "household.reveal",
     NULL, false},
    {"roles.csv", "township,household", "towship,household", "level", "township", NULL, false},
    {"mapping/national_person.csv", "person:ethnic", "person:ethnik", "target", "person:ethnic",
     NULL, false},
    {"mapping/national_person.csv", "person.phone", "person.phon", "target", "person.phone",
     NULL, false},
    {"mapping/national_person.csv", "area.county", "area.conty", "target", "county", NULL,
     false},
    {"mapping/national_person.csv", "@subject,person", "@subject,persons", "header", "person",
     NULL, false},
    {"mapping/national_person.csv", "@year,ask", "@yaer,ask", "target", "@year", NULL, false},
    {"mapping/national_person.csv", "person:student,", "person:ethnic,", "target", "twice",
     NULL, false},
    {"mapping/national_person.csv", "人编号,", "人{编号,", "header", "}", NULL, false},
    {"mapping/household_income.csv", "income:rice", "income:rise", "target", "income:rice",
     NULL, false},
    {"mapping/household_income.csv", "income:rice", "person:ethnic", "target", "household here",
     NULL, false},
    {"profile.csv", "welfare,net_income_per_head", "welfare,house_m2", "welfare", "money", NULL,
     false},
    {"profile.csv", "poverty_lines,national_line", "poverty_lines,arable_max", "poverty_lines",
     "money", NULL, false},
    {"profile.csv", "poverty_groups,household_type", "poverty_groups,house_m2",
     "poverty_groups", "code or bool", NULL, false},
    {"profile.csv", "cause_columns,main_cause", "cause_columns,cooperative", "cause_columns",
     "codes", NULL, false},
    {"profile.csv", "earned_incomes,wages", "earned_incomes,wage", "earned_incomes",
     "incomes.csv", NULL, false},
    {"profile.csv", "longitude,longitude", "longitude,fuel", "longitude", "decimal", NULL,
     false},
    {"thresholds.csv", "2019-12-31,2800,yuan_per_head", "2019-12-31,2800,yuan", "unit",
     "yuan_per_head", NULL, false},
    {"derived.csv", "students,household", "workers,household", "code", "twice", NULL, false},
    {"derived.csv", "students,household", "arable_mu,household", "code", "already", NULL,
     false},
    {"derived.csv", "students,household", "work_age,household", "code", "already", NULL, false},
    {"derived.csv", "students,household", "members,household", "code", "already", NULL, false},
    {"derived.csv", "students,household", "students,houshold", "subject", "household", NULL,
     false},
    {"derived.csv", "can_work),person,", "can_work),persn,", "unit", "person", NULL, false},
    {"derived.csv", "lifted or monitored", "registered or monitored", "rule", "itself", NULL,
     false},
    {"derived.csv", "lifted or monitored", "lifted or monitred", "rule", "monitored", NULL,
     false},
    {"check_groups.csv", "identity,Identity", "range,Identity", "code", "twice", NULL, false},
    {"checks.csv", "arable_mu > arable_max", "arable_mu > arabel_max", "rule", "arable_max",
     NULL, false},
    {"checks.csv", "arable_mu > arable_max", "arable_mu >", "rule", "Character", NULL, false},
    {"checks.csv", "arable_mu > arable_max", "arable_mu", "rule", "condition", NULL, false},
    {"checks.csv", "arable_mu > arable_max", "main_cause > 3", "rule", "Character", NULL,
     false},
    {"checks.csv", "arable_mu > arable_max", "main_cause = 'Ilness'", "rule", "Illness", NULL,
     false},
    {"checks.csv", "arable_mu > arable_max", "", "rule", "empty", NULL, false},
    {"checks.csv", "102,monitoring_class_empty", "101,monitoring_class_empty", "number",
     "twice", NULL, false},
    {"checks.csv", "102,monitoring_class_empty", "102,household_type_empty", "code", "twice",
     NULL, false},
    {"checks.csv", "household_type_empty,household", "household_type_empty,houshold", "subject",
     "household", NULL, false},
    {"checks.csv", "household,error,household_empty", "household,eror,household_empty",
     "severity", "error", NULL, false},
    {"checks.csv", "household,error,household_empty", "household,error,houshold_empty", "group",
     "household_empty", NULL, false},
    {"checks.csv", "lifted and monitoring_class is missing,2021",
     "lifted and monitoring_class is missing,2022", "from", "2021", NULL, false},
    {"checks.csv", "lifted and monitoring_class is missing,2021,",
     "lifted and monitoring_class is missing,2021,2014", "to", "before", NULL, false},
    {"indexes.csv", "two_three,1/6", "two_three,7/6", "k", "fraction", NULL, false},
    {"indexes.csv", "two_three,1/6", "two_three,0/6", "k", "fraction", NULL, false},
    {"indexes.csv", "two_three,1/6", "two_three,0.17", "k", "fraction", NULL, false},
    {"deprivations.csv", "two_three,food", "two_tree,food", "index", "two_three", NULL, false},
    {"deprivations.csv", "two_three,clothes", "two_three,food", "code", "twice", NULL, false},
    {"deprivations.csv", "两不愁,1,", "两不愁,-1,", "weight", "from 0", NULL, false},
    {"deprivations.csv", "clothes,assurance,Two assurances,两不愁",
     "clothes,assurance,Two assurances,两愁", "dimension_zh", "same words", NULL, false},
    {"deprivations.csv", "not toilet", "toilet_x", "rule", "toilet", NULL, false},
    {"deprivations.csv", "not toilet", "house_m2", "rule", "condition", NULL, false},
    {"roles.csv", "analyst,Analyst", "analyst,\"Analyst", "", "never closed", NULL, false},
    {"roles.csv", "analyst,Analyst", "analyst,\"Ana\"lyst", "", "closing", NULL, false},
    {"roles.csv", "analyst,Analyst", "analyst,Anal\xFFyst", "", "UTF-8", NULL, false},
    {"lists.csv", "list_vehicle", "list_vehicel", "mapping", "list_vehicle", NULL, false},
    {"lists.csv", ",95,20,", ",15,20,", "lower", "above", NULL, false},
    {"list_rules.csv", ",listed,", ",listd,", "person", "listed", NULL, false},
    {"list_rules.csv", "age in 6..15", "aeg in 6..15", "rule", NULL, NULL, false},
    {"list_priors.csv", "exact,0.88", "exact,0.87", "field", "add up", NULL, true},
};

/* The file's text with the first `find` replaced; *line is where it stands. */
static struct str spoil(const struct source_file *file, const struct mistake *m, int64_t *line)
{
    size_t at = str_find(file->bytes, str_of(m->find));
    if (at == SIZE_MAX)
        fail_msg("%s does not hold '%s'", m->file, m->find);
    *line = 1;
    for (size_t i = 0; i < at; i++)
        *line += file->bytes.p[i] == '\n';
    struct buf b;
    buf_init(&b, cx.arena, 1 << 20);
    buf_put(&b, file->bytes.p, at);
    buf_z(&b, m->put);
    at += strlen(m->find);
    buf_put(&b, file->bytes.p + at, file->bytes.len - at);
    return buf_view(&b);
}

static bool named(const struct profile_faults *f, const struct mistake *m, int64_t line)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct profile_fault *x = &f->rows[i];
        bool right_line = m->whole_file   ? x->row == 0
                          : m->fault_file ? x->row > 0
                                          : x->row == line;
        if (!strcmp(x->file, m->fault_file ? m->fault_file : m->file) && right_line &&
            !strcmp(x->field, m->field) && (!m->says || strstr(x->message, m->says)))
            return true;
    }
    return false;
}

/* Each mistake, made alone in the Chinese profile, is refused and named with its file, its row,
 * its field and a message that says what was expected. */
static void mistakes_are_named(void **state)
{
    (void)state;
    struct source_file files[FILES_MAX];
    size_t count = carried(files, "profile/cn/");
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct mistake *m = &mistakes[i];
        struct arena_mark mark = arena_mark(cx.arena);
        struct profile *p = NULL;
        struct profile_faults faults;
        int64_t line = 0;
        size_t k = 0;
        while (k < count && strcmp(files[k].name, m->file) != 0)
            k++;
        assert_true(k < count);
        struct str before = files[k].bytes;
        files[k].bytes = spoil(&files[k], m, &line);
        enum rc rc = profile_load_files(&p, &faults, &cx, files, count);
        files[k].bytes = before;
        if (rc != RC_INVALID || !named(&faults, m, line)) {
            for (size_t f = 0; f < faults.count; f++)
                print_error("  %s:%" PRId64 " %s '%s': %s\n", faults.rows[f].file,
                            faults.rows[f].row, faults.rows[f].field, faults.rows[f].value,
                            faults.rows[f].message);
            fail_msg("mistake %zu (%s: '%s' at line %" PRId64 ") was not named", i, m->file,
                     m->put, line);
        }
        arena_back(cx.arena, mark);
    }
}

/* A missing file, a file of an unknown name and files too large are refused by name. */
static void files_are_checked(void **state)
{
    (void)state;
    struct source_file files[FILES_MAX];
    struct profile *p;
    struct profile_faults faults;
    size_t count = carried(files, "profile/vlss/");
    for (size_t i = 0; i < count; i++)
        if (!strcmp(files[i].name, "roles.csv"))
            files[i].name = "rules.csv";
    assert_int_equal(profile_load_files(&p, &faults, &cx, files, count), RC_INVALID);
    assert_int_equal(faults.count, 2);
    assert_string_equal(faults.rows[0].file, "roles.csv");
    assert_string_equal(faults.rows[1].file, "rules.csv");
    assert_non_null(strstr(faults.rows[1].message, "roles.csv"));
    static char zeros[PROFILE_BYTES_MAX + 1];
    memset(zeros, '\n', sizeof zeros);
    files[0].bytes = (struct str){zeros, sizeof zeros};
    assert_int_equal(profile_load_files(&p, &faults, &cx, files, count), RC_INVALID);
    assert_non_null(strstr(faults.rows[faults.count - 1].message, "2 MB"));
}

/* Spreadsheets' ways are let through: a byte-order mark or none, CRLF, comments padded with
 * commas or quoted, blank records. The result is the same but for the hash. */
static void spreadsheets_ways(void **state)
{
    (void)state;
    struct source_file files[FILES_MAX];
    struct profile *p;
    struct profile_faults faults;
    size_t count = carried(files, "profile/vlss/");
    for (size_t i = 0; i < count; i++)
        if (!strcmp(files[i].name, "roles.csv")) {
            struct buf b;
            buf_init(&b, cx.arena, 1 << 20);
            buf_z(&b, "\"# who may what, and where\",,,,\r\n,,,,\r\n");
            for (size_t k = 3; k < files[i].bytes.len; k++) {
                if (files[i].bytes.p[k] == '\n')
                    buf_char(&b, '\r');
                buf_char(&b, files[i].bytes.p[k]);
            }
            files[i].bytes = buf_view(&b);
        }
    enum rc rc = profile_load_files(&p, &faults, &cx, files, count);
    no_faults(&faults);
    assert_int_equal(rc, RC_OK);
    assert_int_equal(p->role_count, 2);
    assert_string_equal(p->roles[1].permissions[0], "household.view");
    profile_free(p);
}

/* Every code of an era has a successor in every later era, and it is a code of that era. */
static void crosswalk_is_complete(void **state)
{
    (void)state;
    struct profile *p;
    struct profile_faults faults;
    size_t moved = 0;
    assert_int_equal(profile_load_embedded(&p, &faults, &cx, "cn"), RC_OK);
    for (size_t i = 0; i < p->list_count; i++)
        for (size_t k = 0; k < p->lists[i].code_count; k++)
            for (size_t from = 0; from < p->era_count; from++)
                for (size_t to = from; to < p->era_count; to++) {
                    const struct code *c = &p->lists[i].codes[k];
                    if (!code_in_era(c, p->eras[from].code))
                        continue;
                    int32_t then = profile_crosswalk(p, &p->lists[i], p->eras[from].code,
                                                     c->code, p->eras[to].code);
                    const struct code *d = code_of(&p->lists[i], then);
                    assert_non_null(d);
                    assert_true(code_in_era(d, p->eras[to].code));
                    moved += then != c->code;
                }
    assert_true(moved >= 20);
    const struct code_list *type = profile_list(p, STR("household_type"));
    assert_int_equal(profile_crosswalk(p, type, "2014", 2, "2026"), 1);
    assert_int_equal(profile_crosswalk(p, type, "2026", 1, "2014"), -1);
    profile_free(p);
}

/* The threshold of the most specific area wins on its days, else the one for everywhere.
 * Values: 7300 in Guizhou 2023 (Gzuwkj rule 1_02_006), 6000 elsewhere, 1.5 times in 2020. */
static void thresholds_by_place_and_day(void **state)
{
    (void)state;
    struct profile *p;
    struct profile_faults faults;
    assert_int_equal(profile_load_embedded(&p, &faults, &cx, "cn"), RC_OK);
    const struct str guizhou[] = {STR("520103"), STR("5201"), STR("52")};
    const struct str beijing[] = {STR("110101"), STR("1101"), STR("11")};
    int32_t day = day_of((struct date){2023, 6, 1});
    const struct threshold *t = profile_threshold(p, STR("monitoring_line"), guizhou, 3, day);
    assert_int_equal(t->value, 730000); /* fen */
    assert_true(t->money);
    t = profile_threshold(p, STR("monitoring_line"), beijing, 3, day);
    assert_int_equal(t->value, 600000);
    t = profile_threshold(p, STR("monitoring_line_factor"), NULL, 0, day);
    assert_int_equal(t->value, 15);
    assert_int_equal(t->decimals, 1);
    assert_null(profile_threshold(p, STR("monitoring_line"), beijing, 3,
                                  day_of((struct date){2019, 1, 1})));
    assert_null(profile_threshold(p, STR("no_such_line"), beijing, 3, day));
    profile_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(carried_cn, setup, teardown),
        cmocka_unit_test_setup_teardown(national_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(carried_vlss, setup, teardown),
        cmocka_unit_test_setup_teardown(folder_is_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(mistakes_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(files_are_checked, setup, teardown),
        cmocka_unit_test_setup_teardown(spreadsheets_ways, setup, teardown),
        cmocka_unit_test_setup_teardown(crosswalk_is_complete, setup, teardown),
        cmocka_unit_test_setup_teardown(thresholds_by_place_and_day, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
