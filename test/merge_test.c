/* Merging areas with everything filled, on both databases: every table of the schema that keeps
 * an area's number or path gets a row for an area that ends and for one that moves with it,
 * whatever the table is for. Afterwards no such row may stand at an area that has ended or at a
 * path where no area is, but for tables that keep history, which are listed here. */
#include "db/db_fixture.h"
#include "register/area_merge.h"
#include "register/register_fixture.h"
#include "web/jobs.h"

enum { TABLES_MAX = 200, COLUMNS_MAX = 60, DAY = 20400 };
static struct register_fixture f;

/* What was so then stays so: an area's own yearly figures, published and checked ones, looks at
 * secrets, the log of roles; the register's own tables, which register/area_merge_test.c looks
 * at. */
static const char *const history[] = {
    "area_sheet",  "area",         "area_name",      "area_merge_step",  "household",
    "check_count", "look",         "user_event",     "published_figure", "published_row",
    "microdata",   "import_count", "household_seen", "person_seen",
};

struct table {
    const char *name;
    struct {
        const char *name, *type;
        bool optional;
    } columns[COLUMNS_MAX];
    size_t count;
    bool has_id, has_path, is_history;
};
static struct table *tables;
static size_t table_count;

static const struct sql COLUMNS_LITE = {
    .name = "test_columns_lite",
    .lite = "SELECT m.name, c.name, lower(c.type), c.\"notnull\" FROM sqlite_schema m, "
            "pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid",
    .args = "",
    .cols = "ttti"};
static const struct sql COLUMNS_PG = {
    .name = "test_columns_pg",
    .lite = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), "
            "CAST(data_type AS TEXT), CASE WHEN is_nullable = 'NO' THEN CAST(1 AS BIGINT) ELSE "
            "0 END FROM information_schema.columns WHERE table_schema = current_schema() AND "
            "table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = "
            "current_schema()) ORDER BY table_name, ordinal_position",
    .args = "",
    .cols = "ttti"};

static void read_tables(struct cx *cx)
{
    struct db_rows rows;
    tables = arena_new(cx->arena, TABLES_MAX * sizeof *tables);
    table_count = 0;
    check_ok(cx, db_select(&rows, cx, db_is_pg(cx) ? &COLUMNS_PG : &COLUMNS_LITE, NULL, 0));
    while (db_next(&rows)) {
        const char *name = arena_copy(cx->arena, row_str(&rows, 0));
        struct table *t = table_count ? &tables[table_count - 1] : NULL;
        if (!t || strcmp(t->name, name) != 0) {
            assert_true(table_count < TABLES_MAX);
            t = &tables[table_count++];
            *t = (struct table){.name = name};
        }
        assert_true(t->count < COLUMNS_MAX);
        t->columns[t->count].name = arena_copy(cx->arena, row_str(&rows, 1));
        t->columns[t->count].type = arena_copy(cx->arena, row_str(&rows, 2));
        t->columns[t->count].optional = row_i64(&rows, 3) == 0;
        t->has_id = t->has_id || !strcmp(t->columns[t->count].name, "area_id");
        t->has_path = t->has_path || !strcmp(t->columns[t->count].name, "area_path");
        t->count++;
    }
    check_ok(cx, db_done(&rows));
    size_t used = 0;
    for (size_t i = 0; i < table_count; i++) {
        for (size_t k = 0; k < sizeof history / sizeof history[0]; k++)
            tables[i].is_history = tables[i].is_history || !strcmp(history[k], tables[i].name);
        if (tables[i].has_id || tables[i].has_path)
            tables[used++] = tables[i];
    }
    table_count = used;
}

/* ---- a row in each ---- */

struct filling {
    const struct table *table;
    const struct area *area;
    int64_t number;
};

static const char *value_of(struct cx *cx, const struct filling *w, size_t i)
{
    const char *name = w->table->columns[i].name, *type = w->table->columns[i].type;
    if (!strcmp(name, "county"))
        return arena_printf(cx->arena, "%" PRId64, w->area->county);
    if (!strcmp(name, "area_id"))
        return arena_printf(cx->arena, "%" PRId64, w->area->id);
    if (!strcmp(name, "area_path"))
        return arena_printf(cx->arena, "'%s'", w->area->path);
    if (!strcmp(name, "ended_day") || !strcmp(name, "lead"))
        return "0";
    if (strstr(type, "text") || strstr(type, "char"))
        return arena_printf(cx->arena, "'x%" PRId64 "'", w->number);
    if (strstr(type, "blob"))
        return arena_printf(cx->arena, "x'%08x'", (unsigned)w->number);
    if (strstr(type, "bytea"))
        return arena_printf(cx->arena, "'\\x%08x'", (unsigned)w->number);
    /* Numbers and those of other things; small ones, of kinds and states, are 1. */
    return strstr(type, "big") && (!strcmp(name, "id") || strstr(name, "_id"))
               ? arena_printf(cx->arena, "%" PRId64, w->number)
               : "1";
}

static enum rc write_row(struct cx *cx, void *arg)
{
    const struct filling *w = arg;
    struct buf b;
    buf_init(&b, cx->arena, 16384);
    buf_printf(&b, "INSERT INTO %s VALUES (", w->table->name);
    for (size_t i = 0; i < w->table->count; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", value_of(cx, w, i));
    buf_z(&b, ")");
    const struct sql row = {.name = "~test_row",
                            .lite = arena_copy(cx->arena, buf_view(&b)),
                            .args = "",
                            .cols = ""};
    return db_run(cx, &row, NULL, 0);
}

static void fill(struct cx *cx, const struct area *area, int64_t number)
{
    for (size_t i = 0; i < table_count; i++) {
        struct filling w = {&tables[i], area, number};
        if (tables[i].is_history || !strcmp(tables[i].name, "user_grant"))
            continue;
        if (db_write(cx, f.county, write_row, &w) != RC_OK)
            fail_msg("%s: no row: %s", tables[i].name, cx->err.detail);
    }
}

/* ---- what is left behind ---- */

static int64_t count_by(struct cx *cx, const char *text)
{
    const struct sql sql = {.name = "~test_count", .lite = text, .args = "", .cols = "i"};
    struct db_rows rows;
    check_ok(cx, db_one(&rows, cx, &sql, NULL, 0));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

static int left_behind(struct cx *cx)
{
    int bad = 0;
    for (size_t i = 0; i < table_count; i++) {
        const struct table *t = &tables[i];
        int64_t at_ended = 0, nowhere = 0, apart = 0;
        if (t->is_history)
            continue;
        if (t->has_id)
            at_ended = count_by(
                cx, arena_printf(cx->arena,
                                 "SELECT count(*) FROM %s WHERE area_id IN (SELECT id FROM "
                                 "area WHERE ended_day <> 0)",
                                 t->name));
        if (t->has_path)
            nowhere = count_by(
                cx, arena_printf(cx->arena,
                                 "SELECT count(*) FROM %s WHERE area_path NOT IN (SELECT path "
                                 "FROM area WHERE ended_day = 0)",
                                 t->name));
        if (t->has_id && t->has_path)
            apart = count_by(cx, arena_printf(cx->arena,
                                              "SELECT count(*) FROM %s t JOIN area a ON a.id = "
                                              "t.area_id WHERE a.path <> t.area_path",
                                              t->name));
        if (at_ended || nowhere || apart) {
            print_error("%s: %d at an ended area, %d at no area's path, %d at another's\n",
                        t->name, (int)at_ended, (int)nowhere, (int)apart);
            bad++;
        }
    }
    return bad;
}

static void merge_all(struct cx *cx)
{
    struct area a[6];
    int64_t ids[6];
    cx->now_at = (int64_t)20500 * 86400;
    register_fixture_open(&f, cx);
    office_begin();
    read_tables(cx);
    assert_true(table_count > 25);
    const int64_t all[] = {f.town[0],    f.town[1],    f.village[0],
                           f.village[1], f.village[2], f.village[3]};
    memcpy(ids, all, sizeof ids);
    struct source source = fixture_source(&f, 0, 0);
    for (int i = 0; i < 6; i++) {
        check_ok(cx, area_get(&a[i], cx, ids[i]));
        (void)fixture_apply(
            cx, &source, fixture_household(cx, ids[i], arena_printf(cx->arena, "H%d", i), 1));
        fill(cx, &a[i], 1000 + i);
    }
    check_ok(cx, area_merge(cx, f.town[0], f.town[1], DAY));
    assert_int_equal(left_behind(cx), 0);
    /* Once more, within a township. */
    check_ok(cx, area_merge(cx, f.village[1], f.village[3], DAY));
    assert_int_equal(left_behind(cx), 0);
    fixture_verify(cx);
    register_fixture_close(&f, cx);
}

static void test_merge_all(void **state)
{
    (void)state;
    db_fixture_each(merge_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_merge_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
