/* Tests of the sheets, on SQLite and on PostgreSQL. */
#include "profile/sheet.h"

#include "base/check.h"
#include "base/crypto.h"
#include "base/embed.h"
#include "db/db_fixture.h"
#include "profile/profile_impl.h"

#include <string.h>

enum { FILES_MAX = 80, COUNTY = 3, YEAR = 2025 };

/* Profiles stay until the test program ends: the pool keeps statements by their address. */
static struct profile *profiles[32];
static size_t profile_count;

/* The Chinese profile with one text of one file replaced (find NULL: as it is). */
static const struct profile *profile_with(struct cx *cx, const char *name, const char *find,
                                          const char *put)
{
    struct source_file files[FILES_MAX];
    size_t count = 0;
    static const char prefix[] = "profile/cn/";
    for (size_t i = 0; i < embedded_count; i++)
        if (str_starts(str_of(embedded_files[i].path), str_of(prefix))) {
            struct source_file *f = &files[count++];
            *f = (struct source_file){
                embedded_files[i].path + strlen(prefix),
                {(const char *)embedded_files[i].data, embedded_files[i].len}};
            if (!find || strcmp(f->name, name) != 0)
                continue;
            size_t at = str_find(f->bytes, str_of(find));
            assert_true(at != SIZE_MAX);
            f->bytes = str_of(arena_printf(cx->arena, "%.*s%s%.*s", (int)at, f->bytes.p, put,
                                           (int)(f->bytes.len - at - strlen(find)),
                                           f->bytes.p + at + strlen(find)));
        }
    struct profile_faults faults;
    struct profile *p = NULL;
    enum rc rc = profile_load_files(&p, &faults, cx, files, count);
    for (size_t i = 0; i < faults.count; i++)
        print_error("%s:%" PRId64 " %s %s\n", faults.rows[i].file, faults.rows[i].row,
                    faults.rows[i].field, faults.rows[i].message);
    assert_int_equal(rc, RC_OK);
    assert_true(profile_count < 32);
    return profiles[profile_count++] = p;
}

/* ---- closures ---- */

struct job {
    const struct profile *profile;
    enum subject subject;
    int64_t id;
    int32_t year;
    const struct value *values;
};

static enum rc install(struct cx *cx, void *arg)
{
    cx->profile = ((struct job *)arg)->profile;
    return sheet_install(cx);
}

static enum rc put(struct cx *cx, void *arg)
{
    const struct job *j = arg;
    cx->profile = j->profile;
    return sheet_put(cx, j->subject, COUNTY, j->id, j->year, j->values);
}

static enum rc drop(struct cx *cx, void *arg)
{
    const struct job *j = arg;
    cx->profile = j->profile;
    return sheet_delete(cx, j->subject, COUNTY, j->id, j->year);
}

static enum rc install_as(struct cx *cx, const struct profile *p)
{
    struct job j = {.profile = p};
    cx->profile = p;
    return db_write(cx, 0, install, &j);
}

/* A random value that the indicator can hold; missing now and then. */
static struct value random_value(const struct indicator *ind, uint64_t *r, struct cx *cx)
{
    if (check_int(r, 0, 3) == 0)
        return value_missing();
    switch (ind->type) {
    case TYPE_TEXT:
        return value_text(
            str_of(arena_printf(cx->arena, "文 \"%" PRId64 "\" \\ '\n", check_int(r, 0, 99))));
    case TYPE_BOOL:
        return value_int(check_int(r, 0, 1));
    case TYPE_CODE:
        return value_int(
            ind->list->codes[check_int(r, 0, (int64_t)ind->list->code_count - 1)].code);
    case TYPE_CODES:
        return value_int(check_int(r, 1, INT64_MAX));
    case TYPE_INTEGER:
    case TYPE_DECIMAL:
    case TYPE_MONEY:
    case TYPE_DAY:
    case TYPE_MONTH:
        return value_int(
            check_int(r, ind->has_min ? ind->min : 0, ind->has_max ? ind->max : 9));
    }
    return value_missing();
}

static void same_values(const struct value *a, const struct value *b, const struct profile *p,
                        enum subject subject)
{
    for (size_t i = 0; i < p->of_count[subject]; i++)
        if (!value_eq(a[i], b[i]))
            fail_msg("%s differs: %d %" PRId64 " and %d %" PRId64, p->of[subject][i]->code,
                     (int)a[i].kind, a[i].i, (int)b[i].kind, b[i].i);
}

/* Random sheets of every subject come back as they went in, replaced ones too; what is not
 * there is not found and leaves the values alone; years come newest first. */
static void round_trip_in(struct cx *cx)
{
    const struct profile *p = profile_with(cx, NULL, NULL, NULL);
    check_ok(cx, install_as(cx, p));
    check_ok(cx, install_as(cx, p)); /* the second time changes nothing */
    struct arena_mark mark = arena_mark(cx->arena);
    for_each_seed (seed, 12) {
        uint64_t r = seed;
        struct job j = {p, (enum subject)(seed % 3), check_int(&r, 1, 3), YEAR, NULL};
        size_t count = p->of_count[j.subject];
        struct value *in = arena_new(cx->arena, count * sizeof *in);
        struct value *out = arena_new(cx->arena, count * sizeof *out);
        for (size_t i = 0; i < count; i++)
            in[i] = random_value(p->of[j.subject][i], &r, cx);
        j.values = in;
        check_ok(cx, db_write(cx, COUNTY, put, &j));
        check_ok(cx, sheet_get(out, cx, j.subject, COUNTY, j.id, YEAR));
        same_values(in, out, p, j.subject);
        arena_back(cx->arena, mark);
    }
}

static void round_trip(void **state)
{
    (void)state;
    db_fixture_each(round_trip_in);
}

/* An all-missing sheet, its years, its end. */
static void years_and_end_in(struct cx *cx)
{
    const struct profile *p = profile_with(cx, NULL, NULL, NULL);
    check_ok(cx, install_as(cx, p));
    size_t count = p->of_count[SUBJECT_HOUSEHOLD];
    struct value *none = arena_new(cx->arena, count * sizeof *none);
    struct value *out = arena_new(cx->arena, count * sizeof *out);
    for (int32_t year = 2023; year <= 2025; year++) {
        struct job j = {p, SUBJECT_HOUSEHOLD, 7, year, none};
        check_ok(cx, db_write(cx, COUNTY, put, &j));
    }
    check_ok(cx, sheet_get(out, cx, SUBJECT_HOUSEHOLD, COUNTY, 7, 2024));
    same_values(none, out, p, SUBJECT_HOUSEHOLD);
    int32_t years[8];
    size_t year_count = 8;
    check_ok(cx, sheet_years(years, &year_count, cx, SUBJECT_HOUSEHOLD, COUNTY, 7));
    assert_int_equal(year_count, 3);
    assert_int_equal(years[0], 2025);
    assert_int_equal(years[2], 2023);
    year_count = 2;
    check_ok(cx, sheet_years(years, &year_count, cx, SUBJECT_HOUSEHOLD, COUNTY, 7));
    assert_int_equal(year_count, 2);
    struct job j = {p, SUBJECT_HOUSEHOLD, 7, 2025, NULL};
    check_ok(cx, db_write(cx, COUNTY, drop, &j));
    out[0] = value_int(99);
    assert_int_equal(sheet_get(out, cx, SUBJECT_HOUSEHOLD, COUNTY, 7, 2025), RC_NOTFOUND);
    assert_int_equal(out[0].i, 99);
    assert_int_equal(sheet_get(out, cx, SUBJECT_HOUSEHOLD, COUNTY + 1, 7, 2024), RC_NOTFOUND);
}

static void years_and_end(void **state)
{
    (void)state;
    db_fixture_each(years_and_end_in);
}

static const char new_rows[] =
    "1002,poor_attribute,"; /* two indicators are put before this one */
static const char with_new[] =
    "1901,goats,household,integer,,,,0,1000,yes,no,land,Goats,山羊,How many?,多少只？,,,\n"
    "1902,bees,household,integer,,,,0,1000,no,no,land,Bees,蜂,How many?,多少箱？,,,\n"
    "1002,poor_attribute,";

/* A newer version brings a core indicator (a column) and another one (packed), and makes an
 * old one core: old sheets read as before with the new ones missing, new sheets hold all. */
static void newer_version_in(struct cx *cx)
{
    const struct profile *old = profile_with(cx, NULL, NULL, NULL);
    const struct profile *new = profile_with(cx, "indicators.csv", new_rows, with_new);
    check_ok(cx, install_as(cx, old));
    struct value *in = arena_new(cx->arena, 500 * sizeof *in);
    struct value *out = arena_new(cx->arena, 500 * sizeof *out);
    uint64_t r = 5;
    for (size_t i = 0; i < old->of_count[SUBJECT_HOUSEHOLD]; i++)
        in[i] = random_value(old->of[SUBJECT_HOUSEHOLD][i], &r, cx);
    struct job j = {old, SUBJECT_HOUSEHOLD, 1, YEAR, in};
    check_ok(cx, db_write(cx, COUNTY, put, &j));
    check_ok(cx, install_as(cx, new));
    check_ok(cx, install_as(cx, new));
    check_ok(cx, sheet_get(out, cx, SUBJECT_HOUSEHOLD, COUNTY, 1, YEAR));
    const struct indicator *goats = profile_indicator(new, SUBJECT_HOUSEHOLD, STR("goats"));
    const struct indicator *bees = profile_indicator(new, SUBJECT_HOUSEHOLD, STR("bees"));
    assert_int_equal(out[goats->index].kind, VALUE_MISSING);
    assert_int_equal(out[bees->index].kind, VALUE_MISSING);
    for (size_t i = 0; i < old->of_count[SUBJECT_HOUSEHOLD]; i++) {
        const struct indicator *was = old->of[SUBJECT_HOUSEHOLD][i];
        const struct indicator *is =
            profile_indicator(new, SUBJECT_HOUSEHOLD, str_of(was->code));
        assert_true(value_eq(out[is->index], in[i]));
    }
    out[goats->index] = value_int(12);
    out[bees->index] = value_int(3);
    j = (struct job){new, SUBJECT_HOUSEHOLD, 1, YEAR, out};
    check_ok(cx, db_write(cx, COUNTY, put, &j));
    check_ok(cx, sheet_get(in, cx, SUBJECT_HOUSEHOLD, COUNTY, 1, YEAR));
    assert_int_equal(in[goats->index].i, 12);
    assert_int_equal(in[bees->index].i, 3);
}

static void newer_version(void **state)
{
    (void)state;
    db_fixture_each(newer_version_in);
}

/* What was packed is still found after its indicator became core. */
static void packed_becomes_core_in(struct cx *cx)
{
    const struct profile *old = profile_with(cx, NULL, NULL, NULL);
    const struct profile *new =
        profile_with(cx, "indicators.csv", "paddy_mu,household,decimal,2,mu,,0,10000,no",
                     "paddy_mu,household,decimal,2,mu,,0,10000,yes");
    check_ok(cx, install_as(cx, old));
    struct value *v = arena_new(cx->arena, 500 * sizeof *v);
    int at = profile_indicator(old, SUBJECT_HOUSEHOLD, STR("paddy_mu"))->index;
    v[at] = value_int(250);
    struct job j = {old, SUBJECT_HOUSEHOLD, 1, YEAR, v};
    check_ok(cx, db_write(cx, COUNTY, put, &j));
    check_ok(cx, install_as(cx, new));
    v[at] = value_missing();
    check_ok(cx, sheet_get(v, cx, SUBJECT_HOUSEHOLD, COUNTY, 1, YEAR));
    assert_int_equal(v[at].i, 250);
    check_refused(cx, install_as(cx, old), RC_CONFLICT); /* and not back */
}

static void packed_becomes_core(void **state)
{
    (void)state;
    db_fixture_each(packed_becomes_core_in);
}

/* A core indicator of another type, and another country's profile, are refused with a text. */
static void refusals_in(struct cx *cx)
{
    const struct profile *old = profile_with(cx, NULL, NULL, NULL);
    const struct profile *other =
        profile_with(cx, "indicators.csv", "martyr_family,household,bool,,,,,,no",
                     "martyr_family,household,bool,,,,,,yes");
    const struct profile *changed =
        profile_with(cx, "indicators.csv", "martyr_family,household,bool,,,,,,no",
                     "martyr_family,household,integer,,,,,,yes");
    const struct profile *abroad = profile_with(cx, "profile.csv", "code,cn", "code,vn");
    check_ok(cx, install_as(cx, old));
    check_ok(cx, install_as(cx, other));
    check_refused(cx, install_as(cx, changed), RC_CONFLICT);
    check_refused(cx, install_as(cx, abroad), RC_CONFLICT);
    check_ok(cx, install_as(cx, other));
}

static void refusals(void **state)
{
    (void)state;
    db_fixture_each(refusals_in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),    cmocka_unit_test(years_and_end),
        cmocka_unit_test(newer_version), cmocka_unit_test(packed_becomes_core),
        cmocka_unit_test(refusals),
    };
    crypto_init();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < profile_count; i++)
        profile_free(profiles[i]);
    return failed;
}
