/* Areas of the county by the names that a list uses for townships and villages. */
#include "base/text.h"
#include "register/compare.sql.h"
#include "register/compare_inner.h"

#include <string.h>

enum { PLACES_MAX = 20000, STEP = 3 };

struct one_place {
    struct str path, name, stem;
};
struct places {
    struct one_place *all; /* in the order of paths; [0] is the county */
    size_t count, county_len;
};

static struct str stem_of(struct cx *cx, struct str name)
{
    return area_name_stem(cx, area_name_key(cx, name));
}

enum rc places_load(struct places **out, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    struct places *p = arena_new(cx->arena, sizeof *p);
    size_t room = 0;
    TRY(DB_SELECT(&rows, cx, &COMPARE_AREAS, V_I(county)));
    while (db_next(&rows) && p->count < PLACES_MAX) {
        if (p->count == room) {
            room = room ? 2 * room : 256;
            struct one_place *wider = arena_new(cx->arena, room * sizeof *wider);
            if (p->count)
                memcpy(wider, p->all, p->count * sizeof *wider);
            p->all = wider;
        }
        struct str name = row_copy(&rows, COMPARE_AREAS_NAME);
        p->all[p->count++] =
            (struct one_place){row_copy(&rows, COMPARE_AREAS_PATH), name, stem_of(cx, name)};
    }
    TRY(db_done(&rows));
    if (!p->count)
        return fail(cx, RC_NOTFOUND, _("There is no such county."), "county=%" PRId64, county);
    p->county_len = p->all[0].path.len;
    *out = p;
    return RC_OK;
}

size_t places_county_len(const struct places *p)
{
    return p->county_len;
}

/* The one area at `depth` steps below the county, under `above`, with that stem; NULL: none, or
 * several. */
static const struct one_place *one_by_stem(const struct places *p, struct str above,
                                           size_t depth, struct str stem)
{
    const struct one_place *found = NULL;
    for (size_t i = 0; i < p->count; i++) {
        const struct one_place *q = &p->all[i];
        if (q->path.len != p->county_len + depth * STEP || !str_starts(q->path, above) ||
            !str_eq(q->stem, stem))
            continue;
        if (found)
            return NULL;
        found = q;
    }
    return found;
}

struct str places_find(const struct places *p, struct cx *cx, struct str township,
                       struct str village)
{
    const struct one_place *town = NULL, *place = NULL;
    struct str county = p->all[0].path;
    if (township.len)
        town = one_by_stem(p, county, 1, stem_of(cx, township));
    if (village.len)
        place = one_by_stem(p, town ? town->path : county, 2, stem_of(cx, village));
    if (place)
        return place->path;
    return town ? town->path : (struct str){"", 0};
}

const char *places_label(const struct places *p, struct cx *cx, struct str path)
{
    const char *label = "";
    for (size_t i = 1; i < p->count; i++)
        if (str_starts(path, p->all[i].path))
            label = arena_printf(cx->arena, "%s%s%.*s", label, *label ? " · " : "",
                                 STR_ARG(p->all[i].name));
    return label;
}
