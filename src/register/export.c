/* Exports: goes through the households of the actor's areas, one at a time in little memory,
 * and writes their rows. Which columns there are is export_field.c's. */
#include "register/export.h"

#include "base/text.h"
#include "people/actor.h"
#include "people/user.h"
#include "profile/sheet.h"
#include "register/area.sql.h"
#include "register/export.sql.h"
#include "register/export_inner.h"

#include <string.h>

enum { CHUNK = 256, SCOPES_MAX = 4096, AREA_ARENA = 1024 * 1024, PLACE_BYTES = 1024 };

/* A part of one county. */
struct scope {
    int64_t county;
    struct str path, end; /* end: the first path behind */
};
struct scopes {
    struct scope *rows;
    size_t count;
};

struct exporting {
    struct cx *cx;
    struct export_plan plan;
    struct frame_writer *writer;
    struct out_cell *cells;
    int64_t rows;
    /* The areas above the household at hand; most households follow one of the same place. */
    struct arena *area_arena;
    int64_t area_id;
    struct area *chain;
    size_t chain_count;
};

/* ---- where ---- */

static enum rc add_scope(struct scopes *s, struct cx *cx, int64_t county, struct str path)
{
    if (s->count == SCOPES_MAX)
        return fail(cx, RC_LIMIT, _("This export covers too many areas. Choose one of them."),
                    "scopes=%zu", s->count);
    s->rows[s->count++] = (struct scope){county, path, area_path_end(cx, path)};
    return RC_OK;
}

/* The counties under a path above them, or the part of one county. */
static enum rc add_path(struct scopes *s, struct cx *cx, struct str path)
{
    struct area area;
    if (path.len) {
        TRY(area_by_path(&area, cx, path));
        if (area.county)
            return add_scope(s, cx, area.county, path);
    }
    struct db_rows rows;
    struct str end = path.len ? area_path_end(cx, path) : STR("~");
    enum rc rc = RC_OK;
    TRY(DB_SELECT(&rows, cx, &AREA_TENANTS, V_I(cx->profile->tenant_level), V_S(path),
                  V_S(end)));
    while (!rc && db_next(&rows))
        rc = add_scope(s, cx, row_i64(&rows, AREA_TENANTS_COUNTY),
                       row_copy(&rows, AREA_TENANTS_PATH));
    enum rc done = db_done(&rows);
    return rc ? rc : done;
}

/* The actor's areas, cut to the one asked for. */
static enum rc find_scopes(struct scopes *s, struct cx *cx, int64_t area_id)
{
    const char *const *paths;
    size_t count;
    struct area wanted = {.path = ""};
    s->rows = arena_new(cx->arena, SCOPES_MAX * sizeof *s->rows);
    TRY(actor_require(cx, "export.run"));
    TRY(actor_paths(&paths, &count, cx, "export.run"));
    if (area_id)
        TRY(area_get(&wanted, cx, area_id));
    struct str want = str_of(wanted.path);
    for (size_t i = 0; i < count; i++) {
        struct str own = str_of(paths[i]);
        if (str_starts(want, own))
            return add_path(s, cx, want);
        if (str_starts(own, want))
            TRY(add_path(s, cx, own));
    }
    if (area_id && !s->count)
        return fail(cx, RC_DENIED, _("You may not export this area. Choose one of yours."),
                    "area=%" PRId64, area_id);
    return RC_OK;
}

/* One look a county for the whole file, written down before anything is shown. */
static enum rc log_secrets(struct cx *cx, const struct scopes *s)
{
    for (size_t i = 0; i < s->count; i++) {
        TRY(actor_require_in(cx, "household.reveal", s->rows[i].path));
        if (i && s->rows[i].county == s->rows[i - 1].county)
            continue;
        TRY(look_log(cx, s->rows[i].county, 0, "export", STR("export")));
    }
    return RC_OK;
}

/* ---- one household ---- */

static enum rc load_chain(struct exporting *e, const struct household *h)
{
    if (e->area_id == h->area_id)
        return RC_OK;
    struct arena *own = e->cx->arena;
    arena_reset(e->area_arena);
    e->cx->arena = e->area_arena;
    enum rc rc = area_chain(&e->chain, &e->chain_count, e->cx, h->area_id);
    e->cx->arena = own;
    e->area_id = rc ? 0 : h->area_id;
    return rc;
}

static enum rc load_sheet(const struct value **out, struct cx *cx, enum subject subject,
                          int64_t id, const struct export_row *r)
{
    struct value *values =
        arena_new(cx->arena, (cx->profile->of_count[subject] + 1) * sizeof *values);
    *out = NULL;
    if (!r->year)
        return RC_OK;
    enum rc rc = sheet_get(values, cx, subject, r->h->county, id, r->year);
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *out = values;
    return RC_OK;
}

static enum rc load_secrets(struct export_row *r, struct exporting *e)
{
    struct cx *cx = e->cx;
    struct safe safe;
    memset(r->secrets, 0, sizeof r->secrets);
    if (!e->plan.needs_secrets ||
        (!r->p->has_identity && !r->p->has_phone && !r->p->has_account))
        return RC_OK;
    TRY(safe_get(&safe, cx, r->h->county, r->p->id));
    for (int i = 0; i < SECRET_COUNT && safe.has_key; i++) {
        enum secret which = (enum secret)i;
        struct str plain;
        if (!safe.sealed[i].len)
            continue;
        TRY(unseal(&plain, cx, safe.key, safe.sealed[i], secret_context(which)));
        r->secrets[i] = e->plan.o->secrets ? plain : str_of(secret_mask(cx, which, plain));
    }
    return RC_OK;
}

static bool has_incomes_of_year(const struct export_row *r)
{
    for (size_t i = 0; i < r->income_count; i++)
        if (r->incomes[i].year == r->year)
            return true;
    return false;
}

static enum rc put_row(struct exporting *e, const struct export_row *r)
{
    bool known = r->household_values || r->person_values || has_incomes_of_year(r);
    /* A year's file names who had a sheet in it, not who came later. */
    if (e->plan.of_people && e->plan.needs_person_sheet && e->plan.o->year)
        known = r->person_values != NULL;
    if (e->plan.m && ((r->year && !known) || !export_row_fits(&e->plan, r)))
        return RC_OK;
    export_cells(e->cells, e->cx, &e->plan, r);
    e->rows++;
    return frame_writer_row(e->cx, e->writer, e->cells);
}

/* The person's sheet with its secret indicators opened, where secrets are asked for. */
static enum rc open_secret_values(struct export_row *r, const struct exporting *e)
{
    struct cx *cx = e->cx;
    const struct profile *p = cx->profile;
    size_t count = p->of_count[SUBJECT_PERSON];
    if (!r->person_values || !e->plan.o->secrets)
        return RC_OK;
    struct value *values = arena_new(cx->arena, (count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++) {
        struct str plain;
        values[i] = r->person_values[i];
        if (!p->of[SUBJECT_PERSON][i]->secret || values[i].kind == VALUE_MISSING)
            continue;
        enum rc rc = person_secret_value(&plain, cx, r->h->county, r->p->id, values[i]);
        if (rc && rc != RC_NOTFOUND)
            return rc;
        values[i] = rc ? value_missing() : value_text(plain);
        err_clear(cx);
    }
    r->person_values = values;
    return RC_OK;
}

static enum rc put_people(struct exporting *e, struct export_row *r)
{
    struct cx *cx = e->cx;
    struct person *people;
    size_t count;
    TRY(household_people(&people, &count, cx, r->h->county, r->h->id, false));
    for (size_t i = 0; i < count; i++) {
        r->p = &people[i];
        if (e->plan.needs_person_sheet)
            TRY(load_sheet(&r->person_values, cx, SUBJECT_PERSON, r->p->id, r));
        TRY(open_secret_values(r, e));
        TRY(load_secrets(r, e));
        TRY(put_row(e, r));
    }
    return RC_OK;
}

static enum rc put_incomes(struct exporting *e, struct export_row *r)
{
    for (size_t i = 0; i < r->income_count; i++) {
        if (e->plan.o->year && r->incomes[i].year != e->plan.o->year)
            continue;
        r->income = &r->incomes[i];
        r->year = r->income->year;
        TRY(put_row(e, r));
    }
    return RC_OK;
}

/* The year asked for, the mapping's own, else the newest that the household has. */
static int32_t year_of(const struct export_plan *plan, const struct export_row *r)
{
    int32_t newest = r->h->sheet_year;
    if (plan->o->year)
        return plan->o->year;
    if (plan->m && plan->m->year_kind == YEAR_FIXED)
        return plan->m->year;
    bool only_incomes =
        plan->needs_incomes && !plan->needs_household_sheet && !plan->needs_person_sheet;
    if (only_incomes || !newest)
        newest = r->income_count ? r->incomes[0].year : newest; /* newest first */
    return newest;
}

static enum rc put_household(struct exporting *e, const struct household *h)
{
    struct cx *cx = e->cx;
    struct export_row r = {.h = h};
    struct income *incomes = NULL;
    TRY(load_chain(e, h));
    r.chain = e->chain;
    r.chain_count = e->chain_count;
    if (e->plan.needs_incomes)
        TRY(household_incomes(&incomes, &r.income_count, cx, h->county, h->id));
    r.incomes = incomes;
    r.year = year_of(&e->plan, &r);
    if (e->plan.needs_household_sheet)
        TRY(load_sheet(&r.household_values, cx, SUBJECT_HOUSEHOLD, h->id, &r));
    if (e->plan.o->what == EXPORT_INCOMES)
        return put_incomes(e, &r);
    return e->plan.of_people ? put_people(e, &r) : put_row(e, &r);
}

/* ---- all of them ---- */

/* The next households; *place and *id stand behind the last one. */
static enum rc load_chunk(struct household *list, size_t *count, struct str *place, int64_t *id,
                          struct exporting *e, const struct scope *s)
{
    struct cx *cx = e->cx;
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &EXPORT_PLACE_LIST, V_I(s->county), V_S(*place), V_I(*id),
                  V_S(s->end), V_I(CHUNK)));
    *count = 0;
    while (db_next(&rows)) {
        list[(*count)++] = household_of_row(cx, &rows);
        if (*count == CHUNK)
            *place = row_copy(&rows, EXPORT_PLACE_LIST_PLACE);
        *id = list[*count - 1].id;
    }
    return db_done(&rows);
}

static enum rc put_scope(struct exporting *e, const struct scope *s)
{
    struct cx *cx = e->cx;
    struct household *list = arena_new(cx->arena, CHUNK * sizeof *list);
    char kept[PLACE_BYTES]; /* the place goes on living behind the chunk's memory */
    struct str place = s->path;
    int64_t id = -1;
    size_t count = CHUNK;
    while (count == CHUNK) {
        struct arena_mark chunk = arena_mark(cx->arena);
        TRY(load_chunk(list, &count, &place, &id, e, s));
        struct arena_mark one = arena_mark(cx->arena);
        for (size_t i = 0; i < count; i++) {
            TRY(put_household(e, &list[i]));
            arena_back(cx->arena, one);
        }
        if (place.len > sizeof kept)
            return fail(cx, RC_LIMIT, _("A household number is too long."), "place");
        memmove(kept, place.p, place.len);
        place.p = kept;
        arena_back(cx->arena, chunk);
    }
    return RC_OK;
}

static enum rc put_all(struct exporting *e, const struct scopes *scopes)
{
    for (size_t i = 0; i < scopes->count; i++) {
        struct arena_mark mark = arena_mark(e->cx->arena);
        TRY(put_scope(e, &scopes->rows[i]));
        arena_back(e->cx->arena, mark);
    }
    return RC_OK;
}

static enum rc write_rows(struct exporting *e, const struct scopes *scopes, int fd)
{
    struct cx *cx = e->cx;
    const struct export_options *o = e->plan.o;
    const struct frame_write_options options = {
        .format = o->format,
        .title = e->plan.m ? LABEL(cx, e->plan.m->label) : LABEL(cx, cx->profile->name),
        .use_labels = o->use_labels,
        .label_header = e->plan.m || o->use_labels,
        .row_count = -1};
    e->cells = arena_new(cx->arena, (e->plan.count + 1) * sizeof *e->cells);
    TRY(frame_writer_open(&e->writer, cx, fd, e->plan.columns, e->plan.count, &options));
    enum rc rc = put_all(e, scopes);
    if (rc) {
        frame_writer_abort(e->writer);
        return rc;
    }
    return frame_writer_close(cx, e->writer);
}

enum rc export_write(int64_t *rows, struct cx *cx, const struct export_options *o, int fd)
{
    struct exporting e = {.cx = cx};
    struct scopes scopes = {0};
    TRY(find_scopes(&scopes, cx, o->area_id));
    TRY(export_plan_make(&e.plan, cx, o));
    if (o->secrets)
        TRY(log_secrets(cx, &scopes));
    e.area_arena = arena_open(AREA_ARENA);
    enum rc rc = write_rows(&e, &scopes, fd);
    arena_free(e.area_arena);
    TRY(rc);
    *rows = e.rows;
    return RC_OK;
}
