/* Writes the SQL of the sheet tables from the profile: one of the two places that make SQL text
 * from data. Only names that the loader let through (a-z, 0-9, _, no keyword) get into it. */
#include "base/buf.h"
#include "profile/profile_impl.h"

#include <assert.h>
#include <string.h>

enum { STATEMENT_MAX = 512 * 1024 };

static const char *const tables[SUBJECT_COUNT] = {"household_sheet", "person_sheet",
                                                  "area_sheet"};
static const char *const ids[SUBJECT_COUNT] = {"household_id", "person_id", "area_id"};

const char *sheet_column_type(const struct indicator *ind)
{
    switch (ind->type) {
    case TYPE_INTEGER:
    case TYPE_DECIMAL:
    case TYPE_MONEY:
    case TYPE_CODES:
        return "bigint";
    case TYPE_BOOL:
        return "smallint";
    case TYPE_CODE:
    case TYPE_DAY:
    case TYPE_MONTH:
        return "integer";
    case TYPE_TEXT:
        return "text";
    }
    return "text";
}

/* The letters of db.h for the core columns. */
static void put_letters(struct buf *b, const struct sheet_sql *s)
{
    for (size_t i = 0; i < s->core_count; i++)
        buf_char(b, s->core[i]->type == TYPE_TEXT ? 't' : 'i');
}

static const char *taken(struct arena *a, struct buf *b)
{
    assert(buf_ok(b)); /* 1,000 names of 48 bytes are far below the maximum */
    const char *text = arena_copy(a, buf_view(b));
    buf_clear(b);
    return text;
}

static void build_create(struct sheet_sql *s, struct arena *a, struct buf *b, const char *id)
{
    buf_printf(b,
               "CREATE TABLE %s (county BIGINT NOT NULL, %s BIGINT NOT NULL, "
               "year INTEGER NOT NULL",
               s->table, id);
    for (size_t i = 0; i < s->core_count; i++)
        buf_printf(b, ", %s %s", s->core[i]->code, sheet_column_type(s->core[i]));
    buf_printf(b, ", extra TEXT, PRIMARY KEY (county, %s, year))", id);
    s->create.pg = arena_copy(a, buf_view(b));
    buf_z(b, " WITHOUT ROWID");
    s->create.lite = taken(a, b);
}

static void build_put(struct sheet_sql *s, struct arena *a, struct buf *b, const char *id)
{
    buf_printf(b, "INSERT INTO %s (county, %s, year", s->table, id);
    for (size_t i = 0; i < s->core_count; i++)
        buf_printf(b, ", %s", s->core[i]->code);
    buf_z(b, ", extra) VALUES ($1, $2, $3");
    for (size_t i = 0; i <= s->core_count; i++)
        buf_printf(b, ", $%zu", i + 4);
    buf_printf(b, ") ON CONFLICT (county, %s, year) DO UPDATE SET extra = excluded.extra", id);
    for (size_t i = 0; i < s->core_count; i++)
        buf_printf(b, ", %s = excluded.%s", s->core[i]->code, s->core[i]->code);
    s->put.lite = taken(a, b);
    buf_z(b, "iii");
    put_letters(b, s);
    buf_char(b, 't');
    s->put.args = taken(a, b);
}

static void build_get(struct sheet_sql *s, struct arena *a, struct buf *b, const char *id)
{
    buf_z(b, "SELECT extra");
    for (size_t i = 0; i < s->core_count; i++)
        buf_printf(b, ", %s", s->core[i]->code);
    buf_printf(b, " FROM %s WHERE county = $1 AND %s = $2 AND year = $3", s->table, id);
    s->get.lite = taken(a, b);
    s->get.args = "iii";
    buf_char(b, 't');
    put_letters(b, s);
    s->get.cols = taken(a, b);
    buf_printf(b, "DELETE FROM %s WHERE county = $1 AND %s = $2 AND year = $3", s->table, id);
    s->delete.lite = taken(a, b);
    s->delete.args = "iii";
    buf_printf(b,
               "SELECT year FROM %s WHERE county = $1 AND %s = $2 ORDER BY year DESC LIMIT $3",
               s->table, id);
    s->years.lite = taken(a, b);
    s->years.args = "iii";
    s->years.cols = "i";
}

/* Many sheets: id, year, extra, then the core columns. */
static void build_read(struct sheet_sql *s, struct arena *a, struct buf *b, const char *id)
{
    buf_printf(b, "SELECT %s, year, extra", id);
    for (size_t i = 0; i < s->core_count; i++)
        buf_printf(b, ", %s", s->core[i]->code);
    buf_printf(b, " FROM %s WHERE county = $1", s->table);
    const char *all = taken(a, b);
    buf_z(b, "iit");
    put_letters(b, s);
    s->of_year.cols = s->of_thing.cols = taken(a, b);
    buf_printf(b, "%s AND year = $2 ORDER BY %s", all, id);
    s->of_year.lite = taken(a, b);
    buf_printf(b, "%s AND %s = $2 ORDER BY year", all, id);
    s->of_thing.lite = taken(a, b);
    s->of_year.args = s->of_thing.args = "ii";
    buf_printf(b, "SELECT %s, year FROM %s WHERE county = $1", id, s->table);
    s->pairs.lite = taken(a, b);
    s->pairs.args = "i";
    s->pairs.cols = "ii";
}

/* One ALTER TABLE per core column: for a profile that brought a new one. */
static void build_add(struct sheet_sql *s, struct arena *a, struct buf *b)
{
    struct sql *add = arena_new(a, (s->core_count + 1) * sizeof *add);
    for (size_t i = 0; i < s->core_count; i++) {
        buf_printf(b, "ALTER TABLE %s ADD COLUMN %s %s", s->table, s->core[i]->code,
                   sheet_column_type(s->core[i]));
        add[i] = (struct sql){.name = "sheet_add", .lite = taken(a, b), .args = "", .cols = ""};
    }
    s->add = add;
}

void sheet_build(struct profile *p)
{
    struct arena *a = p->own->arena;
    struct buf b;
    buf_init(&b, NULL, STATEMENT_MAX);
    for (int subject = 0; subject < SUBJECT_COUNT; subject++) {
        struct sheet_sql *s = &p->own->sheets[subject];
        const struct indicator **core = arena_new(a, (p->of_count[subject] + 1) * sizeof *core);
        s->table = tables[subject];
        s->core = core;
        for (size_t i = 0; i < p->of_count[subject]; i++)
            if (p->of[subject][i]->core)
                core[s->core_count++] = p->of[subject][i];
        s->create = (struct sql){.name = "sheet_create", .args = "", .cols = ""};
        s->get = (struct sql){.name = "sheet_get"};
        s->put = (struct sql){.name = "sheet_put", .cols = ""};
        s->delete = (struct sql){.name = "sheet_delete", .cols = ""};
        s->years = (struct sql){.name = "sheet_years"};
        s->of_year = (struct sql){.name = "sheet_of_year"};
        s->of_thing = (struct sql){.name = "sheet_of_thing"};
        s->pairs = (struct sql){.name = "sheet_pairs"};
        build_create(s, a, &b, ids[subject]);
        build_get(s, a, &b, ids[subject]);
        build_put(s, a, &b, ids[subject]);
        build_read(s, a, &b, ids[subject]);
        build_add(s, a, &b);
    }
    buf_free(&b);
}
