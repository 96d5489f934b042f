/* Areas as work needs them; reads the register's table area and the grants of people. */
#include "work/place.h"

#include "base/text.h"
#include "db/db.h"
#include "people/actor.h"
#include "profile/profile.h"
#include "profile/workflows.h"
#include "work/place.sql.h"

#include <assert.h>
#include <string.h>

enum { STEP = 3, DEPTH_MAX = 8 };

static enum rc no_place(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                "work area=%" PRId64, id);
}

/* All statements have the same columns. */
static struct place place_of_row(const struct db_rows *r)
{
    return (struct place){
        .id = row_i64(r, PLACE_GET_ID),
        .county = row_i64(r, PLACE_GET_COUNTY),
        .parent_id = row_i64(r, PLACE_GET_PARENT_ID),
        .level = (int)row_i64(r, PLACE_GET_LEVEL),
        .path = row_copy(r, PLACE_GET_PATH).p,
        .code = row_copy(r, PLACE_GET_CODE).p,
        .name = row_copy(r, PLACE_GET_NAME).p,
    };
}

enum rc place_get(struct place *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &PLACE_GET, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_place(cx, id);
    TRY(rc);
    *out = place_of_row(&rows);
    return db_done(&rows);
}

enum rc place_of_county(struct place *out, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    enum rc rc =
        DB_ONE(&rows, cx, &PLACE_OF_COUNTY, V_I(cx->profile->tenant_level), V_I(county));
    if (rc == RC_NOTFOUND)
        return no_place(cx, county);
    TRY(rc);
    *out = place_of_row(&rows);
    return db_done(&rows);
}

enum rc place_chain(struct place **out, size_t *count, struct cx *cx, const char *path)
{
    struct db_rows rows;
    struct str part[DEPTH_MAX];
    size_t len = strlen(path), n = 0;
    struct place *list = arena_new(cx->arena, DEPTH_MAX * sizeof *list);
    assert(len / STEP <= DEPTH_MAX);
    for (size_t i = 0; i < DEPTH_MAX; i++)
        part[i] = (i + 1) * STEP <= len ? (struct str){path, (i + 1) * STEP} : STR("");
    TRY(DB_SELECT(&rows, cx, &PLACE_CHAIN, V_S(part[0]), V_S(part[1]), V_S(part[2]),
                  V_S(part[3]), V_S(part[4]), V_S(part[5]), V_S(part[6]), V_S(part[7])));
    while (n < DEPTH_MAX && db_next(&rows))
        list[n++] = place_of_row(&rows);
    TRY(db_done(&rows));
    if (!n)
        return no_place(cx, 0);
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc place_at_level(struct place *out, struct cx *cx, const char *path,
                       const char *level_code)
{
    struct place *chain;
    size_t count;
    int level = level_code[0] ? profile_level(cx->profile, level_code) : -1;
    TRY(place_chain(&chain, &count, cx, path));
    *out = chain[count - 1];
    for (size_t i = 0; level >= 0 && i < count; i++)
        if (chain[i].level == level)
            *out = chain[i];
    return RC_OK;
}

const char *place_path_end(struct cx *cx, const char *path)
{
    return arena_printf(cx->arena, "%s~", path);
}

enum rc place_below(int64_t *ids, size_t *count, size_t max, struct cx *cx, const char *path)
{
    struct db_rows rows;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &PLACE_BELOW, V_T(path), V_T(place_path_end(cx, path)),
                  V_I(max + 1)));
    while (db_next(&rows)) {
        if (n < max)
            ids[n] = row_i64(&rows, PLACE_BELOW_ID);
        n++;
    }
    TRY(db_done(&rows));
    *count = n;
    return RC_OK;
}

enum rc place_has_holder(bool *has, struct cx *cx, int64_t area_id, const char *permission)
{
    struct db_rows rows;
    bool found = false;
    TRY(DB_SELECT(&rows, cx, &PLACE_ROLES, V_I(area_id)));
    while (db_next(&rows))
        if (role_has(role_find(cx->profile, row_str(&rows, PLACE_ROLES_ROLE)), permission))
            found = true;
    TRY(db_done(&rows));
    *has = found;
    return RC_OK;
}

enum rc place_holder(int *index, struct cx *cx, const struct place *chain, size_t count,
                     const char *permission)
{
    *index = -1;
    for (int i = (int)count - 1; i >= 0 && chain[i].level >= cx->profile->tenant_level; i--) {
        bool has;
        TRY(place_has_holder(&has, cx, chain[i].id, permission));
        if (has) {
            *index = i;
            return RC_OK;
        }
    }
    return RC_OK;
}
