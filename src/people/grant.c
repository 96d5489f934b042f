/* Grants: giving and taking a role in an area. Nobody gives more than they hold, and no area
 * loses its last administrator. */
#include "base/text.h"
#include "people/people_inner.h"
#include "people/user.sql.h"
#include "profile/profile.h"

struct granting {
    int64_t user_id;
    const char *role;
    int64_t area_id;
};

struct place {
    int64_t level; /* -1: everything */
    const char *path;
};

static enum rc place_of(struct place *out, struct cx *cx, int64_t area_id)
{
    struct db_rows rows;
    if (area_id == 0) {
        *out = (struct place){-1, ""};
        return RC_OK;
    }
    enum rc rc = DB_ONE(&rows, cx, &PEOPLE_AREA, V_I(area_id));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("There is no such area."), "area=%" PRId64, area_id);
    TRY(rc);
    *out = (struct place){.level = row_i64(&rows, PEOPLE_AREA_LEVEL),
                          .path = arena_copy(cx->arena, row_str(&rows, PEOPLE_AREA_PATH))};
    return db_done(&rows);
}

static enum rc level_ok(struct cx *cx, const struct role *role, const struct place *place)
{
    const struct profile *p = cx->profile;
    /* "Everything" holds areas of every level. */
    if (!role->level || !role->level[0] || place->level < 0)
        return RC_OK;
    if (place->level < (int64_t)p->level_count &&
        strcmp(p->levels[place->level].code, role->level) == 0)
        return RC_OK;
    for (size_t i = 0; i < p->level_count; i++) {
        if (strcmp(p->levels[i].code, role->level) == 0)
            return fail_f(cx, RC_INVALID, _("The role \"%s\" is given for areas of level: %s."),
                          LABEL(cx, role->label), LABEL(cx, p->levels[i].label));
    }
    return fail(cx, RC_INVALID, _("The profile has no area level for this role."), "level=%s",
                role->level);
}

static enum rc may_give(struct cx *cx, const struct role *role, const struct place *place)
{
    TRY(actor_require_in(cx, "user.manage", str_of(place->path)));
    for (const char *const *p = role->permissions; *p; p++) {
        const struct permission *known = permission_find(str_of(*p));
        if (known && !actor_may_in(cx, *p, str_of(place->path)))
            return fail_f(cx, RC_DENIED,
                          _("You cannot give this role here, because you do not have its right "
                            "\"%s\" yourself."),
                          text_in(cx->lang, known->label));
    }
    return RC_OK;
}

static enum rc grant_write(struct cx *cx, void *arg)
{
    const struct granting *g = arg;
    struct place place = {0};
    int64_t changed;
    const struct role *role = role_find(cx->profile, str_of(g->role));
    if (!role)
        return fail(cx, RC_INVALID, _("The profile has no such role."), "role");
    TRY(people_require_manage(NULL, cx, g->user_id, false));
    TRY(place_of(&place, cx, g->area_id));
    TRY(level_ok(cx, role, &place));
    TRY(may_give(cx, role, &place));
    TRY(DB_RUN_COUNT(&changed, cx, &USER_GRANT_INSERT, V_I(g->user_id), V_T(role->code),
                     V_I(g->area_id), V_I(cx->now_at)));
    if (changed == 0)
        return RC_OK;
    TRY(DB_RUN(cx, &USER_UPDATE_KEEPER, V_I(g->user_id), V_I(people_self(cx))));
    return people_event(cx, g->user_id, "grant", role->code, g->area_id);
}

enum rc user_grant(struct cx *cx, int64_t id, const char *role, int64_t area_id)
{
    struct granting g = {id, role, area_id};
    return db_write(cx, 0, grant_write, &g);
}

static enum rc revoke_write(struct cx *cx, void *arg)
{
    const struct granting *g = arg;
    int64_t changed;
    TRY(people_require_manage(NULL, cx, g->user_id, false));
    TRY(people_keep_admin(cx, g->user_id, g->role, g->area_id));
    TRY(DB_RUN_COUNT(&changed, cx, &USER_GRANT_DELETE, V_I(g->user_id), V_T(g->role),
                     V_I(g->area_id)));
    if (changed == 0)
        return fail(cx, RC_NOTFOUND, _("The user does not have this role there."),
                    "area=%" PRId64, g->area_id);
    TRY(DB_RUN(cx, &USER_UPDATE_KEEPER, V_I(g->user_id), V_I(people_self(cx))));
    return people_event(cx, g->user_id, "revoke", g->role, g->area_id);
}

enum rc user_revoke(struct cx *cx, int64_t id, const char *role, int64_t area_id)
{
    struct granting g = {id, role, area_id};
    return db_write(cx, 0, revoke_write, &g);
}

enum rc user_area_merged(struct cx *cx, int64_t from_area, int64_t to_area)
{
    struct db_rows rows;
    struct granting *list = NULL;
    size_t count = 0, cap = 0;
    TRY(DB_SELECT(&rows, cx, &USER_GRANT_OF_AREA, V_I(from_area)));
    while (db_next(&rows)) {
        list = people_grow(cx, list, count, &cap, sizeof *list);
        if (!list)
            break;
        list[count++] = (struct granting){
            .user_id = row_i64(&rows, USER_GRANT_OF_AREA_USER_ID),
            .role = arena_copy(cx->arena, row_str(&rows, USER_GRANT_OF_AREA_ROLE)),
        };
    }
    TRY(db_done(&rows));
    if (count > 0 && !list)
        return RC_LIMIT;
    for (size_t i = 0; i < count; i++) {
        const struct granting *g = &list[i];
        int64_t added;
        TRY(DB_RUN_COUNT(&added, cx, &USER_GRANT_INSERT, V_I(g->user_id), V_T(g->role),
                         V_I(to_area), V_I(cx->now_at)));
        if (added)
            TRY(people_event(cx, g->user_id, "grant", g->role, to_area));
        TRY(DB_RUN(cx, &USER_GRANT_DELETE, V_I(g->user_id), V_T(g->role), V_I(from_area)));
        TRY(people_event(cx, g->user_id, "revoke", g->role, from_area));
    }
    return RC_OK;
}

enum rc user_grants(struct grant **out, size_t *count, struct cx *cx, int64_t id)
{
    if (!cx->actor || cx->actor->user_id != id)
        TRY(people_require_manage(NULL, cx, id, false));
    return people_grants(out, count, cx, id);
}

/* ---- no area without an administrator ---- */

/* Paths in which somebody administers. */
struct paths {
    const char **at;
    size_t count, cap;
};

static enum rc add_path(struct cx *cx, struct paths *p, const char *path)
{
    p->at = people_grow(cx, p->at, p->count, &p->cap, sizeof *p->at);
    if (!p->at)
        return RC_LIMIT;
    p->at[p->count++] = path;
    return RC_OK;
}

static bool administers(const struct cx *cx, const char *role)
{
    return role_has(role_find(cx->profile, str_of(role)), "user.manage");
}

/* Where others administer, without copies of the same path. */
static enum rc others(struct paths *p, struct cx *cx, int64_t user_id)
{
    struct db_rows rows;
    enum rc rc = RC_OK;
    TRY(DB_SELECT(&rows, cx, &USER_GRANT_OTHERS, V_I(user_id)));
    while (rc == RC_OK && db_next(&rows)) {
        int64_t area_id = row_i64(&rows, USER_GRANT_OTHERS_AREA_ID);
        struct str role = row_str(&rows, USER_GRANT_OTHERS_ROLE);
        if ((area_id != 0 && row_null(&rows, USER_GRANT_OTHERS_PATH)) ||
            !role_has(role_find(cx->profile, role), "user.manage"))
            continue;
        struct str path = area_id == 0 ? STR("") : row_str(&rows, USER_GRANT_OTHERS_PATH);
        bool have = false;
        for (size_t i = 0; i < p->count && !have; i++)
            have = str_starts(path, str_of(p->at[i]));
        if (!have)
            rc = add_path(cx, p, arena_copy(cx->arena, path));
    }
    enum rc done = db_done(&rows);
    TRY(rc);
    return done;
}

enum rc people_keep_admin(struct cx *cx, int64_t user_id, const char *role, int64_t area_id)
{
    struct user_row row;
    struct grant *grants;
    size_t count;
    struct paths rest = {0};
    TRY(people_row_by_id(&row, cx, user_id));
    if (row.user.state == USER_BLOCKED)
        return RC_OK;
    TRY(others(&rest, cx, user_id));
    TRY(people_grants(&grants, &count, cx, user_id));
    for (size_t i = 0; i < count; i++) {
        bool goes =
            !role || (strcmp(grants[i].role, role) == 0 && grants[i].area_id == area_id);
        if (!goes && administers(cx, grants[i].role))
            TRY(add_path(cx, &rest, grants[i].area_path));
    }
    for (size_t i = 0; i < count; i++) {
        bool goes =
            !role || (strcmp(grants[i].role, role) == 0 && grants[i].area_id == area_id);
        bool covered =
            !goes || !administers(cx, grants[i].role) || strcmp(grants[i].area_path, "?") == 0;
        for (size_t k = 0; k < rest.count && !covered; k++)
            covered = str_starts(str_of(grants[i].area_path), str_of(rest.at[k]));
        if (!covered)
            return fail(cx, RC_CONFLICT,
                        _("This is the last administrator of the area. Make somebody else an "
                          "administrator first."),
                        "user=%" PRId64 " area=%" PRId64, user_id, grants[i].area_id);
    }
    return RC_OK;
}
