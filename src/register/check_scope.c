/* Where checks are looked at: the meeting of an area with the actor's areas, county by county,
 * and the areas one step further down. No columns here but for the years. */
#include "base/text.h"
#include "people/actor.h"
#include "register/area.sql.h"
#include "register/check.h"
#include "register/check.sql.h"
#include "register/inner.h"

#include <string.h>

enum { PATHS_MAX = 64, YEARS_MAX = 40 };

/* A place while it is being filled. */
struct place {
    struct area tenant;
    const char **paths;
    int64_t *ids;
    size_t count;
};
struct finder {
    struct check_scope *out;
    struct place places[CHECK_COUNTIES_MAX];
    size_t count;
};

static enum rc tenant_of(struct area *out, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &CHECK_TENANT, V_I(cx->profile->tenant_level), V_I(county));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such county."), "county=%" PRId64, county);
    TRY(rc);
    int64_t id = row_i64(&rows, CHECK_TENANT_ID);
    TRY(db_done(&rows));
    return area_get(out, cx, id);
}

static enum rc add_area(struct finder *f, struct cx *cx, const struct area *a)
{
    struct place *p = NULL;
    for (size_t i = 0; i < f->count && !p; i++)
        if (f->places[i].tenant.county == a->county)
            p = &f->places[i];
    if (!p) {
        if (f->count == CHECK_COUNTIES_MAX) {
            f->out->too_many = true;
            return RC_OK;
        }
        p = &f->places[f->count++];
        *p = (struct place){.paths = arena_new(cx->arena, PATHS_MAX * sizeof *p->paths),
                            .ids = arena_new(cx->arena, PATHS_MAX * sizeof *p->ids)};
        TRY(tenant_of(&p->tenant, cx, a->county));
    }
    if (p->count == PATHS_MAX)
        return fail_f(cx, RC_LIMIT, _("This list would span more than %d areas; choose one."),
                      (int)PATHS_MAX);
    p->paths[p->count] = a->path;
    p->ids[p->count++] = a->id;
    return RC_OK;
}

/* A path as the counties that it covers, or within the one in which it lies. */
static enum rc add_path(struct finder *f, struct cx *cx, struct str path)
{
    struct area a = {.path = ""};
    if (path.len > 0)
        TRY(area_by_path(&a, cx, path));
    if (a.county)
        return add_area(f, cx, &a);
    struct str found[CHECK_COUNTIES_MAX + 1];
    size_t count = 0;
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &AREA_TENANTS, V_I(cx->profile->tenant_level), V_S(path),
                  V_S(area_path_end(cx, path))));
    while (count <= CHECK_COUNTIES_MAX && db_next(&rows))
        if (row_i64(&rows, AREA_TENANTS_HOUSEHOLD_COUNT) > 0)
            found[count++] = row_copy(&rows, AREA_TENANTS_PATH);
    TRY(db_done(&rows));
    for (size_t i = 0; i < count; i++) {
        TRY(area_by_path(&a, cx, found[i]));
        TRY(add_area(f, cx, &a));
    }
    return RC_OK;
}

/* Does the area touch one of the actor's: lie in it or above it? */
static bool touches(const char *path, const char *const *own, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_starts(str_of(path), str_of(own[i])) ||
            str_starts(str_of(own[i]), str_of(path)))
            return true;
    return false;
}

/* One step down from the area, or the actor's own areas when it has several. */
static enum rc find_children(struct check_scope *out, struct cx *cx, const char *const *own,
                             size_t own_count)
{
    struct area *all;
    size_t count, kept = 0;
    if (!out->has_area && !(own_count == 1 && !own[0][0])) {
        all = arena_new(cx->arena, (own_count + 1) * sizeof *all);
        for (size_t i = 0; i < own_count; i++)
            TRY(area_by_path(&all[i], cx, str_of(own[i])));
        out->children = all;
        out->child_count = own_count;
        return RC_OK;
    }
    TRY(area_children(&all, &count, cx, out->has_area ? out->area.id : 0));
    for (size_t i = 0; i < count; i++)
        if (all[i].household_count > 0 && touches(all[i].path, own, own_count))
            all[kept++] = all[i];
    out->children = all;
    out->child_count = kept;
    return RC_OK;
}

static void keep_places(struct check_scope *out, struct cx *cx, const struct finder *f)
{
    size_t count = out->too_many ? 0 : f->count;
    struct check_place *places = arena_new(cx->arena, (count + 1) * sizeof *places);
    for (size_t i = 0; i < count; i++)
        places[i] = (struct check_place){.county = f->places[i].tenant.county,
                                         .tenant = f->places[i].tenant,
                                         .paths = f->places[i].paths,
                                         .area_ids = f->places[i].ids,
                                         .path_count = f->places[i].count};
    out->places = places;
    out->place_count = count;
}

enum rc check_scope_find(struct check_scope *out, struct cx *cx, int64_t area_id)
{
    const char *const *own;
    size_t own_count;
    struct finder *f = arena_new(cx->arena, sizeof *f);
    *out = (struct check_scope){0};
    f->out = out;
    TRY(actor_require(cx, "household.view"));
    TRY(actor_paths(&own, &own_count, cx, "household.view"));
    if (area_id) {
        TRY(area_get(&out->area, cx, area_id));
        out->has_area = true;
    } else if (own_count == 1 && own[0][0]) {
        TRY(area_by_path(&out->area, cx, str_of(own[0])));
        out->has_area = true;
    }
    const char *wanted = out->has_area ? out->area.path : "";
    if (!touches(wanted, own, own_count))
        return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                    "check area=%" PRId64, area_id);
    for (size_t i = 0; i < own_count; i++) {
        bool inside = str_starts(str_of(wanted), str_of(own[i]));
        if (inside || str_starts(str_of(own[i]), str_of(wanted)))
            TRY(add_path(f, cx, inside ? str_of(wanted) : str_of(own[i])));
    }
    keep_places(out, cx, f);
    if (!out->has_area && out->place_count == 1 && own_count == 1) {
        out->area = out->places[0].tenant; /* a database with one county begins there */
        out->has_area = true;
    }
    return find_children(out, cx, own, own_count);
}

enum rc check_place_of_county(struct check_place *out, struct cx *cx, int64_t county)
{
    const char **paths = arena_new(cx->arena, sizeof *paths);
    int64_t *ids = arena_new(cx->arena, sizeof *ids);
    *out = (struct check_place){
        .county = county, .paths = paths, .area_ids = ids, .path_count = 1};
    TRY(tenant_of(&out->tenant, cx, county));
    paths[0] = out->tenant.path;
    ids[0] = out->tenant.id;
    return RC_OK;
}

/* Newest first, each once. */
static void add_year(int32_t *years, size_t *count, int32_t year)
{
    size_t at = 0;
    while (at < *count && years[at] > year)
        at++;
    if ((at < *count && years[at] == year) || *count == YEARS_MAX)
        return;
    memmove(years + at + 1, years + at, (*count - at) * sizeof *years);
    years[at] = year;
    (*count)++;
}

enum rc check_years(int32_t **out, size_t *count, struct cx *cx,
                    const struct check_scope *scope)
{
    int32_t *years = arena_new(cx->arena, YEARS_MAX * sizeof *years);
    *count = 0;
    for (size_t i = 0; i < scope->place_count; i++) {
        struct columns *c;
        TRY(columns_open(&c, cx, scope->places[i].county));
        const struct columns_head *h = columns_head(c);
        for (size_t y = 0; y < h->year_count; y++)
            add_year(years, count, h->years[y]);
        columns_close(c);
    }
    *out = years;
    return RC_OK;
}
